// Keeps what is read within the limits of the product, whatever a file claims or holds.

import { Refusal, tooLarge } from "./refusal.ts";
import type { Cell, Row } from "./table.ts";

/** Most rows of a list. */
const MAX_DATA_ROWS = 20_000;
/** Rows allowed besides: a title, notes and the header above the list. */
const MAX_HEAD_ROWS = 20;
/** Most cells from column A to the last one used, summed over all rows. */
const MAX_CELLS = 1_000_000;
/** Most characters of all cells together. */
const MAX_CHARACTERS = 16_000_000;

/** Rows that are handed over together: few enough to be taken in without holding up anything else. */
const HANDED_OVER = 250;

/** Takes rows while others are still read. */
export type TakeRows = (rows: readonly Row[]) => void;

/** Collects rows, or hands them over some at a time; drops those that hold nothing. */
export class RowCollector {
  readonly #take: TakeRows | undefined;
  #rows: Row[] = [];
  #last = 0;
  #added = 0;
  #cells = 0;
  #characters = 0;
  #isAscending = true;

  constructor(take?: TakeRows) {
    this.#take = take;
  }

  /**
   * Adds one row, whose number may lie before those added earlier.
   * @throws Refusal of kind tooManyRows or tooLarge
   */
  add(number: number, cells: readonly (Cell | undefined)[]): void {
    if (cells.length === 0) return;
    if (this.#added >= MAX_DATA_ROWS + MAX_HEAD_ROWS) {
      throw new Refusal(
        "tooManyRows",
        "This file has more than 20,000 rows. Divide the list into several files of at most " +
          "20,000 rows each.",
      );
    }
    this.#count(cells);
    this.#isAscending &&= number > this.#last;
    this.#last = number;
    this.#added++;
    this.#rows.push({ number, cells });
    if (this.#take === undefined || this.#rows.length < HANDED_OVER) return;
    this.#take(this.#rows);
    this.#rows = [];
  }

  /** The rows in ascending order, but for those that were handed over. */
  rows(): Row[] {
    return this.#isAscending ? this.#rows : this.#rows.toSorted((a, b) => a.number - b.number);
  }

  #count(cells: readonly (Cell | undefined)[]): void {
    this.#cells += cells.length;
    if (this.#cells > MAX_CELLS) throw tooLarge("it has more than 1,000,000 cells");
    for (const cell of cells) {
      if (cell !== undefined) this.#characters += cell.text.length + (cell.plain?.length ?? 0);
    }
    if (this.#characters > MAX_CHARACTERS) {
      throw tooLarge("it has more than 16 million characters");
    }
  }
}
