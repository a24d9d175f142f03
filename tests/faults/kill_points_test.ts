// A worker that is killed at any point between a reset that was asked for and its end: what parents were mailed works, and
// what the office is told is true. `deno task faults` runs it with many seeds.

import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { openTestDatabase, type TestDatabase } from "../database.ts";
import { type MailServer, openMailServer } from "../mail_server.ts";
import { type Running, startProgram } from "../program.ts";
import { type MailPoint, openSmtpProxy, type Verdict } from "../smtp_proxy.ts";
import { askForReset, checkSecrets, fits, gotBy, taskEnds } from "./school.ts";

/** Every point with so many seeds; where none is asked for, the five points that have taught most, once. */
const SEEDS = Number(Deno.env.get("FAULT_SEEDS") ?? 0);
/** Runs at once: each starts two workers, and waits most of the time. */
const AT_ONCE = 7;
const SECRET_KEY = new Uint8Array(32).fill(3).toBase64();
/** MAIL_AT_ONCE: as it is unless set, with every seed, and for a mail server that takes several at once. */
const AS_SET = 1;
const SEVERAL = 5;

/** Where the worker is killed: known from the conversation with the mail server, or from the database. */
type KillPoint =
  | { readonly mail: MailPoint }
  | {
    readonly state: "started" | "claimed" | "first hash kept" | "half accepted" | "all accepted";
  };

const KILL_POINTS: readonly KillPoint[] = [
  { state: "started" },
  { state: "claimed" },
  { state: "first hash kept" },
  { mail: "connection" },
  { mail: "EHLO" },
  { mail: "MAIL" },
  { mail: "RCPT" },
  { mail: "DATA" },
  { mail: "half of the body" },
  { mail: "final dot" },
  { mail: "reply to the dot" },
  { mail: "reply passed on" },
  { state: "half accepted" },
  { state: "all accepted" },
];

const TELLING = new Set([
  "claimed",
  "half of the body",
  "final dot",
  "reply to the dot",
  "half accepted",
]);
const POINTS = KILL_POINTS.filter((point) =>
  SEEDS > 0 || TELLING.has("mail" in point ? point.mail : point.state)
);

describe("a worker that is killed in the middle of a reset", () => {
  it(`harms nobody, at ${POINTS.length} points`, async () => {
    const seeds = Math.max(1, SEEDS);
    const waiting = POINTS.flatMap((point) => [
      ...Array.from({ length: seeds }, (_, seed) => ({ point, seed, atOnce: AS_SET })),
      { point, seed: seeds, atOnce: SEVERAL },
    ]);
    const broken: string[] = [];
    async function lane(): Promise<void> {
      for (let one = waiting.shift(); one !== undefined; one = waiting.shift()) {
        await runOnce(one).catch((error: unknown) => {
          broken.push(`${JSON.stringify(one)}: ${String(error)}`);
        });
      }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, lane));
    assert.deepEqual(broken, []);
  });
});

