// A parent without an email gets a letter: made and printed by the office, read off the paper, and typed in on a telephone.

/// <reference lib="dom" />

import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import type { Locator, Page } from "playwright-core";
import { openSchool, type School, sidewaysScroll, windowOf } from "./school.ts";

const TELEPHONE = {
  viewport: { width: 390, height: 844 },
  hasTouch: true,
  isMobile: true,
  deviceScaleFactor: 2,
};
const DESK = { as: "frontdesk", viewport: { width: 1280, height: 800 } } as const;
const WHO = "fatima.ar";
const CHOSEN = "three calm otters swim";
const LONG = "Wolfeschlegelsteinhausenbergerdorff";

/** What somebody reads who holds a sheet: what the printer leaves out is not there. */
async function readSheet(sheet: Locator): Promise<Record<string, string>> {
  const terms = await sheet.locator("dt").allInnerTexts();
  const values = await sheet.locator("dd").allInnerTexts();
  return Object.fromEntries(terms.map((term, at) => [term.trim(), (values[at] ?? "").trim()]));
}

/** How far below the upper edge of its paper a part of each sheet begins and ends, in millimetres. */
async function placesOnPaper(page: Page, part: string): Promise<[begins: number, ends: number][]> {
  return await page.locator(".sheet").evaluateAll(
    (sheets, part) =>
      sheets.map((sheet): [number, number] => {
        const MARGIN = 22;
        const from = sheet.getBoundingClientRect().top;
        const { top, bottom } = sheet.querySelector(part)?.getBoundingClientRect() ?? new DOMRect();
        const inMillimetres = (pixels: number): number => (pixels - from) / 96 * 25.4 + MARGIN;
        return [inMillimetres(top), inMillimetres(bottom)];
      }),
    part,
  );
}

/** Pages that come out of the printer. */
async function printedPages(page: Page): Promise<number> {
  const pdf = await page.pdf({ preferCSSPageSize: true, printBackground: true });
  return [...pdf.toString("latin1").matchAll(/\/Type\s*\/Page(?!s)\b/g)].length;
}

/** From the page of Bulk Reset to the sheets, which are left on the screen. */
async function printLetters(page: Page, button: string): Promise<void> {
  await page.getByRole("link", { name: "Bulk Reset" }).click();
  await windowOf(page, "Bulk Reset").getByRole("link", { name: /^print .* for them$/ }).click();
  const opened = windowOf(page, "Print letters");
  await opened.getByRole("checkbox", { name: "Select all" }).check();
  await opened.getByRole("button", { name: button }).click();
  await page.getByRole("link", { name: "See how far it is" }).click();
  await page.getByRole("button", { name: "Open to print" }).click({ timeout: 30_000 });
  await page.getByRole("button", { name: "I have printed them" }).waitFor();
}

async function signInWith(page: Page, username: string, code: string): Promise<void> {
  await page.goto("/portal");
  await page.getByLabel("Username").fill(username);
  await page.getByLabel("Password", { exact: true }).fill(code);
  await page.getByRole("button", { name: "Sign in" }).tap();
}

