// Two factor authentication of a parent: the step after the password, setting it up, and recovery codes.

import { addAudit } from "../db/audit.ts";
import { type Transaction, transaction } from "../db/connect.ts";
import {
  confirmSecret,
  findLogonTfa,
  findSecret,
  lockLogon,
  type LogonTfa,
  replaceRecoveryCodes,
  spendRecoveryCode,
  spendStep,
} from "../db/logon_tfa.ts";
import { deleteSessionsOf, renewSession } from "../db/sessions.ts";
import { addSignIn, countSignIn, findPasswordHash } from "../db/sign_ins.ts";
import { clearTries, takeTry } from "../db/throttles.ts";
import { hashToken, newToken } from "../lib/keys.ts";
import type { Sealer } from "../lib/seal.ts";
import {
  appAddress,
  findStep,
  groupedKey,
  newRecoveryCodes,
  readRecoveryCode,
  SECRET_BYTES,
} from "../lib/totp.ts";
import {
  CodePage,
  RecoveryCodesPage,
  recoveryFile,
  RecoveryPage,
  SetUpPage,
  TfaPage,
} from "../views/portal_tfa.tsx";
import { UsePasskeyPage } from "../views/passkeys.tsx";
import { type Ctx, factory, momentOf, page, readForm, timesOf } from "./context.ts";
import { notFound } from "./errors.tsx";
import { setSessionCookie } from "./guards.ts";
import { ownFrame } from "./person.ts";
import { portalFrame } from "./portal.tsx";
import { ownDevices, readRemembering } from "./remembered_devices.tsx";
import { portalPath, triesFor } from "./sessions.tsx";

/** The same for whatever did not fit, also while there is a wait. */
const WRONG_CODE =
  "The code is not right. Enter the one your app shows now; after five wrong tries in a row there is a wait.";
const WRONG_RECOVERY =
  "The recovery code is not right, or was used before. After five wrong tries in a row there is a wait.";
const NOT_READABLE =
  "Your code cannot be checked at the moment. Use a recovery code, or ring the school office.";
const WRONG_PASSWORD = "This is not your password now.";
/** What was done just before the page opened. */
const SAID: ReadonlyMap<string, string> = new Map([
  ["recovery", "You are signed in. The recovery code that you used is used up."],
  ["device", "The device was forgotten: it is asked for a code again."],
]);
const RECOVERY_CODES = 10;
const LONGEST_TYPED = 1000;
/** Milliseconds after which setting up asks for the own password again: a phone left lying about binds nobody else's app. */
const CONFIRMED_FOR = 10 * 60 * 1000;

