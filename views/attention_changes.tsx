// Changing what stands in Needs attention: the question before many are changed at once, and what was done, in words.

import type { JSX } from "hono/jsx/jsx-runtime";
import type { AttentionDeed, AttentionOutcome } from "../db/attention.ts";
import { CHANGES } from "./attention_items.tsx";
import { submitsInDialog } from "./swap.tsx";
import { count, number } from "./times.ts";
import { Cancel, ConfirmPassword, DialogContent, DialogFoot, ProblemSummary } from "./ui.tsx";

/** Asks for the own password before many logons are changed at once. */
export function ConfirmAttention(
  props: {
    deed: AttentionDeed;
    ids: readonly number[];
    all: boolean;
    query: string;
    confirm: boolean;
    problem?: string | undefined;
  },
): JSX.Element {
  const { deed, problem } = props;
  const what = props.all ? "all that match" : count(props.ids.length, "item");
  return (
    <DialogContent title={TITLES[deed]}>
      <form method="post" action={CHANGES} novalidate {...submitsInDialog(CHANGES)}>
        <input type="hidden" name="deed" value={deed} />
        <input type="hidden" name="confirmed" value="yes" />
        <input type="hidden" name="query" value={props.query} />
        {props.all && <input type="hidden" name="all" value="1" />}
        {props.ids.map((id) => <input type="hidden" name="item" value={String(id)} />)}
        <div class="body">
          <ProblemSummary problems={problem === undefined ? [] : [["own_password", problem]]} />
          <p>{TITLES[deed]}: {what}? {CONSEQUENCES[deed]}</p>
          <ConfirmPassword needed={props.confirm} problem={problem} />
        </div>
        <DialogFoot>
          <Cancel href={`/attention${props.query}`} />
          <button type="submit" class="button blue" autofocus={!props.confirm}>
            {VERBS[deed]}
          </button>
        </DialogFoot>
      </form>
    </DialogContent>
  );
}

const VERBS: Readonly<Record<AttentionDeed, string>> = {
  apply: "Apply",
  keep: "Keep",
  unlink: "Unlink",
};
const TITLES: Readonly<Record<AttentionDeed, string>> = {
  apply: "Apply what contacts say",
  keep: "Keep logons as they are",
  unlink: "Unlink learners",
};
const CONSEQUENCES: Readonly<Record<AttentionDeed, string>> = {
  apply: "Usernames stay. Parents in use of a logon get a notice at the old address.",
  keep: "They come back here when the contact changes again.",
  unlink: "The parents do not see these learners any more.",
};

/** "3 were applied. 1 was left out: …" */
export function outcomeSentence(deed: AttentionDeed, outcome: AttentionOutcome): string {
  const { done, leftOut, gone, more } = outcome;
  const words = { apply: "applied", keep: "kept", unlink: "unlinked" }[deed];
  return [
    `${number(done)} ${done === 1 ? "was" : "were"} ${words}.`,
    ...(leftOut > 0
      ? [
        `${number(leftOut)} ${leftOut === 1 ? "was" : "were"} left out; the list says why.`,
      ]
      : []),
    ...(gone > 0 ? [`${number(gone)} had changed meanwhile: look at what the list says now.`] : []),
    ...(more ? ["There are more than can be done at once: choose all again."] : []),
  ].join(" ");
}
