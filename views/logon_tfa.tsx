// The key icon's window: two factor authentication of one logon, and the way out for a lost phone.

import type { JSX } from "hono/jsx/jsx-runtime";
import type { LogonTfa } from "../db/logon_tfa.ts";
import { CallerCheck } from "./caller_check.tsx";
import { submitsInDialog } from "./swap.tsx";
import { count, type Times } from "./times.ts";
import {
  Cancel,
  Chip,
  ConfirmPassword,
  DialogContent,
  DialogFoot,
  Field,
  inOrder,
  Name,
  ProblemSummary,
} from "./ui.tsx";

export type TfaField = "checked" | "note" | "reason" | "own_password";

/** Which question the window asks; the first one depends on the state. */
export type TfaQuestion = "state" | "lost phone" | "switch off";

export type TfaForm = {
  readonly logon: LogonTfa;
  readonly question: TfaQuestion;
  readonly values: { readonly checked: string; readonly note: string; readonly reason: string };
  readonly problems: Partial<Record<TfaField, string>>;
  /** Somebody else was quicker. */
  readonly conflict?: string | undefined;
  /** Whether the own password is asked for again. */
  readonly confirm: boolean;
  /** The list's address, so that closing leads back to it. */
  readonly query: string;
  readonly callerChecks: readonly string[];
};

const FIELDS: readonly TfaField[] = ["checked", "note", "reason", "own_password"];

export function TfaDialog(props: { form: TfaForm; times: Times }): JSX.Element {
  const { form, times } = props;
  const { logon } = form;
  const losable = logon.tfa === "set up" || logon.passkeys > 0;
  if (form.question === "lost phone" && losable) return <LostPhoneDialog form={form} />;
  if (logon.tfa === "off") return <OffDialog form={form} />;
  if (logon.tfa === "required") return <RequiredDialog form={form} />;
  if (form.question === "switch off") return <SwitchOffDialog form={form} />;
  return <SetUpDialog form={form} times={times} />;
}

function OffDialog(props: { form: TfaForm }): JSX.Element {
  const { logon } = props.form;
  return (
    <Question form={props.form} change="require" button="Require" tone="blue">
      <p>
        <Chip>off</Chip> <Name of={logon} /> signs in with the password alone
        {logon.passkeys > 0 && `, or with ${passkeysOf(logon)}`}.
      </p>
      <ul class="facts">
        <li>
          {logon.passkeys > 0
            ? "If you require it, they sign in with the passkey, which counts as two factors."
            : "If you require it, they set it up with an app on their phone at the next sign-in."}
        </li>
        <li>They need no phone number and no email for it.</li>
      </ul>
    </Question>
  );
}

function RequiredDialog(props: { form: TfaForm }): JSX.Element {
  const { form } = props;
  return (
    <Question form={form} change="do not require" button="Do not require" tone="plain">
      <p>
        <Chip tone="amber">required</Chip> <Name of={form.logon} /> {form.logon.passkeys > 0
          ? `signs in with ${
            passkeysOf(form.logon)
          }, which counts as two factors. Their password alone opens nothing.`
          : "sets it up at the next sign-in. Until then the password is all that keeps others out."}
      </p>
      <Field
        name="reason"
        label="Reason for not requiring it"
        hint="Kept in the audit."
        value={form.values.reason}
        problem={form.problems.reason}
      />
    </Question>
  );
}

/** Where it is set up, the window offers two ways; each asks in a window of its own. */
function SetUpDialog(props: { form: TfaForm; times: Times }): JSX.Element {
  const { form, times } = props;
  const { logon } = form;
  const lost = hrefOf(form, "lost-phone");
  const off = hrefOf(form, "switch-off");
  return (
    <DialogContent title="Two factor authentication">
      <div class="body">
        <Conflict form={form} />
        <p>
          <Chip tone="blue">set up</Chip> <Name of={logon} />{" "}
          signs in with the password and a code from their phone
          {logon.passkeys > 0 && `, or with ${passkeysOf(logon)} and no code`}.
        </p>
        <ul class="facts">
          {logon.confirmedAt !== null && <li>Set up on {times.full(logon.confirmedAt)}.</li>}
          <li>
            {logon.codesLeft === 0
              ? "They have no recovery codes left."
              : `They have ${
                count(logon.codesLeft, "recovery code")
              } left, each of which opens the portal once without the phone.`}
          </li>
          <li>
            {logon.devices === 0
              ? "No device is remembered: they enter a code at every sign-in."
              : `${
                count(logon.devices, "remembered device")
              } of theirs asks for no code. Lost phone and Switch off forget them.`}
          </li>
          <li>
            A password sent by mail changes nothing here, but for remembered devices: it forgets
            them.
          </li>
        </ul>
      </div>
      <DialogFoot>
        <a class="button start" href={off} data-opens>Switch off</a>
        <Cancel href={`/logons${form.query}`} label="Close" />
        <a class="button blue" href={lost} data-opens>Lost phone</a>
      </DialogFoot>
    </DialogContent>
  );
}

