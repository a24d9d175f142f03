// Accept-Language as browsers send it, and as nobody should.

import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { preferredLanguages } from "../../lib/languages.ts";

const CASES: readonly (readonly [header: string | null, languages: readonly string[]])[] = [
  ["pl-PL,pl;q=0.9,en-GB;q=0.8,en;q=0.7", ["pl-pl", "pl", "en-gb", "en"]],
  ["en;q=0.5, ur", ["ur", "en"]],
  ["fr;q=0, de ; q=0.3", ["de"]],
  ["zh-Hant-TW", ["zh-hant-tw"]],
  ["*", []],
  ["", []],
  [null, []],
  ["<script>, ../../etc, pl;q=abc, pl;q=2", []],
  ["x".repeat(100_000), []],
];

describe("the languages that somebody reads", () => {
  for (const [header, languages] of CASES) {
    it(`are ${languages.join(", ") || "not known"} for ${header?.slice(0, 40) ?? "nothing"}`, () => {
      assert.deepEqual(preferredLanguages(header), languages);
    });
  }
});
