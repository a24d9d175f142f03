// So many at once and no more: the others wait for their turn.

/** Runs work when there is room for it. */
export type Limit = {
  /** @param first before everybody who waits without it */
  run<T>(work: () => Promise<T>, first?: boolean): Promise<T>;
  /** Runs work at once, which needs room only from where it awaits `enter` until it ends; afterwards that is refused. */
  runFromEnter<T>(work: (enter: () => Promise<void>) => Promise<T>): Promise<T>;
  /** How much is under way, and how much waits. */
  load(): { readonly running: number; readonly waiting: number };
};

/** One limit for each key, so that whoever asks much waits behind themselves only. */
export type KeyedLimit = { run<T>(key: string, work: () => Promise<T>): Promise<T> };

/** @param atOnce how much is under way at most for each key */
export function openKeyedLimit(atOnce: number): KeyedLimit {
  const limits = new Map<string, Limit>();
  return {
    async run<T>(key: string, work: () => Promise<T>): Promise<T> {
      const limit = limits.get(key) ?? openLimit(atOnce);
      limits.set(key, limit);
      try {
        return await limit.run(work);
      } finally {
        const { running, waiting } = limit.load();
        if (running + waiting === 0) limits.delete(key);
      }
    },
  };
}

/** @param atOnce how much is under way at most */
export function openLimit(atOnce: number): Limit {
  let running = 0;
  const first: (() => void)[] = [];
  const later: (() => void)[] = [];
  async function enter(isFirst: boolean): Promise<void> {
    if (running >= atOnce) await new Promise<void>((go) => (isFirst ? first : later).push(go));
    else running++;
  }
  function leave(): void {
    const next = first.shift() ?? later.shift();
    if (next) next();
    else running--;
  }
  return {
    async run<T>(work: () => Promise<T>, isFirst = false): Promise<T> {
      await enter(isFirst);
      try {
        return await work();
      } finally {
        leave();
      }
    },
    async runFromEnter<T>(work: (enter: () => Promise<void>) => Promise<T>): Promise<T> {
      let entered: Promise<void> | undefined;
      let isOver = false;
      try {
        return await work(() =>
          isOver
            ? Promise.reject(new Error("the work that needed the room has ended"))
            : entered ??= enter(false)
        );
      } finally {
        isOver = true;
        // Whoever ended while waiting gives its turn on when it comes.
        void entered?.then(leave);
      }
    },
    load: () => ({ running, waiting: first.length + later.length }),
  };
}
