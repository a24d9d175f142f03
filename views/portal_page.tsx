// The frame of every page behind the portal's door: the school, the way home and the way out.

import type { Child } from "hono/jsx";
import type { JSX } from "hono/jsx/jsx-runtime";
import { PlainPage } from "./layout.tsx";
import { Help, type PortalFrame } from "./portal.tsx";
import { Icon } from "./ui.tsx";

/** @param props.heading in place of the title, where the page says more than its name */
export function PortalPage(
  props: { frame: PortalFrame; title: string; heading?: Child; home?: boolean; children: Child },
): JSX.Element {
  const { frame, title } = props;
  return (
    <PlainPage title={title} schoolName={frame.schoolName} theme={frame.theme} portal>
      <div class="portal-home">
        <header class="portal-head">
          {props.home ? <strong>{frame.schoolName}</strong> : (
            <a href="/portal">
              <strong>{frame.schoolName}</strong>
            </a>
          )}
          <form method="post" action="/portal/sign-out">
            <button type="submit" class="button">
              <Icon name="log-out" /> Sign out
            </button>
          </form>
        </header>
        {props.heading ?? <h1>{title}</h1>}
        {props.children}
        {!props.home && (
          <p>
            <a href="/portal">Back to the Parent Portal</a>
          </p>
        )}
        <Help frame={frame} />
      </div>
    </PlainPage>
  );
}
