// Who may pass where: every route as everybody, every foreign request, every spelling of a path, and the headers of every answer.

import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { factory } from "../../routes/context.ts";
import { open } from "../../routes/guards.ts";
import { addSession } from "../../db/sessions.ts";
import { findSettings } from "../../db/settings.ts";
import { hashToken, newToken } from "../../lib/keys.ts";
import { clientAddress, createApp, listRoutes } from "../../routes/mod.ts";
import { documentOf, type Office, openOffice, ORIGIN, PIECE, Visitor } from "../office.ts";

const ACTORS = ["nobody", "parent", "must change", "Viewer", "Office", "Administrator"] as const;
type Actor = (typeof ACTORS)[number];
type Row = readonly [route: string, ...answers: string[]];

const DOOR = "303 /sign-in";
const PORTAL = "303 /portal/sign-in";
const MUST_CHANGE = "303 /portal/password";
const TFA = "303 /portal/tfa";
const SESSIONS = "303 /portal/sessions";
const ACCESS = "303 /logons/:id/access";
const REVIEW = "303 /excel-imports/:id";
const FEED = "303 /feeds/:id";

/** What each actor gets, in the order of ACTORS, for an empty form; ids are those of a fresh logon or task. */
const TABLE: readonly Row[] = [
  ["GET /healthz", "200", "200", "200", "200", "200", "200"],
  ["GET /readyz", "200", "200", "200", "200", "200", "200"],
  ["GET /static/:file", "404", "404", "404", "404", "404", "404"],
  ["GET /sign-in", "200", "200", "200", "303 /logons", "303 /logons", "303 /logons"],
  ["POST /sign-in", "422", "422", "422", "422", "422", "422"],
  ["POST /sign-in/passkey/options", "200", "200", "200", "200", "200", "200"],
  ["POST /sign-in/passkey", "422", "422", "422", "422", "422", "422"],
  ["POST /sign-out", DOOR, DOOR, DOOR, DOOR, DOOR, DOOR],
  ["GET /account", DOOR, DOOR, DOOR, "200", "200", "200"],
  ["POST /account/password", DOOR, DOOR, DOOR, "422", "422", "422"],
  ["POST /account/theme", DOOR, DOOR, DOOR, "303 /account", "303 /account", "303 /account"],
  ["GET /account/tfa", DOOR, DOOR, DOOR, "200", "200", "200"],
  ["GET /account/tfa/code", DOOR, DOOR, DOOR, "303 /logons", "303 /logons", "303 /logons"],
  ["POST /account/tfa/code", DOOR, DOOR, DOOR, "303 /logons", "303 /logons", "303 /logons"],
  ["GET /account/tfa/recovery", DOOR, DOOR, DOOR, "303 /logons", "303 /logons", "303 /logons"],
  ["POST /account/tfa/recovery", DOOR, DOOR, DOOR, "303 /logons", "303 /logons", "303 /logons"],
  ["GET /account/tfa/passkey", DOOR, DOOR, DOOR, "303 /logons", "303 /logons", "303 /logons"],
  ["GET /account/tfa/set-up", DOOR, DOOR, DOOR, "200", "200", "200"],
  ["POST /account/tfa/set-up", DOOR, DOOR, DOOR, "422", "422", "422"],
  [
    "POST /account/tfa/recovery-codes",
    DOOR,
    DOOR,
    DOOR,
    "303 /account/tfa",
    "303 /account/tfa",
    "303 /account/tfa",
  ],
  [
    "POST /account/tfa/recovery-file",
    DOOR,
    DOOR,
    DOOR,
    "303 /account/tfa",
    "303 /account/tfa",
    "303 /account/tfa",
  ],
  ["POST /account/tfa/removal", DOOR, DOOR, DOOR, "422", "422", "422"],
  ["GET /account/passkeys", DOOR, DOOR, DOOR, "200", "200", "200"],
  ["POST /account/passkeys/options", DOOR, DOOR, DOOR, "422", "422", "422"],
  ["POST /account/passkeys", DOOR, DOOR, DOOR, "422", "422", "422"],
  ["GET /account/passkeys/:id/name", DOOR, DOOR, DOOR, "404", "404", "404"],
  ["POST /account/passkeys/:id/name", DOOR, DOOR, DOOR, "404", "404", "404"],
  ["GET /account/passkeys/:id/removal", DOOR, DOOR, DOOR, "404", "404", "404"],
  ["POST /account/passkeys/:id/removal", DOOR, DOOR, DOOR, "404", "404", "404"],
  ["GET /logons", DOOR, DOOR, DOOR, "200", "200", "200"],
  ["GET /logons/new", DOOR, DOOR, DOOR, "403", "200", "200"],
  ["POST /logons", DOOR, DOOR, DOOR, "403", "422", "422"],
  ["GET /logons/:id/edit", DOOR, DOOR, DOOR, "403", "200", "200"],
  ["POST /logons/:id", DOOR, DOOR, DOOR, "403", "422", "422"],
  ["GET /logons/:id/deletion", DOOR, DOOR, DOOR, "403", "200", "200"],
  ["POST /logons/:id/deletion", DOOR, DOOR, DOOR, "403", "303 /logons", "303 /logons"],
  ["POST /logons/:id/restoration", DOOR, DOOR, DOOR, "403", "303 /logons", "303 /logons"],
  ["GET /logons/:id/merge", DOOR, DOOR, DOOR, "403", "200", "200"],
  ["POST /logons/:id/merge", DOOR, DOOR, DOOR, "403", "422", "422"],
  ["GET /logons/:id/tfa", DOOR, DOOR, DOOR, "403", "200", "200"],
  ["POST /logons/:id/tfa", DOOR, DOOR, DOOR, "403", "409", "409"],
  ["GET /logons/:id/access", DOOR, DOOR, DOOR, "200", "200", "200"],
  ["GET /logons/:id/history", DOOR, DOOR, DOOR, "200", "200", "200"],
  ["POST /logons/:id/unlocking", DOOR, DOOR, DOOR, "403", ACCESS, ACCESS],
  ["POST /logons/:id/network-unlocking", DOOR, DOOR, DOOR, "403", ACCESS, ACCESS],
  ["POST /logons/:id/reinstatement", DOOR, DOOR, DOOR, "403", ACCESS, ACCESS],
  ["POST /logon-drafts", DOOR, DOOR, DOOR, "403", "200", "200"],
  ["GET /usage-reports/new", DOOR, DOOR, DOOR, "403", "200", "200"],
  ["POST /usage-reports", DOOR, DOOR, DOOR, "403", "422", "422"],
  ["POST /usage-reports/preview", DOOR, DOOR, DOOR, "403", "200", "200"],
  ["POST /usage-reports/parents", DOOR, DOOR, DOOR, "403", "200", "200"],
  ["GET /logons/:id/credentials", DOOR, DOOR, DOOR, "403", "422", "422"],
  ["POST /logons/:id/credentials", DOOR, DOOR, DOOR, "403", "422", "422"],
  ["GET /attention", DOOR, DOOR, DOOR, "200", "200", "200"],
  ["POST /attention/changes", DOOR, DOOR, DOOR, "403", "303 /attention", "303 /attention"],
  ["GET /blocks", DOOR, DOOR, DOOR, "200", "200", "200"],
  ["GET /blocks/new", DOOR, DOOR, DOOR, "403", "403", "404"],
  ["POST /blocks", DOOR, DOOR, DOOR, "403", "403", "404"],
  ["GET /blocks/:id", DOOR, DOOR, DOOR, "200", "200", "200"],
  ["POST /blocks/:id/reviews", DOOR, DOOR, DOOR, "403", "403", "303 /blocks"],
  ["GET /blocks/:id/lifting", DOOR, DOOR, DOOR, "403", "403", "200"],
  ["POST /blocks/:id/lifting", DOOR, DOOR, DOOR, "403", "403", "422"],
  ["POST /blocks/:id/links", DOOR, DOOR, DOOR, "403", "200", "200"],
  ["GET /bulk-resets/new", DOOR, DOOR, DOOR, "403", "200", "200"],
  ["POST /bulk-resets", DOOR, DOOR, DOOR, "403", "422", "422"],
  ["GET /bulk-resets/:id", DOOR, DOOR, DOOR, "404", "404", "404"],
  ["POST /bulk-resets/:id/pause", DOOR, DOOR, DOOR, "403", "404", "404"],
  ["POST /bulk-resets/:id/resumption", DOOR, DOOR, DOOR, "403", "404", "404"],
  ["GET /sign-ins", DOOR, DOOR, DOOR, "200", "200", "200"],
  ["GET /sign-in-exports/new", DOOR, DOOR, DOOR, "403", "200", "200"],
  ["POST /sign-in-exports", DOOR, DOOR, DOOR, "403", "303 /tasks", "303 /tasks"],
  [
    "POST /sign-ins/unlocked-address",
    DOOR,
    DOOR,
    DOOR,
    "403",
    "303 /sign-ins",
    "303 /sign-ins",
  ],
  ["GET /coverage", DOOR, DOOR, DOOR, "200", "200", "200"],
  ["GET /coverage/missing", DOOR, DOOR, DOOR, "200", "200", "200"],
  ["GET /coverage-exports/new", DOOR, DOOR, DOOR, "403", "200", "200"],
  ["POST /coverage-exports", DOOR, DOOR, DOOR, "403", "303 /tasks", "303 /tasks"],
  ["GET /credential-mails", DOOR, DOOR, DOOR, "200", "200", "200"],
  ["GET /credential-mails/:id/bounce", DOOR, DOOR, DOOR, "403", "404", "404"],
  ["POST /credential-mails/:id/bounce", DOOR, DOOR, DOOR, "403", "404", "404"],
  ["POST /credential-mails/:id/bounce/withdrawal", DOOR, DOOR, DOOR, "403", "404", "404"],
  ["GET /letters/new", DOOR, DOOR, DOOR, "403", "200", "200"],
  ["POST /letters", DOOR, DOOR, DOOR, "403", "422", "422"],
  ["GET /letters/:id", DOOR, DOOR, DOOR, "404", "404", "404"],
  ["POST /letters/:id/printing", DOOR, DOOR, DOOR, "403", "404", "404"],
  ["POST /letters/:id/confirmation", DOOR, DOOR, DOOR, "403", "404", "404"],
  ["GET /resends/new", DOOR, DOOR, DOOR, "403", "200", "200"],
  ["POST /resends", DOOR, DOOR, DOOR, "403", "422", "422"],
  ["POST /bulk-reset-drafts", DOOR, DOOR, DOOR, "403", "200", "200"],
  ["GET /learners", DOOR, DOOR, DOOR, "200", "200", "200"],
  ["GET /learners/new", DOOR, DOOR, DOOR, "403", "200", "200"],
  ["POST /learners", DOOR, DOOR, DOOR, "403", "422", "422"],
  ["GET /learners/:id", DOOR, DOOR, DOOR, "200", "200", "200"],
  ["GET /learners/:id/edit", DOOR, DOOR, DOOR, "403", "200", "200"],
  ["POST /learners/:id", DOOR, DOOR, DOOR, "403", "422", "422"],
  ["GET /learners/:id/contacts/new", DOOR, DOOR, DOOR, "403", "200", "200"],
  ["POST /learners/:id/contact-drafts", DOOR, DOOR, DOOR, "403", "200", "200"],
  ["POST /learners/:id/contacts", DOOR, DOOR, DOOR, "403", "422", "422"],
  ["GET /learners/:id/contacts/:contact/edit", DOOR, DOOR, DOOR, "403", "404", "404"],
  ["POST /learners/:id/contacts/:contact", DOOR, DOOR, DOOR, "403", "404", "404"],
  ["GET /learners/:id/contacts/:contact/removal", DOOR, DOOR, DOOR, "403", "404", "404"],
  ["POST /learners/:id/contacts/:contact/removal", DOOR, DOOR, DOOR, "403", "404", "404"],
  ["GET /contacts/duplicates", DOOR, DOOR, DOOR, "200", "200", "200"],
  ["GET /contacts/duplicates/:pair", DOOR, DOOR, DOOR, "404", "404", "404"],
  ["POST /contacts/duplicates/:pair/merge", DOOR, DOOR, DOOR, "403", "404", "404"],
  ["POST /contacts/duplicates/:pair/distinction", DOOR, DOOR, DOOR, "403", "404", "404"],
  ["GET /contacts", DOOR, DOOR, DOOR, "200", "200", "200"],
  ["GET /contacts/new", DOOR, DOOR, DOOR, "403", "200", "200"],
  ["POST /contacts", DOOR, DOOR, DOOR, "403", "422", "422"],
  ["GET /contacts/:id", DOOR, DOOR, DOOR, "200", "200", "200"],
  ["GET /contacts/:id/edit", DOOR, DOOR, DOOR, "403", "200", "200"],
  ["POST /contacts/:id", DOOR, DOOR, DOOR, "403", "422", "422"],
  ["GET /contact-imports/new", DOOR, DOOR, DOOR, "403", "200", "200"],
  ["POST /contact-imports/choices", DOOR, DOOR, DOOR, "403", "200", "200"],
  ["POST /contact-imports", DOOR, DOOR, DOOR, "403", "422", "422"],
  ["GET /contact-imports/:id", DOOR, DOOR, DOOR, "404", "404", "404"],
  ["GET /contact-imports/:id/undo", DOOR, DOOR, DOOR, "403", "404", "404"],
  ["POST /contact-imports/:id/undo", DOOR, DOOR, DOOR, "403", "404", "404"],
  ["GET /excel-imports", DOOR, DOOR, DOOR, "200", "200", "200"],
  ["GET /excel-imports/new", DOOR, DOOR, DOOR, "403", "200", "200"],
  ["GET /excel-imports/help", DOOR, DOOR, DOOR, "200", "200", "200"],
  ["GET /excel-imports/template.xlsx", DOOR, DOOR, DOOR, "200", "200", "200"],
  ["POST /excel-imports", DOOR, DOOR, DOOR, "403", "422", "422"],
  ["GET /excel-imports/:id", DOOR, DOOR, DOOR, "200", "200", "200"],
  ["POST /excel-imports/:id/approval", DOOR, DOOR, DOOR, "403", REVIEW, REVIEW],
  ["GET /excel-imports/:id/undo", DOOR, DOOR, DOOR, "403", "200", "200"],
  ["POST /excel-imports/:id/undo", DOOR, DOOR, DOOR, "403", REVIEW, REVIEW],
  ["GET /feeds", DOOR, DOOR, DOOR, "200", "200", "200"],
  ["GET /feeds/new", DOOR, DOOR, DOOR, "403", "200", "200"],
  ["GET /feeds/help", DOOR, DOOR, DOOR, "200", "200", "200"],
  ["GET /feeds/templates/learners.xlsx", DOOR, DOOR, DOOR, "200", "200", "200"],
  ["GET /feeds/templates/contacts.xlsx", DOOR, DOOR, DOOR, "200", "200", "200"],
  ["POST /feeds", DOOR, DOOR, DOOR, "403", "422", "422"],
  ["GET /feeds/:id", DOOR, DOOR, DOOR, "200", "200", "200"],
  ["POST /feeds/:id/approval", DOOR, DOOR, DOOR, "403", FEED, FEED],
  ["POST /feeds/:id/undoing", DOOR, DOOR, DOOR, "403", FEED, FEED],
  ["GET /parental-responsibilities", DOOR, DOOR, DOOR, "200", "200", "200"],
  ["POST /parental-responsibilities", DOOR, DOOR, DOOR, "403", "422", "422"],
  ["GET /task-alerts", DOOR, DOOR, DOOR, "303 /tasks", "303 /tasks", "303 /tasks"],
  ["POST /task-alerts/:id/dismissal", DOOR, DOOR, DOOR, "303 /tasks", "303 /tasks", "303 /tasks"],
  ["POST /task-alerts/dismissals", DOOR, DOOR, DOOR, "303 /tasks", "303 /tasks", "303 /tasks"],
  ["GET /tasks", DOOR, DOOR, DOOR, "200", "200", "200"],
  ["GET /tasks/:id", DOOR, DOOR, DOOR, "200", "200", "200"],
  ["POST /tasks/:id/retry", DOOR, DOOR, DOOR, "403", "303 /tasks/:id", "303 /tasks/:id"],
  ["GET /tasks/:id/file", DOOR, DOOR, DOOR, "403", "404", "404"],
  ["POST /tasks/:id/cancellation", DOOR, DOOR, DOOR, "403", "303 /tasks", "303 /tasks"],
  ["GET /settings", DOOR, DOOR, DOOR, "403", "403", "200"],
  ["GET /settings/mails", DOOR, DOOR, DOOR, "403", "403", "200"],
  ["GET /settings/mails/:template/html", DOOR, DOOR, DOOR, "403", "403", "404"],
  ["POST /settings", DOOR, DOOR, DOOR, "403", "403", "422"],
  ["GET /admins", DOOR, DOOR, DOOR, "403", "403", "200"],
  ["GET /admins/new", DOOR, DOOR, DOOR, "403", "403", "200"],
  ["POST /admins", DOOR, DOOR, DOOR, "403", "403", "422"],
  ["GET /admins/:id", DOOR, DOOR, DOOR, "403", "403", "404"],
  ["POST /admins/:id", DOOR, DOOR, DOOR, "403", "403", "404"],
  ["GET /admins/:id/password", DOOR, DOOR, DOOR, "403", "403", "404"],
  ["POST /admins/:id/password", DOOR, DOOR, DOOR, "403", "403", "404"],
  ["GET /admins/:id/tfa", DOOR, DOOR, DOOR, "403", "403", "404"],
  ["POST /admins/:id/tfa", DOOR, DOOR, DOOR, "403", "403", "404"],
  ["GET /admins/:id/suspension", DOOR, DOOR, DOOR, "403", "403", "404"],
  ["POST /admins/:id/suspension", DOOR, DOOR, DOOR, "403", "403", "404"],
  ["GET /audit", DOOR, DOOR, DOOR, "403", "403", "200"],
  ["GET /portal/sign-in", "200", "303 /portal", "303 /portal", "200", "200", "200"],
  ["POST /portal/sign-in", "422", "422", "422", "422", "422", "422"],
  ["POST /portal/sign-in/passkey/options", "200", "200", "200", "200", "200", "200"],
  ["POST /portal/sign-in/passkey", "422", "422", "422", "422", "422", "422"],
  ["GET /portal/forgot-password", "200", "200", "200", "200", "200", "200"],
  ["POST /portal/forgot-password", "422", "422", "422", "422", "422", "422"],
  ["GET /portal/forgot-password/sent", "200", "200", "200", "200", "200", "200"],
  ["GET /portal/forgot-username", "200", "200", "200", "200", "200", "200"],
  ["POST /portal/forgot-username", "422", "422", "422", "422", "422", "422"],
  ["GET /portal/forgot-username/sent", "200", "200", "200", "200", "200", "200"],
  ["GET /portal/new-password", "404", "404", "404", "404", "404", "404"],
  ["POST /portal/new-password", "404", "404", "404", "404", "404", "404"],
  ["GET /portal", PORTAL, "200", "303 /portal/password", PORTAL, PORTAL, PORTAL],
  ["GET /portal/password", PORTAL, "200", "200", PORTAL, PORTAL, PORTAL],
  ["POST /portal/password", PORTAL, "422", "422", PORTAL, PORTAL, PORTAL],
  ["GET /portal/language", PORTAL, "200", MUST_CHANGE, PORTAL, PORTAL, PORTAL],
  ["POST /portal/language", PORTAL, "422", MUST_CHANGE, PORTAL, PORTAL, PORTAL],
  ["GET /portal/passkeys", PORTAL, "200", MUST_CHANGE, PORTAL, PORTAL, PORTAL],
  ["POST /portal/passkeys/options", PORTAL, "422", MUST_CHANGE, PORTAL, PORTAL, PORTAL],
  ["POST /portal/passkeys", PORTAL, "422", MUST_CHANGE, PORTAL, PORTAL, PORTAL],
  ["GET /portal/passkeys/:id/name", PORTAL, "404", MUST_CHANGE, PORTAL, PORTAL, PORTAL],
  ["POST /portal/passkeys/:id/name", PORTAL, "404", MUST_CHANGE, PORTAL, PORTAL, PORTAL],
  ["GET /portal/passkeys/:id/removal", PORTAL, "404", MUST_CHANGE, PORTAL, PORTAL, PORTAL],
  ["POST /portal/passkeys/:id/removal", PORTAL, "404", MUST_CHANGE, PORTAL, PORTAL, PORTAL],
  ["GET /portal/tfa/passkey", PORTAL, "303 /portal", MUST_CHANGE, PORTAL, PORTAL, PORTAL],
  ["GET /portal/tfa", PORTAL, "200", MUST_CHANGE, PORTAL, PORTAL, PORTAL],
  ["GET /portal/tfa/code", PORTAL, "303 /portal", MUST_CHANGE, PORTAL, PORTAL, PORTAL],
  ["POST /portal/tfa/code", PORTAL, "303 /portal", MUST_CHANGE, PORTAL, PORTAL, PORTAL],
  ["GET /portal/tfa/recovery", PORTAL, "303 /portal", MUST_CHANGE, PORTAL, PORTAL, PORTAL],
  ["POST /portal/tfa/recovery", PORTAL, "303 /portal", MUST_CHANGE, PORTAL, PORTAL, PORTAL],
  ["GET /portal/tfa/set-up", PORTAL, "200", MUST_CHANGE, PORTAL, PORTAL, PORTAL],
  ["POST /portal/tfa/set-up", PORTAL, "422", MUST_CHANGE, PORTAL, PORTAL, PORTAL],
  ["POST /portal/tfa/recovery-codes", PORTAL, TFA, MUST_CHANGE, PORTAL, PORTAL, PORTAL],
  ["POST /portal/tfa/recovery-file", PORTAL, TFA, MUST_CHANGE, PORTAL, PORTAL, PORTAL],
  ["POST /portal/devices/:id/deletion", PORTAL, TFA, MUST_CHANGE, PORTAL, PORTAL, PORTAL],
  ["GET /portal/sign-ins", PORTAL, "200", MUST_CHANGE, PORTAL, PORTAL, PORTAL],
  ["GET /portal/sessions", PORTAL, "200", MUST_CHANGE, PORTAL, PORTAL, PORTAL],
  ["POST /portal/sessions/deletion", PORTAL, SESSIONS, MUST_CHANGE, PORTAL, PORTAL, PORTAL],
  ["POST /portal/sessions/:id/deletion", PORTAL, SESSIONS, MUST_CHANGE, PORTAL, PORTAL, PORTAL],
  ["POST /portal/sign-out", PORTAL, PORTAL, PORTAL, PORTAL, PORTAL, PORTAL],
];

const POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; " +
  "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

const CONTENT_TYPES = [
  "application/x-www-form-urlencoded",
  "multipart/form-data; boundary=x",
  "text/plain",
  "application/json",
  "application/octet-stream",
  "text/xml",
];

/** Nobody's password is right here, and no time goes into finding that out. */
const refusing = {
  hash: (): Promise<string> => Promise.reject(new Error("nothing is hashed here")),
  verify: (): Promise<boolean> => Promise.resolve(false),
  verifyGenerated: (): Promise<boolean> => Promise.resolve(false),
};

describe("the guards", () => {
  let office: Office;
  before(async () => {
    const opened = await openOffice();
    const services = { ...opened.services, hasher: refusing };
    office = { ...opened, services, app: createApp(services) };
  });
  after(() => office.close());

  async function visitorAs(actor: Actor): Promise<Visitor> {
    const { sql } = office.services;
    const visitor = new Visitor(office);
    if (actor === "nobody") return visitor;
    const isParent = actor === "parent" || actor === "must change";
    const [owner] = isParent
      ? await sql<{ id: number }[]>`select id from logons where username = 'ama.boateng'`
      : await sql<{ id: number }[]>`select id from admins where role = ${actor}`;
    assert.ok(owner);
    const token = newToken();
    await addSession(
      sql,
      isParent
        ? { logonId: owner.id, mustChangePassword: actor === "must change" }
        : { adminId: owner.id },
      hashToken(token),
      { ip: null, userAgent: null },
      await findSettings(sql),
      office.clock.now(),
    );
    visitor.cookies.set(isParent ? "portal" : "office", token);
    return visitor;
  }

  async function withId(path: string): Promise<string> {
    if (!path.includes(":id")) return path.replace(":file", "nothing.css");
    const { sql } = office.services;
    const [row] = path.startsWith("/logons")
      ? await sql<{ id: number }[]>`
          insert into logons (first_name, surname, username)
          values ('Once', 'Only', ${crypto.randomUUID()}) returning id`
      : path.startsWith("/learners")
      ? await sql<{ id: number }[]>`
          insert into learners (first_name, surname, admission_number, status)
          values ('Once', 'Only', ${crypto.randomUUID()}, 'Current') returning id`
      : path.startsWith("/contacts")
      ? await sql<{ id: number }[]>`
          insert into contacts (first_name, surname) values ('Once', 'Only') returning id`
      : path.startsWith("/blocks")
      ? await sql<{ id: number }[]>`
          with new as (
            insert into logons (first_name, surname, username)
            values ('Once', 'Only', ${crypto.randomUUID()}) returning id
          )
          insert into blocks (logon_id, learner_id, first_name, surname, reason)
          select new.id, (select min(id) from learners), 'Once', 'Only', 'court order' from new returning id`
      : await sql<{ id: number }[]>`
          insert into tasks (kind, title)
          values (${path.startsWith("/feeds") ? "feed" : "excel import"}, 'Once') returning id`;
    return path.replace(":id", String(row?.id));
  }

  function told(response: Response): string {
    const location = response.headers.get("location");
    return location === null
      ? String(response.status)
      : `${response.status} ${location.split("?")[0]?.replace(/\d+/, ":id")}`;
  }

  it("has a row in the table above for every route, and no row without one", () => {
    const routes = listRoutes().map(({ method, path }) => `${method} ${path}`).sort();
    assert.deepEqual(TABLE.map(([route]) => route).sort(), routes);
  });

  it("gives everybody what the table says", async () => {
    const wrong: string[] = [];
    for (const [route, ...answers] of TABLE) {
      const [method = "", path = ""] = route.split(" ");
      for (const [at, actor] of ACTORS.entries()) {
        const visitor = await visitorAs(actor);
        const response = await visitor.ask(await withId(path), {
          method,
          headers: method === "POST"
            ? { origin: ORIGIN, "content-type": "application/x-www-form-urlencoded" }
            : {},
        });
        await response.body?.cancel();
        if (told(response) !== answers[at]) {
          wrong.push(`${route} as ${actor}: ${told(response)}, not ${answers[at]}`);
        }
      }
    }
    assert.deepEqual(wrong, []);
  });

  it("sends a piece to the sign-in page as a whole, never as a fragment", async () => {
    for (const [route, nobody] of TABLE) {
      const [method = "", path = ""] = route.split(" ");
      if (nobody !== DOOR && nobody !== PORTAL) continue;
      const response = await new Visitor(office).ask(await withId(path), {
        method,
        headers: { ...PIECE, origin: ORIGIN, "hx-current-url": `${ORIGIN}/logons?q=ann` },
      });
      assert.equal(response.status, 401, route);
      const door = nobody?.split(" ")[1];
      const to = response.headers.get("hx-redirect");
      // Who was about to store something is told that it was not.
      const lost = method === "POST" && !path.endsWith("/sign-out") ? "&lost=yes" : "";
      assert.equal(to, `${door}?next=${encodeURIComponent("/logons?q=ann")}${lost}`, route);
      assert.equal(await response.text(), "", route);
    }
  });

  it("refuses whatever could change something from anywhere else, whatever its content type", async () => {
    const admin = await visitorAs("Administrator");
    const parent = await visitorAs("parent");
    const foreign: Record<string, string>[] = [
      {},
      { origin: "null" },
      { origin: "https://evil.example" },
      { origin: `${ORIGIN}.evil.example` },
      { origin: ORIGIN.replace("http:", "https:") },
      { origin: ORIGIN, "sec-fetch-site": "cross-site" },
      { origin: ORIGIN, "sec-fetch-site": "same-site" },
      { "sec-fetch-site": "none" },
    ];
    const paths = new Set(
      TABLE.map(([route]) => route.split(" ")[1] ?? "").map((path) =>
        path.replace(":id", "1").replace(":file", "app.css")
      ),
    );
    for (const path of paths) {
      const visitor = path.startsWith("/portal") ? parent : admin;
      for (const headers of foreign) {
        for (const type of CONTENT_TYPES) {
          const response = await visitor.ask(path, {
            method: "POST",
            body: "username=office",
            headers: { ...headers, "content-type": type },
          });
          await response.body?.cancel();
          assert.equal(response.status, 403, `${path} ${JSON.stringify(headers)} ${type}`);
        }
      }
    }
  });

  it("refuses a foreign request of every other method too, and a method in disguise", async () => {
    const admin = await visitorAs("Administrator");
    for (const method of ["PUT", "PATCH", "DELETE", "OPTIONS"]) {
      for (const path of ["/logons", "/settings", "/portal", "/"]) {
        const response = await admin.ask(path, {
          method,
          headers: { origin: "https://evil.example" },
        });
        await response.body?.cancel();
        assert.equal(response.status, 403, `${method} ${path}`);
      }
    }
    const before = await office.services.sql`select count(*) from logons`;
    const response = await admin.get("/logons?_method=DELETE", {
      "x-http-method-override": "DELETE",
    });
    assert.equal(response.status, 200);
    assert.deepEqual(await office.services.sql`select count(*) from logons`, before);
    await response.body?.cancel();
  });

  it("changes nothing by a foreign request that it refuses", async () => {
    const admin = await visitorAs("Administrator");
    const response = await admin.post("/account/theme", { theme: "dark" }, {
      origin: "https://evil.example",
    });
    assert.equal(response.status, 403);
    assert.equal(response.headers.get("set-cookie"), null);
    const page = await documentOf(response);
    assert.match(page.querySelector("main")?.textContent ?? "", /nothing was changed/);
  });

  it("shows nothing behind the guard under another spelling of the path", async () => {
    const spellings = [
      "//logons",
      "/Logons",
      "/LOGONS",
      "/logons%2F1",
      "/logons%2f1%2fedit",
      "/%6cogons",
      "/./logons",
      "/x/../logons",
      "/logons/",
      "/logons//",
      "/logons;a=b",
      "/logons%00",
      "/logons/1/edit/",
      "//portal",
      "/portal/",
      "/Portal",
      "/sign-in/../logons",
      "/sign-in/x/../../logons",
      "/static/../logons",
      "/static/..%2flogons",
      "/static//logons",
      "/healthz/../logons",
      "/healthz/logons",
      "/portal/sign-in/../password",
      "/portal/sign-in/password",
    ];
    for (const path of spellings) {
      for (const method of ["GET", "HEAD", "POST", "OPTIONS"]) {
        const response = await new Visitor(office).ask(path, {
          method,
          headers: { origin: ORIGIN },
        });
        const text = await response.text();
        assert.ok([303, 404].includes(response.status), `${method} ${path}: ${response.status}`);
        assert.doesNotMatch(text, /Boateng|id="logons"|Your child/, `${method} ${path}`);
      }
    }
  });

  it("gives HEAD and OPTIONS no content", async () => {
    for (const [route, nobody] of TABLE) {
      const [, path = ""] = route.split(" ");
      const head = await new Visitor(office).ask(await withId(path), {
        method: "HEAD",
        headers: {},
      });
      assert.equal(await head.text(), "", `HEAD ${path}`);
      const options = await new Visitor(office).ask(await withId(path), {
        method: "OPTIONS",
        headers: { origin: ORIGIN },
      });
      const text = await options.text();
      assert.notEqual(options.status, 200, `OPTIONS ${path} (${nobody})`);
      assert.doesNotMatch(text, /Boateng/, `OPTIONS ${path}`);
    }
  });

  it("lets neither side's cookie open the other", async () => {
    const admin = await visitorAs("Administrator");
    const parent = await visitorAs("parent");
    const office_ = admin.cookies.get("office") ?? "";
    const portal = parent.cookies.get("portal") ?? "";
    const crossed = new Visitor(office);
    crossed.cookies.set("office", portal).set("portal", office_);
    assert.equal(told(await crossed.get("/logons")), DOOR);
    assert.equal(told(await crossed.get("/portal")), PORTAL);
  });

  it("takes a cookie that is empty, huge or nonsense for none", async () => {
    for (const token of ["x", "a".repeat(3000), "%00", "%F0%28%8C%28", "' or 1=1 --", '"quoted"']) {
      const visitor = new Visitor(office);
      visitor.cookies.set("office", token).set("portal", token);
      assert.equal(told(await visitor.get("/logons")), DOOR, token);
      assert.equal(told(await visitor.get("/portal")), PORTAL, token);
    }
  });

  it("puts the same security headers on every kind of answer", async () => {
    const admin = await visitorAs("Administrator");
    const nobody = new Visitor(office);
    const page = await admin.get("/logons");
    const style = (await documentOf(page)).querySelector("link[rel=stylesheet]");
    const answers: Record<string, Response> = {
      page,
      piece: await admin.piece("/logons"),
      redirect: await nobody.get("/"),
      "sent to sign in": await nobody.get("/logons"),
      "piece sent to sign in": await nobody.piece("/logons"),
      "not found": await admin.get("/nothing"),
      "not found in a mount": await admin.get("/logons/nothing/at/all"),
      "not allowed": await (await visitorAs("Viewer")).get("/settings"),
      refused: await admin.post("/logons"),
      foreign: await admin.post("/logons", {}, { origin: "https://evil.example" }),
      "too large": await admin.post("/logons", { surname: "x".repeat(1_100_000) }),
      static: await nobody.get(style?.getAttribute("href") ?? ""),
      "no such file": await nobody.get("/static/x.css"),
      health: await nobody.get("/healthz"),
      nothing: await admin.piece("/task-alerts?seen=x"),
    };
    assert.equal(answers["too large"]?.status, 413);
    assert.equal(answers["static"]?.status, 200);
    for (const [kind, { headers }] of Object.entries(answers)) {
      assert.equal(headers.get("content-security-policy"), POLICY, kind);
      assert.equal(headers.get("x-content-type-options"), "nosniff", kind);
      assert.equal(headers.get("x-frame-options"), "DENY", kind);
      assert.equal(headers.get("referrer-policy"), "same-origin", kind);
      assert.equal(headers.get("cross-origin-opener-policy"), "same-origin", kind);
      assert.equal(headers.get("cross-origin-resource-policy"), "same-origin", kind);
      assert.match(headers.get("permissions-policy") ?? "", /camera=\(\)/, kind);
      assert.match(headers.get("x-request-id") ?? "", /^[0-9a-f-]{36}$/, kind);
      assert.equal(headers.get("strict-transport-security"), null, kind);
      assert.equal(
        headers.get("cache-control"),
        kind === "static" ? "public, max-age=31536000, immutable" : "no-store",
        kind,
      );
    }
    for (const response of Object.values(answers)) {
      if (!response.bodyUsed) await response.body?.cancel();
    }
  });

  it("has the headers on an answer to a bug as well", async () => {
    const broken = factory.createApp().get("/", () => {
      throw new TypeError("boom");
    });
    const app = createApp(office.services, [{ path: "/broken", guard: open, routes: broken }]);
    const response = await app.request(`${ORIGIN}/broken`);
    assert.equal(response.status, 500);
    assert.equal(response.headers.get("content-security-policy"), POLICY);
    assert.equal(response.headers.get("cache-control"), "no-store");
    await response.body?.cancel();
  });

  it("goes through the guard for mounts that only some commands have", async () => {
    const closed = factory.createApp().get("/", (c) => c.text("secret"));
    const { guard } = listGuarded();
    const app = createApp(office.services, [{ path: "/more", guard, routes: closed }]);
    const response = await app.request(`${ORIGIN}/more`);
    assert.equal(response.status, 303);
  });

  function listGuarded(): { guard: typeof open } {
    const guard = Object.assign(
      factory.createMiddleware((c) => Promise.resolve(c.redirect("/sign-in", 303))),
      { label: "closed" },
    );
    return { guard };
  }
});

