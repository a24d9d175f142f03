// The ledger: every mail and letter with login details, what became of it, and what can be done about it.

import type { JSX } from "hono/jsx/jsx-runtime";
import type {
  LedgerEntry,
  LedgerFilter,
  LedgerPage,
  LedgerState,
} from "../db/credential_mail_list.ts";
import type { MailState } from "../db/credential_mails.ts";
import { type Frame, Heading, OfficePage } from "./layout.tsx";
import { Pager, type PlaceInList, queryText, SearchForm } from "./lists.tsx";
import { MAILS, posts, reloadsOn } from "./swap.tsx";
import { count, number, type Times } from "./times.ts";
import { Address, Chip, EmptyState, Select, type Tone } from "./ui.tsx";

type Words = readonly [label: string, tone: Tone];

const STATES: Readonly<Record<MailState, Words>> = {
  queued: ["waiting", "plain"],
  sending: ["being sent", "plain"],
  accepted: ["accepted by the mail server", "green"],
  deferred: ["put off by the mail server", "amber"],
  refused: ["refused", "red"],
  unknown: ["not known", "amber"],
  bounced: ["came back", "red"],
  superseded: ["replaced by a newer one", "plain"],
  cancelled: ["cancelled", "plain"],
  "left out": ["left out", "amber"],
};

/** What a letter's states are called where they mean something else than a mail's. */
const LETTER_STATES: Readonly<Partial<Record<MailState, Words>>> = {
  queued: ["to be printed", "plain"],
  sending: ["opened, not confirmed as printed", "amber"],
  accepted: ["printed", "green"],
};

const STATE_LABELS: readonly (readonly [LedgerState, string])[] = [
  ["open", "On its way"],
  ["accepted", "Accepted or printed"],
  ["not-used", "Never signed in with"],
  ["password-expired", "Temporary password expired"],
  ["failed", "Failed, nothing newer sent"],
  ["refused", "Refused"],
  ["unknown", "Not known"],
  ["bounced", "Came back"],
  ["left-out", "Left out"],
  ["superseded", "Replaced by a newer one"],
  ["cancelled", "Cancelled"],
];

/** All that the ledger shows. */
export type LedgerProps = {
  filter: LedgerFilter;
  page: LedgerPage;
  place: PlaceInList;
  /** The logon or the task that the ledger is narrowed to, in words. */
  about: string | null;
  years: readonly string[];
  registrationGroups: readonly string[];
  mostCounted: number;
  /** Days that can be asked for. */
  mostDays: number;
  times: Times;
  mayEdit: boolean;
};

/** The page. */
export function CredentialMailsPage(props: LedgerProps & { frame: Frame }): JSX.Element {
  return (
    <OfficePage
      frame={props.frame}
      title="Mails"
      place="mails"
      home={`/credential-mails${ledgerQuery(props.filter)}`}
      heading={<Heading title="Mails" />}
    >
      <LedgerFilters {...props} />
      <Ledger {...props} />
    </OfficePage>
  );
}

function LedgerFilters(props: LedgerProps): JSX.Element {
  const { filter } = props;
  return (
    <SearchForm
      action="/credential-mails"
      target={MAILS}
      search={filter.search}
      placeholder="Name, email, username or learner"
    >
      <Select
        name="state"
        label="State"
        quiet
        value={filter.state ?? ""}
        options={[["", "Any state"], ...STATE_LABELS]}
      />
      <Select
        name="year"
        label="Year group"
        quiet
        value={filter.year ?? ""}
        options={[["", "Any year"], ...props.years.map((year) => [year, year] as const)]}
      />
      <Select
        name="group"
        label="Registration group"
        quiet
        value={filter.group ?? ""}
        options={[
          ["", "Any group"],
          ...props.registrationGroups.map((group) => [group, group] as const),
        ]}
      />
      <div class="field days">
        <label for="field-days">Days since it was accepted, at least</label>
        <input
          id="field-days"
          name="days"
          type="number"
          min="0"
          max={String(props.mostDays)}
          inputmode="numeric"
          autocomplete="off"
          value={String(filter.days)}
        />
      </div>
      {hiddenFields(filter).map(([name, value]) => (
        <input
          type="hidden"
          name={name}
          value={value}
        />
      ))}
    </SearchForm>
  );
}

/** What a search keeps though it has no field of its own. */
function hiddenFields(filter: LedgerFilter): (readonly [string, string])[] {
  return ledgerFields(filter).filter(([name]) => ["logon", "task", "kind"].includes(name));
}

