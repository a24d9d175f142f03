// Writes the planned rows of an import, a chunk in one transaction: each row whole or not at all, and never twice.

import { addAudit, type Author, type Change } from "./audit.ts";
import { BY_IMPORT, isInUse } from "./caller_checks.ts";
import { addChangeNotices, type ChangedLogon } from "./change_notices.ts";
import type { Sql, Transaction } from "./connect.ts";
import { listLiveBlocks, type LiveBlock } from "./import_facts.ts";
import { isBlocked, type RowClass, type RowPlan } from "./import_plan.ts";
import type { TypedPassword } from "./logons.ts";
import { type Claim, claimed } from "./tasks.ts";
import type { TfaState } from "./tfa.ts";

export type Chunk = {
  /** Rows after this one, up to `last`, are written, as far as they are still planned. */
  readonly after: number;
  readonly last: number;
  /** By the row that holds the password. */
  readonly passwords: ReadonlyMap<number, TypedPassword>;
  readonly author: Author;
  readonly at: Date;
};

type Item = { readonly position: number; readonly class: RowClass; readonly plan: RowPlan };
/** A logon as it is now, locked. */
type LogonNow = {
  readonly id: number;
  readonly version: number;
  readonly isDeleted: boolean;
  readonly contactId: number | null;
  readonly firstName: string;
  readonly surname: string;
  readonly email: string;
  readonly username: string;
  readonly tfa: TfaState;
  readonly inUse: boolean;
  readonly emailUnchecked: boolean;
};
/** A row that was, or is about to be, written for a logon. */
type Written = { readonly item: Item; readonly logonId: number; readonly before: LogonNow | null };
type World = {
  readonly learners: ReadonlySet<number>;
  readonly blocks: ReadonlyMap<number, readonly LiveBlock[]>;
  readonly passwords: Chunk["passwords"];
};

const CHANGED =
  "Somebody changed this logon after the file was checked. Choose the file again to see what it would do now.";
const GONE = "This logon was deleted after the file was checked. Choose the file again.";
const LEARNER_GONE = "A learner of this row is not there any more. Check the Learners.";
const BLOCKED =
  "A learner of this row has been blocked for this parent since. Ask an administrator.";

/**
 * Writes the planned rows of a chunk and notes on each what became of it.
 * A row whose logon, username or learner is not as it was when the file was checked fails alone.
 * @throws ClaimLost if another worker has the task: nothing is written then
 */
export async function applyChunk(sql: Sql, claim: Claim, chunk: Chunk): Promise<void> {
  await claimed(sql, claim, async (tx) => {
    const items = await tx<Item[]>`
      select position, class, plan from task_items
       where task_id = ${claim.taskId} and state = 'planned'
         and position > ${chunk.after} and position <= ${chunk.last}
       order by position`;
    const world = { ...await lockLearners(tx, items), passwords: chunk.passwords };
    const failed = new Map<number, string>();
    const leads = items.filter(({ plan }) => plan.follows === null);
    const written = [
      ...await addNew(tx, leads.filter(isNew), world, failed),
      ...await changeOld(tx, leads.filter((item) => !isNew(item)), world, failed),
    ];
    const followers = items.filter(({ plan }) => plan.follows !== null);
    written.push(...await follow(tx, claim.taskId, followers, written, world, failed));
    await addLinks(tx, written);
    await setPasswords(tx, written, chunk.passwords);
    await addAudit(tx, written.flatMap((one) => changeOf(one, claim.taskId, chunk.author)));
    await addChangeNotices(tx, written.flatMap(noticeOf), {
      ...chunk.author,
      at: chunk.at,
    });
    await markItems(tx, claim.taskId, written, failed);
  });
}

function isNew(item: Item): boolean {
  return item.class === "create";
}

/** In the order that every way to link or block keeps, so that nobody waits for each other: first learners, then logons. */
async function lockLearners(
  tx: Transaction,
  items: readonly Item[],
): Promise<Omit<World, "passwords">> {
  const ids = [...new Set(items.flatMap(({ plan }) => plan.learnerIds))];
  const learners = await tx<{ id: number }[]>`
    select id from learners where id = any(${ids}::bigint[]) order by id for key share`;
  // Asked after the lock: a block set meanwhile is either seen here or waits for this transaction.
  const blocks = await listLiveBlocks(tx, ids);
  return {
    learners: new Set(learners.map((learner) => learner.id)),
    blocks: Map.groupBy(blocks, (block) => block.learnerId),
  };
}

