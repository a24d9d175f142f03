// The queue, on pg-boss: sends a task's job in the transaction that stores the task, and works on what was sent.

import type { Span } from "@opentelemetry/api";
import { PgBoss } from "pg-boss";
import type { Log } from "../lib/log.ts";
import { inSpan } from "../lib/traces.ts";
import type { Queryable, Transaction } from "../db/connect.ts";
import {
  CancelAsked,
  ClaimLost,
  claimTask,
  noteProgress,
  PauseAsked,
  settlePause,
  settleTask,
} from "../db/tasks.ts";
import { connectionIsGone, transaction } from "../db/connect.ts";
import { REPORT_PATIENCE } from "../db/replica.ts";
import { HandedBack, type Job, TaskFailed } from "./job.ts";
import type { Services } from "../services.ts";

const SCHEMA = "pgboss";
/** Seconds without a heartbeat after which a worker counts as dead (pg-boss allows no less). */
const HEARTBEAT = 10;
/** A task that was begun so often and never ended is broken for good. */
const MOST_CLAIMS = 12;

/** What begins tasks. */
export type Queue = {
  /** Sends the job of a task; it exists if and when the transaction commits. */
  send(sql: Transaction, kind: string, taskId: number): Promise<void>;
  /** Begins to work on what is sent, until {@link close}. */
  work(services: Services, jobs: readonly Job[]): Promise<void>;
  /** Whether the queue's tables answer. */
  isUp(): Promise<boolean>;
  /** Hands back what runs and ends. @param grace milliseconds that running jobs have to come to a stop */
  close(grace?: number): Promise<void>;
};

export type QueueOptions = {
  readonly url: string;
  /** Connections of its own. */
  readonly pool: number;
  readonly log: Log;
};

/** Makes or upgrades the queue's own tables, and a queue for each job; part of `migrate`. */
export async function migrateQueue(
  options: QueueOptions,
  jobs: readonly Job[],
): Promise<void> {
  const boss = newBoss(options, { migrate: true, createSchema: true, supervise: false });
  await boss.start();
  for (const job of jobs) {
    const settings = {
      retryLimit: job.retries,
      retryDelay: 1,
      retryBackoff: true,
      retryDelayMax: 60,
      expireInSeconds: job.expiresIn,
      heartbeatSeconds: HEARTBEAT,
      notify: true,
    };
    const queue = queueOf(job.kind);
    if (await boss.getQueue(queue)) await boss.updateQueue(queue, settings);
    else await boss.createQueue(queue, settings);
  }
  await boss.stop({ graceful: false });
}

/** Opens the queue on a database that was migrated. */
export async function openQueue(options: QueueOptions): Promise<Queue> {
  const stopping = new AbortController();
  let worker: PgBoss | undefined;
  let sweep: ReturnType<typeof setInterval> | undefined;
  const sender = newBoss(options, { supervise: false });
  await sender.start();

  async function send(tx: Transaction, kind: string, taskId: number): Promise<void> {
    const job = await sender.send(queueOf(kind), { taskId }, { db: joined(tx) });
    await tx`update tasks set job_id = ${job} where id = ${taskId}`;
  }

  return {
    send,
    async work(services, jobs): Promise<void> {
      worker = newBoss(options, {
        supervise: true,
        superviseIntervalSeconds: 5,
        monitorIntervalSeconds: 5,
        useListenNotify: true,
      });
      await worker.start();
      for (const job of jobs) {
        await worker.work<{ taskId: number }>(
          queueOf(job.kind),
          // What is sent is told at once; what is to be tried again, only to those who ask.
          { pollingIntervalSeconds: 2, notifyPollingIntervalSeconds: 5, localConcurrency: 2 },
          async ([received]) => {
            if (received === undefined) return;
            const last = received.retryCount >= job.retries;
            await runJob(services, job, received.data.taskId, stopping.signal, last);
          },
        );
      }
      sweep = setInterval(() => {
        sendLost(services, send).catch((error: unknown) =>
          options.log.warn("sweep of lost tasks failed", { error })
        );
      }, 15_000);
    },
    async isUp(): Promise<boolean> {
      return await sender.isInstalled();
    },
    async close(grace = 20_000): Promise<void> {
      stopping.abort();
      clearInterval(sweep);
      await worker?.stop({ graceful: true, timeout: grace });
      await sender.stop({ graceful: false });
    },
  };
}

/**
 * Works on a task now, as a worker does with what was sent.
 * @param last whether a run that breaks ends the task, since none comes after it
 */
export async function runJob(
  services: Services,
  job: Job,
  taskId: number,
  stopping: AbortSignal,
  last: boolean,
): Promise<void> {
  if (stopping.aborted) throw new HandedBack();
  await inSpan(`job ${job.kind}`, { task: String(taskId) }, async (span) => {
    await runClaimed(services, job, { taskId, stopping, last, span });
  });
}

