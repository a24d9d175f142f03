// Mails with login details: who gets one, and what becomes of the password when the mail server has answered.

import { addAudit, type Author } from "./audit.ts";
import type { Queryable, Transaction } from "./connect.ts";
import type { Language } from "./languages.ts";
import { type Choice, chosenOf, leftOutReason, type Moment } from "./bulk_resets.ts";
import { isPending } from "./pending_mails.ts";
import { CancelAsked, type Claim, ClaimLost, PauseAsked } from "./tasks.ts";

/** For how long a worker that does nothing more holds the logon of a mail that it accepts: less than any other waits for one. */
const HELD_AT_MOST = "5s";

/** The kind of the tasks that send them. */
export const CREDENTIAL_MAILS = "credential mails";

export type MailState =
  | "queued"
  | "sending"
  | "accepted"
  | "deferred"
  | "refused"
  | "unknown"
  | "bounced"
  | "superseded"
  | "cancelled"
  | "left out";

/**
 * Writes a mail to be sent for each of the chosen, in the transaction that adds the task; whoever cannot get one is written
 * down as left out, with the reason. An older mail that is not sent yet is superseded.
 * @returns how many mails are to be sent
 */
export async function addCredentialMails(
  sql: Transaction,
  asked: {
    readonly taskId: number;
    readonly choice: Choice;
    readonly enableTfa: boolean;
    readonly author: Author;
    /** The envelope of one row sends to whom the bulk would leave out for want of a learner. */
    readonly withoutLearner: boolean;
  },
  moment: Moment,
): Promise<number> {
  const { at } = moment;
  const reason = asked.withoutLearner
    ? sql`nullif(${leftOutReason(sql, moment)}, 'no learner')`
    : leftOutReason(sql, moment);
  const ids = await supersedeOpen(sql, asked.choice, moment);
  const rows = await sql<{ state: MailState }[]>`
    insert into credential_mails (task_id, logon_id, asked_by, asked_at, name, username, address, enable_tfa,
                                  state, answer, due_at, settled_at)
    select ${asked.taskId}, l.id, ${asked.author.adminId}, ${at}, l.first_name || ' ' || l.surname, l.username, l.email,
           ${asked.enableTfa}, case when r.reason is null then 'queued' else 'left out' end, r.reason, ${at},
           case when r.reason is null then null else ${at}::timestamptz end
      from logons l, lateral (select ${reason} as reason) r
     where l.id = any(${ids}::bigint[]) order by l.id
    returning state`;
  await sql`
    update tasks set total = ${rows.length} where id = ${asked.taskId}`;
  await addAudit(sql, [{
    ...asked.author,
    what: "send login details",
    subject: "task",
    subjectId: asked.taskId,
    after: { logons: rows.length, enableTfa: asked.enableTfa },
  }]);
  return rows.filter((row) => row.state === "queued").length;
}

/**
 * Takes the place of whatever was not sent or printed yet for the chosen. Found once, and locked in the order of their ids:
 * two admins who choose the same ones wait for each other, and what is superseded here changes no later answer.
 * @returns the ids of the chosen
 */
export async function supersedeOpen(
  sql: Transaction,
  choice: Choice,
  moment: Moment,
): Promise<number[]> {
  const rows = await sql<{ id: number }[]>`
    select l.id from logons l where ${
    chosenOf(sql, choice, moment)
  } order by l.id for no key update`;
  const ids = rows.map((row) => row.id);
  // Tasks before their mails, as whoever cancels one locks them.
  const tasks = await sql<{ id: number }[]>`
    select t.id from tasks t where t.id in (
      select m.task_id from credential_mails m where m.logon_id = any(${ids}::bigint[]) and m.settled_at is null
    ) order by t.id for no key update`;
  await sql`
    update credential_mails set state = 'superseded', settled_at = ${moment.at}, answer = 'A newer reset takes its place.'
     where logon_id = any(${ids}::bigint[]) and settled_at is null`;
  for (const task of tasks) await refreshCounts(sql, task.id);
  // Letters that nobody needs to print any more wait for nobody.
  await sql`
    update tasks t set state = 'cancelled', finished_at = ${moment.at}
     where t.id = any(${
    tasks.map((task) => task.id)
  }::bigint[]) and t.kind = 'letters' and t.state = 'needs review'
       and not exists (select from credential_mails m where m.task_id = t.id and m.settled_at is null)`;
  return ids;
}

