// Bulk Reset: whom, what it would do, and sending again to those whose mail was of no use.

import type { JSX } from "hono/jsx/jsx-runtime";
import type { Candidate, LeftOut, Preflight, Scope } from "../db/bulk_resets.ts";
import { CallerCheck, type CallerQuestion, problemsOf } from "./caller_check.tsx";
import { queryText } from "./lists.tsx";
import { redraws, redrawsAsTyped, redrawsOnChange, submitsInDialog } from "./swap.tsx";
import { count, number, type Times } from "./times.ts";
import {
  Address,
  Cancel,
  Chip,
  ConfirmPassword,
  DialogContent,
  DialogFoot,
  Icon,
  Name,
  ProblemSummary,
  Select,
} from "./ui.tsx";

const LEFT_OUT: Readonly<Record<LeftOut, string>> = {
  "no email": "no email",
  suspended: "suspended",
  expired: "expired",
  "email unchecked": "email changed",
  "no learner": "no current learner",
};

export type BulkResetForm = {
  readonly enableTfa: boolean;
  readonly search: string;
  readonly year: string | null;
  readonly years: readonly string[];
  readonly rows: readonly Candidate[];
  /** How many match, of which {@link rows} may be the first. */
  readonly total: number;
  /** How many of those have no email. */
  readonly withoutEmail: number;
  /** Ticked, whether they match the search or not. */
  readonly chosen: ReadonlySet<number>;
  /** Everybody who matches this, also those who are not listed; null if that is not ticked. */
  readonly all: Scope | null;
  readonly preflight: Preflight;
  /** Asked where an email among the chosen was changed and nobody has vouched for it. */
  readonly caller: CallerQuestion | undefined;
  readonly confirm: boolean;
  readonly problems: {
    readonly chosen?: string | undefined;
    readonly own_password?: string | undefined;
  };
};

/** The window: whom, and what it would do, said before the button. */
export function BulkResetDialog(props: { form: BulkResetForm; times: Times }): JSX.Element {
  const { form } = props;
  const problems = [
    ...(form.problems.chosen ? [["chosen", form.problems.chosen] as const] : []),
    ...problemsOf(form.caller),
    ...(form.problems.own_password ? [["own_password", form.problems.own_password] as const] : []),
  ];
  return (
    <DialogContent title="Bulk Reset" wide>
      <form method="post" action="/bulk-resets" novalidate {...submitsInDialog("/bulk-resets")}>
        <button
          type="submit"
          class="quiet"
          tabindex={-1}
          aria-hidden="true"
          formaction="/bulk-reset-drafts"
        >
          Search
        </button>
        <div class="body">
          <ProblemSummary problems={problems} />
          <EnableTfa on={form.enableTfa} />
          <div class="filters two">
            <div class="field search">
              <label for="field-reset_search" class="quiet">Search logons</label>
              <Icon name="search" />
              <input
                id="field-reset_search"
                name="reset_search"
                type="search"
                value={form.search}
                placeholder="Username, name, email or learner"
                autocomplete="off"
                spellcheck={false}
                {...redrawsAsTyped("/bulk-reset-drafts", "#reset-choice")}
              />
            </div>
            <Select
              name="reset_year"
              label="Year group"
              quiet
              value={form.year ?? ""}
              options={[["", "Any year"], ...form.years.map((year) => [year, year] as const)]}
              more={redrawsOnChange("/bulk-reset-drafts", "#reset-choice")}
            />
          </div>
          <button type="submit" class="button small no-script" formaction="/bulk-reset-drafts">
            Search
          </button>
          <ResetChoice form={form} times={props.times} />
          <ConfirmPassword needed={form.confirm} problem={form.problems.own_password} />
        </div>
        <DialogFoot>
          <span class="start soft">Old passwords work until each mail is accepted.</span>
          <Cancel href="/logons" />
          <button type="submit" class="button blue">Reset</button>
        </DialogFoot>
      </form>
    </DialogContent>
  );
}

