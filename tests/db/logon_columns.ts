// Holds what is written twice together: what a logon says of its learners and its password, and the number of all logons.

import assert from "node:assert/strict";
import type { Sql, Transaction } from "../../db/connect.ts";

/** Fails where the columns that triggers keep, or the tally, say anything but what the triggers would write from nothing. */
export async function assertColumns(sql: Sql): Promise<void> {
  const kept = await columnsOf(sql);
  let anew: typeof kept = [];
  await sql.begin(async (tx) => {
    await tx`
      update logons set linked_names = '?', linked_count = 99, linked_groups = '{?}', learners_until = '2000-01-01',
                        password_until = '2000-01-01'`;
    await tx`select refresh_linked((select array_agg(id) from logons))`;
    await tx`
      update logons l set password_until =
        (select coalesce(p.expires_at, 'infinity') from logon_passwords p where p.logon_id = l.id)`;
    anew = await columnsOf(tx);
    throw new Undone();
  }).catch((error: unknown) => {
    if (!(error instanceof Undone)) throw error;
  });
  assert.deepEqual(kept, anew);
  const [tally] = await sql<[{ told: number; counted: number }]>`
    select (select coalesce(sum(change), 0) from logon_tally)::int as told,
           (select count(*) from logons where deleted_at is null)::int as counted`;
  assert.equal(tally.told, tally.counted);
}

class Undone extends Error {}

async function columnsOf(sql: Sql | Transaction): Promise<string[]> {
  const rows = await sql<{ line: string }[]>`
    select concat_ws(' | ', id, linked_names, linked_count, linked_groups::text, learners_until, password_until) as line
      from logons order by id`;
  return rows.map((row) => row.line);
}

/** Runs some work in which no logon may be written more than once: an update of one that it added fails. */
export async function addingOnce(sql: Sql, work: () => Promise<unknown>): Promise<void> {
  await sql`
    create or replace function refuse_second_write() returns trigger language plpgsql as $$
    begin raise exception 'logon % is written twice', new.id; end $$`;
  await sql`create trigger written_twice after update on logons for each row execute function refuse_second_write()`;
  try {
    await work();
  } finally {
    await sql`drop trigger written_twice on logons`;
  }
}
