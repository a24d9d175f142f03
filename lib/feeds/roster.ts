// What OneRoster and School Data Sync have in common: users with roles, of whom some are learners and some their adults.

import {
  type FeedBuilder,
  type FeedContact,
  type FeedLearner,
  type LearnerStatus,
  whoOf,
} from "./feed.ts";
import type { CsvSet } from "./csv_set.ts";
import { isoDateOf, isUpn, lineOf, shortLineOf, yearGroupOf } from "./values.ts";

/** Roles of an adult who belongs to a learner (OneRoster 1.2, 4.13.6 RoleEnum). */
const FAMILY = new Set(["parent", "guardian", "relative"]);
const LEARNER = "student";

/** Types of userIds under which senders give the two numbers: OneRoster has no column for either. */
const UPN_TYPES = new Set(["upn", "uniquepupilnumber", "uniquelearnerid"]);
const ADMISSION_TYPES = new Set(["admissionnumber", "admissionno", "adno", "admission"]);

/** A user as the file has it: texts are trimmed, "" for nothing. */
export type RosterUser = {
  readonly file: string;
  readonly line: number;
  readonly id: string;
  readonly firstName: string;
  readonly surname: string;
  readonly email: string;
  readonly mobile: string;
  readonly identifier: string;
  /** As `{UPN:A123…},{LDAP:12}`. */
  readonly userIds: string;
  readonly grade: string;
  /** The sender has taken the user away. */
  readonly isDeleted: boolean;
};

/** A role that a user has, in small letters, and from when (included) to when (excluded), as 2026-07-22. */
export type RosterRole = {
  readonly role: string;
  readonly begin: string;
  readonly end: string;
  readonly grade: string;
};

/** Two users with a relationship, whichever of them says so. */
export type RosterTie = {
  readonly file: string;
  readonly line: number;
  readonly one: string;
  readonly other: string;
  /** A word of the tie's own, where the format has one. */
  readonly relationship: string | null;
};

export type Roster = {
  readonly users: ReadonlyMap<string, RosterUser>;
  readonly roles: ReadonlyMap<string, readonly RosterRole[]>;
  readonly ties: readonly RosterTie[];
  /** Ids that are somebody's adult whatever their roles: School Data Sync gives contacts none. */
  readonly adults: ReadonlySet<string>;
  readonly birthDates: ReadonlyMap<string, string>;
  readonly registrationGroups: ReadonlyMap<string, string>;
  /** Only changes were sent: whoever is not in the package may have come with an earlier one. */
  readonly isDelta: boolean;
  /** The school's date, as 2026-11-24. */
  readonly today: string;
};

/** What is wrong with a line that has more cells than headings. */
export const TOO_WIDE =
  "The line has more cells than there are headings: a comma is not in quotation marks.";

/** Sorts the users of a roster into learners and contacts, and ties them. */
export function addRoster(feed: FeedBuilder, roster: Roster): void {
  const learners = new Set<string>();
  const contacts = new Set<string>();
  const loose = new Set<string>();
  for (const user of roster.users.values()) {
    const roles = roster.roles.get(user.id) ?? [];
    const isLearner = roles.some(({ role }) => role === LEARNER);
    const isContact = roster.adults.has(user.id) || roles.some(({ role }) => FAMILY.has(role));
    if (isLearner) addLearner(feed, user, roster, learners);
    if (isContact) addContact(feed, user, contacts);
    if (roles.length === 0 && !isContact && roster.isDelta && hasName(feed, user, "learner")) {
      loose.add(user.id);
      feed.loosePeople.push({
        learner: learnerOf(user, roster),
        contact: contactOf(user),
        isRemoved: user.isDeleted,
      });
    }
  }
  addTies(feed, roster, { learners, contacts, loose });
}

