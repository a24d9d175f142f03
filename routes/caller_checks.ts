// Who is asking? The answer as the windows post it that may send a password to another email.

import type { Preflight } from "../db/bulk_resets.ts";
import {
  type CallerCheck,
  type CallerInput,
  checkCaller,
  EMAIL_CHECKS,
} from "../db/caller_checks.ts";
import { storable } from "../db/storable.ts";
import { type CallerQuestion, problemsOf } from "../views/caller_check.tsx";
import type { Fields } from "./context.ts";

const LONGEST_NOTE = 500;

/** What was answered to the question who is asking, as text that can be stored. */
export function readCaller(form: Fields): CallerInput {
  const text = (name: string): string => storable(form.text(name)).trim().slice(0, LONGEST_NOTE);
  return { checked: text("checked"), note: text("note") };
}

/** Whether the form says, rightly, how callers were checked. */
export function isVouched(fields: Fields | null): boolean {
  return fields !== null && "caller" in callerOf(fields);
}

/** The answer to who is asking; nothing where there is none, or it is not right. */
export function callerOf(fields: Fields): { caller?: CallerCheck } {
  const answer = checkCaller(readCaller(fields), EMAIL_CHECKS);
  return "check" in answer ? { caller: answer.check } : {};
}

/**
 * The question who is asking, where an email among the chosen needs it. No answer leaves those out; a wrong one is said.
 * @param isDraft nothing was sent yet: an answer that is not there is not missed
 */
export function questionOf(
  fields: Fields | null,
  preflight: Preflight,
  isDraft = false,
): CallerQuestion | undefined {
  if (preflight.unchecked === 0) return undefined;
  const input = fields === null ? { checked: "", note: "" } : readCaller(fields);
  const answer = checkCaller(input, EMAIL_CHECKS);
  const others = (preflight.mails > 0 || isDraft) && input.checked === "" && input.note === "";
  const problems = fields === null || others || "check" in answer ? {} : answer.problems;
  return { checks: EMAIL_CHECKS, input, problems };
}

export function hasProblems(question: CallerQuestion | undefined): boolean {
  return problemsOf(question).length > 0;
}
