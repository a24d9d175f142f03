// Parental Responsibility that is not known: the contacts on learners' records, and yes or no for many at once.

import type { JSX } from "hono/jsx/jsx-runtime";
import type { UnknownFilter, UnknownResponsibility } from "../db/parental_responsibilities.ts";
import { type Frame, Heading, OfficePage } from "./layout.tsx";
import { SearchForm } from "./lists.tsx";
import { count, number } from "./times.ts";
import { Address, ConfirmPassword, EmptyState, ProblemSummary, Select } from "./ui.tsx";

const HERE = "/parental-responsibilities";
const LIST = "#responsibilities";

export type ResponsibilitiesProps = {
  readonly rows: readonly UnknownResponsibility[];
  readonly total: number;
  readonly filter: UnknownFilter;
  readonly relationships: readonly { readonly relationship: string; readonly count: number }[];
  /** Keys that were chosen before something was wrong, and whether all that match were. */
  readonly chosen: ReadonlySet<string>;
  readonly all: boolean;
  readonly mayEdit: boolean;
  readonly asksPassword: boolean;
  readonly problems: Readonly<Partial<Record<"choice" | "own_password", string>>>;
};

/** What was said just now. */
export type Said = { readonly count: number; readonly answer: boolean } | null;

export function ResponsibilitiesPage(
  props: ResponsibilitiesProps & { frame: Frame; said: Said },
): JSX.Element {
  const isFiltered = props.filter.search !== "" || props.filter.relationship !== null;
  return (
    <OfficePage
      frame={props.frame}
      title="Parental Responsibility"
      place="feeds"
      heading={
        <Heading
          title="Parental Responsibility"
          beside={
            <p class="beside">
              <a href="/feeds">Feeds</a>
            </p>
          }
        />
      }
    >
      <div class="stack">
        <p class="soft">
          Contacts on learners’ records of whom nobody has said whether they have Parental
          Responsibility. OneRoster and School Data Sync do not know it; not known is never read as
          no, and nobody is imported as a parent by it. Only who has it is offered in Import
          Contacts.
        </p>
        {props.said !== null && (
          <p class="notice green" role="status">
            {saidSentence(props.said)}
            {props.said.answer && (
              <>
                {" "}
                <a href="/contact-imports/new">Import Contacts</a>
              </>
            )}
          </p>
        )}
        {props.relationships.length === 0 && !isFiltered
          ? (
            <EmptyState icon="circle-check" title="All is known">
              <p>For every contact on a learner’s record somebody has said yes or no.</p>
            </EmptyState>
          )
          : (
            <>
              <SearchForm
                action={HERE}
                target={LIST}
                search={props.filter.search}
                placeholder="Contact or learner"
              >
                <Select
                  name="relationship"
                  label="Relationship"
                  value={props.filter.relationship ?? ""}
                  quiet
                  options={[
                    ["", "Any relationship"],
                    ...props.relationships.map(({ relationship, count }) =>
                      [relationship, `${relationship} (${number(count)})`] as const
                    ),
                  ]}
                />
              </SearchForm>
              <Responsibilities {...props} />
            </>
          )}
      </div>
    </OfficePage>
  );
}

function saidSentence({ count: said, answer }: { count: number; answer: boolean }): string {
  if (said === 0) return "Nothing was left to say: somebody has answered these already.";
  return `${answer ? "Yes" : "No"} was said for ${count(said, "relationship")}.`;
}

/** The list with its checkboxes and the two answers: what a search exchanges. */
export function Responsibilities(props: ResponsibilitiesProps): JSX.Element {
  const { rows, total, filter } = props;
  if (rows.length === 0) {
    return (
      <div id="responsibilities">
        <EmptyState icon="search" title="Nothing found">
          <p>No contact of whom it is not known matches. Try fewer letters, or any relationship.</p>
        </EmptyState>
      </div>
    );
  }
  const problems = Object.entries(props.problems).map(([field, sentence]) =>
    [field, sentence ?? ""] as const
  );
  return (
    <form id="responsibilities" class="stack" method="post" action={HERE} novalidate>
      <ProblemSummary problems={problems} />
      <input type="hidden" name="relationship" value={filter.relationship ?? ""} />
      <input type="hidden" name="q" value={filter.search} />
      <p class="soft" role="status">
        {total > rows.length
          ? `${count(total, "relationship")}; the first ${number(rows.length)} are shown`
          : count(total, "relationship")}
      </p>
      <div class="table choice-table">
        <table>
          <caption class="quiet">Contacts of whom Parental Responsibility is not known</caption>
          <thead>
            <tr>
              <th scope="col">
                {props.mayEdit && (
                  <label>
                    <input
                      id="field-choice"
                      type="checkbox"
                      name="select_shown"
                      value="yes"
                      data-select-all="key"
                      autocomplete="off"
                      aria-label="Select all"
                    />
                  </label>
                )}
              </th>
              <th scope="col">Contact</th>
              <th scope="col">Relationship</th>
              <th scope="col">Learner</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => <Row row={row} {...props} />)}
          </tbody>
        </table>
      </div>
      {props.mayEdit && <Answers {...props} />}
    </form>
  );
}

function Row(
  { row, chosen, mayEdit }: ResponsibilitiesProps & { row: UnknownResponsibility },
): JSX.Element {
  return (
    <tr>
      <td data-label="Choose">
        {mayEdit && (
          <>
            <input
              type="checkbox"
              name="key"
              value={row.key}
              checked={chosen.has(row.key)}
              autocomplete="off"
              aria-label={`${row.contact}, ${row.relationship} of ${row.learner}`}
            />
            <input type="hidden" name="shown" value={row.key} />
          </>
        )}
      </td>
      <td data-label="Contact">
        <bdi>{row.contact}</bdi>
        <br />
        <span class="soft small">
          {row.email === null ? "no email" : <Address>{row.email}</Address>}
        </span>
      </td>
      <td data-label="Relationship">
        <bdi>{row.relationship}</bdi>
      </td>
      <td data-label="Learner">
        <bdi>{row.learner}</bdi>
        {row.registrationGroup !== null && (
          <>
            {" "}
            <span class="soft">{row.registrationGroup}</span>
          </>
        )}
      </td>
    </tr>
  );
}

function Answers(props: ResponsibilitiesProps): JSX.Element {
  return (
    <div class="card">
      <label class="choice">
        <input type="checkbox" name="all" value="1" checked={props.all} autocomplete="off" />
        All {count(props.total, "relationship")} that match, shown or not
      </label>
      <ConfirmPassword needed={props.asksPassword} problem={props.problems.own_password} />
      <p class="buttons">
        <button type="submit" class="button blue" name="answer" value="yes">
          They have Parental Responsibility
        </button>
        <button type="submit" class="button" name="answer" value="no">They have not</button>
      </p>
    </div>
  );
}

/** Yes, no, or not known, which is never read as no. */
export function responsibility(value: boolean | null): string {
  return value === null ? "not known" : value ? "yes" : "no";
}
