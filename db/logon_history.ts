// The history of a logon: its audit rows, newest first, a page at a time, with names where ids are kept.

import type { Queryable } from "./connect.ts";
import type { HistoryEntry } from "./history.ts";
import { withNames } from "./audit_names.ts";

export type HistoryPage = {
  readonly entries: readonly HistoryEntry[];
  /** The row after which the next page begins; null if there is none. */
  readonly next: number | null;
};

/**
 * What was done to a logon. Of a block it says that there was one; why, only to who may know.
 * @param asked.after the last row of the page before; null for the first page
 */
export async function listLogonHistory(
  sql: Queryable,
  logonId: number,
  asked: { readonly after: number | null; readonly limit: number; readonly seesBlocks: boolean },
): Promise<HistoryPage> {
  const rows = await sql<HistoryEntry[]>`
    select id, at, who, what, before, after from audit
     where subject = 'logon' and subject_id = ${logonId}
       ${asked.after === null ? sql`` : sql`and id < ${asked.after}`}
     order by id desc limit ${asked.limit + 1}`;
  const page = rows.slice(0, asked.limit);
  const shown = page.map((row) => {
    const hidden = /\bblock\b/.test(row.what) && !asked.seesBlocks;
    return hidden ? { ...row, before: null, after: null } : row;
  });
  return {
    entries: await withNames(sql, shown),
    next: rows.length > asked.limit ? page.at(-1)?.id ?? null : null,
  };
}
