// Measures an import of 20,000 rows: reading and planning against reading alone, writing against a bare insert of the same rows.

import { connect, type Sql } from "../../db/connect.ts";
import { openEmbedded } from "../../db/embedded.ts";
import { listPlannedRows, storePlan } from "../../db/excel_imports.ts";
import { applyChunk } from "../../db/import_apply.ts";
import { findHeader, IMPORT_COLUMNS } from "../../db/import_columns.ts";
import { findImportFacts } from "../../db/import_facts.ts";
import { type PlannedRow, planRows } from "../../db/import_plan.ts";
import { readRow } from "../../db/import_rows.ts";
import { migrate } from "../../db/migrate.ts";
import { claimTask } from "../../db/tasks.ts";
import { readInChild } from "../../lib/excel/child.ts";
import { workbookBytes } from "../../lib/excel/write.ts";
import { openLog } from "../../lib/log.ts";
import { inTurns } from "../../lib/turns.ts";

const ROWS = 20_000;
const RUNS = 3;
const CHUNK = 1000;

export type Measurement = { readonly name: string; readonly milliseconds: number };

/** Medians of three runs, in milliseconds. */
export async function bench(sql: Sql): Promise<Measurement[]> {
  await migrate(sql);
  await sql`
    insert into learners (admission_number, first_name, surname, status, registration_group)
    select lpad(n::text, 6, '0'), 'Child' || n, 'Tree' || n % 700, 'Current', '7' || chr(65 + n % 8)
      from generate_series(1, ${ROWS}) as n on conflict do nothing`;
  const bytes = await workbook();
  const measured = new Map<string, number[]>();
  async function time<T>(name: string, work: () => Promise<T>): Promise<T> {
    const start = performance.now();
    const value = await work();
    measured.set(name, [...measured.get(name) ?? [], performance.now() - start]);
    return value;
  }
  for (let run = 0; run < RUNS; run++) {
    await empty(sql);
    const table = await time("read", async () => {
      const outcome = await readInChild(bytes, "bench.xlsx");
      if ("refused" in outcome) throw new Error(outcome.refused.sentence);
      return outcome.table;
    });
    const found = findHeader(table);
    if ("refused" in found) throw new Error(found.refused);
    const rows = found.rows.map((row) => readRow(row, found.header));
    const facts = await time("find facts", () => findImportFacts(sql, rows));
    const planned = await time("plan", async () => {
      const again = found.rows.map((row) => readRow(row, found.header));
      const options = { shortestPassword: 12, schoolName: "Hillcrest School" };
      return await inTurns(planRows(again, facts, options));
    });
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
    await time("apply", async () => {
      for (let after = 0;;) {
        const last = (await listPlannedRows(sql, taskId, { after, limit: CHUNK })).at(-1);
        if (last === undefined) return;
        const author = { adminId: null, who: "Bench" };
        await applyChunk(sql, held.claim, {
          after,
          last: last.position,
          passwords: new Map(),
          author,
          at: new Date(),
        });
        after = last.position;
      }
    });
    const again = await time("find facts again", () => findImportFacts(sql, rows));
    await time("plan again", async () => {
      const options = { shortestPassword: 12, schoolName: "Hillcrest School" };
      const second = await inTurns(planRows(rows, again, options));
      const changed = second.filter((row) => row.class !== "unchanged").length;
      if (changed > 0) throw new Error(`${changed} rows change something when they come again`);
    });
  }
  return [...measured].map(([name, all]) => ({
    name,
    milliseconds: all.toSorted((one, other) => one - other)[Math.floor(all.length / 2)] ?? NaN,
  }));
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

async function workbook(): Promise<Uint8Array<ArrayBuffer>> {
  return await workbookBytes(async (book) => {
    const columns = IMPORT_COLUMNS.map((column) => ({ header: column.label }));
    const sheet = await book.addSheet({ name: "Parent Logons", columns });
    for (let row = 0; row < ROWS; row++) {
      const email = row % 10 === 0 ? `home${row % 500}@example.org` : `parent${row}@example.org`;
      const learners = [row, row + 7, row + 11].slice(0, 1 + row % 3)
        .map((number) => String(1 + number % ROWS).padStart(6, "0"));
      await sheet.addRow([
        `First${row % 900}`,
        `Last${row}`,
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

function report(measured: readonly Measurement[]): string {
  const of = new Map(measured.map(({ name, milliseconds }) => [name, milliseconds]));
  function ratio(names: readonly string[], to: string): string {
    const sum = names.reduce((total, name) => total + (of.get(name) ?? NaN), 0);
    return (sum / (of.get(to) ?? NaN)).toFixed(2);
  }
  return [
    ...measured.map(({ name, milliseconds }) => `${name.padEnd(20)} ${milliseconds.toFixed(0)} ms`),
    `read, facts and plan : read    ${ratio(["read", "find facts", "plan"], "read")}`,
    `apply : bare insert            ${ratio(["apply"], "bare insert")}`,
    `plan stored and applied : bare ${ratio(["store plan", "apply"], "bare insert")}`,
  ].join("\n") + "\n";
}

if (import.meta.main) {
  const folder = await Deno.makeTempDir({ prefix: "parent-logons-bench-" });
  await Deno.chmod(folder, 0o755);
  const server = await openEmbedded(folder, openLog("warn"));
  const sql = connect({ url: server.url, statementTimeout: 0 });
  try {
    Deno.stdout.writeSync(new TextEncoder().encode(report(await bench(sql))));
  } finally {
    await sql.end({ timeout: 1 });
    await server.stop();
    await Deno.remove(folder, { recursive: true });
  }
}
