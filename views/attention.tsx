// Needs attention: the inbox of what differs between contacts and logons, and what the office does about it.

import type { Child } from "hono/jsx";
import type { JSX } from "hono/jsx/jsx-runtime";
import type {
  AttentionDeed,
  AttentionItem,
  AttentionKind,
  AttentionOutcome,
  AttentionPage,
  AttentionView,
} from "../db/attention.ts";
import { type Frame, Heading, OfficePage } from "./layout.tsx";
import { Pager, type PlaceInList, queryText, SearchForm, Total } from "./lists.tsx";
import { opensDialog, Partial, posts, reloadsOn, submitsInDialog, TOASTS } from "./swap.tsx";
import { count, number, type Times } from "./times.ts";
import {
  Address,
  Cancel,
  ConfirmPassword,
  DialogContent,
  DialogFoot,
  EmptyState,
  fullName,
  Name,
  ProblemSummary,
  Toast,
} from "./ui.tsx";

const ATTENTION = "#attention";
const CHANGES = "/attention/changes";

export type AttentionProps = {
  readonly view: AttentionView;
  readonly page: AttentionPage;
  readonly counts: ReadonlyMap<AttentionKind, number>;
  /** Blocks whose review is due. */
  readonly dueBlocks: number;
  readonly times: Times;
  readonly mayEdit: boolean;
  readonly mayBlock: boolean;
  readonly mostCounted: number;
};

const KIND_LABELS: readonly (readonly [AttentionKind, string])[] = [
  ["email differs", "Email differs"],
  ["name differs", "Name differs"],
  ["responsibility unticked", "Parental Responsibility unticked"],
  ["taken off learner", "Contact taken off a learner"],
  ["contact deleted", "Contact deleted"],
];

export function AttentionPageView(
  props: AttentionProps & { frame: Frame; dialog?: Child; toasts?: Child },
): JSX.Element {
  const { view } = props;
  return (
    <OfficePage
      frame={props.frame}
      title="Needs attention"
      place="attention"
      home={`/attention${attentionQuery(view)}`}
      dialog={props.dialog}
      toasts={props.toasts}
      heading={<Heading title="Needs attention" beside={<ItemTotal {...props} />} />}
    >
      <p class="soft intro">
        A change of a contact never changes a logon. What differs is gathered here, and the office
        applies it or keeps the logon as it is. <a href="/blocks">All blocks</a>
      </p>
      <SearchForm
        action="/attention"
        target={ATTENTION}
        search={view.search}
        placeholder="Name, email, username or learner"
      >
        {view.kind !== null && <input type="hidden" name="kind" value={view.kind} />}
        {view.kept && <input type="hidden" name="show" value="kept" />}
      </SearchForm>
      <AttentionList {...props} />
    </OfficePage>
  );
}

function ItemTotal(props: AttentionProps): JSX.Element {
  return (
    <Total
      total={props.page.total}
      mostCounted={props.mostCounted}
      filtered={isFiltered(props.view) || props.page.total > props.mostCounted}
      one="item"
    />
  );
}

function isFiltered(view: AttentionView): boolean {
  return view.search !== "" || view.kind !== null || view.kept;
}

/** The list with its tabs: the piece that searching, paging and every change exchanges. */
export function AttentionList(props: AttentionProps): JSX.Element {
  const { page, view } = props;
  function hrefOf(place: PlaceInList): string {
    return `/attention${attentionQuery(view, place)}`;
  }
  return (
    <section
      id="attention"
      aria-label="Needs attention"
      {...reloadsOn("attention:changed", hrefOf({ after: view.after, before: view.before }))}
    >
      <Kinds {...props} />
      {page.rows.length === 0 ? <Nothing view={view} /> : <Items {...props} />}
      <Pager page={page} target={ATTENTION} hrefOf={hrefOf} />
    </section>
  );
}

/** What a search or a page answers. */
export function AttentionAnswer(props: AttentionProps): JSX.Element {
  return (
    <>
      <AttentionList {...props} />
      <Partial target="#total">
        <ItemTotal {...props} />
      </Partial>
    </>
  );
}

