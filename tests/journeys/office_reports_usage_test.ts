// The office makes a report of who used the portal: the window, the alert, the workbook, and nobody at all.

/// <reference lib="dom" />

import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { readTable, shownRows } from "../../lib/excel/read.ts";
import {
  becomes,
  hasFocus,
  openSchool,
  type School,
  settled,
  sidewaysScroll,
  windowOf,
} from "./school.ts";

describe("the office reports how the portal was used", () => {
  let school: School;
  let today: string;
  before(async () => {
    school = await openSchool();
    today = school.services.clock.today();
  });
  after(() => school.close());

  async function openWindow(page: Page): Promise<ReturnType<typeof windowOf>> {
    await page.getByRole("link", { name: "Parent Portal Usage" }).click();
    const window = windowOf(page, "Parent Portal Usage");
    await window.waitFor();
    return window;
  }

  it("downloads a workbook in which the parent who signed in just now has a tab", async () => {
    await school.visit({ parent: "ama.boateng" }, async (page) => {
      await page.getByRole("heading", { level: 1 }).waitFor();
    });
    await school.visit({ as: "office" }, async (page) => {
      const window = await openWindow(page);
      await hasFocus(window.getByLabel("Start date", { exact: true }));
      await window.getByLabel("Start date", { exact: true }).fill("2024-09-01");
      await window.getByLabel("End date", { exact: true }).fill(today);
      await window.getByRole("button", { name: "Continue" }).click();
      await window.waitFor({ state: "hidden" });
      const alerts = page.getByRole("region", { name: "Task Alerts" });
      await alerts.getByText(`Parent Portal Usage, 01/09/2024 to`).waitFor();
      const ready = alerts.getByText(/^Ready, \d+ parents, \d+ sign-ins\.$/);
      await ready.waitFor();
      assert.ok(await alerts.getByRole("link", { name: /^Download Portal usage/ }).isVisible());
      // Wherever the finished alert is clicked.
      const { x, y } = await ready.boundingBox() ?? assert.fail("it is nowhere");
      const [download] = await Promise.all([
        page.waitForEvent("download"),
        page.mouse.click(x + 5, y + 5),
      ]);
      const name = download.suggestedFilename();
      assert.equal(name, `Portal usage 2024-09-01 to ${today}.xlsx`);
      const bytes = await Deno.readFile(await download.path());
      const outcome = readTable(bytes, name, { preferredSheet: "Ama Boateng" });
      assert.ok("table" in outcome);
      assert.equal(outcome.table.sheet, "Ama Boateng");
      assert.equal(outcome.table.sheets.at(-1)?.name, "Summary");
      const [headings, ...rows] = shownRows(outcome.table);
      assert.deepEqual(headings, ["User", "Email", "Learners", "Date", "Time", "Device"]);
      const last = rows.at(-1) ?? [];
      assert.equal(last[0], "Ama Boateng");
      assert.equal(last[3], today.split("-").reverse().join("/"));
      assert.match(last[5] ?? "", /Chrome/);
    });
  });

  it("is told beside the field that the end is before the start, and mends it", () =>
    school.visit({ as: "office", expects: [422] }, async (page) => {
      const window = await openWindow(page);
      await window.getByLabel("Start date", { exact: true }).fill("2026-11-20");
      await window.getByLabel("End date", { exact: true }).fill("2026-11-19");
      await window.getByRole("button", { name: "Continue" }).click();
      const alert = window.getByRole("alert");
      await alert.waitFor();
      await hasFocus(alert);
      await alert.getByRole("link", { name: /^The end date is before the start date/ }).click();
      const end = window.getByLabel("End date", { exact: true });
      await hasFocus(end);
      assert.equal(await end.getAttribute("aria-invalid"), "true");
      await end.fill("2026-11-21");
      await window.getByRole("button", { name: "Continue" }).click();
      await window.waitFor({ state: "hidden" });
    }));

  it("chooses dates by a button and sees the sign-ins of each day before anything is made", () =>
    school.visit({ as: "office" }, async (page) => {
      const window = await openWindow(page);
      await window.getByRole("button", { name: /^This term/ }).click();
      await window.locator("[aria-current]").waitFor();
      assert.equal(await window.getByLabel("End date", { exact: true }).inputValue(), today);
      const chart = window.getByRole("region", { name: /^Sign-ins per/ });
      await chart.locator("rect").first().waitFor();
      await chart.getByText("The figures as a table").click();
      assert.ok(await chart.getByRole("row").count() > 1);
      await window.getByLabel("Start date", { exact: true }).fill("2001-01-01");
      await window.getByLabel("End date", { exact: true }).fill("2001-01-02");
      await window.getByText("Nobody signed in between these dates.").waitFor();
      await settled(page);
    }));

  it("chooses parents, who stay chosen while the search goes on", () =>
    school.visit({ as: "office" }, async (page) => {
      const window = await openWindow(page);
      const search = window.getByLabel("Search parents");
      await search.fill("boateng");
      await window.getByRole("checkbox", { name: /Ama Boateng/ }).check();
      await window.getByText(/of 1 chosen parent on|Nobody of the 1 chosen parent/).waitFor();
      await search.fill("smith");
      const john = window.getByRole("checkbox", { name: /John Smith/ });
      await john.waitFor();
      assert.ok(await window.getByRole("checkbox", { name: /Ama Boateng/ }).isChecked());
      await search.press("Enter");
      await settled(page);
      await john.check();
      await window.getByRole("button", { name: "Continue" }).click();
      await window.waitFor({ state: "hidden" });
      const alerts = page.getByRole("region", { name: "Task Alerts" });
      await alerts.getByText(/^Parent Portal Usage, .*, 2 chosen$/).waitFor();
    }));

  it("is told that nobody signed in, and there is nothing to download", () =>
    school.visit({ as: "frontdesk" }, async (page) => {
      const window = await openWindow(page);
      await window.getByLabel("Start date", { exact: true }).fill("2001-01-01");
      await window.getByLabel("End date", { exact: true }).fill("2001-02-28");
      await window.getByLabel("End date", { exact: true }).press("Enter");
      await window.waitFor({ state: "hidden" });
      const alerts = page.getByRole("region", { name: "Task Alerts" });
      await alerts.getByText("Nobody signed in between 1 January 2001 and 28 February 2001.")
        .waitFor();
      await becomes(() => alerts.getByRole("link", { name: /^Download/ }).count(), 0);
    }));

  it("does the same without script, and on a narrow screen", () =>
    school.visit({
      as: "office",
      javaScriptEnabled: false,
      viewport: { width: 390, height: 780 },
    }, async (page) => {
      await page.goto("/usage-reports/new");
      const window = windowOf(page, "Parent Portal Usage");
      await window.getByRole("button", { name: "Last 30 days" }).click();
      assert.equal(await window.getByLabel("End date", { exact: true }).inputValue(), today);
      assert.ok(await sidewaysScroll(page) <= 0);
      await window.getByRole("button", { name: "Continue" }).click();
      await page.waitForURL("**/tasks");
      await page.getByRole("cell", { name: /Parent Portal Usage/ }).first().waitFor();
    }));
});
