// What is posted from a logon's window: read, and held against everything that a logon must keep.

import { type CallerCheck, checkCaller, EMAIL_CHECKS } from "../db/caller_checks.ts";
import { findBlockedLearners } from "../db/blocked_adults.ts";
import { emailKey } from "../db/import_keys.ts";
import { type Language, readLanguage } from "../db/languages.ts";
import { findLearnerOptions } from "../db/learners.ts";
import { type AccessInput, checkAccessInput, type LogonAccess } from "../db/logon_suspensions.ts";
import {
  blockedSentence,
  checkLogon,
  cleanLogon,
  findLogonFacts,
  type LogonChange,
  type LogonDetails,
  type LogonFacts,
  type LogonInput,
  MOST_LINKED,
  type Problems,
  type TypedPassword,
} from "../db/logons.ts";
import { daysAfter } from "../lib/days.ts";
import { CHOSEN_COST } from "../lib/passwords.ts";
import { fullName } from "../views/ui.tsx";
import { readCaller } from "./caller_checks.ts";
import { authorOf, type Ctx, type Fields, readId } from "./context.ts";
import { readVersion } from "./edits.ts";

type Checked = {
  readonly input: LogonInput;
  readonly learnerIds: readonly number[];
  readonly facts: LogonFacts;
  readonly access?: LogonAccess;
  readonly language?: Language | null;
  readonly caller?: CallerCheck;
  readonly problems: Problems;
};

/** What was read, or what is wrong with it. */
type Answer<T> = T & { readonly problems?: Problems };

/** Reads the posted logon and holds it against everything it must keep. @param logon the one that is edited */
export async function check(c: Ctx, form: Fields, logon: LogonDetails | null): Promise<Checked> {
  const { sql, config } = c.var.services;
  const input = readLogonInput(form);
  const typed = cleanLogon(input);
  const facts = await findLogonFacts(sql, {
    usernames: [typed.username],
    emails: typed.email === null ? [] : [typed.email],
  });
  const problems = checkLogon(input, facts, {
    ...(logon === null ? {} : { self: logon.id }),
    shortestPassword: c.var.settings.shortest_password,
    schoolName: config.schoolName,
  });
  const learners = await checkLearners(c, form, logon);
  const access: Answer<{ access?: LogonAccess }> = logon === null ? {} : checkAccess(form);
  const caller: Answer<{ check?: CallerCheck }> = asksForCaller(form, logon)
    ? checkWhoAsks(form)
    : {};
  return {
    input,
    facts,
    learnerIds: learners.ids,
    ...(access.access ? { access: access.access } : {}),
    ...(logon !== null && form.texts("language").length > 0
      ? { language: readLanguage(form.text("language")) }
      : {}),
    ...(caller.check ? { caller: caller.check } : {}),
    problems: {
      ...problems,
      ...caller.problems,
      ...(learners.problem === undefined ? {} : { learners: learners.problem }),
      ...access.problems,
    },
  };
}

async function checkLearners(
  c: Ctx,
  form: Fields,
  logon: LogonDetails | null,
): Promise<{ ids: number[]; problem: string | undefined }> {
  const { sql } = c.var.services;
  const wanted = form.texts("learner").map((text) => readId(text)).filter((id) => id !== null);
  const learners = await findLearnerOptions(sql, [...new Set(wanted)]);
  const ids = learners.map((learner) => learner.id);
  const adult = { ...cleanLogon(readLogonInput(form)), logonId: logon?.id ?? null };
  const blocked = await findBlockedLearners(sql, adult, ids);
  const refused = learners.find((learner) => blocked.includes(learner.id));
  const tooMany = learners.length > MOST_LINKED
    ? `Link at most ${MOST_LINKED} learners to one logon.`
    : undefined;
  return { ids, problem: refused ? blockedSentence(refused) : tooMany };
}

/** A form without the section, such as one that was opened before there was one, leaves the access as it is. */
function checkAccess(form: Fields): Answer<{ access?: LogonAccess }> {
  return form.text("access") === "yes" ? checkAccessInput(readAccess(form)) : {};
}

/**
 * Whether another email is wanted for a logon that somebody uses; taking it away gives nobody a password. Whoever saw an older
 * edit of it is told that first.
 */
export function asksForCaller(form: Fields, logon: LogonDetails | null): boolean {
  const { email } = cleanLogon(readLogonInput(form));
  return logon !== null && logon.inUse && readVersion(form) === logon.version && email !== null &&
    emailKey(email) !== emailKey(logon.email ?? "");
}

function checkWhoAsks(form: Fields): Answer<{ check?: CallerCheck }> {
  if (form.texts("checked").length > 0) return checkCaller(readCaller(form), EMAIL_CHECKS);
  return {
    problems: {
      checked: "Somebody uses this logon. Before its email changes, say how you checked who asks.",
    },
  };
}

export async function changeOf(c: Ctx, checked: Checked): Promise<LogonChange> {
  return {
    logon: cleanLogon(checked.input),
    learnerIds: checked.learnerIds,
    password: await temporaryPassword(c, checked.input.password),
    ...(checked.access ? { access: checked.access } : {}),
    ...(checked.language === undefined ? {} : { language: checked.language }),
    ...(checked.caller ? { caller: checked.caller } : {}),
    author: authorOf(c),
    at: c.var.services.clock.now(),
  };
}

/** A password that the office types is temporary: the parent must choose their own. Hashed before any transaction begins. */
async function temporaryPassword(c: Ctx, typed: string): Promise<TypedPassword | null> {
  if (typed === "") return null;
  const { hasher, clock } = c.var.services;
  const days = c.var.settings.temporary_password_days;
  return {
    hash: await hasher.hash(typed, CHOSEN_COST),
    expiresAt: daysAfter(clock.now(), days),
  };
}

/** The five fields of the window as they were typed; control characters that come with pasting are kept for the check to refuse. */
export function readLogonInput(form: Fields): LogonInput {
  return {
    firstName: form.text("firstName"),
    surname: form.text("surname"),
    email: form.text("email"),
    username: form.text("username"),
    password: form.text("password"),
  };
}

export function readAccess(form: Fields): AccessInput {
  return {
    suspended: form.text("suspended") === "yes",
    suspendedReason: form.text("suspendedReason"),
    expiresOn: form.text("expiresOn"),
  };
}

export function nameOf(change: LogonChange): string {
  return fullName(change.logon);
}
