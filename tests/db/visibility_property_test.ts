// Whatever is done in whatever order, a parent never sees a blocked or ended learner, and goes on seeing the brothers and sisters.
// `deno task visibility` tries thousands of sequences; VISIBILITY_SEED repeats those of a failure.

import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import fc from "fast-check";
import { applyAttention, unlinkAttention } from "../../db/attention.ts";
import { findAdult } from "../../db/blocked_adults.ts";
import { addBlock, liftBlock, relinkBlocked } from "../../db/blocks.ts";
import { type Sql, transaction } from "../../db/connect.ts";
import { importContacts } from "../../db/contact_import_apply.ts";
import { startContactImport } from "../../db/contact_imports.ts";
import { undoFeed } from "../../db/feed_undo.ts";
import { undoImport } from "../../db/import_undo_apply.ts";
import { listLearnersOf } from "../../db/learners.ts";
import { findMergeSides, mergeLogons } from "../../db/logon_merges.ts";
import { deleteLogon, editLogon, findLogon, LogonRefused, restoreLogon } from "../../db/logons.ts";
import { openTestDatabase, type TestDatabase } from "../database.ts";
import type { FeedKind } from "../../lib/feeds/feed.ts";
import { feedIn, list } from "../feeds.ts";
import { AT, clearSchool, holdAgain, importRows, seedSchool } from "./import_school.ts";

const RUNS = Number(Deno.env.get("VISIBILITY_RUNS") ?? 100);
const SEED = Deno.env.get("VISIBILITY_SEED");
const STEPS_A_RUN = 30;
const ACCESS = { today: "2026-11-24", leaverDays: 90 };
const AUTHOR = { adminId: null, who: "Test" };

/** A logon as it is now. */
type Known = {
  readonly id: number;
  readonly contactId: number | null;
  readonly isDeleted: boolean;
  readonly username: string;
};
/** A block that was set and not lifted: whom it covers, as the rules say and whatever the database thinks. */
type ModelBlock = {
  readonly learner: number;
  readonly logons: Set<number>;
  readonly contacts: Set<number>;
};
type Pair = string;

/** One family with what was done to it. */
type World = {
  readonly sql: Sql;
  readonly tag: string;
  readonly learners: readonly {
    readonly id: number;
    readonly name: string;
    readonly number: string;
  }[];
  /** Tasks of imports. */
  readonly imports: number[];
  readonly feeds: { readonly taskId: number; readonly feed: FeedKind }[];
  contacts: readonly number[];
  logons: readonly Known[];
  blocks: ModelBlock[];
  /** Who left more than 90 days ago, by their record. */
  ended: ReadonlySet<number>;
};

type Step = { readonly kind: Kind; readonly one: number; readonly other: number };
/** Pairs whose sight the step may end; all others must stay. */
type MayEnd = readonly Pair[];

function pick<T>(of: readonly T[], at: number): T | undefined {
  return of.length === 0 ? undefined : of[at % of.length];
}
function pair(logonId: number, learnerId: number): Pair {
  return `${logonId} ${learnerId}`;
}
function live(world: World): Known[] {
  return world.logons.filter((logon) => !logon.isDeleted);
}
function isBlocked(world: World, logon: Known, learner: number): boolean {
  return world.blocks.some((block) =>
    block.learner === learner &&
    (block.logons.has(logon.id) ||
      (logon.contactId !== null && block.contacts.has(logon.contactId)))
  );
}
function blockedPairs(world: World): Pair[] {
  return world.logons.flatMap((logon) =>
    world.learners.filter(({ id }) => isBlocked(world, logon, id)).map(({ id }) =>
      pair(logon.id, id)
    )
  );
}

/** Edits a logon as the window does. */
async function edit(
  world: World,
  logon: Known | undefined,
  change: (ids: readonly number[]) => readonly number[],
): Promise<void> {
  const now = logon === undefined ? null : await findLogon(world.sql, logon.id);
  if (now === null || now.deletedAt !== null) return;
  const { firstName, surname, email, username, id, version } = now;
  const edited = {
    logon: { firstName, surname, email, username },
    learnerIds: change(now.learnerIds),
    password: null,
    author: AUTHOR,
    at: AT,
  };
  await transaction(world.sql, (tx) => editLogon(tx, id, version, edited)).catch((error) => {
    if (!(error instanceof LogonRefused)) throw error;
  });
}

