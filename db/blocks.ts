// Blocks: keeping one learner from one adult, looking at it again, lifting it, and linking again what it had ended.

import { addAudit, type Author } from "./audit.ts";
import type { BlockedAdult, CoveredLogon } from "./blocked_adults.ts";
import { brokenConstraint, type Queryable, type Transaction } from "./connect.ts";
import type { Fragment } from "./fragment.ts";
import { findPage, type Page, type PageView } from "./paging.ts";
import { allOf } from "./search.ts";
import { isStorable } from "./storable.ts";

/** Which blocks: those in force, those of them whose review is due, or those that were lifted. */
export const BLOCK_STATES = ["in force", "due", "lifted"] as const;
export type BlockState = (typeof BLOCK_STATES)[number];

/** What the address bar says about the list of blocks. */
export type BlocksView = PageView & {
  readonly state: BlockState;
  readonly logonId: number | null;
  readonly contactId: number | null;
  readonly learnerId: number | null;
};

/** Who looks: without the right nobody is told why. @param today the school's date, as 2026-11-24 */
export type BlockReader = { readonly seesReasons: boolean; readonly today: string };

/** A block as it is shown. */
export type Block = {
  readonly id: number;
  /** The adult, by name as it was when the block was set. */
  readonly firstName: string;
  readonly surname: string;
  readonly logonId: number | null;
  readonly contactId: number | null;
  /** Every logon of that adult. */
  readonly logons: readonly CoveredLogon[];
  readonly learnerId: number;
  readonly learnerFirstName: string;
  readonly learnerSurname: string;
  readonly registrationGroup: string | null;
  /** null for whoever may not read it. */
  readonly reason: string | null;
  /** A date, as 2026-11-24. */
  readonly reviewOn: string | null;
  readonly isDue: boolean;
  readonly setAt: Date;
  readonly setBy: string | null;
  readonly reviewedAt: Date | null;
  readonly reviewedBy: string | null;
  readonly liftedAt: Date | null;
  readonly liftedBy: string | null;
  readonly liftReason: string | null;
  /** Logons that it took the learner from, that are there and are not linked again. */
  readonly relinkable: number;
};

export type BlockPage = Omit<Page, "ids"> & { readonly rows: readonly Block[] };

/** A new block as it was typed. */
export type BlockInput = { readonly reason: string; readonly reviewOn: string };
export type BlockProblems = Partial<Record<"learner" | "reason" | "review_on", string>>;

export type NewBlock = {
  readonly adult: Pick<BlockedAdult, "logonId" | "contactId">;
  readonly learnerId: number;
  readonly reason: string;
  readonly reviewOn: string | null;
};

/** Characters of a reason. */
export const LONGEST_REASON = 2000;

/** One page of the blocks, newest first. */
export async function listBlocks(
  sql: Queryable,
  view: BlocksView,
  reader: BlockReader,
): Promise<BlockPage> {
  const matching = allOf(sql, [
    stateCondition(sql, view.state, reader.today),
    ...(view.learnerId === null ? [] : [sql`l.learner_id = ${view.learnerId}`]),
    ...(view.contactId === null ? [] : [sql`l.contact_id = ${view.contactId}`]),
    ...(view.logonId === null ? [] : [
      sql`exists (select from logons o where o.id = ${view.logonId} and (o.id = l.logon_id or o.contact_id = l.contact_id))`,
    ]),
  ]);
  const { ids, ...page } = await findPage(sql, view, {
    table: "blocks",
    matching,
    filtered: true,
    columns: ["id"],
    keysOf: (row) => [sql`${row}.id`],
  });
  return { ...page, rows: await findBlocks(sql, ids, reader) };
}

/** The block with this id; null if there is none. */
export async function findBlock(
  sql: Queryable,
  id: number,
  reader: BlockReader,
): Promise<Block | null> {
  const [block] = await findBlocks(sql, [id], reader);
  return block ?? null;
}

/** The blocks in force of a logon's adult, for whoever looks at that logon. */
export async function listBlocksOfLogon(
  sql: Queryable,
  logonId: number,
  reader: BlockReader,
): Promise<Block[]> {
  const rows = await sql<{ id: number }[]>`
    select b.id from blocks b join logons l on l.id = ${logonId} and (b.logon_id = l.id or b.contact_id = l.contact_id)
     where b.lifted_at is null order by b.id`;
  const blocks = await findBlocks(sql, rows.map((row) => row.id), reader);
  // The same learner may be kept from the same adult by more than one row: after a merge, say.
  return [...new Map(blocks.map((block) => [block.learnerId, block])).values()];
}

/** How many blocks in force are to be looked at again today or should have been. */
export async function countDueBlocks(sql: Queryable, today: string): Promise<number> {
  const [row] = await sql<[{ count: number }]>`
    select count(*)::int as count from blocks l where ${stateCondition(sql, "due", today)}`;
  return row.count;
}

