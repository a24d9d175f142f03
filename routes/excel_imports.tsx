// Import (Excel): Upload File, Help and its template, and the review of a file.

import type { Child } from "hono/jsx";
import { transaction } from "../db/connect.ts";
import {
  approveImport,
  countEmailChanges,
  countGroups,
  EXCEL_IMPORT,
  listImportRows,
  startExcelImport,
} from "../db/excel_imports.ts";
import { describeColumns, MOST_ROWS } from "../db/import_columns.ts";
import type { Task } from "../db/tasks.ts";
import { templateWorkbook } from "../jobs/import_workbooks.ts";
import { XLSX } from "../lib/excel/media_type.ts";
import {
  ExcelImportPage,
  ExcelImportsPage,
  HelpDialog,
  IMPORT_CLASSES,
  ImportReview,
  type ReviewProps,
  UploadDialog,
} from "../views/excel_imports.tsx";
import { answer, type Ctx, factory, page, readForm } from "./context.ts";
import { mayEdit, mustEdit } from "./guards.ts";
import { frameOf } from "./frame.tsx";
import { undoNoteOf } from "./import_undos.tsx";
import { pageAfter, resumeWork, shownClass, taskOf } from "./outcomes.ts";
import { attachment, taskStarted } from "./task_alerts.tsx";
import { type Accepted, readUpload } from "./uploads.ts";

const MEGABYTES = 10;
const LIMITS = { megabytes: MEGABYTES, rows: MOST_ROWS };
const ACCEPTED: Accepted = {
  endings: ["xlsx", "csv"],
  megabytes: MEGABYTES,
  otherEnding: "Open it in Excel, choose Save As, and pick Excel Workbook (.xlsx) or CSV.",
  verb: "Save",
  tooLarge: "Take away pictures and sheets that are not needed, or divide it into two files.",
};

export const excelImports = factory.createApp()
  .get("/", async (c) => await page(c, importsPage(c)))
  .get("/new", async (c) => {
    mustEdit(c);
    return await showDialog(c, <UploadDialog limits={LIMITS} />);
  })
  .get(
    "/help",
    async (c) => {
      const columns = describeColumns(c.var.settings.shortest_password);
      return await showDialog(c, <HelpDialog columns={columns} limits={LIMITS} />);
    },
  )
  .get(
    "/template.xlsx",
    async (c) =>
      c.body(await templateWorkbook(c.var.settings.shortest_password), 200, {
        "content-type": XLSX,
        "content-disposition": attachment("Parent Logons.xlsx"),
      }),
  )
  .post("/", async (c) => {
    const { sql, clock, queue } = c.var.services;
    const file = await readUpload(await readForm(c), ACCEPTED);
    if (typeof file === "string") {
      return await showDialog(c, <UploadDialog limits={LIMITS} problem={file} />, 422);
    }
    const id = await transaction(sql, async (tx) => {
      const taskId = await startExcelImport(tx, {
        adminId: c.var.admin.id,
        fileName: file.name,
        mediaType: file.type,
        bytes: file.bytes,
        at: clock.now(),
        requestId: c.var.requestId,
      });
      await queue.send(tx, EXCEL_IMPORT, taskId);
      return taskId;
    });
    return await taskStarted(c, `/excel-imports/${id}`, `${file.name} is being read.`);
  })
  .get("/:id", async (c) => {
    const review = await reviewOf(c, await taskOf(c, EXCEL_IMPORT));
    return await answer(c, {
      page: async () => <ExcelImportPage frame={await frameOf(c)} {...review} />,
      piece: () => <ImportReview {...review} />,
    });
  })
  .post("/:id/approval", async (c) => {
    const task = await taskOf(c, EXCEL_IMPORT);
    return await resumeWork(c, task, `/excel-imports/${task.id}`, approveImport);
  });

async function reviewOf(c: Ctx, task: Task): Promise<ReviewProps> {
  const { sql } = c.var.services;
  const counts = await countGroups(sql, task.id);
  const shown = shownClass(c, IMPORT_CLASSES, (name) => counts[name]);
  return {
    task,
    counts,
    emailChanges: task.state === "needs review" ? await countEmailChanges(sql, task.id) : 0,
    shown,
    ...await pageAfter(
      c,
      (place) => listImportRows(sql, task.id, { group: shown, ...place }),
      (row) => row.position,
    ),
    mayEdit: mayEdit(c),
    undo: await undoNoteOf(c, task),
  };
}

async function showDialog(c: Ctx, dialog: Child, status: 200 | 422 = 200): Promise<Response> {
  return await answer(c, {
    piece: () => dialog,
    page: () => importsPage(c, dialog),
  }, status);
}

async function importsPage(c: Ctx, dialog?: Child): Promise<Child> {
  return (
    <ExcelImportsPage
      frame={await frameOf(c)}
      mayEdit={mayEdit(c)}
      dialog={dialog}
    />
  );
}
