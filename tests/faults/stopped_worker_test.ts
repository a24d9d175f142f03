// A worker that is stopped in the middle of a reset and goes on later: another has its task by then, and nothing that the first
// one writes late changes anything. `deno task faults` stops it for five minutes.

import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { openTestDatabase, type TestDatabase } from "../database.ts";
import { openMailServer } from "../mail_server.ts";
import { type Running, startProgram } from "../program.ts";
import { type MailPoint, openSmtpProxy, type Verdict } from "../smtp_proxy.ts";
import { askForReset, checkSecrets, fits, gotBy, taskEnds } from "./school.ts";

/** How long it is stopped at least; where none is asked for, until the other worker is done. */
const SECONDS = Number(Deno.env.get("FAULT_STOP_SECONDS") ?? 0);
const POINTS: readonly MailPoint[] = SECONDS > 0
  ? ["MAIL", "half of the body", "final dot", "reply to the dot", "reply passed on"]
  : ["reply to the dot"];
const PARENTS = 12;

describe("a worker that is stopped in the middle of a reset, and goes on when another is done", () => {
  it(`changes nothing any more, at ${POINTS.length} points`, async () => {
    const broken: string[] = [];
    await Promise.all(POINTS.map((point) =>
      stopAt(point).catch((error: unknown) => {
        broken.push(`${point}: ${String(error)}`);
      })
    ));
    assert.deepEqual(broken, []);
  });
});

async function stopAt(point: MailPoint): Promise<void> {
  const database = await openTestDatabase({ pool: 3 });
  const mails = await openMailServer();
  const here = Promise.withResolvers<void>();
  let seen = 0;
  const proxy = await openSmtpProxy(mails.url, async (now): Promise<Verdict> => {
    if (now === point && ++seen === 5) {
      here.resolve();
      await new Promise((done) => setTimeout(done, 200));
    }
    return "pass";
  });
  const settings = {
    DATABASE_URL: database.url,
    SMTP_URL: proxy.url,
    SECRET_KEY: new Uint8Array(32).fill(3).toBase64(),
    LOG_LEVEL: "debug",
    DATABASE_POOL: "5",
  };
  const workers: Running[] = [];
  try {
    const { ids } = await askForReset(database, PARENTS);
    const first = await startProgram(["work"], settings);
    workers.push(first);
    await here.promise;
    Deno.kill(first.pid, "SIGSTOP");
    const stopped = performance.now();
    const second = await startProgram(["work"], settings);
    workers.push(second);
    await taskEnds(database);
    const left = SECONDS * 1000 - (performance.now() - stopped);
    if (left > 0) await new Promise((done) => setTimeout(done, left));
    const before = await everything(database);
    const sent = mails.received.length;

    Deno.kill(first.pid, "SIGCONT");
    // It comes to its end by itself: what it had to write it has tried to write by then.
    assert.equal(await first.stop(), 0);
    assert.equal(await everything(database), before, "a late write");
    assert.ok(mails.received.length - sent <= 5, "it goes on with nothing but what was under way");
    assert.equal(await second.stop(), 0);

    const rows = await database.sql<{ email: string; hash: string }[]>`
      select l.email, p.hash from logons l join logon_passwords p on p.logon_id = l.id`;
    assert.equal(rows.length, ids.length);
    for (const { email, hash } of rows) {
      const [mail] = gotBy(mails, email);
      assert.ok(
        await fits(mail?.password ?? "", hash),
        `${email}: what was mailed does not work`,
      );
    }
    const [task] = await database.sql<[{ state: string; facts: Record<string, number> }]>`
      select state, facts from tasks`;
    assert.deepEqual([task.state, task.facts["accepted"]], ["done", PARENTS]);
    await checkSecrets(database, mails, workers);
  } finally {
    await Promise.all(workers.map((worker) => worker.stop("SIGKILL").catch(() => {})));
    await proxy.close();
    await mails.close();
    await database.close();
  }
}

/** All that a reset writes. */
async function everything({ sql }: TestDatabase): Promise<string> {
  const [row] = await sql<[{ text: string }]>`
    select concat((select string_agg(m::text, ' ' order by m.id) from credential_mails m),
                  (select string_agg(p::text, ' ' order by p.logon_id) from logon_passwords p),
                  (select string_agg(l::text, ' ' order by l.id) from logons l),
                  (select string_agg(t::text, ' ') from tasks t)) as text`;
  return row.text;
}
