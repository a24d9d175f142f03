// Letters: codes on paper only, which work when the office says so, once, for a time, and never after something newer.

import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { findTask } from "../../db/tasks.ts";
import { jobs } from "../../jobs/mod.ts";
import { purgeExpired } from "../../jobs/housekeeping.ts";
import { documentOf, type Office, openOffice, PIECE, signIn, Visitor } from "../office.ts";

describe("printed letters", () => {
  let office: Office;
  let visitor: Visitor;
  before(async () => {
    office = await openOffice();
    visitor = await signIn(office, "frontdesk");
    await office.services.queue.work(office.services, jobs);
  });
  after(() => office.close());

  async function idOf(username: string): Promise<number> {
    const [row] = await office.services.sql<{ id: number }[]>`
      select id from logons where username = ${username}`;
    return row?.id ?? 0;
  }

  /** Makes letters and waits until they can be printed. */
  async function make(...usernames: string[]): Promise<number> {
    const logon = (await Promise.all(usernames.map(idOf))).map(String);
    const own_password = "demo-frontdesk-2026";
    const response = await visitor.post("/letters", { logon, listed: logon, own_password });
    assert.equal(response.status, 303);
    const taskId = Number(response.headers.get("location")?.split("/").at(-1));
    for (let tries = 0; tries < 200; tries++) {
      if ((await findTask(office.services.sql, taskId))?.state === "needs review") return taskId;
      await new Promise((done) => setTimeout(done, 50));
    }
    return assert.fail("the letters were never made");
  }

  async function print(taskId: number): Promise<{ text: string; codes: Map<string, string> }> {
    const response = await visitor.post(`/letters/${taskId}/printing`, {
      own_password: "demo-frontdesk-2026",
    });
    const page = await documentOf(response);
    const codes = [...page.querySelectorAll(".sheet dl")].map((list) => {
      const [, username = "", code = ""] = [...list.querySelectorAll("dd")]
        .map((cell) => cell.textContent ?? "");
      return [username, code] as const;
    });
    return { text: page.body?.textContent ?? "", codes: new Map(codes) };
  }

  async function signsIn(username: string, password: string): Promise<string | null> {
    const parent = new Visitor(office, "192.0.2.99");
    const response = await parent.post("/portal/sign-in", { username, password });
    return response.headers.get("location");
  }

  async function stateOf(taskId: number): Promise<string[]> {
    const rows = await office.services.sql<{ state: string }[]>`
      select state from credential_mails where task_id = ${taskId} order by username`;
    return rows.map((row) => row.state);
  }

  it("are offered where there is no email: in Bulk Reset, and for one logon", async () => {
    const bulk = await documentOf(await visitor.piece("/bulk-resets/new"));
    const link = [...bulk.querySelectorAll("a")].find((one) => /print/.test(one.textContent ?? ""));
    assert.equal(link?.getAttribute("href"), "/letters/new");
    const window = await documentOf(await visitor.piece("/letters/new"));
    const names = [...window.querySelectorAll('input[name="logon"]')]
      .map((box) => box.getAttribute("aria-label"));
    assert.deepEqual(names, ["Fatima al-Rashid"]);
    const id = await idOf("fatima.ar");
    const envelope = await visitor.piece(`/logons/${id}/credentials`);
    assert.match(await envelope.text(), new RegExp(`/letters/new\\?logon=${id}`));
    const edit = await visitor.piece(`/logons/${id}/edit`);
    assert.match(await edit.text(), new RegExp(`/letters/new\\?logon=${id}`));
    const one = await visitor.piece(`/letters/new?logon=${await idOf("ama.boateng")}`);
    assert.match(await one.text(), /Ama Boateng/);
  });

  it("carry a code that works from the confirmation on, once, and must be changed", async () => {
    const taskId = await make("fatima.ar");
    assert.match(
      await (await visitor.get(`/letters/${taskId}`)).text(),
      /1 letter to print\. No code works/,
    );
    const { text, codes } = await print(taskId);
    const code = codes.get("fatima.ar") ?? "";
    assert.match(code, /^[a-z]+-[a-z]+-[a-z]+-[a-z]+$/);
    for (
      const part of ["Fatima al-Rashid", "Yusuf al-Rashid, 10D", "/portal", "24 December 2026"]
    ) {
      assert.ok(text.includes(part), part);
    }
    assert.equal(await signsIn("fatima.ar", code), null, "not before it is confirmed");
    await visitor.post(`/letters/${taskId}/confirmation`);
    assert.equal((await findTask(office.services.sql, taskId))?.state, "done");
    assert.equal(await signsIn("fatima.ar", code), "/portal/password");
    const again = await print(taskId);
    assert.equal(again.codes.size, 0, "once used it cannot be printed again");
    const [entry] = await office.services.sql<{ used: Date | null }[]>`
      select first_used_at as used from credential_mails where task_id = ${taskId}`;
    assert.deepEqual(entry?.used, office.clock.now());
  });

  it("leave the old password alone until they are confirmed, and end it and its sessions then", async () => {
    const taskId = await make("ama.boateng");
    await print(taskId);
    assert.notEqual(await signsIn("ama.boateng", "demo-parent-2026"), null);
    await visitor.post(`/letters/${taskId}/confirmation`);
    assert.equal(await signsIn("ama.boateng", "demo-parent-2026"), null);
    const [sessions] = await office.services.sql<[{ count: number }]>`
      select count(*)::int as count from sessions where logon_id = ${await idOf("ama.boateng")}`;
    assert.equal(sessions.count, 0);
    const [notice] = await office.services.sql<{ kind: string; address: string }[]>`
      select kind, address from notices where logon_id = ${await idOf(
      "ama.boateng",
    )} order by id desc limit 1`;
    assert.deepEqual(notice, { kind: "letter printed", address: "ama.boateng@example.org" });
  });

  it("say the same code however often they are opened, and each opening is in the audit", async () => {
    const taskId = await make("paul.barley", "hannah.barley");
    const first = await print(taskId);
    const second = await print(taskId);
    assert.equal(first.codes.size, 2);
    assert.deepEqual(second.codes, first.codes);
    const rows = await office.services.sql<{ who: string; after: { letters: number } }[]>`
      select who, after from audit where what = 'open letters for printing' and subject_id = ${taskId}`;
    assert.deepEqual(rows.map((row) => row.after.letters), [2, 2]);
  });

  it("keep their codes out of the database, the log and every page but the sheets", async () => {
    const taskId = await make("paul.barley");
    const code = (await print(taskId)).codes.get("paul.barley") ?? "none";
    const [row] = await office.services.sql<[{ text: string }]>`
      select (select string_agg(m::text, ' ') from credential_mails m) || (select string_agg(t::text, ' ') from tasks t)
             || (select string_agg(a::text, ' ') from audit a) as text`;
    assert.ok(!row.text.includes(code) && !office.logged.join("\n").includes(code));
    const pages = [`/letters/${taskId}`, "/credential-mails", "/tasks", "/task-alerts"];
    for (const path of pages) {
      assert.ok(!(await (await visitor.get(path)).text()).includes(code), path);
    }
  });

  it("are superseded by a newer letter, and the older code never works", async () => {
    const older = await make("paul.barley");
    const old = (await print(older)).codes.get("paul.barley") ?? "";
    const newer = await make("paul.barley");
    assert.deepEqual(await stateOf(older), ["superseded"]);
    assert.equal((await findTask(office.services.sql, older))?.state, "cancelled");
    await visitor.post(`/letters/${older}/confirmation`);
    assert.equal(await signsIn("paul.barley", old), null);
    const code = (await print(newer)).codes.get("paul.barley") ?? "";
    await visitor.post(`/letters/${newer}/confirmation`);
    assert.equal(await signsIn("paul.barley", code), "/portal/password");
  });

  it("confirm only what was opened, once, whoever presses the button twice", async () => {
    const taskId = await make("hannah.barley");
    await visitor.post(`/letters/${taskId}/confirmation`);
    assert.equal((await findTask(office.services.sql, taskId))?.state, "needs review");
    await print(taskId);
    const path = `/letters/${taskId}/confirmation`;
    await Promise.all([visitor.post(path), visitor.post(path)]);
    const [audit] = await office.services.sql<[{ count: number }]>`
      select count(*)::int as count from audit where what = 'confirm letters as printed' and subject_id = ${taskId}`;
    assert.equal(audit.count, 1);
  });

  it("leave out whose logon was changed, or has expired, after they were made", async () => {
    const { sql } = office.services;
    const taskId = await make("paul.barley", "hannah.barley", "john.smith");
    await sql`update logons set username = 'paul.changed' where username = 'paul.barley'`;
    await sql`update logons set expires_on = ${office.clock.today()}::date - 1 where username = 'john.smith'`;
    const { codes } = await print(taskId);
    assert.deepEqual([...codes.keys()], ["hannah.barley"]);
    await sql`update logons set username = 'paul.barley' where username = 'paul.changed'`;
    await sql`update logons set expires_on = null where username = 'john.smith'`;
    assert.deepEqual((await stateOf(taskId)).toSorted(), ["left out", "left out", "sending"]);
  });

  it("give no code to whose logon has expired before they were confirmed", async () => {
    const { sql } = office.services;
    const taskId = await make("paul.barley", "hannah.barley");
    assert.equal((await print(taskId)).codes.size, 2);
    await sql`update logons set expires_on = ${office.clock.today()}::date - 1 where username = 'paul.barley'`;
    await visitor.post(`/letters/${taskId}/confirmation`);
    assert.deepEqual((await stateOf(taskId)).toSorted(), ["accepted", "left out"]);
    await sql`update logons set expires_on = null where username = 'paul.barley'`;
  });

  it("are not opened again once their code is not the logon's password any more", async () => {
    const { sql } = office.services;
    const taskId = await make("fatima.ar");
    assert.equal((await print(taskId)).codes.size, 1);
    await visitor.post(`/letters/${taskId}/confirmation`);
    assert.equal((await print(taskId)).codes.size, 1, "a sheet that got lost");
    await sql`
      update logon_passwords set hash = ${"$2b$12$CU.V34Cs3BaSV7t.sBUx7.ZDjtCLPfHrI.brxyqM5NUIwToD.V4HO"}
       where logon_id = ${await idOf("fatima.ar")}`;
    assert.equal((await print(taskId)).codes.size, 0);
  });

  it("are not opened where the server key is another one: nobody could print them", async () => {
    const { sql } = office.services;
    const taskId = await make("fatima.ar");
    await sql`update tasks set facts = facts || '{"keyPrint": "another"}' where id = ${taskId}`;
    const response = await visitor.post(`/letters/${taskId}/printing`, {
      own_password: "demo-office-2026",
    });
    assert.match(await response.text(), /The server key has changed since/);
    assert.deepEqual(await stateOf(taskId), ["queued"]);
  });

  it("ask for the own password again before they are opened", async () => {
    const taskId = await make("hannah.barley");
    office.clock.move(11);
    const response = await visitor.post(`/letters/${taskId}/printing`);
    assert.equal(response.status, 422);
    const text = await response.text();
    assert.match(text, /Enter your own password/);
    assert.doesNotMatch(text, /class="code"/);
  });

  it("can be opened for seven days, and codes that nobody confirmed by then never work", async () => {
    const taskId = await make("hannah.barley");
    const code = (await print(taskId)).codes.get("hannah.barley") ?? "";
    office.clock.move(8 * 24 * 60);
    visitor = await signIn(office, "frontdesk");
    assert.equal((await print(taskId)).codes.size, 0);
    await purgeExpired(office.services);
    assert.equal((await findTask(office.services.sql, taskId))?.state, "cancelled");
    await visitor.post(`/letters/${taskId}/confirmation`);
    assert.equal(await signsIn("hannah.barley", code), null);
    assert.match(
      await (await visitor.get(`/letters/${taskId}`)).text(),
      /None of the codes works/,
    );
  });

  it("work until the day that they name, and not after it", async () => {
    const taskId = await make("hannah.barley");
    const code = (await print(taskId)).codes.get("hannah.barley") ?? "";
    await visitor.post(`/letters/${taskId}/confirmation`);
    office.clock.move(31 * 24 * 60);
    visitor = await signIn(office, "frontdesk");
    assert.equal(await signsIn("hannah.barley", code), null);
    const ledger = await (await visitor.get("/credential-mails?state=password-expired")).text();
    assert.match(ledger, /Hannah Barley/);
  });

  it("are made for nobody who cannot use one", async () => {
    const id = String(await idOf("declan.oconnor"));
    for (const logon of [id, "999999", "0", "x", ""]) {
      const response = await visitor.post("/letters", {
        logon,
        listed: id,
        own_password: "demo-frontdesk-2026",
      }, PIECE);
      assert.equal(response.status, 422, logon);
      assert.match(await response.text(), /Choose at least one parent/);
    }
  });

  it("cannot be made or opened by who may only look, nor found under another task's id", async () => {
    const taskId = await make("hannah.barley");
    const viewer = await signIn(office, "viewer");
    assert.equal((await viewer.get(`/letters/${taskId}`)).status, 200);
    for (
      const path of ["/letters", `/letters/${taskId}/printing`, `/letters/${taskId}/confirmation`]
    ) {
      assert.equal((await viewer.post(path)).status, 403, path);
    }
    const [other] = await office.services.sql<{ id: number }[]>`
      insert into tasks (kind, title) values ('usage report', 'Other') returning id`;
    assert.equal((await visitor.post(`/letters/${other?.id}/printing`)).status, 404);
    assert.equal((await visitor.get("/letters/abc")).status, 404);
  });

  it("give the piece that the page holds", async () => {
    const taskId = await make("hannah.barley");
    const page = await documentOf(await visitor.get(`/letters/${taskId}`));
    const piece = await documentOf(await visitor.piece(`/letters/${taskId}`));
    assert.equal(
      piece.querySelector("#letters")?.outerHTML,
      page.querySelector("#letters")?.outerHTML,
    );
  });
});
