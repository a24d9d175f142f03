// The office edits and deletes logons, while colleagues and parents are about.

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

describe("the office edits and deletes logons", () => {
  let school: School;
  before(async () => {
    school = await openSchool();
  });
  after(() => school.close());

  it("opens the same window filled in by the notepad icon, and saves what was changed", () =>
    school.visit({ as: "office" }, async (page) => {
      const window = await openEdit(page, "Priya Raghunathan-Venkatasubramanian");
      assert.deepEqual(await valuesOf(window), [
        "Priya",
        "Raghunathan-Venkatasubramanian",
        "priya.rv@example.org",
        "priya.rv",
        "",
      ]);
      const learners = window.getByRole("group", { name: "Linked learners" }).getByRole("listitem");
      assert.equal(await learners.count(), 3);
      await window.getByLabel("Surname").fill("Raghunathan");
      await window.getByRole("button", { name: /^Take Dev Raghunathan/ }).click();
      await becomes(() => learners.count(), 2);
      await window.getByRole("button", { name: "Save", exact: true }).click();
      await window.waitFor({ state: "detached" });
      const row = rowOf(page, "Priya Raghunathan");
      await row.waitFor();
      assert.doesNotMatch(await row.innerText(), /Dev Raghunathan/);
      await page.getByRole("status").filter({ hasText: "Priya Raghunathan was saved." }).waitFor();
      // Her password stays as it is.
      const [password] = await school.sql<{ temporary: boolean }[]>`
        select temporary from logon_passwords join logons on id = logon_id where username = 'priya.rv'`;
      assert.equal(password?.temporary, false);
    }));

  it("gives the focus back to the icon that opened the window", () =>
    school.visit({ as: "office" }, async (page) => {
      const icon = page.getByRole("link", { name: "Edit John Smith" });
      await tabTo(icon);
      await page.keyboard.press("Enter");
      const window = windowOf(page, "Edit Logon");
      await hasFocus(window.getByLabel("First name"));
      await page.keyboard.press("Escape");
      await window.waitFor({ state: "detached" });
      await hasFocus(icon);
      await page.keyboard.press("Enter");
      await hasFocus(window.getByLabel("First name"));
      await page.keyboard.press("Enter");
      await window.waitFor({ state: "detached" });
      await page.getByText("John Smith was saved.").waitFor();
      await hasFocus(icon);
    }));

  it("overwrites nothing when a colleague was quicker, and says what they changed", () =>
    school.visit({ as: "office", expects: [409] }, async (page) => {
      const window = await openEdit(page, "Siân Evans");
      await window.getByLabel("Surname").fill("Evans-Mine");
      await school.visit({ as: "frontdesk" }, async (colleague) => {
        const other = await openEdit(colleague, "Siân Evans");
        await other.getByLabel("Surname").fill("Evans-Theirs");
        await other.getByRole("button", { name: "Save", exact: true }).click();
        await rowOf(colleague, "Siân Evans-Theirs").waitFor();
      });
      await window.getByRole("button", { name: "Save", exact: true }).click();
      const told = window.getByRole("alert");
      await hasFocus(told);
      assert.match(await told.innerText(), /Surname: “Evans-Theirs”/);
      assert.equal(await surnameOf(school, "sian.evans"), "Evans-Theirs");
      assert.equal(await window.getByLabel("Surname").inputValue(), "Evans-Mine");
      // Saving again is a choice that can be made.
      await window.getByRole("button", { name: "Save", exact: true }).click();
      await rowOf(page, "Siân Evans-Mine").waitFor();
      assert.equal(await surnameOf(school, "sian.evans"), "Evans-Mine");
    }));

  it("says so when a colleague has deleted the logon meanwhile", () =>
    school.visit({ as: "office", expects: [404] }, async (page) => {
      const window = await openEdit(page, "Catherine Ashdown");
      await school.visit({ as: "frontdesk" }, async (colleague) => {
        await openDelete(colleague, "Catherine Ashdown");
        await windowOf(colleague, "Delete Logon").getByRole("button", { name: "Delete" }).click();
        await rowOf(colleague, "Catherine Ashdown").waitFor({ state: "detached" });
      });
      await window.getByRole("button", { name: "Save", exact: true }).click();
      const gone = windowOf(page, "Not there any more");
      await gone.getByRole("alert").waitFor();
      const close = gone.getByRole("link", { name: "Close" }).last();
      await close.click();
      await gone.waitFor({ state: "detached" });
    }));

  it("offers no link to a learner who is blocked for this parent, and says so", () =>
    school.visit({ as: "office" }, async (page) => {
      const window = await openEdit(page, "Sarah Smith");
      await window.getByRole("button", { name: "Link Learner" }).click();
      await window.getByLabel("Learner", { exact: true }).fill("ellie smith");
      await window.getByText("blocked for this parent").waitFor();
      assert.equal(await window.getByRole("button", { name: "Link Ellie Smith" }).count(), 0);
    }));

  it("asks by name before it deletes, signs the parent out at once, and offers Undo", () =>
    school.visit({ as: "office" }, async (page) => {
      await school.visit({ parent: "ama.boateng" }, async (parent) => {
        await parent.getByRole("heading", { name: "Welcome, Ama" }).waitFor();

        const window = await openDelete(page, "Ama Boateng");
        assert.match(
          await window.innerText(),
          /Delete the logon of Ama Boateng \(ama\.boateng\)\?/,
        );
        await window.getByRole("link", { name: "Cancel" }).click();
        await window.waitFor({ state: "detached" });
        await hasFocus(page.getByRole("link", { name: "Delete Ama Boateng" }));

        await page.keyboard.press("Enter");
        await hasFocus(window.getByRole("button", { name: "Delete" }));
        await page.keyboard.press("Enter");
        await rowOf(page, "Ama Boateng").waitFor({ state: "detached" });

        await parent.reload();
        await parent.getByRole("heading", { name: "Parent Portal" }).waitFor();
        assert.equal(await parent.getByText("Ama").count(), 0);
      });
      const toast = page.getByRole("status").filter({
        hasText: "Ama Boateng’s logon was deleted.",
      });
      await toast.getByRole("button", { name: "Undo" }).click();
      await rowOf(page, "Ama Boateng").waitFor();
      await page.getByText("Ama Boateng’s logon is back.").waitFor();
      await becomes(() => toast.count(), 0, "a toast whose Undo was used goes");
    }));

  it("does not lose the focus with the row that was deleted", () =>
    school.visit({ as: "office" }, async (page) => {
      await openDelete(page, "Ioana Popescu");
      await page.keyboard.press("Enter");
      await rowOf(page, "Ioana Popescu").waitFor({ state: "detached" });
      await settled(page);
      // On the next row's icon or on the heading: not on nothing.
      await becomes(() => page.evaluate(() => document.activeElement === document.body), false);
    }));

  it("leads to the door and back when the session has ended meanwhile", () =>
    school.visit({ as: "frontdesk", expects: [401] }, async (page) => {
      await page.goto("/logons?q=smith");
      await rowOf(page, "John Smith").waitFor();
      await school.sql`
        delete from sessions where admin_id = (select id from admins where username = 'frontdesk')`;
      await page.getByRole("link", { name: "Edit John Smith" }).click();
      await page.getByRole("button", { name: "Sign in" }).waitFor();
      await page.getByLabel("Username").fill("frontdesk");
      await page.getByLabel("Password").fill("demo-frontdesk-2026");
      await page.getByRole("button", { name: "Sign in" }).click();
      await rowOf(page, "John Smith").waitFor();
      await becomes(() => new URL(page.url()).search, "?q=smith");
    }));

  it("restores from the filter for deleted logons", () =>
    school.visit({ as: "office" }, async (page) => {
      await page.getByLabel("State").selectOption("Deleted");
      await page.getByRole("button", { name: "Restore Marek Kowalczyk" }).click();
      await page.getByText("Marek Kowalczyk’s logon is back.").waitFor();
      await page.goto("/logons");
      await rowOf(page, "Marek Kowalczyk").waitFor();
    }));

  it("asks for the own password before it deletes, ten minutes after it was typed", () =>
    school.visit({ as: "office", expects: [422] }, async (page) => {
      school.pass(11);
      const window = await openDelete(page, "Rhys Llewellyn");
      const own = window.getByLabel("Your own password");
      await hasFocus(own);
      await own.fill("not my password");
      await page.keyboard.press("Enter");
      await window.getByText("This is not your password.").waitFor();
      await hasFocus(own);
      await own.fill("demo-office-2026");
      await window.getByRole("button", { name: "Delete" }).click();
      await rowOf(page, "Rhys Llewellyn").waitFor({ state: "detached" });
      // Not asked again at once.
      await openDelete(page, "Camille Dubois");
      assert.equal(await own.count(), 0);
    }));

  it("lets a viewer look and change nothing", () =>
    school.visit({ as: "viewer", expects: [403] }, async (page) => {
      await rowOf(page, "John Smith").waitFor();
      assert.equal(await page.getByRole("link", { name: /^(Edit|Delete) / }).count(), 0);
      const add = page.getByRole("link", { name: "Add Logon" });
      if (await add.getAttribute("aria-disabled") !== "true") {
        await add.click();
        await page.getByRole("alert").filter({ hasText: "Your role does not allow this" })
          .waitFor();
      }
      assert.equal(await page.getByRole("dialog").count(), 0);
    }));

  it("edits and deletes without JavaScript", () =>
    school.visit({ as: "office", javaScriptEnabled: false }, async (page) => {
      const window = await openEdit(page, "Joan Smith");
      await window.getByLabel("First name").fill("Joanna");
      await window.getByRole("button", { name: "Save", exact: true }).click();
      await rowOf(page, "Joanna Smith").waitFor();
      await openDelete(page, "Joanna Smith");
      await windowOf(page, "Delete Logon").getByRole("button", { name: "Delete" }).click();
      await page.getByText("Joanna Smith’s logon was deleted.").waitFor();
      await page.getByRole("button", { name: "Undo" }).click();
      await rowOf(page, "Joanna Smith").waitFor();
      // And from the list of deleted ones.
      await openDelete(page, "Joanna Smith");
      await windowOf(page, "Delete Logon").getByRole("button", { name: "Delete" }).click();
      await page.goto("/logons?state=deleted");
      await page.getByRole("button", { name: "Restore Joanna Smith" }).click();
      await page.getByText("Joanna Smith’s logon is back.").waitFor();
    }));
});

async function openEdit(page: Page, name: string): Promise<Locator> {
  await page.getByRole("link", { name: `Edit ${name}`, exact: true }).click();
  const window = windowOf(page, "Edit Logon");
  await window.waitFor();
  return window;
}

async function openDelete(page: Page, name: string): Promise<Locator> {
  await page.getByRole("link", { name: `Delete ${name}`, exact: true }).click();
  const window = windowOf(page, "Delete Logon");
  await window.waitFor();
  return window;
}

async function valuesOf(window: Locator): Promise<string[]> {
  const labels = ["First name", "Surname", "Email", "Username", "Password"];
  return await Promise.all(
    labels.map((label) => window.getByLabel(label, { exact: true }).inputValue()),
  );
}

async function surnameOf(school: School, username: string): Promise<string | undefined> {
  const [row] = await school.sql<{ surname: string }[]>`
    select surname from logons where username = ${username}`;
  return row?.surname;
}
