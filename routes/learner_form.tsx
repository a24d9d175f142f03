// What a posted learner is held against, and the window again with what is wrong or what somebody else has changed.

import { findLearner, findLearnerFacts } from "../db/learner_records.ts";
import {
  checkLearner,
  cleanLearner,
  type LearnerInput,
  type LearnerProblems,
} from "../db/learner_rules.ts";
import { LEARNER_STATUSES, listGroups } from "../db/learners.ts";
import { LearnerDialog, type LearnerForm } from "../views/learner_dialog.tsx";
import { type Ctx, type Fields } from "./context.ts";
import { differencesOf, tooLate } from "./edits.ts";
import { notFound } from "./errors.tsx";
import { showRecordDialog } from "./learner_records.tsx";

/** As the window opens. */
export const EMPTY: LearnerInput = {
  firstName: "",
  surname: "",
  admissionNumber: "",
  upn: "",
  dateOfBirth: "",
  yearGroup: "",
  registrationGroup: "",
  status: "Current",
  leftOn: "",
};

/** What is wrong with a posted learner. */
export async function check(
  c: Ctx,
  values: LearnerInput,
  self: number | null,
): Promise<LearnerProblems> {
  const { sql, clock } = c.var.services;
  const facts = await findLearnerFacts(sql, cleanLearner(values));
  const options = { today: clock.today(), ...(self === null ? {} : { self }) };
  return checkLearner(values, facts, options);
}

/** Somebody else was quicker: nothing was stored, what is there now is said, and saving again is a choice. */
export async function conflict(c: Ctx, values: LearnerInput, id: number): Promise<Response> {
  const now = await findLearner(c.var.services.sql, id) ?? notFound();
  const differences = differencesOf(FIELD_WORDS, inputOf(now), inputOf(cleanLearner(values)));
  const form = await formOf(c, {
    values,
    problems: {},
    edited: now,
    conflict: tooLate(differences),
  });
  return await showRecordDialog(c, now, <LearnerDialog form={form} />, 409);
}

const FIELD_WORDS: readonly (readonly [keyof LearnerInput, string])[] = [
  ["firstName", "First name"],
  ["surname", "Surname"],
  ["admissionNumber", "Admission number"],
  ["upn", "UPN"],
  ["dateOfBirth", "Date of birth"],
  ["yearGroup", "Year group"],
  ["registrationGroup", "Registration group"],
  ["status", "Status"],
  ["leftOn", "Left on"],
];

/** The window's form with what it offers. */
export async function formOf(
  c: Ctx,
  given: Omit<LearnerForm, "statuses" | "years" | "registrationGroups">,
): Promise<LearnerForm> {
  return { ...given, statuses: LEARNER_STATUSES, ...await listGroups(c.var.services.sql) };
}

/** A stored learner as the window has it. */
export function inputOf(learner: ReturnType<typeof cleanLearner>): LearnerInput {
  return {
    firstName: learner.firstName,
    surname: learner.surname,
    admissionNumber: learner.admissionNumber,
    upn: learner.upn ?? "",
    dateOfBirth: learner.dateOfBirth ?? "",
    yearGroup: learner.yearGroup ?? "",
    registrationGroup: learner.registrationGroup ?? "",
    status: learner.status,
    leftOn: learner.leftOn ?? "",
  };
}

/** The window's fields as they were typed. */
export function readLearnerInput(form: Fields): LearnerInput {
  return {
    firstName: form.text("firstName"),
    surname: form.text("surname"),
    admissionNumber: form.text("admissionNumber"),
    upn: form.text("upn"),
    dateOfBirth: form.text("dateOfBirth"),
    yearGroup: form.text("yearGroup"),
    registrationGroup: form.text("registrationGroup"),
    status: form.text("status"),
    leftOn: form.text("leftOn"),
  };
}
