// Writes what a feed changes: all of it in one transaction, a set at a time, each record only if it is still as it was when planned.

import { setAttentionSource } from "./attention.ts";
import type { Author } from "./audit.ts";
import type { Transaction } from "./connect.ts";
import { LOCK } from "./feeds.ts";

export type Application = {
  readonly taskId: number;
  /** The kind of feed, by which its records are known again. */
  readonly feed: string;
  readonly author: Author;
};

/** Writes all that is planned and nothing that is done. What was changed meanwhile by somebody else fails, with the reason. */
export async function applyFeed(tx: Transaction, feed: Application): Promise<void> {
  await tx`set local statement_timeout = '10min'`;
  await tx`select pg_advisory_xact_lock(${LOCK})`;
  // Whatever flags a logon because its contact or learner changed says that it was this task.
  await setAttentionSource(tx, `task ${feed.taskId}`);
  // The items were written a moment ago: without figures the planner takes them for a handful.
  await tx`analyze feed_items`;
  await addLearners(tx, feed);
  await editLearners(tx, feed);
  await addContacts(tx, feed);
  await editContacts(tx, feed);
  await tx`
    update feed_items set state = 'done'
     where task_id = ${feed.taskId} and class = 'unchanged' and state = 'planned'`;
  await noteRecords(tx, feed);
  await addRelationships(tx, feed);
  await editRelationships(tx, feed);
  await deleteRelationships(tx, feed);
  await auditFeed(tx, feed);
  await tx`
    update feed_items set state = 'failed', problems = problems || '[{"code": "changed"}]'
     where task_id = ${feed.taskId} and state = 'planned'`;
}

async function addLearners(tx: Transaction, { taskId }: Application): Promise<void> {
  await tx`
    with added as (
      insert into learners (admission_number, upn, first_name, surname, date_of_birth, year_group,
                            registration_group, status, left_on)
      select after->>'admissionNumber', after->>'upn', after->>'firstName', after->>'surname',
             (after->>'dateOfBirth')::date, after->>'yearGroup', after->>'registrationGroup',
             after->>'status', (after->>'leftOn')::date
        from feed_items
       where task_id = ${taskId} and kind = 'learner' and class = 'create' and state = 'planned'
       order by position
      on conflict do nothing
      returning id, admission_number
    )
    update feed_items i set state = 'done', learner_id = a.id from added a
     where i.task_id = ${taskId} and i.kind = 'learner' and i.class = 'create' and i.state = 'planned'
       and i.after->>'admissionNumber' = a.admission_number`;
}

async function editLearners(tx: Transaction, { taskId }: Application): Promise<void> {
  await tx`
    with edited as (
      update learners l set
        admission_number = coalesce(i.after->>'admissionNumber', l.admission_number),
        upn = coalesce(i.after->>'upn', l.upn),
        first_name = coalesce(i.after->>'firstName', l.first_name),
        surname = coalesce(i.after->>'surname', l.surname),
        date_of_birth = coalesce((i.after->>'dateOfBirth')::date, l.date_of_birth),
        year_group = coalesce(i.after->>'yearGroup', l.year_group),
        registration_group = coalesce(i.after->>'registrationGroup', l.registration_group),
        status = coalesce(i.after->>'status', l.status),
        left_on = case when i.after ? 'leftOn' then (i.after->>'leftOn')::date else l.left_on end,
        updated_at = now()
        from feed_items i
       where i.task_id = ${taskId} and i.kind = 'learner' and i.class in ('update', 'leaver')
         and i.state = 'planned' and l.id = i.learner_id and learner_facts(l) @> i.before
         and not exists (select from learners o where o.id <> l.id and o.admission_number = i.after->>'admissionNumber')
         and not exists (select from learners o where o.id <> l.id and o.upn = i.after->>'upn')
      returning i.position
    )
    update feed_items i set state = 'done' from edited e
     where i.task_id = ${taskId} and i.position = e.position`;
}

/** The ids are drawn first, so that each item knows its own contact: names and email do not tell two adults apart. */
async function addContacts(tx: Transaction, { taskId }: Application): Promise<void> {
  await tx`
    with drawn as materialized (
      select position, after, nextval(pg_get_serial_sequence('contacts', 'id')) as id from feed_items
       where task_id = ${taskId} and kind = 'contact' and class = 'create' and state = 'planned'
       order by position
    ), added as (
      insert into contacts (id, first_name, surname, email, mobile) overriding system value
      select id, after->>'firstName', after->>'surname', after->>'email', after->>'mobile' from drawn
      returning id
    )
    update feed_items i set state = 'done', contact_id = a.id
      from drawn d join added a on a.id = d.id
     where i.task_id = ${taskId} and i.position = d.position`;
}

