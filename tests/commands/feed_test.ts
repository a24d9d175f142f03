// The command feed: what it does with a file and a folder, what it says, and how it ends.

import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { join } from "node:path";
import { openTestDatabase, type TestDatabase } from "../database.ts";
import { changed, FAMILY, oneRoster, utf8 } from "../feeds.ts";
import { runProgram } from "../program.ts";

describe("main.ts feed", () => {
  let database: TestDatabase;
  let folder: string;
  before(async () => {
    database = await openTestDatabase();
    folder = await Deno.makeTempDir();
  });
  after(async () => {
    await database.close();
    await Deno.remove(folder, { recursive: true });
  });

  function feed(...args: string[]): ReturnType<typeof runProgram> {
    const SECRET_KEY = new Uint8Array(32).fill(3).toBase64();
    return runProgram(["feed", ...args], { DATABASE_URL: database.url, SECRET_KEY });
  }

  async function put(name: string, bytes: Uint8Array): Promise<string> {
    const path = join(folder, name);
    await Deno.writeFile(path, bytes);
    return path;
  }

  it("rehearses without a trace, writes, knows a file again, and ends with 1 where somebody has to look", async () => {
    const { sql } = database;
    const path = await put("hillcrest.zip", oneRoster(FAMILY));
    const rehearsed = await feed(path, "--dry-run");
    assert.equal(rehearsed.code, 0, rehearsed.stderr);
    assert.match(
      rehearsed.stdout,
      /OneRoster 1\.2, everything\. .*It would add 3 learners, 2 contacts/,
    );
    assert.equal(
      (await sql`select from tasks`).length + (await sql`select from learners`).length,
      0,
    );
    const written = await feed(folder, "--kind", "oneroster");
    assert.equal(written.code, 0, written.stderr);
    assert.match(written.stdout, /Done: 3 learners, 2 contacts and 3 relationships added/);
    assert.match((await feed(folder)).stdout, /read before, as task \d+; it is not read twice/);
    const fewer = await put("fewer.zip", oneRoster(changed(FAMILY, { "l-3": null })));
    const waits = await feed(fewer);
    assert.equal(waits.code, 1);
    assert.match(waits.stdout, /more than a tenth.*Look at it under Feeds, task \d+/);
  });

  it("says what it does not understand, and what is wrong with a file", async () => {
    assert.match((await feed()).stderr, /Use: feed FILE_OR_FOLDER/);
    assert.match((await feed("/no/such")).stderr, /there is no such file or folder/);
    assert.match((await feed(folder, "--kind", "sims")).stderr, /--kind is one of Learners sheet/);
    const laughs = await put("laughs.xml", utf8("<!DOCTYPE a []><CTfile/>"));
    const refused = await feed(laughs);
    assert.equal(refused.code, 1);
    assert.match(refused.stdout, /laughs\.xml contains a document type declaration/);
  });
});
