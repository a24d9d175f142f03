// The whole application on a test database with the cast in it, and the people who use it.

/// <reference lib="dom" />

import type { Hono } from "hono";
import { parseHTML } from "linkedom";
import assert from "node:assert/strict";
import { readConfig } from "../config.ts";
import { seedCast } from "../db/seeds.ts";
import { openLog } from "../lib/log.ts";
import { openHasher } from "../lib/passwords.ts";
import type { Env } from "../routes/context.ts";
import { createApp } from "../routes/mod.ts";
import { type Clock, openServices, type Services } from "../services.ts";
import { openTestDatabase } from "./database.ts";

export const ORIGIN = "http://localhost:8000";

/** A clock that stands still until a test moves it. */
export type TestClock = Clock & { move(minutes: number): void };

export type Office = {
  readonly services: Services;
  readonly clock: TestClock;
  readonly app: Hono<Env>;
  /** What was logged so far. */
  readonly logged: string[];
  close(): Promise<void>;
};

/** Opens the application with the cast of db/seed_cast.ts. */
export async function openOffice(
  settings: Readonly<Record<string, string>> = {},
): Promise<Office> {
  const database = await openTestDatabase({ pool: 12 });
  const config = readConfig(() => undefined, {
    SECRET_KEY: new Uint8Array(32).fill(7).toBase64(),
    DATABASE_URL: database.url,
    ...settings,
  });
  const logged: string[] = [];
  const clock = testClock();
  const log = openLog("debug", (line) => logged.push(line));
  const services = await openServices(config, { log, database, clock });
  // Cheap hashes, so that a test waits for nothing: 2^4 rounds in place of 2^12.
  const { hash } = openHasher();
  await seedCast(database.sql, {
    at: clock.now(),
    hash: (password) => hash(password, 4),
  });
  return {
    services,
    clock,
    app: createApp(services),
    logged,
    async close(): Promise<void> {
      await services.close();
      await database.close();
    },
  };
}

/** As {@link openOffice}, with a hasher that knows the cast's passwords by heart and hashes cheaply what a test chooses. */
export async function knowingOffice(): Promise<Office> {
  const opened = await openOffice();
  const real = openHasher();
  const cheap = new Set<string>();
  const hasher = {
    async hash(password: string): Promise<string> {
      const hash = await real.hash(password, 4);
      cheap.add(hash);
      return hash;
    },
    async verify(password: string, hash: string | null): Promise<boolean> {
      if (hash !== null && cheap.has(hash)) return await real.verify(password, hash);
      return hash !== null && /^demo-\w+-2026$/.test(password);
    },
    verifyGenerated: (): Promise<boolean> => Promise.resolve(false),
  };
  const services = { ...opened.services, hasher: { ...opened.services.hasher, ...hasher } };
  return { ...opened, services, app: createApp(services) };
}

/** Someone at a browser: keeps cookies, follows nothing by itself. */
export class Visitor {
  readonly cookies = new Map<string, string>();
  constructor(readonly office: Office, readonly ip = "192.0.2.1") {}

  get(path: string, headers: Record<string, string> = {}): Promise<Response> {
    return this.ask(path, { headers });
  }

  /** A piece, as htmx asks for it. */
  piece(path: string): Promise<Response> {
    return this.get(path, PIECE);
  }

  post(
    path: string,
    fields: Readonly<Record<string, string | readonly string[]>> = {},
    headers: Record<string, string> = {},
  ): Promise<Response> {
    const body = new URLSearchParams();
    for (const [name, value] of Object.entries(fields)) {
      for (const text of typeof value === "string" ? [value] : value) body.append(name, text);
    }
    return this.ask(path, { method: "POST", body, headers: { origin: ORIGIN, ...headers } });
  }

  async ask(
    path: string,
    init: RequestInit & { headers: Record<string, string> },
  ): Promise<Response> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const request = new Request(ORIGIN + path, {
      redirect: "manual",
      ...init,
      headers: { ...init.headers, ...(cookie === "" ? {} : { cookie }) },
    });
    const info = { remoteAddr: { transport: "tcp", hostname: this.ip, port: 1 } };
    const response = await this.office.app.fetch(request, info);
    for (const line of response.headers.getSetCookie()) {
      const [pair = ""] = line.split(";");
      const [name = "", value = ""] = pair.split("=");
      if (value === "") this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
    return response;
  }
}

/** Headers of a request by htmx for a piece. */
export const PIECE = { "hx-request": "true", "hx-request-type": "partial" };

/** Signs somebody of the office in. */
export async function signIn(office: Office, username = "office"): Promise<Visitor> {
  const visitor = new Visitor(office);
  const response = await visitor.post("/sign-in", { username, password: `demo-${username}-2026` });
  if (response.status !== 303) throw new Error(`${username} could not sign in: ${response.status}`);
  return visitor;
}

/** The answer's elements. */
export async function documentOf(response: Response): Promise<Document> {
  const text = await response.text();
  const whole = text.startsWith("<!doctype")
    ? text
    : `<!doctype html><html><body>${text}</body></html>`;
  return parseHTML(whole).document;
}

/** What a refused form says is wrong, by field. */
export async function problemsOf(response: Response): Promise<Record<string, string>> {
  assert.equal(response.status, 422);
  const links = [...(await documentOf(response)).querySelectorAll(".summary a")];
  return Object.fromEntries(links.map((link) => [
    link.getAttribute("href")?.replace("#field-", "") ?? "",
    link.textContent ?? "",
  ]));
}

/** The fields that a refused form names. */
export async function wrongFieldsOf(response: Response): Promise<string[]> {
  return Object.keys(await problemsOf(response));
}

function testClock(): TestClock {
  let now = new Date("2026-11-24T10:00:00Z");
  return {
    now: () => now,
    today: () => now.toISOString().slice(0, 10),
    move(minutes): void {
      now = new Date(now.getTime() + minutes * 60_000);
    },
  };
}