function Kinds(props: AttentionProps): JSX.Element {
  const { view, counts, mostCounted } = props;
  const all = [...counts.values()].reduce((sum, one) => sum + one, 0);
  function tab(label: string, shown: number | null, query: string, here: boolean): JSX.Element {
    return (
      <a
        class="button small"
        href={`/attention${query}`}
        aria-current={here ? "true" : undefined}
      >
        {label}
        {shown !== null && <span class="soft">{atMost(shown, mostCounted)}</span>}
      </a>
    );
  }
  const open = { ...view, kept: false };
  return (
    <nav class="buttons kinds" aria-label="Kinds">
      {tab("All", all, attentionQuery({ ...open, kind: null }), view.kind === null && !view.kept)}
      {KIND_LABELS.map(([kind, label]) =>
        tab(
          label,
          counts.get(kind) ?? 0,
          attentionQuery({ ...open, kind }),
          view.kind === kind && !view.kept,
        )
      )}
      <a class="button small" href="/blocks?show=due">
        Review of a block due <span class="soft">{number(props.dueBlocks)}</span>
      </a>
      {tab("Kept as it is", null, attentionQuery({ ...view, kind: null, kept: true }), view.kept)}
    </nav>
  );
}

function atMost(value: number, most: number): string {
  return value > most ? `${number(most)}+` : number(value);
}

function Items(props: AttentionProps): JSX.Element {
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
      <input type="hidden" name="query" value={attentionQuery(view)} />
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

function ItemRow(props: AttentionProps & { item: AttentionItem }): JSX.Element {
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
function ItemActions(props: AttentionProps & { item: AttentionItem }): JSX.Element {
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
        <a href={block} aria-label={`Block ${item.learner} for ${name}`} {...opensDialog(block)}>
          Block
        </a>
      )}
    </div>
  );
}

function labelOf(kind: AttentionKind): string {
  return KIND_LABELS.find(([known]) => known === kind)?.[1] ?? kind;
}

function Nothing(props: { view: AttentionView }): JSX.Element {
  const { view } = props;
  if (view.search !== "") {
    return (
      <EmptyState icon="search" title="Nothing found">
        <p>
          Nothing here matches <bdi>“{view.search}”</bdi>.
        </p>
        <p class="buttons">
          <a class="button" href={`/attention${attentionQuery({ ...view, search: "" })}`}>
            Show all
          </a>
        </p>
      </EmptyState>
    );
  }
  return (
    <EmptyState icon="circle-check" title={view.kept ? "Nothing kept" : "All in order"}>
      <p>
        {view.kept
          ? "What you keep as it is stands here, until the contact changes again."
          : "Contacts and logons say the same."}
      </p>
    </EmptyState>
  );
}

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

/** What a change answers: the list as it is now, and what was done. */
export function AttentionChanged(props: AttentionProps & { children: Child }): JSX.Element {
  return (
    <>
      <Partial target={ATTENTION}>
        <AttentionList {...props} />
      </Partial>
      <Partial target="#total">
        <ItemTotal {...props} />
      </Partial>
      <Partial target={TOASTS} swap="beforeend">
        <Toast>{props.children}</Toast>
      </Partial>
    </>
  );
}

/** "3 were applied. 1 was left out: …" */
export function outcomeSentence(deed: AttentionDeed, outcome: AttentionOutcome): string {
  const { done, leftOut, gone } = outcome;
  const words = { apply: "applied", keep: "kept", unlink: "unlinked" }[deed];
  return [
    `${number(done)} ${done === 1 ? "was" : "were"} ${words}.`,
    ...(leftOut > 0
      ? [
        `${number(leftOut)} ${leftOut === 1 ? "was" : "were"} left out; the list says why.`,
      ]
      : []),
    ...(gone > 0 ? [`${number(gone)} had changed meanwhile: look at what the list says now.`] : []),
  ].join(" ");
}

/** The inbox's address after "/attention". */
export function attentionQuery(view: AttentionView, place: PlaceInList = {}): string {
  return queryText([
    ["q", view.search],
    ["kind", view.kind],
    ["show", view.kept ? "kept" : null],
    ["after", place.after ?? null],
    ["before", place.before ?? null],
  ]);
}
