// A parent's own sign-in history, failures included.

import type { Queryable } from "./connect.ts";
import { findPage, type Page } from "./paging.ts";
import type { Outcome } from "./sign_ins.ts";

/** A try to sign in with one's own username. */
export type OwnSignIn = {
  readonly id: number;
  readonly at: Date;
  readonly outcome: Outcome;
  readonly ip: string | null;
  readonly userAgent: string | null;
};

/** One page of a logon's tries, newest first. */
export async function listOwnSignIns(
  sql: Queryable,
  logonId: number,
  view: { readonly after: number | null; readonly before: number | null },
): Promise<Omit<Page, "ids"> & { readonly rows: readonly OwnSignIn[] }> {
  const { ids, ...page } = await findPage(sql, { ...view, descending: true }, {
    table: "sign_ins",
    matching: sql`l.logon_id = ${logonId}`,
    filtered: false,
    columns: ["id", "at", "logon_id"],
    keysOf: (row) => [sql`${row}.at`, sql`${row}.id`],
  });
  const rows = await sql<OwnSignIn[]>`
    select id, at, outcome, host(ip) as ip, user_agent as "userAgent" from sign_ins
     where id = any(${[...ids]}::bigint[]) and logon_id = ${logonId} order by at desc, id desc`;
  return { ...page, rows };
}
