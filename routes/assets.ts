// Static files: read once, each under an address that holds its checksum, so that browsers keep it for ever.

import { setAsset } from "../views/assets.ts";
import { factory } from "./context.ts";
import { notFound } from "./errors.tsx";

type Asset = {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly gzip: Uint8Array<ArrayBuffer> | null;
  readonly type: string;
};

const STYLES = ["tokens", "base", "components", "layout", "pages"];
const FONTS = "@fontsource-variable/atkinson-hyperlegible-next/files/atkinson-hyperlegible-next";
/** The browser's half of SimpleWebAuthn; the package names its bundle to CDNs only. */
const WEBAUTHN = new URL(
  "../dist/bundle/index.umd.min.js",
  import.meta.resolve("@simplewebauthn/browser"),
).href;
const FILES: readonly (readonly [name: string, source: string, type: string])[] = [
  ["latin.woff2", `${FONTS}-latin-wght-normal.woff2`, "font/woff2"],
  ["latin-ext.woff2", `${FONTS}-latin-ext-wght-normal.woff2`, "font/woff2"],
  ["icon.svg", "../static/icon.svg", "image/svg+xml"],
  ["htmx.js", "htmx.org/dist/htmx.min.js", "text/javascript; charset=utf-8"],
  ["app.js", "../static/js/app.js", "text/javascript; charset=utf-8"],
  ["choices.js", "../static/js/choices.js", "text/javascript; charset=utf-8"],
  ["fields.js", "../static/js/fields.js", "text/javascript; charset=utf-8"],
  ["focus.js", "../static/js/focus.js", "text/javascript; charset=utf-8"],
  ["tasks.js", "../static/js/tasks.js", "text/javascript; charset=utf-8"],
  ["webauthn.js", WEBAUTHN, "text/javascript; charset=utf-8"],
  ["passkeys.js", "../static/js/passkeys.js", "text/javascript; charset=utf-8"],
];

const assets = await loadAssets();

export const staticFiles = factory.createApp().get("/:file", (c) => {
  const found = assets.get(c.req.param("file")) ?? notFound();
  const zipped = found.gzip !== null && /\bgzip\b/.test(c.req.header("accept-encoding") ?? "");
  return c.body(zipped && found.gzip ? found.gzip : found.bytes, 200, {
    "content-type": found.type,
    "cache-control": "public, max-age=31536000, immutable",
    "vary": "accept-encoding",
    ...(zipped ? { "content-encoding": "gzip" } : {}),
  });
});

async function loadAssets(): Promise<Map<string, Asset>> {
  const loaded = new Map<string, Asset>();
  async function add(name: string, bytes: Uint8Array<ArrayBuffer>, type: string): Promise<string> {
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex().slice(
      0,
      12,
    );
    const file = name.replace(/\.(\w+)$/, `.${digest}.$1`);
    loaded.set(file, { bytes, gzip: type.startsWith("font/") ? null : await gzip(bytes), type });
    const url = `/static/${file}`;
    setAsset(name, url);
    return url;
  }

  const urls = new Map<string, string>();
  for (const [name, source, type] of FILES) {
    const path = /^(\.\.\/|file:)/.test(source)
      ? new URL(source, import.meta.url)
      : new URL(import.meta.resolve(source));
    urls.set(name, await add(name, await Deno.readFile(path), type));
  }
  const styles = await Promise.all(
    STYLES.map((name) => Deno.readTextFile(new URL(`../static/css/${name}.css`, import.meta.url))),
  );
  // The layers' order is declared once, before the first of them.
  const css = `@layer ${STYLES.join(", ")};\n` +
    styles.join("\n").replace(
      /asset\(([\w.-]+)\)/g,
      (_, name: string) => `url("${urls.get(name)}")`,
    );
  await add("app.css", new TextEncoder().encode(css), "text/css; charset=utf-8");
  return loaded;
}

async function gzip(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const zipped = new Blob([bytes]).stream().pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(zipped).arrayBuffer());
}
