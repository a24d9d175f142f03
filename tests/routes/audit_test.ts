// The audit as a page: words, filters, pages by key, and hostile queries.

import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { addAudit } from "../../db/audit.ts";
import type { Sql } from "../../db/connect.ts";
import { changesOf, inThePast } from "../../views/audit.tsx";
import { documentOf, knowingOffice, type Office, signIn, type Visitor } from "../office.ts";

describe("the audit's page", () => {
  let office: Office;
  let sql: Sql;
  let visitor: Visitor;
  before(async () => {
    office = await knowingOffice();
    sql = office.services.sql;
    visitor = await signIn(office);
    await sql`delete from audit`;
    const [ama] = await sql<[{ id: number }]>`select id from logons where username = 'ama.boateng'`;
    const [desk] = await sql<[{ id: number }]>`select id from admins where username = 'frontdesk'`;
    await addAudit(sql, [
      ...Array.from({ length: 60 }, (_, n) => ({
        adminId: desk.id,
        who: "Femi Adeyemi",
        what: "edit logon",
        subject: "logon",
        subjectId: ama.id,
        before: { email: `old${n}@example.org`, surname: "Boateng" },
        after: { email: `new${n}@example.org`, surname: "Boateng" },
      })),
      {
        adminId: null,
        who: "<b>housekeeping</b>",
        what: "purge",
        subject: "database",
        subjectId: null,
      },
    ]);
  });
  after(() => office.close());

  async function changes(query: string): Promise<string[]> {
    const response = await visitor.get(`/audit${query}`);
    assert.equal(response.status, 200, query);
    const page = await documentOf(response);
    return [...page.querySelectorAll(".audit > li")].map((one) => one.textContent ?? "");
  }

  it("says who did what to whom in words, the newest first, with what differs", async () => {
    const [first = "", second = ""] = await changes("");
    assert.match(first, /housekeeping.*purged/s);
    assert.match(second, /Femi Adeyemi edited logon/);
    assert.match(second, /Ama Boateng/);
    assert.match(second, /email\s*old59@example.org → new59@example.org/);
    assert.doesNotMatch(second, /surname/);
    assert.doesNotMatch(await (await visitor.get("/audit")).text(), /<b>housekeeping/);
  });

  it("names learners, and whom a block keeps from whom", async () => {
    const [pair] = await sql<[{ logon: number; learner: number; name: string }]>`
      select l.id as logon, p.id as learner, p.first_name || ' ' || p.surname as name
        from logons l, learners p where l.username = 'ama.boateng' order by p.id limit 1`;
    const [block] = await sql<[{ id: number }]>`
      insert into blocks (learner_id, logon_id, reason, lifted_at)
      values (${pair.learner}, ${pair.logon}, 'x', now()) returning id`;
    const of = { adminId: null, who: "test" };
    await addAudit(sql, [
      {
        ...of,
        what: "edit logon",
        subject: "logon",
        subjectId: pair.logon,
        before: { learnerIds: [] },
        after: { learnerIds: [pair.learner, 999_999] },
      },
      {
        ...of,
        what: "lift block",
        subject: "block",
        subjectId: block.id,
        after: { learnerId: pair.learner },
      },
      {
        ...of,
        what: "set block",
        subject: "logon",
        subjectId: pair.logon,
        after: { learnerId: pair.learner, endedLogons: [pair.logon, 999_999] },
      },
    ]);
    const [set = "", lifted = "", edited = ""] = await changes("?who=others");
    assert.match(set, /ended for\s*Ama Boateng, a logon that is gone$/);
    assert.match(lifted, new RegExp(`lifted block \\(block Ama Boateng from ${pair.name}\\)`));
    assert.match(lifted, new RegExp(`learner\\s*${pair.name}$`));
    assert.match(edited, new RegExp(`learners\\s*(${pair.name}|a learner who is gone), `));
    await sql`delete from audit where who = 'test'`;
    await sql`delete from blocks where id = ${block.id}`;
  });

  it("pages by key: every change once", async () => {
    const page = await documentOf(await visitor.get("/audit"));
    const older = page.querySelector(".pager a")?.getAttribute("href") ?? "";
    const rest = await changes(older.replace("/audit", ""));
    assert.equal((await changes("")).length, 50);
    assert.equal(rest.length, 11);
  });

  it("filters by who, what and to what", async () => {
    assert.equal((await changes("?who=others")).length, 1);
    assert.equal((await changes("?what=purge")).length, 1);
    assert.equal((await changes("?subject=logon&what=edit logon")).length, 50);
    assert.equal((await changes("?subject=logon&id=999999")).length, 0);
    assert.match(await (await visitor.get("/audit?what=nothing")).text(), /Nothing fits/);
    const page = await documentOf(await visitor.get("/audit?what=purge"));
    const chosen = page.querySelector("#field-what option[selected]");
    assert.equal(chosen?.getAttribute("value"), "purge");
    assert.equal(page.querySelectorAll("#field-what option").length, 3);
  });

  it("takes a query that cannot be one for none", async () => {
    for (const hostile of ["%00", "%ff", "x".repeat(5000), "'--", "1e99", "-1", "<b>"]) {
      for (const name of ["who", "what", "subject", "id", "after"]) {
        const response = await visitor.get(`/audit?${name}=${hostile}`);
        assert.equal(response.status, 200, `${name}=${hostile.slice(0, 20)}`);
        await response.body?.cancel();
      }
    }
  });

  it("puts verbs into the past, and leaves out what stayed the same", () => {
    const said: Record<string, string> = {
      "add admin": "added admin",
      "choose password": "chose password",
      "cancel task": "cancelled task",
      "sign in": "signed in",
      "no longer require two factor authentication": "no longer required two factor authentication",
      "set block": "set block",
    };
    for (const [what, past] of Object.entries(said)) assert.equal(inThePast(what), past);
    assert.deepEqual(changesOf({ a: 1, b: [1, 2] }, { a: 1, b: [2], seesBlocks: true }), [
      { name: "b", before: "1, 2", after: "2" },
      { name: "sees blocks", before: null, after: "yes" },
    ]);
    assert.deepEqual(changesOf(null, undefined), []);
  });
});
