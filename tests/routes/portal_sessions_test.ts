// Where a parent is signed in: what is listed, ending one, ending all others, and never anybody else's.

import { after, before, beforeEach, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { type Sql, transaction } from "../../db/connect.ts";
import { addRememberedDevice } from "../../db/remembered_devices.ts";
import { addSession, type TfaStep } from "../../db/sessions.ts";
import { findSettings } from "../../db/settings.ts";
import { hashToken, newToken } from "../../lib/keys.ts";
import { documentOf, type Office, openOffice, Visitor } from "../office.ts";

const IPHONE =
  "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) Version/18.1 Mobile/15E148 Safari/604.1";

let office: Office;
let sql: Sql;
let id = 0;

before(async () => {
  office = await openOffice();
  sql = office.services.sql;
});
after(() => office.close());
beforeEach(async () => {
  id = await addLogon();
});

async function addLogon(): Promise<number> {
  const [row] = await sql<[{ id: number }]>`
    insert into logons (first_name, surname, username)
    values ('Zoë', 'Aalto', ${crypto.randomUUID()}) returning id`;
  return row.id;
}

async function signedIn(
  logonId = id,
  more: { agent?: string; tfaStep?: TfaStep; ip?: string } = {},
): Promise<Visitor> {
  const parent = new Visitor(office);
  const token = newToken();
  const owner = { logonId, mustChangePassword: false, tfaStep: more.tfaStep ?? null };
  const visitor = { ip: more.ip ?? "192.0.2.1", userAgent: more.agent ?? null };
  const settings = await findSettings(sql);
  await addSession(sql, owner, hashToken(token), visitor, settings, office.clock.now());
  parent.cookies.set("portal", token);
  return parent;
}

async function isIn(parent: Visitor): Promise<boolean> {
  return (await parent.get("/portal")).status === 200;
}

async function listed(parent: Visitor): Promise<{ words: string; action: string | null }[]> {
  const page = await documentOf(await parent.get("/portal/sessions"));
  return [...page.querySelectorAll(".rows > li")].map((row) => ({
    words: (row.textContent ?? "").replace(/\s+/g, " ").trim(),
    action: row.querySelector("form")?.getAttribute("action") ?? null,
  }));
}

async function lastDeed(): Promise<unknown> {
  const [row] = await sql`
    select who, what, after from audit where subject = 'logon' and subject_id = ${id}
     order by id desc limit 1`;
  return { ...row };
}

describe("where one is signed in", () => {
  it("is listed with device, network and when it was last seen; this one first, without a button", async () => {
    const here = await signedIn();
    office.clock.move(1);
    await signedIn(id, { agent: IPHONE, ip: "198.51.100.7" });
    await signedIn(id, { tfaStep: "enter code" });
    const [own, ...others] = await listed(here);
    assert.match(own?.words ?? "", /^This device.*from the network you use now$/);
    assert.equal(own?.action, null);
    assert.equal(others.length, 2);
    assert.match(others[0]?.words ?? "", /Not in yet: has entered the password/);
    assert.match(
      others[1]?.words ?? "",
      /^Safari on iPhone ?Signed in on 24 November 2026, 10:01 ?Last seen 24 November 2026, 10:01.*from 198\.51\.100\.7/,
    );
  });

  it("leaves out what has lain idle or ended, and everybody else's", async () => {
    await signedIn();
    office.clock.move(31);
    const here = await signedIn();
    await signedIn(await addLogon());
    assert.equal((await listed(here)).length, 1);
    assert.match(await (await here.get("/portal/sessions")).text(), /You are signed in here only/);
  });

  it("is ended one by one, at once", async () => {
    const here = await signedIn();
    const there = await signedIn(id, { agent: IPHONE });
    assert.ok(await isIn(there));
    const [, other] = await listed(here);
    const answer = await here.post(other?.action ?? "");
    assert.equal(answer.headers.get("location"), "/portal/sessions?ended=one");
    assert.match(
      await (await here.get("/portal/sessions?ended=one")).text(),
      /That device was signed out/,
    );
    assert.ok(!await isIn(there));
    assert.ok(await isIn(here));
    assert.deepEqual(await lastDeed(), { who: "Zoë Aalto", what: "end a session", after: null });
    assert.equal((await here.post(other?.action ?? "")).status, 303, "twice");
  });

  it("is ended everywhere else by one button, which forgets remembered devices too", async () => {
    const here = await signedIn();
    const others = [await signedIn(), await signedIn(id, { tfaStep: "enter code" })];
    const stranger = await signedIn(await addLogon());
    const device = {
      tokenHash: hashToken(newToken()),
      visitor: { ip: null, userAgent: null },
    };
    await transaction(sql, (tx) => addRememberedDevice(tx, id, device, office.clock.now()));
    const answer = await here.post("/portal/sessions/deletion");
    assert.equal(answer.headers.get("location"), "/portal/sessions?ended=others");
    for (const other of others) assert.ok(!await isIn(other));
    assert.ok(await isIn(here));
    assert.ok(await isIn(stranger));
    assert.equal((await sql`select from remembered_devices where logon_id = ${id}`).length, 0);
    assert.deepEqual(await lastDeed(), {
      who: "Zoë Aalto",
      what: "sign out everywhere else",
      after: { devicesForgotten: 1 },
    });
  });

  it("is ended by nobody else", async () => {
    const there = await signedIn();
    const [row] = await sql<{ id: number }[]>`select id from sessions where logon_id = ${id}`;
    const stranger = await signedIn(await addLogon());
    assert.equal((await stranger.post(`/portal/sessions/${row?.id}/deletion`)).status, 303);
    assert.ok(await isIn(there));
    for (const wrong of ["0", "x", "-1", "9".repeat(40)]) {
      const answer = await stranger.post(`/portal/sessions/${wrong}/deletion`);
      assert.equal(answer.status, 404, wrong);
      await answer.body?.cancel();
    }
  });

  it("shows no token and no hash of one", async () => {
    const here = await signedIn();
    await signedIn();
    const page = await (await here.get("/portal/sessions")).text();
    const rows = await sql<{ hash: string }[]>`
      select encode(token_hash, 'hex') as hash from sessions where logon_id = ${id}`;
    assert.ok(rows.every((row) => !page.includes(row.hash)));
  });
});
