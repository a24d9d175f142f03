// A logon's window: empty, filled in, with everything that was typed, and where it cannot be stored.

import { EMAIL_CHECKS } from "../db/caller_checks.ts";
import { readLanguage } from "../db/languages.ts";
import { findLearnerOptions, LEARNER_STATUSES } from "../db/learners.ts";
import type { AccessInput } from "../db/logon_suspensions.ts";
import { cleanLogon, findLogon, type LogonDetails, type Problems } from "../db/logons.ts";
import { GoneDialog, LogonDialog, type LogonForm } from "../views/logon_dialog.tsx";
import { list } from "../views/times.ts";
import { fullName } from "../views/ui.tsx";
import { type Ctx, type Fields, readId } from "./context.ts";
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

/** Whether Enter was pressed to search for a learner: the browser then presses the first button there is, which is Save. */
export function asksForLearner(form: Fields): boolean {
  return form.text("enter") === "yes" && form.text("picker") === "open" &&
    form.text("learner_search") !== form.text("searched");
}

/** The window with everything that was typed so far. */
export async function draft(c: Ctx, form: Fields, logon: LogonDetails | null): Promise<Response> {
  return await showDialog(c, <LogonDialog form={await typedForm(c, form, logon)} />);
}

/** Somebody else was quicker: nothing was stored, what they changed is said, and saving again is a choice. */
export async function conflict(c: Ctx, form: Fields, id: number): Promise<Response> {
  const now = await findLogon(c.var.services.sql, id);
  if (now === null || now.deletedAt !== null) return await gone(c);
  const typed = cleanLogon(readLogonInput(form));
  const differences = [
    ...differencesOf(FIELD_WORDS, now, typed),
    now.suspended === readAccess(form).suspended || form.text("access") !== "yes"
      ? ""
      : `It is ${now.suspended ? "" : "not "}suspended now.`,
    await otherLearners(c, form, now),
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

/** Who is linked now and is not in the form, and who is in it and is no longer linked, by name; empty if there are none. */
async function otherLearners(c: Ctx, form: Fields, now: LogonDetails): Promise<string> {
  const typed = new Set(form.texts("learner").flatMap((text) => readId(text) ?? []));
  const { sql } = c.var.services;
  const [more, gone] = await Promise.all([
    findLearnerOptions(sql, now.learnerIds.filter((id) => !typed.has(id))),
    findLearnerOptions(sql, [...typed.difference(new Set(now.learnerIds))]),
  ]);
  return [
    more.length > 0 ? `Also linked: ${list(more.map(fullName))}.` : "",
    gone.length > 0 ? `No longer linked: ${list(gone.map(fullName))}.` : "",
  ].filter(Boolean).join(" ");
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
