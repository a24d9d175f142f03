// What Task Alerts, All tasks and a task's own page say of a task, from its state and facts.

import type { Facts, Task } from "../db/tasks.ts";
import { coverageSentence } from "./coverage_exports.tsx";
import { feedDoneSentence, feedReviewSentence } from "./feed_sentences.ts";
import { signInExportSentence } from "./sign_ins.tsx";
import { count, list, number } from "./times.ts";
import { usageSentence } from "./usage_reports.tsx";

/** What a task that runs is doing now. */
export function stepSentence(step: string | null): string {
  switch (step) {
    case "reading":
      return "Reading the file";
    case "checking":
      return "Checking the rows";
    case "sending":
      return "Sending";
    case "waiting for the mail server":
      return "Waiting for the mail server, trying again by itself:";
    case "making letters":
      return "Making the letters";
    case "counting":
      return "Counting the sign-ins";
    case "writing tabs":
      return "Writing the sign-ins:";
    case "writing summary":
      return "Writing the summary";
    case "writing tries":
      return "Writing the tries:";
    case "trying again":
      return "Trying again, since something went wrong on our side";
    case "comparing":
      return "Comparing it with what there is";
    case "undoing":
      return "Undoing it";
    case "writing the records":
      return "Writing the records";
    case "importing":
      return "Importing";
    case "writing":
      return "Writing the result";
    default:
      return "Running";
  }
}

function figure(facts: Facts, name: string): number {
  const value = facts[name];
  return typeof value === "number" ? value : 0;
}

/** What waits for a look: of an import, the classes that are not plain additions. */
export function reviewSentence(task: Task): string {
  if (task.kind === "letters") return lettersWaitSentence(task.facts);
  if (task.kind === "feed") return feedReviewSentence(task);
  const { facts } = task;
  const parts = [
    [figure(facts, "error"), "has an error", "have errors"],
    [figure(facts, "blocked"), "is blocked", "are blocked"],
    [figure(facts, "update"), "would change a logon", "would change logons"],
    [figure(facts, "restore"), "would restore a deleted logon", "would restore deleted logons"],
  ] as const;
  const said = parts.filter(([value]) => value > 0)
    .map(([value, one, many]) => `${count(value, "row")} ${value === 1 ? one : many}`);
  const { misspeltColumns } = facts;
  return ["Nothing has been written yet.", ...(said.length > 0 ? [`${list(said)}.`] : [])]
    .concat(
      misspeltColumns
        ? `${misspeltColumns}: not read, and perhaps misspelt. Mend the heading and upload the file again, or import without it.`
        : [],
    ).join(" ");
}

/** What a task that is done has done. */
export function doneSentence(task: Task): string {
  const { facts } = task;
  if (task.kind === "usage report") return usageSentence(task);
  if (task.kind === "sign in export") return signInExportSentence(task);
  if (task.kind === "coverage export") return coverageSentence(task);
  if (task.kind === "credential mails") return mailedSentence(facts);
  if (task.kind === "feed") return feedDoneSentence(task);
  if (task.kind === "letters") return printedSentence(facts);
  const parts = [
    [figure(facts, "created"), "added"],
    [figure(facts, "updated"), "changed"],
    [figure(facts, "linked"), "linked"],
    [figure(facts, "restored"), "restored"],
    [figure(facts, "unchanged"), "unchanged"],
    [figure(facts, "leftOut"), "left out"],
    [figure(facts, "failed"), "failed"],
  ] as const;
  const said = parts.filter(([value]) => value > 0).map(([value, word]) =>
    `${number(value)} ${word}`
  );
  return said.length === 0 ? "Done." : `Done: ${list(said)}${whyLeftOut(facts)}.`;
}

/** Why contacts were left out, as it stands in the facts of their import, and learners who are blocked. */
function whyLeftOut(facts: Facts): string {
  const reasons = [
    ["blocked", "is blocked", "are blocked"],
    ["merged", "has a logon that was merged", "have logons that were merged"],
    ["changed", "was changed after it was chosen", "were changed after they were chosen"],
    ["gone", "is not there any more", "are not there any more"],
    [
      "no learner",
      "has no Parental Responsibility any more",
      "have no Parental Responsibility any more",
    ],
    ["no email", "has no email", "have no email"],
    ["bad email", "has an email that is not an address", "have an email that is not an address"],
    ["several logons", "has several logons already", "have several logons already"],
    ["several contacts", "is on record twice", "are on record twice"],
    ["taken", "lost its username to somebody else", "lost their usernames to somebody else"],
  ] as const;
  const said = reasons.map(([name, one, many]) =>
    [figure(facts, `why ${name}`), one, many] as const
  )
    .filter(([value]) => value > 0)
    .map(([value, one, many]) => `${number(value)} ${value === 1 ? one : many}`);
  const blocked = figure(facts, "learnersBlocked");
  return (said.length === 0 ? "" : `: ${list(said)}`) +
    (blocked === 0
      ? ""
      : `. ${count(blocked, "learner")} ${blocked === 1 ? "is" : "are"} blocked and not linked`);
}

