// The sentences of every notice by its kind, as text and as HTML, in the parent's language and in English.

import type { JSX } from "hono/jsx/jsx-runtime";
import type { Language } from "../../db/languages.ts";
import type { NoticeFacts, NoticeKind } from "../../db/notices.ts";
import { momentIn, type Say, sayIn } from "../languages/mod.ts";
import { htmlPart, IN_ENGLISH, type MailText, turnTo } from "./frame.tsx";

export type Notice = {
  readonly kind: NoticeKind;
  readonly language: Language;
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
  readonly timeZone: string;
};

/** A paragraph; an address stands in a line of its own. */
type Paragraph = string | { readonly address: string };
type Said = { readonly subject: string; readonly paragraphs: readonly Paragraph[] };
/** What a notice's sentences need to know. */
type Telling = {
  readonly say: Say;
  readonly facts: NoticeFacts;
  readonly school: NoticeSchool;
  readonly token: string;
  /** A moment in words, such as the end of a link. */
  moment(iso: string): string;
};

/** A kind without its sentences does not compile. */
const SENTENCES: Readonly<Record<NoticeKind, (telling: Telling) => Said>> = {
  "phone removed": ({ say }) => ({
    subject: say("phoneRemovedSubject"),
    paragraphs: [say("phoneRemoved"), say("didNotAsk")],
  }),
  "passkeys removed": ({ say }) => ({
    subject: say("passkeysRemovedSubject"),
    paragraphs: [say("passkeysRemoved"), say("didNotAsk")],
  }),
  "passkey added": (telling) =>
    telling.facts["office"] === true ? passkeyOfAdmin(telling) : {
      subject: telling.say("passkeyAddedSubject"),
      paragraphs: [
        telling.say("passkeyAdded", { passkey: text(telling.facts, "passkey") }),
        telling.say("passkeyNotYou"),
      ],
    },
  "passkey removed": ({ say, facts }) => ({
    subject: say("passkeyRemovedSubject"),
    paragraphs: [
      say("passkeyRemoved", { passkey: text(facts, "passkey") }),
      say("passkeyNotYou"),
    ],
  }),
  "recovery codes made": ({ say }) => ({
    subject: say("recoveryCodesSubject"),
    paragraphs: [say("recoveryCodes"), say("passkeyNotYou")],
  }),
  "tfa set up": ({ say }) => ({
    subject: say("tfaSetUpSubject"),
    paragraphs: [say("tfaSetUp"), say("didNotAsk")],
  }),
  "tfa switched off": ({ say }) => ({
    subject: say("tfaOffSubject"),
    paragraphs: [say("tfaOff"), say("didNotAsk")],
  }),
  "password changed": ({ say, school }) => ({
    subject: say("passwordChangedSubject"),
    paragraphs: [
      say("passwordChanged"),
      say("passwordNotYou"),
      { address: `${school.portal}/forgot-password` },
    ],
  }),
  "letter printed": ({ say }) => ({
    subject: say("letterSubject"),
    paragraphs: [say("letter"), say("didNotAsk")],
  }),
  "password link": ({ say, facts, school, token, moment }) => ({
    subject: say("linkSubject"),
    paragraphs: [
      say("link", { username: text(facts, "username") }),
      { address: `${school.portal}/new-password?link=${token}` },
      say("linkUntil", { until: moment(text(facts, "endsAt")) }),
      say("linkIgnore"),
    ],
  }),
  "username reminder": ({ say, facts, school }) => ({
    subject: say("usernamesSubject"),
    paragraphs: [
      say(facts["count"] === 1 ? "usernameOne" : "usernameMany"),
      ...text(facts, "usernames").split("\n"),
      say("usernamesSignIn"),
      { address: `${school.portal}/sign-in` },
      say("usernamesIgnore"),
    ],
  }),
  "tfa required": ({ say }) => ({
    subject: say("tfaRequiredSubject"),
    paragraphs: [say("tfaRequired"), say("tfaQuestion")],
  }),
  "tfa not required": ({ say }) => ({
    subject: say("tfaNotRequiredSubject"),
    paragraphs: [say("tfaNotRequired"), say("didNotAsk")],
  }),
  "logon changed": ({ say, facts }) => ({
    subject: say("changedSubject"),
    paragraphs: [
      say("changed", { username: text(facts, "username") }),
      ...changesOf(say, facts),
      say("didNotAsk"),
    ],
  }),
  "logon merged": ({ say, facts }) => ({
    subject: say("mergedSubject"),
    paragraphs: [
      say("merged", { username: text(facts, "username") }),
      say("mergedKept", { kept: text(facts, "keptUsername") }),
      say("mergedHelp"),
    ],
  }),
};

