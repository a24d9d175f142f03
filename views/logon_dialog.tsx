// The window of a logon: adding and editing one with its linked learners, and deleting one.

import type { Child } from "hono/jsx";
import type { JSX } from "hono/jsx/jsx-runtime";
import type { LearnerOption } from "../db/learners.ts";
import type { LogonField, LogonInput, Problems } from "../db/logons.ts";
import { redraws, redrawsAsTyped, redrawsOnChange, submitsInDialog } from "./swap.tsx";
import {
  Cancel,
  ConfirmPassword,
  DialogContent,
  DialogFoot,
  Field,
  Icon,
  Name,
  ProblemSummary,
  Select,
} from "./ui.tsx";

/** The learners' part of the window, as it is being worked on. */
export type LearnersDraft = {
  readonly linked: readonly LearnerOption[];
  readonly picker: {
    readonly open: boolean;
    /** Empty for all. */
    readonly status: string;
    readonly search: string;
    readonly options: readonly LearnerOption[];
    readonly more: boolean;
  };
  /** What just happened, said to everybody. */
  readonly said?: string | undefined;
  readonly problem?: string | undefined;
};

export type LogonForm = {
  readonly values: LogonInput;
  /** Of the logon being edited; absent where one is being added. */
  readonly edited?: {
    readonly id: number;
    readonly version: number;
    readonly hasPassword: boolean;
  };
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
  "username",
  "password",
  "learners",
];

