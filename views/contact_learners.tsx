// The windows of a contact on a learner's record: adding one, what it is to the learner, and taking it off.

import type { JSX } from "hono/jsx/jsx-runtime";
import type { PlacingField, PlacingInput, PlacingProblems } from "../db/contact_learners.ts";
import type { ContactRow } from "../db/contact_list.ts";
import type { ContactInput, ContactProblems } from "../db/contacts.ts";
import { ContactFields } from "./contact_dialog.tsx";
import { Conflict } from "./learner_dialog.tsx";
import { redraws, redrawsAsTyped, submitsInDialog } from "./swap.tsx";
import {
  Address,
  Cancel,
  DialogContent,
  DialogFoot,
  Field,
  fullName,
  Name,
  ProblemSummary,
} from "./ui.tsx";

type Person = { readonly id: number; readonly firstName: string; readonly surname: string };

/** Who is being added: found by searching, chosen, or new. */
export type ContactChoice = {
  readonly search: string;
  readonly options: readonly ContactRow[];
  readonly more: boolean;
  readonly chosen: ContactRow | null;
  /** Where somebody new is being typed. */
  readonly typed: ContactInput | null;
  readonly problems: ContactProblems;
};

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
  const action = `${home}/contacts`;
  const problems: (readonly [string, string])[] = [
    ...(props.nobody
      ? [["contact_search", "Choose a contact, or add somebody new."] as const]
      : []),
    ...Object.entries(choice.problems),
    ...Object.entries(form.problems),
  ];
  return (
    <DialogContent title="Add Contact" home={home}>
      <form
        method="post"
        action={action}
        novalidate
        data-asks-before-leaving=""
        {...submitsInDialog(action)}
      >
        {/* The button that Enter presses: in the search field it must not save. */}
        <button
          type="submit"
          class="quiet"
          tabindex={-1}
          aria-hidden="true"
          {...(choice.chosen === null && choice.typed === null
            ? { formaction: draftsOf(form), ...redraws(draftsOf(form), "#contact-choice") }
            : {})}
        >
          Go on
        </button>
        <div class="body">
          <ProblemSummary problems={problems} />
          <p>
            To the record of{" "}
            <strong>
              <Name of={form.learner} />
            </strong>
          </p>
          <ContactChoicePart form={form} choice={choice} />
          <PlacingFields form={form} />
        </div>
        <DialogFoot>
          <Cancel href={home} />
          <button type="submit" class="button blue">Save</button>
        </DialogFoot>
      </form>
    </DialogContent>
  );
}

/** Who: redrawn alone, so that nothing typed elsewhere is touched. */
export function ContactChoicePart(
  props: { form: PlacingForm; choice: ContactChoice },
): JSX.Element {
  const { form, choice } = props;
  const drafts = draftsOf(form);
  return (
    <fieldset id="contact-choice" class="picker">
      <legend class="quiet">Contact</legend>
      {choice.chosen !== null
        ? <Chosen contact={choice.chosen} drafts={drafts} />
        : choice.typed !== null
        ? (
          <>
            <input type="hidden" name="new_contact" value="yes" />
            <ContactFields values={choice.typed} problems={choice.problems} />
            <Draft drafts={drafts} name="again" value="yes">
              Search among those on record instead
            </Draft>
          </>
        )
        : <Search choice={choice} drafts={drafts} />}
    </fieldset>
  );
}

function Chosen(props: { contact: ContactRow; drafts: string }): JSX.Element {
  return (
    <>
      <input type="hidden" name="contact" value={String(props.contact.id)} />
      <p role="status">
        <Described contact={props.contact} />
      </p>
      <Draft drafts={props.drafts} name="again" value="yes">Choose somebody else</Draft>
    </>
  );
}

