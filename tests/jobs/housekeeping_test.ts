// What has had its time goes, what has not stays, and one worker at a time sees to it.

import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { purgeExpired, startHousekeeping } from "../../jobs/housekeeping.ts";
import { eventually } from "../browserless.ts";
import { type Office, openOffice, signIn } from "../office.ts";

describe("housekeeping", () => {
  let office: Office;
  before(async () => {
    office = await openOffice();
  });
  after(() => office.close());

  it("keeps what can still be used or restored", async () => {
    await signIn(office);
    const purged = await purgeExpired(office.services);
    assert.deepEqual(purged, {
      sessions: 0,
      links: 0,
      devices: 0,
      throttles: 0,
      files: 0,
      logons: 0,
      notices: 0,
      feedItems: 0,
      signIns: 0,
      mails: 0,
      audit: 0,
    });
  });

  it("reckons Coverage of whom something has changed, from its start", async () => {
    const { sql } = office.services;
    const waiting = async (): Promise<number> =>
      (await sql`select from coverage_changes limit 1`).count;
    await sql`update logons set expires_on = '2030-01-01' where username = 'ama.boateng'`;
    assert.equal(await waiting(), 1);
    const stop = startHousekeeping(office.services);
    await eventually(waiting, (left) => left === 0);
    await stop();
    const kept = await sql`select from learner_coverage where holds_until = '2030-01-01'`;
    assert.ok(kept.count > 0);
  });

  it("leaves it to the worker that is at it already", async () => {
    const { sql } = office.services;
    await sql.begin(async (tx) => {
      await tx`select pg_advisory_xact_lock(7061772003)`;
      assert.equal(await purgeExpired(office.services), null);
    });
  });

  it("removes ended sessions and logons that were deleted over 30 days ago, and says so", async () => {
    const { sql } = office.services;
    office.clock.move(31 * 24 * 60);
    const purged = await purgeExpired(office.services);
    assert.equal(purged?.logons, 1);
    assert.ok((purged?.sessions ?? 0) >= 1);
    const [left] =
      await sql`select count(*)::int as count from logons where username = 'marek.kowalczyk'`;
    assert.equal(left?.["count"], 0);
    const [audit] = await sql<
      { after: { logons: number } }[]
    >`select after from audit where what = 'purge'`;
    assert.equal(audit?.after.logons, 1);
  });

  it("gives the username of a purged logon free, without its history", async () => {
    const { sql } = office.services;
    const [row] = await sql<{ id: number }[]>`
      insert into logons (first_name, surname, username) values ('Marek', 'Other', 'marek.kowalczyk') returning id`;
    const history = await sql<{ logonId: number | null }[]>`
      select logon_id as "logonId" from sign_ins where username = 'marek.kowalczyk'`;
    assert.ok(row && history.length > 0);
    assert.ok(history.every(({ logonId }) => logonId === null));
  });
});
