// Import Contacts: which contacts can be imported and what each would become, starting an import, and writing it.

import { addAudit, type Author, type Change } from "./audit.ts";
import type { Queryable, Sql, Transaction } from "./connect.ts";
import { findImportFacts } from "./import_facts.ts";
import type { RowClass } from "./import_plan.ts";
import type { ReadRow } from "./import_rows.ts";
import { findUsernames } from "./import_usernames.ts";
import { checkLogon } from "./logons.ts";
import type postgres from "postgres";
import { allOf, MOST_COUNTED, searchPatterns } from "./search.ts";
import { addTask, type Claim, claimed } from "./tasks.ts";

/** The kind of these tasks, and of their job. */
export const CONTACT_IMPORT = "contact import";
/** Contacts that the window shows at once. */
export const MOST_SHOWN = 200;

/** A learner on whose record the contact has Parental Responsibility. */
export type OwnLearner = {
  readonly id: number;
  readonly firstName: string;
  readonly surname: string;
  /** Whether a block in force keeps this adult from the learner; why is not told here. */
  readonly isBlocked: boolean;
};

/** A logon that is, or is likely to be, this contact's. */
export type OwnLogon = {
  readonly id: number;
  readonly username: string;
  readonly isDeleted: boolean;
  readonly learnerIds: readonly number[];
};

/** A contact with all that decides what an import makes of it. */
export type Contact = {
  readonly id: number;
  readonly firstName: string;
  readonly surname: string;
  readonly email: string | null;
  /** Those with Parental Responsibility, by name. */
  readonly learners: readonly OwnLearner[];
  /** Logons that remember this contact: live ones first, then the one that was deleted last. */
  readonly logons: readonly OwnLogon[];
  /** Live logons of no contact with the same names and email; asked only for who has no logon. */
  readonly likely: readonly OwnLogon[];
  /** Other contacts with the same names and email; likewise. */
  readonly twins: number;
};

export type ContactClass = Exclude<RowClass, "update">;

/** Why a contact is left out: a view has the sentences. */
export type Doubt =
  | "no learner"
  | "no email"
  | "bad email"
  | "several logons"
  | "several contacts"
  | "blocked"
  | "changed"
  | "gone"
  | "taken";

/** What an import makes of a contact. */
export type ContactPlan = {
  readonly class: ContactClass;
  /** The logon there is; null for a new one, and for none. */
  readonly logon: OwnLogon | null;
  /** Whether that logon has belonged to no contact so far, and is remembered as this one's. */
  readonly adopts: boolean;
  /** Learners that are not linked yet. */
  readonly adds: readonly OwnLearner[];
  /** How many learners are left out because of a block. */
  readonly blocked: number;
  readonly doubt: Doubt | null;
};

export type PlannedContact = {
  readonly contact: Contact;
  readonly plan: ContactPlan;
  /** Whether anything would come of importing it. */
  readonly isChoosable: boolean;
};

export type ContactPage = {
  readonly rows: readonly PlannedContact[];
  /** How many match; of a search at most {@link MOST_COUNTED} + 1 are counted. */
  readonly total: number;
};

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

/** The contact that a row is about. */
type Of = { readonly of: number };
type Fragment = postgres.PendingQuery<postgres.Row[]>;

/** The first contacts by name with Parental Responsibility for anybody, that match every word of a contact's or a learner's name. */
export async function listContacts(sql: Queryable, search: string): Promise<ContactPage> {
  const matching = matches(sql, search);
  const searched = searchPatterns(search).length > 0;
  const counting = sql<[{ total: number }]>`
    select count(*)::int as total from (
      select from contacts c where ${matching} ${
    searched ? sql`limit ${MOST_COUNTED + 1}` : sql``
  }) as counted`;
  // As in the list of logons: few are fetched first, many are met soon in their order.
  const [[counted], ids] = searched
    ? await counting.then(async (rows) =>
      [rows, await firstIds(sql, matching, rows[0].total <= MOST_COUNTED)] as const
    )
    : await Promise.all([counting, firstIds(sql, matching, false)]);
  const contacts = await findContacts(sql, ids);
  return {
    rows: contacts.map((contact) => {
      const plan = planContact(contact);
      return { contact, plan, isChoosable: isChange(plan) };
    }),
    total: counted.total,
  };
}

