// PgBouncer in transaction mode between the program and Postgres, with fewer sessions than the program has connections.

import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { connect } from "../../db/connect.ts";
import { seedCast } from "../../db/seeds.ts";
import { openHasher } from "../../lib/passwords.ts";
import { openTestDatabase, type TestDatabase } from "../database.ts";
import { liveADay } from "../day.ts";
import { openMailServer } from "../mail_server.ts";
import { findPgbouncer, openPooler, type Pooler } from "../pgbouncer.ts";
import { runProgram, startProgram } from "../program.ts";

const SECRET_KEY = new Uint8Array(32).fill(3).toBase64();
const LIMITS = [
  "statement_timeout",
  "idle_in_transaction_session_timeout",
  "plan_cache_mode",
  "random_page_cost",
];

describe("behind PgBouncer in transaction mode", () => {
  let database: TestDatabase;
  let pooler: Pooler;
  before(async () => {
    database = await openTestDatabase();
    const { hash } = openHasher();
    await seedCast(database.sql, { at: new Date(), hash: (password) => hash(password, 4) });
    const program = await findPgbouncer();
    assert.ok(program);
    pooler = await openPooler(program, database.url, 3);
  });
  after(async () => {
    await pooler.close();
    await database.close();
  });

  async function limitsOf(url: string, pooled: boolean): Promise<string[]> {
    const sql = connect({ url, pool: 1, pooled });
    const rows = await sql<{ name: string; setting: string }[]>`
      select name, setting from pg_settings where name = any(${LIMITS}) order by name`;
    await sql.end();
    return rows.map(({ name, setting }) => `${name} = ${setting}`);
  }

  it("two web and two work processes live through two days at once", async () => {
    const mails = await openMailServer();
    const settings = {
      DATABASE_URL: pooler.url,
      DIRECT_DATABASE_URL: database.url,
      SECRET_KEY,
      SMTP_URL: mails.url,
    };
    const early = await runProgram(["doctor"], settings);
    assert.match(early.stdout, /wrong +pooler +Its sessions lack our limits/);
    assert.equal((await runProgram(["migrate"], settings)).code, 0);
    await database.sql`
      select pg_terminate_backend(pid) from pg_stat_activity
       where datname = current_database() and application_name in ('parent-logons', '')`;
    assert.match((await runProgram(["doctor"], settings)).stdout, /well +pooler/);
    const nodes = await Promise.all(
      ["web", "web", "work", "work"].map((part) => startProgram([part], settings)),
    );
    const urls = nodes.slice(0, 2).map(({ url }) => url);
    await Promise.all([
      liveADay({ urls, mails, mark: "left" }),
      liveADay({ urls: urls.toReversed(), mails, mark: "right" }),
    ]);
    const [row] = await database.sql<[{ pooled: number }]>`
      select count(*)::int as pooled from pg_stat_activity
       where datname = current_database() and application_name = 'parent-logons'
         and query not ilike 'listen%'`;
    assert.ok(row.pooled <= 3, `${row.pooled} sessions of the pooler`);
    assert.deepEqual(await Promise.all(nodes.map((node) => node.stop())), [0, 0, 0, 0]);
    const troubles = nodes.flatMap((node) =>
      node.output().match(/.*"level":"(warn|error)".*/g) ?? []
    );
    assert.deepEqual(troubles, []);
    await mails.close();
  });

  it("sessions have the limits that they have without", async () => {
    assert.deepEqual(await limitsOf(pooler.url, true), await limitsOf(database.url, false));
  });
});
