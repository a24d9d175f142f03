// The language in which a parent is written to, as the parent or the office chose it.

import { addAudit, type Author } from "./audit.ts";
import type { Queryable, Transaction } from "./connect.ts";

/** What can be chosen, as in the check of `logons.language`; their sentences are in views/languages/. */
export const LANGUAGES = ["en", "ar", "bn", "es", "fr", "pl", "pt", "ro", "tr", "ur"] as const;
export type Language = (typeof LANGUAGES)[number];

/** @returns null for whatever cannot be chosen, such as "" for none */
export function readLanguage(text: string): Language | null {
  return LANGUAGES.find((language) => language === text) ?? null;
}

/** Null: nobody has chosen, and it is English. */
export async function findLanguage(sql: Queryable, logonId: number): Promise<Language | null> {
  const [row] = await sql<{ language: Language | null }[]>`
    select language from logons where id = ${logonId}`;
  return row?.language ?? null;
}

/** Stores what the parent chose. An edit that the office has open stays good: it says nothing of the language unless asked to. */
export async function setOwnLanguage(
  sql: Transaction,
  logonId: number,
  language: Language,
  author: Author,
): Promise<void> {
  const [before] = await sql<{ language: Language | null }[]>`
    select language from logons where id = ${logonId} for no key update`;
  if (before === undefined || before.language === language) return;
  await sql`update logons set language = ${language} where id = ${logonId}`;
  await addAudit(sql, [{
    ...author,
    what: "choose language",
    subject: "logon",
    subjectId: logonId,
    before: { language: before.language },
    after: { language },
  }]);
}