/** The rows with their checkboxes, and what a reset of the chosen would do: redrawn by a search and by each tick. */
export function ResetChoice(props: { form: BulkResetForm; times: Times }): JSX.Element {
  const { form } = props;
  const listed = new Set(form.rows.map((row) => row.id));
  const kept = [...form.chosen].filter((id) => !listed.has(id));
  const able = form.rows.filter((row) => row.leftOut === null);
  const every = able.length > 0 && able.every((row) => form.chosen.has(row.id));
  return (
    <div id="reset-choice" class="choice-list">
      {kept.map((id) => <input type="hidden" name="logon" value={String(id)} />)}
      {(form.all !== null || form.total > form.rows.length) && (
        <label class="choice">
          <input
            type="checkbox"
            name="all"
            value="yes"
            checked={form.all !== null}
            {...redraws("/bulk-reset-drafts", "#preflight")}
          />
          {form.all === null || isSame(form.all, form)
            ? `All ${number(form.total)} that match, also those not listed here`
            : `${scopeSaid(form.all)}, as you chose before`}
        </label>
      )}
      {form.all !== null && (
        <>
          <input type="hidden" name="all_search" value={form.all.search} />
          <input type="hidden" name="all_year" value={form.all.year ?? ""} />
        </>
      )}
      <div class="rows" id="field-chosen" tabindex={-1}>
        <label class="head">
          <input
            type="checkbox"
            name="select_all"
            value="yes"
            checked={every}
            data-select-all="logon"
            aria-label="Select all"
            {...redraws("/bulk-reset-drafts", "#preflight")}
          />
          <strong>Select all</strong>
          <span class="soft">{count(form.rows.length, "logon")} listed</span>
        </label>
        {form.rows.length === 0 ? <p class="hint">No logon matches.</p> : (
          <ul>
            {form.rows.map((row) => (
              <li>
                <label class={row.leftOut === null ? undefined : "unable"}>
                  <input
                    type="checkbox"
                    name="logon"
                    value={String(row.id)}
                    checked={form.chosen.has(row.id)}
                    disabled={row.leftOut !== null}
                    aria-label={row.username}
                    {...redraws("/bulk-reset-drafts", "#preflight")}
                  />
                  <Address>{row.username}</Address>
                  <span class="soft">
                    <Name of={row} />
                  </span>
                  <span class="chips">
                    {row.leftOut !== null && <Chip tone="amber">{LEFT_OUT[row.leftOut]}</Chip>}
                    {row.leftOut === null && row.emailUnchecked && (
                      <Chip tone="amber">email changed</Chip>
                    )}
                    {row.leftOut === null && row.lastLogon !== null && row.recent && (
                      <Chip>signed in {props.times.brief(row.lastLogon)}</Chip>
                    )}
                  </span>
                </label>
              </li>
            ))}
          </ul>
        )}
      </div>
      <WithoutEmail form={form} />
      <PreflightPart preflight={form.preflight} caller={form.caller} />
    </div>
  );
}

/** The way to a letter for those that no mail reaches. */
function WithoutEmail(props: { form: BulkResetForm }): JSX.Element | null {
  const { withoutEmail, search, year } = props.form;
  if (withoutEmail === 0) return null;
  const href = `/letters/new${queryText([["q", search], ["year", year]])}`;
  return (
    <p class="soft">
      {withoutEmail === 1 ? "1 of these has" : `${number(withoutEmail)} of these have`} no email:
      {" "}
      <a href={href} data-opens>
        print {withoutEmail === 1 ? "a letter" : "letters"} for them
      </a>.
    </p>
  );
}

/** "37 mails will be sent. 1 is left out: …", and the question who is asking where an email needs it. */
export function PreflightPart(
  props: { preflight: Preflight; caller: CallerQuestion | undefined },
): JSX.Element {
  const { preflight, caller } = props;
  return (
    <div id="preflight" class="stack">
      <PreflightSentence preflight={preflight} />
      {caller && (
        <div class="caller" role="group" aria-label="Who is asking?">
          <p>
            {preflight.unchecked === 1
              ? "The email of 1 of them was changed, "
              : `The emails of ${number(preflight.unchecked)} of them were changed, `}
            and nobody has said yet how they knew who was asking. Without an answer nothing is sent
            there.
          </p>
          <CallerCheck {...caller} />
        </div>
      )}
    </div>
  );
}

