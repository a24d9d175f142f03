// Measures an import of 20,000 rows: reading and planning against reading alone, writing against a bare insert of the same
// rows, and the memory of the process that reads.

import { connect, type Sql, transaction } from "../../db/connect.ts";
import { openEmbedded } from "../../db/embedded.ts";
import { listPlannedRows, storePlan } from "../../db/excel_imports.ts";
import { applyChunk } from "../../db/import_apply.ts";
import { IMPORT_COLUMNS } from "../../db/import_columns.ts";
import { findImportFacts } from "../../db/import_facts.ts";
import { type PlannedRow, planRows } from "../../db/import_plan.ts";
import { undoImport } from "../../db/import_undo_apply.ts";
import type { ReadRow } from "../../db/import_rows.ts";
import { migrate } from "../../db/migrate.ts";
import { type Claim, claimTask, settleTask } from "../../db/tasks.ts";
import { EarlyFacts, readUpload } from "../../jobs/import_reading.ts";
import { readInChild } from "../../lib/excel/child.ts";
import { workbookBytes } from "../../lib/excel/write.ts";
import { openLog } from "../../lib/log.ts";
import { type Figure, ms, table } from "./measure.ts";
import { inTurns } from "../../lib/turns.ts";

const ROWS = 20_000;
const RUNS = 5;
const CHUNK = 1000;
/** Milliseconds after which a page's statement is given up, of which an undo is several. */
const UNDO_LIMIT = 30_000;
const OPTIONS = { shortestPassword: 12, schoolName: "Hillcrest School" };
const AUTHOR = { adminId: null, who: "Bench" };

/** The least disturbed of five runs, in milliseconds by name, and the most memory that a reading process took, in MB. */
type Measured = { readonly times: ReadonlyMap<string, number>; readonly peak: number };

async function measure(sql: Sql): Promise<Measured> {
  await migrate(sql);
  await sql`
    insert into learners (admission_number, first_name, surname, status, registration_group)
    select lpad(n::text, 6, '0'), 'Child' || n, 'Tree' || n % 700, 'Current', '7' || chr(65 + n % 8)
      from generate_series(1, ${ROWS}) as n on conflict do nothing`;
  const bytes = await workbook("Last");
  const times = new Map<string, number>();
  const peaks: number[] = [];
  async function time<T>(name: string, work: () => Promise<T>): Promise<T> {
    const start = performance.now();
    const value = await work();
    times.set(name, Math.min(times.get(name) ?? Infinity, performance.now() - start));
    return value;
  }
  for (let run = 0; run < RUNS; run++) {
    await empty(sql);
    await time("read", async () => {
      const { value: outcome, peak } = await watchChild(() => readInChild(bytes, "bench.xlsx"));
      peaks.push(peak);
      if ("refused" in outcome) throw new Error(outcome.refused.sentence);
    });
    const { rows, planned } = await time(
      "read, find facts and plan",
      () => planWorkbook(sql, bytes),
    );
    await time("bare insert", async () => {
      for (let start = 0; start < planned.length; start += CHUNK) {
        await insertBare(sql, planned.slice(start, start + CHUNK));
      }
    });
    await empty(sql);
    const taskId = await addTask(sql);
    const held = await claimTask(sql, taskId, new Date());
    if (held === null) throw new Error("the task is not waiting");
    await time("store plan", () => storePlan(sql, held.claim, planned, {}));
    await time("apply", () => applyStored(sql, held.claim));
    await settleTask(sql, held.claim, { state: "done" }, new Date());
    const again = await time("find facts again", () => findImportFacts(sql, rows));
    await time("plan again", async () => {
      const second = await inTurns(planRows(rows, again, OPTIONS));
      const changed = second.filter((row) => row.class !== "unchanged").length;
      if (changed > 0) throw new Error(`${changed} rows change something when they come again`);
    });
    const renamed = await planWorkbook(sql, await workbook("Renamed"));
    const renaming = await addTask(sql);
    await applyAll(sql, renaming, renamed.planned);
    await time("undo of updates", () => undo(sql, renaming));
    await time("undo of new logons", () => undo(sql, taskId));
  }
  return { times, peak: Math.max(...peaks) };
}

/** Everything of a workbook: read, asked about and planned. */
async function planWorkbook(
  sql: Sql,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<{ rows: readonly ReadRow[]; planned: PlannedRow[] }> {
  const early = new EarlyFacts(sql);
  const upload = await readUpload(bytes, "bench.xlsx", { onRows: (come) => early.take(come) });
  if ("refused" in upload) throw new Error(upload.refused);
  const { rows, facts } = await early.end(upload);
  return { rows, planned: await inTurns(planRows(rows, facts, OPTIONS)) };
}

async function applyAll(sql: Sql, taskId: number, planned: readonly PlannedRow[]): Promise<void> {
  const held = await claimTask(sql, taskId, new Date());
  if (held === null) throw new Error("the task is not waiting");
  await storePlan(sql, held.claim, planned, {});
  await applyStored(sql, held.claim);
  await settleTask(sql, held.claim, { state: "done" }, new Date());
}

async function applyStored(sql: Sql, claim: Claim): Promise<void> {
  for (let after = 0;;) {
    const last = (await listPlannedRows(sql, claim.taskId, { after, limit: CHUNK })).at(-1);
    if (last === undefined) return;
    await applyChunk(sql, claim, {
      after,
      last: last.position,
      passwords: new Map(),
      author: AUTHOR,
      at: new Date(),
    });
    after = last.position;
  }
}

async function undo(sql: Sql, taskId: number): Promise<void> {
  const done = await transaction(sql, (tx) => undoImport(tx, taskId, AUTHOR, new Date()));
  if (!done) throw new Error(`task ${taskId} was not undone`);
}

/** The most memory that any process took which this one started meanwhile, in MB; Linux only. */
async function watchChild<T>(work: () => Promise<T>): Promise<{ value: T; peak: number }> {
  let peak = 0;
  function look(): void {
    const children = Deno.readTextFileSync(`/proc/self/task/${Deno.pid}/children`);
    for (const id of children.split(" ").filter(Boolean)) {
      try {
        const status = Deno.readTextFileSync(`/proc/${id}/status`);
        peak = Math.max(peak, Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? 0) * 1024 / 1e6);
      } catch {
        // It has just ended.
      }
    }
  }
  const timer = setInterval(look, 2);
  const value = await work().finally(() => clearInterval(timer));
  return { value, peak };
}

