// Blocks: setting, seeing, looking at again and lifting what keeps one parent from one learner.

import type { Child } from "hono/jsx";
import {
  type AdultRef,
  findAdult,
  listAdultsNear,
  listLearnersNear,
} from "../db/blocked_adults.ts";
import {
  addBlock,
  type Block,
  BLOCK_STATES,
  type BlockReader,
  type BlocksView,
  checkBlock,
  findBlock,
  liftBlock,
  listBlocks,
  LONGEST_REASON,
  reasonProblem,
  relinkBlocked,
  reviewBlock,
  reviewProblem,
} from "../db/blocks.ts";
import { transaction } from "../db/connect.ts";
import { findLearnerOptions } from "../db/learners.ts";
import { MOST_COUNTED } from "../db/search.ts";
import {
  BlockChanged,
  BlockDialog,
  BlockDone,
  type BlockForm,
  BlockWindow,
  LiftDialog,
} from "../views/block_dialogs.tsx";
import { BlocksList, BlocksPage, type BlocksProps } from "../views/blocks.tsx";
import { GoneDialog } from "../views/logon_dialog.tsx";
import { Toast } from "../views/ui.tsx";
import { confirmOwnPassword, needsConfirming } from "./confirmation.ts";
import {
  answer,
  authorOf,
  type Ctx,
  factory,
  partials,
  readForm,
  readId,
  timesOf,
  wantsPiece,
} from "./context.ts";
import { notFound } from "./errors.tsx";
import { frameOf } from "./frame.tsx";
import { mayBlock, mustBlock } from "./guards.ts";
import { shownView } from "./lists.ts";

const DONE = ["set", "reviewed", "lifted", "linked"] as const;
type Done = (typeof DONE)[number];

export const blocks = factory.createApp()
  .get("/", async (c) => {
    const list = await listOf(c, readBlocksView(new URL(c.req.url).searchParams));
    return await answer(c, {
      page: async () => <BlocksPage frame={await frameOf(c)} {...list} toasts={await toastOf(c)} />,
      piece: () => <BlocksList {...list} />,
    });
  })
  .get("/new", async (c) => {
    mustBlock(c);
    const form = await formOf(c, (name) => c.req.query(name));
    return form === null ? await gone(c) : await showOnBlocks(c, <BlockDialog form={form} />);
  })
  .post("/", async (c) => {
    mustBlock(c);
    const { sql, clock } = c.var.services;
    const fields = await readForm(c);
    const form = await formOf(c, (name) => fields.text(name));
    if (form === null) return await gone(c);
    const values = { reason: fields.text("reason"), reviewOn: fields.text("review_on").trim() };
    const problems = {
      ...(form.adult === null ? { adult: "Choose the parent." } : {}),
      ...checkBlock(values, { hasLearner: form.learner !== null, today: clock.today() }),
    };
    const { adult, learner } = form;
    const shown = {
      ...form,
      values: { ...values, reason: values.reason.slice(0, 2 * LONGEST_REASON) },
    };
    if (adult === null || learner === null || Object.keys(problems).length > 0) {
      return await showOnBlocks(c, <BlockDialog form={{ ...shown, problems }} />, 422);
    }
    const block = {
      adult,
      learnerId: learner.id,
      reason: values.reason,
      reviewOn: values.reviewOn || null,
    };
    const id = await transaction(sql, (tx) => addBlock(tx, block, authorOf(c), clock.now()));
    if (id === null) {
      const said = { learner: "There is such a block already." };
      return await showOnBlocks(c, <BlockDialog form={{ ...shown, problems: said }} />, 409);
    }
    return await changed(c, id, "set");
  })
  .get("/:id", async (c) => {
    const block = await blockOf(c);
    return await showBlock(c, block);
  })
  .post("/:id/reviews", async (c) => {
    mustBlock(c);
    const { sql, clock } = c.var.services;
    const block = await blockOf(c);
    const date = (await readForm(c)).text("review_on").trim();
    const problem = reviewProblem(date, clock.today());
    if (problem !== undefined) return await showBlock(c, block, { date, problem });
    const done = await transaction(
      sql,
      (tx) => reviewBlock(tx, block.id, date || null, authorOf(c), clock.now()),
    );
    return done ? await changed(c, block.id, "reviewed") : await showBlock(c, await blockOf(c));
  })
  .get("/:id/lifting", async (c) => {
    mustBlock(c);
    const block = await blockOf(c);
    if (block.liftedAt !== null) return await showBlock(c, block);
    return await showOnBlocks(
      c,
      <LiftDialog block={block} reason="" confirm={needsConfirming(c)} problems={{}} />,
    );
  })
  .post("/:id/lifting", async (c) => {
    mustBlock(c);
    const { sql, clock } = c.var.services;
    const block = await blockOf(c);
    // Sent twice, or lifted by somebody else meanwhile: it is as it was to be.
    if (block.liftedAt !== null) return await changed(c, block.id, "lifted");
    const fields = await readForm(c);
    const reason = fields.text("reason");
    const wrong = reasonProblem(reason, "Say why it is lifted.");
    const password = wrong.reason === undefined ? await confirmOwnPassword(c, fields) : null;
    const problems = { ...wrong, ...(password === null ? {} : { own_password: password }) };
    if (Object.keys(problems).length > 0) {
      const shown = reason.slice(0, 2 * LONGEST_REASON);
      const dialog = (
        <LiftDialog block={block} reason={shown} confirm={needsConfirming(c)} problems={problems} />
      );
      return await showOnBlocks(c, dialog, 422);
    }
    await transaction(sql, (tx) => liftBlock(tx, block.id, reason, authorOf(c), clock.now()));
    return await changed(c, block.id, "lifted");
  })
  .post("/:id/links", async (c) => {
    const block = await blockOf(c);
    const linked = await transaction(
      c.var.services.sql,
      (tx) => relinkBlocked(tx, block.id, authorOf(c)),
    );
    return linked === null
      ? await showBlock(c, await blockOf(c))
      : await changed(c, block.id, "linked");
  });

