// What there is to do, counted: by kind and state, with the age of the oldest, and without anybody's name.

import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { transaction } from "../../db/connect.ts";
import { addNotices } from "../../db/notices.ts";
import { addTask } from "../../db/tasks.ts";
import { countWorkload } from "../../db/workload.ts";
import { openTestDatabase, type TestDatabase } from "../database.ts";

const AT = new Date("2026-11-24T10:00:00Z");

describe("the workload", () => {
  let database: TestDatabase;
  before(async () => {
    database = await openTestDatabase();
  });
  after(() => database.close());

  it("is nothing in an empty database", async () => {
    const { connections: _, ...workload } = await countWorkload(database.sql, AT);
    assert.deepEqual(workload, { tasks: [], mails: [], notices: { count: 0, age: 0 } });
  });

  it("is what waits, with the seconds since the oldest was asked for", async () => {
    const { sql } = database;
    await transaction(sql, async (tx) => {
      for (const kind of ["excel import", "excel import", "usage report"]) {
        await addTask(tx, { kind, title: "Zoë", adminId: null, facts: {}, requestId: null });
      }
      const notice = { kind: "phone removed", name: "Zoë", address: "zoe@example.org" } as const;
      await addNotices(tx, [{ ...notice, facts: {} }], { at: new Date(AT.getTime() - 30_000) });
    });
    await sql`update tasks set created_at = ${AT}::timestamptz - id * interval '1 minute'`;
    await sql`update tasks set state = 'failed', finished_at = ${AT}, failure = '{"code": "x"}' where kind = 'usage report'`;
    await sql`
      insert into credential_mails (asked_at, name, username, address, enable_tfa, state, due_at)
      values (${AT}::timestamptz - interval '1 hour', 'Zoë', 'zoe', 'zoe@example.org', false, 'deferred', ${AT})`;
    const { tasks, mails, notices } = await countWorkload(sql, AT);
    assert.deepEqual(tasks, [
      { kind: "excel import", state: "queued", count: 2, age: 120 },
      { kind: "usage report", state: "failed", count: 1, age: 180 },
    ]);
    assert.deepEqual(mails, [{ state: "deferred", count: 1, age: 3600 }]);
    assert.deepEqual(notices, { count: 1, age: 30 });
  });

  it("is never of the future, where two clocks differ", async () => {
    const { notices } = await countWorkload(database.sql, new Date(AT.getTime() - 3_600_000));
    assert.equal(notices.age, 0);
  });
});
