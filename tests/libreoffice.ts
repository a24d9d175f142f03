// Has LibreOffice open the usage workbook, compares every row it shows with what was to be written, and keeps them for CI.

import { userInfo } from "node:os";
import { pathToFileURL } from "node:url";
import { connect } from "../db/connect.ts";
import { openEmbedded } from "../db/embedded.ts";
import { migrate } from "../db/migrate.ts";
import { csvRecords } from "../lib/excel/csv.ts";
import { openLog } from "../lib/log.ts";
import { fromFileUrl } from "./paths.ts";
import { listExpectedSheets, makeUsageWorkbook, type ShownSheet } from "./usage_workbook.ts";

const FIXTURE = fromFileUrl("./fixtures/usage_in_libreoffice.json");

/**
 * Commas, double quotes, UTF-8, no formulas but what they come to, and the cells as they are shown (the ninth) rather than
 * as one would edit them; every sheet into a file of its own (-1). LibreOffice Help, "CSV Filter Parameters".
 */
const AS_CSV = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,true,false,false,-1";

const folder = await Deno.makeTempDir({ prefix: "parent-logons-libreoffice-" });
// Postgres runs as another user where this is root.
await Deno.chmod(folder, 0o755);
let isAlike = false;
try {
  isAlike = await check();
} finally {
  await Deno.remove(folder, { recursive: true });
}
Deno.exit(isAlike ? 0 : 1);

/** @returns whether LibreOffice shows everything as it is to be */
async function check(): Promise<boolean> {
  const version = await findLibreOffice();
  if (version === null) {
    say(
      "There is no soffice on the PATH. Install LibreOffice; Debian's package is libreoffice-calc.",
    );
    return false;
  }
  const shown = await openInLibreOffice(await makeWorkbook());
  const differences = compareSheets(listExpectedSheets(), shown);
  for (const difference of differences) say(difference);
  const rows = shown.reduce((sum, sheet) => sum + sheet.rows.length, 0);
  say(`${version}: ${shown.length} sheets, ${rows} rows, differences: ${differences.length}`);
  if (differences.length > 0) return false;
  await keep({ libreOffice: version, sheets: shown });
  return true;
}

/** The version of the one on the PATH, or of Debian's, which is installed if there is none; null if none can be had. */
async function findLibreOffice(): Promise<string | null> {
  const found = await versionOf();
  if (found !== null || userInfo().uid !== 0) return found;
  await run("apt-get", ["update"]);
  await run("apt-get", ["install", "--yes", "--no-install-recommends", "libreoffice-calc"]);
  return await versionOf();
}

/** "LibreOffice 7.4.7.2 40(Build:2)". */
async function versionOf(): Promise<string | null> {
  return (await runOffice(["--version"]))?.trim() || null;
}

/** With a profile of its own: another LibreOffice that is open would else be asked to do it. */
function runOffice(args: readonly string[]): Promise<string | null> {
  const profile = pathToFileURL(`${folder}/profile`).href;
  return run("soffice", [`-env:UserInstallation=${profile}`, "--headless", ...args]);
}

/** What a program says; null if it is not there or fails. */
async function run(program: string, args: readonly string[]): Promise<string | null> {
  try {
    const { success, stdout } = await new Deno.Command(program, {
      args: [...args],
      // Names of sheets become names of files; LibreOffice says in English what it does.
      env: { LC_ALL: "C.UTF-8", DEBIAN_FRONTEND: "noninteractive" },
      stderr: "null",
    }).output();
    return success ? new TextDecoder().decode(stdout) : null;
  } catch {
    return null;
  }
}

async function makeWorkbook(): Promise<Uint8Array> {
  const server = await openEmbedded(`${folder}/data`, openLog("warn"));
  const sql = connect({ url: server.url, pool: 3 });
  try {
    await migrate(sql);
    return await makeUsageWorkbook(sql);
  } finally {
    await sql.end();
    await server.stop();
  }
}

/** Every sheet in LibreOffice's order. */
async function openInLibreOffice(workbook: Uint8Array): Promise<ShownSheet[]> {
  const file = `${folder}/usage.xlsx`;
  await Deno.writeFile(file, workbook);
  const said = await runOffice(["--convert-to", AS_CSV, "--outdir", `${folder}/csv`, file]);
  const sheets: ShownSheet[] = [];
  for (const [, name = "", path = ""] of (said ?? "").matchAll(/^Writing sheet (.*) -> (.*)$/gm)) {
    const records = csvRecords(await Deno.readTextFile(path), ",");
    sheets.push({ name, rows: [...records].map((record) => record.cells) });
  }
  return sheets;
}

/** What is not shown as it is to be, a line for each row. */
function compareSheets(expected: readonly ShownSheet[], shown: readonly ShownSheet[]): string[] {
  const [wanted, found] = [expected, shown].map((sheets) => sheets.map(({ name }) => name));
  const names = differenceOf("Sheets", wanted, found);
  const rows = expected.flatMap(({ name, rows }) => {
    const others = shown.find((sheet) => sheet.name === name)?.rows ?? [];
    return Array.from(
      { length: Math.max(rows.length, others.length) },
      (_, at) => differenceOf(`${name}, row ${at + 1}`, rows[at], others[at]),
    );
  });
  return [names, ...rows].filter((difference) => difference !== null);
}

type Texts = readonly string[] | undefined;

function differenceOf(place: string, expected: Texts, shown: Texts): string | null {
  const [wanted, found] = [expected, shown].map((texts) => JSON.stringify(texts) ?? "nothing");
  return wanted === found ? null : `${place}: ${found} instead of ${wanted}`;
}

async function keep(result: { libreOffice: string; sheets: readonly ShownSheet[] }): Promise<void> {
  await Deno.writeTextFile(FIXTURE, JSON.stringify(result));
  await run(Deno.execPath(), ["fmt", "--quiet", FIXTURE]);
}

function say(sentence: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(sentence + "\n"));
}
