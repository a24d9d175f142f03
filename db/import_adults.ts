// Decides which rows of an import are the same adult, and which logon that adult has already.

import type { ImportFacts, KnownLogon } from "./import_facts.ts";
import { mailboxKey, nameKey, namesKey, type Person } from "./import_keys.ts";
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

/** Somebody a row may mean: an adult of the file so far, or a logon that no row has meant yet. */
type Candidate = { readonly key: string; readonly logon: KnownLogon | null; person: Person };
type Draft = { readonly logon: KnownLogon | null; readonly rows: ReadRow[] };

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
  readonly #drafts = new Map<string, Draft>();

  readonly #deleted: ReadonlyMap<string, readonly KnownLogon[]>;

  constructor(facts: ImportFacts) {
    this.#facts = facts;
    this.#deleted = Map.groupBy(
      facts.logons.filter((logon) => logon.isDeleted),
      (logon) => mailboxKey(personOf(logon, [])),
    );
  }

  *adults(): Steps<Adult[]> {
    const adults = yield* mapInSteps(this.#drafts.values(), ({ logon, rows }) => ({
      logon,
      rows: rows.length === 1 ? rows : rows.toSorted((one, other) => one.position - other.position),
    }));
    return adults.sort((one, other) => positionOf(one) - positionOf(other));
  }

  *addByUsername(rows: readonly ReadRow[]): Steps<void> {
    const owners = new Map(this.#facts.logons.map((logon) => [logon.usernameKey, logon]));
    yield* eachInSteps(rows, (row) => {
      const key = this.#facts.usernameKeys.get(row.username) ?? row.username;
      const owner = owners.get(key) ?? null;
      this.#add(owner ? logonKey(owner) : `username ${key}`, owner, [row]);
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
      for (const [firstName, same] of Map.groupBy(sharing, (row) => nameKey(row.firstName))) {
        const meant = firstName === ""
          ? candidates
          : candidates.filter(({ person }) => nameKey(person.firstName) === firstName);
        if (meant.length > 1) this.#refuse(same, SEVERAL_LOGONS);
        else if (meant[0]) this.#add(meant[0].key, meant[0].logon, same);
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
        for (const one of same) this.#add(`row ${one.position}`, null, [one]);
        continue;
      }
      const meant = candidates.filter(({ logon, key }) =>
        row && logon && !this.#drafts.has(key) && this.#isLinkedToAll(logon, row)
      );
      if (repeated.length > 0 || (candidates.length > 0 && meant.length !== 1)) {
        this.#refuse(same, NAME_IS_KNOWN);
      } else this.#add(meant[0]?.key ?? `name ${names}`, meant[0]?.logon ?? null, same);
    }
  }

  /** Rows whose email and surname are somebody's, or nobody's, and whose first names are nobody's. */
  #addOthers(
    mailbox: string,
    candidates: readonly Candidate[],
    others: readonly (readonly ReadRow[])[],
  ): void {
    const [only] = candidates;
    const loose = candidates.length === 1 && only?.logon && !this.#drafts.has(only.key) && only;
    for (const same of others) {
      if (loose && others.length > 1) this.#refuse(same, SEVERAL_ROWS);
      else if (loose) this.#add(loose.key, loose.logon, same);
      else {
        const firstName = nameKey(same[0]?.firstName ?? "");
        const gone = candidates.length === 0 ? this.#findDeleted(mailbox, firstName) : undefined;
        this.#add(gone ? logonKey(gone) : `email ${mailbox}\n${firstName}`, gone ?? null, same);
      }
    }
  }

  /** The one deleted logon of an adult with this email and these names. */
  #findDeleted(mailbox: string, firstName: string): KnownLogon | undefined {
    const found = this.#deleted.get(mailbox)?.filter((logon) =>
      nameKey(logon.firstName) === firstName && !this.#drafts.has(logonKey(logon))
    );
    return found?.length === 1 ? found[0] : undefined;
  }

  /** Adults of the file as they will be after the import, and the live logons that no row has meant. */
  *#candidates(): Steps<Candidate[]> {
    const inFile = yield* mapInSteps(this.#drafts, ([key, { logon, rows }]) => ({
      key,
      logon,
      person: personOf(logon, rows),
    }));
    const others = yield* mapInSteps(this.#facts.logons, (logon): Candidate[] => {
      const key = logonKey(logon);
      const isOther = !logon.isDeleted && !this.#drafts.has(key);
      return isOther ? [{ key, logon, person: personOf(logon, []) }] : [];
    });
    return inFile.concat(others.flat());
  }

  #isLinkedToAll(logon: KnownLogon, row: ReadRow): boolean {
    if (row.learners.length === 0) return logon.email === null;
    return row.learners.every((texts) => {
      const id = findLearnerId(texts, this.#facts);
      return id !== undefined && logon.learnerIds.includes(id);
    });
  }

  #add(key: string, logon: KnownLogon | null, rows: readonly ReadRow[]): void {
    const draft = this.#drafts.get(key) ?? { logon, rows: [] };
    for (const row of rows) draft.rows.push(row);
    this.#drafts.set(key, draft);
  }

  #refuse(rows: readonly ReadRow[], sentence: string): void {
    for (const row of rows) this.unclear.set(row.position, problem("username", "", sentence));
  }
}

/** The learner that a cell names: by the first of its texts that somebody has. */
export function findLearnerId(texts: readonly string[], facts: ImportFacts): number | undefined {
  return texts.map((text) => facts.learners.get(text)).find((id) => id !== undefined);
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

function logonKey(logon: KnownLogon): string {
  return `logon ${logon.id}`;
}

function positionOf(adult: Adult): number {
  return adult.rows[0]?.position ?? 0;
}
