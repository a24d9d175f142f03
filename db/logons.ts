// Logons: the rules that a logon must keep, and adding, editing, deleting and restoring one.

import { addAudit, type Author } from "./audit.ts";
import { type CallerCheck, isInUse } from "./caller_checks.ts";
import { addChangeNotices, type ChangedLogon } from "./change_notices.ts";
import type { Language } from "./languages.ts";
import { type LogonAccess, setAccess } from "./logon_suspensions.ts";
import { brokenConstraint, type Queryable, type Transaction } from "./connect.ts";
import type { Fragment } from "./fragment.ts";
import type { LearnerOption } from "./learners.ts";
import { findPasswordProblem } from "../lib/passwords.ts";
import { PASSWORD_SENTENCES } from "./password_rules.ts";
import { isStorable } from "./storable.ts";

/** A logon as somebody typed it, or as a row of a workbook says it; an empty text means none. */
export type LogonInput = {
  readonly firstName: string;
  readonly surname: string;
  readonly email: string;
  readonly username: string;
  /** Empty: none yet, or unchanged. */
  readonly password: string;
};
export type LogonField =
  | keyof LogonInput
  | "learners"
  | "suspendedReason"
  | "expiresOn"
  | "checked"
  | "note";
export type Problems = Partial<Record<LogonField, string>>;

/** A logon as it is stored: trimmed, spaces folded, the username filled from the email. */
export type CleanLogon = {
  readonly firstName: string;
  readonly surname: string;
  readonly email: string | null;
  readonly username: string;
};

/** A logon that has a username or an email which somebody else wants. */
export type Owner = {
  readonly id: number;
  readonly name: string;
  readonly deletedAt: Date | null;
};

/** What {@link checkLogon} must know about all other logons; found for one logon or for 20,000 by one query. */
export type LogonFacts = {
  ownerOf(username: string): Owner | undefined;
  /** A username like this one that nobody has, for whoever must choose another. */
  freeLike?(username: string): string | undefined;
  sharersOf(email: string): readonly Owner[];
};

export type CheckOptions = {
  /** The logon being edited: its own username and email are not somebody else's. */
  readonly self?: number;
  readonly shortestPassword: number;
  readonly schoolName: string;
};

/** Learners that one logon may be linked to: a family’s, not a school’s. */
export const MOST_LINKED = 40;
const LONGEST_NAME = 100;
const LONGEST_EMAIL = 254;

/** Cleans what was typed: outer blanks away, no-break and double spaces folded. */
export function cleanLogon(input: LogonInput): CleanLogon {
  const email = foldSpaces(input.email.replace(/^\s*mailto:/i, ""));
  const username = foldSpaces(input.username);
  return {
    firstName: foldSpaces(input.firstName),
    surname: foldSpaces(input.surname),
    email: email === "" ? null : email,
    username: username === "" ? email : username,
  };
}

/** What is wrong with a logon, by field, in sentences that say what to do; empty if it may be stored. Pure. */
export function checkLogon(input: LogonInput, facts: LogonFacts, options: CheckOptions): Problems {
  return checkCleanLogon(cleanLogon(input), input.password, facts, options);
}

/** As `checkLogon`, of what is clean already. */
export function checkCleanLogon(
  logon: CleanLogon,
  password: string,
  facts: LogonFacts,
  options: CheckOptions,
): Problems {
  const problems: Problems = {};
  const firstName = nameProblem(logon.firstName, "first name");
  if (firstName !== undefined) problems.firstName = firstName;
  const surname = nameProblem(logon.surname, "surname");
  if (surname !== undefined) problems.surname = surname;
  const email = logon.email === null ? undefined : emailProblem(logon.email);
  if (email !== undefined) problems.email = email;
  const username = usernameProblem(logon.username, facts, options.self);
  if (username !== undefined && !(logon.username === logon.email && problems.email)) {
    problems.username = username;
  }
  if (password !== "") {
    const problem = findPasswordProblem(password, {
      shortest: options.shortestPassword,
      words: [logon.firstName, logon.surname, logon.username, options.schoolName],
    });
    if (problem) problems.password = PASSWORD_SENTENCES[problem](options.shortestPassword);
  }
  return problems;
}

