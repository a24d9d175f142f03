// Undoes a feed as a whole: puts back what each item says was before, where nobody has changed or used the record since.

import { setAttentionSource } from "./attention.ts";
import { addAudit, type Author } from "./audit.ts";
import type { Transaction } from "./connect.ts";
import type { Application } from "./feed_apply.ts";
import type { FeedClass, RecordKind } from "./feed_diff.ts";
import { FEED, LOCK } from "./feeds.ts";
import type { Fragment } from "./fragment.ts";

/**
 * Sends a feed that was written back to work, to be undone; the caller sends the job in the same transaction.
 * @returns false if there is nothing to undo, or it is under way
 */
export async function startFeedUndo(
  tx: Transaction,
  taskId: number,
  author: Author,
): Promise<boolean> {
  const { count } = await tx`
    update tasks set state = 'queued', finished_at = null, dismissed_at = null, done = 0,
                     facts = facts || '{"undo": true}'
     where id = ${taskId} and kind = ${FEED} and state = 'done' and not facts ? 'undo'
       and exists (select from feed_items i where i.task_id = ${taskId} and i.state = 'done' and i.class <> 'unchanged')`;
  if (count > 0) {
    await addAudit(tx, [{ ...author, what: "undo feed", subject: "task", subjectId: taskId }]);
  }
  return count > 0;
}

/** Undoes what is done: relationships first, then contacts, then learners. What cannot be undone is kept, and says so. */
export async function undoFeed(tx: Transaction, feed: Application): Promise<void> {
  await tx`set local statement_timeout = '10min'`;
  await tx`select pg_advisory_xact_lock(${LOCK})`;
  await setAttentionSource(tx, `task ${feed.taskId}`);
  await undoRelationships(tx, feed);
  await undoContacts(tx, feed.taskId);
  await undoLearners(tx, feed.taskId);
  await auditUndone(tx, feed);
  await tx`
    update feed_items set state = 'kept'
     where task_id = ${feed.taskId} and state = 'done' and class in ('create', 'update', 'leaver')`;
}

/** Runs a statement that puts records back and returns the positions of their items, and says so of the items. */
async function putBack(tx: Transaction, taskId: number, statement: Fragment): Promise<void> {
  await tx`
    with undone as (${statement})
    update feed_items i set state = 'undone' from undone u where i.task_id = ${taskId} and i.position = u.position`;
}

/** Of the items `i`, those of a kind and classes that were written. */
function written(
  tx: Transaction,
  taskId: number,
  kind: RecordKind,
  ...classes: readonly FeedClass[]
): Fragment {
  return tx`i.task_id = ${taskId} and i.kind = ${kind} and i.class = any(${classes}::text[]) and i.state = 'done'`;
}

/** What nobody said since: a priority that was drawn when it was written is no statement of the feed. */
async function undoRelationships(tx: Transaction, { taskId, feed }: Application): Promise<void> {
  await putBack(
    tx,
    taskId,
    tx`
    delete from contact_learners r using feed_items i
     where ${written(tx, taskId, "relationship", "create")}
       and r.learner_id = i.learner_id and r.contact_id = i.contact_id and r.feed = ${feed}
       and relationship_facts(r) @> (i.after - 'priority')
    returning i.position`,
  );
  await putBack(
    tx,
    taskId,
    tx`
    update contact_learners r set
      relationship = coalesce(i.before->>'relationship', r.relationship),
      priority = coalesce((i.before->>'priority')::int, r.priority),
      parental_responsibility = case when i.before ? 'parentalResponsibility'
        then (i.before->>'parentalResponsibility')::boolean else r.parental_responsibility end
      from feed_items i
     where ${written(tx, taskId, "relationship", "update")}
       and r.learner_id = i.learner_id and r.contact_id = i.contact_id and relationship_facts(r) @> i.after
    returning i.position`,
  );
  await tx`
    with undone as (
      insert into contact_learners (contact_id, learner_id, relationship, priority, parental_responsibility, feed)
      select contact_id, learner_id, before->>'relationship', (before->>'priority')::int,
             (before->>'parentalResponsibility')::boolean, before->>'feed'
        from feed_items
       where task_id = ${taskId} and kind = 'relationship' and class = 'leaver' and state = 'done'
         and contact_id is not null and learner_id is not null
      on conflict do nothing
      returning contact_id, learner_id
    )
    update feed_items i set state = 'undone' from undone u
     where i.task_id = ${taskId} and i.kind = 'relationship' and i.class = 'leaver'
       and i.contact_id = u.contact_id and i.learner_id = u.learner_id`;
}

