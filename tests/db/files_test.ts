// Files in pieces: what is stored comes back byte for byte, one of a purpose at a time, until it expires.

import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import {
  deleteFile,
  findFile,
  purgeFiles,
  putFile,
  readFile,
  readWholeFile,
} from "../../db/files.ts";
import { openTestDatabase, type TestDatabase } from "../database.ts";

const AT = new Date("2026-11-24T10:00:00Z");
/** After the days that are set. */
const EXPIRES = new Date("2026-12-24T10:00:00Z");

describe("a file of a task", () => {
  let database: TestDatabase;
  let taskId: number;
  before(async () => {
    database = await openTestDatabase();
    const [row] = await database.sql<[{ id: number }]>`
      insert into tasks (kind, title) values ('excel import', 'x') returning id`;
    taskId = row.id;
  });
  after(() => database.close());

  function fileOf(bytes: Uint8Array, name = "parents.xlsx"): Parameters<typeof putFile>[1] {
    return { taskId, purpose: "result", name, mediaType: "text/plain", bytes, at: AT };
  }

  it("comes back as it was, whatever its size", async () => {
    for (const size of [0, 1, 65_536, 262_143, 262_144, 262_145, 1_000_000]) {
      const bytes = new Uint8Array(size).map((_, n) => n * 31 % 256);
      await putFile(database.sql, fileOf(bytes));
      const file = await findFile(database.sql, taskId, "result");
      assert.ok(file);
      assert.equal(file.size, size);
      assert.deepEqual(await readWholeFile(database.sql, file), bytes, String(size));
      let pieces = 0;
      for await (const piece of readFile(database.sql, file)) {
        pieces++;
        assert.ok(piece.length > 0 && piece.length <= 262_144);
      }
      assert.equal(pieces, Math.ceil(size / 262_144), String(size));
    }
  });

  it("takes the place of the earlier one of its purpose, and of no other", async () => {
    const { sql } = database;
    await putFile(sql, { ...fileOf(new Uint8Array([1])), purpose: "upload" });
    await putFile(sql, fileOf(new Uint8Array([2]), "first.xlsx"));
    await putFile(sql, fileOf(new Uint8Array([3]), "second.xlsx"));
    assert.equal((await findFile(sql, taskId, "result"))?.name, "second.xlsx");
    assert.equal((await findFile(sql, taskId, "upload"))?.size, 1);
    const [row] = await sql`select count(*)::int as count from file_chunks`;
    assert.equal(row?.["count"], 2);
    await deleteFile(sql, taskId, "upload");
    assert.equal(await findFile(sql, taskId, "upload"), null);
  });

  it("says so when a piece is missing, rather than give less", async () => {
    const { sql } = database;
    await putFile(sql, fileOf(new Uint8Array(600_000)));
    const file = await findFile(sql, taskId, "result");
    assert.ok(file);
    await sql`delete from file_chunks where file_id = ${file.id} and position = 1`;
    await assert.rejects(readWholeFile(sql, file), /lacks piece 1/);
  });

  it("is gone once it has expired, pieces and all, and not before", async () => {
    const { sql } = database;
    await putFile(sql, fileOf(new Uint8Array([1])));
    assert.equal(await purgeFiles(sql, new Date(EXPIRES.getTime() - 1)), 0);
    assert.equal(await purgeFiles(sql, EXPIRES), 1);
    assert.equal((await sql`select from file_chunks`).length, 0);
  });

  it("is kept for as long as the school has set", async () => {
    const { sql } = database;
    await sql`insert into settings (name, value) values ('file_days', '2')`;
    await putFile(sql, fileOf(new Uint8Array([1])));
    const day = 86_400_000;
    assert.equal(await purgeFiles(sql, new Date(AT.getTime() + 2 * day - 1)), 0);
    assert.equal(await purgeFiles(sql, new Date(AT.getTime() + 2 * day)), 1);
  });

  it("goes with its task", async () => {
    const { sql } = database;
    await putFile(sql, fileOf(new Uint8Array([1])));
    await sql`delete from tasks where id = ${taskId}`;
    assert.equal((await sql`select from files`).length, 0);
  });
});
