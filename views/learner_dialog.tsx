// The window of a learner: adding and editing one.

import type { JSX } from "hono/jsx/jsx-runtime";
import type { LearnerField, LearnerInput, LearnerProblems } from "../db/learner_rules.ts";
import { NameFields } from "./person_fields.tsx";
import { Conflict, SaveDialog } from "./save_dialog.tsx";
import { Field, inOrder, Select } from "./ui.tsx";

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
  const listed = inOrder(FIELD_ORDER, problems);
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
    <SaveDialog
      title={edited ? "Edit Learner" : "Add Learner"}
      home={home}
      action={home}
      problems={listed}
      before={edited && <input type="hidden" name="version" value={String(edited.version)} />}
    >
      <Conflict of="learner">{form.conflict}</Conflict>
      <NameFields
        values={values}
        problems={problems}
        first={listed.length === 0 && form.conflict === undefined}
      />
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
    </SaveDialog>
  );
}