describe("a parent without an email uses a printed letter", () => {
  let school: School;
  let code = "";
  let username = "";
  before(async () => {
    school = await openSchool();
  });
  after(() => school.close());

  it("which the office makes and opens as one sheet of paper, with nothing else on it", () =>
    school.visit(DESK, async (page) => {
      await printLetters(page, "Make the letter");
      await page.emulateMedia({ media: "print" });
      const paper = await page.locator("body").innerText();
      assert.doesNotMatch(paper, /I have printed them|Back, without confirming|Print this page/);
      const sheet = page.locator(".sheet");
      assert.equal(await sheet.count(), 1);
      assert.match(await sheet.innerText(), /Fatima al-Rashid\s+Yusuf al-Rashid, 10D/);
      const said = await readSheet(sheet);
      assert.equal(said["Address"], `${school.origin}/portal`);
      username = said["Username"] ?? "";
      code = said["Code"] ?? "";
      assert.equal(username, WHO);
      assert.match(code, /^[a-z]+(-[a-z]+){3}$/);
      assert.equal(await printedPages(page), 1);
    }));

  it("whose code opens nothing before the office has said that it is printed, as the office can see", async () => {
    await school.visit({ ...TELEPHONE, expects: [422] }, async (page) => {
      await signInWith(page, username, code);
      await page.getByRole("alert").waitFor();
      assert.match(page.url(), /sign-in/);
    });
    await school.visit(DESK, async (page) => {
      await page.goto(`/logons?q=${WHO}`);
      await page.getByRole("link", { name: /^Why can’t Fatima al-Rashid log in/ }).first().click();
      const opened = windowOf(page, "Why can’t they log in?");
      await opened.getByText("Nobody has said yet that it came out of the printer.").waitFor();
      await opened.getByRole("link", { name: "Open its page" }).click();
      await page.getByRole("button", { name: "I have printed them" }).click();
      await page.getByText("printed", { exact: true }).waitFor();
    });
  });

  it("which signs in on a telephone as a temporary password: it must be changed, and works once", () =>
    school.visit({ ...TELEPHONE, expects: [422] }, async (page) => {
      await signInWith(page, username, code);
      await page.getByRole("heading", { name: "Choose a password" }).waitFor();
      assert.equal(await sidewaysScroll(page), 0);
      await page.goto("/portal");
      await page.getByRole("heading", { name: "Choose a password" }).waitFor();
      await page.getByLabel("New password").fill(code);
      await page.getByRole("button", { name: "Save password" }).tap();
      await page.getByRole("alert").getByText("This is the password you have now").waitFor();
      await page.getByLabel("New password").fill(CHOSEN);
      await page.getByRole("button", { name: "Save password" }).tap();
      await page.getByRole("heading", { name: "Welcome, Fatima" }).waitFor();
      await page.getByText("Yusuf al-Rashid").waitFor();
      await page.getByRole("button", { name: "Sign out" }).tap();
      await page.waitForURL("**/portal/sign-in");
      await signInWith(page, username, code);
      await page.getByRole("alert").waitFor();
      await signInWith(page, username, CHOSEN);
      await page.getByRole("heading", { name: "Welcome, Fatima" }).waitFor();
    }));

  it("of which many are one sheet each, also with long names and three learners", async () => {
    await school.sql`
      with people as (
        insert into logons (first_name, surname, username)
        select 'Paper ' || n, case when n = 2 then ${`${LONG} ${LONG}`} else 'Family' end,
               case when n = 2 then ${`${LONG.toLowerCase()}.${LONG.toLowerCase()}`} else 'paper.' || n end
          from generate_series(1, 4) n returning id
      )
      insert into logon_learners (logon_id, learner_id)
      select people.id, l.id from people,
             (select id from learners where status = 'Current' order by length(first_name || surname) desc limit 3) l`;
    await school.visit(DESK, async (page) => {
      await printLetters(page, "Make letters");
      await page.emulateMedia({ media: "print" });
      const sheets = page.locator(".sheet");
      const count = await sheets.count();
      assert.ok(count >= 4, `${count} sheets`);
      assert.equal(await printedPages(page), count);
      for (const [begins, ends] of await placesOnPaper(page, "address")) {
        assert.ok(begins >= 45 && ends <= 90, `the address is in the window: ${begins} to ${ends}`);
      }
      for (const [begins, ends] of await placesOnPaper(page, "dl")) {
        assert.ok(begins > 99 && ends < 198, `the code is folded in: ${begins} to ${ends}`);
      }
      const codes = await page.locator(".sheet .code").allInnerTexts();
      assert.equal(new Set(codes).size, count);
      const broken = await page.locator(".sheet .code").evaluateAll((elements) =>
        elements.filter((element) =>
          element.getClientRects().length > 1 ||
          element.clientHeight > 2 * parseFloat(getComputedStyle(element).lineHeight)
        ).length
      );
      assert.equal(broken, 0, "a code stands on one line");
    });
  });
});
