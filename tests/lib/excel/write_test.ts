/** Checks that independent readers find in our workbooks what was written, and nothing else. */
import { describe, it } from "@std/testing/bdd";
import ExcelJS from "exceljs";
import fc from "fast-check";
import { readXlsx } from "hucre";
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { inflateRawSync } from "node:zlib";
import {
  type Cell,
  excelSerial,
  type RowOptions,
  SheetNames,
  type SheetOptions,
  workbookBytes,
  WorkbookWriter,
} from "../../../lib/excel/write.ts";

type Row = { cells: Cell[] } & RowOptions;

const NAME = { name: "Sheet" };

/** A workbook of one sheet with these rows. */
function bookOf(rows: Row[], options: SheetOptions = NAME): Promise<Uint8Array<ArrayBuffer>> {
  return workbookBytes(async (book) => {
    const sheet = await book.addSheet(options);
    for (const { cells, ...row } of rows) await sheet.addRow(cells, row);
    await sheet.close();
  });
}

async function inExceljs(bytes: Uint8Array<ArrayBuffer>): Promise<ExcelJS.Workbook> {
  const book = new ExcelJS.Workbook();
  await book.xlsx.load(bytes.buffer);
  return book;
}

async function firstInExceljs(bytes: Uint8Array<ArrayBuffer>): Promise<ExcelJS.Worksheet> {
  const sheet = (await inExceljs(bytes)).worksheets[0];
  assert(sheet !== undefined);
  return sheet;
}

async function rowsInHucre(bytes: Uint8Array<ArrayBuffer>): Promise<readonly unknown[][]> {
  const sheet = (await readXlsx(bytes)).sheets[0];
  assert(sheet !== undefined);
  return sheet.rows;
}

/** The XML of a part, found without a reader of workbooks. */
function part(bytes: Uint8Array, name: string): string {
  const archive = Buffer.from(bytes);
  const start = archive.indexOf(name) + name.length;
  return inflateRawSync(archive.subarray(start)).toString();
}

function sheetXml(bytes: Uint8Array): string {
  return part(bytes, "xl/worksheets/sheet1.xml");
}

/** Undoes the format's escapes, as ECMA-376 part 1, 22.9.2.19 says. */
function unescape(text: string): string {
  return text.replaceAll(
    /_x([0-9A-Fa-f]{4})_/g,
    (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)),
  );
}

function decode(xml: string): string {
  return unescape(
    xml.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&quot;", '"')
      .replaceAll("&amp;", "&"),
  );
}

function texts(bytes: Uint8Array): string[] {
  const found = sheetXml(bytes).matchAll(/<t(?: xml:space="preserve")?>([^<]*)<\/t>/g);
  return [...found].map(([, text]) => decode(text ?? ""));
}

const TEXTS = [
  "plain",
  "Żółć naïve Ångström",
  "e\u0301 stays decomposed",
  "日本語 😀 👩‍👩‍👧 \u{10ffff}",
  "שלום العربية \u202eabc",
  "=1+1",
  "+44 1234",
  "-5",
  "@SUM(A1)",
  "'quoted",
  '=HYPERLINK("http://example.com")',
  "0042",
  "  two  spaces  ",
  "line one\nline two",
  "carriage\r\nreturn",
  "\ttab",
  "a < b & c > d \"e\" 'f' ]]>",
  "&amp; &#10;",
  "\u0000\u0001\u0008\u000b\u000c\u001f",
  "\u007f\u0085\u00a0\u2028\ufeff\ufffe\uffff",
  "_x0041_",
  "_x005F_x0041_",
  "_x0041_x0042_",
  "__x0041__",
  "_x0041\u0001",
  "_xABCD",
  "a_b_c",
];

