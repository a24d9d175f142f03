// Writing an import: that each row is written whole, once, and only if the world is still as it was planned.

import { after, afterEach, before, beforeEach, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import fc from "fast-check";
import { transaction } from "../../db/connect.ts";
import type { Sql } from "../../db/connect.ts";
import {
  approveImport,
  countEmailChanges,
  countGroups,
  countOutcomes,
  listImportRows,
  listPlannedRows,
  needsReview,
  startExcelImport,
  storePlan,
} from "../../db/excel_imports.ts";
import { fileNameOf, findFile } from "../../db/files.ts";
import { applyChunk } from "../../db/import_apply.ts";
import { emailKey } from "../../db/import_keys.ts";
import { problemLine } from "../../db/import_rows.ts";
import { ClaimLost, findTask, settleTask } from "../../db/tasks.ts";
import { openTestDatabase, type TestDatabase } from "../database.ts";
import {
  applyAll,
  AT,
  clearSchool,
  holdAgain,
  holdTask,
  importRows,
  plan,
  seedBlock,
  seedContact,
  seedLogon,
  seedSchool,
  type Sheet,
} from "./import_school.ts";
import { addingOnce, assertColumns } from "./logon_columns.ts";

const NOTHING = {
  created: 0,
  updated: 0,
  linked: 0,
  restored: 0,
  unchanged: 0,
  leftOut: 0,
  failed: 0,
};
const AUTHOR = { adminId: null, who: "Test" };

describe("import of rows", () => {
  let database: TestDatabase;
  let sql: Sql;
  let learners: Map<string, number>;
  before(async () => {
    database = await openTestDatabase({ pool: 8 });
    sql = database.sql;
    learners = await seedSchool(sql);
  });
  beforeEach(() => clearSchool(sql));
  afterEach(() => assertColumns(sql));
  after(() => database.close());

  function learner(admission: string): number {
    return learners.get(admission) ?? 0;
  }
  async function logons(): Promise<string[]> {
    const rows = await sql<{ line: string }[]>`
      select concat_ws(' | ', first_name, surname, email, username, tfa, linked_count, deleted_at is null) as line
        from logons order by username_key`;
    return rows.map((row) => row.line);
  }

  it("writes a new logon once, with its learners and its password's end", async () => {
    await addingOnce(sql, () =>
      importRows(sql, [
        ["Ann", "Lee", "ann@x.org", "ann", "correct horse battery", "0002; 0001", ""],
        ["Bob", "Lee", "", "bob", "", "", "yes"],
      ]));
    const rows = await sql<{ line: string }[]>`
      select concat_ws(' | ', username, linked_names, linked_count, password_until is null) as line
        from logons order by username`;
    assert.deepEqual(rows.map((row) => row.line), [
      "ann | Tree Child1, Tree Child2 | 2 | f",
      "bob |  | 0 | t",
    ]);
  });

  it("creates, updates, links, restores and leaves alone, and counts truly", async () => {
    await seedLogon(sql, { username: "upd", email: "old@x.org" });
    await seedLogon(sql, { username: "lnk", learnerIds: [learner("0001")] });
    await seedLogon(sql, { username: "res", deleted: true, learnerIds: [learner("0001")] });
    await seedLogon(sql, { username: "unc", learnerIds: [learner("0001")] });
    const { outcomes, taskId } = await importRows(sql, [
      ["Eve", "Moss", "eve@x.org", "", "correct horse battery", "0001", "yes"],
      ["", "", "new@x.org", "upd", "another good secret", "0002", "yes"],
      ["", "", "", "lnk", "", "0001;0003"],
      ["Ann", "Moss", "", "res", "", "0002"],
      ["", "", "", "unc", "", "0001"],
      ["", "", "", "bad", "", "9999"],
      ["Eve", "Moss", "eve@x.org", "", "", "0004"],
      ["Eve", "Moss", "eve@x.org", "", "", "0004"],
    ]);
    assert.deepEqual(outcomes, {
      created: 1,
      updated: 1,
      linked: 2,
      restored: 1,
      unchanged: 2,
      leftOut: 1,
      failed: 0,
    });
    assert.deepEqual(await logons(), [
      "Eve | Moss | eve@x.org | eve@x.org | required | 2 | t",
      "Ann | Lee | lnk | off | 2 | t",
      "Ann | Moss | res | off | 2 | t",
      "Ann | Lee | unc | off | 1 | t",
      "Ann | Lee | new@x.org | upd | required | 1 | t",
    ]);
    const passwords = await sql`select temporary, expires_at from logon_passwords`;
    assert.equal(passwords.length, 2);
    const audit = await sql<
      { what: string; after: { task: number } }[]
    >`select what, after from audit order by id`;
    assert.deepEqual(audit.map((row) => row.what).sort(), [
      "add logon",
      "edit logon",
      "edit logon",
      "edit logon",
      "restore logon",
    ]);
    assert.ok(audit.every((row) => row.after.task === taskId));
    const everything = await sql<{ text: string }[]>`
      select (select jsonb_agg(to_jsonb(i)) from task_items i)::text || (select jsonb_agg(to_jsonb(a)) from audit a)::text
             || (select jsonb_agg(to_jsonb(t)) from tasks t)::text as text`;
    assert.doesNotMatch(everything[0]?.text ?? "", /correct horse|another good/);
    assert.deepEqual(
      (await countGroups(sql, taskId)).create,
      1,
    );
    const again = await sql<
      { version: number }[]
    >`select version from logons where username = 'lnk'`;
    assert.equal(again[0]?.version, 2, "an edit window that is open must not take the link away");
  });

  it("ends the sessions of a logon that gets a password", async () => {
    const id = await seedLogon(sql, { username: "ann" });
    await sql`
      insert into sessions (token_hash, logon_id, created_at, seen_at, confirmed_at, ends_at)
      values (sha256('a'), ${id}, now(), now(), now(), now() + interval '1 hour')`;
    await importRows(sql, [["", "", "", "ann", "correct horse battery"]]);
    assert.equal((await sql`select from sessions`).length, 0);
  });

  it("tells the old address of a logon in use of another email or password, and flags the email", async () => {
    const [used, fresh] = [
      await seedLogon(sql, { username: "used", email: "old@x.org" }),
      await seedLogon(sql, { username: "fresh", email: "first@x.org" }),
    ];
    await sql`
      insert into logon_passwords (logon_id, hash, temporary) values (${used}, ${
      "$2b$04$" + "a".repeat(53)
    }, false)`;
    const planned = await plan(
      sql,
      ["", "", "new@x.org", "used", "another good secret", ""],
      ["", "", "second@x.org", "fresh", "", ""],
    );
    const claim = await holdTask(sql);
    await storePlan(sql, claim, planned, {});
    assert.equal(await countEmailChanges(sql, claim.taskId), 1, "before it is decided");
    await applyAll(sql, claim);
    const notices = await sql`select logon_id, address, facts from notices`;
    assert.deepEqual(notices.map((row) => ({ ...row })), [{
      logon_id: used,
      address: "old@x.org",
      facts: { username: "used", email: "n…@x….org", password: true },
    }]);
    const flags = await sql`select id from logons where email_unchecked`;
    assert.deepEqual(flags.map((row) => row["id"]), [used]);
    const deeds = await sql<{ id: number; by: string | null }[]>`
      select subject_id as id, after->>'callerCheckedBy' as by from audit where (after->>'task')::int = ${claim.taskId} order by id`;
    assert.deepEqual(deeds.map(({ id, by }) => [id, by]), [[used, "nobody: an import brought it"], [
      fresh,
      null,
    ]]);
  });

  it("tells a parent who uses the logon that two factor authentication is required now, and no other", async () => {
    await sql`delete from notices`;
    const [used, set, fresh] = [
      await seedLogon(sql, { username: "used", email: "old@x.org" }),
      await seedLogon(sql, { username: "set", email: "set@x.org" }),
      await seedLogon(sql, { username: "fresh", email: "fresh@x.org" }),
    ];
    await sql`
      insert into logon_passwords (logon_id, hash, temporary)
      select id, ${"$2b$04$" + "a".repeat(53)}, false from unnest(${[
      used,
      set,
    ]}::bigint[]) as l (id)`;
    await sql`update logons set tfa = 'required' where id = ${set}`;
    await importRows(sql, [
      ["", "", "new@x.org", "used", "", "", "yes"],
      ["", "", "", "used", "", "0001", "yes"],
      ["", "", "", "set", "", "0001", "yes"],
      ["", "", "", "fresh", "", "0001", "yes"],
      ["New", "Comer", "comer@x.org", "", "", "0001", "yes"],
    ]);
    const tfa = await sql`select id, tfa from logons where id = any(${[
      used,
      fresh,
    ]}::bigint[]) order by id`;
    assert.deepEqual(tfa.map((row) => row["tfa"]), ["required", "required"]);
    const notices = await sql`select logon_id, kind, address from notices order by kind`;
    assert.deepEqual(notices.map((row) => ({ ...row })), [
      { logon_id: used, kind: "logon changed", address: "old@x.org" },
      { logon_id: used, kind: "tfa required", address: "old@x.org" },
    ]);
  });

  it("stores the warning on a link without Parental Responsibility", async () => {
    const contact = await seedContact(sql, { firstName: "Ann", surname: "Lee", email: null });
    await seedLogon(sql, { username: "ann", contactId: contact });
    await importRows(sql, [["", "", "", "ann", "", "0001"]]);
    const [link] = await sql<{ warning: string }[]>`select warning from logon_learners`;
    assert.equal(link?.warning, "no parental responsibility");
  });

  describe("when the world has changed since the plan", () => {
    async function failing(rows: Sheet, change: () => Promise<unknown>): Promise<string[]> {
      const planned = await plan(sql, ...rows);
      const claim = await holdTask(sql);
      await storePlan(sql, claim, planned, {});
      await change();
      await applyAll(sql, claim);
      const items = await listImportRows(sql, claim.taskId, { group: null, after: 0, limit: 100 });
      return items.map((item) =>
        item.state === "failed" ? item.problems.slice(-1).map(problemLine).join() : item.state
      );
    }

    it("fails a row whose username was taken, and those that repeat it, and no other", async () => {
      const states = await failing([
        ["Ann", "Lee", "ann@x.org", "", "", "0001"],
        ["Ann", "Lee", "ann@x.org", "", "", "0002"],
        ["Ann", "Lee", "ann@x.org", "", "", "0002"],
        ["Bob", "Lee", "", "bob", "", "0001"],
      ], () => seedLogon(sql, { username: "ANN@x.org", surname: "Quick" }));
      assert.match(states[0] ?? "", /ann@x\.org was taken/);
      assert.match(states[1] ?? "", /Row 2, which this row repeats, was not imported/);
      assert.match(states[2] ?? "", /Row 2, which/);
      assert.equal(states[3], "done");
      assert.equal((await sql`select from logon_learners`).length, 1);
    });

    it("fails an update, a link and a restore whose logon was changed or deleted", async () => {
      await seedLogon(sql, { username: "a" });
      await seedLogon(sql, { username: "b" });
      const gone = await seedLogon(sql, { username: "c" });
      await seedLogon(sql, { username: "d", deleted: true });
      await seedLogon(sql, { username: "e" });
      const states = await failing([
        ["New", "", "", "a"],
        ["", "", "", "b", "", "0001"],
        ["", "", "", "c", "", "0001"],
        ["", "", "", "d"],
        ["New", "", "", "e"],
      ], async () => {
        await sql`update logons set surname = 'Changed', version = version + 1 where username in ('a', 'b', 'd')`;
        await sql`delete from logons where id = ${gone}`;
        await sql`update logons set deleted_at = now(), version = version + 1 where username = 'e'`;
      });
      for (const at of [0, 1, 3]) assert.match(states[at] ?? "", /Somebody changed this logon/);
      for (const at of [2, 4]) assert.match(states[at] ?? "", /was deleted after/);
      assert.equal((await sql`select from logons where first_name = 'New'`).length, 0);
      assert.equal((await sql`select from logon_learners`).length, 0);
    });

    it("fails a row whose learner is gone", async () => {
      const [extra] = await sql<{ id: number }[]>`
        insert into learners (admission_number, first_name, surname, status) values ('9', 'X', 'Y', 'Current') returning id`;
      const states = await failing(
        [["Ann", "Lee", "", "ann", "", "9"], ["Bob", "Lee", "", "bob", "", "0001"]],
        () => sql`delete from learners where id = ${extra?.id ?? 0}`,
      );
      assert.match(states[0] ?? "", /learner of this row is not there/);
      assert.equal(states[1], "done");
      assert.equal((await logons()).length, 1);
    });

    it("fails a row whose learner was blocked, for the logon, its contact, or an adult of the same email and surname", async () => {
      const contact = await seedContact(sql, {
        firstName: "Ann",
        surname: "Lee",
        email: "ann@x.org",
      });
      const a = await seedLogon(sql, { username: "a" });
      await seedLogon(sql, { username: "b", contactId: contact });
      const states = await failing([
        ["", "", "", "a", "", "0001"],
        ["", "", "", "b", "", "0002"],
        ["Ann", "Lee", "ann@x.org", "new", "", "0002"],
        ["Bob", "Lee", "bob@x.org", "bob", "", "0002"],
      ], async () => {
        await seedBlock(sql, { learnerId: learner("0001"), logonId: a });
        await seedBlock(sql, { learnerId: learner("0002"), contactId: contact });
      });
      for (const at of [0, 1, 2]) {
        assert.match(states[at] ?? "", /has been blocked for this parent/);
      }
      assert.equal(states[3], "done");
      assert.equal((await logons()).length, 3);
      assert.equal((await sql`select from logon_learners`).length, 1);
    });
  });

  describe("by two workers", () => {
    async function many(): Promise<{ rows: Sheet; count: number }> {
      const rows = Array.from({ length: 60 }, (_, place) => [
        `Name${place % 40}`,
        "Lee",
        `p${place % 40}@x.org`,
        "",
        "",
        place < 40 ? "0001" : "0002",
      ]);
      return await Promise.resolve({ rows, count: 40 });
    }

    it("refuses the writes of the one who lost the task, and ends with right totals", async () => {
      const { rows, count } = await many();
      const first = await holdTask(sql);
      await storePlan(sql, first, await plan(sql, ...rows), {});
      await applyChunk(sql, first, {
        after: 0,
        last: 21,
        passwords: new Map(),
        author: AUTHOR,
        at: AT,
      });
      const second = await holdAgain(sql, first.taskId);
      await assert.rejects(
        applyChunk(sql, first, {
          after: 0,
          last: 61,
          passwords: new Map(),
          author: AUTHOR,
          at: AT,
        }),
        ClaimLost,
      );
      await assert.rejects(storePlan(sql, first, [], {}), ClaimLost);
      assert.equal((await logons()).length, 20);
      const outcomes = await applyAll(sql, second, 7);
      assert.deepEqual(outcomes, { ...NOTHING, created: count, linked: 20 });
      assert.equal((await logons()).length, count);
      assert.equal((await sql`select from logon_learners`).length, 60);
      assert.equal((await sql`select from audit`).length, 60);
    });

    it("writes nothing twice when both run at once", async () => {
      const { rows, count } = await many();
      const first = await holdTask(sql);
      await storePlan(sql, first, await plan(sql, ...rows), {});
      const running = applyAll(sql, first, 5).catch((error: unknown) => {
        assert.ok(error instanceof ClaimLost);
      });
      const second = await holdAgain(sql, first.taskId);
      const [, outcomes] = await Promise.all([running, applyAll(sql, second, 9)]);
      assert.deepEqual(outcomes, { ...NOTHING, created: count, linked: 20 });
      assert.equal((await logons()).length, count);
      assert.equal((await sql`select from audit`).length, 60);
    });

    it("keeps nothing of a chunk that breaks", async () => {
      const claim = await holdTask(sql);
      await storePlan(
        sql,
        claim,
        await plan(sql, ["Ann", "Lee", "", "ann", "correct horse battery"]),
        {},
      );
      await assert.rejects(
        applyChunk(sql, claim, { after: 0, last: 9, passwords: new Map(), author: AUTHOR, at: AT }),
        /not hashed/,
      );
      assert.equal((await logons()).length, 0);
      assert.equal((await listPlannedRows(sql, claim.taskId, { after: 0, limit: 10 })).length, 1);
    });
  });

  it("changes nothing when the same rows come again, whatever the file", async () => {
    const word = fc.constantFrom("Ann", "ann", "Bob", "Zoë", "李", "x y");
    const row = fc.record({
      first: word,
      surname: fc.constantFrom("Lee", "LEE", "Moss"),
      email: fc.constantFrom("", "", "home@x.org", "HOME@x.org", "ann@x.org"),
      username: fc.constantFrom("", "", "", "ann", "ANN", "ann.lee", "ann@x.org", "old", "gone"),
      learners: fc.constantFrom("", "0001", "0001;0002", "0003", "9999"),
      tfa: fc.constantFrom("", "yes", "no"),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(row, { maxLength: 8 }), fc.nat(3), async (records, size) => {
        await clearSchool(sql);
        await seedLogon(sql, { username: "old", email: "home@x.org" });
        await seedLogon(sql, { username: "gone", email: "ann@x.org", deleted: true });
        const rows = records.map((one) => [
          one.first,
          one.surname,
          one.email,
          one.username,
          "",
          one.learners,
          one.tfa,
        ]);
        if (rows.length === 0) return;
        const { planned, outcomes } = await importRows(sql, rows, size + 1);
        assert.equal(outcomes.failed, 0);
        const again = await plan(sql, ...rows);
        const before = planned.map((one) => one.class === "error" ? "error" : "unchanged");
        assert.deepEqual(again.map((one) => one.class), before, JSON.stringify(again, null, 1));
      }),
      { numRuns: 150 },
    );
  });

  it("takes an email for the same as the database does", async () => {
    for (
      const email of ["ANN@X.org", "Straße@x.org", "ﬁ@x.org", "İ@x.org", "ΣΑΣ@x.org", "ann@ｘ.org"]
    ) {
      const [row] = await sql<[{ key: string }]>`select email_key(${email}) as key`;
      assert.equal(emailKey(email), row.key);
    }
  });

  it("starts with the upload in the same transaction, waits for review, and goes on when approved", async () => {
    const [admin] = await sql<{ id: number }[]>`select id from admins limit 1`;
    const taskId = await transaction(sql, (tx) =>
      startExcelImport(tx, {
        adminId: admin?.id ?? 0,
        fileName: "C:\\fakepath\\Parents \u202eSept\0.xlsx",
        mediaType: "",
        bytes: new Uint8Array([1, 2, 3]),
        at: AT,
        requestId: null,
      }));
    assert.equal((await findFile(sql, taskId, "upload"))?.name, "Parents Sept.xlsx");
    await seedLogon(sql, { username: "ann" });
    const claim = await holdAgain(sql, taskId);
    const facts = await storePlan(
      sql,
      claim,
      await plan(sql, ["Anna", "", "", "ann"], ["", "", "", "ann"]),
      {},
    );
    assert.equal(needsReview(facts), true);
    const { failed, ...classes } = await countGroups(sql, taskId);
    assert.equal(failed, 0);
    assert.deepEqual((await findTask(sql, taskId))?.facts, {
      ...classes,
      rows: 2,
      planned: true,
    });
    await settleTask(sql, claim, { state: "needs review" }, AT);
    assert.equal(await transaction(sql, (tx) => approveImport(tx, taskId, AUTHOR)), true);
    assert.equal(await transaction(sql, (tx) => approveImport(tx, taskId, AUTHOR)), false);
    assert.deepEqual(
      await applyAll(sql, await holdAgain(sql, taskId)),
      { ...NOTHING, updated: 1, unchanged: 1 },
    );
    assert.deepEqual(await countOutcomes(sql, 0), NOTHING);
  });

  it("lists rows a page at a time, of one class or all", async () => {
    const rows = Array.from(
      { length: 25 },
      (_, place) => ["Ann", "Lee", "", place % 5 === 0 ? "" : `u${place}`, "", "9999"],
    );
    const claim = await holdTask(sql);
    await storePlan(sql, claim, await plan(sql, ...rows, ["Ok", "Lee", "", "ok"]), {});
    const first = await listImportRows(sql, claim.taskId, { group: "error", after: 0, limit: 20 });
    const next = await listImportRows(sql, claim.taskId, {
      group: "error",
      after: first.at(-1)?.position ?? 0,
      limit: 20,
    });
    assert.deepEqual([first.length, next.length], [20, 5]);
    assert.equal(
      (await listImportRows(sql, claim.taskId, { group: null, after: 26, limit: 20 }))[0]?.class,
      "create",
    );
  });

  it("counts and lists together what could not be written, of whatever class it was to be", async () => {
    const claim = await holdTask(sql);
    const { taskId } = claim;
    await storePlan(
      sql,
      claim,
      await plan(sql, ["Ok", "Lee", "", "ok1"], ["Ok", "Lee", "", "ok2"]),
      {},
    );
    await sql`
      update task_items set state = 'failed' where task_id = ${taskId} and position = 3`;
    const { create, failed } = await countGroups(sql, taskId);
    assert.deepEqual([create, failed], [2, 1]);
    const rows = await listImportRows(sql, taskId, { group: "failed", after: 0, limit: 20 });
    assert.deepEqual(rows.map(({ position, state }) => [position, state]), [[3, "failed"]]);
  });

  it("keeps names of files that can be stored", () => {
    assert.equal(fileNameOf("../../etc/pass\nwd.XLSX"), "passwd.XLSX");
    assert.equal(fileNameOf(""), "file");
    assert.ok(fileNameOf("x".repeat(1000) + ".csv").length < 255);
    assert.ok(fileNameOf("😀".repeat(300) + ".csv").isWellFormed());
  });
});
