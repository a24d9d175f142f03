// The contacts that Import Contacts offers: the list that the window searches, and all that decides what each would become.

import { keepingPlans, type Queryable } from "./connect.ts";
import { findDoubles } from "./contact_duplicates.ts";
import {
  type Candidate,
  type ContactPlan,
  isChange,
  type OwnLearner,
  type OwnLogon,
  planCandidate,
} from "./contact_plan.ts";
import type { Fragment } from "./fragment.ts";
import { allOf, MOST_COUNTED, searchPatterns } from "./search.ts";

/** Contacts that the window shows at once. */
export const MOST_SHOWN = 100;
export type PlannedCandidate = {
  readonly contact: Candidate;
  readonly plan: ContactPlan;
  /** Whether anything would come of importing it. */
  readonly isChoosable: boolean;
  /** Another contact that may be the same adult; null if there is none. */
  readonly double: number | null;
};

export type CandidatePage = {
  readonly rows: readonly PlannedCandidate[];
  /** How many match; of a search at most {@link MOST_COUNTED} + 1 are counted. */
  readonly total: number;
};

/** The contact that a row is about. */
type Of = { readonly of: number };
/** The first contacts by name with Parental Responsibility for anybody, that match every word of a contact's or a learner's name. */
export async function listCandidates(sql: Queryable, search: string): Promise<CandidatePage> {
  if (searchPatterns(search).length === 0) return await wholeList(sql);
  const { total, ids } = await searchedList(sql, matches(sql, search));
  return { rows: await rowsOf(sql, ids), total };
}

async function rowsOf(sql: Queryable, ids: readonly number[]): Promise<PlannedCandidate[]> {
  const [contacts, doubles] = await Promise.all([
    findCandidates(sql, ids),
    findDoubles(sql, ids),
  ]);
  return contacts.map((contact) => {
    const plan = planCandidate(contact);
    const double = doubles.get(contact.id) ?? null;
    return { contact, plan, isChoosable: isChange(plan), double };
  });
}

/** The contacts with these ids, in that order; who is not there is left out. */
export async function findCandidates(
  sql: Queryable,
  ids: readonly number[],
): Promise<Candidate[]> {
  if (ids.length === 0) return [];
  const kept = keepingPlans(sql);
  // A handful of plain queries: one that fetches all of it for each contact takes longer. With an offset a row is looked up
  // for each contact, where the planner, who cannot know how few there are, would read the whole table.
  const [contacts, learners, blocks, logons] = await Promise.all([
    kept<Pick<Candidate, "id" | "firstName" | "surname" | "email">[]>`
      select id, first_name as "firstName", surname, email from contacts where id = any(${[
      ...ids,
    ]}::bigint[])`,
    kept<(Omit<OwnLearner, "isBlocked"> & Of)[]>`
      select r.contact_id as "of", p.id, p.first_name as "firstName", p.surname
        from contact_learners r
        cross join lateral (select * from learners p where p.id = r.learner_id offset 0) p
       where r.contact_id = any(${[...ids]}::bigint[]) and r.parental_responsibility
       order by p.name_key, p.id`,
    findBlockedPairs(sql, ids),
    kept<(OwnLogon & Of)[]>`
      select l.contact_id as "of", ${logonColumns(sql)} from logons l
       where l.contact_id = any(${[...ids]}::bigint[])
       order by l.deleted_at desc nulls first, l.id`,
  ]);
  const logonsOf = Map.groupBy(logons, ofWhom);
  const { likely, twins } = await findSameNames(sql, ids.filter((id) => !logonsOf.has(id)));
  const known = new Map(contacts.map((contact) => [contact.id, contact]));
  const isBlocked = new Set(blocks.map((pair) => `${pair.of} ${pair.learnerId}`));
  const [learnersOf, likelyOf, twinsOf] = [
    Map.groupBy(learners, ofWhom),
    Map.groupBy(likely, ofWhom),
    Map.groupBy(twins, ofWhom),
  ];
  return ids.flatMap((id) => {
    const contact = known.get(id);
    return contact === undefined ? [] : [{
      ...contact,
      learners: (learnersOf.get(id) ?? []).map((learner) => ({
        ...learner,
        isBlocked: isBlocked.has(`${id} ${learner.id}`),
      })),
      logons: logonsOf.get(id) ?? [],
      likely: likelyOf.get(id) ?? [],
      twins: twinsOf.get(id)?.length ?? 0,
    }];
  });
}

