// The history of a logon in its window: every change in words, newest first, a page at a time, and nothing secret.

import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { addAudit } from "../../db/audit.ts";
import type { Sql } from "../../db/connect.ts";
import { documentOf, type Office, openOffice, PIECE, signIn, type Visitor } from "../office.ts";

let office: Office;
let sql: Sql;
let admin: Visitor;

before(async () => {
  office = await openOffice();
  sql = office.services.sql;
  admin = await signIn(office, "frontdesk");
});
after(() => office.close());

async function addLogon(): Promise<number> {
  const [row] = await sql<[{ id: number }]>`
    insert into logons (first_name, surname, username, email)
    values ('Zoë', 'Aalto', ${crypto.randomUUID()}, 'zoe@example.org') returning id`;
  return row.id;
}

/** The changes that the window shows, each as one line. */
async function changesOf(id: number, query = "", visitor = admin): Promise<string[]> {
  const answer = await visitor.piece(`/logons/${id}/history${query}`);
  assert.equal(answer.status, 200);
  const page = await documentOf(answer);
  assert.equal(page.querySelector("h2")?.textContent, "History");
  return [...page.querySelectorAll(".history ol > li")].map((one) =>
    [...one.querySelectorAll("p, li")].map((part) => (part.textContent ?? "").trim()).join("; ")
  );
}

describe("the history of a logon", () => {
  it("says who changed what, from what to what, newest first, learners by name", async () => {
    const id = await addLogon();
    const learner = async (number: string): Promise<string> => {
      const [row] = await sql<[{ id: number }]>`
        select id from learners where admission_number = ${number}`;
      return String(row.id);
    };
    const [{ username }] = await sql<[{ username: string }]>`
      select username from logons where id = ${id}`;
    const saved = await admin.post(`/logons/${id}`, {
      firstName: "Zoë",
      surname: "Ng",
      email: "zoe@example.org",
      username,
      password: "copper kettle harbour",
      version: "1",
      learner: [await learner("004305"), await learner("003816")],
      access: "yes",
      suspended: "yes",
      suspendedReason: "Court",
    }, PIECE);
    assert.equal(saved.status, 200);
    await admin.post(`/logons/${id}/reinstatement`, {}, PIECE);
    const [newest = "", first = "", ...others] = await changesOf(id);
    assert.match(newest, /Femi Adeyemi: lift suspension; Suspended: yes → no/);
    assert.match(first, /Femi Adeyemi: edit logon; Surname: Aalto → Ng/);
    assert.match(first, /Password: a new one/);
    assert.match(first, /Suspended: no → yes/);
    assert.match(first, /Reason for suspending: none → Court/);
    assert.match(first, /Linked learners: none → Esi Boateng, Kofi Boateng/);
    assert.doesNotMatch(first, /Email|copper/);
    assert.deepEqual(others, []);
  });

  it("is paged, and has an end and an empty state", async () => {
    const id = await addLogon();
    assert.deepEqual(await changesOf(id), []);
    const text = await (await admin.piece(`/logons/${id}/history`)).text();
    assert.match(text, /Nothing was changed here yet/);
    await addAudit(
      sql,
      Array.from({ length: 45 }, (_, n) => ({
        adminId: null,
        who: `Nr ${n}`,
        what: "edit logon",
        subject: "logon",
        subjectId: id,
      })),
    );
    const seen: string[] = [];
    for (let path = `/logons/${id}/history`; path !== "";) {
      const page = await documentOf(await admin.piece(path));
      seen.push(
        ...[...page.querySelectorAll(".history ol bdi")].map((one) => one.textContent ?? ""),
      );
      const older = [...page.querySelectorAll("footer a")].find((one) =>
        one.textContent === "Older"
      );
      path = older?.getAttribute("href") ?? "";
    }
    assert.deepEqual(seen, Array.from({ length: 45 }, (_, n) => `Nr ${44 - n}`));
  });

  it("says of a block that there was one, and what it held only to who may know", async () => {
    const id = await addLogon();
    await addAudit(sql, [{
      adminId: null,
      who: "Olwen Hughes",
      what: "set block",
      subject: "logon",
      subjectId: id,
      after: { reason: "A court order" },
    }]);
    assert.match((await changesOf(id))[0] ?? "", /set block$/);
    await sql`update admins set sees_blocks = true where username = 'office'`;
    assert.match((await changesOf(id, "", await signIn(office)))[0] ?? "", /A court order/);
    // Left over from a time as an Administrator: the right is theirs alone.
    await sql`update admins set sees_blocks = true where username = 'viewer'`;
    assert.match((await changesOf(id, "", await signIn(office, "viewer")))[0] ?? "", /set block$/);
  });

  it("shows what was typed as text, and stands on top of the list without script", async () => {
    const id = await addLogon();
    await addAudit(sql, [{
      adminId: null,
      who: "<b>x</b>",
      what: "edit logon",
      subject: "logon",
      subjectId: id,
      before: { surname: "A" },
      after: { surname: "<script>alert(1)</script>" },
    }]);
    const page = await documentOf(await admin.get(`/logons/${id}/history`));
    assert.ok(page.querySelector("#logons"));
    const window = page.querySelector("dialog[open]");
    assert.match(window?.textContent ?? "", /<script>alert\(1\)<\/script>/);
    assert.equal(window?.querySelector(".history script, .history b"), null);
  });

  it("is there for a viewer and for a deleted logon, and not for an unknown one", async () => {
    const id = await addLogon();
    await sql`update logons set deleted_at = now() where id = ${id}`;
    assert.deepEqual(await changesOf(id, "", await signIn(office, "viewer")), []);
    assert.deepEqual(await changesOf(id, "?before=nonsense"), []);
    for (const wrong of ["0", "x", "999999999"]) {
      assert.equal((await admin.get(`/logons/${wrong}/history`)).status, 404);
    }
  });

  it("is linked from the Edit window", async () => {
    const id = await addLogon();
    const page = await documentOf(await admin.piece(`/logons/${id}/edit`));
    assert.ok(page.querySelector(`a[href="/logons/${id}/history"]`));
  });
});
