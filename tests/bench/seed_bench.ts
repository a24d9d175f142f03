// How long a believable school takes to be made: the largest that the operator's contract names.

import { emptySchool } from "./school.ts";
import { connect } from "../../db/connect.ts";
import { seedSchool } from "../../db/seeds.ts";
import { openHasher } from "../../lib/passwords.ts";
import { type Figure, table } from "./measure.ts";

const SIZE = { logons: 50_000, learners: 20_000, signIns: 1_000_000 };
/** "Minutes, not hours", in seconds. */
const LIMIT = 600;

export async function bench(): Promise<Figure[]> {
  const school = await emptySchool();
  const sql = connect({ url: school.url, pool: 3, statementTimeout: 0 });
  try {
    const begun = performance.now();
    const { hash } = openHasher();
    await seedSchool(sql, SIZE, { at: new Date("2026-11-24T10:00:00Z"), hash, seed: 1 });
    const seconds = (performance.now() - begun) / 1000;
    return [{
      what: "`seed` with 20,000 learners, 50,000 logons, 1,000,000 sign-ins",
      measured: `${seconds.toFixed(0)} s`,
      limit: "minutes",
      met: seconds <= LIMIT,
    }];
  } finally {
    await sql.end();
    await school.close();
  }
}

if (import.meta.main) {
  await Deno.stdout.write(new TextEncoder().encode(table(await bench()) + "\n"));
}