/** What can happen. */
const STEPS = {
  async link(world, { one, other }): Promise<MayEnd> {
    const learner = pick(world.learners, other)?.id ?? 0;
    await edit(world, pick(live(world), one), (ids) => [...new Set([...ids, learner])]);
    return [];
  },
  async unlink(world, { one, other }): Promise<MayEnd> {
    const logon = pick(live(world), one);
    const learner = pick(world.learners, other)?.id ?? 0;
    await edit(world, logon, (ids) => ids.filter((id) => id !== learner));
    return logon === undefined ? [] : [pair(logon.id, learner)];
  },
  async excel(world, { one, other }): Promise<MayEnd> {
    const logon = pick(world.logons, one);
    const learner = pick(world.learners, other);
    const username = one % 5 === 4 ? "" : logon?.username ?? "";
    const email = username === "" ? `a.${world.tag}@example.org` : "";
    const name = username === "" ? "Ann" : "";
    const { taskId } = await importRows(world.sql, [[
      name || "Ann",
      world.tag,
      email,
      username,
      "",
      learner?.number ?? "",
      "",
    ]]);
    world.imports.push(taskId);
    return [];
  },
  async contacts(world, { one }): Promise<MayEnd> {
    const contact = pick(world.contacts, one);
    if (contact === undefined) return [];
    const [admin] = await world.sql<[{ id: number }]>`select id from admins limit 1`;
    const choice = { ids: [contact], all: false, search: "" };
    const task = await transaction(
      world.sql,
      (tx) => startContactImport(tx, choice, { adminId: admin.id, requestId: null }),
    );
    const claim = await holdAgain(world.sql, task);
    while (await importContacts(world.sql, claim, { size: 10, author: AUTHOR }) > 0);
    world.imports.push(task);
    return [];
  },
  async undo(world, { one }): Promise<MayEnd> {
    const task = world.imports.at(-1 - one % Math.max(1, world.imports.length)) ?? 0;
    await world.sql`update tasks set state = 'done', finished_at = ${AT} where id = ${task}`;
    const written = await world.sql<{ id: number; what: string; learners: number[] | null }[]>`
      select subject_id as id, what, after->'addedLearnerIds' as learners from audit
       where subject = 'logon' and after->>'task' = ${String(task)}`;
    await transaction(world.sql, (tx) => undoImport(tx, task, AUTHOR, AT));
    return written.flatMap(({ id, what, learners }) => {
      const ends = what === "edit logon" ? learners ?? [] : world.learners.map((one) => one.id);
      return ends.map((learner) => pair(id, learner));
    });
  },
  async remove(world, { one }): Promise<MayEnd> {
    const logon = pick(live(world), one);
    if (logon === undefined || live(world).length < 2) return [];
    await transaction(world.sql, (tx) => deleteLogon(tx, logon.id, AUTHOR, AT));
    return world.learners.map(({ id }) => pair(logon.id, id));
  },
  async restore(world, { one }): Promise<MayEnd> {
    const logon = pick(world.logons.filter((known) => known.isDeleted), one);
    if (logon !== undefined) {
      await transaction(world.sql, (tx) => restoreLogon(tx, logon.id, AUTHOR));
    }
    return [];
  },
  async merge(world, { one, other }): Promise<MayEnd> {
    const kept = pick(live(world), one);
    const closed = pick(live(world).filter(({ id }) => id !== kept?.id), other);
    if (kept === undefined || closed === undefined) return [];
    const sides = await findMergeSides(world.sql, [kept.id, closed.id]);
    const [keep, close] = sides;
    if (keep === undefined || close === undefined) return [];
    const outcome = await transaction(
      world.sql,
      (tx) => mergeLogons(tx, { keep, close }, AUTHOR, AT),
    );
    assert.equal(outcome, "merged");
    for (const block of world.blocks) {
      const covers = block.logons.has(closed.id) ||
        (closed.contactId !== null && block.contacts.has(closed.contactId));
      if (covers) block.logons.add(kept.id);
      if (block.logons.has(kept.id) && kept.contactId === null && closed.contactId !== null) {
        block.contacts.add(closed.contactId);
      }
    }
    await look(world);
    return [...world.learners.map(({ id }) => pair(closed.id, id)), ...blockedPairs(world)];
  },
  async email(world, { one, other }): Promise<MayEnd> {
    const contact = pick(world.contacts, one);
    await world.sql`
      update contacts set email = ${`${other}.${world.tag}@example.org`} where id = ${
      contact ?? 0
    }`;
    return [];
  },
  async apply(world): Promise<MayEnd> {
    const ids = await openItems(world);
    await transaction(world.sql, (tx) => applyAttention(tx, ids, AUTHOR, AT));
    return [];
  },
  async untick(world, { one, other }): Promise<MayEnd> {
    await world.sql`
      update contact_learners set parental_responsibility = ${other % 2 === 0}
       where contact_id = ${pick(world.contacts, one) ?? 0} and learner_id = ${
      pick(world.learners, other)?.id ?? 0
    }`;
    return [];
  },
  async takeOff(world, { one, other }): Promise<MayEnd> {
    await world.sql`
      delete from contact_learners
       where contact_id = ${pick(world.contacts, one) ?? 0} and learner_id = ${
      pick(world.learners, other)?.id ?? 0
    }`;
    return [];
  },
  async unlinkItems(world): Promise<MayEnd> {
    const rows = await world.sql<{ id: number; logonId: number; learnerId: number }[]>`
      select a.id, a.logon_id as "logonId", a.learner_id as "learnerId"
        from attention a join logons l on l.id = a.logon_id where l.surname = ${world.tag} and a.learner_id is not null`;
    await transaction(world.sql, (tx) => unlinkAttention(tx, rows.map((row) => row.id), AUTHOR));
    return rows.map((row) => pair(row.logonId, row.learnerId));
  },
  async loseContact(world, { one, other }): Promise<MayEnd> {
    const contact = other % 4 === 0 ? pick(world.contacts, one) : undefined;
    if (contact === undefined) return [];
    for (const block of world.blocks.filter(({ contacts }) => contacts.has(contact))) {
      world.logons.filter((logon) => logon.contactId === contact)
        .forEach((logon) => block.logons.add(logon.id));
    }
    await world.sql`delete from contacts where id = ${contact}`;
    return [];
  },
  async leave(world, { one, other }): Promise<MayEnd> {
    const left = ["2026-08-25", "2026-08-26", null][other % 3] ?? null;
    await world.sql`
      update learners set status = ${left === null ? "Current" : "Leaver"}, left_on = ${left}
       where id = ${pick(world.learners, one)?.id ?? 0}`;
    return [];
  },
  async feedLearners(world, { one, other }): Promise<MayEnd> {
    const left = ["2026-08-25", "2026-08-26", ""][other % 3] ?? "";
    await feed(world, "Learners sheet", one % 4 === 0, [
      "First name,Surname,Admission number,Status,Leaving date",
      ...world.learners.map(({ name, number }, place) =>
        place === one % world.learners.length && left !== ""
          ? `${name},${world.tag},${number},Leaver,${left}`
          : `${name},${world.tag},${number},Current,`
      ),
    ]);
    return [];
  },
  async feedContacts(world, { one, other }): Promise<MayEnd> {
    const name = ["Ann", "Bob", "Dan"][one % 3] ?? "";
    const children = world.learners.slice(other % world.learners.length);
    const email = `${name}${other % 2}.${world.tag}@example.org`;
    await feed(world, "Contacts sheet", one % 4 === 0, [
      "First name,Surname,Email,Learners,Relationship,Priority,Parental Responsibility",
      `${name},${world.tag},${email},${children.map(({ number }) => number).join(";")},Parent,1,${
        ["yes", "no", ""][other % 3] ?? ""
      }`,
    ]);
    return [];
  },
  async undoFeed(world, { one }): Promise<MayEnd> {
    const fed = world.feeds.at(-1 - one % Math.max(1, world.feeds.length));
    if (fed !== undefined) {
      await transaction(world.sql, (tx) => undoFeed(tx, { ...fed, author: AUTHOR }));
    }
    return [];
  },
  async block(world, { one, other }): Promise<MayEnd> {
    const learner = pick(world.learners, other)?.id ?? 0;
    const logon = pick(world.logons, one);
    const contactId = one % 3 === 0 ? pick(world.contacts, one) : undefined;
    if (logon === undefined) return [];
    const ref = contactId === undefined ? { logonId: logon.id } : { contactId };
    const adult = await findAdult(world.sql, ref);
    if (adult === null) return [];
    const block = { adult, learnerId: learner, reason: "court order", reviewOn: null };
    await transaction(world.sql, (tx) => addBlock(tx, block, AUTHOR, AT));
    world.blocks.push({
      learner,
      logons: new Set(adult.logonId === null ? [] : [adult.logonId]),
      contacts: new Set(adult.contactId === null ? [] : [adult.contactId]),
    });
    return blockedPairs(world);
  },
  async lift(world, { one, other }): Promise<MayEnd> {
    const learner = pick(world.learners, one)?.id ?? 0;
    const rows = await world.sql<{ id: number }[]>`
      select id from blocks where learner_id = ${learner} and lifted_at is null`;
    for (const { id } of rows) {
      await transaction(world.sql, (tx) => liftBlock(tx, id, "over", AUTHOR, AT));
    }
    world.blocks = world.blocks.filter((block) => block.learner !== learner);
    for (const { id } of other % 2 === 0 ? rows : []) {
      await transaction(world.sql, (tx) => relinkBlocked(tx, id, AUTHOR));
    }
    return [];
  },
} satisfies Record<string, (world: World, step: Step) => Promise<MayEnd>>;
type Kind = keyof typeof STEPS;

