// bounce: reads one delivery report from standard input, as a mail server pipes it, and marks the mail that came back.

import { readConfig } from "../config.ts";
import { addReportedBounce, type Marking } from "../db/bounces.ts";
import { connectionIsGone, findTime } from "../db/connect.ts";
import { type BounceReport, readBounceReport } from "../lib/bounce_reports.ts";
import { openLog } from "../lib/log.ts";
import { openDatabase } from "../services.ts";

/** Bytes of a report that are read: what counts stands at its beginning. */
const MOST_BYTES = 2 * 1024 * 1024;
/** "Try again later", to the mail server (sysexits.h, EX_TEMPFAIL). */
const LATER = 75;

const SAID: Readonly<Record<Marking, string>> = {
  marked: "The mail is marked as come back.",
  already: "The mail was marked before.",
  used: "Somebody has signed in with this mail; nothing was changed.",
  "under way": "The mail is still under way; bring the report again.",
  "not accepted": "The mail is not one that was accepted; nothing was changed.",
  gone: "No mail of ours has this Message-ID; nothing was changed.",
};

/**
 * Whatever the report is about, the mail server is told that all is well: an answer to a bounce would be another bounce.
 * @returns 0, or 75 while the database cannot be reached or the mail is still under way: the server brings the report again
 */
export async function bounce(
  input: ReadableStream<Uint8Array> = Deno.stdin.readable,
): Promise<number> {
  const config = readConfig();
  const report = await readBounceReport(await readAll(input)).catch(() => null);
  const seed = report === null ? null : seedOf(report);
  if (report === null || seed === null || !report.permanent) {
    say(
      report === null
        ? "This is no delivery report; nothing was changed."
        : seed === null
        ? SAID.gone
        : "The mail server still tries; nothing was changed.",
    );
    return 0;
  }
  try {
    const database = await openDatabase(config, openLog("error"));
    try {
      const { words } = report;
      const at = await findTime(database.sql);
      const marking = await addReportedBounce(database.sql, { seed, words }, at);
      say(SAID[marking]);
      return marking === "under way" ? LATER : 0;
    } finally {
      await database.close();
    }
  } catch (error) {
    if (!connectionIsGone(error)) throw error;
    say("The database cannot be reached; bring the report again.");
    return LATER;
  }
}

/** The row's seed, which is the left side of our Message-IDs. */
function seedOf(report: BounceReport): string | null {
  return /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})@/i.exec(report.messageId)?.[1] ?? null;
}

async function readAll(input: ReadableStream<Uint8Array>): Promise<Uint8Array<ArrayBuffer>> {
  const kept = new Uint8Array(MOST_BYTES);
  let length = 0;
  // Read to its end all the same: a mail server whose pipe breaks takes it for a failure.
  for await (const piece of input) {
    const part = piece.subarray(0, MOST_BYTES - length);
    kept.set(part, length);
    length += part.length;
  }
  return kept.slice(0, length);
}

function say(sentence: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(sentence + "\n"));
}
