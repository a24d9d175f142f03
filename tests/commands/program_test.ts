// The operator's commands, each as a process of its own.

import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { transaction } from "../../db/connect.ts";
import { CREDENTIAL_MAILS } from "../../db/credential_mails.ts";
import { addTask, findTask } from "../../db/tasks.ts";
import { openQueue } from "../../jobs/queue.ts";
import { openLog } from "../../lib/log.ts";
import { eventually } from "../browserless.ts";
import { openTestDatabase, type TestDatabase } from "../database.ts";
import { runProgram, startProgram } from "../program.ts";

const KEY = new Uint8Array(32).fill(3).toBase64();

describe("the operator's program", () => {
  let database: TestDatabase;
  let settings: Record<string, string>;
  before(async () => {
    database = await openTestDatabase();
    settings = { DATABASE_URL: database.url, SECRET_KEY: KEY };
  });
  after(() => database.close());

  it("lists its commands and settings", async () => {
    const { code, stdout } = await runProgram(["help"]);
    assert.equal(code, 0);
    for (const word of ["serve", "migrate", "admin", "doctor", "SECRET_KEY", "TRUSTED_PROXIES"]) {
      assert.ok(stdout.includes(word), word);
    }
  });

  it("says what it does not understand, and ends with 2", async () => {
    const { code, stderr } = await runProgram(["frobnicate"]);
    assert.equal(code, 2);
    assert.match(stderr, /no command “frobnicate”/);
  });

  it("takes no word after a command for one that it leaves alone", async () => {
    for (const args of [["serve", "--port", "9"], ["migrate", "extra"], ["version", "--x"]]) {
      const { code, stderr } = await runProgram(args, settings);
      assert.equal(code, 2, args.join(" "));
      assert.match(
        stderr,
        new RegExp(`${args[0]} takes nothing after it, and there is “${args[1]}”`),
      );
    }
    for (const args of [["doctor", "bogus"], ["seed", "bogus"]]) {
      const { code, stderr } = await runProgram(args, settings);
      assert.equal(code, 1, args.join(" "));
      assert.match(stderr, /“bogus” is not understood/);
    }
  });

  it("keeps the rules of the Admins page for an admin who is added here", async () => {
    for (
      const [args, said] of [
        [["bad name", "--name", "Q"], /username “bad name”: Leave out spaces/],
        [["quentin"], /--name: Enter the name/],
        [["quentin", "--name", " "], /--name: Enter the name/],
      ] as const
    ) {
      const { code, stderr } = await runProgram(["admin", "add", ...args], settings, "x\n");
      assert.equal(code, 1);
      assert.match(stderr, said);
      assert.doesNotMatch(stderr, /Postgres|at file/);
    }
  });

  it("says nothing but its sentence where its port is in use, and begins no work", async () => {
    const taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const port = String(taken.addr.port);
    const { code, stderr } = await runProgram(["serve"], { ...settings, PORT: port });
    taken.close();
    assert.equal(code, 1);
    assert.equal(
      stderr,
      `Port ${port} is in use. Stop the other program, or set PORT to another one.\n`,
    );
  });

  it("tells an operator who lets other machines in that nobody there can sign in yet", async () => {
    const open = { ...settings, HOST: "0.0.0.0" };
    const { stdout } = await runProgram(["doctor"], open);
    assert.match(stdout, /wrong\s+address\s+HOST lets other machines in, but BASE_URL is not set/);
    const program = await startProgram(["web"], open);
    await program.stop();
    assert.match(program.output(), /BASE_URL is not set, so what browsers there send is refused/);
  });

  it("names a setting that is wrong, what was found, and what is expected", async () => {
    const { code, stderr } = await runProgram(["serve"], { ...settings, PORT: "eighty" });
    assert.equal(code, 1);
    assert.match(stderr, /PORT is wrong: found “eighty”, expected a whole number from 0 to 65535/);
  });

  it("shows no secret when a secret setting is wrong", async () => {
    const { code, stderr } = await runProgram(["serve"], { ...settings, SECRET_KEY: "hunter2" });
    assert.equal(code, 1);
    assert.match(stderr, /SECRET_KEY is wrong/);
    assert.ok(!stderr.includes("hunter2"));
  });

  it("adds an admin who can sign in, refuses the name twice, and resets the password", async () => {
    const add = ["admin", "add", "olwen", "--name", "Olwen Hughes", "--role", "office"];
    const added = await runProgram(add, settings, "four readable words here\n");
    assert.equal(added.code, 0, added.stderr);
    const twice = await runProgram(add, settings, "four readable words here\n");
    assert.equal(twice.code, 1);
    assert.match(twice.stderr, /username olwen already/);
    const weak = await runProgram(["admin", "reset", "olwen"], settings, "short\n");
    assert.match(weak.stderr, /at least 12 characters/);
    const reset = await runProgram(
      ["admin", "reset", "OLWEN"],
      settings,
      "other readable words here\n",
    );
    assert.equal(reset.code, 0, reset.stderr);
    const [row] = await database.sql<{ role: string; audits: number }[]>`
      select role, (select count(*)::int from audit) as audits from admins where username = 'olwen'`;
    assert.deepEqual({ ...row }, { role: "Office", audits: 2 });
  });

  it("seeds only an empty database", async () => {
    const { code, stderr } = await runProgram(["seed", "--logons", "5"], settings);
    assert.equal(code, 1);
    assert.match(stderr, /not empty, so nothing was written/);
  });

  it("doctor looks at everything and says what to do", async () => {
    const { stdout } = await runProgram(["doctor"], settings);
    for (const name of ["address", "database", "clock", "mail", "secrets", "disk"]) {
      assert.ok(stdout.includes(name), name);
    }
    assert.match(stdout, /well +database +Postgres 18/);
    assert.match(stdout, /look at this +mail +SMTP_URL is not set/);
    assert.doesNotMatch(stdout, /former key/);
  });

  it("doctor says whether the former server key is still needed", async () => {
    const former = { ...settings, PREVIOUS_SECRET_KEY: new Uint8Array(32).fill(9).toBase64() };
    assert.match(
      (await runProgram(["doctor"], former)).stdout,
      /well +former key No authenticator app/,
    );
    await database.sql`
      with one as (insert into logons (first_name, surname, username, tfa) values ('Ann', 'Lee', 'ann.former', 'set up') returning id)
      insert into totp_secrets (logon_id, ciphertext, key_print, confirmed_at, last_step)
      select id, decode(repeat('00', 48), 'hex'), '\\x0102030405060708'::bytea, now(), 0 from one`;
    assert.match(
      (await runProgram(["doctor"], former)).stdout,
      /look at this +former key 1 authenticator/,
    );
    await database.sql`delete from logons where username = 'ann.former'`;
  });

  it("reads a file as the importer sees it", async () => {
    const file = await Deno.makeTempFile({ suffix: ".csv" });
    await Deno.writeTextFile(file, "First name,Surname\nZoë,Łukasz\n");
    const { stdout } = await runProgram(["read", file]);
    const shown = JSON.parse(stdout);
    assert.deepEqual(shown.rows, [["First name", "Surname"], ["Zoë", "Łukasz"]]);
    await Deno.writeTextFile(file, "");
    const refused = JSON.parse((await runProgram(["read", file])).stdout);
    assert.equal(refused.refused.kind, "empty");
    assert.match(refused.refused.sentence, /empty/);
    await Deno.remove(file);
  });

  it("reads a file on a machine that has never asked the registry about anything", async () => {
    const folder = await Deno.makeTempDir();
    const file = `${folder}/parents.csv`;
    await Deno.writeTextFile(file, "First name,Surname\nZoë,Quill\n");
    const { code, stdout, stderr } = await runProgram(["read", file], { DENO_DIR: folder }, "", {
      flags: [
        "--cached-only",
      ],
    });
    assert.equal(code, 0, stderr);
    assert.deepEqual(JSON.parse(stdout).rows[1], ["Zoë", "Quill"]);
    await Deno.remove(folder, { recursive: true });
  });

  it("serves, answers for its health, and ends on SIGTERM with 0", async () => {
    const program = await startProgram(["serve"], settings);
    assert.equal((await (await fetch(`${program.url}/healthz`)).text()).trim(), "ok");
    const ready = await fetch(`${program.url}/readyz`);
    assert.equal(ready.status, 200, await ready.text());
    const page = await fetch(`${program.url}/sign-in`);
    assert.match(await page.text(), /<h1>Parent Logons<\/h1>/);
    assert.equal(await program.stop("SIGTERM"), 0);
  });

  it("has no room for a core file: its memory would be in it", async () => {
    const program = await startProgram(["serve"], settings);
    try {
      const limits = await Deno.readTextFile(`/proc/${program.pid}/limits`);
      assert.match(limits, /^Max core file size +[01] +[01] /m);
    } finally {
      await program.stop();
    }
  });

  it("works, or ends with 1 and says why, however few connections Postgres has for it", async () => {
    const { sql } = database;
    const queue = await openQueue({ url: database.url, pool: 2, log: openLog("error") });
    const role = `small_${crypto.randomUUID().replaceAll("-", "")}`;
    await sql`create role ${
      sql(role)
    } login password 'few' in role pg_read_all_data, pg_write_all_data`;
    const url = new URL(database.url);
    url.username = role;
    url.password = "few";
    try {
      let refused = 0;
      for (const connections of [1, 2, 3, 4]) {
        await sql`update pg_authid set rolconnlimit = ${connections} where rolname = ${role}`;
        const work = startProgram(["work"], { ...settings, DATABASE_URL: url.href });
        const running = await work.catch((error: Error) => error.message);
        if (typeof running === "string") {
          assert.match(running, /^ended with 1: .*no connection free: too many connections/s);
          refused++;
          continue;
        }
        // It works: without a mail server it fails the task, and says so.
        const taskId = await transaction(sql, async (tx) => {
          const task = {
            kind: CREDENTIAL_MAILS,
            title: "Nobody",
            adminId: null,
            facts: {},
            requestId: null,
          };
          const id = await addTask(tx, task);
          await queue.send(tx, CREDENTIAL_MAILS, id);
          return id;
        });
        await eventually(() => findTask(sql, taskId), (task) => task?.state === "failed");
        assert.equal(await running.stop(), 0);
      }
      assert.ok(refused > 0 && refused < 4, `${refused} of 4`);
    } finally {
      await queue.close();
      await sql`drop role ${sql(role)}`;
    }
  });

  it("does not blame the database for a folder that cannot be made", async () => {
    const { code, stderr } = await runProgram(["serve"], { DATA_DIR: "/dev/null/nope" });
    assert.equal(code, 1);
    assert.match(stderr, /nope/);
    assert.doesNotMatch(stderr, /database cannot be reached/);
  });

  it("says that the database cannot be reached where it is away", async () => {
    const away = { ...settings, DATABASE_URL: "postgres://postgres:x@127.0.0.1:9/none" };
    const { code, stderr } = await runProgram(["work"], away);
    assert.equal(code, 1);
    assert.match(stderr, /^The database cannot be reached, or has no connection free: /);
  });

  it("refuses a database that was not migrated, and says how", async () => {
    await database.sql`delete from migrations where name like '0006%'`;
    const { code, stderr } = await runProgram(["serve"], settings);
    await database.sql`insert into migrations (name) values ('0006_tasks.sql')`;
    assert.equal(code, 1);
    assert.match(stderr, /lacks 1 of this version’s changes. Run: main.ts migrate/);
  });
});
