// Trying a code of the app or a recovery code of a parent or an admin, what opens when it is right, and what is written down.

import { noteAdminSignIn } from "../db/admins.ts";
import { addAudit } from "../db/audit.ts";
import { type Transaction, transaction } from "../db/connect.ts";
import { lockOwner, subjectOf } from "../db/owners.ts";
import { deleteSessionsOf, renewSession } from "../db/sessions.ts";
import { addSignIn, countSignIn } from "../db/sign_ins.ts";
import { confirmSecret, findSecret, sealOwner, spendRecoveryCode } from "../db/tfa.ts";
import { clearTries, takeTry, type Try } from "../db/throttles.ts";
import { hashToken, newToken } from "../lib/keys.ts";
import type { Sealer } from "../lib/seal.ts";
import { findStep, readRecoveryCode, SECRET_BYTES } from "../lib/totp.ts";
import { type Ctx, momentOf } from "./context.ts";
import { setSessionCookie } from "./guards.ts";
import { authorIs, type Person, tellOwner } from "./person.ts";
import { triesFor } from "./sessions.tsx";

/** Characters that are looked at of a code. */
const LONGEST_TYPED = 1000;

/** How a code did; "waiting" while there were too many wrong ones. */
export type Tried = "right" | "wrong code" | "waiting" | "not readable";

/**
 * Tries a code from the app; counted before it is compared.
 * @param use what it is for: spends the code's step in the same transaction; false if it was spent before
 */
export async function tryCode(
  c: Ctx,
  person: Person,
  typed: string,
  use: (step: number) => Promise<boolean>,
): Promise<Tried> {
  const { services } = c.var;
  const { sql, clock, log } = services;
  const { owner } = person;
  const sealed = await findSecret(sql, owner);
  const secret = sealed && await sealerOf(c).open(sealed, sealOwner(owner));
  if (sealed !== null && secret === null) {
    log.error("a secret cannot be opened: is SECRET_KEY the one it was sealed with?", {
      of: sealOwner(owner),
      request: c.var.requestId,
    });
    return "not readable";
  }
  const name = await codeTryOf(c, person);
  if (!await takeTry(sql, name, clock.now())) return "waiting";
  const step = secret && findStep(secret, typed.slice(0, LONGEST_TYPED), clock.now());
  if (step === null || !await use(step)) return "wrong code";
  await clearTries(sql, name);
  return "right";
}

/** Tries a recovery code: right, it is used up and the session is open. */
export async function tryRecoveryCode(c: Ctx, person: Person, typed: string): Promise<Tried> {
  const { services } = c.var;
  const { sql, clock } = services;
  const name = await codeTryOf(c, person);
  if (!await takeTry(sql, name, clock.now())) return "waiting";
  const code = readRecoveryCode(typed.slice(0, LONGEST_TYPED));
  if (code === null) return "wrong code";
  // While the server key is being replaced, a code may be stored under either.
  const hashes = await services.keys.fingerprints("recovery code", codeText(person, code));
  const right = await openAfter(c, person, async (tx, renew) => {
    await lockOwner(tx, person.owner);
    if (!await spendRecoveryCode(tx, person.owner, hashes, clock.now())) return false;
    await noteDeed(c, tx, person, "use a recovery code");
    return await renew();
  });
  if (!right) return "wrong code";
  await clearTries(sql, name);
  return "right";
}

/** Sets up the secret that the page offers with a code of it; every other session ends. */
export async function tryToSetUp(
  c: Ctx,
  person: Person,
  typed: string,
  codes: readonly string[],
): Promise<Tried | "set up already"> {
  const { services } = c.var;
  const { sql, clock } = services;
  const { owner } = person;
  const name = await codeTryOf(c, person);
  if (!await takeTry(sql, name, clock.now())) return "waiting";
  const at = clock.now();
  const secret = await offeredSecret(c);
  const step = findStep(secret, typed.slice(0, LONGEST_TYPED), at);
  if (step === null) return "wrong code";
  const confirmed = { secret: await sealerOf(c).seal(secret, sealOwner(owner)), step, at };
  const hashes = await hashesOf(c, person, codes);
  const done = await openAfter(c, person, async (tx, renew) => {
    await lockOwner(tx, owner);
    if (!await confirmSecret(tx, owner, confirmed, hashes)) return false;
    await noteDeed(c, tx, person, "set up two factor authentication");
    await tellOwner(c, tx, person, "tfa set up");
    await deleteSessionsOf(tx, owner, c.var.sessionHash);
    return await renew();
  });
  await clearTries(sql, name);
  return done ? "right" : "set up already";
}

