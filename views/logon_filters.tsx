// What is searched, filtered and sorted by: the list's form, and what of it stands in the address bar.

import type { JSX } from "hono/jsx/jsx-runtime";
import type { ListView, Sort } from "../db/logon_list.ts";
import { filters, LOGONS } from "./swap.tsx";
import { Icon, Select } from "./ui.tsx";

const STATE_LABELS: readonly (readonly [string, string])[] = [
  ["", "Any state"],
  ["never-signed-in", "Never signed in"],
  ["no-password", "No password yet"],
  ["password-expired", "Temporary password expired"],
  ["no-email", "No email"],
  ["no-learner", "No current learner"],
  ["locked", "Locked"],
  ["suspended", "Suspended"],
  ["expired", "Expired"],
  ["tfa-pending", "TFA required, not set up"],
  ["deleted", "Deleted"],
];

export function ListFilters(
  props: { view: ListView; years: readonly string[]; registrationGroups: readonly string[] },
): JSX.Element {
  const { view } = props;
  return (
    <form
      class="filters"
      method="get"
      action="/logons"
      role="search"
      {...filters("/logons", LOGONS)}
    >
      <div class="field search">
        <label for="field-q" class="quiet">Search</label>
        <Icon name="search" />
        <input
          id="field-q"
          name="q"
          type="search"
          value={view.search}
          placeholder="Name, email, username or learner"
          autocomplete="off"
          spellcheck={false}
          maxlength={200}
        />
      </div>
      <Select name="state" label="State" quiet value={view.state ?? ""} options={STATE_LABELS} />
      <Select
        name="year"
        label="Year group"
        quiet
        value={view.year ?? ""}
        options={[["", "Any year"], ...props.years.map((year) => [year, year] as const)]}
      />
      <Select
        name="group"
        label="Registration group"
        quiet
        value={view.group ?? ""}
        options={[
          ["", "Any group"],
          ...props.registrationGroups.map((group) => [group, group] as const),
        ]}
      />
      <span id="filter-sort">
        <SortFields view={view} />
      </span>
      <button type="submit" class="button no-script">Search</button>
    </form>
  );
}

/** The order that a search keeps. */
export function SortFields(props: { view: ListView }): JSX.Element {
  const value = sortValue(props.view.sort, props.view.descending);
  return <>{value !== "surname" && <input type="hidden" name="sort" value={value} />}</>;
}

export function isFiltered(view: ListView): boolean {
  return view.search !== "" || view.state !== null || view.year !== null || view.group !== null;
}

/** The list's address after "/logons": what is as usual is left out. */
export function toQuery(
  view: ListView,
  place: { after?: number | null; before?: number | null } = {},
): string {
  const sort = sortValue(view.sort, view.descending);
  const values: [string, string | null][] = [
    ["q", view.search],
    ["state", view.state],
    ["year", view.year],
    ["group", view.group],
    ["sort", sort === "surname" ? null : sort],
    ["after", place.after ? String(place.after) : null],
    ["before", place.before ? String(place.before) : null],
  ];
  const query = new URLSearchParams(
    values.filter((pair): pair is [string, string] => pair[1] !== null && pair[1] !== ""),
  ).toString();
  return query === "" ? "" : `?${query}`;
}

function sortValue(sort: Sort, descending: boolean): string {
  return descending ? `-${sort}` : sort;
}
