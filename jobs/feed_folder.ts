// The folder from which feeds are read: which of its files are the newest whole ones, and reading them once a night.

import { basename, join } from "node:path";
import {
  addFeedNight,
  FEED,
  findReading,
  isFeedNightDone,
  startEmptyFeed,
  startFeed,
} from "../db/feeds.ts";
import { transaction } from "../db/connect.ts";
import { ZipWriter } from "../lib/excel/zip_writer.ts";
import { checksumOf } from "../lib/feeds/checksum.ts";
import { MAX_FEED_BYTES } from "../lib/feeds/read.ts";
import type { Services } from "../services.ts";

const MINUTE = 60_000;
/** A file that was written to within this time (milliseconds) may not be whole yet. */
const SETTLED = 30_000;
/** Files of a package that lies in the folder unpacked. */
const PACKAGE_FILES = new Set([
  "manifest.csv",
  "users.csv",
  "roles.csv",
  "orgs.csv",
  "demographics.csv",
  "classes.csv",
  "courses.csv",
  "enrollments.csv",
  "academicsessions.csv",
  "relationships.csv",
  "userflags.csv",
  "userprofiles.csv",
]);

/** A file to read, or the files of a package packed into one. */
export type FolderFile = { readonly name: string; readonly bytes: Uint8Array<ArrayBuffer> };

/** Why a folder gives nothing, in a sentence that says what to do. */
export class FolderProblem extends Error {
  override readonly name = "FolderProblem";
}

const LIST = /\.(?:csv|xlsx)$/i;
/** How a list of learners is called; every other list is one of contacts, also `Pupil contacts.csv`. */
const LEARNERS = /learner|pupil/i;
const CONTACTS = /contact|parent|carer|guardian/i;

type Found = { readonly name: string; readonly path: string; readonly changed: number };

/**
 * The newest whole files of a folder, in the order in which they are to be read: of each kind (package, transfer file,
 * list) one; or the file itself, if the path names one.
 * @param settledBefore files changed after this moment are left for the next time
 * @throws {FolderProblem}
 */
export async function readFolder(path: string, settledBefore?: Date): Promise<FolderFile[]> {
  const stat = await Deno.stat(path).catch(() => null);
  if (stat === null) {
    throw new FolderProblem(`${path} cannot be read: there is no such file or folder.`);
  }
  if (stat.isFile) return [{ name: basename(path), bytes: await readWhole(path) }];
  const found = await listFiles(path);
  const whole = found.filter(({ changed }) =>
    settledBefore === undefined || changed <= settledBefore.getTime()
  );
  const loose = found.filter(({ name }) => PACKAGE_FILES.has(name.toLowerCase()));
  const files: FolderFile[] = [];
  const package_ = newest(whole, /\.zip$/i);
  const isLooseNewer = Math.max(...loose.map(({ changed }) => changed)) > (package_?.changed ?? 0);
  if (loose.some(({ name }) => name.toLowerCase() === "users.csv") && isLooseNewer) {
    // One of them still being written: the set as a whole is not there yet.
    if (loose.every((one) => whole.includes(one))) files.push(await packLoose(path, loose));
  } else if (package_ !== undefined) files.push(await readFound(package_));
  const lists = whole.filter(({ name }) => !PACKAGE_FILES.has(name.toLowerCase()));
  const learners = lists.filter(({ name }) => LEARNERS.test(name) && !CONTACTS.test(name));
  const others = lists.filter((one) => !learners.includes(one));
  // Contacts after learners: they refer to them.
  for (const one of [newest(lists, /\.xml$/i), newest(learners, LIST), newest(others, LIST)]) {
    if (one !== undefined) files.push(await readFound(one));
  }
  return files;
}

/**
 * Looks into the folder once a day, from the hour that is set on: whichever node comes first does.
 * @returns what stops it
 */
export function startFeedFolder(services: Services): () => void {
  if (services.config.feedFolder === undefined) return () => {};
  function look(): void {
    feedNightly(services).catch((error: unknown) =>
      services.log.warn("the feed folder could not be read; it will be tried again", { error })
    );
  }
  const timer = setInterval(look, MINUTE);
  look();
  return () => clearInterval(timer);
}

/**
 * Starts a task for each file of the folder that was not read before, if it is time and no node has done so today.
 * @returns the tasks' ids; null if it is not time, or was done
 */
