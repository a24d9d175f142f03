// Coverage: how many families can get in, who is missing, and the workbook of both.

import type { Child } from "hono/jsx";
import { transaction } from "../db/connect.ts";
import {
  COVERAGE_EXPORT,
  type CoverageScope,
  findCoverage,
  LACKS,
  startCoverageExport,
} from "../db/coverage.ts";
import { listMissing, type MissingView, type Named } from "../db/coverage_missing.ts";
import { listGroups } from "../db/learners.ts";
import { PAGE_PATIENCE } from "../db/replica.ts";
import { MOST_COUNTED } from "../db/search.ts";
import { CoveragePage, type CoverageProps, CoverageShown } from "../views/coverage.tsx";
import { CoverageExportDialog } from "../views/coverage_exports.tsx";
import {
  MissingAnswer,
  MissingPageView,
  type MissingProps,
  missingQuery,
} from "../views/coverage_missing.tsx";
import { NO_NAME } from "../views/coverage_table.tsx";
import { confirmOwnPassword, needsConfirming } from "./confirmation.ts";
import { answer, authorOf, type Ctx, factory, readForm, timesOf } from "./context.ts";
import { frameOf } from "./frame.tsx";
import { mayEdit, mustEdit } from "./guards.ts";
import { answerList, readListView, shownView } from "./lists.ts";
import { taskStarted } from "./task_alerts.tsx";

export const coverage = factory.createApp()
  .get("/", async (c) => {
    const query = new URL(c.req.url).searchParams;
    const shown = await coverageOf(c, readScope(query), readNamed(readPlace(query).year));
    return await answer(c, {
      page: async () => <CoveragePage frame={await frameOf(c)} {...shown} />,
      piece: () => <CoverageShown {...shown} />,
    });
  })
  .get("/missing", async (c) => {
    const missing = await missingOf(c, readView(new URL(c.req.url).searchParams));
    return await answerList(c, {
      address: `/coverage/missing${missingQuery(missing.view, missing.view)}`,
      page: async () => <MissingPageView frame={await frameOf(c)} {...missing} />,
      piece: () => <MissingAnswer {...missing} />,
    });
  });

/** A workbook: GET asks, POST starts the task. */
export const coverageExports = factory.createApp()
  .get("/new", async (c) => {
    mustEdit(c);
    return await exportDialog(c, readScope(new URL(c.req.url).searchParams));
  })
  .post("/", async (c) => {
    const form = await readForm(c);
    const scope = { applicants: form.text("applicants") === "yes" };
    const problem = await confirmOwnPassword(c, form);
    if (problem !== null) return await exportDialog(c, scope, problem);
    const { sql, queue } = c.var.services;
    await transaction(sql, async (tx) => {
      const by = { adminId: c.var.admin.id, author: authorOf(c) };
      const taskId = await startCoverageExport(tx, scope, by);
      await queue.send(tx, COVERAGE_EXPORT, taskId);
    });
    return await taskStarted(c, "/tasks", "The workbook is being made.");
  });

/** The window, on top of Coverage where its address was opened. */
async function exportDialog(c: Ctx, scope: CoverageScope, problem?: string): Promise<Response> {
  const dialog: Child = (
    <CoverageExportDialog scope={scope} confirm={needsConfirming(c)} problem={problem} />
  );
  return await answer(c, {
    piece: () => dialog,
    page: async () => {
      const shown = await coverageOf(c, scope, null);
      return <CoveragePage frame={await frameOf(c)} {...shown} dialog={dialog} />;
    },
  }, problem === undefined ? 200 : 422);
}

async function coverageOf(
  c: Ctx,
  scope: CoverageScope,
  open: Named | null,
): Promise<CoverageProps> {
  const { reader, clock } = c.var.services;
  return {
    coverage: await reader.read(PAGE_PATIENCE, (sql) => findCoverage(sql, scope, clock.today())),
    scope,
    open,
    day: timesOf(c).day(clock.now()),
    mayExport: mayEdit(c),
  };
}

async function missingOf(c: Ctx, view: MissingView): Promise<MissingProps> {
  const { sql, reader, clock } = c.var.services;
  const [found, groups] = await Promise.all([
    reader.read(PAGE_PATIENCE, (reads) => listMissing(reads, view, clock.today())),
    listGroups(sql),
  ]);
  return {
    view: shownView(view, found),
    page: found,
    ...groups,
    mayEdit: mayEdit(c),
    mostCounted: MOST_COUNTED,
  };
}

function readScope(query: URLSearchParams): CoverageScope {
  return { applicants: query.get("applicants") === "yes" };
}

function readView(query: URLSearchParams): MissingView {
  const { search, year, group, after, before } = readPlace(query);
  const lacking = LACKS.find((lack) => lack === query.get("lacking")) ?? "sign-in";
  const named = { year: readNamed(year), group: readNamed(group) };
  return { ...readScope(query), search, lacking, ...named, after, before };
}

function readPlace(query: URLSearchParams): ReturnType<typeof readListView<"group">> {
  return readListView(query, ["group"]);
}

function readNamed(text: string | null): Named | null {
  if (text === null) return null;
  return { name: text === NO_NAME ? null : text };
}
