// Tests that every file which cannot be read is refused with its kind and a sentence.

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { describe, it } from "@std/testing/bdd";
import { makeBook, makeParts, makeZip, packParts, type Parts } from "./build.ts";
import { kindOf, refusalOf } from "./outcome.ts";

const XLSX_ROWS = '<row><c t="s"><v>0</v></c></row>';

function parts(): Parts {
  return makeParts({ rows: XLSX_ROWS, strings: "<si><t>a</t></si>" });
}

function without(name: string): Buffer {
  const { [name]: _left, ...rest } = parts();
  return packParts(rest);
}

/** A compound file whose directory names one stream. */
function compoundFile(stream: string): Buffer {
  const bytes = Buffer.alloc(1536);
  Buffer.from([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]).copy(bytes);
  bytes.write(stream, 640, "utf16le");
  bytes.writeUInt16LE((stream.length + 1) * 2, 640 + 64);
  bytes.writeUInt8(2, 640 + 66);
  return bytes;
}

describe("other kinds of file", () => {
  it("names an empty file, text and lock files", () => {
    assert.equal(kindOf(Buffer.alloc(0)), "empty");
    assert.equal(kindOf(Buffer.from("First name,Surname")), "notWorkbook");
    const lock = refusalOf(Buffer.alloc(165, 0x20), "~$list.xlsx");
    assert.equal(lock.kind, "notWorkbook");
    assert.match(lock.sentence, /does not begin with ~\$/);
  });

  it("names web pages, PDFs, pictures and XML by what they are", () => {
    for (
      const [start, what] of [
        ["<html><table>", /web page/],
        ["%PDF-1.7", /PDF/],
        ["\x89PNG\r\n", /picture/],
        ['<?xml version="1.0"?><Workbook>', /XML/],
      ] as const
    ) {
      for (const name of ["a.xls", "a.xlsx", "a.csv"]) {
        const refused = refusalOf(Buffer.from(start, "latin1"), name);
        assert.equal(refused.kind, "notWorkbook");
        assert.match(refused.sentence, what);
      }
    }
  });

  it("names old and encrypted workbooks under any name", () => {
    for (const name of ["a.xls", "a.xlsx", "a.csv"]) {
      assert.equal(kindOf(compoundFile("Workbook"), name), "xls");
      assert.equal(kindOf(compoundFile("Book"), name), "xls");
      assert.equal(kindOf(compoundFile("EncryptedPackage"), name), "encrypted");
      assert.equal(kindOf(compoundFile("WordDocument"), name), "notWorkbook");
    }
    assert.equal(kindOf(Buffer.from([9, 4, 6, 0, 0, 0, 16, 0, 0, 0]), "a.xls"), "xls");
  });

  it("names macro workbooks by type, by content and by name", () => {
    const type = "application/vnd.ms-excel.sheet.macroEnabled.main+xml";
    assert.equal(kindOf(makeBook({ rows: XLSX_ROWS, type })), "xlsm");
    assert.equal(kindOf(packParts({ ...parts(), "xl/vbaProject.bin": "x" })), "xlsm");
    assert.equal(kindOf(makeBook(), "list.XLSM"), "xlsm");
  });

  it("names binary workbooks, OpenDocument and Office documents", () => {
    const binary = "application/vnd.ms-excel.sheet.binary.macroEnabled.main";
    assert.equal(kindOf(makeBook({ type: binary })), "xlsb");
    const mimetype = "application/vnd.oasis.opendocument.spreadsheet";
    assert.equal(kindOf(packParts({ mimetype }, { isStored: true })), "ods");
    assert.equal(kindOf(packParts({ "META-INF/manifest.xml": "", "content.xml": "" })), "ods");
    const text = "application/vnd.oasis.opendocument.text";
    assert.equal(kindOf(packParts({ mimetype: text })), "notWorkbook");
    const word = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml";
    assert.match(refusalOf(makeBook({ type: word })).sentence, /Word document/);
  });

  it("names the kind of a file that is too large as well", () => {
    const large = { name: "large", content: Buffer.alloc(20_000_000) };
    const binary = [{ name: "xl/workbook.bin", content: "x" }, large];
    assert.equal(kindOf(makeZip(binary)), "xlsb");
    const named = [{ name: "META-INF/manifest.xml", content: "" }, {
      name: "content.xml",
      content: "",
    }];
    assert.equal(kindOf(makeZip([...named, large])), "ods");
    assert.equal(kindOf(makeZip([large]), "a.xlsm"), "xlsm");
    assert.equal(kindOf(makeZip([large])), "tooLarge");
  });

  it("does not read a workbook that is named as text", () => {
    assert.equal(kindOf(makeBook(), "list.csv"), "notWorkbook");
  });
});

