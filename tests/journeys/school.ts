// What every journey is set in: the whole program on a database of its own with the cast in it, its worker, and a browser.

/// <reference lib="dom" />

import assert from "node:assert/strict";
import { isDeepStrictEqual } from "node:util";
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type Locator,
  type Page,
} from "playwright-core";
import { readConfig } from "../../config.ts";
import type { Sql } from "../../db/connect.ts";
import { seedCast } from "../../db/seeds.ts";
import { jobs } from "../../jobs/mod.ts";
import { startNotices } from "../../jobs/notices.ts";
import { openLog } from "../../lib/log.ts";
import { openHasher } from "../../lib/passwords.ts";
import { createApp } from "../../routes/mod.ts";
import { openServices, type Services, systemClock } from "../../services.ts";
import { openTestDatabase } from "../database.ts";
import { JOURNEY_NODES, type Nodes, openNodes } from "./nodes.ts";

/** Milliseconds that a person would wait for something to appear. */
const PATIENCE = 10_000;

export const BROWSER_FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-background-networking",
  "--disable-component-update",
  "--no-first-run",
];

/** Who comes, and with what kind of browser. */
export type Visit = BrowserContextOptions & {
  /** Of the office, signed in already. */
  readonly as?: "office" | "frontdesk" | "viewer";
  /** A username of a parent, signed in already. */
  readonly parent?: string;
  /** What belongs to the story and the browser notes on its console all the same: a refusal's status, or words. */
  readonly expects?: readonly (number | string)[];
};

export type School = {
  readonly origin: string;
  readonly services: Services;
  readonly sql: Sql;
  /** Somebody's whole stay: a browser of their own, the story, and nothing may have gone wrong on the way. */
  visit(who: Visit, story: (page: Page) => Promise<void>): Promise<void>;
  /** Lets time pass. */
  pass(minutes: number): void;
  close(): Promise<void>;
};

/** Opens the school and the browser; close it, or the run never ends. @param settings beside those every school has */
export async function openSchool(
  settings: Readonly<Record<string, string>> = {},
): Promise<School> {
  const database = await openTestDatabase({ pool: 10 });
  let passed = 0;
  const time = systemClock("Europe/London");
  const clock = {
    now: () => new Date(time.now().getTime() + passed * 60_000),
    today: () => time.today(),
  };
  let answer = (_request: Request, _info: Deno.ServeHandlerInfo): Response | Promise<Response> =>
    new Response(null, { status: 503 });
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    (request, info) => answer(request, info),
  );
  const origin = `http://localhost:${server.addr.port}`;
  const variables = {
    SECRET_KEY: new Uint8Array(32).fill(7).toBase64(),
    DATABASE_URL: database.url,
    BASE_URL: origin,
    ...settings,
  };
  const config = readConfig(() => undefined, variables);
  const services = await openServices(config, { log: openLog("warn"), database, clock });
  const { hash } = openHasher();
  // The lowest cost there is: nobody guesses at these.
  await seedCast(database.sql, { at: clock.now(), hash: (password) => hash(password, 4) });
  const nodes = JOURNEY_NODES > 0
    ? await openNodes(JOURNEY_NODES, variables)
    : await openNode(services);
  answer = nodes.answer;
  const browser = await openBrowser();
  return {
    origin,
    services,
    sql: database.sql,
    visit: (who, story) => visit({ browser, origin }, who, story),
    pass(minutes): void {
      passed += minutes;
      nodes.pass(passed);
    },
    async close(): Promise<void> {
      await browser.close();
      await server.shutdown();
      await nodes.close();
      await services.close();
      await database.close();
    },
  };
}

/** Web and work in this process. */
async function openNode(services: Services): Promise<Nodes> {
  await services.queue.work(services, jobs);
  const stopNotices = startNotices(services);
  const app = createApp(services);
  return {
    answer: async (request, info) => await app.fetch(request, info),
    pass: () => {},
    close: () => stopNotices(),
  };
}

export async function openBrowser(path = Deno.env.get("TEST_BROWSER")): Promise<Browser> {
  if (!path) throw new Error("Run the journeys by: deno task test tests/journeys");
  return await chromium.launch({ executablePath: path, args: BROWSER_FLAGS });
}

