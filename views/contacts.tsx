// Contacts: the list, its filters, and what can be done.

import type { Child } from "hono/jsx";
import type { JSX } from "hono/jsx/jsx-runtime";
import type { Groups } from "../db/learners.ts";
import type { ContactPage, ContactRow, ContactView } from "../db/contact_list.ts";
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
import { CONTACTS } from "./swap.tsx";
import { Address, Chip, EmptyState, Name, Select } from "./ui.tsx";

/** All that the list shows. */
export type ContactsProps = {
  view: ContactView;
  page: ContactPage;
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

const LIST: SortedList<ContactView> = {
  one: "contact",
  address: "/contacts",
  target: CONTACTS,
  filterOf: (view) => ["state", view.state],
  heads: [
    [
      { sort: "surname", label: "Surname" },
      { sort: "first-name", label: "First name" },
      { sort: "email", label: "Email" },
    ],
    [{ sort: "mobile", label: "Mobile" }],
    [{ sort: "learners", label: "Learners" }],
  ],
};

/** The page. */
export function ContactsPage(
  props: ContactsProps & { frame: Frame; groups: Groups; dialog?: Child },
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
      dialog={props.dialog}
      heading={<Heading title="Contacts" beside={<ListTotal list={LIST} {...props} />} />}
    >
      <ListFilters list={LIST} placeholder="Name, email, mobile or learner" {...props}>
        <Select
          name="state"
          label="Who"
          quiet
          value={props.view.state ?? ""}
          options={STATE_LABELS}
        />
      </ListFilters>
      <ContactsList {...props} />
    </OfficePage>
  );
}

/** What a search, a sort or a page answers. */
export function ContactsAnswer(props: ContactsProps): JSX.Element {
  return (
    <ListAnswer list={LIST} {...props}>
      <ContactsList {...props} />
    </ListAnswer>
  );
}

function ContactsList(props: ContactsProps): JSX.Element {
  const { page, view } = props;
  return (
    <section id="contacts-list" class="list" aria-label="Contacts">
      {page.rows.length === 0 ? <NoContacts {...props} /> : (
        <SortedTable list={LIST} view={view}>
          {page.rows.map((row) => <Row row={row} />)}
        </SortedTable>
      )}
      <ListPager list={LIST} view={view} page={page} />
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

function NoContacts({ view, mayEdit }: ContactsProps): JSX.Element {
  return (
    <NoRows list={LIST} view={view}>
      <EmptyState icon="users-round" title="No contacts yet">
        <p>A contact is an adult on a learner’s record. From one a logon can be made.</p>
        {mayEdit && (
          <p class="buttons">
            <a class="button blue" href="/contacts/new" data-opens>
              Add the first one
            </a>
          </p>
        )}
      </EmptyState>
    </NoRows>
  );
}

/** The list's address after "/contacts". */
export function contactsQuery(view: ContactView, place?: PlaceInList): string {
  return listQuery(LIST, view, place);
}
