// The ledger as it is read: every mail and letter newest first, filtered, a page at a time, quick at 100,000.

import type { Queryable } from "./connect.ts";
import type { MailState } from "./credential_mails.ts";
import type { Fragment } from "./fragment.ts";
import { linkedTo } from "./linked_groups.ts";
import { findPage, type Page } from "./paging.ts";
import { allOf, searchPatterns } from "./search.ts";

/** What can be asked for by state: one that a mail has, or what the office must look after. */
export const LEDGER_STATES = [
  "open",
  "accepted",
  "not-used",
  "password-expired",
  "failed",
  "refused",
  "unknown",
  "bounced",
  "left-out",
  "superseded",
  "cancelled",
] as const;
export type LedgerState = (typeof LEDGER_STATES)[number];

/** Which mails: what the address bar says. */
export type LedgerFilter = {
  readonly search: string;
  readonly logon: number | null;
  readonly task: number | null;
  readonly kind: "mail" | "letter" | null;
  readonly state: LedgerState | null;
  /** For `not-used`: days since the mail server accepted it. */
  readonly days: number;
  readonly year: string | null;
  readonly group: string | null;
};

/** A line of the ledger. */
export type LedgerEntry = {
  readonly id: number;
  readonly kind: "mail" | "letter";
  readonly taskId: number | null;
  readonly logonId: number | null;
  readonly name: string;
  readonly username: string;
  readonly address: string | null;
  readonly state: MailState;
  /** The mail server's words, or why it was left out. */
  readonly answer: string | null;
  /** The words in which it came back. */
  readonly bounceWords: string | null;
  readonly askedAt: Date;
  readonly askedBy: string | null;
  readonly settledAt: Date | null;
  readonly firstUsedAt: Date | null;
  /** Whether the logon is still there and was not deleted. */
  readonly logonLives: boolean;
};

export type LedgerPage = Omit<Page, "ids"> & { readonly entries: readonly LedgerEntry[] };

/** One page of the ledger, newest first. */
export async function listLedger(
  sql: Queryable,
  filter: LedgerFilter,
  place: { readonly after: number | null; readonly before: number | null },
  at: Date,
): Promise<LedgerPage> {
  const { ids, ...page } = await findPage(sql, { ...place, descending: true }, {
    table: "credential_mails",
    matching: ledgerMatches(sql, sql`l`, filter, at),
    filtered: isFiltered(filter),
    columns: ["id"],
    keysOf: (row) => [sql`${row}.id`],
  });
  return { ...page, entries: await findEntries(sql, ids) };
}

/** One line of the ledger; null if there is none with this id. */
export async function findEntry(sql: Queryable, id: number): Promise<LedgerEntry | null> {
  const [entry] = await findEntries(sql, [id]);
  return entry ?? null;
}

/** What was sent to a logon, newest first: the envelope's window. */
export async function listEntriesOf(
  sql: Queryable,
  logonId: number,
  limit: number,
): Promise<LedgerEntry[]> {
  const rows = await sql<{ id: number }[]>`
    select m.id from credential_mails m where m.logon_id = ${logonId} order by m.id desc limit ${limit}`;
  return await findEntries(sql, rows.map((row) => row.id));
}

/** The mails of a task; only those that were not accepted, if asked so. */
export async function listTaskMails(
  sql: Queryable,
  taskId: number,
  wanted: { readonly notAccepted: boolean; readonly after: number; readonly limit: number },
): Promise<LedgerEntry[]> {
  const rows = await sql<{ id: number }[]>`
    select m.id from credential_mails m
     where m.task_id = ${taskId} and m.id > ${wanted.after}
       ${wanted.notAccepted ? sql`and m.state <> 'accepted'` : sql``}
     order by m.id limit ${wanted.limit}`;
  return await findEntries(sql, rows.map((row) => row.id));
}

/** The filter that says nothing. */
export const WHOLE_LEDGER: LedgerFilter = {
  search: "",
  logon: null,
  task: null,
  kind: null,
  state: null,
  days: 7,
  year: null,
  group: null,
};

