// Parent Portal Usage: the window that asks for the dates, its preview, and the start of the report.

import { transaction } from "../db/connect.ts";
import { listGroups } from "../db/learners.ts";
import {
  checkUsage,
  countUsageByDay,
  listPresets,
  startUsageReport,
  USAGE_REPORT,
  type UsageInput,
  type UsageProblems,
  windowOf,
} from "../db/usage_reports.ts";
import { Preview, UsageDialog, type UsagePreview } from "../views/usage_reports.tsx";
import { confirmOwnPassword, needsConfirming } from "./confirmation.ts";
import { authorOf, type Ctx, factory, page, readForm, wantsPiece } from "./context.ts";
import { showDialog } from "./logon_list.tsx";
import { taskStarted } from "./task_alerts.tsx";
import { mayChange } from "./guards.ts";

export const usageReports = factory.createApp()
  .get("/new", async (c) => {
    mayChange(c);
    const query = new URL(c.req.url).searchParams;
    const input = readUsageInput((name) => query.get(name) ?? "");
    const isEmpty = input.start === "" && input.end === "";
    return await showWindow(c, isEmpty ? { ...input, ...standardDates(c) } : input);
  })
  .post("/", async (c) => {
    const { sql, queue } = c.var.services;
    const form = await readForm(c);
    const input = readUsageInput((name) => form.text(name));
    const checked = checkUsage(input);
    if ("problems" in checked) return await showWindow(c, input, { problems: checked.problems });
    const ownProblem = await confirmOwnPassword(c, form);
    if (ownProblem !== null) return await showWindow(c, input, { ownProblem });
    await transaction(sql, async (tx) => {
      const by = { adminId: c.var.admin.id, author: authorOf(c) };
      const taskId = await startUsageReport(tx, checked.wanted, by);
      await queue.send(tx, USAGE_REPORT, taskId);
    });
    return await taskStarted(c, "/tasks", "The report is being made.");
  })
  .post("/preview", async (c) => {
    const form = await readForm(c);
    const input = readUsageInput((name) => form.text(name));
    if (!wantsPiece(c)) return await showWindow(c, input);
    return await page(c, <Preview preview={await previewOf(c, input)} />);
  });

/** The window on top of the list, with what is wrong if anything is. */
async function showWindow(
  c: Ctx,
  input: UsageInput,
  wrong: { readonly problems?: UsageProblems; readonly ownProblem?: string } = {},
): Promise<Response> {
  const { sql, clock } = c.var.services;
  const [groups, preview] = await Promise.all([listGroups(sql), previewOf(c, input)]);
  const form = {
    input,
    problems: wrong.problems ?? {},
    presets: listPresets(Temporal.PlainDate.from(clock.today())),
    ...groups,
    preview,
    confirm: needsConfirming(c),
    ownProblem: wrong.ownProblem,
  };
  const isWrong = wrong.problems !== undefined || wrong.ownProblem !== undefined;
  return await showDialog(c, <UsageDialog form={form} />, isWrong ? 422 : 200);
}

async function previewOf(c: Ctx, input: UsageInput): Promise<UsagePreview> {
  const { sql, config } = c.var.services;
  const checked = checkUsage(input);
  if ("problems" in checked) return null;
  const days = await countUsageByDay(sql, windowOf(checked.wanted, config.timeZone));
  return { start: input.start, end: input.end, days };
}

/** The last 30 days, until somebody chooses others. */
function standardDates(c: Ctx): { start: string; end: string } {
  const today = Temporal.PlainDate.from(c.var.services.clock.today());
  return { start: today.subtract({ days: 29 }).toString(), end: today.toString() };
}

function readUsageInput(field: (name: string) => string): UsageInput {
  const text = (name: string): string =>
    field(name).toWellFormed().replaceAll("\0", "").trim().slice(0, 40);
  return {
    start: text("start"),
    end: text("end"),
    year: text("year_group"),
    group: text("registration_group"),
  };
}
