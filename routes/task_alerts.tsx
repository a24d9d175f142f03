// Task Alerts and All tasks: what runs, how it ended, its file, dismissing and cancelling.

import { findFile, readFile } from "../db/files.ts";
import { cancelTask, dismissAlert, findTask, listAlerts, listTasks } from "../db/tasks.ts";
import { partialsOnly } from "../views/swap.tsx";
import { ALERTS, Partial } from "../views/swap.tsx";
import { TaskAlerts, TasksPage } from "../views/task_alerts.tsx";
import { type Ctx, factory, page, readId, timesOf, wantsPiece } from "./context.ts";
import { notFound } from "./errors.tsx";
import { frameOf, seenOf } from "./frame.tsx";
import { Refusal } from "./errors.tsx";

const PAGE_SIZE = 50;

export const taskAlerts = factory.createApp()
  .get("/", async (c) => {
    if (!wantsPiece(c)) return c.redirect("/tasks", 303);
    const tasks = await listAlerts(c.var.services.sql, c.var.admin.id);
    const seen = await seenOf(tasks);
    if (c.req.query("seen") === seen) return c.body(null, 204);
    return await page(c, <TaskAlerts tasks={tasks} seen={seen} />);
  })
  .post("/:id/dismissal", async (c) => {
    const { services, admin } = c.var;
    const id = readId(c.req.param("id")) ?? notFound();
    const done = await dismissAlert(services.sql, id, admin.id, services.clock.now());
    if (!done && await findTask(services.sql, id) === null) notFound();
    return await alertsChanged(c);
  });

export const tasks = factory.createApp()
  .get("/", async (c) => {
    const found = await listTasks(c.var.services.sql, readId(c.req.query("before")), PAGE_SIZE + 1);
    const shown = found.slice(0, PAGE_SIZE);
    const next = found.length > PAGE_SIZE ? shown.at(-1)?.id ?? null : null;
    return await page(
      c,
      <TasksPage frame={await frameOf(c)} tasks={shown} next={next} times={timesOf(c)} />,
    );
  })
  .get("/:id/file", async (c) => {
    // A viewer sees, and takes nothing away.
    if (c.var.admin.role === "Viewer") throw new Refusal("not allowed");
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
    if (!await cancelTask(sql, id, clock.now()) && await findTask(sql, id) === null) notFound();
    return await alertsChanged(c);
  });

/** The region as it is now; or All tasks, for a browser without script. */
async function alertsChanged(c: Ctx): Promise<Response> {
  if (!wantsPiece(c)) return c.redirect("/tasks", 303);
  const tasks = await listAlerts(c.var.services.sql, c.var.admin.id);
  const region = <TaskAlerts tasks={tasks} seen={await seenOf(tasks)} />;
  const response = await page(c, <Partial target={ALERTS}>{region}</Partial>);
  Object.entries(partialsOnly()).forEach(([name, value]) => response.headers.set(name, value));
  return response;
}

/** Content-Disposition for a name in any script (RFC 6266). */
export function attachment(name: string): string {
  const plain = name.normalize("NFKD").replace(/[^ -~]|["\\]/g, "_");
  return `attachment; filename="${plain}"; filename*=UTF-8''${encodeURIComponent(name)}`;
}
