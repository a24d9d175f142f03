// What is kept for so long only, because it says what people did: sign-ins, what was sent to whom, and the audit.

import type { Queryable } from "./connect.ts";

/** Rows of one kind that go at once; a school that shortens the time loses the rest in the hours after. */
const MOST = 50_000;

/** Removes the oldest sign-ins of before so many months. What they added up to (Times logged in, Last logon) stays. */
export async function purgeSignIns(sql: Queryable, at: Date, months: number): Promise<number> {
  const { count } = await sql`
    delete from sign_ins where id in (
      select id from sign_ins where at < ${at}::timestamptz - make_interval(months => ${months}) order by at limit ${MOST})`;
  return count;
}

/** Removes the oldest mails and letters that were settled so many months ago; none that may still be sent or printed. */
export async function purgeLedger(sql: Queryable, at: Date, months: number): Promise<number> {
  const { count } = await sql`
    delete from credential_mails where id in (
      select id from credential_mails where settled_at < ${at}::timestamptz - make_interval(months => ${months})
       order by id limit ${MOST})`;
  return count;
}

/** Removes the oldest rows of the audit of before so many years. */
export async function purgeAudit(sql: Queryable, at: Date, years: number): Promise<number> {
  const { count } = await sql`
    delete from audit where id in (
      select id from audit where at < ${at}::timestamptz - make_interval(years => ${years}) order by at limit ${MOST})`;
  return count;
}
