// Merging two logons of one adult: what each has, who could be the other, and making them one.

import { addAudit, type Author } from "./audit.ts";
import type { Queryable, Transaction } from "./connect.ts";
import { addChangeNotices, maskAddress } from "./change_notices.ts";
import { isInUse } from "./caller_checks.ts";
import { addNotices } from "./notices.ts";
import { deletePasskeysOf } from "./passkeys.ts";
import { allOf, searchPatterns } from "./search.ts";

/** A logon as the window shows it beside the other. */
export type MergeSide = {
  readonly id: number;
  readonly version: number;
  readonly firstName: string;
  readonly surname: string;
  readonly email: string | null;
  readonly username: string;
  readonly tfa: "off" | "required" | "set up";
  readonly isSuspended: boolean;
  /** The last day on which it opens anything, as 2026-12-31. */
  readonly expiresOn: string | null;
  readonly contactId: number | null;
  readonly timesLoggedIn: number;
  readonly lastLogon: Date | null;
  readonly mails: number;
  readonly learners: readonly {
    readonly id: number;
    readonly firstName: string;
    readonly surname: string;
  }[];
  /** Learners blocked for this adult. */
  readonly blockedIds: readonly number[];
  readonly isDeleted: boolean;
  readonly mergedInto: number | null;
};

/** A logon that could be the other one. */
export type MergeOption = {
  readonly id: number;
  readonly firstName: string;
  readonly surname: string;
  readonly email: string | null;
  readonly username: string;
};

export type Merge = {
  readonly keep: { readonly id: number; readonly version: number };
  readonly close: { readonly id: number; readonly version: number };
};

/** How a merge ended: done, done before, or not done because somebody has changed or deleted one of them. */
export type MergeOutcome = "merged" | "merged before" | "changed" | "gone";

const MOST_OPTIONS = 10;

/** Both logons, in the order asked for; who is not there is left out. */
export async function findMergeSides(
  sql: Queryable,
  ids: readonly number[],
): Promise<MergeSide[]> {
  return await sql<MergeSide[]>`
    select l.id, l.version, l.first_name as "firstName", l.surname, l.email, l.username, l.tfa,
           l.suspended_at is not null as "isSuspended", l.expires_on::text as "expiresOn", l.contact_id as "contactId",
           l.sign_in_count as "timesLoggedIn", l.last_sign_in_at as "lastLogon",
           (select count(*)::int from credential_mails m where m.logon_id = l.id) as mails,
           coalesce((
             select jsonb_agg(jsonb_build_object('id', p.id, 'firstName', p.first_name, 'surname', p.surname)
                              order by p.surname collate "en-x-icu", p.first_name collate "en-x-icu", p.id)
               from logon_learners k join learners p on p.id = k.learner_id where k.logon_id = l.id
           ), '[]') as learners,
           array(
             select distinct b.learner_id from blocks b
              where b.lifted_at is null and (b.logon_id = l.id or b.contact_id = l.contact_id) order by 1
           ) as "blockedIds",
           l.deleted_at is not null as "isDeleted", l.merged_into as "mergedInto"
      from unnest(${[...ids]}::bigint[]) with ordinality as wanted (id, place)
      join logons l on l.id = wanted.id
     order by wanted.place`;
}

/** Logons that are likely the same adult: of the same contact, or with the same surname and email. */
export async function listMergeSuggestions(sql: Queryable, id: number): Promise<MergeOption[]> {
  return await sql<MergeOption[]>`
    select o.id, o.first_name as "firstName", o.surname, o.email, o.username
      from logons l join logons o on o.id <> l.id and o.deleted_at is null
       and (o.contact_id = l.contact_id
            or (email_key(o.email) = email_key(l.email) and username_key(o.surname) = username_key(l.surname)))
     where l.id = ${id}
     order by o.id limit ${MOST_OPTIONS}`;
}

/** Live logons other than this that match every word typed. */
export async function findMergeOptions(
  sql: Queryable,
  id: number,
  search: string,
): Promise<MergeOption[]> {
  const patterns = searchPatterns(search);
  if (patterns.length === 0) return [];
  const matching = allOf(sql, patterns.map((pattern) => sql`l.search_key like ${pattern}`));
  return await sql<MergeOption[]>`
    with l as materialized (
      select l.id, l.first_name, l.surname, l.email, l.username, l.name_key from logons l
       where l.deleted_at is null and l.id <> ${id} and ${matching} limit 1000
    )
    select l.id, l.first_name as "firstName", l.surname, l.email, l.username
      from l order by l.name_key, l.id limit ${MOST_OPTIONS}`;
}

