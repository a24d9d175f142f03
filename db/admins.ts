// The office's own people: who they are, their role, their password.

import { addAudit, type Author } from "./audit.ts";
import { brokenConstraint, type Queryable, type Transaction } from "./connect.ts";
import { lockOwner } from "./owners.ts";
import { deletePasskeysOf } from "./passkeys.ts";
import { deleteSessionsOf, type Role } from "./sessions.ts";
import { deleteTfa } from "./tfa.ts";

export type AdminSecret = {
  readonly id: number;
  readonly name: string;
  readonly username: string;
  readonly hash: string;
  readonly suspended: boolean;
};

/** The admin of a username, as signing in needs it. */
export async function findAdminByUsername(
  sql: Queryable,
  username: string,
): Promise<AdminSecret | null> {
  const [row] = await sql<AdminSecret[]>`
    select id, name, username, password_hash as hash, suspended_at is not null as suspended
      from admins where username_key = username_key(${username})`;
  return row ?? null;
}

/** The stored hash of an admin's own password. */
export async function getAdminHash(sql: Queryable, adminId: number): Promise<string> {
  const [row] = await sql<[{ hash: string }]>`
    select password_hash as hash from admins where id = ${adminId}`;
  return row.hash;
}

/** A username that is taken. */
export class UsernameTaken extends Error {
  override readonly name = "UsernameTaken";
}

/** Adds an admin. @throws {UsernameTaken} */
export async function addAdmin(
  sql: Queryable,
  admin: {
    readonly username: string;
    readonly name: string;
    readonly role: Role;
    readonly hash: string;
    readonly mustChangePassword: boolean;
  },
  author: Author,
): Promise<number> {
  try {
    const [row] = await sql<[{ id: number }]>`
      insert into admins (username, name, role, password_hash, must_change_password, sees_blocks)
      values (${admin.username}, ${admin.name}, ${admin.role}, ${admin.hash}, ${admin.mustChangePassword},
              ${admin.role === "Administrator"})
      returning id`;
    await addAudit(sql, [{
      ...author,
      what: "add admin",
      subject: "admin",
      subjectId: row.id,
      after: { username: admin.username, name: admin.name, role: admin.role },
    }]);
    return row.id;
  } catch (error) {
    if (brokenConstraint(error) !== "admins_username_key_key") throw error;
    throw new UsernameTaken(`There is an admin with the username ${admin.username} already.`);
  }
}

/** Gives an admin a new password and ends all their sessions but the one that asks. */
export async function editAdminPassword(
  sql: Queryable,
  adminId: number,
  hash: string,
  options: { readonly mustChange: boolean; readonly keep: Uint8Array<ArrayBuffer> | null },
  author: Author,
): Promise<void> {
  await sql`
    with changed as (
      update admins set password_hash = ${hash}, password_changed_at = now(),
                        must_change_password = ${options.mustChange}
       where id = ${adminId} returning id
    )
    delete from sessions where admin_id in (select id from changed)
       and token_hash is distinct from ${options.keep}::bytea`;
  await addAudit(sql, [{
    ...author,
    what: "change admin password",
    subject: "admin",
    subjectId: adminId,
  }]);
}

/**
 * Takes an admin's phone and passkeys away, with the audit row: the way back in for whoever has lost them. All their
 * sessions end.
 * @returns false if there was nothing to take away
 */
export async function removeAdminTfa(
  sql: Transaction,
  adminId: number,
  why: { readonly reason: string },
  author: Author,
): Promise<boolean> {
  const owner = { adminId };
  await lockOwner(sql, owner);
  const phone = await deleteTfa(sql, owner);
  const passkeys = await deletePasskeysOf(sql, owner);
  if (!phone && passkeys === 0) return false;
  await deleteSessionsOf(sql, owner, null);
  await addAudit(sql, [{
    ...author,
    what: "remove a lost phone",
    subject: "admin",
    subjectId: adminId,
    before: { tfa: phone ? "set up" : "off", passkeys },
    after: { tfa: "off", passkeys: 0, ...why },
  }]);
  return true;
}

/** Notes a sign-in. */
export async function noteAdminSignIn(sql: Queryable, adminId: number, at: Date): Promise<void> {
  await sql`update admins set last_sign_in_at = ${at} where id = ${adminId}`;
}
