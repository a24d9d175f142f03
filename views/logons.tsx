// Parent Logons: the list, its filters, its rows, and the answers that change it.

import type { Child } from "hono/jsx";
import type { JSX } from "hono/jsx/jsx-runtime";
import type { ListView, LogonPage, LogonRow, Sort } from "../db/logon_list.ts";
import { Envelope } from "./credential_mails.tsx";
import { type Frame, Heading, OfficePage } from "./layout.tsx";
import {
  filters,
  goesTo,
  LOGONS,
  opensDialog,
  Partial,
  posts,
  reloadsOn,
  TOASTS,
  turnsTo,
} from "./swap.tsx";
import { count, number, type Times } from "./times.ts";
import {
  Address,
  Chip,
  EmptyState,
  fullName,
  Icon,
  type IconName,
  Name,
  Select,
  Toast,
} from "./ui.tsx";

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

const SORT_LABELS: Readonly<Record<Sort, string>> = {
  surname: "Surname",
  "first-name": "First name",
  email: "Email",
  username: "Username",
  linked: "Linked to",
  times: "Times",
  last: "Last logon",
};

/** The page. */
export function LogonsPage(
  props: ListProps & { frame: Frame; dialog?: Child; toasts?: Child },
): JSX.Element {
  return (
    <OfficePage
      frame={props.frame}
      title="Parent Logons"
      place="logons"
      options={<Options mayEdit={props.mayEdit} query={toQuery(props.view)} />}
      {...(props.dialog === undefined ? {} : { dialog: props.dialog })}
      toasts={props.toasts}
      heading={<Heading title="Parent Logons" beside={<Total {...props} />} />}
    >
      <ListFilters {...props} />
      <LogonsList {...props} />
    </OfficePage>
  );
}

/** What can be done, on the right. */
function Options(props: { mayEdit: boolean; query: string }): JSX.Element {
  const { mayEdit } = props;
  return (
    <nav class="options" aria-label="Options">
      <h2>Options</h2>
      <ul>
        <Option
          href={`/logons/new${props.query}`}
          icon="user-round-plus"
          able={mayEdit}
          main
          window
        >
          Add Logon
        </Option>
        <Option
          href={`/contact-imports/new${props.query}`}
          icon="users-round"
          able={mayEdit}
          window
        >
          Import Contacts
        </Option>
        <Option href="/excel-imports" icon="file-spreadsheet" able>Import (Excel)</Option>
        <Option href="/usage-reports/new" icon="chart-column" able={mayEdit} window>
          Parent Portal Usage
        </Option>
        <Option href="/bulk-resets/new" icon="rotate-ccw-key" able={mayEdit} window>
          Bulk Reset
        </Option>
      </ul>
    </nav>
  );
}

