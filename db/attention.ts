// Needs attention: where a contact says something other than its logon, and what the office makes of it.

import { addAudit, type Author } from "./audit.ts";
import { isInUse } from "./caller_checks.ts";
import { addChangeNotices } from "./change_notices.ts";
import { keepingPlans, type Queryable, type Transaction } from "./connect.ts";
import type { Fragment } from "./fragment.ts";
import { checkLogon, cleanLogon, type LogonInput } from "./logons.ts";
import { findPage, type Page, type PageView } from "./paging.ts";
import { allOf, MOST_COUNTED, searchPatterns } from "./search.ts";

export const ATTENTION_KINDS = [
  "email differs",
  "name differs",
  "responsibility unticked",
  "taken off learner",
  "contact deleted",
] as const;
export type AttentionKind = (typeof ATTENTION_KINDS)[number];

/** What the office does about it. */
export const ATTENTION_DEEDS = ["apply", "keep", "unlink"] as const;
export type AttentionDeed = (typeof ATTENTION_DEEDS)[number];

/** What the address bar says about the inbox. */
export type AttentionView = PageView & {
  readonly kind: AttentionKind | null;
  readonly search: string;
  /** Those that the office has decided to keep as they are, instead of those that are open. */
  readonly kept: boolean;
};

export type AttentionItem = {
  readonly id: number;
  readonly kind: AttentionKind;
  readonly logonId: number;
  readonly firstName: string;
  readonly surname: string;
  readonly username: string;
  readonly email: string | null;
  readonly learnerId: number | null;
  /** First name and surname of the learner that it is about. */
  readonly learner: string | null;
  /** The contact's email or names; empty where it has none. */
  readonly said: string;
  readonly since: Date;
  /** "task 12", "admin 3", or empty where nobody said. */
  readonly source: string;
  /** The feed's task or the admin, by name, as far as it is still known. */
  readonly by: string | null;
  readonly keptAt: Date | null;
  readonly keptBy: string | null;
  /** Why the contact's word cannot be applied; null if it can, or if there is nothing to apply. */
  readonly problem: string | null;
};

export type AttentionPage = Omit<Page, "ids"> & { readonly rows: readonly AttentionItem[] };

/** Which of them: these, and with `all` also every one that matches the view. */
export type AttentionChoice = {
  readonly ids: readonly number[];
  readonly all: boolean;
  readonly view: AttentionView;
};

/** Items that one request settles at most: with more, the office is told to go on. */
const MOST_AT_ONCE = 5_000;

/** What became of the chosen. */
export type AttentionOutcome = {
  readonly done: number;
  /** Whose contact says what a logon cannot have. */
  readonly leftOut: number;
  /** Changed or settled by somebody else since they were shown. */
  readonly gone: number;
  /** More were chosen than one request settles. */
  readonly more?: boolean;
};

/** One page of the inbox, newest first. */
export async function listAttention(sql: Queryable, view: AttentionView): Promise<AttentionPage> {
  const { ids, ...page } = await findPage(sql, view, {
    table: "attention",
    matching: matches(sql, view),
    filtered: true,
    columns: ["id", "since"],
    keysOf: (row) => [sql`${row}.since`, sql`${row}.id`],
  });
  return { ...page, rows: await findItems(sql, ids) };
}

/** How many of each kind are open; at most {@link MOST_COUNTED} + 1 of each are counted. */
export async function countAttentionKinds(sql: Queryable): Promise<Map<AttentionKind, number>> {
  const rows = await sql<{ kind: AttentionKind; count: number }[]>`
    select wanted.kind, (
             select count(*)::int from (
               select from attention a
                where a.kind = wanted.kind and a.kept_at is null and not a.resting limit ${
    MOST_COUNTED + 1
  }) as counted) as count
      from unnest(${[...ATTENTION_KINDS]}::text[]) as wanted (kind)`;
  return new Map(rows.map((row) => [row.kind, row.count]));
}

/** How many are open and how many blocks are due, for every page of the office: two short reads of an index. */
export async function countAttention(sql: Queryable, today: string): Promise<number> {
  const [row] = await keepingPlans(sql)<[{ count: number }]>`
    select ((select count(*) from (
              select from attention where kept_at is null and not resting limit ${
    MOST_COUNTED + 1
  }) as counted)
            + (select count(*) from blocks where lifted_at is null and review_on <= ${today}::date))::int as count`;
  return row.count;
}

/**
 * The chosen, as ids; of all that match, the oldest.
 * @param most that one request settles
 * @returns also whether more match than that
 */
export async function findChosen(
  sql: Queryable,
  choice: AttentionChoice,
  most = MOST_AT_ONCE,
): Promise<{ readonly ids: number[]; readonly more: boolean }> {
  const found = choice.all
    ? (await sql<{ id: number }[]>`
        select l.id from attention l where ${
      matches(sql, choice.view)
    } order by l.since, l.id limit ${most + 1}`).map((row) => row.id)
    : choice.ids;
  return { ids: found.slice(0, most), more: found.length > most };
}

