// Import Contacts: the window in which contacts are chosen.

import type { JSX } from "hono/jsx/jsx-runtime";
import type { CandidatePage, PlannedCandidate } from "../db/contact_candidates.ts";
import type { ChoiceProblem } from "../db/contact_imports.ts";
import type { ContactPlan } from "../db/contact_plan.ts";
import { DOUBTS } from "./contact_doubts.ts";
import { pairAddress } from "./contact_duplicates.tsx";
import { redraws, redrawsAsTyped, submitsInDialog } from "./swap.tsx";
import { count, list, number } from "./times.ts";
import {
  Address,
  Cancel,
  DialogContent,
  DialogFoot,
  fullName,
  Icon,
  ProblemSummary,
} from "./ui.tsx";

const CHOICES = "/contact-imports/choices";

/** The contacts of the window, as they are being chosen from. */
export type Choices = {
  readonly page: CandidatePage;
  /** At most so many of a search are counted. */
  readonly mostCounted: number;
  readonly search: string;
  /** Chosen so far, shown at the moment or not. */
  readonly chosen: ReadonlySet<number>;
  /** Whether everybody who matches the search is chosen. */
  readonly all: boolean;
};

/** The window. */
export function ContactsDialog(
  props: { choices: Choices; problem?: ChoiceProblem | null },
): JSX.Element {
  const problem = props.problem ?? null;
  return (
    <DialogContent title="Import Contacts" wide>
      <form
        method="post"
        action="/contact-imports"
        novalidate
        data-asks-before-leaving=""
        {...submitsInDialog("/contact-imports")}
      >
        {/* The button that Enter presses in the search field: it must not import anything. */}
        <button
          type="submit"
          class="quiet"
          tabindex={-1}
          aria-hidden="true"
          formaction={CHOICES}
          {...redraws(CHOICES, "#contacts")}
        >
          Search
        </button>
        <div class="body">
          <ProblemSummary
            problems={problem === null ? [] : [["contacts", choiceSentence(problem)]]}
          />
          <p class="soft">
            Contacts with Parental Responsibility, and the learners they have it for. Each one you
            choose gets a logon without a password. Nobody is mailed.
          </p>
          <div class="filters one">
            <div class="field search">
              <label for="field-search" class="quiet">Search</label>
              <Icon name="search" />
              <input
                id="field-search"
                name="search"
                type="search"
                value={props.choices.search}
                placeholder="Contact or learner"
                autocomplete="off"
                spellcheck={false}
                maxlength={200}
                autofocus={problem === null}
                aria-controls="contacts"
                {...redrawsAsTyped(CHOICES, "#contacts")}
              />
            </div>
            <button type="submit" class="button small no-script" formaction={CHOICES}>
              Search
            </button>
          </div>
          <ContactChoices {...props.choices} />
        </div>
        <DialogFoot>
          <Cancel href="/logons" />
          <button type="submit" class="button blue">Import as Logins</button>
        </DialogFoot>
      </form>
    </DialogContent>
  );
}

/** The list with its checkboxes: redrawn as somebody types; what was chosen stays chosen. */
export function ContactChoices(props: Choices): JSX.Element {
  const { page, chosen } = props;
  const shown = new Set(page.rows.map(({ contact }) => contact.id));
  const hidden = [...chosen].filter((id) => !shown.has(id));
  const choosable = page.rows.filter((row) => row.isChoosable);
  return (
    <fieldset id="contacts" class="stack">
      <legend id="field-contacts" class="quiet" tabindex={-1}>Contacts</legend>
      <input type="hidden" name="searched" value={props.search} />
      {hidden.map((id) => <input type="hidden" name="contact" value={String(id)} />)}
      <p class="soft" role="status">
        {totalOf(props)}
        {hidden.length > 0 &&
          `, ${number(hidden.length)} chosen ${hidden.length === 1 ? "is" : "are"} not among them`}
      </p>
      {page.rows.length > 0 && (
        <div class="choice-list">
          <div class="rows contact-rows">
            {choosable.length > 0 && (
              <label class="head">
                <input
                  type="checkbox"
                  name="select_shown"
                  value="yes"
                  checked={choosable.every(({ contact }) => chosen.has(contact.id))}
                  data-select-all="contact"
                  autocomplete="off"
                />
                <strong>Select all</strong>
              </label>
            )}
            <ul>
              {page.rows.map((row) => <ContactRow row={row} chosen={chosen.has(row.contact.id)} />)}
            </ul>
          </div>
        </div>
      )}
      {page.total > page.rows.length && (
        <div>
          <p class="hint">
            The first {number(page.rows.length)} are shown. More match: type more of the name, or
          </p>
          <label class="choice">
            <input
              type="checkbox"
              name="all"
              value="1"
              checked={props.all}
              aria-describedby="contacts-all-hint"
              autocomplete="off"
            />
            Select all that match
          </label>
          <p class="hint" id="contacts-all-hint">
            {props.search === "" ? "Everybody with an email, shown here or not." : (
              <>
                Everybody with an email who matches <bdi>“{props.search}”</bdi>, shown or not.
              </>
            )}
          </p>
        </div>
      )}
    </fieldset>
  );
}

