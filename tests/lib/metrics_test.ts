// Metrics: the text that Prometheus reads, character for character.

import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { formatMetrics, gauge, openMetrics } from "../../lib/metrics.ts";

describe("metrics", () => {
  it("are written with help, type, labels and a line feed at the end of each line", async () => {
    const metrics = openMetrics();
    const mails = metrics.counter("mails_total", "Mails by outcome");
    mails.add({ outcome: "accepted" });
    mails.add({ outcome: "accepted" }, 2);
    mails.add({ outcome: "refused" });
    metrics.lookUp(() => [gauge("memory_bytes", "Memory", 12.5)]);
    metrics.lookUp(() =>
      Promise.resolve([gauge("tasks", "Tasks", [{ labels: { state: "done" }, value: 0 }])])
    );
    assert.equal(
      await metrics.text(),
      `# HELP mails_total Mails by outcome
# TYPE mails_total counter
mails_total{outcome="accepted"} 3
mails_total{outcome="refused"} 1
# HELP memory_bytes Memory
# TYPE memory_bytes gauge
memory_bytes 12.5
# HELP tasks Tasks
# TYPE tasks gauge
tasks{state="done"} 0
`,
    );
  });

  it("escape what would end a label or a line, and refuse names that the format has not", () => {
    const labels = { x: 'a"b\\c\nd' };
    assert.equal(
      formatMetrics([gauge("a", 'one\\two\nthree "four"', [{ labels, value: 1 }])]),
      `# HELP a one\\\\two\\nthree "four"\n# TYPE a gauge\na{x="a\\"b\\\\c\\nd"} 1\n`,
    );
    assert.throws(() => formatMetrics([gauge("a b", "", 1)]), TypeError);
    assert.throws(() => formatMetrics([gauge("1a", "", 1)]), TypeError);
    assert.throws(
      () => formatMetrics([gauge("a", "", [{ labels: { "x-y": 1 }, value: 1 }])]),
      TypeError,
    );
  });

  it("write numbers as Prometheus reads them", () => {
    const values = [NaN, Infinity, -Infinity, 1e21, 0.1, 1e-7];
    const text = formatMetrics([gauge("a", "", values.map((value) => ({ value })))]);
    assert.deepEqual(
      [...text.matchAll(/^a (.+)$/gm)].map((match) => match[1]),
      ["NaN", "+Inf", "-Inf", "1e+21", "0.1", "1e-7"],
    );
  });

  it("count in a histogram's bucket all that is in those before it, up to +Inf", async () => {
    const metrics = openMetrics();
    const seconds = metrics.histogram("s", "Seconds", [0.1, 1]);
    for (const value of [0.05, 0.1, 0.5, 3]) seconds.observe(value, { route: "/x" });
    seconds.observe(0.5, { route: "/y" });
    const lines = (await metrics.text()).split("\n");
    assert.deepEqual(lines.filter((line) => line.includes("/x") || line.startsWith("# TYPE")), [
      "# TYPE s histogram",
      's_bucket{route="/x",le="0.1"} 2',
      's_bucket{route="/x",le="1"} 3',
      's_bucket{route="/x",le="+Inf"} 4',
      's_sum{route="/x"} 3.65',
      's_count{route="/x"} 4',
    ]);
    assert.ok(lines.includes('s_bucket{route="/y",le="0.1"} 0'));
  });

  it("of one name are one metric, whoever asks for it", async () => {
    const metrics = openMetrics();
    metrics.counter("a_total", "A").add();
    metrics.counter("a_total", "A").add();
    assert.match(await metrics.text(), /^a_total 2$/m);
    assert.throws(() => metrics.counter("a_total", "A").add({}, -1), RangeError);
    assert.throws(() => metrics.counter("a_total", "A").add({}, NaN), RangeError);
  });
});