export const portalTfa = factory.createApp()
  .get("/", async (c) => await tfaPage(c, {}))
  .get("/code", async (c) => {
    if (c.var.parent.tfaStep !== "enter code") return c.redirect("/portal", 303);
    return await codePage(c, c.req.query("next") ?? "");
  })
  .post("/code", async (c) => {
    const { parent } = c.var;
    if (parent.tfaStep !== "enter code") return c.redirect("/portal", 303);
    const form = await readForm(c);
    const remembering = await readRemembering(c, form);
    const tried = await tryCode(c, form.text("code"), (step) =>
      openAfter(c, async (tx, renew) => {
        await lockLogon(tx, parent.logonId);
        if (!await spendStep(tx, parent.logonId, step) || !await renew()) return false;
        await remembering?.store(tx);
        return true;
      }));
    if (tried !== "right") {
      await noteFailure(c, tried);
      return await codePage(c, form.text("next"), sentenceOf(tried));
    }
    remembering?.giveCookie();
    return c.redirect(portalPath(form.text("next")), 303);
  })
  .get("/recovery", async (c) => {
    if (c.var.parent.tfaStep !== "enter code") return c.redirect("/portal", 303);
    return await recoveryPage(c, c.req.query("next") ?? "");
  })
  .post("/recovery", async (c) => {
    const { parent } = c.var;
    if (parent.tfaStep !== "enter code") return c.redirect("/portal", 303);
    const form = await readForm(c);
    const tried = await tryRecoveryCode(c, form.text("recovery_code").slice(0, LONGEST_TYPED));
    if (tried !== "right") {
      await noteFailure(c, tried);
      return await recoveryPage(c, form.text("next"), WRONG_RECOVERY);
    }
    return c.redirect("/portal/tfa?saved=recovery", 303);
  })
  .get("/passkey", async (c) => {
    if (c.var.parent.tfaStep !== "use passkey") return c.redirect("/portal", 303);
    const next = c.req.query("next") ?? "";
    return await page(c, <UsePasskeyPage frame={ownFrame(c, "portal")} next={next} />);
  })
  .get("/set-up", async (c) => {
    if ((await ownTfa(c)).tfa === "set up") return c.redirect("/portal/tfa", 303);
    return await setUpPage(c, {});
  })
  .post("/set-up", async (c) => {
    if ((await ownTfa(c)).tfa === "set up") return c.redirect("/portal/tfa", 303);
    const form = await readForm(c);
    if (asksForPassword(c) && !await isOwnPassword(c, form.text("current"))) {
      return await setUpPage(c, { current: WRONG_PASSWORD });
    }
    const codes = newRecoveryCodes(RECOVERY_CODES);
    const tried = await tryToSetUp(c, form.text("code"), codes);
    if (tried === "set up already") return c.redirect("/portal/tfa", 303);
    if (tried !== "right") {
      if (c.var.parent.tfaStep !== null) await noteFailure(c, tried);
      return await setUpPage(c, { code: WRONG_CODE });
    }
    return await page(c, <RecoveryCodesPage frame={portalFrame(c)} codes={codes} first />);
  })
  .post("/recovery-codes", async (c) => {
    if ((await ownTfa(c)).tfa !== "set up") return c.redirect("/portal/tfa", 303);
    const { logonId } = c.var.parent;
    const codes = newRecoveryCodes(RECOVERY_CODES);
    const hashes = await hashesOf(c, codes);
    const form = await readForm(c);
    const tried = await tryCode(
      c,
      form.text("code"),
      (step) =>
        transaction(c.var.services.sql, async (tx) => {
          await lockLogon(tx, logonId);
          if (!await spendStep(tx, logonId, step)) return false;
          await replaceRecoveryCodes(tx, logonId, hashes);
          await noteDeed(c, tx, "make new recovery codes");
          return true;
        }),
    );
    if (tried !== "right") return await tfaPage(c, { problem: sentenceOf(tried) });
    return await page(c, <RecoveryCodesPage frame={portalFrame(c)} codes={codes} first={false} />);
  })
  .post("/recovery-file", async (c) => {
    const form = await readForm(c);
    const typed = form.texts("recovery_code").slice(0, RECOVERY_CODES);
    const codes = typed.map((code) => readRecoveryCode(code)).filter((code) => code !== null);
    if (codes.length === 0) return c.redirect("/portal/tfa", 303);
    return c.body(recoveryFile(c.var.services.config.schoolName, codes), 200, {
      "content-type": "text/plain; charset=utf-8",
      "content-disposition": 'attachment; filename="parent-portal-recovery-codes.txt"',
    });
  });

/** How a code did; "waiting" while there were too many wrong ones. */
type Tried = "right" | "wrong code" | "waiting" | "not readable";

/**
 * Tries a code from the app; counted before it is compared.
 * @param use what it is for: spends the code's step in the same transaction; false if it was spent before
 */
