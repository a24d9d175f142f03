// What every mail is made of: the HTML frame, one language or two, and whom to turn to.

import type { Child } from "hono/jsx";
import type { JSX } from "hono/jsx/jsx-runtime";
import type { Language } from "../../db/languages.ts";
import { type Say, SPEECHES } from "../languages/mod.ts";

/** A mail in its two forms. */
export type MailText = { readonly subject: string; readonly text: string; readonly html: string };

/** Between the parent's language and English, which the office and whoever helps can read. */
export const IN_ENGLISH = "In English";

/** The HTML part of a mail. Styles stand in the elements: mail programs read no others. @param english the same once more */
export function htmlPart(
  title: string,
  parts: { readonly language: Language; readonly body: Child; readonly english?: Child },
): string {
  const frame = (
    <MailFrame title={title} language={parts.language}>
      {parts.body}
      {parts.english !== undefined && (
        <div
          lang="en-GB"
          dir="ltr"
          style="margin-top:24px;padding-top:8px;border-top:1px solid #888888"
        >
          <p>
            <strong>{IN_ENGLISH}</strong>
          </p>
          {parts.english}
        </div>
      )}
    </MailFrame>
  );
  return `<!doctype html>${String(frame)}`;
}

/** "ring the school office: 01632 960123", to be put into a sentence. @param phone empty if the school has not said */
export function turnTo(say: Say, phone: string): string {
  return phone === "" ? say("ask") : say("ring", { phone });
}

function MailFrame(props: { title: string; language: Language; children: Child }): JSX.Element {
  const { language } = props;
  return (
    <html lang={language === "en" ? "en-GB" : language} dir={SPEECHES[language].dir}>
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width" />
        <meta name="color-scheme" content="light dark" />
        <title>{props.title}</title>
      </head>
      <body style="font-family:Arial,Helvetica,sans-serif;font-size:16px;line-height:1.5;max-width:560px;margin:0 auto;padding:16px">
        {props.children}
      </body>
    </html>
  );
}