/** A mail that is to be sent now. */
export type DueMail = {
  readonly id: number;
  readonly seed: string;
  readonly language: Language;
  readonly name: string;
  readonly username: string;
  readonly address: string;
  readonly pendingHash: string | null;
  readonly tries: number;
};

/** The next mails of a task that are due; those that a dead worker had begun are among them. */
export async function listDueMails(
  sql: Queryable,
  taskId: number,
  at: Date,
  limit: number,
): Promise<DueMail[]> {
  return await sql<DueMail[]>`
    select m.id, m.seed, coalesce(l.language, 'en') as language, m.name, m.username, m.address,
           m.pending_hash as "pendingHash", m.tries
      from credential_mails m left join logons l on l.id = m.logon_id
     where m.task_id = ${taskId} and m.settled_at is null and m.due_at <= ${at} order by m.id limit ${limit}`;
}

/** When the next mail of a task that still waits is due; null if none waits. */
export async function findNextDue(sql: Queryable, taskId: number): Promise<Date | null> {
  const [row] = await sql<[{ due: Date | null }]>`
    select min(due_at) as due from credential_mails where task_id = ${taskId} and settled_at is null`;
  return row.due;
}

/**
 * Marks a mail as being sent and keeps the hash of what it says, before it can get out.
 * @returns false if it must not be sent any more: superseded, or the logon is gone, was suspended, has expired, or has another
 *   email or username now
 * @throws {ClaimLost} if another worker has the task
 * @throws {CancelAsked} if the admin asked it to stop, {PauseAsked} if to wait: between two mails, not after a lot of them
 */
export async function beginMail(
  sql: Queryable,
  claim: Claim,
  mailId: number,
  hash: string,
  { at, today }: Pick<Moment, "at" | "today">,
): Promise<boolean> {
  const [row] = await sql<[{ held: boolean; cancel: boolean; pause: boolean; begun: boolean }]>`
    with task as (
      select id, cancel_asked_at is not null as cancel, pause_asked_at is not null as pause
        from tasks where id = ${claim.taskId} and claim = ${claim.number} and state = 'running'
    ), held as (
      select id from task where not cancel and not pause
    ), stale as (
      update credential_mails m set settled_at = ${at},
             state = case when m.in_doubt or m.state in ('sending', 'unknown') then 'unknown' else 'left out' end,
             answer = 'The logon was changed, or has expired, after this was asked for.'
        from held
       where m.id = ${mailId} and m.task_id = held.id and m.settled_at is null
         and not exists (
           select from logons l
            where l.id = m.logon_id and l.deleted_at is null and l.suspended_at is null and l.username = m.username
               and (l.expires_on is null or l.expires_on >= ${today}::date)
              and email_key(l.email) = email_key(m.address))
      returning m.id
    ), begun as (
      update credential_mails m
         set state = 'sending', pending_hash = ${hash}, tries = tries + 1,
             in_doubt = m.in_doubt or m.state in ('sending', 'unknown')
        from held
       where m.id = ${mailId} and m.task_id = held.id and m.settled_at is null
         and not exists (select from stale)
      returning m.id
    )
    select exists (select from task) as held, exists (select from task where cancel) as cancel,
           exists (select from task where pause) as pause, exists (select from begun) as begun`;
  if (!row.held) throw new ClaimLost();
  if (row.cancel) throw new CancelAsked();
  if (row.pause) throw new PauseAsked();
  return row.begun;
}

/**
 * The mail server has the mail: in one statement the password that it says becomes the logon's own, its sessions end, its
 * waits for wrong passwords are over (those for wrong codes are not), and two factor authentication becomes required where
 * that was asked for, of which the parent is told. So it is too where the task has ended meanwhile, and says so then. The
 * logon is locked before its mail, as a reset that takes the place of another does it.
 * @returns false if a newer reset came between: nothing changes then
 */
