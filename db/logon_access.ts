// Why can't they log in? Every recorded fact about one logon's access, and what of it stands in the way, most telling first.

import { describeDevice } from "../lib/devices.ts";
import type { Queryable } from "./connect.ts";
import type { LogonMoment } from "./logon_list.ts";
import { isReadByBlocked } from "./portal_recovery.ts";
import { isPending } from "./pending_mails.ts";
import type { MailState } from "./credential_mails.ts";
import type { Fragment } from "./fragment.ts";
import { isSeen } from "./learners.ts";
import type { TfaState } from "./tfa.ts";
import type { Outcome } from "./sign_ins.ts";

/** The newest mail or letter with login details. */
export type AccessMail = {
  readonly kind: "mail" | "letter";
  readonly state: MailState;
  /** The task that it is of. */
  readonly taskId: number | null;
  readonly address: string | null;
  /** The mail server's own words; of one that came back, those of whoever returned it. */
  readonly answer: string | null;
  readonly askedAt: Date;
  readonly dueAt: Date;
  readonly settledAt: Date | null;
  readonly firstUsedAt: Date | null;
  /** Its task was paused: nothing is tried until somebody resumes it. */
  readonly paused: boolean;
  /** Nobody has said that it was accepted, and its password would open all the same. */
  readonly mayWork: boolean;
};

/** A wait after wrong tries in a row. */
export type AccessWait = { readonly until: Date; readonly failures: number };

/** What {@link checkAccess} must know; found by {@link findAccessFacts} in one query. */
export type AccessFacts = {
  readonly id: number;
  readonly firstName: string;
  readonly surname: string;
  readonly username: string;
  readonly email: string | null;
  /** Its email was changed, and nobody has vouched for it: forgotten passwords are not mailed to it. */
  readonly emailUnchecked: boolean;
  /** Somebody reads it who is blocked from one of the learners: likewise. */
  readonly emailReadByBlocked: boolean;
  readonly deletedAt: Date | null;
  readonly suspendedAt: Date | null;
  readonly suspendedReason: string | null;
  /** The last day on which it works, as 2026-11-24. */
  readonly expiresOn: string | null;
  readonly expired: boolean;
  readonly passwordWait: AccessWait | null;
  readonly codeWait: AccessWait | null;
  /** Null: there is none yet. `until` is null for one that the parent chose. */
  readonly password: { readonly until: Date | null; readonly setAt: Date } | null;
  readonly mail: AccessMail | null;
  readonly tfa: TfaState;
  /** Of the parent; each counts as both factors. */
  readonly passkeys: number;
  /** Since the password was last right; the newest first, as far as they are listed. */
  readonly wrongPasswords: { readonly count: number; readonly times: readonly Date[] };
  /** Since the last success. */
  readonly wrongCodes: { readonly count: number; readonly times: readonly Date[] };
  /** When a code could not be checked last; null since a success. */
  readonly codeNotChecked: Date | null;
  readonly lastSuccess: Date | null;
  readonly learnersLinked: number;
  /** Those the parent sees on the portal now. */
  readonly learnersSeen: number;
  readonly blocks: readonly { readonly learner: string; readonly reason: string }[];
};

/** One thing that stands in the way, or explains what a parent says on the telephone. */
export type AccessReason =
  | { readonly kind: "portal off"; readonly message: string }
  | { readonly kind: "deleted"; readonly at: Date }
  | { readonly kind: "suspended"; readonly since: Date; readonly reason: string | null }
  | { readonly kind: "expired"; readonly on: string }
  | { readonly kind: "locked"; readonly by: "password" | "code"; readonly wait: AccessWait }
  | { readonly kind: "address locked"; readonly wait: AccessWait }
  | { readonly kind: "no password" }
  | { readonly kind: "mail failed"; readonly mail: AccessMail }
  | { readonly kind: "mail waits"; readonly mail: AccessMail }
  | { readonly kind: "letter waits"; readonly letter: AccessMail }
  | { readonly kind: "password expired"; readonly at: Date }
  | { readonly kind: "wrong password"; readonly count: number; readonly times: readonly Date[] }
  | { readonly kind: "password unused"; readonly until: Date; readonly mail: AccessMail | null }
  | { readonly kind: "email unchecked" }
  | { readonly kind: "email read by blocked" }
  | { readonly kind: "tfa not set up"; readonly hasPasskey: boolean }
  | { readonly kind: "code not checked"; readonly at: Date }
  | { readonly kind: "wrong code"; readonly count: number; readonly times: readonly Date[] }
  | { readonly kind: "no learner"; readonly linked: number }
  | { readonly kind: "blocked"; readonly blocks: AccessFacts["blocks"] }
  | { readonly kind: "nothing"; readonly lastSuccess: Date | null };

