// The sign-in history: every try at the portal in plain words, who has to wait now, and where many wrong tries come from.

import type { JSX } from "hono/jsx/jsx-runtime";
import type {
  GuessingSeen,
  SignInEntry,
  SignInFilter,
  SignInPage,
  SignInResult,
} from "../db/sign_in_list.ts";
import type { Outcome } from "../db/sign_ins.ts";
import type { Task } from "../db/tasks.ts";
import { type Frame, Heading, OfficePage } from "./layout.tsx";
import { Pager, type PlaceInList, queryText, SearchForm } from "./lists.tsx";
import { goesTo, SIGN_INS, submitsInDialog } from "./swap.tsx";
import { calendarDay, count, number, type Times } from "./times.ts";
import {
  Address,
  Cancel,
  Chip,
  ConfirmPassword,
  DialogContent,
  DialogFoot,
  EmptyState,
  Icon,
  ProblemSummary,
  Select,
  type Tone,
} from "./ui.tsx";

/** How a try went, as the office reads it. */
export const OUTCOMES: Readonly<Record<Outcome, string>> = {
  "success": "signed in",
  "unknown username": "unknown username",
  "wrong password": "wrong password",
  "no password": "no password to compare with",
  "password expired": "the temporary password had expired",
  "suspended": "right password, but suspended",
  "expired": "right password, but the logon had expired",
  "deleted": "right password, but the logon was deleted",
  "waiting": "had to wait after wrong tries",
  "waiting for code": "right password; the code was asked for",
  "passkey refused": "passkey not accepted",
  "wrong code": "wrong code",
  "code not checked": "right password; the code could not be checked",
};

const RESULT_LABELS: readonly (readonly [SignInResult, string])[] = [
  ["success", "Signed in"],
  ["failed", "Did not get in"],
  ["wrong password", "Wrong password"],
  ["wrong code", "Wrong code"],
  ["code not checked", "Code could not be checked"],
  ["waiting", "Had to wait"],
  ["unknown username", "Unknown username"],
  ["password expired", "Password expired"],
  ["no password", "No password yet"],
  ["shut out", "Suspended, expired or deleted"],
];

/** All that the list shows. */
export type SignInsProps = {
  filter: SignInFilter;
  page: SignInPage;
  /** The logon that the list is narrowed to. */
  about: string | null;
  mostCounted: number;
  times: Times;
  mayExport: boolean;
};

/** The page. */
export function SignInsPage(
  props: SignInsProps & { frame: Frame; guessing: GuessingSeen },
): JSX.Element {
  return (
    <OfficePage
      frame={props.frame}
      title="Sign-ins"
      place="sign-ins"
      home={`/sign-ins${signInsQuery(props.filter)}`}
      heading={<Heading title="Sign-ins" />}
    >
      <WorthALook guessing={props.guessing} times={props.times} mayEdit={props.mayExport} />
      <SignInFilters filter={props.filter} />
      <SignIns {...props} />
    </OfficePage>
  );
}

/** Who has to wait, and from where many wrong tries came: nothing on a quiet day. */
function WorthALook(
  props: { guessing: GuessingSeen; times: Times; mayEdit: boolean },
): JSX.Element | null {
  const { guessing: { waiting, addresses }, times } = props;
  if (waiting.length === 0 && addresses.length === 0) return null;
  return (
    <section class="worth-a-look" aria-label="Worth a look">
      {waiting.length > 0 && (
        <div>
          <h2>Have to wait now</h2>
          <ul>
            {waiting.map((one) => (
              <li>
                <a href={`/logons/${one.logonId}/access`}>
                  <bdi>{one.name}</bdi>
                </a>{" "}
                until {times.clock(one.until)}, after{" "}
                {count(one.failures, "wrong try", "wrong tries")}
              </li>
            ))}
          </ul>
        </div>
      )}
      {addresses.length > 0 && (
        <div>
          <h2>Many wrong tries during the last day</h2>
          <ul>
            {addresses.map(({ ip, failures, logons, lastAt, waitsUntil }) => {
              const href = `/sign-ins${queryText([["result", "failed"], ["ip", ip]])}`;
              return (
                <li>
                  <a href={href} {...goesTo(href, SIGN_INS)}>{ip}</a>: {number(failures)},{" "}
                  {logons === 0 ? "no known username" : `at ${count(logons, "logon")}`}, the last
                  {" "}
                  {times.brief(lastAt)}
                  {waitsUntil !== null && (
                    <AddressWait ip={ip} until={times.clock(waitsUntil)} mayEdit={props.mayEdit} />
                  )}
                </li>
              );
            })}
          </ul>
        </div>
      )}
    </section>
  );
}

