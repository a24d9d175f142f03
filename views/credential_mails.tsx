// Login details by mail: the envelope's window, Bulk Reset, and what became of each mail.

import type { JSX } from "hono/jsx/jsx-runtime";
import type {
  Candidate,
  LedgerEntry,
  LeftOut,
  MailState,
  Preflight,
} from "../db/credential_mails.ts";
import type { Task } from "../db/tasks.ts";
import { type Frame, Heading, OfficePage } from "./layout.tsx";
import { opensDialog, redraws, redrawsAsTyped, redrawsOnChange, submitsInDialog } from "./swap.tsx";
import { TaskState } from "./task_alerts.tsx";
import { count, number, type Times } from "./times.ts";
import {
  Address,
  Cancel,
  Chip,
  ConfirmPassword,
  DialogContent,
  DialogFoot,
  EmptyState,
  Icon,
  Name,
  ProblemSummary,
  Select,
  type Tone,
} from "./ui.tsx";

const LEFT_OUT: Readonly<Record<LeftOut, string>> = {
  "no email": "no email",
  suspended: "suspended",
  expired: "expired",
  "no learner": "no current learner",
};

const STATES: Readonly<Record<MailState, readonly [label: string, tone: Tone]>> = {
  queued: ["waiting", "plain"],
  sending: ["being sent", "plain"],
  accepted: ["accepted by the mail server", "green"],
  deferred: ["put off by the mail server", "amber"],
  refused: ["refused", "red"],
  unknown: ["not known", "amber"],
  bounced: ["came back", "red"],
  superseded: ["replaced by a newer one", "plain"],
  cancelled: ["cancelled", "plain"],
  "left out": ["left out", "amber"],
};

/** The envelope's window: it names the address, and asks first. */
export function EnvelopeDialog(
  props: {
    logon: { id: number; firstName: string; surname: string; email: string; username: string };
    lastLogon: Date | null;
    sharers: readonly string[];
    ledger: readonly LedgerEntry[];
    times: Times;
    days: number;
    problem?: string | undefined;
  },
): JSX.Element {
  const { logon, times } = props;
  const action = `/logons/${logon.id}/credentials`;
  return (
    <DialogContent title="Email login details">
      <form method="post" action={action} novalidate {...submitsInDialog(action)}>
        <div class="body">
          {props.problem && <p class="summary" role="alert">{props.problem}</p>}
          <p>
            Send <Name of={logon} /> the portal address, the username{" "}
            <Address>{logon.username}</Address> and a new password?
          </p>
          <p class="address">
            To{" "}
            <strong>
              <Address>{logon.email}</Address>
            </strong>
          </p>
          <ul class="facts">
            <li>
              The new password works for {props.days}{" "}
              days. At the first sign-in they choose their own.
            </li>
            <li>The password they have now works until the mail server has accepted the mail.</li>
            {props.lastLogon !== null && (
              <li>
                They last signed in{" "}
                {times.brief(props.lastLogon)}, and are signed out when the mail is accepted.
              </li>
            )}
            {props.sharers.length > 0 && (
              <li>
                {new Intl.ListFormat("en-GB").format([...props.sharers])}{" "}
                {props.sharers.length === 1 ? "reads" : "read"} this mailbox too.
              </li>
            )}
          </ul>
          <Ledger entries={props.ledger} times={times} />
        </div>
        <DialogFoot>
          <Cancel href="/logons" />
          <button type="submit" class="button blue" autofocus>Send</button>
        </DialogFoot>
      </form>
    </DialogContent>
  );
}

