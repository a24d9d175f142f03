// Finds out what planning an import must know about logons, learners, contacts and blocks: a few queries, however many rows.

import type { Queryable } from "./connect.ts";
import type { ReadRow } from "./import_rows.ts";
import { usernameBase } from "./import_usernames.ts";
import { isStorable } from "./logons.ts";

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
  /** What makes usernames the same: the key of each text that a row has as username or email. */
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

/** Asks for all that these rows touch. */
export async function findImportFacts(
  sql: Queryable,
  rows: readonly ReadRow[],
): Promise<ImportFacts> {
  const emails = askable(rows.map((row) => row.email));
  const usernames = askable(rows.map((row) => row.username));
  const nameless = rows.filter((row) => row.username === "" && row.email === "");
  const logons = await findKnownLogons(sql, usernames, emails, nameless);
  return {
    logons,
    usernameKeys: await findUsernameKeys(sql, [...new Set([...usernames, ...emails])]),
    takenKeys: await findTakenKeys(sql, rows.filter((row) => row.username === "")),
    learners: await findLearnerIds(sql, askable(rows.flatMap((row) => row.learners.flat()))),
    contacts: await findContacts(sql, emails),
    blocks: await listLiveBlocks(sql),
    responsible: await findResponsible(sql, logons),
  };
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

async function findKnownLogons(
  sql: Queryable,
  usernames: readonly string[],
  emails: readonly string[],
  nameless: readonly ReadRow[],
): Promise<KnownLogon[]> {
  const names = nameless.filter((row) => isStorable(row.firstName) && isStorable(row.surname));
  // No index knows names in this form, so a list without emails costs one look at every logon.
  const named = names.length === 0 ? sql`` : sql`
    union
    select l.id from logons l
      join unnest(${names.map((row) => row.firstName)}::text[],
                  ${names.map((row) => row.surname)}::text[]) as n (first_name, surname)
        on username_key(l.surname) = username_key(n.surname)
       and username_key(l.first_name) = username_key(n.first_name)
     where l.deleted_at is null`;
  return await sql<KnownLogon[]>`
    with wanted as (
      select l.id from logons l
       where l.username_key in (select username_key(typed) from unnest(${[
    ...usernames,
    ...emails,
  ]}::text[]) as u (typed))
      union
      select l.id from logons l
       where l.email is not null
         and email_key(l.email) in (select email_key(typed) from unnest(${[
    ...emails,
  ]}::text[]) as e (typed))
      ${named}
    )
    select l.id, l.version, l.first_name as "firstName", l.surname, l.email, l.username,
           l.username_key as "usernameKey", l.tfa, l.contact_id as "contactId",
           l.deleted_at is not null as "isDeleted",
           array(select k.learner_id from logon_learners k where k.logon_id = l.id) as "learnerIds"
      from wanted join logons l on l.id = wanted.id
     order by l.id`;
}

async function findUsernameKeys(
  sql: Queryable,
  typed: readonly string[],
): Promise<Map<string, string>> {
  const rows = await sql<{ typed: string; key: string }[]>`
    select typed, username_key(typed) as key from unnest(${[...typed]}::text[]) as u (typed)`;
  return new Map(rows.map((row) => [row.typed, row.key]));
}

/** Taken usernames that are one of the bases, with or without a number: one look at the keys, whatever the collation. */
async function findTakenKeys(
  sql: Queryable,
  rows: readonly ReadRow[],
): Promise<Set<string>> {
  const bases = rows.map((row) => usernameBase(row.firstName, row.surname).replace(/\d+$/, ""));
  if (bases.length === 0) return new Set();
  const taken = await sql<{ key: string }[]>`
    select l.username_key as key from logons l
     where rtrim(l.username_key, '0123456789') = any(${[...new Set(bases)]}::text[])`;
  return new Set(taken.map((row) => row.key));
}

async function findLearnerIds(
  sql: Queryable,
  values: readonly string[],
): Promise<Map<string, number>> {
  const rows = await sql<{ id: number; admissionNumber: string; upn: string | null }[]>`
    select id, admission_number as "admissionNumber", upn from learners
     where admission_number = any(${[...values]}::text[]) or upn = any(${[...values]}::text[])`;
  return new Map([
    ...rows.flatMap((row) => row.upn === null ? [] : [[row.upn, row.id] as const]),
    ...rows.map((row) => [row.admissionNumber, row.id] as const),
  ]);
}

async function findContacts(
  sql: Queryable,
  emails: readonly string[],
): Promise<KnownContact[]> {
  return await sql<KnownContact[]>`
    select c.first_name as "firstName", c.surname, c.email from contacts c
     where c.email is not null
       and email_key(c.email) in (select email_key(typed) from unnest(${[
    ...emails,
  ]}::text[]) as e (typed))`;
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