/** Says for the rest of the transaction who changes contacts: "task 12" or "admin 3". */
export async function setAttentionSource(sql: Transaction, source: string): Promise<void> {
  await sql`select set_config('parent_logons.source', ${source}, true)`;
}

/** An item with its logon and contact, locked. */
type Applied = {
  readonly kind: AttentionKind;
  readonly logonId: number;
  readonly firstName: string;
  readonly surname: string;
  readonly email: string | null;
  readonly username: string;
  readonly inUse: boolean;
  readonly newFirstName: string;
  readonly newSurname: string;
  readonly newEmail: string | null;
};

/**
 * Writes the contact's email or names to the logon, by the rules of Edit; the username stays. What the contact says now must
 * be what was seen: an item that has changed since has another id.
 */
export async function applyAttention(
  sql: Transaction,
  ids: readonly number[],
  author: Author,
  at: Date,
): Promise<AttentionOutcome> {
  const [there] = await sql<[{ count: number }]>`
    select count(*)::int as count from attention where id = any(${[...ids]}::bigint[])`;
  const found = await sql<Applied[]>`
    select a.kind, l.id as "logonId", l.first_name as "firstName", l.surname, l.email, l.username,
           ${isInUse(sql)} as "inUse",
           case when a.kind = 'name differs' then c.first_name else l.first_name end as "newFirstName",
           case when a.kind = 'name differs' then c.surname else l.surname end as "newSurname",
           case when a.kind = 'email differs' then c.email else l.email end as "newEmail"
      from attention a join logons l on l.id = a.logon_id join contacts c on c.id = l.contact_id
     where a.id = any(${[
    ...ids,
  ]}::bigint[]) and a.kind in ('email differs', 'name differs') and l.deleted_at is null
       and a.said = case a.kind when 'email differs' then coalesce(c.email, '') else c.first_name || ' ' || c.surname end
     order by l.id for update of l`;
  const able = found.filter((item) => applyProblem(item) === null);
  const changes = [...Map.groupBy(able, (item) => item.logonId).values()].flatMap(joinItems);
  await sql`
    update logons l
       set first_name = n.first_name, surname = n.surname, email = n.email, version = l.version + 1, updated_at = now()
      from unnest(
        ${changes.map(({ logonId }) => logonId)}::bigint[], ${
    changes.map((one) => one.newFirstName)
  }::text[],
        ${changes.map((one) => one.newSurname)}::text[], ${
    changes.map((one) => one.newEmail)
  }::text[]
      ) as n (id, first_name, surname, email)
     where l.id = n.id`;
  await addAudit(sql, changes.map((change) => changeOf(change, author)));
  const told = changes.filter((change) => change.inUse && change.newEmail !== change.email);
  await addChangeNotices(
    sql,
    told.map(({ logonId, firstName, surname, username, email, newEmail }) => ({
      ...{ logonId, username, newEmail },
      name: `${firstName} ${surname}`,
      address: email,
    })),
    { ...author, at },
  );
  return {
    done: able.length,
    leftOut: there.count - able.length,
    gone: ids.length - there.count,
  };
}

/** Leaves the chosen as they are, until the contact says something else. */
export async function keepAttention(
  sql: Transaction,
  ids: readonly number[],
  author: Author,
  at: Date,
): Promise<AttentionOutcome> {
  const kept = await sql<{ logonId: number; kind: string; said: string; learnerId: number }[]>`
    update attention set kept_at = ${at}, kept_by = ${author.adminId}
     where id = any(${[...ids]}::bigint[]) and kept_at is null
    returning logon_id as "logonId", kind, said, learner_id as "learnerId"`;
  await addAudit(
    sql,
    kept.map(({ logonId, ...after }) => ({
      ...author,
      what: "keep as it is",
      subject: "logon",
      subjectId: logonId,
      after,
    })),
  );
  return { done: kept.length, leftOut: 0, gone: ids.length - kept.length };
}

/** Ends the links that the chosen are about; those about no link are left out. */
export async function unlinkAttention(
  sql: Transaction,
  ids: readonly number[],
  author: Author,
): Promise<AttentionOutcome> {
  const wanted = await sql<{ logonId: number; learnerId: number | null }[]>`
    select logon_id as "logonId", learner_id as "learnerId" from attention where id = any(${[
    ...ids,
  ]}::bigint[])
     order by learner_id, logon_id`;
  const links = wanted.flatMap(({ logonId, learnerId }) =>
    learnerId === null ? [] : [{ logonId, learnerId }]
  );
  const learners = [...new Set(links.map((link) => link.learnerId))];
  // First learners, then logons: the order of every way to link.
  await sql`select from learners where id = any(${learners}::bigint[]) order by id for key share`;
  await sql`
    update logons set version = version + 1, updated_at = now()
     where id = any(${links.map((link) => link.logonId)}::bigint[])`;
  const ended = await sql<{ logonId: number; learnerId: number }[]>`
    delete from logon_learners k
     using unnest(${links.map((link) => link.logonId)}::bigint[], ${
    links.map((link) => link.learnerId)
  }::bigint[]) as n (logon_id, learner_id)
     where k.logon_id = n.logon_id and k.learner_id = n.learner_id
    returning k.logon_id as "logonId", k.learner_id as "learnerId"`;
  await addAudit(
    sql,
    ended.map(({ logonId, learnerId }) => ({
      ...author,
      what: "edit logon",
      subject: "logon",
      subjectId: logonId,
      after: { removedLearnerIds: [learnerId] },
    })),
  );
  return {
    done: ended.length,
    leftOut: wanted.length - links.length,
    gone: ids.length - wanted.length + links.length - ended.length,
  };
}

