// Shows numbers as Excel does under a number format (US English).

import { format, getFormatFromId, isDateFormat, isValidFormat } from "numfmt";

/** Days between the two date systems of workbooks (ECMA-376 part 1, 18.17.4.1). */
const DAYS_FROM_1900_TO_1904 = 1462;
/** Excel itself allows 255 characters. */
const MAX_CODE_LENGTH = 1_000;

/** A number format made ready for use. */
export type NumberFormat = {
  /** Whether numbers under it are dates or times. */
  readonly isDate: boolean;
  /** The number as Excel shows it. */
  readonly showNumber: (value: number) => string;
  /** The text as Excel shows it: most formats leave text alone. */
  readonly showText: (text: string) => string;
};

function same(text: string): string {
  return text;
}

/** The format code of a built-in format (ECMA-376 part 1, 18.8.30), General for unknown ones. */
export function builtInFormat(id: number): string {
  return getFormatFromId(id);
}

/**
 * Makes a format code ready for use; one that Excel would refuse counts as General.
 * @param code as in ECMA-376 part 1, 18.8.31
 * @param date1904 whether the workbook counts days from 1 January 1904
 */
export function numberFormat(code: string, date1904: boolean): NumberFormat {
  const isUsable = code.trim() !== "" && code.length <= MAX_CODE_LENGTH && isValidFormat(code);
  const pattern = isUsable ? code : "General";
  if (/^general$/i.test(pattern)) {
    return { isDate: false, showNumber: showGeneral, showText: same };
  }
  const isDate = isDateFormat(pattern);
  const shown = isDate ? pattern : inEnglish(pattern);
  const isElapsed = /\[(?:h+|m+|s+)\]/i.test(pattern);
  // Elapsed time is a length of time, not a day: the date system does not matter.
  const shift = isDate && date1904 && !isElapsed ? DAYS_FROM_1900_TO_1904 : 0;
  const isOneSection = numberSections(pattern) === 1;
  const hasCondition = /\[\s*[<=>]/.test(pattern);
  const leavesText = format(shown, "x") === "x";
  return {
    isDate,
    showNumber(value): string {
      const isBelow = value < 0 && isOneSection;
      if (isBelow && isElapsed) return "-" + format(shown, -value);
      const text = format(shown, value + shift);
      // Of several sections it is for the one chosen to show a minus; one alone always has it.
      return isBelow && hasCondition && !text.startsWith("-") ? "-" + text : text;
    },
    showText: leavesText ? same : (text) => format(shown, text),
  };
}

/** How many sections of a format code are for numbers; the one for text has an @. */
function numberSections(code: string): number {
  return code.replace(/"[^"]*"|\\./g, "").split(";").filter((part) => !part.includes("@")).length;
}

/**
 * A format code whose brackets name US English ([$€-413] becomes [$€-409]). In Excel the language
 * chooses the names of days and months; the point and the comma of numbers come from the reader's
 * own settings.
 */
function inEnglish(code: string): string {
  return code.replace(
    /"[^"]*"|\\.|\[\$([^\]-]*)-[0-9A-F]+\]/gi,
    (part: string, currency?: string) => currency === undefined ? part : `[$${currency}-409]`,
  );
}

/** A number under the format General: at most 11 digits, else scientific. */
function showGeneral(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 1e11) return String(value);
  const shown = format("General", value);
  return shown.includes("E") ? showScientific(value) : shown;
}

/** As General does: 11 characters, so that an exponent of three digits costs the fraction one. */
function showScientific(value: number): string {
  const size = Math.abs(value);
  const digits = size >= 1e100 || size < 1e-99 ? 4 : 5;
  const [mantissa = "", exponent = ""] = value.toExponential(digits).split("e");
  return `${Number(mantissa)}E${exponent.slice(0, 1)}${exponent.slice(1).padStart(2, "0")}`;
}

/** A number with all the 15 digits Excel keeps, without grouping. */
export function plainNumber(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 1e15) return String(value);
  const kept = Number(value.toPrecision(15));
  return Number.isInteger(kept) ? BigInt(kept).toString() : String(kept);
}
