// Tests that sound workbooks of every kind are read as Excel shows them.

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { describe, it } from "@std/testing/bdd";
import { shownRows } from "../../../lib/excel/read.ts";
import {
  type BookOptions,
  makeBook,
  makeParts,
  packParts,
  relationships,
  sheetXml,
} from "./build.ts";
import { rowsOf, tableOf } from "./outcome.ts";

function inline(text: string): string {
  return `<c t="inlineStr"><is><t>${text}</t></is></c>`;
}

function firstCell(cell: string, options: BookOptions = {}): string | undefined {
  return rowsOf(makeBook({ ...options, rows: `<row r="1">${cell}</row>` }))[0]?.[0];
}

describe("texts", () => {
  it("joins the runs of rich text, shared and inline", () => {
    const strings = "<si><r><rPr><b/></rPr><t>Anne</t></r><r><t xml:space='preserve'> Marie</t>" +
      "</r></si>";
    assert.equal(firstCell('<c t="s"><v>0</v></c>', { strings }), "Anne Marie");
    const runs = "<is><r><t>A</t></r><r><t>B</t></r></is>";
    assert.equal(firstCell(`<c t="inlineStr">${runs}</c>`), "AB");
  });

  it("leaves out phonetic guides", () => {
    const strings = "<si><t>東京</t><rPh sb='0' eb='2'><t>トウキョウ</t></rPh><phoneticPr/></si>";
    assert.equal(firstCell('<c t="s"><v>0</v></c>', { strings }), "東京");
  });

  it("counts empty items and ignores the declared counts", () => {
    const strings = "<si/><si><t/></si><si><t>third</t></si>";
    assert.equal(firstCell('<c t="s"><v>2</v></c>', { strings }), "third");
    assert.equal(firstCell('<c t="s"><v>0</v></c>', { strings }), undefined);
  });

  it("decodes _xHHHH_ escapes once, with a small x only", () => {
    assert.equal(firstCell(inline("a_x000D_b")), "a\rb");
    assert.equal(firstCell(inline("_x005F_x000D_")), "_x000D_");
    assert.equal(firstCell(inline("_X000D_ _x00_ _x000G_")), "_X000D_ _x00_ _x000G_");
    assert.equal(firstCell(inline("_xD83D__xDE00_")), "😀");
  });

  it("decodes entities, references, CDATA and line ends", () => {
    assert.equal(firstCell(inline("&lt;&amp;&#65;&#x1F600;<![CDATA[<b>&]]>")), "<&A😀<b>&");
    assert.equal(firstCell(inline("a\r\nb\rc&#13;d")), "a\nb\nc\rd");
  });

  it("keeps outer blanks", () => {
    assert.equal(firstCell(inline("  a ")), "  a ");
  });

  it("reads names of JavaScript's own as text and leaves prototypes alone", () => {
    const strings = "<si><t>__proto__</t></si><si><t>constructor</t></si>";
    const rows = '<row><c t="s"><v>0</v></c><c t="s"><v>1</v></c></row>' +
      `<row>${inline("toString")}</row>`;
    assert.deepEqual(rowsOf(makeBook({ rows, strings })), [["__proto__", "constructor"], [
      "toString",
    ]]);
    assert.equal(Object.keys(Object.prototype).length, 0);
  });
});

