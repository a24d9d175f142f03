// A contact's page as every answer needs it: whole, below a window, or after a change.

import type { Child } from "hono/jsx";
import { findDoubles } from "../db/contact_duplicates.ts";
import { listContactLearners } from "../db/contact_learners.ts";
import {
  type ContactInput,
  type ContactRecord,
  type ContactValues,
  findContact,
  listContactLogons,
} from "../db/contacts.ts";
import { listHistory } from "../db/history.ts";
import { ContactDialog, type ContactForm } from "../views/contact_dialog.tsx";
import {
  ContactRecordPage,
  type ContactRecordProps,
  ContactSaved,
} from "../views/contact_records.tsx";
import { fullName, Toast } from "../views/ui.tsx";
import { answer, type Ctx, readId, timesOf } from "./context.ts";
import { mayEdit } from "./guards.ts";
import { differencesOf, tooLate } from "./edits.ts";
import { notFound } from "./errors.tsx";
import { frameOf } from "./frame.tsx";

const MOST_HISTORY = 50;

/** The contact of the address, or 404. */
export async function contactOf(c: Ctx): Promise<ContactRecord> {
  const id = readId(c.req.param("id")) ?? notFound();
  return await findContact(c.var.services.sql, id) ?? notFound();
}

/** All that the page shows. */
export async function recordOf(c: Ctx, contact: ContactRecord): Promise<ContactRecordProps> {
  const { sql } = c.var.services;
  const [learners, logons, doubles, history] = await Promise.all([
    listContactLearners(sql, contact.id),
    listContactLogons(sql, contact.id),
    findDoubles(sql, [contact.id]),
    listHistory(sql, "contact", contact.id, MOST_HISTORY),
  ]);
  return {
    contact,
    learners,
    logons,
    double: doubles.get(contact.id) ?? null,
    history,
    mostHistory: MOST_HISTORY,
    times: timesOf(c),
    mayEdit: mayEdit(c),
  };
}

/** What the address says was just done, in words; null if it says nothing that can be. */
export function toastOf(done: string | undefined, record: ContactRecordProps): Child {
  const name = fullName(record.contact);
  switch (done) {
    case "added":
      return <Toast>{name} was added. Put them on a learner’s record on the learner’s page.</Toast>;
    case "saved":
      return (
        <Toast stays>
          <ContactSaved {...record} />
        </Toast>
      );
    case "merged":
      return <Toast>The two records of {name} are one now.</Toast>;
    default:
      return null;
  }
}

/** The window of a contact: as a piece into the open page, or on top of its page where its address was opened. */
export async function showRecordDialog(
  c: Ctx,
  contact: ContactRecord,
  form: Omit<ContactForm, "edited">,
  status: 200 | 409 | 422 = 200,
): Promise<Response> {
  const record = await recordOf(c, contact);
  const edited = { id: contact.id, version: contact.version, logons: record.logons.length };
  const dialog = <ContactDialog form={{ ...form, edited }} />;
  return await answer(c, {
    piece: () => dialog,
    page: async () => <ContactRecordPage frame={await frameOf(c)} {...record} dialog={dialog} />,
  }, status);
}

/** What somebody else has stored meanwhile, before saving again is a choice. */
export function said(now: ContactRecord, typed: ContactValues): string {
  return tooLate(differencesOf(FIELD_WORDS, now, typed));
}

const FIELD_WORDS = [
  ["firstName", "First name"],
  ["surname", "Surname"],
  ["email", "Email"],
  ["mobile", "Mobile"],
] as const;

/** A stored contact as the window has it. */
export function inputOf(contact: ContactRecord): ContactInput {
  return { ...contact, email: contact.email ?? "", mobile: contact.mobile ?? "" };
}
