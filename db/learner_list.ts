// The list of learners: filtered, sorted by any column, a page at a time.

import { keepingPlans, type Queryable } from "./connect.ts";
import type { Fragment } from "./fragment.ts";
import { LEARNER_STATUSES, type LearnerStatus } from "./learners.ts";
import { findPage, type Listing, type ListView, type Page } from "./paging.ts";
import { allOf, isScattered, searchPatterns } from "./search.ts";

export const LEARNER_SORTS = [
  "surname",
  "first-name",
  "admission",
  "year",
  "group",
  "status",
] as const;
export type LearnerSort = (typeof LEARNER_SORTS)[number];

/** What the address bar says about the list. */
export type LearnerView = ListView<LearnerSort> & { readonly status: LearnerStatus | null };

export type LearnerRow = {
  readonly id: number;
  readonly firstName: string;
  readonly surname: string;
  readonly admissionNumber: string;
  readonly yearGroup: string | null;
  readonly registrationGroup: string | null;
  readonly status: LearnerStatus;
  /** The contacts on the record, the first to be rung first. */
  readonly contacts: readonly {
    readonly id: number;
    readonly firstName: string;
    readonly surname: string;
    readonly relationship: string;
  }[];
};

export type LearnerPage = Omit<Page, "ids"> & { readonly rows: readonly LearnerRow[] };

/** One page of the list. */
export async function listLearners(sql: Queryable, view: LearnerView): Promise<LearnerPage> {
  const conditions = conditionsOf(sql, view);
  const listing: Listing = {
    table: "learners",
    matching: allOf(sql, conditions),
    scattered: isScattered(view.search),
    filtered: conditions.length > 0,
    columns: COLUMNS[view.sort],
    keysOf: (row) => COLUMNS[view.sort].map((column) => keyOf(sql, row, column)),
  };
  const { ids, ...page } = await findPage(sql, view, listing);
  return { ...page, rows: await findLearnerRows(sql, ids) };
}

/** What a status may be, in the order of the filter. */
export function readStatus(text: string | null): LearnerStatus | null {
  return LEARNER_STATUSES.find((status) => status === text) ?? null;
}

async function findLearnerRows(sql: Queryable, ids: readonly number[]): Promise<LearnerRow[]> {
  if (ids.length === 0) return [];
  const kept = keepingPlans(sql);
  // Two plain questions at a time: one that makes JSON of the contacts of each learner takes longer.
  const [rows, places] = await Promise.all([
    kept<Omit<LearnerRow, "contacts">[]>`
      select p.id, p.first_name as "firstName", p.surname, p.admission_number as "admissionNumber",
             p.year_group as "yearGroup", p.registration_group as "registrationGroup", p.status
        from learners p where p.id = any(${[...ids]}::bigint[])`,
    kept<(LearnerRow["contacts"][number] & { learnerId: number })[]>`
      select r.learner_id as "learnerId", c.id, c.first_name as "firstName", c.surname, r.relationship
        from contact_learners r join contacts c on c.id = r.contact_id
       where r.learner_id = any(${[...ids]}::bigint[])
       order by r.priority, c.name_key, c.id`,
  ]);
  const byId = new Map(rows.map((row) => [row.id, row]));
  const placesOf = Map.groupBy(places, (place) => place.learnerId);
  return ids.flatMap((id) => {
    const row = byId.get(id);
    const own = placesOf.get(id) ?? [];
    return row === undefined
      ? []
      : [{ ...row, contacts: own.map(({ learnerId: _, ...contact }) => contact) }];
  });
}

/** What each sort compares, in order; each has its index in 0016_records.sql. */
const COLUMNS: Readonly<Record<LearnerSort, readonly string[]>> = {
  surname: ["name_key", "id"],
  "first-name": ["first_name_key", "id"],
  admission: ["admission_key", "id"],
  year: ["year_key", "name_key", "id"],
  group: ["group_key", "name_key", "id"],
  status: ["status", "name_key", "id"],
};

function keyOf(sql: Queryable, row: Fragment, column: string): Fragment {
  const key = sql`${row}.${sql(column)}`;
  return column === "status" ? sql`(${key} collate "C")` : key;
}

function conditionsOf(sql: Queryable, view: LearnerView): Fragment[] {
  return [
    ...searchPatterns(view.search).map((pattern) => sql`l.search_key like ${pattern}`),
    // As the index has it that the list is sorted by.
    ...(view.status === null ? [] : [sql`(l.status collate "C") = ${view.status}`]),
    ...(view.year === null ? [] : [sql`l.year_group = ${view.year}`]),
    ...(view.group === null ? [] : [sql`l.registration_group = ${view.group}`]),
  ];
}
