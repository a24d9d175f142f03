// The portal's switch: closed, every page of it says the school's message, sessions wait, and the office works on.

import { after, afterEach, before, beforeEach, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import type { Sql } from "../../db/connect.ts";
import { listRoutes } from "../../routes/mod.ts";
import { documentOf, type Office, openOffice, signIn, Visitor } from "../office.ts";

const MESSAGE = "We move to a new server <today>. Open again on Monday.";

let office: Office;
let sql: Sql;

before(async () => {
  office = await openOffice();
  sql = office.services.sql;
});
after(() => office.close());

async function close(message = MESSAGE): Promise<void> {
  await sql`
    insert into settings (name, value) values ('portal', '"closed"'), ('portal_message', ${
    sql.json(message)
  })`;
}

async function enter(): Promise<{ parent: Visitor; response: Response }> {
  const parent = new Visitor(office);
  const response = await parent.post("/portal/sign-in", {
    username: "ama.boateng",
    password: "demo-parent-2026",
  });
  return { parent, response };
}

describe("the portal while it is closed", () => {
  let inside: Visitor;
  beforeEach(async () => {
    inside = (await enter()).parent;
    await close();
  });
  afterEach(async () => {
    await sql`delete from settings`;
  });

  it("says the school's message in the place of every page, to everybody, and does nothing else", async () => {
    const outside = new Visitor(office);
    const routes = listRoutes().filter(({ path }) => path.startsWith("/portal"));
    assert.ok(routes.length > 25);
    for (const { method, path } of routes) {
      if (path === "/portal/sign-out") continue;
      const address = path.replaceAll(/:\w+/g, "1");
      for (const visitor of [inside, outside]) {
        const answer = method === "GET" ? await visitor.get(address) : await visitor.post(address);
        assert.equal(answer.status, 503, `${method} ${path}`);
        assert.equal(answer.headers.get("retry-after"), null);
        assert.match(await answer.text(), /new server &lt;today&gt;\. Open again on Monday\./);
      }
    }
  });

  it("has the browser load the page where it asked for a piece of one", async () => {
    const answer = await inside.piece("/portal/sign-ins?after=5");
    assert.equal(answer.status, 503);
    assert.equal(answer.headers.get("hx-redirect"), "/portal");
  });

  it("lets nobody in, and counts and records no try", async () => {
    const [before_] = await sql<[{ n: number }]>`select count(*)::int as n from sign_ins`;
    const { response } = await enter();
    assert.equal(response.status, 503);
    assert.deepEqual(response.headers.getSetCookie(), []);
    const [after_] = await sql<[{ n: number }]>`select count(*)::int as n from sign_ins`;
    assert.equal(after_.n, before_.n);
  });

  it("keeps sessions: whoever was signed in is in again once it opens", async () => {
    assert.equal((await inside.get("/portal")).status, 503);
    await sql`delete from settings`;
    assert.equal((await inside.get("/portal")).status, 200);
  });

  it("lets a parent sign out all the same", async () => {
    const answer = await inside.post("/portal/sign-out");
    assert.equal(answer.headers.get("location"), "/portal/sign-in");
    await sql`delete from settings`;
    assert.equal((await inside.get("/portal")).status, 303);
  });

  it("has words of its own where the school has none", async () => {
    await sql`delete from settings`;
    await close("");
    assert.match(await (await inside.get("/portal")).text(), /Please come back later/);
  });

  it("leaves the office at work, and reminds it on Parent Logons", async () => {
    const admin = await signIn(office);
    const page = await documentOf(await admin.get("/logons"));
    const banner = page.querySelector('[role="note"]');
    assert.match(banner?.textContent ?? "", /The Parent Portal is closed: no parent can sign in/);
    assert.ok(banner?.querySelector('a[href="/settings#field-portal"]'));
    const frontdesk = await documentOf(await (await signIn(office, "frontdesk")).get("/logons"));
    assert.equal(frontdesk.querySelector('[role="note"] a'), null);
    await sql`delete from settings`;
    const open = await documentOf(await admin.get("/logons"));
    assert.equal(open.querySelector('[role="note"]'), null);
  });
});

describe("the portal's switch in Settings", () => {
  it("closes and opens with a message, each with its row in the audit", async () => {
    const admin = await signIn(office);
    const settings = await documentOf(await admin.get("/settings"));
    const fields = Object.fromEntries(
      [...settings.querySelectorAll("form.card [name]")].map((field) => [
        field.getAttribute("name") ?? "",
        (field.querySelector("option[selected]") ?? field.querySelector("option") ?? field)
          .getAttribute("value") ?? field.textContent ?? "",
      ]),
    );
    const options = [...settings.querySelectorAll("#field-portal option")];
    assert.deepEqual(options.map((one) => [one.getAttribute("value"), one.textContent]), [
      ["open", "open"],
      ["closed", "closed"],
    ]);
    for (const portal of ["closed", "open"]) {
      const posted = { ...fields, portal, portal_message: MESSAGE };
      const answer = await admin.post("/settings", posted);
      assert.equal(answer.headers.get("location"), "/settings?saved=yes", portal);
      assert.equal(
        (await new Visitor(office).get("/portal/sign-in")).status,
        portal === "closed" ? 503 : 200,
      );
      const [audit] = await sql<{ who: string; after: { portal: string } }[]>`
        select who, after from audit where what = 'edit settings' order by id desc limit 1`;
      assert.deepEqual([audit?.who, audit?.after.portal], ["Olwen Hughes", portal]);
    }
    const wrong = await admin.post("/settings", { ...fields, portal: "ajar" });
    assert.equal(wrong.status, 422);
    assert.match(await wrong.text(), /Choose one of: open, closed\./);
    await sql`delete from settings`;
  });
});
