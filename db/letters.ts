// Letters: a code for one parent on one sheet of paper, which becomes the password once the office says it was printed.

import { addAudit, type Author } from "./audit.ts";
import { cannotUse, matchingOf, type Moment } from "./bulk_resets.ts";
import type { Queryable, Transaction } from "./connect.ts";
import { refreshCounts, supersedeOpen } from "./credential_mails.ts";
import type { Fragment } from "./fragment.ts";
import { isSeen } from "./learners.ts";
import { addNotices, type NoticeCause } from "./notices.ts";
import { type Claim, ClaimLost } from "./tasks.ts";

/** The kind of the tasks that make them. */
export const LETTERS = "letters";
/** Letters of one task at most: a ream of paper. */
export const MOST_LETTERS = 500;
/** Days in which letters can be opened for printing, and must have been confirmed. */
const PRINTABLE_DAYS = 7;

/** A logon that a letter can be made for, or not. */
export type LetterCandidate = {
  readonly id: number;
  readonly name: string;
  readonly username: string;
  readonly email: string | null;
  readonly learners: string;
  readonly leftOut: "suspended" | "expired" | "no learner" | null;
};

/** Whom letters may be for: those named, with an email or without, or all without an email that match a search. */
export type LetterChoice =
  | { readonly ids: readonly number[] }
  | { readonly search: string; readonly year: string | null };

/** Those that match, in the order of their learners' groups; the first {@link MOST_LETTERS}, and how many in all. */
export async function listLetterCandidates(
  sql: Queryable,
  choice: LetterChoice,
  moment: Moment,
): Promise<{ rows: LetterCandidate[]; total: number }> {
  const single = "ids" in choice && choice.ids.length === 1;
  const matching = "ids" in choice
    ? sql`l.id = any(${[...choice.ids]}::bigint[]) and l.deleted_at is null`
    : sql`l.email is null and ${matchingOf(sql, choice)}`;
  const [counted] = await sql<[{ total: number }]>`
    select count(*)::int as total from logons l where ${matching}`;
  const rows = await sql<LetterCandidate[]>`
    select l.id, l.first_name || ' ' || l.surname as name, l.username, l.email, l.linked_names as learners,
           ${leftOut(sql, moment, single)} as "leftOut"
      from logons l where ${matching} order by l.name_key, l.id limit ${MOST_LETTERS}`;
  return { rows, total: counted.total };
}

/**
 * Writes a letter to be made for each of these, in the transaction that adds the task. What was under way to them before is
 * superseded.
 * @returns how many letters are to be made
 */
export async function addLetters(
  sql: Transaction,
  asked: {
    readonly taskId: number;
    readonly ids: readonly number[];
    /** How long the codes work. */
    readonly days: number;
    readonly author: Author;
  },
  moment: Moment,
): Promise<number> {
  const single = asked.ids.length === 1;
  const ids = await supersedeOpen(sql, { ids: asked.ids.slice(0, MOST_LETTERS) }, moment);
  const rows = await sql<{ state: string }[]>`
    insert into credential_mails (kind, task_id, logon_id, asked_by, asked_at, name, username, enable_tfa,
                                  state, answer, due_at, settled_at, expires_at)
    select 'letter', ${asked.taskId}, l.id, ${asked.author.adminId}, ${moment.at}, l.first_name || ' ' || l.surname,
           l.username, false, case when r.reason is null then 'queued' else 'left out' end, r.reason, ${moment.at},
           case when r.reason is null then null else ${moment.at}::timestamptz end,
           ${moment.at}::timestamptz + make_interval(days => ${asked.days})
      from logons l, lateral (select ${leftOut(sql, moment, single)} as reason) r
     where l.id = any(${ids}::bigint[]) order by l.id
    returning state`;
  await sql`update tasks set total = ${rows.length} where id = ${asked.taskId}`;
  await addAudit(sql, [{
    ...asked.author,
    what: "make letters",
    subject: "task",
    subjectId: asked.taskId,
    after: { logons: rows.length },
  }]);
  return rows.filter((row) => row.state === "queued").length;
}

