// Mails with login details: who gets one, and what becomes of the password when the mail server has answered.

import { addAudit, type Author } from "./audit.ts";
import type { Queryable, Transaction } from "./connect.ts";
import type postgres from "postgres";
import type { Claim } from "./tasks.ts";
import { ClaimLost } from "./tasks.ts";
import { allOf, searchPatterns } from "./search.ts";

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

/** Why a logon gets no mail. */
export type LeftOut = "no email" | "suspended" | "expired" | "no learner";

/** A logon as the Bulk Reset window shows it. */
export type Candidate = {
  readonly id: number;
  readonly username: string;
  readonly firstName: string;
  readonly surname: string;
  readonly leftOut: LeftOut | null;
  readonly lastLogon: Date | null;
};

/** Whom a reset is for: those named, or all that match a search. */
export type Choice =
  | { readonly ids: readonly number[] }
  | { readonly search: string; readonly year: string | null };

export type Moment = { readonly at: Date; readonly today: string; readonly leaverDays: number };

/** How many rows the window lists at once. */
export const MOST_LISTED = 3000;

/** The logons that match, by username; and how many match in all. */
export async function listCandidates(
  sql: Queryable,
  filter: { readonly search: string; readonly year: string | null },
  moment: Moment,
): Promise<{ rows: Candidate[]; total: number }> {
  const matching = matchingOf(sql, filter);
  const [counted] = await sql<[{ total: number }]>`
    select count(*)::int as total from logons l where ${matching}`;
  const rows = await sql<Candidate[]>`
    select ${candidateColumns(sql, moment)} from logons l where ${matching}
     order by l.username_key collate "C", l.id limit ${MOST_LISTED}`;
  return { rows, total: counted.total };
}

/** What a reset of these would do: how many mails, who is left out and why, and what the office should know before. */
export type Preflight = {
  readonly chosen: number;
  readonly mails: number;
  readonly leftOut: readonly {
    readonly reason: LeftOut;
    readonly count: number;
    readonly names: readonly string[];
  }[];
  /** Mails that go to a mailbox which another of the chosen has too. */
  readonly sharing: number;
  /** Who has signed in during the last 7 days, and will have to use the new password. */
  readonly recent: number;
};

