// Planning an import: whom each row means, what it would change, and why a row is left out.

import { after, before, beforeEach, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import type { Sql } from "../../db/connect.ts";
import type { PlannedRow } from "../../db/import_plan.ts";
import { problemLine, readPassword } from "../../db/import_rows.ts";
import { openTestDatabase, type TestDatabase } from "../database.ts";
import {
  clearSchool,
  plan,
  planSheet,
  seedBlock,
  seedContact,
  seedLogon,
  seedSchool,
} from "./import_school.ts";

const PASSWORD = "correct horse battery";

describe("plan of an import", () => {
  let database: TestDatabase;
  let sql: Sql;
  let learners: Map<string, number>;
  before(async () => {
    database = await openTestDatabase();
    sql = database.sql;
    learners = await seedSchool(sql);
  });
  beforeEach(() => clearSchool(sql));
  after(() => database.close());

  function learner(admission: string): number {
    return learners.get(admission) ?? 0;
  }
  function classes(rows: readonly PlannedRow[]): string[] {
    return rows.map((row) => row.class);
  }
  function usernames(rows: readonly PlannedRow[]): string[] {
    return rows.map((row) => row.plan.username);
  }
  function lines(row: PlannedRow | undefined): string {
    return (row?.problems ?? []).map(problemLine).join("\n");
  }

  describe("of an adult who is new", () => {
    it("takes the email as the username, and links the learners", async () => {
      const [row] = await plan(sql, [
        " Ann\u00a0 Mary ",
        "Lee",
        "mailto:ann@x.org",
        "",
        "",
        "0001; 0002,0001",
      ]);
      assert.equal(row?.class, "create");
      assert.deepEqual(row?.plan.set, {
        firstName: "Ann Mary",
        surname: "Lee",
        email: "ann@x.org",
      });
      assert.equal(row?.plan.username, "ann@x.org");
      assert.deepEqual(row?.plan.learnerIds, [learner("0001"), learner("0002")]);
    });

    it("makes first.surname where the email is taken as a username, also by a deleted logon", async () => {
      await seedLogon(sql, { username: "ANN@x.org", surname: "Other", deleted: true });
      assert.deepEqual(usernames(await plan(sql, ["Ann", "Lee", "ann@x.org"])), ["ann.lee"]);
    });

    it("makes first.surname where the email is another adult's in the file or the database", async () => {
      const rows = await plan(sql, ["Ann", "Lee", "home@x.org"], ["Bob", "Lee", "HOME@x.org"]);
      assert.deepEqual(classes(rows), ["create", "create"]);
      assert.deepEqual(usernames(rows), ["ann.lee", "bob.lee"]);
      await seedLogon(sql, { username: "x", surname: "Other", email: "home@x.org" });
      const [row] = await plan(sql, ["Ann", "Lee", "home@x.org"]);
      assert.equal(row?.plan.username, "ann.lee");
      assert.match(lines(row), /The email is also used by Ann Other/);
      await seedContact(sql, { firstName: "Eve", surname: "Moss", email: "both@x.org" });
      await seedContact(sql, { firstName: "Ada", surname: "Moss", email: "both@x.org" });
      assert.deepEqual(usernames(await plan(sql, ["Eve", "Moss", "both@x.org"])), ["eve.moss"]);
    });

    it("numbers usernames against file and database, deleted ones included", async () => {
      await seedLogon(sql, { username: "Ann.Lee", deleted: true, email: "a@b.org" });
      await seedLogon(sql, { username: "ann.lee3", surname: "Else" });
      const rows = await plan(
        sql,
        ["Ann", "Lee", "s@x.org"],
        ["Änn", "Lée", "s@x.org"],
        ["Zoe", "Zed", "", "ann.lee4"],
      );
      assert.deepEqual(usernames(rows), ["ann.lee2", "ann.lee5", "ann.lee4"]);
    });

    it("folds marks and spells letters, and has a fallback for other scripts", async () => {
      const rows = await plan(
        sql,
        ["Zoë-Mae", "O’Brien Ñandú", "s@x.org"],
        ["Łucja", "Groß", "s@x.org"],
        ["Иван", "Петров", "s@x.org"],
        ["美", "Li", "s@x.org"],
        ["李", "美", "s@x.org"],
      );
      assert.deepEqual(usernames(rows), [
        "zoemae.obriennandu",
        "lucja.gross",
        "parent",
        "li",
        "parent2",
      ]);
    });

    it("warns that no learner is linked yet", async () => {
      assert.match(
        lines((await plan(sql, ["Ann", "Lee", "a@x.org"]))[0]),
        /No learner is linked yet/,
      );
    });
  });

  describe("of an adult who has a logon", () => {
    it("finds it by username, ignoring case and Unicode form", async () => {
      const id = await seedLogon(sql, { username: "Straße" });
      for (const typed of ["STRASSE", "ſtraße", "ｓｔｒａｓｓｅ"]) {
        const [row] = await plan(sql, ["Ann", "Lee", "", typed]);
        assert.equal(row?.class, "unchanged", typed);
        assert.equal(row?.plan.logonId, id);
      }
    });

    it("finds it by email and surname where there is no username, ignoring case", async () => {
      const id = await seedLogon(sql, {
        username: "ann",
        email: "ann@x.org",
        learnerIds: [learner("0001")],
      });
      const [row] = await plan(sql, ["Ann", "Lee", "ANN@X.org", "", "", "0001;0002"]);
      assert.equal(row?.class, "link");
      assert.equal(row?.plan.logonId, id);
      assert.deepEqual(row?.plan.learnerIds, [learner("0002")]);
      assert.deepEqual(classes(await plan(sql, ["Ann", "Else", "ann@x.org"])), ["create"]);
    });

    it("is another adult where a username says so, though email and surname match", async () => {
      await seedLogon(sql, { username: "ann", email: "ann@x.org" });
      assert.deepEqual(classes(await plan(sql, ["Ann", "Lee", "ann@x.org", "annie"])), ["create"]);
    });

    it("leaves as it is what the row leaves empty", async () => {
      await seedLogon(sql, { username: "ann", email: "ann@x.org", learnerIds: [learner("0001")] });
      assert.deepEqual(classes(await plan(sql, ["", "", "", "ann"])), ["unchanged"]);
      const [row] = await plan(sql, ["Anna", "", "", "ann"]);
      assert.equal(row?.class, "update");
      assert.deepEqual(row?.plan.set, { firstName: "Anna" });
      assert.equal(row?.plan.who, "Anna Lee");
    });

    it("warns of a first name that changes by email and surname alone", async () => {
      await seedLogon(sql, { username: "ann", email: "ann@x.org" });
      const [row] = await plan(sql, ["Bob", "Lee", "ann@x.org"]);
      assert.equal(row?.class, "update");
      assert.match(lines(row), /First name “Bob”: Changes the first name from “Ann”/);
    });

    it("asks for usernames where several rows could be the one logon", async () => {
      await seedLogon(sql, { username: "ann", email: "ann@x.org" });
      const rows = await plan(sql, ["Bob", "Lee", "ann@x.org"], ["Cat", "Lee", "ann@x.org"]);
      assert.deepEqual(classes(rows), ["error", "error"]);
      assert.match(lines(rows[0]), /Enter a username in each/);
      const others = await plan(sql, ["Bob", "Lee", "ann@x.org"], ["Ann", "Lee", "ann@x.org"]);
      assert.deepEqual(classes(others), ["create", "unchanged"]);
    });

    it("tells two logons of one mailbox apart by first name, and asks where it cannot", async () => {
      const ann = await seedLogon(sql, { username: "ann", email: "home@x.org" });
      await seedLogon(sql, { username: "bob", firstName: "Bob", email: "home@x.org" });
      const [row, third] = await plan(sql, ["ANN", "Lee", "home@x.org"], [
        "Cat",
        "Lee",
        "home@x.org",
      ]);
      assert.equal(row?.plan.logonId, ann);
      assert.equal(third?.class, "create");
      await seedLogon(sql, { username: "ann2", email: "home@x.org" });
      assert.deepEqual(classes(await plan(sql, ["Ann", "Lee", "home@x.org"])), ["error"]);
    });

    it("is restored where it was deleted, with its changes and links", async () => {
      const id = await seedLogon(sql, { username: "ann", email: "ann@x.org", deleted: true });
      const [row] = await plan(sql, ["Anna", "Lee", "", "ann", "", "0001"]);
      assert.equal(row?.class, "restore");
      assert.equal(row?.plan.logonId, id);
      assert.deepEqual(row?.plan.learnerIds, [learner("0001")]);
      assert.deepEqual(classes(await plan(sql, ["Ann", "Lee", "ann@x.org"])), ["restore"]);
      assert.deepEqual(classes(await plan(sql, ["Bob", "Lee", "ann@x.org"])), ["create"]);
    });
  });

  describe("of a row with neither email nor username", () => {
    it("adds somebody new, and knows them again by their learners", async () => {
      const [row] = await plan(sql, ["Ann", "Lee", "", "", "", "0001"]);
      assert.equal(row?.class, "create");
      assert.equal(row?.plan.username, "ann.lee");
      await seedLogon(sql, { username: "ann.lee", learnerIds: [learner("0001")] });
      assert.deepEqual(classes(await plan(sql, ["Ann", "Lee", "", "", "", "0001"])), ["unchanged"]);
      const [other] = await plan(sql, ["Ann", "Lee", "", "", "", "0002"]);
      assert.equal(other?.class, "error");
      assert.match(lines(other), /Enter an email or a username/);
    });

    it("asks who is meant where names repeat", async () => {
      const rows = await plan(sql, ["Ann", "Lee", "", "", "", "0001"], [
        "Ann",
        "Lee",
        "",
        "",
        "",
        "0002",
      ]);
      assert.deepEqual(classes(rows), ["error", "error"]);
      const mixed = await plan(sql, ["Ann", "Lee", "a@x.org"], ["Ann", "Lee"]);
      assert.deepEqual(classes(mixed), ["create", "error"]);
    });
  });

  describe("of rows that repeat an adult", () => {
    it("creates once and links after", async () => {
      const rows = await plan(
        sql,
        ["Ann", "Lee", "ann@x.org", "", "", "0001"],
        ["ann", "LEE", "ann@x.org", "", "", "0002"],
        ["Ann", "Lee", "ann@x.org", "", "", "0001"],
        ["", "", "", "bob", "", "0001"],
        ["Bob", "Lee", "", "bob", "", "0001"],
        ["", "", "", "BOB", "", "0002"],
      );
      assert.deepEqual(classes(rows), ["create", "link", "unchanged", "error", "create", "link"]);
      assert.deepEqual(rows.map((row) => row.plan.follows), [null, 2, 2, null, null, 6]);
      assert.deepEqual(rows[1]?.plan.learnerIds, [learner("0002")]);
    });

    it("joins a row without a username to the row with one", async () => {
      const rows = await plan(
        sql,
        ["Ann", "Lee", "ann@x.org", "", "", "0001"],
        ["Ann", "Lee", "ann@x.org", "annie", "", "0002"],
      );
      assert.deepEqual(classes(rows), ["create", "link"]);
      assert.deepEqual(usernames(rows), ["annie", "annie"]);
    });

    it("finds contradictions in the later row", async () => {
      const rows = await plan(
        sql,
        ["Ann", "Lee", "ann@x.org", "ann", PASSWORD],
        ["Ann", "Moss", "", "ann"],
        ["Ann", "Lee", "other@x.org", "ann"],
        ["Ann", "Lee", "", "ann", "another good secret"],
        ["Ann", "Lee", "", "ann", PASSWORD],
      );
      assert.deepEqual(classes(rows), ["create", "error", "error", "error", "unchanged"]);
      assert.match(lines(rows[1]), /Surname “Moss”: Row 2 is the same adult and says “Lee”/);
      assert.match(lines(rows[3]), /^Password: Row 2 is the same adult and has another password/);
      assert.equal(rows[0]?.plan.passwordRow, 2);
    });

    it("writes for an existing logon what all rows say, once", async () => {
      await seedLogon(sql, { username: "ann", learnerIds: [learner("0001")] });
      const rows = await plan(
        sql,
        ["Ann", "Lee", "", "ann", "", "0001"],
        ["Ann", "Lee", "", "ann", "", "0002"],
        ["Ann", "Lee", "", "ann", "", "0003"],
      );
      assert.deepEqual(classes(rows), ["unchanged", "link", "link"]);
      assert.deepEqual(rows.map((row) => row.plan.version), [null, 1, null]);
      assert.deepEqual(rows.map((row) => row.plan.follows), [null, null, 3]);
      const [first] = await plan(sql, ["", "", "", "ann"], ["", "", "new@x.org", "ann"]);
      assert.equal(first?.class, "update");
    });
  });

  describe("of learners", () => {
    it("takes the text of a cell that a school system has written as a formula to keep its zeros", async () => {
      const rows = await plan(
        sql,
        ['="Ann"', "Moss", "", '="ann"', `="${PASSWORD}"`, '="0001"', '="yes"'],
        ["Bob", "Moss", "", "bob", '=""', '="0001', ""],
        ['=""', "", "", "", "", "", ""],
      );
      assert.equal(rows.length, 2);
      const [ann, bob] = rows;
      assert.deepEqual(ann?.plan.learnerIds, [learner("0001")]);
      assert.equal(ann?.plan.passwordRow, 2);
      assert.deepEqual(usernames(rows.slice(0, 1)), ["ann"]);
      assert.match(lines(bob), /="0001/);
      const header = { row: 1, at: new Map([["password" as const, 0]]), ignored: [] };
      const cell = { text: '="say ""hi"""', kind: "text" as const };
      assert.equal(readPassword({ number: 2, cells: [cell] }, header), 'say "hi"');
    });

    it("takes the admission number before the UPN, and a number as shown before it is plain", async () => {
      await sql`insert into learners (admission_number, upn, first_name, surname, status)
                values ('77', '0003', 'Both', 'Ways', 'Current'), ('4512', null, 'Plain', 'Number', 'Current')`;
      const sheet = [
        ["First name", "Surname", "Username", "UPN"],
        ["A", "A", "a", "0003"],
        ["B", "B", "b", "U123456789011"],
        ["C", "C", "c", { text: "4,512", kind: "number" as const, plain: "4512" }],
        ["D", "D", "d", { text: "0003", kind: "number" as const, plain: "3" }],
        ["E", "E", "e", "0001\n0002\r\n0003"],
      ];
      const rows = await planSheet(sql, sheet);
      assert.deepEqual(classes(rows), Array(5).fill("create"));
      assert.deepEqual(rows[0]?.plan.learnerIds, [learner("0003")]);
      assert.deepEqual(rows[1]?.plan.learnerIds, [learner("0001")]);
      assert.equal(rows[2]?.plan.learnerIds.length, 1);
      assert.deepEqual(rows[3]?.plan.learnerIds, [learner("0003")]);
      assert.equal(rows[4]?.plan.learnerIds.length, 3);
      await sql`delete from learners where admission_number in ('77', '4512')`;
    });

    it("that nobody is are named", async () => {
      const [row] = await plan(sql, ["Ann", "Lee", "", "ann", "", "0001;9999;nobody"]);
      assert.equal(row?.class, "error");
      assert.match(lines(row), /Learners “9999”: No learner has this admission number or UPN/);
      assert.match(lines(row), /Learners “nobody”/);
    });

    it("who are blocked leave the row out, without saying why", async () => {
      const contact = await seedContact(sql, {
        firstName: "Ann",
        surname: "Lee",
        email: "ann@x.org",
      });
      const id = await seedLogon(sql, { username: "ann", contactId: contact });
      await seedBlock(sql, { learnerId: learner("0001"), contactId: contact });
      await seedBlock(sql, { learnerId: learner("0002"), logonId: id });
      const rows = await plan(
        sql,
        ["Anna", "Lee", "", "ann", "", "0001;0003"],
        ["Ann", "Lee", "", "ann", "", "0002"],
        ["Ann", "Lee", "", "ann", "", "0003"],
        ["Ann", "LEE", "Ann@x.org", "second", "", "0001"],
        ["Ann", "Lee", "", "third", "", "0001"],
      );
      assert.deepEqual(classes(rows), ["blocked", "blocked", "link", "blocked", "create"]);
      assert.match(lines(rows[0]), /0001.*blocked for this parent/);
      assert.doesNotMatch(JSON.stringify(rows), /court/);
      assert.deepEqual(rows[2]?.plan.set, {});
    });

    it("whose contact has no Parental Responsibility are linked with a warning", async () => {
      const contact = await seedContact(sql, { firstName: "Ann", surname: "Lee", email: null });
      await seedLogon(sql, { username: "ann", contactId: contact });
      await sql`
        insert into contact_learners (contact_id, learner_id, relationship, priority, parental_responsibility)
        values (${contact}, ${learner("0001")}, 'Mother', 1, true), (${contact}, ${
        learner("0002")
      }, 'Mother', 1, null)`;
      const [row] = await plan(sql, ["", "", "", "ann", "", "0001;0002"]);
      assert.equal(row?.class, "link");
      assert.equal(row?.problems.length, 1);
      assert.equal(row?.problems[0]?.weight, "warning");
      assert.match(lines(row), /Learners “0002”: .*no Parental Responsibility/);
    });
  });

  describe("of the other cells", () => {
    it("reads yes and no in their ways, and nothing else", async () => {
      const logon = await seedLogon(sql, { username: "off" });
      await sql`insert into logons (first_name, surname, username, tfa) values ('Ann', 'Lee', 'on', 'set up')`;
      async function classOf(
        username: string,
        tfa: Parameters<typeof plan>[1][number],
      ): Promise<string | undefined> {
        return (await plan(sql, ["", "", "", username, "", "", tfa ?? null]))[0]?.class;
      }
      for (const yes of ["yes", " YES", "y", "true", "1"]) {
        assert.equal(await classOf("off", yes), "update", yes);
      }
      for (const no of ["no", "N", "false", "0", ""]) {
        assert.equal(await classOf("off", no), "unchanged", no);
      }
      assert.equal(await classOf("off", { text: "TRUE", kind: "boolean" }), "update");
      assert.equal(await classOf("off", { text: "1.00", kind: "number", plain: "1" }), "update");
      assert.equal(await classOf("on", "yes"), "unchanged");
      assert.equal(await classOf("off", "maybe"), "error");
      assert.ok(logon);
    });

    it("checks passwords by the rules of the form and never repeats them", async () => {
      await seedLogon(sql, { username: "ann" });
      const rows = await plan(
        sql,
        ["Ann", "Lee", "", "ann", PASSWORD],
        ["Bob", "Moss", "", "bob", "hunter2"],
        ["Cat", "Moss", "", "cat", "hillcrest rules ok"],
        ["Dan", "Wellington", "", "dan", "wellington boots"],
        ["Eve", "Moss", "", "eve", "   "],
        ["Fay", "Moss", "", "fay", {
          text: "1.23457E+14",
          kind: "number",
          plain: "123456789012345",
        }],
      );
      assert.deepEqual(classes(rows), ["update", "error", "error", "error", "create", "error"]);
      assert.match(lines(rows[1]), /^Password: Use at least 12 characters/);
      assert.doesNotMatch(JSON.stringify(rows), /correct horse|hunter2|rules ok|boots|1\.23457E/);
      assert.equal(rows[4]?.plan.passwordRow, null);
    });

    it("says what is wrong, by column and value", async () => {
      const rows = await plan(
        sql,
        ["", "Lee", "not an email", "", "", "0001"],
        [{ text: "#N/A", kind: "error" }, "Lee", "", "a"],
        [{ text: "05/05/2026", kind: "date" }, "Lee", "", "b"],
        ["#REF!", "5-5-26", "", "c"],
        ["Ann", "x".repeat(101), "", "d"],
      );
      assert.deepEqual(classes(rows), Array(5).fill("error"));
      assert.match(lines(rows[0]), /First name: Enter the parent’s first name/);
      assert.match(lines(rows[0]), /Email “not an email”: Enter one email address/);
      assert.match(lines(rows[1]), /First name “#N\/A”: A formula has gone wrong/);
      assert.match(lines(rows[2]), /First name “05\/05\/2026”: Excel has made a date/);
      assert.match(lines(rows[3]), /Surname “5-5-26”: Excel has made a date/);
      assert.match(lines(rows[4]), /Shorten the surname/);
    });

    it("keeps a number that is a username as shown", async () => {
      const rows = await plan(
        sql,
        ["Ann", "Lee", "", { text: "00123", kind: "number", plain: "123" }],
        ["Bob", "Lee", "", { text: "1.23457E+11", kind: "number", plain: "123457000000" }],
      );
      assert.deepEqual(usernames(rows), ["00123", "123457000000"]);
    });

    it("survives hostile values", async () => {
      const values = [
        "x".repeat(10_000),
        "a\0b",
        "a\ud800b",
        "\u202eevil",
        "=cmd|'/c calc'!A0",
        "__proto__",
        "constructor",
        "'; drop table logons; --",
        "😀",
      ];
      const rows = await plan(
        sql,
        ...values.map((value) => [value, value, value, value, value, value, value]),
      );
      assert.equal(rows.length, values.length);
      assert.deepEqual(new Set(classes(rows)), new Set(["error"]));
      await sql`select ${sql.json(JSON.parse(JSON.stringify(rows)))}::jsonb`;
      const named = await plan(
        sql,
        ...["=cmd", "__proto__", "constructor"].map((name) => [name, name, "", name]),
      );
      assert.deepEqual(classes(named), Array(3).fill("create"));
    });
  });
});
