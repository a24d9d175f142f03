// Asks an admin for their own password again before what cannot be taken back lightly.

import { getAdminHash } from "../db/admins.ts";
import { confirmSession } from "../db/sessions.ts";
import { clearTries, takeTry } from "../db/throttles.ts";
import type { Ctx, Fields } from "./context.ts";
import { triesFor } from "./sessions.tsx";

/** The own password is asked for again when it was typed longer ago (in milliseconds). */
const CONFIRMED_FOR = 10 * 60 * 1000;

/**
 * Whether the own password was typed lately; else it has to be right now, and that is remembered.
 * @returns what is wrong in a sentence, or null
 */
export async function confirmOwnPassword(c: Ctx, form: Fields): Promise<string | null> {
  const { sql, hasher, clock } = c.var.services;
  if (!needsConfirming(c)) return null;
  const typed = form.text("own_password");
  if (typed === "") return "Enter your own password.";
  const now = clock.now();
  const [name] = await triesFor(c, "confirm", c.var.admin.username);
  const allowed = await takeTry(sql, name, now);
  const hash = await getAdminHash(sql, c.var.admin.id);
  if (!await hasher.verify(typed.slice(0, 1000), allowed ? hash : null)) {
    return "This is not your password. After five wrong tries there is a wait.";
  }
  await clearTries(sql, name);
  await confirmSession(sql, c.var.sessionHash, now);
  return null;
}

/** Whether the own password was typed too long ago for what comes next. */
export function needsConfirming(c: Ctx): boolean {
  const { clock } = c.var.services;
  return clock.now().getTime() - c.var.admin.confirmedAt.getTime() > CONFIRMED_FOR;
}