describe("values", () => {
  it("shows cached results of formulas, and nothing where there is none", () => {
    const rows = '<row r="1"><c t="str"><f>A2&amp;B2</f><v>ab</v></c><c><f>1+1</f><v>2</v></c>' +
      '<c><f>1+1</f></c><c t="e"><f>1/0</f><v>#DIV/0!</v></c><c t="str"><f>""</f><v></v></c>' +
      '<c t="b"><f>1=1</f><v>1</v></c></row>';
    assert.deepEqual(rowsOf(makeBook({ rows })), [["ab", "2", "", "#DIV/0!", "", "TRUE"]]);
  });

  it("says of what kind a cell is and gives numbers without their format", () => {
    const rows = '<row r="1"><c s="1"><v>4512</v></c><c s="2"><v>42</v></c><c><v>7</v></c>' +
      '<c s="3"><v>40787</v></c><c t="b"><v>0</v></c><c t="e"><v>#N/A</v></c></row>';
    const { rows: [row] } = tableOf(
      makeBook({ rows, formats: ["#,##0", "0000", "dd/mm/yyyy"] }),
    );
    assert.deepEqual(row?.cells, [
      { text: "4,512", kind: "number", plain: "4512" },
      { text: "0042", kind: "number", plain: "42" },
      { text: "7", kind: "number" },
      { text: "01/09/2011", kind: "date", plain: "2011-09-01" },
      { text: "FALSE", kind: "boolean" },
      { text: "#N/A", kind: "error" },
    ]);
  });

  it("counts dates from 1904 if the workbook does, but not elapsed time", () => {
    const rows = '<row r="1"><c s="1"><v>0</v></c><c s="2"><v>1.5</v></c></row>';
    const formats = ["yyyy-mm-dd", "[h]:mm"];
    const workbookPr = '<workbookPr date1904="true"/>';
    assert.deepEqual(rowsOf(makeBook({ rows, formats, workbookPr })), [["1904-01-01", "36:00"]]);
    assert.deepEqual(rowsOf(makeBook({ rows, formats })), [["1900-01-00", "36:00"]]);
  });

  it("reads cells of type d in both date systems", () => {
    const rows = '<row r="1"><c s="1" t="d"><v>2011-09-01T10:20:30Z</v></c>' +
      '<c s="1" t="d"><v>1900-02-28</v></c><c t="d"><v>2011-09-01</v></c>' +
      '<c s="2" t="d"><v>10:20:30</v></c><c t="d"><v>2011-02-30</v></c></row>';
    const formats = ["yyyy-mm-dd hh:mm:ss", "h:mm"];
    assert.deepEqual(rowsOf(makeBook({ rows, formats })), [
      ["2011-09-01 10:20:30", "1900-02-28 00:00:00", "40787", "10:20", "2011-02-30"],
    ]);
    const workbookPr = "<workbookPr date1904='1'/>";
    assert.equal(rowsOf(makeBook({ rows, formats, workbookPr }))[0]?.[0], "2011-09-01 10:20:30");
  });

  it("takes any number but 0 for true in a boolean cell", () => {
    const texts = ["1", "2", "-1", "true", "TRUE", "0", "false", "no"];
    const cells = texts.map((text) => `<c t="b"><v>${text}</v></c>`);
    assert.deepEqual(rowsOf(makeBook({ rows: `<row>${cells.join("")}</row>` })), [
      ["TRUE", "TRUE", "TRUE", "TRUE", "TRUE", "FALSE", "FALSE", "FALSE"],
    ]);
  });

  it("reads durations in cells of type d", () => {
    const texts = ["PT1392H0M0.000S", "P1DT2H", "PT11M30,25S", "-PT1H30M", "PT0S", "PT", "P1M"];
    const cells = texts.map((text) => `<c s="1" t="d"><v>${text}</v></c>`);
    const book = { rows: `<row>${cells.join("")}</row>`, formats: ["[h]:mm:ss"] };
    const shown = ["1392:00:00", "26:00:00", "0:11:30", "-1:30:00", "0:00:00", "PT", "P1M"];
    assert.deepEqual(rowsOf(makeBook(book)), [shown]);
    const workbookPr = '<workbookPr date1904="1"/>';
    assert.deepEqual(rowsOf(makeBook({ ...book, workbookPr })), [shown]);
  });

  it("keeps the characters of a number cell that holds no number", () => {
    assert.equal(firstCell("<c><v>abc</v></c>"), "abc");
    assert.equal(firstCell("<c><v>1e999</v></c>"), "1e999");
  });

  it("takes formats from Excel's alternatives for other countries", () => {
    const parts = makeParts({ rows: '<row><c s="1"><v>7</v></c></row>', formats: ["0"] });
    const styles = String(parts["xl/styles.xml"]).replace(
      /<numFmt .*?\/>/,
      '<mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006">' +
        '<mc:Choice Requires="x"><numFmt numFmtId="164" formatCode="0.0"/></mc:Choice>' +
        '<mc:Fallback><numFmt numFmtId="164" formatCode="000"/></mc:Fallback>' +
        "</mc:AlternateContent>",
    );
    assert.deepEqual(rowsOf(packParts({ ...parts, "xl/styles.xml": styles })), [["007"]]);
  });
});

