// A window whose form is saved, and what it says where somebody else was quicker.

import type { Child } from "hono/jsx";
import type { JSX } from "hono/jsx/jsx-runtime";
import { submitsInDialog } from "./swap.tsx";
import { Cancel, DialogContent, DialogFoot, ProblemSummary } from "./ui.tsx";

/** What is wrong on top, the fields, and Cancel and Save at the foot. */
export function SaveDialog(
  props: {
    title: string;
    /** The page that the window stands on. */
    home: string;
    action: string;
    problems: readonly (readonly [field: string, sentence: string])[];
    /** What stands before everything that is seen: which edit was shown, or the button that Enter presses. */
    before?: Child;
    children: Child;
  },
): JSX.Element {
  return (
    <DialogContent title={props.title} home={props.home}>
      <form
        method="post"
        action={props.action}
        novalidate
        data-asks-before-leaving=""
        {...submitsInDialog(props.action)}
      >
        {props.before}
        <div class="body">
          <ProblemSummary problems={props.problems} />
          {props.children}
        </div>
        <DialogFoot>
          <Cancel href={props.home} />
          <button type="submit" class="button blue">Save</button>
        </DialogFoot>
      </form>
    </DialogContent>
  );
}

/** What somebody else changed meanwhile, before saving again is a choice; nothing where nobody did. @param props.of such as "learner" */
export function Conflict(
  props: { of: string; children: string | undefined },
): JSX.Element | null {
  if (props.children === undefined) return null;
  return (
    <div class="summary" role="alert" tabindex={-1} autofocus>
      <h3>Somebody else has changed this {props.of}</h3>
      <p>{props.children}</p>
    </div>
  );
}
