// Which contact stands on which learner's record, and as what: relationship, priority, Parental Responsibility.

import { addAudit, type Author, type Change } from "./audit.ts";
import type { Queryable, Transaction } from "./connect.ts";
import { cleanLine, lineProblem } from "./lines.ts";

/** What the contact is to the learner, as the window has it. */
export type PlacingInput = {
  readonly relationship: string;
  readonly priority: string;
  /** "yes", "no", or anything else for not known. */
  readonly responsibility: string;
};
export type PlacingField = keyof PlacingInput;
export type PlacingProblems = Partial<Record<PlacingField, string>>;

/** What the contact is to the learner. */
export type Placing = {
  readonly relationship: string;
  /** 1 is rung first. */
  readonly priority: number;
  /** null: not known; never read as no. */
  readonly parentalResponsibility: boolean | null;
};

/** A contact on a learner's record. */
export type LearnerContact = Placing & {
  readonly id: number;
  readonly firstName: string;
  readonly surname: string;
  readonly email: string | null;
  readonly mobile: string | null;
  readonly hasLogon: boolean;
};

/** A learner on whose record a contact stands. */
export type ContactLearner = Placing & {
  readonly id: number;
  readonly firstName: string;
  readonly surname: string;
  readonly registrationGroup: string | null;
  readonly status: string;
};

/** Who stands on whose record. */
export type Pair = { readonly learnerId: number; readonly contactId: number };

const HIGHEST_PRIORITY = 99;

export function cleanPlacing(input: PlacingInput): Placing {
  return {
    relationship: cleanLine(input.relationship) ?? "",
    priority: /^\d{1,2}$/.test(input.priority.trim()) ? Number(input.priority) : 0,
    parentalResponsibility: input.responsibility === "yes"
      ? true
      : input.responsibility === "no"
      ? false
      : null,
  };
}

/** What is wrong with a place on a record, by field; empty if it may be stored. Pure. */
export function checkPlacing(input: PlacingInput): PlacingProblems {
  const placing = cleanPlacing(input);
  const relationship = lineProblem(
    placing.relationship,
    "relationship",
    40,
    "Enter what the contact is to the learner, such as Mother.",
  );
  return {
    ...(relationship === undefined ? {} : { relationship }),
    ...(placing.priority >= 1 && placing.priority <= HIGHEST_PRIORITY
      ? {}
      : { priority: `Enter a number from 1, who is rung first, to ${HIGHEST_PRIORITY}.` }),
  };
}

/** The contacts on a learner's record, the first to be rung first. */
export async function listLearnerContacts(
  sql: Queryable,
  learnerId: number,
): Promise<LearnerContact[]> {
  return await sql<LearnerContact[]>`
    select c.id, c.first_name as "firstName", c.surname, c.email, c.mobile, r.relationship, r.priority,
           r.parental_responsibility as "parentalResponsibility",
           exists (select from logons l where l.contact_id = c.id and l.deleted_at is null) as "hasLogon"
      from contact_learners r join contacts c on c.id = r.contact_id
     where r.learner_id = ${learnerId}
     order by r.priority, c.name_key, c.id`;
}

/** The learners on whose records a contact stands. */
export async function listContactLearners(
  sql: Queryable,
  contactId: number,
): Promise<ContactLearner[]> {
  return await sql<ContactLearner[]>`
    select p.id, p.first_name as "firstName", p.surname, p.registration_group as "registrationGroup", p.status,
           r.relationship, r.priority, r.parental_responsibility as "parentalResponsibility"
      from contact_learners r join learners p on p.id = r.learner_id
     where r.contact_id = ${contactId}
     order by p.name_key, p.id`;
}

/** What a contact is to a learner; null if it does not stand on the record. */
export async function findPlacing(sql: Queryable, pair: Pair): Promise<Placing | null> {
  const [row] = await sql<Placing[]>`
    select relationship, priority, parental_responsibility as "parentalResponsibility" from contact_learners
     where learner_id = ${pair.learnerId} and contact_id = ${pair.contactId}`;
  return row ?? null;
}

