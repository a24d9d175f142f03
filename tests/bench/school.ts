// A seeded school for the benchmarks, on an embedded Postgres of its own; large ones are kept between two runs.

import { openEmbedded } from "../../db/embedded.ts";
import { connect } from "../../db/connect.ts";
import { migrate } from "../../db/migrate.ts";
import { isEmpty, type SchoolSize, seedCast, seedSchool } from "../../db/seeds.ts";
import { jobs } from "../../jobs/mod.ts";
import { migrateQueue } from "../../jobs/queue.ts";
import { openLog } from "../../lib/log.ts";
import { openHasher } from "../../lib/passwords.ts";
import { fromFileUrl } from "../paths.ts";

const AT = new Date("2026-11-24T10:00:00Z");

export type School = { readonly url: string; close(): Promise<void> };

/** One with nobody in it, in a folder of its own that goes with it. */
export async function emptySchool(): Promise<School> {
  const folder = await Deno.makeTempDir({ prefix: "parent-logons-bench-" });
  await Deno.chmod(folder, 0o755);
  const server = await openEmbedded(folder, openLog("warn"));
  const sql = connect({ url: server.url, pool: 3, statementTimeout: 0 });
  await migrate(sql);
  await sql.end();
  return {
    url: server.url,
    async close(): Promise<void> {
      await server.stop();
      await Deno.remove(folder, { recursive: true });
    },
  };
}

/** A seeded one that goes with its folder, for what adds to it. */
export async function newSchool(size: SchoolSize): Promise<School> {
  const school = await emptySchool();
  await fill(school.url, size);
  return school;
}

/** Opens one that is kept, for what leaves it as it is. The same size gives the same school. */
export async function openSchool(size: SchoolSize): Promise<School> {
  const name = `${size.logons}-${size.learners}-${size.signIns}`;
  const server = await openEmbedded(fromFileUrl(`../.data/bench/${name}`), openLog("warn"));
  await fill(server.url, size);
  return { url: server.url, close: () => server.stop() };
}

/** Brings a school to today's version, and seeds it if it is new. */
async function fill(url: string, size: SchoolSize): Promise<void> {
  const sql = connect({ url, pool: 3, statementTimeout: 0 });
  await migrate(sql);
  await migrateQueue({ url, pool: 2, log: openLog("warn") }, jobs);
  if (await isEmpty(sql)) {
    const { hash } = openHasher();
    await seedCast(sql, { at: AT, hash });
    await seedSchool(sql, size, { at: AT, hash, seed: 1 });
  }
  await sql.end();
}
