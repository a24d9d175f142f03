// The items of Needs attention: what differs, since when and by whom, and the buttons that settle it.

import type { JSX } from "hono/jsx/jsx-runtime";
import type { AttentionItem, AttentionKind } from "../db/attention.ts";
import type { AttentionProps } from "./attention.tsx";
import { posts } from "./swap.tsx";
import { Address, fullName, Name } from "./ui.tsx";

/** Where the buttons lead. */
export const CHANGES = "/attention/changes";

/** What each kind is called. */
export const KIND_LABELS: readonly (readonly [AttentionKind, string])[] = [
  ["email differs", "Email differs"],
  ["name differs", "Name differs"],
  ["responsibility unticked", "Parental Responsibility unticked"],
  ["taken off learner", "Contact taken off a learner"],
  ["contact deleted", "Contact deleted"],
];

/** The list, and its address after "/attention". */
type ItemsProps = AttentionProps & { readonly query: string };

/** The items with what is done to those that are chosen, or to one by its own button. */
export function AttentionItems(props: ItemsProps): JSX.Element {
  const { page, view, mayEdit } = props;
  const applies = page.rows.some((item) => verbOf(item) === "apply");
  const unlinks = page.rows.some((item) => verbOf(item) === "unlink");
  return (
    <form
      method="post"
      action={CHANGES}
      data-choices=""
      {...posts(CHANGES)}
    >
      <input type="hidden" name="query" value={props.query} />
      {mayEdit && (
        <div class="buttons choosing">
          <label class="choice">
            <input
              type="checkbox"
              name="select_shown"
              value="yes"
              data-all-of="item"
              autocomplete="off"
            />
            Select all
          </label>
          {page.total > page.rows.length && (
            <label class="choice">
              <input type="checkbox" name="all" value="1" autocomplete="off" />
              Select all that match, shown or not
            </label>
          )}
          {applies && (
            <button type="submit" class="button small" name="deed" value="apply">
              Apply to chosen
            </button>
          )}
          {unlinks && (
            <button type="submit" class="button small" name="deed" value="unlink">
              Unlink chosen
            </button>
          )}
          {!view.kept && (
            <button type="submit" class="button small" name="deed" value="keep">
              Keep chosen
            </button>
          )}
        </div>
      )}
      <div class="table">
        <table>
          <caption class="quiet">Needs attention</caption>
          <thead>
            <tr>
              {mayEdit && (
                <th scope="col">
                  <span class="quiet">Choose</span>
                </th>
              )}
              <th scope="col">Logon</th>
              <th scope="col">What</th>
              <th scope="col">{view.kept ? "Kept" : "Since"}</th>
              <th scope="col">
                <span class="quiet">Actions</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {page.rows.map((item) => <ItemRow {...props} item={item} />)}
          </tbody>
        </table>
      </div>
    </form>
  );
}

/** What there is to do beside keeping; null for what can only be kept. */
function verbOf(item: AttentionItem): "apply" | "unlink" | null {
  if (item.learnerId !== null) return "unlink";
  return item.kind === "contact deleted" || item.problem !== null ? null : "apply";
}

function ItemRow(props: ItemsProps & { item: AttentionItem }): JSX.Element {
  const { item, mayEdit, times, view } = props;
  return (
    <tr id={`item-${item.id}`}>
      {mayEdit && (
        <td class="choose">
          <input
            type="checkbox"
            name="item"
            value={String(item.id)}
            aria-label={`${item.username}: ${labelOf(item.kind)}`}
            autocomplete="off"
          />
          <input type="hidden" name="shown" value={String(item.id)} />
        </td>
      )}
      <td class="who" data-label="Logon">
        <strong>
          <Name of={item} />
        </strong>
        <span class="below soft">
          <Address>{item.username}</Address>
        </span>
      </td>
      <td data-label="What">
        <What item={item} />
      </td>
      <td data-label={view.kept ? "Kept" : "Since"}>
        <time
          datetime={(item.keptAt ?? item.since).toISOString()}
          title={times.full(item.keptAt ?? item.since)}
        >
          {times.brief(item.keptAt ?? item.since)}
        </time>
        <By item={item} kept={view.kept} />
      </td>
      <td>{mayEdit && <ItemActions {...props} />}</td>
    </tr>
  );
}

function By(props: { item: AttentionItem; kept: boolean }): JSX.Element | null {
  const { item, kept } = props;
  const by = kept ? item.keptBy : item.by ?? (item.source === "" ? null : item.source);
  return by === null ? null : (
    <span class="below soft">
      <bdi>{by}</bdi>
    </span>
  );
}

function What(props: { item: AttentionItem }): JSX.Element {
  const { item } = props;
  switch (item.kind) {
    case "email differs":
      return (
        <>
          The contact has {item.said === "" ? "no email" : (
            <strong>
              <Address>{item.said}</Address>
            </strong>
          )}, the logon {item.email === null ? "none" : <Address>{item.email}</Address>}.
          {item.problem !== null && item.said !== "" && (
            <span class="below soft">{item.problem}</span>
          )}
        </>
      );
    case "name differs":
      return (
        <>
          The contact is{" "}
          <strong>
            <bdi>{item.said}</bdi>
          </strong>, the logon <bdi>{fullName(item)}</bdi>.
          {item.problem !== null && <span class="below soft">{item.problem}</span>}
        </>
      );
    case "responsibility unticked":
      return (
        <>
          Parental Responsibility for{" "}
          <strong>
            <bdi>{item.learner}</bdi>
          </strong>{" "}
          is not ticked any more. The parent still sees them.
        </>
      );
    case "taken off learner":
      return (
        <>
          The contact is not on the record of{" "}
          <strong>
            <bdi>{item.learner}</bdi>
          </strong>{" "}
          any more. The parent still sees them.
        </>
      );
    case "contact deleted":
      return <>The contact was deleted. The logon still works.</>;
  }
}

/** One click each: the same form, for this row alone. */
function ItemActions(props: ItemsProps & { item: AttentionItem }): JSX.Element {
  const { item } = props;
  const verb = verbOf(item);
  const name = fullName(item);
  const block = `/blocks/new?logon=${item.logonId}&learner=${item.learnerId}`;
  return (
    <div class="actions">
      {verb !== null && (
        <button
          type="submit"
          class="quiet-button"
          name="one"
          value={`${verb}-${item.id}`}
          aria-label={verb === "apply"
            ? `Apply to ${name}: ${labelOf(item.kind)}`
            : `Unlink ${item.learner} from ${name}`}
        >
          {verb === "apply" ? "Apply" : "Unlink"}
        </button>
      )}
      {!props.view.kept && (
        <button
          type="submit"
          class="quiet-button"
          name="one"
          value={`keep-${item.id}`}
          aria-label={`Keep ${name} as it is: ${labelOf(item.kind)}`}
        >
          Keep
        </button>
      )}
      {item.learnerId !== null && props.mayBlock && (
        <a href={block} aria-label={`Block ${item.learner} for ${name}`} data-opens>
          Block
        </a>
      )}
    </div>
  );
}

function labelOf(kind: AttentionKind): string {
  return KIND_LABELS.find(([known]) => known === kind)?.[1] ?? kind;
}
