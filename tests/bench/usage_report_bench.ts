// A usage report of a million sign-ins against a bare keyset scan with the least that can write its rows; its memory for a
// fifth of them and for all; the workbook row by row against SQL; and the list while it is made.

import { Buffer } from "node:buffer";
import { inflateRawSync } from "node:zlib";
import { readConfig } from "../../config.ts";
import { connect, type Sql, transaction } from "../../db/connect.ts";
import { findFile, readWholeFile } from "../../db/files.ts";
import { claimTask, settleTask } from "../../db/tasks.ts";
import { checkUsage, startUsageReport, USAGE_REPORT } from "../../db/usage_reports.ts";
import { jobs } from "../../jobs/mod.ts";
import { runUsageReport } from "../../jobs/usage_reports.ts";
import { describeDevice } from "../../lib/devices.ts";
import { openLog } from "../../lib/log.ts";
import { openDatabase, openServices, type Services } from "../../services.ts";
import { reportServices } from "../usage_workbook.ts";
import { bareText, BareZip } from "./bare_zip.ts";
import { type Figure, ms, table, timeBoth } from "./measure.ts";
import { openSchool } from "./school.ts";
import { signInTo } from "./visitor.ts";

/** As many tries as leave a million sign-ins of five thousand parents. */
const SIZE = { logons: 7000, learners: 5000, signIns: 1_100_000 };
/** Days on which a million, and on which 200,000 of them were. */
const ALL = { start: "2025-11-25", end: "2026-11-24" };
const FIFTH = { start: "2026-09-21", end: "2026-11-24" };
const PAGE = 5000;
/** Bytes that are stored together, as the report does. */
const PIECE = 256 * 1024;
const AT = new Date("2026-11-24T10:00:00Z");

type Days = typeof ALL;

/** Measures it on a school of its own. */
export async function bench(): Promise<Figure[]> {
  const school = await openSchool(SIZE);
  const sql = connect({ url: school.url, pool: 4, statementTimeout: 0 });
  try {
    const few = await runAlone(["memory", FIFTH, school.url]);
    const many = await runAlone(["memory", ALL, school.url]);
    const [counted] = await sql<[{ signIns: number; parents: number }]>`
      select count(*)::int as "signIns", count(distinct logon_id)::int as parents from sign_ins where ${
      isWithin(sql, ALL)
    }`;
    const [report, bare] = await timeBoth(3, () => runReport(sql, ALL), () => writeBare(sql, ALL));
    const ratio = report.p50 / bare.p50;
    const of = (count: number): string => count.toLocaleString("en-GB");
    return [
      {
        what: `Usage report of ${of(counted.signIns)} sign-ins on ${
          of(counted.parents)
        } tabs against keyset scan and bare writer, both stored`,
        measured: `${ratio.toFixed(2)} (${ms(report.p50)} : ${ms(bare.p50)})`,
        limit: "1.5",
        met: ratio <= 1.5,
      },
      {
        what: "Its peak memory over idle, in a process of its own",
        measured: `${many.toFixed(0)} MB`,
        limit: "100 MB",
        met: many <= 100,
      },
      {
        what: "the same against that of a fifth of the sign-ins",
        measured: `${(many / few).toFixed(2)} (${many.toFixed(0)} : ${few.toFixed(0)} MB)`,
        limit: "1.1",
        met: many / few <= 1.1,
      },
      await checkRows(sql),
      await timeTask(school.url),
      ...await listMeanwhile(school.url),
    ];
  } finally {
    await sql.end();
    await school.close();
  }
}

/** Makes a report, and removes it unless somebody wants to look at it. */
async function runReport(
  sql: Sql,
  days: Days,
  look: (taskId: number) => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  const checked = checkUsage({ ...days, year: "", group: "", parents: [] });
  if ("problems" in checked) throw new Error("the dates are wrong");
  const [admin] = await sql<[{ id: number }]>`select id from admins limit 1`;
  const id = await transaction(sql, (tx) =>
    startUsageReport(tx, checked.wanted, {
      adminId: admin.id,
      author: { adminId: admin.id, who: "Bench" },
    }));
  const held = await claimTask(sql, id, AT);
  if (held === null) throw new Error("the task is not waiting");
  const outcome = await runUsageReport({
    services: reportServices(sql, AT),
    ...held,
    stopping: new AbortController().signal,
  });
  await settleTask(sql, held.claim, outcome, AT);
  await look(id);
  await sql`delete from tasks where id = ${id}`;
}

