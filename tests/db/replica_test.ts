// The standby: read when it has everything, left alone when it is behind, away or no standby, and never written to.

import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { connect, type Sql } from "../../db/connect.ts";
import { findStandbyState, type Reader, standbyReader } from "../../db/replica.ts";
import { seedCast } from "../../db/seeds.ts";
import { openLog } from "../../lib/log.ts";
import { openHasher } from "../../lib/passwords.ts";
import { Client, eventually } from "../browserless.ts";
import { runProgram, startProgram } from "../program.ts";
import { openPair, type Pair } from "../standby.ts";

const SECRET_KEY = new Uint8Array(32).fill(3).toBase64();

describe("a standby", () => {
  let pair: Pair;
  let primary: Sql;
  let standby: Sql;
  let said: string[];
  let answers: string[];
  before(async () => {
    pair = await openPair();
    primary = connect({ url: pair.primary, pool: 3 });
    standby = connect({ url: pair.standby, pool: 3 });
    await primary`create table notes (words text)`;
  });
  after(async () => {
    await Promise.all([primary.end({ timeout: 1 }), standby.end({ timeout: 1 })]);
    await pair.close();
  });

  function reader(other = standby, rest = 60_000): Reader {
    said = [];
    answers = [];
    const log = openLog("info", (line) => said.push(String(JSON.parse(line).event)));
    return standbyReader(primary, other, { log, rest, answered: (by) => answers.push(by) });
  }

  const countNotes = async (sql: Sql): Promise<number> =>
    (await sql<[{ count: number }]>`select count(*)::int as count from notes`)[0].count;

  it("is read, and has whatever was stored before the question", async () => {
    const { read } = reader();
    for (let stored = 1; stored <= 50; stored++) {
      await primary`insert into notes values ('one more')`;
      assert.equal(await read(5000, countNotes), stored);
    }
    assert.deepEqual([...new Set(answers)], ["standby"]);
    assert.deepEqual(said, []);
  });

  it("takes no write", async () => {
    const { read } = reader();
    await assert.rejects(read(5000, (sql) => sql`insert into notes values ('there')`), /read-only/);
    assert.deepEqual(answers, []);
  });

  it("is left alone while it is behind: the primary answers, and one line says so", async () => {
    await standby`select pg_wal_replay_pause()`;
    const { read } = reader();
    const before = await countNotes(primary);
    await primary`insert into notes values ('not there yet')`;
    for (const _ of [1, 2, 3]) assert.equal(await read(50, countNotes), before + 1);
    assert.deepEqual(answers, ["primary", "primary", "primary"]);
    assert.deepEqual(said, ["the standby is not read; the primary is"]);
    const state = await findStandbyState(primary, standby);
    assert.ok(state.follows && state.bytes > 0 && state.seconds > 0, JSON.stringify(state));
    await standby`select pg_wal_replay_resume()`;
  });

  it("is waited for by a report that has the time", async () => {
    await standby`select pg_wal_replay_pause()`;
    const { read } = reader();
    const before = await countNotes(primary);
    await primary`insert into notes values ('soon there')`;
    const reading = read(20_000, countNotes);
    await new Promise((done) => setTimeout(done, 100));
    await standby`select pg_wal_replay_resume()`;
    assert.equal(await reading, before + 1);
    assert.deepEqual(answers, ["standby"]);
  });

  it("is not read where it is no standby of this database", async () => {
    const { read } = reader(primary);
    await read(5000, countNotes);
    const elsewhere = new URL(pair.standby);
    elsewhere.pathname = "/postgres";
    const other = connect({ url: elsewhere.href, pool: 1 });
    await reader(other).read(5000, countNotes);
    await other.end();
    assert.deepEqual(answers, ["primary"]);
    assert.deepEqual(said, ["the standby is not read; the primary is"]);
  });

  it("that breaks a question off leaves it to the primary, from the start", async () => {
    const { read } = reader();
    let begun = 0;
    const reading = read(5000, async (sql) => {
      begun++;
      const count = await countNotes(sql);
      if (sql === standby) await sql`select pg_sleep(20)`;
      return count;
    });
    await eventually(
      () =>
        standby`
        select pg_terminate_backend(pid) from pg_stat_activity where query like '%pg_sleep(20)%' and pid <> pg_backend_pid()`,
      (ended) => ended.length > 0,
    );
    assert.equal(await reading, await countNotes(primary));
    assert.equal(begun, 2);
    assert.deepEqual(answers, ["primary"]);
  });

  it("that is away is replaced by the primary, and read again once it is back", async () => {
    const { read } = reader(standby, 0);
    await read(5000, countNotes);
    pair.line.cut();
    for (const _ of [1, 2]) await read(200, countNotes);
    assert.deepEqual(answers, ["standby", "primary", "primary"]);
    assert.deepEqual(said, ["the standby is not read; the primary is"]);
    pair.line.mend();
    const answeredBy = async (): Promise<string | undefined> => {
      await read(5000, countNotes);
      return answers.at(-1);
    };
    await eventually(answeredBy, (by) => by === "standby");
    assert.equal(said.at(-1), "the standby is read again");
  });

  it("answers reports, Coverage and the sign-in history; once it is away, the primary does, and doctor says so", async () => {
    const settings = { DATABASE_URL: pair.primary, READ_DATABASE_URL: pair.standby, SECRET_KEY };
    assert.equal((await runProgram(["migrate"], settings)).code, 0);
    const { hash } = openHasher();
    await seedCast(primary, { at: new Date(), hash: (password) => hash(password, 4) });
    const program = await startProgram(["serve"], { ...settings, METRICS_PORT: "0" });
    const metrics = /"event":"metrics","url":"([^"]*)"/.exec(program.output())?.[1] ?? "";
    const reads = async (by: string): Promise<number> => {
      const text = await (await fetch(metrics)).text();
      return Number(new RegExp(`large_reads_total{by="${by}"} (\\d+)`).exec(text)?.[1] ?? 0);
    };
    const client = new Client();
    await client.signIn(program.url);
    assert.match(await client.text(`${program.url}/coverage`), /Coverage/);
    assert.match(await client.text(`${program.url}/sign-ins`), /Ama Boateng/);
    assert.deepEqual([await reads("standby"), await reads("primary")], [2, 0]);
    const report = new URLSearchParams({ start: "2020-01-01", end: "2030-12-31" });
    assert.equal(await client.post(`${program.url}/usage-reports`, report), 303);
    await eventually(
      () => client.text(`${program.url}/tasks`),
      (page) => page.includes("Portal usage 2020-01-01"),
    );
    assert.ok(await reads("standby") >= 3);
    assert.equal(await reads("primary"), 0);
    const well = await runProgram(["doctor"], settings);
    assert.match(well.stdout, /well +standby +It is \d/);
    pair.line.cut();
    assert.match(await client.text(`${program.url}/coverage`), /Coverage/);
    assert.match(await client.text(`${program.url}/sign-ins`), /Ama Boateng/);
    assert.equal(await reads("primary"), 2);
    assert.equal(program.output().split("the standby is not read").length - 1, 1);
    assert.match(
      (await runProgram(["doctor"], settings)).stdout,
      /look at this +standby +It cannot be asked/,
    );
    const itself = { ...settings, READ_DATABASE_URL: pair.primary };
    assert.match(
      (await runProgram(["doctor"], itself)).stdout,
      /wrong +standby +READ_DATABASE_URL/,
    );
    assert.equal(await program.stop(), 0);
  });
});
