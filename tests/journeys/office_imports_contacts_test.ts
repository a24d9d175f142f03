// The office imports contacts from the learners' records, as the article tells it.

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
  sidewaysScroll,
  tabTo,
  windowOf,
} from "./school.ts";

const KWAME = "Kwame Boateng (Esi Boateng, Kofi Boateng)";
const AGNIESZKA = "Agnieszka Wiśniewska (Ola Wiśniewska)";
const NASIMA = "Nasima Begum (Aisha Begum)";
const OMAR = "Omar al-Rashid (Yusuf al-Rashid)";

describe("the office imports contacts", () => {
  let school: School;
  before(async () => {
    school = await openSchool();
  });
  after(() => school.close());

  async function open(page: Page): Promise<Locator> {
    await page.getByRole("link", { name: "Import Contacts" }).click();
    const window = windowOf(page, "Import Contacts");
    await window.waitFor();
    return window;
  }

  function box(window: Locator, name: string): Locator {
    return window.getByRole("checkbox", { name, exact: true });
  }

  function importButton(window: Locator): Locator {
    return window.getByRole("button", { name: "Import as Logins" });
  }

  it("greys who has no email, and says so when nothing is chosen", () =>
    school.visit({ as: "office", expects: [422] }, async (page) => {
      const window = await open(page);
      await hasFocus(window.getByRole("searchbox", { name: "Search" }));
      assert.ok(await box(window, OMAR).isDisabled());
      await window.getByText("no email on the learner’s record").first().waitFor();
      assert.equal(await box(window, "Joan Smith").count(), 0);
      await importButton(window).click();
      const alert = window.getByRole("alert");
      await hasFocus(alert);
      assert.match(await alert.innerText(), /Choose at least one contact/);
      await page.keyboard.press("Escape");
      await window.waitFor({ state: "detached" });
    }));

  it("selects all that can be chosen, and none again", () =>
    school.visit({ as: "office" }, async (page) => {
      page.on("dialog", (question) => question.accept());
      const window = await open(page);
      const all = box(window, "Select all");
      await all.check();
      assert.ok(await box(window, KWAME).isChecked());
      assert.ok(!await box(window, OMAR).isChecked());
      await box(window, KWAME).uncheck();
      const mixed = await all.evaluate((element) =>
        element instanceof HTMLInputElement && element.indeterminate
      );
      assert.equal(mixed, true);
      assert.ok(!await all.isChecked());
      await box(window, KWAME).check();
      assert.ok(await all.isChecked());
      await all.uncheck();
      assert.equal(await window.getByRole("checkbox", { checked: true }).count(), 0);
      await page.keyboard.press("Escape");
      await window.waitFor({ state: "detached" });
    }));

  it("keeps what was chosen while somebody searches, imports by keyboard, and the logons are in the list", () =>
    school.visit({ as: "office" }, async (page) => {
      const window = await open(page);
      const search = window.getByRole("searchbox", { name: "Search" });
      await box(window, NASIMA).check();
      await search.fill("ola wis");
      await box(window, NASIMA).waitFor({ state: "detached" });
      await window.getByText("1 chosen is not among them").waitFor();
      await tabTo(box(window, AGNIESZKA));
      await page.keyboard.press("Space");
      await search.fill("kofi");
      await box(window, KWAME).check();
      await search.fill("");
      await box(window, NASIMA).waitFor();
      await settled(page);
      const chosen = window.getByRole("checkbox", { checked: true });
      assert.equal(await chosen.count(), 3);
      // Enter in the search field searches; it imports nothing.
      await search.press("Enter");
      await settled(page);
      assert.ok(await window.isVisible());

      await importButton(window).click();
      await window.waitFor({ state: "detached" });
      const alerts = page.getByRole("region", { name: "Task Alerts" });
      await alerts.getByText("Import 3 contacts").waitFor();
      await alerts.getByText("Done: 3 added.").waitFor();
      for (const name of ["Kwame Boateng", "Agnieszka Wiśniewska", "Nasima Begum"]) {
        await rowOf(page, name).waitFor();
      }
      assert.match(await rowOf(page, "Kwame Boateng").innerText(), /Esi Boateng[^]*Kofi Boateng/s);
      const passwords = await school.sql`
        select from logon_passwords w join logons l on l.id = w.logon_id where l.first_name = 'Kwame'`;
      assert.equal(passwords.length, 0);

      // Once more: there is nothing to add.
      const again = await open(page);
      assert.ok(await box(again, KWAME).isDisabled());
      await again.getByText("has a logon, nothing to add").first().waitFor();
    }));

  it("restores a deleted logon, and shows what became of it", () =>
    school.visit({ as: "frontdesk" }, async (page) => {
      const window = await open(page);
      await window.getByText("the logon was deleted; it will be restored").waitFor();
      await box(window, "Marek Kowalczyk (Zofia Kowalczyk)").check();
      await importButton(window).click();
      const alerts = page.getByRole("region", { name: "Task Alerts" });
      await alerts.getByText("Done: 1 restored.").waitFor();
      await rowOf(page, "Marek Kowalczyk").waitFor();
      await alerts.getByRole("link", { name: "Show contacts" }).click();
      await page.getByText("The deleted logon was restored.").waitFor();
    }));

  it("works without JavaScript: searching, Select all, importing", () =>
    school.visit({ as: "office", javaScriptEnabled: false }, async (page) => {
      await school.sql`delete from logons where first_name in ('Kwame', 'Ama')`;
      const window = await open(page);
      await window.getByRole("searchbox", { name: "Search" }).fill("kofi");
      await window.getByRole("button", { name: "Search", exact: true }).last().click();
      await box(window, "Select all").check();
      await importButton(window).click();
      await page.getByRole("heading", { name: "Import 2 contacts", level: 1 }).waitFor();
      await becomes(
        async () => {
          await page.reload();
          return await page.locator("#import").getByText("Done: 2 added.").count();
        },
        1,
      );
    }));

  it("fits a narrow screen", () =>
    school.visit({ as: "office", viewport: { width: 320, height: 640 } }, async (page) => {
      const window = await open(page);
      assert.ok(await sidewaysScroll(page) <= 0);
      await importButton(window).click({ trial: true });
    }));
});