type Locked = {
  readonly id: number;
  readonly version: number;
  readonly firstName: string;
  readonly surname: string;
  readonly email: string | null;
  readonly username: string;
  readonly contactId: number | null;
  readonly tfa: "off" | "required" | "set up";
  readonly isDeleted: boolean;
  readonly mergedInto: number | null;
  readonly inUse: boolean;
};

/**
 * Makes one logon of two. The kept one has its username, password and TFA as before, and all that the other had beside them:
 * links, sign-ins, ledger and blocks. TFA that was required of either is required; a suspension of either stays, and the
 * earlier last day. The other is closed: its password, passkeys and TFA are gone, nobody signs in with it, it cannot be
 * restored, and it is purged like every deleted logon.
 */
export async function mergeLogons(
  sql: Transaction,
  merge: Merge,
  author: Author,
  at: Date,
): Promise<MergeOutcome> {
  const { keep, close } = merge;
  await lockLearners(sql, keep.id, close.id);
  const rows = await sql<Locked[]>`
    select id, version, first_name as "firstName", surname, email, username, contact_id as "contactId", tfa,
           deleted_at is not null as "isDeleted", merged_into as "mergedInto",
           ${isInUse(sql)} as "inUse"
      from logons l where id in (${keep.id}, ${close.id}) order by id for update`;
  const kept = rows.find((row) => row.id === keep.id);
  const closed = rows.find((row) => row.id === close.id);
  if (!kept || !closed || kept.id === closed.id) return "gone";
  if (closed.mergedInto === kept.id) return "merged before";
  if (kept.isDeleted || closed.isDeleted) return "gone";
  if (kept.version !== keep.version || closed.version !== close.version) return "changed";
  await moveBlocks(sql, kept, closed, author, at);
  const links = await moveLinks(sql, kept.id, closed.id);
  const signIns = await moveHistory(sql, kept.id, closed.id, at);
  await joinLogons(sql, kept, closed, author, at);
  await addAudit(sql, [
    {
      ...author,
      what: "merge logons",
      subject: "logon",
      subjectId: kept.id,
      before: { tfa: kept.tfa, contactId: kept.contactId, email: kept.email },
      after: { from: closed.id, username: closed.username, addedLearnerIds: links, signIns },
    },
    {
      ...author,
      what: "close merged logon",
      subject: "logon",
      subjectId: closed.id,
      before: { email: closed.email, username: closed.username, contactId: closed.contactId },
      after: { mergedInto: kept.id },
    },
  ]);
  if (kept.inUse && kept.tfa === "off" && closed.tfa !== "off") {
    const name = `${kept.firstName} ${kept.surname}`;
    const told = { logonId: kept.id, name, username: kept.username, address: kept.email };
    await addChangeNotices(sql, [{ ...told, tfa: "required" }], { ...author, at });
  }
  if (closed.email !== null && closed.inUse) {
    await addNotices(sql, [{
      kind: "logon merged",
      logonId: kept.id,
      name: `${closed.firstName} ${closed.surname}`,
      address: closed.email,
      facts: { username: closed.username, keptUsername: maskAddress(kept.username) },
    }], { ...author, at });
  }
  return "merged";
}

/** In the order of every way to link or block: first learners, then logons. */
async function lockLearners(sql: Transaction, one: number, other: number): Promise<void> {
  await sql`
    select from learners where id in (
      select learner_id from logon_learners where logon_id in (${one}, ${other})
      union
      select b.learner_id from blocks b join logons l on l.id in (${one}, ${other})
       where b.lifted_at is null and (b.logon_id = l.id or b.contact_id = l.contact_id)
    ) order by id for update`;
}

