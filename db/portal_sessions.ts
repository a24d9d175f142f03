// A parent's own sessions: where they are signed in, and ending one or all others.

import { addAudit, type Author } from "./audit.ts";
import type { Queryable, Transaction } from "./connect.ts";
import { deleteRememberedDevices } from "./remembered_devices.ts";
import { deleteSessionsOf } from "./sessions.ts";

export type OwnSession = {
  readonly id: number;
  /** The one that asks. */
  readonly current: boolean;
  readonly createdAt: Date;
  readonly seenAt: Date;
  readonly ip: string | null;
  readonly userAgent: string | null;
  /** The password was right, and a code or the like is still to come. */
  readonly waiting: boolean;
};

/** Those that have neither ended nor lain idle too long; the one that asks comes first. */
export async function listOwnSessions(
  sql: Queryable,
  logonId: number,
  own: Uint8Array<ArrayBuffer>,
  moment: { readonly at: Date; readonly idleMinutes: number },
): Promise<OwnSession[]> {
  const { at, idleMinutes } = moment;
  return await sql<OwnSession[]>`
    select id, token_hash = ${own} as current, created_at as "createdAt", seen_at as "seenAt", host(ip) as ip,
           user_agent as "userAgent", tfa_step is not null or must_change_password as waiting
      from sessions
     where logon_id = ${logonId} and ends_at > ${at}
       and seen_at > ${at}::timestamptz - make_interval(mins => ${idleMinutes})
     order by token_hash = ${own} desc, seen_at desc, id desc limit 200`;
}

/** Ends one of a logon's sessions, with its audit row. @returns false if it has ended, or is another logon's */
export async function deleteOwnSession(
  sql: Transaction,
  logonId: number,
  id: number,
  author: Author,
): Promise<boolean> {
  const { count } = await sql`delete from sessions where id = ${id} and logon_id = ${logonId}`;
  if (count === 0) return false;
  await addAudit(sql, [{ ...author, what: "end a session", subject: "logon", subjectId: logonId }]);
  return true;
}

/** Ends every session but the one that asks, and forgets every remembered device, with an audit row. */
export async function signOutElsewhere(
  sql: Transaction,
  logonId: number,
  own: Uint8Array<ArrayBuffer>,
  author: Author,
): Promise<void> {
  await deleteSessionsOf(sql, { logonId }, own);
  const devices = await deleteRememberedDevices(sql, logonId);
  await addAudit(sql, [{
    ...author,
    what: "sign out everywhere else",
    subject: "logon",
    subjectId: logonId,
    after: { devicesForgotten: devices },
  }]);
}
