// The portal's door and what lies behind it: sign in, choose a password, the parent's own learners.

import { transaction } from "../db/connect.ts";
import { acceptMail, findPendingMail, noteFirstUse } from "../db/credential_mails.ts";
import { listLearnersOf } from "../db/learners.ts";
import { PASSWORD_SENTENCES } from "../db/password_rules.ts";
import { addSession, deleteSession } from "../db/sessions.ts";
import {
  addSignIn,
  type Candidate,
  countSignIn,
  findCandidate,
  findPasswordHash,
  type Outcome,
  outcomeOf,
  setChosenPassword,
} from "../db/sign_ins.ts";
import { clearTries, giveBackTry, takeTry } from "../db/throttles.ts";
import { hashToken, newToken } from "../lib/keys.ts";
import { CHOSEN_COST, findPasswordProblem } from "../lib/passwords.ts";
import {
  type PortalFrame,
  PortalHomePage,
  PortalPasswordPage,
  PortalSignInPage,
} from "../views/portal.tsx";
import { type Ctx, factory, momentOf, page, readForm, themeOf } from "./context.ts";
import { clearSessionCookie, setSessionCookie, signedInParent } from "./guards.ts";
import { ownPath, triesFor } from "./sessions.tsx";

/** The same for whatever did not fit: it tells a guesser nothing. */
const WRONG =
  "The username or the password is not right. Look for a typing error; after five wrong tries in a row there is a wait.";
const EXPIRED = "This temporary password has expired. Ask the school office to send you a new one.";
const LONGEST_TYPED = 1000;

export const portalSessions = factory.createApp()
  .get("/", async (c) => {
    if (await signedInParent(c) !== null) return c.redirect("/portal", 303);
    return await signInPage(c, { username: "", next: c.req.query("next") ?? "" });
  })
  .post("/", async (c) => {
    const form = await readForm(c);
    const username = form.text("username").trim().slice(0, LONGEST_TYPED);
    const password = form.text("password").slice(0, LONGEST_TYPED);
    const { outcome, temporary } = await tryToSignIn(c, username, password);
    if (outcome !== "success") {
      const problem = outcome === "password expired" ? EXPIRED : WRONG;
      return await signInPage(c, { username, next: form.text("next"), problem });
    }
    const next = form.text("next");
    return c.redirect(
      temporary
        ? "/portal/password"
        : next.startsWith("/portal")
        ? ownPath(next, "/portal")
        : "/portal",
      303,
    );
  });

export const portal = factory.createApp()
  .get("/", async (c) => {
    const { services, parent } = c.var;
    return await page(
      c,
      <PortalHomePage
        frame={portalFrame(c)}
        parent={parent}
        learners={await listLearnersOf(services.sql, parent.logonId, momentOf(c))}
        saved={c.req.query("saved") === "password"}
      />,
    );
  })
  .get("/password", async (c) => await passwordPage(c, {}))
  .post("/password", async (c) => {
    const { services, settings, parent } = c.var;
    const { sql, hasher } = services;
    const form = await readForm(c);
    const hash = await findPasswordHash(sql, parent.logonId);
    if (!parent.mustChangePassword) {
      const [name] = await triesFor(c, "portal", `change ${parent.username}`);
      const allowed = await takeTry(sql, name, services.clock.now());
      if (
        !await hasher.verify(form.text("current").slice(0, LONGEST_TYPED), allowed ? hash : null)
      ) {
        return await passwordPage(c, { current: "This is not your password now." });
      }
      await clearTries(sql, name);
    }
    const chosen = form.text("chosen");
    const problem = findPasswordProblem(chosen, {
      shortest: settings.shortest_password,
      words: [parent.firstName, parent.surname, parent.username, services.config.schoolName],
    });
    if (problem) {
      return await passwordPage(c, {
        chosen: PASSWORD_SENTENCES[problem](settings.shortest_password),
      });
    }
    if (await hasher.verify(chosen, hash)) {
      return await passwordPage(c, {
        chosen: "This is the password you have now. Choose another.",
      });
    }
    const newHash = await hasher.hash(chosen, CHOSEN_COST);
    const token = newToken();
    const tokenHash = await hashToken(token);
    await transaction(sql, async (tx) => {
      await setChosenPassword(tx, parent.logonId, newHash);
      const owner = { logonId: parent.logonId, mustChangePassword: false };
      await addSession(tx, owner, tokenHash, c.var.visitor, settings, services.clock.now());
    });
    setSessionCookie(c, "portal", token);
    return c.redirect("/portal?saved=password", 303);
  })
  .post("/sign-out", async (c) => {
    await deleteSession(c.var.services.sql, c.var.sessionHash);
    clearSessionCookie(c, "portal");
    c.header("clear-site-data", '"cache", "storage"');
    return c.redirect("/portal/sign-in", 303);
  });

