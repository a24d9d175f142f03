// Settings, for administrators.

import { addAudit } from "../db/audit.ts";
import { transaction } from "../db/connect.ts";
import {
  checkSettings,
  editSettings,
  type SettingName,
  settingNames,
  SETTINGS,
} from "../db/settings.ts";
import { SettingsPage, type ShownSetting } from "../views/settings.tsx";
import { authorOf, type Ctx, factory, page, readForm } from "./context.ts";
import { frameOf } from "./frame.tsx";

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

function optionsOf(name: SettingName): readonly string[] {
  const setting = SETTINGS[name];
  return "options" in setting ? setting.options : [];
}

async function settingsPage(
  c: Ctx,
  value: (name: SettingName) => string,
  problems: Partial<Record<SettingName, string>>,
  saved: boolean,
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
    <SettingsPage frame={await frameOf(c)} settings={shown} saved={saved} />,
    Object.keys(problems).length > 0 ? 422 : 200,
  );
}
