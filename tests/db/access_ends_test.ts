// When access ends: the portal, the list's filter and Bulk Reset turn on the same day, whatever the clocks do in between.

import { after, before, beforeEach, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import type { Sql } from "../../db/connect.ts";
import { listLearnersOf } from "../../db/learners.ts";
import { listLogons, type LogonView } from "../../db/logon_list.ts";
import { WHOLE_LIST } from "../../db/paging.ts";
import { openTestDatabase, type TestDatabase } from "../database.ts";
import { seedLogon } from "./import_school.ts";

const NO_LEARNER: LogonView = { ...WHOLE_LIST, state: "no-learner", sort: "surname" };

describe("when access ends", () => {
  let database: TestDatabase;
  let sql: Sql;
  let logon: number;
  let learner: number;
  before(async () => {
    database = await openTestDatabase({ pool: 3 });
    sql = database.sql;
  });
  after(() => database.close());
  beforeEach(async () => {
    await sql`delete from logons`;
    await sql`delete from learners`;
    const [row] = await sql<[{ id: number }]>`
      insert into learners (admission_number, first_name, surname, status)
      values ('1', 'Ellie', 'Ode', 'Current') returning id`;
    learner = row.id;
    logon = await seedLogon(sql, { username: "ann", learnerIds: [learner] });
  });

  /** Whether the portal shows the learner; the list must say the same. */
  async function isSeen(today: string, leaverDays = 90): Promise<boolean> {
    const seen = (await listLearnersOf(sql, logon, { today, leaverDays })).length === 1;
    const moment = { at: new Date(`${today}T12:00:00Z`), today, leaverDays, passwordDays: 7 };
    const { total } = await listLogons(sql, NO_LEARNER, moment);
    assert.equal(total, seen ? 0 : 1, `the filter "no current learner" on ${today}`);
    return seen;
  }

  async function leave(day: string): Promise<void> {
    await sql`update learners set status = 'Leaver', left_on = ${day} where id = ${learner}`;
  }

  it("does not end for a current learner or an applicant", async () => {
    assert.equal(await isSeen("2030-01-01"), true);
    await sql`update learners set status = 'Applicant' where id = ${learner}`;
    assert.equal(await isSeen("2030-01-01"), true);
  });

  const boundaries:
    readonly (readonly [about: string, left: string, last: string, first: string])[] = [
      ["in one winter", "2026-11-24", "2027-02-22", "2027-02-23"],
      ["over the day on which clocks go forward", "2025-12-29", "2026-03-29", "2026-03-30"],
      ["over the day on which clocks go back", "2026-07-27", "2026-10-25", "2026-10-26"],
      ["over a leap day", "2027-12-01", "2028-02-29", "2028-03-01"],
    ];
  for (const [about, left, last, first] of boundaries) {
    it(`is on the 91st day after leaving, not on the 90th, ${about}`, async () => {
      await leave(left);
      assert.equal(await isSeen(left), true, "the day itself");
      assert.equal(await isSeen(last), true, "day 90");
      assert.equal(await isSeen(first), false, "day 91");
    });
  }

  it("follows the setting", async () => {
    await leave("2026-11-24");
    assert.equal(await isSeen("2026-11-24", 0), true);
    assert.equal(await isSeen("2026-11-25", 0), false);
    assert.equal(await isSeen("2028-11-23", 730), true);
    assert.equal(await isSeen("2028-11-24", 730), false);
  });

  it("begins anew for a learner who comes back", async () => {
    await leave("2020-01-01");
    assert.equal(await isSeen("2026-11-24"), false);
    await sql`update learners set status = 'Current', left_on = null where id = ${learner}`;
    assert.equal(await isSeen("2026-11-24"), true);
  });

  it("does not end for a parent as long as one of two children is seen", async () => {
    await leave("2020-01-01");
    const [row] = await sql<[{ id: number }]>`
      insert into learners (admission_number, first_name, surname, status)
      values ('2', 'Jack', 'Ode', 'Current') returning id`;
    await sql`insert into logon_learners (logon_id, learner_id) values (${logon}, ${row.id})`;
    assert.equal(await isSeen("2026-11-24"), true);
  });
});
