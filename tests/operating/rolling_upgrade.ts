// Upgrades a running school without a pause, from one revision of this repository to another: old nodes, new schema, both, new nodes.
//
// deno run -A tests/operating/rolling_upgrade.ts OLD [NEW]: OLD is a revision of git, NEW the files as they are here unless given.
// It can only show what these two revisions differ in; tests/db/migrate_test.ts keeps every step such that old nodes can live with it.

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { connect, type Sql } from "../../db/connect.ts";
import { openEmbedded } from "../../db/embedded.ts";
import { openLog } from "../../lib/log.ts";
import { Client } from "../browserless.ts";
import { liveADay } from "../day.ts";
import { openMailServer } from "../mail_server.ts";
import { type Running, runProgram, startProgram } from "../program.ts";

const SETTINGS = { SECRET_KEY: new Uint8Array(32).fill(3).toBase64(), LOG_LEVEL: "info" };
const HERE = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "");

const [old, now] = Deno.args;
if (old === undefined) {
  say(
    "Use: rolling_upgrade.ts OLD [NEW], two revisions of git; NEW is what lies here unless given.",
  );
  Deno.exit(2);
}
const folder = await Deno.makeTempDir({ prefix: "parent-logons-rolling-" });
await Deno.chmod(folder, 0o755);
const postgres = await openEmbedded(folder, openLog("error"));
const sql = connect({ url: postgres.url, pool: 4 });
const mails = await openMailServer();
const worktrees: string[] = [];
const nodes = new Map<string, Running>();
let code = 1;
try {
  const from = await checkOut(old, "old");
  const to = now === undefined ? HERE : await checkOut(now, "new");
  await compareSteps(from, to);
  await upgrade(from, to);
  code = 0;
} finally {
  for (const node of nodes.values()) await node.stop("SIGKILL").catch(() => {});
  await mails.close();
  await sql.end({ timeout: 1 });
  await postgres.stop();
  for (const tree of worktrees) await git("worktree", "remove", "--force", tree);
  await Deno.remove(folder, { recursive: true });
}
Deno.exit(code);

async function upgrade(from: string, to: string): Promise<void> {
  const settings = { ...SETTINGS, DATABASE_URL: postgres.url, SMTP_URL: mails.url };
  const start = async (name: string, part: "web" | "work", where: string): Promise<void> => {
    nodes.set(name, await startProgram([part], settings, { main: `${where}/main.ts` }));
  };
  const stop = async (name: string): Promise<void> => {
    const node = nodes.get(name);
    // As a load balancer is told before.
    nodes.delete(name);
    assert.equal(await node?.stop(), 0, `${name} ends well`);
    said.push(...node?.output().match(/.*"level":"error".*/g) ?? []);
  };
  const migrate = async (where: string): Promise<string> => {
    const done = await runProgram(["migrate"], settings, "", { main: `${where}/main.ts` });
    assert.equal(done.code, 0, done.stderr);
    return done.stdout.trim();
  };
  const urls = (): string[] =>
    [...nodes].filter(([name]) => name.endsWith("web")).map(([, node]) => node.url);
  const day = async (mark: string): Promise<void> => {
    await liveADay({ urls: urls(), mails, mark });
    say(`a day on ${[...nodes.keys()].join(", ")}: well`);
  };

  const said: string[] = [];

  await migrate(from);
  await seed(from);
  await start("old web", "web", from);
  await start("old work", "work", from);
  const watch = watchOver(urls);
  await day("before");
  say(`new migrate beside them: ${await migrate(to)}`);
  await day("newer");
  await start("new web", "web", to);
  await start("new work", "work", to);
  await day("both");
  await stop("old work");
  await day("newwork");
  await stop("old web");
  await day("after");
  const { asked, wrong, unready } = await watch.end();
  say(
    `${asked} other requests meanwhile: ${wrong.length} answered by 5xx; /readyz said no ${unready} times`,
  );
  assert.deepEqual(wrong, [], said.join("\n"));
  // Before there was this rule, a node beside a newer schema said that it was not ready, though it served.
  const knowsRule = await Deno.readTextFile(`${from}/db/migrate.ts`);
  if (knowsRule.includes("compareMigrations")) assert.equal(unready, 0);
  await assertNothingLost(sql, ["before", "newer", "both", "newwork", "after"]);
  say("Every day's logons, links, mails and tasks are there.");
  await stop("new web");
  await stop("new work");
}

