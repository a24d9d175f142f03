// Feeds in a process of their own: the same outcome, a refusal as a sentence, and an end to what takes too long.

import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { readFeedInChild } from "../../../lib/feeds/child.ts";
import { FAMILY, oneRoster, read, TODAY, transferFile, utf8 } from "../../feeds.ts";

const OPTIONS = { today: TODAY, isComplete: false };

describe("a feed in a process of its own", () => {
  it("is what it is in this one", async () => {
    const bytes = oneRoster([...FAMILY, { id: "x", role: "student", first: "", last: "Y" }]);
    const outcome = await readFeedInChild(bytes, "feed.zip", OPTIONS);
    assert.deepEqual(outcome, { feed: JSON.parse(JSON.stringify(read(bytes))) });
  });

  it("is refused in a sentence", async () => {
    const laughs = utf8("<?xml version='1.0'?><!DOCTYPE a []><CTfile/>");
    const outcome = await readFeedInChild(laughs, "c.xml", OPTIONS);
    assert.ok("refused" in outcome);
    assert.match(outcome.refused, /DOCTYPE/);
  });

  it("ends by itself when it needs too much memory or time", async () => {
    const pupils = Array.from(
      { length: 60_000 },
      (_, at) => ({ upn: `A${String(at).padStart(12, "0")}` }),
    );
    const outcome = await readFeedInChild(transferFile(pupils), "c.xml", {
      ...OPTIONS,
      heapMb: 24,
    });
    assert.deepEqual(outcome, {
      refused: "c.xml is too large to read. Send one school at a time.",
    });
    const late = await readFeedInChild(oneRoster(FAMILY), "f.zip", { ...OPTIONS, timeoutMs: 1 });
    assert.deepEqual(late, { refused: "f.zip takes too long to read. Send one school at a time." });
  });
});
