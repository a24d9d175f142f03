// Takes pictures of every page and window at three widths, light and dark, from a demo that it starts itself.

/// <reference lib="dom" />

import type { Browser, BrowserContext } from "playwright-core";
import { findBrowser } from "./browser.ts";
import { arriveAs, type Place, PLACES } from "./journeys/places.ts";
import { openBrowser } from "./journeys/school.ts";

const WIDTHS = [1280, 390, 320] as const;
const THEMES = ["light", "dark"] as const;
const FOLDER = ".data/screens";

/** Only places whose name holds one of these; all without any. */
const wanted = Deno.args;
const data = await Deno.makeTempDir({ prefix: "parent-logons-screens-" });
await Deno.chmod(data, 0o755);
const demo = new Deno.Command(Deno.execPath(), {
  args: ["run", "-A", "main.ts", "demo"],
  env: { DATA_DIR: `${data}/demo`, PORT: "0" },
  stdout: "piped",
}).spawn();
try {
  const origin = await untilReady(demo.stdout);
  await Deno.mkdir(FOLDER, { recursive: true });
  const browser = await openBrowser(await findBrowser());
  const taken = await takeAll(browser, origin);
  await browser.close();
  say(`${taken} pictures in ${await Deno.realPath(FOLDER)}`);
} finally {
  demo.kill("SIGTERM");
  await demo.status;
  await Deno.remove(data, { recursive: true });
}

async function takeAll(browser: Browser, origin: string): Promise<number> {
  const contexts = new Map<string, BrowserContext>();
  let taken = 0;
  for (const place of PLACES) {
    const context = contexts.get(place.who) ?? await arrive(browser, origin, place);
    contexts.set(place.who, context);
    const chosen = wanted.length === 0 || wanted.some((part) => place.name.includes(part));
    if (chosen) taken += await take(context, place);
  }
  return taken;
}

async function arrive(browser: Browser, origin: string, { who }: Place): Promise<BrowserContext> {
  const context = await browser.newContext({ baseURL: origin });
  context.setDefaultTimeout(15_000);
  const page = await context.newPage();
  await arriveAs(page, who);
  await page.close();
  return context;
}

/** One place at every width and in both themes, without going there again. */
async function take(context: BrowserContext, place: Place): Promise<number> {
  let taken = 0;
  for (const width of place.name === "modules-menu" ? [390] : WIDTHS) {
    // What happens once has happened at the first width.
    if (place.once && width !== WIDTHS[0]) continue;
    const page = await context.newPage();
    await page.setViewportSize({ width, height: width > 800 ? 860 : 780 });
    await place.open(page);
    await page.evaluate(() => document.fonts.ready.then(() => {}));
    for (const colorScheme of THEMES) {
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      const path = `${FOLDER}/${place.name}-${width}-${colorScheme}.png`;
      const isWindow = await page.getByRole("dialog").count() > 0;
      await page.screenshot({ path, fullPage: !isWindow });
      taken++;
    }
    await page.close();
  }
  return taken;
}

/** The address that the demo says it is ready at. */
async function untilReady(output: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<string> {
  let text = "";
  for await (const piece of output.pipeThrough(new TextDecoderStream())) {
    text += piece;
    const ready = /^Ready: (\S+)/m.exec(text);
    if (ready?.[1]) return ready[1];
  }
  throw new Error(`The demo did not start: ${text}`);
}

function say(sentence: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(sentence + "\n"));
}
