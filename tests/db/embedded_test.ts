// The embedded Postgres: made, found again, adopted after its program was killed, shared, and refused untouched.

import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { connect } from "../../db/connect.ts";
import { openEmbedded } from "../../db/embedded.ts";
import { openLog } from "../../lib/log.ts";
import { fromFileUrl } from "../paths.ts";

const log = openLog("error");

describe("the embedded Postgres", () => {
  let folder: string;
  before(async () => {
    folder = await Deno.makeTempDir({ prefix: "parent-logons-embedded-" });
    await Deno.chmod(folder, 0o755);
  });
  after(() => Deno.remove(folder, { recursive: true }));

  async function ask<T>(
    url: string,
    work: (sql: ReturnType<typeof connect>) => Promise<T>,
  ): Promise<T> {
    const sql = connect({ url, pool: 1 });
    try {
      return await work(sql);
    } finally {
      await sql.end();
    }
  }

  async function postmaster(): Promise<string> {
    const text = await Deno.readTextFile(`${folder}/postgres/postmaster.pid`);
    return text.split("\n")[0] ?? "";
  }

  it("keeps its data from one start to the next", async () => {
    const first = await openEmbedded(folder, log);
    await ask(first.url, (sql) => sql`create table kept as select 42 as number`);
    await first.stop();
    const second = await openEmbedded(folder, log);
    const rows = await ask(second.url, (sql) => sql<{ number: number }[]>`select number from kept`);
    await second.stop();
    assert.equal(rows[0]?.number, 42);
  });

  it("adopts the server of a program that was killed, and then looks after it", async () => {
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", fromFileUrl("fixtures/open_embedded.ts"), folder],
      stdout: "piped",
      stderr: "null",
    }).spawn();
    const reader = child.stdout.getReader();
    await reader.read();
    const orphan = await postmaster();
    child.kill("SIGKILL");
    await child.status;
    await reader.cancel();
    const adopted = await openEmbedded(folder, log);
    assert.equal(await postmaster(), orphan);
    await adopted.stop();
    await assert.rejects(postmaster(), Deno.errors.NotFound);
  });

  it("is started again where it listened before, if it ends while it is in use", async () => {
    const opened = await openEmbedded(folder, openLog("error", () => {}));
    const former = Number(await postmaster());
    const sql = connect({ url: opened.url, pool: 1 });
    await sql`select 1`;
    Deno.kill(former, "SIGKILL");
    for (let tries = 0;; tries++) {
      // The former's session may answer once more before it notices.
      const isNew = await postmaster().then((id) => Number(id) !== former, () => false);
      const rows = isNew ? await sql`select number from kept`.catch(() => []) : [];
      if (rows.length > 0) break;
      assert.ok(tries < 100, "it did not come back");
      await new Promise((done) => setTimeout(done, 200));
    }
    await sql.end();
    assert.notEqual(Number(await postmaster()), former);
    await opened.stop();
    await assert.rejects(Deno.stat(`${folder}/postgres/postmaster.pid`), Deno.errors.NotFound);
  });

  it("shares a server that another program looks after, and leaves it running", async () => {
    const keeper = await openEmbedded(folder, log);
    const guest = await openEmbedded(folder, log);
    await guest.stop();
    const rows = await ask(keeper.url, (sql) => sql`select 1 as one`);
    assert.equal(rows.length, 1);
    await keeper.stop();
  });

  it("goes on running for the others where the program that started it ends first", async () => {
    const short = await openEmbedded(folder, log);
    const lasting = await openEmbedded(folder, log);
    await short.stop();
    const rows = await ask(lasting.url, (sql) => sql`select 1 as one`);
    assert.equal(rows.length, 1);
    await lasting.stop();
    await assert.rejects(postmaster(), Deno.errors.NotFound);
  });

  it("is not misled by a process number that something else has now", async () => {
    const pidFile = `${folder}/postgres/postmaster.pid`;
    await Deno.writeTextFile(pidFile, `${Deno.pid}\n${folder}/postgres\n1\n1\n\n127.0.0.1\n`);
    const opened = await openEmbedded(folder, log);
    assert.notEqual(await postmaster(), String(Deno.pid));
    await opened.stop();
  });

  it("refuses the data of another major version, says what to do, and touches nothing", async () => {
    const file = `${folder}/postgres/PG_VERSION`;
    await Deno.writeTextFile(file, "15\n");
    await assert.rejects(
      openEmbedded(folder, log),
      /written by Postgres 15.*Nothing was changed.*Backups.*DATABASE_URL/s,
    );
    await Deno.writeTextFile(file, "18\n");
  });

  it("is made once where two programs start at the same moment", async () => {
    const other = `${folder}/both`;
    const both = await Promise.all([openEmbedded(other, log), openEmbedded(other, log)]);
    assert.equal(new URL(both[0].url).port, new URL(both[1].url).port);
    for (const one of both) await one.stop();
  });

  it("starts anew where a first start was killed half-way", async () => {
    const other = `${folder}/half`;
    await Deno.mkdir(`${other}/postgres.new`, { recursive: true });
    await Deno.writeTextFile(`${other}/postgres.new/rubbish`, "");
    const opened = await openEmbedded(other, log);
    await opened.stop();
    assert.equal((await Deno.readTextFile(`${other}/postgres/PG_VERSION`)).trim(), "18");
  });
});
