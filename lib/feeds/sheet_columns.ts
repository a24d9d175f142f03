// The columns of a sheet of learners and of one of contacts: Help, the templates, finding the headings and the errors come from these lists.

import { columnLetters, headingKey, storableText } from "../excel/headings.ts";
import type { Row, Table } from "../excel/table.ts";
import { FeedRefusal } from "./feed.ts";

export type SheetColumn<Key extends string = string> = {
  readonly key: Key;
  /** The heading as Help and the template show it, and as errors name it. */
  readonly label: string;
  readonly required: boolean;
  /** Other headings that mean the same; case, spaces, underscores and hyphens do not matter. */
  readonly aliases: readonly string[];
  /** What may stand in it, in a sentence. */
  readonly rule: string;
  readonly example: string;
};

export type LearnerColumn =
  | "firstName"
  | "surname"
  | "admissionNumber"
  | "upn"
  | "dateOfBirth"
  | "yearGroup"
  | "registrationGroup"
  | "status"
  | "leftOn";

export type ContactColumn =
  | "contactId"
  | "firstName"
  | "surname"
  | "email"
  | "mobile"
  | "learners"
  | "relationship"
  | "priority"
  | "parentalResponsibility";

/** In the order of Help and the template. */
export const LEARNER_COLUMNS: readonly SheetColumn<LearnerColumn>[] = [
  {
    key: "firstName",
    label: "First name",
    required: true,
    aliases: ["firstname", "forename", "given name", "legal forename", "pupil forename"],
    rule: "The learner’s first name, at most 100 characters.",
    example: "Sam",
  },
  {
    key: "surname",
    label: "Surname",
    required: true,
    aliases: ["lastname", "last name", "family name", "legal surname", "pupil surname"],
    rule: "The learner’s surname, at most 100 characters.",
    example: "Sample-Jones",
  },
  {
    key: "admissionNumber",
    label: "Admission number",
    required: false,
    aliases: ["adno", "admission no", "student id", "pupil id", "learner id"],
    rule: "The number by which the school knows the learner. Every row needs this or a UPN. " +
      "Zeros at the front count.",
    example: "000123",
  },
  {
    key: "upn",
    label: "UPN",
    required: false,
    aliases: ["unique pupil number"],
    rule: "The Unique Pupil Number, different for everybody.",
    example: "A123456789012",
  },
  {
    key: "dateOfBirth",
    label: "Date of birth",
    required: false,
    aliases: ["dob", "birth date", "birthdate"],
    rule: "A date cell, or written as 2014-03-02 or 02/03/2014 with the day first.",
    example: "2014-03-02",
  },
  {
    key: "yearGroup",
    label: "Year group",
    required: false,
    aliases: ["year", "nc year", "nc year actual", "national curriculum year"],
    rule: "For example Year 7; 7 alone means the same, R is Reception.",
    example: "Year 7",
  },
  {
    key: "registrationGroup",
    label: "Registration group",
    required: false,
    aliases: ["reg group", "registration", "tutor group", "form", "class"],
    rule: "For example 7A, at most 40 characters.",
    example: "7A",
  },
  {
    key: "status",
    label: "Status",
    required: false,
    aliases: ["learner status", "enrolment status"],
    rule: "Current, Applicant or Leaver. Left empty, a new learner is Current and one who is " +
      "known stays as they are.",
    example: "Current",
  },
  {
    key: "leftOn",
    label: "Leaving date",
    required: false,
    aliases: ["left on", "date of leaving", "leaving", "end date"],
    rule: "The last day at school of a Leaver, as a date. Left empty, it is the day of the feed.",
    example: "",
  },
];

/** In the order of Help and the template. */
export const CONTACT_COLUMNS: readonly SheetColumn<ContactColumn>[] = [
  {
    key: "firstName",
    label: "First name",
    required: true,
    aliases: ["firstname", "forename", "given name", "contact forename", "parent forename"],
    rule: "The contact’s first name, at most 100 characters.",
    example: "Robin",
  },
  {
    key: "surname",
    label: "Surname",
    required: true,
    aliases: ["lastname", "last name", "family name", "contact surname", "parent surname"],
    rule: "The contact’s surname, at most 100 characters.",
    example: "Sample-Jones",
  },
  {
    key: "email",
    label: "Email",
    required: false,
    aliases: ["email address", "e-mail", "primary email", "home email"],
    rule: "One email address. Two rows with the same names and email are the same adult.",
    example: "robin.sample@example.org",
  },
  {
    key: "mobile",
    label: "Mobile",
    required: false,
    aliases: ["mobile number", "mobile phone", "mobile telephone", "telephone", "phone"],
    rule: "One number, at most 40 characters.",
    example: "07700 900123",
  },
  {
    key: "learners",
    label: "Learners",
    required: true,
    aliases: [
      "learner",
      "learner id",
      "admission number",
      "admission no",
      "adno",
      "student id",
      "pupil id",
      "UPN",
    ],
    rule: "Admission numbers or UPNs, with a semicolon, a comma or a line break between two; or " +
      "one row for each.",
    example: "000123; 000124",
  },
  {
    key: "relationship",
    label: "Relationship",
    required: false,
    aliases: ["relation", "relation type", "relationship to learner", "relationship to student"],
    rule: "For example Mother, Father, Carer; at most 40 characters.",
    example: "Mother",
  },
  {
    key: "priority",
    label: "Priority",
    required: false,
    aliases: ["contact priority", "contact order", "order"],
    rule: "A whole number from 1, the first to be rung, to 99.",
    example: "1",
  },
  {
    key: "parentalResponsibility",
    label: "Parental Responsibility",
    required: false,
    aliases: ["parental resp", "PR", "has parental responsibility"],
    rule: "Yes or no. Left empty it is not known, which is never read as no.",
    example: "yes",
  },
  {
    key: "contactId",
    label: "Contact ID",
    required: false,
    aliases: ["parent id", "contact number", "external id"],
    rule: "What your system knows the contact by, if it gives one: with it a changed name or " +
      "email is still the same adult.",
    example: "P-10045",
  },
];

