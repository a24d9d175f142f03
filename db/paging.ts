// One page of a long list: found by the row before it, in any order, quick at any depth.

import { keepingPlans, type Queryable } from "./connect.ts";
import type { Fragment } from "./fragment.ts";
import { MOST_COUNTED } from "./search.ts";

/** Rows of one page. */
const PAGE_SIZE = 50;

/**
 * Hits that are fetched and sorted; with more, the page is read in its order. Above what is counted, because hits often lie
 * together in that order: every Smith comes late in a list by surname.
 */
const MOST_SORTED = 3000;

/** Where in a list somebody looks. */
export type PageView = {
  readonly descending: boolean;
  /** The row after which, or before which, the page begins. */
  readonly after: number | null;
  readonly before: number | null;
};

/** What the address bar says about a list that is searched, filtered by group, and sorted by any column. */
export type ListView<Sort extends string = string> = PageView & {
  readonly search: string;
  readonly year: string | null;
  readonly group: string | null;
  readonly sort: Sort;
};

/** A list as its address opens it: all of it, from its beginning. Its own filter and its order stand beside this. */
export const WHOLE_LIST = {
  search: "",
  year: null,
  group: null,
  descending: false,
  after: null,
  before: null,
} as const;

/** Which rows, and what they are sorted by. */
export type Listing = {
  readonly table: string;
  /** What a row `l` of the table must fulfil. */
  readonly matching: Fragment;
  /** Whether anything is left out: only then are the hits counted up to a limit. */
  readonly filtered: boolean;
  /** Whether the hits can be expected to be many and to lie everywhere: then fewer are fetched before the page is read in its order. */
  readonly scattered?: boolean;
  /** A query for the number of all rows, where that is known without counting them. */
  readonly total?: Fragment;
  /** The columns that the keys read, the id among them. */
  readonly columns: readonly string[];
  /** What is compared of the row with this alias, in order; the id comes last, so that the order is total. */
  keysOf(row: Fragment): readonly Fragment[];
};

/** The ids of a page, and what leads on from it. */
export type Page = {
  readonly ids: readonly number[];
  /** How many match; at most {@link MOST_COUNTED} + 1 are counted where there is a filter. */
  readonly total: number;
  readonly previous: number | null;
  readonly next: number | null;
  /** The row by which the page was to begin has gone, so this is the first page. */
  readonly startedAnew: boolean;
};

/** One page of a list. */
export async function findPage(sql: Queryable, view: PageView, listing: Listing): Promise<Page> {
  // Hits that must be sorted mislead the planner either way: few are fetched and then sorted, many are met soon in order.
  const most = listing.scattered === true ? MOST_COUNTED : MOST_SORTED;
  const few = listing.filtered ? await fewOf(sql, view, listing, most) : null;
  const { total, ...page } = few !== null && few.total <= most
    ? { ...few, total: Math.min(few.total, MOST_COUNTED + 1) }
    : await pageOf(sql, view, listing, few !== null);
  if (page.ids.length === 0 && total > 0 && (view.after !== null || view.before !== null)) {
    const first = await findPage(sql, { ...view, after: null, before: null }, listing);
    return { ...first, startedAnew: true };
  }
  return {
    ids: page.ids,
    total,
    previous: page.earlier ? page.ids[0] ?? null : null,
    next: page.later ? page.ids.at(-1) ?? null : null,
    startedAnew: false,
  };
}

type PageIds = {
  readonly ids: number[];
  readonly total: number;
  readonly earlier: boolean;
  readonly later: boolean;
};

/** Counts the hits up to one more than are sorted, and sorts them if they are that few: one question for both. */
async function fewOf(
  sql: Queryable,
  view: PageView,
  listing: Listing,
  most: number,
): Promise<PageIds> {
  const { place, order } = orderOf(sql, view, listing);
  const columns = list(sql, listing.columns.map((column) => sql`l.${sql(column)}`));
  const [row] = await sql<[{ hits: number; ids: number[] }]>`
    select count(*)::int as hits,
           coalesce((array_agg(l.id order by ${order}) filter (where ${place}))[1:${
    PAGE_SIZE + 1
  }], '{}') as ids
      from (
        select ${columns} from ${sql(listing.table)} l where ${listing.matching} limit ${most + 1}
      ) as l`;
  return { total: row.hits, ...cutPage(view, row.ids) };
}

/** Reads the page in its order, and the number of all rows beside it unless there are known to be many. */
async function pageOf(
  sql: Queryable,
  view: PageView,
  listing: Listing,
  many: boolean,
): Promise<PageIds> {
  const { place, order } = orderOf(sql, view, listing);
  const { matching, table } = listing;
  const counted = listing.total ?? sql`select count(*) from ${sql(table)} l where ${matching}`;
  // With nothing to look for and to count, a few rows of the order's own index are read, always by the same plan.
  const isQuick = !listing.filtered && listing.total !== undefined;
  const [row] = await (isQuick ? keepingPlans(sql) : sql)<
    [{ total: number; ids: number[] }]
  >`
    select (${many ? sql`${MOST_COUNTED + 1}` : counted})::int as total,
           array(select l.id from ${sql(table)} l where ${matching} and ${place}
                  order by ${order} limit ${PAGE_SIZE + 1}) as ids`;
  return { total: row.total, ...cutPage(view, row.ids) };
}

/** Where a page begins, and in which order it is read: backwards from the row before which it ends. */
function orderOf(
  sql: Queryable,
  view: PageView,
  listing: Listing,
): { place: Fragment; order: Fragment } {
  const cursor = view.before ?? view.after;
  const descending = view.descending !== (view.before !== null);
  const keys = listing.keysOf(sql`l`);
  return {
    place: cursor === null ? sql`true` : sql`(${list(sql, keys)}) ${descending ? sql`<` : sql`>`} (
      select ${list(sql, listing.keysOf(sql`c`))} from ${
      sql(listing.table)
    } c where c.id = ${cursor})`,
    order: list(sql, keys.map((key) => descending ? sql`${key} desc` : sql`${key}`)),
  };
}

/** One row more than a page was asked for: whether there are more on the other side. */
function cutPage(view: PageView, found: readonly number[]): Omit<PageIds, "total"> {
  const backwards = view.before !== null;
  const ids = found.slice(0, PAGE_SIZE);
  const more = found.length > PAGE_SIZE;
  if (backwards) ids.reverse();
  const earlier = backwards ? more : view.after !== null;
  return { ids, earlier, later: backwards || more };
}

function list(sql: Queryable, fragments: readonly Fragment[]): Fragment {
  const [first, ...others] = fragments;
  if (!first) throw new RangeError("nothing to list");
  return others.reduce((all, one) => sql`${all}, ${one}`, first);
}
