// What can be done on a page of the office, beside its main part.

import type { Child } from "hono/jsx";
import type { JSX } from "hono/jsx/jsx-runtime";
import type { IconName } from "./icons.ts";
import { Icon } from "./ui.tsx";

/** What can be done on a page, on its right. */
export function Options(props: { children: Child }): JSX.Element {
  return (
    <nav class="options" aria-label="Options">
      <h2>Options</h2>
      <ul>{props.children}</ul>
    </nav>
  );
}

/** Where the role does not allow it, the option is there, says so, and leads nowhere. */
export function Option(
  props: {
    href: string;
    icon: IconName;
    able: boolean;
    main?: boolean;
    window?: boolean;
    children: Child;
  },
): JSX.Element {
  if (!props.able) {
    return (
      <li>
        <a role="link" aria-disabled="true" tabindex={0} title="Your role looks only">
          <Icon name={props.icon} /> {props.children}
        </a>
      </li>
    );
  }
  return (
    <li>
      <a
        href={props.href}
        class={props.main ? "main" : undefined}
        data-opens={props.window ? "" : undefined}
      >
        <Icon name={props.icon} /> {props.children}
      </a>
    </li>
  );
}
