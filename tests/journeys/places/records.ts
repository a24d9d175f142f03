// Learners, contacts, blocks, what needs attention, and tasks.

import { windowOf } from "../school.ts";
import { at, type Place } from "./place.ts";

export const RECORDS: readonly Place[] = [
  at("attention", "office", "/attention"),
  at("attention-viewer", "viewer", "/attention"),
  at("attention-nothing-found", "office", "/attention?q=xyzzy"),
  {
    name: "merge",
    who: "office",
    async open(page): Promise<void> {
      await page.goto("/logons?q=sarah");
      await page.getByRole("link", { name: "Edit Sarah Smith" }).click();
      await page.getByRole("link", { name: /^Merge with another logon/ }).click();
      await windowOf(page, "Merge logons").getByRole("link", { name: /^Choose John Smith/ })
        .click();
      await page.getByRole("button", { name: "Merge", exact: true }).waitFor();
    },
  },
  at("blocks", "office", "/blocks"),
  at("blocks-viewer", "viewer", "/blocks"),
  {
    name: "block",
    who: "office",
    async open(page): Promise<void> {
      await page.goto("/blocks");
      await page.getByRole("link", { name: "Open the block of Sarah Smith and Ellie Smith" })
        .click();
      await windowOf(page, "Block").waitFor();
    },
  },
  {
    name: "block-lifting",
    who: "office",
    async open(page): Promise<void> {
      await page.goto("/blocks");
      await page.getByRole("link", { name: "Open the block of Sarah Smith and Ellie Smith" })
        .click();
      await windowOf(page, "Block").getByRole("link", { name: "Lift this block" }).click();
      await windowOf(page, "Lift block").waitFor();
    },
  },
  {
    name: "block-wrong",
    who: "office",
    async open(page): Promise<void> {
      await page.goto("/logons?q=ama");
      await page.getByRole("link", { name: "Edit Ama Boateng" }).click();
      await page.getByRole("link", { name: /^Block Kofi Boateng/ }).click();
      const window = windowOf(page, "Block a learner");
      await window.getByRole("button", { name: "Block", exact: true }).click();
      await window.getByRole("alert").waitFor();
    },
  },
  at("learners", "office", "/learners"),
  at("learners-nothing-found", "office", "/learners?q=nobody"),
  at("learner-add", "office", "/learners/new"),
  { ...at("learners-viewer", "viewer", "/learners?status=Leaver"), twin: true },
  {
    name: "learner",
    who: "office",
    async open(page): Promise<void> {
      await page.goto("/learners?q=ellie");
      await page.getByRole("link", { name: "Ellie Smith" }).click();
      await page.getByRole("heading", { name: "Ellie Smith", level: 1 }).waitFor();
    },
  },
  {
    name: "learner-add-contact",
    who: "office",
    async open(page): Promise<void> {
      await page.goto("/learners?q=ellie");
      await page.getByRole("link", { name: "Ellie Smith" }).click();
      const window = windowOf(page, "Add Contact");
      await page.getByRole("link", { name: "Add Contact" }).click();
      await window.getByRole("searchbox", { name: "Contact" }).fill("barley");
      await window.getByRole("button", { name: "Choose Paul Barley" }).waitFor();
    },
  },
  at("contacts", "office", "/contacts"),
  at("contact-add", "office", "/contacts/new"),
  {
    name: "contact",
    who: "office",
    async open(page): Promise<void> {
      await page.goto("/contacts?q=priya");
      await page.getByRole("link", { name: /^Priya/ }).click();
      await page.getByRole("heading", { name: /^Priya/, level: 1 }).waitFor();
    },
  },
  at("contact-duplicates", "office", "/contacts/duplicates"),
  {
    name: "contact-compare",
    who: "office",
    once: true,
    async open(page): Promise<void> {
      await page.goto("/contacts/new");
      const window = windowOf(page, "Add Contact");
      await window.getByLabel("First name").fill("Paul");
      await window.getByLabel("Surname").fill("Barley");
      await window.getByLabel("Email").fill("paul.barley@example.org");
      await window.getByRole("button", { name: "Save" }).click();
      await window.waitFor({ state: "hidden" });
      await page.goto("/contacts/duplicates");
      await page.getByRole("link", { name: "Compare Paul Barley" }).click();
      await page.getByRole("button", { name: "Merge" }).waitFor();
    },
  },
  at("tasks", "office", "/tasks"),
  {
    name: "task",
    who: "office",
    async open(page): Promise<void> {
      await page.goto("/logons");
      await page.getByRole("link", { name: /^Details of task/ }).first().click();
      await page.getByRole("heading", { name: "About this task" }).waitFor();
    },
  },
  { ...at("list-with-alert", "office", "/logons"), twin: true },
];