describe("places", () => {
  it("counts rows and cells without a reference on from the one before", () => {
    const rows = `<row>${inline("a")}<c r="D1"><v>1</v></c><c><v>2</v></c></row>` +
      '<row r="4"><c><v>3</v></c></row><row><c><v>4</v></c></row>';
    assert.deepEqual(rowsOf(makeBook({ rows })), [
      ["a", "", "", "1", "2"],
      [],
      [],
      ["3"],
      ["4"],
    ]);
  });

  it("counts a reference of digits alone as none", () => {
    const rows = '<row r="2"><c r="0"><v>1</v></c><c r="1"><v>2</v></c></row>' +
      '<row><c r="7"><v>3</v></c></row>';
    assert.deepEqual(rowsOf(makeBook({ rows })), [[], ["1", "2"], ["3"]]);
  });

  it("takes a row's number from its first cell if it has none itself", () => {
    const rows = '<row><c r="b3"><v>1</v></c><c r="C3"/></row><row><c><v>2</v></c></row>';
    assert.deepEqual(rowsOf(makeBook({ rows })), [[], [], ["", "1"], ["2"]]);
  });

  it("keeps only what holds something, wherever it is", () => {
    const rows = '<row r="1"><c r="A1" s="1"/></row><row r="2"/>' +
      '<row r="1048576"><c r="XFD1048576"><v>9</v></c></row>';
    const table = tableOf(makeBook({ rows }));
    assert.equal(table.rows.length, 1);
    assert.equal(table.rows[0]?.number, 1_048_576);
    assert.equal(table.rows[0]?.cells.length, 16_384);
  });

  it("passes a blank cell that names another row than its own", () => {
    const rows = '<row r="1"><c r="A1"><v>1</v></c></row><row r="2"><c r="A3" s="1"><v/></c>' +
      '<c r="B2"><v>2</v></c></row><row r="3"><c r="A3"><v>3</v></c></row>';
    assert.deepEqual(rowsOf(makeBook({ rows })), [["1"], ["", "2"], ["3"]]);
  });

  it("makes one row of those that follow one another with one number", () => {
    const rows = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1"><c r="C1"><v>3</v></c></row>' +
      '<row r="1"><c r="B1"><v>2</v></c></row><row r="2"/><row><c r="A3"><v>4</v></c></row>' +
      '<row><c r="B3"><v>5</v></c></row><row><c><v>6</v></c></row>';
    const bytes = makeBook({ rows });
    assert.deepEqual(rowsOf(bytes), [["1", "2", "3"], [], ["4", "5"], ["6"]]);
    const taken: number[] = [];
    const cells = Array.from(
      { length: 600 },
      (_, n) =>
        `<row r="${1 + n / 2 | 0}"><c r="${n % 2 === 0 ? "A" : "B"}${
          1 + n / 2 | 0
        }"><v>1</v></c></row>`,
    );
    const table = tableOf(makeBook({ rows: cells.join("") }), "list.xlsx", {
      take: (some) => taken.push(...some.map((row) => row.cells.length)),
    });
    assert.deepEqual(taken, Array(250).fill(2));
    assert.equal(table.rows.length, 50);
  });

  it("puts rows in their order", () => {
    const rows = '<row r="3"><c><v>3</v></c></row><row r="1"><c><v>1</v></c></row>';
    assert.deepEqual(rowsOf(makeBook({ rows })), [["1"], [], ["3"]]);
  });

  it("ignores a wrong dimension, merges, filters and extensions", () => {
    const parts = makeParts();
    const sheet = sheetXml(`<row>${inline("Title")}<c s="0"/></row><row>${inline("x")}</row>`)
      .replace("<sheetData>", '<dimension ref="A1:ZZ20000"/><sheetData>')
      .replace(
        "</worksheet>",
        '<mergeCells><mergeCell ref="A1:ZZ20000"/></mergeCells><extLst><ext><sheetData>' +
          "<row><c><v>5</v></c></row></sheetData></ext></extLst></worksheet>",
      );
    assert.deepEqual(rowsOf(packParts({ ...parts, "xl/worksheets/sheet1.xml": sheet })), [
      ["Title"],
      ["x"],
    ]);
  });
});

