// The parts that every page is made of: fields, buttons, windows, chips, toasts, empty states.

import type { Child } from "hono/jsx";
import type { JSX } from "hono/jsx/jsx-runtime";
import { type IconName, ICONS } from "./icons.ts";

export function Icon(props: { name: IconName; class?: string }): JSX.Element {
  return (
    <svg class={props.class ?? "icon"} viewBox="0 0 24 24" aria-hidden="true">
      <path d={ICONS[props.name]} />
    </svg>
  );
}

export type FieldProps = {
  name: string;
  label: string;
  value?: string;
  type?: "text" | "email" | "password" | "search" | "number" | "tel" | "file" | "date";
  hint?: string | undefined;
  problem?: string | undefined;
  autocomplete?: string;
  autofocus?: boolean;
  required?: boolean;
  /** Offers to show what is typed: for passwords. */
  reveal?: boolean;
  accept?: string;
  spellcheck?: false;
  autocapitalize?: "none";
  inputmode?: "numeric" | "text";
  /** Offered while somebody types; anything else may be typed as well. */
  suggestions?: readonly string[];
};

/** A labelled field with its hint and, in words beside it, what is wrong. */
export function Field(props: FieldProps): JSX.Element {
  const id = `field-${props.name}`;
  return (
    <div class={props.problem ? "field wrong" : "field"}>
      <label for={id}>{props.label}</label>
      {props.hint && <p class="hint" id={`${id}-hint`}>{props.hint}</p>}
      <div class="control">
        <input
          id={id}
          name={props.name}
          type={props.type ?? "text"}
          value={props.value}
          autocomplete={props.autocomplete ?? "off"}
          autofocus={props.autofocus}
          aria-required={props.required ? "true" : undefined}
          aria-invalid={props.problem ? "true" : undefined}
          aria-describedby={describing(id, props)}
          accept={props.accept}
          spellcheck={props.spellcheck}
          autocapitalize={props.autocapitalize}
          inputmode={props.inputmode}
          list={props.suggestions && `${id}-suggestions`}
        />
        {props.suggestions && (
          <datalist id={`${id}-suggestions`}>
            {props.suggestions.map((one) => <option value={one} />)}
          </datalist>
        )}
        {props.reveal && (
          <button type="button" class="reveal" data-reveal={id} hidden>
            Show
          </button>
        )}
      </div>
      {props.problem && <p class="problem" id={`${id}-problem`}>{props.problem}</p>}
    </div>
  );
}

/** The ids of what is said beside a field. */
function describing(
  id: string,
  { hint, problem }: { hint?: string | undefined; problem?: string | undefined },
): string | undefined {
  const ids = [...hint ? [`${id}-hint`] : [], ...problem ? [`${id}-problem`] : []];
  return ids.length === 0 ? undefined : ids.join(" ");
}

/** A labelled field for more than a line. */
export function TextArea(
  props: {
    name: string;
    label: string;
    value: string;
    hint?: string;
    problem?: string | undefined;
    autofocus?: boolean;
  },
): JSX.Element {
  const id = `field-${props.name}`;
  return (
    <div class={props.problem ? "field wrong" : "field"}>
      <label for={id}>{props.label}</label>
      {props.hint && <p class="hint" id={`${id}-hint`}>{props.hint}</p>}
      <textarea
        id={id}
        name={props.name}
        rows={3}
        autofocus={props.autofocus}
        aria-required="true"
        aria-invalid={props.problem ? "true" : undefined}
        aria-describedby={describing(id, props)}
      >
        {props.value}
      </textarea>
      {props.problem && <p class="problem" id={`${id}-problem`}>{props.problem}</p>}
    </div>
  );
}

/** A labelled choice of one. */
export function Select(
  props: {
    name: string;
    label: string;
    value: string;
    options: readonly (readonly [value: string, label: string])[];
    hint?: string;
    problem?: string | undefined;
    quiet?: boolean;
    more?: Record<string, string>;
  },
): JSX.Element {
  const id = `field-${props.name}`;
  return (
    <div class={props.problem ? "field wrong" : "field"}>
      <label for={id} class={props.quiet ? "quiet" : undefined}>{props.label}</label>
      {props.hint && <p class="hint" id={`${id}-hint`}>{props.hint}</p>}
      <select
        id={id}
        name={props.name}
        aria-invalid={props.problem ? "true" : undefined}
        aria-describedby={describing(id, props)}
        {...props.more}
      >
        {props.options.map(([value, label]) => (
          <option value={value} selected={value === props.value}>{label}</option>
        ))}
      </select>
      {props.problem && <p class="problem" id={`${id}-problem`}>{props.problem}</p>}
    </div>
  );
}

