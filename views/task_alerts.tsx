// Task Alerts beside every page, and All tasks.

import type { Child } from "hono/jsx";
import type { JSX } from "hono/jsx/jsx-runtime";
import type { Facts, Task } from "../db/tasks.ts";
import { coverageSentence } from "./coverage_exports.tsx";
import { feedDoneSentence, feedReviewSentence } from "./feed_sentences.ts";
import { type Frame, Heading, OfficePage } from "./layout.tsx";
import { ALERTS, Partial, polls, posts, TOASTS } from "./swap.tsx";
import { count, number, type Times } from "./times.ts";
import { EmptyState, Icon, Toast } from "./ui.tsx";
import { signInExportSentence } from "./sign_ins.tsx";
import { usageSentence } from "./usage_reports.tsx";

/** The region. While something runs it asks every second, else every ten; app.js lets it rest while nobody looks. */
export function TaskAlerts(
  props: { tasks: readonly Task[]; seen: string; mayEdit: boolean },
): JSX.Element {
  const busy = props.tasks.some((task) => task.state === "queued" || task.state === "running");
  return (
    <section
      id="task-alerts"
      class={props.tasks.length === 0 ? "alerts none" : "alerts"}
      aria-labelledby="task-alerts-title"
      data-unfinished={String(props.tasks.filter((task) => task.finishedAt === null).length)}
      {...polls(`/task-alerts?seen=${props.seen}`, busy ? 1 : 10)}
    >
      <h2 id="task-alerts-title">
        Task Alerts {props.tasks.length > 0 && <span class="count">{props.tasks.length}</span>}
      </h2>
      {props.tasks.length === 0
        ? <p class="nothing">Imports and other long work appear here while they run.</p>
        : (
          <ul>
            {props.tasks.map((task) => (
              <li>
                <Alert task={task} mayEdit={props.mayEdit} />
              </li>
            ))}
          </ul>
        )}
      <p class="more">
        <a href="/tasks">All tasks</a>
      </p>
    </section>
  );
}

function Alert(props: { task: Task; mayEdit: boolean }): JSX.Element {
  const { task } = props;
  return (
    <article
      class={`alert ${task.state.replace(" ", "-")}`}
      data-task={String(task.id)}
      data-state={task.state}
    >
      <h3>
        <bdi>{task.title}</bdi>
      </h3>
      <TaskState task={task} />
      <div class="actions">
        <TaskActions task={task} mayEdit={props.mayEdit} />
        {/* Named by its number: the titles are those of the options beside the list, whose links must stay unmistakable. */}
        <a href={`/tasks/${task.id}`} aria-label={`Details of task ${task.id}`}>Details</a>
        {task.finishedAt !== null && (
          <button
            type="button"
            id={`dismiss-${task.id}`}
            class="quiet-button"
            aria-label={`Dismiss ${task.title}`}
            {...posts(`/task-alerts/${task.id}/dismissal`)}
          >
            Dismiss
          </button>
        )}
      </div>
    </article>
  );
}

/** How far a task is, or how it ended, in a sentence. */
export function TaskState(props: { task: Task }): JSX.Element {
  const { task } = props;
  switch (task.state) {
    case "queued":
      return <p>Waiting to start.</p>;
    case "running":
      return task.total === null || task.total === 0
        ? (
          <>
            <progress aria-label={task.title} />
            <p>{sentenceFor(task.step)}</p>
          </>
        )
        : (
          <>
            <progress aria-label={task.title} max={task.total} value={task.done} />
            <p>
              {sentenceFor(task.step)} {number(task.done)} of {number(task.total)}
              {task.cancelAsked ? ", stopping" : task.pauseAsked ? ", pausing" : ""}
            </p>
          </>
        );
    case "paused":
      return <p>{pausedSentence(task.facts)}</p>;
    case "needs review":
      return (
        <p>{task.kind === "letters" ? lettersWaitSentence(task.facts) : reviewSentence(task)}</p>
      );
    case "done":
      return <p>{doneSentence(task)}</p>;
    case "failed":
      return <p class="problem">{failureSentence(task)}</p>;
    case "cancelled":
      if (task.kind === "letters") {
        return <p>Cancelled. None of the codes works; throw away what was printed.</p>;
      }
      if (task.kind === "credential mails") return <p>{cancelledMailsSentence(task.facts)}</p>;
      return (
        <p>
          Cancelled. {task.facts["superseded"] === true && "A newer file took its place. "}
          {task.done > 0 && task.kind !== "usage report" &&
            `${count(task.done, nounOf(task))} had been written before.`}
        </p>
      );
  }
}

