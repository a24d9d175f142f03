// Starting a task again that failed or was cancelled: a new one that is about the same.

import { addAudit, type Author } from "./audit.ts";
import type { Transaction } from "./connect.ts";
import { COVERAGE_EXPORT } from "./coverage.ts";
import { SIGN_IN_EXPORT } from "./sign_in_list.ts";
import { addTask, findTask, type Task } from "./tasks.ts";
import { USAGE_REPORT } from "./usage_reports.ts";

/** Kinds that only read: nothing of the first try is in the way, and their facts are all they need. */
const REPEATABLE: ReadonlySet<string> = new Set([COVERAGE_EXPORT, SIGN_IN_EXPORT, USAGE_REPORT]);

/** Whether it ended without success and can be started again as it is. Pure. */
export function isRetryable(task: Pick<Task, "kind" | "state">): boolean {
  return REPEATABLE.has(task.kind) && (task.state === "failed" || task.state === "cancelled");
}

/**
 * Adds a task with the kind, title and facts of one that failed or was cancelled; once, however often it is asked for.
 * The caller sends the job of a new one in the same transaction.
 * @returns the id of the new task, or of the one that was added before; null if it cannot be started again
 */
export async function retryTask(
  sql: Transaction,
  id: number,
  by: { readonly adminId: number; readonly author: Author },
): Promise<{ readonly id: number; readonly kind: string; readonly isNew: boolean } | null> {
  await sql`select from tasks where id = ${id} for update`;
  const task = await findTask(sql, id);
  if (task === null || !isRetryable(task)) return null;
  const [before] = await sql<{ id: number }[]>`
    select id from tasks where kind = ${task.kind} and facts -> 'retryOf' = to_jsonb(${id}::bigint)
     order by id limit 1`;
  if (before) return { id: before.id, kind: task.kind, isNew: false };
  const added = await addTask(sql, {
    kind: task.kind,
    title: task.title,
    adminId: by.adminId,
    facts: { ...task.facts, retryOf: id },
    requestId: by.author.requestId ?? null,
  });
  await addAudit(sql, [
    { ...by.author, what: "retry task", subject: "task", subjectId: id, after: { task: added } },
    {
      ...by.author,
      what: `start ${task.kind}`,
      subject: "task",
      subjectId: added,
      after: task.facts,
    },
  ]);
  return { id: added, kind: task.kind, isNew: true };
}
