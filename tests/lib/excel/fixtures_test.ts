// Tests that files written by spreadsheet programs and libraries are read as they show them.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "@std/testing/bdd";
import { kindOf, tableOf } from "./outcome.ts";
import { shownRows } from "../../../lib/excel/read.ts";

function read(name: string): Uint8Array {
  return readFileSync(new URL(`../../fixtures/workbooks/${name}`, import.meta.url));
}

function check(name: string, sheet: string, expected: string[][]): void {
  const table = tableOf(read(name), name);
  assert.equal(table.sheet, sheet);
  assert.deepEqual(shownRows(table), expected);
}

describe("files of other programs", () => {
  it("reads LibreOffice Calc", () => {
    const head = ["First name", "Surname", "Number", "Email", "Born", "Flag", "Sum"];
    const name = ["Zoë Anne", "O'Brien\nSmith & Co"];
    check("libreoffice.xlsx", "Parents", [
      ["Parents, autumn"],
      head,
      [...name, "004512", "zoe@example.org", "29/02/1980", "1", "9024"],
    ]);
    check("libreoffice_semicolon_1252.csv", "libreoffice_semicolon_1252", [
      ["Parents, autumn"],
      head,
      [...name, "4512", "zoe@example.org", "02/29/1980", "1", "9024"],
    ]);
    assert.equal(kindOf(read("libreoffice.ods"), "libreoffice.ods"), "ods");
    assert.equal(kindOf(read("libreoffice.xls"), "libreoffice.xls"), "xls");
  });

  it("reads openpyxl, with dates as numbers from 1900 and as ISO 8601 with 1904", () => {
    for (const name of ["openpyxl.xlsx", "openpyxl_1904_iso.xlsx"]) {
      check(name, "Parent Logons", [
        ["Title"],
        ["First name", "Surname", "Learners", "Born", "TFA", "x"],
        ["Łukasz", "Ó Briain", "0042", "01/09/2011", "TRUE", "a  b c"],
        [],
        [" padded ", "\r", "2020-01-02 3:04:05", "30:00:00", "50%"],
      ]);
    }
  });

  it("reads XlsxWriter", () => {
    check("xlsxwriter.xlsx", "A&B", [
      ["Name", "Number"],
      ["x\ty\nz", "1,234"],
      ["", "007"],
      ["", "1,241"],
      ["ab"],
      ["plain bold end"],
      ["a@example.org"],
      ["FALSE"],
      ["#DIV/0!"],
    ]);
    check("xlsxwriter_constant_memory.xlsx", "Sheet1", [["Inline", " kept ", "😀"]]);
  });
});
