// A learner's page: details, contacts, the parents with a logon, whether there is a block, and the history.

import type { Child } from "hono/jsx";
import type { JSX } from "hono/jsx/jsx-runtime";
import type { LearnerContact } from "../db/contact_learners.ts";
import type { Hiding, LearnerLogon, LearnerRecord } from "../db/learner_records.ts";
import type { Frame } from "./layout.tsx";
import { Option, Options } from "./options.tsx";
import { responsibility } from "./parental_responsibilities.tsx";
import { Detail, RecordChanged, RecordPage, RecordParts, type RecordProps } from "./records.tsx";
import { calendarDay } from "./times.ts";
import { Address, Chip, fullName, Icon, Name } from "./ui.tsx";

/** All that the page shows. */
export type LearnerRecordProps = RecordProps & {
  learner: LearnerRecord;
  contacts: readonly LearnerContact[];
  logons: readonly LearnerLogon[];
  /** Names of the adults who must not see the learner. */
  blocked: readonly string[];
  upnWarning: string | null;
};

const HIDINGS: Readonly<Record<Hiding, string>> = {
  left: "no: the learner has left",
  suspended: "no: the logon is suspended",
  expired: "no: the logon has expired",
  "no password": "not yet: no working password",
};

/** The page. */
export function LearnerRecordPage(
  props: LearnerRecordProps & { frame: Frame; dialog?: Child; toasts?: Child },
): JSX.Element {
  const { learner, mayEdit } = props;
  const home = `/learners/${learner.id}`;
  return (
    <RecordPage
      frame={props.frame}
      of={learner}
      place="learners"
      options={
        <Options>
          <Option href={`${home}/edit`} icon="notebook-pen" able={mayEdit} main window>
            Edit Learner
          </Option>
          <Option href={`${home}/contacts/new`} icon="user-round-plus" able={mayEdit} window>
            Add Contact
          </Option>
        </Options>
      }
      dialog={props.dialog}
      toasts={props.toasts}
    >
      <LearnerRecordParts {...props} />
    </RecordPage>
  );
}

/** What a change answers. */
export function LearnerChanged(props: LearnerRecordProps & { children: Child }): JSX.Element {
  return (
    <RecordChanged
      of={props.learner}
      place="learners"
      record={<LearnerRecordParts {...props} />}
    >
      {props.children}
    </RecordChanged>
  );
}

function LearnerRecordParts(props: LearnerRecordProps): JSX.Element {
  return (
    <RecordParts {...props}>
      <Details {...props} />
      <Contacts {...props} />
      <Parents {...props} />
    </RecordParts>
  );
}

function Details({ learner, upnWarning }: LearnerRecordProps): JSX.Element {
  return (
    <section aria-label="Details">
      <dl class="details">
        <Detail label="Status">
          {learner.status === "Current" ? "Current" : <Chip>{learner.status}</Chip>}
          {learner.leftOn !== null && ` left on ${calendarDay(learner.leftOn)}`}
        </Detail>
        <Detail label="Admission number">{learner.admissionNumber}</Detail>
        <Detail label="UPN">
          {learner.upn ?? "none"}
          {upnWarning !== null && <p class="warning">{upnWarning}</p>}
        </Detail>
        <Detail label="Date of birth">
          {learner.dateOfBirth === null ? "not known" : calendarDay(learner.dateOfBirth)}
        </Detail>
        <Detail label="Year group">{learner.yearGroup ?? "none"}</Detail>
        <Detail label="Registration group">{learner.registrationGroup ?? "none"}</Detail>
      </dl>
    </section>
  );
}

function Contacts(props: LearnerRecordProps): JSX.Element {
  const { contacts, learner, mayEdit } = props;
  return (
    <section aria-labelledby="contacts-title">
      <h2 id="contacts-title">Contacts</h2>
      {contacts.length === 0
        ? <p class="soft">Nobody stands on this record yet.</p>
        : (
          <div class="table">
            <table>
              <thead>
                <tr>
                  <th scope="col">Contact</th>
                  <th scope="col">Relationship</th>
                  <th scope="col" class="numeric">Priority</th>
                  <th scope="col">Parental Responsibility</th>
                  {mayEdit && (
                    <th scope="col">
                      <span class="quiet">Actions</span>
                    </th>
                  )}
                </tr>
              </thead>
              <tbody>
                {contacts.map((contact) => (
                  <ContactRow contact={contact} learnerId={learner.id} mayEdit={mayEdit} />
                ))}
              </tbody>
            </table>
          </div>
        )}
    </section>
  );
}

function ContactRow(
  props: { contact: LearnerContact; learnerId: number; mayEdit: boolean },
): JSX.Element {
  const { contact } = props;
  const address = `/learners/${props.learnerId}/contacts/${contact.id}`;
  return (
    <tr>
      <td class="who" data-label="Contact">
        <a href={`/contacts/${contact.id}`}>
          <strong>
            <Name of={contact} />
          </strong>
        </a>{" "}
        {contact.hasLogon && <Chip>has a logon</Chip>}
        <span class="below">
          {contact.email === null ? "no email" : <Address>{contact.email}</Address>}
          {contact.mobile !== null && (
            <>
              {" · "}
              <bdi>{contact.mobile}</bdi>
            </>
          )}
        </span>
      </td>
      <td data-label="Relationship">
        <bdi>{contact.relationship}</bdi>
      </td>
      <td class="numeric" data-label="Priority">{contact.priority}</td>
      <td data-label="Parental Responsibility">
        {responsibility(contact.parentalResponsibility)}
      </td>
      {props.mayEdit && (
        <td class="icons">
          <div class="row-icons">
            <IconLink
              href={`${address}/edit`}
              icon="notebook-pen"
              label={`Edit the place of ${fullName(contact)}`}
              title="Edit"
            />
            <IconLink
              href={`${address}/removal`}
              icon="trash-2"
              label={`Take ${fullName(contact)} off`}
              title="Take off this record"
            />
          </div>
        </td>
      )}
    </tr>
  );
}

function IconLink(
  props: { href: string; icon: "notebook-pen" | "trash-2"; label: string; title: string },
): JSX.Element {
  return (
    <a
      class="icon-button"
      href={props.href}
      aria-label={props.label}
      title={props.title}
      data-opens
    >
      <Icon name={props.icon} />
    </a>
  );
}

function Parents({ logons, blocked }: LearnerRecordProps): JSX.Element {
  return (
    <section aria-labelledby="parents-title">
      <h2 id="parents-title">Parents with a logon</h2>
      {blocked.length > 0 && (
        <p class="warning">
          Blocked from this learner: {blocked.map((name, at) => (
            <>
              {at > 0 && ", "}
              <bdi>{name}</bdi>
            </>
          ))}. An administrator knows why.
        </p>
      )}
      {logons.length === 0
        ? <p class="soft">No logon is linked to this learner.</p>
        : (
          <div class="table">
            <table>
              <thead>
                <tr>
                  <th scope="col">Parent</th>
                  <th scope="col">Username</th>
                  <th scope="col">Sees this learner</th>
                </tr>
              </thead>
              <tbody>
                {logons.map((logon) => (
                  <tr>
                    <td class="who" data-label="Parent">
                      <a href={`/logons?q=${encodeURIComponent(logon.username)}`}>
                        <Name of={logon} />
                      </a>
                    </td>
                    <td data-label="Username">
                      <Address>{logon.username}</Address>
                    </td>
                    <td data-label="Sees this learner">
                      {logon.hides === null ? "yes" : HIDINGS[logon.hides]}
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