export async function acceptMail(
  sql: Transaction,
  mailId: number,
  answer: string,
  at: Date,
  passwordDays: number,
): Promise<boolean> {
  // A worker that is stopped right here must not keep the one that takes over waiting.
  await sql`
    select set_config('idle_in_transaction_session_timeout', ${HELD_AT_MOST}, true)
      from logons where id = (select logon_id from credential_mails where id = ${mailId}) for no key update`;
  const [row] = await sql<[{ accepted: number; ended: number | null }]>`
    with open as (
      select m.id, m.settled_at is not null as ended from credential_mails m
       where m.id = ${mailId} and m.pending_hash is not null and (m.settled_at is null or exists (
         select from logons l where l.id = m.logon_id and ${isPending(sql, { at, passwordDays })}))
         for no key update
    ), mail as (
      update credential_mails m set state = 'accepted', answer = ${answer}, settled_at = ${at}
        from open where m.id = open.id
      returning m.logon_id, m.pending_hash, m.enable_tfa, m.name, m.address, m.task_id, open.ended
    ), password as (
      insert into logon_passwords (logon_id, hash, temporary, expires_at, set_at)
      select logon_id, pending_hash, true, ${at}::timestamptz + make_interval(days => ${passwordDays}), ${at} from mail
      on conflict (logon_id) do update
        set hash = excluded.hash, temporary = true, expires_at = excluded.expires_at, set_at = excluded.set_at
    ), ended as (
      delete from sessions where logon_id in (select logon_id from mail)
    ), unlocked as (
      delete from throttles where door = 'portal' and logon_id in (select logon_id from mail)
    ), tfa as (
      update logons l set tfa = 'required' from mail m
       where l.tfa = 'off' and l.id = m.logon_id and m.enable_tfa
      returning l.id, m.name, m.address, m.task_id
    ), told as (
      insert into notices (kind, logon_id, name, address, written_at, due_at, request_id)
      select 'tfa required', id, name, address, ${at}, ${at}, (select request_id from tasks where id = tfa.task_id) from tfa
    )
    select count(*)::int as accepted, max(task_id) filter (where ended) as ended from mail`;
  if (row.ended !== null) await refreshCounts(sql, row.ended);
  return row.accepted > 0;
}

/**
 * The mail server did not take it: for good (refused), for now (deferred), or nobody knows (unknown). That is an opinion of
 * whoever has the task: a worker that was stopped and goes on finds that another has it, and its opinion is not written.
 * What {@link acceptMail} writes is a fact, whoever learned of it. A last try that was refused settles nothing where an
 * earlier one may have got out: then nobody knows.
 */
export async function putOffMail(
  sql: Queryable,
  claim: Claim,
  mailId: number,
  outcome: { readonly state: "deferred" | "refused" | "unknown"; readonly answer: string },
  next: { readonly dueAt: Date; readonly settledAt: Date | null },
): Promise<void> {
  await sql`
    update credential_mails m
       set state = case when m.in_doubt and ${
    next.settledAt !== null
  } then 'unknown' else ${outcome.state} end,
           answer = ${outcome.answer}, due_at = ${next.dueAt}, settled_at = ${next.settledAt}
      from tasks t
     where m.id = ${mailId} and m.settled_at is null and t.id = m.task_id
       and t.id = ${claim.taskId} and t.claim = ${claim.number} and t.state = 'running'`;
}

/** What became of the mails or letters of a task. */
export type MailCounts = {
  readonly mails: number;
  /** Those that need nothing more, whatever became of them. */
  readonly settled: number;
  readonly accepted: number;
  readonly bounced: number;
  readonly deferred: number;
  readonly refused: number;
  readonly unknown: number;
  readonly superseded: number;
  readonly cancelled: number;
  readonly leftOut: number;
};

/** What became of the mails of a task, in true numbers. */
export async function countMails(sql: Queryable, taskId: number): Promise<MailCounts> {
  const [row] = await sql<[{ counts: MailCounts }]>`select mail_counts(${taskId}) as counts`;
  return row.counts;
}

/** Makes a task say what is true of its mails now; for changes that come after its end. */
export async function refreshCounts(sql: Queryable, taskId: number): Promise<void> {
  await sql`
    update tasks set facts = facts || mail_counts(id),
                     done = (mail_counts(id) ->> 'settled')::int
     where id = ${taskId}`;
}

/**
 * Notes the first sign-in with a mailed password or a printed code, if that is the logon's own now; a mail that was thought to
 * have come back did arrive.
 */
export async function noteFirstUse(sql: Transaction, logonId: number, at: Date): Promise<void> {
  const [last] = await sql<{ id: number; taskId: number | null; bounced: boolean }[]>`
    select m.id, m.task_id as "taskId", m.state = 'bounced' as bounced
      from credential_mails m join logon_passwords w on w.logon_id = m.logon_id and w.hash = m.pending_hash
     where m.logon_id = ${logonId} and m.state in ('accepted', 'bounced') order by m.id desc limit 1`;
  if (!last) return;
  await sql`
    update credential_mails
       set first_used_at = coalesce(first_used_at, ${at}::timestamptz), state = 'accepted',
           bounced_at = null, bounced_by = null, bounce_words = null
     where id = ${last.id}`;
  if (last.bounced && last.taskId !== null) await refreshCounts(sql, last.taskId);
}
