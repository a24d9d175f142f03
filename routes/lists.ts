// What the address bar says about any long list, and how its list answers a search, a sort or a page.

import type { Child } from "hono/jsx";
import { type Groups, listGroups } from "../db/learners.ts";
import type { ListView, PageView } from "../db/paging.ts";
import { storable } from "../db/storable.ts";
import type { Frame } from "../views/layout.tsx";
import { type Ctx, page, readId, wantsPiece } from "./context.ts";
import { frameOf } from "./frame.tsx";

/** Whatever it says wrong is as if it were not there. @param sorts the first is the usual one */
export function readListView<Sort extends string>(
  query: URLSearchParams,
  sorts: readonly [Sort, ...Sort[]],
): ListView<Sort> {
  const sort = query.get("sort") ?? "";
  const known = sorts.find((one) => one === sort.replace(/^-/, ""));
  return {
    search: readSearch(query.get("q") ?? ""),
    year: storable(query.get("year") ?? "").slice(0, 40) || null,
    group: storable(query.get("group") ?? "").slice(0, 40) || null,
    sort: known ?? sorts[0],
    descending: known !== undefined && sort.startsWith("-"),
    after: readId(query.get("after") ?? undefined),
    before: readId(query.get("before") ?? undefined),
  };
}

/** The view that is shown: from the beginning, where the row by which the page was to begin has gone. */
export function shownView<View extends Pick<PageView, "after" | "before">>(
  view: View,
  page: { readonly startedAnew: boolean },
): View {
  return page.startedAnew ? { ...view, after: null, before: null } : view;
}

/** What a page has around its list: the frame, and the groups that the filters offer. */
export async function aroundList(c: Ctx): Promise<{ frame: Frame; groups: Groups }> {
  const [frame, groups] = await Promise.all([frameOf(c), listGroups(c.var.services.sql)]);
  return { frame, groups };
}

/** A list as a page, or as the piece that a search, a sort or a page exchanges. @param list.address where it is now */
export async function answerList(
  c: Ctx,
  list: { address: string; page(): Promise<Child>; piece(): Child },
): Promise<Response> {
  if (!wantsPiece(c)) return await page(c, list.page());
  replaceAddress(c, list.address);
  return await page(c, list.piece());
}

/** The address bar follows a search. A link brings an entry of its own in the history. */
export function replaceAddress(c: Ctx, address: string): void {
  const byLink = c.req.header("hx-source")?.startsWith("a") ?? false;
  if (!byLink) c.header("HX-Replace-Url", address);
}

/** What somebody searches for. */
export function readSearch(typed: string): string {
  return storable(typed).trim().slice(0, 200);
}
