// serve, web, work and demo: opens what they use, listens, works, and stops when it is told to.

import { type Config, originOf, readConfig } from "../config.ts";
import { keepSessionSettings } from "../db/connect.ts";
import { migrate, missingMigrations } from "../db/migrate.ts";
import { isEmpty, seedCast, seedSchool } from "../db/seeds.ts";
import { startFeedFolder } from "../jobs/feed_folder.ts";
import { startHousekeeping } from "../jobs/housekeeping.ts";
import { jobs } from "../jobs/mod.ts";
import { startNotices } from "../jobs/notices.ts";
import { type Log, openLog } from "../lib/log.ts";
import { type MailCatcher, openMailCatcher } from "../lib/mail_catcher.ts";
import { openHasher } from "../lib/passwords.ts";
import {
  type Database,
  openDatabase,
  openServices,
  prepareQueue,
  type Services,
} from "../services.ts";
import { readSchoolSize } from "./arguments.ts";
import { CannotStart, LACKS_ADDRESS, lacksAddress, listen } from "./listen.ts";
import { type MetricsServer, openMetricsServer } from "./metrics.ts";

/** Milliseconds that requests and jobs have to come to an end. */
const GRACE = 20_000;

/** Runs the web side, the worker, or both, until SIGTERM or SIGINT. */
export async function serve(parts: { web: boolean; work: boolean }): Promise<number> {
  const config = readConfig();
  const log = openLog(config.logLevel);
  const database = await openDatabase(config, log);
  try {
    // One machine, one program: the embedded database is its own to upgrade. One that is shared is upgraded by `migrate`.
    if (config.databaseUrl === undefined) await migrateAll(database, log);
    else await checkMigrated(database);
    return await run(config, log, database, parts, (url) => log.info("ready", { url }));
  } finally {
    await database.close();
  }
}

/** Runs everything on a school of its own, with its people in it. */
export async function demo(args: string[]): Promise<number> {
  const size = readSchoolSize(args, { logons: 0, learners: 0, signIns: 0 });
  const set = (name: string, value: string): Record<string, string> =>
    Deno.env.get(name) === undefined ? { [name]: value } : {};
  const catcher = Deno.env.has("SMTP_URL") || Deno.env.has("SMTP_URL_FILE")
    ? undefined
    : await openMailCatcher();
  const config = readConfig(Deno.env.get, {
    ...set("DATA_DIR", ".data/demo"),
    ...set("LOG_LEVEL", "warn"),
    ...(catcher ? { SMTP_URL: catcher.url } : {}),
  });
  const log = openLog(config.logLevel);
  say("Starting the demo. The first start takes a little longer.");
  const database = await openDatabase(config, log);
  try {
    await migrateAll(database, log);
    if (await isEmpty(database.sql)) {
      const at = new Date();
      const { hash } = openHasher();
      await seedCast(database.sql, { at, hash });
      if (size.school.logons + size.school.learners + size.school.signIns > 0) {
        await seedSchool(database.direct, size.school, { at, hash, seed: size.seed, report: say });
      }
    } else if (args.length > 0) {
      say("The demo has its school already; remove the data folder to make another.");
    }
    return await run(
      config,
      log,
      database,
      { web: true, work: true },
      (url) => say(`Ready: ${url} (sign in as office / demo-office-2026)`),
      catcher,
    );
  } finally {
    await database.close();
    await catcher?.close();
  }
}

/** Brings the program's tables and the queue's up to date. */
export async function migrateAll(database: Database, log: Log): Promise<string[]> {
  const done = await migrate(database.direct);
  if (database.direct !== database.sql) await keepSessionSettings(database.direct);
  await prepareQueue(database, log);
  return done;
}

async function checkMigrated(database: Database): Promise<void> {
  const missing = await missingMigrations(database.sql);
  if (missing.length > 0) {
    throw new CannotStart(
      `The database lacks ${missing.length} of this version’s changes. Run: main.ts migrate`,
    );
  }
}

async function run(
  config: Config,
  log: Log,
  database: Database,
  parts: { web: boolean; work: boolean },
  ready: (url: string) => void,
  catcher?: MailCatcher,
): Promise<number> {
  // A lost connection must never end the program: whoever used it has been told already.
  globalThis.addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    log.error("unhandled rejection", { error: event.reason });
  });
  if (exportsTraces()) {
    log.warn("traces hold whole addresses, with searches and single-use links", {
      todo:
        "have the collector take url.full, url.path and url.query away: docs/operating.md, Traces",
    });
  }
  if (parts.web && lacksAddress(config)) log.warn("no address", { todo: LACKS_ADDRESS });
  const services = await openServices(config, { log, database });
  const stop = stopSignal();
  let metrics: MetricsServer | null = null;
  let server: Deno.HttpServer<Deno.NetAddr> | undefined;
  // Before any work is begun: a port that is in use ends the program with a sentence, and nothing else.
  try {
    metrics = openMetricsServer(config, services, parts);
    if (parts.web) server = await openPages(config, services, catcher);
  } catch (error) {
    await metrics?.close();
    await services.close();
    throw error;
  }
  let stopHousekeeping = (): Promise<void> => Promise.resolve();
  let stopFeedFolder = (): void => {};
  let stopNotices = (): Promise<void> => Promise.resolve();
  if (parts.work) {
    await services.queue.work(services, jobs);
    stopHousekeeping = startHousekeeping(services);
    stopFeedFolder = startFeedFolder(services);
    stopNotices = startNotices(services);
  }
  ready(
    server === undefined
      ? "working"
      : config.baseUrl ?? originOf({ ...config, port: server.addr.port }),
  );
  await stop;
  log.info("stopping");
  const late = setTimeout(() => Deno.exit(0), GRACE + 8000);
  const closing = Promise.all([server?.shutdown(), stopNotices(), stopHousekeeping()]);
  await Promise.race([closing, new Promise((done) => setTimeout(done, GRACE))]);
  stopFeedFolder();
  await metrics?.close();
  await services.close();
  clearTimeout(late);
  return 0;
}

async function openPages(
  config: Config,
  services: Services,
  catcher: MailCatcher | undefined,
): Promise<Deno.HttpServer<Deno.NetAddr>> {
  const { createApp } = await import("../routes/mod.ts");
  const more = catcher ? [(await import("../routes/demo_mail.tsx")).demoMail(catcher)] : [];
  const app = createApp(services, more);
  return listen(
    { name: "PORT", host: config.host, port: config.port },
    (request, info) => app.fetch(request, info),
  );
}

/** As Deno itself reads it: https://docs.deno.com/runtime/fundamentals/open_telemetry/ */
function exportsTraces(): boolean {
  return ["true", "1"].includes(Deno.env.get("OTEL_DENO") ?? "") &&
    Deno.env.get("OTEL_TRACES_EXPORTER") !== "none";
}

function stopSignal(): Promise<void> {
  return new Promise((stop) => {
    for (const signal of ["SIGTERM", "SIGINT"] as const) {
      Deno.addSignalListener(signal, () => stop());
    }
  });
}

function say(sentence: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(sentence + "\n"));
}
