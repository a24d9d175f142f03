// The audit in words: who did what to whom, when, and what was before and after.

import type { JSX } from "hono/jsx/jsx-runtime";
import type { AuditRow, AuditView } from "../db/audit.ts";
import { type Frame, Heading, OfficePage } from "./layout.tsx";
import type { Times } from "./times.ts";
import { EmptyState, Select } from "./ui.tsx";

export function AuditPage(
  props: {
    frame: Frame;
    view: AuditView;
    rows: readonly AuditRow[];
    next: number | null;
    choices: {
      readonly admins: readonly { readonly id: number; readonly name: string }[];
      readonly whats: readonly string[];
      readonly subjects: readonly string[];
    };
    times: Times;
  },
): JSX.Element {
  const { view, rows, next } = props;
  const filtered = toAuditQuery({ ...view, after: null }) !== "";
  return (
    <OfficePage
      frame={props.frame}
      title="Audit"
      place="settings"
      heading={
        <Heading title="Audit" beside={<p class="beside">Who did what, the newest first</p>} />
      }
    >
      <Filters view={view} choices={props.choices} />
      {view.subjectId !== null && (
        <p>
          Only {view.subject ?? "number"} {view.subjectId}.{" "}
          <a href={`/audit${toAuditQuery({ ...view, subjectId: null, after: null })}`}>
            Show all of them
          </a>
        </p>
      )}
      {rows.length === 0
        ? (
          <EmptyState icon="search" title={filtered ? "Nothing fits" : "Nothing yet"}>
            <p>
              {filtered
                ? <a href="/audit">Show everything</a>
                : "Every change that somebody makes is kept here."}
            </p>
          </EmptyState>
        )
        : (
          <ol class="audit" aria-label="Changes">
            {rows.map((row) => <Change row={row} times={props.times} />)}
          </ol>
        )}
      <nav class="pager" aria-label="Pages">
        {view.after !== null && (
          <a class="button" href={`/audit${toAuditQuery({ ...view, after: null })}`}>Newest</a>
        )}
        {next !== null && (
          <a class="button" href={`/audit${toAuditQuery({ ...view, after: next })}`}>Older</a>
        )}
      </nav>
    </OfficePage>
  );
}

function Filters(
  props: { view: AuditView; choices: Parameters<typeof AuditPage>[0]["choices"] },
): JSX.Element {
  const { view, choices } = props;
  return (
    <form method="get" action="/audit" class="audit-filters">
      <Select
        name="who"
        label="Who"
        quiet
        value={view.who === null ? "" : String(view.who)}
        options={[
          ["", "Anybody"],
          ...choices.admins.map(({ id, name }) => [String(id), name] as const),
          ["others", "Parents and the program"],
        ]}
      />
      <Select
        name="what"
        label="What"
        quiet
        value={view.what ?? ""}
        options={[["", "Did anything"], ...choices.whats.map((what) => [what, what] as const)]}
      />
      <Select
        name="subject"
        label="To what"
        quiet
        value={view.subject ?? ""}
        options={[["", "To anything"], ...choices.subjects.map((one) => [one, one] as const)]}
      />
      <button type="submit" class="button">Show</button>
    </form>
  );
}

function Change(props: { row: AuditRow; times: Times }): JSX.Element {
  const { row } = props;
  const changes = changesOf(row.before, row.after);
  return (
    <li>
      <p>
        <time class="soft small" datetime={row.at.toISOString()}>{props.times.full(row.at)}</time>
      </p>
      <p>
        <strong>
          <bdi>{row.who}</bdi>
        </strong>{" "}
        {inThePast(row.what)} <Subject row={row} />
      </p>
      {changes.length > 0 && (
        <dl class="changes">
          {changes.map(({ name, before, after }) => (
            <>
              <dt>{name}</dt>
              <dd>
                {before !== null && <del>{before}</del>}
                {before !== null && after !== null && " → "}
                {after !== null && <ins>{after}</ins>}
              </dd>
            </>
          ))}
        </dl>
      )}
    </li>
  );
}

function Subject(props: { row: AuditRow }): JSX.Element {
  const { subject, subjectId, subjectName, who, what } = props.row;
  if (subjectId === null) return <span class="soft">({subject})</span>;
  const name = subjectName ?? `${subject} ${subjectId}`;
  const query = new URLSearchParams({ subject, id: String(subjectId) });
  // "Olwen Hughes signed in" says it all.
  if (what === "sign in" && subjectName === who) return <></>;
  return (
    <span class="soft">
      ({subject}{" "}
      <a href={`/audit?${query}`}>
        <bdi>{name}</bdi>
      </a>)
    </span>
  );
}

/** The query of a view, with its question mark; empty for everything. */
function toAuditQuery(view: AuditView): string {
  const query = new URLSearchParams();
  if (view.who !== null) query.set("who", String(view.who));
  if (view.what !== null) query.set("what", view.what);
  if (view.subject !== null) query.set("subject", view.subject);
  if (view.subjectId !== null) query.set("id", String(view.subjectId));
  if (view.after !== null) query.set("after", String(view.after));
  const text = query.toString();
  return text === "" ? "" : `?${text}`;
}

/** Verbs that do not end in "ed". */
const IRREGULAR: ReadonlyMap<string, string> = new Map([
  ["choose", "chose"],
  ["forget", "forgot"],
  ["keep", "kept"],
  ["make", "made"],
  ["send", "sent"],
  ["set", "set"],
  ["take", "took"],
  ["undo", "undid"],
  ["put", "put"],
]);

/** "edit logon" as "edited logon"; "no longer require …" keeps its adverb. */
export function inThePast(what: string): string {
  const adverb = /^no longer /.exec(what)?.[0] ?? "";
  const [verb = "", ...rest] = what.slice(adverb.length).split(" ");
  return adverb + [past(verb), ...rest].join(" ");
}

function past(verb: string): string {
  const known = IRREGULAR.get(verb);
  if (known !== undefined) return known;
  if (verb.endsWith("e")) return `${verb}d`;
  if (/[^aeiou]y$/.test(verb)) return `${verb.slice(0, -1)}ied`;
  // "cancel", "stop": one vowel and one consonant at the end.
  return /^(cancel|stop|drop|commit|refer)$/.test(verb) ? `${verb}${verb.at(-1)}ed` : `${verb}ed`;
}

type ShownChange = {
  readonly name: string;
  readonly before: string | null;
  readonly after: string | null;
};

/** What differs, field by field, in words. */
export function changesOf(before: unknown, after: unknown): ShownChange[] {
  const [old, now] = [fieldsOf(before), fieldsOf(after)];
  return [...new Set([...Object.keys(old), ...Object.keys(now)])].flatMap((key) => {
    const [from, to] = [worded(old[key]), worded(now[key])];
    return from === to ? [] : [{ name: inWords(key), before: from, after: to }];
  });
}

function fieldsOf(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null
    ? Object.fromEntries(Object.entries(value))
    : value === null || value === undefined
    ? {}
    : { value };
}

/** "leaverDays" and "leaver_days" as "leaver days". */
function inWords(key: string): string {
  return key.replace(/([a-z])([A-Z])/g, "$1 $2").replaceAll("_", " ").toLowerCase();
}

function worded(value: unknown): string | null {
  if (value === null || value === undefined || value === "") return null;
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (Array.isArray(value)) return value.map((one) => worded(one) ?? "—").join(", ") || null;
  if (typeof value === "object") {
    return Object.entries(value).map(([key, one]) => `${inWords(key)} ${worded(one) ?? "—"}`)
      .join(", ") || null;
  }
  return String(value);
}
