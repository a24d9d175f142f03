// Why a contact is not imported, in the words of each place that says so.

import type { Doubt } from "../db/contact_plan.ts";

/** In the row of the window, and after the import; `who` is first name and surname. */
export const DOUBTS: Readonly<
  Record<Doubt, { readonly row: string; readonly after: string; told(who: string): string }>
> = {
  "no learner": {
    row: "no Parental Responsibility for a learner",
    after: "Has no Parental Responsibility for a learner any more.",
    told: (who) => `${who} has no Parental Responsibility for a learner any more.`,
  },
  "no email": {
    row: "no email on the learner’s record",
    after: "Has no email on the learner’s record any more.",
    told: (who) => `${who} has no email on the learner’s record. Add it there first.`,
  },
  "bad email": {
    row: "the email on the learner’s record is not an address",
    after: "The email on the learner’s record is not an address.",
    told: (who) => `The email on the learner’s record of ${who} is not an address. Mend it there.`,
  },
  "several logons": {
    row: "several logons have this name and email; link the learners there",
    after: "Several logons have this name and email. Link the learners there by hand.",
    told: (who) => `Several logons have the name and email of ${who}. Link the learners there.`,
  },
  "several contacts": {
    row: "a logon and another contact have this name and email; link the learners by hand",
    after: "A logon and another contact have this name and email. Link the learners by hand.",
    told: (who) => `A logon and another contact have the name and email of ${who}. Link by hand.`,
  },
  blocked: {
    row: "blocked",
    after: "Every learner is blocked for this contact. Ask an administrator.",
    told: (who) => `Every learner of ${who} is blocked for this contact. Ask an administrator.`,
  },
  merged: {
    row: "the logon was merged into another one; link the learners there",
    after: "The logon was merged into another one. Link the learners there by hand.",
    told: (who) => `The logon of ${who} was merged into another one. Link the learners there.`,
  },
  changed: {
    row: "changed",
    after: "The learner’s record was changed after the contact was chosen. Choose it again.",
    told: (who) => `${who} was changed just now. Choose again.`,
  },
  gone: {
    row: "not there any more",
    after: "The contact was taken off the learner’s record after it was chosen.",
    told: () =>
      "A contact you chose is not there any more. Look through the list and choose again.",
  },
  taken: {
    row: "the username was taken",
    after: "The username was taken by somebody else at that moment. Choose the contact again.",
    told: (who) => `The username of ${who} was taken by somebody else just now. Choose again.`,
  },
};
