// GET /metrics of the running program: on a port of its own, whole, and without a word about anybody.

import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { readConfig } from "../../config.ts";
import { openMetricsServer } from "../../commands/metrics.ts";
import { connect } from "../../db/connect.ts";
import { seedCast } from "../../db/seeds.ts";
import { openHasher } from "../../lib/passwords.ts";
import { openTestDatabase, type TestDatabase } from "../database.ts";
import { type Office, openOffice } from "../office.ts";
import { type Running, runProgram, startProgram } from "../program.ts";

const KEY = new Uint8Array(32).fill(3).toBase64();

describe("the program's metrics", () => {
  let database: TestDatabase;
  let settings: Record<string, string>;
  before(async () => {
    database = await openTestDatabase();
    const { hash } = openHasher();
    await seedCast(database.sql, { at: new Date(), hash: (password) => hash(password, 4) });
    settings = { DATABASE_URL: database.url, SECRET_KEY: KEY, METRICS_PORT: "0" };
  });
  after(() => database.close());

  function addressOf(program: Running): string {
    const said = /"event":"metrics","url":"([^"]+)"/.exec(program.output());
    assert.ok(said?.[1], program.output());
    return said[1];
  }

  it("are read on a port of their own, and only there", async () => {
    const program = await startProgram(["serve"], settings);
    try {
      const address = addressOf(program);
      assert.match(address, /^http:\/\/127\.0\.0\.1:\d+\/metrics$/);
      assert.notEqual(new URL(address).port, new URL(program.url).port);
      assert.equal((await ask(`${program.url}/metrics`)).status, 404);
      await ask(`${program.url}/sign-in`);
      await ask(`${program.url}/logons/1?search=boateng`);
      await ask(`${program.url}/boateng/${"x".repeat(50)}`);
      const answer = await fetch(address);
      assert.equal(answer.headers.get("content-type"), "text/plain; version=0.0.4; charset=utf-8");
      const text = await answer.text();
      for (
        const line of [
          /^parent_logons_build_info\{version="\d[^"]*",deno="2[^"]*",role="serve"\} 1$/m,
          /^http_requests_total\{method="GET",route="\/sign-in",status="200"\} 1$/m,
          /^http_requests_total\{method="GET",route="none",status="404"\} 2$/m,
          /^http_request_duration_seconds_bucket\{method="GET",route="\/sign-in",le="\+Inf"\} 1$/m,
          /^parent_logons_database_up 1$/m,
          /^parent_logons_database_connections\{pool="program",state="active"\} \d+$/m,
          /^parent_logons_tasks\{kind="excel import",state="done"\} 0$/m,
          /^parent_logons_queue_depth\{kind="credential mails"\} 0$/m,
          /^parent_logons_queue_oldest_seconds\{kind="credential mails"\} 0$/m,
          /^parent_logons_tasks_standing_still 0$/m,
          /^parent_logons_credential_mails_open\{state="deferred"\} 0$/m,
          /^parent_logons_password_hashes\{state="waiting"\} 0$/m,
          /^parent_logons_notices_waiting \d+$/m,
          /^process_resident_memory_bytes \d{7,}$/m,
          /^process_cpu_seconds_total \d/m,
        ]
      ) assert.match(text, line);
      await sayNothingOfAnybody(text);
      assert.equal((await ask(new URL("/", address).href)).status, 404);
      assert.equal((await ask(address, { method: "POST" })).status, 405);
    } finally {
      assert.equal(await program.stop(), 0);
    }
  });

  it("are there for web and work alone, and not at all unless asked for", async () => {
    for (const role of ["web", "work"]) {
      const program = await startProgram([role], settings);
      const text = await (await fetch(addressOf(program))).text();
      await program.stop();
      assert.match(text, new RegExp(`role="${role}"`));
    }
    const { METRICS_PORT: _, ...without } = settings;
    const program = await startProgram(["work"], without);
    await program.stop();
    assert.doesNotMatch(program.output(), /metrics/);
  });

  it("name the setting of a port that is in use", async () => {
    const taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const port = String(taken.addr.port);
    const { code, stderr } = await runProgram(["work"], { ...settings, METRICS_PORT: port });
    taken.close();
    assert.equal(code, 1);
    assert.match(stderr, new RegExp(`Port ${port} is in use.*set METRICS_PORT`));
  });

  async function sayNothingOfAnybody(text: string): Promise<void> {
    const people = await database.sql<{ words: string[] }[]>`
      select array[first_name, surname, username, email] as words from logons
      union all select array[first_name, surname] from learners
      union all select array[name, username] from admins where username <> 'office'`;
    const words = people.flatMap((row) => row.words).filter((word) => word?.length > 3);
    assert.ok(words.length > 20);
    for (const word of words) assert.ok(!text.toLowerCase().includes(word.toLowerCase()), word);
    assert.doesNotMatch(text, /@|xxxx/);
  }
});

describe("metrics while the database is away", () => {
  let office: Office;
  before(async () => {
    office = await openOffice({ METRICS_PORT: "0" });
  });
  after(() => office.close());

  it("say so, and all that the process knows by itself", async () => {
    const sql = connect({ url: "postgres://127.0.0.1:1/away" });
    await sql.end();
    const config = readConfig(() => undefined, { METRICS_PORT: "0" });
    const server = openMetricsServer(config, { ...office.services, sql }, {
      web: true,
      work: false,
    });
    assert.ok(server);
    const text = await (await fetch(server.url)).text();
    await server.close();
    assert.match(text, /^parent_logons_database_up 0$/m);
    assert.match(text, /^process_resident_memory_bytes \d/m);
    assert.doesNotMatch(text, /parent_logons_tasks/);
  });
});

/** Asks and lets the answer's body go. */
async function ask(address: string, init: RequestInit = {}): Promise<Response> {
  const response = await fetch(address, { redirect: "manual", ...init });
  await response.body?.cancel();
  return response;
}
