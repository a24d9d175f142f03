// Asks for one's own password again before what cannot be taken back lightly.

import { getAdminHash } from "../db/admins.ts";
import { confirmSession } from "../db/sessions.ts";
import { findPasswordHash } from "../db/sign_ins.ts";
import { clearTries, takeTry, type Try } from "../db/throttles.ts";
import type { Ctx, Fields } from "./context.ts";
import { type Person, personOf } from "./person.ts";
import { triesFor } from "./sessions.tsx";

/** The own password is asked for again when it was typed longer ago (in milliseconds). */
const CONFIRMED_FOR = 10 * 60 * 1000;

/**
 * Whether the own password was typed lately; else it has to be right now, and that is remembered.
 * @returns what is wrong in a sentence, or null
 */
export async function confirmOwnPassword(
  c: Ctx,
  form: Fields,
  person: Person = personOf(c, "office"),
): Promise<string | null> {
  if (!needsConfirming(c, person)) return null;
  const typed = form.text("own_password");
  if (typed === "") return "Enter your own password.";
  if (!await isOwnPassword(c, typed, person)) {
    return "This is not your password. After five wrong tries there is a wait.";
  }
  await confirmSession(c.var.services.sql, c.var.sessionHash, c.var.services.clock.now());
  return null;
}

/** Whether the own password was typed too long ago for what comes next. */
export function needsConfirming(c: Ctx, person: Person = personOf(c, "office")): boolean {
  const { clock } = c.var.services;
  return clock.now().getTime() - person.confirmedAt.getTime() > CONFIRMED_FOR;
}

/** Compares with the own password; wrong tries in a row lead to a wait. */
export async function isOwnPassword(c: Ctx, typed: string, person: Person): Promise<boolean> {
  const { sql, hasher, clock } = c.var.services;
  const name = await tryOf(c, person);
  const allowed = await takeTry(sql, name, clock.now());
  const hash = "adminId" in person.owner
    ? await getAdminHash(sql, person.owner.adminId)
    : await findPasswordHash(sql, person.owner.logonId);
  const right = await hasher.verify(typed.slice(0, 1000), allowed ? hash : null);
  if (right) await clearTries(sql, name);
  return right;
}

async function tryOf(c: Ctx, person: Person): Promise<Try> {
  // No username of the office has a space. Not the counter of the door: a stranger could fill that one.
  const key = "adminId" in person.owner ? person.username : `parent ${person.owner.logonId}`;
  const [name] = await triesFor(c, "confirm", key);
  return name;
}
