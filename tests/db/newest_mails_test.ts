// The newest mail of each logon, as triggers keep it: the same as looking for it, whatever happens to mails and logons.

import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import type { Sql } from "../../db/connect.ts";
import { openTestDatabase, type TestDatabase } from "../database.ts";

describe("the newest mail of a logon", () => {
  let database: TestDatabase;
  let sql: Sql;
  before(async () => {
    database = await openTestDatabase();
    sql = database.sql;
  });
  after(() => database.close());

  async function addLogons(count: number): Promise<number[]> {
    const rows = await sql<{ id: number }[]>`
      insert into logons (first_name, surname, username)
      select 'Ann', 'Lee', 'newest-' || gen_random_uuid() from generate_series(1, ${count}) returning id`;
    return rows.map((row) => row.id);
  }

  /** One that was left out for each of these, in their order. */
  async function addMails(logonIds: readonly number[]): Promise<number[]> {
    const rows = await sql<{ id: number }[]>`
      insert into credential_mails (logon_id, asked_at, name, username, enable_tfa, state, due_at, settled_at)
      select o.id, now(), 'Ann Lee', 'ann', false, 'left out', now(), now()
        from unnest(${[
      ...logonIds,
    ]}::bigint[]) with ordinality as o (id, place) order by o.place returning id`;
    return rows.map((row) => row.id);
  }

  /** What is kept of each of these, and nothing but what is so. */
  async function newestOf(logonIds: readonly number[]): Promise<(number | undefined)[]> {
    const kept = await sql<{ logon: number; mail: number }[]>`
      select logon_id as logon, mail_id as mail from newest_mails order by logon_id`;
    const found = await sql<{ logon: number; mail: number }[]>`
      select logon_id as logon, max(id) as mail from credential_mails
       where logon_id is not null group by logon_id order by logon_id`;
    assert.deepEqual([...kept], [...found]);
    const byLogon = new Map(kept.map(({ logon, mail }) => [logon, mail]));
    return logonIds.map((id) => byLogon.get(id));
  }

  it("is the last that was added, also of several at once", async () => {
    const [ann = 0, ben = 0, none = 0] = await addLogons(3);
    const [, second, third] = await addMails([ann, ann, ben]);
    assert.deepEqual(await newestOf([ann, ben, none]), [second, third, undefined]);
    const [fourth] = await addMails([ann]);
    assert.deepEqual(await newestOf([ann, ben, none]), [fourth, third, undefined]);
  });

  it("stays what it is when a mail changes its state", async () => {
    const [ann = 0] = await addLogons(1);
    const [, newest] = await addMails([ann, ann]);
    await sql`update credential_mails set state = 'superseded', address = 'ann@example.org' where logon_id = ${ann}`;
    assert.deepEqual(await newestOf([ann]), [newest]);
  });

  it("goes with the mails to the logon that another became part of", async () => {
    const [kept = 0, closed = 0] = await addLogons(2);
    const [newest] = [...await addMails([closed, kept, closed])].reverse();
    await sql`update credential_mails set logon_id = ${kept} where logon_id = ${closed}`;
    assert.deepEqual(await newestOf([kept, closed]), [newest, undefined]);
  });

  it("is the one before when the last is deleted, and none without any", async () => {
    const [ann = 0] = await addLogons(1);
    const [first = 0, second = 0] = await addMails([ann, ann]);
    await sql`delete from credential_mails where id = ${second}`;
    assert.deepEqual(await newestOf([ann]), [first]);
    await sql`delete from credential_mails where id = ${first}`;
    assert.deepEqual(await newestOf([ann]), [undefined]);
  });

  it("goes with its logon, whose mails stay in the ledger", async () => {
    const [ann = 0] = await addLogons(1);
    const mails = await addMails([ann, ann]);
    await sql`delete from logons where id = ${ann}`;
    assert.deepEqual(await newestOf([ann]), [undefined]);
    const rows = await sql`
      select from credential_mails where id = any(${mails}::bigint[]) and logon_id is null`;
    assert.equal(rows.length, mails.length);
  });
});
