// Runs as a process of its own: reads a file from standard input and writes rows and the outcome as lines of JSON.

import { readInput } from "../child.ts";
import { packRows } from "./packed.ts";
import { MAX_FILE_BYTES, readTable } from "./read.ts";

/** At once, while other rows are still to be read: whoever waits for them has work to do with these. */
function writeLine(value: unknown): void {
  const bytes = new TextEncoder().encode(JSON.stringify(value) + "\n");
  for (let done = 0; done < bytes.length;) done += Deno.stdout.writeSync(bytes.subarray(done));
}

async function main(): Promise<void> {
  const [fileName = "", preferredSheet] = Deno.args;
  const bytes = await readInput(MAX_FILE_BYTES);
  const outcome = readTable(bytes, fileName, {
    ...(preferredSheet === undefined ? {} : { preferredSheet }),
    take: (rows) => writeLine(packRows(rows)),
  });
  if ("refused" in outcome) writeLine(outcome);
  else {
    const { rows, ...table } = outcome.table;
    writeLine(packRows(rows));
    writeLine({ table: { ...table, rows: [] } });
  }
}

await main();