const IN_A_SENTENCE = new Intl.ListFormat("en-GB");

/** What the office should know, though it may be stored: shared mailboxes, no learner. Pure. */
export function warnAboutLogon(
  logon: CleanLogon,
  learnerCount: number,
  facts: LogonFacts,
  self?: number,
): string[] {
  const sharers = logon.email === null
    ? []
    : facts.sharersOf(logon.email).filter((owner) => owner.id !== self);
  const names = sharers.slice(0, 3).map((one) => one.name);
  return [
    ...(names.length > 0 ? [`The email is also used by ${IN_A_SENTENCE.format(names)}.`] : []),
    ...(learnerCount === 0 ? ["No learner is linked yet."] : []),
  ];
}

/** Finds out about all usernames and emails that are asked for, in one query. */
export async function findLogonFacts(
  sql: Queryable,
  asked: { readonly usernames: readonly string[]; readonly emails: readonly string[] },
): Promise<LogonFacts> {
  // What is longer than any is refused anyway, and takes Postgres long to fold.
  const isShort = (typed: string): boolean =>
    isStorable(typed) && typed.length <= 2 * LONGEST_EMAIL;
  const usernames = asked.usernames.filter(isShort)
    .flatMap((username) => [username, ...variantsOf(username)]);
  const emails = asked.emails.filter(isShort);
  const rows = await sql<(Owner & { kind: "username" | "email"; typed: string })[]>`
    select 'username' as kind, wanted.typed, l.id, l.first_name || ' ' || l.surname as name, l.deleted_at as "deletedAt"
      from unnest(${usernames}::text[]) as wanted (typed)
      join logons l on l.username_key = username_key(wanted.typed)
    union all
    select 'email', wanted.typed, l.id, l.first_name || ' ' || l.surname, l.deleted_at
      from unnest(${emails}::text[]) as wanted (typed)
      join logons l on email_key(l.email) = email_key(wanted.typed) and l.email is not null
     where l.deleted_at is null`;
  const owners = new Map<string, Owner>();
  const sharers = new Map<string, Owner[]>();
  for (const row of rows) {
    if (row.kind === "username") owners.set(row.typed, row);
    else sharers.set(row.typed, [...sharers.get(row.typed) ?? [], row]);
  }
  return {
    ownerOf: (username) => owners.get(username),
    sharersOf: (email) => sharers.get(email) ?? [],
    freeLike: (username) => variantsOf(username).find((variant) => !owners.has(variant)),
  };
}

/** A logon as the edit window shows it. */
export type LogonDetails = CleanLogon & {
  readonly id: number;
  readonly version: number;
  readonly learnerIds: readonly number[];
  readonly hasPassword: boolean;
  /** It has a password, or was sent one: its email is not changed without asking who wants that. */
  readonly inUse: boolean;
  /** Its email was changed, and nobody has said yet how they knew who was asking. */
  readonly emailUnchecked: boolean;
  readonly suspended: boolean;
  readonly suspendedReason: string | null;
  /** The last day on which it works, as 2026-11-24. */
  readonly expiresOn: string | null;
  /** In which the parent is written to; null: nobody has chosen, and it is English. */
  readonly language: Language | null;
  readonly deletedAt: Date | null;
};

/** The logon with this id, deleted or not; null if there is none. */
export async function findLogon(sql: Queryable, id: number): Promise<LogonDetails | null> {
  const [row] = await sql<LogonDetails[]>`
    select l.id, l.first_name as "firstName", l.surname, l.email, l.username, l.version, l.deleted_at as "deletedAt",
           exists (select from logon_passwords w where w.logon_id = l.id) as "hasPassword",
           ${isInUse(sql)} as "inUse",
           l.email_unchecked as "emailUnchecked",
           l.suspended_at is not null as suspended, l.suspended_reason as "suspendedReason", l.expires_on::text as "expiresOn",
           l.language,
           array(
             select k.learner_id from logon_learners k join learners p on p.id = k.learner_id
              where k.logon_id = l.id order by p.surname collate "en-x-icu", p.first_name collate "en-x-icu", p.id
           ) as "learnerIds"
      from logons l where l.id = ${id}`;
  return row ?? null;
}

