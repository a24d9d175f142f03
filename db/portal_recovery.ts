// A forgotten password and a forgotten username: who can be helped by mail, and the single-use link that does it.

import { hashToken, type Keys } from "../lib/keys.ts";
import { addAudit } from "./audit.ts";
import type { Queryable, Transaction } from "./connect.ts";
import type { Fragment } from "./fragment.ts";
import { addNotices, type NoticeCause, supersedeNotices } from "./notices.ts";

/** Minutes that a link works (OWASP Forgot Password: single use, short-lived). */
const LINK_MINUTES = 30;
/** What the tokens of links are derived for. */
const PURPOSE = "password link";
/** One address is rarely shared by more; a mail for each would look like an attack. */
const MOST_LOGONS = 5;

type Moment = { readonly at: Date; readonly today: string };

/** A logon that can be helped by mail: it may sign in, and has an email. */
export type Recoverable = {
  readonly id: number;
  readonly firstName: string;
  readonly surname: string;
  readonly username: string;
  readonly email: string;
};

/** Those whom a typed username or, where it is none, a typed email belongs to; one query whatever was typed. */
export async function listRecoverable(
  sql: Queryable,
  typed: string,
  { today }: Moment,
): Promise<Recoverable[]> {
  return await sql<Recoverable[]>`
    with named as (
      select id from logons where username_key = username_key(${typed}) and deleted_at is null
    )
    select l.id, l.first_name as "firstName", l.surname, l.username, l.email from logons l
     where ${maySendLink(sql, today)}
       and (l.id in (select id from named)
            or email_key(l.email) = email_key(${typed}) and not exists (select from named))
     order by l.id limit ${MOST_LOGONS}`;
}

/** Those who have this email, for telling them their usernames. */
export async function listByEmail(
  sql: Queryable,
  email: string,
  { today }: Moment,
): Promise<Recoverable[]> {
  return await sql<Recoverable[]>`
    select l.id, l.first_name as "firstName", l.surname, l.username, l.email from logons l
     where ${isRecoverable(sql, today)} and email_key(l.email) = email_key(${email})
     order by l.first_name collate "en-x-icu", l.surname collate "en-x-icu", l.id limit 20`;
}

/**
 * The token of a link that is still open: derived from its id, so that it is the same whenever its mail is written, also
 * while the server key is being replaced.
 * @returns null if the link has ended, or the key it was made under is no longer live
 */
export async function findLinkToken(
  sql: Queryable,
  keys: Keys,
  linkId: string,
): Promise<string | null> {
  const [link] = await sql<{ tokenHash: string }[]>`
    select encode(token_hash, 'hex') as "tokenHash" from password_links
     where id = ${linkId} and ended_at is null`;
  for (const bytes of await keys.fingerprints(PURPOSE, linkId)) {
    const token = tokenOf(bytes);
    if (hashToken(token).toHex() === link?.tokenHash) return token;
  }
  return null;
}

/** A link that is not stored yet. */
export type NewLink = { readonly id: string; readonly tokenHash: Uint8Array<ArrayBuffer> };

export async function newLink(keys: Keys): Promise<NewLink> {
  const id = crypto.randomUUID();
  return { id, tokenHash: hashToken(tokenOf(await keys.fingerprint(PURPOSE, id))) };
}

function tokenOf(bytes: Uint8Array<ArrayBuffer>): string {
  return bytes.toBase64({ alphabet: "base64url", omitPadding: true });
}

/** Stores a link and the mail that says it; an older one of the same logon ends, and its mail is not sent any more. */
export async function addPasswordLink(
  sql: Transaction,
  logon: Recoverable,
  link: NewLink,
  cause: NoticeCause,
): Promise<void> {
  const { at } = cause;
  const endsAt = new Date(at.getTime() + LINK_MINUTES * 60_000);
  await sql`select from logons where id = ${logon.id} for no key update`;
  await sql`
    update password_links set ended_at = ${at} where logon_id = ${logon.id} and ended_at is null`;
  await supersedeNotices(sql, { kind: "password link", logonId: logon.id }, at);
  await sql`
    insert into password_links (id, logon_id, address, token_hash, asked_at, ends_at)
    values (${link.id}, ${logon.id}, ${logon.email}, ${link.tokenHash}, ${at}, ${endsAt})`;
  await addNotices(sql, [{
    kind: "password link",
    logonId: logon.id,
    name: `${logon.firstName} ${logon.surname}`,
    address: logon.email,
    facts: { link: link.id, username: logon.username, endsAt: endsAt.toISOString() },
    usefulUntil: endsAt,
  }], cause);
  await addAudit(sql, [{
    adminId: null,
    who: "the portal",
    what: "mail a password link",
    subject: "logon",
    subjectId: logon.id,
  }]);
}

