// Import Contacts: the page that says what became of each contact.

import type { JSX } from "hono/jsx/jsx-runtime";
import type { ContactItem } from "../db/contact_imports.ts";
import type { ContactClass } from "../db/contact_plan.ts";
import type { Task } from "../db/tasks.ts";
import { DOUBTS } from "./contact_doubts.ts";
import type { Frame } from "./layout.tsx";
import { type OutcomeClass, Outcomes, OutcomesPage } from "./outcomes.tsx";
import { count, list } from "./times.ts";
import { Address, fullName } from "./ui.tsx";

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
      <a class="button blue" href={href} data-opens>Mail details…</a>
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