/** Where the role does not allow it, the option is there, says so, and leads nowhere. */
function Option(
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

function Total(props: ListProps): JSX.Element {
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

function ListFilters(props: ListProps): JSX.Element {
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
function SortFields(props: { view: ListView }): JSX.Element {
  const value = sortValue(props.view.sort, props.view.descending);
  return <>{value !== "surname" && <input type="hidden" name="sort" value={value} />}</>;
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

function Row(
  props: { row: LogonRow; fresh: string | null; times: Times; mayEdit: boolean; query: string },
): JSX.Element {
  const { row, times } = props;
  return (
    <tr id={`logon-${row.id}`} class={props.fresh ? "fresh" : undefined}>
      <td class="who" data-label="Name">
        <strong>
          <Name of={row} />
        </strong>{" "}
        <Chips row={row} fresh={props.fresh} times={times} />
        <span class="below">{row.email === null ? "—" : <Address>{row.email}</Address>}</span>
      </td>
      <td data-label="Username">
        <Address>{row.username}</Address>
      </td>
      <td data-label="Linked to">
        {row.learners.length === 0 ? <span class="soft">none</span> : (
          <ul class="learners">
            {row.learners.map((learner) => (
              <li>
                <Name of={learner} />{" "}
                {learner.registrationGroup && <span class="soft">{learner.registrationGroup}</span>}
                {learner.status !== "Current" && <span class="soft">{` (${learner.status})`}</span>}
              </li>
            ))}
          </ul>
        )}
      </td>
      <td class="numeric" data-label="Times logged in">{number(row.timesLoggedIn)}</td>
      <td data-label="Last logon" class="when">
        {row.lastLogon === null
          ? "never"
          : (
            <time datetime={row.lastLogon.toISOString()} title={times.full(row.lastLogon)}>
              {times.brief(row.lastLogon)}
            </time>
          )}
      </td>
      <td class="icons">
        {props.mayEdit && <RowActions row={row} query={props.query} />}
      </td>
    </tr>
  );
}

function RowActions(props: { row: LogonRow; query: string }): JSX.Element {
  const { row } = props;
  const name = fullName(row);
  if (row.deletedAt !== null) {
    const restore = `/logons/${row.id}/restoration`;
    return (
      <form method="post" action={restore}>
        <button
          type="submit"
          class="button small"
          aria-label={`Restore ${name}`}
          {...posts(restore)}
        >
          <Icon name="undo-2" /> Restore
        </button>
      </form>
    );
  }
  const edit = `/logons/${row.id}/edit${props.query}`;
  const tfa = `/logons/${row.id}/tfa${props.query}`;
  const remove = `/logons/${row.id}/deletion${props.query}`;
  return (
    <div class="row-icons">
      <a
        id={`edit-${row.id}`}
        class="icon-button"
        href={edit}
        aria-label={`Edit ${name}`}
        title="Edit"
        {...opensDialog(edit)}
      >
        <Icon name="notebook-pen" />
      </a>
      <a
        class={`icon-button tfa-${row.tfa.replace(" ", "-")}`}
        href={tfa}
        aria-label={`Two factor authentication for ${name}`}
        title={`Two factor authentication: ${
          row.tfa === "required" ? "required, not set up yet" : row.tfa
        }`}
        {...opensDialog(tfa)}
      >
        <Icon name="key-round" />
      </a>
      <Envelope id={row.id} name={name} email={row.email} />
      <a
        id={`delete-${row.id}`}
        class="icon-button"
        href={remove}
        aria-label={`Delete ${name}`}
        title="Delete"
        {...opensDialog(remove)}
      >
        <Icon name="trash-2" />
      </a>
    </div>
  );
}

function Chips(props: { row: LogonRow; fresh: string | null; times: Times }): JSX.Element {
  const { row, times } = props;
  return (
    <>
      {props.fresh && <Chip tone="blue">{props.fresh}</Chip>}
      {row.deletedAt !== null && <Chip tone="red">deleted {times.brief(row.deletedAt)}</Chip>}
      {row.waitsUntil !== null && <Chip tone="red">locked until {times.clock(row.waitsUntil)}
      </Chip>}
      {row.suspended && <Chip tone="red">suspended</Chip>}
      {row.expired && <Chip tone="red">expired</Chip>}
      {row.email === null && <Chip>no email</Chip>}
      {row.learners.length === 0 && <Chip tone="amber">no learner</Chip>}
      {row.sharesMailbox && <Chip>shares mailbox</Chip>}
      {row.contactDiffers && (
        <Chip tone="amber" title="The contact on the learner’s record has another name or email">
          contact differs
        </Chip>
      )}
      {row.warned && (
        <Chip
          tone="amber"
          title="Linked to a learner for whom the contact has no Parental Responsibility"
        >
          no parental responsibility
        </Chip>
      )}
      {row.tfa === "required" && <Chip>TFA not set up</Chip>}
    </>
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

/** What a search, a sort or a page answers: the list, the total, and the order that the next search keeps. */
export function ListAnswer(props: ListProps): JSX.Element {
  return (
    <>
      <LogonsList {...props} />
      <Partial target="#total">
        <Total {...props} />
      </Partial>
      <Partial target="#filter-sort" swap="innerHTML">
        <SortFields view={props.view} />
      </Partial>
    </>
  );
}

/** What a change answers: the list as it is now, and a toast that says what was done. */
export function ListChanged(props: ListProps & { children: Child; stays?: boolean }): JSX.Element {
  return (
    <>
      <Partial target={LOGONS}>
        <LogonsList {...props} />
      </Partial>
      <Partial target="#total">
        <Total {...props} />
      </Partial>
      <Partial target={TOASTS} swap="beforeend">
        <Toast stays={props.stays ?? false}>{props.children}</Toast>
      </Partial>
    </>
  );
}

/** "Ann Lee’s logon was deleted." with the way back. */
export function Deleted(props: { id: number; name: string }): JSX.Element {
  return (
    <>
      <bdi>{props.name}</bdi>’s logon was deleted.{" "}
      <form method="post" action={`/logons/${props.id}/restoration`} class="inline">
        <button
          type="submit"
          class="link"
          data-dismiss
          {...posts(`/logons/${props.id}/restoration`)}
        >
          Undo
        </button>
      </form>
    </>
  );
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
