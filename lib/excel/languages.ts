// Finds for the languages of date formats those by which numfmt names days and months.

import { addLocale, getLocale } from "numfmt";

/** Spanish, French, Russian, Ukrainian: whatever the country, the months have the same names. */
const SAME_EVERYWHERE: ReadonlySet<number> = new Set([0x0a, 0x0c, 0x19, 0x22]);
/** Excel's own languages for a month after its day, which is in the genitive. */
const AFTER_A_DAY: ReadonlyMap<number, string> = new Map([[0xfc19, "ru-day"], [0xfc22, "uk-day"]]);

addLocale({
  ...getLocale("ru"),
  mmmm: [
    "января",
    "февраля",
    "марта",
    "апреля",
    "мая",
    "июня",
    "июля",
    "августа",
    "сентября",
    "октября",
    "ноября",
    "декабря",
  ],
}, "ru-day");
addLocale({
  ...getLocale("uk"),
  mmmm: [
    "січня",
    "лютого",
    "березня",
    "квітня",
    "травня",
    "червня",
    "липня",
    "серпня",
    "вересня",
    "жовтня",
    "листопада",
    "грудня",
  ],
}, "uk-day");

/**
 * The language of a format code as numfmt has it, the same where it has none that is surely alike.
 * @param digits hexadecimal: the language (MS-LCID, 2.2), above it the calendar and the digits
 */
export function knownLanguage(digits: string): string {
  const number = Number.parseInt(digits, 16);
  const id = number % 0x10000;
  const name = AFTER_A_DAY.get(id);
  if (name !== undefined) return name;
  const language = id % 0x400;
  if (getLocale(id) !== undefined || !SAME_EVERYWHERE.has(language)) return digits;
  return (number - id + 0x400 + language).toString(16);
}
