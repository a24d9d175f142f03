// Figures for whoever watches over the program, in the text format of Prometheus, version 0.0.4:
// https://prometheus.io/docs/instrumenting/exposition_formats/

/** The same names for every sample of one metric. Values come from a small, fixed set: each new one is kept for good. */
export type Labels = Readonly<Record<string, string | number>>;

export type Sample = { readonly labels?: Labels; readonly value: number };

/** One metric with all its samples. */
export type Metric = {
  readonly name: string;
  readonly help: string;
  readonly type: "counter" | "gauge" | "histogram";
  /** `suffix` is of a histogram's own samples: _bucket, _sum, _count. */
  readonly samples: readonly (Sample & { readonly suffix?: string })[];
};

/** Only ever goes up; its name ends in _total. */
export type Counter = { add(labels?: Labels, by?: number): void };

/** Counts values by size. */
export type Histogram = { observe(value: number, labels?: Labels): void };

/** What one process counts, and what is looked up when it is asked. */
export type Metrics = {
  /** The counter of this name; the first call makes it. */
  counter(name: string, help: string): Counter;
  /** The histogram of this name; the first call makes it. @param bounds upper ends of the buckets, ascending */
  histogram(name: string, help: string, bounds: readonly number[]): Histogram;
  /** Adds what is looked up at each {@link text}. */
  lookUp(read: () => readonly Metric[] | Promise<readonly Metric[]>): void;
  /** Everything, as it is now. */
  text(): Promise<string>;
};

/** Its media type, as the format's page wants it. */
export const METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8";

type Kept = { metric(): Metric };

/** Nothing is counted yet. */
export function openMetrics(): Metrics {
  const counters = new Map<string, Counter & Kept>();
  const histograms = new Map<string, Histogram & Kept>();
  const lookUps: Parameters<Metrics["lookUp"]>[0][] = [];
  return {
    counter: (name, help) => counters.getOrInsertComputed(name, () => openCounter(name, help)),
    histogram: (name, help, bounds) =>
      histograms.getOrInsertComputed(name, () => openHistogram(name, help, bounds)),
    lookUp(read): void {
      lookUps.push(read);
    },
    async text(): Promise<string> {
      const looked = await Promise.all(lookUps.map((read) => read()));
      const kept = [...counters.values(), ...histograms.values()].map((one) => one.metric());
      return formatMetrics([...kept, ...looked.flat()]);
    },
  };
}

/** A value of now. */
export function gauge(name: string, help: string, samples: readonly Sample[] | number): Metric {
  const several = typeof samples === "number" ? [{ value: samples }] : samples;
  return { name, help, type: "gauge", samples: several };
}

/** @throws {TypeError} for a name that the format does not have */
export function formatMetrics(metrics: readonly Metric[]): string {
  return metrics.map(({ name, help, type, samples }) => {
    if (!/^[a-zA-Z_:][a-zA-Z0-9_:]*$/.test(name)) throw new TypeError(`no metric's name: ${name}`);
    const lines = samples.map(({ suffix = "", labels = {}, value }) =>
      `${name}${suffix}${formatLabels(labels)} ${formatValue(value)}\n`
    );
    return `# HELP ${name} ${escapeHelp(help)}\n# TYPE ${name} ${type}\n${lines.join("")}`;
  }).join("");
}

function openCounter(name: string, help: string): Counter & Kept {
  const samples = new Map<string, { labels: Labels; value: number }>();
  return {
    add(labels = {}, by = 1): void {
      if (!(by >= 0)) throw new RangeError(`${name} only goes up`);
      sampleOf(samples, labels, () => ({ labels, value: 0 })).value += by;
    },
    metric: () => ({ name, help, type: "counter", samples: [...samples.values()] }),
  };
}

function openHistogram(
  name: string,
  help: string,
  bounds: readonly number[],
): Histogram & Kept {
  type Series = { labels: Labels; buckets: number[]; sum: number; count: number };
  const series = new Map<string, Series>();
  return {
    observe(value, labels = {}): void {
      const one = sampleOf<Series>(series, labels, () => ({
        labels,
        buckets: bounds.map(() => 0),
        sum: 0,
        count: 0,
      }));
      // Each bucket holds those before it as well: what is counted in one is counted in all that follow.
      bounds.forEach((bound, at) => {
        if (value <= bound) one.buckets[at] = (one.buckets[at] ?? 0) + 1;
      });
      one.sum += value;
      one.count++;
    },
    metric: () => ({
      name,
      help,
      type: "histogram",
      samples: [...series.values()].flatMap(({ labels, buckets, sum, count }) => [
        ...bounds.map((bound, at) => ({
          suffix: "_bucket",
          labels: { ...labels, le: formatValue(bound) },
          value: buckets[at] ?? 0,
        })),
        { suffix: "_bucket", labels: { ...labels, le: "+Inf" }, value: count },
        { suffix: "_sum", labels, value: sum },
        { suffix: "_count", labels, value: count },
      ]),
    }),
  };
}

function sampleOf<T>(samples: Map<string, T>, labels: Labels, make: () => T): T {
  return samples.getOrInsertComputed(formatLabels(labels), make);
}

function formatLabels(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => {
    if (!/^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name)) throw new TypeError(`no label's name: ${name}`);
    return `${name}="${escapeLabel(String(value))}"`;
  });
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}

function formatValue(value: number): string {
  if (value === Infinity) return "+Inf";
  return value === -Infinity ? "-Inf" : String(value);
}

function escapeHelp(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
}

function escapeLabel(text: string): string {
  return escapeHelp(text).replaceAll('"', '\\"');
}
