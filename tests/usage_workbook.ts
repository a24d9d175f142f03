// A usage report that comes out alike every time, of a small school whose parents have every name and moment that is hard on a
// workbook; and what its sheets are to show.

import assert from "node:assert/strict";
import { readConfig } from "../config.ts";
import { type Sql, transaction } from "../db/connect.ts";
import { findFile, readWholeFile } from "../db/files.ts";
import { primaryReader } from "../db/replica.ts";
import { claimTask, settleTask } from "../db/tasks.ts";
import { checkUsage, startUsageReport } from "../db/usage_reports.ts";
import { runUsageReport } from "../jobs/usage_reports.ts";
import { readTable, shownRows, type Table } from "../lib/excel/read.ts";
import { openKeys } from "../lib/keys.ts";
import { openKeyedLimit, openLimit } from "../lib/limit.ts";
import { openLog } from "../lib/log.ts";
import { openMetrics } from "../lib/metrics.ts";
import { openHasher } from "../lib/passwords.ts";
import { type Services, systemClock } from "../services.ts";

/** When it is made. The dates begin before sign-ins are kept, so that the Summary says so. */
const AT = new Date("2026-11-24T10:00:00Z");
const DATES = { start: "2024-09-01", end: "2026-10-31" };

type Parent = {
  readonly firstName: string;
  readonly surname: string;
  /** The name that Excel allows for the tab. */
  readonly tab: string;
  readonly username: string;
  readonly email: string | null;
  /** As a sign-in keeps them. */
  readonly learners: readonly string[];
  /** Each with the date and time on the school's clock. */
  readonly signIns: readonly (readonly [at: string, day: string, time: string, Device])[];
  /** What became of the logon, or of the names as well. */
  readonly since?: "deleted" | "gone" | "wiped";
};

type Device = { readonly userAgent: string | null; readonly shown: string };

const IPHONE: Device = {
  userAgent: "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Safari/604.1",
  shown: "Safari on iPhone",
};
const WINDOWS: Device = {
  userAgent: "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/140.0.0.0 Safari/537.36",
  shown: "Chrome on Windows",
};
const FORMULA: Device = {
  userAgent: '=HYPERLINK("https://example.org","Click")',
  shown: '=HYPERLINK("https://example.org","Click")',
};
const NOTHING: Device = { userAgent: null, shown: "" };