async function visit(
  { browser, origin }: { browser: Browser; origin: string },
  { as, parent, expects = [], ...options }: Visit,
  story: (page: Page) => Promise<void>,
): Promise<void> {
  const context = await browser.newContext({ baseURL: origin, ...options });
  context.setDefaultTimeout(PATIENCE);
  const troubles = watch(context, expects);
  try {
    const page = await context.newPage();
    if (as) await signInToOffice(page, as);
    if (parent) await signInToPortal(page, parent);
    await story(page);
    assert.deepEqual(troubles, [], "the browser complained");
  } catch (error) {
    await keepPictures(context);
    throw error;
  } finally {
    await context.close();
  }
}

/** Collects what a browser complains about: exceptions, console errors, what the Content Security Policy refused. */
export function watch(
  context: BrowserContext,
  expects: readonly (number | string)[],
): string[] {
  const troubles: string[] = [];
  context.on("weberror", (error) => troubles.push(`exception: ${error.error().message}`));
  context.on("console", (message) => {
    if (message.type() !== "error" && message.type() !== "warning") return;
    const text = message.text();
    const expected = expects.some((one) =>
      text.includes(typeof one === "number" ? `status of ${one}` : one)
    );
    if (!expected) troubles.push(`${message.type()}: ${text} (${message.location().url})`);
  });
  return troubles;
}

/** What stood on the screen when a story went wrong, for whoever looks into it. */
async function keepPictures(context: BrowserContext): Promise<void> {
  const folder = Deno.env.get("JOURNEY_PICTURES");
  if (!folder) return;
  await Deno.mkdir(folder, { recursive: true });
  for (const page of context.pages()) {
    const path = `${folder}/${Date.now()}-${crypto.randomUUID().slice(0, 4)}.png`;
    await page.screenshot({ path }).catch(() => {});
  }
}

export async function signInToOffice(
  page: Page,
  username: string,
  password = `demo-${username}-2026`,
): Promise<void> {
  await page.goto("/sign-in");
  await page.getByLabel("Username").fill(username);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL("**/logons");
}

export async function signInToPortal(
  page: Page,
  username: string,
  password = "demo-parent-2026",
): Promise<void> {
  await page.goto("/portal/sign-in");
  await page.getByLabel("Username").fill(username);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL((url) => !url.pathname.includes("sign-in"));
}

/** The row of the list that begins with this name. */
export function rowOf(page: Page, name: string): Locator {
  return page.getByRole("row").filter({ has: page.getByText(name, { exact: true }) });
}

/** The open window of this name. */
export function windowOf(page: Page, name: string): Locator {
  return page.getByRole("dialog", { name, exact: true });
}

/** Waits until something read again and again is as expected; else fails by showing the difference. */
export async function becomes<T>(
  read: () => T | Promise<T>,
  expected: NoInfer<T>,
  about?: string,
): Promise<void> {
  const end = Date.now() + PATIENCE;
  let found = await read();
  while (!isDeepStrictEqual(found, expected) && Date.now() < end) {
    await new Promise((done) => setTimeout(done, 40));
    found = await read();
  }
  assert.deepEqual(found, expected, about);
}

/** Waits until this has the focus; else says what has it. */
export async function hasFocus(locator: Locator): Promise<void> {
  await locator.waitFor();
  const end = Date.now() + PATIENCE;
  while (!await locator.evaluate((element) => element === document.activeElement)) {
    if (Date.now() > end) {
      const where = await locator.page().evaluate(() =>
        document.activeElement?.outerHTML.slice(0, 160)
      );
      assert.fail(`The focus is not on ${locator} but on ${where}`);
    }
    await new Promise((done) => setTimeout(done, 40));
  }
}

/** Presses Tab until this has the focus, as somebody without a mouse does. */
export async function tabTo(locator: Locator, key = "Tab"): Promise<void> {
  await locator.waitFor();
  for (let pressed = 0; pressed < 150; pressed++) {
    if (await locator.evaluate((element) => element === document.activeElement)) return;
    await locator.page().keyboard.press(key);
  }
  assert.fail(`${locator} cannot be reached by ${key}`);
}

/** Waits until nothing that the page has asked for is still under way. */
export async function settled(page: Page): Promise<void> {
  await page.waitForFunction(() => document.querySelector(".htmx-request") === null);
}

/** How far the page can be scrolled sideways; it should not be. */
export async function sidewaysScroll(page: Page): Promise<number> {
  return await page.evaluate(() =>
    Math.max(document.documentElement.scrollWidth, document.body.scrollWidth) - innerWidth
  );
}
