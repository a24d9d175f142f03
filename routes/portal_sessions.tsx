// Where a parent is signed in, and ending that there or everywhere else.

import type { Author } from "../db/audit.ts";
import { transaction } from "../db/connect.ts";
import { deleteOwnSession, listOwnSessions, signOutElsewhere } from "../db/portal_sessions.ts";
import { describeDevice } from "../lib/devices.ts";
import { PortalSessionsPage } from "../views/portal_sessions.tsx";
import { type Ctx, factory, page, readId, timesOf } from "./context.ts";
import { notFound } from "./errors.tsx";
import { portalFrame } from "./portal.tsx";
import { networkOf } from "./portal_sign_ins.tsx";

/** What was done just before the page opened. */
const SAID: ReadonlyMap<string, string> = new Map([
  ["one", "That device was signed out."],
  ["others", "You are signed out everywhere else, and no device is remembered any more."],
]);

export const ownSessions = factory.createApp()
  .get("/", async (c) => {
    const { services, settings, parent, sessionHash } = c.var;
    const moment = { at: services.clock.now(), idleMinutes: settings.idle_minutes };
    const found = await listOwnSessions(services.sql, parent.logonId, sessionHash, moment);
    return await page(
      c,
      <PortalSessionsPage
        frame={portalFrame(c)}
        sessions={found.map(({ ip, userAgent, ...session }) => ({
          ...session,
          device: describeDevice(userAgent),
          network: networkOf(c, ip),
        }))}
        times={timesOf(c)}
        said={SAID.get(c.req.query("ended") ?? "")}
      />,
    );
  })
  .post("/deletion", async (c) => {
    const { services, parent, sessionHash } = c.var;
    await transaction(
      services.sql,
      (tx) => signOutElsewhere(tx, parent.logonId, sessionHash, parentOf(c)),
    );
    return c.redirect("/portal/sessions?ended=others", 303);
  })
  .post("/:id/deletion", async (c) => {
    const { services, parent } = c.var;
    const id = readId(c.req.param("id")) ?? notFound();
    await transaction(
      services.sql,
      (tx) => deleteOwnSession(tx, parent.logonId, id, parentOf(c)),
    );
    return c.redirect("/portal/sessions?ended=one", 303);
  });

function parentOf(c: Ctx): Author {
  const { parent, requestId } = c.var;
  return { adminId: null, who: `${parent.firstName} ${parent.surname}`, requestId };
}
