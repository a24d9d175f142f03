// Reads a OneRoster CSV package, 1.0 to 1.2: users, roles, orgs, enrollments, demographics, as far as they serve.

import { type CsvFile, type CsvRow, CsvSet } from "./csv_set.ts";
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

type Manifest = {
  readonly version: string;
  /** absent, bulk or delta, by file name without its ending, in small letters. */
  readonly files: ReadonlyMap<string, string>;
};

/** Files without which nobody could be read. */
const NEEDED = {
  users: ["sourcedId", "givenName", "familyName"],
  roles: ["userSourcedId", "role"],
} as const;

/**
 * Reads a package.
 * @param today the school's date, as 2026-11-24: roles have a beginning and an end
 * @throws {FeedRefusal} where it cannot be read as a whole
 */
export function readOneRoster(set: CsvSet, today: string): Feed {
  const feed = new FeedBuilder("OneRoster");
  const manifest = readManifest(set);
  const users = openUsers(set);
  const hasOwnRoles = users.headings.has("role");
  const isDelta = manifest?.files.get("users") === "delta";
  const rolesFile = hasOwnRoles ? null : openRoles(set, manifest, isDelta);
  const roster = readUsers(feed, users, isDelta);
  const roles = rolesFile === null
    ? roster.ownRoles
    : readRoles(feed, rolesFile, roster.users, isDelta);
  const isMarked = roster.marked > 0 && !isDelta;
  if (isMarked) {
    feed.warn(
      { file: "users.csv", line: null },
      "The manifest says that this is everything, but rows have a status, as only a package of changes has. It was not taken as complete: nobody leaves by being absent.",
    );
  }
  addRoster(feed, {
    users: roster.users,
    roles,
    ties: roster.ties,
    adults: new Set(),
    birthDates: readBirthDates(feed, set),
    registrationGroups: readRegistrationGroups(feed, set),
    isDelta,
    today,
  });
  warnAboutSchools(feed, set);
  const isBulk = manifest?.files.get("users") === "bulk" &&
    (hasOwnRoles || manifest.files.get("roles") === "bulk");
  const version = manifest?.version ?? (hasOwnRoles ? "without a manifest" : "1.2");
  return feed.finish({
    version: `OneRoster ${version}, ${isDelta ? "changes" : isBulk ? "everything" : "users"}`,
    isComplete: isBulk && !isMarked,
  });
}

/** No manifest: a package of 1.0, or of a sender who leaves it out (OneRoster CSV Binding 1.2, 3.2). */
function readManifest(set: CsvSet): Manifest | null {
  const file = set.open("manifest.csv", ["propertyName", "value"]);
  if (file === null) return null;
  const values = new Map<string, string>();
  for (const row of file.rows()) {
    values.set(row.get("propertyName").toLowerCase(), row.get("value"));
  }
  const files = new Map(
    [...values].flatMap(([name, value]) =>
      name.startsWith("file.") ? [[name.slice(5), value.toLowerCase()] as const] : []
    ),
  );
  const version = shortLineOf(values.get("oneroster.version"), 10) ?? "1.0";
  if (!/^1\.[0-2](?:\.\d)?$/.test(version)) {
    throw new FeedRefusal(
      `manifest.csv says OneRoster ${version}. Versions 1.0, 1.1 and 1.2 are read: ask the sender for one of these.`,
    );
  }
  for (const [name, value] of files) {
    const isThere = set.has(`${name}.csv`);
    if (["users", "roles", "demographics", "enrollments", "orgs", "classes"].includes(name)) {
      if (value !== "absent" && value !== "" && !isThere) {
        throw new FeedRefusal(
          `manifest.csv says that ${name}.csv is in the package, and it is not. Export the package again.`,
        );
      }
    }
  }
  if (files.size > 0 && !set.has("users.csv") && (files.get("users") ?? "absent") === "absent") {
    throw new FeedRefusal(
      "The package has no users.csv, so there are no learners and no contacts in it. Nothing was changed.",
    );
  }
  return { version, files };
}

function openUsers(set: CsvSet): CsvFile {
  const file = set.open("users.csv", NEEDED.users);
  if (file !== null) return file;
  throw new FeedRefusal(
    "The package has no users.csv, and without it nobody can be read. Export it again.",
  );
}

function openRoles(set: CsvSet, manifest: Manifest | null, isDelta: boolean): CsvFile | null {
  const file = set.open("roles.csv", NEEDED.roles);
  if (file !== null) return file;
  if (isDelta && manifest?.files.get("roles") !== "bulk") return null;
  throw new FeedRefusal(
    "The package has no roles.csv, which says who is a learner and who a parent. Export it again with it.",
  );
}

