// Reads the cells of one worksheet as Excel shows them.

import { numberFormat, plainNumber } from "./formats.ts";
import { readIsoDate } from "./iso_dates.ts";
import { RowCollector, type TakeRows } from "./limits.ts";
import { openRoot } from "./package.ts";
import { broken, type Refusal } from "./refusal.ts";
import { decodeEscapes, readStringItem } from "./strings.ts";
import type { Styles } from "./styles.ts";
import type { Cell, Row } from "./table.ts";
import type { XmlReader } from "./xml.ts";

/** Last row and column of a worksheet (Excel, specifications and limits). */
const LAST_ROW = 1_048_576;
const LAST_COLUMN = 16_384;

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[Ee][+-]?\d+)?$/;

/** What cells refer to. */
export type Book = {
  readonly styles: Styles;
  /** Undefined if the workbook has no shared strings. */
  readonly strings: readonly string[] | undefined;
  readonly date1904: boolean;
};

type Place = {
  /** From 0, for A. */
  readonly column: number;
  /** From 1; 0 if the reference names none. */
  readonly row: number;
};

/** Where a cell is; a reference to another row than the one that it is in matters only if it holds something. */
type CellPlace = Place & { readonly isElsewhere: boolean };

/**
 * The place that a cell reference such as B7 names.
 * @throws Refusal of kind broken if there is no such column
 */
function placeOf(reference: string): Place {
  let column = 0;
  let at = 0;
  for (; at < reference.length && column <= LAST_COLUMN; at++) {
    const letter = (reference.charCodeAt(at) | 32) - 96;
    if (letter < 1 || letter > 26) break;
    column = column * 26 + letter;
  }
  const row = at < reference.length ? Number(reference.slice(at)) : 0;
  if (column < 1 || column > LAST_COLUMN || Number.isNaN(row)) throw noSuchPlace(reference);
  return { column: column - 1, row };
}

function noSuchPlace(reference: string): Refusal {
  return broken(`a cell names the place ${reference.slice(0, 20)}, which no sheet has`);
}

function placeName({ column, row }: Place): string {
  let name = "";
  for (let rest = column + 1; rest > 0; rest = Math.floor((rest - 1) / 26)) {
    name = String.fromCharCode(65 + (rest - 1) % 26) + name;
  }
  return name + String(row);
}

/**
 * Reads all rows of a worksheet (ECMA-376 part 1, 18.3.1.73 and 18.3.1.4). Rows and cells without
 * a reference, and cells whose reference is a number alone, follow the one before; merges, filters
 * and the declared dimension do not matter.
 * @param take gets rows while others are read; these are not among those returned
 * @throws Refusal of kind broken, tooManyRows or tooLarge
 */
export function readSheet(reader: XmlReader, book: Book, take?: TakeRows): Row[] {
  const collector = new RowCollector(take);
  openRoot(reader, "worksheet");
  const { namespace } = reader;
  let hasData = false;
  for (let event = reader.next(); event !== "end"; event = reader.next()) {
    if (event !== "open") continue;
    if (reader.name === "sheetData" && reader.namespace === namespace) {
      hasData = true;
      readRows(reader, book, collector);
    } else {
      reader.passOver();
    }
  }
  if (!hasData) throw broken("its sheet has no cells part");
  return collector.rows();
}

/** A row to which cells may still be added. */
type OpenRow = { readonly number: number; readonly cells: (Cell | undefined)[] };

function readRows(reader: XmlReader, book: Book, collector: RowCollector): void {
  const outside = reader.depth - 1;
  const { namespace } = reader;
  const seen = new Set<number>();
  let row: OpenRow = { number: 0, cells: [] };
  function endRow(): void {
    const { number, cells } = row;
    if (cells.length === 0) return;
    if (seen.has(number)) throw broken(`it has two rows with the number ${number}`);
    seen.add(number);
    collector.add(number, cells);
  }
  for (;;) {
    const event = reader.next();
    if (event === "close" && reader.depth === outside) return endRow();
    if (event !== "open") continue;
    if (reader.name !== "row" || reader.namespace !== namespace) {
      reader.passOver();
      continue;
    }
    const next = readRow(reader, book, row);
    if (next === row) continue;
    endRow();
    row = next;
  }
}

function checkedRowNumber(declared: string | number): number {
  const number = Number(declared);
  if (!Number.isInteger(number) || number < 1 || number > LAST_ROW) {
    throw broken(`a row has the number ${String(declared).slice(0, 20)}, which no sheet has`);
  }
  return number;
}

/**
 * The row that was just opened, with its cells up to the last one that holds something. Some
 * writers give each cell a row of its own: rows of one number that follow one another are one, as
 * in Excel.
 * @param before the row before, which is returned if it goes on; what neither it nor its first
 * cell numbers is the next one
 */
function readRow(reader: XmlReader, book: Book, before: OpenRow): OpenRow {
  const outside = reader.depth - 1;
  const { namespace } = reader;
  const declared = reader.attribute("r") ?? "";
  let row = declared === "" ? undefined : rowAt(checkedRowNumber(declared), before);
  let place: CellPlace = { column: -1, row: row?.number ?? 0, isElsewhere: false };
  for (;;) {
    const event = reader.next();
    if (event === "close" && reader.depth === outside) break;
    if (event !== "open") continue;
    if (reader.name === "c" && reader.namespace === namespace) {
      place = nextPlace(place, reader.attribute("r") ?? "", before.number + 1);
      row ??= rowAt(place.row, before);
      putCell(row.cells, readCell(reader, book, place), place);
    } else {
      reader.passOver();
    }
  }
  return row ?? rowAt(checkedRowNumber(before.number + 1), before);
}

