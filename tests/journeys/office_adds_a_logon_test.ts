// The office adds a logon: by mouse, by keyboard alone, and without JavaScript.

/// <reference lib="dom" />

import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import type { Locator, Page } from "playwright-core";
import {
  becomes,
  hasFocus,
  openSchool,
  rowOf,
  type School,
  settled,
  tabTo,
  windowOf,
} from "./school.ts";

describe("the office adds a logon", () => {
  let school: School;
  before(async () => {
    school = await openSchool();
  });
  after(() => school.close());

  it("finds Parent Logons in the module list, under Administration", () =>
    school.visit({ as: "office" }, async (page) => {
      const modules = page.getByRole("navigation", { name: "Modules" });
      const own = modules.getByRole("link", { name: "Parent Logons" });
      assert.equal(await own.getAttribute("aria-current"), "page");
      assert.equal(await page.title(), "Parent Logons · Hillcrest School");

      await modules.getByRole("link", { name: "Olwen Hughes" }).click();
      await page.getByRole("heading", { name: "Your account" }).waitFor();
      assert.equal(await own.isVisible(), false);
      await modules.getByText("Administration").focus();
      await page.keyboard.press("Enter");
      await tabTo(own);
      await page.keyboard.press("Enter");
      await page.getByRole("heading", { name: "Parent Logons" }).waitFor();
      assert.equal(await own.getAttribute("aria-current"), "page");
    }));

  it("is offered exactly the article's options", () =>
    school.visit({ as: "office" }, async (page) => {
      const options = page.getByRole("navigation", { name: "Options" }).getByRole("link");
      const names = (await options.allInnerTexts()).map((text) => text.trim().split("\n")[0]);
      assert.deepEqual(names.map((name) => name?.replace(/ not in this version yet$/, "")), [
        "Add Logon",
        "Import Contacts",
        "Import (Excel)",
        "Parent Portal Usage",
        "Bulk Reset",
      ]);
    }));

  it("opens a window with the five fields in the article's order, then Link Learner, then Save", () =>
    school.visit({ as: "office" }, async (page) => {
      const window = await openAdd(page);
      await hasFocus(window.getByLabel("First name"));
      const parts = await window.locator("label, button:not([aria-hidden='true'])").evaluateAll(
        (elements) =>
          elements.map((element) => element.textContent.trim()).filter((text) => text !== "Show"),
      );
      assert.deepEqual(parts, [
        "First name",
        "Surname",
        "Email",
        "Username",
        "Password",
        "Link Learner",
        "Save",
      ]);
      const blue = window.getByRole("button", { name: "Save" });
      assert.match(await blue.getAttribute("class") ?? "", /\bblue\b/);
    }));

  it("links learners without losing a letter, tells namesakes apart, and saves", () =>
    school.visit({ as: "office" }, async (page) => {
      const window = await openAdd(page);
      await fillIn(window, {
        "First name": "Ann",
        "Surname": "O’Barley-Ñandú",
        "Email": "ann@example.org",
      });
      await window.getByLabel("Password", { exact: true }).fill("seven-quiet-otters");
      await window.getByRole("button", { name: "Link Learner" }).click();

      const status = window.getByLabel("Learner Status");
      const learner = window.getByLabel("Learner", { exact: true });
      await hasFocus(learner);
      assert.deepEqual(await valuesOf(window), [
        "Ann",
        "O’Barley-Ñandú",
        "ann@example.org",
        // An email fills an empty username as it is typed.
        "ann@example.org",
        "seven-quiet-otters",
      ]);
      const [above, below] = [await status.boundingBox(), await learner.boundingBox()];
      assert.ok(above && below);
      assert.ok(above.y + above.height <= below.y, "Learner Status stands above Learner");

      // The status filters those who are offered.
      await status.selectOption("Applicant");
      await becomes(() => offered(window), ["Léa Dubois adm 004601, Applicant"]);
      await status.selectOption("Leaver");
      await becomes(() => offered(window), [
        "Thomas Ashdown 11A, adm 003102, Leaver",
        "Kehinde Bello 10C, adm 003983, Leaver",
      ]);
      await status.selectOption("Current");

      // Two Mias: told apart by group and number, to the eye and to the ear.
      await learner.pressSequentially("mia bar", { delay: 20 });
      await becomes(() => offered(window), [
        "Mia Barley 7A, adm 004512",
        "Mia Barley 7C, adm 004513",
      ]);
      assert.equal(await learner.inputValue(), "mia bar");
      await hasFocus(learner);
      await window.getByRole("button", { name: "Link Mia Barley 7A" }).click();
      await becomes(() => linked(window), ["Mia Barley 7A, adm 004512"]);
      await window.getByText("Mia Barley linked. Nothing is stored until Save.").waitFor();
      assert.equal(await window.getByRole("button", { name: "Link Mia Barley 7A" }).count(), 0);

      await learner.fill("boateng");
      await window.getByRole("button", { name: "Link Kofi Boateng" }).click();
      await becomes(() => linked(window), [
        "Mia Barley 7A, adm 004512",
        "Kofi Boateng 8C, adm 004305",
      ]);

      // Off the list and on again; nothing is stored meanwhile.
      await window.getByRole("button", { name: /^Take Mia Barley\b.* off the list$/ }).click();
      await becomes(() => linked(window), ["Kofi Boateng 8C, adm 004305"]);
      await learner.fill("004512");
      await window.getByRole("button", { name: "Link Mia Barley 7A" }).click();
      await becomes(() => linked(window), [
        "Kofi Boateng 8C, adm 004305",
        "Mia Barley 7A, adm 004512",
      ]);
      assert.equal(await countOf(school, "ann@example.org"), 0);

      await window.getByRole("button", { name: "Save", exact: true }).click();
      await window.waitFor({ state: "detached" });
      const row = rowOf(page, "Ann O’Barley-Ñandú");
      await row.getByText("new", { exact: true }).waitFor();
      await page.getByRole("status").filter({ hasText: "Ann O’Barley-Ñandú was added." }).waitFor();
      assert.match(await row.innerText(), /Mia Barley/);
      assert.match(await row.innerText(), /Kofi Boateng/);
      // An empty username became the email.
      assert.equal(await countOf(school, "ann@example.org"), 1);
      await becomes(() => page.locator("#total").innerText(), "20 logons");
    }));

  it("gives the trashcans of two linked namesakes different names", () =>
    school.visit({ as: "office" }, async (page) => {
      const window = await openAdd(page);
      await window.getByRole("button", { name: "Link Learner" }).click();
      for (const group of ["7A", "7C"]) {
        await window.getByLabel("Learner", { exact: true }).fill("mia barley");
        await window.getByRole("button", { name: `Link Mia Barley ${group}` }).click();
        await window.getByRole("listitem").filter({ hasText: group })
          .getByRole("button", { name: /^Take / }).waitFor();
      }
      const names = await window.getByRole("button", { name: /^Take / }).evaluateAll((buttons) =>
        buttons.map((button) => button.getAttribute("aria-label"))
      );
      assert.equal(new Set(names).size, 2, names.join(" and "));
    }));

  it("keeps everything when a field is wrong, and puts the focus on what is wrong", () =>
    school.visit({ as: "office", expects: [422] }, async (page) => {
      const window = await openAdd(page);
      await fillIn(window, {
        "First name": "Bea",
        "Email": "not an email",
        "Username": "ama.boateng",
      });
      await window.getByLabel("Password", { exact: true }).fill("short");
      await window.getByRole("button", { name: "Link Learner" }).click();
      await window.getByRole("button", { name: "Link Aisha Begum" }).click();
      await becomes(() => linked(window), ["Aisha Begum 10C, adm 003977"]);
      await window.getByRole("button", { name: "Save", exact: true }).click();

      const summary = window.getByRole("alert");
      await hasFocus(summary);
      assert.match(await summary.innerText(), /^There is a problem/);
      assert.deepEqual(await valuesOf(window), ["Bea", "", "not an email", "ama.boateng", "short"]);
      assert.deepEqual(await linked(window), ["Aisha Begum 10C, adm 003977"]);
      const surname = window.getByLabel("Surname");
      assert.equal(await surname.getAttribute("aria-invalid"), "true");
      const described = await surname.evaluate((input) =>
        document.getElementById(input.getAttribute("aria-describedby") ?? "")?.textContent
      );
      assert.equal(described, "Enter the parent’s surname.");
      await summary.getByRole("link", { name: /ama\.boateng/ }).click();
      await hasFocus(window.getByLabel("Username"));

      await fillIn(window, { "Surname": "Begum", "Email": "", "Username": "bea.begum" });
      await window.getByLabel("Password", { exact: true }).fill("");
      await page.keyboard.press("Enter");
      await window.waitFor({ state: "detached" });
      await rowOf(page, "Bea Begum").getByText("new", { exact: true }).waitFor();
    }));

  it("shows the new row even where the list's filter would hide it", () =>
    school.visit({ as: "office" }, async (page) => {
      await page.goto("/logons?q=llewellyn");
      const window = await openAdd(page);
      await fillIn(window, { "First name": "Cai", "Surname": "Rees", "Username": "cai.rees" });
      await window.getByRole("button", { name: "Save", exact: true }).click();
      await window.waitFor({ state: "detached" });
      await rowOf(page, "Cai Rees").getByText("new", { exact: true }).waitFor();
      await rowOf(page, "Rhys Llewellyn").waitFor();
      await becomes(() => new URL(page.url()).search, "?q=llewellyn");
      await page.getByText("No learner is linked yet.").waitFor();
      await hasFocus(page.getByRole("link", { name: "Add Logon" }));
    }));

  it("stores a logon once, however often Save is pressed", () =>
    school.visit({ as: "office" }, async (page) => {
      const window = await openAdd(page);
      await fillIn(window, { "First name": "Dot", "Surname": "Twice", "Username": "dot.twice" });
      await window.getByRole("button", { name: "Save", exact: true }).dblclick();
      await rowOf(page, "Dot Twice").getByText("new", { exact: true }).waitFor();
      await settled(page);
      assert.equal(await window.count(), 0, "no window with an error is left");
    }));

  it("says on top of the window that the school's line is down, and loses nothing", () =>
    school.visit(
      { as: "office", expects: ["ERR_INTERNET_DISCONNECTED", "fetch"] },
      async (page) => {
        const window = await openAdd(page);
        await fillIn(window, { "First name": "Ida", "Surname": "Line", "Username": "ida.line" });
        await page.context().setOffline(true);
        await window.getByRole("button", { name: "Save", exact: true }).click();
        const told = page.getByRole("alert").filter({ hasText: "not known whether this was done" });
        await told.waitFor();
        const onTop = await told.evaluate((element) => {
          const { x, y, width, height } = element.getBoundingClientRect();
          return element.contains(document.elementFromPoint(x + width / 2, y + height / 2));
        });
        assert.ok(onTop, "the sentence is not behind the window, where nobody reads it");
        assert.equal(await window.getByLabel("Surname").inputValue(), "Line");
        await page.context().setOffline(false);
        await window.getByRole("button", { name: "Save", exact: true }).click();
        await rowOf(page, "Ida Line").waitFor();
      },
    ));

  it("says that the line is down where a window cannot be opened, and opens it afterwards", () =>
    school.visit(
      { as: "office", expects: ["ERR_INTERNET_DISCONNECTED", "fetch"] },
      async (page) => {
        const edit = page.locator(".row-icons a[title='Edit']").first();
        await page.context().setOffline(true);
        await edit.click();
        await page.getByRole("alert").filter({ hasText: "cannot be reached just now" }).waitFor();
        await page.context().setOffline(false);
        await edit.click();
        await page.getByRole("dialog").getByLabel("Surname").waitFor();
      },
    ));

  it("opens a window's address in a tab of its own where a key is held down", () =>
    school.visit({ as: "office" }, async (page) => {
      const [tab] = await Promise.all([
        page.context().waitForEvent("page"),
        page.getByRole("link", { name: "Add Logon" }).click({ modifiers: ["Control"] }),
      ]);
      await tab.getByLabel("Surname").waitFor();
      assert.match(tab.url(), /\/logons\/new$/);
      assert.equal(await page.getByRole("dialog").count(), 0, "the list stays as it was");
      await tab.close();
    }));

  it("asks before what was typed or linked is lost", () =>
    school.visit({ as: "office" }, async (page) => {
      const asked: string[] = [];
      let answer = false;
      page.on("dialog", async (dialog) => {
        asked.push(dialog.message());
        await (answer ? dialog.accept() : dialog.dismiss());
      });
      const window = await openAdd(page);
      await window.getByRole("button", { name: "Link Learner" }).click();
      await window.getByRole("button", { name: "Link Aisha Begum" }).click();
      await becomes(() => linked(window), ["Aisha Begum 10C, adm 003977"]);
      await window.getByRole("link", { name: "Cancel" }).click();
      assert.equal(asked.length, 1, "asked before a linked learner is lost");
      await window.getByLabel("First name").fill("Eve");
      await window.getByRole("link", { name: "Cancel" }).click();
      assert.equal(asked.length, 2);
      assert.equal(await window.isVisible(), true);
      answer = true;
      await window.getByRole("link", { name: "Close" }).click();
      await window.waitFor({ state: "detached" });
      await hasFocus(page.getByRole("link", { name: "Add Logon" }));
    }));

  it("shows what was typed as it was typed, whatever it looks like", () =>
    school.visit({ as: "office", expects: [422] }, async (page) => {
      const window = await openAdd(page);
      const name = `<img src=x onerror="alert(1)"> & 'Co'`;
      await fillIn(window, { "First name": name, "Surname": "x".repeat(101), "Username": "odd" });
      await window.getByRole("button", { name: "Save", exact: true }).click();
      await window.getByRole("alert").getByText(/100/).waitFor();
      await window.getByLabel("Surname").fill("Odd");
      await window.getByRole("button", { name: "Save", exact: true }).click();
      await rowOf(page, `${name} Odd`).waitFor();
      await page.getByRole("link", { name: `Edit ${name} Odd` }).click();
      assert.equal(await windowOf(page, "Edit Logon").getByLabel("First name").inputValue(), name);
    }));

  it("does it on a telephone", () =>
    school.visit(
      { as: "office", viewport: { width: 390, height: 780 }, hasTouch: true, isMobile: true },
      async (page) => {
        const modules = page.getByRole("navigation", { name: "Modules" });
        assert.equal(await modules.isVisible(), false);
        await page.getByRole("button", { name: "Menu" }).tap();
        await modules.getByRole("link", { name: "Parent Logons" }).tap();
        await modules.waitFor({ state: "hidden" });
        const add = page.getByRole("link", { name: "Add Logon" });
        await add.tap();
        const window = windowOf(page, "Add Logon");
        await fillIn(window, { "First name": "Tel", "Surname": "Ephone", "Username": "tel" });
        await window.getByRole("button", { name: "Link Learner" }).tap();
        await window.getByLabel("Learner", { exact: true }).fill("esi");
        await becomes(() => offered(window), ["Esi Boateng 11B, adm 003816"]);
        await window.getByRole("button", { name: "Link Esi Boateng" }).tap();
        await becomes(() => linked(window), ["Esi Boateng 11B, adm 003816"]);
        await window.getByRole("button", { name: "Save", exact: true }).tap();
        await window.waitFor({ state: "detached" });
        await rowOf(page, "Tel Ephone").waitFor();
      },
    ));

  it("has the options below the heading on a narrow screen", () =>
    school.visit({ as: "office", viewport: { width: 390, height: 780 } }, async (page) => {
      const heading = await page.getByRole("heading", { name: "Parent Logons" }).boundingBox();
      const option = await page.getByRole("link", { name: "Add Logon" }).boundingBox();
      assert.ok(heading && option && heading.y < option.y);
    }));

  it("does it all by keyboard", () =>
    school.visit({ as: "office" }, async (page) => {
      await page.goto("/logons");
      await page.keyboard.press("Tab");
      await hasFocus(page.getByRole("link", { name: "Skip to the main part" }));
      await page.keyboard.press("Enter");
      const add = page.getByRole("link", { name: "Add Logon" });
      await tabTo(add);
      await page.keyboard.press("Enter");
      const window = windowOf(page, "Add Logon");
      await hasFocus(window.getByLabel("First name"));
      await page.keyboard.press("Escape");
      await window.waitFor({ state: "detached" });
      await hasFocus(add);

      await page.keyboard.press("Enter");
      await hasFocus(window.getByLabel("First name"));
      await page.keyboard.type("Fay");
      await page.keyboard.press("Tab");
      await page.keyboard.type("Key");
      await tabTo(window.getByLabel("Username"));
      await page.keyboard.type("fay.key");
      await tabTo(window.getByRole("button", { name: "Link Learner" }));
      await page.keyboard.press("Enter");
      await hasFocus(window.getByLabel("Learner", { exact: true }));
      await page.keyboard.type("esi boat");
      // Enter goes to the first learner found, once it is one of these; it neither saves nor links another.
      await page.keyboard.press("Enter");
      await page.keyboard.press("Enter");
      await becomes(() => offered(window), ["Esi Boateng 11B, adm 003816"]);
      await settled(page);
      assert.deepEqual(await linked(window), []);
      await hasFocus(window.getByRole("button", { name: "Link Esi Boateng" }));
      await page.keyboard.press("Enter");
      await becomes(() => linked(window), ["Esi Boateng 11B, adm 003816"]);
      // Ready for the next one, without a search for where the focus went.
      await hasFocus(window.getByLabel("Learner", { exact: true }));
      await tabTo(
        window.getByRole("button", { name: /^Take Esi Boateng\b.* off the list$/ }),
        "Shift+Tab",
      );
      await page.keyboard.press("Enter");
      await becomes(() => linked(window), []);
      const stays = await page.evaluate(() => document.activeElement?.closest("dialog") !== null);
      assert.ok(stays, "the focus stays in the window");
      await tabTo(window.getByRole("button", { name: "Save", exact: true }));
      await page.keyboard.press("Enter");
      await window.waitFor({ state: "detached" });
      await rowOf(page, "Fay Key").getByText("new", { exact: true }).waitFor();
      await hasFocus(add);
    }));

  it("does it all without JavaScript", () =>
    school.visit({ as: "office", javaScriptEnabled: false, expects: [422] }, async (page) => {
      await page.getByRole("link", { name: "Add Logon" }).click();
      const window = windowOf(page, "Add Logon");
      await fillIn(window, { "First name": "Gus", "Surname": "Plain", "Email": "gus@example.org" });
      await window.getByRole("button", { name: "Link Learner" }).click();
      await window.getByLabel("Learner Status").waitFor();
      assert.equal(await window.getByLabel("First name").inputValue(), "Gus");
      await window.getByLabel("Learner Status").selectOption("Leaver");
      await window.getByRole("button", { name: "Search learners" }).click();
      await window.getByRole("button", { name: "Link Kehinde Bello" }).waitFor();
      await window.getByLabel("Learner Status").selectOption("Current");
      await window.getByLabel("Learner", { exact: true }).fill("mia barley");
      await window.getByRole("button", { name: "Search learners" }).click();
      // Each click leads to a new page.
      await becomes(() => offered(window), [
        "Mia Barley 7A, adm 004512",
        "Mia Barley 7C, adm 004513",
      ]);
      await window.getByRole("button", { name: "Link Mia Barley 7C" }).click();
      await becomes(() => linked(window), ["Mia Barley 7C, adm 004513"]);
      assert.equal(await window.getByLabel("Email").inputValue(), "gus@example.org");
      await window.getByRole("button", { name: /^Take Mia Barley\b.* off the list$/ }).click();
      await becomes(() => linked(window), []);
      await window.getByRole("button", { name: "Link Esi Boateng" }).click();
      await becomes(() => linked(window), ["Esi Boateng 11B, adm 003816"]);

      await window.getByLabel("Surname").fill("");
      await window.getByRole("button", { name: "Save", exact: true }).click();
      await window.getByRole("alert").getByText("Enter the parent’s surname.").waitFor();
      assert.deepEqual(await linked(window), ["Esi Boateng 11B, adm 003816"]);
      await window.getByLabel("Surname").fill("Plain");
      await window.getByRole("button", { name: "Save", exact: true }).click();

      await page.getByRole("status").filter({ hasText: "Gus Plain was added." }).waitFor();
      await rowOf(page, "Gus Plain").getByText("new", { exact: true }).waitFor();
      assert.equal(await window.count(), 0);
      // Loading the page again does not send the form again.
      await page.reload();
      await rowOf(page, "Gus Plain").waitFor();
      assert.equal(await window.count(), 0, "no window with an error after a reload");
    }));
});

