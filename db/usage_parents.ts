// The parents to choose from for Parent Portal Usage: those who are ticked, and those a search finds.

import type { Queryable } from "./connect.ts";
import { allOf, searchPatterns } from "./search.ts";

/** A logon as the window lists it. */
export type UsageChoice = {
  readonly id: number;
  readonly firstName: string;
  readonly surname: string;
  readonly username: string;
  readonly isDeleted: boolean;
};

export type UsageChoices = {
  readonly chosen: readonly UsageChoice[];
  /** Whoever the search finds and is not chosen, at most {@link MOST_FOUND}. */
  readonly found: readonly UsageChoice[];
  /** Whether it finds more than are listed. */
  readonly more: boolean;
};

/** Listed of what a search finds. */
const MOST_FOUND = 50;

/** The ticked ones, and what a search finds besides them; nothing where nothing was typed. Both by surname. */
export async function listUsageChoices(
  sql: Queryable,
  search: string,
  ids: readonly number[],
): Promise<UsageChoices> {
  const columns =
    sql`l.id, l.first_name as "firstName", l.surname, l.username, l.deleted_at is not null as "isDeleted"`;
  const order = sql`l.surname collate "en-x-icu", l.first_name collate "en-x-icu", l.id`;
  const chosen = ids.length === 0 ? [] : await sql<UsageChoice[]>`
    select ${columns} from logons l where l.id = any(${[...ids]}::bigint[]) order by ${order}`;
  const patterns = searchPatterns(search);
  if (patterns.length === 0) return { chosen, found: [], more: false };
  const matching = allOf(sql, patterns.map((pattern) => sql`l.search_key like ${pattern}`));
  const found = await sql<UsageChoice[]>`
    select ${columns} from logons l
     where l.merged_into is null and ${matching} and l.id <> all(${[...ids]}::bigint[])
     order by ${order} limit ${MOST_FOUND + 1}`;
  return { chosen, found: found.slice(0, MOST_FOUND), more: found.length > MOST_FOUND };
}
