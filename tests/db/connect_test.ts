// A lost connection: nothing of a transaction stays, nothing outside it is written, and the process lives.

import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import {
  connectionIsGone,
  keepingPlans,
  type Queryable,
  transaction,
  TransactionLost,
} from "../../db/connect.ts";
import { openTestDatabase, type TestDatabase } from "../database.ts";

describe("a transaction whose connection dies", () => {
  let database: TestDatabase;
  before(async () => {
    database = await openTestDatabase();
    await database.sql`create table notes (words text)`;
  });
  after(() => database.close());

  async function killOthers(): Promise<void> {
    await database.sql`
      select pg_terminate_backend(pid) from pg_stat_activity
       where datname = current_database() and pid <> pg_backend_pid() and state like 'idle in transaction%'`;
  }

  it("lets no later query run outside it (porsager/postgres #1216)", async () => {
    const { sql } = database;
    let refused: unknown;
    await assert.rejects(
      transaction(sql, async (tx) => {
        await tx`insert into notes values ('inside')`;
        await killOthers();
        await new Promise((done) => setTimeout(done, 200));
        await sql`select 1`;
        try {
          await tx`insert into notes values ('outside')`;
        } catch (error) {
          refused = error;
          throw error;
        }
      }),
      TransactionLost,
    );
    await new Promise((done) => setTimeout(done, 400));
    assert.ok(refused instanceof TransactionLost);
    assert.deepEqual([...await sql`select words from notes`], []);
  });

  it("ends nothing but itself when it is killed in the middle of a query (porsager/postgres #1208)", async () => {
    const { sql } = database;
    const uncaught: unknown[] = [];
    const listen = (event: ErrorEvent): void => {
      event.preventDefault();
      uncaught.push(event.error);
    };
    globalThis.addEventListener("error", listen);
    // Expected from the start: on a busy machine it is lost before anybody has begun to wait for it.
    const slow = assert.rejects(
      transaction(sql, async (tx) => {
        await tx`insert into notes values ('slow')`;
        await tx`select pg_sleep(5)`;
      }),
      (error) => connectionIsGone(error),
    );
    await new Promise((done) => setTimeout(done, 200));
    await sql`
      select pg_terminate_backend(pid) from pg_stat_activity
       where datname = current_database() and query like '%pg_sleep(5)%' and pid <> pg_backend_pid()`;
    await slow;
    await new Promise((done) => setTimeout(done, 200));
    globalThis.removeEventListener("error", listen);
    assert.deepEqual(uncaught, []);
    assert.deepEqual([...await sql`select words from notes`], []);
  });

  it("takes no missing file for a lost database, as a socket that is not there is one", async () => {
    const missing = await Deno.readTextFile("/no/such/file").catch((error: unknown) => error);
    const socket = Object.assign(new Error("gone"), { code: "ENOENT", syscall: "connect" });
    assert.deepEqual([missing, socket].map(connectionIsGone), [false, true]);
  });

  it("refuses its own handle once it has ended", async () => {
    const { sql } = database;
    let late = (): unknown => undefined;
    await transaction(sql, (tx) => {
      late = () => tx`insert into notes values ('late')`;
      return Promise.resolve();
    });
    assert.throws(late, TransactionLost);
  });

  it("gives up on an error of its own, and the pool goes on", async () => {
    const { sql } = database;
    await assert.rejects(
      transaction(sql, async (tx) => {
        await tx`insert into notes values ('rolled back')`;
        await tx`select 1 / 0`;
      }),
      /division by zero/,
    );
    assert.deepEqual([...await sql`select words from notes`], []);
  });
});

describe("a pool that keeps plans", () => {
  let database: TestDatabase;
  before(async () => {
    database = await openTestDatabase();
  });
  after(() => database.close());

  type Plans = { readonly custom: number; readonly generic: number };
  async function plansOf(sql: Queryable): Promise<Plans> {
    for (let id = 1; id <= 12; id++) await sql`select count(*) from learners where id = ${id}`;
    const [row] = await sql<[Plans]>`
      select coalesce(sum(custom_plans), 0)::int as custom, coalesce(sum(generic_plans), 0)::int as generic
        from pg_prepared_statements where statement like 'select count(*) from learners where id%'`;
    return row;
  }

  it("plans anew for every question, but for those that are the same for all", async () => {
    const { sql } = database;
    const one = await sql.reserve();
    try {
      assert.deepEqual(await plansOf(one), { custom: 12, generic: 0 });
    } finally {
      one.release();
    }
    assert.ok((await plansOf(keepingPlans(sql))).generic > 0);
  });

  it("asks within a transaction on that transaction's connection", async () => {
    await transaction(database.sql, async (tx) => {
      await tx`create table drafts (words text)`;
      assert.equal((await keepingPlans(tx)`select from drafts`).length, 0);
    });
  });
});
