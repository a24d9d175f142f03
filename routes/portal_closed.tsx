// While the school has closed the portal, its message stands in the place of every page there; sessions wait.

import { PortalClosedPage } from "../views/portal_closed.tsx";
import { factory, page, wantsPiece } from "./context.ts";
import type { Guard } from "./guards.ts";
import { portalFrame } from "./portal.tsx";

/** Lets nobody through while the portal is closed, but to sign out; no Retry-After, since nobody knows when it opens. */
export function whileOpen(guard: Guard): Guard {
  const open = factory.createMiddleware(async (c, next) => {
    const { settings } = c.var;
    if (settings.portal === "closed" && c.req.path !== "/portal/sign-out") {
      // A piece cannot be replaced by a page: the browser is told to load it.
      if (wantsPiece(c)) return c.body(null, 503, { "HX-Redirect": "/portal" });
      const frame = portalFrame(c);
      return await page(
        c,
        <PortalClosedPage frame={frame} message={settings.portal_message} />,
        503,
      );
    }
    return await guard(c, next);
  });
  return Object.assign(open, { label: `${guard.label}, while the portal is open` });
}
