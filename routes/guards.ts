// Who may pass: security headers, the same-origin rule, sessions and roles.

import type { MiddlewareHandler } from "hono";
import { getCookie, setCookie } from "hono/cookie";
import { originOf } from "../config.ts";
import { findAdminSession, findParentSession, type Role } from "../db/sessions.ts";
import { hashToken } from "../lib/keys.ts";
import type { Config } from "../config.ts";
import { type Ctx, type Env, factory, wantsPiece } from "./context.ts";
import { Refusal } from "./errors.tsx";

export type Guard = MiddlewareHandler<Env> & { readonly label: string };

/**
 * Where an admin has to go before the office opens, and where else they may; empty if it is open. In the order of the
 * portal: a code before all else, a password of one's own before setting up.
 */
function pagesBefore(admin: Env["Variables"]["admin"]): string[] {
  if (admin.tfaStep === "enter code") return ["/account/tfa/code", "/account/tfa/recovery"];
  if (admin.tfaStep === "use passkey") return ["/account/tfa/passkey"];
  if (admin.mustChangePassword) return ["/account", "/account/password", "/account/theme"];
  return admin.tfaStep === "set up" ? ["/account/tfa/set-up"] : [];
}

/** Roles from the one that may most to the one that may least. */
const RANK: Readonly<Record<Role, number>> = { Administrator: 3, Office: 2, Viewer: 1 };

/** The policy of a mail in a frame: its own styles, which stand in its elements, and nothing else; no script, form or address. */
const SHOWN = [
  "default-src 'none'",
  "style-src 'unsafe-inline'",
  "form-action 'none'",
  "base-uri 'none'",
  "frame-ancestors 'self'",
  "sandbox",
].join("; ");

/** Headers of every answer. No script or style but our own files, no evaluation of text, no frame, no sniffing. */
export function securityHeaders(config: Config): MiddlewareHandler<Env> {
  const secure = originOf(config).startsWith("https:");
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "font-src 'self'",
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
  return factory.createMiddleware(async (c, next) => {
    await next();
    const { headers } = c.res;
    const frames = c.get("frames");
    headers.set(
      "content-security-policy",
      frames === "shown" ? SHOWN : frames === "shows" ? `${policy}; frame-src 'self'` : policy,
    );
    headers.set("x-content-type-options", "nosniff");
    headers.set("x-frame-options", frames === "shown" ? "SAMEORIGIN" : "DENY");
    headers.set("referrer-policy", "same-origin");
    headers.set("cross-origin-opener-policy", "same-origin");
    headers.set("cross-origin-resource-policy", "same-origin");
    headers.set("permissions-policy", "camera=(), geolocation=(), microphone=()");
    if (secure) headers.set("strict-transport-security", "max-age=31536000; includeSubDomains");
    if (!headers.has("cache-control")) headers.set("cache-control", "no-store");
  });
}

/**
 * Refuses whatever could change something unless it comes from our own pages: any method but GET and HEAD, any content
 * type. Sec-Fetch-Site where the browser sends it, else Origin against the fixed public address (OWASP CSRF: Fetch Metadata).
 */
export function sameOrigin(config: Config): MiddlewareHandler<Env> {
  const origin = originOf(config);
  return factory.createMiddleware(async (c, next) => {
    if (c.req.method !== "GET" && c.req.method !== "HEAD") {
      const site = c.req.header("sec-fetch-site");
      const own = site === undefined ? c.req.header("origin") === origin : site === "same-origin";
      if (!own) throw new Refusal("foreign origin");
    }
    await next();
  });
}

/** Everybody may pass. */
export const open: Guard = Object.assign(
  factory.createMiddleware(async (_c, next) => await next()),
  { label: "open" },
);

/**
 * Only a signed-in admin may pass.
 * @param forChange the least role that may do more than look
 */
export function office(forLooking: Role, forChange: Role = forLooking): Guard {
  const guard = factory.createMiddleware(async (c, next) => {
    const admin = await signedInAdmin(c);
    if (admin === null) return sendToSignIn(c, "/sign-in");
    const needed = c.req.method === "GET" || c.req.method === "HEAD" ? forLooking : forChange;
    if (RANK[admin.role] < RANK[needed]) throw new Refusal("not allowed");
    const [first, ...others] = pagesBefore(admin);
    if (first !== undefined) {
      // The alerts of a page that only asks for a password have nothing to say.
      if (c.req.path === "/task-alerts") return c.body(null, 204);
      if (![first, ...others, "/sign-out"].includes(c.req.path)) return c.redirect(first, 303);
    }
    c.set("admin", admin);
    c.set("mayStill", async () => {
      const now = await signedInAdmin(c);
      return now !== null && now.role === admin.role && now.seesBlocks === admin.seesBlocks &&
        pagesBefore(now).join() === pagesBefore(admin).join();
    });
    return await next();
  });
  return Object.assign(guard, {
    label: forLooking === forChange
      ? `office: ${forLooking}`
      : `office: ${forLooking}, to change ${forChange}`,
  });
}

/** Whether whoever is signed in may change anything, or only look. */
export function mayEdit(c: Ctx): boolean {
  return RANK[c.var.admin.role] >= RANK.Office;
}

/** Refuses who may only look, where a page is the beginning of a change. */
export function mustEdit(c: Ctx): void {
  if (!mayEdit(c)) throw new Refusal("not allowed");
}

/** Whether whoever is signed in may set and lift blocks, and is told why there is one. */
export function mayBlock(c: Ctx): boolean {
  return c.var.admin.seesBlocks && c.var.admin.role === "Administrator";
}

