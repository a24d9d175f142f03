// The page of an import: what could not be written stands first, and its rows together.

import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { importRows } from "../db/import_school.ts";
import { documentOf, type Office, openOffice, signIn } from "../office.ts";

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
  });
});
