// A forgotten password or username as a parent meets it: asking for the mail, what then, and choosing a new password.

import type { Child } from "hono/jsx";
import type { JSX } from "hono/jsx/jsx-runtime";
import { PlainPage } from "./layout.tsx";
import { Help, type PortalFrame, SchoolMark } from "./portal.tsx";
import { Field, ProblemSummary } from "./ui.tsx";

export type Forgotten = "password" | "username";

/** Asks for what the parent still knows. What was typed is not shown again: the page is the same whatever it was. */
export function ForgottenPage(
  props: { frame: PortalFrame; forgotten: Forgotten; problem: string | undefined },
): JSX.Element {
  const { frame, forgotten, problem } = props;
  const password = forgotten === "password";
  return (
    <Door
      frame={frame}
      title={password ? "Forgot your password?" : "Forgot your username?"}
      wrong={problem !== undefined}
    >
      <p>
        {password
          ? "We email you a link to choose a new one. It works for 30 minutes."
          : "We email you your username. If several people share your email address, the email names them all."}
      </p>
      <form method="post" action={`/portal/forgot-${forgotten}`} novalidate>
        <ProblemSummary problems={problem === undefined ? [] : [["typed", problem]]} />
        {password
          ? (
            <Field
              name="typed"
              label="Username or email"
              autocomplete="username"
              spellcheck={false}
              autocapitalize="none"
              problem={problem}
            />
          )
          : (
            <Field
              name="typed"
              label="Email"
              type="email"
              hint="The one that the school has for you."
              autocomplete="email"
              spellcheck={false}
              autocapitalize="none"
              problem={problem}
            />
          )}
        <button type="submit" class="button blue whole">
          {password ? "Send the link" : "Send my username"}
        </button>
      </form>
      <BackToSignIn />
      <Help frame={frame} />
    </Door>
  );
}

/** Says neither whether there is such a logon nor whether a mail was sent. */
export function MailSentPage(
  props: { frame: PortalFrame; forgotten: Forgotten },
): JSX.Element {
  const password = props.forgotten === "password";
  return (
    <Door frame={props.frame} title="Check your email" wrong={false}>
      <p role="status">
        {password
          ? "If you have a logon and the school has your email address, an email with a link is on its way to you."
          : "If this is the address that the school has for you, an email with your username is on its way to you."}
      </p>
      <ul class="facts">
        <li>It can take a few minutes. Look in the junk folder too.</li>
        {password && <li>The link works once, for 30 minutes. A newer one ends an older one.</li>}
        <li>You can ask three times in a row; after that there is a wait.</li>
        <li>
          Nothing comes? The school may have another address, or none.{" "}
          {props.frame.officePhone === ""
            ? "Ask the school office."
            : `Ring the school office: ${props.frame.officePhone}.`}
        </li>
      </ul>
      <BackToSignIn />
    </Door>
  );
}

export function NewPasswordPage(
  props: {
    frame: PortalFrame;
    token: string;
    username: string;
    shortest: number;
    problem: string | undefined;
  },
): JSX.Element {
  const { problem } = props;
  return (
    <Door frame={props.frame} title="Choose a new password" wrong={problem !== undefined}>
      <p>
        For the username <bdi>{props.username}</bdi>. You then sign in with it{" "}
        as always. Wherever else you are signed in, you are signed out.
      </p>
      <form method="post" action="/portal/new-password" novalidate>
        <ProblemSummary problems={problem === undefined ? [] : [["chosen", problem]]} />
        <input type="hidden" name="link" value={props.token} />
        <input
          type="text"
          class="quiet"
          autocomplete="username"
          value={props.username}
          readonly
          tabindex={-1}
          aria-hidden="true"
        />
        <Field
          name="chosen"
          label="New password"
          type="password"
          hint={`At least ${props.shortest} characters. Three or four words are easy to remember.`}
          autocomplete="new-password"
          problem={problem}
          autofocus={problem === undefined}
          reveal
        />
        <button type="submit" class="button blue whole">Save password</button>
      </form>
      <Help frame={props.frame} />
    </Door>
  );
}

export function DeadLinkPage(props: { frame: PortalFrame }): JSX.Element {
  return (
    <Door frame={props.frame} title="This link does not work any more" wrong={false}>
      <p>
        A link works once and for 30 minutes, and a newer one ends an older one. Look whether a
        newer email has come, or ask for another link.
      </p>
      <a class="button blue whole" href="/portal/forgot-password">Ask for another link</a>
      <BackToSignIn />
      <Help frame={props.frame} />
    </Door>
  );
}

function BackToSignIn(): JSX.Element {
  return (
    <p>
      <a href="/portal/sign-in">Back to signing in</a>
    </p>
  );
}

function Door(
  props: { frame: PortalFrame; title: string; wrong: boolean; children: Child },
): JSX.Element {
  const { frame, title } = props;
  return (
    <PlainPage
      title={props.wrong ? `Error: ${title}` : title}
      schoolName={frame.schoolName}
      theme={frame.theme}
      portal
    >
      <div class="door">
        <SchoolMark name={frame.schoolName} />
        <h1>{title}</h1>
        {props.children}
      </div>
    </PlainPage>
  );
}
