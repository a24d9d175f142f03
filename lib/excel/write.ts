/** Writes .xlsx workbooks row by row to a sink, so that memory does not grow with the rows. */
import { Buffer } from "node:buffer";
import { PartWriter } from "./part_writer.ts";
import {
  contentTypes,
  coreProperties,
  DATE,
  DATE_TIME,
  escapeAttribute,
  escapeText,
  GENERAL,
  KIND_FORMATS,
  type ListedSheet,
  type Look,
  MAIN,
  packageRelations,
  QUOTED_TEXT,
  quoteName,
  styleIndex,
  stylesXml,
  TEXT,
  TIME,
  workbookRelations,
  workbookXml,
  XML_HEAD,
} from "./write_xml.ts";
import { type Sink, ZipWriter } from "./zip_writer.ts";

export type { Look } from "./write_xml.ts";

/** A local date, a local date and time, or a time of day, in the ISO calendar. */
export type ExcelTime = Temporal.PlainDate | Temporal.PlainDateTime | Temporal.PlainTime;

/** A date or time as Excel's own number (see `excelSerial`), for who has many: making a Temporal value of each takes long. */
export interface SerialTime {
  serial: number;
  kind: "date" | "dateTime" | "time";
}

/** A value of a cell; `null` and `""` are an empty one. */
export type CellValue = string | number | boolean | null | ExcelTime | SerialTime;

/** A place in the same workbook; `cell` is "A1" unless given. */
export interface SheetLink {
  sheet: string;
  cell?: string;
}

/** A value with a look, or a link, of its own. */
export interface StyledCell {
  value: CellValue;
  look?: Look;
  link?: SheetLink;
}

export type Cell = CellValue | StyledCell;

/** How a cell looks: see `LOOKS`. */
/** What is typed into the empty cells of a column later becomes this. */
export type ColumnKind = "general" | "text" | "date" | "dateTime" | "time";

export interface Column {
  /** Written into row 1, bold, if any column has one. */
  header?: string;
  /** In characters, at most 255; as wide as the header unless given. */
  width?: number;
  /** Of the column's cells that have none of their own or of their row. */
  look?: Look;
  kind?: ColumnKind;
  /** Shown beside a selected cell of the column's first 1,000 rows; at most 255 characters. */
  note?: string;
}

export interface SheetOptions {
  /** A legal name not used yet: see `SheetNames`. */
  name: string;
  columns?: readonly Column[];
  /** So many rows at the top stay in view. */
  freezeRows?: number;
  /** The number of the row with the headings: it gets the filter buttons, over the rows below. */
  filterRow?: number;
  /** The number of the row that is repeated at the top of every printed page. */
  printTitleRow?: number;
  landscape?: boolean;
}

export interface RowOptions {
  /** The row's number, from 1; the one after the last row unless given. Rows between stay empty. */
  rowNumber?: number;
  /** Of the row's cells that have none of their own. */
  look?: Look;
}

export interface WorkbookOptions {
  /** The title in the workbook's properties. */
  title?: string;
  /** The name of the sheet that is in front when the workbook opens; the first unless given. */
  activeSheet?: string;
}

/** Excel's limits: "Excel specifications and limits", support.microsoft.com. */
const MAX_ROWS = 1_048_576;
const MAX_COLUMNS = 16_384;
const MAX_TEXT = 32_767;
const MAX_LINKS = 65_530;
const MAX_NAME = 31;
const MAX_NOTE = 255;
const MAX_WIDTH = 255;
const NOTED_ROWS = 1_000;

