// Who signed in between two days of the school, whatever its clocks do; and a file that is stored as it is made.

import { after, before, beforeEach, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { type Sql, transaction } from "../../db/connect.ts";
import { findFile, openFile, readWholeFile } from "../../db/files.ts";
import { ClaimLost, claimTask, findTask } from "../../db/tasks.ts";
import {
  checkUsage,
  countUsageAbsent,
  countUsageByDay,
  listPresets,
  listUsage,
  listUsageAbsent,
  listUsageParents,
  readUsageFacts,
  startUsageReport,
  type UsageEnd,
  type UsageLook,
  type UsagePage,
  type UsageWanted,
  type UsageWindow,
  windowOf,
} from "../../db/usage_reports.ts";
import { openTestDatabase, type TestDatabase } from "../database.ts";

const AT = new Date("2026-11-24T10:00:00Z");

function wanted(start: string, end: string, more: Partial<UsageWanted> = {}): UsageWanted {
  const checked = checkUsage({
    start,
    end,
    year: more.year ?? "",
    group: more.group ?? "",
    parents: [],
  });
  assert.ok("wanted" in checked);
  return checked.wanted;
}

function between(start: string, end: string, more: Partial<UsageWanted> = {}): UsageWindow {
  return windowOf(wanted(start, end, more), "Europe/London");
}

describe("the dates of a report", () => {
  function problems(start: string, end: string): unknown {
    const checked = checkUsage({ start, end, year: "", group: "", parents: [] });
    return "problems" in checked ? checked.problems : null;
  }

  it("takes one day and many, and refuses an end before the start", () => {
    assert.equal(problems("2026-11-24", "2026-11-24"), null);
    assert.equal(problems("2024-02-29", "2026-11-24"), null);
    assert.deepEqual(problems("2026-11-24", "2026-11-23"), {
      end: "The end date is before the start date. Choose the same day or a later one.",
    });
  });

  it("says of each date that is missing or is none what to enter", () => {
    assert.deepEqual(problems("", ""), {
      start: "Enter the start date.",
      end: "Enter the end date.",
    });
    for (const text of ["2026-02-30", "2026-13-01", "24/11/2026", "0026-11-24", "tomorrow"]) {
      assert.deepEqual(problems(text, "2026-11-24"), {
        start: "Enter the start date as day, month and year, such as 24 11 2026.",
      }, text);
    }
  });

  it("offers this week, this term and the last 30 days", () => {
    function offered(today: string): string[] {
      return listPresets(Temporal.PlainDate.from(today)).map((one) =>
        `${one.label}: ${one.start} ${one.end}`
      );
    }
    assert.deepEqual(offered("2026-11-24"), [
      "This week: 2026-11-23 2026-11-24",
      "This term (since 1 September): 2026-09-01 2026-11-24",
      "Last 30 days: 2026-10-26 2026-11-24",
    ]);
    assert.match(offered("2026-08-31")[1] ?? "", /since 1 April\): 2026-04-01/);
    assert.match(offered("2027-03-31")[1] ?? "", /since 1 January\): 2027-01-01/);
    assert.equal(offered("2026-11-23")[0], "This week: 2026-11-23 2026-11-23");
  });

  it("are whole days on the school's clocks, of 25 hours in October and of 23 in March", () => {
    const said = (window: UsageWindow): string[] => [
      window.from.toISOString(),
      window.until.toISOString(),
    ];
    assert.deepEqual(said(between("2026-10-25", "2026-10-25")), [
      "2026-10-24T23:00:00.000Z",
      "2026-10-26T00:00:00.000Z",
    ]);
    assert.deepEqual(said(between("2026-03-29", "2026-03-29")), [
      "2026-03-29T00:00:00.000Z",
      "2026-03-29T23:00:00.000Z",
    ]);
    // In Beirut the clocks go forward at midnight: this day begins at one.
    assert.deepEqual(said(windowOf(wanted("2026-03-29", "2026-03-29"), "Asia/Beirut")), [
      "2026-03-28T22:00:00.000Z",
      "2026-03-29T21:00:00.000Z",
    ]);
  });
});

