// A forgotten password or username: whatever is typed, the same answer; what can be done is done by mail.

import { addAudit } from "../db/audit.ts";
import { type Transaction, transaction } from "../db/connect.ts";
import { lockOwner } from "../db/owners.ts";
import { PASSWORD_SENTENCES } from "../db/password_rules.ts";
import {
  addPasswordLink,
  addUsernameReminder,
  findLinkOwner,
  type LinkOwner,
  listByEmail,
  listRecoverable,
  newLink,
  spendPasswordLink,
} from "../db/portal_recovery.ts";
import { findPasswordHash, setChosenPassword } from "../db/sign_ins.ts";
import { storable } from "../db/storable.ts";
import { clearPasswordWaits, type Door, takeTry, type Try } from "../db/throttles.ts";
import { hashToken } from "../lib/keys.ts";
import { CHOSEN_COST, findPasswordProblem } from "../lib/passwords.ts";
import {
  DeadLinkPage,
  type Forgotten,
  ForgottenPage,
  MailSentPage,
  NewPasswordPage,
} from "../views/portal_recovery.tsx";
import { causeOf, type Ctx, factory, momentOf, page, readForm } from "./context.ts";
import { portalFrame } from "./portal.tsx";
import { triesFor } from "./sessions.tsx";

const LONGEST_TYPED = 1000;
const SO_MANY =
  "Many such emails were asked for from your network. Wait a quarter of an hour, or ask the school office.";

/**
 * An answer takes at least so many milliseconds: what is done for a name that is known takes a few more than for one that is
 * not, and nobody is to see which it was.
 */
const EVEN = 150;

export const forgotPassword = factory.createApp()
  .get("/", async (c) => await forgottenPage(c, "password"))
  .post("/", async (c) => {
    const typed = await readTyped(c);
    if (typed === "") return await forgottenPage(c, "password", "Enter your username.");
    const allowed = await evenly(mailLinks(c, typed));
    if (!allowed) return await forgottenPage(c, "password", SO_MANY);
    return c.redirect("/portal/forgot-password/sent", 303);
  })
  .get("/sent", async (c) => {
    return await page(c, <MailSentPage frame={portalFrame(c)} forgotten="password" />);
  });

export const forgotUsername = factory.createApp()
  .get("/", async (c) => await forgottenPage(c, "username"))
  .post("/", async (c) => {
    const typed = await readTyped(c);
    if (typed === "") return await forgottenPage(c, "username", "Enter your email address.");
    const allowed = await evenly(mailUsernames(c, typed));
    if (!allowed) return await forgottenPage(c, "username", SO_MANY);
    return c.redirect("/portal/forgot-username/sent", 303);
  })
  .get("/sent", async (c) => {
    return await page(c, <MailSentPage frame={portalFrame(c)} forgotten="username" />);
  });

export const newPassword = factory.createApp()
  .get("/", async (c) => {
    const token = c.req.query("link") ?? "";
    const owner = await ownerOf(c, token);
    return owner === null ? await deadLinkPage(c) : await newPasswordPage(c, owner, token);
  })
  .post("/", async (c) => {
    const { sql, hasher, config } = c.var.services;
    const { settings } = c.var;
    const form = await readForm(c);
    const token = form.text("link");
    const chosen = form.text("chosen");
    const owner = await ownerOf(c, token);
    if (owner === null) return await deadLinkPage(c);
    const { logonId } = owner;
    const problem = findPasswordProblem(chosen, {
      shortest: settings.shortest_password,
      words: [owner.firstName, owner.surname, owner.username, config.schoolName],
    });
    if (problem) {
      const sentence = PASSWORD_SENTENCES[problem](settings.shortest_password);
      return await newPasswordPage(c, owner, token, sentence);
    }
    if (await hasher.verify(chosen, await findPasswordHash(sql, logonId))) {
      return await newPasswordPage(c, owner, token, "This is the password you have now: sign in.");
    }
    const hash = await hasher.hash(chosen, CHOSEN_COST);
    const tokenHash = hashToken(token);
    const done = await transaction(sql, async (tx) => {
      await lockOwner(tx, { logonId });
      if (!await spendPasswordLink(tx, tokenHash, momentOf(c))) return false;
      await setChosenPassword(tx, logonId, hash, causeOf(c));
      await clearPasswordWaits(tx, logonId);
      await addAudit(tx, [{
        adminId: null,
        who: `${owner.firstName} ${owner.surname}`,
        what: "choose password by a mailed link",
        subject: "logon",
        subjectId: logonId,
        requestId: c.var.requestId,
      }]);
      return true;
    });
    return done ? c.redirect("/portal/sign-in?changed=password", 303) : await deadLinkPage(c);
  });

