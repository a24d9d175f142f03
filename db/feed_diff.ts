// What a feed would change: one set-based comparison of all it says with all there is, kept as items for review.

import type { Feed, FeedProblem } from "../lib/feeds/feed.ts";
import type { Transaction } from "./connect.ts";
import { stageFeed } from "./feed_staging.ts";
import type { Facts } from "./tasks.ts";

export type FeedClass = "create" | "update" | "unchanged" | "leaver" | "error" | "conflict";
const RECORD_KINDS = ["learner", "contact", "relationship"] as const;
export type RecordKind = (typeof RECORD_KINDS)[number];

/** Fields in the order of the feed: where each item of a kind begins. */
type Offsets = { readonly contact: number; readonly tie: number; readonly rest: number };

/**
 * Compares a feed with what there is and stores an item for each record that is not as it was, in place of an earlier plan.
 * Changes nothing else.
 * @param today the school's date, as 2026-11-24
 * @returns counts by kind and class, such as "learner create", and what the decision about a review needs
 */
export async function diffFeed(
  tx: Transaction,
  taskId: number,
  feed: Feed,
  today: string,
): Promise<Facts> {
  await stageFeed(tx, feed);
  await tx`delete from feed_items where task_id = ${taskId}`;
  const contact = feed.learners.length;
  const tie = contact + feed.contacts.length;
  const offsets: Offsets = { contact, tie, rest: tie + feed.relationships.length };
  const mayTakeOff = feed.isComplete &&
    !feed.problems.some(({ weight, of }) => weight === "error" && of !== "learner");
  await diffLearners(tx, taskId, today);
  await diffContacts(tx, taskId, feed, offsets);
  await diffTies(tx, taskId, feed, offsets);
  if (feed.isComplete) await addAbsent(tx, taskId, feed, today);
  await addTakenOff(tx, taskId, feed, mayTakeOff);
  await addProblems(tx, taskId, feed.problems.filter(({ weight }) => weight === "error"));
  return await countDiff(tx, taskId, feed);
}

/** What is only said where the feed says it: an empty field never takes a value away. */
async function diffLearners(
  tx: Transaction,
  taskId: number,
  today: string,
): Promise<void> {
  await tx`
    with compared as (
      select s.*, learner_facts(l) as facts,
             case when l.id is null then null else jsonb_strip_nulls(jsonb_build_object(
               'admissionNumber', case when s.admission_number <> l.admission_number then s.admission_number end,
               'upn', case when s.upn is distinct from l.upn then s.upn end,
               'firstName', case when s.first_name <> l.first_name then s.first_name end,
               'surname', case when s.surname <> l.surname then s.surname end,
               'dateOfBirth', case when s.date_of_birth is distinct from l.date_of_birth then s.date_of_birth end,
               'yearGroup', case when s.year_group is distinct from l.year_group then s.year_group end,
               'registrationGroup', case when s.registration_group is distinct from l.registration_group
                                         then s.registration_group end,
               'status', case when s.status <> l.status then s.status end,
               'leftOn', case when s.status = 'Leaver' and l.status <> 'Leaver' then coalesce(s.left_on, ${today}::date)
                              when s.status = 'Leaver' and s.left_on <> l.left_on then s.left_on end
             )) || case when s.status <> 'Leaver' and l.status = 'Leaver' then '{"leftOn": null}'::jsonb
                        else '{}'::jsonb end end as changes
        from fed_learners s left join learners l on l.id = s.learner_id
    ), classed as (
      select *, case when problem is not null then 'conflict'
                     when learner_id is null then 'create'
                     when changes = '{}' then 'unchanged'
                     when changes->>'status' = 'Leaver' then 'leaver'
                     else 'update' end as class
        from compared
    )
    insert into feed_items (task_id, position, kind, class, state, who, file, line, external_ids, learner_id,
                            before, after, problems)
    select ${taskId}, place, 'learner', class, case when class = 'conflict' then 'left out' else 'planned' end,
           concat_ws(' ', first_name, surname), file, line, array[id], learner_id,
           ${before(tx, "facts")},
           case when class = 'create' then jsonb_build_object(
             'admissionNumber', coalesce(admission_number, upn, left(id, 40)), 'upn', upn, 'firstName', first_name,
             'surname', surname, 'dateOfBirth', date_of_birth, 'yearGroup', year_group,
             'registrationGroup', registration_group, 'status', coalesce(status, 'Current'),
             'leftOn', case when status = 'Leaver' then coalesce(left_on, ${today}::date) end)
             else coalesce(changes, '{}') end,
           case when problem is null then '[]' else jsonb_build_array(problem) end
      from classed
     where class <> 'unchanged' and not is_skipped
        or class = 'unchanged' and not is_recorded`;
}

