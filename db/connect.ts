// Opens Postgres and runs transactions that cannot leak a query past their end.

import postgres from "postgres";

export type Sql = postgres.Sql<{ bigint: number }>;
export type Transaction = postgres.TransactionSql<{ bigint: number }>;
/** What every function of db/ takes first: the pool, or the transaction it is to be part of. */
export type Queryable = Sql | Transaction;

export type ConnectOptions = {
  readonly url: string;
  /** Connections at most. */
  readonly pool?: number;
  /** Sets a third of them aside for {@link keepingPlans}. To be begun by {@link warmUp}. */
  readonly keepsPlans?: boolean;
  /** Shown by Postgres in pg_stat_activity. */
  readonly name?: string;
  /** Milliseconds after which Postgres gives up on a statement; 0 for never. */
  readonly statementTimeout?: number;
  /** Keeps its connections for as long as the pool is open: for a lock that a session holds. */
  readonly lasting?: boolean;
  /**
   * Leads to PgBouncer in transaction mode: each statement or transaction may meet another session, so none is prepared, and
   * what else a session is told at its start is kept with the role (see {@link keepSessionSettings}).
   */
  readonly pooled?: boolean;
};

/** The connections of a pool that {@link keepingPlans} asks on. */
const planKeepers = new WeakMap<object, Sql>();

/** Opens a pool; nothing connects before the first query. */
export function connect(options: ConnectOptions): Sql {
  const { pool = 10, keepsPlans = false, pooled = false } = options;
  const kept = keepsPlans && !pooled ? Math.floor(pool / 3) : 0;
  if (kept === 0) return openPool(options, pool, "force_custom_plan");
  const sql = openPool(options, pool - kept, "force_custom_plan");
  const keeper = openPool(options, kept, "auto");
  planKeepers.set(sql, keeper);
  const end = sql.end;
  sql.end = async (how): Promise<void> => {
    await Promise.all([end(how), keeper.end(how)]);
  };
  return sql;
}

/**
 * Where a question is asked whose best plan is the same whatever it asks for, such as one for rows by their ids: Postgres
 * plans it once on each connection, where planning what every page asks takes longer than answering it. A transaction, and a
 * pool that sets no connections aside, asks as always.
 */
export function keepingPlans(sql: Queryable): Queryable {
  return planKeepers.get(sql) ?? sql;
}

function openPool(
  options: ConnectOptions,
  max: number,
  plans: "auto" | "force_custom_plan",
): Sql {
  const { pooled = false } = options;
  return postgres(options.url, {
    prepare: !pooled,
    max,
    connect_timeout: 5,
    idle_timeout: options.lasting ? 0 : 60,
    max_lifetime: options.lasting ? null : 30 * 60,
    backoff: (retries: number) => Math.min(0.1 * 2 ** retries, 2),
    onnotice: () => {},
    connection: {
      application_name: options.name ?? "parent-logons",
      ...pooled ? {} : {
        statement_timeout: options.statementTimeout ?? 30_000,
        idle_in_transaction_session_timeout: 60_000,
        // What a search matches decides how it is best found: a plan made for any text is slow for most.
        plan_cache_mode: plans,
        // A school's data lies in memory: a page found by an index costs hardly more than the next one.
        random_page_cost: 1.1,
      },
    },
    // Ids and counts stay far below 2^53, so a bigint is a number here.
    types: { bigint: { to: 20, from: [20], serialize: String, parse: Number } },
  });
}

/**
 * Makes the pool's first connections with a question that has no arrays. postgres.js 3.4.9 learns the array types beside the
 * first question, and on a busy machine its answer can come before they are learnt: arrays would then be text, for as long
 * as that connection keeps the prepared statement.
 */
export async function warmUp(sql: Sql): Promise<void> {
  await Promise.all([sql`select 1`, keepingPlans(sql)`select 1`]);
}

/** The database's clock, to the millisecond. */
export async function findTime(sql: Queryable): Promise<Date> {
  const [row] = await sql<[{ at: Date }]>`select clock_timestamp() as at`;
  return row.at;
}

