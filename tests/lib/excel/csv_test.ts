// Tests that CSV files of every encoding, separator and line end are read as Excel reads them.

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { describe, it } from "@std/testing/bdd";
import { readTable } from "../../../lib/excel/read.ts";
import { refusalOf, rowsOf, tableOf } from "./outcome.ts";

function rows(text: string | Uint8Array): string[][] {
  return rowsOf(Buffer.from(text), "list.csv");
}

function sentence(text: string): string {
  const refused = refusalOf(Buffer.from(text), "list.csv");
  assert.equal(refused.kind, "broken");
  return refused.sentence;
}

describe("encodings", () => {
  const text = "Name,Fee\r\nZoë,£5\r\n";
  const expected = [["Name", "Fee"], ["Zoë", "£5"]];

  it("reads UTF-8, UTF-16 and Windows-1252 with and without a mark", () => {
    const little = Buffer.from("\ufeff" + text, "utf16le");
    const cases: [Uint8Array, string][] = [
      [Buffer.from(text), "utf-8"],
      [Buffer.from("\ufeff" + text), "utf-8 with BOM"],
      [little, "utf-16 with BOM"],
      [Buffer.from(little).swap16(), "utf-16 with BOM"],
      [little.subarray(2), "utf-16le without BOM"],
      [Buffer.from(little.subarray(2)).swap16(), "utf-16be without BOM"],
      [Buffer.from(text, "latin1"), "windows-1252"],
    ];
    for (const [bytes, encoding] of cases) {
      assert.deepEqual(rows(bytes), expected, encoding);
      assert.equal(tableOf(bytes, "list.csv").encoding, encoding);
    }
  });

  it("knows UTF-16 without a mark by most of its characters, not by all", () => {
    const little = Buffer.from("First name,Surname\r\nAmélie,Āboltiņa 𐀀\r\n", "utf16le");
    for (const bytes of [little, Buffer.from(little).swap16()]) {
      assert.deepEqual(rows(bytes)[1], ["Amélie", "Āboltiņa 𐀀"]);
    }
    const wide = Buffer.concat(
      ["a,b"].map((text) => Buffer.from([...text].flatMap((c) => [c.charCodeAt(0), 0, 0, 0]))),
    );
    assert.equal(refusalOf(wide, "a.csv").kind, "broken");
  });

  it("reads the euro sign and curly quotes of Windows-1252", () => {
    assert.deepEqual(rows(Buffer.from([0x80, 0x2c, 0x93, 0xe9])), [["€", "“é"]]);
  });

  it("refuses bytes that contradict the mark", () => {
    assert.equal(
      refusalOf(Buffer.from([0xef, 0xbb, 0xbf, 0xe9, 0x2c]), "a.csv").kind,
      "broken",
    );
  });
});

describe("separators", () => {
  it("finds commas, semicolons, tabs and bars", () => {
    for (const separator of [",", ";", "\t", "|"]) {
      const text = ["First name", "Surname", "Email"].join(separator) + "\na" + separator + "b";
      assert.deepEqual(rows(text), [["First name", "Surname", "Email"], ["a", "b"]]);
      assert.equal(tableOf(Buffer.from(text), "a.csv").separator, separator);
    }
  });

  it("is not misled by titles, quoted cells and lists in cells", () => {
    assert.deepEqual(rows("Parents, carers\nName;Address\nAnn;12, High St, York")[2], [
      "Ann",
      "12, High St, York",
    ]);
    assert.deepEqual(rows('"a;b;c",d\n"e;f",g')[0], ["a;b;c", "d"]);
    assert.deepEqual(rows("Name,Learners,TFA\nAnn,1;2,yes\nBob,3;4\nCy,5;6")[1], [
      "Ann",
      "1;2",
      "yes",
    ]);
  });

  it("reads a column of sentences as one column", () => {
    assert.deepEqual(rows("Note\nwell; rather\nfine\ngood")[1], ["well; rather"]);
  });

  it("takes the tab for the separator where the file's name says so", () => {
    const bytes = Buffer.from("A, x\tB\n1,5\t2\n2,5\t3");
    for (const name of ["a.tsv", "a.TAB"]) assert.deepEqual(rowsOf(bytes, name)[1], ["1,5", "2"]);
    assert.deepEqual(rowsOf(Buffer.from("one,column"), "a.tsv"), [["one,column"]]);
    assert.deepEqual(rowsOf(Buffer.from("sep=;\na;b"), "a.tsv"), [["a", "b"]]);
  });

  it("obeys Excel's own line that names the separator", () => {
    assert.deepEqual(rows("sep=|\r\na|b,c\r\n"), [["a", "b,c"]]);
  });
});

describe("rows and cells", () => {
  it("ends rows with any line end and numbers blank ones", () => {
    assert.deepEqual(rows("a,b\rc,d\r"), [["a", "b"], ["c", "d"]]);
    assert.deepEqual(rows("a\n\r\n\rb\n"), [["a"], [], [], ["b"]]);
    assert.equal(tableOf(Buffer.from("\n\na"), "a.csv").rows[0]?.number, 3);
  });

  it("reads quoted cells with separators, quotes and line breaks", () => {
    assert.deepEqual(rows('"a,b","c ""d""","e\nf",""\nx'), [["a,b", 'c "d"', "e\nf"], ["x"]]);
    assert.deepEqual(rows('"a" ,b'), [["a", "b"]]);
  });

  it("takes a quote inside an unquoted cell as it is", () => {
    assert.deepEqual(rows('5" pipe,b"c"'), [['5" pipe', 'b"c"']]);
  });

  it("keeps blanks, zeros and formulas as text", () => {
    const [row] = tableOf(Buffer.from(" a ,007,=1+1,1E5,__proto__,"), "a.csv").rows;
    assert.deepEqual(row?.cells.map((cell) => cell?.text), [
      " a ",
      "007",
      "=1+1",
      "1E5",
      "__proto__",
    ]);
    assert.ok(row?.cells.every((cell) => cell?.kind === "text" && cell.plain === undefined));
  });

  it("reads blank files as no rows", () => {
    assert.deepEqual(rows("\n\n,,\n"), []);
    assert.deepEqual(rows("\ufeff"), []);
  });

  it("calls the sheet by the file's name", () => {
    assert.equal(tableOf(Buffer.from("a"), "C:\\school\\list.2026.csv").sheet, "list.2026");
  });
});

describe("faults", () => {
  it("names the line of a broken quote", () => {
    assert.match(sentence('a,b\n"x\ny",z\n1,"lone\n2,3\n'), /^Line 4 .*never closed/);
    assert.match(sentence('a\n"b"c\n'), /^Line 2 .*after a closing/);
    assert.match(sentence('"lone,a\n"b",c\n'), /^Line 2 .*after a closing/);
  });

  it("names the line of a NUL", () => {
    assert.match(sentence("a,b\r\nc,\0d\r\n"), /^Line 2 .*NUL/);
  });

  it("reads or refuses a line of 10 MB", () => {
    const size = 10 * 1024 * 1024;
    assert.equal(rows("x".repeat(1_000_000))[0]?.[0]?.length, 1_000_000);
    assert.equal(rows(Buffer.alloc(size, "x"))[0]?.[0]?.length, size);
    for (const character of [",", '"', "\n", ";"]) {
      const bytes = Buffer.alloc(size, character);
      const outcome = readTable(bytes, "a.csv");
      assert.ok("refused" in outcome || outcome.table.rows.length <= 1);
    }
  });
});
