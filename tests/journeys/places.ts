// Every page and window that there is to look at, for the screenshots and for axe; some make what later ones show.

import type { Page } from "playwright-core";
import { CREDENTIALS } from "./places/credentials.ts";
import { IMPORTS } from "./places/imports.ts";
import { LOGONS } from "./places/logons.ts";
import { OFFICE } from "./places/office.ts";
import { PORTAL } from "./places/portal.ts";
import { RECORDS } from "./places/records.ts";
import { REPORTS } from "./places/reports.ts";
import type { Place, Who } from "./places/place.ts";
import { signInToOffice, signInToPortal } from "./school.ts";

export type { Place, Who };

export const PLACES: readonly Place[] = [
  ...LOGONS,
  ...OFFICE,
  ...REPORTS,
  ...CREDENTIALS,
  ...IMPORTS,
  ...RECORDS,
  ...PORTAL,
];

/** Signs in whoever is to look at a place. */
export async function arriveAs(page: Page, who: Who): Promise<void> {
  if (who === "office" || who === "viewer") await signInToOffice(page, who);
  if (who === "parent") await signInToPortal(page, "priya.rv");
  if (who === "newcomer") await signInToPortal(page, "minh.nguyen", "demo-temporary-2026");
}
