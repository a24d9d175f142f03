// Whether what is stored can be read only with the server key: then another key must not be made in its place unseen.

import type { Queryable } from "./connect.ts";

/** Secrets of authenticator apps are sealed under it, the passwords of mails that are under way are derived from it. */
export async function needsServerKey(sql: Queryable): Promise<boolean> {
  const [made] = await sql<[{ tables: boolean }]>`
    select to_regclass('totp_secrets') is not null and to_regclass('credential_mails') is not null as tables`;
  if (!made.tables) return false;
  const [row] = await sql<[{ needed: boolean }]>`
    select exists (select from totp_secrets)
           or exists (select from credential_mails where settled_at is null and pending_hash is not null) as needed`;
  return row.needed;
}
