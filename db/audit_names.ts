// Learners and logons by name where the audit holds their ids: an id outlives a change of name, and nobody can read one.

import type { Queryable } from "./connect.ts";

/** What the audit holds of a record before or after a change. */
export type AuditValues = Readonly<Record<string, unknown>> | null;

type Table = "learners" | "logons";

/** What ids are kept under, whose they are, and what their names are shown under. */
const NAMED: ReadonlyMap<string, { readonly table: Table; readonly shown: string }> = new Map([
  ["learnerId", { table: "learners", shown: "learner" }],
  ["learnerIds", { table: "learners", shown: "learners" }],
  ["addedLearnerIds", { table: "learners", shown: "addedLearners" }],
  ["removedLearnerIds", { table: "learners", shown: "removedLearners" }],
  ["endedLogons", { table: "logons", shown: "endedFor" }],
  ["mergedInto", { table: "logons", shown: "mergedInto" }],
]);

const GONE: Readonly<Record<Table, string>> = {
  learners: "a learner who is gone",
  logons: "a logon that is gone",
};

type Names = Readonly<Record<Table, ReadonlyMap<number, string>>>;

/** The same changes with names in place of ids. */
export async function withNames<
  Row extends { readonly before: AuditValues; readonly after: AuditValues },
>(sql: Queryable, rows: readonly Row[]): Promise<Row[]> {
  const names = { learners: await find("learners"), logons: await find("logons") };
  return rows.map((row) => ({
    ...row,
    before: named(row.before, names),
    after: named(row.after, names),
  }));

  async function find(table: Table): Promise<ReadonlyMap<number, string>> {
    const keys = [...NAMED].flatMap(([key, of]) => of.table === table ? [key] : []);
    const ids = rows.flatMap(({ before, after }) =>
      [before, after].flatMap((values) => keys.flatMap((key) => idsOf(values?.[key])))
    );
    if (ids.length === 0) return new Map();
    const found = await sql<{ id: number; name: string }[]>`
      select id, first_name || ' ' || surname as name from ${sql(table)} where id = any(${[
      ...new Set(ids),
    ]}::bigint[])`;
    return new Map(found.map(({ id, name }) => [id, name]));
  }
}

function named(values: AuditValues, names: Names): AuditValues {
  if (values === null) return null;
  return Object.fromEntries(
    Object.entries(values).map(([key, value]) => {
      const of = NAMED.get(key);
      if (of === undefined) return [key, value];
      const known = idsOf(value).map((id) => names[of.table].get(id) ?? GONE[of.table]);
      return [of.shown, known.sort().join(", ")];
    }),
  );
}

function idsOf(value: unknown): number[] {
  const ids = Array.isArray(value) ? value : value === undefined || value === null ? [] : [value];
  return ids.map(Number).filter(Number.isSafeInteger);
}
