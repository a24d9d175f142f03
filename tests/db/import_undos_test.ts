// Undoing an import: each kind of row goes back, each reason holds, twice does nothing, and blocks stay.

import { after, before, beforeEach, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { findAdult } from "../../db/blocked_adults.ts";
import { addBlock } from "../../db/blocks.ts";
import { type Sql, transaction } from "../../db/connect.ts";
import { importContacts } from "../../db/contact_import_apply.ts";
import { startContactImport } from "../../db/contact_imports.ts";
import { undoImport } from "../../db/import_undo_apply.ts";
import {
  findImportUndo,
  findUndo,
  listRefusedUndos,
  type UndoCounts,
} from "../../db/import_undos.ts";
import { deleteLogon, editLogon, findLogon, restoreLogon } from "../../db/logons.ts";
import { openTestDatabase, type TestDatabase } from "../database.ts";
import {
  AT,
  clearSchool,
  holdAgain,
  importRows,
  seedContact,
  seedLogon,
  seedSchool,
} from "./import_school.ts";

const AUTHOR = { adminId: null, who: "Test" };
const NOTHING: UndoCounts = { deleted: 0, putBack: 0, links: 0, refused: 0 };
const HASH = "$2b$12$CU.V34Cs3BaSV7t.sBUx7.ZDjtCLPfHrI.brxyqM5NUIwToD.V4HO";

let database: TestDatabase;
let sql: Sql;
let learners: Map<string, number>;

before(async () => {
  database = await openTestDatabase({ pool: 6 });
  sql = database.sql;
  learners = await seedSchool(sql);
});
after(() => database.close());
beforeEach(() => clearSchool(sql));

function learner(number: string): number {
  return learners.get(number) ?? 0;
}

async function idOf(username: string): Promise<number> {
  const [row] = await sql<{ id: number }[]>`select id from logons where username = ${username}`;
  assert.ok(row, username);
  return row.id;
}

/** Imports rows of a workbook, to the end. */
async function excel(...rows: string[][]): Promise<number> {
  const { taskId } = await importRows(sql, rows);
  await finish(taskId);
  return taskId;
}

async function contacts(...ids: number[]): Promise<number> {
  const choice = { ids, all: false, search: "" };
  const [admin] = await sql<[{ id: number }]>`select id from admins limit 1`;
  const by = { adminId: admin.id, requestId: null };
  const taskId = await transaction(sql, (tx) => startContactImport(tx, choice, by));
  const claim = await holdAgain(sql, taskId);
  while (await importContacts(sql, claim, { size: 10, author: AUTHOR }) > 0);
  await finish(taskId);
  return taskId;
}

async function finish(taskId: number): Promise<void> {
  await sql`update tasks set state = 'done', finished_at = ${AT} where id = ${taskId}`;
}

function undo(taskId: number): Promise<boolean> {
  return transaction(sql, (tx) => undoImport(tx, taskId, AUTHOR, AT));
}

/** Undoes, and makes sure that what was said before is what was done. */
async function undone(taskId: number): Promise<UndoCounts> {
  const said = await findUndo(sql, taskId);
  assert.equal(await undo(taskId), true);
  const done = await findImportUndo(sql, taskId);
  assert.ok(done);
  const { who, at, ...counts } = done;
  assert.deepEqual({ who, at }, { who: "Test", at: AT });
  assert.deepEqual(counts, said);
  return counts;
}

/** The reason for the only logon that cannot be undone, which stays as it is through the undo. */
async function reason(taskId: number): Promise<string | undefined> {
  const page = { after: 0, limit: 10 };
  const [refused, ...others] = await listRefusedUndos(sql, taskId, page);
  assert.deepEqual(others, []);
  const was = refused && await findLogon(sql, refused.id);
  assert.deepEqual(await undone(taskId), { ...NOTHING, refused: 1 });
  assert.deepEqual(refused && await findLogon(sql, refused.id), was);
  assert.deepEqual([...await listRefusedUndos(sql, taskId, page)], refused ? [refused] : []);
  return refused?.reason;
}

async function edit(id: number, change: { email?: string }): Promise<void> {
  const now = await findLogon(sql, id);
  assert.ok(now);
  const { firstName, surname, email, username, learnerIds } = now;
  const logon = { firstName, surname, email, username, ...change };
  const edited = { logon, learnerIds, password: null, author: AUTHOR, at: AT };
  assert.ok(await transaction(sql, (tx) => editLogon(tx, id, now.version, edited)));
}

describe("the undo of an import", () => {
  it("deletes what was added, so that it can be restored with its learners, and ends sessions", async () => {
    const taskId = await excel(["Ann", "Lee", "ann@example.org", "", "", "0001", ""]);
    const id = await idOf("ann@example.org");
    await sql`
      insert into sessions (token_hash, logon_id, created_at, seen_at, confirmed_at, ends_at)
      values (${new Uint8Array(32)}, ${id}, ${AT}, ${AT}, ${AT}, 'infinity')`;
    assert.deepEqual(await undone(taskId), { ...NOTHING, deleted: 1 });
    assert.deepEqual((await findLogon(sql, id))?.deletedAt, AT);
    assert.equal((await sql`select from sessions where logon_id = ${id}`).length, 0);
    await transaction(sql, (tx) => restoreLogon(tx, id, AUTHOR));
    assert.deepEqual((await findLogon(sql, id))?.learnerIds, [learner("0001")]);
  });

  it("puts former values back, takes added links away and leaves those that were there", async () => {
    const id = await seedLogon(sql, {
      username: "ann",
      email: "old@example.org",
      learnerIds: [learner("0001")],
    });
    const taskId = await excel(
      ["Anna", "Lee-Oak", "new@example.org", "ann", "", "0002", "yes"],
      ["", "", "", "ann", "", "0003", ""],
    );
    assert.deepEqual(await undone(taskId), { ...NOTHING, putBack: 1, links: 2 });
    const now = await findLogon(sql, id);
    assert.deepEqual(
      [now?.firstName, now?.surname, now?.email, now?.learnerIds],
      ["Ann", "Lee", "old@example.org", [learner("0001")]],
    );
    const [row] = await sql`select tfa, linked_count from logons where id = ${id}`;
    assert.deepEqual({ ...row }, { tfa: "off", linked_count: 1 });
    const [audit] = await sql`
      select before, after from audit where subject_id = ${id} and what = 'undo import'`;
    assert.deepEqual(audit?.["before"], {
      firstName: "Anna",
      surname: "Lee-Oak",
      email: "new@example.org",
      addedLearnerIds: [learner("0002"), learner("0003")],
      tfa: "required",
    });
    assert.deepEqual(audit?.["after"], {
      firstName: "Ann",
      surname: "Lee",
      email: "old@example.org",
      tfa: "off",
      undoneTask: taskId,
    });
  });

  it("puts back whether somebody has vouched for the email, and says only what the import changed", async () => {
    for (const unchecked of [false, true]) {
      const id = await seedLogon(sql, { username: `v${unchecked}`, email: "old@example.org" });
      await sql`insert into logon_passwords (logon_id, hash, temporary) values (${id}, ${HASH}, false)`;
      await sql`update logons set email_unchecked = ${unchecked} where id = ${id}`;
      const { taskId } = await importRows(sql, [
        ["Ann", "Lee", `new.${unchecked}@example.org`, `v${unchecked}`, "", "", ""],
      ]);
      await finish(taskId);
      const flag = async (): Promise<unknown> =>
        (await sql`select email_unchecked as flag from logons where id = ${id}`)[0]?.["flag"];
      assert.equal(await flag(), true);
      const [row] = await sql<{ before: Record<string, unknown> }[]>`
        select before from audit where subject = 'logon' and subject_id = ${id} and what = 'edit logon'`;
      assert.deepEqual(row?.before, { email: "old@example.org", emailUnchecked: unchecked });
      await undo(taskId);
      assert.equal(await flag(), unchecked);
    }
  });

  it("puts back that there was no email", async () => {
    const id = await seedLogon(sql, { username: "ann" });
    await undone(await excel(["", "", "new@example.org", "ann", "", "", ""]));
    assert.equal((await findLogon(sql, id))?.email, null);
  });

  it("takes only links away where an import added nothing else, also after a sign-in", async () => {
    const id = await seedLogon(sql, { username: "ann", learnerIds: [learner("0001")] });
    const taskId = await excel(["", "", "", "ann", "", "0001, 0002", ""]);
    await sql`
      update logons set sign_in_count = 1, last_sign_in_at = now() + interval '1 day' where id = ${id}`;
    assert.deepEqual(await undone(taskId), { ...NOTHING, links: 1 });
    assert.deepEqual((await findLogon(sql, id))?.learnerIds, [learner("0001")]);
  });

  it("deletes again what was restored, with its former values", async () => {
    const id = await seedLogon(sql, { username: "ann", email: "old@example.org", deleted: true });
    const taskId = await excel(["Anna", "Lee", "", "ann", "", "0002", ""]);
    assert.equal((await findLogon(sql, id))?.deletedAt, null);
    assert.deepEqual(await undone(taskId), { ...NOTHING, deleted: 1, links: 1 });
    const now = await findLogon(sql, id);
    assert.deepEqual([now?.firstName, now?.deletedAt, now?.learnerIds], ["Ann", AT, []]);
  });

  it("gives an adopted logon back, and deletes the logons of an import of contacts", async () => {
    const ann = await seedContact(sql, {
      firstName: "Ann",
      surname: "Lee",
      email: "a@example.org",
    });
    const bob = await seedContact(sql, {
      firstName: "Bob",
      surname: "Lee",
      email: "b@example.org",
    });
    await sql`
      insert into contact_learners (contact_id, learner_id, relationship, priority, parental_responsibility)
      select c, ${learner("0001")}, 'Parent', 1, true from unnest(${[ann, bob]}::bigint[]) as c`;
    const id = await seedLogon(sql, { username: "ann", email: "a@example.org" });
    const taskId = await contacts(ann, bob);
    assert.deepEqual((await findLogon(sql, id))?.learnerIds, [learner("0001")]);
    assert.deepEqual(await undone(taskId), { ...NOTHING, deleted: 1, links: 1 });
    const [row] = await sql`select contact_id, linked_count from logons where id = ${id}`;
    assert.deepEqual({ ...row }, { contact_id: null, linked_count: 0 });
    // As before: the same import does the same again.
    await contacts(ann, bob);
    assert.deepEqual((await findLogon(sql, id))?.learnerIds, [learner("0001")]);
  });

  it("does nothing the second time, nor before the import is over, nor two at once", async () => {
    const { taskId } = await importRows(sql, [["Ann", "Lee", "a@example.org", "", "", "", ""]]);
    assert.equal(await undo(taskId), false);
    await finish(taskId);
    const both = await Promise.all([undo(taskId), undo(taskId)]);
    assert.deepEqual(both.sort(), [false, true]);
    const id = await idOf("a@example.org");
    await transaction(sql, (tx) => restoreLogon(tx, id, AUTHOR));
    assert.equal(await undo(taskId), false);
    assert.equal((await findLogon(sql, id))?.deletedAt, null);
    assert.equal((await sql`select from audit where what = 'undo import'`).length, 2);
  });

  it("tells the new address that the email goes back, where somebody uses the logon", async () => {
    const id = await seedLogon(sql, { username: "ann", email: "old@example.org" });
    await sql`
      insert into logon_passwords (logon_id, hash, temporary) values (${id}, ${HASH}, false)`;
    const taskId = await excel(["", "", "new@example.org", "ann", "", "", ""]);
    await sql`delete from notices`;
    await undone(taskId);
    const rows = await sql`select address, facts->>'email' as email from notices`;
    assert.deepEqual(rows.map((row) => ({ ...row })), [
      { address: "new@example.org", email: "o…@e….org" },
    ]);
  });
});

describe("the notice that two factor authentication is no longer required", () => {
  it("goes to whom an import had required it of, and to nobody who has set it up", async () => {
    const ids: number[] = [];
    for (const username of ["ann", "bob"]) {
      const id = await seedLogon(sql, { username, email: `${username}@example.org` });
      await sql`
        insert into logon_passwords (logon_id, hash, temporary) values (${id}, ${HASH}, false)`;
      ids.push(id);
    }
    const taskId = await excel(
      ["", "", "", "ann", "", "", "yes"],
      ["", "", "", "bob", "", "", "yes"],
    );
    await transaction(sql, async (tx) => {
      await tx`
        insert into totp_secrets (logon_id, ciphertext, key_print, confirmed_at, last_step)
        values (${ids[1] ?? 0}, ${new Uint8Array(48)}, ${new Uint8Array(8)}, ${AT}, 1)`;
      await tx`update logons set tfa = 'set up' where id = ${ids[1] ?? 0}`;
    });
    await sql`delete from notices`;
    await undone(taskId);
    const rows = await sql`select address, kind from notices`;
    assert.deepEqual(rows.map((row) => ({ ...row })), [
      { address: "ann@example.org", kind: "tfa not required" },
    ]);
  });
});

describe("what the undo of an import leaves as it is, and why", () => {
  async function added(): Promise<{ taskId: number; id: number }> {
    const taskId = await excel(["Ann", "Lee", "ann@example.org", "", "", "0001", ""]);
    return { taskId, id: await idOf("ann@example.org") };
  }

  it("a parent has signed in", async () => {
    const { taskId, id } = await added();
    await sql`update logons set sign_in_count = 1, last_sign_in_at = ${AT} where id = ${id}`;
    assert.equal(await reason(taskId), "signed in");
  });

  it("a parent signs in at the very moment", async () => {
    const { taskId, id } = await added();
    const held = Promise.withResolvers<void>();
    const signing = transaction(sql, async (tx) => {
      await tx`update logons set sign_in_count = 1, last_sign_in_at = ${AT} where id = ${id}`;
      held.resolve();
      // Until the undo waits for this row.
      for (let waiting = 0; waiting === 0;) {
        waiting = (await tx`
          select from pg_stat_activity
           where datname = current_database() and wait_event_type = 'Lock'`).length;
      }
    });
    await held.promise;
    assert.deepEqual((await Promise.all([undo(taskId), signing]))[0], true);
    assert.equal((await findLogon(sql, id))?.deletedAt, null);
    assert.equal((await findImportUndo(sql, taskId))?.refused, 1);
  });

  it("a parent of a restored logon has signed in since", async () => {
    const id = await seedLogon(sql, { username: "ann", deleted: true });
    const taskId = await excel(["", "", "", "ann", "", "0001", ""]);
    await sql`
      update logons set sign_in_count = 1, last_sign_in_at = now() + interval '1 day' where id = ${id}`;
    assert.equal(await reason(taskId), "signed in");
  });

  for (const state of ["accepted", "queued"] as const) {
    it(`login details were mailed: ${state}`, async () => {
      const { taskId, id } = await added();
      await sql`
        insert into credential_mails (logon_id, asked_at, name, username, address, enable_tfa, state,
                                      pending_hash, due_at, settled_at)
        values (${id}, ${AT}, 'Ann Lee', 'ann', 'ann@example.org', false, ${state}, ${HASH}, ${AT},
                ${state === "accepted" ? AT : null})`;
      assert.equal(await reason(taskId), "mailed");
    });
  }

  it("but not where the mail was refused", async () => {
    const { taskId, id } = await added();
    await sql`
      insert into credential_mails (logon_id, asked_at, name, username, address, enable_tfa, state, due_at, settled_at)
      values (${id}, ${AT}, 'Ann Lee', 'ann', 'ann@example.org', false, 'refused', ${AT}, ${AT})`;
    assert.deepEqual(await undone(taskId), { ...NOTHING, deleted: 1 });
  });

  it("somebody has edited it since", async () => {
    const { taskId, id } = await added();
    await edit(id, { email: "other@example.org" });
    assert.equal(await reason(taskId), "changed");
  });

  it("a later import has changed it", async () => {
    await seedLogon(sql, { username: "ann" });
    const taskId = await excel(["Anna", "", "", "ann", "", "", ""]);
    await excel(["Annabel", "", "", "ann", "", "", ""]);
    assert.equal(await reason(taskId), "changed");
  });

  it("it was deleted since", async () => {
    const { taskId, id } = await added();
    await transaction(sql, (tx) => deleteLogon(tx, id, AUTHOR, AT));
    assert.equal(await reason(taskId), "gone");
  });

  it("it got a password, and nobody knows the one before", async () => {
    await seedLogon(sql, { username: "ann" });
    const taskId = await excel(["", "", "", "ann", "correct horse battery", "", ""]);
    assert.equal(await reason(taskId), "password");
  });

  it("the contact that it was given is blocked: it would get past the block", async () => {
    const ann = await seedContact(sql, {
      firstName: "Ann",
      surname: "Lee",
      email: "a@example.org",
    });
    await sql`
      insert into contact_learners (contact_id, learner_id, relationship, priority, parental_responsibility)
      values (${ann}, ${learner("0001")}, 'Parent', 1, true)`;
    await seedLogon(sql, { username: "ann", email: "a@example.org" });
    const taskId = await contacts(ann);
    const adult = await findAdult(sql, { contactId: ann });
    assert.ok(adult);
    const block = { adult, learnerId: learner("0002"), reason: "court order", reviewOn: null };
    await transaction(sql, (tx) => addBlock(tx, block, AUTHOR, AT));
    assert.equal(await reason(taskId), "blocked");
  });

  it("a block that was set since hinders no undo, and stays", async () => {
    const { taskId, id } = await added();
    const adult = await findAdult(sql, { logonId: id });
    assert.ok(adult);
    const block = { adult, learnerId: learner("0001"), reason: "court order", reviewOn: null };
    await transaction(sql, (tx) => addBlock(tx, block, AUTHOR, AT));
    assert.deepEqual(await undone(taskId), { ...NOTHING, deleted: 1 });
    assert.equal((await sql`select from blocks where lifted_at is null`).length, 1);
    await transaction(sql, (tx) => restoreLogon(tx, id, AUTHOR));
    assert.deepEqual((await findLogon(sql, id))?.learnerIds, []);
  });
});