/** By surname, as their tabs are. */
const PARENTS: readonly Parent[] = [
  {
    firstName: "Willa",
    surname: "Wiped",
    tab: "No name",
    username: "willa",
    email: null,
    learners: [],
    signIns: [["2026-06-06T08:00:00Z", "06/06/2026", "09:00:00", IPHONE]],
    since: "wiped",
  },
  {
    firstName: '<b>"Al" & Co;',
    surname: "[x_x0041_]: *|\\",
    tab: '<b>"Al" & Co; -x-x0041_-- -|-',
    username: "'al",
    email: '"al, b"@example.org',
    learners: ['Kim "K", Al', "A;B|C"],
    signIns: [["2026-06-02T08:00:00Z", "02/06/2026", "09:00:00", WINDOWS]],
  },
  {
    firstName: "0042",
    surname: "1/2",
    tab: "0042 1-2",
    username: "1e5",
    email: "01/02/2026",
    learners: ["007", "TRUE"],
    signIns: [["2026-06-01T08:00:00Z", "01/06/2026", "09:00:00", WINDOWS]],
  },
  {
    firstName: "Zoë 🦊👩‍👧",
    surname: "Ångström-Đặng",
    tab: "Zoë 🦊👩‍👧 Ångström-Đặng",
    username: "zoë",
    email: "zoë@example.org",
    learners: ["Élodie 🎒 Ångström"],
    signIns: [["2026-05-03T00:00:00Z", "03/05/2026", "01:00:00", WINDOWS]],
  },
  {
    firstName: "Dee",
    surname: "Deleted",
    tab: "Dee Deleted",
    username: "dee",
    email: "dee@example.org",
    learners: ["Dan Deleted (7A)"],
    signIns: [["2026-06-04T08:00:00Z", "04/06/2026", "09:00:00", IPHONE]],
    since: "deleted",
  },
  {
    firstName: "=1+1",
    surname: "O'Hara/Smith?",
    tab: "=1+1 O'Hara-Smith-",
    username: "+44 7700 900123",
    email: "=odd@example.org",
    learners: ["@SUM(A1) Kit (7A)", "Lee, Jr. (7A)", "-1 Ann (9C)"],
    // The day when it was 01:30 twice, since the clocks went back, and the last second before it.
    signIns: [
      ["2026-10-24T22:59:59.999Z", "24/10/2026", "23:59:59", IPHONE],
      ["2026-10-24T23:00:00Z", "25/10/2026", "00:00:00", IPHONE],
      ["2026-10-25T00:30:00Z", "25/10/2026", "01:30:00", IPHONE],
      ["2026-10-25T01:30:00Z", "25/10/2026", "01:30:00", FORMULA],
      ["2026-10-25T23:59:59Z", "25/10/2026", "23:59:59", NOTHING],
    ],
  },
  {
    firstName: "Summary",
    surname: "Summary",
    tab: "Summary Summary",
    username: "summary",
    email: "summary@example.org",
    learners: ["Sam Summary (7A)"],
    signIns: [["2026-06-05T08:00:00Z", "05/06/2026", "09:00:00", IPHONE]],
    since: "gone",
  },
  {
    firstName: "Ann",
    surname: "Twin",
    tab: "Ann Twin",
    username: "ann.twin",
    email: "ann.twin@example.org",
    learners: ["Tom Twin (8B)"],
    // The first and the last second of the report, and the last of a year.
    signIns: [["2024-08-31T23:00:00Z", "01/09/2024", "00:00:00", WINDOWS], [
      "2024-12-31T23:59:59Z",
      "31/12/2024",
      "23:59:59",
      WINDOWS,
    ], ["2026-10-31T23:59:59Z", "31/10/2026", "23:59:59", WINDOWS]],
  },
  {
    firstName: "Ann",
    surname: "Twin",
    tab: "Ann Twin (2)",
    username: "ann.twin2",
    email: "ann.twin@example.org",
    learners: ["Tim Twin (8B)"],
    signIns: [["2026-06-07T08:00:00Z", "07/06/2026", "09:00:00", WINDOWS]],
  },
  {
    firstName: "ANN",
    surname: "TWIN",
    tab: "ANN TWIN (3)",
    username: "ann.twin3",
    email: null,
    learners: [],
    // The moment when the clocks went forward.
    signIns: [["2026-03-29T01:00:00Z", "29/03/2026", "02:00:00", WINDOWS]],
  },
  {
    firstName: "Maximiliana-Konstantina-Wilhelmina",
    surname: "Wolfeschlegelsteinhausen",
    tab: "Maximiliana-Konstantina-Wilhelm",
    username: "max",
    email: "max@example.org",
    learners: Array.from({ length: 12 }, (_, at) => `Wilhelmina-Maximiliana ${at + 1} (7A)`),
    signIns: [["2026-06-03T08:00:00Z", "03/06/2026", "09:00:00", IPHONE]],
  },
  {
    firstName: "ليلى",
    surname: "حداد",
    tab: "ليلى حداد",
    username: "layla",
    email: "layla@example.org",
    learners: ["نور حداد (10)"],
    signIns: [["2026-05-01T12:00:00Z", "01/05/2026", "13:00:00", IPHONE]],
  },
  {
    firstName: "小龙",
    surname: "李",
    tab: "小龙 李",
    username: "小龙",
    email: "li@例子.example",
    learners: ["李 明 (7A)", "李 丽"],
    signIns: [["2026-05-02T12:34:56Z", "02/05/2026", "13:34:56", IPHONE]],
  },
];

/** What the Summary is to say above its table, and of those who did not sign in. */
const TOTALS = [
  ["Parent Portal Usage", "Hillcrest School"],
  ["From", "01/09/2024"],
  ["To", "31/10/2026"],
  ["Sign-ins are kept since", "24/11/2024"],
  ["Parents who signed in", "13"],
  ["Sign-ins", "19"],
  ["Parents who did not sign in", "2"],
  ["Of these, never signed in at all", "1"],
  [],
];
const ABSENT = [
  ["-Nora Never", "", "nora", "", "0", "", "", "Never signed in"],
  [
    "Olga Once",
    "olga@example.org",
    "olga",
    "Oleg Once (7A), Otto Once, Jr.",
    "0",
    "",
    "",
    "Last signed in on 15/07/2024",
  ],
];

export type ShownSheet = { readonly name: string; readonly rows: readonly (readonly string[])[] };

/** What the workbook is to show, sheet by sheet, without asking the program; rows end with their last text. */
export function listExpectedSheets(): ShownSheet[] {
  const tabs = PARENTS.map((parent) => ({
    name: parent.tab,
    rows: [
      ["User", "Email", "Learners", "Date", "Time", "Device"],
      ...parent.signIns.map(([, day, time, { shown }]) =>
        trimmed([nameOf(parent), parent.email ?? "", parent.learners.join(", "), day, time, shown])
      ),
    ],
  }));
  const table = PARENTS.map((parent) =>
    trimmed([
      nameOf(parent) || parent.tab,
      parent.email ?? "",
      parent.since === "wiped" ? "" : parent.username,
      parent.learners.join(", "),
      String(parent.signIns.length),
      parent.signIns.at(0)?.[1] ?? "",
      parent.signIns.at(-1)?.[1] ?? "",
      parent.since === undefined ? "" : "Logon deleted since",
    ])
  );
  const headings = ["User", "Email", "Username", "Learners", "Sign-ins", "First", "Last", "Note"];
  return [...tabs, { name: "Summary", rows: [...TOTALS, headings, ...table, ...ABSENT] }];
}