describe("text", () => {
  const bytes = bookOf(TEXTS.map((text) => ({ cells: [text] })));

  it("is read by exceljs as it was written", async () => {
    const sheet = await firstInExceljs(await bytes);
    TEXTS.forEach((text, index) => {
      const cell = sheet.getCell(index + 1, 1);
      assert.equal(cell.type, ExcelJS.ValueType.String);
      // exceljs undoes escapes in shared strings only.
      assert.equal(unescape(cell.text), text);
    });
  });

  it("is read by hucre as it was written", async () => {
    const rows = await rowsInHucre(await bytes);
    assert.deepEqual(rows.map(([text]) => text), TEXTS);
  });

  it("is never a formula, and keeps being text when edited", async () => {
    assert(!/<f[ >]/.test(sheetXml(await bytes)));
    const sheet = await firstInExceljs(await bytes);
    for (let row = 1; row <= TEXTS.length; row++) {
      assert.equal(sheet.getCell(row, 1).numFmt, "@");
    }
    const styles = [...sheetXml(await bytes).matchAll(/<c r="A\d+" s="(\d+)"/g)]
      .map(([, style]) => style);
    assert.equal(styles[TEXTS.indexOf("plain")], "1");
    assert.equal(styles[TEXTS.indexOf("=1+1")], "2");
  });

  it("comes back whatever it is, lone surrogates as U+FFFD", async () => {
    const text = fc.string({
      unit: fc.oneof(
        fc.constantFrom("_", "x", "0", "4", "1", "A", "_x", "_x0041", "_x0041_", "&", "<", "\r"),
        fc.nat(0xffff).map((unit) => String.fromCharCode(unit)),
      ),
      minLength: 1,
    });
    await fc.assert(fc.asyncProperty(fc.array(text, { minLength: 1 }), async (values) => {
      const written = await bookOf(values.map((value) => ({ cells: [value] })));
      assert.deepEqual(texts(written), values.map((value) => value.toWellFormed()));
    }));
  });

  it("keeps its look and its blanks where the cell above has the same", async () => {
    const bytes = await bookOf([
      { cells: ["a", "a"] },
      { cells: ["a", " a"] },
      { cells: [{ value: "a", look: "header" }, " a"] },
      { cells: ["a", "=a"], look: "good" },
      { cells: ["=a", "=a"] },
    ]);
    assert.deepEqual(texts(bytes), ["a", "a", "a", " a", "a", " a", "a", "=a", "=a", "=a"]);
    const styles = [...sheetXml(bytes).matchAll(/<c r="\w+" s="(\d+)"/g)].map(([, s]) => Number(s));
    assert.deepEqual(styles, [1, 1, 1, 1, 13, 1, 19, 20, 2, 2]);
    assert.equal(sheetXml(bytes).split('<t xml:space="preserve"> a<').length - 1, 2);
  });

  it("is cut at 32,767 characters with a mark, and never within a character", async () => {
    const whole = "x".repeat(32_767);
    const [same, cut, emoji] = texts(
      await bookOf([{ cells: [whole, whole + "y", "😀".repeat(20_000)] }]),
    );
    assert.equal(same, whole);
    assert.equal(cut?.length, 32_767);
    assert(cut.endsWith("x… [cut: 32768 characters in all]"));
    assert(emoji !== undefined && emoji.length <= 32_767);
    assert(emoji.endsWith("😀… [cut: 40000 characters in all]"));
  });
});

describe("numbers and truth values", () => {
  it("come back exactly", async () => {
    const numbers = [0, -0, 42, -5.5, 0.1, 1e-7, 1e21, 123_456_789_012_345, Number.MAX_VALUE];
    const bytes = await bookOf([{ cells: numbers }, { cells: [true, false] }]);
    const sheet = await firstInExceljs(bytes);
    const expected = numbers.map((number) => number + 0);
    expected.forEach((number, index) => assert(sheet.getCell(1, index + 1).value === number));
    assert.deepEqual([sheet.getCell("A2").value, sheet.getCell("B2").value], [true, false]);
    const rows = await rowsInHucre(bytes);
    expected.forEach((number, index) => assert(rows[0]?.[index] === number));
    assert.deepEqual(rows[1]?.slice(0, 2), [true, false]);
  });

  it("that are no numbers are refused", async () => {
    for (const number of [NaN, Infinity, -Infinity]) {
      await assert.rejects(bookOf([{ cells: [number] }]), RangeError);
    }
  });
});

