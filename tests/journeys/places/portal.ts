// The portal's pages, as parents on their way in and inside see them.

import { at, type Place } from "./place.ts";

export const PORTAL: readonly Place[] = [
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
  {
    name: "portal-closed",
    who: "office",
    once: true,
    async open(page): Promise<void> {
      await page.goto("/settings");
      await page.getByLabel("The Parent Portal is").selectOption("closed");
      await page.getByLabel("What parents read while it is closed").fill("Back on Monday at 8.");
      await page.getByRole("button", { name: "Save settings" }).click();
      await page.getByRole("status").first().waitFor();
      await page.goto("/portal/sign-in");
      await page.getByText("Back on Monday at 8.").waitFor();
    },
  },
];
