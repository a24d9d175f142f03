// Plans every row of an import before anything is written: what it would do, or why it cannot.

import { type Adult, findAdults, findLearnerId, personOf } from "./import_adults.ts";
import type { ColumnKey } from "./import_columns.ts";
import type { ImportFacts, KnownLogon, LiveBlock } from "./import_facts.ts";
import { emailKey, nameKey, type Person } from "./import_keys.ts";
import { problem, type ReadRow, type RowInput, type RowProblem } from "./import_rows.ts";
import { findUsernames } from "./import_usernames.ts";
import { checkLogon, type LogonFacts, type Owner, warnAboutLogon } from "./logons.ts";

export const ROW_CLASSES = [
  "create",
  "update",
  "link",
  "unchanged",
  "restore",
  "blocked",
  "error",
] as const;
export type RowClass = (typeof ROW_CLASSES)[number];

/** What is to become of a row. */
export type RowPlan = {
  /** First name and surname as they will be. */
  readonly who: string;
  /** The username that the adult has or will have. */
  readonly username: string;
  /** The logon there is; null for a new one. */
  readonly logonId: number | null;
  /** The logon's version as it was seen; null where an earlier row sees to it. */
  readonly version: number | null;
  /** The earlier row for the same adult without which this one cannot be. */
  readonly follows: number | null;
  /** Only what changes; of a new logon all. */
  readonly set: {
    readonly firstName?: string;
    readonly surname?: string;
    readonly email?: string;
  };
  /** Learners that are not linked yet. */
  readonly learnerIds: readonly number[];
  /** Whether two factor authentication becomes required. */
  readonly tfa: boolean;
  /** The row whose password the adult gets. */
  readonly passwordRow: number | null;
};

export type PlannedRow = {
  readonly position: number;
  readonly class: RowClass;
  readonly input: RowInput;
  readonly plan: RowPlan;
  readonly problems: readonly RowProblem[];
};

export type PlanOptions = { readonly shortestPassword: number; readonly schoolName: string };

type Accepted = { readonly row: ReadRow; readonly learnerIds: readonly number[] };
type Index = {
  readonly facts: ImportFacts;
  readonly options: PlanOptions;
  readonly blocks: ReadonlyMap<number, readonly LiveBlock[]>;
  readonly owners: LogonFacts;
};

/** Plans all rows, in the order of the file. Pure: the same rows and facts give the same plan. */
export function planRows(
  rows: readonly ReadRow[],
  facts: ImportFacts,
  options: PlanOptions,
): PlannedRow[] {
  const { adults, unclear } = findAdults(rows, facts);
  const usernames = findUsernames(adults, facts);
  const index: Index = {
    facts,
    options,
    blocks: Map.groupBy(facts.blocks, (block) => block.learnerId),
    owners: ownersOf(facts.logons),
  };
  const refused = rows.flatMap((row) => {
    const doubt = unclear.get(row.position);
    return doubt === undefined ? [] : [leaveOut(row, null, "error", [...row.problems, doubt])];
  });
  const planned = adults.flatMap((adult) => planAdult(adult, usernames.get(adult) ?? "", index));
  return [...refused, ...planned].sort((one, other) => one.position - other.position);
}

/** Whether a block in force covers this adult; without a contact an adult is known by email and surname. */
export function isBlocked(
  adult: {
    readonly logonId: number | null;
    readonly contactId: number | null;
    readonly email: string;
    readonly surname: string;
  },
  blocks: readonly LiveBlock[],
): boolean {
  return blocks.some((block) =>
    (block.logonId !== null && block.logonId === adult.logonId) ||
    (block.contactId !== null && block.contactId === adult.contactId) ||
    (adult.contactId === null && block.email !== null && adult.email !== "" &&
      emailKey(block.email) === emailKey(adult.email) &&
      nameKey(block.surname) === nameKey(adult.surname))
  );
}

/** What to say of a learner who is blocked. It does not say why. */
export function blockedProblem(value: string): RowProblem {
  return problem(
    "learners",
    value,
    "This learner is blocked for this parent. Ask an administrator.",
    "blocked",
  );
}

function planAdult(adult: Adult, username: string, index: Index): PlannedRow[] {
  const accepted: Accepted[] = [];
  const leftOut: PlannedRow[] = [];
  for (const row of adult.rows) {
    const before = accepted.map((one) => one.row);
    const person = personOf(adult.logon, [row, ...before]);
    const learners = row.learners.map((texts) => ({
      value: texts[0] ?? "",
      id: findLearnerId(texts, index.facts),
    }));
    const errors = [
      ...row.problems,
      ...findContradictions(row, before),
      ...checkRow(row, adult.logon, person, username, index.options),
      ...unknownLearners(learners.filter(({ id }) => id === undefined).map(({ value }) => value)),
    ];
    const blocked = learners.filter(({ id }) =>
      id !== undefined && !adult.logon?.learnerIds.includes(id) &&
      isBlocked(identityOf(adult.logon, person), index.blocks.get(id) ?? [])
    );
    if (errors.length > 0) leftOut.push(leaveOut(row, adult.logon, "error", errors));
    else if (blocked.length > 0) {
      const problems = blocked.map(({ value }) => blockedProblem(value));
      leftOut.push(leaveOut(row, adult.logon, "blocked", problems));
    } else {
      const ids = new Set(learners.flatMap(({ id }) => id ?? []));
      accepted.push({ row, learnerIds: [...ids] });
    }
  }
  return [...leftOut, ...planAccepted(adult.logon, accepted, username, index)];
}

