// Coverage at 50,000 logons, 20,000 learners and 100,000 mails: the figures of the whole school, and who is missing.

import { connect, type Sql, transaction, warmUp } from "../../db/connect.ts";
import { findCoverage, LACKS } from "../../db/coverage.ts";
import { reckonCoverage } from "../../db/learner_coverage.ts";
import { listMissing, type MissingView } from "../../db/coverage_missing.ts";
import { type Figure, ms, table, time, timeBoth } from "./measure.ts";
import { openSchool } from "./school.ts";

const TODAY = "2026-11-24";
const ROUNDS = 30;
const SCOPE = { applicants: false };

export async function bench(): Promise<Figure[]> {
  const school = await openSchool({ logons: 50_000, learners: 20_000, signIns: 200_000 });
  const sql = connect({ url: school.url, pool: 7, keepsPlans: true });
  await warmUp(sql);
  try {
    await fillLedger(sql);
    await sql`insert into coverage_changes (learner_id) select id from learners`;
    const afresh = await time(ROUNDS, () => findCoverage(sql, SCOPE, TODAY));
    // As the worker does every minute.
    await transaction(sql, (tx) => reckonCoverage(tx, TODAY));
    // On a day on which parents sign in for the first time, and before the notes of everybody were vacuumed away.
    await sql`insert into coverage_changes (logon_id) select id from logons order by id limit 20`;
    const somewhat = await time(ROUNDS, () => findCoverage(sql, SCOPE, TODAY));
    await transaction(sql, (tx) => reckonCoverage(tx, TODAY));
    await sql`vacuum (analyze) learner_coverage, coverage_changes`;
    const [counting, joining] = await timeBoth(
      ROUNDS,
      () => findCoverage(sql, SCOPE, TODAY),
      () => joinLinks(sql),
    );
    const { total } = await findCoverage(sql, SCOPE, TODAY);
    const ratio = counting.p50 / joining.p50;
    return [
      {
        what: `Coverage at 50,000 logons, ${total.learners.toLocaleString("en-GB")} learners, p50`,
        measured: ms(counting.p50),
        limit: "50 ms",
        met: counting.p50 <= 50,
      },
      {
        what: "the same against a plain join of its links and logons, the highest for each learner",
        measured: ratio.toFixed(1),
        limit: "3",
        met: ratio <= 3,
      },
      {
        what: "the same while 20 logons have changed and everything did a minute ago, p50",
        measured: ms(somewhat.p50),
        limit: "100 ms",
        met: somewhat.p50 <= 100,
      },
      {
        what: "the same in the minute after everything has changed, p50",
        measured: ms(afresh.p50),
        limit: "500 ms",
        met: afresh.p50 <= 500,
      },
      await missingFigure(sql),
    ];
  } finally {
    await sql.end();
    await school.close();
  }
}

/** The least that has to be read of it: no rule, no mail, no learner's record. */
async function joinLinks(sql: Sql): Promise<unknown> {
  return await sql`
    select count(*) from (
      select k.learner_id, max(o.sign_in_count) from logon_learners k join logons o on o.id = k.logon_id
       group by k.learner_id) as counted`;
}

async function missingFigure(sql: Sql): Promise<Figure> {
  const [known] = await sql<[{ year: string; group: string }]>`
    select max(year_group) as year, max(registration_group) as "group" from learners`;
  const whole = { ...SCOPE, search: "", year: null, group: null, after: null, before: null };
  const views: MissingView[] = LACKS.flatMap((lacking) => [
    { ...whole, lacking },
    { ...whole, lacking, year: { name: known.year } },
    { ...whole, lacking, group: { name: known.group } },
  ]);
  let slowest = 0;
  for (const view of views) {
    slowest = Math.max(slowest, (await time(ROUNDS, () => listMissing(sql, view, TODAY))).p50);
  }
  return {
    what: `Who is missing, ${views.length} views: slowest p50`,
    measured: ms(slowest),
    limit: "100 ms",
    met: slowest <= 100,
  };
}

/** Two mails to four of five logons. */
async function fillLedger(sql: Sql): Promise<void> {
  const [known] = await sql<[{ count: number }]>`
    select count(*)::int as count from credential_mails`;
  if (known.count >= 50_000) return;
  await sql`
    insert into credential_mails (logon_id, asked_at, name, username, address, enable_tfa, state, pending_hash, due_at, settled_at)
    select l.id, ${TODAY}, l.first_name || ' ' || l.surname, l.username, coalesce(l.email, 'none@example.org'), false,
           'accepted', '$2b$10$7ZmbJH42Jg5TmYeJT2OeWegnYf4BiJ0XG55MktUE9B5jNLWrVsMC2', ${TODAY}, ${TODAY}
      from generate_series(1, 2) as wave cross join logons l
     where l.deleted_at is null and l.id % 5 > 0 order by wave, l.id`;
  await sql`vacuum analyze credential_mails`;
}

if (import.meta.main) {
  Deno.stdout.writeSync(new TextEncoder().encode(table(await bench()) + "\n"));
}