/**
 * Keeps with the role, in this database, what {@link connect} tells each session at its start: PgBouncer hands out sessions
 * that it began itself, and refuses whoever wants to tell them more.
 */
export async function keepSessionSettings(sql: Sql): Promise<void> {
  const [row] = await sql<[{ name: string }]>`select current_database() as name`;
  const database = sql(row.name);
  await transaction(sql, async (tx) => {
    await tx`alter role current_user in database ${database} set statement_timeout = '30s'`;
    await tx`
      alter role current_user in database ${database} set idle_in_transaction_session_timeout = '60s'`;
    await tx`alter role current_user in database ${database} set plan_cache_mode = force_custom_plan`;
    await tx`alter role current_user in database ${database} set random_page_cost = 1.1`;
  });
}

/** The connection of a transaction was lost: nothing of it was stored. */
export class TransactionLost extends Error {
  override readonly name = "TransactionLost";
  constructor(cause: unknown) {
    super("The database connection was lost; nothing of this change was stored.", { cause });
  }
}

/**
 * Runs `work` in one transaction: all of it is stored, or nothing is.
 *
 * postgres.js 3.4.9 needs help here (porsager/postgres #1155, #1208, #1216). When the connection dies while `work` waits
 * for something else, its next query would open a new connection and run outside any transaction; and the driver's own
 * ROLLBACK on the dead connection throws where nobody can catch it. So: once the connection is gone every further query is
 * refused, and the driver never sees `work` end.
 * Inside, await nothing but queries: no mail, no hashing, no sleep.
 * @throws {TransactionLost} if the connection died
 */
export function transaction<T>(sql: Sql, work: (sql: Transaction) => Promise<T>): Promise<T> {
  let ended: unknown;
  const lost = Promise.withResolvers<never>();
  const begun = sql.begin(async (tx) => {
    try {
      return { value: await work(refuseOnceEnded(tx, () => ended)) };
    } catch (error) {
      if (ended === undefined && !connectionIsGone(error)) throw error;
      lost.reject(new TransactionLost(error));
      return await new Promise<never>(() => {});
    }
  }).then(
    ({ value }) => {
      ended = new Error("The transaction has ended.");
      return value;
    },
    (error: unknown) => {
      ended = error;
      throw connectionIsGone(error) ? new TransactionLost(error) : error;
    },
  );
  return Promise.race([begun, lost.promise]);
}

/** Whether Postgres could not be reached or ended the connection (class 08, 57P0x, and the driver's and system's own codes). */
export function connectionIsGone(error: unknown): boolean {
  if (error instanceof TransactionLost || isRefused(error)) return true;
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  // Not ENOENT by itself: a file that is missing has it too.
  return /^(25P03|E(CONNREFUSED|CONNRESET|PIPE|TIMEDOUT|HOSTUNREACH|NOTFOUND))$/.test(code);
}

/** Whether it is Postgres that let nobody in, or ended the connection: not a file or a pipe with a code that is spelt alike. */
export function isRefused(error: unknown): error is Error {
  if (!(error instanceof Error)) return false;
  const { code, syscall } = { code: "", syscall: "", ...error };
  return /^(08...|57P0[1-5]|53300|CONNECT_TIMEOUT|CONNECTION_\w+)$/.test(String(code)) ||
    ["connect", "getaddrinfo"].includes(String(syscall));
}

/** The name of the constraint that Postgres refused a statement for, or undefined. */
export function brokenConstraint(error: unknown): string | undefined {
  return error instanceof postgres.PostgresError ? error.constraint_name : undefined;
}

function refuseOnceEnded(tx: Transaction, ended: () => unknown): Transaction {
  function check(): void {
    const reason = ended();
    if (reason !== undefined) throw new TransactionLost(reason);
  }
  return new Proxy(tx, {
    apply(target, self, args): unknown {
      check();
      return Reflect.apply(target, self, args);
    },
    // `unsafe`, by which the queue sends its jobs, is a query as well.
    get(target, key): unknown {
      const value: unknown = Reflect.get(target, key);
      if (key !== "unsafe" || typeof value !== "function") return value;
      return (...args: unknown[]): unknown => {
        check();
        return Reflect.apply(value, target, args);
      };
    },
  });
}
