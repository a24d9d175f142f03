// Needs attention: the inbox, and applying, keeping or unlinking what stands in it, one by one or many at once.

import type { Child } from "hono/jsx";
import {
  applyAttention,
  ATTENTION_DEEDS,
  ATTENTION_KINDS,
  type AttentionChoice,
  type AttentionDeed,
  type AttentionOutcome,
  type AttentionView,
  countAttentionKinds,
  findChosen,
  keepAttention,
  listAttention,
  unlinkAttention,
} from "../db/attention.ts";
import { countDueBlocks } from "../db/blocks.ts";
import { transaction } from "../db/connect.ts";
import { MOST_COUNTED } from "../db/search.ts";
import {
  AttentionAnswer,
  AttentionChanged,
  AttentionPageView,
  type AttentionProps,
  attentionQuery,
} from "../views/attention.tsx";
import { ConfirmAttention, outcomeSentence } from "../views/attention_changes.tsx";
import { asDialog } from "../views/swap.tsx";
import { Toast } from "../views/ui.tsx";
import { confirmOwnPassword, needsConfirming } from "./confirmation.ts";
import {
  answer,
  authorOf,
  type Ctx,
  factory,
  type Fields,
  page,
  partials,
  readForm,
  readId,
  timesOf,
  wantsPiece,
  withHeaders,
} from "./context.ts";
import { frameOf } from "./frame.tsx";
import { mayBlock, mayEdit } from "./guards.ts";
import { readSearch, shownView } from "./lists.ts";

type Asked = { readonly deed: AttentionDeed; readonly choice: AttentionChoice };

export const attention = factory.createApp()
  .get("/", async (c) => {
    const query = new URL(c.req.url).searchParams;
    const list = await listOf(c, readAttentionView(query));
    return await answer(c, {
      page: async () => (
        <AttentionPageView frame={await frameOf(c)} {...list} toasts={toastOf(query)} />
      ),
      piece: () => <AttentionAnswer {...list} />,
    });
  })
  .post("/changes", async (c) => {
    const form = await readForm(c);
    const asked = readAsked(form);
    if (asked === null) return await done(c, form, "Choose at least one, and what to do with it.");
    const isMany = asked.choice.all || asked.choice.ids.length > 1;
    if (isMany && needsConfirming(c)) {
      const problem = form.text("confirmed") === "yes" ? await confirmOwnPassword(c, form) : null;
      if (problem !== null || form.text("confirmed") !== "yes") {
        return await confirm(c, asked, problem ?? undefined);
      }
    }
    const { sql } = c.var.services;
    const { ids, more } = await findChosen(sql, asked.choice);
    const outcome = { ...await change(c, asked.deed, ids), more };
    return await done(c, form, outcomeSentence(asked.deed, outcome), { deed: asked.deed, outcome });
  });

function change(
  c: Ctx,
  deed: AttentionDeed,
  ids: readonly number[],
): Promise<AttentionOutcome> {
  const { sql, clock } = c.var.services;
  const author = authorOf(c);
  return transaction(sql, (tx) => {
    switch (deed) {
      case "apply":
        return applyAttention(tx, ids, author, clock.now());
      case "keep":
        return keepAttention(tx, ids, author, clock.now());
      case "unlink":
        return unlinkAttention(tx, ids, author);
    }
  });
}

/** The list as it is now, with what was done said; without script a redirect, so that loading again changes nothing. */
async function done(
  c: Ctx,
  form: Fields,
  sentence: string,
  what?: { readonly deed: AttentionDeed; readonly outcome: AttentionOutcome },
): Promise<Response> {
  const view = readAttentionView(new URLSearchParams(form.text("query")));
  if (!wantsPiece(c)) {
    const query = new URLSearchParams(attentionQuery(view));
    const { done = 0, leftOut = 0, gone = 0, more = false } = what?.outcome ?? {};
    query.set("done", [what?.deed ?? "none", done, leftOut, gone, more ? 1 : 0].join("-"));
    return c.redirect(`/attention?${query}`, 303);
  }
  const list = await listOf(c, view);
  // The window is open only where it asked for the password.
  const events = form.text("confirmed") === "yes" ? ["dialog:close"] : [];
  return await partials(c, <AttentionChanged {...list}>{sentence}</AttentionChanged>, events);
}

async function confirm(c: Ctx, asked: Asked, problem?: string): Promise<Response> {
  const { ids, all, view } = asked.choice;
  const dialog = (
    <ConfirmAttention
      deed={asked.deed}
      ids={all ? [] : ids}
      all={all}
      query={attentionQuery(view)}
      confirm
      problem={problem}
    />
  );
  const status = problem === undefined ? 200 : 422;
  if (!wantsPiece(c)) {
    const list = await listOf(c, view);
    return await page(
      c,
      <AttentionPageView frame={await frameOf(c)} {...list} dialog={dialog} />,
      status,
    );
  }
  return withHeaders(await page(c, dialog, status), asDialog());
}

/** What was said by the redirect that led here. */
function toastOf(query: URLSearchParams): Child {
  const [word, ...numbers] = (query.get("done") ?? "").split("-");
  if (word === "none") return <Toast>Choose at least one, and what to do with it.</Toast>;
  const deed = ATTENTION_DEEDS.find((known) => known === word);
  const [done = 0, leftOut = 0, gone = 0, more = 0] = numbers.map((text) => readId(text) ?? 0);
  return deed === undefined
    ? null
    : <Toast>{outcomeSentence(deed, { done, leftOut, gone, more: more > 0 })}</Toast>;
}

async function listOf(c: Ctx, view: AttentionView): Promise<AttentionProps> {
  const { sql, clock } = c.var.services;
  const [found, counts, dueBlocks] = await Promise.all([
    listAttention(sql, view),
    countAttentionKinds(sql),
    countDueBlocks(sql, clock.today()),
  ]);
  return {
    view: shownView(view, found),
    page: found,
    counts,
    dueBlocks,
    times: timesOf(c),
    mayEdit: mayEdit(c),
    mayBlock: mayBlock(c),
    mostCounted: MOST_COUNTED,
  };
}

function readAttentionView(query: URLSearchParams): AttentionView {
  return {
    search: readSearch(query.get("q") ?? ""),
    kind: ATTENTION_KINDS.find((kind) => kind === query.get("kind")) ?? null,
    kept: query.get("show") === "kept",
    descending: true,
    after: readId(query.get("after") ?? undefined),
    before: readId(query.get("before") ?? undefined),
  };
}

/** One item by its own button, or those that are ticked; null if nothing is chosen. */
function readAsked(form: Fields): Asked | null {
  const view = readAttentionView(new URLSearchParams(form.text("query")));
  const [word, number] = form.text("one").split("-");
  const one = readId(number);
  const deed = ATTENTION_DEEDS.find((known) => known === (one === null ? form.text("deed") : word));
  if (deed === undefined) return null;
  if (one !== null) return { deed, choice: { ids: [one], all: false, view } };
  const shown = form.text("select_shown") === "yes" ? form.texts("shown") : [];
  const ids = [...new Set([...form.texts("item"), ...shown])].map((text) => readId(text))
    .filter((id) => id !== null);
  const all = form.text("all") === "1";
  return ids.length === 0 && !all ? null : { deed, choice: { ids, all, view } };
}
