// The frame that every office page stands in: who is signed in, and Task Alerts.

import { createHash } from "node:crypto";
import { countAttention } from "../db/attention.ts";
import { type Alerts, listAlerts } from "../db/tasks.ts";
import type { Frame } from "../views/layout.tsx";
import { PortalClosedBanner } from "../views/portal_closed.tsx";
import { TaskAlerts } from "../views/task_alerts.tsx";
import { type Ctx, themeOf } from "./context.ts";
import { mayEdit } from "./guards.ts";

/** What a page needs beside its own content. */
export async function frameOf(c: Ctx): Promise<Frame> {
  const { services, admin } = c.var;
  const [alerts, attention] = await Promise.all([
    listAlerts(services.sql, admin.id),
    countAttention(services.sql, services.clock.today()),
  ]);
  return {
    schoolName: services.config.schoolName,
    theme: themeOf(c),
    admin,
    portalBanner: c.var.settings.portal === "closed"
      ? <PortalClosedBanner mayOpen={admin.role === "Administrator"} />
      : null,
    attention,
    alerts: (
      <TaskAlerts
        alerts={alerts}
        seen={seenOf(alerts)}
        mayEdit={mayEdit(c)}
      />
    ),
  };
}

/** A short sum of all that the alerts show: the poll sends it back, and nothing is drawn while it stays the same. */
export function seenOf({ tasks, more }: Alerts): string {
  const shown = tasks.map((task) => [
    task.id,
    task.state,
    task.step,
    task.done,
    task.total,
    task.cancelAsked,
    task.pauseAsked,
    task.resultName,
    task.facts,
  ]);
  return createHash("sha256").update(JSON.stringify([more, shown])).digest("hex").slice(0, 16);
}
