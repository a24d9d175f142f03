// The envelope of a row, Bulk Reset, and what became of the mails.

import { transaction } from "../db/connect.ts";
import {
  addCredentialMails,
  type Choice,
  CREDENTIAL_MAILS,
  findPreflight,
  listCandidates,
  listFailedLogons,
  listLedger,
  listTaskMails,
} from "../db/credential_mails.ts";
import { listGroups } from "../db/learners.ts";
import { findLogonRows } from "../db/logon_list.ts";
import { findLogon, findLogonFacts } from "../db/logons.ts";
import { addTask, findTask, type Task } from "../db/tasks.ts";
import {
  BulkResetDialog,
  type BulkResetForm,
  CredentialMailsPage,
  EnvelopeDialog,
  PreflightSentence,
  ResetChoice,
} from "../views/credential_mails.tsx";
import { GoneDialog } from "../views/logon_dialog.tsx";
import { count } from "../views/times.ts";
import { confirmOwnPassword, needsConfirming } from "./confirmation.ts";
import {
  authorOf,
  type Ctx,
  factory,
  type Fields,
  momentOf,
  page,
  readForm,
  readId,
  timesOf,
  wantsPiece,
} from "./context.ts";
import { notFound } from "./errors.tsx";
import { mayChange } from "./guards.ts";
import { frameOf } from "./frame.tsx";
import { showDialog } from "./logon_list.tsx";
import { taskStarted } from "./task_alerts.tsx";

