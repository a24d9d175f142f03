// The two workbooks of an import: the template to fill in, and the office's own rows with what became of each.

import {
  ADDED_COLUMNS,
  describeColumns,
  type Header,
  IMPORT_COLUMNS,
  misspeltColumn,
  SHEET_NAME,
} from "../db/import_columns.ts";
import type { RowClass } from "../db/import_plan.ts";
import { problemLine } from "../db/import_rows.ts";
import type { ImportRow } from "../db/excel_imports.ts";
import { headingKey } from "../lib/excel/headings.ts";
import type { Cell, Table } from "../lib/excel/read.ts";
import {
  type Cell as WrittenCell,
  type Look,
  SheetNames,
  workbookBytes,
} from "../lib/excel/write.ts";

const WIDTHS: Readonly<Record<string, number>> = {
  firstName: 18,
  surname: 22,
  email: 32,
  username: 26,
  password: 24,
  learners: 24,
  tfa: 14,
};
/** A second made-up parent below the example of each column. */
const SECOND_EXAMPLE: readonly string[] = [
  "Alex",
  "Madeup",
  "alex.madeup@example.org",
  "",
  "",
  "000125",
  "",
];

/**
 * The template: the headings, two made-up parents, and a sheet with the rules.
 * @param shortestPassword what the school has set, in characters
 */
export async function templateWorkbook(
  shortestPassword: number,
): Promise<Uint8Array<ArrayBuffer>> {
  return await columnsWorkbook({
    sheet: SHEET_NAME,
    columns: describeColumns(shortestPassword),
    rows: [IMPORT_COLUMNS.map((column) => column.example), SECOND_EXAMPLE],
    note: `The parents on the sheet ${SHEET_NAME} are made up: replace them with your own rows.`,
  });
}

/** A column of a list that somebody fills in. */
export type TemplateColumn = {
  readonly key: string;
  readonly label: string;
  readonly required: boolean;
  readonly aliases: readonly string[];
  readonly rule: string;
  readonly example: string;
};

/** A workbook to fill in: the headings with made-up rows, and a sheet with the rules. */
export async function columnsWorkbook(
  template: {
    readonly sheet: string;
    readonly columns: readonly TemplateColumn[];
    readonly rows: readonly (readonly string[])[];
    readonly note: string;
  },
): Promise<Uint8Array<ArrayBuffer>> {
  return await workbookBytes(async (book) => {
    const sheet = await book.addSheet({
      name: template.sheet,
      freezeRows: 1,
      columns: template.columns.map((column) => ({
        header: column.label,
        width: WIDTHS[column.key] ?? 20,
        kind: "text",
        note: column.rule.slice(0, 255),
      })),
    });
    for (const row of template.rows) await sheet.addRow(row, { look: "muted" });
    await sheet.close();
    const help = await book.addSheet({
      name: "Help",
      freezeRows: 1,
      columns: [
        { header: "Column", width: 16, look: "wrap" },
        { header: "Required", width: 12, look: "wrap" },
        { header: "What may stand in it", width: 70, look: "wrap" },
        { header: "Also read as", width: 50, look: "wrap" },
        { header: "Example", width: 28, look: "wrap" },
      ],
    });
    for (const column of template.columns) {
      const aliases = column.aliases.join(", ");
      const required = column.required ? "yes" : "no";
      await help.addRow([column.label, required, column.rule, aliases, column.example]);
    }
    await help.addRow([]);
    await help.addRow([template.note]);
    await help.close();
  }, { title: template.sheet, activeSheet: template.sheet });
}

/** The name of the workbook with the results of a file. */
export function resultName(fileName: string): string {
  return `${fileName.replace(/\.[^.]*$/, "").slice(0, 200)} - result.xlsx`;
}

/**
 * The same rows at the same row numbers, with Result and Reason after the last column and without passwords.
 * @param options.isStopped the import was cancelled: what is still planned will not be
 */
