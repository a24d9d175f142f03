// The sign-in history as the office reads it: every try at the portal, newest first, and who seems to be guessing.

import { describeDevice } from "../lib/devices.ts";
import { addAudit, type Author } from "./audit.ts";
import type { Queryable, Transaction } from "./connect.ts";
import type { Fragment } from "./fragment.ts";
import { findPage, type Page } from "./paging.ts";
import { allOf, searchPatterns } from "./search.ts";
import type { Outcome } from "./sign_ins.ts";
import { addTask, type Facts } from "./tasks.ts";

/** The kind of the tasks that export it. */
export const SIGN_IN_EXPORT = "sign in export";

/** What can be asked for: how it went, by and large or exactly. */
export const SIGN_IN_RESULTS = [
  "success",
  "failed",
  "wrong password",
  "wrong code",
  "code not checked",
  "waiting",
  "unknown username",
  "password expired",
  "no password",
  "shut out",
] as const;
export type SignInResult = typeof SIGN_IN_RESULTS[number];

/** Which tries: what the address bar says. */
export type SignInFilter = {
  readonly search: string;
  readonly logon: number | null;
  readonly result: SignInResult | null;
  /** From where, as an address is written. */
  readonly ip: string | null;
  /** Whole days in the school's time zone, as 2026-11-24; null for no end. */
  readonly from: string | null;
  readonly to: string | null;
};

export type SignInEntry = {
  readonly id: number;
  readonly at: Date;
  readonly outcome: Outcome;
  readonly logonId: number | null;
  /** As they were; null for an unknown username, of which nothing is kept. */
  readonly name: string | null;
  readonly username: string | null;
  readonly email: string | null;
  /** Names, with their registration groups. */
  readonly learners: readonly string[];
  readonly ip: string | null;
  /** As "Firefox on Windows"; null if the browser did not say, or is not known. */
  readonly device: string | null;
  /** Whether the logon is still there and was not deleted. */
  readonly logonLives: boolean;
};

export type SignInPage = Omit<Page, "ids"> & { readonly entries: readonly SignInEntry[] };

/** One page, newest first. */
export async function listSignIns(
  sql: Queryable,
  filter: SignInFilter,
  place: { readonly after: number | null; readonly before: number | null },
  timeZone: string,
): Promise<SignInPage> {
  const leftBehind = await findsLeftBehind(sql, filter.search);
  const { ids, ...page } = await findPage(sql, { ...place, descending: true }, {
    table: "sign_ins",
    matching: signInMatches(sql, filter, leftBehind, timeZone),
    // A school has millions: they are always counted up to a limit.
    filtered: true,
    columns: ["id", "at"],
    keysOf: (row) => [sql`${row}.at`, sql`${row}.id`],
  });
  return { ...page, entries: await findEntries(sql, ids) };
}

/** How many tries an export has. */
export async function countSignIns(
  sql: Queryable,
  filter: SignInFilter,
  timeZone: string,
): Promise<number> {
  const leftBehind = await findsLeftBehind(sql, filter.search);
  const [row] = await sql<[{ count: number }]>`
    select count(*)::int as count from sign_ins l where ${
    signInMatches(sql, filter, leftBehind, timeZone)
  }`;
  return row.count;
}

/** The tries of an export, in lots: those older than the last one seen. */
export async function listSignInsBefore(
  sql: Queryable,
  filter: SignInFilter,
  last: { readonly at: Date; readonly id: number } | null,
  limit: number,
  timeZone: string,
): Promise<SignInEntry[]> {
  const leftBehind = await findsLeftBehind(sql, filter.search);
  const rows = await sql<{ id: number }[]>`
    select l.id from sign_ins l
     where ${signInMatches(sql, filter, leftBehind, timeZone)}
       and ${last === null ? sql`true` : sql`(l.at, l.id) < (${last.at}, ${last.id})`}
     order by l.at desc, l.id desc limit ${limit}`;
  return await findEntries(sql, rows.map((row) => row.id));
}

/** Who is made to wait now, and where many wrong tries came from during the last day. */
export type Guessing = {
  readonly waiting: readonly {
    readonly logonId: number;
    readonly name: string;
    readonly username: string;
    readonly failures: number;
    readonly until: Date;
  }[];
  readonly addresses: readonly {
    readonly ip: string;
    readonly failures: number;
    /** How many known logons were tried; unknown usernames are counted with the failures alone. */
    readonly logons: number;
    readonly lastAt: Date;
  }[];
};

/** The addresses, with until when everybody there has to wait; null if nobody has to. */
export type GuessingSeen = Omit<Guessing, "addresses"> & {
  readonly addresses:
    readonly (Guessing["addresses"][number] & { readonly waitsUntil: Date | null })[];
};

/** Wrong tries from one address within a day that are worth a look. */
const MANY_FAILURES = 10;
const MOST_SHOWN = 10;

/** A try that was wrong. In two parts: the first is, word for word, the condition of the index `sign_ins_failures`, the second is no guess. */
function isWrong(sql: Queryable): Fragment {
  return sql`outcome not in ('success', 'waiting for code') and outcome <> 'code not checked'`;
}

