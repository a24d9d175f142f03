// Why can't they log in: each reason, which comes before which, and the facts they are told from.

import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { type Sql, transaction } from "../../db/connect.ts";
import {
  type AccessFacts,
  type AccessMail,
  type AccessReason,
  checkAccess,
  findAccessFacts,
  listTries,
} from "../../db/logon_access.ts";
import { liftSuspension } from "../../db/logon_suspensions.ts";
import { openTestDatabase, type TestDatabase } from "../database.ts";

const NOW = new Date("2026-11-24T10:00:00Z");
const MOMENT = { at: NOW, today: "2026-11-24", leaverDays: 90, passwordDays: 7 };
const OPEN = { open: true, message: "" };

function ago(minutes: number): Date {
  return new Date(NOW.getTime() - minutes * 60_000);
}

const DAY = 24 * 60;

/** Signs in every day, and did so this morning. */
const FINE: AccessFacts = {
  id: 1,
  firstName: "Ann",
  surname: "Lee",
  username: "ann.lee",
  email: "ann@example.org",
  emailUnchecked: false,
  emailReadByBlocked: false,
  deletedAt: null,
  suspendedAt: null,
  suspendedReason: null,
  expiresOn: null,
  expired: false,
  passwordWait: null,
  codeWait: null,
  password: { until: null, setAt: ago(100 * DAY) },
  mail: null,
  tfa: "off",
  passkeys: 0,
  wrongPasswords: { count: 0, times: [] },
  wrongCodes: { count: 0, times: [] },
  codeNotChecked: null,
  lastSuccess: ago(120),
  learnersLinked: 1,
  learnersSeen: 1,
  blocks: [],
};

const MAIL: AccessMail = {
  kind: "mail",
  taskId: 1,
  state: "accepted",
  address: "ann@example.org",
  answer: "250 ok",
  askedAt: ago(60),
  dueAt: ago(60),
  settledAt: ago(59),
  firstUsedAt: null,
  mayWork: false,
  paused: false,
};
const LETTER: AccessMail = { ...MAIL, kind: "letter", address: null, answer: null };
const REFUSED: AccessMail = { ...MAIL, state: "refused", answer: "550 5.1.1 no such mailbox" };
const WAIT = { until: ago(-3), failures: 6 };
const WRONG = { count: 2, times: [ago(10), ago(20)] };
const NEW = { password: null, lastSuccess: null };
const TEMPORARY = { password: { until: ago(-6 * DAY), setAt: ago(59) }, lastSuccess: null };

type Case = readonly [what: string, facts: Partial<AccessFacts>, ...kinds: AccessReason["kind"][]];

