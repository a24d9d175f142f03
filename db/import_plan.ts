// Plans every row of an import before anything is written: what it would do, or why it cannot.

import { type Adult, findAdults, findLearnerId, personOf } from "./import_adults.ts";
import {
  type Changes,
  checkRow,
  findContradictions,
  ownersOf,
  type PlanOptions,
  unknownLearners,
  warnAboutLead,
  warnAboutResponsibility,
} from "./import_checks.ts";
import type { ImportFacts, KnownLogon, LiveBlock } from "./import_facts.ts";
import { emailKey, nameKey, type Person } from "./import_keys.ts";
import { problem, type ReadRow, type RowInput, type RowProblem } from "./import_rows.ts";
import { findUsernames } from "./import_usernames.ts";
import type { LogonFacts } from "./logons.ts";
import { eachInSteps, type Steps } from "../lib/turns.ts";

const ROW_CLASSES = [
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
  readonly set: Changes;
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

type Accepted = { readonly row: ReadRow; readonly learnerIds: readonly number[] };
type Index = {
  readonly facts: ImportFacts;
  readonly options: PlanOptions;
  readonly blocks: ReadonlyMap<number, readonly LiveBlock[]>;
  readonly owners: LogonFacts;
};

/** Plans all rows, in the order of the file. Pure: the same rows and facts give the same plan. */
export function* planRows(
  rows: readonly ReadRow[],
  facts: ImportFacts,
  options: PlanOptions,
): Steps<PlannedRow[]> {
  const { adults, unclear } = yield* findAdults(rows, facts);
  const usernames = yield* findUsernames(adults, facts);
  const index: Index = {
    facts,
    options,
    blocks: Map.groupBy(facts.blocks, (block) => block.learnerId),
    owners: yield* ownersOf(facts.logons),
  };
  const planned: PlannedRow[] = [];
  if (unclear.size > 0) {
    yield* eachInSteps(rows, (row) => {
      const doubt = unclear.get(row.position);
      if (doubt) planned.push(leaveOut(row, null, "error", [...row.problems, doubt]));
    });
  }
  yield* eachInSteps(adults, (adult) => {
    for (const row of planAdult(adult, usernames.get(adult) ?? "", index)) planned.push(row);
  });
  return planned.sort((one, other) => one.position - other.position);
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
function blockedProblem(value: string): RowProblem {
  return problem(
    "learners",
    value,
    "This learner is blocked for this parent. Ask an administrator.",
    "blocked",
  );
}

const MERGED =
  "The logon with this username was merged into another one. Enter the username of that one.";

function planAdult(adult: Adult, username: string, index: Index): PlannedRow[] {
  const accepted: Accepted[] = [];
  const leftOut: PlannedRow[] = [];
  for (const row of adult.rows) {
    const before = accepted.map((one) => one.row);
    const person = personOf(adult.logon, [row, ...before]);
    const ids: number[] = [];
    const unknown: string[] = [];
    const blocked: RowProblem[] = [];
    for (const texts of row.learners) {
      const id = findLearnerId(texts, index.facts);
      if (id === undefined) unknown.push(texts[0] ?? "");
      else {
        ids.push(id);
        if (isBarred(id, adult.logon, person, index)) blocked.push(blockedProblem(texts[0] ?? ""));
      }
    }
    const errors = row.problems.concat(
      findContradictions(row, before),
      checkRow(row, adult.logon, person, username, index.options),
      adult.logon?.isMerged ? problem("username", username, MERGED) : [],
      unknownLearners(unknown),
    );
    if (errors.length > 0) leftOut.push(leaveOut(row, adult.logon, "error", errors));
    else if (blocked.length > 0) leftOut.push(leaveOut(row, adult.logon, "blocked", blocked));
    else accepted.push({ row, learnerIds: ids.length > 1 ? [...new Set(ids)] : ids });
  }
  return [...leftOut, ...planAccepted(adult.logon, accepted, username, index)];
}

/** Whether an adult is blocked from a learner to whom they are not linked yet. */
function isBarred(id: number, logon: KnownLogon | null, person: Person, index: Index): boolean {
  const blocks = index.blocks.get(id);
  return blocks !== undefined && !logon?.learnerIds.includes(id) &&
    isBlocked(identityOf(logon, person), blocks);
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
      ? warnAboutLead(
        logon,
        rows,
        person,
        set,
        accepted.flatMap((one) => one.learnerIds),
        index.owners,
      )
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
function changesTo(logon: KnownLogon | null, person: Person): Changes {
  const set: { -readonly [K in keyof Changes]: Changes[K] } = {};
  if (person.firstName !== logon?.firstName) set.firstName = person.firstName;
  if (person.surname !== logon?.surname) set.surname = person.surname;
  const isOther = logon === null || emailKey(person.email) !== emailKey(logon.email ?? "");
  if (person.email !== "" && isOther) set.email = person.email;
  return set;
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
