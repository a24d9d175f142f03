// Link Learner: the learners' part of the window, redrawn with everything typed so far; nothing is stored here.

import {
  findLearnerOptions,
  LEARNER_STATUSES,
  type LearnerStatus,
  listLearnerOptions,
} from "../db/learners.ts";
import type { LogonInput } from "../db/logons.ts";
import { findLogon, MOST_LINKED } from "../db/logons.ts";
import { LogonDialog } from "../views/logon_dialog.tsx";
import { LearnerOptions, type LearnersDraft, LearnersSection } from "../views/logon_learners.tsx";
import { type Ctx, factory, type Fields, page, readForm, readId, wantsPiece } from "./context.ts";
import { showDialog } from "./logon_list.tsx";

export const logonDrafts = factory.createApp().post("/", async (c) => {
  const form = await readForm(c);
  const draft = await draftOf(c, form);
  if (wantsPiece(c)) {
    const onlyOptions = c.req.header("hx-target")?.endsWith("#learner-options") ?? false;
    return await page(
      c,
      onlyOptions
        ? <LearnerOptions draft={draft} />
        : <LearnersSection draft={draft} statuses={LEARNER_STATUSES} />,
    );
  }
  const id = readId(form.text("logon_id"));
  const logon = id === null ? null : await findLogon(c.var.services.sql, id);
  return await showDialog(
    c,
    <LogonDialog
      form={{
        values: readLogonInput(form),
        problems: {},
        learners: draft,
        query: form.text("query"),
        temporaryDays: c.var.settings.temporary_password_days,
        learnerStatuses: LEARNER_STATUSES,
        ...(logon === null ? {} : {
          edited: {
            id: logon.id,
            version: readId(form.text("version")) ?? 0,
            hasPassword: logon.hasPassword,
          },
        }),
      }}
    />,
  );
});

/** The learners' part as the posted form leaves it: after a link, an unlink, or a search. */
export async function draftOf(c: Ctx, form: Fields): Promise<LearnersDraft> {
  const { sql } = c.var.services;
  const before = idsOf(form.texts("learner"));
  const link = readId(form.text("link"));
  const unlink = readId(form.text("unlink"));
  const twice = link !== null && before.includes(link);
  const full = link !== null && !twice && before.length >= MOST_LINKED;
  const ids = before.filter((id) => id !== unlink).concat(
    link === null || twice || full ? [] : [link],
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
    : link !== null
    ? `${name} linked. Nothing is stored until Save.`
    : unlink !== null
    ? `${name} taken off the list. Nothing is stored until Save.`
    : undefined;
  return {
    linked,
    picker: await pickerOf(c, form),
    said,
    problem: twice || full ? said : undefined,
  };
}

async function pickerOf(c: Ctx, form: Fields): Promise<LearnersDraft["picker"]> {
  const wasOpen = form.text("picker") === "open";
  const open = wasOpen || form.text("open_picker") !== "";
  const status = wasOpen ? readStatus(form.text("learner_status")) : "Current";
  // After a link the letters have done their work: the next learner has another name.
  const search = form.text("link") === ""
    ? form.text("learner_search").toWellFormed().replaceAll("\0", "").slice(0, 200)
    : "";
  if (!open) return { open, status: status ?? "", search, options: [], more: false };
  const found = await listLearnerOptions(c.var.services.sql, { status, search });
  return { open, status: status ?? "", search, ...found };
}

function readStatus(text: string): LearnerStatus | null {
  return LEARNER_STATUSES.find((status) => status === text) ?? null;
}

/** The five fields of the window as they were typed; control characters that come with pasting are kept for the check to refuse. */
export function readLogonInput(form: Fields): LogonInput {
  return {
    firstName: form.text("firstName"),
    surname: form.text("surname"),
    email: form.text("email"),
    username: form.text("username"),
    password: form.text("password"),
  };
}

function idsOf(texts: readonly string[]): number[] {
  const ids = texts.map((text) => readId(text)).filter((id) => id !== null);
  return [...new Set(ids)].slice(0, MOST_LINKED);
}
