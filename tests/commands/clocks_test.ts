// Nodes whose clocks are five minutes off, each the other way: they go by the database's, so nothing comes of it.

import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { transaction } from "../../db/connect.ts";
import { seedCast } from "../../db/seeds.ts";
import { confirmSecret } from "../../db/tfa.ts";
import { openKeys } from "../../lib/keys.ts";
import { openHasher } from "../../lib/passwords.ts";
import { codeAt } from "../../lib/totp.ts";
import { Client } from "../browserless.ts";
import { openTestDatabase, type TestDatabase } from "../database.ts";
import { liveADay } from "../day.ts";
import { type MailServer, openMailServer } from "../mail_server.ts";
import { fromFileUrl } from "../paths.ts";
import { type Running, startProgram } from "../program.ts";

const KEY = new Uint8Array(32).fill(3);
const OFF = 300;
const WRONG_CLOCK = ["--preload", fromFileUrl("fixtures/wrong_clock.ts")];
/** Times of what has happened; the others may be ahead. */
const PAST =
  /^(at|(.*_)?(created|seen|confirmed|last|asked|written|settled|started|finished|changed|set|sent|updated|added)_at)$/;

describe("two web nodes and two workers whose clocks are five minutes fast and slow", () => {
  let database: TestDatabase;
  let mails: MailServer;
  let nodes: Running[];
  let begun: Date;
  before(async () => {
    database = await openTestDatabase();
    mails = await openMailServer();
    const { hash } = openHasher();
    await seedCast(database.sql, { at: new Date(), hash: (password) => hash(password, 4) });
    const settings = {
      DATABASE_URL: database.url,
      SECRET_KEY: KEY.toBase64(),
      SMTP_URL: mails.url,
    };
    const [row] = await database.sql<[{ at: Date }]>`select clock_timestamp() as at`;
    begun = row.at;
    nodes = await Promise.all(
      [["web", OFF], ["web", -OFF], ["work", OFF], ["work", -OFF]].map(([part, off]) =>
        startProgram([String(part)], { ...settings, CLOCK_IS_OFF: String(off) }, {
          flags: WRONG_CLOCK,
        })
      ),
    );
  });
  after(async () => {
    assert.deepEqual(await Promise.all(nodes.map((node) => node.stop())), [0, 0, 0, 0]);
    await mails.close();
    await database.close();
  });

  const webs = (): string[] => nodes.slice(0, 2).map(({ url }) => url);

  it("say once how far they are off", () => {
    const said = nodes.map((node) =>
      /clock is not the database's.*"seconds":(-?\d+)/.exec(node.output())?.[1]
    );
    assert.deepEqual(said, ["300", "-300", "300", "-300"]);
  });

  it("live through a day, and write nothing that happened in the past or is to come", async () => {
    await liveADay({ urls: webs(), mails, mark: "skewed" });
    const { sql } = database;
    const columns = await sql<{ table: string; column: string }[]>`
      select c.table_name as table, c.column_name as column
        from information_schema.columns c join information_schema.tables t using (table_schema, table_name)
       where c.table_schema = 'public' and t.table_type = 'BASE TABLE' and c.data_type = 'timestamp with time zone'`;
    const past = columns.filter(({ column }) => PAST.test(column));
    assert.ok(past.length > 20, `${past.length} columns`);
    const wrong: string[] = [];
    for (const { table, column } of past) {
      const [row] = await sql<[{ count: number }]>`
        select count(*)::int as count from ${sql(table)}
         where ${sql(column)} > clock_timestamp() + interval '2 seconds'
            or ${sql(column)} between ${begun}::timestamptz - interval '330 seconds'
                                  and ${begun}::timestamptz - interval '100 seconds'`;
      if (row.count > 0) wrong.push(`${table}.${column}: ${row.count}`);
    }
    assert.deepEqual(wrong, []);
  });

  it("take a telephone's code each, and no code twice", async () => {
    const { sql } = database;
    const secret = new Uint8Array(20).fill(9);
    const [row] = await sql<[{ id: number }]>`select id from logons where username = 'ama.boateng'`;
    const sealed = await openKeys(KEY).sealer("totp secret").seal(secret, String(row.id));
    await transaction(
      sql,
      (tx) =>
        confirmSecret(tx, { logonId: row.id }, { secret: sealed, step: 1, at: new Date() }, [
          new Uint8Array(32),
        ]),
    );
    const password = new URLSearchParams({
      username: "ama.boateng",
      password: "demo-parent-2026",
    });
    for (const [at, [one, other]] of [webs(), webs().toReversed()].entries()) {
      const parent = new Client();
      assert.equal(await parent.post(`${one}/portal/sign-in`, password), 303);
      const code = new URLSearchParams({
        code: codeAt(secret, new Date(Date.now() + at * 30_000)),
      });
      assert.equal(await parent.post(`${other}/portal/tfa/code`, code), 303);
      const second = new Client();
      assert.equal(await second.post(`${other}/portal/sign-in`, password), 303);
      assert.equal(await second.post(`${one}/portal/tfa/code`, code), 422, "the same code again");
      assert.match(await parent.text(`${one}/portal`), /Ama/);
    }
  });
});
