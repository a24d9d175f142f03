// Import Contacts: the window in which contacts are chosen, and the page that says what became of each.

import type { JSX } from "hono/jsx/jsx-runtime";
import type { CandidatePage, PlannedCandidate } from "../db/contact_candidates.ts";
import type { ChoiceProblem, ContactItem } from "../db/contact_imports.ts";
import type { ContactClass, ContactPlan, Doubt } from "../db/contact_plan.ts";
import type { Task } from "../db/tasks.ts";
import { pairAddress } from "./contact_duplicates.tsx";
import type { Frame } from "./layout.tsx";
import { type OutcomeClass, Outcomes, OutcomesPage } from "./outcomes.tsx";
import { opensDialog, redraws, redrawsAsTyped, submitsInDialog } from "./swap.tsx";
import { count, number } from "./times.ts";
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

/** In the row of the window, and after the import; `who` is first name and surname. */
const DOUBTS: Readonly<
  Record<Doubt, { readonly row: string; readonly after: string; told(who: string): string }>
> = {
  "no learner": {
    row: "no Parental Responsibility for a learner",
    after: "Has no Parental Responsibility for a learner any more.",
    told: (who) => `${who} has no Parental Responsibility for a learner any more.`,
  },
  "no email": {
    row: "no email on the learner’s record",
    after: "Has no email on the learner’s record any more.",
    told: (who) => `${who} has no email on the learner’s record. Add it there first.`,
  },
  "bad email": {
    row: "the email on the learner’s record is not an address",
    after: "The email on the learner’s record is not an address.",
    told: (who) => `The email on the learner’s record of ${who} is not an address. Mend it there.`,
  },
  "several logons": {
    row: "several logons have this name and email; link the learners there",
    after: "Several logons have this name and email. Link the learners there by hand.",
    told: (who) => `Several logons have the name and email of ${who}. Link the learners there.`,
  },
  "several contacts": {
    row: "a logon and another contact have this name and email; link the learners by hand",
    after: "A logon and another contact have this name and email. Link the learners by hand.",
    told: (who) => `A logon and another contact have the name and email of ${who}. Link by hand.`,
  },
  blocked: {
    row: "blocked",
    after: "Every learner is blocked for this contact. Ask an administrator.",
    told: (who) => `Every learner of ${who} is blocked for this contact. Ask an administrator.`,
  },
  merged: {
    row: "the logon was merged into another one; link the learners there",
    after: "The logon was merged into another one. Link the learners there by hand.",
    told: (who) => `The logon of ${who} was merged into another one. Link the learners there.`,
  },
  changed: {
    row: "changed",
    after: "The learner’s record was changed after the contact was chosen. Choose it again.",
    told: (who) => `${who} was changed just now. Choose again.`,
  },
  gone: {
    row: "not there any more",
    after: "The contact was taken off the learner’s record after it was chosen.",
    told: () =>
      "A contact you chose is not there any more. Look through the list and choose again.",
  },
  taken: {
    row: "the username was taken",
    after: "The username was taken by somebody else at that moment. Choose the contact again.",
    told: (who) => `The username of ${who} was taken by somebody else just now. Choose again.`,
  },
};

function choiceSentence(problem: ChoiceProblem): string {
  if (problem.code === "nothing") return "Choose at least one contact.";
  const others = problem.ids.length - 1;
  const more = others === 0 ? "" : ` So it is with ${number(others)} more.`;
  return `${DOUBTS[problem.code].told(problem.who)}${more} Nothing was imported.`;
}

function list(names: readonly string[]): string {
  return new Intl.ListFormat("en-GB").format(names);
}

/** In the order in which the office wants to see them: what needs a look first. */
export const CONTACT_CLASSES: readonly OutcomeClass<ContactClass>[] = [
  { name: "error", label: "not imported", isBad: true },
  { name: "blocked", label: "blocked", isBad: true },
  { name: "restore", label: "restored" },
  { name: "create", label: "added" },
  { name: "link", label: "linked" },
  { name: "unchanged", label: "unchanged" },
];

export type OutcomeProps = {
  readonly task: Task;
  readonly counts: ReadonlyMap<ContactClass, number>;
  readonly shown: ContactClass | null;
  readonly items: readonly ContactItem[];
  readonly next: number | null;
  /** How many of its logons have no password yet and could be mailed one; 0 for who may not mail. */
  readonly toMail: number;
  /** The way to undo it, or who has. */
  readonly undo: JSX.Element | null;
};

/** What became of every contact of an import. */
export function ContactImportPage(props: OutcomeProps & { frame: Frame }): JSX.Element {
  return (
    <OutcomesPage
      frame={props.frame}
      task={props.task}
      place="logons"
      beside={<a href="/logons">Parent Logons</a>}
    >
      <ContactOutcomes {...props} />
    </OutcomesPage>
  );
}

/** The piece that draws itself anew while the import runs. */
export function ContactOutcomes(props: OutcomeProps): JSX.Element {
  const counts: ReadonlyMap<string, number> = props.counts;
  return (
    <Outcomes
      task={props.task}
      address={`/contact-imports/${props.task.id}`}
      label="Contacts"
      noun="Contacts"
      classes={CONTACT_CLASSES}
      countOf={(name) => counts.get(name) ?? 0}
      shown={props.shown}
      columns={[
        { label: "Contact" },
        { label: "Learners" },
        { label: "Username" },
        { label: "What happened" },
      ]}
      next={props.next}
      nextLabel="Next contacts"
      hasRows={props.items.length > 0}
      notes={
        <>
          {props.toMail > 0 && <MailNow task={props.task.id} count={props.toMail} />}
          {props.undo}
        </>
      }
    >
      {props.items.map((item) => <OutcomeRow item={item} />)}
    </Outcomes>
  );
}

/** The next thing after an import: nobody of the new ones can sign in before the mail. */
function MailNow(props: { task: number; count: number }): JSX.Element {
  const href = `/bulk-resets/new?contact-import=${props.task}`;
  const one = props.count === 1;
  return (
    <p class="buttons mail-now">
      <span>
        {count(props.count, "new logon")} {one ? "has" : "have"} no password yet. Mail{" "}
        {one ? "the" : "their"} details now?
      </span>
      <a class="button blue" href={href} {...opensDialog(href)}>Mail details…</a>
    </p>
  );
}

function OutcomeRow({ item }: { item: ContactItem }): JSX.Element {
  return (
    <tr>
      <td data-label="Contact">
        <bdi>{fullName(item.input)}</bdi>
      </td>
      <td data-label="Learners">
        <bdi>{item.input.learners}</bdi>
      </td>
      <td data-label="Username">
        <Address>{item.plan.username ?? "—"}</Address>
      </td>
      <td data-label="What happened">
        <ul class="reasons">
          {outcomeOf(item).map((sentence) => <li>{sentence}</li>)}
        </ul>
      </td>
    </tr>
  );
}

function outcomeOf({ class: is, plan, problems }: ContactItem): string[] {
  if (problems.length > 0) return problems.map(({ code }) => DOUBTS[code].after);
  const adds = plan.adds ?? [];
  const blocked = plan.blocked ?? 0;
  return [
    ...(is === "create" ? ["A new logon."] : []),
    ...(is === "restore" ? ["The deleted logon was restored."] : []),
    ...(is === "unchanged" ? ["There was nothing to add."] : []),
    ...(plan.adopts ? ["The logon that was there is this contact’s now."] : []),
    ...(adds.length > 0 ? [`${list(adds)} linked.`] : []),
    ...(blocked > 0 ? [`${count(blocked, "learner")} not linked: blocked.`] : []),
  ];
}
