// The list: its head, its rows, its pages, and what stands there when it has none.

import type { JSX } from "hono/jsx/jsx-runtime";
import type { ListView, LogonPage, LogonRow, Sort } from "../db/logon_list.ts";
import { isFiltered, toQuery } from "./logon_filters.tsx";
import { Row } from "./logon_row.tsx";
import { goesTo, LOGONS, opensDialog, reloadsOn, turnsTo } from "./swap.tsx";
import { count, number, type Times } from "./times.ts";
import { EmptyState, Icon } from "./ui.tsx";

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

const SORT_LABELS: Readonly<Record<Sort, string>> = {
  surname: "Surname",
  "first-name": "First name",
  email: "Email",
  username: "Username",
  linked: "Linked to",
  times: "Times",
  last: "Last logon",
};

/** How many there are, or were found. */
export function Total(props: ListProps): JSX.Element {
  const { total } = props.page;
  const said = total > props.mostCounted
    ? isFiltered(props.view)
      ? `more than ${number(props.mostCounted)} logons`
      : count(total, "logon")
    : count(total, "logon");
  return (
    <p id="total" class="beside" role="status">
      {said}
      {isFiltered(props.view) && total <= props.mostCounted && " found"}
    </p>
  );
}

/** The list: the piece that searching, sorting, paging and every change exchanges. */
export function LogonsList(props: ListProps): JSX.Element {
  const { page, fresh, view } = props;
  const rows = fresh === undefined
    ? page.rows
    : [fresh, ...page.rows.filter((row) => row.id !== fresh.id)];
  return (
    <section
      id="logons"
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
                <SortHeader view={view} sorts={["surname", "first-name", "email"]} />
                <SortHeader view={view} sorts={["username"]} />
                <SortHeader view={view} sorts={["linked"]} />
                <SortHeader view={view} sorts={["times"]} numeric />
                <SortHeader view={view} sorts={["last"]} />
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
      <Pager view={view} page={page} />
    </section>
  );
}

function SortHeader(
  props: { view: ListView; sorts: readonly Sort[]; numeric?: boolean },
): JSX.Element {
  const { view } = props;
  const here = props.sorts.includes(view.sort);
  return (
    <th
      scope="col"
      class={props.numeric ? "numeric" : undefined}
      aria-sort={here ? (view.descending ? "descending" : "ascending") : undefined}
    >
      {props.sorts.map((sort) => {
        const active = view.sort === sort;
        // What counts and when is wanted from the top: most often, latest.
        const downFirst = sort === "times" || sort === "last";
        const descending = active ? !view.descending : downFirst;
        const href = `/logons${toQuery({ ...view, sort, descending })}`;
        return (
          <a
            id={`sort-${sort}`}
            href={href}
            class={active ? "sort active" : "sort"}
            {...goesTo(href, LOGONS)}
          >
            {SORT_LABELS[sort]}
            {active && (
              <Icon name={view.descending ? "chevron-down" : "chevron-up"} class="icon tiny" />
            )}
          </a>
        );
      })}
    </th>
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
    <EmptyState icon="search" title="Nothing found">
      <p>
        No logon matches {view.search === "" ? "these filters" : <bdi>“{view.search}”</bdi>}
        {view.search !== "" && (view.state || view.year || view.group)
          ? " with these filters"
          : ""}.
      </p>
      <p class="buttons">
        <a class="button" href={all}>Show all logons</a>
      </p>
    </EmptyState>
  );
}

function Pager(props: { view: ListView; page: LogonPage }): JSX.Element | null {
  const { page, view } = props;
  if (page.previous === null && page.next === null) return null;
  function to(place: { after?: number | null; before?: number | null }): string {
    return `/logons${toQuery(view, place)}`;
  }
  return (
    <nav class="pager" aria-label="Pages">
      {page.previous !== null && (
        <>
          <a class="button" href={to({})} {...turnsTo(to({}), LOGONS)}>First</a>
          <a
            class="button"
            rel="prev"
            href={to({ before: page.previous })}
            {...turnsTo(to({ before: page.previous }), LOGONS)}
          >
            Previous
          </a>
        </>
      )}
      {page.next !== null && (
        <a
          class="button"
          rel="next"
          href={to({ after: page.next })}
          {...turnsTo(to({ after: page.next }), LOGONS)}
        >
          Next
        </a>
      )}
    </nav>
  );
}
