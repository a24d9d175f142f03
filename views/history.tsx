// The history of a record: who changed what, when, from what to what.

import type { JSX } from "hono/jsx/jsx-runtime";
import type { HistoryEntry } from "../db/history.ts";
import type { Times } from "./times.ts";

/** What the history calls each value; one without a name here is not shown. */
const LABELS: Readonly<Record<string, string>> = {
  firstName: "First name",
  surname: "Surname",
  email: "Email",
  mobile: "Mobile",
  username: "Username",
  admissionNumber: "Admission number",
  upn: "UPN",
  dateOfBirth: "Date of birth",
  yearGroup: "Year group",
  registrationGroup: "Registration group",
  status: "Status",
  leftOn: "Left on",
  password: "Password",
  tfa: "Two factor authentication",
  suspended: "Suspended",
  suspendedReason: "Reason for suspending",
  expiresOn: "Expires on",
  learners: "Linked learners",
  addedLearners: "Linked as well",
  removedLearners: "No longer linked",
  mergedInto: "Merged into",
  endedFor: "Link ended for",
  callerCheckedBy: "Caller checked by",
  emailUnchecked: "Email that nobody has vouched for",
  reason: "Note",
  task: "In task",
  learner: "Learner",
  contact: "Contact",
  relationship: "Relationship",
  priority: "Priority",
  parentalResponsibility: "Parental Responsibility",
};

/** Newest first; folded away, since it is seldom what somebody comes for. */
export function History(
  props: { entries: readonly HistoryEntry[]; times: Times; most: number },
): JSX.Element {
  const { entries, times } = props;
  return (
    <section class="history" aria-labelledby="history-title">
      <h2 id="history-title">History</h2>
      <HistoryList entries={entries} times={times} />
      {entries.length >= props.most && <p class="soft">The newest {props.most} are shown.</p>}
    </section>
  );
}

/** The changes themselves, in the order given. */
export function HistoryList(
  props: { entries: readonly HistoryEntry[]; times: Times },
): JSX.Element {
  const { entries, times } = props;
  if (entries.length === 0) return <p class="soft">Nothing was changed here yet.</p>;
  return (
    <ol>
      {entries.map((entry) => (
        <li>
          <p>
            <time datetime={entry.at.toISOString()}>{times.full(entry.at)}</time>,{" "}
            <bdi>{entry.who}</bdi>: <strong>{entry.what}</strong>
          </p>
          <Differences entry={entry} />
        </li>
      ))}
    </ol>
  );
}

function Differences({ entry }: { entry: HistoryEntry }): JSX.Element | null {
  const { before, after } = entry;
  const names = Object.keys(LABELS).filter((name) =>
    (before !== null && name in before) || (after !== null && name in after)
  );
  const changed = names.filter((name) => {
    const [was, is] = [before?.[name] ?? null, after?.[name] ?? null];
    // Whether there is a new password is all that is ever kept of one.
    if (name === "password") return is === true;
    // What stays the same is said only where it tells what the change was about.
    return was !== is || name === "learner" || name === "contact";
  });
  if (changed.length === 0) return null;
  return (
    <ul>
      {changed.map((name) => (
        <li>
          {LABELS[name]}: {before !== null && name in before && after !== null &&
            before[name] !== after[name] && (
            <>
              <bdi>{said(before[name])}</bdi> →{" "}
            </>
          )}
          <bdi>{name === "password" ? "a new one" : said((after ?? before)?.[name])}</bdi>
        </li>
      ))}
    </ul>
  );
}

function said(value: unknown): string {
  if (value === null || value === undefined || value === "") return "none";
  if (typeof value === "boolean") return value ? "yes" : "no";
  return String(value);
}
