// Feeds for the tests, written afresh: packages, lists and transfer files about made-up people, and a way to feed them in without a queue.

import type { Sql } from "../db/connect.ts";
import { transaction } from "../db/connect.ts";
import { applyFeed } from "../db/feed_apply.ts";
import { diffFeed } from "../db/feed_diff.ts";
import { placeLoose } from "../db/feed_staging.ts";
import { countFeedOutcomes, startFeed } from "../db/feeds.ts";
import type { Facts } from "../db/tasks.ts";
import { claimed, claimTask, settleTask } from "../db/tasks.ts";
import type { Feed } from "../lib/feeds/feed.ts";
import { readFeed } from "../lib/feeds/read.ts";
import { makeZip } from "./lib/excel/build.ts";

export const TODAY = "2026-11-24";
export const AT = new Date("2026-11-24T02:00:00Z");

/** Files by name; lines of cells joined by commas as they are. */
export type Files = Readonly<Record<string, string>>;

/** An archive of files. */
export function pack(files: Files): Uint8Array {
  return makeZip(Object.entries(files).map(([name, content]) => ({ name, content })));
}

const USER_HEADINGS =
  "sourcedId,status,dateLastModified,enabledUser,username,userIds,givenName,familyName,middleName,identifier,email,sms,phone," +
  "agentSourcedIds,grades,password,userMasterIdentifier,preferredGivenName,preferredMiddleName,preferredFamilyName," +
  "primaryOrgSourcedId,pronouns";
const ROLE_HEADINGS =
  "sourcedId,status,dateLastModified,userSourcedId,roleType,role,beginDate,endDate,orgSourcedId,userProfileSourcedId";

export type User = {
  readonly id: string;
  readonly role: string | null;
  readonly first: string;
  readonly last: string;
  readonly email?: string;
  readonly sms?: string;
  readonly identifier?: string;
  readonly userIds?: string;
  readonly agents?: readonly string[];
  readonly grades?: string;
  readonly born?: string;
  readonly status?: string;
  readonly begin?: string;
  readonly end?: string;
};

/** A OneRoster 1.2 package of these users; `change` adds, replaces or (with null) takes away a file. */
export function oneRoster(
  users: readonly User[],
  options: {
    readonly mode?: "bulk" | "delta";
    readonly change?: Readonly<Record<string, string | null>>;
  } = {},
): Uint8Array {
  const mode = options.mode ?? "bulk";
  const stamp = (status?: string): string =>
    mode === "bulk" ? `${status ?? ""},` : `${status ?? "active"},2026-11-23T02:00:00.000Z`;
  const roled = users.filter(({ role }) => role !== null);
  const files: Record<string, string | null> = {
    "manifest.csv": [
      "propertyName,value",
      "manifest.version,1.0",
      "oneroster.version,1.2",
      `file.users,${mode}`,
      `file.roles,${roled.length === 0 ? "absent" : mode}`,
      `file.orgs,${mode}`,
      `file.demographics,${mode}`,
      "file.classes,absent",
      "file.enrollments,absent",
    ].join("\r\n"),
    "orgs.csv": [
      "sourcedId,status,dateLastModified,name,type,identifier,parentSourcedId",
      `org-1,${stamp()},Hillcrest School,school,,`,
    ].join("\r\n"),
    "users.csv": [
      USER_HEADINGS,
      ...users.map((user) =>
        [
          user.id,
          stamp(user.status),
          "true",
          user.id,
          quoted(user.userIds ?? ""),
          quoted(user.first),
          quoted(user.last),
          "",
          user.identifier ?? "",
          user.email ?? "",
          user.sms ?? "",
          "",
          quoted((user.agents ?? []).join(",")),
          user.grades ?? "",
          "Secret-in-plain-text-1",
          "",
          "",
          "",
          "",
          "org-1",
          "",
        ].join(",")
      ),
    ].join("\r\n"),
    "roles.csv": roled.length === 0 ? null : [
      ROLE_HEADINGS,
      ...roled.map((user) =>
        `r-${user.id},${stamp()},${user.id},primary,${user.role},${user.begin ?? ""},${
          user.end ?? ""
        },org-1,`
      ),
    ].join("\r\n"),
    "demographics.csv": [
      "sourcedId,status,dateLastModified,birthDate,sex",
      ...users.filter(({ born }) => born).map(({ id, born }) => `${id},${stamp()},${born},`),
    ].join("\r\n"),
    ...options.change,
  };
  const kept = Object.entries(files).flatMap(([name, text]) =>
    text === null ? [] : [[name, text] as const]
  );
  return pack(Object.fromEntries(kept));
}

