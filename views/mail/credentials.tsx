// The mail with a parent's login details, as text and as HTML.

import type { JSX } from "hono/jsx/jsx-runtime";

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
};

/** Subject, text and HTML. The text has the username and the password each alone on its line. */
export function credentialMail(
  mail: CredentialMail,
): { subject: string; text: string; html: string } {
  const { intro, after, help } = sentences(mail);
  return {
    subject: `Your login details for the Parent Portal of ${mail.schoolName}`,
    text: [
      `Dear ${mail.name},`,
      "",
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
      mail.schoolName,
      "",
    ].join("\n"),
    html: `<!doctype html>${String(<CredentialMailBody mail={mail} />)}`,
  };
}

function sentences(mail: CredentialMail): { intro: string; after: string; help: string } {
  const phone = mail.officePhone === ""
    ? "ask the school office"
    : `ring the school office: ${mail.officePhone}`;
  return {
    intro: `Here are your login details for the Parent Portal of ${mail.schoolName}.`,
    after:
      `The password works for ${mail.days} days, and you choose your own when you first sign in. A password that you had before no longer works.`,
    help: `If you did not expect this mail, or cannot sign in, ${phone}.`,
  };
}

/** Styles stand in the elements: mail programs read no others. */
function CredentialMailBody(props: { mail: CredentialMail }): JSX.Element {
  const { mail } = props;
  const { intro, after, help } = sentences(mail);
  const cell = "padding:6px 16px 6px 0;vertical-align:top";
  const value = "padding:6px 0;font-family:Consolas,Menlo,monospace;font-size:16px";
  return (
    <html lang="en-GB">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width" />
        <meta name="color-scheme" content="light dark" />
        <title>{mail.schoolName}</title>
      </head>
      <body style="font-family:Arial,Helvetica,sans-serif;font-size:16px;line-height:1.5;max-width:560px;margin:0 auto;padding:16px">
        <p>Dear {mail.name},</p>
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
        <p>{mail.schoolName}</p>
      </body>
    </html>
  );
}