/** A contact that has a logon, or stands on somebody's record, is in use. */
async function undoContacts(tx: Transaction, taskId: number): Promise<void> {
  await putBack(
    tx,
    taskId,
    tx`
    delete from contacts c using feed_items i
     where ${written(tx, taskId, "contact", "create")}
       and c.id = i.contact_id and contact_facts(c) @> i.after
       and not exists (select from logons l where l.contact_id = c.id)
       and not exists (select from blocks b where b.contact_id = c.id)
       and not exists (select from contact_learners r where r.contact_id = c.id)
    returning i.position`,
  );
  await putBack(
    tx,
    taskId,
    tx`
    update contacts c set
      first_name = coalesce(i.before->>'firstName', c.first_name),
      surname = coalesce(i.before->>'surname', c.surname),
      email = case when i.before ? 'email' then i.before->>'email' else c.email end,
      mobile = case when i.before ? 'mobile' then i.before->>'mobile' else c.mobile end,
      updated_at = now()
      from feed_items i
     where ${written(tx, taskId, "contact", "update")}
       and c.id = i.contact_id and contact_facts(c) @> i.after
    returning i.position`,
  );
}

/** A learner to whom a logon is linked, or who has a contact, is in use. */
async function undoLearners(tx: Transaction, taskId: number): Promise<void> {
  await putBack(
    tx,
    taskId,
    tx`
    delete from learners l using feed_items i
     where ${written(tx, taskId, "learner", "create")}
       and l.id = i.learner_id and learner_facts(l) @> i.after
       and not exists (select from logon_learners k where k.learner_id = l.id)
       and not exists (select from blocks b where b.learner_id = l.id)
       and not exists (select from contact_learners r where r.learner_id = l.id)
    returning i.position`,
  );
  await putBack(
    tx,
    taskId,
    tx`
    update learners l set
      admission_number = coalesce(i.before->>'admissionNumber', l.admission_number),
      upn = case when i.before ? 'upn' then i.before->>'upn' else l.upn end,
      first_name = coalesce(i.before->>'firstName', l.first_name),
      surname = coalesce(i.before->>'surname', l.surname),
      date_of_birth = case when i.before ? 'dateOfBirth' then (i.before->>'dateOfBirth')::date else l.date_of_birth end,
      year_group = case when i.before ? 'yearGroup' then i.before->>'yearGroup' else l.year_group end,
      registration_group = case when i.before ? 'registrationGroup' then i.before->>'registrationGroup'
                                else l.registration_group end,
      status = coalesce(i.before->>'status', l.status),
      left_on = case when i.before ? 'leftOn' then (i.before->>'leftOn')::date else l.left_on end,
      updated_at = now()
      from feed_items i
     where ${written(tx, taskId, "learner", "update", "leaver")}
       and l.id = i.learner_id and learner_facts(l) @> i.after
       and not exists (select from learners o where o.id <> l.id and o.admission_number = i.before->>'admissionNumber')
       and not exists (select from learners o where o.id <> l.id and o.upn = i.before->>'upn')
    returning i.position`,
  );
}

async function auditUndone(tx: Transaction, { taskId, author }: Application): Promise<void> {
  await tx`
    insert into audit (admin_id, who, what, subject, subject_id, before, after)
    select ${author.adminId}::bigint, ${author.who},
           case when class = 'create' then 'undo adding ' else 'undo change of ' end || kind,
           case when kind = 'relationship' then 'contact' else kind end,
           case when kind = 'learner' then learner_id else contact_id end,
           after, coalesce(before, '{}') || jsonb_build_object('task', task_id)
      from feed_items where task_id = ${taskId} and state = 'undone' and xmin = pg_current_xact_id()::xid`;
}
