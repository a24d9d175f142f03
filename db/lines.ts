// What people type into one line, whatever it is: cleaned, held against the length it may have, and read as a day.

import { isStorable } from "./storable.ts";

/** Outer blanks away, no-break and double ones folded; null if nothing is left. */
export function cleanLine(text: string): string | null {
  const line = text.replace(/[\s\u00a0\u2007\u202f]+/g, " ").trim();
  return line === "" ? null : line;
}

/**
 * What is wrong with a line that {@link cleanLine} gave, in a sentence; undefined if it may be stored.
 * @param longest characters, as Postgres counts them
 * @param ifEmpty what to say of an empty one; it may be empty without
 */
export function lineProblem(
  line: string | null,
  what: string,
  longest: number,
  ifEmpty?: string,
): string | undefined {
  if (line === null || line === "") return ifEmpty;
  if (!isStorable(line)) {
    return `The ${what} holds a character that cannot be stored. Type it again.`;
  }
  return [...line].length > longest
    ? `Shorten the ${what}: at most ${longest} characters.`
    : undefined;
}

/**
 * A day as browsers send it (2014-05-31) or as people here write it (31/5/2014): as 2014-05-31, or null if it is no day, or
 * one of a year that a date field offers by mistake, such as 0026.
 */
export function readDay(text: string): string | null {
  const typed = text.trim();
  const browser = /^(\d{4})-(\d{2})-(\d{2})$/.exec(typed);
  const written = /^(\d{1,2})[/.](\d{1,2})[/.](\d{4})$/.exec(typed);
  const [year, month, day] = browser
    ? [browser[1], browser[2], browser[3]]
    : [written?.[3], written?.[2], written?.[1]];
  const date = `${year}-${month?.padStart(2, "0")}-${day?.padStart(2, "0")}`;
  const time = Date.parse(`${date}T00:00:00Z`);
  if (!/^(19|20|21)\d\d-/.test(date)) return null;
  return Number.isNaN(time) || new Date(time).toISOString().slice(0, 10) !== date ? null : date;
}