/** Sam and Alex Reed with their mother Jo, who is on both; Kit Moss with a father. */
export const FAMILY: readonly User[] = [
  {
    id: "l-1",
    role: "student",
    first: "Sam",
    last: "Reed",
    identifier: "A0001",
    userIds: "{UPN:A123456789011}",
    agents: ["p-1"],
    grades: "07",
    born: "2014-03-02",
  },
  {
    id: "l-2",
    role: "student",
    first: "Alex",
    last: "Reed",
    identifier: "A0002",
    grades: "09",
    born: "2012-05-06",
  },
  { id: "l-3", role: "student", first: "Kit", last: "Moss", identifier: "A0003", agents: ["p-2"] },
  {
    id: "p-1",
    role: "parent",
    first: "Jo",
    last: "Reed",
    email: "jo.reed@example.org",
    sms: "07700 900001",
    agents: ["l-2"],
  },
  { id: "p-2", role: "guardian", first: "Lee", last: "Moss", email: "lee.moss@example.org" },
];

/** A family with some of its members changed. */
export function changed(
  users: readonly User[],
  changes: Readonly<Record<string, Partial<User> | null>>,
): User[] {
  return users.flatMap((user) => {
    const change = changes[user.id];
    return change === null ? [] : [{ ...user, ...change }];
  });
}

export type Pupil = {
  readonly upn?: string;
  readonly surname?: string;
  readonly forename?: string;
  readonly born?: string;
  readonly year?: string;
  /** XML of its contacts. */
  readonly contacts?: string;
};

/** A Common Transfer File. */
export function transferFile(pupils: readonly Pupil[], version = "24.0"): Uint8Array {
  return utf8(
    `<?xml version="1.0" encoding="UTF-8"?>\n<CTfile>\n<Header><DocumentName>Common Transfer File</DocumentName>` +
      `<CTFversion>${version}</CTFversion><DocumentQualifier>full</DocumentQualifier>` +
      `<SourceSchool><LEA>999</LEA><Estab>0001</Estab></SourceSchool></Header>\n<CTFpupilData>\n` +
      pupils.map((pupil) =>
        `<Pupil>${element("UPN", pupil.upn)}${element("Surname", pupil.surname ?? "Reed")}${
          element("Forename", pupil.forename ?? "Sam")
        }${element("DOB", pupil.born)}<Gender>F</Gender>` +
        `<BasicDetails>${element("NCyearActual", pupil.year)}</BasicDetails>\n` +
        `<Contacts>${pupil.contacts ?? ""}</Contacts></Pupil>`
      ).join("\n") +
      `\n</CTFpupilData>\n</CTfile>\n`,
  );
}

/** A contact of a transfer file, from its elements. */
export function contactXml(elements: Readonly<Record<string, string>>, phones = ""): string {
  const inside = Object.entries(elements).map(([name, text]) => element(name, text)).join("");
  return `<Contact>${inside}${phones === "" ? "" : `<Phones>${phones}</Phones>`}</Contact>\n`;
}

export function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** A CSV list, the first line its headings. */
export function list(...lines: readonly string[]): Uint8Array {
  return utf8(lines.join("\r\n"));
}

/** Reads a feed in this process. */
export function read(
  bytes: Uint8Array,
  name = "feed.zip",
  options: { readonly isComplete?: boolean; readonly today?: string } = {},
): Feed {
  return readFeed(bytes, name, {
    today: options.today ?? TODAY,
    isComplete: options.isComplete ?? false,
  });
}

/** Starts a task for a feed, as the folder does at night. @returns its id */
export async function start(
  sql: Sql,
  bytes: Uint8Array,
  options: { readonly name?: string; readonly adminId?: number; readonly isComplete?: boolean } =
    {},
): Promise<number> {
  const checksum = new Uint8Array(await crypto.subtle.digest("SHA-256", new Uint8Array(bytes)));
  return await transaction(sql, (tx) =>
    startFeed(tx, {
      adminId: options.adminId ?? null,
      name: options.name ?? "feed.zip",
      bytes,
      checksum,
      isComplete: options.isComplete ?? false,
      at: AT,
      requestId: null,
    }));
}

/** Feeds it in whatever a review would say. @returns what was planned and what was done */
export async function feedIn(
  sql: Sql,
  bytes: Uint8Array,
  options: { readonly name?: string; readonly isComplete?: boolean; readonly today?: string } = {},
): Promise<{ taskId: number; planned: Facts; done: Facts }> {
  const taskId = await start(sql, bytes, options);
  const held = await claimTask(sql, taskId, AT);
  if (held === null) throw new Error("the task is not waiting");
  const feed = await placeLoose(sql, read(bytes, options.name, options));
  const planned = await claimed(
    sql,
    held.claim,
    (tx) => diffFeed(tx, taskId, feed, options.today ?? TODAY),
  );
  await claimed(
    sql,
    held.claim,
    (tx) => applyFeed(tx, { taskId, feed: feed.kind, author: { adminId: null, who: "Test" } }),
  );
  const done = await countFeedOutcomes(sql, taskId);
  await settleTask(sql, held.claim, { state: "done", facts: { ...planned, ...done } }, AT);
  return { taskId, planned, done };
}

function element(name: string, text: string | undefined): string {
  return text === undefined ? "" : `<${name}>${text}</${name}>`;
}

function quoted(text: string): string {
  return /[",]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
