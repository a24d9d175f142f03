// One's own two factor authentication, of a parent and of an admin: the step after the password, setting it up, recovery codes.

import type { Hono } from "hono";
import { noteAdminSignIn } from "../db/admins.ts";
import { addAudit } from "../db/audit.ts";
import { type Transaction, transaction } from "../db/connect.ts";
import { lockOwner, subjectOf } from "../db/owners.ts";
import { deleteSessionsOf, renewSession } from "../db/sessions.ts";
import { addSignIn, countSignIn } from "../db/sign_ins.ts";
import {
  confirmSecret,
  deleteTfa,
  findSecret,
  findTfa,
  type OwnTfa,
  replaceRecoveryCodes,
  sealOwner,
  spendRecoveryCode,
  spendStep,
} from "../db/tfa.ts";
import { clearTries, takeTry, type Try } from "../db/throttles.ts";
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
import { OWN } from "../views/own.tsx";
import {
  CodePage,
  RecoveryCodesPage,
  recoveryFile,
  RecoveryPage,
  SetUpPage,
  TfaPage,
} from "../views/own_tfa.tsx";
import { UsePasskeyPage } from "../views/passkeys.tsx";
import { isOwnPassword, needsConfirming } from "./confirmation.ts";
import { type Ctx, type Env, factory, momentOf, page, readForm, timesOf } from "./context.ts";
import { setSessionCookie, type Side } from "./guards.ts";
import { authorIs, ownFrame, type Person, personOf } from "./person.ts";
import { ownDevices, readRemembering } from "./remembered_devices.tsx";
import { ownPath, portalPath, triesFor } from "./sessions.tsx";

/** The same for whatever did not fit, also while there is a wait. */
const WRONG_CODE =
  "The code is not right. Enter the one your app shows now; after five wrong tries in a row there is a wait.";
const WRONG_RECOVERY =
  "The recovery code is not right, or was used before. After five wrong tries in a row there is a wait.";
const NOT_READABLE = {
  portal:
    "Your code cannot be checked at the moment. Use a recovery code, or ring the school office.",
  office: "Your code cannot be checked at the moment. Use a recovery code, or ask the operator.",
} as const;
const WRONG_PASSWORD = "This is not your password now.";
const RECOVERY_CODES = 10;
const LONGEST_TYPED = 1000;
const REQUIRED = "The school requires it of every admin, so it stays on.";
const FILES = { portal: "parent-portal", office: "parent-logons" } as const;

export const portalTfa = tfaOf("portal");
/** An admin may also switch it off, unless the school requires it. */
export const accountTfa = tfaOf("office")
  .post("/removal", async (c) => {
    const person = personOf(c, "office");
    const form = await readForm(c);
    if (c.var.settings.admin_tfa === "required") return await tfaPage(c, person, { off: REQUIRED });
    if (!await isOwnPassword(c, form.text("own_password"), person)) {
      return await tfaPage(c, person, { off: WRONG_PASSWORD });
    }
    await transaction(c.var.services.sql, async (tx) => {
      await lockOwner(tx, person.owner);
      if (await deleteTfa(tx, person.owner)) {
        await noteDeed(c, tx, person, "switch off two factor authentication");
      }
    });
    return c.redirect("/account/tfa?saved=off", 303);
  });

