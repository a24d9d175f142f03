// The page on which a parent chooses the language of the school's mails.

import type { JSX } from "hono/jsx/jsx-runtime";
import type { Language } from "../db/languages.ts";
import { sayIn, SPEECHES } from "./languages/mod.ts";
import type { PortalFrame } from "./portal.tsx";
import { PortalPage } from "./portal_page.tsx";

export function PortalLanguagePage(
  props: {
    frame: PortalFrame;
    languages: readonly Language[];
    /** Null: not chosen yet. */
    chosen: Language | null;
    saved: boolean;
    problem?: string | undefined;
  },
): JSX.Element {
  const { chosen, problem } = props;
  return (
    <PortalPage frame={props.frame} title={problem === undefined ? "Language" : "Error: Language"}>
      {props.saved && chosen !== null && (
        <p class="notice green" role="status" lang={chosen} dir={SPEECHES[chosen].dir}>
          {sayIn(chosen, {})("languageSaved")}
        </p>
      )}
      {problem !== undefined && <p class="summary" role="alert">{problem}</p>}
      <p>
        Mails about your logon come in the language that you choose here, with English below it. The
        pages of the portal are in English, but for the welcome.
      </p>
      <form method="post" action="/portal/language">
        <fieldset class="languages">
          <legend>Language of mails</legend>
          {props.languages.map((language) => (
            <label class="choice">
              <input
                type="radio"
                name="language"
                value={language}
                checked={language === (chosen ?? "en")}
              />
              <span lang={language} dir={SPEECHES[language].dir}>{SPEECHES[language].name}</span>
              {language !== "en" && <span class="soft">{SPEECHES[language].english}</span>}
            </label>
          ))}
        </fieldset>
        <button type="submit" class="button blue whole">Save language</button>
      </form>
    </PortalPage>
  );
}
