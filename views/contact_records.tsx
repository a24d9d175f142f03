// A contact's page: details, learners, the logons that came from it, and the history.

import type { Child } from "hono/jsx";
import type { JSX } from "hono/jsx/jsx-runtime";
import type { ContactLearner } from "../db/contact_learners.ts";
import type { ContactLogon, ContactRecord } from "../db/contacts.ts";
import { pairAddress } from "./contact_duplicates.tsx";
import type { Frame } from "./layout.tsx";
import { Option, Options } from "./options.tsx";
import { responsibility } from "./parental_responsibilities.tsx";
import { Detail, RecordChanged, RecordPage, RecordParts, type RecordProps } from "./records.tsx";
import { Address, Chip, Name } from "./ui.tsx";

/** All that the page shows. */
export type ContactRecordProps = RecordProps & {
  contact: ContactRecord;
  learners: readonly ContactLearner[];
  logons: readonly ContactLogon[];
  /** Another contact that may be the same adult; null if there is none. */
  double: number | null;
};

/** The page. */
export function ContactRecordPage(
  props: ContactRecordProps & { frame: Frame; dialog?: Child; toasts?: Child },
): JSX.Element {
  const { contact } = props;
  return (
    <RecordPage
      frame={props.frame}
      of={contact}
      place="contacts"
      options={
        <Options>
          <Option
            href={`/contacts/${contact.id}/edit`}
            icon="notebook-pen"
            able={props.mayEdit}
            main
            window
          >
            Edit Contact
          </Option>
        </Options>
      }
      dialog={props.dialog}
      toasts={props.toasts}
    >
      <ContactRecordParts {...props} />
    </RecordPage>
  );
}

/** What a change answers. */
export function ContactChanged(
  props: ContactRecordProps & { children: Child; stays: boolean },
): JSX.Element {
  return (
    <RecordChanged
      of={props.contact}
      place="contacts"
      record={<ContactRecordParts {...props} />}
      stays={props.stays}
    >
      {props.children}
    </RecordChanged>
  );
}

/** "Ann Lee was saved." and, where a logon has another name or email now, where that is decided. */
export function ContactSaved(
  props: { contact: ContactRecord; logons: readonly ContactLogon[] },
): JSX.Element {
  const differing = props.logons.filter((logon) => logon.differs && !logon.isDeleted);
  return (
    <>
      <Name of={props.contact} /> was saved.
      {differing.length > 0 && (
        <>
          {" "}
          The {differing.length === 1 ? "logon" : "logons"} {differing.map((logon, at) => (
            <>
              {at > 0 && ", "}
              <bdi>{logon.username}</bdi>
            </>
          ))} {differing.length === 1 ? "was" : "were"} not changed.{" "}
          <a href="/attention">Decide at Needs attention</a>
        </>
      )}
    </>
  );
}

function ContactRecordParts(props: ContactRecordProps): JSX.Element {
  const { contact, double } = props;
  return (
    <RecordParts {...props}>
      <section aria-label="Details">
        {double !== null && (
          <p class="warning">
            Another contact with this name has the same email or mobile.{" "}
            <a href={pairAddress(contact.id, double)}>Compare the two</a>
          </p>
        )}
        <dl class="details">
          <Detail label="Email">
            {contact.email === null ? "none" : <Address>{contact.email}</Address>}
          </Detail>
          <Detail label="Mobile">
            {contact.mobile === null ? "none" : <bdi>{contact.mobile}</bdi>}
          </Detail>
        </dl>
      </section>
      <Learners {...props} />
      <Logons {...props} />
    </RecordParts>
  );
}

function Learners({ learners }: ContactRecordProps): JSX.Element {
  return (
    <section aria-labelledby="learners-title">
      <h2 id="learners-title">Learners</h2>
      {learners.length === 0
        ? (
          <p class="soft">
            Stands on no learner’s record. Contacts are added on the learner’s page.
          </p>
        )
        : (
          <div class="table">
            <table>
              <thead>
                <tr>
                  <th scope="col">Learner</th>
                  <th scope="col">Relationship</th>
                  <th scope="col" class="numeric">Priority</th>
                  <th scope="col">Parental Responsibility</th>
                </tr>
              </thead>
              <tbody>
                {learners.map((learner) => (
                  <tr>
                    <td class="who" data-label="Learner">
                      <a href={`/learners/${learner.id}`}>
                        <strong>
                          <Name of={learner} />
                        </strong>
                      </a>{" "}
                      <span class="soft">
                        {learner.registrationGroup}
                        {learner.status !== "Current" && ` (${learner.status})`}
                      </span>
                    </td>
                    <td data-label="Relationship">
                      <bdi>{learner.relationship}</bdi>
                    </td>
                    <td class="numeric" data-label="Priority">{learner.priority}</td>
                    <td data-label="Parental Responsibility">
                      {responsibility(learner.parentalResponsibility)}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
    </section>
  );
}

function Logons({ logons }: ContactRecordProps): JSX.Element {
  return (
    <section aria-labelledby="logons-title">
      <h2 id="logons-title">Logons</h2>
      {logons.length === 0
        ? <p class="soft">None came from this contact. Import Contacts makes one.</p>
        : (
          <ul class="plain-rows">
            {logons.map((logon) => (
              <li>
                <a
                  href={`/logons?q=${encodeURIComponent(logon.username)}${
                    logon.isDeleted ? "&state=deleted" : ""
                  }`}
                >
                  <Address>{logon.username}</Address>
                </a>{" "}
                <span class="soft">
                  <Name of={logon} />,{" "}
                  {logon.email === null ? "no email" : <Address>{logon.email}</Address>}
                </span>{" "}
                {logon.isDeleted && <Chip tone="red">deleted</Chip>}
                {logon.differs && !logon.isDeleted && (
                  <>
                    <Chip tone="amber">contact differs</Chip>{" "}
                    <a href="/attention">Decide at Needs attention</a>
                  </>
                )}
              </li>
            ))}
          </ul>
        )}
    </section>
  );
}
