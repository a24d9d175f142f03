// The lists of logons, contacts and learners: the form that searches and filters one, the heads that sort it, and what it answers.

import type { Child } from "hono/jsx";
import type { JSX } from "hono/jsx/jsx-runtime";
import type { Groups } from "../db/learners.ts";
import type { ListView } from "../db/paging.ts";
import {
  NothingFound,
  Pager,
  type PagesBeside,
  type PlaceInList,
  queryText,
  SearchForm,
  Total,
} from "./lists.tsx";
import { goesTo, Partial } from "./swap.tsx";
import { Icon, Select } from "./ui.tsx";

/** A column that can be sorted by: its name in the address, its label, and whether the most is wanted first. */
type SortColumn<Sort extends string> = {
  readonly sort: Sort;
  readonly label: string;
  readonly downFirst?: boolean;
  readonly numeric?: boolean;
};

/** What one list has of its own. */
export type SortedList<View extends ListView> = {
  /** What a row is, as "contact". */
  readonly one: string;
  /** Its address, without a query. */
  readonly address: string;
  /** The place whose content its answers exchange. */
  readonly target: string;
  /** The filter beside those by year and registration group, by its name in the address. */
  filterOf(view: View): readonly [name: string, value: string | null];
  /** The heads of its table, each with what can be sorted by there. */
  readonly heads: readonly (readonly SortColumn<View["sort"]>[])[];
};

/** A list, and how somebody looks at it. */
type Looked<View extends ListView> = { readonly list: SortedList<View>; readonly view: View };

/** The order that an address need not say. */
const USUAL = "surname";

/** How many there are, or were found. */
export function ListTotal<View extends ListView>(
  props: Looked<View> & { page: { readonly total: number }; mostCounted: number },
): JSX.Element {
  return (
    <Total
      total={props.page.total}
      mostCounted={props.mostCounted}
      filtered={isFiltered(props)}
      one={props.list.one}
    />
  );
}

/** The search, the list's own filter, and those by year and registration group. */
export function ListFilters<View extends ListView>(
  props: Looked<View> & {
    placeholder: string;
    groups: Groups;
    /** The list's own filter. */
    children: Child;
  },
): JSX.Element {
  const { list, view } = props;
  return (
    <SearchForm
      action={list.address}
      target={list.target}
      search={view.search}
      placeholder={props.placeholder}
    >
      {props.children}
      <Select
        name="year"
        label="Year group"
        quiet
        value={view.year ?? ""}
        options={[["", "Any year"], ...props.groups.years.map((year) => [year, year] as const)]}
      />
      <Select
        name="group"
        label="Registration group"
        quiet
        value={view.group ?? ""}
        options={[
          ["", "Any group"],
          ...props.groups.registrationGroups.map((group) => [group, group] as const),
        ]}
      />
      <span id="filter-sort">
        <SortField view={view} />
      </span>
    </SearchForm>
  );
}

/** What a search, a sort or a page answers: the list, the total, and the order that the next search keeps. */
export function ListAnswer<View extends ListView>(
  props: Parameters<typeof ListTotal<View>>[0] & { children: Child },
): JSX.Element {
  return (
    <>
      {props.children}
      <Partial target="#total">
        <ListTotal {...props} />
      </Partial>
      <Partial target="#filter-sort" swap="innerHTML">
        <SortField view={props.view} />
      </Partial>
    </>
  );
}

/** The order that a search keeps. */
function SortField(props: { view: ListView }): JSX.Element {
  const value = sortOf(props.view);
  return <>{value !== null && <input type="hidden" name="sort" value={value} />}</>;
}

/** The table: each of its heads' sorts is a link, and the one in force turns round. */
export function SortedTable<View extends ListView>(
  props: Looked<View> & {
    /** A last head, of what nothing is sorted by. */ last?: Child;
    children: Child;
  },
): JSX.Element {
  const { list, view } = props;
  return (
    <div class="table">
      <table>
        <thead>
          <tr>
            {list.heads.map((columns) => <SortHead list={list} view={view} columns={columns} />)}
            {props.last}
          </tr>
        </thead>
        <tbody>{props.children}</tbody>
      </table>
    </div>
  );
}

function SortHead<View extends ListView>(
  props: Looked<View> & { columns: readonly SortColumn<View["sort"]>[] },
): JSX.Element {
  const { list, view, columns } = props;
  const here = columns.some(({ sort }) => sort === view.sort);
  return (
    <th
      scope="col"
      class={columns.some(({ numeric }) => numeric) ? "numeric" : undefined}
      aria-sort={here ? (view.descending ? "descending" : "ascending") : undefined}
    >
      {columns.map(({ sort, label, downFirst }) => {
        const active = view.sort === sort;
        const descending = active ? !view.descending : downFirst ?? false;
        const href = list.address + listQuery(list, { ...view, sort, descending });
        return (
          <a
            id={`sort-${sort}`}
            href={href}
            class={active ? "sort active" : "sort"}
            {...goesTo(href, list.target)}
          >
            {label}
            {active && (
              <Icon name={view.descending ? "chevron-down" : "chevron-up"} class="icon tiny" />
            )}
          </a>
        );
      })}
    </th>
  );
}

/** The way to the pages before and after. */
export function ListPager<View extends ListView>(
  props: Looked<View> & { page: PagesBeside },
): JSX.Element {
  const { list, view } = props;
  return (
    <Pager
      page={props.page}
      target={list.target}
      hrefOf={(place) => list.address + listQuery(list, view, place)}
    />
  );
}

/** In the place of the rows: what was looked for and the way back to all; where there is nothing at all, `children`. */
export function NoRows<View extends ListView>(
  props: Looked<View> & { children: Child },
): JSX.Element {
  const { list, view } = props;
  if (!isFiltered(props)) return <>{props.children}</>;
  return (
    <NothingFound
      one={list.one}
      search={view.search}
      otherFilters={hasFilter(props)}
      all={list.address + queryText([["sort", sortOf(view)]])}
    />
  );
}

function isFiltered<View extends ListView>(looked: Looked<View>): boolean {
  return looked.view.search !== "" || hasFilter(looked);
}

function hasFilter<View extends ListView>({ list, view }: Looked<View>): boolean {
  const [, own] = list.filterOf(view);
  return (own ?? view.year ?? view.group) !== null;
}

/** "-surname" for downwards; null for the usual order. */
function sortOf(view: ListView): string | null {
  const sort = view.descending ? `-${view.sort}` : view.sort;
  return sort === USUAL ? null : sort;
}

/** What stands after a list's address, with the question mark: what is as usual is left out. */
export function listQuery<View extends ListView>(
  list: SortedList<View>,
  view: View,
  place: PlaceInList = {},
): string {
  return queryText([
    ["q", view.search],
    list.filterOf(view),
    ["year", view.year],
    ["group", view.group],
    ["sort", sortOf(view)],
    ["after", place.after ?? null],
    ["before", place.before ?? null],
  ]);
}
