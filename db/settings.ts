// What the school decides for itself: each setting once, with its default and its limits.

import { keepingPlans, type Queryable } from "./connect.ts";
import { isStorable } from "./storable.ts";

type Setting = {
  /** Under which heading of the Settings page. */
  readonly group: string;
  readonly label: string;
  readonly hint: string;
  readonly standard: number | string;
  /** Limits of a number, both included; the longest a text may be. */
  readonly least?: number;
  readonly most: number;
  /** Where a text can be one of few only. */
  readonly options?: readonly string[];
};

/** In the order of the Settings page, group by group. */
export const SETTINGS = {
  portal: {
    group: "The Parent Portal",
    label: "The Parent Portal is",
    hint: "While it is closed nobody signs in or goes on there; the office works as always",
    standard: "open",
    most: 6,
    options: ["open", "closed"],
  },
  portal_message: {
    group: "The Parent Portal",
    label: "What parents read while it is closed",
    hint: "Why, and when it opens again; may be left empty",
    standard: "",
    most: 300,
  },
  office_phone: {
    group: "The Parent Portal",
    label: "Whom parents ring",
    hint: "Shown on the portal’s sign-in page, for example: 01632 960123, weekdays 8 to 4",
    standard: "",
    most: 120,
  },
  leaver_days: {
    group: "The Parent Portal",
    label: "Days a parent still sees a leaver",
    hint: "Counted from the day the learner left",
    standard: 90,
    least: 0,
    most: 730,
  },
  remember_device_days: {
    group: "The Parent Portal",
    label: "Days a parent’s device can be remembered",
    hint: "So long it is not asked for a code again, where the parent wants that; 0 for never",
    standard: 30,
    least: 0,
    most: 90,
  },
  mail_opening: {
    group: "Mails with login details",
    label: "First line of mails with login details",
    hint: "The school’s own words after “Dear …”; may be left empty",
    standard: "",
    most: 300,
  },
  mail_closing: {
    group: "Mails with login details",
    label: "Last line of mails with login details",
    hint: "The school’s own words before its name; may be left empty",
    standard: "",
    most: 300,
  },
  shortest_password: {
    group: "Passwords and sessions",
    label: "Shortest password, in characters",
    hint: "For passwords that people choose; at least 12",
    standard: 12,
    least: 12,
    most: 40,
  },
  temporary_password_days: {
    group: "Passwords and sessions",
    label: "Days a temporary password works",
    hint: "After that the parent needs a new one",
    standard: 7,
    least: 1,
    most: 60,
  },
  letter_days: {
    group: "Passwords and sessions",
    label: "Days the code of a printed letter works",
    hint: "Counted from the day the letter is made, which names the last day",
    standard: 30,
    least: 7,
    most: 90,
  },
  idle_minutes: {
    group: "Passwords and sessions",
    label: "Minutes until an idle session ends",
    hint: "For the office and for parents",
    standard: 30,
    least: 5,
    most: 240,
  },
  session_hours: {
    group: "Passwords and sessions",
    label: "Hours until every session ends",
    hint: "However busy it is",
    standard: 12,
    least: 1,
    most: 24,
  },
  admin_tfa: {
    group: "Passwords and sessions",
    label: "Two factor authentication of admins",
    hint: "Where it is required, each sets it up at the next sign-in, before anything else",
    standard: "optional",
    most: 20,
    options: ["optional", "required"],
  },
  feed_errors: {
    group: "Feeds",
    label: "Faulty records a nightly feed may have",
    hint: "With more, nothing is written before somebody has looked; the faulty ones are left out",
    standard: 10,
    least: 0,
    most: 10000,
  },
  restore_days: {
    group: "How long things are kept",
    label: "Days a deleted logon can be restored",
    hint: "Then it is gone for good",
    standard: 30,
    least: 1,
    most: 365,
  },
  file_days: {
    group: "How long things are kept",
    label: "Days the files of tasks are kept",
    hint: "Files that were sent in, and what came of them; counted from when each was made",
    standard: 30,
    least: 1,
    most: 365,
  },
  sign_in_months: {
    group: "How long things are kept",
    label: "Months the record of sign-ins is kept",
    hint: "Older ones go for good, in the next hours; Times logged in and Last logon stay",
    standard: 24,
    least: 6,
    most: 120,
  },
  ledger_months: {
    group: "How long things are kept",
    label: "Months it is kept who was sent what",
    hint: "Older mails, letters and notices go for good, but for the newest of each logon",
    standard: 24,
    least: 6,
    most: 120,
  },
  audit_years: {
    group: "How long things are kept",
    label: "Years the audit is kept",
    hint: "Who of the office changed what; older changes go for good",
    standard: 6,
    least: 1,
    most: 20,
  },
} as const satisfies Record<string, Setting>;

export type SettingName = keyof typeof SETTINGS;
export type SchoolSettings = {
  readonly [K in SettingName]: (typeof SETTINGS)[K]["standard"] extends number ? number : string;
};

/** Every setting as it is now: stored, else its default. */
export async function findSettings(sql: Queryable): Promise<SchoolSettings> {
  const rows = await keepingPlans(sql)<
    { name: string; value: unknown }[]
  >`select name, value from settings`;
  const stored = new Map(rows.map((row) => [row.name, row.value]));
  const entries = Object.entries(SETTINGS).map(([name, setting]) => {
    const value = stored.get(name);
    return [name, typeof value === typeof setting.standard ? value : setting.standard];
  });
  return Object.fromEntries(entries);
}

/** What is wrong with the texts that somebody typed for the settings, by name; and the values of those that are right. */
export function checkSettings(
  typed: (name: SettingName) => string,
): { problems: Partial<Record<SettingName, string>>; values: Record<string, number | string> } {
  const problems: Partial<Record<SettingName, string>> = {};
  const values: Record<string, number | string> = {};
  for (const name of settingNames()) {
    const setting: Setting = SETTINGS[name];
    const text = typed(name).trim();
    if (typeof setting.standard === "string") {
      if (setting.options?.includes(text) === false) {
        problems[name] = `Choose one of: ${setting.options.join(", ")}.`;
      } else if (!isStorable(text)) problems[name] = "Use letters, figures and spaces only.";
      else if (text.length > setting.most) {
        problems[name] = `Enter at most ${setting.most} characters.`;
      } else values[name] = text;
      continue;
    }
    const value = Number(text);
    const fits = /^\d+$/.test(text) && value >= (setting.least ?? 0) && value <= setting.most;
    if (fits) values[name] = value;
    else problems[name] = `Enter a whole number from ${setting.least ?? 0} to ${setting.most}.`;
  }
  return { problems, values };
}

/** Stores settings that {@link checkSettings} found right. */
export async function editSettings(
  sql: Queryable,
  values: Readonly<Record<string, number | string>>,
  adminId: number,
): Promise<void> {
  await sql`
    insert into settings (name, value, changed_by)
    select key, value, ${adminId} from jsonb_each(${sql.json(values)})
    on conflict (name) do update
      set value = excluded.value, changed_by = excluded.changed_by, changed_at = now()
      where settings.value is distinct from excluded.value`;
}

export function settingNames(): SettingName[] {
  return Object.keys(SETTINGS).filter((name): name is SettingName => name in SETTINGS);
}
