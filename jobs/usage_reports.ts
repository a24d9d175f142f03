// The job of Parent Portal Usage: writes a workbook with a tab for each parent who signed in, and a Summary last.

import { deleteFile, legalFileName, openFile } from "../db/files.ts";
import { findSettings } from "../db/settings.ts";
import { claimed, noteProgress } from "../db/tasks.ts";
import {
  countUsageAbsent,
  keptSince,
  listUsage,
  listUsageAbsent,
  listUsageParents,
  narrowedTo,
  readUsageFacts,
  shortDay,
  USAGE_REPORT,
  type UsageAbsent,
  type UsageEnd,
  type UsageLook,
  type UsagePage,
  type UsageParent,
  type UsageWanted,
  type UsageWindow,
  windowOf,
} from "../db/usage_reports.ts";
import { describeDevice } from "../lib/devices.ts";
import { XLSX } from "../lib/excel/media_type.ts";
import {
  type Cell,
  type Column,
  SheetNames,
  type SheetWriter,
  WorkbookWriter,
} from "../lib/excel/write.ts";
import { type Sink, ZipWriter } from "../lib/excel/zip_writer.ts";
import { checkStopping, type Job, type JobOutcome, type Running } from "./job.ts";

/**
 * Parents of one workbook. Excel's own limit of sheets is the machine's memory; LibreOffice opens 10,000, the Summary among
 * them. Beyond it the report is several workbooks in a zip.
 */
const MOST_TABS = 9_999;
/** Sign-ins of one query; between two of them the job can stop. */
const PAGE = 1_000;
/** Milliseconds between two notes of how far it is. */
const NOTED_EVERY = 250;
/** Of the last tab; a parent who is called so gets another name for theirs. */
const SUMMARY = "Summary";

export const usageReports: Job = {
  kind: USAGE_REPORT,
  retries: 3,
  expiresIn: 4 * 60 * 60,
  readsMuch: true,
  run: (running) => runUsageReport(running),
};

/** One report: its window, what it is to hold, and how far it is. */
type Report = {
  readonly running: Running;
  readonly wanted: UsageWanted;
  readonly window: UsageWindow;
  readonly parents: readonly UsageParent[];
  /** Sign-ins that were counted before the first was written. */
  readonly total: number;
  readonly absent: { readonly absent: number; readonly never: number };
  /** Since when sign-ins are kept, where the report begins before that. */
  readonly since: Temporal.PlainDate | null;
  readonly written: { parents: number; signIns: number };
};

/** What the Summary says of a tab. */
type Tab = {
  readonly name: string;
  readonly username: string;
  readonly isDeleted: boolean;
  /** When the first was, as {@link UsagePage.local}. */
  readonly first: number;
  last: number;
  /** As the last was. */
  look: UsageLook;
  signIns: number;
};

/** Runs a report. @param mostTabs parents in one workbook */
export async function runUsageReport(
  running: Running,
  mostTabs = MOST_TABS,
): Promise<JobOutcome> {
  const { services: { sql, config, clock }, reads = sql, task, claim } = running;
  const wanted = readUsageFacts(task.facts);
  const window = windowOf(wanted, config.timeZone);
  await noteProgress(sql, claim, { step: "counting", done: 0, total: null });
  const parents = await listUsageParents(reads, window);
  const total = parents.reduce((sum, parent) => sum + parent.signIns, 0);
  if (parents.length === 0) return { state: "done", facts: { parents: 0, signIns: 0 } };
  const absent = await countUsageAbsent(reads, window, parents);
  const written = { parents: 0, signIns: 0 };
  const { sign_in_months } = await findSettings(sql);
  const since = keptSince(wanted.start, clock.today(), sign_in_months);
  const report = { running, wanted, window, parents, total, absent, since, written };
  await noteProgress(sql, claim, { step: "writing tabs", total });
  const isOne = parents.length <= mostTabs;
  try {
    const file = await openFile(sql, claim, {
      name: `${nameOf(wanted)}.${isOne ? "xlsx" : "zip"}`,
      mediaType: isOne ? XLSX : "application/zip",
      at: clock.now(),
    });
    if (isOne) await writeWorkbook((bytes) => file.write(bytes), report, parents);
    else await writeZip((bytes) => file.write(bytes), report, mostTabs);
    await file.close();
  } catch (error) {
    // What cannot be removed now, with the connection gone say, is removed by the next run.
    await claimed(sql, claim, (tx) => deleteFile(tx, task.id, "unfinished")).catch(() => {});
    throw error;
  }
  return { state: "done", facts: { ...written, ...absent } };
}