const CASES: readonly Case[] = [
  ["nothing", {}, "nothing"],
  [
    "nothing for who has not tried yet, with a password of their own",
    { lastSuccess: null },
    "nothing",
  ],
  ["deleted", { deletedAt: ago(5) }, "deleted"],
  ["suspended", { suspendedAt: ago(5), suspendedReason: "Left the country" }, "suspended"],
  ["expired", { expiresOn: "2026-11-23", expired: true }, "expired"],
  ["an expiry to come", { expiresOn: "2026-11-24" }, "nothing"],
  ["locked by passwords", { passwordWait: WAIT }, "locked"],
  ["locked by codes", { codeWait: WAIT }, "locked"],
  ["no password", NEW, "no password"],
  ["no password and no email", { ...NEW, email: null }, "no password"],
  ["a first mail that was refused", { ...NEW, mail: REFUSED }, "mail failed"],
  ["a first mail that came back", { ...NEW, mail: { ...MAIL, state: "bounced" } }, "mail failed"],
  [
    "a first mail that nobody knows of",
    { ...NEW, mail: { ...MAIL, state: "unknown" } },
    "mail failed",
  ],
  [
    "a first mail that waits",
    { ...NEW, mail: { ...MAIL, state: "queued", settledAt: null } },
    "mail waits",
  ],
  [
    "a mail that was put off",
    { mail: { ...MAIL, state: "deferred", settledAt: null } },
    "mail waits",
  ],
  [
    "a mail not known of yet",
    { mail: { ...MAIL, state: "unknown", settledAt: null } },
    "mail waits",
  ],
  [
    "a letter that is not confirmed as printed",
    { ...NEW, mail: { ...LETTER, state: "sending", settledAt: null } },
    "letter waits",
  ],
  [
    "a letter that waits beside a password that works",
    { mail: { ...LETTER, state: "queued", settledAt: null }, wrongPasswords: WRONG },
    "letter waits",
    "wrong password",
  ],
  ["a letter's code that nobody has used", { ...TEMPORARY, mail: LETTER }, "password unused"],
  ["a refused reset beside a password that works", { mail: REFUSED }, "mail failed"],
  [
    "a refused mail from before the last success",
    { mail: { ...REFUSED, askedAt: ago(121) } },
    "nothing",
  ],
  ["a temporary password that has expired", {
    password: { until: ago(1), setAt: ago(7 * DAY) },
    lastSuccess: null,
  }, "password expired"],
  ["one that expires this very moment", {
    password: { until: NOW, setAt: ago(7 * DAY) },
    lastSuccess: null,
  }, "password expired"],
  ["wrong passwords", { wrongPasswords: WRONG }, "wrong password"],
  ["a mailed password that nobody has used", { ...TEMPORARY, mail: MAIL }, "password unused"],
  ["a typed password that nobody has used", TEMPORARY, "password unused"],
  ["a mailed password that was used", {
    ...TEMPORARY,
    mail: { ...MAIL, firstUsedAt: ago(3) },
    lastSuccess: ago(3),
  }, "nothing"],
  ["a typed password that was used", { ...TEMPORARY, lastSuccess: ago(3) }, "nothing"],
  ["TFA to be set up", { tfa: "required" }, "tfa not set up"],
  ["TFA that is set up", { tfa: "set up" }, "nothing"],
  ["wrong codes", { tfa: "set up", wrongCodes: WRONG }, "wrong code"],
  [
    "a code that could not be checked",
    { tfa: "set up", codeNotChecked: ago(5) },
    "code not checked",
  ],
  [
    "a code that could not be checked, of a phone that was taken off since",
    { tfa: "required", codeNotChecked: ago(5) },
    "tfa not set up",
  ],
  ["no learner", { learnersLinked: 0, learnersSeen: 0 }, "no learner"],
  ["leavers alone", { learnersLinked: 2, learnersSeen: 0 }, "no learner"],
  ["a block", { blocks: [{ learner: "Ellie Smith", reason: "A court order" }] }, "blocked"],
  [
    "everything at once, in order",
    {
      deletedAt: ago(1),
      suspendedAt: ago(2),
      expiresOn: "2026-11-01",
      expired: true,
      passwordWait: WAIT,
      codeWait: WAIT,
      password: null,
      mail: REFUSED,
      wrongPasswords: WRONG,
      lastSuccess: null,
      tfa: "required",
      wrongCodes: WRONG,
      learnersSeen: 0,
      blocks: [{ learner: "Ellie Smith", reason: "A court order" }],
    },
    "deleted",
    "suspended",
    "expired",
    "locked",
    "locked",
    "mail failed",
    "wrong password",
    "tfa not set up",
    "wrong code",
    "no learner",
    "blocked",
  ],
  [
    "a refused reset before an expired password before wrong ones",
    {
      password: { until: ago(1), setAt: ago(7 * DAY) },
      mail: REFUSED,
      wrongPasswords: WRONG,
      lastSuccess: null,
    },
    "mail failed",
    "password expired",
    "wrong password",
  ],
  [
    "wrong passwords before the mailed one that would be right",
    { ...TEMPORARY, mail: MAIL, wrongPasswords: WRONG },
    "wrong password",
    "password unused",
  ],
];

