// Reading an import: what the database knows is asked while rows still come, and comes to the same as asking at the end.

import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import type { Sql } from "../../db/connect.ts";
import { findImportFacts } from "../../db/import_facts.ts";
import { readRow } from "../../db/import_rows.ts";
import { EarlyFacts, type ReadUpload, readUpload } from "../../jobs/import_reading.ts";
import { openTestDatabase, type TestDatabase } from "../database.ts";
import { makeBook } from "../lib/excel/build.ts";

describe("reading an import", () => {
  let database: TestDatabase;
  let sql: Sql;
  before(async () => {
    database = await openTestDatabase();
    sql = database.sql;
    await sql`
      insert into learners (admission_number, first_name, surname, status)
      select lpad(n::text, 6, '0'), 'Kit', 'Lee', 'Current' from generate_series(1, 40) as n`;
    await sql`
      insert into logons (first_name, surname, username, email)
      select 'Ann', 'Moss' || n, 'user' || n, 'Home' || n || '@example.org' from generate_series(1, 40) as n`;
  });
  after(() => database.close());

  function rowXml(number: number, cells: readonly string[]): string {
    const inner = cells.map((text) => `<c t="inlineStr"><is><t>${text}</t></is></c>`).join("");
    return `<row r="${number}">${inner}</row>`;
  }

  /** Reads both ways. @returns how many lots of rows came early */
  async function readBoth(rows: string): Promise<{ lots: number; upload: ReadUpload }> {
    const early = new EarlyFacts(sql);
    let lots = 0;
    const upload = await readUpload(makeBook({ rows }), "a.xlsx", {
      onRows: (come) => {
        lots++;
        early.take(come);
      },
    });
    assert.ok("header" in upload);
    const found = await early.end(upload);
    const wanted = upload.rows.map((row) => readRow(row, upload.header));
    assert.deepEqual(found.rows, wanted);
    const facts = await findImportFacts(sql, wanted);
    assert.deepEqual(found.facts, facts);
    assert.ok(facts.learners.size > 0 && facts.logons.length > 0);
    return { lots, upload };
  }

  const HEADINGS = ["First name", "Surname", "Email", "Username", "Learners"];

  function person(n: number): string[] {
    return [
      "Ann",
      `Moss${n % 40}`,
      `home${n % 60}@example.org`,
      n % 3 ? "" : `USER${n % 50}`,
      `00000${n % 9}; 000012`,
    ];
  }

  it("finds the same facts while rows come, in several lots", async () => {
    const rows = Array.from({ length: 4700 }, (_, n) => rowXml(n + 4, person(n)));
    const { lots, upload } = await readBoth(
      rowXml(1, ["Parents of Hillcrest"]) + rowXml(3, HEADINGS) + rows.join(""),
    );
    assert.ok(lots > 10);
    assert.equal(upload.rows.length, 4700);
  });

  it("asks anew where rows do not come in their order, and headings are found further up", async () => {
    const rows = Array.from({ length: 700 }, (_, n) => rowXml(n + 20, person(n)));
    const other = ["Surname", "First name", "Email", "Username", "Learners"];
    const { upload } = await readBoth(
      rowXml(5, other) + rows.join("") + rowXml(2, HEADINGS),
    );
    assert.equal(upload.header.row, 2);
    assert.deepEqual(upload.table.rows.slice(0, 3).map((row) => row.number), [2, 5, 20]);
  });

  it("says why a file is none, also when rows have come before", async () => {
    const early = new EarlyFacts(sql);
    const rows = rowXml(1, HEADINGS) +
      Array.from({ length: 600 }, (_, n) => rowXml(n + 2, person(n))).join("") + rowXml(2, ["x"]);
    const outcome = await readUpload(makeBook({ rows }), "a.xlsx", {
      onRows: (come) => early.take(come),
    });
    assert.ok("refused" in outcome);
    assert.match(outcome.refused, /two rows with the number 2/);
  });
});
