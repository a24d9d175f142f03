// Imports from Excel: starting one, keeping the plan of its rows for review, and counting what became of them.

import { addAudit, type Author } from "./audit.ts";
import { isInUse } from "./caller_checks.ts";
import type { Fragment } from "./fragment.ts";
import type { Queryable, Sql, Transaction } from "./connect.ts";
import { fileNameOf, putFile } from "./files.ts";
import type { PlannedRow, RowClass, RowPlan } from "./import_plan.ts";
import type { RowInput, RowProblem } from "./import_rows.ts";
import { addTask, type Claim, claimed, type Facts, noteProgress, resumeTask } from "./tasks.ts";

/** The kind of these tasks, and of their job. */
export const EXCEL_IMPORT = "excel import";
/** Rows in one statement: few enough to be made JSON in a few milliseconds. */
const PIECE = 500;

/** Stores an uploaded file and the task that imports it; the caller sends the job in the same transaction. @returns the task's id */
export async function startExcelImport(
  sql: Transaction,
  upload: {
    readonly adminId: number;
    readonly fileName: string;
    readonly mediaType: string;
    readonly bytes: Uint8Array;
    readonly at: Date;
    readonly requestId: string | null;
  },
): Promise<number> {
  const name = fileNameOf(upload.fileName);
  const taskId = await addTask(sql, {
    kind: EXCEL_IMPORT,
    title: `Import ${name}`,
    adminId: upload.adminId,
    facts: {},
    requestId: upload.requestId,
  });
  await putFile(sql, {
    taskId,
    purpose: "upload",
    name,
    mediaType: upload.mediaType || "application/octet-stream",
    bytes: upload.bytes,
    at: upload.at,
  });
  return taskId;
}

/** Stores the plan of every row, in place of an earlier one, with its counts among the task's facts. */
export async function storePlan(
  sql: Sql,
  claim: Claim,
  rows: readonly PlannedRow[],
  facts: Facts,
): Promise<Facts> {
  const counts = countRows(rows);
  const all: Facts = { ...facts, ...counts, rows: rows.length, planned: true };
  await claimed(sql, claim, async (tx) => {
    await tx`delete from task_items where task_id = ${claim.taskId}`;
    for (let start = 0; start < rows.length; start += PIECE) {
      const piece = rows.slice(start, start + PIECE).map((row) => ({
        ...row,
        state: firstState(row),
        logon_id: row.plan.logonId,
      }));
      await tx`
        insert into task_items (task_id, position, class, state, logon_id, input, plan, problems)
        select ${claim.taskId}, position, class, state, logon_id, input, plan, problems
          from jsonb_to_recordset(${tx.json(piece)}) as r (
            position int, class text, state text, logon_id bigint, input jsonb, plan jsonb, problems jsonb)`;
    }
    await noteProgress(tx, claim, { facts: all });
  });
  return all;
}

/** Whether somebody must look before anything is written: whatever is not a plain addition, or may lack a column. */
export function needsReview(facts: Facts): boolean {
  return typeof facts["misspeltColumns"] === "string" && facts["misspeltColumns"] !== "" ||
    (["update", "restore", "blocked", "error"] as const).some((name) => facts[name] !== 0);
}

/**
 * Sends a reviewed import on to be written; the caller sends the job in the same transaction.
 * @returns false if it no longer waits for review
 */
export async function approveImport(
  sql: Transaction,
  taskId: number,
  author: Author,
): Promise<boolean> {
  if (!await resumeTask(sql, taskId, { approved: true })) return false;
  await addAudit(sql, [{ ...author, what: "approve import", subject: "task", subjectId: taskId }]);
  return true;
}

/** How many rows of each class a plan has. */
function countRows(rows: readonly PlannedRow[]): Record<RowClass, number> {
  const counts = noRows();
  for (const row of rows) counts[row.class]++;
  return counts;
}

/** Rows that are shown together: those of one class, or those that could not be written, or were not since it was cancelled. */
export type RowGroup = RowClass | "failed";

/** How many rows of each class an import has, and how many of all were not written. */
export async function countGroups(
  sql: Queryable,
  taskId: number,
): Promise<Record<RowGroup, number>> {
  const rows = await sql<{ class: RowClass; count: number; failed: number }[]>`
    select class, count(*)::int as count, count(*) filter (where ${
    isNotWritten(sql)
  })::int as failed
      from task_items i where task_id = ${taskId} group by class`;
  const counts = { ...noRows(), failed: 0 };
  for (const row of rows) {
    counts[row.class] = row.count;
    counts.failed += row.failed;
  }
  return counts;
}

