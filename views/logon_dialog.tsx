// The window of a logon: adding and editing one with its linked learners, and deleting one.

import type { Child } from "hono/jsx";
import type { JSX } from "hono/jsx/jsx-runtime";
import type { CallerInput } from "../db/caller_checks.ts";
import type { Language } from "../db/languages.ts";
import type { AccessInput } from "../db/logon_suspensions.ts";
import type { LogonField, LogonInput, Problems } from "../db/logons.ts";
import { CallerCheck } from "./caller_check.tsx";
import { LANGUAGE_OPTIONS } from "./languages/mod.ts";
import { PrintLetter } from "./logon_credentials.tsx";
import { type LearnersDraft, LearnersSection } from "./logon_learners.tsx";
import { MergeLink } from "./logon_merges.tsx";
import { AddressField, NameFields } from "./person_fields.tsx";
import { Conflict } from "./save_dialog.tsx";
import { redraws, submitsInDialog } from "./swap.tsx";
import {
  Cancel,
  ConfirmPassword,
  DialogContent,
  DialogFoot,
  EnterButton,
  Field,
  Icon,
  inOrder,
  Name,
  ProblemSummary,
  Select,
} from "./ui.tsx";

export type LogonForm = {
  readonly values: LogonInput;
  /** Of the logon being edited; absent where one is being added. */
  readonly edited?: {
    readonly id: number;
    readonly version: number;
    readonly hasPassword: boolean;
    readonly access: AccessInput;
    /** Null: nobody has chosen. */
    readonly language: Language | null;
  };
  /** Asked where another email is wanted for a logon that somebody uses. */
  readonly caller?: { readonly checks: readonly string[]; readonly input: CallerInput };
  readonly problems: Problems;
  readonly learners: LearnersDraft;
  /** What somebody else changed while this window was open. */
  readonly conflict?: string | undefined;
  /** The list's address, so that saving leads back to it. */
  readonly query: string;
  readonly temporaryDays: number;
  readonly learnerStatuses: readonly string[];
};

const FIELD_ORDER: readonly LogonField[] = [
  "firstName",
  "surname",
  "email",
  "checked",
  "note",
  "username",
  "password",
  "learners",
  "suspendedReason",
  "expiresOn",
];

/** Add Logon, and the same window filled in. */
export function LogonDialog(props: { form: LogonForm }): JSX.Element {
  const { form } = props;
  const { values, problems, edited } = form;
  const action = edited ? `/logons/${edited.id}` : "/logons";
  const listed = inOrder(FIELD_ORDER, problems);
  const first = listed.length === 0 && form.conflict === undefined && !form.learners.picker.open;
  return (
    <DialogContent title={edited ? "Edit Logon" : "Add Logon"} home={`/logons${form.query}`}>
      <form
        id="logon-form"
        method="post"
        action={action}
        novalidate
        data-asks-before-leaving=""
        {...submitsInDialog(action)}
      >
        <EnterButton>Save</EnterButton>
        <input type="hidden" name="query" value={form.query} />
        {edited && (
          <>
            <input type="hidden" name="logon_id" value={String(edited.id)} />
            <input type="hidden" name="version" value={String(edited.version)} />
          </>
        )}
        <div class="body">
          <ProblemSummary problems={listed} />
          <Conflict of="logon">{form.conflict}</Conflict>
          {edited && <WhyNot id={edited.id} query={form.query} />}
          {edited && <MergeLink id={edited.id} query={form.query} />}
          {edited && values.email === "" && <NoEmail id={edited.id} />}
          <NameFields values={values} problems={problems} first={first} />
          <AddressField name="email" label="Email" value={values.email} problem={problems.email} />
          {form.caller && (
            <div class="caller" role="group" aria-label="Who is asking?">
              <CallerCheck {...form.caller} problems={problems} />
            </div>
          )}
          <AddressField
            name="username"
            label="Username"
            hint={edited ? undefined : "Leave empty to use the email."}
            value={values.username}
            problem={problems.username}
            required
          />
          <Field
            name="password"
            label="Password"
            type="password"
            hint={passwordHint(form)}
            value={values.password}
            problem={problems.password}
            autocomplete="new-password"
            reveal
          />
          <LearnersSection
            draft={{ ...form.learners, problem: problems.learners }}
            statuses={form.learnerStatuses}
          />
          {edited && <LanguageSection language={edited.language} />}
          {edited && <AccessSection access={edited.access} problems={problems} />}
        </div>
        <DialogFoot>
          <button
            type="submit"
            class="button start"
            name="open_picker"
            value="yes"
            formaction="/logon-drafts"
            aria-controls="learners"
            {...redraws("/logon-drafts", "#learners")}
          >
            <Icon name="link" /> Link Learner
          </button>
          <Cancel href={`/logons${form.query}`} />
          <button type="submit" class="button blue">Save</button>
        </DialogFoot>
      </form>
    </DialogContent>
  );
}

