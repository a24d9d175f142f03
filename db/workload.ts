// How much there is to do, counted for whoever watches over the program: tasks, mails, notices, connections. No names.

import type { Queryable } from "./connect.ts";
import type { TaskState } from "./tasks.ts";

/** Seconds since the first of some that wait was asked for; never below 0. */
type Age = number;

export type Workload = {
  readonly tasks: readonly {
    readonly kind: string;
    readonly state: TaskState;
    readonly count: number;
    /** Since the oldest of them was started, however often it has run. */
    readonly age: Age;
  }[];
  /** Mails with login details that are not settled yet. */
  readonly mails: readonly {
    readonly state: string;
    readonly count: number;
    readonly age: Age;
  }[];
  readonly notices: { readonly count: number; readonly age: Age };
  /** Those of every process of ours to this database. */
  readonly connections: readonly {
    readonly pool: "program" | "queue";
    readonly state: string;
    readonly count: number;
  }[];
};

/** Counts in one statement: what is open by partial indexes, finished tasks (some thousands) by reading them. */
export async function countWorkload(sql: Queryable, at: Date): Promise<Workload> {
  const [row] = await sql<[Workload]>`
    select (
      select coalesce(jsonb_agg(t), '[]') from (
        select kind, state, count(*) as count, ${age(sql, "created_at", at)} as age
          from tasks group by kind, state order by kind, state) t
    ) as tasks, (
      select coalesce(jsonb_agg(m), '[]') from (
        select state, count(*) as count, ${age(sql, "asked_at", at)} as age
          from credential_mails where settled_at is null group by state order by state) m
    ) as mails, (
      select to_jsonb(n) from (
        select count(*) as count, coalesce(${age(sql, "written_at", at)}, 0) as age
          from notices where settled_at is null) n
    ) as notices, (
      select coalesce(jsonb_agg(c), '[]') from (
        select case application_name when 'parent-logons' then 'program' else 'queue' end as pool,
               coalesce(state, 'starting') as state, count(*) as count
          from pg_stat_activity
         where datname = current_database() and application_name in ('parent-logons', 'parent-logons queue')
         group by 1, 2 order by 1, 2) c
    ) as connections`;
  return row;
}

function age(sql: Queryable, column: string, at: Date): ReturnType<Queryable> {
  return sql`greatest(0, extract(epoch from ${at}::timestamptz - min(${sql(column)})))::float8`;
}
