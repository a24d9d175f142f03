// Merging two logons of one adult: finding the other, and both side by side before it is done.

import type { JSX } from "hono/jsx/jsx-runtime";
import type { MergeOption, MergeSide } from "../db/logon_merges.ts";
import { searchesInDialog, submitsInDialog } from "./swap.tsx";
import { count, number, type Times } from "./times.ts";
import {
  Address,
  Cancel,
  ConfirmPassword,
  DialogContent,
  DialogFoot,
  fullName,
  Icon,
  Name,
  ProblemSummary,
} from "./ui.tsx";

export type MergeSearch = {
  readonly logon: MergeSide;
  readonly search: string;
  readonly suggestions: readonly MergeOption[];
  readonly found: readonly MergeOption[];
  readonly query: string;
};

/** The first question: which is the other logon of the same adult. */
export function MergeSearchDialog(props: MergeSearch): JSX.Element {
  const { logon, search, suggestions, found } = props;
  const action = `/logons/${logon.id}/merge`;
  return (
    <DialogContent title="Merge logons">
      <div class="body">
        <p>
          Which is the other logon of <Name of={logon} /> (<Address>{logon.username}</Address>)?
        </p>
        {suggestions.length > 0 && (
          <section class="stack" aria-label="Likely the same adult">
            <h3>Likely the same adult</h3>
            <MergeOptions of={suggestions} id={logon.id} />
          </section>
        )}
        <form method="get" action={action} class="stack" {...searchesInDialog(action)}>
          <div class="field">
            <label for="field-merge_q">Search</label>
            <input
              id="field-merge_q"
              name="merge_q"
              type="search"
              value={search}
              placeholder="Name, email, username or learner"
              autocomplete="off"
              spellcheck={false}
              maxlength={200}
              autofocus
            />
          </div>
          <button type="submit" class="button small">
            <Icon name="search" /> Search
          </button>
        </form>
        {found.length > 0
          ? <MergeOptions of={found} id={logon.id} />
          : search !== "" && (
            <p class="hint" role="status">
              No other logon matches <bdi>“{search}”</bdi>. Try fewer letters.
            </p>
          )}
      </div>
      <DialogFoot>
        <Cancel href={`/logons${props.query}`} />
      </DialogFoot>
    </DialogContent>
  );
}

function MergeOptions(props: { of: readonly MergeOption[]; id: number }): JSX.Element {
  return (
    <ul class="offered">
      {props.of.map((option) => {
        const href = `/logons/${props.id}/merge?with=${option.id}`;
        return (
          <li>
            <span>
              <Name of={option} />{" "}
              <span class="soft">
                <Address>{option.username}</Address>
                {option.email !== null && option.email !== option.username && (
                  <>
                    , <Address>{option.email}</Address>
                  </>
                )}
              </span>
            </span>
            <a
              class="button small"
              href={href}
              aria-label={`Choose ${fullName(option)}, ${option.username}`}
              data-opens
            >
              Choose
            </a>
          </li>
        );
      })}
    </ul>
  );
}

export type MergeForm = {
  readonly sides: readonly [MergeSide, MergeSide];
  /** Which of the two is kept. */
  readonly keep: number;
  readonly confirm: boolean;
  readonly problem?: string | undefined;
  /** Somebody else was quicker. */
  readonly conflict?: string | undefined;
  readonly query: string;
};

/** The second question: which one is kept, with both side by side, and what will be. */
export function MergeDialog(props: { form: MergeForm; times: Times }): JSX.Element {
  const { form, times } = props;
  const [one, other] = form.sides;
  const action = `/logons/${one.id}/merge`;
  const kept = form.keep === other.id ? other : one;
  const closed = kept === one ? other : one;
  const [lastDay = null] = form.sides.flatMap(({ expiresOn }) => expiresOn ?? []).sort();
  const turned = `/logons/${one.id}/merge?with=${other.id}&keep=${closed.id}`;
  return (
    <DialogContent title="Merge logons" wide>
      <form method="post" action={action} novalidate {...submitsInDialog(action)}>
        <input type="hidden" name="with" value={String(other.id)} />
        <input type="hidden" name="keep" value={String(kept.id)} />
        <input type="hidden" name="query" value={form.query} />
        {form.sides.map((side) => (
          <input type="hidden" name={`version_${side.id}`} value={String(side.version)} />
        ))}
        <div class="body">
          <ProblemSummary
            problems={form.problem === undefined ? [] : [["own_password", form.problem]]}
          />
          {form.conflict !== undefined && <p class="notice" role="alert">{form.conflict}</p>}
          {kept.firstName.toLowerCase() !== closed.firstName.toLowerCase() && (
            <p class="notice">
              They have different first names. Merge them only if both are the same adult.
            </p>
          )}
          <Sides kept={kept} closed={closed} times={times} />
          <ul class="facts">
            <li>
              <Address>{kept.username}</Address>{" "}
              keeps its username, password and two factor authentication
              {kept.tfa === "off" && closed.tfa !== "off" &&
                ", which will be required from the next sign-in"}.
            </li>
            <li>
              <Address>{closed.username}</Address>{" "}
              is closed for good: whoever is signed in with it is signed out, it cannot be restored,
              and its address gets a notice.
            </li>
            {kept.isSuspended || closed.isSuspended
              ? <li>It will be suspended, as one of the two is.</li>
              : null}
            {lastDay !== null && (
              <li>Its last day will be {times.day(new Date(`${lastDay}T12:00:00Z`))}.</li>
            )}
          </ul>
          <ConfirmPassword needed={form.confirm} problem={form.problem} />
        </div>
        <DialogFoot>
          <a class="button start" href={turned} data-opens>Keep the other one</a>
          <Cancel href={`/logons${form.query}`} />
          <button type="submit" class="button red" autofocus={!form.confirm}>Merge</button>
        </DialogFoot>
      </form>
    </DialogContent>
  );
}

