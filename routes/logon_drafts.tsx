// Link Learner: the learners' part of the window, redrawn with everything typed so far.

import { LEARNER_STATUSES } from "../db/learners.ts";
import { findLogon } from "../db/logons.ts";
import { LearnerOptions, LearnersSection } from "../views/logon_learners.tsx";
import { factory, page, readForm, readId, wantsPiece } from "./context.ts";
import { draftOf } from "./learners_draft.ts";
import { draft } from "./logon_form.tsx";

export const logonDrafts = factory.createApp().post("/", async (c) => {
  const form = await readForm(c);
  if (wantsPiece(c)) {
    const learners = await draftOf(c, form);
    const onlyOptions = c.req.header("hx-target")?.endsWith("#learner-options") ?? false;
    return await page(
      c,
      onlyOptions
        ? <LearnerOptions draft={learners} />
        : <LearnersSection draft={learners} statuses={LEARNER_STATUSES} />,
    );
  }
  const id = readId(form.text("logon_id"));
  const logon = id === null ? null : await findLogon(c.var.services.sql, id);
  return await draft(c, form, logon);
});
