// Whoever is signed in, as what is the same for parents and the office needs to know them: passkeys and two factor authentication.

import type { Author } from "../db/audit.ts";
import type { Owner } from "../db/owners.ts";
import type { TfaStep } from "../db/sessions.ts";
import type { OwnFrame } from "../views/own.tsx";
import { type Ctx, themeOf } from "./context.ts";
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
