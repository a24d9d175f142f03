// Letters: chosen in a window, made by a task, opened for printing, and confirmed as printed.

import { originOf } from "../config.ts";
import { transaction } from "../db/connect.ts";
import { listTaskMails } from "../db/credential_mail_list.ts";
import {
  addLetters,
  confirmLetters,
  findPrinting,
  type Letter,
  type LetterChoice,
  LETTERS,
  listLetterCandidates,
  MOST_LETTERS,
  openLetters,
} from "../db/letters.ts";
import { storable } from "../db/storable.ts";
import { addTask, type Task } from "../db/tasks.ts";
import {
  LettersDialog,
  type LettersForm,
  LettersPage,
  LettersProgress,
  type LettersProps,
  type Sheet,
  SheetsPage,
} from "../views/letters.tsx";
import { count } from "../views/times.ts";
import { confirmOwnPassword, needsConfirming } from "./confirmation.ts";
import {
  answer,
  authorOf,
  type Ctx,
  factory,
  momentOf,
  page,
  readForm,
  readId,
  themeOf,
  timesOf,
} from "./context.ts";
import { frameOf } from "./frame.tsx";
import { mayEdit, mustEdit } from "./guards.ts";
import { readSearch } from "./lists.ts";
import { showDialog } from "./logon_list.tsx";
import { taskOf } from "./outcomes.ts";
import { taskStarted } from "./task_alerts.tsx";

const NOBODY = "Choose at least one parent who can use a letter.";
/** 7A before 10A, as the sheets are handed out. */
const IN_ORDER = new Intl.Collator("en", { numeric: true });
const NEW_KEY = "The server key has changed since. Make new letters.";

export const letters = factory.createApp()
  .get("/new", async (c) => {
    mustEdit(c);
    const found = await candidatesOf(c, choiceOf(c));
    const chosen = new Set(found.rows.map((row) => row.id));
    return await showDialog(c, <LettersDialog form={formOf(c, found, chosen, {})} />);
  })
  .post("/", async (c) => {
    const fields = await readForm(c);
    const idsOf = (name: string): number[] =>
      fields.texts(name).map((text) => readId(text)).filter((id) => id !== null);
    const ids = idsOf("logon").slice(0, MOST_LETTERS);
    const chosen = ids.length === 0 ? NOBODY : undefined;
    const own_password = chosen ? undefined : await confirmOwnPassword(c, fields) ?? undefined;
    const taskId = chosen || own_password ? null : await start(c, ids);
    if (taskId !== null) {
      const said = `${count(ids.length, "letter")} being made. Print them on the task’s page.`;
      return await taskStarted(c, `/letters/${taskId}`, said);
    }
    const listed = await candidatesOf(c, { ids: idsOf("listed").slice(0, MOST_LETTERS) });
    const problems = { chosen: own_password ? undefined : NOBODY, own_password };
    const form = formOf(c, listed, new Set(ids), problems);
    return await showDialog(c, <LettersDialog form={form} />, 422);
  })
  .get("/:id", async (c) => {
    const props = await propsOf(c, await taskOf(c, LETTERS));
    return await answer(c, {
      page: async () => <LettersPage frame={await frameOf(c)} {...props} />,
      piece: () => <LettersProgress {...props} />,
    });
  })
  .post("/:id/printing", async (c) => {
    const { sql, keys, config, clock } = c.var.services;
    const task = await taskOf(c, LETTERS);
    const problem = await confirmOwnPassword(c, await readForm(c)) ?? undefined;
    if (problem !== undefined) return await refuse(c, task, problem);
    const keyPrint = String(task.facts["keyPrint"] ?? "");
    // Before they count as opened: what cannot be printed must not be confirmed.
    if (await keys.derivePassword("", keyPrint) === null) return await refuse(c, task, NEW_KEY);
    const opened = await transaction(
      sql,
      (tx) => openLetters(tx, task.id, authorOf(c), momentOf(c)),
    );
    const sheets: Sheet[] = [];
    for (const { seed, ...letter } of opened.sort(byGroup)) {
      const code = await keys.derivePassword(seed, keyPrint);
      if (code === null) return await refuse(c, task, NEW_KEY);
      sheets.push({ ...letter, code });
    }
    if (sheets.length === 0) return c.redirect(`/letters/${task.id}`, 303);
    const printing = await findPrinting(sql, task.id);
    return await page(
      c,
      <SheetsPage
        schoolName={config.schoolName}
        theme={themeOf(c)}
        taskId={task.id}
        sheets={sheets}
        unconfirmed={task.state === "needs review" ? printing.opened : 0}
        portal={`${originOf(config)}/portal`}
        officePhone={c.var.settings.office_phone}
        today={timesOf(c).day(clock.now())}
        times={timesOf(c)}
      />,
    );
  })
  .post("/:id/confirmation", async (c) => {
    const { sql } = c.var.services;
    const task = await taskOf(c, LETTERS);
    await transaction(sql, (tx) => confirmLetters(tx, task.id, authorOf(c), momentOf(c)));
    return c.redirect(`/letters/${task.id}`, 303);
  });

