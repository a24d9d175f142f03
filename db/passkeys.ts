// Passkeys of parents and admins: at most ten each, each of exactly one person, and none of them used twice with one challenge.

import type { NewPasskey } from "../lib/passkeys.ts";
import type { Queryable, Transaction } from "./connect.ts";
import { idsOf, lockOwner, ownedBy, type Owner, ownerOf } from "./owners.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** As its owner sees it in the list. */
export type Passkey = {
  readonly id: number;
  readonly name: string;
  /** Kept by a password manager, beyond the one device. */
  readonly synced: boolean;
  readonly createdAt: Date;
  readonly lastUsedAt: Date | null;
};

/** As signing in needs it. */
export type PasskeySecret = {
  readonly id: number;
  readonly owner: Owner;
  readonly name: string;
  /** Of its owner, whose door it opens. */
  readonly username: string;
  readonly publicKey: Bytes;
  readonly userHandle: Bytes;
  readonly counter: number;
};

/** Passkeys that one person may have; the table has as many places. */
export const MOST_PASSKEYS = 10;

/** Oldest first. */
export async function listPasskeys(sql: Queryable, owner: Owner): Promise<Passkey[]> {
  return await sql<Passkey[]>`
    select id, name, synced, created_at as "createdAt", last_used_at as "lastUsedAt"
      from passkeys where ${ownedBy(sql, owner)} order by created_at, id`;
}

/** Which passkeys a device need not make again. */
export async function listCredentials(
  sql: Queryable,
  owner: Owner,
): Promise<{ credentialId: Bytes; transports: string[] }[]> {
  const rows = await sql<{ credentialId: Uint8Array; transports: string[] }[]>`
    select credential_id as "credentialId", transports from passkeys where ${ownedBy(sql, owner)}`;
  return rows.map(({ credentialId, transports }) => ({
    credentialId: new Uint8Array(credentialId),
    transports,
  }));
}

export async function countPasskeys(sql: Queryable, owner: Owner): Promise<number> {
  const [row] = await sql<[{ count: number }]>`
    select count(*)::int as count from passkeys where ${ownedBy(sql, owner)}`;
  return row.count;
}

/** The passkey that a browser says was used. */
export async function findPasskey(
  sql: Queryable,
  credentialId: Bytes,
): Promise<PasskeySecret | null> {
  const [row] = await sql<{
    id: number;
    adminId: number | null;
    logonId: number | null;
    name: string;
    username: string;
    publicKey: Uint8Array;
    userHandle: Uint8Array;
    counter: number;
  }[]>`
    select p.id, p.admin_id as "adminId", p.logon_id as "logonId", p.name, p.public_key as "publicKey",
           p.user_handle as "userHandle", p.counter, coalesce(a.username, l.username) as username
      from passkeys p left join admins a on a.id = p.admin_id left join logons l on l.id = p.logon_id
     where p.credential_id = ${credentialId}`;
  if (row === undefined) return null;
  const { id, name, username, counter } = row;
  return {
    id,
    owner: ownerOf(row),
    name,
    username,
    publicKey: new Uint8Array(row.publicKey),
    userHandle: new Uint8Array(row.userHandle),
    counter,
  };
}

/**
 * Adds a passkey in the first place that is free.
 * @returns its id; "enough" if there are ten; "known" if it was added before, by whomever
 */
export async function addPasskey(
  sql: Transaction,
  owner: Owner,
  passkey: NewPasskey & { readonly name: string; readonly userHandle: Bytes },
  at: Date,
): Promise<number | "enough" | "known"> {
  const { adminId, logonId } = idsOf(owner);
  await lockOwner(sql, owner);
  const [row] = await sql<{ id: number }[]>`
    insert into passkeys (admin_id, logon_id, place, name, credential_id, public_key, user_handle, transports,
                          counter, synced, created_at)
    select ${adminId}, ${logonId}, g.place, ${passkey.name}, ${passkey.credentialId}, ${passkey.publicKey},
           ${passkey.userHandle}, ${[
    ...passkey.transports,
  ]}, ${passkey.counter}, ${passkey.synced}, ${at}
      from generate_series(1, ${MOST_PASSKEYS}::int) as g (place)
     where not exists (select from passkeys p where ${ownedBy(sql, owner)} and p.place = g.place)
     order by g.place limit 1
    on conflict (credential_id) do nothing
    returning id`;
  if (row !== undefined) return row.id;
  return await countPasskeys(sql, owner) < MOST_PASSKEYS ? "known" : "enough";
}

/** Gives it another name. @returns false if it is not there, not this person's, or has that name already */
export async function renamePasskey(
  sql: Queryable,
  owner: Owner,
  passkey: { readonly id: number; readonly name: string },
): Promise<boolean> {
  const rows = await sql`
    update passkeys set name = ${passkey.name}
     where id = ${passkey.id} and ${ownedBy(sql, owner)} and name <> ${passkey.name} returning 1`;
  return rows.length > 0;
}

/** @returns its name, or null if it is not there or not this person's */
export async function deletePasskey(
  sql: Queryable,
  owner: Owner,
  id: number,
): Promise<string | null> {
  const [row] = await sql<{ name: string }[]>`
    delete from passkeys where id = ${id} and ${ownedBy(sql, owner)} returning name`;
  return row?.name ?? null;
}

/** Where the device is lost. @returns how many there were */
export async function deletePasskeysOf(sql: Queryable, owner: Owner): Promise<number> {
  const { count } = await sql`delete from passkeys where ${ownedBy(sql, owner)}`;
  return count;
}

/**
 * Notes a use. An authenticator that counts must have counted on: else there is a copy of it (WebAuthn, 7.2, step 22). One
 * statement, so that it holds over all nodes.
 * @returns false if it has not, or the passkey has gone meanwhile
 */
export async function usePasskey(
  sql: Queryable,
  id: number,
  counter: number,
  at: Date,
): Promise<boolean> {
  const rows = await sql`
    update passkeys set counter = ${counter}, last_used_at = ${at}
     where id = ${id} and (counter < ${counter} or (counter = 0 and ${counter}::bigint = 0)) returning 1`;
  return rows.length > 0;
}

/** Uses a challenge up, and forgets those that have ended. @returns false if it was used before */
export async function spendChallenge(
  sql: Queryable,
  challenge: { readonly hash: Bytes; readonly endsAt: Date },
  at: Date,
): Promise<boolean> {
  await sql`delete from spent_challenges where ends_at < ${at}`;
  const rows = await sql`
    insert into spent_challenges (hash, ends_at) values (${challenge.hash}, ${challenge.endsAt})
    on conflict do nothing returning 1`;
  return rows.length > 0;
}
