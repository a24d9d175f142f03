// Runs every benchmark, each in a process of its own, and prints their tables with the machine, the versions and the date.

import { cpus } from "node:os";
import { connect } from "../../db/connect.ts";
import { fromFileUrl } from "../paths.ts";
import { emptySchool } from "./school.ts";

const BENCHES = [
  ["The list and the picker", "list_bench.ts"],
  ["Learners, contacts and duplicates", "records_bench.ts"],
  ["Pages and tasks", "page_bench.ts"],
  ["In the browser", "browser_bench.ts"],
  ["Import (Excel)", "import_bench.ts"],
  ["Import Contacts", "contact_import_bench.ts"],
  ["Feeds", "feed_bench.ts"],
  ["Parent Portal Usage", "usage_report_bench.ts"],
  ["Bulk Reset", "bulk_reset_bench.ts"],
  ["The ledger", "ledger_bench.ts"],
  ["Coverage", "coverage_bench.ts"],
  ["Writing workbooks", "excel_write_bench.ts"],
  ["Operating", "operating_bench.ts"],
  ["Making a school", "seed_bench.ts"],
] as const;

const wanted = BENCHES.filter(([, file]) =>
  Deno.args.length === 0 || Deno.args.some((name) => file.startsWith(name))
);
const [processor] = cpus();
const memory = (Deno.systemMemoryInfo().total / 1024 ** 3).toFixed(0);
say(`${new Date().toISOString().slice(0, 10)}, ${Deno.build.os} ${Deno.osRelease()}, `);
say(`${navigator.hardwareConcurrency} x ${processor?.model ?? "processors"}, ${memory} GB, `);
say(`Deno ${Deno.version.deno} (V8 ${Deno.version.v8}), `);
say(`Postgres ${await findPostgres()}, load ${Deno.loadavg()[0]?.toFixed(1)}\n`);
for (const [title, file] of wanted) {
  say(`\n## ${title}\n\n`);
  const { success } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", fromFileUrl(`bench/${file}`)],
    stdout: "inherit",
    stderr: "inherit",
  }).output();
  if (!success) say(`${file} did not run to its end.\n`);
}

async function findPostgres(): Promise<string> {
  const school = await emptySchool();
  const sql = connect({ url: school.url, pool: 1 });
  const [row] = await sql<[{ version: string }]>`
    select current_setting('server_version') as version`;
  await sql.end();
  await school.close();
  return row.version;
}

function say(text: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(text));
}
