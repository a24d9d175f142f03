// Task Alerts and All tasks: what runs, how it ended, its file, dismissing and cancelling.

import { addAudit } from "../db/audit.ts";
import { transaction } from "../db/connect.ts";
import { findFile, readFile } from "../db/files.ts";
import { listHistory } from "../db/history.ts";
import { isRetryable, retryTask } from "../db/task_retries.ts";
import {
  cancelTask,
  dismissAlerts,
  findTask,
  listAlerts,
  listTasks,
  MOST_ALERTS,
} from "../db/tasks.ts";
import { ALERTS, Partial } from "../views/swap.tsx";
import { TaskAlerts, Tasks, TasksPage, TaskStarted } from "../views/task_alerts.tsx";
import { TaskPage, type TaskPageProps, TaskProgress } from "../views/task_page.tsx";
import { confirmOwnPassword, needsConfirming } from "./confirmation.ts";
import {
  answer,
  authorOf,
  type Ctx,
  factory,
  page,
  partials,
  readForm,
  readId,
  timesOf,
  wantsPiece,
} from "./context.ts";
import { notFound } from "./errors.tsx";
import { mayEdit, mustEdit } from "./guards.ts";
import { frameOf, seenOf } from "./frame.tsx";

const PAGE_SIZE = 50;
/** Entries of a task's log on its page. */
const MOST_LOG = 100;
/** Pages of one task that have a way to cancel it, and want to be shown again. */
const PAGES: ReadonlyMap<string, string> = new Map([
  ["bulk-reset", "/bulk-resets"],
  ["letters", "/letters"],
  ["task", "/tasks"],
]);

export const taskAlerts = factory.createApp()
  .get("/", async (c) => {
    if (!wantsPiece(c)) return c.redirect("/tasks", 303);
    const alerts = await listAlerts(c.var.services.sql, c.var.admin.id);
    const seen = seenOf(alerts);
    if (c.req.query("seen") === seen) return c.body(null, 204);
    return await page(c, <TaskAlerts alerts={alerts} seen={seen} mayEdit={mayEdit(c)} />);
  })
  .post("/:id/dismissal", async (c) => {
    const { services, admin } = c.var;
    const id = readId(c.req.param("id")) ?? notFound();
    const done = await dismissAlerts(services.sql, [id], admin.id, services.clock.now());
    if (done === 0 && await findTask(services.sql, id) === null) notFound();
    return await alertsChanged(c);
  })
  .post("/dismissals", async (c) => {
    const { services, admin } = c.var;
    const named = (await readForm(c)).text("tasks").split(" ").slice(0, MOST_ALERTS);
    const ids = named.flatMap((text) => readId(text) ?? []);
    await dismissAlerts(services.sql, ids, admin.id, services.clock.now());
    return await alertsChanged(c);
  });

