// A parent on a telephone who has forgotten the password, or the username, gets back in by mail; the code from the phone is still asked for.

/// <reference lib="dom" />

import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { transaction } from "../../db/connect.ts";
import { confirmSecret } from "../../db/tfa.ts";
import { codeAt } from "../../lib/totp.ts";
import { type MailServer, openMailServer, type ReceivedMail } from "../mail_server.ts";
import { findProblems } from "./axe.ts";
import { openSchool, type School, sidewaysScroll } from "./school.ts";

const TELEPHONE = {
  viewport: { width: 390, height: 844 },
  hasTouch: true,
  isMobile: true,
  deviceScaleFactor: 2,
};
const CHOSEN = "three calm otters swim";
const SECRET = new Uint8Array(20).fill(9);

describe("a parent who has forgotten something", () => {
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

  async function mailTo(address: string, subject: RegExp): Promise<ReceivedMail> {
    for (let tries = 0; tries < 200; tries++) {
      const found = mails.received.find((mail) =>
        mail.to === address && subject.test(mail.subject)
      );
      if (found) return found;
      await new Promise((done) => setTimeout(done, 50));
    }
    return assert.fail(`no mail to ${address}`);
  }

  async function setUpTfa(username: string): Promise<void> {
    const { sql, services } = school;
    const [row] = await sql<{ id: number }[]>`select id from logons where username = ${username}`;
    assert.ok(row);
    const secret = await services.keys.sealer("totp secret").seal(SECRET, String(row.id));
    const confirmed = { secret, step: 1, at: services.clock.now() };
    await transaction(
      sql,
      (tx) => confirmSecret(tx, { logonId: row.id }, confirmed, [new Uint8Array(32)]),
    );
  }

  it("chooses a new password by the link in the mail, and signs in with it and a code", async () => {
    await setUpTfa("ama.boateng");
    await school.visit({ ...TELEPHONE, expects: [404] }, async (page) => {
      await page.goto("/portal/sign-in");
      await page.getByRole("link", { name: "Forgot your password?" }).tap();
      await page.getByLabel("Username or email").fill("ama.boateng");
      await page.getByRole("button", { name: "Send the link" }).tap();
      await page.getByRole("heading", { name: "Check your email" }).waitFor();

      const mail = await mailTo("ama.boateng@example.org", /^Choose a new password/);
      const link = /^http:\S+$/m.exec(mail.text)?.[0] ?? "";
      assert.ok(link.startsWith(`${school.origin}/portal/new-password?link=`));
      // A mail scanner looks first.
      assert.equal((await fetch(link)).status, 200);
      await page.goto(link);
      const field = page.getByLabel("New password", { exact: true });
      assert.equal(await field.getAttribute("autocomplete"), "new-password");
      assert.equal(await sidewaysScroll(page), 0);
      assert.deepEqual(await findProblems(page), []);
      await field.fill(CHOSEN);
      await page.getByRole("button", { name: "Save password" }).tap();

      await page.getByText("Your password was changed. Sign in with the new one.").waitFor();
      await page.getByLabel("Username").fill("ama.boateng");
      await page.getByLabel("Password", { exact: true }).fill(CHOSEN);
      await page.getByRole("button", { name: "Sign in" }).tap();
      await page.getByRole("heading", { name: "Enter your code" }).waitFor();
      await page.goto("/portal");
      assert.match(page.url(), /\/portal\/tfa\/code/, "nothing opens without the code");
      await page.getByLabel("Code", { exact: true }).fill(
        codeAt(SECRET, school.services.clock.now()),
      );
      await page.getByRole("button", { name: "Continue" }).tap();
      await page.getByRole("heading", { name: "Welcome, Ama" }).waitFor();

      await page.goto(link);
      await page.getByRole("heading", { name: "This link does not work any more" }).waitFor();
      await mailTo("ama.boateng@example.org", /was changed$/);
    });
  });

  it("is told every username of a mailbox that two share, in one mail", async () => {
    const shared = "family.smith@example.org";
    await school.visit(TELEPHONE, async (page) => {
      await page.goto("/portal/sign-in");
      await page.getByRole("link", { name: "Forgot your username?" }).tap();
      const field = page.getByLabel("Email");
      assert.equal(await field.getAttribute("autocomplete"), "email");
      await field.fill("Family.Smith@example.org");
      await page.getByRole("button", { name: "Send my username" }).tap();
      await page.getByRole("heading", { name: "Check your email" }).waitFor();
      const mail = await mailTo(shared, /^Your username/);
      assert.match(mail.text, /^Sarah Smith: sarah\.smith$/m);
      assert.match(mail.text, /^John Smith: john\.smith$/m);
      assert.equal(mails.received.filter(({ to }) => to === shared).length, 1);

      await page.getByRole("link", { name: "Back to signing in" }).tap();
      await page.getByLabel("Username").fill("sarah.smith");
      await page.getByLabel("Password", { exact: true }).fill("demo-parent-2026");
      await page.getByRole("button", { name: "Sign in" }).tap();
      await page.getByRole("heading", { name: "Welcome, Sarah" }).waitFor();
    });
  });
});
