// Requests that take long: what they were allowed to do when they began, and what has changed until they are whole or done.

import { after, before, beforeEach, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { type Sql, transaction } from "../../db/connect.ts";
import { waitForLock } from "../database.ts";
import { knowingOffice, type Office, ORIGIN, signIn, Visitor } from "../office.ts";

const THEIRS = "$2b$04$" + "a".repeat(53);

let office: Office;
let sql: Sql;
before(async () => {
  office = await knowingOffice();
  sql = office.services.sql;
});
after(() => office.close());
beforeEach(async () => {
  await sql`delete from throttles`;
  await sql`update admins set suspended_at = null, role = case username when 'viewer' then 'Viewer' when 'frontdesk'
    then 'Office' else 'Administrator' end`;
});

/** Sends the head of a post, does what happens meanwhile, and then sends the body. */
async function held(
  visitor: Visitor,
  path: string,
  fields: Readonly<Record<string, string>>,
  meanwhile: () => Promise<unknown>,
): Promise<Response> {
  const body = new ReadableStream({
    async pull(controller): Promise<void> {
      await meanwhile();
      controller.enqueue(new TextEncoder().encode(new URLSearchParams(fields).toString()));
      controller.close();
    },
  }, { highWaterMark: 0 });
  const headers = { origin: ORIGIN, "content-type": "application/x-www-form-urlencoded" };
  return await visitor.ask(path, { method: "POST", body, headers });
}

describe("a form whose body comes late", () => {
  it("is refused once its sender was suspended, has another role, or is signed out", async () => {
    const fields = {
      username: "ghost",
      name: "Ghost",
      email: "",
      role: "Administrator",
      password: "",
    };
    const [admin] = await sql<[{ id: number }]>`select id from admins where username = 'office'`;
    const happenings = {
      suspended: () => sql`update admins set suspended_at = now() where id = ${admin.id}`,
      "another role": () => sql`update admins set role = 'Viewer' where id = ${admin.id}`,
      "signed out": () => sql`delete from sessions where admin_id = ${admin.id}`,
    };
    await sql`
      insert into admins (username, name, role, password_hash)
      select 'second', 'Second', 'Administrator', password_hash from admins where id = ${admin.id}
      on conflict do nothing`;
    for (const [what, happens] of Object.entries(happenings)) {
      const visitor = await signIn(office);
      const answer = await held(visitor, "/admins", fields, happens);
      assert.equal(answer.status, 403, what);
      await answer.body?.cancel();
      await sql`update admins set suspended_at = null, role = 'Administrator' where id = ${admin.id}`;
    }
    assert.deepEqual([...await sql`select from admins where username = 'ghost'`], []);
  });

  it("changes nothing of a parent's once their sessions have ended", async () => {
    const parent = new Visitor(office);
    await parent.post("/portal/sign-in", { username: "ama.boateng", password: "demo-parent-2026" });
    const answer = await held(
      parent,
      "/portal/language",
      { language: "fr" },
      () =>
        sql`delete from sessions where logon_id = (select id from logons where username = 'ama.boateng')`,
    );
    assert.equal(answer.status, 403);
    const [row] = await sql`select language from logons where username = 'ama.boateng'`;
    assert.equal(row?.["language"], null);
  });
});

describe("a password that is being changed", () => {
  /** Begins a change, sets another password while it is under way, and gives where the change leads. */
  async function overtaken(
    visitor: Visitor,
    path: string,
    current: string,
    owner: "admins" | "logons",
    username: string,
  ): Promise<string | null> {
    let changing: Promise<Response> | undefined;
    await transaction(sql, async (tx) => {
      await tx`select from ${tx(owner)} where username = ${username} for no key update`;
      changing = visitor.post(path, { current, chosen: "copper kettle harbour" });
      await waitForLock(sql);
      if (owner === "admins") {
        await tx`update admins set password_hash = ${THEIRS} where username = ${username}`;
      } else {
        await tx`
          update logon_passwords set hash = ${THEIRS}
           where logon_id = (select id from logons where username = ${username})`;
      }
    });
    return (await changing)?.headers.get("location") ?? null;
  }

  it("gives way to the one that another Administrator sets meanwhile", async () => {
    const visitor = await signIn(office, "frontdesk");
    const to = await overtaken(
      visitor,
      "/account/password",
      "demo-frontdesk-2026",
      "admins",
      "frontdesk",
    );
    assert.equal(to, "/sign-in?lost=yes");
    const [row] = await sql`select password_hash as hash from admins where username = 'frontdesk'`;
    assert.equal(row?.["hash"], THEIRS);
  });

  it("gives way to the one that the office or a mail sets meanwhile, and opens no session", async () => {
    const parent = new Visitor(office);
    await parent.post("/portal/sign-in", { username: "lukasz.w", password: "demo-parent-2026" });
    const to = await overtaken(
      parent,
      "/portal/password",
      "demo-parent-2026",
      "logons",
      "lukasz.w",
    );
    assert.equal(to, "/portal/sign-in?lost=yes");
    const [row] = await sql`
      select p.hash from logon_passwords p join logons l on l.id = p.logon_id where l.username = 'lukasz.w'`;
    assert.equal(row?.["hash"], THEIRS);
  });
});

describe("many tries at once from one address", () => {
  it("are compared four at a time, so that others need not wait behind them", async () => {
    let most = 0;
    let now = 0;
    const { hasher } = office.services;
    const verify = hasher.verify;
    Object.assign(hasher, {
      async verify(password: string, hash: string | null): Promise<boolean> {
        most = Math.max(most, ++now);
        await new Promise((done) => setTimeout(done, 20));
        now--;
        return await verify(password, hash);
      },
    });
    const tries = Array.from(
      { length: 30 },
      (_, n) =>
        new Visitor(office, "203.0.113.9").post("/portal/sign-in", {
          username: `x${n}`,
          password: "wrong",
        }),
    );
    const statuses = await Promise.all(tries);
    Object.assign(hasher, { verify });
    assert.ok(statuses.every(({ status }) => status === 422));
    assert.ok(most > 1 && most <= 4, String(most));
  });

  it("pass the limit of the address by no more than are compared at once", async () => {
    await new Visitor(office, "203.0.113.10").post("/sign-in", {
      username: "x",
      password: "wrong",
    });
    await sql`update throttles set failures = 98 where kind = 'address'`;
    await Promise.all(
      Array.from({ length: 30 }, (_, n) =>
        new Visitor(office, "203.0.113.10").post("/sign-in", {
          username: `y${n}`,
          password: "wrong",
        })),
    );
    const [row] = await sql<[{ failures: number }]>`
      select max(failures) as failures from throttles where kind = 'address'`;
    assert.ok(row.failures >= 100 && row.failures < 104, String(row.failures));
  });
});