/** A block of either covers the result. What the kept logon has already is not written twice. */
async function moveBlocks(
  sql: Transaction,
  kept: Locked,
  closed: Locked,
  author: Author,
  at: Date,
): Promise<void> {
  await sql`
    update blocks b set logon_id = ${kept.id}
     where b.logon_id = ${closed.id} and b.lifted_at is null and not exists (
       select from blocks o where o.logon_id = ${kept.id} and o.learner_id = b.learner_id and o.lifted_at is null)`;
  // The same block stands on the kept logon: one that also covers a contact goes on for the contact alone.
  await sql`
    update blocks set logon_id = null where logon_id = ${closed.id} and lifted_at is null and contact_id is not null`;
  await sql`
    update blocks set lifted_at = ${at}, lifted_by = ${author.adminId}, lift_reason = 'Merged: the kept logon has the same block.'
     where logon_id = ${closed.id} and lifted_at is null`;
  await sql`
    insert into blocks (learner_id, logon_id, first_name, surname, email, reason, review_on, set_by, set_at)
    select b.learner_id, ${kept.id}, b.first_name, b.surname, b.email, b.reason, b.review_on, b.set_by, b.set_at
      from blocks b
     where b.contact_id = ${closed.contactId} and b.lifted_at is null and not exists (
       select from blocks o
        where o.learner_id = b.learner_id and o.lifted_at is null
          and (o.logon_id = ${kept.id} or o.contact_id = ${kept.contactId}::bigint))`;
  // Another logon of the kept one's contact, one that can be restored say, is the same adult too.
  await sql`
    insert into blocks (learner_id, contact_id, first_name, surname, email, reason, review_on, set_by, set_at)
    select distinct on (b.learner_id)
           b.learner_id, ${kept.contactId}::bigint, b.first_name, b.surname, b.email, b.reason, b.review_on, b.set_by, b.set_at
      from blocks b
     where ${kept.contactId}::bigint is not null and b.logon_id = ${kept.id} and b.lifted_at is null and not exists (
       select from blocks o
        where o.contact_id = ${kept.contactId}::bigint and o.learner_id = b.learner_id and o.lifted_at is null)
     order by b.learner_id, b.id`;
}

/** @returns the learners that the kept logon gained */
async function moveLinks(sql: Transaction, kept: number, closed: number): Promise<number[]> {
  const linked = await sql<{ id: number }[]>`
    insert into logon_learners (logon_id, learner_id, warning, linked_at)
    select ${kept}, k.learner_id, k.warning, k.linked_at from logon_learners k
     where k.logon_id = ${closed}
       and not exists (select from blocked_pairs(array[${kept}]::bigint[], array[k.learner_id]))
    on conflict (logon_id, learner_id) do nothing
    returning learner_id as id`;
  await sql`delete from logon_learners where logon_id = ${closed}`;
  return linked.map((row) => row.id);
}

/** Sign-ins and the ledger go to the kept logon; a mail that was not accepted says a password of nobody. @returns how many sign-ins */
async function moveHistory(
  sql: Transaction,
  kept: number,
  closed: number,
  at: Date,
): Promise<number> {
  await sql`
    update credential_mails
       set state = case when in_doubt or state in ('sending', 'unknown') then 'unknown' else 'cancelled' end, settled_at = ${at}
     where logon_id = ${closed} and settled_at is null`;
  await sql`
    update credential_mails
       set logon_id = ${kept}, pending_hash = case when state in ('accepted', 'bounced') then pending_hash end
     where logon_id = ${closed}`;
  const { count } = await sql`update sign_ins set logon_id = ${kept} where logon_id = ${closed}`;
  return count;
}

async function joinLogons(
  sql: Transaction,
  kept: Locked,
  closed: Locked,
  author: Author,
  at: Date,
): Promise<void> {
  // Nothing of how its parent signed in is handed on: what opened one logon was never meant to open the other.
  await deletePasskeysOf(sql, { logonId: closed.id });
  await sql`delete from totp_secrets where logon_id = ${closed.id}`;
  await sql`delete from recovery_codes where logon_id = ${closed.id}`;
  await sql`delete from logon_passwords where logon_id = ${closed.id}`;
  await sql`
    update logons k
       set contact_id = coalesce(k.contact_id, c.contact_id), email = coalesce(k.email, c.email),
           tfa = case when k.tfa = 'off' and c.tfa <> 'off' then 'required' else k.tfa end,
           suspended_at = coalesce(k.suspended_at, c.suspended_at),
           suspended_reason = coalesce(k.suspended_reason, c.suspended_reason),
           expires_on = least(k.expires_on, c.expires_on), language = coalesce(k.language, c.language),
           sign_in_count = k.sign_in_count + c.sign_in_count,
           last_sign_in_at = greatest(k.last_sign_in_at, c.last_sign_in_at),
           version = k.version + 1, updated_at = now()
      from logons c where k.id = ${kept.id} and c.id = ${closed.id}`;
  // A contact that the kept logon has, or has now, is known by that one alone; another contact remembers where its logon went.
  await sql`
    update logons
       set deleted_at = ${at}, deleted_by = ${author.adminId}, merged_into = ${kept.id}, tfa = 'off',
           sign_in_count = 0, last_sign_in_at = null, version = version + 1, updated_at = now(),
           contact_id = case when contact_id = ${
    kept.contactId ?? closed.contactId
  }::bigint then null else contact_id end
     where id = ${closed.id}`;
}
