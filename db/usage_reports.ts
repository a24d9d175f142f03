// Parent Portal Usage: the dates asked for, who signed in between them, and every sign-in in the order of the tabs.

import { addAudit, type Author } from "./audit.ts";
import type { Queryable, Transaction } from "./connect.ts";
import type { Fragment } from "./fragment.ts";
import { linkedTo } from "./linked_groups.ts";
import { allOf } from "./search.ts";
import { addTask, type Facts } from "./tasks.ts";

/** The kind of these tasks, and of their job. */
export const USAGE_REPORT = "usage report";

/** What somebody typed into the window: dates as 2026-11-24. */
export type UsageInput = {
  readonly start: string;
  readonly end: string;
  /** Empty for any. */
  readonly year: string;
  readonly group: string;
  /** Logons that were ticked; none for everybody. */
  readonly parents: readonly number[];
};
export type UsageField = "start" | "end" | "parents";
export type UsageProblems = Readonly<Partial<Record<UsageField, string>>>;

/** Parents that one report can be asked for by name: their ids stand in the task's facts. */
const MOST_CHOSEN = 500;

/** What a report is about: whole days, both included, and whose learners and which parents if not everybody's. */
export type UsageWanted = {
  readonly start: Temporal.PlainDate;
  readonly end: Temporal.PlainDate;
  readonly year: string | null;
  readonly group: string | null;
  /** Ids of logons; null for all. */
  readonly parents: readonly number[] | null;
};

/** Checks what was typed. Pure. */
export function checkUsage(
  input: UsageInput,
): { readonly wanted: UsageWanted } | { readonly problems: UsageProblems } {
  const start = dateOf(input.start);
  const end = dateOf(input.end);
  const problems: { [K in UsageField]?: string } = {};
  if (start === null) problems.start = missingSentence("start", input.start);
  if (end === null) problems.end = missingSentence("end", input.end);
  if (start === null || end === null) return { problems };
  if (Temporal.PlainDate.compare(end, start) < 0) {
    return {
      problems: {
        end: "The end date is before the start date. Choose the same day or a later one.",
      },
    };
  }
  const parents = [...new Set(input.parents)];
  if (parents.length > MOST_CHOSEN) {
    return {
      problems: {
        parents: `Choose at most ${MOST_CHOSEN} parents, or none of them for everybody.`,
      },
    };
  }
  return {
    wanted: {
      start,
      end,
      year: input.year || null,
      group: input.group || null,
      parents: parents.length === 0 ? null : parents,
    },
  };
}

function dateOf(text: string): Temporal.PlainDate | null {
  // Years that a date field offers by mistake, such as 0026, are none that a school has.
  if (!/^(19|20)\d\d-\d\d-\d\d$/.test(text)) return null;
  try {
    return Temporal.PlainDate.from(text, { overflow: "reject" });
  } catch {
    return null;
  }
}

function missingSentence(which: UsageField, typed: string): string {
  return typed === ""
    ? `Enter the ${which} date.`
    : `Enter the ${which} date as day, month and year, such as 24 11 2026.`;
}

/** The first day of which sign-ins are still kept, where a report begins before it; else null. */
export function keptSince(
  start: Temporal.PlainDate,
  today: string,
  months: number,
): Temporal.PlainDate | null {
  const since = Temporal.PlainDate.from(today).subtract({ months });
  return Temporal.PlainDate.compare(start, since) < 0 ? since : null;
}

/** Dates that are often wanted. @param today the school's date */
export function listPresets(
  today: Temporal.PlainDate,
): { readonly label: string; readonly start: string; readonly end: string }[] {
  const monday = today.subtract({ days: today.dayOfWeek - 1 });
  const [month, name] = today.month >= 9
    ? [9, "1 September"]
    : today.month >= 4
    ? [4, "1 April"]
    : [1, "1 January"];
  const end = today.toString();
  return [
    { label: "This week", start: monday.toString(), end },
    {
      label: `This term (since ${name})`,
      start: today.with({ month, day: 1 }).toString(),
      end,
    },
    { label: "Last 30 days", start: today.subtract({ days: 29 }).toString(), end },
  ];
}

