// The list of logons: filtered, sorted by any column, a page at a time, quick at 50,000.

import { keepingPlans, type Queryable } from "./connect.ts";
import type { Fragment } from "./fragment.ts";
import { linkedTo } from "./linked_groups.ts";
import { isPending, type PendingMoment } from "./pending_mails.ts";
import { findPage, type Listing, type ListView, type Page } from "./paging.ts";
import { allOf, isScattered, searchPatterns } from "./search.ts";

export const LOGON_SORTS = [
  "surname",
  "first-name",
  "email",
  "username",
  "linked",
  "times",
  "last",
] as const;
export type LogonSort = (typeof LOGON_SORTS)[number];

export const LOGON_STATES = [
  "never-signed-in",
  "no-password",
  "password-expired",
  "no-email",
  "no-learner",
  "locked",
  "suspended",
  "expired",
  "tfa-pending",
  "needs-attention",
  "email-changed",
  "deleted",
] as const;
export type LogonState = (typeof LOGON_STATES)[number];

/** What the address bar says about the list. */
export type LogonView = ListView<LogonSort> & { readonly state: LogonState | null };

export type LinkedLearner = {
  readonly id: number;
  readonly firstName: string;
  readonly surname: string;
  readonly registrationGroup: string | null;
  readonly status: string;
};

export type LogonRow = {
  readonly id: number;
  readonly firstName: string;
  readonly surname: string;
  readonly email: string | null;
  readonly username: string;
  readonly tfa: "off" | "required" | "set up";
  /** Where two factors are required and no app is set up: a passkey is asked for instead. */
  readonly usesPasskey: boolean;
  readonly learners: readonly LinkedLearner[];
  readonly timesLoggedIn: number;
  readonly lastLogon: Date | null;
  readonly suspended: boolean;
  readonly expired: boolean;
  readonly waitsUntil: Date | null;
  readonly sharesMailbox: boolean;
  readonly contactDiffers: boolean;
  readonly warned: boolean;
  /** Something of it stands in Needs attention. */
  readonly needsAttention: boolean;
  /** A learner is blocked for this parent. */
  readonly hasBlock: boolean;
  /** Whatever is typed, it opens nothing now. */
  readonly barred: boolean;
  /** Its email was changed, and nobody has vouched for it. */
  readonly emailUnchecked: boolean;
  readonly deletedAt: Date | null;
  /** The username of the logon that it became part of: then it never comes back. */
  readonly mergedInto: string | null;
};

export type LogonPage = Omit<Page, "ids"> & { readonly rows: readonly LogonRow[] };

/** What "now" means for the list. */
export type LogonMoment = PendingMoment & {
  readonly today: string;
  readonly leaverDays: number;
};

/** One page of the list. */
export async function listLogons(
  sql: Queryable,
  view: LogonView,
  moment: LogonMoment,
): Promise<LogonPage> {
  const listing = listingOf(sql, view, conditionsOf(sql, view, moment));
  const { ids, ...page } = await findPage(sql, view, listing);
  return { ...page, rows: await findLogonRows(sql, ids, moment) };
}

/** The rows of the given logons, in that order: for a page, and for one that was just added. */
export async function findLogonRows(
  sql: Queryable,
  ids: readonly number[],
  moment: LogonMoment,
): Promise<LogonRow[]> {
  if (ids.length === 0) return [];
  const kept = keepingPlans(sql);
  // Two plain questions at a time: one that makes JSON of the learners of each logon takes longer. A contact's email has its key
  // beside it, which it takes longer to make than to find who shares it; by the collation of the index that finds them.
  const [rows, links] = await Promise.all([
    kept<Omit<LogonRow, "warned" | "learners">[]>`
      select l.id, l.first_name as "firstName", l.surname, l.email, l.username, l.tfa,
             l.sign_in_count as "timesLoggedIn", l.last_sign_in_at as "lastLogon",
             l.suspended_at is not null as suspended, coalesce(l.expires_on < ${moment.today}::date, false) as expired,
             l.deleted_at as "deletedAt",
             (select m.username from logons m where m.id = l.merged_into) as "mergedInto", ${
      isBarred(sql, moment)
    } as barred, l.email_unchecked as "emailUnchecked",
             (select max(t.waits_until) from throttles t where t.logon_id = l.id and t.waits_until > ${moment.at}) as "waitsUntil",
             (l.email is not null and exists (
               select from logons o
                where email_key(o.email) = case when c.email = l.email then c.email_key collate "default" else email_key(l.email) end
                  and o.id <> l.id and o.deleted_at is null
             )) as "sharesMailbox",
             coalesce(
               c.first_name <> l.first_name or c.surname <> l.surname
                 or c.id is not null and c.email is distinct from l.email and c.email_key is distinct from email_key(l.email),
               false
             ) as "contactDiffers",
             exists (
               select from attention a where a.logon_id = l.id and a.kept_at is null and not a.resting
             ) as "needsAttention",
             (l.tfa = 'required' and exists (select from passkeys p where p.logon_id = l.id)) as "usesPasskey",
             exists (
               select from blocks b
                where b.lifted_at is null and (b.logon_id = l.id or b.contact_id = l.contact_id)
             ) as "hasBlock"
        from logons l left join contacts c on c.id = l.contact_id
       where l.id = any(${[...ids]}::bigint[])`,
    kept<(LinkedLearner & { logonId: number; warned: boolean })[]>`
      select k.logon_id as "logonId", k.warning is not null as warned, p.id, p.first_name as "firstName", p.surname,
             p.registration_group as "registrationGroup", p.status
        from logon_learners k join learners p on p.id = k.learner_id
       where k.logon_id = any(${[...ids]}::bigint[])
       order by p.surname collate "en-x-icu", p.first_name collate "en-x-icu", p.id`,
  ]);
  const byId = new Map(rows.map((row) => [row.id, row]));
  const linksOf = Map.groupBy(links, (link) => link.logonId);
  return ids.flatMap((id) => {
    const row = byId.get(id);
    const own = linksOf.get(id) ?? [];
    return row === undefined ? [] : [{
      ...row,
      warned: own.some((link) => link.warned),
      learners: own.map(({ logonId: _logon, warned: _warned, ...learner }) => learner),
    }];
  });
}

