// Import Contacts: the window, searching in it while the choice is kept, starting the import, and what became of each contact.

import { transaction } from "../db/connect.ts";
import { listCandidates } from "../db/contact_candidates.ts";
import {
  checkChoice,
  type Choice,
  type ChoiceProblem,
  CONTACT_IMPORT,
  countContactClasses,
  listContactItems,
  listLogonsToMail,
  startContactImport,
} from "../db/contact_imports.ts";
import { MOST_COUNTED } from "../db/search.ts";
import type { Task } from "../db/tasks.ts";
import {
  CONTACT_CLASSES,
  ContactImportPage,
  ContactOutcomes,
  type OutcomeProps,
} from "../views/contact_import_outcomes.tsx";
import { type Choices, ContactChoices, ContactsDialog } from "../views/contact_imports.tsx";
import {
  answer,
  type Ctx,
  factory,
  type Fields,
  page,
  readForm,
  readId,
  wantsPiece,
} from "./context.ts";
import { mustEdit } from "./guards.ts";
import { frameOf } from "./frame.tsx";
import { readSearch } from "./lists.ts";
import { showDialog } from "./logon_list.tsx";
import { undoNoteOf } from "./import_undos.tsx";
import { pageAfter, shownClass, taskOf } from "./outcomes.ts";
import { taskStarted } from "./task_alerts.tsx";

export const contactImports = factory.createApp()
  .get("/new", async (c) => {
    mustEdit(c);
    const choices = await choicesOf(c, readSearch(c.req.query("search") ?? ""));
    return await showDialog(c, <ContactsDialog choices={choices} />);
  })
  .post("/choices", async (c) => {
    const form = await readForm(c);
    const { ids, all, search: searched } = readChoice(form);
    const search = readSearch(form.text("search"));
    // Everybody who matched another search was chosen, not everybody who matches this one.
    const choices = await choicesOf(c, search, { ids, all: all && search === searched });
    return wantsPiece(c)
      ? await page(c, <ContactChoices {...choices} />)
      : await showDialog(c, <ContactsDialog choices={choices} />);
  })
  .post("/", async (c) => {
    const { sql, queue } = c.var.services;
    const choice = readChoice(await readForm(c));
    const problem = await checkChoice(sql, choice);
    if (problem !== null) return await refuse(c, choice, problem);
    const by = { adminId: c.var.admin.id, requestId: c.var.requestId };
    const id = await transaction(sql, async (tx) => {
      const taskId = await startContactImport(tx, choice, by);
      await queue.send(tx, CONTACT_IMPORT, taskId);
      return taskId;
    });
    return await taskStarted(c, `/contact-imports/${id}`, "The contacts are being imported.");
  })
  .get("/:id", async (c) => {
    const outcomes = await outcomesOf(c, await taskOf(c, CONTACT_IMPORT));
    return await answer(c, {
      page: async () => <ContactImportPage frame={await frameOf(c)} {...outcomes} />,
      piece: () => <ContactOutcomes {...outcomes} />,
    });
  });

/** The same window with the same choice, but for those who cannot be chosen, and what is wrong. */
async function refuse(c: Ctx, choice: Choice, problem: ChoiceProblem): Promise<Response> {
  const refused = new Set(problem.code === "nothing" ? [] : problem.ids);
  const ids = choice.ids.filter((id) => !refused.has(id));
  const choices = await choicesOf(c, choice.search, { ids, all: choice.all });
  return await showDialog(c, <ContactsDialog choices={choices} problem={problem} />, 422);
}

async function choicesOf(
  c: Ctx,
  search: string,
  chosen: Pick<Choice, "ids" | "all"> = { ids: [], all: false },
): Promise<Choices> {
  return {
    page: await listCandidates(c.var.services.sql, search),
    mostCounted: MOST_COUNTED,
    search,
    chosen: new Set(chosen.ids),
    all: chosen.all,
  };
}

async function outcomesOf(c: Ctx, task: Task): Promise<OutcomeProps> {
  const { sql } = c.var.services;
  const counts = await countContactClasses(sql, task.id);
  const shown = shownClass(c, CONTACT_CLASSES, (name) => counts.get(name) ?? 0);
  return {
    task,
    counts,
    shown,
    ...await pageAfter(
      c,
      (place) => listContactItems(sql, task.id, { class: shown, ...place }),
      (item) => item.position,
    ),
    toMail: c.var.admin.role === "Viewer" ? 0 : (await listLogonsToMail(sql, task.id)).length,
    undo: await undoNoteOf(c, task),
  };
}

/** The contacts whose boxes are ticked, and, without script, those that Select all stands for. */
function readChoice(form: Fields): Choice {
  const shown = form.text("select_shown") === "yes" ? form.texts("shown") : [];
  const ids = [...form.texts("contact"), ...shown].map((text) => readId(text));
  // The search that the list was drawn for: what was typed since has not been seen.
  const [searched] = form.texts("searched");
  return {
    ids: [...new Set(ids)].filter((id) => id !== null),
    all: form.text("all") === "1",
    search: readSearch(searched ?? form.text("search")),
  };
}
