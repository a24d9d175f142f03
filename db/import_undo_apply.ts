// Undoing an import: each logon that it has written, decided anew under lock, in one transaction, and never twice.

import { addAudit, type Author, type Change } from "./audit.ts";
import { isInUse } from "./caller_checks.ts";
import { addChangeNotices } from "./change_notices.ts";
import type { Transaction } from "./connect.ts";
import { decisions, entries, hasWritten, type UndoDeed, type UndoReason } from "./import_undos.ts";
import type { TfaState } from "./tfa.ts";

/** Logons that one statement puts back. */
const PIECE = 500;

type Decided = {
  readonly id: number;
  readonly firstName: string;
  readonly surname: string;
  readonly email: string | null;
  readonly username: string;
  readonly inUse: boolean;
  readonly isNew: boolean;
  readonly deed: UndoDeed;
  readonly reason: UndoReason | null;
  /** As the import found it; only what it changed. */
  readonly former: {
    readonly firstName?: string;
    readonly surname?: string;
    readonly email?: string | null;
    /** Whether nobody had vouched for that email; not kept by imports of older versions, which means no. */
    readonly emailUnchecked?: boolean;
  };
  /** Whether the import asked for two factor authentication, and how that is now. */
  readonly tfa: boolean;
  readonly tfaNow: TfaState;
  readonly adopted: boolean;
  /** Learners whose links go. */
  readonly added: readonly number[];
};

/**
 * Undoes an import that is over: what it added or restored is deleted, and can be restored as after any deletion; what it
 * changed gets its former values; links that it added to logons there were go. A logon that somebody has used, been mailed
 * for or changed since stays as it is. Blocks stay. Decided anew with every logon locked, whatever was shown before.
 * @returns false if it was undone before, or has written nothing: nothing is done then
 */
export async function undoImport(
  sql: Transaction,
  taskId: number,
  author: Author,
  at: Date,
): Promise<boolean> {
  if (!await hasWritten(sql, taskId)) return false;
  // Sent twice at once: the second waits here, and finds it done.
  const begun = await sql`
    insert into import_undos (task_id, admin_id, who, undone_at)
    select id, ${author.adminId}, ${author.who}, ${at} from tasks
     where id = ${taskId} and finished_at is not null
    on conflict (task_id) do nothing returning task_id`;
  if (begun.length === 0) return false;
  await lock(sql, taskId);
  const decided = await sql<Decided[]>`
    select d.id, l.first_name as "firstName", l.surname, l.email, l.username, ${
    isInUse(sql)
  } as "inUse",
           d.is_new as "isNew", d.deed, d.reason, d.former, d.tfa, l.tfa as "tfaNow", d.adopted, d.added
      from (${decisions(sql, taskId)}) d join logons l on l.id = d.id order by d.id`;
  const undone = decided.filter(({ reason }) => reason === null);
  await takeLinks(sql, undone);
  const changed = undone.filter(({ isNew }) => !isNew);
  // In pieces, as an import writes them: what follows from a change is looked for among all that one statement changes.
  for (let start = 0; start < changed.length; start += PIECE) {
    await putBack(sql, changed.slice(start, start + PIECE));
  }
  await deleteAgain(sql, undone.filter(({ deed }) => deed === "delete"), author, at);
  await addAudit(sql, [
    ...undone.map((one) => changeOf(one, taskId, author)),
    { ...author, what: "undo import", subject: "task", subjectId: taskId },
  ]);
  await addChangeNotices(
    sql,
    undone.filter(({ inUse, deed }) => inUse && deed === "put back").map((one) => ({
      logonId: one.id,
      name: `${one.firstName} ${one.surname}`,
      username: one.username,
      address: one.email,
      ...(one.former.email === undefined ? {} : { newEmail: one.former.email }),
      ...(one.tfa && one.tfaNow === "required" ? { tfa: "not required" as const } : {}),
    })),
    { ...author, at },
  );
  await note(sql, taskId, decided);
  return true;
}

/**
 * In the order of every way to link or block: learners, contacts, logons. A block that is being set is seen afterwards, or
 * waits for this transaction.
 */
