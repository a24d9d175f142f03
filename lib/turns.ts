// Long work in steps: done at once, or in turns with whatever else the process has to do, such as answering its pages.

/** Milliseconds for which long work gives way at most, each time it rests: it goes on, slower, however many ask. */
const GIVES_WAY = 10;
/** Milliseconds after which a page is no longer waited for: it waits for something else, or is a long one. */
const WAITED_FOR = 50;

/** Milliseconds after which nobody is about to ask for the next page. */
const QUIET_AFTER = 2000;

/** Pages that this process is answering. */
const pages = { open: 0, newest: -Infinity };

/** Answers somebody. Work that comes to a rest meanwhile goes on when they have been answered, or when it has given way for long enough. */
export async function whileWorkRests<T>(answer: () => Promise<T>): Promise<T> {
  pages.open++;
  pages.newest = performance.now();
  try {
    return await answer();
  } finally {
    pages.open--;
  }
}

/** Work that can rest at every `yield`, and its result. */
export type Steps<T> = Generator<undefined, T, undefined>;

/** Milliseconds of one turn. */
const TURN = 8;
/** Values between two rests at most: each takes some microseconds, and to rest and look at the clock takes one. */
const STEP = 16;

/** Does the work without a rest. */
export function atOnce<T>(steps: Steps<T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

/** Does the work in turns of a few milliseconds; everything that waits meanwhile comes between two of them. */
export async function inTurns<T>(steps: Steps<T>): Promise<T> {
  const turns = new Turns();
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
    if (turns.isOver) await turns.rest();
  }
}

/** For work that awaits, but nothing that takes time. */
export class Turns {
  readonly #length: number;
  #begun = performance.now();

  /** @param length milliseconds of a turn while pages are asked for: one waits for the end of several, since each of its steps may come in another */
  constructor(length = TURN) {
    this.#length = length;
  }

  get isOver(): boolean {
    const now = performance.now();
    return now - this.#begun >= (now < pages.newest + QUIET_AFTER ? this.#length : TURN);
  }

  /**
   * Lets others have their turn, and whoever waits for a page all of it: an answer is many short steps with a question to
   * Postgres between each two.
   */
  async rest(): Promise<void> {
    const until = performance.now() + GIVES_WAY;
    await lookAround();
    while (isSomebodyWaiting(until)) await new Promise((rested) => setTimeout(rested, 0));
    this.#begun = performance.now();
  }
}

const NOTHING = new Uint8Array(0);

/**
 * Waits for another thread, which has next to nothing to do, so that tokio looks at the network meanwhile; twice, since after a
 * timer that was due it does not. Together that takes a third of a millisecond, and a timer itself two. After `setImmediate` or a
 * message it would look at every 61st only.
 */
async function lookAround(): Promise<void> {
  for (let look = 0; look < 2; look++) await crypto.subtle.digest("SHA-256", NOTHING);
}

function isSomebodyWaiting(until: number): boolean {
  const now = performance.now();
  return pages.open > 0 && now < until && now < pages.newest + WAITED_FOR;
}

/** Each value in turn, resting after a few. */
export function* eachInSteps<T>(all: Iterable<T>, one: (value: T) => void): Steps<void> {
  let done = 0;
  for (const value of all) {
    one(value);
    if (++done % STEP === 0) yield;
  }
}

/** As `map`, resting after a few. */
export function* mapInSteps<T, U>(all: Iterable<T>, one: (value: T) => U): Steps<U[]> {
  const mapped: U[] = [];
  yield* eachInSteps(all, (value) => mapped.push(one(value)));
  return mapped;
}

/** As `Map.groupBy`, resting after a few. */
export function* groupInSteps<T, K>(all: Iterable<T>, keyOf: (value: T) => K): Steps<Map<K, T[]>> {
  const groups = new Map<K, T[]>();
  yield* eachInSteps(all, (value) => {
    const key = keyOf(value);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [value]);
    else group.push(value);
  });
  return groups;
}