async function runClaimed(
  services: Services,
  job: Job,
  run: {
    readonly taskId: number;
    readonly stopping: AbortSignal;
    readonly last: boolean;
    readonly span: Span;
  },
): Promise<void> {
  const { sql, clock } = services;
  const { taskId, stopping, last, span } = run;
  const taken = await claimTask(sql, taskId, clock.now());
  if (taken === null) return;
  const { claim, task, requestId } = taken;
  // From the page to the job to its mails: whatever it logs can be found by the number that the browser was given.
  const log = services.log.with({ task: taskId, kind: job.kind, request: requestId ?? undefined });
  if (requestId) span.setAttribute("request", requestId);
  try {
    if (task.cancelAsked) throw new CancelAsked();
    if (task.pauseAsked) throw new PauseAsked();
    const running = { services: { ...services, log }, task, claim, requestId, stopping };
    const outcome = job.readsMuch
      ? await services.reader.read(REPORT_PATIENCE, (reads) => job.run({ ...running, reads }))
      : await job.run(running);
    await settleTask(sql, claim, outcome, clock.now());
    log.info("task settled", { state: outcome.state });
  } catch (error) {
    if (error instanceof ClaimLost) return;
    if (error instanceof CancelAsked) {
      log.info("task cancelled");
      return await settleTask(sql, claim, { state: "cancelled" }, clock.now());
    }
    if (error instanceof PauseAsked) {
      // Resumed between asking and stopping: no job but this one is there to go on with it.
      if (!await settlePause(sql, claim)) throw new HandedBack();
      log.info("task paused");
      return;
    }
    if (error instanceof TaskFailed) {
      log.info("task failed", { code: error.failure.code });
      return await settleTask(
        sql,
        claim,
        { state: "failed", failure: error.failure },
        clock.now(),
      );
    }
    if (error instanceof HandedBack) throw error;
    log.error("task broke", { error, last });
    // While Postgres is away nothing can be told; the sweep sends the task again.
    if (last && !connectionIsGone(error)) {
      await settleTask(sql, claim, { state: "failed", failure: { code: "broke" } }, clock.now());
      return;
    }
    await noteProgress(sql, claim, { step: "trying again" }).catch(() => {});
    throw new Error(`task ${taskId} broke`);
  }
}

/**
 * Sends tasks again whose job has ended without them: its worker died at the last try, or was handed back too often. Not yet
 * those that a command works on itself, without a job, and those that come after another.
 */
export async function sendLost(services: Services, send: Queue["send"]): Promise<void> {
  const { sql } = services;
  await transaction(sql, async (tx) => {
    const lost = await tx<{ id: number; kind: string; claim: number }[]>`
      select t.id, t.kind, t.claim from tasks t
       where t.state in ('queued', 'running') and t.created_at < now() - interval '10 seconds'
         and not (t.state = 'running' and t.job_id is null and t.started_at > now() - interval '1 hour')
         and not exists (select from tasks e where e.id = (t.facts->>'after')::bigint and e.state in ('queued', 'running'))
         and not exists (
           select from pgboss.job j where j.id = t.job_id and j.state in ('created', 'retry', 'active'))
       for update of t skip locked`;
    for (const task of lost) {
      if (task.claim < MOST_CLAIMS) {
        await send(tx, task.kind, task.id);
      } else {
        await tx`
          update tasks set state = 'failed', failure = '{"code": "broke"}', finished_at = now(), claim = claim + 1
           where id = ${task.id}`;
      }
    }
  });
}

/**
 * Running tasks that no worker has had a sign of life for in a minute, and that none is about to take up again; not those that
 * a command works on itself, without a job.
 */
export async function countStuck(sql: Queryable): Promise<number> {
  const [row] = await sql<[{ count: number }]>`
    select count(*)::int as count from tasks t
     where t.state = 'running' and t.started_at < now() - interval '1 minute'
       and not (t.job_id is null and t.started_at > now() - interval '1 hour')
       and not exists (
         select from pgboss.job j
          where j.id = t.job_id
            and case j.state when 'active' then coalesce(j.heartbeat_on, j.started_on)
                             when 'created' then j.start_after when 'retry' then j.start_after end
                > now() - interval '1 minute')`;
  return row.count;
}

function newBoss(
  options: QueueOptions,
  more: {
    supervise: boolean;
    migrate?: boolean;
    createSchema?: boolean;
    superviseIntervalSeconds?: number;
    monitorIntervalSeconds?: number;
    useListenNotify?: boolean;
  },
): PgBoss {
  const boss = new PgBoss({
    connectionString: options.url,
    schema: SCHEMA,
    application_name: "parent-logons queue",
    max: options.pool,
    schedule: false,
    migrate: false,
    createSchema: false,
    ...more,
  });
  boss.on("error", (error) => options.log.warn("queue trouble", { error }));
  return boss;
}

/** pg-boss's statements in our transaction: the one place where text is run as SQL, since pg-boss hands over text. */
function joined(
  sql: Queryable,
): { executeSql(text: string, values?: unknown[]): Promise<{ rows: unknown[] }> } {
  return {
    async executeSql(text, values = []): Promise<{ rows: unknown[] }> {
      return { rows: await sql.unsafe(text, values.map(asParameter)) };
    },
  };
}

function asParameter(value: unknown): string | number | boolean | null | Date {
  if (value === null || value === undefined) return null;
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") {
    return value;
  }
  return value instanceof Date ? value : JSON.stringify(value);
}

function queueOf(kind: string): string {
  return kind.replaceAll(" ", "-");
}
