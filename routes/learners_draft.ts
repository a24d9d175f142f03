// The learners' part of a logon's window, as the posted form leaves it; nothing is stored here.

import { findLearnerOptions, listLearnerOptions } from "../db/learners.ts";
import { readStatus } from "../db/learner_list.ts";
import { blockedSentence, MOST_LINKED } from "../db/logons.ts";
import { storable } from "../db/storable.ts";
import type { LearnersDraft } from "../views/logon_learners.tsx";
import { type Ctx, type Fields, readId } from "./context.ts";
import { blockedIn, blocksOf } from "./logon_blocks.ts";

/** The learners' part as the posted form leaves it: after a link, an unlink, or a search. */
export async function draftOf(c: Ctx, form: Fields): Promise<LearnersDraft> {
  const { sql } = c.var.services;
  const before = idsOf(form.texts("learner"));
  const link = readId(form.text("link"));
  const unlink = readId(form.text("unlink"));
  const twice = link !== null && before.includes(link);
  const full = link !== null && !twice && before.length >= MOST_LINKED;
  const isBlocked = link !== null && (await blockedIn(c, form, [link])).length > 0;
  const ids = before.filter((id) => id !== unlink).concat(
    link === null || twice || full || isBlocked ? [] : [link],
  );
  const [linked, changed] = await Promise.all([
    findLearnerOptions(sql, ids),
    findLearnerOptions(sql, [link, unlink].filter((id) => id !== null)),
  ]);
  const name = changed[0] ? `${changed[0].firstName} ${changed[0].surname}` : "The learner";
  const said = twice
    ? `${name} is linked already.`
    : full
    ? `At most ${MOST_LINKED} learners can be linked to one logon.`
    : isBlocked && changed[0]
    ? blockedSentence(changed[0])
    : link !== null
    ? `${name} linked. Nothing is stored until Save.`
    : unlink !== null
    ? `${name} taken off the list. Nothing is stored until Save.`
    : undefined;
  return {
    linked,
    picker: await pickerOf(c, form),
    said,
    problem: twice || full || isBlocked ? said : undefined,
    blocks: await blocksOf(c, readId(form.text("logon_id"))),
  };
}

async function pickerOf(c: Ctx, form: Fields): Promise<LearnersDraft["picker"]> {
  const wasOpen = form.text("picker") === "open";
  const open = wasOpen || form.text("open_picker") !== "";
  const status = wasOpen ? readStatus(form.text("learner_status")) : "Current";
  // After a link the letters have done their work: the next learner has another name.
  const search = form.text("link") === ""
    ? storable(form.text("learner_search")).slice(0, 200)
    : "";
  const nothing = { options: [], more: false, blocked: [] };
  if (!open) return { open, status: status ?? "", search, ...nothing };
  const found = await listLearnerOptions(c.var.services.sql, { status, search });
  const blocked = await blockedIn(c, form, found.options.map((learner) => learner.id));
  return { open, status: status ?? "", search, ...found, blocked };
}

function idsOf(texts: readonly string[]): number[] {
  const ids = texts.map((text) => readId(text)).filter((id) => id !== null);
  return [...new Set(ids)].slice(0, MOST_LINKED);
}
