// Runs as a process of its own: reads a file from standard input and writes the outcome as lines of JSON.

import { readInput } from "../child.ts";
import { MAX_FILE_BYTES, type ReadOutcome, readTable } from "./read.ts";

/** Few enough for the reading side to parse a line without holding up anything else. */
const ROWS_A_LINE = 500;

/** Writes the outcome without rows as the first line, then some rows a line. */
async function writeOutcome(outcome: ReadOutcome): Promise<void> {
  const writer = Deno.stdout.writable.getWriter();
  const encoder = new TextEncoder();
  async function writeLine(value: unknown): Promise<void> {
    await writer.write(encoder.encode(JSON.stringify(value) + "\n"));
  }
  if ("refused" in outcome) {
    await writeLine(outcome);
  } else {
    const { rows, ...table } = outcome.table;
    await writeLine({ table: { ...table, rows: [] } });
    for (let start = 0; start < rows.length; start += ROWS_A_LINE) {
      await writeLine(rows.slice(start, start + ROWS_A_LINE));
    }
  }
  await writer.close();
}

async function main(): Promise<void> {
  const [fileName = "", preferredSheet] = Deno.args;
  const bytes = await readInput(MAX_FILE_BYTES);
  const options = preferredSheet === undefined ? {} : { preferredSheet };
  await writeOutcome(readTable(bytes, fileName, options));
}

await main();