/** The first row makes or changes the logon, with what all rows say; each adds the learners that are not linked before it. */
function planAccepted(
  logon: KnownLogon | null,
  accepted: readonly Accepted[],
  username: string,
  index: Index,
): PlannedRow[] {
  const rows = accepted.map((one) => one.row);
  const person = personOf(logon, rows);
  const set = changesTo(logon, person);
  const tfa = rows.some((row) => row.tfa) && (logon === null || logon.tfa === "off");
  const passwordRow = rows.find((row) => row.password !== "")?.position ?? null;
  const isChange = Object.keys(set).length > 0 || tfa || passwordRow !== null;
  const linked = new Set(logon?.learnerIds);
  let writer: number | null = null;
  return accepted.map(({ row, learnerIds }, place): PlannedRow => {
    const added = learnerIds.filter((id) => !linked.has(id));
    for (const id of added) linked.add(id);
    const is = place === 0 ? leadClass(logon, isChange, added.length) : linkClass(added.length);
    const follows = writer;
    if (is !== "unchanged") writer ??= row.position;
    const warnings = place === 0
      ? warnAboutLead(logon, rows, person, set, accepted.flatMap((one) => one.learnerIds), index)
      : [];
    return {
      position: row.position,
      class: is,
      input: row.input,
      plan: {
        who: `${person.firstName} ${person.surname}`,
        username,
        logonId: logon?.id ?? null,
        version: is === "unchanged" || follows !== null ? null : logon?.version ?? null,
        follows,
        set: place === 0 ? set : {},
        learnerIds: added,
        tfa: place === 0 && tfa,
        passwordRow: place === 0 ? passwordRow : null,
      },
      problems: [...warnings, ...warnAboutResponsibility(logon, row, added, index.facts)],
    };
  });
}

function leadClass(logon: KnownLogon | null, isChange: boolean, added: number): RowClass {
  if (logon === null) return "create";
  if (logon.isDeleted) return "restore";
  return isChange ? "update" : linkClass(added);
}

function linkClass(added: number): RowClass {
  return added > 0 ? "link" : "unchanged";
}

/** An empty cell leaves what is stored; the case of an email is no change. The username only says whom a row means. */
function changesTo(logon: KnownLogon | null, person: Person): RowPlan["set"] {
  const email = person.email !== "" &&
    (logon === null || emailKey(person.email) !== emailKey(logon.email ?? ""));
  return {
    ...(person.firstName === logon?.firstName ? {} : { firstName: person.firstName }),
    ...(person.surname === logon?.surname ? {} : { surname: person.surname }),
    ...(email ? { email: person.email } : {}),
  };
}

const NOBODY_ELSE: LogonFacts = { ownerOf: () => undefined, sharersOf: () => [] };

/** The rules of the form. What a row leaves empty on an existing logon was checked when it was stored. */
function checkRow(
  row: ReadRow,
  logon: KnownLogon | null,
  person: Person,
  username: string,
  options: PlanOptions,
): RowProblem[] {
  const input = { ...person, username: row.username || username, password: row.password };
  const found = checkLogon(input, NOBODY_ELSE, options);
  const fields = ["firstName", "surname", "email", "username", "password"] as const;
  return fields.flatMap((field) => {
    const sentence = found[field];
    const isStored = logon !== null && row[field] === "";
    return sentence === undefined || isStored ? [] : [problem(field, row[field], sentence)];
  });
}

/** Two rows for one adult that say different things: the later one is wrong, as far as anybody can tell. */
function findContradictions(row: ReadRow, before: readonly ReadRow[]): RowProblem[] {
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

function unknownLearners(values: readonly string[]): RowProblem[] {
  const sentence =
    "No learner has this admission number or UPN. Check it against the learner’s record.";
  const named = values.slice(0, MOST_NAMED).map((value) => problem("learners", value, sentence));
  const rest = values.length - MOST_NAMED;
  return rest > 0
    ? [...named, problem("learners", "", `${rest} more values here are no learner’s.`)]
    : named;
}

function warnAboutLead(
  logon: KnownLogon | null,
  rows: readonly ReadRow[],
  person: Person,
  set: RowPlan["set"],
  learnerIds: readonly number[],
  { owners }: Index,
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

function warnAboutResponsibility(
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

function leaveOut(
  row: ReadRow,
  logon: KnownLogon | null,
  is: "error" | "blocked",
  problems: readonly RowProblem[],
): PlannedRow {
  const plan: RowPlan = {
    who: [row.input.firstName, row.input.surname].filter(Boolean).join(" "),
    username: row.input.username ?? "",
    logonId: logon?.id ?? null,
    version: null,
    follows: null,
    set: {},
    learnerIds: [],
    tfa: false,
    passwordRow: null,
  };
  return { position: row.position, class: is, input: row.input, plan, problems };
}

function identityOf(
  logon: KnownLogon | null,
  person: Person,
): Parameters<typeof isBlocked>[0] {
  return { ...person, logonId: logon?.id ?? null, contactId: logon?.contactId ?? null };
}

function ownersOf(logons: readonly KnownLogon[]): LogonFacts {
  const byEmail = Map.groupBy(
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
