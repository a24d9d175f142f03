// Runs as a process of its own: reads a feed from standard input and writes what is in it as lines of JSON.

import { readInput } from "../child.ts";
import type { FeedLine } from "./child.ts";
import { FeedRefusal } from "./feed.ts";
import { MAX_FEED_BYTES, readFeed } from "./read.ts";

/** Few enough for the reading side to parse a line without holding up anything else. */
const RECORDS_A_LINE = 1000;

function* linesOf(bytes: Uint8Array): Generator<FeedLine> {
  const [name = "", today = "", isComplete] = Deno.args;
  try {
    const feed = readFeed(bytes, name, { today, isComplete: isComplete === "true" });
    const { learners, contacts, relationships, problems, ...head } = feed;
    yield { feed: head };
    for (const piece of piecesOf(learners)) yield { piece: { learners: piece } };
    for (const piece of piecesOf(contacts)) yield { piece: { contacts: piece } };
    for (const piece of piecesOf(relationships)) yield { piece: { relationships: piece } };
    for (const piece of piecesOf(problems)) yield { piece: { problems: piece } };
  } catch (error) {
    // A RangeError means strings or buffers beyond what the engine can make.
    if (error instanceof FeedRefusal) yield { refused: error.message };
    else if (error instanceof RangeError) yield { refused: `${name} is too large to read.` };
    else throw error;
  }
}

function* piecesOf<T>(all: readonly T[]): Generator<T[]> {
  for (let start = 0; start < all.length; start += RECORDS_A_LINE) {
    yield all.slice(start, start + RECORDS_A_LINE);
  }
}

const writer = Deno.stdout.writable.getWriter();
const encoder = new TextEncoder();
for (const line of linesOf(await readInput(MAX_FEED_BYTES))) {
  await writer.write(encoder.encode(JSON.stringify(line) + "\n"));
}
await writer.close();
