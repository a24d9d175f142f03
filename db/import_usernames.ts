// Gives usernames to adults who come without one: the email, or first.surname where that is taken or shared.

import { type Adult, personOf } from "./import_adults.ts";
import type { ImportFacts } from "./import_facts.ts";
import { emailKey, isAscii, nameKey, type Person, usernameKey } from "./import_keys.ts";
import { searchKey } from "./search.ts";
import { eachInSteps, groupInSteps, type Steps } from "../lib/turns.ts";

/** Letters that are more than a letter with a mark. */
const SPELLED: Readonly<Record<string, string>> = {
  "ß": "ss",
  "æ": "ae",
  "œ": "oe",
  "þ": "th",
  "ð": "d",
};

/** For names in a script that few keyboards here can type. */
const UNSPELLABLE = "parent";

/** first.surname in letters and figures that every keyboard has. */
export function usernameBase(firstName: string, surname: string): string {
  const parts = [firstName, surname].map(spell).filter((part) => part !== "");
  return parts.length === 0 ? UNSPELLABLE : parts.join(".");
}

/** The username that each adult has, types or gets; no two adults get the same. */
export function* findUsernames(
  adults: readonly Adult[],
  facts: ImportFacts,
): Steps<ReadonlyMap<Adult, string>> {
  const found = new Map<Adult, string>();
  const taken = new Set([...facts.takenKeys, ...facts.logons.map((logon) => logon.usernameKey)]);
  yield* eachInSteps(adults, (adult) => {
    const typed = adult.logon?.username ?? adult.rows.find((row) => row.username !== "")?.username;
    if (typed === undefined) return;
    found.set(adult, typed);
    taken.add(usernameKey(typed, facts.usernameKeys));
  });
  const sharers = yield* countSharers(adults, facts);
  const contacts = yield* groupInSteps(facts.contacts, (contact) => emailKey(contact.email));
  const numbers = new Map<string, number>();
  yield* eachInSteps(adults, (adult) => {
    if (found.has(adult)) return;
    const person = personOf(null, adult.rows);
    const key = usernameKey(person.email, facts.usernameKeys);
    const email = emailKey(person.email);
    const isOwn = person.email !== "" && !taken.has(key) && (sharers.get(email) ?? 0) <= 1 &&
      !isOfOther(person, contacts.get(email) ?? []);
    const username = isOwn
      ? person.email
      : freeUsername(usernameBase(person.firstName, person.surname), taken, numbers);
    taken.add(isOwn ? key : username);
    found.set(adult, username);
  });
  return found;
}

/** The base, else the base with the first number from 2 that is free. */
function freeUsername(
  base: string,
  taken: ReadonlySet<string>,
  numbers: Map<string, number>,
): string {
  let username = base;
  for (let number = numbers.get(base) ?? 2; taken.has(username); number++) {
    username = `${base}${number}`;
    numbers.set(base, number + 1);
  }
  return username;
}

/** How many adults, of the file and of the database, have an email. */
function* countSharers(adults: readonly Adult[], facts: ImportFacts): Steps<Map<string, number>> {
  const count = new Map<string, number>();
  function add(email: string): void {
    const key = emailKey(email);
    count.set(key, (count.get(key) ?? 0) + 1);
  }
  yield* eachInSteps(adults, ({ logon, rows }) => {
    const person = personOf(logon, rows);
    if (person.firstName !== "" && person.surname !== "") add(person.email);
  });
  const inFile = new Set(adults.map((adult) => adult.logon));
  yield* eachInSteps(facts.logons, (logon) => {
    if (!logon.isDeleted && !inFile.has(logon)) add(logon.email ?? "");
  });
  return count;
}

/** Whether one of the contacts with the person's email is another adult. */
function isOfOther(person: Person, sharing: readonly Person[]): boolean {
  const related = sharing.filter((one) => nameKey(one.surname) === nameKey(person.surname));
  const same = related.length === 1
    ? related
    : related.filter((one) => nameKey(one.firstName) === nameKey(person.firstName));
  return sharing.length > same.length;
}

function spell(name: string): string {
  if (isAscii(name)) return name.toLowerCase().replace(/[^a-z0-9]/g, "");
  return searchKey(name).replace(/[ßæœþð]/g, (letter) => SPELLED[letter] ?? "")
    .replace(/[^a-z0-9]/g, "");
}