/** Add Logon, and the same window filled in. */
export function LogonDialog(props: { form: LogonForm }): JSX.Element {
  const { form } = props;
  const { values, problems, edited } = form;
  const action = edited ? `/logons/${edited.id}` : "/logons";
  const listed = FIELD_ORDER.flatMap((field) => {
    const sentence = problems[field];
    return sentence === undefined ? [] : [[field, sentence] as const];
  });
  const first = listed.length === 0 && form.conflict === undefined;
  return (
    <DialogContent title={edited ? "Edit Logon" : "Add Logon"}>
      <form
        id="logon-form"
        method="post"
        action={action}
        novalidate
        data-asks-before-leaving=""
        {...submitsInDialog(action)}
      >
        {/* The button that Enter presses, whatever stands above Save. */}
        <button type="submit" class="quiet" tabindex={-1} aria-hidden="true">Save</button>
        <input type="hidden" name="query" value={form.query} />
        {edited && (
          <>
            <input type="hidden" name="logon_id" value={String(edited.id)} />
            <input type="hidden" name="version" value={String(edited.version)} />
          </>
        )}
        <div class="body">
          <ProblemSummary problems={listed} />
          {form.conflict !== undefined && (
            <div class="summary" role="alert" tabindex={-1} autofocus>
              <h3>Somebody else has changed this logon</h3>
              <p>{form.conflict}</p>
            </div>
          )}
          <div class="pair">
            <Field
              name="firstName"
              label="First name"
              value={values.firstName}
              problem={problems.firstName}
              autofocus={first}
              required
            />
            <Field
              name="surname"
              label="Surname"
              value={values.surname}
              problem={problems.surname}
              required
            />
          </div>
          <Field
            name="email"
            label="Email"
            type="email"
            value={values.email}
            problem={problems.email}
            spellcheck={false}
            autocapitalize="none"
          />
          <Field
            name="username"
            label="Username"
            hint={edited ? undefined : "Leave empty to use the email."}
            value={values.username}
            problem={problems.username}
            spellcheck={false}
            autocapitalize="none"
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

function passwordHint(form: LogonForm): string {
  const works =
    `It works for ${form.temporaryDays} days, and the parent chooses their own at the first sign-in.`;
  if (!form.edited) return `Leave empty to send one later. ${works}`;
  return form.edited.hasPassword
    ? `Leave empty to keep the one there is. A new one works for ${form.temporaryDays} days, and the parent chooses their own at the first sign-in.`
    : `There is none yet. ${works}`;
}

/** The linked learners and the picker below them: redrawn alone, so that nothing typed elsewhere is touched. */
export function LearnersSection(
  props: { draft: LearnersDraft; statuses: readonly string[] },
): JSX.Element {
  const { draft } = props;
  return (
    <fieldset id="learners" class={draft.problem ? "learners-section wrong" : "learners-section"}>
      <legend id="field-learners" tabindex={-1}>Linked learners</legend>
      <p class="quiet" role="status">{draft.said}</p>
      {draft.problem && <p class="problem">{draft.problem}</p>}
      {draft.linked.length === 0
        ? <p class="hint">None yet. A parent sees only the learners who are linked.</p>
        : (
          <ul class="linked">
            {draft.linked.map((learner) => (
              <li>
                <input type="hidden" name="learner" value={String(learner.id)} />
                <Learner learner={learner} />
                <button
                  type="submit"
                  class="icon-button"
                  name="unlink"
                  value={String(learner.id)}
                  formaction="/logon-drafts"
                  aria-label={`Take ${describe(learner)} off the list`}
                  title="Take off the list"
                  {...redraws("/logon-drafts", "#learners")}
                >
                  <Icon name="trash-2" />
                </button>
              </li>
            ))}
          </ul>
        )}
      {draft.picker.open && <Picker draft={draft} statuses={props.statuses} />}
    </fieldset>
  );
}

function Picker(props: { draft: LearnersDraft; statuses: readonly string[] }): JSX.Element {
  const { picker } = props.draft;
  const statuses = [
    ...props.statuses.map((status) => [status, status] as const),
    ["", "Any status"] as const,
  ];
  return (
    <div class="picker">
      <input type="hidden" name="picker" value="open" />
      <div class="stack">
        <Select
          name="learner_status"
          label="Learner Status"
          value={picker.status}
          options={statuses}
          more={redrawsOnChange("/logon-drafts", "#learner-options")}
        />
        <div class="field">
          <label for="field-learner_search">Learner</label>
          <input
            id="field-learner_search"
            name="learner_search"
            type="search"
            value={picker.search}
            autocomplete="off"
            spellcheck={false}
            placeholder="Name, group or admission number"
            aria-controls="learner-options"
            autofocus
            data-picks=""
            {...redrawsAsTyped("/logon-drafts", "#learner-options")}
          />
        </div>
      </div>
      <button
        type="submit"
        class="button small no-script"
        name="open_picker"
        value="yes"
        formaction="/logon-drafts"
      >
        Search learners
      </button>
      <LearnerOptions draft={props.draft} />
    </div>
  );
}

/** What the picker offers: redrawn as somebody types. */
export function LearnerOptions(props: { draft: LearnersDraft }): JSX.Element {
  const { picker, linked } = props.draft;
  const taken = new Set(linked.map((learner) => learner.id));
  return (
    <div id="learner-options" role="group" aria-label="Learners found">
      {picker.options.length === 0
        ? (
          <p class="hint" role="status">
            No learner matches. Try another Learner Status, or fewer letters.
          </p>
        )
        : (
          <ul class="offered">
            {picker.options.map((learner) => (
              <li>
                <Learner learner={learner} />
                {taken.has(learner.id) ? <span class="soft">linked</span> : (
                  <button
                    type="submit"
                    class="button small"
                    name="link"
                    value={String(learner.id)}
                    formaction="/logon-drafts"
                    aria-label={`Link ${describe(learner)}`}
                    {...redraws("/logon-drafts", "#learners")}
                  >
                    Link
                  </button>
                )}
              </li>
            ))}
          </ul>
        )}
      {picker.more && <p class="hint">More learners match. Type more of the name.</p>}
    </div>
  );
}

function Learner(props: { learner: LearnerOption }): JSX.Element {
  const { learner } = props;
  return (
    <span>
      <Name of={learner} />{" "}
      <span class="soft">
        {learner.registrationGroup !== null && `${learner.registrationGroup}, `}adm{" "}
        {learner.admissionNumber}
        {learner.status !== "Current" && `, ${learner.status}`}
      </span>
    </span>
  );
}

function describe(learner: LearnerOption): string {
  const group = learner.registrationGroup === null ? "" : ` ${learner.registrationGroup}`;
  return `${learner.firstName} ${learner.surname}${group}, admission number ${learner.admissionNumber}`;
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