/** The word for an adult's place on a learner's record, from the role that is all a roster says. */
function relationshipOf(roles: readonly RosterRole[]): string {
  const role = roles.find((one) => FAMILY.has(one.role))?.role ?? "contact";
  return role.charAt(0).toUpperCase() + role.slice(1);
}

function addLearner(
  feed: FeedBuilder,
  user: RosterUser,
  roster: Roster,
  learners: Set<string>,
): void {
  learners.add(user.id);
  if (!hasName(feed, user, "learner")) return;
  const learner = learnerOf(user, roster);
  if (learner.admissionNumber === null && user.id.length > 40) {
    return feed.leaveOut(
      "learner",
      { ...user, who: whoOf(user) },
      "There is no admission number in identifier or userIds, and the sourcedId is longer than 40 characters.",
    );
  }
  feed.learners.push(learner);
}

function addContact(feed: FeedBuilder, user: RosterUser, contacts: Set<string>): void {
  contacts.add(user.id);
  if (user.isDeleted) feed.removedContacts.push(user.id);
  else if (hasName(feed, user, "contact")) feed.contacts.push(contactOf(user));
}

function hasName(feed: FeedBuilder, user: RosterUser, of: "learner" | "contact"): boolean {
  // Who is taken away may come without a name.
  if (user.isDeleted) return true;
  const sentence = nameProblem(user.firstName, user.surname);
  if (sentence !== null) feed.leaveOut(of, { ...user, who: whoOf(user) }, sentence);
  return sentence === null;
}

/** What is wrong with a person's names; null if nothing is. */
export function nameProblem(firstName: string, surname: string): string | null {
  if (firstName === "" && surname === "") return "There is no name.";
  if (firstName === "") return "There is no first name.";
  if (surname === "") return "There is no surname.";
  const isLong = [...firstName].length > 100 || [...surname].length > 100;
  return isLong ? "A name is longer than 100 characters." : null;
}

function learnerOf(user: RosterUser, roster: Roster): FeedLearner {
  const numbers = numbersOf(user);
  const roles = (roster.roles.get(user.id) ?? []).filter(({ role }) => role === LEARNER);
  const grade = user.grade === ""
    ? roles.map((role) => role.grade).find(Boolean) ?? ""
    : user.grade;
  return {
    file: user.file,
    line: user.line,
    id: user.id,
    ...numbers,
    firstName: user.firstName,
    surname: user.surname,
    dateOfBirth: roster.birthDates.get(user.id) ?? null,
    // A learner in several grades at once is in none that could be shown.
    yearGroup: grade.includes(",") ? null : yearGroupOf(lineOf(grade)),
    registrationGroup: shortLineOf(roster.registrationGroups.get(user.id), 40),
    ...statusOf(user, roles, roster.today),
  };
}

/** Whoever has a role as a student today is Current; one whose roles are all over has left, one whose begin later is to come. */
function statusOf(
  user: RosterUser,
  roles: readonly RosterRole[],
  today: string,
): { status: LearnerStatus | null; leftOn: string | null } {
  if (user.isDeleted) return { status: "Leaver", leftOn: null };
  if (roles.length === 0) return { status: null, leftOn: null };
  const open = roles.filter(({ end }) => end === "" || end > today);
  if (open.length === 0) {
    const last = roles.map(({ end }) => end).sort().at(-1) ?? null;
    return { status: "Leaver", leftOn: last };
  }
  const isHere = open.some(({ begin }) => begin === "" || begin <= today);
  return { status: isHere ? "Current" : "Applicant", leftOn: null };
}

function numbersOf(user: RosterUser): { admissionNumber: string | null; upn: string | null } {
  const ids = new Map(
    [...user.userIds.matchAll(/\{([^:{}]*):([^{}]*)\}/g)].map(([, type = "", id = ""]) =>
      [type.toLowerCase().replace(/[^a-z]/g, ""), id.trim()] as const
    ),
  );
  const find = (types: ReadonlySet<string>): string | null =>
    [...ids].find(([type, id]) => types.has(type) && id !== "")?.[1] ?? null;
  const given = find(UPN_TYPES) ?? (isUpn(user.identifier) ? user.identifier : null);
  const identifier = isUpn(user.identifier) ? "" : user.identifier;
  return {
    admissionNumber: shortLineOf(find(ADMISSION_TYPES) ?? (identifier || user.id), 40),
    upn: shortLineOf(given ?? undefined, 40),
  };
}