/** Writes task, letters and job in one transaction. @returns null if none of them can use a letter */
async function start(c: Ctx, ids: readonly number[]): Promise<number | null> {
  const { sql, queue } = c.var.services;
  const [only] = ids.length > 1 ? [] : (await candidatesOf(c, { ids })).rows;
  const title = only ? `Letter to ${only.name}` : `${ids.length} letters`;
  const started = transaction(sql, async (tx) => {
    const taskId = await addTask(tx, {
      kind: LETTERS,
      title: title.slice(0, 300),
      adminId: c.var.admin.id,
      facts: {},
      requestId: c.var.requestId,
    });
    const asked = { taskId, ids, days: c.var.settings.letter_days, author: authorOf(c) };
    if (await addLetters(tx, asked, momentOf(c)) === 0) throw new NobodyToWrite();
    await queue.send(tx, LETTERS, taskId);
    return taskId;
  });
  return await started.catch((error: unknown) => {
    if (error instanceof NobodyToWrite) return null;
    throw error;
  });
}

/** Takes everything back where the last one to be written to has gone meanwhile. */
class NobodyToWrite extends Error {
  override readonly name = "NobodyToWrite";
}

async function refuse(c: Ctx, task: Task, problem: string): Promise<Response> {
  const props = await propsOf(c, task);
  return await page(c, <LettersPage frame={await frameOf(c)} {...props} problem={problem} />, 422);
}

async function propsOf(c: Ctx, task: Task): Promise<LettersProps> {
  const { sql, clock } = c.var.services;
  const wanted = { notAccepted: false, after: 0, limit: MOST_LETTERS };
  const [entries, { until, ...printing }] = await Promise.all([
    listTaskMails(sql, task.id, wanted),
    findPrinting(sql, task.id),
  ]);
  return {
    task,
    entries,
    printing,
    inTime: until !== null && until > clock.now(),
    until,
    confirm: needsConfirming(c),
    times: timesOf(c),
    mayEdit: mayEdit(c),
  };
}

async function candidatesOf(
  c: Ctx,
  choice: LetterChoice,
): Promise<Pick<LettersForm, "rows" | "total">> {
  return await listLetterCandidates(c.var.services.sql, choice, momentOf(c));
}

function formOf(
  c: Ctx,
  found: Pick<LettersForm, "rows" | "total">,
  chosen: ReadonlySet<number>,
  problems: LettersForm["problems"],
): LettersForm {
  return {
    ...found,
    chosen,
    days: c.var.settings.letter_days,
    confirm: needsConfirming(c),
    problems,
  };
}

/** One logon, or all without an email that match what was searched for in Bulk Reset. */
function choiceOf(c: Ctx): LetterChoice {
  const logon = readId(c.req.query("logon"));
  if (logon !== null) return { ids: [logon] };
  const year = storable(c.req.query("year") ?? "").trim().slice(0, 40);
  return { search: readSearch(c.req.query("q") ?? ""), year: year || null };
}

function byGroup(one: Letter, other: Letter): number {
  const group = ({ learners }: Letter): string => learners[0]?.group ?? "";
  // Those without a group last: they are not handed out in a class.
  return Number(group(one) === "") - Number(group(other) === "") ||
    IN_ORDER.compare(`${group(one)} ${one.name}`, `${group(other)} ${other.name}`);
}
