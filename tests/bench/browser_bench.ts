// What somebody at the office waits for: from a click, or the last letter typed, until the browser has painted the answer.

/// <reference lib="dom" />

import type { Page } from "playwright-core";
import { findBrowser } from "../browser.ts";
import { openBrowser, signInToOffice } from "../journeys/school.ts";
import { startProgram } from "../program.ts";
import { type Figure, ms, table } from "./measure.ts";
import { openSchool } from "./school.ts";

const SIZE = { logons: 50_000, learners: 20_000, signIns: 200_000 };
const ROUNDS = 25;
/** Milliseconds that htmx waits after the last letter; they are not the program's to lose, and told apart. */
const TYPING_PAUSE = 250;
const SEARCHES = ["smi", "ann", "kow", "o'b", "jones", "pat", "lew", "mar", "x", "thomas"];
const PICKS = ["tom", "ann", "will", "7b", "mac", "sar", "jo", "ev", "lou", "ben"];

/** One thing to do, again and again; what it leaves open is closed by `after`. */
type Deed = {
  readonly what: string;
  readonly limit: number;
  readonly before?: (page: Page) => Promise<void>;
  readonly act: (page: Page, round: number) => Promise<number>;
  readonly after?: (page: Page) => Promise<void>;
};

const DEEDS: readonly Deed[] = [
  {
    what: "The list, sorted anew by a click",
    limit: 100,
    act: (page, round) =>
      paintedAfterClick(
        page,
        [
          ".sort[href*='sort=username']",
          ".sort[href*='sort=-last'], .sort[href*='sort=last']",
        ][round % 2],
      ),
  },
  {
    what: "The list, its next page",
    limit: 100,
    act: (page) => paintedAfterClick(page, ".pager a[rel='next']"),
  },
  {
    what: "The list, searched as somebody types (and the 250 ms that it waits for more letters)",
    limit: 100 + TYPING_PAUSE,
    act: (page, round) =>
      paintedAfterTyping(page, "main input[name='q']", SEARCHES[round % 10] ?? ""),
  },
  {
    what: "Add Logon's window",
    limit: 100,
    act: (page) => paintedAfterClick(page, ".options a[href='/logons/new']"),
    after: (page) => page.keyboard.press("Escape"),
  },
  {
    what: "The picker among 20,000 learners, as somebody types (and its 200 ms)",
    limit: 300,
    before: async (page) => {
      await page.locator(".options a[href='/logons/new']").click();
      await page.getByRole("button", { name: "Link Learner" }).click();
      await page.locator("[data-picks]").waitFor();
    },
    act: (page, round) => paintedAfterTyping(page, "[data-picks]", PICKS[round % 10] ?? ""),
  },
];

export async function bench(): Promise<Figure[]> {
  const school = await openSchool(SIZE);
  const web = await startProgram(["web"], {
    DATABASE_URL: school.url,
    SECRET_KEY: new Uint8Array(32).fill(7).toBase64(),
  });
  const browser = await openBrowser(await findBrowser());
  try {
    const context = await browser.newContext({ baseURL: web.url });
    const page = await context.newPage();
    await signInToOffice(page, "office");
    const figures: Figure[] = [];
    for (const deed of DEEDS) figures.push(await measure(page, deed));
    return figures;
  } finally {
    await browser.close();
    await web.stop();
    await school.close();
  }
}

async function measure(page: Page, { what, limit, before, act, after }: Deed): Promise<Figure> {
  await page.goto("/logons");
  await before?.(page);
  const times: number[] = [];
  for (let round = -3; round < ROUNDS; round++) {
    const took = await act(page, round + 3);
    if (round >= 0) times.push(took);
    await after?.(page);
  }
  times.sort((one, other) => one - other);
  const [p50 = 0, p95 = 0] = [0.5, 0.95].map((share) => times[Math.floor(times.length * share)]);
  return {
    what: `${what}: p95 (p50 ${ms(p50)})`,
    measured: ms(p95),
    limit: ms(limit),
    met: p95 <= limit,
  };
}

/** Milliseconds from a click until the frame that shows its answer. */
function paintedAfterClick(page: Page, selector = ""): Promise<number> {
  return page.evaluate(async (selector) => {
    const link = document.querySelector<HTMLElement>(selector);
    if (link === null) throw new Error(`There is no ${selector}.`);
    const start = performance.now();
    const swapped = new Promise((done) =>
      document.addEventListener("htmx:after:swap", done, { once: true })
    );
    link.click();
    await swapped;
    await new Promise(requestAnimationFrame);
    await new Promise((done) => setTimeout(done));
    return performance.now() - start;
  }, selector);
}

/** Milliseconds from typing the last letter of a text until the frame that shows what it found. */
function paintedAfterTyping(page: Page, selector: string, text: string): Promise<number> {
  return page.evaluate(async ({ selector, text }) => {
    const input = document.querySelector<HTMLInputElement>(selector);
    if (input === null) throw new Error(`There is no ${selector}.`);
    input.value = text;
    const start = performance.now();
    const swapped = new Promise((done) =>
      document.addEventListener("htmx:after:swap", done, { once: true })
    );
    input.dispatchEvent(new Event("input", { bubbles: true }));
    await swapped;
    await new Promise(requestAnimationFrame);
    await new Promise((done) => setTimeout(done));
    return performance.now() - start;
  }, { selector, text });
}

if (import.meta.main) {
  Deno.stdout.writeSync(new TextEncoder().encode(table(await bench()) + "\n"));
}
