// Puts a feed that was read beside the records there are: temporary tables, and whom each of its people is here.

import type { Feed, FeedLearner } from "../lib/feeds/feed.ts";
import type { Queryable, Transaction } from "./connect.ts";

/** Records in one statement. */
const PIECE = 20_000;

/** Tells of people in a package of changes whether an earlier feed brought them as learners or as contacts. */
export async function placeLoose(sql: Queryable, feed: Feed): Promise<Feed> {
  const { people, ties } = feed.loose;
  if (people.length + ties.length === 0) return feed;
  const ids = [
    ...people.map(({ learner }) => learner.id),
    ...ties.flatMap(({ one, other }) => [one, other]),
  ];
  const known = await sql<{ kind: "learner" | "contact"; id: string }[]>`
    select kind, external_id as id from feed_records
     where feed = ${feed.kind} and external_id = any(${[...new Set(ids)]}::text[])`;
  const learners = new Set(feed.learners.map(({ id }) => id));
  const contacts = new Set(feed.contacts.flatMap((contact) => contact.ids));
  for (const { kind, id } of known) (kind === "learner" ? learners : contacts).add(id);
  const of = (kinds: ReadonlySet<string>): typeof people =>
    people.filter(({ learner }) => kinds.has(learner.id));
  const adults = of(contacts);
  return {
    ...feed,
    learners: [...feed.learners, ...of(learners).map(({ learner }) => learner)],
    contacts: [
      ...feed.contacts,
      ...adults.filter(({ isRemoved }) => !isRemoved).map(({ contact }) => contact),
    ],
    removedContacts: [
      ...feed.removedContacts,
      ...adults.filter(({ isRemoved }) => isRemoved).map(({ contact }) => contact.key),
    ],
    relationships: [
      ...feed.relationships,
      ...ties.flatMap(({ one, other, file, line }) => {
        const pair = learners.has(one) && contacts.has(other)
          ? { learner: one, contact: other }
          : learners.has(other) && contacts.has(one)
          ? { learner: other, contact: one }
          : null;
        const unknown = { relationship: null, priority: null, parentalResponsibility: null };
        return pair === null ? [] : [{ ...pair, ...unknown, file, line }];
      }),
    ],
    loose: { people: [], ties: [] },
  };
}

/** Fills the temporary tables, which go with the transaction, and finds out who everybody is. */
export async function stageFeed(tx: Transaction, feed: Feed): Promise<void> {
  // A first feed of 100,000 records may take longer than a page's query may.
  await tx`set local statement_timeout = '10min'`;
  await makeTables(tx);
  await fillLearners(tx, feed.learners);
  await fillContacts(tx, feed);
  await fillTies(tx, feed);
  await tx`
    insert into fed_broken (kind, external_id)
    select 'learner', unnest(${[...feed.broken.learners]}::text[])
    union all select 'contact', unnest(${[...feed.broken.contacts]}::text[])`;
  await tx`
    insert into fed_removed (external_id)
    select distinct unnest(${[...feed.removedContacts]}::text[])`;
  // Without figures the planner takes a table that was just filled for an empty one.
  await tx`analyze fed_learners, fed_contacts, fed_contact_ids, fed_ties`;
  await matchLearners(tx, feed.kind);
  await skipStrangers(tx, feed.kind);
  await tx`analyze fed_learners (learner_id, problem)`;
  await matchTies(tx, feed.kind);
  await tx`analyze fed_ties (learner_id, learner_place, problem)`;
  await matchContacts(tx, feed.kind);
  await tx`analyze fed_contacts (contact_id, problem)`;
  await matchTiesToContacts(tx, feed.kind);
  await tx`analyze fed_ties (contact_id, contact_place, problem)`;
}

