// Possible duplicates: who is offered, merging two contacts with all that they had, blocks above all, and keeping them apart.

/// <reference lib="dom" />

import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { transaction } from "../../db/connect.ts";
import { findDoubles, pairOf } from "../../db/contact_duplicates.ts";
import { type ContactLearner } from "../../db/contact_learners.ts";
import { uniteLearners } from "../../db/contact_merges.ts";
import { documentOf, type Office, openOffice, signIn, type Visitor } from "../office.ts";

const LIST = "/contacts/duplicates";

describe("possible duplicates", () => {
  let office: Office;
  let admin: Visitor;
  let viewer: Visitor;
  before(async () => {
    office = await openOffice();
    [admin, viewer] = [await signIn(office, "frontdesk"), await signIn(office, "viewer")];
  });
  after(() => office.close());

  async function addContact(
    firstName: string,
    surname: string,
    more: { email?: string; mobile?: string } = {},
  ): Promise<number> {
    const [row] = await office.services.sql<{ id: number }[]>`
      insert into contacts (first_name, surname, email, mobile)
      values (${firstName}, ${surname}, ${more.email ?? null}, ${
      more.mobile ?? null
    }) returning id`;
    return row?.id ?? 0;
  }

  async function addLearner(admission: string): Promise<number> {
    const [row] = await office.services.sql<{ id: number }[]>`
      insert into learners (first_name, surname, admission_number, status)
      values ('Learner', ${admission}, ${admission}, 'Current') returning id`;
    return row?.id ?? 0;
  }

  async function addLogon(contact: number, username: string, learners: number[]): Promise<number> {
    const { sql } = office.services;
    const [row] = await sql<{ id: number }[]>`
      insert into logons (first_name, surname, username, contact_id)
      values ('Some', 'Body', ${username}, ${contact}) returning id`;
    await sql`
      insert into logon_learners (logon_id, learner_id)
      select ${row?.id ?? 0}, id from unnest(${learners}::bigint[]) as n (id)`;
    return row?.id ?? 0;
  }

  async function place(
    contact: number,
    learner: number,
    as: { relationship: string; priority: number; responsible: boolean | null },
  ): Promise<void> {
    await office.services.sql`
      insert into contact_learners (contact_id, learner_id, relationship, priority, parental_responsibility)
      values (${contact}, ${learner}, ${as.relationship}, ${as.priority}, ${as.responsible})`;
  }

  async function linked(logon: number): Promise<number[]> {
    const rows = await office.services.sql<{ id: number }[]>`
      select learner_id as id from logon_learners where logon_id = ${logon} order by 1`;
    return rows.map((row) => row.id);
  }

  /** The versions that the comparison shows, as its form sends them. */
  async function formOf(one: number, other: number): Promise<Record<string, string>> {
    const document = await documentOf(await admin.get(`${LIST}/${one}-${other}`));
    const inputs = [...document.querySelectorAll<HTMLInputElement>("form.compare input")];
    return Object.fromEntries(
      inputs.filter((input) =>
        input.getAttribute("type") !== "radio" || input.hasAttribute("checked")
      )
        .map((input) => [input.getAttribute("name") ?? "", input.getAttribute("value") ?? ""]),
    );
  }

  async function merge(
    one: number,
    other: number,
    more: Record<string, string> = {},
  ): Promise<Response> {
    return await admin.post(`${LIST}/${one}-${other}/merge`, {
      ...await formOf(one, other),
      ...more,
    });
  }

  async function offered(): Promise<string[]> {
    const document = await documentOf(await admin.get(LIST));
    return [...document.querySelectorAll("tbody a")].map((one) =>
      one.getAttribute("href")?.replace(`${LIST}/`, "") ?? ""
    );
  }

  it("says so where there is none", async () => {
    const document = await documentOf(await viewer.get(LIST));
    assert.match(document.querySelector(".empty")?.textContent ?? "", /No possible duplicates/);
  });

  it("offers whoever has the same name and the same email or mobile, however they are written", async () => {
    const a = await addContact("José", "O'Neil-Ray", {
      email: "J@Example.org",
      mobile: "07700 900 555",
    });
    const b = await addContact("Jose", "O’Neil Ray", { email: "j@example.org" });
    const c = await addContact("Jose", "ONeilRay", { email: "j@example.org" });
    const d = await addContact("josé", "ONeilRay", { mobile: "+44 (0)7700 900555" });
    await addContact("Jose", "ONeilRay", { email: "other@example.org", mobile: "07700 900556" });
    await addContact("Josefa", "ONeilRay", { email: "j@example.org" });
    // A blank in the surname is another name; marks, case, hyphens and apostrophes are not.
    assert.deepEqual((await offered()).toSorted(), [`${a}-${c}`, `${a}-${d}`]);
    assert.ok(b > 0);
    const document = await documentOf(await admin.get(LIST));
    assert.match(document.querySelector(".beside")?.textContent ?? "", /^2 pairs/);
    const doubles = await findDoubles(office.services.sql, [a, b, c, d]);
    assert.deepEqual([...doubles].toSorted(), [[a, c], [c, a], [d, a]]);
    await office.services.sql`delete from contacts where id >= ${a}`;
  });

  it("pages through many pairs, each met once", async () => {
    const { sql } = office.services;
    await sql`
      insert into contacts (first_name, surname, email)
      select 'Pair', 'P' || to_char(n % 60, 'FM00'), 'p' || n % 60 || '@example.org' from generate_series(0, 119) n`;
    const seen: string[] = [];
    let address: string | null | undefined = LIST;
    while (address) {
      const document: Document = await documentOf(await admin.get(address));
      seen.push(
        ...[...document.querySelectorAll("tbody a")].map((one) => one.getAttribute("href") ?? ""),
      );
      address = document.querySelector("[rel=next]")?.getAttribute("href");
    }
    assert.equal(seen.length, 60);
    assert.equal(new Set(seen).size, 60);
    await sql`delete from contacts where first_name = 'Pair'`;
  });

  it("merges two: the values chosen, both learners' places, both logons, and the way from the old address", async () => {
    const { sql } = office.services;
    const one = await addContact("Ada", "Merge", { email: "ada@example.org" });
    const other = await addContact("Ada", "Merge", {
      email: "ADA@example.org",
      mobile: "07700 900600",
    });
    const [both, only] = [await addLearner("m1"), await addLearner("m2")];
    await place(one, both, { relationship: "Carer", priority: 1, responsible: null });
    await place(other, both, { relationship: "Mother", priority: 3, responsible: true });
    await place(other, only, { relationship: "Aunt", priority: 2, responsible: false });
    const [first, second] = [
      await addLogon(one, "ada.one", [both]),
      await addLogon(other, "ada.other", [only]),
    ];
    await sql`insert into feed_records (feed, kind, external_id, contact_id) values ('OneRoster', 'contact', 'x-9', ${other})`;
    const window = await documentOf(await admin.get(`${LIST}/${one}-${other}`));
    assert.match(
      window.body.textContent ?? "",
      /Learner m1 \(Mother, Parental Responsibility yes\)/,
    );
    const chosen = await formOf(one, other);
    assert.equal(chosen["mobile"], "other", "a value rather than none");
    const response = await merge(one, other, { email: "other" });
    assert.equal(response.headers.get("location"), `/contacts/${one}?done=merged`);
    const [kept] = await sql`select first_name, email, mobile from contacts where id = ${one}`;
    assert.deepEqual({ ...kept }, {
      first_name: "Ada",
      email: "ADA@example.org",
      mobile: "07700 900600",
    });
    const places = await sql`
      select learner_id, relationship, priority, parental_responsibility as pr from contact_learners
       where contact_id = ${one} order by learner_id`;
    assert.deepEqual(places.map((row) => Object.values(row)), [
      [both, "Mother", 1, true],
      [only, "Aunt", 2, false],
    ]);
    const owners = await sql`select contact_id from logons where id in (${first}, ${second})`;
    assert.deepEqual(owners.map((row) => row["contact_id"]), [one, one]);
    assert.deepEqual(await linked(first), [both], "nobody sees more than before");
    const [record] = await sql`select contact_id from feed_records where external_id = 'x-9'`;
    assert.equal(record?.["contact_id"], one);
    assert.equal((await sql`select from contacts where id = ${other}`).length, 0);
    assert.equal(
      (await admin.get(`/contacts/${other}`)).headers.get("location"),
      `/contacts/${one}?done=merged`,
    );
    const audit = await sql`select subject_id from audit where what = 'merge contacts' order by id`;
    assert.deepEqual(audit.map((row) => row["subject_id"]), [one, other]);

    const twice = await admin.post(`${LIST}/${one}-${other}/merge`, chosen);
    assert.equal(twice.headers.get("location"), `/contacts/${one}?done=merged`);
    assert.equal((await sql`select from audit where what = 'merge contacts'`).length, 2);
    const apart = await admin.post(`${LIST}/${one}-${other}/distinction`);
    assert.equal(apart.headers.get("location"), `/contacts/${one}?done=merged`);
  });

  it("lets a block of either contact survive, and cover every logon of the adult", async () => {
    const { sql } = office.services;
    for (const blocked of ["one", "other", "logon of one", "logon of other"] as const) {
      const [one, other] = [await addContact("Bo", "Block"), await addContact("Bo", "Block")];
      const [forbidden, sibling] = [
        await addLearner(`f ${blocked}`),
        await addLearner(`s ${blocked}`),
      ];
      const [first, second] = [
        await addLogon(one, `first ${blocked}`, [sibling]),
        await addLogon(other, `second ${blocked}`, [sibling]),
      ];
      const free = blocked.endsWith("one") ? second : first;
      const held = blocked.endsWith("one") ? first : second;
      await sql`insert into logon_learners (logon_id, learner_id) values (${free}, ${forbidden})`;
      await sql`
        insert into blocks (learner_id, contact_id, logon_id, reason)
        values (${forbidden}, ${blocked === "one" ? one : blocked === "other" ? other : null},
                ${blocked.startsWith("logon") ? held : null}, 'Court order')`;
      assert.deepEqual(await linked(free), [forbidden, sibling], blocked);
      assert.equal((await merge(one, other)).status, 303, blocked);
      for (const logon of [first, second]) {
        assert.deepEqual(await linked(logon), [sibling], blocked);
        await assert.rejects(
          sql`insert into logon_learners (logon_id, learner_id) values (${logon}, ${forbidden})`,
          /may not be linked/,
          blocked,
        );
      }
      const rows = await sql`
        select contact_id, reason from blocks where learner_id = ${forbidden} and lifted_at is null`;
      assert.ok(rows.some((row) => row["contact_id"] === one), blocked);
      assert.ok(rows.every((row) => row["reason"] === "Court order"), blocked);
      const third = await addLogon(one, `third ${blocked}`, [sibling]);
      await assert.rejects(
        sql`insert into logon_learners (logon_id, learner_id) values (${third}, ${forbidden})`,
      );
    }
  });

  it("makes one block of two for the same learner, with both reasons and the earlier review", async () => {
    const { sql } = office.services;
    const [one, other] = [await addContact("Two", "Blocks"), await addContact("Two", "Blocks")];
    const learner = await addLearner("two blocks");
    await sql`
      insert into blocks (learner_id, contact_id, reason, review_on) values
        (${learner}, ${one}, 'First', '2027-05-01'), (${learner}, ${other}, 'Second', '2027-01-01')`;
    assert.equal((await merge(one, other)).status, 303);
    const rows = await sql`
      select reason, to_char(review_on, 'YYYY-MM-DD') as review, lifted_at is null as live from blocks
       where contact_id = ${one} order by id`;
    assert.deepEqual(rows.map((row) => ({ ...row })), [
      { reason: "First\nSecond", review: "2027-01-01", live: true },
      { reason: "Second", review: "2027-01-01", live: false },
    ]);
    const audit = await sql`select before, after from audit where what = 'merge contacts'`;
    assert.doesNotMatch(
      JSON.stringify(audit),
      /First|Court order/,
      "why is not told in the history",
    );
  });

  it("merges nothing that somebody has changed since it was looked at", async () => {
    const { sql } = office.services;
    const one = await addContact("Cy", "Change", { email: "cy@example.org" });
    const other = await addContact("Cy", "Change", { email: "cy@example.org" });
    const seen = await formOf(one, other);
    await sql`update contacts set mobile = '07700 900601' where id = ${other}`;
    const response = await admin.post(`${LIST}/${one}-${other}/merge`, {
      ...seen,
      surname: "other",
    });
    assert.equal(response.status, 409);
    const document = await documentOf(response);
    assert.match(document.querySelector("[role=alert]")?.textContent ?? "", /Nothing was merged/);
    assert.equal((await sql`select from contacts where surname = 'Change'`).length, 2);
  });

  it("asks for the own password where it was typed too long ago, and keeps what was chosen", async () => {
    const { sql } = office.services;
    const one = await addContact("Jo", "Longago", { email: "jo@example.org" });
    const other = await addContact("Jo", "Longago", {
      email: "jo2@example.org",
      mobile: "07700 900777",
    });
    admin = await signIn(office);
    office.clock.move(11);
    assert.ok("own_password" in await formOf(one, other));
    for (const own_password of ["", "wrong"]) {
      const refused = await merge(one, other, { email: "other", own_password });
      assert.equal(refused.status, 422);
      const document = await documentOf(refused);
      assert.match(
        document.querySelector("[role=alert]")?.textContent ?? "",
        /your (own )?password/,
      );
      assert.ok(document.querySelector("input[name=email][value=other][checked]"));
    }
    assert.equal((await sql`select from contacts where surname = 'Longago'`).length, 2);
    const own_password = "demo-office-2026";
    assert.equal((await merge(one, other, { own_password })).status, 303);
    assert.ok(!("own_password" in await formOf(one, await addContact("Jo", "Longago", {}))));
  });

  it("keeps two apart until one of them changes", async () => {
    const { sql } = office.services;
    const one = await addContact("Kim", "Apart", { email: "kim@example.org" });
    const other = await addContact("Kim", "Apart", { email: "kim@example.org" });
    const pair = `${one}-${other}`;
    assert.ok((await offered()).includes(pair));
    for (const time of ["once", "twice"]) {
      const response = await admin.post(`${LIST}/${pair}/distinction`);
      assert.equal(response.headers.get("location"), `${LIST}?done=apart`, time);
    }
    assert.ok(!(await offered()).includes(pair));
    assert.equal((await findDoubles(sql, [one, other])).size, 0);
    assert.equal((await sql`select from audit where what = 'keep contacts apart'`).length, 2);
    await place(one, await addLearner("kim"), {
      relationship: "Mother",
      priority: 1,
      responsible: true,
    });
    assert.ok(!(await offered()).includes(pair), "another learner is no change of the adult");
    await sql`update contacts set mobile = '07700 900602' where id = ${one}`;
    assert.ok((await offered()).includes(pair));
  });

  it("is marked in Import Contacts and on the contact's page, with the way to compare", async () => {
    const one = await addContact("Mo", "Marked", { mobile: "07700 900603" });
    const other = await addContact("Mo", "Marked", {
      mobile: "07700900603",
      email: "mo@example.org",
    });
    await place(other, await addLearner("mo"), {
      relationship: "Father",
      priority: 1,
      responsible: true,
    });
    const page = await documentOf(await admin.get(`/contacts/${one}`));
    assert.ok(page.querySelector(`#record a[href='${LIST}/${one}-${other}']`));
    const window = await documentOf(await admin.get("/contact-imports/new?search=marked"));
    assert.ok(window.querySelector(`#contacts a[href='${LIST}/${one}-${other}']`));
  });

  it("is looked at by a Viewer and changed by the office; an unknown pair is nowhere", async () => {
    const one = await addContact("Vi", "Ewer", { email: "vi@example.org" });
    const other = await addContact("Vi", "Ewer", { email: "vi@example.org" });
    const page = await documentOf(await viewer.get(`${LIST}/${one}-${other}`));
    assert.equal(page.querySelector("main form button"), null);
    assert.equal((await viewer.post(`${LIST}/${one}-${other}/merge`)).status, 403);
    for (
      const pair of [
        `${other}-${one}`,
        `${one}-${one}`,
        `${one}`,
        `${one}-${other}-1`,
        "x-y",
        "1-999999",
      ]
    ) {
      assert.equal((await admin.get(`${LIST}/${pair}`)).status, 404, pair);
      assert.equal((await admin.post(`${LIST}/${pair}/merge`)).status, 404, pair);
      assert.equal((await admin.post(`${LIST}/${pair}/distinction`)).status, 404, pair);
    }
    assert.deepEqual(pairOf(other, one), { one, other });
  });

  it("knows every table that points at a contact", async () => {
    const rows = await office.services.sql<{ name: string }[]>`
      select conrelid::regclass::text as name from pg_constraint
       where contype = 'f' and confrelid = 'contacts'::regclass order by 1`;
    assert.deepEqual([...new Set(rows.map((row) => row.name))], [
      "blocks",
      "contact_learners",
      "distinct_contacts",
      "feed_items",
      "feed_records",
      "logons",
      "merged_contacts",
    ], "a table that is new here must be moved by a merge as well: db/contact_merges.ts");
  });

  it("can be merged at once with another merge of the same two: one wins, nothing is lost", async () => {
    const { sql } = office.services;
    const one = await addContact("Ra", "Ce", { email: "ra@example.org" });
    const other = await addContact("Ra", "Ce", { email: "ra@example.org" });
    const form = await formOf(one, other);
    const answers = await Promise.all(
      [1, 2, 3].map(() => admin.post(`${LIST}/${one}-${other}/merge`, form)),
    );
    assert.deepEqual(answers.map((answer) => answer.status), [303, 303, 303]);
    assert.equal((await sql`select from merged_contacts where kept_id = ${one}`).length, 1);
    await transaction(sql, async (tx) => {
      assert.equal((await tx`select from contacts where surname = 'Ce'`).length, 1);
    });
  });
});

describe("the stronger place", () => {
  const learner = {
    id: 1,
    firstName: "A",
    surname: "B",
    registrationGroup: null,
    status: "Current",
  };
  function of(relationship: string, priority: number, has: boolean | null): ContactLearner {
    return { ...learner, relationship, priority, parentalResponsibility: has };
  }
  const cases: [ContactLearner, ContactLearner, ContactLearner][] = [
    [of("Carer", 1, null), of("Mother", 2, true), of("Mother", 1, true)],
    [of("Mother", 2, true), of("Carer", 1, false), of("Mother", 1, true)],
    [of("Carer", 1, null), of("Aunt", 2, false), of("Aunt", 1, false)],
    [of("Mother", 2, true), of("Mum", 1, true), of("Mum", 1, true)],
    [of("Mother", 1, true), of("Mum", 1, true), of("Mother", 1, true)],
  ];
  for (const [one, other, expected] of cases) {
    it(`of ${one.relationship} and ${other.relationship} is ${expected.relationship}`, () => {
      assert.deepEqual(uniteLearners([one], [other]), [expected]);
      assert.deepEqual(uniteLearners([], [other]), [other]);
      assert.deepEqual(uniteLearners([one], []), [one]);
    });
  }
});
