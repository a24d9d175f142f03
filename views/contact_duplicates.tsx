// Contacts who may be the same adult: the pairs, and two of them side by side to merge or keep apart.

import type { Child } from "hono/jsx";
import type { JSX } from "hono/jsx/jsx-runtime";
import type { ContactPair, Duplicate } from "../db/contact_duplicates.ts";
import type { ContactLearner } from "../db/contact_learners.ts";
import type { ContactRow } from "../db/contact_list.ts";
import type { MergeChoice } from "../db/contact_merges.ts";
import type { ContactLogon, ContactRecord, ContactValues } from "../db/contacts.ts";
import { type Frame, Heading, OfficePage } from "./layout.tsx";
import { responsibility } from "./parental_responsibilities.tsx";
import { count, list } from "./times.ts";
import {
  Address,
  Chip,
  ConfirmPassword,
  EmptyState,
  fullName,
  Name,
  ProblemSummary,
} from "./ui.tsx";

const HOME = "/contacts/duplicates";

/** The pairs. */
export function DuplicatesPage(
  props: {
    frame: Frame;
    rows: readonly Duplicate[];
    total: number;
    next: ContactPair | null;
    /** What was just done. */
    said: Child;
  },
): JSX.Element {
  const { rows, total, next } = props;
  return (
    <OfficePage
      frame={props.frame}
      title="Possible duplicates"
      place="contacts"
      heading={
        <Heading
          title="Possible duplicates"
          beside={
            <p class="beside">
              {count(total, "pair")} · <a href="/contacts">Contacts</a>
            </p>
          }
        />
      }
    >
      {props.said && <p class="notice green" role="status">{props.said}</p>}
      {rows.length === 0
        ? (
          <EmptyState icon="circle-check" title="No possible duplicates">
            <p>No two contacts have the same name with the same email or mobile.</p>
          </EmptyState>
        )
        : (
          <div class="table">
            <table>
              <thead>
                <tr>
                  <th scope="col">One contact</th>
                  <th scope="col">The other</th>
                  <th scope="col">The same</th>
                  <th scope="col">
                    <span class="quiet">Actions</span>
                  </th>
                </tr>
              </thead>
              <tbody>{rows.map((row) => <PairRow row={row} />)}</tbody>
            </table>
          </div>
        )}
      {next !== null && (
        <nav class="pager" aria-label="Pages">
          <a class="button" rel="next" href={`${HOME}?after=${next.one}-${next.other}`}>Next</a>
        </nav>
      )}
    </OfficePage>
  );
}

function PairRow({ row }: { row: Duplicate }): JSX.Element {
  const { one, other } = row;
  const same = [
    "name",
    ...(row.sameEmail ? ["email"] : []),
    ...(row.sameMobile ? ["mobile"] : []),
  ];
  const address = pairAddress(one.id, other.id);
  return (
    <tr>
      <td data-label="One contact">
        <Brief contact={one} />
      </td>
      <td data-label="The other">
        <Brief contact={other} />
      </td>
      <td data-label="The same">{list(same)}</td>
      <td>
        <a class="button small" href={address} aria-label={`Compare ${fullName(one)}`}>Compare</a>
      </td>
    </tr>
  );
}

function Brief({ contact }: { contact: ContactRow }): JSX.Element {
  return (
    <>
      <strong>
        <Name of={contact} />
      </strong>{" "}
      {contact.hasLogon && <Chip>has a logon</Chip>}
      <span class="below soft">
        {contact.email === null ? "no email" : <Address>{contact.email}</Address>}
        {" · "}
        {contact.mobile === null ? "no mobile" : <bdi>{contact.mobile}</bdi>}
      </span>
      <span class="below soft">
        {contact.learners.length === 0 ? "no learner" : contact.learners.map((learner, at) => (
          <>
            {at > 0 && ", "}
            <Name of={learner} />
          </>
        ))}
      </span>
    </>
  );
}

/** One of the two, with all that the comparison shows. */
export type Side = {
  readonly contact: ContactRecord;
  readonly learners: readonly ContactLearner[];
  readonly logons: readonly ContactLogon[];
};

export type CompareProps = {
  readonly one: Side;
  readonly other: Side;
  /** What the one contact would be to its learners. */
  readonly united: readonly ContactLearner[];
  readonly choice: MergeChoice;
  readonly problem?: string | undefined;
  /** Whether merging asks for the own password, and what was wrong with it. */
  readonly confirm: boolean;
  readonly ownProblem?: string | undefined;
  readonly mayEdit: boolean;
};

const FIELDS: readonly (readonly [keyof ContactValues, string])[] = [
  ["firstName", "First name"],
  ["surname", "Surname"],
  ["email", "Email"],
  ["mobile", "Mobile"],
];

