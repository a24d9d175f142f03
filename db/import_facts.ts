// Finds out what planning an import must know about logons, learners, contacts and blocks: a few queries, however many rows.

import type { Queryable } from "./connect.ts";
import type { Fragment } from "./fragment.ts";
import { isAscii } from "./import_keys.ts";
import type { ReadRow } from "./import_rows.ts";
import { usernameBase } from "./import_usernames.ts";
import { isStorable } from "./storable.ts";

/** A logon that a row may mean, deleted or not. */
export type KnownLogon = {
  readonly id: number;
  readonly version: number;
  readonly firstName: string;
  readonly surname: string;
  readonly email: string | null;
  readonly username: string;
  readonly usernameKey: string;
  readonly tfa: "off" | "required" | "set up";
  readonly contactId: number | null;
  readonly isDeleted: boolean;
  /** It became part of another logon and never comes back. */
  readonly isMerged: boolean;
  readonly learnerIds: readonly number[];
};

/**
 * A block in force and the adult it belongs to: one for the logon, one for the contact, and one by the names and email that
 * it was set with, which outlives both.
 */
export type LiveBlock = {
  readonly learnerId: number;
  readonly logonId: number | null;
  readonly contactId: number | null;
  readonly email: string | null;
  readonly surname: string;
};

export type KnownContact = {
  readonly firstName: string;
  readonly surname: string;
  readonly email: string;
};

export type ImportFacts = {
  /** All that have a username, an email or, where a row has neither, the names of a row. */
  readonly logons: readonly KnownLogon[];
  /** What makes usernames the same: the key of each text that a row has as username or email and that is not plain. */
  readonly usernameKeys: ReadonlyMap<string, string>;
  /** Keys of usernames, deleted ones included, that could be in the way of one made from names. */
  readonly takenKeys: ReadonlySet<string>;
  /** Learner ids by admission number and by UPN; what is both is the admission number. */
  readonly learners: ReadonlyMap<string, number>;
  /** All that have an email of a row. */
  readonly contacts: readonly KnownContact[];
  readonly blocks: readonly LiveBlock[];
  /** Pairs of contact and learner with Parental Responsibility, as "12 34". */
  readonly responsible: ReadonlySet<string>;
};

/** Longer than any username or email that is stored. */
const LONGEST_KEY = 254;

/** Rows that are asked for at a time: few enough for the process to answer others between two questions. */
const LOT = 2000;

/** Asks for all that these rows touch. */
export async function findImportFacts(
  sql: Queryable,
  rows: readonly ReadRow[],
): Promise<ImportFacts> {
  const finder = new FactFinder(sql);
  for (let start = 0; start < rows.length; start += LOT) {
    await finder.add(rows.slice(start, start + LOT));
  }
  return await finder.end();
}

/** Collects what is to be known of rows that come in lots, while they come. */
export class FactFinder {
  readonly #sql: Queryable;
  readonly #logons = new Map<number, KnownLogon>();
  readonly #usernameKeys = new Map<string, string>();
  #learners: Promise<ReadonlyMap<string, number>> | undefined;
  readonly #contacts = new Map<number, KnownContact>();
  readonly #bases = new Set<string>();

  constructor(sql: Queryable) {
    this.#sql = sql;
  }

  /**
   * Asks for the numbers of all learners, once: of a long list it takes less than asking for those of its rows, of a short one
   * some milliseconds, and it can be done before any has come.
   */
  async askLearners(): Promise<void> {
    this.#learners ??= listLearnerNumbers(this.#sql);
    await this.#learners;
  }

