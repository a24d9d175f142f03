// What every mail is made of: the HTML frame, and whom to turn to.

import type { Child } from "hono/jsx";
import type { JSX } from "hono/jsx/jsx-runtime";

/** A mail in its two forms. */
export type MailText = { readonly subject: string; readonly text: string; readonly html: string };

/** The HTML part of a mail. Styles stand in the elements: mail programs read no others. */
export function htmlPart(title: string, body: Child): string {
  return `<!doctype html>${String(<MailFrame title={title}>{body}</MailFrame>)}`;
}

/** "ring the school office: 01632 960123", to be put into a sentence. @param phone empty if the school has not said */
export function turnTo(phone: string): string {
  return phone === "" ? "ask the school office" : `ring the school office: ${phone}`;
}

function MailFrame(props: { title: string; children: Child }): JSX.Element {
  return (
    <html lang="en-GB">
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
