// The mail server is away for the whole of a reset, and comes back: nobody loses a password meanwhile, and everybody gets one mail.
// `deno task faults` runs it with 5,000 mails.

import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { createServer } from "node:net";
import type { Sql } from "../../db/connect.ts";
import { countMails } from "../../db/credential_mails.ts";
import { claimTask, settleTask } from "../../db/tasks.ts";
import { runCredentialMails } from "../../jobs/credential_mails.ts";
import { openKeys } from "../../lib/keys.ts";
import { openLog } from "../../lib/log.ts";
import { openMailer } from "../../lib/mail.ts";
import { openLimit } from "../../lib/limit.ts";
import { openHasher } from "../../lib/passwords.ts";
import { openTestDatabase } from "../database.ts";
import { openMailServer } from "../mail_server.ts";
import { type Office, openOffice } from "../office.ts";
import { openSmtpProxy, type SmtpProxy } from "../smtp_proxy.ts";
import { askForReset, fits, gotBy, OLD_PASSWORD } from "./school.ts";

const MAILS = Number(Deno.env.get("FAULT_OUTAGE_MAILS") ?? 40);
/** Tries that each mail makes in vain. */
const IN_VAIN = 3;

describe(`a mail server that is away for the whole of a reset of ${MAILS}`, () => {
  let office: Office;
  before(async () => {
    office = await openOffice();
  });
  after(() => office.close());

  it("changes nothing while it is away, and when it is back each gets one mail", async () => {
    const database = await openTestDatabase();
    const { sql } = database;
    const mails = await openMailServer();
    const port = await freePort();
    const mailer = openMailer({
      url: `smtp://127.0.0.1:${port}`,
      from: { address: "office@school.example", name: "Hillcrest School" },
      connections: 7,
    });
    let now = new Date();
    const clock = { now: () => now, today: () => now.toISOString().slice(0, 10) };
    let proxy: SmtpProxy | undefined;
    try {
      const { taskId } = await askForReset(database, MAILS);
      now = new Date();
      const taken = await claimTask(sql, taskId, now);
      assert.ok(taken);
      const { hash, ...hasher } = openHasher();
      const services = {
        ...office.services,
        sql,
        mailer,
        preparing: openLimit(6),
        handingOver: openLimit(5),
        clock,
        log: openLog("error"),
        keys: openKeys(new Uint8Array(32).fill(3)),
        // Cheap hashes: it is the mails that are tried here.
        hasher: { ...hasher, hash: (password: string) => hash(password, 4) },
      };
      const running = runCredentialMails({
        services,
        ...taken,
        stopping: new AbortController().signal,
      });
      for (let tries = 1; tries <= IN_VAIN; tries++) {
        await allTried(sql, tries);
        const counts = await countMails(sql, taskId);
        assert.deepEqual([counts.deferred, counts.settled, counts.accepted], [MAILS, 0, 0]);
        const [task] = await sql<[{ step: string | null }]>`select step from tasks`;
        assert.equal(task.step, "waiting for the mail server");
        if (tries === IN_VAIN) proxy = await openSmtpProxy(mails.url, () => "pass", port);
        now = new Date(now.getTime() + 61 * 60_000);
      }
      await settleTask(sql, taken.claim, await running, now);
      const [task] = await sql<[{ state: string; facts: Record<string, number> }]>`
        select state, facts from tasks`;
      assert.deepEqual([task.state, task.facts["accepted"], task.facts["mails"]], [
        "done",
        MAILS,
        MAILS,
      ]);
      assert.equal(mails.received.length, MAILS, "one each");
      const rows = await sql<{ email: string; hash: string }[]>`
        select l.email, p.hash from logons l join logon_passwords p on p.logon_id = l.id`;
      for (const { email, hash } of rows.slice(0, 40)) {
        assert.ok(await fits(gotBy(mails, email)[0]?.password ?? OLD_PASSWORD, hash), email);
      }
    } finally {
      mailer.close();
      await proxy?.close();
      await mails.close();
      await database.close();
    }
  });
});

/** Waits until each mail has been tried so often, and the task waits. */
async function allTried(sql: Sql, tries: number): Promise<void> {
  for (;;) {
    const [row] = await sql<[{ open: number; waits: boolean }]>`
      select count(*) filter (where m.tries < ${tries} or m.state = 'sending')::int as open,
             coalesce(t.step = 'waiting for the mail server', false) as waits
        from tasks t join credential_mails m on m.task_id = t.id group by t.id`;
    if (row.open === 0 && row.waits) return;
    await new Promise((done) => setTimeout(done, 50));
  }
}

/** One at which nobody listens. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", () => done()));
  const address = server.address();
  await new Promise<void>((done) => server.close(() => done()));
  return address !== null && typeof address === "object" ? address.port : 0;
}