export const tasks = factory.createApp()
  .get("/", async (c) => {
    const before = readId(c.req.query("before"));
    const found = await listTasks(c.var.services.sql, before, PAGE_SIZE + 1);
    const shown = found.slice(0, PAGE_SIZE);
    const next = found.length > PAGE_SIZE ? shown.at(-1)?.id ?? null : null;
    const props = { tasks: shown, before, next, times: timesOf(c), mayEdit: mayEdit(c) };
    return await answer(c, {
      page: async () => <TasksPage frame={await frameOf(c)} {...props} />,
      piece: () => <Tasks {...props} />,
    });
  })
  .get("/:id", async (c) => {
    const props = await taskPageOf(c, readId(c.req.param("id")) ?? notFound());
    return await answer(c, {
      page: async () => (
        <TaskPage frame={await frameOf(c)} {...props} isLate={c.req.query("late") === "yes"} />
      ),
      piece: () => <TaskProgress {...props} />,
    });
  })
  .post("/:id/retry", async (c) => {
    const { services: { sql, queue }, admin } = c.var;
    const id = readId(c.req.param("id")) ?? notFound();
    const props = await taskPageOf(c, id);
    if (!props.isRetryable) return c.redirect(`/tasks/${id}`, 303);
    const ownProblem = await confirmOwnPassword(c, await readForm(c));
    if (ownProblem !== null) {
      const frame = await frameOf(c);
      return await page(c, <TaskPage frame={frame} {...props} ownProblem={ownProblem} />, 422);
    }
    const started = await transaction(sql, async (tx) => {
      const again = await retryTask(tx, id, { adminId: admin.id, author: authorOf(c) });
      if (again?.isNew) await queue.send(tx, again.kind, again.id);
      return again;
    });
    return c.redirect(`/tasks/${started?.id ?? id}`, 303);
  })
  .get("/:id/file", async (c) => {
    // A viewer sees, and takes nothing away.
    mustEdit(c);
    const { sql } = c.var.services;
    const id = readId(c.req.param("id")) ?? notFound();
    const file = await findFile(sql, id, "result") ?? notFound();
    return c.body(ReadableStream.from(readFile(sql, file)), 200, {
      "content-type": file.mediaType,
      "content-length": String(file.size),
      "content-disposition": attachment(file.name),
    });
  })
  .post("/:id/cancellation", async (c) => {
    const { sql, clock } = c.var.services;
    const id = readId(c.req.param("id")) ?? notFound();
    const cancelled = await transaction(sql, async (tx) => {
      const done = await cancelTask(tx, id, clock.now());
      const change = { what: "cancel task", subject: "task", subjectId: id };
      if (done) await addAudit(tx, [{ ...authorOf(c), ...change }]);
      return done;
    });
    if (!cancelled && await findTask(sql, id) === null) notFound();
    // Somebody else was quicker, in another window say: its page tells what became of it.
    if (!cancelled && !wantsPiece(c)) return c.redirect(`/tasks/${id}?late=yes`, 303);
    const back = PAGES.get((await readForm(c)).text("back"));
    return await alertsChanged(c, back === undefined ? "/tasks" : `${back}/${id}`);
  });

async function taskPageOf(c: Ctx, id: number): Promise<TaskPageProps> {
  const { sql } = c.var.services;
  const task = await findTask(sql, id) ?? notFound();
  return {
    task,
    log: await listHistory(sql, "task", id, MOST_LOG),
    mostLog: MOST_LOG,
    times: timesOf(c),
    mayEdit: mayEdit(c),
    isRetryable: isRetryable(task),
    confirm: needsConfirming(c),
  };
}

/** The region as it is now; or on to a page, by default All tasks, for a browser without script. */
export async function alertsChanged(c: Ctx, to = "/tasks"): Promise<Response> {
  if (!wantsPiece(c)) return c.redirect(to, 303);
  const alerts = await listAlerts(c.var.services.sql, c.var.admin.id);
  const region = <TaskAlerts alerts={alerts} seen={seenOf(alerts)} mayEdit={mayEdit(c)} />;
  return await partials(c, <Partial target={ALERTS}>{region}</Partial>);
}

/** What starting a task answers: the window closes and the task stands in Task Alerts; without script, on to its page. */
export async function taskStarted(c: Ctx, href: string, said: string): Promise<Response> {
  if (!wantsPiece(c)) return c.redirect(href, 303);
  const alerts = await listAlerts(c.var.services.sql, c.var.admin.id);
  return await partials(
    c,
    <TaskStarted alerts={alerts} seen={seenOf(alerts)} href={href}>{said}</TaskStarted>,
    ["dialog:close"],
  );
}

/** Content-Disposition for a name in any script (RFC 6266). */
export function attachment(name: string): string {
  const encoded = encodeURIComponent(name)
    .replace(/['()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
  const plain = name.normalize("NFKD").replace(/[^ -~]|["\\]/g, "_");
  return `attachment; filename="${plain}"; filename*=UTF-8''${encoded}`;
}
