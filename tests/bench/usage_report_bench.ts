// A usage report against a bare keyset scan with the least that can write its rows, and its peak memory for few rows and many.

import { deflateRawSync } from "node:zlib";
import { readConfig } from "../../config.ts";
import { connect, type Sql, transaction } from "../../db/connect.ts";
import { primaryReader } from "../../db/replica.ts";
import { claimTask, settleTask } from "../../db/tasks.ts";
import { checkUsage, startUsageReport } from "../../db/usage_reports.ts";
import { runUsageReport } from "../../jobs/usage_reports.ts";
import { openKeys } from "../../lib/keys.ts";
import { openLog } from "../../lib/log.ts";
import { openMetrics } from "../../lib/metrics.ts";
import { openHasher } from "../../lib/passwords.ts";
import { type Services, systemClock } from "../../services.ts";
import { type Figure, ms, table, timeBoth } from "./measure.ts";
import { openSchool } from "./school.ts";

const FROM = "2025-11-25";
const UNTIL = "2026-11-24";
const PAGE = 5000;
const MANY = { logons: 2000, learners: 1500, signIns: 200_000 };
const FEW = { ...MANY, signIns: 20_000 };

export async function bench(): Promise<Figure[]> {
  const figures: Figure[] = [];
  const peaks: number[] = [];
  for (const size of [FEW, MANY]) {
    const school = await openSchool(size);
    try {
      peaks.push(await peakAlone(school.url));
      if (size === FEW) continue;
      const sql = connect({ url: school.url, pool: 4 });
      const [report, bare] = await timeBoth(3, () => runReport(sql), () => scanBare(sql));
      await sql.end();
      const ratio = report.p50 / bare.p50;
      figures.push({
        what: "Usage report of 200,000 tries against keyset scan and bare writer",
        measured: `${ratio.toFixed(2)} (${ms(report.p50)} : ${ms(bare.p50)})`,
        limit: "2.5",
        met: ratio <= 2.5,
      });
    } finally {
      await school.close();
    }
  }
  const [few = NaN, many = NaN] = peaks;
  figures.push({
    what: "Its peak memory over idle at ten times the sign-ins; MB in brackets",
    measured: `${(many / few).toFixed(2)} (${few.toFixed(0)}, ${many.toFixed(0)})`,
    limit: "2",
    met: many / few <= 2,
  });
  return figures;
}

async function runReport(sql: Sql): Promise<void> {
  const at = new Date("2026-11-24T10:00:00Z");
  const checked = checkUsage({ start: FROM, end: UNTIL, year: "", group: "", parents: [] });
  if ("problems" in checked) throw new Error("the dates are wrong");
  const [admin] = await sql<[{ id: number }]>`select id from admins limit 1`;
  const id = await transaction(sql, (tx) =>
    startUsageReport(tx, checked.wanted, {
      adminId: admin.id,
      author: { adminId: admin.id, who: "Bench" },
    }));
  const held = await claimTask(sql, id, at);
  if (held === null) throw new Error("the task is not waiting");
  const outcome = await runUsageReport({
    services: servicesOn(sql),
    ...held,
    stopping: new AbortController().signal,
  });
  await settleTask(sql, held.claim, outcome, at);
  await sql`delete from tasks where id = ${id}`;
}

function servicesOn(sql: Sql): Services {
  return {
    config: readConfig(() => undefined, {}),
    log: openLog("error"),
    clock: systemClock("Europe/London"),
    sql,
    direct: sql,
    reader: primaryReader(sql),
    queue: {
      send: () => Promise.resolve(),
      work: () => Promise.resolve(),
      isUp: () => Promise.resolve(true),
      close: () => Promise.resolve(),
    },
    hasher: openHasher(),
    metrics: openMetrics(),
    keys: openKeys(new Uint8Array(32)),
    mailer: null,
    close: () => Promise.resolve(),
  };
}

type Scanned = {
  id: number;
  logon_id: number;
  at: Date;
  name: string;
  email: string;
  learners: string;
  user_agent: string;
};

/** The same rows in the same columns: no names of tabs, no Summary, nothing stored, one string a tab. */
async function scanBare(sql: Sql): Promise<number> {
  let bytes = 0;
  let xml = "";
  let logon = 0;
  let row = 0;
  let last: Scanned | undefined;
  for (;;) {
    const page: Scanned[] = await sql<Scanned[]>`
      select id, logon_id, at, first_name || ' ' || surname as name, coalesce(email, '') as email,
             array_to_string(learners, ', ') as learners, user_agent
        from sign_ins
       where outcome = 'success' and at >= ${FROM}::timestamptz and at < ${UNTIL}::timestamptz + interval '1 day'
         and (logon_id, at, id) > (${last?.logon_id ?? 0}, ${
      last?.at ?? new Date(0)
    }::timestamptz, ${last?.id ?? 0})
       order by logon_id, at, id limit ${PAGE}`;
    for (const one of page) {
      if (one.logon_id !== logon) {
        bytes += deflateRawSync(xml).length;
        xml = "";
        logon = one.logon_id;
        row = 0;
      }
      row++;
      const serial = one.at.getTime() / 86_400_000 + 25_569;
      xml += `<row r="${row}">${text("A", row, one.name)}${text("B", row, one.email)}${
        text("C", row, one.learners)
      }<c r="D${row}" s="1"><v>${Math.floor(serial)}</v></c><c r="E${row}" s="2"><v>${
        serial % 1
      }</v></c>${text("F", row, one.user_agent)}</row>`;
    }
    last = page.at(-1);
    if (page.length < PAGE) return bytes + deflateRawSync(xml).length;
  }
}

function text(column: string, row: number, value: string): string {
  const escaped = value.replace(/[&<]/g, (character) => character === "&" ? "&amp;" : "&lt;");
  return `<c r="${column}${row}" t="inlineStr"><is><t>${escaped}</t></is></c>`;
}

/** The most memory that a report takes in a process of its own, less what that held before, in MB; Linux only. */
async function peakAlone(url: string): Promise<number> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", import.meta.filename ?? "", url],
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return Number(new TextDecoder().decode(stdout));
}

async function measurePeak(url: string): Promise<number> {
  const sql = connect({ url, pool: 4 });
  await sql`select 1`;
  const idle = Deno.memoryUsage().rss;
  await runReport(sql);
  await sql.end();
  const status = await Deno.readTextFile("/proc/self/status");
  const peak = Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? NaN) * 1024;
  return (peak - idle) / 1e6;
}

if (import.meta.main) {
  const [url] = Deno.args;
  const said = url === undefined ? table(await bench()) : String(await measurePeak(url));
  await Deno.stdout.write(new TextEncoder().encode(said + "\n"));
}
