// The list as every answer needs it: read from the address, shown whole, below a window, or after a change.

import type { Child } from "hono/jsx";
import {
  findLogonRows,
  listLogons,
  LOGON_SORTS,
  LOGON_STATES,
  type LogonRow,
  type LogonView,
} from "../db/logon_list.ts";
import { findLogon, findLogonFacts, type LogonDetails, warnAboutLogon } from "../db/logons.ts";
import { MOST_COUNTED } from "../db/search.ts";
import { type LogonListProps, logonsQuery } from "../views/logon_list.tsx";
import { Deleted, LogonsChanged, LogonsPage } from "../views/logons.tsx";
import { fullName, Toast } from "../views/ui.tsx";
import { answer, type Ctx, momentOf, partials, readId, timesOf, wantsPiece } from "./context.ts";
import { mayEdit } from "./guards.ts";
import { aroundList, readListView, shownView } from "./lists.ts";

/** The window: as a piece into the open page, or on top of the list where its address was opened. */
export async function showDialog(
  c: Ctx,
  dialog: Child,
  status: 200 | 404 | 409 | 422 = 200,
): Promise<Response> {
  return await answer(c, {
    piece: () => dialog,
    page: async () => {
      const list = await listOf(c, readView(new URLSearchParams(queryOf(c))));
      return <LogonsPage {...list} {...await aroundList(c)} dialog={dialog} />;
    },
  }, status);
}

const CHANGES = ["added", "saved", "deleted", "restored", "secured", "merged"] as const;
/** What was done to which logon. */
type Done = { readonly what: (typeof CHANGES)[number]; readonly id: number };

/**
 * After a change: the list as it was being looked at, with what was done said; without script a redirect to it, so that
 * loading the page again changes nothing.
 */
export async function listChanged(
  c: Ctx,
  query: string,
  done: Done,
  said: { toast: Child; stays?: boolean },
): Promise<Response> {
  const view = readView(new URLSearchParams(query));
  if (!wantsPiece(c)) {
    const address = logonsQuery(view, view);
    return c.redirect(
      `/logons${address}${address === "" ? "?" : "&"}done=${done.what}-${done.id}`,
      303,
    );
  }
  const list = await listOf(c, view, done);
  return await partials(
    c,
    <LogonsChanged {...list} stays={said.stays ?? false}>{said.toast}</LogonsChanged>,
    ["dialog:close"],
  );
}

function freshOf(done: Done | null): number | null {
  return done !== null && (done.what === "added" || done.what === "restored") ? done.id : null;
}

/** What the address says was just done; null if it says nothing that can be. */
export function readDone(query: URLSearchParams): Done | null {
  const [what, number] = (query.get("done") ?? "").split("-");
  const known = CHANGES.find((change) => change === what);
  const id = readId(number);
  return known === undefined || id === null ? null : { what: known, id };
}

/** The same words as without a redirect, from the logon as it is now. */
export async function toastOf(c: Ctx, done: Done | null): Promise<Child> {
  const logon = done === null ? null : await findLogon(c.var.services.sql, done.id);
  if (done === null || logon === null) return null;
  const name = fullName(logon);
  if (done.what === "deleted") {
    return logon.deletedAt === null ? null : (
      <Toast stays>
        <Deleted id={done.id} name={name} />
      </Toast>
    );
  }
  const sentence = {
    added: `${name} was added.`,
    saved: `${name} was saved.`,
    restored: `${name}’s logon is back.`,
    merged: `The logons of ${name} are one now.`,
    secured: `The two factor authentication of ${name} was changed.`,
  }[done.what];
  const warnings = done.what === "added" || done.what === "saved" ? await warningsOf(c, logon) : [];
  return <Toast stays={warnings.length > 0}>{sentence} {warnings.join(" ")}</Toast>;
}

async function warningsOf(c: Ctx, logon: LogonDetails): Promise<string[]> {
  const facts = await findLogonFacts(c.var.services.sql, {
    usernames: [],
    emails: logon.email === null ? [] : [logon.email],
  });
  return warnAboutLogon(logon, logon.learnerIds.length, facts, logon.id);
}

export async function listOf(
  c: Ctx,
  view: LogonView,
  done: Done | null = null,
): Promise<LogonListProps> {
  const fresh = freshOf(done);
  const { sql } = c.var.services;
  const moment = momentOf(c);
  const [found, marked] = await Promise.all([
    listLogons(sql, view, moment),
    fresh === null ? [] : findLogonRows(sql, [fresh], moment),
  ]);
  const row: LogonRow | undefined = marked[0];
  return {
    view: shownView(view, found),
    page: found,
    fresh: row,
    freshWord: done?.what === "restored" ? "restored" : "new",
    times: timesOf(c),
    mayEdit: mayEdit(c),
    mostCounted: MOST_COUNTED,
  };
}

/** What the address bar says; whatever it says wrong is as if it were not there. */
export function readView(query: URLSearchParams): LogonView {
  const state = LOGON_STATES.find((one) => one === query.get("state")) ?? null;
  return { ...readListView(query, LOGON_SORTS), state };
}

/** The query of the list that the browser shows: from the page's address, else from the request's own. */
export function queryOf(c: Ctx): string {
  const current = c.req.header("hx-current-url");
  const url = new URL(current !== undefined && URL.canParse(current) ? current : c.req.url);
  const view = readView(url.searchParams);
  return logonsQuery(view, view);
}