export async function findGuessing(sql: Queryable, at: Date): Promise<Guessing> {
  const [waiting, addresses] = await Promise.all([
    sql<[...Guessing["waiting"]]>`
      select l.id as "logonId", l.first_name || ' ' || l.surname as name, l.username,
             max(t.failures) as failures, max(t.waits_until) as until
        from throttles t join logons l on l.id = t.logon_id
       where t.waits_until > ${at} and l.deleted_at is null
       group by l.id order by until desc, l.id limit ${MOST_SHOWN}`,
    sql<[...Guessing["addresses"]]>`
      select host(ip) as ip, count(*)::int as failures, count(distinct logon_id)::int as logons, max(at) as "lastAt"
        from sign_ins
       where ${isWrong(sql)} and at > ${at}::timestamptz - interval '1 day' and ip is not null
       group by ip having count(*) >= ${MANY_FAILURES}
       order by failures desc, ip limit ${MOST_SHOWN}`,
  ]);
  return { waiting, addresses };
}

/** Starts the task that writes the history into a workbook. @returns its id */
export async function startSignInExport(
  sql: Transaction,
  filter: SignInFilter,
  by: { readonly adminId: number; readonly author: Author; readonly title: string },
): Promise<number> {
  const taskId = await addTask(sql, {
    kind: SIGN_IN_EXPORT,
    title: by.title,
    adminId: by.adminId,
    facts: filter,
    requestId: by.author.requestId ?? null,
  });
  await addAudit(sql, [{
    ...by.author,
    what: "export sign in history",
    subject: "task",
    subjectId: taskId,
    after: filter,
  }]);
  return taskId;
}

/** What a task's export is about, from its facts. */
export function readExportFacts(facts: Facts): SignInFilter {
  const text = (name: string): string | null => {
    const value = facts[name];
    return typeof value === "string" ? value : null;
  };
  return {
    search: text("search") ?? "",
    logon: typeof facts["logon"] === "number" ? facts["logon"] : null,
    result: SIGN_IN_RESULTS.find((result) => result === text("result")) ?? null,
    ip: text("ip"),
    from: text("from"),
    to: text("to"),
  };
}

/** Whether a search finds tries of logons that are gone for good: seldom, and then it is asked for in another way. */
async function findsLeftBehind(sql: Queryable, search: string): Promise<boolean> {
  const patterns = searchPatterns(search);
  // A single letter begins a word of nearly everybody, and no index knows it.
  if (patterns.every((pattern) => pattern.length < "% ab%".length)) return false;
  // All of them, by their index: for a single one Postgres would rather read the whole table.
  const rows = await sql`
    with found as materialized (select s.id from sign_ins s where ${isLeftBehind(sql, patterns)})
    select from found limit 1`;
  return rows.length > 0;
}

function isLeftBehind(sql: Queryable, patterns: readonly string[]): Fragment {
  return allOf(sql, patterns.map((pattern) => sql`s.left_behind_key like ${pattern}`));
}

function signInMatches(
  sql: Queryable,
  filter: SignInFilter,
  leftBehind: boolean,
  timeZone: string,
): Fragment {
  const { search, logon, result, ip, from, to } = filter;
  const patterns = searchPatterns(search);
  const logons = sql`
    select o.id from logons o where ${
    allOf(sql, patterns.map((pattern) => sql`o.search_key like ${pattern}`))
  }`;
  return allOf(sql, [
    ...(logon === null ? [] : [sql`l.logon_id = ${logon}`]),
    ...(result === null ? [] : [resultCondition(sql, result)]),
    ...(ip === null ? [] : [sql`l.ip = ${ip}::inet`]),
    ...(from === null ? [] : [sql`l.at >= (${from}::date)::timestamp at time zone ${timeZone}`]),
    ...(to === null ? [] : [sql`l.at < (${to}::date + 1)::timestamp at time zone ${timeZone}`]),
    ...(patterns.length === 0 ? [] : leftBehind
      ? [sql`l.id in (
          select s.id from sign_ins s where s.logon_id in (${logons})
          union all
          select s.id from sign_ins s where ${isLeftBehind(sql, patterns)})`]
      : [sql`l.logon_id in (${logons})`]),
  ]);
}

function resultCondition(sql: Queryable, result: SignInResult): Fragment {
  switch (result) {
    case "failed":
      return sql`l.outcome not in ('success', 'waiting for code')`;
    case "shut out":
      return sql`l.outcome in ('suspended', 'expired', 'deleted')`;
    default:
      return sql`l.outcome = ${result}`;
  }
}

async function findEntries(sql: Queryable, ids: readonly number[]): Promise<SignInEntry[]> {
  if (ids.length === 0) return [];
  const rows = await sql<(Omit<SignInEntry, "device"> & { userAgent: string | null })[]>`
    select s.id, s.at, s.outcome, s.logon_id as "logonId", s.first_name || ' ' || s.surname as name, s.username,
           s.email, coalesce(s.learners, '{}') as learners, host(s.ip) as ip, s.user_agent as "userAgent",
           coalesce(l.id is not null and l.deleted_at is null, false) as "logonLives"
      from unnest(${[...ids]}::bigint[]) with ordinality as wanted (id, place)
      join sign_ins s on s.id = wanted.id
      left join logons l on l.id = s.logon_id
     order by wanted.place`;
  return rows.map(({ userAgent, ...entry }) => ({ ...entry, device: describeDevice(userAgent) }));
}
