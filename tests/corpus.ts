// Reads every file of a folder of sample workbooks and compares what comes out with what is expected.

import { fileURLToPath } from "node:url";
import { type ReadOutcome, shownRows } from "../lib/excel/read.ts";
import { readInChild } from "../lib/excel/child.ts";

const SHOWN_ROWS = 50;
const SHOWN_COLUMNS = 20;
const SHOWN_SHEETS = 20;
const ENDING = ".expected.json";
const KINDS: Readonly<Record<string, string>> = {
  worksheet: "sheet",
  chartsheet: "chart",
  dialogsheet: "dialog",
  macrosheet: "macro",
};

type Expected = {
  readonly verdict: "read" | "refuse" | "either";
  readonly kind?: string;
  readonly sheet?: string;
  readonly sheets?: readonly { name: string; state: string; kind: string }[];
  readonly rows?: readonly (readonly (string | null)[])[];
};

type Result = { readonly name: string; readonly verdict: string; readonly fault?: string };

function unify(text: string): string {
  return text.replace(/\r\n?/g, "\n");
}

/** The first difference, or undefined. */
function compareRows(
  shown: readonly (readonly string[])[],
  expected: NonNullable<Expected["rows"]>,
): string | undefined {
  const last = Math.min(Math.max(shown.length, expected.length), SHOWN_ROWS);
  for (let row = 0; row < last; row++) {
    const found = shown[row] ?? [];
    const wanted = expected[row] ?? [];
    const width = Math.min(Math.max(found.length, wanted.length), SHOWN_COLUMNS);
    for (let column = 0; column < width; column++) {
      const want = wanted[column] === undefined ? "" : wanted[column];
      if (want === null || want === undefined) continue;
      const got = unify(found[column] ?? "");
      if (got !== unify(want)) {
        const place = `row ${row + 1}, column ${column + 1}`;
        return `${place}: ${JSON.stringify(got)} instead of ${JSON.stringify(want)}`;
      }
    }
  }
  return undefined;
}

function compareTable(outcome: ReadOutcome, expected: Expected): string | undefined {
  if ("refused" in outcome) return `refused: ${outcome.refused.kind}: ${outcome.refused.sentence}`;
  const { table } = outcome;
  if (expected.sheet !== undefined && expected.sheet !== table.sheet) {
    return `sheet ${table.sheet} instead of ${expected.sheet}`;
  }
  if (expected.sheets !== undefined) {
    const sheets = table.sheets.slice(0, SHOWN_SHEETS)
      .map(({ name, state, kind }) => `${name} (${state} ${KINDS[kind]})`).join(", ");
    const wanted = expected.sheets.map(({ name, state, kind }) => `${name} (${state} ${kind})`)
      .join(", ");
    if (sheets !== wanted) return `sheets ${sheets} instead of ${wanted}`;
  }
  return expected.rows === undefined ? undefined : compareRows(shownRows(table), expected.rows);
}

function judge(outcome: ReadOutcome, expected: Expected): string | undefined {
  const refused = "refused" in outcome ? outcome.refused : undefined;
  if (expected.verdict === "read") return compareTable(outcome, expected);
  if (expected.verdict === "either") {
    return refused === undefined ? compareTable(outcome, expected) : undefined;
  }
  if (refused === undefined) return `read instead of refused as ${expected.kind}`;
  return refused.kind === expected.kind
    ? undefined
    : `refused as ${refused.kind} instead of ${expected.kind}: ${refused.sentence}`;
}

function isExpected(value: unknown): value is Expected {
  return typeof value === "object" && value !== null && "verdict" in value;
}

async function check(folder: string, name: string): Promise<Result> {
  const expected: unknown = JSON.parse(await Deno.readTextFile(`${folder}/${name}${ENDING}`));
  if (!isExpected(expected)) throw new Error(`${name}${ENDING} has no verdict`);
  const { verdict } = expected;
  try {
    const outcome = await readInChild(await Deno.readFile(`${folder}/${name}`), name);
    const fault = judge(outcome, expected);
    return fault === undefined ? { name, verdict } : { name, verdict, fault };
  } catch (error) {
    return { name, verdict, fault: `failed: ${String(error)}` };
  }
}

async function checkAll(folder: string, names: readonly string[]): Promise<Result[]> {
  const results: Result[] = [];
  const waiting = names.values();
  async function work(): Promise<void> {
    for (const name of waiting) results.push(await check(folder, name));
  }
  await Promise.all([work(), work()]);
  return results.toSorted((a, b) => a.name < b.name ? -1 : 1);
}

function score(results: readonly Result[]): string[] {
  const groups = Map.groupBy(
    results,
    ({ name, verdict }) => `.${name.split(".").at(-1)} to ${verdict}`,
  );
  return [...groups].map(([group, members]) => {
    const right = members.filter(({ fault }) => fault === undefined).length;
    return `${group.padEnd(16)} ${right} of ${members.length} right`;
  }).toSorted();
}

function print(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(line + "\n"));
}

async function main(): Promise<number> {
  const folder = Deno.args[0] ??
    fileURLToPath(new URL("../../shared/data/workbooks", import.meta.url));
  const names: string[] = [];
  try {
    for await (const { name } of Deno.readDir(folder)) {
      if (name.endsWith(ENDING)) names.push(name.slice(0, -ENDING.length));
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    print(`There are no sample workbooks here: ${folder} does not exist.`);
    return 0;
  }
  const results = await checkAll(folder, names);
  const faulty = results.filter(({ fault }) => fault !== undefined);
  for (const { name, verdict, fault } of faulty) print(`${name} (${verdict}): ${fault}`);
  for (const line of score(results)) print(line);
  return faulty.length > 0 ? 1 : 0;
}

Deno.exit(await main());