const PAGE_SIZE = 100;
const NOBODY = "Choose at least one logon that can be mailed.";

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
    const started = await start(c, {
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

export const bulkResets = factory.createApp()
  .get("/new", async (c) => {
    mayChange(c);
    const form = await formOf(c, null);
    return await showDialog(c, <BulkResetDialog form={form} times={timesOf(c)} />);
  })
  .post("/", async (c) => {
    const fields = await readForm(c);
    const form = await formOf(c, fields);
    const chosen = form.preflight.mails === 0 ? NOBODY : undefined;
    const own_password = chosen ? undefined : await confirmOwnPassword(c, fields) ?? undefined;
    if (chosen !== undefined || own_password !== undefined) {
      const refused = { ...form, problems: { chosen, own_password } };
      return await showDialog(c, <BulkResetDialog form={refused} times={timesOf(c)} />, 422);
    }
    const task = await start(c, {
      title: `Bulk Reset of ${form.preflight.mails}`,
      choice: choiceOf(form),
      enableTfa: form.enableTfa,
      withoutLearner: false,
    });
    if (task === null) {
      const refused = { ...form, problems: { chosen: NOBODY } };
      return await showDialog(c, <BulkResetDialog form={refused} times={timesOf(c)} />, 422);
    }
    return await taskStarted(
      c,
      `/bulk-resets/${task}`,
      `${count(form.preflight.mails, "mail")} on the way.`,
    );
  })
  .get("/:id", async (c) => {
    const { sql } = c.var.services;
    const task = await taskOf(c);
    const notAccepted = c.req.query("show") === "not-accepted";
    const after = readId(c.req.query("after")) ?? 0;
    const entries = await listTaskMails(sql, task.id, { notAccepted, after, limit: PAGE_SIZE + 1 });
    return await page(
      c,
      <CredentialMailsPage
        frame={await frameOf(c)}
        task={task}
        entries={entries.slice(0, PAGE_SIZE)}
        notAccepted={notAccepted}
        next={entries.length > PAGE_SIZE ? entries[PAGE_SIZE - 1]?.id ?? null : null}
        failed={(await listFailedLogons(sql, task.id)).length}
        times={timesOf(c)}
        mayEdit={c.var.admin.role !== "Viewer"}
      />,
    );
  })
  .post("/:id/retry", async (c) => {
    const task = await taskOf(c);
    const ids = await listFailedLogons(c.var.services.sql, task.id);
    const again = ids.length === 0 ? null : await start(c, {
      title: `Bulk Reset of ${ids.length}, again`,
      choice: { ids },
      enableTfa: task.facts["enableTfa"] === true,
      withoutLearner: false,
    });
    return c.redirect(`/bulk-resets/${again ?? task.id}`, 303);
  });

/** Searching and ticking in the window: nothing is stored. */
export const bulkResetDrafts = factory.createApp().post("/", async (c) => {
  const form = await formOf(c, await readForm(c));
  if (!wantsPiece(c)) {
    return await showDialog(c, <BulkResetDialog form={form} times={timesOf(c)} />);
  }
  const onlySentence = c.req.header("hx-target")?.endsWith("#preflight") ?? false;
  return await page(
    c,
    onlySentence
      ? <PreflightSentence preflight={form.preflight} />
      : <ResetChoice form={form} times={timesOf(c)} />,
  );
});

/** Writes task, mails and job in one transaction. @returns the task's id, or null if there is nobody to mail */
async function start(
  c: Ctx,
  reset: { title: string; choice: Choice; enableTfa: boolean; withoutLearner: boolean },
): Promise<number | null> {
  const { sql, queue } = c.var.services;
  const moment = momentOf(c);
  const author = authorOf(c);
  const started = transaction(sql, async (tx) => {
    const taskId = await addTask(tx, {
      kind: CREDENTIAL_MAILS,
      title: reset.title,
      adminId: c.var.admin.id,
      facts: { enableTfa: reset.enableTfa },
      requestId: c.var.requestId,
    });
    const mails = await addCredentialMails(tx, { ...reset, taskId, author }, moment);
    if (mails === 0) throw new NobodyToMail();
    await queue.send(tx, CREDENTIAL_MAILS, taskId);
    return taskId;
  });
  return await started.catch((error: unknown) => {
    if (error instanceof NobodyToMail) return null;
    throw error;
  });
}

/** Takes everything back where the last one to be mailed has gone meanwhile. */
class NobodyToMail extends Error {
  override readonly name = "NobodyToMail";
}

async function envelope(c: Ctx, problem?: string): Promise<Response> {
  const { sql } = c.var.services;
  const id = readId(c.req.param("id")) ?? notFound();
  const [logon, [row], ledger] = await Promise.all([
    findLogon(sql, id),
    findLogonRows(sql, [id], momentOf(c)),
    listLedger(sql, id, 5),
  ]);
  if (logon === null || logon.deletedAt !== null || row === undefined) {
    const said = "This logon is not there any more: somebody has deleted it meanwhile.";
    return await showDialog(c, <GoneDialog title="Not there any more">{said}</GoneDialog>, 404);
  }
  if (logon.email === null) {
    const said = "This logon has no email, so nothing can be mailed. Add one with Edit.";
    return await showDialog(c, <GoneDialog title="No email">{said}</GoneDialog>, 422);
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

/** The window as the posted form leaves it; as it opens, if there is none. */
async function formOf(c: Ctx, fields: Fields | null): Promise<BulkResetForm> {
  const { sql } = c.var.services;
  const moment = momentOf(c);
  const text = (name: string): string =>
    (fields?.text(name) ?? "").toWellFormed().replaceAll("\0", "");
  const filter = {
    search: text("reset_search").trim().slice(0, 200),
    year: text("reset_year").slice(0, 40) || null,
  };
  const [found, groups] = await Promise.all([listCandidates(sql, filter, moment), listGroups(sql)]);
  const ids = (fields?.texts("logon") ?? []).map((id) => readId(id)).filter((id) => id !== null);
  const form = {
    enableTfa: text("enable_tfa") === "yes",
    ...filter,
    years: groups.years,
    rows: found.rows,
    total: found.total,
    chosen: new Set(ids),
    all: text("all") === "yes",
    confirm: needsConfirming(c),
    problems: {},
  };
  const preflight = form.all || ids.length > 0
    ? await findPreflight(sql, choiceOf(form), moment)
    : { chosen: 0, mails: 0, leftOut: [], sharing: 0, recent: 0 };
  return { ...form, preflight };
}

function choiceOf(
  form: Pick<BulkResetForm, "all" | "search" | "year" | "chosen">,
): Choice {
  return form.all ? { search: form.search, year: form.year } : { ids: [...form.chosen] };
}

async function taskOf(c: Ctx): Promise<Task> {
  const task = await findTask(c.var.services.sql, readId(c.req.param("id")) ?? notFound());
  return task !== null && task.kind === CREDENTIAL_MAILS ? task : notFound();
}
