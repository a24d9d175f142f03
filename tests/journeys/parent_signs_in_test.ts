// A parent signs in on a telephone, and sees their own learners and nothing else.

/// <reference lib="dom" />

import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { becomes, openSchool, type School, sidewaysScroll, signInToPortal } from "./school.ts";

const TELEPHONE = {
  viewport: { width: 390, height: 844 },
  hasTouch: true,
  isMobile: true,
  deviceScaleFactor: 2,
};
const CHOSEN = "three calm otters swim";

describe("a parent signs in on a telephone", () => {
  let school: School;
  before(async () => {
    school = await openSchool();
  });
  after(() => school.close());

  it("is told kindly that a password is wrong, and then sees the own learners only", () =>
    school.visit({ ...TELEPHONE, expects: [422] }, async (page) => {
      await page.goto("/portal");
      assert.match(page.url(), /\/portal\/sign-in/);
      const username = page.getByLabel("Username");
      const password = page.getByLabel("Password", { exact: true });
      assert.equal(await username.getAttribute("autocomplete"), "username");
      assert.equal(await password.getAttribute("autocomplete"), "current-password");
      await username.fill("Ama.Boateng");
      await password.fill("demo-parent-2025");
      await page.getByRole("button", { name: "Sign in" }).tap();
      const told = page.getByRole("alert");
      await told.waitFor();
      assert.match(await told.innerText(), /^The username or the password is not right\./);
      assert.match(await page.title(), /^Error: /);
      assert.equal(await username.inputValue(), "Ama.Boateng");
      assert.equal(await password.inputValue(), "");

      await password.fill("demo-parent-2026");
      await page.getByRole("button", { name: "Show" }).tap();
      assert.equal(await password.getAttribute("type"), "text");
      await page.getByRole("button", { name: "Hide" }).tap();
      assert.equal(await password.getAttribute("type"), "password");
      await page.getByRole("button", { name: "Sign in" }).tap();

      await page.getByRole("heading", { name: "Welcome, Ama" }).waitFor();
      assert.deepEqual(await childrenOf(page), [
        "Kofi Boateng Year 8, 8C",
        "Esi Boateng Year 11, 11B",
      ]);
      assert.equal(await sidewaysScroll(page), 0);
      const narrow = await page.locator("a, button").evaluateAll((elements) =>
        elements.filter((element) => {
          const { height } = element.getBoundingClientRect();
          return height > 0 && height < 24;
        }).map((element) => element.textContent)
      );
      assert.deepEqual(narrow, [], "all can be hit by a thumb (WCAG 2.5.8)");
    }));

  it("answers alike whether the name is unknown, suspended or deleted", () =>
    school.visit({ ...TELEPHONE, expects: [422] }, async (page) => {
      const sentences: string[] = [];
      for (const username of ["nobody.here", "declan.oconnor", "marek.kowalczyk"]) {
        await page.goto("/portal/sign-in");
        await page.getByLabel("Username").fill(username);
        await page.getByLabel("Password", { exact: true }).fill("demo-parent-2026");
        await page.getByRole("button", { name: "Sign in" }).tap();
        sentences.push(await page.getByRole("alert").innerText());
      }
      assert.equal(new Set(sentences).size, 1);
    }));

  it("does not see a learner from whom a court order keeps them", () =>
    school.visit({ ...TELEPHONE, parent: "sarah.smith" }, async (page) => {
      assert.deepEqual(await childrenOf(page), ["Jack Smith Year 10, 10B"]);
    }));

  it("must change a temporary password before anything else, and is told the rules kindly", () =>
    school.visit({ ...TELEPHONE, expects: [422] }, async (page) => {
      await signInToPortal(page, "minh.nguyen", "demo-temporary-2026");
      await page.getByRole("heading", { name: "Choose a password" }).waitFor();
      await page.goto("/portal");
      await page.getByRole("heading", { name: "Choose a password" }).waitFor();
      assert.equal(await page.getByText("Gia Bảo").count(), 0);

      const chosen = page.getByLabel("New password");
      assert.equal(await chosen.getAttribute("autocomplete"), "new-password");
      for (
        const [typed, sentence] of [
          ["short", "Use at least 12 characters."],
          ["password1234", "This password is one of those that are guessed first."],
          ["minh.nguyen-2026", "Leave out names"],
          ["demo-temporary-2026", "This is the password you have now."],
        ] as const
      ) {
        await chosen.fill(typed);
        await page.getByRole("button", { name: "Save password" }).tap();
        const told = page.getByRole("alert").getByText(sentence);
        await told.waitFor();
        assert.equal(await chosen.getAttribute("aria-invalid"), "true");
      }
      await chosen.fill(CHOSEN);
      await page.getByRole("button", { name: "Show" }).tap();
      assert.equal(await chosen.getAttribute("type"), "text");
      await page.getByRole("button", { name: "Save password" }).tap();
      await page.getByText("Your password was changed.").waitFor();
      assert.deepEqual(await childrenOf(page), ["Gia Bảo Nguyễn Year 11, 11B"]);

      await page.getByRole("button", { name: "Sign out" }).tap();
      await page.getByRole("heading", { name: "Parent Portal" }).waitFor();
      await signInToPortal(page, "minh.nguyen", CHOSEN);
      await page.getByRole("heading", { name: /^Welcome, / }).waitFor();
    }));

  it("leaves nothing personal behind after signing out, also by Back", () =>
    school.visit({ ...TELEPHONE, parent: "john.smith" }, async (page) => {
      await page.getByText("Ellie Smith").waitFor();
      await page.getByRole("button", { name: "Sign out" }).tap();
      await page.getByRole("heading", { name: "Parent Portal" }).waitFor();
      await page.goBack();
      await page.getByRole("heading", { name: "Parent Portal" }).waitFor();
      assert.equal(await page.getByText("Smith").count(), 0);
      assert.deepEqual(await page.context().cookies(), []);
    }));

  it("says whom to ask when no child is to be seen", () =>
    school.visit({ ...TELEPHONE, parent: "rhys.l" }, async (page) => {
      await page.getByText("No child is linked to your logon at the moment.").waitFor();
    }));

  it("is not let into the office, nor the office into the portal", () =>
    school.visit({ ...TELEPHONE, parent: "john.smith" }, async (page) => {
      await page.goto("/logons");
      assert.match(page.url(), /\/sign-in\?next=/);
      await school.visit({ as: "office" }, async (office) => {
        await office.goto("/portal");
        assert.match(office.url(), /\/portal\/sign-in/);
      });
    }));

  it("fits a screen of 320 pixels", () =>
    school.visit({ viewport: { width: 320, height: 640 }, parent: "priya.rv" }, async (page) => {
      for (const path of ["/portal", "/portal/password"]) {
        await page.goto(path);
        assert.equal(await sidewaysScroll(page), 0, path);
      }
      await page.goto("/portal");
      await page.getByRole("button", { name: "Sign out" }).click();
      await page.getByRole("heading", { name: "Parent Portal" }).waitFor();
      assert.equal(await sidewaysScroll(page), 0, "sign-in");
    }));

  it("waits after five wrong tries, and not for ever", () =>
    school.visit({ ...TELEPHONE, expects: [422] }, async (page) => {
      const trySignIn = async (password: string): Promise<void> => {
        await page.goto("/portal/sign-in");
        await page.getByLabel("Username").fill("paul.barley");
        await page.getByLabel("Password", { exact: true }).fill(password);
        await page.getByRole("button", { name: "Sign in" }).tap();
      };
      for (let tries = 0; tries < 5; tries++) {
        await trySignIn(`wrong ${tries}`);
        await page.getByRole("alert").waitFor();
      }
      await trySignIn("demo-parent-2026");
      await page.getByRole("alert").waitFor();
      school.pass(2);
      await trySignIn("demo-parent-2026");
      await page.getByRole("heading", { name: "Welcome, Paul" }).waitFor();
    }));

  it("is signed out after half an hour of rest", () =>
    school.visit({ ...TELEPHONE, parent: "john.smith" }, async (page) => {
      school.pass(31);
      await page.getByRole("link", { name: "Change password" }).tap();
      await page.getByRole("heading", { name: "Parent Portal" }).waitFor();
    }));

  it("does it all without JavaScript", () =>
    school.visit({ ...TELEPHONE, javaScriptEnabled: false, expects: [422] }, async (page) => {
      await page.goto("/portal/sign-in");
      assert.equal(await page.getByRole("button", { name: "Show" }).count(), 0);
      await page.getByLabel("Username").fill("oluwaseun.adeyemi");
      await page.getByLabel("Password", { exact: true }).fill("wrong");
      await page.getByRole("button", { name: "Sign in" }).click();
      await page.getByRole("alert").waitFor();
      await page.getByLabel("Password", { exact: true }).fill("demo-temporary-2026");
      await page.getByRole("button", { name: "Sign in" }).click();
      await page.getByRole("heading", { name: "Choose a password" }).waitFor();
      await page.getByLabel("New password").fill("short");
      await page.getByRole("button", { name: "Save password" }).click();
      await page.getByRole("alert").waitFor();
      await page.getByLabel("New password").fill(CHOSEN);
      await page.getByRole("button", { name: "Save password" }).click();
      await becomes(() => childrenOf(page), ["Tobi Adeyemi Year 7, 7B"]);
      await page.getByRole("link", { name: "Change password" }).click();
      await page.getByLabel("Password now").fill("not this one");
      await page.getByLabel("New password").fill("two quick kites fly");
      await page.getByRole("button", { name: "Save password" }).click();
      await page.getByRole("alert").getByText("This is not your password now.").waitFor();
      await page.getByRole("link", { name: "Back" }).click();
      await page.getByRole("button", { name: "Sign out" }).click();
      await page.getByRole("heading", { name: "Parent Portal" }).waitFor();
    }));
});

async function childrenOf(page: Page): Promise<string[]> {
  const region = page.getByRole("region", { name: /^Your child(ren)?$/ });
  await region.waitFor();
  const texts = await region.getByRole("listitem").allInnerTexts();
  return texts.map((text) => text.replace(/\s+/g, " ").trim());
}
