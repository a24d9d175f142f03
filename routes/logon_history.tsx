// The history of a logon: who changed what, when.

import { findLogon } from "../db/logons.ts";
import { listLogonHistory } from "../db/logon_history.ts";
import { LogonHistoryDialog } from "../views/logon_history.tsx";
import { factory, readId, timesOf } from "./context.ts";
import { notFound } from "./errors.tsx";
import { mayBlock } from "./guards.ts";
import { queryOf, showDialog } from "./logon_list.tsx";

const PAGE_SIZE = 20;

export const logonHistory = factory.createApp().get("/:id/history", async (c) => {
  const { sql } = c.var.services;
  const id = readId(c.req.param("id")) ?? notFound();
  const after = readId(c.req.query("before"));
  const asked = { after, limit: PAGE_SIZE, seesBlocks: mayBlock(c) };
  const [logon, page] = await Promise.all([
    findLogon(sql, id),
    listLogonHistory(sql, id, asked),
  ]);
  return await showDialog(
    c,
    <LogonHistoryDialog
      logon={logon ?? notFound()}
      page={page}
      later={after !== null}
      times={timesOf(c)}
      query={queryOf(c)}
    />,
  );
});
