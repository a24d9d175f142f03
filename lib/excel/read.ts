// Reads the table in an .xlsx or .csv file, or says in a sentence why it cannot.

import { readCsv } from "./csv.ts";
import type { TakeRows } from "./limits.ts";
import { compoundNames, isBareWorkbook, isCompoundFile } from "./ole.ts";
import { Refusal, refusal, type Refused, tooLarge } from "./refusal.ts";
import type { Table } from "./table.ts";
import { readWorkbook } from "./workbook.ts";

export type { RefusalKind, Refused } from "./refusal.ts";
export type { Cell, Row, Sheet, Table } from "./table.ts";

/** Largest file that is read, in bytes. */
export const MAX_FILE_BYTES = 10 * 1024 * 1024;

/** What came of reading a file. */
export type ReadOutcome = { readonly table: Table } | { readonly refused: Refused };

/** How a file is read. */
export type ReadOptions = {
  /** Name of the sheet to read, ignoring case, if it is a visible worksheet. */
  readonly preferredSheet?: string;
  /**
   * Gets rows while others are read, in the order of the file; the table has only those that it did not get. A refusal may
   * still follow.
   */
  readonly take?: TakeRows;
};

/**
 * Reads the first visible worksheet, or the preferred one. What the file is follows from its
 * content; its name decides only between CSV and other text, and that .tsv and .tab have tabs.
 * @returns the table or a refusal; bad content never throws
 */
export function readTable(
  bytes: Uint8Array,
  fileName: string,
  options: ReadOptions = {},
): ReadOutcome {
  try {
    return { table: readAny(bytes, fileName, options) };
  } catch (error) {
    // A RangeError means strings or buffers beyond what the engine can make.
    const cause = error instanceof RangeError ? tooLarge("it needs too much memory") : error;
    if (!(cause instanceof Refusal)) throw error;
    return { refused: { kind: cause.kind, sentence: cause.message } };
  }
}

/** The shown text from A1, "" for blank; rows and cells after the last used ones are left out. */
export function shownRows(table: Table): string[][] {
  const shown: string[][] = [];
  for (const { number, cells } of table.rows) {
    while (shown.length < number - 1) shown.push([]);
    shown.push(cells.map((cell) => cell?.text ?? ""));
  }
  return shown;
}

function readAny(bytes: Uint8Array, fileName: string, options: ReadOptions): Table {
  const [, base = fileName, dotted = ""] = /^(.*?)(\.[^.]*)?$/s.exec(fileName) ?? [];
  const extension = dotted.slice(1).toLowerCase();
  if (bytes.length === 0) throw refusal("empty");
  if (bytes.length > MAX_FILE_BYTES) throw tooLarge("it has more than 10 MB");
  if (isCompoundFile(bytes)) throw compoundRefusal(bytes);
  if (isBareWorkbook(bytes)) throw refusal("xls");
  const isText = ["", "csv", "tab", "tsv", "txt"].includes(extension);
  if (startsWith(bytes, "PK\x03\x04") || startsWith(bytes, "PK\x05\x06")) {
    if (isText && extension !== "") {
      throw notTable(
        `This file is a workbook or an archive, although its name ends in .${extension}. If it ` +
          "is a workbook, give it a name that ends in .xlsx and choose it again.",
      );
    }
    return readWorkbook(bytes, extension, options.preferredSheet, options.take);
  }
  const what = otherContent(bytes);
  if (what !== undefined) throw notTable(`This file is ${what}, not a workbook. ${CHOOSE_OTHER}`);
  if (isText) {
    // In a file of tabs a comma is text, however many lines have one: 1,5 and Smith, Ann.
    const separator = extension === "tsv" || extension === "tab" ? "\t" : undefined;
    return readCsv(bytes, base.slice(base.search(/[^/\\]*$/)), { separator, take: options.take });
  }
  throw notTable(notWorkbookSentence(bytes, fileName, extension));
}

const CHOOSE_OTHER = "Choose an Excel Workbook (.xlsx) or a CSV file (.csv).";

function notTable(sentence: string): Refusal {
  return new Refusal("notWorkbook", sentence);
}

function startsWith(bytes: Uint8Array, characters: string): boolean {
  if (bytes.length < characters.length) return false;
  for (let index = 0; index < characters.length; index++) {
    if (bytes[index] !== characters.charCodeAt(index)) return false;
  }
  return true;
}

function compoundRefusal(bytes: Uint8Array): Refusal {
  const names = compoundNames(bytes);
  if (names.has("EncryptedPackage") || names.has("EncryptionInfo")) return refusal("encrypted");
  if (names.has("Workbook") || names.has("Book")) return refusal("xls");
  if (names.has("WordDocument") || names.has("PowerPoint Document")) {
    return notTable(
      `This file is an old Word or PowerPoint document, not a workbook. ${CHOOSE_OTHER}`,
    );
  }
  return refusal("xls");
}

const OTHER_CONTENT: readonly (readonly [start: string, what: string])[] = [
  ["%PDF-", "a PDF document"],
  ["\x89PNG", "a picture"],
  ["\xff\xd8\xff", "a picture"],
  ["GIF8", "a picture"],
  ["\x1f\x8b", "an archive"],
  ["7z\xbc\xaf", "an archive"],
  ["Rar!", "an archive"],
  ["{\\rtf", "a text document"],
];

/** What the first bytes say the file is, if it can be neither workbook nor CSV. */
function otherContent(bytes: Uint8Array): string | undefined {
  const known = OTHER_CONTENT.find(([start]) => startsWith(bytes, start));
  if (known !== undefined) return known[1];
  const head = new TextDecoder("latin1").decode(bytes.subarray(0, 1_000)).replaceAll("\0", "");
  if (/^[^<]{0,8}<(?:!DOCTYPE\s+html|html|table|head)\b/i.test(head)) return "a web page";
  if (/^[^<]{0,8}<\?xml\b/.test(head)) return "an XML file";
  return undefined;
}

function notWorkbookSentence(bytes: Uint8Array, fileName: string, extension: string): string {
  if (/(?:^|[/\\])~\$/.test(fileName) || (bytes.length === 165 && (bytes[0] ?? 0) < 55)) {
    return "This file is only the mark that Excel leaves while a workbook is open. Choose the " +
      "workbook itself, whose name does not begin with ~$.";
  }
  return `This file is not a workbook, although its name ends in .${extension}. If it is a CSV ` +
    "file, give it a name that ends in .csv; else open it in Excel, choose Save As, and pick " +
    "Excel Workbook (.xlsx).";
}
