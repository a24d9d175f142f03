// Fills a database: with the cast that the demo and the tests know by name, or with a large school.

import { CHOSEN_COST } from "../lib/passwords.ts";
import { type Queryable, type Sql, type Transaction, transaction } from "./connect.ts";
import { reckonCoverage } from "./learner_coverage.ts";
import { addOfficeDeeds, ADMINS, hashPasswords, planCast } from "./seed_cast.ts";
import { isoDay, planSchool, type SchoolSeed, type SchoolSize, type Taken } from "./seed_school.ts";

export type { SchoolSize };
type Hash = (password: string, cost: number) => Promise<string>;

const PARENTS_PASSWORD = "demo-parent-2026";
const DEVICES = [
  "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1",
  "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36",
  "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
];

/** Whether nothing has been stored yet: no learner, contact, logon, admin or sign-in. */
export async function isEmpty(sql: Queryable): Promise<boolean> {
  const [row] = await sql<[{ empty: boolean }]>`
    select not (
      exists (select from learners) or exists (select from contacts) or exists (select from logons)
      or exists (select from admins) or exists (select from sign_ins)
    ) as empty`;
  return row.empty;
}

/**
 * Stores the cast of the demo and the tests as of `at`, all of it or nothing.
 * @throws {Error} if the database is not empty
 */
export async function seedCast(sql: Sql, options: { at: Date; hash: Hash }): Promise<void> {
  const { at, hash } = options;
  const passwords = await hashPasswords(hash);
  await transaction(sql, async (tx) => {
    if (!await isEmpty(tx)) throw new Error("The cast goes into an empty database only.");
    for (const { username, name, role } of ADMINS) {
      await tx`insert into admins (username, name, email, role, sees_blocks, password_hash, password_changed_at, created_at)
        values (${username}, ${name}, ${`${username}@example.org`}, ${role}, ${
        role === "Administrator"
      },
                ${passwords[username]}, ${at}, ${at})`;
    }
    await storeSchool(tx, planCast(at, passwords), { at });
    await addOfficeDeeds(tx, at);
  });
  await tidy(sql, at);
}

/**
 * Stores a believable school, all of it or nothing; the same for the same `seed` and `at`. Beside the cast or alone.
 * @param options.report is told how far it is
 */
export async function seedSchool(
  sql: Sql,
  size: SchoolSize,
  options: { seed?: number; at: Date; hash: Hash; report?: (sentence: string) => void },
): Promise<void> {
  for (const [name, count] of Object.entries(size)) {
    if (!Number.isSafeInteger(count) || count < 0) {
      throw new RangeError(`${name} must be a whole number, 0 or more; found ${count}.`);
    }
  }
  const { seed = 1, at, report } = options;
  const hash = await options.hash(PARENTS_PASSWORD, CHOSEN_COST);
  const school = planSchool(size, { seed, at, hash, taken: await findTaken(sql) });
  await transaction(sql, (tx) => storeSchool(tx, school, report ? { at, report } : { at }));
  await tidy(sql, at);
  report?.("The school is stored.");
}

async function findTaken(sql: Sql): Promise<Taken> {
  const usernames = await sql<{ key: string }[]>`select username_key as key from logons`;
  const emails = await sql<{ key: string }[]>`
    select email_key(email) as key from contacts where email is not null
    union select email_key(email) from logons where email is not null`;
  const upns = await sql<{ upn: string }[]>`select upn from learners where upn is not null`;
  const [number] = await sql<[{ last: number }]>`
    select coalesce(max(admission_number::int), 0) as last from learners where admission_number ~ '^[0-9]{6}$'`;
  return {
    usernames: new Set(usernames.map(({ key }) => key)),
    emails: new Set(emails.map(({ key }) => key)),
    upns: new Set(upns.map(({ upn }) => upn)),
    firstAdmissionNumber: Math.max(10_000, number.last + 1),
  };
}