/** Whether nobody can sign in with logon `l` now; a password that was mailed, or may have been, opens too. */
function isBarred(sql: Queryable, moment: LogonMoment): Fragment {
  return sql`(
    l.deleted_at is not null or l.suspended_at is not null or coalesce(l.expires_on < ${moment.today}::date, false)
    or exists (select from throttles t where t.logon_id = l.id and t.waits_until > ${moment.at})
    or (coalesce(l.password_until, '-infinity') <= ${moment.at} and not exists (
      select from credential_mails m
       where m.logon_id = l.id and ${isPending(sql, moment)})))`;
}

/** The logons and what the list is sorted by. */
function listingOf(sql: Queryable, view: LogonView, conditions: readonly Fragment[]): Listing {
  return {
    table: "logons",
    matching: allOf(sql, conditions),
    scattered: isSpread(view),
    filtered: conditions.length > 1,
    total: sql`select coalesce(sum(change), 0) from logon_tally`,
    columns: columnsOf(view.sort),
    keysOf: (row) => keysOf(sql, view.sort, row),
  };
}

/**
 * Whether the hits can be expected to lie everywhere in the list's order. Those of a name lie together in the orders by names
 * and emails; those who never came, and those of a year that begins, in the orders by sign-ins.
 */
function isSpread({ search, state, year, group, sort }: LogonView): boolean {
  if (search !== "" && !isScattered(search)) return false;
  const bySignIns = sort === "times" || sort === "last";
  if ((year ?? group) !== null && bySignIns) return false;
  switch (state) {
    case null:
      return true;
    case "no-email":
      return sort !== "email";
    case "no-learner":
      return sort !== "linked";
    case "never-signed-in":
    case "no-password":
    case "password-expired":
      return !bySignIns;
    default:
      return false;
  }
}

/** The columns that {@link keysOf} reads. */
function columnsOf(sort: LogonSort): string[] {
  switch (sort) {
    case "surname":
      return ["id", "name_key"];
    case "first-name":
      return ["id", "first_name_key"];
    case "email":
      return ["id", "email"];
    case "username":
      return ["id", "username_key"];
    case "linked":
      return ["id", "linked_names"];
    case "times":
      return ["id", "sign_in_count"];
    case "last":
      return ["id", "last_sign_in_at"];
  }
}

/** What each sort compares, in order; the id makes it total. Each has its index in 0004_logons.sql. */
function keysOf(sql: Queryable, sort: LogonSort, l: Fragment): Fragment[] {
  const id = sql`${l}.id`;
  switch (sort) {
    case "surname":
      return [sql`${l}.name_key`, id];
    case "first-name":
      return [sql`${l}.first_name_key`, id];
    case "email":
      return [sql`(coalesce(email_key(${l}.email), '')) collate "C"`, id];
    case "username":
      return [sql`${l}.username_key collate "C"`, id];
    case "linked":
      // As far as an index row reaches, and far enough to sort by.
      return [sql`(left(search_key(${l}.linked_names), 200)) collate "C"`, id];
    case "times":
      return [sql`${l}.sign_in_count`, id];
    case "last":
      return [sql`(coalesce(${l}.last_sign_in_at, '-infinity'))`, id];
  }
}

function conditionsOf(sql: Queryable, view: LogonView, moment: LogonMoment): Fragment[] {
  const conditions = [
    view.state === "deleted" ? sql`l.deleted_at is not null` : sql`l.deleted_at is null`,
    ...searchPatterns(view.search).map((pattern) => sql`l.search_key like ${pattern}`),
  ];
  if (view.state !== null && view.state !== "deleted") {
    conditions.push(stateCondition(sql, view.state, moment));
  }
  if (view.state === "deleted") conditions.push(sql`true`);
  return [...conditions, ...linkedTo(sql, sql`l`, view)];
}

function stateCondition(
  sql: Queryable,
  state: Exclude<LogonState, "deleted">,
  moment: LogonMoment,
): Fragment {
  switch (state) {
    case "never-signed-in":
      return sql`l.sign_in_count = 0`;
    case "no-password":
      return sql`l.password_until is null`;
    case "password-expired":
      return sql`l.password_until <= ${moment.at}`;
    case "no-email":
      return sql`l.email is null`;
    case "no-learner":
      return sql`coalesce(l.learners_until, '-infinity') < ${moment.today}::date - ${moment.leaverDays}::int`;
    case "locked":
      return sql`l.id in (
        select t.logon_id from throttles t where t.logon_id is not null and t.waits_until > ${moment.at})`;
    case "suspended":
      return sql`l.suspended_at is not null`;
    case "expired":
      return sql`l.expires_on < ${moment.today}::date`;
    case "email-changed":
      return sql`l.email_unchecked`;
    case "tfa-pending":
      return sql`l.tfa = 'required' and not exists (select from passkeys p where p.logon_id = l.id)`;
    case "needs-attention":
      // As an array, which is made once and whose logons are looked up: else every logon is read for a few.
      return sql`l.id = any(array(
        select a.logon_id from attention a where a.kept_at is null and not a.resting))`;
  }
}