/** The contacts with these ids, in that order; who is not there is left out. */
export async function findContacts(
  sql: Queryable,
  ids: readonly number[],
): Promise<Contact[]> {
  if (ids.length === 0) return [];
  // A handful of plain queries: one that fetches all of it for each contact takes longer. With an offset a row is looked up
  // for each contact, where the planner, who cannot know how few there are, would read the whole table.
  const [contacts, learners, blocks, logons] = await Promise.all([
    sql<Pick<Contact, "id" | "firstName" | "surname" | "email">[]>`
      select id, first_name as "firstName", surname, email from contacts where id = any(${[
      ...ids,
    ]}::bigint[])`,
    sql<(Omit<OwnLearner, "isBlocked"> & Of)[]>`
      select r.contact_id as "of", p.id, p.first_name as "firstName", p.surname
        from contact_learners r
        cross join lateral (select * from learners p where p.id = r.learner_id offset 0) p
       where r.contact_id = any(${[...ids]}::bigint[]) and r.parental_responsibility
       order by p.surname collate "en-x-icu", p.first_name collate "en-x-icu", p.id`,
    findBlockedPairs(sql, ids),
    sql<(OwnLogon & Of)[]>`
      select l.contact_id as "of", ${logonColumns(sql)} from logons l
       where l.contact_id = any(${[...ids]}::bigint[])
       order by l.deleted_at desc nulls first, l.id`,
  ]);
  const logonsOf = Map.groupBy(logons, ofWhom);
  const { likely, twins } = await findSameNames(sql, ids.filter((id) => !logonsOf.has(id)));
  const known = new Map(contacts.map((contact) => [contact.id, contact]));
  const isBlocked = new Set(blocks.map((pair) => `${pair.of} ${pair.learnerId}`));
  const [learnersOf, likelyOf, twinsOf] = [
    Map.groupBy(learners, ofWhom),
    Map.groupBy(likely, ofWhom),
    Map.groupBy(twins, ofWhom),
  ];
  return ids.flatMap((id) => {
    const contact = known.get(id);
    return contact === undefined ? [] : [{
      ...contact,
      learners: (learnersOf.get(id) ?? []).map((learner) => ({
        ...learner,
        isBlocked: isBlocked.has(`${id} ${learner.id}`),
      })),
      logons: logonsOf.get(id) ?? [],
      likely: likelyOf.get(id) ?? [],
      twins: twinsOf.get(id)?.length ?? 0,
    }];
  });
}

/** Live logons of no contact, and other contacts, with the names and the email of these contacts. */
async function findSameNames(
  sql: Queryable,
  ids: readonly number[],
): Promise<{ likely: (OwnLogon & Of)[]; twins: Of[] }> {
  if (ids.length === 0) return { likely: [], twins: [] };
  const [likely, twins] = await Promise.all([
    sql<(OwnLogon & Of)[]>`
      select c.id as "of", l.*
        from contacts c
        cross join lateral (
          select ${logonColumns(sql)} from logons l
           where l.email is not null and email_key(l.email) = email_key(c.email)
             and l.contact_id is null and l.deleted_at is null
             and username_key(l.first_name) = username_key(c.first_name)
             and username_key(l.surname) = username_key(c.surname)
          offset 0
        ) l
       where c.id = any(${[...ids]}::bigint[])
       order by l.id`,
    sql<Of[]>`
      select c.id as "of"
        from contacts c
        cross join lateral (
          select from contacts a
           where a.email is not null and email_key(a.email) = email_key(c.email) and a.id <> c.id
             and username_key(a.first_name) = username_key(c.first_name)
             and username_key(a.surname) = username_key(c.surname)
          offset 0
        ) a
       where c.id = any(${[...ids]}::bigint[])`,
  ]);
  return { likely, twins };
}

/**
 * A block belongs to the adult. Where the office has blocked another record of the same adult, it is better to leave out a
 * learner too many, who can be linked by hand: a logon of no contact is known by email and surname, another contact by all
 * of its names as well.
 */
async function findBlockedPairs(
  sql: Queryable,
  ids: readonly number[],
): Promise<(Of & { readonly learnerId: number })[]> {
  return await sql<(Of & { learnerId: number })[]>`
    select distinct c.id as "of", b.learner_id as "learnerId"
      from blocks b
      left join logons l on l.id = b.logon_id
      left join contacts a on a.id = coalesce(b.contact_id, l.contact_id)
      join contact_learners r on r.learner_id = b.learner_id
      join contacts c on c.id = r.contact_id
     where b.lifted_at is null and r.contact_id = any(${[...ids]}::bigint[])
       and (b.contact_id = c.id or l.contact_id = c.id
            or (email_key(coalesce(a.email, l.email)) = email_key(c.email)
                and username_key(coalesce(a.surname, l.surname)) = username_key(c.surname)
                and (a.id is null or username_key(a.first_name) = username_key(c.first_name))))`;
}