function readUsers(
  feed: FeedBuilder,
  file: CsvFile,
  isDelta: boolean,
): {
  users: Map<string, RosterUser>;
  ownRoles: Map<string, RosterRole[]>;
  ties: RosterTie[];
  marked: number;
} {
  const users = new Map<string, RosterUser>();
  const ownRoles = new Map<string, RosterRole[]>();
  const ties: RosterTie[] = [];
  let marked = 0;
  for (const row of file.rows()) {
    const id = row.get("sourcedid");
    const place = { file: file.name, line: row.line };
    if (id === "" || id.length > 255) {
      feed.leaveOut("learner", place, "There is no sourcedId, or one of more than 255 characters.");
      continue;
    }
    if (row.isTooWide) {
      feed.leaveOutPerson({ ...place, id }, TOO_WIDE);
      continue;
    }
    const before = users.get(id);
    if (before !== undefined) {
      feed.leaveOut(
        "learner",
        { ...place, who: nameOf(row) },
        `The sourcedId ${id} also stands in line ${before.line}; this line was not read.`,
      );
      continue;
    }
    const status = row.get("status").toLowerCase();
    if (status !== "") marked++;
    const isDeleted = status === "tobedeleted";
    users.set(id, { ...place, ...userOf(row, id), isDeleted });
    const role = row.get("role").toLowerCase();
    if (role !== "") ownRoles.set(id, [{ role, begin: "", end: "", grade: "" }]);
    if (isDeleted && isDelta) continue;
    for (const other of listOf(row.get("agentsourcedids"))) {
      ties.push({ ...place, one: id, other, relationship: null });
    }
  }
  return { users, ownRoles, ties, marked };
}

/** A password may stand in the row as plain text: it is never read. */
function userOf(row: CsvRow, id: string): Omit<RosterUser, "file" | "line" | "isDeleted"> {
  return {
    id,
    firstName: lineOf(row.get("givenname")) ?? "",
    surname: lineOf(row.get("familyname")) ?? "",
    email: row.get("email"),
    mobile: row.get("sms"),
    identifier: row.get("identifier"),
    userIds: row.get("userids"),
    grade: row.get("grades"),
  };
}

function nameOf(row: CsvRow): string {
  return [row.get("givenname"), row.get("familyname")].join(" ").trim().slice(0, 200);
}

function readRoles(
  feed: FeedBuilder,
  file: CsvFile,
  users: ReadonlyMap<string, RosterUser>,
  isDelta: boolean,
): Map<string, RosterRole[]> {
  const roles = new Map<string, RosterRole[]>();
  let strangers = 0;
  for (const row of file.rows()) {
    const id = row.get("usersourcedid");
    if (row.get("status").toLowerCase() === "tobedeleted") continue;
    if (!users.has(id) && !isDelta && strangers++ === 0) {
      feed.warn(
        { file: file.name, line: row.line },
        `It names the user ${
          shortLineOf(id, 60) ?? "…"
        }, who is not in users.csv. Such roles are left out.`,
      );
    }
    const role: RosterRole = {
      role: row.get("role").toLowerCase(),
      begin: isoDateOf(row.get("begindate")) ?? "",
      end: isoDateOf(row.get("enddate")) ?? "",
      grade: "",
    };
    const known = roles.get(id);
    if (known === undefined) roles.set(id, [role]);
    else known.push(role);
  }
  return roles;
}

/** A learner's registration group is the class of type homeroom: its code, else its title. */
function readRegistrationGroups(feed: FeedBuilder, set: CsvSet): Map<string, string> {
  const groups = new Map<string, string>();
  const classes = new Map<string, string>();
  for (const row of set.open("classes.csv", ["sourcedId"])?.rows() ?? []) {
    if (row.get("status").toLowerCase() === "tobedeleted") continue;
    if (row.get("classtype").toLowerCase() !== "homeroom") continue;
    classes.set(row.get("sourcedid"), row.get("classcode") || row.get("title"));
  }
  if (classes.size === 0) return groups;
  const enrollments = set.open("enrollments.csv", ["classSourcedId", "userSourcedId"]);
  if (enrollments === null) {
    feed.warn(
      { file: "enrollments.csv", line: null },
      "It is missing, so nobody’s registration group is known.",
    );
  }
  for (const row of enrollments?.rows() ?? []) {
    if (row.get("status").toLowerCase() === "tobedeleted") continue;
    const group = classes.get(row.get("classsourcedid"));
    const isLearner = row.get("role").toLowerCase() === "student";
    if (group !== undefined && isLearner) groups.set(row.get("usersourcedid"), group);
  }
  return groups;
}

function warnAboutSchools(feed: FeedBuilder, set: CsvSet): void {
  const schools: string[] = [];
  for (const row of set.open("orgs.csv", ["sourcedId", "name", "type"])?.rows() ?? []) {
    if (row.get("type").toLowerCase() === "school") schools.push(row.get("name"));
  }
  if (schools.length < 2) return;
  const some = schools.slice(0, 3).map((name) => shortLineOf(name, 60) ?? "…").join(", ");
  feed.warn(
    { file: "orgs.csv", line: null },
    `The package holds ${schools.length.toLocaleString("en-GB")} schools (${some}${
      schools.length > 3 ? " …" : ""
    }). The learners of all of them are read.`,
  );
}

function listOf(cell: string): string[] {
  return cell.split(",").map((id) => id.trim()).filter((id) => id !== "");
}