/** Whether the mail server has taken every mail of a reset. */
export function isAllAccepted(facts: Facts): boolean {
  return figure(facts, "mails") > 0 && figure(facts, "accepted") === figure(facts, "mails");
}

/** "All 120 were sent…" only if all were; else how many were, and how many were not and why. */
function mailedSentence(facts: Facts): string {
  const mails = figure(facts, "mails");
  const accepted = figure(facts, "accepted");
  if (isAllAccepted(facts)) {
    return mails === 1
      ? "The mail with the new password was sent."
      : `All ${number(mails)} were sent an email containing their new password.`;
  }
  const parts = [
    [figure(facts, "refused"), "refused by the mail server"],
    [figure(facts, "unknown"), "not known"],
    [figure(facts, "bounced"), "came back"],
    [figure(facts, "leftOut"), "left out"],
    [figure(facts, "superseded"), "replaced by a newer reset"],
    [figure(facts, "cancelled"), "cancelled since two logons were merged"],
  ] as const;
  const said = parts.filter(([value]) => value > 0).map(([value, word]) =>
    `${number(value)} ${word}`
  );
  const keep = figure(facts, "bounced") < mails - accepted;
  return `${number(accepted)} of ${number(mails)} were sent their new password; ${list(said)}.${
    keep ? " Whoever was not sent one keeps the password they have." : ""
  }`;
}

function lettersWaitSentence(facts: Facts): string {
  const open = figure(facts, "mails") - figure(facts, "settled");
  const out = figure(facts, "leftOut");
  return `${count(open, "letter")} to print. No code works before you say that ${
    open === 1 ? "it was" : "they were"
  } printed.${out > 0 ? ` ${number(out)} left out.` : ""}`;
}

function printedSentence(facts: Facts): string {
  const printed = figure(facts, "accepted");
  const out = figure(facts, "leftOut") + figure(facts, "superseded");
  return `${count(printed, "letter")} ${printed === 1 ? "was" : "were"} printed; ${
    printed === 1 ? "its code works" : "their codes work"
  }.${out > 0 ? ` ${number(out)} left out.` : ""}`;
}

/** How far a reset was when it was paused. */
export function pausedSentence(facts: Facts): string {
  const left = figure(facts, "mails") - figure(facts, "settled");
  return `Paused. ${sentOf(facts)} were sent their new password${cameBack(facts)}; ${
    number(left)
  } ${left === 1 ? "waits" : "wait"}.`;
}

/** For how many the mail server took it, of all. */
function sentOf(facts: Facts): string {
  return `${number(figure(facts, "accepted"))} of ${number(figure(facts, "mails"))}`;
}

/** For how many it came back later: their old password works no more either. */
function cameBack(facts: Facts): string {
  const bounced = figure(facts, "bounced");
  return bounced === 0 ? "" : `; ${number(bounced)} came back`;
}

function cancelledMailsSentence(facts: Facts): string {
  return `Cancelled. ${sentOf(facts)} had been sent their new password before${cameBack(facts)}${
    mayHaveGot(facts)
  }; the others keep the password they have.`;
}

/** Whom the mail server may have a mail for: what it says works beside the old password. */
function mayHaveGot(facts: Facts): string {
  const unknown = figure(facts, "unknown");
  return unknown === 0
    ? ""
    : `; of ${number(unknown)} it is not known, and whichever password they have works`;
}

/** What is stored piece by piece, and stays: everything else is all there in the end, or nothing of it. */
const WRITTEN_AS_IT_GOES: ReadonlyMap<string, string> = new Map([
  ["excel import", "row"],
  ["contact import", "contact"],
]);

/** What had been done before a task was cancelled. */
export function cancelledSentence(task: Task): string {
  if (task.kind === "letters") {
    return "Cancelled. None of the codes works; throw away what was printed.";
  }
  if (task.kind === "credential mails") return cancelledMailsSentence(task.facts);
  const newer = task.facts["superseded"] === true ? " A newer file took its place." : "";
  const unit = WRITTEN_AS_IT_GOES.get(task.kind);
  const written = task.done > 0 && unit !== undefined
    ? ` ${count(task.done, unit)} had been written before.`
    : "";
  return `Cancelled.${newer}${written}`;
}

/** Why a task failed, and what to do. */
export function failureSentence(task: Task): string {
  const failure = task.failure;
  if (failure?.code === "refused" && typeof failure["sentence"] === "string") {
    return failure["sentence"];
  }
  if (failure?.code === "file gone") {
    return "The file was kept for as long as Settings says, and is gone. Nothing was written: send it again.";
  }
  if (failure?.code === "no mail server") {
    return "No mail server is set up, so nobody was mailed and no password was changed. Ask whoever looks after the program to set SMTP_URL.";
  }
  if (failure?.code === "key changed") {
    return "The server key has changed since this was started, so it was stopped. Who was mailed before keeps that password; start it again for the others.";
  }
  const kept = WRITTEN_AS_IT_GOES.has(task.kind)
    ? " What was written before is kept."
    : task.kind === "credential mails"
    ? " Who was mailed before has the new password."
    : "";
  return `Something went wrong on our side, and it was stopped.${kept} Tell whoever looks after the program: task ${task.id}.`;
}
