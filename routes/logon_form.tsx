// What is posted from a logon's window: read, held against the rules, and shown again where it cannot be stored.

import { findLearnerOptions, LEARNER_STATUSES } from "../db/learners.ts";
import {
  blockedSentence,
  checkLogon,
  cleanLogon,
  findBlocked,
  findLogon,
  findLogonFacts,
  type LogonChange,
  type LogonDetails,
  type LogonFacts,
  type LogonInput,
  LogonRefused,
  MOST_LINKED,
  type Problems,
  type TypedPassword,
} from "../db/logons.ts";
import { CHOSEN_COST } from "../lib/passwords.ts";
import { GoneDialog, LogonDialog, type LogonForm } from "../views/logon_dialog.tsx";
import { fullName } from "../views/ui.tsx";
import { authorOf, type Ctx, type Fields, readId } from "./context.ts";
import { draftOf, readLogonInput } from "./logon_drafts.tsx";
import { queryOf, showDialog } from "./logon_list.tsx";

const DAY = 24 * 3600 * 1000;

type Checked = {
  readonly input: LogonInput;
  readonly learnerIds: readonly number[];
  readonly facts: LogonFacts;
  readonly problems: Problems;
};

/** Reads the posted logon and holds it against everything it must keep. */
export async function check(c: Ctx, form: Fields, self: number | null): Promise<Checked> {
  const { sql, config } = c.var.services;
  const input = readLogonInput(form);
  const logon = cleanLogon(input);
  const facts = await findLogonFacts(sql, {
    usernames: [logon.username],
    emails: logon.email === null ? [] : [logon.email],
  });
  const problems = checkLogon(input, facts, {
    ...(self === null ? {} : { self }),
    shortestPassword: c.var.settings.shortest_password,
    schoolName: config.schoolName,
  });
  const wanted = form.texts("learner").map((text) => readId(text)).filter((id) => id !== null);
  const learners = await findLearnerOptions(sql, [...new Set(wanted)]);
  const blocked = self === null ? [] : await findBlocked(sql, self, learners.map((one) => one.id));
  const refused = learners.find((learner) => blocked.includes(learner.id));
  const tooMany = learners.length > MOST_LINKED
    ? `Link at most ${MOST_LINKED} learners to one logon.`
    : undefined;
  const wrong = refused ? blockedSentence(refused) : tooMany;
  return {
    input,
    learnerIds: learners.map((learner) => learner.id),
    facts,
    problems: wrong === undefined ? problems : { ...problems, learners: wrong },
  };
}

export async function changeOf(c: Ctx, checked: Checked): Promise<LogonChange> {
  return {
    logon: cleanLogon(checked.input),
    learnerIds: checked.learnerIds,
    password: await temporaryPassword(c, checked.input.password),
    author: authorOf(c),
  };
}

/** A password that the office types is temporary: the parent must choose their own. Hashed before any transaction begins. */
async function temporaryPassword(c: Ctx, typed: string): Promise<TypedPassword | null> {
  if (typed === "") return null;
  const { hasher, clock } = c.var.services;
  const days = c.var.settings.temporary_password_days;
  return {
    hash: await hasher.hash(typed, CHOSEN_COST),
    expiresAt: new Date(clock.now().getTime() + days * DAY),
  };
}

export async function refusedToNull<T>(work: Promise<T>): Promise<T | LogonRefused> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof LogonRefused) return error;
    throw error;
  }
}

/** The same window with everything that was typed, and what is wrong beside it. */
export async function refuse(
  c: Ctx,
  form: Fields,
  logon: LogonDetails | null,
  problems: Problems,
): Promise<Response> {
  const shown: LogonForm = {
    ...await emptyForm(c),
    values: readLogonInput(form),
    learners: await draftOf(c, form),
    query: form.text("query"),
    problems,
    ...(logon === null ? {} : {
      edited: {
        id: logon.id,
        version: readVersion(form),
        hasPassword: logon.hasPassword,
      },
    }),
  };
  return await showDialog(c, <LogonDialog form={shown} />, 422);
}

/** Somebody else was quicker: nothing was stored, what they changed is said, and saving again is a choice. */
export async function conflict(c: Ctx, form: Fields, id: number): Promise<Response> {
  const now = await findLogon(c.var.services.sql, id);
  if (now === null || now.deletedAt !== null) return await gone(c);
  const typed = cleanLogon(readLogonInput(form));
  const learners = form.texts("learner").map(Number).sort().join();
  const differences = [
    now.firstName === typed.firstName ? "" : `First name is now “${now.firstName}”.`,
    now.surname === typed.surname ? "" : `Surname is now “${now.surname}”.`,
    now.email === typed.email
      ? ""
      : `Email is now ${now.email === null ? "empty" : `“${now.email}”`}.`,
    now.username === typed.username ? "" : `Username is now “${now.username}”.`,
    [...now.learnerIds].sort().join() === learners ? "" : "The linked learners are others now.",
  ].filter(Boolean);
  const shown: LogonForm = {
    ...await emptyForm(c),
    values: readLogonInput(form),
    learners: await draftOf(c, form),
    query: form.text("query"),
    edited: { id, version: now.version, hasPassword: now.hasPassword },
    conflict: [
      "Nothing of yours was stored.",
      ...differences,
      "Save again to store what you see below, or cancel to keep theirs.",
    ].join(" "),
  };
  return await showDialog(c, <LogonDialog form={shown} />, 409);
}

export async function emptyForm(c: Ctx): Promise<LogonForm> {
  return await Promise.resolve({
    values: { firstName: "", surname: "", email: "", username: "", password: "" },
    problems: {},
    learners: {
      linked: [],
      picker: { open: false, status: "Current", search: "", options: [], more: false },
    },
    query: queryOf(c),
    temporaryDays: c.var.settings.temporary_password_days,
    learnerStatuses: LEARNER_STATUSES,
  });
}

export async function formOf(c: Ctx, logon: LogonDetails): Promise<LogonForm> {
  const form = await emptyForm(c);
  return {
    ...form,
    values: { ...logon, email: logon.email ?? "", password: "" },
    edited: { id: logon.id, version: logon.version, hasPassword: logon.hasPassword },
    learners: {
      ...form.learners,
      linked: await findLearnerOptions(c.var.services.sql, logon.learnerIds),
    },
  };
}

export async function gone(c: Ctx): Promise<Response> {
  const said = "This logon is not there any more: somebody has deleted it meanwhile.";
  return await showDialog(c, <GoneDialog title="Not there any more">{said}</GoneDialog>, 404);
}

/** Which edit of the logon was shown; 0, which no logon has, for whatever cannot be one. */
export function readVersion(form: Fields): number {
  const version = readId(form.text("version")) ?? 0;
  return version <= 2 ** 31 - 1 ? version : 0;
}

export function hasProblems(problems: Problems): boolean {
  return Object.keys(problems).length > 0;
}

export function nameOf(change: LogonChange): string {
  return fullName(change.logon);
}
