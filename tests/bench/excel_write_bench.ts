/** Measures our workbook writer against a bare template-string writer and exceljs's stream. */
import ExcelJS from "exceljs";
import { createWriteStream } from "node:fs";
import { WorkbookWriter } from "../../lib/excel/write.ts";
import { bareText, BareZip } from "./bare_zip.ts";

export interface Measurement {
  writer: WriterName;
  seconds: number;
  /** Of seconds: how many times the bare writer's. */
  ratio: number;
  /** The most memory the process ever held, less what it held before writing, in MB. */
  peakOverIdleMegabytes: number;
  fileMegabytes: number;
}

type WriterName = keyof typeof WRITERS;

interface Report {
  tabs: number;
  rowsPerTab: number;
}

interface Run {
  seconds: number;
  peakOverIdleMegabytes: number;
  fileMegabytes: number;
}

const WRITERS = { bare: writeBare, own: writeOwn, exceljs: writeExceljs };
const NAMES: readonly WriterName[] = ["bare", "own", "exceljs"];
const HEADERS = ["User", "Email", "Learners", "When"];
const MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const START = Date.UTC(2025, 8, 1);

/**
 * Writes the same workbook with each writer, each time in a fresh process, and gives the median
 * of the runs by seconds.
 */
export async function bench(
  report: Report = { tabs: 2_000, rowsPerTab: 100 },
  runs = 3,
): Promise<Measurement[]> {
  const medians: { writer: WriterName; run: Run }[] = [];
  for (const writer of NAMES) {
    const measured: Run[] = [];
    for (let run = 0; run < runs; run++) measured.push(await runAlone(writer, report));
    measured.sort((one, other) => one.seconds - other.seconds);
    const run = measured[Math.floor(measured.length / 2)];
    if (run !== undefined) medians.push({ writer, run });
  }
  const bare = medians.find(({ writer }) => writer === "bare")?.run.seconds ?? NaN;
  return medians.map(({ writer, run }) => ({ writer, ratio: run.seconds / bare, ...run }));
}

async function runAlone(writer: WriterName, report: Report): Promise<Run> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--allow-all",
      import.meta.filename ?? "",
      writer,
      String(report.tabs),
      String(report.rowsPerTab),
    ],
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  const numbers = new TextDecoder().decode(stdout).trim().split(" ").map(Number);
  const [seconds = NaN, peakOverIdleMegabytes = NaN, fileMegabytes = NaN] = numbers;
  return { seconds, peakOverIdleMegabytes, fileMegabytes };
}

async function measure(writer: WriterName, report: Report): Promise<Run> {
  const path = await Deno.makeTempFile({ suffix: ".xlsx" });
  try {
    // What loading modules left behind is no part of idle or peak.
    await new Promise((resolve) => setTimeout(resolve, 200));
    const idle = Deno.memoryUsage().rss;
    const start = performance.now();
    await WRITERS[writer](path, report);
    const seconds = (performance.now() - start) / 1_000;
    return {
      seconds,
      peakOverIdleMegabytes: (await peakBytes() - idle) / 1e6,
      fileMegabytes: (await Deno.stat(path)).size / 1e6,
    };
  } finally {
    await Deno.remove(path);
  }
}

/** The process's highest resident memory so far, in bytes; Linux only. */
async function peakBytes(): Promise<number> {
  const status = await Deno.readTextFile("/proc/self/status");
  const kilobytes = /VmHWM:\s+(\d+) kB/.exec(status)?.[1];
  if (kilobytes === undefined) {
    throw new Error("This system does not tell a process's peak memory.");
  }
  return Number(kilobytes) * 1_024;
}

interface SignIn {
  user: string;
  email: string;
  learners: string;
  /** Local, in seconds since `START`. */
  at: number;
}

function signIn(tab: number, row: number): SignIn {
  return {
    user: `Parent ${tab} & Co`,
    email: `parent${tab}@example.com`,
    learners: `Learner ${tab} Surname${row % 3}, Learner Other`,
    at: (tab * 7_919 + row * 86_413) % 31_536_000,
  };
}

async function writeOwn(path: string, { tabs, rowsPerTab }: Report): Promise<void> {
  using file = await Deno.open(path, { write: true, truncate: true });
  const book = new WorkbookWriter((chunk) => writeAll(file, chunk));
  for (let tab = 1; tab <= tabs; tab++) {
    const sheet = await book.addSheet({
      name: `Parent ${tab}`,
      columns: HEADERS.map((header) => ({ header, width: 24 })),
      freezeRows: 1,
    });
    for (let row = 0; row < rowsPerTab; row++) {
      const { user, email, learners, at } = signIn(tab, row);
      await sheet.addRow([user, email, learners, local(at)]);
    }
    await sheet.close();
  }
  await book.close();
}

function local(at: number): Temporal.PlainDateTime {
  const date = new Date(START + at * 1_000);
  return new Temporal.PlainDateTime(
    date.getUTCFullYear(),
    date.getUTCMonth() + 1,
    date.getUTCDate(),
    date.getUTCHours(),
    date.getUTCMinutes(),
    date.getUTCSeconds(),
  );
}