/** What was mailed before, newest first. */
function Ledger(props: { entries: readonly LedgerEntry[]; times: Times }): JSX.Element | null {
  if (props.entries.length === 0) return null;
  return (
    <section class="ledger" aria-label="Sent before">
      <h3>Sent before</h3>
      <ul>
        {props.entries.map((entry) => (
          <li>
            {props.times.full(entry.askedAt)}
            {entry.askedBy !== null && (
              <>
                , by <bdi>{entry.askedBy}</bdi>
              </>
            )}: <MailChip state={entry.state} /> {entry.address !== null && (
              <span class="soft">
                to <Address>{entry.address}</Address>
              </span>
            )}
            {entry.answer && <span class="below soft">{entry.answer}</span>}
            {entry.firstUsedAt !== null && (
              <span class="below soft">
                Signed in with it on {props.times.full(entry.firstUsedAt)}.
              </span>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

function MailChip(props: { state: MailState }): JSX.Element {
  const [label, tone] = STATES[props.state];
  return <Chip tone={tone}>{label}</Chip>;
}

export type BulkResetForm = {
  readonly enableTfa: boolean;
  readonly search: string;
  readonly year: string | null;
  readonly years: readonly string[];
  readonly rows: readonly Candidate[];
  /** How many match, of which {@link rows} may be the first. */
  readonly total: number;
  /** Ticked, whether they match the search or not. */
  readonly chosen: ReadonlySet<number>;
  /** Everybody who matches, also those who are not listed. */
  readonly all: boolean;
  readonly preflight: Preflight;
  readonly confirm: boolean;
  readonly problems: {
    readonly chosen?: string | undefined;
    readonly own_password?: string | undefined;
  };
};

/** The window: whom, and what it would do, said before the button. */
export function BulkResetDialog(props: { form: BulkResetForm; times: Times }): JSX.Element {
  const { form } = props;
  const problems = [
    ...(form.problems.chosen ? [["chosen", form.problems.chosen] as const] : []),
    ...(form.problems.own_password ? [["own_password", form.problems.own_password] as const] : []),
  ];
  return (
    <DialogContent title="Bulk Reset" wide>
      <form method="post" action="/bulk-resets" novalidate {...submitsInDialog("/bulk-resets")}>
        <button
          type="submit"
          class="quiet"
          tabindex={-1}
          aria-hidden="true"
          formaction="/bulk-reset-drafts"
        >
          Search
        </button>
        <div class="body">
          <ProblemSummary problems={problems} />
          <label class="toggle">
            <span>
              <strong id="tfa-label">Enable TFA</strong>
              <span class="soft" id="tfa-hint">
                Those chosen set up an authenticator app when they next sign in. Nobody’s protection
                is taken away.
              </span>
            </span>
            <input
              type="checkbox"
              role="switch"
              name="enable_tfa"
              value="yes"
              checked={form.enableTfa}
              aria-labelledby="tfa-label"
              aria-describedby="tfa-hint"
            />
          </label>
          <div class="filters two">
            <div class="field search">
              <label for="field-reset_search" class="quiet">Search logons</label>
              <Icon name="search" />
              <input
                id="field-reset_search"
                name="reset_search"
                type="search"
                value={form.search}
                placeholder="Username, name, email or learner"
                autocomplete="off"
                spellcheck={false}
                {...redrawsAsTyped("/bulk-reset-drafts", "#reset-choice")}
              />
            </div>
            <Select
              name="reset_year"
              label="Year group"
              quiet
              value={form.year ?? ""}
              options={[["", "Any year"], ...form.years.map((year) => [year, year] as const)]}
              more={redrawsOnChange("/bulk-reset-drafts", "#reset-choice")}
            />
          </div>
          <button type="submit" class="button small no-script" formaction="/bulk-reset-drafts">
            Search
          </button>
          <ResetChoice form={form} times={props.times} />
          <ConfirmPassword needed={form.confirm} problem={form.problems.own_password} />
        </div>
        <DialogFoot>
          <span class="start soft">Old passwords work until each mail is accepted.</span>
          <Cancel href="/logons" />
          <button type="submit" class="button blue">Reset</button>
        </DialogFoot>
      </form>
    </DialogContent>
  );
}

/** The rows with their checkboxes, and what a reset of the chosen would do: redrawn by a search and by each tick. */
export function ResetChoice(props: { form: BulkResetForm; times: Times }): JSX.Element {
  const { form } = props;
  const listed = new Set(form.rows.map((row) => row.id));
  const kept = [...form.chosen].filter((id) => !listed.has(id));
  const able = form.rows.filter((row) => row.leftOut === null);
  const every = able.length > 0 && able.every((row) => form.chosen.has(row.id));
  return (
    <div id="reset-choice" class="choice-list">
      {kept.map((id) => <input type="hidden" name="logon" value={String(id)} />)}
      {form.total > form.rows.length && (
        <label class="choice">
          <input
            type="checkbox"
            name="all"
            value="yes"
            checked={form.all}
            {...redraws("/bulk-reset-drafts", "#preflight")}
          />
          All {number(form.total)} that match, also those not listed here
        </label>
      )}
      <div class="rows" id="field-chosen" tabindex={-1}>
        <label class="head">
          <input
            type="checkbox"
            name="select_all"
            value="yes"
            checked={every}
            data-select-all="logon"
            aria-label="Select all"
            {...redraws("/bulk-reset-drafts", "#preflight")}
          />
          <strong>Select all</strong>
          <span class="soft">{count(form.rows.length, "logon")} listed</span>
        </label>
        {form.rows.length === 0 ? <p class="hint">No logon matches.</p> : (
          <ul>
            {form.rows.map((row) => (
              <li>
                <label class={row.leftOut === null ? undefined : "unable"}>
                  <input
                    type="checkbox"
                    name="logon"
                    value={String(row.id)}
                    checked={form.chosen.has(row.id)}
                    disabled={row.leftOut !== null}
                    aria-label={row.username}
                    {...redraws("/bulk-reset-drafts", "#preflight")}
                  />
                  <Address>{row.username}</Address>
                  <span class="soft">
                    <Name of={row} />
                  </span>
                  {row.leftOut !== null && <Chip tone="amber">{LEFT_OUT[row.leftOut]}</Chip>}
                  {row.leftOut === null && row.lastLogon !== null &&
                    isRecent(row.lastLogon, props.times) && (
                    <Chip>signed in {props.times.brief(row.lastLogon)}</Chip>
                  )}
                </label>
              </li>
            ))}
          </ul>
        )}
      </div>
      <PreflightSentence preflight={form.preflight} />
    </div>
  );
}

/** "37 mails will be sent. 1 is left out: …" */
export function PreflightSentence(props: { preflight: Preflight }): JSX.Element {
  const { preflight } = props;
  const out = preflight.leftOut.reduce((sum, one) => sum + one.count, 0);
  return (
    <p id="preflight" role="status">
      <strong>
        {preflight.mails === 0
          ? "Nobody is chosen yet."
          : `${count(preflight.mails, "mail")} will be sent.`}
      </strong>
      {out > 0 && ` ${number(out)} left out: ${preflight.leftOut.map(leftOutSentence).join("; ")}.`}
      {preflight.sharing > 0 && ` ${number(preflight.sharing)} share a mailbox with another.`}
      {preflight.recent > 0 && ` ${number(preflight.recent)} signed in during the last 7 days.`}
    </p>
  );
}

function leftOutSentence(one: Preflight["leftOut"][number]): string {
  const more = one.count - one.names.length;
  const names = one.names.join(", ") + (more > 0 ? ` and ${number(more)} more` : "");
  return `${names} (${LEFT_OUT[one.reason]})`;
}

function isRecent(moment: Date, times: Times): boolean {
  const said = times.brief(moment);
  return said.startsWith("today") || said === "yesterday";
}

/** What became of the mails of one task, those that failed first to be seen, and the way to try only them again. */
export function CredentialMailsPage(
  props: {
    frame: Frame;
    task: Task;
    entries: readonly LedgerEntry[];
    notAccepted: boolean;
    next: number | null;
    failed: number;
    times: Times;
    mayEdit: boolean;
  },
): JSX.Element {
  const { task } = props;
  const address = `/bulk-resets/${task.id}`;
  return (
    <OfficePage
      frame={props.frame}
      title={task.title}
      place="logons"
      heading={
        <Heading
          title={task.title}
          beside={<p class="beside">{props.times.full(task.createdAt)}</p>}
        />
      }
    >
      <div class="card" role="status">
        <TaskState task={task} />
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
        {props.failed > 0 && task.finishedAt !== null && props.mayEdit && (
          <form method="post" action={`${address}/retry`}>
            <button type="submit" class="button blue">
              Try {count(props.failed, "failed one")} again
            </button>
          </form>
        )}
      </nav>
      {props.entries.length === 0
        ? (
          <EmptyState
            icon="circle-check"
            title={props.notAccepted ? "All were accepted" : "No mails"}
          >
            <p>The mail server has accepted every mail of this task.</p>
          </EmptyState>
        )
        : (
          <div class="table">
            <table>
              <thead>
                <tr>
                  <th scope="col">Parent</th>
                  <th scope="col">Username</th>
                  <th scope="col">Address</th>
                  <th scope="col">State</th>
                </tr>
              </thead>
              <tbody>
                {props.entries.map((entry) => (
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
                      <MailChip state={entry.state} />
                      {entry.answer && <span class="below soft">{entry.answer}</span>}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
      {props.next !== null && (
        <nav class="pager" aria-label="Pages">
          <a
            class="button"
            href={`${address}?after=${props.next}${props.notAccepted ? "&show=not-accepted" : ""}`}
          >
            Next
          </a>
        </nav>
      )}
    </OfficePage>
  );
}

/** The envelope of a row. Without an email it is there, says why it cannot be used, and does nothing. */
export function Envelope(
  props: { id: number; name: string; email: string | null },
): JSX.Element {
  const label = `Email login details to ${props.name}`;
  if (props.email === null) {
    return (
      <button
        type="button"
        class="icon-button"
        aria-disabled="true"
        aria-label={label}
        title="No email address: add one with Edit"
      >
        <Icon name="mail" />
      </button>
    );
  }
  const href = `/logons/${props.id}/credentials`;
  return (
    <a
      class="icon-button"
      href={href}
      aria-label={label}
      title="Email login details"
      {...opensDialog(href)}
    >
      <Icon name="mail" />
    </a>
  );
}
