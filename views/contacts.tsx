// Contacts: the list, its filters, and what can be done.

import type { Child } from "hono/jsx";
import type { JSX } from "hono/jsx/jsx-runtime";
import type { ContactPage, ContactRow, ContactSort, ContactView } from "../db/contact_list.ts";
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
import { CONTACTS, opensDialog, Partial } from "./swap.tsx";
import { Address, Chip, EmptyState, Name, Select } from "./ui.tsx";

/** All that the list shows. */
export type ContactsProps = {
  view: ContactView;
  page: ContactPage;
  years: readonly string[];
  registrationGroups: readonly string[];
  mayEdit: boolean;
  mostCounted: number;
};

const STATE_LABELS: readonly (readonly [string, string])[] = [
  ["", "Anybody"],
  ["responsible", "Parental Responsibility"],
  ["not-responsible", "No Parental Responsibility"],
  ["has-logon", "Has a logon"],
  ["no-logon", "No logon"],
  ["differs", "Logon differs"],
  ["no-email", "No email"],
  ["no-mobile", "No mobile"],
  ["no-learner", "No learner"],
];

const NAMES: readonly SortColumn<ContactSort>[] = [
  { sort: "surname", label: "Surname" },
  { sort: "first-name", label: "First name" },
  { sort: "email", label: "Email" },
];
const MOBILE: readonly SortColumn<ContactSort>[] = [{ sort: "mobile", label: "Mobile" }];
const LEARNERS: readonly SortColumn<ContactSort>[] = [{ sort: "learners", label: "Learners" }];

/** The page. */
export function ContactsPage(
  props: ContactsProps & { frame: Frame; dialog?: Child },
): JSX.Element {
  return (
    <OfficePage
      frame={props.frame}
      title="Contacts"
      place="contacts"
      home="/contacts"
      options={
        <Options>
          <Option href="/contacts/new" icon="user-round-plus" able={props.mayEdit} main window>
            Add Contact
          </Option>
          <Option href="/contacts/duplicates" icon="users-round" able>Possible duplicates</Option>
        </Options>
      }
      {...(props.dialog === undefined ? {} : { dialog: props.dialog })}
      heading={<Heading title="Contacts" beside={<ContactTotal {...props} />} />}
    >
      <ContactFilters {...props} />
      <ContactsList {...props} />
    </OfficePage>
  );
}

/** What a search, a sort or a page answers: the list, the total, and the order that the next search keeps. */
export function ContactsAnswer(props: ContactsProps): JSX.Element {
  return (
    <>
      <ContactsList {...props} />
      <Partial target="#total">
        <ContactTotal {...props} />
      </Partial>
      <Partial target="#filter-sort" swap="innerHTML">
        <SortField view={props.view} usual="surname" />
      </Partial>
    </>
  );
}

function ContactTotal(props: ContactsProps): JSX.Element {
  return (
    <Total
      total={props.page.total}
      mostCounted={props.mostCounted}
      filtered={isFiltered(props.view)}
      one="contact"
    />
  );
}

function ContactFilters(props: ContactsProps): JSX.Element {
  const { view } = props;
  return (
    <SearchForm
      action="/contacts"
      target={CONTACTS}
      search={view.search}
      placeholder="Name, email, mobile or learner"
    >
      <Select name="state" label="Who" quiet value={view.state ?? ""} options={STATE_LABELS} />
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

function ContactsList(props: ContactsProps): JSX.Element {
  const { page, view } = props;
  const head = {
    view,
    target: CONTACTS,
    hrefOf: (sorted: Pick<ContactView, "sort" | "descending">) =>
      `/contacts${contactsQuery({ ...view, ...sorted })}`,
  };
  return (
    <section id="contacts-list" class="list" aria-label="Contacts">
      {page.rows.length === 0 ? <NoContacts {...props} /> : (
        <div class="table">
          <table>
            <thead>
              <tr>
                <SortHeader {...head} columns={NAMES} />
                <SortHeader {...head} columns={MOBILE} />
                <SortHeader {...head} columns={LEARNERS} />
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
        target={CONTACTS}
        hrefOf={(place) => `/contacts${contactsQuery(view, place)}`}
      />
    </section>
  );
}

function Row({ row }: { row: ContactRow }): JSX.Element {
  return (
    <tr>
      <td class="who" data-label="Name">
        <a href={`/contacts/${row.id}`}>
          <strong>
            <Name of={row} />
          </strong>
        </a>{" "}
        {row.hasLogon && <Chip>has a logon</Chip>}
        {row.differs && <Chip tone="amber">logon differs</Chip>}
        <span class="below">{row.email === null ? "—" : <Address>{row.email}</Address>}</span>
      </td>
      <td data-label="Mobile" class="when">
        {row.mobile === null ? <span class="soft">none</span> : <bdi>{row.mobile}</bdi>}
      </td>
      <td data-label="Learners">
        {row.learners.length === 0 ? <span class="soft">none</span> : (
          <ul class="learners">
            {row.learners.map((learner) => (
              <li>
                <Name of={learner} />{" "}
                <span class="soft">
                  {learner.registrationGroup !== null && `${learner.registrationGroup}, `}
                  <bdi>{learner.relationship}</bdi>
                </span>
              </li>
            ))}
          </ul>
        )}
      </td>
    </tr>
  );
}

function NoContacts(props: ContactsProps): JSX.Element {
  const { view } = props;
  if (!isFiltered(view)) {
    return (
      <EmptyState icon="users-round" title="No contacts yet">
        <p>A contact is an adult on a learner’s record. From one a logon can be made.</p>
        {props.mayEdit && (
          <p class="buttons">
            <a class="button blue" href="/contacts/new" {...opensDialog("/contacts/new")}>
              Add the first one
            </a>
          </p>
        )}
      </EmptyState>
    );
  }
  const all = contactsQuery({ ...view, search: "", state: null, year: null, group: null });
  return (
    <NothingFound
      one="contact"
      search={view.search}
      otherFilters={(view.state ?? view.year ?? view.group) !== null}
      all={`/contacts${all}`}
    />
  );
}

function isFiltered(view: ContactView): boolean {
  return view.search !== "" || (view.state ?? view.year ?? view.group) !== null;
}

/** The list's address after "/contacts": what is as usual is left out. */
export function contactsQuery(view: ContactView, place: PlaceInList = {}): string {
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
