// Whoever signs in: an admin or a parent's logon. What both have, such as passkeys, belongs to exactly one of them.

import type { Queryable, Transaction } from "./connect.ts";
import type { Fragment } from "./fragment.ts";

export type Owner = { readonly adminId: number } | { readonly logonId: number };

/** The ids as the two columns that such a table has: one of them is null. */
export function idsOf(owner: Owner): { adminId: number | null; logonId: number | null } {
  return "adminId" in owner
    ? { adminId: owner.adminId, logonId: null }
    : { adminId: null, logonId: owner.logonId };
}

/** The owner that a row of such a table names. */
export function ownerOf(row: { adminId: number | null; logonId: number | null }): Owner {
  if (row.adminId !== null) return { adminId: row.adminId };
  if (row.logonId !== null) return { logonId: row.logonId };
  throw new Error("a row belongs to nobody");
}

/** What a row must fulfil to be this owner's. */
export function ownedBy(sql: Queryable, owner: Owner): Fragment {
  return "adminId" in owner ? sql`admin_id = ${owner.adminId}` : sql`logon_id = ${owner.logonId}`;
}

/** What the audit calls the owner. */
export function subjectOf(owner: Owner): { subject: "admin" | "logon"; subjectId: number } {
  return "adminId" in owner
    ? { subject: "admin", subjectId: owner.adminId }
    : { subject: "logon", subjectId: owner.logonId };
}

/** Makes everything that changes how one owner signs in wait its turn; first in each such transaction. */
export async function lockOwner(sql: Transaction, owner: Owner): Promise<void> {
  if ("adminId" in owner) {
    await sql`select from admins where id = ${owner.adminId} for no key update`;
  } else {
    await sql`select from logons where id = ${owner.logonId} for no key update`;
  }
}

/** Where a notice about what somebody signs in with goes. */
export async function findOwnEmail(sql: Queryable, owner: Owner): Promise<string | null> {
  const [row] = "adminId" in owner
    ? await sql<{ email: string | null }[]>`select email from admins where id = ${owner.adminId}`
    : await sql<{ email: string | null }[]>`select email from logons where id = ${owner.logonId}`;
  return row?.email ?? null;
}
