// The seeds: that the cast is as the tests and the demo expect it, and that a large school is true and repeatable.

import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import type { Sql } from "../../db/connect.ts";
import { isEmpty, seedCast, seedSchool } from "../../db/seeds.ts";
import { CHOSEN_COST, openHasher } from "../../lib/passwords.ts";
import { openTestDatabase, type TestDatabase } from "../database.ts";
import { assertColumns } from "./logon_columns.ts";

const AT = new Date("2026-11-24T16:00:00Z");
const SIZE = { learners: 300, logons: 700, signIns: 5_000 };
const DAY = 86_400_000;

const { hash, verify } = openHasher();

describe("seeds", () => {
  describe("the cast", () => {
    let database: TestDatabase;
    let sql: Sql;
    before(async () => {
      database = await openTestDatabase();
      sql = database.sql;
      assert.equal(await isEmpty(sql), true);
      await seedCast(sql, { at: AT, hash });
    });
    after(() => database.close());

    it("leaves the database not empty, and goes into an empty one only", async () => {
      assert.equal(await isEmpty(sql), false);
      await assert.rejects(seedCast(sql, { at: AT, hash: sameHash }), /empty database only/);
    });

    it("has an admin of each role, who can sign in", async () => {
      const admins = await sql<
        { username: string; role: string; sees_blocks: boolean; password_hash: string }[]
      >`select username, role, sees_blocks, password_hash from admins order by id`;
      assert.deepEqual(
        admins.map((admin) => [admin.username, admin.role, admin.sees_blocks]),
        [["office", "Administrator", true], ["frontdesk", "Office", false], [
          "viewer",
          "Viewer",
          false,
        ]],
      );
      for (const { username, password_hash } of admins) {
        assert.ok(await verify(`demo-${username}-2026`, password_hash), username);
      }
    });

    it("has learners of every status, namesakes apart by group, and valid UPNs", async () => {
      const statuses = await sql`select status, count(*)::int from learners group by 1 order by 1`;
      assert.deepEqual(statuses.map(({ status, count }) => [status, count]), [
        ["Applicant", 1],
        ["Current", 24],
        ["Leaver", 2],
      ]);
      const mias = await sql`
        select registration_group as in from learners where (first_name, surname) = ('Mia', 'Barley') order by 1`;
      assert.deepEqual(mias.map((row) => row.in), ["7A", "7C"]);
      await assertUpns(sql);
      const ages = await sql`
        select from learners where status = 'Current'
           and extract(year from age(${AT}::date, date_of_birth)) not between
               substring(year_group from '[0-9]+')::int + 4 and substring(year_group from '[0-9]+')::int + 5`;
      assert.equal(ages.length, 0);
    });

    it("has parents in every state", async () => {
      const rows = await sql<{ username: string; states: string[] }[]>`
        select l.username, array_remove(array[
            case when l.suspended_at < ${AT} then 'suspended' end,
            case when l.expires_on < ${AT}::date then 'expired' end,
            case when l.deleted_at = ${AT}::timestamptz - interval '3 days' and d.username = 'office' then 'deleted' end,
            case when l.email is null then 'no email' end,
            case when l.tfa = 'required' then 'tfa required' end,
            case when l.linked_count = 0 then 'no learner' end,
            case when l.linked_count = 3 then 'three learners' end,
            case when l.contact_id is null then 'no contact' end,
            case when c.email <> l.email then 'contact differs' end,
            case when p.logon_id is null then 'no password' end,
            case when p.expires_at > ${AT} then 'temporary' end,
            case when p.expires_at < ${AT} then 'temporary expired' end
          ], null) as states
          from logons l left join admins d on d.id = l.deleted_by left join contacts c on c.id = l.contact_id
          left join logon_passwords p on p.logon_id = l.id
         order by l.username`;
      const states = rows.filter((row) => row.states.length > 0).map((row) =>
        `${row.username}: ${row.states.join(", ")}`
      );
      assert.equal(rows.length, 20);
      assert.deepEqual(states, [
        "declan.oconnor: suspended",
        "fatima.ar: no email, temporary",
        "gareth.pj: temporary expired",
        "hannah.barley: no password",
        "ioana.popescu: expired",
        "marek.kowalczyk: deleted",
        "minh.nguyen: temporary",
        "oluwaseun.adeyemi: temporary",
        "priya.rv: three learners, contact differs",
        "rhys.l: no learner, no contact",
        "sian.evans: tfa required",
      ]);
    });

    it("has parents who can sign in", async () => {
      const parents = await sql<{ username: string; hash: string; expires_at: Date | null }[]>`
        select l.username, p.hash, p.expires_at from logons l join logon_passwords p on p.logon_id = l.id
         where l.username in ('ama.boateng', 'lukasz.w', 'minh.nguyen') order by 1`;
      assert.deepEqual(parents.map(({ expires_at }) => expires_at?.getTime()), [
        undefined,
        undefined,
        AT.getTime() + 7 * DAY,
      ]);
      for (const { username, hash } of parents) {
        const kind = username === "minh.nguyen" ? "temporary" : "parent";
        assert.ok(await verify(`demo-${kind}-2026`, hash), username);
      }
    });

    it("links each to the right learners, and warns where there is no Parental Responsibility", async () => {
      const rows = await sql`
        select username, linked_names, sign_in_count from logons
         where username in ('ama.boateng', 'catherine.ashdown', 'john.smith', 'lukasz.w', 'sarah.smith') order by 1`;
      assert.deepEqual(rows.map((row) => [row.username, row.linked_names, row.sign_in_count]), [
        ["ama.boateng", "Boateng Esi 11B, Boateng Kofi 8C", 14],
        ["catherine.ashdown", "Ashdown Thomas 11A", 9],
        ["john.smith", "Smith Ellie 8A, Smith Jack 10B", 7],
        ["lukasz.w", "Wiśniewska Ola 7A", 3],
        ["sarah.smith", "Smith Jack 10B", 2],
      ]);
      const warned = await sql`
        select l.username from logon_learners k join logons l on l.id = k.logon_id where k.warning is not null`;
      assert.deepEqual(warned.map((row) => row.username), ["joan.smith"]);
    });

    it("keeps Ellie from Sarah Smith, who shares a mailbox with John", async () => {
      const [block] = await sql`
        select l.username, l.email, p.first_name, a.username as admin, b.reason, b.contact_id = l.contact_id as covers
          from blocks b join logons l on l.id = b.logon_id join learners p on p.id = b.learner_id
          join admins a on a.id = b.set_by where b.lifted_at is null`;
      assert.match(String(block?.reason), /order/);
      assert.deepEqual([block?.username, block?.first_name, block?.admin, block?.covers], [
        "sarah.smith",
        "Ellie",
        "office",
        true,
      ]);
      const sharing = await sql`
        select username from logons where email = 'family.smith@example.org' order by 1`;
      assert.deepEqual(sharing.map((row) => row.username), ["john.smith", "sarah.smith"]);
    });

    it("leaves contacts for Import Contacts, one without an email, and the journey's own name free", async () => {
      const waiting = await sql`
        select c.first_name, c.email is not null as has_email from contacts c
         where exists (select from contact_learners k where k.contact_id = c.id and k.parental_responsibility)
           and not exists (select from logons l where l.contact_id = c.id) order by 1`;
      assert.deepEqual(waiting.map((row) => `${row.first_name} ${row.has_email}`), [
        "Agnieszka true",
        "Arjun true",
        "Kwame true",
        "Nasima true",
        "Oksana false",
        "Omar false",
      ]);
      const zoes = await sql`select from logons where first_name like 'Zo%'`;
      assert.equal(zoes.length, 0);
    });

    it("has a history that its counts agree with", () => assertHistory(sql));
  });

  describe("a large school", () => {
    let school: TestDatabase;
    before(async () => {
      school = await openTestDatabase();
      await seedCast(school.sql, { at: AT, hash: sameHash });
      await seedSchool(school.sql, SIZE, { seed: 7, at: AT, hash });
    });
    after(() => school.close());

    it("has exactly as many as were asked for, beside the cast", async () => {
      const [counts] = await school.sql`
        select (select count(*) from learners)::int - 27 as learners, (select count(*) from logons)::int - 20 as logons,
               (select count(*) from sign_ins where at < ${AT})::int
                 - (select sum(sign_in_count) from logons l where l.id <= 20)::int
                 - (select count(*) from sign_ins s where s.outcome <> 'success' and s.logon_id <= 20)::int - 3 as sign_ins`;
      assert.deepEqual(counts, { learners: 300, logons: 700, sign_ins: 5_000 });
    });

    it("has a history that its counts agree with, most of it successes", async () => {
      await assertHistory(school.sql);
      const [row] = await school.sql<[{ share: number }]>`
        select (count(*) filter (where outcome = 'success'))::float8 / count(*) as share from sign_ins`;
      assert.ok(row.share > 0.88 && row.share < 0.96, String(row.share));
    });

    it("follows the product's rules for numbers, usernames and links", async () => {
      await assertUpns(school.sql);
      const numbers = await school.sql`
        select from learners where admission_number !~ '^[0-9]{6}$'`;
      assert.equal(numbers.length, 0);
      const shared = await school.sql`
        select from logons l join contacts c on c.email = l.email and c.id <> l.contact_id where l.username = l.email`;
      assert.equal(shared.length, 0);
      const unwarned = await school.sql`
        select from logon_learners k join logons l on l.id = k.logon_id
          join contact_learners c on c.contact_id = l.contact_id and c.learner_id = k.learner_id
         where (c.parental_responsibility is false) <> (k.warning is not null)`;
      assert.equal(unwarned.length, 0);
    });

    it("has told each logon of its learners and its password", () => assertColumns(school.sql));

    it("gives every parent who signed in the demo's password", async () => {
      const hashes = await school.sql<{ hash: string }[]>`
        select distinct p.hash from logon_passwords p join logons l on l.id = p.logon_id
         where l.id > 20 and l.sign_in_count > 0`;
      assert.equal(hashes.length, 1);
      assert.ok(await verify("demo-parent-2026", hashes[0]?.hash ?? null));
      const strange = await school.sql`
        select from logon_passwords p join logons l on l.id = p.logon_id
         where l.id > 20 and p.temporary = (l.sign_in_count > 0)`;
      assert.equal(strange.length, 0);
    });

    it("has families, leavers, applicants and logons in every state", async () => {
      const [found] = await school.sql<Record<string, number>[]>`
        select (select count(*) from learners where status = 'Leaver')::int as leavers,
               (select count(*) from learners where status = 'Applicant')::int as applicants,
               (select count(*) from contacts where email is null)::int as without_email,
               (select count(*) from logons where linked_count > 1)::int as siblings,
               (select count(*) from logons where tfa = 'required')::int as tfa,
               (select count(*) from logons where suspended_at is not null)::int as suspended,
               (select count(*) from logons where deleted_at > ${AT}::timestamptz - interval '30 days')::int as deleted,
               (select count(*) from logons where sign_in_count = 0)::int as never,
               (select count(*) from logons l where not exists (select from logon_passwords where logon_id = l.id))::int
                 as without_password`;
      for (const [what, count] of Object.entries(found ?? {})) assert.ok(count > 2, what);
    });

    it("can be made again beside what is there", async () => {
      await seedSchool(school.sql, { learners: 60, logons: 80, signIns: 90 }, {
        seed: 7,
        at: AT,
        hash: sameHash,
      });
      const [counts] = await school.sql`
        select (select count(*) from learners)::int as learners, (select count(*) from logons)::int as logons`;
      assert.deepEqual(counts, { learners: 387, logons: 800 });
    });
  });

  it("makes the same school of the same seed, and another of another", async () => {
    const contents = [];
    for (const seed of [3, 3, 4]) {
      const { sql, close } = await openTestDatabase();
      await seedSchool(sql, SIZE, { seed, at: AT, hash: sameHash });
      contents.push(await digest(sql));
      await close();
    }
    assert.equal(contents[0], contents[1]);
    assert.notEqual(contents[0], contents[2]);
  });

  it("makes schools of strange sizes, and refuses impossible ones", async () => {
    const { sql, close } = await openTestDatabase();
    const options = { at: AT, hash: sameHash };
    await seedSchool(sql, { learners: 2, logons: 60, signIns: 10 }, options);
    await seedSchool(sql, { learners: 0, logons: 0, signIns: 5 }, options);
    await seedSchool(sql, { learners: 5, logons: 0, signIns: 0 }, options);
    await seedSchool(sql, { learners: 0, logons: 3, signIns: 0 }, options);
    const [counts] = await sql`
      select (select count(*) from learners)::int as learners, (select count(*) from logons)::int as logons,
             (select count(*) from sign_ins)::int as sign_ins`;
    assert.deepEqual(counts, { learners: 7, logons: 63, sign_ins: 15 });
    await assert.rejects(
      seedSchool(sql, { learners: -1, logons: 0, signIns: 0 }, options),
      /learners must be a whole number/,
    );
    await close();
  });
});

