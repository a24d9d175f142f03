// What every long list has: how many there are, its search, and its pages; all of it in the address.

import type { Child } from "hono/jsx";
import type { JSX } from "hono/jsx/jsx-runtime";
import type { Page } from "../db/paging.ts";
import { filters, turnsTo } from "./swap.tsx";
import { count, number } from "./times.ts";
import { EmptyState, Icon } from "./ui.tsx";

/** The rows by which one goes to the pages before and after; null where there is none. */
export type PagesBeside = Pick<Page, "previous" | "next">;

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

/** The way to the pages before and after; nothing where there is one page. */
export function Pager(
  props: {
    page: PagesBeside;
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
