// A parent's own history: every try with their username, in plain words, page by page, and nobody else's.

import { after, before, beforeEach, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import type { Sql } from "../../db/connect.ts";
import { addSession } from "../../db/sessions.ts";
import { findSettings } from "../../db/settings.ts";
import { hashToken, newToken } from "../../lib/keys.ts";
import { documentOf, type Office, openOffice, Visitor } from "../office.ts";

const PIXEL =
  "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Mobile Safari/537.36";

let office: Office;
let sql: Sql;
let id = 0;
let parent: Visitor;

before(async () => {
  office = await openOffice();
  sql = office.services.sql;
});
after(() => office.close());
beforeEach(async () => {
  const [row] = await sql<[{ id: number }]>`
    insert into logons (first_name, surname, username)
    values ('Zoë', 'Aalto', ${crypto.randomUUID()}) returning id`;
  id = row.id;
  parent = new Visitor(office);
  const token = newToken();
  const owner = { logonId: id, mustChangePassword: false };
  const visitor = { ip: "192.0.2.1", userAgent: PIXEL };
  const settings = await findSettings(sql);
  await addSession(sql, owner, hashToken(token), visitor, settings, office.clock.now());
  parent.cookies.set("portal", token);
});

async function addTry(outcome: string, ip: string | null = null, agent = ""): Promise<void> {
  await sql`
    insert into sign_ins (at, outcome, ip, user_agent, logon_id, first_name, surname, username)
    values (${office.clock.now()}, ${outcome}, ${ip}, ${agent}, ${id}, 'Zoë', 'Aalto', 'zoe')`;
}

async function rowsAt(path: string, piece = false): Promise<{ rows: string[]; page: Document }> {
  const page = await documentOf(piece ? await parent.piece(path) : await parent.get(path));
  const rows = [...page.querySelectorAll("#own-sign-ins li")].map((row) =>
    (row.textContent ?? "").replace(/\s+/g, " ").trim()
  );
  return { rows, page };
}

describe("one's own sign-ins", () => {
  it("say what happened, when, with what and from where, the newest first", async () => {
    await addTry("success", "192.0.2.1", PIXEL);
    office.clock.move(20);
    await addTry("wrong password", "198.51.100.7", "curl/8");
    await addTry("wrong code");
    const { rows } = await rowsAt("/portal/sign-ins");
    assert.equal(rows.length, 3);
    assert.match(
      rows[0] ?? "",
      /^Right password, wrong code.*Unknown device, from an unknown network$/,
    );
    assert.match(
      rows[1] ?? "",
      /^Wrong password ?24 November 2026, 10:20 ?Unknown device, from 198\.51\.100\.7$/,
    );
    assert.match(
      rows[2] ?? "",
      /^Signed in ?24 November 2026, 10:00 ?Chrome on Android.*, from the network you use now$/,
    );
    office.clock.move(-20);
  });

  it("have their words for every way a try can go", async () => {
    const [check] = await sql<[{ text: string }]>`
      select pg_get_constraintdef(oid) as text from pg_constraint where conname = 'sign_ins_outcome_check'`;
    const outcomes = [...check.text.matchAll(/'([a-z ]+)'/g)].map((match) => match[1] ?? "");
    assert.ok(outcomes.length > 10);
    const mine = outcomes.filter((outcome) => outcome !== "unknown username");
    for (const outcome of mine) await addTry(outcome);
    const { rows, page } = await rowsAt("/portal/sign-ins");
    assert.equal(rows.length, mine.length);
    const words = [...page.querySelectorAll("#own-sign-ins strong")].map((one) => one.textContent);
    assert.ok(words.every((one) => /^[A-Z]/.test(one ?? "")));
    assert.equal(new Set(words).size, mine.length);
  });

  it("are nobody else's", async () => {
    const { rows } = await rowsAt("/portal/sign-ins");
    assert.deepEqual(rows, []);
    const [other] = await sql<{ id: number }[]>`select max(id) as id from sign_ins`;
    assert.deepEqual((await rowsAt(`/portal/sign-ins?after=${other?.id}`)).rows, []);
  });

  it("are turned page by page, as a page and as a piece, and start anew at nonsense", async () => {
    for (let n = 0; n < 61; n++) await addTry("success", `192.0.2.${n}`);
    const first = await rowsAt("/portal/sign-ins");
    assert.equal(first.rows.length, 50);
    const next = first.page.querySelector('a[rel="next"]')?.getAttribute("href") ?? "";
    assert.match(next, /^\/portal\/sign-ins\?after=\d+$/);
    const second = await rowsAt(next);
    assert.equal(second.rows.length, 11);
    assert.deepEqual((await rowsAt(next, true)).rows, second.rows);
    assert.equal(new Set([...first.rows, ...second.rows]).size, 61);
    const back = second.page.querySelector('a[rel="prev"]')?.getAttribute("href") ?? "";
    assert.deepEqual((await rowsAt(back)).rows, first.rows);
    for (const wrong of ["?after=x", "?after=999999999999999999", "?before=-1", "?after=%00"]) {
      assert.deepEqual((await rowsAt(`/portal/sign-ins${wrong}`)).rows, first.rows, wrong);
    }
  });

  it("show a strange browser's name as no more than text", async () => {
    await addTry("success", null, "<b>Chrome/1</b> Android");
    const page = await (await parent.get("/portal/sign-ins")).text();
    assert.doesNotMatch(page, /<b>/);
  });

  it("say so where there are none, and are linked from the home page", async () => {
    const page = await (await parent.get("/portal/sign-ins")).text();
    assert.match(page, /There are none yet/);
    const home = await documentOf(await parent.get("/portal"));
    assert.ok(home.querySelector('a[href="/portal/sign-ins"]'));
    assert.ok(home.querySelector('a[href="/portal/sessions"]'));
  });
});
