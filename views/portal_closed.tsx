// What parents see while the school has closed the portal, and what the office is reminded of meanwhile.

import type { JSX } from "hono/jsx/jsx-runtime";
import { PlainPage } from "./layout.tsx";
import { type PortalFrame, SchoolMark } from "./portal.tsx";

/** @param props.message in the school's own words; empty for none */
export function PortalClosedPage(props: { frame: PortalFrame; message: string }): JSX.Element {
  const { frame, message } = props;
  return (
    <PlainPage title="Closed for now" schoolName={frame.schoolName} theme={frame.theme} portal>
      <div class="door">
        <SchoolMark name={frame.schoolName} />
        <h1>The Parent Portal is closed for now</h1>
        <p class="soft">{frame.schoolName}</p>
        {message === ""
          ? <p>The school has closed it for a while. Please come back later.</p>
          : <p class="message-of-school">{message}</p>}
        <p>Your username and your password stay as they are.</p>
        <p class="soft small help">
          {frame.officePhone === ""
            ? "If it cannot wait, ask the school office."
            : `If it cannot wait, ring the school office: ${frame.officePhone}.`}
        </p>
      </div>
    </PlainPage>
  );
}

/** On Parent Logons, so that nobody looks for another reason why parents cannot sign in. */
export function PortalClosedBanner(props: { mayOpen: boolean }): JSX.Element {
  return (
    <p class="notice" role="note">
      The Parent Portal is closed: no parent can sign in. {props.mayOpen
        ? <a href="/settings#field-portal">Open it in Settings</a>
        : "An Administrator can open it in Settings."}
    </p>
  );
}
