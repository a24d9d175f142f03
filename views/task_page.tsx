// A task's own page: how far it is or how it ended, its file, what can be done about it, and its log.

import type { JSX } from "hono/jsx/jsx-runtime";
import type { HistoryEntry } from "../db/history.ts";
import type { Task } from "../db/tasks.ts";
import { inThePast } from "./audit.tsx";
import { HistoryList } from "./history.tsx";
import { type Frame, Heading, OfficePage } from "./layout.tsx";
import { polls } from "./swap.tsx";
import { TaskLinks, TaskState } from "./task_alerts.tsx";
import { number, type Times } from "./times.ts";
import { ConfirmPassword, ProblemSummary } from "./ui.tsx";

export type TaskPageProps = {
  readonly task: Task;
  readonly log: readonly HistoryEntry[];
  /** Entries of the log that are read. */
  readonly mostLog: number;
  readonly times: Times;
  readonly mayEdit: boolean;
  readonly isRetryable: boolean;
  readonly confirm: boolean;
  readonly ownProblem?: string | undefined;
};

/** @param props isLate: it was to be cancelled, and had ended before */
export function TaskPage(
  props: TaskPageProps & { frame: Frame; isLate?: boolean },
): JSX.Element {
  const { task } = props;
  return (
    <OfficePage
      frame={props.frame}
      title={task.title}
      place="tasks"
      home={`/tasks/${task.id}`}
      heading={
        <Heading
          title={task.title}
          beside={
            <p class="beside">
              <a href="/tasks">All tasks</a>
            </p>
          }
        />
      }
    >
      <div class="stack">
        {props.isLate && (
          <p class="notice" role="status">
            It could not be cancelled: it had ended before. What became of it stands here.
          </p>
        )}
        <TaskProgress {...props} />
      </div>
    </OfficePage>
  );
}

const STATES: Readonly<Record<Task["state"], string>> = {
  queued: "Waiting to start",
  running: "Under way",
  paused: "Paused",
  "needs review": "Waits for your review",
  done: "Done",
  failed: "Failed",
  cancelled: "Cancelled",
};

/** All but the heading: until the task has ended it asks for itself again. */
export function TaskProgress(props: TaskPageProps): JSX.Element {
  const { task, times } = props;
  const busy = task.state === "queued" || task.state === "running";
  return (
    <div id="task" class="record" {...(busy ? polls(`/tasks/${task.id}`, 2) : {})}>
      <section class="card stack" aria-label="How far it is">
        <div role="status">
          <TaskState task={task} />
        </div>
        <WhatToDo task={task} />
        <div class="actions">
          <TaskLinks task={task} mayEdit={props.mayEdit} />
        </div>
        {props.mayEdit && <Steering {...props} />}
      </section>
      <section aria-labelledby="task-facts">
        <h2 id="task-facts">About this task</h2>
        <dl class="details">
          <Fact name="State">{STATES[task.state]}</Fact>
          <Fact name="Started by">
            <bdi>{task.adminName ?? "the program itself"}</bdi>
          </Fact>
          <Fact name="Asked for">{times.full(task.createdAt)}</Fact>
          {task.startedAt !== null && <Fact name="Begun">{times.full(task.startedAt)}</Fact>}
          {task.finishedAt !== null && <Fact name="Ended">{times.full(task.finishedAt)}</Fact>}
          {task.total !== null && (
            <Fact name="Written or checked">{number(task.done)} of {number(task.total)}</Fact>
          )}
          {task.resultUntil !== null && (
            <Fact name="File">
              Kept until {times.full(task.resultUntil)}.
            </Fact>
          )}
          <Fact name="Number">{String(task.id)}</Fact>
        </dl>
      </section>
      <section class="history" aria-labelledby="task-log">
        <h2 id="task-log">Log</h2>
        <HistoryList
          entries={logOf(task, props.log)}
          times={times}
        />
        {props.log.length >= props.mostLog && (
          <p class="soft">The newest {props.mostLog} are shown.</p>
        )}
      </section>
    </div>
  );
}

const ENDINGS: Readonly<Partial<Record<Task["state"], string>>> = {
  done: "finished it",
  failed: "stopped, because it failed",
  cancelled: "ended it",
};

/** What people did to it and what the program itself noted, newest first. */
function logOf(task: Task, log: readonly HistoryEntry[]): HistoryEntry[] {
  const program = "The program";
  const noted: [Date | null, string, string | undefined][] = [
    [task.startedAt, program, "began"],
    [task.finishedAt, program, ENDINGS[task.state]],
  ];
  // Some kinds are started with an entry of their own in the audit.
  if (!log.some(({ what }) => /^(start|export) /.test(what))) {
    noted.unshift([task.createdAt, task.adminName ?? program, "asked for it"]);
  }
  return [
    ...log.map((entry) => ({ ...entry, what: inThePast(entry.what) })),
    ...noted.flatMap(([at, who, what]) =>
      at === null || what === undefined ? [] : [{ id: 0, at, who, what, before: null, after: null }]
    ),
  ].toSorted((one, other) => other.at.getTime() - one.at.getTime());
}

function Fact(
  props: { name: string; children: JSX.Element | string | (string | null)[] },
): JSX.Element {
  return (
    <div>
      <dt>{props.name}</dt>
      <dd>{props.children}</dd>
    </div>
  );
}

/** Cancelling what has not ended, and starting again what failed and can be. */
function Steering(props: TaskPageProps): JSX.Element | null {
  const { task } = props;
  if (props.isRetryable) {
    const problems = props.ownProblem === undefined
      ? []
      : [["own_password", props.ownProblem] as const];
    return (
      <form method="post" action={`/tasks/${task.id}/retry`} class="stack" novalidate>
        <ProblemSummary problems={problems} />
        <ConfirmPassword needed={props.confirm} problem={props.ownProblem} />
        <div>
          <button type="submit" class="button blue">Start it again</button>
        </div>
      </form>
    );
  }
  if (task.finishedAt !== null || task.cancelAsked) return null;
  return (
    <form method="post" action={`/tasks/${task.id}/cancellation`}>
      <input type="hidden" name="back" value="task" />
      <button type="submit" class="button">Cancel this task</button>
    </form>
  );
}

/** Where a task that failed cannot simply be started again, the way on. */
function WhatToDo(props: { task: Task }): JSX.Element | null {
  const { task } = props;
  if (task.state !== "failed") return null;
  switch (task.kind) {
    case "excel import":
      return (
        <p>
          Mend what it says, and <a href="/excel-imports/new">upload the file again</a>.
        </p>
      );
    case "feed":
      return (
        <p>
          Mend what it says, and <a href="/feeds">send the file again under Feeds</a>.
        </p>
      );
    case "contact import":
      return (
        <p>
          Whoever was imported stays. <a href="/contact-imports/new">Import Contacts</a>{" "}
          offers those who are missing.
        </p>
      );
    case "credential mails":
      return (
        <p>
          <a href={`/bulk-resets/${task.id}?show=not-accepted`}>See who was not mailed</a>{" "}
          and try those again there.
        </p>
      );
    case "letters":
      return <p>No code that was not printed works. Make the letters again from the list.</p>;
    default:
      return <p>Nothing was changed by it: it can be started again.</p>;
  }
}
