// How a search is read: what was typed becomes patterns for the search_key columns, and hits are counted before they are sorted.

import type { Queryable } from "./connect.ts";
import type { Fragment } from "./fragment.ts";
import { storable } from "./storable.ts";

/** Hits are counted up to this; above it the list says "more than 1,000". */
export const MOST_COUNTED = 1000;

const FOLDED: Readonly<Record<string, string>> = {
  "ł": "l",
  "ø": "o",
  "đ": "d",
  "ħ": "h",
  "ŧ": "t",
  "ı": "i",
  "ς": "σ",
};

/** The same as the SQL function search_key, which fills the columns: a test holds the two together. */
export function searchKey(words: string): string {
  return words.replace(/['‘’ʼ`´\-‐‑]/g, "").normalize("NFKD").toLowerCase()
    .replace(/[\u0300-\u036f]/g, "")
    .replace(/[łøđħŧıς]/g, (letter) => FOLDED[letter] ?? letter);
}

/**
 * LIKE patterns that a row must match one and all. A word of one or two letters begins a word of the row: a trigram index
 * cannot find it anywhere else, and people who type two letters mean a beginning.
 */
export function searchPatterns(typed: string): string[] {
  const words = searchKey(storable(typed)).split(/\s+/).filter(Boolean);
  return words.slice(0, 8).map((word) => {
    const safe = word.slice(0, 100).replace(/[\\%_]/g, "\\$&");
    return word.length < 3 ? `% ${safe}%` : `%${safe}%`;
  });
}

/**
 * Whether a search that has many hits has very many, and everywhere in whatever order: single letters, which begin a word of
 * names, usernames, emails and learners alike, and parts of addresses. A name's hits lie together in a list by name.
 */
export function isScattered(typed: string): boolean {
  const words = searchKey(storable(typed)).split(/\s+/).filter(Boolean);
  return words.length > 0 && words.every((word) => word.length === 1 || /[.@]/.test(word));
}

/** Conditions joined by AND; true if there are none. */
export function allOf(
  sql: Queryable,
  conditions: readonly Fragment[],
): Fragment {
  const [first, ...others] = conditions;
  if (!first) return sql`true`;
  return others.reduce((all, one) => sql`${all} and ${one}`, first);
}
