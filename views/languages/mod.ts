// The languages in which parents are written to: what each is called, how it is written, and its sentences.

import type { Language } from "../../db/languages.ts";
import * as ar from "./ar.ts";
import * as bn from "./bn.ts";
import * as en from "./en.ts";
import * as es from "./es.ts";
import * as fr from "./fr.ts";
import * as pl from "./pl.ts";
import * as pt from "./pt.ts";
import * as ro from "./ro.ts";
import * as tr from "./tr.ts";
import * as ur from "./ur.ts";

export type Speech = {
  /** As its speakers call it. */
  readonly name: string;
  readonly english: string;
  readonly dir: "ltr" | "rtl";
  readonly sentences: en.Sentences;
};

/** A language that can be chosen and has no sentences does not compile. */
export const SPEECHES: Readonly<Record<Language, Speech>> = {
  en: { name: "English", english: "English", dir: "ltr", sentences: en.SENTENCES },
  ar: { name: "العربية", english: "Arabic", dir: "rtl", sentences: ar.SENTENCES },
  bn: { name: "বাংলা", english: "Bengali", dir: "ltr", sentences: bn.SENTENCES },
  es: { name: "Español", english: "Spanish", dir: "ltr", sentences: es.SENTENCES },
  fr: { name: "Français", english: "French", dir: "ltr", sentences: fr.SENTENCES },
  pl: { name: "Polski", english: "Polish", dir: "ltr", sentences: pl.SENTENCES },
  pt: { name: "Português", english: "Portuguese", dir: "ltr", sentences: pt.SENTENCES },
  ro: { name: "Română", english: "Romanian", dir: "ltr", sentences: ro.SENTENCES },
  tr: { name: "Türkçe", english: "Turkish", dir: "ltr", sentences: tr.SENTENCES },
  ur: { name: "اردو", english: "Urdu", dir: "rtl", sentences: ur.SENTENCES },
};

/** To choose among in the office: "Polish (Polski)". */
export const LANGUAGE_OPTIONS: readonly (readonly [language: string, label: string])[] = Object
  .entries(SPEECHES).map(([language, { name, english }]) =>
    [language, name === english ? name : `${english} (${name})`] as const
  );

/** What is filled in by its name. */
export type Values = Readonly<Record<string, string | number>>;
/** Says a sentence with what belongs in it. */
export type Say = (name: keyof en.Sentences, values?: Values) => string;

/**
 * Says sentences in a language.
 * @param always what is filled in wherever it is named
 */
export function sayIn(language: Language, always: Values): Say {
  const { sentences, dir } = SPEECHES[language];
  return (name, values = {}) => {
    const known: Values = { ...always, ...values };
    return sentences[name].replaceAll(/\{(\w+)\}/g, (whole, key: string) => {
      const value = known[key];
      if (value === undefined) return whole;
      // A name, a date or a number in Latin letters keeps its own direction within a line from right to left (UAX #9).
      return dir === "rtl" && key !== "turn" ? `\u2068${value}\u2069` : String(value);
    });
  };
}

/** As for English, in the words of another language: "24 listopada 2026, 08:12". Figures are those of the school's pages. */
export function momentIn(language: Language, timeZone: string, moment: Date): string {
  const tag = language === "en" ? "en-GB" : `${language}-u-nu-latn-ca-gregory`;
  const day = new Intl.DateTimeFormat(tag, {
    timeZone,
    day: "numeric",
    month: "long",
    year: "numeric",
  });
  const clock = new Intl.DateTimeFormat("en-GB", { timeZone, hour: "2-digit", minute: "2-digit" });
  return `${day.format(moment)}, ${clock.format(moment)}`;
}