function isNotWritten(sql: Queryable): Fragment {
  return sql`(i.state = 'failed' or i.state = 'planned' and exists (
    select from tasks t where t.id = i.task_id and t.state = 'cancelled' and t.done > 0))`;
}

/** How many rows would give, or gave, another email to a logon that somebody uses. */
export async function countEmailChanges(sql: Queryable, taskId: number): Promise<number> {
  const [row] = await sql<[{ count: number }]>`
    select count(*)::int as count from task_items i join logons l on l.id = i.logon_id
     where i.task_id = ${taskId} and i.class in ('update', 'restore') and i.plan->'set'->>'email' is not null
       and ${isInUse(sql)}`;
  return row.count;
}

/** What has become of the rows so far. */
export type Outcomes = {
  readonly created: number;
  readonly updated: number;
  readonly linked: number;
  readonly restored: number;
  readonly unchanged: number;
  readonly leftOut: number;
  readonly failed: number;
};

/** Counts what has become of the rows. */
export async function countOutcomes(sql: Queryable, taskId: number): Promise<Outcomes> {
  const [row] = await sql<[Outcomes]>`
    select count(*) filter (where state = 'done' and class = 'create')::int as created,
           count(*) filter (where state = 'done' and class = 'update')::int as updated,
           count(*) filter (where state = 'done' and class = 'link')::int as linked,
           count(*) filter (where state = 'done' and class = 'restore')::int as restored,
           count(*) filter (where state = 'done' and class = 'unchanged')::int as unchanged,
           count(*) filter (where state = 'left out')::int as "leftOut",
           count(*) filter (where state = 'failed')::int as failed
      from task_items where task_id = ${taskId}`;
  return row;
}

export type ItemState = "planned" | "done" | "left out" | "failed";

/** A row of an import as it is shown: what it says, what is to become of it, and what has. */
export type ImportRow = {
  readonly position: number;
  readonly class: RowClass;
  readonly state: ItemState;
  readonly logonId: number | null;
  readonly input: RowInput;
  readonly plan: RowPlan;
  readonly problems: readonly RowProblem[];
};

/** Rows in the order of the file, a page at a time. @param wanted.after position of the last row of the page before, or 0 */
export async function listImportRows(
  sql: Queryable,
  taskId: number,
  wanted: { readonly group: RowGroup | null; readonly after: number; readonly limit: number },
): Promise<ImportRow[]> {
  const { group } = wanted;
  return await sql<ImportRow[]>`
    select position, class, state, logon_id as "logonId", input, plan, problems from task_items i
     where task_id = ${taskId} and position > ${wanted.after}
       and ${
    group === null ? sql`true` : group === "failed" ? isNotWritten(sql) : sql`class = ${group}`
  }
     order by position limit ${wanted.limit}`;
}

/** Rows that are still to be written, in order, and the row whose password each needs. */
export async function listPlannedRows(
  sql: Queryable,
  taskId: number,
  wanted: { readonly after: number; readonly limit: number },
): Promise<{ position: number; passwordRow: number | null }[]> {
  return await sql<{ position: number; passwordRow: number | null }[]>`
    select position, (plan->>'passwordRow')::int as "passwordRow" from task_items
     where task_id = ${taskId} and state = 'planned' and position > ${wanted.after}
     order by position limit ${wanted.limit}`;
}

/** How many rows the import writes, and how many of these it has done with. */
export async function countWritten(
  sql: Queryable,
  taskId: number,
): Promise<{ done: number; total: number }> {
  const [row] = await sql<[{ done: number; total: number }]>`
    select count(*) filter (where state <> 'planned')::int as done, count(*)::int as total from task_items
     where task_id = ${taskId}
       and (class in ('create', 'update', 'link', 'restore') or plan->>'follows' is not null)`;
  return row;
}

/** A row that changes nothing is done; one that repeats an adult to be written waits for that adult. */
function firstState(row: PlannedRow): ItemState {
  if (row.class === "error" || row.class === "blocked") return "left out";
  return row.class === "unchanged" && row.plan.follows === null ? "done" : "planned";
}

function noRows(): Record<RowClass, number> {
  return {
    create: 0,
    update: 0,
    link: 0,
    unchanged: 0,
    restore: 0,
    blocked: 0,
    error: 0,
  };
}
