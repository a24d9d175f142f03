// What the reader gives: one sheet of cells as Excel shows them.

/** One cell as Excel shows it (US English). */
export type Cell = {
  readonly text: string;
  readonly kind: "text" | "number" | "date" | "boolean" | "error";
  /** The value without its format (4512 where 4,512 is shown, 2014-03-02 for any date); only if that is different. */
  readonly plain?: string;
};

/** One row that holds something. */
export type Row = {
  /** As Excel numbers it, from 1. */
  readonly number: number;
  /** By column, A first; undefined where there is nothing. */
  readonly cells: readonly (Cell | undefined)[];
};

/** One tab of a workbook. */
export type Sheet = {
  readonly name: string;
  readonly state: "visible" | "hidden" | "veryHidden";
  readonly kind: "worksheet" | "chartsheet" | "dialogsheet" | "macrosheet";
};

/** The sheet that was read, with all tabs of its workbook. */
export type Table = {
  readonly sheet: string;
  readonly sheets: readonly Sheet[];
  /** Only rows that hold something, in ascending order. */
  readonly rows: readonly Row[];
  /** CSV only: how the bytes were read. */
  readonly encoding?: string;
  /** CSV only: the character between two cells. */
  readonly separator?: string;
};

/**
 * A cell as its writer meant it: school systems write ="0012" into CSV files, so that
 * Excel keeps the zeros.
 */
export function meantCell(cell: Cell | undefined): Cell | undefined {
  if (cell?.kind !== "text" || !cell.text.startsWith('="')) return cell;
  const text = /^="((?:[^"]|"")*)"$/.exec(cell.text)?.[1];
  return text === undefined ? cell : { kind: "text", text: text.replaceAll('""', '"') };
}