/** Live logons of no contact, and other contacts, with the names and the email of these contacts. */
async function findSameNames(
  sql: Queryable,
  ids: readonly number[],
): Promise<{ likely: (OwnLogon & Of)[]; twins: Of[] }> {
  if (ids.length === 0) return { likely: [], twins: [] };
  const kept = keepingPlans(sql);
  const [likely, twins] = await Promise.all([
    kept<(OwnLogon & Of)[]>`
      select c.id as "of", l.*
        from contacts c
        cross join lateral (
          select ${logonColumns(sql)} from logons l
           where l.email is not null and email_key(l.email) = email_key(c.email)
             and l.contact_id is null and l.deleted_at is null
             and username_key(l.first_name) = username_key(c.first_name)
             and username_key(l.surname) = username_key(c.surname)
          offset 0
        ) l
       where c.id = any(${[...ids]}::bigint[])
       order by l.id`,
    kept<Of[]>`
      select c.id as "of"
        from contacts c
        cross join lateral (
          select from contacts a
           where a.email is not null and email_key(a.email) = email_key(c.email) and a.id <> c.id
             and username_key(a.first_name) = username_key(c.first_name)
             and username_key(a.surname) = username_key(c.surname)
          offset 0
        ) a
       where c.id = any(${[...ids]}::bigint[])`,
  ]);
  return { likely, twins };
}

/**
 * A block belongs to the adult. Where the office has blocked another record of the same adult, it is better to leave out a
 * learner too many, who can be linked by hand: a logon of no contact is known by email and surname, another contact by all
 * of its names as well.
 */
async function findBlockedPairs(
  sql: Queryable,
  ids: readonly number[],
): Promise<(Of & { readonly learnerId: number })[]> {
  // Few learners have a block, and this takes longer to plan than to answer.
  const near = await keepingPlans(sql)<{ id: number }[]>`
    select distinct r.contact_id as id from contact_learners r join blocks b on b.learner_id = r.learner_id
     where r.contact_id = any(${[...ids]}::bigint[]) and b.lifted_at is null`;
  if (near.length === 0) return [];
  return await sql<(Of & { learnerId: number })[]>`
    select distinct c.id as "of", b.learner_id as "learnerId"
      from blocks b
      left join logons l on l.id = b.logon_id
      left join contacts a on a.id = coalesce(b.contact_id, l.contact_id)
      join contact_learners r on r.learner_id = b.learner_id
      join contacts c on c.id = r.contact_id
     where b.lifted_at is null and r.contact_id = any(${near.map(({ id }) => id)}::bigint[])
       and (b.contact_id = c.id or l.contact_id = c.id
            or (email_key(b.email) = email_key(c.email) and username_key(b.surname) = username_key(c.surname)
                and username_key(b.first_name) = username_key(c.first_name))
            or (email_key(coalesce(a.email, l.email)) = email_key(c.email)
                and username_key(coalesce(a.surname, l.surname)) = username_key(c.surname)
                and (a.id is null or username_key(a.first_name) = username_key(c.first_name))))`;
}
/** Whether contact `c` is one of the list that matches a search. */
export function matches(sql: Queryable, search: string): Fragment {
  return allOf(sql, [
    sql`c.responsible_count > 0`,
    ...searchPatterns(search).map((pattern) => sql`c.search_key like ${pattern}`),
  ]);
}

type FirstOfAll = { readonly total: number; readonly ids: readonly number[] };

/** The first are looked up while all are counted, which takes longer than to find them. */
async function wholeList(sql: Queryable): Promise<CandidatePage> {
  const all = matches(sql, "");
  const [[counted], rows] = await Promise.all([
    sql<[{ total: number }]>`select count(*)::int as total from contacts c where ${all}`,
    idsInOrder(sql, all).then((ids) => rowsOf(sql, ids)),
  ]);
  return { total: counted.total, rows };
}

/** As in the list of logons: few are fetched first and then sorted, many are met soon in their order. */
async function searchedList(sql: Queryable, matching: Fragment): Promise<FirstOfAll> {
  const [few] = await sql<[{ total: number; ids: number[] }]>`
    with c as materialized (
      select c.id, c.name_key from contacts c where ${matching} limit ${MOST_COUNTED + 1}
    )
    select (select count(*)::int from c) as total,
           array(select c.id from c where (select count(*) from c) <= ${MOST_COUNTED}
                  order by c.name_key, c.id limit ${MOST_SHOWN}) as ids`;
  return few.total <= MOST_COUNTED
    ? few
    : { total: few.total, ids: await idsInOrder(sql, matching) };
}

async function idsInOrder(sql: Queryable, matching: Fragment): Promise<number[]> {
  const rows = await sql<{ id: number }[]>`
    select c.id from contacts c where ${matching} order by c.name_key, c.id limit ${MOST_SHOWN}`;
  return rows.map((row) => row.id);
}

function logonColumns(sql: Queryable): Fragment {
  return sql`l.id, l.username, l.deleted_at is not null as "isDeleted",
             l.merged_into is not null as "isMerged",
             array(select k.learner_id from logon_learners k where k.logon_id = l.id) as "learnerIds"`;
}

function ofWhom(row: Of): number {
  return row.of;
}