/** The list: the piece that searching, paging and every change exchanges. */
export function Ledger(props: LedgerProps): JSX.Element {
  const { filter, page } = props;
  const here = `/credential-mails${ledgerQuery(filter, props.place)}`;
  return (
    <section id="credential-mails" aria-label="Mails" {...reloadsOn("mails:changed", here)}>
      <LedgerHead {...props} />
      {page.entries.length === 0 ? <NoMails filter={filter} /> : (
        <div class="table">
          <table>
            <caption class="quiet">Mails and letters with login details, newest first</caption>
            <thead>
              <tr>
                <th scope="col">Parent</th>
                <th scope="col">Asked for</th>
                <th scope="col">What became of it</th>
                <th scope="col">
                  <span class="quiet">Actions</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {page.entries.map((entry) => (
                <LedgerRow entry={entry} times={props.times} mayEdit={props.mayEdit} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      <Pager
        page={page}
        target={MAILS}
        hrefOf={(place) => `/credential-mails${ledgerQuery(filter, place)}`}
      />
    </section>
  );
}

/** How many there are, what the list is narrowed to, and sending again to all of them. */
function LedgerHead(props: LedgerProps): JSX.Element {
  const { filter, page } = props;
  const many = page.total > props.mostCounted && isNarrowed(filter);
  const resend = `/resends/new${ledgerQuery(filter)}`;
  return (
    <div class="list-head">
      <p role="status">
        <strong>
          {many ? `More than ${number(props.mostCounted)} mails` : count(page.total, "mail")}
        </strong>
        {props.about !== null && <bdi>{` ${props.about}`}</bdi>}
        {filter.state === "not-used" &&
          `, accepted ${count(filter.days, "day")} ago or longer and never signed in with`}
        {isNarrowed(filter) && (
          <>
            {" "}
            <a href="/credential-mails">Show all</a>
          </>
        )}
      </p>
      {page.total > 0 && isNarrowed(filter) && props.mayEdit && (
        <a class="button small" href={resend} data-opens>Send again to those</a>
      )}
    </div>
  );
}

function LedgerRow(
  props: { entry: LedgerEntry; times: Times; mayEdit: boolean },
): JSX.Element {
  const { entry, times } = props;
  return (
    <tr id={`mail-${entry.id}`}>
      <td class="who" data-label="Parent">
        <strong>
          <bdi>{entry.name}</bdi>
        </strong>
        <span class="below soft">
          {entry.logonLives
            ? (
              <a href={`/logons?q=${encodeURIComponent(entry.username)}`}>
                <Address>{entry.username}</Address>
              </a>
            )
            : (
              <>
                <Address>{entry.username}</Address> (deleted)
              </>
            )}
        </span>
      </td>
      <td data-label="Asked for">
        <time datetime={entry.askedAt.toISOString()} title={times.full(entry.askedAt)}>
          {times.brief(entry.askedAt)}
        </time>
        {entry.askedBy !== null && (
          <span class="below soft">
            <bdi>{entry.askedBy}</bdi>
          </span>
        )}
      </td>
      <td data-label="Sent">
        {entry.kind === "letter" ? "on paper" : entry.address !== null && (
          <>
            to <Address>{entry.address}</Address>
          </>
        )} <EntryState entry={entry} times={times} />
      </td>
      <td class="deeds">
        <div class="actions">
          {entry.taskId !== null && (
            <a href={`/${entry.kind === "letter" ? "letters" : "bulk-resets"}/${entry.taskId}`}>
              Task<span class="quiet">{` of ${entry.name}`}</span>
            </a>
          )}
          {props.mayEdit && <BounceActions entry={entry} />}
        </div>
      </td>
    </tr>
  );
}

function BounceActions(props: { entry: LedgerEntry }): JSX.Element | null {
  const { entry } = props;
  const href = `/credential-mails/${entry.id}/bounce`;
  const who = <span class="quiet">{`: mail to ${entry.name}`}</span>;
  if (entry.state === "bounced") {
    return (
      <form method="post" action={`${href}/withdrawal`}>
        <button type="submit" class="quiet-button" {...posts(`${href}/withdrawal`)}>
          It did not come back{who}
        </button>
      </form>
    );
  }
  if (entry.state !== "accepted" || entry.kind !== "mail" || entry.firstUsedAt !== null) {
    return null;
  }
  return (
    <a href={href} data-opens>
      It came back{who}
    </a>
  );
}

/** The state in plain words, the mail server's own words, and the first sign-in with it. */
export function EntryState(props: { entry: LedgerEntry; times: Times }): JSX.Element {
  const { entry, times } = props;
  const [label, tone] = (entry.kind === "letter" ? LETTER_STATES[entry.state] : undefined) ??
    STATES[entry.state];
  const answer = entry.state === "bounced" ? entry.bounceWords : entry.answer;
  return (
    <>
      <Chip tone={tone}>{label}</Chip>
      {answer && <span class="below soft">{answer}</span>}
      {entry.firstUsedAt !== null && (
        <span class="below soft">Signed in with it on {times.full(entry.firstUsedAt)}.</span>
      )}
    </>
  );
}

function NoMails(props: { filter: LedgerFilter }): JSX.Element {
  return isNarrowed(props.filter)
    ? (
      <EmptyState icon="search" title="No mail matches">
        <p>
          Try fewer filters, or <a href="/credential-mails">show all mails</a>.
        </p>
      </EmptyState>
    )
    : (
      <EmptyState icon="mail" title="No mails yet">
        <p>
          Whatever is sent with the envelope of a logon or with Bulk Reset is kept here, with what
          became of it.
        </p>
      </EmptyState>
    );
}

function isNarrowed(filter: LedgerFilter): boolean {
  return ledgerFields(filter).length > 0;
}

/** The filter as it stands in the address bar; what it does not say is left out. */
export function ledgerFields(filter: LedgerFilter): (readonly [name: string, value: string])[] {
  const fields = [
    ["q", filter.search],
    ["state", filter.state],
    ["days", filter.state !== "not-used" || filter.days === 7 ? null : filter.days],
    ["kind", filter.kind],
    ["year", filter.year],
    ["group", filter.group],
    ["logon", filter.logon],
    ["task", filter.task],
  ] as const;
  return fields.flatMap(([name, value]) =>
    value === null || value === "" ? [] : [[name, String(value)] as const]
  );
}

/** The query of an address of the ledger, with its question mark. */
export function ledgerQuery(filter: LedgerFilter, place: PlaceInList = {}): string {
  return queryText([
    ...ledgerFields(filter),
    ["after", place.after ?? null],
    ["before", place.before ?? null],
  ]);
}