/** The headings stand within so many rows. */
const HEADER_ROWS = 20;

/** Which list a sheet is, and where its columns stand, counted from 0. */
export type SheetHeader =
  | { readonly kind: "Learners sheet"; readonly row: number; readonly at: Places<LearnerColumn> }
  | { readonly kind: "Contacts sheet"; readonly row: number; readonly at: Places<ContactColumn> };
export type Places<Key> = ReadonlyMap<Key, number>;

/**
 * Finds the headings, and by them whether it is a list of learners or of contacts.
 * @throws {FeedRefusal} in a sentence that names what is missing, or stands there twice
 */
export function findSheetHeader(table: Table): SheetHeader {
  const rows = table.rows.filter((row) => row.number <= HEADER_ROWS);
  for (const row of rows) {
    const learners = placesIn(row, LEARNER_COLUMNS);
    const contacts = placesIn(row, CONTACT_COLUMNS);
    if (!learners.has("firstName") || !learners.has("surname")) {
      if (!contacts.has("firstName") || !contacts.has("surname")) continue;
    }
    // What only one of the two lists has decides.
    const ofLearners = onlyIn(LEARNER_COLUMNS, CONTACT_COLUMNS, learners);
    const ofContacts = onlyIn(CONTACT_COLUMNS, LEARNER_COLUMNS, contacts);
    if (ofLearners.length > 0 && ofContacts.length > 0) {
      throw new FeedRefusal(
        `Row ${row.number} has headings of learners (${ofLearners.join(", ")}) and of contacts (${
          ofContacts.join(", ")
        }). Send two lists: one of learners, one of contacts.`,
      );
    }
    return ofContacts.length > 0
      ? { kind: "Contacts sheet", row: row.number, at: single(row, contacts, CONTACT_COLUMNS) }
      : { kind: "Learners sheet", row: row.number, at: checkedLearners(row, learners) };
  }
  throw new FeedRefusal(
    "Looked in the first 20 rows for one with the headings First name and Surname, and found none. " +
      "Help lists the headings of both lists.",
  );
}

/** The label of a column, as errors name it. */
export function sheetLabel<Key extends string>(
  columns: readonly SheetColumn<Key>[],
  key: Key,
): string {
  return columns.find((column) => column.key === key)?.label ?? key;
}

type Found<Key> = ReadonlyMap<Key, readonly number[]>;

function placesIn<Key extends string>(
  row: Row,
  columns: readonly SheetColumn<Key>[],
): Found<Key> {
  const keys = new Map(
    columns.flatMap((column) =>
      [column.label, ...column.aliases].map((name) => [headingKey(name), column.key] as const)
    ),
  );
  const found = new Map<Key, number[]>();
  row.cells.forEach((cell, place) => {
    const key = cell && keys.get(headingKey(cell.text));
    if (key !== undefined) found.set(key, [...found.get(key) ?? [], place]);
  });
  return found;
}

function onlyIn<Key extends string>(
  columns: readonly SheetColumn<Key>[],
  others: readonly SheetColumn[],
  found: Found<Key>,
): string[] {
  const shared = new Set(
    others.flatMap((column) => [column.label, ...column.aliases].map(headingKey)),
  );
  return columns.filter((column) =>
    found.has(column.key) &&
    ![column.label, ...column.aliases].some((name) => shared.has(headingKey(name)))
  ).map((column) => column.label);
}

function checkedLearners(row: Row, found: Found<LearnerColumn>): Places<LearnerColumn> {
  if (!found.has("admissionNumber") && !found.has("upn")) {
    throw new FeedRefusal(
      `Row ${row.number} has no heading Admission number and none UPN: without one of them nobody knows who is meant. Add it and send the list again.`,
    );
  }
  return single(row, found, LEARNER_COLUMNS);
}

/** One place for each column. @throws {FeedRefusal} for a column that is missing or stands there twice */
function single<Key extends string>(
  row: Row,
  found: Found<Key>,
  columns: readonly SheetColumn<Key>[],
): Places<Key> {
  const missing = columns.filter((column) => column.required && !found.has(column.key));
  if (missing.length > 0) {
    throw new FeedRefusal(
      `Row ${row.number} has no heading ${
        missing.map(({ label }) => label).join(" and none ")
      }. Name that column so and send the list again.`,
    );
  }
  for (const [key, places] of found) {
    if (places.length < 2) continue;
    const named = places.map((place) =>
      `${columnLetters(place)} (${storableText(row.cells[place]?.text ?? "", 40)})`
    );
    throw new FeedRefusal(
      `${sheetLabel(columns, key)} stands in columns ${
        new Intl.ListFormat("en-GB").format(named)
      }. Keep one.`,
    );
  }
  return new Map([...found].map(([key, places]) => [key, places[0] ?? 0]));
}