describe("sheets", () => {
  const sheets = '<sheet name="Notes" sheetId="1" state="hidden" r:id="rId2"/>' +
    '<sheet name="Chart" sheetId="2" r:id="rId3"/><sheet name="Tom &amp; Co" sheetId="3" ' +
    'state="visible" r:id="rId1"/><sheet name="Parent Logons" sheetId="4" r:id="rId2"/>';
  const parts = {
    ...makeParts({ sheets, rows: "<row><c><v>1</v></c></row>" }),
    "xl/worksheets/sheet2.xml": sheetXml("<row><c><v>2</v></c></row>"),
  };

  it("reads the first visible worksheet and lists all tabs", () => {
    const table = tableOf(packParts(parts));
    assert.equal(table.sheet, "Tom & Co");
    assert.deepEqual(table.sheets, [
      { name: "Notes", state: "hidden", kind: "worksheet" },
      { name: "Chart", state: "visible", kind: "chartsheet" },
      { name: "Tom & Co", state: "visible", kind: "worksheet" },
      { name: "Parent Logons", state: "visible", kind: "worksheet" },
    ]);
  });

  it("prefers a visible sheet by its name, ignoring case", () => {
    const bytes = packParts(parts);
    assert.equal(
      tableOf(bytes, "a.xlsx", { preferredSheet: "parent logons" }).sheet,
      "Parent Logons",
    );
    assert.equal(tableOf(bytes, "a.xlsx", { preferredSheet: "notes" }).sheet, "Tom & Co");
  });
});