export async function findPreflight(
  sql: Queryable,
  choice: Choice,
  moment: Moment,
): Promise<Preflight> {
  const rows = await sql<
    { reason: LeftOut | null; count: number; names: string[]; sharing: number; recent: number }[]
  >`
    with chosen as (
      select l.id, l.first_name || ' ' || l.surname as name, l.last_sign_in_at, email_key(l.email) as mailbox,
             ${leftOutReason(sql, moment)} as reason
        from logons l where ${chosenOf(sql, choice)}
    ), shared as (
      select mailbox from chosen where reason is null group by mailbox having count(*) > 1
    )
    select reason, count(*)::int as count, (array_agg(name order by name))[1:3] as names,
           count(*) filter (where mailbox in (select mailbox from shared))::int as sharing,
           count(*) filter (where last_sign_in_at > ${moment.at}::timestamptz - interval '7 days')::int as recent
      from chosen group by reason`;
  const mailed = rows.find((row) => row.reason === null);
  return {
    chosen: rows.reduce((sum, row) => sum + row.count, 0),
    mails: mailed?.count ?? 0,
    leftOut: rows.flatMap((row) =>
      row.reason === null ? [] : [{ reason: row.reason, count: row.count, names: row.names }]
    ),
    sharing: mailed?.sharing ?? 0,
    recent: mailed?.recent ?? 0,
  };
}

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
  // Locked in the order of their ids: two admins who choose the same ones wait for each other, one after the other.
  await sql`select from logons l where ${
    chosenOf(sql, asked.choice)
  } order by l.id for no key update`;
  await sql`
    update credential_mails m set state = 'superseded', settled_at = ${at}, answer = 'A newer reset takes its place.'
      from logons l where l.id = m.logon_id and m.settled_at is null and ${
    chosenOf(sql, asked.choice)
  }`;
  const rows = await sql<{ state: MailState }[]>`
    insert into credential_mails (task_id, logon_id, asked_by, asked_at, name, username, address, enable_tfa,
                                  state, answer, due_at, settled_at)
    select ${asked.taskId}, l.id, ${asked.author.adminId}, ${at}, l.first_name || ' ' || l.surname, l.username, l.email,
           ${asked.enableTfa}, case when r.reason is null then 'queued' else 'left out' end, r.reason, ${at},
           case when r.reason is null then null else ${at}::timestamptz end
      from logons l, lateral (select ${reason} as reason) r
     where ${chosenOf(sql, asked.choice)} order by l.id
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

/** A mail that is to be sent now. */
export type DueMail = {
  readonly id: number;
  readonly seed: string;
  readonly name: string;
  readonly username: string;
  readonly address: string;
  readonly pendingHash: string | null;
  readonly tries: number;
  readonly askedAt: Date;
};

/** The next mails of a task that are due; those that a dead worker had begun are among them. */
export async function listDueMails(
  sql: Queryable,
  taskId: number,
  at: Date,
  limit: number,
): Promise<DueMail[]> {
  return await sql<DueMail[]>`
    select id, seed, name, username, address, pending_hash as "pendingHash", tries, asked_at as "askedAt"
      from credential_mails
     where task_id = ${taskId} and settled_at is null and due_at <= ${at} order by id limit ${limit}`;
}

/** When the next mail of a task that still waits is due; null if none waits. */
export async function findNextDue(sql: Queryable, taskId: number): Promise<Date | null> {
  const [row] = await sql<[{ due: Date | null }]>`
    select min(due_at) as due from credential_mails where task_id = ${taskId} and settled_at is null`;
  return row.due;
}

/**
 * Marks a mail as being sent and keeps the hash of what it says, before it can get out.
 * @returns false if it must not be sent any more: superseded, or the logon was deleted, suspended or has another email now
 * @throws {ClaimLost} if another worker has the task
 */
export async function beginMail(
  sql: Queryable,
  claim: Claim,
  mailId: number,
  hash: string,
  at: Date,
): Promise<boolean> {
  const [row] = await sql<[{ held: boolean; begun: boolean }]>`
    with held as (
      select id from tasks where id = ${claim.taskId} and claim = ${claim.number} and state = 'running'
    ), stale as (
      update credential_mails m set state = 'left out', settled_at = ${at},
             answer = 'The logon was changed after this was asked for.'
        from logons l, held
       where m.id = ${mailId} and m.task_id = held.id and m.settled_at is null and l.id = m.logon_id
         and (l.deleted_at is not null or l.suspended_at is not null
              or email_key(l.email) is distinct from email_key(m.address))
      returning m.id
    ), begun as (
      update credential_mails m set state = 'sending', pending_hash = ${hash}, tries = tries + 1
        from held
       where m.id = ${mailId} and m.task_id = held.id and m.settled_at is null
         and not exists (select from stale) and m.logon_id is not null
      returning m.id
    )
    select exists (select from held) as held, exists (select from begun) as begun`;
  if (!row.held) throw new ClaimLost();
  return row.begun;
}

/**
 * The mail server has the mail: in one statement the password that it says becomes the logon's own, its sessions end, its
 * waits are over, and two factor authentication becomes required where that was asked for.
 * @returns false if a newer reset came between: nothing changes then
 */
export async function acceptMail(
  sql: Queryable,
  mailId: number,
  answer: string,
  at: Date,
  passwordDays: number,
): Promise<boolean> {
  const [row] = await sql<[{ accepted: number }]>`
    with mail as (
      update credential_mails set state = 'accepted', answer = ${answer}, settled_at = ${at}
       where id = ${mailId} and settled_at is null and pending_hash is not null
      returning logon_id, pending_hash, enable_tfa
    ), password as (
      insert into logon_passwords (logon_id, hash, temporary, expires_at, set_at)
      select logon_id, pending_hash, true, ${at}::timestamptz + make_interval(days => ${passwordDays}), ${at} from mail
      on conflict (logon_id) do update
        set hash = excluded.hash, temporary = true, expires_at = excluded.expires_at, set_at = excluded.set_at
    ), ended as (
      delete from sessions where logon_id in (select logon_id from mail)
    ), unlocked as (
      delete from throttles where logon_id in (select logon_id from mail)
    ), tfa as (
      update logons set tfa = 'required'
       where tfa = 'off' and id in (select logon_id from mail where enable_tfa)
    )
    select count(*)::int as accepted from mail`;
  return row.accepted > 0;
}

/** The mail server did not take it: for good (refused), for now (deferred), or nobody knows (unknown). */
export async function putOffMail(
  sql: Queryable,
  mailId: number,
  outcome: { readonly state: "deferred" | "refused" | "unknown"; readonly answer: string },
  next: { readonly dueAt: Date; readonly settledAt: Date | null },
): Promise<void> {
  await sql`
    update credential_mails
       set state = ${outcome.state}, answer = ${outcome.answer}, due_at = ${next.dueAt}, settled_at = ${next.settledAt}
     where id = ${mailId} and settled_at is null`;
}

/** What is not sent yet will not be. */
export async function cancelMails(sql: Queryable, taskId: number, at: Date): Promise<void> {
  await sql`
    update credential_mails set state = 'cancelled', settled_at = ${at}
     where task_id = ${taskId} and settled_at is null`;
}

/** What became of the mails of a task, in true numbers. */
export async function countMails(
  sql: Queryable,
  taskId: number,
): Promise<Record<MailState, number> & { settled: number; total: number }> {
  const rows = await sql<{ state: MailState; settled: boolean; count: number }[]>`
    select state, settled_at is not null as settled, count(*)::int as count
      from credential_mails where task_id = ${taskId} group by 1, 2`;
  const of = (wanted: MailState): number =>
    rows.filter((row) => row.state === wanted).reduce((sum, row) => sum + row.count, 0);
  return {
    queued: of("queued"),
    sending: of("sending"),
    accepted: of("accepted"),
    deferred: of("deferred"),
    refused: of("refused"),
    unknown: of("unknown"),
    bounced: of("bounced"),
    superseded: of("superseded"),
    cancelled: of("cancelled"),
    "left out": of("left out"),
    settled: rows.filter((row) => row.settled).reduce((sum, row) => sum + row.count, 0),
    total: rows.reduce((sum, row) => sum + row.count, 0),
  };
}

/** A line of the ledger. */
export type LedgerEntry = {
  readonly id: number;
  readonly logonId: number | null;
  readonly name: string;
  readonly username: string;
  readonly address: string | null;
  readonly state: MailState;
  readonly answer: string | null;
  readonly askedAt: Date;
  readonly askedBy: string | null;
  readonly settledAt: Date | null;
  readonly firstUsedAt: Date | null;
};

/** What was mailed to a logon, newest first. */
export async function listLedger(
  sql: Queryable,
  logonId: number,
  limit: number,
): Promise<LedgerEntry[]> {
  return await sql<LedgerEntry[]>`
    select ${ledgerColumns(sql)} from credential_mails m left join admins a on a.id = m.asked_by
     where m.logon_id = ${logonId} order by m.id desc limit ${limit}`;
}

/** The mails of a task; only those that were not accepted, if asked so. */
export async function listTaskMails(
  sql: Queryable,
  taskId: number,
  wanted: { readonly notAccepted: boolean; readonly after: number; readonly limit: number },
): Promise<LedgerEntry[]> {
  return await sql<LedgerEntry[]>`
    select ${ledgerColumns(sql)} from credential_mails m left join admins a on a.id = m.asked_by
     where m.task_id = ${taskId} and m.id > ${wanted.after}
       ${wanted.notAccepted ? sql`and m.state <> 'accepted'` : sql``}
     order by m.id limit ${wanted.limit}`;
}

/** The logons of a task whose mail did not get out, for trying only those again. */
export async function listFailedLogons(sql: Queryable, taskId: number): Promise<number[]> {
  const rows = await sql<{ id: number }[]>`
    select distinct m.logon_id as id from credential_mails m join logons l on l.id = m.logon_id
     where m.task_id = ${taskId} and m.state in ('refused', 'unknown', 'bounced', 'cancelled') and l.deleted_at is null
       and not exists (select from credential_mails n where n.logon_id = m.logon_id and n.id > m.id)`;
  return rows.map((row) => row.id);
}

/** The hash of a password that was mailed, or may have been, and is not the logon's own yet. */
export async function findPendingMail(
  sql: Queryable,
  logonId: number,
): Promise<{ id: number; hash: string } | null> {
  const [row] = await sql<{ id: number; hash: string }[]>`
    select id, pending_hash as hash from credential_mails
     where logon_id = ${logonId} and settled_at is null and pending_hash is not null`;
  return row ?? null;
}

/** Notes the first sign-in with a mailed password. */
export async function noteFirstUse(sql: Queryable, logonId: number, at: Date): Promise<void> {
  await sql`
    update credential_mails set first_used_at = ${at}
     where id = (select max(id) from credential_mails where logon_id = ${logonId} and state = 'accepted')
       and first_used_at is null`;
}

function matchingOf(
  sql: Queryable,
  filter: { readonly search: string; readonly year: string | null },
): postgres.PendingQuery<postgres.Row[]> {
  return allOf(sql, [
    sql`l.deleted_at is null`,
    ...searchPatterns(filter.search).map((pattern) => sql`l.search_key like ${pattern}`),
    ...(filter.year === null
      ? []
      : [sql`l.linked_groups @> array[${`year ${filter.year}`}]::text[]`]),
  ]);
}

function chosenOf(sql: Queryable, choice: Choice): postgres.PendingQuery<postgres.Row[]> {
  return "ids" in choice
    ? sql`(l.id = any(${[...choice.ids]}::bigint[]) and l.deleted_at is null)`
    : sql`(${matchingOf(sql, choice)})`;
}

function leftOutReason(sql: Queryable, moment: Moment): postgres.PendingQuery<postgres.Row[]> {
  return sql`case
    when l.email is null then 'no email'
    when l.suspended_at is not null then 'suspended'
    when l.expires_on < ${moment.today}::date then 'expired'
    when coalesce(l.learners_until, '-infinity') < ${moment.today}::date - ${moment.leaverDays}::int then 'no learner'
  end`;
}

function candidateColumns(sql: Queryable, moment: Moment): postgres.PendingQuery<postgres.Row[]> {
  return sql`l.id, l.username, l.first_name as "firstName", l.surname, l.last_sign_in_at as "lastLogon",
             ${leftOutReason(sql, moment)} as "leftOut"`;
}

function ledgerColumns(sql: Queryable): postgres.PendingQuery<postgres.Row[]> {
  return sql`m.id, m.logon_id as "logonId", m.name, m.username, m.address, m.state, m.answer, m.asked_at as "askedAt",
             a.name as "askedBy", m.settled_at as "settledAt", m.first_used_at as "firstUsedAt"`;
}
