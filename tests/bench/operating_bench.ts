// What running it costs: starts, memory, connections, and how much one core does; the figures of docs/operating.md.

import { connect, type Sql } from "../../db/connect.ts";
import { openEmbedded } from "../../db/embedded.ts";
import { migrate } from "../../db/migrate.ts";
import { openLog } from "../../lib/log.ts";
import { Client, eventually } from "../browserless.ts";
import { type MailServer, openMailServer } from "../mail_server.ts";
import { type Running, startProgram } from "../program.ts";
import { type Figure, ms, table } from "./measure.ts";
import { openSchool } from "./school.ts";

const SIZE = { logons: 1000, learners: 900, signIns: 20_000 };
const SECRET_KEY = new Uint8Array(32).fill(3).toBase64();
const MEGABYTE = 1024 ** 2;
/** Seconds for which something is done over and over. */
const BUSY = 8;
/** Cores that two pairs of processes and their Postgres need for themselves. */
const ENOUGH_CORES = 6;

export async function bench(): Promise<Figure[]> {
  return [...await timeStarts(), await measureSize(), ...await measureNodes()];
}

/** `demo` in a new folder, and once more in the same. */
async function timeStarts(): Promise<Figure[]> {
  const folder = await Deno.makeTempDir({ prefix: "parent-logons-bench-" });
  await Deno.chmod(folder, 0o755);
  const processor: number[] = [];
  const start = async (): Promise<number> => {
    const begun = performance.now();
    const program = await startProgram(["demo"], { DATA_DIR: folder });
    const took = performance.now() - begun;
    processor.push(await processorTime(program.pid));
    await program.stop();
    return took;
  };
  const first = await start();
  const later = [await start(), await start(), await start()].sort((one, other) => one - other);
  const second = later[1] ?? 0;
  const [firstTime = 0, ...laterTimes] = processor;
  const secondTime = laterTimes.sort((one, other) => one - other)[1] ?? 0;
  await Deno.remove(folder, { recursive: true });
  return [
    figure(
      `demo ready in a new folder, packages fetched (${firstTime.toFixed(1)} s of a core)`,
      ms(first),
      "15 s",
      first <= 15_000,
    ),
    figure(
      `demo ready the second time, median of 3 (${secondTime.toFixed(1)} s of a core)`,
      ms(second),
      "2 s",
      second <= 2000,
    ),
  ];
}

async function measureSize(): Promise<Figure> {
  const folder = await Deno.makeTempDir({ prefix: "parent-logons-bench-" });
  await Deno.chmod(folder, 0o755);
  const server = await openEmbedded(folder, openLog("error"));
  const sql = connect({ url: server.url, pool: 2, statementTimeout: 0 });
  const school = await openSchool(SIZE);
  const seeded = connect({ url: school.url, pool: 1 });
  await migrate(sql);
  const [empty, full] = [await sizeOf(sql), await sizeOf(seeded)];
  await Promise.all([sql.end(), seeded.end()]);
  await Promise.all([server.stop(), school.close()]);
  await Deno.remove(folder, { recursive: true });
  return figure(
    `Database of ${SIZE.logons} logons, ${SIZE.learners} learners, ${SIZE.signIns} sign-ins, beside an empty one's ${
      (empty / MEGABYTE).toFixed(0)
    } MB`,
    `${((full - empty) / MEGABYTE).toFixed(0)} MB`,
    "50 MB",
    full - empty <= 50 * MEGABYTE,
  );
}

async function sizeOf(sql: Sql): Promise<number> {
  const [row] = await sql<[{ size: number }]>`select pg_database_size(current_database()) as size`;
  return row.size;
}

type Nodes = { readonly webs: Running[]; readonly works: Running[] };

