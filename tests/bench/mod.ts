// Runs every benchmark, each in a process of its own, and prints their tables with the machine, the versions and the date.

import { fromFileUrl } from "../paths.ts";

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
] as const;

const wanted = BENCHES.filter(([, file]) =>
  Deno.args.length === 0 || Deno.args.some((name) => file.startsWith(name))
);
say(
  `${
    new Date().toISOString().slice(0, 10)
  }, Deno ${Deno.version.deno}, ${navigator.hardwareConcurrency} cores, `,
);
say(
  `${(Deno.systemMemoryInfo().total / 1024 ** 3).toFixed(0)} GB, load ${
    Deno.loadavg()[0]?.toFixed(1)
  }\n`,
);
for (const [title, file] of wanted) {
  say(`\n## ${title}\n\n`);
  const { success } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", fromFileUrl(`bench/${file}`)],
    stdout: "inherit",
    stderr: "inherit",
  }).output();
  if (!success) say(`${file} did not run to its end.\n`);
}

function say(text: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(text));
}
