// The windows of a contact on a learner's record: adding one, what it is to the learner, and taking it off.

import type { JSX } from "hono/jsx/jsx-runtime";
import type { PlacingField, PlacingInput, PlacingProblems } from "../db/contact_learners.ts";
import { type ContactChoice, ContactChoicePart } from "./contact_choice.tsx";
import { Conflict, SaveDialog } from "./save_dialog.tsx";
import { redraws, submitsInDialog } from "./swap.tsx";
import { Cancel, DialogContent, DialogFoot, Field, Name } from "./ui.tsx";

type Person = { readonly id: number; readonly firstName: string; readonly surname: string };

export type PlacingForm = {
  readonly learner: Person;
  readonly placing: PlacingInput;
  readonly problems: PlacingProblems;
  readonly relationships: readonly string[];
};

/** Add Contact. */
export function AddContactDialog(
  props: { form: PlacingForm; choice: ContactChoice; nobody: boolean },
): JSX.Element {
  const { form, choice } = props;
  const home = `/learners/${form.learner.id}`;
  const drafts = `${home}/contact-drafts`;
  const problems: (readonly [string, string])[] = [
    ...(props.nobody
      ? [["contact_search", "Choose a contact, or add somebody new."] as const]
      : []),
    ...Object.entries(choice.problems),
    ...Object.entries(form.problems),
  ];
  return (
    <SaveDialog
      title="Add Contact"
      home={home}
      action={`${home}/contacts`}
      problems={problems}
      before={
        // The button that Enter presses: in the search field it must not save.


          <button
            type="submit"
            class="quiet"
            tabindex={-1}
            aria-hidden="true"
            {...(choice.chosen === null && choice.typed === null
              ? { formaction: drafts, ...redraws(drafts, "#contact-choice") }
              : {})}
          >
            Go on
          </button>

      }
    >
      <p>
        To the record of{" "}
        <strong>
          <Name of={form.learner} />
        </strong>
      </p>
      <ContactChoicePart drafts={drafts} choice={choice} />
      <PlacingFields form={form} />
    </SaveDialog>
  );
}

/** What a contact is to a learner. */
export function PlacingDialog(
  props: { form: PlacingForm; contact: Person; seen: string; conflict?: string | undefined },
): JSX.Element {
  const { form, contact } = props;
  const home = `/learners/${form.learner.id}`;
  return (
    <SaveDialog
      title="Edit Contact of Learner"
      home={home}
      action={`${home}/contacts/${contact.id}`}
      problems={Object.entries(form.problems)}
      before={<input type="hidden" name="seen" value={props.seen} />}
    >
      <Conflict of="contact">{props.conflict}</Conflict>
      <p>
        What{" "}
        <strong>
          <Name of={contact} />
        </strong>{" "}
        is to{" "}
        <Name of={form.learner} />. A logon sees what it saw before: whether that is to change is
        decided at <a href="/attention">Needs attention</a>.
      </p>
      <PlacingFields form={form} />
    </SaveDialog>
  );
}

const RESPONSIBILITIES: readonly (readonly [value: string, label: string])[] = [
  ["yes", "Yes"],
  ["no", "No"],
  ["unknown", "Not known"],
];

function PlacingFields({ form }: { form: PlacingForm }): JSX.Element {
  const { placing, problems } = form;
  const line = (
    name: PlacingField,
  ): { name: string; value: string; problem: string | undefined } => ({
    name,
    value: placing[name],
    problem: problems[name],
  });
  return (
    <>
      <div class="pair">
        <Field
          {...line("relationship")}
          label="Relationship"
          hint="Such as Mother."
          suggestions={form.relationships}
          required
        />
        <Field
          {...line("priority")}
          label="Priority"
          hint="1 is rung first."
          inputmode="numeric"
          required
        />
      </div>
      <fieldset class="radios">
        <legend>Parental Responsibility</legend>
        {RESPONSIBILITIES.map(([value, label]) => (
          <label class="choice">
            <input
              type="radio"
              name="responsibility"
              value={value}
              checked={value === placing.responsibility}
            />
            {label}
          </label>
        ))}
      </fieldset>
    </>
  );
}

/** Asks before a contact is taken off a record, and says what follows. */
export function RemovalDialog(props: { learner: Person; contact: Person }): JSX.Element {
  const { learner, contact } = props;
  const home = `/learners/${learner.id}`;
  const action = `${home}/contacts/${contact.id}/removal`;
  return (
    <DialogContent title="Take Contact Off" home={home}>
      <form method="post" action={action} novalidate {...submitsInDialog(action)}>
        <div class="body">
          <p>
            Take{" "}
            <strong>
              <Name of={contact} />
            </strong>{" "}
            off the record of <Name of={learner} />?
          </p>
          <p class="soft">
            The contact itself stays. A logon that sees the learner goes on seeing them until you
            unlink or block it: it is listed at <a href="/attention">Needs attention</a>.
          </p>
        </div>
        <DialogFoot>
          <Cancel href={home} />
          <button type="submit" class="button red" autofocus>Take off</button>
        </DialogFoot>
      </form>
    </DialogContent>
  );
}