async function diffContacts(
  tx: Transaction,
  taskId: number,
  feed: Feed,
  offsets: Offsets,
): Promise<void> {
  await tx`
    with recorded as (
      select i.place, array_agg(i.external_id) as ids,
             bool_and(coalesce(r.contact_id = s.contact_id, false)) as is_whole
        from fed_contact_ids i
        join fed_contacts s on s.place = i.place
        left join feed_records r on r.feed = ${feed.kind} and r.kind = 'contact' and r.external_id = i.external_id
       group by i.place
    ), compared as (
      select s.*, coalesce(r.ids, '{}') as ids, coalesce(r.is_whole, true) as is_whole, contact_facts(c) as facts,
             t.place is not null as has_learner,
             case when c.id is null then null else jsonb_strip_nulls(jsonb_build_object(
               'firstName', case when s.first_name <> c.first_name then s.first_name end,
               'surname', case when s.surname <> c.surname then s.surname end,
               'email', case when email_key(s.email) is distinct from email_key(c.email) then s.email end,
               'mobile', case when s.mobile is distinct from c.mobile then s.mobile end
             )) end as changes
        from fed_contacts s
        left join recorded r on r.place = s.place
        left join (select distinct contact_place as place from fed_ties where problem is null) t on t.place = s.place
        left join contacts c on c.id = s.contact_id
    ), classed as (
      select *, case when problem is not null then 'conflict'
                     when contact_id is not null then case when changes = '{}' then 'unchanged' else 'update' end
                     when has_learner then 'create' else 'error' end as class
        from compared
    )
    insert into feed_items (task_id, position, kind, class, state, who, file, line, external_ids, contact_id,
                            before, after, problems)
    select ${taskId}, ${offsets.contact}::int + place, 'contact', class,
           case when class in ('conflict', 'error') then 'left out' else 'planned' end,
           first_name || ' ' || surname, file, line, ids, contact_id,
           ${before(tx, "facts")},
           case when class = 'create' then jsonb_build_object(
             'firstName', first_name, 'surname', surname, 'email', email, 'mobile', mobile)
             else coalesce(changes, '{}') end,
           case when class = 'error' then '[{"code": "no learner"}]'
                when problem is null then '[]' else jsonb_build_array(problem) end
      from classed where class <> 'unchanged' or not is_whole`;
}

