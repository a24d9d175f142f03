// When a logon's access ends: suspended by the office, or expired after its last day.

import { addAudit, type Author } from "./audit.ts";
import type { Transaction } from "./connect.ts";
import { isStorable } from "./storable.ts";

/** What the office decides about a logon's access. */
export type LogonAccess = {
  readonly suspended: boolean;
  /** For the office alone; the portal tells nothing. */
  readonly suspendedReason: string | null;
  /** The last day on which it works, as 2026-11-24. */
  readonly expiresOn: string | null;
};

/** As somebody typed it; an empty text means none. */
export type AccessInput = {
  readonly suspended: boolean;
  readonly suspendedReason: string;
  readonly expiresOn: string;
};
export type AccessProblems = { readonly suspendedReason?: string; readonly expiresOn?: string };

const LONGEST_REASON = 300;

/** Reads what was typed. Pure. */
export function checkAccessInput(
  input: AccessInput,
): { readonly access: LogonAccess } | { readonly problems: AccessProblems } {
  const { suspended } = input;
  const reason = input.suspendedReason.replace(/[\s\u00a0]+/g, " ").trim();
  const expiresOn = input.expiresOn.trim();
  const problems = {
    ...(suspended && !isReason(reason)
      ? {
        suspendedReason:
          `Shorten the reason: at most ${LONGEST_REASON} characters, letters and figures alone.`,
      }
      : {}),
    ...(expiresOn === "" || isDay(expiresOn)
      ? {}
      : { expiresOn: "Enter the date as day, month and year, such as 24 11 2026, or none." }),
  };
  if (Object.keys(problems).length > 0) return { problems };
  return {
    access: {
      suspended,
      suspendedReason: suspended && reason !== "" ? reason : null,
      expiresOn: expiresOn === "" ? null : expiresOn,
    },
  };
}

function isReason(text: string): boolean {
  return isStorable(text) && [...text].length <= LONGEST_REASON;
}

function isDay(text: string): boolean {
  // Years that a date field offers by mistake, such as 0026, are none that a school has.
  if (!/^(19|20)\d\d-\d\d-\d\d$/.test(text)) return false;
  try {
    return Temporal.PlainDate.from(text, { overflow: "reject" }) !== undefined;
  } catch {
    return false;
  }
}

/** Stores it; triggers end the sessions of a logon that is closed by it. Who was suspended before stays so since then. */
export async function setAccess(
  sql: Transaction,
  logonId: number,
  access: LogonAccess,
  at: Date,
): Promise<void> {
  await sql`
    update logons
       set suspended_at = case when ${access.suspended}::boolean then coalesce(suspended_at, ${at}) end,
           suspended_reason = ${access.suspendedReason}, expires_on = ${access.expiresOn}
     where id = ${logonId}`;
}

/** Takes a suspension back. @returns the logon's name, or null if there is nothing to take back */
export async function liftSuspension(
  sql: Transaction,
  id: number,
  author: Author,
): Promise<string | null> {
  const [row] = await sql<{ name: string; reason: string | null }[]>`
    with before as (select id, suspended_reason as reason from logons where id = ${id} for no key update)
    update logons l set suspended_at = null, suspended_reason = null, version = version + 1, updated_at = now()
      from before where l.id = before.id and l.suspended_at is not null and l.deleted_at is null
    returning l.first_name || ' ' || l.surname as name, before.reason`;
  if (!row) return null;
  await addAudit(sql, [{
    ...author,
    what: "lift suspension",
    subject: "logon",
    subjectId: id,
    before: { suspended: true, suspendedReason: row.reason },
    after: { suspended: false, suspendedReason: null },
  }]);
  return row.name;
}
