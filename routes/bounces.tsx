// A mail that came back: the office says so, with the words of the bounce, and takes it back.

import type { Child } from "hono/jsx";
import { addBounce, cleanWords, deleteBounce, LONGEST_WORDS, type Marking } from "../db/bounces.ts";
import { transaction } from "../db/connect.ts";
import { findEntry } from "../db/credential_mail_list.ts";
import { BounceDialog, BounceSaid } from "../views/bounces.tsx";
import { GoneDialog } from "../views/logon_dialog.tsx";
import { authorOf, type Ctx, factory, partials, readForm, readId, wantsPiece } from "./context.ts";
import { notFound } from "./errors.tsx";
import { mustEdit } from "./guards.ts";
import { showDialog } from "./logon_list.tsx";

const SAID: Readonly<Record<Exclude<Marking, "gone">, string>> = {
  marked: "The mail is marked as come back.",
  already: "The mail was marked as come back already.",
  used: "Somebody has signed in with this mail, so it did arrive. Nothing was changed.",
  "under way": "The mail is still under way. Nothing was changed.",
  "not accepted":
    "Only a mail that the mail server had accepted can come back. Nothing was changed.",
};

export const bounces = factory.createApp()
  .get("/:id/bounce", async (c) => {
    mustEdit(c);
    const entry = await findEntry(c.var.services.sql, readId(c.req.param("id")) ?? notFound()) ??
      notFound();
    if (entry.state !== "accepted" || entry.kind !== "mail" || entry.firstUsedAt !== null) {
      const why = entry.state === "bounced"
        ? SAID.already
        : entry.firstUsedAt === null
        ? SAID["not accepted"]
        : SAID.used;
      return await showDialog(c, <GoneDialog title="It came back">{why}</GoneDialog>, 422);
    }
    return await showDialog(c, <BounceDialog entry={entry} longest={LONGEST_WORDS} />);
  })
  .post("/:id/bounce", async (c) => {
    const { sql, clock } = c.var.services;
    const mailId = readId(c.req.param("id")) ?? notFound();
    const words = cleanWords((await readForm(c)).text("words"));
    const marking = await transaction(
      sql,
      (tx) => addBounce(tx, { mailId, words, author: authorOf(c) }, clock.now()),
    );
    return await said(c, marking === "gone" ? notFound() : SAID[marking]);
  })
  .post("/:id/bounce/withdrawal", async (c) => {
    const { sql } = c.var.services;
    const mailId = readId(c.req.param("id")) ?? notFound();
    const done = await transaction(sql, (tx) => deleteBounce(tx, mailId, authorOf(c)));
    if (!done && await findEntry(sql, mailId) === null) notFound();
    return await said(c, done ? "The mark was taken back." : "The mail is not marked any more.");
  });

/** The list draws itself anew; without script it is opened again. */
async function said(c: Ctx, sentence: string): Promise<Response> {
  if (!wantsPiece(c)) return c.redirect("/credential-mails", 303);
  const answer: Child = <BounceSaid>{sentence}</BounceSaid>;
  return await partials(c, answer, ["dialog:close", "mails:changed"]);
}
