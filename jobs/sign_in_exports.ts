// The job of an export of the sign-in history: a workbook with a row for each try, newest first.

import { deleteFile, legalFileName, openFile } from "../db/files.ts";
import { findLogon } from "../db/logons.ts";
import {
  countSignIns,
  listSignInsBefore,
  readExportFacts,
  SIGN_IN_EXPORT,
  type SignInEntry,
  type SignInFilter,
} from "../db/sign_in_list.ts";
import { claimed, noteProgress } from "../db/tasks.ts";
import { XLSX } from "../lib/excel/media_type.ts";
import { type Cell, type Column, WorkbookWriter } from "../lib/excel/write.ts";
import { filterLines, narrowedTo, OUTCOMES } from "../views/sign_ins.tsx";
import { timesIn } from "../views/times.ts";
import { fullName } from "../views/ui.tsx";
import { checkStopping, type Job, type JobOutcome, type Running } from "./job.ts";

const LOT = 2000;
/** Rows of one sheet, below Excel's 1,048,576. */
const SHEET_ROWS = 1_000_000;

const COLUMNS: readonly Column[] = [
  { header: "Date", width: 12, kind: "date" },
  { header: "Time", width: 10, kind: "time" },
  { header: "Parent", width: 30 },
  { header: "Username", width: 34 },
  { header: "Email", width: 34 },
  { header: "Learners", width: 44, look: "wrap" },
  { header: "How it went", width: 26 },
  { header: "Device", width: 26 },
  { header: "Address", width: 40 },
];

export const signInExports: Job = {
  kind: SIGN_IN_EXPORT,
  retries: 3,
  expiresIn: 3600,
  readsMuch: true,
  run: runSignInExport,
};

export async function runSignInExport(running: Running): Promise<JobOutcome> {
  const { services: { sql, clock, config }, reads = sql, task, claim } = running;
  const filter = readExportFacts(task.facts);
  await noteProgress(sql, claim, { step: "counting", done: 0, total: null });
  const total = await countSignIns(reads, filter, config.timeZone);
  if (total === 0) return { state: "done", facts: { tries: 0 } };
  await noteProgress(sql, claim, { step: "writing tries", total });
  try {
    const name = ["Sign-ins", ...narrowedTo(filter)].join(", ");
    const file = await openFile(sql, claim, {
      name: `${legalFileName(name)}.xlsx`,
      mediaType: XLSX,
      at: clock.now(),
    });
    const book = new WorkbookWriter((bytes) => file.write(bytes), { title: name });
    const tries = await writeRows(running, book, filter, total);
    await writeAbout(running, book, filter, tries);
    await book.close();
    await file.close();
    return { state: "done", facts: { tries } };
  } catch (error) {
    // What cannot be removed now, with the connection gone say, is removed by the next run.
    await claimed(sql, claim, (tx) => deleteFile(tx, task.id, "unfinished")).catch(() => {});
    throw error;
  }
}

/** Last, what the export is: of whom, and what it leaves out. */
async function writeAbout(
  running: Running,
  book: WorkbookWriter,
  filter: SignInFilter,
  tries: number,
): Promise<void> {
  const { services: { sql, config, clock } } = running;
  const logon = filter.logon === null ? null : await findLogon(sql, filter.logon);
  const about = filter.logon === null
    ? null
    : logon === null
    ? "a logon that is gone"
    : fullName(logon);
  const sheet = await book.addSheet({ name: "About", columns: [{ width: 28 }, { width: 60 }] });
  const lines = [
    ["Sign-in history", config.schoolName],
    ["Made", timesIn(config.timeZone, clock.now()).full(clock.now())],
    ...filterLines(filter, about),
    ["Tries", tries],
  ] as const;
  for (const [label, value] of lines) await sheet.addRow([{ value: label, look: "header" }, value]);
  await sheet.close();
}

/** @param total as counted before, for the progress. @returns how many */
async function writeRows(
  running: Running,
  book: WorkbookWriter,
  filter: SignInFilter,
  total: number,
): Promise<number> {
  const { services: { sql, config }, reads = sql, claim } = running;
  let tries = 0;
  let last: SignInEntry | null = null;
  let sheet = await book.addSheet({ name: "Sign-ins", ...SHEET });
  do {
    checkStopping(running);
    const lot: SignInEntry[] = await listSignInsBefore(reads, filter, last, LOT, config.timeZone);
    for (const entry of lot) {
      if (tries > 0 && tries % SHEET_ROWS === 0) {
        await sheet.close();
        sheet = await book.addSheet({ name: `Sign-ins ${tries / SHEET_ROWS + 1}`, ...SHEET });
      }
      await sheet.addRow(rowOf(entry, config.timeZone));
      tries++;
    }
    await noteProgress(sql, claim, { done: Math.min(tries, total) });
    last = lot.length < LOT ? null : lot.at(-1) ?? null;
  } while (last !== null);
  await sheet.close();
  return tries;
}

const SHEET = { columns: COLUMNS, freezeRows: 1, filterRow: 1, printTitleRow: 1, landscape: true };

function rowOf(entry: SignInEntry, timeZone: string): Cell[] {
  const local = Temporal.Instant.fromEpochMilliseconds(entry.at.getTime())
    .toZonedDateTimeISO(timeZone);
  return [
    local.toPlainDate(),
    local.toPlainTime().with({ millisecond: 0, microsecond: 0, nanosecond: 0 }),
    entry.name ?? "not known",
    entry.username,
    entry.email,
    entry.learners.join(", "),
    OUTCOMES[entry.outcome],
    entry.device,
    entry.ip,
  ];
}