/** Every kind that has sentences. */
export const NOTICE_KINDS: readonly NoticeKind[] = Object.keys(SENTENCES).filter(
  (kind): kind is NoticeKind => kind in SENTENCES,
);

/** An admin's own: the office's pages are in English. */
function passkeyOfAdmin({ facts, school, moment }: Telling): Said {
  const where = `the school office’s pages of ${school.schoolName}`;
  return {
    subject: `A passkey was added for ${where}`,
    paragraphs: [
      `A passkey named “${text(facts, "passkey")}” was added to your logon for ${where}, on ${
        moment("")
      }. Whoever has the device with it and can unlock it can sign in as you.`,
      "If that was not you, tell an Administrator at once, and change your password.",
    ],
  };
}

/** What changed, a sentence each; the new address and a new username that is one are masked. */
function changesOf(say: Say, facts: NoticeFacts): string[] {
  const { email, newUsername, password } = facts;
  return [
    ...(email === undefined
      ? []
      : [email === null ? say("changedNoEmail") : say("changedEmail", { email: String(email) })]),
    ...(newUsername === undefined
      ? []
      : [say("changedUsername", { username: String(newUsername) })]),
    ...(password === true ? [say("changedPassword")] : []),
  ];
}

/** Subject, text and HTML of a notice. */
export function noticeMail(notice: Notice, school: NoticeSchool): MailText {
  const { language } = notice;
  const said = tell(notice, language, school);
  const english = language === "en" ? null : tell(notice, "en", school).paragraphs;
  const all = [
    ...said.paragraphs,
    ...(english === null ? [] : [`${IN_ENGLISH}:`, ...english.slice(1)]),
    school.schoolName,
  ];
  return {
    subject: said.subject,
    text: all.map((one) => typeof one === "string" ? one : one.address).join("\n\n") + "\n",
    html: htmlPart(said.subject, {
      language,
      body: (
        <>
          {said.paragraphs.map((one) => <Paragraph of={one} />)}
          <Paragraph of={school.schoolName} />
        </>
      ),
      ...(english === null
        ? {}
        : { english: english.slice(1).map((one) => <Paragraph of={one} />) }),
    }),
  };
}

/** The greeting first. */
function tell(notice: Notice, language: Language, school: NoticeSchool): Said {
  const { name, facts, writtenAt, token = "" } = notice;
  const moment = (iso: string): string =>
    momentIn(language, school.timeZone, iso === "" ? writtenAt : new Date(iso));
  const known = { school: school.schoolName, name, at: moment("") };
  const turn = turnTo(sayIn(language, known), school.officePhone);
  const say = sayIn(language, { ...known, turn });
  const said = SENTENCES[notice.kind]({ say, facts, school, token, moment });
  return { ...said, paragraphs: [say("dear"), ...said.paragraphs] };
}

function text(facts: NoticeFacts, fact: string): string {
  return String(facts[fact] ?? "");
}

function Paragraph(props: { of: Paragraph }): JSX.Element {
  return typeof props.of === "string" ? <p>{props.of}</p> : (
    <p dir="ltr">
      <a href={props.of.address}>{props.of.address}</a>
    </p>
  );
}
