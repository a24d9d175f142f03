// Parent Portal Usage: the window with its dates, the preview of sign-ins per day, and how a report ended in words.

import type { JSX } from "hono/jsx/jsx-runtime";
import type { Facts, Task } from "../db/tasks.ts";
import type { UsageChoices } from "../db/usage_parents.ts";
import type { UsageField, UsageInput, UsageProblems } from "../db/usage_reports.ts";
import { redrawsOnChange, redrawsWindow, submitsInDialog } from "./swap.tsx";
import { calendarDay, count, number } from "./times.ts";
import {
  Cancel,
  ConfirmPassword,
  DialogContent,
  DialogFoot,
  EnterButton,
  inOrder,
  ProblemSummary,
  Select,
} from "./ui.tsx";
import { UsageParents } from "./usage_parents.tsx";

/** How many sign-ins each day has that has any; null while the dates are not right yet. */
export type UsagePreview =
  | {
    readonly start: string;
    readonly end: string;
    /** How many parents were ticked; 0 for everybody. */
    readonly chosen: number;
    /** Since when sign-ins are kept, where the dates reach back further. */
    readonly keptSince: Temporal.PlainDate | null;
    /** Whether all of the dates are after today. */
    readonly toCome: boolean;
    readonly days: readonly DayCount[];
  }
  | null;
type DayCount = { readonly day: string; readonly signIns: number };

export type UsageForm = {
  readonly input: UsageInput;
  readonly problems: UsageProblems;
  readonly presets: readonly {
    readonly label: string;
    readonly start: string;
    readonly end: string;
  }[];
  readonly years: readonly string[];
  readonly registrationGroups: readonly string[];
  /** What was typed to find parents, and who is ticked or found. */
  readonly search: string;
  readonly choices: UsageChoices;
  readonly preview: UsagePreview;
  /** Whether the own password has to be typed, and what was wrong with it. */
  readonly confirm: boolean;
  readonly ownProblem?: string | undefined;
};

const PREVIEW = "/usage-reports/preview";
const FIELDS: readonly UsageField[] = ["start", "end", "parents"];

/** The window. */
export function UsageDialog(props: { form: UsageForm }): JSX.Element {
  const { form } = props;
  const { input, problems } = form;
  const listed = inOrder(FIELDS, problems);
  const all = form.ownProblem === undefined
    ? listed
    : [...listed, ["own_password", form.ownProblem] as const];
  return (
    <DialogContent title="Parent Portal Usage">
      <form
        method="post"
        action="/usage-reports"
        novalidate
        {...submitsInDialog("/usage-reports")}
      >
        <EnterButton>Continue</EnterButton>
        <div class="body">
          <ProblemSummary problems={all} />
          <p class="soft">
            An Excel workbook with a tab for each parent who signed in to the portal between these
            dates, and a summary; of more than 9,999 parents several, in a zip.
          </p>
          <Presets form={form} />
          {/* All fields ask through it, so that a slow answer never takes the place of a newer one. */}
          <div class="stack" {...redrawsOnChange(PREVIEW, "#usage-preview")}>
            <div class="pair">
              <DateField
                name="start"
                label="Start date"
                value={input.start}
                problem={problems.start}
                autofocus={all.length === 0}
              />
              <DateField name="end" label="End date" value={input.end} problem={problems.end} />
            </div>
            <div class="pair">
              <Select
                name="year_group"
                label="Year group"
                value={input.year}
                options={choices("Any year", form.years)}
              />
              <Select
                name="registration_group"
                label="Registration group"
                value={input.group}
                options={choices("Any group", form.registrationGroups)}
              />
            </div>
            <p class="hint">
              By where learners are now, wherever they were then. Parents whose logon is gone for
              good are left out of a year or group.
            </p>
            <UsageParents
              search={form.search}
              choices={form.choices}
              problem={problems.parents}
            />
          </div>
          <button type="submit" class="button small no-script" formaction={PREVIEW}>
            Show sign-ins per day
          </button>
          <Preview preview={form.preview} />
          <ConfirmPassword needed={form.confirm} problem={form.ownProblem} />
        </div>
        <DialogFoot>
          <Cancel href="/logons" />
          <button type="submit" class="button blue">Continue</button>
        </DialogFoot>
      </form>
    </DialogContent>
  );
}

