// What is wrong with a row of an import, by the rules of the form and by the other rows, and what the office should know about it.

import { findLearnerId } from "./import_adults.ts";
import type { ColumnKey } from "./import_columns.ts";
import type { ImportFacts, KnownLogon } from "./import_facts.ts";
import { emailKey, nameKey, type Person } from "./import_keys.ts";
import { problem, type ReadRow, type RowProblem } from "./import_rows.ts";
import { groupInSteps, type Steps } from "../lib/turns.ts";
import { checkCleanLogon, type LogonFacts, type Owner, warnAboutLogon } from "./logons.ts";

/** What a row changes of a logon; of a new one all. */
export type Changes = {
  readonly firstName?: string;
  readonly surname?: string;
  readonly email?: string;
};
export type PlanOptions = { readonly shortestPassword: number; readonly schoolName: string };

const NOBODY_ELSE: LogonFacts = { ownerOf: () => undefined, sharersOf: () => [] };

/** The rules of the form. What a row leaves empty on an existing logon was checked when it was stored. */
export function checkRow(
  row: ReadRow,
  logon: KnownLogon | null,
  person: Person,
  username: string,
  options: PlanOptions,
): RowProblem[] {
  const clean = {
    firstName: person.firstName,
    surname: person.surname,
    email: person.email || null,
    username: row.username || username,
  };
  const found = checkCleanLogon(clean, row.password, NOBODY_ELSE, options);
  if (Object.keys(found).length === 0) return [];
  const fields = ["firstName", "surname", "email", "username", "password"] as const;
  return fields.flatMap((field) => {
    const sentence = found[field];
    const isStored = logon !== null && row[field] === "";
    return sentence === undefined || isStored ? [] : [problem(field, row[field], sentence)];
  });
}

/** Two rows for one adult that say different things: the later one is wrong, as far as anybody can tell. */
export function findContradictions(row: ReadRow, before: readonly ReadRow[]): RowProblem[] {
  if (before.length === 0) return [];
  const checks: readonly [keyof Person & ColumnKey, (text: string) => string][] = [
    ["firstName", nameKey],
    ["surname", nameKey],
    ["email", emailKey],
  ];
  const found = checks.flatMap(([key, keyOf]) => {
    const other = before.find((one) => one[key] !== "");
    if (row[key] === "" || !other || keyOf(row[key]) === keyOf(other[key])) return [];
    const sentence = `Row ${other.position} is the same adult and says “${other[key]}”. ` +
      "Let both say the same, or give each adult a username of their own.";
    return [problem(key, row[key], sentence)];
  });
  const other = before.find((one) => one.password !== "");
  if (row.password !== "" && other && row.password !== other.password) {
    const sentence = `Row ${other.position} is the same adult and has another password. ` +
      "Leave one of them.";
    found.push(problem("password", "", sentence));
  }
  return found;
}

/** Names of a list that are told before "and more". */
const MOST_NAMED = 5;

/** An error for each value of a Learners cell that nobody has. */
export function unknownLearners(values: readonly string[]): RowProblem[] {
  const sentence =
    "No learner has this admission number or UPN. Check it against the learner’s record.";
  const named = values.slice(0, MOST_NAMED).map((value) => problem("learners", value, sentence));
  const rest = values.length - MOST_NAMED;
  return rest > 0
    ? [...named, problem("learners", "", `${rest} more values here are no learner’s.`)]
    : named;
}

/** What the office should know about the adult as a whole. */
export function warnAboutLead(
  logon: KnownLogon | null,
  rows: readonly ReadRow[],
  person: Person,
  set: Changes,
  learnerIds: readonly number[],
  owners: LogonFacts,
): RowProblem[] {
  const warnings: RowProblem[] = [];
  if (logon === null || set.email !== undefined) {
    const clean = { ...person, email: person.email || null, username: "" };
    const linked = logon === null ? learnerIds.length : 1;
    for (const sentence of warnAboutLogon(clean, linked, owners, logon?.id)) {
      warnings.push({ column: "", value: "", sentence, weight: "warning" });
    }
  }
  if (logon !== null && set.firstName !== undefined && rows.every((row) => row.username === "")) {
    const sentence = `Changes the first name from “${logon.firstName}”. ` +
      "If these are two adults, enter a username for the new one.";
    warnings.push(problem("firstName", set.firstName, sentence, "warning"));
  }
  return warnings;
}

/** Learners who are linked although the logon's contact has no Parental Responsibility for them. */
export function warnAboutResponsibility(
  logon: KnownLogon | null,
  row: ReadRow,
  added: readonly number[],
  facts: ImportFacts,
): RowProblem[] {
  const contactId = logon?.contactId ?? null;
  if (contactId === null) return [];
  const sentence = "This parent’s contact has no Parental Responsibility for this learner.";
  return row.learners.flatMap((texts) => {
    const id = findLearnerId(texts, facts);
    const isWarned = id !== undefined && added.includes(id) &&
      !facts.responsible.has(`${contactId} ${id}`);
    return isWarned ? [problem("learners", texts[0] ?? "", sentence, "warning")] : [];
  });
}

/** Who has which email already. */
export function* ownersOf(logons: readonly KnownLogon[]): Steps<LogonFacts> {
  const byEmail = yield* groupInSteps(
    logons.filter((logon) => !logon.isDeleted && logon.email !== null),
    (logon) => emailKey(logon.email ?? ""),
  );
  function sharersOf(email: string): Owner[] {
    return (byEmail.get(emailKey(email)) ?? []).map((logon) => ({
      id: logon.id,
      name: `${logon.firstName} ${logon.surname}`,
      deletedAt: null,
    }));
  }
  return { ownerOf: () => undefined, sharersOf };
}
