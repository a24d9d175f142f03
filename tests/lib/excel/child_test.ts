// Tests that a file is read in a process of its own, which can be ended without harm.

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { describe, it } from "@std/testing/bdd";
import { readInChild } from "../../../lib/excel/child.ts";
import { type ReadOutcome, readTable } from "../../../lib/excel/read.ts";
import { makeBook } from "./build.ts";

/** An outcome with rows that only hold what they say, however they came. */
function laidOut(outcome: ReadOutcome): ReadOutcome {
  if ("refused" in outcome) return outcome;
  const rows = outcome.table.rows.map(({ number, cells }) => ({ number, cells }));
  return { table: { ...outcome.table, rows } };
}

const SLOW_ROWS = '<row><c r="XFD" s="1"><v>1.5</v></c></row>';

describe("readInChild", () => {
  it("gives what the reader gives", async () => {
    const book = makeBook({ rows: '<row><c t="inlineStr"><is><t>Łukasz</t></is></c></row>' });
    const outcome = await readInChild(book, "a.xlsx", { preferredSheet: "Sheet1" });
    assert.deepEqual(laidOut(outcome), readTable(book, "a.xlsx"));
    const text = Buffer.from("a\nb");
    assert.deepEqual(laidOut(await readInChild(text, "-x.csv")), readTable(text, "-x.csv"));
    assert.ok("table" in await readInChild(text, `${"x".repeat(200_000)}\0.csv`));
  });

  it("gives all rows of a long list, with gaps as gaps", async () => {
    const text = Buffer.from("a,,Łukasz\n\n".repeat(1_234));
    const outcome = await readInChild(text, "a.csv");
    assert.deepEqual(laidOut(outcome), readTable(text, "a.csv"));
    assert.ok("table" in outcome);
    assert.equal(outcome.table.rows[1_233]?.cells[1], undefined);
  });

  it("hands over what is more than a text as it is", async () => {
    const book = makeBook({
      rows:
        '<row r="2"><c r="B2"><v>4512</v></c><c r="D2" t="b"><v>1</v></c><c r="E2" t="e"><v>#N/A</v></c>' +
        '<c r="F2" t="inlineStr"><is><t>{"text":"a"}</t></is></c><c r="G2" t="str"><v>12</v></c></row>',
    });
    const outcome = await readInChild(book, "a.xlsx");
    assert.deepEqual(laidOut(outcome), readTable(book, "a.xlsx"));
    assert.ok("table" in outcome);
    const kinds = outcome.table.rows[0]?.cells.map((cell) => cell?.kind);
    assert.deepEqual(kinds, [undefined, "number", undefined, "boolean", "error", "text", "text"]);
  });

  it("needs nothing in Deno's cache but what deno.lock names", async () => {
    const before = Deno.env.get("DENO_DIR");
    const folder = await Deno.makeTempDir();
    try {
      Deno.env.set("DENO_DIR", folder);
      assert.ok("table" in await readInChild(Buffer.from("a"), "a.csv"));
    } finally {
      if (before === undefined) Deno.env.delete("DENO_DIR");
      else Deno.env.set("DENO_DIR", before);
      await Deno.remove(folder, { recursive: true });
    }
  });

  it("passes refusals on", async () => {
    const outcome = await readInChild(Buffer.alloc(0), "a.xlsx");
    assert.ok("refused" in outcome);
    assert.equal(outcome.refused.kind, "empty");
    const large = await readInChild(Buffer.alloc(40 * 1024 * 1024), "a.csv");
    assert.ok("refused" in large);
    assert.equal(large.refused.kind, "tooLarge");
  });

  it("ends a process that takes too long", async () => {
    const outcome = await readInChild(makeBook({ rows: SLOW_ROWS }), "a.xlsx", { timeoutMs: 1 });
    assert.ok("refused" in outcome);
    assert.equal(outcome.refused.kind, "tooSlow");
    assert.match(outcome.refused.sentence, /stopped/);
  });

  it("answers a file that needs too much memory with a refusal", async () => {
    const numbers = Array.from({ length: 200_000 }, (_, index) => `<si><t>${index}</t></si>`);
    const book = makeBook({ strings: numbers.join(""), rows: SLOW_ROWS });
    assert.ok("table" in await readInChild(book, "a.xlsx"));
    const outcome = await readInChild(book, "a.xlsx", { heapMb: 20 });
    assert.ok("refused" in outcome);
    assert.equal(outcome.refused.kind, "tooLarge");
  });

  it("ends the process when the signal aborts", async () => {
    const abort = new AbortController();
    const reading = readInChild(makeBook(), "a.xlsx", { signal: abort.signal });
    abort.abort(new Error("no longer wanted"));
    await assert.rejects(reading, /no longer wanted/);
    await assert.rejects(
      readInChild(makeBook(), "a.xlsx", { signal: abort.signal }),
      /no longer wanted/,
    );
  });
});