async function lockLogons(
  tx: Transaction,
  ids: readonly number[],
): Promise<Map<number, LogonNow>> {
  if (ids.length === 0) return new Map();
  const rows = await tx<LogonNow[]>`
    select l.id, l.version, l.deleted_at is not null as "isDeleted", l.contact_id as "contactId",
           l.first_name as "firstName", l.surname, coalesce(l.email, '') as email, l.username, l.tfa, ${
    isInUse(tx)
  } as "inUse", l.email_unchecked as "emailUnchecked"
      from logons l where l.id = any(${[...ids]}::bigint[]) order by l.id for update`;
  return new Map(rows.map((row) => [row.id, row]));
}

/** With what its triggers would write to it: the row and its many indexes are written once. */
async function addNew(
  tx: Transaction,
  items: readonly Item[],
  world: World,
  failed: Map<number, string>,
): Promise<Written[]> {
  const wanted = items.filter((item) => {
    const { surname = "", email = "" } = item.plan.set;
    const sentence = whyNotLinked(
      item,
      { id: null, contactId: null, surname, email },
      world,
    );
    if (sentence !== undefined) failed.set(item.position, sentence);
    return sentence === undefined;
  });
  if (wanted.length === 0) return [];
  const plans = wanted.map((item) => item.plan);
  // In one order in every import, so that two that add the same usernames do not wait for each other.
  const added = await tx<{ id: number; username: string }[]>`
    insert into logons (first_name, surname, email, username, tfa, password_until,
                        linked_names, linked_count, linked_groups, learners_until)
    select n.first_name, n.surname, n.email, n.username, n.tfa, n.password_until, k.names, k.count, k.groups, k.until
      from unnest(
        ${plans.map((plan) => plan.set.firstName ?? "")}::text[],
        ${plans.map((plan) => plan.set.surname ?? "")}::text[],
        ${plans.map((plan) => plan.set.email ?? null)}::text[],
        ${plans.map((plan) => plan.username)}::text[],
        ${plans.map((plan) => plan.tfa ? "required" : "off")}::text[],
        ${
    plans.map((plan) => world.passwords.get(plan.passwordRow ?? 0)?.expiresAt.toISOString() ?? null)
  }::timestamptz[],
        ${plans.map((plan) => `{${plan.learnerIds.join()}}`)}::text[]
      ) as n (first_name, surname, email, username, tfa, password_until, learner_ids)
      cross join lateral linked_to(n.learner_ids::bigint[]) k
     order by n.username
    on conflict (username_key) do nothing
    returning id, username`;
  const ids = new Map(added.map((row) => [row.username, row.id]));
  return wanted.flatMap((item) => {
    const logonId = ids.get(item.plan.username);
    if (logonId !== undefined) return [{ item, logonId, before: null }];
    failed.set(
      item.position,
      `${item.plan.username} was taken by somebody else after the file was checked. Choose the file again.`,
    );
    return [];
  });
}

async function changeOld(
  tx: Transaction,
  items: readonly Item[],
  world: World,
  failed: Map<number, string>,
): Promise<Written[]> {
  const logons = await lockLogons(tx, items.flatMap(({ plan }) => plan.logonId ?? []));
  const written = items.flatMap((item): Written[] => {
    const now = logons.get(item.plan.logonId ?? 0);
    const sentence = whyNotChanged(item, now) ?? (now && whyNotLinked(item, now, world));
    if (sentence !== undefined) failed.set(item.position, sentence);
    return sentence === undefined && now ? [{ item, logonId: now.id, before: now }] : [];
  });
  if (written.length === 0) return [];
  const plans = written.map(({ item }) => item.plan);
  // Also where only links are added: an edit window that was opened before must not take them away.
  await tx`
    update logons l set
      first_name = coalesce(c.first_name, l.first_name), surname = coalesce(c.surname, l.surname),
      email = coalesce(c.email, l.email),
      tfa = case when l.tfa = 'off' then coalesce(c.tfa, l.tfa) else l.tfa end,
      deleted_at = case when c.class = 'restore' then null else l.deleted_at end,
      deleted_by = case when c.class = 'restore' then null else l.deleted_by end,
      version = l.version + 1, updated_at = now()
      from unnest(
        ${written.map(({ logonId }) => logonId)}::bigint[],
        ${plans.map((plan) => plan.set.firstName ?? null)}::text[],
        ${plans.map((plan) => plan.set.surname ?? null)}::text[],
        ${plans.map((plan) => plan.set.email ?? null)}::text[],
        ${plans.map((plan) => plan.tfa ? "required" : null)}::text[],
        ${written.map(({ item }) => item.class)}::text[]
      ) as c (id, first_name, surname, email, tfa, class)
     where l.id = c.id`;
  return written;
}

