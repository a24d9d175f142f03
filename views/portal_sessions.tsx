// Where a parent is signed in: each device, when it was last seen, and its way out.

import type { JSX } from "hono/jsx/jsx-runtime";
import type { PortalFrame } from "./portal.tsx";
import { PortalPage } from "./portal_page.tsx";
import { DeviceAndNetwork, type Network } from "./portal_sign_ins.tsx";
import type { Times } from "./times.ts";

export type ShownSession = {
  readonly id: number;
  readonly current: boolean;
  readonly createdAt: Date;
  readonly seenAt: Date;
  readonly waiting: boolean;
  readonly device: string | null;
  readonly network: Network;
};

export function PortalSessionsPage(
  props: {
    frame: PortalFrame;
    sessions: readonly ShownSession[];
    times: Times;
    said: string | undefined;
  },
): JSX.Element {
  const { sessions } = props;
  const others = sessions.some((session) => !session.current);
  return (
    <PortalPage frame={props.frame} title="Where you are signed in">
      {props.said && <p class="notice green" role="status">{props.said}</p>}
      <ul class="rows">
        {sessions.map((session) => <Session session={session} times={props.times} />)}
      </ul>
      <form method="post" action="/portal/sessions/deletion">
        <p>
          {others
            ? "Do you miss a device, or not know one of these?"
            : "You are signed in here only. Devices that are remembered can be forgotten all the same."}
          {" "}
          After this, a code is asked for again on every device where you use one.
        </p>
        <button type="submit" class="button whole">Sign out everywhere else</button>
      </form>
      <p>
        A password that somebody else may know?{" "}
        <a href="/portal/password">Change it</a>: that signs out every other device too.
      </p>
    </PortalPage>
  );
}

function Session(props: { session: ShownSession; times: Times }): JSX.Element {
  const { session, times } = props;
  const device = session.device ?? "Unknown device";
  return (
    <li>
      <span>
        <strong>{session.current ? "This device" : device}</strong>
        <span class="below">
          {session.waiting
            ? "Not in yet: has entered the password, the next step is missing"
            : `Signed in on ${times.full(session.createdAt)}`}
        </span>
        {!session.current && <span class="below">Last seen {times.full(session.seenAt)}</span>}
        <DeviceAndNetwork device={session.device} network={session.network} />
      </span>
      {!session.current && (
        <form method="post" action={`/portal/sessions/${session.id}/deletion`}>
          <button
            type="submit"
            class="button"
            aria-label={`Sign out ${device}, signed in on ${times.full(session.createdAt)}`}
          >
            Sign out
          </button>
        </form>
      )}
    </li>
  );
}
