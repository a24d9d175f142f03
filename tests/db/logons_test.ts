// What a logon must keep: names, the one email address, the username, the password; and what the database itself refuses.

import { after, afterEach, before, beforeEach, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { transaction } from "../../db/connect.ts";
import {
  addLogon,
  addUpLogons,
  checkLogon,
  cleanLogon,
  deleteLogon,
  editLogon,
  findLogon,
  findLogonFacts,
  type LogonChange,
  type LogonFacts,
  type LogonInput,
  LogonRefused,
  purgeLogons,
  restoreLogon,
  warnAboutLogon,
} from "../../db/logons.ts";
import { openTestDatabase, type TestDatabase } from "../database.ts";
import { assertColumns } from "./logon_columns.ts";

const NOBODY: LogonFacts = { ownerOf: () => undefined, sharersOf: () => [] };
const OPTIONS = { shortestPassword: 12, schoolName: "Hillcrest School" };
const ANN: LogonInput = {
  firstName: "Ann",
  surname: "Lee",
  email: "ann.lee@example.org",
  username: "",
  password: "",
};

function problemsOf(input: Partial<LogonInput>, facts = NOBODY): string[] {
  return Object.keys(checkLogon({ ...ANN, ...input }, facts, OPTIONS)).sort();
}

describe("a logon as it was typed", () => {
  const cases: readonly (readonly [string, Partial<LogonInput>, string[]])[] = [
    ["is right", {}, []],
    ["needs a first name", { firstName: " \u00a0 " }, ["firstName"]],
    ["needs a surname", { surname: "" }, ["surname"]],
    ["needs a username or an email", { email: "" }, ["username"]],
    ["needs no email", { email: "", username: "ann" }, []],
    ["may have a name of a hundred characters", { surname: "😀".repeat(100) }, []],
    ["may not have a longer one", { surname: "x".repeat(101) }, ["surname"]],
    [
      "may have names in any script",
      { firstName: "Nguyễn Thị", surname: "明日香 O’Neil-Özgür" },
      [],
    ],
    ["has no control characters in its names", { firstName: "a\u0000b" }, ["firstName"]],
    ["has no other control characters either", { firstName: "a\u0085b" }, ["firstName"]],
    ["has no half characters", { surname: "\ud800" }, ["surname"]],
    ["has a username that can be typed", { username: "ann\u200blee" }, ["username"]],
    ["has a username that reads one way", { username: "\u202eeel" }, ["username"]],
    ["may not have an endless username", { username: "x".repeat(255) }, ["username"]],
    ["is told of a bad email once, not by its username too", { email: "ann" }, ["email"]],
    ["has a password that is long enough", { password: "short" }, ["password"]],
    ["may have everything wrong at once", {
      firstName: "",
      surname: "",
      email: "x",
      username: "\0",
      password: "x",
    }, ["email", "firstName", "password", "surname", "username"]],
  ];
  for (const [name, input, expected] of cases) {
    it(name, () => assert.deepEqual(problemsOf(input), expected));
  }

  it("is told who has its username, and whether that one was deleted", () => {
    const facts = (deletedAt: Date | null): LogonFacts => ({
      ...NOBODY,
      ownerOf: () => ({ id: 7, name: "Bo Lee", deletedAt }),
    });
    const said = (at: Date | null): string =>
      checkLogon({ ...ANN, username: "bo" }, facts(at), OPTIONS).username ?? "";
    assert.match(said(null), /bo belongs to Bo Lee/);
    assert.match(said(new Date()), /deleted and can still be restored/);
    assert.deepEqual(checkLogon(ANN, facts(null), { ...OPTIONS, self: 7 }), {});
  });

  it("is cleaned: blanks folded, mailto: taken off, the username filled from the email", () => {
    assert.deepEqual(
      cleanLogon({
        ...ANN,
        firstName: " \u00a0Ann\u202f\u2007 Marie\t",
        email: " MAILTO:\u00a0 Ann@Example.org ",
      }),
      {
        firstName: "Ann Marie",
        surname: "Lee",
        email: "Ann@Example.org",
        username: "Ann@Example.org",
      },
    );
  });

  it("is warned of those who share its mailbox, at most three by name, and of having no learner", () => {
    const owners = ["A", "B", "C", "D"].map((name, id) => ({ id, name, deletedAt: null }));
    const facts = { ...NOBODY, sharersOf: () => owners };
    assert.deepEqual(warnAboutLogon(cleanLogon(ANN), 0, facts, 0), [
      "The email is also used by B, C and D.",
      "No learner is linked yet.",
    ]);
    assert.deepEqual(warnAboutLogon(cleanLogon(ANN), 1, NOBODY), []);
  });
});

describe("an email address", () => {
  const good = [
    "ann.lee@example.org",
    "a@b.co",
    "Ann+school@Example.ORG",
    "o'connor@example.ie",
    "ann_lee-1@mail.example.co.uk",
    "x@xn--bcher-kva.example",
    "ann@bücher.example",
    "jürgen@example.de",
    "用户@例子.广告",
    "1@2.example",
    `${"x".repeat(64)}@example.org`,
    "!#$%&'*+/=?^_`{|}~@example.org",
  ];
  for (const email of good) {
    it(`may be ${email}`, () => assert.deepEqual(problemsOf({ email, username: "u" }), []));
  }

  const bad = [
    "ann",
    "ann@",
    "@example.org",
    "ann@example",
    "ann@localhost",
    "ann@@example.org",
    "ann@b@example.org",
    "a@x.org, b@evil.org",
    "a@x.org,b@evil.org",
    "a@x.org;b@evil.org",
    "a@x.org b@evil.org",
    '"e@evil x"@x.org',
    '"ann"@example.org',
    "a@x.org(c)evil",
    "a(c)@x.org",
    "Ann <ann@example.org>",
    "<ann@example.org>",
    "group: ann@example.org;",
    "ann@example.org\r\nBcc: evil@evil.org",
    "ann@example.org\0",
    "ann\0@example.org",
    "-ann@example.org",
    "--option@example.org",
    ".ann@example.org",
    "ann.@example.org",
    "a..b@example.org",
    "ann@.example.org",
    "ann@example..org",
    "ann@example.org.",
    "ann@-example.org",
    "ann@example-.org",
    "ann@exa_mple.org",
    "ann@[192.0.2.1]",
    "ann@192.0.2.1",
    "ann@0x7f.1",
    "ann@example.org/path",
    "ann@example.org?x",
    "ann@example.org#x",
    "ann@example.org:25",
    "ann@example%2eorg",
    "ann@example\\.org",
    "ann@user:pw@example.org",
    "ann\u200b@example.org",
    "ann@exam\u00adple.org",
    "\u202eann@example.org",
    "ann@example.o\u202erg",
    "ann＠example.org",
    "ann\ud800@example.org",
    `${"x".repeat(65)}@example.org`,
    `ann@${"x".repeat(64)}.org`,
    `ann@${"abcdefgh.".repeat(30)}org`,
    "https://example.org",
    "n/a",
    "-",
  ];
  for (const email of bad) {
    it(`may not be ${JSON.stringify(email.slice(0, 60))}`, () =>
      assert.deepEqual(problemsOf({ email, username: "u" }), ["email"]));
  }
});

describe("a logon in the database", () => {
  let database: TestDatabase;
  const learners: number[] = [];
  before(async () => {
    database = await openTestDatabase({ pool: 6 });
    const rows = await database.sql<{ id: number }[]>`
      insert into learners (admission_number, first_name, surname, status, registration_group)
      values ('1', 'Zoe', 'Abel', 'Current', '7A'), ('2', 'Ann', 'Abel', 'Current', null) returning id`;
    learners.push(...rows.map((row) => row.id));
  });
  afterEach(() => assertColumns(database.sql));
  after(() => database.close());
  beforeEach(() => database.sql`delete from logons`);

  function changeOf(more: Partial<LogonInput> = {}, learnerIds = learners): LogonChange {
    return {
      logon: cleanLogon({ ...ANN, ...more }),
      learnerIds,
      password: null,
      at: new Date("2026-11-24T10:00:00Z"),
      author: { adminId: null, who: "Olwen Hughes" },
    };
  }
  async function add(more: Partial<LogonInput> = {}, learnerIds = learners): Promise<number> {
    return await transaction(database.sql, (tx) => addLogon(tx, changeOf(more, learnerIds)));
  }

  it("is told in the number of all logons, which housekeeping adds up", async () => {
    const { sql } = database;
    const id = await add();
    await add({ username: "ben" });
    const author = { adminId: null, who: "Test" };
    await transaction(sql, (tx) => deleteLogon(tx, id, author, new Date()));
    await Promise.all([1, 2, 3].map(() => transaction(sql, addUpLogons)));
    const rows = await sql<{ change: number }[]>`select change from logon_tally`;
    assert.deepEqual(rows.map((row) => row.change), [1]);
    await transaction(sql, (tx) => restoreLogon(tx, id, author));
  });

  it("is found as it was stored, its learners in the order of their names", async () => {
    const id = await add();
    const found = await findLogon(database.sql, id);
    assert.deepEqual(found?.learnerIds, learners.toReversed());
    const [row] = await database
      .sql`select linked_names, linked_count from logons where id = ${id}`;
    assert.deepEqual({ ...row }, { linked_names: "Abel Ann, Abel Zoe 7A", linked_count: 2 });
  });

  it("follows the names of its learners as they change", async () => {
    const id = await add();
    await database.sql`update learners set surname = 'Zabel' where admission_number = '2'`;
    const names = async (): Promise<unknown> => {
      const [row] = await database.sql`select linked_names as names from logons where id = ${id}`;
      return row?.["names"];
    };
    assert.equal(await names(), "Abel Zoe 7A, Zabel Ann");
    await database.sql`update learners set surname = 'Abel' where admission_number = '2'`;
    await database.sql`delete from logon_learners where learner_id = ${learners[0] ?? 0}`;
    assert.equal(await names(), "Abel Ann");
  });

  it("can hold as many learners with as long names as there may be", async () => {
    const rows = await database.sql<{ id: number }[]>`
      insert into learners (admission_number, first_name, surname, status, registration_group)
      select 'L' || n, left(md5(n || 'a') || md5(n || 'b') || md5(n || 'c') || md5(n || 'd'), 100),
             left(md5(n || 'e') || md5(n || 'f') || md5(n || 'g') || md5(n || 'h'), 100), 'Current', '7A'
        from generate_series(1, 40) n returning id`;
    const id = await add({}, rows.map((row) => row.id));
    const [row] = await database.sql`select linked_count from logons where id = ${id}`;
    assert.equal(row?.["linked_count"], 40);
  });

  it("can have the longest username and names that the check lets pass, in any letters", async () => {
    const letters = [..."ﷺ㍱㌖㎨"];
    const username = Array.from({ length: 254 }, (_, n) => letters[(n * n + n % 7) % 4]).join("");
    assert.deepEqual(problemsOf({ username, email: "" }), []);
    await add({ username, email: "", firstName: "😀".repeat(100), surname: "ﷺ".repeat(100) });
  });

  it("is refused kindly when its username was taken between the check and the storing", async () => {
    await add({ username: "ann" });
    await assert.rejects(
      add({ username: "ANN" }),
      (error) => error instanceof LogonRefused && error.field === "username",
    );
  });

  it("is refused kindly when a learner has gone meanwhile", async () => {
    await assert.rejects(
      add({ username: "bo" }, [999_999]),
      (error) => error instanceof LogonRefused && error.field === "learners",
    );
    assert.equal((await database.sql`select from logons`).length, 0);
  });

  it("is edited at the version that was read, once", async () => {
    const id = await add();
    const edit = (version: number): Promise<boolean> =>
      transaction(database.sql, (tx) => editLogon(tx, id, version, changeOf({ surname: "Ng" })));
    assert.equal(await edit(1), true);
    assert.equal(await edit(1), false);
    assert.equal(await edit(2), true);
    const results = await Promise.all([edit(3), edit(3), edit(3)]);
    assert.equal(results.filter(Boolean).length, 1);
    assert.equal(await edit(0), false);
  });

  it("is not edited while deleted, and restoring is an edit", async () => {
    const id = await add();
    const author = { adminId: null, who: "x" };
    const at = new Date();
    assert.equal(
      await transaction(database.sql, (tx) => deleteLogon(tx, id, author, at)),
      "Ann Lee",
    );
    assert.equal(await transaction(database.sql, (tx) => deleteLogon(tx, id, author, at)), null);
    const change = changeOf();
    assert.equal(await transaction(database.sql, (tx) => editLogon(tx, id, 2, change)), false);
    assert.equal(await transaction(database.sql, (tx) => restoreLogon(tx, id, author)), "Ann Lee");
    assert.equal(await transaction(database.sql, (tx) => restoreLogon(tx, id, author)), null);
    assert.equal((await findLogon(database.sql, id))?.version, 3);
  });

  it("is purged when it can no longer be restored; its username is free then, its history stays", async () => {
    const { sql } = database;
    const id = await add({ username: "ann" });
    await sql`insert into sign_ins (at, logon_id, outcome, username) values (now(), ${id}, 'success', 'ann')`;
    const deleted = new Date("2026-10-01T00:00:00Z");
    await transaction(sql, (tx) => deleteLogon(tx, id, { adminId: null, who: "x" }, deleted));
    assert.equal(await purgeLogons(sql, new Date("2026-10-30T00:00:00Z"), 30), 0);
    assert.equal(await purgeLogons(sql, new Date("2026-11-01T00:00:00Z"), 30), 1);
    const again = await add({ username: "ann" });
    const history = await sql`select logon_id from sign_ins`;
    assert.deepEqual(history.map((row) => row["logon_id"]), [null], "not inherited");
    assert.notEqual(again, id);
  });

  it("has one password at most, and no hash that is none", async () => {
    const { sql } = database;
    const id = await add();
    const hash = `$2b$12$${"x".repeat(53)}`;
    await sql`insert into logon_passwords (logon_id, hash, temporary) values (${id}, ${hash}, false)`;
    await assert.rejects(
      sql`insert into logon_passwords (logon_id, hash, temporary) values (${id}, ${hash}, false)`,
    );
    for (const wrong of ["", "plain text", `$2b$12$${"x".repeat(52)}`]) {
      await assert.rejects(sql`update logon_passwords set hash = ${wrong}`, wrong);
    }
    await assert.rejects(sql`update logon_passwords set temporary = true`, "it has no expiry");
  });

  it("finds owners and sharers of twenty thousand names in one query, whatever is among them", async () => {
    await add({ username: "ann", email: "Ann@Example.org" });
    const usernames = Array.from({ length: 20_000 }, (_, n) => `user ${n}`);
    usernames.push("ANN", "\0", "\ud800", "");
    const facts = await findLogonFacts(database.sql, {
      usernames,
      emails: ["ann@EXAMPLE.org", "\0", "none@example.org"],
    });
    assert.equal(facts.ownerOf("ANN")?.name, "Ann Lee");
    assert.equal(facts.ownerOf("user 1"), undefined);
    assert.equal(facts.sharersOf("ann@EXAMPLE.org").length, 1);
    assert.equal(facts.sharersOf("none@example.org").length, 0);
  });
});

describe("two usernames", () => {
  let database: TestDatabase;
  before(async () => {
    database = await openTestDatabase({ pool: 1 });
  });
  after(() => database.close());

  async function same(one: string, other: string): Promise<boolean> {
    const [row] = await database.sql<[{ same: boolean }]>`
      select username_key(${one}) = username_key(${other}) as same`;
    return row.same;
  }
  const alike: readonly (readonly [string, string])[] = [
    ["ann", "ANN"],
    ["zo\u00eb", "zoe\u0308"],
    ["stra\u00dfe", "STRASSE"],
    ["stra\u00dfe", "STRA\u1e9eE"],
    ["ａｎｎ", "ann"],
    ["\u03bf\u03b4\u03cc\u03c2", "\u039f\u0394\u038c\u03a3"],
    ["\u017fmith", "smith"],
    ["\ufb01ona", "fiona"],
    ["\u0390", "\u0399\u0308\u0301"],
    ["\u01c5", "\u01c4"],
    ["\u1f80", "\u1f88"],
    ["\u212aelvin", "kelvin"],
    ["ann①", "ann1"],
  ];
  for (const [one, other] of alike) {
    it(`are the same: ${one} and ${other}`, async () => assert.ok(await same(one, other)));
  }
  const different: readonly (readonly [string, string])[] = [
    ["ann", "anne"],
    ["zoe", "zo\u00eb"],
    ["ann.lee", "annlee"],
    ["\u0430nn", "ann"],
  ];
  for (const [one, other] of different) {
    it(`differ: ${one} and ${other}`, async () => assert.ok(!await same(one, other)));
  }
});
