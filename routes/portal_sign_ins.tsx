// A parent's own sign-in history.

import { listOwnSignIns } from "../db/portal_sign_ins.ts";
import { householdOf } from "../lib/addresses.ts";
import { describeDevice } from "../lib/devices.ts";
import { OwnSignIns, PortalSignInsPage, type ShownSignIn } from "../views/portal_sign_ins.tsx";
import { answer, type Ctx, factory, readId, timesOf } from "./context.ts";
import { portalFrame } from "./portal.tsx";

export const portalSignIns = factory.createApp()
  .get("/", async (c) => {
    const { services, parent } = c.var;
    const { rows, previous, next } = await listOwnSignIns(services.sql, parent.logonId, {
      after: readId(c.req.query("after")),
      before: readId(c.req.query("before")),
    });
    const list = {
      signIns: rows.map(({ userAgent, ip, ...row }): ShownSignIn => ({
        ...row,
        device: describeDevice(userAgent),
        network: networkOf(c, ip),
      })),
      page: { previous, next },
      times: timesOf(c),
    };
    return await answer(c, {
      page: () => <PortalSignInsPage frame={portalFrame(c)} list={list} />,
      piece: () => <OwnSignIns {...list} />,
    });
  });

/** All that can honestly be said of a place: whether it is the household that asks, else the address itself. */
export function networkOf(c: Ctx, ip: string | null): "here" | { address: string } | null {
  if (ip === null) return null;
  return householdOf(ip) === householdOf(c.var.visitor.ip) ? "here" : { address: ip };
}
