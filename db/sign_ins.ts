// The portal's door as it is recorded: every try, with the names as they were, and what a success changes.

import type { Queryable, Transaction } from "./connect.ts";
import { isSeen } from "./learners.ts";
import { addNotices, type NoticeCause } from "./notices.ts";
import type { Visitor } from "./sessions.ts";

export type Outcome =
  | "success"
  | "unknown username"
  | "wrong password"
  | "no password"
  | "password expired"
  | "suspended"
  | "expired"
  | "deleted"
  | "waiting"
  /** The password was right; no success before the code is right too. */
  | "waiting for code"
  | "wrong code"
  /** The password was right, and the secret that the code belongs to could not be read: another server key. */
  | "code not checked"
  /** A known passkey whose use did not hold. */
  | "passkey refused";

/** What signing in needs to know of a username, whether a logon has it or not. */
export type Candidate = {
  /** What makes two usernames the same. */
  readonly key: string;
  readonly logon: {
    readonly id: number;
    readonly hash: string | null;
    readonly temporary: boolean;
    readonly passwordExpired: boolean;
    readonly suspended: boolean;
    readonly expired: boolean;
    readonly deleted: boolean;
  } | null;
};

/** Looks a username up; one query whether it is known or not. @param today the school's date */
export async function findCandidate(
  sql: Queryable,
  username: string,
  moment: { readonly at: Date; readonly today: string },
): Promise<Candidate> {
  type Found = NonNullable<Candidate["logon"]>;
  const [row] = await sql<[{ key: string } & { [K in keyof Found]: Found[K] | null }]>`
    select wanted.key, l.id, w.hash, w.temporary,
           w.expires_at <= ${moment.at} as "passwordExpired", l.suspended_at is not null as suspended,
           coalesce(l.expires_on < ${moment.today}::date, false) as expired, l.deleted_at is not null as deleted
      from (select username_key(${username}) as key) as wanted
      left join logons l on l.username_key = wanted.key
      left join logon_passwords w on w.logon_id = l.id`;
  if (row.id === null) return { key: row.key, logon: null };
  return {
    key: row.key,
    logon: {
      id: row.id,
      hash: row.hash,
      temporary: row.temporary ?? false,
      passwordExpired: row.passwordExpired ?? false,
      suspended: row.suspended ?? false,
      expired: row.expired ?? false,
      deleted: row.deleted ?? false,
    },
  };
}

/** How a try went, given whether it was allowed to compare and whether the password was right. Pure. */
export function outcomeOf(candidate: Candidate, allowed: boolean, right: boolean): Outcome {
  const { logon } = candidate;
  if (logon === null) return "unknown username";
  if (!allowed) return "waiting";
  if (logon.hash === null) return "no password";
  if (!right) return "wrong password";
  if (logon.deleted) return "deleted";
  if (logon.suspended) return "suspended";
  if (logon.expired) return "expired";
  return logon.passwordExpired ? "password expired" : "success";
}

/** As if the logon had a password that is valid: where a passkey, or a password on its way by mail, stands in for it. */
export function withValidPassword(candidate: Candidate): Candidate {
  const { logon } = candidate;
  return logon === null ? candidate : {
    ...candidate,
    logon: { ...logon, hash: logon.hash ?? "another", passwordExpired: false },
  };
}

/**
 * Records a try. For a known logon its names, email and learners are kept as they are now; of an unknown username nothing
 * is kept, since people type passwords there.
 */
export async function addSignIn(
  sql: Queryable,
  signIn: { readonly logonId: number | null; readonly outcome: Outcome; readonly visitor: Visitor },
  moment: { readonly at: Date; readonly today: string; readonly leaverDays: number },
): Promise<void> {
  const { logonId, outcome, visitor } = signIn;
  const agent = visitor.userAgent?.slice(0, 400) ?? null;
  if (logonId === null) {
    await sql`
      insert into sign_ins (at, outcome, ip, user_agent)
      values (${moment.at}, ${outcome}, ${visitor.ip}, ${agent})`;
    return;
  }
  await sql`
    insert into sign_ins (at, outcome, ip, user_agent, logon_id, first_name, surname, username, email, learners)
    select ${moment.at}, ${outcome}, ${visitor.ip}::inet, ${agent}, l.id, l.first_name, l.surname, l.username, l.email,
           array(
             select p.first_name || ' ' || p.surname || coalesce(' (' || p.registration_group || ')', '')
               from logon_learners k join learners p on p.id = k.learner_id
              where k.logon_id = l.id and ${isSeen(sql, moment)}
              order by p.surname collate "en-x-icu", p.first_name collate "en-x-icu", p.id
           )
      from logons l where l.id = ${logonId}`;
}

/** Counts a success: only successes count in Times logged in and Last logon. */
export async function countSignIn(sql: Transaction, logonId: number, at: Date): Promise<void> {
  await sql`
    update logons set sign_in_count = sign_in_count + 1,
                      last_sign_in_at = greatest(last_sign_in_at, ${at}::timestamptz)
     where id = ${logonId}`;
}

/** The stored hash of a parent's password; null if there is none. */
export async function findPasswordHash(sql: Queryable, logonId: number): Promise<string | null> {
  const [row] = await sql<{ hash: string }[]>`
    select hash from logon_passwords where logon_id = ${logonId}`;
  return row?.hash ?? null;
}

/** The parent chose their own password: it does not expire, all sessions of the logon end, and a notice says so. */
export async function setChosenPassword(
  sql: Transaction,
  logonId: number,
  hash: string,
  cause: NoticeCause,
): Promise<void> {
  await sql`
    insert into logon_passwords (logon_id, hash, temporary, expires_at, set_at)
    values (${logonId}, ${hash}, false, null, ${cause.at})
    on conflict (logon_id) do update
      set hash = excluded.hash, temporary = false, expires_at = null, set_at = excluded.set_at`;
  await sql`delete from sessions where logon_id = ${logonId}`;
  const told = await sql<{ name: string; address: string }[]>`
    select first_name || ' ' || surname as name, email as address from logons
     where id = ${logonId} and email is not null`;
  await addNotices(
    sql,
    told.map((one) => ({ ...one, kind: "password changed", logonId, facts: {} })),
    cause,
  );
}
