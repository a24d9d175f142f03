// Parent Logons: the list, Add Logon, Edit, Delete and the way back.

import { transaction } from "../db/connect.ts";
import { findLearnerOptions, LEARNER_STATUSES, listGroups } from "../db/learners.ts";
import {
  findLogonRows,
  listLogons,
  type ListView,
  type LogonRow,
  SORTS,
  STATES,
} from "../db/logon_list.ts";
import {
  addLogon,
  blockedSentence,
  checkLogon,
  cleanLogon,
  deleteLogon,
  editLogon,
  findBlocked,
  findLogon,
  findLogonFacts,
  type LogonChange,
  type LogonDetails,
  type LogonFacts,
  type LogonInput,
  LogonRefused,
  MOST_LINKED,
  type Problems,
  restoreLogon,
  type TypedPassword,
  warnAboutLogon,
} from "../db/logons.ts";
import { MOST_COUNTED } from "../db/search.ts";
import { CHOSEN_COST } from "../lib/passwords.ts";
import { DeleteDialog, GoneDialog, LogonDialog, type LogonForm } from "../views/logon_dialog.tsx";
import {
  Deleted,
  ListAnswer,
  ListChanged,
  type ListProps,
  LogonsPage,
  toQuery,
} from "../views/logons.tsx";
import { partialsOnly } from "../views/swap.tsx";
import { fullName, Toast } from "../views/ui.tsx";
import type { Child } from "hono/jsx";
import {
  answer,
  authorOf,
  type Ctx,
  factory,
  type Fields,
  momentOf,
  page,
  readForm,
  readId,
  timesOf,
  wantsPiece,
} from "./context.ts";
import { confirmOwnPassword, needsConfirming } from "./confirmation.ts";
import { notFound } from "./errors.tsx";
import { mayChange } from "./guards.ts";
import { frameOf } from "./frame.tsx";
import { draftOf, readLogonInput } from "./logon_drafts.tsx";

const DAY = 24 * 3600 * 1000;

export const logons = factory.createApp()
  .get("/", async (c) => {
    const query = new URL(c.req.url).searchParams;
    const done = readDone(query);
    const listed = listOf(c, readView(query), done);
    if (!wantsPiece(c)) {
      const [list, frame, toast] = await Promise.all([listed, frameOf(c), toastOf(c, done)]);
      return await page(c, <LogonsPage frame={frame} {...list} toasts={toast} />);
    }
    const list = await listed;
    // A link brings its own entry in the history; only searching replaces the one there is.
    const byLink = c.req.header("hx-source")?.startsWith("a") ?? false;
    if (!byLink) c.header("HX-Replace-Url", `/logons${toQuery(list.view, list.view)}`);
    return await page(c, <ListAnswer {...list} />);
  })
  .get("/new", async (c) => {
    mayChange(c);
    return await showDialog(c, <LogonDialog form={await emptyForm(c)} />);
  })
  .post("/", async (c) => {
    const form = await readForm(c);
    const checked = await check(c, form, null);
    if (hasProblems(checked.problems)) return await refuse(c, form, null, checked.problems);
    const change = await changeOf(c, checked);
    const id = await refusedToNull(transaction(c.var.services.sql, (tx) => addLogon(tx, change)));
    if (id instanceof LogonRefused) return await refuse(c, form, null, { [id.field]: id.message });
    const warnings = warnAboutLogon(change.logon, change.learnerIds.length, checked.facts, id);
    return await listChanged(c, form.text("query"), { what: "added", id }, {
      toast: <>{nameOf(change)} was added. {warnings.join(" ")}</>,
      stays: warnings.length > 0,
    });
  })
  .get("/:id/edit", async (c) => {
    mayChange(c);
    const logon = await findLogon(c.var.services.sql, readId(c.req.param("id")) ?? notFound());
    if (logon === null || logon.deletedAt !== null) return await gone(c);
    return await showDialog(c, <LogonDialog form={await formOf(c, logon)} />);
  })
  .post("/:id", async (c) => {
    const id = readId(c.req.param("id")) ?? notFound();
    const form = await readForm(c);
    const version = readVersion(form);
    const logon = await findLogon(c.var.services.sql, id);
    if (logon === null || logon.deletedAt !== null) return await gone(c);
    const checked = await check(c, form, id);
    if (hasProblems(checked.problems)) return await refuse(c, form, logon, checked.problems);
    const change = await changeOf(c, checked);
    const stored = await refusedToNull(
      transaction(c.var.services.sql, (tx) => editLogon(tx, id, version, change)),
    );
    if (stored instanceof LogonRefused) {
      return await refuse(c, form, logon, { [stored.field]: stored.message });
    }
    if (!stored) return await conflict(c, form, id);
    const warnings = warnAboutLogon(change.logon, change.learnerIds.length, checked.facts, id);
    return await listChanged(c, form.text("query"), { what: "saved", id }, {
      toast: <>{nameOf(change)} was saved. {warnings.join(" ")}</>,
      stays: warnings.length > 0,
    });
  })
  .get("/:id/deletion", async (c) => {
    mayChange(c);
    const logon = await findLogon(c.var.services.sql, readId(c.req.param("id")) ?? notFound());
    if (logon === null || logon.deletedAt !== null) return await gone(c);
    return await showDialog(c, deleteDialog(c, logon, queryOf(c)));
  })
  .post("/:id/deletion", async (c) => {
    const { sql, clock } = c.var.services;
    const id = readId(c.req.param("id")) ?? notFound();
    const form = await readForm(c);
    const logon = await findLogon(sql, id);
    if (logon === null || logon.deletedAt !== null) return await gone(c);
    const problem = await confirmOwnPassword(c, form);
    if (problem !== null) {
      return await showDialog(c, deleteDialog(c, logon, form.text("query"), problem), 422);
    }
    const name = await transaction(sql, (tx) => deleteLogon(tx, id, authorOf(c), clock.now()));
    if (name === null) return await gone(c);
    return await listChanged(c, form.text("query"), { what: "deleted", id }, {
      toast: <Deleted id={id} name={name} />,
      stays: true,
    });
  })
  .post("/:id/restoration", async (c) => {
    const { sql } = c.var.services;
    const id = readId(c.req.param("id")) ?? notFound();
    const name = await transaction(sql, (tx) => restoreLogon(tx, id, authorOf(c)));
    if (name === null && await findLogon(sql, id) === null) notFound();
    return await listChanged(c, queryOf(c), { what: "restored", id }, {
      toast: name === null ? "It is there already." : <>{name}’s logon is back.</>,
    });
  });

