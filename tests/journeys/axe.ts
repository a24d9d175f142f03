// Holds a page against WCAG 2.2 AA by axe, which runs in the page itself.

import type axeCore from "axe-core";
import type { Page } from "playwright-core";

declare global {
  /** What axe.min.js leaves behind in a page. */
  var axe: typeof axeCore;
}

const SOURCE = await Deno.readTextFile(new URL(import.meta.resolve("axe-core/axe.min.js")));
const TAGS = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"];

/**
 * What axe finds wrong with a page, a line each: the rule, where, and why. It is given to a page once and asks for nothing
 * but what is wrong, which takes a quarter of the time of its wrapper for Playwright.
 * @param rules only these; every rule of WCAG 2.2 AA and good practice without
 */
export async function findProblems(page: Page, rules?: readonly string[]): Promise<string[]> {
  if (!await page.evaluate(() => "axe" in globalThis)) await page.evaluate(SOURCE);
  const only: axeCore.RunOnly = rules
    ? { type: "rule", values: [...rules] }
    : { type: "tag", values: TAGS };
  return await page.evaluate(async (runOnly) => {
    const { violations } = await axe.run(document, {
      runOnly,
      resultTypes: ["violations"],
      // Our frames show mails, without scripts: nothing in them would answer.
      iframes: false,
    });
    return violations.flatMap(({ id, nodes }) =>
      nodes.slice(0, 3).map(({ target, any, html }) =>
        `${id}: ${target.join(" ")}: ${any[0]?.message ?? html.slice(0, 120)}`
      )
    );
  }, only);
}