function Sides(
  props: { kept: MergeSide; closed: MergeSide; times: Times },
): JSX.Element {
  const { kept, closed, times } = props;
  const blocked = new Set([...kept.blockedIds, ...closed.blockedIds]);
  const learners = [...kept.learners, ...closed.learners]
    .filter((learner, at, all) => all.findIndex((one) => one.id === learner.id) === at);
  const seen = learners.filter((learner) => !blocked.has(learner.id));
  const lost = learners.filter((learner) => blocked.has(learner.id));
  const rows: readonly (readonly [
    string,
    JSX.Element | string,
    JSX.Element | string,
    JSX.Element | string,
  ])[] = [
    ["Name", <Name of={kept} />, <Name of={closed} />, <Name of={kept} />],
    [
      "Username",
      <Address>{kept.username}</Address>,
      <Address>{closed.username}</Address>,
      <Address>{kept.username}</Address>,
    ],
    ["Email", emailOf(kept.email), emailOf(closed.email), emailOf(kept.email ?? closed.email)],
    [
      "Linked to",
      namesOf(kept.learners),
      namesOf(closed.learners),
      lost.length === 0 ? namesOf(seen) : `${namesOf(seen)}; blocked: ${namesOf(lost)}`,
    ],
    [
      "Times logged in",
      number(kept.timesLoggedIn),
      number(closed.timesLoggedIn),
      number(kept.timesLoggedIn + closed.timesLoggedIn),
    ],
    [
      "Last logon",
      lastOf(kept.lastLogon, times),
      lastOf(closed.lastLogon, times),
      lastOf(latest(kept.lastLogon, closed.lastLogon), times),
    ],
    [
      "TFA",
      kept.tfa,
      closed.tfa,
      kept.tfa === "off" && closed.tfa !== "off" ? "required" : kept.tfa,
    ],
    [
      "Ledger",
      count(kept.mails, "mail"),
      count(closed.mails, "mail"),
      count(kept.mails + closed.mails, "mail"),
    ],
  ];
  return (
    <table class="sides">
      <caption class="quiet">Both logons, and what will be</caption>
      <thead>
        <tr>
          <th scope="col">
            <span class="quiet">What</span>
          </th>
          <th scope="col">Kept</th>
          <th scope="col">Closed</th>
          <th scope="col">Will be</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(([label, one, other, will]) => (
          <tr>
            <th scope="row">{label}</th>
            <td data-label="Kept">{one}</td>
            <td data-label="Closed">{other}</td>
            <td data-label="Will be">
              <strong>{will}</strong>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function emailOf(email: string | null): JSX.Element | string {
  return email === null ? "none" : <Address>{email}</Address>;
}

function namesOf(learners: MergeSide["learners"]): string {
  return learners.length === 0 ? "nobody" : learners.map(fullName).join(", ");
}

function lastOf(at: Date | null, times: Times): string {
  return at === null ? "never" : times.brief(at);
}

function latest(one: Date | null, other: Date | null): Date | null {
  if (one === null || other === null) return one ?? other;
  return one > other ? one : other;
}

/** In a logon's window. */
export function MergeLink(props: { id: number; query: string }): JSX.Element {
  const href = `/logons/${props.id}/merge${props.query}`;
  return (
    <p class="window-links">
      <a href={href} data-opens>Merge with another logon of the same adult</a>
    </p>
  );
}
