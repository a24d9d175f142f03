// Two factor authentication of a logon as the office sees it, and what it may change.

import { addAudit, type Author } from "./audit.ts";
import { isInUse } from "./caller_checks.ts";
import type { Queryable, Transaction } from "./connect.ts";
import { addNotices, type NoticeKind } from "./notices.ts";
import { deletePasskeysOf } from "./passkeys.ts";
import { deleteTfa, type TfaState } from "./tfa.ts";

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
  await deleteTfa(sql, { logonId: id });
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
    await addNotices(sql, [{ kind, logonId: id, name, address: email, facts: {} }], {
      ...author,
      at,
    });
  }
  return true;
}
