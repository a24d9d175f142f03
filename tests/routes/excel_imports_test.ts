// The page of an import: what could not be written stands first, and its rows together.

import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { importRows } from "../db/import_school.ts";
import { documentOf, type Office, openOffice, ORIGIN, signIn } from "../office.ts";

describe("the page of an import", () => {
  let office: Office;
  before(async () => {
    office = await openOffice();
  });
  after(() => office.close());

  it("shows first what could not be written, beside the classes that it was of", async () => {
    const { sql } = office.services;
    const names = ["One", "Two", "Three"];
    const { taskId } = await importRows(
      sql,
      names.map((name) => [name, "Nash", "", `${name.toLowerCase()}.nash`, "", "", ""]),
    );
    await sql`
      update task_items set state = 'failed' where task_id = ${taskId} and position = 3`;
    await sql`
      update tasks set state = 'done', finished_at = now() where id = ${taskId}`;
    const visitor = await signIn(office);
    const page = await documentOf(await visitor.get(`/excel-imports/${taskId}`));
    const groups = [...page.querySelectorAll(".classes a")].map((one) => one.textContent);
    assert.deepEqual(groups, ["1 not written", "3 create"]);
    assert.equal(page.querySelector(".classes [aria-current]")?.textContent, "1 not written");
    const rows = [...page.querySelectorAll("tbody tr")].map((one) => one.textContent ?? "");
    assert.equal(rows.length, 1);
    assert.match(rows[0] ?? "", /Two Nash.*Not written:/s);
    assert.doesNotMatch(rows[0] ?? "", /A new logon/, "what it was to be has not come about");
    assert.match(page.querySelector("h1 + .beside")?.textContent ?? "", /3 rows/);
    const created = await documentOf(await visitor.get(`/excel-imports/${taskId}?class=create`));
    assert.equal(created.querySelectorAll("tbody tr").length, 3);
    const far = await visitor.get(`/excel-imports/${taskId}?after=99999999999999`);
    assert.equal(far.status, 200, "a place that no file has");
  });

  it("shows together what was not written when it was cancelled, with the emails", async () => {
    const { sql } = office.services;
    const { taskId } = await importRows(
      sql,
      ["Four", "Five"].map((name) => [name, "Nash", `${name}@x.org`, "", "", "", ""]),
    );
    await sql`
      update task_items set state = 'planned' where task_id = ${taskId} and position = 3`;
    await sql`
      update tasks set state = 'cancelled', done = 1, finished_at = now() where id = ${taskId}`;
    const page = await documentOf(await (await signIn(office)).get(`/excel-imports/${taskId}`));
    const groups = [...page.querySelectorAll(".classes a")].map((one) => one.textContent);
    assert.deepEqual(groups, ["1 not written", "2 create"]);
    const rows = [...page.querySelectorAll("tbody tr")].map((one) => one.textContent ?? "");
    assert.equal(rows.length, 1);
    assert.match(rows[0] ?? "", /Five Nash.*Five@x\.org.*cancelled before this row/s);
  });

  it("says what was read and what was not, and offers to undo only what has written something", async () => {
    const { sql } = office.services;
    const facts = {
      planned: true,
      error: 0,
      sheet: "Parents <b>",
      headerRow: 4,
      ignoredColumns: "“Leaners”",
      misspeltColumns: "“Leaners”",
    };
    const [task] = await sql<[{ id: number }]>`
      insert into tasks (kind, title, state, facts)
      values ('excel import', 'Import of parents.xlsx', 'needs review', ${
      sql.json(facts)
    }) returning id`;
    const visitor = await signIn(office);
    const said = async (): Promise<string> =>
      (await documentOf(await visitor.get(`/excel-imports/${task.id}`))).querySelector("#import")
        ?.textContent ?? "";
    assert.match(await said(), /“Leaners”: not read, and perhaps misspelt\. Mend the heading/);
    assert.match(await said(), /Read from the sheet “Parents <b>” with the headings in row 4\./);
    assert.match(await said(), /Columns that were not read: “Leaners”\./);
    await sql`
      update tasks set state = 'failed', failure = '{"code": "broke"}', finished_at = now() where id = ${task.id}`;
    assert.doesNotMatch(await said(), /[Uu]ndo/);
    await visitor.post(`/excel-imports/${task.id}/undo`);
    assert.equal((await sql`select from import_undos where task_id = ${task.id}`).length, 0);
  });

  it("says of a file of another kind what it is", async () => {
    const visitor = await signIn(office);
    for (const [ending, what] of [["xls", "an old Excel workbook"], ["xlsm", "with macros"]]) {
      const form = new FormData();
      form.append("file", new File(["x"], `parents.${ending}`));
      const page = await documentOf(
        await visitor.ask("/excel-imports", {
          method: "POST",
          body: form,
          headers: { origin: ORIGIN },
        }),
      );
      assert.match(
        page.querySelector("#dialog .problem")?.textContent ?? "",
        new RegExp(`${what}.*Save As`),
      );
    }
  });
});
