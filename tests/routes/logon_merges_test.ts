// The window that makes one logon of two: finding the other, both side by side, the own password, and twice.

import { after, before, beforeEach, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import type { Sql } from "../../db/connect.ts";
import { documentOf, type Office, openOffice, PIECE, signIn, type Visitor } from "../office.ts";

let office: Office;
let sql: Sql;
let admin: Visitor;
let one = 0;
let other = 0;
let username = "";

before(async () => {
  office = await openOffice();
  sql = office.services.sql;
});
after(() => office.close());
beforeEach(async () => {
  username = crypto.randomUUID().slice(0, 8);
  one = await addLogon(username, "");
  other = await addLogon(`${username}.2`, "required");
  admin = await signIn(office, "frontdesk");
});

async function addLogon(name: string, tfa: string): Promise<number> {
  const [row] = await sql<[{ id: number }]>`
    insert into logons (first_name, surname, username, email, tfa)
    values ('Ida', 'Ode', ${name}, ${`${username}@example.org`}, ${tfa || "off"}) returning id`;
  return row.id;
}

async function fieldsOf(keep = one): Promise<Record<string, string>> {
  const window = await documentOf(
    await admin.piece(`/logons/${one}/merge?with=${other}&keep=${keep}`),
  );
  return Object.fromEntries(
    [...window.querySelectorAll("form input[type=hidden]")].map((input) => [
      input.getAttribute("name") ?? "",
      input.getAttribute("value") ?? "",
    ]),
  );
}

async function isClosed(id: number): Promise<boolean> {
  const [row] = await sql`select deleted_at, merged_into from logons where id = ${id}`;
  return row?.["merged_into"] !== null && row?.["deleted_at"] !== null;
}

describe("merging in the browser", () => {
  it("begins in the logon's window and suggests who it could be", async () => {
    const edit = await documentOf(await admin.piece(`/logons/${one}/edit`));
    assert.ok(edit.querySelector(`a[href^="/logons/${one}/merge"]`));
    const window = await documentOf(await admin.piece(`/logons/${one}/merge`));
    assert.ok(window.querySelector(`a[href="/logons/${one}/merge?with=${other}"]`));
    const found = await documentOf(await admin.piece(`/logons/${one}/merge?merge_q=boateng`));
    assert.match(found.body.textContent ?? "", /Ama Boateng/);
    const none = await documentOf(await admin.get(`/logons/${one}/merge?merge_q=xyzzy%00`));
    assert.match(none.querySelector("dialog")?.textContent ?? "", /No other logon matches “xyzzy”/);
  });

  it("shows both and what will be, and can be turned round", async () => {
    const window = await documentOf(
      await admin.piece(`/logons/${one}/merge?with=${other}&keep=${one}`),
    );
    const table = window.querySelector("table.sides")?.textContent ?? "";
    assert.match(table, /TFA.*off.*required.*required/s);
    assert.match(window.body.textContent ?? "", /closed for good/);
    const turned = await fieldsOf(other);
    assert.equal(turned["keep"], String(other));
  });

  it("merges, says so, and is harmless when sent twice", async () => {
    const fields = await fieldsOf();
    for (let time = 0; time < 2; time++) {
      const answer = await admin.post(`/logons/${one}/merge`, fields, PIECE);
      assert.equal(answer.status, 200);
      assert.match(await answer.text(), /are one now/);
    }
    assert.ok(await isClosed(other));
    const deeds = await sql`select from audit where what = 'merge logons' and subject_id = ${one}`;
    assert.equal(deeds.length, 1);
    const list = await documentOf(await admin.get(`/logons?state=deleted&q=${username}`));
    const row = list.querySelector(`#logon-${other}`);
    assert.match(row?.textContent ?? "", new RegExp(`in ${username}`));
    assert.equal(row?.querySelector("button"), null, "there is nothing to restore");
    const restored = await admin.post(`/logons/${other}/restoration`, {}, PIECE);
    assert.equal(restored.status, 200);
    await restored.body?.cancel();
    assert.ok(await isClosed(other));
  });

  it("works without script", async () => {
    const answer = await admin.post(`/logons/${one}/merge`, await fieldsOf(other));
    assert.equal(answer.status, 303);
    const page = await documentOf(await admin.get(answer.headers.get("location") ?? ""));
    assert.match(page.querySelector(".toast")?.textContent ?? "", /are one now/);
    assert.ok(await isClosed(one));
  });

  it("asks for the own password after ten minutes", async () => {
    const fields = await fieldsOf();
    office.clock.move(11);
    for (const own of ["", "wrong"]) {
      const answer = await admin.post(
        `/logons/${one}/merge`,
        { ...fields, own_password: own },
        PIECE,
      );
      assert.equal(answer.status, 422);
      await answer.body?.cancel();
    }
    assert.equal(await isClosed(other), false);
    const own_password = "demo-frontdesk-2026";
    const answer = await admin.post(`/logons/${one}/merge`, { ...fields, own_password }, PIECE);
    assert.equal(answer.status, 200);
    await answer.body?.cancel();
    assert.ok(await isClosed(other));
  });

  it("does nothing where somebody was quicker", async () => {
    const fields = await fieldsOf();
    await sql`update logons set version = version + 1 where id = ${other}`;
    const changed = await admin.post(`/logons/${one}/merge`, fields, PIECE);
    assert.equal(changed.status, 409);
    assert.match(await changed.text(), /Nothing was merged/);
    await sql`update logons set deleted_at = now() where id = ${other}`;
    const gone = await admin.post(`/logons/${one}/merge`, fields, PIECE);
    assert.equal(gone.status, 404);
    await gone.body?.cancel();
    const itself = await admin.post(`/logons/${one}/merge`, {
      with: String(one),
      keep: String(one),
    }, PIECE);
    assert.equal(itself.status, 422);
    await itself.body?.cancel();
    for (
      const path of ["/logons/0/merge", "/logons/999999/merge", `/logons/${one}/merge?with=999999`]
    ) {
      const answer = await admin.get(path);
      assert.equal(answer.status, 404, path);
      await answer.body?.cancel();
    }
  });
});
