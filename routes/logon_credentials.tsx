// The envelope of a row: mails one parent new login details.

import { type CallerProblems, checkCaller, EMAIL_CHECKS } from "../db/caller_checks.ts";
import { listEntriesOf } from "../db/credential_mail_list.ts";
import { findLogonRows } from "../db/logon_list.ts";
import { findLogon, findLogonFacts } from "../db/logons.ts";
import { EnvelopeDialog, PrintLetter } from "../views/logon_credentials.tsx";
import { GoneDialog } from "../views/logon_dialog.tsx";
import { startReset } from "./bulk_resets.tsx";
import { type Ctx, factory, type Fields, momentOf, readForm, readId, timesOf } from "./context.ts";
import { notFound } from "./errors.tsx";
import { mustEdit } from "./guards.ts";
import { readCaller } from "./caller_checks.ts";
import { showDialog } from "./logon_list.tsx";
import { taskStarted } from "./task_alerts.tsx";

const CANNOT =
  "This logon cannot be mailed: it has no email, is suspended or expired, or its email has just changed.";

/** The envelope: GET asks, POST sends. */
export const logonCredentials = factory.createApp()
  .get("/:id/credentials", async (c) => {
    mustEdit(c);
    return await envelope(c);
  })
  .post("/:id/credentials", async (c) => {
    const { sql } = c.var.services;
    const id = readId(c.req.param("id")) ?? notFound();
    const [logon, form] = await Promise.all([findLogon(sql, id), readForm(c)]);
    if (logon === null || logon.deletedAt !== null) return await envelope(c);
    const answer = logon.emailUnchecked ? checkCaller(readCaller(form), EMAIL_CHECKS) : null;
    if (answer !== null && "problems" in answer) return await envelope(c, form, answer.problems);
    const started = await startReset(c, {
      title: `Login details to ${logon.firstName} ${logon.surname}`,
      choice: { ids: [id] },
      enableTfa: false,
      withoutLearner: true,
      ...(answer === null ? {} : { caller: answer.check }),
    });
    return started === null ? await envelope(c, form, { whole: CANNOT }) : await taskStarted(
      c,
      `/bulk-resets/${started}`,
      `The mail to ${logon.email} is on its way.`,
    );
  });

type EnvelopeProblems = CallerProblems & { readonly whole?: string };

/** @param form what was answered, where it was posted */
async function envelope(
  c: Ctx,
  form: Fields | null = null,
  problems: EnvelopeProblems = {},
): Promise<Response> {
  const { sql } = c.var.services;
  const id = readId(c.req.param("id")) ?? notFound();
  const [logon, [row], ledger] = await Promise.all([
    findLogon(sql, id),
    findLogonRows(sql, [id], momentOf(c)),
    listEntriesOf(sql, id, 5),
  ]);
  if (logon === null || logon.deletedAt !== null || row === undefined) {
    const said = "This logon is not there any more: somebody has deleted it meanwhile.";
    return await showDialog(c, <GoneDialog title="Not there any more">{said}</GoneDialog>, 404);
  }
  if (logon.email === null) {
    const said = "This logon has no email, so nothing can be mailed. Add one with Edit.";
    const instead = <PrintLetter logonId={id} />;
    return await showDialog(c, <GoneDialog title="No email">{said} {instead}</GoneDialog>, 422);
  }
  const facts = await findLogonFacts(sql, { usernames: [], emails: [logon.email] });
  const sharers = facts.sharersOf(logon.email).filter((one) => one.id !== id).map((one) =>
    one.name
  );
  return await showDialog(
    c,
    <EnvelopeDialog
      logon={{ ...logon, email: logon.email }}
      lastLogon={row.lastLogon}
      sharers={sharers}
      ledger={ledger}
      times={timesOf(c)}
      days={c.var.settings.temporary_password_days}
      {...(logon.emailUnchecked
        ? {
          caller: {
            checks: EMAIL_CHECKS,
            input: form === null ? { checked: "", note: "" } : readCaller(form),
            problems,
          },
        }
        : {})}
      problem={problems.whole}
    />,
    Object.keys(problems).length === 0 ? 200 : 422,
  );
}
