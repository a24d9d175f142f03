// The office feeds in a school, says who has Parental Responsibility, makes logons, and the next feed leaves them alone.

/// <reference lib="dom" />

import { Buffer } from "node:buffer";
import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { changed, FAMILY, oneRoster } from "../feeds.ts";
import { openSchool, rowOf, type School, sidewaysScroll, windowOf } from "./school.ts";

describe("the office feeds in learners and contacts", () => {
  let school: School;
  before(async () => {
    school = await openSchool();
  });
  after(() => school.close());

  /** Uploads a package, looks at what it would change, and writes it. */
  async function feedIn(page: Page, name: string, bytes: Uint8Array): Promise<void> {
    await page.getByRole("link", { name: "Feeds", exact: true }).click();
    await page.getByRole("link", { name: "Upload a file" }).click();
    const window = windowOf(page, "Upload a file");
    await window.getByLabel("Choose File").setInputFiles({
      name,
      mimeType: "application/zip",
      buffer: Buffer.from(bytes),
    });
    await window.getByRole("button", { name: "Read it" }).click();
    const alert = page.getByRole("region", { name: "Task Alerts" }).getByRole("article")
      .filter({ hasText: `Feed ${name}` });
    await alert.getByRole("link", { name: "Review" }).click({ timeout: 30_000 });
    await page.getByRole("button", { name: /^Write \d/ }).click();
    await page.locator("#import").getByText(/^Done: /).waitFor({ timeout: 30_000 });
  }

  it("from nothing to logons, and a changed email changes no logon", () =>
    school.visit({ as: "office" }, async (page) => {
      await feedIn(page, "hillcrest.zip", oneRoster(FAMILY));
      await page.getByText("Done: 3 learners, 2 contacts and 3 relationships added.").first()
        .waitFor();
      await page.getByRole("link", { name: "Feeds", exact: true }).first().click();
      await page.getByRole("link", { name: "Say yes or no for many at once" }).click();
      await page.getByRole("combobox", { name: "Relationship" }).selectOption("Parent");
      await page.getByText("2 relationships", { exact: true }).waitFor();
      await page.getByRole("checkbox", { name: "Select all", exact: true }).check();
      await page.getByRole("button", { name: "They have Parental Responsibility" }).click();
      await page.getByText("Yes was said for 2 relationships.").waitFor();
      await page.getByRole("link", { name: "Import Contacts" }).click();
      const contacts = windowOf(page, "Import Contacts");
      // The guardian has not been said yes for: not known is not yes.
      assert.equal(await contacts.getByRole("checkbox", { name: /Lee Moss/ }).count(), 0);
      await contacts.getByRole("checkbox", { name: "Jo Reed (Alex Reed, Sam Reed)" }).check();
      await contacts.getByRole("button", { name: "Import as Logins" }).click();
      await page.getByText("Done: 1 added.").waitFor({ timeout: 30_000 });
      await feedIn(
        page,
        "next-night.zip",
        oneRoster(changed(FAMILY, { "p-1": { email: "jo.new@example.org" } })),
      );
      await page.getByRole("link", { name: "Parent Logons", exact: true }).click();
      await page.getByRole("searchbox").fill("jo reed");
      const row = rowOf(page, "Jo Reed");
      await row.waitFor();
      assert.match(await row.innerText(), /jo\.reed@example\.org/);
      assert.doesNotMatch(await row.innerText(), /jo\.new@example\.org/);
    }));

  it("on a narrow screen nothing leaves it sideways", () =>
    school.visit({ as: "office", viewport: { width: 390, height: 780 } }, async (page) => {
      for (const path of ["/feeds", "/feeds/help", "/parental-responsibilities"]) {
        await page.goto(path);
        assert.equal(await sidewaysScroll(page), 0, path);
      }
    }));
});
