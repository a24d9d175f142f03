// What every command opens first: the server key is made once, and never in the place of one that is needed.

import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { type Config, readConfig } from "../config.ts";
import { openLog } from "../lib/log.ts";
import { openServices } from "../services.ts";
import { openTestDatabase, type TestDatabase } from "./database.ts";

describe("the server key of a machine that keeps its own", () => {
  let database: TestDatabase;
  let folder: string;
  let config: Config;
  before(async () => {
    database = await openTestDatabase();
    folder = await Deno.makeTempDir({ prefix: "parent-logons-key-" });
    config = readConfig(() => undefined, { DATA_DIR: folder });
  });
  after(async () => {
    await database.close();
    await Deno.remove(folder, { recursive: true });
  });

  /** @returns the print of the key that the services have */
  async function open(): Promise<string> {
    const services = await openServices(config, { log: openLog("error"), database });
    const print = await services.keys.print();
    await services.close();
    return print;
  }

  it("is made at the first start, for this user alone, and found again", async () => {
    const print = await open();
    assert.equal(await open(), print);
    const { mode } = await Deno.stat(`${folder}/secret-key`);
    assert.equal((mode ?? 0) & 0o777, 0o600);
  });

  it("is made anew where it is gone and nothing needs it", async () => {
    const print = await open();
    await Deno.remove(`${folder}/secret-key`);
    assert.notEqual(await open(), print);
  });

  it("is asked for where it is gone and a secret is sealed or a mail begun under it", async () => {
    const { sql } = database;
    const needs = [
      () =>
        sql`
          with ann as (
            insert into logons (first_name, surname, username, tfa) values ('Ann', 'Lee', 'ann', 'set up') returning id
          )
          insert into totp_secrets (logon_id, ciphertext, key_print, confirmed_at, last_step)
          select id, ${new Uint8Array(48)}, ${new Uint8Array(8)}, now(), 0 from ann`,
      () =>
        sql`
          insert into credential_mails (asked_at, name, username, address, enable_tfa, state, pending_hash, due_at)
          values (now(), 'Ann Lee', 'ann', 'ann@example.org', false, 'sending', ${
          "$2b$10$" + "a".repeat(53)
        }, now())`,
    ];
    for (const need of needs) {
      await need();
      await Deno.remove(`${folder}/secret-key`).catch(() => {});
      await assert.rejects(
        open,
        /The server key is gone: .*secret-key\. Put your copy of it there/,
      );
      await assert.rejects(Deno.stat(`${folder}/secret-key`), Deno.errors.NotFound);
      await sql`delete from logons`;
    }
    await sql`delete from credential_mails`;
    await open();
  });
});
