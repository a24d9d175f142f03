// Import (Excel): Upload File, Help and its template, and the review of a file.

import { transaction } from "../db/connect.ts";
import {
  approveImport,
  countClasses,
  countEmailChanges,
  EXCEL_IMPORT,
  listImportRows,
  readRowClass,
  startExcelImport,
} from "../db/excel_imports.ts";
import { IMPORT_COLUMNS, MOST_ROWS } from "../db/import_columns.ts";
import type { RowClass } from "../db/import_plan.ts";
import { findTask, type Task } from "../db/tasks.ts";
import { templateWorkbook } from "../jobs/import_workbooks.ts";
import {
  ExcelImportPage,
  ExcelImportsPage,
  HelpDialog,
  ImportReview,
  type ReviewProps,
  UploadDialog,
} from "../views/excel_imports.tsx";
import {
  answer,
  authorOf,
  type Ctx,
  factory,
  page,
  readForm,
  readId,
  wantsPiece,
} from "./context.ts";
import { notFound } from "./errors.tsx";
import { mayChange } from "./guards.ts";
import { frameOf } from "./frame.tsx";
import { undoNoteOf } from "./import_undos.tsx";
import { attachment, taskStarted } from "./task_alerts.tsx";

const MEGABYTES = 10;
const LIMITS = { megabytes: MEGABYTES, rows: MOST_ROWS };
const PAGE_SIZE = 100;
const XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

export const excelImports = factory.createApp()
  .get("/", async (c) => await importsPage(c))
  .get("/new", async (c) => {
    mayChange(c);
    return await showDialog(c, <UploadDialog limits={LIMITS} />);
  })
  .get(
    "/help",
    async (c) => await showDialog(c, <HelpDialog columns={IMPORT_COLUMNS} limits={LIMITS} />),
  )
  .get("/template.xlsx", async (c) =>
    c.body(await templateWorkbook(), 200, {
      "content-type": XLSX,
      "content-disposition": attachment("Parent Logons.xlsx"),
    }))
  .post("/", async (c) => {
    const { sql, clock, queue } = c.var.services;
    const file = (await readForm(c)).file("file");
    const problem = fileProblem(file);
    if (file === null || problem !== null) {
      return await showDialog(
        c,
        <UploadDialog limits={LIMITS} problem={problem ?? undefined} />,
        422,
      );
    }
    const bytes = new Uint8Array(await file.arrayBuffer());
    const id = await transaction(sql, async (tx) => {
      const taskId = await startExcelImport(tx, {
        adminId: c.var.admin.id,
        fileName: file.name,
        mediaType: file.type,
        bytes,
        at: clock.now(),
        requestId: c.var.requestId,
      });
      await queue.send(tx, EXCEL_IMPORT, taskId);
      return taskId;
    });
    return await taskStarted(c, `/excel-imports/${id}`, `${file.name} is being read.`);
  })
  .get("/:id", async (c) => {
    const task = await importOf(c);
    const review = await reviewOf(c, task);
    return await answer(c, {
      page: async () => <ExcelImportPage frame={await frameOf(c)} {...review} />,
      piece: () => <ImportReview {...review} />,
    });
  })
  .post("/:id/approval", async (c) => {
    const { sql, queue } = c.var.services;
    const task = await importOf(c);
    // Pressed twice, or by two people: the second finds it under way.
    await transaction(sql, async (tx) => {
      if (await approveImport(tx, task.id, authorOf(c))) {
        await queue.send(tx, EXCEL_IMPORT, task.id);
      }
    });
    return c.redirect(`/excel-imports/${task.id}`, 303);
  });

/** Why a file is refused before it is read, in a sentence that says what to do; null if it may be read. */
function fileProblem(file: File | null): string | null {
  if (file === null || file.name === "") return "Choose a file first.";
  const ending = /\.([a-z0-9]+)$/i.exec(file.name)?.[1]?.toLowerCase() ?? "";
  if (ending !== "xlsx" && ending !== "csv") {
    return `${file.name} is not a file that can be read here. Open it in Excel, choose Save As, and pick Excel Workbook (.xlsx) or CSV.`;
  }
  if (file.size === 0) return `${file.name} is empty. Save it again, and choose it again.`;
  if (file.size > MEGABYTES * 1024 * 1024) {
    return `${file.name} is larger than ${MEGABYTES} MB. Take away pictures and sheets that are not needed, or divide it into two files.`;
  }
  return null;
}

async function importOf(c: Ctx): Promise<Task> {
  const id = readId(c.req.param("id")) ?? notFound();
  const task = await findTask(c.var.services.sql, id);
  return task !== null && task.kind === EXCEL_IMPORT ? task : notFound();
}

async function reviewOf(c: Ctx, task: Task): Promise<ReviewProps> {
  const { sql } = c.var.services;
  const counts = await countClasses(sql, task.id);
  const shown = readRowClass(c.req.query("class")) ?? firstClass(counts);
  const after = readId(c.req.query("after")) ?? 0;
  const rows = await listImportRows(sql, task.id, { class: shown, after, limit: PAGE_SIZE + 1 });
  return {
    task,
    counts,
    emailChanges: task.state === "needs review" ? await countEmailChanges(sql, task.id) : 0,
    shown,
    rows: rows.slice(0, PAGE_SIZE),
    next: rows.length > PAGE_SIZE ? rows[PAGE_SIZE - 1]?.position ?? null : null,
    mayEdit: c.var.admin.role !== "Viewer",
    undo: await undoNoteOf(c, task),
  };
}

/** What the office wants to see first: what needs a decision. */
function firstClass(counts: Readonly<Record<RowClass, number>>): RowClass | null {
  const order: RowClass[] = [
    "error",
    "blocked",
    "update",
    "restore",
    "create",
    "link",
    "unchanged",
  ];
  return order.find((name) => counts[name] > 0) ?? null;
}

function importsPage(
  c: Ctx,
  dialog?: Parameters<typeof ExcelImportsPage>[0]["dialog"],
  status: 200 | 422 = 200,
): Promise<Response> {
  return page(
    c,
    frameOf(c).then((frame) => (
      <ExcelImportsPage
        frame={frame}
        mayEdit={c.var.admin.role !== "Viewer"}
        {...(dialog === undefined ? {} : { dialog })}
      />
    )),
    status,
  );
}

async function showDialog(
  c: Ctx,
  dialog: NonNullable<Parameters<typeof ExcelImportsPage>[0]["dialog"]>,
  status: 200 | 422 = 200,
): Promise<Response> {
  return wantsPiece(c) ? await page(c, dialog, status) : await importsPage(c, dialog, status);
}
