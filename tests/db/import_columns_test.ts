// The columns of the import: which headings are found, and what is said where they are not.

import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { findHeader, IMPORT_COLUMNS } from "../../db/import_columns.ts";
import { HEADINGS, type Sheet, tableOf } from "./import_school.ts";

function refusalOf(sheet: Sheet): string {
  const found = findHeader(tableOf(sheet));
  assert.ok("refused" in found);
  return found.refused;
}

function columnsOf(sheet: Sheet): Record<string, number> {
  const found = findHeader(tableOf(sheet));
  assert.ok("header" in found, JSON.stringify(found));
  return Object.fromEntries(found.header.at);
}

describe("headings of an import", () => {
  it("are the seven labels", () => {
    assert.deepEqual(IMPORT_COLUMNS.map((column) => column.label), HEADINGS);
    assert.deepEqual(columnsOf([HEADINGS, ["Ann", "Lee"]]), {
      firstName: 0,
      surname: 1,
      email: 2,
      username: 3,
      password: 4,
      learners: 5,
      tfa: 6,
    });
  });

  it("ignore case, spaces, underscores, hyphens and no-break spaces, and know the aliases", () => {
    const sheet = [
      ["parent_FORENAME", "Last\u00a0Name", "E-Mail", "logon id", "TEMP password", "adno", "2fa"],
      ["Ann", "Lee"],
    ];
    assert.equal(Object.keys(columnsOf(sheet)).length, 7);
    for (const column of IMPORT_COLUMNS) {
      for (const alias of column.aliases) {
        const others = ["First name", "Surname"].filter((label) => label !== column.label);
        assert.equal(columnsOf([[alias, ...others], ["x", "y", "z"]])[column.key], 0, alias);
      }
    }
  });

  it("are found below a title, within 20 rows", () => {
    const title = [["Parents, September"], [], ["First name"]];
    const found = findHeader(tableOf([...title, ["Surname", "Forename"], ["Lee", "Ann"]]));
    assert.ok("header" in found);
    assert.equal(found.header.row, 4);
    assert.deepEqual(found.rows.map((row) => row.number), [5]);
    const late = [...Array.from({ length: 20 }, () => ["x"]), ["First name", "Surname"], [
      "a",
      "b",
    ]];
    assert.match(refusalOf(late), /first 20 rows/);
  });

  it("may have others beside them, which are told", () => {
    const found = findHeader(
      tableOf([["Title", "First name", "Surname", "Phone\0", "Result", "Reason"], [
        "Ms",
        "Ann",
        "Lee",
      ]]),
    );
    assert.ok("header" in found);
    assert.deepEqual(found.header.ignored, ["Title", "Phone\ufffd"]);
  });

  it("that stand twice are refused by name", () => {
    assert.equal(
      refusalOf([["First name", "Surname", "Email", "Notes", "x", "email"], ["a", "b"]]),
      "Email stands in columns C and F. Keep one.",
    );
    assert.equal(
      refusalOf([["First name", "Surname", "Adno", "UPN"], ["a", "b"]]),
      "Learners stands in columns C (Adno) and D (UPN). Keep one.",
    );
  });

  it("that are missing are told, without quoting what may be a password", () => {
    assert.match(
      refusalOf([["First name", "Phone"], ["a", "b"]]),
      /Row 1 has “First name”, “Phone”, but no Surname/,
    );
    assert.doesNotMatch(refusalOf([["Ann", "Lee", "hunter2hunter2"]]), /hunter2/);
    assert.match(refusalOf([]), /found none/);
  });

  it("without rows, or with too many, are refused", () => {
    assert.match(refusalOf([HEADINGS]), /no rows below the headings in row 1/);
    assert.match(
      refusalOf([[...HEADINGS, "Notes"], ["", " ", "", "", "", "", "", "end"]]),
      /no rows below/,
    );
    const many = Array.from({ length: 20_001 }, () => ["Ann", "Lee"]);
    assert.match(refusalOf([HEADINGS, ...many]), /more than 20,000 rows/);
  });
});