/**
 * Puts a contact on a learner's record; one that stands there already is left as it is.
 * @returns whether it was added; null if the learner or the contact has gone
 */
export async function addContactLearner(
  sql: Transaction,
  pair: Pair,
  change: { readonly placing: Placing; readonly author: Author },
): Promise<boolean | null> {
  const { placing, author } = change;
  const names = await lock(sql, pair);
  if (names === null) return null;
  const added = await sql`
    insert into contact_learners (contact_id, learner_id, relationship, priority, parental_responsibility)
    values (${pair.contactId}, ${pair.learnerId}, ${placing.relationship}, ${placing.priority},
            ${placing.parentalResponsibility})
    on conflict (contact_id, learner_id) do nothing returning 1`;
  if (added.length === 0) return false;
  await addAudit(
    sql,
    changesOf(pair, author, { names, what: "add contact to learner", after: placing }),
  );
  return true;
}

/**
 * Stores what a contact is to a learner.
 * @param change.seen what the editor saw: anything else in its place is somebody else's newer edit
 * @returns false if it is not as it was seen, or not there any more: nothing is stored then
 */
export async function editContactLearner(
  sql: Transaction,
  pair: Pair,
  change: { readonly seen: string; readonly placing: Placing; readonly author: Author },
): Promise<boolean> {
  const { placing, author, seen } = change;
  const names = await lock(sql, pair);
  const before = await findPlacing(sql, pair);
  if (names === null || before === null) return false;
  if (placingKey(before) === placingKey(placing)) return true;
  if (placingKey(before) !== seen) return false;
  await sql`
    update contact_learners set relationship = ${placing.relationship}, priority = ${placing.priority},
                                parental_responsibility = ${placing.parentalResponsibility}
     where learner_id = ${pair.learnerId} and contact_id = ${pair.contactId}`;
  const what = "edit contact of learner";
  await addAudit(sql, changesOf(pair, author, { names, what, before, after: placing }));
  return true;
}

/** Takes a contact off a learner's record; what a logon sees stays as it is. @returns whether it was there */
export async function deleteContactLearner(
  sql: Transaction,
  pair: Pair,
  author: Author,
): Promise<boolean> {
  const names = await lock(sql, pair);
  const before = await findPlacing(sql, pair);
  if (names === null || before === null) return false;
  await sql`
    delete from contact_learners where learner_id = ${pair.learnerId} and contact_id = ${pair.contactId}`;
  await addAudit(sql, changesOf(pair, author, { names, what: "take contact off learner", before }));
  return true;
}

/** A place in one word, by which an editor's view is held against what is stored. */
export function placingKey(placing: Placing): string {
  const { relationship, priority, parentalResponsibility } = placing;
  return JSON.stringify([priority, parentalResponsibility, relationship]);
}

/** Both names, as the history says them. */
type Names = { readonly learner: string; readonly contact: string };

/** In the order that every way to link or block keeps: the learner, then the contact. @returns null if one of them has gone */
async function lock(sql: Transaction, pair: Pair): Promise<Names | null> {
  const [learner] = await sql<{ name: string }[]>`
    select first_name || ' ' || surname as name from learners where id = ${pair.learnerId} for key share`;
  const [contact] = await sql<{ name: string }[]>`
    select first_name || ' ' || surname as name from contacts where id = ${pair.contactId} for no key update`;
  return learner && contact ? { learner: learner.name, contact: contact.name } : null;
}

/** The change stands in the history of both. */
function changesOf(
  pair: Pair,
  author: Author,
  change: { names: Names; what: string; before?: Placing; after?: Placing },
): Change[] {
  const { learnerId, contactId } = pair;
  const { names, what, before, after } = change;
  const who = { ...names, learnerId, contactId };
  return ([["learner", learnerId], ["contact", contactId]] as const).map((
    [subject, subjectId],
  ) => ({
    ...author,
    what,
    subject,
    subjectId,
    ...(before === undefined ? {} : { before: { ...before, ...who } }),
    ...(after === undefined ? {} : { after: { ...after, ...who } }),
  }));
}
