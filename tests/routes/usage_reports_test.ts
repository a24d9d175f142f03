// Parent Portal Usage over HTTP: the window, what is refused and how it is said, and what a report's alert says.

import { after, before, beforeEach, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import type { Sql } from "../../db/connect.ts";
import { runUsageReport } from "../../jobs/usage_reports.ts";
import { claimTask, settleTask } from "../../db/tasks.ts";
import { documentOf, type Office, openOffice, PIECE, signIn, type Visitor } from "../office.ts";

let office: Office;
let admin: Visitor;
let sql: Sql;

before(async () => {
  office = await openOffice();
  sql = office.services.sql;
  admin = await signIn(office);
});
after(() => office.close());
beforeEach(() => sql`delete from tasks`);

type Task = {
  id: number;
  title: string;
  kind: string;
  facts: Record<string, unknown>;
  queued: boolean;
};

async function tasksNow(): Promise<Task[]> {
  return [
    ...await sql<Task[]>`
    select t.id, t.title, t.kind, t.facts, exists (select from pgboss.job j where j.id = t.job_id) as queued
      from tasks t order by t.id`,
  ];
}

/** Works on the task as the worker does. */
async function work(): Promise<void> {
  const [task] = await tasksNow();
  const held = task && await claimTask(sql, task.id, office.clock.now());
  assert.ok(held);
  const outcome = await runUsageReport({
    services: office.services,
    task: held.task,
    claim: held.claim,
    stopping: new AbortController().signal,
  });
  await settleTask(sql, held.claim, outcome, office.clock.now());
}

function valueOf(page: Document, name: string): string | null | undefined {
  return page.querySelector(`[name=${name}]`)?.getAttribute("value");
}

async function alertOf(): Promise<string> {
  const page = await documentOf(await admin.piece("/task-alerts?seen=none"));
  return page.querySelector(".alert")?.textContent?.replace(/\s+/g, " ").trim() ?? "";
}

describe("the window of Parent Portal Usage", () => {
  it("is opened from the options, by a piece and by its own address", async () => {
    const list = await documentOf(await admin.get("/logons"));
    const option = [...list.querySelectorAll(".options a")].find((one) =>
      one.textContent?.trim() === "Parent Portal Usage"
    );
    assert.equal(option?.getAttribute("href"), "/usage-reports/new");
    for (
      const response of [
        await admin.piece("/usage-reports/new"),
        await admin.get("/usage-reports/new"),
      ]
    ) {
      assert.equal(response.status, 200);
      const page = await documentOf(response);
      assert.equal(page.querySelector("#dialog-title")?.textContent, "Parent Portal Usage");
      const labels = [...page.querySelectorAll(".dialog-content .pair label")].map((one) =>
        one.textContent
      );
      assert.deepEqual(labels, ["Start date", "End date", "Year group", "Registration group"]);
      assert.equal(page.querySelector("[name=start]")?.getAttribute("type"), "date");
      assert.deepEqual(
        [valueOf(page, "start"), valueOf(page, "end")],
        ["2026-10-26", "2026-11-24"],
      );
      assert.equal(page.querySelector(".foot .blue")?.textContent, "Continue");
    }
  });

  it("has buttons that fill in the dates and keep the group and the chosen", async () => {
    const window = await documentOf(
      await admin.get("/usage-reports/new?start=2026-11-01&end=2026-11-02&year_group=Year+7"),
    );
    const buttons = [...window.querySelectorAll("[name=dates]")];
    assert.deepEqual(buttons.map((one) => one.textContent), [
      "This week",
      "This term (since 1 September)",
      "Last 30 days",
    ]);
    const [parent] = await sql<
      [{ id: number }]
    >`select id from logons where username = 'ama.boateng'`;
    const fields = {
      start: "2026-11-01",
      end: "2026-11-02",
      year_group: "Year 7",
      parent: String(parent.id),
      dates: buttons[1]?.getAttribute("value") ?? "",
    };
    const path = buttons[1]?.getAttribute("formaction") ?? "";
    const piece = await documentOf(await admin.post(path, fields, PIECE));
    assert.equal(valueOf(piece, "start"), "2026-09-01");
    const page = await documentOf(await admin.post(path, fields));
    assert.deepEqual([valueOf(page, "start"), valueOf(page, "end")], ["2026-09-01", "2026-11-24"]);
    assert.equal(
      page.querySelector("[name=parent][checked]")?.getAttribute("value"),
      fields.parent,
    );
    const chosen = page.querySelector("[name=year_group] option[selected]");
    assert.equal(chosen?.getAttribute("value"), "Year 7");
    assert.ok(page.querySelector("#logons table"), "the list behind it is not filtered away");
  });

  it("shows the sign-ins of each day as bars and as a table", async () => {
    const fields = { start: "2026-09-01", end: "2026-11-24" };
    const response = await admin.post("/usage-reports/preview", fields, PIECE);
    const preview = await documentOf(response);
    const days = await sql<{ count: number }[]>`
      select count(*)::int as count from sign_ins
       where outcome = 'success' and at >= '2026-08-31T23:00Z' and at < '2026-11-25'
       group by (at at time zone 'Europe/London')::date order by (at at time zone 'Europe/London')::date`;
    const shown = [...preview.querySelectorAll("tbody td")].map((one) => Number(one.textContent));
    assert.deepEqual(shown, days.map((row) => row.count));
    assert.equal(preview.querySelectorAll("rect").length, days.length);
    const weeks = await documentOf(
      await admin.post("/usage-reports/preview", { start: "2025-01-01", end: "2026-11-24" }, PIECE),
    );
    const total = [...weeks.querySelectorAll("tbody td")]
      .reduce((sum, one) => sum + Number(one.textContent), 0);
    const [all] = await sql<[{ count: number }]>`
      select count(*)::int as count from sign_ins where outcome = 'success' and at >= '2025-01-01'`;
    assert.equal(total, all.count);
    const [first] = await sql<[{ day: string }]>`
      select to_char(min(at at time zone 'Europe/London'), 'FMDD FMMonth YYYY') as day from sign_ins
       where outcome = 'success' and at >= '2025-01-01'`;
    assert.equal(weeks.querySelector("tbody th")?.textContent, first.day, "not the week's Monday");
    for (const dates of [{}, { start: "2026-11-24", end: "2026-11-01" }]) {
      const none = await admin.post("/usage-reports/preview", dates, PIECE);
      assert.match(await none.text(), /Choose both dates/);
    }
    const nobody = { start: "2001-01-01", end: "2001-01-02" };
    const empty = await admin.post("/usage-reports/preview", nobody, PIECE);
    assert.match(await empty.text(), /Nobody signed in between these dates\. Sign-ins before/);
    const ahead = { start: "2026-11-25", end: "2026-12-31" };
    const toCome = await admin.post("/usage-reports/preview", ahead, PIECE);
    assert.match(
      await toCome.text(),
      /Nobody signed in between these dates\. They are still to come\./,
    );
    // Without script: the whole window again, with what was typed.
    const page = await documentOf(await admin.post("/usage-reports/preview", fields));
    assert.equal(valueOf(page, "start"), "2026-09-01");
  });

  it("says since when sign-ins are kept, where the dates reach back further", async () => {
    const said = async (start: string, end: string): Promise<string> => {
      const response = await admin.post("/usage-reports/preview", { start, end }, PIECE);
      return (await documentOf(response)).querySelector("[role=status]")?.textContent ?? "";
    };
    const gone = / Sign-ins before 24 November 2024 are no longer kept\.$/;
    assert.match(await said("2024-11-23", "2024-11-30"), gone);
    assert.match(await said("2024-11-23", "2026-11-24"), gone);
    assert.doesNotMatch(await said("2024-11-24", "2026-11-24"), /no longer/);
  });

  it("lets parents be searched for and ticked, who stay ticked while one searches on", async () => {
    const [ama] = await sql<[{ id: number }]>`select id from logons where username = 'ama.boateng'`;
    const [other] = await sql<[{ id: number }]>`select id from logons where username = 'lukasz.w'`;
    const dates = { start: "2026-09-01", end: "2026-11-24" };
    const ids = (page: Document, which = ""): (string | null)[] =>
      [...page.querySelectorAll(`#usage-parents [name=parent]${which}`)].map((one) =>
        one.getAttribute("value")
      );
    const search = { ...dates, parent_search: "boateng", parent: String(other.id) };
    for (const headers of [PIECE, {}]) {
      const page = await documentOf(await admin.post("/usage-reports/parents", search, headers));
      assert.deepEqual(ids(page, "[checked]"), [String(other.id)]);
      assert.ok(ids(page, ":not([checked])").includes(String(ama.id)));
      assert.match(
        page.querySelector("#usage-parents [role=status]")?.textContent ?? "",
        /parents? found/,
      );
    }
    const none = await admin.post("/usage-reports/parents", { parent_search: "\0zzqx<b>" }, PIECE);
    assert.match(await none.text(), /Nobody matches/);
    for (const parent_search of ["x".repeat(10_000), "\ud800", "%_\\", "\u{1F600}"]) {
      const kind = await admin.post(
        "/usage-reports/parents",
        { parent_search, parent: "9e99" },
        PIECE,
      );
      assert.equal(kind.status, 200);
    }
    await sql`update logons set deleted_at = now() where id = ${ama.id}`;
    const gone = await documentOf(await admin.post("/usage-reports/parents", search, PIECE));
    await sql`update logons set deleted_at = null where id = ${ama.id}`;
    const row = gone.querySelector(`[name=parent][value="${ama.id}"]`)?.closest("label");
    assert.match(row?.textContent ?? "", /\(deleted\)$/);
    // Enter in the search is not Continue.
    const entered = await admin.post("/usage-reports", { ...search, enter: "yes" }, PIECE);
    assert.deepEqual(ids(await documentOf(entered), "[checked]"), [String(other.id)]);
    assert.deepEqual(await tasksNow(), []);

    const chosen = { ...dates, parent: String(ama.id) };
    const preview = await documentOf(await admin.post("/usage-reports/preview", chosen, PIECE));
    const total = [...preview.querySelectorAll("tbody td")]
      .reduce((sum, one) => sum + Number(one.textContent), 0);
    const [counted] = await sql<[{ count: number }]>`
      select count(*)::int as count from sign_ins
       where outcome = 'success' and logon_id = ${ama.id} and at >= '2026-08-31T23:00Z' and at < '2026-11-25'`;
    assert.equal(total, counted.count);
    assert.match(
      preview.querySelector("[role=status]")?.textContent ?? "",
      /of 1 chosen parent on/,
    );
    assert.equal((await admin.post("/usage-reports", chosen, PIECE)).status, 200);
    const [task] = await tasksNow();
    assert.equal(task?.facts["chosen"], String(ama.id));
    assert.match(task?.title ?? "", /, 1 chosen$/);
  });

  it("says how many may be chosen", async () => {
    const parent = Array.from({ length: 501 }, (_, at) => String(at + 1));
    const body = { start: "2026-09-01", end: "2026-11-24", parent };
    const response = await admin.post("/usage-reports", body, PIECE);
    assert.equal(response.status, 422);
    assert.match(
      (await documentOf(response)).querySelector(".summary")?.textContent ?? "",
      /at most 500/,
    );
    assert.deepEqual(await tasksNow(), []);
  });

  it("is not for a viewer", async () => {
    const viewer = await signIn(office, "viewer");
    assert.equal((await viewer.get("/usage-reports/new")).status, 403);
    const dates = { start: "2026-11-01", end: "2026-11-24" };
    assert.equal((await viewer.post("/usage-reports", dates)).status, 403);
    assert.equal((await viewer.post("/usage-reports/preview", dates)).status, 403);
    assert.equal((await viewer.post("/usage-reports/parents", dates)).status, 403);
    assert.deepEqual(await tasksNow(), []);
  });
});

describe("Continue", () => {
  it("refuses an end before the start and dates that are missing, beside their fields", async () => {
    const wrong = [
      [{ start: "2026-11-24", end: "2026-11-23" }, "end", /^The end date is before the start date/],
      [{ start: "", end: "2026-11-23" }, "start", /^Enter the start date\.$/],
      [{ start: "2026-11-23", end: "2026-02-31" }, "end", /^Enter the end date as day, month/],
    ] as const;
    for (const [fields, field, sentence] of wrong) {
      for (const headers of [PIECE, {}]) {
        const response = await admin.post("/usage-reports", fields, headers);
        assert.equal(response.status, 422);
        const page = await documentOf(response);
        assert.match(page.querySelector(`#field-${field}-problem`)?.textContent ?? "", sentence);
        assert.equal(page.querySelector(`#field-${field}`)?.getAttribute("aria-invalid"), "true");
        assert.equal(
          page.querySelector(".summary a")?.getAttribute("href"),
          `#field-${field}`,
        );
        assert.equal(valueOf(page, "start"), fields.start);
      }
    }
    assert.deepEqual(await tasksNow(), []);
  });

  it("starts the task at once, which stands in Task Alerts", async () => {
    const response = await admin.post("/usage-reports", {
      start: "2026-09-01",
      end: "2026-11-24",
      year_group: "Year 7",
      registration_group: "",
    }, PIECE);
    assert.equal(response.status, 200);
    assert.match(response.headers.get("hx-trigger") ?? "", /dialog:close/);
    const text = await response.text();
    assert.match(text, /Parent Portal Usage, 01\/09\/2026 to 24\/11\/2026/);
    assert.match(text, /Waiting to start/);
    assert.deepEqual((await tasksNow()).map(({ id: _, ...task }) => ({ ...task })), [{
      title: "Parent Portal Usage, 01/09/2026 to 24/11/2026, Year 7",
      kind: "usage report",
      facts: { start: "2026-09-01", end: "2026-11-24", year: "Year 7", group: null },
      queued: true,
    }]);
  });

  it("leads to All tasks without script", async () => {
    const dates = { start: "2026-11-24", end: "2026-11-24" };
    const response = await admin.post("/usage-reports", dates);
    assert.deepEqual([response.status, response.headers.get("location")], [303, "/tasks"]);
  });

  it("asks for the own password again when that was typed over ten minutes ago", async () => {
    const late = await signIn(office);
    const dates = { start: "2026-11-01", end: "2026-11-24" };
    office.clock.move(11);
    const window = await documentOf(await late.piece("/usage-reports/new"));
    assert.ok(window.querySelector("[name=own_password]"));
    for (const own_password of ["", "wrong"]) {
      const response = await late.post("/usage-reports", { ...dates, own_password }, PIECE);
      assert.equal(response.status, 422);
      const page = await documentOf(response);
      assert.match(
        page.querySelector("#field-own_password-problem")?.textContent ?? "",
        /your own password|not your password/i,
      );
      assert.equal(page.querySelector("[name=own_password]")?.getAttribute("value") ?? "", "");
    }
    assert.deepEqual(await tasksNow(), []);
    const right = { ...dates, own_password: "demo-office-2026" };
    assert.equal((await late.post("/usage-reports", right, PIECE)).status, 200);
    assert.equal((await late.post("/usage-reports", dates, PIECE)).status, 200, "remembered");
    assert.ok(!JSON.stringify(await sql`select * from tasks`).includes("demo-office"));
    admin = late;
  });
});

describe("the alert of a report", () => {
  it("says how much is in it and has the workbook to download", async () => {
    await admin.post("/usage-reports", { start: "2026-10-01", end: "2026-11-24" });
    await work();
    const [counted] = await sql<[{ parents: number; sign_ins: number }]>`
      select count(distinct logon_id)::int as parents, count(*)::int as sign_ins from sign_ins
       where outcome = 'success' and at >= '2026-09-30T23:00Z' and at < '2026-11-25'`;
    const said = await alertOf();
    assert.ok(
      said.includes(`Ready, ${counted.parents} parents, ${counted.sign_ins} sign-ins.`),
      said,
    );
    const name = "Portal usage 2026-10-01 to 2026-11-24.xlsx";
    assert.ok(said.includes(`Download ${name} .xlsx`), said);
    const [task] = await tasksNow();
    const file = await admin.get(`/tasks/${task?.id}/file`);
    assert.equal(file.status, 200);
    assert.ok(file.headers.get("content-disposition")?.includes(`filename="${name}"`));
    const bytes = new Uint8Array(await file.arrayBuffer());
    assert.equal(String.fromCharCode(...bytes.subarray(0, 2)), "PK");
    const viewer = await signIn(office, "viewer");
    assert.equal((await viewer.get(`/tasks/${task?.id}/file`)).status, 403);

    await sql`delete from files`;
    assert.match(await alertOf(), /The file is not kept any more.*make it again/);
  });

  it("says that nobody signed in, and has no file", async () => {
    await admin.post("/usage-reports", { start: "2001-01-01", end: "2001-02-28" });
    await work();
    const said = await alertOf();
    assert.ok(said.includes("Nobody signed in between 1 January 2001 and 28 February 2001."), said);
    assert.doesNotMatch(said, /Download/);
  });

  it("says whose parents did not, where a group was chosen", async () => {
    await admin.post("/usage-reports", {
      start: "2001-01-01",
      end: "2001-02-28",
      year_group: "Year 7",
    });
    await work();
    assert.match(
      await alertOf(),
      /No parent of a learner who was in Year 7 when this was made signed in between/,
    );
  });

  it("says how far it is while it is written", async () => {
    await admin.post("/usage-reports", { start: "2026-10-01", end: "2026-11-24" });
    await sql`update tasks set state = 'running', step = 'writing tabs', done = 1200, total = 3120`;
    assert.match(await alertOf(), /Writing the sign-ins: 1,200 of 3,120/);
    await sql`update tasks set state = 'cancelled', finished_at = now()`;
    assert.doesNotMatch(await alertOf(), /written before/);
  });
});
