// Parent Logons: the list, Add Logon and Edit.

import { transaction } from "../db/connect.ts";
import { addLogon, editLogon, findLogon, LogonRefused, warnAboutLogon } from "../db/logons.ts";
import { LogonDialog } from "../views/logon_dialog.tsx";
import { logonsQuery } from "../views/logon_list.tsx";
import { LogonsAnswer, LogonsPage } from "../views/logons.tsx";
import { factory, page, readForm, readId, wantsPiece } from "./context.ts";
import { hasProblems, orRefusal, readVersion } from "./edits.ts";
import { notFound } from "./errors.tsx";
import { mustEdit } from "./guards.ts";
import { aroundList, replaceAddress } from "./lists.ts";
import { asksForLearner, conflict, draft, emptyForm, formOf, gone, refuse } from "./logon_form.tsx";
import { changeOf, check, nameOf } from "./logon_input.ts";
import { listChanged, listOf, readDone, readView, showDialog, toastOf } from "./logon_list.tsx";

export const logons = factory.createApp()
  .get("/", async (c) => {
    const query = new URL(c.req.url).searchParams;
    const done = readDone(query);
    const listed = listOf(c, readView(query), done);
    if (!wantsPiece(c)) {
      const [list, around, toast] = await Promise.all([listed, aroundList(c), toastOf(c, done)]);
      return await page(c, <LogonsPage {...list} {...around} toasts={toast} />);
    }
    const list = await listed;
    replaceAddress(c, `/logons${logonsQuery(list.view, list.view)}`);
    return await page(c, <LogonsAnswer {...list} />);
  })
  .get("/new", async (c) => {
    mustEdit(c);
    return await showDialog(c, <LogonDialog form={emptyForm(c)} />);
  })
  .post("/", async (c) => {
    const form = await readForm(c);
    if (asksForLearner(form)) return await draft(c, form, null);
    const checked = await check(c, form, null);
    if (hasProblems(checked.problems)) return await refuse(c, form, null, checked.problems);
    const change = await changeOf(c, checked);
    const id = await orRefusal(
      transaction(c.var.services.sql, (tx) => addLogon(tx, change)),
      LogonRefused,
    );
    if (id instanceof LogonRefused) return await refuse(c, form, null, { [id.field]: id.message });
    const warnings = warnAboutLogon(change.logon, change.learnerIds.length, checked.facts, id);
    return await listChanged(c, form.text("query"), { what: "added", id }, {
      toast: <>{nameOf(change)} was added. {warnings.join(" ")}</>,
      stays: warnings.length > 0,
    });
  })
  .get("/:id/edit", async (c) => {
    mustEdit(c);
    const logon = await findLogon(c.var.services.sql, readId(c.req.param("id")) ?? notFound());
    if (logon === null || logon.deletedAt !== null) return await gone(c);
    return await showDialog(c, <LogonDialog form={await formOf(c, logon)} />);
  })
  .post("/:id", async (c) => {
    const id = readId(c.req.param("id")) ?? notFound();
    const form = await readForm(c);
    const version = readVersion(form);
    const logon = await findLogon(c.var.services.sql, id);
    if (logon === null || logon.deletedAt !== null) return await gone(c);
    if (asksForLearner(form)) return await draft(c, form, logon);
    const checked = await check(c, form, logon);
    if (hasProblems(checked.problems)) return await refuse(c, form, logon, checked.problems);
    const change = await changeOf(c, checked);
    const stored = await orRefusal(
      transaction(c.var.services.sql, (tx) => editLogon(tx, id, version, change)),
      LogonRefused,
    );
    if (stored instanceof LogonRefused) {
      return await refuse(c, form, logon, { [stored.field]: stored.message });
    }
    if (!stored) return await conflict(c, form, id);
    const warnings = warnAboutLogon(change.logon, change.learnerIds.length, checked.facts, id);
    return await listChanged(c, form.text("query"), { what: "saved", id }, {
      toast: <>{nameOf(change)} was saved. {warnings.join(" ")}</>,
      stays: warnings.length > 0,
    });
  });
