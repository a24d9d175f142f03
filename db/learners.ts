// Learners: finding them for the picker, and who may be seen on the portal.

import { keepingPlans, type Queryable } from "./connect.ts";
import type { Fragment } from "./fragment.ts";
import { allOf, searchPatterns } from "./search.ts";

export const LEARNER_STATUSES = ["Current", "Applicant", "Leaver"] as const;
export type LearnerStatus = (typeof LEARNER_STATUSES)[number];

/** A learner as the office tells them apart. */
export type LearnerOption = {
  readonly id: number;
  readonly firstName: string;
  readonly surname: string;
  readonly admissionNumber: string;
  readonly registrationGroup: string | null;
  readonly status: LearnerStatus;
};

/** A learner as a parent sees them. */
export type PortalLearner = {
  readonly firstName: string;
  readonly surname: string;
  readonly yearGroup: string | null;
  readonly registrationGroup: string | null;
};

/** How many learners the picker offers at once. */
const MOST_OFFERED = 20;

/** The first learners by name of a status that match every word typed: name, registration group or admission number. */
export async function listLearnerOptions(
  sql: Queryable,
  wanted: { readonly status: LearnerStatus | null; readonly search: string },
): Promise<{ options: LearnerOption[]; more: boolean }> {
  const patterns = searchPatterns(wanted.search);
  const matching = allOf(sql, [
    ...(wanted.status ? [sql`p.status = ${wanted.status}`] : []),
    ...patterns.map((pattern) => sql`p.search_key like ${pattern}`),
  ]);
  const limit = MOST_OFFERED + 1;
  const order = sql`p.surname collate "en-x-icu", p.first_name collate "en-x-icu", p.id`;
  // Few hits are found by their letters and then sorted; many are met soon in the order of names.
  const few = patterns.length > 0 && await isFew(sql, sql`learners p where ${matching}`);
  const found = await sql<LearnerOption[]>`
    ${
    few
      ? sql`with p as materialized (select p.* from learners p where ${matching})
            select ${optionColumns(sql)} from p`
      : sql`select ${optionColumns(sql)} from learners p where ${matching}`
  } order by ${order} limit ${limit}`;
  return { options: found.slice(0, MOST_OFFERED), more: found.length > MOST_OFFERED };
}

/** Learners by id, in the order asked for; an id that nobody has is left out. */
export async function findLearnerOptions(
  sql: Queryable,
  ids: readonly number[],
): Promise<LearnerOption[]> {
  if (ids.length === 0) return [];
  return await sql<LearnerOption[]>`
    select ${optionColumns(sql)}
      from unnest(${[...ids]}::bigint[]) with ordinality as wanted (id, place)
      join learners p on p.id = wanted.id
     order by wanted.place`;
}

/** The groups that learners have, leavers too: what the filters of a list offer. */
export type Groups = {
  readonly years: readonly string[];
  readonly registrationGroups: readonly string[];
};

/** 7A before 10A. */
const IN_ORDER = new Intl.Collator("en", { numeric: true });

/** Those that anybody is in now: of the names that were ever there (0034_group_names.sql), each looked up once. */
export async function listGroups(sql: Queryable): Promise<Groups> {
  const [row] = await keepingPlans(sql)<[{ years: string[]; registrationGroups: string[] }]>`
    select array(
             select distinct name from group_names g
              where kind = 'year' and (select true from learners p where p.year_group = g.name limit 1)
           ) as years,
           array(
             select distinct name from group_names g
              where kind = 'registration' and (select true from learners p where p.registration_group = g.name limit 1)
           ) as "registrationGroups"`;
  return { years: sortYears(row.years), registrationGroups: sortGroups(row.registrationGroups) };
}

const sortYears = sorting();
const sortGroups = sorting();

/** Sorts as people count, and keeps the last order: the same names come for every page, and comparing them takes longer than asking. */
function sorting(): (names: readonly string[]) => readonly string[] {
  let last = "";
  let sorted: readonly string[] = [];
  return (names) => {
    const these = names.join("\n");
    if (these !== last) [last, sorted] = [these, names.toSorted(IN_ORDER.compare)];
    return sorted;
  };
}

/** The learners that a parent sees now: the one question the portal asks. @param today the school's date, as 2026-11-24 */
export async function listLearnersOf(
  sql: Queryable,
  logonId: number,
  access: { readonly today: string; readonly leaverDays: number },
): Promise<PortalLearner[]> {
  return await sql<PortalLearner[]>`
    select p.first_name as "firstName", p.surname, p.year_group as "yearGroup",
           p.registration_group as "registrationGroup"
      from logon_learners k join learners p on p.id = k.learner_id
     where k.logon_id = ${logonId} and ${isSeen(sql, access)}
       and not exists (select from blocked_pairs(array[k.logon_id], array[k.learner_id]))
     order by p.date_of_birth desc nulls last, p.first_name collate "en-x-icu", p.id`;
}

/** Whether learner `p` is one that linked parents see: Current, Applicant, or a leaver of late. */
export function isSeen(
  sql: Queryable,
  access: { readonly today: string; readonly leaverDays: number },
): Fragment {
  return sql`(p.status <> 'Leaver' or p.left_on >= ${access.today}::date - ${access.leaverDays}::int)`;
}

async function isFew(
  sql: Queryable,
  from: Fragment,
): Promise<boolean> {
  const [row] = await sql<[{ count: number }]>`
    select count(*)::int as count from (select from ${from} limit 1001) as counted`;
  return row.count <= 1000;
}

function optionColumns(sql: Queryable): Fragment {
  return sql`p.id, p.first_name as "firstName", p.surname, p.admission_number as "admissionNumber",
             p.registration_group as "registrationGroup", p.status`;
}