/** The portal's switch, which is the same for everybody. */
export type PortalState = { readonly open: boolean; readonly message: string };

/**
 * Why this parent cannot log in, or says so; the most telling reason first, and "nothing" alone where there is none. Pure.
 * The portal's own answer stays the same for all of them.
 * @param addressWait of the address that they tried from last
 */
export function checkAccess(
  facts: AccessFacts,
  portal: PortalState,
  at: Date,
  addressWait: AccessWait | null = null,
): AccessReason[] {
  const reasons: AccessReason[] = [
    ...(portal.open ? [] : [{ kind: "portal off" as const, message: portal.message }]),
    ...closedReasons(facts),
    ...(addressWait === null ? [] : [{ kind: "address locked" as const, wait: addressWait }]),
    ...passwordReasons(facts, at),
    ...afterPasswordReasons(facts),
  ];
  return reasons.length > 0 ? reasons : [{ kind: "nothing", lastSuccess: facts.lastSuccess }];
}

/** What keeps everybody with this username out, whatever they type. */
function closedReasons(facts: AccessFacts): AccessReason[] {
  const { deletedAt, suspendedAt, passwordWait, codeWait } = facts;
  const reasons: AccessReason[] = [];
  if (deletedAt) reasons.push({ kind: "deleted", at: deletedAt });
  if (suspendedAt) {
    reasons.push({ kind: "suspended", since: suspendedAt, reason: facts.suspendedReason });
  }
  if (facts.expired && facts.expiresOn) reasons.push({ kind: "expired", on: facts.expiresOn });
  if (passwordWait) reasons.push({ kind: "locked", by: "password", wait: passwordWait });
  if (codeWait) reasons.push({ kind: "locked", by: "code", wait: codeWait });
  return reasons;
}

function passwordReasons(facts: AccessFacts, at: Date): AccessReason[] {
  const { password, mail, wrongPasswords, lastSuccess } = facts;
  const reasons: AccessReason[] = [];
  // A mail from before the last success is past caring about.
  const current = mail && (lastSuccess === null || mail.askedAt > lastSuccess) ? mail : null;
  const waits = current !== null && current.settledAt === null;
  const failed = current !== null && !waits &&
    ["refused", "bounced", "unknown"].includes(current.state);
  if (password === null && !waits && !failed) reasons.push({ kind: "no password" });
  if (failed) reasons.push({ kind: "mail failed", mail: current });
  if (waits && current.kind === "letter") reasons.push({ kind: "letter waits", letter: current });
  else if (waits) reasons.push({ kind: "mail waits", mail: current });
  const until = password?.until ?? null;
  const expired = until !== null && until <= at;
  if (expired) reasons.push({ kind: "password expired", at: until });
  if (wrongPasswords.count > 0) reasons.push({ kind: "wrong password", ...wrongPasswords });
  if (until !== null && !expired && isUnused(facts)) {
    // One that the office typed since is not the one that was mailed.
    const mailed = mail?.state === "accepted" && isOwn(mail, password) ? mail : null;
    reasons.push({ kind: "password unused", until, mail: mailed });
  }
  if (facts.emailUnchecked) reasons.push({ kind: "email unchecked" });
  if (facts.emailReadByBlocked) reasons.push({ kind: "email read by blocked" });
  return reasons;
}

/** Whether the logon's password is the one that this mail says. */
function isOwn(mail: AccessMail, password: AccessFacts["password"]): boolean {
  return mail.settledAt !== null && password !== null && mail.settledAt >= password.setAt;
}

