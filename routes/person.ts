// Whoever is signed in, as what is the same for parents and the office needs to know them: passkeys and two factor authentication.

import type { Author } from "../db/audit.ts";
import type { Transaction } from "../db/connect.ts";
import { addNotices, type NoticeFacts, type NoticeKind } from "../db/notices.ts";
import { findOwnEmail, type Owner } from "../db/owners.ts";
import type { TfaStep } from "../db/sessions.ts";
import type { OwnFrame } from "../views/own.tsx";
import { causeOf, type Ctx, themeOf } from "./context.ts";
import type { Side } from "./guards.ts";

export type Person = {
  readonly side: Side;
  readonly owner: Owner;
  readonly name: string;
  readonly username: string;
  readonly tfaStep: TfaStep | null;
  /** When the own password was last typed. */
  readonly confirmedAt: Date;
};

/** A parent on the portal, or an admin in the office. */
export function personOf(c: Ctx, side: Side): Person {
  if (side === "office") {
    const { id, name, username, tfaStep, confirmedAt } = c.var.admin;
    return { side, owner: { adminId: id }, name, username, tfaStep, confirmedAt };
  }
  const { logonId, firstName, surname, username, tfaStep, confirmedAt } = c.var.parent;
  const name = `${firstName} ${surname}`;
  return { side, owner: { logonId }, name, username, tfaStep, confirmedAt };
}

/** Who does it, as the audit names a person's own deed. */
export function authorIs(c: Ctx, { owner, name }: Pick<Person, "owner" | "name">): Author {
  const { requestId } = c.var;
  return { adminId: "adminId" in owner ? owner.adminId : null, who: name, requestId };
}

/**
 * Tells somebody by mail what was done in their name to how they sign in: whoever has their password could have done it. An
 * admin is told of a passkey that was added, which signs in alone; the other deeds of the office's own people are in the audit.
 */
export async function tellOwner(
  c: Ctx,
  tx: Transaction,
  { owner, name, side }: Person,
  kind: Extract<
    NoticeKind,
    "tfa set up" | "recovery codes made" | "passkey added" | "passkey removed"
  >,
  facts: NoticeFacts = {},
): Promise<void> {
  if (side === "office" && kind !== "passkey added") return;
  const address = await findOwnEmail(tx, owner);
  if (address === null) return;
  await addNotices(tx, [{ kind, ...owner, name, address, facts }], causeOf(c));
}

/** What the pages of one's own are set in. */
export function ownFrame(c: Ctx, side: Side): OwnFrame {
  const { services, settings } = c.var;
  return {
    side,
    schoolName: services.config.schoolName,
    theme: themeOf(c),
    officePhone: settings.office_phone,
  };
}
