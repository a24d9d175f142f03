// The sign-in history: every try in plain words, narrowed by the address bar, paged by key, who seems to guess, and its export.

import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { claimTask } from "../../db/tasks.ts";
import { runSignInExport } from "../../jobs/sign_in_exports.ts";
import { findFile, readWholeFile } from "../../db/files.ts";
import { readTable, shownRows } from "../../lib/excel/read.ts";
import { documentOf, type Office, openOffice, PIECE, signIn, Visitor } from "../office.ts";

describe("the sign-in history", () => {
  let office: Office;
  let visitor: Visitor;
  before(async () => {
    office = await openOffice();
    visitor = await signIn(office);
    await office.services.sql`delete from sign_ins`;
  });
  after(() => office.close());

  async function add(
    username: string | null,
    outcome: string,
    more: { minutesAgo?: number; ip?: string; times?: number } = {},
  ): Promise<void> {
    const at = new Date(office.clock.now().getTime() - (more.minutesAgo ?? 0) * 60_000);
    await office.services.sql`
      insert into sign_ins (at, outcome, ip, user_agent, logon_id, first_name, surname, username, email)
      select ${at}::timestamptz - make_interval(secs => n), ${outcome}, ${
      more.ip ?? "192.0.2.1"
    }::inet,
             'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0',
             l.id, l.first_name, l.surname, l.username, l.email
        from generate_series(1, ${more.times ?? 1}) as n
        left join logons l on l.username = ${username}`;
  }

  async function clear(): Promise<void> {
    await office.services.sql`delete from sign_ins`;
    await office.services.sql`delete from throttles`;
  }

  async function rowsOf(query: string): Promise<string[]> {
    const page = await documentOf(await visitor.get(`/sign-ins${query}`));
    return [...page.querySelectorAll("#sign-ins tbody tr")]
      .map((row) => row.textContent?.replace(/\s+/g, " ").trim() ?? "");
  }

  it("says that there is nothing yet, and that nothing matches", async () => {
    await clear();
    assert.match(await (await visitor.get("/sign-ins")).text(), /Nobody has signed in yet/);
    await add("ama.boateng", "success");
    assert.match(
      await (await visitor.get("/sign-ins?result=waiting")).text(),
      /No sign-in matches/,
    );
  });

  it("records what happens at the portal, the newest first, in plain words", async () => {
    await clear();
    const parent = new Visitor(office, "198.51.100.7");
    await parent.post("/portal/sign-in", { username: "nobody-at-all", password: "x" });
    office.clock.move(1);
    await parent.post("/portal/sign-in", { username: "ama.boateng", password: "wrong" });
    office.clock.move(1);
    await parent.post("/portal/sign-in", {
      username: "ama.boateng",
      password: "demo-parent-2026",
    });
    const [last, middle, first] = await rowsOf("");
    assert.match(last ?? "", /Ama Boateng.*signed in.*198\.51\.100\.7/);
    assert.match(middle ?? "", /Ama Boateng.*wrong password/);
    assert.match(first ?? "", /not known; what was typed is not kept.*unknown username/);
    assert.ok(!(await (await visitor.get("/sign-ins")).text()).includes("nobody-at-all"));
  });

  it("is narrowed by result, logon, search, address and whole local days, also over the clocks' change", async () => {
    await clear();
    const { sql } = office.services;
    await add("ama.boateng", "success", { ip: "192.0.2.9" });
    await add("lukasz.w", "wrong password");
    await add("lukasz.w", "suspended");
    await add(null, "unknown username");
    const [ama] = await sql<{ id: number }[]>`select id from logons where username = 'ama.boateng'`;
    assert.equal((await rowsOf("?result=success")).length, 1);
    assert.equal((await rowsOf("?result=failed")).length, 3);
    assert.equal((await rowsOf("?result=shut+out")).length, 1);
    assert.equal((await rowsOf(`?logon=${ama?.id}`)).length, 1);
    assert.equal((await rowsOf("?q=wisn")).length, 2);
    assert.equal((await rowsOf("?ip=192.0.2.9")).length, 1);
    assert.equal((await rowsOf("?from=2026-11-25")).length, 0);
    const turned = await documentOf(await visitor.get("/sign-ins?from=2026-11-25&to=2026-11-24"));
    assert.match(turned.body.textContent ?? "", /To lies before From/);
    // Of a logon that is gone for good there is only what was written down then.
    await sql`
      insert into sign_ins (at, outcome, first_name, surname, username, learners)
      values (${office.clock.now()}, 'success', 'Gôné', 'Parent', 'gone.parent', array['Tom Parent (7B)'])`;
    for (const q of ["gone", "tom parent", "gone.parent", "pa"]) {
      assert.equal((await rowsOf(`?q=${q}`)).length, 1, q);
    }
    await sql`delete from sign_ins where username = 'gone.parent'`;
    // Half past midnight on the last night of summer time, and half past midnight after it.
    await sql`update sign_ins set at = '2026-10-24T23:30:00Z' where outcome = 'success'`;
    await sql`update sign_ins set at = '2026-10-26T00:30:00Z' where outcome = 'unknown username'`;
    assert.equal((await rowsOf("?from=2026-10-25&to=2026-10-25")).length, 1);
    assert.equal((await rowsOf("?from=2026-10-26&to=2026-10-26")).length, 1);
  });

  it("takes whatever else an address says as if it were not there", async () => {
    await clear();
    await add("ama.boateng", "success");
    for (
      const query of [
        "?result=%00",
        "?from=yesterday&to=2026-02-31",
        "?ip=999.1.1.1",
        "?logon=-1&after=0&before=x",
        `?q=${encodeURIComponent("\0")}`,
        "?after=999999999",
      ]
    ) {
      assert.equal((await rowsOf(query)).length, 1, query);
    }
    assert.equal((await rowsOf(`?q=${"%F0%9F%98%80".repeat(500)}`)).length, 0);
  });

  it("turns its pages by key in both directions, and a piece is the page's own part", async () => {
    await clear();
    await add("ama.boateng", "success", { times: 120 });
    const first = await documentOf(await visitor.get("/sign-ins"));
    const next = first.querySelector("a[rel=next]")?.getAttribute("href") ?? "";
    const second = await documentOf(await visitor.get(next));
    assert.equal(second.querySelectorAll("#sign-ins tbody tr").length, 50);
    const third = await documentOf(
      await visitor.get(second.querySelector("a[rel=next]")?.getAttribute("href") ?? ""),
    );
    assert.equal(third.querySelectorAll("#sign-ins tbody tr").length, 20);
    const back = await visitor.get(
      third.querySelector("a[rel=prev]")?.getAttribute("href") ?? "",
      PIECE,
    );
    const piece = await documentOf(back);
    assert.equal(piece.querySelector("h1"), null);
    assert.equal(
      piece.querySelector("#sign-ins tbody")?.textContent,
      second.querySelector("#sign-ins tbody")?.textContent,
    );
  });

  it("shows who has to wait and where many wrong tries came from, and nothing on a quiet day", async () => {
    await clear();
    await add("ama.boateng", "success");
    assert.ok(!(await (await visitor.get("/sign-ins")).text()).includes("Worth a look"));
    const stranger = new Visitor(office, "203.0.113.50");
    for (let round = 0; round < 6; round++) {
      await stranger.post("/portal/sign-in", { username: "lukasz.w", password: "wrong" });
    }
    for (let round = 0; round < 6; round++) {
      await stranger.post("/portal/sign-in", { username: `guess-${round}`, password: "wrong" });
    }
    const page = await documentOf(await visitor.get("/sign-ins"));
    const text = page.querySelector(".worth-a-look")?.textContent?.replace(/\s+/g, " ") ?? "";
    assert.match(
      text,
      /Have to wait now ?Łukasz Wiśniewski until \d\d:\d\d, after 5 wrong tries/,
    );
    assert.match(text, /203\.0\.113\.50: 12, at 1 logon, the last today, \d\d:\d\d$/);
  });

  it("shows where everybody at an address has to wait, and lets them in again", async () => {
    await clear();
    const { sql } = office.services;
    const crowd = new Visitor(office, "203.0.113.60");
    await crowd.post("/portal/sign-in", { username: "guess", password: "wrong" });
    await add(null, "unknown username", { ip: "203.0.113.60", times: 99 });
    await sql`
      update throttles set failures = 100, waits_until = ${office.clock.now()}::timestamptz + interval '1 minute'
       where kind = 'address'`;
    const seen = async (): Promise<Element | null> =>
      (await documentOf(await visitor.get("/sign-ins"))).querySelector(".worth-a-look");
    const form = (await seen())?.querySelector('form[action="/sign-ins/unlocked-address"]');
    assert.match(form?.textContent ?? "", /Everybody there has to wait until \d\d:\d\d/);
    const ip = form?.querySelector("[name=ip]")?.getAttribute("value") ?? "";
    const viewer = await signIn(office, "viewer");
    assert.equal((await viewer.post("/sign-ins/unlocked-address", { ip })).status, 403);
    await visitor.post("/sign-ins/unlocked-address", { ip });
    assert.equal((await seen())?.querySelector("form"), null);
    const [audit] = await sql`select subject, after from audit where what = 'unlock address'`;
    assert.deepEqual({ ...audit }, { subject: "address", after: { address: "203.0.113.60" } });
  });

  it("is exported as a workbook with the tries that are listed, by those who may", async () => {
    await clear();
    const { sql } = office.services;
    await add("ama.boateng", "success");
    await add("lukasz.w", "wrong password");
    const response = await visitor.post("/sign-in-exports", { result: "failed" });
    assert.equal(response.status, 303);
    const [task] = await sql<{ id: number }[]>`select id from tasks order by id desc limit 1`;
    const held = await claimTask(sql, task?.id ?? 0, office.clock.now());
    assert.ok(held);
    const outcome = await runSignInExport({
      services: office.services,
      ...held,
      stopping: new AbortController().signal,
    });
    assert.deepEqual(outcome.facts, { tries: 1 });
    const file = await findFile(sql, held.task.id, "result");
    assert.ok(file);
    const read = readTable(await readWholeFile(sql, file), "Sign-ins.xlsx");
    assert.ok("table" in read);
    assert.deepEqual(shownRows(read.table).at(-1)?.slice(2, 8), [
      "Łukasz Wiśniewski",
      "lukasz.w",
      "l.wisniewski@example.org",
      "",
      "wrong password",
      "Firefox on Windows",
    ]);
    // Whoever opens the file next year sees what it is.
    assert.equal(held.task.title, "Sign-in history, did not get in");
    assert.equal(file.name, "Sign-ins, did not get in.xlsx");
    const about = readTable(await readWholeFile(sql, file), "x.xlsx", { preferredSheet: "About" });
    assert.ok("table" in about);
    const lines = new Map(shownRows(about.table).map(([label = "", value = ""]) => [label, value]));
    assert.equal(lines.get("How it went"), "Did not get in");
    assert.equal(lines.get("Tries"), "1");
    const [audit] = await sql<{ after: unknown }[]>`
      select after from audit where what = 'export sign in history'`;
    assert.deepEqual(audit?.after, {
      search: "",
      logon: null,
      result: "failed",
      ip: null,
      from: null,
      to: null,
    });
  });

  it("asks for the own password again before an export", async () => {
    const late = await signIn(office);
    office.clock.move(11);
    const asked = await late.post("/sign-in-exports", {});
    assert.equal(asked.status, 422);
    assert.match(await asked.text(), /Enter your own password/);
    const right = await late.post("/sign-in-exports", { own_password: "demo-office-2026" });
    assert.equal(right.status, 303);
  });
});
