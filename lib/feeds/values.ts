// Reads the single values of feeds: names, numbers, dates, yes and no, year groups.

/** Two letters and figures in the form of a Unique Pupil Number (DfE: a check letter, eleven figures, a figure or a letter). */
const UPN = /^[A-Z]\d{11}[A-Z\d]$/;

/** A text on one line, spaces folded, null for nothing. What no text may hold is taken out. */
export function lineOf(text: string | undefined): string | null {
  if (text === undefined || text === "") return null;
  // deno-lint-ignore no-control-regex -- control characters are what is looked for
  const clean = text.replace(/[\s\u00a0\u0000-\u001f\u007f-\u009f]+/g, " ").trim();
  return clean === "" ? null : clean;
}

/** A text of at most so many characters; null for nothing and for a longer one. */
export function shortLineOf(text: string | undefined, most: number): string | null {
  const line = lineOf(text);
  return line === null || [...line].length > most ? null : line;
}

/** Whether a text has the form of a UPN. */
export function isUpn(text: string): boolean {
  return UPN.test(text.toUpperCase());
}

/** A day written as 2014-03-02; undefined for what is no such day. */
export function isoDateOf(text: string): string | undefined {
  const match = /^(\d{4})-(\d\d)-(\d\d)(?:T.*)?$/.exec(text);
  if (match === null) return undefined;
  const [, year = "", month = "", day = ""] = match;
  return dayOf(Number(year), Number(month), Number(day));
}

/** A calendar day as 2014-03-02; undefined if there is none, or it is not in living memory. */
export function dayOf(year: number, month: number, day: number): string | undefined {
  const date = new Date(Date.UTC(year, month - 1, day));
  const isReal = date.getUTCFullYear() === year && date.getUTCMonth() === month - 1 &&
    date.getUTCDate() === day && year >= 1900 && year <= 2200;
  return isReal ? date.toISOString().slice(0, 10) : undefined;
}

/** true, T, yes, Y, 1 and their opposites in any case; null for nothing; undefined for anything else. */
export function yesNoOf(text: string | undefined): boolean | null | undefined {
  const word = (text ?? "").trim().toLowerCase();
  if (word === "") return null;
  if (["true", "t", "yes", "y", "1"].includes(word)) return true;
  return ["false", "f", "no", "n", "0"].includes(word) ? false : undefined;
}

/** A national curriculum year or a grade as schools say it: 7 and 07 are Year 7, R is Reception. */
export function yearGroupOf(code: string | null): string | null {
  if (code === null) return null;
  const number = /^0*(\d{1,2})$/.exec(code)?.[1];
  if (number !== undefined && Number(number) <= 14) {
    return Number(number) === 0 ? "Reception" : `Year ${Number(number)}`;
  }
  if (/^(R|KG)$/i.test(code)) return "Reception";
  if (/^(N\d?|PK)$/i.test(code)) return "Nursery";
  return shortLineOf(code, 40);
}
