// GET /metrics, on a port of its own that no proxy leads to: what this process counts, and what there is to do.

import process from "node:process";
import type { Config } from "../config.ts";
import { TASK_STATES } from "../db/tasks.ts";
import { countWorkload, type Workload } from "../db/workload.ts";
import { jobs } from "../jobs/mod.ts";
import { countStuck } from "../jobs/queue.ts";
import { gauge, type Metric, type Metrics, METRICS_TYPE } from "../lib/metrics.ts";
import type { Services } from "../services.ts";
import { listen } from "./listen.ts";
import { VERSION } from "./version.ts";

/** Milliseconds for which an answer of the database is good enough, however many ask. */
const KEPT = 5000;
/** Milliseconds to wait for it: Prometheus itself gives up after 10 seconds. */
const PATIENCE = 3000;
/** Milliseconds between two looks at how late a timer comes. */
const TICK = 500;

const NONE = { count: 0, age: 0 } as const;
/** States of a mail with login details that is not settled. */
const OPEN_MAILS = ["queued", "sending", "deferred", "unknown"] as const;

export type MetricsServer = { readonly url: string; close(): Promise<void> };

/** Listens on METRICS_PORT; null where it is not set. @throws {CannotStart} if the port is in use */
export function openMetricsServer(
  config: Config,
  services: Services,
  parts: { readonly web: boolean; readonly work: boolean },
): MetricsServer | null {
  if (config.metricsPort === undefined) return null;
  const { metrics, log } = services;
  const role = parts.web && parts.work ? "serve" : parts.web ? "web" : "work";
  metrics.lookUp(() => describeProcess(role));
  metrics.lookUp(lookUpWorkload(services));
  const ticks = measureLateness(metrics);
  const server = listen(
    { name: "METRICS_PORT", host: config.metricsHost, port: config.metricsPort },
    async (request) => {
      if (new URL(request.url).pathname !== "/metrics") {
        return new Response("Look at /metrics\n", { status: 404 });
      }
      if (request.method !== "GET") {
        return new Response("GET only\n", { status: 405, headers: { allow: "GET" } });
      }
      return new Response(await metrics.text(), { headers: { "content-type": METRICS_TYPE } });
    },
  );
  const url = `http://${server.addr.hostname}:${server.addr.port}/metrics`;
  log.info("metrics", { url });
  return {
    url,
    async close(): Promise<void> {
      clearInterval(ticks);
      await server.shutdown();
    },
  };
}

/** Whatever else the process does on its one thread, a timer is as late as a page would be. */
function measureLateness(metrics: Metrics): ReturnType<typeof setInterval> {
  const lateness = metrics.histogram(
    "parent_logons_event_loop_delay_seconds",
    "How late a timer came that is due every half second",
    [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5],
  );
  let last = performance.now();
  return setInterval(() => {
    const now = performance.now();
    lateness.observe(Math.max(0, now - last - TICK) / 1000);
    last = now;
  }, TICK);
}

function describeProcess(role: string): Metric[] {
  const { rss, heapUsed } = Deno.memoryUsage();
  const { user, system } = process.cpuUsage();
  const build = { version: VERSION, deno: Deno.version.deno, role };
  return [
    gauge("parent_logons_build_info", "Which version this is, and what it runs", [
      { labels: build, value: 1 },
    ]),
    gauge("process_start_time_seconds", "When the process began", performance.timeOrigin / 1000),
    gauge("process_resident_memory_bytes", "Memory of the process", rss),
    gauge("parent_logons_heap_used_bytes", "Memory in use by JavaScript", heapUsed),
    {
      name: "process_cpu_seconds_total",
      help: "Time on a processor",
      type: "counter",
      samples: [{ value: (user + system) / 1e6 }],
    },
  ];
}

/** Asks the database at most once at a time and every five seconds; says that it is away rather than nothing. */
function lookUpWorkload(
  { sql, clock }: Pick<Services, "sql" | "clock">,
): () => Promise<readonly Metric[]> {
  const away = [gauge("parent_logons_database_up", "Whether the database answers", 0)];
  let asked = -Infinity;
  let asking = false;
  let answer: Promise<readonly Metric[]> = Promise.resolve(away);

  async function ask(): Promise<readonly Metric[]> {
    const begun = performance.now();
    try {
      const workload = await countWorkload(sql, clock.now());
      const seconds = (performance.now() - begun) / 1000;
      return describeWorkload(workload, { seconds, stuck: await countStuck(sql) });
    } catch {
      return away;
    } finally {
      asking = false;
    }
  }

  return async () => {
    if (!asking && performance.now() - asked >= KEPT) {
      asked = performance.now();
      asking = true;
      answer = ask();
    }
    let late: ReturnType<typeof setTimeout> | undefined;
    const silence = new Promise<readonly Metric[]>((done) => {
      late = setTimeout(() => done(away), PATIENCE);
    });
    return await Promise.race([answer, silence]).finally(() => clearTimeout(late));
  };
}

function describeWorkload(
  { tasks, mails, notices, connections }: Workload,
  { seconds, stuck }: { readonly seconds: number; readonly stuck: number },
): Metric[] {
  // Every combination, those of which there are none as well: a metric that comes and goes cannot be watched.
  const ofTasks = jobs.flatMap(({ kind }) =>
    TASK_STATES.map((state) => ({
      labels: { kind, state },
      ...tasks.find((one) => one.kind === kind && one.state === state) ?? NONE,
    }))
  );
  const queued = ofTasks.filter(({ labels }) => labels.state === "queued");
  const ofMails = OPEN_MAILS.map((state) => ({
    labels: { state },
    ...mails.find((one) => one.state === state) ?? NONE,
  }));
  return [
    gauge("parent_logons_database_up", "Whether the database answers", 1),
    gauge(
      "parent_logons_database_answer_seconds",
      "Time until it answered, the wait for a connection of the pool included",
      seconds,
    ),
    gauge(
      "parent_logons_database_connections",
      "Connections of all processes, by what they do",
      connections.map(({ count, ...labels }) => ({ labels, value: count })),
    ),
    gauge(
      "parent_logons_tasks",
      "Tasks",
      ofTasks.map(({ labels, count }) => ({ labels, value: count })),
    ),
    gauge(
      "parent_logons_queue_depth",
      "Tasks that wait for a worker",
      queued.map(({ labels, count }) => ({ labels: { kind: labels.kind }, value: count })),
    ),
    gauge(
      "parent_logons_queue_oldest_seconds",
      "Time since the oldest task that waits for a worker was started",
      queued.map(({ labels, age }) => ({ labels: { kind: labels.kind }, value: age })),
    ),
    gauge(
      "parent_logons_tasks_standing_still",
      "Tasks that were begun and that no worker has had a sign of life for in a minute",
      stuck,
    ),
    gauge(
      "parent_logons_credential_mails_open",
      "Mails with login details that are not settled",
      ofMails.map(({ labels, count }) => ({ labels, value: count })),
    ),
    gauge(
      "parent_logons_credential_mails_open_oldest_seconds",
      "Time since the oldest of them was asked for",
      ofMails.map(({ labels, age }) => ({ labels, value: age })),
    ),
    gauge("parent_logons_notices_waiting", "Notices that are not settled", notices.count),
    gauge(
      "parent_logons_notices_waiting_oldest_seconds",
      "Time since the oldest of them was written",
      notices.age,
    ),
  ];
}
