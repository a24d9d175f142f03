// "How did you check who is asking?": the question before whatever a stranger on the telephone might want.

import type { JSX } from "hono/jsx/jsx-runtime";
import type { CallerInput, CallerProblems } from "../db/caller_checks.ts";
import { Field, Select } from "./ui.tsx";

export type CallerQuestion = {
  readonly checks: readonly string[];
  readonly input: CallerInput;
  readonly problems: CallerProblems;
};

/** What is wrong with the answer, for the summary on top. */
export function problemsOf(question: CallerQuestion | undefined): (readonly [string, string])[] {
  const { checked, note } = question?.problems ?? {};
  return [
    ...(checked ? [["checked", checked] as const] : []),
    ...(note ? [["note", note] as const] : []),
  ];
}

export function CallerCheck(props: CallerQuestion): JSX.Element {
  const { input, problems } = props;
  const options = [
    ["", "Choose one"] as const,
    ...props.checks.map((check) => [check, check] as const),
  ];
  return (
    <>
      <div class={problems.checked ? "wrong" : undefined}>
        <Select
          name="checked"
          label="How did you check who is asking?"
          value={input.checked}
          options={options}
          more={problems.checked
            ? { "aria-invalid": "true", "aria-describedby": "field-checked-problem" }
            : {}}
        />
        {problems.checked && <p class="problem" id="field-checked-problem">{problems.checked}</p>}
      </div>
      <Field
        name="note"
        label="What you asked, or who vouched"
        hint="Kept in the audit. Needed where you chose “other”."
        value={input.note}
        problem={problems.note}
      />
    </>
  );
}
