// The language in which a parent is written to, as the parent chooses it.

import { findLanguage, LANGUAGES, readLanguage, setOwnLanguage } from "../db/languages.ts";
import { transaction } from "../db/connect.ts";
import { PortalLanguagePage } from "../views/portal_language.tsx";
import { type Ctx, factory, page, readForm } from "./context.ts";
import { authorIs, personOf } from "./person.ts";
import { portalFrame } from "./portal.tsx";

export const portalLanguage = factory.createApp()
  .get("/", async (c) => await languagePage(c))
  .post("/", async (c) => {
    const { services, parent } = c.var;
    const language = readLanguage((await readForm(c)).text("language"));
    if (language === null) return await languagePage(c, "Choose one of the languages.");
    const author = authorIs(c, personOf(c, "portal"));
    await transaction(
      services.sql,
      (tx) => setOwnLanguage(tx, parent.logonId, language, author),
    );
    return c.redirect("/portal/language?saved=yes", 303);
  });

async function languagePage(c: Ctx, problem?: string): Promise<Response> {
  const { services, parent } = c.var;
  return await page(
    c,
    <PortalLanguagePage
      frame={portalFrame(c)}
      languages={LANGUAGES}
      chosen={await findLanguage(services.sql, parent.logonId)}
      saved={c.req.query("saved") === "yes"}
      problem={problem}
    />,
    problem === undefined ? 200 : 422,
  );
}
