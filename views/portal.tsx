// The Parent Portal: signing in, choosing a password, and the parent's own learners; for a thumb, at 320 pixels.

import type { JSX } from "hono/jsx/jsx-runtime";
import type { PortalLearner } from "../db/learners.ts";
import { PlainPage, type Theme } from "./layout.tsx";
import { PASSKEY_SCRIPTS, PasskeyButton } from "./passkey_button.tsx";
import { Field, Icon, Name, ProblemSummary } from "./ui.tsx";

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

export function PortalHomePage(
  props: {
    frame: PortalFrame;
    parent: { firstName: string; surname: string };
    learners: readonly PortalLearner[];
    said: string | undefined;
  },
): JSX.Element {
  return (
    <PlainPage
      title="Parent Portal"
      schoolName={props.frame.schoolName}
      theme={props.frame.theme}
      portal
    >
      <div class="portal-home">
        <header class="portal-head">
          <strong>{props.frame.schoolName}</strong>
          <form method="post" action="/portal/sign-out">
            <button type="submit" class="button">
              <Icon name="log-out" /> Sign out
            </button>
          </form>
        </header>
        <h1>
          Welcome, <bdi>{props.parent.firstName}</bdi>
        </h1>
        {props.said && <p class="notice green" role="status">{props.said}</p>}
        <section aria-labelledby="children">
          <h2 id="children">{props.learners.length === 1 ? "Your child" : "Your children"}</h2>
          {props.learners.length === 0
            ? (
              <p class="notice">
                No child is linked to your logon at the moment. Ask the school office if that is not
                right.
              </p>
            )
            : (
              <ul class="children">
                {props.learners.map((learner) => (
                  <li>
                    <strong>
                      <Name of={learner} />
                    </strong>
                    <span class="soft">
                      {[learner.yearGroup, learner.registrationGroup].filter(Boolean).join(", ")}
                    </span>
                  </li>
                ))}
              </ul>
            )}
        </section>
        <section aria-labelledby="own">
          <h2 id="own">Your logon</h2>
          <p>
            <a class="button" href="/portal/password">Change password</a>
          </p>
          <p>
            <a class="button" href="/portal/tfa">Two factor authentication</a>
          </p>
          <p>
            <a class="button" href="/portal/passkeys">Passkeys</a>
          </p>
        </section>
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
