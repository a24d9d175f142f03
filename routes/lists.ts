// What the address bar says about any long list, and how its list answers a search, a sort or a page.

import type { Child } from "hono/jsx";
import { type Ctx, page, readId, wantsPiece } from "./context.ts";

/** The part of a view that every list with groups has. */
export type ListPlace<Sort extends string> = {
  readonly search: string;
  readonly year: string | null;
  readonly group: string | null;
  readonly sort: Sort;
  readonly descending: boolean;
  readonly after: number | null;
  readonly before: number | null;
};

/** Reads it; whatever it says wrong is as if it were not there. @param sorts the first is the usual one */
export function readListPlace<Sort extends string>(
  query: URLSearchParams,
  sorts: readonly [Sort, ...Sort[]],
): ListPlace<Sort> {
  const sort = query.get("sort") ?? "";
  const known = sorts.find((one) => one === sort.replace(/^-/, ""));
  return {
    search: storable(query.get("q") ?? "").trim().slice(0, 200),
    year: storable(query.get("year") ?? "").slice(0, 40) || null,
    group: storable(query.get("group") ?? "").slice(0, 40) || null,
    sort: known ?? sorts[0],
    descending: known !== undefined && sort.startsWith("-"),
    after: readId(query.get("after") ?? undefined),
    before: readId(query.get("before") ?? undefined),
  };
}

/** A list as a page, or as the piece that a search, a sort or a page exchanges. @param list.address where it is now */
export async function answerList(
  c: Ctx,
  list: { address: string; page(): Promise<Child>; piece(): Child },
): Promise<Response> {
  if (!wantsPiece(c)) return await page(c, list.page());
  // A link brings its own entry in the history; only searching replaces the one there is.
  const byLink = c.req.header("hx-source")?.startsWith("a") ?? false;
  if (!byLink) c.header("HX-Replace-Url", list.address);
  return await page(c, list.piece());
}

/** What Postgres can store of a text that was typed. */
export function storable(text: string): string {
  return text.toWellFormed().replaceAll("\0", "");
}
