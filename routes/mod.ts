// The table of contents of the web side: every mount with its guard on the line.

import { Hono, type MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import { compress } from "hono/compress";
import { findSettings } from "../db/settings.ts";
import { normaliseAddress } from "../lib/addresses.ts";
import { whileWorkRests } from "../lib/turns.ts";
import type { Services } from "../services.ts";
import { account } from "./account.tsx";
import { attention } from "./attention.tsx";
import { admins } from "./admins.tsx";
import { audit } from "./audit.tsx";
import { blocks } from "./blocks.tsx";
import { staticFiles } from "./assets.ts";
import { bounces } from "./bounces.tsx";
import { bulkResetDrafts, bulkResets } from "./bulk_resets.tsx";
import { contactDuplicates } from "./contact_duplicates.tsx";
import { contactImports } from "./contact_imports.tsx";
import { contactLearners } from "./contact_learners.tsx";
import { contacts } from "./contacts.tsx";
import { type Env, factory } from "./context.ts";
import { coverage, coverageExports } from "./coverage.tsx";
import { credentialMails } from "./credential_mails.tsx";
import { answerError, Refusal } from "./errors.tsx";
import { excelImports } from "./excel_imports.tsx";
import { feeds } from "./feeds.tsx";
import { contactImportUndos, excelImportUndos } from "./import_undos.tsx";
import { type Guard, office, open, parent, sameOrigin, securityHeaders } from "./guards.ts";
import { healthz, readyz } from "./health.ts";
import { logonAccess } from "./logon_access.tsx";
import { logonHistory } from "./logon_history.tsx";
import { logonDeletions } from "./logon_deletions.tsx";
import { letters } from "./letters.tsx";
import { learners } from "./learners.tsx";
import { logonCredentials } from "./logon_credentials.tsx";
import { logonDrafts } from "./logon_drafts.tsx";
import { logons } from "./logons.tsx";
import { logonMerges } from "./logon_merges.tsx";
import { logonTfa } from "./logon_tfa.tsx";
import { measureRequests } from "./measures.ts";
import { mailPreviews } from "./mail_previews.tsx";
import { parentalResponsibilities } from "./parental_responsibilities.tsx";
import { accountPasskeys, portalPasskeys } from "./passkeys.tsx";
import { officePasskeySignIns, portalPasskeySignIns } from "./passkey_sign_ins.tsx";
import { portal, portalSessions } from "./portal.tsx";
import { whileOpen } from "./portal_closed.tsx";
import { portalLanguage } from "./portal_language.tsx";
import { forgotPassword, forgotUsername, newPassword } from "./portal_recovery.tsx";
import { ownSessions } from "./portal_sessions.tsx";
import { portalSignIns } from "./portal_sign_ins.tsx";
import { accountTfa, portalTfa } from "./own_tfa.tsx";
import { resends } from "./resends.tsx";
import { rememberedDevices } from "./remembered_devices.tsx";
import { sessions, signOut } from "./sessions.tsx";
import { settings } from "./settings.tsx";
import { taskAlerts, tasks } from "./task_alerts.tsx";
import { signInExports, signIns } from "./sign_ins.tsx";
import { usageReports } from "./usage_reports.tsx";

/** A part of the address space, who may enter it, and what answers there. */
export type Mount = {
  readonly path: string;
  readonly guard: Guard;
  readonly routes: Hono<Env>;
  /** Bytes that what is sent may have: a megabyte unless said here. */
  readonly mostBytes?: number;
};

const MEGABYTE = 1024 * 1024;

const look = office("Viewer");
const work = office("Viewer", "Office");
const administer = office("Administrator");
const door = whileOpen(open);
const inside = whileOpen(parent);

/** What is not listed here does not exist. The longest path that fits decides. */
export const mounts: readonly Mount[] = [
  { path: "/healthz", guard: open, routes: healthz },
  { path: "/readyz", guard: open, routes: readyz },
  { path: "/static", guard: open, routes: staticFiles },
  { path: "/sign-in", guard: open, routes: sessions },
  { path: "/sign-in/passkey", guard: open, routes: officePasskeySignIns },
  { path: "/sign-out", guard: look, routes: signOut },
  { path: "/account", guard: look, routes: account },
  { path: "/account/tfa", guard: look, routes: accountTfa },
  { path: "/account/passkeys", guard: look, routes: accountPasskeys },
  { path: "/logons", guard: work, routes: logons },
  { path: "/logons", guard: work, routes: logonAccess },
  { path: "/logons", guard: work, routes: logonHistory },
  { path: "/logons", guard: work, routes: logonDeletions },
  { path: "/logons", guard: work, routes: logonCredentials },
  { path: "/logons", guard: work, routes: logonMerges },
  { path: "/logons", guard: work, routes: logonTfa },
  { path: "/attention", guard: work, routes: attention },
  { path: "/blocks", guard: work, routes: blocks },
  { path: "/bulk-resets", guard: work, routes: bulkResets },
  { path: "/bulk-reset-drafts", guard: work, routes: bulkResetDrafts },
  { path: "/credential-mails", guard: work, routes: credentialMails },
  { path: "/credential-mails", guard: work, routes: bounces },
  { path: "/coverage", guard: look, routes: coverage },
  { path: "/coverage-exports", guard: work, routes: coverageExports },
  { path: "/letters", guard: work, routes: letters },
  { path: "/resends", guard: work, routes: resends },
  { path: "/logon-drafts", guard: work, routes: logonDrafts },
  { path: "/learners", guard: work, routes: learners },
  { path: "/learners", guard: work, routes: contactLearners },
  { path: "/contacts/duplicates", guard: work, routes: contactDuplicates },
  { path: "/contacts", guard: work, routes: contacts },
  { path: "/contact-imports", guard: work, routes: contactImports },
  { path: "/contact-imports", guard: work, routes: contactImportUndos },
  { path: "/excel-imports", guard: work, routes: excelImports, mostBytes: 40 * MEGABYTE },
  { path: "/excel-imports", guard: work, routes: excelImportUndos },
  { path: "/feeds", guard: work, routes: feeds, mostBytes: 40 * MEGABYTE },
  { path: "/parental-responsibilities", guard: work, routes: parentalResponsibilities },
  { path: "/sign-ins", guard: look, routes: signIns },
  { path: "/sign-in-exports", guard: work, routes: signInExports },
  { path: "/usage-reports", guard: work, routes: usageReports },
  { path: "/task-alerts", guard: look, routes: taskAlerts },
  { path: "/tasks", guard: work, routes: tasks },
  { path: "/settings", guard: administer, routes: settings },
  { path: "/admins", guard: administer, routes: admins },
  { path: "/audit", guard: administer, routes: audit },
  { path: "/settings/mails", guard: administer, routes: mailPreviews },
  { path: "/portal/sign-in", guard: door, routes: portalSessions },
  { path: "/portal/sign-in/passkey", guard: door, routes: portalPasskeySignIns },
  { path: "/portal/forgot-password", guard: door, routes: forgotPassword },
  { path: "/portal/forgot-username", guard: door, routes: forgotUsername },
  { path: "/portal/new-password", guard: door, routes: newPassword },
  { path: "/portal", guard: inside, routes: portal },
  { path: "/portal/passkeys", guard: inside, routes: portalPasskeys },
  { path: "/portal/tfa", guard: inside, routes: portalTfa },
  { path: "/portal/language", guard: inside, routes: portalLanguage },
  { path: "/portal/devices", guard: inside, routes: rememberedDevices },
  { path: "/portal/sign-ins", guard: inside, routes: portalSignIns },
  { path: "/portal/sessions", guard: inside, routes: ownSessions },
];

/** The whole web side, on services that are open. @param more mounts that only some commands have, such as the demo's mail */
export function createApp(services: Services, more: readonly Mount[] = []): Hono<Env> {
  const { config } = services;
  const all = [...mounts, ...more];
  const app = new Hono<Env>({ strict: true });
  app.onError(answerError);
  app.notFound((c) => answerError(new Refusal("not found"), c));

  app.use(identify(services));
  app.use(securityHeaders(config));
  app.use(compress({ threshold: 1024 }));
  app.use(sameOrigin(config));
  // Denied by default: a path that no mount covers goes no further, and every other meets its guard first.
  app.use(factory.createMiddleware(async (c, next) => {
    const mount = mountOf(all, c.req.path);
    if (c.req.path === "/") return c.redirect("/logons", 303);
    if (mount === undefined) throw new Refusal("not found");
    if (!["/healthz", "/readyz", "/static"].includes(mount.path)) {
      c.set("settings", await findSettings(services.sql));
    }
    return await mount.guard(c, async () => {
      await limited(mount.mostBytes ?? MEGABYTE)(c, next);
    });
  }));
  for (const mount of all) app.route(mount.path, mount.routes);
  return app;
}

/** Method, path and guard of every route, as `main.ts routes` prints them. */
export function listRoutes(
  more: readonly Mount[] = [],
): { method: string; path: string; guard: string }[] {
  return [...mounts, ...more].flatMap(({ path, guard, routes }) =>
    routes.routes.map((route) => ({
      method: route.method,
      path: route.path === "/" ? path : path + route.path,
      guard: guard.label,
    }))
  );
}

function mountOf(all: readonly Mount[], path: string): Mount | undefined {
  return all.filter((mount) => path === mount.path || path.startsWith(`${mount.path}/`))
    .sort((one, other) => other.path.length - one.path.length)[0];
}

/** Refuses a body of more bytes, whatever its Content-Length says. */
function limited(maxSize: number): MiddlewareHandler<Env> {
  return bodyLimit({
    maxSize,
    onError: () => {
      throw new Refusal("too large");
    },
  });
}

/** Gives the request its number, its services and its visitor. */
function identify(services: Services): MiddlewareHandler<Env> {
  const trusted = new Set(services.config.trustedProxies);
  const measured = measureRequests(services.metrics);
  return factory.createMiddleware(async (c, next) => {
    const id = crypto.randomUUID();
    c.set("requestId", id);
    c.set("services", services);
    c.set("visitor", {
      ip: clientAddress(peerOf(c.env), c.req.header("x-forwarded-for"), trusted),
      userAgent: c.req.header("user-agent")?.toWellFormed() ?? null,
    });
    c.header("x-request-id", id);
    const start = performance.now();
    await whileWorkRests(next);
    measured(c, (performance.now() - start) / 1000);
    services.log.debug("request", {
      request: id,
      method: c.req.method,
      path: c.req.path,
      status: c.res.status,
      ms: Math.round(performance.now() - start),
    });
  });
}

function peerOf(env: unknown): string | null {
  if (env === null || typeof env !== "object" || !("remoteAddr" in env)) return null;
  const address = env.remoteAddr;
  if (address === null || typeof address !== "object" || !("hostname" in address)) return null;
  return typeof address.hostname === "string" ? address.hostname : null;
}

/** The visitor's address: the peer's, or what a trusted proxy says, read from the right up to the first that is not trusted. */
export function clientAddress(
  peer: string | null,
  forwarded: string | undefined,
  trusted: ReadonlySet<string>,
): string | null {
  let address = peer === null ? null : normaliseAddress(peer);
  for (const text of (forwarded ?? "").split(",").reverse()) {
    const hop = normaliseAddress(text);
    if (address === null || !trusted.has(address) || hop === null) break;
    address = hop;
  }
  return address;
}
