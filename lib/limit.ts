// So many at once and no more: the others wait for their turn.

/** Runs work when there is room for it. */
export type Limit = {
  /** @param first before everybody who waits without it */
  run<T>(work: () => Promise<T>, first?: boolean): Promise<T>;
  /** How much is under way, and how much waits. */
  load(): { readonly running: number; readonly waiting: number };
};

/** @param atOnce how much is under way at most */
export function openLimit(atOnce: number): Limit {
  let running = 0;
  const first: (() => void)[] = [];
  const later: (() => void)[] = [];
  return {
    async run<T>(work: () => Promise<T>, isFirst = false): Promise<T> {
      if (running >= atOnce) await new Promise<void>((go) => (isFirst ? first : later).push(go));
      else running++;
      try {
        return await work();
      } finally {
        const next = first.shift() ?? later.shift();
        if (next) next();
        else running--;
      }
    },
    load: () => ({ running, waiting: first.length + later.length }),
  };
}
