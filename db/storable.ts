// What Postgres can hold of a text: well-formed Unicode without NUL.

/** Whether it is a line that Postgres holds and a person can read: no control characters either. */
export function isStorable(line: string): boolean {
  return line.isWellFormed() && !/\p{Cc}/u.test(line);
}

/** As much of a text that came from outside as Postgres holds. */
export function storable(text: string): string {
  return text.toWellFormed().replaceAll("\0", "");
}
