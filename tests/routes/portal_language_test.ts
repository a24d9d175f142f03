// The language of mails: chosen by the parent, what is refused, what it changes, and whose it is.

import { after, before, beforeEach, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import type { Sql } from "../../db/connect.ts";
import { LANGUAGES } from "../../db/languages.ts";
import { documentOf, knowingOffice, type Office, Visitor } from "../office.ts";

const PAGE = "/portal/language";

describe("the language of mails", () => {
  let office: Office;
  let sql: Sql;
  let parent: Visitor;
  before(async () => {
    office = await knowingOffice();
    sql = office.services.sql;
  });
  after(() => office.close());
  beforeEach(async () => {
    await sql`update logons set language = null`;
    parent = new Visitor(office);
    const fields = { username: "ama.boateng", password: "demo-parent-2026" };
    assert.equal((await parent.post("/portal/sign-in", fields)).status, 303);
  });

  async function languageOf(username: string): Promise<string | null> {
    const [row] = await sql<{ language: string | null }[]>`
      select language from logons where username = ${username}`;
    return row?.language ?? null;
  }

  async function checked(): Promise<string[]> {
    const page = await documentOf(await parent.get(PAGE));
    return [...page.querySelectorAll("input[name=language][checked]")]
      .map((box) => box.getAttribute("value") ?? "");
  }

  it("is led to from the portal, offers each in its own letters, and is English as long as nobody has chosen", async () => {
    const home = await documentOf(await parent.get("/portal"));
    assert.ok(home.querySelector(`a[href="${PAGE}"]`));
    const page = await documentOf(await parent.get(PAGE));
    const names = [...page.querySelectorAll("label [lang]")].map((one) => one.textContent);
    assert.equal(names.length, LANGUAGES.length);
    assert.ok(names.includes("Polski") && names.includes("العربية"));
    assert.deepEqual(await checked(), ["en"]);
  });

  it("is kept, said in its own words, welcomed in, and in the audit once", async () => {
    for (let time = 0; time < 2; time++) {
      const answer = await parent.post(PAGE, { language: "ur" });
      assert.equal(answer.headers.get("location"), `${PAGE}?saved=yes`);
    }
    assert.equal(await languageOf("ama.boateng"), "ur");
    assert.equal(await languageOf("lukasz.w"), null);
    const page = await documentOf(await parent.get(`${PAGE}?saved=yes`));
    const said = page.querySelector("[role=status]");
    assert.deepEqual([said?.getAttribute("lang"), said?.getAttribute("dir")], ["ur", "rtl"]);
    assert.deepEqual(await checked(), ["ur"]);
    const home = await documentOf(
      await parent.get("/portal", { "accept-language": "pl" }),
    );
    assert.equal(home.querySelector(".greeting")?.getAttribute("lang"), "ur");
    const audit = await sql`
      select who, before, after from audit where what = 'choose language' order by id desc`;
    assert.deepEqual(audit.map((row) => ({ ...row })), [
      { who: "Ama Boateng", before: { language: null }, after: { language: "ur" } },
    ]);
  });

  it("is no other welcome where English was chosen", async () => {
    await parent.post(PAGE, { language: "en" });
    const home = await documentOf(
      await parent.get("/portal", { "accept-language": "pl" }),
    );
    assert.equal(home.querySelector(".greeting"), null);
  });

  it("cannot be what it cannot be, and says so", async () => {
    for (const language of ["", "xx", "EN", "pl ", "\0", "x".repeat(10_000), "toString"]) {
      const answer = await parent.post(PAGE, { language });
      assert.equal(answer.status, 422, JSON.stringify(language.slice(0, 20)));
      const page = await documentOf(answer);
      assert.match(page.querySelector("[role=alert]")?.textContent ?? "", /Choose one/);
    }
    assert.equal(await languageOf("ama.boateng"), null);
  });

  it("can be each one that is offered, and no other, in the database as well", async () => {
    for (const language of LANGUAGES) {
      assert.equal((await parent.post(PAGE, { language })).status, 303);
      assert.equal(await languageOf("ama.boateng"), language);
    }
    await assert.rejects(sql`update logons set language = 'xx'`);
  });
});
