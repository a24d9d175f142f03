// The columns that an import reads: Help, the template, finding the headings and the wording of errors all come from this list.

import { columnLetters, headingKey, isMisspelt, storableText } from "../lib/excel/headings.ts";
import type { Row, Table } from "../lib/excel/read.ts";
import { meantCell } from "../lib/excel/table.ts";

export type ColumnKey =
  | "firstName"
  | "surname"
  | "email"
  | "username"
  | "password"
  | "learners"
  | "tfa";

export type ImportColumn = {
  readonly key: ColumnKey;
  /** The heading as Help and the template show it, and as errors name it. */
  readonly label: string;
  readonly required: boolean;
  /** Other headings that mean the same; case, spaces, underscores and hyphens do not matter. */
  readonly aliases: readonly string[];
  /** What may stand in it, in a sentence. */
  readonly rule: string;
  readonly example: string;
};

/** In the order of Help and the template. */
export const IMPORT_COLUMNS: readonly ImportColumn[] = [
  {
    key: "firstName",
    label: "First name",
    required: true,
    aliases: ["firstname", "forename", "given name", "contact forename", "parent forename"],
    rule: "The parent’s first name, at most 100 characters.",
    example: "Robin",
  },
  {
    key: "surname",
    label: "Surname",
    required: true,
    aliases: ["lastname", "last name", "family name", "contact surname", "parent surname"],
    rule: "The parent’s surname, at most 100 characters.",
    example: "Sample-Jones",
  },
  {
    key: "email",
    label: "Email",
    required: false,
    aliases: ["email address", "e-mail", "primary email", "home email"],
    rule: "One email address. Two parents may share one.",
    example: "robin.sample@example.org",
  },
  {
    key: "username",
    label: "Username",
    required: false,
    aliases: ["user name", "logon", "login", "logon id"],
    rule: "Different for everybody, whatever the case. Left empty, a parent who has no logon yet " +
      "gets the email; where that is taken or shared, first name and surname as in robin.sample.",
    example: "robin.sample",
  },
  {
    key: "password",
    label: "Password",
    required: false,
    aliases: ["temporary password", "temp password"],
    rule: passwordRule(12),
    example: "",
  },
  {
    key: "learners",
    label: "Learners",
    required: false,
    aliases: [
      "learner",
      "learner id",
      "admission number",
      "adno",
      "student id",
      "pupil id",
      "UPN",
    ],
    rule: "Admission numbers or UPNs, with a semicolon, a comma or a line break between two; or " +
      "one row for each. An import adds links and never takes one away.",
    example: "000123; 000124",
  },
  {
    key: "tfa",
    label: "Enable TFA",
    required: false,
    aliases: ["TFA", "2FA"],
    rule: "Yes to require two factor authentication. No or empty leaves it as it is.",
    example: "yes",
  },
];

/** The columns as Help and the template describe them. @param shortestPassword what the school has set, in characters */
export function describeColumns(shortestPassword: number): readonly ImportColumn[] {
  return IMPORT_COLUMNS.map((column) =>
    column.key === "password" ? { ...column, rule: passwordRule(shortestPassword) } : column
  );
}

function passwordRule(shortest: number): string {
  return `At least ${shortest} characters, without names. The parent must change it at the first ` +
    "sign-in, and it is never shown again. Left empty, the password stays as it is.";
}

/** The sheet that is read if there is one of this name, else the first visible one. */
export const SHEET_NAME = "Parent Logons";
/** Rows of an import at most. */
export const MOST_ROWS = 20_000;
/** The headings stand within so many rows. */
const HEADER_ROWS = 20;

/** Headings of the columns that the workbook with the results has besides. */
export const ADDED_COLUMNS: readonly string[] = ["Result", "Reason"];

/** Where the headings stand. */
export type Header = {
  /** The row's number, as Excel counts. */
  readonly row: number;
  /** Each column found, counted from 0. */
  readonly at: ReadonlyMap<ColumnKey, number>;
  /** Headings that the import does not know and leaves alone. */
  readonly ignored: readonly string[];
};

export type HeaderOutcome =
  | { readonly header: Header; readonly rows: readonly Row[] }
  | { readonly refused: string };

const KEYS: ReadonlyMap<string, ImportColumn> = new Map(
  IMPORT_COLUMNS.flatMap((column) =>
    [column.label, ...column.aliases].map((name) => [headingKey(name), column] as const)
  ),
);

