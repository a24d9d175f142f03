// Pausing a reset that runs: it stops between two mails, stays stopped, and goes on where it was.

import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { countMails } from "../../db/credential_mails.ts";
import { claimTask, findTask, settlePause, unpauseTask } from "../../db/tasks.ts";
import { transaction } from "../../db/connect.ts";
import { jobs } from "../../jobs/mod.ts";
import { sendLost } from "../../jobs/queue.ts";
import { type MailServer, openMailServer } from "../mail_server.ts";
import { documentOf, type Office, openOffice, PIECE, signIn, type Visitor } from "../office.ts";

describe("pausing a reset", () => {
  let mails: MailServer;
  let office: Office;
  let visitor: Visitor;
  before(async () => {
    mails = await openMailServer();
    office = await openOffice({ SMTP_URL: mails.url });
    visitor = await signIn(office);
    const rows = await office.services.sql<{ email: string }[]>`
      select distinct email from logons where email is not null`;
    rows.forEach((row) => mails.behave(row.email, "slow"));
  });
  after(async () => {
    await office.close();
    await mails.close();
  });

  async function startReset(): Promise<number> {
    const response = await visitor.post("/bulk-resets", { all: "yes" });
    return Number(response.headers.get("location")?.split("/").at(-1));
  }

  async function until(taskId: number, holds: () => Promise<boolean>): Promise<void> {
    for (let tries = 0; tries < 400; tries++) {
      if (await holds()) return;
      await new Promise((done) => setTimeout(done, 50));
    }
    const task = await findTask(office.services.sql, taskId);
    assert.fail(`it never came to that: ${JSON.stringify(task)}`);
  }

  async function stateOf(taskId: number): Promise<string | undefined> {
    return (await findTask(office.services.sql, taskId))?.state;
  }

  it("pauses one that waits at once, and no sweep begins it", async () => {
    const { services } = office;
    const taskId = await startReset();
    assert.equal((await visitor.post(`/bulk-resets/${taskId}/pause`)).status, 303);
    assert.equal(await stateOf(taskId), "paused");
    await services
      .sql`update tasks set created_at = now() - interval '1 hour' where id = ${taskId}`;
    await services.sql`delete from pgboss.job where data ->> 'taskId' = ${String(taskId)}`;
    await sendLost(services, services.queue.send);
    assert.equal(await claimTask(services.sql, taskId, office.clock.now()), null);
    const [sent] = await services.sql<[{ count: number }]>`
      select count(*)::int as count from pgboss.job where data ->> 'taskId' = ${String(taskId)}`;
    assert.equal(sent.count, 0);
    assert.equal((await visitor.post(`/bulk-resets/${taskId}/resumption`)).status, 303);
    const [again] = await services.sql<[{ count: number }]>`
      select count(*)::int as count from pgboss.job where data ->> 'taskId' = ${String(taskId)}`;
    assert.deepEqual([await stateOf(taskId), again.count], ["queued", 1]);
    await visitor.post(`/tasks/${taskId}/cancellation`);
  });

  it("stops a running one between two mails, tells the true counts, and sends each once in all", async () => {
    const { services } = office;
    const before = mails.received.length;
    const taskId = await startReset();
    await services.queue.work(services, jobs);
    await until(taskId, async () => (await countMails(services.sql, taskId)).accepted > 0);
    await visitor.post(`/bulk-resets/${taskId}/pause`, {}, PIECE);
    await until(taskId, async () => await stateOf(taskId) === "paused");
    const paused = await countMails(services.sql, taskId);
    assert.ok(paused.settled < paused.mails, "some are left");
    assert.equal(mails.received.length - before, paused.accepted);
    const task = await findTask(services.sql, taskId);
    assert.deepEqual([task?.facts["accepted"], task?.done], [paused.accepted, paused.settled]);
    const alerts = await documentOf(await visitor.piece("/task-alerts"));
    assert.match(
      alerts.querySelector(`[data-task="${taskId}"]`)?.textContent ?? "",
      new RegExp(`Paused\\. ${paused.accepted} of ${paused.mails} were sent`),
    );
    await visitor.post(`/bulk-resets/${taskId}/resumption`);
    await until(taskId, async () => await stateOf(taskId) === "done");
    const done = await countMails(services.sql, taskId);
    assert.equal(done.accepted, mails.received.length - before);
    const ids = mails.received.slice(before).map((mail) => mail.messageId);
    assert.equal(new Set(ids).size, ids.length, "nobody was mailed twice");
  });

  it("takes a pause and a resumption by two people once", async () => {
    const { sql } = office.services;
    const [row] = await sql<{ id: number }[]>`
      insert into tasks (kind, title, state, pause_asked_at)
      values ('credential mails', 'Twice', 'paused', now()) returning id`;
    const other = await signIn(office, "frontdesk");
    const path = `/bulk-resets/${row?.id}`;
    await Promise.all([visitor.post(`${path}/resumption`), other.post(`${path}/resumption`)]);
    const [jobsOf] = await sql<[{ count: number }]>`
      select count(*)::int as count from pgboss.job where data ->> 'taskId' = ${String(row?.id)}`;
    const [resumed] = await sql<[{ count: number }]>`
      select count(*)::int as count from audit where what = 'resume task' and subject_id = ${
      row?.id ?? 0
    }`;
    assert.deepEqual([jobsOf.count, resumed.count], [1, 1]);
  });

  it("is not paused by a worker that comes late: it was resumed meanwhile", async () => {
    const { sql } = office.services;
    const [row] = await sql<{ id: number }[]>`
      insert into tasks (kind, title, state, claim, pause_asked_at)
      values ('credential mails', 'Late', 'running', 1, now()) returning id`;
    const id = row?.id ?? 0;
    assert.equal(await transaction(sql, (tx) => unpauseTask(tx, id)), "goes on");
    assert.equal(await settlePause(sql, { taskId: id, number: 1 }), false);
    await sql`update tasks set state = 'cancelled', finished_at = now() where id = ${id}`;
  });

  it("can be cancelled while it is paused, and says how many had been sent", async () => {
    const taskId = await startReset();
    await visitor.post(`/bulk-resets/${taskId}/pause`);
    await until(taskId, async () => await stateOf(taskId) === "paused");
    const response = await visitor.post(`/tasks/${taskId}/cancellation`, { back: "bulk-reset" });
    assert.equal(response.headers.get("location"), `/bulk-resets/${taskId}`);
    const counts = await countMails(office.services.sql, taskId);
    const task = await findTask(office.services.sql, taskId);
    assert.equal(task?.state, "cancelled");
    assert.equal(task?.facts["cancelled"], counts.cancelled);
    assert.equal(counts.accepted + counts.cancelled + counts.leftOut, counts.mails);
    const page = await documentOf(await visitor.get(`/bulk-resets/${taskId}`));
    assert.match(page.body.textContent ?? "", /Cancelled\. \d+ of \d+ had been sent/);
  });

  it("pauses and resumes nothing that is over, and only what is a reset", async () => {
    const { sql } = office.services;
    const [over] = await sql<{ id: number }[]>`
      select id from tasks where kind = 'credential mails' and state = 'done' limit 1`;
    await visitor.post(`/bulk-resets/${over?.id}/pause`);
    await visitor.post(`/bulk-resets/${over?.id}/resumption`);
    assert.equal(await stateOf(over?.id ?? 0), "done");
    for (const id of ["0", "999999", "abc"]) {
      assert.equal((await visitor.post(`/bulk-resets/${id}/pause`)).status, 404);
    }
  });
});