/** What can be done about a task now; whoever may only look is offered to look. */
export function TaskActions(props: { task: Task; mayEdit: boolean }): JSX.Element {
  const { task, mayEdit } = props;
  return (
    <>
      <TaskLinks task={task} mayEdit={mayEdit} />
      {mayEdit && !task.cancelAsked && <Steering task={task} />}
    </>
  );
}

/** Where its items, its review and its file are. */
export function TaskLinks(props: { task: Task; mayEdit: boolean }): JSX.Element {
  const { task, mayEdit } = props;
  return (
    <>
      {task.kind === "letters" && (
        <a href={`/letters/${task.id}`}>
          {task.state === "needs review" ? "Print" : "Show letters"}
        </a>
      )}
      {task.state === "needs review" && task.kind !== "letters" && (
        <a href={`/${task.kind === "feed" ? "feeds" : "excel-imports"}/${task.id}`}>Review</a>
      )}
      {task.state !== "needs review" && task.kind === "excel import" &&
        task.facts["rows"] !== undefined && <a href={`/excel-imports/${task.id}`}>Show rows</a>}
      {task.kind === "feed" && task.state !== "needs review" && task.facts["planned"] === true && (
        <a href={`/feeds/${task.id}`}>Show records</a>
      )}
      {task.kind === "contact import" && <a href={`/contact-imports/${task.id}`}>Show contacts</a>}
      {task.kind === "credential mails" && task.state !== "queued" && (
        <a href={`/bulk-resets/${task.id}${isAllAccepted(task.facts) ? "" : "?show=not-accepted"}`}>
          {isAllAccepted(task.facts) ? "Show mails" : "Show who was not"}
        </a>
      )}
      {task.resultName !== null && mayEdit && (
        <a href={`/tasks/${task.id}/file`} download>
          Download <span class="quiet">{task.resultName}</span> {endingOf(task.resultName)}
        </a>
      )}
    </>
  );
}

/** Pausing and resuming, where its kind can, and cancelling what is left. */
function Steering(props: { task: Task }): JSX.Element | null {
  const { task } = props;
  if (task.state !== "queued" && task.state !== "running" && task.state !== "paused") return null;
  const paused = task.state === "paused" || task.pauseAsked;
  const [verb, action] = paused ? ["Resume", "resumption"] : ["Pause", "pause"];
  return (
    <>
      {task.kind === "credential mails" && (
        <button
          type="button"
          id={`pause-${task.id}`}
          class="quiet-button"
          aria-label={`${verb} ${task.title}`}
          {...posts(`/bulk-resets/${task.id}/${action}`)}
        >
          {verb}
        </button>
      )}
      <button
        type="button"
        id={`cancel-${task.id}`}
        class="quiet-button"
        aria-label={`Cancel ${task.title}`}
        {...posts(`/tasks/${task.id}/cancellation`)}
      >
        Cancel
      </button>
    </>
  );
}

function sentenceFor(step: string | null): string {
  switch (step) {
    case "reading":
      return "Reading the file";
    case "checking":
      return "Checking the rows";
    case "sending":
      return "Sending";
    case "waiting for the mail server":
      return "Waiting for the mail server, trying again by itself:";
    case "making letters":
      return "Making the letters";
    case "counting":
      return "Counting the sign-ins";
    case "writing tabs":
      return "Writing the sign-ins:";
    case "writing summary":
      return "Writing the summary";
    case "comparing":
      return "Comparing it with what there is";
    case "undoing":
      return "Undoing it";
    case "writing the records":
      return "Writing the records";
    case "importing":
      return "Importing";
    case "writing":
      return "Writing the result";
    default:
      return "Running";
  }
}

/** ".xlsx" of "Parents.xlsx". */
function endingOf(name: string): string {
  return /\.[a-z0-9]+$/i.exec(name)?.[0] ?? "";
}

function nounOf(task: Task): string {
  return task.kind === "contact import" ? "contact" : "row";
}

function figure(facts: Facts, name: string): number {
  const value = facts[name];
  return typeof value === "number" ? value : 0;
}

function list(parts: readonly string[]): string {
  return new Intl.ListFormat("en-GB").format(parts);
}