async function tryCode(
  c: Ctx,
  typed: string,
  use: (step: number) => Promise<boolean>,
): Promise<Tried> {
  const { services, parent } = c.var;
  const { sql, clock, log } = services;
  const sealed = await findSecret(sql, parent.logonId);
  const secret = sealed && await sealerOf(c).open(sealed, String(parent.logonId));
  if (sealed !== null && secret === null) {
    log.error("a secret cannot be opened: is SECRET_KEY the one it was sealed with?", {
      logon: parent.logonId,
      request: c.var.requestId,
    });
    return "not readable";
  }
  const [name] = await triesFor(c, "code", String(parent.logonId), parent.logonId);
  if (!await takeTry(sql, name, clock.now())) return "waiting";
  const step = secret && findStep(secret, typed.slice(0, LONGEST_TYPED), clock.now());
  if (step === null || !await use(step)) return "wrong code";
  await clearTries(sql, name);
  return "right";
}

async function tryRecoveryCode(c: Ctx, typed: string): Promise<Tried> {
  const { services, parent } = c.var;
  const { sql, clock } = services;
  const [name] = await triesFor(c, "code", String(parent.logonId), parent.logonId);
  if (!await takeTry(sql, name, clock.now())) return "waiting";
  const code = readRecoveryCode(typed);
  if (code === null) return "wrong code";
  const hash = await hashOf(c, code);
  const right = await openAfter(c, async (tx, renew) => {
    await lockLogon(tx, parent.logonId);
    if (!await spendRecoveryCode(tx, parent.logonId, hash, clock.now())) return false;
    await noteDeed(c, tx, "use a recovery code");
    return await renew();
  });
  if (!right) return "wrong code";
  await clearTries(sql, name);
  return "right";
}

