// A parent looks after the own logon on a telephone: has it remembered, sees who signed in, signs out a strange device; and the school closes the portal for a while.

/// <reference lib="dom" />

import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { transaction } from "../../db/connect.ts";
import { confirmSecret } from "../../db/tfa.ts";
import { codeAt } from "../../lib/totp.ts";
import { openSchool, type School, sidewaysScroll, signInToPortal } from "./school.ts";

const TELEPHONE = {
  viewport: { width: 320, height: 640 },
  hasTouch: true,
  isMobile: true,
  deviceScaleFactor: 2,
};
const SECRET = new Uint8Array(20).fill(9);
const PARENT = "ama.boateng";

describe("a parent minds the own logon", () => {
  let school: School;
  before(async () => {
    school = await openSchool();
    const { sql, services } = school;
    const [row] = await sql<{ id: number }[]>`select id from logons where username = ${PARENT}`;
    assert.ok(row);
    const secret = await services.keys.sealer("totp secret").seal(SECRET, String(row.id));
    const confirmed = { secret, step: 1, at: services.clock.now() };
    await transaction(
      sql,
      (tx) => confirmSecret(tx, { logonId: row.id }, confirmed, [new Uint8Array(32)]),
    );
  });
  after(() => school.close());

  async function enterCode(page: Page): Promise<void> {
    school.pass(1);
    await page.getByLabel("Code", { exact: true }).fill(
      codeAt(SECRET, school.services.clock.now()),
    );
    await page.getByRole("button", { name: "Continue" }).tap();
    await page.getByRole("heading", { name: "Welcome, Ama" }).waitFor();
  }

  async function signOut(page: Page): Promise<void> {
    await page.goto("/portal");
    await page.getByRole("button", { name: "Sign out" }).tap();
    await page.waitForURL("**/portal/sign-in");
  }

  it("chooses the language of the school's mails, and is welcomed in it", () =>
    school.visit({ ...TELEPHONE, parent: "lukasz.w" }, async (page) => {
      await page.getByRole("link", { name: "Language" }).tap();
      await page.getByRole("heading", { name: "Language" }).waitFor();
      assert.equal(await sidewaysScroll(page), 0);
      await page.getByLabel("العربية").check();
      await page.getByRole("button", { name: "Save language" }).tap();
      const said = page.getByRole("status");
      await said.waitFor();
      assert.equal(await said.getAttribute("dir"), "rtl");
      assert.equal(await sidewaysScroll(page), 0);
      await page.getByRole("link", { name: "Back to the Parent Portal" }).tap();
      await page.getByRole("heading", { name: /^Welcome/ }).waitFor();
      assert.equal(await page.locator(".greeting").getAttribute("lang"), "ar");
    }));

  it("is asked for a code once on a device that is remembered, until it signs out everywhere else", () =>
    school.visit({ ...TELEPHONE, locale: "ur-PK" }, async (page) => {
      await signInToPortal(page, PARENT);
      await page.getByLabel(/Do not ask for a code on this device for 30 days/).check();
      await enterCode(page);
      const greeting = page.locator(".greeting");
      assert.equal(await greeting.getAttribute("lang"), "ur");
      assert.equal(await greeting.getAttribute("dir"), "rtl");
      await signOut(page);
      await signInToPortal(page, PARENT);
      await page.getByRole("heading", { name: "Welcome, Ama" }).waitFor();

      await school.visit(TELEPHONE, async (stranger) => {
        await signInToPortal(stranger, PARENT);
        await enterCode(stranger);
        await page.getByRole("link", { name: "Where you are signed in" }).tap();
        await page.getByText("Last seen").waitFor();
        assert.equal(await sidewaysScroll(page), 0);
        await page.getByRole("button", { name: "Sign out everywhere else" }).tap();
        await page.getByText("You are signed out everywhere else").waitFor();
        await stranger.reload();
        await stranger.waitForURL("**/portal/sign-in*");
      });

      await page.getByRole("link", { name: "Back to the Parent Portal" }).tap();
      await page.getByRole("link", { name: "Your sign-ins" }).tap();
      await page.getByText("Signed in").first().waitFor();
      assert.equal(await sidewaysScroll(page), 0);
      await signOut(page);
      await signInToPortal(page, PARENT);
      await page.getByRole("heading", { name: "Enter your code" }).waitFor();
    }));

  it("reads why the portal is closed, and goes on where it was when it opens", () =>
    school.visit({ ...TELEPHONE, parent: "lukasz.w", expects: [503] }, async (page) => {
      const message = "We move house. Open again on Monday.";
      await school.visit({ as: "office" }, async (office) => {
        await office.goto("/settings");
        await office.getByLabel("The Parent Portal is").selectOption("closed");
        await office.getByLabel("What parents read while it is closed").fill(message);
        await office.getByRole("button", { name: "Save settings" }).click();
        await office.getByText("The settings were saved.").waitFor();
        await office.goto("/logons");
        await office.getByText("The Parent Portal is closed: no parent can sign in.").waitFor();

        await page.goto("/portal/sign-ins");
        await page.getByText(message).waitFor();
        assert.equal(await sidewaysScroll(page), 0);

        await office.getByRole("link", { name: "Open it in Settings" }).click();
        await office.getByLabel("The Parent Portal is").selectOption("open");
        await office.getByRole("button", { name: "Save settings" }).click();
        await office.getByText("The settings were saved.").waitFor();
      });
      await page.reload();
      await page.getByRole("heading", { name: "Your sign-ins" }).waitFor();
    }));
});
