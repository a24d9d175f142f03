// Needs attention: the page that gathers what differs between contacts and logons, by kind, and what was kept.

import type { Child } from "hono/jsx";
import type { JSX } from "hono/jsx/jsx-runtime";
import type { AttentionKind, AttentionPage, AttentionView } from "../db/attention.ts";
import { AttentionItems, KIND_LABELS } from "./attention_items.tsx";
import { type Frame, Heading, OfficePage } from "./layout.tsx";
import { Pager, type PlaceInList, queryText, SearchForm, Total } from "./lists.tsx";
import { Partial, reloadsOn, TOASTS } from "./swap.tsx";
import { number, type Times } from "./times.ts";
import { EmptyState, Toast } from "./ui.tsx";

const ATTENTION = "#attention";

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
function AttentionList(props: AttentionProps): JSX.Element {
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
      {page.rows.length === 0
        ? <Nothing view={view} />
        : <AttentionItems {...props} query={attentionQuery(view)} />}
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
          : "Contacts and logons say the same, but for what you have kept."}
      </p>
    </EmptyState>
  );
}

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
