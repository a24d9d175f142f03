// Tests that files made to harm a reader get a sentence quickly and harm nobody.

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { readFileSync } from "node:fs";
import { describe, it } from "@std/testing/bdd";
import { readTable } from "../../../lib/excel/read.ts";
import { type Entry, makeBook, makeParts, makeZip, packParts, sheetXml } from "./build.ts";
import { kindOf, rowsOf } from "./outcome.ts";

const SHEET = "xl/worksheets/sheet1.xml";
const ROWS = '<row><c t="inlineStr"><is><t>a</t></is></c></row>';
const MEGABYTE = 1024 * 1024;

function entriesWith(change: Partial<Entry>): Entry[] {
  return Object.entries(makeParts({ rows: ROWS })).map(([name, content]) =>
    name === SHEET ? { name, content, ...change } : { name, content }
  );
}

describe("archives", () => {
  it("refuses a bomb before it unpacks", () => {
    const content = Buffer.alloc(200 * MEGABYTE);
    const bomb = makeZip(entriesWith({ content }));
    const aside = makeZip([...entriesWith({}), { name: "xl/media/a.bin", content }]);
    assert.equal(kindOf(bomb), "tooLarge");
    assert.equal(kindOf(aside), "tooLarge");
  });

  it("refuses many parts that together unpack to too much", () => {
    const content = Buffer.alloc(15 * MEGABYTE);
    const many = ["a", "b", "c", "d", "e", "f", "g"].map((name) => ({ name, content }));
    assert.equal(kindOf(makeZip([...entriesWith({}), ...many])), "tooLarge");
  });

  it("never unpacks more than was declared", () => {
    const content = Buffer.alloc(200 * MEGABYTE, " ");
    const lying = makeZip(entriesWith({ content, claimedSize: 1_000 }));
    assert.equal(kindOf(lying), "broken");
    assert.equal(kindOf(makeZip(entriesWith({ claimedSize: 100_000 }))), "broken");
  });

  it("refuses overlapping parts, wrong checksums and unknown compression", () => {
    assert.equal(kindOf(makeZip(entriesWith({ claimedOffset: 0 }))), "broken");
    assert.equal(kindOf(makeZip(entriesWith({ claimedOffset: 5_000_000 }))), "broken");
    assert.equal(kindOf(makeZip(entriesWith({ crc: 1 }))), "broken");
    assert.equal(kindOf(makeZip(entriesWith({ method: 12 }))), "broken");
    assert.equal(kindOf(makeZip(entriesWith({ flags: 1 }))), "encrypted");
  });

  it("refuses two parts of one name and names outside the archive", () => {
    const twice = [...entriesWith({}), { name: SHEET, content: sheetXml("") }];
    assert.equal(kindOf(makeZip(twice)), "broken");
    const outside = [...entriesWith({}), { name: "../../etc/passwd", content: "x" }];
    assert.equal(kindOf(makeZip(outside)), "broken");
    const unread = [{ name: "a.txt", content: "" }, { name: "a.txt", content: "" }];
    assert.deepEqual(rowsOf(makeZip([...entriesWith({}), ...unread])), [["a"]]);
  });

  it("refuses 100,000 parts", () => {
    const many = Array.from({ length: 100_000 }, (_, index) => ({
      name: `${index}`,
      content: "",
      isStored: true,
    }));
    const bytes = makeZip([...entriesWith({}), ...many]);
    assert.equal(kindOf(bytes), "tooLarge");
  });

  it("does not unpack an archive inside the archive", () => {
    const inner = makeZip([{ name: "bomb", content: Buffer.alloc(MEGABYTE) }]);
    assert.deepEqual(rowsOf(makeZip([...entriesWith({}), { name: "in.zip", content: inner }])), [[
      "a",
    ]]);
  });
});

