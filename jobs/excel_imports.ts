// The job of an import from Excel: reads and plans the file, waits for review where something is not a plain addition, writes the rows.

import type { Queryable } from "../db/connect.ts";
import {
  countOutcomes,
  countWritten,
  EXCEL_IMPORT,
  type ImportRow,
  listImportRows,
  listPlannedRows,
  needsReview,
  storePlan,
} from "../db/excel_imports.ts";
import { deleteFile, findFile, putFile, readWholeFile, type StoredFile } from "../db/files.ts";
import { applyChunk } from "../db/import_apply.ts";
import { misspeltColumn } from "../db/import_columns.ts";
import { planRows } from "../db/import_plan.ts";
import { readPassword } from "../db/import_rows.ts";
import type { TypedPassword } from "../db/logons.ts";
import { findSettings } from "../db/settings.ts";
import { CancelAsked, claimed, type Facts, noteProgress } from "../db/tasks.ts";
import { daysAfter } from "../lib/days.ts";
import { XLSX } from "../lib/excel/media_type.ts";
import { CHOSEN_COST } from "../lib/passwords.ts";
import { inTurns, Turns } from "../lib/turns.ts";
import { EarlyFacts, type ReadUpload, readUpload } from "./import_reading.ts";
import { resultName, resultWorkbook } from "./import_workbooks.ts";
import {
  authorOfTask,
  checkStopping,
  HandedBack,
  type Job,
  type JobOutcome,
  type Running,
  TaskFailed,
} from "./job.ts";

/** Rows of one transaction at most. */
const CHUNK = 1000;
/** Rows that are read at a time for the workbook with the results. */
const LOT = 500;
/** Passwords of one transaction at most: each takes a fifth of a second to hash. */
const PASSWORDS = 40;

export const excelImports: Job = {
  kind: EXCEL_IMPORT,
  retries: 3,
  // 20,000 passwords take two cores more than half an hour.
  expiresIn: 4 * 60 * 60,
  async run(running: Running): Promise<JobOutcome> {
    try {
      return await runImport(running);
    } catch (error) {
      if (error instanceof TaskFailed || error instanceof CancelAsked) await forget(running);
      throw error;
    }
  },
};

type Upload = ReadUpload & { readonly file: StoredFile };

async function runImport(running: Running): Promise<JobOutcome> {
  const { services: { sql }, task } = running;
  const file = await findFile(sql, task.id, "upload");
  if (file === null) return await endWithoutFile(running);
  const early = task.facts["planned"] === true ? null : new EarlyFacts(sql);
  const upload = await read(running, file, early);
  const facts = early === null ? task.facts : await plan(running, upload, early);
  if (needsReview(facts) && facts["approved"] !== true) {
    await storeResult(running, upload);
    return { state: "needs review" };
  }
  try {
    await write(running, upload);
  } catch (error) {
    if (error instanceof CancelAsked) await storeResult(running, upload, { isStopped: true });
    throw error;
  }
  await noteProgress(sql, running.claim, { step: "writing", total: null });
  await storeResult(running, upload, { isLast: true });
  return { state: "done", facts: await countOutcomes(sql, task.id) };
}

/** A run was killed after its last write, or the file lay unreviewed until it expired. */
async function endWithoutFile({ services: { sql }, task }: Running): Promise<JobOutcome> {
  const left = await listPlannedRows(sql, task.id, { after: 0, limit: 1 });
  if (task.facts["planned"] !== true || left.length > 0) {
    throw new TaskFailed({
      code: "refused",
      sentence: "The file is not kept any more. Choose it again.",
    });
  }
  return { state: "done", facts: await countOutcomes(sql, task.id) };
}

async function read(
  running: Running,
  file: StoredFile,
  early: EarlyFacts | null,
): Promise<Upload> {
  const { services: { sql }, claim, stopping } = running;
  await noteProgress(sql, claim, { step: "reading", total: null });
  const bytes = await readWholeFile(sql, file);
  const outcome = await readUpload(bytes, file.name, {
    signal: stopping,
    ...(early === null ? {} : { onRows: (rows) => early.take(rows) }),
  }).catch((error: unknown) => {
    throw stopping.aborted ? new HandedBack() : error;
  });
  if ("refused" in outcome) throw new TaskFailed({ code: "refused", sentence: outcome.refused });
  return { file, ...outcome };
}

