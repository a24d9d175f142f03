// Feeds: what was read last, Upload a file, Help and its templates, and the review of a feed.

import { transaction } from "../db/connect.ts";
import type { FeedClass } from "../db/feed_diff.ts";
import {
  approveFeed,
  countFeedItems,
  FEED,
  listFeedItems,
  listFeedTasks,
  readFeedClass,
  startFeed,
} from "../db/feeds.ts";
import { startFeedUndo } from "../db/feed_undo.ts";
import { countUnknown } from "../db/parental_responsibilities.ts";
import { findTask, type Task } from "../db/tasks.ts";
import { contactsTemplate, learnersTemplate } from "../jobs/feed_templates.ts";
import { XLSX } from "../jobs/import_workbooks.ts";
import { checksumOf } from "../lib/feeds/checksum.ts";
import { MAX_FEED_BYTES } from "../lib/feeds/read.ts";
import { CONTACT_COLUMNS, LEARNER_COLUMNS } from "../lib/feeds/sheet_columns.ts";
import { FeedPage, FeedReview, type FeedReviewProps } from "../views/feed_review.tsx";
import { FeedDialog, FeedHelp, FeedsPage } from "../views/feeds.tsx";
import { confirmOwnPassword, needsConfirming } from "./confirmation.ts";
import {
  answer,
  authorOf,
  type Ctx,
  factory,
  page,
  readForm,
  readId,
  timesOf,
  wantsPiece,
} from "./context.ts";
import { notFound } from "./errors.tsx";
import { frameOf } from "./frame.tsx";
import { mayChange } from "./guards.ts";
import { attachment, taskStarted } from "./task_alerts.tsx";

const MEGABYTES = MAX_FEED_BYTES / 1024 / 1024;
const PAGE_SIZE = 100;
const TASKS_SHOWN = 30;

export const feeds = factory.createApp()
  .get("/", async (c) => await feedsPage(c))
  .get("/new", async (c) => {
    mayChange(c);
    return await showDialog(c, <FeedDialog megabytes={MEGABYTES} />);
  })
  .get(
    "/help",
    async (c) =>
      await showDialog(c, <FeedHelp learners={LEARNER_COLUMNS} contacts={CONTACT_COLUMNS} />),
  )
  .get(
    "/templates/learners.xlsx",
    async (c) => c.body(await learnersTemplate(), 200, download("Learners.xlsx")),
  )
  .get(
    "/templates/contacts.xlsx",
    async (c) => c.body(await contactsTemplate(), 200, download("Contacts.xlsx")),
  )
  .post("/", async (c) => {
    const { sql, clock, queue } = c.var.services;
    const form = await readForm(c);
    const file = form.file("file");
    const problem = fileProblem(file);
    if (file === null || problem !== null) {
      return await showDialog(
        c,
        <FeedDialog megabytes={MEGABYTES} problem={problem ?? undefined} />,
        422,
      );
    }
    const bytes = new Uint8Array(await file.arrayBuffer());
    const checksum = await checksumOf(bytes);
    const id = await transaction(sql, async (tx) => {
      const taskId = await startFeed(tx, {
        adminId: c.var.admin.id,
        name: file.name,
        bytes,
        checksum,
        isComplete: form.text("complete") === "yes",
        at: clock.now(),
        requestId: c.var.requestId,
      });
      await queue.send(tx, FEED, taskId);
      return taskId;
    });
    return await taskStarted(c, `/feeds/${id}`, `${file.name} is being read.`);
  })
  .get("/:id", async (c) => {
    const review = await reviewOf(c, await feedOf(c));
    return await answer(c, {
      page: async () => <FeedPage frame={await frameOf(c)} {...review} />,
      piece: () => <FeedReview {...review} />,
    });
  })
  .post("/:id/approval", async (c) => {
    const { sql, queue } = c.var.services;
    const task = await feedOf(c);
    // Pressed twice, or by two people: the second finds it under way.
    await transaction(sql, async (tx) => {
      if (await approveFeed(tx, task.id, authorOf(c))) await queue.send(tx, FEED, task.id);
    });
    return c.redirect(`/feeds/${task.id}`, 303);
  })
  .post("/:id/undoing", async (c) => {
    const { sql, queue } = c.var.services;
    const task = await feedOf(c);
    const problem = await confirmOwnPassword(c, await readForm(c));
    if (problem !== null) {
      const review = { ...await reviewOf(c, task), problem };
      return await page(c, <FeedPage frame={await frameOf(c)} {...review} />, 422);
    }
    await transaction(sql, async (tx) => {
      if (await startFeedUndo(tx, task.id, authorOf(c))) await queue.send(tx, FEED, task.id);
    });
    return c.redirect(`/feeds/${task.id}`, 303);
  });