export async function feedNightly(services: Services): Promise<number[] | null> {
  const { sql, clock, config, log } = services;
  if (config.feedFolder === undefined) return null;
  const at = clock.now();
  if (timeOf(at, config.timeZone) < config.feedAt) return null;
  const day = clock.today();
  if (await isFeedNightDone(sql, day)) return null;
  const found = await readFolder(config.feedFolder, new Date(at.getTime() - SETTLED)).catch(
    (error: unknown) => {
      if (error instanceof FolderProblem) return error.message;
      throw error;
    },
  );
  if (typeof found !== "string" && found.length > 0) return await startNight(services, found, day);
  const problem = typeof found === "string"
    ? found
    : `There is no file in ${config.feedFolder} that is a feed. Look whether the export still works.`;
  log.warn("nothing to feed in", { problem });
  return await transaction(
    sql,
    async (tx) =>
      await addFeedNight(tx, day, at) ? [await startEmptyFeed(tx, { problem, at })] : null,
  );
}

/** The night and its tasks in one transaction: whichever node writes the night has started all of it. */
async function startNight(
  { sql, clock, config, queue }: Services,
  files: readonly FolderFile[],
  day: string,
): Promise<number[] | null> {
  const at = clock.now();
  const unread: (FolderFile & { readonly checksum: Uint8Array })[] = [];
  for (const file of files) {
    const checksum = await checksumOf(file.bytes);
    if (await findReading(sql, checksum) === null) unread.push({ ...file, checksum });
  }
  return await transaction(sql, async (tx) => {
    if (!await addFeedNight(tx, day, at)) return null;
    if (unread.length === 0) return [await startEmptyFeed(tx, { problem: null, at })];
    const started: number[] = [];
    for (const file of unread) {
      const taskId = await startFeed(tx, {
        adminId: null,
        ...file,
        isComplete: config.feedComplete,
        after: started.at(-1) ?? null,
        at,
        requestId: null,
      });
      // The others are sent when the one before them is over (sendLost): waiting for it they would hold its places.
      if (started.length === 0) await queue.send(tx, FEED, taskId);
      started.push(taskId);
    }
    return started;
  });
}

/** The time of day somewhere, as 03:05. */
function timeOf(at: Date, timeZone: string): string {
  return new Intl.DateTimeFormat("en-GB", {
    timeZone,
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  })
    .format(at);
}

async function listFiles(folder: string): Promise<Found[]> {
  const found: Found[] = [];
  try {
    for await (const { name, isFile } of Deno.readDir(folder)) {
      // A dot or a tilde at the front: what programs write beside a file while they are at it.
      if (!isFile || /^[.~]/.test(name)) continue;
      const path = join(folder, name);
      const stat = await Deno.stat(path).catch(() => null);
      if (stat !== null) found.push({ name, path, changed: stat.mtime?.getTime() ?? 0 });
    }
  } catch {
    throw new FolderProblem(`${folder} cannot be read. Look whether it is there and may be read.`);
  }
  return found.sort((one, other) => one.name < other.name ? -1 : 1);
}

function newest(files: readonly Found[], pattern: RegExp): Found | undefined {
  return files.filter(({ name }) => pattern.test(name))
    .toSorted((one, other) => other.changed - one.changed)[0];
}

async function readFound({ name, path }: Found): Promise<FolderFile> {
  return { name, bytes: await readWhole(path) };
}

/** No more than is needed to see that a file is too large. */
async function readWhole(path: string): Promise<Uint8Array<ArrayBuffer>> {
  const { size } = await Deno.stat(path);
  if (size <= MAX_FEED_BYTES) return await Deno.readFile(path);
  using file = await Deno.open(path);
  const bytes = new Uint8Array(MAX_FEED_BYTES + 1);
  for (let at = 0; at < bytes.length;) {
    const read = await file.read(bytes.subarray(at));
    if (read === null) break;
    at += read;
  }
  return bytes;
}

/** Equal files give equal bytes, and so the same checksum. */
async function packLoose(folder: string, files: readonly Found[]): Promise<FolderFile> {
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  const writer = new ZipWriter((chunk) => {
    pieces.push(new Uint8Array(chunk));
    return Promise.resolve();
  });
  for (const { name, path } of files) {
    await writer.startEntry(name);
    await writer.write(await readWhole(path));
    await writer.endEntry();
  }
  await writer.close();
  const bytes = new Uint8Array(await new Blob(pieces).arrayBuffer());
  return { name: `${basename(folder)}.zip`, bytes };
}
