// What the old address is told when the office changes a logon: that it changed, never to what in full.

import type { Transaction } from "./connect.ts";
import { addNotices, type NoticeCause } from "./notices.ts";

/** A logon that somebody uses, and what became different: by hand, by an import, by a merge. */
export type ChangedLogon = {
  readonly logonId: number;
  /** First name and surname. */
  readonly name: string;
  /** As it was before. */
  readonly username: string;
  /** As it was before; null: there is nobody to tell. */
  readonly address: string | null;
  /** The new email where that changed; null where it was taken away. */
  readonly newEmail?: string | null;
  /** The new username where that changed. */
  readonly newUsername?: string;
  /** Whether the office set another password. */
  readonly password?: boolean;
  /** What became of two factor authentication, where that changed. */
  readonly tfa?: "required" | "not required";
};

/**
 * Writes a notice to the old address of each logon of which email, username or password changed, and one of two factor
 * authentication, in the transaction that changes it; one statement for any number. A mailbox that two logons share gets one
 * for each, which names the logon.
 */
export async function addChangeNotices(
  sql: Transaction,
  changes: readonly ChangedLogon[],
  cause: NoticeCause,
): Promise<void> {
  const notices = changes.flatMap((change) => {
    const { logonId, name, username, address, newEmail, newUsername } = change;
    const password = change.password ?? false;
    if (address === null) return [];
    const tfa = change.tfa === undefined
      ? []
      : [{ kind: `tfa ${change.tfa}` as const, logonId, name, address, facts: {} }];
    if (newEmail === undefined && newUsername === undefined && !password) return tfa;
    return [...tfa, {
      kind: "logon changed" as const,
      logonId,
      name,
      address,
      facts: {
        username,
        ...(newEmail === undefined
          ? {}
          : { email: newEmail === null ? null : maskAddress(newEmail) }),
        ...(newUsername === undefined ? {} : { newUsername: maskAddress(newUsername) }),
        password,
      },
    }];
  });
  await addNotices(sql, notices, cause);
}

/** "a…@e….org": enough for whoever knows the address, too little for whoever does not. A text without @ is no address. */
export function maskAddress(text: string): string {
  const parts = /^(.).*@(.).*(\.[^.]+)$/su.exec(text);
  if (parts !== null) return `${parts[1]}…@${parts[2]}…${parts[3]}`;
  return text.includes("@") ? "…" : text;
}
