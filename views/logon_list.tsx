// The list of logons: what it is filtered and sorted by, its rows, and what stands there when it has none.

import type { JSX } from "hono/jsx/jsx-runtime";
import type { Groups } from "../db/learners.ts";
import type { LogonPage, LogonRow, LogonView } from "../db/logon_list.ts";
import type { PlaceInList } from "./lists.tsx";
import { Row } from "./logon_row.tsx";
import {
  ListFilters,
  ListPager,
  listQuery,
  ListTotal,
  NoRows,
  type SortedList,
  SortedTable,
} from "./sorted_lists.tsx";
import { LOGONS, reloadsOn } from "./swap.tsx";
import type { Times } from "./times.ts";
import { EmptyState, Name, Select } from "./ui.tsx";

/** All that the list shows. */
export type LogonListProps = {
  view: LogonView;
  page: LogonPage;
  /** A row that was just added or restored: marked, and shown even where the filter would hide it. */
  fresh?: LogonRow | undefined;
  /** What its mark says. */
  freshWord: "new" | "restored";
  times: Times;
  mayEdit: boolean;
  mostCounted: number;
};

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

/** What the list has of its own. */
export const LOGON_LIST: SortedList<LogonView> = {
  one: "logon",
  address: "/logons",
  target: LOGONS,
  filterOf: (view) => ["state", view.state],
  heads: [
    [
      { sort: "surname", label: "Surname" },
      { sort: "first-name", label: "First name" },
      { sort: "email", label: "Email" },
    ],
    [{ sort: "username", label: "Username" }],
    [{ sort: "linked", label: "Linked to" }],
    [{ sort: "times", label: "Times", downFirst: true, numeric: true }],
    [{ sort: "last", label: "Last logon", downFirst: true }],
  ],
};

/** How many there are, or were found. */
export function LogonTotal(props: LogonListProps): JSX.Element {
  return <ListTotal list={LOGON_LIST} {...props} />;
}

export function LogonFilters(props: LogonListProps & { groups: Groups }): JSX.Element {
  return (
    <ListFilters list={LOGON_LIST} placeholder="Name, email, username or learner" {...props}>
      <Select
        name="state"
        label="State"
        quiet
        value={props.view.state ?? ""}
        options={STATE_LABELS}
      />
    </ListFilters>
  );
}

/** The list: the piece that searching, sorting, paging and every change exchanges. */
export function LogonsList(props: LogonListProps): JSX.Element {
  const { page, fresh, view } = props;
  const here = logonsQuery(view, view);
  const rows = fresh === undefined
    ? page.rows
    : [fresh, ...page.rows.filter((row) => row.id !== fresh.id)];
  return (
    <section
      id="logons"
      class="list"
      aria-label="Logons"
      {...reloadsOn("logons:changed", `/logons${here}`)}
    >
      {rows.length === 0 ? <NoLogons {...props} /> : (
        <SortedTable
          list={LOGON_LIST}
          view={view}
          last={
            <th scope="col">
              <span class="quiet">Actions</span>
            </th>
          }
        >
          {rows.map((row) => (
            <Row
              row={row}
              fresh={row.id === fresh?.id ? props.freshWord : null}
              times={props.times}
              mayEdit={props.mayEdit}
              query={here}
            />
          ))}
        </SortedTable>
      )}
      <WhyNotTheOne rows={rows} view={view} />
      <ListPager list={LOGON_LIST} view={view} page={page} />
    </section>
  );
}

/** Below the one logon that a search has found: the question with which somebody rings. */
function WhyNotTheOne(
  props: { rows: readonly LogonRow[]; view: LogonView },
): JSX.Element | null {
  const [row, another] = props.rows;
  if (props.view.search === "" || row === undefined || another !== undefined) return null;
  const href = `/logons/${row.id}/access${logonsQuery(props.view)}`;
  return (
    <p class="only-one">
      <a href={href} data-opens>
        Why can’t <Name of={row} /> log in?
      </a>
    </p>
  );
}

function NoLogons({ view, mayEdit }: LogonListProps): JSX.Element {
  return (
    <NoRows list={LOGON_LIST} view={view}>
      <EmptyState icon="users-round" title="No logons yet">
        <p>With a logon a parent enters the Parent Portal and sees their own learners.</p>
        {mayEdit && (
          <p class="buttons">
            <a class="button blue" href="/logons/new" data-opens>
              Add the first one
            </a>
            <a class="button" href="/excel-imports">Import a workbook</a>
          </p>
        )}
      </EmptyState>
    </NoRows>
  );
}

/** The list's address after "/logons". */
export function logonsQuery(view: LogonView, place?: PlaceInList): string {
  return listQuery(LOGON_LIST, view, place);
}