/** Email and names of one logon may both be applied at once. */
function joinItems(items: readonly Applied[]): Applied[] {
  const [first] = items;
  if (!first) return [];
  const named = items.find((item) => item.kind === "name differs") ?? first;
  const mailed = items.find((item) => item.kind === "email differs") ?? first;
  return [{
    ...first,
    newFirstName: named.newFirstName,
    newSurname: named.newSurname,
    newEmail: mailed.newEmail,
  }];
}

function changeOf(change: Applied, author: Author): Parameters<typeof addAudit>[1][number] {
  const { logonId, firstName, surname, email, newFirstName, newSurname, newEmail } = change;
  return {
    ...author,
    what: "edit logon",
    subject: "logon",
    subjectId: logonId,
    before: { firstName, surname, email },
    after: { firstName: newFirstName, surname: newSurname, email: newEmail, fromContact: true },
  };
}

/** Why the contact's word cannot be a logon's, in a sentence; null if it can. */
function applyProblem(
  item: Pick<Applied, "kind" | "newFirstName" | "newSurname" | "newEmail" | "username">,
): string | null {
  if (item.kind === "email differs" && item.newEmail === null) {
    return "The contact has no email any more. Take it away in the Edit window, or keep it.";
  }
  const input: LogonInput = {
    firstName: item.newFirstName,
    surname: item.newSurname,
    email: item.newEmail ?? "",
    username: item.username,
    password: "",
  };
  const nobodyElse = { ownerOf: () => undefined, sharersOf: () => [] };
  const problems = checkLogon(input, nobodyElse, { shortestPassword: 0, schoolName: "" });
  const clean = cleanLogon(input);
  if (item.kind === "email differs") {
    return problems.email === undefined && clean.email === item.newEmail
      ? null
      : "What the contact has is no email address. Mend it on the learner’s record.";
  }
  return problems.firstName ?? problems.surname ?? null;
}

function matches(sql: Queryable, view: AttentionView): Fragment {
  const patterns = searchPatterns(view.search);
  return allOf(sql, [
    view.kept ? sql`l.kept_at is not null` : sql`l.kept_at is null`,
    sql`not l.resting`,
    ...(view.kind === null ? [] : [sql`l.kind = ${view.kind}`]),
    ...(patterns.length === 0 ? [] : [
      sql`exists (select from logons o where o.id = l.logon_id and ${
        allOf(sql, patterns.map((pattern) => sql`o.search_key like ${pattern}`))
      })`,
    ]),
  ]);
}

type FoundItem = Omit<AttentionItem, "problem"> & {
  readonly newFirstName: string | null;
  readonly newSurname: string | null;
};

async function findItems(sql: Queryable, ids: readonly number[]): Promise<AttentionItem[]> {
  if (ids.length === 0) return [];
  const rows = await sql<FoundItem[]>`
    select a.id, a.kind, a.logon_id as "logonId", l.first_name as "firstName", l.surname, l.username, l.email,
           a.learner_id as "learnerId", p.first_name || ' ' || p.surname as learner, a.said, a.since, a.source,
           coalesce(t.title, d.name) as by, a.kept_at as "keptAt", k.name as "keptBy",
           c.first_name as "newFirstName", c.surname as "newSurname"
      from unnest(${[...ids]}::bigint[]) with ordinality as wanted (id, place)
      join attention a on a.id = wanted.id
      join logons l on l.id = a.logon_id
      left join contacts c on c.id = l.contact_id
      left join learners p on p.id = a.learner_id
      left join tasks t on t.id = substring(a.source from '^task ([0-9]{1,15})$')::bigint
      left join admins d on d.id = substring(a.source from '^admin ([0-9]{1,15})$')::bigint
      left join admins k on k.id = a.kept_by
     order by wanted.place`;
  return rows.map(({ newFirstName, newSurname, ...row }): AttentionItem => ({
    ...row,
    problem: row.kind === "email differs" || row.kind === "name differs"
      ? applyProblem({
        kind: row.kind,
        username: row.username,
        newFirstName: newFirstName ?? row.firstName,
        newSurname: newSurname ?? row.surname,
        newEmail: row.kind === "email differs" ? row.said || null : null,
      })
      : null,
  }));
}
