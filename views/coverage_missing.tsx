// Who is missing in Coverage: learners without a parent who got so far, each with the next thing to do as a link.

import type { JSX } from "hono/jsx/jsx-runtime";
import type { Lack } from "../db/coverage.ts";
import type {
  MissingLearner,
  MissingPage,
  MissingView,
  Named,
  NextStep,
} from "../db/coverage_missing.ts";
import { NO_NAME, scopeQuery } from "./coverage_table.tsx";
import { type Frame, Heading, OfficePage } from "./layout.tsx";
import { NothingFound, Pager, type PlaceInList, queryText, SearchForm, Total } from "./lists.tsx";
import { MISSING, Partial, reloadsOn } from "./swap.tsx";
import { Chip, EmptyState, fullName, Name, Select } from "./ui.tsx";

export type MissingProps = {
  view: MissingView;
  page: MissingPage;
  years: readonly string[];
  registrationGroups: readonly string[];
  mayEdit: boolean;
  mostCounted: number;
};

const LACKING: readonly (readonly [Lack, string])[] = [
  ["sign-in", "Not signed in"],
  ["mail", "Not mailed"],
  ["logon", "No logon"],
];
const CHIPS: Readonly<Record<Lack, string>> = {
  "logon": "no logon",
  "mail": "not mailed",
  "sign-in": "not signed in",
};

/** The page. */
export function MissingPageView(props: MissingProps & { frame: Frame }): JSX.Element {
  const { view } = props;
  return (
    <OfficePage
      frame={props.frame}
      title="Who is missing"
      place="coverage"
      home={`/coverage/missing${missingQuery(view)}`}
      heading={<Heading title="Who is missing" beside={<MissingTotal {...props} />} />}
    >
      <p class="soft intro">
        Learners of whom no parent has got so far, and what to do next.{" "}
        <a href={`/coverage${scopeQuery(view)}`}>Back to Coverage</a>
      </p>
      <SearchForm
        action="/coverage/missing"
        target={MISSING}
        search={view.search}
        placeholder="Name, group or admission number"
      >
        <Select name="lacking" label="Lacking" quiet value={view.lacking} options={LACKING} />
        <Select
          name="year"
          label="Year group"
          quiet
          value={nameOf(view.year)}
          options={choices("Any year", "No year group", props.years)}
        />
        <Select
          name="group"
          label="Registration group"
          quiet
          value={nameOf(view.group)}
          options={choices("Any group", "No group", props.registrationGroups)}
        />
        {view.applicants && <input type="hidden" name="applicants" value="yes" />}
      </SearchForm>
      <MissingList {...props} />
    </OfficePage>
  );
}

/** What a search or a page answers: the list and the total. */
export function MissingAnswer(props: MissingProps): JSX.Element {
  return (
    <>
      <MissingList {...props} />
      <Partial target="#total">
        <MissingTotal {...props} />
      </Partial>
    </>
  );
}

function MissingTotal(props: MissingProps): JSX.Element {
  const { page, view } = props;
  const filtered = isNarrowed(view) || page.total > props.mostCounted;
  return (
    <Total total={page.total} mostCounted={props.mostCounted} filtered={filtered} one="learner" />
  );
}

function MissingList(props: MissingProps): JSX.Element {
  const { page, view } = props;
  const here = `/coverage/missing${missingQuery(view, view)}`;
  return (
    <section
      id="missing"
      class="list"
      aria-label="Who is missing"
      {...reloadsOn("logons:changed", here)}
    >
      {page.rows.length === 0 ? <NobodyMissing view={view} /> : (
        <div class="table">
          <table>
            <caption class="quiet">Learners by registration group and name</caption>
            <thead>
              <tr>
                <th scope="col">Learner</th>
                <th scope="col">Year and group</th>
                <th scope="col">Parents</th>
                <th scope="col">What to do next</th>
              </tr>
            </thead>
            <tbody>
              {page.rows.map((row) => <Row row={row} mayEdit={props.mayEdit} />)}
            </tbody>
          </table>
        </div>
      )}
      <Pager
        page={page}
        target={MISSING}
        hrefOf={(place) => `/coverage/missing${missingQuery(view, place)}`}
      />
    </section>
  );
}

