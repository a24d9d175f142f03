// A parent's own sign-in history: when, how it went, with what and from where, in plain words.

import type { JSX } from "hono/jsx/jsx-runtime";
import type { Outcome } from "../db/sign_ins.ts";
import { Pager } from "./lists.tsx";
import type { PortalFrame } from "./portal.tsx";
import { PortalPage } from "./portal_page.tsx";
import type { Times } from "./times.ts";

/** From where: the network that the parent uses now, or an address; null where it is not known. */
export type Network = "here" | { readonly address: string } | null;

export type ShownSignIn = {
  readonly id: number;
  readonly at: Date;
  readonly outcome: Outcome;
  /** "Chrome on Android"; null where the browser did not say. */
  readonly device: string | null;
  readonly network: Network;
};

type List = {
  readonly signIns: readonly ShownSignIn[];
  readonly page: { readonly previous: number | null; readonly next: number | null };
  readonly times: Times;
};

const WORDS: Readonly<Record<Outcome, string>> = {
  "success": "Signed in",
  "unknown username": "Unknown username",
  "wrong password": "Wrong password",
  "no password": "There was no password yet",
  "password expired": "The temporary password had expired",
  "suspended": "Refused: the logon was suspended",
  "expired": "Refused: the logon had expired",
  "deleted": "Refused: the logon was deleted",
  "waiting": "Refused: too many wrong tries before",
  "waiting for code": "Right password, asked for a second step",
  "wrong code": "Right password, wrong code",
  "code not checked": "Right password; the school could not check the code",
  "passkey refused": "Passkey refused",
};

export function PortalSignInsPage(props: { frame: PortalFrame; list: List }): JSX.Element {
  return (
    <PortalPage frame={props.frame} title="Your sign-ins">
      <p>
        Whenever somebody signed in with your username, or tried to. Is there one that was not you?
        {" "}
        <a href="/portal/password">Change your password</a>,{" "}
        <a href="/portal/sessions">sign out everywhere else</a>, and tell the school office.
      </p>
      <OwnSignIns {...props.list} />
    </PortalPage>
  );
}

export function OwnSignIns(props: List): JSX.Element {
  const { signIns, times } = props;
  return (
    <section id="own-sign-ins" aria-label="Sign-ins, newest first">
      {signIns.length === 0
        ? <p class="soft">There are none yet. The next one will stand here.</p>
        : (
          <ul class="rows">
            {signIns.map((one) => (
              <li>
                <span>
                  <strong class={one.outcome === "success" ? undefined : "amber"}>
                    {WORDS[one.outcome]}
                  </strong>
                  <span class="below">
                    <time datetime={one.at.toISOString()}>{times.full(one.at)}</time>
                  </span>
                  <DeviceAndNetwork device={one.device} network={one.network} />
                </span>
              </li>
            ))}
          </ul>
        )}
      <Pager
        page={props.page}
        target="#own-sign-ins"
        hrefOf={({ after, before }) =>
          after
            ? `/portal/sign-ins?after=${after}`
            : before
            ? `/portal/sign-ins?before=${before}`
            : "/portal/sign-ins"}
      />
    </section>
  );
}

/** "Chrome on Android, from the network you use now". */
export function DeviceAndNetwork(
  props: { device: string | null; network: Network },
): JSX.Element {
  const { device, network } = props;
  const from = network === null
    ? "from an unknown network"
    : network === "here"
    ? "from the network you use now"
    : `from ${network.address}`;
  return <span class="below soft">{device ?? "Unknown device"}, {from}</span>;
}
