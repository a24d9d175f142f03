// Who is missing: the learners of whom no parent has a logon, was mailed or has signed in, each with the next thing to do.

import type { Queryable } from "./connect.ts";
import { type CoverageScope, isCounted, type Lack, LACKS } from "./coverage.ts";
import type { Fragment } from "./fragment.ts";
import { isNotBlocked, learnerStages, letsIn, wasMailed } from "./learner_coverage.ts";
import { findPage, type Page, type PageView } from "./paging.ts";
import { allOf, searchPatterns } from "./search.ts";

/** A year or registration group; null stands for the learners who have none. */
export type Named = { readonly name: string | null };

/** What the address bar says about the list. */
export type MissingView = CoverageScope & Pick<PageView, "after" | "before"> & {
  readonly lacking: Lack;
  readonly search: string;
  /** null for any. */
  readonly year: Named | null;
  readonly group: Named | null;
};

/** What to do about a learner, and with whom. */
export type NextStep =
  /** A contact with Parental Responsibility and an email has no logon, or is not linked to this learner. */
  | { readonly what: "import contact"; readonly contactId: number; readonly person: string }
  /** Such a contact has no email. */
  | { readonly what: "add email"; readonly contactId: number; readonly person: string }
  /** The only logons are suspended or expired. */
  | { readonly what: "look at access"; readonly logonId: number; readonly person: string }
  /** No contact has Parental Responsibility, as far as the record says. */
  | { readonly what: "add contact" }
  | { readonly what: "send login details"; readonly logonId: number; readonly person: string }
  | { readonly what: "print letter"; readonly logonId: number; readonly person: string }
  /** The last mail or letter got through and was never used, or something newer failed since. */
  | {
    readonly what: "remind";
    readonly logonId: number;
    readonly person: string;
    readonly isNotUsed: boolean;
  };

export type MissingLearner = {
  readonly id: number;
  readonly firstName: string;
  readonly surname: string;
  readonly admissionNumber: string;
  readonly yearGroup: string | null;
  readonly registrationGroup: string | null;
  readonly status: string;
  /** The first thing that is lacking. */
  readonly lacks: Lack;
  readonly next: NextStep;
};

export type MissingPage = Omit<Page, "ids"> & { readonly rows: readonly MissingLearner[] };

/** Each has its index in 0016_records.sql: 7A before 10A, then by name. */
const COLUMNS = ["group_key", "name_key", "id"] as const;

/** One page of the list, by registration group and name. */
export async function listMissing(
  sql: Queryable,
  view: MissingView,
  today: string,
): Promise<MissingPage> {
  const { ids, ...page } = await findPage(sql, { ...view, descending: false }, {
    table: "learners",
    matching: isMissing(sql, view, today),
    filtered: true,
    columns: COLUMNS,
    keysOf: (row) => COLUMNS.map((column) => sql`${row}.${sql(column)}`),
  });
  return { ...page, rows: await findMissing(sql, ids, today) };
}

/** Everybody who has not signed in, for an export, in lots: those after the last one seen. */
export async function listMissingAfter(
  sql: Queryable,
  scope: CoverageScope,
  place: { readonly last: number | null; readonly limit: number },
  today: string,
): Promise<MissingLearner[]> {
  const view = { ...scope, lacking: "sign-in", search: "", year: null, group: null } as const;
  const rows = await sql<{ id: number }[]>`
    select l.id from learners l
     where ${isMissing(sql, view, today)}
       and ${
    place.last === null ? sql`true` : sql`(l.group_key, l.name_key, l.id) > (
          select c.group_key, c.name_key, c.id from learners c where c.id = ${place.last})`
  }
     order by l.group_key, l.name_key, l.id limit ${place.limit}`;
  return await findMissing(sql, rows.map((row) => row.id), today);
}

/** Whether no parent who can see learner `l` has come as far as is asked for. */
function isMissing(
  sql: Queryable,
  view: Omit<MissingView, "after" | "before">,
  today: string,
): Fragment {
  return allOf(sql, [
    isCounted(sql, sql`l`, view),
    ...searchPatterns(view.search).map((pattern) => sql`l.search_key like ${pattern}`),
    ...(view.year === null ? [] : [sql`l.year_group is not distinct from ${view.year.name}::text`]),
    ...(view.group === null
      ? []
      : [sql`l.registration_group is not distinct from ${view.group.name}::text`]),
    sql`l.id not in (
      select learner_id from ${learnerStages(sql, today)} as r
       where r.stage > ${LACKS.indexOf(view.lacking)})`,
  ]);
}

