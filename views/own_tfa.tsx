// One's own two factor authentication, of a parent and of an admin: setting it up, the code at signing in, and the recovery codes.

import type { JSX } from "hono/jsx/jsx-runtime";
import type { TfaState } from "../db/tfa.ts";
import { OWN, type OwnFrame, OwnPage, SignOut, WhoseUsername } from "./own.tsx";
import { QrCode } from "./qr_code.tsx";
import { RememberedDevices, RememberOffer, type ShownDevice } from "./remembered_devices.tsx";
import { count, type Times } from "./times.ts";
import { Field, ProblemSummary } from "./ui.tsx";

/** Where a parent stands who wants to know. */
export function TfaPage(
  props: {
    frame: OwnFrame;
    tfa: TfaState;
    confirmedAt: Date | null;
    codesLeft: number;
    devices: readonly ShownDevice[];
    /** How long a device is remembered; 0 for never. */
    rememberDays: number;
    times: Times;
    /** The school requires it of every admin. */
    required: boolean;
    username: string;
    said?: string | undefined;
    problem?: string | undefined;
    /** What was wrong with switching it off. */
    off?: string | undefined;
  },
): JSX.Element {
  const { frame, codesLeft } = props;
  return (
    <OwnPage
      frame={frame}
      title="Two factor authentication"
      wrong={props.problem !== undefined || props.off !== undefined}
    >
      {props.said && <p class="notice green" role="status">{props.said}</p>}
      {props.tfa !== "set up"
        ? (
          <>
            <p>
              It is off. With it, nobody gets in with your password alone: they need a code from
              your phone as well.
            </p>
            <p>
              You need an authenticator app, such as the one of Google or Microsoft, or the
              passwords that come with your phone.
            </p>
            <a class="button blue whole" href={`${OWN[props.frame.side].own}/tfa/set-up`}>
              Set it up
            </a>
          </>
        )
        : (
          <>
            <p>
              It is set up{props.confirmedAt !== null &&
                `, since ${props.times.full(props.confirmedAt)}`}. You need a code from your app
              whenever you sign in. {frame.side === "portal"
                ? "To switch it off, or if you have a new phone, ask the school office."
                : "If you have lost the phone, ask an Administrator."}
            </p>
            <h2>Recovery codes</h2>
            <p class={codesLeft < 3 ? "notice" : undefined}>
              {codesLeft === 0
                ? "You have none left. Make new ones now, so that you can sign in without your phone."
                : `You have ${
                  count(codesLeft, "code")
                } left for the day you have no phone with you.`}
            </p>
            <form
              method="post"
              action={`${OWN[props.frame.side].own}/tfa/recovery-codes`}
              novalidate
            >
              <ProblemSummary problems={problemOf("code", props.problem)} />
              <CodeField
                problem={props.problem}
                hint="From your app. New recovery codes end the ones you have."
              />
              <button type="submit" class="button whole">Make new recovery codes</button>
            </form>
            {frame.side === "office" ? <SwitchOff {...props} /> : (
              <RememberedDevices
                devices={props.devices}
                days={props.rememberDays}
                times={props.times}
              />
            )}
          </>
        )}
      <p>
        <a href={OWN[props.frame.side].own}>Back</a>
      </p>
    </OwnPage>
  );
}

/** An admin's own way out, unless the school requires it. */
function SwitchOff(
  props: { required: boolean; username: string; off?: string | undefined },
): JSX.Element {
  if (props.required) return <p class="soft">The school requires it of every admin.</p>;
  return (
    <form method="post" action="/account/tfa/removal" novalidate>
      <h2>Switch it off</h2>
      <ProblemSummary problems={problemOf("own_password", props.off)} />
      <WhoseUsername username={props.username} />
      <Field
        name="own_password"
        label="Your own password"
        type="password"
        autocomplete="current-password"
        problem={props.off}
        reveal
      />
      <button type="submit" class="button red whole">Switch off</button>
    </form>
  );
}

/** The secret as a picture and in letters, and the code that proves that the app has it. */
export function SetUpPage(
  props: {
    frame: OwnFrame;
    /** What the picture says. */
    address: string;
    /** The same for typing, in groups of four. */
    typedKey: string;
    /** The office requires it: there is no way back. */
    must: boolean;
    /** Whether the own password is asked for again. */
    confirm: boolean;
    username: string;
    problems: { code?: string | undefined; current?: string | undefined };
  },
): JSX.Element {
  const { problems } = props;
  const listed = [...problemOf("current", problems.current), ...problemOf("code", problems.code)];
  return (
    <OwnPage
      frame={props.frame}
      title="Set up two factor authentication"
      wrong={listed.length > 0}
    >
      <p>
        {props.must
          ? "The school asks you to sign in with a code from your phone, beside your password."
          : "Sign in with a code from your phone, beside your password."}
      </p>
      <form method="post" action={`${OWN[props.frame.side].own}/tfa/set-up`} novalidate>
        <ProblemSummary problems={listed} />
        <ol class="set-up">
          <li>
            <p>
              Open an authenticator app on your phone. Any will do, such as the one of Google or
              Microsoft, or the passwords that come with your phone.
            </p>
          </li>
          <li>
            <p>Scan this picture with it.</p>
            <QrCode text={props.address} label="Picture to scan with the app" />
            <p>
              On this phone already?{" "}
              <a href={props.address}>Open your app with it</a>, or type this key into the app:
            </p>
            <code class="key" aria-label="Key">{props.typedKey}</code>
          </li>
          <li>
            <p>The app shows six digits. Enter them here.</p>
            {props.confirm && (
              <>
                <WhoseUsername username={props.username} />
                <Field
                  name="current"
                  label="Your password"
                  type="password"
                  autocomplete="current-password"
                  problem={problems.current}
                  reveal
                />
              </>
            )}
            <CodeField problem={problems.code} />
          </li>
        </ol>
        <button type="submit" class="button blue whole">Confirm</button>
      </form>
      {props.must ? <SignOut frame={props.frame} /> : (
        <p>
          <a href={`${OWN[props.frame.side].own}/tfa`}>Back</a>
        </p>
      )}
    </OwnPage>
  );
}

