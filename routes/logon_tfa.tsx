// The key icon of a row: what two factor authentication a logon has, and what the office may change.

import { transaction } from "../db/connect.ts";
import { CALLER_CHECKS, checkCaller } from "../db/caller_checks.ts";
import {
  changeTfa,
  findLogonTfa,
  type LogonTfa,
  TFA_CHANGES,
  type TfaChange,
  type TfaReason,
} from "../db/logon_tfa.ts";
import { storable } from "../db/storable.ts";
import { TfaDialog, type TfaField, type TfaForm, type TfaQuestion } from "../views/logon_tfa.tsx";
import { fullName } from "../views/ui.tsx";
import { confirmOwnPassword, needsConfirming } from "./confirmation.ts";
import { authorOf, type Ctx, factory, type Fields, readForm, readId, timesOf } from "./context.ts";
import { notFound } from "./errors.tsx";
import { mustEdit } from "./guards.ts";
import { gone } from "./logon_form.tsx";
import { readCaller } from "./caller_checks.ts";
import { listChanged, queryOf, showDialog } from "./logon_list.tsx";

const LONGEST_REASON = 500;
const CHANGES: readonly TfaChange[] = [
  "require",
  "do not require",
  "lost phone",
  "switch off",
  "remove passkeys",
];

export const logonTfa = factory.createApp()
  .get("/:id/tfa", async (c) => {
    mustEdit(c);
    const logon = await logonOf(c);
    if (logon === null) return await gone(c);
    const question = QUESTIONS.get(c.req.query("for") ?? "") ?? "state";
    return await showDialog(c, <TfaDialog form={formOf(c, logon, question)} times={timesOf(c)} />);
  })
  .post("/:id/tfa", async (c) => {
    const fields = await readForm(c);
    const logon = await logonOf(c);
    if (logon === null) return await gone(c);
    const change = CHANGES.find((known) => known === fields.text("change"));
    if (change === undefined || !fits(change, logon)) {
      return await conflict(c, logon);
    }
    const { why, problems } = readWhy(change, fields);
    if (Object.keys(problems).length === 0 && change !== "require") {
      const problem = await confirmOwnPassword(c, fields);
      if (problem !== null) problems.own_password = problem;
    }
    if (Object.keys(problems).length > 0) return await refuse(c, logon, change, fields, problems);
    const { sql, clock } = c.var.services;
    const asked = { change, why, author: authorOf(c) };
    const done = await transaction(sql, (tx) => changeTfa(tx, logon.id, asked, clock.now()));
    if (!done) {
      const now = await logonOf(c);
      return now === null ? await gone(c) : await conflict(c, now);
    }
    return await listChanged(c, fields.text("query"), { what: "secured", id: logon.id }, {
      toast: toastOf(logon, change),
    });
  });

/** Whether the window that was sent still shows how it is. */
function fits(change: TfaChange, logon: LogonTfa): boolean {
  return change === "remove passkeys"
    ? logon.tfa !== "set up" && logon.passkeys > 0
    : TFA_CHANGES[change].from === logon.tfa;
}

const QUESTIONS: ReadonlyMap<string, TfaQuestion> = new Map([
  ["lost-phone", "lost phone"],
  ["switch-off", "switch off"],
]);

type Problems = Partial<Record<TfaField, string>>;

/** Why it is to be changed: a change that weakens must say so. */
function readWhy(change: TfaChange, fields: Fields): { why: TfaReason; problems: Problems } {
  if (change === "require") return { why: {}, problems: {} };
  if (change === "lost phone" || change === "remove passkeys") {
    const answer = checkCaller(readCaller(fields), CALLER_CHECKS);
    return "check" in answer
      ? { why: answer.check, problems: {} }
      : { why: {}, problems: answer.problems };
  }
  const { reason } = textsOf(fields);
  return reason === ""
    ? { why: {}, problems: { reason: "Say in a few words why." } }
    : { why: { reason }, problems: {} };
}

function textsOf(fields: Fields): TfaForm["values"] {
  const reason = storable(fields.text("reason")).trim();
  return { ...readCaller(fields), reason: reason.slice(0, LONGEST_REASON) };
}

function toastOf(logon: LogonTfa, change: TfaChange): string {
  const name = fullName(logon);
  switch (change) {
    case "require":
      return `${name} sets up two factor authentication at the next sign-in.`;
    case "do not require":
      return `Two factor authentication is not required of ${name} any more.`;
    case "lost phone":
      return `The phone of ${name} was removed. They set up a new one at the next sign-in.`;
    case "remove passkeys":
      return `The passkeys of ${name} were removed. They sign in with their password.`;
    case "switch off":
      return `Two factor authentication of ${name} is off.`;
  }
}

/** The same window with what was typed, and what is wrong beside it. */
async function refuse(
  c: Ctx,
  logon: LogonTfa,
  change: TfaChange,
  fields: Fields,
  problems: Problems,
): Promise<Response> {
  const question = change === "switch off"
    ? change
    : change === "lost phone" || change === "remove passkeys"
    ? "lost phone"
    : "state";
  const form = {
    ...formOf(c, logon, question),
    values: textsOf(fields),
    query: fields.text("query"),
    problems,
  };
  return await showDialog(c, <TfaDialog form={form} times={timesOf(c)} />, 422);
}

/** The window as it is now, where what was asked for does not fit it. */
async function conflict(c: Ctx, logon: LogonTfa): Promise<Response> {
  const form = {
    ...formOf(c, logon, "state"),
    conflict: "Nothing was changed: it has been changed meanwhile, and this is how it is now.",
  };
  return await showDialog(c, <TfaDialog form={form} times={timesOf(c)} />, 409);
}

function formOf(c: Ctx, logon: LogonTfa, question: TfaQuestion): TfaForm {
  return {
    logon,
    question,
    values: { checked: "", note: "", reason: "" },
    problems: {},
    confirm: needsConfirming(c),
    query: queryOf(c),
    callerChecks: CALLER_CHECKS,
  };
}

async function logonOf(c: Ctx): Promise<LogonTfa | null> {
  return await findLogonTfa(c.var.services.sql, readId(c.req.param("id")) ?? notFound());
}
