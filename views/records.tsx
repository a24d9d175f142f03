// The page of one learner or contact: its heading, its record with the history below, and what a change of it answers.

import type { Child } from "hono/jsx";
import type { JSX } from "hono/jsx/jsx-runtime";
import type { HistoryEntry } from "../db/history.ts";
import { History } from "./history.tsx";
import { type Frame, Heading, OfficePage } from "./layout.tsx";
import { HEADING, Partial, RECORD, TOASTS } from "./swap.tsx";
import type { Times } from "./times.ts";
import { fullName, Toast } from "./ui.tsx";

/** What every record shows beside its own. */
export type RecordProps = {
  history: readonly HistoryEntry[];
  mostHistory: number;
  times: Times;
  mayEdit: boolean;
};

/** Whose record it is, and in which list it stands. */
type Whose = {
  of: { readonly id: number; readonly firstName: string; readonly surname: string };
  place: "learners" | "contacts";
};

/** The page. */
export function RecordPage(
  props: Whose & { frame: Frame; options: Child; dialog?: Child; toasts?: Child; children: Child },
): JSX.Element {
  return (
    <OfficePage
      frame={props.frame}
      title={fullName(props.of)}
      place={props.place}
      home={`/${props.place}/${props.of.id}`}
      options={props.options}
      dialog={props.dialog}
      toasts={props.toasts}
      heading={<RecordHeading of={props.of} place={props.place} />}
    >
      {props.children}
    </OfficePage>
  );
}

/** What a change answers: the record as it is now, and a toast that says what was done. */
export function RecordChanged(
  props: Whose & { record: Child; children: Child; stays?: boolean },
): JSX.Element {
  return (
    <>
      <Partial target={RECORD}>{props.record}</Partial>
      <Partial target={HEADING}>
        <RecordHeading of={props.of} place={props.place} />
      </Partial>
      <Partial target={TOASTS} swap="beforeend">
        <Toast stays={props.stays ?? false}>{props.children}</Toast>
      </Partial>
    </>
  );
}

function RecordHeading({ of, place }: Whose): JSX.Element {
  return (
    <Heading
      title={fullName(of)}
      beside={
        <p class="beside">
          <a href={`/${place}`}>{place === "learners" ? "Learners" : "Contacts"}</a>
        </p>
      }
    />
  );
}

/** The parts of a record, and who changed what of it. */
export function RecordParts(props: RecordProps & { children: Child }): JSX.Element {
  return (
    <div id="record" class="record">
      {props.children}
      <History entries={props.history} times={props.times} most={props.mostHistory} />
    </div>
  );
}

/** A label with what it says. */
export function Detail(props: { label: string; children: Child }): JSX.Element {
  return (
    <div>
      <dt>{props.label}</dt>
      <dd>{props.children}</dd>
    </div>
  );
}
