// One's own account in the office: password and appearance.

import { setCookie } from "hono/cookie";
import { editAdminPassword, getAdminHash } from "../db/admins.ts";
import { transaction } from "../db/connect.ts";
import { lockOwner } from "../db/owners.ts";
import { PASSWORD_SENTENCES } from "../db/password_rules.ts";
import { isSession } from "../db/sessions.ts";
import { clearTries, takeTry } from "../db/throttles.ts";
import { CHOSEN_COST, findPasswordProblem } from "../lib/passwords.ts";
import { AccountPage } from "../views/sessions.tsx";
import { authorOf, type Ctx, factory, page, readForm } from "./context.ts";
import { frameOf } from "./frame.tsx";
import { triesFor } from "./sessions.tsx";

const YEAR = 365 * 24 * 3600;

export const account = factory.createApp()
  .get("/", async (c) => await accountPage(c, {}, c.req.query("saved") === "password"))
  .post("/password", async (c) => {
    const { services, settings, admin } = c.var;
    const { sql, hasher } = services;
    const form = await readForm(c);
    const [name] = await triesFor(c, "confirm", admin.username);
    const allowed = await takeTry(sql, name, services.clock.now());
    const hash = await getAdminHash(sql, admin.id);
    const right = await hasher.verify(form.text("current").slice(0, 1000), allowed ? hash : null);
    if (!right) {
      return await accountPage(c, {
        current: "This is not your password now. After five wrong tries there is a wait.",
      });
    }
    await clearTries(sql, name);
    const chosen = form.text("chosen");
    const problem = findPasswordProblem(chosen, {
      shortest: settings.shortest_password,
      words: [admin.name, admin.username, services.config.schoolName],
    });
    if (problem) {
      return await accountPage(c, {
        chosen: PASSWORD_SENTENCES[problem](settings.shortest_password),
      });
    }
    if (await hasher.verify(chosen, hash)) {
      return await accountPage(c, { chosen: "This is the password you have now. Choose another." });
    }
    const newHash = await hasher.hash(chosen, CHOSEN_COST);
    const isDone = await transaction(sql, async (tx) => {
      // Another Administrator has set one while this was hashed: theirs stays.
      await lockOwner(tx, { adminId: admin.id });
      const isMine = await isSession(tx, c.var.sessionHash);
      if (!isMine || await getAdminHash(tx, admin.id) !== hash) return false;
      const options = { mustChange: false, keep: c.var.sessionHash };
      await editAdminPassword(tx, admin.id, newHash, options, authorOf(c));
      return true;
    });
    if (!isDone) return c.redirect("/sign-in?lost=yes", 303);
    return c.redirect("/account?saved=password", 303);
  })
  .post("/theme", async (c) => {
    const theme = (await readForm(c)).text("theme");
    const known = theme === "light" || theme === "dark" ? theme : "system";
    setCookie(c, "theme", known, { path: "/", maxAge: YEAR, sameSite: "Lax", httpOnly: true });
    return c.redirect("/account", 303);
  });

async function accountPage(
  c: Ctx,
  problems: { current?: string; chosen?: string },
  saved = false,
): Promise<Response> {
  return await page(
    c,
    <AccountPage
      frame={await frameOf(c)}
      problems={problems}
      saved={saved}
      shortest={c.var.settings.shortest_password}
    />,
    Object.keys(problems).length > 0 ? 422 : 200,
  );
}