  /** Asks what these rows touch. */
  async add(rows: readonly ReadRow[]): Promise<void> {
    const sql = this.#sql;
    const asked = await findKeys(sql, rows);
    const [logons, contacts] = await Promise.all([
      findKnownLogons(sql, asked),
      findContacts(sql, asked),
      rows.some((row) => row.learners.length > 0) ? this.askLearners() : undefined,
    ]);
    const nameless = rows.filter((row) => row.username === "" && row.email === "");
    logons.push(...await findNamesakes(sql, nameless));
    for (const logon of logons) this.#logons.set(logon.id, logon);
    for (const [typed, key] of asked.usernameKeys) this.#usernameKeys.set(typed, key);
    for (const contact of contacts) this.#contacts.set(contact.id, contact);
    for (const row of rows) {
      if (row.username !== "") continue;
      this.#bases.add(usernameBase(row.firstName, row.surname).replace(/\d+$/, ""));
    }
  }

  /** Asks what concerns all of them together. */
  async end(): Promise<ImportFacts> {
    const sql = this.#sql;
    const logons = [...this.#logons.values()].sort((one, other) => one.id - other.id);
    const [takenKeys, blocks, responsible] = await Promise.all([
      findTakenKeys(sql, [...this.#bases]),
      listLiveBlocks(sql),
      findResponsible(sql, logons),
    ]);
    return {
      logons,
      usernameKeys: this.#usernameKeys,
      takenKeys,
      learners: await this.#learners ?? new Map(),
      contacts: [...this.#contacts.values()],
      blocks,
      responsible,
    };
  }
}

/** Blocks in force, with whom they belong to. A school has few. */
export async function listLiveBlocks(
  sql: Queryable,
  learnerIds?: readonly number[],
): Promise<LiveBlock[]> {
  const wanted = learnerIds === undefined
    ? sql`true`
    : sql`b.learner_id = any(${[...learnerIds]}::bigint[])`;
  return await sql<LiveBlock[]>`
    select b.learner_id as "learnerId", l.id as "logonId", null::bigint as "contactId", l.email, l.surname
      from blocks b join logons l on l.id = b.logon_id where b.lifted_at is null and ${wanted}
    union all
    select b.learner_id, null, c.id, c.email, c.surname
      from blocks b join contacts c on c.id = b.contact_id where b.lifted_at is null and ${wanted}
    union all
    select b.learner_id, null, null, b.email, b.surname from blocks b where b.lifted_at is null and ${wanted}`;
}

/** What rows have as username and email. */
type Asked = {
  /** The key of each that is not plain, as a username. */
  readonly usernameKeys: ReadonlyMap<string, string>;
  /** The keys of all usernames, and as such of the emails that are not plain. */
  readonly usernames: readonly string[];
  /** The keys of all emails, as emails. */
  readonly emailKeys: readonly string[];
};

/** What makes each text the same as another, as a username and as an email: the database folds all that is not plain. */
async function findKeys(sql: Queryable, rows: readonly ReadRow[]): Promise<Asked> {
  const emails = askable(rows.map((row) => row.email));
  const usernames = askable(rows.map((row) => row.username));
  const folded = [...new Set([...emails, ...usernames])].filter((text) => !isAscii(text));
  const keys = new Map(
    (folded.length === 0 ? [] : await sql<{ typed: string; username: string; email: string }[]>`
      select typed, username_key(typed) as username, email_key(typed) as email
        from unnest(${folded}::text[]) as u (typed)`).map((row) => [row.typed, row] as const),
  );
  return {
    usernameKeys: new Map([...keys].map(([typed, key]) => [typed, key.username])),
    usernames: [
      ...usernames.map((typed) => keys.get(typed)?.username ?? typed.toLowerCase()),
      ...emails.flatMap((typed) => keys.get(typed)?.username ?? []),
    ],
    emailKeys: emails.map((typed) => keys.get(typed)?.email ?? typed.toLowerCase()),
  };
}

/**
 * Looks each key up, which `offset 0` makes sure of: Postgres takes the key of an email for cheap to make, and would read all
 * 50,000 logons and make theirs, 230 ms for what takes 15.
 */
async function findKnownLogons(sql: Queryable, asked: Asked): Promise<KnownLogon[]> {
  return await sql<KnownLogon[]>`
    with asked as not materialized (
      select ${[...asked.usernames]}::text[] as usernames, ${[...asked.emailKeys]}::text[] as emails
    ), wanted as (
      select l.id from asked join logons l on l.username_key = any(asked.usernames)
      union
      select l.id from asked join logons l on l.username_key = any(asked.emails)
      union
      select l.id from asked cross join unnest(asked.emails) as e (key) cross join lateral (
        select l.id from logons l
         where l.email is not null and l.merged_into is null and email_key(l.email) = e.key offset 0
      ) as l
    )
    select l.* from wanted cross join lateral (
      select ${knownColumns(sql)} from logons l where l.id = wanted.id offset 0
    ) as l`;
}

/** No index knows names in this form, so a list without emails and usernames costs one look at every logon. */
async function findNamesakes(sql: Queryable, rows: readonly ReadRow[]): Promise<KnownLogon[]> {
  const names = rows.filter((row) => isStorable(row.firstName) && isStorable(row.surname));
  if (names.length === 0) return [];
  return await sql<KnownLogon[]>`
    with wanted as (
      select l.id from logons l
        join unnest(${names.map((row) => row.firstName)}::text[],
                    ${names.map((row) => row.surname)}::text[]) as n (first_name, surname)
          on username_key(l.surname) = username_key(n.surname)
         and username_key(l.first_name) = username_key(n.first_name)
       where l.deleted_at is null
    )
    select ${knownColumns(sql)} from logons l where l.id in (select id from wanted)`;
}

function knownColumns(sql: Queryable): Fragment {
  return sql`l.id, l.version, l.first_name as "firstName", l.surname, l.email, l.username,
             l.username_key as "usernameKey", l.tfa, l.contact_id as "contactId", l.deleted_at is not null as "isDeleted",
             l.merged_into is not null as "isMerged",
             array(select k.learner_id from logon_learners k where k.logon_id = l.id) as "learnerIds"`;
}

/** Taken usernames that are one of the bases, with or without a number: one look at the keys, whatever the collation. */
async function findTakenKeys(sql: Queryable, bases: readonly string[]): Promise<Set<string>> {
  if (bases.length === 0) return new Set();
  const taken = await sql<{ key: string }[]>`
    select l.username_key as key from logons l
     where rtrim(l.username_key, '0123456789') = any(${[...bases]}::text[])`;
  return new Set(taken.map((row) => row.key));
}

/** By admission number and by UPN, of all learners; what is both is the admission number. */
async function listLearnerNumbers(sql: Queryable): Promise<Map<string, number>> {
  const found = new Map<string, number>();
  const learners = await sql<{ id: number; admissionNumber: string; upn: string | null }[]>`
    select id, admission_number as "admissionNumber", upn from learners`;
  for (const { id, upn } of learners) if (upn !== null) found.set(upn, id);
  for (const { id, admissionNumber } of learners) found.set(admissionNumber, id);
  return found;
}

/** Looks each key up, as {@link findKnownLogons} does. */
async function findContacts(
  sql: Queryable,
  { emailKeys }: Asked,
): Promise<(KnownContact & { readonly id: number })[]> {
  return await sql<(KnownContact & { id: number })[]>`
    select c.* from unnest(${[...emailKeys]}::text[]) as e (key) cross join lateral (
      select c.id, c.first_name as "firstName", c.surname, c.email from contacts c
       where c.email is not null and email_key(c.email) = e.key offset 0
    ) as c`;
}

async function findResponsible(
  sql: Queryable,
  logons: readonly KnownLogon[],
): Promise<Set<string>> {
  const contacts = [...new Set(logons.flatMap((logon) => logon.contactId ?? []))];
  if (contacts.length === 0) return new Set();
  const rows = await sql<{ contact: number; learner: number }[]>`
    select contact_id as contact, learner_id as learner from contact_learners
     where contact_id = any(${contacts}::bigint[]) and parental_responsibility`;
  return new Set(rows.map((row) => `${row.contact} ${row.learner}`));
}

function askable(texts: readonly string[]): string[] {
  return [...new Set(texts)].filter((text) =>
    text !== "" && text.length <= LONGEST_KEY && isStorable(text)
  );
}
