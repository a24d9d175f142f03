// Brings the database to this program's schema: forward only, each step in a transaction, one process at a time.

import { fileURLToPath } from "node:url";
import type { Sql } from "./connect.ts";
import { transaction } from "./connect.ts";

const FOLDER = new URL("./migrations/", import.meta.url);
/** Any number that nothing else locks on; the same in every version of the program. */
const LOCK = 7_061_772_001;
const OLDEST_POSTGRES = 15;

export class MigrationError extends Error {
  override readonly name = "MigrationError";
}

/** Names of the steps that this program has, oldest first. */
export function migrationNames(): string[] {
  return [...Deno.readDirSync(FOLDER)].map((entry) => entry.name)
    .filter((name) => name.endsWith(".sql")).sort();
}

/**
 * Runs the steps that the database lacks and gives their names.
 * Two processes may call it at once: the second waits and then finds nothing to do.
 * @throws {MigrationError} if Postgres is too old or the database is newer than this program
 */
export async function migrate(sql: Sql): Promise<string[]> {
  await checkPostgres(sql);
  const lock = await sql.reserve();
  try {
    // Another process may be at it for longer than a statement may take.
    await lock`set statement_timeout = 0`;
    await lock`select pg_advisory_lock(${LOCK})`;
    await sql`create table if not exists migrations (
      name text primary key, applied_at timestamptz not null default now()
    )`;
    const missing = await missingMigrations(sql);
    for (const name of missing) {
      await transaction(sql, async (tx) => {
        await tx`set local statement_timeout = 0`;
        await tx.file(fileURLToPath(new URL(name, FOLDER)));
        await tx`insert into migrations (name) values (${name})`;
      });
    }
    return missing;
  } finally {
    await lock`select pg_advisory_unlock(${LOCK})`.catch(() => {});
    await lock`reset statement_timeout`.catch(() => {});
    lock.release();
  }
}

/**
 * The steps that this program has and the database lacks.
 * @throws {MigrationError} if the database holds a step that this program does not know
 */
export async function missingMigrations(sql: Sql): Promise<string[]> {
  const { missing, newer } = await compareMigrations(sql);
  if (newer.length > 0) {
    throw new MigrationError(
      `The database was upgraded by a newer version of this program (${newer.at(-1)}). ` +
        "Start that version, or restore a backup that was made before the upgrade.",
    );
  }
  return missing;
}

/**
 * What the database lacks of this program's steps, and what it has of a newer program's: a node that runs already goes on
 * beside those, which is how several are upgraded one after another.
 */
export async function compareMigrations(
  sql: Sql,
): Promise<{ readonly missing: string[]; readonly newer: string[] }> {
  const [table] = await sql<[{ found: boolean }]>`
    select to_regclass('migrations') is not null as found`;
  const applied = table.found
    ? (await sql<{ name: string }[]>`select name from migrations`).map((row) => row.name)
    : [];
  const known = migrationNames();
  return {
    missing: known.filter((name) => !applied.includes(name)),
    newer: applied.filter((name) => !known.includes(name)).sort(),
  };
}

async function checkPostgres(sql: Sql): Promise<void> {
  const [row] = await sql<[{ version: number; name: string; encoding: string }]>`
    select current_setting('server_version_num')::int as version,
           current_setting('server_version') as name, current_setting('server_encoding') as encoding`;
  if (row.version < OLDEST_POSTGRES * 10_000) {
    throw new MigrationError(
      `Postgres ${row.name} is too old: ${OLDEST_POSTGRES} or later is needed.`,
    );
  }
  if (row.encoding !== "UTF8") {
    throw new MigrationError(
      `The database stores text as ${row.encoding}; create it with encoding UTF8.`,
    );
  }
}
