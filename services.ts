// What commands open and handlers use: one type and its opener.

import type { Config } from "./config.ts";
import { connect, type Sql, warmUp } from "./db/connect.ts";
import { EmbeddedError, type EmbeddedPostgres, openEmbedded } from "./db/embedded.ts";
import { jobs } from "./jobs/mod.ts";
import { migrateQueue, openQueue, type Queue } from "./jobs/queue.ts";
import { type Keys, openKeys } from "./lib/keys.ts";
import { type Log, openLog } from "./lib/log.ts";
import { type Mailer, openMailer } from "./lib/mail.ts";
import { gauge, type Metrics, openMetrics } from "./lib/metrics.ts";
import { type Hasher, type MeasuredHasher, openHasher } from "./lib/passwords.ts";
import { join } from "node:path";

/** The time; tests move it. */
export type Clock = {
  now(): Date;
  /** The school's date, as 2026-11-24. */
  today(): string;
};

export type Services = {
  readonly config: Config;
  readonly log: Log;
  /** What this process counts; read on METRICS_PORT. */
  readonly metrics: Metrics;
  readonly clock: Clock;
  readonly sql: Sql;
  readonly queue: Queue;
  readonly hasher: Hasher;
  readonly keys: Keys;
  /** null while SMTP_URL is not set. */
  readonly mailer: Mailer | null;
  /** Closes everything in reverse order. */
  close(): Promise<void>;
};

/** What a command that only needs the database opens. */
export type Database = { readonly url: string; readonly sql: Sql; close(): Promise<void> };

/** Opens Postgres: the one in DATABASE_URL, else the embedded one in DATA_DIR. */
export async function openDatabase(config: Config, log: Log): Promise<Database> {
  const embedded: EmbeddedPostgres = config.databaseUrl === undefined
    ? await openEmbedded(config.dataDir, log)
    : { url: config.databaseUrl, stop: () => Promise.resolve() };
  const sql = connect({ url: embedded.url, pool: Math.max(2, config.databasePool - 3) });
  const database = {
    url: embedded.url,
    sql,
    async close(): Promise<void> {
      await sql.end({ timeout: 5 });
      await embedded.stop();
    },
  };
  try {
    await warmUp(sql);
  } catch (error) {
    await database.close();
    throw error;
  }
  return database;
}

/** Opens all that a web or a work process uses, on a database that was migrated. */
export async function openServices(
  config: Config,
  options: { readonly log?: Log; readonly database?: Database; readonly clock?: Clock } = {},
): Promise<Services> {
  const log = options.log ?? openLog(config.logLevel);
  const database = options.database ?? await openDatabase(config, log);
  const queue = await openQueue({ url: database.url, pool: 3, log });
  const metrics = openMetrics();
  const hasher = openHasher();
  metrics.lookUp(() => [hashing(hasher)]);
  const mailer = config.smtpUrl === undefined ? null : counted(metrics, {
    url: config.smtpUrl,
    from: { address: config.mailFrom, name: config.schoolName },
    connections: 5,
    perMinute: config.mailRate,
  });
  return {
    config,
    log,
    metrics,
    clock: options.clock ?? systemClock(config.timeZone),
    sql: database.sql,
    queue,
    hasher,
    keys: openKeys(await serverKey(config), config.previousSecretKey),
    mailer,
    async close(): Promise<void> {
      await queue.close();
      mailer?.close();
      if (!options.database) await database.close();
    },
  };
}

/** Brings the queue's tables up to date, as `migrate` does with the program's own. */
export async function prepareQueue(database: Database, log: Log): Promise<void> {
  await migrateQueue({ url: database.url, pool: 2, log }, jobs);
}

export function systemClock(timeZone: string): Clock {
  const dates = new Intl.DateTimeFormat("sv-SE", { timeZone, dateStyle: "short" });
  return { now: () => new Date(), today: () => dates.format(new Date()) };
}

/** A mailer whose every try is counted by what became of it. */
function counted(metrics: Metrics, options: Parameters<typeof openMailer>[0]): Mailer {
  const mailer = openMailer(options);
  const tries = metrics.counter(
    "parent_logons_mail_tries_total",
    "Mails given to the mail server, by what became of each try",
  );
  return {
    async send(mail): ReturnType<Mailer["send"]> {
      const outcome = await mailer.send(mail);
      tries.add({ outcome: outcome.state });
      return outcome;
    },
    close: () => mailer.close(),
  };
}

function hashing(hasher: MeasuredHasher): ReturnType<typeof gauge> {
  const { running, waiting } = hasher.load();
  return gauge("parent_logons_password_hashes", "Password hashes under way, and waiting", [
    { labels: { state: "running" }, value: running },
    { labels: { state: "waiting" }, value: waiting },
  ]);
}

/** The server key: SECRET_KEY, else the one kept in DATA_DIR, made at the first start. */
async function serverKey(config: Config): Promise<Uint8Array<ArrayBuffer>> {
  if (config.secretKey) return config.secretKey;
  if (config.databaseUrl !== undefined) {
    throw new EmbeddedError(
      "SECRET_KEY is not set. With a DATABASE_URL of your own, set it to the same value on every machine: " +
        "openssl rand -base64 32",
    );
  }
  const file = join(config.dataDir, "secret-key");
  try {
    return Uint8Array.fromBase64((await Deno.readTextFile(file)).trim());
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  const made = crypto.getRandomValues(new Uint8Array(32));
  await Deno.mkdir(config.dataDir, { recursive: true });
  await Deno.writeTextFile(file, made.toBase64() + "\n", { mode: 0o600, createNew: true });
  return made;
}