/** One try: counted, compared with the same work whatever the username is, recorded; a success begins a session. */
async function tryToSignIn(
  c: Ctx,
  username: string,
  password: string,
): Promise<{ outcome: Outcome; temporary: boolean }> {
  const { sql, hasher, clock } = c.var.services;
  const moment = momentOf(c);
  const candidate = await findCandidate(sql, username.toWellFormed().replaceAll("\0", ""), moment);
  const { logon } = candidate;
  const [name, address] = await triesFor(c, "portal", candidate.key, logon?.id ?? null);
  const allowed = await takeTry(sql, address, clock.now()) && await takeTry(sql, name, clock.now());
  const own = await hasher.verify(password, allowed ? logon?.hash ?? null : null);
  // A mail whose fate is not known, or that was accepted just before a crash, must work as well.
  const pending = allowed && logon !== null ? await findPendingMail(sql, logon.id) : null;
  const mailed = await hasher.verifyGenerated(password, pending?.hash ?? null) && !own;
  const outcome = mailed
    ? outcomeOf(withMailedPassword(candidate), allowed, true)
    : outcomeOf(candidate, allowed, own);
  if (outcome !== "success" || logon === null) {
    await addSignIn(sql, { logonId: logon?.id ?? null, outcome, visitor: c.var.visitor }, moment);
    return { outcome, temporary: false };
  }
  const temporary = mailed || logon.temporary;
  const token = newToken();
  const tokenHash = await hashToken(token);
  await transaction(sql, async (tx) => {
    await clearTries(tx, name);
    await giveBackTry(tx, address);
    if (mailed && pending) {
      const days = c.var.settings.temporary_password_days;
      await acceptMail(tx, pending.id, "The parent signed in with it.", moment.at, days);
    }
    if (temporary) await noteFirstUse(tx, logon.id, moment.at);
    await countSignIn(tx, logon.id, moment.at);
    await addSignIn(tx, { logonId: logon.id, outcome, visitor: c.var.visitor }, moment);
    const owner = { logonId: logon.id, mustChangePassword: temporary };
    await addSession(tx, owner, tokenHash, c.var.visitor, c.var.settings, moment.at);
  });
  setSessionCookie(c, "portal", token);
  return { outcome, temporary };
}

/** As if the mailed password, which is valid, were the logon's own already. */
function withMailedPassword(candidate: Candidate): Candidate {
  const { logon } = candidate;
  return logon === null ? candidate : {
    ...candidate,
    logon: { ...logon, hash: logon.hash ?? "pending", passwordExpired: false },
  };
}

function signInPage(
  c: Ctx,
  shown: { username: string; next: string; problem?: string },
): Promise<Response> {
  return page(
    c,
    <PortalSignInPage frame={portalFrame(c)} {...shown} />,
    shown.problem === undefined ? 200 : 422,
  );
}

function passwordPage(c: Ctx, problems: { current?: string; chosen?: string }): Promise<Response> {
  const { parent, settings } = c.var;
  return page(
    c,
    <PortalPasswordPage
      frame={portalFrame(c)}
      username={parent.username}
      must={parent.mustChangePassword}
      shortest={settings.shortest_password}
      problems={problems}
    />,
    Object.keys(problems).length > 0 ? 422 : 200,
  );
}

function portalFrame(c: Ctx): PortalFrame {
  const { services, settings } = c.var;
  return {
    schoolName: services.config.schoolName,
    theme: themeOf(c),
    officePhone: settings.office_phone,
  };
}
