// The page of one task: the task that the address names, which of its records are shown, and sending it back to work.

import type { Author } from "../db/audit.ts";
import { type Transaction, transaction } from "../db/connect.ts";
import { findTask, type Task } from "../db/tasks.ts";
import { authorOf, type Ctx, readId } from "./context.ts";
import { notFound } from "./errors.tsx";

/** Records on one page. */
const PAGE_SIZE = 100;

/** The task of the address, or 404 where it is of another kind. */
export async function taskOf(c: Ctx, kind: string): Promise<Task> {
  const id = readId(c.req.param("id")) ?? notFound();
  const task = await findTask(c.var.services.sql, id);
  return task !== null && task.kind === kind ? task : notFound();
}

/** The class that is asked for, else the first in their order that has records; null if none has. */
export function shownClass<Name extends string>(
  c: Ctx,
  classes: readonly { readonly name: Name }[],
  countOf: (name: Name) => number,
): Name | null {
  const asked = c.req.query("class");
  const shown = classes.find(({ name }) => name === asked) ??
    classes.find(({ name }) => countOf(name) > 0);
  return shown?.name ?? null;
}

/**
 * The records after the one that the address names.
 * @param keyOf what the address of the next page names the last record by
 */
export async function pageAfter<Item>(
  c: Ctx,
  list: (place: { readonly after: number; readonly limit: number }) => Promise<readonly Item[]>,
  keyOf: (item: Item) => number,
): Promise<{ readonly items: readonly Item[]; readonly next: number | null }> {
  const found = await list({ after: readPosition(c.req.query("after")), limit: PAGE_SIZE + 1 });
  const items = found.slice(0, PAGE_SIZE);
  const last = items.at(-1);
  return { items, next: found.length > PAGE_SIZE && last !== undefined ? keyOf(last) : null };
}

/** A position that Postgres has a number for; else from the first. */
function readPosition(text: string | undefined): number {
  const position = readId(text) ?? 0;
  return position < 2 ** 31 ? position : 0;
}

/** Sends a task back to work, and on to its page. Pressed twice, or by two people: the second finds it under way. */
export async function resumeWork(
  c: Ctx,
  task: Task,
  home: string,
  resume: (tx: Transaction, taskId: number, author: Author) => Promise<boolean>,
): Promise<Response> {
  const { sql, queue } = c.var.services;
  await transaction(sql, async (tx) => {
    if (await resume(tx, task.id, authorOf(c))) await queue.send(tx, task.kind, task.id);
  });
  return c.redirect(home, 303);
}
