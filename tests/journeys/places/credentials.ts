// Mails and letters with login details, one by one and in bulk.

import { windowOf } from "../school.ts";
import { at, openWindow, type Place } from "./place.ts";

export const CREDENTIALS: readonly Place[] = [
  at("mails-none", "office", "/credential-mails"),
  {
    name: "bulk-reset",
    who: "office",
    async open(page): Promise<void> {
      const window = await openWindow(page, "/logons", "Bulk Reset");
      await window.getByLabel("Select all").check();
      await window.getByText(/mails will be sent/).waitFor();
    },
  },
  {
    name: "bulk-reset-progress",
    who: "office",
    once: true,
    async open(page): Promise<void> {
      const window = await openWindow(page, "/logons", "Bulk Reset");
      await window.getByLabel("camille.dubois").check();
      await window.getByLabel("yetunde.bello").check();
      await window.getByText("2 mails will be sent").waitFor();
      await window.getByRole("button", { name: "Reset", exact: true }).click();
      await page.getByRole("link", { name: "See how far it is" }).click();
      await page.getByText("All 2 were sent").first().waitFor({ timeout: 30_000 });
    },
  },
  at("mails", "office", "/credential-mails"),
  { ...at("mails-viewer", "viewer", "/credential-mails"), twin: true },
  at("mails-nothing-found", "office", "/credential-mails?state=bounced"),
  {
    name: "mail-came-back",
    who: "office",
    async open(page): Promise<void> {
      await page.goto("/credential-mails");
      await page.getByRole("link", { name: /^It came back/ }).first().click();
      await windowOf(page, "It came back").waitFor();
    },
  },
  {
    name: "send-again",
    who: "office",
    async open(page): Promise<void> {
      await page.goto("/credential-mails?state=accepted");
      await page.getByRole("link", { name: "Send again to those" }).click();
      await windowOf(page, "Send again").waitFor();
    },
  },
  at("letters-new", "office", "/letters/new"),
  {
    name: "letters-to-print",
    who: "office",
    once: true,
    async open(page): Promise<void> {
      const window = await openWindow(page, "/logons", "Bulk Reset");
      await window.getByRole("link", { name: "print a letter for them" }).click();
      await windowOf(page, "Print letters").getByRole("button", { name: "Make the letter" })
        .click();
      await page.getByRole("link", { name: "See how far it is" }).click();
      await page.getByRole("button", { name: "Open to print" }).waitFor({ timeout: 30_000 });
    },
  },
  {
    name: "letters-sheets",
    who: "office",
    async open(page): Promise<void> {
      await page.goto("/credential-mails?kind=letter");
      await page.getByRole("link", { name: /^Task/ }).first().click();
      await page.getByRole("button", { name: /^Open to print/ }).click();
      await page.getByRole("button", { name: "I have printed them" }).waitFor();
    },
  },
  {
    name: "envelope",
    who: "office",
    async open(page): Promise<void> {
      await page.goto("/logons");
      await page.getByRole("link", { name: "Email login details to Ama Boateng" }).click();
      await windowOf(page, "Email login details").waitFor();
    },
  },
];
