// The envelope of a row: mails one parent new login details.

import { listEntriesOf } from "../db/credential_mail_list.ts";
import { findLogonRows } from "../db/logon_list.ts";
import { findLogon, findLogonFacts } from "../db/logons.ts";
import { EnvelopeDialog, PrintLetter } from "../views/logon_credentials.tsx";
import { GoneDialog } from "../views/logon_dialog.tsx";
import { startReset } from "./bulk_resets.tsx";
import { type Ctx, factory, momentOf, readId, timesOf } from "./context.ts";
import { notFound } from "./errors.tsx";
import { mayChange } from "./guards.ts";
import { showDialog } from "./logon_list.tsx";
import { taskStarted } from "./task_alerts.tsx";

/** The envelope: GET asks, POST sends. */
export const logonCredentials = factory.createApp()
  .get("/:id/credentials", async (c) => {
    mayChange(c);
    return await envelope(c);
  })
  .post("/:id/credentials", async (c) => {
    const { sql } = c.var.services;
    const id = readId(c.req.param("id")) ?? notFound();
    const logon = await findLogon(sql, id);
    if (logon === null || logon.deletedAt !== null) return await envelope(c);
    const started = await startReset(c, {
      title: `Login details to ${logon.firstName} ${logon.surname}`,
      choice: { ids: [id] },
      enableTfa: false,
      withoutLearner: true,
    });
    return started === null
      ? await envelope(
        c,
        "This logon cannot be mailed: it has no email, or it is suspended or expired.",
      )
      : await taskStarted(
        c,
        `/bulk-resets/${started}`,
        `The mail to ${logon.email} is on its way.`,
      );
  });

async function envelope(c: Ctx, problem?: string): Promise<Response> {
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
      problem={problem}
    />,
    problem === undefined ? 200 : 422,
  );
}
