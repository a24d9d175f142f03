// Twelve ways in which a mail server misbehaves: no mail is lost, none is counted wrongly, and nobody is left without a
// password. `deno task faults` runs it with many mails.

import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { claimTask, settleTask } from "../../db/tasks.ts";
import { runCredentialMails } from "../../jobs/credential_mails.ts";
import { openKeys } from "../../lib/keys.ts";
import { openLog } from "../../lib/log.ts";
import { openMailer } from "../../lib/mail.ts";
import { openLimit } from "../../lib/limit.ts";
import { openHasher } from "../../lib/passwords.ts";
import { openTestDatabase } from "../database.ts";
import { openMailServer } from "../mail_server.ts";
import { type Office, openOffice, type TestClock } from "../office.ts";
import { type MailPoint, openSmtpProxy, type Verdict } from "../smtp_proxy.ts";
import { askForReset, fits, OLD_PASSWORD } from "./school.ts";

/** Modes tried at once: they wait most of the time. */
const AT_ONCE = 6;
const MAILS = Number(Deno.env.get("FAULT_MAILS") ?? 6);

type Mode = {
  readonly name: string;
  readonly point: MailPoint;
  readonly verdict: Verdict;
  /** For every third mail: its first try, or each. A point before any address is known strikes the first connections. */
  readonly strikes: "once" | "always";
  readonly ends: "accepted" | "refused";
  /** Milliseconds before the verdict. */
  readonly after?: number;
};

const MODES: readonly Mode[] = [
  { name: "takes all", point: "MAIL", verdict: "pass", strikes: "once", ends: "accepted" },
  mode("greylists", "RCPT", { reply: "450 4.2.0 Greylisted, try again later" }, "once"),
  mode("puts off after the mail", "final dot", { reply: "451 4.3.0 Try again later" }, "once"),
  mode("knows no such mailbox", "RCPT", { reply: "550 5.1.1 No such mailbox" }, "always"),
  mode("refuses after the mail", "final dot", { reply: "552 5.2.2 Mailbox full" }, "always"),
  mode("closes the service", "MAIL", { reply: "421 4.3.2 Closing" }, "once"),
  mode("says nothing", "greeting", "stall", "once"),
  mode("is gone before the mail", "DATA", "hang up", "once"),
  mode("is gone after the final dot", "reply to the dot", "hang up", "once"),
  mode("says half of its 250", "reply to the dot", "half", "once"),
  { ...mode("is slow", "reply to the dot", "pass", "always"), ends: "accepted", after: 150 },
  mode("takes no connection", "connection", "hang up", "once"),
];

function mode(
  name: string,
  point: MailPoint,
  verdict: Verdict,
  strikes: "once" | "always",
): Mode {
  return { name, point, verdict, strikes, ends: strikes === "once" ? "accepted" : "refused" };
}

describe(`a mail server that misbehaves, with ${MAILS} mails`, () => {
  let office: Office;
  before(async () => {
    office = await openOffice();
  });
  after(() => office.close());

  it(`loses none and counts none wrongly, in ${MODES.length} ways`, async () => {
    const waiting = [...MODES];
    const broken: string[] = [];
    async function lane(): Promise<void> {
      for (let mode = waiting.shift(); mode !== undefined; mode = waiting.shift()) {
        const { name } = mode;
        await runMode(office, mode).catch((error: unknown) => {
          broken.push(`${name}: ${String(error)}`);
        });
      }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, lane));
    assert.deepEqual(broken, []);
  });
});

async function runMode(office: Office, mode: Mode): Promise<void> {
  const database = await openTestDatabase();
  const mails = await openMailServer();
  const struck = new Map<string, number>();
  const proxy = await openSmtpProxy(mails.url, async (point, to): Promise<Verdict> => {
    if (point !== mode.point || (to !== "" && !isStruck(to))) return "pass";
    const before = struck.get(to) ?? 0;
    struck.set(to, before + 1);
    const most = to === "" ? 3 : 1;
    if (mode.strikes === "once" && before >= most) return "pass";
    if (mode.after) await new Promise((done) => setTimeout(done, mode.after));
    return mode.verdict;
  });
  const mailer = openMailer({
    url: proxy.url,
    from: { address: "office@school.example", name: "Hillcrest School" },
    connections: 7,
    // Long enough where a server answers at all: given up after the final dot, a mail counts as not known for good.
    patience: mode.verdict === "stall" || mode.verdict === "half" ? 500 : 20_000,
  });
  const { sql } = database;
  // As `askForReset` goes by the real time, so that its mails are due.
  const clock = clockOf(new Date());
  try {
    const { taskId } = await askForReset(database, MAILS);
    const taken = await claimTask(sql, taskId, clock.now());
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
    const timer = setInterval(async () => {
      const [task] = await sql<{ step: string | null }[]>`select step from tasks`;
      if (task?.step === "waiting for the mail server") clock.move(16);
    }, 100);
    const outcome = await runCredentialMails({
      services,
      ...taken,
      stopping: new AbortController().signal,
    }).finally(() => clearInterval(timer));
    await settleTask(sql, taken.claim, outcome, clock.now());

    const rows = await sql<
      { email: string; hash: string; state: string; answer: string; settled: boolean }[]
    >`
      select l.email, p.hash, m.state, m.answer, m.settled_at is not null as settled
        from logons l join logon_passwords p on p.logon_id = l.id
        join credential_mails m on m.logon_id = l.id and m.task_id = ${taskId}`;
    assert.equal(rows.length, MAILS);
    for (const { email, hash, state, answer, settled } of rows) {
      const got = mails.received.filter((mail) => mail.to === email);
      const refused = mode.ends === "refused" && isStruck(email);
      assert.equal(state, refused ? "refused" : "accepted", `${email}: ${answer}`);
      assert.ok(settled);
      assert.equal(got.length > 0, !refused, email);
      assert.ok(new Set(got.map((mail) => mail.password)).size <= 1);
      assert.ok(await fits(refused ? OLD_PASSWORD : got[0]?.password ?? "", hash), email);
      if (refused && typeof mode.verdict === "object") assert.equal(answer, mode.verdict.reply);
    }
    const refused = rows.filter((row) => row.state === "refused").length;
    assert.equal(outcome.facts?.["accepted"], MAILS - refused);
    assert.equal(outcome.facts?.["refused"], refused);
    assert.equal(outcome.facts?.["mails"], MAILS);
  } finally {
    mailer.close();
    await proxy.close();
    await mails.close();
    await database.close();
  }
}

/** A clock of one mode alone. */
function clockOf(start: Date): TestClock {
  let now = start;
  return {
    now: () => now,
    today: () => now.toISOString().slice(0, 10),
    move(minutes): void {
      now = new Date(now.getTime() + minutes * 60_000);
    },
  };
}

/** Every third parent's mail. */
function isStruck(address: string): boolean {
  return Number(/\d+/.exec(address)?.[0] ?? 0) % 3 === 1;
}