/** What the address says of the adult and the learner, and what can be chosen of the other; null if somebody is not there. */
async function formOf(
  c: Ctx,
  field: (name: string) => string | undefined,
): Promise<BlockForm | null> {
  const { sql } = c.var.services;
  const ref = readAdult(field);
  const learnerId = readId(field("learner"));
  const adult = ref === null ? null : await findAdult(sql, ref);
  const [learner] = learnerId === null ? [] : await findLearnerOptions(sql, [learnerId]);
  if (ref !== null && adult === null || learnerId !== null && learner === undefined) return null;
  if (adult === null && learner === undefined) notFound();
  return {
    adult,
    adults: adult === null && learner !== undefined ? await listAdultsNear(sql, learner.id) : [],
    learner: learner ?? null,
    learners: adult !== null && learner === undefined ? await listLearnersNear(sql, adult) : [],
    values: { reason: "", reviewOn: "" },
    problems: {},
  };
}

/** "logon=12", "contact=5", or what was chosen in the window: "adult=logon-12". */
function readAdult(field: (name: string) => string | undefined): AdultRef | null {
  const [kind, number] = (field("adult") ?? "").split("-");
  const logonId = readId(field("logon")) ?? (kind === "logon" ? readId(number) : null);
  const contactId = readId(field("contact")) ?? (kind === "contact" ? readId(number) : null);
  if (logonId !== null) return { logonId };
  return contactId === null ? null : { contactId };
}

async function blockOf(c: Ctx): Promise<Block> {
  const id = readId(c.req.param("id")) ?? notFound();
  return await findBlock(c.var.services.sql, id, readerOf(c)) ?? notFound();
}

/** How much of a block whoever asks is told. */
export function readerOf(c: Ctx): BlockReader {
  return { seesReasons: mayBlock(c), today: c.var.services.clock.today() };
}

async function showBlock(
  c: Ctx,
  block: Block,
  typed?: { readonly date: string; readonly problem: string },
): Promise<Response> {
  const dialog = (
    <BlockWindow
      block={block}
      times={timesOf(c)}
      mayBlock={mayBlock(c)}
      reviewOn={typed?.date ?? (block.isDue ? "" : block.reviewOn ?? "")}
      problem={typed?.problem}
    />
  );
  return await showOnBlocks(c, dialog, typed === undefined ? 200 : 422);
}

async function gone(c: Ctx): Promise<Response> {
  const said = "The parent or the learner is not there any more.";
  return await showOnBlocks(c, <GoneDialog title="Not there any more">{said}</GoneDialog>, 404);
}

/** The window: as a piece into the open page, or on top of the list of blocks. */
async function showOnBlocks(
  c: Ctx,
  dialog: Child,
  status: 200 | 404 | 409 | 422 = 200,
): Promise<Response> {
  return await answer(c, {
    piece: () => dialog,
    page: async () => {
      const list = await listOf(c, readBlocksView(new URLSearchParams()));
      return <BlocksPage frame={await frameOf(c)} {...list} dialog={dialog} />;
    },
  }, status);
}

/** After a change: whatever list is open draws itself anew; without script the list of blocks, saying what was done. */
async function changed(c: Ctx, id: number, what: Done): Promise<Response> {
  if (!wantsPiece(c)) return c.redirect(`/blocks?done=${what}-${id}`, 303);
  const block = await findBlock(c.var.services.sql, id, readerOf(c)) ?? notFound();
  return await partials(
    c,
    <BlockChanged stays={what === "lifted"}>
      <BlockDone what={what} block={block} />
    </BlockChanged>,
    ["logons:changed", "blocks:changed", "attention:changed", "dialog:close"],
  );
}

async function toastOf(c: Ctx): Promise<Child> {
  const [word, number] = (c.req.query("done") ?? "").split("-");
  const what = DONE.find((known) => known === word);
  const id = readId(number);
  const block = id === null ? null : await findBlock(c.var.services.sql, id, readerOf(c));
  return what === undefined || block === null ? null : (
    <Toast stays={what === "lifted"}>
      <BlockDone what={what} block={block} />
    </Toast>
  );
}

async function listOf(c: Ctx, view: BlocksView): Promise<BlocksProps> {
  const found = await listBlocks(c.var.services.sql, view, readerOf(c));
  return {
    view: shownView(view, found),
    page: found,
    times: timesOf(c),
    mayBlock: mayBlock(c),
    mostCounted: MOST_COUNTED,
  };
}

function readBlocksView(query: URLSearchParams): BlocksView {
  const id = (name: string): number | null => readId(query.get(name) ?? undefined);
  return {
    state: BLOCK_STATES.find((state) => state === query.get("show")) ?? "in force",
    logonId: id("logon"),
    contactId: id("contact"),
    learnerId: id("learner"),
    descending: true,
    after: id("after"),
    before: id("before"),
  };
}
