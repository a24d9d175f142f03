// Whose learners are of a year group and a registration group: one condition for every list of logons.

import type { Queryable } from "./connect.ts";
import type { Fragment } from "./fragment.ts";

/**
 * That a logon is linked to a learner of the year and the group, both of the same learner, as the triggers of 0004_logons.sql
 * write them. @param l the logon's alias @returns no condition where neither is given
 */
export function linkedTo(
  sql: Queryable,
  l: Fragment,
  { year, group = null }: { readonly year: string | null; readonly group?: string | null },
): Fragment[] {
  if (year === null && group === null) return [];
  const key = year !== null && group !== null
    ? `both ${year}, ${group}`
    : year !== null
    ? `year ${year}`
    : `group ${group}`;
  return [sql`${l}.linked_groups @> array[${key}]::text[]`];
}