/** What a reader may drop or fold unless told not to. */
const NEEDS_SPACE = /^\s|\s$|\s\s|[\t\n]/;
const LIKE_A_FORMULA = /^[=+\-@'\t\r]/;

/**
 * Writes one workbook: `addSheet`, its rows, `close` of the sheet, the next sheet, `close`.
 *
 * Each call has to be awaited before the next, which is what lets a slow sink slow down the rows.
 * Memory holds some 64 KiB of the open sheet, its links, and a short record of each sheet.
 */
export class WorkbookWriter {
  readonly #zip: ZipWriter;
  readonly #part: PartWriter;
  readonly #options: WorkbookOptions;
  readonly #names = new Set<string>();
  readonly #sheets: SheetWriter[] = [];

  constructor(sink: Sink, options: WorkbookOptions = {}) {
    this.#zip = new ZipWriter(sink);
    this.#part = new PartWriter(this.#zip);
    this.#options = options;
  }

  /**
   * Opens the next sheet, and writes the headers of its columns into row 1 if there are any.
   * @throws {Error} if another sheet is open or the name is illegal or taken
   * @throws {RangeError} if there are too many columns or a note is too long
   */
  async addSheet(options: SheetOptions): Promise<SheetWriter> {
    if (this.#sheets.at(-1)?.open === true) throw new Error("Another sheet is still open.");
    checkSheet(options);
    const key = nameKey(options.name);
    if (this.#names.has(key)) throw new Error(`There is a sheet "${options.name}" already.`);
    this.#names.add(key);
    if (this.#sheets.length === 0) await this.#start();
    const { activeSheet } = this.#options;
    const active = activeSheet === undefined
      ? this.#sheets.length === 0
      : activeSheet === options.name;
    await this.#zip.startEntry(`xl/worksheets/sheet${this.#sheets.length + 1}.xml`);
    const sheet = new SheetWriter(this.#part, options, active);
    this.#sheets.push(sheet);
    const headers = (options.columns ?? []).map((column) => column.header ?? null);
    if (headers.some((header) => header !== null)) await sheet.addRow(headers, { look: "header" });
    return sheet;
  }

  /** Ends the workbook. @throws {Error} if a sheet is still open or there is none */
  async close(): Promise<void> {
    if (this.#sheets.length === 0) throw new Error("A workbook needs at least one sheet.");
    if (this.#sheets.at(-1)?.open === true) throw new Error("Another sheet is still open.");
    const sheets = this.#sheets.length;
    await this.#part.whole("xl/workbook.xml", workbookXml(this.#sheets));
    await this.#part.whole("xl/_rels/workbook.xml.rels", workbookRelations(sheets));
    await this.#part.whole("[Content_Types].xml", contentTypes(sheets));
    await this.#zip.close();
  }

  async #start(): Promise<void> {
    // First in the file, so that tools which tell types by the first bytes see a workbook.
    await this.#part.whole("_rels/.rels", [packageRelations()]);
    await this.#part.whole("docProps/core.xml", [coreProperties(this.#options.title ?? "")]);
    await this.#part.whole("xl/styles.xml", [stylesXml()]);
  }
}

/** Writes one sheet of a `WorkbookWriter`, which is the only one to make it. */
export class SheetWriter implements ListedSheet {
  readonly name: string;
  readonly active: boolean;
  readonly #part: PartWriter;
  readonly #options: SheetOptions;
  #texts: LastText[] = [];
  #links: string[] = [];
  #lastRow = 0;
  #widest: number;
  #open = true;

  constructor(part: PartWriter, options: SheetOptions, active: boolean) {
    this.#part = part;
    this.#options = options;
    this.#widest = options.columns?.length ?? 0;
    part.add(sheetHead(options, active));
    this.name = options.name;
    this.active = active;
  }

  /** Whether rows can still be added. */
  get open(): boolean {
    return this.#open;
  }

  /** The number of the last row written, 0 before the first. */
  get lastRow(): number {
    return this.#lastRow;
  }

  /**
   * Adds a row. `null` and `""` leave a cell empty.
   *
   * Text is always text, never a formula. Characters that XML cannot hold are escaped as _xHHHH_
   * (ECMA-376 part 1, 22.9.2.19), a lone surrogate becomes U+FFFD, and text over 32,767 characters
   * is cut, ending in "… [cut: N characters in all]". Dates before 1900 or after 9999, which
   * Excel does not know, become text. Fractions of a second are dropped.
   * @throws {RangeError} if the row's number does not ascend or is over 1,048,576; for more than
   * 16,384 cells, NaN, an infinite number, or more than 65,530 links on the sheet
   * @throws {Error} if the sheet is closed or the row before was not awaited
   */
  async addRow(cells: readonly Cell[], options: RowOptions = {}): Promise<void> {
    this.#add(cells, options);
    if (this.#part.isFull) await this.#part.spill();
  }

  #add(cells: readonly Cell[], options: RowOptions): void {
    if (!this.#open) throw new Error(`The sheet "${this.name}" is closed.`);
    if (this.#part.isWriting) throw new Error("Await each row before adding the next.");
    const number = options.rowNumber ?? this.#lastRow + 1;
    checkRow(number, this.#lastRow, cells.length);
    const row = rowXml(number, cells, {
      columns: this.#options.columns ?? NO_COLUMNS,
      look: options.look,
      texts: this.#texts,
    });
    if (this.#links.length + row.links.length > MAX_LINKS) {
      throw new RangeError(`A sheet holds at most ${MAX_LINKS} links.`);
    }
    for (const link of row.links) this.#links.push(link);
    this.#lastRow = number;
    if (cells.length > this.#widest) this.#widest = cells.length;
    this.#part.add(row.xml);
  }

  /** Adds rows one below the other, as `addRow` does: for many, a promise for each would take as long as the row. */
  async addRows(rows: Iterable<readonly Cell[]>): Promise<void> {
    for (const cells of rows) {
      this.#add(cells, {});
      if (this.#part.isFull) await this.#part.spill();
    }
  }

  /** Ends the sheet. @throws {Error} if it is closed already or a row was not awaited */
  async close(): Promise<void> {
    if (!this.#open) throw new Error(`The sheet "${this.name}" is closed.`);
    if (this.#part.isWriting) throw new Error("Await each row before closing the sheet.");
    this.#open = false;
    this.#part.add(sheetFoot(this.#options, this.#filterRange(), this.#links));
    this.#links = [];
    this.#texts = [];
    await this.#part.end();
  }

  /** The names that the workbook has to define for this sheet, whose index counts from 0. */
  definedNames(index: number): string {
    const { printTitleRow: row } = this.#options;
    const sheet = escapeText(quoteName(this.name));
    const range = this.#filterRange()?.replaceAll(/[A-Z]+|\d+/g, (part) => `$${part}`);
    const filter = `<definedName name="_xlnm._FilterDatabase" localSheetId="${index}" hidden="1">` +
      `${sheet}!${range}</definedName>`;
    const titles = `<definedName name="_xlnm.Print_Titles" localSheetId="${index}">` +
      `${sheet}!$${row}:$${row}</definedName>`;
    return (range === undefined ? "" : filter) + (row === undefined ? "" : titles);
  }

  #filterRange(): string | undefined {
    const { filterRow } = this.#options;
    if (filterRow === undefined || this.#widest === 0) return undefined;
    const last = Math.max(filterRow, this.#lastRow);
    return `A${filterRow}:${columnName(this.#widest - 1)}${last}`;
  }
}

/** Gives what `write` puts into a workbook as bytes: for small ones that fit into memory. */
export async function workbookBytes(
  write: (book: WorkbookWriter) => Promise<void>,
  options: WorkbookOptions = {},
): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  const book = new WorkbookWriter((chunk) => {
    chunks.push(chunk);
    return Promise.resolve();
  }, options);
  await write(book);
  await book.close();
  return new Uint8Array(Buffer.concat(chunks));
}

/**
 * Turns wanted names into legal names of sheets, each given once.
 *
 * Legal (Excel: "Rename a worksheet"): 1 to 31 UTF-16 units, none of `: \ / ? * [ ]`, no apostrophe
 * at either end, not "History", unique ignoring case. Also replaced, by a hyphen: control
 * characters and the first character of a literal _xHHHH_, which readers take for an escape.
 */
export class SheetNames {
  readonly #taken = new Set<string>(["history"]);
  readonly #next = new Map<string, number>();

  /** Gives a free legal name like the wanted one: "Anna Smith", then "Anna Smith (2)". */
  take(wanted: string): string {
    const name = legalName(wanted);
    let free = name;
    // One counter for all names that begin alike, as their numbered forms may be the same.
    const stem = nameKey(cutName(name, 20));
    while (this.#taken.has(nameKey(free))) {
      const number = this.#next.get(stem) ?? 2;
      this.#next.set(stem, number + 1);
      const suffix = ` (${number})`;
      free = cutName(name, MAX_NAME - suffix.length) + suffix;
    }
    this.#taken.add(nameKey(free));
    return free;
  }
}

/**
 * The serial number by which Excel knows a date or time, in days; null if it knows none.
 *
 * 1 January 1900 is 1. Excel believes in a 29 February 1900 (serial 60), so that from 1 March 1900
 * on serials are one higher than the days passed (ECMA-376 part 1, 18.17.4.1).
 */
export function excelSerial(value: ExcelTime): number | null {
  if (value instanceof Temporal.PlainTime) return seconds(value) / 86_400;
  if (value.year < 1900 || value.year > 9999) return null;
  const daysSinceEpoch = Date.UTC(value.year, value.month - 1, value.day) / 86_400_000;
  const serial = daysSinceEpoch + 25_569;
  const day = serial < 61 ? serial - 1 : serial;
  if (value instanceof Temporal.PlainDate) return day;
  return (day * 86_400 + seconds(value)) / 86_400;
}

function seconds(time: Temporal.PlainTime | Temporal.PlainDateTime): number {
  return time.hour * 3_600 + time.minute * 60 + time.second;
}

/** The letters of a column counted from 0: A, B, … Z, AA. */
function columnName(index: number): string {
  const letter = String.fromCharCode(65 + index % 26);
  return index < 26 ? letter : columnName(Math.floor(index / 26) - 1) + letter;
}

function checkSheet(options: SheetOptions): void {
  if (legalName(options.name) !== options.name || nameKey(options.name) === "history") {
    throw new Error(`"${options.name}" cannot be the name of a sheet.`);
  }
  const columns = options.columns ?? [];
  if (columns.length > MAX_COLUMNS) {
    throw new RangeError(`A sheet holds at most ${MAX_COLUMNS} columns.`);
  }
  if (columns.some(({ note }) => note !== undefined && note.length > MAX_NOTE)) {
    throw new RangeError(`A note holds at most ${MAX_NOTE} characters.`);
  }
}

function checkRow(number: number, last: number, cells: number): void {
  if (!Number.isInteger(number) || number <= last) {
    throw new RangeError(`Row ${number} cannot follow row ${last}: numbers have to ascend.`);
  }
  if (number > MAX_ROWS) throw new RangeError(`A sheet holds at most ${MAX_ROWS} rows.`);
  if (cells > MAX_COLUMNS) throw new RangeError(`A row holds at most ${MAX_COLUMNS} cells.`);
}

/**
 * The cells of a column are often alike: the last text of one, and what stands after the place in its cell. Escaping it again
 * for each row was most of the time that a report took.
 */
type LastText = { readonly text: string; readonly look: Look; readonly xml: string };

function rowXml(
  number: number,
  cells: readonly Cell[],
  { columns, look: rowLook, texts }: {
    readonly columns: readonly Column[];
    readonly look: Look | undefined;
    readonly texts: LastText[];
  },
): { xml: string; links: readonly string[] } {
  const row = String(number);
  let xml = `<row r="${row}">`;
  let links: string[] | undefined;
  for (let index = 0; index < cells.length; index++) {
    const cell = cells[index];
    if (cell === undefined) continue;
    const place = (COLUMN_NAMES[index] ?? columnName(index)) + row;
    const look = rowLook ?? columns[index]?.look ?? "plain";
    if (typeof cell === "string" && cell !== "") {
      let last = texts[index];
      if (last?.text !== cell || last.look !== look) {
        last = { text: cell, look, xml: textXml(cell, look) };
        texts[index] = last;
      }
      xml += `<c r="${place}"${last.xml}`;
    } else if (isStyled(cell)) {
      xml += cellXml(place, cell.value, cell.look ?? look);
      if (cell.link !== undefined) (links ??= []).push(linkXml(place, cell.link));
    } else {
      xml += cellXml(place, cell, look);
    }
  }
  return { xml: xml + "</row>", links: links ?? NO_LINKS };
}

const NO_COLUMNS: readonly Column[] = [];
const NO_LINKS: readonly string[] = [];
const COLUMN_NAMES: readonly string[] = Array.from(
  { length: 702 },
  (_, index) => columnName(index),
);

function isStyled(cell: Cell): cell is StyledCell {
  return typeof cell === "object" && cell !== null && "value" in cell;
}

function cellXml(place: string, value: CellValue, look: Look): string {
  if (value === null || value === "") {
    return look === "plain" ? "" : `<c r="${place}" s="${styleIndex(look, GENERAL)}"/>`;
  }
  if (typeof value === "string") return `<c r="${place}"${textXml(value, look)}`;
  if (typeof value === "number") return numberXml(place, value, styleIndex(look, GENERAL));
  if (typeof value === "boolean") {
    return `<c r="${place}" s="${styleIndex(look, GENERAL)}" t="b"><v>${value ? 1 : 0}</v></c>`;
  }
  if ("serial" in value) {
    return numberXml(place, value.serial, styleIndex(look, KIND_FORMATS[value.kind]));
  }
  const serial = excelSerial(value);
  if (serial === null) return `<c r="${place}"${textXml(dateText(value), look)}`;
  return numberXml(place, serial, styleIndex(look, dateFormat(value)));
}

function numberXml(place: string, number: number, style: number): string {
  if (!Number.isFinite(number)) throw new RangeError(`Cell ${place}: ${number} is not a number.`);
  return `<c r="${place}" s="${style}"><v>${numberText(number)}</v></c>`;
}

/**
 * As many digits as lead back to the same number. Not `String` for what is not whole: V8 keeps the texts of many thousand
 * numbers, and of a million times each would outlive its row until all memory is looked at (60 MB of a report).
 */
function numberText(number: number): string {
  return Number.isInteger(number) ? String(number) : number.toPrecision(17);
}

/** A cell of text after its place. */
function textXml(text: string, look: Look): string {
  const style = styleIndex(look, LIKE_A_FORMULA.test(text) ? QUOTED_TEXT : TEXT);
  const shown = escapeText(text.length > MAX_TEXT ? cutText(text) : text);
  const space = NEEDS_SPACE.test(shown) ? ' xml:space="preserve"' : "";
  return ` s="${style}" t="inlineStr"><is><t${space}>${shown}</t></is></c>`;
}

function cutText(text: string): string {
  const mark = `… [cut: ${text.length} characters in all]`;
  return cutUnits(text, MAX_TEXT - mark.length) + mark;
}

/** At most `length` UTF-16 units, never half a surrogate pair. */
function cutUnits(text: string, length: number): string {
  return text.slice(0, length).replace(/[\ud800-\udbff]$/, "");
}

function dateFormat(value: ExcelTime): number {
  if (value instanceof Temporal.PlainDate) return DATE;
  return value instanceof Temporal.PlainTime ? TIME : DATE_TIME;
}

/** A date that Excel does not know, in the shape of those that it does. */
function dateText(value: ExcelTime): string {
  if (value instanceof Temporal.PlainTime) return value.toString({ smallestUnit: "second" });
  const date = `${twoDigits(value.day)}/${twoDigits(value.month)}/${value.year}`;
  if (value instanceof Temporal.PlainDate) return date;
  return `${date} ${value.toPlainTime().toString({ smallestUnit: "second" })}`;
}

function twoDigits(number: number): string {
  return String(number).padStart(2, "0");
}

function linkXml(place: string, link: SheetLink): string {
  const target = escapeText(`${quoteName(link.sheet)}!${link.cell ?? "A1"}`);
  return `<hyperlink ref="${place}" location="${target}"/>`;
}

function legalName(wanted: string): string {
  const clean = wanted.toWellFormed().normalize("NFC").replaceAll(
    /[:\\\/?*\[\]\ufffe\uffff\p{Cc}]|_(?=x[0-9A-Fa-f]{4}_)/gu,
    "-",
  );
  return cutName(clean.replace(/^[\s']+/, ""), MAX_NAME) || "Sheet";
}

/** At most `length` UTF-16 units of a name, without a space or an apostrophe at the end. */
function cutName(name: string, length: number): string {
  return cutUnits(name, length).replace(/[\s']+$/, "");
}

function nameKey(name: string): string {
  return name.toUpperCase().toLowerCase();
}

function sheetHead(options: SheetOptions, active: boolean): string {
  const columns = options.columns ?? [];
  return `${XML_HEAD}<worksheet xmlns="${MAIN}">` +
    '<sheetPr><pageSetUpPr fitToPage="1"/></sheetPr>' +
    `<sheetViews><sheetView${active ? ' tabSelected="1"' : ""} workbookViewId="0">` +
    `${frozenPane(options.freezeRows ?? 0)}</sheetView></sheetViews>` +
    '<sheetFormatPr defaultRowHeight="15"/>' +
    (columns.length === 0 ? "" : `<cols>${columns.map(columnXml).join("")}</cols>`) +
    "<sheetData>";
}

function frozenPane(rows: number): string {
  if (rows === 0) return "";
  const cell = `A${rows + 1}`;
  return `<pane ySplit="${rows}" topLeftCell="${cell}" activePane="bottomLeft" state="frozen"/>` +
    `<selection pane="bottomLeft" activeCell="${cell}" sqref="${cell}"/>`;
}

function columnXml(column: Column, index: number): string {
  const wanted = column.width ?? Math.max(10, (column.header?.length ?? 0) + 4);
  const style = styleIndex(column.look ?? "plain", KIND_FORMATS[column.kind ?? "general"]);
  return `<col min="${index + 1}" max="${index + 1}" width="${Math.min(wanted, MAX_WIDTH)}"` +
    ` style="${style}" customWidth="1"/>`;
}

/** The end of a sheet, in the order of CT_Worksheet (ECMA-376 part 1, 18.3.1.99). */
function sheetFoot(
  options: SheetOptions,
  filterRange: string | undefined,
  links: readonly string[],
): string {
  const orientation = options.landscape === true ? "landscape" : "portrait";
  return "</sheetData>" +
    (filterRange === undefined ? "" : `<autoFilter ref="${filterRange}"/>`) +
    notesXml(options.columns ?? []) +
    (links.length === 0 ? "" : `<hyperlinks>${links.join("")}</hyperlinks>`) +
    '<pageMargins left="0.5" right="0.5" top="0.6" bottom="0.6" header="0.3" footer="0.3"/>' +
    `<pageSetup paperSize="9" orientation="${orientation}" fitToHeight="0"/>` +
    "<headerFooter><oddFooter>&amp;L&amp;A&amp;R&amp;P / &amp;N</oddFooter></headerFooter>" +
    `<ignoredErrors><ignoredError sqref="A1:XFD${MAX_ROWS}" numberStoredAsText="1"/>` +
    "</ignoredErrors>" +
    "</worksheet>";
}

function notesXml(columns: readonly Column[]): string {
  const notes = columns.flatMap(({ note }, index) => {
    if (note === undefined) return [];
    const letters = columnName(index);
    return [
      '<dataValidation allowBlank="1" showInputMessage="1"' +
      ` prompt="${escapeAttribute(note)}" sqref="${letters}1:${letters}${NOTED_ROWS}"/>`,
    ];
  });
  if (notes.length === 0) return "";
  return `<dataValidations count="${notes.length}">${notes.join("")}</dataValidations>`;
}