/** Buttons that fill in both dates and keep all else; they work without script. */
function Presets(props: { form: UsageForm }): JSX.Element {
  const { input, presets } = props.form;
  return (
    <div class="buttons" role="group" aria-label="Dates often wanted">
      {presets.map(({ label, start, end }) => {
        const isChosen = input.start === start && input.end === end;
        return (
          <button
            type="submit"
            class="button small"
            name="dates"
            value={`${start} ${end}`}
            formaction={PREVIEW}
            aria-current={isChosen ? "true" : undefined}
            {...redrawsWindow(PREVIEW)}
          >
            {label}
          </button>
        );
      })}
    </div>
  );
}

function DateField(
  props: {
    name: "start" | "end";
    label: string;
    value: string;
    problem?: string | undefined;
    autofocus?: boolean;
  },
): JSX.Element {
  const id = `field-${props.name}`;
  return (
    <div class={props.problem ? "field wrong" : "field"}>
      <label for={id}>{props.label}</label>
      <input
        id={id}
        name={props.name}
        type="date"
        value={props.value}
        autofocus={props.autofocus}
        aria-required="true"
        aria-invalid={props.problem ? "true" : undefined}
        aria-describedby={props.problem ? `${id}-problem` : undefined}
      />
      {props.problem && <p class="problem" id={`${id}-problem`}>{props.problem}</p>}
    </div>
  );
}

function choices(
  any: string,
  names: readonly string[],
): readonly (readonly [value: string, label: string])[] {
  return [["", any], ...names.map((name) => [name, name] as const)];
}

function keptSentence(since: Temporal.PlainDate | null): string {
  return since === null
    ? ""
    : ` Sign-ins before ${calendarDay(since.toString())} are no longer kept.`;
}

