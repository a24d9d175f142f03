// What the mails look like: each template with made-up details, as text and as HTML side by side.

import type { JSX } from "hono/jsx/jsx-runtime";
import type { Language } from "../db/languages.ts";
import { SPEECHES } from "./languages/mod.ts";
import { type Frame, Heading, OfficePage } from "./layout.tsx";
import type { MailText } from "./mail/frame.tsx";

/** A template's name in the address, and what it is called. */
export type Template = { readonly id: string; readonly label: string };

/** One template at a time; the others are links, so that it works without script. */
export function MailPreviewsPage(
  props: {
    frame: Frame;
    templates: readonly Template[];
    shown: Template;
    languages: readonly Language[];
    language: Language;
    mail: MailText;
    /** Whether the school's own lines are part of this template. */
    hasOwnLines: boolean;
  },
): JSX.Element {
  const { shown, mail, language } = props;
  const addressOf = (template: Template, language: Language): string =>
    `/settings/mails?template=${template.id}${language === "en" ? "" : `&language=${language}`}`;
  return (
    <OfficePage
      frame={props.frame}
      title="What the mails look like"
      place="settings"
      heading={<Heading title="What the mails look like" />}
    >
      <div class="previews">
        <p>
          With made-up details. <a href="/settings">Back to Settings</a>
        </p>
        <nav class="buttons" aria-label="Mails">
          {props.templates.map((template) => (
            <a
              class="button small"
              href={addressOf(template, language)}
              aria-current={template.id === shown.id ? "true" : undefined}
            >
              {template.label}
            </a>
          ))}
        </nav>
        <nav class="buttons" aria-label="Languages">
          {props.languages.map((one) => (
            <a
              class="button small"
              href={addressOf(shown, one)}
              aria-current={one === language ? "true" : undefined}
            >
              {SPEECHES[one].english}
            </a>
          ))}
        </nav>
        <p>
          Subject:{" "}
          <strong>
            <bdi lang={language}>{mail.subject}</bdi>
          </strong>
        </p>
        {props.hasOwnLines && (
          <p class="soft">
            The school’s own first and last line are{" "}
            <a href="/settings#field-mail_opening">in Settings</a>.
          </p>
        )}
        <div class="preview-pair">
          <section>
            <h2>As text</h2>
            <pre class="mail" dir="auto">{mail.text}</pre>
          </section>
          <section>
            <h2>As HTML</h2>
            <iframe
              src={`/settings/mails/${shown.id}/html${
                language === "en" ? "" : `?language=${language}`
              }`}
              title={`${shown.label}, as HTML`}
              sandbox=""
            />
          </section>
        </div>
      </div>
    </OfficePage>
  );
}
