// Tasks: work that an admin started and that outlives the request, from queued to its end.

import {
  keepingPlans,
  type Queryable,
  type Sql,
  type Transaction,
  transaction,
} from "./connect.ts";
import type { Fragment } from "./fragment.ts";

export const TASK_STATES = [
  "queued",
  "running",
  "paused",
  "needs review",
  "done",
  "failed",
  "cancelled",
] as const;
export type TaskState = (typeof TASK_STATES)[number];

/** Counts and choices that a task's kind knows. */
export type Facts = Readonly<Record<string, string | number | boolean | null>>;
/** Why a task failed: a code that a view has a sentence for, and what the sentence needs. */
export type Failure = { readonly code: string } & Facts;

export type Task = {
  readonly id: number;
  readonly kind: string;
  readonly title: string;
  readonly adminId: number | null;
  readonly adminName: string | null;
  readonly state: TaskState;
  readonly step: string | null;
  readonly total: number | null;
  readonly done: number;
  readonly facts: Facts;
  readonly failure: Failure | null;
  readonly cancelAsked: boolean;
  readonly pauseAsked: boolean;
  readonly createdAt: Date;
  /** When a worker first took it. */
  readonly startedAt: Date | null;
  readonly finishedAt: Date | null;
  /** The file to download, if there is one yet. */
  readonly resultName: string | null;
  /** Until when that file is kept. */
  readonly resultUntil: Date | null;
};

/** Adds a task in the transaction that stores what it works on. @returns its id */
export async function addTask(
  sql: Transaction,
  task: {
    readonly kind: string;
    readonly title: string;
    /** null: the program itself; every Administrator sees it among their alerts. */
    readonly adminId: number | null;
    readonly facts: Facts;
    readonly requestId: string | null;
  },
): Promise<number> {
  const [row] = await sql<[{ id: number }]>`
    insert into tasks (kind, title, admin_id, facts, request_id)
    values (${task.kind}, ${task.title}, ${task.adminId}, ${
    sql.json(task.facts)
  }, ${task.requestId})
    returning id`;
  return row.id;
}

/** The task with this id; null if there is none. Every admin may look at every task (All tasks). */
export async function findTask(sql: Queryable, id: number): Promise<Task | null> {
  const [row] = await sql<Task[]>`select ${taskColumns(sql)} ${taskTables(sql)} where t.id = ${id}`;
  return row ?? null;
}

/** Alerts that are shown at a time. */
export const MOST_ALERTS = 20;

/** What an admin is told of tasks, and whether there is more than is listed. */
export type Alerts = { readonly tasks: readonly Task[]; readonly more: boolean };

/**
 * An admin's own alerts, and for an Administrator those of the program itself: what is not dismissed, first what has not
 * ended, the newest first.
 */
export async function listAlerts(sql: Queryable, adminId: number): Promise<Alerts> {
  const tasks = await keepingPlans(sql)<Task[]>`
    select ${taskColumns(sql)} ${taskTables(sql)}
     where ${isOwn(sql, adminId)} and t.dismissed_at is null
     order by t.finished_at is not null, t.id desc limit ${MOST_ALERTS + 1}`;
  return { tasks: tasks.slice(0, MOST_ALERTS), more: tasks.length > MOST_ALERTS };
}

/** Everybody's tasks, newest first, a page at a time. */
export async function listTasks(
  sql: Queryable,
  before: number | null,
  limit: number,
): Promise<Task[]> {
  return await sql<Task[]>`
    select ${taskColumns(sql)} ${taskTables(sql)}
     where ${
    before === null ? sql`true` : sql`t.id < ${before}`
  } order by t.id desc limit ${limit}`;
}

/** Takes finished alerts out of an admin's own list; the tasks stay under All tasks. @returns how many */
export async function dismissAlerts(
  sql: Queryable,
  ids: readonly number[],
  adminId: number,
  at: Date,
): Promise<number> {
  const { count } = await sql`
    update tasks t set dismissed_at = ${at}
     where t.id = any(${[...ids]}::bigint[]) and ${isOwn(sql, adminId)}
       and t.finished_at is not null and t.dismissed_at is null`;
  return count;
}