async function plan(running: Running, upload: Upload, early: EarlyFacts): Promise<Facts> {
  const { services: { sql, config }, claim } = running;
  await noteProgress(sql, claim, { step: "checking" });
  const { rows, facts } = await early.end(upload);
  const { shortest_password: shortestPassword } = await findSettings(sql);
  checkStopping(running);
  const options = { shortestPassword, schoolName: config.schoolName };
  const planned = await inTurns(planRows(rows, facts, options));
  return await storePlan(sql, claim, planned, {
    // Of a CSV file it would be the file's own name.
    sheet: upload.table.separator === undefined ? upload.table.sheet : "",
    headerRow: upload.header.row,
    ignoredColumns: quoted(upload.header.ignored),
    misspeltColumns: quoted(upload.header.ignored.filter((heading) => isMissed(heading, upload))),
  });
}

/** Whether a heading seems to mean a column that is not there under its own name. */
function isMissed(heading: string, { header }: Upload): boolean {
  const column = misspeltColumn(heading);
  return column !== undefined && !header.at.has(column.key);
}

/** Headings in a sentence, not too many. */
function quoted(headings: readonly string[]): string {
  const shown = headings.slice(0, 20).map((heading) => `“${heading}”`);
  return shown.join(", ") + (headings.length > shown.length ? " and more" : "");
}

/** Writes what is still planned, a chunk at a time; every stop between two of them is a good one. */
async function write(running: Running, upload: Upload): Promise<void> {
  const { services: { sql, clock }, task, claim } = running;
  const { temporary_password_days: days } = await findSettings(sql);
  const rows = new Map(upload.rows.map((row) => [row.number, row]));
  const written = await countWritten(sql, task.id);
  await noteProgress(sql, claim, { step: "importing", ...written });
  for (let after = 0, done = written.done;;) {
    checkStopping(running);
    const chunk = firstChunk(await listPlannedRows(sql, task.id, { after, limit: CHUNK }));
    const last = chunk.at(-1);
    if (last === undefined) return;
    const passwords = new Map<number, TypedPassword>();
    await Promise.all(chunk.map(async ({ passwordRow }) => {
      const row = passwordRow === null ? undefined : rows.get(passwordRow);
      if (passwordRow === null || row === undefined) return;
      const hash = await running.services.hasher.hash(
        readPassword(row, upload.header),
        CHOSEN_COST,
      );
      passwords.set(passwordRow, { hash, expiresAt: daysAfter(clock.now(), days) });
    }));
    const author = authorOfTask(running);
    await applyChunk(sql, claim, {
      after,
      last: last.position,
      passwords,
      author,
      at: clock.now(),
    });
    after = last.position;
    done += chunk.length;
    await noteProgress(sql, claim, { done });
  }
}

function firstChunk(
  rows: readonly { readonly position: number; readonly passwordRow: number | null }[],
): typeof rows {
  const full = rows.filter((row) => row.passwordRow !== null)[PASSWORDS];
  return full === undefined ? rows : rows.filter((row) => row.position < full.position);
}

/** Stores the workbook with the results; the last one takes the place of what was uploaded. */
async function storeResult(
  { services: { sql, clock }, task, claim }: Running,
  { file, table, header }: Upload,
  options: { readonly isLast?: boolean; readonly isStopped?: boolean } = {},
): Promise<void> {
  const rows = await listAllRows(sql, task.id);
  const bytes = await resultWorkbook(table, header, rows, options);
  await claimed(sql, claim, async (tx) => {
    await putFile(tx, {
      taskId: task.id,
      purpose: "result",
      name: resultName(file.name),
      mediaType: XLSX,
      bytes,
      at: clock.now(),
    });
    if (options.isLast) await deleteFile(tx, task.id, "upload");
  });
}

/** In lots, since the process answers nobody while the rows of one are taken out of their JSON. */
async function listAllRows(sql: Queryable, taskId: number): Promise<ImportRow[]> {
  const rows: ImportRow[] = [];
  const turns = new Turns();
  for (let after: number | undefined = 0; after !== undefined;) {
    const lot: ImportRow[] = await listImportRows(sql, taskId, { group: null, after, limit: LOT });
    for (const row of lot) rows.push(row);
    after = lot.length < LOT ? undefined : lot.at(-1)?.position;
    if (turns.isOver) await turns.rest();
  }
  return rows;
}

/** The upload may hold passwords: it goes as soon as nobody needs it. */
async function forget({ services: { sql }, task, claim }: Running): Promise<void> {
  await claimed(sql, claim, async (tx) => await deleteFile(tx, task.id, "upload"));
}
