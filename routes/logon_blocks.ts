// What a logon's window says of blocks: who must not be linked to its parent, and who may change that.

import { findBlockedLearners } from "../db/blocked_adults.ts";
import { listBlocksOfLogon } from "../db/blocks.ts";
import { cleanLogon } from "../db/logons.ts";
import type { LearnersDraft } from "../views/logon_learners.tsx";
import { readerOf } from "./blocks.tsx";
import { type Ctx, type Fields, readId } from "./context.ts";
import { mayBlock } from "./guards.ts";
import { readLogonInput } from "./logon_input.ts";

/** Those of the learners who must not be linked to the parent that the posted window is about. */
export async function blockedIn(
  c: Ctx,
  form: Fields,
  learnerIds: readonly number[],
): Promise<number[]> {
  const adult = { ...cleanLogon(readLogonInput(form)), logonId: readId(form.text("logon_id")) };
  return await findBlockedLearners(c.var.services.sql, adult, learnerIds);
}

/** What keeps learners from the parent of a logon; absent where there is no logon yet. */
export async function blocksOf(c: Ctx, logonId: number | null): Promise<LearnersDraft["blocks"]> {
  if (logonId === null) return undefined;
  const blocks = await listBlocksOfLogon(c.var.services.sql, logonId, readerOf(c));
  return { logonId, blocks, mayBlock: mayBlock(c) };
}