describe("the sign-ins of a report", () => {
  let database: TestDatabase;
  let sql: Sql;
  before(async () => {
    database = await openTestDatabase();
    sql = database.sql;
  });
  after(() => database.close());
  beforeEach(async () => {
    await sql`delete from sign_ins`;
    await sql`delete from logons`;
    await sql`delete from learners`;
  });

  async function addLogon(firstName: string, surname: string, username: string): Promise<number> {
    const [row] = await sql<[{ id: number }]>`
      insert into logons (first_name, surname, username, created_at)
      values (${firstName}, ${surname}, ${username}, '2025-01-01') returning id`;
    return row.id;
  }

  async function signIn(
    logonId: number | null,
    at: string,
    more: { name?: [string, string, string]; outcome?: string; userAgent?: string } = {},
  ): Promise<void> {
    const [firstName, surname, username] = more.name ?? ["As", "Was", "as.was"];
    const known = more.outcome !== "unknown username";
    await sql`
      insert into sign_ins (at, logon_id, outcome, first_name, surname, username, learners, user_agent)
      values (${at}::text::timestamptz, ${logonId}, ${more.outcome ?? "success"}, ${
      known ? firstName : null
    }, ${known ? surname : null}, ${known ? username : null}, '{"Kit Lee (7A)"}', ${
      more.userAgent ?? null
    })`;
  }

  type SignIn = Pick<UsageLook, "place" | "name" | "userAgent"> & { readonly local: number };

  async function readAll(window: UsageWindow, limit: number): Promise<SignIn[]> {
    const parents = await listUsageParents(sql, window);
    const all: SignIn[] = [];
    for (let after: UsageEnd | null = null;;) {
      const page: UsagePage = await listUsage(sql, window, parents, after, limit);
      for (const [at, local] of page.local.entries()) {
        const look = page.looks[page.lookOf[at] ?? NaN];
        assert.ok(look);
        all.push({ place: look.place, name: look.name, userAgent: look.userAgent, local });
      }
      if (page.end === null) return all;
      after = page.end;
    }
  }

  it("are the successes from the first second of the first day to the last of the last", async () => {
    const ann = await addLogon("Ann", "Lee", "ann.lee");
    for (
      const at of [
        "2026-10-24T22:59:59.999Z",
        "2026-10-24T23:00:00Z",
        "2026-10-25T00:30:00Z",
        "2026-10-25T01:30:00Z",
        "2026-10-25T23:59:59.999Z",
        "2026-10-26T00:00:00Z",
      ]
    ) await signIn(ann, at);
    await signIn(ann, "2026-10-25T12:00:00Z", { outcome: "wrong password" });
    await signIn(null, "2026-10-25T12:00:00Z", { outcome: "unknown username" });
    const window = between("2026-10-25", "2026-10-25");
    const parents = await listUsageParents(sql, window);
    assert.deepEqual([...parents], [{
      logonId: ann,
      firstName: "Ann",
      surname: "Lee",
      username: "ann.lee",
      isDeleted: false,
      signIns: 4,
    }]);
    const shown = (await readAll(window, 100)).map((one) => new Date(one.local).toISOString());
    assert.deepEqual(shown, [
      "2026-10-25T00:00:00.000Z",
      // Half past one came twice that night.
      "2026-10-25T01:30:00.000Z",
      "2026-10-25T01:30:00.000Z",
      "2026-10-25T23:59:59.999Z",
    ]);
    assert.deepEqual([...await countUsageByDay(sql, between("2026-10-24", "2026-10-26"))], [
      { day: "2026-10-24", signIns: 1 },
      { day: "2026-10-25", signIns: 4 },
      { day: "2026-10-26", signIns: 1 },
    ]);
  });

  it("come by surname, each once however they are paged, also within the same microsecond", async () => {
    const zoe = await addLogon("Zoe", "Ångström", "zoe");
    const ann = await addLogon("Ann", "Lee", "ann.lee");
    const bob = await addLogon("Bob", "Lee", "bob.lee");
    for (let n = 0; n < 7; n++) {
      // Bob changes his browser and goes back, so that what looks alike does not come together.
      await signIn(bob, `2026-11-0${1 + n}T08:00:00.00000${n}Z`, { userAgent: `${n % 2}` });
      await signIn(ann, "2026-11-03T08:00:00.123456Z", { userAgent: `${n}` });
      await signIn(zoe, `2026-11-03T08:00:00.12345${n}Z`, { userAgent: `${n}` });
      await signIn(null, "2026-11-03T08:00:00Z", { name: ["Cat", "Lee", "cat.lee"] });
    }
    const window = between("2026-11-01", "2026-11-30");
    const names = (await listUsageParents(sql, window)).map((one) => one.firstName);
    assert.deepEqual(names, ["Zoe", "Ann", "Bob", "Cat"]);
    const whole = await readAll(window, 1000);
    assert.equal(whole.length, 28);
    const agents = (at: number): (string | null)[] =>
      whole.filter((one) => one.place === at).map((one) => one.userAgent);
    assert.deepEqual(agents(0), ["0", "1", "2", "3", "4", "5", "6"]);
    assert.deepEqual(agents(1), ["0", "1", "2", "3", "4", "5", "6"]);
    assert.deepEqual(agents(2), ["0", "1", "0", "1", "0", "1", "0"]);
    const places = whole.map((one) => one.place);
    assert.deepEqual(places, places.toSorted());
    for (const limit of [1, 2, 3, 7, 28]) {
      assert.deepEqual(await readAll(window, limit), whole, String(limit));
    }
  });

  it("keep a parent whose logon is deleted, and one whose logon is gone, with the names as they were", async () => {
    const ann = await addLogon("Ann", "Lee", "ann.lee");
    const bob = await addLogon("Bob", "Moss", "bob");
    await signIn(ann, "2026-11-03T08:00:00Z", { name: ["Ann", "Old", "ann.lee"] });
    await signIn(bob, "2026-11-03T08:00:00Z", { name: ["Bob", "Moss", "bob"] });
    await signIn(bob, "2026-11-04T08:00:00Z", { name: ["Bob", "Moss", "bob"] });
    await sql`update logons set deleted_at = now() where id = ${ann}`;
    await sql`delete from logons where id = ${bob}`;
    // Somebody else got the username of the one that is gone, and one more was wiped of its names.
    const newBob = await addLogon("Bob", "Moss", "bob");
    await signIn(newBob, "2026-11-05T08:00:00Z");
    await sql`insert into sign_ins (at, outcome) values ('2026-11-06T08:00:00Z', 'success')`;
    const parents = await listUsageParents(sql, between("2026-11-01", "2026-11-30"));
    assert.deepEqual(
      parents.map((one) => [one.logonId, one.firstName, one.isDeleted, one.signIns]),
      [
        [null, "", true, 1],
        [ann, "Ann", true, 1],
        [newBob, "Bob", false, 1],
        [null, "Bob", true, 2],
      ],
    );
    const all = await readAll(between("2026-11-01", "2026-11-30"), 2);
    assert.deepEqual(all.map((one) => [one.place, one.name]), [
      [0, ""],
      [1, "Ann Old"],
      [2, "As Was"],
      [3, "Bob Moss"],
      [3, "Bob Moss"],
    ]);
  });

  it("can be those of one year or registration group", async () => {
    const ids: number[] = [];
    for (
      const [name, year, group] of [["Ann", "7", "7A"], ["Bob", "7", "7B"], ["Cat", "8", "7A"]]
    ) {
      const id = await addLogon(name ?? "", "Lee", name ?? "");
      const [learner] = await sql<[{ id: number }]>`
        insert into learners (admission_number, first_name, surname, status, year_group, registration_group)
        values (${name ?? ""}, 'Kit', 'Lee', 'Current', ${`Year ${year}`}, ${
        group ?? ""
      }) returning id`;
      await sql`insert into logon_learners (logon_id, learner_id) values (${id}, ${learner.id})`;
      await signIn(id, "2026-11-03T08:00:00Z");
      ids.push(id);
    }
    await signIn(null, "2026-11-03T08:00:00Z");
    async function found(more: Partial<UsageWanted>): Promise<[string[], number | undefined]> {
      const window = between("2026-11-01", "2026-11-30", more);
      const names = (await listUsageParents(sql, window)).map((one) => one.firstName);
      return [names, (await countUsageByDay(sql, window))[0]?.signIns];
    }
    assert.deepEqual(await found({ year: "Year 7" }), [["Ann", "Bob"], 2]);
    assert.deepEqual(await found({ group: "7A" }), [["Ann", "Cat"], 2]);
    assert.deepEqual(await found({ year: "Year 8", group: "7A" }), [["Cat"], 1]);
    assert.deepEqual(await found({ year: "Year 8", group: "7B" }), [[], undefined]);
    assert.equal((await found({}))[0].length, 4);
  });

  it("leave over those who did not sign in, and among them who never did", async () => {
    const ann = await addLogon("Ann", "Lee", "ann.lee");
    const bob = await addLogon("Bob", "Lee", "bob.lee");
    await addLogon("Cat", "Lee", "cat.lee");
    const deleted = await addLogon("Dan", "Lee", "dan.lee");
    const late = await addLogon("Eve", "Lee", "eve.lee");
    await sql`update logons set deleted_at = now() where id = ${deleted}`;
    await sql`update logons set created_at = '2026-12-01' where id = ${late}`;
    await signIn(ann, "2026-11-03T08:00:00Z");
    await sql`
      update logons set sign_in_count = 1, last_sign_in_at = '2026-07-01T08:00:00Z' where id = ${bob}`;
    const window = between("2026-11-01", "2026-11-30");
    const present = await listUsageParents(sql, window);
    for (const known of [undefined, present]) {
      const counted = await countUsageAbsent(sql, window, known);
      assert.deepEqual({ ...counted }, { absent: 2, never: 1 });
    }
    const first = await listUsageAbsent(sql, window, present, null, 1);
    assert.deepEqual(first.map((one) => [one.firstName, one.lastLocal]), [
      ["Bob", Date.parse("2026-07-01T09:00:00Z")],
    ]);
    const next = await listUsageAbsent(sql, window, present, first[0]?.id ?? null, 10);
    assert.deepEqual(next.map((one) => [one.firstName, one.lastLocal]), [["Cat", null]]);
  });
});