/** The next letters of a task whose code is not hashed yet. */
export async function listUnmadeLetters(
  sql: Queryable,
  taskId: number,
  limit: number,
): Promise<{ id: number; seed: string }[]> {
  return await sql<{ id: number; seed: string }[]>`
    select id, seed from credential_mails
     where task_id = ${taskId} and kind = 'letter' and state = 'queued' and pending_hash is null
     order by id limit ${limit}`;
}

/** Keeps the hash of a letter's code. @throws {ClaimLost} if another worker has the task */
export async function keepCode(
  sql: Queryable,
  claim: Claim,
  letterId: number,
  hash: string,
): Promise<void> {
  const [row] = await sql<[{ held: boolean }]>`
    with held as (
      select id from tasks where id = ${claim.taskId} and claim = ${claim.number} and state = 'running'
    ), kept as (
      update credential_mails m set pending_hash = ${hash} from held
       where m.id = ${letterId} and m.task_id = held.id and m.state = 'queued'
    )
    select exists (select from held) as held`;
  if (!row.held) throw new ClaimLost();
}

/** A letter as it is printed, but for its code, which is derived from the seed. */
export type Letter = {
  readonly id: number;
  readonly seed: string;
  readonly name: string;
  readonly username: string;
  readonly expiresAt: Date;
  readonly learners: readonly { readonly name: string; readonly group: string | null }[];
};

/**
 * Opens the letters of a task for printing: those that wait, and those that were printed and not used yet while their code
 * is still the logon's password, for {@link PRINTABLE_DAYS} days. One whose logon was changed meanwhile is left out: its sheet would say what is not true.
 */
export async function openLetters(
  sql: Transaction,
  taskId: number,
  author: Author,
  moment: Moment,
): Promise<Letter[]> {
  await sql`select from tasks where id = ${taskId} for no key update`;
  await sql`
    update credential_mails m set state = 'left out', settled_at = ${moment.at},
           answer = 'The logon was changed, or has expired, after this was asked for.'
      from logons l
     where m.task_id = ${taskId} and m.settled_at is null and l.id = m.logon_id
       and (l.deleted_at is not null or l.suspended_at is not null or l.username <> m.username
            or l.expires_on < ${moment.today}::date)`;
  const printable = sql`m.task_id = ${taskId} and m.kind = 'letter' and m.pending_hash is not null
    and m.asked_at > ${moment.at}::timestamptz - make_interval(days => ${PRINTABLE_DAYS})
    and (m.state in ('queued', 'sending') or m.state = 'accepted' and m.first_used_at is null and exists (
      select from logons l join logon_passwords w on w.logon_id = l.id
       where l.id = m.logon_id and w.hash = m.pending_hash and l.username = m.username
         and l.deleted_at is null and l.suspended_at is null
         and (l.expires_on is null or l.expires_on >= ${moment.today}::date)))`;
  await sql`update credential_mails m set state = 'sending' where ${printable} and m.state = 'queued'`;
  const letters = await sql<Letter[]>`
    select m.id, m.seed, m.name, m.username, m.expires_at as "expiresAt", coalesce(k.learners, '[]') as learners
      from credential_mails m
      left join lateral (
        select jsonb_agg(jsonb_build_object('name', p.first_name || ' ' || p.surname, 'group', p.registration_group)
                 order by p.surname collate "en-x-icu", p.first_name collate "en-x-icu", p.id) as learners
          from logon_learners k join learners p on p.id = k.learner_id
         where k.logon_id = m.logon_id and ${isSeen(sql, moment)}
      ) k on true
     where ${printable} order by m.id`;
  await refreshCounts(sql, taskId);
  await addAudit(sql, [{
    ...author,
    what: "open letters for printing",
    subject: "task",
    subjectId: taskId,
    after: { letters: letters.length },
  }]);
  return letters;
}

/** How many letters of a task wait to be opened, and to be confirmed; and until when they can be. */
export async function findPrinting(
  sql: Queryable,
  taskId: number,
): Promise<{ waiting: number; opened: number; printed: number; until: Date | null }> {
  const [row] = await sql<
    [{ waiting: number; opened: number; printed: number; until: Date | null }]
  >`
    select count(*) filter (where state = 'queued')::int as waiting,
           count(*) filter (where state = 'sending')::int as opened,
           count(*) filter (where state = 'accepted' and first_used_at is null)::int as printed,
           min(asked_at) + make_interval(days => ${PRINTABLE_DAYS}) as until
      from credential_mails where task_id = ${taskId} and kind = 'letter'`;
  return row;
}

