// Feeds: starting one, deciding whether somebody must look, listing what it changes, and counting what became of it.

import { daysAfter } from "../lib/days.ts";
import type { Feed } from "../lib/feeds/feed.ts";
import { addAudit, type Author } from "./audit.ts";
import type { Queryable, Transaction } from "./connect.ts";
import type { Fragment } from "./fragment.ts";
import { type FeedClass, type RecordKind } from "./feed_diff.ts";
import { fileNameOf, putFile } from "./files.ts";
import { addTask, type Facts, resumeTask, type Task } from "./tasks.ts";

/** The kind of these tasks, and of their job. */
export const FEED = "feed";
/** Held while a feed is written or undone: two at once would each find the other's people missing. */
export const LOCK = 7_061_772_017;

/** A file that somebody sent, or that lay in the folder. */
export type FeedFile = {
  /** null: the program itself read it, at night or by command. */
  readonly adminId: number | null;
  readonly name: string;
  readonly bytes: Uint8Array;
  /** SHA-256 of its content. */
  readonly checksum: Uint8Array;
  /** Somebody says that everybody is in it, where the format cannot say so. */
  readonly isComplete: boolean;
  /** The task that has to be over first: contacts refer to learners. */
  readonly after?: number | null;
  /** What somebody says it is; anything else is refused. */
  readonly expected?: string | null;
  readonly at: Date;
  readonly requestId: string | null;
};

/** Stores a file and the task that reads it; the caller sends the job in the same transaction. @returns the task's id */
export async function startFeed(sql: Transaction, file: FeedFile): Promise<number> {
  const name = fileNameOf(file.name);
  const taskId = await addTask(sql, {
    kind: FEED,
    title: `Feed ${name}`,
    adminId: file.adminId,
    facts: {
      file: name,
      sentAsComplete: file.isComplete,
      byHand: file.adminId !== null,
      after: file.after ?? null,
      expected: file.expected ?? null,
    },
    requestId: file.requestId,
  });
  await putFile(sql, {
    taskId,
    purpose: "upload",
    name,
    mediaType: "application/octet-stream",
    bytes: file.bytes,
    at: file.at,
  });
  await sql`insert into feed_files (checksum, task_id) values (${file.checksum}, ${taskId})`;
  return taskId;
}

/** Tells in Task Alerts that a night brought nothing: a folder that was left alone for weeks is noticed. */
export async function startEmptyFeed(
  sql: Transaction,
  night: { readonly problem: string | null; readonly at: Date },
): Promise<number> {
  const taskId = await addTask(sql, {
    kind: FEED,
    title: "Feed from the folder",
    adminId: null,
    facts: { nothing: night.problem === null },
    requestId: null,
  });
  await sql`
    update tasks set state = ${
    night.problem === null ? "done" : "failed"
  }, finished_at = ${night.at},
                     failure = ${
    night.problem === null ? null : sql.json({ code: "refused", sentence: night.problem })
  }
     where id = ${taskId}`;
  await dismissEarlierFeeds(sql, taskId, night.at);
  return taskId;
}

export async function isFeedNightDone(sql: Queryable, day: string): Promise<boolean> {
  return (await sql`select from feed_nights where day = ${day}`).length > 0;
}

/** Notes that the folder was looked into today. @returns false if another node has already */
export async function addFeedNight(sql: Transaction, day: string, at: Date): Promise<boolean> {
  const { count } = await sql`
    insert into feed_nights (day, looked_at) values (${day}, ${at}) on conflict (day) do nothing`;
  return count > 0;
}

/** The task that read a file of this content and did not fail; null if none has. */
export async function findReading(sql: Queryable, checksum: Uint8Array): Promise<number | null> {
  const [row] = await sql<{ id: number }[]>`
    select t.id from feed_files f join tasks t on t.id = f.task_id
     where f.checksum = ${checksum} and t.state not in ('failed', 'cancelled')
     order by t.id desc limit 1`;
  return row?.id ?? null;
}

/** A newer file of the same kind takes the place of those from the folder that still wait for somebody to look. */
export async function supersedeFeeds(
  tx: Transaction,
  taskId: number,
  feed: Feed["kind"],
  at: Date,
): Promise<void> {
  await tx`
    update tasks set state = 'cancelled', finished_at = ${at}, facts = facts || '{"superseded": true}'
     where kind = ${FEED} and id < ${taskId} and admin_id is null and state = 'needs review'
       and facts->>'feed' = ${feed}`;
}

/** Takes the alerts of earlier nights away, so that one stands there. */
export async function dismissEarlierFeeds(
  tx: Transaction,
  taskId: number,
  at: Date,
): Promise<void> {
  await tx`
    update tasks set dismissed_at = ${at}
     where kind = ${FEED} and id < ${taskId} and admin_id is null and dismissed_at is null
       and finished_at is not null`;
}

/** Of what a plan has counted. */
function countOf(facts: Facts, kind: RecordKind, is: FeedClass): number {
  const value = facts[`${kind} ${is}`];
  return typeof value === "number" ? value : 0;
}

/** Of all kinds together. */
function countOfClass(facts: Facts, is: FeedClass): number {
  return countOf(facts, "learner", is) + countOf(facts, "contact", is) +
    countOf(facts, "relationship", is);
}

/** How many records a plan would write. */
function countPlanned(facts: Facts): number {
  return countOfClass(facts, "create") + countOfClass(facts, "update") +
    countOfClass(facts, "leaver");
}

/** Why somebody has to look before anything is written; null if nobody has. */
export type ReviewReason = "sent by hand" | "leavers" | "taken off" | "errors";