/** What an import makes of a contact as it is now. Pure: the window shows what the job will do. */
export function planContact(contact: Contact): ContactPlan {
  const open = contact.learners.filter((learner) => !learner.isBlocked);
  const blocked = contact.learners.length - open.length;
  const [own] = contact.logons;
  const [likely, ...others] = contact.likely;
  function leaveOut(doubt: Doubt): ContactPlan {
    const logon = own ?? null;
    return { class: "error", logon, adopts: false, adds: [], blocked, doubt };
  }
  function plan(is: ContactClass, logon: OwnLogon | null, adopts = false): ContactPlan {
    // Where the contact has several live logons, what one of them sees is not missing.
    const seeing = logon === null || logon.isDeleted || adopts
      ? [logon]
      : contact.logons.filter((one) => !one.isDeleted);
    const linked = seeing.flatMap((one) => one?.learnerIds ?? []);
    const adds = open.filter((learner) => !linked.includes(learner.id));
    const isSame = is === "link" && adds.length === 0 && !adopts;
    return { class: isSame ? "unchanged" : is, logon, adopts, adds, blocked, doubt: null };
  }
  if (contact.learners.length === 0) return leaveOut("no learner");
  if (contact.email === null) return leaveOut("no email");
  if (own && !own.isDeleted) return plan("link", own);
  if (open.length === 0) return { ...leaveOut("blocked"), class: "blocked" };
  if (own) return plan("restore", own);
  if (!isAddress(contact, contact.email)) return leaveOut("bad email");
  if (others.length > 0) return leaveOut("several logons");
  if (likely && contact.twins > 0) return leaveOut("several contacts");
  return likely ? plan("link", likely, true) : plan("create", null);
}

/** Why this choice cannot be imported; null if it can. Who has nothing to add does no harm. */
export async function checkChoice(sql: Queryable, choice: Choice): Promise<ChoiceProblem | null> {
  const found = new Map((await findContacts(sql, choice.ids)).map((one) => [one.id, one]));
  const refused = choice.ids.flatMap((id) => {
    const contact = found.get(id);
    const doubt = contact === undefined ? "gone" : planContact(contact).doubt;
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
    select ${taskId}, row_number() over (order by c.surname collate "en-x-icu", c.first_name collate "en-x-icu", c.id),
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
      (await findContacts(tx, items.map(({ input }) => input.contact))).map((one) => [one.id, one]),
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

type Item = { readonly position: number; readonly input: ContactInput };
type PlannedItem = {
  readonly item: Item;
  readonly contact: Contact | null;
  readonly plan: ContactPlan;
};
/** With the logon that there is now; null where there is none. */
type WrittenItem = PlannedItem & {
  readonly logonId: number | null;
  readonly username: string | null;
};

function matches(sql: Queryable, search: string): Fragment {
  return allOf(sql, [
    sql`c.responsible_count > 0`,
    ...searchPatterns(search).map((pattern) => sql`c.search_key like ${pattern}`),
  ]);
}

async function firstIds(sql: Queryable, matching: Fragment, few: boolean): Promise<number[]> {
  const rows = await sql<{ id: number }[]>`
    ${
    few
      ? sql`with c as materialized (
              select c.id, c.surname, c.first_name from contacts c where ${matching}
            ) select c.id from c`
      : sql`select c.id from contacts c where ${matching}`
  } order by c.surname collate "en-x-icu", c.first_name collate "en-x-icu", c.id limit ${MOST_SHOWN}`;
  return rows.map((row) => row.id);
}

function logonColumns(sql: Queryable): Fragment {
  return sql`l.id, l.username, l.deleted_at is not null as "isDeleted",
             array(select k.learner_id from logon_learners k where k.logon_id = l.id) as "learnerIds"`;
}

function ofWhom(row: Of): number {
  return row.of;
}

function isChange(plan: ContactPlan): boolean {
  return plan.class === "create" || plan.class === "link" || plan.class === "restore";
}

function isAddress(contact: Contact, email: string): boolean {
  const { firstName, surname } = contact;
  const nobodyElse = { ownerOf: () => undefined, sharersOf: () => [] };
  const options = { shortestPassword: 0, schoolName: "" };
  const input = { firstName, surname, email, username: email, password: "" };
  return checkLogon(input, nobodyElse, options).email === undefined;
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
function planItem(item: Item, contact: Contact | undefined): PlannedItem {
  const nothing = { class: "error", logon: null, adopts: false, adds: [], blocked: 0 } as const;
  if (contact === undefined) {
    return { item, contact: null, plan: { ...nothing, doubt: "gone" } };
  }
  const plan = planContact(contact);
  const isChanged = plan.doubt !== "no learner" && plan.doubt !== "no email" &&
    describe(contact, contact.learners.map((learner) => learner.id)) !==
      describe(item.input, item.input.learnerIds);
  return { item, contact, plan: isChanged ? { ...nothing, doubt: "changed" } : plan };
}

function describe(
  adult: Pick<Contact, "firstName" | "surname" | "email">,
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
  const found = findUsernames(adults, facts);
  const usernames = adults.map((adult) => found.get(adult) ?? "");
  // In one order in every import, so that two that add the same usernames do not wait for each other.
  const added = await tx<{ id: number; contactId: number }[]>`
    insert into logons (first_name, surname, email, username, contact_id)
    select n.first_name, n.surname, n.email, n.username, n.contact_id
      from unnest(
        ${rows.map((row) => row.firstName)}::text[], ${rows.map((row) => row.surname)}::text[],
        ${rows.map((row) => row.email)}::text[], ${usernames}::text[],
        ${planned.map(({ item }) => item.input.contact)}::bigint[]
      ) as n (first_name, surname, email, username, contact_id)
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
