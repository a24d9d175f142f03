// The audit: who changed what, when, from what to what; never a secret.

import type { Queryable } from "./connect.ts";
import type postgres from "postgres";

export type Change = {
  /** The admin who did it; null for the program itself and for a parent. */
  readonly adminId: number | null;
  /** That person's name as it was. */
  readonly who: string;
  /** In words, as "edit logon". */
  readonly what: string;
  readonly subject: string;
  readonly subjectId: number | null;
  readonly before?: postgres.JSONValue;
  readonly after?: postgres.JSONValue;
  readonly requestId?: string;
};

/** Records changes, in the transaction that makes them. */
export async function addAudit(sql: Queryable, changes: readonly Change[]): Promise<void> {
  if (changes.length === 0) return;
  const rows = changes.map((change) => ({
    admin_id: change.adminId,
    who: change.who,
    what: change.what,
    subject: change.subject,
    subject_id: change.subjectId,
    before: change.before ?? null,
    after: change.after ?? null,
    request_id: change.requestId ?? null,
  }));
  await sql`
    insert into audit (admin_id, who, what, subject, subject_id, before, after, request_id)
    select admin_id, who, what, subject, subject_id, before, after, request_id
      from jsonb_to_recordset(${sql.json(rows)}) as r (
        admin_id bigint, who text, what text, subject text, subject_id bigint,
        before jsonb, after jsonb, request_id text)`;
}

/** Who did it, as every change records it. */
export type Author = {
  readonly adminId: number | null;
  readonly who: string;
  readonly requestId?: string;
};