/** Feeds a list in, as the folder does at night. */
async function feed(
  world: World,
  kind: FeedKind,
  isComplete: boolean,
  lines: readonly string[],
): Promise<void> {
  const options = { name: `${kind}.csv`, isComplete };
  const { taskId } = await feedIn(world.sql, list(...lines), options);
  world.feeds.push({ taskId, feed: kind });
}

async function openItems(world: World): Promise<number[]> {
  const rows = await world.sql<{ id: number }[]>`
    select a.id from attention a join logons l on l.id = a.logon_id where l.surname = ${world.tag}`;
  return rows.map((row) => row.id);
}

/** A mother with two logons, a father, and somebody of no contact; three children. */
async function openWorld(sql: Sql): Promise<World> {
  const tag = `Ode${crypto.randomUUID().slice(0, 12)}`;
  const learners = await sql<{ id: number; name: string; number: string }[]>`
    insert into learners (admission_number, first_name, surname, status)
    select ${tag} || n, 'Child' || n, ${tag}, 'Current' from generate_series(1, 3) as n
    returning id, first_name as name, admission_number as number`;
  const contacts = await sql<{ id: number }[]>`
    insert into contacts (first_name, surname, email)
    select name, ${tag}, lower(name) || '.' || ${tag} || '@example.org' from unnest(array['Ann', 'Bob']) as n (name)
    returning id`;
  const [ann = 0, bob = 0] = contacts.map((row) => row.id);
  await sql`
    insert into contact_learners (contact_id, learner_id, relationship, priority, parental_responsibility)
    select c.id, p.id, 'Parent', 1, true
      from unnest(${[ann, bob]}::bigint[]) as c (id), unnest(${
    learners.map(({ id }) => id)
  }::bigint[]) as p (id)`;
  await sql`
    with new as (
      insert into logons (first_name, surname, username, email, contact_id)
      select n.name, ${tag}, ${tag} || n.place, lower(n.name) || '.' || ${tag} || '@example.org', n.contact
        from unnest(array['Ann', 'Ann', 'Bob', 'Cat'], ${[ann, ann, bob, null]}::bigint[])
             with ordinality as n (name, contact, place)
      returning id
    )
    insert into logon_learners (logon_id, learner_id)
    select new.id, p.id from new, unnest(${learners.map(({ id }) => id)}::bigint[]) as p (id)`;
  const world: World = {
    ...{ sql, tag, learners, imports: [], feeds: [], contacts: [], logons: [], blocks: [] },
    ended: new Set(),
  };
  await look(world);
  return world;
}