/** Adds the task of a report; the caller sends the job in the same transaction. @returns the task's id */
export async function startUsageReport(
  sql: Transaction,
  wanted: UsageWanted,
  by: { readonly adminId: number; readonly author: Author },
): Promise<number> {
  const facts = {
    start: wanted.start.toString(),
    end: wanted.end.toString(),
    year: wanted.year,
    group: wanted.group,
    ...(wanted.parents === null ? {} : { chosen: wanted.parents.join(" ") }),
  };
  const title = [
    "Parent Portal Usage",
    `${shortDay(wanted.start)} to ${shortDay(wanted.end)}`,
    ...narrowedTo(wanted),
  ].join(", ");
  const taskId = await addTask(sql, {
    kind: USAGE_REPORT,
    title: title.slice(0, 300),
    adminId: by.adminId,
    facts,
    requestId: by.author.requestId ?? null,
  });
  await addAudit(sql, [{
    ...by.author,
    what: "start usage report",
    subject: "task",
    subjectId: taskId,
    after: facts,
  }]);
  return taskId;
}

/** What a task's report is about, from its facts. @throws {Error} if they are none of a report */
export function readUsageFacts(facts: Facts): UsageWanted {
  const text = (name: string): string => String(facts[name] ?? "");
  const checked = checkUsage({
    start: text("start"),
    end: text("end"),
    year: text("year"),
    group: text("group"),
    parents: text("chosen").split(" ").filter(Boolean).map(Number),
  });
  if ("problems" in checked) throw new Error("the task has no dates of a report");
  return checked.wanted;
}

/** What a report leaves the others out for: by this two of the same days are told apart. */
export function narrowedTo({ year, group, parents }: UsageWanted): string[] {
  return [year, group, parents === null ? null : `${parents.length} chosen`]
    .filter((one) => one !== null);
}

/** "24/11/2026". */
export function shortDay(date: Temporal.PlainDate): string {
  const two = (value: number): string => String(value).padStart(2, "0");
  return `${two(date.day)}/${two(date.month)}/${date.year}`;
}

/** The moments between which the days of a report lie. */
export type UsageWindow = {
  readonly from: Date;
  /** The first moment after it. */
  readonly until: Date;
  readonly timeZone: string;
  readonly year: string | null;
  readonly group: string | null;
  readonly parents: readonly number[] | null;
};

/** Whole days on the school's clocks: on the days when these change, 23 or 25 hours. */
export function windowOf(wanted: UsageWanted, timeZone: string): UsageWindow {
  const midnight = (day: Temporal.PlainDate): Date =>
    new Date(day.toZonedDateTime(timeZone).epochMilliseconds);
  return {
    from: midnight(wanted.start),
    until: midnight(wanted.end.add({ days: 1 })),
    timeZone,
    year: wanted.year,
    group: wanted.group,
    parents: wanted.parents,
  };
}

/** Somebody who signed in: a logon, or, where it is gone, the name and username as they were. */
export type UsageParent = {
  readonly logonId: number | null;
  readonly firstName: string;
  readonly surname: string;
  readonly username: string;
  readonly isDeleted: boolean;
  readonly signIns: number;
};

/** Everybody who signed in, by surname: one for each tab. */
export async function listUsageParents(
  sql: Queryable,
  window: UsageWindow,
): Promise<UsageParent[]> {
  return await sql<UsageParent[]>`
    select p.* from (
      select l.id as "logonId", l.first_name as "firstName", l.surname, l.username,
             l.deleted_at is not null as "isDeleted", c.count as "signIns"
        from (
          select s.logon_id, count(*)::int as count from sign_ins s
           where ${isWithin(sql, window)} and s.logon_id is not null group by s.logon_id
        ) c join logons l on l.id = c.logon_id
       where ${isWanted(sql, window)}
      union all
      select null, coalesce(s.first_name, ''), coalesce(s.surname, ''), coalesce(s.username, ''), true, count(*)::int
        from sign_ins s
       where ${isWithin(sql, window)} and s.logon_id is null and ${
    // Nobody knows which learners they would be linked to now.
    isEverybody(window)}
       group by 2, 3, 4
    ) p
     order by p.surname collate "en-x-icu", p."firstName" collate "en-x-icu", p.username collate "en-x-icu", p."logonId"`;
}

/** What the sign-ins of a parent have alike, often all of them. */
export type UsageLook = {
  /** Of the parent among those asked for, from 0. */
  readonly place: number;
  /** First name and surname; empty for one that was wiped of its names. */
  readonly name: string;
  readonly email: string | null;
  /** In one text, with commas. */
  readonly learners: string;
  readonly userAgent: string | null;
};

/** Where a page of sign-ins ended. */
export type UsageEnd = {
  readonly place: number;
  /** As Postgres says it, to the microsecond: a Date knows milliseconds. */
  readonly at: string;
  readonly id: number;
};

/** Some sign-ins in their order. */
export type UsagePage = {
  readonly looks: readonly UsageLook[];
  /** For each sign-in the place of its look. */
  readonly lookOf: Uint32Array;
  /** When each was on the school's clock: milliseconds since the epoch as if it were UTC. */
  readonly local: Float64Array;
  /** Null if there are no more. */
  readonly end: UsageEnd | null;
};

