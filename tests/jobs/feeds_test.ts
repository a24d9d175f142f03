// The job of a feed and the folder that is read at night: review or not, all or nothing, once.

import { after, before, beforeEach, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { join } from "node:path";
import { readConfig } from "../../config.ts";
import { type Sql, transaction } from "../../db/connect.ts";
import { startFeedUndo } from "../../db/feed_undo.ts";
import { approveFeed, purgeFeedItems } from "../../db/feeds.ts";
import { findFile } from "../../db/files.ts";
import { cancelTask, ClaimLost, claimTask, findTask, settleTask } from "../../db/tasks.ts";
import { feedNightly, FolderProblem, readFolder } from "../../jobs/feed_folder.ts";
import { feeds } from "../../jobs/feeds.ts";
import { HandedBack, TaskFailed } from "../../jobs/job.ts";
import { runJob, sendLost } from "../../jobs/queue.ts";
import { openLog } from "../../lib/log.ts";
import { openServices, type Services, systemClock } from "../../services.ts";
import { openTestDatabase, type TestDatabase } from "../database.ts";
import { AT, changed, FAMILY, list, oneRoster, start, transferFile, utf8 } from "../feeds.ts";

describe("the job of a feed", () => {
  let database: TestDatabase;
  let sql: Sql;
  let services: Services;
  let folder: string;
  let now = AT;
  before(async () => {
    database = await openTestDatabase({ pool: 8 });
    sql = database.sql;
    folder = await Deno.makeTempDir();
    const config = readConfig(() => undefined, {
      SECRET_KEY: new Uint8Array(32).toBase64(),
      DATABASE_URL: database.url,
      FEED_FOLDER: folder,
      FEED_AT: "02:00",
    });
    const clock = {
      ...systemClock("Europe/London"),
      now: () => now,
      today: () => now.toISOString().slice(0, 10),
    };
    services = await openServices(config, { log: openLog("error", () => {}), database, clock });
  });
  beforeEach(async () => {
    now = AT;
    await sql`delete from tasks`;
    await sql`delete from feed_nights`;
    await sql`delete from contacts`;
    await sql`delete from learners`;
    await sql`delete from audit`;
    for await (const { name } of Deno.readDir(folder)) await Deno.remove(join(folder, name));
  });
  after(async () => {
    await services.close();
    await database.close();
    await Deno.remove(folder, { recursive: true });
  });

  /** Runs the task as a worker does. */
  async function run(taskId: number): Promise<NonNullable<Awaited<ReturnType<typeof findTask>>>> {
    await runJob(services, feeds, taskId, new AbortController().signal, true);
    const task = await findTask(sql, taskId);
    assert.ok(task);
    return task;
  }

  /** The one admin of these tests. */
  async function addAdmin(): Promise<number> {
    const [row] = await sql<[{ id: number }]>`
      insert into admins (username, name, role, password_hash)
      values ('office', 'Olive Office', 'Administrator', '$2b$12$CU.V34Cs3BaSV7t.sBUx7.ZDjtCLPfHrI.brxyqM5NUIwToD.V4HO')
      on conflict (username_key) do update set name = excluded.name returning id`;
    return row.id;
  }

  async function countLearners(): Promise<number> {
    return (await sql`select from learners where status = 'Current'`).length;
  }

  async function put(name: string, bytes: Uint8Array, minutesAgo = 60): Promise<void> {
    const path = join(folder, name);
    await Deno.writeFile(path, bytes);
    const moment = new Date(now.getTime() - minutesAgo * 60_000);
    await Deno.utime(path, moment, moment);
  }

  it("waits for review where somebody sent it, and writes it once it is approved, once", async () => {
    const adminId = await addAdmin();
    const taskId = await start(sql, oneRoster(FAMILY), { adminId });
    const waiting = await run(taskId);
    assert.equal(waiting.state, "needs review");
    assert.equal(waiting.facts["review"], "sent by hand");
    assert.equal(await countLearners(), 0);
    assert.equal(await findFile(sql, taskId, "upload"), null, "it may hold passwords");
    const author = { adminId, who: "Test" };
    assert.ok(await transaction(sql, (tx) => approveFeed(tx, taskId, author)));
    assert.ok(!await transaction(sql, (tx) => approveFeed(tx, taskId, author)));
    const done = await run(taskId);
    assert.deepEqual([done.state, done.facts["done learner create"]], ["done", 3]);
    assert.equal(await countLearners(), 3);
    assert.equal(
      (await sql`select from audit where what = 'add learner' and admin_id = ${adminId}`).length,
      3,
    );
    // Again, as after a worker that died between its last write and the end.
    await sql`update tasks set state = 'running', finished_at = null where id = ${taskId}`;
    assert.equal((await run(taskId)).facts["done learner create"], 3);
    assert.equal((await sql`select from audit where what = 'add learner'`).length, 3);
  });

  it("says at once that nothing is different", async () => {
    await run(await start(sql, oneRoster(FAMILY)));
    const again = await run(await start(sql, oneRoster(FAMILY), { adminId: await addAdmin() }));
    assert.equal(again.state, "done");
  });

  it("fails with a sentence where the file cannot be read, and keeps what was there", async () => {
    await run(await start(sql, oneRoster(FAMILY)));
    const whole = oneRoster(FAMILY);
    for (
      const [bytes, name, sentence] of [
        [whole.subarray(0, 900), "cut.zip", /cut\.zip is damaged or incomplete/],
        [utf8("<!DOCTYPE a []><CTfile/>"), "laughs.xml", /DOCTYPE/],
        [list("Name", "x"), "list.csv", /found none/],
      ] as const
    ) {
      const task = await run(await start(sql, bytes, { name }));
      assert.equal(task.state, "failed");
      assert.match(String(task.failure?.["sentence"]), sentence);
      assert.equal(await findFile(sql, task.id, "upload"), null);
    }
    assert.equal(await countLearners(), 3);
  });

  it("at night leaves out what is faulty, up to what the school allows", async () => {
    const faulty = oneRoster([...FAMILY, { id: "x", role: "student", first: "", last: "Y" }]);
    const done = await run(await start(sql, faulty));
    assert.deepEqual([done.state, done.facts["leftOut"]], ["done", 1]);
    await sql`insert into settings (name, value) values ('feed_errors', '0')`;
    const waits = await run(await start(sql, faulty));
    await sql`delete from settings`;
    assert.deepEqual([waits.state, waits.facts["review"]], ["needs review", "errors"]);
  });

  it("at night asks before more than a tenth leave, and a newer file takes its place", async () => {
    await run(await start(sql, oneRoster(FAMILY)));
    const fewer = await run(await start(sql, oneRoster(changed(FAMILY, { "l-3": null }))));
    assert.deepEqual([fewer.state, fewer.facts["review"]], ["needs review", "leavers"]);
    assert.equal(await countLearners(), 3);
    await run(await start(sql, oneRoster(FAMILY)));
    const superseded = await findTask(sql, fewer.id);
    assert.deepEqual([superseded?.state, superseded?.facts["superseded"]], ["cancelled", true]);
  });

  it("leaves the task to the worker that took it, and hands it back when the program stops", async () => {
    const taskId = await start(sql, oneRoster(FAMILY));
    const held = await claimTask(sql, taskId, now);
    assert.ok(held);
    const running = { services, task: held.task, claim: held.claim };
    await assert.rejects(feeds.run({ ...running, stopping: AbortSignal.abort() }), HandedBack);
    await claimTask(sql, taskId, now);
    await assert.rejects(
      feeds.run({ ...running, stopping: new AbortController().signal }),
      ClaimLost,
    );
    assert.equal(await countLearners(), 0);
    assert.equal((await run(taskId)).state, "done");
  });

  it("ends where somebody cancels it", async () => {
    const taskId = await start(sql, oneRoster(FAMILY), { adminId: await addAdmin() });
    await run(taskId);
    await cancelTask(sql, taskId, now);
    assert.equal((await run(taskId)).state, "cancelled");
    assert.equal(await countLearners(), 0);
  });

  it("is forgotten record by record when it can be undone no more", async () => {
    const { id } = await run(await start(sql, oneRoster(FAMILY)));
    assert.equal(await purgeFeedItems(sql, new Date(now.getTime() + 29 * 86_400_000), 30), 0);
    assert.equal(await purgeFeedItems(sql, new Date(now.getTime() + 31 * 86_400_000), 30), 8);
    assert.equal((await findTask(sql, id))?.facts["done learner create"], 3);
    assert.ok(
      !await transaction(sql, (tx) => startFeedUndo(tx, id, { adminId: null, who: "Test" })),
    );
  });

  it("refuses a kind that was not expected", async () => {
    const taskId = await start(sql, oneRoster(FAMILY));
    await sql`update tasks set facts = facts || '{"expected": "Common Transfer File"}' where id = ${taskId}`;
    const held = await claimTask(sql, taskId, now);
    assert.ok(held);
    const running = {
      services,
      task: held.task,
      claim: held.claim,
      stopping: new AbortController().signal,
    };
    await assert.rejects(feeds.run(running), TaskFailed);
    await settleTask(sql, held.claim, { state: "cancelled" }, now);
  });

  describe("from the folder", () => {
    it("is read once a night by one node, and a file only once", async () => {
      await put("hillcrest.zip", oneRoster(FAMILY));
      now = new Date("2026-11-24T01:59:00Z");
      assert.equal(await feedNightly(services), null, "it is not time yet");
      now = new Date("2026-11-24T02:05:00Z");
      const nodes = await Promise.all([
        feedNightly(services),
        feedNightly(services),
        feedNightly(services),
      ]);
      const [taskId, ...others] = nodes.flatMap((ids) => ids ?? []);
      assert.ok(taskId);
      assert.deepEqual(others, []);
      assert.equal((await run(taskId)).facts["done learner create"], 3);
      now = new Date("2026-11-25T02:00:00Z");
      const [second = 0] = await feedNightly(services) ?? [];
      const nothing = await findTask(sql, second);
      assert.deepEqual([nothing?.state, nothing?.facts["nothing"]], ["done", true]);
      // What earlier nights said makes room.
      const [alerts] = await sql<[{ count: number }]>`
        select count(*)::int as count from tasks where dismissed_at is null`;
      assert.equal(alerts.count, 1);
    });

    it("tells when there is no file, and when there is no folder", async () => {
      const [taskId = 0] = await feedNightly(services) ?? [];
      const task = await findTask(sql, taskId);
      assert.equal(task?.state, "failed");
      assert.match(String(task?.failure?.["sentence"]), /There is no file in .* that is a feed/);
      await assert.rejects(readFolder("/no/such/folder"), FolderProblem);
    });

    it("takes the newest whole file of each kind, learners before contacts", async () => {
      await put("old.zip", oneRoster(FAMILY), 300);
      await put("new.zip", oneRoster(FAMILY), 100);
      await put(
        "contacts.csv",
        list("First name,Surname,Learners,Relationship", "Jo,Reed,1,Mother"),
      );
      await put("Learners 2026.csv", list("First name,Surname,Adno", "Sam,Reed,1"));
      await put("9990001_CTF_9990002_001.xml", transferFile([{ upn: "A123456789099" }]));
      await put("half.zip", oneRoster(FAMILY), 0);
      await put(".hidden.zip", oneRoster(FAMILY));
      const files = await readFolder(folder, new Date(now.getTime() - 30_000));
      assert.deepEqual(files.map(({ name }) => name), [
        "new.zip",
        "9990001_CTF_9990002_001.xml",
        "Learners 2026.csv",
        "contacts.csv",
      ]);
      const ids = await feedNightly(services) ?? [];
      assert.equal(ids.length, 4);
      // The contacts wait for the learners, whichever worker has them.
      const runs = await Promise.all(ids.toReversed().map((id) => run(id)));
      assert.deepEqual(runs.map(({ state }) => state), ["done", "done", "done", "done"]);
    });

    it("takes the newest list of learners alone, and every other list for one of contacts", async () => {
      const learners = list("First name,Surname,Adno", "Sam,Reed,1");
      await put("learners-28.csv", learners, 300);
      await put("learners-29.csv", learners, 200);
      const contacts = list("First name,Surname,Learners,Relationship", "Jo,Reed,1,Mother");
      await put("contacts-20.csv", contacts, 500);
      const names = async (): Promise<string[]> =>
        (await readFolder(folder, new Date(now.getTime() - 30_000))).map(({ name }) => name);
      assert.deepEqual(await names(), ["learners-29.csv", "contacts-20.csv"]);
      await put("Pupil contacts.csv", contacts, 100);
      assert.deepEqual(await names(), ["learners-29.csv", "Pupil contacts.csv"]);
    });

    it("sends a file of the night when the one before it is over, and leaves a command's own task alone", async () => {
      const sent: number[] = [];
      const look = async (): Promise<number[]> => {
        sent.length = 0;
        await sendLost(services, (_tx, _kind, id) => {
          sent.push(id);
          return Promise.resolve();
        });
        return sent;
      };
      const first = await start(sql, list("First name,Surname,Adno", "Sam,Reed,1"), {
        name: "l.csv",
      });
      const second = await start(sql, list("First name,Surname,Adno", "Kit,Moss,2"), {
        name: "m.csv",
      });
      await sql`
        update tasks set created_at = now() - interval '1 minute', facts = facts || case id when ${second}
               then jsonb_build_object('after', ${first}::bigint) else '{}' end
         where id in (${first}, ${second})`;
      assert.deepEqual(await look(), [first]);
      await sql`update tasks set state = 'running', started_at = now() where id = ${first}`;
      assert.deepEqual(await look(), []);
      await sql`update tasks set started_at = now() - interval '2 hours' where id = ${first}`;
      assert.deepEqual(await look(), [first]);
      await sql`update tasks set state = 'done', finished_at = now() where id = ${first}`;
      assert.deepEqual(await look(), [second]);
    });

    it("takes a package that lies there unpacked only when all of it is there", async () => {
      await put(
        "users.csv",
        list(
          "sourcedId,orgSourcedIds,givenName,familyName,username,role",
          "1,9,Ada,Lane,a,Student",
        ),
      );
      await put("orgs.csv", list("sourcedId,name,type", "9,School,school"), 0);
      const before = new Date(now.getTime() - 30_000);
      assert.deepEqual(await readFolder(folder, before), []);
      await put("orgs.csv", list("sourcedId,name,type", "9,School,school"));
      const [one] = await readFolder(folder, before);
      const [again] = await readFolder(folder, before);
      assert.ok(one?.name.endsWith(".zip"));
      assert.deepEqual(one, again);
    });
  });
});
