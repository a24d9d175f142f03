// Finds PgBouncer, or installs Debian's, and runs one in transaction mode with hardly any sessions.

import { createServer } from "node:net";
import { spawn } from "node:child_process";
import { userInfo } from "node:os";
import { connect } from "../db/connect.ts";

export type Pooler = {
  /** The database's address by way of it. */
  readonly url: string;
  close(): Promise<void>;
};

const PLACES = ["/usr/sbin/pgbouncer", "/usr/bin/pgbouncer", "/opt/homebrew/bin/pgbouncer"];

/** Where it is; undefined if it is nowhere and cannot be installed. */
export async function findPgbouncer(): Promise<string | undefined> {
  const found = await installed();
  if (
    found !== undefined || userInfo().uid !== 0 || await installed("/usr/bin/apt-get") === undefined
  ) {
    return found;
  }
  const apt = (...args: string[]): Promise<unknown> =>
    new Deno.Command("apt-get", {
      args,
      env: { DEBIAN_FRONTEND: "noninteractive" },
      stdout: "null",
      stderr: "null",
    }).output();
  await apt("update");
  // Debian would start one of its own.
  await apt(
    "install",
    "--yes",
    "--no-install-recommends",
    "-o",
    "DPkg::Options::=--force-confold",
    "pgbouncer",
  );
  return await installed();
}

/** Starts it before a database. @param sessions with Postgres, at most: fewer than the program has connections, so that they are shared */
export async function openPooler(
  program: string,
  database: string,
  sessions: number,
): Promise<Pooler> {
  const folder = await Deno.makeTempDir({ prefix: "parent-logons-pgbouncer-" });
  await Deno.chmod(folder, 0o755);
  const { hostname, port, username, password, pathname } = new URL(database);
  const url = new URL(database);
  url.port = String(await freePort());
  const file = `${folder}/pgbouncer.ini`;
  await Deno.writeTextFile(
    file,
    `[databases]
${pathname.slice(1)} = host=${hostname} port=${port} user=${username} password=${password}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${url.port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = ${sessions}
log_connections = 0
`,
  );
  const user = userInfo().uid === 0 ? ["-u", "postgres"] : [];
  const child = spawn(program, ["-q", ...user, file], { stdio: "ignore" });
  const ended = new Promise<void>((done) => child.on("exit", () => done()));
  for (let tries = 0;; tries++) {
    const sql = connect({ url: url.href, pool: 1, pooled: true });
    const works = await sql`select 1`.then(() => true, () => false);
    await sql.end({ timeout: 1 });
    if (works) break;
    if (tries > 50) throw new Error(`PgBouncer does not answer; its settings are in ${file}`);
    await new Promise((done) => setTimeout(done, 100));
  }
  return {
    url: url.href,
    async close(): Promise<void> {
      child.kill("SIGKILL");
      await ended;
      await Deno.remove(folder, { recursive: true });
    },
  };
}

async function installed(...places: readonly string[]): Promise<string | undefined> {
  for (const place of places.length > 0 ? places : PLACES) {
    if (await Deno.stat(place).then(() => true, () => false)) return place;
  }
  return undefined;
}

function freePort(): Promise<number> {
  return new Promise((done) => {
    const server = createServer();
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      const port = address !== null && typeof address === "object" ? address.port : 0;
      server.close(() => done(port));
    });
  });
}