function rowAt(number: number, before: OpenRow): OpenRow {
  return number === before.number ? before : { number, cells: [] };
}

/** The place of a cell after the one before it, whose row is 0 as long as it is unknown. */
function nextPlace(before: Place, reference: string, nextRow: number): CellPlace {
  // Digits alone are no place: a writer that counts columns so means the next one.
  const named = /^\d*$/.test(reference)
    ? { column: before.column + 1, row: 0 }
    : placeOf(reference);
  const row = before.row === 0
    ? checkedRowNumber(named.row === 0 ? nextRow : named.row)
    : before.row;
  if (named.column >= LAST_COLUMN) {
    throw broken(`row ${row} has more cells than a sheet has columns`);
  }
  return { column: named.column, row, isElsewhere: named.row !== 0 && named.row !== row };
}

function putCell(cells: (Cell | undefined)[], cell: Cell | undefined, place: CellPlace): void {
  if (cell === undefined) return;
  if (place.isElsewhere) throw broken(`a cell of row ${place.row} is named as one of another row`);
  if (cells[place.column] !== undefined) {
    throw broken(`it has two cells in the place ${placeName(place)}`);
  }
  while (cells.length < place.column) cells.push(undefined);
  cells[place.column] = cell;
}

/** The cell that was just opened, undefined if it is blank. */
function readCell(reader: XmlReader, book: Book, place: Place): Cell | undefined {
  const type = reader.attribute("t") ?? "n";
  const style = Number(reader.attribute("s") ?? 0);
  const outside = reader.depth - 1;
  const { namespace } = reader;
  let value: string | undefined;
  let inline: string | undefined;
  for (;;) {
    const event = reader.next();
    if (event === "close" && reader.depth === outside) break;
    if (event !== "open") continue;
    if (reader.namespace !== namespace) reader.passOver();
    else if (reader.name === "v") value = reader.readText();
    else if (reader.name === "is") inline = readStringItem(reader);
    else reader.passOver();
  }
  // Some writers put the text of an inline string where other types have their value.
  if (type === "inlineStr") return textCell(inline ?? decodeEscapes(value ?? ""), style, book);
  if (value === undefined || (type === "str" ? value === "" : value.trim() === "")) {
    return undefined;
  }
  return typedCell(type, value, style, book, place);
}

/** A cell by its type (ECMA-376 part 1, 18.18.11). */
function typedCell(
  type: string,
  value: string,
  style: number,
  book: Book,
  place: Place,
): Cell | undefined {
  switch (type) {
    case "s":
      return textCell(sharedString(value, book, place), style, book);
    case "str":
      return textCell(decodeEscapes(value), style, book);
    case "b":
      return booleanCell(value.trim());
    case "e":
      return { text: value.trim(), kind: "error" };
    case "d":
      return dateCell(value.trim(), style, book);
    default:
      return numberCell(value, style, book);
  }
}

function sharedString(value: string, book: Book, place: Place): string {
  const text = book.strings?.[Number(value)];
  if (text === undefined) {
    throw broken(`the cell ${placeName(place)} refers to a text which the workbook does not hold`);
  }
  return text;
}

function textCell(text: string, style: number, book: Book): Cell | undefined {
  if (text === "") return undefined;
  const shown = book.styles.format(style).showText(text);
  return shown === text ? { text, kind: "text" } : { text: shown, kind: "text", plain: text };
}

function booleanCell(value: string): Cell {
  // Excel takes any number but 0 for true, and some writers have -1.
  const isTrue = /^true$/i.test(value) || (NUMBER.test(value) && Number(value) !== 0);
  return { text: isTrue ? "TRUE" : "FALSE", kind: "boolean" };
}

function numberCell(value: string, style: number, book: Book): Cell {
  const trimmed = value.trim();
  // Not a number although the cell says so: the characters are kept rather than lost.
  const number = NUMBER.test(trimmed) ? Number(trimmed) : Number.NaN;
  if (!Number.isFinite(number)) return { text: trimmed, kind: "text" };
  return shownNumber(number, style, book);
}

function shownNumber(value: number, style: number, book: Book): Cell {
  const format = book.styles.format(style);
  const text = format.showNumber(value);
  if (format.isDate) return { text, kind: "date", ...dayOf(value, text, book) };
  const plain = plainNumber(value);
  return plain === text ? { text, kind: "number" } : { text, kind: "number", plain };
}

/** A day however it is shown; a time of day alone is none. */
function dayOf(value: number, shown: string, book: Book): { plain?: string } {
  if (value < 1) return {};
  const plain = numberFormat("yyyy-mm-dd", book.date1904).showNumber(value);
  return plain === shown ? {} : { plain };
}

/** A date is kept as a serial number: under a format without dates it shows as that number. */
function dateCell(value: string, style: number, book: Book): Cell {
  const serial = readIsoDate(value, book.date1904);
  if (serial === undefined) return { text: value, kind: "text" };
  const format = book.styles.format(style);
  const text = format.showNumber(serial);
  return format.isDate ? { text, kind: "date" } : { text, kind: "date", plain: value };
}
