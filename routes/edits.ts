// Editing what somebody else may be editing too: which edit was shown, whether it can be stored, and what is said where it cannot.

import { type Fields, readId } from "./context.ts";

/** Which edit of a record was shown; 0, which no record has, for whatever cannot be one. */
export function readVersion(form: Fields): number {
  const version = readId(form.text("version")) ?? 0;
  return version <= 2 ** 31 - 1 ? version : 0;
}

export function hasProblems(problems: Readonly<Record<string, string | undefined>>): boolean {
  return Object.keys(problems).length > 0;
}

/** What the work gives, or the refusal that it ends with: a rule that only the database could tell. */
export async function orRefusal<Result, Refusal extends Error>(
  work: Promise<Result>,
  kind: abstract new (...args: never[]) => Refusal,
): Promise<Result | Refusal> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof kind) return error;
    throw error;
  }
}

/** "Email: “ann@example.org”." for each field that is not as it was typed: what is stored, whoever has changed it. */
export function differencesOf<Field extends string>(
  labels: readonly (readonly [Field, string])[],
  now: { readonly [Name in Field]: string | null },
  typed: { readonly [Name in Field]: string | null },
): string[] {
  return labels.flatMap(([field, label]) => {
    const value = now[field];
    if (value === typed[field]) return [];
    return [`${label}: ${value === null || value === "" ? "empty" : `“${value}”`}.`];
  });
}

/** What is said to whoever was slower: saving again is a choice. */
export function tooLate(differences: readonly string[]): string {
  return [
    "Nothing of yours was stored.",
    ...(differences.length > 0 ? ["Stored now, where yours differs:"] : []),
    ...differences,
    "Save again to store what you see below, or cancel to keep theirs.",
  ].join(" ");
}
