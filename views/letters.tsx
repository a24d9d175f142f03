// Letters for parents: for whom, the sheets themselves, and saying that they were printed.

import type { JSX } from "hono/jsx/jsx-runtime";
import type { LedgerEntry } from "../db/credential_mail_list.ts";
import type { Letter, LetterCandidate } from "../db/letters.ts";
import type { Task } from "../db/tasks.ts";
import { EntryState } from "./credential_mails.tsx";
import { type Frame, Heading, OfficePage, PlainPage, type Theme } from "./layout.tsx";
import { QrCode } from "./qr_code.tsx";
import { polls, submitsInDialog } from "./swap.tsx";
import { TaskState } from "./task_alerts.tsx";
import { count, number, type Times } from "./times.ts";
import {
  Address,
  Cancel,
  Chip,
  ConfirmPassword,
  DialogContent,
  DialogFoot,
  ProblemSummary,
} from "./ui.tsx";

export type LettersForm = {
  readonly rows: readonly LetterCandidate[];
  /** How many match, of which {@link rows} may be the first. */
  readonly total: number;
  readonly chosen: ReadonlySet<number>;
  /** How long the codes work. */
  readonly days: number;
  readonly confirm: boolean;
  readonly problems: {
    readonly chosen?: string | undefined;
    readonly own_password?: string | undefined;
  };
};

const LEFT_OUT: Readonly<Record<NonNullable<LetterCandidate["leftOut"]>, string>> = {
  suspended: "suspended",
  expired: "expired",
  "no learner": "no current learner",
};

/** The window: whom a letter is made for, and what follows. */
export function LettersDialog(props: { form: LettersForm }): JSX.Element {
  const { form } = props;
  const problems = [
    ...(form.problems.chosen ? [["chosen", form.problems.chosen] as const] : []),
    ...(form.problems.own_password ? [["own_password", form.problems.own_password] as const] : []),
  ];
  return (
    <DialogContent title="Print letters" wide>
      <form method="post" action="/letters" novalidate {...submitsInDialog("/letters")}>
        <div class="body">
          <ProblemSummary problems={problems} />
          <p>
            One sheet for each parent, with the portal address, the username and a code that works
            once as a password, for {form.days} days.
          </p>
          <ul class="facts">
            <li>The codes are on the paper only. Nobody can look them up later.</li>
            <li>
              The passwords that these parents have now work until you say that the letters were
              printed.
            </li>
          </ul>
          <Candidates form={form} />
          <ConfirmPassword needed={form.confirm} problem={form.problems.own_password} />
        </div>
        <DialogFoot>
          <Cancel href="/logons" />
          <button type="submit" class="button blue">
            {form.rows.length === 1 ? "Make the letter" : "Make letters"}
          </button>
        </DialogFoot>
      </form>
    </DialogContent>
  );
}

function Candidates(props: { form: LettersForm }): JSX.Element {
  const { form } = props;
  return (
    <div class="choice-list">
      {form.total > form.rows.length && (
        <p class="hint">
          {number(form.total)} match. These are the first{" "}
          {number(form.rows.length)}; narrow the search for the others.
        </p>
      )}
      <div class="rows" id="field-chosen" tabindex={-1}>
        <label class="head">
          <input
            type="checkbox"
            name="select_all"
            value="yes"
            data-select-all="logon"
            aria-label="Select all"
            checked={form.rows.length > 0 &&
              form.rows.every((row) => row.leftOut !== null || form.chosen.has(row.id))}
          />
          <strong>Select all</strong>
          <span class="soft">{count(form.rows.length, "logon")} listed</span>
        </label>
        {form.rows.length === 0 ? <p class="hint">Nobody without an email matches.</p> : (
          <ul>
            {form.rows.map((row) => (
              <li>
                <input type="hidden" name="listed" value={String(row.id)} />
                <label class={row.leftOut === null ? undefined : "unable"}>
                  <input
                    type="checkbox"
                    name="logon"
                    value={String(row.id)}
                    checked={row.leftOut === null && form.chosen.has(row.id)}
                    disabled={row.leftOut !== null}
                    aria-label={row.name}
                  />
                  <bdi>{row.name}</bdi>
                  <span class="soft">
                    <bdi>{row.learners === "" ? "no learner" : row.learners}</bdi>
                  </span>
                  {row.leftOut !== null && <Chip tone="amber">{LEFT_OUT[row.leftOut]}</Chip>}
                </label>
              </li>
            ))}
          </ul>
        )}
      </div>
    </div>
  );
}

export type LettersProps = {
  task: Task;
  entries: readonly LedgerEntry[];
  /** How many wait to be opened, were opened, were printed and not used yet. */
  printing: { waiting: number; opened: number; printed: number };
  /** Whether they can still be opened. */
  inTime: boolean;
  until: Date | null;
  confirm: boolean;
  problem?: string | undefined;
  times: Times;
  mayEdit: boolean;
};

/** The task's page: to the sheets, and the word that makes the codes work. */
export function LettersPage(props: LettersProps & { frame: Frame }): JSX.Element {
  const { task, times } = props;
  return (
    <OfficePage
      frame={props.frame}
      title={props.problem === undefined ? task.title : `Error: ${task.title}`}
      place="mails"
      home={`/letters/${task.id}`}
      heading={
        <Heading
          title={task.title}
          beside={<p class="beside">{times.full(task.createdAt)}</p>}
        />
      }
    >
      <LettersProgress {...props} />
    </OfficePage>
  );
}