/**
 * The sign-ins of some parents, in their order and then by time, a page at a time. Postgres sends what is alike once, and of
 * each sign-in 12 bytes: with a value for each sign-in and all their texts, V8 lets the garbage pile up.
 * @param after where the page before ended, or null
 */
export async function listUsage(
  sql: Queryable,
  window: UsageWindow,
  parents: readonly UsageParent[],
  after: UsageEnd | null,
  limit: number,
): Promise<UsagePage> {
  const first = after?.place ?? 0;
  const wanted = parents.slice(first);
  const columns = sql`s.id, s.at, s.first_name, s.surname, s.email, s.learners, s.user_agent`;
  const ofGone = sql`
       union all
       select ${columns} from sign_ins s
        where w.logon_id is null and s.logon_id is null and coalesce(s.username, '') = w.username
          and coalesce(s.first_name, '') = w.first_name and coalesce(s.surname, '') = w.surname
          and ${isWithin(sql, window)}`;
  const rows = await sql<
    (UsageLook & { signIns: Uint8Array; lastId: number | null; lastAt: string | null })[]
  >`
    select p.place, p.name, p.email, p.learners, p.user_agent as "userAgent",
           string_agg(int4send(p.position::int) || float8send(date_part('epoch', p.at)), ''::bytea) as "signIns",
           max(p.id) filter (where p.position = ${limit - 1}) as "lastId",
           max(p.at) filter (where p.position = ${limit - 1})::text as "lastAt"
      from (
        select r.*, row_number() over (order by r.place, r.at, r.id) - 1 as position from (
          select s.id, s.at, w.place, concat_ws(' ', nullif(s.first_name, ''), nullif(s.surname, '')) as name, s.email,
                 array_to_string(s.learners, ', ') as learners, s.user_agent
            from unnest(
              ${wanted.map((_, at) => first + at)}::int[], ${
    wanted.map((one) => one.logonId)
  }::bigint[],
              ${wanted.map((one) => one.firstName)}::text[], ${
    wanted.map((one) => one.surname)
  }::text[],
              ${wanted.map((one) => one.username)}::text[]
            ) as w (place, logon_id, first_name, surname, username)
           cross join lateral (
             select ${columns} from sign_ins s where s.logon_id = w.logon_id and ${
    isWithin(sql, window)
  }
             ${wanted.some((one) => one.logonId === null) ? ofGone : sql``}
           ) s
           where ${
    after === null
      ? sql`true`
      : sql`(w.place > ${first} or (s.at, s.id) > (${after.at}::text::timestamptz, ${after.id}::bigint))`
  }
           order by w.place, s.at, s.id limit ${limit}
        ) r
      ) p
     group by p.place, p.name, p.email, p.learners, p.user_agent`;
  const toLocal = clockOf(window);
  const length = rows.reduce((sum, row) => sum + row.signIns.byteLength / PACKED, 0);
  const lookOf = new Uint32Array(length);
  const local = new Float64Array(length);
  for (const [place, { signIns }] of rows.entries()) {
    const packed = new DataView(signIns.buffer, signIns.byteOffset, signIns.byteLength);
    for (let at = 0; at < packed.byteLength; at += PACKED) {
      const position = packed.getInt32(at);
      lookOf[position] = place;
      local[position] = toLocal(packed.getFloat64(at + 4));
    }
  }
  const looks = rows.map(({ signIns: _, lastId: __, lastAt: ___, ...look }) => look);
  const end = rows.flatMap(({ place, lastId: id, lastAt: at }) =>
    id === null || at === null ? [] : [{ place, at, id }]
  );
  return { looks, lookOf, local, end: end[0] ?? null };
}

/** Bytes of one sign-in: its position on the page, and seconds since the epoch. */
const PACKED = 12;

/**
 * The school's clock within a window, from seconds since the epoch: what it is ahead of UTC is asked once for each time
 * that it is changed, not for each sign-in.
 */
function clockOf({ from, until, timeZone }: UsageWindow): (seconds: number) => number {
  const spans: { readonly since: number; readonly ahead: number }[] = [];
  let at: Temporal.ZonedDateTime | null = Temporal.Instant
    .fromEpochMilliseconds(from.getTime()).toZonedDateTimeISO(timeZone);
  while (at !== null && at.epochMilliseconds < until.getTime()) {
    spans.unshift({ since: at.epochMilliseconds, ahead: at.offsetNanoseconds / 1e6 });
    at = at.getTimeZoneTransition("next");
  }
  return (seconds) => {
    // Half a microsecond, since 0.999 of a second may come as a little less.
    const time = Math.floor(seconds * 1000 + 0.0005);
    return time + (spans.find(({ since }) => since <= time)?.ahead ?? 0);
  };
}

