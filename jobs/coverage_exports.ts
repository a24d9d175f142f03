// The job of an export of Coverage: the figures by year and registration group, and everybody who is missing.

import {
  type Counts,
  type Coverage,
  COVERAGE_EXPORT,
  findCoverage,
  type Lack,
  readCoverageFacts,
} from "../db/coverage.ts";
import { listMissingAfter, type MissingLearner } from "../db/coverage_missing.ts";
import { deleteFile, openFile } from "../db/files.ts";
import { claimed, noteProgress } from "../db/tasks.ts";
import { XLSX } from "../lib/excel/media_type.ts";
import { type Cell, type Column, WorkbookWriter } from "../lib/excel/write.ts";
import { nextWords } from "../views/coverage_missing.tsx";
import { percent } from "../views/coverage_table.tsx";
import { checkStopping, type Job, type JobOutcome, type Running } from "./job.ts";

const LOT = 1000;

const COVERAGE: readonly Column[] = [
  { header: "Year", width: 24 },
  { header: "Registration group", width: 24 },
  { header: "Learners", width: 11 },
  { header: "With a logon", width: 14 },
  { header: "%", width: 7 },
  { header: "Mailed", width: 11 },
  { header: "%", width: 7 },
  { header: "Signed in", width: 11 },
  { header: "%", width: 7 },
];
const MISSING: readonly Column[] = [
  { header: "Learner", width: 30 },
  { header: "Admission number", width: 18, kind: "text" },
  { header: "Year", width: 16 },
  { header: "Registration group", width: 20 },
  { header: "Status", width: 12 },
  { header: "Lacking", width: 26 },
  { header: "What to do next", width: 60, look: "wrap" },
];
const LACKING: Readonly<Record<Lack, string>> = {
  "logon": "No parent has a logon",
  "mail": "No parent was mailed",
  "sign-in": "No parent has signed in",
};
const SHEET = { freezeRows: 1, filterRow: 1, printTitleRow: 1, landscape: true };

export const coverageExports: Job = {
  kind: COVERAGE_EXPORT,
  retries: 3,
  expiresIn: 3600,
  readsMuch: true,
  run: runCoverageExport,
};

export async function runCoverageExport(running: Running): Promise<JobOutcome> {
  const { services: { sql, clock }, reads = sql, task, claim } = running;
  const scope = readCoverageFacts(task.facts);
  const today = clock.today();
  try {
    const coverage = await findCoverage(reads, scope, today);
    const file = await openFile(sql, claim, {
      name: `Coverage ${today}.xlsx`,
      mediaType: XLSX,
      at: clock.now(),
    });
    const book = new WorkbookWriter((bytes) => file.write(bytes), { title: `Coverage ${today}` });
    await writeCoverage(book, coverage);
    const missing = await writeMissing(running, book, today);
    await book.close();
    await file.close();
    return { state: "done", facts: { learners: coverage.total.learners, missing } };
  } catch (error) {
    // What cannot be removed now, with the connection gone say, is removed by the next run.
    await claimed(sql, claim, (tx) => deleteFile(tx, task.id, "unfinished")).catch(() => {});
    throw error;
  }
}

/** Each year, its registration groups below it, and the whole school last. */
async function writeCoverage(book: WorkbookWriter, coverage: Coverage): Promise<void> {
  const sheet = await book.addSheet({ name: "Coverage", columns: COVERAGE, ...SHEET });
  for (const year of coverage.years) {
    const name = year.year ?? "No year group";
    await sheet.addRow([name, "All", ...figuresOf(year)], { look: "header" });
    for (const group of year.groups) {
      await sheet.addRow([name, group.group ?? "No registration group", ...figuresOf(group)]);
    }
  }
  await sheet.addRow(["All", "All", ...figuresOf(coverage.total)], { look: "header" });
  await sheet.close();
}

function figuresOf({ learners, logon, mailed, signedIn }: Counts): Cell[] {
  return [learners, ...[logon, mailed, signedIn].flatMap((one) => [one, percent(one, learners)])];
}

/** @returns how many */
async function writeMissing(
  running: Running,
  book: WorkbookWriter,
  today: string,
): Promise<number> {
  const { services: { sql }, reads = sql, task, claim } = running;
  const scope = readCoverageFacts(task.facts);
  const sheet = await book.addSheet({ name: "Missing", columns: MISSING, ...SHEET });
  let missing = 0;
  let last: number | null = null;
  await noteProgress(sql, claim, { step: "writing", done: 0 });
  do {
    checkStopping(running);
    const place = { last, limit: LOT };
    const lot: MissingLearner[] = await listMissingAfter(reads, scope, place, today);
    for (const learner of lot) await sheet.addRow(rowOf(learner));
    missing += lot.length;
    await noteProgress(sql, claim, { step: "writing", done: missing });
    last = lot.length < LOT ? null : lot.at(-1)?.id ?? null;
  } while (last !== null);
  await sheet.close();
  return missing;
}

function rowOf(learner: MissingLearner): Cell[] {
  return [
    `${learner.firstName} ${learner.surname}`,
    learner.admissionNumber,
    learner.yearGroup,
    learner.registrationGroup,
    learner.status,
    LACKING[learner.lacks],
    nextWords(learner.next),
  ];
}
