// Postgres away for a while, cut off or silent: calm pages, not ready, no process ends, and all of it back without anybody's help.

import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { seedCast } from "../../db/seeds.ts";
import { openHasher } from "../../lib/passwords.ts";
import { Client, eventually } from "../browserless.ts";
import { openTestDatabase, type TestDatabase } from "../database.ts";
import { type Running, startProgram } from "../program.ts";
import { openProxy, type Proxy } from "../proxy.ts";

/** For how long: `deno task faults` takes half a minute, as a restart or a failover does. */
const SECONDS = Number(Deno.env.get("FAULT_SECONDS") ?? 1);
const SECRET_KEY = new Uint8Array(32).fill(3).toBase64();

describe(`Postgres away for ${SECONDS} s`, () => {
  let database: TestDatabase;
  let line: Proxy;
  let web: Running;
  let work: Running;
  const client = new Client();
  before(async () => {
    database = await openTestDatabase();
    const { hash } = openHasher();
    await seedCast(database.sql, { at: new Date(), hash: (password) => hash(password, 4) });
    line = await openProxy(database.url);
    const settings = { DATABASE_URL: line.url, SECRET_KEY };
    web = await startProgram(["web"], settings);
    work = await startProgram(["work"], settings);
    assert.equal(await client.signIn(web.url), 303);
  });
  after(async () => {
    assert.deepEqual([await web.stop(), await work.stop()], [0, 0], "neither process had ended");
    await line.close();
    await database.close();
  });

  async function asks(path: string): Promise<{ status: number; text: string }> {
    const response = await client.ask(web.url + path);
    return { status: response.status, text: await response.text() };
  }

  async function whileAway(look: () => Promise<void>): Promise<void> {
    const end = Date.now() + SECONDS * 1000;
    do {
      await look();
      await new Promise((done) => setTimeout(done, 500));
    } while (Date.now() < end);
  }

  /** Signed in as before, and both processes do what they are there for. */
  async function worksAgain(file: string): Promise<void> {
    await eventually(() => asks("/readyz"), ({ status }) => status === 200);
    await eventually(() => asks("/logons"), ({ text }) => text.includes("Ama Boateng"));
    const rows = [1, 2, 3].map((at) => `Robin,Back-${file},${file}.${at}@example.org`);
    const upload = await client.upload(
      web.url,
      `${file}.csv`,
      ["First name,Surname,Email", ...rows].join("\n"),
    );
    assert.equal(upload, 303);
    await eventually(() => asks(`/logons?q=Back-${file}`), ({ text }) => text.includes("3 logons"));
  }

  it("cut off: every page says so in a sentence, /readyz is 503, nothing is half done", async () => {
    line.cut();
    await eventually(() => asks("/logons"), ({ status }) => status === 503);
    await whileAway(async () => {
      const page = await asks("/logons");
      assert.equal(page.status, 503);
      assert.match(page.text, /The database cannot be reached just now/);
      const ready = await asks("/readyz");
      assert.equal(ready.status, 503);
      assert.match(ready.text, /database: cannot be reached/);
      assert.equal((await asks("/healthz")).status, 200);
      const fields = new URLSearchParams({
        firstName: "Nobody",
        surname: "Away",
        username: "away",
      });
      assert.equal(await client.post(`${web.url}/logons`, fields), 503);
    });
    line.mend();
    await worksAgain("cut");
    const [row] = await database.sql<
      [{ count: number }]
    >`select count(*)::int as count from logons where surname = 'Away'`;
    assert.equal(row.count, 0);
  });

  it("silent: it is not ready within seconds, and what waited is answered once it speaks again", async () => {
    line.silence();
    const waiting = asks("/logons");
    const ready = await asks("/readyz");
    assert.equal(ready.status, 503);
    assert.match(ready.text, /database: cannot be reached/);
    await whileAway(async () => {
      assert.equal((await asks("/healthz")).status, 200);
    });
    line.mend();
    const answered = await waiting;
    assert.ok([200, 503].includes(answered.status), String(answered.status));
    assert.match(answered.text, /Ama Boateng|cannot be reached just now/);
    await worksAgain("silent");
  });
});