/** A password that the office typed: it is temporary. */
export type TypedPassword = { readonly hash: string; readonly expiresAt: Date };

export type LogonChange = {
  readonly logon: CleanLogon;
  readonly learnerIds: readonly number[];
  readonly password: TypedPassword | null;
  /** Absent: it stays as it is. */
  readonly access?: LogonAccess;
  /** Absent: it stays as it is; null: as if nobody had chosen. */
  readonly language?: Language | null;
  /** How the office knows who wants another email; absent where that was not asked. */
  readonly caller?: CallerCheck;
  readonly author: Author;
  readonly at: Date;
};

/** Why the database refused a logon that the checks had passed: somebody was quicker. */
export class LogonRefused extends Error {
  override readonly name = "LogonRefused";
  constructor(readonly field: LogonField, message: string) {
    super(message);
  }
}

/**
 * Adds a logon with its links and password.
 * @returns its id
 * @throws {LogonRefused} if the username was taken meanwhile, or a learner is blocked for this parent or gone
 */
export async function addLogon(sql: Transaction, change: LogonChange): Promise<number> {
  return await explainRefusal(change.logon, async () => {
    const { logon } = change;
    const [row] = await sql<[{ id: number }]>`
      insert into logons (first_name, surname, email, username)
      values (${logon.firstName}, ${logon.surname}, ${logon.email}, ${logon.username})
      returning id`;
    await addLinks(sql, row.id, change.learnerIds);
    await setTypedPassword(sql, row.id, change.password);
    await addAudit(sql, [{
      ...change.author,
      what: "add logon",
      subject: "logon",
      subjectId: row.id,
      after: { ...logon, learnerIds: [...change.learnerIds], password: change.password !== null },
    }]);
    return row.id;
  });
}

/**
 * Stores the edit of a logon as it was at `version`.
 * @returns false if somebody else has changed or deleted it since: nothing is stored then
 * @throws {LogonRefused} as {@link addLogon}
 */
export async function editLogon(
  sql: Transaction,
  id: number,
  version: number,
  change: LogonChange,
): Promise<boolean> {
  return await explainRefusal(change.logon, async () => {
    const before = await findLogon(sql, id);
    const { logon } = change;
    const changed = await sql`
      update logons set first_name = ${logon.firstName}, surname = ${logon.surname}, email = ${logon.email},
                        username = ${logon.username}, version = version + 1, updated_at = now()
       where id = ${id} and version = ${version} and deleted_at is null returning 1`;
    if (before === null || changed.length === 0) return false;
    if (change.access) await setAccess(sql, id, change.access, change.at);
    if (change.language !== undefined) {
      await sql`update logons set language = ${change.language} where id = ${id}`;
    }
    // After the trigger that notes every change of an email.
    if (change.caller) await sql`update logons set email_unchecked = false where id = ${id}`;
    await sql`
      delete from logon_learners
       where logon_id = ${id} and learner_id <> all(${[...change.learnerIds]}::bigint[])`;
    await addLinks(sql, id, change.learnerIds);
    if (change.password) {
      await setTypedPassword(sql, id, change.password);
      await sql`delete from sessions where logon_id = ${id}`;
    }
    const { firstName, surname, email, username, learnerIds } = before;
    await addAudit(sql, [{
      ...change.author,
      what: "edit logon",
      subject: "logon",
      subjectId: id,
      before: {
        ...{ firstName, surname, email, username, learnerIds: [...learnerIds] },
        ...(change.access ? accessOf(before) : {}),
        ...(change.language === undefined ? {} : { language: before.language }),
      },
      after: {
        ...{ ...logon, learnerIds: [...change.learnerIds], password: change.password !== null },
        ...(change.access ? accessOf(change.access) : {}),
        ...(change.language === undefined ? {} : { language: change.language }),
        ...change.caller,
      },
    }]);
    if (before.inUse) {
      await addChangeNotices(sql, [noticeOf(before, change)], { ...change.author, at: change.at });
    }
    return true;
  });
}

