// Parental Responsibility that is not known: finding it, and saying yes or no for many at once.

/// <reference lib="dom" />

import { after, before, beforeEach, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { documentOf, type Office, openOffice, signIn, type Visitor } from "../office.ts";

const HERE = "/parental-responsibilities";

describe("Parental Responsibility that is not known", () => {
  let office: Office;
  let admin: Visitor;
  before(async () => {
    office = await openOffice();
    admin = await signIn(office);
  });
  after(() => office.close());
  beforeEach(async () => {
    const { sql } = office.services;
    await sql`delete from contacts`;
    await sql`delete from audit`;
    for (
      const [first, relationship] of [["Ada", "Mother"], ["Bea", "Mother"], [
        "Carl",
        "Father",
      ]] as const
    ) {
      await sql`
        with added as (insert into contacts (first_name, surname) values (${first}, 'Unknown') returning id)
        insert into contact_learners (contact_id, learner_id, relationship, priority)
        select added.id, l.id, ${relationship}, 1 from added, (select id from learners order by id limit 2) l`;
    }
  });

  async function known(): Promise<string[]> {
    const rows = await office.services.sql<{ line: string }[]>`
      select c.first_name || ' ' || r.parental_responsibility as line
        from contact_learners r join contacts c on c.id = r.contact_id
       where r.parental_responsibility is not null order by line`;
    return rows.map(({ line }) => line);
  }

  async function keys(query = ""): Promise<string[]> {
    const page = await documentOf(await admin.get(HERE + query));
    return [...page.querySelectorAll("input[name=key]")].map((box) =>
      box.getAttribute("value") ?? ""
    );
  }

  it("is listed with relationship and learner, by relationship and by search", async () => {
    assert.equal((await keys()).length, 6);
    assert.equal((await keys("?relationship=Mother")).length, 4);
    assert.equal((await keys("?q=carl")).length, 2);
    const page = await documentOf(await admin.get(`${HERE}?q=nobody+here`));
    assert.match(page.querySelector(".empty")?.textContent ?? "", /Nothing found/);
    const piece = await documentOf(await admin.piece(`${HERE}?relationship=Mother`));
    const whole = await documentOf(await admin.get(`${HERE}?relationship=Mother`));
    const form = (document: Document): string | undefined =>
      document.querySelector("#responsibilities")?.outerHTML;
    assert.equal(form(piece), form(whole));
    for (
      const query of [
        "?q=%00%ff",
        `?q=${"x".repeat(5000)}`,
        "?relationship=%00",
        "?said=yes&count=x",
      ]
    ) {
      assert.equal((await admin.get(HERE + query)).status, 200);
    }
  });

  it("is said for those that are chosen, and for all that match", async () => {
    const [first = "", second = ""] = await keys("?relationship=Father");
    const response = await admin.post(HERE, { key: first, answer: "no" });
    assert.equal(response.status, 303);
    assert.deepEqual(await known(), ["Carl false"]);
    await admin.post(HERE, { all: "1", relationship: "Mother", answer: "yes" });
    assert.deepEqual(await known(), ["Ada true", "Ada true", "Bea true", "Bea true", "Carl false"]);
    // Said already: what was said stays, whoever sends it again.
    await admin.post(HERE, { key: [first, second], answer: "yes" });
    assert.deepEqual((await known()).slice(4), ["Carl false", "Carl true"]);
    const audits = await office.services.sql<{ after: { parentalResponsibility: boolean } }[]>`
      select after from audit where what = 'edit parental responsibility' and who = 'Olwen Hughes'`;
    assert.equal(audits.length, 6);
    const page = await documentOf(await admin.get(`${HERE}?said=yes&count=4`));
    assert.match(
      page.querySelector(".notice.green")?.textContent ?? "",
      /Yes was said for 4 relationships/,
    );
    assert.match(page.querySelector(".empty")?.textContent ?? "", /All is known/);
  });

  it("works without script: Select all stands for the rows that are shown", async () => {
    const shown = await keys("?relationship=Mother");
    await admin.post(HERE, { select_shown: "yes", shown, answer: "yes", relationship: "Mother" });
    assert.equal((await known()).length, 4);
  });

  it("asks kindly for what is missing", async () => {
    const nothing = await admin.post(HERE, { answer: "yes" });
    assert.equal(nothing.status, 422);
    assert.match(await nothing.text(), /Choose at least one contact/);
    const [key = ""] = await keys();
    const unanswered = await admin.post(HERE, { key, answer: "perhaps" });
    assert.equal(unanswered.status, 422);
    const page = await documentOf(unanswered);
    assert.ok(page.querySelector(`input[value="${key}"]`)?.hasAttribute("checked"));
    for (const odd of ["x", "0-0", "1", "99999999999999999999-1", "1-1; drop table"]) {
      assert.equal((await admin.post(HERE, { key: odd, answer: "yes" })).status, 303, odd);
    }
    assert.deepEqual(await known(), []);
  });

  it("asks for the own password when it was typed long ago", async () => {
    office.clock.move(11);
    const [key = ""] = await keys();
    const asked = await admin.post(HERE, { key, answer: "yes" });
    assert.equal(asked.status, 422);
    assert.match(await asked.text(), /Your own password/);
    assert.deepEqual(await known(), []);
    await admin.post(HERE, { key, answer: "yes", own_password: "demo-office-2026" });
    assert.equal((await known()).length, 1);
  });

  it("is looked at by a viewer, who says nothing", async () => {
    const viewer = await signIn(office, "viewer");
    const page = await documentOf(await viewer.get(HERE));
    assert.equal(page.querySelector("input[name=key]"), null);
    assert.equal(page.querySelectorAll("#responsibilities tbody tr").length, 6);
    const [key = ""] = await keys();
    assert.equal((await viewer.post(HERE, { key, answer: "yes" })).status, 403);
  });
});