async function lock(sql: Transaction, taskId: number): Promise<void> {
  await sql`
    select from learners where id in (
      select jsonb_array_elements_text(a.after->'addedLearnerIds')::bigint from ${
    entries(sql, taskId)
  } a
    ) order by id for key share`;
  await sql`
    select from contacts where id in (
      select l.contact_id from logons l join task_items i on i.logon_id = l.id
       where i.task_id = ${taskId} and i.state = 'done' and (i.plan->>'adopts')::boolean
    ) order by id for update`;
  await sql`
    select from logons where id in (
      select i.logon_id from task_items i where i.task_id = ${taskId} and i.state = 'done'
    ) order by id for update`;
}

/** They are there: each logon is locked, and whoever blocks a learner waits. */
async function takeLinks(sql: Transaction, undone: readonly Decided[]): Promise<void> {
  const links = undone.flatMap(({ id, added }) => added.map((learner) => ({ id, learner })));
  if (links.length === 0) return;
  await sql`
    delete from logon_learners k
      using unnest(
        ${links.map(({ id }) => id)}::bigint[], ${links.map(({ learner }) => learner)}::bigint[]
      ) as n (logon_id, learner_id)
     where k.logon_id = n.logon_id and k.learner_id = n.learner_id`;
}

/** Names and email as they were; TFA that was only required is off again; an adopted logon is of no contact again. */
async function putBack(sql: Transaction, logons: readonly Decided[]): Promise<void> {
  if (logons.length === 0) return;
  const rows = logons.map(({ id, former, tfa, adopted }) => ({ id, former, tfa, adopted }));
  await sql`
    update logons l set
      first_name = coalesce(u.former->>'firstName', l.first_name),
      surname = coalesce(u.former->>'surname', l.surname),
      email = case when u.former ? 'email' then u.former->>'email' else l.email end,
      tfa = case when u.tfa and l.tfa = 'required' then 'off' else l.tfa end,
      contact_id = case when u.adopted then null else l.contact_id end,
      version = l.version + 1, updated_at = now()
      from jsonb_to_recordset(${sql.json(rows)}) as u (
        id bigint, former jsonb, tfa boolean, adopted boolean)
     where l.id = u.id`;
  // By itself: whichever way an email is changed, a trigger says that nobody has vouched for it.
  const emails = logons.filter(({ former }) => former.email !== undefined);
  const unchecked = emails.filter(({ former }) => former.emailUnchecked === true);
  await sql`
    update logons set email_unchecked = id = any(${unchecked.map(({ id }) => id)}::bigint[])
     where id = any(${emails.map(({ id }) => id)}::bigint[])`;
}

/** As any deletion: triggers end the sessions, and it can be restored for as long. */
async function deleteAgain(
  sql: Transaction,
  logons: readonly Decided[],
  author: Author,
  at: Date,
): Promise<void> {
  if (logons.length === 0) return;
  await sql`
    update logons set deleted_at = ${at}, deleted_by = ${author.adminId}, version = version + 1
     where id = any(${logons.map(({ id }) => id)}::bigint[])`;
}

function changeOf(one: Decided, taskId: number, author: Author): Change {
  const { firstName, surname, email, former } = one;
  const now: Readonly<Record<string, string | null>> = { firstName, surname, email };
  const changed = Object.keys(former).map((key) => [key, now[key] ?? null] as const);
  return {
    ...author,
    what: "undo import",
    subject: "logon",
    subjectId: one.id,
    before: {
      ...Object.fromEntries(changed),
      ...(one.added.length > 0 ? { addedLearnerIds: [...one.added] } : {}),
      ...(one.tfa ? { tfa: "required" } : {}),
    },
    after: {
      ...former,
      ...(one.tfa ? { tfa: "off" } : {}),
      ...(one.deed === "delete" ? { deleted: true } : {}),
      undoneTask: taskId,
    },
  };
}

async function note(
  sql: Transaction,
  taskId: number,
  decided: readonly Decided[],
): Promise<void> {
  await sql`
    update task_items i set undo = d.became
      from unnest(
        ${decided.map(({ id }) => id)}::bigint[],
        ${decided.map(({ reason, deed }) => reason ?? deed)}::text[]
      ) as d (id, became)
     where i.task_id = ${taskId} and i.logon_id = d.id and i.state = 'done'`;
  const undone = decided.filter(({ reason }) => reason === null);
  await sql`
    update import_undos set
      deleted = ${undone.filter(({ deed }) => deed === "delete").length},
      put_back = ${undone.filter(({ deed }) => deed === "put back").length},
      links = ${undone.flatMap(({ added }) => added).length}, refused = ${
    decided.length - undone.length
  }
     where task_id = ${taskId}`;
}
