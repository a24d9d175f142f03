// The list of contacts: filtered, sorted by any column, a page at a time.

import { keepingPlans, type Queryable } from "./connect.ts";
import type { Fragment } from "./fragment.ts";
import { findPage, type Listing, type ListView, type Page } from "./paging.ts";
import { allOf, isScattered, searchPatterns } from "./search.ts";

export const CONTACT_SORTS = ["surname", "first-name", "email", "mobile", "learners"] as const;
export type ContactSort = (typeof CONTACT_SORTS)[number];

export const CONTACT_STATES = [
  "responsible",
  "not-responsible",
  "has-logon",
  "no-logon",
  "differs",
  "no-email",
  "no-mobile",
  "no-learner",
] as const;
export type ContactState = (typeof CONTACT_STATES)[number];

/** What the address bar says about the list. */
export type ContactView = ListView<ContactSort> & { readonly state: ContactState | null };

export type ContactRow = {
  readonly id: number;
  readonly firstName: string;
  readonly surname: string;
  readonly email: string | null;
  readonly mobile: string | null;
  readonly hasLogon: boolean;
  /** Whether a logon that came from it has another name or email. */
  readonly differs: boolean;
  readonly learners: readonly {
    readonly id: number;
    readonly firstName: string;
    readonly surname: string;
    readonly registrationGroup: string | null;
    readonly relationship: string;
  }[];
};

export type ContactPage = Omit<Page, "ids"> & { readonly rows: readonly ContactRow[] };

/** One page of the list. */
export async function listContacts(sql: Queryable, view: ContactView): Promise<ContactPage> {
  const conditions = conditionsOf(sql, view);
  const listing: Listing = {
    table: "contacts",
    matching: allOf(sql, conditions),
    scattered: isScattered(view.search),
    filtered: conditions.length > 0,
    columns: ["id", COLUMNS[view.sort]],
    keysOf: (row) => [keyOf(sql, row, view.sort), sql`${row}.id`],
  };
  const { ids, ...page } = await findPage(sql, view, listing);
  return { ...page, rows: await findContactRows(sql, ids) };
}

/** The rows of the given contacts, in that order. */
export async function findContactRows(
  sql: Queryable,
  ids: readonly number[],
): Promise<ContactRow[]> {
  if (ids.length === 0) return [];
  const kept = keepingPlans(sql);
  // Two plain questions at a time: one that makes JSON of the learners of each contact takes longer.
  const [rows, places] = await Promise.all([
    kept<(Omit<ContactRow, "hasLogon" | "differs" | "learners"> & { differs: boolean | null })[]>`
      select c.id, c.first_name as "firstName", c.surname, c.email, c.mobile, (
               select bool_or(
                        (c.first_name, c.surname, c.email_key) is distinct from (l.first_name, l.surname, email_key(l.email))
                      )
                 from logons l where l.contact_id = c.id and l.deleted_at is null
             ) as differs
        from contacts c where c.id = any(${[...ids]}::bigint[])`,
    kept<(ContactRow["learners"][number] & { contactId: number })[]>`
      select r.contact_id as "contactId", p.id, p.first_name as "firstName", p.surname,
             p.registration_group as "registrationGroup", r.relationship
        from contact_learners r join learners p on p.id = r.learner_id
       where r.contact_id = any(${[...ids]}::bigint[])
       order by p.name_key, p.id`,
  ]);
  const byId = new Map(rows.map((row) => [row.id, row]));
  const placesOf = Map.groupBy(places, (place) => place.contactId);
  return ids.flatMap((id) => {
    const row = byId.get(id);
    return row === undefined ? [] : [{
      ...row,
      // Nothing to compare is no logon.
      hasLogon: row.differs !== null,
      differs: row.differs === true,
      learners: (placesOf.get(id) ?? []).map(({ contactId: _, ...learner }) => learner),
    }];
  });
}

const COLUMNS: Readonly<Record<ContactSort, string>> = {
  surname: "name_key",
  "first-name": "first_name_key",
  email: "email_key",
  mobile: "mobile_key",
  learners: "learner_names",
};

/** What each sort compares before the id; each has its index in 0016_records.sql. */
function keyOf(sql: Queryable, row: Fragment, sort: ContactSort): Fragment {
  switch (sort) {
    case "surname":
      return sql`${row}.name_key`;
    case "first-name":
      return sql`${row}.first_name_key`;
    case "email":
      return sql`(coalesce(${row}.email_key, '')) collate "C"`;
    case "mobile":
      return sql`(coalesce(${row}.mobile_key, '')) collate "C"`;
    case "learners":
      // As far as an index row reaches, and far enough to sort by.
      return sql`(left(search_key(${row}.learner_names), 200)) collate "C"`;
  }
}

function conditionsOf(sql: Queryable, view: ContactView): Fragment[] {
  const { year, group } = view;
  return [
    ...searchPatterns(view.search).map((pattern) => sql`l.record_key like ${pattern}`),
    ...(view.state === null ? [] : [stateCondition(sql, view.state)]),
    ...(year === null && group === null ? [] : [
      sql`l.id in (
        select r.contact_id from learners p join contact_learners r on r.learner_id = p.id
         where ${year === null ? sql`true` : sql`p.year_group = ${year}`}
           and ${group === null ? sql`true` : sql`p.registration_group = ${group}`})`,
    ]),
  ];
}

function stateCondition(sql: Queryable, state: ContactState): Fragment {
  const hasLogon = sql`l.id in (
    select g.contact_id from logons g where g.contact_id is not null and g.deleted_at is null)`;
  switch (state) {
    case "responsible":
      return sql`l.responsible_count > 0`;
    case "not-responsible":
      return sql`l.responsible_count = 0`;
    case "has-logon":
      return hasLogon;
    case "no-logon":
      return sql`not exists (select from logons g where g.contact_id = l.id and g.deleted_at is null)`;
    case "differs":
      // What triggers keep of it, whether the office leaves it as it is or not: comparing every contact takes far longer.
      return sql`l.id in (
        select g.contact_id from attention a join logons g on g.id = a.logon_id
         where a.kind in ('email differs', 'name differs') and g.deleted_at is null)`;
    case "no-email":
      return sql`l.email is null`;
    case "no-mobile":
      return sql`l.mobile is null`;
    case "no-learner":
      return sql`l.learner_names = ''`;
  }
}
