// Two factor authentication of a logon: its secret, its recovery codes, and what the office may change.

import type { Sealed } from "../lib/seal.ts";
import { addAudit, type Author } from "./audit.ts";
import { isInUse } from "./caller_checks.ts";
import type { Queryable, Transaction } from "./connect.ts";
import { addNotices, type NoticeKind } from "./notices.ts";
import { countPasskeys, deletePasskeysOf } from "./passkeys.ts";
import type { TfaStep } from "./sessions.ts";

export type TfaState = "off" | "required" | "set up";

/** What the office sees of a logon's two factor authentication. */
export type LogonTfa = {
  readonly id: number;
  readonly firstName: string;
  readonly surname: string;
  readonly username: string;
  readonly email: string | null;
  readonly tfa: TfaState;
  readonly confirmedAt: Date | null;
  readonly codesLeft: number;
  readonly passkeys: number;
  /** Devices that are not asked for a code for a while. */
  readonly devices: number;
};

/** What the office can do, from which state to which. */
export const TFA_CHANGES = {
  "require": { from: "off", to: "required", what: "require two factor authentication" },
  "do not require": {
    from: "required",
    to: "off",
    what: "no longer require two factor authentication",
  },
  "lost phone": { from: "set up", to: "required", what: "remove a lost phone" },
  "switch off": { from: "set up", to: "off", what: "switch off two factor authentication" },
  // Where passkeys are all that was lost: from whichever other state, which stays.
  "remove passkeys": { from: null, to: null, what: "remove lost passkeys" },
} as const satisfies Record<
  string,
  { from: TfaState | null; to: TfaState | null; what: string }
>;
export type TfaChange = keyof typeof TFA_CHANGES;

/** Changes that weaken: the parent is told by mail. */
const TOLD: ReadonlyMap<TfaChange, NoticeKind> = new Map([
  ["lost phone", "phone removed"],
  ["remove passkeys", "passkeys removed"],
  ["switch off", "tfa switched off"],
  ["require", "tfa required"],
  ["do not require", "tfa not required"],
]);

/** Why a change was made, as the audit keeps it. */
export type TfaReason = { readonly reason?: string; readonly callerCheckedBy?: string };

/** @returns null if there is no such logon, or it is deleted */
export async function findLogonTfa(sql: Queryable, id: number): Promise<LogonTfa | null> {
  const [row] = await sql<LogonTfa[]>`
    select l.id, l.first_name as "firstName", l.surname, l.username, l.email, l.tfa, s.confirmed_at as "confirmedAt",
           (select count(*)::int from recovery_codes r where r.logon_id = l.id and r.used_at is null) as "codesLeft",
           (select count(*)::int from passkeys p where p.logon_id = l.id) as passkeys,
           (select count(*)::int from remembered_devices d where d.logon_id = l.id) as devices
      from logons l left join totp_secrets s on s.logon_id = l.id
     where l.id = ${id} and l.deleted_at is null`;
  return row ?? null;
}

/** What a parent has to do after the password; null for nothing. */
export async function findTfaStep(sql: Queryable, logonId: number): Promise<TfaStep | null> {
  const [row] = await sql<{ tfa: TfaState }[]>`select tfa from logons where id = ${logonId}`;
  if (row === undefined || row.tfa === "off") return null;
  if (row.tfa === "set up") return "enter code";
  return await countPasskeys(sql, { logonId }) > 0 ? "use passkey" : "set up";
}

/** The confirmed secret, sealed; its owner is the logon's id. */
export async function findSecret(sql: Queryable, logonId: number): Promise<Sealed | null> {
  const [row] = await sql<Sealed[]>`
    select ciphertext, key_print as "keyPrint" from totp_secrets where logon_id = ${logonId}`;
  return row ? { ciphertext: copy(row.ciphertext), keyPrint: copy(row.keyPrint) } : null;
}

/** Secrets that are sealed under another key than the present one. @param keyPrint of the present key */
export async function listSecretsToReseal(
  sql: Queryable,
  keyPrint: Uint8Array<ArrayBuffer>,
  after: number,
  limit: number,
): Promise<{ logonId: number; sealed: Sealed }[]> {
  const rows = await sql<({ logonId: number } & Sealed)[]>`
    select logon_id as "logonId", ciphertext, key_print as "keyPrint" from totp_secrets
     where key_print <> ${keyPrint} and logon_id > ${after} order by logon_id limit ${limit}`;
  return rows.map(({ logonId, ciphertext, keyPrint }) => ({
    logonId,
    sealed: { ciphertext: copy(ciphertext), keyPrint: copy(keyPrint) },
  }));
}

/** The same secret under the present key; nothing changes where the parent has set up another one meanwhile. */
export async function replaceSealed(
  sql: Queryable,
  logonId: number,
  former: Sealed,
  sealed: Sealed,
): Promise<void> {
  await sql`
    update totp_secrets set ciphertext = ${sealed.ciphertext}, key_print = ${sealed.keyPrint}
     where logon_id = ${logonId} and ciphertext = ${former.ciphertext}`;
}

