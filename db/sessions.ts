// Who is signed in: sessions of admins and of parents, found by the hash of the token in their cookie.

import { keepingPlans, type Queryable } from "./connect.ts";
import type { SchoolSettings } from "./settings.ts";

export const ROLES = ["Administrator", "Office", "Viewer"] as const;
export type Role = (typeof ROLES)[number];

/** An admin who is signed in. */
export type SignedInAdmin = {
  readonly id: number;
  readonly username: string;
  readonly name: string;
  readonly role: Role;
  readonly seesBlocks: boolean;
  readonly mustChangePassword: boolean;
  readonly tfaStep: TfaStep | null;
  /** When the own password was last typed. */
  readonly confirmedAt: Date;
};

/** What somebody still has to do after the password before anything opens. */
export type TfaStep = "enter code" | "set up" | "use passkey";

/** A parent who is signed in; or only allowed to choose a password, or to take a step of two factor authentication. */
export type SignedInParent = {
  readonly logonId: number;
  readonly firstName: string;
  readonly surname: string;
  readonly username: string;
  readonly mustChangePassword: boolean;
  readonly tfaStep: TfaStep | null;
  /** When the own password was last typed. */
  readonly confirmedAt: Date;
};

export type Visitor = { readonly ip: string | null; readonly userAgent: string | null };
type Limits = Pick<SchoolSettings, "idle_minutes" | "session_hours">;

/** Begins a session. @param tokenHash SHA-256 of the token, 32 bytes */
export async function addSession(
  sql: Queryable,
  owner: { readonly adminId: number; readonly tfaStep?: TfaStep | null } | {
    readonly logonId: number;
    readonly mustChangePassword: boolean;
    readonly tfaStep?: TfaStep | null;
  },
  tokenHash: Uint8Array<ArrayBuffer>,
  visitor: Visitor,
  limits: Limits,
  at: Date,
): Promise<void> {
  const admin = "adminId" in owner;
  await sql`
    insert into sessions (token_hash, admin_id, logon_id, must_change_password, tfa_step, created_at, seen_at,
                          confirmed_at, ends_at, ip, user_agent)
    values (${tokenHash}, ${admin ? owner.adminId : null}, ${admin ? null : owner.logonId},
            ${admin ? false : owner.mustChangePassword}, ${owner.tfaStep ?? null},
            ${at}, ${at}, ${at},
            ${at}::timestamptz + make_interval(hours => ${limits.session_hours}),
            ${visitor.ip}, ${visitor.userAgent?.slice(0, 400) ?? null})`;
}

/**
 * The admin whose session it is, unless the session has ended, lain idle too long, or the admin was suspended.
 * @param touch whether this counts as being busy; a page that asks by itself does not
 */
export async function findAdminSession(
  sql: Queryable,
  tokenHash: Uint8Array<ArrayBuffer>,
  limits: Limits,
  at: Date,
  touch: boolean,
): Promise<SignedInAdmin | null> {
  const [row] = await keepingPlans(sql)<(SignedInAdmin & { stale: boolean })[]>`
    select a.id, a.username, a.name, a.role, a.sees_blocks as "seesBlocks",
           a.must_change_password as "mustChangePassword", s.confirmed_at as "confirmedAt", s.tfa_step as "tfaStep",
           s.seen_at < ${at}::timestamptz - interval '1 minute' as stale
      from sessions s join admins a on a.id = s.admin_id
     where s.token_hash = ${tokenHash} and a.suspended_at is null and s.ends_at > ${at}
       and s.seen_at > ${at}::timestamptz - make_interval(mins => ${limits.idle_minutes})`;
  if (!row) return null;
  if (touch && row.stale) await touchSession(sql, tokenHash, at);
  return row;
}

/** The parent whose session it is; as {@link findAdminSession}. @param moment now, and the school's date */
export async function findParentSession(
  sql: Queryable,
  tokenHash: Uint8Array<ArrayBuffer>,
  limits: Limits,
  moment: { readonly at: Date; readonly today: string },
): Promise<SignedInParent | null> {
  const { at } = moment;
  const [row] = await keepingPlans(sql)<(SignedInParent & { stale: boolean })[]>`
    select l.id as "logonId", l.first_name as "firstName", l.surname, l.username,
           s.must_change_password as "mustChangePassword", s.tfa_step as "tfaStep",
           s.confirmed_at as "confirmedAt",
           s.seen_at < ${at}::timestamptz - interval '1 minute' as stale
      from sessions s join logons l on l.id = s.logon_id
     where s.token_hash = ${tokenHash} and s.ends_at > ${at}
       and l.deleted_at is null and l.suspended_at is null
       and (l.expires_on is null or l.expires_on >= ${moment.today}::date)
       and s.seen_at > ${at}::timestamptz - make_interval(mins => ${limits.idle_minutes})`;
  if (!row) return null;
  if (row.stale) await touchSession(sql, tokenHash, at);
  return row;
}

/** The own password was typed just now. */
export async function confirmSession(
  sql: Queryable,
  tokenHash: Uint8Array<ArrayBuffer>,
  at: Date,
): Promise<void> {
  await sql`
    update sessions set confirmed_at = ${at}, seen_at = ${at} where token_hash = ${tokenHash}`;
}

/**
 * Somebody has taken the last step of two factor authentication: the session goes on under a new token, so that one seen
 * before it opens nothing (OWASP, session fixation).
 * @returns false if it has ended meanwhile
 */
export async function renewSession(
  sql: Queryable,
  tokenHash: Uint8Array<ArrayBuffer>,
  newHash: Uint8Array<ArrayBuffer>,
  at: Date,
): Promise<boolean> {
  const rows = await sql`
    update sessions set token_hash = ${newHash}, tfa_step = null, seen_at = ${at}
     where token_hash = ${tokenHash} returning 1`;
  return rows.length > 0;
}

/** Ends one session: signing out. */
export async function deleteSession(
  sql: Queryable,
  tokenHash: Uint8Array<ArrayBuffer>,
): Promise<void> {
  await sql`delete from sessions where token_hash = ${tokenHash}`;
}

/** Whether a session is still there, whatever its limits say. */
export async function isSession(
  sql: Queryable,
  tokenHash: Uint8Array<ArrayBuffer>,
): Promise<boolean> {
  return (await sql`select from sessions where token_hash = ${tokenHash}`).length > 0;
}

/** Ends every session of an admin or a logon, but for the one that asks. */
export async function deleteSessionsOf(
  sql: Queryable,
  owner: { readonly adminId: number } | { readonly logonId: number },
  except: Uint8Array<ArrayBuffer> | null,
): Promise<void> {
  if ("adminId" in owner) {
    await sql`
      delete from sessions
       where admin_id = ${owner.adminId} and token_hash is distinct from ${except}::bytea`;
  } else {
    await sql`
      delete from sessions
       where logon_id = ${owner.logonId} and token_hash is distinct from ${except}::bytea`;
  }
}

/** Removes sessions that have ended. */
export async function purgeSessions(sql: Queryable, at: Date): Promise<number> {
  const { count } = await sql`delete from sessions where ends_at <= ${at}`;
  return count;
}

async function touchSession(
  sql: Queryable,
  tokenHash: Uint8Array<ArrayBuffer>,
  at: Date,
): Promise<void> {
  await sql`update sessions set seen_at = ${at} where token_hash = ${tokenHash}`;
}
