// How many families can get in: by year and registration group, the learners with a parent who has a logon, was mailed, signed in.

import { addAudit, type Author } from "./audit.ts";
import type { Queryable, Transaction } from "./connect.ts";
import type { Fragment } from "./fragment.ts";
import { learnerStages } from "./learner_coverage.ts";
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
  /** … was sent login details, by mail or on paper, or has signed in: the ledger need not be kept for ever. */
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
    select p.year_group as year, p.registration_group as "group", count(*)::int as learners,
           (count(*) filter (where r.stage >= 1))::int as logon,
           (count(*) filter (where r.stage >= 2))::int as mailed,
           (count(*) filter (where r.stage >= 3))::int as "signedIn"
      from learners p left join ${learnerStages(sql, today)} as r on r.learner_id = p.id
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