async function editContacts(tx: Transaction, { taskId }: Application): Promise<void> {
  await tx`
    with edited as (
      update contacts c set
        first_name = coalesce(i.after->>'firstName', c.first_name),
        surname = coalesce(i.after->>'surname', c.surname),
        email = coalesce(i.after->>'email', c.email),
        mobile = coalesce(i.after->>'mobile', c.mobile),
        updated_at = now()
        from feed_items i
       where i.task_id = ${taskId} and i.kind = 'contact' and i.class = 'update' and i.state = 'planned'
         and c.id = i.contact_id and contact_facts(c) @> i.before
      returning i.position
    )
    update feed_items i set state = 'done' from edited e
     where i.task_id = ${taskId} and i.position = e.position`;
}

/** From now on the sender's ids lead to these people. */
async function noteRecords(tx: Transaction, { taskId, feed }: Application): Promise<void> {
  await tx`
    insert into feed_records (feed, kind, external_id, learner_id, contact_id)
    select ${feed}, i.kind, e.id, i.learner_id, i.contact_id
      from feed_items i cross join unnest(i.external_ids) as e (id)
     where i.task_id = ${taskId} and i.kind in ('learner', 'contact') and i.state = 'done'
       and num_nonnulls(i.learner_id, i.contact_id) = 1
    on conflict (feed, kind, external_id) do update
      set learner_id = excluded.learner_id, contact_id = excluded.contact_id
      where (feed_records.learner_id, feed_records.contact_id)
            is distinct from (excluded.learner_id, excluded.contact_id)`;
}

/** A contact without a priority comes after those whom the learner has. */
async function addRelationships(tx: Transaction, { taskId, feed }: Application): Promise<void> {
  await tx`
    with wanted as (
      select i.position, i.after, coalesce(i.learner_id, l.learner_id) as learner_id,
             coalesce(i.contact_id, c.contact_id) as contact_id
        from feed_items i
        left join feed_items l on l.task_id = i.task_id and l.position = i.learner_position
        left join feed_items c on c.task_id = i.task_id and c.position = i.contact_position
       where i.task_id = ${taskId} and i.kind = 'relationship' and i.class = 'create' and i.state = 'planned'
    ), ranked as materialized (
      select w.*, row_number() over (partition by w.learner_id order by w.position)
                  + (select coalesce(max(priority), 0) from contact_learners r where r.learner_id = w.learner_id) as rank
        from wanted w where w.learner_id is not null and w.contact_id is not null
    ), added as (
      insert into contact_learners (contact_id, learner_id, relationship, priority, parental_responsibility, feed)
      select contact_id, learner_id, after->>'relationship',
             coalesce((after->>'priority')::int, least(99, rank)), (after->>'parentalResponsibility')::boolean, ${feed}
        from ranked
      on conflict do nothing
      returning contact_id, learner_id
    )
    update feed_items i set state = 'done', learner_id = a.learner_id, contact_id = a.contact_id
      from ranked r join added a on a.learner_id = r.learner_id and a.contact_id = r.contact_id
     where i.task_id = ${taskId} and i.position = r.position`;
}

async function editRelationships(tx: Transaction, { taskId }: Application): Promise<void> {
  await tx`
    with edited as (
      update contact_learners r set
        relationship = coalesce(i.after->>'relationship', r.relationship),
        priority = coalesce((i.after->>'priority')::int, r.priority),
        parental_responsibility = coalesce((i.after->>'parentalResponsibility')::boolean, r.parental_responsibility)
        from feed_items i
       where i.task_id = ${taskId} and i.kind = 'relationship' and i.class = 'update' and i.state = 'planned'
         and r.learner_id = i.learner_id and r.contact_id = i.contact_id
         and relationship_facts(r) @> i.before
      returning i.position
    )
    update feed_items i set state = 'done' from edited e
     where i.task_id = ${taskId} and i.position = e.position`;
}

async function deleteRelationships(
  tx: Transaction,
  { taskId, feed }: Application,
): Promise<void> {
  await tx`
    with deleted as (
      delete from contact_learners r using feed_items i
       where i.task_id = ${taskId} and i.kind = 'relationship' and i.class = 'leaver' and i.state = 'planned'
         and r.learner_id = i.learner_id and r.contact_id = i.contact_id and r.feed = ${feed}
      returning i.position
    )
    update feed_items i set state = 'done' from deleted d
     where i.task_id = ${taskId} and i.position = d.position`;
}

/** One line for each record, written by the transaction that changed it: the items whose state it has just made. */
async function auditFeed(
  tx: Transaction,
  { taskId, author }: Application,
): Promise<void> {
  await tx`
    insert into audit (admin_id, who, what, subject, subject_id, before, after)
    select ${author.adminId}::bigint, ${author.who},
           case when class = 'create' then 'add ' || kind
                when class = 'update' then 'edit ' || kind
                when kind = 'learner' then 'mark learner as leaver' else 'delete relationship' end,
           case when kind = 'relationship' then 'contact' else kind end,
           case when kind = 'learner' then learner_id else contact_id end,
           before, after || jsonb_build_object('task', task_id)
             || case when kind = 'relationship' then jsonb_build_object('learnerId', learner_id) else '{}' end
      from feed_items i
     where task_id = ${taskId} and state = 'done' and class in ('create', 'update', 'leaver')
       and xmin = pg_current_xact_id()::xid`;
}