/** Hashing is slow, and what comes of it is not looked at. */
function sameHash(): Promise<string> {
  return Promise.resolve(`$2b$${CHOSEN_COST}$${"a".repeat(53)}`);
}

async function assertHistory(sql: Sql): Promise<void> {
  const wrong = await sql`
    select l.username from logons l
      left join (select logon_id, count(*)::int as times, max(at) as last from sign_ins where outcome = 'success' group by 1) s
        on s.logon_id = l.id
     where l.sign_in_count <> coalesce(s.times, 0) or l.last_sign_in_at is distinct from s.last`;
  assert.deepEqual([...wrong], []);
  const early = await sql`
    select from sign_ins s left join logons l on l.id = s.logon_id where s.at > ${AT} or s.at < l.created_at
        or s.outcome = 'success' and s.at > least(l.deleted_at, l.suspended_at, l.expires_on + 1)`;
  assert.equal(early.length, 0);
  const named = await sql`
    select from sign_ins s join logons l on l.id = s.logon_id
     where (s.username, s.surname, cardinality(s.learners)) is distinct from (l.username, l.surname, l.linked_count)`;
  assert.equal(named.length, 0);
}

async function assertUpns(sql: Sql): Promise<void> {
  const rows = await sql<{ upn: string }[]>`select upn from learners where upn is not null`;
  assert.ok(rows.length > 0);
  for (const { upn } of rows) {
    assert.match(upn, /^[A-HJ-NP-RT-Z]\d{12}$/);
    const sum = [...upn.slice(1)].reduce((total, digit, at) => total + Number(digit) * (at + 2), 0);
    assert.equal(upn[0], "ABCDEFGHJKLMNPQRTUVWXYZ"[sum % 23], upn);
  }
}

/** A hash of everything, ids and times included. */
async function digest(sql: Sql): Promise<string> {
  const [row] = await sql<[{ digest: string }]>`
    select md5(concat(
      (select string_agg(t::text, '|' order by id) from learners t), (select string_agg(t::text, '|' order by id) from contacts t),
      (select string_agg(t::text, '|' order by contact_id, learner_id) from contact_learners t),
      (select string_agg(t::text, '|' order by id) from logons t),
      (select string_agg(t::text, '|' order by logon_id, learner_id) from logon_learners t),
      (select string_agg(t::text, '|' order by logon_id) from logon_passwords t),
      (select string_agg(t::text, '|' order by id) from sign_ins t)
    )) as digest`;
  return row.digest;
}
