// Blocks: the list of them, the windows that set, show and lift one, and what a change says.

import type { Child } from "hono/jsx";
import type { JSX } from "hono/jsx/jsx-runtime";
import type { BlockedAdult, BlockOption } from "../db/blocked_adults.ts";
import type { Block, BlockPage, BlockProblems, BlockState, BlocksView } from "../db/blocks.ts";
import type { LearnerOption } from "../db/learners.ts";
import { type Frame, Heading, OfficePage } from "./layout.tsx";
import { Pager, type PlaceInList, queryText, Total } from "./lists.tsx";
import { opensDialog, Partial, posts, reloadsOn, submitsInDialog, TOASTS } from "./swap.tsx";
import { calendarDay, type Times } from "./times.ts";
import {
  Address,
  Cancel,
  Chip,
  ConfirmPassword,
  DialogContent,
  DialogFoot,
  EmptyState,
  Field,
  fullName,
  inOrder,
  Name,
  ProblemSummary,
  Select,
  TextArea,
  Toast,
} from "./ui.tsx";

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

export function BlocksTable(
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
          {...opensDialog(href)}
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

/** A block that is being set. */
export type BlockForm = {
  readonly adult: BlockedAdult | null;
  /** Where the adult is not known yet: who could be meant, as "logon-12". */
  readonly adults: readonly BlockOption[];
  readonly learner: LearnerOption | null;
  /** Where the learner is not known yet. */
  readonly learners: readonly BlockOption[];
  readonly values: { readonly reason: string; readonly reviewOn: string };
  readonly problems: BlockProblems & { readonly adult?: string };
};

export function BlockDialog(props: { form: BlockForm }): JSX.Element {
  const { form } = props;
  const { adult, learner, values, problems } = form;
  const listed = inOrder(["adult", "learner", "reason", "review_on"], problems);
  const isStuck = (adult === null && form.adults.length === 0) ||
    (learner === null && form.learners.length === 0);
  return (
    <DialogContent title="Block a learner">
      <form
        method="post"
        action="/blocks"
        novalidate
        data-asks-before-leaving=""
        {...submitsInDialog("/blocks")}
      >
        {adult !== null && <AdultFields adult={adult} />}
        {learner !== null && <input type="hidden" name="learner" value={String(learner.id)} />}
        <div class="body">
          <ProblemSummary problems={listed} />
          <p>
            Keep {adult === null ? "a parent" : <Name of={adult} />} from seeing{" "}
            {learner === null ? "a learner" : <Name of={learner} />} on the portal?
          </p>
          {adult === null && (
            <Select
              name="adult"
              label="Parent"
              value=""
              options={form.adults.map(({ value, label }) => [value, label] as const)}
            />
          )}
          {learner === null && (
            <Select
              name="learner"
              label="Learner"
              value=""
              options={form.learners.map(({ value, label }) => [value, label] as const)}
            />
          )}
          {isStuck && (
            <p class="hint">
              {learner === null
                ? "Every learner who is linked or on the contact’s record is blocked already, or there is none. To block another one, open that learner."
                : "Nobody is linked to this learner or stands on the record."}
            </p>
          )}
          {adult !== null && <Coverage adult={adult} />}
          <TextArea
            name="reason"
            label="Reason"
            hint="For example which court order. Read only by who may set blocks."
            value={values.reason}
            problem={problems.reason}
            autofocus={listed.length === 0}
          />
          <Field
            name="review_on"
            label="Look at it again on"
            type="date"
            hint="May be empty. The block stays until somebody lifts it."
            value={values.reviewOn}
            problem={problems.review_on}
          />
        </div>
        <DialogFoot>
          <Cancel href="/blocks" />
          {!isStuck && <button type="submit" class="button blue">Block</button>}
        </DialogFoot>
      </form>
    </DialogContent>
  );
}

function AdultFields(props: { adult: BlockedAdult }): JSX.Element {
  const { logonId, contactId } = props.adult;
  return logonId === null
    ? <input type="hidden" name="contact" value={String(contactId)} />
    : <input type="hidden" name="logon" value={String(logonId)} />;
}

/** What the block will do, and which logons it is about. */
function Coverage(props: { adult: BlockedAdult }): JSX.Element {
  const { covers, alike, contactId } = props.adult;
  return (
    <ul class="facts">
      <li>It takes effect at once. Brothers and sisters who are linked stay.</li>
      <li>
        {covers.length === 0
          ? "There is no logon yet; one that is made for this contact will be covered."
          : (
            <>
              It covers {covers.length === 1 ? "the logon" : "these logons of the same contact:"}
              {" "}
              <Usernames of={covers} />
              {contactId !== null && ", and any other that is made for this contact"}.
            </>
          )}
      </li>
      {alike.length > 0 && (
        <li>
          Not covered:{" "}
          <Usernames of={alike} />, with the same email and surname. If that is the same adult,
          block it as well.
        </li>
      )}
    </ul>
  );
}

/** One block: who, whom, since when; for whoever may, why, and what can be done. */
export function BlockWindow(
  props: {
    block: Block;
    times: Times;
    mayBlock: boolean;
    reviewOn: string;
    problem?: string | undefined;
  },
): JSX.Element {
  const { block, times, mayBlock } = props;
  const review = `/blocks/${block.id}/reviews`;
  const lift = `/blocks/${block.id}/lifting`;
  const isLive = block.liftedAt === null;
  return (
    <DialogContent title="Block">
      <form method="post" action={review} novalidate {...submitsInDialog(review)}>
        <div class="body">
          <ProblemSummary
            problems={props.problem === undefined ? [] : [["review_on", props.problem]]}
          />
          <p>
            <Name of={block} /> {isLive ? "does not see" : "was kept from"}{" "}
            <Name of={learnerOf(block)} /> on the portal.
          </p>
          {mayBlock
            ? <p class="reason">{block.reason}</p>
            : <p class="soft">Why is told only to who may set and lift blocks.</p>}
          <ul class="facts">
            <li>
              Set {block.setBy !== null && (
                <>
                  by <bdi>{block.setBy}</bdi>
                </>
              )} on {times.full(block.setAt)}.
            </li>
            {block.reviewedAt !== null && (
              <li>
                Looked at {block.reviewedBy !== null && (
                  <>
                    by <bdi>{block.reviewedBy}</bdi>
                  </>
                )} on {times.full(block.reviewedAt)}, and kept.
              </li>
            )}
            {block.liftedAt !== null && (
              <li>
                Lifted {block.liftedBy !== null && (
                  <>
                    by <bdi>{block.liftedBy}</bdi>
                  </>
                )} on {times.full(block.liftedAt)}
                {block.liftReason === null ? "." : (
                  <>
                    : <bdi>{block.liftReason}</bdi>
                  </>
                )}
              </li>
            )}
            {block.logons.length > 0 && (
              <li>
                Covers <Usernames of={block.logons} />.
              </li>
            )}
            {isLive && !mayBlock && block.reviewOn !== null && (
              <li>To be looked at again on {calendarDay(block.reviewOn)}.</li>
            )}
          </ul>
          {isLive && mayBlock && (
            <Field
              name="review_on"
              label="Look at it again on"
              type="date"
              hint={block.isDue
                ? `It was to be looked at on ${
                  calendarDay(block.reviewOn ?? "")
                }. Choose the next day, or leave it empty for never.`
                : "Empty for never."}
              value={props.reviewOn}
              problem={props.problem}
            />
          )}
        </div>
        <DialogFoot>
          {isLive && mayBlock && (
            <a class="button start" href={lift} {...opensDialog(lift)}>Lift this block</a>
          )}
          <Cancel href="/blocks" label="Close" />
          {isLive && mayBlock && (
            <button type="submit" class="button blue">Looked at, keep it</button>
          )}
          {!isLive && block.relinkable > 0 && <RelinkButton block={block} />}
        </DialogFoot>
      </form>
    </DialogContent>
  );
}

export function LiftDialog(
  props: {
    block: Block;
    reason: string;
    confirm: boolean;
    problems: { readonly reason?: string; readonly own_password?: string };
  },
): JSX.Element {
  const { block, problems } = props;
  const action = `/blocks/${block.id}/lifting`;
  const listed = inOrder(["reason", "own_password"], problems);
  return (
    <DialogContent title="Lift block">
      <form method="post" action={action} novalidate {...submitsInDialog(action)}>
        <div class="body">
          <ProblemSummary problems={listed} />
          <p>
            Lift the block between <Name of={block} /> and <Name of={learnerOf(block)} />?
          </p>
          <ul class="facts">
            <li>Nobody is linked again by this: you are asked afterwards.</li>
            <li>From then on imports and edits may link them as any other.</li>
          </ul>
          <TextArea
            name="reason"
            label="Why it is lifted"
            hint="Kept with the block. Read only by who may set blocks."
            value={props.reason}
            problem={problems.reason}
            autofocus={listed.length === 0 && !props.confirm}
          />
          <ConfirmPassword needed={props.confirm} problem={problems.own_password} />
        </div>
        <DialogFoot>
          <Cancel href="/blocks" />
          <button type="submit" class="button red">Lift block</button>
        </DialogFoot>
      </form>
    </DialogContent>
  );
}

/** What a change answers: every list on the page draws itself anew, and a toast says what was done. */
export function BlockChanged(props: { children: Child; stays: boolean }): JSX.Element {
  return (
    <Partial target={TOASTS} swap="beforeend">
      <Toast stays={props.stays}>{props.children}</Toast>
    </Partial>
  );
}

/** In words, what was just done to a block. */
export function BlockDone(
  props: { what: "set" | "reviewed" | "lifted" | "linked"; block: Block },
): JSX.Element {
  const { block, what } = props;
  const learner = <Name of={learnerOf(block)} />;
  if (what === "set") {
    return (
      <>
        <Name of={block} /> does not see {learner} any more, and cannot be linked again.
      </>
    );
  }
  if (what === "reviewed") {
    return (
      <>
        The block between <Name of={block} /> and {learner} stays.
      </>
    );
  }
  if (what === "linked") {
    return (
      <>
        <Name of={block} /> sees {learner} again.
      </>
    );
  }
  return (
    <>
      The block between <Name of={block} /> and {learner} is lifted. {block.relinkable > 0
        ? (
          <>
            They are not linked again. <RelinkButton block={block} plain />
          </>
        )
        : "They can be linked as any other."}
    </>
  );
}

function RelinkButton(props: { block: Block; plain?: boolean }): JSX.Element {
  const { block } = props;
  const action = `/blocks/${block.id}/links`;
  const label = `Link ${block.learnerFirstName} again`;
  const button = (
    <button
      type="submit"
      class={props.plain ? "link" : "button"}
      formaction={action}
      data-dismiss={props.plain ? "" : undefined}
      {...posts(action)}
    >
      {label}
    </button>
  );
  return props.plain ? <form method="post" action={action} class="inline">{button}</form> : button;
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
              <a href={`/blocks/${block.id}`} {...opensDialog(`/blocks/${block.id}`)}>
                <Name of={learnerOf(block)} />
              </a>
            </>
          ))}
        </p>
      )}
      {props.mayBlock && (
        <p>
          <a href={href} {...opensDialog(href)}>Block a learner</a>
        </p>
      )}
    </div>
  );
}

function Usernames(
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

function learnerOf(block: Block): { firstName: string; surname: string } {
  return { firstName: block.learnerFirstName, surname: block.learnerSurname };
}

/** The list's address after "/blocks". */
export function blocksQuery(view: BlocksView, place: PlaceInList = {}): string {
  return queryText([
    ["show", view.state === "in force" ? null : view.state],
    ["logon", view.logonId],
    ["contact", view.contactId],
    ["learner", view.learnerId],
    ["after", place.after ?? null],
    ["before", place.before ?? null],
  ]);
}
