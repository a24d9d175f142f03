// The sentences of every notice by its kind, as text and as HTML.

import type { JSX } from "hono/jsx/jsx-runtime";
import type { NoticeFacts, NoticeKind } from "../../db/notices.ts";
import type { Times } from "../times.ts";
import { htmlPart, type MailText, turnTo } from "./frame.tsx";

export type Notice = {
  readonly kind: NoticeKind;
  readonly name: string;
  readonly facts: NoticeFacts;
  /** When that happened of which it tells. */
  readonly writtenAt: Date;
};

/** The school that writes. */
export type NoticeSchool = {
  readonly schoolName: string;
  /** Whom to ring; empty if the school has not said. */
  readonly officePhone: string;
  readonly times: Times;
};

/** A paragraph; an address stands in a line of its own. */
type Paragraph = string | { readonly address: string };
type Sentences = { readonly subject: string; readonly paragraphs: readonly Paragraph[] };

/** A kind without its sentences does not compile. */
const SENTENCES: Readonly<
  Record<NoticeKind, (notice: Notice, school: NoticeSchool) => Sentences>
> = {
  "phone removed": (notice, school) => ({
    subject: `Your phone was removed from the Parent Portal of ${school.schoolName}`,
    paragraphs: [
      `The school office has removed the phone that you used to sign in to the Parent Portal of ${school.schoolName}, on ${
        school.times.full(notice.writtenAt)
      }. Passkeys on it do not open the portal any more either. You set up two factor authentication anew when you next sign in. Your password is the same.`,
      `If you did not ask for this, ${turnTo(school.officePhone)}.`,
    ],
  }),
  "passkeys removed": (notice, school) => ({
    subject: `Your passkeys were removed from the Parent Portal of ${school.schoolName}`,
    paragraphs: [
      `The school office has removed the passkeys that you used to sign in to the Parent Portal of ${school.schoolName}, on ${
        school.times.full(notice.writtenAt)
      }. You sign in with your username and password. Your password is the same.`,
      `If you did not ask for this, ${turnTo(school.officePhone)}.`,
    ],
  }),
  "passkey added": (notice, school) => {
    const where = notice.facts["office"] === true
      ? `the school office’s pages of ${school.schoolName}`
      : `the Parent Portal of ${school.schoolName}`;
    return {
      subject: `A passkey was added for ${where}`,
      paragraphs: [
        `A passkey named “${notice.facts["passkey"]}” was added to your logon for ${where}, on ${
          school.times.full(notice.writtenAt)
        }. Whoever has the device with it and can unlock it can sign in as you.`,
        notice.facts["office"] === true
          ? "If that was not you, tell an Administrator at once, and change your password."
          : `If that was not you, ${turnTo(school.officePhone)}, and change your password.`,
      ],
    };
  },
  "tfa switched off": (notice, school) => ({
    subject:
      `Two factor authentication was switched off for the Parent Portal of ${school.schoolName}`,
    paragraphs: [
      `The school office has switched off two factor authentication for your logon to the Parent Portal of ${school.schoolName}, on ${
        school.times.full(notice.writtenAt)
      }. You sign in with your password alone.`,
      `If you did not ask for this, ${turnTo(school.officePhone)}.`,
    ],
  }),
};

/** Subject, text and HTML of a notice. */
export function noticeMail(notice: Notice, school: NoticeSchool): MailText {
  const { subject, paragraphs } = SENTENCES[notice.kind](notice, school);
  const all = [`Dear ${notice.name},`, ...paragraphs, school.schoolName];
  return {
    subject,
    text: all.map((one) => typeof one === "string" ? one : one.address).join("\n\n") + "\n",
    html: htmlPart(subject, all.map((one) => <Paragraph of={one} />)),
  };
}

function Paragraph(props: { of: Paragraph }): JSX.Element {
  return typeof props.of === "string" ? <p>{props.of}</p> : (
    <p>
      <a href={props.of.address}>{props.of.address}</a>
    </p>
  );
}
