// What makes two names or two emails the same within a file, where asking the database for each would be slow.

export type Person = {
  readonly firstName: string;
  readonly surname: string;
  /** Empty if there is none. */
  readonly email: string;
};

/** What makes two names the same: anything but case and Unicode form. */
export function nameKey(name: string): string {
  return name.normalize("NFKC").toUpperCase().toLowerCase().normalize("NFKC");
}

/** What makes two emails the same: a test holds it to the SQL function email_key. */
export function emailKey(email: string): string {
  return email.normalize("NFKC").toLowerCase();
}

/** First name and surname together. */
export function namesKey(person: Person): string {
  return `${nameKey(person.firstName)}\n${nameKey(person.surname)}`;
}

/** Email and surname together: who is the same adult, but for first names. */
export function mailboxKey(person: Person): string {
  return `${emailKey(person.email)}\n${nameKey(person.surname)}`;
}