/** The label of a column, as errors name it. */
export function labelOf(key: ColumnKey): string {
  return IMPORT_COLUMNS.find((column) => column.key === key)?.label ?? key;
}

/** The column that a heading seems to mean and is not spelt as; undefined if it is spelt right, or means none. */
export function misspeltColumn(heading: string): ImportColumn | undefined {
  const key = headingKey(heading);
  if (KEYS.has(key)) return undefined;
  return [...KEYS].find(([known]) => isMisspelt(key, known))?.[1];
}

/** Finds the headings and the rows below them, or says in a sentence why there are none. */
export function findHeader(table: Pick<Table, "rows">): HeaderOutcome {
  const first = table.rows.filter((row) => row.number <= HEADER_ROWS);
  const row = first.find((candidate) => missingIn(candidate).length === 0);
  if (row === undefined) return { refused: noHeaderSentence(first) };
  const found = columnsIn(row);
  const twice = [...found].find(([, places]) => places.length > 1);
  if (twice !== undefined) return { refused: twiceSentence(row, twice[0], twice[1]) };
  const at = new Map([...found].map(([key, places]) => [key, places[0] ?? 0]));
  const known = new Set(at.values());
  const ignored = row.cells.flatMap((cell, place) => {
    const heading = storableText(cell?.text ?? "", 40);
    return heading === "" || known.has(place) || ADDED_COLUMNS.includes(heading) ? [] : [heading];
  });
  const header = { row: row.number, at, ignored };
  const rows = rowsBelow(table.rows, header);
  if (rows.length === 0) {
    return {
      refused: `There are no rows below the headings in row ${row.number}. ` +
        "Add a row for each parent and choose the file again.",
    };
  }
  if (rows.length > MOST_ROWS) {
    return {
      refused: "This file has more than 20,000 rows. Divide the list into several files of at " +
        "most 20,000 rows each.",
    };
  }
  return { header, rows };
}

/** Those of some rows that stand below the headings and hold something in their columns. */
export function rowsBelow(rows: readonly Row[], header: Header): Row[] {
  const places = [...header.at.values()];
  return rows.filter(({ number, cells }) =>
    number > header.row && places.some((place) => meantCell(cells[place])?.text.trim())
  );
}

function columnsIn(row: Row): Map<ColumnKey, number[]> {
  const found = new Map<ColumnKey, number[]>();
  row.cells.forEach((cell, place) => {
    const column = cell && KEYS.get(headingKey(cell.text));
    if (column) found.set(column.key, [...found.get(column.key) ?? [], place]);
  });
  return found;
}

function missingIn(row: Row): ImportColumn[] {
  const found = columnsIn(row);
  return IMPORT_COLUMNS.filter((column) => column.required && !found.has(column.key));
}

/** Quotes a row only if it holds a known heading: the first row of a list without headings may hold a password. */
function noHeaderSentence(rows: readonly Row[]): string {
  const wanted = "Looked in the first 20 rows for one with the headings First name and Surname";
  const nearest = rows.find((row) => columnsIn(row).size > 0);
  if (nearest === undefined) {
    return `${wanted}, and found none of the headings that Help lists. ` +
      "Put them above the list and choose the file again.";
  }
  const missing = missingIn(nearest).map((column) => column.label).join(" and ");
  const headings = nearest.cells.map((cell) => storableText(cell?.text ?? "", 40))
    .filter((heading) => heading !== "").map((heading) => `“${heading}”`);
  const shown = headings.slice(0, 12).join(", ") + (headings.length > 12 ? " and more" : "");
  return `${wanted}. Row ${nearest.number} has ${shown}, but no ${missing}. ` +
    "Name that column so and choose the file again.";
}

function twiceSentence(row: Row, key: ColumnKey, places: readonly number[]): string {
  const label = labelOf(key);
  const { cells } = row;
  const named = places.map((place) => {
    const heading = storableText(cells[place]?.text ?? "", 40);
    const letters = columnLetters(place);
    return headingKey(heading) === headingKey(label) ? letters : `${letters} (${heading})`;
  });
  const list = new Intl.ListFormat("en-GB").format(named);
  return `${label} stands in columns ${list}. Keep one.`;
}
