// Reads what follows a command's name.

import { parseArgs } from "node:util";
import type { SchoolSize } from "../db/seeds.ts";

/** Words after a command that it does not understand. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** The options of `seed` and `demo`: numbers of logons, learners and sign-ins, and the seed of all chance. */
export function readSchoolSize(
  args: readonly string[],
  standard: SchoolSize,
): { school: SchoolSize; seed: number } {
  const { values, words } = parse(args, ["logons", "learners", "sign-ins", "seed"]);
  refuseWords(words);
  return {
    school: {
      logons: wholeNumber("logons", values["logons"], standard.logons),
      learners: wholeNumber("learners", values["learners"], standard.learners),
      signIns: wholeNumber("sign-ins", values["sign-ins"], standard.signIns),
    },
    seed: wholeNumber("seed", values["seed"], 1),
  };
}

/**
 * Options as texts, and the words beside them.
 * @param flags options without a value; one that is there has the text "true"
 * @throws {UsageError} that names what was not understood
 */
export function parse(
  args: readonly string[],
  names: readonly string[],
  flags: readonly string[] = [],
): { values: Record<string, string | undefined>; words: string[] } {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: Object.fromEntries([
        ...names.map((name) => [name, { type: "string" as const }] as const),
        ...flags.map((name) => [name, { type: "boolean" as const }] as const),
      ]),
    });
    const texts = Object.entries(values).map(([name, value]) => [name, String(value)] as const);
    return { values: Object.fromEntries(texts), words: positionals };
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

/** For a command that has options and nothing else. @throws {UsageError} that names the first word */
export function refuseWords([first]: readonly string[]): void {
  if (first !== undefined) throw new UsageError(`“${first}” is not understood here. Try: help`);
}

function wholeNumber(name: string, text: string | undefined, standard: number): number {
  if (text === undefined) return standard;
  if (!/^\d{1,9}$/.test(text)) {
    throw new UsageError(`--${name} wants a whole number, and “${text}” is none.`);
  }
  return Number(text);
}