function PreflightSentence(props: { preflight: Preflight }): JSX.Element {
  const { preflight } = props;
  const out = preflight.leftOut.reduce((sum, one) => sum + one.count, 0);
  return (
    <p role="status">
      <strong>
        {preflight.mails > 0
          ? `${count(preflight.mails, "mail")} will be sent.`
          : preflight.chosen === 0
          ? "Nobody is chosen yet."
          : "No mail will be sent."}
      </strong>
      {out > 0 && ` ${number(out)} left out: ${preflight.leftOut.map(leftOutSentence).join("; ")}.`}
      {preflight.sharing > 0 &&
        ` ${number(preflight.sharing)} share a mailbox with another: ${
          someOf(preflight.sharers, preflight.sharing)
        }.`}
      {preflight.recent > 0 && ` ${number(preflight.recent)} signed in during the last 7 days.`}
    </p>
  );
}

function leftOutSentence(one: Preflight["leftOut"][number]): string {
  return `${someOf(one.names, one.count)} (${LEFT_OUT[one.reason]})`;
}

/** The first names of so many. */
function someOf(names: readonly string[], of: number): string {
  const more = of - names.length;
  return names.join(", ") + (more > 0 ? ` and ${number(more)} more` : "");
}

function isSame(one: Scope, other: Scope): boolean {
  return one.search === other.search && one.year === other.year;
}

function scopeSaid({ search, year }: Scope): string {
  const words = search === "" ? "All logons" : `All that match “${search}”`;
  return year === null ? words : `${words}, ${year}`;
}

/** The toggle at the window's top. */
function EnableTfa(props: { on: boolean }): JSX.Element {
  return (
    <label class="toggle">
      <span>
        <strong id="tfa-label">Enable TFA</strong>
        <span class="soft" id="tfa-hint">
          Those chosen set up an authenticator app when they next sign in. Nobody’s protection is
          taken away.
        </span>
      </span>
      <input
        type="checkbox"
        role="switch"
        name="enable_tfa"
        value="yes"
        checked={props.on}
        aria-labelledby="tfa-label"
        aria-describedby="tfa-hint"
      />
    </label>
  );
}

export type ResendForm = {
  /** What the ledger was filtered by, as it stands in the address: sent back with the form. */
  readonly filter: readonly (readonly [name: string, value: string])[];
  /** Where the window was opened from. */
  readonly from: string;
  readonly preflight: Preflight;
  /** Asked where an email among the chosen was changed and nobody has vouched for it. */
  readonly caller: CallerQuestion | undefined;
  readonly enableTfa: boolean;
  readonly confirm: boolean;
  readonly problems: {
    readonly chosen?: string | undefined;
    readonly own_password?: string | undefined;
  };
};

/** Sending again to all whose mails match what the ledger is filtered by: the same count before the same button. */
export function ResendDialog(props: { form: ResendForm }): JSX.Element {
  const { form } = props;
  const problems = [
    ...(form.problems.chosen ? [["chosen", form.problems.chosen] as const] : []),
    ...problemsOf(form.caller),
    ...(form.problems.own_password ? [["own_password", form.problems.own_password] as const] : []),
  ];
  return (
    <DialogContent title="Send again" wide>
      <form method="post" action="/resends" novalidate {...submitsInDialog("/resends")}>
        {form.filter.map(([name, value]) => <input type="hidden" name={name} value={value} />)}
        <div class="body">
          <ProblemSummary problems={problems} />
          <p id="field-chosen" tabindex={-1}>
            Each parent whose mail is in this list gets one new mail with a new password, however
            often they are in it.
          </p>
          <PreflightPart preflight={form.preflight} caller={form.caller} />
          <EnableTfa on={form.enableTfa} />
          <ConfirmPassword needed={form.confirm} problem={form.problems.own_password} />
        </div>
        <DialogFoot>
          <span class="start soft">Old passwords work until each mail is accepted.</span>
          <Cancel href={form.from} />
          <button type="submit" class="button blue">
            {form.preflight.mails === 0 ? "Send" : `Send ${count(form.preflight.mails, "mail")}`}
          </button>
        </DialogFoot>
      </form>
    </DialogContent>
  );
}
