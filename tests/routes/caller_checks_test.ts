// Takeover by telephone over HTTP: the envelope and every bulk way ask before they send to an email nobody has vouched for.

import { after, before, beforeEach, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import type { Sql } from "../../db/connect.ts";
import { idOf } from "../logons.ts";
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
let changed = 0;
let other = 0;

before(async () => {
  office = await openOffice();
  sql = office.services.sql;
  admin = await signIn(office, "frontdesk");
});
after(() => office.close());
beforeEach(async () => {
  await sql`update credential_mails set state = 'cancelled', settled_at = now() where settled_at is null`;
  changed = await idOf(sql, "john.smith");
  other = await idOf(sql, "ama.boateng");
  // As an import or the contact would, in the cast or by hand.
  await sql`update logons set email = ${`${crypto.randomUUID()}@example.net`} where id = ${changed}`;
});

async function stateNow(id: number): Promise<unknown> {
  const [row] = await sql`
    select l.email_unchecked as unchecked, coalesce((
      select m.state from credential_mails m where m.logon_id = l.id order by m.id desc limit 1), 'none') as mail
      from logons l where l.id = ${id}`;
  return row?.["unchecked"] ? `unchecked, ${row["mail"]}` : row?.["mail"];
}

async function checksOf(id: number): Promise<unknown[]> {
  const rows = await sql<{ after: { callerCheckedBy: string } }[]>`
    select after from audit where subject = 'logon' and subject_id = ${id} and what = 'check caller' order by id`;
  return rows.map((row) => row.after.callerCheckedBy);
}

describe("the envelope", () => {
  it("asks in its own window, sends nothing without an answer, and keeps the answer", async () => {
    const path = `/logons/${changed}/credentials`;
    const page = await documentOf(await admin.piece(path));
    assert.ok(page.querySelector("#field-checked"));
    assert.match(page.body.textContent ?? "", /nobody has said yet how they knew who was asking/);
    assert.deepEqual(await wrongFieldsOf(await admin.post(path, {}, PIECE)), ["checked"]);
    const other_ = await admin.post(path, { checked: "other", note: "" }, PIECE);
    assert.deepEqual(await wrongFieldsOf(other_), ["note"]);
    assert.match(String(await stateNow(changed)), /^unchecked/);
    const sent = await admin.post(path, { checked: "known voice" }, PIECE);
    assert.equal(sent.status, 200);
    assert.equal(await stateNow(changed), "queued");
    assert.equal((await checksOf(changed)).at(-1), "known voice");
    const again = await documentOf(await admin.piece(path));
    assert.equal(again.querySelector("#field-checked"), null, "asked once");
  });

  it("asks nothing of a logon whose email stayed", async () => {
    const page = await documentOf(await admin.piece(`/logons/${other}/credentials`));
    assert.equal(page.querySelector("#field-checked"), null);
    assert.equal((await admin.post(`/logons/${other}/credentials`, {}, PIECE)).status, 200);
    assert.equal(await stateNow(other), "queued");
  });
});

describe("Bulk Reset", () => {
  const chosen = (): { logon: string[] } => ({ logon: [String(changed), String(other)] });

  it("says whom it concerns as they are ticked, and keeps the answer meanwhile", async () => {
    const headers = { ...PIECE, "hx-target": "div#preflight" };
    const asked = await admin.post("/bulk-reset-drafts", { ...chosen(), note: "Tuesday" }, headers);
    const page = await documentOf(asked);
    assert.match(page.body.textContent ?? "", /1 mail will be sent.*John Smith \(email changed\)/);
    assert.match(page.body.textContent ?? "", /The email of 1 of them was changed/);
    assert.equal(page.querySelector("[name=note]")?.getAttribute("value"), "Tuesday");
    const answered = { ...chosen(), checked: "known voice" };
    const vouched = await admin.post("/bulk-reset-drafts", answered, headers);
    assert.match(await vouched.text(), /2 mails will be sent/);
    const none = await admin.post("/bulk-reset-drafts", { logon: [String(other)] }, headers);
    assert.equal((await documentOf(none)).querySelector("#field-checked"), null);
  });

  it("leaves out without an answer whoever needs one, and sends to the others", async () => {
    const answer = await admin.post("/bulk-resets", chosen(), PIECE);
    assert.equal(answer.status, 200);
    assert.equal(await stateNow(other), "queued");
    assert.equal(await stateNow(changed), "unchecked, left out");
  });

  it("sends to all with one answer, kept for each whom it concerned", async () => {
    const before_ = (await checksOf(other)).length;
    const answer = await admin.post(
      "/bulk-resets",
      { ...chosen(), checked: "not at a caller’s request: a correction of our own" },
      PIECE,
    );
    assert.equal(answer.status, 200);
    assert.deepEqual([await stateNow(changed), await stateNow(other)], ["queued", "queued"]);
    assert.match(String((await checksOf(changed)).at(-1)), /correction of our own/);
    assert.equal((await checksOf(other)).length, before_);
  });

  it("asks where nobody else is chosen, and says what is wrong with half an answer", async () => {
    const alone = { logon: String(changed) };
    assert.deepEqual(await wrongFieldsOf(await admin.post("/bulk-resets", alone, PIECE)), [
      "checked",
    ]);
    const half = { ...chosen(), checked: "other", note: "" };
    assert.deepEqual(await wrongFieldsOf(await admin.post("/bulk-resets", half, PIECE)), [
      "note",
    ]);
    assert.match(String(await stateNow(changed)), /^unchecked/);
  });
});

describe("the list", () => {
  it("finds the logons whose email nobody has vouched for, and marks them", async () => {
    const page = await documentOf(await admin.piece("/logons?state=email-changed"));
    const rows = [...page.querySelectorAll("tbody tr")].map((row) => row.id);
    assert.deepEqual(rows, [`logon-${changed}`]);
    assert.match(page.querySelector("tbody")?.textContent ?? "", /email changed/);
  });
});

describe("sending again from the ledger", () => {
  it("asks as Bulk Reset does", async () => {
    await sql`
      insert into credential_mails (logon_id, asked_at, name, username, address, enable_tfa, state, answer, due_at, settled_at)
      values (${changed}, ${office.clock.now()}, 'John Smith', 'john.smith', 'old@example.org', false, 'refused', '550',
              ${office.clock.now()}, ${office.clock.now()})`;
    const filter = { state: "refused" };
    const page = await documentOf(await admin.piece("/resends/new?state=refused"));
    assert.ok(page.querySelector("#field-checked"), page.body.textContent ?? "");
    assert.deepEqual(await wrongFieldsOf(await admin.post("/resends", filter, PIECE)), [
      "checked",
    ]);
    const answer = await admin.post("/resends", { ...filter, checked: "known voice" }, PIECE);
    assert.equal(answer.status, 200, await answer.clone().text());
    assert.equal(await stateNow(changed), "queued");
  });
});
