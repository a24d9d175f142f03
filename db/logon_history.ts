// The history of a logon: its audit rows, newest first, a page at a time, with learners by name.

import type { Queryable } from "./connect.ts";
import type { HistoryEntry } from "./history.ts";

export type HistoryPage = {
  readonly entries: readonly HistoryEntry[];
  /** The row after which the next page begins; null if there is none. */
  readonly next: number | null;
};

type Values = HistoryEntry["before"];

/**
 * What was done to a logon. Of a block it says that there was one; why, only to who may know.
 * @param asked.after the last row of the page before; null for the first page
 */
export async function listLogonHistory(
  sql: Queryable,
  logonId: number,
  asked: { readonly after: number | null; readonly limit: number; readonly seesBlocks: boolean },
): Promise<HistoryPage> {
  const rows = await sql<HistoryEntry[]>`
    select id, at, who, what, before, after from audit
     where subject = 'logon' and subject_id = ${logonId}
       ${asked.after === null ? sql`` : sql`and id < ${asked.after}`}
     order by id desc limit ${asked.limit + 1}`;
  const page = rows.slice(0, asked.limit);
  const names = await findNames(sql, page);
  return {
    entries: page.map((row) => {
      const hidden = /\bblock\b/.test(row.what) && !asked.seesBlocks;
      const before = hidden ? null : withNames(row.before, names);
      const after = hidden ? null : withNames(row.after, names);
      return { ...row, before, after };
    }),
    next: rows.length > asked.limit ? page.at(-1)?.id ?? null : null,
  };
}

async function findNames(
  sql: Queryable,
  rows: readonly HistoryEntry[],
): Promise<Map<number, string>> {
  const ids = rows.flatMap(({ before, after }) =>
    [before, after].flatMap((values) => [
      ...idsOf(values?.["learnerIds"]),
      ...idsOf(values?.["addedLearnerIds"]),
      ...idsOf(values?.["removedLearnerIds"]),
    ])
  );
  const found = await sql<{ id: number; name: string }[]>`
    select id, first_name || ' ' || surname as name from learners where id = any(${[
    ...new Set(ids),
  ]}::bigint[])`;
  return new Map(found.map(({ id, name }) => [id, name]));
}

/** The same values with the names of learners in place of their ids. */
function withNames(values: Values, names: ReadonlyMap<number, string>): Values {
  if (values === null) return null;
  const { learnerIds, addedLearnerIds, removedLearnerIds, ...others } = values;
  return {
    ...others,
    ...(learnerIds === undefined ? {} : { learners: namesOf(learnerIds, names) }),
    ...(addedLearnerIds === undefined ? {} : { addedLearners: namesOf(addedLearnerIds, names) }),
    ...(removedLearnerIds === undefined
      ? {}
      : { removedLearners: namesOf(removedLearnerIds, names) }),
  };
}

function namesOf(value: unknown, names: ReadonlyMap<number, string>): string {
  const known = idsOf(value).map((id) => names.get(id) ?? "a learner who is gone");
  return known.sort().join(", ");
}

function idsOf(value: unknown): number[] {
  return Array.isArray(value) ? value.map(Number).filter(Number.isSafeInteger) : [];
}
