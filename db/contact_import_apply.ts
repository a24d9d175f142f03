// Writing an import of contacts: each as it is now, whole or not at all, and never twice.

import { addAudit, type Author, type Change } from "./audit.ts";
import type { Sql, Transaction } from "./connect.ts";
import { findCandidates } from "./contact_candidates.ts";
import type { ContactInput } from "./contact_imports.ts";
import { type Candidate, type ContactPlan, isChange, planCandidate } from "./contact_plan.ts";
import { findImportFacts } from "./import_facts.ts";
import type { ReadRow } from "./import_rows.ts";
import { findUsernames } from "./import_usernames.ts";
import { atOnce } from "../lib/turns.ts";
import { type Claim, claimed } from "./tasks.ts";

type Item = { readonly position: number; readonly input: ContactInput };
type PlannedItem = {
  readonly item: Item;
  readonly contact: Candidate | null;
  readonly plan: ContactPlan;
};
/** With the logon that there is now; null where there is none. */
type WrittenItem = PlannedItem & {
  readonly logonId: number | null;
  readonly username: string | null;
};

/**
 * Writes the next contacts of an import, in one transaction: each as it is now, whole or not at all, and never twice.
 * @returns how many were written; 0 at the end
 * @throws ClaimLost if another worker has the task: nothing is written then
 */
export async function importContacts(
  sql: Sql,
  claim: Claim,
  chunk: { readonly size: number; readonly author: Author },
): Promise<number> {
  return await claimed(sql, claim, async (tx) => {
    const items = await tx<Item[]>`
      select position, input from task_items
       where task_id = ${claim.taskId} and state = 'planned' order by position limit ${chunk.size}`;
    if (items.length === 0) return 0;
    await lock(tx, items);
    const now = new Map(
      (await findCandidates(tx, items.map(({ input }) => input.contact))).map((
        one,
      ) => [one.id, one]),
    );
    const planned = items.map((item) => planItem(item, now.get(item.input.contact)));
    const written = [
      ...await addLogons(tx, planned.filter(({ plan }) => plan.class === "create")),
      ...await changeLogons(tx, planned.filter(({ plan }) => plan.class !== "create")),
    ];
    await addLinks(tx, written);
    await addAudit(tx, written.flatMap((one) => changeOf(one, claim.taskId, chunk.author)));
    await markItems(tx, claim.taskId, written);
    return items.length;
  });
}

/**
 * In the order that every way to link or block keeps, so that nobody waits for each other: first learners, then contacts,
 * then logons. Two imports of one contact wait for each other here, and the second finds the logon of the first.
 */
async function lock(tx: Transaction, items: readonly Item[]): Promise<void> {
  const learners = [...new Set(items.flatMap(({ input }) => input.learnerIds))];
  const contacts = items.map(({ input }) => input.contact);
  await tx`select from learners where id = any(${learners}::bigint[]) order by id for key share`;
  await tx`select from contacts where id = any(${contacts}::bigint[]) order by id for no key update`;
  await tx`
    select from logons where id in (
      select l.id from logons l where l.contact_id = any(${contacts}::bigint[])
      union
      select l.id from contacts c
        join logons l on l.email is not null and email_key(l.email) = email_key(c.email)
       where c.id = any(${contacts}::bigint[]) and l.contact_id is null
    ) order by id for update`;
}

/** A contact that is not as it was when it was chosen is left alone: nobody has looked at what it says now. */
function planItem(item: Item, contact: Candidate | undefined): PlannedItem {
  const nothing = { class: "error", logon: null, adopts: false, adds: [], blocked: 0 } as const;
  if (contact === undefined) {
    return { item, contact: null, plan: { ...nothing, doubt: "gone" } };
  }
  const plan = planCandidate(contact);
  const isChanged = plan.doubt !== "no learner" && plan.doubt !== "no email" &&
    describe(contact, contact.learners.map((learner) => learner.id)) !==
      describe(item.input, item.input.learnerIds);
  return { item, contact, plan: isChanged ? { ...nothing, doubt: "changed" } : plan };
}

function describe(
  adult: Pick<Candidate, "firstName" | "surname" | "email">,
  learnerIds: readonly number[],
): string {
  const ids = learnerIds.toSorted((one, other) => one - other);
  return JSON.stringify([adult.firstName, adult.surname, adult.email, ids]);
}

