// The frame of pages about how one signs in oneself: the same for parents and for the office.

import type { Child } from "hono/jsx";
import type { JSX } from "hono/jsx/jsx-runtime";
import { PlainPage, type Theme } from "./layout.tsx";
import { Help, SchoolMark } from "./portal.tsx";

export type OwnFrame = {
  readonly side: "portal" | "office";
  readonly schoolName: string;
  readonly theme: Theme;
  /** Whom parents ring; empty if the school has not said. */
  readonly officePhone: string;
};

/** Addresses that differ between the two sides, and who helps there. */
export const OWN = {
  portal: {
    home: "/portal",
    own: "/portal",
    signIn: "/portal/sign-in",
    signOut: "/portal/sign-out",
    helper: "the school office",
  },
  office: {
    home: "/logons",
    own: "/account",
    signIn: "/sign-in",
    signOut: "/sign-out",
    helper: "an Administrator",
  },
} as const;

/** @param scripts names of static files that this page alone needs */
export function OwnPage(
  props: {
    frame: OwnFrame;
    title: string;
    wrong?: boolean;
    scripts?: readonly string[];
    children: Child;
  },
): JSX.Element {
  const { frame, title } = props;
  return (
    <PlainPage
      title={props.wrong ? `Error: ${title}` : title}
      schoolName={frame.schoolName}
      theme={frame.theme}
      scripts={props.scripts ?? []}
      portal={frame.side === "portal"}
    >
      <div class="door">
        <SchoolMark name={frame.schoolName} />
        <h1>{title}</h1>
        {props.children}
        {frame.side === "portal" && <Help frame={frame} />}
      </div>
    </PlainPage>
  );
}

/** The way out where something has to be done first. */
export function SignOut(props: { frame: OwnFrame }): JSX.Element {
  return (
    <form method="post" action={OWN[props.frame.side].signOut}>
      <button type="submit" class="link">Sign out</button>
    </form>
  );
}

/** So that a password manager knows whose password is asked for. */
export function WhoseUsername(props: { username: string }): JSX.Element {
  return (
    <input
      type="text"
      class="quiet"
      autocomplete="username"
      value={props.username}
      readonly
      tabindex={-1}
      aria-hidden="true"
    />
  );
}
