// What the mails look like, for administrators: each template with made-up details.

import { originOf } from "../config.ts";
import { type Language, LANGUAGES, readLanguage } from "../db/languages.ts";
import type { NoticeFacts } from "../db/notices.ts";
import { credentialMail } from "../views/mail/credentials.tsx";
import type { MailText } from "../views/mail/frame.tsx";
import { NOTICE_KINDS, noticeMail } from "../views/mail/notices.tsx";
import { MailPreviewsPage, type Template } from "../views/mail_previews.tsx";
import { type Ctx, factory, page } from "./context.ts";
import { notFound } from "./errors.tsx";
import { frameOf } from "./frame.tsx";

const NAME = "Ama Boateng";
const USERNAME = "ama.boateng";
const LOGIN_DETAILS: Template = { id: "login-details", label: "Login details" };
const TEMPLATES: readonly Template[] = [
  LOGIN_DETAILS,
  ...NOTICE_KINDS.map((kind) => ({
    id: kind.replaceAll(" ", "-"),
    label: (kind.charAt(0).toUpperCase() + kind.slice(1)).replace(/tfa/i, "TFA"),
  })),
];

export const mailPreviews = factory.createApp()
  .get("/", async (c) => {
    c.set("frames", "shows");
    const wanted = c.req.query("template");
    const shown = TEMPLATES.find((one) => one.id === wanted) ?? LOGIN_DETAILS;
    const language = languageOf(c);
    return await page(
      c,
      <MailPreviewsPage
        frame={await frameOf(c)}
        templates={TEMPLATES}
        shown={shown}
        languages={LANGUAGES}
        language={language}
        mail={sampleOf(c, shown, language)}
        hasOwnLines={shown === LOGIN_DETAILS}
      />,
    );
  })
  .get("/:template/html", (c) => {
    const id = c.req.param("template");
    const template = TEMPLATES.find((one) => one.id === id) ?? notFound();
    c.set("frames", "shown");
    return c.body(sampleOf(c, template, languageOf(c)).html, 200, {
      "content-type": "text/html; charset=utf-8",
      "cache-control": "no-store",
    });
  });

function languageOf(c: Ctx): Language {
  return readLanguage(c.req.query("language") ?? "") ?? "en";
}

/** The very template that parents are sent, with nobody's details. */
function sampleOf(c: Ctx, template: Template, language: Language): MailText {
  const { services: { config, clock }, settings } = c.var;
  const portal = `${originOf(config)}/portal`;
  const school = { schoolName: config.schoolName, officePhone: settings.office_phone };
  const kind = NOTICE_KINDS.find((one) => one.replaceAll(" ", "-") === template.id);
  if (kind === undefined) {
    return credentialMail({
      ...school,
      language,
      name: NAME,
      username: USERNAME,
      password: "four-words-made-up",
      address: portal,
      days: settings.temporary_password_days,
      opening: settings.mail_opening,
      closing: settings.mail_closing,
    });
  }
  const facts: NoticeFacts = {
    username: USERNAME,
    usernames: USERNAME,
    count: 1,
    keptUsername: "ama.b",
    email: "a…@example.org",
    passkey: "Ama’s phone",
    endsAt: new Date(clock.now().getTime() + 30 * 60_000).toISOString(),
  };
  const notice = { kind, language, name: NAME, facts, writtenAt: clock.now(), token: "made-up" };
  return noticeMail(notice, { ...school, portal, timeZone: config.timeZone });
}
