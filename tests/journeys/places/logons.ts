// Parent Logons, its windows, and the office's door.

import { windowOf } from "../school.ts";
import { at, openWindow, type Place } from "./place.ts";

export const LOGONS: readonly Place[] = [
  at("sign-in", "nobody", "/sign-in"),
  {
    name: "sign-in-wrong",
    who: "nobody",
    async open(page): Promise<void> {
      await page.goto("/sign-in");
      await page.getByLabel("Username").fill("office");
      await page.getByLabel("Password").fill("wrong");
      await page.getByRole("button", { name: "Sign in" }).click();
      await page.getByRole("alert").waitFor();
    },
  },
  at("list", "office", "/logons"),
  { ...at("list-viewer", "viewer", "/logons"), twin: true },
  at("list-deleted", "office", "/logons?state=deleted"),
  { ...at("list-found", "office", "/logons?q=smith&sort=-last"), twin: true },
  at("nothing-found", "office", "/logons?q=xyzzy&state=locked"),
  {
    name: "modules-menu",
    who: "office",
    async open(page): Promise<void> {
      await page.goto("/logons");
      const menu = page.getByRole("button", { name: "Menu" });
      if (await menu.isVisible()) await menu.click();
    },
  },
  {
    name: "add",
    who: "office",
    async open(page): Promise<void> {
      await openWindow(page, "/logons", "Add Logon");
    },
  },
  {
    name: "add-picker",
    who: "office",
    async open(page): Promise<void> {
      const window = await openWindow(page, "/logons", "Add Logon");
      await window.getByRole("button", { name: "Link Learner" }).click();
      await window.getByRole("button", { name: "Link Callum MacLeod" }).click();
      await window.getByText("Callum MacLeod linked.").waitFor();
    },
  },
  {
    name: "add-wrong",
    who: "office",
    async open(page): Promise<void> {
      const window = await openWindow(page, "/logons", "Add Logon");
      await window.getByLabel("Email").fill("not an email");
      await window.getByLabel("Username").fill("ama.boateng");
      await window.getByLabel("Password", { exact: true }).fill("short");
      await window.getByRole("button", { name: "Save", exact: true }).click();
      await window.getByRole("alert").waitFor();
    },
  },
  {
    name: "edit",
    who: "office",
    async open(page): Promise<void> {
      await page.goto("/logons");
      await page.getByRole("link", { name: "Edit Priya Raghunathan-Venkatasubramanian" }).click();
      await windowOf(page, "Edit Logon").waitFor();
    },
  },
  {
    name: "access",
    who: "office",
    async open(page): Promise<void> {
      await page.goto("/logons");
      await page.getByRole("link", { name: "Why can’t Declan O'Connor log in?" }).click();
      await windowOf(page, "Why can’t they log in?").waitFor();
    },
  },
  {
    name: "edit-access",
    who: "office",
    async open(page): Promise<void> {
      await page.goto("/logons");
      await page.getByRole("link", { name: "Edit Declan O'Connor" }).click();
      const window = windowOf(page, "Edit Logon");
      await window.getByLabel("Email").fill("declan@example.net");
      await window.getByRole("button", { name: "Save", exact: true }).click();
      await window.getByLabel("How did you check who is asking?").waitFor();
    },
  },
  {
    name: "history",
    who: "office",
    async open(page): Promise<void> {
      await page.goto("/logons");
      await page.getByRole("link", { name: "Edit Priya Raghunathan-Venkatasubramanian" }).click();
      await windowOf(page, "Edit Logon").getByRole("link", { name: "History" }).click();
      await windowOf(page, "History").waitFor();
    },
  },
  {
    name: "delete",
    who: "office",
    async open(page): Promise<void> {
      await page.goto("/logons");
      await page.getByRole("link", { name: "Delete Priya Raghunathan-Venkatasubramanian" }).click();
      await windowOf(page, "Delete Logon").waitFor();
    },
  },
  {
    name: "deleted-toast",
    who: "office",
    once: true,
    async open(page): Promise<void> {
      await page.goto("/logons");
      await page.getByRole("link", { name: "Delete John Smith" }).click();
      await windowOf(page, "Delete Logon").getByRole("button", { name: "Delete" }).click();
      await page.getByText("John Smith’s logon was deleted.").waitFor();
    },
  },
  {
    name: "restored-row",
    who: "office",
    once: true,
    async open(page): Promise<void> {
      await page.goto("/logons?state=deleted");
      await page.getByRole("button", { name: "Restore John Smith" }).click();
      await page.getByText("John Smith’s logon is back.").waitFor();
    },
  },
  {
    name: "tfa",
    who: "office",
    async open(page): Promise<void> {
      await page.goto("/logons");
      await page.getByRole("link", { name: "Two factor authentication for Siân Evans" }).click();
      await windowOf(page, "Two factor authentication").waitFor();
    },
  },
  {
    name: "tfa-off",
    who: "office",
    async open(page): Promise<void> {
      await page.goto("/logons");
      await page.getByRole("link", { name: "Two factor authentication for Ama Boateng" }).click();
      await windowOf(page, "Two factor authentication").waitFor();
    },
  },
];
