// Takeover by telephone: how the office knew who was asking, before a changed email gets a password (decision 0015).

import { addAudit, type Author } from "./audit.ts";
import { type Choice, chosenOf, type Moment } from "./bulk_resets.ts";
import type { Queryable, Transaction } from "./connect.ts";
import type { Fragment } from "./fragment.ts";

/** How the office made sure who was calling; kept in the audit. */
export const CALLER_CHECKS = [
  "known voice",
  "called back on the number on record",
  "date of birth and address",
  "came in person",
  "other",
] as const;

/** The same for a change of email, which nobody may have asked for. */
export const EMAIL_CHECKS = [
  "not at a caller’s request: a correction of our own",
  ...CALLER_CHECKS,
] as const;

/** What the audit says where nobody was there to ask. */
export const BY_IMPORT = "nobody: an import brought it";

/** As the audit keeps it. */
export type CallerCheck = { readonly callerCheckedBy: string; readonly reason?: string };
export type CallerProblems = { readonly checked?: string; readonly note?: string };
/** What was chosen and typed. */
export type CallerInput = { readonly checked: string; readonly note: string };

/** Reads an answer; "other" alone says nothing, so it needs words. Pure. @param known the answers that were offered */
export function checkCaller(
  input: CallerInput,
  known: readonly string[],
): { readonly check: CallerCheck } | { readonly problems: CallerProblems } {
  const { checked, note } = input;
  if (!known.includes(checked)) {
    return { problems: { checked: "Choose how you checked who is asking." } };
  }
  if (checked === "other" && note === "") {
    return { problems: { note: "Say in a few words how you checked who is asking." } };
  }
  return { check: { callerCheckedBy: checked, ...(note === "" ? {} : { reason: note }) } };
}

/** Whether logon `l` has a password or was ever sent one, as the trigger of 0014_logon_care.sql asks: somebody may use it. */
export function isInUse(sql: Queryable): Fragment {
  return sql`(l.password_until is not null or exists (select from credential_mails m where m.logon_id = l.id))`;
}

/** Somebody has vouched for the emails of the chosen: kept in the audit of each logon that needed it. */
export async function settleUncheckedEmails(
  sql: Transaction,
  vouched: { readonly choice: Choice; readonly check: CallerCheck; readonly author: Author },
  moment: Moment,
): Promise<void> {
  const { choice, check, author } = vouched;
  // Locked in the order of their ids, as whoever sends to them does next.
  const settled = await sql<{ id: number; email: string | null }[]>`
    with asked as (
      select l.id from logons l where l.email_unchecked and ${chosenOf(sql, choice, moment)}
       order by l.id for no key update
    )
    update logons l set email_unchecked = false from asked where l.id = asked.id returning l.id, l.email`;
  await addAudit(
    sql,
    settled.map(({ id, email }) => ({
      ...author,
      what: "check caller",
      subject: "logon",
      subjectId: id,
      after: { email, ...check },
    })),
  );
}
