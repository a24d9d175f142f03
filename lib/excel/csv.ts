// Reads a CSV file from its bytes: encoding, separator, quotes and rows, as Excel does.

import { RowCollector, type TakeRows } from "./limits.ts";
import { Refusal, tooLarge } from "./refusal.ts";
import type { Cell, Table } from "./table.ts";

const SEPARATORS = [",", ";", "\t", "|"] as const;
const SAMPLED_LINES = 20;
const LAST_COLUMN = 16_384;

const LINE_FEED = 10;
const RETURN = 13;
const QUOTE = 34;

type Decoded = { readonly text: string; readonly encoding: string };

type CsvOptions = { readonly separator?: string | undefined; readonly take?: TakeRows | undefined };

/**
 * Reads all rows of a CSV file (RFC 4180). A quote inside an unquoted cell is a character like any
 * other; every line end outside quotes, of any kind, ends a row. All cells are text.
 * @param name of the sheet in the result
 * @param options.separator what it must be by the file's name; else found in the first lines
 * @param options.take gets rows while others are read; these are not in the table
 * @throws Refusal of kind broken (names the line), tooManyRows or tooLarge
 */
export function readCsv(bytes: Uint8Array, name: string, options: CsvOptions): Table {
  const { text, encoding } = decode(bytes);
  const nul = text.indexOf("\0");
  if (nul >= 0) throw brokenLine(lineAt(text, nul), "holds a NUL character, which no text has");
  // Excel's own first line "sep=;" names the separator and is no row.
  const declared = /^sep=([^\r\n])(?:\r\n|\r|\n|$)/i.exec(text);
  const separator = declared?.[1] ?? options.separator ?? detectSeparator(text);
  return {
    sheet: name,
    sheets: [{ name, state: "visible", kind: "worksheet" }],
    rows: readRows(csvRecords(text, separator, declared?.[0].length), options.take),
    encoding,
    separator,
  };
}

/** Rows as Excel numbers them, which is by record, not by line. */
function readRows(records: Iterable<CsvRecord>, take: TakeRows | undefined): Table["rows"] {
  const collector = new RowCollector(take);
  let number = 0;
  try {
    for (const { cells } of records) {
      collector.add(
        ++number,
        cells.map((text): Cell | undefined => text === "" ? undefined : { text, kind: "text" }),
      );
    }
  } catch (error) {
    if (!(error instanceof CsvFault)) throw error;
    throw /cells$/.test(error.what) ? tooLarge(error.message) : brokenLine(error.line, error.what);
  }
  return collector.rows();
}

function brokenLine(line: number, what: string): Refusal {
  return new Refusal(
    "broken",
    `Line ${line.toLocaleString("en-GB")} of this file ${what}. Mend that line, or open the ` +
      "file in Excel and save it as Excel Workbook (.xlsx).",
  );
}

/** The number of the line that a character is in, from 1. */
function lineAt(text: string, offset: number): number {
  let line = 1;
  for (let at = 0; at < offset; at++) {
    const code = text.charCodeAt(at);
    if (code === LINE_FEED || (code === RETURN && text.charCodeAt(at + 1) !== LINE_FEED)) line++;
  }
  return line;
}

function decode(bytes: Uint8Array): Decoded {
  const [first, second, third] = bytes;
  if (first === 0xef && second === 0xbb && third === 0xbf) {
    return decodeStrictly(bytes, "utf-8", "utf-8 with BOM");
  }
  if (first === 0xff && second === 0xfe) {
    return decodeStrictly(bytes, "utf-16le", "utf-16 with BOM");
  }
  if (first === 0xfe && second === 0xff) {
    return decodeStrictly(bytes, "utf-16be", "utf-16 with BOM");
  }
  const wide = utf16WithoutMark(bytes);
  if (wide !== undefined) return decodeStrictly(bytes, wide, `${wide} without BOM`);
  try {
    return { text: new TextDecoder("utf-8", { fatal: true }).decode(bytes), encoding: "utf-8" };
  } catch {
    return { text: new TextDecoder("windows-1252").decode(bytes), encoding: "windows-1252" };
  }
}

function decodeStrictly(bytes: Uint8Array, label: string, encoding: string): Decoded {
  try {
    return { text: new TextDecoder(label, { fatal: true }).decode(bytes), encoding };
  } catch {
    throw new Refusal(
      "broken",
      "This file is damaged: its characters are not what its first bytes say they are. Open it " +
        "in Excel and save it as Excel Workbook (.xlsx).",
    );
  }
}

/**
 * Text in European languages as UTF-16 has a zero in nearly every other byte, and hardly one
 * between them: only where a character's code is a multiple of 256.
 */
function utf16WithoutMark(bytes: Uint8Array): "utf-16le" | "utf-16be" | undefined {
  const sample = bytes.subarray(0, 2_000);
  const zeros = [0, 0];
  sample.forEach((byte, index) => {
    if (byte === 0) zeros[index % 2] = (zeros[index % 2] ?? 0) + 1;
  });
  const [even = 0, odd = 0] = zeros;
  if (odd > sample.length * 0.3 && even < odd / 4) return "utf-16le";
  return even > sample.length * 0.3 && odd < even / 4 ? "utf-16be" : undefined;
}

