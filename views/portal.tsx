// The Parent Portal's door: signing in and choosing a password; for a thumb, at 320 pixels.

import type { JSX } from "hono/jsx/jsx-runtime";
import { PlainPage, type Theme } from "./layout.tsx";
import { PASSKEY_SCRIPTS, PasskeyButton } from "./passkey_button.tsx";
import { Field, ProblemSummary } from "./ui.tsx";

export type PortalFrame = {
  readonly schoolName: string;
  readonly theme: Theme;
  /** Whom to ring; empty if the school has not said. */
  readonly officePhone: string;
};

export function PortalSignInPage(
  props: {
    frame: PortalFrame;
    username: string;
    next: string;
    problem?: string | undefined;
    said?: string | undefined;
  },
): JSX.Element {
  return (
    <PlainPage
      title={props.problem ? "Error: Sign in" : "Sign in"}
      schoolName={props.frame.schoolName}
      theme={props.frame.theme}
      scripts={PASSKEY_SCRIPTS}
      portal
    >
      <div class="door">
        <SchoolMark name={props.frame.schoolName} />
        <h1>Parent Portal</h1>
        <p class="soft">{props.frame.schoolName}</p>
        {props.said && <p role="status" class="notice green">{props.said}</p>}
        {props.problem && <p class="summary" role="alert">{props.problem}</p>}
        <form method="post" action="/portal/sign-in">
          <input type="hidden" name="next" value={props.next} />
          <Field
            name="username"
            label="Username"
            value={props.username}
            autocomplete="username"
            spellcheck={false}
            autocapitalize="none"
          />
          <Field
            name="password"
            label="Password"
            type="password"
            autocomplete="current-password"
            reveal
          />
          <button type="submit" class="button blue whole">Sign in</button>
        </form>
        <PasskeyButton door="/portal/sign-in" next={props.next} />
        <ul class="ways">
          <li>
            <a href="/portal/forgot-password">Forgot your password?</a>
          </li>
          <li>
            <a href="/portal/forgot-username">Forgot your username?</a>
          </li>
        </ul>
        <Help frame={props.frame} />
      </div>
    </PlainPage>
  );
}

export function PortalPasswordPage(
  props: {
    frame: PortalFrame;
    username: string;
    /** The parent signed in with a password that somebody else chose. */
    must: boolean;
    shortest: number;
    problems: { current?: string | undefined; chosen?: string | undefined };
  },
): JSX.Element {
  const { current, chosen } = props.problems;
  const listed = [
    ...(current ? [["current", current] as const] : []),
    ...(chosen ? [["chosen", chosen] as const] : []),
  ];
  return (
    <PlainPage
      title={listed.length > 0 ? "Error: Choose a password" : "Choose a password"}
      schoolName={props.frame.schoolName}
      theme={props.frame.theme}
      portal
    >
      <div class="door">
        <SchoolMark name={props.frame.schoolName} />
        <h1>Choose a password</h1>
        <p>
          {props.must
            ? "The password you were given is temporary. Choose one that only you know."
            : "Your new password replaces the old one everywhere."}
        </p>
        <form method="post" action="/portal/password" novalidate>
          <ProblemSummary problems={listed} />
          <input
            type="text"
            class="quiet"
            autocomplete="username"
            value={props.username}
            readonly
            tabindex={-1}
            aria-hidden="true"
          />
          {!props.must && (
            <Field
              name="current"
              label="Password now"
              type="password"
              autocomplete="current-password"
              problem={current}
              reveal
            />
          )}
          <Field
            name="chosen"
            label="New password"
            type="password"
            hint={`At least ${props.shortest} characters. Three or four words are easy to remember.`}
            autocomplete="new-password"
            problem={chosen}
            reveal
          />
          <button type="submit" class="button blue whole">Save password</button>
        </form>
        {props.must
          ? (
            <form method="post" action="/portal/sign-out">
              <button type="submit" class="link">Sign out</button>
            </form>
          )
          : (
            <p>
              <a href="/portal">Back</a>
            </p>
          )}
        <Help frame={props.frame} />
      </div>
    </PlainPage>
  );
}

export function Help(props: { frame: PortalFrame }): JSX.Element {
  const phone = props.frame.officePhone;
  return (
    <p class="soft small help">
      Trouble signing in?{" "}
      {phone === "" ? "Ask the school office." : `Ring the school office: ${phone}.`}
    </p>
  );
}

export function SchoolMark(props: { name: string }): JSX.Element {
  return <span class="mark" aria-hidden="true">{[...props.name][0]}</span>;
}
