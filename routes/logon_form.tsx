// A logon's window: empty, filled in, with everything that was typed, and where it cannot be stored.

import { EMAIL_CHECKS } from "../db/caller_checks.ts";
import { readLanguage } from "../db/languages.ts";
import { findLearnerOptions, LEARNER_STATUSES } from "../db/learners.ts";
import type { AccessInput } from "../db/logon_suspensions.ts";
import { cleanLogon, findLogon, type LogonDetails, type Problems } from "../db/logons.ts";
import { GoneDialog, LogonDialog, type LogonForm } from "../views/logon_dialog.tsx";
import type { Ctx, Fields } from "./context.ts";
import { readCaller } from "./caller_checks.ts";
import { differencesOf, readVersion, tooLate } from "./edits.ts";
import { draftOf } from "./learners_draft.ts";
import { blocksOf } from "./logon_blocks.ts";
import { asksForCaller, readAccess, readLogonInput } from "./logon_input.ts";
import { queryOf, showDialog } from "./logon_list.tsx";

/** The same window with everything that was typed, and what is wrong beside it. */
export async function refuse(
  c: Ctx,
  form: Fields,
  logon: LogonDetails | null,
  problems: Problems,
): Promise<Response> {
  const shown = { ...await typedForm(c, form, logon), problems };
  return await showDialog(c, <LogonDialog form={shown} />, 422);
}

/** Somebody else was quicker: nothing was stored, what they changed is said, and saving again is a choice. */
export async function conflict(c: Ctx, form: Fields, id: number): Promise<Response> {
  const now = await findLogon(c.var.services.sql, id);
  if (now === null || now.deletedAt !== null) return await gone(c);
  const typed = cleanLogon(readLogonInput(form));
  const learners = form.texts("learner").map(Number).sort().join();
  const differences = [
    ...differencesOf(FIELD_WORDS, now, typed),
    now.suspended === readAccess(form).suspended || form.text("access") !== "yes"
      ? ""
      : `It is ${now.suspended ? "" : "not "}suspended now.`,
    [...now.learnerIds].sort().join() === learners ? "" : "The linked learners are others now.",
  ].filter(Boolean);
  const filled = await typedForm(c, form, now);
  const shown: LogonForm = {
    ...filled,
    edited: {
      ...editedOf(now),
      access: filled.edited?.access ?? accessOf(now),
      language: filled.edited?.language ?? now.language,
    },
    conflict: tooLate(differences),
  };
  return await showDialog(c, <LogonDialog form={shown} />, 409);
}

const FIELD_WORDS = [
  ["firstName", "First name"],
  ["surname", "Surname"],
  ["email", "Email"],
  ["username", "Username"],
] as const;

/** The window as it opens for a logon that is not there yet. */
export function emptyForm(c: Ctx): LogonForm {
  return {
    values: { firstName: "", surname: "", email: "", username: "", password: "" },
    problems: {},
    learners: {
      linked: [],
      picker: { open: false, status: "Current", search: "", options: [], more: false, blocked: [] },
    },
    query: queryOf(c),
    temporaryDays: c.var.settings.temporary_password_days,
    learnerStatuses: LEARNER_STATUSES,
  };
}

/** The window with everything that was typed into it. */
export async function typedForm(
  c: Ctx,
  form: Fields,
  logon: LogonDetails | null,
): Promise<LogonForm> {
  const shown = {
    ...emptyForm(c),
    values: readLogonInput(form),
    learners: await draftOf(c, form),
    query: form.text("query"),
  };
  if (logon === null) return shown;
  const access = form.text("access") === "yes" ? readAccess(form) : accessOf(logon);
  const language = form.texts("language").length > 0
    ? readLanguage(form.text("language"))
    : logon.language;
  return {
    ...shown,
    edited: { ...editedOf(logon), version: readVersion(form), access, language },
    ...(asksForCaller(form, logon)
      ? { caller: { checks: EMAIL_CHECKS, input: readCaller(form) } }
      : {}),
  };
}

export async function formOf(c: Ctx, logon: LogonDetails): Promise<LogonForm> {
  const form = emptyForm(c);
  return {
    ...form,
    values: { ...logon, email: logon.email ?? "", password: "" },
    edited: editedOf(logon),
    learners: {
      ...form.learners,
      linked: await findLearnerOptions(c.var.services.sql, logon.learnerIds),
      blocks: await blocksOf(c, logon.id),
    },
  };
}

function editedOf(logon: LogonDetails): NonNullable<LogonForm["edited"]> {
  const { id, version, hasPassword, language } = logon;
  return { id, version, hasPassword, language, access: accessOf(logon) };
}

function accessOf(logon: LogonDetails): AccessInput {
  return {
    suspended: logon.suspended,
    suspendedReason: logon.suspendedReason ?? "",
    expiresOn: logon.expiresOn ?? "",
  };
}

export async function gone(c: Ctx): Promise<Response> {
  const said = "This logon is not there any more: somebody has deleted it meanwhile.";
  return await showDialog(c, <GoneDialog title="Not there any more">{said}</GoneDialog>, 404);
}