/** What is wrong, in the order in which the fields stand. */
export function inOrder<Name extends string>(
  fields: readonly Name[],
  problems: { readonly [Field in Name]?: string | undefined },
): (readonly [field: Name, sentence: string])[] {
  return fields.flatMap((field) => {
    const sentence = problems[field];
    return sentence === undefined ? [] : [[field, sentence] as const];
  });
}

/** On top of a refused form: how many things are wrong, each a link to its field. It takes the focus. */
export function ProblemSummary(
  props: { problems: readonly (readonly [field: string, sentence: string])[] },
): JSX.Element | null {
  if (props.problems.length === 0) return null;
  return (
    <div class="summary" role="alert" tabindex={-1} autofocus>
      <h2>There is a problem</h2>
      <ul>
        {props.problems.map(([field, sentence]) => (
          <li>
            <a href={`#field-${field}`}>{sentence}</a>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** What stands in the window: its heading, what is in it, and its buttons. */
export function DialogContent(
  props: { title: string; children: Child; wide?: boolean; home?: string },
): JSX.Element {
  return (
    <div class={props.wide ? "dialog-content wide" : "dialog-content"}>
      <header>
        <h2 id="dialog-title">{props.title}</h2>
        <a class="close" href={props.home ?? "/logons"} data-close aria-label="Close">
          <Icon name="x" />
        </a>
      </header>
      {props.children}
    </div>
  );
}

/** The button that Enter presses, whatever stands above the one that is seen: first in its form, and it says that it was Enter. */
export function EnterButton(props: { children: string }): JSX.Element {
  return (
    <button type="submit" class="quiet" tabindex={-1} aria-hidden="true" name="enter" value="yes">
      {props.children}
    </button>
  );
}

/** The row of buttons at the foot of a window. */
export function DialogFoot(props: { children: Child }): JSX.Element {
  return <footer class="foot">{props.children}</footer>;
}

/** The way out of a window that changes nothing. */
export function Cancel(props: { href: string; label?: string }): JSX.Element {
  return (
    <a class="button" href={props.href} data-close>
      {props.label ?? "Cancel"}
    </a>
  );
}

export type Tone = "plain" | "blue" | "amber" | "red" | "green";

/** A small word about a state. */
export function Chip(props: { tone?: Tone; title?: string; children: Child }): JSX.Element {
  return <span class={`chip ${props.tone ?? "plain"}`} title={props.title}>{props.children}</span>;
}

/** Says what was done; stays until it was read. */
export function Toast(
  props: { children: Child; stays?: boolean; tone?: "plain" | "red" },
): JSX.Element {
  return (
    <div
      class={`toast ${props.tone ?? "plain"}`}
      role={props.tone === "red" ? "alert" : "status"}
      data-stays={props.stays ? "" : undefined}
    >
      <div>{props.children}</div>
      <button type="button" class="close" data-dismiss aria-label="Close this message">
        <Icon name="x" />
      </button>
    </div>
  );
}

/** In the place of a table that has nothing to show: why, and what to do next. */
export function EmptyState(
  props: { icon: IconName; title: string; children: Child },
): JSX.Element {
  return (
    <div class="empty">
      <Icon name={props.icon} class="icon large" />
      <h2>{props.title}</h2>
      {props.children}
    </div>
  );
}

/** A person's name, kept apart from the text around it whatever its direction. */
export function Name(props: { of: { firstName: string; surname: string } }): JSX.Element {
  return <bdi>{fullName(props.of)}</bdi>;
}

/** An email or a username, which breaks after @ and dots if it must break. */
export function Address(props: { children: string }): JSX.Element {
  return (
    <bdi>
      {props.children.split(/(?<=[@._-])/).map((part, at) => (
        <>
          {at > 0 && <wbr />}
          {part}
        </>
      ))}
    </bdi>
  );
}

export function fullName(person: { firstName: string; surname: string }): string {
  return `${person.firstName} ${person.surname}`;
}

/** The own password, asked for again before what cannot be taken back lightly, if it was last typed over ten minutes ago. */
export function ConfirmPassword(
  props: { needed: boolean; problem?: string | undefined },
): JSX.Element | null {
  if (!props.needed) return null;
  return (
    <Field
      name="own_password"
      label="Your own password"
      type="password"
      hint="Asked for again because it was last typed more than ten minutes ago."
      autocomplete="current-password"
      problem={props.problem}
      autofocus
      reveal
    />
  );
}
