// Headings of a list: what makes two the same, and how a column is named to a person.

/** A heading without what does not matter: case, spaces, underscores, hyphens, characters without a shape. */
export function headingKey(heading: string): string {
  return heading.normalize("NFKC").toLowerCase().replace(/[\s_\p{Pd}\p{Cf}]/gu, "");
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
