// Coverage against a plain count of the same records: every figure, every list of who is missing, over a made-up school.

import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import type postgres from "postgres";
import { type Sql, transaction } from "../../db/connect.ts";
import { type Counts, findCoverage, type Lack, LACKS } from "../../db/coverage.ts";
import { listMissing, listMissingAfter, type MissingView } from "../../db/coverage_missing.ts";
import { reckonCoverage } from "../../db/learner_coverage.ts";
import { type Chance, openChance } from "../../db/seed_names.ts";
import { openTestDatabase, type TestDatabase } from "../database.ts";

const TODAY = "2026-11-24";
const LATER = "2026-11-26";
const HASH = "$2b$10$7ZmbJH42Jg5TmYeJT2OeWegnYf4BiJ0XG55MktUE9B5jNLWrVsMC2";
const EVERYBODY: MissingView = {
  applicants: true,
  lacking: "logon",
  search: "",
  year: null,
  group: null,
  after: null,
  before: null,
};

type Learner = { id: number; status: string; year: string | null; group: string | null };
type Logon = {
  id: number;
  contact: number | null;
  deleted: boolean;
  suspended: boolean;
  expires: string | null;
  signIns: number;
};
type School = {
  learners: Learner[];
  logons: Logon[];
  links: { logon: number; learner: number }[];
  blocks: { logon: number | null; contact: number | null; learner: number; lifted: boolean }[];
  mails: { logon: number | null; state: string }[];
};

