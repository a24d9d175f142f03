// Parental Responsibility that no feed has said: the office says yes or no, for many at once.

import { setAttentionSource } from "./attention.ts";
import { addAudit, type Author } from "./audit.ts";
import type { Queryable, Transaction } from "./connect.ts";
import type { Fragment } from "./fragment.ts";
import { allOf, searchPatterns } from "./search.ts";

/** Relationships shown at once. */
const MOST_UNKNOWN_SHOWN = 100;
/** So many are counted at most, so that a page stays quick. */
const MOST_COUNTED_UNKNOWN = 100_000;

/** Which of them are meant. */
export type UnknownFilter = {
  /** A word as "Mother"; null for any. */
  readonly relationship: string | null;
  readonly search: string;
};

/** A contact on a learner's record, of whom nobody has said whether they have Parental Responsibility. */
export type UnknownResponsibility = {
  /** "contact-learner" by their ids: what names the row. */
  readonly key: string;
  readonly contact: string;
  readonly email: string | null;
  readonly relationship: string;
  readonly learner: string;
  readonly registrationGroup: string | null;
};

/** The first of them by learner, and how many there are. */
export async function listUnknown(
  sql: Queryable,
  filter: UnknownFilter,
): Promise<{ rows: UnknownResponsibility[]; total: number }> {
  const [[counted], rows] = await Promise.all([
    sql<[{ total: number }]>`
      select count(*)::int as total from (
        select ${tables(sql, filter)} limit ${MOST_COUNTED_UNKNOWN}) as counted`,
    sql<UnknownResponsibility[]>`
      select r.contact_id || '-' || r.learner_id as key, c.first_name || ' ' || c.surname as contact, c.email,
             r.relationship, l.first_name || ' ' || l.surname as learner, l.registration_group as "registrationGroup"
        ${tables(sql, filter)}
       order by l.surname collate "en-x-icu", l.first_name collate "en-x-icu", l.id, r.priority, r.contact_id
       limit ${MOST_UNKNOWN_SHOWN}`,
  ]);
  return { rows, total: counted.total };
}

/** Each relationship of which some are not known, and how many; the most first. */
export async function listUnknownRelationships(
  sql: Queryable,
): Promise<{ relationship: string; count: number }[]> {
  return await sql<{ relationship: string; count: number }[]>`
    select relationship, count(*)::int as count from contact_learners
     where parental_responsibility is null
     group by relationship order by count desc, relationship limit 100`;
}

export async function countUnknown(sql: Queryable): Promise<number> {
  const [row] = await sql<[{ count: number }]>`
    select count(*)::int as count from contact_learners where parental_responsibility is null`;
  return row.count;
}

/** Which rows the answer is about: those with these keys, or everybody who matches. */
export type ResponsibilityChoice =
  | { readonly keys: readonly string[] }
  | { readonly filter: UnknownFilter };

/**
 * Says whether there is Parental Responsibility, where nobody has said it yet: what somebody else said meanwhile stays.
 * @returns of how many it was said
 */
export async function editResponsibilities(
  tx: Transaction,
  choice: ResponsibilityChoice,
  answer: boolean,
  author: Author,
): Promise<number> {
  await tx`set local statement_timeout = '10min'`;
  if (author.adminId !== null) await setAttentionSource(tx, `admin ${author.adminId}`);
  const chosen = "keys" in choice
    ? tx`select r.contact_id, r.learner_id from contact_learners r
          where r.parental_responsibility is null
            and (r.contact_id, r.learner_id) in (select * from unnest(
              ${pairs(choice.keys).map(([contact]) => contact)}::bigint[],
              ${pairs(choice.keys).map(([, learner]) => learner)}::bigint[]))`
    : tx`select r.contact_id, r.learner_id ${tables(tx, choice.filter)}`;
  const rows = await tx<{ contactId: number; learnerId: number; relationship: string }[]>`
    with chosen as (${chosen})
    update contact_learners r set parental_responsibility = ${answer}
      from chosen k
     where r.contact_id = k.contact_id and r.learner_id = k.learner_id and r.parental_responsibility is null
    returning r.contact_id as "contactId", r.learner_id as "learnerId", r.relationship`;
  await addAudit(
    tx,
    rows.map(({ contactId, learnerId, relationship }) => ({
      ...author,
      what: "edit parental responsibility",
      subject: "contact",
      subjectId: contactId,
      before: { learnerId, relationship, parentalResponsibility: null },
      after: { learnerId, relationship, parentalResponsibility: answer },
    })),
  );
  return rows.length;
}

/** "12-34" as the ids of a contact and a learner; what is no such key is left out. */
function pairs(keys: readonly string[]): [number, number][] {
  return keys.flatMap((key): [number, number][] => {
    const match = /^([1-9]\d{0,14})-([1-9]\d{0,14})$/.exec(key);
    return match === null ? [] : [[Number(match[1]), Number(match[2])]];
  });
}

function tables(
  sql: Queryable,
  { relationship, search }: UnknownFilter,
): Fragment {
  const matching = allOf(sql, [
    sql`r.parental_responsibility is null`,
    ...(relationship === null ? [] : [sql`r.relationship = ${relationship}`]),
    ...searchPatterns(search).map((pattern) =>
      sql`(c.search_key like ${pattern} or l.search_key like ${pattern})`
    ),
  ]);
  return sql`from contact_learners r
             join contacts c on c.id = r.contact_id
             join learners l on l.id = r.learner_id
             where ${matching}`;
}