type Checked = {
  readonly input: LogonInput;
  readonly learnerIds: readonly number[];
  readonly facts: LogonFacts;
  readonly problems: Problems;
};

/** Reads the posted logon and holds it against everything it must keep. */
async function check(c: Ctx, form: Fields, self: number | null): Promise<Checked> {
  const { sql, config } = c.var.services;
  const input = readLogonInput(form);
  const logon = cleanLogon(input);
  const facts = await findLogonFacts(sql, {
    usernames: [logon.username],
    emails: logon.email === null ? [] : [logon.email],
  });
  const problems = checkLogon(input, facts, {
    ...(self === null ? {} : { self }),
    shortestPassword: c.var.settings.shortest_password,
    schoolName: config.schoolName,
  });
  const wanted = form.texts("learner").map((text) => readId(text)).filter((id) => id !== null);
  const learners = await findLearnerOptions(sql, [...new Set(wanted)]);
  const blocked = self === null ? [] : await findBlocked(sql, self, learners.map((one) => one.id));
  const refused = learners.find((learner) => blocked.includes(learner.id));
  const tooMany = learners.length > MOST_LINKED
    ? `Link at most ${MOST_LINKED} learners to one logon.`
    : undefined;
  const wrong = refused ? blockedSentence(refused) : tooMany;
  return {
    input,
    learnerIds: learners.map((learner) => learner.id),
    facts,
    problems: wrong === undefined ? problems : { ...problems, learners: wrong },
  };
}

async function changeOf(c: Ctx, checked: Checked): Promise<LogonChange> {
  return {
    logon: cleanLogon(checked.input),
    learnerIds: checked.learnerIds,
    password: await temporaryPassword(c, checked.input.password),
    author: authorOf(c),
  };
}

/** A password that the office types is temporary: the parent must choose their own. Hashed before any transaction begins. */
async function temporaryPassword(c: Ctx, typed: string): Promise<TypedPassword | null> {
  if (typed === "") return null;
  const { hasher, clock } = c.var.services;
  const days = c.var.settings.temporary_password_days;
  return {
    hash: await hasher.hash(typed, CHOSEN_COST),
    expiresAt: new Date(clock.now().getTime() + days * DAY),
  };
}

