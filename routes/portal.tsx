// The portal's door and what lies behind it: sign in, choose a password, the parent's own learners.

import { addAudit } from "../db/audit.ts";
import { type Transaction, transaction } from "../db/connect.ts";
import { acceptMail, noteFirstUse } from "../db/credential_mails.ts";
import { findPendingMail, type PendingMoment } from "../db/pending_mails.ts";
import { findLanguage } from "../db/languages.ts";
import { listLearnersOf } from "../db/learners.ts";
import { lockOwner } from "../db/owners.ts";
import { PASSWORD_SENTENCES } from "../db/password_rules.ts";
import { storable } from "../db/storable.ts";
import { findTfaStep } from "../db/tfa.ts";
import { addSession, deleteSession, isSession, type TfaStep } from "../db/sessions.ts";
import {
  addSignIn,
  countSignIn,
  findCandidate,
  findPasswordHash,
  type Outcome,
  outcomeOf,
  setChosenPassword,
  withValidPassword,
} from "../db/sign_ins.ts";
import { clearTries, isWaiting, takeTry } from "../db/throttles.ts";
import { householdOf } from "../lib/addresses.ts";
import { hashToken, newToken } from "../lib/keys.ts";
import { preferredLanguages } from "../lib/languages.ts";
import { CHOSEN_COST, findPasswordProblem } from "../lib/passwords.ts";
import { type PortalFrame, PortalPasswordPage, PortalSignInPage } from "../views/portal.tsx";
import { PortalHomePage } from "../views/portal_home.tsx";
import { causeOf, type Ctx, factory, momentOf, page, readForm, themeOf } from "./context.ts";
import { clearSessionCookie, sessionHash, setSessionCookie, signedInParent } from "./guards.ts";
import { knownDevice } from "./remembered_devices.tsx";
import { LOST, portalPath, triesFor } from "./sessions.tsx";

/** The same for whatever did not fit: it tells a guesser nothing. */
const WRONG =
  "The username or the password is not right. Look for a typing error; after five wrong tries in a row there is a wait.";
const EXPIRED = "This temporary password has expired. Ask the school office to send you a new one.";
const CHANGED = "Your password was changed. Sign in with the new one.";
const LONGEST_TYPED = 1000;
/** What was done just before the home page opened. */
const SAID: ReadonlyMap<string, string> = new Map([
  ["password", "Your password was changed."],
  ["tfa", "Two factor authentication is set up."],
]);

export const portalSessions = factory.createApp()
  .get("/", async (c) => {
    if (await signedInParent(c) !== null) return c.redirect("/portal", 303);
    return await portalSignInPage(c, {
      username: "",
      next: c.req.query("next") ?? "",
      ...(c.req.query("lost") === "yes" ? { said: LOST } : {}),
      ...(c.req.query("changed") === "password" ? { said: CHANGED } : {}),
    });
  })
  .post("/", async (c) => {
    const form = await readForm(c);
    const username = form.text("username").trim().slice(0, LONGEST_TYPED);
    const password = form.text("password").slice(0, LONGEST_TYPED);
    const { outcome, temporary, tfaStep } = await tryToSignIn(c, username, password);
    if (outcome !== "success") {
      const problem = outcome === "password expired" ? EXPIRED : WRONG;
      return await portalSignInPage(c, { username, next: form.text("next"), problem });
    }
    const next = form.text("next");
    if (tfaStep === "enter code" || tfaStep === "use passkey") {
      const page = tfaStep === "enter code" ? "code" : "passkey";
      return c.redirect(`/portal/tfa/${page}?next=${encodeURIComponent(next)}`, 303);
    }
    return c.redirect(
      temporary
        ? "/portal/password"
        : tfaStep === "set up"
        ? "/portal/tfa/set-up"
        : portalPath(next),
      303,
    );
  });

