// What the mails look like: every template, in a frame that can do nothing, with nobody's details.

import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { documentOf, type Office, openOffice, signIn, type Visitor } from "../office.ts";

describe("what the mails look like", () => {
  let office: Office;
  let admin: Visitor;
  before(async () => {
    office = await openOffice();
    admin = await signIn(office);
  });
  after(() => office.close());

  async function templates(): Promise<string[]> {
    const page = await documentOf(await admin.get("/settings/mails"));
    return [...page.querySelectorAll('nav[aria-label="Mails"] a')]
      .map((link) => link.getAttribute("href") ?? "");
  }

  it("shows every template as text and, in a frame, as HTML", async () => {
    const hrefs = await templates();
    assert.ok(hrefs.length > 3);
    for (const href of hrefs) {
      const page = await documentOf(await admin.get(href));
      const text = page.querySelector("pre")?.textContent ?? "";
      assert.match(text, /^Dear Ama Boateng,/, href);
      assert.doesNotMatch(text, /undefined|null|NaN|Invalid Date|\[object/, href);
      const frame = page.querySelector("iframe");
      assert.equal(frame?.getAttribute("sandbox"), "");
      const html = await admin.get(frame?.getAttribute("src") ?? "");
      assert.equal(html.status, 200);
      assert.match(await html.text(), /^<!doctype html>.*Dear Ama Boateng,/s, href);
    }
  });

  it("shows each in every language, and keeps the language from one to the next", async () => {
    const page = await documentOf(
      await admin.get("/settings/mails?template=tfa-required&language=ur"),
    );
    assert.match(page.querySelector("pre")?.textContent ?? "", /جناب.*In English:/s);
    const frame = page.querySelector("iframe")?.getAttribute("src") ?? "";
    assert.match(await (await admin.get(frame)).text(), /<html lang="ur" dir="rtl"/);
    const others = [...page.querySelectorAll('nav[aria-label="Mails"] a')];
    assert.ok(others.every((link) => /language=ur$/.test(link.getAttribute("href") ?? "")));
    const links = [...page.querySelectorAll('nav[aria-label="Languages"] a')];
    assert.deepEqual(links.map((link) => link.textContent).slice(0, 2), ["English", "Arabic"]);
    assert.equal((await admin.get("/settings/mails?language=xx")).status, 200);
  });

  it("lets the framed mail do nothing, and no other page be framed or frame", async () => {
    const html = await admin.get("/settings/mails/login-details/html");
    const policy = html.headers.get("content-security-policy") ?? "";
    for (const part of ["default-src 'none'", "sandbox", "frame-ancestors 'self'"]) {
      assert.ok(policy.includes(part), part);
    }
    assert.doesNotMatch(policy, /script-src/);
    const page = await admin.get("/settings/mails");
    assert.match(page.headers.get("content-security-policy") ?? "", /frame-src 'self'/);
    assert.match(page.headers.get("content-security-policy") ?? "", /frame-ancestors 'none'/);
    const other = await admin.get("/settings");
    assert.doesNotMatch(other.headers.get("content-security-policy") ?? "", /frame-src/);
    assert.equal(other.headers.get("x-frame-options"), "DENY");
  });

  it("has the school's own lines in it, as text, whatever they are", async () => {
    const line = 'Croeso <script>alert("1")</script> & welcome';
    const { sql } = office.services;
    await sql`insert into settings (name, value) values ('mail_opening', ${sql.json(line)})`;
    const page = await documentOf(await admin.get("/settings/mails"));
    assert.ok(page.querySelector("pre")?.textContent?.includes(`\n\n${line}\n\n`));
    assert.equal(page.querySelector("pre script"), null);
    const html = await (await admin.get("/settings/mails/login-details/html")).text();
    assert.match(html, /<p dir="auto">Croeso &lt;script&gt;/);
    await sql`delete from settings where name = 'mail_opening'`;
  });

  it("knows no other template, and is an administrator's alone", async () => {
    assert.equal((await admin.get("/settings/mails/nothing/html")).status, 404);
    assert.equal((await admin.get("/settings/mails?template=nothing")).status, 200);
    const desk = await signIn(office, "frontdesk");
    assert.equal((await desk.get("/settings/mails")).status, 403);
    assert.equal((await desk.get("/settings/mails/login-details/html")).status, 403);
  });
});