describe("why they cannot log in", () => {
  for (const [what, facts, ...kinds] of CASES) {
    it(`is ${kinds.join(", ")}: ${what}`, () => {
      const reasons = checkAccess({ ...FINE, ...facts }, OPEN, NOW);
      assert.deepEqual(reasons.map((reason) => reason.kind), kinds);
    });
  }

  it("speaks of a mailed password only while it is the logon's own", () => {
    const of = (setAt: Date): AccessReason[] =>
      checkAccess(
        { ...FINE, password: { until: ago(-6 * DAY), setAt }, lastSuccess: null, mail: MAIL },
        OPEN,
        NOW,
      );
    const [mailed] = of(ago(59));
    const [typed] = of(ago(30));
    assert.ok(mailed?.kind === "password unused" && mailed.mail === MAIL);
    assert.ok(typed?.kind === "password unused" && typed.mail === null);
  });

  it("is first of all that the portal is off", () => {
    const off = { open: false, message: "Back on Monday." };
    const reasons = checkAccess({ ...FINE, deletedAt: ago(1) }, off, NOW);
    assert.deepEqual(reasons.map((reason) => reason.kind), ["portal off", "deleted"]);
  });
});

describe("the facts", () => {
  let database: TestDatabase;
  let sql: Sql;
  before(async () => {
    database = await openTestDatabase();
    sql = database.sql;
  });
  after(() => database.close());

  async function addLogon(more: { suspended?: boolean } = {}): Promise<number> {
    const [row] = await sql<[{ id: number }]>`
      insert into logons (first_name, surname, username, email, suspended_at, suspended_reason)
      values ('Ann', 'Lee', ${crypto.randomUUID()}, 'ann@example.org', ${
      more.suspended ? ago(1) : null
    }, ${more.suspended ? "Court" : null})
      returning id`;
    return row.id;
  }

  async function addTry(id: number, outcome: string, minutes: number): Promise<void> {
    await sql`
      insert into sign_ins (at, logon_id, outcome, ip, user_agent)
      values (${
      ago(minutes)
    }, ${id}, ${outcome}, '192.0.2.7', 'Mozilla/5.0 (iPhone) Version/18.1 Safari/604.1')`;
  }

  async function factsOf(id: number): Promise<AccessFacts> {
    const facts = await findAccessFacts(sql, id, MOMENT);
    assert.ok(facts);
    return facts;
  }

  it("are none of a logon that there is not", async () => {
    assert.equal(await findAccessFacts(sql, 999_999, MOMENT), null);
  });

  it("of a new logon are empty", async () => {
    const id = await addLogon();
    const { username, ...facts } = await factsOf(id);
    assert.equal(typeof username, "string");
    const { username: _, ...fine } = FINE;
    const expected = { ...fine, ...NEW, id, learnersLinked: 0, learnersSeen: 0 };
    for (const name of Object.keys(expected)) {
      assert.deepEqual({ ...facts }[name], { ...expected }[name], name);
    }
  });

  it("count wrong passwords since one was right, and wrong codes since the last success", async () => {
    const id = await addLogon();
    await addTry(id, "wrong password", 90);
    await addTry(id, "success", 80);
    for (const minutes of [70, 60, 50, 40]) await addTry(id, "wrong password", minutes);
    const wrong = (await factsOf(id)).wrongPasswords;
    assert.deepEqual(wrong, { count: 4, times: [ago(40), ago(50), ago(60)] });
    await addTry(id, "waiting for code", 30);
    await addTry(id, "wrong code", 29);
    await addTry(id, "waiting for code", 20);
    await addTry(id, "wrong code", 19);
    const facts = await factsOf(id);
    assert.deepEqual(facts.wrongPasswords, { count: 0, times: [] });
    assert.deepEqual(facts.wrongCodes, { count: 2, times: [ago(19), ago(29)] });
    await addTry(id, "success", 1);
    assert.equal((await factsOf(id)).wrongCodes.count, 0);
  });

  it("know what stands in each table", async () => {
    const id = await addLogon({ suspended: true });
    await sql`
      insert into logon_passwords (logon_id, hash, temporary, expires_at, set_at)
      values (${id}, ${"$2b$04$" + "a".repeat(53)}, true, ${ago(-60)}, ${ago(5)})`;
    await sql`
      insert into throttles (door, kind, key, logon_id, failures, waits_until, last_at) values
        ('portal', 'name', ${new Uint8Array(32)}, ${id}, 6, ${ago(-2)}, ${NOW}),
        ('code', 'name', ${new Uint8Array(32).fill(1)}, ${id}, 7, ${ago(-4)}, ${NOW}),
        ('code', 'name', ${new Uint8Array(32).fill(2)}, ${id}, 9, ${ago(1)}, ${NOW})`;
    for (
      const [state, answer] of [["accepted", "250"], ["refused", "550 no"], [
        "cancelled",
        null,
      ]] as const
    ) {
      await sql`
        insert into credential_mails (logon_id, asked_at, name, username, address, enable_tfa, state, answer,
                                      pending_hash, due_at, settled_at)
        values (${id}, ${ago(9)}, 'Ann Lee', 'ann', 'ann@example.org', false, ${state}, ${answer},
                ${"$2b$04$" + "a".repeat(53)}, ${ago(9)}, ${ago(8)})`;
    }
    const [learner] = await sql<[{ id: number }]>`
      insert into learners (admission_number, first_name, surname, status, left_on)
      values ('1', 'Ellie', 'Lee', 'Leaver', '2026-01-01') returning id`;
    const [current] = await sql<[{ id: number }]>`
      insert into learners (admission_number, first_name, surname, status) values ('2', 'Tom', 'Lee', 'Current') returning id`;
    await sql`insert into logon_learners (logon_id, learner_id) values (${id}, ${learner.id})`;
    await sql`insert into blocks (learner_id, logon_id, reason) values (${current.id}, ${id}, 'A court order')`;
    await sql`
      insert into blocks (learner_id, logon_id, reason, lifted_at) values (${learner.id}, ${id}, 'Over', ${NOW})`;
    await sql`update logons set expires_on = '2026-11-23' where id = ${id}`;
    const facts = await factsOf(id);
    assert.deepEqual(facts.passwordWait, { until: ago(-2), failures: 6 });
    assert.deepEqual(facts.codeWait, { until: ago(-4), failures: 7 });
    assert.deepEqual(facts.password, { until: ago(-60), setAt: ago(5) });
    assert.deepEqual([facts.mail?.state, facts.mail?.answer], ["refused", "550 no"]);
    assert.deepEqual([facts.suspendedReason, facts.expiresOn, facts.expired], [
      "Court",
      "2026-11-23",
      true,
    ]);
    assert.deepEqual([facts.learnersLinked, facts.learnersSeen], [1, 0]);
    assert.deepEqual(facts.blocks, [{ learner: "Tom Lee", reason: "A court order" }]);
  });

  it("list the last tries with device and address, the newest first", async () => {
    const id = await addLogon();
    for (let n = 1; n <= 12; n++) await addTry(id, "wrong password", n);
    const tries = await listTries(sql, id, 10);
    assert.equal(tries.length, 10);
    assert.deepEqual(tries[0], {
      at: ago(1),
      outcome: "wrong password",
      ip: "192.0.2.7",
      device: "Safari on iPhone",
    });
  });

  it("change when a suspension is lifted, once, with an audit row", async () => {
    const id = await addLogon({ suspended: true });
    const author = { adminId: null, who: "Femi Adeyemi" };
    const lift = () => transaction(sql, (tx) => liftSuspension(tx, id, author));
    assert.equal(await lift(), "Ann Lee");
    assert.equal(await lift(), null);
    const { suspendedAt, suspendedReason } = await factsOf(id);
    assert.deepEqual([suspendedAt, suspendedReason], [null, null]);
    const deeds = await sql`select what, before from audit where subject_id = ${id}`;
    assert.deepEqual([...deeds].map((deed) => ({ ...deed })), [
      { what: "lift suspension", before: { suspended: true, suspendedReason: "Court" } },
    ]);
  });
});