/**
 * The office has the sheets in its hands: in one statement the code of each opened letter becomes the logon's password, until
 * the day that the letter names; its sessions end and its waits are over. The task is done.
 * @returns how many codes work from now on; 0 if none was opened
 */
export async function confirmLetters(
  sql: Transaction,
  taskId: number,
  author: Author,
  { at, today }: Pick<Moment, "at" | "today">,
): Promise<number> {
  // Logons before their task, as a reset does it: else each would wait for the other.
  await sql`
    select from logons where id in (select logon_id from credential_mails where task_id = ${taskId} and state = 'sending')
     order by id for no key update`;
  const [task] = await sql`
    select from tasks where id = ${taskId} and kind = ${LETTERS} and state = 'needs review' for update`;
  if (!task) return 0;
  const [row] = await sql<[{ live: number }]>`
    with letter as (
      update credential_mails m set state = 'accepted', settled_at = ${at}
        from logons l
       where m.task_id = ${taskId} and m.state = 'sending' and m.expires_at > ${at}
         and l.id = m.logon_id and l.deleted_at is null and l.suspended_at is null and l.username = m.username
         and (l.expires_on is null or l.expires_on >= ${today}::date)
      returning m.logon_id, m.pending_hash, m.expires_at
    ), password as (
      insert into logon_passwords (logon_id, hash, temporary, expires_at, set_at)
      select logon_id, pending_hash, true, expires_at, ${at} from letter
      on conflict (logon_id) do update
        set hash = excluded.hash, temporary = true, expires_at = excluded.expires_at, set_at = excluded.set_at
    ), ended as (
      delete from sessions where logon_id in (select logon_id from letter)
    ), unlocked as (
      delete from throttles where door = 'portal' and logon_id in (select logon_id from letter)
    )
    select count(*)::int as live from letter`;
  if (row.live === 0) return 0;
  await tellByMail(sql, taskId, { ...author, at });
  await sql`
    update credential_mails set state = 'left out', settled_at = ${at},
           answer = 'It was not printed, or the logon was changed or has expired.'
     where task_id = ${taskId} and settled_at is null`;
  await sql`update tasks set state = 'done', finished_at = ${at} where id = ${taskId}`;
  await refreshCounts(sql, taskId);
  await addAudit(sql, [{
    ...author,
    what: "confirm letters as printed",
    subject: "task",
    subjectId: taskId,
    after: { letters: row.live },
  }]);
  return row.live;
}

/** Whoever has an email all the same is told: a code in another's hand would else take a logon over unseen. */
async function tellByMail(
  sql: Transaction,
  taskId: number,
  cause: NoticeCause,
): Promise<void> {
  const told = await sql<{ logonId: number; name: string; address: string }[]>`
    select l.id as "logonId", m.name, l.email as address
      from credential_mails m join logons l on l.id = m.logon_id
     where m.task_id = ${taskId} and m.state = 'accepted' and l.email is not null`;
  await addNotices(sql, told.map((one) => ({ ...one, kind: "letter printed", facts: {} })), cause);
}

/** Ends what nobody confirmed in time: its codes never work. @returns how many tasks */
export async function cancelStaleLetters(sql: Transaction, at: Date): Promise<number> {
  const { count } = await sql`
    update tasks t set state = 'cancelled', finished_at = ${at}
     where t.kind = ${LETTERS} and t.state = 'needs review' and exists (
       select from credential_mails m
        where m.task_id = t.id and m.asked_at <= ${at}::timestamptz - make_interval(days => ${PRINTABLE_DAYS}))`;
  return count;
}

/** Why logon `l` gets no letter. One that was asked for by name is not left out for want of a learner. */
function leftOut(
  sql: Queryable,
  moment: Moment,
  single: boolean,
): Fragment {
  const reason = cannotUse(sql, moment);
  return single ? sql`nullif(${reason}, 'no learner')` : reason;
}
