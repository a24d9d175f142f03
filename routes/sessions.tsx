// The office's door: sign in, sign out.

import {
  type AdminSecret,
  findAdminByUsername,
  getAdminHash,
  noteAdminSignIn,
} from "../db/admins.ts";
import { addAudit } from "../db/audit.ts";
import { transaction } from "../db/connect.ts";
import { lockOwner } from "../db/owners.ts";
import { addSession, deleteSession, type TfaStep } from "../db/sessions.ts";
import { storable } from "../db/storable.ts";
import { findTfaStep } from "../db/tfa.ts";
import { clearTries, isWaiting, takeTry, type Try } from "../db/throttles.ts";
import { householdOf } from "../lib/addresses.ts";
import { hashToken, newToken } from "../lib/keys.ts";
import { SignInPage } from "../views/sessions.tsx";
import { type Ctx, factory, page, readForm, themeOf } from "./context.ts";
import { clearSessionCookie, sessionHash, setSessionCookie, signedInAdmin } from "./guards.ts";

const WRONG =
  "The username or the password is not right. After five wrong tries in a row there is a wait.";
/** Said on both doors. */
export const LOST =
  "You were signed out meanwhile. What you were about to store was not stored; please do it again.";
const PAGES = { "enter code": "code", "use passkey": "passkey", "set up": "set-up" } as const;
/** Longer than any username or password that can be right. */
const LONGEST_TYPED = 1000;

export const sessions = factory.createApp()
  .get("/", async (c) => {
    if (await signedInAdmin(c) !== null) return c.redirect(ownPath(c.req.query("next")), 303);
    return await officeSignInPage(c, {
      username: "",
      next: c.req.query("next") ?? "",
      ...(c.req.query("lost") === "yes" ? { said: LOST } : {}),
    });
  })
  .post("/", async (c) => {
    const form = await readForm(c);
    const username = form.text("username").trim().slice(0, LONGEST_TYPED);
    const admin = await checkAdmin(c, username, form.text("password").slice(0, LONGEST_TYPED));
    if (admin === null) {
      return await officeSignInPage(c, { username, next: form.text("next"), problem: WRONG });
    }
    const next = form.text("next");
    const step = await beginSession(c, admin, "password");
    if (step === "overtaken") {
      return await officeSignInPage(c, { username, next: form.text("next"), problem: WRONG });
    }
    if (step === null) return c.redirect(ownPath(next), 303);
    return c.redirect(`/account/tfa/${PAGES[step]}?next=${encodeURIComponent(next)}`, 303);
  });

export const signOut = factory.createApp().post("/", async (c) => {
  await deleteSession(c.var.services.sql, c.var.sessionHash);
  clearSessionCookie(c, "office");
  c.header("clear-site-data", '"cache", "storage"');
  return c.redirect("/sign-in", 303);
});

/** The two counters of a try: the name that was typed, and the address it came from. */
export async function triesFor(
  c: Ctx,
  door: Try["door"],
  usernameKey: string,
  logonId: number | null = null,
): Promise<readonly [Try, Try]> {
  const { keys } = c.var.services;
  return [
    {
      door,
      kind: "name",
      key: await keys.fingerprint(`throttle ${door} name`, usernameKey),
      logonId,
    },
    await addressTryOf(c, door, c.var.visitor.ip),
  ];
}

/** The counter of all tries from an address; of an IPv6 address, from its household. */
export async function addressTryOf(c: Ctx, door: Try["door"], ip: string | null): Promise<Try> {
  const key = await c.var.services.keys.fingerprint(`throttle ${door} address`, householdOf(ip));
  return { door, kind: "address", key };
}

/** Signs nobody in: compares, counts, and takes the same work for an unknown name as for a wrong password. */
async function checkAdmin(
  c: Ctx,
  username: string,
  password: string,
): Promise<AdminSecret | null> {
  const { sql, hasher, clock, doors } = c.var.services;
  const typed = storable(username);
  return await doors.run(householdOf(c.var.visitor.ip), async () => {
    const admin = await findAdminByUsername(sql, typed);
    const key = admin?.username ?? typed.normalize("NFKC").toLowerCase();
    const [name, address] = await triesFor(c, "office", key);
    const now = clock.now();
    // An address that waits costs no work: that is the same for every name.
    if (await isWaiting(sql, address, now)) return null;
    const allowed = await takeTry(sql, name, now);
    const right = await hasher.verify(password, allowed ? admin?.hash ?? null : null);
    if (!right || admin === null || admin.suspended) {
      // Only what was compared is a guess: a name that waits costs the others at this address nothing.
      if (allowed) await takeTry(sql, address, now);
      return null;
    }
    await clearTries(sql, name);
    return admin;
  });
}

/**
 * Begins a session of an admin: a passkey counts as two factors, a password may need a second one.
 * @returns what has to be done first; only without that it is a sign-in. `overtaken` if the password that was compared is
 * not the admin's any more: then there is no session
 */
export async function beginSession(
  c: Ctx,
  admin: Pick<AdminSecret, "id" | "name" | "hash">,
  by: "password" | "passkey",
): Promise<TfaStep | "overtaken" | null> {
  const { sql, clock } = c.var.services;
  const token = newToken();
  const hash = hashToken(token);
  const former = sessionHash(c, "office");
  const { visitor, settings } = c.var;
  const owner = { adminId: admin.id };
  const tfaStep = await transaction(sql, async (tx) => {
    await lockOwner(tx, owner);
    if (by === "password" && await getAdminHash(tx, admin.id) !== admin.hash) return "overtaken";
    const required = settings.admin_tfa === "required";
    const step = by === "passkey" ? null : await findTfaStep(tx, owner, required);
    if (former !== null) await deleteSession(tx, former);
    await addSession(tx, { ...owner, tfaStep: step }, hash, visitor, settings, clock.now());
    if (step !== null) return step;
    await noteAdminSignIn(tx, admin.id, clock.now());
    await addAudit(tx, [{
      adminId: admin.id,
      who: admin.name,
      what: "sign in",
      subject: "admin",
      subjectId: admin.id,
      after: { by },
      requestId: c.var.requestId,
    }]);
    return null;
  });
  if (tfaStep !== "overtaken") setSessionCookie(c, "office", token);
  return tfaStep;
}

export function officeSignInPage(
  c: Ctx,
  shown: { username: string; next: string; problem?: string; said?: string },
): Promise<Response> {
  return page(
    c,
    <SignInPage
      schoolName={c.var.services.config.schoolName}
      theme={themeOf(c)}
      username={shown.username}
      next={shown.next}
      problem={shown.problem}
      said={shown.said}
    />,
    shown.problem === undefined ? 200 : 422,
  );
}

/** Where to go after signing in: a path of our own, never another site; control characters and "//" do not pass. */
export function ownPath(next: string | undefined, home = "/logons"): string {
  const safe = next !== undefined && /^\/[!-[\]-~]*$/.test(next) && !next.startsWith("//");
  return safe && !next.startsWith("/sign-") ? next : home;
}

/** As {@link ownPath}, for parents. */
export function portalPath(next: string): string {
  return next.startsWith("/portal") ? ownPath(next, "/portal") : "/portal";
}
