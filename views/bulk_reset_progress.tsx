// One reset: how far it is, what became of each mail, and pausing, resuming, cancelling and trying again.

import type { JSX } from "hono/jsx/jsx-runtime";
import type { LedgerEntry } from "../db/credential_mail_list.ts";
import type { Task } from "../db/tasks.ts";
import { EntryState } from "./credential_mails.tsx";
import { type Frame, Heading, OfficePage } from "./layout.tsx";
import { polls } from "./swap.tsx";
import { TaskState } from "./task_alerts.tsx";
import { isAllAccepted } from "./task_sentences.ts";
import { count, type Times } from "./times.ts";
import { Address, EmptyState } from "./ui.tsx";

export type ProgressProps = {
  task: Task;
  entries: readonly LedgerEntry[];
  notAccepted: boolean;
  /** The mail after which the page begins. */
  after: number;
  next: number | null;
  failed: number;
  times: Times;
  mayEdit: boolean;
};

export function BulkResetPage(props: ProgressProps & { frame: Frame }): JSX.Element {
  const { task } = props;
  return (
    <OfficePage
      frame={props.frame}
      title={task.title}
      place="mails"
      home={`/bulk-resets/${task.id}`}
      heading={
        <Heading
          title={task.title}
          beside={<p class="beside">{props.times.full(task.createdAt)}</p>}
        />
      }
    >
      <BulkResetProgress {...props} />
    </OfficePage>
  );
}

/** All but the heading: while mails are under way it asks for itself again. */
export function BulkResetProgress(props: ProgressProps): JSX.Element {
  const { task } = props;
  const address = `/bulk-resets/${task.id}`;
  const busy = task.state === "queued" || task.state === "running";
  return (
    <section
      id="bulk-reset"
      aria-label="What became of the mails"
      {...(busy ? polls(hrefOf(props, props.after), 2) : {})}
    >
      <div class="card" role="status">
        <TaskState task={task} />
        {props.mayEdit && task.finishedAt === null && <Steering task={task} />}
      </div>
      <nav class="buttons decision" aria-label="Which mails">
        <a class="button" href={address} aria-current={props.notAccepted ? undefined : "true"}>
          All
        </a>
        <a
          class="button"
          href={`${address}?show=not-accepted`}
          aria-current={props.notAccepted ? "true" : undefined}
        >
          Not accepted
        </a>
        <a class="button" href={`/credential-mails?task=${task.id}`}>In the ledger</a>
        {props.failed > 0 && task.finishedAt !== null && props.mayEdit && (
          <a
            class="button blue"
            href={`/resends/new?task=${task.id}&state=failed`}
            data-opens
          >
            {task.state === "cancelled"
              ? `Send to ${count(props.failed, "parent")} who got none`
              : `Try ${count(props.failed, "failed one")} again`}
          </a>
        )}
      </nav>
      {props.entries.length === 0
        ? <Nothing notAccepted={props.notAccepted} forgotten={isForgotten(props)} />
        : (
          <div class="table">
            <table>
              <caption class="quiet">The mails of this task</caption>
              <thead>
                <tr>
                  <th scope="col">Parent</th>
                  <th scope="col">Username</th>
                  <th scope="col">Address</th>
                  <th scope="col">State</th>
                </tr>
              </thead>
              <tbody>
                {props.entries.map((entry) => <MailRow entry={entry} times={props.times} />)}
              </tbody>
            </table>
          </div>
        )}
      {props.next !== null && (
        <nav class="pager" aria-label="Pages">
          <a class="button" href={hrefOf(props, props.next)}>Next</a>
        </nav>
      )}
    </section>
  );
}

/** Pause or resume, and cancel what is left. */
function Steering(props: { task: Task }): JSX.Element {
  const { task } = props;
  const paused = task.state === "paused" || task.pauseAsked;
  return (
    <div class="buttons">
      {!task.cancelAsked && (
        <form
          method="post"
          action={`/bulk-resets/${task.id}/${paused ? "resumption" : "pause"}`}
        >
          <button type="submit" id="pause-or-resume" class={paused ? "button blue" : "button"}>
            {paused ? "Resume" : "Pause"}
          </button>
        </form>
      )}
      {!task.cancelAsked && (
        <form method="post" action={`/tasks/${task.id}/cancellation`}>
          <input type="hidden" name="back" value="bulk-reset" />
          <button type="submit" id="cancel-rest" class="button">Cancel what is left</button>
        </form>
      )}
    </div>
  );
}

function MailRow(props: { entry: LedgerEntry; times: Times }): JSX.Element {
  const { entry } = props;
  return (
    <tr>
      <td data-label="Parent">
        <bdi>{entry.name}</bdi>
      </td>
      <td data-label="Username">
        <Address>{entry.username}</Address>
      </td>
      <td data-label="Address">
        <Address>{entry.address ?? "—"}</Address>
      </td>
      <td data-label="State">
        <EntryState entry={entry} times={props.times} />
      </td>
    </tr>
  );
}

/** Whether mails of this task are no longer kept, by what the task itself says. */
function isForgotten({ task, notAccepted, after }: ProgressProps): boolean {
  return task.finishedAt !== null && after === 0 && !(notAccepted && isAllAccepted(task.facts));
}

function Nothing(props: { notAccepted: boolean; forgotten: boolean }): JSX.Element {
  if (props.forgotten) {
    return (
      <EmptyState icon="mail" title="No longer kept">
        <p>
          What became of each mail is kept for as many months as Settings says. How many there were
          stands above.
        </p>
      </EmptyState>
    );
  }
  return props.notAccepted
    ? (
      <EmptyState icon="circle-check" title="All were accepted">
        <p>The mail server has accepted every mail of this task, and none has come back.</p>
      </EmptyState>
    )
    : (
      <EmptyState icon="mail" title="No mails">
        <p>There is no mail on this page.</p>
      </EmptyState>
    );
}

function hrefOf(props: ProgressProps, after: number): string {
  const query = [
    ...(props.notAccepted ? ["show=not-accepted"] : []),
    ...(after > 0 ? [`after=${after}`] : []),
  ].join("&");
  return `/bulk-resets/${props.task.id}${query === "" ? "" : `?${query}`}`;
}
