// Coverage: how many families can get in, by year and registration group, as a sentence, a chart and a table.

import type { Child } from "hono/jsx";
import type { JSX } from "hono/jsx/jsx-runtime";
import type { Counts, Coverage, CoverageScope } from "../db/coverage.ts";
import type { Named } from "../db/coverage_missing.ts";
import { CoverageChart } from "./coverage_chart.tsx";
import { CoverageTable, missingHref, scopeQuery } from "./coverage_table.tsx";
import { type Frame, Heading, OfficePage } from "./layout.tsx";
import { Option, Options } from "./options.tsx";
import { COVERAGE, goesTo } from "./swap.tsx";
import { count, number } from "./times.ts";
import { EmptyState } from "./ui.tsx";

export type CoverageProps = {
  coverage: Coverage;
  scope: CoverageScope;
  /** The year whose registration groups stand below it. */
  open: Named | null;
  /** Of which day the figures are, for those who read them on paper. */
  day: string;
  mayExport: boolean;
};

/** The page. */
export function CoveragePage(
  props: CoverageProps & { frame: Frame; dialog?: Child },
): JSX.Element {
  const { scope } = props;
  const href = `/coverage-exports/new${scopeQuery(scope)}`;
  return (
    <OfficePage
      frame={props.frame}
      title="Coverage"
      place="coverage"
      home={`/coverage${scopeQuery(scope)}`}
      options={
        <Options>
          <Option href={href} icon="file-spreadsheet" able={props.mayExport} window>
            Export to Excel
          </Option>
        </Options>
      }
      dialog={props.dialog}
      heading={<Heading title="Coverage" />}
    >
      <CoverageShown {...props} />
    </OfficePage>
  );
}

/** All below the heading: the piece that opening a year, or counting applicants, exchanges. */
export function CoverageShown(props: CoverageProps): JSX.Element {
  const { coverage: { total, years }, scope } = props;
  if (total.learners === 0) return <NobodyCounted scope={scope} />;
  return (
    <section id="coverage" aria-label="Coverage">
      <Lead total={total} scope={scope} day={props.day} />
      <CoverageChart years={years} />
      <CoverageTable {...props} />
      <p class="soft note">
        A parent counts who can see the learner now: a blocked link does not, nor a logon that is
        suspended, expired or deleted. Mailed means that the mail server accepted login details, or
        that a letter was printed; whoever has signed in counts as mailed.
      </p>
    </section>
  );
}

/** The answer to the question that brings people here. */
function Lead(
  props: { total: Counts; scope: CoverageScope; day: string },
): JSX.Element {
  const { total, scope } = props;
  const missing = total.learners - total.signedIn;
  const other = { applicants: !scope.applicants };
  const toOther = `/coverage${scopeQuery(other)}`;
  return (
    <header class="lead">
      <p class="large">
        <strong>{number(total.signedIn)} of {count(total.learners, "learner")}</strong>{" "}
        {total.learners === 1 ? "has" : "have"} a parent who has signed in.
      </p>
      <p class="soft">
        {missing === 0
          ? "Nobody is missing."
          : (
            <a href={missingHref(scope, { lacking: "sign-in" })}>
              See the {number(missing)} who {missing === 1 ? "is" : "are"} missing, and what to do
            </a>
          )}{" "}
        <span class="aside">
          {scope.applicants ? "Current learners and applicants" : "Current learners"}, {props.day}.
          {" "}
          <a href={toOther} {...goesTo(toOther, COVERAGE)}>
            {scope.applicants ? "Leave applicants out" : "Count applicants as well"}
          </a>
        </span>
      </p>
    </header>
  );
}

function NobodyCounted(props: { scope: CoverageScope }): JSX.Element {
  const { applicants } = props.scope;
  const href = `/coverage${scopeQuery({ applicants: true })}`;
  return (
    <section id="coverage" aria-label="Coverage">
      <EmptyState icon="graduation-cap" title="No learners to count yet">
        <p>
          Coverage shows how many learners have a parent who can get in. Learners come with a{" "}
          <a href="/feeds">feed</a>, or are added under <a href="/learners">Learners</a>.
        </p>
        {!applicants && (
          <p class="buttons">
            <a class="button" href={href} {...goesTo(href, COVERAGE)}>Count applicants</a>
          </p>
        )}
      </EmptyState>
    </section>
  );
}
