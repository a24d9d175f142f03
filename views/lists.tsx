// What every long list has: how many there are, its search, the heads that sort it, and its pages; all of it in the address.

import type { Child } from "hono/jsx";
import type { JSX } from "hono/jsx/jsx-runtime";
import { filters, goesTo, opensDialog, turnsTo } from "./swap.tsx";
import { count, number } from "./times.ts";
import { EmptyState, Icon, type IconName, Select } from "./ui.tsx";

/** A column that can be sorted by: its name in the address, its label, and whether the most is wanted first. */
export type SortColumn<Sort extends string> = {
  readonly sort: Sort;
  readonly label: string;
  readonly downFirst?: boolean;
};

/** How a list is sorted. */
type Sorted<Sort extends string> = { readonly sort: Sort; readonly descending: boolean };
/** The row by which a page begins. */
export type PlaceInList = { after?: number | null; before?: number | null };

/** "1,482 logons", "12 logons found", "more than 1,000 logons". */
export function Total(
  props: { total: number; mostCounted: number; filtered: boolean; one: string },
): JSX.Element {
  const { total, filtered, one } = props;
  const many = filtered && total > props.mostCounted;
  return (
    <p id="total" class="beside" role="status">
      {many ? `more than ${number(props.mostCounted)} ${one}s` : count(total, one)}
      {filtered && !many && " found"}
    </p>
  );
}

/** The search field with the filters beside it; what it finds takes the place of `target`. */
export function SearchForm(
  props: { action: string; target: string; search: string; placeholder: string; children: Child },
): JSX.Element {
  return (
    <form
      class="filters"
      method="get"
      action={props.action}
      role="search"
      {...filters(props.action, props.target)}
    >
      <div class="field search">
        <label for="field-q" class="quiet">Search</label>
        <Icon name="search" />
        <input
          id="field-q"
          name="q"
          type="search"
          value={props.search}
          placeholder={props.placeholder}
          autocomplete="off"
          spellcheck={false}
          maxlength={200}
        />
      </div>
      {props.children}
      <button type="submit" class="button no-script">Search</button>
    </form>
  );
}

/** The filters by year group and by registration group. */
export function GroupFilters(
  props: {
    view: { readonly year: string | null; readonly group: string | null };
    years: readonly string[];
    registrationGroups: readonly string[];
  },
): JSX.Element {
  return (
    <>
      <Select
        name="year"
        label="Year group"
        quiet
        value={props.view.year ?? ""}
        options={[["", "Any year"], ...props.years.map((year) => [year, year] as const)]}
      />
      <Select
        name="group"
        label="Registration group"
        quiet
        value={props.view.group ?? ""}
        options={[
          ["", "Any group"],
          ...props.registrationGroups.map((group) => [group, group] as const),
        ]}
      />
    </>
  );
}

/** The order that a search keeps. @param props.usual the one that the address need not say */
export function SortField<Sort extends string>(
  props: { view: Sorted<Sort>; usual: Sort },
): JSX.Element {
  const value = sortValue(props.view);
  return <>{value !== props.usual && <input type="hidden" name="sort" value={value} />}</>;
}

/** A column's head: each of its sorts is a link, and the one in force turns round. */
export function SortHeader<Sort extends string>(
  props: {
    view: Sorted<Sort>;
    columns: readonly SortColumn<Sort>[];
    target: string;
    hrefOf(sorted: Sorted<Sort>): string;
    numeric?: boolean;
  },
): JSX.Element {
  const { view } = props;
  const here = props.columns.some(({ sort }) => sort === view.sort);
  return (
    <th
      scope="col"
      class={props.numeric ? "numeric" : undefined}
      aria-sort={here ? (view.descending ? "descending" : "ascending") : undefined}
    >
      {props.columns.map(({ sort, label, downFirst }) => {
        const active = view.sort === sort;
        const descending = active ? !view.descending : downFirst ?? false;
        const href = props.hrefOf({ sort, descending });
        return (
          <a
            id={`sort-${sort}`}
            href={href}
            class={active ? "sort active" : "sort"}
            {...goesTo(href, props.target)}
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

/** The way to the pages before and after; nothing where there is one page. */
export function Pager(
  props: {
    page: { readonly previous: number | null; readonly next: number | null };
    target: string;
    hrefOf(place: PlaceInList): string;
  },
): JSX.Element | null {
  const { page, target, hrefOf } = props;
  if (page.previous === null && page.next === null) return null;
  function link(label: string, place: PlaceInList, rel?: "prev" | "next"): JSX.Element {
    return (
      <a class="button" rel={rel} href={hrefOf(place)} {...turnsTo(hrefOf(place), target)}>
        {label}
      </a>
    );
  }
  return (
    <nav class="pager" aria-label="Pages">
      {page.previous !== null && link("First", {})}
      {page.previous !== null && link("Previous", { before: page.previous }, "prev")}
      {page.next !== null && link("Next", { after: page.next }, "next")}
    </nav>
  );
}

/** In the place of a list of which nothing matches: what was looked for, and the way back to all. */
export function NothingFound(
  props: { one: string; search: string; otherFilters: boolean; all: string },
): JSX.Element {
  const { search, otherFilters } = props;
  return (
    <EmptyState icon="search" title="Nothing found">
      <p>
        No {props.one} matches {search === "" ? "these filters" : <bdi>“{search}”</bdi>}
        {search !== "" && otherFilters ? " with these filters" : ""}.
      </p>
      <p class="buttons">
        <a class="button" href={props.all}>Show all {props.one}s</a>
      </p>
    </EmptyState>
  );
}

/** "-surname" for downwards. */
export function sortValue<Sort extends string>(view: Sorted<Sort>): string {
  return view.descending ? `-${view.sort}` : view.sort;
}

/** An address's query, with the question mark: what is empty is left out. */
export function queryText(values: readonly (readonly [string, string | number | null])[]): string {
  const query = new URLSearchParams(
    values.filter(([, value]) => value !== null && value !== "").map(([name, value]) => [
      name,
      String(value),
    ]),
  ).toString();
  return query === "" ? "" : `?${query}`;
}

/** What can be done on a page, on its right. */
export function Options(props: { children: Child }): JSX.Element {
  return (
    <nav class="options" aria-label="Options">
      <h2>Options</h2>
      <ul>{props.children}</ul>
    </nav>
  );
}

/** Where the role does not allow it, the option is there, says so, and leads nowhere. */
export function Option(
  props: {
    href: string;
    icon: IconName;
    able: boolean;
    main?: boolean;
    window?: boolean;
    children: Child;
  },
): JSX.Element {
  if (!props.able) {
    return (
      <li>
        <a role="link" aria-disabled="true" tabindex={0} title="Your role looks only">
          <Icon name={props.icon} /> {props.children}
        </a>
      </li>
    );
  }
  return (
    <li>
      <a
        href={props.href}
        class={props.main ? "main" : undefined}
        {...(props.window ? opensDialog(props.href) : {})}
      >
        <Icon name={props.icon} /> {props.children}
      </a>
    </li>
  );
}
