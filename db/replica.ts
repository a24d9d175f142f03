// Large questions cost the primary nothing where a streaming standby can answer them; it is asked only once it has all that
// was stored before the question.

import type { Log } from "../lib/log.ts";
import { connectionIsGone, type Queryable, type Sql } from "./connect.ts";

/** Milliseconds that a page waits for a standby which is behind. */
export const PAGE_PATIENCE = 200;
/** Milliseconds that a report waits for it. */
export const REPORT_PATIENCE = 30_000;
/** See {@link standbyReader}. */
const REST = 10_000;
/** Milliseconds that its connection may take on top. */
const GRACE = 1000;
/** Milliseconds between two looks at how far it is. */
const LOOK_AGAIN = 20;

/** Where questions are asked that read much and write nothing. */
export type Reader = {
  /**
   * Asks the standby, if it has everything that was stored before this call, or gets it within `patience` milliseconds;
   * else the primary. What was just stored is therefore always seen, whoever stored it and through whichever node.
   * @param work asks by the pool that it is given; begun once more, on the primary, if the standby is lost or breaks it off
   */
  read<T>(patience: number, work: (sql: Sql) => Promise<T>): Promise<T>;
};

/** How far a standby is. */
export type StandbyState = {
  /** false: it is another database, or no standby any more, so that nothing can be said about what it lacks. */
  readonly follows: boolean;
  /** Bytes of the primary's log that it has not replayed. */
  readonly bytes: number;
  /** Seconds since what it last replayed was committed; 0 if it lacks nothing. */
  readonly seconds: number;
};

/** Asks the primary alone: there is no standby. */
export function primaryReader(sql: Sql): Reader {
  return { read: (_patience, work) => work(sql) };
}

/**
 * Asks the standby where it can.
 * @param options.answered is told who answered each question
 * @param options.rest milliseconds for which a standby that is away, or behind, is left alone
 */
export function standbyReader(
  primary: Sql,
  standby: Sql,
  options: {
    readonly log: Log;
    readonly answered?: (by: "standby" | "primary") => void;
    readonly rest?: number;
  },
): Reader {
  const { log, answered = (): void => {}, rest = REST } = options;
  let restsUntil = -Infinity;
  let trouble: string | null = null;

  /** One line when it begins and one when it is over, however many questions there are meanwhile. */
  function leaveAlone(why: string, error?: unknown): void {
    restsUntil = performance.now() + rest;
    if (trouble === null) log.warn("the standby is not read; the primary is", { why, error });
    trouble = why;
  }

  async function mayAsk(patience: number): Promise<boolean> {
    if (performance.now() < restsUntil) return false;
    const at = await placeOf(primary);
    // Not only for as long as it is behind: one that takes no connection is silent for seconds.
    const silence = Promise.withResolvers<"silent">();
    const late = setTimeout(() => silence.resolve("silent"), patience + GRACE);
    try {
      const found = await Promise.race([waitFor(standby, at, patience), silence.promise]);
      if (found !== "has all") {
        leaveAlone(found);
        return false;
      }
      if (trouble !== null) log.info("the standby is read again");
      trouble = null;
      return true;
    } catch (error) {
      leaveAlone("away", error);
      return false;
    } finally {
      clearTimeout(late);
    }
  }

  async function read<T>(patience: number, work: (sql: Sql) => Promise<T>): Promise<T> {
    if (await mayAsk(patience)) {
      try {
        const result = await work(standby);
        answered("standby");
        return result;
      } catch (error) {
        if (!isOfStandby(error)) throw error;
        leaveAlone("lost", error);
      }
    }
    const result = await work(primary);
    answered("primary");
    return result;
  }

  return { read };
}

/** How a standby is, compared with its primary now. */
export async function findStandbyState(
  primary: Queryable,
  standby: Queryable,
): Promise<StandbyState> {
  const at = await placeOf(primary);
  const [row] = await standby<[StandbyState]>`
    select ${follows(standby, at)} as follows,
           coalesce(greatest(pg_wal_lsn_diff(${at.lsn}::pg_lsn, pg_last_wal_replay_lsn()), 0), 0)::float8 as bytes,
           case when pg_last_wal_replay_lsn() >= ${at.lsn}::pg_lsn then 0
                else coalesce(extract(epoch from clock_timestamp() - pg_last_xact_replay_timestamp()), 0) end::float8
             as seconds`;
  return row;
}

type Place = { readonly lsn: string; readonly cluster: string; readonly name: string };

/** How far the primary's log is, and of which cluster and database. */
async function placeOf(primary: Queryable): Promise<Place> {
  const [row] = await primary<[Place]>`
    select pg_current_wal_lsn()::text as lsn, current_database() as name,
           (select system_identifier::text from pg_control_system()) as cluster`;
  return row;
}

/** A copy of another cluster counts its log as well: its numbers would say nothing. */
function follows(standby: Queryable, at: Place): ReturnType<Queryable> {
  return standby`(pg_is_in_recovery() and current_database() = ${at.name}
    and (select system_identifier::text from pg_control_system()) = ${at.cluster})`;
}

async function waitFor(
  standby: Sql,
  at: Place,
  patience: number,
): Promise<"has all" | "behind" | "no standby of this database"> {
  const end = performance.now() + patience;
  for (;;) {
    const [row] = await standby<[{ follows: boolean; hasAll: boolean }]>`
      select ${follows(standby, at)} as follows,
             coalesce(pg_last_wal_replay_lsn() >= ${at.lsn}::pg_lsn, false) as "hasAll"`;
    if (!row.follows) return "no standby of this database";
    if (row.hasAll) return "has all";
    if (performance.now() >= end) return "behind";
    await new Promise((done) => setTimeout(done, LOOK_AGAIN));
  }
}

/** Lost, or broken off because replaying could not wait for it any longer (40001, "conflict with recovery"). */
function isOfStandby(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return connectionIsGone(error) || code === "40001";
}
