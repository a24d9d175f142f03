// Reads the rows of an import out of their cells: what each says, and what in a cell cannot be right whatever the database holds.

import { storableText } from "../lib/excel/headings.ts";
import type { Cell, Row } from "../lib/excel/read.ts";
import { meantCell } from "../lib/excel/table.ts";
import { type ColumnKey, type Header, labelOf } from "./import_columns.ts";
import { cleanLogon, foldSpaces } from "./logons.ts";

/** What is wrong with a row or worth knowing about it: the column, what stands there, and what was expected. */
export type RowProblem = {
  /** A label of the column list; empty if it is about the row as a whole. */
  readonly column: string;
  /** What stands in the cell; empty for a password. */
  readonly value: string;
  readonly sentence: string;
  /** A warning leaves the row in. */
  readonly weight: "error" | "blocked" | "warning";
};

/** The cells of a row as they were shown, without the password: what the task keeps of it. */
export type RowInput = Readonly<Partial<Record<Exclude<ColumnKey, "password">, string>>>;

/** A row as its cells say it. */
export type ReadRow = {
  /** As Excel numbers it. */
  readonly position: number;
  readonly firstName: string;
  readonly surname: string;
  readonly email: string;
  readonly username: string;
  readonly password: string;
  /** For each learner named: the texts by which to look for it, in order. */
  readonly learners: readonly (readonly string[])[];
  readonly tfa: boolean;
  readonly input: RowInput;
  readonly problems: readonly RowProblem[];
};

/** Characters of a cell that are kept for showing. */
const LONGEST_SHOWN = 300;

/** Reads one row below the headings. */
export function readRow(row: Row, header: Header): ReadRow {
  const shown = row.cells;
  const cells = new Map<ColumnKey, Cell>();
  for (const [key, place] of header.at) {
    const cell = meantCell(shown[place]);
    if (cell !== undefined && cell.text.trim() !== "") cells.set(key, cell);
  }
  const clean = cleanLogon({
    firstName: cells.get("firstName")?.text ?? "",
    surname: cells.get("surname")?.text ?? "",
    email: cells.get("email")?.text ?? "",
    username: typedUsername(cells.get("username")),
    password: "",
  });
  const tfa = readYesNo(cells.get("tfa"));
  return {
    position: row.number,
    firstName: clean.firstName,
    surname: clean.surname,
    email: clean.email ?? "",
    username: cells.has("username") ? clean.username : "",
    password: cells.get("password")?.text ?? "",
    learners: splitLearners(cells.get("learners")),
    tfa: tfa === true,
    input: inputOf(cells),
    problems: problemsOf(cells, tfa),
  };
}

function problemsOf(
  cells: ReadonlyMap<ColumnKey, Cell>,
  tfa: boolean | undefined,
): readonly RowProblem[] {
  const problems: RowProblem[] = [];
  for (const [key, cell] of cells) {
    const found = cellProblem(key, cell);
    if (found !== undefined) problems.push(found);
  }
  if (tfa === undefined) {
    problems.push(problem("tfa", cells.get("tfa")?.text ?? "", "Enter yes or no."));
  }
  return problems;
}

/** Reads the password of a row and nothing else. */
export function readPassword(row: Row, header: Header): string {
  const place = header.at.get("password");
  const text = place === undefined ? "" : meantCell(row.cells[place])?.text ?? "";
  return text.trim() === "" ? "" : text;
}

/** An error of a cell, with its value made fit to be kept. */
export function problem(
  key: ColumnKey,
  value: string,
  sentence: string,
  weight: RowProblem["weight"] = "error",
): RowProblem {
  return {
    column: labelOf(key),
    value: key === "password" ? "" : storableText(value, 100),
    sentence,
    weight,
  };
}

/** A problem in one line, as the workbook with the results and the list of rows show it. */
export function problemLine(of: RowProblem): string {
  if (of.column === "") return of.sentence;
  return of.value === ""
    ? `${of.column}: ${of.sentence}`
    : `${of.column} “${of.value}”: ${of.sentence}`;
}

/** A long number shown as 1.23457E+11 is none that somebody typed. */
function typedUsername(cell: Cell | undefined): string {
  if (cell === undefined) return "";
  return cell.plain !== undefined && /^[\d.]+E[+-]\d+$/i.test(cell.text) ? cell.plain : cell.text;
}

/** A number is one learner, however it is shown: 4,512 is not two. */
function splitLearners(cell: Cell | undefined): string[][] {
  if (cell === undefined) return [];
  if (cell.kind === "number") {
    return [[...new Set([cell.text.trim(), cell.plain ?? cell.text.trim()])]];
  }
  const values = (cell.text.match(/[^;,\r\n]+/g) ?? []).map(foldSpaces);
  return distinct(values.filter((value) => value !== "")).map((value) => [value]);
}

/** Each value once. Of a family's few, comparing them all is quicker than a set, which hashes each. */
function distinct(values: readonly string[]): readonly string[] {
  if (values.length < 2) return values;
  return values.length > 9
    ? [...new Set(values)]
    : values.filter((value, at) => values.indexOf(value) === at);
}

/** True for yes, false for no or nothing, undefined for what is neither. */
function readYesNo(cell: Cell | undefined): boolean | undefined {
  if (cell === undefined) return false;
  const words = [cell.text, cell.plain ?? ""].map((text) => text.trim().toLowerCase());
  if (words.some((word) => ["yes", "y", "true", "1"].includes(word))) return true;
  return words.some((word) => ["no", "n", "false", "0"].includes(word)) ? false : undefined;
}

function inputOf(cells: ReadonlyMap<ColumnKey, Cell>): RowInput {
  const input: { -readonly [K in keyof RowInput]: RowInput[K] } = {};
  for (const [key, cell] of cells) {
    if (key !== "password") input[key] = storableText(cell.text, LONGEST_SHOWN);
  }
  return input;
}

/** Also by its text: a CSV file, and a workbook with results, hold an error or a date as text. */
function cellProblem(key: ColumnKey, cell: Cell): RowProblem | undefined {
  const text = cell.text.trim();
  if (
    cell.kind === "error" ||
    /^#(N\/A|REF!|VALUE!|NAME\?|DIV\/0!|NUM!|NULL!|SPILL!|CALC!|FIELD!|BLOCKED!|CONNECT!)$/.test(
      text,
    )
  ) {
    return problem(key, text, "A formula has gone wrong here. Type the value itself.");
  }
  const isName = key === "firstName" || key === "surname";
  if (cell.kind === "date" || (isName && /^\d{1,4}([-/.])\d{1,2}\1\d{1,4}$/.test(text))) {
    return problem(
      key,
      text,
      "Excel has made a date of this. Give the column the format Text and type it again.",
    );
  }
  if (key === "password" && cell.plain !== undefined) {
    return problem(
      key,
      "",
      "Excel shows this number in another way than it was typed. Give the column the format Text and type it again.",
    );
  }
  return undefined;
}