describe("a file that is stored as it is made", () => {
  let database: TestDatabase;
  let sql: Sql;
  before(async () => {
    database = await openTestDatabase();
    sql = database.sql;
    await sql`
      insert into admins (username, name, role, password_hash)
      values ('office', 'Olwen', 'Office', ${`$2b$12$${"a".repeat(53)}`})`;
  });
  after(() => database.close());

  async function start(): Promise<number> {
    const [admin] = await sql<[{ id: number }]>`select id from admins limit 1`;
    return await transaction(
      sql,
      (tx) =>
        startUsageReport(tx, wanted("2026-09-01", "2026-11-24", { year: "Year 7" }), {
          adminId: admin.id,
          author: { adminId: admin.id, who: "Olwen", requestId: "r1" },
        }),
    );
  }

  const FILE = { name: "a.xlsx", mediaType: "x/y", at: AT };

  it("begins with a task that says what is wanted, and with who asked in the audit", async () => {
    const id = await start();
    const task = await findTask(sql, id);
    assert.equal(task?.title, "Parent Portal Usage, 01/09/2026 to 24/11/2026, Year 7");
    const read = readUsageFacts(task?.facts ?? {});
    assert.deepEqual(
      [read.start.toString(), read.end.toString(), read.year, read.group],
      ["2026-09-01", "2026-11-24", "Year 7", null],
    );
    const audit = await sql<
      { what: string }[]
    >`select what from audit where subject = 'task' and subject_id = ${id}`;
    assert.deepEqual(audit.map((row) => row.what), ["start usage report"]);
  });

  it("is offered once its last piece is there, and is what was written", async () => {
    const id = await start();
    const held = await claimTask(sql, id, AT);
    assert.ok(held);
    for (const size of [0, 1, 262_144, 262_145, 700_000]) {
      const bytes = new Uint8Array(size).map((_, at) => at % 251);
      const file = await openFile(sql, held.claim, FILE);
      for (let at = 0; at < size; at += 99_991) await file.write(bytes.subarray(at, at + 99_991));
      const before = await findFile(sql, id, "result");
      assert.notEqual(before?.size, size);
      await file.close();
      const stored = await findFile(sql, id, "result");
      assert.ok(stored);
      assert.equal(stored.size, size);
      assert.deepEqual(await readWholeFile(sql, stored), bytes);
      assert.equal(await findFile(sql, id, "unfinished"), null);
    }
  });

  it("is begun anew by the worker that takes the task over; the former writes no more", async () => {
    const id = await start();
    const former = await claimTask(sql, id, AT);
    assert.ok(former);
    const lost = await openFile(sql, former.claim, FILE);
    await lost.write(new Uint8Array(300_000).fill(1));
    const present = await claimTask(sql, id, AT);
    assert.ok(present);
    await assert.rejects(lost.write(new Uint8Array(300_000)), ClaimLost);
    const file = await openFile(sql, present.claim, FILE);
    await assert.rejects(lost.close(), ClaimLost);
    await file.write(new Uint8Array([7]));
    await file.close();
    const stored = await findFile(sql, id, "result");
    assert.ok(stored);
    assert.deepEqual(await readWholeFile(sql, stored), new Uint8Array([7]));
    const [pieces] = await sql<[{ count: number }]>`
      select count(*)::int as count from file_chunks k join files f on f.id = k.file_id where f.task_id = ${id}`;
    assert.equal(pieces.count, 1);
  });
});
