// Choosing the contact that is added to a learner's record: searched for, chosen, or somebody new.

import type { JSX } from "hono/jsx/jsx-runtime";
import type { ContactRow } from "../db/contact_list.ts";
import type { ContactInput, ContactProblems } from "../db/contacts.ts";
import { ContactFields } from "./contact_dialog.tsx";
import { redraws, redrawsAsTyped } from "./swap.tsx";
import { Address, fullName, Name } from "./ui.tsx";

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

/** Who: redrawn alone, so that nothing typed elsewhere is touched. */
export function ContactChoicePart(
  props: { drafts: string; choice: ContactChoice },
): JSX.Element {
  const { drafts, choice } = props;
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
