// migrate, admin, seed, routes, version: what an operator does now and then.

import { readConfig } from "../config.ts";
import {
  addAdmin,
  checkAdmin,
  editAdminPassword,
  findAdminByUsername,
  removeAdminTfa,
  usernameProblem,
} from "../db/admins.ts";
import { transaction } from "../db/connect.ts";
import { PASSWORD_SENTENCES } from "../db/password_rules.ts";
import { isEmpty, seedSchool } from "../db/seeds.ts";
import { type Role, ROLES } from "../db/sessions.ts";
import { findSettings } from "../db/settings.ts";
import { openLog } from "../lib/log.ts";
import { CHOSEN_COST, findPasswordProblem, openHasher } from "../lib/passwords.ts";
import { type Database, openDatabase } from "../services.ts";
import { parse, readSchoolSize, UsageError } from "./arguments.ts";
import { migrateAll } from "./run.ts";
import { VERSION } from "./version.ts";

const OPERATOR = { adminId: null, who: "operator" } as const;

export async function migrateDatabase(): Promise<number> {
  return await withDatabase(async (database) => {
    const done = await migrateAll(database, openLog("warn"));
    say(done.length === 0 ? "The database is up to date." : `Done: ${done.join(", ")}`);
  });
}

export async function seed(args: string[]): Promise<number> {
  const { school, seed } = readSchoolSize(args, { logons: 1500, learners: 1200, signIns: 20_000 });
  return await withDatabase(async (database) => {
    await migrateAll(database, openLog("warn"));
    if (!await isEmpty(database.sql)) {
      throw new UsageError(
        "This database is not empty, so nothing was written. Seeding is for an empty one.",
      );
    }
    const { hash } = openHasher();
    await seedSchool(database.direct, school, { at: new Date(), hash, seed, report: say });
    say("Done. Add the first admin: main.ts admin add USERNAME --name NAME");
  });
}

/** `admin add` and `admin reset`. The password is asked for, never taken from the command line, where others can read it. */
export async function admin(args: string[]): Promise<number> {
  const { values, words } = parse(args, ["name", "role"]);
  const [verb, username] = words;
  if ((verb !== "add" && verb !== "reset") || username === undefined || words.length > 2) {
    throw new UsageError(
      "Use: admin add USERNAME --name NAME [--role ROLE], or: admin reset USERNAME",
    );
  }
  const role = ROLES.find((one) =>
    one.toLowerCase() === (values["role"] ?? ROLES[0]).toLowerCase()
  );
  if (!role) throw new UsageError(`--role is one of ${ROLES.join(", ")}.`);
  const typed = values["name"]?.trim();
  if (verb === "add") checkNewAdmin(username, typed, role);
  return await withDatabase(async (database, schoolName) => {
    await migrateAll(database, openLog("warn"));
    const { sql } = database;
    const found = await findAdminByUsername(sql, username);
    const name = typed ?? found?.name ?? username;
    if (verb === "reset" && found === null) {
      throw new UsageError(`There is no admin with the username ${username}.`);
    }
    const { shortest_password: shortest } = await findSettings(sql);
    const password = await askPassword();
    const problem = findPasswordProblem(password, {
      shortest,
      words: [name, username, schoolName],
    });
    if (problem) throw new UsageError(PASSWORD_SENTENCES[problem](shortest));
    const hash = await openHasher().hash(password, CHOSEN_COST);
    let cleared = false;
    await transaction(sql, async (tx) => {
      if (verb === "add" || found === null) {
        await addAdmin(tx, { username, name, role, hash, mustChangePassword: false }, OPERATOR);
      } else {
        await editAdminPassword(tx, found.id, hash, { mustChange: false, keep: null }, OPERATOR);
        cleared = await removeAdminTfa(tx, found.id, { reason: "admin reset" }, OPERATOR);
      }
    });
    say(
      verb === "add"
        ? `${name} can sign in as ${username} now.`
        : `${username} has a new password and is signed out everywhere.${
          cleared ? " Two factor authentication and passkeys were removed." : ""
        }`,
    );
  });
}

/** By the rules of the Admins page. @throws {UsageError} */
function checkNewAdmin(username: string, name: string | undefined, role: Role): void {
  const ofUsername = usernameProblem(username);
  if (ofUsername !== null) throw new UsageError(`The username “${username}”: ${ofUsername}`);
  const problem = checkAdmin({ name: name ?? "", email: null, role, seesBlocks: false }, null).name;
  if (problem !== undefined) throw new UsageError(`--name: ${problem}`);
}

export async function routes(): Promise<number> {
  const { listRoutes } = await import("../routes/mod.ts");
  for (const route of listRoutes()) {
    say(`${route.method.padEnd(6)} ${route.path.padEnd(34)} ${route.guard}`);
  }
  return 0;
}

export function version(): Promise<number> {
  say(`Parent Logons ${VERSION}`);
  return Promise.resolve(0);
}

async function withDatabase(
  work: (database: Database, schoolName: string) => Promise<void>,
): Promise<number> {
  const config = readConfig();
  const database = await openDatabase(config, openLog("warn"));
  try {
    await work(database, config.schoolName);
    return 0;
  } finally {
    await database.close();
  }
}

/** From the terminal without showing it; else the first line of standard input. */
async function askPassword(): Promise<string> {
  if (!Deno.stdin.isTerminal()) {
    const text = await new Response(Deno.stdin.readable).text();
    return text.split(/\r?\n/)[0] ?? "";
  }
  const first = await readHidden("Password: ");
  if (await readHidden("The same again: ") !== first) {
    throw new UsageError("The two were not the same. Nothing was changed.");
  }
  return first;
}

async function readHidden(question: string): Promise<string> {
  write(question);
  Deno.stdin.setRaw(true);
  const bytes: number[] = [];
  const buffer = new Uint8Array(64);
  try {
    for (;;) {
      const read = await Deno.stdin.read(buffer) ?? 0;
      for (const byte of buffer.subarray(0, read)) {
        if (byte === 3) throw new UsageError("Stopped. Nothing was changed.");
        if (byte === 13 || byte === 10) return new TextDecoder().decode(new Uint8Array(bytes));
        if (byte === 127 || byte === 8) bytes.pop();
        else bytes.push(byte);
      }
      if (read === 0) return new TextDecoder().decode(new Uint8Array(bytes));
    }
  } finally {
    Deno.stdin.setRaw(false);
    write("\n");
  }
}

function say(sentence: string): void {
  write(sentence + "\n");
}

function write(text: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(text));
}
