// How the benchmarks measure: side by side in one run, medians and 95th percentiles, as ratios.

export type Timing = { readonly p50: number; readonly p95: number };

/** One line of the table. `limit` is what the ratio, or the milliseconds, may be at most. */
export type Figure = {
  readonly what: string;
  readonly measured: string;
  readonly limit: string;
  readonly met: boolean;
};

/** Times some work, in milliseconds, after rounds that do not count: every connection has met it by then. */
export async function time(
  rounds: number,
  work: (round: number) => Promise<unknown>,
): Promise<Timing> {
  for (let round = 0; round < Math.min(rounds, 15); round++) await work(round);
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const start = performance.now();
    await work(round);
    times.push(performance.now() - start);
  }
  times.sort((one, other) => one - other);
  const at = (share: number): number =>
    times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0;
  return { p50: at(0.5), p95: at(0.95) };
}

/** Times two pieces of work in turn, so that a noisy moment strikes both. */
export async function timeBoth(
  rounds: number,
  one: (round: number) => Promise<unknown>,
  other: (round: number) => Promise<unknown>,
): Promise<[Timing, Timing]> {
  const times: [number[], number[]] = [[], []];
  for (let round = -3; round < rounds; round++) {
    for (const [at, work] of [one, other].entries()) {
      const start = performance.now();
      await work(round + 3);
      if (round >= 0) times[at === 0 ? 0 : 1].push(performance.now() - start);
    }
  }
  const timing = (list: number[]): Timing => {
    list.sort((a, b) => a - b);
    return {
      p50: list[Math.floor(list.length / 2)] ?? 0,
      p95: list[Math.min(list.length - 1, Math.floor(list.length * 0.95))] ?? 0,
    };
  };
  return [timing(times[0]), timing(times[1])];
}

/**
 * How often a second each piece of work is done while some ask for it at once, in the median of several short turns. The first
 * turn of each does not count.
 */
export async function rates<Name extends string>(
  works: Readonly<Record<Name, () => Promise<unknown>>>,
  { atOnce = 16, turns = 15, turnMs = 500 } = {},
): Promise<(name: Name) => number> {
  const found = new Map<string, number[]>();
  for (let turn = -1; turn < turns; turn++) {
    for (const [name, work] of Object.entries<() => Promise<unknown>>(works)) {
      const start = performance.now();
      let done = 0;
      await Promise.all(Array.from({ length: atOnce }, async () => {
        for (; performance.now() - start < turnMs; done++) await work();
      }));
      const rate = done / (performance.now() - start) * 1000;
      if (turn >= 0) found.set(name, [...found.get(name) ?? [], rate]);
    }
  }
  return (name) => found.get(name)?.sort((one, other) => one - other)[turns >> 1] ?? NaN;
}

export function ms(value: number): string {
  return `${value.toFixed(value < 10 ? 1 : 0)} ms`;
}

/** The table as Markdown. */
export function table(figures: readonly Figure[]): string {
  const rows = figures.map((one) =>
    `| ${one.what} | ${one.measured} | ${one.limit} | ${one.met ? "yes" : "**no**"} |`
  );
  return ["| what | measured | at most | met |", "| --- | --- | --- | --- |", ...rows].join("\n");
}
