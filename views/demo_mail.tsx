// The demo's mailbox: every mail that the demo has sent, which went nowhere else.

import type { JSX } from "hono/jsx/jsx-runtime";
import type { CaughtMail } from "../lib/mail_catcher.ts";
import { Heading, PlainPage, type Theme } from "./layout.tsx";
import type { Times } from "./times.ts";
import { Address, EmptyState } from "./ui.tsx";

export function DemoMailPage(
  props: { schoolName: string; theme: Theme; mails: readonly CaughtMail[]; times: Times },
): JSX.Element {
  return (
    <PlainPage title="Demo mail" schoolName={props.schoolName} theme={props.theme}>
      <Heading title="Demo mail" />
      <p class="soft">What the demo mails goes nowhere but here.</p>
      {props.mails.length === 0
        ? (
          <EmptyState icon="mail" title="No mail yet">
            <p>Mails appear here as soon as they are sent. Load this page again to look.</p>
          </EmptyState>
        )
        : props.mails.map((mail) => (
          <article class="card" id={`mail-${mail.id}`}>
            <h2>{mail.subject}</h2>
            <p class="soft">
              To {mail.to.map((address) => <Address>{address}</Address>)},{" "}
              {props.times.full(mail.at)}
            </p>
            <pre class="mail">{mail.text}</pre>
          </article>
        ))}
    </PlainPage>
  );
}