async function refusedToNull<T>(work: Promise<T>): Promise<T | LogonRefused> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof LogonRefused) return error;
    throw error;
  }
}

/** The same window with everything that was typed, and what is wrong beside it. */
async function refuse(
  c: Ctx,
  form: Fields,
  logon: LogonDetails | null,
  problems: Problems,
): Promise<Response> {
  const shown: LogonForm = {
    ...await emptyForm(c),
    values: readLogonInput(form),
    learners: await draftOf(c, form),
    query: form.text("query"),
    problems,
    ...(logon === null ? {} : {
      edited: {
        id: logon.id,
        version: readVersion(form),
        hasPassword: logon.hasPassword,
      },
    }),
  };
  return await showDialog(c, <LogonDialog form={shown} />, 422);
}

/** Somebody else was quicker: nothing was stored, what they changed is said, and saving again is a choice. */
async function conflict(c: Ctx, form: Fields, id: number): Promise<Response> {
  const now = await findLogon(c.var.services.sql, id);
  if (now === null || now.deletedAt !== null) return await gone(c);
  const typed = cleanLogon(readLogonInput(form));
  const learners = form.texts("learner").map(Number).sort().join();
  const differences = [
    now.firstName === typed.firstName ? "" : `First name is now “${now.firstName}”.`,
    now.surname === typed.surname ? "" : `Surname is now “${now.surname}”.`,
    now.email === typed.email
      ? ""
      : `Email is now ${now.email === null ? "empty" : `“${now.email}”`}.`,
    now.username === typed.username ? "" : `Username is now “${now.username}”.`,
    [...now.learnerIds].sort().join() === learners ? "" : "The linked learners are others now.",
  ].filter(Boolean);
  const shown: LogonForm = {
    ...await emptyForm(c),
    values: readLogonInput(form),
    learners: await draftOf(c, form),
    query: form.text("query"),
    edited: { id, version: now.version, hasPassword: now.hasPassword },
    conflict: [
      "Nothing of yours was stored.",
      ...differences,
      "Save again to store what you see below, or cancel to keep theirs.",
    ].join(" "),
  };
  return await showDialog(c, <LogonDialog form={shown} />, 409);
}

async function emptyForm(c: Ctx): Promise<LogonForm> {
  return await Promise.resolve({
    values: { firstName: "", surname: "", email: "", username: "", password: "" },
    problems: {},
    learners: {
      linked: [],
      picker: { open: false, status: "Current", search: "", options: [], more: false },
    },
    query: queryOf(c),
    temporaryDays: c.var.settings.temporary_password_days,
    learnerStatuses: LEARNER_STATUSES,
  });
}

async function formOf(c: Ctx, logon: LogonDetails): Promise<LogonForm> {
  const form = await emptyForm(c);
  return {
    ...form,
    values: { ...logon, email: logon.email ?? "", password: "" },
    edited: { id: logon.id, version: logon.version, hasPassword: logon.hasPassword },
    learners: {
      ...form.learners,
      linked: await findLearnerOptions(c.var.services.sql, logon.learnerIds),
    },
  };
}

function deleteDialog(c: Ctx, logon: LogonDetails, query: string, problem?: string): Child {
  return (
    <DeleteDialog
      logon={logon}
      restoreDays={c.var.settings.restore_days}
      confirm={needsConfirming(c)}
      problem={problem}
      query={query}
    />
  );
}

async function gone(c: Ctx): Promise<Response> {
  const said = "This logon is not there any more: somebody has deleted it meanwhile.";
  return await showDialog(c, <GoneDialog title="Not there any more">{said}</GoneDialog>, 404);
}

/** The window: as a piece into the open page, or on top of the list where its address was opened. */
export async function showDialog(
  c: Ctx,
  dialog: Child,
  status: 200 | 404 | 409 | 422 = 200,
): Promise<Response> {
  return await answer(c, {
    piece: () => dialog,
    page: async () => {
      const list = await listOf(c, readView(new URLSearchParams(queryOf(c))));
      return <LogonsPage frame={await frameOf(c)} {...list} dialog={dialog} />;
    },
  }, status);
}

const CHANGES = ["added", "saved", "deleted", "restored", "secured"] as const;
/** What was done to which logon. */
type Done = { readonly what: (typeof CHANGES)[number]; readonly id: number };

