// Long work in steps: done at once, or in turns with whatever else the process has to do, such as answering its pages.

/** Work that can rest at every `yield`, and its result. */
export type Steps<T> = Generator<undefined, T, undefined>;

/** Milliseconds of one turn. */
const TURN = 8;

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
  #begun = performance.now();

  get isOver(): boolean {
    return performance.now() - this.#begun >= TURN;
  }

  /** Lets others have their turn. A timer, since `setImmediate` comes back before the network is looked at. */
  async rest(): Promise<void> {
    await new Promise((rested) => setTimeout(rested, 0));
    this.#begun = performance.now();
  }
}

/** As `map`, resting after each. */
export function* mapInSteps<T, U>(all: Iterable<T>, one: (value: T) => U): Steps<U[]> {
  const mapped: U[] = [];
  for (const value of all) {
    mapped.push(one(value));
    yield;
  }
  return mapped;
}

/** As `Map.groupBy`, resting after each. */
export function* groupInSteps<T, K>(all: Iterable<T>, keyOf: (value: T) => K): Steps<Map<K, T[]>> {
  const groups = new Map<K, T[]>();
  for (const value of all) {
    const key = keyOf(value);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [value]);
    else group.push(value);
    yield;
  }
  return groups;
}