async function storeSchool(
  tx: Transaction,
  school: SchoolSeed,
  { at, report = () => {} }: { at: Date; report?: (sentence: string) => void },
): Promise<void> {
  await tx`set local statement_timeout = 0`;
  const learners = await newIds(tx, "learners", school.learners.length);
  const contacts = await newIds(tx, "contacts", school.contacts.length);
  const logons = await newIds(tx, "logons", school.logons.length);

  const people = school.learners.map((learner, n) => ({ id: learners[n], ...learner }));
  await inChunks(people, (rows) =>
    tx`
    insert into learners (id, admission_number, upn, first_name, surname, date_of_birth, year_group, registration_group,
                          status, left_on, created_at, updated_at)
    overriding system value
    select id, admission_number, upn, first_name, surname, date_of_birth, year_group, registration_group,
           status, left_on, ${at}, ${at}
      from jsonb_populate_recordset(null::learners, ${rows}::text::jsonb)`);
  const adults = school.contacts.map((contact, n) => ({ id: contacts[n], ...contact }));
  await inChunks(adults, (rows) =>
    tx`
    insert into contacts (id, first_name, surname, email, mobile, created_at, updated_at) overriding system value
    select id, first_name, surname, email, mobile, ${at}, ${at}
      from jsonb_populate_recordset(null::contacts, ${rows}::text::jsonb)`);
  const places = school.places.map((place) => ({
    ...place,
    contact_id: contacts[place.contact],
    learner_id: learners[place.learner],
  }));
  await inChunks(places, (rows) =>
    tx`
    insert into contact_learners (contact_id, learner_id, relationship, priority, parental_responsibility)
    select contact_id, learner_id, relationship, priority, parental_responsibility
      from jsonb_populate_recordset(null::contact_learners, ${rows}::text::jsonb)`);
  report(`Stored ${count(people, "learner")} and ${count(adults, "contact")}.`);

  const last = lastSuccesses(school);
  const linked = Map.groupBy(school.links, ({ logon }) => logon);
  const opening = new Map(school.passwords.map((one) => [one.logon, one.expires_at ?? "infinity"]));
  const accounts = school.logons.map((logon, n) => ({
    ...logon,
    id: logons[n],
    contact_id: logon.contact === null ? null : contacts[logon.contact],
    sign_in_count: last.get(n)?.times ?? 0,
    last_sign_in_at: last.get(n)?.at ?? null,
    password_until: opening.get(n) ?? null,
    learner_ids: (linked.get(n) ?? []).map(({ learner }) => learners[learner]),
  }));
  // Of a table that it knows nothing of, Postgres would read all learners for each logon: 90 seconds instead of 15.
  await tx`analyze learners`;
  await inChunks(accounts, (rows) =>
    tx`
    insert into logons (id, first_name, surname, email, username, contact_id, tfa, suspended_at, expires_on, deleted_at,
                        sign_in_count, last_sign_in_at, created_at, updated_at, password_until,
                        linked_names, linked_count, linked_groups, learners_until)
    overriding system value
    select l.id, first_name, surname, email, username, contact_id, tfa, suspended_at, expires_on, deleted_at,
           sign_in_count, last_sign_in_at, created_at, created_at, password_until, k.names, k.count, k.groups, k.until
      from jsonb_to_recordset(${rows}::text::jsonb) as l (
             id bigint, first_name text, surname text, email text, username text, contact_id bigint, tfa text,
             suspended_at timestamptz, expires_on date, deleted_at timestamptz, sign_in_count int,
             last_sign_in_at timestamptz, created_at timestamptz, password_until timestamptz, learner_ids bigint[])
           cross join lateral linked_to(l.learner_ids) k`);
  const passwords = school.passwords.map(({ logon, ...password }) => ({
    logon_id: logons[logon],
    ...password,
  }));
  await inChunks(passwords, (rows) =>
    tx`
    insert into logon_passwords (logon_id, hash, temporary, expires_at, set_at)
    select p.logon_id, p.hash, p.expires_at is not null, p.expires_at, l.created_at
      from jsonb_populate_recordset(null::logon_passwords, ${rows}::text::jsonb) p join logons l on l.id = p.logon_id`);
  const links = school.links.map(({ logon, learner, warning }) => ({
    logon_id: logons[logon],
    learner_id: learners[learner],
    warning,
  }));
  const storeLinks = (rows: string): Promise<unknown> =>
    tx`
    insert into logon_learners (logon_id, learner_id, warning, linked_at)
    select k.logon_id, k.learner_id, k.warning, l.created_at
      from jsonb_populate_recordset(null::logon_learners, ${rows}::text::jsonb) k join logons l on l.id = k.logon_id`;
  // Its triggers compare what the logons say of their learners, and find it right.
  await inChunks(links.slice(0, 500), storeLinks);
  await tx`analyze logons, logon_learners`;
  await inChunks(links.slice(500), storeLinks);
  report(`Stored ${count(accounts, "logon")}.`);
  await storeSignIns(tx, school, logons);
  report(`Stored ${count(school.signIns, "sign-in")}.`);
}

