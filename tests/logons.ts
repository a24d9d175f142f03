// A logon's windows as a browser sends them, and what is stored of a logon.

import assert from "node:assert/strict";
import type { Sql } from "../db/connect.ts";
import { addSession } from "../db/sessions.ts";
import { findSettings } from "../db/settings.ts";
import { hashToken, newToken } from "../lib/keys.ts";
import { documentOf, type Office, Visitor } from "./office.ts";

export type Fields = Record<string, string | readonly string[]>;

/** The form of somebody who has no logon yet. */
export const ANN: Fields = {
  firstName: "Ann",
  surname: "Lee",
  email: "ann.lee@example.org",
  username: "ann.lee",
  password: "",
};

/** Takes away what a test has added to the cast, and every wait. */
export async function forgetAdded(sql: Sql): Promise<void> {
  await sql`delete from logons where created_at > now() - interval '1 hour' and contact_id is null and username <> 'rhys.l'`;
  await sql`delete from throttles`;
}

/** A logon with a password of its own and a name like nobody's of the cast. @returns its id */
export async function addZoe(sql: Sql): Promise<number> {
  const [row] = await sql<[{ id: number }]>`
    insert into logons (first_name, surname, username, email)
    values ('Zoë', 'Aalto', ${`zoe-${crypto.randomUUID()}`}, 'zoe.aalto@example.org') returning id`;
  await sql`
    insert into logon_passwords (logon_id, hash, temporary, expires_at)
    values (${row.id}, ${"$2b$04$" + "a".repeat(53)}, false, null)`;
  return row.id;
}

export async function idOf(sql: Sql, username: string): Promise<number> {
  const [row] = await sql<{ id: number }[]>`select id from logons where username = ${username}`;
  assert.ok(row, username);
  return row.id;
}

/** A learner's id, as a form sends it. */
export async function learnerId(sql: Sql, admissionNumber: string): Promise<string> {
  const [row] = await sql<{ id: number }[]>`
    select id from learners where admission_number = ${admissionNumber}`;
  assert.ok(row, admissionNumber);
  return String(row.id);
}

/** Admission numbers of the linked learners. */
export async function linksOf(sql: Sql, id: number): Promise<string[]> {
  const rows = await sql<{ number: string }[]>`
    select p.admission_number as number from logon_learners k join learners p on p.id = k.learner_id
     where k.logon_id = ${id} order by 1`;
  return rows.map((row) => row.number);
}

export async function rowOf(sql: Sql, id: number): Promise<Record<string, unknown>> {
  const [row] = await sql<Record<string, unknown>[]>`select * from logons where id = ${id}`;
  return { ...row };
}

export async function countLogons(sql: Sql): Promise<number> {
  const [row] = await sql<[{ count: number }]>`select count(*)::int as count from logons`;
  return row.count;
}

/** The form of an edit window as the browser would send it back. */
export async function formOf(
  visitor: Visitor,
  id: number,
): Promise<Record<string, string | string[]>> {
  const page = await documentOf(await visitor.piece(`/logons/${id}/edit`));
  const value = (name: string): string =>
    page.querySelector(`[name=${name}]`)?.getAttribute("value") ?? "";
  const suspended = page.querySelector("[name=suspended]")?.hasAttribute("checked");
  return {
    firstName: value("firstName"),
    surname: value("surname"),
    email: value("email"),
    username: value("username"),
    password: "",
    version: value("version"),
    logon_id: value("logon_id"),
    access: value("access"),
    expiresOn: value("expiresOn"),
    suspendedReason: value("suspendedReason"),
    ...(suspended ? { suspended: "yes" } : {}),
    learner: [...page.querySelectorAll("[name=learner]")].map((one) =>
      one.getAttribute("value") ?? ""
    ),
  };
}

/** What is said among the toasts of an answer. */
export function toastOf(page: Document): string {
  return page.querySelector('hx-partial[hx-target="#toasts"]')?.textContent ?? "";
}

/** A parent who is signed in, without the password that this takes. */
export async function sessionOf(office: Office, logonId: number): Promise<Visitor> {
  const token = newToken();
  const { sql } = office.services;
  await addSession(
    sql,
    { logonId, mustChangePassword: false },
    hashToken(token),
    { ip: null, userAgent: null },
    await findSettings(sql),
    office.clock.now(),
  );
  const parent = new Visitor(office);
  parent.cookies.set("portal", token);
  return parent;
}
