// Contacts: the list, a contact's page, adding and editing one.

import { transaction } from "../db/connect.ts";
import {
  CONTACT_SORTS,
  CONTACT_STATES,
  type ContactView,
  listContacts,
} from "../db/contact_list.ts";
import {
  addContact,
  checkContact,
  cleanContact,
  type ContactInput,
  editContact,
  findContact,
  findKeptContact,
} from "../db/contacts.ts";
import { MOST_COUNTED } from "../db/search.ts";
import { ContactDialog, type ContactForm } from "../views/contact_dialog.tsx";
import { ContactChanged, ContactRecordPage, ContactSaved } from "../views/contact_records.tsx";
import {
  ContactsAnswer,
  ContactsPage,
  type ContactsProps,
  contactsQuery,
} from "../views/contacts.tsx";
import { leadsTo } from "../views/swap.tsx";
import {
  contactOf,
  inputOf,
  recordOf,
  said,
  showRecordDialog,
  toastOf,
} from "./contact_records.tsx";
import {
  answer,
  authorOf,
  type Ctx,
  factory,
  type Fields,
  page,
  partials,
  readForm,
  readId,
  wantsPiece,
} from "./context.ts";
import { hasProblems, readVersion } from "./edits.ts";
import { notFound } from "./errors.tsx";
import { frameOf } from "./frame.tsx";
import { mayEdit, mustEdit } from "./guards.ts";
import { answerList, aroundList, readListView, shownView } from "./lists.ts";

export const contacts = factory.createApp()
  .get("/", async (c) => {
    const list = await listOf(c, readView(new URL(c.req.url).searchParams));
    return await answerList(c, {
      address: `/contacts${contactsQuery(list.view, list.view)}`,
      page: async () => <ContactsPage {...list} {...await aroundList(c)} />,
      piece: () => <ContactsAnswer {...list} />,
    });
  })
  .get("/new", async (c) => {
    mustEdit(c);
    const values = { firstName: "", surname: "", email: "", mobile: "" };
    return await showNew(c, { values, problems: {} });
  })
  .post("/", async (c) => {
    const values = readContactInput(await readForm(c));
    const problems = checkContact(values);
    if (hasProblems(problems)) return await showNew(c, { values, problems }, 422);
    const change = { contact: cleanContact(values), author: authorOf(c) };
    const id = await transaction(c.var.services.sql, (tx) => addContact(tx, change));
    const address = `/contacts/${id}?done=added`;
    return wantsPiece(c) ? c.body(null, 200, leadsTo(address)) : c.redirect(address, 303);
  })
  .get("/:id", async (c) => {
    const id = readId(c.req.param("id")) ?? notFound();
    const contact = await findContact(c.var.services.sql, id);
    // An old address leads to the record that was kept.
    if (contact === null) {
      const kept = await findKeptContact(c.var.services.sql, id) ?? notFound();
      return c.redirect(`/contacts/${kept}?done=merged`, 303);
    }
    const record = await recordOf(c, contact);
    const toasts = toastOf(c.req.query("done"), record);
    return await page(
      c,
      <ContactRecordPage frame={await frameOf(c)} {...record} toasts={toasts} />,
    );
  })
  .get("/:id/edit", async (c) => {
    mustEdit(c);
    const contact = await contactOf(c);
    return await showRecordDialog(c, contact, { values: inputOf(contact), problems: {} });
  })
  .post("/:id", async (c) => {
    const { sql } = c.var.services;
    const contact = await contactOf(c);
    const form = await readForm(c);
    const version = readVersion(form);
    const values = readContactInput(form);
    const problems = checkContact(values);
    if (hasProblems(problems)) {
      return await showRecordDialog(c, { ...contact, version }, { values, problems }, 422);
    }
    const change = { contact: cleanContact(values), author: authorOf(c) };
    const stored = await transaction(sql, (tx) => editContact(tx, contact.id, version, change));
    if (!stored) {
      const now = await contactOf(c);
      const given = { values, problems: {}, conflict: said(now, cleanContact(values)) };
      return await showRecordDialog(c, now, given, 409);
    }
    if (!wantsPiece(c)) return c.redirect(`/contacts/${contact.id}?done=saved`, 303);
    const record = await recordOf(c, await contactOf(c));
    const stays = record.logons.some((logon) => logon.differs && !logon.isDeleted);
    return await partials(
      c,
      <ContactChanged {...record} stays={stays}>
        <ContactSaved {...record} />
      </ContactChanged>,
      ["dialog:close"],
    );
  });

/** The window's fields as they were typed. */
export function readContactInput(form: Fields): ContactInput {
  return {
    firstName: form.text("firstName"),
    surname: form.text("surname"),
    email: form.text("email"),
    mobile: form.text("mobile"),
  };
}

async function showNew(c: Ctx, form: ContactForm, status: 200 | 422 = 200): Promise<Response> {
  const dialog = <ContactDialog form={form} />;
  return await answer(c, {
    piece: () => dialog,
    page: async () => {
      const list = await listOf(c, readView(new URLSearchParams()));
      return <ContactsPage {...list} {...await aroundList(c)} dialog={dialog} />;
    },
  }, status);
}

async function listOf(c: Ctx, view: ContactView): Promise<ContactsProps> {
  const found = await listContacts(c.var.services.sql, view);
  return {
    view: shownView(view, found),
    page: found,
    mayEdit: mayEdit(c),
    mostCounted: MOST_COUNTED,
  };
}

function readView(query: URLSearchParams): ContactView {
  const state = CONTACT_STATES.find((one) => one === query.get("state")) ?? null;
  return { ...readListView(query, CONTACT_SORTS), state };
}
