// Admins: what an Administrator can do for a colleague, what nobody can do, and what the database refuses whoever asks.

import { after, before, beforeEach, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { brokenConstraint, type Sql } from "../../db/connect.ts";
import { documentOf, knowingOffice, type Office, signIn, Visitor } from "../office.ts";

const NEW = { username: "t.lee", name: "Tess Lee", email: "t.lee@example.org", role: "Office" };
const OWN = "demo-office-2026";

let office: Office;
let sql: Sql;
let deskId: number;
let ownId: number;
before(async () => {
  office = await knowingOffice();
  sql = office.services.sql;
  deskId = await idOf("frontdesk");
  ownId = await idOf("office");
});
after(() => office.close());
beforeEach(async () => {
  await sql`delete from admins where username not in ('office', 'frontdesk', 'viewer')`;
  await sql`delete from throttles`;
  await sql`update admins set suspended_at = null, must_change_password = false, sees_blocks = username = 'office',
    role = case username when 'office' then 'Administrator' when 'viewer' then 'Viewer' else 'Office' end`;
});

async function idOf(username: string): Promise<number> {
  const [row] = await sql<{ id: number }[]>`select id from admins where username = ${username}`;
  assert.ok(row);
  return row.id;
}

function whereTo(response: Response): string {
  return response.headers.get("location") ?? String(response.status);
}

async function audited(what: string): Promise<number> {
  const [row] = await sql<[{ count: number }]>`
    select count(*)::int as count from audit where what = ${what}`;
  return row.count;
}

async function shownPassword(response: Response): Promise<string> {
  assert.equal(response.status, 200);
  const page = await documentOf(response);
  return [...page.querySelectorAll(".shown-once code")].at(-1)?.textContent ?? "";
}

async function problemAt(response: Response, field: string): Promise<string> {
  assert.equal(response.status, 422);
  const page = await documentOf(response);
  return page.querySelector(`#field-${field}-problem`)?.textContent ?? "";
}

describe("the admins", () => {
  it("are listed with their roles and how they sign in", async () => {
    const page = await documentOf(await (await signIn(office)).get("/admins"));
    const rows = [...page.querySelectorAll("tbody tr")].map((row) => row.textContent ?? "");
    assert.equal(rows.length, 3);
    assert.match(rows.join(), /Femi Adeyemi.*Office/s);
  });

  it("get a new one, whose password is shown once and must be changed first", async () => {
    const visitor = await signIn(office);
    const before_ = await audited("add admin");
    const password = await shownPassword(await visitor.post("/admins", NEW));
    assert.match(password, /^[a-z]+(-[a-z]+){3}$/);
    assert.equal(await audited("add admin"), before_ + 1);
    const rows = await sql<{ row: string }[]>`select a::text as row from audit a`;
    assert.ok(rows.every(({ row }) => !row.includes(password)));
    assert.ok(office.logged.every((line) => !line.includes(password)));
    const tess = new Visitor(office);
    assert.equal((await tess.post("/sign-in", { username: "t.lee", password })).status, 303);
    assert.equal(whereTo(await tess.get("/logons")), "/account");
    const again = await visitor.post("/admins", NEW);
    assert.match(await problemAt(again, "username"), /already/);
  });

  it("take a password that was typed, if it may be one", async () => {
    const visitor = await signIn(office);
    const refused = await visitor.post("/admins", { ...NEW, password: "short" });
    assert.match(await problemAt(refused, "password"), /at least 12/);
    const named = await visitor.post("/admins", { ...NEW, password: "tess lee of the office" });
    assert.match(await problemAt(named, "password"), /Leave out names/);
    const password = "copper kettle harbour";
    assert.equal(
      await shownPassword(await visitor.post("/admins", { ...NEW, password })),
      password,
    );
  });

  it("refuse kindly what cannot be", async () => {
    const visitor = await signIn(office);
    const wrong: [string, string, string][] = [
      ["username", "", "username"],
      ["username", "two words", "username"],
      ["username", "x".repeat(10_000), "username"],
      ["username", "OFFICE", "username"],
      ["name", "", "name"],
      ["name", "x".repeat(10_000), "name"],
      ["name", "a\u0007b", "name"],
      ["email", "not an email", "email"],
      ["role", "King", "role"],
      ["role", "", "role"],
    ];
    for (const [field, value, problem] of wrong) {
      const response = await visitor.post("/admins", { ...NEW, [field]: value });
      assert.notEqual(await problemAt(response, problem), "", `${field} ${value.slice(0, 20)}`);
    }
    const markup = await visitor.post("/admins", { ...NEW, name: "<b>😀</b>", role: "" });
    assert.doesNotMatch(await markup.text(), /<b>😀/);
    const [row] = await sql`select count(*)::int as count from admins`;
    assert.equal(row?.["count"], 3);
  });

  it("ask for the own password again after ten minutes, for every deed", async () => {
    const visitor = await signIn(office);
    office.clock.move(11);
    const deeds: [string, Record<string, string>][] = [
      ["/admins", NEW],
      [`/admins/${deskId}`, { name: "Femi Adeyemi", role: "Viewer" }],
      [`/admins/${deskId}/password`, {}],
      [`/admins/${deskId}/tfa`, { reason: "lost" }],
      [`/admins/${deskId}/suspension`, { suspended: "yes" }],
    ];
    for (const [path, fields] of deeds) {
      for (const own_password of ["", "wrong"]) {
        const response = await visitor.post(path, { ...fields, own_password });
        assert.notEqual(await problemAt(response, "own_password"), "", path);
      }
      await sql`delete from throttles`;
    }
    const right = await visitor.post(`/admins/${deskId}/suspension`, { own_password: OWN });
    assert.equal(whereTo(right), "/admins?done=suspended");
  });

  it("are signed out at once by a new role, a suspension and a new password", async () => {
    const visitor = await signIn(office);
    const edit = { name: "Femi Adeyemi", email: "", role: "Viewer", sees_blocks: "yes" };
    const deeds: [string, Record<string, string>][] = [
      ["", edit],
      ["/password", {}],
    ];
    for (const [path, fields] of deeds) {
      const desk = await signIn(office, "frontdesk");
      assert.equal((await desk.get("/logons")).status, 200);
      await visitor.post(`/admins/${deskId}${path}`, fields);
      assert.match(whereTo(await desk.get("/logons")), /^\/sign-in/, path);
      await sql`
        update admins set password_hash = (select password_hash from admins where username = 'office')
         where id = ${deskId}`;
    }
    const [row] = await sql`select role, sees_blocks from admins where id = ${deskId}`;
    assert.deepEqual({ ...row }, { role: "Viewer", sees_blocks: false });
    const desk = await signIn(office, "frontdesk");
    await visitor.post(`/admins/${deskId}/suspension`, { suspended: "yes" });
    assert.match(whereTo(await desk.get("/logons")), /^\/sign-in/);
    const closed = await new Visitor(office).post("/sign-in", {
      username: "frontdesk",
      password: "demo-frontdesk-2026",
    });
    assert.equal(closed.status, 422);
    await visitor.post(`/admins/${deskId}/suspension`, { suspended: "no" });
    assert.ok(await signIn(office, "frontdesk"));
    assert.ok(await audited("suspend admin") > 0 && await audited("restore admin") > 0);
  });

  it("give the right to see blocks on, and to nobody by themselves", async () => {
    const visitor = await signIn(office);
    const fields = { name: "Femi Adeyemi", email: "", role: "Administrator", sees_blocks: "yes" };
    assert.equal((await visitor.post(`/admins/${deskId}`, fields)).status, 303);
    await sql`update admins set sees_blocks = false`;
    const own = { ...fields, name: "Olwen Hughes" };
    const refused = await visitor.post(`/admins/${ownId}`, own);
    assert.match(await problemAt(refused, "role"), /another Administrator who may see/i);
    const other = await visitor.post(`/admins/${deskId}`, fields);
    assert.match(await problemAt(other, "role"), /another Administrator who may see/i);
  });

  it("cannot change their own role, suspend themselves, or reset themselves here", async () => {
    const visitor = await signIn(office);
    const role = await visitor.post(`/admins/${ownId}`, { name: "Olwen Hughes", role: "Viewer" });
    assert.match(await problemAt(role, "role"), /another Administrator/i);
    for (const deed of ["password", "tfa", "suspension"]) {
      assert.equal((await visitor.get(`/admins/${ownId}/${deed}`)).status, 404);
      assert.equal((await visitor.post(`/admins/${ownId}/${deed}`)).status, 404);
    }
    const own = await visitor.post(`/admins/${ownId}`, {
      name: "Olwen Hughes-Price",
      role: "Administrator",
      sees_blocks: "yes",
    });
    assert.equal(whereTo(own), `/admins/${ownId}?done=saved`);
    assert.equal((await visitor.get("/admins")).status, 200, "still signed in");
    await sql`update admins set name = 'Olwen Hughes' where id = ${ownId}`;
  });

  it("lose a lost phone with a reason, and the audit keeps it", async () => {
    await sql`
      insert into passkeys (admin_id, place, name, credential_id, public_key, user_handle, counter, synced, created_at)
      values (${deskId}, 1, 'Desk', '\\x01', ${new Uint8Array(40)}, ${new Uint8Array(
      32,
    )}, 0, false, now())`;
    const visitor = await signIn(office);
    const refused = await visitor.post(`/admins/${deskId}/tfa`, { reason: " " });
    assert.match(await problemAt(refused, "reason"), /why/);
    const done = await visitor.post(`/admins/${deskId}/tfa`, { reason: "came in person" });
    assert.equal(whereTo(done), `/admins/${deskId}?done=tfa`);
    const [row] = await sql`
      select after ->> 'reason' as reason from audit where what = 'remove a lost phone' order by id desc limit 1`;
    assert.equal(row?.["reason"], "came in person");
    const [left] = await sql`select count(*)::int as count from passkeys`;
    assert.equal(left?.["count"], 0);
  });

  it("that are not there are not found", async () => {
    const visitor = await signIn(office);
    for (const id of ["0", "999999", "x", "1e9", "-1"]) {
      assert.equal((await visitor.get(`/admins/${id}`)).status, 404, id);
      assert.equal((await visitor.post(`/admins/${id}/suspension`)).status, 404, id);
    }
  });
});

describe("the last Administrator", () => {
  async function broken(work: PromiseLike<unknown>): Promise<string | undefined> {
    try {
      await work;
      return undefined;
    } catch (error) {
      return brokenConstraint(error);
    }
  }

  it("stays, whatever statement would take them away", async () => {
    const ways = [
      () => sql`update admins set role = 'Office' where role = 'Administrator'`,
      () => sql`update admins set suspended_at = now() where role = 'Administrator'`,
      () => sql`delete from admins where role = 'Administrator'`,
    ];
    for (const way of ways) assert.equal(await broken(way()), "last_administrator");
  });

  it("stays where two demote each other at the same moment", async () => {
    for (let n = 0; n < 5; n++) {
      await sql`update admins set role = 'Administrator' where username in ('office', 'frontdesk')`;
      const answers = await Promise.all(
        [ownId, deskId].map((id) =>
          broken(sql`update admins set role = 'Office' where id = ${id}`)
        ),
      );
      assert.equal(answers.filter((answer) => answer === "last_administrator").length, 1);
    }
  });
});
