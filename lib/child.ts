// Runs a reader in a process of its own, so that no file can slow or end the one that asks.

import { Turns } from "./turns.ts";

const DEFAULT_HEAP_MB = 256;
const DEFAULT_TIMEOUT_MS = 60_000;
const MAX_FAULT_CHARACTERS = 16 * 1024;
const MAX_ARGUMENT_CHARACTERS = 1_000;

/** Where Deno keeps compiled modules; the process starts faster if it knows. */
const CACHE_VARIABLES = ["DENO_DIR", "HOME", "XDG_CACHE_HOME", "LOCALAPPDATA"];

/** For how long a process may run, and with how much memory. */
export type ChildLimits = {
  /** Milliseconds until the process is ended; 60,000 by default. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  /** Heap of the process in MB; 256 by default. Buffers lie outside it and are limited by the reader. */
  readonly heapMb?: number;
};

export type ChildTask = {
  /** The module that the process runs. */
  readonly main: URL;
  readonly args: readonly string[];
  /** What it reads from standard input. */
  readonly input: Uint8Array;
  /** Called with each line that it writes, read as JSON. */
  readonly onLine: (value: unknown) => void;
};

/** How the process ended. */
export type ChildEnd = "well" | "out of memory" | "out of time";

/**
 * Runs a module in a child process without any permissions. Needs permission to run Deno itself.
 * @throws the signal's reason if it aborts; Error if the process cannot do its work
 */
export async function runChild(task: ChildTask, limits: ChildLimits = {}): Promise<ChildEnd> {
  const { signal, timeoutMs = DEFAULT_TIMEOUT_MS } = limits;
  signal?.throwIfAborted();
  const child = start(task, limits.heapMb ?? DEFAULT_HEAP_MB);
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
    const [, , fault, status] = await Promise.all([
      send(child, task.input),
      receive(child.stdout, task.onLine),
      readFault(child.stderr),
      child.status,
    ]);
    signal?.throwIfAborted();
    if (isLate) return "out of time";
    if (status.success) return "well";
    if (isOutOfMemory(status, fault)) return "out of memory";
    throw new Error(`the reading process ended with ${status.code}: ${fault}`);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", stop);
    kill(child);
  }
}

/** Reads standard input to its end, but no more than is needed to see that it is too large; for the process itself. */
export async function readInput(mostBytes: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(mostBytes + 1);
  let length = 0;
  for await (const chunk of Deno.stdin.readable) {
    const part = chunk.subarray(0, bytes.length - length);
    bytes.set(part, length);
    length += part.length;
    if (length === bytes.length) break;
  }
  return bytes.subarray(0, length);
}

// It finds its packages by deno.lock, as this process did: without it Deno would ask for the registry's lists of versions,
// which a machine that only ever followed the lock does not have.
function start(task: ChildTask, heapMb: number): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--no-prompt",
      "--cached-only",
      "--quiet",
      `--v8-flags=--max-heap-size=${heapMb}`,
      task.main.href,
      // An argument can neither hold a NUL nor be of any length.
      ...task.args.map((text) => text.replaceAll("\0", "").slice(-MAX_ARGUMENT_CHARACTERS)),
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

async function receive(
  stream: ReadableStream<Uint8Array>,
  onLine: ChildTask["onLine"],
): Promise<void> {
  const turns = new Turns();
  for await (const line of lines(stream)) {
    onLine(JSON.parse(line));
    if (turns.isOver) await turns.rest();
  }
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
