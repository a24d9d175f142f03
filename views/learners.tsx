// Learners: the list, its filters, and what can be done.

import type { Child } from "hono/jsx";
import type { JSX } from "hono/jsx/jsx-runtime";
import type { Groups } from "../db/learners.ts";
import type { LearnerPage, LearnerRow, LearnerView } from "../db/learner_list.ts";
import { type Frame, Heading, OfficePage } from "./layout.tsx";
import type { PlaceInList } from "./lists.tsx";
import { Option, Options } from "./options.tsx";
import {
  ListAnswer,
  ListFilters,
  ListPager,
  listQuery,
  ListTotal,
  NoRows,
  type SortedList,
  SortedTable,
} from "./sorted_lists.tsx";
import { LEARNERS } from "./swap.tsx";
import { Chip, EmptyState, Name, Select } from "./ui.tsx";

/** All that the list shows. */
export type LearnersProps = {
  view: LearnerView;
  page: LearnerPage;
  statuses: readonly string[];
  mayEdit: boolean;
  mostCounted: number;
};

const LIST: SortedList<LearnerView> = {
  one: "learner",
  address: "/learners",
  target: LEARNERS,
  filterOf: (view) => ["status", view.status],
  heads: [
    [{ sort: "surname", label: "Surname" }, { sort: "first-name", label: "First name" }],
    [{ sort: "admission", label: "Admission number" }],
    [{ sort: "year", label: "Year group" }],
    [{ sort: "group", label: "Registration group" }],
    [{ sort: "status", label: "Status" }],
  ],
};

/** The page. */
export function LearnersPage(
  props: LearnersProps & { frame: Frame; groups: Groups; dialog?: Child },
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
      dialog={props.dialog}
      heading={<Heading title="Learners" beside={<ListTotal list={LIST} {...props} />} />}
    >
      <ListFilters list={LIST} placeholder="Name, group or admission number" {...props}>
        <Select
          name="status"
          label="Status"
          quiet
          value={props.view.status ?? ""}
          options={[["", "Any status"], ...props.statuses.map((one) => [one, one] as const)]}
        />
      </ListFilters>
      <LearnersList {...props} />
    </OfficePage>
  );
}

/** What a search, a sort or a page answers. */
export function LearnersAnswer(props: LearnersProps): JSX.Element {
  return (
    <ListAnswer list={LIST} {...props}>
      <LearnersList {...props} />
    </ListAnswer>
  );
}

function LearnersList(props: LearnersProps): JSX.Element {
  const { page, view } = props;
  return (
    <section id="learners-list" class="list" aria-label="Learners">
      {page.rows.length === 0 ? <NoLearners {...props} /> : (
        <SortedTable list={LIST} view={view}>
          {page.rows.map((row) => <Row row={row} />)}
        </SortedTable>
      )}
      <ListPager list={LIST} view={view} page={page} />
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

function NoLearners({ view, mayEdit }: LearnersProps): JSX.Element {
  return (
    <NoRows list={LIST} view={view}>
      <EmptyState icon="graduation-cap" title="No learners yet">
        <p>Parents see on the portal only learners who are on record here.</p>
        {mayEdit && (
          <p class="buttons">
            <a class="button blue" href="/learners/new" data-opens>
              Add the first one
            </a>
          </p>
        )}
      </EmptyState>
    </NoRows>
  );
}

/** The list's address after "/learners". */
export function learnersQuery(view: LearnerView, place?: PlaceInList): string {
  return listQuery(LIST, view, place);
}