function accessOf({ suspended, suspendedReason, expiresOn }: LogonAccess): LogonAccess {
  return { suspended, suspendedReason, expiresOn };
}

function noticeOf(before: LogonDetails, { logon, password }: LogonChange): ChangedLogon {
  const { id, firstName, surname, username, email } = before;
  return {
    logonId: id,
    name: `${firstName} ${surname}`,
    username,
    address: email,
    ...(logon.email === email ? {} : { newEmail: logon.email }),
    ...(logon.username === username ? {} : { newUsername: logon.username }),
    password: password !== null,
  };
}

/** Deletes a logon so that it can be restored; a trigger ends its sessions. @returns its name, or null if it is not there */
export async function deleteLogon(
  sql: Transaction,
  id: number,
  author: Author,
  at: Date,
): Promise<string | null> {
  const [row] = await sql<{ name: string }[]>`
    update logons set deleted_at = ${at}, deleted_by = ${author.adminId}, version = version + 1
     where id = ${id} and deleted_at is null returning first_name || ' ' || surname as name`;
  if (!row) return null;
  await addAudit(sql, [{ ...author, what: "delete logon", subject: "logon", subjectId: id }]);
  return row.name;
}

/** Takes a deletion back. @returns the logon's name, or null if there is none with this id that is deleted and not merged */
export async function restoreLogon(
  sql: Transaction,
  id: number,
  author: Author,
): Promise<string | null> {
  const [row] = await sql<{ name: string }[]>`
    update logons set deleted_at = null, deleted_by = null, version = version + 1
     where id = ${id} and deleted_at is not null and merged_into is null returning first_name || ' ' || surname as name`;
  if (!row) return null;
  await addAudit(sql, [{ ...author, what: "restore logon", subject: "logon", subjectId: id }]);
  return row.name;
}

/** Removes for good what was deleted longer ago than it can be restored. */
export async function purgeLogons(
  sql: Queryable,
  at: Date,
  restoreDays: number,
): Promise<number> {
  const { count } = await sql`
    delete from logons l where ${deletedBefore(sql, at, restoreDays)}`;
  return count;
}

/** Of logon `l`: that it was deleted longer ago than it can be restored. */
export function deletedBefore(sql: Queryable, at: Date, restoreDays: number): Fragment {
  return sql`l.deleted_at < ${at}::timestamptz - make_interval(days => ${restoreDays})`;
}

/** Makes one row of all that tell how many live logons there are: whoever adds the same rows at the same time finds none left. */
export async function addUpLogons(sql: Transaction): Promise<void> {
  await sql`
    with gone as (delete from logon_tally returning change)
    insert into logon_tally select sum(change) from gone having count(*) > 0`;
}

/** What to say of a learner who is both in the form and blocked. It does not say why. */
export function blockedSentence(learner: LearnerOption): string {
  return `${learner.firstName} ${learner.surname} is blocked for this parent. Ask an administrator.`;
}

async function addLinks(
  sql: Transaction,
  logonId: number,
  learnerIds: readonly number[],
): Promise<void> {
  if (learnerIds.length === 0) return;
  await sql`
    insert into logon_learners (logon_id, learner_id, warning)
    select l.id, wanted.id,
           case when l.contact_id is not null and not exists (
             select from contact_learners r
              where r.contact_id = l.contact_id and r.learner_id = wanted.id and r.parental_responsibility
           ) then 'no parental responsibility' end
      from logons l, unnest(${[...learnerIds]}::bigint[]) as wanted (id)
     where l.id = ${logonId}
    on conflict (logon_id, learner_id) do nothing`;
}

async function setTypedPassword(
  sql: Transaction,
  logonId: number,
  password: TypedPassword | null,
): Promise<void> {
  if (password === null) return;
  await sql`
    insert into logon_passwords (logon_id, hash, temporary, expires_at)
    values (${logonId}, ${password.hash}, true, ${password.expiresAt})
    on conflict (logon_id) do update
      set hash = excluded.hash, temporary = true, expires_at = excluded.expires_at, set_at = now()`;
}

