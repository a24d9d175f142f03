// An admin sets up two factor authentication of the own account, and the school requires it of all: set up at the door, signed
// in with, a recovery code where the telephone was left at home, and the way out when it is lost.

/// <reference lib="dom" />

import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { codeAt } from "../../lib/totp.ts";
import { openSchool, type School, sidewaysScroll } from "./school.ts";

const DESK = { viewport: { width: 1280, height: 800 } };
const NARROW = { viewport: { width: 390, height: 844 } };

describe("the office uses two factor authentication", () => {
  let school: School;
  /** What each admin's app holds, and what was written down. */
  const secrets = new Map<string, Uint8Array>();
  const recoveryCodes = new Map<string, string[]>();
  before(async () => {
    school = await openSchool();
  });
  after(() => school.close());

  function codeOf(username: string): string {
    return codeAt(secrets.get(username) ?? new Uint8Array(20), school.services.clock.now());
  }

  /** At the door, where a second step comes after the password. */
  async function enterPassword(page: Page, username: string): Promise<void> {
    await page.goto("/sign-in");
    await page.getByLabel("Username").fill(username);
    await page.getByLabel("Password").fill(`demo-${username}-2026`);
    await page.getByRole("button", { name: "Sign in" }).click();
  }

  /** Scans, confirms, and writes the recovery codes down. */
  async function setUp(page: Page, username: string): Promise<void> {
    await page.getByRole("heading", { name: "Set up two factor authentication" }).waitFor();
    const key = await page.getByLabel("Key", { exact: true }).innerText();
    const bits = [...key.replaceAll(" ", "")]
      .map((one) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(one).toString(2).padStart(5, "0"))
      .join("");
    secrets.set(username, Uint8Array.from(bits.match(/.{8}/g) ?? [], (byte) => parseInt(byte, 2)));
    await page.getByLabel("Code", { exact: true }).fill(codeOf(username));
    await page.getByRole("button", { name: "Confirm" }).click();
    await page.getByRole("heading", { name: "Your recovery codes" }).waitFor();
    assert.equal(await sidewaysScroll(page), 0);
    const codes = await page.locator(".recovery-codes code").allInnerTexts();
    assert.equal(new Set(codes).size, 10);
    recoveryCodes.set(username, codes);
    await page.getByRole("button", { name: "I have kept them" }).click();
    await page.getByRole("heading", { name: "Parent Logons" }).waitFor();
    school.pass(1);
  }

  it("is set up by an administrator from the own account, and required of all in Settings", () =>
    school.visit({ ...DESK, as: "office" }, async (page) => {
      await page.goto("/account");
      await page.getByRole("link", { name: "Two factor authentication" }).click();
      await page.getByRole("link", { name: "Set it up" }).click();
      await setUp(page, "office");
      await page.goto("/settings");
      await page.getByLabel("Two factor authentication of admins").selectOption("required");
      await page.getByRole("button", { name: "Save settings" }).click();
      await page.getByText("The settings were saved.").waitFor();
      await page.goto("/account/tfa");
      await page.getByText("The school requires it of every admin.").waitFor();
      assert.equal(await page.getByRole("button", { name: "Switch off" }).count(), 0);
    }));

  it("is set up at the door by a colleague, before anything else opens", () =>
    school.visit({ ...NARROW, expects: [422] }, async (page) => {
      await enterPassword(page, "frontdesk");
      await page.getByRole("heading", { name: "Set up two factor authentication" }).waitFor();
      assert.equal(await sidewaysScroll(page), 0);
      await page.goto("/logons");
      assert.match(page.url(), /\/account\/tfa\/set-up$/);
      await page.getByLabel("Code", { exact: true }).fill("12345");
      await page.getByRole("button", { name: "Confirm" }).click();
      await page.getByRole("alert").waitFor();
      await setUp(page, "frontdesk");
    }));

  it("is signed in with: a wrong code opens nothing, the right one leads to the list, and only once", async () => {
    const used = codeOf("frontdesk");
    await school.visit({ ...DESK, expects: [422] }, async (page) => {
      await enterPassword(page, "frontdesk");
      await page.getByRole("heading", { name: "Enter your code" }).waitFor();
      await page.getByLabel("Code", { exact: true }).fill("000000");
      await page.getByRole("button", { name: "Continue" }).click();
      await page.getByRole("alert").waitFor();
      await page.getByLabel("Code", { exact: true }).fill(used);
      await page.getByRole("button", { name: "Continue" }).click();
      await page.getByRole("heading", { name: "Parent Logons" }).waitFor();
    });
    await school.visit({ ...DESK, expects: [422] }, async (page) => {
      await enterPassword(page, "frontdesk");
      await page.getByLabel("Code", { exact: true }).fill(used);
      await page.getByRole("button", { name: "Continue" }).click();
      await page.getByRole("alert").waitFor();
    });
  });

  it("lets a recovery code in where the telephone is at home, without script, and once", async () => {
    const [code = ""] = recoveryCodes.get("frontdesk") ?? [];
    await school.visit({ ...NARROW, javaScriptEnabled: false }, async (page) => {
      await enterPassword(page, "frontdesk");
      await page.getByRole("link", { name: "Use a recovery code" }).click();
      await page.getByLabel("Recovery code").fill(code.toLowerCase());
      await page.getByRole("button", { name: "Continue" }).click();
      await page.getByText("You have 9 codes left").waitFor();
    });
    await school.visit({ ...DESK, expects: [422] }, async (page) => {
      await enterPassword(page, "frontdesk");
      await page.getByRole("link", { name: "Use a recovery code" }).click();
      await page.getByLabel("Recovery code").fill(code);
      await page.getByRole("button", { name: "Continue" }).click();
      await page.getByRole("alert").waitFor();
    });
  });

  it("is taken off a lost telephone by an administrator, and set up anew", async () => {
    await school.visit(DESK, async (page) => {
      school.pass(1);
      await enterPassword(page, "office");
      await page.getByLabel("Code", { exact: true }).fill(codeOf("office"));
      await page.getByRole("button", { name: "Continue" }).click();
      await page.getByRole("heading", { name: "Parent Logons" }).waitFor();
      await page.goto("/admins");
      await page.getByRole("link", { name: "Femi Adeyemi" }).last().click();
      await page.getByRole("link", { name: "Lost phone" }).click();
      await page.getByLabel("Reason, and how you know who is asking").fill("Came in person");
      await page.getByRole("button", { name: "Lost phone" }).click();
      await page.waitForURL((url) => !url.pathname.endsWith("/tfa"));
    });
    const lost = secrets.get("frontdesk");
    await school.visit(DESK, async (page) => {
      await enterPassword(page, "frontdesk");
      await setUp(page, "frontdesk");
      assert.notDeepEqual(secrets.get("frontdesk"), lost);
    });
    // Signed in once more with the new one: nobody is left outside.
    await school.visit(DESK, async (page) => {
      await enterPassword(page, "frontdesk");
      await page.getByLabel("Code", { exact: true }).fill(codeOf("frontdesk"));
      await page.getByRole("button", { name: "Continue" }).click();
      await page.getByRole("heading", { name: "Parent Logons" }).waitFor();
    });
  });
});