async function addLogons(tx: Transaction, planned: readonly PlannedItem[]): Promise<WrittenItem[]> {
  if (planned.length === 0) return [];
  const rows = planned.map(({ item }) => rowOf(item));
  const facts = await findImportFacts(tx, rows);
  const adults = rows.map((row) => ({ logon: null, rows: [row] }));
  const found = atOnce(findUsernames(adults, facts));
  const usernames = adults.map((adult) => found.get(adult) ?? "");
  // In one order in every import, so that two that add the same usernames do not wait for each other; and with what the
  // triggers of the links would write, so that the row and its many indexes are written once.
  const added = await tx<{ id: number; contactId: number }[]>`
    insert into logons (first_name, surname, email, username, contact_id,
                        linked_names, linked_count, linked_groups, learners_until)
    select n.first_name, n.surname, n.email, n.username, n.contact_id, k.names, k.count, k.groups, k.until
      from unnest(
        ${rows.map((row) => row.firstName)}::text[], ${rows.map((row) => row.surname)}::text[],
        ${rows.map((row) => row.email)}::text[], ${usernames}::text[],
        ${planned.map(({ item }) => item.input.contact)}::bigint[],
        ${planned.map(({ plan }) => `{${plan.adds.map((learner) => learner.id).join()}}`)}::text[]
      ) as n (first_name, surname, email, username, contact_id, learner_ids)
      cross join lateral linked_to(n.learner_ids::bigint[]) k
     order by n.username
    on conflict (username_key) do nothing
    returning id, contact_id as "contactId"`;
  const ids = new Map(added.map((row) => [row.contactId, row.id]));
  return planned.map((one, place): WrittenItem => {
    const logonId = ids.get(one.item.input.contact) ?? null;
    if (logonId !== null) return { ...one, logonId, username: usernames[place] ?? null };
    const plan: ContactPlan = { ...one.plan, class: "error", adds: [], doubt: "taken" };
    return { ...one, plan, logonId, username: null };
  });
}

/** The contact as a row of a workbook without a username would say it: one rule gives usernames to both. */
function rowOf({ position, input }: Item): ReadRow {
  return {
    position,
    firstName: input.firstName,
    surname: input.surname,
    email: input.email ?? "",
    username: "",
    password: "",
    learners: [],
    tfa: false,
    input: {},
    problems: [],
  };
}

async function changeLogons(
  tx: Transaction,
  planned: readonly PlannedItem[],
): Promise<WrittenItem[]> {
  const written = planned.map((one): WrittenItem => ({
    ...one,
    logonId: one.plan.doubt === null ? one.plan.logon?.id ?? null : null,
    username: one.plan.logon?.username ?? null,
  }));
  const changed = written.filter(({ plan }) => isChange(plan));
  if (changed.length === 0) return written;
  // Also where only links are added: an edit window that was opened before must not take them away.
  await tx`
    update logons l set contact_id = n.contact_id, deleted_at = null, deleted_by = null,
                        version = l.version + 1, updated_at = now()
      from unnest(
        ${changed.map(({ logonId }) => logonId)}::bigint[],
        ${changed.map(({ item }) => item.input.contact)}::bigint[]
      ) as n (id, contact_id)
     where l.id = n.id`;
  return written;
}

/** Every one of them with Parental Responsibility, so without a warning. */
async function addLinks(tx: Transaction, written: readonly WrittenItem[]): Promise<void> {
  const links = written.flatMap(({ plan, logonId }) =>
    logonId === null ? [] : plan.adds.map((learner) => ({ logonId, learnerId: learner.id }))
  );
  if (links.length === 0) return;
  await tx`
    insert into logon_learners (logon_id, learner_id)
    select * from unnest(
      ${links.map((link) => link.logonId)}::bigint[], ${
    links.map((link) => link.learnerId)
  }::bigint[])
    on conflict (logon_id, learner_id) do nothing`;
}

function changeOf(written: WrittenItem, taskId: number, author: Author): Change[] {
  const { item: { input }, plan, logonId, username } = written;
  if (logonId === null || !isChange(plan)) return [];
  const { contact, firstName, surname, email } = input;
  const isNew = plan.class === "create";
  return [{
    ...author,
    what: isNew ? "add logon" : plan.class === "restore" ? "restore logon" : "edit logon",
    subject: "logon",
    subjectId: logonId,
    after: {
      ...(isNew ? { firstName, surname, email, username } : {}),
      ...(isNew || plan.adopts ? { contactId: contact } : {}),
      ...(plan.adds.length > 0 ? { addedLearnerIds: plan.adds.map((learner) => learner.id) } : {}),
      task: taskId,
    },
  }];
}

async function markItems(
  tx: Transaction,
  taskId: number,
  written: readonly WrittenItem[],
): Promise<void> {
  const marks = written.map(({ item, plan, logonId, username }) => ({
    position: item.position,
    class: plan.class,
    state: plan.doubt === null ? "done" : plan.doubt === "blocked" ? "left out" : "failed",
    logon_id: logonId,
    plan: {
      ...(username === null ? {} : { username }),
      adds: plan.adds.map((learner) => `${learner.firstName} ${learner.surname}`),
      adopts: plan.adopts,
      blocked: plan.blocked,
    },
    problems: plan.doubt === null ? [] : [{ code: plan.doubt }],
  }));
  await tx`
    update task_items i
       set class = m.class, state = m.state, logon_id = m.logon_id, plan = m.plan, problems = m.problems
      from jsonb_to_recordset(${tx.json(marks)}) as m (
        position int, class text, state text, logon_id bigint, plan jsonb, problems jsonb)
     where i.task_id = ${taskId} and i.position = m.position`;
}