async function explainRefusal<T>(logon: CleanLogon, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    switch (brokenConstraint(error)) {
      case "logons_username_key_key":
        throw new LogonRefused(
          "username",
          `${logon.username} was taken by somebody else just now. Choose another.`,
        );
      case "link_is_blocked":
        throw new LogonRefused(
          "learners",
          "A learner is blocked for this parent. Take that learner off the list, or ask an administrator.",
        );
      case "logon_learners_learner_id_fkey":
        throw new LogonRefused(
          "learners",
          "A linked learner is not there any more. Take it off the list.",
        );
      default:
        throw error;
    }
  }
}

function nameProblem(name: string, what: string): string | undefined {
  if (name === "") return `Enter the parent’s ${what}.`;
  if (!isStorable(name)) {
    return `The ${what} holds a character that cannot be stored. Type it again.`;
  }
  return name.length > LONGEST_NAME && [...name].length > LONGEST_NAME
    ? `Shorten the ${what}: at most ${LONGEST_NAME} characters.`
    : undefined;
}

/** One address, as RFC 5321 allows it and mail servers take it; never a list, a comment or a quoted part. */
export function emailProblem(email: string): string | undefined {
  if (email.length > LONGEST_EMAIL) {
    return `Shorten the email: at most ${LONGEST_EMAIL} characters.`;
  }
  const parts = /^([^\s@<>"(),:;\\[\]\p{C}-][^\s@<>"(),:;\\[\]\p{C}]{0,63})@([^\s@]+)$/u.exec(
    email,
  );
  const right = email.isWellFormed() && isHost(parts?.[2] ?? "");
  return right && !/^\.|\.\.|\.@/.test(email)
    ? undefined
    : "Enter one email address, such as ann.lee@example.org.";
}

/** Hosts of emails that were typed, and whether each can be one: an import has thousands of emails at a few of them. */
const HOSTS = new Map<string, boolean>();

/** Whether a mail could go there: two names or more, the last one no number, as they are looked up (xn--…). */
function isHost(host: string): boolean {
  const known = HOSTS.get(host);
  if (known !== undefined) return known;
  const domain = /\p{C}|[/?#:%\\]/u.test(host) || !URL.canParse(`http://${host}/`)
    ? ""
    : new URL(`http://${host}/`).hostname;
  const is = /^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$/.test(domain);
  if (HOSTS.size >= 1000) HOSTS.clear();
  HOSTS.set(host, is);
  return is;
}

function usernameProblem(
  username: string,
  facts: LogonFacts,
  self: number | undefined,
): string | undefined {
  if (username === "") return "Enter a username, or an email to use as the username.";
  if (!isStorable(username) || /\p{Cf}/u.test(username)) {
    return "The username holds a character that cannot be typed. Use letters, figures, dots and @.";
  }
  if (username.length > LONGEST_EMAIL) {
    return `Shorten the username: at most ${LONGEST_EMAIL} characters.`;
  }
  const owner = facts.ownerOf(username);
  if (!owner || owner.id === self) return undefined;
  const free = facts.freeLike?.(username);
  const way = free === undefined ? "Choose another." : `Try ${free}.`;
  return owner.deletedAt === null
    ? `${username} belongs to ${owner.name}. ${way}`
    : `${username} belongs to ${owner.name}, whose logon was deleted and can still be restored. ${way} Or restore it.`;
}

/** zoe.barley2 to zoe.barley9; none of an email address, which would be somebody else's. */
function variantsOf(username: string): string[] {
  if (username.includes("@") || username === "") return [];
  return [2, 3, 4, 5, 6, 7, 8, 9].map((number) => `${username}${number}`);
}

/** A text without outer blanks, and with one space for any others. */
export function foldSpaces(text: string): string {
  const trimmed = text.trim();
  // Nearly every text is clean then, and is told so sooner than cleaned.
  return /[^\S ]| {2}/.test(trimmed) ? trimmed.replace(/\s+/g, " ") : trimmed;
}
