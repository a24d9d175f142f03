// The mail with a parent's login details, as text and as HTML.

import type { JSX } from "hono/jsx/jsx-runtime";
import { htmlPart, type MailText, turnTo } from "./frame.tsx";

export type CredentialMail = {
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

/** Subject, text and HTML. The text has the username and the password each alone on its line. */
export function credentialMail(mail: CredentialMail): MailText {
  const { intro, after, help } = sentences(mail);
  return {
    subject: `Your login details for the Parent Portal of ${mail.schoolName}`,
    text: [
      `Dear ${mail.name},`,
      "",
      ...(mail.opening === "" ? [] : [mail.opening, ""]),
      intro,
      "",
      `Address: ${mail.address}`,
      `Username: ${mail.username}`,
      `Password: ${mail.password}`,
      "",
      after,
      "",
      help,
      "",
      ...(mail.closing === "" ? [] : [mail.closing, ""]),
      mail.schoolName,
      "",
    ].join("\n"),
    html: htmlPart(mail.schoolName, <CredentialMailBody mail={mail} />),
  };
}

function sentences(mail: CredentialMail): { intro: string; after: string; help: string } {
  return {
    intro: `Here are your login details for the Parent Portal of ${mail.schoolName}.`,
    after:
      `The password works for ${mail.days} days, and you choose your own when you first sign in. A password that you had before no longer works.`,
    help: `If you did not expect this mail, or cannot sign in, ${turnTo(mail.officePhone)}.`,
  };
}

function CredentialMailBody(props: { mail: CredentialMail }): JSX.Element {
  const { mail } = props;
  const { intro, after, help } = sentences(mail);
  const cell = "padding:6px 16px 6px 0;vertical-align:top";
  const value =
    "padding:6px 0;font-family:Consolas,Menlo,monospace;font-size:16px;overflow-wrap:anywhere";
  return (
    <>
      <p>Dear {mail.name},</p>
      {mail.opening !== "" && <p>{mail.opening}</p>}
      <p>{intro}</p>
      <table role="presentation">
        <tr>
          <td style={cell}>Address</td>
          <td style={value}>
            <a href={mail.address}>{mail.address}</a>
          </td>
        </tr>
        <tr>
          <td style={cell}>Username</td>
          <td style={value}>{mail.username}</td>
        </tr>
        <tr>
          <td style={cell}>Password</td>
          <td style={value}>{mail.password}</td>
        </tr>
      </table>
      <p>{after}</p>
      <p>{help}</p>
      {mail.closing !== "" && <p>{mail.closing}</p>}
      <p>{mail.schoolName}</p>
    </>
  );
}