/** Classes that are not plain additions, as they stand in the facts of an import. */
function reviewSentence(task: Task): string {
  if (task.kind === "feed") return feedReviewSentence(task);
  const { facts } = task;
  const parts = [
    [figure(facts, "error"), "has an error", "have errors"],
    [figure(facts, "blocked"), "is blocked", "are blocked"],
    [figure(facts, "update"), "would change a logon", "would change logons"],
    [figure(facts, "restore"), "would restore a deleted logon", "would restore deleted logons"],
  ] as const;
  const said = parts.filter(([value]) => value > 0)
    .map(([value, one, many]) => `${count(value, "row")} ${value === 1 ? one : many}`);
  return `Nothing has been written yet. ${list(said)}.`;
}

function doneSentence(task: Task): string {
  const { facts } = task;
  if (task.kind === "usage report") return usageSentence(task);
  if (task.kind === "sign in export") return signInExportSentence(task);
  if (task.kind === "coverage export") return coverageSentence(task);
  if (task.kind === "credential mails") return mailedSentence(facts);
  if (task.kind === "feed") return feedDoneSentence(task);
  if (task.kind === "letters") return printedSentence(facts);
  const parts = [
    [figure(facts, "created"), "added"],
    [figure(facts, "updated"), "changed"],
    [figure(facts, "linked"), "linked"],
    [figure(facts, "restored"), "restored"],
    [figure(facts, "unchanged"), "unchanged"],
    [figure(facts, "leftOut"), "left out"],
    [figure(facts, "failed"), "failed"],
  ] as const;
  const said = parts.filter(([value]) => value > 0).map(([value, word]) =>
    `${number(value)} ${word}`
  );
  return said.length === 0 ? "Done." : `Done: ${list(said)}${whyLeftOut(facts)}.`;
}

/** Why contacts were left out, as it stands in the facts of their import, and learners who are blocked. */
function whyLeftOut(facts: Facts): string {
  const reasons = [
    ["blocked", "is blocked", "are blocked"],
    ["merged", "has a logon that was merged", "have logons that were merged"],
    ["changed", "was changed after it was chosen", "were changed after they were chosen"],
    ["gone", "is not there any more", "are not there any more"],
    [
      "no learner",
      "has no Parental Responsibility any more",
      "have no Parental Responsibility any more",
    ],
    ["no email", "has no email", "have no email"],
    ["bad email", "has an email that is not an address", "have an email that is not an address"],
    ["several logons", "has several logons already", "have several logons already"],
    ["several contacts", "is on record twice", "are on record twice"],
    ["taken", "lost its username to somebody else", "lost their usernames to somebody else"],
  ] as const;
  const said = reasons.map(([name, one, many]) =>
    [figure(facts, `why ${name}`), one, many] as const
  )
    .filter(([value]) => value > 0)
    .map(([value, one, many]) => `${number(value)} ${value === 1 ? one : many}`);
  const blocked = figure(facts, "learnersBlocked");
  return (said.length === 0 ? "" : `: ${list(said)}`) +
    (blocked === 0
      ? ""
      : `. ${count(blocked, "learner")} ${blocked === 1 ? "is" : "are"} blocked and not linked`);
}

function isAllAccepted(facts: Facts): boolean {
  return figure(facts, "mails") > 0 && figure(facts, "accepted") === figure(facts, "mails");
}

/** "All 120 were sent…" only if all were; else how many were, and how many were not and why. */
function mailedSentence(facts: Facts): string {
  const mails = figure(facts, "mails");
  const accepted = figure(facts, "accepted");
  if (isAllAccepted(facts)) {
    return mails === 1
      ? "The mail with the new password was sent."
      : `All ${number(mails)} were sent an email containing their new password.`;
  }
  const parts = [
    [figure(facts, "refused"), "refused by the mail server"],
    [figure(facts, "unknown"), "not known"],
    [figure(facts, "bounced"), "came back"],
    [figure(facts, "leftOut"), "left out"],
    [figure(facts, "superseded"), "replaced by a newer reset"],
  ] as const;
  const said = parts.filter(([value]) => value > 0).map(([value, word]) =>
    `${number(value)} ${word}`
  );
  const keep = figure(facts, "bounced") < mails - accepted;
  return `${number(accepted)} of ${number(mails)} were sent their new password; ${list(said)}.${
    keep ? " Whoever was not sent one keeps the password they have." : ""
  }`;
}

function lettersWaitSentence(facts: Facts): string {
  const open = figure(facts, "mails") - figure(facts, "settled");
  const out = figure(facts, "leftOut");
  return `${count(open, "letter")} to print. No code works before you say that ${
    open === 1 ? "it was" : "they were"
  } printed.${out > 0 ? ` ${number(out)} left out.` : ""}`;
}

