// Settings: what the school decides for itself.

import type { JSX } from "hono/jsx/jsx-runtime";
import type { SettingName } from "../db/settings.ts";
import { type Frame, Heading, OfficePage } from "./layout.tsx";
import { Field, ProblemSummary, Select } from "./ui.tsx";

/** A setting as the page shows it. */
export type ShownSetting = {
  readonly name: SettingName;
  readonly group: string;
  readonly label: string;
  readonly hint: string;
  readonly value: string;
  readonly numeric: boolean;
  /** Where it can be one of few only; empty for whatever fits. */
  readonly options: readonly string[];
  readonly problem?: string | undefined;
};

export function SettingsPage(
  props: {
    frame: Frame;
    settings: readonly ShownSetting[];
    saved: boolean;
    /** Where records would go for good: what is sent back by whoever means it. */
    losing: string | undefined;
  },
): JSX.Element {
  const problems = props.settings.flatMap((setting) =>
    setting.problem === undefined ? [] : [[setting.name, setting.problem] as const]
  );
  return (
    <OfficePage
      frame={props.frame}
      title={problems.length > 0 ? "Error: Settings" : "Settings"}
      place="settings"
      heading={<Heading title="Settings" />}
    >
      <p class="under-heading">
        <a href="/settings/mails">What the mails look like</a>
      </p>
      {props.saved && <p class="notice green" role="status">The settings were saved.</p>}
      <form method="post" action="/settings" class="card" novalidate>
        <ProblemSummary problems={problems} />
        {[...Map.groupBy(props.settings, ({ group }) => group)].map(([group, settings]) => (
          <fieldset class="stack">
            <legend>
              <h2>{group}</h2>
            </legend>
            {settings.map((setting) => <SettingField setting={setting} />)}
          </fieldset>
        ))}
        {props.losing !== undefined && (
          <div class="tick">
            <input type="checkbox" id="field-losing" name="losing" value={props.losing} />
            <label for="field-losing">
              Remove these records for good
              <span class="hint">
                Nobody can bring them back. Export first what is still needed.
              </span>
            </label>
          </div>
        )}
        <button type="submit" class="button blue">Save settings</button>
      </form>
      <section class="card">
        <h2>People and what they did</h2>
        <p>
          <a class="button" href="/admins">Admins</a>
        </p>
        <p>
          <a class="button" href="/audit">Audit</a>
        </p>
      </section>
    </OfficePage>
  );
}

function SettingField(props: { setting: ShownSetting }): JSX.Element {
  const { name, label, hint, value, problem, numeric, options } = props.setting;
  if (options.length > 0) {
    const choices = options.map((option) => [option, option] as const);
    return <Select {...{ name, label, hint, value, problem }} options={choices} />;
  }
  return (
    <Field
      name={name}
      label={label}
      hint={hint}
      value={value}
      problem={problem}
      {...(numeric ? { inputmode: "numeric" as const } : {})}
    />
  );
}