describe("dates", () => {
  it("have Excel's serial numbers, its 29 February 1900 counted", () => {
    const serials = new Map([
      ["1900-01-01", 1],
      ["1900-02-28", 59],
      ["1900-03-01", 61],
      ["1970-01-01", 25_569],
      ["2024-02-29", 45_351],
      ["9999-12-31", 2_958_465],
    ]);
    for (const [date, serial] of serials) {
      assert.equal(excelSerial(Temporal.PlainDate.from(date)), serial);
    }
    assert.equal(excelSerial(Temporal.PlainDate.from("1899-12-31")), null);
    assert.equal(excelSerial(Temporal.PlainDate.from("+010000-01-01")), null);
    assert.equal(excelSerial(Temporal.PlainTime.from("12:00")), 0.5);
    assert.equal(excelSerial(Temporal.PlainDateTime.from("1900-01-01T18:00")), 1.75);
    assert.equal(
      excelSerial(Temporal.PlainDateTime.from("2026-03-29T23:59:59.999999")),
      46_110 + 86_399 / 86_400,
    );
  });

  it("come back to the second, on leap days and when clocks change", async () => {
    const times = [
      "1900-03-01T00:00:00",
      "2024-02-29T12:34:56",
      "2026-03-29T00:59:59",
      "2026-03-29T01:30:00",
      "2026-10-25T01:30:00",
      "2026-10-25T23:59:59",
      "9999-12-31T23:59:59",
    ];
    const bytes = await bookOf(times.map((time) => {
      const local = Temporal.PlainDateTime.from(time);
      return { cells: [local, local.toPlainDate(), local.toPlainTime()] };
    }));
    const sheet = await firstInExceljs(bytes);
    const rows = await rowsInHucre(bytes);
    times.forEach((time, index) => {
      const midnight = `${time.slice(0, 10)}T00:00:00.000Z`;
      const cells = [1, 2].map((column) => sheet.getCell(index + 1, column).value);
      assert.deepEqual(cells, [new Date(`${time}Z`), new Date(midnight)]);
      assert.deepEqual(rows[index]?.slice(0, 2), [new Date(`${time}Z`), new Date(midnight)]);
    });
    assert.equal(sheet.getCell("A2").numFmt, "dd/mm/yyyy hh:mm:ss");
    assert.equal(sheet.getCell("B2").numFmt, "dd/mm/yyyy");
    assert.equal(sheet.getCell("C2").numFmt, "hh:mm:ss");
    const serial = /<c r="C2" s="\d+"><v>([\d.]+)<\/v>/.exec(sheetXml(bytes))?.[1];
    assert.equal(Number(serial), (12 * 3_600 + 34 * 60 + 56) / 86_400);
  });

  it("given as Excel's own numbers are the same dates and times", async () => {
    const sheet = await firstInExceljs(
      await bookOf([{
        cells: [
          { serial: 46_110, kind: "date" },
          { serial: 46_110.5, kind: "dateTime" },
          { serial: 0.25, kind: "time" },
        ],
      }]),
    );
    assert.deepEqual(sheet.getCell("A1").value, new Date("2026-03-29T00:00:00Z"));
    assert.deepEqual(sheet.getCell("B1").value, new Date("2026-03-29T12:00:00Z"));
    assert.deepEqual(["A1", "B1", "C1"].map((cell) => sheet.getCell(cell).numFmt), [
      "dd/mm/yyyy",
      "dd/mm/yyyy hh:mm:ss",
      "hh:mm:ss",
    ]);
    await assert.rejects(bookOf([{ cells: [{ serial: NaN, kind: "date" }] }]), RangeError);
  });

  it("that Excel does not know become text", async () => {
    const bytes = await bookOf([{
      cells: [
        Temporal.PlainDate.from("1850-05-06"),
        Temporal.PlainDateTime.from("1899-12-31T08:09:10.5"),
      ],
    }]);
    assert.deepEqual(texts(bytes), ["06/05/1850", "31/12/1899 08:09:10"]);
  });
});