function tfaOf(side: Side): Hono<Env> {
  const { home, own } = OWN[side];
  const base = `${own}/tfa`;
  const isSetUp = async (c: Ctx): Promise<boolean> =>
    (await ownTfa(c, personOf(c, side))).tfa === "set up";
  return factory.createApp()
    .get("/", async (c) => await tfaPage(c, personOf(c, side), {}))
    .get("/code", async (c) => {
      const person = personOf(c, side);
      if (person.tfaStep !== "enter code") return c.redirect(home, 303);
      return await codePage(c, person, c.req.query("next") ?? "");
    })
    .post("/code", async (c) => {
      const person = personOf(c, side);
      if (person.tfaStep !== "enter code") return c.redirect(home, 303);
      const form = await readForm(c);
      // A computer of the office is never remembered: it is shared.
      const remembering = side === "portal" ? await readRemembering(c, form) : null;
      const tried = await tryCode(
        c,
        person,
        form.text("code"),
        (step) =>
          openAfter(c, person, async (tx, renew) => {
            await lockOwner(tx, person.owner);
            if (!await spendStep(tx, person.owner, step) || !await renew()) return false;
            await remembering?.store(tx);
            return true;
          }),
      );
      if (tried !== "right") {
        await noteFailure(c, person, tried);
        return await codePage(c, person, form.text("next"), sentenceOf(tried, side));
      }
      remembering?.giveCookie();
      const next = form.text("next");
      return c.redirect(side === "portal" ? portalPath(next) : ownPath(next), 303);
    })
    .get("/recovery", async (c) => {
      const person = personOf(c, side);
      if (person.tfaStep !== "enter code") return c.redirect(home, 303);
      return await recoveryPage(c, person, c.req.query("next") ?? "");
    })
    .post("/recovery", async (c) => {
      const person = personOf(c, side);
      if (person.tfaStep !== "enter code") return c.redirect(home, 303);
      const form = await readForm(c);
      const typed = form.text("recovery_code").slice(0, LONGEST_TYPED);
      const tried = await tryRecoveryCode(c, person, typed);
      if (tried !== "right") {
        await noteFailure(c, person, tried);
        return await recoveryPage(c, person, form.text("next"), WRONG_RECOVERY);
      }
      return c.redirect(`${base}?saved=recovery`, 303);
    })
    .get("/passkey", async (c) => {
      const person = personOf(c, side);
      if (person.tfaStep !== "use passkey") return c.redirect(home, 303);
      const next = c.req.query("next") ?? "";
      return await page(c, <UsePasskeyPage frame={ownFrame(c, side)} next={next} />);
    })
    .get("/set-up", async (c) => {
      if (await isSetUp(c)) return c.redirect(base, 303);
      return await setUpPage(c, personOf(c, side), {});
    })
    .post("/set-up", async (c) => {
      if (await isSetUp(c)) return c.redirect(base, 303);
      const person = personOf(c, side);
      const form = await readForm(c);
      if (asksForPassword(c, person) && !await isOwnPassword(c, form.text("current"), person)) {
        return await setUpPage(c, person, { current: WRONG_PASSWORD });
      }
      const codes = newRecoveryCodes(RECOVERY_CODES);
      const tried = await tryToSetUp(c, person, form.text("code"), codes);
      if (tried === "set up already") return c.redirect(base, 303);
      if (tried !== "right") {
        if (person.tfaStep !== null) await noteFailure(c, person, tried);
        return await setUpPage(c, person, { code: WRONG_CODE });
      }
      return await page(c, <RecoveryCodesPage frame={ownFrame(c, side)} codes={codes} first />);
    })
    .post("/recovery-codes", async (c) => {
      if (!await isSetUp(c)) return c.redirect(base, 303);
      const person = personOf(c, side);
      const codes = newRecoveryCodes(RECOVERY_CODES);
      const hashes = await hashesOf(c, person, codes);
      const form = await readForm(c);
      const tried = await tryCode(
        c,
        person,
        form.text("code"),
        (step) =>
          transaction(c.var.services.sql, async (tx) => {
            await lockOwner(tx, person.owner);
            if (!await spendStep(tx, person.owner, step)) return false;
            await replaceRecoveryCodes(tx, person.owner, hashes);
            await noteDeed(c, tx, person, "make new recovery codes");
            return true;
          }),
      );
      if (tried !== "right") return await tfaPage(c, person, { problem: sentenceOf(tried, side) });
      return await page(
        c,
        <RecoveryCodesPage frame={ownFrame(c, side)} codes={codes} first={false} />,
      );
    })
    .post("/recovery-file", async (c) => {
      const form = await readForm(c);
      const typed = form.texts("recovery_code").slice(0, RECOVERY_CODES);
      const codes = typed.map((code) => readRecoveryCode(code)).filter((code) => code !== null);
      if (codes.length === 0) return c.redirect(base, 303);
      return c.body(recoveryFile(ownFrame(c, side), codes), 200, {
        "content-type": "text/plain; charset=utf-8",
        "content-disposition": `attachment; filename="${FILES[side]}-recovery-codes.txt"`,
      });
    });
}

/** How a code did; "waiting" while there were too many wrong ones. */
type Tried = "right" | "wrong code" | "waiting" | "not readable";

/**
 * Tries a code from the app; counted before it is compared.
 * @param use what it is for: spends the code's step in the same transaction; false if it was spent before
 */
