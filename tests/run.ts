// Runs the tests: starts a Postgres of its own with a migrated template, finds a browser, runs the files in parallel, counts.

import { openEmbedded } from "../db/embedded.ts";
import { openLog } from "../lib/log.ts";
import { connect } from "../db/connect.ts";
import { migrate } from "../db/migrate.ts";
import { jobs } from "../jobs/mod.ts";
import { migrateQueue } from "../jobs/queue.ts";
import { findBrowser } from "./browser.ts";
import { TEMPLATE } from "./database.ts";
import { findPgbouncer } from "./pgbouncer.ts";

/** What runs only where there is a PgBouncer: it is in no package that Deno can fetch. */
const POOLED = "tests/operating/pgbouncer_test.ts";

const folder = await Deno.makeTempDir({ prefix: "parent-logons-test-" });
await Deno.chmod(folder, 0o755);
const log = openLog("warn");
const report = `${folder}/junit.xml`;
const wanted = Deno.args.length > 0 ? Deno.args : ["tests"];

// Faults start a dozen workers at once, each with connections of its own, beside two more files.
const server = await openEmbedded(folder, log, 400);
let code = 1;
try {
  const url = await makeTemplate(server.url);
  const journeys = wanted.some((path) => path === "tests" || path.includes("journeys"));
  const browser = journeys ? await findBrowser() : "";
  const pooled = wanted.some((path) => path === "tests" || path.includes("operating"));
  const left = pooled && await findPgbouncer() === undefined ? [POOLED] : [];
  left.forEach((file) =>
    say(`${file} is left out: PgBouncer is not here and cannot be installed.`)
  );
  const tests = new Deno.Command(Deno.execPath(), {
    args: [
      "test",
      "-A",
      // `deno task ok` has checked the types; here it would take as long once more.
      "--no-check",
      "--parallel",
      "--sanitize-ops",
      "--sanitize-resources",
      `--junit-path=${report}`,
      ...left.map((file) => `--ignore=${file}`),
      ...wanted,
    ],
    env: {
      TEST_DATABASE_URL: url,
      TEST_BROWSER: browser,
      DENO_JOBS: Deno.env.get("DENO_JOBS") ?? "3",
    },
  }).spawn();
  code = (await tests.status).code;
} finally {
  await server.stop();
}
const counts = await readCounts(report);
await Deno.remove(folder, { recursive: true });
say(`${counts.passed} passed, ${counts.failed} failed`);
Deno.exit(code === 0 && counts.failed === 0 && counts.passed > 0 ? 0 : 1);

/** A database with every table, of which each test file gets a copy. */
async function makeTemplate(url: string): Promise<string> {
  const template = new URL(url);
  template.pathname = `/${TEMPLATE}`;
  const admin = connect({ url, pool: 1 });
  await admin`create database ${admin(TEMPLATE)} encoding 'UTF8' template template0`;
  await admin.end();
  const sql = connect({ url: template.href, pool: 3 });
  await migrate(sql);
  await migrateQueue({ url: template.href, pool: 2, log }, jobs);
  await sql.end();
  return template.href;
}

/** From the runner's own report. A `describe` is no test of its own: it counts only where it failed by itself. */
async function readCounts(file: string): Promise<{ passed: number; failed: number }> {
  const xml = await Deno.readTextFile(file).catch(() => "");
  const cases = xml.split("<testcase").slice(1).map((text) => ({
    name: /name="([^"]*)"/.exec(text)?.[1] ?? "",
    failed: /<(failure|error|skipped)\b/.test(text),
    byItsParts: /message="\d+ test steps? failed"/.test(text),
  }));
  const groups = new Set(cases.flatMap(({ name }) => groupsOf(name)));
  const counted = cases.filter((one) =>
    groups.has(one.name) ? one.failed && !one.byItsParts : true
  );
  const failed = counted.filter((one) => one.failed).length;
  return { passed: counted.length - failed, failed };
}

function groupsOf(name: string): string[] {
  const parts = name.split(" &gt; ");
  return parts.slice(1).map((_, at) => parts.slice(0, at + 1).join(" &gt; "));
}

function say(sentence: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(sentence + "\n"));
}
