// What doctor says about work that nobody does.

import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { checkWork } from "../../commands/doctor_work.ts";
import { openTestDatabase, type TestDatabase } from "../database.ts";

describe("doctor, of the work to do", () => {
  let database: TestDatabase;
  before(async () => {
    database = await openTestDatabase();
  });
  after(() => database.close());

  async function findings(): Promise<string[]> {
    const found = await checkWork(database);
    return found.map(({ name, state, sentence }) => `${state} ${name} ${sentence}`);
  }

  it("is well while nothing waits", async () => {
    const [tasks, resets] = await findings();
    assert.match(tasks ?? "", /^well tasks/);
    assert.match(resets ?? "", /^well resets/);
  });

  it("tells of tasks that wait, that stand still, and of mails that do not get out", async () => {
    const { sql } = database;
    await sql`insert into tasks (kind, title, created_at) values
      ('usage report', 'x', now() - interval '5 minutes'), ('excel import', 'x', now() - interval '2 hours')`;
    assert.match(
      (await findings())[0] ?? "",
      /^look at this tasks .*oldest for 2 h \(excel import\)/,
    );
    await sql`
      update tasks set state = 'running', started_at = now() - interval '30 seconds' where kind = 'excel import'`;
    assert.match((await findings())[0] ?? "", /^well/, "begun just now");
    await sql`update tasks set started_at = now() - interval '3 minutes' where kind = 'excel import'`;
    assert.match((await findings())[0] ?? "", /^well/, "a command works on it itself");
    const job = crypto.randomUUID();
    await sql`
      insert into pgboss.job (id, name, state, heartbeat_on)
      values (${job}, 'excel-import', 'active', now() - interval '3 minutes')`;
    await sql`update tasks set job_id = ${job} where kind = 'excel import'`;
    assert.match((await findings())[0] ?? "", /^look at this tasks 1 stand still/);
    await sql`update pgboss.job set heartbeat_on = now() where id = ${job}`;
    assert.match((await findings())[0] ?? "", /^well/, "a worker gives signs of life");
    await sql`
      insert into credential_mails (asked_at, name, username, address, enable_tfa, state, due_at)
      values (now() - interval '90 minutes', 'Zoë', 'zoe', 'zoe@example.org', false, 'deferred', now())`;
    assert.match(
      (await findings())[1] ?? "",
      /^look at this resets .*oldest for 1 h \(1 deferred\)/,
    );
  });
});
