// Shows numbers as Excel does under a number format (US English).

import { format, getFormatFromId, isDateFormat, isValidFormat } from "numfmt";
import { knownLanguage } from "./languages.ts";

/** Days between the two date systems of workbooks (ECMA-376 part 1, 18.17.4.1). */
const DAYS_FROM_1900_TO_1904 = 1462;
/** Excel itself allows 255 characters. */
const MAX_CODE_LENGTH = 1_000;

/** Literals, or a bracket with a currency and the number of a language. */
const LANGUAGE = /"[^"]*"|\\.|\[\$([^\]-]*)-([0-9A-F]+)\]/gi;

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
  const pattern = isUsable ? scaledAtTheEnd(code) : "General";
  if (/^general$/i.test(pattern)) {
    return { isDate: false, showNumber: showGeneral, showText: same };
  }
  const isDate = isDateFormat(pattern);
  const shown = isDate ? inKnownLanguage(pattern) : inEnglish(pattern);
  const isElapsed = /\[(?:h+|m+|s+)\]/i.test(pattern);
  // Elapsed time is a length of time, not a day: the date system does not matter.
  const shift = isDate && date1904 && !isElapsed ? DAYS_FROM_1900_TO_1904 : 0;
  const isOneSection = numberSections(pattern) === 1;
  const hasCondition = /\[\s*[<=>]/.test(pattern);
  const show = isDate ? format : showingOf(shown, hasCondition);
  const leavesText = format(shown, "x") === "x";
  function showNumber(value: number): string {
    const isBelow = value < 0 && isOneSection;
    if (isBelow && isElapsed) return "-" + format(shown, -value);
    const text = show(shown, value + shift);
    // Of several sections it is for the one chosen to show a minus; one alone always has it.
    return isBelow && hasCondition && !text.startsWith("-") ? "-" + text : text;
  }
  return {
    isDate,
    showNumber(value): string {
      try {
        return showNumber(value);
      } catch {
        // The library cannot do everything it accepts: no day 60 (29 February 1900) in the Hijri calendar.
        return showGeneral(value);
      }
    },
    showText: leavesText ? same : (text) => format(shown, text),
  };
}

/** Commas right before the point divide by thousands, as at the end, which is where numfmt looks for them. */
function scaledAtTheEnd(code: string): string {
  return code.replace(
    /"[^"]*"|\\.|([#0?])(,+)(\.[#0?]*)/g,
    (part: string, digit?: string, commas = "", fraction = "") =>
      digit === undefined ? part : digit + fraction + commas,
  );
}

/** How many sections of a format code are for numbers; the one for text has an @. */
function numberSections(code: string): number {
  return code.replace(/"[^"]*"|\\./g, "").split(";").filter((part) => !part.includes("@")).length;
}

/** A whole number and what stands between it and the numerator after it; or literals, which are neither. */
const WHOLE = /([#0?][#0?,]*)((?: |\\.|"[^"]*"|_.)+)(?=[#0?]+ *\/)|"[^"]*"|\\.|_./g;

/** What shows numbers under a format code: numfmt, but that it must be helped with fractions. */
function showingOf(code: string, hasCondition: boolean): (code: string, value: number) => string {
  const isFraction = /[#0?] *\/ *[#0?1-9]/.test(code.replace(/"[^"]*"|\\./g, ""));
  if (!isFraction || code.includes("%")) return format;
  const wholes = [...code.matchAll(WHOLE)].filter(([, whole]) => whole !== undefined).length;
  if (wholes === 0) return showFraction;
  return wholes === numberSections(code) && !hasCondition ? showMixed : format;
}

/**
 * A number as whole and fraction. Excel rounds to the nearest fraction, and one that is as good as
 * 1 is carried: 1.75 in halves is 2. numfmt rounds the whole by itself, so that 2.97 becomes 3 65/67.
 */
function showMixed(code: string, value: number): string {
  const whole = Math.trunc(value);
  const rest = value - whole;
  if (Math.abs(rest) < 0.5) return format(code, value);
  const withWhole = code.replace(
    WHOLE,
    (part: string, digits?: string, between = "") =>
      // numfmt leaves out what stands right before a numerator that has no whole: here that is "".
      digits === undefined ? part : `"${format(digits, Math.abs(whole))}"${between}""`,
  );
  const text = format(withWhole, rest);
  const [, numerator, denominator] = /(\d+) *\/ *(\d+)/.exec(text) ?? [];
  return numerator === denominator ? format(code, whole + Math.sign(value)) : text;
}

/** A number as a fraction alone. Just above a whole, numfmt loses that: 1.005 in one digit is 1/1, not 0/1. */
function showFraction(code: string, value: number): string {
  const text = format(code, value);
  const isLost = Math.abs(value) >= 1 && /(?<!\d)0 *\//.test(text);
  return isLost ? format(code, Math.trunc(value)) : text;
}

/**
 * A format code whose brackets name US English ([$€-413] becomes [$€-409]). In Excel the language
 * chooses the names of days and months; the point and the comma of numbers come from the reader's
 * own settings.
 */
function inEnglish(code: string): string {
  return code.replace(
    LANGUAGE,
    (part: string, currency?: string) => currency === undefined ? part : `[$${currency}-409]`,
  );
}

/** A format code whose languages are such as numfmt has. */
function inKnownLanguage(code: string): string {
  return code.replace(
    LANGUAGE,
    (part: string, currency?: string, number = "") =>
      currency === undefined ? part : `[$${currency}-${knownLanguage(number)}]`,
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
