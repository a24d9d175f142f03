// The job of an import: from an uploaded file to the rows written and the workbook with the results, whatever comes between.

import { after, before, beforeEach, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { readConfig } from "../../config.ts";
import { type Sql, transaction } from "../../db/connect.ts";
import { approveImport, startExcelImport } from "../../db/excel_imports.ts";
import { findFile, readWholeFile } from "../../db/files.ts";
import { findHeader, IMPORT_COLUMNS } from "../../db/import_columns.ts";
import {
  CancelAsked,
  cancelTask,
  ClaimLost,
  claimTask,
  findTask,
  settleTask,
} from "../../db/tasks.ts";
import { excelImports } from "../../jobs/excel_imports.ts";
import { resultName, templateWorkbook } from "../../jobs/import_workbooks.ts";
import { HandedBack, type JobOutcome, TaskFailed } from "../../jobs/job.ts";
import { readTable, shownRows, type Table } from "../../lib/excel/read.ts";
import { workbookBytes } from "../../lib/excel/write.ts";
import { openLog } from "../../lib/log.ts";
import { openHasher } from "../../lib/passwords.ts";
import { openServices, type Services, systemClock } from "../../services.ts";
import { openTestDatabase, type TestDatabase } from "../database.ts";
import { AT, clearSchool, HEADINGS, seedLogon, seedSchool } from "../db/import_school.ts";

const SECRET = "purple monkey dishwasher";
const OTHER = "seven green bottles";

describe("job of an import", () => {
  let database: TestDatabase;
  let sql: Sql;
  let opened: Services;
  const logged: string[] = [];
  before(async () => {
    database = await openTestDatabase({ pool: 8 });
    sql = database.sql;
    await seedSchool(sql);
    const config = readConfig(() => undefined, {
      SECRET_KEY: new Uint8Array(32).toBase64(),
      DATABASE_URL: database.url,
    });
    const log = openLog("debug", (line) => logged.push(line));
    const clock = { ...systemClock("Europe/London"), now: () => AT };
    opened = await openServices(config, { log, database, clock });
  });
  beforeEach(() => clearSchool(sql));
  after(async () => {
    await opened.close();
    await database.close();
  });

  function services(hash = opened.hasher.hash): Services {
    return { ...opened, hasher: { ...opened.hasher, hash } };
  }

  async function upload(bytes: Uint8Array, fileName = "Parents Sept v2.csv"): Promise<number> {
    const [admin] = await sql<[{ id: number }]>`select id from admins limit 1`;
    return await transaction(sql, (tx) =>
      startExcelImport(tx, {
        adminId: admin.id,
        fileName,
        mediaType: "text/csv",
        bytes,
        at: AT,
        requestId: "r-of-the-upload",
      }));
  }

  async function uploadRows(
    rows: readonly (readonly string[])[],
    headings: readonly string[] = HEADINGS,
  ): Promise<number> {
    const lines = [headings, ...rows].map((cells) => cells.map((cell) => `"${cell}"`).join(","));
    return await upload(new TextEncoder().encode(lines.join("\n")));
  }

  /** Runs the job as the queue does. */
  async function run(
    taskId: number,
    options: { readonly stopping?: AbortSignal; readonly services?: Services } = {},
  ): Promise<JobOutcome> {
    const held = await claimTask(sql, taskId, AT);
    assert.ok(held);
    const outcome = await excelImports.run({
      services: options.services ?? services(),
      task: held.task,
      claim: held.claim,
      requestId: held.requestId,
      stopping: options.stopping ?? new AbortController().signal,
    });
    await settleTask(sql, held.claim, outcome, AT);
    return outcome;
  }

  async function resultTable(taskId: number): Promise<Table> {
    const file = await findFile(sql, taskId, "result");
    assert.ok(file);
    assert.equal(file.name, "Parents Sept v2 - result.xlsx");
    const outcome = readTable(await readWholeFile(sql, file), file.name);
    assert.ok("table" in outcome);
    return outcome.table;
  }

  async function countLogons(): Promise<number> {
    return (await sql`select from logons`).length;
  }

  it("imports plain additions at once and gives the same rows back with what became of them", async () => {
    const lines = [
      "Our parents,,,",
      "",
      "Surname,First name,Learners,Notes,Password,Old password",
      `Lee,Ann,0001,"one, two",${SECRET},old secret here`,
      "",
      `Moss,Bob,0002;0003,,${OTHER},`,
    ];
    const taskId = await upload(new TextEncoder().encode(lines.join("\r\n")));
    const outcome = await run(taskId);
    assert.equal(outcome.state, "done");
    assert.deepEqual(outcome.facts, {
      created: 2,
      updated: 0,
      linked: 0,
      restored: 0,
      unchanged: 0,
      leftOut: 0,
      failed: 0,
    });
    const table = await resultTable(taskId);
    assert.deepEqual(shownRows(table), [
      ["Our parents"],
      [],
      [
        "Surname",
        "First name",
        "Learners",
        "Notes",
        "Password",
        "Old password",
        "Result",
        "Reason",
      ],
      ["Lee", "Ann", "0001", "one, two", "", "", "Added", "Username ann.lee."],
      [],
      ["Moss", "Bob", "0002;0003", "", "", "", "Added", "Username bob.moss."],
    ]);
    assert.equal(await findFile(sql, taskId, "upload"), null);
    const [stored] = await sql<{ hash: string; temporary: boolean; days: number }[]>`
      select w.hash, w.temporary, (w.expires_at::date - ${AT}::date) as days
        from logon_passwords w join logons l on l.id = w.logon_id where l.username = 'ann.lee'`;
    assert.ok(stored?.temporary);
    assert.equal(stored.days, 7);
    assert.ok(await openHasher().verify(SECRET, stored.hash));
    assert.equal((await findTask(sql, taskId))?.facts["ignoredColumns"], "“Notes”, “Old password”");
  });

  it("waits for review where a row is not a plain addition, and keeps the reasons", async () => {
    await seedLogon(sql, { username: "ann" });
    const taskId = await uploadRows([
      ["Anna", "Lee", "ann@x.org", "ann", SECRET],
      ["Bob", "Moss", "bob@x.org", "", "", "0001"],
      ["Cat", "Moss", "nonsense", "", "short"],
    ]);
    assert.deepEqual(await run(taskId), { state: "needs review" });
    const task = await findTask(sql, taskId);
    assert.equal(task?.state, "needs review");
    for (
      const [name, count] of [["create", 1], ["update", 1], ["error", 1], ["rows", 3]] as const
    ) {
      assert.equal(task?.facts[name], count, name);
    }
    assert.equal(await countLogons(), 1);
    const preview = shownRows(await resultTable(taskId));
    assert.deepEqual(preview.map((row) => row[7]), [
      "Result",
      "To be changed",
      "To be added",
      "Error",
    ]);
    assert.match(preview[1]?.[8] ?? "", /First name becomes “Anna”.\nEmail becomes “ann@x.org”/);
    assert.match(
      preview[3]?.[8] ?? "",
      /Email “nonsense”: Enter one email.*\nPassword: Use at least 12/,
    );

    await transaction(sql, (tx) => approveImport(tx, taskId, { adminId: null, who: "Test" }));
    const outcome = await run(taskId);
    assert.deepEqual([
      outcome.facts?.["created"],
      outcome.facts?.["updated"],
      outcome.facts?.["leftOut"],
    ], [1, 1, 1]);
    const result = shownRows(await resultTable(taskId));
    assert.deepEqual(result.map((row) => row[7]), ["Result", "Changed", "Added", "Error"]);
    assert.equal(await findFile(sql, taskId, "upload"), null);

    const everything = JSON.stringify([
      await sql`select * from tasks`,
      await sql`select * from task_items`,
      await sql`select * from audit`,
      await sql`select * from logons`,
      await sql`select * from logon_passwords`,
      result,
      preview,
      logged,
    ]);
    for (const secret of [SECRET, OTHER, "short"]) {
      assert.ok(!everything.includes(`"${secret}`), secret);
    }
    assert.ok(!everything.includes(SECRET));
  });

  it("takes the workbook it gave back, and changes nothing", async () => {
    const rows = [
      ["Ann", "Lee", "home@x.org", "", "", "0001"],
      ["Bob", "Lee", "home@x.org", "", "", "0001;0002"],
      ["Ann", "Lee", "home@x.org", "", "", "0003", "yes"],
      ["=cmd|calc", "O’Brien", "", "", "", "0004"],
    ];
    const taskId = await uploadRows(rows);
    assert.equal((await run(taskId)).facts?.["created"], 3);
    const file = await findFile(sql, taskId, "result");
    assert.ok(file);
    const again = await upload(await readWholeFile(sql, file), "Parents Sept v2.xlsx");
    const outcome = await run(again);
    assert.equal(outcome.facts?.["unchanged"], 4);
    assert.deepEqual(shownRows(await resultTable(again))[0], [...HEADINGS, "Result", "Reason"]);
    assert.equal((await findTask(sql, again))?.facts["ignoredColumns"], "");
  });

  it("refuses a file that is none, and one without headings, and forgets both", async () => {
    const files: [Uint8Array, RegExp][] = [
      [new Uint8Array(), /is empty/],
      [new TextEncoder().encode(`Ann,Lee,${SECRET}`), /headings First name and Surname/],
    ];
    for (const [bytes, sentence] of files) {
      const taskId = await upload(bytes);
      await assert.rejects(run(taskId), (error: unknown) => {
        assert.ok(error instanceof TaskFailed);
        assert.equal(error.failure.code, "refused");
        assert.match(String(error.failure["sentence"]), sentence);
        assert.ok(!JSON.stringify(error.failure).includes(SECRET));
        return true;
      });
      assert.equal(await findFile(sql, taskId, "upload"), null);
    }
  });

  it("says of every change by which request it came", async () => {
    const id = await seedLogon(sql, { username: "ann.lee", email: "ann@example.org" });
    const hash = "$2b$04$" + "a".repeat(53);
    await sql`insert into logon_passwords (logon_id, hash, temporary) values (${id}, ${hash}, false)`;
    const taskId = await uploadRows([["Ann", "Lee", "other@example.org", "ann.lee"]]);
    await run(taskId);
    await transaction(sql, (tx) => approveImport(tx, taskId, { adminId: null, who: "Test" }));
    await run(taskId);
    const changes = await sql<{ request: string | null }[]>`
      select request_id as request from audit where subject = 'logon' and subject_id = ${id}
      union all select request_id from notices where logon_id = ${id}`;
    assert.ok(changes.length > 1, "a change, and who is told of it");
    assert.deepEqual(new Set(changes.map(({ request }) => request)), new Set(["r-of-the-upload"]));
  });

  it("stops where it is safe when the program stops, and another run ends it", async () => {
    const taskId = await uploadRows(
      Array.from({ length: 50 }, (_, place) => [`A${place}`, "Lee", `a${place}@x.org`, "", SECRET]),
    );
    const stopping = new AbortController();
    let hashes = 0;
    function hash(): Promise<string> {
      if (++hashes === 40) stopping.abort();
      return Promise.resolve("$2b$12$CU.V34Cs3BaSV7t.sBUx7.ZDjtCLPfHrI.brxyqM5NUIwToD.V4HO");
    }
    const running = { stopping: stopping.signal, services: services(hash) };
    await assert.rejects(run(taskId, running), HandedBack);
    assert.equal(await countLogons(), 40);
    const outcome = await run(taskId, { services: services(hash) });
    assert.equal(outcome.facts?.["created"], 50);
    assert.equal(hashes, 50);
    assert.equal((await sql`select from logon_passwords`).length, 50);
    assert.equal((await sql`select from audit`).length, 50);
  });

  it("stops reading when the program stops", async () => {
    const taskId = await uploadRows([["Ann", "Lee"]]);
    await assert.rejects(run(taskId, { stopping: AbortSignal.abort() }), HandedBack);
    assert.ok(await findFile(sql, taskId, "upload"));
  });

  it("stops when the admin asks, and says which rows were written", async () => {
    const taskId = await uploadRows(
      Array.from({ length: 50 }, (_, place) => [`A${place}`, "Lee", `a${place}@x.org`, "", SECRET]),
    );
    async function hash(): Promise<string> {
      await cancelTask(sql, taskId, AT);
      return "$2b$12$CU.V34Cs3BaSV7t.sBUx7.ZDjtCLPfHrI.brxyqM5NUIwToD.V4HO";
    }
    await assert.rejects(run(taskId, { services: services(hash) }), CancelAsked);
    assert.equal(await countLogons(), 40);
    assert.equal((await findTask(sql, taskId))?.done, 40);
    const results = shownRows(await resultTable(taskId)).map((row) => row[7]);
    assert.deepEqual([results[40], results[41]], ["Added", "Not imported"]);
    assert.equal(await findFile(sql, taskId, "upload"), null);
  });

  it("leaves the task to the worker that took it", async () => {
    const taskId = await uploadRows([["Ann", "Lee", "a@x.org", "", SECRET]]);
    async function hash(): Promise<string> {
      await claimTask(sql, taskId, AT);
      return "$2b$12$CU.V34Cs3BaSV7t.sBUx7.ZDjtCLPfHrI.brxyqM5NUIwToD.V4HO";
    }
    await assert.rejects(run(taskId, { services: services(hash) }), ClaimLost);
    assert.equal(await countLogons(), 0);
    assert.equal((await run(taskId)).facts?.["created"], 1);
    assert.equal(await countLogons(), 1);
  });

  it("ends well when it was killed after its last write", async () => {
    const taskId = await uploadRows([["Ann", "Lee", "a@x.org"]]);
    await run(taskId);
    await sql`update tasks set state = 'running', finished_at = null where id = ${taskId}`;
    assert.equal((await run(taskId)).facts?.["created"], 1);
    assert.equal(await countLogons(), 1);
  });

  it("has a template that it reads itself", async () => {
    const bytes = await templateWorkbook(15);
    const outcome = readTable(bytes, "template.xlsx", { preferredSheet: "Parent Logons" });
    assert.ok("table" in outcome);
    const help = readTable(bytes, "template.xlsx", { preferredSheet: "Help" });
    assert.ok("table" in help);
    const rules = help.table.rows.flatMap((row) => row.cells.map((cell) => cell?.text ?? ""));
    assert.ok(rules.some((rule) => rule.startsWith("At least 15 characters")), "as Settings say");
    assert.deepEqual(outcome.table.sheets.map((sheet) => sheet.name), ["Parent Logons", "Help"]);
    const found = findHeader(outcome.table);
    assert.ok("header" in found);
    assert.equal(found.header.at.size, IMPORT_COLUMNS.length);
    assert.equal(found.rows.length, 2);
  });

  it("reads the sheet named Parent Logons, and numbers as they are shown", async () => {
    const bytes = await workbookBytes(async (book) => {
      for (const name of ["Cover", "Parent Logons"]) {
        const sheet = await book.addSheet({ name });
        await sheet.addRow(["First name", "Surname", "Email", "Enable TFA", "Adno"]);
        await sheet.addRow([name, "Lee", "a@x.org", true, "0001"]);
        await sheet.close();
      }
    });
    const taskId = await upload(bytes, "Parents Sept v2.xlsx");
    assert.equal((await run(taskId)).facts?.["created"], 1);
    const [row] = await sql<
      { line: string }[]
    >`select concat_ws(' ', first_name, tfa, linked_count) as line from logons`;
    assert.equal(row?.line, "Parent Logons required 1");
  });

  it("waits where a heading seems misspelt, says so, and gives no password back from below it", async () => {
    const headings = ["First name", "Surname", "E mail adress", "Leaners", "Pasword", "Notes"];
    const cells = ["Ann", "Lee", "a@x.org", "0001", "river stone quiet", "likes tea"];
    const taskId = await uploadRows([cells], headings);
    assert.equal((await run(taskId)).state, "needs review");
    assert.equal(await countLogons(), 0);
    const [task] = await sql<[{ facts: Record<string, string> }]>`
      select facts from tasks where id = ${taskId}`;
    assert.equal(task.facts["misspeltColumns"], "“E mail adress”, “Leaners”, “Pasword”");
    assert.equal(
      task.facts["ignoredColumns"],
      "“E mail adress”, “Leaners”, “Pasword”, “Notes”",
    );
    const given = (await resultTable(taskId)).rows.flatMap((row) =>
      row.cells.map((cell) => cell?.text)
    );
    assert.ok(given.includes("likes tea"));
    assert.ok(!given.includes("river stone quiet"));
    // Another column makes nobody wait, nor one that is like a column that is there; swapped letters do.
    for (
      const [heading, state] of [
        ["Notes", "done"],
        ["Form Name", "done"],
        ["Emial", "needs review"],
      ] as const
    ) {
      const id = await uploadRows([["Ann", "Lee", "tea"]], ["First name", "Surname", heading]);
      assert.equal((await run(id)).state, state, heading);
    }
  });

  it("names the workbook with the results after the file", () => {
    assert.equal(resultName("Parents Sept v2.csv"), "Parents Sept v2 - result.xlsx");
    assert.equal(resultName("a.b.XLSX"), "a.b - result.xlsx");
  });
});
