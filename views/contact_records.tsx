// A contact's page: details, learners, the logons that came from it, and the history.

import type { Child } from "hono/jsx";
import type { JSX } from "hono/jsx/jsx-runtime";
import type { ContactLearner } from "../db/contact_learners.ts";
import type { ContactLogon, ContactRecord } from "../db/contacts.ts";
import type { HistoryEntry } from "../db/history.ts";
import { History } from "./history.tsx";
import { type Frame, Heading, OfficePage } from "./layout.tsx";
import { Detail, responsibility } from "./learner_records.tsx";
import { Option, Options } from "./options.tsx";
import { HEADING, Partial, RECORD, TOASTS } from "./swap.tsx";
import type { Times } from "./times.ts";
import { Address, Chip, fullName, Name, Toast } from "./ui.tsx";

/** All that the page shows. */
export type ContactRecordProps = {
  contact: ContactRecord;
  learners: readonly ContactLearner[];
  logons: readonly ContactLogon[];
  /** Another contact that may be the same adult; null if there is none. */
  double: number | null;
  history: readonly HistoryEntry[];
  mostHistory: number;
  times: Times;
  mayEdit: boolean;
};

/** The page. */
export function ContactRecordPage(
  props: ContactRecordProps & { frame: Frame; dialog?: Child; toasts?: Child },
): JSX.Element {
  const { contact } = props;
  const home = `/contacts/${contact.id}`;
  return (
    <OfficePage
      frame={props.frame}
      title={fullName(contact)}
      place="contacts"
      home={home}
      options={
        <Options>
          <Option href={`${home}/edit`} icon="notebook-pen" able={props.mayEdit} main window>
            Edit Contact
          </Option>
        </Options>
      }
      {...(props.dialog === undefined ? {} : { dialog: props.dialog })}
      toasts={props.toasts}
      heading={<ContactHeading contact={contact} />}
    >
      <ContactRecordParts {...props} />
    </OfficePage>
  );
}

/** What a change answers: the record as it is now, and a toast that says what was done. */
export function ContactChanged(
  props: ContactRecordProps & { children: Child; stays?: boolean },
): JSX.Element {
  return (
    <>
      <Partial target={RECORD}>
        <ContactRecordParts {...props} />
      </Partial>
      <Partial target={HEADING}>
        <ContactHeading contact={props.contact} />
      </Partial>
      <Partial target={TOASTS} swap="beforeend">
        <Toast stays={props.stays ?? false}>{props.children}</Toast>
      </Partial>
    </>
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

function ContactHeading(props: { contact: ContactRecord }): JSX.Element {
  return (
    <Heading
      title={fullName(props.contact)}
      beside={
        <p class="beside">
          <a href="/contacts">Contacts</a>
        </p>
      }
    />
  );
}

function ContactRecordParts(props: ContactRecordProps): JSX.Element {
  const { contact, double } = props;
  return (
    <div id="record" class="record">
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
      <History entries={props.history} times={props.times} most={props.mostHistory} />
    </div>
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

/** Where two contacts stand side by side. */
export function pairAddress(id: number, other: number): string {
  return `/contacts/duplicates/${Math.min(id, other)}-${Math.max(id, other)}`;
}
