// The job of Import Contacts: from a choice to the logons and true counts, whatever comes between.

import { after, before, beforeEach, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { transaction } from "../../db/connect.ts";
import { startContactImport } from "../../db/contact_imports.ts";
import {
  CancelAsked,
  cancelTask,
  ClaimLost,
  claimTask,
  findTask,
  settleTask,
} from "../../db/tasks.ts";
import { contactImports } from "../../jobs/contact_imports.ts";
import { HandedBack, type JobOutcome } from "../../jobs/job.ts";
import { jobs } from "../../jobs/mod.ts";
import type { Services } from "../../services.ts";
import { type Office, openOffice } from "../office.ts";

const MANY = 2500;

type Held = NonNullable<Awaited<ReturnType<typeof claimTask>>>;

describe("job of Import Contacts", () => {
  let office: Office;
  let services: Services;
  before(async () => {
    office = await openOffice();
    services = office.services;
    const { sql } = services;
    await sql`delete from contacts`;
    await sql`
      insert into contacts (first_name, surname, email)
      select 'Parent', 'Number' || n, 'p' || n || '@example.org' from generate_series(1, ${MANY}::int) as n`;
    await sql`
      insert into contact_learners (contact_id, learner_id, relationship, priority, parental_responsibility)
      select c.id, p.id, 'Parent', 1, true
        from contacts c
        cross join (select id from learners order by id limit 2) as p`;
  });
  beforeEach(async () => {
    await services.sql`delete from logons`;
  });
  after(() => office.close());

  async function start(): Promise<number> {
    const [admin] = await services.sql<[{ id: number }]>`select min(id) as id from admins`;
    return await transaction(
      services.sql,
      (tx) =>
        startContactImport(tx, { ids: [], all: true, search: "" }, {
          adminId: admin.id,
          requestId: null,
        }),
    );
  }

  /** Runs the job as the queue does. @param options.parts after so many the program stops */
  async function run(
    taskId: number,
    options: { readonly parts?: number; readonly held?: Held } = {},
  ): Promise<JobOutcome> {
    const { sql, clock } = services;
    const held = options.held ?? await claimTask(sql, taskId, clock.now());
    assert.ok(held);
    let asked = 0;
    const outcome = await contactImports.run({
      services,
      task: held.task,
      claim: held.claim,
      get stopping(): AbortSignal {
        return asked++ === options.parts ? AbortSignal.abort() : new AbortController().signal;
      },
    });
    await settleTask(sql, held.claim, outcome, clock.now());
    return outcome;
  }

  async function countLogons(): Promise<number> {
    return (await services.sql`select from logons`).length;
  }

  it("is known to the worker", () => {
    assert.ok(jobs.includes(contactImports));
  });

  it("imports thousands, a part at a time, and tells how far it is", async () => {
    const taskId = await start();
    const outcome = await run(taskId);
    assert.equal(outcome.state, "done");
    assert.equal(outcome.facts?.["created"], MANY);
    assert.equal(await countLogons(), MANY);
    const task = await findTask(services.sql, taskId);
    assert.deepEqual([task?.state, task?.done, task?.total], ["done", MANY, MANY]);
    const [row] = await services.sql<[{ links: number; audit: number; passwords: number }]>`
      select (select count(*)::int from logon_learners) as links,
             (select count(*)::int from audit where what = 'add logon' and (after->>'task')::bigint = ${taskId}) as audit,
             (select count(*)::int from logon_passwords) as passwords`;
    assert.deepEqual(row, { links: 2 * MANY, audit: MANY, passwords: 0 });
    const again = await run(await start());
    assert.equal(again.facts?.["unchanged"], MANY);
    assert.equal(again.facts?.["created"], 0);
  });

  it("stops between two parts when the program stops, and another run ends it", async () => {
    const taskId = await start();
    await assert.rejects(run(taskId, { parts: 2 }), HandedBack);
    assert.equal(await countLogons(), 2000);
    assert.equal((await run(taskId)).facts?.["created"], MANY);
    assert.equal(await countLogons(), MANY);
  });

  it("stops when the admin asks, and keeps what was written", async () => {
    const taskId = await start();
    await assert.rejects(run(taskId, { parts: 1 }), HandedBack);
    await cancelTask(services.sql, taskId, services.clock.now());
    await assert.rejects(run(taskId), CancelAsked);
    assert.equal(await countLogons(), 1000);
    assert.equal((await findTask(services.sql, taskId))?.done, 1000);
  });

  it("leaves the task to the worker that took it", async () => {
    const taskId = await start();
    const { sql, clock } = services;
    const former = await claimTask(sql, taskId, clock.now());
    const present = await claimTask(sql, taskId, clock.now());
    assert.ok(former && present);
    await assert.rejects(run(taskId, { held: former }), ClaimLost);
    assert.equal(await countLogons(), 0);
    assert.equal((await run(taskId, { held: present })).facts?.["created"], MANY);
  });
});