/** In their order, so that ids ascend with time; names as they are now. */
async function storeSignIns(tx: Transaction, school: SchoolSeed, logons: number[]): Promise<void> {
  // Once for each logon rather than for each sign-in; with its key, every plan for what follows is a good one.
  await tx`
    create temporary table seeded on commit drop as
    select l.id, l.first_name, l.surname, l.username, l.email, coalesce(array_agg(
             p.first_name || ' ' || p.surname || coalesce(' (' || p.registration_group || ')', '')
             order by p.surname collate "en-x-icu", p.first_name collate "en-x-icu", p.id
           ) filter (where p.id is not null), '{}') as learners
      from logons l left join logon_learners k on k.logon_id = l.id left join learners p on p.id = k.learner_id
     group by l.id`;
  await tx`alter table seeded add primary key (id)`;
  const size = 50_000;
  for (let from = 0; from < school.signIns.length; from += size) {
    const tries = school.signIns.slice(from, from + size);
    const ids = tries.map(({ logon }) => logon === null ? null : logons[logon] ?? null);
    await tx`
      insert into sign_ins (at, logon_id, outcome, first_name, surname, username, email, learners, ip, user_agent)
      select to_timestamp(t.seconds), l.id, t.outcome, l.first_name, l.surname, l.username, l.email,
             coalesce(l.learners, '{}'), '203.0.113.0'::inet + (coalesce(l.id, t.place) % 254 + 1),
             (${DEVICES}::text[])[coalesce(l.id, t.place) % ${DEVICES.length}::int + 1]
        from unnest(${ids}::bigint[], ${tries.map(({ at }) => at / 1000)}::bigint[],
                    ${tries.map(({ outcome }) => outcome)}::text[])
             with ordinality as t (logon_id, seconds, outcome, place)
        left join seeded l on l.id = t.logon_id
       order by t.place`;
  }
}

function lastSuccesses({ signIns }: SchoolSeed): Map<number, { times: number; at: Date }> {
  const found = new Map<number, { times: number; at: Date }>();
  for (const { logon, outcome, at } of signIns) {
    if (logon === null || outcome !== "success") continue;
    found.set(logon, { times: (found.get(logon)?.times ?? 0) + 1, at: new Date(at) });
  }
  return found;
}

/** Numbers that the table's ids have not been and will not be, ascending. */
async function newIds(tx: Transaction, table: string, count: number): Promise<number[]> {
  const rows = await tx<{ id: number }[]>`
    select nextval(pg_get_serial_sequence(${table}, 'id')) as id from generate_series(1, ${count}::int)`;
  return rows.map(({ id }) => id);
}

/** Statements large enough to be few, and small enough that no trigger's set is unwieldy; each takes its rows as JSON. */
async function inChunks(
  rows: readonly unknown[],
  store: (json: string) => Promise<unknown>,
): Promise<void> {
  const size = 5_000;
  for (let from = 0; from < rows.length; from += size) {
    await store(JSON.stringify(rows.slice(from, from + size)));
  }
}

/** So that the first pages are as quick as later ones: plans know the sizes, and the search indexes are in order. */
async function tidy(sql: Sql, at: Date): Promise<void> {
  await transaction(sql, (tx) => reckonCoverage(tx, isoDay(at.getTime())));
  const one = await sql.reserve();
  try {
    await one`set statement_timeout = 0`;
    await one`vacuum (analyze) learners, contacts, contact_learners, logons, logon_passwords, logon_learners, sign_ins, blocks, admins, learner_coverage, coverage_changes`;
    await one`reset statement_timeout`;
  } finally {
    one.release();
  }
}

function count(rows: readonly unknown[], noun: string): string {
  return `${rows.length.toLocaleString("en-GB")} ${noun}${rows.length === 1 ? "" : "s"}`;
}
