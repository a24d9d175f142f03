// What people are told when something is not there, not allowed or broken, and what is logged.

import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { connect } from "../../db/connect.ts";
import { factory } from "../../routes/context.ts";
import { open } from "../../routes/guards.ts";
import { createApp } from "../../routes/mod.ts";
import { documentOf, type Office, openOffice, ORIGIN, PIECE, signIn, Visitor } from "../office.ts";

describe("an error", () => {
  let office: Office;
  before(async () => {
    const opened = await openOffice();
    const broken = factory.createApp()
      .get("/", () => {
        throw new TypeError("the inside of <the> error, at secret_table");
      })
      .get("/sql", async (c) => c.json(await c.var.services.sql`select nothing from nowhere`));
    const app = createApp(opened.services, [{ path: "/broken", guard: open, routes: broken }]);
    office = { ...opened, app };
  });
  after(() => office.close());

  it("of ours is said calmly, with the request's number and nothing of its inside", async () => {
    for (const path of ["/broken", "/broken/sql"]) {
      office.logged.length = 0;
      const response = await new Visitor(office).get(path);
      assert.equal(response.status, 500);
      const text = await response.text();
      const id = response.headers.get("x-request-id") ?? "none";
      assert.ok(text.includes(id));
      assert.doesNotMatch(text, /inside|secret_table|nowhere|TypeError|PostgresError|at file/);
      const lines = office.logged.filter((line) => line.includes('"error"'));
      assert.equal(lines.length, 1, "logged once");
      assert.ok(lines[0]?.includes(id));
      assert.match(lines[0] ?? "", /secret_table|nowhere/);
    }
  });

  it("of ours names its code in the log, by which the database's errors are told apart", async () => {
    office.logged.length = 0;
    await new Visitor(office).get("/broken/sql");
    assert.match(office.logged.join(), /"code":"42P01"/);
  });

  it("is a toast for a piece, and exchanges nothing else on the page", async () => {
    const response = await new Visitor(office).piece("/broken");
    assert.equal(response.status, 500);
    assert.equal(response.headers.get("hx-retarget"), "#toasts");
    const page = await documentOf(response);
    assert.ok(page.querySelector("[role=alert]"));
    assert.ok(page.querySelector("main") === null);
  });

  it("of an address is said as a page that leads back to where one was", async () => {
    for (const [path, home] of [["/nothing/here", "/logons"], ["/portal-x", "/portal"]]) {
      const response = await new Visitor(office).get(path ?? "");
      assert.equal(response.status, 404);
      const page = await documentOf(response);
      assert.equal(page.querySelector("h1")?.textContent, "Not found");
      assert.equal(page.querySelector("main a.button")?.getAttribute("href"), home);
    }
  });

  it("does not repeat the address it was asked for", async () => {
    const response = await new Visitor(office).get("/<script>alert(1)</script>?x=<script>");
    assert.equal(response.status, 404);
    assert.doesNotMatch(await response.text(), /<script>alert|%3Cscript/i);
  });

  it("of size is refused before anything is read", async () => {
    const admin = await signIn(office);
    const response = await admin.post("/logons", { firstName: "x".repeat(1_100_000) });
    assert.equal(response.status, 413);
    assert.match(await response.text(), /too large, so nothing was changed/);
    const chunked = await office.app.request(`${ORIGIN}/sign-in`, {
      method: "POST",
      headers: { origin: ORIGIN, "content-type": "application/x-www-form-urlencoded" },
      body: ReadableStream.from(function* (): Generator<Uint8Array> {
        for (let n = 0; n < 20; n++) yield new Uint8Array(100_000).fill(120);
      }()),
    });
    assert.equal(chunked.status, 413, "without a length too");
    await chunked.body?.cancel();
  });

  it("of the database is said calmly, as something that passes", async () => {
    const away = connect({ url: "postgres://someone:secret@127.0.0.1:1/nothing", pool: 1 });
    const app = createApp({ ...office.services, sql: away });
    office.logged.length = 0;
    const page = await app.request(`${ORIGIN}/logons`);
    assert.equal(page.status, 503);
    assert.equal(page.headers.get("retry-after"), "10");
    const text = await page.text();
    assert.match(text, /The database cannot be reached just now/);
    assert.doesNotMatch(text, /ECONNREFUSED|127\.0\.0\.1|secret/);
    const piece = await app.request(`${ORIGIN}/logons`, { headers: PIECE });
    assert.equal(piece.status, 503);
    assert.equal(piece.headers.get("hx-retarget"), "#toasts");
    await piece.body?.cancel();
    const sign = await app.request(`${ORIGIN}/portal/sign-in`, {
      method: "POST",
      headers: { origin: ORIGIN, "content-type": "application/x-www-form-urlencoded" },
      body: "username=ama.boateng&password=demo-parent-2026",
    });
    assert.equal(sign.status, 503);
    await sign.body?.cancel();
    assert.ok(office.logged.some((line) => line.includes('"level":"warn"')));
    assert.ok(office.logged.every((line) => !line.includes("someone:secret")));
    await away.end({ timeout: 1 });
  });

  it("of the database passes: the next request finds it again after every connection was cut", async () => {
    const admin = await signIn(office);
    await office.services.sql`
      select pg_terminate_backend(pid) from pg_stat_activity
       where datname = current_database() and pid <> pg_backend_pid()`;
    await new Promise((done) => setTimeout(done, 100));
    const statuses: number[] = [];
    for (let n = 0; n < 3; n++) statuses.push((await admin.get("/logons")).status);
    assert.equal(statuses.at(-1), 200);
    assert.ok(statuses.every((status) => status === 200 || status === 503), String(statuses));
  });
});
