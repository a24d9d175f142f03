// A parent sets up two factor authentication on a telephone, signs in with it, loses the telephone, and gets back in.

/// <reference lib="dom" />

import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { codeAt } from "../../lib/totp.ts";
import {
  openSchool,
  rowOf,
  type School,
  sidewaysScroll,
  signInToPortal,
  windowOf,
} from "./school.ts";

const TELEPHONE = {
  viewport: { width: 390, height: 844 },
  hasTouch: true,
  isMobile: true,
  deviceScaleFactor: 2,
};
const SMALL = { ...TELEPHONE, viewport: { width: 320, height: 640 } };
const PARENT = "sian.evans";

describe("a parent uses two factor authentication", () => {
  let school: School;
  /** What the parent's app holds, and what the parent wrote down. */
  let secret = new Uint8Array();
  let recoveryCodes: string[] = [];
  before(async () => {
    school = await openSchool();
  });
  after(() => school.close());

  function code(): string {
    return codeAt(secret, school.services.clock.now());
  }

  /** Types the key that the page shows into the app. */
  async function takeKey(page: Page): Promise<void> {
    const key = await page.getByLabel("Key", { exact: true }).innerText();
    assert.match(key, /^([A-Z2-7]{4} ){7}[A-Z2-7]{4}$/);
    const bits = [...key.replaceAll(" ", "")]
      .map((one) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(one).toString(2).padStart(5, "0"))
      .join("");
    secret = Uint8Array.from(bits.match(/.{8}/g) ?? [], (byte) => parseInt(byte, 2));
  }

  async function enterCode(page: Page, button: string): Promise<void> {
    const field = page.getByLabel("Code", { exact: true });
    assert.equal(await field.getAttribute("autocomplete"), "one-time-code");
    assert.equal(await field.getAttribute("inputmode"), "numeric");
    await field.fill(code());
    await page.getByRole("button", { name: button }).tap();
  }

  it("sets it up at the first sign-in where the school requires it", () =>
    school.visit({ ...SMALL, expects: [422] }, async (page) => {
      await signInToPortal(page, PARENT);
      await page.getByRole("heading", { name: "Set up two factor authentication" }).waitFor();
      assert.equal(await sidewaysScroll(page), 0);
      await page.goto("/portal");
      assert.match(page.url(), /\/portal\/tfa\/set-up$/, "nothing opens before");
      const picture = await page.getByRole("img", { name: /scan/ }).boundingBox();
      assert.ok(picture && picture.width >= 180, "large enough for a camera");
      await takeKey(page);
      await page.getByLabel("Code", { exact: true }).fill("12345");
      await page.getByRole("button", { name: "Confirm" }).tap();
      await page.getByRole("alert").waitFor();
      await enterCode(page, "Confirm");

      await page.getByRole("heading", { name: "Your recovery codes" }).waitFor();
      assert.equal(await sidewaysScroll(page), 0);
      recoveryCodes = await page.locator(".recovery-codes code").allInnerTexts();
      assert.equal(recoveryCodes.length, 10);
      const [download] = await Promise.all([
        page.waitForEvent("download"),
        page.getByRole("button", { name: "Download them as a file" }).tap(),
      ]);
      assert.match(download.suggestedFilename(), /recovery-codes\.txt$/);
      const file = await Deno.readTextFile(await download.path());
      for (const one of recoveryCodes) assert.ok(file.includes(one));
      await page.getByRole("button", { name: "I have kept them" }).tap();
      await page.getByRole("heading", { name: /^Welcome/ }).waitFor();
      await page.getByText("Two factor authentication is set up.").waitFor();
    }));

  it("signs in with a code from then on", () =>
    school.visit({ ...TELEPHONE, expects: [422] }, async (page) => {
      school.pass(1);
      await signInToPortal(page, PARENT);
      await page.getByRole("heading", { name: "Enter your code" }).waitFor();
      assert.equal(await sidewaysScroll(page), 0);
      const narrow = await page.locator("a, button").evaluateAll((elements) =>
        elements.map((element) => element.getBoundingClientRect().height)
          .filter((height) => height > 0 && height < 24)
      );
      assert.deepEqual(narrow, [], "all can be hit by a thumb (WCAG 2.5.8)");
      await page.getByLabel("Code", { exact: true }).fill("000000");
      await page.getByRole("button", { name: "Continue" }).tap();
      await page.getByRole("alert").waitFor();
      await enterCode(page, "Continue");
      await page.getByRole("heading", { name: /^Welcome/ }).waitFor();
    }));

  it("gets in with a recovery code where the telephone was left at home, without script", () =>
    school.visit({ ...TELEPHONE, javaScriptEnabled: false }, async (page) => {
      await signInToPortal(page, PARENT);
      await page.getByRole("link", { name: "Use a recovery code" }).tap();
      await page.getByLabel("Recovery code").fill((recoveryCodes[3] ?? "").toLowerCase());
      await page.getByRole("button", { name: "Continue" }).tap();
      await page.getByText("You have 9 codes left").waitFor();
      assert.equal(await sidewaysScroll(page), 0);
    }));

  it("is helped by the office when the telephone is lost", () =>
    school.visit({ as: "frontdesk", viewport: { width: 1280, height: 800 } }, async (page) => {
      await page.goto("/logons?q=evans");
      const row = rowOf(page, "Siân Evans");
      const key = row.getByRole("link", { name: "Two factor authentication for Siân Evans" });
      assert.match(await key.getAttribute("title") ?? "", /set up$/);
      await key.click();
      const opened = windowOf(page, "Two factor authentication");
      await opened.getByRole("link", { name: "Lost phone" }).click();
      await opened.getByLabel("How did you check who is asking?").selectOption("known voice");
      await opened.getByRole("button", { name: "Lost phone" }).click();
      await page.getByText("The phone of Siân Evans was removed.").waitFor();
      await opened.waitFor({ state: "hidden" });
      await row.getByText("TFA not set up").waitFor();
    }));

  it("sets up the new telephone at the next sign-in; the old one and its codes are worth nothing", () =>
    school.visit(TELEPHONE, async (page) => {
      const old = secret;
      school.pass(1);
      await signInToPortal(page, PARENT);
      await page.getByRole("heading", { name: "Set up two factor authentication" }).waitFor();
      await takeKey(page);
      assert.notDeepEqual(secret, old);
      await enterCode(page, "Confirm");
      await page.getByRole("button", { name: "I have kept them" }).tap();
      await page.getByRole("heading", { name: /^Welcome/ }).waitFor();
    }));
});
