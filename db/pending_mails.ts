// Mails that may be in a parent's mailbox although nobody has said that they arrived: the password in them must work all the same.

import type { Queryable } from "./connect.ts";
import type { Fragment } from "./fragment.ts";

/** What "now" means, and for how many days a temporary password works. */
export type PendingMoment = { readonly at: Date; readonly passwordDays: number };

/**
 * Whether mail `m` of logon `l` was begun and has not been accepted. While it is under way it counts until something newer is
 * asked for. Once its task has ended without an answer it counts as long as a temporary password would work, and only while
 * nothing has overtaken it: another mail or letter, another password, another email. The code of a letter is never among
 * them: it works once the office has said that the letter was printed.
 */
export function isPending(sql: Queryable, moment: PendingMoment): Fragment {
  return sql`(m.kind = 'mail' and m.pending_hash is not null and (
    m.settled_at is null
    or m.state = 'unknown'
       and m.settled_at > ${moment.at}::timestamptz - make_interval(days => ${moment.passwordDays})
       and email_key(l.email) = email_key(m.address)
       and not exists (
         select from credential_mails n where n.logon_id = m.logon_id and n.id > m.id and n.state <> 'left out')
       and not exists (select from logon_passwords w where w.logon_id = m.logon_id and w.set_at > m.asked_at)))`;
}

/** The mail whose password signs in beside the logon's own, with its hash. */
export async function findPendingMail(
  sql: Queryable,
  logonId: number,
  moment: PendingMoment,
): Promise<{ id: number; hash: string } | null> {
  const [row] = await sql<{ id: number; hash: string }[]>`
    select m.id, m.pending_hash as hash from credential_mails m join logons l on l.id = m.logon_id
     where m.logon_id = ${logonId} and ${isPending(sql, moment)} order by m.id desc limit 1`;
  return row ?? null;
}
