// Takeover by telephone: which emails nobody has vouched for, whichever way they came, and who settles that.

import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import {
  CALLER_CHECKS,
  checkCaller,
  EMAIL_CHECKS,
  settleUncheckedEmails,
} from "../../db/caller_checks.ts";
import { addChangeNotices, maskAddress } from "../../db/change_notices.ts";
import { type Sql, transaction } from "../../db/connect.ts";
import { openTestDatabase, type TestDatabase } from "../database.ts";

const AT = new Date("2026-11-24T10:00:00Z");

describe("an answer to who is asking", () => {
  it("must be one of those offered, and other needs words", () => {
    assert.deepEqual(checkCaller({ checked: "known voice", note: "" }, CALLER_CHECKS), {
      check: { callerCheckedBy: "known voice" },
    });
    assert.deepEqual(checkCaller({ checked: "other", note: "her sister" }, CALLER_CHECKS), {
      check: { callerCheckedBy: "other", reason: "her sister" },
    });
    assert.ok("problems" in checkCaller({ checked: "", note: "x" }, CALLER_CHECKS));
    assert.ok("problems" in checkCaller({ checked: "other", note: "" }, CALLER_CHECKS));
    const own = { checked: EMAIL_CHECKS[0], note: "" };
    assert.ok("check" in checkCaller(own, EMAIL_CHECKS));
    assert.ok("problems" in checkCaller(own, CALLER_CHECKS), "a phone is lost by somebody");
  });
});

describe("an email that nobody has vouched for", () => {
  let database: TestDatabase;
  let sql: Sql;
  before(async () => {
    database = await openTestDatabase();
    sql = database.sql;
  });
  after(() => database.close());

  async function addLogon(used: "password" | "mail" | null): Promise<number> {
    const [row] = await sql<[{ id: number }]>`
      insert into logons (first_name, surname, username, email)
      values ('Ann', 'Lee', ${crypto.randomUUID()}, 'ann@example.org') returning id`;
    if (used === "password") {
      await sql`
        insert into logon_passwords (logon_id, hash, temporary) values (${row.id}, ${
        "$2b$04$" + "a".repeat(53)
      }, false)`;
    }
    if (used === "mail") {
      await sql`
        insert into credential_mails (logon_id, asked_at, name, username, address, enable_tfa, state, due_at, settled_at)
        values (${row.id}, ${AT}, 'Ann Lee', 'ann', 'ann@example.org', false, 'refused', ${AT}, ${AT})`;
    }
    return row.id;
  }

  async function isUnchecked(id: number): Promise<boolean> {
    const [row] = await sql`select email_unchecked from logons where id = ${id}`;
    return row?.["email_unchecked"] === true;
  }

  it("is every other one of a logon that has a password or was sent one, whoever wrote it", async () => {
    for (const [used, expected] of [["password", true], ["mail", true], [null, false]] as const) {
      const id = await addLogon(used);
      await sql`update logons set first_name = 'Anna', email = 'ANN@example.org' where id = ${id}`;
      assert.equal(await isUnchecked(id), false, "the case is no change");
      await sql`update logons set email = 'new@example.net' where id = ${id}`;
      assert.equal(await isUnchecked(id), expected, String(used));
    }
  });

  it("is none where it is taken away, and again where one comes back", async () => {
    const id = await addLogon("password");
    await sql`update logons set email = null where id = ${id}`;
    assert.equal(await isUnchecked(id), false);
    await sql`update logons set email = 'new@example.net' where id = ${id}`;
    assert.equal(await isUnchecked(id), true);
  });

  it("stays so until somebody answers, and the audit keeps it for those it concerned", async () => {
    const [one, two] = [await addLogon("password"), await addLogon("password")];
    await sql`update logons set email = 'new@example.net' where id = ${one}`;
    const author = { adminId: null, who: "Femi Adeyemi" };
    const check = { callerCheckedBy: "known voice" };
    const vouched = { choice: { ids: [one, two] }, check, author };
    const moment = { at: AT, today: "2026-11-24", leaverDays: 90 };
    await transaction(sql, (tx) => settleUncheckedEmails(tx, vouched, moment));
    assert.equal(await isUnchecked(one), false);
    const deeds = await sql`select subject_id, after from audit where what = 'check caller'`;
    assert.deepEqual([...deeds].map((deed) => ({ ...deed })), [
      { subject_id: one, after: { email: "new@example.net", callerCheckedBy: "known voice" } },
    ]);
  });

  it("is told to the old address of five thousand in one statement, a notice for each logon of a mailbox", async () => {
    const [logon] = [await addLogon("password")];
    const many = Array.from({ length: 5000 }, (_, n) => ({
      logonId: logon,
      name: `Ann Lee ${n}`,
      username: `ann${n}`,
      address: n % 2 === 0 ? "shared@example.org" : null,
      newEmail: "new@example.net",
    }));
    let statements = 0;
    await transaction(sql, async (tx) => {
      const counted = new Proxy(tx, {
        apply(target, self, args): unknown {
          statements++;
          return Reflect.apply(target, self, args);
        },
      });
      await addChangeNotices(counted, many, { at: AT });
    });
    assert.equal(statements, 1);
    const [row] = await sql`
      select count(*)::int as count, count(distinct facts->>'username')::int as named from notices
       where address = 'shared@example.org'`;
    assert.deepEqual({ ...row }, { count: 2500, named: 2500 });
  });
});

describe("a masked address", () => {
  const cases: readonly (readonly [string, string])[] = [
    ["ann.lee@example.org", "a…@e….org"],
    ["𝒜nn@school.example.org.uk", "𝒜…@s….uk"],
    ["a@b.c", "a…@b….c"],
    ["ann.lee", "ann.lee"],
    ["@", "…"],
    ["ann@localhost", "…"],
    ["x@y@example.org", "x…@e….org"],
  ];
  for (const [text, masked] of cases) {
    it(`of ${text} is ${masked}`, () => assert.equal(maskAddress(text), masked));
  }
});