export async function resultWorkbook(
  table: Table,
  header: Header,
  rows: readonly ImportRow[],
  options: { readonly isStopped?: boolean } = {},
): Promise<Uint8Array<ArrayBuffer>> {
  const byNumber = new Map(rows.map((row) => [row.position, row]));
  const headings = table.rows.find((row) => row.number === header.row)?.cells ?? [];
  const secret = secretColumns(headings);
  const place = placeOfResult(table, headings);
  const learners = header.at.get("learners");
  return await workbookBytes(async (book) => {
    const sheet = await book.addSheet({
      name: new SheetNames().take(table.sheet),
      freezeRows: header.row,
      columns: Array.from({ length: place + 2 }, (_, column) => columnOf(column, place)),
    });
    for (const row of table.rows) {
      const isBelow = row.number > header.row;
      const shown = row.cells;
      const cells: WrittenCell[] = Array.from({ length: place }, (_, column) => {
        const cell = shown[column];
        if (cell === undefined || (isBelow && secret.has(column))) return null;
        return column === learners ? learnerText(cell) : cell.text;
      });
      const planned = byNumber.get(row.number);
      if (row.number === header.row) cells.push(...ADDED_COLUMNS);
      else if (planned) cells.push(...resultCells(planned, options.isStopped === true));
      const look = row.number === header.row ? { look: "header" as const } : {};
      await sheet.addRow(cells, { rowNumber: row.number, ...look });
    }
    await sheet.close();
  });
}

/** What has become of a row, or will, in a word or two. */
function resultOf(row: Pick<ImportRow, "class" | "state">): string {
  if (row.state === "failed") return "Failed";
  return (row.state === "planned" ? AHEAD : BEHIND)[row.class];
}

/** All that there is to say about a row, a line each. */
function reasonOf(row: Pick<ImportRow, "class" | "plan" | "problems">): string {
  const { plan } = row;
  const values: Readonly<Record<string, string | undefined>> = plan.set;
  const changes = [
    ...IMPORT_COLUMNS.flatMap(({ key, label }) =>
      values[key] === undefined ? [] : [`${label} becomes “${values[key]}”.`]
    ),
    ...(plan.tfa ? ["Two factor authentication is required."] : []),
    ...(plan.passwordRow === null ? [] : ["A new temporary password."]),
  ];
  return [
    ...(row.class === "create" ? [`Username ${plan.username}.`] : []),
    ...(row.class === "update" || row.class === "restore" ? changes : []),
    ...(plan.follows === null ? [] : [`The same adult as row ${plan.follows}.`]),
    ...row.problems.map(problemLine),
  ].join("\n");
}

const AHEAD: Readonly<Record<RowClass, string>> = {
  create: "To be added",
  update: "To be changed",
  link: "To be linked",
  unchanged: "Unchanged",
  restore: "To be restored",
  blocked: "Blocked",
  error: "Error",
};
const BEHIND: Readonly<Record<RowClass, string>> = {
  create: "Added",
  update: "Changed",
  link: "Linked",
  unchanged: "Unchanged",
  restore: "Restored",
  blocked: "Blocked",
  error: "Error",
};

function resultCells(row: ImportRow, isStopped: boolean): WrittenCell[] {
  if (isStopped && row.state === "planned") return ["Not imported", null];
  const look = lookOf(row);
  return [{ value: resultOf(row), look }, { value: reasonOf(row), look: "wrap" }];
}

function lookOf(row: ImportRow): Look {
  if (row.state === "failed" || row.class === "error") return "error";
  if (row.class === "blocked") return "warning";
  return row.class === "unchanged" ? "muted" : "good";
}

/** After the last column in use; in the place of those that an earlier import has added. */
function placeOfResult(table: Table, headings: readonly (Cell | undefined)[]): number {
  let last = 0;
  for (const row of table.rows) last = Math.max(last, row.cells.length);
  const isAgain = last >= 2 && headings.length === last &&
    ADDED_COLUMNS.every((name, place) => headings[last - 2 + place]?.text === name);
  return isAgain ? last - 2 : last;
}

/** The column of passwords, and any other that says of itself that it holds some, or was to. */
function secretColumns(headings: readonly (Cell | undefined)[]): Set<number> {
  const places = headings.map((cell, place) => {
    const heading = cell?.text ?? "";
    const saysSo = /password|passwd|pwd|passcode|passphrase/.test(headingKey(heading)) ||
      misspeltColumn(heading)?.key === "password";
    return saysSo ? place : -1;
  });
  return new Set(places.filter((place) => place >= 0));
}

/** A number that is shown with a comma would be two learners when the workbook is read again. */
function learnerText(cell: Cell): string {
  return cell.kind === "number" && /[;,]/.test(cell.text) ? cell.plain ?? cell.text : cell.text;
}

function columnOf(column: number, place: number): { width: number; kind: "text" } {
  return { width: column === place + 1 ? 70 : column === place ? 16 : 22, kind: "text" };
}
