// Sign-ins, what was sent, and the audit are kept for as long as the school has set, and no longer.

import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { type Purged, purgeExpired } from "../../jobs/housekeeping.ts";
import { documentOf, type Office, openOffice, signIn } from "../office.ts";

describe("what people did", () => {
  let office: Office;
  before(async () => {
    office = await openOffice();
  });
  after(() => office.close());

  /** A logon of the cast, with what was done so long ago. */
  async function didSomething(ago: string): Promise<void> {
    const { sql } = office.services;
    const at = sql`${office.clock.now()}::timestamptz - ${ago}::interval`;
    await sql`
      insert into sign_ins (at, logon_id, outcome, first_name, surname, username)
      select ${at}, id, 'success', first_name, surname, username from logons where username = 'ama.boateng'`;
    await sql`
      insert into credential_mails (logon_id, asked_at, name, username, address, enable_tfa, state, pending_hash, due_at, settled_at)
      select id, ${at}, first_name, username, email, false, 'accepted', ${`$2b$10$${
      "a".repeat(53)
    }`}, ${at}, ${at}
        from logons where username = 'ama.boateng'`;
    await sql`
      insert into audit (at, who, what, subject) values (${at}, 'test', 'edit settings', 'settings')`;
  }

  async function purge(): Promise<Purged> {
    const purged = await purgeExpired(office.services);
    assert.ok(purged);
    const { signIns = NaN, mails = NaN, audit = NaN } = purged;
    return { signIns, mails, audit };
  }

  it("is kept to the day, and what is older is removed and said so", async () => {
    const { sql } = office.services;
    await purge();
    const agos = ["6 years 1 day", "5 years 11 months", "24 months 1 day", "23 months 27 days"];
    for (const ago of agos) await didSomething(ago);
    assert.deepEqual(await purge(), { signIns: 3, mails: 3, audit: 1 });
    assert.deepEqual(await purge(), { signIns: 0, mails: 0, audit: 0 });
    const rows = await sql<{ after: Purged }[]>`
      select after from audit where what = 'purge' order by id desc limit 3`;
    assert.deepEqual(rows.map(({ after }) => after), [{ audit: 1 }, { signIns: 3 }, { mails: 3 }]);
  });

  it("goes sooner or later as the school sets it", async () => {
    const { sql } = office.services;
    await didSomething("13 months");
    assert.deepEqual(await purge(), { signIns: 0, mails: 0, audit: 0 });
    await sql`
      insert into settings (name, value) values ('sign_in_months', '12'), ('ledger_months', '12'), ('audit_years', '1')`;
    const gone = await purge();
    assert.deepEqual([gone["signIns"], gone["mails"]], [2, 1], "what was sent last stays");
    assert.ok((gone["audit"] ?? 0) >= 2);
    await sql`delete from settings`;
  });

  it("goes by whole days of the school's clock", async () => {
    const { sql } = office.services;
    const at = async (time: string): Promise<void> => {
      await sql`
        insert into sign_ins (at, logon_id, outcome) select ${time}, id, 'wrong password' from logons limit 1`;
    };
    assert.equal(office.clock.today(), "2026-11-24");
    await at("2024-11-23T23:59:59Z");
    await at("2024-11-24T00:00:00Z");
    assert.equal((await purge())["signIns"], 1);
  });

  it("leaves what it added up to, and a mail that may still be sent", async () => {
    const { sql } = office.services;
    const visitor = await signIn(office);
    const timesOf = async (): Promise<string> => {
      const page = await documentOf(await visitor.get("/logons?q=ama.boateng"));
      return page.querySelector("tbody tr")?.textContent ?? "";
    };
    const before_ = await timesOf();
    await didSomething("3 years");
    await sql`
      insert into credential_mails (logon_id, asked_at, name, username, address, enable_tfa, state, due_at)
      select id, ${office.clock.now()}::timestamptz - interval '3 years', first_name, username, email, false, 'deferred', now()
        from logons where username = 'ama.boateng'`;
    assert.deepEqual(await purge(), { signIns: 1, mails: 1, audit: 0 });
    assert.equal(await timesOf(), before_);
    const open = await sql`select from credential_mails where settled_at is null`;
    assert.equal(open.count, 1);
  });
});