async function makeTables(tx: Transaction): Promise<void> {
  await tx`
    create temporary table fed_learners (
      place int primary key, id text not null, admission_number text, upn text, first_name text, surname text,
      date_of_birth date, year_group text, registration_group text, status text, left_on date, file text, line int,
      learner_id bigint, is_recorded boolean not null default false, is_skipped boolean not null default false,
      problem jsonb
    ) on commit drop`;
  await tx`
    create temporary table fed_contacts (
      place int primary key, key text not null unique, first_name text, surname text, email text, mobile text,
      file text, line int, contact_id bigint, is_recorded boolean not null default false, problem jsonb
    ) on commit drop`;
  await tx`
    create temporary table fed_contact_ids (external_id text primary key, place int not null) on commit drop`;
  await tx`
    create temporary table fed_ties (
      place int primary key, learner text not null, contact text not null, relationship text, priority int,
      parental_responsibility boolean, file text, line int, learner_place int, learner_id bigint,
      contact_place int, contact_id bigint, problem jsonb
    ) on commit drop`;
  await tx`create temporary table fed_broken (kind text, external_id text) on commit drop`;
  await tx`create temporary table fed_removed (external_id text) on commit drop`;
}

async function fillLearners(tx: Transaction, learners: readonly FeedLearner[]): Promise<void> {
  for (const { rows, start } of pieces(learners)) {
    await tx`
      insert into fed_learners (place, id, admission_number, upn, first_name, surname, date_of_birth, year_group,
                                registration_group, status, left_on, file, line)
      select ${start} + n, id, admission_number, upper(upn), nullif(first_name, ''), nullif(surname, ''),
             date_of_birth::date, year_group, registration_group, status, left_on::date, file, line
        from unnest(
          ${rows.map((row) => row.id)}::text[], ${rows.map((row) => row.admissionNumber)}::text[],
          ${rows.map((row) => row.upn)}::text[], ${rows.map((row) => row.firstName)}::text[],
          ${rows.map((row) => row.surname)}::text[], ${rows.map((row) => row.dateOfBirth)}::text[],
          ${rows.map((row) => row.yearGroup)}::text[],
          ${rows.map((row) => row.registrationGroup)}::text[],
          ${rows.map((row) => row.status)}::text[], ${rows.map((row) => row.leftOn)}::text[],
          ${rows.map((row) => row.file)}::text[], ${rows.map((row) => row.line)}::int[]
        ) with ordinality as r (id, admission_number, upn, first_name, surname, date_of_birth, year_group,
                                registration_group, status, left_on, file, line, n)`;
  }
}

async function fillContacts(tx: Transaction, { contacts }: Feed): Promise<void> {
  for (const { rows, start } of pieces(contacts)) {
    await tx`
      insert into fed_contacts (place, key, first_name, surname, email, mobile, file, line)
      select ${start} + n, key, first_name, surname, email, mobile, file, line
        from unnest(
          ${rows.map((row) => row.key)}::text[], ${rows.map((row) => row.firstName)}::text[],
          ${rows.map((row) => row.surname)}::text[], ${rows.map((row) => row.email)}::text[],
          ${rows.map((row) => row.mobile)}::text[], ${rows.map((row) => row.file)}::text[],
          ${rows.map((row) => row.line)}::int[]
        ) with ordinality as r (key, first_name, surname, email, mobile, file, line, n)`;
    const ids = rows.flatMap((row, at) => row.ids.map((id) => ({ id, place: start + at + 1 })));
    await tx`
      insert into fed_contact_ids (external_id, place)
      select * from unnest(${ids.map(({ id }) => id)}::text[], ${
      ids.map(({ place }) => place)
    }::int[])
      on conflict do nothing`;
  }
}

async function fillTies(tx: Transaction, { relationships }: Feed): Promise<void> {
  for (const { rows, start } of pieces(relationships)) {
    await tx`
      insert into fed_ties (place, learner, contact, relationship, priority, parental_responsibility, file, line)
      select ${start} + n, learner, contact, relationship, priority, responsible::boolean, file, line
        from unnest(
          ${rows.map((row) => row.learner)}::text[], ${rows.map((row) => row.contact)}::text[],
          ${rows.map((row) => row.relationship)}::text[], ${rows.map((row) => row.priority)}::int[],
          ${rows.map((row) => textOf(row.parentalResponsibility))}::text[],
          ${rows.map((row) => row.file)}::text[], ${rows.map((row) => row.line)}::int[]
        ) with ordinality as r (learner, contact, relationship, priority, responsible, file, line, n)`;
  }
}