/** What is wrong with a block as it was typed, by field; empty if it may be stored. Pure. */
export function checkBlock(
  input: BlockInput,
  facts: { readonly hasLearner: boolean; readonly today: string },
): BlockProblems {
  const review = reviewProblem(input.reviewOn, facts.today);
  return {
    ...(facts.hasLearner ? {} : { learner: "Choose the learner." }),
    ...reasonProblem(input.reason, "Say why, for example which court order."),
    ...(review === undefined ? {} : { review_on: review }),
  };
}

/** What is wrong with a reason; empty if it may be stored. */
export function reasonProblem(reason: string, sentence: string): { reason?: string } {
  const text = reason.trim();
  if (text === "") return { reason: sentence };
  if ([...text].length > LONGEST_REASON) {
    return { reason: `Shorten the reason: at most ${LONGEST_REASON} characters.` };
  }
  return isStorable(text.replace(/[\n\r\t]/g, " "))
    ? {}
    : { reason: "The reason holds a character that cannot be stored. Type it again." };
}

/** What is wrong with a date of review; undefined if it may be stored. An empty one may. */
export function reviewProblem(date: string, today: string): string | undefined {
  if (date === "") return undefined;
  const day = /^\d{4}-\d{2}-\d{2}$/.test(date) ? new Date(`${date}T00:00:00Z`) : null;
  if (day === null || Number.isNaN(day.getTime()) || !day.toISOString().startsWith(date)) {
    return "Enter a date, such as 24 March 2027, or leave it empty.";
  }
  if (date <= today) return "Choose a day after today, or leave it empty.";
  return date > `${Number(today.slice(0, 4)) + 20}` ? "Choose a day within 20 years." : undefined;
}

/**
 * Sets a block: every link of the adult's logons to that learner ends with it, and none can be made.
 * @returns its id; null if there is one already
 */
export async function addBlock(
  sql: Transaction,
  block: NewBlock,
  author: Author,
  at: Date,
): Promise<number | null> {
  const { adult: { logonId, contactId }, learnerId } = block;
  // Before the block's own trigger takes it, so that a link made at this moment is among those that are ended here.
  await sql`select from learners where id = ${learnerId} for update`;
  const [found] = await sql`
    select from blocks b
     where b.learner_id = ${learnerId} and b.lifted_at is null
       and (b.logon_id = ${logonId}::bigint or b.contact_id = ${contactId}::bigint)`;
  if (found !== undefined) return null;
  const ended = await sql<{ id: number }[]>`
    select l.id from logons l join logon_learners k on k.logon_id = l.id and k.learner_id = ${learnerId}
     where l.id = ${logonId}::bigint or l.contact_id = ${contactId}::bigint order by l.id`;
  const ids = ended.map((row) => row.id);
  const [row] = await sql<[{ id: number }]>`
    insert into blocks (learner_id, logon_id, contact_id, reason, review_on, set_by, set_at, ended_logons)
    values (${learnerId}, ${logonId}, ${contactId}, ${block.reason.trim()}, ${block.reviewOn}, ${author.adminId}, ${at},
            ${ids}::bigint[])
    returning id`;
  await noteLinksChanged(sql, ids);
  // Why is told by the block itself, to whoever may read it: the audit is read by more people.
  await addAudit(sql, [{
    ...author,
    what: "set block",
    subject: logonId === null ? "contact" : "logon",
    subjectId: logonId ?? contactId,
    after: { block: row.id, learnerId, reviewOn: block.reviewOn, endedLogons: ids },
  }]);
  return row.id;
}

/** Notes that a block was looked at and stays. @returns false if it is not in force: nothing changes then */
export async function reviewBlock(
  sql: Transaction,
  id: number,
  reviewOn: string | null,
  author: Author,
  at: Date,
): Promise<boolean> {
  const [before] = await sql<{ reviewOn: string | null }[]>`
    select review_on::text as "reviewOn" from blocks where id = ${id} and lifted_at is null for update`;
  if (before === undefined) return false;
  await sql`
    update blocks set review_on = ${reviewOn}, reviewed_by = ${author.adminId}, reviewed_at = ${at} where id = ${id}`;
  await addAudit(sql, [{
    ...author,
    what: "review block",
    subject: "block",
    subjectId: id,
    before,
    after: { reviewOn },
  }]);
  return true;
}

/**
 * Lifts a block, and with it every other that keeps the same adult from the same learner. It links nothing again.
 * @returns false if it is not in force: nothing changes then
 */
