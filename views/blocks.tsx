// Blocks: the list of them, and what a logon’s own window says of its blocks.

import type { Child } from "hono/jsx";
import type { JSX } from "hono/jsx/jsx-runtime";
import type { Block, BlockPage, BlockState, BlocksView } from "../db/blocks.ts";
import { type Frame, Heading, OfficePage } from "./layout.tsx";
import { Pager, type PlaceInList, queryText, Total } from "./lists.tsx";
import { reloadsOn } from "./swap.tsx";
import { calendarDay, type Times } from "./times.ts";
import { Address, Chip, EmptyState, fullName, Name } from "./ui.tsx";

const BLOCKS = "#blocks";

export type BlocksProps = {
  readonly view: BlocksView;
  readonly page: BlockPage;
  readonly times: Times;
  /** Whether whoever looks may set and lift blocks, and is told why there is one. */
  readonly mayBlock: boolean;
  readonly mostCounted: number;
};

const STATE_LABELS: readonly (readonly [BlockState, string])[] = [
  ["in force", "In force"],
  ["due", "Review due"],
  ["lifted", "Lifted"],
];

export function BlocksPage(
  props: BlocksProps & { frame: Frame; dialog?: Child; toasts?: Child },
): JSX.Element {
  const { page, view } = props;
  return (
    <OfficePage
      frame={props.frame}
      title="Blocks"
      place="attention"
      home="/blocks"
      dialog={props.dialog}
      toasts={props.toasts}
      heading={
        <Heading
          title="Blocks"
          beside={
            <Total
              total={page.total}
              mostCounted={props.mostCounted}
              filtered={false}
              one="block"
            />
          }
        />
      }
    >
      <p class="soft intro">
        A block keeps one parent from one learner, a court order say, whatever is imported, edited
        or restored. {props.mayBlock
          ? "Set one from a logon’s Edit window."
          : "Who may set and lift them, and read why, is for administrators to say."}
      </p>
      <nav class="buttons" aria-label="Which blocks">
        {STATE_LABELS.map(([state, label]) => {
          const href = `/blocks${blocksQuery({ ...view, state })}`;
          return (
            <a
              class="button small"
              href={href}
              aria-current={state === view.state ? "true" : undefined}
            >
              {label}
            </a>
          );
        })}
      </nav>
      <BlocksList {...props} />
    </OfficePage>
  );
}

/** The list: draws itself anew when a block was set, looked at or lifted. */
export function BlocksList(props: BlocksProps): JSX.Element {
  const { page, view } = props;
  function hrefOf(place: PlaceInList): string {
    return `/blocks${blocksQuery(view, place)}`;
  }
  return (
    <section
      id="blocks"
      aria-label="Blocks"
      {...reloadsOn("blocks:changed", hrefOf({ after: view.after, before: view.before }))}
    >
      {page.rows.length === 0
        ? <NoBlocks view={view} />
        : <BlocksTable rows={page.rows} times={props.times} mayBlock={props.mayBlock} />}
      <Pager page={page} target={BLOCKS} hrefOf={hrefOf} />
    </section>
  );
}

function BlocksTable(
  props: { rows: readonly Block[]; times: Times; mayBlock: boolean },
): JSX.Element {
  return (
    <div class="table">
      <table>
        <caption class="quiet">Blocks</caption>
        <thead>
          <tr>
            <th scope="col">Parent</th>
            <th scope="col">Learner</th>
            <th scope="col">Since</th>
            <th scope="col">Review</th>
            {props.mayBlock && <th scope="col">Why</th>}
            <th scope="col">
              <span class="quiet">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {props.rows.map((block) => (
            <BlockRow block={block} times={props.times} mayBlock={props.mayBlock} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function BlockRow(props: { block: Block; times: Times; mayBlock: boolean }): JSX.Element {
  const { block, times } = props;
  const href = `/blocks/${block.id}`;
  return (
    <tr id={`block-${block.id}`}>
      <td data-label="Parent" class="who">
        <strong>
          <Name of={block} />
        </strong>
        <span class="below soft">
          {block.logons.length === 0 ? "no logon" : <Usernames of={block.logons} />}
        </span>
      </td>
      <td data-label="Learner">
        <Name of={learnerOf(block)} /> <span class="soft">{block.registrationGroup}</span>
      </td>
      <td data-label="Since">
        {times.brief(block.setAt)}
        {block.setBy !== null && (
          <span class="below soft">
            <bdi>{block.setBy}</bdi>
          </span>
        )}
      </td>
      <td data-label="Review">
        {block.liftedAt !== null
          ? <Chip>lifted {times.brief(block.liftedAt)}</Chip>
          : block.reviewOn === null
          ? "—"
          : block.isDue
          ? <Chip tone="amber">due {calendarDay(block.reviewOn)}</Chip>
          : calendarDay(block.reviewOn)}
      </td>
      {props.mayBlock && (
        <td data-label="Why">
          <bdi class="reason">{block.reason}</bdi>
        </td>
      )}
      <td>
        <a
          class="button small"
          href={href}
          aria-label={`Open the block of ${fullName(block)} and ${fullName(learnerOf(block))}`}
          data-opens
        >
          Open
        </a>
      </td>
    </tr>
  );
}

function NoBlocks(props: { view: BlocksView }): JSX.Element {
  const words: Readonly<Record<BlockState, string>> = {
    "in force": "No parent is blocked from a learner.",
    "due": "No block is due for review.",
    "lifted": "No block has been lifted.",
  };
  return (
    <EmptyState icon="lock" title="No blocks">
      <p>{words[props.view.state]}</p>
    </EmptyState>
  );
}

/** In a logon's window: which learners are blocked, and the way to block one. */
export function BlocksOfLogon(
  props: { logonId: number; blocks: readonly Block[]; mayBlock: boolean },
): JSX.Element | null {
  const href = `/blocks/new?logon=${props.logonId}`;
  if (props.blocks.length === 0 && !props.mayBlock) return null;
  return (
    <div class="blocks-of-logon">
      {props.blocks.length > 0 && (
        <p>
          <Chip tone="amber">blocked</Chip> {props.blocks.map((block, at) => (
            <>
              {at > 0 && ", "}
              <a href={`/blocks/${block.id}`} data-opens>
                <Name of={learnerOf(block)} />
              </a>
            </>
          ))}
        </p>
      )}
      {props.mayBlock && (
        <p>
          <a href={href} data-opens>Block a learner</a>
        </p>
      )}
    </div>
  );
}

/** Usernames in a row, each with a word where it is deleted. */
export function Usernames(
  props: { of: readonly { readonly username: string; readonly isDeleted: boolean }[] },
): JSX.Element {
  return (
    <>
      {props.of.map((logon, at) => (
        <>
          {at > 0 && ", "}
          <Address>{logon.username}</Address>
          {logon.isDeleted && " (deleted)"}
        </>
      ))}
    </>
  );
}

/** The learner of a block as a person. */
export function learnerOf(block: Block): { firstName: string; surname: string } {
  return { firstName: block.learnerFirstName, surname: block.learnerSurname };
}

/** The list's address after "/blocks". */
function blocksQuery(view: BlocksView, place: PlaceInList = {}): string {
  return queryText([
    ["show", view.state === "in force" ? null : view.state],
    ["logon", view.logonId],
    ["contact", view.contactId],
    ["learner", view.learnerId],
    ["after", place.after ?? null],
    ["before", place.before ?? null],
  ]);
}