describe("broken workbooks", () => {
  it("refuses each missing part", () => {
    for (const name of Object.keys(parts())) assert.equal(kindOf(without(name)), "broken", name);
    assert.equal(kindOf(makeZip([])), "broken");
    assert.equal(kindOf(packParts({ "[Content_Types].xml": "<Types/>" })), "broken");
  });

  it("refuses a file cut off anywhere", () => {
    const whole = packParts(parts());
    for (let length = 4; length < whole.length; length += 7) {
      assert.equal(kindOf(whole.subarray(0, length)), "broken", `${length} bytes`);
    }
  });

  it("refuses a sheet whose XML is cut off anywhere", () => {
    const sheet = String(parts()["xl/worksheets/sheet1.xml"]);
    for (let length = 0; length < sheet.length; length++) {
      const cut = packParts({ ...parts(), "xl/worksheets/sheet1.xml": sheet.slice(0, length) });
      assert.equal(kindOf(cut), "broken", `${length} characters`);
    }
  });

  it("refuses XML that is not well formed", () => {
    const faults = [
      "<a></b>",
      "<a x=1/>",
      '<a x="1" x="2"/>',
      '<a x="<"/>',
      "<a>&nope;</a>",
      "<a>&#0;</a>",
      "<a>& </a>",
      "<q:a/>",
      "<a",
      "<a/ >",
      "</a>",
      "\u0001",
      "<!-- ",
      "<!foo>",
    ];
    for (const fault of faults) {
      const sheet = String(parts()["xl/worksheets/sheet1.xml"]).replace("<row>", fault + "<row>");
      const bytes = packParts({ ...parts(), "xl/worksheets/sheet1.xml": sheet });
      assert.equal(kindOf(bytes), "broken", fault);
    }
    for (const ending of ["x", "<worksheet/>", "<!-- "]) {
      const sheet = String(parts()["xl/worksheets/sheet1.xml"]) + ending;
      const bytes = packParts({ ...parts(), "xl/worksheets/sheet1.xml": sheet });
      assert.equal(kindOf(bytes), "broken", ending);
    }
  });

  it("refuses bytes that are not text in the part's encoding", () => {
    const bytes = Buffer.concat([Buffer.from(String(parts()["xl/worksheets/sheet1.xml"]))]);
    bytes[bytes.indexOf("<c t")] = 0xff;
    assert.equal(kindOf(packParts({ ...parts(), "xl/worksheets/sheet1.xml": bytes })), "broken");
  });

  it("refuses a shared string that does not exist and names the cell", () => {
    for (const index of ["1", "-1", "999", "x", "__proto__", "0.5"]) {
      const rows = `<row r="7"><c r="C7" t="s"><v>${index}</v></c></row>`;
      const refused = refusalOf(makeBook({ rows, strings: "<si><t>a</t></si>" }));
      assert.equal(refused.kind, "broken");
      assert.match(refused.sentence, /C7/);
    }
  });

  it("refuses two rows or two cells in one place", () => {
    const row = '<row r="2"><c><v>1</v></c></row>';
    assert.equal(kindOf(makeBook({ rows: row + row })), "broken");
    assert.equal(
      kindOf(makeBook({ rows: row + '<row r="3"><c><v>1</v></c></row>' + row })),
      "broken",
    );
    const cell = '<c r="B1"><v>1</v></c>';
    assert.equal(kindOf(makeBook({ rows: `<row>${cell}${cell}</row>` })), "broken");
  });

  it("refuses places that no sheet has", () => {
    const rows = [
      '<row r="999999999"><c><v>1</v></c></row>',
      '<row r="0"><c><v>1</v></c></row>',
      '<row r="1"><c r="ZZZZ1"><v>1</v></c></row>',
      '<row r="1"><c r="XFE1"><v>1</v></c></row>',
      '<row r="1e9"><c><v>1</v></c></row>',
      '<row r="2"><c r="A3"><v>1</v></c></row>',
      '<row><c r="A1"><v>1</v></c><c r="B2"><v>1</v></c></row>',
      '<row r="1"><c r="A1:B2"><v>1</v></c></row>',
    ];
    for (const row of rows) assert.equal(kindOf(makeBook({ rows: row })), "broken", row);
  });

  it("refuses workbooks without a sheet to read", () => {
    const sheets = '<sheet name="A" sheetId="1" state="veryHidden" r:id="rId1"/>';
    assert.equal(kindOf(makeBook({ sheets })), "noSheet");
    assert.equal(kindOf(makeBook({ sheets: " " })), "broken");
    const lost = '<sheet name="A" sheetId="1" r:id="rId9"/>';
    assert.match(refusalOf(makeBook({ sheets: lost })).sentence, /sheet A is missing/);
  });
});

describe("limits", () => {
  function rows(count: number): string {
    return '<row><c t="b"><v>1</v></c></row>'.repeat(count);
  }

  it("reads 20,000 rows with 20 above them and no more", () => {
    assert.equal(kindOf(makeBook({ rows: rows(20_021) })), "tooManyRows");
    assert.throws(() => kindOf(makeBook({ rows: rows(20_020) })), /read/);
    const csv = "a\n".repeat(20_021);
    assert.equal(kindOf(Buffer.from(csv), "a.csv"), "tooManyRows");
  });

  it("does not count rows that hold nothing", () => {
    const blank = '<row><c s="1"/></row>'.repeat(100_000);
    assert.throws(() => kindOf(makeBook({ rows: blank + rows(1) })), /read/);
  });

  it("refuses too many cells, too much text and too large a file", () => {
    const wide = '<row><c r="XFD"><v>1</v></c></row>'.repeat(62);
    assert.equal(kindOf(makeBook({ rows: wide })), "tooLarge");
    const strings = `<si><t>${"x".repeat(32_767)}</t></si>`;
    const text = '<row><c t="s"><v>0</v></c></row>'.repeat(500);
    assert.equal(kindOf(makeBook({ rows: text, strings })), "tooLarge");
    assert.equal(kindOf(Buffer.alloc(10 * 1024 * 1024 + 1, 0x61), "a.csv"), "tooLarge");
  });
});
