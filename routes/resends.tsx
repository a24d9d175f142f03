// Sending again to all whose mails match what the ledger is filtered by.

import { findPreflight, NO_PREFLIGHT } from "../db/bulk_resets.ts";
import type { LedgerFilter } from "../db/credential_mail_list.ts";
import { findTask } from "../db/tasks.ts";
import { ResendDialog, type ResendForm } from "../views/bulk_resets.tsx";
import { ledgerFields, ledgerQuery } from "../views/credential_mails.tsx";
import { count } from "../views/times.ts";
import { startReset } from "./bulk_resets.tsx";
import { callerOf, hasProblems, isVouched, questionOf } from "./caller_checks.ts";
import { confirmOwnPassword, needsConfirming } from "./confirmation.ts";
import { type Ctx, factory, type Fields, momentOf, readForm } from "./context.ts";
import { readLedgerFilter } from "./credential_mails.tsx";
import { mustEdit } from "./guards.ts";
import { showDialog } from "./logon_list.tsx";
import { taskStarted } from "./task_alerts.tsx";

const NOBODY = "Nobody in this list can be mailed. Close this window and choose other filters.";
const NO_FILTER = "Choose first, by the filters of the ledger, whom to send again to.";

export const resends = factory.createApp()
  .get("/new", async (c) => {
    mustEdit(c);
    const filter = readLedgerFilter((name) => c.req.query(name) ?? "");
    const task = filter.task === null ? null : await findTask(c.var.services.sql, filter.task);
    const form = await formOf(c, filter, task?.facts["enableTfa"] === true, null);
    return await showDialog(c, <ResendDialog form={form} />);
  })
  .post("/", async (c) => {
    const fields = await readForm(c);
    const filter = readLedgerFilter(fields.text);
    const form = await formOf(c, filter, fields.text("enable_tfa") === "yes", fields);
    // Without a filter it would be everybody who was ever mailed: that is Bulk Reset's to ask.
    const chosen = form.filter.length === 0
      ? NO_FILTER
      : form.preflight.mails === 0 && !hasProblems(form.caller)
      ? NOBODY
      : undefined;
    const wrong = chosen !== undefined || hasProblems(form.caller);
    const own_password = wrong ? undefined : await confirmOwnPassword(c, fields) ?? undefined;
    if (wrong || own_password !== undefined) {
      const refused = { ...form, problems: { chosen, own_password } };
      return await showDialog(c, <ResendDialog form={refused} />, 422);
    }
    const task = await startReset(c, {
      title: `Sent again to ${form.preflight.mails}`,
      choice: { ledger: filter },
      enableTfa: form.enableTfa,
      withoutLearner: false,
      ...callerOf(fields),
    });
    if (task === null) {
      const refused = { ...form, problems: { chosen: NOBODY } };
      return await showDialog(c, <ResendDialog form={refused} />, 422);
    }
    const said = `${count(form.preflight.mails, "mail")} on the way.`;
    return await taskStarted(c, `/bulk-resets/${task}`, said);
  });

/** @param posted the form as it was sent; null where the window opens */
async function formOf(
  c: Ctx,
  filter: LedgerFilter,
  enableTfa: boolean,
  posted: Fields | null,
): Promise<ResendForm> {
  const fields = ledgerFields(filter);
  const asked = { choice: { ledger: filter }, vouched: isVouched(posted) };
  const preflight = fields.length === 0
    ? NO_PREFLIGHT
    : await findPreflight(c.var.services.sql, asked, momentOf(c));
  return {
    filter: fields,
    from: `/credential-mails${ledgerQuery(filter)}`,
    preflight,
    caller: questionOf(posted, preflight),
    enableTfa,
    confirm: needsConfirming(c),
    problems: {},
  };
}
