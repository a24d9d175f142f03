// The ledger of 100,000 mails: every way to look at it, and what sending again to those would do.

import { findPreflight } from "../../db/bulk_resets.ts";
import { connect, type Sql, warmUp } from "../../db/connect.ts";
import {
  LEDGER_STATES,
  type LedgerFilter,
  listLedger,
  WHOLE_LEDGER,
} from "../../db/credential_mail_list.ts";
import { type Figure, ms, table, time, type Timing } from "./measure.ts";
import { openSchool } from "./school.ts";

const AT = new Date("2026-11-24T10:00:00Z");
const MAILS = 100_000;
const ROUNDS = 40;
type View = readonly [name: string, filter: LedgerFilter, before?: number];

export async function bench(): Promise<Figure[]> {
  const school = await openSchool({ logons: 10_000, learners: 6000, signIns: 20_000 });
  const sql = connect({ url: school.url, pool: 7, keepsPlans: true });
  await warmUp(sql);
  try {
    await fillLedger(sql);
    const timings = new Map<string, Timing>();
    for (const [name, filter, before] of await viewsOf(sql)) {
      const place = { after: null, before: before ?? null };
      timings.set(name, await time(ROUNDS, () => listLedger(sql, filter, place, AT)));
    }
    const [slowest, worst] = [...timings].sort(([, one], [, other]) => other.p95 - one.p95)[0] ??
      ["", { p50: 0, p95: 0 }];
    if (Deno.env.get("BENCH_ALL")) {
      for (const [name, timing] of timings) say(`${name}: ${ms(timing.p50)} ${ms(timing.p95)}\n`);
    }
    const again = await time(
      ROUNDS,
      () =>
        findPreflight(sql, {
          choice: { ledger: { ...WHOLE_LEDGER, state: "not-used" } },
          vouched: true,
        }, {
          at: AT,
          today: "2026-11-24",
          leaverDays: 90,
        }),
    );
    return [{
      what: `Ledger of 100,000 mails: slowest p95 of ${timings.size} views (${slowest})`,
      measured: ms(worst.p95),
      limit: "25 ms",
      met: worst.p95 <= 25,
    }, {
      what: "What sending again to all that were never signed in with would do, p95",
      measured: ms(again.p95),
      limit: "150 ms",
      met: again.p95 <= 150,
    }];
  } finally {
    await sql.end();
    await school.close();
  }
}

/** Ten resets of everybody over two years; most were accepted and signed in with. */
async function fillLedger(sql: Sql): Promise<void> {
  const [known] = await sql<
    [{ count: number }]
  >`select count(*)::int as count from credential_mails`;
  // A few less than asked for: not every logon is live.
  if (known.count >= MAILS / 2) return;
  await sql`
    insert into credential_mails (logon_id, asked_by, asked_at, name, username, address, enable_tfa, state, answer,
                                  pending_hash, due_at, settled_at, first_used_at, bounced_at)
    select l.id, (select min(id) from admins), m.at, l.first_name || ' ' || l.surname, l.username,
           coalesce(l.email, 'none@example.org'), false, m.state, '250 2.0.0 Ok: queued as 4F1B2C0A2E',
           '$2b$10$7ZmbJH42Jg5TmYeJT2OeWegnYf4BiJ0XG55MktUE9B5jNLWrVsMC2', m.at, m.at,
           case when m.state = 'accepted' and m.chance < 0.85 then m.at + interval '1 day' end,
           case when m.state = 'bounced' then m.at end
      from generate_series(1, 10) as wave
     cross join lateral (
       select l.*, row_number() over (order by l.id) as place from logons l where l.deleted_at is null limit ${
    MAILS / 10
  }
     ) l
     cross join lateral (
       select ${AT}::timestamptz - make_interval(days => (11 - wave) * 70, secs => l.place) as at,
              (l.place * 7919 + wave * 104729) % 1000 / 1000.0 as chance,
              case (l.place * 31 + wave * 17) % 200 when 0 then 'refused' when 1 then 'bounced' when 2 then 'superseded'
                when 3 then 'cancelled' when 4 then 'left out' else 'accepted' end as state
     ) m order by m.at`;
  await sql`analyze credential_mails`;
}

async function viewsOf(sql: Sql): Promise<View[]> {
  const [known] = await sql<[{ middle: number; logon: number; year: string; group: string }]>`
    select (select min(id) + 50000 from credential_mails) as middle, (select min(id) + 5000 from logons) as logon,
           (select max(year_group) from learners) as year, (select max(registration_group) from learners) as "group"`;
  const whole = WHOLE_LEDGER;
  return [
    ["everything", whole],
    ["everything, deep page", whole, known.middle],
    ...LEDGER_STATES.map((state): View => [state, { ...whole, state }]),
    ...LEDGER_STATES.map((state): View => [
      `${state} of a group`,
      { ...whole, state, group: known.group },
    ]),
    ["one logon", { ...whole, logon: known.logon }],
    ["year", { ...whole, year: known.year }],
    ["group, deep page", { ...whole, group: known.group }, known.middle],
    ["search smith", { ...whole, search: "smith" }],
    ["search an", { ...whole, search: "an" }],
    ["search xyzzy", { ...whole, search: "xyzzy" }],
    ["not used for a year", { ...whole, state: "not-used", days: 365 }],
  ];
}

function say(text: string): void {
  Deno.stderr.writeSync(new TextEncoder().encode(text));
}

if (import.meta.main) {
  Deno.stdout.writeSync(new TextEncoder().encode(table(await bench()) + "\n"));
}
