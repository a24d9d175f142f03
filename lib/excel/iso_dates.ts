// Reads the ISO 8601 dates that cells of type d hold.

const DAY = 86_400_000;
/** Days of 1 January 1970 in the two date systems of workbooks. */
const EPOCH_IN_1900 = 25_569;
const EPOCH_IN_1904 = 24_107;
/** Serial number of 1 March 1900, before which the 1900 system counts one day less. */
const MARCH_1900 = 61;

const PATTERN =
  /^(?:(\d{4})-(\d\d)-(\d\d))?T?(?:(\d\d):(\d\d)(?::(\d\d(?:[.,]\d+)?))?)?(?:Z|[+-]\d\d:\d\d)?$/;

/**
 * The serial number, in days, of a date, a time or both (ECMA-376 part 1, 18.17.4). A time zone is
 * left out.
 * @returns undefined if the text is no such date
 */
export function readIsoDate(value: string, date1904: boolean): number | undefined {
  const match = PATTERN.exec(value);
  if (match === null || (match[1] === undefined && match[4] === undefined)) return undefined;
  const days = match[1] === undefined ? 0 : dayNumber(match, date1904);
  if (days === undefined) return undefined;
  const seconds = Number(match[6]?.replace(",", ".") ?? 0);
  const time = Number(match[4] ?? 0) * 3600 + Number(match[5] ?? 0) * 60 + seconds;
  return days + time / 86_400;
}

function dayNumber(match: RegExpExecArray, date1904: boolean): number | undefined {
  const [, year = "", month = "", day = ""] = match;
  const time = Date.parse(`${year}-${month}-${day}T00:00:00Z`);
  if (Number.isNaN(time) || new Date(time).getUTCDate() !== Number(day)) return undefined;
  if (date1904) return time / DAY + EPOCH_IN_1904;
  const days = time / DAY + EPOCH_IN_1900;
  return days > 0 && days < MARCH_1900 ? days - 1 : days;
}
