// A nightly feed of 20,000 learners and 35,000 contacts that changes one in a hundred, against its bare read and one comparison.

import { openEmbedded } from "../../db/embedded.ts";
import { connect, type Sql, transaction } from "../../db/connect.ts";
import { diffFeed } from "../../db/feed_diff.ts";
import { placeLoose } from "../../db/feed_staging.ts";
import { migrate } from "../../db/migrate.ts";
import { claimTask, settleTask } from "../../db/tasks.ts";
import { feeds } from "../../jobs/feeds.ts";
import type { JobOutcome } from "../../jobs/job.ts";
import { readFeedInChild } from "../../lib/feeds/child.ts";
import type { Feed } from "../../lib/feeds/feed.ts";
import { openLog } from "../../lib/log.ts";
import { readConfig } from "../../config.ts";
import { openServices, type Services } from "../../services.ts";
import { migrateQueue } from "../../jobs/queue.ts";
import { jobs } from "../../jobs/mod.ts";
import { oneRoster, start, type User } from "../feeds.ts";
import { type Figure, ms, table } from "./measure.ts";

const LEARNERS = 20_000;
const CONTACTS = 35_000;
const ROUNDS = 3;
const OPTIONS = { today: "2026-11-24", isComplete: false };

/** The first feed of the school, then nights on which one in a hundred is different, each in turn with its two parts alone. */
export async function bench(): Promise<Figure[]> {
  const folder = await Deno.makeTempDir({ prefix: "parent-logons-bench-" });
  await Deno.chmod(folder, 0o755);
  const log = openLog("error");
  const server = await openEmbedded(folder, log);
  const sql = connect({ url: server.url, pool: 6, statementTimeout: 0 });
  try {
    await migrate(sql);
    await migrateQueue({ url: server.url, pool: 2, log }, jobs);
    const config = readConfig(() => undefined, {
      DATABASE_URL: server.url,
      SECRET_KEY: new Uint8Array(32).toBase64(),
    });
    const database = { sql, direct: sql, directUrl: server.url, close: () => Promise.resolve() };
    const services = await openServices(config, { log, database });
    const figures = await measure(services, sql);
    await services.close();
    return figures;
  } finally {
    await sql.end();
    await server.stop();
    await Deno.remove(folder, { recursive: true });
  }
}

async function measure(services: Services, sql: Sql): Promise<Figure[]> {
  const first = await once(() => run(services, sql, packageOf(0)));
  await sql`vacuum analyze`;
  const reads: number[] = [];
  const diffs: number[] = [];
  const feeds_: number[] = [];
  for (let night = 1; night <= ROUNDS; night++) {
    const bytes = packageOf(night);
    const read = await once(() => readFeedInChild(bytes, "feed.zip", OPTIONS));
    if ("refused" in read.value) throw new Error(read.value.refused);
    const { feed } = read.value;
    const diff = await once(() => rehearse(sql, feed));
    const whole = await once(() => run(services, sql, bytes));
    reads.push(read.took);
    diffs.push(diff.took);
    feeds_.push(whole.took);
    const changed = whole.value.facts?.["done learner update"];
    if (changed !== LEARNERS / 100) throw new Error(`${changed} learners changed`);
  }
  const moved = await once(() => run(services, sql, packageOf(ROUNDS + 1, true)));
  const emails = moved.value.facts?.["done contact update"];
  if (emails !== CONTACTS) throw new Error(`${emails} contacts changed`);
  const [read, diff, whole] = [median(reads), median(diffs), median(feeds_)];
  const ratio = whole / (read + diff);
  return [
    {
      what: `Feed of ${LEARNERS} learners and ${CONTACTS} contacts that changes 1 %: all of it (${
        ms(whole)
      }) against its bare read (${ms(read)}) and one comparison (${ms(diff)})`,
      measured: ratio.toFixed(2),
      limit: "1.5",
      met: ratio <= 1.5,
    },
    longest("the same school fed in from nothing", first.took),
    longest("the same with another email for every contact", moved.took),
  ];
}

function longest(what: string, took: number): Figure {
  return {
    what,
    measured: `${(took / 1000).toFixed(1)} s`,
    limit: "2 minutes",
    met: took <= 120_000,
  };
}

/** The whole job, from the stored file to the written records. */
async function run(services: Services, sql: Sql, bytes: Uint8Array): Promise<JobOutcome> {
  const taskId = await start(sql, bytes);
  const held = await claimTask(sql, taskId, new Date());
  if (held === null) throw new Error("the task is not waiting");
  const outcome = await feeds.run({
    services,
    task: held.task,
    claim: held.claim,
    stopping: new AbortController().signal,
  });
  await settleTask(sql, held.claim, outcome, new Date());
  return outcome;
}

class Rehearsed extends Error {}

/** The comparison alone, rolled back. */
async function rehearse(sql: Sql, feed: Feed): Promise<void> {
  const placed = await placeLoose(sql, feed);
  const taskId = await start(sql, new Uint8Array(1));
  await transaction(sql, async (tx) => {
    await diffFeed(tx, taskId, placed, OPTIONS.today);
    throw new Rehearsed();
  }).catch((error: unknown) => {
    if (!(error instanceof Rehearsed)) throw error;
  });
  await sql`delete from tasks where id = ${taskId}`;
}

/**
 * Each learner has one or two adults; on each night another hundredth has another surname, group or email.
 * @param moved whether every adult has another email, as after a school has changed its mail provider
 */
function packageOf(night: number, moved = false): Uint8Array {
  const users: User[] = [];
  for (let at = 0; at < LEARNERS; at++) {
    const agents = [`p-${at}`, ...(at < CONTACTS - LEARNERS ? [`q-${at}`] : [])];
    users.push({
      id: `l-${at}`,
      role: "student",
      first: `First${at % 997}`,
      last: isChanged(at, night) ? "Changed" : `Sur${at % 4999}`,
      identifier: `A${at}`,
      grades: String(7 + at % 5),
      born: "2012-03-04",
      agents,
    });
  }
  for (let at = 0; at < CONTACTS; at++) {
    const id = at < LEARNERS ? `p-${at}` : `q-${at - LEARNERS}`;
    const domain = moved ? "example.com" : "example.org";
    const email = isChanged(at, night) ? `changed.${at}@${domain}` : `${id}@${domain}`;
    users.push({
      id,
      role: at % 2 ? "parent" : "guardian",
      first: `Adult${at % 991}`,
      last: `Sur${at % 4999}`,
      email,
    });
  }
  return oneRoster(users);
}

/** Each night another hundredth, and those of the nights before stay as they are. */
function isChanged(at: number, night: number): boolean {
  return at % 100 >= 1 && at % 100 <= night;
}

async function once<T>(work: () => Promise<T>): Promise<{ took: number; value: T }> {
  const begun = performance.now();
  const value = await work();
  return { took: performance.now() - begun, value };
}

function median(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? 0;
}

if (import.meta.main) {
  Deno.stdout.writeSync(new TextEncoder().encode(table(await bench()) + "\n"));
}