/** postgres.js sends an array of booleans with the wrong type. */
function textOf(value: boolean | null): string | null {
  return value === null ? null : String(value);
}

/** By what the sender knows the learner by; else by admission number; else by UPN. Whoever is not surely the same is a conflict. */
async function matchLearners(tx: Transaction, kind: string): Promise<void> {
  await tx`
    update fed_learners s set learner_id = r.learner_id, is_recorded = true
      from feed_records r where r.feed = ${kind} and r.kind = 'learner' and r.external_id = s.id`;
  await tx`
    update fed_learners s set learner_id = l.id
      from learners l where s.learner_id is null and l.admission_number = s.admission_number`;
  await tx`
    update fed_learners s set learner_id = l.id
      from learners l where s.learner_id is null and l.upn = s.upn`;
  await tx`
    update fed_learners s
       set problem = jsonb_build_object('code', 'two for one', 'who', l.first_name || ' ' || l.surname)
      from learners l
     where l.id = s.learner_id
       and exists (select from fed_learners o where o.learner_id = s.learner_id and o.place <> s.place)`;
  await tx`
    update fed_learners s
       set problem = jsonb_build_object('code', 'number of another', 'value', s.admission_number,
                                        'who', l.first_name || ' ' || l.surname)
      from learners l
     where s.problem is null and l.admission_number = s.admission_number and l.id <> s.learner_id`;
  await tx`
    update fed_learners s
       set problem = jsonb_build_object('code', 'UPN of another', 'value', s.upn,
                                        'who', l.first_name || ' ' || l.surname)
      from learners l where s.problem is null and l.upn = s.upn and l.id <> s.learner_id`;
  // A number that was given to somebody else before: neither the names nor the day of birth may all be different.
  await tx`
    update fed_learners s
       set problem = jsonb_build_object('code', 'another person', 'value', coalesce(s.admission_number, s.upn),
                                        'who', l.first_name || ' ' || l.surname)
      from learners l
     where s.problem is null and l.id = s.learner_id and not s.is_recorded
       and username_key(s.surname) <> username_key(l.surname)
       and (username_key(s.first_name) <> username_key(l.first_name) or s.date_of_birth <> l.date_of_birth)`;
}

/** Who has left before the school knew of them is none of its learners, nor are those who belong to no other. */
async function skipStrangers(tx: Transaction, kind: string): Promise<void> {
  const isRoster = kind === "OneRoster" || kind === "School Data Sync";
  await tx`
    update fed_learners set is_skipped = true
     where learner_id is null and problem is null and status = 'Leaver'
       and ${isRoster ? tx`true` : tx`first_name is null`}`;
  const gone = await tx<{ contact: string }[]>`
    delete from fed_ties t using fed_learners s where s.id = t.learner and s.is_skipped returning t.contact`;
  const keys = [...new Set(gone.map(({ contact }) => contact))];
  await tx`
    with left_out as (
      delete from fed_contacts s
       where s.key = any(${keys}::text[]) and not exists (select from fed_ties t where t.contact = s.key)
      returning s.place
    )
    delete from fed_contact_ids i using left_out o where i.place = o.place`;
}

/** The learner of each relationship: one of this feed, or one that an earlier feed or the school itself knows by that number. */
async function matchTies(tx: Transaction, kind: string): Promise<void> {
  await tx`
    update fed_ties t set learner_place = s.place, learner_id = s.learner_id,
           problem = case when s.problem is not null then jsonb_build_object('code', 'learner left out') end
      from fed_learners s where s.id = t.learner`;
  if (kind === "Contacts sheet") {
    await tx`
      update fed_ties t set learner_id = l.id from learners l where l.admission_number = t.learner`;
    await tx`
      update fed_ties t set learner_id = l.id
        from learners l where t.learner_id is null and l.upn = upper(t.learner)`;
  } else {
    await tx`
      update fed_ties t set learner_id = r.learner_id
        from feed_records r
       where t.learner_id is null and t.learner_place is null
         and r.feed = ${kind} and r.kind = 'learner' and r.external_id = t.learner`;
  }
  await tx`
    update fed_ties set problem = jsonb_build_object('code', 'unknown learner', 'value', learner)
     where learner_id is null and learner_place is null and problem is null`;
}

