// The mail with a parent's login details, as text and as HTML, in the parent's language and in English.

import type { JSX } from "hono/jsx/jsx-runtime";
import type { Language } from "../../db/languages.ts";
import { type Say, sayIn } from "../languages/mod.ts";
import { htmlPart, IN_ENGLISH, type MailText, turnTo } from "./frame.tsx";

export type CredentialMail = {
  readonly language: Language;
  readonly name: string;
  readonly username: string;
  readonly password: string;
  /** Of the portal. */
  readonly address: string;
  readonly schoolName: string;
  /** How long the password works. */
  readonly days: number;
  /** Whom to ring; empty if the school has not said. */
  readonly officePhone: string;
  /** The school's own words at the beginning and at the end; empty if it has none. */
  readonly opening: string;
  readonly closing: string;
};

/**
 * Subject, text and HTML. Whatever the language, the text has "Username: …" and "Password: …" each alone on its line, as the
 * portal's own fields are called.
 */
export function credentialMail(mail: CredentialMail): MailText {
  const { language } = mail;
  const say = sayIn(language, { school: mail.schoolName });
  const said = sentences(say, mail);
  const english = language === "en"
    ? null
    : sentences(sayIn("en", { school: mail.schoolName }), mail);
  const title = say("detailsSubject");
  return {
    subject: title,
    text: [
      said.dear,
      ...(mail.opening === "" ? [] : [mail.opening]),
      said.intro,
      `Address: ${mail.address}\nUsername: ${mail.username}\nPassword: ${mail.password}`,
      said.after,
      said.help,
      ...(english === null ? [] : [`${IN_ENGLISH}:`, english.intro, english.after, english.help]),
      ...(mail.closing === "" ? [] : [mail.closing]),
      mail.schoolName,
    ].join("\n\n") + "\n",
    html: htmlPart(title, {
      language,
      body: <CredentialMailBody mail={mail} say={say} />,
      ...(english === null ? {} : {
        english: (
          <>
            <p>{english.intro}</p>
            <p>{english.after}</p>
            <p>{english.help}</p>
          </>
        ),
      }),
    }),
  };
}

function sentences(
  say: Say,
  mail: CredentialMail,
): { dear: string; intro: string; after: string; help: string } {
  return {
    dear: say("dear", { name: mail.name }),
    intro: say("detailsIntro"),
    after: say("detailsAfter", { days: mail.days }),
    help: say("detailsHelp", { turn: turnTo(say, mail.officePhone) }),
  };
}

function CredentialMailBody(props: { mail: CredentialMail; say: Say }): JSX.Element {
  const { mail, say } = props;
  const { dear, intro, after, help } = sentences(say, mail);
  return (
    <>
      <p>{dear}</p>
      {mail.opening !== "" && <p dir="auto">{mail.opening}</p>}
      <p>{intro}</p>
      <table role="presentation">
        <Detail label={say("address")}>
          <a href={mail.address}>{mail.address}</a>
        </Detail>
        <Detail label={say("username")}>{mail.username}</Detail>
        <Detail label={say("password")}>{mail.password}</Detail>
      </table>
      <p>{after}</p>
      <p>{help}</p>
      {mail.closing !== "" && <p dir="auto">{mail.closing}</p>}
      <p>{mail.schoolName}</p>
    </>
  );
}

function Detail(props: { label: string; children: JSX.Element | string }): JSX.Element {
  return (
    <tr>
      <td style="padding:6px 0;padding-inline-end:16px;vertical-align:top">{props.label}</td>
      <td
        dir="ltr"
        style="padding:6px 0;font-family:Consolas,Menlo,monospace;font-size:16px;overflow-wrap:anywhere"
      >
        {props.children}
      </td>
    </tr>
  );
}