/** All but the heading: while the letters are being made it asks for itself again. */
export function LettersProgress(props: LettersProps): JSX.Element {
  const { task } = props;
  const busy = task.state === "queued" || task.state === "running";
  return (
    <section
      id="letters"
      aria-label="Letters"
      {...(busy ? polls(`/letters/${task.id}`, 2) : {})}
    >
      <div class="card">
        <div role="status">
          <TaskState task={task} />
        </div>
        {props.mayEdit && !busy && <Printing {...props} />}
      </div>
      <div class="table">
        <table>
          <caption class="quiet">The letters of this task</caption>
          <thead>
            <tr>
              <th scope="col">Parent</th>
              <th scope="col">Username</th>
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
                <td data-label="State">
                  <EntryState entry={entry} times={props.times} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function Printing(props: LettersProps): JSX.Element | null {
  const { task, printing } = props;
  const sheets = printing.waiting + printing.opened + printing.printed;
  if (sheets === 0 || task.state === "cancelled" || task.state === "failed") return null;
  if (!props.inTime) {
    return <p>They can no longer be opened. Make new letters for whoever still needs one.</p>;
  }
  const opened = printing.opened > 0;
  return (
    <>
      <form method="post" action={`/letters/${task.id}/printing`}>
        {props.until !== null && (
          <p class="soft">
            {count(sheets, "sheet")}, to be opened until{" "}
            {props.times.day(props.until)}, each until its code was used.
          </p>
        )}
        {!props.confirm && props.problem !== undefined && (
          <p class="summary" role="alert">{props.problem}</p>
        )}
        <ConfirmPassword needed={props.confirm} problem={props.problem} />
        <button type="submit" class={opened || task.finishedAt !== null ? "button" : "button blue"}>
          {opened || task.finishedAt !== null ? "Open to print again" : "Open to print"}
        </button>
      </form>
      {opened && <Confirmation taskId={task.id} opened={printing.opened} />}
      {task.state === "needs review" && (
        <form method="post" action={`/tasks/${task.id}/cancellation`}>
          <input type="hidden" name="back" value="letters" />
          <button type="submit" class="button">Cancel these letters</button>
        </form>
      )}
    </>
  );
}

/** Pressed with the sheets in hand: from then on the codes work, and the old passwords do not. */
function Confirmation(props: { taskId: number; opened: number }): JSX.Element {
  return (
    <form method="post" action={`/letters/${props.taskId}/confirmation`}>
      <button type="submit" class="button blue">I have printed them</button>
      <p class="soft">
        From then on{" "}
        {props.opened === 1 ? "the code works" : `the ${props.opened} codes work`}, and the
        passwords before do not.
      </p>
    </form>
  );
}

export type Sheet = Omit<Letter, "seed"> & { readonly code: string };

/** The sheets, one to a page of A4; what is not for paper stands above them on the screen. */
export function SheetsPage(
  props: {
    schoolName: string;
    theme: Theme;
    taskId: number;
    sheets: readonly Sheet[];
    /** Whether some of them still have to be confirmed. */
    unconfirmed: number;
    portal: string;
    officePhone: string;
    today: string;
    times: Times;
  },
): JSX.Element {
  return (
    <PlainPage title="Letters" schoolName={props.schoolName} theme={props.theme} sheets>
      <div class="not-on-paper">
        <h1>{count(props.sheets.length, "letter")}</h1>
        <ol>
          <li>
            Print this page: one sheet for each parent.{" "}
            <button type="button" class="button" data-print hidden>Print</button>
          </li>
          <li>Look whether every sheet came out of the printer.</li>
          <li>Come back here and press the button. Until then none of the codes works.</li>
        </ol>
        {props.unconfirmed > 0
          ? <Confirmation taskId={props.taskId} opened={props.unconfirmed} />
          : <p>They were confirmed as printed before; the codes work.</p>}
        <p>
          <a href={`/letters/${props.taskId}`}>Back, without confirming</a>
        </p>
      </div>
      {props.sheets.map((sheet) => <LetterSheet sheet={sheet} {...props} />)}
    </PlainPage>
  );
}

function LetterSheet(
  props: {
    sheet: Sheet;
    schoolName: string;
    portal: string;
    officePhone: string;
    today: string;
    times: Times;
  },
): JSX.Element {
  const { sheet } = props;
  const groups = [...new Set(sheet.learners.map((learner) => learner.group).filter(Boolean))];
  return (
    <article class="sheet">
      <header>
        <strong>{props.schoolName}</strong>
        <span class="group">{groups.join(", ")}</span>
      </header>
      <address>
        <strong>
          <bdi>{sheet.name}</bdi>
        </strong>
        {sheet.learners.map((learner) => (
          <span>
            <bdi>{learner.name}</bdi>
            {learner.group !== null && `, ${learner.group}`}
          </span>
        ))}
      </address>
      <p class="date">{props.today}</p>
      <h2>Your login details for the Parent Portal</h2>
      <dl>
        <dt>Address</dt>
        <dd>{props.portal}</dd>
        <dt>Username</dt>
        <dd>
          <bdi>{sheet.username}</bdi>
        </dd>
        <dt>Code</dt>
        <dd class="code">{sheet.code}</dd>
      </dl>
      <div class="how">
        <p>
          Open the address, or point the camera of your phone at the picture. Type the code in the
          field for the password: small letters, with the hyphens, no spaces. It works once, until
          {" "}
          {props.times.day(sheet.expiresAt)}: you choose a password of your own when you first sign
          in. A password that you had before no longer works.
        </p>
        <QrCode text={props.portal} label="Picture to scan with a phone: it opens the address" />
      </div>
      <p>
        Show this sheet to nobody, and tear it up when you have signed in. If you cannot sign in, or
        did not expect it, {props.officePhone === ""
          ? "ask the school office"
          : `ring the school office: ${props.officePhone}`}.
      </p>
    </article>
  );
}
