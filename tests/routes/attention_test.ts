// Needs attention in the browser: the inbox, one click for each, many at once, and who may.

import { after, before, beforeEach, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import type { Sql } from "../../db/connect.ts";
import { documentOf, type Office, openOffice, PIECE, signIn, type Visitor } from "../office.ts";

let office: Office;
let sql: Sql;
let admin: Visitor;
let contact = 0;
let logon = 0;
let ellie = 0;

before(async () => {
  office = await openOffice();
  sql = office.services.sql;
});
after(() => office.close());
beforeEach(async () => {
  await sql`delete from attention`;
  const number = crypto.randomUUID().slice(0, 8);
  const [learner] = await sql<[{ id: number }]>`
    insert into learners (admission_number, first_name, surname, status)
    values (${number}, 'Ellie', 'Ode', 'Current') returning id`;
  ellie = learner.id;
  [contact, logon] = await addParent(number);
  await sql`
    insert into contact_learners (contact_id, learner_id, relationship, priority, parental_responsibility)
    values (${contact}, ${ellie}, 'Mother', 1, true)`;
  await sql`insert into logon_learners (logon_id, learner_id) values (${logon}, ${ellie})`;
  admin = await signIn(office, "frontdesk");
});

async function addParent(username: string): Promise<[number, number]> {
  const [person] = await sql<[{ id: number }]>`
    insert into contacts (first_name, surname, email) values ('Ida', 'Ode', ${
    username + "@example.org"
  }) returning id`;
  const [row] = await sql<[{ id: number }]>`
    insert into logons (first_name, surname, username, email, contact_id)
    values ('Ida', 'Ode', ${username}, ${username + "@example.org"}, ${person.id}) returning id`;
  return [person.id, row.id];
}

async function change(email: string): Promise<number> {
  await sql`update contacts set email = ${email} where id = ${contact}`;
  const [row] = await sql<[{ id: number }]>`
    select id from attention where logon_id = ${logon} and kind = 'email differs'`;
  return row.id;
}

async function emailNow(): Promise<string> {
  const [row] = await sql<[{ email: string }]>`select email from logons where id = ${logon}`;
  return row.email;
}

function post(
  fields: Record<string, string | readonly string[]>,
  as = admin,
): Promise<Response> {
  return as.post("/attention/changes", fields, PIECE);
}

describe("the inbox", () => {
  it("says what differs, since when, and counts it beside the module", async () => {
    await change("ida.new@example.org");
    await sql`update contact_learners set parental_responsibility = false where contact_id = ${contact}`;
    const page = await documentOf(await admin.get("/attention"));
    const rows = [...page.querySelectorAll("#attention tbody tr")].map((tr) =>
      tr.textContent ?? ""
    );
    assert.equal(rows.length, 2);
    assert.ok(
      rows.some((row) =>
        /The contact has ida\.new@example\.org, the logon \w+@example\.org/.test(row)
      ),
      rows.join(),
    );
    assert.ok(
      rows.some((row) => /Parental Responsibility for Ellie Ode is not ticked any more/.test(row)),
    );
    const link = page.querySelector('#modules a[href="/attention"]');
    assert.equal(link?.getAttribute("aria-current"), "page");
    assert.match(link?.textContent ?? "", /2/);
    const piece = await documentOf(await admin.piece("/attention?kind=email+differs"));
    assert.equal(piece.querySelectorAll("tbody tr").length, 1);
    assert.equal(piece.querySelectorAll("main").length, 0);
  });

  it("has a state where nothing is to be done, and one where nothing was found", async () => {
    const empty = await documentOf(await admin.get("/attention"));
    assert.match(empty.querySelector(".empty")?.textContent ?? "", /All in order/);
    const search = await documentOf(await admin.get("/attention?q=xyzzy"));
    assert.match(search.querySelector(".empty")?.textContent ?? "", /Nothing here matches “xyzzy”/);
    const odd = await admin.get("/attention?kind=nonsense&after=x&q=%00%F0%9F%98%80");
    assert.equal(odd.status, 200);
    await odd.body?.cancel();
  });

  it("can be filtered for in Parent Logons, where the row says so", async () => {
    await sql`update contact_learners set parental_responsibility = false where contact_id = ${contact}`;
    const list = await documentOf(await admin.get("/logons?state=needs-attention"));
    assert.equal(list.querySelectorAll("#logons tbody tr").length, 1);
    assert.match(list.querySelector(`#logon-${logon}`)?.textContent ?? "", /needs attention/);
  });
});

describe("one item", () => {
  it("is applied by one click", async () => {
    const id = await change("ida.new@example.org");
    const answer = await post({ one: `apply-${id}` });
    assert.equal(answer.status, 200);
    assert.match(await answer.text(), /1 was applied\./);
    assert.equal(await emailNow(), "ida.new@example.org");
    const again = await post({ one: `apply-${id}` });
    assert.match(await again.text(), /0 were applied\. 1 had changed meanwhile/);
  });

  it("is kept by one click, and found again among those kept", async () => {
    const before = await emailNow();
    const id = await change("ida.new@example.org");
    assert.match(await (await post({ one: `keep-${id}` })).text(), /1 was kept\./);
    assert.equal(await emailNow(), before);
    const kept = await (await admin.get("/attention?show=kept")).text();
    assert.match(kept, /ida\.new@|ida\.<wbr/);
    assert.match(kept, /Femi Adeyemi/);
  });

  it("is unlinked by one click; a block is offered to who may", async () => {
    await sql`update contact_learners set parental_responsibility = false where contact_id = ${contact}`;
    const [row] = await sql<[{ id: number }]>`select id from attention where logon_id = ${logon}`;
    const href = `a[href="/blocks/new?logon=${logon}&learner=${ellie}"]`;
    const frontdesk = await documentOf(await admin.get("/attention"));
    assert.equal(frontdesk.querySelectorAll(href).length, 0);
    const head = await documentOf(await (await signIn(office)).get("/attention"));
    assert.ok(head.querySelector(href));
    assert.match(await (await post({ one: `unlink-${row.id}` })).text(), /1 was unlinked\./);
    assert.equal((await sql`select from logon_learners where logon_id = ${logon}`).length, 0);
  });

  it("works without script", async () => {
    const id = await change("ida.new@example.org");
    const answer = await admin.post("/attention/changes", {
      one: `apply-${id}`,
      query: "?kind=email+differs",
    });
    assert.equal(answer.status, 303);
    const to = answer.headers.get("location") ?? "";
    assert.match(to, /kind=email\+differs/);
    const page = await documentOf(await admin.get(to));
    assert.match(page.querySelector(".toast")?.textContent ?? "", /1 was applied/);
  });

  it("with an email that is no address can only be kept", async () => {
    const id = await change("two@example.org, three@example.org");
    const page = await documentOf(await admin.get("/attention"));
    const row = page.querySelector(`#item-${id}`);
    assert.match(row?.textContent ?? "", /is no email address/);
    assert.equal(row?.querySelectorAll('button[value^="apply"]').length, 0);
    assert.match(await (await post({ one: `apply-${id}` })).text(), /1 was left out/);
  });
});

describe("many items", () => {
  async function changeMany(): Promise<number[]> {
    for (let n = 0; n < 60; n++) await addParent(`many${n}.${crypto.randomUUID().slice(0, 6)}`);
    await sql`update contacts set email = 'x.' || email where first_name = 'Ida'`;
    return (await sql<
      { id: number }[]
    >`select id from attention where kind = 'email differs' order by since desc, id desc`).map(
      (row) => row.id,
    );
  }
  async function open(): Promise<number> {
    const [row] = await sql<[{ count: number }]>`
      select count(*)::int as count from attention where kept_at is null`;
    return row.count;
  }

  it("are chosen by their boxes", async () => {
    const [one = 0, two = 0] = await changeMany();
    const all = await open();
    const answer = await post({ deed: "apply", item: [String(one), String(two)] });
    assert.match(await answer.text(), /2 were applied\./);
    assert.equal(await open(), all - 2);
  });

  it("are chosen by Select all without script, and all that match with one box", async () => {
    await changeMany();
    const page = await documentOf(await admin.get("/attention"));
    const shown = [...page.querySelectorAll("input[name=shown]")].map((one) =>
      one.getAttribute("value") ?? ""
    );
    assert.equal(shown.length, 50);
    assert.ok(page.querySelector('a[rel="next"]'));
    const all = await open();
    await (await post({ deed: "keep", select_shown: "yes", shown })).body?.cancel();
    assert.equal(await open(), all - 50);
    await (await post({ deed: "keep", all: "1", query: "?kind=email+differs" })).body?.cancel();
    assert.equal(await open(), 0);
  });

  it("ask for the own password after ten minutes", async () => {
    const [one = 0, two = 0] = await changeMany();
    office.clock.move(11);
    const fields = { deed: "apply", item: [String(one), String(two)] };
    const asked = await post(fields);
    const window = await documentOf(asked);
    assert.match(window.querySelector("h2")?.textContent ?? "", /Apply what contacts say/);
    assert.equal(window.querySelectorAll("input[type=hidden][name=item]").length, 2);
    const wrong = await post({ ...fields, confirmed: "yes", own_password: "wrong" });
    assert.equal(wrong.status, 422);
    await wrong.body?.cancel();
    const before = await open();
    const answer = await post({ ...fields, confirmed: "yes", own_password: "demo-frontdesk-2026" });
    assert.match(await answer.text(), /2 were applied/);
    assert.equal(await open(), before - 2);
    office.clock.move(11);
    const single = await post({ one: `keep-${(await change("n@example.org"))}` });
    assert.match(await single.text(), /1 was kept/, "one item asks for nothing");
  });

  it("must be some", async () => {
    for (
      const fields of [{}, { deed: "apply" }, { deed: "nonsense", item: "1" }, { one: "apply-x" }]
    ) {
      const answer = await post(fields);
      assert.match(await answer.text(), /Choose at least one/);
    }
    const noScript = await admin.post("/attention/changes", { deed: "keep" });
    const page = await documentOf(await admin.get(noScript.headers.get("location") ?? ""));
    assert.match(page.querySelector(".toast")?.textContent ?? "", /Choose at least one/);
  });
});

describe("a viewer", () => {
  it("sees, and changes nothing", async () => {
    const id = await change("ida.new@example.org");
    const viewer = await signIn(office, "viewer");
    const page = await documentOf(await viewer.get("/attention"));
    assert.equal(page.querySelectorAll("#attention tbody tr").length, 1);
    assert.equal(page.querySelectorAll("#attention :is(input[type=checkbox], button)").length, 0);
    const answer = await post({ one: `apply-${id}` }, viewer);
    assert.equal(answer.status, 403);
    await answer.body?.cancel();
  });
});
