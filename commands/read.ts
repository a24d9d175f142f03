// read FILE: what the importer sees in a file, as JSON on standard output.

import { basename } from "node:path";
import { readInChild } from "../lib/excel/child.ts";
import { shownRows } from "../lib/excel/read.ts";
import { UsageError } from "./arguments.ts";

export async function read(args: string[]): Promise<number> {
  const [path] = args;
  if (path === undefined || args.length > 1) throw new UsageError("Use: read FILE");
  const bytes = await Deno.readFile(path).catch(() => {
    throw new UsageError(`${path} cannot be read.`);
  });
  const outcome = await readInChild(bytes, basename(path));
  const shown = "table" in outcome
    ? { sheet: outcome.table.sheet, rows: shownRows(outcome.table) }
    : { refused: { kind: outcome.refused.kind, sentence: outcome.refused.sentence } };
  const writer = Deno.stdout.writable.getWriter();
  await writer.write(new TextEncoder().encode(JSON.stringify(shown) + "\n"));
  await writer.close();
  return 0;
}
