// Tasks: claimed by one worker at a time, written only by who holds the claim, cancelled and settled once.

import { after, before, beforeEach, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { transaction } from "../../db/connect.ts";
import {
  addTask,
  CancelAsked,
  cancelTask,
  claimed,
  ClaimLost,
  claimTask,
  dismissAlerts,
  findTask,
  listAlerts,
  listTasks,
  noteProgress,
  resumeTask,
  settleTask,
} from "../../db/tasks.ts";
import { openTestDatabase, type TestDatabase } from "../database.ts";

const NOW = new Date("2026-11-24T10:00:00Z");

describe("a task", () => {
  let database: TestDatabase;
  let adminId: number;
  let id: number;
  before(async () => {
    database = await openTestDatabase({ pool: 10 });
    const [row] = await database.sql<[{ id: number }]>`
      insert into admins (username, name, role, password_hash)
      values ('office', 'Olwen Hughes', 'Office', '$2b$12$' || repeat('x', 53)) returning id`;
    adminId = row.id;
  });
  after(() => database.close());
  beforeEach(async () => {
    await database.sql`delete from tasks`;
    id = await add();
  });

  async function add(title = "Import of parents.xlsx"): Promise<number> {
    return await transaction(
      database.sql,
      (tx) =>
        addTask(tx, { kind: "excel import", title, adminId, facts: { rows: 3 }, requestId: null }),
    );
  }

  it("begins as queued, with who started it", async () => {
    const task = await findTask(database.sql, id);
    assert.equal(task?.state, "queued");
    assert.equal(task.adminName, "Olwen Hughes");
    assert.deepEqual(task.facts, { rows: 3 });
    assert.equal(task.done, 0);
    assert.equal(await findTask(database.sql, id + 1000), null);
  });

  it("is not there if the transaction that added it was rolled back", async () => {
    await assert.rejects(
      transaction(database.sql, async (tx) => {
        await addTask(tx, {
          kind: "excel import",
          title: "x",
          adminId,
          facts: {},
          requestId: null,
        });
        throw new Error("no");
      }),
      /no/,
    );
    assert.equal((await database.sql`select from tasks`).length, 1);
  });

  it("is written by the last who claimed it, and by nobody who claimed it before", async () => {
    const { sql } = database;
    const first = await claimTask(sql, id, NOW);
    const second = await claimTask(sql, id, NOW);
    assert.ok(first && second);
    await assert.rejects(noteProgress(sql, first.claim, { done: 1 }), ClaimLost);
    await assert.rejects(settleTask(sql, first.claim, { state: "done" }, NOW), ClaimLost);
    await assert.rejects(
      claimed(sql, first.claim, async (tx) => {
        await tx`update tasks set title = 'late' where id = ${id}`;
      }),
      ClaimLost,
    );
    await noteProgress(sql, second.claim, {
      step: "importing",
      done: 2,
      total: 5,
      facts: { a: 1 },
    });
    const task = await findTask(sql, id);
    assert.deepEqual(
      [task?.title, task?.step, task?.done, task?.total, task?.facts],
      ["Import of parents.xlsx", "importing", 2, 5, { rows: 3, a: 1 }],
    );
  });

  it("keeps what progress does not mention", async () => {
    const { sql } = database;
    const held = await claimTask(sql, id, NOW);
    assert.ok(held);
    await noteProgress(sql, held.claim, { step: "reading", done: 2, total: 5 });
    await noteProgress(sql, held.claim, {});
    const kept = await findTask(sql, id);
    assert.deepEqual([kept?.step, kept?.done, kept?.total], ["reading", 2, 5]);
    await noteProgress(sql, held.claim, { total: null });
    assert.equal((await findTask(sql, id))?.total, null);
  });

  it("gives each of twenty claims at once a number of its own, and one of them the last word", async () => {
    const claims = await Promise.all(
      Array.from({ length: 20 }, () => claimTask(database.sql, id, NOW)),
    );
    const numbers = claims.map((one) => one?.claim.number ?? 0).sort((a, b) => a - b);
    assert.deepEqual(numbers, Array.from({ length: 20 }, (_, n) => n + 1));
    const settled = await Promise.allSettled(
      claims.map((one) =>
        settleTask(database.sql, one?.claim ?? { taskId: 0, number: 0 }, { state: "done" }, NOW)
      ),
    );
    assert.equal(settled.filter((one) => one.status === "fulfilled").length, 1);
  });

  it("makes a claim that comes meanwhile wait for what is being written, and then take over", async () => {
    const { sql } = database;
    const first = await claimTask(sql, id, NOW);
    assert.ok(first);
    const release = Promise.withResolvers<void>();
    const held = Promise.withResolvers<void>();
    const writing = claimed(sql, first.claim, async (tx) => {
      await tx`update tasks set title = 'written by the first' where id = ${id}`;
      held.resolve();
      await release.promise;
      await tx`select 1`;
    });
    await held.promise;
    let second: unknown;
    const claiming = claimTask(sql, id, NOW).then((claim) => second = claim);
    await sql`select pg_sleep(0.05)`;
    assert.equal(second, undefined);
    release.resolve();
    await writing;
    await claiming;
    assert.equal((await findTask(sql, id))?.title, "written by the first");
    await assert.rejects(noteProgress(sql, first.claim, { done: 1 }), ClaimLost);
  });

  it("is cancelled at once while it waits, and no worker takes it then", async () => {
    const { sql } = database;
    assert.equal(await cancelTask(sql, id, NOW), true);
    assert.equal((await findTask(sql, id))?.state, "cancelled");
    assert.equal(await claimTask(sql, id, NOW), null);
    assert.equal(await cancelTask(sql, id, NOW), false);
  });

  it("that is to be undone is left as it was when that is cancelled, at once or at its next step", async () => {
    const { sql } = database;
    const isDoneAgain = async (): Promise<void> => {
      const task = await findTask(sql, id);
      assert.deepEqual([task?.state, task?.facts["undo"]], ["done", undefined]);
    };
    const toUndo = (state: string): Promise<unknown> =>
      sql`update tasks set state = ${state}, finished_at = null, facts = '{"undo": true}' where id = ${id}`;
    await toUndo("queued");
    assert.equal(await cancelTask(sql, id, NOW), true);
    await isDoneAgain();
    await toUndo("queued");
    const held = await claimTask(sql, id, NOW);
    assert.ok(held);
    assert.equal(await cancelTask(sql, id, NOW), true);
    await settleTask(sql, held.claim, { state: "cancelled" }, NOW);
    await isDoneAgain();
  });

  it("is asked to stop while it runs, learns so at its next step, and settles as cancelled", async () => {
    const { sql } = database;
    const held = await claimTask(sql, id, NOW);
    assert.ok(held);
    assert.equal(await cancelTask(sql, id, NOW), true);
    assert.equal((await findTask(sql, id))?.cancelAsked, true);
    await assert.rejects(noteProgress(sql, held.claim, { done: 1 }), CancelAsked);
    await settleTask(sql, held.claim, { state: "cancelled" }, NOW);
    const task = await findTask(sql, id);
    assert.equal(task?.state, "cancelled");
    assert.deepEqual(task.finishedAt, NOW);
  });

  it("settles once, as done, failed or for review", async () => {
    const { sql } = database;
    const held = await claimTask(sql, id, NOW);
    assert.ok(held);
    await settleTask(sql, held.claim, { state: "done", facts: { created: 2 } }, NOW);
    await assert.rejects(settleTask(sql, held.claim, { state: "done" }, NOW), ClaimLost);
    assert.equal(await claimTask(sql, id, NOW), null);
    assert.deepEqual((await findTask(sql, id))?.facts, { rows: 3, created: 2 });

    const failing = await claimTask(sql, await add(), NOW);
    assert.ok(failing);
    const failure = { code: "refused", sentence: "It is no workbook." };
    await settleTask(sql, failing.claim, { state: "failed", failure }, NOW);
    assert.deepEqual((await findTask(sql, failing.claim.taskId))?.failure, failure);
  });

  it("waits for review without an end, and is sent back to work once", async () => {
    const { sql } = database;
    const held = await claimTask(sql, id, NOW);
    assert.ok(held);
    await noteProgress(sql, held.claim, { done: 3, total: 3 });
    await settleTask(sql, held.claim, { state: "needs review" }, NOW);
    assert.equal((await findTask(sql, id))?.finishedAt, null);
    assert.equal(await claimTask(sql, id, NOW), null);
    const resumed = await Promise.all(
      [1, 2, 3].map((n) => transaction(sql, (tx) => resumeTask(tx, id, { choice: n }))),
    );
    assert.equal(resumed.filter(Boolean).length, 1);
    const task = await findTask(sql, id);
    assert.deepEqual([task?.state, task?.done], ["queued", 0]);
    assert.ok(await claimTask(sql, id, NOW));
  });

  it("is an alert of who started it until they dismiss it, and stays under All tasks", async () => {
    const { sql } = database;
    const other = await add("Second");
    assert.deepEqual((await listAlerts(sql, adminId)).tasks.map((task) => task.id), [other, id]);
    assert.equal(await dismissAlerts(sql, [id], adminId, NOW), 0, "it has not finished");
    await cancelTask(sql, id, NOW);
    assert.equal(await dismissAlerts(sql, [id], adminId + 1, NOW), 0, "not theirs");
    assert.equal(await dismissAlerts(sql, [id, id], adminId, NOW), 1);
    assert.deepEqual((await listAlerts(sql, adminId)).tasks.map((task) => task.id), [other]);
    assert.deepEqual((await listTasks(sql, null, 10)).map((task) => task.id), [other, id]);
    assert.deepEqual((await listTasks(sql, other, 10)).map((task) => task.id), [id]);
  });
});
