// Contacts who may be the same adult: the same name with the same email or mobile, unless somebody has kept them apart.

import { addAudit, type Author } from "./audit.ts";
import type { Queryable, Transaction } from "./connect.ts";
import { type ContactRow, findContactRows } from "./contact_list.ts";
import type { Fragment } from "./fragment.ts";

/** Two contacts; the older record is the one. */
export type ContactPair = { readonly one: number; readonly other: number };

/** Two contacts side by side, with what they have in common beside the name. */
export type Duplicate = {
  readonly one: ContactRow;
  readonly other: ContactRow;
  readonly sameEmail: boolean;
  readonly sameMobile: boolean;
};

/** Pairs of one page. */
const PAIRS_SHOWN = 50;

/** Pairs by name, a page at a time. @param after the last pair of the page before */
export async function listDuplicates(
  sql: Queryable,
  after: ContactPair | null,
): Promise<{ rows: Duplicate[]; total: number; more: boolean }> {
  const [found, [counted]] = await Promise.all([
    sql<(ContactPair & { sameEmail: boolean; sameMobile: boolean })[]>`
      ${pairs(sql)}
      select p.one, p.other, p.same_email as "sameEmail", p.same_mobile as "sameMobile" from pairs p
       where ${
      after === null ? sql`true` : sql`(p.name_key, p.one, p.other) > (
               (select c.name_key from contacts c where c.id = ${after.one}), ${after.one}::bigint, ${after.other}::bigint)`
    }
       order by p.name_key, p.one, p.other limit ${PAIRS_SHOWN + 1}`,
    sql<[{ total: number }]>`${pairs(sql)} select count(*)::int as total from pairs`,
  ]);
  const shown = found.slice(0, PAIRS_SHOWN);
  const ids = [...new Set(shown.flatMap(({ one, other }) => [one, other]))];
  const contacts = new Map((await findContactRows(sql, ids)).map((row) => [row.id, row]));
  return {
    rows: shown.flatMap(({ one, other, ...same }) => {
      const [first, second] = [contacts.get(one), contacts.get(other)];
      return first && second ? [{ one: first, other: second, ...same }] : [];
    }),
    total: counted.total,
    more: found.length > PAIRS_SHOWN,
  };
}

/** For each of these contacts another one that may be the same adult; who has none is left out. */
export async function findDoubles(
  sql: Queryable,
  ids: readonly number[],
): Promise<Map<number, number>> {
  if (ids.length === 0) return new Map();
  const rows = await sql<{ id: number; double: number }[]>`
    select c.id, d.id as double
      from contacts c
      cross join lateral (
        select min(d.id) as id from (
          (select e.id from contacts e where e.name_key = c.name_key and e.email_key = c.email_key and e.id <> c.id
              and not ${keptApart(sql, sql`c.id`, sql`e.id`)} order by e.id limit 1)
          union all
          (select m.id from contacts m where m.name_key = c.name_key and m.mobile_key = c.mobile_key and m.id <> c.id
              and not ${keptApart(sql, sql`c.id`, sql`m.id`)} order by m.id limit 1)
        ) d
      ) d
     where c.id = any(${[...ids]}::bigint[]) and d.id is not null`;
  return new Map(rows.map((row) => [row.id, row.double]));
}

/** Two contacts in the order in which their pair is kept. */
export function pairOf(id: number, other: number): ContactPair {
  return id < other ? { one: id, other } : { one: other, other: id };
}

/** Remembers that two contacts are two adults, until one of them changes. @returns whether both are there */
export async function keepApart(
  sql: Transaction,
  pair: ContactPair,
  author: Author,
  at: Date,
): Promise<boolean> {
  const found = await sql`
    select from contacts where id in (${pair.one}, ${pair.other}) order by id for key share`;
  if (found.length < 2) return false;
  const added = await sql`
    insert into distinct_contacts (one_id, other_id, kept_by, kept_at)
    values (${pair.one}, ${pair.other}, ${author.adminId}, ${at})
    on conflict do nothing returning 1`;
  if (added.length === 0) return true;
  await addAudit(
    sql,
    ([[pair.one, pair.other], [pair.other, pair.one]] as const).map(([id, from]) => ({
      ...author,
      what: "keep contacts apart",
      subject: "contact",
      subjectId: id,
      after: { contactId: from },
    })),
  );
  return true;
}

/** All pairs that are on offer. Both joins read an index of 0016_records.sql alone. */
function pairs(sql: Queryable): Fragment {
  return sql`
    with same as (
      select a.name_key, a.id as one, b.id as other, true as same_email, false as same_mobile
        from contacts a
        join contacts b on b.name_key = a.name_key and b.email_key = a.email_key and b.id > a.id
      union all
      select a.name_key, a.id, b.id, false, true
        from contacts a
        join contacts b on b.name_key = a.name_key and b.mobile_key = a.mobile_key and b.id > a.id
    ), pairs as (
      select s.name_key, s.one, s.other, bool_or(s.same_email) as same_email, bool_or(s.same_mobile) as same_mobile
        from same s
       where not ${keptApart(sql, sql`s.one`, sql`s.other`)}
       group by s.name_key, s.one, s.other
    )`;
}

function keptApart(sql: Queryable, id: Fragment, other: Fragment): Fragment {
  return sql`exists (
    select from distinct_contacts k
     where k.one_id = least(${id}, ${other}) and k.other_id = greatest(${id}, ${other}))`;
}
