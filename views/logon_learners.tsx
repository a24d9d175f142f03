// The learners' part of a logon's window: those who are linked, and the picker below them.

import type { JSX } from "hono/jsx/jsx-runtime";
import type { Block } from "../db/blocks.ts";
import type { LearnerOption } from "../db/learners.ts";
import { BlocksOfLogon } from "./blocks.tsx";
import { redraws, redrawsAsTyped, redrawsOnChange } from "./swap.tsx";
import { Icon, Name, Select } from "./ui.tsx";

/** The learners' part of the window, as it is being worked on. */
export type LearnersDraft = {
  readonly linked: readonly LearnerOption[];
  readonly picker: {
    readonly open: boolean;
    /** Empty for all. */
    readonly status: string;
    readonly search: string;
    readonly options: readonly LearnerOption[];
    readonly more: boolean;
    /** Those among the options who must not be linked. */
    readonly blocked: readonly number[];
  };
  /** What keeps learners from this parent; absent where there is no logon yet. */
  readonly blocks?:
    | { readonly logonId: number; readonly blocks: readonly Block[]; readonly mayBlock: boolean }
    | undefined;
  /** What just happened, said to everybody. */
  readonly said?: string | undefined;
  readonly problem?: string | undefined;
};

/** The linked learners and the picker below them: redrawn alone, so that nothing typed elsewhere is touched. */
export function LearnersSection(
  props: { draft: LearnersDraft; statuses: readonly string[] },
): JSX.Element {
  const { draft } = props;
  return (
    <fieldset id="learners" class={draft.problem ? "learners-section wrong" : "learners-section"}>
      <legend id="field-learners" tabindex={-1}>Linked learners</legend>
      <p class="quiet" role="status">{draft.said}</p>
      {draft.problem && <p class="problem">{draft.problem}</p>}
      {draft.linked.length === 0
        ? <p class="hint">None yet. A parent sees only the learners who are linked.</p>
        : (
          <ul class="linked">
            {draft.linked.map((learner) => (
              <li>
                <input type="hidden" name="learner" value={String(learner.id)} />
                <Learner learner={learner} />
                {draft.blocks?.mayBlock && (
                  <BlockLink logonId={draft.blocks.logonId} learner={learner} />
                )}
                <button
                  type="submit"
                  class="icon-button"
                  name="unlink"
                  value={String(learner.id)}
                  formaction="/logon-drafts"
                  aria-label={`Take ${describe(learner)} off the list`}
                  title="Take off the list"
                  {...redraws("/logon-drafts", "#learners")}
                >
                  <Icon name="trash-2" />
                </button>
              </li>
            ))}
          </ul>
        )}
      {draft.blocks && <BlocksOfLogon {...draft.blocks} />}
      {draft.picker.open && <Picker draft={draft} statuses={props.statuses} />}
    </fieldset>
  );
}

function Picker(props: { draft: LearnersDraft; statuses: readonly string[] }): JSX.Element {
  const { picker } = props.draft;
  const statuses = [
    ...props.statuses.map((status) => [status, status] as const),
    ["", "Any status"] as const,
  ];
  return (
    <div class="picker">
      <input type="hidden" name="picker" value="open" />
      <div class="stack">
        <Select
          name="learner_status"
          label="Learner Status"
          value={picker.status}
          options={statuses}
          more={redrawsOnChange("/logon-drafts", "#learner-options")}
        />
        <div class="field">
          <label for="field-learner_search">Learner</label>
          <input
            id="field-learner_search"
            name="learner_search"
            type="search"
            value={picker.search}
            autocomplete="off"
            spellcheck={false}
            placeholder="Name, group or admission number"
            aria-controls="learner-options"
            autofocus
            data-picks=""
            {...redrawsAsTyped("/logon-drafts", "#learner-options")}
          />
        </div>
      </div>
      <button
        type="submit"
        class="button small no-script"
        name="open_picker"
        value="yes"
        formaction="/logon-drafts"
      >
        Search learners
      </button>
      <LearnerOptions draft={props.draft} />
    </div>
  );
}

/** What the picker offers: redrawn as somebody types. */
export function LearnerOptions(props: { draft: LearnersDraft }): JSX.Element {
  const { picker, linked } = props.draft;
  const taken = new Set(linked.map((learner) => learner.id));
  return (
    <div id="learner-options" role="group" aria-label="Learners found">
      <input type="hidden" name="searched" value={picker.search} />
      {picker.options.length === 0
        ? (
          <p class="hint" role="status">
            No learner matches. Try another Learner Status, or fewer letters.
          </p>
        )
        : (
          <ul class="offered">
            {picker.options.map((learner) => (
              <li class={picker.blocked.includes(learner.id) ? "soft" : undefined}>
                <Learner learner={learner} />
                {taken.has(learner.id)
                  ? <span class="soft">linked</span>
                  : picker.blocked.includes(learner.id)
                  ? <span class="soft">blocked for this parent</span>
                  : (
                    <button
                      type="submit"
                      class="button small"
                      name="link"
                      value={String(learner.id)}
                      formaction="/logon-drafts"
                      aria-label={`Link ${describe(learner)}`}
                      {...redraws("/logon-drafts", "#learners")}
                    >
                      Link
                    </button>
                  )}
              </li>
            ))}
          </ul>
        )}
      {picker.more && <p class="hint">More learners match. Type more of the name.</p>}
    </div>
  );
}

function BlockLink(props: { logonId: number; learner: LearnerOption }): JSX.Element {
  const href = `/blocks/new?logon=${props.logonId}&learner=${props.learner.id}`;
  return (
    <a
      class="aside"
      href={href}
      aria-label={`Block ${describe(props.learner)}`}
      data-opens
    >
      Block
    </a>
  );
}

function Learner(props: { learner: LearnerOption }): JSX.Element {
  const { learner } = props;
  return (
    <span>
      <Name of={learner} />{" "}
      <span class="soft">
        {learner.registrationGroup !== null && `${learner.registrationGroup}, `}adm{" "}
        {learner.admissionNumber}
        {learner.status !== "Current" && `, ${learner.status}`}
      </span>
    </span>
  );
}

function describe(learner: LearnerOption): string {
  const group = learner.registrationGroup === null ? "" : ` ${learner.registrationGroup}`;
  return `${learner.firstName} ${learner.surname}${group}, admission number ${learner.admissionNumber}`;
}
