// The office's door: who gets in, who is told what, how long a session lasts, and how guessing is slowed.

import { after, before, beforeEach, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { hashToken } from "../../lib/keys.ts";
import type { Hasher } from "../../lib/passwords.ts";
import { createApp } from "../../routes/mod.ts";
import { ownPath } from "../../routes/sessions.tsx";
import { documentOf, type Office, openOffice, signIn, Visitor } from "../office.ts";

const PASSWORD = "demo-office-2026";

/** Knows the cast's passwords without hashing, and counts what it is really asked to compare. */
type Counter = Hasher & { compared: number; asked: number };

function countingHasher(): Counter {
  return {
    compared: 0,
    asked: 0,
    hash: () => Promise.reject(new Error("nothing is hashed here")),
    verifyGenerated: () => Promise.resolve(false),
    async verify(password, hash): Promise<boolean> {
      this.asked++;
      if (hash !== null) this.compared++;
      // As long as another request needs to come in between.
      await new Promise((done) => setTimeout(done, 1));
      return hash !== null && /^demo-(office|viewer|frontdesk)-2026$/.test(password);
    },
  };
}

function withHasher(office: Office, hasher: Hasher): Office {
  const services = { ...office.services, hasher };
  return { ...office, services, app: createApp(services) };
}

async function sameBut(username: string, response: Response): Promise<string> {
  return (await response.text()).replaceAll(`value="${username}"`, "…");
}

describe("the office's door", () => {
  let office: Office;
  before(async () => {
    office = withHasher(await openOffice(), countingHasher());
  });
  after(() => office.close());
  beforeEach(async () => {
    await office.services.sql`delete from throttles`;
    await office.services.sql`delete from sessions`;
    await office.services.sql`update admins set suspended_at = null, role = 'Office'
      where username = 'frontdesk'`;
  });

  it("opens to the right password, whatever the letters' case in the username", async () => {
    const visitor = new Visitor(office);
    const response = await visitor.post("/sign-in", { username: " OFFICE ", password: PASSWORD });
    assert.equal(response.status, 303);
    assert.equal(response.headers.get("location"), "/logons");
    assert.equal((await visitor.get("/logons")).status, 200);
    const [audit] = await office.services.sql`
      select who, what from audit where what = 'sign in' order by id desc limit 1`;
    assert.deepEqual({ ...audit }, { who: "Olwen Hughes", what: "sign in" });
    const [admin] = await office.services.sql`
      select last_sign_in_at from admins where username = 'office'`;
    assert.deepEqual(admin?.["last_sign_in_at"], office.clock.now());
  });

  it("tells wrong, unknown and suspended apart by nothing but the username that was typed", async () => {
    const { sql } = office.services;
    await sql`update admins set suspended_at = now() where username = 'frontdesk'`;
    const tries = [["office", "not it at all"], ["nobody", PASSWORD], [
      "frontdesk",
      "demo-frontdesk-2026",
    ]];
    const answers = [];
    for (const [username = "", password = ""] of tries) {
      const response = await new Visitor(office).post("/sign-in", { username, password });
      assert.equal(response.status, 422, username);
      assert.equal(response.headers.get("set-cookie"), null, username);
      const headers = [...response.headers].filter(([name]) => name !== "x-request-id");
      answers.push({ headers, body: await sameBut(username, response) });
    }
    assert.deepEqual(answers[1], answers[0]);
    assert.deepEqual(answers[2], answers[0]);
  });

  it("keeps the username that was typed, and never the password", async () => {
    const response = await new Visitor(office).post("/sign-in", {
      username: `<b>"o'x&`,
      password: "a password typed here",
    });
    const text = await response.text();
    assert.doesNotMatch(text, /a password typed here|<b>/);
    const page = await documentOf(new Response(text));
    assert.equal(page.querySelector("[name=username]")?.getAttribute("value"), `<b>"o'x&`);
    assert.equal(page.querySelector("[name=password]")?.getAttribute("value") ?? "", "");
    assert.ok(page.querySelector("[role=alert]"));
    assert.match(page.title, /^Error: /);
  });

  it("takes a username that cannot be one kindly", async () => {
    const hostile = [
      "",
      " ",
      "\0",
      "office\0",
      "\ud800",
      "x".repeat(5000),
      "‮office",
      "=cmd|' /C calc'!A0",
    ];
    for (const username of hostile) {
      const response = await new Visitor(office).post("/sign-in", { username, password: "wrong" });
      assert.equal(response.status, 422, JSON.stringify(username));
      await response.body?.cancel();
    }
  });

  it("is not opened by a part of the form that is missing, doubled, or no form at all", async () => {
    const visitor = new Visitor(office);
    for (
      const fields of [{}, { username: "office" }, { password: PASSWORD }, {
        username: ["office", "viewer"],
        password: [PASSWORD, "wrong"],
      }]
    ) {
      assert.equal((await visitor.post("/sign-in", fields)).status, 422, JSON.stringify(fields));
    }
    const json = await visitor.ask("/sign-in", {
      method: "POST",
      body: JSON.stringify({ username: "office", password: PASSWORD }),
      headers: { origin: "http://localhost:8000", "content-type": "application/json" },
    });
    assert.equal(json.status, 422);
  });

  it("leads to the page that was asked for, and never to another site", async () => {
    const visitor = new Visitor(office);
    const response = await visitor.post("/sign-in", {
      username: "office",
      password: PASSWORD,
      next: "/logons?state=locked",
    });
    assert.equal(response.headers.get("location"), "/logons?state=locked");
    const again = await visitor.get("/sign-in?next=//evil.example");
    assert.equal(again.headers.get("location"), "/logons");
  });

  it("gives every sign-in a session of its own, whose hash alone is stored", async () => {
    const first = await signIn(office);
    const second = new Visitor(office);
    const planted = "planted-by-somebody-else";
    second.cookies.set("office", planted);
    await second.post("/sign-in", { username: "office", password: PASSWORD });
    const tokens = [first, second].map((visitor) => visitor.cookies.get("office") ?? "");
    assert.notEqual(tokens[0], tokens[1]);
    assert.ok(!tokens.includes(planted));
    const stored = await office.services.sql<{ token_hash: Uint8Array; row: string }[]>`
      select token_hash, s::text as row from sessions s`;
    assert.equal(stored.length, 2);
    for (const token of tokens) {
      assert.match(token, /^[A-Za-z0-9_-]{43}$/);
      const hash = hashToken(token);
      assert.ok(stored.some((one) => hash.toHex() === new Uint8Array(one.token_hash).toHex()));
      assert.ok(stored.every((one) => !one.row.includes(token)));
    }
    assert.ok(office.logged.every((line) => !tokens.some((token) => line.includes(token))));
  });

  it("closes at signing out, and tells the browser to forget", async () => {
    const visitor = await signIn(office);
    const token = visitor.cookies.get("office") ?? "";
    const response = await visitor.post("/sign-out");
    assert.equal(response.status, 303);
    assert.equal(response.headers.get("location"), "/sign-in");
    assert.equal(response.headers.get("clear-site-data"), '"cache", "storage"');
    assert.equal(visitor.cookies.has("office"), false);
    const thief = new Visitor(office);
    thief.cookies.set("office", token);
    assert.equal((await thief.get("/logons")).status, 303);
  });

  it("closes for a session that lay idle, stays open for one that is busy, and closes in the end", async () => {
    const visitor = await signIn(office);
    office.clock.move(29);
    assert.equal((await visitor.get("/logons")).status, 200);
    office.clock.move(29);
    assert.equal((await visitor.get("/tasks")).status, 200);
    office.clock.move(30);
    assert.equal((await visitor.get("/logons")).status, 303);

    const busy = await signIn(office);
    for (let minutes = 0; minutes < 12 * 60 - 20; minutes += 20) {
      office.clock.move(20);
      assert.equal((await busy.get("/account")).status, 200, `${minutes + 20} minutes`);
    }
    office.clock.move(20);
    assert.equal((await busy.get("/logons")).status, 303);
  });

  it("is not kept open by a page that asks for its Task Alerts by itself", async () => {
    const visitor = await signIn(office);
    for (let minutes = 0; minutes < 28; minutes += 7) {
      office.clock.move(7);
      assert.equal((await visitor.piece("/task-alerts")).status, 200);
    }
    office.clock.move(2);
    const response = await visitor.piece("/task-alerts");
    assert.equal(response.status, 401);
    assert.match(response.headers.get("hx-redirect") ?? "", /^\/sign-in/);
  });

  it("closes at the next request for an admin who was suspended or whose role has changed", async () => {
    const { sql } = office.services;
    const visitor = await signIn(office, "frontdesk");
    assert.equal((await visitor.get("/logons/new")).status, 200);
    await sql`update admins set role = 'Viewer' where username = 'frontdesk'`;
    assert.equal((await visitor.get("/logons")).status, 303);
    const again = await signIn(office, "frontdesk");
    assert.equal((await again.get("/logons/new")).status, 403);
    await sql`update admins set role = 'Office' where username = 'frontdesk'`;
    const third = await signIn(office, "frontdesk");
    await sql`update admins set suspended_at = now() where username = 'frontdesk'`;
    assert.equal((await third.get("/logons")).status, 303);
  });

  it("makes one wait after five wrong passwords, even with the right one, and then opens", async () => {
    const visitor = new Visitor(office);
    for (let wrong = 1; wrong <= 5; wrong++) {
      const response = await visitor.post("/sign-in", { username: "Office", password: "wrong" });
      assert.equal(response.status, 422);
      await response.body?.cancel();
    }
    const right = { username: "office", password: PASSWORD };
    assert.equal((await visitor.post("/sign-in", right)).status, 422);
    office.clock.move(0.9);
    assert.equal((await visitor.post("/sign-in", right)).status, 422);
    office.clock.move(0.2);
    assert.equal((await visitor.post("/sign-in", right)).status, 303);
    const [row] = await office.services.sql`
      select count(*)::int as count from throttles where kind = 'name'`;
    assert.equal(row?.["count"], 0, "a right password starts the count from nothing");
  });

  it("keeps nothing of what was typed among the counters", async () => {
    await new Visitor(office).post("/sign-in", {
      username: "typed-into-the-wrong-field",
      password: "wrong",
    });
    const rows = await office.services.sql<{ row: string; key: Uint8Array }[]>`
      select t::text as row, key from throttles t`;
    assert.equal(rows.length, 2);
    for (const { row, key } of rows) {
      assert.doesNotMatch(row, /typed|192\.0\.2\.1/);
      assert.doesNotMatch(new TextDecoder().decode(new Uint8Array(key)), /typed|192/);
    }
  });
});

describe("guessing at the office's door", () => {
  let office: Office;
  let hasher: Counter;
  before(async () => {
    hasher = countingHasher();
    office = withHasher(await openOffice(), hasher);
  });
  after(() => office.close());
  beforeEach(async () => {
    await office.services.sql`delete from throttles`;
    hasher.compared = 0;
    hasher.asked = 0;
  });

  it("compares exactly five of 200 wrong passwords that come at the same moment", async () => {
    const tries = Array.from({ length: 200 }, async (_, n) => {
      const visitor = new Visitor(office, `198.51.100.${n}`);
      const response = await visitor.post("/sign-in", { username: "office", password: `no ${n}` });
      await response.body?.cancel();
      return response.status;
    });
    const statuses = new Set(await Promise.all(tries));
    assert.deepEqual([...statuses], [422]);
    assert.equal(hasher.compared, 5);
    assert.equal(hasher.asked, 200, "the work is the same for those that are refused");
  });

  it("asks the hasher exactly once on every path", async () => {
    const { sql } = office.services;
    await sql`update admins set suspended_at = now() where username = 'frontdesk'`;
    for (const username of ["office", "nobody", "frontdesk", ""]) {
      hasher.asked = 0;
      await new Visitor(office).post("/sign-in", { username, password: "wrong" });
      assert.equal(hasher.asked, 1, username);
    }
    await sql`update admins set suspended_at = null where username = 'frontdesk'`;
  });

  it("doubles the wait with each further wrong password, to fifteen minutes at most", async () => {
    const visitor = new Visitor(office);
    const wrong = { username: "office", password: "wrong" };
    for (let first = 1; first <= 4; first++) await visitor.post("/sign-in", wrong);
    for (const minutes of [1, 2, 4, 8, 15, 15, 15]) {
      await visitor.post("/sign-in", wrong);
      const [row] = await office.services.sql<{ waits: Date }[]>`
        select waits_until as waits from throttles where kind = 'name'`;
      const waits = (row?.waits.getTime() ?? 0) - office.clock.now().getTime();
      assert.equal(waits / 60_000, minutes);
      office.clock.move(minutes);
    }
    const response = await visitor.post("/sign-in", { username: "office", password: PASSWORD });
    assert.equal(response.status, 303, "never for ever");
  });

  it("slows an address that tries many names, and no other address", async () => {
    const stranger = new Visitor(office, "203.0.113.66");
    for (let n = 0; n < 300; n++) {
      await stranger.post("/sign-in", { username: `name-${n}`, password: "wrong" });
    }
    const right = { username: "office", password: PASSWORD };
    assert.equal((await stranger.post("/sign-in", right)).status, 422);
    assert.equal((await new Visitor(office, "203.0.113.67").post("/sign-in", right)).status, 303);
  });

  it("never slows a school whose people sign in rightly from one address", async () => {
    for (let n = 0; n < 150; n++) {
      const response = await new Visitor(office).post("/sign-in", {
        username: "office",
        password: PASSWORD,
      });
      assert.equal(response.status, 303, `sign-in ${n + 1}`);
    }
  });

  it("does not slow them when 120 of them sign in at the same moment either", async () => {
    await office.services.sql`
      insert into admins (username, name, role, password_hash)
      select 'crowd.' || n, 'Crowd ' || n, 'Viewer', a.password_hash
        from admins a, generate_series(1, 120) n where a.username = 'viewer'`;
    const statuses = await Promise.all(Array.from({ length: 120 }, async (_, n) => {
      const response = await new Visitor(office).post("/sign-in", {
        username: `crowd.${n + 1}`,
        password: "demo-viewer-2026",
      });
      return response.status;
    }));
    assert.deepEqual([...new Set(statuses)], [303]);
  });

  it("does not make a whole address wait for one person who tries one name again and again", async () => {
    const stuck = new Visitor(office);
    for (let n = 0; n < 130; n++) {
      await stuck.post("/sign-in", { username: "frontdesk", password: "wrong" });
    }
    const response = await new Visitor(office).post("/sign-in", {
      username: "office",
      password: PASSWORD,
    });
    assert.equal(response.status, 303);
  });

  it("counts the addresses that one household has as one, however they are written", async () => {
    for (const ip of ["2001:db8::1", "2001:db8:0:0:9:9:9:9", "2001:db8::aaaa:bbbb:cccc:dddd"]) {
      await new Visitor(office, ip).post("/sign-in", { username: ip, password: "wrong" });
    }
    const rows = await office.services.sql`select failures from throttles where kind = 'address'`;
    assert.deepEqual(rows.map((row) => row["failures"]), [3]);
  });
});

describe("the way back after signing in", () => {
  const evil = [
    "//evil.example",
    "///evil.example",
    "https://evil.example",
    "https:evil.example",
    "http:/evil.example",
    "/\\evil.example",
    "\\/evil.example",
    "\\\\evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "/%0d%0aSet-Cookie:x=y\r\nx",
    "\r\n//evil.example",
    "javascript:alert(1)",
    "data:text/html,x",
    "evil.example",
    " //evil.example",
    "/ok\u2028",
    "/ünïcode",
    "",
    "/sign-in?next=/sign-in",
    "/sign-out",
  ];
  for (const next of evil) {
    it(`is not ${JSON.stringify(next)}`, () => assert.equal(ownPath(next), "/logons"));
  }
  it("is a page of our own, query and all", () => {
    for (const next of ["/logons?q=a%20b&after=3", "/settings", "/tasks?before=9"]) {
      assert.equal(ownPath(next), next);
      const url = new URL(ownPath(next), "https://school.example");
      assert.equal(url.host, "school.example");
    }
  });
});