describe("coverage", () => {
  let database: TestDatabase;
  let sql: Sql;
  before(async () => {
    database = await openTestDatabase();
    ({ sql } = database);
  });
  after(() => database.close());

  it("counts nobody in an empty school", async () => {
    const { total, years } = await findCoverage(sql, { applicants: true }, TODAY);
    assert.deepEqual(total, { learners: 0, logon: 0, mailed: 0, signedIn: 0 });
    assert.deepEqual(years, []);
    assert.deepEqual((await listMissing(sql, EVERYBODY, TODAY)).rows, []);
  });

  for (const seed of [1, 2, 3, 4, 5, 6]) {
    it(`counts as a plain look at every record does, school ${seed}`, async () => {
      await makeUp(sql, seed);
      const school = await readSchool(sql);
      assert.ok(school.links.length > 50 && school.blocks.length > 3 && school.mails.length > 30);
      await countsRight(school);
      assert.ok(await reckon(sql) > 50);
      await countsRight(school);
      assert.equal(await reckon(sql), 0, "nothing has changed");
    });

    it(`counts right after anything has changed, and before it was reckoned, school ${seed}`, async () => {
      const chance = openChance(seed);
      for (const change of CHANGES) {
        assert.ok((await change(sql, chance)).count > 0, String(change));
        const school = await readSchool(sql);
        const { total } = await findCoverage(sql, { applicants: false }, TODAY);
        const counted = school.learners.filter(({ status }) => status === "Current");
        assert.deepEqual(total, countsOf(school, counted), String(change));
        if (chance.is(0.5)) await reckon(sql);
      }
      await countsRight(await readSchool(sql));
    });
  }

  /** Compares every figure and list with a plain look at the school's records. */
  async function countsRight(school: School): Promise<void> {
    for (const applicants of [false, true]) {
      const coverage = await findCoverage(sql, { applicants }, TODAY);
      const counted = school.learners.filter(({ status }) =>
        status === "Current" || applicants && status === "Applicant"
      );
      assert.deepEqual(coverage.total, countsOf(school, counted));
      const names = new Set(counted.map(({ year }) => year));
      assert.deepEqual(new Set(coverage.years.map(({ year }) => year)), names);
      for (const { year, groups, ...counts } of coverage.years) {
        const ofYear = counted.filter((learner) => learner.year === year);
        assert.deepEqual(counts, countsOf(school, ofYear), String(year));
        for (const { group, ...figures } of groups) {
          const ofGroup = ofYear.filter((learner) => learner.group === group);
          assert.deepEqual(figures, countsOf(school, ofGroup), `${year} ${group}`);
        }
      }
      for (const lacking of LACKS) {
        const wanted = counted.filter(({ id }) => stageOf(school, id) <= LACKS.indexOf(lacking));
        const found = await listMissing(sql, { ...EVERYBODY, applicants, lacking }, TODAY);
        assert.equal(found.total, wanted.length, lacking);
        assert.deepEqual(
          new Set(await allMissing(sql, { ...EVERYBODY, applicants, lacking })),
          new Set(wanted.map(({ id }) => id)),
        );
        for (const row of found.rows) {
          assert.equal(LACKS.indexOf(row.lacks), stageOf(school, row.id));
        }
      }
    }
  }

  it("counts right on another day, when logons have expired since it was reckoned", async () => {
    await makeUp(sql, 8);
    await reckon(sql);
    const school = await readSchool(sql);
    const expired = school.logons.map((logon) => ({
      ...logon,
      deleted: logon.deleted || logon.expires !== null && logon.expires < LATER,
    }));
    const counted = school.learners.filter(({ status }) => status === "Current");
    const { total } = await findCoverage(sql, { applicants: false }, LATER);
    assert.deepEqual(total, countsOf({ ...school, logons: expired }, counted));
    assert.notDeepEqual(total, countsOf(school, counted), "some have");
    assert.ok(await transaction(sql, (tx) => reckonCoverage(tx, LATER)) > 0);
    assert.deepEqual((await findCoverage(sql, { applicants: false }, LATER)).total, total);
    await countsRight(school);
  });

  it("is right of a mail that came back while its logon was being linked, and was reckoned in between", async () => {
    await makeUp(sql, 10);
    const [logon] = await sql<[{ id: number }]>`
      select l.id from logons l join credential_mails m on m.logon_id = l.id
       where m.state = 'accepted' and m.kind = 'mail' and l.sign_in_count = 0 and l.contact_id is null and l.deleted_at is null
         and l.suspended_at is null and l.expires_on is null limit 1`;
    const [learner] = await sql<[{ id: number }]>`
      select p.id from learners p where p.status = 'Current' and not exists (
        select from logon_learners k where k.learner_id = p.id) and not exists (
        select from blocks b where b.learner_id = p.id) limit 1`;
    await reckon(sql);
    const [linked, bounced] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const linking = transaction(sql, async (tx) => {
      await tx`insert into logon_learners (logon_id, learner_id) values (${logon.id}, ${learner.id})`;
      linked.resolve();
      await bounced.promise;
    });
    await linked.promise;
    await transaction(sql, async (tx) => {
      const { count } = await tx`
        update credential_mails set state = 'bounced', bounced_at = ${TODAY}
         where logon_id = ${logon.id} and state = 'accepted' and kind = 'mail'`;
      assert.ok(count > 0);
      bounced.resolve();
      await linking;
      await reckon(sql);
    });
    await countsRight(await readSchool(sql));
    await reckon(sql);
    await countsRight(await readSchool(sql));
  });

  it("waits for nobody who reckons, and never keeps an older figure than is true", async () => {
    await makeUp(sql, 9);
    await transaction(sql, async (one) => {
      assert.ok(await reckonCoverage(one, TODAY) > 0);
      assert.equal(await transaction(sql, (other) => reckonCoverage(other, TODAY)), 0);
      await sql`update logons set suspended_at = null, deleted_at = null, sign_in_count = 1, last_sign_in_at = ${TODAY}`;
    });
    await countsRight(await readSchool(sql));
    await reckon(sql);
    await countsRight(await readSchool(sql));
  });

  it("puts 7 before 10, and those without a year or group last", async () => {
    await makeUp(sql, 7);
    const { years } = await findCoverage(sql, { applicants: false }, TODAY);
    assert.deepEqual(years.map(({ year }) => year), ["Ünïque & <odd>", "Year 7", "Year 10", null]);
    for (const { groups } of years) {
      const names = groups.map(({ group }) => group);
      assert.deepEqual(names, [`"7?%/&#'`, "7A", "10A", null].filter((one) => names.includes(one)));
    }
  });

  it("finds those without a year, and those of a group with odd signs in its name", async () => {
    const { years } = await findCoverage(sql, { applicants: false }, TODAY);
    for (const { year, groups } of years) {
      for (const { group, learners, signedIn } of groups) {
        const { total } = await listMissing(sql, {
          ...EVERYBODY,
          applicants: false,
          lacking: "sign-in",
          year: { name: year },
          group: { name: group },
        }, TODAY);
        assert.equal(total, learners - signedIn, `${year} ${group}`);
      }
    }
  });

  it("gives everybody who has not signed in to an export, in lots", async () => {
    const ids: number[] = [];
    let last: number | null = null;
    for (;;) {
      const lot = await listMissingAfter(sql, { applicants: true }, { last, limit: 7 }, TODAY);
      ids.push(...lot.map(({ id }) => id));
      last = lot.at(-1)?.id ?? null;
      if (lot.length < 7) break;
    }
    assert.deepEqual(ids, await allMissing(sql, { ...EVERYBODY, lacking: "sign-in" }));
    assert.equal(new Set(ids).size, ids.length);
  });
});

