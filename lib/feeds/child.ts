// Reads a feed in a process of its own, so that no file can slow or end the one that asks.

import { type ChildLimits, runChild } from "../child.ts";
import type { Feed } from "./feed.ts";
import type { FeedOptions } from "./read.ts";

/** 100,000 records of 22 columns take about this much heap, in MB. */
const HEAP_MB = 768;
const TIMEOUT_MS = 120_000;

/** The lists of a feed, which come in pieces. */
type Lists = Pick<Feed, "learners" | "contacts" | "relationships" | "problems">;
type Filling = { readonly [K in keyof Lists]: Lists[K][number][] };
type Piece = Partial<Lists>;
export type FeedOutcome = { readonly feed: Feed } | { readonly refused: string };

/** What the process writes: the feed without its lists, then pieces of them; or why it was refused. */
export type FeedLine = { readonly feed: Omit<Feed, keyof Lists> } | { readonly piece: Piece } | {
  readonly refused: string;
};

/**
 * Reads a feed of any kind in a child process without any permissions.
 * @throws the signal's reason if it aborts; Error if the process cannot do its work
 */
export async function readFeedInChild(
  bytes: Uint8Array,
  name: string,
  options: FeedOptions & ChildLimits,
): Promise<FeedOutcome> {
  let head: Omit<Feed, keyof Lists> | undefined;
  let refused: string | undefined;
  const lists: Filling = { learners: [], contacts: [], relationships: [], problems: [] };
  const end = await runChild({
    main: new URL("./child_main.ts", import.meta.url),
    args: [name, options.today, String(options.isComplete)],
    input: bytes,
    onLine(value): void {
      if (!isFeedLine(value)) return;
      if ("refused" in value) refused = value.refused;
      else if ("feed" in value) head = value.feed;
      else {
        for (const one of value.piece.learners ?? []) lists.learners.push(one);
        for (const one of value.piece.contacts ?? []) lists.contacts.push(one);
        for (const one of value.piece.relationships ?? []) lists.relationships.push(one);
        for (const one of value.piece.problems ?? []) lists.problems.push(one);
      }
    },
  }, { heapMb: HEAP_MB, timeoutMs: TIMEOUT_MS, ...options });
  if (end === "out of time") {
    return { refused: `${name} takes too long to read. Send one school at a time.` };
  }
  if (end === "out of memory") {
    return { refused: `${name} is too large to read. Send one school at a time.` };
  }
  if (refused !== undefined) return { refused };
  if (head === undefined) throw new Error("the reading process said nothing");
  return { feed: { ...head, ...lists } };
}

/** The process is this program's own, so its answers need only a look at their shape. */
function isFeedLine(value: unknown): value is FeedLine {
  return typeof value === "object" && value !== null &&
    ("feed" in value || "piece" in value || "refused" in value);
}