/** Records as they are, with those that imports and feeds have made; and a block of a logon that was given to a contact covers it. */
async function look(world: World): Promise<void> {
  const contacts = await world.sql<{ id: number }[]>`
    select id from contacts where surname = ${world.tag} order by id`;
  world.contacts = contacts.map(({ id }) => id);
  const ended = await world.sql<{ id: number }[]>`
    select id from learners where surname = ${world.tag} and status = 'Leaver' and left_on < '2026-08-26'`;
  world.ended = new Set(ended.map(({ id }) => id));
  world.logons = await world.sql<Known[]>`
    select id, contact_id as "contactId", deleted_at is not null as "isDeleted", username
      from logons where surname = ${world.tag} and merged_into is null order by id`;
  for (const block of world.blocks) {
    for (const { id, contactId } of world.logons) {
      if (block.logons.has(id) && contactId !== null) block.contacts.add(contactId);
    }
  }
}

/** All that parents see, by the portal's own query. */
async function visible(world: World): Promise<Set<Pair>> {
  const ids = new Map(world.learners.map((learner) => [learner.name, learner.id]));
  const seen = await Promise.all(
    live(world).map(async (logon) => {
      const learners = await listLearnersOf(world.sql, logon.id, ACCESS);
      return learners.map((learner) => pair(logon.id, ids.get(learner.firstName) ?? 0));
    }),
  );
  return new Set(seen.flat());
}

