// The lists of learners and contacts at 20,000 learners: every sort both ways, deep pages, filters and searches; and duplicates.

import { connect, type Sql, warmUp } from "../../db/connect.ts";
import { listDuplicates } from "../../db/contact_duplicates.ts";
import {
  CONTACT_SORTS,
  CONTACT_STATES,
  type ContactView,
  listContacts,
} from "../../db/contact_list.ts";
import { LEARNER_SORTS, type LearnerView, listLearners } from "../../db/learner_list.ts";
import { LEARNER_STATUSES } from "../../db/learners.ts";
import { WHOLE_LIST } from "../../db/paging.ts";
import { type Figure, ms, table, time, type Timing } from "./measure.ts";
import { openSchool } from "./school.ts";

const SEARCHES = [
  "smith",
  "ann",
  "an",
  "a",
  "a b",
  "o'brien",
  "zoe",
  "wiśniewski",
  "khan ali",
  "xyzzy",
  "07700",
];
const PLACE = { ...WHOLE_LIST, sort: "surname" } as const;
const LEARNERS: LearnerView = { ...PLACE, status: null };
const CONTACTS: ContactView = { ...PLACE, state: null };

/** Times every view of both lists. */
export async function bench(): Promise<Figure[]> {
  const school = await openSchool({ logons: 25_000, learners: 20_000, signIns: 1000 });
  const sql = connect({ url: school.url, pool: 7, keepsPlans: true });
  await warmUp(sql);
  try {
    const [known] = await sql<[{ learner: number; contact: number; year: string; group: string }]>`
      select (select id from learners order by name_key offset 10000 limit 1) as learner,
             (select id from contacts order by name_key offset 10000 limit 1) as contact,
             (select max(year_group) from learners) as year,
             (select max(registration_group) from learners) as "group"`;
    const { year, group } = known;
    const filters = [{ year }, { group }, { year, group }, { year, search: "an" }];
    const learners = await timeAll<LearnerView>([
      ...LEARNER_SORTS.flatMap((sort) => sorted({ ...LEARNERS, sort }, known.learner)),
      ...LEARNER_STATUSES.map((status) => ({ ...LEARNERS, status })),
      ...[...filters, ...SEARCHES.map((search) => ({ search }))].map((one) => ({
        ...LEARNERS,
        ...one,
      })),
    ], (view) => listLearners(sql, view));
    const contacts = await timeAll<ContactView>([
      ...CONTACT_SORTS.flatMap((sort) => sorted({ ...CONTACTS, sort }, known.contact)),
      ...CONTACT_STATES.map((state) => ({ ...CONTACTS, state })),
      ...[...filters, ...SEARCHES.map((search) => ({ search }))].map((one) => ({
        ...CONTACTS,
        ...one,
      })),
    ], (view) => listContacts(sql, view));
    return [
      ...figuresOf("Learners at 20,000", learners),
      ...figuresOf(`Contacts at ${await countContacts(sql)}`, contacts),
      await duplicatesFigure(sql),
    ];
  } finally {
    await sql.end();
    await school.close();
  }
}

function sorted<View extends LearnerView | ContactView>(view: View, middle: number): View[] {
  return [false, true].flatMap((descending) => [
    { ...view, descending },
    { ...view, descending, after: middle },
    { ...view, descending, before: middle },
  ]);
}

async function timeAll<View>(
  views: readonly View[],
  list: (view: View) => Promise<unknown>,
): Promise<Map<string, Timing>> {
  const timings = new Map<string, Timing>();
  for (const view of views) timings.set(JSON.stringify(view), await time(20, () => list(view)));
  return timings;
}

function figuresOf(what: string, timings: ReadonlyMap<string, Timing>): Figure[] {
  const slowest = [...timings].toSorted(([, one], [, other]) => other.p95 - one.p95);
  const medians = [...timings.values()].map((timing) => timing.p50).toSorted((a, b) => a - b);
  const median = medians[Math.floor(medians.length / 2)] ?? 0;
  const [name = "", worst = { p50: 0, p95: 0 }] = slowest[0] ?? [];
  if (Deno.env.get("BENCH_ALL")) {
    for (const [view, { p50, p95 }] of slowest.slice(0, 12)) say(`${ms(p50)} ${ms(p95)} ${view}\n`);
  }
  return [
    {
      what: `${what}, ${timings.size} views: median view, p50`,
      measured: ms(median),
      limit: "10 ms",
      met: median <= 10,
    },
    {
      what: `the same: slowest view, p95 (${name})`,
      measured: ms(worst.p95),
      limit: "20 ms",
      met: worst.p95 <= 20,
    },
  ];
}

async function duplicatesFigure(sql: Sql): Promise<Figure> {
  const timing = await time(20, () => listDuplicates(sql, null));
  const { total } = await listDuplicates(sql, null);
  return {
    what: `Possible duplicates, ${total} pairs: the first page, p95`,
    measured: ms(timing.p95),
    limit: "200 ms",
    met: timing.p95 <= 200,
  };
}

async function countContacts(sql: Sql): Promise<string> {
  const [row] = await sql<[{ count: number }]>`select count(*)::int as count from contacts`;
  return row.count.toLocaleString("en-GB");
}

function say(text: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(text));
}

if (import.meta.main) say(table(await bench()) + "\n");
