// The office mails login details to one parent and to a hundred and twenty, and the parent signs in with what came.

/// <reference lib="dom" />

import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { type MailServer, openMailServer } from "../mail_server.ts";
import { openSchool, type School } from "./school.ts";

const TELEPHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

describe("the office resets passwords by mail", () => {
  let mails: MailServer;
  let school: School;
  before(async () => {
    mails = await openMailServer();
    school = await openSchool({ SMTP_URL: mails.url });
  });
  after(async () => {
    await school.close();
    await mails.close();
  });

  it("by the envelope: asked first, mailed, and the parent chooses a password of their own", async () => {
    await school.visit({ as: "office" }, async (page) => {
      await page.getByRole("link", { name: "Email login details to Ama Boateng" }).click();
      const dialog = page.getByRole("dialog", { name: "Email login details" });
      await dialog.getByText("ama.boateng@example.org").waitFor();
      await dialog.getByRole("button", { name: "Send" }).click();
      await dialog.waitFor({ state: "hidden" });
      const alerts = page.getByRole("region", { name: "Task Alerts" });
      await alerts.getByText("The mail with the new password was sent.").waitFor();
    });
    const password = mails.received.at(-1)?.password ?? "";
    assert.match(password, /^\w+-\w+-\w+-\w+$/);
    await school.visit({ ...TELEPHONE, expects: [422] }, async (page) => {
      await page.goto("/portal");
      await page.getByLabel("Username").fill("ama.boateng");
      await page.getByLabel("Password", { exact: true }).fill(password);
      await page.getByRole("button", { name: "Sign in" }).tap();
      await page.getByRole("heading", { name: "Choose a password" }).waitFor();
      await page.goto("/portal");
      await page.getByRole("heading", { name: "Choose a password" }).waitFor();
      await page.getByLabel("New password").fill(password);
      await page.getByRole("button", { name: "Save password" }).tap();
      await page.getByRole("alert").getByText("This is the password you have now").waitFor();
      await page.getByLabel("New password").fill("three calm otters swim");
      await page.getByRole("button", { name: "Save password" }).tap();
      await page.getByRole("heading", { name: "Welcome, Ama" }).waitFor();
      await page.getByText("Kofi Boateng").waitFor();
    });
  });

  it("in bulk: of 121, three are refused and one has no email, and the alert says exactly that", async () => {
    const { sql } = school;
    await sql`
      with people as (
        insert into logons (first_name, surname, email, username)
        select 'Bulk', 'Parent ' || n, case when n <= 120 then 'bulk' || n || '@example.org' end, 'bulk.' || lpad(n::text, 3, '0')
          from generate_series(1, 121) n returning id
      )
      insert into logon_learners (logon_id, learner_id) select people.id, (select min(id) from learners) from people`;
    for (const number of [7, 60, 113]) mails.behave(`bulk${number}@example.org`, "refuse");
    const before = mails.received.length;
    await school.visit({ as: "office", expects: [422] }, async (page) => {
      await page.getByRole("link", { name: "Bulk Reset" }).click();
      const dialog = page.getByRole("dialog", { name: "Bulk Reset" });
      await dialog.getByRole("switch", { name: "Enable TFA" }).waitFor();
      await dialog.getByRole("button", { name: "Reset" }).click();
      await dialog.getByRole("alert").getByText("Choose at least one logon").waitFor();
      await dialog.getByRole("searchbox").fill("bulk");
      await dialog.getByText("121 logons listed").waitFor();
      assert.ok(await dialog.getByRole("checkbox", { name: "bulk.121" }).isDisabled());
      await dialog.getByRole("checkbox", { name: "Select all" }).check();
      await dialog.getByText("120 mails will be sent.").waitFor();
      await dialog.getByRole("checkbox", { name: "bulk.001" }).uncheck();
      await dialog.getByText("119 mails will be sent.").waitFor();
      await dialog.getByRole("checkbox", { name: "bulk.001" }).check();
      await dialog.getByText("120 mails will be sent.").waitFor();
      await dialog.getByRole("button", { name: "Reset" }).click();
      await dialog.waitFor({ state: "hidden" });
      const alerts = page.getByRole("region", { name: "Task Alerts" });
      await alerts.getByText(
        "117 of 120 were sent their new password; 3 refused by the mail server.",
      )
        .waitFor({ timeout: 60_000 });
      await alerts.getByRole("link", { name: "Show who was not" }).first().click();
      await page.getByRole("heading", { level: 1, name: "Bulk Reset of 120" }).waitFor();
      const rows = page.getByRole("table").getByRole("row");
      assert.equal(await rows.count(), 4);
      await page.getByText("550 No such mailbox here").first().waitFor();
      for (const number of [7, 60, 113]) mails.behave(`bulk${number}@example.org`, "accept");
      await page.getByRole("link", { name: "Try 3 failed ones again" }).click();
      const again = page.getByRole("dialog", { name: "Send again" });
      await again.getByText("3 mails will be sent.").waitFor();
      await again.getByRole("button", { name: "Send 3 mails" }).click();
      await page.getByRole("link", { name: "See how far it is" }).click();
      await page.getByRole("heading", { level: 1, name: "Sent again to 3" }).waitFor();
      await page.getByRole("region", { name: "Task Alerts" })
        .getByText("All 3 were sent an email containing their new password.").waitFor();
    });
    const sent = mails.received.slice(before);
    assert.equal(sent.length, 120);
    assert.equal(new Set(sent.map((mail) => mail.to)).size, 120);
    assert.equal(new Set(sent.map((mail) => mail.password)).size, 120);
  });
});
