// Reads the ISO 8601 dates and durations that cells of type d hold.

const DAY = 86_400_000;
/** Days of 1 January 1970 in the two date systems of workbooks. */
const EPOCH_IN_1900 = 25_569;
const EPOCH_IN_1904 = 24_107;
/** Serial number of 1 March 1900, before which the 1900 system counts one day less. */
const MARCH_1900 = 61;

const PATTERN =
  /^(?:(\d{4})-(\d\d)-(\d\d))?T?(?:(\d\d):(\d\d)(?::(\d\d(?:[.,]\d+)?))?)?(?:Z|[+-]\d\d:\d\d)?$/;

/** Years and months are left out: they have no length in days. */
const DURATION =
  /^(-)?P(?=.*\d)(?:(\d{1,9})D)?(?:T(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9}(?:[.,]\d+)?)S)?)?$/;

/**
 * The serial number, in days, of a date, a time or both (ECMA-376 part 1, 18.17.4), or the days of
 * a duration. A time zone is left out.
 * @returns undefined if the text is none of these
 */
export function readIsoDate(value: string, date1904: boolean): number | undefined {
  const duration = DURATION.exec(value);
  if (duration !== null) return lengthOf(duration);
  const match = PATTERN.exec(value);
  if (match === null || (match[1] === undefined && match[4] === undefined)) return undefined;
  const days = match[1] === undefined ? 0 : dayNumber(match, date1904);
  if (days === undefined) return undefined;
  return days + dayPart(match[4], match[5], match[6]);
}

function lengthOf([, sign, days = "0", hours, minutes, seconds]: RegExpExecArray): number {
  const length = Number(days) + dayPart(hours, minutes, seconds);
  return sign === undefined ? length : -length;
}

function dayPart(hours = "0", minutes = "0", seconds = "0"): number {
  const time = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds.replace(",", "."));
  return time / 86_400;
}

function dayNumber(match: RegExpExecArray, date1904: boolean): number | undefined {
  const [, year = "", month = "", day = ""] = match;
  const time = Date.parse(`${year}-${month}-${day}T00:00:00Z`);
  if (Number.isNaN(time) || new Date(time).getUTCDate() !== Number(day)) return undefined;
  if (date1904) return time / DAY + EPOCH_IN_1904;
  const days = time / DAY + EPOCH_IN_1900;
  return days > 0 && days < MARCH_1900 ? days - 1 : days;
}
