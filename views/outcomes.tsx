// What a task would do, does or has done with each of its records: the classes to filter by, the records with reasons, the decision.

import type { Child } from "hono/jsx";
import type { JSX } from "hono/jsx/jsx-runtime";
import type { Task } from "../db/tasks.ts";
import { type Frame, Heading, OfficePage } from "./layout.tsx";
import { polls } from "./swap.tsx";
import { TaskState } from "./task_alerts.tsx";
import { number } from "./times.ts";

/** A class of records, in the order in which the office wants to see them. */
export type OutcomeClass<Name extends string = string> = {
  readonly name: Name;
  readonly label: string;
  readonly isBad?: boolean;
};

export type OutcomesProps = {
  readonly task: Task;
  /** The page's own address. */
  readonly address: string;
  /** What the records are, as "Rows of the file". */
  readonly label: string;
  /** The same in a word or two, as "Rows". */
  readonly noun: string;
  readonly classes: readonly OutcomeClass[];
  readonly countOf: (name: string) => number;
  readonly shown: string | null;
  readonly columns: readonly { readonly label: string; readonly numeric?: boolean }[];
  /** Position of the last record of the page, if there are more. */
  readonly next: number | null;
  readonly nextLabel: string;
  readonly hasRows: boolean;
  /** A row of the table for each record. */
  readonly children: Child;
  /** Below the sentence on how far it is. */
  readonly notes?: Child;
  /** What can be done with it. */
  readonly decision?: Child;
};

/** The page of one task. */
export function OutcomesPage(
  props: {
    frame: Frame;
    task: Task;
    place: "logons" | "feeds";
    beside: Child;
    children: Child;
  },
): JSX.Element {
  return (
    <OfficePage
      frame={props.frame}
      title={props.task.title}
      place={props.place}
      heading={<Heading title={props.task.title} beside={<p class="beside">{props.beside}</p>} />}
    >
      {props.children}
    </OfficePage>
  );
}

/** The piece that draws itself anew while the task runs. */
export function Outcomes(props: OutcomesProps): JSX.Element {
  const { task, address, shown } = props;
  const moving = task.state === "queued" || task.state === "running";
  const present = props.classes.filter(({ name }) => props.countOf(name) > 0);
  return (
    <section id="import" aria-label={props.label} {...(moving ? polls(address, 1) : {})}>
      <div class={task.state === "needs review" ? "notice" : "card"} role="status">
        <TaskState task={task} />
        {props.notes}
      </div>
      {present.length > 0 && (
        <nav class="classes" aria-label={`${props.noun} by what becomes of them`}>
          {present.map(({ name, label, isBad }) => (
            <a
              href={`${address}?class=${name}`}
              class={isBad ? "bad" : undefined}
              aria-current={shown === name ? "true" : undefined}
            >
              <strong>{number(props.countOf(name))}</strong> {label}
            </a>
          ))}
        </nav>
      )}
      {props.hasRows && (
        <div class="table">
          <table>
            <thead>
              <tr>
                {props.columns.map(({ label, numeric }) => (
                  <th scope="col" class={numeric ? "numeric" : undefined}>{label}</th>
                ))}
              </tr>
            </thead>
            <tbody>{props.children}</tbody>
          </table>
        </div>
      )}
      {props.next !== null && (
        <nav class="pager" aria-label="Pages">
          <a class="button" href={`${address}?class=${shown ?? ""}&after=${props.next}`}>
            {props.nextLabel}
          </a>
        </nav>
      )}
      {props.decision}
    </section>
  );
}
