// A Bulk Reset of 5,000 against hashing alone and sending alone, side by side in one run; and what others wait meanwhile.

import bcrypt from "@node-rs/bcrypt";
import { createTransport } from "nodemailer";
import { SMTPServer } from "smtp-server";
import { readConfig } from "../../config.ts";
import { transaction } from "../../db/connect.ts";
import { addCredentialMails, countMails, CREDENTIAL_MAILS } from "../../db/credential_mails.ts";
import { addTask, claimTask, findTask, settleTask } from "../../db/tasks.ts";
import { runCredentialMails } from "../../jobs/credential_mails.ts";
import { openLog } from "../../lib/log.ts";
import { GENERATED_COST, openHasher } from "../../lib/passwords.ts";
import { openDatabase, openServices, type Services } from "../../services.ts";
import { type Figure, ms, table, type Timing } from "./measure.ts";
import { openSchool } from "./school.ts";
import { signInTo } from "./visitor.ts";

const MAILS = Number(Deno.env.get("BENCH_MAILS") ?? 5000);
/** Milliseconds that the server takes for each mail, as a hosted one may. */
const TAKES = 50;
/** MAIL_AT_ONCE of the reset, and the connections of the bare pool; 5 is for a mail server that takes several. */
const AT_ONCE = Deno.env.get("MAIL_AT_ONCE") ?? "1";

type Catcher = { readonly url: string; count(): number; close(): Promise<void> };

export async function bench(): Promise<Figure[]> {
  const school = await openSchool({ logons: 6000, learners: 4500, signIns: 1000 });
  const catcher = await openCatcher();
  const config = readConfig(() => undefined, {
    DATABASE_URL: school.url,
    SECRET_KEY: new Uint8Array(32).fill(7).toBase64(),
    SMTP_URL: catcher.url,
    MAIL_AT_ONCE: AT_ONCE,
  });
  const log = openLog("error");
  const database = await openDatabase(config, log);
  const services = await openServices(config, { log, database });
  try {
    const ask = await signInTo(services);
    const { bare, cores, hasher } = await timeHashing();
    const sending = await timeBare(catcher);
    const idle = await watchOthers(services, ask, (watch) => pause(15_000, watch));
    // By itself, as hashing and sending were timed; whoever watches needs a part of the cores.
    const reset = await timeReset(services, catcher, MAILS);
    const meanwhile = await watchOthers(services, ask, async () => {
      await timeReset(services, catcher, MAILS / 5);
    });
    const hashing = MAILS * hasher;
    const seconds = (time: number): string => `${(time / 1000).toFixed(0)} s`;
    const slower = Math.max(hashing, sending);
    // What waits behind it: as many hashes as a sign-in may be kept by, of one core each.
    const waits = (meanwhile.signIn.p95 - idle.signIn.p95) / bare;
    return [
      atMost(
        `Bulk Reset of ${MAILS} (${seconds(reset)}) against the slower of hashing alone (${
          seconds(hashing)
        }) and a bare nodemailer pool of ${AT_ONCE} alone (${seconds(sending)})`,
        reset / slower,
        1.1,
      ),
      atLeast(
        `Hashing alone, of what ${navigator.hardwareConcurrency} cores do at bare bcrypt side by side (${
          (cores * navigator.hardwareConcurrency / bare).toFixed(2)
        } times the ${ms(bare)} that one alone takes)`,
        cores / hasher,
        0.95,
      ),
      atMost(
        `A sign-in's comparison during it (p95 ${ms(meanwhile.signIn.p95)}, alone ${
          ms(idle.signIn.p95)
        }): hashes that it waits longer`,
        Math.max(0, waits),
        2,
      ),
      atMost(
        `The list during it (p95 ${ms(meanwhile.list.p95)}) against alone (${ms(idle.list.p95)})`,
        meanwhile.list.p95 / idle.list.p95,
        2,
      ),
    ];
  } finally {
    await services.close();
    await database.close();
    await catcher.close();
    await school.close();
  }
}

/**
 * Milliseconds for one generated password, in turn, so that a noisy moment strikes all: bare bcrypt one after the other, bare
 * bcrypt on every core at once, of which two may be one core's halves, and the program's hasher with as many waiting.
 */
async function timeHashing(): Promise<{ bare: number; cores: number; hasher: number }> {
  const { hash } = openHasher();
  const sample = 8;
  const ways = {
    bare: () => inLanes(1, sample, (word) => bcrypt.hash(word, GENERATED_COST)),
    cores: () =>
      inLanes(navigator.hardwareConcurrency, sample, (word) => bcrypt.hash(word, GENERATED_COST)),
    hasher: () => inLanes(sample, sample, (word) => hash(word, GENERATED_COST)),
  };
  const taken: Record<keyof typeof ways, number[]> = { bare: [], cores: [], hasher: [] };
  for (let round = -1; round < 12; round++) {
    for (const way of ["bare", "cores", "hasher"] as const) {
      const begun = performance.now();
      await ways[way]();
      if (round >= 0) taken[way].push((performance.now() - begun) / sample);
    }
  }
  return {
    bare: median(taken.bare),
    cores: median(taken.cores),
    hasher: median(taken.hasher),
  };
}

/** Hashes so many words, as many at once as there are lanes. */
async function inLanes(
  lanes: number,
  words: number,
  hash: (word: string) => Promise<string>,
): Promise<void> {
  const waiting = Array.from({ length: words }, (_, n) => `some-four-words-${n}`);
  async function lane(): Promise<void> {
    for (let word = waiting.pop(); word !== undefined; word = waiting.pop()) await hash(word);
  }
  await Promise.all(Array.from({ length: lanes }, lane));
}