async function measureNodes(): Promise<Figure[]> {
  const school = await openSchool(SIZE);
  const mails = await openMailServer();
  const sql = connect({ url: school.url, pool: 2 });
  const settings = { DATABASE_URL: school.url, SECRET_KEY, SMTP_URL: mails.url };
  const open = async (pairs: number): Promise<Nodes> => {
    const parts = (part: string): Promise<Running[]> =>
      Promise.all(Array.from({ length: pairs }, () => startProgram([part], settings)));
    return { webs: await parts("web"), works: await parts("work") };
  };
  const close = async ({ webs, works }: Nodes): Promise<void> => {
    for (const node of [...webs, ...works]) await node.stop();
  };
  try {
    const serve = await startProgram(["serve"], settings);
    const together = await measureIdle({ webs: [serve], works: [] }, sql, "serve");
    await serve.stop();
    const one = await open(1);
    const figures = [
      ...together,
      ...await measureIdle(one, sql, "web and work"),
      await measureSignIns(one),
      ...await measureMails(one, mails, sql),
      await measureWeight(one),
    ];
    const alone = await measureList(one, sql);
    await close(one);
    const two = await open(2);
    const both = await measureList(two, sql);
    await close(two);
    const cores = navigator.hardwareConcurrency;
    const ratio = both.perSecond / alone.perSecond;
    return [
      ...figures,
      figure(
        "List of 50 rows: requests for each second of one core, web",
        alone.perCore.toFixed(0),
        "at least 30",
        alone.perCore >= 30,
      ),
      figure(
        "the same: Postgres' share of all that",
        `${(alone.postgres * 100).toFixed(0)} %`,
        "50 %",
        alone.postgres <= 0.5,
      ),
      figure(
        `List: two web and two work against one and one (${cores} cores; ${ENOUGH_CORES} would do)`,
        `${ratio.toFixed(2)} times`,
        cores >= ENOUGH_CORES ? "at least 1.8" : "not on this machine",
        cores < ENOUGH_CORES || ratio >= 1.8,
      ),
    ];
  } finally {
    await sql.end();
    await mails.close();
    await school.close();
  }
}

async function measureIdle(
  { webs, works }: Nodes,
  sql: Sql,
  name: string,
): Promise<Figure[]> {
  await new Client().signIn(webs[0]?.url ?? "");
  await new Promise((done) => setTimeout(done, 10_000));
  const memory = await Promise.all([...webs, ...works].map(({ pid }) => residentOf(pid)));
  const all = memory.reduce((sum, bytes) => sum + bytes, 0);
  const connections = await sql<{ name: string; count: number }[]>`
    select application_name as name, count(*)::int as count from pg_stat_activity
     where datname = current_database() and application_name like 'parent-logons%' and pid <> pg_backend_pid()
     group by 1 order by 1`;
  const count = connections.reduce((sum, one) => sum + one.count, 0);
  return [
    figure(
      `Memory of ${name}, 10 s after one sign-in (${
        memory.map((bytes) => (bytes / MEGABYTE).toFixed(0)).join(" and ")
      } MB)`,
      `${(all / MEGABYTE).toFixed(0)} MB`,
      `${webs.length + works.length} times 150 MB`,
      memory.every((bytes) => bytes <= 150 * MEGABYTE),
    ),
    figure(
      `Connections of ${name} then (${
        connections.map((one) => `${one.name}: ${one.count}`).join(", ")
      })`,
      String(count),
      "20",
      count <= 20,
    ),
  ];
}

/** A password's comparison (bcrypt, cost 12) is all that a sign-in costs; by time of a processor, so that others may be busy. */
async function measureSignIns({ webs }: Nodes): Promise<Figure> {
  const { url, pid } = webs[0] ?? { url: "", pid: 0 };
  const used = await processorTime(pid);
  const done = await repeat(3, async () => {
    if (await new Client().signIn(url) !== 303) throw new Error("not signed in");
  });
  const perCore = done.count / (await processorTime(pid) - used);
  return figure(
    "Sign-ins for each second of one core",
    perCore.toFixed(1),
    "at least 3",
    perCore >= 3,
  );
}