describe("rows", () => {
  it("keep their numbers, and empty cells stay empty", async () => {
    const bytes = await bookOf([
      { cells: ["two", null, "c"], rowNumber: 2 },
      { cells: ["three", "", "c"] },
      { cells: ["last"], rowNumber: 1_048_576 },
    ]);
    const xml = sheetXml(bytes);
    assert.deepEqual([...xml.matchAll(/<row r="(\d+)"/g)].map(([, row]) => row), [
      "2",
      "3",
      "1048576",
    ]);
    assert.deepEqual([...xml.matchAll(/<c r="(\w+)"/g)].map(([, cell]) => cell), [
      "A2",
      "C2",
      "A3",
      "C3",
      "A1048576",
    ]);
  });

  it("are found by readers at their numbers", async () => {
    const bytes = await bookOf([
      { cells: ["two"], rowNumber: 2 },
      { cells: ["seven"], rowNumber: 7 },
      { cells: ["eight"] },
    ]);
    const sheet = await firstInExceljs(bytes);
    assert.deepEqual(
      [1, 2, 3, 7, 8].map((row) => sheet.getCell(row, 1).value),
      [null, "two", null, "seven", "eight"],
    );
    const rows = await rowsInHucre(bytes);
    assert.deepEqual([rows[1]?.[0], rows[6]?.[0], rows[7]?.[0]], ["two", "seven", "eight"]);
  });

  it("added together are the same as one by one", async () => {
    const rows: Cell[][] = Array.from(
      { length: 500 },
      (_, row) => [`row ${row}`, row, "x".repeat(50)],
    );
    const together = await workbookBytes(async (book) => {
      const sheet = await book.addSheet(NAME);
      await sheet.addRows(rows);
      assert.equal(sheet.lastRow, 500);
      await sheet.close();
    });
    assert.deepEqual(sheetXml(together), sheetXml(await bookOf(rows.map((cells) => ({ cells })))));
  });

  it("are refused where numbers do not ascend, and leave the sheet as it was", async () => {
    const bytes = await workbookBytes(async (book) => {
      const sheet = await book.addSheet(NAME);
      await sheet.addRow(["five"], { rowNumber: 5 });
      for (const rowNumber of [5, 4, 0, -1, 6.5, NaN, 1_048_577]) {
        await assert.rejects(sheet.addRow(["no"], { rowNumber }), RangeError);
      }
      await assert.rejects(sheet.addRow(["no", NaN]), RangeError);
      assert.equal(sheet.lastRow, 5);
      await sheet.addRow(["six"]);
      await sheet.close();
    });
    assert.deepEqual(texts(bytes), ["five", "six"]);
  });

  it("reach column XFD and are refused beyond", async () => {
    const cells: Cell[] = Array.from({ length: 16_384 }, () => null);
    cells[26] = "AA";
    cells[701] = "ZZ";
    cells[702] = "AAA";
    cells[16_383] = "XFD";
    const xml = sheetXml(await bookOf([{ cells }]));
    assert.deepEqual([...xml.matchAll(/<c r="(\w+)1"/g)].map(([, column]) => column), [
      "AA",
      "ZZ",
      "AAA",
      "XFD",
    ]);
    await assert.rejects(bookOf([{ cells: [...cells, "one more"] }]), RangeError);
  });

  it("are refused while the one before is still being written", async () => {
    const book = new WorkbookWriter(() => new Promise((resolve) => setTimeout(resolve, 1)));
    const sheet = await book.addSheet(NAME);
    const cells = Array.from({ length: 10_000 }, () => crypto.randomUUID());
    const writing = sheet.addRow(cells);
    await assert.rejects(sheet.addRow(cells), /Await each row/);
    await writing;
    await sheet.close();
    await assert.rejects(sheet.addRow(cells), /closed/);
    await assert.rejects(sheet.close(), /closed/);
    await book.close();
  });
});

