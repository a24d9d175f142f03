// Reads bytes and gives the shown rows or the refusal, failing the test on the other.

import assert from "node:assert/strict";
import {
  type ReadOptions,
  readTable,
  type Refused,
  shownRows,
  type Table,
} from "../../../lib/excel/read.ts";

export function tableOf(bytes: Uint8Array, name = "list.xlsx", options: ReadOptions = {}): Table {
  const outcome = readTable(bytes, name, options);
  if ("refused" in outcome) assert.fail(outcome.refused.sentence);
  return outcome.table;
}

export function rowsOf(bytes: Uint8Array, name = "list.xlsx"): string[][] {
  return shownRows(tableOf(bytes, name));
}

/** The refusal, whose sentence must be one a person can act on. */
export function refusalOf(bytes: Uint8Array, name = "list.xlsx"): Refused {
  const outcome = readTable(bytes, name);
  if ("table" in outcome) assert.fail(`read ${outcome.table.rows.length} rows`);
  assert.match(outcome.refused.sentence, /^[A-Z].*\.$/s);
  assert.ok(outcome.refused.sentence.length > 40);
  return outcome.refused;
}

export function kindOf(bytes: Uint8Array, name = "list.xlsx"): string {
  return refusalOf(bytes, name).kind;
}
