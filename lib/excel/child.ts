// Reads a workbook or CSV file in a process of its own.

import { type ChildLimits, runChild } from "../child.ts";
import type { TakeRows } from "./limits.ts";
import { type Packed, UnpackedRow } from "./packed.ts";
import type { ReadOptions, ReadOutcome } from "./read.ts";
import { type Refusal, refusal, tooLarge } from "./refusal.ts";
import type { Row } from "./table.ts";

/** How a file is read, and for how long. */
export type ChildOptions = Pick<ReadOptions, "preferredSheet"> & ChildLimits & {
  /** Sees rows while others are read, in the order of the file; the table has them all. A refusal may still follow. */
  readonly onRows?: TakeRows;
};

/**
 * Reads a file in a child process without any permissions. Out of memory is a refusal of kind
 * tooLarge, out of time one of kind tooSlow. Needs permission to run Deno itself.
 * @throws the signal's reason if it aborts; Error if the process cannot do its work
 */
export async function readInChild(
  bytes: Uint8Array,
  fileName: string,
  options: ChildOptions = {},
): Promise<ReadOutcome> {
  const { preferredSheet } = options;
  let outcome: ReadOutcome | undefined;
  const rows: Row[] = [];
  let isAscending = true;
  function take(more: readonly Row[]): void {
    for (const row of more) {
      isAscending &&= row.number > (rows.at(-1)?.number ?? 0);
      rows.push(row);
    }
    options.onRows?.(more);
  }
  const end = await runChild({
    main: new URL("./child_main.ts", import.meta.url),
    args: preferredSheet === undefined ? [fileName] : [fileName, preferredSheet],
    input: bytes,
    onLine(value): void {
      if (isOutcome(value)) outcome = value;
      else if (isPackedRows(value)) take(value.map((row) => new UnpackedRow(row)));
    },
  }, options);
  if (end === "out of time") return refused(refusal("tooSlow"));
  if (end === "out of memory") return refused(tooLarge("it needs too much memory"));
  if (outcome === undefined) throw new Error("the reading process said nothing");
  if ("refused" in outcome) return outcome;
  if (!isAscending) rows.sort((one, other) => one.number - other.number);
  return { table: { ...outcome.table, rows } };
}

/** The process is this program's own, so its answers need only a look at their shape. */
function isOutcome(value: unknown): value is ReadOutcome {
  return typeof value === "object" && value !== null && ("table" in value || "refused" in value);
}

function isPackedRows(value: unknown): value is Packed[] {
  return Array.isArray(value);
}

function refused({ kind, message }: Refusal): ReadOutcome {
  return { refused: { kind, sentence: message } };
}
