// The page on which one's own passkeys are added, renamed and removed, and the step of signing in that asks for one.

import type { JSX } from "hono/jsx/jsx-runtime";
import type { Passkey } from "../db/passkeys.ts";
import { OWN, type OwnFrame, OwnPage, SignOut, WhoseUsername } from "./own.tsx";
import { PASSKEY_SCRIPTS, PasskeyButton } from "./passkey_button.tsx";
import type { Times } from "./times.ts";
import { ConfirmPassword, Field, ProblemSummary } from "./ui.tsx";

/** One's own passkeys. */
export function PasskeysPage(
  props: {
    frame: OwnFrame;
    passkeys: readonly Passkey[];
    most: number;
    username: string;
    /** Whether the own password is asked for again. */
    confirm: boolean;
    times: Times;
    name: string;
    said?: string | undefined;
    problems: { name?: string | undefined; passkey?: string | undefined };
  },
): JSX.Element {
  const { frame, passkeys } = props;
  const { name, passkey } = props.problems;
  const listed = [
    ...(name === undefined ? [] : [["name", name] as const]),
    ...(passkey === undefined ? [] : [["name", passkey] as const]),
  ];
  const base = `${OWN[frame.side].own}/passkeys`;
  return (
    <OwnPage frame={frame} title="Passkeys" wrong={listed.length > 0} scripts={PASSKEY_SCRIPTS}>
      {props.said && <p class="notice green" role="status">{props.said}</p>}
      <ProblemSummary problems={listed} />
      <p>
        A passkey signs you in with your fingerprint, your face or the lock of your device: no
        password, and no code.
      </p>
      {passkeys.length > 0 && (
        <ul class="passkeys" aria-label="Your passkeys">
          {passkeys.map((one) => <PasskeyRow base={base} passkey={one} times={props.times} />)}
        </ul>
      )}
      {passkeys.length >= props.most
        ? (
          <p class="notice">
            You have {props.most} passkeys, the most there can be. Remove one to add another.
          </p>
        )
        : (
          <>
            <p class="notice" data-passkey-unable>
              This browser cannot make a passkey. Open the page on a phone, or in a newer browser.
            </p>
            <form
              method="post"
              action={base}
              data-passkey="add"
              data-options={`${base}/options`}
              hidden
              novalidate
            >
              <h2>{passkeys.length === 0 ? "Add your first passkey" : "Add another passkey"}</h2>
              <p class="summary" role="alert" data-says hidden></p>
              <input type="hidden" name="passkey" value="" />
              {props.confirm && <WhoseUsername username={props.username} />}
              <Field
                name="name"
                label="Name"
                hint="So that you know it again, such as: My phone"
                value={props.name}
                problem={name}
              />
              <ConfirmPassword needed={props.confirm} />
              <button type="submit" class="button blue whole">Add a passkey</button>
            </form>
          </>
        )}
      <p>
        <a href={OWN[frame.side].own}>Back</a>
      </p>
    </OwnPage>
  );
}

function PasskeyRow(
  props: { base: string; passkey: Passkey; times: Times },
): JSX.Element {
  const { passkey, times } = props;
  return (
    <li>
      <div>
        <strong>
          <bdi>{passkey.name}</bdi>
        </strong>
        <span class="soft small">
          Added on {times.full(passkey.createdAt)}. {passkey.lastUsedAt === null
            ? "Not used yet."
            : `Last used on ${times.full(passkey.lastUsedAt)}.`}{" "}
          {passkey.synced && "Kept by your password manager."}
        </span>
      </div>
      <div class="pair">
        <a
          class="button"
          href={`${props.base}/${passkey.id}/name`}
          aria-label={`Rename ${passkey.name}`}
        >
          Rename
        </a>
        <a
          class="button"
          href={`${props.base}/${passkey.id}/removal`}
          aria-label={`Remove ${passkey.name}`}
        >
          Remove
        </a>
      </div>
    </li>
  );
}

/** Its name, to be changed. It signs in as before. */
export function RenamePasskeyPage(
  props: { frame: OwnFrame; passkey: Passkey; name: string; problem?: string | undefined },
): JSX.Element {
  const base = `${OWN[props.frame.side].own}/passkeys`;
  const { problem } = props;
  return (
    <OwnPage frame={props.frame} title="Rename this passkey" wrong={problem !== undefined}>
      <form method="post" action={`${base}/${props.passkey.id}/name`} novalidate>
        <ProblemSummary problems={problem === undefined ? [] : [["name", problem]]} />
        <Field name="name" label="Name" value={props.name} problem={problem} autofocus />
        <button type="submit" class="button blue whole">Save name</button>
      </form>
      <p>
        <a href={base}>Back</a>
      </p>
    </OwnPage>
  );
}

/** Asks once before a passkey is removed. */
export function RemovePasskeyPage(
  props: {
    frame: OwnFrame;
    passkey: Passkey;
    username: string;
    confirm: boolean;
    problem?: string | undefined;
  },
): JSX.Element {
  const base = `${OWN[props.frame.side].own}/passkeys`;
  const { problem } = props;
  return (
    <OwnPage frame={props.frame} title="Remove this passkey?" wrong={problem !== undefined}>
      <p>
        <strong>
          <bdi>{props.passkey.name}</bdi>
        </strong>{" "}
        does not sign you in any more. You can delete it from your device afterwards.
      </p>
      <form method="post" action={`${base}/${props.passkey.id}/removal`} novalidate>
        <ProblemSummary problems={problem === undefined ? [] : [["own_password", problem]]} />
        {props.confirm && <WhoseUsername username={props.username} />}
        <ConfirmPassword needed={props.confirm} problem={problem} />
        <button type="submit" class="button red whole">Remove</button>
      </form>
      <p>
        <a href={base}>Back</a>
      </p>
    </OwnPage>
  );
}

/** After the password, where two factors are required and a passkey is the only one there is. */
export function UsePasskeyPage(props: { frame: OwnFrame; next: string }): JSX.Element {
  const { frame } = props;
  return (
    <OwnPage frame={frame} title="Use your passkey" scripts={PASSKEY_SCRIPTS}>
      <p>Your password was right. The school asks for more than a password: use your passkey.</p>
      <p class="notice" data-passkey-unable>
        This browser cannot use a passkey. Open the page on the device that has it.
      </p>
      <PasskeyButton door={OWN[frame.side].signIn} next={props.next} />
      <p>Lost the device? Ask {OWN[frame.side].helper}: they will ask who you are.</p>
      <SignOut frame={frame} />
    </OwnPage>
  );
}
