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
  /** Of the link that it says, where it says one. */
  readonly token?: string;
};

/** The school that writes. */
export type NoticeSchool = {
  readonly schoolName: string;
  /** Whom to ring; empty if the school has not said. */
  readonly officePhone: string;
  /** Of the portal, without a slash at its end. */
  readonly portal: string;
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
  "password changed": (notice, school) => ({
    subject: `Your password for the Parent Portal of ${school.schoolName} was changed`,
    paragraphs: [
      `A new password was chosen for your logon to the Parent Portal of ${school.schoolName} on ${
        school.times.full(notice.writtenAt)
      }. Wherever you were signed in, you sign in again.`,
      `If that was you, there is nothing to do. If it was not, ${
        turnTo(school.officePhone)
      }, and choose a new one:`,
      { address: `${school.portal}/forgot-password` },
    ],
  }),
  "letter printed": (notice, school) => ({
    subject: `A letter with a new code for the Parent Portal of ${school.schoolName}`,
    paragraphs: [
      `The school office has printed a letter with a new code for your logon to the Parent Portal of ${school.schoolName}, on ${
        school.times.full(notice.writtenAt)
      }. The password that you had before no longer works.`,
      `If you did not ask for this, ${turnTo(school.officePhone)}.`,
    ],
  }),
  "password link": (notice, school) => ({
    subject: `Choose a new password for the Parent Portal of ${school.schoolName}`,
    paragraphs: [
      `Somebody, most likely you, has asked for a new password for the username ${
        text(notice, "username")
      }. Follow this link and choose one:`,
      { address: `${school.portal}/new-password?link=${notice.token ?? ""}` },
      `It works once, until ${
        school.times.full(new Date(text(notice, "endsAt")))
      }. If you sign in with a code from your phone, you are asked for it as always.`,
      `If you did not ask for this, do nothing: your password stays as it is. If it happens again, ${
        turnTo(school.officePhone)
      }.`,
    ],
  }),
  "username reminder": (notice, school) => ({
    subject: `Your username for the Parent Portal of ${school.schoolName}`,
    paragraphs: [
      notice.facts["count"] === 1
        ? `This is your username for the Parent Portal of ${school.schoolName}:`
        : `These are the usernames for the Parent Portal of ${school.schoolName} that have this email address:`,
      ...text(notice, "usernames").split("\n"),
      "Sign in, or choose a new password, here:",
      { address: `${school.portal}/sign-in` },
      `If you did not ask for this, there is nothing to do. If it happens again, ${
        turnTo(school.officePhone)
      }.`,
    ],
  }),
  "tfa required": (notice, school) => ({
    subject:
      `Two factor authentication is now required for the Parent Portal of ${school.schoolName}`,
    paragraphs: [
      `When you next sign in to the Parent Portal of ${school.schoolName}, you set up a code from an app on your phone. The school office has required that on ${
        school.times.full(notice.writtenAt)
      }.`,
      `If you have a question about it, ${turnTo(school.officePhone)}.`,
    ],
  }),
  "tfa not required": (notice, school) => ({
    subject:
      `Two factor authentication is no longer required for the Parent Portal of ${school.schoolName}`,
    paragraphs: [
      `Since ${
        school.times.full(notice.writtenAt)
      } the school office no longer requires a code from your phone for your logon to the Parent Portal of ${school.schoolName}. You sign in with your password alone.`,
      `If you did not ask for this, ${turnTo(school.officePhone)}.`,
    ],
  }),
  "logon changed": (notice, school) => ({
    subject: `Your logon to the Parent Portal of ${school.schoolName} was changed`,
    paragraphs: [
      `On ${
        school.times.full(notice.writtenAt)
      } the school office changed the logon of ${notice.name} with the username ${
        text(notice, "username")
      } to the Parent Portal of ${school.schoolName}.`,
      ...changesOf(notice.facts),
      `If you did not ask for this, ${turnTo(school.officePhone)}.`,
    ],
  }),
  "logon merged": (notice, school) => ({
    subject: `You have one logon to the Parent Portal of ${school.schoolName} now`,
    paragraphs: [
      `On ${
        school.times.full(notice.writtenAt)
      } the school office made one of your two logons to the Parent Portal of ${school.schoolName}. The one with the username ${
        text(notice, "username")
      } is closed.`,
      `From now on you sign in with your other one, ${
        text(notice, "keptUsername")
      }, and its password. It shows the learners of both.`,
      `If you did not expect this, or do not have the other one, ${turnTo(school.officePhone)}.`,
    ],
  }),
};

/** Every kind that has sentences. */
export const NOTICE_KINDS: readonly NoticeKind[] = Object.keys(SENTENCES).filter(
  (kind): kind is NoticeKind => kind in SENTENCES,
);

/** What changed, a sentence each; the new address and a new username that is one are masked. */
function changesOf(facts: NoticeFacts): string[] {
  const { email, newUsername, password } = facts;
  return [
    ...(email === undefined ? [] : [
      email === null
        ? "It has no email any more."
        : `Mails about it go to another email now: ${email}.`,
    ]),
    ...(newUsername === undefined ? [] : [`The username is another one now: ${newUsername}.`]),
    ...(password === true ? ["The school office has set a new password."] : []),
  ];
}

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

function text(notice: Notice, fact: string): string {
  return String(notice.facts[fact] ?? "");
}

function Paragraph(props: { of: Paragraph }): JSX.Element {
  return typeof props.of === "string" ? <p>{props.of}</p> : (
    <p>
      <a href={props.of.address}>{props.of.address}</a>
    </p>
  );
}