/**
 * After a change: the list as it was being looked at, with what was done said; without script a redirect to it, so that
 * loading the page again changes nothing.
 */
export async function listChanged(
  c: Ctx,
  query: string,
  done: Done,
  said: { toast: Child; stays?: boolean },
): Promise<Response> {
  const view = readView(new URLSearchParams(query));
  if (!wantsPiece(c)) {
    const address = toQuery(view, view);
    return c.redirect(
      `/logons${address}${address === "" ? "?" : "&"}done=${done.what}-${done.id}`,
      303,
    );
  }
  const list = await listOf(c, view, done);
  const response = await page(
    c,
    <ListChanged {...list} stays={said.stays ?? false}>{said.toast}</ListChanged>,
  );
  Object.entries(partialsOnly(["dialog:close"])).forEach(([name, value]) =>
    response.headers.set(name, value)
  );
  return response;
}

function freshOf(done: Done | null): number | null {
  return done !== null && (done.what === "added" || done.what === "restored") ? done.id : null;
}

/** What the address says was just done; null if it says nothing that can be. */
function readDone(query: URLSearchParams): Done | null {
  const [what, number] = (query.get("done") ?? "").split("-");
  const known = CHANGES.find((change) => change === what);
  const id = readId(number);
  return known === undefined || id === null ? null : { what: known, id };
}

/** The same words as without a redirect, from the logon as it is now. */
async function toastOf(c: Ctx, done: Done | null): Promise<Child> {
  const logon = done === null ? null : await findLogon(c.var.services.sql, done.id);
  if (done === null || logon === null) return null;
  const name = fullName(logon);
  if (done.what === "deleted") {
    return logon.deletedAt === null ? null : (
      <Toast stays>
        <Deleted id={done.id} name={name} />
      </Toast>
    );
  }
  const sentence = {
    added: `${name} was added.`,
    saved: `${name} was saved.`,
    restored: `${name}’s logon is back.`,
    secured: `The two factor authentication of ${name} was changed.`,
  }[done.what];
  return <Toast>{sentence}</Toast>;
}

async function listOf(c: Ctx, view: ListView, done: Done | null = null): Promise<ListProps> {
  const fresh = freshOf(done);
  const { sql } = c.var.services;
  const moment = momentOf(c);
  const [found, groups, marked] = await Promise.all([
    listLogons(sql, view, moment),
    listGroups(sql),
    fresh === null ? [] : findLogonRows(sql, [fresh], moment),
  ]);
  const row: LogonRow | undefined = marked[0];
  return {
    view: found.startedAnew ? { ...view, after: null, before: null } : view,
    page: found,
    fresh: row,
    freshWord: done?.what === "restored" ? "restored" : "new",
    ...groups,
    times: timesOf(c),
    mayEdit: c.var.admin.role !== "Viewer",
    mostCounted: MOST_COUNTED,
  };
}

/** What the address bar says; whatever it says wrong is as if it were not there. */
export function readView(query: URLSearchParams): ListView {
  const sort = query.get("sort") ?? "surname";
  const known = SORTS.find((one) => one === sort.replace(/^-/, ""));
  return {
    search: storable(query.get("q") ?? "").trim().slice(0, 200),
    state: STATES.find((state) => state === query.get("state")) ?? null,
    year: storable(query.get("year") ?? "").slice(0, 40) || null,
    group: storable(query.get("group") ?? "").slice(0, 40) || null,
    sort: known ?? "surname",
    descending: known !== undefined && sort.startsWith("-"),
    after: readId(query.get("after") ?? undefined),
    before: readId(query.get("before") ?? undefined),
  };
}

function storable(text: string): string {
  return text.toWellFormed().replaceAll("\0", "");
}

/** The query of the list that the browser shows: from the page's address, else from the request's own. */
function queryOf(c: Ctx): string {
  const current = c.req.header("hx-current-url");
  const url = new URL(current !== undefined && URL.canParse(current) ? current : c.req.url);
  const view = readView(url.searchParams);
  return toQuery(view, view);
}

/** Which edit of the logon was shown; 0, which no logon has, for whatever cannot be one. */
function readVersion(form: Fields): number {
  const version = readId(form.text("version")) ?? 0;
  return version <= 2 ** 31 - 1 ? version : 0;
}

function hasProblems(problems: Problems): boolean {
  return Object.keys(problems).length > 0;
}

function nameOf(change: LogonChange): string {
  return fullName(change.logon);
}
