// The sentences for passwords that may not be one: the same for the office, the parent and a workbook.

import { LONGEST_BYTES, type PasswordProblem } from "../lib/passwords.ts";

/** What is wrong and what to do, given the shortest length that the school allows. */
export const PASSWORD_SENTENCES: Readonly<
  Record<PasswordProblem, (shortest: number) => string>
> = {
  "too short": (shortest) =>
    `Use at least ${shortest} characters. Three or four words are easy to remember.`,
  "too long": () =>
    `Use a shorter password: at most ${LONGEST_BYTES} letters from a to z or figures. Other letters count as two or three.`,
  "not text": () => "The password holds a character that cannot be typed. Type it again.",
  "common": () => "This password is one of those that are guessed first. Choose another.",
  "holds a name": () =>
    "Leave out names: the person’s, the username and the school’s are guessed first.",
};
