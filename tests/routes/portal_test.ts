// The portal's door and what lies behind it: who gets in, what is recorded, which learners a parent sees.

import { after, before, beforeEach, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import type { Sql } from "../../db/connect.ts";
import { type Hasher, openHasher } from "../../lib/passwords.ts";
import { createApp } from "../../routes/mod.ts";
import { documentOf, type Office, openOffice, Visitor } from "../office.ts";

const OWN = "demo-parent-2026";
const TEMPORARY = "demo-temporary-2026";

type CountingHasher = Hasher & { asked: (string | null)[]; generated: number; temporary: string };

/** Compares in earnest only what it has hashed itself; knows the cast's passwords by heart. */
function countingHasher(): CountingHasher {
  const real = openHasher();
  const asked: (string | null)[] = [];
  const own = new Set<string>();
  return {
    asked,
    generated: 0,
    temporary: "",
    async hash(password): Promise<string> {
      const hash = await real.hash(password, 4);
      own.add(hash);
      return hash;
    },
    verifyGenerated(): Promise<boolean> {
      this.generated++;
      return Promise.resolve(false);
    },
    async verify(password, hash): Promise<boolean> {
      asked.push(hash);
      if (hash !== null && own.has(hash)) return await real.verify(password, hash);
      const wanted = hash === this.temporary ? TEMPORARY : OWN;
      return hash !== null && password === wanted;
    },
  };
}

let office: Office;
let sql: Sql;
let hasher: CountingHasher;

before(async () => {
  const opened = await openOffice();
  hasher = countingHasher();
  const services = { ...opened.services, hasher };
  office = { ...opened, services, app: createApp(services) };
  sql = services.sql;
  const [row] = await sql<[{ hash: string }]>`
    select hash from logon_passwords w join logons l on l.id = w.logon_id where l.username = 'minh.nguyen'`;
  hasher.temporary = row.hash;
});
after(() => office.close());
beforeEach(async () => {
  await sql`delete from throttles`;
  hasher.asked.length = 0;
});

async function enter(
  username: string,
  password = OWN,
  visitor = new Visitor(office),
): Promise<{ visitor: Visitor; response: Response }> {
  return { visitor, response: await visitor.post("/portal/sign-in", { username, password }) };
}

async function lastSignIn(): Promise<Record<string, unknown>> {
  const [row] = await sql<Record<string, unknown>[]>`
    select outcome, first_name, surname, username, email, learners, host(ip) as ip, logon_id is not null as known
      from sign_ins order by id desc limit 1`;
  return { ...row };
}

async function learnersSeen(visitor: Visitor): Promise<string[]> {
  const page = await documentOf(await visitor.get("/portal"));
  return [...page.querySelectorAll(".children bdi")].map((name) => name.textContent ?? "");
}

async function countedSignIns(): Promise<number> {
  const [row] = await sql<[{ sum: number }]>`select sum(sign_in_count)::int as sum from logons`;
  return row.sum;
}

async function logonId(username: string): Promise<number> {
  const [row] = await sql<{ id: number }[]>`select id from logons where username = ${username}`;
  assert.ok(row);
  return row.id;
}

describe("signing in to the portal", () => {
  it("leads to the parent's own learners, is counted and recorded with the names as they are", async () => {
    const { visitor, response } = await enter(" Ama.Boateng ");
    assert.equal(response.status, 303);
    assert.equal(response.headers.get("location"), "/portal");
    assert.deepEqual(await learnersSeen(visitor), ["Kofi Boateng", "Esi Boateng"]);
    assert.deepEqual(await lastSignIn(), {
      outcome: "success",
      first_name: "Ama",
      surname: "Boateng",
      username: "ama.boateng",
      email: "ama.boateng@example.org",
      learners: ["Esi Boateng (11B)", "Kofi Boateng (8C)"],
      ip: "192.0.2.1",
      known: true,
    });
    const [row] = await sql`
      select sign_in_count, last_sign_in_at from logons where username = 'ama.boateng'`;
    assert.equal(row?.["sign_in_count"], 15);
    assert.deepEqual(row?.["last_sign_in_at"], office.clock.now());
  });

  const failures: readonly (readonly [string, string, string, string])[] = [
    ["an unknown username", "nobody.at.all", OWN, "unknown username"],
    ["a wrong password", "john.smith", "wrong", "wrong password"],
    ["a suspended logon", "declan.oconnor", OWN, "suspended"],
    ["an expired logon", "ioana.popescu", OWN, "expired"],
    ["a deleted logon", "marek.kowalczyk", OWN, "deleted"],
    ["a logon without a password", "hannah.barley", OWN, "no password"],
    ["a wrong password for an expired temporary one", "gareth.pj", "wrong", "wrong password"],
  ];
  for (const [what, username, password, outcome] of failures) {
    it(`records ${what} as what it was, and counts nothing`, async () => {
      const before_ = await countedSignIns();
      const { response } = await enter(username, password);
      assert.equal(response.status, 422);
      const row = await lastSignIn();
      assert.equal(row["outcome"], outcome);
      if (outcome === "unknown username") {
        const { first_name, surname, email, learners, known } = row;
        assert.deepEqual([row["username"], first_name, surname, email, learners, known], [
          null,
          null,
          null,
          null,
          [],
          false,
        ]);
      } else assert.equal(row["username"], username);
      assert.equal(await countedSignIns(), before_);
    });
  }

  it("answers them all alike, byte for byte, and asks the hasher exactly once for each", async () => {
    const tries = [...failures.map(([, username, password]) => [username, password] as const)];
    for (let n = 0; n < 5; n++) await enter("sian.evans", "wrong");
    tries.push(["sian.evans", OWN], ["sian.evans", "wrong"], ["", ""], ["x".repeat(2000), "y"]);
    const answers = new Set<string>();
    for (const [username, password] of tries) {
      hasher.asked.length = 0;
      hasher.generated = 0;
      const { response } = await enter(username, password);
      const headers = [...response.headers].filter(([name]) => name !== "x-request-id");
      const body = (await response.text()).replace(
        /(name="username"[^>]* value=")[^"]*/,
        "$1",
      );
      answers.add(JSON.stringify([response.status, headers, body]));
      assert.deepEqual([hasher.asked.length, hasher.generated], [1, 1], username);
    }
    assert.equal(answers.size, 1);
    assert.equal((await lastSignIn())["outcome"], "unknown username");
    await enter("sian.evans");
    assert.equal((await lastSignIn())["outcome"], "waiting");
  });

  it("keeps nothing of what was typed for an unknown username, neither in the database nor in the log", async () => {
    const typed = "my-secret-password-in-the-wrong-field";
    await enter(typed, typed);
    const tables = await sql`
      select 1 from sign_ins s where s::text like ${`%${typed}%`}
      union all select 1 from throttles t where t::text like ${`%${typed}%`}
      union all select 1 from audit a where a::text like ${`%${typed}%`}`;
    assert.equal(tables.length, 0);
    assert.ok(office.logged.every((line) => !line.includes(typed)));
  });

  it("tells only who knows the right temporary password that it has expired", async () => {
    const { response } = await enter("gareth.pj", TEMPORARY);
    assert.equal(response.status, 422);
    assert.match(
      await response.text(),
      /This temporary password has expired\. Ask the school office/,
    );
    assert.equal((await lastSignIn())["outcome"], "password expired");
  });

  it("counts unknown usernames as well, so that waiting tells nothing", async () => {
    for (let n = 0; n < 7; n++) await enter("nobody.at.all", "x");
    const [row] = await sql`select failures, waits_until from throttles where kind = 'name'`;
    assert.equal(row?.["failures"], 5);
    assert.ok(row?.["waits_until"]);
  });

  it("shows the office who waits, and lets the parent in after a minute", async () => {
    for (let n = 0; n < 5; n++) await enter("yetunde.bello", "wrong");
    assert.equal((await enter("yetunde.bello")).response.status, 422);
    const [row] = await sql`
      select l.username from throttles t join logons l on l.id = t.logon_id`;
    assert.equal(row?.["username"], "yetunde.bello");
    office.clock.move(1.1);
    assert.equal((await enter("yetunde.bello")).response.status, 303);
  });

  it("compares exactly five of 100 wrong passwords at the same moment", async () => {
    await Promise.all(Array.from({ length: 100 }, async (_, n) => {
      const visitor = new Visitor(office, `198.51.100.${n}`);
      await enter("camille.dubois", `wrong ${n}`, visitor);
    }));
    assert.equal(hasher.asked.filter((hash) => hash !== null).length, 5);
    assert.equal(hasher.asked.length, 100);
  });

  it("is not an oracle by its cookie, and gives none to whom it refuses", async () => {
    const { response } = await enter("john.smith", "wrong");
    assert.deepEqual(response.headers.getSetCookie(), []);
  });

  it("takes hostile text kindly", async () => {
    for (const text of ["\0", "ama.boateng\0", "\ud800", "‮", "'--", "x".repeat(100_000), "<b>"]) {
      const { response } = await enter(text, text);
      assert.equal(response.status, 422, JSON.stringify(text.slice(0, 20)));
      assert.doesNotMatch(await response.text(), /<b>/);
    }
    const agent = await new Visitor(office).post(
      "/portal/sign-in",
      { username: "x", password: "y" },
      { "user-agent": "é".repeat(900) },
    );
    assert.equal(agent.status, 422);
  });

  it("leads to a page of the portal that was asked for, and nowhere else", async () => {
    for (
      const [next, expected] of [
        ["/portal/password", "/portal/password"],
        ["/logons", "/portal"],
        ["//evil.example", "/portal"],
        ["/portal\\@evil.example", "/portal"],
        ["https://evil.example/portal", "/portal"],
      ]
    ) {
      const response = await new Visitor(office).post("/portal/sign-in", {
        username: "ama.boateng",
        password: OWN,
        next: next ?? "",
      });
      assert.equal(response.headers.get("location"), expected, next);
    }
  });
});

describe("a temporary password", () => {
  it("opens nothing but the page where one's own is chosen", async () => {
    const { visitor, response } = await enter("minh.nguyen", TEMPORARY);
    assert.equal(response.headers.get("location"), "/portal/password");
    for (const path of ["/portal", "/portal/", "/portal/anything"]) {
      const answer = await visitor.get(path);
      assert.equal(answer.headers.get("location"), "/portal/password", path);
    }
    const page = await documentOf(await visitor.get("/portal/password"));
    assert.ok(page.querySelector("[name=current]") === null, "it was typed a moment ago");
    assert.equal((await visitor.get("/logons")).status, 303);
  });

  it("still works on its sixth day and not on its eighth", async () => {
    await sql`update logon_passwords set expires_at = ${new Date(
      office.clock.now().getTime() + 7 * 86_400_000,
    )} where logon_id = ${await logonId("oluwaseun.adeyemi")}`;
    office.clock.move(6 * 1440);
    assert.equal((await enter("oluwaseun.adeyemi", TEMPORARY)).response.status, 303);
    office.clock.move(2 * 1440);
    assert.equal((await enter("oluwaseun.adeyemi", TEMPORARY)).response.status, 422);
    office.clock.move(-8 * 1440);
  });

  it("cannot be kept, and gives way to one that the rules allow", async () => {
    const { visitor } = await enter("fatima.ar", TEMPORARY);
    const other = (await enter("fatima.ar", TEMPORARY)).visitor;
    const refused: Record<string, RegExp> = {
      "": /at least 12/,
      "short": /at least 12/,
      [TEMPORARY]: /the password you have now/,
      "fatima-fatima-1": /Leave out names/,
      "my al-rashid home": /Leave out names/,
      "passwordpassword": /guessed first/,
      [`${"ü".repeat(40)}x`]: /at most 72/,
      "copper\0kettle harbour": /cannot be typed/,
    };
    for (const [chosen, sentence] of Object.entries(refused)) {
      const response = await visitor.post("/portal/password", { chosen });
      assert.equal(response.status, 422, chosen);
      assert.match(await response.text(), sentence, chosen);
    }
    const old = visitor.cookies.get("portal") ?? "";
    const response = await visitor.post("/portal/password", { chosen: "copper kettle harbour" });
    assert.equal(response.headers.get("location"), "/portal?saved=password");
    assert.notEqual(visitor.cookies.get("portal"), old, "the session's id changes");
    assert.equal((await visitor.get("/portal")).status, 200);
    assert.equal((await other.get("/portal/password")).status, 303, "other sessions end");
    const thief = new Visitor(office);
    thief.cookies.set("portal", old);
    assert.equal((await thief.get("/portal/password")).status, 303, "so does the old one");
    assert.equal((await enter("fatima.ar", TEMPORARY)).response.status, 422);
    const [row] = await sql`
      select temporary, expires_at from logon_passwords where logon_id = ${await logonId(
      "fatima.ar",
    )}`;
    assert.deepEqual({ ...row }, { temporary: false, expires_at: null });
    const again = await enter("fatima.ar", "copper kettle harbour");
    assert.equal(again.response.headers.get("location"), "/portal");
  });
});

describe("a parent who is signed in", () => {
  it("sees their own learners only, and not those whose time has come", async () => {
    const seen = async (username: string): Promise<string[]> =>
      await learnersSeen((await enter(username)).visitor);
    assert.deepEqual(await seen("sarah.smith"), ["Jack Smith"], "Ellie is blocked");
    assert.deepEqual(await seen("yetunde.bello"), ["Kehinde Bello"], "left a month ago");
    assert.deepEqual(await seen("catherine.ashdown"), [], "left long ago");
    assert.deepEqual(await seen("camille.dubois"), ["Léa Dubois"], "an applicant");
    assert.deepEqual(await seen("rhys.l"), []);
  });

  it("sees a leaver for ninety days and no longer, or as long as the setting says", async () => {
    const { visitor } = await enter("yetunde.bello");
    const [row] = await sql<[{ left: string }]>`
      select left_on::text as left from learners where admission_number = '003983'`;
    const today = office.clock.today();
    for (const [days, sees] of [[90, 1], [91, 0]] as const) {
      const left = new Date(Date.parse(today) - days * 86_400_000).toISOString().slice(0, 10);
      await sql`update learners set left_on = ${left} where admission_number = '003983'`;
      assert.equal((await learnersSeen(visitor)).length, sees, `${days} days`);
    }
    await sql`insert into settings (name, value) values ('leaver_days', '91')`;
    assert.equal((await learnersSeen(visitor)).length, 1);
    await sql`delete from settings`;
    await sql`update learners set left_on = ${row.left} where admission_number = '003983'`;
  });

  it("loses sight of a learner the moment a block is set, and keeps the sibling", async () => {
    const { visitor } = await enter("paul.barley");
    assert.deepEqual(await learnersSeen(visitor), ["Mia Barley", "Tom Barley"]);
    await sql`
      insert into blocks (learner_id, contact_id, reason)
      select p.id, l.contact_id, 'test' from learners p, logons l
       where p.admission_number = '004127' and l.username = 'paul.barley'`;
    assert.deepEqual(await learnersSeen(visitor), ["Mia Barley"]);
    await sql`delete from blocks where reason = 'test'`;
  });

  it("is out at the next request once the logon is suspended, deleted or past its last day", async () => {
    const id = await logonId("lukasz.w");
    const closings = [
      () => sql`update logons set suspended_at = now() where id = ${id}`,
      () => sql`update logons set deleted_at = now() where id = ${id}`,
      () => sql`update logons set expires_on = ${office.clock.today()}::date - 1 where id = ${id}`,
    ];
    for (const [n, close] of closings.entries()) {
      const { visitor } = await enter("lukasz.w");
      assert.equal((await visitor.get("/portal")).status, 200);
      await close();
      assert.equal((await visitor.get("/portal")).status, 303, `way ${n + 1}`);
      await sql`
        update logons set suspended_at = null, deleted_at = null, expires_on = null where id = ${id}`;
      assert.equal((await visitor.get("/portal")).status, 303, "the session has ended");
    }
  });

  it("changes the password only by the one there is, and is slowed when guessing at it", async () => {
    const { visitor } = await enter("john.smith");
    const chosen = "copper kettle harbour";
    for (let n = 0; n < 5; n++) {
      const response = await visitor.post("/portal/password", { current: "wrong", chosen });
      assert.equal(response.status, 422);
      await response.body?.cancel();
    }
    assert.equal((await visitor.post("/portal/password", { current: OWN, chosen })).status, 422);
    office.clock.move(1.1);
    assert.equal((await visitor.post("/portal/password", { current: OWN, chosen })).status, 303);
  });

  it("leaves a row in the audit when choosing a password, without the password", async () => {
    const { visitor } = await enter("joan.smith");
    const chosen = "velvet anchor thistle";
    const response = await visitor.post("/portal/password", { current: OWN, chosen });
    assert.equal(response.status, 303);
    const rows = await sql<{ row: string; admin: number | null }[]>`
      select a::text as row, admin_id as admin from audit a
       where subject = 'logon' and subject_id = ${await logonId("joan.smith")}`;
    assert.equal(rows.length, 1, "every change has an audit row");
    assert.equal(rows[0]?.admin, null);
    assert.ok(!rows[0]?.row.includes(chosen));
  });

  it("signs out, and the browser is told to forget", async () => {
    const { visitor } = await enter("ama.boateng");
    const token = visitor.cookies.get("portal") ?? "";
    const response = await visitor.post("/portal/sign-out");
    assert.equal(response.headers.get("location"), "/portal/sign-in");
    assert.equal(response.headers.get("clear-site-data"), '"cache", "storage"');
    const thief = new Visitor(office);
    thief.cookies.set("portal", token);
    assert.equal((await thief.get("/portal")).status, 303);
  });

  it("is signed out after idling, and in the end", async () => {
    const { visitor } = await enter("ama.boateng");
    office.clock.move(29);
    assert.equal((await visitor.get("/portal")).status, 200);
    office.clock.move(30);
    const response = await visitor.get("/portal");
    assert.equal(response.headers.get("location"), "/portal/sign-in?next=%2Fportal");
    office.clock.move(-59);
  });

  it("finds the office's telephone number where the school has said it", async () => {
    await sql`insert into settings (name, value) values ('office_phone', '"01632 960123 <9 to 4>"')`;
    const page = await documentOf(await new Visitor(office).get("/portal/sign-in"));
    assert.match(page.querySelector(".help")?.textContent ?? "", /01632 960123 <9 to 4>/);
    await sql`delete from settings`;
  });
});
