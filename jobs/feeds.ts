// The job of a feed: reads the file, compares it with what there is, waits where somebody has to look, and writes it all or nothing.

import { applyFeed } from "../db/feed_apply.ts";
import { diffFeed } from "../db/feed_diff.ts";
import { placeLoose } from "../db/feed_staging.ts";
import { undoFeed } from "../db/feed_undo.ts";
import {
  countFeedOutcomes,
  dismissEarlierFeeds,
  FEED,
  reviewReason,
  supersedeFeeds,
} from "../db/feeds.ts";
import { deleteFile, findFile, readWholeFile } from "../db/files.ts";
import { findSettings } from "../db/settings.ts";
import { claimed, type Facts, findTask, noteProgress } from "../db/tasks.ts";
import { readFeedInChild } from "../lib/feeds/child.ts";
import type { Feed } from "../lib/feeds/feed.ts";
import {
  authorOfTask,
  checkStopping,
  HandedBack,
  type Job,
  type JobOutcome,
  type Running,
  TaskFailed,
} from "./job.ts";

export const feeds: Job = {
  kind: FEED,
  retries: 3,
  expiresIn: 60 * 60,
  async run(running: Running): Promise<JobOutcome> {
    const { services: { sql }, task } = running;
    if (task.facts["undo"] === true) return await undo(running, String(task.facts["feed"]));
    await waitForEarlier(running);
    const facts = task.facts["planned"] === true ? task.facts : await plan(running);
    const { feed_errors: mostErrors } = await findSettings(sql);
    const reason = reviewReason(facts, mostErrors);
    if (reason !== null && facts["approved"] !== true) {
      return { state: "needs review", facts: { review: reason } };
    }
    checkStopping(running);
    await write(running, String(facts["feed"]));
    return { state: "done", facts: await countFeedOutcomes(sql, task.id) };
  },
};

/** Of one night's files those with learners come first, and a worker may hold two at once. */
async function waitForEarlier(running: Running): Promise<void> {
  const { services: { sql }, task } = running;
  const earlier = task.facts["after"];
  if (typeof earlier !== "number") return;
  for (;;) {
    const state = (await findTask(sql, earlier))?.state;
    if (state !== "queued" && state !== "running") return;
    checkStopping(running);
    await new Promise((done) => setTimeout(done, 500));
  }
}

async function plan(running: Running): Promise<Facts> {
  const { services: { sql, clock }, task, claim } = running;
  const feed = await placeLoose(sql, await read(running));
  await noteProgress(sql, claim, { step: "comparing" });
  checkStopping(running);
  return await claimed(sql, claim, async (tx) => {
    const facts = await diffFeed(tx, task.id, feed, clock.today());
    if (task.adminId === null) {
      await supersedeFeeds(tx, task.id, feed.kind, clock.now());
      await dismissEarlierFeeds(tx, task.id, clock.now());
    }
    // Packages may hold passwords of other systems: what is planned needs the file no more.
    await deleteFile(tx, task.id, "upload");
    await noteProgress(tx, claim, { facts });
    return { ...task.facts, ...facts };
  });
}

async function read(running: Running): Promise<Feed> {
  const { services: { sql, clock }, task, claim, stopping } = running;
  const file = await findFile(sql, task.id, "upload");
  if (file === null) throw new TaskFailed({ code: "file gone" });
  await noteProgress(sql, claim, { step: "reading" });
  const outcome = await readFeedInChild(await readWholeFile(sql, file), file.name, {
    today: clock.today(),
    isComplete: task.facts["sentAsComplete"] === true,
    signal: stopping,
  }).catch((error: unknown) => {
    throw stopping.aborted ? new HandedBack() : error;
  });
  if ("refused" in outcome) throw new TaskFailed({ code: "refused", sentence: outcome.refused });
  const expected = task.facts["expected"];
  if (typeof expected === "string" && expected !== outcome.feed.kind) {
    const sentence =
      `${file.name} is ${outcome.feed.version}, not ${expected}. Nothing was changed.`;
    throw new TaskFailed({ code: "refused", sentence });
  }
  return outcome.feed;
}

/** One transaction: killed at any moment, everything is as it was before or as the feed says. */
async function write(running: Running, feed: string): Promise<void> {
  const { services: { sql }, task, claim } = running;
  await noteProgress(sql, claim, { step: "writing the records" });
  const author = authorOfTask(running, "feed");
  await claimed(sql, claim, async (tx) => {
    await applyFeed(tx, { taskId: task.id, feed, author });
  });
}

async function undo(running: Running, feed: string): Promise<JobOutcome> {
  const { services: { sql }, task, claim } = running;
  await noteProgress(sql, claim, { step: "undoing" });
  const author = authorOfTask(running, "feed");
  await claimed(sql, claim, async (tx) => {
    await undoFeed(tx, { taskId: task.id, feed, author });
  });
  return { state: "done", facts: { undone: true, ...await countFeedOutcomes(sql, task.id) } };
}
