// The table of Coverage: each year, and below an open one its registration groups; every number leads to who is missing.

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
import { queryText } from "./lists.tsx";
import { COVERAGE, goesTo } from "./swap.tsx";
import { number } from "./times.ts";
import { Icon } from "./ui.tsx";

/** In the address, the learners who have no year or registration group: no name can be a blank. */
export const NO_NAME = " ";

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

/** @param props.open the year whose registration groups stand below it */
export function CoverageTable(
  props: { coverage: Coverage; scope: CoverageScope; open: Named | null },
): JSX.Element {
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
              <Cells counts={total} of="the whole school" where={{}} scope={scope} />
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
        <Cells counts={year} of={name} where={where} scope={scope} />
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
      <Cells counts={group} of={name} where={where} scope={scope} />
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
                    <span class="quiet">{`: ${of}`}</span>
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
export function missingHref(
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
