// Making one contact of two records of the same adult: nothing that either of them had is lost.

import { addAudit, type Author } from "./audit.ts";
import type { Transaction } from "./connect.ts";
import { type ContactPair } from "./contact_duplicates.ts";
import { type ContactLearner, listContactLearners, type Placing } from "./contact_learners.ts";
import { type ContactRecord, type ContactValues, findContact } from "./contacts.ts";

/** The record whose value is kept, for each field. */
export type MergeChoice = Readonly<Record<keyof ContactValues, "one" | "other">>;

export type Merge = {
  readonly pair: ContactPair;
  readonly choice: MergeChoice;
  /** Both records as they were looked at. */
  readonly versions: ContactPair;
  readonly author: Author;
  readonly at: Date;
};

/** "gone": one of them is not there any more. "changed": somebody has edited one since. */
export type MergeOutcome = "merged" | "gone" | "changed";

/** What the one contact would have, by the fields chosen. Pure. */
function chosenValues(
  one: ContactValues,
  other: ContactValues,
  choice: MergeChoice,
): ContactValues {
  const of = { one, other };
  return {
    firstName: of[choice.firstName].firstName,
    surname: of[choice.surname].surname,
    email: of[choice.email].email,
    mobile: of[choice.mobile].mobile,
  };
}

/**
 * The learners of both. Where both stand on one record the stronger place is kept: Parental Responsibility before none before
 * not known, then the relationship that goes with it, and the priority that is rung first. Pure.
 */
export function uniteLearners(
  one: readonly ContactLearner[],
  other: readonly ContactLearner[],
): ContactLearner[] {
  const united = new Map(one.map((learner) => [learner.id, learner]));
  for (const learner of other) {
    const there = united.get(learner.id);
    united.set(learner.id, there === undefined ? learner : stronger(there, learner));
  }
  return [...united.values()];
}

/**
 * Makes one contact of two: the older record is kept, with the values chosen, the learners of both, every logon and every
 * block. A block of either holds for the adult, so for every logon of the one contact.
 */
export async function mergeContacts(sql: Transaction, merge: Merge): Promise<MergeOutcome> {
  const { pair: { one: keptId, other: goneId }, versions, choice, author, at } = merge;
  await lock(sql, merge.pair);
  const [kept, gone] = [await findContact(sql, keptId), await findContact(sql, goneId)];
  if (kept === null || gone === null) return "gone";
  if (kept.version !== versions.one || gone.version !== versions.other) return "changed";
  const values = chosenValues(kept, gone, choice);
  const learners = await moveLearners(sql, merge.pair);
  const logons = await sql<{ id: number }[]>`
    update logons set contact_id = ${keptId}, version = version + 1, updated_at = ${at}
     where contact_id = ${goneId} returning id`;
  const blocked = await moveBlocks(sql, merge);
  // What a feed knows either of them by means the one contact from now on.
  await sql`update feed_records set contact_id = ${keptId} where contact_id = ${goneId}`;
  await sql`update feed_items set contact_id = ${keptId} where contact_id = ${goneId}`;
  await sql`update merged_contacts set kept_id = ${keptId} where kept_id = ${goneId}`;
  await sql`delete from contacts where id = ${goneId}`;
  await sql`
    update contacts set first_name = ${values.firstName}, surname = ${values.surname}, email = ${values.email},
                        mobile = ${values.mobile}
     where id = ${keptId}`;
  await sql`
    insert into merged_contacts (id, kept_id, merged_by, merged_at)
    values (${goneId}, ${keptId}, ${author.adminId}, ${at})`;
  await addAudit(sql, [
    {
      ...author,
      what: "merge contacts",
      subject: "contact",
      subjectId: keptId,
      before: { kept: valuesOf(kept), merged: valuesOf(gone) },
      after: {
        ...values,
        mergedId: goneId,
        learnerIds: learners.map((learner) => learner.id),
        logonIds: logons.map((logon) => logon.id),
        blockedLearnerIds: blocked,
      },
    },
    {
      ...author,
      what: "merge contacts",
      subject: "contact",
      subjectId: goneId,
      before: valuesOf(gone),
      after: { contactId: keptId },
    },
    ...logons.map((logon) => ({
      ...author,
      what: "edit logon",
      subject: "logon",
      subjectId: logon.id,
      before: { contactId: goneId },
      after: { contactId: keptId },
    })),
  ]);
  return "merged";
}

