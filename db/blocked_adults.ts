// The adults that blocks are about: which logons are theirs, who could be kept from whom, and who is known again by name.

import type { Queryable } from "./connect.ts";
import { isStorable } from "./storable.ts";

export type CoveredLogon = {
  readonly id: number;
  readonly username: string;
  readonly isDeleted: boolean;
};

/** Whom a block is against: a logon, with all others of its contact, or a contact that may have none. */
export type AdultRef = { readonly logonId: number } | { readonly contactId: number };

/** An adult as the window shows them. */
export type BlockedAdult = {
  readonly logonId: number | null;
  readonly contactId: number | null;
  readonly firstName: string;
  readonly surname: string;
  /** The logons that a block covers. */
  readonly covers: readonly CoveredLogon[];
  /** Live logons with the same email and surname that it does not cover: perhaps the same adult. */
  readonly alike: readonly CoveredLogon[];
};

/** The adult that a block would be against; null if there is no such logon or contact. */
export async function findAdult(sql: Queryable, ref: AdultRef): Promise<BlockedAdult | null> {
  const [adult] = "logonId" in ref
    ? await sql<(Omit<BlockedAdult, "covers" | "alike"> & { email: string | null })[]>`
        select id as "logonId", contact_id as "contactId", first_name as "firstName", surname, email
          from logons where id = ${ref.logonId}`
    : await sql<(Omit<BlockedAdult, "covers" | "alike"> & { email: string | null })[]>`
        select null::bigint as "logonId", id as "contactId", first_name as "firstName", surname, email
          from contacts where id = ${ref.contactId}`;
  if (adult === undefined) return null;
  const { email, ...person } = adult;
  const logons = await sql<(CoveredLogon & { covered: boolean })[]>`
    select id, username, deleted_at is not null as "isDeleted",
           (id is not distinct from ${adult.logonId}::bigint or coalesce(contact_id = ${adult.contactId}::bigint, false)) as covered
      from logons
     where id = ${adult.logonId}::bigint or contact_id = ${adult.contactId}::bigint
        or (email_key(email) = email_key(${email}::text) and deleted_at is null
            and username_key(surname) = username_key(${adult.surname}))
     order by id`;
  return {
    ...person,
    covers: logons.filter((logon) => logon.covered),
    alike: logons.filter((logon) => !logon.covered),
  };
}

/** A learner, or an adult, that the window offers. */
export type BlockOption = { readonly value: string; readonly label: string };

/** Learners who could be kept from an adult: linked to one of their logons or on the contact's record, and not blocked yet. */
export async function listLearnersNear(
  sql: Queryable,
  adult: Pick<BlockedAdult, "logonId" | "contactId">,
): Promise<BlockOption[]> {
  const rows = await sql<{ id: number; label: string }[]>`
    with own as (
      select id from logons where id = ${adult.logonId}::bigint or contact_id = ${adult.contactId}::bigint
    ), near as (
      select learner_id from logon_learners where logon_id in (select id from own)
      union select learner_id from contact_learners where contact_id = ${adult.contactId}::bigint
    )
    select p.id, p.first_name || ' ' || p.surname || coalesce(' ' || p.registration_group, '') as label
      from near join learners p on p.id = near.learner_id
     where not exists (
       select from blocks b where b.learner_id = p.id and b.lifted_at is null
          and (b.logon_id in (select id from own) or b.contact_id = ${adult.contactId}::bigint))
     order by p.surname collate "en-x-icu", p.first_name collate "en-x-icu", p.id`;
  return rows.map(({ id, label }) => ({ value: String(id), label }));
}

/** Adults who could be kept from a learner: with a logon that is linked, or as a contact on the record. */
export async function listAdultsNear(sql: Queryable, learnerId: number): Promise<BlockOption[]> {
  return await sql<BlockOption[]>`
    select 'logon-' || l.id as value, l.first_name || ' ' || l.surname || ', logon ' || l.username as label
      from logon_learners k join logons l on l.id = k.logon_id
     where k.learner_id = ${learnerId} and l.deleted_at is null
    union all
    select 'contact-' || c.id, c.first_name || ' ' || c.surname || ', ' || r.relationship
      from contact_learners r join contacts c on c.id = r.contact_id
     where r.learner_id = ${learnerId} and not exists (
       select from logons l join logon_learners k on k.logon_id = l.id
        where l.contact_id = c.id and k.learner_id = ${learnerId} and l.deleted_at is null)
     order by label`;
}

/** Who a form is about: a logon there is, or names that somebody typed. */
export type FormAdult = {
  readonly logonId: number | null;
  readonly firstName: string;
  readonly surname: string;
  readonly email: string | null;
};

/**
 * Those of the learners that this adult must not be linked to. A logon without a contact is known by its names and email as
 * well: a second one, typed by hand, is no way round a court order.
 */
export async function findBlockedLearners(
  sql: Queryable,
  adult: FormAdult,
  learnerIds: readonly number[],
): Promise<number[]> {
  if (learnerIds.length === 0) return [];
  const [firstName, surname, email] = [adult.firstName, adult.surname, adult.email ?? ""].map((
    text,
  ) => isStorable(text) ? text : "");
  const rows = await sql<{ id: number }[]>`
    select distinct b.learner_id as id
      from blocks b
      left join logons own on own.id = ${adult.logonId}::bigint
     where b.lifted_at is null and b.learner_id = any(${[...learnerIds]}::bigint[])
       and (b.logon_id = own.id or b.contact_id = own.contact_id
            or (own.contact_id is null and email_key(b.email) = email_key(${email ?? ""})
                and username_key(b.first_name) = username_key(${firstName ?? ""})
                and username_key(b.surname) = username_key(${surname ?? ""})))`;
  return rows.map((row) => row.id);
}