/** What can happen to a parent or a learner of which a figure may change. */
const CHANGES: readonly ((sql: Sql, chance: Chance) => postgres.PendingQuery<postgres.Row[]>)[] = [
  (sql) =>
    sql`update logons set sign_in_count = 1, last_sign_in_at = ${TODAY} where sign_in_count = 0 and id % 5 = 0`,
  (sql) => sql`update logons set suspended_at = ${TODAY} where id % 7 = 0`,
  (sql) =>
    sql`update logons set suspended_at = null where id % 7 = 1 or suspended_at is not null and id % 2 = 0`,
  (sql) => sql`update logons set deleted_at = ${TODAY} where deleted_at is null and id % 11 = 0`,
  (sql) => sql`update logons set deleted_at = null where deleted_at is not null`,
  (sql) => sql`update logons set expires_on = '2026-11-23' where id % 6 = 0`,
  (sql) => sql`update logons set expires_on = null where expires_on < ${TODAY} and id % 2 = 0`,
  (sql) =>
    sql`update credential_mails set state = 'refused' where state = 'accepted' and kind = 'mail' and id % 2 = 0`,
  (sql) =>
    sql`update credential_mails set state = 'accepted' where state in ('refused', 'unknown') and id % 3 = 0`,
  (sql) =>
    sql`update credential_mails set logon_id = (select max(id) from logons) where state = 'accepted' and id % 5 = 0`,
  (sql) => sql`delete from credential_mails where state = 'accepted' and id % 4 = 0`,
  (sql) => sql`update blocks set lifted_at = ${TODAY} where lifted_at is null and id % 2 = 0`,
  (sql) => sql`delete from blocks where lifted_at is null`,
  (sql) =>
    sql`
    insert into blocks (learner_id, logon_id, first_name, surname, reason)
    select learner_id, logon_id, 'Bo', 'Lee', 'A court order.' from logon_learners where logon_id % 9 = 0`,
  (sql) => sql`delete from logon_learners where logon_id % 8 = 0`,
  (sql, chance) =>
    sql`
    insert into logon_learners (logon_id, learner_id)
    select l.id, p.id from logons l, learners p
     where not exists (select from blocks b where b.learner_id = p.id and b.lifted_at is null) and (l.id + p.id) % 97 = ${
      chance.of([1, 2, 3])
    } on conflict do nothing`,
  (sql) => sql`update logons set contact_id = (select min(id) from contacts) where id % 13 = 0`,
  (sql) => sql`delete from contacts where id % 3 = 0`,
  (sql) => sql`delete from logons where id % 17 = 0`,
  (sql) => sql`delete from learners where id % 19 = 0`,
  (sql) =>
    sql`update learners set status = 'Current', left_on = null where status <> 'Current' and id % 2 = 0`,
];

/** Every page of the list, forwards; and backwards again, which must be the same. */
async function allMissing(sql: Sql, view: MissingView): Promise<number[]> {
  const ids: number[] = [];
  let page = await listMissing(sql, view, TODAY);
  ids.push(...page.rows.map(({ id }) => id));
  while (page.next !== null) {
    const before = page;
    page = await listMissing(sql, { ...view, after: page.next }, TODAY);
    const back = await listMissing(sql, { ...view, before: page.previous }, TODAY);
    assert.deepEqual(back.rows, before.rows);
    ids.push(...page.rows.map(({ id }) => id));
  }
  return ids;
}

/** How far the furthest parent of a learner has come, said as slowly and plainly as can be. */
function stageOf(school: School, learner: number): number {
  let furthest = 0;
  for (const link of school.links.filter((one) => one.learner === learner)) {
    const logon = school.logons.find(({ id }) => id === link.logon);
    assert.ok(logon);
    if (logon.deleted || logon.suspended) continue;
    if (logon.expires !== null && logon.expires < TODAY) continue;
    const isBlocked = school.blocks.some((block) =>
      block.learner === learner && !block.lifted &&
      (block.logon === logon.id || block.contact !== null && block.contact === logon.contact)
    );
    if (isBlocked) continue;
    const wasMailed = school.mails.some((mail) =>
      mail.logon === logon.id && mail.state === "accepted"
    );
    furthest = Math.max(furthest, logon.signIns > 0 ? 3 : wasMailed ? 2 : 1);
  }
  return furthest;
}

function countsOf(school: School, learners: readonly Learner[]): Counts {
  const stages = learners.map(({ id }) => stageOf(school, id));
  const reached = (lack: Lack): number =>
    stages.filter((stage) => stage > LACKS.indexOf(lack)).length;
  return {
    learners: learners.length,
    logon: reached("logon"),
    mailed: reached("mail"),
    signedIn: reached("sign-in"),
  };
}

async function reckon(sql: Sql): Promise<number> {
  return await transaction(sql, (tx) => reckonCoverage(tx, TODAY));
}