describe("XML", () => {
  const laughs = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>';
  const external = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>';

  it("refuses document types in every part, read or not", () => {
    const parts = { ...makeParts({ rows: ROWS, strings: "" }), "docProps/core.xml": "<x/>" };
    for (const name of Object.keys(parts)) {
      for (const type of [laughs, external, "<!doctype html>"]) {
        const xml = String(Object.entries(parts).find(([key]) => key === name)?.[1])
          .replace(/^(<\?.*?\?>)?/, `$1\n${type}`);
        assert.equal(kindOf(packParts({ ...parts, [name]: xml })), "dtd", name);
        const wide = Buffer.from("\ufeff" + xml.replace("UTF-8", "UTF-16"), "utf16le");
        assert.equal(kindOf(packParts({ ...parts, [name]: wide })), "dtd", name);
      }
    }
  });

  it("finds a document type behind a long comment", () => {
    const sheet = sheetXml(ROWS).replace("?>", `?><!--${"<a>".repeat(50_000)}-->${laughs}`);
    assert.equal(kindOf(packParts({ ...makeParts(), [SHEET]: sheet })), "dtd");
  });

  it("refuses endless depth and endless attributes", () => {
    assert.equal(kindOf(makeBook({ rows: "<a>".repeat(500_000) })), "broken");
    const names = Array.from({ length: 50_000 }, (_, index) => `a${index}="1"`).join(" ");
    assert.equal(kindOf(makeBook({ rows: `<a ${names}/>` })), "broken");
  });
});

describe("sheets", () => {
  it("allocates nothing by what a file claims", () => {
    const validation = "<dataValidations><dataValidation sqref='A1:XFD1048576'/></dataValidations>";
    const merges = '<mergeCell ref="A1:ZZ20000"/>'.repeat(50_000);
    const sheet = sheetXml(ROWS)
      .replace("<sheetData>", '<dimension ref="A1:XFD1048576"/><sheetData>')
      .replace("</worksheet>", `<mergeCells>${merges}</mergeCells>${validation}</worksheet>`);
    const bytes = packParts({ ...makeParts(), [SHEET]: sheet });
    assert.deepEqual(rowsOf(bytes), [["a"]]);
  });

  it("passes a million empty rows and a row of 16,384 cells", () => {
    const empty = makeBook({ rows: "<row/>".repeat(1_000_000) + ROWS });
    assert.equal(kindOf(makeBook({ rows: "<row/>".repeat(1_048_577) })), "broken");
    assert.equal(rowsOf(empty).length, 1_000_001);
    const wide = makeBook({ rows: `<row>${"<c><v>1</v></c>".repeat(16_384)}</row>` });
    assert.equal(rowsOf(wide)[0]?.length, 16_384);
    const wider = makeBook({ rows: `<row>${"<c><v>1</v></c>".repeat(16_385)}</row>` });
    assert.equal(kindOf(wider), "broken");
  });
});

/** A generator of numbers from 0 to below 1 that is the same in every run (mulberry32). */
function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function mutate(bytes: Uint8Array, random: () => number): Buffer {
  const changed = Buffer.from(bytes);
  const changes = 1 + Math.floor(random() * 8);
  for (let change = 0; change < changes; change++) {
    changed[Math.floor(random() * changed.length)] = Math.floor(random() * 256);
  }
  return random() < 0.2 ? changed.subarray(0, Math.floor(random() * changed.length)) : changed;
}

describe("damaged bytes", () => {
  const folder = new URL("../../fixtures/workbooks/", import.meta.url);
  const stored = packParts(
    makeParts({ rows: ROWS, strings: "<si><t>é</t></si>", formats: ["0.0;[Red]-0.0"] }),
    { isStored: true, crc: 0 },
  );

  it("always give an outcome", () => {
    const random = seededRandom(20_260_901);
    const names = ["openpyxl.xlsx", "xlsxwriter.xlsx", "libreoffice_semicolon_1252.csv"];
    for (const name of names) {
      const bytes = readFileSync(new URL(name, folder));
      for (let round = 0; round < 200; round++) {
        assert.ok(readTable(mutate(bytes, random), name));
      }
    }
    for (let round = 0; round < 200; round++) {
      assert.ok(readTable(mutate(stored, random), "a.xlsx"));
    }
  });

  it("always give an outcome when only the XML is damaged", () => {
    const random = seededRandom(47);
    const parts = makeParts({
      rows: '<row r="1"><c r="A1" s="1" t="s"><v>0</v></c><c s="1"><v>1.5</v></c></row>',
      strings: "<si><r><t>a</t></r></si>",
      formats: ["[h]:mm;@"],
    });
    const names = Object.keys(parts);
    for (let round = 0; round < 600; round++) {
      const name = names[round % names.length] ?? SHEET;
      const part = mutate(Buffer.from(String(parts[name])), random);
      assert.ok(readTable(packParts({ ...parts, [name]: part }), "a.xlsx"));
    }
  });
});
