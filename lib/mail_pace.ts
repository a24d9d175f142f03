// How many mails a mail server is given at once, and in a minute.

const MINUTE = 60_000;
/** Milliseconds after which more connections are tried again. */
const NARROW_FOR = 10 * MINUTE;

/**
 * As many mails at once as there are connections; fewer for a while after the server has turned one away beside others, so that
 * one which takes a single connection puts nobody off.
 */
export function openLanes(
  most: number,
): {
  /** @returns others: how many were under way beside it when it ended */
  run<T>(work: () => Promise<T>): Promise<{ readonly result: T; readonly others: number }>;
  narrow(atOnce: number): void;
} {
  let allowed = most;
  let narrowUntil = 0;
  let running = 0;
  const waiting: (() => void)[] = [];
  function letIn(): void {
    if (Date.now() >= narrowUntil) allowed = most;
    while (running < allowed) {
      const go = waiting.shift();
      if (go === undefined) return;
      running++;
      go();
    }
  }
  return {
    async run<T>(work: () => Promise<T>): Promise<{ result: T; others: number }> {
      await new Promise<void>((go) => {
        waiting.push(go);
        letIn();
      });
      try {
        const result = await work();
        return { result, others: running - 1 };
      } finally {
        running--;
        letIn();
      }
    },
    narrow(atOnce): void {
      allowed = Math.min(allowed, atOnce);
      narrowUntil = Date.now() + NARROW_FOR;
    },
  };
}

/**
 * Lets so many through in any minute; the others wait for their turn. Not nodemailer's own limit (10.6.1): that one is looked
 * at when a connection has sent a mail, so that each further connection sends one more than is allowed.
 */
export function openGate(
  perMinute: number,
): { /** @returns false if it was closed meanwhile */ pass(): Promise<boolean>; close(): void } {
  /** When the last ones passed, or will. */
  const turns: number[] = [];
  const waiting = new Map<ReturnType<typeof setTimeout>, (passed: boolean) => void>();
  return {
    async pass(): Promise<boolean> {
      if (perMinute === Infinity) return true;
      const now = Date.now();
      const before = turns.length < perMinute ? -Infinity : turns.shift() ?? -Infinity;
      const turn = Math.max(now, before + MINUTE);
      turns.push(turn);
      if (turn <= now) return true;
      return await new Promise((done) => {
        const timer = setTimeout(() => {
          waiting.delete(timer);
          done(true);
        }, turn - now);
        waiting.set(timer, done);
      });
    },
    close(): void {
      for (const [timer, done] of waiting) {
        clearTimeout(timer);
        done(false);
      }
      waiting.clear();
    },
  };
}