function Row(props: { row: MissingLearner; mayEdit: boolean }): JSX.Element {
  const { row } = props;
  return (
    <tr>
      <td class="who" data-label="Learner">
        <a href={`/learners/${row.id}`}>
          <strong>
            <Name of={row} />
          </strong>
        </a>
        <span class="below soft">
          {row.admissionNumber}
          {row.status !== "Current" && `, ${row.status}`}
        </span>
      </td>
      <td data-label="Year and group">
        <bdi>{row.yearGroup ?? "No year group"}</bdi>
        <span class="below soft">
          <bdi>{row.registrationGroup ?? "No registration group"}</bdi>
        </span>
      </td>
      <td data-label="Parents">
        <Chip tone={row.lacks === "sign-in" ? "plain" : "amber"}>{CHIPS[row.lacks]}</Chip>
      </td>
      <td data-label="What to do next">
        <Next row={row} mayEdit={props.mayEdit} />
      </td>
    </tr>
  );
}

/** The next thing to do as a link; whoever only looks reads it where the link would lead to a deed. */
function Next(props: { row: MissingLearner; mayEdit: boolean }): JSX.Element {
  const { next } = props.row;
  const { href, isWindow, isDeed } = wayOf(props.row);
  const words = <bdi>{nextWords(next)}</bdi>;
  if (isDeed && !props.mayEdit) return words;
  const forWhom = <span class="quiet">{`, for ${fullName(props.row)}`}</span>;
  return <a href={href} data-opens={isWindow ? "" : undefined}>{words}{forWhom}</a>;
}

/** What to do, in words: on the page and in the workbook. */
export function nextWords(next: NextStep): string {
  switch (next.what) {
    case "import contact":
      return `Import ${next.person}`;
    case "add email":
      return `Add an email for ${next.person}, or a logon by hand`;
    case "look at access":
      return `See why ${next.person} cannot get in`;
    case "add contact":
      return "Add a contact with Parental Responsibility";
    case "send login details":
      return `Mail login details to ${next.person}`;
    case "print letter":
      return `Print a letter for ${next.person}, who has no email`;
    case "remind":
      return next.isNotUsed
        ? `See the mails to ${next.person}, and send again`
        : `See what became of the mails to ${next.person}`;
  }
}

type Way = { readonly href: string; readonly isWindow?: boolean; readonly isDeed?: boolean };

function wayOf(row: MissingLearner): Way {
  const { next } = row;
  switch (next.what) {
    case "import contact": {
      const search = queryText([["search", fullName(row)]]);
      return { href: `/contact-imports/new${search}`, isWindow: true, isDeed: true };
    }
    case "add email":
      return { href: `/contacts/${next.contactId}` };
    case "look at access":
      return { href: `/logons/${next.logonId}/access`, isWindow: true };
    case "add contact":
      return { href: `/learners/${row.id}` };
    case "send login details":
      return { href: `/logons/${next.logonId}/credentials`, isWindow: true, isDeed: true };
    case "print letter":
      return { href: `/letters/new?logon=${next.logonId}`, isWindow: true, isDeed: true };
    case "remind": {
      // Not from the seventh day on, as the ledger usually shows them, but all of them.
      const unused = next.isNotUsed ? "state=not-used&days=0&" : "";
      return { href: `/credential-mails?${unused}logon=${next.logonId}` };
    }
  }
}

function NobodyMissing(props: { view: MissingView }): JSX.Element {
  const { view } = props;
  if (isNarrowed(view)) {
    const all = { ...view, search: "", year: null, group: null };
    return (
      <NothingFound
        one="learner"
        search={view.search}
        otherFilters={view.year !== null || view.group !== null}
        all={`/coverage/missing${missingQuery(all)}`}
      />
    );
  }
  return (
    <EmptyState icon="circle-check" title="Nobody is missing">
      <p>
        Every learner has a parent who got so far. <a href="/coverage">Back to Coverage</a>
      </p>
    </EmptyState>
  );
}

function isNarrowed(view: MissingView): boolean {
  return view.search !== "" || view.year !== null || view.group !== null;
}

function choices(
  any: string,
  none: string,
  names: readonly string[],
): (readonly [value: string, label: string])[] {
  return [["", any], ...names.map((name) => [name, name] as const), [NO_NAME, none]];
}

/** As the address and the form name it: nothing for any. */
function nameOf(named: Named | null): string {
  return named === null ? "" : named.name ?? NO_NAME;
}

/** The query of an address of the list, with its question mark. */
export function missingQuery(view: MissingView, place: PlaceInList = {}): string {
  return queryText([
    ["q", view.search],
    ["lacking", view.lacking],
    ["year", nameOf(view.year)],
    ["group", nameOf(view.group)],
    ["applicants", view.applicants ? "yes" : null],
    ["after", place.after ?? null],
    ["before", place.before ?? null],
  ]);
}