type Facts = Omit<MissingLearner, "lacks" | "next"> & {
  /** The parent who has come furthest. */
  readonly logonId: number | null;
  readonly logonName: string | null;
  readonly hasEmail: boolean | null;
  readonly stage: number | null;
  readonly isNotUsed: boolean | null;
  /** A logon that lets nobody in. */
  readonly endedId: number | null;
  readonly endedName: string | null;
  /** A contact with Parental Responsibility whom nobody has linked. */
  readonly contactId: number | null;
  readonly contactName: string | null;
  readonly contactHasEmail: boolean | null;
};

async function findMissing(
  sql: Queryable,
  ids: readonly number[],
  today: string,
): Promise<MissingLearner[]> {
  if (ids.length === 0) return [];
  const rows = await sql<Facts[]>`
    select p.id, p.first_name as "firstName", p.surname, p.admission_number as "admissionNumber",
           p.year_group as "yearGroup", p.registration_group as "registrationGroup", p.status,
           a.id as "logonId", a.name as "logonName", a.has_email as "hasEmail", a.stage,
           coalesce((select m.state = 'accepted' and m.first_used_at is null from credential_mails m
                      where m.logon_id = a.id order by m.id desc limit 1), false) as "isNotUsed",
           e.id as "endedId", e.name as "endedName",
           c.id as "contactId", c.name as "contactName", c.has_email as "contactHasEmail"
      from unnest(${[...ids]}::bigint[]) with ordinality as wanted (id, place)
      join learners p on p.id = wanted.id
      left join lateral (
        select o.id, o.first_name || ' ' || o.surname as name, o.email is not null as has_email,
               case when ${wasMailed(sql)} then 2 else 1 end as stage
          ${linkedLogons(sql)} and ${letsIn(sql, today)}
         order by stage desc, o.email is null, r.priority nulls last, o.id limit 1
      ) a on true
      left join lateral (
        select o.id, o.first_name || ' ' || o.surname as name
          ${linkedLogons(sql)}
         order by r.priority nulls last, o.id limit 1
      ) e on a.id is null
      left join lateral (${unlinkedContact(sql)}) c on a.id is null
     order by wanted.place`;
  return rows.map(missingOf);
}

/** The live logons `o` of learner `p` that no block keeps away; `r` is the contact's place on the record. */
function linkedLogons(sql: Queryable): Fragment {
  return sql`
    from logon_learners k join logons o on o.id = k.logon_id
    left join contact_learners r on r.contact_id = o.contact_id and r.learner_id = k.learner_id
   where k.learner_id = p.id and o.deleted_at is null and ${isNotBlocked(sql)}`;
}

/** The contact of learner `p` whom a logon, or a link, would let in: one with an email first. */
function unlinkedContact(sql: Queryable): Fragment {
  return sql`
    select r.contact_id as id, n.first_name || ' ' || n.surname as name, n.email is not null as has_email
      from contact_learners r join contacts n on n.id = r.contact_id
     where r.learner_id = p.id and r.parental_responsibility
       and not exists (
         select from blocks b
          where b.learner_id = p.id and b.lifted_at is null
            and (b.contact_id = n.id
                 or b.logon_id in (select x.id from logons x where x.contact_id = n.id)))
       and not exists (
         select from logon_learners k join logons x on x.id = k.logon_id
          where k.learner_id = p.id and x.contact_id = n.id and x.deleted_at is null)
     order by n.email is null, r.priority, n.id limit 1`;
}

function missingOf(facts: Facts): MissingLearner {
  return {
    id: facts.id,
    firstName: facts.firstName,
    surname: facts.surname,
    admissionNumber: facts.admissionNumber,
    yearGroup: facts.yearGroup,
    registrationGroup: facts.registrationGroup,
    status: facts.status,
    lacks: facts.stage === null ? "logon" : facts.stage === 1 ? "mail" : "sign-in",
    next: nextStepOf(facts),
  };
}

/** A parent who has a logon comes before one who would need one; an email before a walk to the printer. */
function nextStepOf(facts: Facts): NextStep {
  const { logonId, endedId, contactId } = facts;
  if (logonId !== null) {
    const of = { logonId, person: facts.logonName ?? "" };
    if (facts.stage === 2) {
      return { what: "remind", ...of, isNotUsed: facts.isNotUsed === true };
    }
    return { what: facts.hasEmail === true ? "send login details" : "print letter", ...of };
  }
  const person = facts.contactName ?? "";
  if (contactId !== null && facts.contactHasEmail === true) {
    return { what: "import contact", contactId, person };
  }
  if (endedId !== null) {
    return { what: "look at access", logonId: endedId, person: facts.endedName ?? "" };
  }
  return contactId === null ? { what: "add contact" } : { what: "add email", contactId, person };
}