async function writeExceljs(path: string, { tabs, rowsPerTab }: Report): Promise<void> {
  const book = new ExcelJS.stream.xlsx.WorkbookWriter({
    stream: createWriteStream(path),
    useStyles: true,
  });
  for (let tab = 1; tab <= tabs; tab++) {
    const sheet = book.addWorksheet(`Parent ${tab}`, {
      views: [{ state: "frozen", ySplit: 1 }],
    });
    sheet.columns = HEADERS.map((header) => ({ header, width: 24 }));
    sheet.getColumn(4).numFmt = "dd/mm/yyyy hh:mm:ss";
    for (let row = 0; row < rowsPerTab; row++) {
      const { user, email, learners, at } = signIn(tab, row);
      sheet.addRow([user, email, learners, new Date(START + at * 1_000)]).commit();
    }
    sheet.commit();
  }
  await book.commit();
}

/** The least that can write such a workbook: no checks, one string a tab, the zip by hand. */
async function writeBare(path: string, { tabs, rowsPerTab }: Report): Promise<void> {
  using file = await Deno.open(path, { write: true, truncate: true });
  const zip = new BareZip((bytes) => writeAll(file, bytes));
  for (let tab = 1; tab <= tabs; tab++) {
    await zip.add(`xl/worksheets/sheet${tab}.xml`, bareSheet(tab, rowsPerTab));
  }
  for (const [name, xml] of bareParts(tabs)) await zip.add(name, xml);
  await zip.close();
}

function bareSheet(tab: number, rows: number): string {
  let xml = `<worksheet xmlns="${MAIN}"><sheetData><row r="1">${
    HEADERS.map((header, index) => bareText("ABCD".charAt(index) + 1, header)).join("")
  }</row>`;
  for (let row = 0; row < rows; row++) {
    const { user, email, learners, at } = signIn(tab, row);
    const number = row + 2;
    xml += `<row r="${number}">${bareText("A" + number, user)}${bareText("B" + number, email)}${
      bareText("C" + number, learners)
    }<c r="D${number}" s="1"><v>${START / 86_400_000 + 25_569 + at / 86_400}</v></c></row>`;
  }
  return xml + "</sheetData></worksheet>";
}

function bareParts(tabs: number): Map<string, string> {
  const numbers = Array.from({ length: tabs }, (_, index) => index + 1);
  const relation = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
  const relations = "http://schemas.openxmlformats.org/package/2006/relationships";
  const type = "application/vnd.openxmlformats-officedocument.spreadsheetml";
  return new Map([
    [
      "xl/workbook.xml",
      `<workbook xmlns="${MAIN}" xmlns:r="${relation}"><sheets>${
        numbers.map((tab) => `<sheet name="Parent ${tab}" sheetId="${tab}" r:id="r${tab}"/>`)
          .join("")
      }</sheets></workbook>`,
    ],
    [
      "xl/_rels/workbook.xml.rels",
      `<Relationships xmlns="${relations}">${
        numbers.map((tab) =>
          `<Relationship Id="r${tab}" Type="${relation}/worksheet"` +
          ` Target="worksheets/sheet${tab}.xml"/>`
        ).join("")
      }<Relationship Id="s" Type="${relation}/styles" Target="styles.xml"/></Relationships>`,
    ],
    [
      "xl/styles.xml",
      `<styleSheet xmlns="${MAIN}"><fonts><font/></fonts><fills><fill/></fills><borders><border/>` +
      "</borders><cellStyleXfs><xf/></cellStyleXfs><cellXfs><xf/>" +
      '<xf numFmtId="22" applyNumberFormat="1"/></cellXfs></styleSheet>',
    ],
    [
      "_rels/.rels",
      `<Relationships xmlns="${relations}"><Relationship Id="r1"` +
      ` Type="${relation}/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
    ],
    [
      "[Content_Types].xml",
      '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">' +
      '<Default Extension="rels"' +
      ' ContentType="application/vnd.openxmlformats-package.relationships+xml"/>' +
      `<Default Extension="xml" ContentType="${type}.worksheet+xml"/>` +
      `<Override PartName="/xl/workbook.xml" ContentType="${type}.sheet.main+xml"/>` +
      `<Override PartName="/xl/styles.xml" ContentType="${type}.styles+xml"/></Types>`,
    ],
  ]);
}

async function writeAll(file: Deno.FsFile, chunk: Uint8Array): Promise<void> {
  for (let done = 0; done < chunk.length;) done += await file.write(chunk.subarray(done));
}

function isWriter(name: string): name is WriterName {
  return name in WRITERS;
}

async function print(text: string): Promise<void> {
  await Deno.stdout.write(new TextEncoder().encode(text + "\n"));
}

/** With a writer, tabs and rows a tab: measures that one here. With tabs and rows a tab: all. */
async function main(args: readonly string[]): Promise<void> {
  const [first = "2000", second = "100", third = "100"] = args;
  if (isWriter(first)) {
    const report = { tabs: Number(second), rowsPerTab: Number(third) };
    await print(Object.values(await measure(first, report)).join(" "));
    return;
  }
  const report = { tabs: Number(first), rowsPerTab: Number(second) };
  await print(`${report.tabs * report.rowsPerTab} rows on ${report.tabs} tabs`);
  await print("writer    seconds   ratio   peak over idle MB   file MB");
  for (const row of await bench(report)) {
    await print(
      row.writer.padEnd(8) + row.seconds.toFixed(2).padStart(9) + row.ratio.toFixed(2).padStart(8) +
        row.peakOverIdleMegabytes.toFixed(0).padStart(20) +
        row.fileMegabytes.toFixed(1).padStart(10),
    );
  }
}

if (import.meta.main) await main(Deno.args);
