// What is said when something is refused, not found, or broken: as a page, or as a toast on the page that asked.

import type { JSX } from "hono/jsx/jsx-runtime";
import { Message, PlainPage, type Theme } from "./layout.tsx";
import { Partial, TOASTS } from "./swap.tsx";
import type { IconName } from "./icons.ts";
import { Toast } from "./ui.tsx";

export type ErrorKind =
  | "not found"
  | "not allowed"
  | "foreign origin"
  | "too large"
  | "database away"
  | "broken";

const WORDS: Readonly<Record<ErrorKind, { icon: IconName; title: string; sentence: string }>> = {
  "not found": {
    icon: "search",
    title: "Not found",
    sentence: "There is nothing at this address. It may have been deleted.",
  },
  "not allowed": {
    icon: "lock",
    title: "Not allowed",
    sentence: "Your role does not allow this. Ask an administrator of your school.",
  },
  "foreign origin": {
    icon: "lock",
    title: "Not accepted",
    sentence:
      "This was sent from another address than this application’s own, so nothing was changed. Open the page again and repeat it there.",
  },
  "too large": {
    icon: "triangle-alert",
    title: "Too large",
    sentence:
      "What was sent is too large, so nothing was changed. Where a file is chosen, it says how large one may be.",
  },
  "database away": {
    icon: "triangle-alert",
    title: "One moment",
    sentence:
      "The database cannot be reached just now. What was saved before is safe; what you just sent may not have been. Try again in a minute.",
  },
  "broken": {
    icon: "triangle-alert",
    title: "Something went wrong",
    sentence:
      "That is our fault, not yours. Look whether what you did is there before you repeat it.",
  },
};

export function ErrorPage(
  props: { kind: ErrorKind; schoolName: string; theme: Theme; requestId: string; home: string },
): JSX.Element {
  const words = WORDS[props.kind];
  return (
    <PlainPage title={words.title} schoolName={props.schoolName} theme={props.theme}>
      <Message icon={words.icon} title={words.title}>
        <p>{words.sentence}</p>
        <p class="buttons">
          <a class="button" href={props.home}>Back to the start</a>
        </p>
        {props.kind === "broken" && (
          <p class="soft small">If you report it, give this number: {props.requestId}</p>
        )}
      </Message>
    </PlainPage>
  );
}

export function ErrorToast(props: { kind: ErrorKind; requestId: string }): JSX.Element {
  return (
    <Partial target={TOASTS} swap="beforeend">
      <Toast tone="red" stays>
        {WORDS[props.kind].sentence}
        {props.kind === "broken" && ` If you report it, give this number: ${props.requestId}`}
      </Toast>
    </Partial>
  );
}
