// The windows that set, show and lift a block, and what is said afterwards.

import type { Child } from "hono/jsx";
import type { JSX } from "hono/jsx/jsx-runtime";
import type { BlockedAdult, BlockOption } from "../db/blocked_adults.ts";
import type { Block, BlockProblems } from "../db/blocks.ts";
import type { LearnerOption } from "../db/learners.ts";
import { learnerOf, Usernames } from "./blocks.tsx";
import { Partial, posts, submitsInDialog, TOASTS } from "./swap.tsx";
import { calendarDay, type Times } from "./times.ts";
import {
  Cancel,
  ConfirmPassword,
  DialogContent,
  DialogFoot,
  Field,
  inOrder,
  Name,
  ProblemSummary,
  Select,
  TextArea,
  Toast,
} from "./ui.tsx";

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
          {isLive && mayBlock && <a class="button start" href={lift} data-opens>Lift this block</a>}
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
