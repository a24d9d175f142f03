// An admin's own account, Settings, Admins, Audit, and what is refused.

import { at, type Place } from "./place.ts";

export const OFFICE: readonly Place[] = [
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
];