/**
 * Decides whether a plan may be written at once. What somebody sent is looked at by somebody; what came by night is written
 * unless it has more faults than the school allows, or would make more than a tenth leave at once.
 */
export function reviewReason(facts: Facts, mostErrors: number): ReviewReason | null {
  const untold = typeof facts["untold"] === "number" ? facts["untold"] : 0;
  const errors = countOfClass(facts, "error") + countOfClass(facts, "conflict") + untold;
  if (isOverTenth(countOf(facts, "learner", "leaver"), facts["knownLearners"])) return "leavers";
  if (isOverTenth(countOf(facts, "relationship", "leaver"), facts["knownRelationships"])) {
    return "taken off";
  }
  if (facts["byHand"] === true) {
    return countPlanned(facts) + errors === 0 ? null : "sent by hand";
  }
  return errors > mostErrors ? "errors" : null;
}

function isOverTenth(part: number, whole: Facts[string] | undefined): boolean {
  return part > 0 && part * 10 > (typeof whole === "number" ? whole : 0);
}

/** Sends a reviewed feed on to be written; the caller sends the job in the same transaction. @returns false if it no longer waits */
export async function approveFeed(
  sql: Transaction,
  taskId: number,
  author: Author,
): Promise<boolean> {
  if (!await resumeTask(sql, taskId, { approved: true })) return false;
  await addAudit(sql, [{ ...author, what: "approve feed", subject: "task", subjectId: taskId }]);
  return true;
}

export type FeedItemState = "planned" | "done" | "left out" | "failed" | "undone" | "kept";

/** What is wrong with a record, or why it leaves: a view has the sentences. */
export type FeedItemProblem = {
  readonly code:
    | "said"
    | "two for one"
    | "number of another"
    | "UPN of another"
    | "another person"
    | "several contacts"
    | "no learner"
    | "unknown learner"
    | "unknown contact"
    | "learner left out"
    | "contact left out"
    | "absent"
    | "taken off"
    | "changed";
  readonly sentence?: string;
  readonly who?: string;
  readonly value?: string;
};

/** Values of a learner, a contact or a relationship by field. */
export type FeedValues = Readonly<Record<string, string | number | boolean | null>>;

/** A record that a feed changes, or could not read. */
export type FeedItem = {
  readonly position: number;
  readonly kind: RecordKind;
  readonly class: FeedClass;
  readonly state: FeedItemState;
  readonly who: string;
  readonly file: string | null;
  readonly line: number | null;
  readonly before: FeedValues | null;
  readonly after: FeedValues;
  readonly problems: readonly FeedItemProblem[];
};

/** Records in the order of the feed, a page at a time. @param wanted.after position of the last of the page before, or 0 */
export async function listFeedItems(
  sql: Queryable,
  taskId: number,
  wanted: { readonly class: FeedClass | null; readonly after: number; readonly limit: number },
): Promise<FeedItem[]> {
  return await sql<FeedItem[]>`
    select position, kind, class, state, who, file, line, before, after, problems from feed_items
     where task_id = ${taskId} and position > ${wanted.after}
       and ${wanted.class === null ? sql`class <> 'unchanged'` : sql`class = ${wanted.class}`}
     order by position limit ${wanted.limit}`;
}

/** How many records of each class a feed changes. */
export async function countFeedItems(
  sql: Queryable,
  taskId: number,
): Promise<Map<FeedClass, number>> {
  const rows = await sql<{ class: FeedClass; count: number }[]>`
    select class, count(*)::int as count from feed_items
     where task_id = ${taskId} and class <> 'unchanged' group by class`;
  return new Map(rows.map((row) => [row.class, row.count]));
}

/** What has become of a feed, as facts of its task: "done learner create" and the like. */
export async function countFeedOutcomes(sql: Queryable, taskId: number): Promise<Facts> {
  const rows = await sql<{ name: string; count: number }[]>`
    select state || ' ' || kind || ' ' || class as name, count(*)::int as count from feed_items
     where task_id = ${taskId} and state in ('done', 'undone', 'kept') and class <> 'unchanged' group by 1`;
  const [row] = await sql<[{ leftOut: number; failed: number }]>`
    select count(*) filter (where state = 'left out')::int as "leftOut",
           count(*) filter (where state = 'failed')::int as failed
      from feed_items where task_id = ${taskId}`;
  return { ...Object.fromEntries(rows.map(({ name, count }) => [name, count])), ...row };
}

/** Forgets the records of feeds that ended so many days ago: they can be undone no more, the task's counts stay. @returns how many */
export async function purgeFeedItems(sql: Queryable, at: Date, days: number): Promise<number> {
  const { count } = await sql`delete from feed_items i where ${isOldFeedItem(sql, at, days)}`;
  return count;
}

/** Of item `i`: that its feed ended so many days ago. */
export function isOldFeedItem(sql: Queryable, at: Date, days: number): Fragment {
  return sql`i.task_id in (
    select t.id from tasks t where t.kind = ${FEED} and t.finished_at < ${daysAfter(at, -days)})`;
}

/** The feeds that were read last, newest first. */
export async function listFeedTasks(sql: Queryable, limit: number): Promise<Task[]> {
  return await sql<Task[]>`
    select t.id, t.kind, t.title, t.admin_id as "adminId", a.name as "adminName", t.state, t.step, t.total, t.done,
           t.facts, t.failure, t.cancel_asked_at is not null as "cancelAsked", t.created_at as "createdAt",
           t.finished_at as "finishedAt", null as "resultName"
      from tasks t left join admins a on a.id = t.admin_id
     where t.kind = ${FEED} order by t.id desc limit ${limit}`;
}