describe("the address of a visitor", () => {
  const proxies = new Set(["10.0.0.1", "10.0.0.2", "2001:db8::1"]);
  const cases: readonly (readonly [string, string | null, string | undefined, string | null])[] = [
    ["is the peer's", "192.0.2.7", undefined, "192.0.2.7"],
    ["is the peer's, whatever a stranger claims", "192.0.2.7", "1.2.3.4", "192.0.2.7"],
    ["is what a trusted proxy says", "10.0.0.1", "192.0.2.7", "192.0.2.7"],
    [
      "is the last that a chain of trusted proxies says",
      "10.0.0.1",
      "1.2.3.4, 192.0.2.7, 10.0.0.2",
      "192.0.2.7",
    ],
    ["is not what stands before an untrusted hop", "10.0.0.1", "9.9.9.9, 8.8.8.8", "8.8.8.8"],
    ["survives ten hops", "10.0.0.1", `1.1.1.1${", 10.0.0.2".repeat(10)}`, "1.1.1.1"],
    ["is the proxy's where it says nonsense", "10.0.0.1", "unknown", "10.0.0.1"],
    ["is the proxy's where it says nothing", "10.0.0.1", " , ,", "10.0.0.1"],
    ["may be of IPv6", "2001:db8::1", "2001:db8:5::9", "2001:db8:5::9"],
    ["is unknown where the peer is", null, "1.2.3.4", null],
    ["knows a trusted proxy in its IPv6 form", "::ffff:10.0.0.1", "192.0.2.7", "192.0.2.7"],
  ];
  for (const [name, peer, forwarded, expected] of cases) {
    it(name, () => assert.equal(clientAddress(peer, forwarded, proxies), expected));
  }

  it("never has a zone, which the database cannot store", () => {
    const address = clientAddress("10.0.0.1", "fe80::1%eth0", proxies);
    assert.doesNotMatch(address ?? "", /%/);
  });
});

