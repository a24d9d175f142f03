// One page or window that there is to look at, and how a person gets there.

import type { Page } from "playwright-core";
import { windowOf } from "../school.ts";

export type Place = {
  readonly name: string;
  readonly who: Who;
  /** Getting there changes something, so that it cannot be repeated. */
  readonly once?: true;
  /** Shows the same parts as another place: for the pictures only. */
  readonly twin?: true;
  open(page: Page): Promise<void>;
};

export type Who = "nobody" | "office" | "viewer" | "parent" | "newcomer";

/** A page that is reached by its address alone. */
export function at(name: string, who: Who, path: string): Place {
  return {
    name,
    who,
    async open(page): Promise<void> {
      await page.goto(path);
    },
  };
}

/** Opens the window of this name by the link of this name. */
export async function openWindow(
  page: Page,
  path: string,
  name: string,
): Promise<ReturnType<typeof windowOf>> {
  await page.goto(path);
  await page.getByRole("link", { name }).click();
  const window = windowOf(page, name);
  await window.waitFor();
  return window;
}