async function tryToSetUp(
  c: Ctx,
  typed: string,
  codes: readonly string[],
): Promise<Tried | "set up already"> {
  const { services, parent } = c.var;
  const { sql, clock } = services;
  const { logonId } = parent;
  const [name] = await triesFor(c, "code", String(logonId), logonId);
  if (!await takeTry(sql, name, clock.now())) return "waiting";
  const at = clock.now();
  const secret = await offeredSecret(c);
  const step = findStep(secret, typed.slice(0, LONGEST_TYPED), at);
  if (step === null) return "wrong code";
  const confirmed = { secret: await sealerOf(c).seal(secret, String(logonId)), step, at };
  const hashes = await hashesOf(c, codes);
  const done = await openAfter(c, async (tx, renew) => {
    await lockLogon(tx, logonId);
    if (!await confirmSecret(tx, logonId, confirmed, hashes)) return false;
    await noteDeed(c, tx, "set up two factor authentication");
    await deleteSessionsOf(tx, { logonId }, c.var.sessionHash);
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
async function openAfter(
  c: Ctx,
  work: (tx: Transaction, renew: () => Promise<boolean>) => Promise<boolean>,
): Promise<boolean> {
  const { services, parent, visitor, sessionHash } = c.var;
  const moment = momentOf(c);
  const token = newToken();
  const tokenHash = await hashToken(token);
  const done = await transaction(services.sql, (tx) =>
    work(tx, async () => {
      if (!await renewSession(tx, sessionHash, tokenHash, moment.at)) throw new SessionEnded();
      if (parent.tfaStep === null) return true;
      const { logonId } = parent;
      await countSignIn(tx, logonId, moment.at);
      await addSignIn(tx, { logonId, outcome: "success", visitor }, moment);
      return true;
    })).catch((error: unknown) => {
      if (error instanceof SessionEnded) return false;
      throw error;
    });
  if (done) setSessionCookie(c, "portal", token);
  return done;
}

/** What went wrong after the password: in the history, and never a success. */
async function noteFailure(c: Ctx, tried: Tried): Promise<void> {
  const { services, parent, visitor } = c.var;
  const outcome = tried === "waiting" ? "waiting" : "wrong code";
  await addSignIn(services.sql, { logonId: parent.logonId, outcome, visitor }, momentOf(c));
}

/** In the audit: a parent's own deed, without any code. */
async function noteDeed(c: Ctx, tx: Transaction, what: string): Promise<void> {
  const { parent, requestId } = c.var;
  const who = `${parent.firstName} ${parent.surname}`;
  const subjectId = parent.logonId;
  await addAudit(tx, [{ adminId: null, who, requestId, what, subject: "logon", subjectId }]);
}

/**
 * The secret that the set-up page offers. It belongs to the session and is stored nowhere: left off or opened twice it is
 * the same, another sign-in has another, and only the one that a code has confirmed is kept.
 */
async function offeredSecret(c: Ctx): Promise<Uint8Array<ArrayBuffer>> {
  const { keys } = c.var.services;
  const bytes = await keys.fingerprint("offered totp secret", c.var.sessionHash.toHex());
  return bytes.slice(0, SECRET_BYTES);
}

function sealerOf(c: Ctx): Sealer {
  return c.var.services.keys.sealer("totp secret");
}

function hashOf(c: Ctx, code: string): Promise<Uint8Array<ArrayBuffer>> {
  return c.var.services.keys.fingerprint("recovery code", `${c.var.parent.logonId} ${code}`);
}

function hashesOf(c: Ctx, codes: readonly string[]): Promise<Uint8Array<ArrayBuffer>[]> {
  return Promise.all(codes.map((code) => hashOf(c, code)));
}

/** At signing in the password was right just now. */
function asksForPassword(c: Ctx): boolean {
  const { services, parent } = c.var;
  const age = services.clock.now().getTime() - parent.confirmedAt.getTime();
  return parent.tfaStep === null && age > CONFIRMED_FOR;
}

async function isOwnPassword(c: Ctx, typed: string): Promise<boolean> {
  const { services, parent } = c.var;
  const { sql, hasher, clock } = services;
  const [name] = await triesFor(c, "portal", `change ${parent.username}`);
  const allowed = await takeTry(sql, name, clock.now());
  const hash = allowed ? await findPasswordHash(sql, parent.logonId) : null;
  const right = await hasher.verify(typed.slice(0, LONGEST_TYPED), hash);
  if (right) await clearTries(sql, name);
  return right;
}

async function ownTfa(c: Ctx): Promise<LogonTfa> {
  return await findLogonTfa(c.var.services.sql, c.var.parent.logonId) ?? notFound();
}

function sentenceOf(tried: Tried): string {
  return tried === "not readable" ? NOT_READABLE : WRONG_CODE;
}

async function tfaPage(c: Ctx, shown: { problem?: string }): Promise<Response> {
  const { tfa, confirmedAt, codesLeft } = await ownTfa(c);
  return await page(
    c,
    <TfaPage
      frame={portalFrame(c)}
      tfa={tfa}
      confirmedAt={confirmedAt}
      codesLeft={codesLeft}
      times={timesOf(c)}
      said={SAID.get(c.req.query("saved") ?? "")}
      devices={await ownDevices(c)}
      rememberDays={c.var.settings.remember_device_days}
      {...shown}
    />,
    shown.problem === undefined ? 200 : 422,
  );
}

async function setUpPage(
  c: Ctx,
  problems: { code?: string; current?: string },
): Promise<Response> {
  const { services, parent } = c.var;
  const secret = await offeredSecret(c);
  const whose = { issuer: services.config.schoolName, account: parent.username };
  return await page(
    c,
    <SetUpPage
      frame={portalFrame(c)}
      address={appAddress(secret, whose)}
      typedKey={groupedKey(secret)}
      must={parent.tfaStep === "set up"}
      confirm={asksForPassword(c)}
      username={parent.username}
      problems={problems}
    />,
    Object.keys(problems).length > 0 ? 422 : 200,
  );
}

function codePage(c: Ctx, next: string, problem?: string): Promise<Response> {
  return page(
    c,
    <CodePage
      frame={portalFrame(c)}
      next={next}
      rememberDays={c.var.settings.remember_device_days}
      problem={problem}
    />,
    problem === undefined ? 200 : 422,
  );
}

function recoveryPage(c: Ctx, next: string, problem?: string): Promise<Response> {
  return page(
    c,
    <RecoveryPage frame={portalFrame(c)} next={next} problem={problem} />,
    problem === undefined ? 200 : 422,
  );
}