/** Rows that repeat an adult: they add their learners to the logon that an earlier row has made or changed. */
async function follow(
  tx: Transaction,
  taskId: number,
  items: readonly Item[],
  written: readonly Written[],
  world: World,
  failed: Map<number, string>,
): Promise<Written[]> {
  if (items.length === 0) return [];
  const leaders = new Map(written.map(({ item, logonId }) => [item.position, logonId]));
  const earlier = items.flatMap(({ plan }) => plan.follows ?? []);
  const done = await tx<{ position: number; logonId: number }[]>`
    select position, logon_id as "logonId" from task_items
     where task_id = ${taskId} and position = any(${earlier}::int[]) and state = 'done' and logon_id is not null`;
  for (const row of done) leaders.set(row.position, row.logonId);
  const logons = await lockLogons(tx, [...new Set(leaders.values())]);
  const following = items.flatMap((item): Written[] => {
    const logonId = leaders.get(item.plan.follows ?? 0);
    const now = logons.get(logonId ?? 0);
    const sentence = logonId === undefined
      ? `Row ${item.plan.follows}, which this row repeats, was not imported.`
      : !now || now.isDeleted
      ? GONE
      : whyNotLinked(item, now, world);
    if (sentence !== undefined) failed.set(item.position, sentence);
    return sentence === undefined && now ? [{ item, logonId: now.id, before: now }] : [];
  });
  const linked = following.filter(({ item }) => item.plan.learnerIds.length > 0);
  await tx`
    update logons set version = version + 1, updated_at = now()
     where id = any(${linked.map(({ logonId }) => logonId)}::bigint[])`;
  return following;
}

function whyNotChanged(item: Item, now: LogonNow | undefined): string | undefined {
  if (now === undefined || (now.isDeleted && item.class !== "restore")) return GONE;
  return now.version === item.plan.version ? undefined : CHANGED;
}

function whyNotLinked(
  { plan }: Item,
  logon: Pick<LogonNow, "contactId" | "surname" | "email"> & { readonly id: number | null },
  world: World,
): string | undefined {
  if (plan.learnerIds.some((id) => !world.learners.has(id))) return LEARNER_GONE;
  const adult = { ...logon, logonId: logon.id };
  const isAnyBlocked = plan.learnerIds.some((id) => isBlocked(adult, world.blocks.get(id) ?? []));
  return isAnyBlocked ? BLOCKED : undefined;
}

async function addLinks(tx: Transaction, written: readonly Written[]): Promise<void> {
  const links = written.flatMap(({ item, logonId }) =>
    item.plan.learnerIds.map((learnerId) => ({ logonId, learnerId }))
  );
  if (links.length === 0) return;
  await tx`
    insert into logon_learners (logon_id, learner_id, warning)
    select n.logon_id, n.learner_id,
           case when l.contact_id is not null and not exists (
             select from contact_learners r
              where r.contact_id = l.contact_id and r.learner_id = n.learner_id and r.parental_responsibility
           ) then 'no parental responsibility' end
      from unnest(
        ${links.map((link) => link.logonId)}::bigint[], ${
    links.map((link) => link.learnerId)
  }::bigint[]
      ) as n (logon_id, learner_id)
      join logons l on l.id = n.logon_id
    on conflict (logon_id, learner_id) do nothing`;
}

