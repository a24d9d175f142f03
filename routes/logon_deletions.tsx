// Deleting a logon, and the way back.

import type { Child } from "hono/jsx";
import { listBlocksOfLogon } from "../db/blocks.ts";
import { transaction } from "../db/connect.ts";
import { deleteLogon, findLogon, type LogonDetails, restoreLogon } from "../db/logons.ts";
import { DeleteDialog } from "../views/logon_dialog.tsx";
import { Deleted } from "../views/logons.tsx";
import { readerOf } from "./blocks.tsx";
import { confirmOwnPassword, needsConfirming } from "./confirmation.ts";
import { authorOf, type Ctx, factory, readForm, readId } from "./context.ts";
import { notFound } from "./errors.tsx";
import { mustEdit } from "./guards.ts";
import { gone } from "./logon_form.tsx";
import { listChanged, queryOf, showDialog } from "./logon_list.tsx";

export const logonDeletions = factory.createApp()
  .get("/:id/deletion", async (c) => {
    mustEdit(c);
    const logon = await findLogon(c.var.services.sql, readId(c.req.param("id")) ?? notFound());
    if (logon === null || logon.deletedAt !== null) return await gone(c);
    return await showDialog(c, deleteDialog(c, logon, queryOf(c)));
  })
  .post("/:id/deletion", async (c) => {
    const { sql, clock } = c.var.services;
    const id = readId(c.req.param("id")) ?? notFound();
    const form = await readForm(c);
    const logon = await findLogon(sql, id);
    if (logon === null || logon.deletedAt !== null) return await gone(c);
    const problem = await confirmOwnPassword(c, form);
    if (problem !== null) {
      return await showDialog(c, deleteDialog(c, logon, form.text("query"), problem), 422);
    }
    const name = await transaction(sql, (tx) => deleteLogon(tx, id, authorOf(c), clock.now()));
    if (name === null) return await gone(c);
    return await listChanged(c, form.text("query"), { what: "deleted", id }, {
      toast: <Deleted id={id} name={name} />,
      stays: true,
    });
  })
  .post("/:id/restoration", async (c) => {
    const { sql } = c.var.services;
    const id = readId(c.req.param("id")) ?? notFound();
    const name = await transaction(sql, (tx) => restoreLogon(tx, id, authorOf(c)));
    if (name === null && await findLogon(sql, id) === null) notFound();
    return await listChanged(c, queryOf(c), { what: "restored", id }, {
      toast: name === null
        ? "It is there already."
        : <>{name}’s logon is back. {await blockedNote(c, id)}</>,
    });
  });

/** Links that a block has ended do not come back with the logon. */
async function blockedNote(c: Ctx, id: number): Promise<string> {
  const blocks = await listBlocksOfLogon(c.var.services.sql, id, readerOf(c));
  const names = blocks.map((block) => `${block.learnerFirstName} ${block.learnerSurname}`);
  return names.length === 0
    ? ""
    : `${new Intl.ListFormat("en-GB").format(names)} stays blocked for this parent.`;
}

function deleteDialog(c: Ctx, logon: LogonDetails, query: string, problem?: string): Child {
  return (
    <DeleteDialog
      logon={logon}
      restoreDays={c.var.settings.restore_days}
      confirm={needsConfirming(c)}
      problem={problem}
      query={query}
    />
  );
}
