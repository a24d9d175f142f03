// The usage workbook holds what LibreOffice was last seen to show of it: who changes a report runs `deno task libreoffice` again.

import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { openTestDatabase, type TestDatabase } from "../database.ts";
import opened from "../fixtures/usage_in_libreoffice.json" with { type: "json" };
import { listShownSheets, makeUsageWorkbook } from "../usage_workbook.ts";

describe("usage workbook in LibreOffice", () => {
  let database: TestDatabase;
  before(async () => {
    database = await openTestDatabase();
  });
  after(() => database.close());

  it("has every sheet and row as LibreOffice shows it", async () => {
    const sheets = listShownSheets(await makeUsageWorkbook(database.sql));
    assert.deepEqual(sheets, opened.sheets);
  });
});
