// Bulk Reset: its window, its task with pausing and resuming, and what every way of sending begins with.

import { addAudit } from "../db/audit.ts";
import {
  type Choice,
  findPreflight,
  listCandidates,
  NO_PREFLIGHT,
  type Scope,
} from "../db/bulk_resets.ts";
import { type CallerCheck, settleUncheckedEmails } from "../db/caller_checks.ts";
import { transaction } from "../db/connect.ts";
import { listLogonsToMail } from "../db/contact_imports.ts";
import { countFailed, listTaskMails } from "../db/credential_mail_list.ts";
import { addCredentialMails, CREDENTIAL_MAILS } from "../db/credential_mails.ts";
import { listGroups } from "../db/learners.ts";
import { storable } from "../db/storable.ts";
import { addTask, pauseTask, type Task, unpauseTask } from "../db/tasks.ts";
import {
  BulkResetPage,
  BulkResetProgress,
  type ProgressProps,
} from "../views/bulk_reset_progress.tsx";
import {
  BulkResetDialog,
  type BulkResetForm,
  PreflightPart,
  ResetChoice,
} from "../views/bulk_resets.tsx";
import { count } from "../views/times.ts";
import { confirmOwnPassword, needsConfirming } from "./confirmation.ts";
import {
  answer,
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
import { frameOf } from "./frame.tsx";
import { mayEdit, mustEdit } from "./guards.ts";
import { callerOf, hasProblems, isVouched, questionOf } from "./caller_checks.ts";
import { readSearch } from "./lists.ts";
import { showDialog } from "./logon_list.tsx";
import { pageAfter, taskOf } from "./outcomes.ts";
import { alertsChanged, taskStarted } from "./task_alerts.tsx";

const NOBODY = "Choose at least one logon that can be mailed.";

export const bulkResets = factory.createApp()
  .get("/new", async (c) => {
    mustEdit(c);
    const form = await formOf(c, null);
    return await showDialog(c, <BulkResetDialog form={form} times={timesOf(c)} />);
  })
  .post("/", async (c) => {
    const fields = await readForm(c);
    const form = await formOf(c, fields);
    const { caller } = form;
    const chosen = form.preflight.mails === 0 && !hasProblems(caller) ? NOBODY : undefined;
    const wrong = chosen !== undefined || hasProblems(caller);
    const own_password = wrong ? undefined : await confirmOwnPassword(c, fields) ?? undefined;
    if (wrong || own_password !== undefined) {
      const refused = { ...form, problems: { chosen, own_password } };
      return await showDialog(c, <BulkResetDialog form={refused} times={timesOf(c)} />, 422);
    }
    const task = await startReset(c, {
      title: `Bulk Reset of ${form.preflight.mails}`,
      choice: choiceOf(form),
      enableTfa: form.enableTfa,
      withoutLearner: false,
      ...callerOf(fields),
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
    const task = await taskOf(c, CREDENTIAL_MAILS);
    const progress = await progressOf(c, task);
    return await answer(c, {
      page: async () => <BulkResetPage frame={await frameOf(c)} {...progress} />,
      piece: () => <BulkResetProgress {...progress} />,
    });
  })
  .post("/:id/pause", async (c) => {
    const { sql, clock } = c.var.services;
    const task = await taskOf(c, CREDENTIAL_MAILS);
    await transaction(sql, async (tx) => {
      if (await pauseTask(tx, task.id, clock.now())) {
        await addAudit(tx, [{ ...authorOf(c), what: "pause task", ...subjectOf(task) }]);
      }
    });
    return await alertsChanged(c, `/bulk-resets/${task.id}`);
  })
  .post("/:id/resumption", async (c) => {
    const { sql, queue } = c.var.services;
    const task = await taskOf(c, CREDENTIAL_MAILS);
    await transaction(sql, async (tx) => {
      const resumed = await unpauseTask(tx, task.id);
      if (resumed === "needs job") await queue.send(tx, CREDENTIAL_MAILS, task.id);
      if (resumed !== null) {
        await addAudit(tx, [{ ...authorOf(c), what: "resume task", ...subjectOf(task) }]);
      }
    });
    return await alertsChanged(c, `/bulk-resets/${task.id}`);
  });

/** Searching and ticking in the window: nothing is stored. */
export const bulkResetDrafts = factory.createApp().post("/", async (c) => {
  const form = await formOf(c, await readForm(c), true);
  if (!wantsPiece(c)) {
    return await showDialog(c, <BulkResetDialog form={form} times={timesOf(c)} />);
  }
  const onlySentence = c.req.header("hx-target")?.endsWith("#preflight") ?? false;
  return await page(
    c,
    onlySentence
      ? <PreflightPart preflight={form.preflight} caller={form.caller} />
      : <ResetChoice form={form} times={timesOf(c)} />,
  );
});

/** Writes task, mails and job in one transaction. @returns the task's id, or null if there is nobody to mail */
export async function startReset(
  c: Ctx,
  reset: {
    title: string;
    choice: Choice;
    enableTfa: boolean;
    withoutLearner: boolean;
    /** How somebody vouches for the emails among them that nobody has vouched for; without it those are left out. */
    caller?: CallerCheck;
  },
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
    if (reset.caller) {
      const vouched = { choice: reset.choice, check: reset.caller, author };
      await settleUncheckedEmails(tx, vouched, moment);
    }
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

/** The window as the posted form leaves it; as it opens, if there is none. */
async function formOf(c: Ctx, fields: Fields | null, isDraft = false): Promise<BulkResetForm> {
  const { sql } = c.var.services;
  const moment = momentOf(c);
  const text = (name: string): string => fields?.text(name) ?? "";
  const filter = {
    search: readSearch(text("reset_search")),
    year: storable(text("reset_year")).slice(0, 40) || null,
  };
  const [found, groups] = await Promise.all([listCandidates(sql, filter, moment), listGroups(sql)]);
  const ids = fields === null
    ? await importedBefore(c)
    : fields.texts("logon").map((id) => readId(id)).filter((id) => id !== null);
  const form = {
    enableTfa: text("enable_tfa") === "yes",
    ...filter,
    years: groups.years,
    rows: found.rows,
    total: found.total,
    withoutEmail: found.withoutEmail,
    chosen: new Set(ids),
    all: text("all") === "yes" ? allOf(fields, filter) : null,
    confirm: needsConfirming(c),
    problems: {},
  };
  const preflight = form.all !== null || ids.length > 0
    ? await findPreflight(sql, { choice: choiceOf(form), vouched: isVouched(fields) }, moment)
    : NO_PREFLIGHT;
  return { ...form, preflight, caller: questionOf(fields, preflight, isDraft) };
}

/** After Import Contacts the window opens with the new logons chosen. */
async function importedBefore(c: Ctx): Promise<number[]> {
  const task = readId(c.req.query("contact-import"));
  return task === null ? [] : await listLogonsToMail(c.var.services.sql, task);
}

/** What "all" was ticked for: it stays so while somebody searches on. */
function allOf(fields: Fields | null, now: Scope): Scope {
  const [search] = fields?.texts("all_search") ?? [];
  if (search === undefined) return now;
  return {
    search: readSearch(search),
    year: storable(fields?.text("all_year") ?? "").slice(0, 40) || null,
  };
}

function choiceOf(form: Pick<BulkResetForm, "all" | "chosen">): Choice {
  return { ids: [...form.chosen], ...form.all === null ? {} : { matching: form.all } };
}

async function progressOf(c: Ctx, task: Task): Promise<ProgressProps> {
  const { sql, clock } = c.var.services;
  const notAccepted = c.req.query("show") === "not-accepted";
  const after = readId(c.req.query("after")) ?? 0;
  const { items, next } = await pageAfter(
    c,
    (place) => listTaskMails(sql, task.id, { notAccepted, ...place }),
    (entry) => entry.id,
  );
  return {
    task,
    entries: items,
    notAccepted,
    after,
    next,
    failed: await countFailed(sql, task.id, clock.now()),
    times: timesOf(c),
    mayEdit: mayEdit(c),
  };
}

function subjectOf(task: Task): { subject: string; subjectId: number } {
  return { subject: "task", subjectId: task.id };
}
