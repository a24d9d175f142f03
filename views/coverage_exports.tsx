// The export of Coverage: the window that asks first, and what is said of a finished one.

import type { JSX } from "hono/jsx/jsx-runtime";
import type { CoverageScope } from "../db/coverage.ts";
import type { Task } from "../db/tasks.ts";
import { scopeQuery } from "./coverage_table.tsx";
import { submitsInDialog } from "./swap.tsx";
import { count, number } from "./times.ts";
import { Cancel, ConfirmPassword, DialogContent, DialogFoot, ProblemSummary } from "./ui.tsx";

/** Asks before the workbook is made: it names learners and their parents. */
export function CoverageExportDialog(
  props: { scope: CoverageScope; confirm: boolean; problem?: string | undefined },
): JSX.Element {
  const { scope, problem } = props;
  return (
    <DialogContent title="Export to Excel" home={`/coverage${scopeQuery(scope)}`}>
      <form
        method="post"
        action="/coverage-exports"
        novalidate
        {...submitsInDialog("/coverage-exports")}
      >
        <div class="body">
          <ProblemSummary problems={problem === undefined ? [] : [["own_password", problem]]} />
          <p>
            An Excel workbook with two sheets: the figures by year and registration group, and every
            {" "}
            {scope.applicants ? "learner or applicant" : "learner"}{" "}
            of whom no parent has signed in, with the next thing to do. It appears in Task Alerts.
          </p>
          {scope.applicants && <input type="hidden" name="applicants" value="yes" />}
          <ConfirmPassword needed={props.confirm} problem={problem} />
        </div>
        <DialogFoot>
          <Cancel href={`/coverage${scopeQuery(scope)}`} />
          <button type="submit" class="button blue">Export</button>
        </DialogFoot>
      </form>
    </DialogContent>
  );
}

/** What the alert says of a finished export. */
export function coverageSentence(task: Task): string {
  const learners = Number(task.facts["learners"] ?? 0);
  const missing = Number(task.facts["missing"] ?? 0);
  const size = `${count(learners, "learner")}, ${
    number(missing)
  } without a parent who has signed in.`;
  return task.resultName === null ? `The file is not kept any more: it had ${size}` : size;
}