/** In the order that every way to link or block keeps: learners, contacts, logons. */
async function lock(sql: Transaction, { one, other }: ContactPair): Promise<void> {
  const both = [one, other];
  await sql`
    select from learners where id in (
      select r.learner_id from contact_learners r where r.contact_id = any(${both}::bigint[])
      union
      select k.learner_id from logons l join logon_learners k on k.logon_id = l.id
       where l.contact_id = any(${both}::bigint[])
      union
      select b.learner_id from blocks b left join logons l on l.id = b.logon_id
       where b.contact_id = any(${both}::bigint[]) or l.contact_id = any(${both}::bigint[])
    ) order by id for update`;
  await sql`select from contacts where id = any(${both}::bigint[]) order by id for update`;
  await sql`select from logons where contact_id = any(${both}::bigint[]) order by id for update`;
}

async function moveLearners(
  sql: Transaction,
  { one: keptId, other: goneId }: ContactPair,
): Promise<ContactLearner[]> {
  const learners = uniteLearners(
    await listContactLearners(sql, keptId),
    await listContactLearners(sql, goneId),
  );
  const places = learners.map((learner) => ({
    learner_id: learner.id,
    relationship: learner.relationship,
    priority: learner.priority,
    parental_responsibility: learner.parentalResponsibility,
  }));
  // A place that a person gave either of them is no feed's to take away.
  await sql`
    insert into contact_learners as k (contact_id, learner_id, relationship, priority, parental_responsibility, feed)
    select ${keptId}, n.learner_id, n.relationship, n.priority, n.parental_responsibility, g.feed
      from jsonb_to_recordset(${sql.json(places)}) as n (
        learner_id bigint, relationship text, priority smallint, parental_responsibility boolean)
      join contact_learners g on g.contact_id = ${goneId} and g.learner_id = n.learner_id
    on conflict (contact_id, learner_id) do update
      set relationship = excluded.relationship, priority = excluded.priority,
          parental_responsibility = excluded.parental_responsibility,
          feed = case when excluded.feed is null then null else k.feed end`;
  await sql`delete from contact_learners where contact_id = ${goneId}`;
  return learners;
}

/** Every block survives, and belongs to the adult. @returns the learners whom the adult must not see */
async function moveBlocks(sql: Transaction, merge: Merge): Promise<number[]> {
  const { pair: { one: keptId, other: goneId }, author, at } = merge;
  // Two blocks of the same learner become one in force, which says both reasons; the second stays on record as lifted.
  await sql`
    update blocks k
       set reason = left(k.reason || case when k.reason = g.reason then '' else E'\n' || g.reason end, 2000),
           review_on = least(k.review_on, g.review_on)
      from blocks g
     where k.contact_id = ${keptId} and g.contact_id = ${goneId} and k.learner_id = g.learner_id
       and k.lifted_at is null and g.lifted_at is null`;
  await sql`
    update blocks g set lifted_at = ${at}, lifted_by = ${author.adminId}
      from blocks k
     where k.contact_id = ${keptId} and g.contact_id = ${goneId} and k.learner_id = g.learner_id
       and k.lifted_at is null and g.lifted_at is null`;
  await sql`update blocks set contact_id = ${keptId} where contact_id = ${goneId}`;
  // One that was set on a logon alone is the adult's as well: the adult has other logons now.
  await sql`
    update blocks b set contact_id = ${keptId}
     where b.id in (
       select distinct on (n.learner_id) n.id from blocks n join logons l on l.id = n.logon_id
        where l.contact_id = ${keptId} and n.contact_id is null and n.lifted_at is null
          and not exists (select from blocks c where c.contact_id = ${keptId} and c.learner_id = n.learner_id
                                                 and c.lifted_at is null)
        order by n.learner_id, n.id)`;
  const rows = await sql<{ id: number }[]>`
    select learner_id as id from blocks where contact_id = ${keptId} and lifted_at is null order by 1`;
  return rows.map((row) => row.id);
}

function stronger(one: ContactLearner, other: ContactLearner): ContactLearner {
  const strength = (placing: Placing): number =>
    placing.parentalResponsibility === null ? 0 : placing.parentalResponsibility ? 2 : 1;
  const isOther = strength(other) > strength(one) ||
    (strength(other) === strength(one) && other.priority < one.priority);
  return { ...isOther ? other : one, priority: Math.min(one.priority, other.priority) };
}

function valuesOf({ firstName, surname, email, mobile }: ContactRecord): ContactValues {
  return { firstName, surname, email, mobile };
}
