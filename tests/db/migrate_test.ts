// Migrations: forward only, one process at a time, and never on a database that is newer than the program.

import { after, before, beforeEach, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { connect, type Sql } from "../../db/connect.ts";
import { migrate, MigrationError, migrationNames, missingMigrations } from "../../db/migrate.ts";
import { openTestDatabase, type TestDatabase } from "../database.ts";

/** The steps until here were there before anybody ran two nodes. */
const LAST_BEFORE_RULE = "0024_zzz.sql";

/** What a step demands of tables that were there before it, in its own words. */
function narrowings(sql: string): string[] {
  const bare = sql.replace(/--.*$/gm, "");
  const fresh = new Set(
    [...bare.matchAll(/create table (?:if not exists )?(\w+)/gi)].map(([, table]) => table),
  );
  const on = (table: string | undefined): boolean => !fresh.has(table);
  const altered = [...bare.matchAll(/alter table (?:only )?(\w+)([^;]*)/gi)]
    .filter(([, table]) => on(table))
    .flatMap(([, table, clauses = ""]) =>
      clauses.split(/,(?![^(]*\))/).map((clause) => clause.trim().replace(/\s+/g, " ")).filter((
        clause,
      ) =>
        /^add column .*not null(?!.*(default|generated))/i.test(clause) &&
          !/(default|generated) .*not null/i.test(clause) ||
        /^alter (column )?\w+ (set not null|(set data )?type )/i.test(clause) ||
        /^add (constraint \w+ )?(check|unique|foreign|primary|exclude)\b/i.test(clause)
      ).map((clause) => `${table}: ${clause}`)
    );
  const others = [
    ...bare.matchAll(/create unique index (?:if not exists )?\w+ on (\w+)/gi),
    ...bare.matchAll(/create (?:or replace )?(?:constraint )?trigger \w+[^;]*? on (\w+)/gi),
  ].filter(([, table]) => on(table)).map(([text]) => text.replace(/\s+/g, " "));
  return [...altered, ...others];
}

describe("migrating", () => {
  let database: TestDatabase;
  let empty: string;
  let sql: Sql;
  before(async () => {
    database = await openTestDatabase();
  });
  after(() => database.close());
  beforeEach(async () => {
    const name = `empty_${crypto.randomUUID().replaceAll("-", "")}`;
    await database.sql`create database ${database.sql(name)} template template0 encoding 'UTF8'`;
    const url = new URL(database.url);
    url.pathname = `/${name}`;
    empty = url.href;
    sql = connect({ url: empty, pool: 4 });
  });

  async function drop(): Promise<void> {
    await sql.end({ timeout: 1 });
    const name = new URL(empty).pathname.slice(1);
    await database.sql`drop database ${database.sql(name)} with (force)`;
  }

  it("runs every step once, in order, and finds nothing to do the second time", async () => {
    assert.deepEqual(await missingMigrations(sql), migrationNames());
    assert.deepEqual(await migrate(sql), migrationNames());
    assert.deepEqual(await migrate(sql), []);
    assert.deepEqual(await missingMigrations(sql), []);
    const rows = await sql<{ name: string }[]>`select name from migrations order by name`;
    assert.deepEqual(rows.map((row) => row.name), migrationNames());
    await drop();
  });

  it("makes the tables and relations of the picture in docs/development.md", async () => {
    const docs = await Deno.readTextFile(new URL("../../docs/development.md", import.meta.url));
    const picture = /```mermaid\nerDiagram\n(.*?)```/s.exec(docs)?.[1] ?? "";
    const lines = picture.trim().split("\n").map((line) => line.trim().split(/\s+/));
    const { sql } = database;
    const tables = await sql<{ name: string }[]>`
      select tablename as name from pg_tables where schemaname = 'public' and tablename <> 'migrations'`;
    const names = lines.flatMap(([one = "", , other = one]) => [one, other]);
    assert.deepEqual([...new Set(names)].sort(), tables.map(({ name }) => name).sort());
    const relations = await sql<{ pair: string }[]>`
      select distinct f.confrelid::regclass || ' ' || f.conrelid::regclass as pair
        from pg_constraint f join pg_attribute a on a.attrelid = f.conrelid and a.attnum = f.conkey[1]
       where f.contype = 'f' and f.connamespace = 'public'::regnamespace and a.attname !~ '_by$'`;
    const drawn = lines.filter((line) => line.length > 1).map(([one, , other]) =>
      `${one} ${other}`
    );
    assert.deepEqual(drawn.sort(), relations.map(({ pair }) => pair).sort());
  });

  it("leaves no trigger that joins the rows before with those after, each with each by a plan for one row", async () => {
    const joining = await database.sql`
      select proname from pg_proc
       where pronamespace = 'public'::regnamespace
         and prosrc ~ '(new_rows.*join\\s+old_rows|old_rows.*join\\s+new_rows)'`;
    assert.deepEqual(joining.map((row) => row["proname"]), []);
    const [asking] = await database.sql<[{ count: number }]>`
      select count(*)::int as count from pg_proc where prosrc ~ 'old_rows'`;
    assert.ok(asking.count > 3);
    await drop();
  });

  it("is done by one of several processes that start at once; the others wait and go on", async () => {
    const others = Array.from({ length: 3 }, () => connect({ url: empty, pool: 3 }));
    const results = await Promise.all([sql, ...others].map((each) => migrate(each)));
    assert.deepEqual(
      results.map((names) => names.length).sort((a, b) => b - a),
      [migrationNames().length, 0, 0, 0],
    );
    await Promise.all(others.map((other) => other.end({ timeout: 1 })));
    await drop();
  });

  it("waits for another process however long that takes, not as long as a statement may", async () => {
    await migrate(sql);
    const other = await sql.reserve();
    await other`select pg_advisory_lock(7061772001)`;
    const hasty = connect({ url: empty, pool: 3, statementTimeout: 200 });
    const waiting = migrate(hasty);
    const outcome = waiting.then((names) => names, (error: unknown) => error);
    await other`select pg_sleep(0.5)`;
    await other`select pg_advisory_unlock(7061772001)`;
    other.release();
    assert.deepEqual(await outcome, []);
    await hasty.end({ timeout: 1 });
    await drop();
  });

  it("refuses a database that a newer program has upgraded, and changes nothing", async () => {
    await migrate(sql);
    await sql`insert into migrations (name) values ('9999_from_the_future.sql')`;
    await assert.rejects(
      migrate(sql),
      (error) => error instanceof MigrationError && /9999_from_the_future/.test(error.message),
    );
    await assert.rejects(missingMigrations(sql), MigrationError);
    await sql`delete from migrations where name = '9999_from_the_future.sql'`;
    assert.deepEqual(await migrate(sql), [], "the lock was given back");
    await drop();
  });

  it("leaves nothing of a step that fails half-way, and goes on where it stopped", async () => {
    await sql`create table settings (in_the_way int)`;
    await assert.rejects(migrate(sql), /settings/);
    const rows = await sql<{ name: string }[]>`select name from migrations order by name`;
    assert.deepEqual(rows.map((row) => row.name), migrationNames().slice(0, 2));
    const [table] = await sql`select to_regclass('admins') as found`;
    assert.equal(table?.["found"], null, "the step is undone as a whole");
    await sql`drop table settings`;
    assert.deepEqual(await migrate(sql), migrationNames().slice(2));
    await drop();
  });

  it("has steps that are numbered from the first, without a gap", () => {
    const names = migrationNames();
    for (const name of names) assert.match(name, /^\d{4}_[a-z_]+\.sql$/);
    const numbers = names.map((name) => Number(name.slice(0, 4)));
    assert.deepEqual(numbers, numbers.map((_, at) => at + 1));
  });

  it("drops nothing and renames nothing, so that an older node can still run beside it", async () => {
    for (const name of migrationNames()) {
      const text = await Deno.readTextFile(new URL(`../../db/migrations/${name}`, import.meta.url));
      assert.doesNotMatch(text, /^\s*(drop|truncate)\b|\brename (to|column)\b/im, name);
    }
    await drop();
  });

  it("says of whatever could refuse an older node's writes why it does not", async () => {
    for (const name of migrationNames().filter((one) => one > LAST_BEFORE_RULE)) {
      const text = await Deno.readTextFile(new URL(`../../db/migrations/${name}`, import.meta.url));
      const narrow = narrowings(text);
      const explained = [...text.matchAll(/^-- Older nodes: \S+/gim)].length;
      assert.ok(
        explained >= narrow.length,
        `${name}: ${
          narrow.join("; ")
        }. An older node may still write there while this is in place: say in a comment ` +
          "for each, “-- Older nodes: …”, why it is not refused, or do it a release later.",
      );
    }
    await drop();
  });

  it("knows what could", async () => {
    const kinds = [
      "alter table logons add column a int not null;",
      "alter table logons add column a int, alter column surname set not null;",
      "alter table logons add constraint c check (surname <> '');",
      "alter table logons alter column surname type citext;",
      "create unique index u on logons (surname);",
      "create trigger t before insert on logons for each row execute function f();",
    ];
    for (const sql of kinds) assert.equal(narrowings(sql).length, 1, sql);
    const harmless = [
      "alter table logons add column a int not null default 0;",
      "alter table logons add column a text generated always as (surname) stored not null;",
      "create index i on logons (surname);",
      "create table fresh (a int not null); create unique index u on fresh (a); alter table fresh add check (a > 0);",
      "-- create unique index u on logons (surname);",
    ];
    for (const sql of harmless) assert.deepEqual(narrowings(sql), [], sql);
    await drop();
  });
});
