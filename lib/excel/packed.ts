// Rows as they go from the reading process to the one that asked: a plain text is its cell, and nothing is made of it until somebody looks.

import type { Cell, Row } from "./table.ts";

/** A plain text, a cell that is more than that, or null where there is nothing. */
type PackedCell = string | Cell | null;

/** A row as JSON holds it: its number, and its cells by column. */
export type Packed = readonly [number: number, cells: readonly PackedCell[]];

/** Packs rows, so that the most usual cells take a third of the room. */
export function packRows(rows: readonly Row[]): Packed[] {
  return rows.map(({ number, cells }) => [number, cells.map(packCell)]);
}

/** The row that was packed. It stays so: of 20,000 rows with seven cells each, only the texts are kept. */
export class UnpackedRow implements Row {
  readonly number: number;
  readonly #cells: readonly PackedCell[];

  constructor([number, cells]: Packed) {
    this.number = number;
    this.#cells = cells;
  }

  /** Made anew, all of them, whenever they are asked for: whoever looks at several asks once. */
  get cells(): readonly (Cell | undefined)[] {
    return this.#cells.map(unpackCell);
  }
}

function packCell(cell: Cell | undefined): PackedCell {
  if (cell === undefined) return null;
  return cell.kind === "text" && cell.plain === undefined ? cell.text : cell;
}

function unpackCell(cell: PackedCell): Cell | undefined {
  if (cell === null) return undefined;
  return typeof cell === "string" ? { text: cell, kind: "text" } : cell;
}