/** Makes everything that changes one logon's two factor authentication wait its turn; first in each such transaction. */
export async function lockLogon(sql: Transaction, logonId: number): Promise<void> {
  await sql`select from logons where id = ${logonId} for no key update`;
}

/**
 * Uses up the code of a time step, and with it every older one (RFC 6238, 5.2: a code is accepted once). One statement, so
 * that of many requests at the same moment, on whichever node, one wins.
 * @returns false if it, or a later one, was used before
 */
export async function spendStep(sql: Queryable, logonId: number, step: number): Promise<boolean> {
  const rows = await sql`
    update totp_secrets set last_step = ${step}
     where logon_id = ${logonId} and last_step < ${step} returning 1`;
  return rows.length > 0;
}

/** Uses up a recovery code. @returns false if there is none of this hash, or it was used before */
export async function spendRecoveryCode(
  sql: Queryable,
  logonId: number,
  hash: Uint8Array<ArrayBuffer>,
  at: Date,
): Promise<boolean> {
  const rows = await sql`
    update recovery_codes set used_at = ${at}
     where logon_id = ${logonId} and hash = ${hash} and used_at is null returning 1`;
  return rows.length > 0;
}

/**
 * Stores a secret that the parent has confirmed, with its recovery codes: the logon is "set up".
 * @param confirmed.step of the code that confirmed it: it is used up
 * @param hashes of the recovery codes
 * @returns false if it was set up already, in another tab say: nothing changes then
 */
export async function confirmSecret(
  sql: Transaction,
  logonId: number,
  confirmed: { readonly secret: Sealed; readonly step: number; readonly at: Date },
  hashes: readonly Uint8Array<ArrayBuffer>[],
): Promise<boolean> {
  const { secret, step, at } = confirmed;
  const rows = await sql`
    insert into totp_secrets (logon_id, ciphertext, key_print, confirmed_at, last_step)
    values (${logonId}, ${secret.ciphertext}, ${secret.keyPrint}, ${at}, ${step})
    on conflict (logon_id) do nothing returning 1`;
  if (rows.length === 0) return false;
  await sql`update logons set tfa = 'set up' where id = ${logonId}`;
  await replaceRecoveryCodes(sql, logonId, hashes);
  return true;
}

/** New recovery codes; those from before end. */
export async function replaceRecoveryCodes(
  sql: Transaction,
  logonId: number,
  hashes: readonly Uint8Array<ArrayBuffer>[],
): Promise<void> {
  await sql`delete from recovery_codes where logon_id = ${logonId}`;
  await sql`
    insert into recovery_codes (logon_id, hash)
    select ${logonId}, decode(hex, 'hex')
      from unnest(${hashes.map((hash) => hash.toHex())}::text[]) as h (hex)`;
}

/**
 * Makes a change of the office, with its audit row. Where a secret is removed the recovery codes and all sessions of the
 * logon go with it, and the parent gets a notice; where it is no longer required, sign-ins that wait for it to be set up end.
 * @returns false if the logon is deleted or not in the state that the change starts from: nothing changes then
 */
export async function changeTfa(
  sql: Transaction,
  id: number,
  asked: { readonly change: TfaChange; readonly why: TfaReason; readonly author: Author },
  at: Date,
): Promise<boolean> {
  const { change, why, author } = asked;
  const { from, to, what } = TFA_CHANGES[change];
  const [logon] = await sql<{ name: string; email: string | null; inUse: boolean }[]>`
    update logons l set tfa = coalesce(${to}, tfa)
     where id = ${id} and deleted_at is null
       and case when ${from}::text is null then tfa <> 'set up' else tfa = ${from} end
    returning l.first_name || ' ' || l.surname as name, l.email, ${isInUse(sql)} as "inUse"`;
  if (logon === undefined) return false;
  await sql`delete from totp_secrets where logon_id = ${id}`;
  await sql`delete from recovery_codes where logon_id = ${id}`;
  const lost = change === "lost phone" || change === "remove passkeys";
  const passkeys = lost ? await deletePasskeysOf(sql, { logonId: id }) : 0;
  await sql`
    delete from sessions
     where logon_id = ${id} and (${lost || from === "set up"} or ${
    from === "required"
  } and tfa_step is not null)`;
  await addAudit(sql, [{
    ...author,
    what,
    subject: "logon",
    subjectId: id,
    before: { tfa: from },
    after: { tfa: to, ...why, ...(passkeys > 0 ? { passkeysRemoved: passkeys } : {}) },
  }]);
  const kind = TOLD.get(change);
  if (kind !== undefined && logon.email !== null && (logon.inUse || from === "set up")) {
    const { name, email } = logon;
    await addNotices(sql, [{ kind, logonId: id, name, address: email, facts: {} }], at);
  }
  return true;
}

function copy(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(bytes);
}