/** What a sign-in and the list take, again and again, as long as something else goes on in the same process. */
async function watchOthers(
  { hasher }: Services,
  ask: (path: string) => Promise<Response>,
  meanwhile: (watching: AbortSignal) => Promise<void>,
): Promise<{ signIn: Timing; list: Timing }> {
  const over = new AbortController();
  const timing: { signIn: number[]; list: number[] } = { signIn: [], list: [] };
  async function watch(
    times: number[],
    every: number,
    work: () => Promise<unknown>,
  ): Promise<void> {
    while (!over.signal.aborted) {
      const begun = performance.now();
      await work();
      times.push(performance.now() - begun);
      await pause(every, over.signal);
    }
  }
  const watching = Promise.all([
    watch(timing.signIn, 700, () => hasher.verify("somebody-at-the-door", null)),
    watch(timing.list, 250, async () => await (await ask("/logons")).text()),
  ]);
  await meanwhile(over.signal);
  over.abort();
  await watching;
  return { signIn: timingOf(timing.signIn), list: timingOf(timing.list) };
}

function timingOf(times: number[]): Timing {
  times.sort((one, other) => one - other);
  return { p50: median(times), p95: times[Math.floor(times.length * 0.95)] ?? 0 };
}

function median(times: readonly number[]): number {
  return times.toSorted((one, other) => one - other)[Math.floor(times.length / 2)] ?? 0;
}

async function pause(milliseconds: number, until: AbortSignal): Promise<void> {
  await new Promise<void>((done) => {
    const timer = setTimeout(done, milliseconds);
    until.addEventListener("abort", () => (clearTimeout(timer), done()), { once: true });
  });
}

async function timeBare(catcher: Catcher): Promise<number> {
  const { hostname, port } = new URL(catcher.url);
  const transport = createTransport({
    host: hostname,
    port: Number(port),
    ignoreTLS: true,
    pool: true,
    maxConnections: Number(AT_ONCE),
    maxMessages: 200,
  });
  const start = performance.now();
  await Promise.all(Array.from({ length: MAILS }, (_, at) =>
    transport.sendMail({
      from: "office@school.example",
      to: `parent${at}@example.org`,
      subject: "Your login details for the Parent Portal of Hillcrest School",
      text: "Dear parent,\n\nhere are your login details.\n".repeat(8),
      html: "<p>Dear parent, here are your login details.</p>".repeat(8),
    })));
  const took = performance.now() - start;
  transport.close();
  return took;
}

/** From the worker's taking the task to its end; every mail must have been accepted. */
async function timeReset(
  services: Services,
  catcher: Catcher,
  mails: number,
): Promise<number> {
  const { sql, clock } = services;
  const moment = { at: clock.now(), today: clock.today(), leaverDays: 90, passwordDays: 7 };
  const rows = await sql<{ id: number; adminId: number }[]>`
    select l.id, (select min(id) from admins) as "adminId" from logons l
     where l.deleted_at is null and l.suspended_at is null and l.email is not null and l.expires_on is null
       and l.learners_until = 'infinity' order by l.id limit ${mails}`;
  const adminId = rows[0]?.adminId ?? 0;
  const taskId = await transaction(sql, async (tx) => {
    const task = { kind: CREDENTIAL_MAILS, title: "Bench", adminId, facts: {}, requestId: null };
    const id = await addTask(tx, task);
    const asked = { enableTfa: false, author: { adminId, who: "bench" }, withoutLearner: false };
    const choice = { ids: rows.map((row) => row.id) };
    await addCredentialMails(tx, { taskId: id, choice, ...asked }, moment);
    return id;
  });
  const before = catcher.count();
  const start = performance.now();
  const taken = await claimTask(sql, taskId, clock.now());
  const task = await findTask(sql, taskId);
  if (taken === null || task === null) throw new Error("the task cannot be taken");
  const stopping = new AbortController().signal;
  const outcome = await runCredentialMails({ services, task, claim: taken.claim, stopping });
  const took = performance.now() - start;
  await settleTask(sql, taken.claim, outcome, clock.now());
  const { accepted } = await countMails(sql, taskId);
  if (accepted !== rows.length || catcher.count() - before !== rows.length) {
    throw new Error(`${accepted} of ${rows.length} were accepted`);
  }
  return took * mails / rows.length;
}

/** Takes every mail, {@link TAKES} milliseconds each, and forgets it. */
async function openCatcher(): Promise<Catcher> {
  let count = 0;
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ["STARTTLS"],
    logger: false,
    onData(stream, _session, done): void {
      stream.on("data", () => {});
      stream.on("end", () => {
        count++;
        setTimeout(done, TAKES);
      });
    },
  });
  server.on("error", () => {});
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", () => listening()));
  const address = server.server.address();
  const port = address !== null && typeof address === "object" ? address.port : 0;
  return {
    url: `smtp://127.0.0.1:${port}`,
    count: () => count,
    close: () => new Promise((closed) => server.close(() => closed())),
  };
}

function atMost(what: string, ratio: number, limit: number): Figure {
  return { what, measured: ratio.toFixed(2), limit: String(limit), met: ratio <= limit };
}

function atLeast(what: string, ratio: number, limit: number): Figure {
  return { what, measured: ratio.toFixed(2), limit: `at least ${limit}`, met: ratio >= limit };
}

if (import.meta.main) {
  Deno.stdout.writeSync(new TextEncoder().encode(table(await bench()) + "\n"));
}