describe("looks, columns and pages", () => {
  it("reach the reader", async () => {
    const bytes = await bookOf([{
      cells: [{ value: "careful", look: "warning" }, "row's", { value: null, look: "error" }],
      look: "muted",
    }], {
      name: "It's",
      columns: [
        { header: "First", width: 30, kind: "text", note: 'Say "A"\n& <b>' },
        { header: "Second" },
        { header: "Third", kind: "date" },
      ],
      freezeRows: 1,
      filterRow: 1,
      printTitleRow: 1,
      landscape: true,
    });
    const sheet = await firstInExceljs(bytes);
    assert.deepEqual(
      ["A1", "B1", "C1"].map((cell) => sheet.getCell(cell).value),
      ["First", "Second", "Third"],
    );
    assert.equal(sheet.getCell("A1").font.bold, true);
    assert.equal(sheet.getCell("A2").alignment.wrapText, true);
    assert.deepEqual(sheet.getCell("A2").fill, {
      type: "pattern",
      pattern: "solid",
      fgColor: { argb: "FFFFF2CC" },
    });
    assert.equal(sheet.getCell("B2").font.italic, true);
    assert.equal(sheet.getCell("C2").fill.type, "pattern");
    assert.equal(sheet.getColumn(1).width, 30);
    assert.equal(sheet.getColumn(1).numFmt, "@");
    assert.equal(sheet.getColumn(3).numFmt, "dd/mm/yyyy");
    assert.equal(sheet.views[0]?.state, "frozen");
    assert.equal(sheet.pageSetup.orientation, "landscape");
    assert.equal(sheet.pageSetup.printTitlesRow, "1:1");
    assert.equal(sheet.autoFilter, "A1:C2");
    assert.equal(sheet.getCell("A2").dataValidation?.prompt, 'Say "A"\n& <b>');
  });

  it("refuse too many columns and too long notes", async () => {
    const many = Array.from({ length: 16_385 }, () => ({}));
    await assert.rejects(bookOf([], { name: "A", columns: many }), RangeError);
    const columns = [{ note: "x".repeat(256) }];
    await assert.rejects(bookOf([], { name: "A", columns }), RangeError);
  });
});