/** The session has ended meanwhile, by the office say: nothing of what was done is stored. */
class SessionEnded extends Error {
  override readonly name = "SessionEnded";
}

/**
 * Does something after which the portal is open: the session goes on under a new id, and a sign-in that waited for it is
 * now a success, recorded and counted.
 */
export async function openAfter(
  c: Ctx,
  person: Person,
  work: (tx: Transaction, renew: () => Promise<boolean>) => Promise<boolean>,
): Promise<boolean> {
  const { services, sessionHash } = c.var;
  const moment = momentOf(c);
  const token = newToken();
  const tokenHash = hashToken(token);
  const done = await transaction(services.sql, (tx) =>
    work(tx, async () => {
      if (!await renewSession(tx, sessionHash, tokenHash, moment.at)) throw new SessionEnded();
      if (person.tfaStep !== null) await noteSuccess(c, tx, person);
      return true;
    })).catch((error: unknown) => {
      if (error instanceof SessionEnded) return false;
      throw error;
    });
  if (done) setSessionCookie(c, person.side, token);
  return done;
}

/** A sign-in that waited for its second step is a success now, and not before. */
async function noteSuccess(c: Ctx, tx: Transaction, { owner, name }: Person): Promise<void> {
  const moment = momentOf(c);
  if ("logonId" in owner) {
    const { logonId } = owner;
    await countSignIn(tx, logonId, moment.at);
    await addSignIn(tx, { logonId, outcome: "success", visitor: c.var.visitor }, moment);
    return;
  }
  await noteAdminSignIn(tx, owner.adminId, moment.at);
  await addAudit(tx, [{
    ...authorIs(c, { owner, name }),
    ...subjectOf(owner),
    what: "sign in",
    after: { by: "password and code" },
  }]);
}

/** What went wrong after the password: in a parent's history, or in the audit of the office; never a success. */
export async function noteFailure(
  c: Ctx,
  person: Person,
  tried: Exclude<Tried, "right">,
): Promise<void> {
  const { services, visitor } = c.var;
  const { owner } = person;
  if ("logonId" in owner) {
    const outcome = tried === "not readable" ? "code not checked" : tried;
    await addSignIn(services.sql, { logonId: owner.logonId, outcome, visitor }, momentOf(c));
  } else if (tried !== "waiting") {
    const what = tried === "wrong code"
      ? "enter a wrong code"
      : "enter a code that could not be checked";
    await transaction(services.sql, (tx) => noteDeed(c, tx, person, what));
  }
}

/** In the audit: somebody's own deed, without any code. */
export async function noteDeed(
  c: Ctx,
  tx: Transaction,
  person: Person,
  what: string,
): Promise<void> {
  await addAudit(tx, [{ ...authorIs(c, person), ...subjectOf(person.owner), what }]);
}

async function codeTryOf(c: Ctx, { owner }: Person): Promise<Try> {
  const logonId = "logonId" in owner ? owner.logonId : null;
  const [name] = await triesFor(c, "code", sealOwner(owner), logonId);
  return name;
}

/**
 * The secret that the set-up page offers. It belongs to the session and is stored nowhere: left off or opened twice it is
 * the same, another sign-in has another, and only the one that a code has confirmed is kept.
 */
export async function offeredSecret(c: Ctx): Promise<Uint8Array<ArrayBuffer>> {
  const { keys } = c.var.services;
  const bytes = await keys.fingerprint("offered totp secret", c.var.sessionHash.toHex());
  return bytes.slice(0, SECRET_BYTES);
}

function sealerOf(c: Ctx): Sealer {
  return c.var.services.keys.sealer("totp secret");
}

/** What of a recovery code is hashed: the same code of somebody else is another. */
function codeText({ owner }: Person, code: string): string {
  return `${sealOwner(owner)} ${code}`;
}

/** Recovery codes as they are stored. */
export function hashesOf(
  c: Ctx,
  person: Person,
  codes: readonly string[],
): Promise<Uint8Array<ArrayBuffer>[]> {
  const { keys } = c.var.services;
  return Promise.all(
    codes.map((code) => keys.fingerprint("recovery code", codeText(person, code))),
  );
}
