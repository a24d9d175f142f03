// A database for one test file: a copy of the migrated template, gone again at the end.

import { connect, type Sql, warmUp } from "../db/connect.ts";
import { eventually } from "./browserless.ts";

/** The name of the template; a server that lacks it is not ours, and nothing is dropped there. */
export const TEMPLATE = "parent_logons_test_template";

export type TestDatabase = {
  readonly sql: Sql;
  readonly url: string;
  /** As services.ts has them; no pooler stands between. */
  readonly direct: Sql;
  readonly directUrl: string;
  close(): Promise<void>;
};

/** Opens a fresh copy. Run the tests by `deno task test`, which starts the server. */
export async function openTestDatabase(
  options: { readonly pool?: number } = {},
): Promise<TestDatabase> {
  const template = Deno.env.get("TEST_DATABASE_URL");
  if (template === undefined || !template.endsWith(`/${TEMPLATE}`)) {
    throw new Error("Run the tests by: deno task test [FILE…]");
  }
  const name = `test_${crypto.randomUUID().replaceAll("-", "")}`;
  const admin = new URL(template);
  admin.pathname = "/postgres";
  await withServer(admin.href, async (server) => {
    await server`create database ${server(name)} template ${server(TEMPLATE)}`;
  });
  const url = new URL(template);
  url.pathname = `/${name}`;
  const sql = connect({ url: url.href, pool: options.pool ?? 5, keepsPlans: true, name });
  await warmUp(sql);
  return {
    sql,
    url: url.href,
    direct: sql,
    directUrl: url.href,
    async close(): Promise<void> {
      await sql.end({ timeout: 1 });
      await withServer(admin.href, async (server) => {
        await server`drop database ${server(name)} with (force)`;
      });
    },
  };
}

async function withServer(url: string, work: (sql: Sql) => Promise<void>): Promise<void> {
  const server = connect({ url, pool: 1, name: "test server" });
  try {
    await work(server);
  } finally {
    await server.end({ timeout: 1 });
  }
}

/** Until something waits for a row or a table that somebody else has locked; after a minute it fails. */
export async function waitForLock(sql: Sql): Promise<void> {
  await eventually(
    () =>
      sql`
        select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
    (waiting) => waiting.length > 0,
  );
}
