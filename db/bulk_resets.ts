// Whom a reset is for: those chosen, who of them can be mailed, and what it would do, said before it is done.

import type { Queryable } from "./connect.ts";
import { type LedgerFilter, ledgerMatches } from "./credential_mail_list.ts";
import type { Fragment } from "./fragment.ts";
import { linkedTo } from "./linked_groups.ts";
import { allOf, searchPatterns } from "./search.ts";

/** Why a logon gets no mail. */
export type LeftOut = "no email" | "suspended" | "expired" | "email unchecked" | "no learner";

/** A logon as the Bulk Reset window shows it. */
export type Candidate = {
  readonly id: number;
  readonly username: string;
  readonly firstName: string;
  readonly surname: string;
  /** What keeps it out whatever is answered: an email that nobody has vouched for yet is asked about. */
  readonly leftOut: LeftOut | null;
  readonly emailUnchecked: boolean;
  readonly lastLogon: Date | null;
  /** Signed in during the last 7 days. */
  readonly recent: boolean;
};

/** What is searched for in the window. */
export type Scope = { readonly search: string; readonly year: string | null };

/** Whom a reset is for: those named, with all that match a search, or all whose mails match a filter of the ledger. */
export type Choice =
  | { readonly ids: readonly number[]; readonly matching?: Scope }
  | { readonly ledger: LedgerFilter };

/** What "now" means for who can be mailed. */
export type Moment = { readonly at: Date; readonly today: string; readonly leaverDays: number };

/** How many rows the window lists at once. */
const MOST_LISTED = 3000;

/** The logons that match, by username; how many match in all, and how many of those have no email. */
export async function listCandidates(
  sql: Queryable,
  filter: Scope,
  moment: Moment,
): Promise<{ rows: Candidate[]; total: number; withoutEmail: number }> {
  const matching = matchingOf(sql, filter);
  const [counted] = await sql<[{ total: number; withoutEmail: number }]>`
    select count(*)::int as total, count(*) filter (where l.email is null)::int as "withoutEmail"
      from logons l where ${matching}`;
  const rows = await sql<Candidate[]>`
    select l.id, l.username, l.first_name as "firstName", l.surname, l.last_sign_in_at as "lastLogon",
           ${leftOutReason(sql, moment, true)} as "leftOut", l.email_unchecked as "emailUnchecked",
           coalesce(${isRecent(sql, sql`l.last_sign_in_at`, moment)}, false) as recent
      from logons l where ${matching} order by l.username_key collate "C", l.id limit ${MOST_LISTED}`;
  return { rows, ...counted };
}

/** What a reset of these would do: how many mails, who is left out and why, and what the office should know before. */
export type Preflight = {
  readonly chosen: number;
  readonly mails: number;
  readonly leftOut: readonly {
    readonly reason: LeftOut;
    readonly count: number;
    readonly names: readonly string[];
  }[];
  /** Mails that go to a mailbox which another of the chosen has too. */
  readonly sharing: number;
  /** The first of those, mailbox by mailbox. */
  readonly sharers: readonly string[];
  /** Who has signed in during the last 7 days, and will have to use the new password. */
  readonly recent: number;
  /** Who could be mailed, but for an email that nobody has vouched for. */
  readonly unchecked: number;
};

/** What a reset of nobody would do. */
export const NO_PREFLIGHT: Preflight = {
  chosen: 0,
  mails: 0,
  leftOut: [],
  sharing: 0,
  sharers: [],
  recent: 0,
  unchecked: 0,
};

/** @param vouched whether somebody says how the callers were checked whose emails nobody has vouched for */
export async function findPreflight(
  sql: Queryable,
  { choice, vouched }: { readonly choice: Choice; readonly vouched: boolean },
  moment: Moment,
): Promise<Preflight> {
  type Counts = Record<"count" | "sharing" | "recent" | "unchecked", number>;
  const rows = await sql<
    (Counts & { reason: LeftOut | null; names: string[]; sharers: string[] })[]
  >`
    with chosen as (
      select l.id, l.first_name || ' ' || l.surname as name, l.last_sign_in_at, email_key(l.email) as mailbox,
             l.email_unchecked and ${cannotUse(sql, moment)} is null as asked, ${
    leftOutReason(sql, moment, vouched)
  } as reason
        from logons l where ${chosenOf(sql, choice, moment)}
    ), shared as (
      select mailbox from chosen where reason is null group by mailbox having count(*) > 1
    )
    select reason, count(*)::int as count, (array_agg(name order by name))[1:3] as names,
           count(*) filter (where mailbox in (select mailbox from shared))::int as sharing,
           coalesce((array_agg(name order by mailbox, name)
             filter (where mailbox in (select mailbox from shared)))[1:4], '{}') as sharers,
           count(*) filter (where ${isRecent(sql, sql`last_sign_in_at`, moment)})::int as recent,
           count(*) filter (where asked)::int as unchecked
      from chosen group by reason`;
  const mailed = rows.find((row) => row.reason === null);
  return {
    chosen: rows.reduce((sum, row) => sum + row.count, 0),
    mails: mailed?.count ?? 0,
    leftOut: rows.flatMap((row) =>
      row.reason === null ? [] : [{ reason: row.reason, count: row.count, names: row.names }]
    ),
    sharing: mailed?.sharing ?? 0,
    sharers: mailed?.sharers ?? [],
    recent: mailed?.recent ?? 0,
    unchecked: rows.reduce((sum, row) => sum + row.unchecked, 0),
  };
}

/** Whether somebody has signed in lately, and will have to use a new password. */
function isRecent(sql: Queryable, lastSignIn: Fragment, moment: Moment): Fragment {
  return sql`${lastSignIn} > ${moment.at}::timestamptz - interval '7 days'`;
}

/** Whether logon `l` is one of the chosen. */
export function chosenOf(
  sql: Queryable,
  choice: Choice,
  moment: Moment,
): Fragment {
  if ("ids" in choice) {
    const named = sql`(l.id = any(${[...choice.ids]}::bigint[]) and l.deleted_at is null)`;
    return choice.matching === undefined
      ? named
      : sql`(${named} or ${matchingOf(sql, choice.matching)})`;
  }
  return sql`(l.deleted_at is null and l.id in (
    select m.logon_id from credential_mails m where ${
    ledgerMatches(sql, sql`m`, choice.ledger, moment.at)
  }))`;
}

/** Why logon `l` gets no mail; null if it gets one. @param vouched for emails that nobody has vouched for */
export function leftOutReason(
  sql: Queryable,
  moment: Moment,
  vouched = false,
): Fragment {
  return sql`case
    when l.email is null then 'no email'
    when l.email_unchecked and not ${vouched}::boolean then 'email unchecked'
    else ${cannotUse(sql, moment)}
  end`;
}

/** Why logon `l` could not use a new password; null if it could. */
export function cannotUse(sql: Queryable, moment: Moment): Fragment {
  return sql`case
    when l.suspended_at is not null then 'suspended'
    when l.expires_on < ${moment.today}::date then 'expired'
    when coalesce(l.learners_until, '-infinity') < ${moment.today}::date - ${moment.leaverDays}::int then 'no learner'
  end`;
}

/** Whether logon `l` matches what was typed in the window. */
export function matchingOf(
  sql: Queryable,
  filter: { readonly search: string; readonly year: string | null },
): Fragment {
  return allOf(sql, [
    sql`l.deleted_at is null`,
    ...searchPatterns(filter.search).map((pattern) => sql`l.search_key like ${pattern}`),
    ...linkedTo(sql, sql`l`, { year: filter.year }),
  ]);
}