async function readSchool(sql: Sql): Promise<School> {
  return {
    learners: await sql<Learner[]>`
      select id, status, year_group as year, registration_group as "group" from learners`,
    logons: await sql<Logon[]>`
      select id, contact_id as contact, deleted_at is not null as deleted, suspended_at is not null as suspended,
             expires_on::text as expires, sign_in_count as "signIns" from logons`,
    links: await sql<School["links"]>`
      select logon_id as logon, learner_id as learner from logon_learners`,
    blocks: await sql<School["blocks"]>`
      select logon_id as logon, contact_id as contact, learner_id as learner, lifted_at is not null as lifted from blocks`,
    mails: await sql<School["mails"]>`select logon_id as logon, state from credential_mails`,
  };
}

/** A school in which everything that matters here happens to somebody. */
async function makeUp(sql: Sql, seed: number): Promise<void> {
  const chance = openChance(seed);
  await sql`truncate learners, contacts, logons, blocks, credential_mails cascade`;
  const years = ["Year 7", "Year 10", "Ünïque & <odd>", null] as const;
  const groups = ["7A", "10A", `"7?%/&#'`, null] as const;
  const learners = Array.from({ length: 160 }, (_, at) => ({
    admission_number: `a${at}`,
    first_name: "Ann",
    surname: `Lee ${at}`,
    year_group: chance.of(years),
    registration_group: chance.of(groups),
    status: chance.is(0.7) ? "Current" : chance.is(0.5) ? "Applicant" : "Leaver",
  })).map((learner) => ({
    ...learner,
    left_on: learner.status === "Leaver" ? "2026-11-01" : null,
  }));
  const stored = await sql<{ id: number }[]>`insert into learners ${sql(learners)} returning id`;
  const contacts = Array.from({ length: 40 }, (_, at) => ({
    first_name: "Bo",
    surname: `Lee ${at}`,
    email: chance.is(0.8) ? `bo${at}@example.org` : null,
  }));
  const adults = await sql<{ id: number }[]>`insert into contacts ${sql(contacts)} returning id`;
  const logons = Array.from({ length: 120 }, (_, at) => {
    const signed = chance.is(0.4);
    return {
      first_name: "Bo",
      surname: `Lee ${at}`,
      username: `bo${at}`,
      email: chance.is(0.8) ? `bo${at}@example.org` : null,
      contact_id: chance.is(0.5) ? chance.of(adults).id : null,
      suspended_at: chance.is(0.1) ? TODAY : null,
      expires_on: chance.is(0.8) ? null : chance.of(["2026-11-23", "2026-11-24", "2026-11-25"]),
      deleted_at: chance.is(0.1) ? TODAY : null,
      sign_in_count: signed ? 1 : 0,
      last_sign_in_at: signed ? TODAY : null,
    };
  });
  const users = await sql<{ id: number }[]>`insert into logons ${sql(logons)} returning id`;
  const links = Array.from({ length: 200 }, () => ({
    logon_id: chance.of(users).id,
    learner_id: chance.of(stored).id,
  }));
  await sql`insert into logon_learners ${sql(links)} on conflict do nothing`;
  const blocks = Array.from({ length: 24 }, (_, at) => {
    const link = chance.of(links);
    const byLogon = chance.is(0.5);
    return {
      learner_id: link.learner_id,
      logon_id: byLogon ? link.logon_id : null,
      contact_id: byLogon ? null : chance.of(adults).id,
      first_name: "Bo",
      surname: `Lee ${at}`,
      reason: "A court order.",
      lifted_at: chance.is(0.3) ? TODAY : null,
    };
  });
  // The trigger would take the links away: what is counted must not depend on it.
  await sql`alter table blocks disable trigger block_set`;
  await sql`insert into blocks ${sql(blocks)} on conflict do nothing`;
  await sql`alter table blocks enable trigger block_set`;
  const states = ["accepted", "accepted", "refused", "bounced", "cancelled", "unknown"];
  const mails = Array.from({ length: 90 }, () => {
    const state = chance.of(states);
    const isLetter = state === "accepted" && chance.is(0.4);
    return {
      logon_id: chance.of(users).id,
      kind: isLetter ? "letter" : "mail",
      asked_at: TODAY,
      name: "Bo Lee",
      username: "bo",
      address: isLetter ? null : "bo@example.org",
      enable_tfa: false,
      state,
      pending_hash: HASH,
      due_at: TODAY,
      settled_at: TODAY,
      bounced_at: state === "bounced" ? TODAY : null,
      expires_at: isLetter ? "2026-12-24" : null,
    };
  });
  await sql`insert into credential_mails ${sql(mails)}`;
}
