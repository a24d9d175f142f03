// How many families can get in: by year and registration group, the learners with a parent who has a logon, was mailed, signed in.

import { addAudit, type Author } from "./audit.ts";
import type { Queryable, Transaction } from "./connect.ts";
import type { Fragment } from "./fragment.ts";
import { addTask, type Facts } from "./tasks.ts";

/** The kind of the tasks that export it. */
export const COVERAGE_EXPORT = "coverage export";

/**
 * What a learner's parents may lack, in the order in which it is mended. Each holds the one before: whoever has no logon
 * has not signed in either.
 */
export const LACKS = ["logon", "mail", "sign-in"] as const;
export type Lack = (typeof LACKS)[number];

/** Of some learners, how many have a parent who can see them and … */
export type Counts = {
  readonly learners: number;
  /** … has a logon. */
  readonly logon: number;
  /** … was sent login details, by mail or on paper, or has signed in: the ledger is not kept for ever. */
  readonly mailed: number;
  /** … has signed in. */
  readonly signedIn: number;
};

export type GroupCoverage = Counts & {
  /** null: learners without a registration group. */
  readonly group: string | null;
};

export type YearCoverage = Counts & {
  /** null: learners without a year group. */
  readonly year: string | null;
  readonly groups: readonly GroupCoverage[];
};

export type Coverage = {
  readonly total: Counts;
  /** In their order, 7 before 10; learners without a year come last. */
  readonly years: readonly YearCoverage[];
};

/** Which learners are counted: those at school, and those who are to come if asked so. */
export type CoverageScope = { readonly applicants: boolean };

/** Counts it, in one question. @param today the school's date, as 2026-11-24 */
export async function findCoverage(
  sql: Queryable,
  scope: CoverageScope,
  today: string,
): Promise<Coverage> {
  const rows = await sql<(GroupCoverage & { year: string | null })[]>`
    with reached as (
      select k.learner_id,
             max(case when ${hasCome(sql, "sign-in")} then 3 when ${
    hasCome(sql, "mail")
  } then 2 else 1 end) as stage
        from logon_learners k where ${canSee(sql, today)}
       group by k.learner_id
    )
    select p.year_group as year, p.registration_group as "group", count(*)::int as learners,
           (count(*) filter (where r.stage >= 1))::int as logon,
           (count(*) filter (where r.stage >= 2))::int as mailed,
           (count(*) filter (where r.stage >= 3))::int as "signedIn"
      from learners p left join reached r on r.learner_id = p.id
     where ${isCounted(sql, sql`p`, scope)}
     group by p.year_group, p.registration_group, p.year_key, p.group_key
     order by p.year_group is null, p.year_key, p.year_group, p.registration_group is null, p.group_key,
              p.registration_group`;
  return gather(rows);
}

/** Adds the groups up to years, and these to the whole school. */
function gather(rows: readonly (GroupCoverage & { year: string | null })[]): Coverage {
  const years = [...Map.groupBy(rows, (row) => row.year)].map(([year, groups]) => ({
    year,
    ...sum(groups),
    groups: groups.map(({ year: _, ...group }) => group),
  }));
  return { total: sum(years), years };
}

function sum(parts: readonly Counts[]): Counts {
  const all = { learners: 0, logon: 0, mailed: 0, signedIn: 0 };
  for (const part of parts) {
    all.learners += part.learners;
    all.logon += part.logon;
    all.mailed += part.mailed;
    all.signedIn += part.signedIn;
  }
  return all;
}

/** Whether learner `p` is counted; a leaver never is. */
export function isCounted(sql: Queryable, p: Fragment, scope: CoverageScope): Fragment {
  return scope.applicants
    ? sql`${p}.status in ('Current', 'Applicant')`
    : sql`${p}.status = 'Current'`;
}

/**
 * Whether the parent of link `k` sees its learner: the logon lets them in (as findParentSession asks) and no block stands
 * between (as blocked_pairs asks). The learner is not a leaver, so isSeen holds. Few logons are shut and few pairs blocked:
 * leaving them out takes a third of the time of joining all the others.
 */
export function canSee(sql: Queryable, today: string): Fragment {
  return sql`(k.logon_id not in (
      select id from logons where deleted_at is not null
      union all select id from logons where suspended_at is not null
      union all select id from logons where expires_on < ${today}::date)
    and (k.learner_id, k.logon_id) not in (
      select b.learner_id, o.id from blocks b join logons o on o.id = b.logon_id or o.contact_id = b.contact_id
       where b.lifted_at is null))`;
}

/** Whether the parent of link `k` has come so far that this is not lacking any more. */
export function hasCome(sql: Queryable, lack: Lack): Fragment {
  const neverSignedIn =
    sql`select o.id from logons o where o.sign_in_count = 0 and o.deleted_at is null`;
  switch (lack) {
    case "logon":
      return sql`true`;
    case "mail":
      // What did not arrive, or was never printed, is not accepted.
      return sql`k.logon_id not in (${neverSignedIn} and not exists (
        select from credential_mails m where m.logon_id = o.id and m.state = 'accepted'))`;
    case "sign-in":
      return sql`k.logon_id not in (${neverSignedIn})`;
  }
}

/** Starts the task that writes it into a workbook. @returns its id */
export async function startCoverageExport(
  sql: Transaction,
  scope: CoverageScope,
  by: { readonly adminId: number; readonly author: Author },
): Promise<number> {
  const taskId = await addTask(sql, {
    kind: COVERAGE_EXPORT,
    title: "Coverage",
    adminId: by.adminId,
    facts: scope,
    requestId: by.author.requestId ?? null,
  });
  await addAudit(sql, [{
    ...by.author,
    what: "export coverage",
    subject: "task",
    subjectId: taskId,
    after: scope,
  }]);
  return taskId;
}

/** What a task's export is about, from its facts. */
export function readCoverageFacts(facts: Facts): CoverageScope {
  return { applicants: facts["applicants"] === true };
}
