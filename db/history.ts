// The history of one thing: what the audit says was done to it, newest first.

import type { Queryable } from "./connect.ts";
import type { AuditValues } from "./audit_names.ts";

/** One change: who, when, what, from what to what. */
export type HistoryEntry = {
  readonly id: number;
  readonly at: Date;
  readonly who: string;
  /** In words, as "edit learner". */
  readonly what: string;
  readonly before: AuditValues;
  readonly after: AuditValues;
};

/** The newest changes of one thing. @param subject its kind, as "learner" */
export async function listHistory(
  sql: Queryable,
  subject: string,
  subjectId: number,
  limit: number,
): Promise<HistoryEntry[]> {
  return await sql<HistoryEntry[]>`
    select id, at, who, what, before, after from audit
     where subject = ${subject} and subject_id = ${subjectId}
     order by id desc limit ${limit}`;
}