/** A word of the sender's own never takes the place of one that another feed or a person chose: a roster knows no more than "Parent". */
async function diffTies(
  tx: Transaction,
  taskId: number,
  feed: Feed,
  offsets: Offsets,
): Promise<void> {
  const hasOwnWords = feed.kind !== "OneRoster" && feed.kind !== "School Data Sync";
  await tx`
    with once as (
      select distinct on (coalesce(learner_id, -learner_place), coalesce(contact_id, -contact_place), problem) *
        from fed_ties
       order by coalesce(learner_id, -learner_place), coalesce(contact_id, -contact_place), problem, place
    ), compared as (
      select t.*, relationship_facts(r) as facts,
             case when r.contact_id is null then null else jsonb_strip_nulls(jsonb_build_object(
               'relationship', case when t.relationship <> r.relationship
                                     and (${hasOwnWords} or r.feed = ${feed.kind}) then t.relationship end,
               'priority', case when t.priority <> r.priority then t.priority end,
               'parentalResponsibility', case when t.parental_responsibility is distinct from r.parental_responsibility
                                              then t.parental_responsibility end
             )) end as changes
        from once t
        left join contact_learners r on r.learner_id = t.learner_id and r.contact_id = t.contact_id
    ), classed as (
      select *, case when problem->>'code' in ('learner left out', 'contact left out') then 'conflict'
                     when problem is not null then 'error'
                     when changes is null then 'create'
                     when changes = '{}' then 'unchanged' else 'update' end as class
        from compared
    )
    insert into feed_items (task_id, position, kind, class, state, who, file, line, learner_id, contact_id,
                            learner_position, contact_position, before, after, problems)
    select ${taskId}, ${offsets.tie}::int + k.place, 'relationship', k.class,
           case when k.class in ('conflict', 'error') then 'left out' else 'planned' end,
           coalesce(sc.first_name || ' ' || sc.surname, c.first_name || ' ' || c.surname, '—') || ', '
             || coalesce(nullif(concat_ws(' ', sl.first_name, sl.surname), ''), l.first_name || ' ' || l.surname, '—'),
           k.file, k.line, k.learner_id, k.contact_id,
           case when k.learner_id is null then k.learner_place end,
           case when k.contact_id is null then ${offsets.contact}::int + k.contact_place end,
           ${before(tx, "facts")},
           case when k.class = 'create' then jsonb_build_object(
             'relationship', coalesce(k.relationship, 'Contact'), 'priority', k.priority,
             'parentalResponsibility', k.parental_responsibility) else coalesce(k.changes, '{}') end,
           case when k.problem is null then '[]' else jsonb_build_array(k.problem) end
      from classed k
      left join fed_learners sl on sl.place = k.learner_place
      left join fed_contacts sc on sc.place = k.contact_place
      left join learners l on l.id = k.learner_id
      left join contacts c on c.id = k.contact_id
     where k.class <> 'unchanged'`;
}

/** Of the learners that this feed brought, those who are in it no more; who is there with a fault is there. */
async function addAbsent(
  tx: Transaction,
  taskId: number,
  feed: Feed,
  today: string,
): Promise<void> {
  await tx`
    insert into feed_items (task_id, position, kind, class, who, external_ids, learner_id, before, after, problems)
    select ${taskId}, ${
    nextPosition(tx, taskId)
  } + row_number() over (order by l.id), 'learner', 'leaver',
           l.first_name || ' ' || l.surname, r.ids, l.id,
           jsonb_build_object('status', l.status, 'leftOn', l.left_on),
           jsonb_build_object('status', 'Leaver', 'leftOn', ${today}::date), '[{"code": "absent"}]'
      from (
        select f.learner_id, array_agg(f.external_id) as ids,
               bool_or(s.id is not null or b.external_id is not null) as is_there
          from feed_records f
          left join fed_learners s on s.id = f.external_id
          left join (select distinct external_id from fed_broken where kind = 'learner') b
            on b.external_id = f.external_id
         where f.feed = ${feed.kind} and f.kind = 'learner'
         group by f.learner_id
      ) r
      join learners l on l.id = r.learner_id
     where not r.is_there and l.status <> 'Leaver'
       and not exists (select from fed_learners s where s.learner_id = l.id)`;
}