/** "Portal usage 2026-09-01 to 2026-11-24, 7B": sorts by date in a folder, and is legal everywhere. */
function nameOf(wanted: UsageWanted): string {
  return legalFileName(
    [`Portal usage ${wanted.start} to ${wanted.end}`, ...narrowedTo(wanted)].join(", "),
  );
}

async function writeZip(sink: Sink, report: Report, mostTabs: number): Promise<void> {
  const zip = new ZipWriter(sink);
  const parts = Math.ceil(report.parents.length / mostTabs);
  for (let part = 1; part <= parts; part++) {
    await zip.startEntry(`${nameOf(report.wanted)}, part ${part} of ${parts}.xlsx`);
    const parents = report.parents.slice((part - 1) * mostTabs, part * mostTabs);
    await writeWorkbook((bytes) => zip.write(bytes), report, parents, { part, parts });
    await zip.endEntry();
  }
  await zip.close();
}

async function writeWorkbook(
  sink: Sink,
  report: Report,
  parents: readonly UsageParent[],
  place: { readonly part: number; readonly parts: number } = { part: 1, parts: 1 },
): Promise<void> {
  const book = new WorkbookWriter(sink, { title: nameOf(report.wanted), activeSheet: SUMMARY });
  const tabs = await writeTabs(book, report, parents);
  await writeSummary(book, report, tabs, place);
  await book.close();
}

const TAB_COLUMNS: readonly Column[] = [
  { header: "User", width: 28 },
  { header: "Email", width: 34 },
  { header: "Learners", width: 44, look: "wrap" },
  { header: "Date", width: 12, kind: "date" },
  { header: "Time", width: 10, kind: "time" },
  { header: "Device", width: 26 },
];

const TAB = {
  columns: TAB_COLUMNS,
  freezeRows: 1,
  filterRow: 1,
  printTitleRow: 1,
  landscape: true,
} as const;

/** A tab for each parent, in their order. Memory holds two pages of sign-ins and a short record of each tab. */
async function writeTabs(
  book: WorkbookWriter,
  report: Report,
  parents: readonly UsageParent[],
): Promise<Tab[]> {
  const names = new SheetNames();
  names.take(SUMMARY);
  const tabs: Tab[] = [];
  const devices = new Devices();
  let sheet: SheetWriter | undefined;
  let open: Tab | undefined;
  let openParent: UsageParent | undefined;
  for await (const page of pagesOf(report, parents)) {
    for (const [look, from, to] of runsOf(page)) {
      const parent = page.parents[look.place];
      const first = page.local[from] ?? NaN;
      const last = page.local[to - 1] ?? NaN;
      if (parent === undefined) continue;
      if (sheet === undefined || open === undefined || parent !== openParent) {
        await sheet?.close();
        openParent = parent;
        const name = names.take(`${parent.firstName} ${parent.surname}`.trim() || "No name");
        sheet = await book.addSheet({ ...TAB, name });
        const { username, isDeleted } = parent;
        open = { name, username, isDeleted, first, last, look, signIns: 0 };
        tabs.push(open);
        report.written.parents++;
      }
      await sheet.addRows(tabRows(look, page.local.subarray(from, to), devices));
      open.last = last;
      open.look = look;
      open.signIns += to - from;
    }
    report.written.signIns += page.local.length;
  }
  await sheet?.close();
  return tabs;
}

