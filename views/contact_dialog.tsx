// The window of a contact: adding and editing one.

import type { JSX } from "hono/jsx/jsx-runtime";
import type { ContactInput, ContactProblems } from "../db/contacts.ts";
import { AddressField, NameFields } from "./person_fields.tsx";
import { Conflict, SaveDialog } from "./save_dialog.tsx";
import { Field } from "./ui.tsx";

export type ContactForm = {
  readonly values: ContactInput;
  readonly problems: ContactProblems;
  /** Of the contact being edited; absent where one is being added. */
  readonly edited?: { readonly id: number; readonly version: number; readonly logons: number };
  readonly conflict?: string | undefined;
};

/** Add Contact, and the same window filled in. */
export function ContactDialog({ form }: { form: ContactForm }): JSX.Element {
  const { edited } = form;
  const home = edited ? `/contacts/${edited.id}` : "/contacts";
  const problems = Object.entries(form.problems);
  return (
    <SaveDialog
      title={edited ? "Edit Contact" : "Add Contact"}
      home={home}
      action={home}
      problems={problems}
      before={edited && <input type="hidden" name="version" value={String(edited.version)} />}
    >
      <Conflict of="contact">{form.conflict}</Conflict>
      <ContactFields
        values={form.values}
        problems={form.problems}
        first={problems.length === 0 && form.conflict === undefined}
      />
      {edited !== undefined && edited.logons > 0 && (
        <p class="hint">
          A logon that came from this contact keeps its own name and email.
        </p>
      )}
    </SaveDialog>
  );
}

/** The four fields of a contact. */
export function ContactFields(
  props: { values: ContactInput; problems: ContactProblems; first?: boolean },
): JSX.Element {
  const { values, problems } = props;
  return (
    <>
      <NameFields values={values} problems={problems} first={props.first ?? false} />
      <AddressField name="email" label="Email" value={values.email} problem={problems.email} />
      <Field
        name="mobile"
        label="Mobile"
        type="tel"
        value={values.mobile}
        problem={problems.mobile}
      />
    </>
  );
}
