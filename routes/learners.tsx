// Learners: the list, a learner's page, adding and editing one.

import { transaction } from "../db/connect.ts";
import { LEARNER_SORTS, type LearnerView, listLearners, readStatus } from "../db/learner_list.ts";
import { addLearner, editLearner, LearnerRefused } from "../db/learner_records.ts";
import { cleanLearner } from "../db/learner_rules.ts";
import { LEARNER_STATUSES } from "../db/learners.ts";
import { MOST_COUNTED } from "../db/search.ts";
import { LearnerDialog, type LearnerForm } from "../views/learner_dialog.tsx";
import { LearnerRecordPage } from "../views/learner_records.tsx";
import {
  LearnersAnswer,
  LearnersPage,
  type LearnersProps,
  learnersQuery,
} from "../views/learners.tsx";
import { leadsTo } from "../views/swap.tsx";
import { answer, authorOf, type Ctx, factory, page, readForm, wantsPiece } from "./context.ts";
import { hasProblems, orRefusal, readVersion } from "./edits.ts";
import { frameOf } from "./frame.tsx";
import { mayEdit, mustEdit } from "./guards.ts";
import { check, conflict, EMPTY, formOf, inputOf, readLearnerInput } from "./learner_form.tsx";
import {
  learnerOf,
  recordChanged,
  recordOf,
  showRecordDialog,
  toastOf,
} from "./learner_records.tsx";
import { answerList, aroundList, readListView, shownView } from "./lists.ts";

export const learners = factory.createApp()
  .get("/", async (c) => {
    const list = await listOf(c, readView(new URL(c.req.url).searchParams));
    return await answerList(c, {
      address: `/learners${learnersQuery(list.view, list.view)}`,
      page: async () => <LearnersPage {...list} {...await aroundList(c)} />,
      piece: () => <LearnersAnswer {...list} />,
    });
  })
  .get("/new", async (c) => {
    mustEdit(c);
    return await showNew(c, { values: EMPTY, problems: {} });
  })
  .post("/", async (c) => {
    const form = await readForm(c);
    const values = readLearnerInput(form);
    const problems = await check(c, values, null);
    if (hasProblems(problems)) return await showNew(c, { values, problems }, 422);
    const change = { learner: cleanLearner(values), author: authorOf(c) };
    const id = await orRefusal(
      transaction(c.var.services.sql, (tx) => addLearner(tx, change)),
      LearnerRefused,
    );
    if (id instanceof LearnerRefused) {
      return await showNew(c, { values, problems: { [id.field]: id.message } }, 422);
    }
    const address = `/learners/${id}?done=added`;
    return wantsPiece(c) ? c.body(null, 200, leadsTo(address)) : c.redirect(address, 303);
  })
  .get("/:id", async (c) => {
    const learner = await learnerOf(c);
    const record = await recordOf(c, learner);
    return await page(
      c,
      <LearnerRecordPage frame={await frameOf(c)} {...record} toasts={toastOf(c, learner)} />,
    );
  })
  .get("/:id/edit", async (c) => {
    mustEdit(c);
    const learner = await learnerOf(c);
    const values = inputOf(learner);
    return await showRecordDialog(
      c,
      learner,
      <LearnerDialog form={await formOf(c, { values, problems: {}, edited: learner })} />,
    );
  })
  .post("/:id", async (c) => {
    const learner = await learnerOf(c);
    const form = await readForm(c);
    const version = readVersion(form);
    const values = readLearnerInput(form);
    const edited = { id: learner.id, version };
    const problems = await check(c, values, learner.id);
    const change = { learner: cleanLearner(values), author: authorOf(c) };
    const stored = hasProblems(problems) ? null : await orRefusal(
      transaction(c.var.services.sql, (tx) => editLearner(tx, learner.id, version, change)),
      LearnerRefused,
    );
    if (stored === null || stored instanceof LearnerRefused) {
      const wrong = stored === null ? problems : { [stored.field]: stored.message };
      const refused = await formOf(c, { values, problems: wrong, edited });
      return await showRecordDialog(c, learner, <LearnerDialog form={refused} />, 422);
    }
    if (!stored) return await conflict(c, values, learner.id);
    return await recordChanged(c, learner.id, "saved");
  });

async function showNew(
  c: Ctx,
  given: Pick<LearnerForm, "values" | "problems">,
  status: 200 | 422 = 200,
): Promise<Response> {
  const dialog = <LearnerDialog form={await formOf(c, given)} />;
  return await answer(c, {
    piece: () => dialog,
    page: async () => {
      const list = await listOf(c, readView(new URLSearchParams()));
      return <LearnersPage {...list} {...await aroundList(c)} dialog={dialog} />;
    },
  }, status);
}

async function listOf(c: Ctx, view: LearnerView): Promise<LearnersProps> {
  const found = await listLearners(c.var.services.sql, view);
  return {
    view: shownView(view, found),
    page: found,
    statuses: LEARNER_STATUSES,
    mayEdit: mayEdit(c),
    mostCounted: MOST_COUNTED,
  };
}

function readView(query: URLSearchParams): LearnerView {
  return { ...readListView(query, LEARNER_SORTS), status: readStatus(query.get("status")) };
}
