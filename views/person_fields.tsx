// The fields that the windows of logons, contacts and learners ask for alike.

import type { JSX } from "hono/jsx/jsx-runtime";
import { Field } from "./ui.tsx";

type Names = { readonly firstName: string; readonly surname: string };
type Wrong<Values> = { readonly [Name in keyof Values]?: string };

/** First name and surname. @param props.first whether the window begins there */
export function NameFields(
  props: { values: Names; problems: Wrong<Names>; first: boolean },
): JSX.Element {
  const { values, problems } = props;
  return (
    <div class="pair">
      <Field
        name="firstName"
        label="First name"
        value={values.firstName}
        problem={problems.firstName}
        autofocus={props.first}
        required
      />
      <Field
        name="surname"
        label="Surname"
        value={values.surname}
        problem={problems.surname}
        required
      />
    </div>
  );
}

/** An email or a username: neither is a word of a language, nor begins with a capital. */
export function AddressField(
  props: Pick<Parameters<typeof Field>[0], "hint" | "value" | "problem" | "required"> & {
    name: "email" | "username";
    label: string;
  },
): JSX.Element {
  return (
    <Field
      {...props}
      type={props.name === "email" ? "email" : "text"}
      spellcheck={false}
      autocapitalize="none"
    />
  );
}