/** Why a file is refused before it is read, in a sentence that says what to do; null if it may be read. */
function fileProblem(file: File | null): string | null {
  if (file === null || file.name === "") return "Choose a file first.";
  const ending = /\.([a-z0-9]+)$/i.exec(file.name)?.[1]?.toLowerCase() ?? "";
  if (!["xlsx", "csv", "zip", "xml"].includes(ending)) {
    return `${file.name} is not a file that can be read here. Choose a list (.xlsx, .csv), a package (.zip) or a Common Transfer File (.xml).`;
  }
  if (file.size === 0) return `${file.name} is empty. Export it again, and choose it again.`;
  return file.size > MAX_FEED_BYTES
    ? `${file.name} is larger than ${MEGABYTES} MB. Send one school at a time.`
    : null;
}

function download(name: string): Record<string, string> {
  return { "content-type": XLSX, "content-disposition": attachment(name) };
}

async function feedOf(c: Ctx): Promise<Task> {
  const id = readId(c.req.param("id")) ?? notFound();
  const task = await findTask(c.var.services.sql, id);
  return task !== null && task.kind === FEED ? task : notFound();
}

async function reviewOf(c: Ctx, task: Task): Promise<FeedReviewProps> {
  const { sql } = c.var.services;
  const counts = await countFeedItems(sql, task.id);
  const shown = readFeedClass(c.req.query("class")) ?? firstClass(counts);
  const after = readId(c.req.query("after")) ?? 0;
  const items = await listFeedItems(sql, task.id, { class: shown, after, limit: PAGE_SIZE + 1 });
  return {
    task,
    counts,
    shown,
    items: items.slice(0, PAGE_SIZE),
    next: items.length > PAGE_SIZE ? items[PAGE_SIZE - 1]?.position ?? null : null,
    mayEdit: c.var.admin.role !== "Viewer",
    asksPassword: needsConfirming(c),
  };
}

/** What the office wants to see first: what needs a decision. */
function firstClass(counts: ReadonlyMap<FeedClass, number>): FeedClass | null {
  const order: FeedClass[] = ["error", "conflict", "leaver", "update", "create"];
  return order.find((name) => counts.has(name)) ?? null;
}

async function feedsPage(
  c: Ctx,
  dialog?: Parameters<typeof FeedsPage>[0]["dialog"],
  status: 200 | 422 = 200,
): Promise<Response> {
  const { services: { sql, config }, admin } = c.var;
  const [frame, tasks, unknown] = await Promise.all([
    frameOf(c),
    listFeedTasks(sql, TASKS_SHOWN),
    countUnknown(sql),
  ]);
  return await page(
    c,
    <FeedsPage
      frame={frame}
      tasks={tasks}
      nightly={config.feedFolder === undefined
        ? null
        : { folder: config.feedFolder, at: config.feedAt }}
      unknown={unknown}
      times={timesOf(c)}
      mayEdit={admin.role !== "Viewer"}
      mayAdminister={admin.role === "Administrator"}
      {...(dialog === undefined ? {} : { dialog })}
    />,
    status,
  );
}

async function showDialog(
  c: Ctx,
  dialog: NonNullable<Parameters<typeof FeedsPage>[0]["dialog"]>,
  status: 200 | 422 = 200,
): Promise<Response> {
  return wantsPiece(c) ? await page(c, dialog, status) : await feedsPage(c, dialog, status);
}