/** Passwords of workbooks are temporary; sessions that began with the old one end. */
async function setPasswords(
  tx: Transaction,
  written: readonly Written[],
  passwords: Chunk["passwords"],
): Promise<void> {
  const set = written.flatMap(({ item, logonId }) => {
    const { passwordRow } = item.plan;
    if (passwordRow === null) return [];
    const password = passwords.get(passwordRow);
    if (!password) throw new Error(`the password of row ${passwordRow} was not hashed`);
    return [{ logonId, ...password }];
  });
  if (set.length === 0) return;
  const ids = set.map((one) => one.logonId);
  await tx`
    insert into logon_passwords (logon_id, hash, temporary, expires_at)
    select n.logon_id, n.hash, true, n.expires_at
      from unnest(
        ${ids}::bigint[], ${set.map((one) => one.hash)}::text[], ${
    set.map((one) => one.expiresAt.toISOString())
  }::timestamptz[]
      ) as n (logon_id, hash, expires_at)
    on conflict (logon_id) do update
      set hash = excluded.hash, temporary = true, expires_at = excluded.expires_at, set_at = now()`;
  await tx`delete from sessions where logon_id = any(${ids}::bigint[])`;
}

function changeOf({ item, logonId, before }: Written, taskId: number, author: Author): Change[] {
  const { plan } = item;
  if (item.class === "unchanged") return [];
  const what = { create: "add logon", restore: "restore logon" }[String(item.class)];
  const { set } = plan;
  // Of an email that somebody reads nobody has said how they knew: a trigger notes it.
  const isUnchecked = before?.inUse === true && set.email !== undefined && set.email !== "";
  return [{
    ...author,
    what: what ?? "edit logon",
    subject: "logon",
    subjectId: logonId,
    ...(before && Object.keys(set).length > 0
      ? {
        before: {
          ...(set.firstName === undefined ? {} : { firstName: before.firstName }),
          ...(set.surname === undefined ? {} : { surname: before.surname }),
          ...(set.email === undefined ? {} : { email: before.email || null }),
          ...(isUnchecked ? { emailUnchecked: before.emailUnchecked } : {}),
        },
      }
      : {}),
    after: {
      ...set,
      ...(isUnchecked ? { emailUnchecked: true } : {}),
      ...(item.class === "create" ? { username: plan.username } : {}),
      ...(plan.learnerIds.length > 0 ? { addedLearnerIds: [...plan.learnerIds] } : {}),
      ...(plan.tfa ? { tfa: "required" } : {}),
      ...(plan.passwordRow === null ? {} : { password: true }),
      ...(before?.inUse && set.email !== undefined ? { callerCheckedBy: BY_IMPORT } : {}),
      task: taskId,
    },
  }];
}

/** What the old address of a logon that somebody uses is told of what changes. */
function noticeOf({ item: { plan }, logonId, before }: Written): ChangedLogon[] {
  if (before === null || !before.inUse) return [];
  return [{
    logonId,
    name: `${before.firstName} ${before.surname}`,
    username: before.username,
    address: before.email || null,
    ...(plan.set.email === undefined ? {} : { newEmail: plan.set.email }),
    password: plan.passwordRow !== null,
    ...(plan.tfa && before.tfa === "off" ? { tfa: "required" as const } : {}),
  }];
}

async function markItems(
  tx: Transaction,
  taskId: number,
  written: readonly Written[],
  failed: ReadonlyMap<number, string>,
): Promise<void> {
  await tx`
    update task_items i set state = 'done', logon_id = m.logon_id
      from unnest(
        ${written.map(({ item }) => item.position)}::int[], ${
    written.map(({ logonId }) => logonId)
  }::bigint[]
      ) as m (position, logon_id)
     where i.task_id = ${taskId} and i.position = m.position`;
  if (failed.size === 0) return;
  await tx`
    update task_items i set state = 'failed', problems = i.problems || jsonb_build_array(
             jsonb_build_object('column', '', 'value', '', 'sentence', m.sentence, 'weight', 'error'))
      from unnest(${[...failed.keys()]}::int[], ${[
    ...failed.values(),
  ]}::text[]) as m (position, sentence)
     where i.task_id = ${taskId} and i.position = m.position`;
}
