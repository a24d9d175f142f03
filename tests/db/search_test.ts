// Searching: the key that TypeScript makes is the one that the database stores, and words become patterns that find.

import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import fc from "fast-check";
import { isScattered, searchKey, searchPatterns } from "../../db/search.ts";
import { openTestDatabase, type TestDatabase } from "../database.ts";

/** Letters of many scripts with what stands between them in names; blocks rather than all of Unicode, which grows. */
const BLOCKS: readonly (readonly [number, number])[] = [
  [0x20, 0x7e],
  [0xa1, 0x24f],
  [0x300, 0x36f],
  [0x370, 0x377],
  [0x386, 0x3ff],
  [0x400, 0x52f],
  [0x531, 0x556],
  [0x5d0, 0x5ea],
  [0x621, 0x64a],
  [0x905, 0x939],
  [0x10d0, 0x10f0],
  [0x1e00, 0x1eff],
  [0x1f00, 0x1f15],
  [0x2010, 0x2027],
  [0x2c60, 0x2c7f],
  [0x3041, 0x3096],
  [0x4e00, 0x4fff],
  [0xac00, 0xad00],
  [0xfb00, 0xfb06],
  [0xff21, 0xff5a],
];
const letter = fc.oneof(...BLOCKS.map(([min, max]) => fc.integer({ min, max }))).map((code) =>
  String.fromCodePoint(code)
);
const words = fc.array(letter, { minLength: 1, maxLength: 24 }).map((letters) => letters.join(""));

