// Needs attention: what the triggers note of contacts, links and logons, for one row and for thousands, and what becomes of it.

import { after, before, beforeEach, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import {
  applyAttention,
  type AttentionItem,
  type AttentionView,
  countAttention,
  countAttentionKinds,
  findChosen,
  keepAttention,
  listAttention,
  setAttentionSource,
  unlinkAttention,
} from "../../db/attention.ts";
import { type Sql, transaction } from "../../db/connect.ts";
import { openTestDatabase, type TestDatabase } from "../database.ts";

const AT = new Date("2026-11-24T10:00:00Z");
const AUTHOR = { adminId: null, who: "Olwen Hughes" };
const VIEW: AttentionView = {
  kind: null,
  search: "",
  kept: false,
  descending: true,
  after: null,
  before: null,
};

describe("needs attention", () => {
  let database: TestDatabase;
  let sql: Sql;
  let contact: number;
  let logon: number;
  let ellie: number;
  let jack: number;
  before(async () => {
    database = await openTestDatabase({ pool: 4 });
    sql = database.sql;
  });
  after(() => database.close());
  beforeEach(async () => {
    await sql`delete from logons`;
    await sql`delete from contacts`;
    await sql`delete from learners`;
    await sql`delete from audit`;
    await sql`delete from notices`;
    const learners = await sql<{ id: number }[]>`
      insert into learners (admission_number, first_name, surname, status)
      values ('1', 'Ellie', 'Smith', 'Current'), ('2', 'Jack', 'Smith', 'Current') returning id`;
    [ellie, jack] = [learners[0]?.id ?? 0, learners[1]?.id ?? 0];
    const [person] = await sql<[{ id: number }]>`
      insert into contacts (first_name, surname, email) values ('Sarah', 'Smith', 'sarah@example.org') returning id`;
    contact = person.id;
    await sql`
      insert into contact_learners (contact_id, learner_id, relationship, priority, parental_responsibility)
      values (${contact}, ${ellie}, 'Mother', 1, true), (${contact}, ${jack}, 'Mother', 1, true)`;
    const [row] = await sql<[{ id: number }]>`
      insert into logons (first_name, surname, username, email, contact_id)
      values ('Sarah', 'Smith', 'sarah', 'sarah@example.org', ${contact}) returning id`;
    logon = row.id;
    await sql`insert into logon_learners (logon_id, learner_id) values (${logon}, ${ellie}), (${logon}, ${jack})`;
  });

  async function items(view: Partial<AttentionView> = {}): Promise<readonly AttentionItem[]> {
    return (await listAttention(sql, { ...VIEW, ...view })).rows;
  }
  async function kinds(): Promise<string[]> {
    return (await items()).map((item) =>
      item.learner === null ? item.kind : `${item.kind}: ${item.learner}`
    )
      .sort();
  }
  const idsOf = async (): Promise<number[]> => (await items()).map((item) => item.id);

  it("notes nothing where both say the same, whatever the email's case", async () => {
    await sql`update contacts set email = 'Sarah@Example.org' where id = ${contact}`;
    assert.deepEqual(await kinds(), []);
    assert.equal(await countAttention(sql, "2026-11-24"), 0);
  });

  it("notes another email and other names, since when and by which feed, and changes no logon", async () => {
    await transaction(sql, async (tx) => {
      await setAttentionSource(tx, "task 12");
      await tx`update contacts set email = 'new@example.org', surname = 'Jones' where id = ${contact}`;
    });
    assert.deepEqual(await kinds(), ["email differs", "name differs"]);
    const email = (await items({ kind: "email differs" }))[0];
    assert.equal(email?.said, "new@example.org");
    assert.equal(email?.source, "task 12");
    assert.equal(email?.problem, null);
    const [row] =
      await sql`select first_name, surname, email, username from logons where id = ${logon}`;
    assert.deepEqual({ ...row }, {
      first_name: "Sarah",
      surname: "Smith",
      email: "sarah@example.org",
      username: "sarah",
    });
    await sql`update contacts set email = 'sarah@example.org', surname = 'Smith' where id = ${contact}`;
    assert.deepEqual(await kinds(), [], "changed back");
  });

  it("names the feed and the admin", async () => {
    const [task] = await sql<[{ id: number }]>`
      insert into tasks (kind, title) values ('feed', 'Nightly feed') returning id`;
    await transaction(sql, async (tx) => {
      await setAttentionSource(tx, `task ${task.id}`);
      await tx`update contacts set email = null where id = ${contact}`;
    });
    const [item] = await items();
    assert.equal(item?.by, "Nightly feed");
    assert.match(item?.problem ?? "", /no email any more/);
    await sql`update contacts set email = 'sarah@example.org' where id = ${contact}`;
    await sql`update contacts set email = 'x@example.org' where id = ${contact}`;
    assert.equal((await items())[0]?.source, "", "only for that transaction");
  });

  it("notes Parental Responsibility unticked and a contact taken off a learner; the link stays", async () => {
    await sql`
      update contact_learners set parental_responsibility = false where contact_id = ${contact} and learner_id = ${ellie}`;
    await sql`delete from contact_learners where contact_id = ${contact} and learner_id = ${jack}`;
    assert.deepEqual(await kinds(), [
      "responsibility unticked: Ellie Smith",
      "taken off learner: Jack Smith",
    ]);
    assert.equal((await sql`select from logon_learners where logon_id = ${logon}`).length, 2);
    await sql`
      update contact_learners set parental_responsibility = null where contact_id = ${contact} and learner_id = ${ellie}`;
    assert.deepEqual(
      await kinds(),
      ["taken off learner: Jack Smith"],
      "not said is never read as no",
    );
    await sql`
      insert into contact_learners (contact_id, learner_id, relationship, priority, parental_responsibility)
      values (${contact}, ${jack}, 'Mother', 1, true)`;
    assert.deepEqual(await kinds(), []);
  });

  it("leaves out a link that was made knowingly", async () => {
    await sql`delete from logon_learners where logon_id = ${logon}`;
    await sql`
      update contact_learners set parental_responsibility = false where contact_id = ${contact}`;
    await sql`
      insert into logon_learners (logon_id, learner_id, warning) values (${logon}, ${ellie}, 'no parental responsibility')`;
    assert.deepEqual(await kinds(), []);
  });

  it("notes that a contact was deleted, in place of all else", async () => {
    await sql`update contacts set email = 'new@example.org' where id = ${contact}`;
    await transaction(sql, async (tx) => {
      await setAttentionSource(tx, "task 7");
      await tx`delete from contacts where id = ${contact}`;
    });
    assert.deepEqual(await kinds(), ["contact deleted"]);
    assert.equal((await items())[0]?.source, "task 7");
    const [other] = await sql<[{ id: number }]>`
      insert into contacts (first_name, surname, email) values ('Sarah', 'Smith', 'sarah@example.org') returning id`;
    await sql`update logons set contact_id = ${other.id} where id = ${logon}`;
    assert.deepEqual(await kinds(), [
      "taken off learner: Ellie Smith",
      "taken off learner: Jack Smith",
    ]);
  });

  it("rests while the logon is deleted", async () => {
    await sql`update contacts set email = 'new@example.org' where id = ${contact}`;
    await sql`update logons set deleted_at = now() where id = ${logon}`;
    assert.deepEqual(await kinds(), []);
    assert.equal(await countAttention(sql, "2026-11-24"), 0);
    await sql`update logons set deleted_at = null where id = ${logon}`;
    assert.deepEqual(await kinds(), ["email differs"]);
  });

  it("is kept until the contact changes again", async () => {
    await sql`update contacts set email = 'new@example.org' where id = ${contact}`;
    const keep = async (): Promise<unknown> => {
      const ids = await idsOf();
      return await transaction(sql, (tx) => keepAttention(tx, ids, AUTHOR, AT));
    };
    assert.deepEqual(await keep(), { done: 1, leftOut: 0, gone: 0 });
    await sql`update contacts set mobile = '07700 900000' where id = ${contact}`;
    await sql`update logons set first_name = 'Sara' where id = ${logon}`;
    await sql`update logons set first_name = 'Sarah' where id = ${logon}`;
    assert.deepEqual(await kinds(), [], "what was kept stays kept");
    assert.equal((await items({ kept: true }))[0]?.said, "new@example.org");
    await sql`update contacts set email = 'newer@example.org' where id = ${contact}`;
    assert.deepEqual(await kinds(), ["email differs"]);
    const [deed] = await sql`select what, after from audit`;
    assert.deepEqual({ ...deed }, {
      what: "keep as it is",
      after: { kind: "email differs", said: "new@example.org", learnerId: null },
    });
  });

  it("is applied by the rules of Edit: the username stays, the old address is told, the audit says who", async () => {
    await sql`
      insert into logon_passwords (logon_id, hash, temporary)
      values (${logon}, ${"$2b$04$" + "a".repeat(53)}, false)`;
    await sql`
      update contacts set email = 'new@example.org', first_name = 'Sally', surname = 'Jones' where id = ${contact}`;
    const ids = await idsOf();
    const outcome = await transaction(sql, (tx) => applyAttention(tx, ids, AUTHOR, AT));
    assert.deepEqual(outcome, { done: 2, leftOut: 0, gone: 0 });
    const [row] =
      await sql`select first_name, surname, email, username, version from logons where id = ${logon}`;
    assert.deepEqual({ ...row }, {
      first_name: "Sally",
      surname: "Jones",
      email: "new@example.org",
      username: "sarah",
      version: 2,
    });
    assert.deepEqual(await kinds(), []);
    const deeds = await sql`select who, before, after from audit where what = 'edit logon'`;
    assert.deepEqual(deeds.map((deed) => ({ ...deed })), [{
      who: "Olwen Hughes",
      before: { firstName: "Sarah", surname: "Smith", email: "sarah@example.org" },
      after: { firstName: "Sally", surname: "Jones", email: "new@example.org", fromContact: true },
    }]);
    const notices = await sql`select kind, address from notices`;
    assert.deepEqual(notices.map((one) => ({ ...one })), [{
      kind: "logon changed",
      address: "sarah@example.org",
    }]);
    assert.deepEqual(
      await transaction(sql, (tx) => applyAttention(tx, ids, AUTHOR, AT)),
      { done: 0, leftOut: 0, gone: 2 },
      "sent twice",
    );
  });

  it("does not apply what nobody has seen, nor what a logon cannot have", async () => {
    await sql`update contacts set email = 'first@example.org' where id = ${contact}`;
    const seen = await idsOf();
    await sql`update contacts set email = 'second@example.org' where id = ${contact}`;
    assert.deepEqual(await transaction(sql, (tx) => applyAttention(tx, seen, AUTHOR, AT)), {
      done: 0,
      leftOut: 0,
      gone: 1,
    });
    for (const email of [null, "two@example.org, three@example.org", "no address"]) {
      await sql`update contacts set email = ${email} where id = ${contact}`;
      const ids = await idsOf();
      assert.notEqual((await items())[0]?.problem, null);
      const outcome = await transaction(sql, (tx) => applyAttention(tx, ids, AUTHOR, AT));
      assert.deepEqual(outcome, { done: 0, leftOut: 1, gone: 0 });
    }
    const [row] = await sql`select email from logons where id = ${logon}`;
    assert.equal(row?.["email"], "sarah@example.org");
  });

  it("unlinks only what is about a link", async () => {
    await sql`update contacts set email = 'new@example.org' where id = ${contact}`;
    await sql`delete from contact_learners where contact_id = ${contact} and learner_id = ${jack}`;
    const ids = await idsOf();
    const outcome = await transaction(sql, (tx) => unlinkAttention(tx, ids, AUTHOR));
    assert.deepEqual(outcome, { done: 1, leftOut: 1, gone: 0 });
    const left = await sql`select learner_id from logon_learners where logon_id = ${logon}`;
    assert.deepEqual(left.map((row) => row["learner_id"]), [ellie]);
    assert.deepEqual(await kinds(), ["email differs"]);
  });

  it("waits for a change of the logon at the same moment, and is true afterwards", async () => {
    const release = Promise.withResolvers<void>();
    const begun = Promise.withResolvers<void>();
    const editing = transaction(sql, async (tx) => {
      await tx`update logons set email = 'new@example.org' where id = ${logon}`;
      begun.resolve();
      await release.promise;
      await tx`select 1`;
    });
    await begun.promise;
    const feeding = sql`update contacts set email = 'new@example.org' where id = ${contact}`;
    const done = feeding.execute();
    await sql`select pg_sleep(0.05)`;
    release.resolve();
    await editing;
    await done;
    assert.deepEqual(await kinds(), []);
  });

  it("takes thousands in one statement, and says how many there are without counting them all", async () => {
    await sql`
      with people as (
        insert into contacts (first_name, surname, email)
        select 'Ann', 'Lee ' || n, 'ann' || n || '@example.org' from generate_series(1, 3000) as n
        returning id, first_name, surname, email
      )
      insert into logons (first_name, surname, username, email, contact_id)
      select first_name, surname, 'u' || id, email, id from people`;
    assert.equal((await items()).length, 0);
    await transaction(sql, async (tx) => {
      await setAttentionSource(tx, "task 1");
      await tx`update contacts set email = 'new-' || email where first_name = 'Ann'`;
    });
    const [row] = await sql`select count(*)::int as count from attention`;
    assert.equal(row?.["count"], 3000);
    assert.equal(await countAttention(sql, "2026-11-24"), 1001);
    assert.equal((await countAttentionKinds(sql)).get("email differs"), 1001);
    const found = await items({ search: "ann2999" });
    assert.equal(found.length, 1);
    const choice = { ids: [], all: true, view: { ...VIEW, kind: "email differs" } } as const;
    const { ids, more } = await findChosen(sql, choice);
    assert.equal(more, false);
    const some = await findChosen(sql, choice, 2);
    assert.deepEqual(
      some,
      { ids: ids.slice(0, 2), more: true },
      "the oldest, and that there are more",
    );
    const outcome = await transaction(sql, (tx) => applyAttention(tx, ids, AUTHOR, AT));
    assert.deepEqual(outcome, { done: 3000, leftOut: 0, gone: 0 });
    assert.equal((await items()).length, 0);
  });
});
