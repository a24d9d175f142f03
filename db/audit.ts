// The audit: who changed what, when, from what to what; never a secret.

import type { Queryable } from "./connect.ts";
import type { Fragment } from "./fragment.ts";
import { type AuditValues, withNames } from "./audit_names.ts";
import type postgres from "postgres";

export type Change = {
  /** The admin who did it; null for the program itself and for a parent. */
  readonly adminId: number | null;
  /** That person's name as it was. */
  readonly who: string;
  /** In words, as "edit logon". */
  readonly what: string;
  readonly subject: string;
  readonly subjectId: number | null;
  readonly before?: postgres.JSONValue;
  readonly after?: postgres.JSONValue;
  readonly requestId?: string;
};

/** Records changes, in the transaction that makes them. */
export async function addAudit(sql: Queryable, changes: readonly Change[]): Promise<void> {
  if (changes.length === 0) return;
  const rows = changes.map((change) => ({
    admin_id: change.adminId,
    who: change.who,
    what: change.what,
    subject: change.subject,
    subject_id: change.subjectId,
    before: change.before ?? null,
    after: change.after ?? null,
    request_id: change.requestId ?? null,
  }));
  await sql`
    insert into audit (admin_id, who, what, subject, subject_id, before, after, request_id)
    select admin_id, who, what, subject, subject_id, before, after, request_id
      from jsonb_to_recordset(${sql.json(rows)}) as r (
        admin_id bigint, who text, what text, subject text, subject_id bigint,
        before jsonb, after jsonb, request_id text)`;
}

/** Who did it, as every change records it. */
export type Author = {
  readonly adminId: number | null;
  readonly who: string;
  readonly requestId?: string;
};

/** A change as the Audit page shows it. */
export type AuditRow = {
  readonly id: number;
  readonly at: Date;
  readonly who: string;
  readonly what: string;
  readonly subject: string;
  readonly subjectId: number | null;
  /** What it was done to by its name now, where it has one and is still there. */
  readonly subjectName: string | null;
  readonly before: AuditValues;
  readonly after: AuditValues;
};

/** Which changes: all that is null leaves nothing out. */
export type AuditView = {
  /** An admin, or "others": parents, the program and the operator. */
  readonly who: number | "others" | null;
  readonly what: string | null;
  readonly subject: string | null;
  readonly subjectId: number | null;
  /** The row after which the page begins. */
  readonly after: number | null;
};

/** Rows of one page. */
const AUDIT_PAGE = 50;

/** One page, the newest first, with names where ids are kept. @returns next the row after which there is more, or null */
export async function listAudit(
  sql: Queryable,
  view: AuditView,
): Promise<{ rows: AuditRow[]; next: number | null }> {
  const rows = await sql<AuditRow[]>`
    select a.id, a.at, a.who, a.what, a.subject, a.subject_id as "subjectId", a.before, a.after,
           case a.subject
             when 'logon' then (select l.first_name || ' ' || l.surname from logons l where l.id = a.subject_id)
             when 'admin' then (select x.name from admins x where x.id = a.subject_id)
             when 'learner' then (select p.first_name || ' ' || p.surname from learners p where p.id = a.subject_id)
             when 'contact' then (select k.first_name || ' ' || k.surname from contacts k where k.id = a.subject_id)
             when 'task' then (select t.title from tasks t where t.id = a.subject_id)
             when 'credential mail' then (select m.name from credential_mails m where m.id = a.subject_id)
             when 'block' then (
               select coalesce(l.first_name || ' ' || l.surname, k.first_name || ' ' || k.surname,
                               b.first_name || ' ' || b.surname) || ' from ' || p.first_name || ' ' || p.surname
                 from blocks b join learners p on p.id = b.learner_id
                 left join logons l on l.id = b.logon_id left join contacts k on k.id = b.contact_id
                where b.id = a.subject_id)
           end as "subjectName"
      from (
        select * from audit
         where (${view.after}::bigint is null or id < ${view.after})
           and ${
    view.who === null
      ? sql`true`
      : view.who === "others"
      ? sql`admin_id is null`
      : sql`admin_id = ${view.who}`
  }
           and ${view.what === null ? sql`true` : sql`what = ${view.what}`}
           and ${view.subject === null ? sql`true` : sql`subject = ${view.subject}`}
           and ${view.subjectId === null ? sql`true` : sql`subject_id = ${view.subjectId}`}
         order by id desc limit ${AUDIT_PAGE + 1}
      ) a order by a.id desc`;
  const shown = await withNames(sql, rows.slice(0, AUDIT_PAGE));
  return { rows: shown, next: rows.length > AUDIT_PAGE ? shown.at(-1)?.id ?? null : null };
}

/** What the filters offer: whoever is an admin, every deed and every kind of subject there is. */
export async function listAuditChoices(
  sql: Queryable,
): Promise<{ admins: { id: number; name: string }[]; whats: string[]; subjects: string[] }> {
  const admins = await sql<{ id: number; name: string }[]>`
    select id, name from admins order by name collate "en-x-icu", id`;
  return {
    admins,
    whats: await distinct(sql, sql`what`),
    subjects: await distinct(sql, sql`subject`),
  };
}

/** Every value of a column by hops over its index: quick however long the audit is. */
async function distinct(
  sql: Queryable,
  column: Fragment,
): Promise<string[]> {
  const rows = await sql<{ value: string }[]>`
    with recursive hops as (
      (select ${column} as value from audit order by ${column} limit 1)
      union all
      select (select ${column} from audit where ${column} > hops.value order by ${column} limit 1)
        from hops where hops.value is not null
    )
    select value from hops where value is not null order by value`;
  return rows.map(({ value }) => value);
}
