// Decides which rows of an import are the same adult, and which logon that adult has already.

import type { ImportFacts, KnownLogon } from "./import_facts.ts";
import { mailboxKey, nameKey, namesKey, type Person, usernameKey } from "./import_keys.ts";
import { eachInSteps, groupInSteps, mapInSteps, type Steps } from "../lib/turns.ts";
import { problem, type ReadRow, type RowProblem } from "./import_rows.ts";

/** One adult of the file. */
export type Adult = {
  /** The logon there is, perhaps deleted; null if there is none yet. */
  readonly logon: KnownLogon | null;
  /** In the order of the file. */
  readonly rows: readonly ReadRow[];
};

export type Adults = {
  readonly adults: readonly Adult[];
  /** Rows that may mean more than one adult, by position: these belong to none. */
  readonly unclear: ReadonlyMap<number, RowProblem>;
};

type Draft = { readonly logon: KnownLogon | null; readonly rows: ReadRow[] };
/** Somebody a row may mean: an adult of the file so far, or a logon that no row has meant yet. */
type Candidate = {
  readonly who: Draft | KnownLogon;
  readonly person: Person;
};

const SEVERAL_LOGONS =
  "Several adults have this email and this name. Enter the username of the one you mean.";
const SEVERAL_ROWS =
  "One logon has this email and surname, and several rows with other first names could be it. " +
  "Enter a username in each of them.";
const NAME_IS_KNOWN =
  "Somebody of this name has a logon or another row already. Enter an email or a username, " +
  "so that it is clear who is meant.";

/**
 * Sorts rows into adults.
 *
 * A row means the logon with its username. Without a username it means the one adult, in the database or in the file, who has
 * its email and surname; among several, the one with its first name. With neither username nor email it can only mean the
 * logon of that name which is linked to all its learners already, and is new if nobody has that name; where it could be
 * somebody, the office says who: no parent is linked to a child because two parents have the same name.
 */
export function* findAdults(rows: readonly ReadRow[], facts: ImportFacts): Steps<Adults> {
  const sorter = new Sorter(facts);
  yield* sorter.addByUsername(rows.filter((row) => row.username !== ""));
  yield* sorter.addByEmail(rows.filter((row) => row.username === "" && row.email !== ""));
  yield* sorter.addByName(rows.filter((row) => row.username === "" && row.email === ""));
  return { adults: yield* sorter.adults(), unclear: sorter.unclear };
}

class Sorter {
  readonly unclear = new Map<number, RowProblem>();
  readonly #facts: ImportFacts;
  readonly #drafts: Draft[] = [];
  /** Those of the drafts who have a logon. */
  readonly #owners = new Map<KnownLogon, Draft>();
  readonly #deleted: ReadonlyMap<string, readonly KnownLogon[]>;

