// The job of Parent Portal Usage: the workbook holds what the database holds, row by row, whatever comes between.

import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { inflateRawSync } from "node:zlib";
import { type Sql, transaction } from "../../db/connect.ts";
import { findFile, readWholeFile, type StoredFile } from "../../db/files.ts";
import { seedCast, seedSchool } from "../../db/seeds.ts";
import {
  CancelAsked,
  cancelTask,
  ClaimLost,
  claimTask,
  findTask,
  settleTask,
} from "../../db/tasks.ts";
import { checkUsage, startUsageReport } from "../../db/usage_reports.ts";
import { HandedBack, type JobOutcome } from "../../jobs/job.ts";
import { runUsageReport } from "../../jobs/usage_reports.ts";
import { shownRows } from "../../lib/excel/read.ts";
import { openHasher } from "../../lib/passwords.ts";
import type { Services } from "../../services.ts";
import { openTestDatabase, type TestDatabase } from "../database.ts";
import { reportServices, sheetOf } from "../usage_workbook.ts";

const AT = new Date("2026-11-24T10:00:00Z");
const HEADINGS = ["User", "Email", "Learners", "Date", "Time", "Device"];

describe("job of Parent Portal Usage", () => {
  let database: TestDatabase;
  let sql: Sql;
  before(async () => {
    database = await openTestDatabase({ pool: 8 });
    sql = database.sql;
    const { hash } = openHasher();
    const quick = (password: string): Promise<string> => hash(password, 4);
    await seedCast(sql, { at: AT, hash: quick });
    await seedSchool(sql, { logons: 260, learners: 200, signIns: 6000 }, { at: AT, hash: quick });
    // Whatever a name may be: a formula, a sheet's forbidden characters, two alike, the Summary's own.
    const names = [
      ["=1+1", "O'Hara/Smith?"],
      ["Ann", "Twin"],
      ["ANN", "TWIN"],
      ["Summary", "X"],
      ["Maximiliana-Konstantina-Wilhelmina", "Wolfeschlegelsteinhausen"],
    ] as const;
    for (const [at, [firstName, surname]] of names.entries()) {
      const username = `odd${at}`;
      await sql`
        with l as (
          insert into logons (first_name, surname, username, email)
          values (${firstName}, ${surname}, ${username}, ${`+${username}@example.org`}) returning id
        )
        insert into sign_ins (at, logon_id, outcome, first_name, surname, username, email, learners, user_agent)
        select '2026-10-25T00:30:00Z', l.id, 'success', ${firstName}, ${surname}, ${username},
               ${`+${username}@example.org`}, array['@SUM(A1) Kit', 'Lee (7A)'], null from l`;
    }
    // One who is deleted, one who is gone for good.
    await sql`update logons set deleted_at = ${AT} where username = 'odd1'`;
    await sql`delete from logons where username = 'odd2'`;
  });
  after(() => database.close());

  async function start(
    from: string,
    to: string,
    { group = "", parents = [] }: { group?: string; parents?: readonly number[] } = {},
  ): Promise<number> {
    const [admin] = await sql<[{ id: number }]>`select id from admins limit 1`;
    const checked = checkUsage({ start: from, end: to, year: "", group, parents });
    assert.ok("wanted" in checked);
    return await transaction(sql, (tx) =>
      startUsageReport(tx, checked.wanted, {
        adminId: admin.id,
        author: { adminId: admin.id, who: "Olwen" },
      }));
  }

  /** Runs the job as the queue does. */
  async function run(
    taskId: number,
    options: { mostTabs?: number; stopping?: AbortSignal; services?: Services } = {},
  ): Promise<JobOutcome> {
    const held = await claimTask(sql, taskId, AT);
    assert.ok(held);
    const outcome = await runUsageReport({
      services: options.services ?? reportServices(sql, AT),
      task: held.task,
      claim: held.claim,
      stopping: options.stopping ?? new AbortController().signal,
    }, options.mostTabs);
    await settleTask(sql, held.claim, outcome, AT);
    return outcome;
  }

  async function resultOf(taskId: number): Promise<{ file: StoredFile; bytes: Uint8Array }> {
    const file = await findFile(sql, taskId, "result");
    assert.ok(file);
    return { file, bytes: await readWholeFile(sql, file) };
  }

  it("gives a year of sign-ins back row by row as the database has them", async () => {
    const taskId = await start("2025-11-25", "2026-11-24");
    const outcome = await run(taskId);
    const { file, bytes } = await resultOf(taskId);
    assert.equal(file.name, "Portal usage 2025-11-25 to 2026-11-24.xlsx");
    const expected = await sql<
      { key: string; user: string; email: string; learners: string; day: string; time: string }[]
    >`
      select coalesce(s.logon_id::text, 'gone ' || s.username) as key, s.first_name || ' ' || s.surname as user,
             coalesce(s.email, '') as email, array_to_string(s.learners, ', ') as learners,
             to_char(s.at at time zone 'Europe/London', 'DD/MM/YYYY') as day,
             to_char(s.at at time zone 'Europe/London', 'HH24:MI') as time
        from sign_ins s
       where s.outcome = 'success' and s.at >= '2025-11-25' and s.at < '2026-11-25'
       order by s.at, s.id`;
    assert.ok(expected.length > 3000);
    const groups = new Map<string, string[][]>();
    for (const { key, user, email, learners, day, time } of expected) {
      const rows = groups.get(key) ?? [];
      groups.set(key, rows);
      rows.push([user, email, learners, day, time]);
    }
    assert.deepEqual(
      [outcome.facts?.["parents"], outcome.facts?.["signIns"]],
      [groups.size, expected.length],
    );

    const names = sheetOf(bytes, "Summary").sheets.map((sheet) => sheet.name);
    assert.equal(names.at(-1), "Summary");
    assert.equal(names.length, groups.size + 1);
    assert.equal(new Set(names.map((name) => name.toLowerCase())).size, names.length);
    const found: string[] = [];
    for (const name of names.slice(0, -1)) {
      assert.ok(name.length <= 31 && !/[:\\/?*[\]]/.test(name), name);
      const [headings, ...rows] = shownRows(sheetOf(bytes, name));
      assert.deepEqual(headings, HEADINGS);
      found.push(JSON.stringify(rows.map((row) => {
        const [user, email, learners, day, time] = row;
        return [user, email, learners, day, time?.slice(0, 5)];
      })));
    }
    const wanted = [...groups.values()].map((rows) => JSON.stringify(rows));
    assert.deepEqual(found.toSorted(), wanted.toSorted());
    const task = await findTask(sql, taskId);
    assert.deepEqual([task?.total, task?.done], [expected.length, expected.length]);
  });

  it("has real dates and times, and text that looks like a formula as text", async () => {
    const taskId = await start("2026-10-25", "2026-10-25");
    await run(taskId);
    const { bytes } = await resultOf(taskId);
    const cells = sheetOf(bytes, "=1+1 O'Hara-Smith-").rows[1]?.cells ?? [];
    assert.deepEqual(cells.map((cell) => cell && [cell.kind, cell.text]), [
      ["text", "=1+1 O'Hara/Smith?"],
      ["text", "+odd0@example.org"],
      ["text", "@SUM(A1) Kit, Lee (7A)"],
      // The night when the clocks went back, still summer time.
      ["date", "25/10/2026"],
      ["date", cells[4]?.text ?? ""],
    ]);
    assert.match(cells[4]?.text ?? "", /^01:30/);
  });

  it("ends with a Summary: totals, a row for each tab, and everybody who did not sign in", async () => {
    const taskId = await start("2026-10-25", "2026-10-25");
    const outcome = await run(taskId);
    const { bytes } = await resultOf(taskId);
    const rows = shownRows(sheetOf(bytes, "Summary"));
    const lines = new Map(rows.map(([label = "", value = ""]) => [label, value]));
    assert.equal(lines.get("From"), "25/10/2026");
    assert.equal(lines.get("To"), "25/10/2026");
    const [counted] = await sql<[{ parents: number; sign_ins: number }]>`
      select count(distinct coalesce(logon_id::text, username))::int as parents, count(*)::int as sign_ins
        from sign_ins where outcome = 'success' and at >= '2026-10-24T23:00Z' and at < '2026-10-26T00:00Z'`;
    assert.equal(lines.get("Parents who signed in"), String(counted.parents));
    assert.equal(lines.get("Sign-ins"), String(counted.sign_ins));
    const absent = Number(outcome.facts?.["absent"]);
    assert.equal(lines.get("Parents who did not sign in"), String(absent));
    const header = rows.findIndex((row) => row[4] === "Sign-ins");
    const table = rows.slice(header + 1);
    assert.equal(table.length, counted.parents + absent);
    const noted = new Map(table.map((row) => [row[1] ?? "", row[7] ?? ""]));
    assert.equal(noted.get("+odd1@example.org"), "Logon deleted since");
    assert.equal(noted.get("+odd2@example.org"), "Logon deleted since");
    assert.equal(noted.get("+odd0@example.org"), "");
    const notSignedIn = table.filter((row) => row[4] === "0").map((row) => row[7] ?? "");
    assert.ok(table.every((row) => row[2] !== ""), "namesakes are told apart by their usernames");
    assert.equal(notSignedIn.length, absent);
    assert.ok(
      notSignedIn.every((note) => /^(Never signed in|Last signed in on ..\/..\/....)$/.test(note)),
    );
    const never = notSignedIn.filter((note) => note === "Never signed in").length;
    assert.equal(never, outcome.facts?.["never"]);
    assert.equal(lines.get("Of these, never signed in at all"), String(never));

    // Links, frozen and printed headings, filters: as they stand in the package.
    const parts = unzip(bytes);
    const summary = parts.get(`xl/worksheets/sheet${counted.parents + 1}.xml`)?.toString() ?? "";
    assert.equal(summary.split("<hyperlink ").length - 1, counted.parents);
    const first = parts.get("xl/worksheets/sheet1.xml")?.toString() ?? "";
    for (const [sheet, top] of [[summary, header + 1], [first, 1]] as const) {
      assert.match(sheet, new RegExp(`<pane [^>]*ySplit="${top}"[^>]*state="frozen"`));
      assert.match(sheet, new RegExp(`<autoFilter ref="A${top}:`));
      assert.match(sheet, /<col [^>]*width="34/);
    }
    const book = parts.get("xl/workbook.xml")?.toString() ?? "";
    assert.equal(book.split("_xlnm.Print_Titles").length - 1, counted.parents + 1);
  });

  it("says in its Summary since when sign-ins are kept, where it begins before that", async () => {
    const linesOf = async (from: string): Promise<Map<string, string>> => {
      const taskId = await start(from, "2026-11-24");
      await run(taskId);
      const rows = shownRows(sheetOf((await resultOf(taskId)).bytes, "Summary"));
      return new Map(rows.map(([label = "", value = ""]) => [label, value]));
    };
    assert.equal((await linesOf("2024-01-01")).get("Sign-ins are kept since"), "24/11/2024");
    assert.equal((await linesOf("2026-01-01")).get("Sign-ins are kept since"), undefined);
  });

  it("has only the parents of one registration group where that was chosen", async () => {
    const [group] = await sql<[{ name: string }]>`
      select p.registration_group as name from sign_ins s
        join logon_learners k on k.logon_id = s.logon_id join learners p on p.id = k.learner_id
       where s.outcome = 'success' and p.registration_group is not null group by 1 order by count(*) desc limit 1`;
    const taskId = await start("2026-01-01", "2026-11-24", { group: group.name });
    const outcome = await run(taskId);
    const [counted] = await sql<[{ count: number }]>`
      select count(*)::int as count from sign_ins s
       where s.outcome = 'success' and s.at >= '2026-01-01' and s.at < '2026-11-25' and exists (
         select from logon_learners k join learners p on p.id = k.learner_id
          where k.logon_id = s.logon_id and p.registration_group = ${group.name})`;
    assert.equal(outcome.facts?.["signIns"], counted.count);
    const { bytes, file } = await resultOf(taskId);
    assert.equal(file.name, `Portal usage 2026-01-01 to 2026-11-24, ${group.name}.xlsx`);
    const rows = shownRows(sheetOf(bytes, "Summary"));
    assert.equal(
      rows.find((row) => row[0] === "Only learners who are now in")?.[1],
      group.name,
    );
  });

  it("has only the chosen parents, and among those who did not sign in the chosen alone", async () => {
    const most = await sql<{ id: number; count: number }[]>`
      select logon_id as id, count(*)::int as count from sign_ins
       where outcome = 'success' and logon_id is not null and at >= '2026-01-01' and at < '2026-11-25'
       group by 1 order by 2 desc, 1 limit 3`;
    const [never] = await sql<[{ id: number }]>`
      select l.id from logons l where l.last_sign_in_at is null and l.deleted_at is null
         and l.created_at < '2026-11-25' and not exists (select from sign_ins s where s.logon_id = l.id) limit 1`;
    const parents = [...most.map((row) => row.id), never.id, never.id];
    const taskId = await start("2026-01-01", "2026-11-24", { parents });
    const task = await findTask(sql, taskId);
    assert.equal(task?.facts["chosen"], [...new Set(parents)].join(" "));
    const outcome = await run(taskId);
    const signIns = most.reduce((sum, row) => sum + row.count, 0);
    assert.deepEqual(outcome.facts, { parents: 3, signIns, absent: 1, never: 1 });
    const summary = sheetOf((await resultOf(taskId)).bytes, "Summary");
    assert.equal(summary.sheets.length, 4);
    const rows = shownRows(summary);
    assert.equal(rows.find((row) => row[0] === "Only chosen parents")?.[1], "4");
  });

  it("is several workbooks in a zip beyond what one can hold", async () => {
    const taskId = await start("2026-10-25", "2026-10-25");
    const whole = await run(taskId, { mostTabs: 2 });
    const { file, bytes } = await resultOf(taskId);
    assert.equal(file.name, "Portal usage 2026-10-25 to 2026-10-25.zip");
    assert.equal(file.mediaType, "application/zip");
    const parts = [...unzip(bytes)];
    const parents = Number(whole.facts?.["parents"]);
    assert.equal(parts.length, Math.ceil(parents / 2));
    let tabs = 0;
    for (const [at, [name, part]] of parts.entries()) {
      assert.equal(
        name,
        `Portal usage 2026-10-25 to 2026-10-25, part ${at + 1} of ${parts.length}.xlsx`,
      );
      const summary = sheetOf(part, "Summary");
      tabs += summary.sheets.length - 1;
      const isLast = at === parts.length - 1;
      const totals = shownRows(summary).filter((row) => row[0] === "Parents who signed in");
      assert.deepEqual(totals.map((row) => row[1]), isLast ? [String(parents)] : []);
    }
    assert.equal(tabs, parents);
  });

  it("makes no file where nobody signed in", async () => {
    const taskId = await start("2001-01-01", "2001-12-31");
    assert.deepEqual(await run(taskId), { state: "done", facts: { parents: 0, signIns: 0 } });
    assert.equal(await findFile(sql, taskId, "result"), null);
    assert.equal(await findFile(sql, taskId, "unfinished"), null);
  });

  it("hands back when the program stops, and another run begins the file anew", async () => {
    const taskId = await start("2026-11-01", "2026-11-24");
    await assert.rejects(run(taskId, { stopping: AbortSignal.abort() }), HandedBack);
    assert.equal(await findFile(sql, taskId, "result"), null);
    const outcome = await run(taskId);
    const { bytes } = await resultOf(taskId);
    assert.equal(
      sheetOf(bytes, "Summary").sheets.length,
      Number(outcome.facts?.["parents"]) + 1,
    );
  });

  it("stops when the admin asks, and leaves no file", async () => {
    const taskId = await start("2026-11-01", "2026-11-24");
    const held = await claimTask(sql, taskId, AT);
    assert.ok(held);
    await cancelTask(sql, taskId, AT);
    const running = {
      services: reportServices(sql, AT),
      task: held.task,
      claim: held.claim,
      stopping: new AbortController().signal,
    };
    await assert.rejects(runUsageReport(running), CancelAsked);
    assert.equal(await findFile(sql, taskId, "result"), null);
    assert.equal(await findFile(sql, taskId, "unfinished"), null);
  });

  it("leaves the file to the worker that took the task", async () => {
    const taskId = await start("2026-11-01", "2026-11-24");
    const held = await claimTask(sql, taskId, AT);
    assert.ok(held);
    const former = {
      services: reportServices(sql, AT),
      task: held.task,
      claim: held.claim,
      stopping: new AbortController().signal,
    };
    await run(taskId);
    const { file } = await resultOf(taskId);
    await assert.rejects(runUsageReport(former), ClaimLost);
    assert.equal((await resultOf(taskId)).file.id, file.id);
  });
});

/** The entries of an archive by name, from its central directory. */
function unzip(archive: Uint8Array): Map<string, Buffer> {
  const bytes = Buffer.from(archive);
  const end = bytes.lastIndexOf("PK\x05\x06", undefined, "latin1");
  const entries = new Map<string, Buffer>();
  let at = bytes.readUInt32LE(end + 16);
  for (let left = bytes.readUInt16LE(end + 10); left > 0; left--) {
    const size = bytes.readUInt32LE(at + 20);
    const nameLength = bytes.readUInt16LE(at + 28);
    const local = bytes.readUInt32LE(at + 42);
    const name = bytes.toString("utf8", at + 46, at + 46 + nameLength);
    const data = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28);
    entries.set(name, inflateRawSync(bytes.subarray(data, data + size)));
    at += 46 + nameLength + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32);
  }
  return entries;
}