/** Refuses who may not set and lift blocks. */
export function mustBlock(c: Ctx): void {
  if (!mayBlock(c)) throw new Refusal("not allowed");
}

/**
 * Only a signed-in parent may pass; one who still has something to do first only to where it is done. A code comes before
 * all else, so that a password alone changes nothing; a password of the parent's own comes before setting up.
 */
export const parent: Guard = Object.assign(
  factory.createMiddleware(async (c, next) => {
    const found = await signedInParent(c);
    if (found === null) return sendToSignIn(c, "/portal/sign-in");
    const [first, ...others] = pagesOfStep(found);
    if (first !== undefined && ![first, ...others, "/portal/sign-out"].includes(c.req.path)) {
      return c.redirect(first, 303);
    }
    c.set("parent", found);
    c.set("mayStill", async () => {
      const now = await signedInParent(c);
      return now !== null && pagesOfStep(now).join() === pagesOfStep(found).join();
    });
    return await next();
  }),
  { label: "parent" },
);

/** Where a parent has to go before the portal opens, and where else they may; empty if it is open. */
function pagesOfStep(parent: Env["Variables"]["parent"]): string[] {
  if (parent.tfaStep === "enter code") return ["/portal/tfa/code", "/portal/tfa/recovery"];
  if (parent.tfaStep === "use passkey") return ["/portal/tfa/passkey"];
  if (parent.mustChangePassword) return ["/portal/password"];
  return parent.tfaStep === "set up" ? ["/portal/tfa/set-up"] : [];
}

/** Whether an admin is signed in, for pages that are open. */
export async function signedInAdmin(c: Ctx): Promise<Env["Variables"]["admin"] | null> {
  const hash = sessionHash(c, "office");
  if (hash === null) return null;
  const { services, settings } = c.var;
  const busy = c.req.path !== "/task-alerts" || c.req.method !== "GET";
  return await findAdminSession(services.sql, hash, settings, services.clock.now(), busy);
}

/** Whether a parent is signed in. */
export async function signedInParent(c: Ctx): Promise<Env["Variables"]["parent"] | null> {
  const hash = sessionHash(c, "portal");
  if (hash === null) return null;
  const { services, settings } = c.var;
  const { clock } = services;
  const moment = { at: clock.now(), today: clock.today() };
  return await findParentSession(services.sql, hash, settings, moment);
}

export type Side = "office" | "portal";

/** Puts a session's token into its cookie; each side has one of its own, so that neither opens the other. */
export function setSessionCookie(c: Ctx, side: Side, token: string): void {
  setCookie(c, cookieName(c, side), token, {
    path: "/",
    httpOnly: true,
    sameSite: "Lax",
    secure: isSecure(c),
  });
}

/** Puts a remembered device's token into a cookie of that logon alone: parents who share a tablet keep theirs apart. */
export function setDeviceCookie(c: Ctx, logonId: number, token: string, days: number): void {
  setCookie(c, cookieName(c, `device-${logonId}`), token, {
    path: "/",
    httpOnly: true,
    sameSite: "Lax",
    secure: isSecure(c),
    maxAge: days * 24 * 3600,
  });
}

/** SHA-256 of the token by which the browser is known for a logon; null if it has none. */
export function deviceHash(c: Ctx, logonId: number): Uint8Array<ArrayBuffer> | null {
  const token = getCookie(c, cookieName(c, `device-${logonId}`));
  return token === undefined || token === "" ? null : hashToken(token);
}

/** Takes the cookie back. */
export function clearSessionCookie(c: Ctx, side: Side): void {
  setCookie(c, cookieName(c, side), "", {
    path: "/",
    httpOnly: true,
    sameSite: "Lax",
    secure: isSecure(c),
    maxAge: 0,
  });
}

/** SHA-256 of the token that the browser has for a side; null if it has none. */
export function sessionHash(c: Ctx, side: Side): Uint8Array<ArrayBuffer> | null {
  const token = getCookie(c, cookieName(c, side));
  if (token === undefined || token === "") return null;
  const hash = hashToken(token);
  c.set("sessionHash", hash);
  return hash;
}

/** Over https the name's prefix makes browsers refuse the cookie from anyone but this very host (RFC 6265bis, 4.1.3.2). */
function cookieName(c: Ctx, name: string): string {
  return isSecure(c) ? `__Host-${name}` : name;
}

function isSecure(c: Ctx): boolean {
  return originOf(c.var.services.config).startsWith("https:");
}

/** To the sign-in page, and from there back; a piece cannot be replaced by a page, so the browser is told to go there. */
function sendToSignIn(c: Ctx, signIn: string): Response {
  const url = new URL(c.req.url);
  const from = wantsPiece(c) ? ownPath(c.req.header("hx-current-url")) : url.pathname + url.search;
  const isPage = c.req.method === "GET" || wantsPiece(c);
  const query = new URLSearchParams({
    ...(isPage && from !== null && from !== "/" ? { next: from } : {}),
    // Whoever was about to store something is told that it was not.
    ...(c.req.method === "GET" || url.pathname.endsWith("/sign-out") ? {} : { lost: "yes" }),
  });
  const to = query.size === 0 ? signIn : `${signIn}?${query}`;
  if (!wantsPiece(c)) return c.redirect(to, 303);
  return c.body(null, 401, { "HX-Redirect": to });
}

function ownPath(url: string | undefined): string | null {
  if (url === undefined || !URL.canParse(url)) return null;
  const { pathname, search } = new URL(url);
  return pathname + search;
}
