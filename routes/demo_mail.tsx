// The demo's mailbox; mounted by the demo alone.

import type { MailCatcher } from "../lib/mail_catcher.ts";
import { DemoMailPage } from "../views/demo_mail.tsx";
import { factory, page, themeOf, timesOf } from "./context.ts";
import { open } from "./guards.ts";
import type { Mount } from "./mod.ts";

/** The mount that shows what the catcher has caught. */
export function demoMail(catcher: MailCatcher): Mount {
  const routes = factory.createApp().get("/", async (c) =>
    await page(
      c,
      <DemoMailPage
        schoolName={c.var.services.config.schoolName}
        theme={themeOf(c)}
        mails={catcher.list()}
        times={timesOf(c)}
      />,
    ));
  return { path: "/demo/mail", guard: open, routes };
}
