// What is counted: Sign-ins, Coverage and Parent Portal Usage.

import { windowOf } from "../school.ts";
import { at, openWindow, type Place } from "./place.ts";

export const REPORTS: readonly Place[] = [
  at("tasks-none", "office", "/tasks"),
  at("sign-ins", "office", "/sign-ins"),
  { ...at("sign-ins-viewer", "viewer", "/sign-ins"), twin: true },
  at("sign-ins-nothing-found", "office", "/sign-ins?result=wrong+code"),
  {
    name: "sign-ins-export",
    who: "office",
    async open(page): Promise<void> {
      await page.goto("/sign-ins");
      await page.getByRole("link", { name: "Export" }).click();
      await windowOf(page, "Export sign-ins").waitFor();
    },
  },
  at("coverage", "office", "/coverage?year=Year+7"),
  { ...at("coverage-viewer", "viewer", "/coverage"), twin: true },
  at("coverage-missing", "office", "/coverage/missing"),
  at("coverage-nothing-found", "office", "/coverage/missing?q=xyzzy"),
  {
    name: "coverage-export",
    who: "office",
    async open(page): Promise<void> {
      await openWindow(page, "/coverage", "Export to Excel");
    },
  },
  {
    name: "usage",
    who: "office",
    async open(page): Promise<void> {
      const window = await openWindow(page, "/logons", "Parent Portal Usage");
      await window.getByText("The figures as a table").waitFor();
    },
  },
  {
    name: "usage-wrong",
    who: "office",
    async open(page): Promise<void> {
      const window = await openWindow(page, "/logons", "Parent Portal Usage");
      await window.getByLabel("Start date", { exact: true }).fill("2026-02-01");
      await window.getByLabel("End date", { exact: true }).fill("2026-01-01");
      await window.getByRole("button", { name: "Continue" }).click();
      await window.getByRole("alert").first().waitFor();
    },
  },
  {
    name: "usage-chosen",
    who: "office",
    async open(page): Promise<void> {
      const window = await openWindow(page, "/logons", "Parent Portal Usage");
      await window.getByLabel("Search parents").fill("boateng");
      await window.getByRole("checkbox", { name: /Ama Boateng/ }).check();
      await window.getByText(/1 chosen parent/).waitFor();
    },
  },
];
