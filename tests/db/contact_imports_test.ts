// Import Contacts against a real Postgres: who is listed, what each contact becomes, and what is written of it.

import { after, afterEach, before, beforeEach, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { type Sql, transaction } from "../../db/connect.ts";
import { findCandidates, listCandidates, MOST_SHOWN } from "../../db/contact_candidates.ts";
import { importContacts } from "../../db/contact_import_apply.ts";
import {
  checkChoice,
  CONTACT_IMPORT,
  countContactOutcomes,
  listContactItems,
  startContactImport,
} from "../../db/contact_imports.ts";
import { type Doubt, planCandidate } from "../../db/contact_plan.ts";
import { searchKey } from "../../db/search.ts";
import { ClaimLost, claimTask, findTask, listTasks } from "../../db/tasks.ts";
import { openTestDatabase, type TestDatabase } from "../database.ts";
import {
  AT,
  clearSchool,
  holdAgain,
  seedBlock,
  seedContact,
  seedLogon,
  seedSchool,
} from "./import_school.ts";
import { addingOnce, assertColumns } from "./logon_columns.ts";

const AUTHOR = { adminId: null, who: "Test" };

describe("Import Contacts", () => {
  let database: TestDatabase;
  let sql: Sql;
  let learners: Map<string, number>;
  before(async () => {
    database = await openTestDatabase({ pool: 6 });
    sql = database.sql;
    learners = await seedSchool(sql);
  });
  beforeEach(() => clearSchool(sql));
  afterEach(() => assertColumns(sql));
  after(() => database.close());

  function learner(number: number): number {
    return learners.get(String(number).padStart(4, "0")) ?? 0;
  }

  async function contact(
    name: string,
    email: string | null,
    ...numbers: readonly number[]
  ): Promise<number> {
    const [firstName = "", surname = ""] = name.split(" ");
    const id = await seedContact(sql, { firstName, surname, email });
    for (const number of numbers) await place(id, number, true);
    return id;
  }

  async function place(id: number, number: number, responsible: boolean | null): Promise<void> {
    await sql`
      insert into contact_learners (contact_id, learner_id, relationship, priority, parental_responsibility)
      values (${id}, ${learner(number)}, 'Parent', 1, ${responsible})`;
  }

  async function start(
    ids: readonly number[],
    more: { readonly all?: boolean; readonly search?: string } = {},
  ): Promise<number> {
    const [admin] = await sql<[{ id: number }]>`select id from admins limit 1`;
    const choice = { ids, all: more.all ?? false, search: more.search ?? "" };
    return await transaction(
      sql,
      (tx) => startContactImport(tx, choice, { adminId: admin.id, requestId: null }),
    );
  }

  async function finish(taskId: number, size = 1000): Promise<Record<string, number>> {
    const claim = await holdAgain(sql, taskId);
    while (await importContacts(sql, claim, { size, author: AUTHOR }) > 0);
    return await countContactOutcomes(sql, taskId);
  }

  async function importAll(...ids: readonly number[]): Promise<Record<string, number>> {
    return await finish(await start(ids));
  }

  /** "username [contact]: linked names", by username. */
  async function logons(): Promise<string[]> {
    const rows = await sql<{ line: string }[]>`
      select concat(username, case when deleted_at is not null then ' (deleted)' end,
                    case when contact_id is null then ' of nobody' end, ': ', linked_names) as line
        from logons order by username`;
    return rows.map((row) => row.line);
  }

  async function everything(): Promise<string> {
    return JSON.stringify([
      await sql`select to_jsonb(l) from logons l order by id`,
      await sql`select to_jsonb(k) from logon_learners k order by logon_id, learner_id`,
      await sql`select to_jsonb(a) from audit a order by id`,
    ]);
  }

  async function shown(search = ""): Promise<string[]> {
    const { rows } = await listCandidates(sql, search);
    return rows.map(({ contact, plan }) => {
      const names = contact.learners.map((one) => `${one.firstName} ${one.surname}`);
      const adds = plan.adds.map((one) => one.firstName).join("+");
      return `${contact.firstName} ${contact.surname} (${names.join(", ")}) ${plan.class} ${
        plan.doubt ?? adds
      }`;
    });
  }

  it("writes a new logon once, with its learners", async () => {
    const ann = await contact("Ann Lee", "ann@x.org", 2, 1);
    await addingOnce(sql, () => importAll(ann));
    assert.deepEqual(await logons(), ["ann@x.org: Tree Child1, Tree Child2"]);
  });

  it("lists contacts with the learners for whom Parental Responsibility is ticked, by name", async () => {
    const ann = await contact("Ann Lee", "ann@x.org", 2, 1);
    await place(ann, 3, false);
    await place(ann, 4, null);
    await place(await contact("Bob Lee", "bob@x.org"), 1, null);
    await place(await contact("Cat Lee", "cat@x.org"), 1, false);
    await contact("Zoe Abel", null, 5);
    assert.deepEqual(await shown(), [
      "Zoe Abel (Child5 Tree) error no email",
      "Ann Lee (Child1 Tree, Child2 Tree) create Child1+Child2",
    ]);
  });

  it("keeps up with ticks, names and records that go", async () => {
    const ann = await contact("Ann Lee", "ann@x.org", 1, 2);
    await sql`update contact_learners set parental_responsibility = null where learner_id = ${
      learner(1)
    }`;
    assert.deepEqual(await shown("child1"), []);
    await sql`update contact_learners set parental_responsibility = true`;
    await sql`update learners set first_name = 'Éloïse' where id = ${learner(1)}`;
    assert.deepEqual(await shown("eloise lee"), [
      "Ann Lee (Child2 Tree, Éloïse Tree) create Child2+Éloïse",
    ]);
    await sql`update learners set first_name = 'Child1' where id = ${learner(1)}`;
    await sql`update contacts set surname = 'O’Leary' where id = ${ann}`;
    assert.equal((await shown("oleary child2")).length, 1);
    await sql`delete from contact_learners where learner_id = ${learner(2)}`;
    assert.deepEqual(await shown("child"), ["Ann O’Leary (Child1 Tree) create Child1"]);
    const [row] = await sql<{ key: string }[]>`select search_key as key from contacts`;
    assert.equal(row?.key, ` ${searchKey("Ann O’Leary Child1 Tree")}`);
  });

  it("sees both of two ticks that are made at the same moment", async () => {
    const ann = await contact("Ann Lee", "ann@x.org");
    await Promise.all([1, 2, 3, 4].map((number) => place(ann, number, true)));
    const [row] = await sql<{ names: string; count: number }[]>`
      select responsible_names as names, responsible_count as count from contacts`;
    assert.equal(row?.names, "Child1 Tree, Child2 Tree, Child3 Tree, Child4 Tree");
    assert.equal(row?.count, 4);
  });

  it("finds contacts by their own and their learners' names, and shows no more than a page", async () => {
    await sql`
      insert into contacts (first_name, surname, email)
      select 'Ann', 'Lee' || n, 'a' || n || '@x.org' from generate_series(1, 1500) as n`;
    await sql`
      insert into contact_learners (contact_id, learner_id, relationship, priority, parental_responsibility)
      select c.id, ${learner(1)}::bigint, 'Parent', 1, true from contacts c`;
    await contact("Zoe Ann-Smith", "zoe@x.org", 2);
    const all = await listCandidates(sql, "");
    assert.equal(all.rows.length, MOST_SHOWN);
    assert.equal(all.total, 1501);
    assert.equal((await listCandidates(sql, "an")).total, 1001);
    assert.deepEqual(await shown("annsmith"), ["Zoe Ann-Smith (Child2 Tree) create Child2"]);
    assert.deepEqual(await shown("zo child2"), ["Zoe Ann-Smith (Child2 Tree) create Child2"]);
    assert.deepEqual(await shown("%"), []);
    assert.equal((await listCandidates(sql, "lee77")).total, 11);
  });

  it("makes one logon for each adult, linked to all their learners, without a password", async () => {
    const ann = await contact("Ann Lee", "ann@x.org", 1, 2);
    const bob = await contact("Bob Lee", "bob@x.org", 2);
    assert.deepEqual(await importAll(ann, bob), {
      created: 2,
      linked: 0,
      restored: 0,
      unchanged: 0,
      leftOut: 0,
      learnersBlocked: 0,
    });
    assert.deepEqual(await logons(), [
      "ann@x.org: Tree Child1, Tree Child2",
      "bob@x.org: Tree Child2",
    ]);
    assert.equal((await sql`select from logon_passwords`).length, 0);
    const audit = await sql<{ line: string }[]>`
      select concat_ws(' ', who, what, subject, after->>'username', after->>'contactId', after->>'addedLearnerIds') as line
        from audit order by id`;
    assert.deepEqual(audit.map((row) => row.line), [
      `Test add logon logon ann@x.org ${ann} [${learner(1)}, ${learner(2)}]`,
      `Test add logon logon bob@x.org ${bob} [${learner(2)}]`,
    ]);
    const [link] = await sql`select warning from logon_learners limit 1`;
    assert.equal(link?.["warning"], null);
  });

  it("changes nothing when it is done again", async () => {
    const ids = [
      await contact("Ann Lee", "home@x.org", 1),
      await contact("Bob Lee", "home@x.org", 1),
    ];
    await importAll(...ids);
    const before = await everything();
    assert.deepEqual(await shown(), [
      "Ann Lee (Child1 Tree) unchanged ",
      "Bob Lee (Child1 Tree) unchanged ",
    ]);
    assert.equal((await importAll(...ids))["unchanged"], 2);
    assert.equal(await everything(), before);
  });

  it("adds the missing links to the logon there is, and nothing else", async () => {
    const ann = await contact("Ann Lee", "ann@x.org", 1, 2, 3);
    await seedLogon(sql, {
      firstName: "Annie",
      username: "annie",
      email: "other@x.org",
      contactId: ann,
      learnerIds: [learner(1), learner(7)],
    });
    assert.deepEqual(await shown(), [
      "Ann Lee (Child1 Tree, Child2 Tree, Child3 Tree) link Child2+Child3",
    ]);
    assert.equal((await importAll(ann))["linked"], 1);
    assert.deepEqual(await logons(), ["annie: Tree Child1, Tree Child2, Tree Child3, Tree Child7"]);
    const [row] = await sql`select first_name, email, version from logons`;
    assert.deepEqual({ ...row }, { first_name: "Annie", email: "other@x.org", version: 2 });
  });

  it("takes what a second logon of the same contact sees for linked", async () => {
    const ann = await contact("Ann Lee", "ann@x.org", 1, 2, 3);
    for (const [place, username] of ["one", "two"].entries()) {
      await seedLogon(sql, { username, contactId: ann, learnerIds: [learner(place + 1)] });
    }
    await seedLogon(sql, { username: "gone", contactId: ann, deleted: true });
    await importAll(ann);
    assert.deepEqual(await logons(), [
      "gone (deleted): ",
      "one: Tree Child1, Tree Child3",
      "two: Tree Child2",
    ]);
  });

  it("restores a deleted logon of the contact", async () => {
    const ann = await contact("Ann Lee", "ann@x.org", 1, 2);
    await seedLogon(sql, {
      username: "ann",
      contactId: ann,
      deleted: true,
      learnerIds: [learner(1)],
    });
    assert.deepEqual(await shown(), ["Ann Lee (Child1 Tree, Child2 Tree) restore Child2"]);
    assert.equal((await importAll(ann))["restored"], 1);
    assert.deepEqual(await logons(), ["ann: Tree Child1, Tree Child2"]);
    const [audit] = await sql`select what from audit`;
    assert.equal(audit?.["what"], "restore logon");
  });

  it("takes the logon of the same names and email for the contact's, and makes no other", async () => {
    const ann = await contact("Ann Lee", "ANN@x.org", 1, 2);
    await seedLogon(sql, { username: "ann", email: "ann@X.org", learnerIds: [learner(1)] });
    assert.deepEqual(await shown(), ["Ann Lee (Child1 Tree, Child2 Tree) link Child2"]);
    assert.equal((await importAll(ann))["linked"], 1);
    assert.deepEqual(await logons(), ["ann: Tree Child1, Tree Child2"]);
    assert.deepEqual(await shown(), ["Ann Lee (Child1 Tree, Child2 Tree) unchanged "]);
  });

  it("takes no logon for a contact's where it could be another's", async () => {
    const ann = await contact("Ann Lee", "ann@x.org", 1);
    await seedLogon(sql, { username: "a", email: "ann@x.org" });
    await seedLogon(sql, { username: "b", email: "ann@x.org" });
    assert.deepEqual(await shown(), ["Ann Lee (Child1 Tree) error several logons"]);
    await sql`delete from logons where username = 'b'`;
    await contact("Ann Lee", "ann@x.org", 2);
    assert.deepEqual((await shown())[0], "Ann Lee (Child1 Tree) error several contacts");
    assert.equal((await importAll(ann))["why several contacts"], 1);
    // Another first name is another adult.
    await sql`delete from contacts where id <> ${ann}`;
    await sql`update logons set first_name = 'Anna'`;
    assert.deepEqual(await shown(), ["Ann Lee (Child1 Tree) create Child1"]);
  });

  it("never links a blocked pair, and says only that there is one", async () => {
    const ann = await contact("Ann Lee", "ann@x.org", 1, 2);
    await seedBlock(sql, { learnerId: learner(1), contactId: ann });
    const [row] = await findCandidates(sql, [ann]);
    assert.ok(row);
    assert.equal(planCandidate(row).blocked, 1);
    const outcome = await importAll(ann);
    assert.equal(outcome["created"], 1);
    assert.equal(outcome["learnersBlocked"], 1);
    assert.deepEqual(await logons(), ["ann@x.org: Tree Child2"]);
    assert.equal((await importAll(ann))["unchanged"], 1);
    assert.deepEqual(await logons(), ["ann@x.org: Tree Child2"]);
  });

  it("makes no logon for a contact whose every learner is blocked, and restores none", async () => {
    const ann = await contact("Ann Lee", "ann@x.org", 1);
    const bob = await contact("Bob Moss", "bob@x.org", 2);
    const logonId = await seedLogon(sql, { username: "bob", contactId: bob, deleted: true });
    await seedBlock(sql, { learnerId: learner(1), contactId: ann });
    await seedBlock(sql, { learnerId: learner(2), logonId });
    assert.deepEqual(await shown(), [
      "Ann Lee (Child1 Tree) blocked blocked",
      "Bob Moss (Child2 Tree) blocked blocked",
    ]);
    assert.equal((await importAll(ann, bob))["why blocked"], 2);
    assert.deepEqual(await logons(), ["bob (deleted): "]);
  });

  it("finds a block that stands on another record of the same adult", async () => {
    const ann = await contact("Ann Lee", "ann@x.org", 1, 2, 3);
    const twin = await contact("Ann Lee", "ann@x.org", 4);
    const logonId = await seedLogon(sql, {
      firstName: "Annie",
      username: "annie",
      email: "ann@x.org",
      deleted: true,
    });
    await seedBlock(sql, { learnerId: learner(1), logonId });
    await seedBlock(sql, { learnerId: learner(2), contactId: twin });
    // A husband with the same mailbox and surname is another adult.
    const bob = await contact("Bob Lee", "ann@x.org", 3);
    await seedBlock(sql, { learnerId: learner(3), contactId: bob });
    await importAll(ann);
    assert.deepEqual(await logons(), ["ann.lee: Tree Child3", "annie (deleted) of nobody: "]);
  });

  it("gives the email as username unless somebody has or shares it, then names, then a number", async () => {
    await seedLogon(sql, { username: "Dee@x.org", firstName: "Old", deleted: true });
    await seedLogon(sql, { username: "eve.moss", firstName: "Old" });
    const ids = [
      await contact("Ann Lee", "ann@x.org", 1),
      await contact("Bob Lee", "home@x.org", 1),
      await contact("Cat Lee", "home@x.org", 1),
      await contact("Dee Lee", "dee@x.org", 1),
      await contact("Eve Moss", "shared@x.org", 1),
    ];
    // On a record without Parental Responsibility, and still a sharer of the mailbox.
    await contact("Fay Moss", "shared@x.org");
    await importAll(...ids);
    assert.deepEqual((await logons()).map((line) => line.split(":")[0]), [
      "Dee@x.org (deleted) of nobody",
      "ann@x.org",
      "bob.lee",
      "cat.lee",
      "dee.lee",
      "eve.moss of nobody",
      "eve.moss2",
    ]);
  });

  it("imports a search, or everybody, without those who cannot be", async () => {
    await contact("Ann Lee", "ann@x.org", 1);
    await contact("Bob Lee", null, 1);
    await contact("Cat Moss", "cat@x.org", 2);
    await contact("Dee Moss", "not an address", 2);
    await contact("Eve Moss", "eve@x.org");
    const some = await start([], { all: true, search: "child1" });
    assert.equal((await findTask(sql, some))?.title, "Import 1 contact");
    assert.equal((await finish(some))["created"], 1);
    const all = await start([], { all: true });
    const outcome = await finish(all);
    assert.deepEqual(
      [outcome["created"], outcome["unchanged"], outcome["leftOut"], outcome["why bad email"]],
      [1, 1, 1, 1],
    );
    assert.equal((await findTask(sql, all))?.facts["rows"], 3);
  });

  it("refuses a choice of nobody, and of somebody who cannot be chosen", async () => {
    const ann = await contact("Ann Lee", "ann@x.org", 1);
    const bob = await contact("Bob Lee", null, 1);
    const cat = await contact("Cat Lee", "cat@x.org");
    const none = { all: false, search: "" };
    assert.equal(await checkChoice(sql, { ids: [ann], ...none }), null);
    assert.deepEqual(await checkChoice(sql, { ids: [], ...none }), { code: "nothing" });
    assert.equal(await checkChoice(sql, { ids: [], all: true, search: "" }), null);
    const nobody = await checkChoice(sql, { ids: [], all: true, search: "bob" });
    assert.deepEqual(nobody, { code: "nothing" });
    assert.deepEqual(await checkChoice(sql, { ids: [ann, bob, cat, 999_999], ...none }), {
      code: "no email",
      who: "Bob Lee",
      ids: [bob, cat, 999_999],
    });
  });

  it("fails a contact alone that changed or vanished after it was chosen, and says why", async () => {
    const changes: readonly (readonly [string, Doubt, (id: number) => Promise<unknown>])[] = [
      ["Ann", "changed", (id) => sql`update contacts set email = 'new@x.org' where id = ${id}`],
      ["Bob", "no email", (id) => sql`update contacts set email = null where id = ${id}`],
      ["Cat", "gone", (id) => sql`delete from contacts where id = ${id}`],
      [
        "Dee",
        "no learner",
        (id) =>
          sql`update contact_learners set parental_responsibility = false where contact_id = ${id}`,
      ],
      ["Eve", "changed", (id) => place(id, 2, true)],
      ["Fay", "changed", (id) => sql`update contacts set surname = 'Fox' where id = ${id}`],
    ];
    const ids: number[] = [];
    for (const [name] of changes) ids.push(await contact(`${name} Lee`, `${name}@x.org`, 1));
    ids.push(await contact("Gus Lee", "gus@x.org", 1));
    const taskId = await start(ids);
    for (const [place, [, , change]] of changes.entries()) await change(ids[place] ?? 0);
    const outcome = await finish(taskId);
    assert.equal(outcome["created"], 1);
    assert.equal(outcome["leftOut"], 6);
    const items = await listContactItems(sql, taskId, { class: null, after: 0, limit: 10 });
    assert.deepEqual(
      items.map((item) => [item.input.firstName, item.state, item.problems[0]?.code]),
      [...changes.map(([name, code]) => [name, "failed", code]), ["Gus", "done", undefined]],
    );
    assert.deepEqual(await logons(), ["gus@x.org: Tree Child1"]);
  });

  it("never writes what it has written, however often it is cut off", async () => {
    const ids: number[] = [];
    for (let n = 0; n < 7; n++) ids.push(await contact(`A${n} Lee`, `a${n}@x.org`, 1 + n));
    const taskId = await start(ids);
    const first = await holdAgain(sql, taskId);
    assert.equal(await importContacts(sql, first, { size: 3, author: AUTHOR }), 3);
    const second = await holdAgain(sql, taskId);
    await assert.rejects(importContacts(sql, first, { size: 3, author: AUTHOR }), ClaimLost);
    assert.equal(await importContacts(sql, second, { size: 3, author: AUTHOR }), 3);
    assert.equal((await finish(taskId, 3))["created"], 7);
    assert.equal((await logons()).length, 7);
    assert.equal((await sql`select from audit`).length, 7);
  });

  it("makes one logon where two import the same contact at the same moment", async () => {
    const ids: number[] = [];
    for (let n = 0; n < 20; n++) ids.push(await contact(`A${n} Lee`, `a${n}@x.org`, 1));
    const tasks = await Promise.all([start(ids), start(ids.toReversed()), start(ids)]);
    const outcomes = await Promise.all(tasks.map((taskId) => finish(taskId, 7)));
    const sum = (name: string): number =>
      outcomes.reduce((total, outcome) => total + (outcome[name] ?? 0), 0);
    assert.deepEqual([sum("created"), sum("unchanged"), sum("leftOut")], [20, 40, 0]);
    assert.equal((await logons()).length, 20);
  });

  it("links nobody past a block that is set meanwhile", async () => {
    const ann = await contact("Ann Lee", "ann@x.org", 1, 2);
    for (let round = 0; round < 5; round++) {
      await sql`delete from blocks`;
      await sql`delete from logons`;
      const taskId = await start([ann]);
      await Promise.all([
        finish(taskId),
        seedBlock(sql, { learnerId: learner(1), contactId: ann }),
      ]);
      assert.deepEqual(await logons(), ["ann@x.org: Tree Child2"]);
    }
  });

  it("leaves a logon as it is when its contact changes", async () => {
    const ann = await contact("Ann Lee", "ann@x.org", 1);
    await importAll(ann);
    const before = await everything();
    await sql`update contacts set email = 'new@x.org', surname = 'Moss' where id = ${ann}`;
    await sql`update contact_learners set parental_responsibility = false`;
    assert.equal(await everything(), before);
    await sql`update contact_learners set parental_responsibility = true`;
    assert.equal((await importAll(ann))["unchanged"], 1);
    assert.equal(await everything(), before);
  });

  it("is a task of its own kind, with a contact for each item", async () => {
    const taskId = await start([await contact("Ann Lee", "ann@x.org", 1)]);
    const [task] = await listTasks(sql, null, 1);
    assert.equal(task?.id, taskId);
    assert.equal(task?.kind, CONTACT_IMPORT);
    assert.ok(await claimTask(sql, taskId, AT));
  });
});
