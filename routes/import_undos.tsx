// Undoing an import, of a workbook or of contacts: what it would do, and doing it.

import type { JSX } from "hono/jsx/jsx-runtime";
import { transaction } from "../db/connect.ts";
import { CONTACT_IMPORT } from "../db/contact_imports.ts";
import { EXCEL_IMPORT } from "../db/excel_imports.ts";
import { undoImport } from "../db/import_undo_apply.ts";
import { findImportUndo, findUndo, hasWritten, listRefusedUndos } from "../db/import_undos.ts";
import type { Task } from "../db/tasks.ts";
import { ImportUndoPage, UndoNote } from "../views/import_undos.tsx";
import { confirmOwnPassword, needsConfirming } from "./confirmation.ts";
import { authorOf, type Ctx, factory, page, readForm, timesOf } from "./context.ts";
import { notFound } from "./errors.tsx";
import { frameOf } from "./frame.tsx";
import { mustEdit } from "./guards.ts";
import { pageAfter, taskOf } from "./outcomes.ts";

/** The address under which the imports of each kind have their pages. */
const HOMES: ReadonlyMap<string, string> = new Map([
  [EXCEL_IMPORT, "/excel-imports"],
  [CONTACT_IMPORT, "/contact-imports"],
]);

export const excelImportUndos = undosOf(EXCEL_IMPORT);
export const contactImportUndos = undosOf(CONTACT_IMPORT);

function undosOf(kind: string): ReturnType<typeof factory.createApp> {
  return factory.createApp()
    .get("/:id/undo", async (c) => {
      mustEdit(c);
      return await undoPage(c, await taskOf(c, kind));
    })
    .post("/:id/undo", async (c) => {
      const { sql, clock } = c.var.services;
      const task = await taskOf(c, kind);
      const problem = await confirmOwnPassword(c, await readForm(c));
      if (problem !== null) return await undoPage(c, task, problem);
      // Sent twice, or by two people: the second finds it done.
      await transaction(sql, (tx) => undoImport(tx, task.id, authorOf(c), clock.now()));
      return c.redirect(homeOf(task), 303);
    });
}

/** The link to undo an import that is over, or who has undone it; null where neither is. */
export async function undoNoteOf(c: Ctx, task: Task): Promise<JSX.Element | null> {
  if (task.finishedAt === null) return null;
  const done = await findImportUndo(c.var.services.sql, task.id);
  const offers = done !== null ||
    c.var.admin.role !== "Viewer" && await hasWritten(c.var.services.sql, task.id);
  if (!offers) return null;
  return <UndoNote home={homeOf(task)} done={done} times={timesOf(c)} />;
}

function homeOf(task: Task): string {
  return `${HOMES.get(task.kind) ?? notFound()}/${task.id}`;
}

async function undoPage(c: Ctx, task: Task, problem?: string): Promise<Response> {
  const { sql } = c.var.services;
  const done = await findImportUndo(sql, task.id);
  const refused = await pageAfter(
    c,
    (place) => listRefusedUndos(sql, task.id, place),
    (logon) => logon.id,
  );
  return await page(
    c,
    <ImportUndoPage
      frame={await frameOf(c)}
      task={task}
      home={homeOf(task)}
      counts={done ?? await findUndo(sql, task.id)}
      done={done}
      refused={refused.items}
      next={refused.next}
      restoreDays={c.var.settings.restore_days}
      times={timesOf(c)}
      confirm={needsConfirming(c)}
      problem={problem}
    />,
    problem === undefined ? 200 : 422,
  );
}
