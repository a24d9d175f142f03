// Merging two logons of one adult: what moves, what survives, what is closed for good, and two people who do it at once.

import { after, before, beforeEach, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { deleteBounce } from "../../db/bounces.ts";
import { type Sql, transaction } from "../../db/connect.ts";
import { importContacts } from "../../db/contact_import_apply.ts";
import { startContactImport } from "../../db/contact_imports.ts";
import { listLearnersOf } from "../../db/learners.ts";
import {
  findMergeOptions,
  findMergeSides,
  listMergeSuggestions,
  mergeLogons,
  type MergeOutcome,
} from "../../db/logon_merges.ts";
import { restoreLogon } from "../../db/logons.ts";
import { findPendingMail } from "../../db/pending_mails.ts";
import { openTestDatabase, type TestDatabase } from "../database.ts";
import {
  AT,
  clearSchool,
  holdAgain,
  importRows,
  seedBlock,
  seedContact,
  seedLogon,
  seedSchool,
} from "./import_school.ts";

const AUTHOR = { adminId: null, who: "Olwen Hughes" };
const HASH = "$2b$04$" + "a".repeat(53);

describe("merging two logons", () => {
  let database: TestDatabase;
  let sql: Sql;
  let learners: Map<string, number>;
  let keep: number;
  let close: number;
  before(async () => {
    database = await openTestDatabase({ pool: 5 });
    sql = database.sql;
    learners = await seedSchool(sql);
  });
  after(() => database.close());
  beforeEach(async () => {
    await clearSchool(sql);
    await sql`delete from notices`;
    await sql`delete from sign_ins`;
    await sql`delete from credential_mails`;
    keep = await seedLogon(sql, {
      username: "ann",
      email: "ann@example.org",
      learnerIds: [child(1), child(2)],
    });
    close = await seedLogon(sql, {
      username: "ann2",
      email: "lee@example.org",
      learnerIds: [child(2), child(3)],
    });
  });

  function child(number: number): number {
    return learners.get(String(number).padStart(4, "0")) ?? 0;
  }

  async function merge(kept = keep, closed = close): Promise<MergeOutcome> {
    const sides = await findMergeSides(sql, [kept, closed]);
    const of = (id: number): { id: number; version: number } => {
      const side = sides.find((one) => one.id === id);
      return { id, version: side?.version ?? 0 };
    };
    return await transaction(
      sql,
      (tx) => mergeLogons(tx, { keep: of(kept), close: of(closed) }, AUTHOR, AT),
    );
  }

  async function seenBy(logon: number): Promise<string[]> {
    const seen = await listLearnersOf(sql, logon, { today: "2026-11-24", leaverDays: 90 });
    return seen.map((learner) => learner.firstName).sort();
  }

  async function rowOf(id: number): Promise<Record<string, unknown>> {
    const [row] = await sql`select * from logons where id = ${id}`;
    return { ...row };
  }

  it("moves links, sign-ins and the ledger, and the counts add up", async () => {
    for (const [logon, times] of [[keep, 2], [close, 3]] as const) {
      for (let n = 0; n < times; n++) {
        await sql`
          insert into sign_ins (at, logon_id, outcome, username) values (${AT}, ${logon}, 'success', 'x')`;
      }
      await sql`
        update logons set sign_in_count = ${times}, last_sign_in_at = ${AT} where id = ${logon}`;
      await sql`
        insert into credential_mails (logon_id, asked_at, name, username, address, enable_tfa, state, due_at, settled_at)
        values (${logon}, ${AT}, 'Ann Lee', 'x', 'a@example.org', false, 'refused', ${AT}, ${AT})`;
    }
    const [before] = await sql`select count(*)::int as count from sign_ins`;
    assert.equal(await merge(), "merged");
    const kept = await rowOf(keep);
    assert.equal(kept["sign_in_count"], 5);
    assert.equal(kept["linked_count"], 3);
    assert.deepEqual(await seenBy(keep), ["Child1", "Child2", "Child3"]);
    const [counts] = await sql`
      select (select count(*)::int from sign_ins where logon_id = ${keep}) as "signIns",
             (select count(*)::int from sign_ins) as all,
             (select count(*)::int from credential_mails where logon_id = ${keep}) as mails,
             (select count(*)::int from logon_learners where logon_id = ${close}) as left`;
    assert.deepEqual({ ...counts }, { signIns: 5, all: before?.["count"], mails: 2, left: 0 });
  });

  it("opens the kept logon with no mail that the other one may have got", async () => {
    const hash = "$2b$10$7ZmbJH42Jg5TmYeJT2OeWegnYf4BiJ0XG55MktUE9B5jNLWrVsMC2";
    await sql`
      insert into credential_mails (logon_id, asked_at, name, username, address, enable_tfa, state, pending_hash, due_at, settled_at)
      select id, ${AT}, 'Ann Lee', 'x', email, false, 'unknown', ${hash}, ${AT}, ${AT} from logons where id = ${close}`;
    const moment = { at: AT, passwordDays: 7 };
    assert.equal((await findPendingMail(sql, close, moment))?.hash, hash);
    await sql`update logons set email = (select email from logons where id = ${close}) where id = ${keep}`;
    assert.equal(await merge(), "merged");
    assert.equal(await findPendingMail(sql, keep, moment), null);
  });

  it("keeps of a mail that came back what taking that back needs", async () => {
    const [mail] = await sql<[{ id: number }]>`
      insert into credential_mails (logon_id, asked_at, name, username, address, enable_tfa, state, pending_hash, due_at,
                                    settled_at, bounced_at)
      select id, ${AT}, 'Ann Lee', 'x', email, false, 'bounced', ${HASH}, ${AT}, ${AT}, ${AT} from logons where id = ${close}
      returning id`;
    assert.equal(await merge(), "merged");
    assert.ok(await transaction(sql, (tx) => deleteBounce(tx, mail.id, AUTHOR)));
  });

  it("keeps the username, the password and TFA of the one, with what was required of the other", async () => {
    for (const id of [keep, close]) {
      await sql`insert into logon_passwords (logon_id, hash, temporary) values (${id}, ${HASH}, false)`;
    }
    await sql`update logons set tfa = 'required' where id = ${close}`;
    await merge();
    const kept = await rowOf(keep);
    assert.deepEqual([kept["username"], kept["email"], kept["tfa"]], [
      "ann",
      "ann@example.org",
      "required",
    ]);
    const left = await sql`select logon_id from logon_passwords`;
    assert.deepEqual(left.map((row) => row["logon_id"]), [keep]);
    const told = await sql`select kind, address from notices order by kind`;
    assert.deepEqual(told.map((row) => ({ ...row })), [
      { kind: "logon merged", address: "lee@example.org" },
      { kind: "tfa required", address: "ann@example.org" },
    ]);
  });

  it("keeps a suspension of either", async () => {
    await sql`update logons set suspended_at = ${AT} where id = ${close}`;
    await merge();
    assert.notEqual((await rowOf(keep))["suspended_at"], null);
  });

  it("keeps the earlier last day, and a language where the kept one has none", async () => {
    await sql`update logons set expires_on = '2026-12-31', language = 'pl' where id = ${close}`;
    const sides = await findMergeSides(sql, [keep, close]);
    assert.deepEqual(sides.map((side) => side.expiresOn), [null, "2026-12-31"]);
    await merge();
    const [kept] = await sql`
      select expires_on::text as day, language from logons where id = ${keep}`;
    assert.deepEqual({ ...kept }, { day: "2026-12-31", language: "pl" });
  });

  it("does not call cancelled what may have got out", async () => {
    const ends = { queued: "cancelled", deferred: "unknown", sending: "unknown" };
    for (const [state, end] of Object.entries(ends)) {
      const closed = await seedLogon(sql, { username: `ann.${state}`, email: "lee@example.org" });
      const [mail] = await sql<[{ id: number }]>`
        insert into credential_mails (logon_id, asked_at, name, username, address, enable_tfa, state, in_doubt, pending_hash, due_at)
        select id, ${AT}, 'Ann Lee', 'x', email, false, ${state}, ${
        state === "deferred"
      }, ${HASH}, ${AT}
          from logons where id = ${closed} returning id`;
      assert.equal(await merge(keep, closed), "merged");
      const [row] = await sql`select state from credential_mails where id = ${mail.id}`;
      assert.equal(row?.["state"], end);
    }
  });

  it("takes the email and the contact over where the kept one has none", async () => {
    const contact = await seedContact(sql, {
      firstName: "Ann",
      surname: "Lee",
      email: "lee@example.org",
    });
    await sql`update logons set contact_id = ${contact} where id = ${close}`;
    await sql`update logons set email = null where id = ${keep}`;
    await merge();
    const kept = await rowOf(keep);
    assert.deepEqual([kept["email"], kept["contact_id"]], ["lee@example.org", contact]);
    assert.equal((await rowOf(close))["contact_id"], null);
  });

  it("hands on nothing of how the other's parent signed in: password, passkeys, TFA and devices are gone", async () => {
    for (const [n, id] of [keep, close].entries()) {
      await sql`insert into logon_passwords (logon_id, hash, temporary) values (${id}, ${HASH}, false)`;
      await sql`
        insert into passkeys (logon_id, place, name, credential_id, public_key, user_handle, transports, counter, synced, created_at)
        values (${id}, 1, 'Phone', ${new Uint8Array(32).fill(n)}, ${new Uint8Array(
        70,
      )}, ${new Uint8Array(32)}, '{}', 0, false, ${AT})`;
      await transaction(sql, async (tx) => {
        await tx`
          insert into totp_secrets (logon_id, ciphertext, key_print, confirmed_at, last_step)
          values (${id}, ${new Uint8Array(48)}, ${new Uint8Array(8)}, ${AT}, 1)`;
        await tx`insert into recovery_codes (logon_id, hash) values (${id}, ${new Uint8Array(32)})`;
        await tx`update logons set tfa = 'set up' where id = ${id}`;
      });
      await sql`
        insert into remembered_devices (logon_id, token_hash, remembered_at, used_at)
        values (${id}, ${new Uint8Array(32).fill(n)}, ${AT}, ${AT})`;
      await sql`
        insert into password_links (id, logon_id, address, token_hash, asked_at, ends_at)
        values (${crypto.randomUUID()}, ${id}, 'lee@example.org', ${
        new Uint8Array(32).fill(n)
      }, ${AT}, 'infinity')`;
    }
    assert.equal(await merge(), "merged");
    const [left] = await sql`
      select array(select distinct logon_id from logon_passwords) as passwords,
             array(select distinct logon_id from passkeys) as passkeys,
             array(select distinct logon_id from totp_secrets) as secrets,
             array(select distinct logon_id from recovery_codes) as codes,
             array(select distinct logon_id from remembered_devices) as devices,
             array(select distinct logon_id from password_links where ended_at is null) as links`;
    assert.deepEqual({ ...left }, {
      passwords: [keep],
      passkeys: [keep],
      secrets: [keep],
      codes: [keep],
      devices: [keep],
      links: [keep],
    });
    assert.equal((await rowOf(keep))["tfa"], "set up");
  });

  it("closes the other for good: signed out, told, never restored, and its way in for nobody", async () => {
    await sql`insert into logon_passwords (logon_id, hash, temporary) values (${close}, ${HASH}, false)`;
    await sql`
      insert into sessions (token_hash, logon_id, created_at, seen_at, confirmed_at, ends_at)
      values (${new Uint8Array(32)}, ${close}, ${AT}, ${AT}, ${AT}, ${new Date(
      AT.getTime() + 1000,
    )})`;
    await merge();
    assert.equal((await sql`select from sessions`).length, 0);
    const notices = await sql`select kind, address, facts from notices`;
    assert.deepEqual(notices.map((one) => ({ ...one })), [{
      kind: "logon merged",
      address: "lee@example.org",
      facts: { username: "ann2", keptUsername: "ann" },
    }]);
    assert.equal(await transaction(sql, (tx) => restoreLogon(tx, close, AUTHOR)), null);
    await assert.rejects(
      sql`update logons set deleted_at = null, deleted_by = null where id = ${close}`,
    );
    const { planned } = await importRows(sql, [["Ann", "Lee", "", "ann2", "", "", ""]]);
    assert.equal(planned[0]?.class, "error");
    assert.match(planned[0]?.problems[0]?.sentence ?? "", /was merged into another one/);
    const deeds = await sql`select what, subject_id from audit order by id`;
    assert.deepEqual(deeds.map((deed) => ({ ...deed })), [
      { what: "merge logons", subject_id: keep },
      { what: "close merged logon", subject_id: close },
    ]);
  });

  it("lets no import of the other contact make a second logon again", async () => {
    const [mine, other] = [
      await seedContact(sql, { firstName: "Ann", surname: "Lee", email: "ann@example.org" }),
      await seedContact(sql, { firstName: "Ann", surname: "Lee", email: "lee@example.org" }),
    ];
    await sql`update logons set contact_id = ${mine} where id = ${keep}`;
    await sql`update logons set contact_id = ${other} where id = ${close}`;
    await sql`
      insert into contact_learners (contact_id, learner_id, relationship, priority, parental_responsibility)
      values (${other}, ${child(4)}, 'Parent', 1, true)`;
    await merge();
    const [admin] = await sql<[{ id: number }]>`select id from admins limit 1`;
    const choice = { ids: [other], all: false, search: "" };
    const task = await transaction(
      sql,
      (tx) => startContactImport(tx, choice, { adminId: admin.id, requestId: null }),
    );
    const claim = await holdAgain(sql, task);
    while (await importContacts(sql, claim, { size: 10, author: AUTHOR }) > 0);
    const [item] = await sql`select class, problems from task_items where task_id = ${task}`;
    assert.deepEqual({ ...item }, { class: "error", problems: [{ code: "merged" }] });
    const [row] = await sql`select count(*)::int as count from logons where deleted_at is null`;
    assert.equal(row?.["count"], 1);
  });

  it("has the blocks of both: of the logon, of the contact, and the same once", async () => {
    const contact = await seedContact(sql, {
      firstName: "Ann",
      surname: "Lee",
      email: "lee@example.org",
    });
    await sql`update logons set contact_id = ${contact} where id = ${close}`;
    await seedBlock(sql, { learnerId: child(1), logonId: close });
    await seedBlock(sql, { learnerId: child(3), contactId: contact });
    await seedBlock(sql, { learnerId: child(2), logonId: keep });
    await seedBlock(sql, { learnerId: child(2), logonId: close });
    assert.deepEqual(await seenBy(keep), ["Child1"]);
    await merge();
    assert.deepEqual(await seenBy(keep), []);
    for (const learner of [1, 2, 3]) {
      await assert.rejects(
        sql`insert into logon_learners (logon_id, learner_id) values (${keep}, ${child(learner)})`,
      );
    }
    const double = await sql`
      select from blocks where lifted_at is null and logon_id = ${keep} group by learner_id having count(*) > 1`;
    assert.equal(double.length, 0);
  });

  it("brings over a contact's block where the kept one has another contact", async () => {
    const [mine, other] = [
      await seedContact(sql, { firstName: "Ann", surname: "Lee", email: "ann@example.org" }),
      await seedContact(sql, { firstName: "Ann", surname: "Lee", email: "lee@example.org" }),
    ];
    await sql`update logons set contact_id = ${mine} where id = ${keep}`;
    await sql`update logons set contact_id = ${other} where id = ${close}`;
    await seedBlock(sql, { learnerId: child(1), contactId: other });
    await merge();
    assert.deepEqual(await seenBy(keep), ["Child2", "Child3"]);
  });

  it("is harmless twice, and does nothing where one has changed or gone", async () => {
    assert.equal(await merge(), "merged");
    const before = await rowOf(keep);
    assert.equal(await merge(), "merged before");
    assert.deepEqual(await rowOf(keep), before);
    assert.equal(await merge(close, keep), "gone");
    assert.equal(await merge(keep, keep), "gone");
    const third = await seedLogon(sql, { username: "third" });
    const stale = { keep: { id: keep, version: 1 }, close: { id: third, version: 1 } };
    assert.equal(await transaction(sql, (tx) => mergeLogons(tx, stale, AUTHOR, AT)), "changed");
  });

  it("is done once by two who do it at once, in either direction, without a deadlock", async () => {
    const sides = await findMergeSides(sql, [keep, close]);
    const [one, other] = sides;
    assert.ok(one && other);
    const outcomes = await Promise.all([
      transaction(sql, (tx) => mergeLogons(tx, { keep: one, close: other }, AUTHOR, AT)),
      transaction(sql, (tx) => mergeLogons(tx, { keep: other, close: one }, AUTHOR, AT)),
    ]);
    assert.deepEqual(outcomes.toSorted(), ["gone", "merged"]);
    const [row] = await sql`select count(*)::int as count from logons where deleted_at is null`;
    assert.equal(row?.["count"], 1);
  });

  it("suggests those of the same contact and those of the same surname and email, and finds any other", async () => {
    const twin = await seedLogon(sql, { username: "twin", email: "ANN@example.org" });
    const contact = await seedContact(sql, { firstName: "A", surname: "L", email: null });
    await sql`update logons set contact_id = ${contact} where id in ${sql([keep, close])}`;
    const suggested = await listMergeSuggestions(sql, keep);
    assert.deepEqual(suggested.map((option) => option.id), [close, twin]);
    assert.deepEqual((await findMergeOptions(sql, keep, "ann2")).map((option) => option.id), [
      close,
    ]);
    assert.deepEqual(await findMergeOptions(sql, keep, " "), []);
  });
});
