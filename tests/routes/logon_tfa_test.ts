// The key icon: its state, its window, and every change with its reason, by whoever may.

import { after, before, beforeEach, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { type Sql, transaction } from "../../db/connect.ts";
import { confirmSecret } from "../../db/tfa.ts";
import { documentOf, type Office, openOffice, PIECE, signIn, type Visitor } from "../office.ts";

let office: Office;
let sql: Sql;
let id = 0;
let admin: Visitor;

before(async () => {
  office = await openOffice();
  sql = office.services.sql;
});
after(() => office.close());
beforeEach(async () => {
  const [row] = await sql<[{ id: number }]>`
    insert into logons (first_name, surname, username, email)
    values ('Zoë', 'Aalto', ${crypto.randomUUID()}, 'zoe.aalto@example.org') returning id`;
  id = row.id;
  admin = await signIn(office, "frontdesk");
});

async function setUp(): Promise<void> {
  const sealed = await office.services.keys.sealer("totp secret")
    .seal(new Uint8Array(20), String(id));
  const confirmed = { secret: sealed, step: 1, at: office.clock.now() };
  await transaction(
    sql,
    (tx) => confirmSecret(tx, { logonId: id }, confirmed, [new Uint8Array(32)]),
  );
}

async function stateNow(): Promise<string> {
  const [row] = await sql<{ tfa: string }[]>`select tfa from logons where id = ${id}`;
  return row?.tfa ?? "gone";
}

function ask(fields: Record<string, string>): Promise<Response> {
  return admin.post(`/logons/${id}/tfa`, fields, PIECE);
}

async function windowNow(query = ""): Promise<Element> {
  const page = await documentOf(await admin.piece(`/logons/${id}/tfa${query}`));
  assert.equal(page.querySelector("h2")?.textContent, "Two factor authentication");
  assert.ok(page.body);
  return page.body;
}

async function lastDeed(): Promise<unknown> {
  const [row] = await sql`
    select who, what, before, after from audit where subject = 'logon' and subject_id = ${id}
     order by id desc limit 1`;
  return { ...row };
}

function texts(element: Element, what: string): string[] {
  return [...element.querySelectorAll(what)].map((one) => (one.textContent ?? "").trim());
}

describe("the key icon", () => {
  async function iconNow(): Promise<{ name: string; title: string; looks: string; href: string }> {
    const page = await documentOf(await admin.get("/logons?q=aalto&sort=-last"));
    const icon = page.querySelector(`a[href^="/logons/${id}/tfa"]`);
    assert.ok(icon);
    const of = (name: string): string => icon.getAttribute(name) ?? "";
    return { name: of("aria-label"), title: of("title"), looks: of("class"), href: of("href") };
  }

  it("is a link that shows the state, also in words", async () => {
    const off = await iconNow();
    assert.equal(off.name, "Two factor authentication for Zoë Aalto");
    assert.match(off.title, /: off$/);
    await ask({ change: "require" });
    const required = await iconNow();
    assert.match(required.title, /: required, not set up yet$/);
    assert.match(required.looks, /tfa-required/);
    await setUp();
    const done = await iconNow();
    assert.match(done.title, /: set up$/);
    assert.match(done.looks, /tfa-set-up/);
  });

  it("opens the window on top of the list, without script too", async () => {
    const page = await documentOf(await admin.get((await iconNow()).href));
    assert.equal(page.querySelector("dialog h2")?.textContent, "Two factor authentication");
    assert.ok(page.querySelector("#logons"));
  });
});

describe("where it is off", () => {
  it("is required by one button, and sessions go on", async () => {
    assert.match((await windowNow()).textContent ?? "", /with the password alone/);
    const answer = await ask({ change: "require", query: "?q=aalto" });
    const text = await answer.text();
    assert.match(text, /Zoë Aalto sets up two factor authentication at the next sign-in/);
    assert.match(text, /TFA not set up/, "the row says so at once");
    assert.equal(await stateNow(), "required");
    assert.deepEqual(await lastDeed(), {
      who: "Femi Adeyemi",
      what: "require two factor authentication",
      before: { tfa: "off" },
      after: { tfa: "required" },
    });
  });

  it("can be done without script", async () => {
    const answer = await admin.post(`/logons/${id}/tfa`, { change: "require" });
    assert.equal(answer.status, 303);
    const list = await admin.get(answer.headers.get("location") ?? "");
    const page = await documentOf(list);
    assert.match(page.querySelector(".toast")?.textContent ?? "", /Zoë Aalto/);
    assert.equal(await stateNow(), "required");
  });
});

describe("where it is required", () => {
  beforeEach(async () => {
    await sql`update logons set tfa = 'required' where id = ${id}`;
  });

  it("is required no longer, with a reason", async () => {
    const without = await ask({ change: "do not require", reason: "  " });
    assert.equal(without.status, 422);
    const body = (await documentOf(without)).body;
    assert.deepEqual(texts(body, "#field-reason-problem"), ["Say in a few words why."]);
    assert.equal(await stateNow(), "required");
    const answer = await ask({ change: "do not require", reason: "No smartphone" });
    assert.equal(answer.status, 200);
    assert.equal(await stateNow(), "off");
    assert.deepEqual(await lastDeed(), {
      who: "Femi Adeyemi",
      what: "no longer require two factor authentication",
      before: { tfa: "required" },
      after: { tfa: "off", reason: "No smartphone" },
    });
    await answer.body?.cancel();
  });
});

describe("where it is set up", () => {
  beforeEach(setUp);

  it("says so, and offers the two ways", async () => {
    const shown = await windowNow();
    assert.match(shown.textContent ?? "", /1 recovery code left/);
    assert.deepEqual(texts(shown, "footer a"), ["Switch off", "Close", "Lost phone"]);
  });

  it("lets go of a lost phone once the caller was checked", async () => {
    const shown = await windowNow("?for=lost-phone");
    assert.deepEqual(texts(shown, "option").slice(1), [
      "known voice",
      "called back on the number on record",
      "date of birth and address",
      "came in person",
      "other",
    ]);
    for (
      const [fields, field] of [
        [{ checked: "" }, "checked"],
        [{ checked: "nonsense" }, "checked"],
        [{ checked: "other" }, "note"],
      ] as const
    ) {
      const refused = await ask({ change: "lost phone", ...fields });
      assert.equal(refused.status, 422);
      assert.ok((await documentOf(refused)).querySelector(`#field-${field}-problem`), field);
    }
    assert.equal(await stateNow(), "set up");
    const [before_] = await sql`select count(*)::int as count from sessions where logon_id = ${id}`;
    assert.equal(before_?.["count"], 0);
    const answer = await ask({
      change: "lost phone",
      checked: "came in person",
      note: "Showed her driving licence",
    });
    assert.match(await answer.text(), /The phone of Zoë Aalto was removed/);
    assert.equal(await stateNow(), "required");
    const [left] = await sql`
      select (select count(*)::int from totp_secrets where logon_id = ${id}) as secrets,
             (select count(*)::int from recovery_codes where logon_id = ${id}) as codes`;
    assert.deepEqual({ ...left }, { secrets: 0, codes: 0 });
    assert.deepEqual(await lastDeed(), {
      who: "Femi Adeyemi",
      what: "remove a lost phone",
      before: { tfa: "set up" },
      after: {
        tfa: "required",
        callerCheckedBy: "came in person",
        reason: "Showed her driving licence",
      },
    });
  });

  it("is switched off with a reason", async () => {
    const shown = await windowNow("?for=switch-off");
    assert.deepEqual(texts(shown, "label"), ["Reason"]);
    const refused = await ask({ change: "switch off" });
    assert.equal(refused.status, 422);
    await refused.body?.cancel();
    const answer = await ask({ change: "switch off", reason: "Moved abroad" });
    assert.equal(answer.status, 200);
    assert.equal(await stateNow(), "off");
    await answer.body?.cancel();
  });

  it("asks for the admin's own password again after ten minutes", async () => {
    office.clock.move(11);
    assert.match(
      (await windowNow("?for=lost-phone")).textContent ?? "",
      /Your own password/,
    );
    for (
      const fields of [
        { change: "lost phone", checked: "known voice" },
        { change: "switch off", reason: "x", own_password: "wrong" },
      ]
    ) {
      const refused = await ask(fields);
      assert.equal(refused.status, 422);
      assert.ok((await documentOf(refused)).querySelector("#field-own_password-problem"));
    }
    assert.equal(await stateNow(), "set up");
    const answer = await ask({
      change: "lost phone",
      checked: "known voice",
      own_password: "demo-frontdesk-2026",
    });
    assert.equal(answer.status, 200);
    assert.equal(await stateNow(), "required");
    await answer.body?.cancel();
  });

  it("tells the parent by a notice that is written with the change", async () => {
    await sql`
      insert into logon_passwords (logon_id, hash, temporary) values (${id}, ${
      "$2b$04$" + "a".repeat(53)
    }, false)`;
    await (await ask({ change: "lost phone", checked: "known voice" })).body?.cancel();
    await (await ask({ change: "do not require", reason: "x" })).body?.cancel();
    await (await ask({ change: "require" })).body?.cancel();
    await setUp();
    await (await ask({ change: "switch off", reason: "Moved abroad" })).body?.cancel();
    const notices = await sql`
      select kind, name, address, facts, state from notices where logon_id = ${id} order by id`;
    const about = { name: "Zoë Aalto", address: "zoe.aalto@example.org", facts: {} };
    assert.deepEqual(notices.map((row) => ({ ...row })), [
      { kind: "phone removed", ...about, state: "queued" },
      { kind: "tfa not required", ...about, state: "queued" },
      { kind: "tfa required", ...about, state: "queued" },
      { kind: "tfa switched off", ...about, state: "queued" },
    ]);
  });

  it("tells nobody where there is no email", async () => {
    await sql`update logons set email = null where id = ${id}`;
    await (await ask({ change: "lost phone", checked: "known voice" })).body?.cancel();
    assert.equal((await sql`select from notices where logon_id = ${id}`).length, 0);
  });

  it("refuses what does not fit the state, and shows how it is now", async () => {
    for (const change of ["require", "do not require", "nonsense", ""]) {
      const answer = await ask({ change, reason: "x" });
      assert.equal(answer.status, 409, change);
      assert.match(await answer.text(), /Nothing was changed/);
    }
    assert.equal(await stateNow(), "set up");
    await (await ask({ change: "switch off", reason: "x" })).body?.cancel();
    const twice = await ask({ change: "switch off", reason: "x" });
    assert.equal(twice.status, 409);
    await twice.body?.cancel();
  });
});

describe("whoever may not", () => {
  it("gets nothing and changes nothing", async () => {
    admin = await signIn(office, "viewer");
    for (const answer of [await admin.get(`/logons/${id}/tfa`), await ask({ change: "require" })]) {
      assert.equal(answer.status, 403);
      await answer.body?.cancel();
    }
    assert.equal(await stateNow(), "off");
  });

  it("is told where the logon has gone", async () => {
    await sql`update logons set deleted_at = now() where id = ${id}`;
    const opened = await admin.piece(`/logons/${id}/tfa`);
    assert.equal(opened.status, 404);
    assert.match(await opened.text(), /somebody has deleted it/);
    const posted = await ask({ change: "require" });
    assert.equal(posted.status, 404);
    await posted.body?.cancel();
    for (const path of ["/logons/0/tfa", "/logons/x/tfa", "/logons/999999999999/tfa"]) {
      const answer = await admin.get(path);
      assert.equal(answer.status, 404, path);
      await answer.body?.cancel();
    }
  });
});
