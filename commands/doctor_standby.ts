// What doctor looks at where there is more than one way to the database: the standby that is read, and the pooler in between.

import { connect } from "../db/connect.ts";
import { findStandbyState } from "../db/replica.ts";
import type { Database } from "../services.ts";
import type { Finding } from "./doctor.ts";

/** Seconds that a standby may be behind before somebody should look. */
const LONG_BEHIND = 30;

/** How far the standby in READ_DATABASE_URL is; nothing where none is set. */
export async function checkStandby(
  { sql }: Pick<Database, "sql">,
  readDatabaseUrl: string | undefined,
): Promise<Finding[]> {
  if (readDatabaseUrl === undefined) return [];
  const name = "standby";
  const standby = connect({ url: readDatabaseUrl, pool: 1 });
  try {
    const { follows, bytes, seconds } = await findStandbyState(sql, standby);
    if (!follows) {
      const sentence =
        "READ_DATABASE_URL leads to no standby of DATABASE_URL, so it is never read. Point it at one, or take it away.";
      return [{ name, state: "wrong", sentence }];
    }
    const behind = `${seconds.toFixed(1)} s behind (${Math.ceil(bytes / 1024)} kB of the log)`;
    return seconds <= LONG_BEHIND ? [{ name, state: "well", sentence: `It is ${behind}` }] : [{
      name,
      state: "look at this",
      sentence:
        `It is ${behind}: reports and lists are read from the primary until it has caught up.`,
    }];
  } catch (error) {
    const sentence = `It cannot be asked (${
      error instanceof Error ? error.message : error
    }): reports and lists are read from the primary.`;
    return [{ name, state: "look at this", sentence }];
  } finally {
    await standby.end({ timeout: 1 });
  }
}

/** Whether sessions that a pooler hands out know what ours are told at their start; nothing where there is none. */
export async function checkPooler({ sql, direct }: Database): Promise<Finding[]> {
  if (sql === direct) return [];
  const name = "pooler";
  const limit = async (by: Database["sql"]): Promise<string> => {
    const [row] = await by<
      [{ limit: string }]
    >`select current_setting('statement_timeout') || ', ' || current_database() as limit`;
    return row.limit;
  };
  if (await limit(sql) === await limit(direct)) {
    return [{ name, state: "well", sentence: "Its sessions are as those past it" }];
  }
  return [{
    name,
    state: "wrong",
    sentence:
      "Its sessions lack our limits, or are of another database than DIRECT_DATABASE_URL. Use the same user and " +
      "database in both, run main.ts migrate, then RECONNECT in the pooler.",
  }];
}
