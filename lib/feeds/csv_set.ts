// The CSV files of a package, opened by name: UTF-8, headings whatever their case, and where a fault is.

import { CsvFault, csvRecords } from "../excel/csv.ts";
import { Refusal } from "../excel/refusal.ts";
import { ZipArchive } from "../excel/zip.ts";
import { FeedRefusal, MOST_RECORDS } from "./feed.ts";

const LINE_FEED = 10;

/** One record of a file, by heading. */
export type CsvRow = {
  readonly line: number;
  /** It has more cells than there are headings: as if a comma in a cell were not in quotation marks. */
  readonly isTooWide: boolean;
  /** The cell under a heading, trimmed; "" if there is no such heading. */
  get(heading: string): string;
};

export type CsvFile = {
  readonly name: string;
  /** In small letters. */
  readonly headings: ReadonlySet<string>;
  rows(): Generator<CsvRow>;
};

/** The files of one package. */
export class CsvSet {
  readonly #zip: ZipArchive;
  /** Entry by file name in small letters. */
  readonly #entries = new Map<string, string>();

  /** @throws {FeedRefusal} for an archive that is damaged, or holds a file twice */
  constructor(bytes: Uint8Array, name: string) {
    this.#zip = refusing(name, () => new ZipArchive(bytes));
    for (const entry of this.#zip.names()) {
      // What the Mac's Finder adds beside the files.
      if (entry.startsWith("__macosx/") || entry.endsWith("/")) continue;
      const file = entry.split("/").at(-1) ?? entry;
      if (this.#entries.has(file)) {
        throw new FeedRefusal(
          `The package holds two files named ${file}. Keep one of them and send it again.`,
        );
      }
      this.#entries.set(file, entry);
    }
  }

  names(): string[] {
    return [...this.#entries.keys()];
  }

  has(name: string): boolean {
    return this.#entries.has(name.toLowerCase());
  }

  /**
   * A file of the package; null if there is none.
   * @param needed headings without which it cannot be read
   * @throws {FeedRefusal}
   */
  open(name: string, needed: readonly string[] = []): CsvFile | null {
    const entry = this.#entries.get(name.toLowerCase());
    if (entry === undefined) return null;
    const bytes = refusing(name, () => this.#zip.read(entry)) ?? new Uint8Array();
    return openCsv(bytes, name, needed);
  }
}

function openCsv(bytes: Uint8Array, name: string, needed: readonly string[]): CsvFile {
  const text = decode(bytes, name);
  const [first] = faulty(name, () => [...take(csvRecords(text, ","), 1)]);
  if (first === undefined || first.cells.length === 0) {
    throw new FeedRefusal(`${name} is empty: not even the headings are there. Export it again.`);
  }
  const places = new Map<string, number>();
  first.cells.forEach((cell, place) => {
    const heading = cell.trim().toLowerCase();
    if (heading === "") return;
    if (places.has(heading)) {
      throw new FeedRefusal(`${name} has two columns named ${cell.trim()}. Keep one of them.`);
    }
    places.set(heading, place);
  });
  const missing = needed.filter((heading) => !places.has(heading.toLowerCase()));
  if (missing.length > 0) {
    throw new FeedRefusal(
      `${name} lacks the ${missing.length === 1 ? "column" : "columns"} ${
        missing.join(", ")
      }. Export it again with ${missing.length === 1 ? "it" : "them"}.`,
    );
  }
  return {
    name,
    headings: new Set(places.keys()),
    *rows(): Generator<CsvRow> {
      const records = csvRecords(text, ",");
      records.next();
      for (let count = 1;; count++) {
        const record = faulty(name, () => records.next());
        if (record.done) return;
        const { line, cells } = record.value;
        if (cells.length === 0) continue;
        if (count > MOST_RECORDS) throw tooMany(name, line);
        yield {
          line,
          isTooWide: cells.length > first.cells.length,
          get(heading): string {
            const place = places.get(heading.toLowerCase());
            return place === undefined ? "" : cells[place]?.trim() ?? "";
          },
        };
      }
    },
  };
}

/** @throws {FeedRefusal} a file with more records than are read */
export function tooMany(name: string, line: number): FeedRefusal {
  return new FeedRefusal(
    `${name} goes on after line ${line.toLocaleString("en-GB")}: more than ${
      MOST_RECORDS.toLocaleString("en-GB")
    } records are not read. Send one school at a time.`,
  );
}

/** Runs `read`, with its refusal of an archive said about this file. */
function refusing<T>(name: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    if (error.kind === "encrypted") {
      throw new FeedRefusal(`${name} is protected with a password. Send it without one.`);
    }
    if (error.kind === "tooLarge") {
      throw new FeedRefusal(`${name} is too large to read: ${error.what}.`);
    }
    throw new FeedRefusal(
      `${name} is damaged or incomplete: ${error.what}. Export it again and send the new file.`,
    );
  }
}

function faulty<T>(name: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof CsvFault)) throw error;
    throw new FeedRefusal(
      `Line ${
        error.line.toLocaleString("en-GB")
      } of ${name} ${error.what}. Mend it and send it again.`,
    );
  }
}

/** UTF-8, with or without a mark, and nothing else (OneRoster CSV Binding 1.2, character encoding). */
function decode(bytes: Uint8Array, name: string): string {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new FeedRefusal(
      `Line ${lineOfFault(bytes).toLocaleString("en-GB")} of ${name} is not UTF-8. ` +
        "Export it again in UTF-8, so that no name is spelt wrong.",
    );
  }
  const nul = text.indexOf("\0");
  if (nul >= 0) {
    const line = text.slice(0, nul).split("\n").length;
    throw new FeedRefusal(
      `Line ${
        line.toLocaleString("en-GB")
      } of ${name} holds a NUL character, which no text has. Export it again.`,
    );
  }
  return text;
}

function lineOfFault(bytes: Uint8Array): number {
  let line = 1;
  for (let start = 0; start < bytes.length; line++) {
    const end = bytes.indexOf(LINE_FEED, start);
    const stop = end < 0 ? bytes.length : end;
    try {
      new TextDecoder("utf-8", { fatal: true }).decode(bytes.subarray(start, stop));
    } catch {
      return line;
    }
    start = stop + 1;
  }
  return line;
}

function* take<T>(all: Iterable<T>, most: number): Generator<T> {
  let count = 0;
  for (const one of all) {
    if (count++ >= most) return;
    yield one;
  }
}
