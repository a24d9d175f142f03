// The frame of every page: head, module list, main part, options and Task Alerts beside it, the window and the toasts.

import type { Child } from "hono/jsx";
import { raw } from "hono/html";
import type { JSX } from "hono/jsx/jsx-runtime";
import type { SignedInAdmin } from "../db/sessions.ts";
import { asset } from "./assets.ts";
import type { IconName } from "./icons.ts";
import { Icon } from "./ui.tsx";

export type Theme = "light" | "dark" | "system";

/** What the frame needs to know beside the page's own content. */
export type Frame = {
  readonly schoolName: string;
  readonly theme: Theme;
  readonly admin: SignedInAdmin;
  /** The Task Alerts region; a value, since every office page carries it. */
  readonly alerts: Child;
  /** Says on Parent Logons that the portal is closed, while it is. */
  readonly portalBanner: Child;
  /** How many things need attention; one more than are counted where there are more. */
  readonly attention: number;
};

type Place =
  | "logons"
  | "attention"
  | "learners"
  | "contacts"
  | "feeds"
  | "mails"
  | "sign-ins"
  | "coverage"
  | "tasks"
  | "settings"
  | "account";

/** A page of the office: its heading, what can be done, and the main part; wide enough, what can be done stands beside it. */
export function OfficePage(
  props: {
    frame: Frame;
    title: string;
    place: Place;
    heading: Child;
    children: Child;
    options?: Child;
    /** What the window shows when the page is opened by its own address. */
    dialog?: Child;
    /** Where the page is without its window; the address bar says so once the window is closed. */
    home?: string;
    toasts?: Child;
  },
): JSX.Element {
  const { frame } = props;
  return (
    <Document title={`${props.title} · ${frame.schoolName}`} theme={frame.theme}>
      <a class="skip" href="#main">Skip to the main part</a>
      <div class="shell">
        <header class="topbar">
          <strong>{frame.schoolName}</strong>
          <button type="button" class="button" popovertarget="modules">
            <Icon name="menu" /> Menu
          </button>
        </header>
        <Modules frame={frame} place={props.place} />
        <main id="main" tabindex={-1}>
          {props.heading}
          <div class="beside-main">
            {props.options}
            {frame.alerts}
          </div>
          <div class="content">{props.children}</div>
        </main>
      </div>
      <dialog
        id="dialog"
        aria-labelledby="dialog-title"
        open={props.dialog !== undefined}
        data-home={props.dialog === undefined ? undefined : props.home ?? "/logons"}
      >
        <div id="dialog-body">{props.dialog}</div>
      </dialog>
      <div id="toasts">{props.toasts}</div>
      <p id="announcements" class="quiet" role="status"></p>
    </Document>
  );
}

/** A page without the module list: signing in, and what went wrong before. */
export function PlainPage(
  props: {
    title: string;
    schoolName: string;
    theme: Theme;
    children: Child;
    portal?: boolean;
    /** Sheets for the printer. */
    sheets?: boolean;
    /** Names of static files that this page alone needs. */
    scripts?: readonly string[];
  },
): JSX.Element {
  return (
    <Document
      title={`${props.title} · ${props.schoolName}`}
      theme={props.theme}
      class={props.portal ? "portal" : props.sheets ? "sheets" : "bare"}
      scripts={props.scripts ?? []}
    >
      <a class="skip" href="#main">Skip to the main part</a>
      <main id="main" tabindex={-1}>{props.children}</main>
    </Document>
  );
}

function Document(
  props: {
    title: string;
    theme: Theme;
    class?: string;
    scripts?: readonly string[];
    children: Child;
  },
): JSX.Element {
  return (
    <>
      {raw("<!doctype html>")}
      <html lang="en-GB" data-theme={props.theme === "system" ? undefined : props.theme}>
        <head>
          <meta charset="utf-8" />
          <meta name="viewport" content="width=device-width, initial-scale=1" />
          <meta name="color-scheme" content="light dark" />
          <meta name="referrer" content="same-origin" />
          <title>{props.title}</title>
          <meta name="htmx-config" content='{"includeIndicatorCSS":false}' />
          <link rel="icon" href={asset("icon.svg")} type="image/svg+xml" />
          <link rel="stylesheet" href={asset("app.css")} />
          <script src={asset("htmx.js")} defer></script>
          <script src={asset("app.js")} defer></script>
          <script src={asset("choices.js")} defer></script>
          <script src={asset("fields.js")} defer></script>
          <script src={asset("focus.js")} defer></script>
          <script src={asset("tasks.js")} defer></script>
          {props.scripts?.map((name) => <script src={asset(name)} defer></script>)}
        </head>
        <body class={props.class}>{props.children}</body>
      </html>
    </>
  );
}

function Modules(props: { frame: Frame; place: Place }): JSX.Element {
  const { admin } = props.frame;
  const administration = props.place !== "account";
  return (
    <nav id="modules" aria-label="Modules" popover="auto">
      <p class="school">
        <strong>{props.frame.schoolName}</strong>
      </p>
      <details
        class="module"
        open={administration}
        data-stays-open={administration ? "" : undefined}
      >
        <summary>
          <Icon name="settings" /> Administration
        </summary>
        <ul>
          <Module href="/logons" here={props.place === "logons"}>Parent Logons</Module>
          <Module href="/attention" here={props.place === "attention"}>
            Needs attention <AttentionCount of={props.frame.attention} />
          </Module>
          <Module href="/learners" here={props.place === "learners"}>Learners</Module>
          <Module href="/contacts" here={props.place === "contacts"}>Contacts</Module>
          <Module href="/feeds" here={props.place === "feeds"}>Feeds</Module>
          <Module href="/credential-mails" here={props.place === "mails"}>Mails</Module>
          <Module href="/sign-ins" here={props.place === "sign-ins"}>Sign-ins</Module>
          <Module href="/coverage" here={props.place === "coverage"}>Coverage</Module>
          <Module href="/tasks" here={props.place === "tasks"}>All tasks</Module>
          {admin.role === "Administrator" && (
            <Module href="/settings" here={props.place === "settings"}>Settings</Module>
          )}
        </ul>
      </details>
      <div class="account">
        <a href="/account" aria-current={props.place === "account" ? "page" : undefined}>
          <Icon name="user-round" />
          <span>
            <bdi>{admin.name}</bdi>
            <small>{admin.role}</small>
          </span>
        </a>
        <form method="post" action="/sign-out">
          <button type="submit" class="quiet-button">
            <Icon name="log-out" /> Sign out
          </button>
        </form>
      </div>
    </nav>
  );
}

function Module(props: { href: string; here: boolean; children: Child }): JSX.Element {
  return (
    <li>
      <a href={props.href} aria-current={props.here ? "page" : undefined}>{props.children}</a>
    </li>
  );
}

function AttentionCount(props: { of: number }): JSX.Element | null {
  if (props.of === 0) return null;
  return <span class="nav-count">{props.of > 1000 ? "1,000+" : props.of}</span>;
}

/** A page's heading, with a few words beside it. */
export function Heading(props: { title: string; beside?: Child }): JSX.Element {
  return (
    <header class="heading">
      <h1 tabindex={-1}>{props.title}</h1>
      {props.beside}
    </header>
  );
}

/** A refusal or a bug in words, in the place of the page. */
export function Message(
  props: { icon: IconName; title: string; children: Child },
): JSX.Element {
  return (
    <section class="message">
      <Icon name={props.icon} class="icon large" />
      <h1>{props.title}</h1>
      {props.children}
    </section>
  );
}