describe("sheets", () => {
  it("come back by the hundred, in order, with links between them", async () => {
    const names = Array.from({ length: 300 }, (_, index) => `Tab ${index} & "Zoë's"`);
    const bytes = await workbookBytes(async (book) => {
      for (const name of names) {
        const sheet = await book.addSheet({ name });
        await sheet.addRow([name]);
        await sheet.close();
      }
      const summary = await book.addSheet({ name: "Summary" });
      for (const sheet of names) {
        await summary.addRow([{ value: sheet, look: "link", link: { sheet, cell: "A1" } }]);
      }
      await summary.close();
    }, { title: "All <tabs>", activeSheet: "Summary" });
    const book = await inExceljs(bytes);
    assert.deepEqual(book.worksheets.map((sheet) => sheet.name), [...names, "Summary"]);
    assert(names.every((name, index) => book.worksheets[index]?.getCell("A1").value === name));
    assert.equal(book.title, "All <tabs>");
    assert.equal(book.views[0]?.activeTab, 300);
    const summary = part(bytes, "xl/worksheets/sheet301.xml");
    assert(summary.includes(
      `<hyperlink ref="A2" location="'Tab 1 &amp; &quot;Zoë''s&quot;'!A1"/>`,
    ));
    assert(summary.includes('tabSelected="1"'));
    assert(!sheetXml(bytes).includes("tabSelected"));
    const { sheets } = await readXlsx(bytes);
    assert.deepEqual(sheets.map((sheet) => sheet.name), [...names, "Summary"]);
  });

  it("are refused two at a time, of the same or an illegal name, or none at all", async () => {
    const book = new WorkbookWriter(() => Promise.resolve());
    await assert.rejects(book.close(), /at least one/);
    const sheet = await book.addSheet({ name: "Names" });
    await assert.rejects(book.addSheet({ name: "Other" }), /still open/);
    await assert.rejects(book.close(), /still open/);
    await sheet.close();
    await assert.rejects(book.addSheet({ name: "NAMES" }), /already/);
    for (const name of ["", "a/b", "'a", "a'", "history", "x".repeat(32), "a\u0000", "\ud800"]) {
      await assert.rejects(book.addSheet({ name }), /cannot be/);
    }
    await book.close();
  });

  it("hold at most 65,530 links", async () => {
    const link = { value: "here", link: { sheet: "Sheet" } };
    const rows = Array.from({ length: 65_530 }, () => ({ cells: [link] }));
    await bookOf(rows);
    await assert.rejects(bookOf([...rows, { cells: [link] }]), RangeError);
  });
});

describe("SheetNames", () => {
  it("keeps legal names and mends others", () => {
    const names = new SheetNames();
    const wanted = [
      "Anna Smith",
      "ANNA smith",
      "a:b\\c/d?e*f[g]h",
      "'quoted'",
      "",
      " ' ",
      "History",
    ];
    assert.deepEqual(wanted.map((name) => names.take(name)), [
      "Anna Smith",
      "ANNA smith (2)",
      "a-b-c-d-e-f-g-h",
      "quoted",
      "Sheet",
      "Sheet (2)",
      "History (2)",
    ]);
    assert.equal(names.take("Anna Smith (2)"), "Anna Smith (2) (2)");
    assert.equal(names.take("x".repeat(30) + "😀"), "x".repeat(30));
    assert.equal(names.take("_x0041_"), "-x0041_");
  });

  it("gives every name once and legal, and a workbook takes them all", async () => {
    const unit = fc.oneof(
      fc.constantFrom("a", "A", "'", " ", "(", "2", ")", "/", "_x0041_", "ß", "SS", "İ", "😀", "é"),
      fc.nat(0xffff).map((code) => String.fromCharCode(code)),
    );
    const wanted = fc.string({ unit, maxLength: 40 });
    await fc.assert(fc.asyncProperty(
      fc.array(fc.oneof(wanted, fc.constantFrom("x".repeat(31), "History")), { minLength: 1 }),
      async (list) => {
        const names = new SheetNames();
        const given = list.map((name) => names.take(name));
        for (const name of given) {
          assert(name.length >= 1 && name.length <= 31 && name.isWellFormed());
          assert(!/[:\\/?*[\]\p{Cc}]|^'|'$|^history$/iu.test(name), name);
        }
        assert.equal(new Set(given.map((name) => name.toLowerCase())).size, given.length);
        const bytes = await workbookBytes(async (book) => {
          for (const name of given) await (await book.addSheet({ name })).close();
        });
        const { sheets } = await readXlsx(bytes);
        assert.deepEqual(sheets.map((sheet) => sheet.name), given);
      },
    ));
  });

  it("keeps thousands of equal and nearly equal names apart", () => {
    const names = new SheetNames();
    const taken = new Set<string>();
    for (let index = 0; index < 20_000; index++) {
      taken.add(names.take("The same name as all the others have").toLowerCase());
      taken.add(names.take(`The same beginning of 27 char${index % 100}`).toLowerCase());
    }
    assert.equal(taken.size, 40_000);
  });
});