/** Asks every web node all the time, as an office with the page open and a load balancer do. */
function watchOver(
  urls: () => string[],
): { end(): Promise<{ asked: number; wrong: string[]; unready: number }> } {
  let over = false;
  let asked = 0;
  let unready = 0;
  const wrong: string[] = [];
  async function run(): Promise<void> {
    const client = new Client();
    await client.signIn(urls()[0] ?? "");
    while (!over) {
      for (const url of urls()) {
        for (const path of ["/readyz", "/logons", "/task-alerts"]) {
          const response = await client.ask(url + path).catch(() => null);
          // It was told to stop in the middle of this.
          if (response === null && !urls().includes(url)) continue;
          asked++;
          await response?.body?.cancel();
          if (path === "/readyz" && response?.status === 503) unready++;
          else if (response === null || response.status >= 500) {
            wrong.push(`${path} ${response?.status ?? "no answer"}`);
          }
        }
      }
      await new Promise((done) => setTimeout(done, 100));
    }
  }
  const running = run();
  return {
    async end(): Promise<{ asked: number; wrong: string[]; unready: number }> {
      over = true;
      await running;
      return { asked, wrong, unready };
    },
  };
}

async function assertNothingLost(by: Sql, marks: readonly string[]): Promise<void> {
  for (const mark of marks) {
    const [row] = await by<[{ imported: number; links: number; edited: number; mails: number }]>`
      select (select count(*)::int from logons where surname = ${`Import-${mark}`}) as imported,
             (select count(*)::int from logon_learners k join logons l on l.id = k.logon_id
               where l.surname = ${`Import-${mark}`}) as links,
             (select count(*)::int from logons where surname = ${`Two-${mark}`}) as edited,
             (select count(*)::int from credential_mails
               where username = ${`row.7.${mark}@example.org`} and state = 'accepted') as mails`;
    assert.deepEqual({ ...row }, { imported: 40, links: 40, edited: 1, mails: 1 }, mark);
  }
  const tasks = await by<{ state: string; count: number }[]>`
    select state, count(*)::int as count from tasks group by state`;
  assert.deepEqual(tasks.map(({ state, count }) => [state, count]), [["done", marks.length * 3]]);
}

/** The cast, by the old version's own hand. */
async function seed(where: string): Promise<void> {
  const script = `
    import { connect } from "${where}/db/connect.ts";
    import { seedCast } from "${where}/db/seeds.ts";
    import { openHasher } from "${where}/lib/passwords.ts";
    const sql = connect({ url: ${JSON.stringify(postgres.url)}, pool: 2 });
    const { hash } = openHasher();
    await seedCast(sql, { at: new Date(), hash: (password) => hash(password, 4) });
    await sql.end();`;
  const file = `${where}/.data/seed_cast.ts`;
  await Deno.mkdir(`${where}/.data`, { recursive: true });
  await Deno.writeTextFile(file, script);
  await run(Deno.execPath(), "run", "-A", file);
}

async function checkOut(revision: string, name: string): Promise<string> {
  const tree = `${folder}/${name}`;
  await git("worktree", "add", "--detach", tree, revision);
  worktrees.push(tree);
  return tree;
}

/** How far the two are apart. */
async function compareSteps(from: string, to: string): Promise<void> {
  const steps = async (where: string): Promise<string[]> =>
    (await Array.fromAsync(Deno.readDir(`${where}/db/migrations`))).map(({ name }) => name).sort();
  const [before, after] = [await steps(from), await steps(to)];
  const added = after.filter((name) => !before.includes(name));
  say(
    `${old}: ${before.length} steps; ${now ?? "here"}: ${added.length} more (${
      added.join(", ") || "none"
    })`,
  );
  if (added.length > 0) return;
  say("They do not differ in the schema, so this shows new code beside old code alone.");
}

async function git(...args: string[]): Promise<void> {
  await run("git", "-C", HERE, ...args);
}

async function run(program: string, ...args: string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command(program, {
    args,
    stdout: "null",
    stderr: "piped",
  }).output();
  if (!success) {
    throw new Error(`${program} ${args.join(" ")}: ${new TextDecoder().decode(stderr)}`);
  }
}

function say(sentence: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(sentence + "\n"));
}
