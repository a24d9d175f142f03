// Coverage: how many families can get in, by year and registration group, as a sentence, a chart and a table.

import type { Child } from "hono/jsx";
import type { JSX } from "hono/jsx/jsx-runtime";
import type {
  Counts,
  Coverage,
  CoverageScope,
  GroupCoverage,
  Lack,
  YearCoverage,
} from "../db/coverage.ts";
import type { Named } from "../db/coverage_missing.ts";
import { CoverageChart } from "./coverage_chart.tsx";
import { type Frame, Heading, OfficePage } from "./layout.tsx";
import { Option, Options, queryText } from "./lists.tsx";
import { COVERAGE, goesTo } from "./swap.tsx";
import { count, number } from "./times.ts";
import { EmptyState, Icon } from "./ui.tsx";

/** In the address, the learners who have no year or registration group: no name can be a blank. */
export const NO_NAME = " ";

export type CoverageProps = {
  coverage: Coverage;
  scope: CoverageScope;
  /** The year whose registration groups stand below it. */
  open: Named | null;
  /** Of which day the figures are, for those who read them on paper. */
  day: string;
  mayExport: boolean;
};

/** What is counted: its column, and what the learners who lack it are said to be without. */
const STAGES: readonly {
  readonly key: "logon" | "mailed" | "signedIn";
  readonly lack: Lack;
  readonly label: string;
  readonly without: string;
}[] = [
  { key: "logon", lack: "logon", label: "With a logon", without: "without a logon" },
  { key: "mailed", lack: "mail", label: "Mailed", without: "not mailed" },
  { key: "signedIn", lack: "sign-in", label: "Signed in", without: "not signed in" },
];

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
      {...(props.dialog === undefined ? {} : { dialog: props.dialog })}
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

function CoverageTable(props: CoverageProps): JSX.Element {
  const { coverage: { total, years }, scope, open } = props;
  return (
    <div class="table">
      <table>
        <caption class="quiet">Learners by year, with a parent who …</caption>
        <thead>
          <tr>
            <th scope="col">Year</th>
            <th scope="col" class="numeric">Learners</th>
            {STAGES.map(({ label }) => <th scope="col">{label}</th>)}
          </tr>
        </thead>
        <tbody>
          {years.map((year, at) => (
            <YearRows
              year={year}
              at={at}
              scope={scope}
              isOpen={open !== null && open.name === year.year}
            />
          ))}
        </tbody>
        {years.length > 1 && (
          <tfoot>
            <tr>
              <th scope="row">All</th>
              <Cells counts={total} of="in all" where={{}} scope={scope} />
            </tr>
          </tfoot>
        )}
      </table>
    </div>
  );
}

/** A year, and below it its registration groups where it is open. */
function YearRows(
  props: { year: YearCoverage; at: number; scope: CoverageScope; isOpen: boolean },
): JSX.Element {
  const { year, scope, isOpen } = props;
  const name = year.year ?? "No year group";
  const where = { year: year.year ?? NO_NAME };
  const href = `/coverage${scopeQuery(scope, isOpen ? null : where.year)}`;
  return (
    <>
      <tr class={isOpen ? "open" : undefined}>
        <th scope="row">
          <a
            id={`year-${props.at}`}
            class="opens"
            href={href}
            aria-expanded={isOpen ? "true" : "false"}
            {...goesTo(href, COVERAGE)}
          >
            <Icon name={isOpen ? "chevron-up" : "chevron-down"} class="icon tiny" />
            <bdi>{name}</bdi>
          </a>
        </th>
        <Cells counts={year} of={`in ${name}`} where={where} scope={scope} />
      </tr>
      {isOpen &&
        year.groups.map((group) => <GroupRow group={group} year={where.year} scope={scope} />)}
    </>
  );
}

function GroupRow(
  props: { group: GroupCoverage; year: string; scope: CoverageScope },
): JSX.Element {
  const { group, year, scope } = props;
  const name = group.group ?? "No registration group";
  const where = { year, group: group.group ?? NO_NAME };
  return (
    <tr class="group">
      <th scope="row">
        <bdi>{name}</bdi>
      </th>
      <Cells counts={group} of={`in ${name}`} where={where} scope={scope} />
    </tr>
  );
}

/** How many learners, and of each stage how many, what share that is, and the way to those who are missing. */
function Cells(
  props: {
    counts: Counts;
    /** Whose they are, for those who hear a link alone. */
    of: string;
    where: { year?: string; group?: string };
    scope: CoverageScope;
  },
): JSX.Element {
  const { counts, of, where, scope } = props;
  return (
    <>
      <td class="numeric" data-label="Learners">{number(counts.learners)}</td>
      {STAGES.map(({ key, lack, label, without }) => {
        const missing = counts.learners - counts[key];
        return (
          <td data-label={label}>
            <span class="share">
              <strong>{number(counts[key])}</strong>{" "}
              <span class="soft">{percent(counts[key], counts.learners)}%</span>
            </span>
            <Meter value={counts[key]} of={counts.learners} />
            <span class="below">
              {missing === 0
                ? <span class="soft">all</span>
                : (
                  <a href={missingHref(scope, { ...where, lacking: lack })}>
                    {number(missing)} {without}
                    <span class="quiet">{` ${of}`}</span>
                  </a>
                )}
            </span>
          </td>
        );
      })}
    </>
  );
}

/** A bar for the eye alone: the figures beside it say the same. */
function Meter(props: { value: number; of: number }): JSX.Element {
  const width = props.of === 0 ? 0 : props.value / props.of * 100;
  return (
    <svg class="meter" width="100%" height="5" aria-hidden="true" focusable="false">
      <rect class="all" width="100%" height="5" rx="2.5" />
      {props.value > 0 && <rect class="part" width={`${width.toFixed(2)}%`} height="5" rx="2.5" />}
    </svg>
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

/** A share in whole hundredths; 100 is all of them, and 0 is nobody. */
export function percent(value: number, of: number): number {
  if (of === 0 || value === 0) return 0;
  if (value === of) return 100;
  return Math.min(99, Math.max(1, Math.round(value / of * 100)));
}

/** The query of Coverage's own address. @param open the year whose groups are shown, as the address names it */
export function scopeQuery(scope: CoverageScope, open: string | null = null): string {
  return queryText([["applicants", scope.applicants ? "yes" : null], ["year", open]]);
}

/** The way to who is missing. */
function missingHref(
  scope: CoverageScope,
  place: { lacking: Lack; year?: string; group?: string },
): string {
  return `/coverage/missing${
    queryText([
      ["lacking", place.lacking],
      ["year", place.year ?? null],
      ["group", place.group ?? null],
      ["applicants", scope.applicants ? "yes" : null],
    ])
  }`;
}
