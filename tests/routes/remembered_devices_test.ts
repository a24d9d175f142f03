// A device that is remembered after a code is not asked for one again: for some days, for one parent, and until anything changes.

import { after, before, beforeEach, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { type Sql, transaction } from "../../db/connect.ts";
import { changeTfa } from "../../db/logon_tfa.ts";
import { confirmSecret } from "../../db/tfa.ts";
import { purgeExpired } from "../../jobs/housekeeping.ts";
import { codeAt } from "../../lib/totp.ts";
import { createApp } from "../../routes/mod.ts";
import { documentOf, type Office, openOffice, signIn, Visitor } from "../office.ts";

const OWN = "demo-parent-2026";
const CHOSEN = "copper kettle harbour";
const SECRET = new Uint8Array(20).fill(5);
const DAY = 24 * 60;

let office: Office;
let sql: Sql;
let id = 0;
let username = "";

before(async () => {
  const opened = await openOffice();
  const { hasher } = opened.services;
  const services = {
    ...opened.services,
    hasher: {
      ...hasher,
      // The lowest cost there is, and no mailed passwords: a test waits for nothing.
      hash: (password: string) => hasher.hash(password, 4),
      verifyGenerated: () => Promise.resolve(false),
    },
  };
  office = { ...opened, services, app: createApp(services) };
  sql = services.sql;
});
after(() => office.close());
beforeEach(async () => {
  await sql`delete from throttles`;
  [id, username] = await addParent();
});

async function addParent(): Promise<[id: number, username: string]> {
  const name = crypto.randomUUID();
  const hash = await office.services.hasher.hash(OWN, 4);
  const [row] = await sql<[{ id: number }]>`
    insert into logons (first_name, surname, username, email)
    values ('Zoë', 'Aalto', ${name}, ${`${name}@example.org`}) returning id`;
  await sql`
    insert into logon_passwords (logon_id, hash, temporary) values (${row.id}, ${hash}, false)`;
  const secret = await office.services.keys.sealer("totp secret").seal(SECRET, String(row.id));
  const confirmed = { secret, step: 1, at: office.clock.now() };
  await transaction(
    sql,
    (tx) => confirmSecret(tx, { logonId: row.id }, confirmed, [new Uint8Array(32)]),
  );
  return [row.id, name];
}

async function enter(
  visitor: Visitor,
  fields: Record<string, string> = {},
): Promise<string | null> {
  const answer = await visitor.post("/portal/sign-in", { username, password: OWN, ...fields });
  return answer.headers.get("location");
}

async function enterCode(visitor: Visitor, fields: Record<string, string> = {}): Promise<Response> {
  office.clock.move(1);
  const code = codeAt(SECRET, office.clock.now());
  return await visitor.post("/portal/tfa/code", { code, ...fields });
}

/** A browser that was remembered, signed out again. */
async function remembered(): Promise<Visitor> {
  const visitor = new Visitor(office);
  assert.equal(await enter(visitor), "/portal/tfa/code?next=");
  assert.equal((await enterCode(visitor, { remember: "yes" })).status, 303);
  await visitor.post("/portal/sign-out");
  return visitor;
}

async function asksForCode(visitor: Visitor): Promise<boolean> {
  const to = await enter(visitor);
  assert.ok(to !== null);
  await visitor.post("/portal/sign-out");
  return to.startsWith("/portal/tfa/code");
}

async function countDevices(): Promise<number> {
  const [row] = await sql<[{ n: number }]>`
    select count(*)::int as n from remembered_devices where logon_id = ${id}`;
  return row.n;
}

async function setDays(days: number): Promise<void> {
  await sql`
    insert into settings (name, value) values ('remember_device_days', ${sql.json(days)})
    on conflict (name) do update set value = excluded.value`;
}

describe("remembering a device", () => {
  it("is offered below the code, never ticked beforehand", async () => {
    const visitor = new Visitor(office);
    await enter(visitor);
    const page = await documentOf(await visitor.get("/portal/tfa/code"));
    const box = page.querySelector("input[name=remember]");
    assert.equal(box?.getAttribute("type"), "checkbox");
    assert.equal(box.getAttribute("checked"), null);
    assert.match(page.querySelector(".tick")?.textContent ?? "", /on this device for 30 days/);
  });

  it("lets the parent in by the password alone there, counted as a success, and nowhere else", async () => {
    const visitor = await remembered();
    const [before_] = await sql<{ n: number }[]>`
      select sign_in_count as n from logons where id = ${id}`;
    assert.equal(await enter(visitor), "/portal");
    assert.equal((await visitor.get("/portal")).status, 200);
    const [after_] = await sql<{ n: number }[]>`
      select sign_in_count as n from logons where id = ${id}`;
    assert.equal(after_?.n, (before_?.n ?? 0) + 1);
    assert.ok(await asksForCode(new Visitor(office)), "another browser");
    assert.equal(await enter(visitor, { password: "wrong" }), null, "never without the password");
  });

  it("is not done without the tick, nor by a wrong code, nor by a recovery code", async () => {
    const visitor = new Visitor(office);
    await enter(visitor);
    assert.equal((await enterCode(visitor)).status, 303);
    await visitor.post("/portal/sign-out");
    await enter(visitor);
    const wrong = await visitor.post("/portal/tfa/code", { code: "000000", remember: "yes" });
    assert.equal(wrong.status, 422);
    await visitor.post("/portal/tfa/recovery", { recovery_code: "x", remember: "yes" });
    assert.equal(await countDevices(), 0);
    assert.ok(![...visitor.cookies.keys()].some((name) => name.startsWith("device")));
  });

  it("keeps a hash only, in a cookie that no script reads, for one logon", async () => {
    const visitor = new Visitor(office);
    await enter(visitor);
    const answer = await enterCode(visitor, { remember: "yes" });
    const cookie = answer.headers.getSetCookie().find((one) => one.startsWith(`device-${id}=`));
    assert.match(cookie ?? "", /; HttpOnly/);
    assert.match(cookie ?? "", /; SameSite=Lax/);
    assert.match(cookie ?? "", /; Max-Age=2592000/);
    const token = visitor.cookies.get(`device-${id}`) ?? "";
    const found = await sql`
      select from remembered_devices t where t::text like ${`%${token}%`}`;
    assert.equal(found.length, 0);
    const mine = [id, username] as const;
    [id, username] = await addParent();
    visitor.cookies.set(`device-${id}`, token);
    assert.ok(await asksForCode(visitor), "bound to the logon it was given to");
    [id, username] = mine;
    assert.ok(!await asksForCode(visitor));
  });

  it("keeps those of two parents apart who share a tablet", async () => {
    const tablet = await remembered();
    const mine = [id, username] as const;
    [id, username] = await addParent();
    await enter(tablet);
    await enterCode(tablet, { remember: "yes" });
    await tablet.post("/portal/sign-out");
    assert.ok(!await asksForCode(tablet));
    [id, username] = mine;
    assert.ok(!await asksForCode(tablet));
  });

  it("lasts as long as the setting says now, and never where that is 0", async () => {
    const visitor = await remembered();
    office.clock.move(30 * DAY - 5);
    assert.ok(!await asksForCode(visitor));
    office.clock.move(5);
    assert.ok(await asksForCode(visitor));
    const other = await remembered();
    await setDays(7);
    office.clock.move(7 * DAY - 1);
    assert.ok(!await asksForCode(other));
    await setDays(0);
    assert.ok(await asksForCode(other));
    const fresh = new Visitor(office);
    await enter(fresh);
    const page = await documentOf(await fresh.get("/portal/tfa/code"));
    assert.equal(page.querySelector("input[name=remember]"), null);
    await enterCode(fresh, { remember: "yes" });
    await fresh.post("/portal/sign-out");
    assert.ok(await asksForCode(fresh), "whatever the form says");
    await purgeExpired(office.services);
    assert.equal(await countDevices(), 0);
    await sql`delete from settings`;
  });

  const ends: Readonly<Record<string, () => Promise<unknown>>> = {
    "the parent's own change of password": async () => {
      const visitor = new Visitor(office);
      await enter(visitor);
      await enterCode(visitor);
      const answer = await visitor.post("/portal/password", { current: OWN, chosen: CHOSEN });
      assert.equal(answer.status, 303);
    },
    "a password that the office set or mailed": async () => {
      const hash = await office.services.hasher.hash("typed-by-the-office", 4);
      await sql`update logon_passwords set hash = ${hash} where logon_id = ${id}`;
    },
    "suspension": () => sql`update logons set suspended_at = now() where id = ${id}`,
    "deletion": () => sql`update logons set deleted_at = now() where id = ${id}`,
    "a lost phone": () => change("lost phone"),
    "switching it off": () => change("switch off"),
  };
  function change(what: "lost phone" | "switch off"): Promise<boolean> {
    const asked = { change: what, why: {}, author: { adminId: null, who: "test" } };
    return transaction(sql, (tx) => changeTfa(tx, id, asked, office.clock.now()));
  }
  for (const [what, end] of Object.entries(ends)) {
    it(`ends with ${what}`, async () => {
      await remembered();
      assert.equal(await countDevices(), 1);
      await end();
      assert.equal(await countDevices(), 0);
    });
  }
});

describe("remembered devices", () => {
  it("are listed on the parent's page and forgotten one by one", async () => {
    const first = await remembered();
    const second = new Visitor(office);
    await enter(second);
    await second.ask("/portal/tfa/code", {
      method: "POST",
      body: new URLSearchParams({
        code: codeAt(SECRET, new Date(office.clock.now().getTime() + 30_000)),
        remember: "yes",
      }),
      headers: {
        origin: "http://localhost:8000",
        "user-agent": "Mozilla/5.0 (iPhone) Version/18.1 Mobile/15E148 Safari/604.1",
      },
    });
    const page = await documentOf(await second.get("/portal/tfa"));
    const forms = [...page.querySelectorAll("form[action$='/deletion']")];
    assert.deepEqual(
      [...page.querySelectorAll(".rows strong")].map((one) => one.textContent),
      ["Safari on iPhone", "Unknown device"],
    );
    const answer = await second.post(forms[1]?.getAttribute("action") ?? "");
    assert.equal(answer.headers.get("location"), "/portal/tfa?saved=device");
    assert.match(
      await (await second.get("/portal/tfa?saved=device")).text(),
      /it is asked for a code again/,
    );
    assert.ok(await asksForCode(first));
    const [audit] = await sql`
      select who, what from audit where subject_id = ${id} order by id desc limit 1`;
    assert.deepEqual({ ...audit }, { who: "Zoë Aalto", what: "forget a remembered device" });
    const twice = await second.post(forms[1]?.getAttribute("action") ?? "");
    assert.equal(twice.status, 303);
  });

  it("are forgotten by nobody else", async () => {
    await remembered();
    const [device] = await sql<{ id: number }[]>`
      select id from remembered_devices where logon_id = ${id}`;
    const stranger = new Visitor(office);
    await stranger.post("/portal/sign-in", { username: "ama.boateng", password: OWN });
    await stranger.post(`/portal/devices/${device?.id}/deletion`);
    for (const wrong of ["0", "x", "999999999999"]) {
      const answer = await stranger.post(`/portal/devices/${wrong}/deletion`);
      assert.ok([303, 404].includes(answer.status), wrong);
      await answer.body?.cancel();
    }
    assert.equal(await countDevices(), 1);
  });

  it("are counted in the key icon's window", async () => {
    const admin = await signIn(office, "frontdesk");
    const window = async (): Promise<string> =>
      (await documentOf(await admin.piece(`/logons/${id}/tfa`))).body?.textContent ?? "";
    assert.match(await window(), /No device is remembered/);
    await remembered();
    assert.match(await window(), /1 remembered device of theirs asks for no code/);
  });
});
