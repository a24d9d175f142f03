// Notices: written with a change or not at all, sent by one worker, and the same mail again where nobody knows what became of it.

import { after, before, beforeEach, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { type Sql, transaction } from "../../db/connect.ts";
import {
  acceptNotice,
  addNotices,
  countNotices,
  leaseNotices,
  type NewNotice,
  NOTICES_CHANNEL,
  purgeNotices,
  putOffNotice,
  renewLease,
} from "../../db/notices.ts";
import { sendDueNotices, startNotices } from "../../jobs/notices.ts";
import type { MailOutcome, OutgoingMail } from "../../lib/mail.ts";
import { type MailServer, openMailServer } from "../mail_server.ts";
import { type Office, openOffice } from "../office.ts";

describe("a notice", () => {
  let mails: MailServer;
  let office: Office;
  let sql: Sql;
  before(async () => {
    mails = await openMailServer();
    office = await openOffice({ SMTP_URL: mails.url });
    sql = office.services.sql;
  });
  after(async () => {
    await office.close();
    await mails.close();
  });
  beforeEach(async () => {
    await sql`delete from notices`;
    mails.received.length = 0;
  });

  function noticeTo(address: string): NewNotice {
    return { kind: "phone removed", name: "Zoë Aalto", address, facts: {} };
  }

  async function write(...addresses: string[]): Promise<void> {
    const notices = addresses.map(noticeTo);
    await transaction(sql, (tx) => addNotices(tx, notices, { at: office.clock.now() }));
  }

  async function send(): Promise<number> {
    const { services } = office;
    assert.ok(services.mailer);
    return await sendDueNotices(services, services.mailer);
  }

  async function states(): Promise<unknown[]> {
    const rows = await sql<{ state: string; tries: number; settled: boolean }[]>`
      select state, tries, settled_at is not null as settled from notices order by id`;
    return rows.map(({ state, tries, settled }) => [state, tries, settled]);
  }

  /** The connections that listen, once there is one. */
  async function listeners(): Promise<number[]> {
    for (;;) {
      const rows = await sql<{ pid: number }[]>`
        select pid from pg_stat_activity where datname = current_database() and query ilike 'listen%'`;
      if (rows.length > 0) return rows.map((row) => row.pid);
      await new Promise((go) => setTimeout(go, 10));
    }
  }

  it("says what was done, when, and whom to turn to, as text and as HTML", async () => {
    await sql`insert into settings (name, value) values ('office_phone', '"01632 960123"')`;
    await write("zoe.aalto@example.org");
    assert.equal(await send(), 1);
    await sql`delete from settings`;
    const [mail] = mails.received;
    assert.equal(mail?.to, "zoe.aalto@example.org");
    assert.equal(
      mail?.subject,
      "Your phone was removed from the Parent Portal of Hillcrest School",
    );
    assert.match(mail.text, /^Dear Zoë Aalto,\n\nThe school office has removed the phone/);
    assert.match(mail.text, /on 24 November 2026, 10:00\./);
    assert.match(mail.text, /did not ask for this, ring the school office: 01632 960123\./);
    assert.match(mail.html, /<p>Dear Zoë Aalto,<\/p>/);
    assert.equal(mail.autoSubmitted, "auto-generated");
    assert.deepEqual(await states(), [["accepted", 1, true]]);
    assert.equal(await send(), 0, "once");
  });

  it("is not sent where the change it tells of was rolled back", async () => {
    await assert.rejects(transaction(sql, async (tx) => {
      await addNotices(tx, [noticeTo("zoe.aalto@example.org")], { at: office.clock.now() });
      throw new Error("the change failed");
    }));
    assert.equal(await send(), 0);
    assert.equal(mails.received.length, 0);
  });

  it("goes out again under the same Message-ID where a worker died between sending and settling", async () => {
    await write("zoe.aalto@example.org");
    const died = { ...office.services, sql: failingToSettle(sql) };
    assert.ok(died.mailer);
    await assert.rejects(sendDueNotices(died, died.mailer), /the worker died/);
    assert.equal(mails.received.length, 1);
    assert.equal(await send(), 0, "the dead worker's lease is not over yet");
    office.clock.move(3);
    assert.equal(await send(), 1);
    const [first, second] = mails.received;
    assert.equal(first?.messageId, second?.messageId);
    assert.equal(first?.text, second?.text);
    assert.deepEqual(await states(), [["accepted", 2, true]]);
  });

  it("is tried again after 1, 5, 15 and 60 minutes, and given up after a day", async () => {
    mails.behave("later@example.org", "put off");
    await write("later@example.org");
    for (const minutes of [1, 5, 15, 60, 60]) {
      assert.equal(await send(), 1);
      office.clock.move(minutes - 0.1);
      assert.equal(await send(), 0, `not before ${minutes} minutes`);
      office.clock.move(0.1);
    }
    assert.deepEqual(await states(), [["deferred", 5, false]]);
    office.clock.move(24 * 60);
    assert.equal(await send(), 1);
    assert.deepEqual(await states(), [["refused", 6, true]]);
    const [row] = await sql<{ answer: string }[]>`select answer from notices`;
    assert.match(row?.answer ?? "", /450 Greylisted/);
  });

  it("is taken at the second try, where the server only put it off", async () => {
    mails.behave("later@example.org", "put off");
    await write("later@example.org");
    await send();
    mails.behave("later@example.org", "accept");
    office.clock.move(1);
    await send();
    assert.deepEqual(await states(), [["accepted", 2, true]]);
  });

  it("is given up at once where the server refuses it, in the server's words", async () => {
    mails.behave("no.one@example.org", "refuse");
    await write("no.one@example.org", "zoe.aalto@example.org");
    assert.equal(await send(), 2);
    assert.deepEqual(await states(), [["refused", 1, true], ["accepted", 1, true]]);
    const [row] = await sql<{ answer: string }[]>`select answer from notices order by id`;
    assert.match(row?.answer ?? "", /550 No such mailbox here/);
    office.clock.move(120);
    assert.equal(await send(), 0);
    assert.deepEqual(await countNotices(sql, office.clock.now()), { waiting: 0, failed: 1 });
  });

  it("is sent again where the connection was lost after the last dot", async () => {
    mails.behave("zoe.aalto@example.org", "take and hang up");
    await write("zoe.aalto@example.org");
    await send();
    assert.deepEqual(await states(), [["unknown", 1, false]]);
    office.clock.move(1);
    await send();
    assert.deepEqual(await states(), [["accepted", 2, true]]);
    assert.equal(new Set(mails.received.map((mail) => mail.messageId)).size, 1);
  });

  it("is sent by one of two workers that look at the same moment", async () => {
    const addresses = Array.from({ length: 12 }, (_, n) => `parent${n}@example.org`);
    await write(...addresses);
    while ((await Promise.all([send(), send(), send()])).some((sent) => sent > 0));
    assert.deepEqual(mails.received.map((mail) => mail.to).sort(), addresses.sort());
  });

  it("stays with the worker that renews, and a worker that lost it changes nothing", async () => {
    await write("slow@example.org");
    const now = (): Date => office.clock.now();
    const [mine] = await leaseNotices(sql, now(), 1);
    assert.ok(mine);
    office.clock.move(1.5);
    assert.ok(await renewLease(sql, mine, now()));
    office.clock.move(1.5);
    assert.equal((await leaseNotices(sql, now(), 1)).length, 0);
    office.clock.move(1);
    const [theirs] = await leaseNotices(sql, now(), 1);
    assert.equal(theirs?.tries, 2);
    assert.equal(await renewLease(sql, mine, now()), false);
    await putOffNotice(sql, mine, { state: "refused", answer: "late" }, {
      at: now(),
      dueAt: null,
    });
    assert.deepEqual(await states(), [["queued", 2, false]]);
    // But what the server has taken is taken, whoever heard of it.
    await acceptNotice(sql, mine.id, "250 ok", now());
    assert.deepEqual(await states(), [["accepted", 2, true]]);
  });

  it("is not sent once it is of no use", async () => {
    const usefulUntil = new Date(office.clock.now().getTime() + 30 * 60_000);
    const notice = { ...noticeTo("zoe.aalto@example.org"), usefulUntil };
    await transaction(sql, (tx) => addNotices(tx, [notice], { at: office.clock.now() }));
    office.clock.move(30);
    assert.equal(await send(), 0);
    assert.equal(mails.received.length, 0);
    assert.deepEqual(await states(), [["refused", 0, true]]);
  });

  it("waits where there is no mail server", async () => {
    const stop = startNotices({ ...office.services, mailer: null });
    await write("zoe.aalto@example.org");
    await stop();
    assert.deepEqual(await states(), [["queued", 0, false]]);
    assert.deepEqual(await countNotices(sql, office.clock.now()), { waiting: 1, failed: 0 });
  });

  it("is sent by the worker as soon as it is written, and what is under way is settled when it stops", async () => {
    const stop = startNotices(office.services);
    await listeners();
    mails.behave("slow@example.org", "slow");
    await write("slow@example.org");
    while (mails.received.length === 0) await new Promise((go) => setTimeout(go, 10));
    await stop();
    assert.deepEqual(await states(), [["accepted", 1, true]]);
    await write("zoe.aalto@example.org");
    await new Promise((go) => setTimeout(go, 50));
    assert.deepEqual(await states(), [["accepted", 1, true], ["queued", 0, false]]);
  });

  it("is sent all the same where Postgres has ended the connection that listens", async () => {
    const stop = startNotices(office.services);
    for (const pid of await listeners()) await sql`select pg_terminate_backend(${pid})`;
    await write("zoe.aalto@example.org");
    while (mails.received.length === 0) await new Promise((go) => setTimeout(go, 10));
    await stop();
    assert.deepEqual(await states(), [["accepted", 1, true]]);
  });

  it("is announced when the change is committed, and not before", async () => {
    const heard: string[] = [];
    let hear = (): void => {};
    const first = new Promise<void>((go) => hear = go);
    const listening = await sql.listen(NOTICES_CHANNEL, () => {
      heard.push("announced");
      hear();
    });
    await transaction(sql, async (tx) => {
      await addNotices(tx, [noticeTo("zoe.aalto@example.org")], { at: office.clock.now() });
      heard.push("written");
    });
    await first;
    assert.deepEqual(heard, ["written", "announced"]);
    await listening.unlisten();
  });

  it("is kept for two years, as the ledger is", async () => {
    await write("zoe.aalto@example.org", "zoe.aalto@example.org");
    const [one] = await leaseNotices(sql, office.clock.now(), 1);
    assert.ok(one);
    await acceptNotice(sql, one.id, "250 ok", office.clock.now());
    const months = (count: number): Date => {
      const later = new Date(office.clock.now());
      later.setUTCMonth(later.getUTCMonth() + count);
      return later;
    };
    assert.equal(await purgeNotices(sql, months(23), 24), 0);
    assert.equal(await purgeNotices(sql, months(25), 24), 1);
    assert.deepEqual(await states(), [["queued", 0, false]], "what waits is not purged");
  });

  it("never gets lost with an outcome that was not expected", async () => {
    await write("zoe.aalto@example.org");
    const broken = {
      send: (_mail: OutgoingMail): Promise<MailOutcome> => Promise.reject(new Error("no line")),
      close: () => {},
    };
    await assert.rejects(sendDueNotices(office.services, broken), /no line/);
    office.clock.move(3);
    await send();
    assert.deepEqual(await states(), [["accepted", 2, true]]);
  });
});

/** A database that the worker loses just when the mail server has answered. */
function failingToSettle(sql: Sql): Sql {
  return new Proxy(sql, {
    apply(target, self, args): unknown {
      const [strings] = args;
      const text = Array.isArray(strings) ? strings.join("?") : "";
      if (text.includes("state = 'accepted'")) throw new Error("the worker died");
      return Reflect.apply(target, self, args);
    },
  });
}
