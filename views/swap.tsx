// How pieces of a page are exchanged without loading it anew: the only file that knows htmx.
//
// A link with `data-opens` opens the window with what it leads to; without script it loads the page. A list has hundreds of
// them, each of which htmx would have to set up: app.js waits for the click and has htmx ask then.

import type { Child } from "hono/jsx";
import type { JSX } from "hono/jsx/jsx-runtime";

type Attributes = Record<string, string>;

/** Ids of the places that answers land in. */
const DIALOG_BODY = "#dialog-body";
export const LOGONS = "#logons";
export const MAILS = "#credential-mails";
export const COVERAGE = "#coverage";
export const MISSING = "#missing";
export const LEARNERS = "#learners-list";
export const CONTACTS = "#contacts-list";
export const RECORD = "#record";
export const HEADING = "main > .heading";
export const SIGN_INS = "#sign-ins";
export const ALERTS = "#task-alerts";
export const TOASTS = "#toasts";

/** A form in the window that asks for something, and whose answer is the window anew. */
export function searchesInDialog(action: string): Attributes {
  return { "hx-get": action, "hx-target": DIALOG_BODY, "hx-swap": "innerHTML" };
}

/** A form whose answer takes its place in the window, unless it consists of partials; its buttons rest meanwhile. */
export function submitsInDialog(action: string): Attributes {
  return {
    "hx-post": action,
    "hx-target": DIALOG_BODY,
    "hx-swap": "innerHTML",
    "hx-disable": "findAll button[type=submit]",
    "hx-sync": "this:drop",
  };
}

/** A form that sends a file from the window: no time limit, since a school's line may be slow. */
export function uploadsInDialog(action: string): Attributes {
  return {
    ...submitsInDialog(action),
    "hx-encoding": "multipart/form-data",
    "hx-config": '{"timeout": 0}',
  };
}

/** A button of a form that has one part of it drawn anew, with everything that was typed so far. */
export function redraws(action: string, target: string): Attributes {
  return {
    "hx-post": action,
    "hx-target": target,
    "hx-swap": "outerHTML",
    // A queue of their own, not the form's: a redrawing must neither hold up nor end what Save has sent.
    "hx-sync": "closest .dialog-content:replace",
  };
}

/** A button of a form that has its whole window drawn anew, with everything that was typed so far. */
export function redrawsWindow(action: string): Attributes {
  return { ...redraws(action, DIALOG_BODY), "hx-swap": "innerHTML" };
}

/** A field that has one part of its form drawn anew as somebody types. */
export function redrawsAsTyped(action: string, target: string): Attributes {
  return {
    ...redraws(action, target),
    "hx-trigger": "input changed delay:200ms, search",
    "hx-sync": "this:replace",
  };
}

/** A choice that has one part of its form drawn anew. */
export function redrawsOnChange(action: string, target: string): Attributes {
  return { ...redraws(action, target), "hx-trigger": "change", "hx-sync": "this:replace" };
}

/** A filter form: its answer takes the place of `target` as somebody types, and the address bar follows. */
export function filters(action: string, target: string): Attributes {
  return {
    "hx-get": action,
    "hx-target": target,
    "hx-swap": "outerHTML",
    "hx-trigger": "input changed delay:250ms, submit",
    "hx-sync": "this:replace",
  };
}

/** A link that exchanges only `target`; the address bar follows, and Back leads back. */
export function goesTo(href: string, target: string): Attributes {
  return { "hx-get": href, "hx-target": target, "hx-swap": "outerHTML", "hx-push-url": "true" };
}

/** As {@link goesTo}, from the foot of a list: the new page is read from its beginning. */
export function turnsTo(href: string, target: string): Attributes {
  return { ...goesTo(href, target), "hx-swap": "outerHTML show:top" };
}

/** A button that does something and whose answer consists of partials. */
export function posts(action: string, values: Record<string, string> = {}): Attributes {
  return {
    "hx-post": action,
    "hx-swap": "none",
    "hx-disable": "this",
    ...(Object.keys(values).length > 0 ? { "hx-vals": JSON.stringify(values) } : {}),
  };
}

/** A region that asks again every so often; app.js lets it rest while nobody looks. @param seconds between two questions */
export function polls(href: string, seconds: number): Attributes {
  return {
    "hx-get": href,
    "hx-trigger": `every ${seconds}s`,
    "hx-swap": "outerHTML",
    "data-poll": "",
  };
}

/** A region that loads itself again when the page tells it that something has changed. */
export function reloadsOn(event: string, href: string): Attributes {
  return {
    "hx-get": href,
    "hx-trigger": `${event} from:body`,
    "hx-swap": "outerHTML",
    "hx-target": "this",
  };
}

/** A piece of an answer that lands in a place of its own. */
export function Partial(
  props: { target: string; swap?: "outerHTML" | "innerHTML" | "beforeend"; children?: Child },
): JSX.Element {
  return (
    <hx-partial hx-target={props.target} hx-swap={props.swap ?? "outerHTML"}>
      {props.children}
    </hx-partial>
  );
}

/**
 * Headers of an answer that consists of partials only. Without them htmx drops the whole answer when the place that asked
 * has gone meanwhile.
 * @param events names that the page's own script listens to
 */
export function partialsOnly(events: readonly string[] = []): Record<string, string> {
  return {
    "HX-Retarget": "body",
    "HX-Reswap": "none",
    ...(events.length > 0
      ? { "HX-Trigger": JSON.stringify(Object.fromEntries(events.map((event) => [event, {}]))) }
      : {}),
  };
}

/** Header of an answer after which the browser goes to another page. */
export function leadsTo(href: string): Record<string, string> {
  return { "HX-Redirect": href };
}

/** Headers of an answer that is a window, to a form outside of it whose answers else consist of partials. */
export function asDialog(): Record<string, string> {
  return { "HX-Retarget": DIALOG_BODY, "HX-Reswap": "innerHTML" };
}

/** Headers of a refusal: it is said among the toasts, and nothing on the page is exchanged. */
export function asToast(): Record<string, string> {
  return { "HX-Retarget": TOASTS, "HX-Reswap": "beforeend" };
}

/** Whether the browser asks for a piece; going back and opening an address ask for a page. */
export function asksForPiece(header: (name: string) => string | undefined): boolean {
  return header("HX-Request-Type") === "partial";
}