function LostPhoneDialog(props: { form: TfaForm }): JSX.Element {
  const { form } = props;
  const { logon, values, problems } = form;
  return (
    <Question
      form={form}
      change={logon.tfa === "set up" ? "lost phone" : "remove passkeys"}
      button="Lost phone"
      tone="red"
    >
      <p>
        Has <Name of={logon} /> lost the phone, or have a new one? {logon.tfa === "set up"
          ? "The old phone, the recovery codes and remembered devices stop working, they are signed out, and set it up anew at the next sign-in."
          : "They are signed out, and sign in with their password."} Their password stays.
      </p>
      {logon.passkeys === 0 ? <></> : (
        <p>
          {logon.passkeys === 1
            ? "Their passkey is"
            : `All ${count(logon.passkeys, "passkey")} are`} removed as well, on whichever device.
        </p>
      )}
      <CallerCheck checks={form.callerChecks} input={values} problems={problems} />
      <Notice logon={logon} />
    </Question>
  );
}

function SwitchOffDialog(props: { form: TfaForm }): JSX.Element {
  const { form } = props;
  const { logon } = form;
  return (
    <Question form={form} change="switch off" button="Switch off" tone="red">
      <p>
        Let <Name of={logon} />{" "}
        sign in with the password alone? The phone and the recovery codes are no longer asked for,
        and they are signed out. For a lost phone choose <em>Lost phone</em> instead.
        {logon.passkeys > 0 && " Their passkeys stay."}
      </p>
      <Field
        name="reason"
        label="Reason"
        hint="Kept in the audit."
        value={form.values.reason}
        problem={form.problems.reason}
      />
      <Notice logon={logon} />
    </Question>
  );
}

/** One question, its fields and its button. */
function Question(
  props: {
    form: TfaForm;
    change: string;
    button: string;
    tone: "blue" | "red" | "plain";
    children: JSX.Element | JSX.Element[];
  },
): JSX.Element {
  const { form } = props;
  const action = `/logons/${form.logon.id}/tfa`;
  const lost = hrefOf(form, "lost-phone");
  const listed = inOrder(FIELDS, form.problems);
  return (
    <DialogContent title="Two factor authentication">
      <form method="post" action={action} novalidate {...submitsInDialog(action)}>
        <input type="hidden" name="change" value={props.change} />
        <input type="hidden" name="query" value={form.query} />
        <div class="body">
          <ProblemSummary problems={listed} />
          <Conflict form={form} />
          {props.children}
          {props.change !== "require" && (
            <ConfirmPassword needed={form.confirm} problem={form.problems.own_password} />
          )}
        </div>
        <DialogFoot>
          {form.logon.tfa !== "set up" && form.logon.passkeys > 0 && form.question === "state" && (
            <a class="button start" href={lost} data-opens>Lost phone</a>
          )}
          <Cancel href={`/logons${form.query}`} />
          <button type="submit" class={props.tone === "plain" ? "button" : `button ${props.tone}`}>
            {props.button}
          </button>
        </DialogFoot>
      </form>
    </DialogContent>
  );
}

function Notice(props: { logon: LogonTfa }): JSX.Element {
  const { email } = props.logon;
  return (
    <p class="soft">
      {email === null ? "There is no email to tell them by, so tell them yourself." : (
        <>
          A notice goes to <bdi>{email}</bdi>.
        </>
      )}
    </p>
  );
}

function Conflict(props: { form: TfaForm }): JSX.Element | null {
  const { conflict } = props.form;
  return conflict === undefined ? null : <p class="summary" role="alert">{conflict}</p>;
}

function passkeysOf(logon: LogonTfa): string {
  return logon.passkeys === 1 ? "their passkey" : `one of their ${logon.passkeys} passkeys`;
}

function hrefOf(form: TfaForm, question: string): string {
  const query = new URLSearchParams(form.query);
  query.set("for", question);
  return `/logons/${form.logon.id}/tfa?${query}`;
}