/** Asks a task to stop: at once if nothing runs yet, else at its next stop; what has been written stays. An undo that has not begun leaves it as it was. */
export async function cancelTask(sql: Queryable, id: number, at: Date): Promise<boolean> {
  const { count } = await sql`
    update tasks set
      cancel_asked_at = case when state <> 'running' and facts ? 'undo' then null else ${at}::timestamptz end,
      state = case when state = 'running' then state when facts ? 'undo' then 'done' else 'cancelled' end,
      facts = case when state = 'running' then facts else facts - 'undo' end,
      finished_at = case when state = 'running' then null else ${at}::timestamptz end
     where id = ${id} and state in ('queued', 'running', 'paused', 'needs review')`;
  return count > 0;
}

/**
 * Asks a task to wait: at once if nothing runs yet, else between two of its items. It lasts until {@link unpauseTask},
 * through any restart.
 * @returns false if it waits already, or is over
 */
export async function pauseTask(sql: Queryable, id: number, at: Date): Promise<boolean> {
  const { count } = await sql`
    update tasks set pause_asked_at = ${at}, state = case when state = 'queued' then 'paused' else state end
     where id = ${id} and state in ('queued', 'running') and pause_asked_at is null and cancel_asked_at is null`;
  return count > 0;
}

/**
 * Lets a paused task go on.
 * @returns `needs job` if no worker is at it any more: send its job in this very transaction; `goes on` if one had not
 * stopped yet; null if it was not paused
 */
export async function unpauseTask(
  sql: Transaction,
  id: number,
): Promise<"needs job" | "goes on" | null> {
  const [row] = await sql<{ state: TaskState }[]>`
    update tasks set pause_asked_at = null, state = case when state = 'paused' then 'queued' else state end
     where id = ${id} and state in ('paused', 'running') and pause_asked_at is not null and cancel_asked_at is null
    returning state`;
  if (!row) return null;
  return row.state === "queued" ? "needs job" : "goes on";
}

/** A worker's hold on a task. Whoever claims it later takes it away: every write of the former is refused then. */
export type Claim = { readonly taskId: number; readonly number: number };

/** Takes a task to work on it, with the request that started it; null if it is not waiting for a worker any more. */
export async function claimTask(
  sql: Queryable,
  id: number,
  at: Date,
): Promise<{ claim: Claim; task: Task; requestId: string | null } | null> {
  const [row] = await sql<{ number: number; requestId: string | null }[]>`
    update tasks set state = 'running', claim = claim + 1, started_at = coalesce(started_at, ${at})
     where id = ${id} and state in ('queued', 'running') 
    returning claim as number, request_id as "requestId"`;
  const task = row && await findTask(sql, id);
  return row && task
    ? { claim: { taskId: id, number: row.number }, task, requestId: row.requestId }
    : null;
}

/** Another worker has the task now; this one stops without a word. */
export class ClaimLost extends Error {
  override readonly name = "ClaimLost";
}

/** The admin asked the task to stop. */
export class CancelAsked extends Error {
  override readonly name = "CancelAsked";
}

/** The admin asked the task to wait. */
export class PauseAsked extends Error {
  override readonly name = "PauseAsked";
}

/**
 * Runs `work` in a transaction that only the present holder of the task can commit.
 * @throws {ClaimLost} if another worker has the task
 */
export async function claimed<T>(
  sql: Sql,
  claim: Claim,
  work: (sql: Transaction) => Promise<T>,
): Promise<T> {
  return await transaction(sql, async (tx) => {
    const held = await tx`
      select from tasks where id = ${claim.taskId} and claim = ${claim.number} and state = 'running' for update`;
    if (held.length === 0) throw new ClaimLost();
    return await work(tx);
  });
}

