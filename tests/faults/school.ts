// What the faults happen to: parents with an old password, and a reset of all of them.

import bcrypt from "@node-rs/bcrypt";
import { transaction } from "../../db/connect.ts";
import { addCredentialMails, CREDENTIAL_MAILS } from "../../db/credential_mails.ts";
import { addTask } from "../../db/tasks.ts";
import { openQueue } from "../../jobs/queue.ts";
import { openLog } from "../../lib/log.ts";
import { openHasher } from "../../lib/passwords.ts";
import assert from "node:assert/strict";
import { eventually } from "../browserless.ts";
import type { TestDatabase } from "../database.ts";
import type { MailServer, ReceivedMail } from "../mail_server.ts";
import type { Running } from "../program.ts";

/** Whether a password is that of a hash: by bcrypt alone, since the program's own way does the most work for every hash. */
export const fits = bcrypt.compare;

export const OLD_PASSWORD = "an-old-password-of-theirs";

/** A school of parents with an old password, and a reset of all of them. */
export async function askForReset(
  { sql, url }: TestDatabase,
  parents: number,
): Promise<{ ids: number[]; taskId: number }> {
  const hash = await openHasher().hash(OLD_PASSWORD, 4);
  const rows = await sql<{ id: number }[]>`
    insert into logons (first_name, surname, email, username)
    select 'Parent', 'Number ' || n, 'parent.' || n || '@example.org', 'parent.' || n
      from generate_series(1, ${parents}) as n returning id`;
  const ids = rows.map((row) => row.id);
  await sql`
    insert into logon_passwords (logon_id, hash, temporary, expires_at)
    select id, ${hash}, false, null from unnest(${ids}::bigint[]) as l (id)`;
  const [admin] = await sql<[{ id: number }]>`
    insert into admins (username, name, role, password_hash) values ('office', 'Olwen', 'Office', ${hash}) returning id`;
  const queue = await openQueue({ url, pool: 2, log: openLog("error") });
  const moment = { at: new Date(), today: new Date().toISOString().slice(0, 10), leaverDays: 90 };
  const taskId = await transaction(sql, async (tx) => {
    const id = await addTask(tx, {
      kind: CREDENTIAL_MAILS,
      title: "Bulk Reset",
      adminId: admin.id,
      facts: {},
      requestId: null,
    });
    await addCredentialMails(tx, {
      taskId: id,
      choice: { ids },
      enableTfa: false,
      author: { adminId: admin.id, who: "Olwen" },
      withoutLearner: true,
    }, moment);
    await queue.send(tx, CREDENTIAL_MAILS, id);
    return id;
  });
  await queue.close();
  return { ids, taskId };
}

/** Waits until the only task there is has ended, however. */
export async function taskEnds({ sql }: TestDatabase, seconds = 120): Promise<void> {
  await eventually(
    async () => {
      const [task] = await sql<[{ state: string }]>`select state from tasks`;
      return task.state;
    },
    (state) => state === "done" || state === "failed",
    seconds,
  );
}

/** The mails that an address got: all of them say one password, under one Message-ID. */
export function gotBy(mails: MailServer, address: string): readonly ReceivedMail[] {
  const got = mails.received.filter((mail) => mail.to === address);
  assert.ok(new Set(got.map((mail) => mail.password)).size <= 1, `${address}: two passwords`);
  assert.ok(new Set(got.map((mail) => mail.messageId)).size <= 1, `${address}: two Message-IDs`);
  return got;
}

/** No password that was mailed stands in what was logged, nor in any column of any table, the queue's among them. */
export async function checkSecrets(
  { sql }: TestDatabase,
  mails: MailServer,
  workers: readonly Running[],
): Promise<void> {
  const tables = await sql<{ schema: string; name: string }[]>`
    select table_schema as schema, table_name as name from information_schema.tables
     where table_schema in ('public', 'pgboss') and table_type = 'BASE TABLE'`;
  assert.ok(tables.length > 20);
  const stored: string[] = [];
  for (const { schema, name } of tables) {
    const [row] = await sql<[{ text: string | null }]>`
      select string_agg(t::text, ' ') as text from ${sql(`${schema}.${name}`)} t`;
    stored.push(row.text ?? "");
  }
  const text = stored.join("\n");
  const said = workers.map((worker) => worker.output()).join("\n");
  for (const { password, to } of mails.received) {
    assert.match(password, /^[a-z]+(-[a-z]+){3}$/);
    assert.ok(!text.includes(password), `the password of ${to} is stored`);
    assert.ok(!said.includes(password), `the password of ${to} is logged`);
  }
}
