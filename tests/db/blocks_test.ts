// A block keeps one learner from one parent: no way in gets past it, whoever comes first.

import { after, afterEach, before, beforeEach, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { brokenConstraint, connect, type Sql, transaction } from "../../db/connect.ts";
import { listLearnersOf } from "../../db/learners.ts";
import { findBlockedLearners } from "../../db/blocked_adults.ts";
import { openTestDatabase, type TestDatabase } from "../database.ts";
import { assertColumns } from "./logon_columns.ts";

const ACCESS = { today: "2026-11-24", leaverDays: 90 };

describe("a block", () => {
  let database: TestDatabase;
  let sql: Sql;
  let contact: number;
  let logon: number;
  let ellie: number;
  let jack: number;
  before(async () => {
    database = await openTestDatabase({ pool: 6 });
    sql = database.sql;
    const learners = await sql<{ id: number }[]>`
      insert into learners (admission_number, first_name, surname, status)
      values ('1', 'Ellie', 'Smith', 'Current'), ('2', 'Jack', 'Smith', 'Current') returning id`;
    ellie = learners[0]?.id ?? 0;
    jack = learners[1]?.id ?? 0;
  });
  afterEach(() => assertColumns(database.sql));
  after(() => database.close());
  beforeEach(async () => {
    await sql`delete from blocks`;
    await sql`delete from logons`;
    await sql`delete from contacts`;
    const [row] = await sql<[{ id: number }]>`
      insert into contacts (first_name, surname) values ('Sarah', 'Smith') returning id`;
    contact = row.id;
    logon = await addLogon(contact);
  });

  async function addLogon(contactId: number | null): Promise<number> {
    const [row] = await sql<[{ id: number }]>`
      insert into logons (first_name, surname, username, contact_id)
      values ('Sarah', 'Smith', ${crypto.randomUUID()}, ${contactId}) returning id`;
    return row.id;
  }
  const link = (logonId: number, learner: number, by: Sql = sql): Promise<unknown> =>
    by`insert into logon_learners (logon_id, learner_id) values (${logonId}, ${learner})`;
  const block = (whose: { logon?: number; contact?: number }, by: Sql = sql): Promise<unknown> =>
    by`insert into blocks (learner_id, logon_id, contact_id, reason)
       values (${ellie}, ${whose.logon ?? null}, ${whose.contact ?? null}, 'court order')`;
  const refused = (error: unknown): boolean => brokenConstraint(error) === "link_is_blocked";
  async function linksOf(logonId: number): Promise<number[]> {
    const rows = await sql<{ learner_id: number }[]>`
      select learner_id from logon_learners where logon_id = ${logonId} order by 1`;
    return rows.map((row) => row.learner_id);
  }

  it("refuses a link to that learner, and lets the sibling be linked", async () => {
    await block({ logon });
    await assert.rejects(link(logon, ellie), refused);
    await link(logon, jack);
    assert.deepEqual(await linksOf(logon), [jack]);
  });

  it("refuses all of a set in which one is blocked", async () => {
    await block({ logon });
    await assert.rejects(
      sql`insert into logon_learners (logon_id, learner_id)
          select ${logon}, id from learners on conflict do nothing`,
      refused,
    );
    assert.deepEqual(await linksOf(logon), []);
  });

  it("ends the link there is, and keeps the sibling's", async () => {
    await link(logon, ellie);
    await link(logon, jack);
    await block({ logon });
    assert.deepEqual(await linksOf(logon), [jack]);
    const [row] = await sql`select linked_names, linked_count from logons where id = ${logon}`;
    assert.deepEqual({ ...row }, { linked_names: "Smith Jack", linked_count: 1 });
  });

  it("covers every logon of the same contact, those there are and those that come", async () => {
    const second = await addLogon(contact);
    await link(second, ellie);
    await block({ logon, contact });
    assert.deepEqual(await linksOf(second), []);
    await assert.rejects(link(second, ellie), refused);
    const third = await addLogon(contact);
    await assert.rejects(link(third, ellie), refused);
    const stranger = await addLogon(null);
    await link(stranger, ellie);
    await sql`update logons set contact_id = ${contact} where id = ${stranger}`;
    assert.deepEqual(await linksOf(stranger), [], "giving a logon to a blocked contact");
  });

  it("stays when the contact is taken off the logon", async () => {
    await block({ logon, contact });
    await sql`update logons set contact_id = null where id = ${logon}`;
    await assert.rejects(link(logon, ellie), refused);
  });

  it("lets no link be moved past it", async () => {
    await block({ logon });
    await link(logon, jack);
    await assert.rejects(sql`update logon_learners set learner_id = ${ellie}`);
    const other = await addLogon(null);
    await link(other, ellie);
    await assert.rejects(
      sql`update logon_learners set logon_id = ${logon} where logon_id = ${other}`,
    );
  });

  it("ends nothing once lifted, and forbids nothing", async () => {
    await block({ logon });
    await sql`update blocks set lifted_at = now()`;
    await link(logon, ellie);
    assert.deepEqual(await linksOf(logon), [ellie]);
    await sql`update blocks set lifted_at = null`;
    assert.deepEqual(await linksOf(logon), [], "set again");
  });

  it("is set once at a time for a parent and a learner", async () => {
    await block({ logon });
    await assert.rejects(block({ logon }));
    await sql`update blocks set lifted_at = now()`;
    await block({ logon });
  });

  it("is told by the one question that every way in asks, and by what the portal shows", async () => {
    await link(logon, jack);
    await block({ logon });
    const adult = { logonId: logon, firstName: "", surname: "", email: null };
    assert.deepEqual(await findBlockedLearners(sql, adult, [jack, ellie]), [ellie]);
    assert.deepEqual(await findBlockedLearners(sql, adult, []), []);
    const seen = await listLearnersOf(sql, logon, ACCESS);
    assert.deepEqual(seen.map((learner) => learner.firstName), ["Jack"]);
  });

  it("hides the learner on the portal even where a link has got past the triggers", async () => {
    await block({ logon });
    await sql.begin(async (tx) => {
      await tx`set local session_replication_role = replica`;
      await tx`insert into logon_learners (logon_id, learner_id) values (${logon}, ${ellie})`;
    });
    assert.deepEqual(await linksOf(logon), [ellie]);
    assert.deepEqual([...await listLearnersOf(sql, logon, ACCESS)], []);
  });

  it("wins against a link at the same moment, whichever comes first", async () => {
    const other = connect({ url: database.url, pool: 1 });
    for (const first of ["link", "block"] as const) {
      for (const whose of [{ logon }, { contact }]) {
        await sql`delete from blocks`;
        await sql`delete from logon_learners`;
        const release = Promise.withResolvers<void>();
        const begun = Promise.withResolvers<void>();
        const holding = transaction(sql, async (tx) => {
          if (first === "link") {
            await tx`insert into logon_learners (logon_id, learner_id) values (${logon}, ${ellie})`;
          } else {
            await tx`insert into blocks (learner_id, logon_id, contact_id, reason)
              values (${ellie}, ${whose.logon ?? null}, ${whose.contact ?? null}, 'court order')`;
          }
          begun.resolve();
          await release.promise;
          await tx`select 1`;
        });
        await begun.promise;
        let done = false;
        const second = (first === "link" ? block(whose, other) : link(logon, ellie, other))
          .then(() => "stored", (error) => refused(error) ? "refused" : Promise.reject(error))
          .finally(() => done = true);
        await sql`select pg_sleep(0.1)`;
        assert.equal(done, false, "the second waits for the first");
        release.resolve();
        await holding;
        assert.equal(await second, first === "link" ? "stored" : "refused");
        assert.deepEqual(await linksOf(logon), [], `${first} first`);
      }
    }
    await other.end({ timeout: 1 });
  });

  it("and a hundred links and blocks at once leave no link behind it, and no deadlock", async () => {
    const logons = await Promise.all(Array.from({ length: 20 }, () => addLogon(null)));
    const work = logons.flatMap((id) => [
      link(id, ellie).catch((error) => refused(error) ? null : Promise.reject(error)),
      block({ logon: id }),
      link(id, jack),
    ]);
    await Promise.all(work);
    const left = await sql`
      select from logon_learners k where exists (select from blocked_pairs(array[k.logon_id], array[k.learner_id]))`;
    assert.equal(left.length, 0);
    assert.equal((await sql`select from blocks`).length, 20);
  });
});
