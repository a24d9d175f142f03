// The contacts on a learner's record: adding one that is found or new, what it is to the learner, taking it off.

import { transaction } from "../db/connect.ts";
import {
  addContactLearner,
  checkPlacing,
  cleanPlacing,
  deleteContactLearner,
  editContactLearner,
  findPlacing,
  listLearnerContacts,
  type Placing,
  type PlacingInput,
  placingKey,
} from "../db/contact_learners.ts";
import { findContactRows, listContacts } from "../db/contact_list.ts";
import {
  addContact,
  checkContact,
  cleanContact,
  type ContactRecord,
  findContact,
} from "../db/contacts.ts";
import type { LearnerRecord } from "../db/learner_records.ts";
import { WHOLE_LIST } from "../db/paging.ts";
import { type ContactChoice, ContactChoicePart, ContactOptions } from "../views/contact_choice.tsx";
import {
  AddContactDialog,
  PlacingDialog,
  type PlacingForm,
  RemovalDialog,
} from "../views/contact_learners.tsx";
import { responsibility } from "../views/parental_responsibilities.tsx";
import {
  authorOf,
  type Ctx,
  factory,
  type Fields,
  page,
  readForm,
  readId,
  wantsPiece,
} from "./context.ts";
import { readContactInput } from "./contacts.tsx";
import { hasProblems, tooLate } from "./edits.ts";
import { notFound } from "./errors.tsx";
import { mustEdit } from "./guards.ts";
import { learnerOf, recordChanged, showRecordDialog } from "./learner_records.tsx";
import { readSearch } from "./lists.ts";

/** How many contacts the search offers at once. */
const MOST_OFFERED = 20;
/** Offered while somebody types; a school may write what it likes. */
const RELATIONSHIPS = [
  "Mother",
  "Father",
  "Parent",
  "Stepmother",
  "Stepfather",
  "Grandmother",
  "Grandfather",
  "Guardian",
  "Foster carer",
  "Carer",
  "Sister",
  "Brother",
  "Aunt",
  "Uncle",
  "Other",
] as const;

export const contactLearners = factory.createApp()
  .get("/:id/contacts/new", async (c) => {
    mustEdit(c);
    const learner = await learnerOf(c);
    const others = await listLearnerContacts(c.var.services.sql, learner.id);
    const next = Math.min(99, Math.max(0, ...others.map((one) => one.priority)) + 1);
    const placing = { relationship: "", priority: String(next), responsibility: "unknown" };
    return await showAdd(c, learner, { placing, choice: NOBODY });
  })
  .post("/:id/contact-drafts", async (c) => {
    const learner = await learnerOf(c);
    const form = await readForm(c);
    const choice = await choiceOf(c, form);
    const placing = readPlacing(form);
    if (!wantsPiece(c)) return await showAdd(c, learner, { placing, choice });
    const onlyOptions = c.req.header("hx-target")?.endsWith("#contact-options") ?? false;
    const drafts = `/learners/${learner.id}/contact-drafts`;
    return await page(
      c,
      onlyOptions
        ? <ContactOptions choice={choice} drafts={drafts} />
        : <ContactChoicePart drafts={drafts} choice={choice} />,
    );
  })
  .post("/:id/contacts", async (c) => {
    const learner = await learnerOf(c);
    const form = await readForm(c);
    const placing = readPlacing(form);
    const choice = await choiceOf(c, form);
    const problems = choice.typed === null ? {} : checkContact(choice.typed);
    const nobody = choice.chosen === null && choice.typed === null;
    if (nobody || hasProblems(problems) || hasProblems(checkPlacing(placing))) {
      return await showAdd(c, learner, { placing, choice: { ...choice, problems }, nobody }, 422);
    }
    const added = await addPlaced(c, learner, choice, cleanPlacing(placing));
    if (added === null) return await showAdd(c, learner, { placing, choice, nobody: true }, 422);
    return await recordChanged(c, learner.id, added ? "contact-added" : "contact-there");
  })
  .get("/:id/contacts/:contact/edit", async (c) => {
    mustEdit(c);
    const { learner, contact, placing } = await placeOf(c);
    const form = formOf(learner, inputOf(placing));
    const seen = placingKey(placing);
    return await showRecordDialog(
      c,
      learner,
      <PlacingDialog form={form} contact={contact} seen={seen} />,
    );
  })
  .post("/:id/contacts/:contact", async (c) => {
    const { learner, contact } = await placeOf(c);
    const form = await readForm(c);
    const input = readPlacing(form);
    const seen = form.text("seen");
    const problems = checkPlacing(input);
    const shown = { ...formOf(learner, input), problems };
    if (hasProblems(problems)) {
      const dialog = <PlacingDialog form={shown} contact={contact} seen={seen} />;
      return await showRecordDialog(c, learner, dialog, 422);
    }
    const pair = { learnerId: learner.id, contactId: contact.id };
    const change = { seen, placing: cleanPlacing(input), author: authorOf(c) };
    const stored = await transaction(
      c.var.services.sql,
      (tx) => editContactLearner(tx, pair, change),
    );
    if (stored) return await recordChanged(c, learner.id, "contact-saved");
    const { placing: now } = await placeOf(c);
    return await showRecordDialog(
      c,
      learner,
      <PlacingDialog form={shown} contact={contact} seen={placingKey(now)} conflict={said(now)} />,
      409,
    );
  })
  .get("/:id/contacts/:contact/removal", async (c) => {
    mustEdit(c);
    const { learner, contact } = await placeOf(c);
    return await showRecordDialog(
      c,
      learner,
      <RemovalDialog learner={learner} contact={contact} />,
    );
  })
  .post("/:id/contacts/:contact/removal", async (c) => {
    const learner = await learnerOf(c);
    const contactId = readId(c.req.param("contact")) ?? notFound();
    const pair = { learnerId: learner.id, contactId };
    const { sql } = c.var.services;
    await transaction(sql, (tx) => deleteContactLearner(tx, pair, authorOf(c)));
    return await recordChanged(c, learner.id, "contact-removed");
  });

