// A parent and an admin add a passkey, sign in with it and with nothing else, and remove it: on an authenticator of the browser's own.

import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import type { CDPSession, Page } from "playwright-core";
import { openSchool, type School, sidewaysScroll, windowOf } from "./school.ts";

const SMALL = { viewport: { width: 320, height: 640 }, hasTouch: true, isMobile: true };

/** A device that can unlock itself with a finger, say. */
async function plugIn(
  page: Page,
  verified = true,
): Promise<{ cdp: CDPSession; authenticatorId: string }> {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send("WebAuthn.enable");
  const { authenticatorId } = await cdp.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2",
      transport: "internal",
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: verified,
      automaticPresenceSimulation: true,
    },
  });
  return { cdp, authenticatorId };
}

describe("people use passkeys", () => {
  let school: School;
  before(async () => {
    school = await openSchool();
  });
  after(() => school.close());

  it("lets a parent add one and sign in with it alone, until it is removed", () =>
    school.visit({ ...SMALL, parent: "ama.boateng", expects: [422] }, async (page) => {
      await plugIn(page);
      await page.getByRole("link", { name: "Passkeys" }).click();
      assert.equal(await sidewaysScroll(page), 0);
      const add = page.getByRole("button", { name: "Add a passkey" });
      await add.click();
      await page.getByText("Give it a name").waitFor();
      await page.getByLabel("Name", { exact: true }).fill("My phone");
      await add.click();
      await page.getByText("The passkey was added.").waitFor();
      await page.getByText("My phone", { exact: true }).waitFor();
      assert.equal(await sidewaysScroll(page), 0);
      await page.getByLabel("Name", { exact: true }).fill("Once more");
      await add.click();
      await page.getByText("This device has a passkey for you here already.").waitFor();

      await page.goto("/portal");
      await page.getByRole("button", { name: "Sign out" }).click();
      await page.getByRole("button", { name: "Use a passkey" }).click();
      await page.getByRole("heading", { name: "Welcome, Ama" }).waitFor();

      await page.getByRole("link", { name: "Passkeys" }).click();
      await page.getByRole("link", { name: "Rename My phone" }).click();
      await page.getByLabel("Name", { exact: true }).fill("Old phone");
      await page.getByRole("button", { name: "Save name" }).click();
      await page.getByText("The passkey has its new name.").waitFor();
      assert.equal(await sidewaysScroll(page), 0);
      await page.getByRole("link", { name: "Remove Old phone" }).click();
      await page.getByRole("button", { name: "Remove" }).click();
      await page.getByText("The passkey was removed.").waitFor();
      await page.goto("/portal");
      await page.getByRole("button", { name: "Sign out" }).click();
      await page.getByRole("button", { name: "Use a passkey" }).click();
      await page.getByText("This passkey does not open the door here.").waitFor();
    }));

  it("asks a parent for it after the password where two factors are required", () =>
    school.visit({ parent: "lukasz.w" }, async (page) => {
      await plugIn(page);
      await page.goto("/portal/passkeys");
      await page.getByLabel("Name", { exact: true }).fill("Laptop");
      await page.getByRole("button", { name: "Add a passkey" }).click();
      await page.getByText("The passkey was added.").waitFor();
      await school.sql`update logons set tfa = 'required' where username = 'lukasz.w'`;
      await page.context().clearCookies();
      await page.goto("/portal/sign-in?next=/portal/password");
      await page.getByLabel("Username").fill("lukasz.w");
      await page.getByLabel("Password").fill("demo-parent-2026");
      await page.getByRole("button", { name: "Sign in" }).click();
      await page.getByRole("heading", { name: "Use your passkey" }).waitFor();
      await page.getByRole("button", { name: "Use a passkey" }).click();
      await page.getByRole("heading", { name: "Choose a password" }).waitFor();
    }));

  it("lets an admin sign in with one, after the own password was asked for again", () =>
    school.visit({ as: "frontdesk", expects: [422] }, async (page) => {
      const { cdp, authenticatorId } = await plugIn(page);
      school.pass(11);
      await page.getByRole("link", { name: "Femi Adeyemi" }).click();
      await page.getByRole("link", { name: "Passkeys" }).click();
      await page.getByLabel("Name", { exact: true }).fill("Desk");
      await page.getByRole("button", { name: "Add a passkey" }).click();
      await page.getByText("Enter your own password.").waitFor();
      await page.getByLabel("Your own password").fill("demo-frontdesk-2026");
      await page.getByRole("button", { name: "Add a passkey" }).click();
      await page.getByText("The passkey was added.").waitFor();

      await page.goto("/logons");
      await page.getByRole("button", { name: "Sign out" }).click();
      await cdp.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified: false });
      await page.getByRole("button", { name: "Use a passkey" }).click();
      await page.getByText("Nothing was done").waitFor();
      await cdp.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified: true });
      await page.getByRole("button", { name: "Use a passkey" }).click();
      await page.getByRole("heading", { name: "Parent Logons" }).waitFor();
    }));

  it("shows the office how many there are", () =>
    school.visit({ as: "office", viewport: { width: 1280, height: 800 } }, async (page) => {
      await page.goto("/logons?q=lukasz");
      await page.getByRole("link", { name: /^Two factor authentication for/ }).first().click();
      const opened = windowOf(page, "Two factor authentication");
      await opened.getByText("signs in with their passkey").waitFor();
      await opened.getByRole("link", { name: "Lost phone" }).click();
      await opened.getByText("Their passkey is removed as well").waitFor();
    }));

  it("hides the button where the browser cannot, and says so where one is added", () =>
    school.visit({ parent: "ama.boateng", javaScriptEnabled: false }, async (page) => {
      await page.goto("/portal/passkeys");
      await page.getByText("This browser cannot make a passkey.").waitFor();
      assert.equal(await page.getByRole("button", { name: "Add a passkey" }).count(), 0);
      await page.context().clearCookies();
      await page.goto("/portal/sign-in");
      assert.equal(await page.getByRole("button", { name: "Use a passkey" }).count(), 0);
    }));
});
