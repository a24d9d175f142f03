// What must not harm anybody: a worker killed in the middle of an import, several nodes at once.

import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { seedCast } from "../../db/seeds.ts";
import { openHasher } from "../../lib/passwords.ts";
import { Client, eventually } from "../browserless.ts";
import { openTestDatabase, type TestDatabase } from "../database.ts";
import { oneRoster, type User } from "../feeds.ts";
import { startProgram } from "../program.ts";

const SECRET_KEY = new Uint8Array(32).fill(3).toBase64();

async function openSchool(): Promise<TestDatabase> {
  const database = await openTestDatabase();
  await seedCast(database.sql, { at: new Date(), hash: openHasher().hash });
  return database;
}

function workbook(rows: number): string {
  const lines = Array.from(
    { length: rows },
    (_, at) => `Robin,Kill-${at},robin.${at}@example.org,004512`,
  );
  return ["First name,Surname,Email,Learners", ...lines].join("\n");
}

describe("a worker that is killed in the middle of an import", () => {
  let database: TestDatabase;
  before(async () => {
    database = await openSchool();
  });
  after(() => database.close());

  it("leaves nothing half-written and nothing twice; the next one goes on", async () => {
    const { sql } = database;
    const settings = { DATABASE_URL: database.url, SECRET_KEY };
    const web = await startProgram(["web"], settings);
    const client = new Client();
    await client.signIn(web.url);
    const rows = 6000;
    assert.equal(await client.upload(web.url, "many.csv", workbook(rows)), 303);
    const imported = async (): Promise<number> => {
      const [row] = await sql<[{ count: number }]>`
        select count(*)::int as count from logons where surname like 'Kill-%'`;
      return row.count;
    };
    for (const atLeast of [0, 1]) {
      const worker = await startProgram(["work"], settings);
      await eventually(
        async () => (await sql<{ state: string }[]>`select state from tasks`)[0]?.state,
        (state) => state === "running" || state === "done",
      );
      if (atLeast > 0) await eventually(imported, (count) => count >= atLeast);
      await worker.stop("SIGKILL");
    }
    const worker = await startProgram(["work"], settings);
    const [task] = await eventually(
      () => sql<{ state: string; facts: { created: number } }[]>`select state, facts from tasks`,
      ([found]) => found?.state === "done",
      90,
    );
    assert.equal(task?.facts.created, rows);
    assert.equal(await imported(), rows);
    const [links] = await sql<[{ count: number }]>`
      select count(*)::int as count from logon_learners k join logons l on l.id = k.logon_id
       where l.surname like 'Kill-%'`;
    assert.equal(links.count, rows);
    const [audits] = await sql<[{ count: number }]>`
      select count(distinct subject_id)::int as count from audit where what = 'add logon'`;
    assert.equal(audits.count, rows);
    await worker.stop();
    await web.stop();
  });
});

describe("a worker that is killed in the middle of writing a feed", () => {
  let database: TestDatabase;
  before(async () => {
    database = await openSchool();
  });
  after(() => database.close());

  it("leaves the school as it was; the next one writes all of it, once", async () => {
    const { sql } = database;
    const settings = { DATABASE_URL: database.url, SECRET_KEY };
    const web = await startProgram(["web"], settings);
    const client = new Client();
    await client.signIn(web.url);
    const users = Array.from({ length: 200 }, (_, at): User[] => [
      { id: `l-${at}`, role: "student", first: "Fed", last: `In-${at}`, agents: [`p-${at}`] },
      { id: `p-${at}`, role: "parent", first: "Fed", last: `Parent-${at}` },
    ]).flat();
    const body = new FormData();
    body.set("file", new File([new Uint8Array(oneRoster(users))], "roster.zip"));
    assert.equal(await client.post(`${web.url}/feeds`, body), 303);
    const state = async (): Promise<{ id: number; state: string } | undefined> =>
      (await sql<{ id: number; state: string }[]>`select id, state from tasks`)[0];
    const written = async (): Promise<number[]> => {
      const [row] = await sql<
        [{ learners: number; contacts: number; ties: number; audits: number }]
      >`
        select (select count(*)::int from learners where first_name = 'Fed') as learners,
               (select count(*)::int from contacts where first_name = 'Fed') as contacts,
               (select count(*)::int from contact_learners where feed = 'OneRoster') as ties,
               (select count(*)::int from audit where after ? 'task') as audits`;
      return [row.learners, row.contacts, row.ties, row.audits];
    };
    const first = await startProgram(["work"], settings);
    const task = await eventually(state, (found) => found?.state === "needs review");
    // Somebody holds the contacts: the learners are written by then, the contacts wait.
    const held = Promise.withResolvers<void>();
    const locked = Promise.withResolvers<void>();
    const holding = sql.begin(async (tx) => {
      await tx`lock table contacts in share mode`;
      locked.resolve();
      await held.promise;
    });
    await locked.promise;
    assert.equal(await client.post(`${web.url}/feeds/${task?.id}/approval`), 303);
    await eventually(
      () => sql`select from pg_locks where not granted and relation = 'contacts'::regclass`,
      (waiting) => waiting.length > 0,
    );
    await first.stop("SIGKILL");
    held.resolve();
    await holding;
    assert.deepEqual(await written(), [0, 0, 0, 0]);
    const second = await startProgram(["work"], settings);
    await eventually(state, (found) => found?.state === "done", 90);
    assert.deepEqual(await written(), [200, 200, 200, 600]);
    await second.stop();
    await web.stop();
  });
});

describe("two web and two worker processes on one Postgres", () => {
  let database: TestDatabase;
  before(async () => {
    database = await openSchool();
  });
  after(() => database.close());

  it("are one application: sessions, ends of sessions, and tasks hold everywhere", async () => {
    const settings = { DATABASE_URL: database.url, SECRET_KEY };
    const nodes = await Promise.all([
      startProgram(["web"], settings),
      startProgram(["web"], settings),
      startProgram(["work"], settings),
      startProgram(["work"], settings),
    ]);
    const [one, two] = nodes;
    const client = new Client();
    assert.equal(await client.signIn(one.url), 303);
    assert.match(await client.text(`${two.url}/logons`), /Ama Boateng/);
    const uploads = await Promise.all(
      [one, two, one, two].map((node, at) =>
        client.upload(
          node.url,
          `part-${at}.csv`,
          workbook(50).replaceAll("Kill-", `Part-${at}-`).replaceAll("robin.", `part${at}.`),
        )
      ),
    );
    assert.deepEqual(uploads, [303, 303, 303, 303]);
    const { sql } = database;
    await eventually(
      () =>
        sql<
          { state: string; created: number }[]
        >`select state, (facts->>'created')::int as created from tasks`,
      (tasks) => tasks.every(({ state, created }) => state === "done" && created === 50),
    );
    assert.match(await client.text(`${two.url}/tasks`), /50 added/);
    const [count] = await database.sql<[{ count: number }]>`
      select count(*)::int as count from logons where surname like 'Part-%'`;
    assert.equal(count.count, 200);
    assert.equal(await client.post(`${two.url}/sign-out`), 303);
    assert.equal((await client.ask(`${one.url}/logons`)).status, 303);
    const codes = await Promise.all(nodes.map((node) => node.stop()));
    assert.deepEqual(codes, [0, 0, 0, 0]);
  });
});
