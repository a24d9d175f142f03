// Choosing parents for Parent Portal Usage: a search, and rows to tick that stay ticked while one searches on.

import type { JSX } from "hono/jsx/jsx-runtime";
import type { UsageChoice, UsageChoices } from "../db/usage_parents.ts";
import { redrawsAsTyped } from "./swap.tsx";
import { count } from "./times.ts";
import { Address, Icon, Name } from "./ui.tsx";

const SEARCH = "/usage-reports/parents";

/** The search and its rows. */
export function UsageParents(
  props: { search: string; choices: UsageChoices; problem?: string | undefined },
): JSX.Element {
  const { search, problem } = props;
  return (
    <fieldset
      id="field-parents"
      class={problem ? "stack wrong" : "stack"}
      tabindex={-1}
      aria-describedby={problem ? "field-parents-problem" : "field-parents-hint"}
    >
      <legend>Only chosen parents</legend>
      <p class="hint" id="field-parents-hint">
        Choose nobody, and the report has everybody of the year and group above.
      </p>
      {problem && <p class="problem" id="field-parents-problem">{problem}</p>}
      <div class="filters one">
        <div class="field search">
          <label for="field-parent_search" class="quiet">Search parents</label>
          <Icon name="search" />
          <input
            id="field-parent_search"
            name="parent_search"
            type="search"
            value={search}
            placeholder="Username, name, email or learner"
            autocomplete="off"
            spellcheck={false}
            maxlength={200}
            aria-controls="usage-parents"
            {...redrawsAsTyped(SEARCH, "#usage-parents")}
          />
        </div>
      </div>
      <button type="submit" class="button small no-script" formaction={SEARCH}>
        Search parents
      </button>
      <UsageParentRows search={search} choices={props.choices} />
    </fieldset>
  );
}

/** Those who are ticked first, so that what the report will hold is seen whatever is searched for. */
export function UsageParentRows(props: { search: string; choices: UsageChoices }): JSX.Element {
  const { search, choices: { chosen, found, more } } = props;
  const none = chosen.length + found.length === 0;
  return (
    <div id="usage-parents" class="choice-list" data-rows="parent">
      <p class="hint" role="status">
        {search !== "" && (found.length === 0
          ? chosen.length > 0 ? "Nobody else matches." : "Nobody matches. Try fewer letters."
          : `${more ? "The first " : ""}${count(found.length, "parent")} found${
            more ? "; type more of the name for others" : ""
          }.`)}
      </p>
      {!none && (
        <ul class="rows">
          {chosen.map((parent) => <Row parent={parent} checked />)}
          {found.map((parent) => <Row parent={parent} checked={false} />)}
        </ul>
      )}
    </div>
  );
}

function Row(props: { parent: UsageChoice; checked: boolean }): JSX.Element {
  const { parent } = props;
  return (
    <li>
      <label>
        <input type="checkbox" name="parent" value={String(parent.id)} checked={props.checked} />
        <Name of={parent} />
        <span class="soft">
          <Address>{parent.username}</Address>
          {parent.isDeleted && " (deleted)"}
        </span>
      </label>
    </li>
  );
}