function contactOf(user: RosterUser): FeedContact {
  return {
    file: user.file,
    line: user.line,
    key: user.id,
    ids: [user.id],
    firstName: user.firstName,
    surname: user.surname,
    email: shortLineOf(user.email, 254),
    mobile: shortLineOf(user.mobile, 40),
  };
}

type Sorted = {
  readonly learners: ReadonlySet<string>;
  readonly contacts: ReadonlySet<string>;
  readonly loose: ReadonlySet<string>;
};

/** A tie does not say which of the two is the learner: the roles decide, and one between a learner and the staff is none of ours. */
function addTies(feed: FeedBuilder, roster: Roster, sorted: Sorted): void {
  const { users } = roster;
  let staff = 0;
  for (const tie of roster.ties) {
    const unknown = [tie.one, tie.other].find((id) => !users.has(id));
    if (unknown !== undefined && !roster.isDelta) {
      const known = users.get(tie.one) ?? users.get(tie.other);
      feed.leaveOut(
        "relationship",
        { file: tie.file, line: tie.line, who: known === undefined ? "" : whoOf(known) },
        `It names the user ${shortLineOf(unknown, 60) ?? "…"}, who is not in users.csv.`,
      );
      continue;
    }
    const pair = pairOf(tie, sorted);
    if (pair !== null) {
      feed.relationships.push({
        file: tie.file,
        line: tie.line,
        ...pair,
        relationship: tie.relationship ?? relationshipOf(roster.roles.get(pair.contact) ?? []),
        priority: null,
        parentalResponsibility: null,
      });
    } else if ([tie.one, tie.other].every((id) => sorted.loose.has(id) || !users.has(id))) {
      feed.looseTies.push(tie);
    } else if (unknown !== undefined || isHalfLoose(tie, sorted)) feed.looseTies.push(tie);
    else staff++;
  }
  const [first] = roster.ties;
  if (staff > 0 && first !== undefined) {
    feed.warn(
      { file: first.file, line: null },
      `${staff.toLocaleString("en-GB")} ${
        staff === 1 ? "tie is" : "ties are"
      } not between a learner and a parent, guardian or relative, and ${
        staff === 1 ? "was" : "were"
      } left out.`,
    );
  }
}

function isHalfLoose(tie: RosterTie, { loose }: Sorted): boolean {
  return loose.has(tie.one) || loose.has(tie.other);
}

function pairOf(
  { one, other }: RosterTie,
  { learners, contacts }: Sorted,
): { learner: string; contact: string } | null {
  if (learners.has(one) && contacts.has(other)) return { learner: one, contact: other };
  return learners.has(other) && contacts.has(one) ? { learner: other, contact: one } : null;
}

/** The only date of birth that OneRoster has; it means a day only as 2014-03-02. */
export function readBirthDates(feed: FeedBuilder, set: CsvSet): Map<string, string> {
  const dates = new Map<string, string>();
  const file = set.open("demographics.csv", ["birthDate"]);
  const key = file?.headings.has("usersourcedid") ? "usersourcedid" : "sourcedid";
  for (const row of file?.rows() ?? []) {
    const text = row.get("birthdate");
    const date = isoDateOf(text);
    if (date !== undefined) dates.set(row.get(key), date);
    else if (text !== "") {
      feed.warn(
        { file: "demographics.csv", line: row.line },
        `The birthDate ${shortLineOf(text, 30) ?? "…"} is no day as 2014-03-02, and was left out.`,
      );
    }
  }
  return dates;
}
