// Import (Excel), Import Contacts and feeds.

import { Buffer } from "node:buffer";
import { windowOf } from "../school.ts";
import { at, openWindow, type Place } from "./place.ts";

/** Has rows of every kind that a review shows. */
const MIXED = [
  "First name,Surname,Email,Username,Password,Learners,Enable TFA",
  "Wyn,Parry,wyn.parry@example.org,,,004158,",
  ",Nameless,not an email,,,,",
  "Łukasz,Wiśniewski-Nowakowski,lukasz.new@example.org,lukasz.w,,,",
  "Sarah,Smith,,sarah.smith,,004311,",
  "Marek,Kowalczyk,,marek.kowalczyk,,,",
  "Zoë,Quill,zoe.quill@example.org,,short,009999,maybe",
].join("\r\n");

/** Has records of several kinds that a feed's review shows. */
const LEARNERS = [
  "First name,Surname,Admission number,Date of birth",
  "Wolfeschlegelsteinhausenbergerdorff Maximiliana,Raghunathan-Venkatasubramanian,N90001,2014-03-02",
  "New,Child,N90002,",
  ",Nameless,N90003,",
  "Late,Date,N90004,soon",
].join("\r\n");

export const IMPORTS: readonly Place[] = [
  at("excel", "office", "/excel-imports"),
  {
    name: "excel-help",
    who: "office",
    async open(page): Promise<void> {
      await page.goto("/excel-imports");
      await page.getByRole("link", { name: "Help" }).click();
      await windowOf(page, "Help").waitFor();
    },
  },
  {
    name: "excel-upload",
    who: "office",
    async open(page): Promise<void> {
      await openWindow(page, "/excel-imports", "Upload File");
    },
  },
  {
    name: "excel-upload-wrong",
    who: "office",
    async open(page): Promise<void> {
      const window = await openWindow(page, "/excel-imports", "Upload File");
      await window.getByRole("button", { name: "Import", exact: true }).click();
      await window.getByRole("alert").waitFor();
    },
  },
  {
    name: "excel-needs-review",
    who: "office",
    once: true,
    async open(page): Promise<void> {
      const window = await openWindow(page, "/excel-imports", "Upload File");
      await window.getByLabel("Choose File").setInputFiles({
        name: "New parents of the autumn term, with corrections from the front desk.csv",
        mimeType: "text/csv",
        buffer: Buffer.from(MIXED),
      });
      await window.getByRole("button", { name: "Import", exact: true }).click();
      await page.getByRole("link", { name: "Review" }).waitFor({ timeout: 30_000 });
    },
  },
  {
    name: "excel-review",
    who: "office",
    async open(page): Promise<void> {
      await page.goto("/excel-imports");
      await page.getByRole("link", { name: "Review" }).click();
      await page.getByRole("button", { name: /^Import \d/ }).waitFor();
    },
  },
  {
    name: "excel-review-updates",
    who: "office",
    twin: true,
    async open(page): Promise<void> {
      await page.goto("/excel-imports");
      await page.getByRole("link", { name: "Review" }).click();
      await page.getByRole("link", { name: /update$/ }).click();
      await page.getByText("Surname becomes").waitFor();
    },
  },
  {
    name: "excel-undo",
    who: "office",
    once: true,
    async open(page): Promise<void> {
      const window = await openWindow(page, "/excel-imports", "Upload File");
      await window.getByLabel("Choose File").setInputFiles({
        name: "Undone.csv",
        mimeType: "text/csv",
        buffer: Buffer.from("First name,Surname,Email\nUna,Dunn,una.dunn@example.org"),
      });
      await window.getByRole("button", { name: "Import", exact: true }).click();
      const alert = page.getByRole("article").filter({ hasText: "Import Undone.csv" });
      await alert.getByRole("link", { name: "Show rows" }).click({ timeout: 30_000 });
      await page.getByRole("link", { name: "Undo this import" }).click();
      await page.getByRole("button", { name: "Undo this import" }).waitFor();
    },
  },
  at("feeds-none", "office", "/feeds"),
  {
    name: "feeds-help",
    who: "office",
    async open(page): Promise<void> {
      await openWindow(page, "/feeds", "Help");
    },
  },
  {
    name: "feeds-upload-wrong",
    who: "office",
    async open(page): Promise<void> {
      const window = await openWindow(page, "/feeds", "Upload a file");
      await window.getByRole("button", { name: "Read it" }).click();
      await window.getByRole("alert").waitFor();
    },
  },
  {
    name: "feeds-needs-review",
    who: "office",
    once: true,
    async open(page): Promise<void> {
      const window = await openWindow(page, "/feeds", "Upload a file");
      await window.getByLabel("Choose File").setInputFiles({
        name: "Learners of the autumn term, with corrections from the front desk.csv",
        mimeType: "text/csv",
        buffer: Buffer.from(LEARNERS),
      });
      await window.getByRole("button", { name: "Read it" }).click();
      await page.getByRole("article").filter({ hasText: "Feed Learners of the autumn" })
        .getByRole("link", { name: "Review" }).waitFor({ timeout: 30_000 });
    },
  },
  {
    name: "feed-review",
    who: "office",
    async open(page): Promise<void> {
      await page.goto("/feeds");
      await page.getByRole("table").getByRole("link", { name: "Review" }).click();
      await page.getByRole("button", { name: /^Write \d/ }).waitFor();
    },
  },
  at("parental-responsibilities", "office", "/parental-responsibilities"),
  {
    ...at("parental-responsibilities-none", "office", "/parental-responsibilities?q=xyzzy"),
    twin: true,
  },
  {
    name: "import-contacts",
    who: "office",
    async open(page): Promise<void> {
      await openWindow(page, "/logons", "Import Contacts");
    },
  },
  {
    name: "import-contacts-wrong",
    who: "office",
    async open(page): Promise<void> {
      const window = await openWindow(page, "/logons", "Import Contacts");
      await window.getByRole("button", { name: "Import as Logins" }).click();
      await window.getByRole("alert").waitFor();
    },
  },
];
