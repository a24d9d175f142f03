// The server key is another one in the middle of a reset: the task stops and says so, and no mail says a password that does not work.

import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { eventually } from "../browserless.ts";
import { openTestDatabase } from "../database.ts";
import { openMailServer } from "../mail_server.ts";
import { type Running, startProgram } from "../program.ts";
import { openSmtpProxy, type Verdict } from "../smtp_proxy.ts";
import { askForReset, checkSecrets, fits, gotBy, OLD_PASSWORD, taskEnds } from "./school.ts";

/** Of a worker to the mail server. */
const CONNECTIONS = 5;
const PARENTS = 24;

function keyOf(byte: number): string {
  return new Uint8Array(32).fill(byte).toBase64();
}

describe("a server key that is another one in the middle of a reset", () => {
  it("ends the task with its reason, and leaves everybody a password that works", async () => {
    const database = await openTestDatabase({ pool: 3 });
    const mails = await openMailServer();
    const half = Promise.withResolvers<void>();
    let stalled = 0;
    const proxy = await openSmtpProxy(mails.url, async (now): Promise<Verdict> => {
      if (now !== "MAIL" || mails.received.length < PARENTS / 2) return "pass";
      // Every connection waits now: no mail is between its last dot and what is written of it for much longer.
      if (++stalled === CONNECTIONS) half.resolve();
      await new Promise(() => {});
      return "stall";
    });
    const settings = { DATABASE_URL: database.url, SMTP_URL: proxy.url, LOG_LEVEL: "debug" };
    const workers: Running[] = [];
    try {
      const { ids } = await askForReset(database, PARENTS);
      const first = await startProgram(["work"], { ...settings, SECRET_KEY: keyOf(3) });
      workers.push(first);
      await half.promise;
      await eventually(async () => {
        const [row] = await database.sql<[{ accepted: number }]>`
          select count(*)::int as accepted from credential_mails where state = 'accepted'`;
        return mails.received.length - row.accepted;
      }, (inDoubt) => inDoubt === 0);
      await first.stop("SIGKILL");
      const sent = mails.received.length;
      const second = await startProgram(["work"], { ...settings, SECRET_KEY: keyOf(4) });
      workers.push(second);
      await taskEnds(database);
      await second.stop();
      assert.equal(mails.received.length, sent, "nothing is mailed under another key");
      const { sql } = database;
      const [task] = await sql<[{ state: string; failure: { code: string } }]>`
        select state, failure from tasks`;
      assert.deepEqual([task.state, task.failure.code], ["failed", "key changed"]);
      const rows = await sql<{ email: string; hash: string; state: string }[]>`
        select l.email, p.hash, m.state from logons l join logon_passwords p on p.logon_id = l.id
          join credential_mails m on m.logon_id = l.id`;
      assert.equal(rows.length, ids.length);
      for (const { email, hash, state } of rows) {
        const [mail] = gotBy(mails, email);
        const unsent = state === "cancelled" || state === "unknown";
        assert.ok(mail === undefined ? unsent : state === "accepted", `${email}: ${state}`);
        assert.ok(await fits(mail?.password ?? OLD_PASSWORD, hash), email);
      }
      await checkSecrets(database, mails, workers);
    } finally {
      await Promise.all(workers.map((worker) => worker.stop("SIGKILL").catch(() => {})));
      await proxy.close();
      await mails.close();
      await database.close();
    }
  });
});
