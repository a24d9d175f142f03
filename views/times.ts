// Dates and times in words, in the school's time zone.

/** Writes moments as people say them. */
export type Times = {
  /** "today, 08:12", "yesterday", "12 Nov", "12 Nov 2025". */
  brief(moment: Date): string;
  /** "24 November 2026, 08:12". */
  full(moment: Date): string;
  /** "24 November 2026". */
  day(moment: Date): string;
  /** "08:12". */
  clock(moment: Date): string;
};

/** @param now what "today" is reckoned from */
export function timesIn(timeZone: string, now: Date): Times {
  function format(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
    return formatter(timeZone, options);
  }
  const key = format({ year: "numeric", month: "2-digit", day: "2-digit" });
  const clock = format({ hour: "2-digit", minute: "2-digit" });
  const day = format({ day: "numeric", month: "long", year: "numeric" });
  const dayAndMonth = format({ day: "numeric", month: "short" });
  const today = key.format(now);
  // By the calendar: a day may have 23 or 25 hours.
  const before = now.toTemporalInstant().toZonedDateTimeISO(timeZone).subtract({ days: 1 });
  const yesterday = key.format(new Date(before.epochMilliseconds));
  return {
    brief(moment): string {
      const date = key.format(moment);
      if (date === today) return `today, ${clock.format(moment)}`;
      if (date === yesterday) return "yesterday";
      const short = dayAndMonth.format(moment);
      return date.slice(-4) === today.slice(-4) ? short : `${short} ${date.slice(-4)}`;
    },
    full: (moment) => `${day.format(moment)}, ${clock.format(moment)}`,
    day: (moment) => day.format(moment),
    clock: (moment) => clock.format(moment),
  };
}

const formatters = new Map<string, Intl.DateTimeFormat>();

/** Kept: making one takes longer than formatting a whole page with it. */
function formatter(timeZone: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const name = timeZone + JSON.stringify(options);
  const kept = formatters.get(name);
  if (kept) return kept;
  const made = new Intl.DateTimeFormat("en-GB", { timeZone, ...options });
  formatters.set(name, made);
  return made;
}

const NUMBERS = new Intl.NumberFormat("en-GB");
const NAMES = new Intl.ListFormat("en-GB");

/** 1482 as "1,482". */
export function number(value: number): string {
  return NUMBERS.format(value);
}

/** "Ann, Ben and Cy". */
export function list(names: readonly string[]): string {
  return NAMES.format(names);
}

/** "1 logon", "1,482 logons". */
export function count(value: number, one: string, many = `${one}s`): string {
  return `${number(value)} ${value === 1 ? one : many}`;
}

/** 2014-05-31, which is a day in any time zone, as "31 May 2014". */
export function calendarDay(day: string): string {
  return new Intl.DateTimeFormat("en-GB", {
    timeZone: "UTC",
    day: "numeric",
    month: "long",
    year: "numeric",
  }).format(new Date(`${day}T00:00:00Z`));
}