/** Relationships that this feed brought and that are in it no more, and those of contacts whom the sender took away. */
async function addTakenOff(
  tx: Transaction,
  taskId: number,
  feed: Feed,
  mayTakeOff: boolean,
): Promise<void> {
  // Each a question of its own, so that each is answered by one pass over a set and not by one for each row.
  const absent = mayTakeOff
    ? tx`select r.contact_id, r.learner_id from contact_learners r
          where r.feed = ${feed.kind}
            and r.learner_id in (select t.learner_id from fed_ties t where t.learner_id is not null
                                 union select s.learner_id from fed_learners s where s.problem is null)
            and not exists (select from fed_ties t where t.learner_id = r.learner_id and t.problem is not null)
            and not exists (select from fed_ties t where t.learner_id = r.learner_id and t.contact_id = r.contact_id)
          union `
    : tx``;
  await tx`
    with gone as (
      ${absent}
      select r.contact_id, r.learner_id from contact_learners r
        join feed_records f on f.contact_id = r.contact_id and f.feed = ${feed.kind} and f.kind = 'contact'
        join fed_removed d on d.external_id = f.external_id
       where r.feed = ${feed.kind}
    )
    insert into feed_items (task_id, position, kind, class, who, learner_id, contact_id, before, problems)
    select ${taskId}, ${
    nextPosition(tx, taskId)
  } + row_number() over (order by r.learner_id, r.contact_id),
           'relationship', 'leaver', c.first_name || ' ' || c.surname || ', ' || l.first_name || ' ' || l.surname,
           r.learner_id, r.contact_id, relationship_facts(r) || jsonb_build_object('feed', r.feed),
           '[{"code": "taken off"}]'
      from gone g
      join contact_learners r on r.contact_id = g.contact_id and r.learner_id = g.learner_id
      join contacts c on c.id = r.contact_id
      join learners l on l.id = r.learner_id`;
}

/** Records that could not be read at all. */
async function addProblems(
  tx: Transaction,
  taskId: number,
  problems: readonly FeedProblem[],
): Promise<void> {
  if (problems.length === 0) return;
  await tx`
    insert into feed_items (task_id, position, kind, class, state, who, file, line, problems)
    select ${taskId}, ${nextPosition(tx, taskId)} + n, kind, 'error', 'left out', who, file, line,
           jsonb_build_array(jsonb_build_object('code', 'said', 'sentence', sentence))
      from unnest(
        ${problems.map(({ of }) => of === "file" ? "learner" : of)}::text[],
        ${problems.map(({ who }) => who)}::text[], ${problems.map(({ file }) => file)}::text[],
        ${problems.map(({ line }) => line)}::int[], ${
    problems.map(({ sentence }) => sentence)
  }::text[]
      ) with ordinality as r (kind, who, file, line, sentence, n)`;
}

async function countDiff(tx: Transaction, taskId: number, feed: Feed): Promise<Facts> {
  const rows = await tx<{ name: string; count: number }[]>`
    select kind || ' ' || class as name, count(*)::int as count
      from feed_items where task_id = ${taskId} and class <> 'unchanged' group by 1`;
  const counts = Object.fromEntries(rows.map(({ name, count }) => [name, count]));
  const [known] = await tx<[{ learners: number; ties: number; skipped: number }]>`
    select (select count(distinct l.id)::int from feed_records r join learners l on l.id = r.learner_id
             where r.feed = ${feed.kind} and l.status <> 'Leaver') as learners,
           (select count(*)::int from contact_learners where feed = ${feed.kind}) as ties,
           (select count(*)::int from fed_learners where is_skipped) as skipped`;
  const warnings = feed.problems.filter(({ weight }) => weight === "warning");
  return {
    ...counts,
    planned: true,
    feed: feed.kind,
    version: feed.version,
    complete: feed.isComplete,
    learners: feed.learners.length,
    contacts: feed.contacts.length,
    relationships: feed.relationships.length,
    knownLearners: known.learners,
    knownRelationships: known.ties,
    skipped: known.skipped,
    untold: feed.uncounted.errors,
    warnings: warnings.length + feed.uncounted.warnings,
    // Few enough to be shown with the task.
    warned: warnings.slice(0, 20)
      .map(({ file, line, sentence }) =>
        `${line === null ? file : `${file}, line ${line.toLocaleString("en-GB")}`}: ${sentence}`
      ).join("\n"),
  };
}

/** Of what there is, the fields that change. */
function before(tx: Transaction, facts: "facts"): ReturnType<Transaction> {
  return tx`case when class in ('update', 'leaver')
                 then (select jsonb_object_agg(k, ${
    tx(facts)
  }->k) from jsonb_object_keys(changes) k) end`;
}

function nextPosition(tx: Transaction, taskId: number): ReturnType<Transaction> {
  return tx`(select coalesce(max(position), 0) from feed_items where task_id = ${taskId})::int`;
}