const NOBODY: ContactChoice = {
  search: "",
  options: [],
  more: false,
  chosen: null,
  typed: null,
  problems: {},
};

/** Puts who was chosen, or is new, on the record. @returns whether they were added; null if they have gone */
async function addPlaced(
  c: Ctx,
  learner: LearnerRecord,
  choice: ContactChoice,
  placing: Placing,
): Promise<boolean | null> {
  const author = authorOf(c);
  return await transaction(c.var.services.sql, async (tx) => {
    const contactId = choice.typed === null
      ? choice.chosen?.id ?? 0
      : await addContact(tx, { contact: cleanContact(choice.typed), author });
    const pair = { learnerId: learner.id, contactId };
    return await addContactLearner(tx, pair, { placing, author });
  });
}

/** Learner and contact of the address and what they are to each other, or 404. */
async function placeOf(
  c: Ctx,
): Promise<{ learner: LearnerRecord; contact: ContactRecord; placing: Placing }> {
  const { sql } = c.var.services;
  const learner = await learnerOf(c);
  const contactId = readId(c.req.param("contact")) ?? notFound();
  const contact = await findContact(sql, contactId) ?? notFound();
  const placing = await findPlacing(sql, { learnerId: learner.id, contactId }) ?? notFound();
  return { learner, contact, placing };
}

async function showAdd(
  c: Ctx,
  learner: LearnerRecord,
  given: { placing: PlacingInput; choice: ContactChoice; nobody?: boolean },
  status: 200 | 422 = 200,
): Promise<Response> {
  const problems = status === 422 ? checkPlacing(given.placing) : {};
  const form = { ...formOf(learner, given.placing), problems };
  const { choice, nobody = false } = given;
  return await showRecordDialog(
    c,
    learner,
    <AddContactDialog form={form} choice={choice} nobody={nobody} />,
    status,
  );
}

function formOf(learner: LearnerRecord, placing: PlacingInput): PlacingForm {
  return { learner, placing, problems: {}, relationships: RELATIONSHIPS };
}

/** Who the posted form leaves chosen, being typed, or being searched for. */
async function choiceOf(c: Ctx, form: Fields): Promise<ContactChoice> {
  const { sql } = c.var.services;
  const again = form.text("again") !== "";
  const wanted = readId(form.text("choose")) ?? readId(form.text("contact"));
  const [chosen] = again || wanted === null ? [] : await findContactRows(sql, [wanted]);
  if (chosen !== undefined) return { ...NOBODY, chosen };
  if (!again && form.text("new_contact") !== "") {
    return { ...NOBODY, typed: readContactInput(form) };
  }
  const search = readSearch(form.text("contact_search"));
  if (search === "") return NOBODY;
  const found = await listContacts(sql, { ...WHOLE_LIST, search, state: null, sort: "surname" });
  const options = found.rows.slice(0, MOST_OFFERED);
  return { ...NOBODY, search, options, more: found.total > options.length };
}

/** What was stored meanwhile, before saving again is a choice. */
function said(now: Placing): string {
  const { relationship, priority, parentalResponsibility } = now;
  const says = responsibility(parentalResponsibility);
  return tooLate([
    `It is now: ${relationship}, priority ${priority}, Parental Responsibility ${says}.`,
  ]);
}

function inputOf(placing: Placing): PlacingInput {
  const has = placing.parentalResponsibility;
  return {
    relationship: placing.relationship,
    priority: String(placing.priority),
    responsibility: has === null ? "unknown" : has ? "yes" : "no",
  };
}

function readPlacing(form: Fields): PlacingInput {
  return {
    relationship: form.text("relationship"),
    priority: form.text("priority"),
    responsibility: form.text("responsibility"),
  };
}