/** @returns false if the address has to wait; else nothing tells whether there was anybody to mail to */
async function mailLinks(c: Ctx, typed: string): Promise<boolean> {
  const { sql, keys, clock } = c.var.services;
  const found = await listRecoverable(sql, typed, momentOf(c));
  const whom = found.length > 0 ? found : [null];
  const links = await Promise.all(whom.map(async (logon) => ({
    logon,
    link: await newLink(keys),
    counter: await tryFor(c, "forgot password", logon?.id ?? typed),
  })));
  return await fromThisAddress(c, "forgot password", async (tx) => {
    for (const { logon, link, counter } of links) {
      if (!await takeTry(tx, counter, clock.now()) || logon === null) continue;
      await addPasswordLink(tx, logon, link, causeOf(c));
    }
  });
}

/** Likewise. */
async function mailUsernames(c: Ctx, typed: string): Promise<boolean> {
  const { sql, clock } = c.var.services;
  const found = await listByEmail(sql, typed, momentOf(c));
  const counter = await tryFor(c, "forgot username", found[0]?.id ?? typed);
  return await fromThisAddress(c, "forgot username", async (tx) => {
    if (await takeTry(tx, counter, clock.now())) {
      await addUsernameReminder(tx, found, causeOf(c));
    }
  });
}

async function evenly<T>(work: Promise<T>): Promise<T> {
  const [done] = await Promise.all([work, new Promise((go) => setTimeout(go, EVEN))]);
  return done;
}

async function readTyped(c: Ctx): Promise<string> {
  const form = await readForm(c);
  return storable(form.text("typed")).trim().slice(0, LONGEST_TYPED);
}

/** The counter of a logon, or of what was typed where it belongs to none; never shown as a wait to sign in. */
async function tryFor(c: Ctx, door: Door, whom: number | string): Promise<Try> {
  const { keys } = c.var.services;
  const text = typeof whom === "number" ? `logon ${whom}` : `typed ${whom.toLowerCase()}`;
  return { door, kind: "name", key: await keys.fingerprint(`throttle ${door} name`, text) };
}

/** Does what was asked for in one transaction that counts it for the address. @returns false if the address has to wait */
async function fromThisAddress(
  c: Ctx,
  door: Door,
  work: (tx: Transaction) => Promise<void>,
): Promise<boolean> {
  const { sql, clock } = c.var.services;
  const [, address] = await triesFor(c, door, "");
  return await transaction(sql, async (tx) => {
    if (!await takeTry(tx, address, clock.now())) return false;
    await work(tx);
    return true;
  });
}

async function ownerOf(c: Ctx, token: string): Promise<LinkOwner | null> {
  const hash = hashToken(token.slice(0, LONGEST_TYPED));
  return await findLinkOwner(c.var.services.sql, hash, momentOf(c));
}

function forgottenPage(c: Ctx, forgotten: Forgotten, problem?: string): Promise<Response> {
  const frame = portalFrame(c);
  return page(
    c,
    <ForgottenPage frame={frame} forgotten={forgotten} problem={problem} />,
    problem === undefined ? 200 : 422,
  );
}

function newPasswordPage(
  c: Ctx,
  owner: LinkOwner,
  token: string,
  problem?: string,
): Promise<Response> {
  return page(
    c,
    <NewPasswordPage
      frame={portalFrame(c)}
      token={token}
      username={owner.username}
      shortest={c.var.settings.shortest_password}
      problem={problem}
    />,
    problem === undefined ? 200 : 422,
  );
}

function deadLinkPage(c: Ctx): Promise<Response> {
  return page(c, <DeadLinkPage frame={portalFrame(c)} />, 404);
}
