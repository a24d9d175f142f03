// Passwords: what may be one, and bcrypt behind one limit, so that hashing never starves the rest of the program.

import bcrypt from "@node-rs/bcrypt";
import { dictionary } from "@zxcvbn-ts/language-common";
import { type Limit, openLimit } from "./limit.ts";

/** bcrypt cost of a password that a person chose (OWASP Password Storage: 10 or more; 216 ms on one slow core). */
export const CHOSEN_COST = 12;
/** bcrypt cost of a generated password that holds 50 bits or more. */
export const GENERATED_COST = 10;
/** bcrypt reads no further (in bytes of UTF-8). */
export const LONGEST_BYTES = 72;

/** Hashes of nothing that anyone knows, by their cost: the work for an unknown name. */
const NOBODY: Readonly<Record<number, string>> = {
  [CHOSEN_COST]: "$2b$12$CU.V34Cs3BaSV7t.sBUx7.ZDjtCLPfHrI.brxyqM5NUIwToD.V4HO",
  [GENERATED_COST]: "$2b$10$7ZmbJH42Jg5TmYeJT2OeWegnYf4BiJ0XG55MktUE9B5jNLWrVsMC2",
};

export type PasswordProblem =
  | "too short"
  | "too long"
  | "not text"
  | "common"
  | "holds a name";

export type PasswordRules = {
  /** Characters (code points) at least. */
  readonly shortest: number;
  /** Names and words that it must not hold: the person's, the username, the school's. */
  readonly words: readonly string[];
};

/** The form in which a password is hashed and compared: NFKC, so that it works from every keyboard (NIST SP 800-63B-4, 3.1.1.2). */
export function normalisePassword(password: string): string {
  return password.normalize("NFKC");
}

/**
 * What is wrong with a password that somebody chose, or undefined.
 * No rule about kinds of characters and no forced change (NIST SP 800-63B-4, 3.1.1.2).
 */
export function findPasswordProblem(
  password: string,
  rules: PasswordRules,
): PasswordProblem | undefined {
  const normal = normalisePassword(password);
  // bcrypt ends at NUL, and every lone surrogate becomes the same replacement character.
  if (!normal.isWellFormed() || /\p{Cc}/u.test(normal)) return "not text";
  if ([...normal].length < rules.shortest) return "too short";
  if (new TextEncoder().encode(normal).length > LONGEST_BYTES) return "too long";
  const plain = plainLetters(normal);
  if (isCommon(normal)) return "common";
  const words = rules.words.flatMap((word) => [word, ...word.split(/[\s@.'’-]+/)]).map(
    plainLetters,
  );
  return words.some((word) => word.length > 3 && plain.includes(word)) ? "holds a name" : undefined;
}

/** Hashes and compares passwords, a few at a time; a sign-in goes before everything else that waits. */
export type Hasher = {
  /** @param cost bcrypt cost: {@link CHOSEN_COST} or {@link GENERATED_COST} */
  hash(password: string, cost: number): Promise<string>;
  /**
   * Whether the password is the one that was hashed. Takes the same work whatever it is compared with: none (null, for a
   * name that is unknown or has no password), a chosen one, or a generated one.
   */
  verify(password: string, hash: string | null): Promise<boolean>;
  /** Likewise for the generated password of a mail that may be on its way; the same work where there is none (null). */
  verifyGenerated(password: string, hash: string | null): Promise<boolean>;
};

/** One that tells how much it has to do. */
export type MeasuredHasher = Hasher & Pick<Limit, "load">;

/**
 * @param options.atOnce hashes in flight at most; one for each core unless given
 * @param options.onWait is told how many seconds each waited for its turn
 */
export function openHasher(
  { atOnce = navigator.hardwareConcurrency, onWait = () => {} }: {
    readonly atOnce?: number;
    readonly onWait?: (seconds: number) => void;
  } = {},
): MeasuredHasher {
  const { run: runInTurn, load } = openLimit(atOnce);
  function run<T>(work: () => Promise<T>, isFirst = false): Promise<T> {
    const asked = performance.now();
    return runInTurn(() => {
      onWait((performance.now() - asked) / 1000);
      return work();
    }, isFirst);
  }
  return {
    hash: (password, cost) => run(() => bcrypt.hash(normalisePassword(password), cost)),
    verify: (password, hash) =>
      run(() => compare(normalisePassword(password), hash, CHOSEN_COST), true),
    verifyGenerated: (password, hash) =>
      run(() => compare(normalisePassword(password), hash, GENERATED_COST), true),
    load,
  };
}

/** @param cost whose work is done in all, whatever the cost of the hash */
async function compare(password: string, hash: string | null, cost: number): Promise<boolean> {
  const against = hash ?? NOBODY[cost] ?? "";
  // A generated one has no blank at its ends, and who copies it from a mail or a letter often has.
  const typed = Number(against.slice(4, 6)) === GENERATED_COST ? password.trim() : password;
  const right = await bcrypt.compare(typed, against);
  const rounds = 2 ** (cost - Number(against.slice(4, 6)));
  for (let round = 1; round < rounds; round++) await bcrypt.compare(password, against);
  const whole = new TextEncoder().encode(password).length <= LONGEST_BYTES;
  return right && whole && hash !== null && !password.includes("\0");
}

let common: Set<string> | undefined;

function isCommon(password: string): boolean {
  common ??= new Set(dictionary["passwords-common"]?.map(String));
  const small = password.toLowerCase();
  // "passwordpassword" and "aaaaaaaaaaaa" are no better than what they repeat.
  const unit = /^(.+?)\1*$/su.exec(small)?.[1] ?? small;
  return common.has(small) || common.has(unit) || [...unit].length < 4 || isRun(small);
}

/** Whether it only counts up or down: 123456789012, abcdefghijkl. */
function isRun(text: string): boolean {
  const codes = [...text].map((character) => character.codePointAt(0) ?? 0);
  const steps = codes.slice(1).map((code, at) => code - (codes[at] ?? 0));
  const wraps = (step: number): boolean => step === 1 || step === -9;
  return steps.every(wraps) || steps.every((step) => step === -1 || step === 9);
}

function plainLetters(text: string): string {
  return text.normalize("NFKD").toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");
}
