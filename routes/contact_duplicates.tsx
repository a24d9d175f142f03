// Contacts who may be the same adult: the pairs, two side by side, merging them and keeping them apart.

import { transaction } from "../db/connect.ts";
import { type ContactPair, keepApart, listDuplicates } from "../db/contact_duplicates.ts";
import { listContactLearners } from "../db/contact_learners.ts";
import { type MergeChoice, mergeContacts, uniteLearners } from "../db/contact_merges.ts";
import { findContact, findKeptContact, listContactLogons } from "../db/contacts.ts";
import { ComparePage, DuplicatesPage, type Side } from "../views/contact_duplicates.tsx";
import { confirmOwnPassword, needsConfirming } from "./confirmation.ts";
import { authorOf, type Ctx, factory, type Fields, page, readForm, readId } from "./context.ts";
import { mayEdit } from "./guards.ts";
import { notFound } from "./errors.tsx";
import { frameOf } from "./frame.tsx";

const FIRST: MergeChoice = { firstName: "one", surname: "one", email: "one", mobile: "one" };

export const contactDuplicates = factory.createApp()
  .get("/", async (c) => {
    const { rows, total, more } = await listDuplicates(
      c.var.services.sql,
      readPair(c.req.query("after")),
    );
    const last = rows.at(-1);
    const next = more && last ? { one: last.one.id, other: last.other.id } : null;
    const said = c.req.query("done") === "apart"
      ? "The two are kept apart. They are not offered again unless one of them changes."
      : null;
    return await page(
      c,
      <DuplicatesPage frame={await frameOf(c)} rows={rows} total={total} next={next} said={said} />,
    );
  })
  .get("/:pair", async (c) => {
    const pair = readPair(c.req.param("pair")) ?? notFound();
    return await compare(c, pair, null) ?? await leadToKept(c, pair);
  })
  .post("/:pair/merge", async (c) => {
    const pair = readPair(c.req.param("pair")) ?? notFound();
    const { sql, clock } = c.var.services;
    const form = await readForm(c);
    const choice = readChoice(form);
    const versions = {
      one: readId(form.text("version_one")) ?? 0,
      other: readId(form.text("version_other")) ?? 0,
    };
    const own_password = await confirmOwnPassword(c, form) ?? undefined;
    if (own_password !== undefined) {
      return await compare(c, pair, { choice, own_password }) ?? await leadToKept(c, pair);
    }
    const merge = { pair, choice, versions, author: authorOf(c), at: clock.now() };
    const outcome = await transaction(sql, (tx) => mergeContacts(tx, merge));
    switch (outcome) {
      case "merged":
        return c.redirect(`/contacts/${pair.one}?done=merged`, 303);
      case "gone":
        return await leadToKept(c, pair);
      case "changed": {
        const said =
          "Somebody has changed one of the two just now. Nothing was merged; look at them again.";
        return await compare(c, pair, { choice, problem: said }) ?? await leadToKept(c, pair);
      }
    }
  })
  .post("/:pair/distinction", async (c) => {
    const pair = readPair(c.req.param("pair")) ?? notFound();
    const { sql, clock } = c.var.services;
    const done = await transaction(sql, (tx) => keepApart(tx, pair, authorOf(c), clock.now()));
    return done ? c.redirect("/contacts/duplicates?done=apart", 303) : await leadToKept(c, pair);
  });

/** Both side by side. @returns null if one of them is not there any more */
async function compare(
  c: Ctx,
  pair: ContactPair,
  refused: { choice: MergeChoice; problem?: string; own_password?: string } | null,
): Promise<Response | null> {
  const [one, other] = await Promise.all([sideOf(c, pair.one), sideOf(c, pair.other)]);
  if (one === null || other === null) return null;
  return await page(
    c,
    <ComparePage
      frame={await frameOf(c)}
      one={one}
      other={other}
      united={uniteLearners(one.learners, other.learners)}
      choice={refused?.choice ?? fullest(one, other)}
      problem={refused?.problem}
      confirm={needsConfirming(c)}
      ownProblem={refused?.own_password}
      mayEdit={mayEdit(c)}
    />,
    refused === null ? 200 : refused.problem === undefined ? 422 : 409,
  );
}

/** What is offered at first: the older record's values, but a value rather than none. */
function fullest(one: Side, other: Side): MergeChoice {
  return {
    ...FIRST,
    email: one.contact.email === null && other.contact.email !== null ? "other" : "one",
    mobile: one.contact.mobile === null && other.contact.mobile !== null ? "other" : "one",
  };
}

/** Somebody has merged them already: on to the record that was kept; 404 if there never was such a pair. */
async function leadToKept(c: Ctx, pair: ContactPair): Promise<Response> {
  const { sql } = c.var.services;
  const kept = await findKeptContact(sql, pair.other) ?? await findKeptContact(sql, pair.one);
  return c.redirect(`/contacts/${kept ?? notFound()}?done=merged`, 303);
}

async function sideOf(c: Ctx, id: number): Promise<Side | null> {
  const { sql } = c.var.services;
  const contact = await findContact(sql, id);
  if (contact === null) return null;
  const [learners, logons] = await Promise.all([
    listContactLearners(sql, id),
    listContactLogons(sql, id),
  ]);
  return { contact, learners, logons };
}

/** "12-15": two contacts, the older record first. */
function readPair(text: string | undefined): ContactPair | null {
  const [first, second, more] = (text ?? "").split("-");
  const [one, other] = [readId(first), readId(second)];
  return one === null || other === null || more !== undefined || one >= other
    ? null
    : { one, other };
}

function readChoice(form: Fields): MergeChoice {
  const side = (name: keyof MergeChoice): "one" | "other" =>
    form.text(name) === "other" ? "other" : "one";
  return {
    firstName: side("firstName"),
    surname: side("surname"),
    email: side("email"),
    mobile: side("mobile"),
  };
}
