// Learners by name where the audit holds their ids: an id outlives a change of name, and nobody can read one.

import type { Queryable } from "./connect.ts";

/** What the audit holds of a record before or after a change. */
export type AuditValues = Readonly<Record<string, unknown>> | null;

/** What ids of learners are kept under, and what their names are shown under. */
const NAMED: ReadonlyMap<string, string> = new Map([
  ["learnerId", "learner"],
  ["learnerIds", "learners"],
  ["addedLearnerIds", "addedLearners"],
  ["removedLearnerIds", "removedLearners"],
]);

/** The same changes with the names of learners in place of their ids. */
export async function withLearnerNames<
  Row extends { readonly before: AuditValues; readonly after: AuditValues },
>(sql: Queryable, rows: readonly Row[]): Promise<Row[]> {
  const ids = rows.flatMap(({ before, after }) =>
    [before, after].flatMap((values) => [...NAMED.keys()].flatMap((key) => idsOf(values?.[key])))
  );
  if (ids.length === 0) return [...rows];
  const found = await sql<{ id: number; name: string }[]>`
    select id, first_name || ' ' || surname as name from learners where id = any(${[
    ...new Set(ids),
  ]}::bigint[])`;
  const names = new Map(found.map(({ id, name }) => [id, name]));
  return rows.map((row) => ({
    ...row,
    before: named(row.before, names),
    after: named(row.after, names),
  }));
}

function named(values: AuditValues, names: ReadonlyMap<number, string>): AuditValues {
  if (values === null) return null;
  return Object.fromEntries(
    Object.entries(values).map(([key, value]) => {
      const shown = NAMED.get(key);
      return shown === undefined ? [key, value] : [shown, namesOf(value, names)];
    }),
  );
}

function namesOf(value: unknown, names: ReadonlyMap<number, string>): string {
  const known = idsOf(value).map((id) => names.get(id) ?? "a learner who is gone");
  return known.sort().join(", ");
}

function idsOf(value: unknown): number[] {
  const ids = Array.isArray(value) ? value : value === undefined || value === null ? [] : [value];
  return ids.map(Number).filter(Number.isSafeInteger);
}