function Search(props: { choice: ContactChoice; drafts: string }): JSX.Element {
  const { choice, drafts } = props;
  return (
    <>
      <div class="field">
        <label for="field-contact_search">Contact</label>
        <input
          id="field-contact_search"
          name="contact_search"
          type="search"
          value={choice.search}
          autocomplete="off"
          spellcheck={false}
          placeholder="Name, email, mobile or learner"
          maxlength={200}
          aria-controls="contact-options"
          autofocus
          {...redrawsAsTyped(drafts, "#contact-options")}
        />
      </div>
      <button type="submit" class="button small no-script" formaction={drafts}>
        Search contacts
      </button>
      <ContactOptions choice={choice} drafts={drafts} />
      <Draft drafts={drafts} name="new_contact" value="yes">Add somebody new</Draft>
    </>
  );
}

/** What the search offers: redrawn as somebody types. */
export function ContactOptions(props: { choice: ContactChoice; drafts: string }): JSX.Element {
  const { choice } = props;
  return (
    <div id="contact-options" role="group" aria-label="Contacts found">
      {choice.search === ""
        ? <p class="hint" role="status">Type a name, so that nobody is put on record twice.</p>
        : choice.options.length === 0
        ? <p class="hint" role="status">Nobody matches. Try fewer letters, or add somebody new.</p>
        : (
          <ul class="offered">
            {choice.options.map((contact) => (
              <li>
                <span>
                  <Described contact={contact} />
                </span>
                <button
                  type="submit"
                  class="button small"
                  name="choose"
                  value={String(contact.id)}
                  formaction={props.drafts}
                  aria-label={`Choose ${fullName(contact)}`}
                  {...redraws(props.drafts, "#contact-choice")}
                >
                  Choose
                </button>
              </li>
            ))}
          </ul>
        )}
      {choice.more && <p class="hint">More match. Type more of the name.</p>}
    </div>
  );
}

function Described({ contact }: { contact: ContactRow }): JSX.Element {
  return (
    <>
      <Name of={contact} />{" "}
      <span class="soft">
        {contact.email === null ? "no email" : <Address>{contact.email}</Address>}
        {contact.learners.length > 0 && (
          <>
            {", "}
            {contact.learners.map((learner, at) => (
              <>
                {at > 0 && ", "}
                <bdi>{learner.relationship}</bdi> of <Name of={learner} />
              </>
            ))}
          </>
        )}
      </span>
    </>
  );
}

/** A button that redraws who is being added. */
function Draft(
  props: { drafts: string; name: string; value: string; children: string },
): JSX.Element {
  return (
    <p>
      <button
        type="submit"
        class="link"
        name={props.name}
        value={props.value}
        formaction={props.drafts}
        {...redraws(props.drafts, "#contact-choice")}
      >
        {props.children}
      </button>
    </p>
  );
}

/** What a contact is to a learner. */
export function PlacingDialog(
  props: { form: PlacingForm; contact: Person; seen: string; conflict?: string | undefined },
): JSX.Element {
  const { form, contact } = props;
  const home = `/learners/${form.learner.id}`;
  const action = `${home}/contacts/${contact.id}`;
  return (
    <DialogContent title="Edit Contact of Learner" home={home}>
      <form
        method="post"
        action={action}
        novalidate
        data-asks-before-leaving=""
        {...submitsInDialog(action)}
      >
        <input type="hidden" name="seen" value={props.seen} />
        <div class="body">
          <ProblemSummary problems={Object.entries(form.problems)} />
          {props.conflict !== undefined && <Conflict of="contact">{props.conflict}</Conflict>}
          <p>
            What{" "}
            <strong>
              <Name of={contact} />
            </strong>{" "}
            is to{" "}
            <Name of={form.learner} />. A logon sees what it saw before: whether that is to change
            is decided at <a href="/attention">Needs attention</a>.
          </p>
          <PlacingFields form={form} />
        </div>
        <DialogFoot>
          <Cancel href={home} />
          <button type="submit" class="button blue">Save</button>
        </DialogFoot>
      </form>
    </DialogContent>
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

function draftsOf(form: PlacingForm): string {
  return `/learners/${form.learner.id}/contact-drafts`;
}
