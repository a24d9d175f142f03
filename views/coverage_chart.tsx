// The chart of Coverage: a bar for each year, parted by how far its parents have come; for the screen and for paper.

import type { JSX } from "hono/jsx/jsx-runtime";
import type { YearCoverage } from "../db/coverage.ts";
import { number } from "./times.ts";

/** Pixels from one bar to the next, in which its label stands as well. */
const STEP = 44;
const BAR = 18;
/** Characters of a year's name that leave room for the figures on a telephone. */
const LONGEST = 22;

type Part = { readonly name: string; readonly label: string; of(year: YearCoverage): number };

/** From the best to the worst; every learner is in one of them. */
const PARTS: readonly Part[] = [
  { name: "signed-in", label: "Signed in", of: (year) => year.signedIn },
  {
    name: "mailed",
    label: "Mailed, not signed in",
    of: (year) => year.mailed - year.signedIn,
  },
  { name: "logon", label: "With a logon, not mailed", of: (year) => year.logon - year.mailed },
  { name: "none", label: "Without a logon", of: (year) => year.learners - year.logon },
];

/** The chart with what its shades mean. The table below it says the same in figures. */
export function CoverageChart(props: { years: readonly YearCoverage[] }): JSX.Element {
  const { years } = props;
  return (
    <figure class="coverage-chart">
      <figcaption>
        <span class="quiet">What the shades of the chart mean:</span>
        <ul class="legend">
          {PARTS.map(({ name, label }) => (
            <li>
              <svg width="12" height="12" aria-hidden="true" focusable="false">
                <rect class={name} x="0.5" y="0.5" width="11" height="11" rx="2" />
              </svg>
              {label}
            </li>
          ))}
        </ul>
      </figcaption>
      <svg
        class="bars"
        width="100%"
        height={String(years.length * STEP)}
        role="img"
        aria-label="A bar for each year: how far the parents of its learners have come. The table below says the same in figures."
      >
        {years.map((year, at) => <YearBar year={year} top={at * STEP} />)}
      </svg>
    </figure>
  );
}

function YearBar(props: { year: YearCoverage; top: number }): JSX.Element {
  const { year, top } = props;
  const name = year.year ?? "No year group";
  const parts = partsOf(year);
  return (
    <>
      <text x="0" y={String(top + 15)}>
        {name.length > LONGEST ? `${name.slice(0, LONGEST - 1)}…` : name}
      </text>
      <text class="figures" x="100%" y={String(top + 15)} text-anchor="end">
        {`${number(year.signedIn)} of ${number(year.learners)}`}
      </text>
      {parts.map(({ part, from, share, learners }) => (
        <rect
          class={part.name}
          x={`${from.toFixed(3)}%`}
          y={String(top + 21)}
          width={`${share.toFixed(3)}%`}
          height={String(BAR)}
        >
          <title>{`${name}: ${number(learners)}, ${part.label.toLowerCase()}`}</title>
        </rect>
      ))}
    </>
  );
}

type Placed = { part: Part; learners: number; from: number; share: number };

/** Where each part begins and how wide it is, in hundredths of the bar; what is empty is left out. */
function partsOf(year: YearCoverage): Placed[] {
  const placed: Placed[] = [];
  let from = 0;
  for (const part of PARTS) {
    const learners = part.of(year);
    const share = learners / year.learners * 100;
    if (learners > 0) placed.push({ part, learners, from, share });
    from += share;
  }
  return placed;
}
