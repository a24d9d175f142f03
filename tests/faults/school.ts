// What the faults happen to: parents with an old password, and a reset of all of them.

import { transaction } from "../../db/connect.ts";
import { addCredentialMails, CREDENTIAL_MAILS } from "../../db/credential_mails.ts";
import { addTask } from "../../db/tasks.ts";
import { openQueue } from "../../jobs/queue.ts";
import { openLog } from "../../lib/log.ts";
import { openHasher } from "../../lib/passwords.ts";
import type { TestDatabase } from "../database.ts";

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
