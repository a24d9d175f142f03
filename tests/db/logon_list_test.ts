// The list of logons, page by page: whether the hits are sorted or the list is read in its order, every hit comes once and in order.

import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { listLogons, type LogonView } from "../../db/logon_list.ts";
import { WHOLE_LIST } from "../../db/paging.ts";
import { openTestDatabase, type TestDatabase } from "../database.ts";

const MOMENT = {
  at: new Date("2026-11-24T10:00:00Z"),
  today: "2026-11-24",
  leaverDays: 90,
  passwordDays: 7,
};
const VIEW: LogonView = { ...WHOLE_LIST, state: null, sort: "surname" };

describe("the list of logons", () => {
  let database: TestDatabase;
  before(async () => {
    database = await openTestDatabase({ pool: 2 });
    const { sql } = database;
    // 3,400 of the name Quill, 1,700 of them without an email; the 1,133 who never signed in are linked to year 9.
    await sql`
      insert into logons (first_name, surname, email, username)
      select 'Ann', 'Quill ' || n * 7919 % 3400, case when n % 2 = 0 then 'ann' || n || '@example.org' end, 'ann' || n
        from generate_series(1, 3400) as n`;
    await sql`
      update logons set sign_in_count = id, last_sign_in_at = timestamptz '2026-01-01' + id * interval '1 minute'
       where id % 3 <> 0`;
    await sql`
      insert into learners (admission_number, first_name, surname, status, year_group)
      values ('1', 'Zoe', 'Quill', 'Current', 'Year 9')`;
    await sql`
      insert into logon_learners (logon_id, learner_id)
      select l.id, p.id from logons l, learners p where l.id % 3 = 0`;
  });
  after(() => database.close());

  /** All ids that the pages show, one page after the other. */
  async function walk(view: LogonView): Promise<number[]> {
    const ids: number[] = [];
    for (let after: number | null = null;;) {
      const page = await listLogons(database.sql, { ...view, after }, MOMENT);
      ids.push(...page.rows.map(({ id }) => id));
      after = page.next;
      if (after === null) return ids;
    }
  }

  const views: readonly (readonly [string, Partial<LogonView>, number])[] = [
    ["without an email", { state: "no-email" }, 1700],
    ["without an email, by email", { state: "no-email", sort: "email" }, 1700],
    ["of a year", { year: "Year 9" }, 1133],
    ["of a year, by sign-ins", { year: "Year 9", sort: "last" }, 1133],
    ["never signed in", { state: "never-signed-in" }, 1133],
    ["never signed in, by sign-ins", { state: "never-signed-in", sort: "times" }, 1133],
    ["of a name that most have", { search: "quill" }, 3400],
    ["of a name and a year", { search: "quill", year: "Year 9" }, 1133],
    ["a letter", { search: "q", sort: "username" }, 3400],
  ];
  for (const [name, more, hits] of views) {
    it(`shows each of ${hits} once, and the same downwards and upwards: ${name}`, async () => {
      const view = { ...VIEW, ...more };
      const up = await walk(view);
      assert.equal(new Set(up).size, up.length);
      assert.equal(up.length, hits);
      assert.deepEqual(await walk({ ...view, descending: true }), up.toReversed());
      const { total } = await listLogons(database.sql, view, MOMENT);
      assert.equal(total, 1001);
    });
  }

  it("is in the order of the surnames, however many hits there are", async () => {
    const rows = await database.sql<{ id: number }[]>`
      select id from logons where email is null order by name_key, id`;
    const ids = rows.map(({ id }) => id);
    assert.deepEqual(await walk({ ...VIEW, state: "no-email" }), ids);
    // From the last page backwards to the first.
    const last = await listLogons(database.sql, {
      ...VIEW,
      state: "no-email",
      after: ids[1660] ?? 0,
    }, MOMENT);
    assert.deepEqual(last.rows.map(({ id }) => id), ids.slice(1661));
    const before = await listLogons(
      database.sql,
      { ...VIEW, state: "no-email", before: last.previous },
      MOMENT,
    );
    assert.deepEqual(before.rows.map(({ id }) => id), ids.slice(1611, 1661));
  });
});
