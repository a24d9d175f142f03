// The review of a feed: what each record would change or has changed, the decision, and undoing it.

import type { JSX } from "hono/jsx/jsx-runtime";
import type { FeedClass } from "../db/feed_diff.ts";
import type { FeedItem, FeedItemProblem, FeedValues } from "../db/feeds.ts";
import type { Task } from "../db/tasks.ts";
import { versionOf } from "./feed_sentences.ts";
import type { Frame } from "./layout.tsx";
import { type OutcomeClass, Outcomes, OutcomesPage } from "./outcomes.tsx";
import { count, number } from "./times.ts";
import { ConfirmPassword } from "./ui.tsx";

/** In the order in which the office wants to see them: what needs a decision first. */
export const FEED_CLASSES: readonly OutcomeClass<FeedClass>[] = [
  { name: "error", label: "with an error", isBad: true },
  { name: "conflict", label: "not told apart", isBad: true },
  { name: "leaver", label: "leaving" },
  { name: "update", label: "changed" },
  { name: "create", label: "new" },
];

export type FeedReviewProps = {
  readonly task: Task;
  readonly counts: ReadonlyMap<FeedClass, number>;
  readonly shown: FeedClass | null;
  readonly items: readonly FeedItem[];
  readonly next: number | null;
  readonly mayEdit: boolean;
  /** Whether undoing asks for the own password, and what was wrong with it. */
  readonly asksPassword: boolean;
  readonly problem?: string | undefined;
};

/** What a feed would change, or has changed. */
export function FeedPage(props: FeedReviewProps & { frame: Frame }): JSX.Element {
  return (
    <OutcomesPage
      frame={props.frame}
      task={props.task}
      place="feeds"
      beside={<a href="/feeds">Feeds</a>}
    >
      <FeedReview {...props} />
    </OutcomesPage>
  );
}

/** The piece that draws itself anew while the feed is read or written. */
export function FeedReview(props: FeedReviewProps): JSX.Element {
  const counts: ReadonlyMap<string, number> = props.counts;
  const isBad = props.shown === "error" || props.shown === "conflict";
  return (
    <Outcomes
      task={props.task}
      address={`/feeds/${props.task.id}`}
      label="Records of the feed"
      noun="Records"
      classes={FEED_CLASSES}
      countOf={(name) => counts.get(name) ?? 0}
      shown={props.shown}
      columns={[
        { label: "Record" },
        { label: "Where it stands" },
        { label: isBad ? "What is wrong" : "What happens" },
      ]}
      next={props.next}
      nextLabel="Next records"
      hasRows={props.items.length > 0}
      notes={<Notes task={props.task} />}
      decision={<Decision {...props} />}
    >
      {props.items.map((item) => <ItemRow item={item} decided={props.task.finishedAt !== null} />)}
    </Outcomes>
  );
}

/** What the file is, and what was noticed about it as a whole. */
function Notes({ task }: { task: Task }): JSX.Element | null {
  const version = versionOf(task);
  const warned = task.facts["warned"];
  const lines = typeof warned === "string" && warned !== "" ? warned.split("\n") : [];
  const all = task.facts["warnings"];
  const more = typeof all === "number" ? all - lines.length : 0;
  if (version === "" && lines.length === 0) return null;
  return (
    <>
      {version !== "" && (
        <p class="soft small">
          {version}: {count(figure(task, "learners"), "learner")},{" "}
          {count(figure(task, "contacts"), "contact")} and{" "}
          {count(figure(task, "relationships"), "relationship")} were read.
          {figure(task, "skipped") > 0 &&
            ` ${
              count(figure(task, "skipped"), "learner")
            } had left before they were known here, and were left out.`}
        </p>
      )}
      {lines.length > 0 && (
        <details>
          <summary>{count(lines.length + Math.max(more, 0), "note")} on the file</summary>
          <ul class="reasons">
            {lines.map((line) => (
              <li>
                <bdi>{line}</bdi>
              </li>
            ))}
            {more > 0 && <li>And {number(more)} more.</li>}
          </ul>
        </details>
      )}
    </>
  );
}

function figure(task: Task, name: string): number {
  const value = task.facts[name];
  return typeof value === "number" ? value : 0;
}

const KINDS = { learner: "Learner", contact: "Contact", relationship: "Relationship" } as const;

function ItemRow({ item, decided }: { item: FeedItem; decided: boolean }): JSX.Element {
  return (
    <tr>
      <td data-label="Record">
        <bdi>{item.who || "— no name"}</bdi>
        <br />
        <span class="soft small">{KINDS[item.kind]}</span>
      </td>
      <td data-label="Where it stands">{placeOf(item)}</td>
      <td data-label="What happens">
        <ul class="reasons">
          {stateOf(item, decided).map((words) => <li class="soft">{words}</li>)}
          {item.problems.map((problem) => (
            <li>
              <bdi>{problemSentence(problem, item)}</bdi>
            </li>
          ))}
          {changesOf(item).map((words) => (
            <li>
              <bdi>{words}</bdi>
            </li>
          ))}
        </ul>
      </td>
    </tr>
  );
}

function placeOf({ file, line }: FeedItem): string {
  if (file === null) return "Not in the file";
  return line === null ? file : `${file}, line ${number(line)}`;
}