/** A feed is compared with the whole school: with thousands of families in it the last sequences would take ten times as long. */
async function clear(sql: Sql): Promise<void> {
  await clearSchool(sql);
  await sql`delete from learners where surname <> 'Tree'`;
}

async function play(sql: Sql, steps: readonly Step[]): Promise<void> {
  const world = await openWorld(sql);
  let before = await visible(world);
  for (const step of steps) {
    const mayEnd = new Set(await STEPS[step.kind](world, step));
    await look(world);
    const now = await visible(world);
    for (const logon of live(world)) {
      for (const { id, name } of world.learners) {
        if (!now.has(pair(logon.id, id))) continue;
        assert.ok(
          !isBlocked(world, logon, id),
          `${step.kind}: ${logon.username} sees ${name}, who is blocked`,
        );
        assert.ok(
          !world.ended.has(id),
          `${step.kind}: ${logon.username} sees ${name}, who left 91 days ago`,
        );
      }
    }
    world.logons.forEach((logon) =>
      world.ended.forEach((learner) => mayEnd.add(pair(logon.id, learner)))
    );
    const lost = [...before].filter((one) => !now.has(one) && !mayEnd.has(one));
    assert.deepEqual(lost, [], `${step.kind} has ended what it had nothing to do with`);
    before = now;
  }
}

describe("what a parent sees", () => {
  let database: TestDatabase;
  before(async () => {
    database = await openTestDatabase({ pool: 6 });
    await seedSchool(database.sql);
  });
  after(() => database.close());

  it(`is right after each of ${STEPS_A_RUN} steps, whatever they are`, async () => {
    const kinds = Object.keys(STEPS).filter((kind): kind is Kind => kind in STEPS);
    const step = fc.record({ kind: fc.constantFrom(...kinds), one: fc.nat(11), other: fc.nat(11) });
    const sequence = fc.array(step, { minLength: STEPS_A_RUN, maxLength: STEPS_A_RUN });
    await fc.assert(
      fc.asyncProperty(sequence, (steps) => play(database.sql, steps)).afterEach(() =>
        clear(database.sql)
      ),
      { numRuns: RUNS, ...(SEED === undefined ? {} : { seed: Number(SEED) }) },
    );
  });
});
