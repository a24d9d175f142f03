// Undoing an import over HTTP: what is said before, the own password, what is said afterwards, and who may not.

/// <reference lib="dom" />

import { after, before, beforeEach, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { transaction } from "../../db/connect.ts";
import { importContacts } from "../../db/contact_import_apply.ts";
import { startContactImport } from "../../db/contact_imports.ts";
import { holdAgain, importRows } from "../db/import_school.ts";
import { documentOf, knowingOffice, type Office, signIn, type Visitor } from "../office.ts";

let office: Office;
let admin: Visitor;
let taskId = 0;
let home = "";
let address = "";

before(async () => {
  office = await knowingOffice();
});
after(() => office.close());

/** A new import of one new parent, who has signed in or not, and of one whose surname changes. */
beforeEach(async () => {
  admin = await signIn(office, "frontdesk");
  const { sql } = office.services;
  const tag = crypto.randomUUID().slice(0, 8);
  address = `new.${tag}@example.org`;
  await sql`
    insert into logons (first_name, surname, username) values ('Old', 'Oak', ${`old.${tag}`})`;
  const imported = await importRows(sql, [
    ["New", "Nash", address, "", "", "", ""],
    ["", "Elm", "", `old.${tag}`, "", "", ""],
  ]);
  taskId = imported.taskId;
  home = `/excel-imports/${taskId}`;
  await sql`update tasks set state = 'done', finished_at = ${office.clock.now()} where id = ${taskId}`;
});

function textOf(element: Element | Document | null): string {
  const of = element !== null && "body" in element ? element.body : element;
  return (of?.textContent ?? "").replace(/\s+/g, " ");
}

async function pageOf(visitor: Visitor, path: string, status = 200): Promise<Document> {
  const response = await visitor.get(path);
  assert.equal(response.status, status);
  return await documentOf(response);
}

async function isDeleted(): Promise<boolean> {
  const [row] = await office.services.sql<{ deleted: boolean }[]>`
    select deleted_at is not null as deleted from logons where username = ${address}`;
  assert.ok(row);
  return row.deleted;
}

describe("undoing an import over HTTP", () => {
  it("says before what would be, then does it, and then who has done it", async () => {
    const outcome = await pageOf(admin, home);
    const link = outcome.querySelector(`a[href="${home}/undo"]`);
    assert.equal(link?.textContent, "Undo this import");
    const question = await pageOf(admin, `${home}/undo`);
    assert.equal(question.querySelector("h1")?.textContent, "Undo this import");
    const said = textOf(question.querySelector("form ul"));
    assert.match(said, /1 logon would be deleted\. .* restored for 30 days/);
    assert.match(said, /1 logon would get back the names, email/);
    assert.match(said, /Nothing else would change\./);
    assert.equal(await isDeleted(), false);

    const response = await admin.post(`${home}/undo`);
    assert.equal(response.status, 303);
    assert.equal(response.headers.get("location"), home);
    assert.equal(await isDeleted(), true);
    const told = /has undone this import on .*: 1 logon deleted and 1 put back as before\./;
    assert.match(textOf(await pageOf(admin, home)), told);
    const again = await pageOf(admin, `${home}/undo`);
    assert.match(textOf(again), told);
    assert.equal(again.querySelector("main form"), null);
    const viewer = await signIn(office, "viewer");
    assert.match(textOf(await pageOf(viewer, home)), told);
  });

  it("names whom it leaves as they are, and why, before and afterwards", async () => {
    await office.services.sql`
      update logons set sign_in_count = 1, last_sign_in_at = ${office.clock.now()} where username = ${address}`;
    const rows = (document: Document): string[] =>
      [...document.querySelectorAll("tbody tr")].map((row) => textOf(row));
    const why = [
      `New Nash${address}The parent has signed in. Delete the logon by hand if it must go.`,
    ];
    const question = await pageOf(admin, `${home}/undo`);
    assert.match(textOf(question), /1 logon cannot be undone and stays as it is/);
    assert.deepEqual(rows(question), why);
    await admin.post(`${home}/undo`);
    assert.equal(await isDeleted(), false);
    const outcome = await pageOf(admin, home);
    assert.match(textOf(outcome), /1 put back as before and 1 logon left as it is\./);
    assert.ok(outcome.querySelector(`a[href="${home}/undo"]`));
    assert.deepEqual(rows(await pageOf(admin, `${home}/undo`)), why);
  });

  it("pages those it leaves", async () => {
    const { sql } = office.services;
    const names = Array.from({ length: 101 }, (_, n) => `many.${taskId}.${n}`);
    const { taskId: many } = await importRows(
      sql,
      names.map((name) => ["Many", "More", "", name, "", "", ""]),
    );
    await sql`update tasks set state = 'done', finished_at = now() where id = ${many}`;
    await sql`
      update logons set sign_in_count = 1, last_sign_in_at = now() where username = any(${names}::text[])`;
    const first = await pageOf(admin, `/excel-imports/${many}/undo`);
    assert.match(textOf(first), /Nothing of this import can be undone any more/);
    assert.equal(first.querySelectorAll("tbody tr").length, 100);
    const next = first.querySelector(".pager a")?.getAttribute("href") ?? "";
    assert.equal((await pageOf(admin, next)).querySelectorAll("tbody tr").length, 1);
  });

  it("asks for the own password when that was typed long ago", async () => {
    office.clock.move(11);
    const question = await pageOf(admin, `${home}/undo`);
    assert.ok(question.querySelector("input[name=own_password]"));
    for (const typed of ["", "wrong", "\0", "x".repeat(10_000)]) {
      const refused = await admin.post(`${home}/undo`, { own_password: typed });
      assert.equal(refused.status, 422);
      const page = await documentOf(refused);
      assert.ok(page.querySelector("[role=alert]"));
      assert.ok(page.querySelector(`form[action="${home}/undo"]`));
    }
    assert.equal(await isDeleted(), false);
    const own = { own_password: "demo-frontdesk-2026" };
    assert.equal((await admin.post(`${home}/undo`, own)).status, 303);
    assert.equal(await isDeleted(), true);
  });

  it("does nothing the second time", async () => {
    await admin.post(`${home}/undo`);
    await office.services.sql`
      update logons set deleted_at = null, deleted_by = null where username = ${address}`;
    assert.equal((await admin.post(`${home}/undo`)).status, 303);
    assert.equal(await isDeleted(), false);
  });

  it("is not offered, and not done, while the import runs", async () => {
    await office.services.sql`
      update tasks set state = 'running', finished_at = null where id = ${taskId}`;
    assert.equal((await pageOf(admin, home)).querySelector(`a[href="${home}/undo"]`), null);
    assert.match(textOf(await pageOf(admin, `${home}/undo`)), /This import is not over yet/);
    assert.equal((await admin.post(`${home}/undo`)).status, 303);
    assert.equal(await isDeleted(), false);
  });

  it("is not for a Viewer, nor at the address of another kind, nor of nothing", async () => {
    const viewer = await signIn(office, "viewer");
    assert.equal((await pageOf(viewer, home)).querySelector(`a[href="${home}/undo"]`), null);
    assert.equal((await viewer.get(`${home}/undo`)).status, 403);
    assert.equal((await viewer.post(`${home}/undo`)).status, 403);
    for (const path of [`/contact-imports/${taskId}/undo`, "/excel-imports/999999/undo"]) {
      assert.equal((await admin.get(path)).status, 404);
      assert.equal((await admin.post(path)).status, 404);
    }
    assert.equal((await admin.get("/excel-imports/x/undo")).status, 404);
    assert.equal(await isDeleted(), false);
  });

  it("stands on the page of an import of contacts too", async () => {
    const { sql } = office.services;
    const [contact] = await sql<[{ id: number }]>`
      select id from contacts where first_name = 'Kwame' and surname = 'Boateng'`;
    const [by] = await sql<[{ id: number }]>`select min(id) as id from admins`;
    const choice = { ids: [contact.id], all: false, search: "" };
    const task = await transaction(
      sql,
      (tx) => startContactImport(tx, choice, { adminId: by.id, requestId: null }),
    );
    const author = { adminId: null, who: "Test" };
    await importContacts(sql, await holdAgain(sql, task), { size: 10, author });
    await sql`update tasks set state = 'done', finished_at = ${office.clock.now()} where id = ${task}`;
    const path = `/contact-imports/${task}`;
    assert.ok((await pageOf(admin, path)).querySelector(`a[href="${path}/undo"]`));
    assert.equal((await admin.post(`${path}/undo`)).headers.get("location"), path);
    assert.match(textOf(await pageOf(admin, path)), /undone this import on .*: 1 logon deleted\./);
  });
});
