// A contact's record as the office keeps it: its rules, adding and editing it, and the logons that came from it.

import { addAudit, type Author } from "./audit.ts";
import type { Queryable, Transaction } from "./connect.ts";
import { cleanLine, lineProblem } from "./lines.ts";
import { emailProblem } from "./logons.ts";

/** A contact as the window has it: all as it was typed. */
export type ContactInput = {
  readonly firstName: string;
  readonly surname: string;
  readonly email: string;
  readonly mobile: string;
};
export type ContactField = keyof ContactInput;
export type ContactProblems = Partial<Record<ContactField, string>>;

/** A contact as it is stored. */
export type ContactValues = {
  readonly firstName: string;
  readonly surname: string;
  readonly email: string | null;
  readonly mobile: string | null;
};

export type ContactRecord = ContactValues & { readonly id: number; readonly version: number };

export type ContactChange = { readonly contact: ContactValues; readonly author: Author };

/** A logon that came from a contact. */
export type ContactLogon = {
  readonly id: number;
  readonly firstName: string;
  readonly surname: string;
  readonly email: string | null;
  readonly username: string;
  readonly isDeleted: boolean;
  /** Whether its name or email is not the contact's: a change of the contact never changes it. */
  readonly differs: boolean;
};

/** Cleans what was typed. */
export function cleanContact(input: ContactInput): ContactValues {
  return {
    firstName: cleanLine(input.firstName) ?? "",
    surname: cleanLine(input.surname) ?? "",
    email: cleanLine(input.email.replace(/^\s*mailto:/i, "")),
    mobile: cleanLine(input.mobile),
  };
}

/** What is wrong with a contact, by field, in sentences that say what to do; empty if it may be stored. Pure. */
export function checkContact(input: ContactInput): ContactProblems {
  const contact = cleanContact(input);
  const problems: [ContactField, string | undefined][] = [
    ["firstName", lineProblem(contact.firstName, "first name", 100, "Enter the first name.")],
    ["surname", lineProblem(contact.surname, "surname", 100, "Enter the surname.")],
    ["email", contact.email === null ? undefined : emailProblem(contact.email)],
    ["mobile", mobileProblem(contact.mobile)],
  ];
  return Object.fromEntries(problems.filter(([, sentence]) => sentence !== undefined));
}

/** The contact with this id; null if there is none. */
export async function findContact(sql: Queryable, id: number): Promise<ContactRecord | null> {
  const [row] = await sql<ContactRecord[]>`
    select id, version, first_name as "firstName", surname, email, mobile from contacts where id = ${id}`;
  return row ?? null;
}

/** Which contact this one has become by a merge; null if it was never merged. */
export async function findKeptContact(sql: Queryable, id: number): Promise<number | null> {
  const [row] = await sql<{ kept: number }[]>`
    select kept_id as kept from merged_contacts where id = ${id}`;
  return row?.kept ?? null;
}

/** Adds a contact. @returns its id */
export async function addContact(sql: Transaction, change: ContactChange): Promise<number> {
  const { contact, author } = change;
  const [row] = await sql<[{ id: number }]>`
    insert into contacts (first_name, surname, email, mobile)
    values (${contact.firstName}, ${contact.surname}, ${contact.email}, ${contact.mobile})
    returning id`;
  await addAudit(sql, [{
    ...author,
    what: "add contact",
    subject: "contact",
    subjectId: row.id,
    after: contact,
  }]);
  return row.id;
}

/**
 * Stores the edit of a contact as it was at `version`; one that changes nothing leaves nothing behind. No logon is touched.
 * @returns false if somebody else has changed the contact since: nothing is stored then
 */
export async function editContact(
  sql: Transaction,
  id: number,
  version: number,
  change: ContactChange,
): Promise<boolean> {
  const { contact, author } = change;
  await sql`select from contacts where id = ${id} for no key update`;
  const found = await findContact(sql, id);
  if (found === null) return false;
  const { id: _, version: current, ...before } = found;
  if (isSameContact(before, contact)) return true;
  if (current !== version) return false;
  await sql`
    update contacts set first_name = ${contact.firstName}, surname = ${contact.surname}, email = ${contact.email},
                        mobile = ${contact.mobile}
     where id = ${id}`;
  await addAudit(sql, [{
    ...author,
    what: "edit contact",
    subject: "contact",
    subjectId: id,
    before,
    after: contact,
  }]);
  return true;
}

/** The logons that came from a contact, live ones first. */
export async function listContactLogons(
  sql: Queryable,
  contactId: number,
): Promise<ContactLogon[]> {
  return await sql<ContactLogon[]>`
    select l.id, l.first_name as "firstName", l.surname, l.email, l.username, l.deleted_at is not null as "isDeleted",
           (c.first_name, c.surname, c.email_key) is distinct from (l.first_name, l.surname, email_key(l.email)) as differs
      from logons l join contacts c on c.id = l.contact_id
     where l.contact_id = ${contactId}
     order by l.deleted_at nulls first, l.id`;
}

function isSameContact(one: ContactValues, other: ContactValues): boolean {
  return one.firstName === other.firstName && one.surname === other.surname &&
    one.email === other.email && one.mobile === other.mobile;
}

function mobileProblem(mobile: string | null): string | undefined {
  const problem = lineProblem(mobile, "mobile number", 40);
  if (problem !== undefined || mobile === null) return problem;
  return mobile.replace(/\D/g, "").length < 7
    ? "Enter a telephone number, such as 07700 900123."
    : undefined;
}
