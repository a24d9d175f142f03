// The list: its head, its rows, its pages, and what stands there when it has none.

import type { JSX } from "hono/jsx/jsx-runtime";
import type { ListView, LogonPage, LogonRow, Sort } from "../db/logon_list.ts";
import { NothingFound, Pager, type SortColumn, SortHeader, Total } from "./lists.tsx";
import { isFiltered, toQuery } from "./logon_filters.tsx";
import { Row } from "./logon_row.tsx";
import { LOGONS, opensDialog, reloadsOn } from "./swap.tsx";
import type { Times } from "./times.ts";
import { EmptyState, Name } from "./ui.tsx";

/** All that the list shows. */
export type ListProps = {
  view: ListView;
  page: LogonPage;
  /** A row that was just added or restored: marked, and shown even where the filter would hide it. */
  fresh?: LogonRow | undefined;
  /** What its mark says. */
  freshWord: "new" | "restored";
  years: readonly string[];
  registrationGroups: readonly string[];
  times: Times;
  mayEdit: boolean;
  mostCounted: number;
};

const NAMES: readonly SortColumn<Sort>[] = [
  { sort: "surname", label: "Surname" },
  { sort: "first-name", label: "First name" },
  { sort: "email", label: "Email" },
];
const USERNAME: readonly SortColumn<Sort>[] = [{ sort: "username", label: "Username" }];
const LINKED: readonly SortColumn<Sort>[] = [{ sort: "linked", label: "Linked to" }];
const TIMES: readonly SortColumn<Sort>[] = [{ sort: "times", label: "Times", downFirst: true }];
const LAST: readonly SortColumn<Sort>[] = [{ sort: "last", label: "Last logon", downFirst: true }];

/** How many there are, or were found. */
export function LogonTotal(props: ListProps): JSX.Element {
  return (
    <Total
      total={props.page.total}
      mostCounted={props.mostCounted}
      filtered={isFiltered(props.view)}
      one="logon"
    />
  );
}

/** The list: the piece that searching, sorting, paging and every change exchanges. */
export function LogonsList(props: ListProps): JSX.Element {
  const { page, fresh, view } = props;
  const head = {
    view,
    target: LOGONS,
    hrefOf: (sorted: Pick<ListView, "sort" | "descending">) =>
      `/logons${toQuery({ ...view, ...sorted })}`,
  };
  const rows = fresh === undefined
    ? page.rows
    : [fresh, ...page.rows.filter((row) => row.id !== fresh.id)];
  return (
    <section
      id="logons"
      class="list"
      aria-label="Logons"
      {...reloadsOn(
        "logons:changed",
        `/logons${toQuery(view, { after: view.after, before: view.before })}`,
      )}
    >
      {rows.length === 0 ? <NoLogons {...props} /> : (
        <div class="table">
          <table>
            <thead>
              <tr>
                <SortHeader {...head} columns={NAMES} />
                <SortHeader {...head} columns={USERNAME} />
                <SortHeader {...head} columns={LINKED} />
                <SortHeader {...head} columns={TIMES} numeric />
                <SortHeader {...head} columns={LAST} />
                <th scope="col">
                  <span class="quiet">Actions</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <Row
                  row={row}
                  fresh={row.id === fresh?.id ? props.freshWord : null}
                  times={props.times}
                  mayEdit={props.mayEdit}
                  query={toQuery(view, { after: view.after, before: view.before })}
                />
              ))}
            </tbody>
          </table>
        </div>
      )}
      <WhyNotTheOne rows={rows} view={view} />
      <Pager page={page} target={LOGONS} hrefOf={(place) => `/logons${toQuery(view, place)}`} />
    </section>
  );
}

/** Below the one logon that a search has found: the question with which somebody rings. */
function WhyNotTheOne(
  props: { rows: readonly LogonRow[]; view: ListView },
): JSX.Element | null {
  const [row, another] = props.rows;
  if (props.view.search === "" || row === undefined || another !== undefined) return null;
  const href = `/logons/${row.id}/access${toQuery(props.view)}`;
  return (
    <p class="only-one">
      <a href={href} {...opensDialog(href)}>
        Why can’t <Name of={row} /> log in?
      </a>
    </p>
  );
}

function NoLogons(props: ListProps): JSX.Element {
  const { view } = props;
  if (!isFiltered(view)) {
    return (
      <EmptyState icon="users-round" title="No logons yet">
        <p>With a logon a parent enters the Parent Portal and sees their own learners.</p>
        {props.mayEdit && (
          <p class="buttons">
            <a class="button blue" href="/logons/new" {...opensDialog("/logons/new")}>
              Add the first one
            </a>
            <a class="button" href="/excel-imports">Import a workbook</a>
          </p>
        )}
      </EmptyState>
    );
  }
  const all = `/logons${toQuery({ ...view, search: "", state: null, year: null, group: null })}`;
  return (
    <NothingFound
      one="logon"
      search={view.search}
      otherFilters={(view.state ?? view.year ?? view.group) !== null}
      all={all}
    />
  );
}