export const portal = factory.createApp()
  .get("/", async (c) => {
    const { services, parent } = c.var;
    const language = await findLanguage(services.sql, parent.logonId);
    return await page(
      c,
      <PortalHomePage
        frame={portalFrame(c)}
        parent={parent}
        languages={language === null
          ? preferredLanguages(c.req.header("accept-language"))
          : [language]}
        learners={await listLearnersOf(services.sql, parent.logonId, momentOf(c))}
        said={SAID.get(c.req.query("saved") ?? "")}
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
      const [name] = await triesFor(c, "confirm", `parent ${parent.logonId}`);
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
    const tokenHash = hashToken(token);
    const isDone = await transaction(sql, async (tx) => {
      const { logonId, tfaStep } = parent;
      // Somebody has set another one while this was hashed: theirs stays, and this session has ended with it.
      await lockOwner(tx, { logonId });
      const isMine = await isSession(tx, c.var.sessionHash);
      if (!isMine || await findPasswordHash(tx, logonId) !== hash) return false;
      await setChosenPassword(tx, logonId, newHash, causeOf(c));
      await addAudit(tx, [{
        adminId: null,
        who: `${parent.firstName} ${parent.surname}`,
        what: "choose password",
        subject: "logon",
        subjectId: logonId,
        requestId: c.var.requestId,
      }]);
      const owner = { logonId, mustChangePassword: false, tfaStep };
      await addSession(tx, owner, tokenHash, c.var.visitor, settings, services.clock.now());
      return true;
    });
    if (!isDone) return c.redirect("/portal/sign-in?lost=yes", 303);
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
): Promise<{ outcome: Outcome; temporary: boolean; tfaStep: TfaStep | null }> {
  const { doors } = c.var.services;
  return await doors.run(
    householdOf(c.var.visitor.ip),
    () => compareAndSignIn(c, username, password),
  );
}

async function compareAndSignIn(
  c: Ctx,
  username: string,
  password: string,
): Promise<{ outcome: Outcome; temporary: boolean; tfaStep: TfaStep | null }> {
  const { sql, hasher, clock } = c.var.services;
  const moment = momentOf(c);
  const candidate = await findCandidate(sql, storable(username), moment);
  const { logon } = candidate;
  const [name, address] = await triesFor(c, "portal", candidate.key, logon?.id ?? null);
  // An address that waits costs no work: that is the same for every name.
  const isShut = await isWaiting(sql, address, clock.now());
  const allowed = !isShut && await takeTry(sql, name, clock.now());
  const own = !isShut && await hasher.verify(password, allowed ? logon?.hash ?? null : null);
  // A mail whose fate is not known, or that was accepted just before a crash, must work as well.
  const pending = allowed && logon !== null ? await findPendingMail(sql, logon.id, moment) : null;
  const mailed = !isShut && await hasher.verifyGenerated(password, pending?.hash ?? null) && !own;
  const outcome = mailed
    ? outcomeOf(withValidPassword(candidate), allowed, true)
    : outcomeOf(candidate, allowed, own);
  if (outcome !== "success" || logon === null) {
    // Only what was compared is a guess: a name that waits costs the others at this address nothing.
    if (allowed) await takeTry(sql, address, clock.now());
    await addSignIn(sql, { logonId: logon?.id ?? null, outcome, visitor: c.var.visitor }, moment);
    return { outcome, temporary: false, tfaStep: null };
  }
  const temporary = mailed || logon.temporary;
  const token = newToken();
  const tokenHash = hashToken(token);
  const isKnown = knownDevice(c, logon.id);
  const former = sessionHash(c, "portal");
  const tfaStep = await transaction(sql, async (tx) => {
    // Whoever changes a password ends the sessions: the one that begins here is either among them or not begun.
    await lockOwner(tx, { logonId: logon.id });
    const isStill = mailed && pending
      ? await acceptUsed(tx, logon.id, pending, moment)
      : await findPasswordHash(tx, logon.id) === logon.hash;
    if (!isStill) return "overtaken";
    await clearTries(tx, name);
    if (former !== null) await deleteSession(tx, former);
    if (temporary) await noteFirstUse(tx, logon.id, moment.at);
    // Only now: the mail just accepted may have made it required.
    const asked = await findTfaStep(tx, { logonId: logon.id });
    const step = asked === "enter code" && await isKnown(tx) ? null : asked;
    if (step === null) await countSignIn(tx, logon.id, moment.at);
    const known = step === null ? outcome : "waiting for code";
    await addSignIn(tx, { logonId: logon.id, outcome: known, visitor: c.var.visitor }, moment);
    const owner = { logonId: logon.id, mustChangePassword: temporary, tfaStep: step };
    await addSession(tx, owner, tokenHash, c.var.visitor, c.var.settings, moment.at);
    return step;
  });
  if (tfaStep === "overtaken") {
    const wrong = "wrong password";
    await addSignIn(sql, { logonId: logon.id, outcome: wrong, visitor: c.var.visitor }, moment);
    return { outcome: wrong, temporary: false, tfaStep: null };
  }
  setSessionCookie(c, "portal", token);
  return { outcome, temporary, tfaStep };
}

/**
 * A parent has used the password of a mail that nobody had said was accepted.
 * @returns false if something has overtaken it since it was compared, so that it opens nothing any more
 */
async function acceptUsed(
  tx: Transaction,
  logonId: number,
  mail: { readonly id: number; readonly hash: string },
  moment: PendingMoment,
): Promise<boolean> {
  const words = "The parent signed in with it.";
  if (await acceptMail(tx, mail.id, words, moment.at, moment.passwordDays)) return true;
  // The worker may have learned of it just now: then it is the logon's own.
  return await findPasswordHash(tx, logonId) === mail.hash;
}

export function portalSignInPage(
  c: Ctx,
  shown: { username: string; next: string; problem?: string; said?: string },
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

export function portalFrame(c: Ctx): PortalFrame {
  const { services, settings } = c.var;
  return {
    schoolName: services.config.schoolName,
    theme: themeOf(c),
    officePhone: settings.office_phone,
  };
}
