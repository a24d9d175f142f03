// The office's own people: who they are, their role, their password, and that there is always an Administrator.

import { addAudit, type Author } from "./audit.ts";
import { brokenConstraint, type Queryable, type Transaction } from "./connect.ts";
import { emailProblem } from "./logons.ts";
import { lockOwner } from "./owners.ts";
import { deletePasskeysOf } from "./passkeys.ts";
import { deleteSessionsOf, type Role } from "./sessions.ts";
import { isStorable } from "./storable.ts";
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
    readonly email?: string | null;
    /** An Administrator does, unless said otherwise. */
    readonly seesBlocks?: boolean;
  },
  author: Author,
): Promise<number> {
  try {
    const [row] = await sql<[{ id: number }]>`
      insert into admins (username, name, email, role, password_hash, must_change_password, sees_blocks)
      values (${admin.username}, ${admin.name}, ${
      admin.email ?? null
    }, ${admin.role}, ${admin.hash}, ${admin.mustChangePassword},
              ${admin.seesBlocks ?? admin.role === "Administrator"})
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

/** An admin as the list of them shows one. */
export type Admin = {
  readonly id: number;
  readonly username: string;
  readonly name: string;
  readonly email: string | null;
  readonly role: Role;
  readonly seesBlocks: boolean;
  readonly mustChangePassword: boolean;
  readonly suspendedAt: Date | null;
  readonly lastSignInAt: Date | null;
  readonly tfaSetUp: boolean;
  readonly passkeys: number;
};

/** Those who can sign in first, by name. */
export async function listAdmins(sql: Queryable): Promise<Admin[]> {
  return await sql<Admin[]>`
    select a.id, a.username, a.name, a.email, a.role, a.sees_blocks as "seesBlocks",
           a.must_change_password as "mustChangePassword", a.suspended_at as "suspendedAt",
           a.last_sign_in_at as "lastSignInAt",
           exists (select from totp_secrets t where t.admin_id = a.id) as "tfaSetUp",
           (select count(*)::int from passkeys p where p.admin_id = a.id) as passkeys
      from admins a order by a.suspended_at is not null, a.name collate "en-x-icu", a.id`;
}

export async function findAdmin(sql: Queryable, id: number | null): Promise<Admin | null> {
  return (await listAdmins(sql)).find((admin) => admin.id === id) ?? null;
}

export type AdminInput = {
  readonly name: string;
  readonly email: string | null;
  readonly role: Role | null;
  readonly seesBlocks: boolean;
};
export type AdminProblems = Partial<
  Record<"username" | "name" | "email" | "role" | "password", string>
>;

/** What is wrong with what was typed. Pure. @param own the role of whoever edits themselves; null for a colleague */
export function checkAdmin(input: AdminInput, own: Role | null): AdminProblems {
  const problems: AdminProblems = {};
  const line = lineProblem(input.name, "name", 100);
  if (line !== null) problems.name = line;
  const email = input.email === null ? undefined : emailProblem(input.email);
  if (email !== undefined) problems.email = email;
  if (input.role === null) problems.role = "Choose a role.";
  else if (own !== null && own !== input.role) {
    problems.role = "Ask another Administrator to change your own role.";
  }
  return problems;
}

/** What is wrong with a username of the office. Pure. */
export function usernameProblem(username: string): string | null {
  if (/\s/.test(username)) return "Leave out spaces.";
  return lineProblem(username, "username", 100);
}

function lineProblem(text: string, what: string, longest: number): string | null {
  if (text === "") return `Enter the ${what}.`;
  if ([...text].length > longest) return `Enter at most ${longest} characters.`;
  return isStorable(text) ? null : "Use letters, figures and spaces only.";
}

/** The last Administrator who can sign in has to stay one. */
export class LastAdministrator extends Error {
  override readonly name = "LastAdministrator";
}

/**
 * Changes an admin; where the role changes, a trigger ends their sessions.
 * @throws {LastAdministrator}
 */
export async function editAdmin(
  sql: Transaction,
  before: Admin,
  input: AdminInput & { readonly role: Role },
  author: Author,
): Promise<void> {
  const { name, email, role, seesBlocks } = input;
  await keepingAnAdministrator(async () => {
    await sql`
      update admins set name = ${name}, email = ${email}, role = ${role}, sees_blocks = ${seesBlocks}
       where id = ${before.id}`;
  });
  await addAudit(sql, [{
    ...author,
    what: "edit admin",
    subject: "admin",
    subjectId: before.id,
    before: {
      name: before.name,
      email: before.email,
      role: before.role,
      seesBlocks: before.seesBlocks,
    },
    after: { name, email, role, seesBlocks },
  }]);
}

/**
 * Lets an admin sign in no more, or again; a trigger ends the sessions of whoever is suspended. Never oneself.
 * @returns false if it is so already, or it is the author
 * @throws {LastAdministrator}
 */
export async function suspendAdmin(
  sql: Transaction,
  id: number,
  suspended: boolean,
  author: Author,
  at: Date,
): Promise<boolean> {
  if (author.adminId === id) return false;
  const rows = await keepingAnAdministrator(() =>
    sql`
    update admins set suspended_at = ${suspended ? at : null}
     where id = ${id} and (suspended_at is null) = ${suspended} returning 1`
  );
  if (rows.length === 0) return false;
  await addAudit(sql, [{
    ...author,
    what: suspended ? "suspend admin" : "restore admin",
    subject: "admin",
    subjectId: id,
  }]);
  return true;
}

async function keepingAnAdministrator<T>(work: () => PromiseLike<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (brokenConstraint(error) !== "last_administrator") throw error;
    throw new LastAdministrator("the last Administrator who can sign in must stay");
  }
}