/** In which the parent is written to. Folded away where nobody has chosen. */
function LanguageSection(props: { language: Language | null }): JSX.Element {
  return (
    <details class="fold" open={props.language !== null}>
      <summary>Language</summary>
      <div class="stack">
        <Select
          name="language"
          label="Language of mails to this parent"
          value={props.language ?? ""}
          options={[["", "Not chosen: English"], ...LANGUAGE_OPTIONS]}
          more={{ "aria-describedby": "field-language-hint" }}
        />
        <p class="hint" id="field-language-hint">
          English stands below it. The parent can choose as well, on the portal.
        </p>
      </div>
    </details>
  );
}

/** When access ends. Folded away where nothing of it is set. */
function AccessSection(props: { access: AccessInput; problems: Problems }): JSX.Element {
  const { access, problems } = props;
  const open = access.suspended || access.expiresOn !== "" ||
    problems.suspendedReason !== undefined || problems.expiresOn !== undefined;
  return (
    <details class="fold" open={open}>
      <summary>Access</summary>
      <input type="hidden" name="access" value="yes" />
      <div class="stack">
        <label class="choice">
          <input type="checkbox" name="suspended" value="yes" checked={access.suspended} />
          Suspended
        </label>
        <Field
          name="suspendedReason"
          label="Reason for suspending"
          hint="For the office alone: the portal does not say that a logon is suspended."
          value={access.suspendedReason}
          problem={problems.suspendedReason}
        />
        <Field
          name="expiresOn"
          label="Expires on"
          type="date"
          hint="The last day on which it works. Empty for no end."
          value={access.expiresOn}
          problem={problems.expiresOn}
        />
      </div>
    </details>
  );
}

/** For whoever has the parent on the telephone. */
function WhyNot(props: { id: number; query: string }): JSX.Element {
  const href = `/logons/${props.id}/access${props.query}`;
  const history = `/logons/${props.id}/history${props.query}`;
  return (
    <p class="window-links">
      <a href={href} data-opens>Why can’t they log in?</a>
      <a href={history} data-opens>History</a>
    </p>
  );
}

/** What the envelope cannot do for them. */
function NoEmail(props: { id: number }): JSX.Element {
  return (
    <p class="window-links">
      No email: <PrintLetter logonId={props.id} />
    </p>
  );
}

function passwordHint(form: LogonForm): string {
  const works =
    `It works for ${form.temporaryDays} days, and the parent chooses their own at the first sign-in.`;
  if (!form.edited) return `Leave empty to send one later. ${works}`;
  return form.edited.hasPassword
    ? `Leave empty to keep the one there is. A new one works for ${form.temporaryDays} days, and the parent chooses their own at the first sign-in.`
    : `There is none yet. ${works}`;
}

/** Asks before a logon is deleted, by name, and says what follows. */
export function DeleteDialog(
  props: {
    logon: { id: number; firstName: string; surname: string; username: string };
    restoreDays: number;
    confirm: boolean;
    problem?: string | undefined;
    query: string;
  },
): JSX.Element {
  const { logon } = props;
  const action = `/logons/${logon.id}/deletion`;
  return (
    <DialogContent title="Delete Logon">
      <form method="post" action={action} novalidate {...submitsInDialog(action)}>
        <input type="hidden" name="query" value={props.query} />
        <div class="body">
          <p>
            Delete the logon of{" "}
            <strong>
              <Name of={logon} />
            </strong>{" "}
            (<bdi>{logon.username}</bdi>)?
          </p>
          <p class="soft">
            If they are signed in, they are signed out at once. The logon can be restored for{" "}
            {props.restoreDays} days, and what it was used for stays on record.
          </p>
          <ConfirmPassword needed={props.confirm} problem={props.problem} />
        </div>
        <DialogFoot>
          <Cancel href={`/logons${props.query}`} />
          <button type="submit" class="button red" autofocus={!props.confirm}>Delete</button>
        </DialogFoot>
      </form>
    </DialogContent>
  );
}

/** In the window, when what it was to show is not there any more. */
export function GoneDialog(props: { title: string; children: Child }): JSX.Element {
  return (
    <DialogContent title={props.title}>
      <div class="body">
        <p role="alert">{props.children}</p>
      </div>
      <DialogFoot>
        <Cancel href="/logons" label="Close" />
      </DialogFoot>
    </DialogContent>
  );
}
