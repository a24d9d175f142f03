// The undo of an import as a batch: what it would do with each logon, what it cannot and why, and what it has done.

import type { Queryable } from "./connect.ts";
import type { Fragment } from "./fragment.ts";

/** What an undo does with a logon: away with it, its former values back, or only the added links away. */
export type UndoDeed = "delete" | "put back" | "unlink";

/** Why a logon stays as it is. */
export type UndoReason = "gone" | "signed in" | "mailed" | "changed" | "password" | "blocked";

/** What the undo of an import would do, or has done. */
export type UndoCounts = {
  /** Logons. */
  readonly deleted: number;
  /** Logons with their former values. */
  readonly putBack: number;
  /** Links to learners that are taken away. */
  readonly links: number;
  /** Logons that stay as they are. */
  readonly refused: number;
};

/** An undo that was done. */
export type ImportUndo = UndoCounts & { readonly who: string; readonly at: Date };

/** A logon that stays as it is, and why. */
export type RefusedUndo = {
  readonly id: number;
  readonly firstName: string;
  readonly surname: string;
  readonly username: string;
  readonly isDeleted: boolean;
  readonly reason: UndoReason;
};

/** Later entries of a logon's audit that leave all as it is that an import writes. */
const HARMLESS = [
  "set block",
  "keep as it is",
  "unlock logon",
  "unlock address",
  "mail a password link",
  "end a session",
  "sign out everywhere else",
  "forget a remembered device",
  "make new recovery codes",
  "use a recovery code",
  "enter a wrong code",
  "enter a code that could not be checked",
];

/** What undoing this import would do now; all are 0 where it has written nothing. */
export async function findUndo(sql: Queryable, taskId: number): Promise<UndoCounts> {
  const [row] = await sql<[UndoCounts]>`
    select count(*) filter (where d.reason is null and d.deed = 'delete')::int as deleted,
           count(*) filter (where d.reason is null and d.deed = 'put back')::int as "putBack",
           coalesce(sum(cardinality(d.added)) filter (where d.reason is null), 0)::int as links,
           count(*) filter (where d.reason is not null)::int as refused
      from (${decisions(sql, taskId)}) d`;
  return row;
}

/** The logons that undoing this import would leave as they are, by id; after it, those that it has left. */
export async function listRefusedUndos(
  sql: Queryable,
  taskId: number,
  wanted: { readonly after: number; readonly limit: number },
): Promise<RefusedUndo[]> {
  const isDone = await findImportUndo(sql, taskId) !== null;
  const refused = isDone
    ? sql`select distinct i.logon_id as id, i.undo as reason from task_items i
           where i.task_id = ${taskId} and i.undo not in ('delete', 'put back', 'unlink')`
    : sql`select d.id, d.reason from (${decisions(sql, taskId)}) d where d.reason is not null`;
  return await sql<RefusedUndo[]>`
    select l.id, l.first_name as "firstName", l.surname, l.username,
           l.deleted_at is not null as "isDeleted", r.reason
      from (${refused}) r join logons l on l.id = r.id
     where l.id > ${wanted.after} order by l.id limit ${wanted.limit}`;
}

/** Whether an import has written anything that could be undone. */
export async function hasWritten(sql: Queryable, taskId: number): Promise<boolean> {
  const rows = await sql`
    select from task_items
     where task_id = ${taskId} and state = 'done' and class <> 'unchanged' limit 1`;
  return rows.length > 0;
}

/** Who has undone an import, when, and what became of it; null if nobody has. */
export async function findImportUndo(sql: Queryable, taskId: number): Promise<ImportUndo | null> {
  const [row] = await sql<ImportUndo[]>`
    select who, undone_at as at, deleted, put_back as "putBack", links, refused
      from import_undos where task_id = ${taskId}`;
  return row ?? null;
}

/**
 * What becomes of each logon that an import has written: id, is_new, deed, reason (null: it can be undone), former, tfa,
 * adopted, and added: learners whose links would go, which are those linked at the very moment of the import's audit. The audit says what was written; an import's entries of one logon are one here.
 */
export function decisions(sql: Queryable, taskId: number): Fragment {
  return sql`
    with imported as materialized (
      select a.subject_id as id, min(a.at) as at, array_agg(a.at) as times, max(a.id) as last_id,
             bool_or(a.what = 'add logon') as is_new, bool_or(a.what = 'restore logon') as is_restored,
             bool_or(a.after ? 'password') as password, bool_or(a.after ? 'tfa') as tfa,
             (array_agg(a.after->>'contactId' order by a.id) filter (where a.after ? 'contactId'))[1]::bigint as contact_id,
             coalesce((array_agg(
               (select jsonb_object_agg(v.key, v.value) from jsonb_each(a.before) v where a.after ? v.key)
               order by a.id) filter (where a.before is not null))[1], '{}') as former
        from ${entries(sql, taskId)} a
       group by a.subject_id
    ), meant as (
      select m.id, m.at, m.times, m.last_id, m.is_new, m.is_restored, m.password, m.former,
             m.tfa and not m.is_new as tfa,
             m.contact_id is not null and not m.is_new and not m.is_restored as adopted, m.contact_id,
             case when m.is_new or m.is_restored then 'delete'
                  when m.former <> '{}' or m.tfa or m.password then 'put back'
                  else 'unlink' end as deed
        from imported m
    )
    select m.id, m.is_new, m.deed, m.former, m.tfa, m.adopted,
           array(
             select k.learner_id from logon_learners k
              where k.logon_id = m.id and k.linked_at = any(m.times) and not m.is_new order by 1
           ) as added,
           case
             when l.deleted_at is not null then 'gone'
             when m.is_new and (l.sign_in_count > 0 or l.password_until = 'infinity') then 'signed in'
             when m.is_restored and l.last_sign_in_at > m.at then 'signed in'
             when (m.deed = 'delete' or m.former ? 'email') and exists (
               select from credential_mails c
                where c.logon_id = l.id and c.state in ('queued', 'sending', 'deferred', 'accepted', 'unknown')
                  and (m.is_new or c.asked_at > m.at)
             ) then 'mailed'
             when exists (
               select from audit x
                where x.subject = 'logon' and x.subject_id = l.id and x.id > m.last_id
                  and x.what <> all(${HARMLESS}::text[])
             ) then 'changed'
             when m.deed = 'put back' and m.password then 'password'
             when m.adopted and exists (
               select from blocks b where b.contact_id = l.contact_id and b.lifted_at is null
             ) then 'blocked'
           end as reason
      from meant m join logons l on l.id = m.id`;
}

/**
 * The audit of the logons that an import has written: its own entries. Looked up logon by logon, which `offset 0` ensures:
 * right after a large import the planner knows nothing of these tables yet, and would compare every row with every other.
 */
export function entries(sql: Queryable, taskId: number): Fragment {
  return sql`(
    select e.* from (
      select distinct i.logon_id from task_items i
       where i.task_id = ${taskId} and i.state = 'done' and i.logon_id is not null
    ) w cross join lateral (
      select a.id, a.at, a.subject_id, a.what, a.before, a.after from audit a
       where a.subject = 'logon' and a.subject_id = w.logon_id and a.after->>'task' = ${
    String(taskId)
  }
      offset 0
    ) e)`;
}
