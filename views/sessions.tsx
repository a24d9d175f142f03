// The office's door: signing in, and one's own account.

import type { JSX } from "hono/jsx/jsx-runtime";
import { type Frame, Heading, OfficePage, PlainPage, type Theme } from "./layout.tsx";
import { PASSKEY_SCRIPTS, PasskeyButton } from "./passkey_button.tsx";
import { Field, ProblemSummary } from "./ui.tsx";

export function SignInPage(
  props: {
    schoolName: string;
    theme: Theme;
    username: string;
    next: string;
    problem?: string | undefined;
    said?: string | undefined;
  },
): JSX.Element {
  const title = props.problem ? "Error: Sign in" : "Sign in";
  return (
    <PlainPage
      title={title}
      schoolName={props.schoolName}
      theme={props.theme}
      scripts={PASSKEY_SCRIPTS}
    >
      <div class="door">
        <p class="soft">{props.schoolName}</p>
        <h1>Parent Logons</h1>
        {props.said && <p role="status" class="said">{props.said}</p>}
        {props.problem && <p class="summary" role="alert">{props.problem}</p>}
        <form method="post" action="/sign-in">
          <input type="hidden" name="next" value={props.next} />
          <Field
            name="username"
            label="Username"
            value={props.username}
            autocomplete="username"
            spellcheck={false}
            autocapitalize="none"
            autofocus={props.username === ""}
          />
          <Field
            name="password"
            label="Password"
            type="password"
            autocomplete="current-password"
            autofocus={props.username !== ""}
            reveal
          />
          <button type="submit" class="button blue whole">Sign in</button>
        </form>
        <PasskeyButton door="/sign-in" next={props.next} />
        <p class="soft small">
          For the school office. Parents sign in on the <a href="/portal/sign-in">Parent Portal</a>.
        </p>
      </div>
    </PlainPage>
  );
}

export function AccountPage(
  props: {
    frame: Frame;
    problems: { current?: string; chosen?: string };
    saved: boolean;
    shortest: number;
  },
): JSX.Element {
  const { admin } = props.frame;
  const { current, chosen } = props.problems;
  const listed = [
    ...(current ? [["current", current] as const] : []),
    ...(chosen ? [["chosen", chosen] as const] : []),
  ];
  return (
    <OfficePage
      frame={props.frame}
      title={listed.length > 0 ? "Error: Your account" : "Your account"}
      place="account"
      heading={
        <Heading
          title="Your account"
          beside={<p class="beside">{admin.username}, {admin.role}</p>}
        />
      }
    >
      {admin.mustChangePassword && (
        <p class="notice" role="status">
          Somebody else chose your password. Choose your own to go on.
        </p>
      )}
      {props.saved && (
        <p class="notice green" role="status">
          Your password was changed. Wherever else you were signed in, you are signed out now.
        </p>
      )}
      <section class="card">
        <h2>Change password</h2>
        <form method="post" action="/account/password">
          <ProblemSummary problems={listed} />
          <input
            type="text"
            class="quiet"
            autocomplete="username"
            value={admin.username}
            readonly
            tabindex={-1}
            aria-hidden="true"
          />
          <Field
            name="current"
            label="Password now"
            type="password"
            autocomplete="current-password"
            problem={current}
            reveal
          />
          <Field
            name="chosen"
            label="New password"
            type="password"
            hint={`At least ${props.shortest} characters. Three or four words are easy to remember.`}
            autocomplete="new-password"
            problem={chosen}
            reveal
          />
          <button type="submit" class="button blue">Change password</button>
        </form>
      </section>
      <section class="card">
        <h2>Ways to sign in</h2>
        <p class="soft">
          A passkey signs you in with your fingerprint, your face or the lock of your device.
        </p>
        <p>
          <a class="button" href="/account/passkeys">Passkeys</a>
        </p>
        <p>
          <a class="button" href="/account/tfa">Two factor authentication</a>
        </p>
      </section>
      <section class="card">
        <h2>Appearance</h2>
        <form method="post" action="/account/theme" class="inline-form">
          {(["system", "light", "dark"] as const).map((theme) => (
            <label class="choice">
              <input
                type="radio"
                name="theme"
                value={theme}
                checked={props.frame.theme === theme}
              />
              {theme === "system" ? "As this computer" : theme === "light" ? "Light" : "Dark"}
            </label>
          ))}
          <button type="submit" class="button">Save appearance</button>
        </form>
      </section>
    </OfficePage>
  );
}