function totalOf(props: Choices): string {
  const { total } = props.page;
  if (total === 0) {
    return props.search === ""
      ? "No contact has Parental Responsibility for a learner yet. It is ticked on the learner’s record."
      : `No contact matches “${props.search}”. Try fewer letters.`;
  }
  return total > props.mostCounted && props.search !== ""
    ? `More than ${count(props.mostCounted, "contact")}`
    : count(total, "contact");
}

function ContactRow(props: { row: PlannedCandidate; chosen: boolean }): JSX.Element {
  const { contact, isChoosable } = props.row;
  const id = `contact-${contact.id}`;
  const note = noteOf(props.row);
  return (
    <li>
      <label class={isChoosable ? undefined : "unable"}>
        <input
          type="checkbox"
          name="contact"
          value={String(contact.id)}
          checked={isChoosable && props.chosen}
          disabled={!isChoosable}
          aria-describedby={`${id}-note`}
          autocomplete="off"
        />
        <span>
          <bdi>{fullName(contact)}</bdi> (<bdi>{contact.learners.map(fullName).join(", ")}</bdi>)
        </span>
      </label>
      {isChoosable && <input type="hidden" name="shown" value={String(contact.id)} />}
      <p class="note" id={`${id}-note`}>
        {contact.email !== null && <Address>{contact.email}</Address>}
        {contact.email !== null && note !== "" && " · "}
        {note !== "" && <strong>{note}</strong>}
        {props.row.double !== null && (
          <>
            {(contact.email !== null || note !== "") && " · "}
            <a href={pairAddress(contact.id, props.row.double)}>possible duplicate: compare</a>
          </>
        )}
      </p>
    </li>
  );
}

/** What is special about a contact: why it cannot be chosen, or what importing does other than add a logon. */
function noteOf({ contact, plan }: PlannedCandidate): string {
  const adds = plan.adds.length === 0 ? [] : [`adds ${list(plan.adds.map(fullName))}`];
  return [
    ...(plan.doubt === null || plan.doubt === "blocked" ? [] : [DOUBTS[plan.doubt].row]),
    ...(plan.class === "unchanged" ? ["has a logon, nothing to add"] : []),
    ...(plan.class === "restore" ? ["the logon was deleted; it will be restored", ...adds] : []),
    ...(plan.class === "link" ? [linkNote(plan), ...adds] : []),
    ...(plan.class === "create" && contact.twins > 0
      ? ["another contact has the same name and email"]
      : []),
    ...(plan.blocked === 0
      ? []
      : [`${count(plan.blocked, "learner")} ${plan.blocked === 1 ? "is" : "are"} blocked`]),
  ].join("; ");
}

function linkNote(plan: ContactPlan): string {
  return plan.adopts
    ? `the logon ${plan.logon?.username} has this name and email; it will be this contact’s, no other is made`
    : "has a logon";
}

function choiceSentence(problem: ChoiceProblem): string {
  if (problem.code === "nothing") return "Choose at least one contact.";
  const others = problem.ids.length - 1;
  const more = others === 0 ? "" : ` So it is with ${number(others)} more.`;
  return `${DOUBTS[problem.code].told(problem.who)}${more} Nothing was imported.`;
}