/** Writes one mail that names every username of an address. @param logons at least one, all of the same email */
export async function addUsernameReminder(
  sql: Transaction,
  logons: readonly Recoverable[],
  cause: NoticeCause,
): Promise<void> {
  const [first, ...others] = logons;
  if (first === undefined) return;
  const nameOf = (logon: Recoverable): string => `${logon.firstName} ${logon.surname}`;
  await addNotices(sql, [{
    kind: "username reminder",
    ...(others.length === 0 ? { logonId: first.id } : {}),
    name: others.length === 0 ? nameOf(first) : "parent or carer",
    address: first.email,
    facts: {
      usernames: logons.map((logon) => `${nameOf(logon)}: ${logon.username}`).join("\n"),
      count: logons.length,
    },
  }], cause);
}

/** Whom an open link is for. */
export type LinkOwner = {
  readonly logonId: number;
  readonly firstName: string;
  readonly surname: string;
  readonly username: string;
};

/** Whose link it is, if it can be used now: open, and its logon may still sign in and has still the address it went to. */
export async function findLinkOwner(
  sql: Queryable,
  tokenHash: Uint8Array<ArrayBuffer>,
  moment: Moment,
): Promise<LinkOwner | null> {
  const [row] = await sql<LinkOwner[]>`
    select l.id as "logonId", l.first_name as "firstName", l.surname, l.username
      from password_links k join logons l on l.id = k.logon_id
     where k.token_hash = ${tokenHash} and k.ended_at is null and k.ends_at > ${moment.at}
       and ${maySendLink(sql, moment.today)} and email_key(l.email) = email_key(k.address)`;
  return row ?? null;
}

/** Uses a link up, once, under the same conditions. Lock the logon first. @returns false if it cannot be used any more */
export async function spendPasswordLink(
  sql: Transaction,
  tokenHash: Uint8Array<ArrayBuffer>,
  moment: Moment,
): Promise<boolean> {
  const rows = await sql`
    update password_links k set ended_at = ${moment.at} from logons l
     where l.id = k.logon_id and k.token_hash = ${tokenHash} and k.ended_at is null and k.ends_at > ${moment.at}
       and ${maySendLink(sql, moment.today)} and email_key(l.email) = email_key(k.address)
    returning 1`;
  return rows.length > 0;
}

/** Removes links that ended a day ago. */
export async function purgePasswordLinks(sql: Queryable, at: Date): Promise<number> {
  const { count } = await sql`
    delete from password_links where ends_at < ${at}::timestamptz - interval '1 day'`;
  return count;
}

/** Whether a logon, `l`, may sign in and can be written to: at an email that somebody has vouched for, or takeover by telephone were easy. */
function isRecoverable(sql: Queryable, today: string): Fragment {
  return sql`
    l.email is not null and not l.email_unchecked and l.deleted_at is null and l.suspended_at is null
      and (l.expires_on is null or l.expires_on >= ${today}::date)`;
}

/** Whether a link that opens logon `l` may be mailed to it: not where somebody reads it who must not see what it shows. */
function maySendLink(sql: Queryable, today: string): Fragment {
  return sql`(${isRecoverable(sql, today)}) and not ${isReadByBlocked(sql)}`;
}

/** Whether the email of logon `l` is also that of an adult who is blocked from one of its learners. */
export function isReadByBlocked(sql: Queryable): Fragment {
  return sql`exists (
    select from logon_learners k join blocks b on b.learner_id = k.learner_id and b.lifted_at is null
     where k.logon_id = l.id and (
       exists (
         select from logons o
          where email_key(o.email) = email_key(l.email) and o.id <> l.id and (o.id = b.logon_id or o.contact_id = b.contact_id))
       or exists (
         select from contacts c
          where c.id = b.contact_id and c.email_key = email_key(l.email) and c.id is distinct from l.contact_id)))`;
}
