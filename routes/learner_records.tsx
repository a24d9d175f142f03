// A learner's page as every answer needs it: whole, below a window, or after a change.

import type { Child } from "hono/jsx";
import { listLearnerContacts } from "../db/contact_learners.ts";
import { listHistory } from "../db/history.ts";
import {
  findLearner,
  type LearnerRecord,
  listBlockedAdults,
  listLearnerLogons,
} from "../db/learner_records.ts";
import { warnAboutUpn } from "../db/learner_rules.ts";
import {
  LearnerChanged,
  LearnerRecordPage,
  type LearnerRecordProps,
} from "../views/learner_records.tsx";
import { fullName, Toast } from "../views/ui.tsx";
import { answer, type Ctx, momentOf, partials, readId, timesOf, wantsPiece } from "./context.ts";
import { mayEdit } from "./guards.ts";
import { notFound } from "./errors.tsx";
import { frameOf } from "./frame.tsx";

const MOST_HISTORY = 50;

/** What was done to a learner's record, in words. */
const DONE: Readonly<Record<string, (name: string) => string>> = {
  "added": (name) => `${name} was added. Add the contacts next.`,
  "saved": (name) => `${name} was saved.`,
  "contact-added": (name) => `The contact was added to the record of ${name}.`,
  "contact-there": (name) => `The contact stands on the record of ${name} already.`,
  "contact-saved": (name) => `The contact of ${name} was saved.`,
  "contact-removed": (name) =>
    `The contact was taken off the record of ${name}. Logons see what they saw before.`,
};

/** The learner of the address, or 404. */
export async function learnerOf(c: Ctx): Promise<LearnerRecord> {
  const id = readId(c.req.param("id")) ?? notFound();
  return await findLearner(c.var.services.sql, id) ?? notFound();
}

/** A window: as a piece into the open page, or on top of the learner's page where its address was opened. */
export async function showRecordDialog(
  c: Ctx,
  learner: LearnerRecord,
  dialog: Child,
  status: 200 | 409 | 422 = 200,
): Promise<Response> {
  return await answer(c, {
    piece: () => dialog,
    page: async () => (
      <LearnerRecordPage
        frame={await frameOf(c)}
        {...await recordOf(c, learner)}
        dialog={dialog}
      />
    ),
  }, status);
}

/** After a change: the record as it is now, with what was done said; without script a redirect to it. */
export async function recordChanged(c: Ctx, id: number, done: string): Promise<Response> {
  if (!wantsPiece(c)) return c.redirect(`/learners/${id}?done=${done}`, 303);
  const learner = await findLearner(c.var.services.sql, id) ?? notFound();
  const said = DONE[done]?.(fullName(learner)) ?? "";
  const record = await recordOf(c, learner);
  return await partials(c, <LearnerChanged {...record}>{said}</LearnerChanged>, ["dialog:close"]);
}

/** What the address says was just done, in words; null if it says nothing that can be. */
export function toastOf(c: Ctx, learner: LearnerRecord): Child {
  const said = DONE[c.req.query("done") ?? ""];
  return said === undefined ? null : <Toast>{said(fullName(learner))}</Toast>;
}

/** All that the page shows. */
export async function recordOf(c: Ctx, learner: LearnerRecord): Promise<LearnerRecordProps> {
  const { sql } = c.var.services;
  const [contacts, logons, blocked, history] = await Promise.all([
    listLearnerContacts(sql, learner.id),
    listLearnerLogons(sql, learner.id, momentOf(c)),
    listBlockedAdults(sql, learner.id),
    listHistory(sql, "learner", learner.id, MOST_HISTORY),
  ]);
  return {
    learner,
    contacts,
    logons,
    blocked,
    history,
    mostHistory: MOST_HISTORY,
    upnWarning: warnAboutUpn(learner.upn),
    times: timesOf(c),
    mayEdit: mayEdit(c),
  };
}
