// What commands open and handlers use: one type and its opener.

import { type Config, ConfigError } from "./config.ts";
import { connect, findTime, type Sql, warmUp } from "./db/connect.ts";
import { EmbeddedError, type EmbeddedPostgres, openEmbedded } from "./db/embedded.ts";
import { needsServerKey } from "./db/server_key.ts";
import { primaryReader, type Reader, standbyReader } from "./db/replica.ts";
import { jobs } from "./jobs/mod.ts";
import { migrateQueue, openQueue, type Queue } from "./jobs/queue.ts";
import { type Keys, openKeys } from "./lib/keys.ts";
import { type KeyedLimit, type Limit, openKeyedLimit, openLimit } from "./lib/limit.ts";
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
  /** As in {@link Database}. */
  readonly direct: Sql;
  /** Answers what reads much and writes nothing: the standby in READ_DATABASE_URL, or `sql`. */
  readonly reader: Reader;
  readonly queue: Queue;
  readonly hasher: Hasher;
  /** Comparisons at the two doors, by household: a burst from one address keeps nobody else waiting. */
  readonly doors: KeyedLimit;
  readonly keys: Keys;
  /** null while SMTP_URL is not set. */
  readonly mailer: Mailer | null;
  /** Mails of resets that are begun: one more than is handed over at once, so that the mail server need not wait for it. */
  readonly preparing: Limit;
  /** From the end of a mail with a password until it is kept what became of it: nobody knows of those if the program is killed. */
  readonly handingOver: Limit;
  /** Closes everything in reverse order. */
  close(): Promise<void>;
};

/** Passwords of one household that are compared at once: no more than a family has hands. */
const AT_A_DOOR = 4;
/** Connections of the queue, out of DATABASE_POOL. */
const QUEUE_POOL = 3;
/**
 * Connections to the mail server beside those by which resets hand over: for the next mail, and so that a forgotten password
 * need not wait for one. Three in all are what hosted servers allow.
 */
const MORE_CONNECTIONS = 2;

/** What a command that only needs the database opens. */
export type Database = {
  readonly sql: Sql;
  /** Where a session is one's own: to listen, to hold a lock, to set something. The same pool unless DIRECT_DATABASE_URL is set. */
  readonly direct: Sql;
  readonly directUrl: string;
  close(): Promise<void>;
};

/**
 * Opens Postgres: the one in DATABASE_URL, else the embedded one in DATA_DIR.
 * @throws {ConfigError} if another address is set, and this one is not
 */