describe("a search", () => {
  let database: TestDatabase;
  before(async () => {
    database = await openTestDatabase({ pool: 2 });
  });
  after(() => database.close());

  it("has its hits everywhere where every word is one letter or part of an address", () => {
    for (const typed of ["a", " A b ", "é", "example.org", "ann@ a"]) {
      assert.ok(isScattered(typed), typed);
    }
    for (const typed of ["", "  ", "an", "a smith"]) assert.ok(!isScattered(typed), typed);
  });

  async function storedKeys(texts: readonly string[]): Promise<string[]> {
    const rows = await database.sql<{ key: string }[]>`
      select search_key(w) as key from unnest(${[
      ...texts,
    ]}::text[]) with ordinality as u (w, n) order by n`;
    return rows.map((row) => row.key);
  }

  it("and a username have the keys that 0001_functions.sql made, where a shorter way is taken as well", async () => {
    const plain = fc.stringMatching(/^[ -~]{1,40}$/);
    const texts = [
      ...fc.sample(plain, { numRuns: 2000, seed: 20261130 }),
      ...fc.sample(words, { numRuns: 2000, seed: 20261130 }),
      "İI",
      "ANNA",
      "O'Neil-Smith`s",
    ];
    const wrong = await database.sql<{ words: string }[]>`
      select words from unnest(${texts}::text[]) as u (words)
       where username_key(words) is distinct from normalize(lower(upper(lower(
               normalize(words, nfkc) collate "und-x-icu") collate "und-x-icu") collate "und-x-icu"), nfkc)
          or search_key(words) is distinct from translate(
               regexp_replace(
                 lower(normalize(translate(words, ${"'‘’ʼ`´-‐‑"}, ''), nfkd) collate "und-x-icu"),
                 ${"[\u0300-\u036f]"}, '', 'g'),
               'łøđħŧıς', 'lodhtiσ')`;
    assert.deepEqual([...wrong], []);
    const [none] = await database
      .sql`select username_key(null) as username, search_key(null) as words`;
    assert.deepEqual({ ...none }, { username: null, words: null });
  });

  it("makes the same key as the database, for names in many scripts", async () => {
    const texts = fc.sample(words, { numRuns: 4000, seed: 20261124 });
    const stored = await storedKeys(texts);
    for (const [at, text] of texts.entries()) {
      const shown = [...text].map((one) => one.codePointAt(0)?.toString(16)).join(" ");
      assert.equal(searchKey(text), stored[at], shown);
    }
  });

  it("makes the same key as the database for every single letter of those scripts", async () => {
    const texts = BLOCKS.flatMap(([least, most]) =>
      Array.from({ length: most - least + 1 }, (_, n) => String.fromCodePoint(least + n))
    );
    const stored = await storedKeys(texts);
    const different = texts.filter((text, at) => searchKey(text) !== stored[at]);
    assert.deepEqual(different, []);
  });

  it("folds case, marks, apostrophes and hyphens", async () => {
    const folded: Record<string, string> = {
      "O’Barley-Ñandú": "obarleynandu",
      "Łukasz Wiśniewski": "lukasz wisniewski",
      "Søren Đorđević": "soren dordevic",
      "D'Arcy O‘Neil": "darcy oneil",
      "O´Brien O`Brien": "obrien obrien",
      "Gia Bảo NGUYỄN": "gia bao nguyen",
      "ＡＢＣ": "abc",
      "Ίων": "ιων",
      "Pryce‑Jones": "prycejones",
    };
    const stored = await storedKeys(Object.keys(folded));
    for (const [at, [text, key]] of Object.entries(folded).entries()) {
      assert.equal(searchKey(text), key, text);
      assert.equal(stored[at], key, text);
    }
  });

  it("finds a Greek name by a part of it in capitals, whose last sigma is not the name's last", async () => {
    const [pattern = ""] = searchPatterns("ΑΝΑΣ");
    const [row] = await database.sql<[{ found: boolean }]>`
      select ' ' || search_key('Αθανάσιος') like ${pattern} as found`;
    assert.ok(row.found);
  });

  it("matches every word, of two letters only where a word begins", () => {
    assert.deepEqual(searchPatterns("Ann  O'L smith"), ["%ann%", "% ol%", "%smith%"]);
    assert.deepEqual(searchPatterns("a"), ["% a%"]);
    assert.deepEqual(searchPatterns("  "), []);
    assert.deepEqual(searchPatterns("'-’"), []);
  });

  it("takes %, _ and \\ as letters", async () => {
    const found = async (typed: string, text: string): Promise<boolean> => {
      const [pattern = ""] = searchPatterns(typed);
      const [row] = await database.sql<[{ found: boolean }]>`
        select ' ' || search_key(${text}) like ${pattern} as found`;
      return row.found;
    };
    assert.equal(await found("100%", "100% sure"), true);
    assert.equal(await found("100%", "1000 sure"), false);
    assert.equal(await found("a_b", "acb"), false);
    assert.equal(await found("a\\b", "a\\b"), true);
    assert.equal(await found("\\\\\\", "\\\\\\"), true);
  });

  it("finds a text by any part of it that is long enough, whatever the text", async () => {
    const texts = fc.sample(words, { numRuns: 1500, seed: 7 });
    const parts = texts.flatMap((text, at) => {
      const first = searchKey(text).split(/\s+/).find((word) => [...word].length >= 4);
      const part = [...first ?? ""].slice(1, 4).join("");
      const pattern = searchPatterns(part)[0];
      return part.length >= 3 && pattern && searchPatterns(part).length === 1
        ? [{ at, pattern }]
        : [];
    });
    assert.ok(parts.length > 200);
    const missed = await database.sql`
      select t.words, t.pattern from unnest(${parts.map((one) => texts[one.at] ?? "")}::text[],
                             ${
      parts.map((one) => one.pattern)
    }::text[]) with ordinality as t (words, pattern, n)
       where not ' ' || search_key(t.words) like t.pattern`;
    assert.deepEqual([...missed], []);
  });

  it("takes hostile text without a query that fails", async () => {
    for (const typed of ["\0", "\ud800", "x".repeat(100_000), "😀😀", "a ".repeat(5000), "‮abc"]) {
      const patterns = searchPatterns(typed);
      assert.ok(patterns.length <= 8);
      await database.sql`select from logons where search_key like all (${patterns}::text[])`;
    }
  });
});
