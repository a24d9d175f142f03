// Both doors, opened by a passkey: it counts as two factors, and goes through the same checks as a password.

import type { Hono } from "hono";
import { findAdminByUsername } from "../db/admins.ts";
import { addAudit } from "../db/audit.ts";
import { transaction } from "../db/connect.ts";
import { subjectOf } from "../db/owners.ts";
import { findPasskey, type PasskeySecret, spendChallenge, usePasskey } from "../db/passkeys.ts";
import { addSession, deleteSession } from "../db/sessions.ts";
import {
  addSignIn,
  countSignIn,
  findCandidate,
  type Outcome,
  outcomeOf,
  withValidPassword,
} from "../db/sign_ins.ts";
import { isWaiting, takeTry } from "../db/throttles.ts";
import { hashToken, newToken } from "../lib/keys.ts";
import {
  checkUse,
  newChallenge,
  readAnswer,
  readChallenge,
  requestOptions,
} from "../lib/passkeys.ts";
import { type Ctx, type Env, factory, momentOf, readForm } from "./context.ts";
import { sessionHash, setSessionCookie, type Side } from "./guards.ts";
import { LONGEST_ANSWER, relyingParty } from "./passkeys.tsx";
import { portalSignInPage } from "./portal.tsx";
import { beginSession, officeSignInPage, ownPath, portalPath, triesFor } from "./sessions.tsx";

/** The same for whatever did not fit. */
const REFUSED =
  "This passkey does not open the door here. Try again, or sign in with your username and password.";

/** A passkey that was used: known here, and what it showed. */
type Used = {
  readonly passkey: PasskeySecret;
  /** What the authenticator has counted; null if the use does not hold. */
  readonly counter: number | null;
};

export const portalPasskeySignIns = doorOf("portal", signInParent);
export const officePasskeySignIns = doorOf("office", signInAdmin);

function doorOf(
  side: Side,
  signIn: (c: Ctx, used: Used, next: string) => Promise<string | null>,
): Hono<Env> {
  return factory.createApp()
    .post("/options", async (c) => {
      const { keys, clock } = c.var.services;
      const challenge = await newChallenge(keys, `use ${side}`, clock.now());
      return c.json({ options: await requestOptions(relyingParty(c), challenge) });
    })
    .post("/", async (c) => {
      const { sql, clock } = c.var.services;
      const form = await readForm(c);
      const next = form.text("next");
      const [, address] = await triesFor(c, side, "");
      const used = await isWaiting(sql, address, clock.now())
        ? null
        : await readUse(c, side, form.text("passkey").slice(0, LONGEST_ANSWER));
      const to = used === null ? null : await signIn(c, used, next);
      if (to !== null) return c.redirect(to, 303);
      await takeTry(sql, address, clock.now());
      const shown = { username: "", next, problem: REFUSED };
      return side === "portal"
        ? await portalSignInPage(c, shown)
        : await officeSignInPage(c, shown);
    });
}

/** @returns null if there is no such passkey at this door; a challenge is used up whether the rest fits or not */
async function readUse(c: Ctx, side: Side, text: string): Promise<Used | null> {
  const { sql, keys, clock } = c.var.services;
  const answer = readAnswer(text);
  const passkey = answer && await findPasskey(sql, answer.credentialId);
  if (answer === null || passkey === null) return null;
  if (("adminId" in passkey.owner) !== (side === "office")) return null;
  const at = clock.now();
  const challenge = await readChallenge(keys, `use ${side}`, answer.challenge, at);
  const fresh = challenge !== null && await spendChallenge(sql, challenge, at);
  const right = fresh ? await checkUse(relyingParty(c), answer, passkey) : null;
  return { passkey, counter: right?.counter ?? null };
}

/** @returns where to go, or null if the portal stays shut */
async function signInParent(
  c: Ctx,
  { passkey, counter }: Used,
  next: string,
): Promise<string | null> {
  const { sql } = c.var.services;
  const { owner } = passkey;
  if (!("logonId" in owner)) return null;
  const { logonId } = owner;
  const { visitor, settings } = c.var;
  const moment = momentOf(c);
  const candidate = await findCandidate(sql, passkey.username, moment);
  const allowed: Outcome = outcomeOf(withValidPassword(candidate), true, true);
  if (allowed !== "success" || counter === null) {
    const outcome = counter === null ? "passkey refused" : allowed;
    await addSignIn(sql, { logonId, outcome, visitor }, moment);
    return null;
  }
  const temporary = candidate.logon?.temporary ?? false;
  const token = newToken();
  const tokenHash = hashToken(token);
  const former = sessionHash(c, "portal");
  const opened = await transaction(sql, async (tx) => {
    const counted = await usePasskey(tx, passkey.id, counter, moment.at);
    const outcome = counted ? "success" : "passkey refused";
    await addSignIn(tx, { logonId, outcome, visitor }, moment);
    if (!counted) {
      await noteCopy(c, tx, passkey, counter);
      return false;
    }
    await countSignIn(tx, logonId, moment.at);
    if (former !== null) await deleteSession(tx, former);
    const session = { logonId, mustChangePassword: temporary, tfaStep: null };
    await addSession(tx, session, tokenHash, visitor, settings, moment.at);
    return true;
  });
  if (!opened) return null;
  setSessionCookie(c, "portal", token);
  return temporary ? "/portal/password" : portalPath(next);
}

/** @returns where to go, or null if the office stays shut */
async function signInAdmin(
  c: Ctx,
  { passkey, counter }: Used,
  next: string,
): Promise<string | null> {
  const { sql, clock } = c.var.services;
  const admin = await findAdminByUsername(sql, passkey.username);
  if (admin === null || admin.suspended || counter === null) {
    await transaction(sql, (tx) =>
      addAudit(tx, [{
        adminId: null,
        who: "unknown",
        ...subjectOf(passkey.owner),
        what: "refuse passkey",
        after: { passkey: passkey.name },
        requestId: c.var.requestId,
      }]));
    return null;
  }
  const counted = await transaction(sql, async (tx) => {
    const done = await usePasskey(tx, passkey.id, counter, clock.now());
    if (!done) await noteCopy(c, tx, passkey, counter);
    return done;
  });
  if (!counted) return null;
  await beginSession(c, admin, "passkey");
  return ownPath(next);
}

/** The authenticator has not counted on since the last time: there may be a copy of it. */
async function noteCopy(
  c: Ctx,
  tx: Parameters<typeof addAudit>[0],
  passkey: PasskeySecret,
  counter: number,
): Promise<void> {
  c.var.services.log.warn("a passkey's counter went back: there may be a copy of it", {
    passkey: passkey.id,
    request: c.var.requestId,
  });
  await addAudit(tx, [{
    adminId: null,
    who: "unknown",
    ...subjectOf(passkey.owner),
    what: "refuse copied passkey",
    before: { counter: passkey.counter },
    after: { passkey: passkey.name, counter },
    requestId: c.var.requestId,
  }]);
}
