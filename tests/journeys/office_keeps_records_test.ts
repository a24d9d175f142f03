// The office finds a learner, puts somebody new on the record, gives them a logon, and makes one contact of two.

/// <reference lib="dom" />

import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import {
  becomes,
  openSchool,
  rowOf,
  type School,
  settled,
  sidewaysScroll,
  windowOf,
} from "./school.ts";

describe("the office keeps records", () => {
  let school: School;
  before(async () => {
    school = await openSchool();
  });
  after(() => school.close());

  it("finds a learner, adds a contact, imports them, and merges their double", () =>
    school.visit({ as: "office" }, async (page) => {
      await page.getByRole("link", { name: "Learners", exact: true }).click();
      await page.getByRole("searchbox", { name: "Search" }).fill("kowalczyk");
      await page.getByText("1 learner found").waitFor();
      await page.waitForURL(/\?q=kowalczyk$/);
      await page.getByRole("link", { name: "Zofia Kowalczyk" }).click();
      await page.getByRole("heading", { name: "Zofia Kowalczyk", level: 1 }).waitFor();

      await page.getByRole("link", { name: "Add Contact" }).click();
      const window = windowOf(page, "Add Contact");
      await window.getByRole("searchbox", { name: "Contact" }).fill("halina");
      await window.getByText("Nobody matches").waitFor();
      await window.getByRole("button", { name: "Add somebody new" }).click();
      await window.getByLabel("First name").fill("Halina");
      await window.getByLabel("Surname").fill("Kowalczyk");
      await window.getByLabel("Email").fill("halina@example.org");
      await window.getByLabel("Mobile").fill("07700 900 888");
      await window.getByLabel("Relationship").fill("Mother");
      await window.getByLabel("Yes").check();
      await window.getByRole("button", { name: "Save" }).click();
      await page.getByText("The contact was added to the record of Zofia Kowalczyk.").waitFor();
      await rowOf(page, "Halina Kowalczyk").getByText("Mother").waitFor();

      await page.getByRole("link", { name: "Parent Logons", exact: true }).click();
      await page.getByRole("link", { name: "Import Contacts" }).click();
      const imports = windowOf(page, "Import Contacts");
      await imports.getByRole("searchbox", { name: "Search" }).fill("halina");
      // She is in the whole list too: chosen there, the search would come to a window that is closed.
      await becomes(() => imports.getByRole("checkbox", { name: /\(/ }).count(), 1);
      await imports.getByRole("checkbox", { name: "Halina Kowalczyk (Zofia Kowalczyk)" }).check();
      await imports.getByRole("button", { name: "Import as Logins" }).click();
      const alerts = page.getByRole("region", { name: "Task Alerts" });
      await alerts.getByText("Done: 1 added.").waitFor();
      await alerts.getByRole("link", { name: "Show contacts" }).click();
      await page.getByRole("link", { name: "Mail details…" }).click();
      const reset = windowOf(page, "Bulk Reset");
      await reset.waitFor();
      await settled(page);
      assert.equal(
        await reset.getByRole("checkbox", { name: "halina@example.org" }).isChecked(),
        true,
      );
      await page.keyboard.press("Escape");

      // Another office has put her on record once more, without an email.
      await school.sql`
        insert into contacts (first_name, surname, mobile) values ('Halina', 'Kowalczyk', '+44 7700 900888')`;
      await page.getByRole("link", { name: "Contacts", exact: true }).click();
      await page.getByRole("link", { name: "Possible duplicates" }).click();
      await page.getByText("1 pair").waitFor();
      await page.getByRole("link", { name: "Compare Halina Kowalczyk" }).click();
      await page.getByText("The logon stays, and belongs to the one contact.").waitFor();
      await page.getByRole("button", { name: "Merge" }).click();
      await page.getByText("The two records of Halina Kowalczyk are one now.").waitFor();
      await page.getByRole("link", { name: "Zofia Kowalczyk" }).waitFor();
      await page.getByRole("link", { name: "halina@example.org" }).first().waitFor();
      const rows = await school.sql`select from contacts where first_name = 'Halina'`;
      assert.equal(rows.length, 1);
    }));

  it("edits a learner by keyboard, sees what a colleague changed meanwhile, and works at 390 pixels", () =>
    school.visit(
      { as: "frontdesk", viewport: { width: 390, height: 780 }, expects: [409] },
      async (page) => {
        const [learner] = await school.sql<{ id: number }[]>`
          select id from learners where admission_number = '004305'`;
        await page.goto(`/learners/${learner?.id}`);
        assert.ok(await sidewaysScroll(page) <= 0);
        await page.getByRole("link", { name: "Edit Learner" }).click();
        const window = windowOf(page, "Edit Learner");
        await window.getByLabel("Registration group").fill("8D");
        await school.sql`update learners set year_group = 'Year 9' where id = ${learner?.id ?? 0}`;
        await window.getByLabel("Registration group").press("Enter");
        await window.getByText("Year group: “Year 9”.").waitFor();
        assert.ok(await sidewaysScroll(page) <= 0);
        await window.getByRole("button", { name: "Save" }).click();
        await page.getByText("Kofi Boateng was saved.").waitFor();
        await page.getByRole("heading", { name: "History" }).waitFor();
        await page.getByText("Registration group: 8C → 8D").waitFor();
        await page.goto("/contacts");
        assert.ok(await sidewaysScroll(page) <= 0);
        await page.goto("/learners?q=nobody");
        await page.getByRole("heading", { name: "Nothing found" }).waitFor();
      },
    ));
});
