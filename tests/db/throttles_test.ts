// How often somebody may guess: the limit is exact, the waits double, a right password is never charged.

import { after, before, beforeEach, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import {
  clearTries,
  isWaiting,
  purgeThrottles,
  takeTry,
  type Try,
  unlockLogon,
} from "../../db/throttles.ts";
import { transaction } from "../../db/connect.ts";
import { openTestDatabase, type TestDatabase } from "../database.ts";

const START = new Date("2026-11-24T10:00:00Z");

function after_(minutes: number): Date {
  return new Date(START.getTime() + minutes * 60_000);
}

function nameOf(byte: number, more: Partial<Try> = {}): Try {
  return { door: "portal", kind: "name", key: new Uint8Array(32).fill(byte), ...more };
}

describe("wrong tries", () => {
  let database: TestDatabase;
  before(async () => {
    database = await openTestDatabase({ pool: 20 });
  });
  after(() => database.close());
  beforeEach(() => database.sql`delete from throttles`);

  it("are five for a name, of two hundred at the same moment", async () => {
    const taken = await Promise.all(
      Array.from({ length: 200 }, () => takeTry(database.sql, nameOf(1), START)),
    );
    assert.equal(taken.filter(Boolean).length, 5);
    const [row] = await database.sql`select failures from throttles`;
    assert.equal(row?.["failures"], 5);
  });

  it("are a hundred for an address, which many share", async () => {
    const address = nameOf(2, { kind: "address" });
    const taken = await Promise.all(
      Array.from({ length: 130 }, () => takeTry(database.sql, address, START)),
    );
    assert.equal(taken.filter(Boolean).length, 100);
  });

  it("cost a wait that doubles from one minute to fifteen, never more", async () => {
    let now = 0;
    for (let n = 0; n < 4; n++) assert.ok(await takeTry(database.sql, nameOf(3), START));
    for (const wait of [1, 2, 4, 8, 15, 15, 15, 15]) {
      assert.equal(await takeTry(database.sql, nameOf(3), after_(now)), true);
      assert.equal(await takeTry(database.sql, nameOf(3), after_(now + wait - 0.01)), false);
      now += wait;
    }
  });

  it("do not grow while one waits", async () => {
    for (let n = 0; n < 500; n++) await takeTry(database.sql, nameOf(4), START);
    assert.equal(await takeTry(database.sql, nameOf(4), after_(1)), true);
  });

  it("are counted apart for each door, kind and name", async () => {
    for (let n = 0; n < 5; n++) await takeTry(database.sql, nameOf(5), START);
    for (
      const other of [
        nameOf(5, { door: "office" }),
        nameOf(5, { door: "confirm" }),
        nameOf(5, { kind: "address" }),
        nameOf(6),
      ]
    ) {
      assert.equal(await takeTry(database.sql, other, START), true);
    }
    assert.equal(await takeTry(database.sql, nameOf(5), START), false);
  });

  it("are forgotten by a right one, after a day, and by the office", async () => {
    const { sql } = database;
    const [logon] = await sql<[{ id: number }]>`
      insert into logons (first_name, surname, username) values ('Ann', 'Lee', 'ann') returning id`;
    for (let n = 0; n < 5; n++) await takeTry(sql, nameOf(7, { logonId: logon.id }), START);
    await clearTries(sql, nameOf(7));
    assert.equal(await takeTry(sql, nameOf(7, { logonId: logon.id }), START), true);
    for (let n = 0; n < 20; n++) await takeTry(sql, nameOf(7), after_(n * 16));
    assert.equal(await takeTry(sql, nameOf(7), after_(20 * 16 - 10)), false);
    const author = { adminId: null, who: "Femi Adeyemi" };
    assert.equal(await transaction(sql, (tx) => unlockLogon(tx, logon.id, author)), true);
    assert.equal(await takeTry(sql, nameOf(7), after_(20 * 16 - 10)), true);
    const [deed] = await sql`select who, what from audit where subject_id = ${logon.id}`;
    assert.deepEqual({ ...deed }, { who: "Femi Adeyemi", what: "unlock logon" });
    for (let n = 0; n < 9; n++) await takeTry(sql, nameOf(8), after_(n * 16));
    assert.equal(await takeTry(sql, nameOf(8), after_(26 * 60 + 9 * 16)), true);
    const [row] = await sql`select failures from throttles where key = ${nameOf(8).key}`;
    assert.equal(row?.["failures"], 1, "a day later it starts from nothing");
  });

  it("are seen without being counted", async () => {
    const address = nameOf(9, { kind: "address" });
    for (let n = 0; n < 100; n++) await takeTry(database.sql, address, START);
    for (let n = 0; n < 3; n++) assert.equal(await isWaiting(database.sql, address, START), true);
    assert.equal(await isWaiting(database.sql, address, after_(1.1)), false);
    assert.equal(await takeTry(database.sql, address, after_(1.1)), true);
  });

  it("are purged after a day and not before", async () => {
    await takeTry(database.sql, nameOf(11), START);
    assert.equal(await purgeThrottles(database.sql, after_(23 * 60)), 0);
    assert.equal(await purgeThrottles(database.sql, after_(25 * 60)), 1);
  });
});
