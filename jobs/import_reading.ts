// Reads the workbook of an import, and meanwhile asks what the database knows of the rows that have come.

import type { Queryable } from "../db/connect.ts";
import { findHeader, type Header, rowsBelow, SHEET_NAME } from "../db/import_columns.ts";
import { FactFinder, findImportFacts, type ImportFacts } from "../db/import_facts.ts";
import { type ReadRow, readRow } from "../db/import_rows.ts";
import { type ChildOptions, readInChild } from "../lib/excel/child.ts";
import type { Row, Table } from "../lib/excel/read.ts";
import { inTurns, mapInSteps } from "../lib/turns.ts";

/** A workbook as it was read, with its headings and the rows below them. */
export type ReadUpload = {
  readonly table: Table;
  readonly header: Header;
  readonly rows: readonly Row[];
};

/** Reads a file. @returns a sentence if it is none that can be imported */
export async function readUpload(
  bytes: Uint8Array,
  fileName: string,
  options: ChildOptions = {},
): Promise<ReadUpload | { readonly refused: string }> {
  const outcome = await readInChild(bytes, fileName, { preferredSheet: SHEET_NAME, ...options });
  if ("refused" in outcome) return { refused: outcome.refused.sentence };
  const found = findHeader(outcome.table);
  return "refused" in found ? found : { table: outcome.table, ...found };
}

/** Rows of which the database is asked at a time. */
const LOT = 2000;

/** What there is to know of rows that come while others are read. */
export class EarlyFacts {
  readonly #finder: FactFinder;
  readonly #read: ReadRow[] = [];
  /** What came before the headings. */
  #before: Row[] = [];
  #header: Header | undefined;
  #lot: ReadRow[] = [];
  #asking: Promise<void> = Promise.resolve();
  readonly #sql: Queryable;

  constructor(sql: Queryable) {
    this.#sql = sql;
    this.#finder = new FactFinder(sql);
    // Until the first rows come there is nothing else to do. Whoever adds rows is told if it fails.
    this.#finder.askLearners().catch(() => {});
  }

  /** Takes the next rows of the file. */
  take(rows: readonly Row[]): void {
    if (this.#header === undefined) {
      this.#before.push(...rows);
      const found = findHeader({ rows: this.#before });
      if ("refused" in found) return;
      this.#header = found.header;
      this.#add(this.#before);
      this.#before = [];
    } else this.#add(rows);
  }

  /**
   * The rows as their cells say it, and all that is to be known of them; asked anew where the file's order was such that
   * other headings seemed to be its own.
   */
  async end(
    { header, rows }: ReadUpload,
  ): Promise<{ readonly rows: readonly ReadRow[]; readonly facts: ImportFacts }> {
    if (!isSame(header, this.#header)) {
      await this.#asking;
      const read = await inTurns(mapInSteps(rows, (row) => readRow(row, header)));
      return { rows: read, facts: await findImportFacts(this.#sql, read) };
    }
    this.#ask();
    await this.#asking;
    const read = this.#read.toSorted((one, other) => one.position - other.position);
    return { rows: read, facts: await this.#finder.end() };
  }

  #add(rows: readonly Row[]): void {
    const header = this.#header;
    if (header === undefined) return;
    for (const row of rowsBelow(rows, header)) {
      const read = readRow(row, header);
      this.#read.push(read);
      this.#lot.push(read);
    }
    if (this.#lot.length >= LOT) this.#ask();
  }

  #ask(): void {
    const lot = this.#lot;
    this.#lot = [];
    this.#asking = this.#asking.then(() => this.#finder.add(lot));
    // Whoever waits for the end is told; if reading fails first, nobody asks any more.
    this.#asking.catch(() => {});
  }
}

function isSame(one: Header, other: Header | undefined): boolean {
  return other !== undefined && one.row === other.row && one.at.size === other.at.size &&
    [...one.at].every(([key, place]) => other.at.get(key) === place);
}
