// Why can't they log in? The window, and the two buttons in it that mend something at once.

import { originOf } from "../config.ts";
import { transaction } from "../db/connect.ts";
import { type AccessTry, checkAccess, findAccessFacts, listTries } from "../db/logon_access.ts";
import { liftSuspension } from "../db/logon_suspensions.ts";
import { findWait, type Try, unlockAddress, unlockLogon } from "../db/throttles.ts";
import { AccessDialog } from "../views/logon_access.tsx";
import { logonsQuery } from "../views/logon_list.tsx";
import {
  authorOf,
  type Ctx,
  factory,
  momentOf,
  readForm,
  readId,
  timesOf,
  wantsPiece,
} from "./context.ts";
import { mayBlock, mayEdit } from "./guards.ts";
import { notFound } from "./errors.tsx";
import { queryOf, readView, showDialog } from "./logon_list.tsx";
import { addressTryOf } from "./sessions.tsx";

/** Tries that the window lists. */
const MOST_TRIES = 10;

export const logonAccess = factory.createApp()
  .get("/:id/access", async (c) => await accessWindow(c, queryOf(c)))
  .post("/:id/unlocking", async (c) => {
    const id = idOf(c);
    const form = await readForm(c);
    const done = await transaction(c.var.services.sql, (tx) => unlockLogon(tx, id, authorOf(c)));
    return await mended(
      c,
      form.text("query"),
      done ? "It is unlocked." : "It was not locked any more.",
    );
  })
  .post("/:id/network-unlocking", async (c) => {
    const { sql } = c.var.services;
    const id = idOf(c);
    const form = await readForm(c);
    const tries = await listTries(sql, id, 1);
    const attempt = await lastAddressOf(c, tries);
    const ip = tries[0]?.ip ?? null;
    const done = attempt !== null && await transaction(
      sql,
      (tx) => unlockAddress(tx, { attempt, ip, logonId: id, author: authorOf(c) }),
    );
    const said = done ? "That network is unlocked." : "It was not locked any more.";
    return await mended(c, form.text("query"), said);
  })
  .post("/:id/reinstatement", async (c) => {
    const id = idOf(c);
    const form = await readForm(c);
    const name = await transaction(
      c.var.services.sql,
      (tx) => liftSuspension(tx, id, authorOf(c)),
    );
    const said = name === null ? "It was not suspended any more." : "The suspension is lifted.";
    return await mended(c, form.text("query"), said);
  });

/** The window as it is now, and the list behind it loads itself anew; without script a redirect to the window. */
async function mended(c: Ctx, query: string, said: string): Promise<Response> {
  if (!wantsPiece(c)) return c.redirect(`/logons/${idOf(c)}/access${listQuery(query)}`, 303);
  const response = await accessWindow(c, listQuery(query), said);
  response.headers.set("HX-Trigger", JSON.stringify({ "logons:changed": {} }));
  return response;
}

/** The list's query as the form brought it: read and written anew, so that nothing else gets into an address. */
function listQuery(posted: string): string {
  const view = readView(new URLSearchParams(posted));
  return logonsQuery(view, view);
}

async function accessWindow(c: Ctx, query: string, said?: string): Promise<Response> {
  const { sql, config, clock } = c.var.services;
  const id = idOf(c);
  const [found, tries] = await Promise.all([
    findAccessFacts(sql, id, momentOf(c)),
    listTries(sql, id, MOST_TRIES),
  ]);
  const facts = found ?? notFound();
  const attempt = await lastAddressOf(c, tries);
  const addressWait = attempt && await findWait(sql, attempt, clock.now());
  const { admin, settings } = c.var;
  const portal = { open: settings.portal !== "closed", message: settings.portal_message };
  return await showDialog(
    c,
    <AccessDialog
      facts={facts}
      reasons={checkAccess(facts, portal, clock.now(), addressWait)}
      tries={tries}
      portal={`${originOf(config)}/portal`}
      mayEdit={mayEdit(c)}
      mayAdminister={admin.role === "Administrator"}
      seesBlocks={mayBlock(c)}
      said={said}
      query={query}
      times={timesOf(c)}
    />,
  );
}

/** The counter of the address that the newest try came from, where it was told to wait. */
async function lastAddressOf(c: Ctx, tries: readonly AccessTry[]): Promise<Try | null> {
  const [last] = tries;
  return last?.outcome === "waiting" ? await addressTryOf(c, "portal", last.ip) : null;
}

function idOf(c: Ctx): number {
  return readId(c.req.param("id")) ?? notFound();
}
