// Task Alerts beside every page, and All tasks.

import type { Child } from "hono/jsx";
import type { JSX } from "hono/jsx/jsx-runtime";
import type { Alerts, Task } from "../db/tasks.ts";
import { type Frame, Heading, OfficePage } from "./layout.tsx";
import { ALERTS, Partial, polls, posts, TOASTS } from "./swap.tsx";
import {
  cancelledSentence,
  doneSentence,
  failureSentence,
  isAllAccepted,
  pausedSentence,
  reviewSentence,
  stepSentence,
} from "./task_sentences.ts";
import { number, type Times } from "./times.ts";
import { EmptyState, Toast } from "./ui.tsx";

/** The region. While something runs it asks every second, else every ten; app.js lets it rest while nobody looks. */
export function TaskAlerts(
  props: { alerts: Alerts; seen: string; mayEdit: boolean },
): JSX.Element {
  const { tasks, more } = props.alerts;
  return (
    <section
      id="task-alerts"
      class={tasks.length === 0 ? "alerts none" : "alerts"}
      aria-labelledby="task-alerts-title"
      data-unfinished={String(tasks.filter((task) => task.finishedAt === null).length)}
      {...polls(`/task-alerts?seen=${props.seen}`, tasks.some(isUnderWay) ? 1 : 10)}
    >
      <h2 id="task-alerts-title">
        Task Alerts{" "}
        {tasks.length > 0 && <span class="count">{tasks.length}{more ? " and more" : ""}</span>}
      </h2>
      {tasks.length === 0
        ? <p class="nothing">Imports and other long work appear here while they run.</p>
        : (
          <ul>
            {tasks.map((task) => (
              <li>
                <Alert task={task} mayEdit={props.mayEdit} />
              </li>
            ))}
          </ul>
        )}
      <div class="more actions">
        <a href="/tasks">All tasks</a>
        <DismissAll tasks={tasks.filter((task) => task.finishedAt !== null)} />
      </div>
    </section>
  );
}

/** So many that to dismiss each takes somebody's time. */
const MANY = 3;

/** For those that are seen to have ended: what ends meanwhile stays. */
function DismissAll(props: { tasks: readonly Task[] }): JSX.Element | null {
  const { tasks } = props;
  if (tasks.length < MANY) return null;
  return (
    <form method="post" action="/task-alerts/dismissals">
      <input type="hidden" name="tasks" value={tasks.map(({ id }) => id).join(" ")} />
      <button
        type="submit"
        id="dismiss-all"
        class="quiet-button"
        {...posts("/task-alerts/dismissals")}
      >
        Dismiss all {number(tasks.length)} that have ended
      </button>
    </form>
  );
}

function isUnderWay({ state }: Task): boolean {
  return state === "queued" || state === "running";
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
          <Deed task={task} verb="Dismiss" action={`/task-alerts/${task.id}/dismissal`} />
        )}
      </div>
    </article>
  );
}

/** A button for one thing that can be done about a task; without script too. */
function Deed(
  props: { task: Task; verb: "Dismiss" | "Cancel" | "Pause" | "Resume"; action: string },
): JSX.Element {
  const { task, verb, action } = props;
  return (
    <form method="post" action={action}>
      <button
        type="submit"
        id={`${verb.toLowerCase()}-${task.id}`}
        class="quiet-button"
        aria-label={`${verb} ${task.title}`}
        {...posts(action)}
      >
        {verb}
      </button>
    </form>
  );
}

/** How far a task is, or how it ended, in a sentence. */
export function TaskState(props: { task: Task }): JSX.Element {
  const { task } = props;
  const soon = task.cancelAsked ? ", stopping" : task.pauseAsked ? ", pausing" : "";
  switch (task.state) {
    case "queued":
      return <p>Waiting to start.</p>;
    case "running":
      return task.total === null || task.total === 0
        ? (
          <>
            <progress aria-label={task.title} />
            <p>{stepSentence(task.step)}{soon}</p>
          </>
        )
        : (
          <>
            <progress aria-label={task.title} max={task.total} value={task.done} />
            <p>
              {stepSentence(task.step)} {number(task.done)} of {number(task.total)}
              {soon}
            </p>
          </>
        );
    case "paused":
      return <p>{pausedSentence(task.facts)}</p>;
    case "needs review":
      return <p>{reviewSentence(task)}</p>;
    case "done":
      return <p>{doneSentence(task)}</p>;
    case "failed":
      return <p class="problem">{failureSentence(task)}</p>;
    case "cancelled":
      return <p>{cancelledSentence(task)}</p>;
  }
}

/** What can be done about a task now; whoever may only look is offered to look. */
function TaskActions(props: { task: Task; mayEdit: boolean }): JSX.Element {
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
  const [verb, action] = paused ? ["Resume", "resumption"] as const : ["Pause", "pause"] as const;
  return (
    <>
      {task.kind === "credential mails" && (
        <Deed task={task} verb={verb} action={`/bulk-resets/${task.id}/${action}`} />
      )}
      <Deed task={task} verb="Cancel" action={`/tasks/${task.id}/cancellation`} />
    </>
  );
}

/** ".xlsx" of "Parents.xlsx". */
function endingOf(name: string): string {
  return /\.[a-z0-9]+$/i.exec(name)?.[0] ?? "";
}

/** What starting a task answers: the alerts with the new one, and where to follow it. */
export function TaskStarted(
  props: { alerts: Alerts; seen: string; href: string; children: Child },
): JSX.Element {
  return (
    <>
      <Partial target={ALERTS}>
        <TaskAlerts alerts={props.alerts} seen={props.seen} mayEdit />
      </Partial>
      <Partial target={TOASTS} swap="beforeend">
        <Toast>
          <bdi>{props.children}</bdi> <a href={props.href}>See how far it is</a>
        </Toast>
      </Partial>
    </>
  );
}

export type TasksProps = {
  tasks: readonly Task[];
  /** The task before which the page begins; null for the first page. */
  before: number | null;
  next: number | null;
  times: Times;
  mayEdit: boolean;
};

/** Everybody's tasks, so that nothing is lost when a colleague is away. */
export function TasksPage(props: TasksProps & { frame: Frame }): JSX.Element {
  return (
    <OfficePage
      frame={props.frame}
      title="All tasks"
      place="tasks"
      heading={<Heading title="All tasks" />}
    >
      <Tasks {...props} />
    </OfficePage>
  );
}

/** The list: the piece that asks again while something in it is under way. A colleague's task is cancelled on its own page only. */
export function Tasks(props: TasksProps): JSX.Element {
  const here = props.before === null ? "/tasks" : `/tasks?before=${props.before}`;
  return (
    <div id="all-tasks" {...(props.tasks.some(isUnderWay) ? polls(here, 2) : {})}>
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
                        <TaskLinks task={task} mayEdit={props.mayEdit} />
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
    </div>
  );
}