/** Whether nobody has signed in with the temporary password that there is. */
function isUnused({ password, mail, lastSuccess }: AccessFacts): boolean {
  const mailed = mail?.state === "accepted" && mail.firstUsedAt !== null && isOwn(mail, password);
  const signedIn = lastSuccess !== null && password !== null && lastSuccess > password.setAt;
  return !mailed && !signedIn;
}

/** What comes once the password is right. */
function afterPasswordReasons(facts: AccessFacts): AccessReason[] {
  const { wrongCodes, blocks } = facts;
  return [
    ...(facts.tfa === "required"
      ? [{ kind: "tfa not set up" as const, hasPasskey: facts.passkeys > 0 }]
      : []),
    // Once the phone is taken off, there is nothing to be checked.
    ...(facts.codeNotChecked && facts.tfa === "set up"
      ? [{ kind: "code not checked" as const, at: facts.codeNotChecked }]
      : []),
    ...(wrongCodes.count > 0 ? [{ kind: "wrong code" as const, ...wrongCodes }] : []),
    ...(facts.learnersSeen === 0
      ? [{ kind: "no learner" as const, linked: facts.learnersLinked }]
      : []),
    ...(blocks.length > 0 ? [{ kind: "blocked" as const, blocks }] : []),
  ];
}

/** Times of wrong tries that are listed; all are counted. */
const MOST_TIMES = 3;

/** @returns null if there is no logon with this id; a deleted one has its facts too */
export async function findAccessFacts(
  sql: Queryable,
  id: number,
  moment: LogonMoment,
): Promise<AccessFacts | null> {
  const { at } = moment;
  type Columns =
    & Omit<AccessFacts, "passwordWait" | "codeWait" | "password" | "mail" | Wrong>
    & { passwordUntil: Date | null; setAt: Date | null }
    & { [K in `${"password" | "code"}WaitUntil`]: Date | null }
    & { [K in `${"password" | "code"}Failures`]: number | null }
    & { [K in `${Wrong}Times`]: Date[] }
    & { [K in `${Wrong}Count`]: number }
    & { mailState: MailState | null; mailKind: AccessMail["kind"] | null }
    & Pick<AccessMail, "mayWork" | "paused">
    & {
      [K in keyof Omit<AccessMail, "kind" | "state" | "mayWork" | "paused">]: AccessMail[K] | null;
    };
  const [row] = await sql<Columns[]>`
    select l.id, l.first_name as "firstName", l.surname, l.username, l.email,
           l.email_unchecked as "emailUnchecked", ${
    isReadByBlocked(sql)
  } as "emailReadByBlocked", l.tfa,
           (select count(*)::int from passkeys where logon_id = l.id) as passkeys,
           l.deleted_at as "deletedAt", l.suspended_at as "suspendedAt", l.suspended_reason as "suspendedReason",
           l.expires_on::text as "expiresOn", coalesce(l.expires_on < ${moment.today}::date, false) as expired,
           l.last_sign_in_at as "lastSuccess",
           pw.waits_until as "passwordWaitUntil", pw.failures as "passwordFailures",
           cw.waits_until as "codeWaitUntil", cw.failures as "codeFailures",
           w.expires_at as "passwordUntil", w.set_at as "setAt",
           m.kind as "mailKind", m.task_id as "taskId", m.state as "mailState", m.address,
           case when m.state = 'bounced' then m.bounce_words else m.answer end as answer, m.asked_at as "askedAt", m.due_at as "dueAt",
           coalesce(m.bounced_at, m.settled_at) as "settledAt", m.first_used_at as "firstUsedAt", coalesce(${
    isPending(sql, moment)
  }, false) as "mayWork", exists (
             select from tasks t where t.id = m.task_id and t.state = 'paused'
           ) as paused,
           wp.count as "wrongPasswordsCount", wp.times as "wrongPasswordsTimes",
           wc.count as "wrongCodesCount", wc.times as "wrongCodesTimes",
           nc.at as "codeNotChecked",
           seen.linked as "learnersLinked", seen.seen as "learnersSeen", coalesce(b.blocks, '[]') as blocks
      from logons l
      left join logon_passwords w on w.logon_id = l.id
      left join lateral (
        select waits_until, failures from throttles
         where logon_id = l.id and door = 'portal' and waits_until > ${at} order by waits_until desc limit 1
      ) pw on true
      left join lateral (
        select waits_until, failures from throttles
         where logon_id = l.id and door = 'code' and waits_until > ${at} order by waits_until desc limit 1
      ) cw on true
      left join lateral (
        select * from credential_mails where logon_id = l.id and state not in ('superseded', 'cancelled', 'left out')
         order by id desc limit 1
      ) m on true
      cross join lateral (
        select count(*)::int as count, coalesce((array_agg(s.at order by s.at desc))[1:${MOST_TIMES}], '{}') as times
          from sign_ins s where s.logon_id = l.id and s.outcome = 'wrong password' and s.at > ${
    newestOf(sql, ["success", "waiting for code"])
  }
      ) wp
      cross join lateral (
        select count(*)::int as count, coalesce((array_agg(s.at order by s.at desc))[1:${MOST_TIMES}], '{}') as times
          from sign_ins s where s.logon_id = l.id and s.outcome = 'wrong code' and s.at > ${
    newestOf(sql, ["success"])
  }
      ) wc
      cross join lateral (
        select max(s.at) as at
          from sign_ins s where s.logon_id = l.id and s.outcome = 'code not checked' and s.at > ${
    newestOf(sql, ["success"])
  }
      ) nc
      cross join lateral (
        select count(*)::int as linked, count(*) filter (where ${isSeen(sql, moment)})::int as seen
          from logon_learners k join learners p on p.id = k.learner_id where k.logon_id = l.id
      ) seen
      left join lateral (
        select jsonb_agg(jsonb_build_object('learner', p.first_name || ' ' || p.surname, 'reason', b.reason)
                         order by p.surname, p.first_name, b.id) as blocks
          from blocks b join learners p on p.id = b.learner_id
         where b.lifted_at is null and (b.logon_id = l.id or b.contact_id = l.contact_id)
      ) b on true
     where l.id = ${id}`;
  return row === undefined ? null : factsOf(row);

  function factsOf(row: Columns): AccessFacts {
    const { address, answer, askedAt, dueAt, settledAt, firstUsedAt, mayWork, paused, taskId } =
      row;
    const { mailKind: kind, mailState: state } = row;
    return {
      ...row,
      passwordWait: waitOf(row.passwordWaitUntil, row.passwordFailures),
      codeWait: waitOf(row.codeWaitUntil, row.codeFailures),
      password: row.setAt && { until: row.passwordUntil, setAt: row.setAt },
      mail: kind && state && askedAt && dueAt
        ? {
          kind,
          taskId,
          state,
          address,
          answer,
          askedAt,
          dueAt,
          settledAt,
          firstUsedAt,
          mayWork,
          paused,
        }
        : null,
      wrongPasswords: { count: row.wrongPasswordsCount, times: row.wrongPasswordsTimes },
      wrongCodes: { count: row.wrongCodesCount, times: row.wrongCodesTimes },
    };
  }
}