async function tryCode(
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

async function tryRecoveryCode(c: Ctx, person: Person, typed: string): Promise<Tried> {
  const { services } = c.var;
  const { sql, clock } = services;
  const name = await codeTryOf(c, person);
  if (!await takeTry(sql, name, clock.now())) return "waiting";
  const code = readRecoveryCode(typed);
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

async function tryToSetUp(
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
async function openAfter(
  c: Ctx,
  person: Person,
  work: (tx: Transaction, renew: () => Promise<boolean>) => Promise<boolean>,
): Promise<boolean> {
  const { services, sessionHash } = c.var;
  const moment = momentOf(c);
  const token = newToken();
  const tokenHash = await hashToken(token);
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
async function noteFailure(c: Ctx, person: Person, tried: Tried): Promise<void> {
  const { services, visitor } = c.var;
  const { owner } = person;
  if ("logonId" in owner) {
    const outcome = tried === "waiting" ? "waiting" : "wrong code";
    await addSignIn(services.sql, { logonId: owner.logonId, outcome, visitor }, momentOf(c));
  } else if (tried !== "waiting") {
    await transaction(services.sql, (tx) => noteDeed(c, tx, person, "enter a wrong code"));
  }
}

/** In the audit: somebody's own deed, without any code. */
async function noteDeed(c: Ctx, tx: Transaction, person: Person, what: string): Promise<void> {
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
async function offeredSecret(c: Ctx): Promise<Uint8Array<ArrayBuffer>> {
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

function hashesOf(
  c: Ctx,
  person: Person,
  codes: readonly string[],
): Promise<Uint8Array<ArrayBuffer>[]> {
  const { keys } = c.var.services;
  return Promise.all(
    codes.map((code) => keys.fingerprint("recovery code", codeText(person, code))),
  );
}

/** At signing in the password was right just now. */
function asksForPassword(c: Ctx, person: Person): boolean {
  return person.tfaStep === null && needsConfirming(c, person);
}

async function ownTfa(c: Ctx, { owner }: Person): Promise<OwnTfa> {
  return await findTfa(c.var.services.sql, owner, c.var.settings.admin_tfa === "required");
}

function sentenceOf(tried: Tried, side: Side): string {
  return tried === "not readable" ? NOT_READABLE[side] : WRONG_CODE;
}

const SAID: ReadonlyMap<string, string> = new Map([
  ["recovery", "You are signed in. The recovery code that you used is used up."],
  ["off", "Two factor authentication is off."],
  ["device", "The device was forgotten: it is asked for a code again."],
]);

async function tfaPage(
  c: Ctx,
  person: Person,
  shown: { problem?: string; off?: string },
): Promise<Response> {
  const { tfa, confirmedAt, codesLeft } = await ownTfa(c, person);
  return await page(
    c,
    <TfaPage
      frame={ownFrame(c, person.side)}
      tfa={tfa}
      confirmedAt={confirmedAt}
      codesLeft={codesLeft}
      required={c.var.settings.admin_tfa === "required"}
      username={person.username}
      times={timesOf(c)}
      devices={person.side === "portal" ? await ownDevices(c) : []}
      rememberDays={rememberDaysOf(c, person.side)}
      said={SAID.get(c.req.query("saved") ?? "")}
      {...shown}
    />,
    shown.problem === undefined && shown.off === undefined ? 200 : 422,
  );
}

async function setUpPage(
  c: Ctx,
  person: Person,
  problems: { code?: string; current?: string },
): Promise<Response> {
  const { services } = c.var;
  const secret = await offeredSecret(c);
  const whose = { issuer: services.config.schoolName, account: person.username };
  return await page(
    c,
    <SetUpPage
      frame={ownFrame(c, person.side)}
      address={appAddress(secret, whose)}
      typedKey={groupedKey(secret)}
      must={person.tfaStep === "set up"}
      confirm={asksForPassword(c, person)}
      username={person.username}
      problems={problems}
    />,
    Object.keys(problems).length > 0 ? 422 : 200,
  );
}

function rememberDaysOf(c: Ctx, side: Side): number {
  return side === "portal" ? c.var.settings.remember_device_days : 0;
}

function codePage(c: Ctx, { side }: Person, next: string, problem?: string): Promise<Response> {
  return page(
    c,
    <CodePage
      frame={ownFrame(c, side)}
      next={next}
      rememberDays={rememberDaysOf(c, side)}
      problem={problem}
    />,
    problem === undefined ? 200 : 422,
  );
}

function recoveryPage(c: Ctx, { side }: Person, next: string, problem?: string): Promise<Response> {
  return page(
    c,
    <RecoveryPage frame={ownFrame(c, side)} next={next} problem={problem} />,
    problem === undefined ? 200 : 422,
  );
}
