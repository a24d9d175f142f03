// Devices that a parent wanted remembered after a code: for some days the password is enough there. They are forgotten by
// trigger with the password, the secret, suspension and deletion (0019_portal_door.sql).

import { addAudit, type Author } from "./audit.ts";
import type { Queryable, Transaction } from "./connect.ts";
import type { Visitor } from "./sessions.ts";

export type RememberedDevice = {
  readonly id: number;
  readonly rememberedAt: Date;
  readonly usedAt: Date;
  readonly userAgent: string | null;
};

/** What is still remembered: as long as the school's setting says now, whatever it said then. @param days 0 for never */
type Moment = { readonly at: Date; readonly days: number };

/** @param device `tokenHash`: SHA-256 of the token in its cookie, 32 bytes */
export async function addRememberedDevice(
  sql: Transaction,
  logonId: number,
  device: { readonly tokenHash: Uint8Array<ArrayBuffer>; readonly visitor: Visitor },
  at: Date,
): Promise<void> {
  const { tokenHash, visitor } = device;
  await sql`
    insert into remembered_devices (logon_id, token_hash, remembered_at, used_at, ip, user_agent)
    values (${logonId}, ${tokenHash}, ${at}, ${at}, ${visitor.ip}, ${
    visitor.userAgent?.slice(0, 400) ?? null
  })`;
}

/** Whether the device is remembered for this very logon; notes that it was used. */
export async function isRemembered(
  sql: Transaction,
  logonId: number,
  tokenHash: Uint8Array<ArrayBuffer>,
  { at, days }: Moment,
): Promise<boolean> {
  const rows = await sql`
    update remembered_devices set used_at = ${at}
     where logon_id = ${logonId} and token_hash = ${tokenHash}
       and remembered_at > ${at}::timestamptz - make_interval(days => ${days}) returning 1`;
  return rows.length > 0;
}

/** Newest first. */
export async function listRememberedDevices(
  sql: Queryable,
  logonId: number,
  { at, days }: Moment,
): Promise<RememberedDevice[]> {
  return await sql<RememberedDevice[]>`
    select id, remembered_at as "rememberedAt", used_at as "usedAt", user_agent as "userAgent"
      from remembered_devices
     where logon_id = ${logonId} and remembered_at > ${at}::timestamptz - make_interval(days => ${days})
     order by id desc limit 100`;
}

/** Forgets one of a logon's devices, with its audit row. @returns false if it is not there, or another logon's */
export async function deleteRememberedDevice(
  sql: Transaction,
  logonId: number,
  id: number,
  author: Author,
): Promise<boolean> {
  const { count } = await sql`
    delete from remembered_devices where id = ${id} and logon_id = ${logonId}`;
  if (count === 0) return false;
  await addAudit(sql, [{
    ...author,
    what: "forget a remembered device",
    subject: "logon",
    subjectId: logonId,
  }]);
  return true;
}

/** Forgets all of a logon's devices; part of signing out everywhere. */
export async function deleteRememberedDevices(sql: Transaction, logonId: number): Promise<number> {
  const { count } = await sql`delete from remembered_devices where logon_id = ${logonId}`;
  return count;
}

/** Removes devices that are not remembered any more. */
export async function purgeRememberedDevices(
  sql: Queryable,
  { at, days }: Moment,
): Promise<number> {
  const { count } = await sql`
    delete from remembered_devices where remembered_at <= ${at}::timestamptz - make_interval(days => ${days})`;
  return count;
}