/**
 * By what the sender knows the contact by; else by the names, and the email where several have them, among the contacts of
 * the same learners; else by names and email anywhere.
 */
async function matchContacts(tx: Transaction, kind: string): Promise<void> {
  await tx`
    update fed_contacts s set contact_id = r.contact_id, is_recorded = true
      from (
        select i.place, min(r.contact_id) as contact_id
          from fed_contact_ids i
          join feed_records r on r.feed = ${kind} and r.kind = 'contact' and r.external_id = i.external_id
         group by i.place
      ) r where r.place = s.place`;
  await tx`
    with candidates as (
      select distinct s.place, c.id, coalesce(email_key(c.email) = email_key(s.email), false) as same_email
        from fed_contacts s
        join fed_ties t on t.contact = s.key
        join contact_learners r on r.learner_id = t.learner_id
        join contacts c on c.id = r.contact_id
       where s.contact_id is null
         and username_key(c.first_name) = username_key(s.first_name)
         and username_key(c.surname) = username_key(s.surname)
         and not exists (select from fed_contacts o where o.contact_id = c.id)
    ), chosen as (
      select place, count(*) as all_of_them, count(*) filter (where same_email) as same,
             min(id) as any_id, min(id) filter (where same_email) as same_id
        from candidates group by place
    )
    update fed_contacts s
       set contact_id = case when k.same = 1 then k.same_id when k.all_of_them = 1 then k.any_id end,
           problem = case when k.same <> 1 and k.all_of_them > 1
                          then jsonb_build_object('code', 'several contacts') end
      from chosen k where k.place = s.place`;
  await tx`
    with found as (
      select s.place, count(*) as count, min(c.id) as id
        from fed_contacts s
        join contacts c on email_key(c.email) = email_key(s.email)
         and username_key(c.first_name) = username_key(s.first_name)
         and username_key(c.surname) = username_key(s.surname)
       where s.contact_id is null and s.problem is null and s.email is not null
       group by s.place
    )
    update fed_contacts s
       set contact_id = case when f.count = 1 then f.id end,
           problem = case when f.count > 1 then jsonb_build_object('code', 'several contacts') end
      from found f where f.place = s.place`;
  await tx`
    update fed_contacts s
       set problem = jsonb_build_object('code', 'two for one', 'who', c.first_name || ' ' || c.surname)
      from contacts c
     where c.id = s.contact_id
       and exists (select from fed_contacts o where o.contact_id = s.contact_id and o.place <> s.place)`;
}

async function matchTiesToContacts(tx: Transaction, kind: string): Promise<void> {
  await tx`
    update fed_ties t set contact_place = s.place, contact_id = s.contact_id,
           problem = case when s.problem is not null then jsonb_build_object('code', 'contact left out')
                          else t.problem end
      from fed_contacts s where s.key = t.contact`;
  await tx`
    update fed_ties t set contact_id = r.contact_id
      from feed_records r
     where t.contact_id is null and t.contact_place is null
       and r.feed = ${kind} and r.kind = 'contact' and r.external_id = t.contact`;
  await tx`
    update fed_ties set problem = jsonb_build_object('code', 'unknown contact', 'value', contact)
     where contact_id is null and contact_place is null and problem is null`;
}

function* pieces<T>(all: readonly T[]): Generator<{ rows: readonly T[]; start: number }> {
  for (let start = 0; start < all.length; start += PIECE) {
    yield { rows: all.slice(start, start + PIECE), start };
  }
}
