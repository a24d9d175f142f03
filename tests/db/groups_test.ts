// The groups that lists are filtered by: those that learners have now, however they came and went.

import { after, afterEach, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { type Groups, listGroups } from "../../db/learners.ts";
import { openTestDatabase, type TestDatabase } from "../database.ts";

describe("the groups of learners", () => {
  let database: TestDatabase;
  before(async () => {
    database = await openTestDatabase({ pool: 3 });
  });
  after(() => database.close());
  afterEach(() => database.sql`delete from learners`);

  async function add(
    sql: TestDatabase["sql"],
    number: string,
    year: string,
    group: string | null,
  ): Promise<void> {
    await sql`
      insert into learners (admission_number, first_name, surname, status, year_group, registration_group)
      values (${number}, 'Ann', 'Lee', 'Current', ${year}, ${group})`;
  }
  const groups = (): Promise<Groups> => listGroups(database.sql);

  it("are none in a school without learners", async () => {
    assert.deepEqual(await groups(), { years: [], registrationGroups: [] });
  });

  it("come each once, as people count them, and without those that have none", async () => {
    const { sql } = database;
    await add(sql, "1", "Year 10", "10A");
    await add(sql, "2", "Year 7", "7A");
    await add(sql, "3", "Year 7", "7A");
    await add(sql, "4", "Year 7", null);
    assert.deepEqual(await groups(), {
      years: ["Year 7", "Year 10"],
      registrationGroups: ["7A", "10A"],
    });
  });

  it("follow learners who change, leave and come back", async () => {
    const { sql } = database;
    await add(sql, "1", "Year 7", "7A");
    await sql`update learners set year_group = 'Year 8', registration_group = '8A'`;
    assert.deepEqual(await groups(), { years: ["Year 8"], registrationGroups: ["8A"] });
    await sql`update learners set year_group = 'Year 7', registration_group = '7A'`;
    assert.deepEqual(await groups(), { years: ["Year 7"], registrationGroups: ["7A"] });
    await sql`delete from learners`;
    assert.deepEqual(await groups(), { years: [], registrationGroups: [] });
    await add(sql, "1", "Year 7", "7A");
    assert.deepEqual(await groups(), { years: ["Year 7"], registrationGroups: ["7A"] });
  });

  it("are there once where two bring the same at once, and neither waits for the other", async () => {
    const { sql } = database;
    await sql.begin(async (first) => {
      await first`
        insert into learners (admission_number, first_name, surname, status, year_group)
        values ('1', 'Ann', 'Lee', 'Current', 'Year 9')`;
      await add(sql, "2", "Year 9", null);
    });
    assert.deepEqual(await groups(), { years: ["Year 9"], registrationGroups: [] });
  });
});