function nameOf({ firstName, surname, since }: Parent): string {
  return since === "wiped" ? "" : `${firstName} ${surname}`;
}

function trimmed(texts: readonly string[]): string[] {
  return texts.slice(0, texts.findLastIndex((text) => text !== "") + 1);
}

/** Makes the report on an empty database with every table. @returns the workbook */
export async function makeUsageWorkbook(sql: Sql): Promise<Uint8Array> {
  // The tabs come in the right order only if the report sorts them.
  for (const parent of PARENTS.toReversed()) await addParent(sql, parent);
  await addAbsent(sql);
  const [admin] = await sql<[{ id: number }]>`
    insert into admins (username, name, role, password_hash)
    values ('office', 'Olwen', 'Office', ${"$2b$".padEnd(60, "x")}) returning id`;
  const checked = checkUsage({ ...DATES, year: "", group: "", parents: [] });
  assert.ok("wanted" in checked);
  const taskId = await transaction(sql, (tx) =>
    startUsageReport(tx, checked.wanted, {
      adminId: admin.id,
      author: { adminId: admin.id, who: "Olwen" },
    }));
  const held = await claimTask(sql, taskId, AT);
  assert.ok(held);
  const outcome = await runUsageReport({
    services: reportServices(sql, AT),
    ...held,
    stopping: new AbortController().signal,
  });
  await settleTask(sql, held.claim, outcome, AT);
  const file = await findFile(sql, taskId, "result");
  assert.ok(file);
  return await readWholeFile(sql, file);
}

/** A logon with its sign-ins, and what became of it since. */
async function addParent(sql: Sql, parent: Parent): Promise<void> {
  const { firstName, surname, username, email, learners, signIns, since } = parent;
  const times = signIns.map(([at]) => at);
  const userAgents = signIns.map(([, , , { userAgent }]) => userAgent);
  const [logon] = await sql<[{ id: number }]>`
    insert into logons (first_name, surname, username, email, created_at, sign_in_count, last_sign_in_at)
    values (${firstName}, ${surname}, ${username}, ${email}, '2024-09-01', ${times.length}, ${
    times.at(-1) ?? null
  })
    returning id`;
  await sql`
    insert into sign_ins (at, logon_id, outcome, first_name, surname, username, email, learners, user_agent)
    select s.at, l.id, 'success', l.first_name, l.surname, l.username, l.email, ${learners}::text[], s.user_agent
      from logons l, unnest(${times}::timestamptz[], ${userAgents}::text[]) as s (at, user_agent)
     where l.id = ${logon.id}`;
  if (since === "deleted") await sql`update logons set deleted_at = ${AT} where id = ${logon.id}`;
  if (since === "wiped") {
    await sql`
      update sign_ins set first_name = null, surname = null, username = null where logon_id = ${logon.id}`;
  }
  if (since === "gone" || since === "wiped") await sql`delete from logons where id = ${logon.id}`;
}

/** Two who did not sign in: one never, one not since, with two learners. */
async function addAbsent(sql: Sql): Promise<void> {
  await sql`
    insert into logons (first_name, surname, username, email, created_at)
    values ('-Nora', 'Never', 'nora', null, '2024-09-01')`;
  await sql`
    with logon as (
      insert into logons (first_name, surname, username, email, created_at, sign_in_count, last_sign_in_at)
      values ('Olga', 'Once', 'olga', 'olga@example.org', '2024-07-01', 3, '2024-07-15T22:59:59Z') returning id
    ), learner as (
      insert into learners (admission_number, first_name, surname, registration_group, status)
      values ('1', 'Oleg', 'Once', '7A', 'Current'), ('2', 'Otto', 'Once, Jr.', null, 'Current') returning id
    )
    insert into logon_learners (logon_id, learner_id) select logon.id, learner.id from logon, learner`;
}

/** What a report needs to run, and nothing else that works. */
export function reportServices(sql: Sql, at: Date): Services {
  return {
    config: readConfig(() => undefined, {}),
    log: openLog("error"),
    clock: {
      ...systemClock("Europe/London"),
      now: () => at,
      today: () => at.toISOString().slice(0, 10),
    },
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
    preparing: openLimit(1),
    handingOver: openLimit(1),
    doors: openKeyedLimit(1),
    close: () => Promise.resolve(),
  };
}

/** Every sheet of a workbook in its order, with its rows as they are shown. */
export function listShownSheets(bytes: Uint8Array): ShownSheet[] {
  const { sheets } = sheetOf(bytes);
  return sheets.map(({ name }) => ({ name, rows: shownRows(sheetOf(bytes, name)) }));
}

/** One sheet of a workbook as the program itself reads it: the first unless it is named. */
export function sheetOf(bytes: Uint8Array, name?: string): Table {
  const options = name === undefined ? {} : { preferredSheet: name };
  const outcome = readTable(bytes, "report.xlsx", options);
  assert.ok("table" in outcome);
  if (name !== undefined) assert.equal(outcome.table.sheet, name);
  return outcome.table;
}
