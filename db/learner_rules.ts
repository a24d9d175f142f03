// The rules that a learner's record must keep: what is wrong with one, and what the office should know about it.

import { LEARNER_STATUSES, type LearnerStatus } from "./learners.ts";
import { cleanLine, lineProblem, readDay } from "./lines.ts";

/** A learner as the window has it: all as it was typed. */
export type LearnerInput = {
  readonly firstName: string;
  readonly surname: string;
  readonly admissionNumber: string;
  readonly upn: string;
  readonly dateOfBirth: string;
  readonly yearGroup: string;
  readonly registrationGroup: string;
  readonly status: string;
  readonly leftOn: string;
};
export type LearnerField = keyof LearnerInput;
export type LearnerProblems = Partial<Record<LearnerField, string>>;

/** A learner as it is stored; days as 2014-05-31. */
export type LearnerValues = {
  readonly firstName: string;
  readonly surname: string;
  readonly admissionNumber: string;
  readonly upn: string | null;
  readonly dateOfBirth: string | null;
  readonly yearGroup: string | null;
  readonly registrationGroup: string | null;
  readonly status: LearnerStatus;
  readonly leftOn: string | null;
};

/** Who has an admission number or a UPN already. */
export type LearnerFacts = {
  readonly admissionOwner: { readonly id: number; readonly name: string } | null;
  readonly upnOwner: { readonly id: number; readonly name: string } | null;
};

/** Cleans what was typed; a day that cannot be read is null, and {@link checkLearner} says so. */
export function cleanLearner(input: LearnerInput): LearnerValues {
  const status = LEARNER_STATUSES.find((one) => one === input.status) ?? "Current";
  return {
    firstName: cleanLine(input.firstName) ?? "",
    surname: cleanLine(input.surname) ?? "",
    admissionNumber: cleanLine(input.admissionNumber) ?? "",
    upn: cleanLine(input.upn)?.toUpperCase().replaceAll(" ", "") ?? null,
    dateOfBirth: readDay(input.dateOfBirth),
    yearGroup: cleanLine(input.yearGroup),
    registrationGroup: cleanLine(input.registrationGroup),
    status,
    leftOn: status === "Leaver" ? readDay(input.leftOn) : null,
  };
}

/**
 * What is wrong with a learner, by field, in sentences that say what to do; empty if it may be stored. Pure.
 * @param options.today the school's date, as 2026-11-24
 */
export function checkLearner(
  input: LearnerInput,
  facts: LearnerFacts,
  options: { readonly today: string; readonly self?: number },
): LearnerProblems {
  const learner = cleanLearner(input);
  const problems: [LearnerField, string | undefined][] = [
    ["firstName", lineProblem(learner.firstName, "first name", 100, "Enter the first name.")],
    ["surname", lineProblem(learner.surname, "surname", 100, "Enter the surname.")],
    ["admissionNumber", admissionProblem(learner, facts, options.self)],
    ["upn", upnProblem(learner, facts, options.self)],
    ["dateOfBirth", birthProblem(input, learner, options.today)],
    ["yearGroup", lineProblem(learner.yearGroup, "year group", 40)],
    ["registrationGroup", lineProblem(learner.registrationGroup, "registration group", 40)],
    ["status", isStatus(input.status) ? undefined : "Choose one of the three."],
    ["leftOn", leavingProblem(learner)],
  ];
  return Object.fromEntries(problems.filter(([, sentence]) => sentence !== undefined));
}

/**
 * What the office should know about a UPN, though it may be stored; null if there is nothing. Pure.
 *
 * A UPN is a check letter and twelve digits, of which the last may be a letter where it is a temporary one. The digits are
 * multiplied by 2 to 13, and the sum's remainder by 23 gives the letter (UK Government Data Standards Catalogue, "Unique
 * Pupil Number" 2.0, owned by the Department for Education; its guide for schools says the same).
 */
export function warnAboutUpn(upn: string | null): string | null {
  if (upn === null) return null;
  const parts = /^([A-HJ-NP-RT-Z])(\d{11}[\dA-HJ-NP-RT-Z])$/.exec(upn);
  if (parts === null) {
    return "A UPN is usually a letter and twelve digits. Look at it once more.";
  }
  const [, letter = "", rest = ""] = parts;
  const sum = [...rest].reduce((total, sign, at) => total + valueOf(sign) * (at + 2), 0);
  return UPN_LETTERS.charAt(sum % 23) === letter
    ? null
    : "The UPN’s first letter does not fit its digits: one of them may be mistyped.";
}

/** Without I, O and S, which are taken for 1, 0 and 5. */
const UPN_LETTERS = "ABCDEFGHJKLMNPQRTUVWXYZ";

function valueOf(sign: string): number {
  return /\d/.test(sign) ? Number(sign) : UPN_LETTERS.indexOf(sign);
}

function isStatus(text: string): boolean {
  return LEARNER_STATUSES.some((status) => status === text);
}

function admissionProblem(
  learner: LearnerValues,
  facts: LearnerFacts,
  self: number | undefined,
): string | undefined {
  const problem = lineProblem(
    learner.admissionNumber,
    "admission number",
    40,
    "Enter the admission number.",
  );
  if (problem !== undefined) return problem;
  const owner = facts.admissionOwner;
  return owner === null || owner.id === self
    ? undefined
    : `${learner.admissionNumber} is ${owner.name}’s admission number.`;
}

function upnProblem(
  learner: LearnerValues,
  facts: LearnerFacts,
  self: number | undefined,
): string | undefined {
  const problem = lineProblem(learner.upn, "UPN", 40);
  if (problem !== undefined) return problem;
  const owner = facts.upnOwner;
  return owner === null || owner.id === self ? undefined : `${learner.upn} is ${owner.name}’s UPN.`;
}

function birthProblem(
  input: LearnerInput,
  learner: LearnerValues,
  today: string,
): string | undefined {
  const { dateOfBirth } = learner;
  if (dateOfBirth === null) {
    return input.dateOfBirth.trim() === "" ? undefined : "Enter a day, such as 31/5/2014.";
  }
  if (dateOfBirth > today) return "This day has not come yet.";
  return dateOfBirth < "1900-01-01" ? "Enter a day of this or the last century." : undefined;
}

function leavingProblem(learner: LearnerValues): string | undefined {
  if (learner.status !== "Leaver") return undefined;
  if (learner.leftOn === null) return "Enter the day on which the learner left, such as 18/7/2026.";
  return learner.leftOn < (learner.dateOfBirth ?? "1900-01-01")
    ? "This day is before the date of birth."
    : undefined;
}
