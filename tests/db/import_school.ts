// A small school for the tests of the import, and a way to import rows without a file or a queue.

import {
  countOutcomes,
  listPlannedRows,
  type Outcomes,
  storePlan,
} from "../../db/excel_imports.ts";
import type { Sql } from "../../db/connect.ts";
import { applyChunk } from "../../db/import_apply.ts";
import { findHeader } from "../../db/import_columns.ts";
import { findImportFacts } from "../../db/import_facts.ts";
import { atOnce } from "../../lib/turns.ts";
import { type PlannedRow, planRows } from "../../db/import_plan.ts";
import { readRow } from "../../db/import_rows.ts";
import { type Claim, claimTask } from "../../db/tasks.ts";
import type { Cell, Table } from "../../lib/excel/read.ts";

export const AT = new Date("2026-11-24T16:00:00Z");
export const OPTIONS = { shortestPassword: 12, schoolName: "Hillcrest School" };
export const HEADINGS = [
  "First name",
  "Surname",
  "Email",
  "Username",
  "Password",
  "Learners",
  "Enable TFA",
];
const HASH = "$2b$12$CU.V34Cs3BaSV7t.sBUx7.ZDjtCLPfHrI.brxyqM5NUIwToD.V4HO";

/** Texts, or whole cells, by column; the row numbers count from 1. */
export type Sheet = readonly (readonly (string | Cell | null)[])[];

/** A sheet as the reader gives it. */
export function tableOf(sheet: Sheet): Table {
  const rows = sheet.map((cells, place) => ({
    number: place + 1,
    cells: cells.map((cell): Cell | undefined =>
      cell === null || cell === ""
        ? undefined
        : typeof cell === "string"
        ? { text: cell, kind: "text" }
        : cell
    ),
  })).filter((row) => row.cells.some((cell) => cell !== undefined));
  const name = "Parent Logons";
  return { sheet: name, sheets: [{ name, state: "visible", kind: "worksheet" }], rows };
}

/** Plans a sheet; the headings are the seven labels unless the sheet brings its own. */
export async function planSheet(sql: Sql, sheet: Sheet): Promise<PlannedRow[]> {
  const found = findHeader(tableOf(sheet));
  if ("refused" in found) throw new Error(found.refused);
  const rows = found.rows.map((row) => readRow(row, found.header));
  return atOnce(planRows(rows, await findImportFacts(sql, rows), OPTIONS));
}

/** Plans rows below the usual headings. */
export async function plan(sql: Sql, ...rows: Sheet): Promise<PlannedRow[]> {
  return await planSheet(sql, [HEADINGS, ...rows]);
}

/** A task that a worker holds. */
export async function holdTask(sql: Sql): Promise<Claim> {
  const [row] = await sql<[{ id: number }]>`
    insert into tasks (kind, title, admin_id) values ('excel import', 'Import test.xlsx', (select min(id) from admins))
    returning id`;
  return await holdAgain(sql, row.id);
}

/** Takes a task from whoever holds it. */
export async function holdAgain(sql: Sql, taskId: number): Promise<Claim> {
  const held = await claimTask(sql, taskId, AT);
  if (held === null) throw new Error("the task is not waiting");
  return held.claim;
}

/** Writes what is planned, `size` rows at a time. */
export async function applyAll(sql: Sql, claim: Claim, size = 1000): Promise<Outcomes> {
  for (let after = 0;;) {
    const chunk = await listPlannedRows(sql, claim.taskId, { after, limit: size });
    const last = chunk.at(-1);
    if (last === undefined) return await countOutcomes(sql, claim.taskId);
    const passwords = new Map(
      chunk.flatMap(({ passwordRow }) =>
        passwordRow === null ? [] : [[passwordRow, { hash: HASH, expiresAt: AT }]]
      ),
    );
    const author = { adminId: null, who: "Test" };
    await applyChunk(sql, claim, { after, last: last.position, passwords, author, at: AT });
    after = last.position;
  }
}

/** Plans rows and writes them. */
export async function importRows(
  sql: Sql,
  rows: Sheet,
  size?: number,
): Promise<{ taskId: number; outcomes: Outcomes; planned: PlannedRow[] }> {
  const planned = await plan(sql, ...rows);
  const claim = await holdTask(sql);
  await storePlan(sql, claim, planned, {});
  return { taskId: claim.taskId, outcomes: await applyAll(sql, claim, size), planned };
}

/** Ten learners with the admission numbers 0001 to 0010, and an admin. @returns their ids by admission number */
export async function seedSchool(sql: Sql): Promise<Map<string, number>> {
  await sql`
    insert into admins (username, name, role, password_hash)
    values ('office', 'Olive Office', 'Administrator', ${HASH})`;
  const rows = await sql<{ id: number; admission: string }[]>`
    insert into learners (admission_number, upn, first_name, surname, status)
    select lpad(n::text, 4, '0'), 'U12345678901' || n, 'Child' || n, 'Tree', 'Current' from generate_series(1, 10) as n
    returning id, admission_number as admission`;
  return new Map(rows.map((row) => [row.admission, row.id]));
}

/** Removes all logons, contacts, blocks and tasks, so that the next test begins with learners only. */
export async function clearSchool(sql: Sql): Promise<void> {
  await sql`delete from tasks`;
  await sql`delete from blocks`;
  await sql`delete from logons`;
  await sql`delete from contacts`;
  await sql`delete from audit`;
}

export type LogonSeed = {
  readonly firstName?: string;
  readonly surname?: string;
  readonly email?: string | null;
  readonly username: string;
  readonly contactId?: number;
  readonly deleted?: boolean;
  readonly learnerIds?: readonly number[];
};

/** Adds a logon: Ann Lee unless it says otherwise. @returns its id */
export async function seedLogon(sql: Sql, seed: LogonSeed): Promise<number> {
  const [row] = await sql<[{ id: number }]>`
    insert into logons (first_name, surname, email, username, contact_id, deleted_at)
    values (${seed.firstName ?? "Ann"}, ${seed.surname ?? "Lee"}, ${
    seed.email ?? null
  }, ${seed.username},
            ${seed.contactId ?? null}, ${seed.deleted ? AT : null})
    returning id`;
  for (const learnerId of seed.learnerIds ?? []) {
    await sql`insert into logon_learners (logon_id, learner_id) values (${row.id}, ${learnerId})`;
  }
  return row.id;
}

/** Adds a contact. @returns its id */
export async function seedContact(
  sql: Sql,
  seed: { readonly firstName: string; readonly surname: string; readonly email: string | null },
): Promise<number> {
  const [row] = await sql<[{ id: number }]>`
    insert into contacts (first_name, surname, email)
    values (${seed.firstName}, ${seed.surname}, ${seed.email}) returning id`;
  return row.id;
}

/** Sets a block. */
export async function seedBlock(
  sql: Sql,
  block: { readonly learnerId: number; readonly logonId?: number; readonly contactId?: number },
): Promise<void> {
  await sql`
    insert into blocks (learner_id, logon_id, contact_id, reason)
    values (${block.learnerId}, ${block.logonId ?? null}, ${
    block.contactId ?? null
  }, 'court order')`;
}
