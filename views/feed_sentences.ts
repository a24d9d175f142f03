// What a feed would do, and what it did, in sentences: for Task Alerts, All tasks and its own page.

import type { Facts, Task } from "../db/tasks.ts";
import { count, list, number } from "./times.ts";

/** What a feed that waits would do, and why it waits. */
export function feedReviewSentence(task: Task): string {
  const { facts } = task;
  return [
    "Nothing has been written yet.",
    ...whyOf(facts),
    ...sentenceOf("It would", wouldOf(facts)),
    ...faultsOf(facts),
  ].join(" ");
}

/** What a feed has done. */
export function feedDoneSentence(task: Task): string {
  const { facts } = task;
  if (facts["nothing"] === true) return "There was no new file in the folder.";
  const undone = ["create", "update", "leaver"].flatMap((is) => parts(facts, "undone", is));
  if (facts["undone"] === true) {
    const kept = ["create", "update", "leaver"].flatMap((is) => parts(facts, "kept", is));
    const rest = kept.length === 0 ? "" : ` ${list(kept)} stayed: changed or used since.`;
    return undone.length === 0 ? `Undone.${rest}` : `Undone: ${list(undone)}.${rest}`;
  }
  const said = didOf(facts);
  const failed = figure(facts, "failed");
  const leftOut = figure(facts, "leftOut") + figure(facts, "untold");
  return [
    said.length === 0 ? "Done: nothing is different." : `Done: ${said.join("; ")}.`,
    ...(leftOut === 0 ? [] : [`${count(leftOut, "record")} left out.`]),
    ...(failed === 0 ? [] : [`${count(failed, "record")} changed meanwhile and not written.`]),
  ].join(" ");
}

/** What the file is, in words, once it has been read. */
export function versionOf({ facts }: Task): string {
  const version = facts["version"];
  if (typeof version !== "string") return "";
  return facts["complete"] === true ? `${version}, complete` : version;
}

function whyOf(facts: Facts): string[] {
  switch (facts["review"]) {
    case "leavers":
      return [
        `${count(figure(facts, "learner leaver"), "learner")} of ${
          number(figure(facts, "knownLearners"))
        } would become leavers at once, which is more than a tenth: look whether the file is whole.`,
      ];
    case "taken off":
      return [
        `${count(figure(facts, "relationship leaver"), "relationship")} of ${
          number(figure(facts, "knownRelationships"))
        } would be taken off learners’ records, ` +
        "which is more than a tenth: look whether the file is whole.",
      ];
    case "errors":
      return ["It has more faulty records than Settings allow at night."];
    default:
      return [];
  }
}

function sentenceOf(start: string, said: readonly string[]): string[] {
  return said.length === 0 ? [] : [`${start} ${list(said)}.`];
}

function wouldOf(facts: Facts): string[] {
  const added = parts(facts, "", "create");
  const changed = parts(facts, "", "update");
  const left = figure(facts, "learner leaver");
  const off = figure(facts, "relationship leaver");
  return [
    ...(added.length === 0 ? [] : [`add ${list(added)}`]),
    ...(changed.length === 0 ? [] : [`change ${list(changed)}`]),
    ...(left === 0
      ? []
      : [`make ${count(left, "learner")} ${left === 1 ? "a leaver" : "leavers"}`]),
    ...(off === 0 ? [] : [`take ${count(off, "contact")} off a learner’s record`]),
  ];
}

function didOf(facts: Facts): string[] {
  const added = parts(facts, "done", "create");
  const changed = parts(facts, "done", "update");
  const left = figure(facts, "done learner leaver");
  const off = figure(facts, "done relationship leaver");
  return [
    ...(added.length === 0 ? [] : [`${list(added)} added`]),
    ...(changed.length === 0 ? [] : [`${list(changed)} changed`]),
    ...(left === 0 ? [] : [`${count(left, "learner")} left`]),
    ...(off === 0 ? [] : [`${count(off, "contact")} taken off a learner’s record`]),
  ];
}

function faultsOf(facts: Facts): string[] {
  const kinds = ["learner", "contact", "relationship"];
  const total = (is: string): number =>
    kinds.reduce((sum, kind) => sum + figure(facts, `${kind} ${is}`), 0);
  const errors = total("error") + figure(facts, "untold");
  const conflicts = total("conflict");
  return [
    ...(errors === 0
      ? []
      : [`${count(errors, "record")} ${errors === 1 ? "has" : "have"} an error.`]),
    ...(conflicts === 0 ? [] : [
      `${count(conflicts, "record")} cannot be told apart from ${
        conflicts === 1 ? "another" : "others"
      }.`,
    ]),
  ];
}

/** "12 learners", "20 contacts" of one class. */
function parts(facts: Facts, state: string, is: string): string[] {
  return (["learner", "contact", "relationship"] as const).flatMap((kind) => {
    const value = figure(facts, `${state} ${kind} ${is}`.trim());
    return value === 0 ? [] : [count(value, kind)];
  });
}

function figure(facts: Facts, name: string): number {
  const value = facts[name];
  return typeof value === "number" ? value : 0;
}