/** What the dates hold, before anything is made: redrawn as they are chosen. */
export function Preview(props: { preview: UsagePreview }): JSX.Element {
  const { preview } = props;
  if (preview === null) {
    return (
      <section id="usage-preview" class="usage-preview">
        <p class="hint" role="status">
          Choose both dates, the earlier first, to see the sign-ins between them.
        </p>
      </section>
    );
  }
  const { chosen } = preview;
  const total = preview.days.reduce((sum, one) => sum + one.signIns, 0);
  if (total === 0) {
    return (
      <section id="usage-preview" class="usage-preview">
        <p class="hint" role="status">
          {chosen === 0 ? "Nobody" : `Nobody of the ${count(chosen, "chosen parent")}`}{" "}
          signed in between these dates.{preview.toCome && " They are still to come."}
          {keptSentence(preview.keptSince)}
        </p>
      </section>
    );
  }
  const { unit, bars } = barsOf(preview.start, preview.end, preview.days);
  const most = Math.max(...bars.map((bar) => bar.signIns));
  return (
    <section id="usage-preview" class="usage-preview" aria-label={`Sign-ins per ${unit}`}>
      <p class="hint" role="status">
        {count(total, "sign-in")} {chosen > 0 && `of ${count(chosen, "chosen parent")} `}on{" "}
        {count(preview.days.length, "day")}; at most {number(most)} a {unit}.{keptSentence(
          preview.keptSince,
        )}
      </p>
      <Chart bars={bars} most={most} />
      <p class="hint ends" aria-hidden="true">
        <span>{bars.at(0)?.label}</span>
        <span>{bars.at(-1)?.label}</span>
      </p>
      <details>
        <summary>The figures as a table</summary>
        <table>
          <thead>
            <tr>
              <th scope="col">{unit === "day" ? "Day" : `From, for a ${unit}`}</th>
              <th scope="col" class="numeric">Sign-ins</th>
            </tr>
          </thead>
          <tbody>
            {bars.filter((bar) => bar.signIns > 0).map((bar) => (
              <tr>
                <th scope="row">{bar.label}</th>
                <td class="numeric" data-label="Sign-ins">{number(bar.signIns)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </section>
  );
}

const WIDTH = 520;
const HEIGHT = 96;

/** Drawn for the eye alone: the sentence above it and the table below say the same. */
function Chart(props: { bars: readonly Bar[]; most: number }): JSX.Element {
  const step = WIDTH / props.bars.length;
  const gap = Math.min(2, step / 4);
  return (
    <svg
      class="chart"
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      aria-hidden="true"
      focusable="false"
    >
      {props.bars.map((bar, at) => {
        if (bar.signIns === 0) return null;
        // One sign-in among thousands is seen as well.
        const height = Math.max(2, bar.signIns / props.most * HEIGHT);
        return (
          <rect
            x={(at * step + gap / 2).toFixed(2)}
            y={(HEIGHT - height).toFixed(2)}
            width={(step - gap).toFixed(2)}
            height={height.toFixed(2)}
          >
            <title>{`${bar.label}: ${count(bar.signIns, "sign-in")}`}</title>
          </rect>
        );
      })}
    </svg>
  );
}

type Unit = "day" | "week" | "month";
type Bar = { readonly label: string; readonly signIns: number };
/** Bars that can still be told apart. */
const MOST_BARS = 100;

/** A bar for each day, or for each week or month where days would be too many. */
function barsOf(
  start: string,
  end: string,
  days: readonly DayCount[],
): { unit: Unit; bars: Bar[] } {
  const whole = [Temporal.PlainDate.from(start), Temporal.PlainDate.from(end)] as const;
  const held = [days.at(0)?.day ?? start, days.at(-1)?.day ?? end] as const;
  // However far apart the dates lie, the bars begin with the first sign-in and end with the last.
  const [from, to] = lengthOf(...whole) <= MOST_BARS
    ? whole
    : [Temporal.PlainDate.from(held[0]), Temporal.PlainDate.from(held[1])];
  const length = lengthOf(from, to);
  const unit: Unit = length <= MOST_BARS ? "day" : length <= MOST_BARS * 7 ? "week" : "month";
  const counts = new Map<string, number>();
  for (const { day, signIns } of days) {
    const key = beginOf(unit, Temporal.PlainDate.from(day)).toString();
    counts.set(key, (counts.get(key) ?? 0) + signIns);
  }
  const bars: Bar[] = [];
  for (
    let at = beginOf(unit, from);
    Temporal.PlainDate.compare(at, to) <= 0;
    at = at.add(unit === "day" ? { days: 1 } : unit === "week" ? { days: 7 } : { months: 1 })
  ) {
    // The first week or month may have begun before the dates.
    const shown = Temporal.PlainDate.compare(at, from) < 0 ? from : at;
    bars.push({ label: longDay(shown), signIns: counts.get(at.toString()) ?? 0 });
  }
  return { unit, bars };
}

function lengthOf(from: Temporal.PlainDate, to: Temporal.PlainDate): number {
  return from.until(to, { largestUnit: "day" }).days + 1;
}

function beginOf(unit: Unit, day: Temporal.PlainDate): Temporal.PlainDate {
  if (unit === "day") return day;
  return unit === "week" ? day.subtract({ days: day.dayOfWeek - 1 }) : day.with({ day: 1 });
}

const LONG_DAY = new Intl.DateTimeFormat("en-GB", { dateStyle: "long", timeZone: "UTC" });

/** "24 November 2026". */
function longDay(day: Temporal.PlainDate): string {
  return LONG_DAY.format(new Date(`${day}T00:00:00Z`));
}

/** How a report ended. */
export function usageSentence(task: Task): string {
  const parents = Number(task.facts["parents"] ?? 0);
  if (parents === 0) {
    return `${whoOf(task.facts)} signed in between ${dayFact(task.facts, "start")} and ${
      dayFact(task.facts, "end")
    }.`;
  }
  const size = `${count(parents, "parent")}, ${
    count(Number(task.facts["signIns"] ?? 0), "sign-in")
  }.`;
  return task.resultName === null
    ? `The file is not kept any more: it had ${size} Choose Parent Portal Usage to make it again.`
    : `Ready, ${size}`;
}

function whoOf(facts: Facts): string {
  const groups = [facts["year"], facts["group"]].filter((name) => typeof name === "string");
  const isChosen = typeof facts["chosen"] === "string";
  if (groups.length === 0) return isChosen ? "None of the chosen parents" : "Nobody";
  return `${isChosen ? "No chosen" : "No"} parent of a learner who was in ${
    groups.join(", ")
  } when this was made`;
}

function dayFact(facts: Facts, name: string): string {
  return longDay(Temporal.PlainDate.from(String(facts[name])));
}
