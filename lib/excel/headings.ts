// Headings of a list: what makes two the same, and how a column is named to a person.

/** A heading without what does not matter: case, spaces, underscores, hyphens, characters without a shape. */
export function headingKey(heading: string): string {
  return heading.normalize("NFKC").toLowerCase().replace(/[\s_\p{Pd}\p{Cf}]/gu, "");
}

/**
 * Whether one heading's key is another's with a slip of the finger: a letter too many, too few or another one, or two in the
 * wrong order; two of these in a long one. Short ones are never, since "age" and "page" are two words.
 */
export function isMisspelt(key: string, of: string): boolean {
  const slips = of.length < 5 ? 0 : of.length < 8 ? 1 : 2;
  return key !== of && Math.abs(key.length - of.length) <= slips && distance(key, of) <= slips;
}

/** Letters to add, take away or change, and neighbours to swap (optimal string alignment). */
function distance(one: string, other: string): number {
  let former: number[] = [];
  let row = Array.from({ length: other.length + 1 }, (_, at) => at);
  for (let line = 0; line < one.length; line++) {
    const next = [line + 1];
    for (let at = 0; at < other.length; at++) {
      const isSwap = at > 0 && one[line] === other[at - 1] && one[line - 1] === other[at];
      next.push(Math.min(
        (row[at] ?? 0) + (one[line] === other[at] ? 0 : 1),
        (row[at + 1] ?? 0) + 1,
        (next[at] ?? 0) + 1,
        isSwap ? (former[at - 1] ?? 0) + 1 : Infinity,
      ));
    }
    former = row;
    row = next;
  }
  return row.at(-1) ?? 0;
}

/** The letters of a column counted from 0, as Excel shows them. */
export function columnLetters(place: number): string {
  const letter = String.fromCharCode(65 + place % 26);
  return place < 26 ? letter : columnLetters(Math.floor(place / 26) - 1) + letter;
}

/** A text from a file as it may be stored and shown: whole characters that Postgres takes, and not too many. */
export function storableText(text: string, longest: number): string {
  const short = text.length > longest ? text.trim().slice(0, longest) + "…" : text.trim();
  // [^\P{Cc}\t\n] is a control character other than tab and line feed. Nearly every text has none.
  if (short.isWellFormed() && !/[^\P{Cc}\t\n]/u.test(short)) return short;
  return short.toWellFormed().replace(/[^\P{Cc}\t\n]/gu, "\ufffd");
}