/** A whole school may share the address: everybody there waits, whoever has guessed. */
function AddressWait(
  props: { ip: string; until: string; mayEdit: boolean },
): JSX.Element {
  return (
    <form method="post" action="/sign-ins/unlocked-address">
      <strong>Everybody there has to wait until {props.until}.</strong> {props.mayEdit && (
        <>
          <input type="hidden" name="ip" value={props.ip} />
          <button type="submit" class="link" aria-label={`Let ${props.ip} in again`}>
            Let them in again
          </button>
        </>
      )}
    </form>
  );
}

function SignInFilters(props: { filter: SignInFilter }): JSX.Element {
  const { filter } = props;
  return (
    <SearchForm
      action="/sign-ins"
      target={SIGN_INS}
      search={filter.search}
      placeholder="Name, email, username or learner"
    >
      <Select
        name="result"
        label="How it went"
        quiet
        value={filter.result ?? ""}
        options={[["", "Any result"], ...RESULT_LABELS]}
      />
      <div class="dates">
        <DateFilter name="from" label="From" value={filter.from} />
        <DateFilter name="to" label="To" value={filter.to} />
      </div>
      {filter.logon !== null && <input type="hidden" name="logon" value={filter.logon} />}
      {filter.ip !== null && <input type="hidden" name="ip" value={filter.ip} />}
    </SearchForm>
  );
}

function DateFilter(props: { name: string; label: string; value: string | null }): JSX.Element {
  return (
    <div class="field">
      <label for={`field-${props.name}`}>{props.label}</label>
      <input id={`field-${props.name}`} name={props.name} type="date" value={props.value ?? ""} />
    </div>
  );
}

/** The list: the piece that searching and paging exchange. */
export function SignIns(props: SignInsProps): JSX.Element {
  const { filter, page } = props;
  return (
    <section id="sign-ins" aria-label="Sign-ins">
      <SignInsHead {...props} />
      {page.entries.length === 0 ? <NoSignIns filter={filter} /> : (
        <div class="table">
          <table>
            <caption class="quiet">Tries to sign in to the portal, newest first</caption>
            <thead>
              <tr>
                <th scope="col">When</th>
                <th scope="col">Parent</th>
                <th scope="col">How it went</th>
                <th scope="col">From</th>
              </tr>
            </thead>
            <tbody>
              {page.entries.map((entry) => <SignInRow entry={entry} times={props.times} />)}
            </tbody>
          </table>
        </div>
      )}
      <Pager
        page={page}
        target={SIGN_INS}
        hrefOf={(place) => `/sign-ins${signInsQuery(filter, place)}`}
      />
    </section>
  );
}

function SignInsHead(props: SignInsProps): JSX.Element {
  const { filter, page } = props;
  const many = page.total > props.mostCounted;
  const href = `/sign-in-exports/new${signInsQuery(filter)}`;
  return (
    <div class="list-head">
      <p role="status">
        <strong>
          {many
            ? `More than ${number(props.mostCounted)} tries`
            : count(page.total, "try", "tries")}
        </strong>
        {props.about !== null && <bdi>{` of ${props.about}`}</bdi>}
        {filter.ip !== null && ` from ${filter.ip}`}
        {isNarrowed(filter) && (
          <>
            {" "}
            <a href="/sign-ins">Show all</a>
          </>
        )}
      </p>
      {props.mayExport && page.total > 0 && (
        <a class="button small" href={href} data-opens>
          <Icon name="download" /> Export
        </a>
      )}
    </div>
  );
}

function SignInRow(props: { entry: SignInEntry; times: Times }): JSX.Element {
  const { entry, times } = props;
  return (
    <tr>
      <td data-label="When">
        <time datetime={entry.at.toISOString()} title={times.full(entry.at)}>
          {times.day(entry.at)}
          <span class="below soft">{times.clock(entry.at)}</span>
        </time>
      </td>
      <td class="who" data-label="Parent">
        <Who entry={entry} />
      </td>
      <td data-label="How it went">
        <Chip tone={toneOf(entry.outcome)}>{OUTCOMES[entry.outcome]}</Chip>
      </td>
      <td data-label="From">
        {entry.device ?? "unknown device"}
        {entry.ip !== null && <span class="below soft">{entry.ip}</span>}
      </td>
    </tr>
  );
}

function Who(props: { entry: SignInEntry }): JSX.Element {
  const { name, username, logonId, logonLives } = props.entry;
  if (name === null) return <span class="soft">not known; what was typed is not kept</span>;
  const shown = (
    <strong>
      <bdi>{name}</bdi>
    </strong>
  );
  return (
    <>
      {logonLives ? <a href={`/logons/${logonId}/access`}>{shown}</a> : shown}
      <span class="below soft">
        <Address>{username ?? ""}</Address>
        {!logonLives && " (deleted)"}
      </span>
    </>
  );
}