describe("packages", () => {
  const rows = `<row>${inline("Łukasz")}</row>`;
  const parts = makeParts({ rows, strings: "<si><t>x</t></si>", formats: ["0"] });

  it("reads every honest form of archive", () => {
    const forms = [
      { isStored: true },
      { hasDescriptor: true },
      { isZip64: true },
      { hasDescriptor: true, isZip64: true },
    ];
    for (const form of forms) assert.deepEqual(rowsOf(packParts(parts, form)), [["Łukasz"]]);
    const reversed = Object.fromEntries(Object.entries(parts).toReversed());
    assert.deepEqual(rowsOf(packParts(reversed)), [["Łukasz"]]);
    const windows = Object.fromEntries(
      Object.entries(parts).map(([name, part]) => [name.replaceAll("/", "\\").toUpperCase(), part]),
    );
    assert.deepEqual(rowsOf(packParts(windows)), [["Łukasz"]]);
    assert.deepEqual(rowsOf(Buffer.concat([packParts(parts), Buffer.from("trailing")])), [[
      "Łukasz",
    ]]);
  });

  it("follows absolute, dotted and escaped targets", () => {
    for (
      const target of [
        "/xl/worksheets/sheet1.xml",
        "../xl/./worksheets/sheet1.xml",
        "worksheets/sheet%31.xml",
        "worksheets\\sheet1.xml",
      ]
    ) {
      const changed = {
        ...parts,
        "xl/_rels/workbook.xml.rels": relationships([["rId1", "worksheet", target]]),
      };
      assert.deepEqual(rowsOf(packParts(changed)), [["Łukasz"]], target);
    }
  });

  it("reads strict and prefixed XML", () => {
    const strict = Object.fromEntries(
      Object.entries(parts).map(([name, part]) => [
        name,
        String(part)
          .replaceAll(
            "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
            "http://purl.oclc.org/ooxml/spreadsheetml/main",
          ).replaceAll(
            "http://schemas.openxmlformats.org/officeDocument/2006/",
            "http://purl.oclc.org/ooxml/officeDocument/",
          ),
      ]),
    );
    assert.deepEqual(rowsOf(packParts(strict)), [["Łukasz"]]);
    const prefixed = Object.fromEntries(
      Object.entries(parts).map(([name, part]) => [
        name,
        String(part).replace("xmlns=", "xmlns:q=").replace(/<(\/?)(\w)/g, "<$1q:$2"),
      ]),
    );
    assert.match(String(prefixed["xl/worksheets/sheet1.xml"]), /<q:row><q:c /);
    assert.deepEqual(rowsOf(packParts(prefixed)), [["Łukasz"]]);
  });

  it("takes the alternative that Excel takes, wherever there are some", () => {
    function alternatives(choice: string, fallback?: string, prefix = "x14"): string {
      const last = fallback === undefined ? "" : `<mc:Fallback>${fallback}</mc:Fallback>`;
      return `<mc:AlternateContent><mc:Choice Requires="${prefix}">${choice}</mc:Choice>${last}` +
        "</mc:AlternateContent>";
    }
    const first = '<c r="A1"><v>1</v></c>';
    const second = '<c r="A1"><v>2</v></c>';
    const strings = `<si>${alternatives("<t>a</t>", "<t>b</t>")}</si>` +
      alternatives("<si><t>c</t></si>", "<si><t>d</t></si>", "x14 zz") + "<si><t>e</t></si>";
    const rows = alternatives(`<row>${second}</row>`, `<row>${first}</row>`, "zz") +
      `<row r="2">${alternatives('<c r="A2" t="s"><v>0</v></c>')}` +
      alternatives(second, alternatives(second, '<c r="B2" t="s"><v>1</v></c>', "zz"), "zz") +
      '</row><row><c t="s"><v>2</v></c></row>' + alternatives("<row/>", undefined, "zz") +
      '<row r="4"><c><v>4</v></c></row>';
    const sheets = alternatives('<sheet name="S" sheetId="1" r:id="rId1"/>');
    const changed = Object.entries(makeParts({ rows, strings, sheets })).map(([name, part]) => [
      name,
      String(part).replace(
        /<(?:workbook|worksheet|sst) /,
        '$&xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" ' +
          'xmlns:x14="http://schemas.microsoft.com/office/spreadsheetml/2009/9/main" xmlns:zz="urn:zz" ',
      ),
    ]);
    const table = tableOf(packParts(Object.fromEntries(changed)));
    assert.equal(table.sheet, "S");
    assert.deepEqual(shownRows(table), [["1"], ["a", "d"], ["e"], ["4"]]);
  });

  it("leaves alone what is of another namespace", () => {
    const strings = "<si><t>a</t><x:t xmlns:x='urn:x'>b</x:t>" +
      "<x:r xmlns:x='urn:x'><t>c</t></x:r></si>";
    const rows = '<x:row xmlns:x="urn:x"><c r="A1"><v>5</v></c></x:row>' +
      '<row r="1"><x:c xmlns:x="urn:x" r="A1"><v>6</v></x:c>' +
      '<c r="A1" t="s"><x:v xmlns:x="urn:x">7</x:v><v>0</v></c></row>';
    assert.deepEqual(rowsOf(makeBook({ rows, strings })), [["a"]]);
  });

  it("reads parts in UTF-16, with a mark, and in a declared encoding", () => {
    const xml = String(parts["xl/worksheets/sheet1.xml"]);
    const little = Buffer.from("\ufeff" + xml.replace("UTF-8", "UTF-16"), "utf16le");
    const big = Buffer.from(little).swap16();
    const marked = Buffer.from("\ufeff" + xml);
    for (const bytes of [little, big, little.subarray(2), marked]) {
      assert.deepEqual(
        rowsOf(packParts({ ...parts, "xl/worksheets/sheet1.xml": bytes })),
        [["Łukasz"]],
      );
    }
    const latin = Buffer.from(
      xml.replace("UTF-8", "ISO-8859-1").replace("Łukasz", "Zoé"),
      "latin1",
    );
    assert.deepEqual(
      rowsOf(packParts({ ...parts, "xl/worksheets/sheet1.xml": latin })),
      [["Zoé"]],
    );
  });

  it("does without styles, shared strings and properties", () => {
    assert.deepEqual(rowsOf(makeBook({ rows })), [["Łukasz"]]);
  });

  it("reads an .xlsx of another name by its content", () => {
    assert.deepEqual(rowsOf(makeBook({ rows }), "export"), [["Łukasz"]]);
    assert.deepEqual(rowsOf(makeBook({ rows }), "export.xls"), [["Łukasz"]]);
  });
});