/** Sign-ins one after the other that look alike, from the first up to the one after the last. */
function* runsOf(
  { looks, lookOf }: UsagePage,
): Generator<[look: UsageLook, from: number, to: number]> {
  for (let from = 0, to = 0; from < lookOf.length; from = to) {
    const look = looks[lookOf[from] ?? 0];
    while (to < lookOf.length && lookOf[to] === lookOf[from]) to++;
    if (look !== undefined) yield [look, from, to];
  }
}

type Page = UsagePage & { readonly parents: readonly UsageParent[] };

/** Every sign-in of these parents a page at a time, with progress and a chance to stop after each. */
async function* pagesOf(report: Report, parents: readonly UsageParent[]): AsyncGenerator<Page> {
  const { running, window, written, total } = report;
  const { services: { sql }, reads = sql, claim } = running;
  const batches = batchesOf(parents);
  async function read(batch: readonly UsageParent[], after: UsageEnd | null): Promise<Page> {
    return { parents: batch, ...await listUsage(reads, window, batch, after, PAGE) };
  }
  function readBatch(): Promise<Page> | null {
    const batch = batches.next();
    return batch.done ? null : read(batch.value, null);
  }
  let noted = performance.now();
  for (let next = readBatch(); next !== null;) {
    checkStopping(running);
    const page: Page = await next;
    // Postgres reads the next page while this one is written.
    next = page.end === null ? readBatch() : read(page.parents, page.end);
    // If writing fails first, nobody asks any more what became of the reading.
    next?.catch(() => {});
    yield page;
    if (next !== null && performance.now() - noted < NOTED_EVERY) continue;
    await noteProgress(sql, claim, { done: Math.min(written.signIns, total) });
    noted = performance.now();
  }
}

/** Parents whose sign-ins fit into a page together, or one who has more. */
function* batchesOf(parents: readonly UsageParent[]): Generator<UsageParent[]> {
  let batch: UsageParent[] = [];
  let rows = 0;
  for (const parent of parents) {
    if (batch.length > 0 && rows + parent.signIns >= PAGE) {
      yield batch;
      batch = [];
      rows = 0;
    }
    batch.push(parent);
    rows += parent.signIns;
  }
  if (batch.length > 0) yield batch;
}

/** Rows of sign-ins that look alike. All are the same array, which is written before the next one is asked for. */
function* tabRows(look: UsageLook, local: Float64Array, devices: Devices): Generator<Cell[]> {
  const date = { serial: 0, kind: "date" } satisfies Cell;
  const time = { serial: 0, kind: "time" } satisfies Cell;
  const device = devices.describe(look.userAgent);
  const row = [look.name, look.email, look.learners, date, time, device];
  for (const at of local) {
    const day = Math.floor(at / DAY);
    date.serial = day + EPOCH_SERIAL;
    time.serial = Math.floor((at - day * DAY) / 1000) / 86_400;
    yield row;
  }
}

const DAY = 86_400_000;
/** Excel's number of 1 January 1970. */
const EPOCH_SERIAL = 25_569;

/** What somebody used, in words where it is known: a school's parents have few different ones. */
class Devices {
  readonly #known = new Map<string, string>();