async function measureMails(
  { webs, works }: Nodes,
  mails: MailServer,
  sql: Sql,
): Promise<Figure[]> {
  const client = new Client();
  await client.signIn(webs[0]?.url ?? "");
  const pid = works[0]?.pid ?? 0;
  const [used, begun] = [await processorTime(pid), performance.now()];
  const reset = new URLSearchParams({ all: "yes", reset_search: "" });
  const status = await client.post(`${webs[0]?.url}/bulk-resets`, reset);
  if (status !== 303) throw new Error(`the reset answered ${status}`);
  await eventually(
    () => sql<{ state: string }[]>`select state from tasks order by id desc limit 1`,
    ([task]) => task?.state === "done",
    600,
  );
  const minutes = (performance.now() - begun) / 60_000;
  const count = mails.received.length;
  const perCore = count / (await processorTime(pid) - used) * 60;
  return [
    figure(
      `Mails with login details for each minute of one core (${count}; ${
        (count / minutes).toFixed(0)
      } a minute as the machine was)`,
      perCore.toFixed(0),
      "at least 500",
      perCore >= 500,
    ),
  ];
}

/** As routes/mod.ts compresses it. */
async function measureWeight({ webs }: Nodes): Promise<Figure> {
  const client = new Client();
  await client.signIn(webs[0]?.url ?? "");
  const page = new Response(await client.text(`${webs[0]?.url}/logons`)).body;
  const packed = await new Response(page?.pipeThrough(new CompressionStream("gzip"))).bytes();
  return figure(
    "List of 50 rows, compressed (a test keeps the limit)",
    `${(packed.length / 1000).toFixed(1)} kB`,
    "60 kB",
    packed.length <= 60_000,
  );
}

/** Many who look at the list at once, at every node in turn. */
async function measureList(
  { webs }: Nodes,
  sql: Sql,
): Promise<{ perSecond: number; perCore: number; postgres: number }> {
  const client = new Client();
  await client.signIn(webs[0]?.url ?? "");
  const time = async (): Promise<[web: number, postgres: number]> => {
    const pids = await sql<{ pid: number }[]>`
      select pid from pg_stat_activity where datname = current_database() and application_name = 'parent-logons'`;
    return [await sumOf(webs.map(({ pid }) => pid)), await sumOf(pids.map(({ pid }) => pid))];
  };
  let turn = 0;
  const look = async (): Promise<void> => {
    const response = await client.ask(`${webs[turn++ % webs.length]?.url}/logons`);
    await response.arrayBuffer();
    if (response.status !== 200) throw new Error(`the list answered ${response.status}`);
  };
  await repeat(8, look, 2);
  const before = await time();
  const { count, seconds } = await repeat(8, look);
  const after = await time();
  const [web, postgres] = [after[0] - before[0], after[1] - before[1]];
  return {
    perSecond: count / seconds,
    perCore: count / web,
    postgres: postgres / (web + postgres),
  };
}

/** Does something over and over, so many at once. */
async function repeat(
  atOnce: number,
  work: () => Promise<void>,
  seconds = BUSY,
): Promise<{ count: number; seconds: number }> {
  const begun = performance.now();
  let count = 0;
  await Promise.all(Array.from({ length: atOnce }, async () => {
    while (performance.now() - begun < seconds * 1000) {
      await work();
      count++;
    }
  }));
  return { count, seconds: (performance.now() - begun) / 1000 };
}

async function sumOf(pids: readonly number[]): Promise<number> {
  const times = await Promise.all(pids.map(processorTime));
  return times.reduce((sum, one) => sum + one, 0);
}

/** Seconds on a processor so far (proc(5): utime and stime, in hundredths). */
async function processorTime(pid: number): Promise<number> {
  const text = await Deno.readTextFile(`/proc/${pid}/stat`);
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

async function residentOf(pid: number): Promise<number> {
  const text = await Deno.readTextFile(`/proc/${pid}/status`);
  return Number(/VmRSS:\s+(\d+)/.exec(text)?.[1] ?? 0) * 1024;
}

function figure(what: string, measured: string, limit: string, met: boolean): Figure {
  return { what, measured, limit, met };
}

if (import.meta.main) {
  Deno.stdout.writeSync(new TextEncoder().encode(table(await bench()) + "\n"));
}
