// Every page and window is held against WCAG 2.2 AA: by axe at three widths and in both themes, and by hand where axe cannot see.

/// <reference lib="dom" />

import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import type { BrowserContextOptions, Page } from "playwright-core";
import { type MailServer, openMailServer } from "../mail_server.ts";
import { findProblems } from "./axe.ts";
import { arriveAs, PLACES, type Who } from "./places.ts";
import { becomes, openSchool, rowOf, type School, sidewaysScroll, windowOf } from "./school.ts";

/** One narrow layout serves both narrow widths, and a theme has the same colours at each. */
const LOOKS = [
  { width: 1280, colorScheme: "light", rules: undefined },
  // What another width can spoil, and another theme.
  { width: 390, colorScheme: "light", rules: ["target-size", "scrollable-region-focusable"] },
  { width: 320, colorScheme: "dark", rules: ["color-contrast"] },
] as const;

type Arrived = Exclude<BrowserContextOptions["storageState"], string | undefined>;

describe("everything can be used by everybody", () => {
  let school: School;
  let mails: MailServer;
  const arrived = new Map<Who, Arrived>();
  before(async () => {
    mails = await openMailServer();
    school = await openSchool({ SMTP_URL: mails.url });
    for (const who of new Set(PLACES.map((place) => place.who))) {
      await school.visit({}, async (page) => {
        await arriveAs(page, who);
        arrived.set(who, await page.context().storageState());
      });
    }
  });
  after(async () => {
    await school.close();
    await mails.close();
  });

  for (const place of PLACES.filter(({ twin }) => !twin)) {
    it(`finds nothing wrong with ${place.name}`, () =>
      visitAs(place.who, async (page) => {
        await place.open(page);
        const found: string[] = [];
        for (const { width, colorScheme, rules } of LOOKS) {
          await page.setViewportSize({ width, height: 800 });
          if (width < 800 && place.name === "modules-menu") await place.open(page);
          await page.emulateMedia({ colorScheme });
          const problems = await findProblems(page, rules);
          found.push(...problems.map((problem) => `${width}: ${problem}`));
          if (await sidewaysScroll(page) > 0) found.push(`${width}: scrolls sideways`);
        }
        assert.deepEqual(found, []);
      }));
  }

  it("never hides what has the focus behind the head or the foot of a window", () =>
    visitAs("office", async (page) => {
      await page.setViewportSize({ width: 320, height: 640 });
      await place("add-picker").open(page);
      const hidden = new Set<string>();
      for (let pressed = 0; pressed < 45; pressed++) {
        await page.keyboard.press(pressed < 30 ? "Tab" : "Shift+Tab");
        const name = await page.evaluate(() => {
          const focused = document.activeElement;
          if (!focused?.closest("dialog")) return null;
          const { x, y, width, height } = focused.getBoundingClientRect();
          const seen = document.elementFromPoint(x + width / 2, y + height / 2);
          return seen === null || !focused.contains(seen)
            ? focused.getAttribute("aria-label") ?? focused.id
            : null;
        });
        if (name !== null) hidden.add(name);
      }
      assert.deepEqual([...hidden], []);
    }));

  it("moves nothing where motion is not wanted", () =>
    visitAs("office", async (page) => {
      await page.emulateMedia({ reducedMotion: "reduce" });
      await place("add").open(page);
      const moving = await page.locator("*").evaluateAll((elements) =>
        elements.filter((element) => {
          const { transitionDuration, animationName } = getComputedStyle(element);
          return !/^0s(, 0s)*$/.test(transitionDuration) || animationName !== "none";
        }).map((element) => element.outerHTML.slice(0, 80))
      );
      assert.deepEqual(moving, []);
    }));

  it("is light or dark as one chooses, whatever the computer prefers", () =>
    visitAs("office", async (page) => {
      await page.emulateMedia({ colorScheme: "light" });
      const ground = (): Promise<string> =>
        page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
      await page.goto("/account");
      const light = await ground();
      await page.getByLabel("Dark").check();
      await page.getByRole("button", { name: "Save appearance" }).click();
      await becomes(async () => await ground() === light, false);
      await page.getByLabel("As this computer").check();
      await page.getByRole("button", { name: "Save appearance" }).click();
      await becomes(ground, light);
    }));

  it("works in the colours that the computer forces", () =>
    visitAs("office", async (page) => {
      await page.emulateMedia({ forcedColors: "active" });
      await page.goto("/logons");
      await page.getByRole("link", { name: "Add Logon" }).click();
      const window = windowOf(page, "Add Logon");
      await window.waitFor();
      // Without its own colours a button is known by its border.
      for (const name of ["Save", "Link Learner"]) {
        const border = await window.getByRole("button", { name, exact: true }).evaluate((button) =>
          getComputedStyle(button).borderTopWidth
        );
        assert.notEqual(border, "0px", name);
      }
      await page.keyboard.press("Escape");
      const here = await page.getByRole("link", { name: "Parent Logons" }).evaluate((link) => {
        const { borderTopWidth, outlineStyle, fontWeight } = getComputedStyle(link);
        return borderTopWidth !== "0px" || outlineStyle !== "none" || Number(fontWeight) >= 600;
      });
      assert.ok(here, "the current page is marked by more than a colour");
      await rowOf(page, "John Smith").waitFor();
    }));

  it("finds nothing wrong with a list that has no logon yet", () =>
    visitAs("office", async (page) => {
      await school.sql`update logons set deleted_at = now() where deleted_at is null`;
      await page.goto("/logons");
      await page.getByRole("heading", { name: "No logons yet" }).waitFor();
      const found = await findProblems(page);
      await page.emulateMedia({ colorScheme: "dark" });
      await page.setViewportSize({ width: 320, height: 700 });
      assert.deepEqual([...found, ...await findProblems(page)], []);
    }));

  async function visitAs(who: Who, story: (page: Page) => Promise<void>): Promise<void> {
    const storageState = arrived.get(who);
    await school.visit(
      { ...(storageState ? { storageState } : {}), expects: [403, 404, 422, 503] },
      story,
    );
  }
});

function place(name: string): (typeof PLACES)[number] {
  return PLACES.find((one) => one.name === name) ?? assert.fail(`There is no place ${name}`);
}