/** A parent who did not sign in between the dates. */
export type UsageAbsent = {
  readonly id: number;
  readonly firstName: string;
  readonly surname: string;
  readonly email: string | null;
  readonly username: string;
  readonly learners: readonly string[];
  /** Ever, on the school's clock as {@link UsagePage.local}; null for never. */
  readonly lastLocal: number | null;
};

/**
 * Parents who had a logon by the end of the window, still have it, and did not sign in within; by surname, a page at a time.
 * @param present who did, as {@link listUsageParents} has them
 * @param after the last one of the page before, or null
 */
export async function listUsageAbsent(
  sql: Queryable,
  window: UsageWindow,
  present: readonly UsageParent[],
  after: number | null,
  limit: number,
): Promise<UsageAbsent[]> {
  const order = sql`l.surname collate "en-x-icu", l.first_name collate "en-x-icu", l.id`;
  return await sql<UsageAbsent[]>`
    select l.id, l.first_name as "firstName", l.surname, l.email, l.username,
           floor(extract(epoch from l.last_sign_in_at at time zone ${window.timeZone}) * 1000)::float8 as "lastLocal",
           array(
             select p.first_name || ' ' || p.surname || coalesce(' (' || p.registration_group || ')', '')
               from logon_learners k join learners p on p.id = k.learner_id where k.logon_id = l.id
              order by p.surname collate "en-x-icu", p.first_name collate "en-x-icu", p.id
           ) as learners
      from logons l
     where ${isAbsent(sql, window, present)} and ${
    after === null ? sql`true` : sql`(${order}) > (
      select o.surname collate "en-x-icu", o.first_name collate "en-x-icu", o.id from logons o where o.id = ${after})`
  }
     order by ${order} limit ${limit}`;
}

/** How many they are, and how many of them never signed in at all. @param present who did, if that is known already */
export async function countUsageAbsent(
  sql: Queryable,
  window: UsageWindow,
  present?: readonly UsageParent[],
): Promise<{ absent: number; never: number }> {
  const [row] = await sql<[{ absent: number; never: number }]>`
    select count(*)::int as absent, count(*) filter (where l.last_sign_in_at is null)::int as never
      from logons l where ${isAbsent(sql, window, present)}`;
  return row;
}

/** How many sign-ins there were on each day that had some, oldest first; days as 2026-11-24. */
export async function countUsageByDay(
  sql: Queryable,
  window: UsageWindow,
): Promise<{ day: string; signIns: number }[]> {
  return await sql<{ day: string; signIns: number }[]>`
    select to_char(s.day, 'YYYY-MM-DD') as day, s.count::int as "signIns" from (
      select (s.at at time zone ${window.timeZone})::date as day, count(*) as count from sign_ins s
       where ${isWithin(sql, window)} and ${
    isEverybody(window)
      ? sql`true`
      : sql`exists (select from logons l where l.id = s.logon_id and ${isWanted(sql, window)})`
  }
       group by 1
    ) s order by s.day`;
}

/** Only successes count. */
function isWithin(sql: Queryable, window: UsageWindow): Fragment {
  return sql`s.outcome = 'success' and s.at >= ${window.from} and s.at < ${window.until}`;
}

function isAbsent(
  sql: Queryable,
  window: UsageWindow,
  present: readonly UsageParent[] | undefined,
): Fragment {
  return sql`l.deleted_at is null and l.created_at < ${window.until} and ${
    isWanted(sql, window)
  } and ${
    present === undefined
      ? sql`not exists (select from sign_ins s where s.logon_id = l.id and ${
        isWithin(sql, window)
      })`
      : sql`l.id <> all(${present.flatMap((parent) => parent.logonId ?? [])}::bigint[])`
  }`;
}

function isEverybody({ year, group, parents }: UsageWindow): boolean {
  return year === null && group === null && parents === null;
}

/**
 * Of the year and group, and among the chosen, where these are asked for. By where learners are now: of a sign-in only their
 * names and registration groups are kept, and a year's parents are asked about under its present name.
 */
function isWanted(sql: Queryable, window: UsageWindow): Fragment {
  const { parents } = window;
  return allOf(sql, [
    ...(parents === null ? [] : [sql`l.id = any(${[...parents]}::bigint[])`]),
    ...linkedTo(sql, sql`l`, window),
  ]);
}
