// How often somebody has guessed, or asked for a mail: tries in a row for a name or from an address, exact over all nodes.

import { addAudit, type Author } from "./audit.ts";
import type { Queryable, Transaction } from "./connect.ts";

export type Door =
  | "office"
  | "portal"
  | "confirm"
  | "code"
  | "forgot password"
  | "forgot username";

export type Try = {
  readonly door: Door;
  readonly kind: "name" | "address";
  /** Keyed hash of the name or address, 32 bytes. */
  readonly key: Uint8Array<ArrayBuffer>;
  /** The logon that the name belongs to, so that the office can see and lift its wait. */
  readonly logonId?: number | null;
};

type Limit = {
  /** Tries in a row that cost nothing. */
  readonly free: number;
  /** Minutes of the first wait; it doubles with each further try, up to the longest. */
  readonly firstWait: number;
  readonly longestWait: number;
};
/** Wrong tries. A school's parents share one address, so an address has more. */
const GUESSES = {
  name: { free: 5, firstWait: 1, longestWait: 15 },
  address: { free: 100, firstWait: 1, longestWait: 15 },
} as const;
/** Mails that somebody asks for: nobody's mailbox is to be filled by a stranger. */
const MAILS = { ...GUESSES, name: { free: 3, firstWait: 20, longestWait: 60 } } as const;
const LIMITS: Readonly<Record<Door, Readonly<Record<Try["kind"], Limit>>>> = {
  "office": GUESSES,
  "portal": GUESSES,
  "confirm": GUESSES,
  "code": GUESSES,
  "forgot password": MAILS,
  "forgot username": MAILS,
};
/** A row that nobody has touched for so long (in hours) starts again from nothing. */
const FORGOTTEN_AFTER = 24;

/**
 * Counts a try before its password is compared, in one statement: of 200 tries at the same moment only those within the
 * limit are told to go on.
 * @returns false if the name or address has to wait; nothing is counted then
 */
export async function takeTry(sql: Queryable, attempt: Try, at: Date): Promise<boolean> {
  const { free, firstWait, longestWait } = LIMITS[attempt.door][attempt.kind];
  const rows = await sql`
    insert into throttles as t (door, kind, key, logon_id, failures, waits_until, last_at)
    values (${attempt.door}, ${attempt.kind}, ${attempt.key}, ${
    attempt.logonId ?? null
  }, 1, null, ${at})
    on conflict (door, kind, key) do update set
      failures = case when t.last_at < ${at}::timestamptz - make_interval(hours => ${FORGOTTEN_AFTER})
                      then 1 else t.failures + 1 end,
      waits_until = case when t.last_at < ${at}::timestamptz - make_interval(hours => ${FORGOTTEN_AFTER}) then null
        when t.failures + 1 >= ${free}
        then ${at}::timestamptz + make_interval(mins => least(
               ${longestWait}, ${firstWait} * power(2, least(t.failures + 1 - ${free}, 10)))::int) end,
      logon_id = coalesce(t.logon_id, excluded.logon_id),
      last_at = ${at}
    where t.waits_until is null or t.waits_until <= ${at}
    returning 1`;
  return rows.length > 0;
}

/** The password was right: the name starts from nothing again. */
export async function clearTries(sql: Queryable, attempt: Try): Promise<void> {
  await sql`
    delete from throttles
     where door = ${attempt.door} and kind = ${attempt.kind} and key = ${attempt.key}`;
}

/** Whether a name or address has to wait now; nothing is counted. */
export async function isWaiting(sql: Queryable, attempt: Try, at: Date): Promise<boolean> {
  return await findWait(sql, attempt, at) !== null;
}

/** Until when a name or address has to wait, and after how many tries; null if it need not. */
export async function findWait(
  sql: Queryable,
  attempt: Try,
  at: Date,
): Promise<{ until: Date; failures: number } | null> {
  const [row] = await sql<{ until: Date; failures: number }[]>`
    select waits_until as until, failures from throttles
     where door = ${attempt.door} and kind = ${attempt.kind} and key = ${attempt.key} and waits_until > ${at}`;
  return row ?? null;
}

/** A new password was mailed or chosen: the waits for wrong ones are over, those for wrong codes are not. */
export async function clearPasswordWaits(sql: Queryable, logonId: number): Promise<void> {
  await sql`delete from throttles where logon_id = ${logonId} and door = 'portal'`;
}

/** Ends every wait of a logon, at the door and for the code: the office's button. @returns false if it had none */
export async function unlockLogon(
  sql: Transaction,
  logonId: number,
  author: Author,
): Promise<boolean> {
  const { count } = await sql`delete from throttles where logon_id = ${logonId}`;
  if (count === 0) return false;
  await addAudit(sql, [{ ...author, what: "unlock logon", subject: "logon", subjectId: logonId }]);
  return true;
}

/**
 * Ends the wait of an address: the office's button.
 * @param unlocked.logonId with which somebody tried to sign in from there; null where none was looked at
 * @returns false if it had none
 */
export async function unlockAddress(
  sql: Transaction,
  unlocked: {
    readonly attempt: Try;
    readonly ip: string | null;
    readonly logonId: number | null;
    readonly author: Author;
  },
): Promise<boolean> {
  const { attempt, ip, logonId, author } = unlocked;
  const { count } = await sql`
    delete from throttles
     where door = ${attempt.door} and kind = ${attempt.kind} and key = ${attempt.key}`;
  if (count === 0) return false;
  await addAudit(sql, [{
    ...author,
    what: "unlock address",
    subject: logonId === null ? "address" : "logon",
    subjectId: logonId,
    after: { address: ip },
  }]);
  return true;
}

/** Forgets what is older than a day, so that a guesser of a million names fills nothing. */
export async function purgeThrottles(sql: Queryable, at: Date): Promise<number> {
  const { count } = await sql`
    delete from throttles
     where last_at < ${at}::timestamptz - make_interval(hours => ${FORGOTTEN_AFTER})`;
  return count;
}