/**
 * Tells how far a task is.
 * @throws {ClaimLost} if another worker has it
 * @throws {CancelAsked} if the admin asked it to stop, {PauseAsked} if to wait
 */
export async function noteProgress(
  sql: Queryable,
  claim: Claim,
  progress: {
    readonly step?: string;
    readonly done?: number;
    readonly total?: number | null;
    readonly facts?: Facts;
  },
): Promise<void> {
  const [row] = await sql<{ cancel: boolean; pause: boolean }[]>`
    update tasks set
      step = coalesce(${progress.step ?? null}, step),
      done = coalesce(${progress.done ?? null}, done),
      total = ${progress.total === undefined ? sql`total` : sql`${progress.total}::int`},
      facts = facts || ${sql.json(progress.facts ?? {})}
     where id = ${claim.taskId} and claim = ${claim.number} and state = 'running'
    returning cancel_asked_at is not null as cancel, pause_asked_at is not null as pause`;
  if (!row) throw new ClaimLost();
  if (row.cancel) throw new CancelAsked();
  if (row.pause) throw new PauseAsked();
}

/** Ends a task, or hands it to the admin for review. @throws {ClaimLost} */
export async function settleTask(
  sql: Queryable,
  claim: Claim,
  outcome:
    | { readonly state: "done" | "needs review" | "cancelled"; readonly facts?: Facts }
    | { readonly state: "failed"; readonly failure: Failure },
  at: Date,
): Promise<void> {
  const failure = outcome.state === "failed" ? outcome.failure : null;
  const facts: Facts = outcome.state === "failed" ? {} : outcome.facts ?? {};
  const { count } = await sql`
    update tasks set state = case when ${
    outcome.state === "cancelled"
  } and facts ? 'undo' then 'done' else ${outcome.state} end,
                     step = null,
                     facts = case when ${
    outcome.state === "cancelled"
  } then facts - 'undo' else facts end || ${sql.json(facts)},
                     failure = ${failure === null ? null : sql.json(failure)},
                     finished_at = ${outcome.state === "needs review" ? null : at}::timestamptz
     where id = ${claim.taskId} and claim = ${claim.number} and state = 'running'`;
  if (count === 0) throw new ClaimLost();
}

/**
 * The worker has stopped: the task is paused from now on.
 * @returns false if it was resumed meanwhile, or is another worker's: then it is not for this one to pause
 */
export async function settlePause(sql: Queryable, claim: Claim): Promise<boolean> {
  const { count } = await sql`
    update tasks set state = 'paused', step = null
     where id = ${claim.taskId} and claim = ${claim.number} and state = 'running' and pause_asked_at is not null`;
  return count > 0;
}

/** Sends a reviewed task back to work, with what was decided. @returns false if it no longer waits for review */
export async function resumeTask(sql: Transaction, id: number, facts: Facts): Promise<boolean> {
  const { count } = await sql`
    update tasks set state = 'queued', done = 0, facts = facts || ${sql.json(facts)}
     where id = ${id} and state = 'needs review'`;
  return count > 0;
}

/** What the program does by itself, as a feed at night, is the business of every Administrator. */
function isOwn(sql: Queryable, adminId: number): Fragment {
  return sql`(t.admin_id = ${adminId} or t.admin_id is null
              and exists (select from admins a where a.id = ${adminId} and a.role = 'Administrator'))`;
}

function taskColumns(sql: Queryable): Fragment {
  return sql`t.id, t.kind, t.title, t.admin_id as "adminId", a.name as "adminName", t.state, t.step, t.total, t.done,
             t.facts, t.failure, t.cancel_asked_at is not null as "cancelAsked",
             t.pause_asked_at is not null as "pauseAsked", t.created_at as "createdAt",
             t.started_at as "startedAt", t.finished_at as "finishedAt", f.name as "resultName",
             f.expires_at as "resultUntil"`;
}

function taskTables(sql: Queryable): Fragment {
  return sql`from tasks t left join admins a on a.id = t.admin_id
             left join files f on f.task_id = t.id and f.purpose = 'result'`;
}
