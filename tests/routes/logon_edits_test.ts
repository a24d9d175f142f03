// Editing a logon over HTTP: what is stored, what stays, and who is told where two edit at once.

import { after, before, beforeEach, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import type { Sql } from "../../db/connect.ts";
import {
  ANN,
  type Fields,
  forgetAdded,
  formOf,
  idOf,
  learnerId,
  linksOf,
  rowOf,
  sessionOf,
  toastOf,
} from "../logons.ts";
import {
  documentOf,
  knowingOffice,
  type Office,
  PIECE,
  problemsOf,
  signIn,
  type Visitor,
} from "../office.ts";

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

describe("editing a logon", () => {
  it("opens the same window filled in, without the password", async () => {
    const page = await documentOf(
      await admin.piece(`/logons/${await idOf(sql, "paul.barley")}/edit`),
    );
    assert.equal(page.querySelector("h2")?.textContent, "Edit Logon");
    assert.equal(page.querySelector("#field-username")?.getAttribute("value"), "paul.barley");
    assert.equal(page.querySelector("#field-password")?.getAttribute("value") ?? "", "");
    assert.deepEqual(
      [...page.querySelectorAll("ul.linked bdi")].map((one) => one.textContent),
      ["Mia Barley", "Tom Barley"],
    );
  });

  it("keeps password and sessions where the password is left empty, and writes down both states", async () => {
    const id = await idOf(sql, "paul.barley");
    const parent = await sessionOf(office, id);
    const [before_] = await sql`select hash from logon_passwords where logon_id = ${id}`;
    const response = await post(`/logons/${id}`, {
      ...await formOf(admin, id),
      surname: "Barley-Jones",
    });
    assert.equal(response.status, 200);
    assert.match(toastOf(await documentOf(response)), /Paul Barley-Jones was saved/);
    const [now] = await sql`select hash from logon_passwords where logon_id = ${id}`;
    assert.equal(now?.["hash"], before_?.["hash"]);
    assert.equal((await parent.get("/portal")).status, 200);
    const [audit] = await sql<{ before: { surname: string }; after: { surname: string } }[]>`
      select before, after from audit where subject_id = ${id} order by id desc limit 1`;
    assert.equal(audit?.before.surname, "Barley");
    assert.equal(audit?.after.surname, "Barley-Jones");
    await post(`/logons/${id}`, { ...await formOf(admin, id), surname: "Barley" });
  });

  it("makes a typed password temporary and ends the parent's sessions", async () => {
    const id = await idOf(sql, "paul.barley");
    const parent = await sessionOf(office, id);
    await post(`/logons/${id}`, { ...await formOf(admin, id), password: "copper kettle harbour" });
    assert.equal((await parent.get("/portal")).status, 303);
    const [now] = await sql`select temporary from logon_passwords where logon_id = ${id}`;
    assert.equal(now?.["temporary"], true);
  });

  it("takes learners off and links others, and keeps the warning of a link that stays", async () => {
    const id = await idOf(sql, "joan.smith");
    await post(`/logons/${id}`, {
      ...await formOf(admin, id),
      learner: [await learnerId(sql, "004311"), await learnerId(sql, "003964")],
    });
    const warnings = await sql`select warning from logon_learners where logon_id = ${id}`;
    assert.deepEqual(warnings.map((row) => row["warning"]), [
      "no parental responsibility",
      "no parental responsibility",
    ]);
    await post(`/logons/${id}`, {
      ...await formOf(admin, id),
      learner: [await learnerId(sql, "004311")],
    });
    assert.deepEqual(await linksOf(sql, id), ["004311"]);
  });

  it("lets a logon keep its own username and email in another case", async () => {
    const id = await idOf(sql, "paul.barley");
    const response = await post(`/logons/${id}`, {
      ...await formOf(admin, id),
      username: "Paul.Barley",
    });
    assert.equal(response.status, 200);
    await post(`/logons/${id}`, { ...await formOf(admin, id), username: "paul.barley" });
  });

  it("names the learner whom a colleague has linked meanwhile, before saving again would end that", async () => {
    const id = await idOf(sql, "paul.barley");
    const stale = await formOf(admin, id);
    const linked = [...[stale["learner"] ?? []].flat(), await learnerId(sql, "003816")];
    await post(`/logons/${id}`, { ...stale, learner: linked });
    const response = await post(`/logons/${id}`, { ...stale, surname: "Barley-Jones" });
    assert.equal(response.status, 409);
    const said = (await documentOf(response)).querySelector("[role=alert]")?.textContent ?? "";
    assert.match(said, /Also linked: Esi Boateng\./);
    await post(`/logons/${id}`, { ...await formOf(admin, id), learner: stale["learner"] ?? [] });
  });

  it("stores nothing where somebody else was quicker, and says what they changed", async () => {
    const id = await idOf(sql, "paul.barley");
    const stale = await formOf(admin, id);
    const checked = "came in person";
    await post(`/logons/${id}`, { ...stale, email: "paul@example.net", checked, learner: [] });
    const before_ = await rowOf(sql, id);
    const response = await post(`/logons/${id}`, { ...stale, firstName: "Pavel" });
    assert.equal(response.status, 409);
    const page = await documentOf(response);
    const said = page.querySelector("[role=alert]")?.textContent ?? "";
    assert.match(said, /Nothing of yours was stored/);
    assert.match(said, /Email: “paul@example\.net”/);
    assert.match(said, /First name: “Paul”/);
    assert.match(said, /No longer linked: Mia Barley and Tom Barley\./);
    assert.equal(page.querySelector("#field-firstName")?.getAttribute("value"), "Pavel");
    assert.deepEqual(await rowOf(sql, id), before_);
    const again = await post(`/logons/${id}`, {
      ...stale,
      version: page.querySelector("[name=version]")?.getAttribute("value") ?? "",
      checked,
    });
    assert.equal(again.status, 200, "saving again is a choice");
  });

  it("lets one of two edits at the same moment win, and the other is told", async () => {
    const id = await idOf(sql, "paul.barley");
    const form = await formOf(admin, id);
    const responses = await Promise.all(
      ["One", "Two", "Three"].map((firstName) => post(`/logons/${id}`, { ...form, firstName })),
    );
    assert.deepEqual(responses.map((response) => response.status).sort(), [200, 409, 409]);
    await post(`/logons/${id}`, { ...await formOf(admin, id), firstName: "Paul" });
  });

  it("stores nothing without a version, or with one that is nonsense", async () => {
    const id = await idOf(sql, "paul.barley");
    const before_ = await rowOf(sql, id);
    const { version: _version, ...form } = await formOf(admin, id);
    for (const more of [{}, { version: "" }, { version: "-1" }, { version: "999999999999" }]) {
      const response = await post(`/logons/${id}`, { ...form, firstName: "Other", ...more });
      assert.equal(response.status, 409, JSON.stringify(more));
      await response.body?.cancel();
    }
    assert.deepEqual(await rowOf(sql, id), before_);
  });

  it("refuses a learner who is blocked for this parent, by name, without the reason", async () => {
    const id = await idOf(sql, "sarah.smith");
    const form = await formOf(admin, id);
    const response = await post(`/logons/${id}`, {
      ...form,
      learner: [await learnerId(sql, "003964"), await learnerId(sql, "004311")],
    });
    const text = await response.clone().text();
    const problems = await problemsOf(response);
    assert.match(problems["learners"] ?? "", /Ellie Smith is blocked for this parent/);
    assert.doesNotMatch(text, /court|order|arrangements/i);
    assert.deepEqual(await linksOf(sql, id), ["003964"]);
  });

  it("tells kindly that a logon was deleted meanwhile", async () => {
    const id = await idOf(sql, "marek.kowalczyk");
    for (
      const response of [
        await admin.piece(`/logons/${id}/edit`),
        await admin.piece(`/logons/${id}/deletion`),
        await post(`/logons/${id}`, { ...ANN, version: "1" }),
        await post(`/logons/${id}/deletion`, {}),
      ]
    ) {
      assert.equal(response.status, 404);
      assert.match(await response.text(), /not there any more/);
    }
  });
});