function toneOf(outcome: Outcome): Tone {
  if (outcome === "success") return "green";
  return outcome === "waiting for code" ? "plain" : outcome === "waiting" ? "red" : "amber";
}

function NoSignIns(props: { filter: SignInFilter }): JSX.Element {
  const { from, to } = props.filter;
  if (from !== null && to !== null && from > to) {
    return (
      <EmptyState icon="search" title="To lies before From">
        <p>Choose the same day or a later one, and the tries between them are listed.</p>
      </EmptyState>
    );
  }
  return isNarrowed(props.filter)
    ? (
      <EmptyState icon="search" title="No sign-in matches">
        <p>
          Try fewer filters, or <a href="/sign-ins">show all</a>.
        </p>
      </EmptyState>
    )
    : (
      <EmptyState icon="users-round" title="Nobody has signed in yet">
        <p>Every try at the portal is recorded here, those that failed as well.</p>
      </EmptyState>
    );
}

/** Asks before the workbook is made: it holds who signed in when, and from where. */
export function SignInExportDialog(
  props: { filter: SignInFilter; confirm: boolean; problem?: string | undefined },
): JSX.Element {
  const { filter, problem } = props;
  return (
    <DialogContent title="Export sign-ins">
      <form
        method="post"
        action="/sign-in-exports"
        novalidate
        {...submitsInDialog("/sign-in-exports")}
      >
        <div class="body">
          <ProblemSummary problems={problem === undefined ? [] : [["own_password", problem]]} />
          <p>
            An Excel workbook with{" "}
            {isNarrowed(filter) ? "the tries that are listed now" : "every try"}
            : when, who, with email and learners as they were, how it went, device and address. It
            appears in Task Alerts.
          </p>
          {signInFields(filter).map(([name, value]) => (
            <input type="hidden" name={name} value={value} />
          ))}
          <ConfirmPassword needed={props.confirm} problem={problem} />
        </div>
        <DialogFoot>
          <Cancel href={`/sign-ins${signInsQuery(filter)}`} />
          <button type="submit" class="button blue">Export</button>
        </DialogFoot>
      </form>
    </DialogContent>
  );
}

/** What the alert says of a finished export. */
export function signInExportSentence(task: Task): string {
  const tries = Number(task.facts["tries"] ?? 0);
  if (tries === 0) return "Nothing was found to export.";
  const size = count(tries, "try", "tries");
  return task.resultName === null
    ? `The file is not kept any more: it had ${size}.`
    : `${size} exported.`;
}

/** What an export leaves the others out for, without a name: its task is kept for longer than people are. */
export function narrowedTo(filter: SignInFilter): string[] {
  const { logon, search, result, ip, from, to } = filter;
  return [
    logon === null ? null : "one parent",
    search === "" ? null : "a search",
    result === null ? null : labelOf(result).toLowerCase(),
    ip === null ? null : "one address",
    from === null ? null : `from ${calendarDay(from)}`,
    to === null ? null : `to ${calendarDay(to)}`,
  ].filter((one) => one !== null);
}

/** The same in a workbook that holds names anyway, by its label. @param about the parent's name */
export function filterLines(
  filter: SignInFilter,
  about: string | null,
): (readonly [label: string, value: string])[] {
  const lines = [
    ["Only of", about],
    ["Only what matches", filter.search],
    ["How it went", filter.result && labelOf(filter.result)],
    ["From the address", filter.ip],
    ["From", filter.from && calendarDay(filter.from)],
    ["To", filter.to && calendarDay(filter.to)],
  ] as const;
  return lines.flatMap(([label, value]) => value ? [[label, value] as const] : []);
}

function labelOf(result: SignInResult): string {
  return new Map(RESULT_LABELS).get(result) ?? result;
}

function isNarrowed(filter: SignInFilter): boolean {
  return signInFields(filter).length > 0;
}

function signInFields(filter: SignInFilter): (readonly [name: string, value: string])[] {
  const fields = [
    ["q", filter.search],
    ["result", filter.result],
    ["from", filter.from],
    ["to", filter.to],
    ["logon", filter.logon],
    ["ip", filter.ip],
  ] as const;
  return fields.flatMap(([name, value]) =>
    value === null || value === "" ? [] : [[name, String(value)] as const]
  );
}

/** The query of an address of the list, with its question mark. */
export function signInsQuery(filter: SignInFilter, place: PlaceInList = {}): string {
  return queryText([
    ...signInFields(filter),
    ["after", place.after ?? null],
    ["before", place.before ?? null],
  ]);
}