async function empty(sql: Sql): Promise<void> {
  await sql`truncate logons, audit, tasks restart identity cascade`;
  // So that a run does not pay for what the one before left behind.
  await sql`vacuum analyze`;
}

async function addTask(sql: Sql): Promise<number> {
  const [row] = await sql<[{ id: number }]>`
    insert into tasks (kind, title) values ('excel import', 'Bench') returning id`;
  return row.id;
}

/** The same logons, links and audit rows, as quick as Postgres takes them, in pieces of the same size: no plan and no checks. */
async function insertBare(sql: Sql, planned: readonly PlannedRow[]): Promise<void> {
  const plans = planned.map((row) => row.plan);
  await sql.begin(async (tx) => {
    const added = await tx<{ id: number; username: string }[]>`
      insert into logons (first_name, surname, email, username)
      select * from unnest(
        ${plans.map((plan) => plan.set.firstName ?? "")}::text[], ${
      plans.map((plan) => plan.set.surname ?? "")
    }::text[],
        ${plans.map((plan) => plan.set.email ?? null)}::text[], ${
      plans.map((plan) => plan.username)
    }::text[])
      returning id, username`;
    const ids = new Map(added.map((row) => [row.username, row.id]));
    const links = plans.flatMap((plan) =>
      plan.learnerIds.map((learnerId) => [ids.get(plan.username) ?? 0, learnerId] as const)
    );
    await tx`
      insert into logon_learners (logon_id, learner_id)
      select * from unnest(${links.map(([id]) => id)}::bigint[], ${
      links.map(([, id]) => id)
    }::bigint[])`;
    const audit = plans.map((plan) => ({
      subject_id: ids.get(plan.username) ?? 0,
      after: { ...plan.set, username: plan.username, addedLearnerIds: plan.learnerIds, task: 1 },
    }));
    await tx`
      insert into audit (who, what, subject, subject_id, after)
      select 'Bench', 'add logon', 'logon', subject_id, after
        from jsonb_to_recordset(${tx.json(audit)}) as r (subject_id bigint, after jsonb)`;
  });
}

/** @param surname what every surname begins with */
async function workbook(surname: string): Promise<Uint8Array<ArrayBuffer>> {
  return await workbookBytes(async (book) => {
    const columns = IMPORT_COLUMNS.map((column) => ({ header: column.label }));
    const sheet = await book.addSheet({ name: "Parent Logons", columns });
    for (let row = 0; row < ROWS; row++) {
      const email = row % 10 === 0 ? `home${row % 500}@example.org` : `parent${row}@example.org`;
      const learners = [row, row + 7, row + 11].slice(0, 1 + row % 3)
        .map((number) => String(1 + number % ROWS).padStart(6, "0"));
      await sheet.addRow([
        `First${row % 900}`,
        `${surname}${row}`,
        email,
        row % 4 === 0 ? `user${row}` : "",
        "",
        learners.join("; "),
        row % 5 === 0 ? "yes" : "",
      ]);
    }
    await sheet.close();
  });
}

export async function bench(sql: Sql): Promise<Figure[]> {
  const { times, peak } = await measure(sql);
  if (Deno.env.get("BENCH_ALL")) {
    for (const [name, time] of times) say(`${name.padEnd(20)} ${ms(time)}\n`);
  }
  function figure(what: string, names: readonly string[], to: string, most: number): Figure {
    const sum = names.reduce((total, name) => total + (times.get(name) ?? NaN), 0);
    const bare = times.get(to) ?? NaN;
    const measured = `${(sum / bare).toFixed(2)} (${ms(sum)} : ${ms(bare)})`;
    return { what, measured, limit: String(most), met: sum / bare <= most };
  }
  function undoFigure(what: string, name: string): Figure {
    const took = times.get(name) ?? NaN;
    return { what, measured: ms(took), limit: ms(UNDO_LIMIT), met: took <= UNDO_LIMIT };
  }
  return [
    figure(
      "20,000 rows read, facts found and planned, against the bare read",
      ["read, find facts and plan"],
      "read",
      1.5,
    ),
    undoFigure("20,000 new logons undone, in one transaction", "undo of new logons"),
    undoFigure("20,000 renamed logons undone, in one transaction", "undo of updates"),
    figure("The same written, against a bare `unnest` insert", ["apply"], "bare insert", 1.3),
    {
      what: "Peak memory of the process that reads",
      measured: `${peak.toFixed(0)} MB`,
      limit: "400 MB",
      met: peak > 0 && peak <= 400,
    },
  ];
}

function say(text: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(text));
}

if (import.meta.main) {
  const folder = await Deno.makeTempDir({ prefix: "parent-logons-bench-" });
  await Deno.chmod(folder, 0o755);
  const server = await openEmbedded(folder, openLog("warn"));
  const sql = connect({ url: server.url, statementTimeout: 0 });
  try {
    say(table(await bench(sql)) + "\n");
  } finally {
    await sql.end({ timeout: 1 });
    await server.stop();
    await Deno.remove(folder, { recursive: true });
  }
}
