// What every handler finds in its context, and how it answers.

import type { Context } from "hono";
import { getCookie } from "hono/cookie";
import { createFactory } from "hono/factory";
import type { Child } from "hono/jsx";
import type { Author } from "../db/audit.ts";
import type { LogonMoment } from "../db/logon_list.ts";
import type { NoticeCause } from "../db/notices.ts";
import type { SchoolSettings } from "../db/settings.ts";
import type { SignedInAdmin, SignedInParent, Visitor } from "../db/sessions.ts";
import type { Services } from "../services.ts";
import type { Theme } from "../views/layout.tsx";
import { asksForPiece, partialsOnly } from "../views/swap.tsx";
import { type Times, timesIn } from "../views/times.ts";
import { Refusal } from "./errors.tsx";

export type Env = {
  Variables: {
    services: Services;
    requestId: string;
    settings: SchoolSettings;
    visitor: Visitor;
    /** Set by the guard of office pages. */
    admin: SignedInAdmin;
    /** Set by the guard of portal pages. */
    parent: SignedInParent;
    /** Set by both guards: whether they would let the same person pass now. Asked once the body is here, which may take as long as its sender likes. */
    mayStill: (() => Promise<boolean>) | undefined;
    /** SHA-256 of the session's token. */
    sessionHash: Uint8Array<ArrayBuffer>;
    /** Set by a page that shows another in a frame, and by the one that is shown: no other has anything to do with frames. */
    frames: "shows" | "shown" | undefined;
  };
};
export type Ctx = Context<Env>;

/** Makes apps and guards that know the context. */
export const factory = createFactory<Env>();

type Markup = Child | Promise<Child>;
type Status = 200 | 403 | 404 | 409 | 413 | 422 | 500 | 503;

/** A whole page. */
export function page(c: Ctx, markup: Markup, status: Status = 200): Promise<Response> {
  return html(c, markup, status);
}

/**
 * One address, two forms: the piece for a browser that exchanges pieces, the page for everyone else; also for Back, which
 * asks for the whole page.
 */
export function answer(
  c: Ctx,
  forms: { page: () => Markup; piece: () => Markup },
  status: Status = 200,
): Promise<Response> {
  return html(c, wantsPiece(c) ? forms.piece() : forms.page(), status);
}

export function wantsPiece(c: Ctx): boolean {
  return asksForPiece((name) => c.req.header(name));
}

/**
 * After a change: pieces that each land in a place of their own.
 * @param events names that the page's own script listens to
 */
export async function partials(
  c: Ctx,
  markup: Markup,
  events: readonly string[] = [],
): Promise<Response> {
  return withHeaders(await page(c, markup), partialsOnly(events));
}

/** An answer with more headers: set once it is whole, so that none of them stands on what an error says instead. */
export function withHeaders(response: Response, headers: Record<string, string>): Response {
  for (const [name, value] of Object.entries(headers)) response.headers.set(name, value);
  return response;
}

/** Who does it, as every change records it. */
export function authorOf(c: Ctx): Author {
  return { adminId: c.var.admin.id, who: c.var.admin.name, requestId: c.var.requestId };
}

export function themeOf(c: Ctx): Theme {
  const theme = getCookie(c, "theme");
  return theme === "light" || theme === "dark" ? theme : "system";
}

/** Times in words, as of now, in the school's zone. */
export function timesOf(c: Ctx): Times {
  const { clock, config } = c.var.services;
  return timesIn(config.timeZone, clock.now());
}

/** What "now" means for who is seen and what has expired. */
export function momentOf(c: Ctx): LogonMoment {
  const { clock } = c.var.services;
  const { leaver_days, temporary_password_days } = c.var.settings;
  return {
    at: clock.now(),
    today: clock.today(),
    leaverDays: leaver_days,
    passwordDays: temporary_password_days,
  };
}

/** What a notice is written by: this request, now. */
export function causeOf(c: Ctx): NoticeCause {
  return { at: c.var.services.clock.now(), requestId: c.var.requestId };
}

/** A row's id from the address: null if it cannot be one. */
export function readId(text: string | undefined): number | null {
  const id = /^[1-9]\d{0,14}$/.test(text ?? "") ? Number(text) : null;
  return id;
}

/** A posted form's fields; a field that came twice gives its last text to `text` and all to `texts`. */
export type Fields = {
  text(name: string): string;
  texts(name: string): string[];
  file(name: string): File | null;
};

/**
 * Reads a posted form. A body that is no form has no fields.
 * @throws {Refusal} where the sender's session ended, or their role changed, while it was on its way
 */
export async function readForm(c: Ctx): Promise<Fields> {
  const type = c.req.header("content-type") ?? "";
  const isForm = /^(application\/x-www-form-urlencoded|multipart\/form-data)/i.test(type);
  const data = isForm ? await c.req.formData().catch(() => new FormData()) : new FormData();
  if (c.var.mayStill && !await c.var.mayStill()) throw new Refusal("not allowed");
  const texts = (name: string): string[] =>
    data.getAll(name).filter((value): value is string => typeof value === "string");
  return {
    texts,
    text: (name) => texts(name).at(-1) ?? "",
    file(name): File | null {
      const value = data.get(name);
      return value instanceof File ? value : null;
    },
  };
}

async function html(c: Ctx, markup: Markup, status: Status): Promise<Response> {
  const body = await markup;
  const text = body === null || body === undefined ? "" : String(await body);
  const type = { "content-type": "text/html; charset=utf-8" };
  const answer = new Response(new TextEncoder().encode(text), { status, headers: type });
  // The others come after: of an answer made with several Deno encodes the text at once, and forgets it when a header is
  // looked at, as `securityHeaders` does with each.
  const { headers } = c.body(null, status, {
    "cache-control": "no-store",
    // With Accept-Encoding at once: else compress() adds it, for which Hono copies the whole answer.
    "vary": "Accept-Encoding, HX-Request, HX-Request-Type",
  });
  for (const [name, value] of headers) {
    // What an answer said that is given up for this one.
    if (name !== "content-type") answer.headers.append(name, value);
  }
  return answer;
}
