// A parent rings: "I can't log in." The office sees why, corrects the email with a check of the caller, and sends again.

/// <reference lib="dom" />

import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { type MailServer, openMailServer } from "../mail_server.ts";
import { becomes, openSchool, type School, windowOf } from "./school.ts";

describe("the office answers a caller", () => {
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

  it("whose mail was refused: corrected, sent again, the old address told, and signed in", async () => {
    mails.behave("paul.barley@example.org", "refuse");
    await school.visit({ as: "frontdesk", expects: [422] }, async (page) => {
      await page.getByRole("link", { name: "Email login details to Paul Barley" }).click();
      const envelope = windowOf(page, "Email login details");
      await envelope.getByRole("button", { name: "Send" }).click();
      const alerts = page.getByRole("region", { name: "Task Alerts" });
      await alerts.getByRole("link", { name: "Show who was not" }).waitFor();

      await page.getByRole("searchbox").fill("paul.barley");
      await page.getByRole("link", { name: "Why can’t Paul Barley log in?" }).click();
      const why = windowOf(page, "Why can’t they log in?");
      await why.getByText("was refused: to paul.barley@example.org").waitFor();
      await why.getByText("The mail server said:").waitFor();
      await why.getByRole("link", { name: "Correct the email" }).click();

      // The old mailbox is back by then, and the parent reads it too.
      mails.behave("paul.barley@example.org", "accept");
      const edit = windowOf(page, "Edit Logon");
      await edit.getByLabel("Email").fill("paul.barley@example.net");
      await edit.getByRole("button", { name: "Save", exact: true }).click();
      await edit.getByRole("alert").getByText("say how you checked who asks").waitFor();
      await edit.getByLabel("How did you check who is asking?").selectOption(
        "called back on the number on record",
      );
      await edit.getByRole("button", { name: "Save", exact: true }).click();
      await edit.waitFor({ state: "hidden" });

      await page.getByRole("link", { name: "Why can’t Paul Barley log in?" }).click();
      await why.getByRole("link", { name: "Send to the new email" }).click();
      await envelope.getByText("paul.barley@example.net").first().waitFor();
      assert.equal(await envelope.getByLabel("How did you check who is asking?").count(), 0);
      await envelope.getByRole("button", { name: "Send" }).click();
      await alerts.getByText("The mail with the new password was sent.").waitFor();
    });
    const to = (address: string): string[] =>
      mails.received.filter((mail) => mail.to === address).map((mail) => mail.text);
    await becomes(() => to("paul.barley@example.net").length, 1);
    const password = /^Password: (.*)$/m.exec(to("paul.barley@example.net")[0] ?? "")?.[1] ?? "";
    await school.visit({}, async (page) => {
      await page.goto("/portal");
      await page.getByLabel("Username").fill("paul.barley");
      await page.getByLabel("Password", { exact: true }).fill(password);
      await page.getByRole("button", { name: "Sign in", exact: true }).click();
      await page.getByRole("heading", { name: "Choose a password" }).waitFor();
    });
    await becomes(() => to("paul.barley@example.org").length, 1);
    const [told = ""] = to("paul.barley@example.org");
    assert.match(told, /the username paul\.barley/);
    assert.match(told, /another email now: p…@e….net/);
    assert.doesNotMatch(told, /paul\.barley@example\.net/);
  });

  it("who is suspended: seen in the list, lifted in the window, and the list behind knows", async () => {
    await school.visit({ as: "office" }, async (page) => {
      await page.getByRole("link", { name: "Why can’t Declan O'Connor log in?" }).click();
      const why = windowOf(page, "Why can’t they log in?");
      await why.getByText("has been suspended since").waitFor();
      await why.getByRole("button", { name: "Lift the suspension" }).click();
      await why.getByText("The suspension is lifted.").waitFor();
      await why.getByRole("link", { name: "Close" }).last().click();
      await why.waitFor({ state: "hidden" });
      const mark = page.getByRole("link", { name: "Why can’t Declan O'Connor log in?" });
      await mark.waitFor({ state: "hidden" });
    });
  });

  it("asks before a link in the window takes away what was typed, and keeps a window opened by its address", async () => {
    await school.visit({ as: "office" }, async (page) => {
      const [row] = await school.sql<[{ id: number }]>`
        select id from logons where username = 'ama.boateng'`;
      await page.goto(`/logons/${row.id}/edit`);
      const edit = windowOf(page, "Edit Logon");
      await edit.getByLabel("First name").fill("Amma");
      let asked = 0;
      page.on("dialog", (question) => {
        asked++;
        void (asked === 1 ? question.dismiss() : question.accept());
      });
      await edit.getByRole("link", { name: "History" }).click();
      await becomes(() => asked, 1);
      assert.equal(await edit.getByLabel("First name").inputValue(), "Amma");
      await edit.getByRole("link", { name: "History" }).click();
      await windowOf(page, "History").waitFor();
      assert.equal(asked, 2);
    });
  });
});
