// What Import Contacts makes of a contact: the rule, which the window shows and the job keeps.

import type { RowClass } from "./import_plan.ts";
import { checkLogon } from "./logons.ts";

/** A learner on whose record the contact has Parental Responsibility. */
export type OwnLearner = {
  readonly id: number;
  readonly firstName: string;
  readonly surname: string;
  /** Whether a block in force keeps this adult from the learner; why is not told here. */
  readonly isBlocked: boolean;
};

/** A logon that is, or is likely to be, this contact's. */
export type OwnLogon = {
  readonly id: number;
  readonly username: string;
  readonly isDeleted: boolean;
  /** It became part of another logon and never comes back. */
  readonly isMerged: boolean;
  readonly learnerIds: readonly number[];
};

/** A contact with all that decides what an import makes of it. */
export type Candidate = {
  readonly id: number;
  readonly firstName: string;
  readonly surname: string;
  readonly email: string | null;
  /** Those with Parental Responsibility, by name. */
  readonly learners: readonly OwnLearner[];
  /** Logons that remember this contact: live ones first, then the one that was deleted last. */
  readonly logons: readonly OwnLogon[];
  /** Live logons of no contact with the same names and email; asked only for who has no logon. */
  readonly likely: readonly OwnLogon[];
  /** Other contacts with the same names and email; likewise. */
  readonly twins: number;
};

export type ContactClass = Exclude<RowClass, "update">;

/** Why a contact is left out: a view has the sentences. */
export type Doubt =
  | "no learner"
  | "no email"
  | "bad email"
  | "several logons"
  | "several contacts"
  | "blocked"
  | "merged"
  | "changed"
  | "gone"
  | "taken";

/** What an import makes of a contact. */
export type ContactPlan = {
  readonly class: ContactClass;
  /** The logon there is; null for a new one, and for none. */
  readonly logon: OwnLogon | null;
  /** Whether that logon has belonged to no contact so far, and is remembered as this one's. */
  readonly adopts: boolean;
  /** Learners that are not linked yet. */
  readonly adds: readonly OwnLearner[];
  /** How many learners are left out because of a block. */
  readonly blocked: number;
  readonly doubt: Doubt | null;
};
/** What an import makes of a contact as it is now. Pure: the window shows what the job will do. */
export function planCandidate(contact: Candidate): ContactPlan {
  const open = contact.learners.filter((learner) => !learner.isBlocked);
  const blocked = contact.learners.length - open.length;
  const [own] = contact.logons;
  const [likely, ...others] = contact.likely;
  function leaveOut(doubt: Doubt): ContactPlan {
    const logon = own ?? null;
    return { class: "error", logon, adopts: false, adds: [], blocked, doubt };
  }
  function plan(is: ContactClass, logon: OwnLogon | null, adopts = false): ContactPlan {
    // Where the contact has several live logons, what one of them sees is not missing.
    const seeing = logon === null || logon.isDeleted || adopts
      ? [logon]
      : contact.logons.filter((one) => !one.isDeleted);
    const linked = seeing.flatMap((one) => one?.learnerIds ?? []);
    const adds = open.filter((learner) => !linked.includes(learner.id));
    const isSame = is === "link" && adds.length === 0 && !adopts;
    return { class: isSame ? "unchanged" : is, logon, adopts, adds, blocked, doubt: null };
  }
  if (contact.learners.length === 0) return leaveOut("no learner");
  if (contact.email === null) return leaveOut("no email");
  if (own && !own.isDeleted) return plan("link", own);
  if (open.length === 0) return { ...leaveOut("blocked"), class: "blocked" };
  if (own?.isMerged) return leaveOut("merged");
  if (own) return plan("restore", own);
  if (!isAddress(contact, contact.email)) return leaveOut("bad email");
  if (others.length > 0) return leaveOut("several logons");
  if (likely && contact.twins > 0) return leaveOut("several contacts");
  return likely ? plan("link", likely, true) : plan("create", null);
}

/** Whether importing would add or restore anything. */
export function isChange(plan: ContactPlan): boolean {
  return plan.class === "create" || plan.class === "link" || plan.class === "restore";
}

function isAddress(contact: Candidate, email: string): boolean {
  const { firstName, surname } = contact;
  const nobodyElse = { ownerOf: () => undefined, sharersOf: () => [] };
  const options = { shortestPassword: 0, schoolName: "" };
  const input = { firstName, surname, email, username: email, password: "" };
  return checkLogon(input, nobodyElse, options).email === undefined;
}
