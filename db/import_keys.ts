// What makes two names or two emails the same within a file, where asking the database for each would be slow.

export type Person = {
  readonly firstName: string;
  readonly surname: string;
  /** Empty if there is none. */
  readonly email: string;
};

/** What makes two names the same: anything but case and Unicode form. */
export function nameKey(name: string): string {
  if (isAscii(name)) return name.toLowerCase();
  return name.normalize("NFKC").toUpperCase().toLowerCase().normalize("NFKC");
}

/** What makes two emails the same: a test holds it to the SQL function email_key. */
export function emailKey(email: string): string {
  if (isAscii(email)) return email.toLowerCase();
  return email.normalize("NFKC").toLowerCase();
}

/** What makes two usernames the same; only the database folds one that is not plain. @param folded what it has folded */
export function usernameKey(typed: string, folded: ReadonlyMap<string, string>): string {
  return isAscii(typed) ? typed.toLowerCase() : folded.get(typed) ?? typed;
}

/** Whether a text has no other form than small letters: nearly all have not, and folding the others takes its time. */
export function isAscii(text: string): boolean {
  return /^\p{ASCII}*$/u.test(text);
}

/** First name and surname together. */
export function namesKey(person: Person): string {
  return `${nameKey(person.firstName)}\n${nameKey(person.surname)}`;
}

/** Email and surname together: who is the same adult, but for first names. */
export function mailboxKey(person: Person): string {
  return `${emailKey(person.email)}\n${nameKey(person.surname)}`;
}
