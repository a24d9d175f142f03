// Feeds: what was read last, Upload a file, Help and its templates, and the review of a feed.

import type { Child } from "hono/jsx";
import { transaction } from "../db/connect.ts";
import {
  approveFeed,
  countFeedItems,
  FEED,
  listFeedItems,
  listFeedTasks,
  startFeed,
} from "../db/feeds.ts";
import { startFeedUndo } from "../db/feed_undo.ts";
import { countUnknown } from "../db/parental_responsibilities.ts";
import type { Task } from "../db/tasks.ts";
import { contactsTemplate, learnersTemplate } from "../jobs/feed_templates.ts";
import { XLSX } from "../lib/excel/media_type.ts";
import { checksumOf } from "../lib/feeds/checksum.ts";
import { MAX_FEED_BYTES } from "../lib/feeds/read.ts";
import { CONTACT_COLUMNS, LEARNER_COLUMNS } from "../lib/feeds/sheet_columns.ts";
import { FEED_CLASSES, FeedPage, FeedReview, type FeedReviewProps } from "../views/feed_review.tsx";
import { FeedDialog, FeedHelp, FeedsPage } from "../views/feeds.tsx";
import { confirmOwnPassword, needsConfirming } from "./confirmation.ts";
import { answer, type Ctx, factory, page, readForm, timesOf } from "./context.ts";
import { frameOf } from "./frame.tsx";
import { mayEdit, mustEdit } from "./guards.ts";
import { pageAfter, resumeWork, shownClass, taskOf } from "./outcomes.ts";
import { attachment, taskStarted } from "./task_alerts.tsx";
import { type Accepted, readUpload } from "./uploads.ts";

const MEGABYTES = MAX_FEED_BYTES / 1024 / 1024;
const ACCEPTED: Accepted = {
  endings: ["xlsx", "csv", "zip", "xml"],
  megabytes: MEGABYTES,
  otherEnding: "Choose a list (.xlsx, .csv), a package (.zip) or a Common Transfer File (.xml).",
  verb: "Export",
  tooLarge: "Send one school at a time.",
};
const TASKS_SHOWN = 30;

export const feeds = factory.createApp()
  .get("/", async (c) => await page(c, feedsPage(c)))
  .get("/new", async (c) => {
    mustEdit(c);
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
    const file = await readUpload(form, ACCEPTED);
    if (typeof file === "string") {
      return await showDialog(c, <FeedDialog megabytes={MEGABYTES} problem={file} />, 422);
    }
    const checksum = await checksumOf(file.bytes);
    const id = await transaction(sql, async (tx) => {
      const taskId = await startFeed(tx, {
        adminId: c.var.admin.id,
        name: file.name,
        bytes: file.bytes,
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
    const review = await reviewOf(c, await taskOf(c, FEED));
    return await answer(c, {
      page: async () => <FeedPage frame={await frameOf(c)} {...review} />,
      piece: () => <FeedReview {...review} />,
    });
  })
  .post("/:id/approval", async (c) => {
    const task = await taskOf(c, FEED);
    return await resumeWork(c, task, `/feeds/${task.id}`, approveFeed);
  })
  .post("/:id/undoing", async (c) => {
    const task = await taskOf(c, FEED);
    const problem = await confirmOwnPassword(c, await readForm(c));
    if (problem !== null) {
      const review = { ...await reviewOf(c, task), problem };
      return await page(c, <FeedPage frame={await frameOf(c)} {...review} />, 422);
    }
    return await resumeWork(c, task, `/feeds/${task.id}`, startFeedUndo);
  });

function download(name: string): Record<string, string> {
  return { "content-type": XLSX, "content-disposition": attachment(name) };
}

async function reviewOf(c: Ctx, task: Task): Promise<FeedReviewProps> {
  const { sql } = c.var.services;
  const counts = await countFeedItems(sql, task.id);
  const shown = shownClass(c, FEED_CLASSES, (name) => counts.get(name) ?? 0);
  return {
    task,
    counts,
    shown,
    ...await pageAfter(
      c,
      (place) => listFeedItems(sql, task.id, { class: shown, ...place }),
      (item) => item.position,
    ),
    mayEdit: mayEdit(c),
    asksPassword: needsConfirming(c),
  };
}

async function showDialog(c: Ctx, dialog: Child, status: 200 | 422 = 200): Promise<Response> {
  return await answer(c, {
    piece: () => dialog,
    page: () => feedsPage(c, dialog),
  }, status);
}

async function feedsPage(c: Ctx, dialog?: Child): Promise<Child> {
  const { services: { sql, config }, admin } = c.var;
  const [frame, tasks, unknown] = await Promise.all([
    frameOf(c),
    listFeedTasks(sql, TASKS_SHOWN),
    countUnknown(sql),
  ]);
  return (
    <FeedsPage
      frame={frame}
      tasks={tasks}
      nightly={config.feedFolder === undefined
        ? null
        : { folder: config.feedFolder, at: config.feedAt }}
      unknown={unknown}
      times={timesOf(c)}
      mayEdit={mayEdit(c)}
      mayAdminister={admin.role === "Administrator"}
      dialog={dialog}
    />
  );
}