/** The separator that most of the first lines hold; of several, the one that fits best. */
function detectSeparator(text: string): string {
  const lines = text.slice(0, 64 * 1024).replace(/"[^"]*"/g, "").split(/\r\n|\r|\n/)
    .filter((line) => line.trim() !== "").slice(0, SAMPLED_LINES);
  const scored = SEPARATORS.map((separator) => ({
    separator,
    score: separatorScore(lines, separator),
  }));
  // The sort is stable: the comma wins if none is better.
  const [best] = scored.toSorted((a, b) => compareScores(b.score, a.score));
  const isCommon = best !== undefined && (best.score[0] ?? 0) * 2 > lines.length;
  return isCommon ? best.separator : ",";
}

/**
 * How many lines hold the separator; how many hold it equally often, as most lines do; and how
 * often that is.
 */
function separatorScore(lines: readonly string[], separator: string): number[] {
  const linesByCount = new Map<number, number>();
  for (const line of lines) {
    const count = line.split(separator).length - 1;
    if (count > 0) linesByCount.set(count, (linesByCount.get(count) ?? 0) + 1);
  }
  const [best = [0, 0]] = [...linesByCount].map(([count, alike]) => [alike, count])
    .toSorted((a, b) => compareScores(b, a));
  const holding = linesByCount.values().reduce((sum, alike) => sum + alike, 0);
  return [holding, ...best];
}

function compareScores(a: readonly number[], b: readonly number[]): number {
  const differing = a.findIndex((value, index) => value !== b[index]);
  return differing < 0 ? 0 : (a[differing] ?? 0) - (b[differing] ?? 0);
}

/** One record of a CSV file. */
export type CsvRecord = {
  /** The line that it begins on, from 1. */
  readonly line: number;
  readonly cells: readonly string[];
};

/** Where and how a text is no CSV. */
export class CsvFault extends Error {
  override readonly name = "CsvFault";
  constructor(readonly line: number, readonly what: string) {
    super(`line ${line} ${what}`);
  }
}

/**
 * The records of a text (RFC 4180), empty ones as well.
 * @throws CsvFault
 */
export function* csvRecords(text: string, separator: string, start = 0): Generator<CsvRecord> {
  const parser = new CsvParser(text, separator, start);
  for (let record = parser.next(); record !== undefined; record = parser.next()) yield record;
}

class CsvParser {
  readonly #text: string;
  readonly #separator: number;
  #at: number;
  #line: number;

  constructor(text: string, separator: string, start: number) {
    this.#text = text;
    this.#separator = separator.charCodeAt(0);
    this.#at = start;
    this.#line = start === 0 ? 1 : lineAt(text, start);
  }

  /** Reads one record and moves past its line end. */
  next(): CsvRecord | undefined {
    if (this.#at >= this.#text.length) return undefined;
    const cells: string[] = [];
    const line = this.#line;
    for (;;) {
      const isQuoted = this.#text.charCodeAt(this.#at) === QUOTE;
      cells.push(isQuoted ? this.#readQuoted() : this.#readPlain());
      if (cells.length > 10 * LAST_COLUMN) throw this.#tooWide(line);
      if (this.#text.charCodeAt(this.#at) !== this.#separator) break;
      this.#at++;
    }
    this.#skipLineEnd();
    while (cells.at(-1) === "") cells.pop();
    if (cells.length > LAST_COLUMN) throw this.#tooWide(line);
    return { line, cells };
  }

  #skipLineEnd(): void {
    const isReturn = this.#text.charCodeAt(this.#at) === RETURN;
    this.#at += isReturn && this.#text.charCodeAt(this.#at + 1) === LINE_FEED ? 2 : 1;
    this.#line++;
  }

  #readPlain(): string {
    const start = this.#at;
    while (this.#at < this.#text.length) {
      const code = this.#text.charCodeAt(this.#at);
      if (code === this.#separator || code === LINE_FEED || code === RETURN) break;
      this.#at++;
    }
    return this.#text.slice(start, this.#at);
  }

  #readQuoted(): string {
    const opening = this.#line;
    let start = this.#at + 1;
    let text = "";
    for (;;) {
      const end = this.#text.indexOf('"', start);
      if (end < 0) throw new CsvFault(opening, "opens a quotation mark that is never closed");
      text += this.#text.slice(start, end);
      this.#at = end + 1;
      if (this.#text.charCodeAt(this.#at) !== QUOTE) break;
      text += '"';
      start = end + 2;
    }
    if (/[\r\n]/.test(text)) this.#line += text.split(/\r\n|\r|\n/).length - 1;
    if (this.#readPlain().trim() !== "") {
      throw new CsvFault(this.#line, "has text after a closing quotation mark");
    }
    return text;
  }

  #tooWide(line: number): CsvFault {
    return new CsvFault(line, `has more than ${LAST_COLUMN.toLocaleString("en-GB")} cells`);
  }
}