/** How many logons of a task can be tried again: their mail did not get out, and nothing newer was sent. */
export async function countFailed(sql: Queryable, taskId: number, at: Date): Promise<number> {
  const failed = { ...WHOLE_LEDGER, task: taskId, state: "failed" } as const;
  const [row] = await sql<[{ count: number }]>`
    select count(distinct m.logon_id)::int as count from credential_mails m join logons l on l.id = m.logon_id
     where l.deleted_at is null and ${ledgerMatches(sql, sql`m`, failed, at)}`;
  return row.count;
}

/** Whether the mail with the alias `m` matches. */
export function ledgerMatches(
  sql: Queryable,
  m: Fragment,
  filter: LedgerFilter,
  at: Date,
): Fragment {
  const ofLogon = [
    ...searchPatterns(filter.search).map((pattern) => sql`o.search_key like ${pattern}`),
    ...linkedTo(sql, sql`o`, filter),
  ];
  return allOf(sql, [
    ...(filter.logon === null ? [] : [sql`${m}.logon_id = ${filter.logon}`]),
    ...(filter.task === null ? [] : [sql`${m}.task_id = ${filter.task}`]),
    ...(filter.kind === null ? [] : [sql`${m}.kind = ${filter.kind}`]),
    ...(filter.state === null ? [] : [stateCondition(sql, m, filter, at)]),
    ...(ofLogon.length === 0 ? [] : [sql`${m}.logon_id in (
      select o.id from logons o where o.deleted_at is null and ${allOf(sql, ofLogon)})`]),
  ]);
}

function stateCondition(sql: Queryable, m: Fragment, filter: LedgerFilter, at: Date): Fragment {
  // What a newer mail has made up for needs nobody's care.
  const newest = sql`not exists (
    select from newest_mails n where n.logon_id = ${m}.logon_id and n.mail_id > ${m}.id)`;
  switch (filter.state) {
    case "open":
      return sql`${m}.settled_at is null`;
    case "not-used":
      return sql`(${m}.state = 'accepted' and ${m}.first_used_at is null
        and ${m}.settled_at <= ${at}::timestamptz - make_interval(days => ${filter.days}) and ${newest}
        and not exists (
          select from logons o where o.id = ${m}.logon_id and o.last_sign_in_at >= ${m}.settled_at))`;
    case "password-expired":
      // Also of whoever signed in with it once and chose none of their own.
      return sql`(${m}.state = 'accepted' and ${newest} and exists (
        select from logons o where o.id = ${m}.logon_id and o.password_until <= ${at} and o.deleted_at is null))`;
    case "failed":
      return sql`(${m}.state in ('refused', 'unknown', 'bounced', 'cancelled') and ${m}.settled_at is not null
        and ${m}.kind = 'mail' and ${newest})`;
    case "left-out":
      return sql`${m}.state = 'left out'`;
    default:
      return sql`${m}.state = ${filter.state}`;
  }
}

function isFiltered(filter: LedgerFilter): boolean {
  const { search, logon, task, kind, state, year, group } = filter;
  return search !== "" || [logon, task, kind, state, year, group].some((one) => one !== null);
}

async function findEntries(sql: Queryable, ids: readonly number[]): Promise<LedgerEntry[]> {
  if (ids.length === 0) return [];
  return await sql<LedgerEntry[]>`
    select m.id, m.kind, m.task_id as "taskId", m.logon_id as "logonId", m.name, m.username, m.address, m.state, m.answer,
           m.bounce_words as "bounceWords", m.asked_at as "askedAt", a.name as "askedBy",
           m.settled_at as "settledAt", m.first_used_at as "firstUsedAt",
           coalesce(l.id is not null and l.deleted_at is null, false) as "logonLives"
      from unnest(${[...ids]}::bigint[]) with ordinality as wanted (id, place)
      join credential_mails m on m.id = wanted.id
      left join admins a on a.id = m.asked_by
      left join logons l on l.id = m.logon_id
     order by wanted.place`;
}
