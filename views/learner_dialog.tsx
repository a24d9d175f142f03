// The window of a learner: adding and editing one.

import type { JSX } from "hono/jsx/jsx-runtime";
import type { LearnerField, LearnerInput, LearnerProblems } from "../db/learner_rules.ts";
import { submitsInDialog } from "./swap.tsx";
import { Cancel, DialogContent, DialogFoot, Field, ProblemSummary, Select } from "./ui.tsx";

export type LearnerForm = {
  readonly values: LearnerInput;
  readonly problems: LearnerProblems;
  /** Of the learner being edited; absent where one is being added. */
  readonly edited?: { readonly id: number; readonly version: number };
  /** What somebody else changed while this window was open. */
  readonly conflict?: string | undefined;
  readonly statuses: readonly string[];
  readonly years: readonly string[];
  readonly registrationGroups: readonly string[];
};

const FIELD_ORDER: readonly LearnerField[] = [
  "firstName",
  "surname",
  "admissionNumber",
  "upn",
  "dateOfBirth",
  "yearGroup",
  "registrationGroup",
  "status",
  "leftOn",
];

/** Add Learner, and the same window filled in. */
export function LearnerDialog({ form }: { form: LearnerForm }): JSX.Element {
  const { values, problems, edited } = form;
  const home = edited ? `/learners/${edited.id}` : "/learners";
  const listed = FIELD_ORDER.flatMap((field) => {
    const sentence = problems[field];
    return sentence === undefined ? [] : [[field, sentence] as const];
  });
  function line(
    name: LearnerField,
    label: string,
    more: Partial<Parameters<typeof Field>[0]> = {},
  ): JSX.Element {
    return (
      <Field name={name} label={label} value={values[name]} problem={problems[name]} {...more} />
    );
  }
  return (
    <DialogContent title={edited ? "Edit Learner" : "Add Learner"} home={home}>
      <form
        method="post"
        action={home}
        novalidate
        data-asks-before-leaving=""
        {...submitsInDialog(home)}
      >
        {edited && <input type="hidden" name="version" value={String(edited.version)} />}
        <div class="body">
          <ProblemSummary problems={listed} />
          {form.conflict !== undefined && <Conflict of="learner">{form.conflict}</Conflict>}
          <div class="pair">
            {line("firstName", "First name", {
              required: true,
              autofocus: listed.length === 0 && form.conflict === undefined,
            })}
            {line("surname", "Surname", { required: true })}
          </div>
          <div class="pair">
            {line("admissionNumber", "Admission number", { required: true, spellcheck: false })}
            {line("upn", "UPN", { spellcheck: false })}
          </div>
          {line("dateOfBirth", "Date of birth", { type: "date" })}
          <div class="pair">
            {line("yearGroup", "Year group", { suggestions: form.years })}
            {line("registrationGroup", "Registration group", {
              suggestions: form.registrationGroups,
            })}
          </div>
          <div class="pair">
            <Select
              name="status"
              label="Status"
              value={values.status}
              options={form.statuses.map((status) => [status, status] as const)}
            />
            {line("leftOn", "Left on", { type: "date" })}
          </div>
        </div>
        <DialogFoot>
          <Cancel href={home} />
          <button type="submit" class="button blue">Save</button>
        </DialogFoot>
      </form>
    </DialogContent>
  );
}

/** Somebody else was quicker: what they changed, before saving again is a choice. */
export function Conflict(props: { of: string; children: string }): JSX.Element {
  return (
    <div class="summary" role="alert" tabindex={-1} autofocus>
      <h3>Somebody else has changed this {props.of}</h3>
      <p>{props.children}</p>
    </div>
  );
}
