// Parent Portal Usage: the window that asks for the dates, its preview, and the start of the report.

import { transaction } from "../db/connect.ts";
import { listGroups } from "../db/learners.ts";
import { PAGE_PATIENCE } from "../db/replica.ts";
import { storable } from "../db/storable.ts";
import { listUsageChoices } from "../db/usage_parents.ts";
import {
  checkUsage,
  countUsageByDay,
  keptSince,
  listPresets,
  startUsageReport,
  USAGE_REPORT,
  type UsageInput,
  type UsageProblems,
  windowOf,
} from "../db/usage_reports.ts";
import { UsageParentRows } from "../views/usage_parents.tsx";
import { Preview, UsageDialog, type UsagePreview } from "../views/usage_reports.tsx";
import { confirmOwnPassword, needsConfirming } from "./confirmation.ts";
import {
  authorOf,
  type Ctx,
  factory,
  type Fields,
  page,
  readForm,
  readId,
  wantsPiece,
} from "./context.ts";
import { showDialog } from "./logon_list.tsx";
import { taskStarted } from "./task_alerts.tsx";
import { mustEdit } from "./guards.ts";

export const usageReports = factory.createApp()
  .get("/new", async (c) => {
    mustEdit(c);
    const query = new URL(c.req.url).searchParams;
    const input = readUsageInput({
      text: (name) => query.get(name) ?? "",
      texts: (name) => query.getAll(name),
    });
    const isEmpty = input.start === "" && input.end === "";
    return await showWindow(c, isEmpty ? { ...input, ...standardDates(c) } : input);
  })
  .post("/", async (c) => {
    const { sql, queue } = c.var.services;
    const form = await readForm(c);
    const input = readUsageInput(form);
    // Enter in the field that searches for parents means them, not the report.
    if (form.text("enter") === "yes" && input.search !== "") return await showWindow(c, input);
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
    const [start, end] = form.text("dates").split(" ");
    const input = readUsageInput(form);
    if (start && end) return await showWindow(c, { ...input, start, end });
    if (!wantsPiece(c)) return await showWindow(c, input);
    return await page(c, <Preview preview={await previewOf(c, input)} />);
  })
  .post("/parents", async (c) => {
    const input = readUsageInput(await readForm(c));
    if (!wantsPiece(c)) return await showWindow(c, input);
    const choices = await listUsageChoices(c.var.services.sql, input.search, input.parents);
    return await page(c, <UsageParentRows search={input.search} choices={choices} />);
  });

/** What was typed, and what parents were searched by. */
type Typed = UsageInput & { readonly search: string };

/** The window on top of the list, with what is wrong if anything is. */
async function showWindow(
  c: Ctx,
  input: Typed,
  wrong: { readonly problems?: UsageProblems; readonly ownProblem?: string } = {},
): Promise<Response> {
  const { sql, clock } = c.var.services;
  const [groups, preview, choices] = await Promise.all([
    listGroups(sql),
    previewOf(c, input),
    listUsageChoices(sql, input.search, input.parents),
  ]);
  const form = {
    input,
    search: input.search,
    choices,
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
  const { reader, config, clock } = c.var.services;
  const checked = checkUsage(input);
  if ("problems" in checked) return null;
  const window = windowOf(checked.wanted, config.timeZone);
  const days = await reader.read(PAGE_PATIENCE, (sql) => countUsageByDay(sql, window));
  const { start, parents } = checked.wanted;
  return {
    start: input.start,
    end: input.end,
    chosen: parents?.length ?? 0,
    keptSince: keptSince(start, clock.today(), c.var.settings.sign_in_months),
    toCome: Temporal.PlainDate.compare(start, Temporal.PlainDate.from(clock.today())) > 0,
    days,
  };
}

/** The last 30 days, until somebody chooses others. */
function standardDates(c: Ctx): { start: string; end: string } {
  const today = Temporal.PlainDate.from(c.var.services.clock.today());
  return { start: today.subtract({ days: 29 }).toString(), end: today.toString() };
}

function readUsageInput(fields: Pick<Fields, "text" | "texts">): Typed {
  const text = (name: string, most = 40): string =>
    storable(fields.text(name)).trim().slice(0, most);
  return {
    start: text("start"),
    end: text("end"),
    year: text("year_group"),
    group: text("registration_group"),
    parents: fields.texts("parent").map((id) => readId(id)).filter((id) => id !== null),
    search: text("parent_search", 200),
  };
}