function isWithin(sql: Sql, { start, end }: Days): ReturnType<Sql> {
  return sql`outcome = 'success' and (at at time zone 'Europe/London')::date between ${start}::date and ${end}::date`;
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

/**
 * The same rows in the same columns, packed alike and stored in the same table: no names of tabs, no Summary, no checks, no
 * claim, one string a tab.
 */
async function writeBare(sql: Sql, days: Days): Promise<void> {
  const [task] = await sql<[{ id: number }]>`
    insert into tasks (kind, title) values ('usage report', 'Bare') returning id`;
  const [file] = await sql<[{ id: number }]>`
    insert into files (task_id, purpose, name, media_type, size, expires_at)
    values (${task.id}, 'unfinished', 'bare.xlsx', 'x/y', 0, now()) returning id`;
  let waiting: Uint8Array[] = [];
  let bytes = 0;
  let pieces = 0;
  async function store(): Promise<void> {
    await sql`
      insert into file_chunks (file_id, position, bytes) values (${file.id}, ${pieces++}, ${
      Buffer.concat(waiting)
    })`;
    waiting = [];
    bytes = 0;
  }
  const zip = new BareZip(async (part) => {
    waiting.push(part);
    bytes += part.length;
    if (bytes >= PIECE) await store();
  });
  const devices = new Map<string, string>();
  function deviceOf(userAgent: string): string {
    const known = devices.get(userAgent) ?? describeDevice(userAgent) ?? userAgent;
    devices.set(userAgent, known);
    return known;
  }
  let tabs = 0;
  let xml = "";
  let logon = 0;
  let row = 0;
  let last: Scanned | undefined;
  do {
    const page: Scanned[] = await sql<Scanned[]>`
      select id, logon_id, at, first_name || ' ' || surname as name, coalesce(email, '') as email,
             array_to_string(learners, ', ') as learners, coalesce(user_agent, '') as user_agent
        from sign_ins
       where outcome = 'success' and at >= ${days.start}::timestamptz and at < ${days.end}::timestamptz + interval '1 day'
         and (logon_id, at, id) > (${last?.logon_id ?? 0}, ${
      last?.at ?? new Date(0)
    }::timestamptz, ${last?.id ?? 0})
       order by logon_id, at, id limit ${PAGE}`;
    for (const one of page) {
      if (one.logon_id !== logon) {
        if (xml !== "") await zip.add(`xl/worksheets/sheet${++tabs}.xml`, xml);
        xml = "";
        logon = one.logon_id;
        row = 0;
      }
      row++;
      const serial = one.at.getTime() / 86_400_000 + 25_569;
      xml += `<row r="${row}">${bareText(`A${row}`, one.name)}${bareText(`B${row}`, one.email)}${
        bareText(`C${row}`, one.learners)
      }<c r="D${row}" s="1"><v>${Math.floor(serial)}</v></c><c r="E${row}" s="2"><v>${
        serial % 1
      }</v></c>${bareText(`F${row}`, deviceOf(one.user_agent))}</row>`;
    }
    last = page.length < PAGE ? undefined : page.at(-1);
  } while (last !== undefined);
  await zip.add(`xl/worksheets/sheet${++tabs}.xml`, xml);
  await zip.close();
  await store();
  await sql`delete from tasks where id = ${task.id}`;
}

/** The workbook read back, row by row against SQL, tab by tab in their order. */
async function checkRows(sql: Sql): Promise<Figure> {
  let rows = 0;
  let wrong = 0;
  await runReport(sql, ALL, async (taskId) => {
    const file = await findFile(sql, taskId, "result");
    if (file === null) throw new Error("there is no report");
    const found = rowsOf(Buffer.from(await readWholeFile(sql, file)));
    const expected = sql<{ shown: string; userAgent: string | null }[]>`
      select concat_ws('|', s.first_name || ' ' || s.surname, coalesce(s.email, ''), array_to_string(s.learners, ', '),
                       (s.at at time zone 'Europe/London')::date - date '1899-12-30',
                       floor(extract(epoch from (s.at at time zone 'Europe/London')::time))) as shown,
             s.user_agent as "userAgent"
        from sign_ins s join logons l on l.id = s.logon_id
       where s.${isWithin(sql, ALL)}
       order by l.surname collate "en-x-icu", l.first_name collate "en-x-icu", l.username collate "en-x-icu", l.id,
                s.at, s.id`.cursor(PAGE);
    for await (const page of expected) {
      for (const { shown, userAgent } of page) {
        rows++;
        const device = describeDevice(userAgent) ?? userAgent ?? "";
        if (found.next().value !== `${shown}|${device}`) wrong++;
      }
    }
    for (const _ of found) wrong++;
  });
  return {
    what: `Its rows that are not as SQL has them, of ${rows.toLocaleString("en-GB")}`,
    measured: String(wrong),
    limit: "0",
    met: rows > 0 && wrong === 0,
  };
}

/** Every row of every tab but the Summary, its cells parted by a bar; times as seconds of the day. */
function* rowsOf(archive: Buffer): Generator<string> {
  const end = archive.lastIndexOf("PK\x05\x06", undefined, "latin1");
  let at = archive.readUInt32LE(end + 16);
  const sheets: Buffer[] = [];
  for (let left = archive.readUInt16LE(end + 10); left > 0; left--) {
    const nameLength = archive.readUInt16LE(at + 28);
    const local = archive.readUInt32LE(at + 42);
    const name = archive.toString("utf8", at + 46, at + 46 + nameLength);
    const data = local + 30 + archive.readUInt16LE(local + 26);
    const number = /^xl\/worksheets\/sheet(\d+)\.xml$/.exec(name)?.[1];
    if (number !== undefined) {
      sheets[Number(number) - 1] = archive.subarray(data, data + archive.readUInt32LE(at + 20));
    }
    at += 46 + nameLength;
  }
  for (const sheet of sheets.slice(0, -1)) {
    const xml = inflateRawSync(sheet).toString();
    for (const [number, cells = ""] of xml.matchAll(/<row [^>]*>(.*?)<\/row>/gs)) {
      if (number.startsWith('<row r="1"')) continue;
      const texts = ["", "", "", "", "", ""];
      for (
        const [, letter = "", text, value] of cells.matchAll(
          /<c r="([A-F])\d+"[^>]*?>(?:<is><t[^>]*>([^<]*)<\/t><\/is>|<v>([^<]*)<\/v>)<\/c>/g,
        )
      ) {
        texts["ABCDEF".indexOf(letter)] = letter === "E"
          ? String(Math.round(Number(value) * 86_400))
          : value ?? decode(text ?? "");
      }
      yield texts.join("|");
    }
  }
}

function decode(xml: string): string {
  return xml.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&quot;", '"')
    .replaceAll("&amp;", "&");
}

/** The same report by a worker that hears of it, and by a call: what being a task costs. */
async function timeTask(url: string): Promise<Figure> {
  const config = readConfig(() => undefined, {
    DATABASE_URL: url,
    SECRET_KEY: new Uint8Array(32).fill(7).toBase64(),
  });
  const log = openLog("error");
  const database = await openDatabase(config, log);
  const services = await openServices(config, { log, database });
  const { sql, queue } = services;
  try {
    await queue.work(services, jobs);
    const [asTask, called] = await timeBoth(
      3,
      () => runReportAsTask(services),
      () => runReport(sql, FIFTH),
    );
    const ratio = asTask.p50 / called.p50;
    return {
      what: "A report of a fifth as a worker's task, until it is done, against the same called",
      measured: `${ratio.toFixed(2)} (${ms(asTask.p50)} : ${ms(called.p50)})`,
      limit: "1.05",
      met: ratio <= 1.05,
    };
  } finally {
    await services.close();
    await database.close();
  }
}

async function runReportAsTask({ sql, queue }: Services): Promise<void> {
  const checked = checkUsage({ ...FIFTH, year: "", group: "", parents: [] });
  if ("problems" in checked) throw new Error("the dates are wrong");
  const [admin] = await sql<[{ id: number }]>`select id from admins limit 1`;
  const id = await transaction(sql, async (tx) => {
    const author = { adminId: admin.id, who: "Bench" };
    const taskId = await startUsageReport(tx, checked.wanted, { adminId: admin.id, author });
    await queue.send(tx, USAGE_REPORT, taskId);
    return taskId;
  });
  for (;;) {
    const [task] = await sql<{ state: string }[]>`select state from tasks where id = ${id}`;
    if (task?.state === "done") break;
    if (task?.state !== "queued" && task?.state !== "running") throw new Error("it is not done");
    await new Promise((look) => setTimeout(look, 10));
  }
  await sql`delete from tasks where id = ${id}`;
}

/** The list's p95 as it is served while a report is made, by another process and by the one that answers. */
async function listMeanwhile(url: string): Promise<Figure[]> {
  const sql = connect({ url, pool: 8 });
  try {
    const own = connect({ url, pool: 4 });
    const ask = await signInTo(reportServices(sql, AT));
    const during = async (report: () => Promise<unknown>): Promise<[number, number]> => {
      const idle = await timeList(ask, () => false);
      let isOver = false;
      const made = report().finally(() => isOver = true);
      const busy = await timeList(ask, () => isOver);
      await made;
      return [idle, busy];
    };
    const apart = await during(() => runAlone(["memory", ALL, url]));
    const together = await during(() => runReport(own, ALL));
    await own.end();
    const figure = (where: string, [idle, busy]: [number, number], limit: number): Figure => ({
      what: `List's p95 while it is made ${where}, against idle`,
      measured: `${(busy / idle).toFixed(1)} (${ms(busy)} : ${ms(idle)})`,
      limit: String(limit),
      met: busy / idle <= limit,
    });
    return [
      figure("by a worker in another process", apart, 2),
      figure("by a worker in the same process", together, 2),
    ];
  } finally {
    await sql.end();
  }
}

async function timeList(
  ask: (path: string) => Promise<Response>,
  isOver: () => boolean,
): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < 400 && !isOver(); round++) {
    const q = round % 4 === 0 ? "ann" : "";
    const sort = round % 2 === 0 ? "surname" : "-last";
    const start = performance.now();
    await (await ask(`/logons?q=${q}&sort=${sort}`)).text();
    if (round >= 20) times.push(performance.now() - start);
    // Somebody who reads what they see.
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return times.toSorted((one, other) => one - other)[Math.floor(times.length * 0.95)] ?? NaN;
}

/** The most memory that a report takes in a process of its own, less what that held before, in MB; Linux only. */
async function runAlone([what, days, url]: [what: "memory", days: Days, url: string]): Promise<
  number
> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", import.meta.filename ?? "", what, days.start, days.end, url],
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return Number(new TextDecoder().decode(stdout));
}

async function measurePeak(url: string, days: Days): Promise<number> {
  const sql = connect({ url, pool: 4 });
  await sql`select 1`;
  const idle = Deno.memoryUsage().rss;
  await runReport(sql, days);
  await sql.end();
  const status = await Deno.readTextFile("/proc/self/status");
  const peak = Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? NaN) * 1024;
  return (peak - idle) / 1e6;
}

if (import.meta.main) {
  const [what, start = "", end = "", url = ""] = Deno.args;
  const said = what === undefined
    ? table(await bench())
    : String(await measurePeak(url, { start, end }));
  await Deno.stdout.write(new TextEncoder().encode(said + "\n"));
}
