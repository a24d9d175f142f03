// The office decides: a contact's new email is applied from the inbox, and a court order ends what a parent sees at once.

import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { becomes, openSchool, rowOf, type School, windowOf } from "./school.ts";

describe("the office decides what contacts and courts say", () => {
  let school: School;
  before(async () => {
    school = await openSchool();
  });
  after(() => school.close());

  async function emailOf(username: string): Promise<string> {
    const [row] = await school.sql<[{ email: string }]>`
      select email from logons where username = ${username}`;
    return row.email;
  }

  function children(page: Page): Promise<string[]> {
    return page.locator(".children li strong").allTextContents();
  }

  it("applies a contact's new email by hand, which changed no logon by itself", async () => {
    await school.sql`update contacts set email = 'ama.new@example.org' where first_name = 'Ama'`;
    assert.equal(await emailOf("ama.boateng"), "ama.boateng@example.org");
    await school.visit({ as: "frontdesk" }, async (page) => {
      await rowOf(page, "Ama Boateng").getByText("contact differs").waitFor();
      await page.getByRole("link", { name: /^Needs attention/ }).click();
      await page.getByRole("heading", { name: "Needs attention", level: 1 }).waitFor();
      const row = rowOf(page, "Ama Boateng");
      await row.getByText("ama.new@example.org").waitFor();
      await row.getByRole("button", { name: /^Apply to Ama Boateng/ }).click();
      await page.getByText("1 was applied.").waitFor();
      await becomes(() => rowOf(page, "Ama Boateng").count(), 0);
    });
    assert.equal(await emailOf("ama.boateng"), "ama.new@example.org");
  });

  it("keeps many at once, after asking for the own password again", async () => {
    await school
      .sql`update contacts set email = 'x.' || email where first_name in ('Paul', 'Gareth', 'Yetunde')`;
    await school.visit({ as: "frontdesk" }, async (page) => {
      await page.goto("/attention?q=example");
      const names = ["Paul Barley", "Gareth Pryce-Jones", "Yetunde Bello"];
      await page.getByLabel("Select all", { exact: true }).check();
      school.pass(11);
      await page.getByRole("button", { name: "Keep chosen" }).click();
      const window = windowOf(page, "Keep logons as they are");
      await window.getByLabel("Your own password").fill("demo-frontdesk-2026");
      await window.getByRole("button", { name: "Keep", exact: true }).click();
      await page.getByText(/^\d+ were kept\./).waitFor();
      for (const name of names) await becomes(() => rowOf(page, name).count(), 0);
    });
  });

  it("records a court order: the portal shows that child no more, and the other one still", async () => {
    await school.visit({ parent: "ama.boateng" }, async (portal) => {
      assert.deepEqual((await children(portal)).sort(), ["Esi Boateng", "Kofi Boateng"]);
      await school.visit({ as: "office" }, async (page) => {
        await page.getByRole("link", { name: "Edit Ama Boateng" }).click();
        await windowOf(page, "Edit Logon").getByRole("link", { name: /^Block Kofi Boateng/ })
          .click();
        const window = windowOf(page, "Block a learner");
        await window.getByLabel("Reason").fill("Family court, order 7/26");
        await window.getByRole("button", { name: "Block", exact: true }).click();
        await page.getByText("does not see Kofi Boateng any more").waitFor();
        await rowOf(page, "Ama Boateng").getByText("block", { exact: true }).waitFor();
      });
      await portal.reload();
      assert.deepEqual(await children(portal), ["Esi Boateng"]);
    });
  });
});