export async function openDatabase(config: Config, log: Log): Promise<Database> {
  const { databaseUrl, directDatabaseUrl, readDatabaseUrl } = config;
  if (databaseUrl === undefined && (directDatabaseUrl ?? readDatabaseUrl) !== undefined) {
    throw new ConfigError(
      "DIRECT_DATABASE_URL and READ_DATABASE_URL belong to a DATABASE_URL, which is not set.",
    );
  }
  const embedded: EmbeddedPostgres = databaseUrl === undefined
    ? await openEmbedded(config.dataDir, log)
    : { url: databaseUrl, stop: () => Promise.resolve() };
  const sql = connect({
    url: embedded.url,
    pool: poolOf(config),
    keepsPlans: true,
    pooled: directDatabaseUrl !== undefined,
  });
  const direct = directDatabaseUrl === undefined
    ? sql
    : connect({ url: directDatabaseUrl, pool: 2 });
  const database = {
    sql,
    direct,
    directUrl: directDatabaseUrl ?? embedded.url,
    async close(): Promise<void> {
      await Promise.all([sql.end({ timeout: 5 }), direct.end({ timeout: 5 })]);
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
  const key = await serverKey(config, database.sql).catch(async (error: unknown) => {
    if (!options.database) await database.close();
    throw error;
  });
  const queue = await openQueue({ url: database.directUrl, pool: QUEUE_POOL, log });
  const ticking = options.clock === undefined
    ? await databaseClock(database.sql, config.timeZone, log)
    : null;
  const clock = ticking ?? options.clock ?? systemClock(config.timeZone);
  const metrics = openMetrics();
  const standby = config.readDatabaseUrl === undefined ? null : connect({
    url: config.readDatabaseUrl,
    pool: poolOf(config),
  });
  const waits = metrics.histogram(
    "parent_logons_password_hash_wait_seconds",
    "How long a password waited for its turn to be hashed or compared",
    [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
  );
  const hasher = openHasher({ onWait: (seconds) => waits.observe(seconds) });
  metrics.lookUp(() => [hashing(hasher)]);
  const mailer = config.smtpUrl === undefined ? null : counted(metrics, {
    url: config.smtpUrl,
    from: { address: config.mailFrom, name: config.schoolName },
    connections: config.mailAtOnce + MORE_CONNECTIONS,
    perMinute: config.mailRate,
  });
  return {
    config,
    log,
    metrics,
    clock,
    sql: database.sql,
    direct: database.direct,
    reader: standby === null
      ? primaryReader(database.sql)
      : countedReader(metrics, database.sql, standby, log),
    queue,
    hasher,
    doors: openKeyedLimit(AT_A_DOOR),
    keys: openKeys(key, config.previousSecretKey),
    mailer,
    preparing: openLimit(config.mailAtOnce + 1),
    handingOver: openLimit(config.mailAtOnce),
    async close(): Promise<void> {
      ticking?.stop();
      await queue.close();
      mailer?.close();
      await standby?.end({ timeout: 5 });
      if (!options.database) await database.close();
    },
  };
}

/** Brings the queue's tables up to date, as `migrate` does with the program's own. */
export async function prepareQueue(database: Database, log: Log): Promise<void> {
  await migrateQueue({ url: database.directUrl, pool: 2, log }, jobs);
}

/** DATABASE_POOL without what the queue takes of it. */
function poolOf(config: Config): number {
  return Math.max(2, config.databasePool - QUEUE_POOL);
}

/** @param now this machine's time unless given */
export function systemClock(timeZone: string, now = (): Date => new Date()): Clock {
  const dates = new Intl.DateTimeFormat("sv-SE", { timeZone, dateStyle: "short" });
  return { now, today: () => dates.format(now()) };
}

/** Milliseconds between two looks at the database's clock. */
const LOOK_AT_CLOCK = 60_000;
/** Milliseconds that two clocks may differ: what the network takes would else move time to and fro. */
const CLOSE_ENOUGH = 500;

/**
 * The database's time: this machine's, and how far that is off. Several nodes then go by one clock, whatever each of theirs
 * says: codes, leases, waits and expiry are the same everywhere.
 */
async function databaseClock(
  sql: Sql,
  timeZone: string,
  log: Log,
): Promise<Clock & { stop(): void }> {
  let off = 0;
  async function look(): Promise<void> {
    const asked = Date.now();
    const at = await findTime(sql);
    const answered = Date.now();
    const found = at.getTime() - (asked + answered) / 2;
    if (Math.abs(found - off) <= CLOSE_ENOUGH + (answered - asked) / 2) return;
    off = Math.abs(found) <= CLOSE_ENOUGH ? 0 : found;
    if (off === 0) return log.info("this machine's clock is the database's again", {});
    log.warn("this machine's clock is not the database's, which is gone by", {
      seconds: Math.round(-off / 100) / 10,
    });
  }
  await look();
  // While the database is away the difference stays as it was.
  const timer = setInterval(() => void look().catch(() => {}), LOOK_AT_CLOCK);
  const now = (): Date => new Date(Date.now() + off);
  return { ...systemClock(timeZone, now), stop: () => clearInterval(timer) };
}

/** The standby's reader, with a count of who answered. */
function countedReader(metrics: Metrics, primary: Sql, standby: Sql, log: Log): Reader {
  const reads = metrics.counter(
    "parent_logons_large_reads_total",
    "Questions that the standby is there for, by who answered",
  );
  return standbyReader(primary, standby, { log, answered: (by) => reads.add({ by }) });
}

/** A mailer whose every try is counted by what became of it. */
function counted(metrics: Metrics, options: Parameters<typeof openMailer>[0]): Mailer {
  const mailer = openMailer(options);
  const tries = metrics.counter(
    "parent_logons_mail_tries_total",
    "Mails given to the mail server, by what became of each try",
  );
  // From the first on, since a metric that comes and goes cannot be watched.
  for (const outcome of ["accepted", "deferred", "refused", "unknown"]) tries.add({ outcome }, 0);
  return {
    async send(mail, beforeEnd): ReturnType<Mailer["send"]> {
      const outcome = await mailer.send(mail, beforeEnd);
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

/**
 * The server key: SECRET_KEY, else the one kept in DATA_DIR, made at the first start.
 * @throws {EmbeddedError} if it is gone and something that is stored needs it
 */
/** The server key as it is, where it is: null where none was made yet, or none is set. */
export async function findServerKey(config: Config): Promise<Uint8Array<ArrayBuffer> | null> {
  if (config.secretKey) return config.secretKey;
  if (config.databaseUrl !== undefined) return null;
  try {
    return Uint8Array.fromBase64((await Deno.readTextFile(keyFileOf(config))).trim());
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}

function keyFileOf(config: Config): string {
  return join(config.dataDir, "secret-key");
}

async function serverKey(config: Config, sql: Sql): Promise<Uint8Array<ArrayBuffer>> {
  const found = await findServerKey(config);
  if (found !== null) return found;
  if (config.databaseUrl !== undefined) {
    throw new EmbeddedError(
      "SECRET_KEY is not set. With a DATABASE_URL of your own, set it to the same value on every machine: " +
        "openssl rand -base64 32",
    );
  }
  const file = keyFileOf(config);
  if (await needsServerKey(sql)) {
    throw new EmbeddedError(
      `The server key is gone: ${file}. Put your copy of it there and start again. Without a copy, make a new one: ` +
        `(umask 077; openssl rand -base64 32 > ${file}). Then authenticator apps must be set up anew, recovery codes ` +
        "and letters that were not printed yet are no good, and a reset that is under way stops.",
    );
  }
  const made = crypto.getRandomValues(new Uint8Array(32));
  await Deno.mkdir(config.dataDir, { recursive: true });
  await Deno.writeTextFile(file, made.toBase64() + "\n", { mode: 0o600, createNew: true });
  return made;
}
