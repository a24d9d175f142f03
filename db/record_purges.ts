// What is kept for so long only, because it says what people did: sign-ins, what was sent to whom, and the audit.

import type { Queryable, Transaction } from "./connect.ts";
import type { Fragment } from "./fragment.ts";
import { isOldFeedItem } from "./feeds.ts";
import { deletedBefore } from "./logons.ts";
import { isOldNotice } from "./notices.ts";

/** Rows that go at once; a school that shortens the time loses the rest in the hours after. */
const MOST = 50_000;
/** Mails and letters that go at once: their logons are held meanwhile. */
const MOST_MAILS = 5_000;

/** Whole days on the school's clock: what of one is kept is kept until its midnight. */
export type PurgeDay = { readonly today: string; readonly timeZone: string };

/** The settings by which something is gone for good after a time. */
export const KEEPING = [
  "restore_days",
  "sign_in_months",
  "ledger_months",
  "audit_years",
] as const;
export type Keeping = Readonly<Record<(typeof KEEPING)[number], number>>;

/** How much of each is older than that: what goes in the next hours where these become the settings. */
export async function countOlder(
  sql: Queryable,
  moment: PurgeDay & { readonly at: Date },
  keeping: Keeping,
): Promise<Keeping> {
  const [counts] = await sql<[Keeping]>`
    select (select count(*)::int from logons l where ${
    deletedBefore(sql, moment.at, keeping.restore_days)
  }) + (select count(*)::int from feed_items i where ${
    isOldFeedItem(sql, moment.at, keeping.restore_days)
  }) as restore_days,
           (select count(*)::int from sign_ins where at < ${
    ago(sql, moment, sql`months => ${keeping.sign_in_months}`)
  }) as sign_in_months,
           (select count(*)::int from credential_mails m where ${
    isOldMail(sql, moment, keeping.ledger_months)
  }) + (select count(*)::int from notices where ${
    isOldNotice(sql, moment.at, keeping.ledger_months)
  }) as ledger_months,
           (select count(*)::int from audit where at < ${
    ago(sql, moment, sql`years => ${keeping.audit_years}`)
  }) as audit_years`;
  return counts;
}

/** Removes the oldest sign-ins of before so many months. What they added up to (Times logged in, Last logon) stays. */
export function purgeSignIns(sql: Queryable, day: PurgeDay, months: number): Promise<number> {
  return deleteOldest(sql, "sign_ins", ago(sql, day, sql`months => ${months}`));
}

/**
 * Removes the oldest mails and letters that were settled so many months ago, but for the newest of each logon: what it was
 * sent last says why it cannot be signed in with, and whether an import can be undone. Logons first, as a reset locks them.
 */
export async function purgeLedger(
  sql: Transaction,
  day: PurgeDay,
  months: number,
): Promise<number> {
  const rows = await sql<{ id: number; logonId: number | null }[]>`
    select m.id, m.logon_id as "logonId" from credential_mails m
     where ${isOldMail(sql, day, months)} order by m.id limit ${MOST_MAILS}`;
  const logons = rows.flatMap(({ logonId }) => logonId ?? []);
  await sql`
    select from logons where id = any(${logons}::bigint[]) order by id for no key update`;
  const { count } = await sql`
    delete from credential_mails where id = any(${rows.map(({ id }) => id)}::bigint[])`;
  return count;
}

/** Removes the oldest rows of the audit of before so many years. */
export function purgeAudit(sql: Queryable, day: PurgeDay, years: number): Promise<number> {
  return deleteOldest(sql, "audit", ago(sql, day, sql`years => ${years}`));
}

function isOldMail(sql: Queryable, day: PurgeDay, months: number): Fragment {
  return sql`
    m.settled_at < ${ago(sql, day, sql`months => ${months}`)}
    and not exists (select from newest_mails n where n.mail_id = m.id)`;
}

async function deleteOldest(
  sql: Queryable,
  table: "sign_ins" | "audit",
  before: Fragment,
): Promise<number> {
  const { count } = await sql`
    delete from ${sql(table)} where id in (
      select id from ${sql(table)} where at < ${before} order by at limit ${MOST})`;
  return count;
}

function ago(sql: Queryable, { today, timeZone }: PurgeDay, span: Fragment): Fragment {
  return sql`((${today}::date - make_interval(${span}))::timestamp at time zone ${timeZone})`;
}
