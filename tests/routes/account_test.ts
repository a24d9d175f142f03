// One's own account in the office: changing the password, choosing the appearance, and having to change at first.

import { after, before, beforeEach, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { type Hasher, openHasher } from "../../lib/passwords.ts";
import { createApp } from "../../routes/mod.ts";
import { documentOf, type Office, openOffice, PIECE, signIn, Visitor } from "../office.ts";

const NOW = "demo-frontdesk-2026";
const NEXT = "copper kettle harbour";

/** Hashes cheaply; knows the cast's passwords by heart. */
function quickHasher(): Hasher {
  const real = openHasher();
  const own = new Set<string>();
  return {
    async hash(password): Promise<string> {
      const hash = await real.hash(password, 4);
      own.add(hash);
      return hash;
    },
    verifyGenerated: () => Promise.resolve(false),
    async verify(password, hash): Promise<boolean> {
      if (hash !== null && own.has(hash)) return await real.verify(password, hash);
      return hash !== null && /^demo-\w+-2026$/.test(password);
    },
  };
}

describe("one's own account", () => {
  let office: Office;
  let hash: string;
  before(async () => {
    const opened = await openOffice();
    const services = { ...opened.services, hasher: quickHasher() };
    office = { ...opened, services, app: createApp(services) };
    const [row] = await services.sql<[{ hash: string }]>`
      select password_hash as hash from admins where username = 'frontdesk'`;
    hash = row.hash;
  });
  after(() => office.close());
  beforeEach(async () => {
    const { sql } = office.services;
    await sql`delete from throttles`;
    await sql`delete from sessions`;
    await sql`update admins set password_hash = ${hash}, must_change_password = false
      where username = 'frontdesk'`;
  });

  it("changes the password: other sessions end, this one stays, and only the new one works", async () => {
    const here = await signIn(office, "frontdesk");
    const elsewhere = await signIn(office, "frontdesk");
    const colleague = await signIn(office, "office");
    const response = await here.post("/account/password", { current: NOW, chosen: NEXT });
    assert.equal(response.headers.get("location"), "/account?saved=password");
    assert.equal((await here.get("/logons")).status, 200);
    assert.equal((await elsewhere.get("/logons")).status, 303);
    assert.equal((await colleague.get("/logons")).status, 200);
    const again = new Visitor(office);
    const old = await again.post("/sign-in", { username: "frontdesk", password: NOW });
    assert.equal(old.status, 422);
    const right = await again.post("/sign-in", { username: "frontdesk", password: NEXT });
    assert.equal(right.status, 303);
    const rows = await office.services.sql<{ row: string }[]>`
      select a::text as row from audit a where what = 'change admin password'`;
    assert.equal(rows.length, 1);
    assert.ok(!rows[0]?.row.includes(NEXT));
  });

  it("asks for the one there is, and makes one wait who guesses at it", async () => {
    const visitor = await signIn(office, "frontdesk");
    for (let n = 0; n < 5; n++) {
      const response = await visitor.post("/account/password", { current: "wrong", chosen: NEXT });
      assert.equal(response.status, 422);
      const page = await documentOf(response);
      assert.equal(page.querySelector("#field-current")?.getAttribute("aria-invalid"), "true");
    }
    const right = { current: NOW, chosen: NEXT };
    assert.equal((await visitor.post("/account/password", right)).status, 422);
    office.clock.move(1.1);
    assert.equal((await visitor.post("/account/password", right)).status, 303);
  });

  it("refuses a new password that may not be one, and says why beside the field", async () => {
    const visitor = await signIn(office, "frontdesk");
    const refused: Record<string, RegExp> = {
      "": /at least 12/,
      "elevenchars": /at least 12/,
      "my Adeyemi family": /Leave out names/,
      "the frontdesk one": /Leave out names/,
      "hillcrest hill gate": /Leave out names/,
      "qwertyuiop12": /guessed first|at least/,
      [NOW]: /the password you have now|Leave out names/,
      [`${"é".repeat(40)}`]: /at most 72/,
      "tab\tkettle harbour": /cannot be typed/,
    };
    for (const [chosen, sentence] of Object.entries(refused)) {
      const response = await visitor.post("/account/password", { current: NOW, chosen });
      assert.equal(response.status, 422, chosen);
      const page = await documentOf(response);
      assert.match(
        page.querySelector("#field-chosen-problem")?.textContent ?? "",
        sentence,
        chosen,
      );
      assert.equal(page.querySelector("#field-chosen")?.getAttribute("value") ?? "", "");
    }
  });

  it("does not let the same password come back in another Unicode form", async () => {
    const visitor = await signIn(office, "frontdesk");
    const composed = "caf\u00e9 kettle harbour";
    assert.equal(
      (await visitor.post("/account/password", { current: NOW, chosen: composed })).status,
      303,
    );
    const same = await visitor.post("/account/password", {
      current: composed,
      chosen: "cafe\u0301 kettle harbour",
    });
    assert.equal(same.status, 422);
  });

  it("comes first for an admin whose password somebody else chose, and nothing else opens", async () => {
    const { sql } = office.services;
    await sql`update admins set must_change_password = true where username = 'frontdesk'`;
    const visitor = await signIn(office, "frontdesk");
    for (const path of ["/logons", "/logons/new", "/tasks", "/account/../logons"]) {
      const response = await visitor.get(path);
      assert.equal(response.headers.get("location"), "/account", path);
    }
    assert.equal((await visitor.piece("/task-alerts?seen=x")).status, 204);
    assert.equal((await visitor.post("/logons", { surname: "x" })).status, 303);
    assert.match(await (await visitor.get("/account")).text(), /Somebody else chose your password/);
    await visitor.post("/account/password", { current: NOW, chosen: NEXT });
    assert.equal((await visitor.get("/logons")).status, 200);
  });

  it("is not overwritten by the poll of its own Task Alerts meanwhile", async () => {
    const { sql } = office.services;
    await sql`update admins set must_change_password = true where username = 'frontdesk'`;
    const visitor = await signIn(office, "frontdesk");
    const page = await documentOf(await visitor.get("/account"));
    const poll = page.querySelector("#task-alerts")?.getAttribute("hx-get");
    if (poll === null || poll === undefined) return;
    const response = await visitor.get(poll, PIECE);
    assert.ok(
      [200, 204].includes(response.status),
      `a redirect (${response.status}) would put the whole page into the region`,
    );
  });

  it("keeps a known appearance, and takes an unknown one for the computer's own", async () => {
    const visitor = await signIn(office, "frontdesk");
    for (const [theme, shown] of [["dark", "dark"], ["light", "light"], ["<script>", null]]) {
      const response = await visitor.post("/account/theme", { theme: theme ?? "" });
      assert.equal(response.headers.get("location"), "/account");
      assert.match(response.headers.getSetCookie()[0] ?? "", /HttpOnly/);
      const page = await documentOf(await visitor.get("/account"));
      assert.equal(page.documentElement.getAttribute("data-theme"), shown);
    }
    visitor.cookies.set("theme", "%22%3E%3Cscript%3E");
    const page = await documentOf(await visitor.get("/account"));
    assert.equal(page.documentElement.getAttribute("data-theme"), null);
  });
});
