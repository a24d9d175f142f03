// The window of a contact: adding and editing one.

import type { JSX } from "hono/jsx/jsx-runtime";
import type { ContactInput, ContactProblems } from "../db/contacts.ts";
import { Conflict } from "./learner_dialog.tsx";
import { submitsInDialog } from "./swap.tsx";
import { Cancel, DialogContent, DialogFoot, Field, ProblemSummary } from "./ui.tsx";

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
    <DialogContent title={edited ? "Edit Contact" : "Add Contact"} home={home}>
      <form
        method="post"
        action={home}
        novalidate
        data-asks-before-leaving=""
        {...submitsInDialog(home)}
      >
        {edited && <input type="hidden" name="version" value={String(edited.version)} />}
        <div class="body">
          <ProblemSummary problems={problems} />
          {form.conflict !== undefined && <Conflict of="contact">{form.conflict}</Conflict>}
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
        </div>
        <DialogFoot>
          <Cancel href={home} />
          <button type="submit" class="button blue">Save</button>
        </DialogFoot>
      </form>
    </DialogContent>
  );
}

/** The four fields of a contact. */
export function ContactFields(
  props: { values: ContactInput; problems: ContactProblems; first?: boolean },
): JSX.Element {
  const { values, problems } = props;
  return (
    <>
      <div class="pair">
        <Field
          name="firstName"
          label="First name"
          value={values.firstName}
          problem={problems.firstName}
          autofocus={props.first ?? false}
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
      <Field
        name="email"
        label="Email"
        type="email"
        value={values.email}
        problem={problems.email}
        spellcheck={false}
        autocapitalize="none"
      />
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
