// Mails that tell somebody what has happened to their logon: written with the change, leased by one worker at a time, settled once.

import type { Queryable, Transaction } from "./connect.ts";
import type { Fragment } from "./fragment.ts";
import type { Language } from "./languages.ts";

/** What a notice tells; its sentences are in views/mail/notices.tsx. */
export type NoticeKind =
  | "phone removed"
  | "tfa switched off"
  | "tfa set up"
  | "tfa required"
  | "tfa not required"
  | "recovery codes made"
  | "passkey added"
  | "passkey removed"
  | "passkeys removed"
  | "password changed"
  | "letter printed"
  | "password link"
  | "username reminder"
  | "logon changed"
  | "logon merged";

/** What its sentences need to know beside the name; never a secret. */
export type NoticeFacts = Readonly<Record<string, string | number | boolean | null>>;

export type NewNotice = {
  readonly kind: NoticeKind;
  readonly logonId?: number;
  readonly adminId?: number;
  /** Of whoever is told, as "Ama Boateng". */
  readonly name: string;
  readonly address: string;
  readonly facts: NoticeFacts;
  /** After this it is of no use, and is not sent. */
  readonly usefulUntil?: Date;
};

/** When a notice was written, and by which request. */
export type NoticeCause = { readonly at: Date; readonly requestId?: string | null | undefined };

/** Postgres tells this channel when notices were written. */
export const NOTICES_CHANNEL = "notices";

/** Minutes that a worker has a notice for itself, unless it renews. */
const LEASE = 2;

/** Writes notices, in the transaction that makes the change they tell of: rolled back, nothing is sent. */
export async function addNotices(
  sql: Transaction,
  notices: readonly NewNotice[],
  { at, requestId }: NoticeCause,
): Promise<void> {
  if (notices.length === 0) return;
  const rows = notices.map((notice) => ({
    kind: notice.kind,
    logon_id: notice.logonId ?? null,
    admin_id: notice.adminId ?? null,
    name: notice.name,
    address: notice.address,
    facts: notice.facts,
    useful_until: notice.usefulUntil?.toISOString() ?? null,
  }));
  await sql`
    insert into notices (kind, logon_id, admin_id, name, address, facts, useful_until, written_at, due_at, request_id)
    select kind, logon_id, admin_id, name, address, facts, useful_until, ${at}, ${at}, ${
    requestId ?? null
  }::text
      from jsonb_to_recordset(${sql.json(rows)}) as r (
        kind text, logon_id bigint, admin_id bigint, name text, address text, facts jsonb, useful_until timestamptz)`;
}

/** A notice that one worker has for itself. */
export type LeasedNotice = {
  readonly id: number;
  readonly seed: string;
  readonly kind: NoticeKind;
  /** Of the logon that it is about, as it is now. */
  readonly language: Language;
  readonly name: string;
  readonly address: string;
  readonly facts: NoticeFacts;
  /** This try included; no other worker has the same number of it. */
  readonly tries: number;
  readonly writtenAt: Date;
  /** Of the page that it came from, if one did. */
  readonly requestId: string | null;
};

/** Takes the next notices that are due and that no other worker has; what a dead worker had is among them once its lease is over. */
export async function leaseNotices(
  sql: Queryable,
  at: Date,
  limit: number,
): Promise<LeasedNotice[]> {
  // Materialized: a plan that asked for them once for each notice would take more than the limit.
  return await sql<LeasedNotice[]>`
    with next as materialized (
      select id from notices
       where settled_at is null and due_at <= ${at} and (leased_until is null or leased_until <= ${at})
         and (useful_until is null or useful_until > ${at})
       order by due_at, id limit ${limit} for no key update skip locked
    )
    update notices n
       set tries = tries + 1, leased_until = ${at}::timestamptz + make_interval(mins => ${LEASE})
      from next
     where n.id = next.id
    returning n.id, n.seed, n.kind, coalesce((select l.language from logons l where l.id = n.logon_id), 'en') as language,
              n.name, n.address, n.facts, n.tries, n.written_at as "writtenAt", n.request_id as "requestId"`;
}

/** Goes on holding a notice whose mail server is slow. @returns false if another worker has it by now */
export async function renewLease(
  sql: Queryable,
  notice: LeasedNotice,
  at: Date,
): Promise<boolean> {
  const rows = await sql`
    update notices set leased_until = ${at}::timestamptz + make_interval(mins => ${LEASE})
     where id = ${notice.id} and tries = ${notice.tries} and settled_at is null returning 1`;
  return rows.length > 0;
}

/** The mail server has it: true whoever has the lease by now, so that it is not sent once more. */
export async function acceptNotice(
  sql: Queryable,
  id: number,
  answer: string,
  at: Date,
): Promise<void> {
  await sql`
    update notices set state = 'accepted', answer = ${answer}, settled_at = ${at}, leased_until = null
     where id = ${id} and settled_at is null`;
}

/** The mail server did not take it, or nobody knows; @param next `dueAt` null for given up */
export async function putOffNotice(
  sql: Queryable,
  notice: LeasedNotice,
  outcome: { readonly state: "deferred" | "refused" | "unknown"; readonly answer: string },
  next: { readonly at: Date; readonly dueAt: Date | null },
): Promise<void> {
  await sql`
    update notices
       set state = ${outcome.state}, answer = ${outcome.answer}, leased_until = null,
           due_at = coalesce(${next.dueAt}::timestamptz, due_at),
           settled_at = case when ${next.dueAt}::timestamptz is null then ${next.at}::timestamptz end
     where id = ${notice.id} and tries = ${notice.tries} and settled_at is null`;
}

/** Settles what is not sent yet and what a newer notice makes useless; one that is under way goes out. */
export async function supersedeNotices(
  sql: Transaction,
  which: { readonly kind: NoticeKind; readonly logonId: number },
  at: Date,
): Promise<void> {
  await sql`
    update notices set state = 'refused', answer = 'Not sent: a newer one takes its place.', settled_at = ${at}, leased_until = null
     where logon_id = ${which.logonId} and kind = ${which.kind} and settled_at is null
       and (leased_until is null or leased_until <= ${at})`;
}

/** Settles what came too late to be of use. @returns how many */
export async function dropUselessNotices(sql: Queryable, at: Date): Promise<number> {
  const { count } = await sql`
    update notices set state = 'refused', answer = 'Not sent: it was of no use any more.', settled_at = ${at}, leased_until = null
     where settled_at is null and useful_until <= ${at} and (leased_until is null or leased_until <= ${at})`;
  return count;
}

/** How many wait to be sent, and how many of the last day were not taken; for `doctor`. */
export async function countNotices(
  sql: Queryable,
  at: Date,
): Promise<{ waiting: number; failed: number }> {
  const [row] = await sql<[{ waiting: number; failed: number }]>`
    select count(*) filter (where settled_at is null)::int as waiting,
           count(*) filter (where settled_at > ${at}::timestamptz - interval '1 day' and state <> 'accepted')::int as failed
      from notices where settled_at is null or settled_at > ${at}::timestamptz - interval '1 day'`;
  return row;
}

/** Removes notices that were settled so many months ago. */
export async function purgeNotices(sql: Queryable, at: Date, months: number): Promise<number> {
  const { count } = await sql`delete from notices where ${isOldNotice(sql, at, months)}`;
  return count;
}

/** Of a notice: that it was settled so many months ago. */
export function isOldNotice(sql: Queryable, at: Date, months: number): Fragment {
  return sql`settled_at < ${at}::timestamptz - make_interval(months => ${months})`;
}
