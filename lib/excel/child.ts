// Reads a file in a process of its own, so that no file can slow or end the one that asks.

import type { ReadOptions, ReadOutcome } from "./read.ts";
import { type Refusal, refusal, tooLarge } from "./refusal.ts";
import type { Cell, Row } from "./table.ts";

const DEFAULT_HEAP_MB = 256;
const DEFAULT_TIMEOUT_MS = 60_000;
const MAX_FAULT_CHARACTERS = 16 * 1024;
const MAX_NAME_CHARACTERS = 1_000;

/** Where Deno keeps compiled modules; the process starts faster if it knows. */
const CACHE_VARIABLES = ["DENO_DIR", "HOME", "XDG_CACHE_HOME", "LOCALAPPDATA"];

/** How a file is read, and for how long. */
export type ChildOptions = ReadOptions & {
  /** Milliseconds until the process is ended; 60,000 by default. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  /**
   * Heap of the process in MB; 256 by default. Buffers lie outside it and are limited by the reader.
   */
  readonly heapMb?: number;
};

/** A row as JSON has it, which knows no undefined. */
type WrittenRow = { readonly number: number; readonly cells: readonly (Cell | null)[] };

/**
 * Reads a file in a child process without any permissions. Out of memory is a refusal of kind
 * tooLarge, out of time one of kind tooSlow. Needs permission to run Deno itself.
 * @throws the signal's reason if it aborts; Error if the process cannot do its work
 */
export async function readInChild(
  bytes: Uint8Array,
  fileName: string,
  options: ChildOptions = {},
): Promise<ReadOutcome> {
  const { signal, timeoutMs = DEFAULT_TIMEOUT_MS } = options;
  signal?.throwIfAborted();
  const child = start(fileName, options);
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    kill(child);
  }, timeoutMs);
  function stop(): void {
    kill(child);
  }
  signal?.addEventListener("abort", stop);
  try {
    const [, outcome, fault, status] = await Promise.all([
      send(child, bytes),
      receive(child.stdout),
      readFault(child.stderr),
      child.status,
    ]);
    signal?.throwIfAborted();
    if (isLate) return refused(refusal("tooSlow"));
    if (status.success && outcome !== undefined) return outcome;
    if (isOutOfMemory(status, fault)) return refused(tooLarge("it needs too much memory"));
    throw new Error(`the reading process ended with ${status.code}: ${fault}`);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", stop);
    kill(child);
  }
}

function start(fileName: string, options: ChildOptions): Deno.ChildProcess {
  const main = new URL("./child_main.ts", import.meta.url).href;
  const { preferredSheet, heapMb = DEFAULT_HEAP_MB } = options;
  const names = preferredSheet === undefined ? [fileName] : [fileName, preferredSheet];
  return new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--no-prompt",
      "--cached-only",
      "--no-lock",
      "--quiet",
      `--v8-flags=--max-heap-size=${heapMb}`,
      main,
      // An argument can neither hold a NUL nor be of any length.
      ...names.map((name) => name.replaceAll("\0", "").slice(-MAX_NAME_CHARACTERS)),
    ],
    clearEnv: true,
    env: cacheVariables(),
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

function cacheVariables(): Record<string, string> {
  const found: Record<string, string> = {};
  for (const variable of CACHE_VARIABLES) {
    if (Deno.permissions.querySync({ name: "env", variable }).state !== "granted") continue;
    const value = Deno.env.get(variable);
    if (value !== undefined) found[variable] = value;
  }
  return found;
}

function kill(child: Deno.ChildProcess): void {
  try {
    child.kill("SIGKILL");
  } catch {
    // It has ended by itself.
  }
}

/** Writes the file; a process that stops reading says why by its outcome. */
async function send(child: Deno.ChildProcess, bytes: Uint8Array): Promise<void> {
  const writer = child.stdin.getWriter();
  try {
    await writer.write(bytes);
    await writer.close();
  } catch (error) {
    const isClosedPipe = error instanceof Deno.errors.BrokenPipe ||
      error instanceof Deno.errors.ConnectionReset;
    if (!isClosedPipe) throw error;
  }
}

/** The outcome whose lines the process writes; undefined if it ends before the first one. */
async function receive(stream: ReadableStream<Uint8Array>): Promise<ReadOutcome | undefined> {
  let outcome: ReadOutcome | undefined;
  const rows: Row[] = [];
  for await (const line of lines(stream)) {
    const value: unknown = JSON.parse(line);
    if (isOutcome(value)) outcome = value;
    else if (isWrittenRows(value)) rows.push(...value.map(restoreRow));
  }
  if (outcome === undefined || "refused" in outcome) return outcome;
  return { table: { ...outcome.table, rows } };
}

/** The lines of a stream that end in a line feed. */
async function* lines(stream: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let pieces: string[] = [];
  for await (const chunk of stream) {
    const [first = "", ...others] = decoder.decode(chunk, { stream: true }).split("\n");
    pieces.push(first);
    for (const start of others) {
      yield pieces.join("");
      pieces = [start];
    }
  }
}

/** The process is this program's own, so its answers need only a look at their shape. */
function isOutcome(value: unknown): value is ReadOutcome {
  return typeof value === "object" && value !== null && ("table" in value || "refused" in value);
}

function isWrittenRows(value: unknown): value is WrittenRow[] {
  return Array.isArray(value);
}

function restoreRow({ number, cells }: WrittenRow): Row {
  return { number, cells: cells.map((cell) => cell ?? undefined) };
}

/** The start of what the process writes to standard error. */
async function readFault(stream: ReadableStream<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of stream) {
    if (text.length < MAX_FAULT_CHARACTERS) text += decoder.decode(chunk, { stream: true });
  }
  return text;
}

/** V8 and Rust say so before they abort; the kernel says nothing and kills. */
function isOutOfMemory(status: Deno.CommandStatus, fault: string): boolean {
  return status.signal === "SIGKILL" || /out of memory|memory allocation/i.test(fault);
}

function refused({ kind, message }: Refusal): ReadOutcome {
  return { refused: { kind, sentence: message } };
}
