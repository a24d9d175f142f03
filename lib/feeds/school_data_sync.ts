// Reads a package of Microsoft School Data Sync, 2.1 and 2: a dialect of OneRoster with relationships.csv.

import type { CsvFile, CsvRow, CsvSet } from "./csv_set.ts";
import { type Feed, FeedBuilder, FeedRefusal } from "./feed.ts";
import {
  addRoster,
  readBirthDates,
  type RosterRole,
  type RosterTie,
  type RosterUser,
  TOO_WIDE,
} from "./roster.ts";
import { isoDateOf, lineOf, shortLineOf } from "./values.ts";

/**
 * Reads a package. It never says that it is complete: the office does, by sending it as such.
 * @param today the school's date, as 2026-11-24
 * @throws {FeedRefusal} where it cannot be read as a whole
 */
export function readSchoolDataSync(set: CsvSet, today: string, isComplete: boolean): Feed {
  const feed = new FeedBuilder("School Data Sync");
  const file = set.open("users.csv", ["sourcedId", "givenName", "familyName"]);
  if (file === null) {
    throw new FeedRefusal(
      "The package has no users.csv, and without it nobody can be read. Export it again.",
    );
  }
  const isOld = file.headings.has("role");
  const { users, ownRoles } = readUsers(feed, file);
  const roles = isOld ? ownRoles : readRoles(feed, set, users);
  const ties = readTies(feed, set);
  addRoster(feed, {
    users,
    roles,
    ties,
    // They have no row among the roles: what makes them contacts is that a relationship names them.
    adults: new Set(ties.map(({ other }) => other)),
    birthDates: readBirthDates(feed, set),
    registrationGroups: new Map(),
    isDelta: false,
    today,
  });
  return feed.finish({ version: `School Data Sync ${isOld ? "2" : "2.1"}`, isComplete });
}

function readUsers(
  feed: FeedBuilder,
  file: CsvFile,
): { users: Map<string, RosterUser>; ownRoles: Map<string, RosterRole[]> } {
  const users = new Map<string, RosterUser>();
  const ownRoles = new Map<string, RosterRole[]>();
  for (const row of file.rows()) {
    const id = row.get("sourcedid");
    const place = { file: file.name, line: row.line };
    const before = users.get(id);
    if (id === "" || id.length > 255) {
      feed.leaveOut("learner", place, "There is no sourcedId, or one of more than 255 characters.");
    } else if (row.isTooWide) {
      feed.leaveOutPerson({ ...place, id }, TOO_WIDE);
    } else if (before !== undefined) {
      feed.leaveOut(
        "learner",
        place,
        `The sourcedId ${id} also stands in line ${before.line}; this line was not read.`,
      );
    } else {
      users.set(id, { ...place, ...userOf(row, id) });
      const role = row.get("role").toLowerCase();
      if (role !== "") ownRoles.set(id, [{ ...NO_ROLE, role, grade: row.get("grade") }]);
    }
  }
  return { users, ownRoles };
}

const NO_ROLE: RosterRole = { role: "", begin: "", end: "", grade: "" };

/** A password may stand in the row as plain text: it is never read. */
function userOf(row: CsvRow, id: string): Omit<RosterUser, "file" | "line"> {
  return {
    id,
    firstName: lineOf(row.get("givenname")) ?? "",
    surname: lineOf(row.get("familyname")) ?? "",
    email: row.get("email"),
    mobile: row.get("sms") || row.get("phone"),
    identifier: "",
    userIds: "",
    grade: "",
    isDeleted: false,
  };
}

function readRoles(
  feed: FeedBuilder,
  set: CsvSet,
  users: ReadonlyMap<string, RosterUser>,
): Map<string, RosterRole[]> {
  const file = set.open("roles.csv", ["userSourcedId", "role"]);
  if (file === null) {
    throw new FeedRefusal(
      "The package has no roles.csv, which says who is a learner. Export it again with it.",
    );
  }
  const roles = new Map<string, RosterRole[]>();
  let strangers = 0;
  for (const row of file.rows()) {
    const id = row.get("usersourcedid");
    if (!users.has(id) && strangers++ === 0) {
      feed.warn(
        { file: file.name, line: row.line },
        `It names the user ${
          shortLineOf(id, 60) ?? "…"
        }, who is not in users.csv. Such roles are left out.`,
      );
    }
    const role: RosterRole = {
      role: row.get("role").toLowerCase(),
      begin: isoDateOf(row.get("rolestartdate")) ?? "",
      end: isoDateOf(row.get("roleenddate")) ?? "",
      grade: row.get("grade"),
    };
    const known = roles.get(id);
    if (known === undefined) roles.set(id, [role]);
    else known.push(role);
  }
  return roles;
}

/** The first user of each is the learner, the second the contact. */
function readTies(feed: FeedBuilder, set: CsvSet): RosterTie[] {
  const file = set.open("relationships.csv", ["userSourcedId", "relationshipUserSourcedId"]);
  if (file === null) {
    feed.warn(
      { file: "relationships.csv", line: null },
      "It is missing, so there are no contacts in this package: learners only were read.",
    );
    return [];
  }
  const ties: RosterTie[] = [];
  for (const row of file.rows()) {
    const word = shortLineOf(row.get("relationshiprole"), 40) ?? "contact";
    ties.push({
      file: file.name,
      line: row.line,
      one: row.get("usersourcedid"),
      other: row.get("relationshipusersourcedid"),
      relationship: word.charAt(0).toUpperCase() + word.slice(1),
    });
  }
  return ties;
}
