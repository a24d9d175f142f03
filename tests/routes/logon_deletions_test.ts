// Deleting a logon over HTTP and the way back: what ends, what stays, and the own password that is asked for.

import { after, before, beforeEach, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import type { Sql } from "../../db/connect.ts";
import {
  type Fields,
  forgetAdded,
  idOf,
  learnerId,
  linksOf,
  rowOf,
  sessionOf,
  toastOf,
} from "../logons.ts";
import { documentOf, knowingOffice, type Office, PIECE, signIn, type Visitor } from "../office.ts";

let office: Office;
let admin: Visitor;
let sql: Sql;

before(async () => {
  office = await knowingOffice();
  sql = office.services.sql;
  admin = await signIn(office);
});
after(() => office.close());
beforeEach(() => forgetAdded(sql));

function post(path: string, fields: Fields): Promise<Response> {
  return admin.post(path, fields, PIECE);
}

describe("deleting a logon", () => {
  it("asks first, by name", async () => {
    const page = await documentOf(
      await admin.piece(`/logons/${await idOf(sql, "paul.barley")}/deletion`),
    );
    assert.match(page.body.textContent ?? "", /Delete the logon of Paul Barley \(paul\.barley\)/);
    assert.ok(page.querySelector("[name=own_password]") === null);
  });

  it("ends the parent's sessions at once, keeps the history, and can be taken back", async () => {
    const id = await idOf(sql, "paul.barley");
    const parent = await sessionOf(office, id);
    assert.equal((await parent.get("/portal")).status, 200);
    const response = await post(`/logons/${id}/deletion`, { query: "?q=barley" });
    const page = await documentOf(response);
    assert.equal(response.status, 200);
    assert.match(toastOf(page), /Paul Barley’s logon was deleted.*Undo/s);
    assert.ok(page.querySelector(`#logon-${id}`) === null);
    assert.equal((await parent.get("/portal")).status, 303);
    const signIns = await sql`select from sign_ins where logon_id = ${id}`;
    assert.equal(signIns.length, 11);
    const restored = await documentOf(await post(`/logons/${id}/restoration`, {}));
    assert.ok(restored.querySelector(`tr#logon-${id}.fresh`));
    assert.equal((await parent.get("/portal")).status, 303, "an old session stays ended");
    const audit = await sql`
      select what from audit where subject_id = ${id} and subject = 'logon' order by id desc limit 2`;
    assert.deepEqual(audit.map((row) => row["what"]), ["restore logon", "delete logon"]);
  });

  it("is harmless twice, and so is restoring twice", async () => {
    const id = await idOf(sql, "paul.barley");
    assert.equal((await post(`/logons/${id}/deletion`, {})).status, 200);
    assert.equal((await post(`/logons/${id}/deletion`, {})).status, 404);
    assert.equal((await post(`/logons/${id}/restoration`, {})).status, 200);
    const again = await post(`/logons/${id}/restoration`, {});
    assert.equal(again.status, 200);
    assert.match(await again.text(), /there already/);
  });

  it("asks for the own password again when that was typed over ten minutes ago", async () => {
    const late = await signIn(office);
    const id = await idOf(sql, "paul.barley");
    office.clock.move(9);
    assert.ok(
      (await documentOf(await late.piece(`/logons/${id}/deletion`)))
        .querySelector("[name=own_password]") === null,
    );
    office.clock.move(2);
    const page = await documentOf(await late.piece(`/logons/${id}/deletion`));
    assert.ok(page.querySelector("[name=own_password]"));
    for (const fields of [{}, { own_password: "" }, { own_password: "wrong" }]) {
      const response = await late.post(`/logons/${id}/deletion`, fields, PIECE);
      assert.equal(response.status, 422, JSON.stringify(fields));
      assert.match(await response.text(), /your own password|not your password/i);
    }
    assert.equal((await rowOf(sql, id))["deleted_at"], null);
    const right = await late.post(
      `/logons/${id}/deletion`,
      { own_password: "demo-office-2026" },
      PIECE,
    );
    assert.equal(right.status, 200);
    await late.post(`/logons/${id}/restoration`, {}, PIECE);
    assert.equal((await late.post(`/logons/${id}/deletion`, {}, PIECE)).status, 200, "remembered");
    await late.post(`/logons/${id}/restoration`, {}, PIECE);
    admin = late;
  });

  it("makes one wait who guesses the own password of somebody else's open session", async () => {
    const id = await idOf(sql, "paul.barley");
    office.clock.move(11);
    for (let n = 0; n < 5; n++) await post(`/logons/${id}/deletion`, { own_password: "wrong" });
    const right = { own_password: "demo-office-2026" };
    assert.equal((await post(`/logons/${id}/deletion`, right)).status, 422);
    office.clock.move(1.1);
    assert.equal((await post(`/logons/${id}/deletion`, right)).status, 200);
    await post(`/logons/${id}/restoration`, {});
  });

  it("does not bring a blocked learner back by deleting and restoring", async () => {
    const id = await idOf(sql, "sarah.smith");
    await post(`/logons/${id}/deletion`, {});
    await post(`/logons/${id}/restoration`, {});
    assert.deepEqual(await linksOf(sql, id), ["003964"]);
  });

  it("keeps a learner away who was blocked while the logon was deleted", async () => {
    const id = await idOf(sql, "joan.smith");
    await post(`/logons/${id}/deletion`, {});
    await sql`insert into blocks (learner_id, logon_id, reason)
      values (${await learnerId(sql, "004311")}, ${id}, 'test')`;
    await post(`/logons/${id}/restoration`, {});
    assert.deepEqual(await linksOf(sql, id), []);
    await sql`delete from blocks where logon_id = ${id}`;
  });
});
