// The workbooks to fill in with learners and with contacts, made from the lists that the reader itself uses.

import { CONTACT_COLUMNS, LEARNER_COLUMNS } from "../lib/feeds/sheet_columns.ts";
import { columnsWorkbook } from "./import_workbooks.ts";

/** A list of learners with one made-up row. */
export async function learnersTemplate(): Promise<Uint8Array<ArrayBuffer>> {
  return await columnsWorkbook({
    sheet: "Learners",
    columns: LEARNER_COLUMNS,
    rows: [LEARNER_COLUMNS.map(({ example }) => example)],
    note: "The learner on the sheet Learners is made up: replace it with your own rows.",
  });
}

/** A list of contacts with one made-up row. */
export async function contactsTemplate(): Promise<Uint8Array<ArrayBuffer>> {
  return await columnsWorkbook({
    sheet: "Contacts",
    columns: CONTACT_COLUMNS,
    rows: [CONTACT_COLUMNS.map(({ example }) => example)],
    note: "The contact on the sheet Contacts is made up: replace it with your own rows.",
  });
}