  describe(userAgent: string | null): string | null {
    if (userAgent === null) return null;
    const known = this.#known.get(userAgent);
    if (known !== undefined) return known;
    const said = describeDevice(userAgent) ?? userAgent;
    // Whoever signs in can send what they like.
    if (this.#known.size >= 1000) this.#known.clear();
    this.#known.set(userAgent, said);
    return said;
  }
}

const SUMMARY_COLUMNS: readonly Column[] = [
  { width: 34 },
  { width: 34 },
  { width: 26 },
  { width: 44, look: "wrap" },
  { width: 10 },
  { width: 13, kind: "date" },
  { width: 13, kind: "date" },
  { width: 30 },
];
const SUMMARY_HEADERS = [
  "User",
  "Email",
  "Username",
  "Learners",
  "Sign-ins",
  "First",
  "Last",
  "Note",
];

/** Totals, a link to each tab, and in the last workbook everybody who did not sign in. */
async function writeSummary(
  book: WorkbookWriter,
  report: Report,
  tabs: readonly Tab[],
  { part, parts }: { readonly part: number; readonly parts: number },
): Promise<void> {
  const { running } = report;
  const lines = summaryLines(report, tabs, { part, parts });
  // An empty row parts the totals from the table, so that its filter takes in nothing else.
  const headerRow = lines.length + 2;
  const sheet = await book.addSheet({
    name: SUMMARY,
    columns: SUMMARY_COLUMNS,
    freezeRows: headerRow,
    filterRow: headerRow,
    printTitleRow: headerRow,
    landscape: true,
  });
  for (const [label, value] of lines) await sheet.addRow([{ value: label, look: "header" }, value]);
  await sheet.addRow(SUMMARY_HEADERS, { rowNumber: headerRow, look: "header" });
  for (const tab of tabs) await sheet.addRow(summaryRow(tab));
  if (part === parts) {
    await noteProgress(running.services.sql, running.claim, { step: "writing summary" });
    await addAbsent(sheet, report);
  }
  await sheet.close();
}

type Line = readonly [label: string, value: Cell];

function summaryLines(
  { running, wanted, absent, since, written }: Report,
  tabs: readonly Tab[],
  { part, parts }: { readonly part: number; readonly parts: number },
): Line[] {
  const learners = [wanted.year, wanted.group].filter((name) => name !== null).join(", ");
  return [
    ["Parent Portal Usage", running.services.config.schoolName],
    ["From", { value: wanted.start }],
    ["To", { value: wanted.end }],
    ...(since === null ? [] : [["Sign-ins are kept since", { value: since }] satisfies Line]),
    ...(learners === "" ? [] : [
      ["Only learners who are now in", learners] satisfies Line,
      ["Left out", "Parents whose logon is gone for good"] satisfies Line,
    ]),
    ...(wanted.parents === null
      ? []
      : [["Only chosen parents", wanted.parents.length] satisfies Line]),
    ...(parts === 1 ? [] : [
      ["Part", `${part} of ${parts}`] satisfies Line,
      ["Parents in this part", tabs.length] satisfies Line,
      ["Sign-ins in this part", tabs.reduce((sum, tab) => sum + tab.signIns, 0)] satisfies Line,
    ]),
    ...(part < parts ? [] : [
      ["Parents who signed in", written.parents] satisfies Line,
      ["Sign-ins", written.signIns] satisfies Line,
      ["Parents who did not sign in", absent.absent] satisfies Line,
      ["Of these, never signed in at all", absent.never] satisfies Line,
    ]),
  ];
}

function summaryRow(tab: Tab): Cell[] {
  return [
    { value: tab.look.name || tab.name, look: "link", link: { sheet: tab.name } },
    tab.look.email,
    tab.username,
    tab.look.learners,
    tab.signIns,
    dayOf(tab.first),
    dayOf(tab.last),
    tab.isDeleted ? "Logon deleted since" : null,
  ];
}

async function addAbsent(sheet: SheetWriter, { running, window, parents }: Report): Promise<void> {
  const { services: { sql }, reads = sql } = running;
  let after: number | null = null;
  do {
    checkStopping(running);
    const page: UsageAbsent[] = await listUsageAbsent(reads, window, parents, after, PAGE);
    for (const parent of page) {
      await sheet.addRow([
        `${parent.firstName} ${parent.surname}`,
        parent.email,
        parent.username,
        parent.learners.join(", "),
        0,
        null,
        null,
        parent.lastLocal === null
          ? "Never signed in"
          : `Last signed in on ${shortDay(dayOf(parent.lastLocal))}`,
      ]);
    }
    after = page.length < PAGE ? null : page.at(-1)?.id ?? null;
  } while (after !== null);
}

function dayOf(local: number): Temporal.PlainDate {
  const date = new Date(local);
  return new Temporal.PlainDate(
    date.getUTCFullYear(),
    date.getUTCMonth() + 1,
    date.getUTCDate(),
  );
}