async function runOnce(
  { point, seed, atOnce }: {
    readonly point: KillPoint;
    readonly seed: number;
    readonly atOnce: number;
  },
): Promise<void> {
  const database = await openTestDatabase({ pool: 3 });
  const mails = await openMailServer();
  // The same seed kills at the same moment.
  const random = randomFrom(seed + 1);
  const parents = 8 + Math.floor(random() * 8);
  const occurrence = 1 + Math.floor(random() * parents);
  const kill = Promise.withResolvers<void>();
  let seen = 0;
  const proxy = await openSmtpProxy(mails.url, async (now): Promise<Verdict> => {
    const wanted = "mail" in point && point.mail === now;
    // A connection may serve for all; everything else comes once for each mail.
    const nth = now === "connection" || now === "EHLO" ? 1 : occurrence;
    if (wanted && ++seen === nth) {
      kill.resolve();
      await new Promise((done) => setTimeout(done, 200));
    }
    return "pass";
  });
  const settings = {
    DATABASE_URL: database.url,
    SMTP_URL: proxy.url,
    SECRET_KEY,
    LOG_LEVEL: "debug",
    DATABASE_POOL: "5",
    ...(atOnce === AS_SET ? {} : { MAIL_AT_ONCE: String(atOnce) }),
  };
  const workers: Running[] = [];
  try {
    const { ids, taskId } = await askForReset(database, parents);
    const first = startProgram(["work"], settings);
    if ("state" in point) void watch(database, taskId, point.state, parents).then(kill.resolve);
    const worker = await first;
    workers.push(worker);
    if ("state" in point && point.state === "started") kill.resolve();
    const over = watch(database, taskId, "over", parents);
    const met = await Promise.race([kill.promise.then(() => true), over.then(() => false)]);
    assert.ok(met || "state" in point, "the task was over before the moment came");
    await worker.stop("SIGKILL");
    const inDoubt = await listInDoubt(database);
    const second = await startProgram(["work"], settings);
    workers.push(second);
    await taskEnds(database);
    await second.stop();
    await checkEverybody(database, mails, ids, { inDoubt, most: atOnce });
    await checkSecrets(database, mails, workers);
  } finally {
    await Promise.all(workers.map((worker) => worker.stop("SIGKILL").catch(() => {})));
    await proxy.close();
    await mails.close();
    await database.close();
  }
}

/** Ends when the database says that the task has come so far, or is over before it could be seen. */
async function watch(
  { sql }: TestDatabase,
  taskId: number,
  state: string,
  parents: number,
): Promise<void> {
  if (state === "started") return await new Promise(() => {});
  for (;;) {
    const [row] = await sql<[{ task: string; begun: number; accepted: number }]>`
      select t.state as task, (count(m.pending_hash))::int as begun,
             (count(*) filter (where m.state = 'accepted'))::int as accepted
        from tasks t join credential_mails m on m.task_id = t.id where t.id = ${taskId} group by t.id`;
    const here = {
      "claimed": row.task === "running",
      "first hash kept": row.begun > 0,
      "half accepted": row.accepted * 2 >= parents,
      "all accepted": row.accepted === parents,
    }[state];
    if (here || row?.task === "done") return;
    await new Promise((done) => setTimeout(done, 5));
  }
}

/** Whose mail was begun when the worker was killed. No other may come twice, and of these as many as are handed over at once. */
async function listInDoubt({ sql }: TestDatabase): Promise<ReadonlySet<string>> {
  const rows = await sql<{ address: string }[]>`
    select address from credential_mails where state = 'sending'`;
  return new Set(rows.map((row) => row.address));
}

/** One working password for each, which is what every mail to them says; true numbers; no mail twice but those in doubt. */
async function checkEverybody(
  { sql }: TestDatabase,
  mails: MailServer,
  ids: readonly number[],
  twice: { readonly inDoubt: ReadonlySet<string>; readonly most: number },
): Promise<void> {
  const [task] = await sql<[{ state: string; facts: Record<string, number> }]>`
    select state, facts from tasks`;
  assert.equal(task.state, "done");
  assert.equal(task.facts["accepted"], ids.length);
  assert.equal(task.facts["mails"], ids.length);
  const rows = await sql<{ email: string; hash: string; temporary: boolean; states: string[] }[]>`
    select l.email, p.hash, p.temporary,
           array(select state from credential_mails m where m.logon_id = l.id) as states
      from logons l join logon_passwords p on p.logon_id = l.id`;
  assert.equal(rows.length, ids.length);
  for (const { email, hash, temporary, states } of rows) {
    assert.deepEqual([temporary, states], [true, ["accepted"]], email);
    const got = gotBy(mails, email);
    const most = twice.inDoubt.has(email) ? 2 : 1;
    assert.ok(got.length >= 1 && got.length <= most, `${email} got ${got.length} of ${most} mails`);
    assert.ok(
      await fits(got[0]?.password ?? "", hash),
      `${email}: what was mailed does not work`,
    );
  }
  const times = mails.received.length - ids.length;
  assert.ok(times <= twice.most, `${times} mails went out twice`);
}

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed * 0x9e3779b9;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
