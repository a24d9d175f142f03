// Two factor authentication of whoever signs in, a parent or an admin: the secret, its steps, the recovery codes.

import type { Sealed } from "../lib/seal.ts";
import type { Queryable, Transaction } from "./connect.ts";
import { idsOf, ownedBy, type Owner, ownerOf } from "./owners.ts";
import { countPasskeys } from "./passkeys.ts";
import type { TfaStep } from "./sessions.ts";

export type TfaState = "off" | "required" | "set up";

/** What its owner sees of it. */
export type OwnTfa = {
  readonly tfa: TfaState;
  readonly confirmedAt: Date | null;
  readonly codesLeft: number;
};

/**
 * How it stands with two factor authentication of an owner.
 * @param required whether the school requires it of every admin; of a parent it is the logon that says so
 */
export async function findTfa(sql: Queryable, owner: Owner, required: boolean): Promise<OwnTfa> {
  const [row] = await sql<[Omit<OwnTfa, "tfa"> & { state: TfaState | null }]>`
    select (select confirmed_at from totp_secrets where ${ownedBy(sql, owner)}) as "confirmedAt",
           (select count(*)::int from recovery_codes where ${
    ownedBy(sql, owner)
  } and used_at is null) as "codesLeft",
           (select tfa from logons where id = ${idsOf(owner).logonId}) as state`;
  const { state, confirmedAt, codesLeft } = row;
  const unset = "logonId" in owner ? state ?? "off" : required ? "required" : "off";
  return { tfa: confirmedAt === null ? unset : "set up", confirmedAt, codesLeft };
}

/** What somebody has to do after the password; null for nothing. */
export async function findTfaStep(
  sql: Queryable,
  owner: Owner,
  required = false,
): Promise<TfaStep | null> {
  const { tfa } = await findTfa(sql, owner, required);
  if (tfa === "off") return null;
  if (tfa === "set up") return "enter code";
  return await countPasskeys(sql, owner) > 0 ? "use passkey" : "set up";
}

/** Takes the secret and the recovery codes away. @returns whether there was a secret */
export async function deleteTfa(sql: Queryable, owner: Owner): Promise<boolean> {
  await sql`delete from recovery_codes where ${ownedBy(sql, owner)}`;
  const { count } = await sql`delete from totp_secrets where ${ownedBy(sql, owner)}`;
  return count > 0;
}

/** What a secret is sealed for: under another owner it does not open. A logon's is its bare number, as before there were others. */
export function sealOwner(owner: Owner): string {
  return "adminId" in owner ? `admin ${owner.adminId}` : String(owner.logonId);
}

/** The confirmed secret, sealed; see {@link sealOwner}. */
export async function findSecret(sql: Queryable, owner: Owner): Promise<Sealed | null> {
  const [row] = await sql<Sealed[]>`
    select ciphertext, key_print as "keyPrint" from totp_secrets where ${ownedBy(sql, owner)}`;
  return row ? { ciphertext: copy(row.ciphertext), keyPrint: copy(row.keyPrint) } : null;
}

/** Secrets that are sealed under another key than the present one. @param keyPrint of the present key */
export async function listSecretsToReseal(
  sql: Queryable,
  keyPrint: Uint8Array<ArrayBuffer>,
  after: number,
  limit: number,
): Promise<{ id: number; owner: Owner; sealed: Sealed }[]> {
  const rows = await sql<
    ({ id: number; adminId: number | null; logonId: number | null } & Sealed)[]
  >`
    select id, admin_id as "adminId", logon_id as "logonId", ciphertext, key_print as "keyPrint"
      from totp_secrets where key_print <> ${keyPrint} and id > ${after} order by id limit ${limit}`;
  return rows.map((row) => ({
    id: row.id,
    owner: ownerOf(row),
    sealed: { ciphertext: copy(row.ciphertext), keyPrint: copy(row.keyPrint) },
  }));
}

/** How many secrets {@link listSecretsToReseal} has. */
export async function countSecretsToReseal(
  sql: Queryable,
  keyPrint: Uint8Array<ArrayBuffer>,
): Promise<number> {
  const [row] = await sql<[{ count: number }]>`
    select count(*)::int as count from totp_secrets where key_print <> ${keyPrint}`;
  return row.count;
}

/** The same secret under the present key; nothing changes where its owner has set up another one meanwhile. */
export async function replaceSealed(
  sql: Queryable,
  id: number,
  former: Sealed,
  sealed: Sealed,
): Promise<void> {
  await sql`
    update totp_secrets set ciphertext = ${sealed.ciphertext}, key_print = ${sealed.keyPrint}
     where id = ${id} and ciphertext = ${former.ciphertext}`;
}

/**
 * Uses up the code of a time step, and with it every older one (RFC 6238, 5.2: a code is accepted once). One statement, so
 * that of many requests at the same moment, on whichever node, one wins.
 * @returns false if it, or a later one, was used before
 */
export async function spendStep(sql: Queryable, owner: Owner, step: number): Promise<boolean> {
  const rows = await sql`
    update totp_secrets set last_step = ${step}
     where ${ownedBy(sql, owner)} and last_step < ${step} returning 1`;
  return rows.length > 0;
}

/** Uses up a recovery code. @param hashes of it, under each key that is live @returns false if there is none of these, or it was used before */
export async function spendRecoveryCode(
  sql: Queryable,
  owner: Owner,
  hashes: readonly Uint8Array<ArrayBuffer>[],
  at: Date,
): Promise<boolean> {
  const rows = await sql`
    update recovery_codes set used_at = ${at}
     where ${ownedBy(sql, owner)} and hash in (
       select decode(hex, 'hex') from unnest(${
    hashes.map((hash) => hash.toHex())
  }::text[]) as h (hex)
     ) and used_at is null returning 1`;
  return rows.length > 0;
}

/**
 * Stores a secret that its owner has confirmed, with its recovery codes: a logon is then "set up".
 * @param confirmed.step of the code that confirmed it: it is used up
 * @param hashes of the recovery codes
 * @returns false if it was set up already, in another tab say: nothing changes then
 */
export async function confirmSecret(
  sql: Transaction,
  owner: Owner,
  confirmed: { readonly secret: Sealed; readonly step: number; readonly at: Date },
  hashes: readonly Uint8Array<ArrayBuffer>[],
): Promise<boolean> {
  const { secret, step, at } = confirmed;
  const { adminId, logonId } = idsOf(owner);
  const rows = await sql`
    insert into totp_secrets (admin_id, logon_id, ciphertext, key_print, confirmed_at, last_step)
    values (${adminId}, ${logonId}, ${secret.ciphertext}, ${secret.keyPrint}, ${at}, ${step})
    on conflict do nothing returning 1`;
  if (rows.length === 0) return false;
  if (logonId !== null) await sql`update logons set tfa = 'set up' where id = ${logonId}`;
  await replaceRecoveryCodes(sql, owner, hashes);
  return true;
}

/** New recovery codes; those from before end. */
export async function replaceRecoveryCodes(
  sql: Transaction,
  owner: Owner,
  hashes: readonly Uint8Array<ArrayBuffer>[],
): Promise<void> {
  await sql`delete from recovery_codes where ${ownedBy(sql, owner)}`;
  const { adminId, logonId } = idsOf(owner);
  await sql`
    insert into recovery_codes (admin_id, logon_id, hash)
    select ${adminId}::bigint, ${logonId}::bigint, decode(hex, 'hex')
      from unnest(${hashes.map((hash) => hash.toHex())}::text[]) as h (hex)`;
}

function copy(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(bytes);
}