  constructor(facts: ImportFacts) {
    this.#facts = facts;
    this.#deleted = Map.groupBy(
      facts.logons.filter((logon) => logon.isDeleted),
      (logon) => mailboxKey(personOf(logon, [])),
    );
  }

  *adults(): Steps<Adult[]> {
    const adults = yield* mapInSteps(this.#drafts, (draft): Adult => {
      const { logon, rows } = draft;
      if (rows.length === 1) return draft;
      return { logon, rows: rows.toSorted((one, other) => one.position - other.position) };
    });
    return adults.sort((one, other) => positionOf(one) - positionOf(other));
  }

  *addByUsername(rows: readonly ReadRow[]): Steps<void> {
    const owners = new Map(this.#facts.logons.map((logon) => [logon.usernameKey, logon]));
    const newcomers = new Map<string, Draft>();
    yield* eachInSteps(rows, (row) => {
      const key = usernameKey(row.username, this.#facts.usernameKeys);
      const known = owners.get(key) ?? newcomers.get(key);
      if (known === undefined) newcomers.set(key, this.#addNew([row]));
      else this.#addTo(known, [row]);
    });
  }

  *addByEmail(rows: readonly ReadRow[]): Steps<void> {
    const known = yield* groupInSteps(
      yield* this.#candidates(),
      ({ person }) => mailboxKey(person),
    );
    yield* eachInSteps(yield* groupInSteps(rows, mailboxKey), ([mailbox, sharing]) => {
      const candidates = known.get(mailbox) ?? [];
      const others: ReadRow[][] = [];
      for (const same of byFirstName(sharing)) {
        const meant = meantBy(same, candidates);
        if (meant.length > 1) this.#refuse(same, SEVERAL_LOGONS);
        else if (meant[0]) this.#addTo(meant[0].who, same);
        else others.push(same);
      }
      this.#addOthers(mailbox, candidates, others);
    });
  }

  *addByName(rows: readonly ReadRow[]): Steps<void> {
    if (rows.length === 0) return;
    const known = yield* groupInSteps(
      yield* this.#candidates(),
      ({ person }) => namesKey(person),
    );
    for (const [names, same] of yield* groupInSteps(rows, namesKey)) {
      yield;
      const candidates = known.get(names) ?? [];
      const [row, ...repeated] = same;
      if (row?.firstName === "" || row?.surname === "") {
        for (const one of same) this.#addNew([one]);
        continue;
      }
      const meant = candidates.flatMap((one) => {
        const logon = this.#looseLogon(one);
        return row && logon && this.#isLinkedToAll(logon, row) ? [logon] : [];
      });
      if (repeated.length > 0 || (candidates.length > 0 && meant.length !== 1)) {
        this.#refuse(same, NAME_IS_KNOWN);
      } else if (meant[0]) this.#addTo(meant[0], same);
      else this.#addNew(same);
    }
  }

  /** Rows whose email and surname are somebody's, or nobody's, and whose first names are nobody's. */
  #addOthers(
    mailbox: string,
    candidates: readonly Candidate[],
    others: readonly ReadRow[][],
  ): void {
    const [only] = candidates;
    const loose = candidates.length === 1 && only ? this.#looseLogon(only) : undefined;
    for (const same of others) {
      if (loose && others.length > 1) this.#refuse(same, SEVERAL_ROWS);
      else if (loose) this.#addTo(loose, same);
      else {
        const gone = candidates.length === 0 ? this.#findDeleted(mailbox, same) : undefined;
        if (gone) this.#addTo(gone, same);
        else this.#addNew(same);
      }
    }
  }

  /** The logon that a candidate is, if no row has meant it. */
  #looseLogon({ who }: Candidate): KnownLogon | undefined {
    return "id" in who && !this.#owners.has(who) ? who : undefined;
  }

  /** The one deleted logon of an adult with this email and these names. */
  #findDeleted(mailbox: string, same: readonly ReadRow[]): KnownLogon | undefined {
    const found = this.#deleted.get(mailbox)?.filter((logon) =>
      nameKey(logon.firstName) === nameKey(same[0]?.firstName ?? "") && !this.#owners.has(logon)
    );
    return found?.length === 1 ? found[0] : undefined;
  }

  /** Adults of the file as they will be after the import, and the live logons that no row has meant. */
  *#candidates(): Steps<Candidate[]> {
    const candidates = yield* mapInSteps(this.#drafts, (draft): Candidate => ({
      who: draft,
      person: personOf(draft.logon, draft.rows),
    }));
    yield* eachInSteps(this.#facts.logons, (logon) => {
      if (logon.isDeleted || this.#owners.has(logon)) return;
      candidates.push({ who: logon, person: personOf(logon, []) });
    });
    return candidates;
  }

  #isLinkedToAll(logon: KnownLogon, row: ReadRow): boolean {
    if (row.learners.length === 0) return logon.email === null;
    return row.learners.every((texts) => {
      const id = findLearnerId(texts, this.#facts);
      return id !== undefined && logon.learnerIds.includes(id);
    });
  }

  /** Somebody the school does not know yet. */
  #addNew(rows: ReadRow[]): Draft {
    const draft = { logon: null, rows };
    this.#drafts.push(draft);
    return draft;
  }

  #addTo(who: Draft | KnownLogon, rows: readonly ReadRow[]): void {
    const draft = "id" in who ? this.#owners.get(who) ?? this.#open(who) : who;
    draft.rows.push(...rows);
  }

  #open(logon: KnownLogon): Draft {
    const draft = { logon, rows: [] };
    this.#drafts.push(draft);
    this.#owners.set(logon, draft);
    return draft;
  }

  #refuse(rows: readonly ReadRow[], sentence: string): void {
    for (const row of rows) this.unclear.set(row.position, problem("username", "", sentence));
  }
}

/** Most adults have one row. */
function byFirstName(rows: ReadRow[]): Iterable<ReadRow[]> {
  return rows.length === 1 ? [rows] : Map.groupBy(rows, (row) => nameKey(row.firstName)).values();
}

/** Those of some candidates whose first name rows have, or all if the rows have none. */
function meantBy(
  same: readonly ReadRow[],
  candidates: readonly Candidate[],
): readonly Candidate[] {
  if (candidates.length === 0) return candidates;
  const firstName = nameKey(same[0]?.firstName ?? "");
  if (firstName === "") return candidates;
  return candidates.filter(({ person }) => nameKey(person.firstName) === firstName);
}

/** The learner that a cell names: by the first of its texts that somebody has. */
export function findLearnerId(texts: readonly string[], facts: ImportFacts): number | undefined {
  for (const text of texts) {
    const id = facts.learners.get(text);
    if (id !== undefined) return id;
  }
  return undefined;
}

/** An adult as the rows leave it: what a row says comes before what is stored, and the first row before the next. */
export function personOf(logon: KnownLogon | null, rows: readonly Person[]): Person {
  const [only] = rows;
  if (logon === null && only !== undefined && rows.length === 1) {
    return { firstName: only.firstName, surname: only.surname, email: only.email };
  }
  function first(key: keyof Person): string {
    return rows.find((row) => row[key] !== "")?.[key] ?? logon?.[key] ?? "";
  }
  return { firstName: first("firstName"), surname: first("surname"), email: first("email") };
}

function positionOf(adult: Adult): number {
  return adult.rows[0]?.position ?? 0;
}