export async function liftBlock(
  sql: Transaction,
  id: number,
  reason: string,
  author: Author,
  at: Date,
): Promise<boolean> {
  const lifted = await sql<{ id: number; learnerId: number }[]>`
    update blocks b
       set lifted_by = ${author.adminId}, lifted_at = ${at}, lift_reason = ${reason.trim()}
      from blocks this
     where this.id = ${id} and this.lifted_at is null and b.lifted_at is null and b.learner_id = this.learner_id
       and (b.id = this.id or b.contact_id = this.contact_id
            or exists (select from logons l where l.id = b.logon_id and (l.id = this.logon_id or l.contact_id = this.contact_id))
            or exists (select from logons l where l.id = this.logon_id and l.contact_id = b.contact_id)
            or (b.logon_id is null and b.contact_id is null
                and (b.first_name, b.surname, b.email) is not distinct from (this.first_name, this.surname, this.email)))
    returning b.id, b.learner_id as "learnerId"`;
  await addAudit(
    sql,
    lifted.map((block) => ({
      ...author,
      what: "lift block",
      subject: "block",
      subjectId: block.id,
      after: { learnerId: block.learnerId },
    })),
  );
  return lifted.length > 0;
}

/** Links again what a block had ended, as far as the logons are there. @returns how many; null if it is in force, or another is */
export async function relinkBlocked(
  sql: Transaction,
  id: number,
  author: Author,
): Promise<number | null> {
  try {
    const linked = await sql<{ logonId: number; learnerId: number }[]>`
      with wanted as (
        select l.id as logon_id, b.learner_id, l.contact_id
          from blocks b join logons l on l.id = any(b.ended_logons)
         where b.id = ${id} and b.lifted_at is not null and l.deleted_at is null
      )
      insert into logon_learners (logon_id, learner_id, warning)
      select w.logon_id, w.learner_id,
             case when w.contact_id is not null and not exists (
               select from contact_learners r
                where r.contact_id = w.contact_id and r.learner_id = w.learner_id and r.parental_responsibility
             ) then 'no parental responsibility' end
        from wanted w
      on conflict (logon_id, learner_id) do nothing
      returning logon_id as "logonId", learner_id as "learnerId"`;
    if (linked.length === 0) {
      const [block] = await sql`select from blocks where id = ${id} and lifted_at is not null`;
      return block === undefined ? null : 0;
    }
    await noteLinksChanged(sql, linked.map((link) => link.logonId));
    await addAudit(
      sql,
      linked.map((link) => ({
        ...author,
        what: "edit logon",
        subject: "logon",
        subjectId: link.logonId,
        after: { addedLearnerIds: [link.learnerId], liftedBlock: id },
      })),
    );
    return linked.length;
  } catch (error) {
    if (brokenConstraint(error) !== "link_is_blocked") throw error;
    return null;
  }
}

/** Windows that were opened before must not write over what has changed here. */
async function noteLinksChanged(sql: Transaction, logonIds: readonly number[]): Promise<void> {
  await sql`
    update logons set version = version + 1, updated_at = now() where id = any(${[
    ...logonIds,
  ]}::bigint[])`;
}

function stateCondition(sql: Queryable, state: BlockState, today: string): Fragment {
  switch (state) {
    case "in force":
      return sql`l.lifted_at is null`;
    case "due":
      return sql`(l.lifted_at is null and l.review_on <= ${today}::date)`;
    case "lifted":
      return sql`l.lifted_at is not null`;
  }
}

async function findBlocks(
  sql: Queryable,
  ids: readonly number[],
  { seesReasons, today }: BlockReader,
): Promise<Block[]> {
  if (ids.length === 0) return [];
  return await sql<Block[]>`
    select b.id, b.first_name as "firstName", b.surname, b.logon_id as "logonId", b.contact_id as "contactId",
           p.id as "learnerId", p.first_name as "learnerFirstName", p.surname as "learnerSurname",
           p.registration_group as "registrationGroup",
           case when ${seesReasons} then b.reason end as reason,
           case when ${seesReasons} then b.lift_reason end as "liftReason",
           b.review_on::text as "reviewOn", coalesce(b.lifted_at is null and b.review_on <= ${today}::date, false) as "isDue",
           b.set_at as "setAt", s.name as "setBy", b.reviewed_at as "reviewedAt", r.name as "reviewedBy",
           b.lifted_at as "liftedAt", f.name as "liftedBy",
           case when b.lifted_at is null then 0 else (
             select count(*)::int from logons l
              where l.id = any(b.ended_logons) and l.deleted_at is null
                and not exists (select from logon_learners k where k.logon_id = l.id and k.learner_id = b.learner_id)
                and not exists (select from blocked_pairs(array[l.id], array[b.learner_id]))
           ) end as relinkable,
           coalesce((
             select jsonb_agg(jsonb_build_object('id', l.id, 'username', l.username, 'isDeleted', l.deleted_at is not null)
                              order by l.id)
               from logons l where l.id = b.logon_id or l.contact_id = b.contact_id
           ), '[]') as logons
      from unnest(${[...ids]}::bigint[]) with ordinality as wanted (id, place)
      join blocks b on b.id = wanted.id
      join learners p on p.id = b.learner_id
      left join admins s on s.id = b.set_by
      left join admins r on r.id = b.reviewed_by
      left join admins f on f.id = b.lifted_by
     order by wanted.place`;
}
