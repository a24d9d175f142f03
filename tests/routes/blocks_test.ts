// Blocks in the browser: who may set, read and lift them, what follows at once, and every way back in that they close.

import { after, before, beforeEach, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import type { Sql } from "../../db/connect.ts";
import { listLearnersOf } from "../../db/learners.ts";
import { documentOf, type Office, openOffice, PIECE, signIn, type Visitor } from "../office.ts";

const REASON = "Family court, order 7/26: no sight of her records.";

let office: Office;
let sql: Sql;
let admin: Visitor;
let frontdesk: Visitor;
/** A parent with two children, and a second logon of the same contact. */
let logon = 0;
let second = 0;
let contact = 0;
let ellie = 0;
let jack = 0;

before(async () => {
  office = await openOffice();
  sql = office.services.sql;
});
after(() => office.close());
beforeEach(async () => {
  const number = crypto.randomUUID().slice(0, 8);
  const learners = await sql<{ id: number }[]>`
    insert into learners (admission_number, first_name, surname, status)
    values (${number}, 'Ellie', 'Ode', 'Current'), (${number + "b"}, 'Jack', 'Ode', 'Current')
    returning id`;
  [ellie, jack] = [learners[0]?.id ?? 0, learners[1]?.id ?? 0];
  const [person] = await sql<[{ id: number }]>`
    insert into contacts (first_name, surname, email)
    values ('Sam', 'Ode', ${`sam.${number}@example.org`}) returning id`;
  contact = person.id;
  await sql`
    insert into contact_learners (contact_id, learner_id, relationship, priority, parental_responsibility)
    select ${contact}, id, 'Father', 1, true from unnest(${[ellie, jack]}::bigint[]) as l (id)`;
  logon = await addLogon(`sam.${number}`, contact);
  second = await addLogon(`sam.${number}.2`, contact);
  admin = await signIn(office);
  frontdesk = await signIn(office, "frontdesk");
});

async function addLogon(username: string, contactId: number | null): Promise<number> {
  const [row] = await sql<[{ id: number }]>`
    with new as (
      insert into logons (first_name, surname, username, email, contact_id)
      values ('Sam', 'Ode', ${username}, (select email from contacts where id = ${contact}), ${contactId})
      returning id
    ), linked as (
      insert into logon_learners (logon_id, learner_id)
      select new.id, l.id from new, unnest(${[ellie, jack]}::bigint[]) as l (id)
    )
    select id from new`;
  return row.id;
}

async function seenBy(of: number): Promise<string[]> {
  const access = { today: office.clock.today(), leaverDays: 90 };
  return (await listLearnersOf(sql, of, access)).map((learner) => learner.firstName).sort();
}

function ask(fields: Record<string, string> = {}, as = admin): Promise<Response> {
  const about = { logon: String(logon), learner: String(ellie), reason: REASON };
  return as.post("/blocks", { ...about, ...fields }, PIECE);
}

async function block(fields: Record<string, string> = {}): Promise<number> {
  const answer = await ask(fields);
  assert.equal(answer.status, 200, await answer.text());
  const [row] = await sql<[{ id: number }]>`select max(id) as id from blocks`;
  return row.id;
}

async function deeds(what: string): Promise<Record<string, unknown>[]> {
  return (await sql`select who, subject, subject_id, after from audit where what = ${what} order by id desc`)
    .map((row) => ({ ...row }));
}

describe("setting a block", () => {
  it("is offered in the logon's window, beside each linked learner, to who may", async () => {
    const window = await documentOf(await admin.piece(`/logons/${logon}/edit`));
    const links = [...window.querySelectorAll('a[href^="/blocks/new"]')].map((a) =>
      a.getAttribute("href")
    );
    assert.deepEqual(links, [
      `/blocks/new?logon=${logon}&learner=${ellie}`,
      `/blocks/new?logon=${logon}&learner=${jack}`,
      `/blocks/new?logon=${logon}`,
    ]);
    const other = await documentOf(await frontdesk.piece(`/logons/${logon}/edit`));
    assert.equal(other.querySelector('a[href^="/blocks/new"]'), null);
  });

  it("says whom it covers, as a window and as a page", async () => {
    const path = `/blocks/new?logon=${logon}&learner=${ellie}`;
    const piece = await documentOf(await admin.piece(path));
    const text = piece.body.textContent ?? "";
    assert.match(text, /Keep Sam Ode from seeing Ellie Ode/);
    assert.match(text, /these logons of the same contact: sam\.\w+, sam\.\w+\.2, and any other/);
    assert.equal(piece.querySelector("#blocks"), null);
    const page = await documentOf(await admin.get(path));
    assert.equal(page.querySelector("dialog h2")?.textContent, "Block a learner");
    assert.ok(page.querySelector("#blocks"));
  });

  it("offers the learners of an adult, and the adults of a learner", async () => {
    const ofAdult = await documentOf(await admin.piece(`/blocks/new?contact=${contact}`));
    assert.deepEqual(
      [...ofAdult.querySelectorAll("select[name=learner] option")].map((one) => one.textContent),
      ["Ellie Ode", "Jack Ode"],
    );
    const ofLearner = await documentOf(await admin.piece(`/blocks/new?learner=${ellie}`));
    assert.deepEqual(
      [...ofLearner.querySelectorAll("select[name=adult] option")].map((one) =>
        one.getAttribute("value")
      ),
      [`logon-${logon}`, `logon-${second}`],
    );
    const answer = await ask({ logon: "", adult: `logon-${second}` });
    assert.equal(answer.status, 200);
    await answer.body?.cancel();
    assert.deepEqual(await seenBy(logon), ["Jack"]);
  });

  it("ends that sight at once for every logon of the adult, and keeps the sibling", async () => {
    const answer = await ask({ review_on: "2027-03-24" });
    assert.match(answer.headers.get("hx-trigger") ?? "", /logons:changed/);
    assert.match(await answer.text(), /Sam Ode.*does not see.*Ellie Ode.*cannot be linked again/s);
    assert.deepEqual(await seenBy(logon), ["Jack"]);
    assert.deepEqual(await seenBy(second), ["Jack"]);
    const [row] = await sql`
      select review_on::text, reason, ended_logons, first_name, surname from blocks where logon_id = ${logon}`;
    assert.deepEqual({ ...row }, {
      review_on: "2027-03-24",
      reason: REASON,
      ended_logons: [logon, second],
      first_name: "Sam",
      surname: "Ode",
    });
    const [deed] = await deeds("set block");
    assert.equal(deed?.["who"], "Olwen Hughes");
    assert.doesNotMatch(
      JSON.stringify(deed),
      /court/,
      "why is not for everybody who reads the audit",
    );
  });

  it("works without script, and without a logon", async () => {
    await sql`delete from logons where id in ${sql([logon, second])}`;
    const answer = await admin.post("/blocks", {
      contact: String(contact),
      learner: String(ellie),
      reason: REASON,
    });
    assert.equal(answer.status, 303);
    const page = await documentOf(await admin.get(answer.headers.get("location") ?? ""));
    assert.match(
      page.querySelector(".toast")?.textContent ?? "",
      /does not see Ellie Ode any more/,
    );
    const third = await documentOf(await admin.get(`/blocks?contact=${contact}`));
    assert.match(third.querySelector("tbody")?.textContent ?? "", /no logon/);
  });

  it("needs a reason and a day to come", async () => {
    for (
      const [fields, field, sentence] of [
        [{ reason: " " }, "reason", /Say why/],
        [{ reason: "x".repeat(10_000) }, "reason", /at most 2000/],
        [{ reason: "a\0b" }, "reason", /cannot be stored/],
        [{ reason: "a\ud800" }, "reason", /./],
        [{ review_on: "2026-11-24" }, "review_on", /after today/],
        [{ review_on: "2027-02-30" }, "review_on", /such as/],
        [{ review_on: "<b>" }, "review_on", /such as/],
        [{ learner: "" }, "learner", /Choose the learner/],
      ] as const
    ) {
      const answer = await ask(fields);
      if (field === "reason" && answer.status === 200) continue;
      assert.equal(answer.status, 422, JSON.stringify(fields).slice(0, 60));
      assert.match(
        (await documentOf(answer)).querySelector(".summary")?.textContent ?? "",
        sentence,
        field,
      );
    }
    const kept = await documentOf(await ask({ reason: "", review_on: "2027-05-01" }));
    assert.equal(kept.querySelector("#field-review_on")?.getAttribute("value"), "2027-05-01");
  });

  it("is done once, however often it is sent", async () => {
    await block();
    const twice = await ask();
    assert.equal(twice.status, 409);
    assert.match(await twice.text(), /There is such a block already/);
    const other = await ask({ logon: String(second) });
    assert.equal(other.status, 409, "the other logon of the same adult");
    await other.body?.cancel();
  });

  it("is refused to who has no right, and for who is not there", async () => {
    for (const fields of [{}, { reason: "" }]) {
      const answer = await ask(fields, frontdesk);
      assert.equal(answer.status, 403);
      await answer.body?.cancel();
    }
    await sql`update admins set sees_blocks = false where username = 'office'`;
    assert.equal((await ask()).status, 403, "an administrator without that right");
    await sql`update admins set sees_blocks = true where username = 'office'`;
    for (const fields of [{ logon: "999999" }, { learner: "999999" }]) {
      const answer = await ask(fields);
      assert.equal(answer.status, 404);
      assert.match(await answer.text(), /not there any more/);
    }
    assert.deepEqual(await seenBy(logon), ["Ellie", "Jack"]);
  });
});

describe("who may not set blocks", () => {
  it("sees that there is one, not why", async () => {
    const id = await block();
    for (const visitor of [frontdesk, await signIn(office, "viewer")]) {
      for (const path of ["/blocks", `/blocks/${id}`, `/blocks?logon=${logon}`]) {
        const text = await (await visitor.get(path)).text();
        assert.match(text, /Ellie/, path);
        assert.doesNotMatch(text, /Family court/, path);
      }
    }
    const window = await (await frontdesk.piece(`/logons/${logon}/edit`)).text();
    assert.match(window, /blocked/);
    assert.doesNotMatch(window, /Family court/);
    const list = await documentOf(await frontdesk.get("/logons?q=ode"));
    const row = list.querySelector(`#logon-${logon}`)?.textContent ?? "";
    assert.match(row, /block/);
  });
});

describe("every way back in", () => {
  it("is closed: the picker greys the learner and refuses, and so does Save", async () => {
    await block();
    const form = {
      logon_id: String(logon),
      firstName: "Sam",
      surname: "Ode",
      username: "x",
      version: "1",
    };
    const picker = await documentOf(
      await frontdesk.post("/logon-drafts", {
        ...form,
        open_picker: "yes",
        picker: "open",
        learner_search: "ode",
      }, PIECE),
    );
    const offered = [...picker.querySelectorAll(".offered li")].map((li) => li.textContent ?? "");
    assert.ok(
      offered.some((text) => /Ellie Ode.*blocked for this parent/.test(text)),
      offered.join(),
    );
    assert.equal(picker.querySelector(`button[name=link][value="${ellie}"]`), null);
    const forced = await documentOf(
      await frontdesk.post("/logon-drafts", { ...form, link: String(ellie) }, PIECE),
    );
    assert.match(
      forced.querySelector(".problem")?.textContent ?? "",
      /Ellie Ode is blocked for this parent/,
    );
    const saved = await frontdesk.post(
      `/logons/${logon}`,
      { ...form, learner: String(ellie) },
      PIECE,
    );
    assert.equal(saved.status, 422);
    assert.match(await saved.text(), /Ellie Ode is blocked for this parent/);
    assert.deepEqual(await seenBy(logon), ["Jack"]);
  });

  it("is closed: no second logon is typed for the same adult", async () => {
    await block();
    const [{ email }] = await sql<
      [{ email: string }]
    >`select email from contacts where id = ${contact}`;
    const fields = {
      firstName: "SAM",
      surname: "Ode",
      email,
      username: crypto.randomUUID(),
      learner: String(ellie),
    };
    const answer = await frontdesk.post("/logons", fields, PIECE);
    assert.equal(answer.status, 422);
    assert.match(await answer.text(), /Ellie Ode is blocked for this parent/);
    const sister = await frontdesk.post("/logons", { ...fields, firstName: "Ada" }, PIECE);
    assert.equal(sister.status, 200, "another adult of the same mailbox");
    await sister.body?.cancel();
  });

  it("takes hostile text in the names that it compares", async () => {
    for (const firstName of ["a\0b", "\ud800", "x".repeat(10_000), "👨‍👩‍👧"]) {
      const answer = await frontdesk.post(
        "/logon-drafts",
        { firstName, surname: firstName, email: firstName, link: String(ellie) },
        PIECE,
      );
      assert.equal(answer.status, 200);
      await answer.body?.cancel();
    }
  });

  it("is closed: a restored logon comes back without the link, and says so", async () => {
    await sql`update logons set deleted_at = now() where id = ${logon}`;
    await block({ logon: String(second) });
    const answer = await frontdesk.post(`/logons/${logon}/restoration`, {}, PIECE);
    assert.match(await answer.text(), /is back\. Ellie Ode stays blocked for this parent/);
    assert.deepEqual(await seenBy(logon), ["Jack"]);
  });

  it("stays closed when the contact is deleted, and when the logon is purged", async () => {
    await block({ logon: "", contact: String(contact) });
    await sql`delete from contacts where id = ${contact}`;
    await assert.rejects(
      sql`insert into logon_learners (logon_id, learner_id) values (${second}, ${ellie})`,
    );
    await sql`delete from logons where id in ${sql([logon, second])}`;
    const left = await sql`
      select from blocks where learner_id = ${ellie} and surname = 'Ode' and lifted_at is null`;
    assert.ok(left.length > 0, "the name is still known");
    const page = await (await admin.get(`/learners/${ellie}`)).text();
    assert.match(page, /Blocked from this learner: <bdi>[A-Z][a-z]+ Ode/);
  });

  it("covers the contact that a blocked logon is given to", async () => {
    const lone = await addLogon(crypto.randomUUID(), null);
    await block({ logon: String(lone) });
    assert.deepEqual(await seenBy(logon), ["Ellie", "Jack"]);
    await sql`update logons set contact_id = ${contact} where id = ${lone}`;
    assert.deepEqual(await seenBy(logon), ["Jack"]);
  });
});

describe("looking at a block again", () => {
  it("is due on its day, keeps it, and says who looked", async () => {
    const id = await block({ review_on: "2026-11-25" });
    const [before] = await sql<
      [{ review: string }]
    >`select review_on::text as review from blocks where id = ${id}`;
    assert.equal(before.review, "2026-11-25");
    await sql`update blocks set review_on = '2026-11-24' where id = ${id}`;
    const due = await documentOf(await admin.get("/blocks?show=due"));
    assert.ok(due.querySelector(`#block-${id}`));
    const wrong = await admin.post(`/blocks/${id}/reviews`, { review_on: "2026-11-24" }, PIECE);
    assert.equal(wrong.status, 422);
    await wrong.body?.cancel();
    const answer = await admin.post(`/blocks/${id}/reviews`, { review_on: "2027-11-24" }, PIECE);
    assert.match(await answer.text(), /stays/);
    const shown = await (await admin.piece(`/blocks/${id}`)).text();
    assert.match(shown, /Looked at .*Olwen Hughes/s);
    assert.equal((await admin.get("/blocks?show=due")).status, 200);
    assert.equal((await frontdesk.post(`/blocks/${id}/reviews`, {}, PIECE)).status, 403);
  });
});

describe("lifting a block", () => {
  it("asks for the own password after ten minutes, and for a reason", async () => {
    const id = await block();
    office.clock.move(11);
    for (
      const fields of [{ reason: "x" }, { reason: "x", own_password: "wrong" }, {
        own_password: "demo-office-2026",
      }]
    ) {
      const answer = await admin.post(`/blocks/${id}/lifting`, fields, PIECE);
      assert.equal(answer.status, 422);
      await answer.body?.cancel();
    }
    assert.equal((await sql`select from blocks where id = ${id} and lifted_at is null`).length, 1);
    const answer = await admin.post(
      `/blocks/${id}/lifting`,
      { reason: "Order discharged", own_password: "demo-office-2026" },
      PIECE,
    );
    assert.equal(answer.status, 200);
    assert.match(await answer.text(), /not linked again.*Link Ellie again/s);
    assert.deepEqual(await seenBy(logon), ["Jack"], "lifting links nothing by itself");
    const [deed] = await deeds("lift block");
    assert.doesNotMatch(JSON.stringify(deed), /discharged/);
  });

  it("offers to link again what it had ended, once", async () => {
    const id = await block();
    const early = await frontdesk.post(`/blocks/${id}/links`, {}, PIECE);
    await early.body?.cancel();
    assert.deepEqual(await seenBy(logon), ["Jack"], "not before it is lifted");
    await (await admin.post(`/blocks/${id}/lifting`, { reason: "x" }, PIECE)).body?.cancel();
    const linked = await frontdesk.post(`/blocks/${id}/links`, {}, PIECE);
    assert.match(await linked.text(), /sees.*Ellie Ode.*again/s);
    assert.deepEqual(await seenBy(logon), ["Ellie", "Jack"]);
    assert.deepEqual(await seenBy(second), ["Ellie", "Jack"]);
    const again = await frontdesk.post(`/blocks/${id}/links`, {}, PIECE);
    assert.equal(again.status, 200);
    await again.body?.cancel();
    const shown = await (await admin.piece(`/blocks/${id}`)).text();
    assert.doesNotMatch(shown, /Link Ellie again/);
  });

  it("is harmless twice, and refused to who may not", async () => {
    const id = await block();
    assert.equal(
      (await frontdesk.post(`/blocks/${id}/lifting`, { reason: "x" }, PIECE)).status,
      403,
    );
    for (let time = 0; time < 2; time++) {
      const answer = await admin.post(`/blocks/${id}/lifting`, { reason: "x" }, PIECE);
      assert.equal(answer.status, 200);
      await answer.body?.cancel();
    }
    assert.equal((await deeds("lift block")).filter((deed) => deed["subject_id"] === id).length, 1);
    for (const path of ["/blocks/0", "/blocks/x", "/blocks/999999999"]) {
      const answer = await admin.get(path);
      assert.equal(answer.status, 404);
      await answer.body?.cancel();
    }
  });
});

describe("the list of blocks", () => {
  it("pages, filters, and says when there is nothing", async () => {
    const other = await addLogon(crypto.randomUUID(), null);
    await sql`
      insert into blocks (logon_id, learner_id, reason)
      select ${other}, id, 'x' from learners order by id limit 20`;
    const page = await documentOf(await admin.get(`/blocks?logon=${other}`));
    assert.equal(page.querySelectorAll("tbody tr").length, 20);
    const empty = await documentOf(await admin.get(`/blocks?show=lifted&logon=${other}`));
    assert.match(empty.querySelector(".empty")?.textContent ?? "", /No block has been lifted/);
    const piece = await documentOf(await admin.piece("/blocks"));
    assert.ok(piece.querySelector("#blocks tr"));
    assert.equal(piece.querySelector("main"), null);
  });
});
