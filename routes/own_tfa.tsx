// One's own two factor authentication, of a parent and of an admin: the step after the password, setting it up, recovery codes.

import type { Hono } from "hono";
import { transaction } from "../db/connect.ts";
import { lockOwner } from "../db/owners.ts";
import { deleteTfa, findTfa, type OwnTfa, replaceRecoveryCodes, spendStep } from "../db/tfa.ts";
import { appAddress, groupedKey, newRecoveryCodes, readRecoveryCode } from "../lib/totp.ts";
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
import {
  hashesOf,
  noteDeed,
  noteFailure,
  offeredSecret,
  openAfter,
  type Tried,
  tryCode,
  tryRecoveryCode,
  tryToSetUp,
} from "./code_tries.ts";
import { isOwnPassword, needsConfirming } from "./confirmation.ts";
import { type Ctx, type Env, factory, page, readForm, timesOf } from "./context.ts";
import { type Side } from "./guards.ts";
import { ownFrame, type Person, personOf, tellOwner } from "./person.ts";
import { ownDevices, readRemembering } from "./remembered_devices.tsx";
import { ownPath, portalPath } from "./sessions.tsx";

/** The same for whatever did not fit, also while there is a wait. */
const WRONG_CODE =
  "The code is not right, or was used before. Enter the one your app shows now; after five wrong tries in a row there is a wait.";
const WRONG_RECOVERY =
  "The recovery code is not right, or was used before. After five wrong tries in a row there is a wait.";
const NOT_READABLE = {
  portal:
    "Your code cannot be checked at the moment. Use a recovery code, or ring the school office.",
  office: "Your code cannot be checked at the moment. Use a recovery code, or ask the operator.",
} as const;
const WRONG_PASSWORD = "This is not your password now.";
const RECOVERY_CODES = 10;
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
      const remembering = side === "portal" ? readRemembering(c, form) : null;
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
      const tried = await tryRecoveryCode(c, person, form.text("recovery_code"));
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
            await tellOwner(c, tx, person, "recovery codes made");
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