/** Two contacts side by side. */
export function ComparePage(props: CompareProps & { frame: Frame }): JSX.Element {
  const { one, other } = props;
  const address = pairAddress(one.contact.id, other.contact.id);
  return (
    <OfficePage
      frame={props.frame}
      title="The same adult?"
      place="contacts"
      heading={
        <Heading
          title="The same adult?"
          beside={
            <p class="beside">
              <a href={HOME}>Possible duplicates</a>
            </p>
          }
        />
      }
    >
      {props.problem && <p class="summary" role="alert">{props.problem}</p>}
      <ProblemSummary
        problems={props.ownProblem === undefined ? [] : [["own_password", props.ownProblem]]}
      />
      <form method="post" action={`${address}/merge`} class="compare">
        <input type="hidden" name="version_one" value={String(one.contact.version)} />
        <input type="hidden" name="version_other" value={String(other.contact.version)} />
        <div class="table">
          <table>
            <thead>
              <tr>
                <td />
                <th scope="col">
                  <a href={`/contacts/${one.contact.id}`}>One contact</a>
                </th>
                <th scope="col">
                  <a href={`/contacts/${other.contact.id}`}>The other</a>
                </th>
              </tr>
            </thead>
            <tbody>
              {FIELDS.map(([field, label]) => <ValueRow field={field} label={label} {...props} />)}
              <tr>
                <th scope="row">Learners</th>
                <td data-label="One contact">
                  <LearnersOf learners={one.learners} />
                </td>
                <td data-label="The other">
                  <LearnersOf learners={other.learners} />
                </td>
              </tr>
              <tr>
                <th scope="row">Logons</th>
                <td data-label="One contact">
                  <LogonsOf logons={one.logons} />
                </td>
                <td data-label="The other">
                  <LogonsOf logons={other.logons} />
                </td>
              </tr>
            </tbody>
          </table>
        </div>
        <Outcome {...props} />
        {props.mayEdit && <ConfirmPassword needed={props.confirm} problem={props.ownProblem} />}
        {props.mayEdit && (
          <p class="buttons">
            <button type="submit" class="button red">Merge</button>
            <button type="submit" class="button" formaction={`${address}/distinction`}>
              Keep apart
            </button>
          </p>
        )}
      </form>
    </OfficePage>
  );
}

function ValueRow(
  props: CompareProps & { field: keyof ContactValues; label: string },
): JSX.Element {
  const { field, label, choice, mayEdit } = props;
  const [one, other] = [props.one.contact[field], props.other.contact[field]];
  function cell(side: "one" | "other", value: string | null): Child {
    const said = value === null ? "none" : value;
    const shown = field === "email" && value !== null
      ? <Address>{value}</Address>
      : <bdi>{said}</bdi>;
    if (one === other || !mayEdit) return shown;
    return (
      <label class="choice">
        <input
          type="radio"
          name={field}
          value={side}
          checked={choice[field] === side}
          aria-label={`${label}: ${said}`}
        />
        <span>{shown}</span>
      </label>
    );
  }
  return (
    <tr>
      <th scope="row">{label}</th>
      <td data-label="One contact">{cell("one", one)}</td>
      <td data-label="The other">{cell("other", other)}</td>
    </tr>
  );
}

function LearnersOf(props: { learners: readonly ContactLearner[] }): JSX.Element {
  if (props.learners.length === 0) return <span class="soft">none</span>;
  return (
    <ul>
      {props.learners.map((learner) => (
        <li>
          <Name of={learner} />{" "}
          <span class="soft">
            {learner.registrationGroup !== null && `${learner.registrationGroup}, `}
            <bdi>{learner.relationship}</bdi>, Parental Responsibility{" "}
            {responsibility(learner.parentalResponsibility)}
          </span>
        </li>
      ))}
    </ul>
  );
}

function LogonsOf(props: { logons: readonly ContactLogon[] }): JSX.Element {
  if (props.logons.length === 0) return <span class="soft">none</span>;
  return (
    <ul>
      {props.logons.map((logon) => (
        <li>
          <Address>{logon.username}</Address> {logon.isDeleted && <Chip tone="red">deleted</Chip>}
        </li>
      ))}
    </ul>
  );
}

/** What a merge would do, said before the button. */
function Outcome({ united, one, other }: CompareProps): JSX.Element {
  const logons = one.logons.length + other.logons.length;
  return (
    <section class="stack" aria-labelledby="outcome-title">
      <h2 id="outcome-title">If you merge them</h2>
      <ul class="facts">
        <li>One contact is kept, with the values chosen above. This cannot be undone.</li>
        <li>
          {united.length === 0 ? "It stands on no learner’s record." : (
            <>
              It stands on the records of {united.map((learner, at) => (
                <>
                  {at > 0 && "; "}
                  <Name of={learner} /> (<bdi>{learner.relationship}</bdi>, Parental Responsibility
                  {" "}
                  {responsibility(learner.parentalResponsibility)})
                </>
              ))}.
            </>
          )}
        </li>
        <li>
          {logons === 0
            ? "There is no logon."
            : logons === 1
            ? "The logon stays, and belongs to the one contact."
            : `All ${logons} logons stay, and belong to the one contact.`}{" "}
          No parent sees more than before; a block of either holds for all of them.
        </li>
      </ul>
    </section>
  );
}

/** Where two contacts stand side by side. */
export function pairAddress(id: number, other: number): string {
  return `/contacts/duplicates/${Math.min(id, other)}-${Math.max(id, other)}`;
}