function stateOf({ state }: FeedItem, decided: boolean): string[] {
  if (state === "failed") return ["Not written:"];
  if (state === "undone") return ["Undone."];
  if (state === "kept") return ["Not undone: it was changed or used since."];
  if (state === "left out") return [decided ? "Left out." : "Will be left out."];
  return state === "planned" && decided ? ["Not written."] : [];
}

const FIELDS: Readonly<Record<string, string>> = {
  admissionNumber: "Admission number",
  upn: "UPN",
  firstName: "First name",
  surname: "Surname",
  dateOfBirth: "Date of birth",
  yearGroup: "Year group",
  registrationGroup: "Registration group",
  status: "Status",
  leftOn: "Left on",
  email: "Email",
  mobile: "Mobile",
  relationship: "Relationship",
  priority: "Priority",
  parentalResponsibility: "Parental Responsibility",
};

function changesOf({ class: is, kind, before, after }: FeedItem): string[] {
  if (is === "create") {
    const known = Object.entries(after).filter(([name, value]) =>
      value !== null && name in FIELDS && name !== "firstName" && name !== "surname"
    );
    const said = known.map(([name, value]) => `${FIELDS[name]} ${shown(value)}`).join(", ");
    return [`New${said === "" ? "" : `: ${said}`}.`];
  }
  if (is === "leaver" && kind === "relationship") return [];
  if (is === "leaver") return [`Becomes a leaver; the last day is ${shown(after["leftOn"])}.`];
  return Object.entries(after).filter(([name]) => name in FIELDS).map(([name, value]) =>
    changeOf(FIELDS[name] ?? name, before?.[name] ?? null, value)
  );
}

function changeOf(
  label: string,
  before: FeedValues[string],
  after: FeedValues[string],
): string {
  if (after === null) return `${label}: ${shown(before)} is taken away.`;
  return before === null
    ? `${label} becomes ${shown(after)}.`
    : `${label}: ${shown(before)} becomes ${shown(after)}.`;
}

function shown(value: FeedValues[string] | undefined): string {
  if (value === true) return "yes";
  if (value === false) return "no";
  if (value === null || value === undefined) return "not known";
  if (typeof value === "number") return number(value);
  return /^\d{4}-\d\d-\d\d$/.test(value) ? DAYS.format(new Date(value)) : `“${value}”`;
}

/** A day as 2014-03-02 is one wherever the school is. */
const DAYS = new Intl.DateTimeFormat("en-GB", { dateStyle: "long", timeZone: "UTC" });

function problemSentence(problem: FeedItemProblem, item: FeedItem): string {
  const { who = "somebody", value = "" } = problem;
  switch (problem.code) {
    case "said":
      return problem.sentence ?? "";
    case "two for one":
      return `Two records of this file are the same person here, ${who}. Neither was read.`;
    case "number of another":
      return `The admission number ${value} belongs to ${who} here. Mend the one that is wrong.`;
    case "UPN of another":
      return `The UPN ${value} belongs to ${who} here. Mend the one that is wrong.`;
    case "another person":
      return `The number ${value} belongs to ${who} here, whose names are others. Look who is meant.`;
    case "several contacts":
      return "Several contacts here have these names. Give the email, or take the doubled one away.";
    case "no learner":
      return "The contact belongs to no learner that is known.";
    case "unknown learner":
      return `There is no learner ${value} here and none in the file.`;
    case "unknown contact":
      return `There is no contact ${value} here and none in the file.`;
    case "learner left out":
      return "The learner was left out, and so this.";
    case "contact left out":
      return "The contact was left out, and so this.";
    case "absent":
      return "The learner is in this complete feed no more.";
    case "taken off":
      return "The sender has taken the contact off this learner’s record.";
    case "changed":
      return `The ${item.kind} was changed by somebody else meanwhile. Read the file again.`;
  }
}

function Decision(props: FeedReviewProps): JSX.Element | null {
  const { task, counts } = props;
  const writable = (["create", "update", "leaver"] as const)
    .reduce((sum, name) => sum + (counts.get(name) ?? 0), 0);
  if (task.state === "done" && task.facts["undo"] !== true && props.mayEdit && writable > 0) {
    return <Undo {...props} />;
  }
  if (task.state !== "needs review" || !props.mayEdit) return null;
  return (
    <div class="buttons decision">
      {writable > 0 && (
        <form method="post" action={`/feeds/${task.id}/approval`}>
          <button type="submit" class="button blue">Write {count(writable, "record")}</button>
        </form>
      )}
      <form method="post" action={`/tasks/${task.id}/cancellation`}>
        <button type="submit" class="button">Cancel feed</button>
      </form>
      {writable === 0 && (
        <p>No record can be written as it is. Mend the file, and upload it again.</p>
      )}
    </div>
  );
}

/** Undoing takes back what nobody has changed or used since; the records say afterwards which stayed. */
function Undo(props: FeedReviewProps): JSX.Element {
  return (
    <form method="post" action={`/feeds/${props.task.id}/undoing`} class="card decision" novalidate>
      <h2>Undo this feed</h2>
      <p>
        Every record is put back as it was before. What was changed since stays, and so does a
        learner or contact who has a logon.
      </p>
      <ConfirmPassword needed={props.asksPassword} problem={props.problem} />
      <p class="buttons">
        <button type="submit" class="button">Undo this feed</button>
      </p>
    </form>
  );
}