async function openAdd(page: Page): Promise<Locator> {
  await page.getByRole("link", { name: "Add Logon" }).click();
  const window = windowOf(page, "Add Logon");
  await window.waitFor();
  return window;
}

async function fillIn(window: Locator, fields: Readonly<Record<string, string>>): Promise<void> {
  for (const [label, value] of Object.entries(fields)) {
    await window.getByLabel(label, { exact: true }).fill(value);
  }
}

async function valuesOf(window: Locator): Promise<string[]> {
  const labels = ["First name", "Surname", "Email", "Username", "Password"];
  return await Promise.all(
    labels.map((label) => window.getByLabel(label, { exact: true }).inputValue()),
  );
}

/** Learners that the picker offers, as they read. */
function offered(window: Locator): Promise<string[]> {
  return textsOf(window.getByRole("group", { name: "Learners found" }).getByRole("listitem"));
}

/** Learners on the list of those who will be linked. */
function linked(window: Locator): Promise<string[]> {
  const trashcan = window.page().getByTitle("Take off the list");
  return textsOf(window.getByRole("listitem").filter({ has: trashcan }));
}

async function textsOf(items: Locator): Promise<string[]> {
  return await items.evaluateAll((elements) =>
    elements.map((element) => element.querySelector("span")?.textContent.trim() ?? "")
  );
}

async function countOf(school: School, username: string): Promise<number> {
  const rows = await school.sql`select from logons where username = ${username}`;
  return rows.length;
}
