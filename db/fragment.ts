// A part of a statement, as the tagged template makes it.

import type postgres from "postgres";

export type Fragment = postgres.PendingQuery<postgres.Row[]>;
