// How far the parents of each learner have come: kept in learner_coverage, and reckoned anew of whom something has changed.

import type { Queryable, Transaction } from "./connect.ts";
import type { Fragment } from "./fragment.ts";

/** Held while one worker reckons: another's older figures must not come after newer ones. */
const LOCK = 7_061_772_004;

/**
 * Every learner whose parents have come anywhere, as (learner_id, stage): 1 for a logon, 2 for mailed, 3 for signed in. What is
 * kept counts as long as nothing has changed; the few others are reckoned in the same question, so that it is true of this
 * instant, on a standby too.
 * @param today the school's date, as 2026-11-24
 */
export function learnerStages(sql: Queryable, today: string): Fragment {
  return sql`(
    with changes as materialized (
      select distinct learner_id, logon_id from coverage_changes
    ), stale as materialized (
      ${ofWhom(sql, today)}
    )
    select c.learner_id, c.stage from learner_coverage c
     where c.stage > 0 and not exists (select from stale s where s.learner_id = c.learner_id)
    union all
    select learner_id, stage from ${reckoned(sql, sql`select learner_id from stale`, today)} as r)`;
}

/**
 * Reckons of whom something has changed; for housekeeping, and after many have changed at once.
 * @returns how many learners; none where another worker is at it
 */
export async function reckonCoverage(sql: Transaction, today: string): Promise<number> {
  // Its own statement: the next one sees all that was reckoned before.
  const [lock] = await sql<[{ held: boolean }]>`select pg_try_advisory_xact_lock(${LOCK}) as held`;
  if (!lock.held) return 0;
  const { count } = await sql`
    with changes as (
      delete from coverage_changes returning learner_id, logon_id
    ), stale as materialized (
      ${ofWhom(sql, today)}
    )
    insert into learner_coverage (learner_id, stage, reckoned_on, holds_until)
    select p.id, coalesce(r.stage, 0), ${today}::date, r.until
      from stale join learners p on p.id = stale.learner_id
      left join ${
    reckoned(sql, sql`select learner_id from stale`, today)
  } as r on r.learner_id = p.id
     order by p.id
    on conflict (learner_id) do update
      set stage = excluded.stage, reckoned_on = excluded.reckoned_on, holds_until = excluded.holds_until`;
  return count;
}

/** The learners whom the `changes` are about, and those of whom something is kept that holds for another day. */
function ofWhom(sql: Queryable, today: string): Fragment {
  return sql`
      select learner_id from changes where learner_id is not null
      union select k.learner_id from changes n join logon_learners k on k.logon_id = n.logon_id
      union select c.learner_id from learner_coverage c
             where c.holds_until < ${today}::date or c.reckoned_on > ${today}::date`;
}

/** The stage of some learners as their records say, and the last day on which it is that; none for whom nobody has come anywhere. */
function reckoned(sql: Queryable, learnerIds: Fragment, today: string): Fragment {
  return sql`(
    select k.learner_id, min(o.expires_on) as until,
           max(case when o.sign_in_count > 0 then 3 when ${
    wasMailed(sql)
  } then 2 else 1 end)::smallint as stage
      from logon_learners k join logons o on o.id = k.logon_id
     where k.learner_id in (${learnerIds}) and ${letsIn(sql, today)} and ${isNotBlocked(sql)}
     group by k.learner_id)`;
}

/** Whether logon `o` lets its parent in (as findParentSession asks). */
export function letsIn(sql: Queryable, today: string): Fragment {
  return sql`(o.deleted_at is null and o.suspended_at is null
    and (o.expires_on is null or o.expires_on >= ${today}::date))`;
}

/** Whether no block stands between logon `o` and the learner of link `k` (as blocked_pairs asks). */
export function isNotBlocked(sql: Queryable): Fragment {
  return sql`not exists (
    select from blocks b
     where b.learner_id = k.learner_id and b.lifted_at is null
       and (b.logon_id = o.id or b.contact_id = o.contact_id))`;
}

/** Whether logon `o` was sent login details: what did not arrive, or was never printed, is not accepted. */
export function wasMailed(sql: Queryable): Fragment {
  return sql`exists (select from credential_mails m where m.logon_id = o.id and m.state = 'accepted')`;
}