type Wrong = "wrongPasswords" | "wrongCodes";

function waitOf(until: Date | null, failures: number | null): AccessWait | null {
  return until && { until, failures: failures ?? 0 };
}

/** When logon `l` last had one of these outcomes; long ago if never. */
function newestOf(
  sql: Queryable,
  outcomes: readonly Outcome[],
): Fragment {
  return sql`coalesce((
    select max(r.at) from sign_ins r where r.logon_id = l.id and r.outcome = any(${[
    ...outcomes,
  ]}::text[])), '-infinity')`;
}

/** A try to sign in, as the office reads it. */
export type AccessTry = {
  readonly at: Date;
  readonly outcome: Outcome;
  readonly ip: string | null;
  /** "Safari on iPhone". */
  readonly device: string | null;
};

/** The newest tries of a logon, the newest first. */
export async function listTries(
  sql: Queryable,
  logonId: number,
  limit: number,
): Promise<AccessTry[]> {
  const rows = await sql<(AccessTry & { userAgent: string | null })[]>`
    select at, outcome, host(ip) as ip, user_agent as "userAgent" from sign_ins
     where logon_id = ${logonId} order by at desc, id desc limit ${limit}`;
  return rows.map(({ at, outcome, ip, userAgent }) => {
    return { at, outcome, ip, device: describeDevice(userAgent) };
  });
}
