// What a feed makes of the school: who is recognised, what changes, who leaves, and that a logon never does.

import { after, before, beforeEach, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { type Sql, transaction } from "../../db/connect.ts";
import { undoFeed } from "../../db/feed_undo.ts";
import { countFeedOutcomes, listFeedItems, reviewReason } from "../../db/feeds.ts";
import { openTestDatabase, type TestDatabase } from "../database.ts";
import {
  changed,
  contactXml,
  FAMILY,
  feedIn,
  list,
  oneRoster,
  pack,
  transferFile,
  type User,
} from "../feeds.ts";

describe("a feed", () => {
  let database: TestDatabase;
  let sql: Sql;
  before(async () => {
    database = await openTestDatabase();
    sql = database.sql;
  });
  beforeEach(async () => {
    await sql`delete from tasks`;
    await sql`delete from blocks`;
    await sql`delete from logons`;
    await sql`delete from contacts`;
    await sql`delete from learners`;
    await sql`delete from audit`;
  });
  after(() => database.close());

  /** "Jo Reed: Sam Reed (Parent, 1, null)" of every relationship. */
  async function ties(): Promise<string[]> {
    const rows = await sql<{ line: string }[]>`
      select c.first_name || ' ' || c.surname || ': ' || l.first_name || ' ' || l.surname || ' (' || r.relationship
             || ', ' || r.priority || ', ' || coalesce(r.parental_responsibility::text, 'null') || ')' as line
        from contact_learners r join contacts c on c.id = r.contact_id join learners l on l.id = r.learner_id
       order by line`;
    return rows.map(({ line }) => line);
  }

  async function learners(): Promise<string[]> {
    const rows = await sql<{ line: string }[]>`
      select concat_ws(' ', admission_number, upn, first_name, surname, date_of_birth, year_group, status, left_on) as line
        from learners order by admission_number`;
    return rows.map(({ line }) => line);
  }

  async function problemsOf(taskId: number): Promise<string[]> {
    const items = await listFeedItems(sql, taskId, { class: null, after: 0, limit: 100 });
    return items.flatMap(({ who, line, problems }) =>
      problems.map((one) => `${line} ${who}: ${one.sentence ?? one.code}`)
    );
  }

  it("makes a school from nothing, and changes nothing when it comes again", async () => {
    const { planned } = await feedIn(sql, oneRoster(FAMILY));
    assert.deepEqual(
      [planned["learner create"], planned["contact create"], planned["relationship create"]],
      [3, 2, 3],
    );
    assert.deepEqual(await learners(), [
      "A0001 A123456789011 Sam Reed 2014-03-02 Year 7 Current",
      "A0002 Alex Reed 2012-05-06 Year 9 Current",
      "A0003 Kit Moss Current",
    ]);
    // One mother, tied from either end; nobody's Parental Responsibility is known.
    assert.deepEqual(await ties(), [
      "Jo Reed: Alex Reed (Parent, 1, null)",
      "Jo Reed: Sam Reed (Parent, 1, null)",
      "Lee Moss: Kit Moss (Guardian, 1, null)",
    ]);
    const [audits] = await sql<[{ count: number }]>`select count(*)::int as count from audit`;
    assert.equal(audits.count, 8);
    const again = await feedIn(sql, oneRoster(FAMILY));
    assert.equal((await sql`select from feed_items where task_id = ${again.taskId}`).length, 0);
    assert.equal((await sql`select from audit`).length, 8);
  });

  it("changes what is different, and takes nothing away that it does not say", async () => {
    await feedIn(sql, oneRoster(FAMILY));
    await sql`update contact_learners set parental_responsibility = true, relationship = 'Mother', feed = null`;
    const next = changed(FAMILY, {
      "l-1": { last: "Reed-Hall", grades: "" },
      "p-1": { email: "jo.hall@example.org", sms: "" },
    });
    const { planned } = await feedIn(sql, oneRoster(next));
    assert.deepEqual([planned["learner update"], planned["contact update"]], [1, 1]);
    assert.equal(
      (await learners())[0],
      "A0001 A123456789011 Sam Reed-Hall 2014-03-02 Year 7 Current",
    );
    const [jo] = await sql`select email, mobile from contacts where first_name = 'Jo'`;
    assert.deepEqual({ ...jo }, { email: "jo.hall@example.org", mobile: "07700 900001" });
    assert.ok((await ties()).every((line) => line.endsWith("(Mother, 1, true)")));
    const items = await sql<{ before: unknown; after: unknown }[]>`
      select before, after from feed_items where kind = 'contact' and class = 'update'`;
    assert.deepEqual({ ...items[0] }, {
      before: { email: "jo.reed@example.org" },
      after: { email: "jo.hall@example.org" },
    });
  });

  it("never changes a logon, and flags it with the task that the change came from", async () => {
    await feedIn(sql, oneRoster(FAMILY));
    await sql`
      insert into logons (first_name, surname, email, username, contact_id)
      select first_name, surname, email, email, id from contacts where first_name = 'Jo'`;
    await sql`
      insert into logon_learners (logon_id, learner_id)
      select l.id, r.learner_id from logons l join contact_learners r on r.contact_id = l.contact_id`;
    const seen = async (): Promise<unknown> => {
      const rows = await sql`
        select l.first_name, l.surname, l.email, l.username, l.suspended_at, l.deleted_at,
               array(select k.learner_id from logon_learners k where k.logon_id = l.id order by 1) as learners
          from logons l`;
      return { ...rows[0] };
    };
    const before = await seen();
    const { taskId } = await feedIn(
      sql,
      oneRoster(changed(FAMILY, {
        "p-1": { email: "other@example.org", last: "Hall" },
        "l-1": { agents: [] },
        "l-3": null,
      })),
    );
    assert.deepEqual(await seen(), before);
    const flags = await sql<{ kind: string; source: string }[]>`
      select kind, source from attention order by kind`;
    assert.deepEqual(flags.map(({ kind }) => kind), [
      "email differs",
      "name differs",
      "taken off learner",
    ]);
    assert.ok(flags.every(({ source }) => source === `task ${taskId}`));
  });

  it("makes leavers of those who are absent from a whole, and brings them back", async () => {
    await feedIn(sql, oneRoster(FAMILY));
    const { planned } = await feedIn(sql, oneRoster(changed(FAMILY, { "l-3": null })));
    assert.equal(planned["learner leaver"], 1);
    assert.equal((await learners())[2], "A0003 Kit Moss Leaver 2026-11-24");
    // The contact stays on the leaver's record.
    assert.equal((await ties()).length, 3);
    await feedIn(sql, oneRoster(FAMILY));
    assert.equal((await learners())[2], "A0003 Kit Moss Current");
  });

  it("makes nobody a leaver by absence where the feed is not complete, or where their record is faulty", async () => {
    await feedIn(sql, oneRoster(FAMILY));
    for (
      const bytes of [
        oneRoster(FAMILY.slice(0, 1), { mode: "delta" }),
        oneRoster(changed(FAMILY, { "l-3": { first: "" } })),
        oneRoster(changed(FAMILY, { "l-3": { userIds: "{UPN:A123456789011}" } })),
      ]
    ) {
      const { planned } = await feedIn(sql, bytes);
      assert.equal(planned["learner leaver"], undefined);
    }
    assert.ok((await learners()).every((line) => line.endsWith("Current")));
  });

  it("asks before more than a tenth leave at once", () => {
    const facts = { byHand: false, knownLearners: 100, "learner leaver": 10 };
    assert.equal(reviewReason(facts, 0), null);
    assert.equal(reviewReason({ ...facts, "learner leaver": 11 }, 0), "leavers");
    assert.equal(
      reviewReason({ ...facts, knownRelationships: 9, "relationship leaver": 1 }, 0),
      "taken off",
    );
    assert.equal(reviewReason({ ...facts, "contact error": 3, "learner conflict": 2 }, 5), null);
    assert.equal(
      reviewReason({ ...facts, "contact error": 3, "learner conflict": 3 }, 5),
      "errors",
    );
    assert.equal(reviewReason({ ...facts, byHand: true }, 5), "sent by hand");
    assert.equal(reviewReason({ byHand: true, knownLearners: 100 }, 5), null);
  });

  it("takes a contact off a learner's record only where it put them there itself", async () => {
    await feedIn(sql, oneRoster(FAMILY));
    const [learner] = await sql<{ id: number }[]>`select id from learners where first_name = 'Sam'`;
    await sql`
      with added as (insert into contacts (first_name, surname) values ('Own', 'Hand') returning id)
      insert into contact_learners (contact_id, learner_id, relationship, priority)
      select id, ${learner?.id ?? 0}, 'Aunt', 2 from added`;
    const { planned } = await feedIn(sql, oneRoster(changed(FAMILY, { "l-1": { agents: [] } })));
    assert.equal(planned["relationship leaver"], 1);
    assert.deepEqual(await ties(), [
      "Jo Reed: Alex Reed (Parent, 1, null)",
      "Lee Moss: Kit Moss (Guardian, 1, null)",
      "Own Hand: Sam Reed (Aunt, 2, null)",
    ]);
    // While a contact's record is faulty nobody is taken off.
    const faulty = await feedIn(
      sql,
      oneRoster(changed(FAMILY, { "l-3": { agents: [] }, "p-1": { first: "" } })),
    );
    assert.equal(faulty.planned["relationship leaver"], undefined);
    assert.equal((await ties()).length, 3);
  });

  it("reads changes alone, and takes the kind of a person from what an earlier feed said", async () => {
    await feedIn(sql, oneRoster(FAMILY));
    const change = (users: User[]): Uint8Array => oneRoster(users, { mode: "delta" });
    const { done } = await feedIn(
      sql,
      change([
        {
          id: "p-2",
          role: null,
          first: "Lee",
          last: "Moss",
          email: "new@example.org",
          agents: ["l-1"],
        },
        { id: "l-3", role: null, first: "Christopher", last: "Moss" },
        { id: "x-9", role: null, first: "Never", last: "Seen" },
      ]),
    );
    assert.deepEqual(
      [done["done contact update"], done["done learner update"], done["done relationship create"]],
      [1, 1, 1],
    );
    assert.ok((await ties()).includes("Lee Moss: Sam Reed (Contact, 2, null)"));
    const gone = await feedIn(
      sql,
      change([
        { id: "p-1", role: null, first: "", last: "", status: "tobedeleted" },
        { id: "l-2", role: "student", first: "Alex", last: "Reed", status: "tobedeleted" },
      ]),
    );
    assert.deepEqual(
      [gone.planned["learner leaver"], gone.planned["relationship leaver"]],
      [1, 2],
    );
    assert.equal((await sql`select from contacts where first_name = 'Jo'`).length, 1);
    assert.ok(!(await ties()).some((line) => line.startsWith("Jo")));
  });

  it("knows a learner again by admission number, then by UPN, and asks where it cannot be sure", async () => {
    await sql`
      insert into learners (admission_number, upn, first_name, surname, date_of_birth, status) values
        ('A0001', null, 'Sam', 'Reed', '2014-03-02', 'Current'),
        ('OLD-2', 'A123456789022', 'Alex', 'Reed', null, 'Current'),
        ('A0003', null, 'Somebody', 'Else', null, 'Current'),
        ('A0009', 'A123456789044', 'Una', 'Lane', null, 'Current'),
        ('A0004', null, 'Una', 'Lane', null, 'Current')`;
    const { taskId } = await feedIn(
      sql,
      list(
        "First name,Surname,Admission number,UPN,Date of birth",
        "Sam,Reed,A0001,A123456789011,02/03/2014",
        "Alex,Reed,A0002,A123456789022,",
        "Kit,Moss,A0003,,",
        "Una,Lane,A0004,A123456789044,",
      ),
      { name: "learners.csv" },
    );
    assert.deepEqual(await learners(), [
      "A0001 A123456789011 Sam Reed 2014-03-02 Current",
      "A0002 A123456789022 Alex Reed Current",
      "A0003 Somebody Else Current",
      "A0004 Una Lane Current",
      "A0009 A123456789044 Una Lane Current",
    ]);
    assert.deepEqual(await problemsOf(taskId), [
      "4 Kit Moss: another person",
      "5 Una Lane: UPN of another",
    ]);
  });

  it("knows a contact without an id again by the learner's contacts, else by names and email", async () => {
    await feedIn(sql, oneRoster(FAMILY));
    const sheet = list(
      "First name,Surname,Email,Learners,Relationship,Priority,Parental Responsibility",
      // The same Jo with another email; the sibling's row says so too.
      "Jo,Reed,jo.hall@example.org,A0001;A0002,Mother,1,yes",
      // Not on Kit's record yet, known by name and email.
      "Lee,Moss,LEE.MOSS@example.org,A0001,Uncle,9,no",
      "Nell,Nobody,,A9999,,,",
      "Nell,Other,,A0003,,,",
    );
    const { planned, taskId } = await feedIn(sql, sheet, { name: "contacts.csv" });
    assert.deepEqual(
      ["contact create", "contact update", "relationship create", "relationship update"].map((
        name,
      ) => planned[name]),
      [1, 1, 2, 2],
    );
    assert.deepEqual(await ties(), [
      "Jo Reed: Alex Reed (Mother, 1, true)",
      "Jo Reed: Sam Reed (Mother, 1, true)",
      "Lee Moss: Kit Moss (Guardian, 1, null)",
      "Lee Moss: Sam Reed (Uncle, 9, false)",
      "Nell Other: Kit Moss (Contact, 2, null)",
    ]);
    assert.deepEqual(await problemsOf(taskId), [
      "4 Nell Nobody: no learner",
      "4 Nell Nobody, —: unknown learner",
    ]);
    // Again: nothing; an empty answer is not known, and never read as no.
    const silent = list(
      "First name,Surname,Email,Learners,Relationship,Priority,Parental Responsibility",
      "Jo,Reed,jo.hall@example.org,A0001,,,",
    );
    const next = await feedIn(sql, silent, { name: "contacts.csv" });
    assert.equal((await sql`select from feed_items where task_id = ${next.taskId}`).length, 0);
  });

  it("leaves out a contact of whom there are two, and says so", async () => {
    await sql`insert into learners (admission_number, first_name, surname, status) values ('A0001', 'Sam', 'Reed', 'Current')`;
    for (const email of ["a@example.org", "b@example.org"]) {
      await sql`
        with added as (insert into contacts (first_name, surname, email) values ('John', 'Reed', ${email}) returning id)
        insert into contact_learners (contact_id, learner_id, relationship, priority)
        select added.id, l.id, 'Other', 1 from added, learners l`;
    }
    const one = (email: string): Uint8Array =>
      list("First name,Surname,Email,Learners,Relationship", `John,Reed,${email},A0001,Father`);
    const doubt = await feedIn(sql, one("c@example.org"), { name: "c.csv" });
    assert.deepEqual([doubt.planned["contact conflict"], doubt.planned["relationship conflict"]], [
      1,
      1,
    ]);
    const sure = await feedIn(sql, one("B@example.org"), { name: "c.csv" });
    assert.equal(sure.planned["relationship update"], 1);
    assert.equal((await sql`select from contacts`).length, 2);
  });

  it("brings pupils and contacts of a Common Transfer File, with Parental Responsibility as it says", async () => {
    const mother = contactXml({
      Order: "1",
      Surname: "Reed",
      Forename: "Jo",
      Relationship: "PAM",
      Responsibility: "true",
      Email: "jo.reed@example.org",
    });
    const uncle = contactXml({
      Surname: "Reed",
      Forename: "Al",
      Relationship: "XYZ",
      Responsibility: "0",
    });
    const friend = contactXml({ Surname: "Friend", Forename: "Flo" });
    const file = transferFile([
      {
        upn: "A123456789011",
        forename: "Sam",
        born: "2014-03-02",
        year: "7",
        contacts: mother + uncle,
      },
      { upn: "A123456789022", forename: "Alex", contacts: mother + friend },
    ]);
    const { planned } = await feedIn(sql, file, { name: "9990001_CTF_9990002_001.xml" });
    assert.equal(planned["contact create"], 3);
    assert.deepEqual(await learners(), [
      "A123456789011 A123456789011 Sam Reed 2014-03-02 Year 7 Current",
      "A123456789022 A123456789022 Alex Reed Current",
    ]);
    assert.deepEqual(await ties(), [
      "Al Reed: Sam Reed (XYZ, 2, false)",
      "Flo Friend: Alex Reed (Contact, 2, null)",
      "Jo Reed: Alex Reed (Mother, 1, true)",
      "Jo Reed: Sam Reed (Mother, 1, true)",
    ]);
    const again = await feedIn(sql, file, { name: "ctf.xml" });
    assert.equal((await sql`select from feed_items where task_id = ${again.taskId}`).length, 0);
  });

  it("brings learners and contacts of School Data Sync 2.1", async () => {
    const files = {
      "users.csv":
        "sourcedId,username,givenName,familyName,password,activeDirectoryMatchId,email,phone,sms\n" +
        "1,a@x,Ada,Lane,secret,,,,\n2,b@x,Bo,Lane,secret,,bo@example.org,,+441\n3,c@x,Cy,Teach,secret,,,,",
      "roles.csv":
        "userSourcedId,orgSourcedId,role,sessionSourcedId,grade,isPrimary,roleStartDate,roleEndDate\n" +
        "1,9,student,s,10,TRUE,,\n3,9,teacher,s,,TRUE,,",
      "relationships.csv": "userSourcedId,relationshipUserSourcedId,relationshipRole\n1,2,guardian",
      "orgs.csv": "sourcedId,name,type,parentSourcedId\n9,School,school,",
    };
    await feedIn(sql, pack(files));
    assert.deepEqual(await learners(), ["1 Ada Lane Year 10 Current"]);
    assert.deepEqual(await ties(), ["Bo Lane: Ada Lane (Guardian, 1, null)"]);
    const again = await feedIn(sql, pack(files), { isComplete: true });
    assert.equal((await sql`select from feed_items where task_id = ${again.taskId}`).length, 0);
  });

  it("leaves out who had left before, with their contacts, and says how many", async () => {
    const gone = changed(FAMILY, { "l-3": { end: "2026-07-22" } });
    const { planned } = await feedIn(sql, oneRoster(gone));
    assert.deepEqual(
      [planned["skipped"], planned["learner create"], planned["contact create"]],
      [1, 2, 1],
    );
    assert.ok((await ties()).every((line) => line.startsWith("Jo Reed")));
    // Somebody the school does know leaves with the last day that the role had.
    await feedIn(sql, oneRoster(changed(gone, { "l-1": { end: "2026-10-23" } })));
    assert.match((await learners())[0] ?? "", /Leaver 2026-10-23$/);
  });

  /** Undoes a feed in one transaction, as the job does. */
  async function undo(taskId: number): Promise<Readonly<Record<string, unknown>>> {
    await transaction(
      sql,
      (tx) => undoFeed(tx, { taskId, feed: "OneRoster", author: { adminId: null, who: "Test" } }),
    );
    return await countFeedOutcomes(sql, taskId);
  }

  it("can be undone: everything is as it was", async () => {
    const first = await feedIn(sql, oneRoster(FAMILY));
    const before = [
      await learners(),
      await ties(),
      await sql`select first_name, surname, email from contacts order by id`,
    ];
    const second = await feedIn(
      sql,
      oneRoster([
        ...changed(FAMILY, {
          "l-1": { last: "Hall", userIds: "{UPN:A123456789077}", agents: [] },
          "l-3": null,
          "p-1": { email: "new@example.org" },
        }),
        {
          id: "l-9",
          role: "student",
          first: "New",
          last: "Child",
          identifier: "A0009",
          agents: ["p-9"],
        },
        { id: "p-9", role: "parent", first: "New", last: "Parent" },
      ]),
    );
    const undone = await undo(second.taskId);
    assert.equal(Object.keys(undone).some((name) => name.startsWith("kept")), false);
    const after = [
      await learners(),
      await ties(),
      await sql`select first_name, surname, email from contacts order by id`,
    ];
    assert.deepEqual(after, before);
    await undo(first.taskId);
    assert.deepEqual([await learners(), await ties()], [[], []]);
    assert.equal((await sql`select from feed_records`).length, 0);
    assert.ok((await sql`select from audit where what = 'undo adding learner'`).length >= 3);
  });

  it("keeps what was changed or used since, and says so", async () => {
    const { taskId } = await feedIn(sql, oneRoster(FAMILY));
    await sql`update learners set surname = 'Other' where first_name = 'Kit'`;
    await sql`update contact_learners set parental_responsibility = true
               where learner_id = (select id from learners where first_name = 'Sam')`;
    await sql`
      insert into logons (first_name, surname, username, contact_id)
      select first_name, surname, 'lee', id from contacts where first_name = 'Lee'`;
    const counts = await undo(taskId);
    assert.deepEqual(
      [
        "undone learner create",
        "kept learner create",
        "undone contact create",
        "kept contact create",
        "kept relationship create",
      ]
        .map((name) => counts[name]),
      [1, 2, undefined, 2, 1],
    );
    assert.deepEqual(await ties(), ["Jo Reed: Sam Reed (Parent, 1, true)"]);
    assert.equal((await sql`select from logons`).length, 1);
    // Twice changes nothing more.
    assert.deepEqual(await undo(taskId), counts);
  });

  it("does not write over what somebody changed after the plan", async () => {
    // feedIn plans and writes in two transactions: a trigger plays the colleague in between.
    await feedIn(sql, oneRoster(FAMILY));
    await sql`
      create function play_colleague() returns trigger language plpgsql as $$
      begin
        update learners set surname = 'Other' where first_name = 'Sam' and surname = 'Reed';
        return null;
      end $$`;
    await sql`create trigger colleague after insert on feed_items for each statement execute function play_colleague()`;
    const { taskId, done } = await feedIn(
      sql,
      oneRoster(changed(FAMILY, { "l-1": { last: "Hall" } })),
    );
    await sql`drop trigger colleague on feed_items`;
    await sql`drop function play_colleague`;
    assert.equal(done["failed"], 1);
    assert.deepEqual(await problemsOf(taskId), ["2 Sam Hall: changed"]);
    assert.match((await learners())[0] ?? "", /Sam Other/);
  });
});