function printedSentence(facts: Facts): string {
  const printed = figure(facts, "accepted");
  const out = figure(facts, "leftOut") + figure(facts, "superseded");
  return `${count(printed, "letter")} ${printed === 1 ? "was" : "were"} printed; ${
    printed === 1 ? "its code works" : "their codes work"
  }.${out > 0 ? ` ${number(out)} left out.` : ""}`;
}

function pausedSentence(facts: Facts): string {
  const left = figure(facts, "mails") - figure(facts, "settled");
  return `Paused. ${number(figure(facts, "accepted"))} of ${
    number(figure(facts, "mails"))
  } were sent their new password; ${number(left)} ${left === 1 ? "waits" : "wait"}.`;
}

function cancelledMailsSentence(facts: Facts): string {
  return `Cancelled. ${number(figure(facts, "accepted"))} of ${
    number(figure(facts, "mails"))
  } had been sent their new password before; the others keep the password they have.`;
}

/** Why a task failed, and what to do. */
function failureSentence(task: Task): string {
  const failure = task.failure;
  if (failure?.code === "refused" && typeof failure["sentence"] === "string") {
    return failure["sentence"];
  }
  if (failure?.code === "file gone") {
    return "The file is kept 30 days, and these are over. Nothing was written: send the file again.";
  }
  if (failure?.code === "no mail server") {
    return "No mail server is set up, so nobody was mailed and no password was changed. Ask whoever looks after the program to set SMTP_URL.";
  }
  if (failure?.code === "key changed") {
    return "The server key has changed since this was started, so it was stopped. Who was mailed before keeps that password; start it again for the others.";
  }
  return `Something went wrong on our side, and it was stopped. What was written before is kept. Tell whoever looks after the program: task ${task.id}.`;
}

/** What starting a task answers: the alerts with the new one, and where to follow it. */
export function TaskStarted(
  props: { tasks: readonly Task[]; seen: string; href: string; children: Child },
): JSX.Element {
  return (
    <>
      <Partial target={ALERTS}>
        <TaskAlerts tasks={props.tasks} seen={props.seen} mayEdit />
      </Partial>
      <Partial target={TOASTS} swap="beforeend">
        <Toast>
          <bdi>{props.children}</bdi> <a href={props.href}>See how far it is</a>
        </Toast>
      </Partial>
    </>
  );
}

/** Everybody's tasks, so that nothing is lost when a colleague is away. */
export function TasksPage(
  props: {
    frame: Frame;
    tasks: readonly Task[];
    next: number | null;
    times: Times;
    mayEdit: boolean;
  },
): JSX.Element {
  return (
    <OfficePage
      frame={props.frame}
      title="All tasks"
      place="tasks"
      heading={<Heading title="All tasks" />}
    >
      {props.tasks.length === 0
        ? (
          <EmptyState icon="list-checks" title="No tasks yet">
            <p>Imports and other long work of everybody in the office are listed here.</p>
          </EmptyState>
        )
        : (
          <div class="table">
            <table>
              <thead>
                <tr>
                  <th scope="col">Task</th>
                  <th scope="col">Started by</th>
                  <th scope="col">Started</th>
                  <th scope="col">State</th>
                </tr>
              </thead>
              <tbody>
                {props.tasks.map((task) => (
                  <tr>
                    <td data-label="Task">
                      <strong>
                        <a href={`/tasks/${task.id}`}>
                          <bdi>{task.title}</bdi>
                        </a>
                      </strong>
                    </td>
                    <td data-label="Started by">
                      <bdi>{task.adminName ?? "—"}</bdi>
                    </td>
                    <td data-label="Started">{props.times.brief(task.createdAt)}</td>
                    <td data-label="State">
                      <TaskState task={task} />
                      <div class="actions">
                        <TaskActions task={task} mayEdit={props.mayEdit} />
                      </div>
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
      {props.next !== null && (
        <nav class="pager" aria-label="Pages">
          <a class="button" href={`/tasks?before=${props.next}`}>Older tasks</a>
        </nav>
      )}
    </OfficePage>
  );
}

/** In the place of a piece that could not be had. */
export function Failed(props: { children: Child }): JSX.Element {
  return (
    <p class="problem" role="alert">
      <Icon name="triangle-alert" /> {props.children}
    </p>
  );
}