/** Shown once: they are stored as hashes only. The form carries them, so that the file can be made without storing them. */
export function RecoveryCodesPage(
  props: { frame: OwnFrame; codes: readonly string[]; first: boolean },
): JSX.Element {
  return (
    <OwnPage frame={props.frame} title="Your recovery codes" wrong={false}>
      {props.first && (
        <p class="notice green" role="status">
          Two factor authentication is set up.
        </p>
      )}
      <p>
        If you are ever without your phone, one of these signs you in, in place of a code. Each
        works once.{" "}
        <strong>They are not shown again</strong>: print them, write them down or keep the file, but
        not on the same phone.
      </p>
      <ul class="recovery-codes">
        {props.codes.map((code) => (
          <li>
            <code>{code}</code>
          </li>
        ))}
      </ul>
      <form method="post" action={`${OWN[props.frame.side].own}/tfa/recovery-file`}>
        {props.codes.map((code) => <input type="hidden" name="recovery_code" value={code} />)}
        <button type="submit" class="button whole">Download them as a file</button>
      </form>
      <form method="get" action={OWN[props.frame.side].home}>
        {props.first && props.frame.side === "portal" && (
          <input type="hidden" name="saved" value="tfa" />
        )}
        <button type="submit" class="button blue whole">I have kept them</button>
      </form>
    </OwnPage>
  );
}

/** The second step of signing in. */
export function CodePage(
  props: {
    frame: OwnFrame;
    next: string;
    /** How long the device can be remembered; 0 for never. */
    rememberDays: number;
    problem?: string | undefined;
  },
): JSX.Element {
  return (
    <OwnPage frame={props.frame} title="Enter your code" wrong={props.problem !== undefined}>
      <form method="post" action={`${OWN[props.frame.side].own}/tfa/code`} novalidate>
        <ProblemSummary problems={problemOf("code", props.problem)} />
        <input type="hidden" name="next" value={props.next} />
        <CodeField
          problem={props.problem}
          hint="The six digits that your authenticator app shows for this school."
          autofocus={props.problem === undefined}
        />
        <RememberOffer days={props.rememberDays} />
        <button type="submit" class="button blue whole">Continue</button>
      </form>
      <p>
        <a
          href={`${OWN[props.frame.side].own}/tfa/recovery?next=${encodeURIComponent(props.next)}`}
        >
          Use a recovery code
        </a>
      </p>
      <SignOut frame={props.frame} />
    </OwnPage>
  );
}

/** The second step for whoever has no phone at hand. */
export function RecoveryPage(
  props: { frame: OwnFrame; next: string; problem?: string | undefined },
): JSX.Element {
  return (
    <OwnPage frame={props.frame} title="Use a recovery code" wrong={props.problem !== undefined}>
      <form method="post" action={`${OWN[props.frame.side].own}/tfa/recovery`} novalidate>
        <ProblemSummary problems={problemOf("recovery_code", props.problem)} />
        <input type="hidden" name="next" value={props.next} />
        <Field
          name="recovery_code"
          label="Recovery code"
          hint="One of the ten that you kept when you set it up, such as 7K2M-W4QX-9DHT. Each works once."
          problem={props.problem}
          spellcheck={false}
          autocapitalize="none"
          autofocus={props.problem === undefined}
        />
        <button type="submit" class="button blue whole">Continue</button>
      </form>
      <p>
        No phone and no codes? Ask {OWN[props.frame.side].helper}: they will ask who you are.
      </p>
      <p>
        <a href={`${OWN[props.frame.side].own}/tfa/code?next=${encodeURIComponent(props.next)}`}>
          Enter a code instead
        </a>
      </p>
      <SignOut frame={props.frame} />
    </OwnPage>
  );
}

/** What the downloaded file says. */
export function recoveryFile(frame: OwnFrame, codes: readonly string[]): string {
  const where = frame.side === "portal"
    ? "the Parent Portal"
    : "Parent Logons, the office’s pages,";
  return [
    `Recovery codes for ${where} of ${frame.schoolName}`,
    "",
    "Each signs you in once in place of a code from your phone.",
    "",
    ...codes,
    "",
  ].join("\r\n");
}

/** Phones offer the code from the app, or a password manager, above the keyboard. */
function CodeField(
  props: { problem?: string | undefined; hint?: string; autofocus?: boolean },
): JSX.Element {
  return (
    <Field
      name="code"
      label="Code"
      hint={props.hint}
      autocomplete="one-time-code"
      inputmode="numeric"
      problem={props.problem}
      spellcheck={false}
      autofocus={props.autofocus ?? false}
    />
  );
}

function problemOf(
  field: string,
  sentence: string | undefined,
): (readonly [string, string])[] {
  return sentence === undefined ? [] : [[field, sentence]];
}
