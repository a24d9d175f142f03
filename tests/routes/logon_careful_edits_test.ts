// Editing with care: suspending and expiry, the language of mails, the question before an email changes, and what the old address is told.

import { after, before, beforeEach, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import type { Sql } from "../../db/connect.ts";
import { addZoe, type Fields, formOf, sessionOf } from "../logons.ts";
import {
  documentOf,
  type Office,
  openOffice,
  PIECE,
  signIn,
  type Visitor,
  wrongFieldsOf,
} from "../office.ts";

let office: Office;
let sql: Sql;
let admin: Visitor;
let id = 0;

before(async () => {
  office = await openOffice();
  sql = office.services.sql;
});
after(() => office.close());
beforeEach(async () => {
  id = await addZoe(sql);
  admin = await signIn(office, "frontdesk");
});

async function save(more: Fields): Promise<Response> {
  return await admin.post(`/logons/${id}`, { ...await formOf(admin, id), ...more }, PIECE);
}

async function saved(more: Fields): Promise<void> {
  const answer = await save(more);
  assert.equal(answer.status, 200, await answer.text());
}

async function rowNow(): Promise<Record<string, unknown>> {
  const [row] = await sql`
    select email, suspended_at, suspended_reason, expires_on::text, email_unchecked, version from logons where id = ${id}`;
  return { ...row };
}

async function lastDeed(): Promise<
  { before: Record<string, unknown>; after: Record<string, unknown> }
> {
  const [row] = await sql<[{ before: Record<string, unknown>; after: Record<string, unknown> }]>`
    select before, after from audit where subject = 'logon' and subject_id = ${id} order by id desc limit 1`;
  return row;
}

async function noticesNow(): Promise<{ address: string; facts: Record<string, unknown> }[]> {
  const rows = await sql<{ address: string; facts: Record<string, unknown> }[]>`
    select address, facts from notices where logon_id = ${id} order by id`;
  return rows.map((row) => ({ ...row }));
}

async function countSessions(): Promise<number> {
  const [row] = await sql<[{ count: number }]>`
    select count(*)::int as count from sessions where logon_id = ${id}`;
  return row.count;
}

describe("the language of mails", () => {
  async function language(): Promise<string | null> {
    const [row] = await sql<{ language: string | null }[]>`
      select language from logons where id = ${id}`;
    return row?.language ?? null;
  }

  it("is chosen in the window, kept by a form that does not know of it, and taken back", async () => {
    const window = await documentOf(await admin.piece(`/logons/${id}/edit`));
    const options = [...window.querySelectorAll("[name=language] option")].map((one) =>
      one.textContent
    );
    assert.equal(options[0], "Not chosen: English");
    assert.ok(options.includes("Polish (Polski)"));
    await saved({ language: "pl" });
    assert.equal(await language(), "pl");
    const { before: was, after: is } = await lastDeed();
    assert.deepEqual([was["language"], is["language"]], [null, "pl"]);
    await saved({});
    assert.equal(await language(), "pl");
    assert.ok(!("language" in (await lastDeed()).after));
    const shown = await documentOf(await admin.piece(`/logons/${id}/edit`));
    assert.equal(
      shown.querySelector("[name=language] option[selected]")?.getAttribute("value"),
      "pl",
    );
    const refused = await documentOf(await save({ language: "ur", username: "", email: "" }));
    assert.equal(
      refused.querySelector("[name=language] option[selected]")?.getAttribute("value"),
      "ur",
    );
    assert.equal(await language(), "pl");
    await saved({ language: "" });
    assert.equal(await language(), null);
  });

  it("is not asked for where a logon is added", async () => {
    const window = await documentOf(await admin.piece("/logons/new"));
    assert.equal(window.querySelector("[name=language]"), null);
  });
});

describe("suspending", () => {
  it("ends the sessions at once, keeps the reason and since when, and is taken back by unticking", async () => {
    await sessionOf(office, id);
    await saved({ suspended: "yes", suspendedReason: "  Left the   country " });
    assert.equal(await countSessions(), 0);
    const row = await rowNow();
    assert.deepEqual(row["suspended_at"], office.clock.now());
    assert.equal(row["suspended_reason"], "Left the country");
    const { before: was, after: is } = await lastDeed();
    assert.deepEqual([was["suspended"], is["suspended"], is["suspendedReason"]], [
      false,
      true,
      "Left the country",
    ]);
    const since = office.clock.now();
    office.clock.move(5);
    await saved({ suspendedReason: "Back in May" });
    assert.deepEqual((await rowNow())["suspended_at"], since, "since when is kept");
    const form = await formOf(admin, id);
    assert.equal(form["suspended"], "yes");
    delete form["suspended"];
    const answer = await admin.post(`/logons/${id}`, form, PIECE);
    assert.equal(answer.status, 200);
    assert.equal((await rowNow())["suspended_at"], null);
    assert.equal((await rowNow())["suspended_reason"], null);
  });

  it("is left as it is by a form that does not have the section", async () => {
    await saved({ suspended: "yes", expiresOn: "2027-07-31" });
    const { access: _, suspended: __, expiresOn: ___, ...old } = await formOf(admin, id);
    const answer = await admin.post(`/logons/${id}`, { ...old, surname: "Ng" }, PIECE);
    assert.equal(answer.status, 200);
    const row = await rowNow();
    assert.ok(row["suspended_at"]);
    assert.equal(row["expires_on"], "2027-07-31");
  });

  it("is in the list as a chip and a filter", async () => {
    await saved({ suspended: "yes" });
    const list = await documentOf(await admin.piece("/logons?state=suspended&q=aalto"));
    assert.match(list.querySelector(`#logon-${id}`)?.textContent ?? "", /suspended/);
  });

  it("keeps what was typed where something is wrong, and refuses what cannot be kept", async () => {
    const wrong = [
      { suspended: "yes", suspendedReason: "x".repeat(301) },
      { suspended: "yes", suspendedReason: "nul \0 here" },
      { suspended: "yes", suspendedReason: "y".repeat(10_240) },
    ];
    for (const fields of wrong) {
      assert.deepEqual(await wrongFieldsOf(await save(fields)), ["suspendedReason"]);
    }
    const kept = await documentOf(
      await save({ suspended: "yes", suspendedReason: "Away", surname: "" }),
    );
    assert.ok(kept.querySelector("details[open] [name=suspended][checked]"));
    assert.equal(kept.querySelector("[name=suspendedReason]")?.getAttribute("value"), "Away");
    await saved({ suspended: "yes", suspendedReason: "<b>𝒜 ünïcödé</b>" });
  });

  it("is not overwritten by somebody who saw it before", async () => {
    const stale = await formOf(admin, id);
    await saved({ suspended: "yes", suspendedReason: "Court" });
    const answer = await admin.post(`/logons/${id}`, stale, PIECE);
    assert.equal(answer.status, 409);
    assert.match(await answer.text(), /It is suspended now/);
    assert.ok((await rowNow())["suspended_at"]);
  });
});

describe("an expiry", () => {
  it("in the past ends the sessions at once; one to come does not", async () => {
    await sessionOf(office, id);
    await saved({ expiresOn: "2099-01-01" });
    assert.equal(await countSessions(), 1);
    await saved({ expiresOn: "2020-01-01" });
    assert.equal(await countSessions(), 0);
    const list = await documentOf(await admin.piece("/logons?state=expired&q=aalto"));
    assert.match(list.querySelector(`#logon-${id}`)?.textContent ?? "", /expired/);
    await saved({ expiresOn: "" });
    assert.equal((await rowNow())["expires_on"], null);
  });

  it("is refused where it is no day", async () => {
    for (
      const expiresOn of ["2026-02-30", "tomorrow", "0026-01-01", "2026-1-1", "9".repeat(10_240)]
    ) {
      assert.deepEqual(await wrongFieldsOf(await save({ expiresOn })), ["expiresOn"]);
    }
  });
});

describe("another email", () => {
  it("of a logon in use is not stored before somebody says how the caller was checked", async () => {
    const first = await save({ email: "new@example.net" });
    const page = await documentOf(first.clone());
    assert.deepEqual(await wrongFieldsOf(first), ["checked"]);
    const options = [...page.querySelectorAll("#field-checked option")].map((one) =>
      one.textContent
    );
    assert.deepEqual(options.slice(0, 3), [
      "Choose one",
      "not at a caller’s request: a correction of our own",
      "known voice",
    ]);
    assert.deepEqual(
      await wrongFieldsOf(await save({ email: "new@example.net", checked: "nonsense" })),
      ["checked"],
    );
    assert.deepEqual(
      await wrongFieldsOf(await save({ email: "new@example.net", checked: "other", note: " " })),
      ["note"],
    );
    assert.equal((await rowNow())["email"], "zoe.aalto@example.org");
    await saved({ email: "new@example.net", checked: "other", note: "Her sister vouched" });
    const row = await rowNow();
    assert.deepEqual([row["email"], row["email_unchecked"]], ["new@example.net", false]);
    const { after: is } = await lastDeed();
    assert.deepEqual([is["callerCheckedBy"], is["reason"]], ["other", "Her sister vouched"]);
  });

  it("is not asked about where nobody uses the logon, only the case changes, or it is taken away", async () => {
    await saved({ email: "ZOE.Aalto@example.org" });
    await saved({ email: "" });
    assert.equal((await rowNow())["email_unchecked"], false);
    await sql`delete from logon_passwords where logon_id = ${id}`;
    await saved({ email: "first@example.net" });
    assert.equal((await rowNow())["email_unchecked"], false);
    await sql`
      insert into credential_mails (logon_id, asked_at, name, username, address, enable_tfa, state, due_at, settled_at)
      values (${id}, now(), 'Zoë', 'zoe', 'first@example.net', false, 'refused', now(), now())`;
    assert.deepEqual(
      await wrongFieldsOf(await save({ email: "second@example.net" })),
      ["checked"],
      "one who was sent a password may be somebody by now",
    );
  });

  it("keeps the answer in a window that is redrawn without script", async () => {
    const fields = {
      ...await formOf(admin, id),
      email: "new@example.net",
      checked: "known voice",
      note: "Tuesday",
    };
    const page = await documentOf(
      await admin.post("/logon-drafts", { ...fields, open_picker: "yes" }),
    );
    assert.equal(page.querySelector("[name=note]")?.getAttribute("value"), "Tuesday");
    assert.equal(
      page.querySelector("[name=checked] option[selected]")?.getAttribute("value"),
      "known voice",
    );
  });
});

describe("the old address", () => {
  it("is told that the email changed, and to what only in part", async () => {
    await saved({ email: "new.person@example.net", checked: "known voice" });
    const [username] = [(await formOf(admin, id))["username"]];
    assert.deepEqual(await noticesNow(), [{
      address: "zoe.aalto@example.org",
      facts: { username, email: "n…@e….net", password: false },
    }]);
  });

  it("is told of a new username and of a password that the office typed", async () => {
    const { username: old } = await formOf(admin, id);
    await saved({ username: "zoe.ng" + id, password: "copper kettle harbour" });
    assert.deepEqual(await noticesNow(), [{
      address: "zoe.aalto@example.org",
      facts: { username: old, newUsername: "zoe.ng" + id, password: true },
    }]);
    await saved({ username: `secret.${id}@example.net` });
    const [, second] = await noticesNow();
    assert.equal(second?.facts["newUsername"], "s…@e….net");
  });

  it("is told nothing of a name, of a learner, or where there is nobody to tell", async () => {
    await saved({ surname: "Ng" });
    await saved({ suspended: "yes" });
    assert.deepEqual(await noticesNow(), []);
    await sql`update logons set email = null where id = ${id}`;
    await saved({ email: "new@example.net", checked: "known voice" });
    assert.deepEqual(await noticesNow(), []);
  });

  it("is told nothing where the change was not stored", async () => {
    const stale = await formOf(admin, id);
    await saved({ surname: "Ng" });
    const answer = await admin.post(
      `/logons/${id}`,
      { ...stale, email: "new@example.net", checked: "known voice" },
      PIECE,
    );
    assert.equal(answer.status, 409);
    assert.deepEqual(await noticesNow(), []);
  });
});