describe("a school behind https", () => {
  const SECURE = "https://portal.example.sch.uk";
  let office: Office;
  before(async () => {
    office = await openOffice({ BASE_URL: SECURE, TRUSTED_PROXIES: "192.0.2.1" });
  });
  after(() => office.close());

  it("has cookies that no other host can set, no script can read and no other site sends", async () => {
    const visitor = new Visitor(office);
    const office_ = await visitor.post("/sign-in", {
      username: "office",
      password: "demo-office-2026",
    }, { origin: SECURE });
    const portal = await visitor.post("/portal/sign-in", {
      username: "ama.boateng",
      password: "demo-parent-2026",
    }, { origin: SECURE });
    for (
      const [response, name] of [[office_, "__Host-office"], [portal, "__Host-portal"]] as const
    ) {
      const [cookie = ""] = response.headers.getSetCookie();
      assert.equal(cookie.split("=")[0], name);
      assert.match(cookie, /; Secure/);
      assert.match(cookie, /; HttpOnly/);
      assert.match(cookie, /; SameSite=Lax/);
      assert.match(cookie, /; Path=\//);
      assert.doesNotMatch(cookie, /Domain/i);
      assert.match(response.headers.get("strict-transport-security") ?? "", /max-age=31536000/);
    }
    assert.equal((await visitor.get("/logons")).status, 200);
    const [row] = await office.services.sql`select count(*)::int as count from sessions`;
    assert.equal(row?.["count"], 2);
  });

  it("does not take a cookie without the prefix", async () => {
    const visitor = new Visitor(office);
    const response = await visitor.post("/sign-in", {
      username: "office",
      password: "demo-office-2026",
    }, { origin: SECURE });
    assert.equal(response.status, 303);
    const bare = new Visitor(office);
    bare.cookies.set("office", visitor.cookies.get("__Host-office") ?? "");
    assert.equal((await bare.get("/logons")).status, 303);
  });

  it("writes down the address that its proxy names", async () => {
    const visitor = new Visitor(office);
    await visitor.post("/portal/sign-in", { username: "nobody", password: "x" }, {
      origin: SECURE,
      "x-forwarded-for": "203.0.113.9",
    });
    const [row] = await office.services.sql`
      select host(ip) as ip from sign_ins order by id desc limit 1`;
    assert.equal(row?.["ip"], "203.0.113.9");
  });
});
