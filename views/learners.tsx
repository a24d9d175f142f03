// Learners: the list, its filters, and what can be done.

import type { Child } from "hono/jsx";
import type { JSX } from "hono/jsx/jsx-runtime";
import type { LearnerPage, LearnerRow, LearnerSort, LearnerView } from "../db/learner_list.ts";
import { type Frame, Heading, OfficePage } from "./layout.tsx";
import {
  GroupFilters,
  NothingFound,
  Option,
  Options,
  Pager,
  type PlaceInList,
  queryText,
  SearchForm,
  type SortColumn,
  SortField,
  SortHeader,
  sortValue,
  Total,
} from "./lists.tsx";
import { LEARNERS, opensDialog, Partial } from "./swap.tsx";
import { Chip, EmptyState, Name, Select } from "./ui.tsx";

/** All that the list shows. */
export type LearnersProps = {
  view: LearnerView;
  page: LearnerPage;
  years: readonly string[];
  registrationGroups: readonly string[];
  statuses: readonly string[];
  mayEdit: boolean;
  mostCounted: number;
};

const NAMES: readonly SortColumn<LearnerSort>[] = [
  { sort: "surname", label: "Surname" },
  { sort: "first-name", label: "First name" },
];
const ADMISSION: readonly SortColumn<LearnerSort>[] = [
  { sort: "admission", label: "Admission number" },
];
const YEAR: readonly SortColumn<LearnerSort>[] = [{ sort: "year", label: "Year group" }];
const GROUP: readonly SortColumn<LearnerSort>[] = [{ sort: "group", label: "Registration group" }];
const STATUS: readonly SortColumn<LearnerSort>[] = [{ sort: "status", label: "Status" }];

/** The page. */
export function LearnersPage(
  props: LearnersProps & { frame: Frame; dialog?: Child },
): JSX.Element {
  return (
    <OfficePage
      frame={props.frame}
      title="Learners"
      place="learners"
      home="/learners"
      options={
        <Options>
          <Option
            href="/learners/new"
            icon="user-round-plus"
            able={props.mayEdit}
            main
            window
          >
            Add Learner
          </Option>
        </Options>
      }
      {...(props.dialog === undefined ? {} : { dialog: props.dialog })}
      heading={<Heading title="Learners" beside={<LearnerTotal {...props} />} />}
    >
      <LearnerFilters {...props} />
      <LearnersList {...props} />
    </OfficePage>
  );
}

/** What a search, a sort or a page answers: the list, the total, and the order that the next search keeps. */
export function LearnersAnswer(props: LearnersProps): JSX.Element {
  return (
    <>
      <LearnersList {...props} />
      <Partial target="#total">
        <LearnerTotal {...props} />
      </Partial>
      <Partial target="#filter-sort" swap="innerHTML">
        <SortField view={props.view} usual="surname" />
      </Partial>
    </>
  );
}

function LearnerTotal(props: LearnersProps): JSX.Element {
  return (
    <Total
      total={props.page.total}
      mostCounted={props.mostCounted}
      filtered={isFiltered(props.view)}
      one="learner"
    />
  );
}

function LearnerFilters(props: LearnersProps): JSX.Element {
  const { view } = props;
  return (
    <SearchForm
      action="/learners"
      target={LEARNERS}
      search={view.search}
      placeholder="Name, group or admission number"
    >
      <Select
        name="status"
        label="Status"
        quiet
        value={view.status ?? ""}
        options={[["", "Any status"], ...props.statuses.map((one) => [one, one] as const)]}
      />
      <GroupFilters
        view={view}
        years={props.years}
        registrationGroups={props.registrationGroups}
      />
      <span id="filter-sort">
        <SortField view={view} usual="surname" />
      </span>
    </SearchForm>
  );
}

function LearnersList(props: LearnersProps): JSX.Element {
  const { page, view } = props;
  const head = {
    view,
    target: LEARNERS,
    hrefOf: (sorted: Pick<LearnerView, "sort" | "descending">) =>
      `/learners${learnersQuery({ ...view, ...sorted })}`,
  };
  return (
    <section id="learners-list" class="list" aria-label="Learners">
      {page.rows.length === 0 ? <NoLearners {...props} /> : (
        <div class="table">
          <table>
            <thead>
              <tr>
                <SortHeader {...head} columns={NAMES} />
                <SortHeader {...head} columns={ADMISSION} />
                <SortHeader {...head} columns={YEAR} />
                <SortHeader {...head} columns={GROUP} />
                <SortHeader {...head} columns={STATUS} />
              </tr>
            </thead>
            <tbody>
              {page.rows.map((row) => <Row row={row} />)}
            </tbody>
          </table>
        </div>
      )}
      <Pager
        page={page}
        target={LEARNERS}
        hrefOf={(place) => `/learners${learnersQuery(view, place)}`}
      />
    </section>
  );
}

function Row({ row }: { row: LearnerRow }): JSX.Element {
  return (
    <tr>
      <td class="who" data-label="Name">
        <a href={`/learners/${row.id}`}>
          <strong>
            <Name of={row} />
          </strong>
        </a>
        <span class="below">
          {row.contacts.length === 0 ? "no contact" : row.contacts.map((contact, at) => (
            <>
              {at > 0 && ", "}
              <Name of={contact} /> (<bdi>{contact.relationship}</bdi>)
            </>
          ))}
        </span>
      </td>
      <td data-label="Admission number">{row.admissionNumber}</td>
      <td data-label="Year group">{row.yearGroup ?? <span class="soft">none</span>}</td>
      <td data-label="Registration group">
        {row.registrationGroup ?? <span class="soft">none</span>}
      </td>
      <td data-label="Status">
        {row.status === "Current" ? "Current" : <Chip>{row.status}</Chip>}
      </td>
    </tr>
  );
}

function NoLearners(props: LearnersProps): JSX.Element {
  const { view } = props;
  if (!isFiltered(view)) {
    return (
      <EmptyState icon="graduation-cap" title="No learners yet">
        <p>Parents see on the portal only learners who are on record here.</p>
        {props.mayEdit && (
          <p class="buttons">
            <a class="button blue" href="/learners/new" {...opensDialog("/learners/new")}>
              Add the first one
            </a>
          </p>
        )}
      </EmptyState>
    );
  }
  const all = learnersQuery({ ...view, search: "", status: null, year: null, group: null });
  return (
    <NothingFound
      one="learner"
      search={view.search}
      otherFilters={(view.status ?? view.year ?? view.group) !== null}
      all={`/learners${all}`}
    />
  );
}

function isFiltered(view: LearnerView): boolean {
  return view.search !== "" || (view.status ?? view.year ?? view.group) !== null;
}

/** The list's address after "/learners": what is as usual is left out. */
export function learnersQuery(view: LearnerView, place: PlaceInList = {}): string {
  const sort = sortValue(view);
  return queryText([
    ["q", view.search],
    ["status", view.status],
    ["year", view.year],
    ["group", view.group],
    ["sort", sort === "surname" ? null : sort],
    ["after", place.after ?? null],
    ["before", place.before ?? null],
  ]);
}
