// Task Alerts and All tasks over HTTP: one's own alerts, everybody's tasks, files, dismissing and cancelling.

import { after, before, beforeEach, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { putFile } from "../../db/files.ts";
import type { Sql } from "../../db/connect.ts";
import { attachment } from "../../routes/task_alerts.tsx";
import { documentOf, type Office, openOffice, PIECE, signIn, type Visitor } from "../office.ts";

let office: Office;
let admin: Visitor;
let colleague: Visitor;
let sql: Sql;
before(async () => {
  office = await openOffice();
  sql = office.services.sql;
  admin = await signIn(office);
  colleague = await signIn(office, "frontdesk");
});
after(() => office.close());
beforeEach(() => sql`delete from tasks`);

async function addTask(
  owner: string,
  more: { title?: string; state?: string; total?: number; done?: number } = {},
): Promise<number> {
  const state = more.state ?? "queued";
  const finished = ["done", "failed", "cancelled"].includes(state);
  const [row] = await sql<[{ id: number }]>`
    insert into tasks (kind, title, admin_id, state, total, done, finished_at, failure)
    select 'excel import', ${more.title ?? "Import of parents.xlsx"}, a.id, ${state},
           ${more.total ?? null}, ${more.done ?? 0}, ${finished ? office.clock.now() : null},
           ${state === "failed" ? sql.json({ code: "broken" }) : null}
      from admins a where a.username = ${owner} returning id`;
  return row.id;
}

async function stateOf(id: number): Promise<string> {
  const [row] = await sql<{ state: string }[]>`select state from tasks where id = ${id}`;
  return row?.state ?? "gone";
}

describe("Task Alerts", () => {
  it("are one's own, newest first, in a region of that name on every page", async () => {
    await addTask("office", { title: "First" });
    await addTask("office", { title: "Second" });
    await addTask("frontdesk", { title: "Somebody else's" });
    for (const path of ["/logons", "/tasks", "/account", "/settings"]) {
      const page = await documentOf(await admin.get(path));
      const region = page.querySelector("#task-alerts");
      assert.match(region?.querySelector("h2")?.textContent ?? "", /^Task Alerts/, path);
      assert.equal(region?.getAttribute("aria-labelledby"), "task-alerts-title");
      const titles = [...region?.querySelectorAll("h3") ?? []].map((one) => one.textContent);
      assert.deepEqual(titles, ["Second", "First"], path);
    }
  });

  it("are the same region as a piece, and nothing while nothing has changed", async () => {
    const id = await addTask("office", { state: "running", total: 10 });
    const piece = await documentOf(await admin.piece("/task-alerts?seen=old"));
    const page = await documentOf(await admin.get("/logons"));
    const region = piece.querySelector("#task-alerts");
    assert.equal(region?.outerHTML, page.querySelector("#task-alerts")?.outerHTML);
    const poll = region?.getAttribute("hx-get") ?? "";
    const same = await admin.piece(poll);
    assert.equal(same.status, 204);
    assert.equal(await same.text(), "");
    await sql`update tasks set done = 5 where id = ${id}`;
    assert.equal((await admin.piece(poll)).status, 200);
    assert.equal((await admin.get("/task-alerts")).headers.get("location"), "/tasks");
  });

  it("ask every second while something runs, else every ten", async () => {
    const trigger = async (): Promise<string | null | undefined> =>
      (await documentOf(await admin.piece("/task-alerts"))).querySelector("#task-alerts")
        ?.getAttribute("hx-trigger");
    assert.equal(await trigger(), "every 10s");
    await addTask("office", { state: "running" });
    assert.equal(await trigger(), "every 1s");
  });

  it("escape what a file was called", async () => {
    await addTask("office", { title: `<img src=x onerror=alert(1)>.xlsx`, state: "done" });
    const page = await documentOf(await admin.piece("/task-alerts"));
    assert.ok(page.querySelector("img") === null);
    assert.equal(page.querySelector("h3")?.textContent, "<img src=x onerror=alert(1)>.xlsx");
  });

  it("are dismissed when they have finished, by their owner, and stay under All tasks", async () => {
    const id = await addTask("office", { state: "done" });
    const running = await addTask("office", { state: "running" });
    const others = await addTask("frontdesk", { state: "done" });
    for (const each of [id, id, running, others]) {
      const response = await admin.post(`/task-alerts/${each}/dismissal`, {}, PIECE);
      assert.equal(response.status, 200);
      assert.equal(response.headers.get("hx-reswap"), "none");
      const page = await documentOf(response);
      assert.ok(page.querySelector('hx-partial[hx-target="#task-alerts"] #task-alerts'));
    }
    const rows = await sql<{ id: number }[]>`select id from tasks where dismissed_at is not null`;
    assert.deepEqual(rows.map((row) => row.id), [id]);
    const tasks = await documentOf(await admin.get("/tasks"));
    assert.equal(tasks.querySelectorAll("tbody tr").length, 3);
  });

  it("are dismissed all at once, those that were seen to have ended and no others", async () => {
    const ended: number[] = [];
    for (let n = 0; n < 3; n++) ended.push(await addTask("office", { state: "done" }));
    const running = await addTask("office", { state: "running" });
    const others = await addTask("frontdesk", { state: "done" });
    const region = (await documentOf(await admin.get("/logons"))).querySelector("#task-alerts");
    const form = region?.querySelector('form[action="/task-alerts/dismissals"]');
    const named = form?.querySelector('[name="tasks"]')?.getAttribute("value") ?? "";
    assert.deepEqual(named.split(" ").map(Number), ended.toReversed());
    const later = await addTask("office", { state: "done" });
    const tasks = `${named} ${running} ${others} nonsense`;
    const response = await admin.post("/task-alerts/dismissals", { tasks });
    assert.equal(response.headers.get("location"), "/tasks", "without script");
    const left = await sql<{ id: number }[]>`
      select id from tasks where dismissed_at is null order by id`;
    assert.deepEqual(left.map(({ id }) => id), [running, others, later]);
  });

  it("say where there are more than are shown, and never leave out what is under way", async () => {
    const running = await addTask("office", { title: "Oldest", state: "running" });
    for (let n = 0; n < 21; n++) await addTask("office", { state: "done" });
    const region = (await documentOf(await admin.get("/logons"))).querySelector("#task-alerts");
    assert.match(region?.querySelector("h2")?.textContent ?? "", /20 and more/);
    assert.equal(region?.querySelectorAll("[data-task]").length, 20);
    assert.ok(region?.querySelector(`[data-task="${running}"]`));
    assert.equal(region?.getAttribute("data-unfinished"), "1");
  });

  it("work without script: each deed is a form of its own", async () => {
    const queued = await addTask("office");
    const done = await addTask("office", { state: "done" });
    const page = await documentOf(await admin.get("/logons"));
    for (const action of [`/tasks/${queued}/cancellation`, `/task-alerts/${done}/dismissal`]) {
      assert.ok(
        page.querySelector(
          `#task-alerts form[method="post"][action="${action}"] button[type="submit"]`,
        ),
      );
      assert.equal((await admin.post(action)).headers.get("location"), "/tasks");
    }
    assert.equal(await stateOf(queued), "cancelled");
  });

  it("say of what is cancelled only what it had really written", async () => {
    const id = await addTask("office", { state: "cancelled", total: 50, done: 20 });
    const said = async (): Promise<string> =>
      (await documentOf(await admin.piece("/task-alerts"))).body.textContent ?? "";
    assert.match(await said(), /20 rows had been written before/);
    await sql`update tasks set kind = 'sign in export' where id = ${id}`;
    assert.match(await said(), /Cancelled\./);
    assert.doesNotMatch(await said(), /written/);
  });

  it("tell the truth about a failure without its inside", async () => {
    await addTask("office", { state: "failed" });
    const page = await documentOf(await admin.piece("/task-alerts"));
    assert.match(page.body.textContent ?? "", /Something went wrong on our side.*task \d+/s);
  });
});

describe("All tasks", () => {
  it("are everybody's, a page at a time, each once", async () => {
    for (let n = 1; n <= 60; n++) {
      await addTask(n % 2 ? "office" : "frontdesk", { title: `No. ${n}` });
    }
    const titles: (string | null)[] = [];
    let path: string | null = "/tasks";
    while (path !== null) {
      const page: Document = await documentOf(await colleague.get(path));
      titles.push(...[...page.querySelectorAll("tbody strong")].map((one) => one.textContent));
      path = page.querySelector(".pager a")?.getAttribute("href") ?? null;
    }
    assert.deepEqual(titles, Array.from({ length: 60 }, (_, n) => `No. ${60 - n}`));
  });

  it("ask again while one of them is under way, and name no deed twice", async () => {
    await addTask("office", { state: "done" });
    const list = async (): Promise<Element | null> =>
      (await documentOf(await admin.piece("/tasks?before=999999999"))).querySelector("#all-tasks");
    assert.equal((await list())?.getAttribute("hx-get"), null);
    const id = await addTask("office", { state: "running", total: 10, done: 4 });
    assert.equal((await list())?.getAttribute("hx-get"), "/tasks?before=999999999");
    assert.match((await list())?.textContent ?? "", /4 of 10/);
    const page = await documentOf(await admin.get("/tasks"));
    assert.equal(page.querySelectorAll(`[id="cancel-${id}"]`).length, 1);
    const ids = [...page.querySelectorAll("[id]")].map((one) => one.id);
    assert.equal(new Set(ids).size, ids.length);
  });

  it("say so where there is none", async () => {
    const page = await documentOf(await admin.get("/tasks"));
    assert.match(page.querySelector("main")?.textContent ?? "", /No tasks yet/);
  });
});

describe("cancelling", () => {
  it("ends at once what has not begun, asks what runs to stop, and is harmless twice", async () => {
    const queued = await addTask("office");
    const running = await addTask("office", { state: "running" });
    const done = await addTask("office", { state: "done" });
    for (const id of [queued, queued, running, running, done]) {
      const response = await admin.post(`/tasks/${id}/cancellation`, {}, PIECE);
      assert.equal(response.status, 200);
      await response.body?.cancel();
    }
    assert.deepEqual(
      [await stateOf(queued), await stateOf(running), await stateOf(done)],
      ["cancelled", "running", "done"],
    );
    const [row] = await sql`select cancel_asked_at from tasks where id = ${running}`;
    assert.deepEqual(row?.["cancel_asked_at"], office.clock.now());
  });

  it("is not a viewer's to do, and there is no such task at a wrong id", async () => {
    const id = await addTask("office");
    const viewer = await signIn(office, "viewer");
    assert.equal((await viewer.post(`/tasks/${id}/cancellation`)).status, 403);
    assert.equal(await stateOf(id), "queued");
    for (const wrong of ["0", "-1", "abc", "999999999", "9223372036854775808"]) {
      assert.equal((await admin.post(`/tasks/${wrong}/cancellation`)).status, 404, wrong);
      assert.equal((await admin.post(`/task-alerts/${wrong}/dismissal`)).status, 404, wrong);
      assert.equal((await admin.get(`/tasks/${wrong}/file`)).status, 404, wrong);
    }
  });
});

describe("a task's own page", () => {
  it("is linked from its alert and All tasks, and says who, when, how far and what failed", async () => {
    const id = await addTask("office", {
      title: "<b>Long</b>",
      state: "running",
      total: 10,
      done: 4,
    });
    const failed = await addTask("frontdesk", { state: "failed" });
    for (
      const [path, selector] of [
        ["/logons", `.alert a[aria-label^="Details of task"]`],
        ["/tasks", "tbody strong a"],
      ] as const
    ) {
      const page = await documentOf(await admin.get(path));
      const links = [...page.querySelectorAll(selector)].map((one) => one.getAttribute("href"));
      assert.ok(links.includes(`/tasks/${id}`), path);
    }
    const page = await documentOf(await colleague.get(`/tasks/${id}`));
    assert.equal(page.querySelector("h1")?.textContent, "<b>Long</b>");
    const main = page.querySelector("main")?.textContent ?? "";
    assert.match(main, /4 of 10/);
    assert.match(main, /Under way/);
    assert.match(main, /Started by.*Olwen Hughes/s);
    assert.match(page.querySelector(".history")?.textContent ?? "", /Olwen Hughes: asked for it/);
    const piece = await documentOf(await colleague.piece(`/tasks/${id}`));
    assert.equal(piece.querySelector("#task")?.outerHTML, page.querySelector("#task")?.outerHTML);
    assert.match(piece.querySelector("#task")?.getAttribute("hx-trigger") ?? "", /every 2s/);
    const ended = await documentOf(await admin.get(`/tasks/${failed}`));
    assert.match(
      ended.querySelector("main")?.textContent ?? "",
      /Something went wrong on our side/,
    );
    assert.ok(ended.querySelector('main a[href="/excel-imports/new"]'), "what to do instead");
    assert.equal(ended.querySelector('form[action$="/retry"]'), null);
    assert.equal(ended.querySelector("#task")?.getAttribute("hx-get") ?? null, null);
    for (const wrong of ["0", "abc", "999999999", "9223372036854775808"]) {
      assert.equal((await admin.get(`/tasks/${wrong}`)).status, 404, wrong);
      assert.equal((await admin.post(`/tasks/${wrong}/retry`)).status, 404, wrong);
    }
  });

  it("cancels, comes back, and has that in its log", async () => {
    const id = await addTask("office");
    const response = await admin.post(`/tasks/${id}/cancellation`, { back: "task" });
    assert.equal(response.headers.get("location"), `/tasks/${id}`);
    const page = await documentOf(await admin.get(`/tasks/${id}`));
    assert.match(page.querySelector(".history")?.textContent ?? "", /Olwen Hughes: cancelled task/);
    assert.equal(page.querySelector('form[action$="/cancellation"]'), null);
    const viewer = await signIn(office, "viewer");
    const looked = await documentOf(await viewer.get(`/tasks/${await addTask("office")}`));
    assert.equal(looked.querySelector("#task form"), null);
  });

  it("says until when its file is kept", async () => {
    const id = await addTask("office", { state: "done" });
    await putFile(sql, {
      taskId: id,
      purpose: "result",
      name: "parents.xlsx",
      mediaType: "application/octet-stream",
      bytes: new Uint8Array(3),
      at: new Date("2026-11-24T10:00:00Z"),
    });
    const page = await documentOf(await admin.get(`/tasks/${id}`));
    assert.match(page.querySelector("main")?.textContent ?? "", /Kept until .*24 Dec/);
    assert.ok(page.querySelector(`main a[href="/tasks/${id}/file"]`));
  });

  it("starts a report that failed again, once however often it is asked, about the same", async () => {
    const facts = { start: "2026-09-01", end: "2026-11-24", year: null, group: null };
    const [row] = await sql<[{ id: number }]>`
      insert into tasks (kind, title, admin_id, state, finished_at, failure, facts)
      select 'usage report', 'Usage', a.id, 'failed', now(), '{"code": "broke"}', ${sql.json(facts)}
        from admins a where a.username = 'frontdesk' returning id`;
    const page = await documentOf(await admin.get(`/tasks/${row.id}`));
    assert.ok(page.querySelector(`form[action="/tasks/${row.id}/retry"]`));
    const first = await admin.post(`/tasks/${row.id}/retry`);
    assert.equal(first.status, 303);
    const second = await admin.post(`/tasks/${row.id}/retry`);
    assert.equal(second.headers.get("location"), first.headers.get("location"));
    const tasks = await sql<{ id: number; kind: string; facts: unknown; queued: boolean }[]>`
      select t.id, t.kind, t.facts, exists (select from pgboss.job j where j.id = t.job_id) as queued
        from tasks t where t.id <> ${row.id}`;
    assert.equal(tasks.length, 1);
    assert.equal(first.headers.get("location"), `/tasks/${tasks[0]?.id}`);
    assert.deepEqual(
      [tasks[0]?.kind, tasks[0]?.facts, tasks[0]?.queued],
      ["usage report", { ...facts, retryOf: row.id }, true],
    );
    const import_ = await addTask("office", { state: "failed" });
    const refused = await admin.post(`/tasks/${import_}/retry`);
    assert.equal(refused.headers.get("location"), `/tasks/${import_}`);
    assert.equal((await sql`select from tasks`).length, 3);
    const viewer = await signIn(office, "viewer");
    assert.equal((await viewer.post(`/tasks/${row.id}/retry`)).status, 403);

    office.clock.move(11);
    const asked = await admin.post(`/tasks/${row.id}/retry`);
    assert.equal(asked.status, 422);
    assert.ok((await documentOf(asked)).querySelector("#field-own_password-problem"));
  });
});

describe("the file of a task", () => {
  const bytes = crypto.getRandomValues(new Uint8Array(40_000));

  async function addFile(
    taskId: number,
    purpose: "upload" | "result",
    name: string,
  ): Promise<void> {
    await putFile(sql, {
      taskId,
      purpose,
      name,
      mediaType: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
      bytes,
      at: office.clock.now(),
    });
  }

  it("comes whole, as a download under its name", async () => {
    const id = await addTask("office", { state: "done" });
    await addFile(id, "result", "parents (result).xlsx");
    const response = await admin.get(`/tasks/${id}/file`);
    assert.equal(response.status, 200);
    assert.match(response.headers.get("content-type") ?? "", /spreadsheetml/);
    assert.match(
      response.headers.get("content-disposition") ?? "",
      /^attachment; filename="parents \(result\)\.xlsx"; filename\*=UTF-8''parents%20/,
    );
    assert.equal(response.headers.get("cache-control"), "no-store");
    assert.deepEqual(new Uint8Array(await response.arrayBuffer()), bytes);
    const again = await colleague.get(`/tasks/${id}/file`);
    assert.equal(again.status, 200, "nothing is lost when a colleague is away");
    await again.body?.cancel();
  });

  it("is no viewer's to take, and never the upload", async () => {
    const id = await addTask("office", { state: "done" });
    await addFile(id, "upload", "upload.xlsx");
    assert.equal((await admin.get(`/tasks/${id}/file`)).status, 404);
    await addFile(id, "result", "result.xlsx");
    const viewer = await signIn(office, "viewer");
    assert.equal((await viewer.get(`/tasks/${id}/file`)).status, 403);
  });

  it("has a name that no header breaks on", () => {
    const names = [
      'a"b.xlsx',
      "a\r\nSet-Cookie: x.xlsx",
      "Übersicht Čž.xlsx",
      "報告.xlsx",
      "\\..\\x",
      "a;b='c'(d)*.xlsx",
    ];
    for (const name of names) {
      const header = attachment(name);
      assert.match(header, /^attachment; filename="[^"\\\r\n]*"; filename\*=UTF-8''[\x21-\x7e]*$/);
      const value = header.split("UTF-8''")[1] ?? "";
      assert.equal(decodeURIComponent(value), name);
      assert.match(value, /^[\w!#$&+.^`|~%-]*$/, "only what RFC 8187 allows");
    }
  });
});
