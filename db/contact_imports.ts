// Import Contacts: choosing whom, starting an import, and what became of each contact.

import type { Queryable, Transaction } from "./connect.ts";
import { findCandidates, matches } from "./contact_candidates.ts";
import { type ContactClass, type Doubt, planCandidate } from "./contact_plan.ts";
import { addTask } from "./tasks.ts";

/** The kind of these tasks, and of their job. */
export const CONTACT_IMPORT = "contact import";

/** What somebody chose: these contacts, and with `all` everybody with an email who matches the search. */
export type Choice = {
  readonly ids: readonly number[];
  readonly all: boolean;
  readonly search: string;
};

/** Why a choice is refused: nothing is chosen, or some of the contacts cannot be. */
export type ChoiceProblem =
  | { readonly code: "nothing" }
  | {
    readonly code: Doubt;
    /** First name and surname of the first; empty if it is not there any more. */
    readonly who: string;
    readonly ids: readonly number[];
  };

/** A contact as it was when it was chosen. */
export type ContactInput = {
  readonly contact: number;
  readonly firstName: string;
  readonly surname: string;
  readonly email: string | null;
  readonly learnerIds: readonly number[];
  /** "First Surname, First Surname". */
  readonly learners: string;
};

/** A contact of an import with what became of it. */
export type ContactItem = {
  readonly position: number;
  readonly class: ContactClass;
  readonly state: "planned" | "done" | "left out" | "failed";
  readonly input: ContactInput;
  readonly plan: {
    readonly username?: string;
    /** Names of the learners that were linked. */
    readonly adds?: readonly string[];
    readonly adopts?: boolean;
    readonly blocked?: number;
  };
  readonly problems: readonly { readonly code: Doubt }[];
};

/** Why this choice cannot be imported; null if it can. Who has nothing to add does no harm. */
export async function checkChoice(sql: Queryable, choice: Choice): Promise<ChoiceProblem | null> {
  const found = new Map((await findCandidates(sql, choice.ids)).map((one) => [one.id, one]));
  const refused = choice.ids.flatMap((id) => {
    const contact = found.get(id);
    const doubt = contact === undefined ? "gone" : planCandidate(contact).doubt;
    const who = contact === undefined ? "" : `${contact.firstName} ${contact.surname}`;
    return doubt === null ? [] : [{ id, doubt, who }];
  });
  const [first] = refused;
  if (first) return { code: first.doubt, who: first.who, ids: refused.map((one) => one.id) };
  if (choice.ids.length > 0) return null;
  const any = choice.all
    ? await sql`select from contacts c where ${
      matches(sql, choice.search)
    } and c.email is not null limit 1`
    : [];
  return any.length === 0 ? { code: "nothing" } : null;
}

/** Stores the task that imports a choice, each contact as it is now; the caller sends the job in the same transaction. @returns the task's id */
export async function startContactImport(
  sql: Transaction,
  choice: Choice,
  by: { readonly adminId: number; readonly requestId: string | null },
): Promise<number> {
  const taskId = await addTask(sql, {
    kind: CONTACT_IMPORT,
    title: "Import contacts",
    adminId: by.adminId,
    facts: {},
    requestId: by.requestId,
  });
  const all = choice.all
    ? sql`(${matches(sql, choice.search)} and c.email is not null)`
    : sql`false`;
  const { count } = await sql`
    insert into task_items (task_id, position, class, input)
    select ${taskId}, row_number() over (order by c.name_key, c.id),
           'unchanged',
           jsonb_build_object('contact', c.id, 'firstName', c.first_name, 'surname', c.surname, 'email', c.email,
             'learners', c.responsible_names,
             'learnerIds', array(select r.learner_id from contact_learners r
                                  where r.contact_id = c.id and r.parental_responsibility))
      from contacts c
     where c.id = any(${[...choice.ids]}::bigint[]) or ${all}`;
  await sql`
    update tasks set title = ${`Import ${count} ${count === 1 ? "contact" : "contacts"}`},
                     facts = ${sql.json({ rows: count })}
     where id = ${taskId}`;
  return taskId;
}

/** How many contacts an import has, and how many of these it has done with. */
export async function countImported(
  sql: Queryable,
  taskId: number,
): Promise<{ done: number; total: number }> {
  const [row] = await sql<[{ done: number; total: number }]>`
    select count(*) filter (where state <> 'planned')::int as done, count(*)::int as total
      from task_items where task_id = ${taskId}`;
  return row;
}

/** How an import ended: how many of each kind, and by {@link Doubt} how many were left out why. */
export async function countContactOutcomes(
  sql: Queryable,
  taskId: number,
): Promise<Record<string, number>> {
  const [row] = await sql<[Record<string, number>]>`
    select count(*) filter (where state = 'done' and class = 'create')::int as created,
           count(*) filter (where state = 'done' and class = 'link')::int as linked,
           count(*) filter (where state = 'done' and class = 'restore')::int as restored,
           count(*) filter (where state = 'done' and class = 'unchanged')::int as unchanged,
           count(*) filter (where state in ('left out', 'failed'))::int as "leftOut",
           coalesce(sum((plan->>'blocked')::int) filter (where state = 'done'), 0)::int as "learnersBlocked"
      from task_items where task_id = ${taskId}`;
  const reasons = await sql<{ doubt: Doubt; count: number }[]>`
    select problems->0->>'code' as doubt, count(*)::int as count from task_items
     where task_id = ${taskId} and state in ('left out', 'failed') group by 1`;
  return { ...row, ...Object.fromEntries(reasons.map((one) => [`why ${one.doubt}`, one.count])) };
}

/** Contacts of an import by name, a page at a time. @param wanted.after position of the last one of the page before, or 0 */
export async function listContactItems(
  sql: Queryable,
  taskId: number,
  wanted: { readonly class: ContactClass | null; readonly after: number; readonly limit: number },
): Promise<ContactItem[]> {
  return await sql<ContactItem[]>`
    select position, class, state, input, plan, problems from task_items
     where task_id = ${taskId} and position > ${wanted.after} and state <> 'planned'
       and ${wanted.class === null ? sql`true` : sql`class = ${wanted.class}`}
     order by position limit ${wanted.limit}`;
}

/** The logons that an import has added or restored and that have no password yet: those whose parents wait for a mail. */
export async function listLogonsToMail(sql: Queryable, taskId: number): Promise<number[]> {
  const rows = await sql<{ id: number }[]>`
    select l.id from task_items i
      join tasks t on t.id = i.task_id
      join logons l on l.id = i.logon_id
     where i.task_id = ${taskId} and t.kind = ${CONTACT_IMPORT} and t.state = 'done'
       and i.state = 'done' and i.class in ('create', 'restore')
       and l.deleted_at is null and l.email is not null and l.password_until is null
     order by i.position`;
  return rows.map((row) => row.id);
}

/** How many contacts of each class an import has written so far. */
export async function countContactClasses(
  sql: Queryable,
  taskId: number,
): Promise<Map<ContactClass, number>> {
  const rows = await sql<{ class: ContactClass; count: number }[]>`
    select class, count(*)::int as count from task_items
     where task_id = ${taskId} and state <> 'planned' group by class`;
  return new Map(rows.map((row) => [row.class, row.count]));
}
