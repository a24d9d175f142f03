// Settings, for administrators.

import { addAudit } from "../db/audit.ts";
import { transaction } from "../db/connect.ts";
import { countOlder, KEEPING, type Keeping } from "../db/record_purges.ts";
import {
  checkSettings,
  editSettings,
  type SettingName,
  settingNames,
  SETTINGS,
} from "../db/settings.ts";
import { SettingsPage, type ShownSetting } from "../views/settings.tsx";
import { count } from "../views/times.ts";
import { authorOf, type Ctx, factory, page, readForm } from "./context.ts";
import { frameOf } from "./frame.tsx";

/** What a school would lose for good that keeps it for a shorter time. */
const LOSSES: Readonly<Record<keyof Keeping, (rows: number) => string>> = {
  restore_days: (rows) =>
    count(rows, "deleted logon or line of a feed", "deleted logons and lines of feeds"),
  sign_in_months: (rows) => count(rows, "sign-in"),
  ledger_months: (rows) => count(rows, "record of what was sent", "records of what was sent"),
  audit_years: (rows) => count(rows, "change in the audit", "changes in the audit"),
};

export const settings = factory.createApp()
  .get("/", async (c) => {
    const now = c.var.settings;
    return await settingsPage(c, (name) => String(now[name]), {}, c.req.query("saved") === "yes");
  })
  .post("/", async (c) => {
    const form = await readForm(c);
    const typed = Object.fromEntries(settingNames().map((name) => [name, form.text(name)]));
    const text = (name: SettingName): string => typed[name] ?? "";
    const { problems, values } = checkSettings(text);
    if (Object.keys(problems).length > 0) return await settingsPage(c, text, problems, false);
    const before = { ...c.var.settings };
    const losing = losingOf(values);
    if (form.text("losing") !== losing) {
      const losses = await lossesOf(c, values);
      if (Object.keys(losses).length > 0) return await settingsPage(c, text, losses, false, losing);
    }
    await transaction(c.var.services.sql, async (tx) => {
      await editSettings(tx, values, c.var.admin.id);
      await addAudit(tx, [{
        ...authorOf(c),
        what: "edit settings",
        subject: "settings",
        subjectId: null,
        before,
        after: values,
      }]);
    });
    return c.redirect("/settings?saved=yes", 303);
  });

/** What somebody says yes to who says that records may go. */
function losingOf(values: Readonly<Record<string, number | string>>): string {
  return KEEPING.map((name) => values[name]).join(" ");
}

/** What would go for good in the next hours that is still kept by the settings there are, beside each. */
async function lossesOf(
  c: Ctx,
  values: Readonly<Record<string, number | string>>,
): Promise<Partial<Record<SettingName, string>>> {
  const { services: { sql, clock, config }, settings: now } = c.var;
  const shorter = KEEPING.filter((name) => Number(values[name]) < now[name]);
  if (shorter.length === 0) return {};
  const older = await countOlder(
    sql,
    { at: clock.now(), today: clock.today(), timeZone: config.timeZone },
    { ...now, ...Object.fromEntries(shorter.map((name) => [name, Number(values[name])])) },
  );
  return Object.fromEntries(
    shorter.filter((name) => older[name] > 0).map((name) => [
      name,
      `With this, ${
        LOSSES[name](older[name])
      } would go for good in the next hours. If that is meant, tick the box at the end.`,
    ]),
  );
}

function optionsOf(name: SettingName): readonly string[] {
  const setting = SETTINGS[name];
  return "options" in setting ? setting.options : [];
}

async function settingsPage(
  c: Ctx,
  value: (name: SettingName) => string,
  problems: Partial<Record<SettingName, string>>,
  saved: boolean,
  losing?: string,
): Promise<Response> {
  const shown = settingNames().map((name): ShownSetting => ({
    name,
    group: SETTINGS[name].group,
    label: SETTINGS[name].label,
    hint: SETTINGS[name].hint,
    numeric: typeof SETTINGS[name].standard === "number",
    value: value(name),
    options: optionsOf(name),
    problem: problems[name],
  }));
  return await page(
    c,
    <SettingsPage frame={await frameOf(c)} settings={shown} saved={saved} losing={losing} />,
    Object.keys(problems).length > 0 ? 422 : 200,
  );
}
