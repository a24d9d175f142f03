// feed FILE_OR_FOLDER: feeds in learners and contacts as the folder does at night, and says what it did.

import { type Config, readConfig } from "../config.ts";
import { type Transaction, transaction } from "../db/connect.ts";
import { diffFeed } from "../db/feed_diff.ts";
import { placeLoose } from "../db/feed_staging.ts";
import { findReading, listFeedItems, startFeed } from "../db/feeds.ts";
import { findTask, type Task } from "../db/tasks.ts";
import { feeds } from "../jobs/feeds.ts";
import { type FolderFile, FolderProblem, readFolder } from "../jobs/feed_folder.ts";
import { runJob } from "../jobs/queue.ts";
import { readFeedInChild } from "../lib/feeds/child.ts";
import { checksumOf } from "../lib/feeds/checksum.ts";
import { FEED_KINDS, type FeedKind } from "../lib/feeds/feed.ts";
import { openLog } from "../lib/log.ts";
import { openDatabase, openServices, type Services } from "../services.ts";
import { feedDoneSentence, feedReviewSentence } from "../views/feed_sentences.ts";
import { parse, UsageError } from "./arguments.ts";
import { migrateAll } from "./run.ts";

type Wish = {
  readonly isComplete: boolean;
  readonly isDryRun: boolean;
  readonly expected: FeedKind | null;
};

/** Faulty records that are printed. */
const MOST_PRINTED = 50;

/** @returns 0 if everything was written or nothing had to be; 1 if something waits for somebody, or failed */
export async function feed(args: string[]): Promise<number> {
  const { values, words } = parse(args, ["kind"], ["complete", "dry-run"]);
  const [path] = words;
  if (path === undefined || words.length > 1) {
    throw new UsageError("Use: feed FILE_OR_FOLDER [--kind KIND] [--complete] [--dry-run]");
  }
  const wish: Wish = {
    isComplete: values["complete"] === "true",
    isDryRun: values["dry-run"] === "true",
    expected: readKind(values["kind"]),
  };
  const files = await readFolder(path).catch((error: unknown) => {
    throw error instanceof FolderProblem ? new UsageError(error.message) : error;
  });
  if (files.length === 0) throw new UsageError(`There is no file in ${path} that is a feed.`);
  return await withServices(readConfig(), async (services) => {
    let code = 0;
    for (const file of files) {
      const isWell = wish.isDryRun
        ? await tryOne(services, file, wish)
        : await feedOne(services, file, wish);
      if (!isWell) code = 1;
    }
    return code;
  });
}

function readKind(text: string | undefined): FeedKind | null {
  if (text === undefined) return null;
  const plain = (words: string): string => words.toLowerCase().replace(/[^a-z]/g, "");
  const kind = FEED_KINDS.find((one) => plain(one) === plain(text));
  if (kind === undefined) throw new UsageError(`--kind is one of ${FEED_KINDS.join(", ")}.`);
  return kind;
}

async function withServices(
  config: Config,
  work: (services: Services) => Promise<number>,
): Promise<number> {
  const log = openLog("warn");
  const database = await openDatabase(config, log);
  try {
    await migrateAll(database, log);
    const services = await openServices(config, { log, database });
    try {
      return await work(services);
    } finally {
      await services.close();
    }
  } finally {
    await database.close();
  }
}

async function feedOne(services: Services, file: FolderFile, wish: Wish): Promise<boolean> {
  const { sql, clock } = services;
  const checksum = await checksumOf(file.bytes);
  const before = await findReading(sql, checksum);
  if (before !== null) {
    say(`${file.name}: read before, as task ${before}; it is not read twice.`);
    return true;
  }
  const taskId = await transaction(sql, (tx) =>
    startFeed(tx, {
      adminId: null,
      ...file,
      checksum,
      isComplete: wish.isComplete,
      expected: wish.expected,
      at: clock.now(),
      requestId: null,
    }));
  await runJob(services, feeds, taskId, new AbortController().signal, true);
  const task = await findTask(sql, taskId);
  say(`${file.name}: ${task === null ? "its task has gone" : sentenceOf(task)}`);
  return task?.state === "done";
}

function sentenceOf(task: Task): string {
  const version = task.facts["version"];
  const what = typeof version === "string" ? `${version}. ` : "";
  if (task.state === "done") return what + feedDoneSentence(task);
  if (task.state === "needs review") {
    return `${what}${feedReviewSentence(task)} Look at it under Feeds, task ${task.id}.`;
  }
  const sentence = task.failure?.["sentence"];
  if (typeof sentence === "string") return sentence;
  return task.state === "failed"
    ? `It failed; nothing was written. Look for task ${task.id} in the log.`
    : `Task ${task.id} is ${task.state}: another worker has it.`;
}

/** Thrown to undo all that a dry run has done. */
class Rehearsed extends Error {
  override readonly name = "Rehearsed";
}

/** Reads and compares, says what would happen, and leaves no trace. */
async function tryOne(services: Services, file: FolderFile, wish: Wish): Promise<boolean> {
  const { sql, clock } = services;
  const outcome = await readFeedInChild(file.bytes, file.name, {
    today: clock.today(),
    isComplete: wish.isComplete,
  });
  if ("refused" in outcome) {
    say(`${file.name}: ${outcome.refused}`);
    return false;
  }
  if (wish.expected !== null && wish.expected !== outcome.feed.kind) {
    say(`${file.name} is ${outcome.feed.version}, not ${wish.expected}.`);
    return false;
  }
  const found = await placeLoose(sql, outcome.feed);
  await transaction(sql, async (tx) => {
    const taskId = await startFeed(tx, {
      adminId: null,
      ...file,
      bytes: new Uint8Array(),
      checksum: new Uint8Array(32),
      isComplete: wish.isComplete,
      at: clock.now(),
      requestId: null,
    });
    const facts = await diffFeed(tx, taskId, found, clock.today());
    const task = await findTask(tx, taskId);
    if (task !== null) {
      say(`${file.name}: ${found.version}. ${feedReviewSentence({ ...task, facts })}`);
    }
    await printProblems(tx, taskId);
    throw new Rehearsed();
  }).catch((error: unknown) => {
    if (!(error instanceof Rehearsed)) throw error;
  });
  for (const { file: name, line, sentence } of found.problems.slice(0, MOST_PRINTED)) {
    say(`  ${line === null ? name : `${name}, line ${line}`}: ${sentence}`);
  }
  return true;
}

async function printProblems(tx: Transaction, taskId: number): Promise<void> {
  const items = await listFeedItems(tx, taskId, {
    class: "conflict",
    after: 0,
    limit: MOST_PRINTED,
  });
  for (const { file, line, who, problems } of items) {
    say(`  ${file}, line ${line}: ${who}: ${problems.map(({ code }) => code).join(", ")}`);
  }
}

function say(sentence: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(sentence + "\n"));
}
