// Mails that came back after the mail server had accepted them: marked by the office, or by a report that a server sends.

import { addAudit, type Author } from "./audit.ts";
import type { Sql, Transaction } from "./connect.ts";
import { transaction } from "./connect.ts";
import { refreshCounts } from "./credential_mails.ts";

/** Characters of the words in which a mail came back. */
export const LONGEST_WORDS = 500;

/**
 * What became of marking: `used` is a mail that somebody signed in with, so it did arrive; `under way` one whose answer is
 * not written down yet.
 */
export type Marking = "marked" | "already" | "used" | "under way" | "not accepted" | "gone";

/** What the office typed for the words of a bounce: one line, nothing that cannot be stored; null if nothing. */
export function cleanWords(typed: string): string | null {
  const line = typed.toWellFormed().replace(/[\p{Cc}\s]+/gu, " ").trim();
  return line === "" ? null : [...line].slice(0, LONGEST_WORDS).join("");
}

/** Marks an accepted mail as come back, and makes its task say so. Twice is once. */
export async function addBounce(
  sql: Transaction,
  bounce: { readonly mailId: number; readonly words: string | null; readonly author: Author },
  at: Date,
): Promise<Marking> {
  const mail = await lockMail(sql, bounce.mailId);
  if (mail === null) return "gone";
  if (mail.state === "bounced") return "already";
  if (mail.used) return "used";
  if (mail.underWay) return "under way";
  if (mail.state !== "accepted" || mail.kind !== "mail") return "not accepted";
  await sql`
    update credential_mails
       set state = 'bounced', bounced_at = ${at}, bounced_by = ${bounce.author.adminId}, bounce_words = ${bounce.words}
     where id = ${mail.id}`;
  if (mail.taskId !== null) await refreshCounts(sql, mail.taskId);
  await addAudit(sql, [{
    ...bounce.author,
    what: "mark mail as bounced",
    subject: "credential mail",
    subjectId: mail.id,
    after: { to: mail.address, words: bounce.words },
  }]);
  return "marked";
}

/** Takes the mark back. @returns false if there is none */
export async function deleteBounce(
  sql: Transaction,
  mailId: number,
  author: Author,
): Promise<boolean> {
  const mail = await lockMail(sql, mailId);
  if (mail === null || mail.state !== "bounced") return false;
  await sql`
    update credential_mails set state = 'accepted', bounced_at = null, bounced_by = null, bounce_words = null
     where id = ${mail.id}`;
  if (mail.taskId !== null) await refreshCounts(sql, mail.taskId);
  await addAudit(sql, [{
    ...author,
    what: "take back bounced mail",
    subject: "credential mail",
    subjectId: mail.id,
    before: { to: mail.address, words: mail.words },
  }]);
  return true;
}

/**
 * Marks the mail with this seed, which its Message-ID tells; for a report that a mail server sent.
 * @param seed the left side of the Message-ID; one that no mail has is `gone`
 */
export async function addReportedBounce(
  sql: Sql,
  report: { readonly seed: string; readonly words: string },
  at: Date,
): Promise<Marking> {
  return await transaction(sql, async (tx) => {
    const [mail] = await tx<{ id: number }[]>`
      select id from credential_mails where seed = ${report.seed}::uuid`;
    if (!mail) return "gone";
    const author = { adminId: null, who: "bounce report" };
    return await addBounce(tx, { mailId: mail.id, words: cleanWords(report.words), author }, at);
  });
}

type Locked = {
  readonly id: number;
  readonly kind: string;
  readonly state: string;
  readonly taskId: number | null;
  readonly address: string | null;
  readonly words: string | null;
  readonly used: boolean;
  readonly underWay: boolean;
};

/** Locks a mail after its task, in the order in which whoever cancels a task locks them. */
async function lockMail(sql: Transaction, mailId: number): Promise<Locked | null> {
  await sql`
    select from tasks where id = (select task_id from credential_mails where id = ${mailId}) for no key update`;
  const [mail] = await sql<Locked[]>`
    select id, kind, state, task_id as "taskId", address, bounce_words as words, first_used_at is not null as used,
           settled_at is null as "underWay"
      from credential_mails where id = ${mailId} for update`;
  return mail ?? null;
}
