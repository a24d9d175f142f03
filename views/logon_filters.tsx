// What is searched, filtered and sorted by: the list's form, and what of it stands in the address bar.

import type { JSX } from "hono/jsx/jsx-runtime";
import type { ListView } from "../db/logon_list.ts";
import {
  GroupFilters,
  type PlaceInList,
  queryText,
  SearchForm,
  SortField,
  sortValue,
} from "./lists.tsx";
import { LOGONS } from "./swap.tsx";
import { Select } from "./ui.tsx";

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
  ["needs-attention", "Needs attention"],
  ["email-changed", "Email changed, not checked"],
  ["deleted", "Deleted"],
];

export function ListFilters(
  props: { view: ListView; years: readonly string[]; registrationGroups: readonly string[] },
): JSX.Element {
  const { view } = props;
  return (
    <SearchForm
      action="/logons"
      target={LOGONS}
      search={view.search}
      placeholder="Name, email, username or learner"
    >
      <Select name="state" label="State" quiet value={view.state ?? ""} options={STATE_LABELS} />
      <GroupFilters
        view={view}
        years={props.years}
        registrationGroups={props.registrationGroups}
      />
      <span id="filter-sort">
        <SortFields view={view} />
      </span>
    </SearchForm>
  );
}

/** The order that a search keeps. */
export function SortFields(props: { view: ListView }): JSX.Element {
  return <SortField view={props.view} usual="surname" />;
}

export function isFiltered(view: ListView): boolean {
  return view.search !== "" || view.state !== null || view.year !== null || view.group !== null;
}

/** The list's address after "/logons": what is as usual is left out. */
export function toQuery(
  view: ListView,
  place: PlaceInList = {},
): string {
  const sort = sortValue(view);
  return queryText([
    ["q", view.search],
    ["state", view.state],
    ["year", view.year],
    ["group", view.group],
    ["sort", sort === "surname" ? null : sort],
    ["after", place.after ?? null],
    ["before", place.before ?? null],
  ]);
}
