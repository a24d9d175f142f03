// Every page and window that there is to look at, and how a person gets there: for the screenshots and for axe.

import { Buffer } from "node:buffer";
import type { Page } from "playwright-core";
import { signInToOffice, signInToPortal, windowOf } from "./school.ts";

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

export const PLACES: readonly Place[] = [
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
  at("account", "office", "/account"),
  {
    name: "account-wrong",
    who: "office",
    async open(page): Promise<void> {
      await page.goto("/account");
      await page.getByLabel("Password now").fill("demo-office-2026");
      await page.getByLabel("New password").fill("short");
      await page.getByRole("button", { name: "Change password" }).click();
      await page.getByRole("alert").waitFor();
    },
  },
  at("account-tfa", "office", "/account/tfa"),
  at("account-tfa-set-up", "office", "/account/tfa/set-up"),
  at("account-passkeys", "office", "/account/passkeys"),
  at("settings", "office", "/settings"),
  {
    name: "settings-wrong",
    who: "office",
    async open(page): Promise<void> {
      await page.goto("/settings");
      await page.getByLabel("Shortest password, in characters").fill("4");
      await page.getByRole("button", { name: "Save settings" }).click();
      await page.getByRole("alert").waitFor();
    },
  },
  at("settings-mails", "office", "/settings/mails"),
  at("admins", "office", "/admins"),
  at("admins-new", "office", "/admins/new"),
  {
    name: "admins-edit",
    who: "office",
    async open(page): Promise<void> {
      await page.goto("/admins");
      await page.getByRole("link", { name: "Edit Femi Adeyemi" }).click();
      await page.getByRole("heading", { name: "Femi Adeyemi" }).waitFor();
    },
  },
  {
    name: "admins-suspend",
    who: "office",
    async open(page): Promise<void> {
      await page.goto("/admins");
      await page.getByRole("link", { name: "Edit Femi Adeyemi" }).click();
      await page.getByRole("link", { name: "Suspend" }).click();
      await page.getByRole("heading", { name: /^Suspend/ }).waitFor();
    },
  },
  at("audit", "office", "/audit"),
  { ...at("audit-nothing", "office", "/audit?what=nothing"), twin: true },
  at("not-allowed", "viewer", "/settings"),
  at("not-found", "office", "/no-such-page"),
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
  at("portal-sign-in", "nobody", "/portal/sign-in"),
  {
    name: "portal-sign-in-wrong",
    who: "nobody",
    async open(page): Promise<void> {
      await page.goto("/portal/sign-in");
      await page.getByLabel("Username").fill("ama.boateng");
      await page.getByLabel("Password").fill("wrong");
      await page.getByRole("button", { name: "Sign in" }).click();
      await page.getByRole("alert").waitFor();
    },
  },
  at("portal-forgot-password", "nobody", "/portal/forgot-password"),
  at("portal-forgot-password-sent", "nobody", "/portal/forgot-password/sent"),
  at("portal-forgot-username", "nobody", "/portal/forgot-username"),
  at("portal-forgot-username-sent", "nobody", "/portal/forgot-username/sent"),
  {
    name: "portal-forgot-username-wrong",
    who: "nobody",
    async open(page): Promise<void> {
      await page.goto("/portal/forgot-username");
      await page.getByRole("button", { name: "Send my username" }).click();
      await page.getByRole("alert").waitFor();
    },
  },
  at("portal-dead-link", "nobody", "/portal/new-password?link=none"),
  at("portal-home", "parent", "/portal"),
  at("portal-sign-ins", "parent", "/portal/sign-ins"),
  at("portal-sessions", "parent", "/portal/sessions"),
  at("portal-password", "parent", "/portal/password"),
  at("portal-passkeys", "parent", "/portal/passkeys"),
  at("portal-language", "parent", "/portal/language"),
  at("portal-not-found", "parent", "/portal/no-such-page"),
  at("portal-first-password", "newcomer", "/portal/password"),
  {
    name: "portal-first-password-wrong",
    who: "newcomer",
    async open(page): Promise<void> {
      await page.goto("/portal/password");
      await page.getByLabel("New password").fill("short");
      await page.getByRole("button", { name: "Save password" }).click();
      await page.getByRole("alert").waitFor();
    },
  },
];

/** Signs in whoever is to look at a place. */
export async function arriveAs(page: Page, who: Who): Promise<void> {
  if (who === "office" || who === "viewer") await signInToOffice(page, who);
  if (who === "parent") await signInToPortal(page, "priya.rv");
  if (who === "newcomer") await signInToPortal(page, "minh.nguyen", "demo-temporary-2026");
}

function at(name: string, who: Who, path: string): Place {
  return {
    name,
    who,
    async open(page): Promise<void> {
      await page.goto(path);
    },
  };
}

async function openWindow(
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
