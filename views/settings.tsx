// Settings: what the school decides for itself.

import type { JSX } from "hono/jsx/jsx-runtime";
import type { SettingName } from "../db/settings.ts";
import { type Frame, Heading, OfficePage } from "./layout.tsx";
import { Field, ProblemSummary } from "./ui.tsx";

/** A setting as the page shows it. */
export type ShownSetting = {
  readonly name: SettingName;
  readonly label: string;
  readonly hint: string;
  readonly value: string;
  readonly numeric: boolean;
  readonly problem?: string | undefined;
};

export function SettingsPage(
  props: { frame: Frame; settings: readonly ShownSetting[]; saved: boolean },
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
        {props.settings.map((setting) => (
          <Field
            name={setting.name}
            label={setting.label}
            hint={setting.hint}
            value={setting.value}
            problem={setting.problem}
            {...(setting.numeric ? { inputmode: "numeric" as const } : {})}
          />
        ))}
        <button type="submit" class="button blue">Save settings</button>
      </form>
    </OfficePage>
  );
}
