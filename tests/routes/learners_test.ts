// Learners over HTTP: the list, a learner's page, adding and editing one, and the contacts on the record.

/// <reference lib="dom" />

import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { warnAboutUpn } from "../../db/learner_rules.ts";
import { documentOf, type Office, openOffice, ORIGIN, PIECE, signIn, Visitor } from "../office.ts";

const NEW = {
  firstName: "Wren",
  surname: "Okafor",
  admissionNumber: "005001",
  upn: "",
  dateOfBirth: "2014-05-31",
  yearGroup: "Year 7",
  registrationGroup: "7A",
  status: "Current",
  leftOn: "",
};
const PLACE = { relationship: "Aunt", priority: "4", responsibility: "no" };

describe("learners over HTTP", () => {
  let office: Office;
  let admin: Visitor;
  let viewer: Visitor;
  before(async () => {
    office = await openOffice();
    [admin, viewer] = [await signIn(office), await signIn(office, "viewer")];
  });
  after(() => office.close());

  async function learnerId(admissionNumber: string): Promise<number> {
    const [row] = await office.services.sql<{ id: number }[]>`
      select id from learners where admission_number = ${admissionNumber}`;
    assert.ok(row, admissionNumber);
    return row.id;
  }

  async function contactId(firstName: string, surname: string): Promise<number> {
    const [row] = await office.services.sql<{ id: number }[]>`
      select id from contacts where first_name = ${firstName} and surname = ${surname}`;
    assert.ok(row, `${firstName} ${surname}`);
    return row.id;
  }

  async function add(fields: Partial<typeof NEW>): Promise<number> {
    const response = await admin.post("/learners", { ...NEW, ...fields });
    assert.equal(response.status, 303);
    return Number(/\d+/.exec(response.headers.get("location") ?? "")?.[0]);
  }

  function names(document: Document): string[] {
    return [...document.querySelectorAll("#learners-list tbody .who a")].map((one) =>
      one.textContent ?? ""
    );
  }

  async function listed(query: string): Promise<string[]> {
    return names(await documentOf(await admin.get(`/learners${query}`)));
  }

  function problems(document: Document): string[] {
    return [...document.querySelectorAll(".field .problem")].map((one) => one.textContent ?? "");
  }

  async function version(id: number): Promise<string> {
    const document = await documentOf(await admin.piece(`/learners/${id}/edit`));
    return document.querySelector("[name=version]")?.getAttribute("value") ?? "";
  }

  it("lists every learner with the total, and finds them by name, group and admission number", async () => {
    const document = await documentOf(await admin.get("/learners"));
    const [all] = await office.services.sql`select count(*)::int as count from learners`;
    assert.equal(document.querySelector("#total")?.textContent, `${all?.["count"]} learners`);
    assert.deepEqual(names(document).slice(0, 3), [
      "Tobi Adeyemi",
      "Yusuf al-Rashid",
      "Thomas Ashdown",
    ]);
    assert.deepEqual(await listed("?q=mia+barley"), ["Mia Barley", "Mia Barley"]);
    assert.deepEqual(await listed("?q=mia+7c"), ["Mia Barley"]);
    assert.deepEqual(await listed("?q=004531"), ["Anika Raghunathan-Venkatasubramanian"]);
    assert.deepEqual(await listed("?status=Applicant"), ["Léa Dubois"]);
    assert.deepEqual(await listed("?group=8D"), ["Zofia Kowalczyk"]);
    assert.deepEqual(await listed("?year=Year+8&q=smith"), ["Ellie Smith"]);
  });

  it("sorts by every column both ways, and pages through all of it", async () => {
    const all = new Set(await listed(""));
    for (const sort of ["surname", "first-name", "admission", "year", "group", "status"]) {
      const up = await listed(`?sort=${sort}`);
      const down = await listed(`?sort=-${sort}`);
      assert.deepEqual(down.toReversed(), up, sort);
      assert.deepEqual(new Set(up), all, sort);
    }
    const groups = [
      ...(await documentOf(await admin.get("/learners?sort=group"))).querySelectorAll(
        "td[data-label='Registration group']",
      ),
    ].map((one) => one.textContent);
    assert.ok(groups.indexOf("7A") < groups.indexOf("10A"), "7A before 10A");
  });

  it("pages by key, and begins anew where the row it began by has gone", async () => {
    const { sql } = office.services;
    await sql`
      insert into learners (first_name, surname, admission_number, status)
      select 'Page', 'Zz' || to_char(n, 'FM000'), 'page' || n, 'Current' from generate_series(1, 120) n`;
    const seen: string[] = [];
    let address: string | null | undefined = "/learners?q=page";
    while (address) {
      const document: Document = await documentOf(await admin.get(address));
      seen.push(...names(document));
      address = document.querySelector("[rel=next]")?.getAttribute("href");
    }
    assert.equal(seen.length, 120);
    assert.deepEqual(seen, seen.toSorted());
    const lost = await documentOf(await admin.get("/learners?q=page&after=999999999"));
    assert.equal(names(lost)[0], "Page Zz001");
    await sql`delete from learners where first_name = 'Page'`;
  });

  it("says that nothing was found, and how to see all again; piece and page hold the same list", async () => {
    const document = await documentOf(await admin.get("/learners?q=nobody+at+all&status=Current"));
    assert.match(
      document.querySelector(".empty")?.textContent ?? "",
      /No learner matches “nobody at all” with these filters/,
    );
    assert.equal(document.querySelector(".empty a")?.getAttribute("href"), "/learners");
    const piece = await documentOf(await admin.piece("/learners?q=mia"));
    assert.equal(piece.querySelector("h1"), null);
    assert.deepEqual(names(piece), ["Mia Barley", "Mia Barley"]);
    assert.equal(piece.querySelector("#total")?.textContent, "2 learners found");
  });

  it("shows a learner with contacts, parents, whether there is a block, and never why", async () => {
    const ellie = await learnerId("004311");
    const response = await viewer.get(`/learners/${ellie}`);
    const document = await documentOf(response);
    assert.equal(document.querySelector("h1")?.textContent, "Ellie Smith");
    const text = document.querySelector("#record")?.textContent ?? "";
    assert.match(text, /John Smith.*Father.*1.*yes/s);
    assert.match(text, /Joan Smith.*Grandmother.*3.*no/s);
    assert.match(text, /Blocked from this learner: Sarah Smith\. An administrator knows why/);
    const [block] = await office.services.sql<{ reason: string }[]>`
      select reason from blocks where learner_id = ${ellie}`;
    assert.ok(block && !text.includes(block.reason));
    const rows = [...document.querySelectorAll("#parents-title ~ .table tbody tr")].map((row) =>
      [...row.querySelectorAll("td")].map((cell) => cell.textContent?.trim()).join(" | ")
    );
    assert.deepEqual(rows, ["Joan Smith | joan.smith | yes", "John Smith | john.smith | yes"]);
    assert.equal(document.querySelectorAll("[role=link][aria-disabled]").length, 2);
    assert.equal(document.querySelector("a[href$='/edit']"), null);
  });

  it("says why a linked parent does not see a learner", async () => {
    const thomas = await learnerId("003102");
    const text = (await documentOf(await admin.get(`/learners/${thomas}`))).body.textContent ?? "";
    assert.match(text, /no: the learner has left/);
    const niamh = await learnerId("004150");
    const suspended = (await documentOf(await admin.get(`/learners/${niamh}`))).body.textContent;
    assert.match(suspended ?? "", /no: the logon is suspended/);
  });

  it("adds a learner, once, with an audit row that the page shows as history", async () => {
    const response = await admin.post("/learners", { ...NEW, upn: "b 123456789012" });
    assert.equal(response.status, 303);
    const page = await documentOf(await admin.get(response.headers.get("location") ?? ""));
    assert.equal(page.querySelector("h1")?.textContent, "Wren Okafor");
    assert.match(page.querySelector("#toasts")?.textContent ?? "", /Wren Okafor was added/);
    assert.match(page.querySelector(".details")?.textContent ?? "", /31 May 2014/);
    assert.match(page.querySelector(".warning")?.textContent ?? "", /first letter does not fit/);
    assert.match(
      page.querySelector(".history")?.textContent ?? "",
      /Olwen Hughes: add learner.*Year group: Year 7/s,
    );
    const twice = await documentOf(await admin.post("/learners", NEW));
    assert.deepEqual(problems(twice), ["005001 is Wren Okafor’s admission number."]);
    const piece = await admin.post("/learners", { ...NEW, admissionNumber: "005002" }, PIECE);
    assert.match(piece.headers.get("hx-redirect") ?? "", /^\/learners\/\d+\?done=added$/);
  });

  it("names every wrong field beside it, and stores nothing", async () => {
    const wrong: [Partial<typeof NEW>, RegExp][] = [
      [{ firstName: " " }, /^Enter the first name/],
      [{ surname: "x".repeat(101) }, /^Shorten the surname/],
      [{ surname: "x".repeat(10_000) }, /^Shorten the surname/],
      [{ firstName: "a\u0007b" }, /cannot be stored/],
      [{ firstName: "\ud800" }, /./],
      [{ admissionNumber: "" }, /^Enter the admission number/],
      [{ admissionNumber: "004311" }, /is Ellie Smith’s admission number/],
      [{ dateOfBirth: "2026-11-25" }, /has not come yet/],
      [{ dateOfBirth: "31/02/2014" }, /^Enter a day/],
      [{ dateOfBirth: "soon" }, /^Enter a day/],
      [{ status: "Leaver" }, /^Enter the day on which the learner left/],
      [{ status: "Leaver", leftOn: "2010-01-01" }, /before the date of birth/],
      [{ yearGroup: "y".repeat(41) }, /^Shorten the year group/],
    ];
    const before = await office.services.sql`select from learners`;
    for (const [fields, sentence] of wrong) {
      const response = await admin.post("/learners", {
        ...NEW,
        admissionNumber: "009999",
        ...fields,
      }, PIECE);
      const told = JSON.stringify(fields).slice(0, 60);
      if (response.status === 200) {
        assert.deepEqual(fields, { firstName: "\ud800" }, told);
        await office.services.sql`delete from learners where admission_number = '009999'`;
        continue;
      }
      assert.equal(response.status, 422, told);
      const document = await documentOf(response);
      assert.match(problems(document).join(), sentence, told);
      assert.equal(document.querySelector("#dialog-title")?.textContent, "Add Learner");
    }
    const later = await office.services.sql`select from learners`;
    assert.equal(later.length, before.length);
    const kept = await documentOf(
      await admin.post("/learners", { ...NEW, surname: "<b>&", admissionNumber: "" }, PIECE),
    );
    assert.equal(kept.querySelector("[name=surname]")?.getAttribute("value"), "<b>&");
  });

  it("warns of a UPN whose letter does not fit, and of none that does", () => {
    // The first as python-stdnum's documentation has it, the last a temporary one.
    const right = ["B801200005001", "A123456789012", "M80120000500A"];
    assert.deepEqual(right.map((upn) => warnAboutUpn(upn)), [null, null, null]);
    for (const upn of ["A801200005001", "B123456789012", "12345", "I80120000500A"]) {
      assert.notEqual(warnAboutUpn(upn), null, upn);
    }
    assert.equal(warnAboutUpn(null), null);
  });

  it("edits a learner; saving the same again leaves no trace", async () => {
    const id = await add({ admissionNumber: "005010" });
    const fields = {
      ...NEW,
      admissionNumber: "005010",
      surname: "Okafor-Lee",
      status: "Leaver",
      leftOn: "1/9/2026",
      version: await version(id),
    };
    const response = await admin.post(`/learners/${id}`, fields, PIECE);
    assert.equal(response.status, 200);
    assert.equal(response.headers.get("hx-trigger"), '{"dialog:close":{}}');
    const document = await documentOf(response);
    assert.match(
      document.querySelector("#record .details")?.textContent ?? "",
      /Leaver left on 1 September 2026/,
    );
    assert.equal(document.querySelector("h1")?.textContent, "Wren Okafor-Lee");
    assert.equal((await admin.post(`/learners/${id}`, fields)).status, 303);
    const rows = await office.services.sql`
      select before, after from audit where subject = 'learner' and subject_id = ${id} and what = 'edit learner'`;
    assert.equal(rows.length, 1);
    assert.equal(rows[0]?.["before"].surname, "Okafor");
    assert.equal(rows[0]?.["after"].leftOn, "2026-09-01");
    const back = { ...fields, status: "Current", version: await version(id) };
    assert.equal((await admin.post(`/learners/${id}`, back)).status, 303);
    const [row] = await office.services.sql`select left_on from learners where id = ${id}`;
    assert.equal(row?.["left_on"], null, "who is at school has not left");
  });

  it("lets no editor overwrite another: the second sees what the first stored, and may save again", async () => {
    const id = await add({ admissionNumber: "005011" });
    const seen = await version(id);
    const mine = { ...NEW, admissionNumber: "005011", version: seen };
    assert.equal((await admin.post(`/learners/${id}`, { ...mine, surname: "First" })).status, 303);
    const second = await admin.post(`/learners/${id}`, { ...mine, firstName: "Second" }, PIECE);
    assert.equal(second.status, 409);
    const document = await documentOf(second);
    assert.match(
      document.querySelector("[role=alert]")?.textContent ?? "",
      /Surname: “First”/,
    );
    assert.equal(document.querySelector("[name=firstName]")?.getAttribute("value"), "Second");
    const newer = document.querySelector("[name=version]")?.getAttribute("value") ?? "";
    const again = await admin.post(`/learners/${id}`, {
      ...mine,
      firstName: "Second",
      version: newer,
    });
    assert.equal(again.status, 303);
  });

  it("answers an unknown learner with 404, for page, window and deed", async () => {
    for (
      const path of [
        "/learners/999999",
        "/learners/0",
        "/learners/x",
        "/learners/9999999999999999999",
      ]
    ) {
      assert.equal((await admin.get(path)).status, 404, path);
      assert.equal((await admin.post(path, NEW)).status, 404, path);
      assert.equal((await admin.post(`${path}/contacts`, PLACE)).status, 404, path);
    }
    assert.equal((await viewer.post("/learners", NEW)).status, 403);
    assert.equal((await viewer.get("/learners/new")).status, 403);
  });

  it("puts an existing contact on the record: searched, chosen, saved, and once only", async () => {
    const id = await add({ admissionNumber: "005020" });
    const joan = await contactId("Joan", "Smith");
    const drafts = `/learners/${id}/contact-drafts`;
    const found = await documentOf(
      await admin.post(drafts, { contact_search: "joan smith" }, {
        ...PIECE,
        "hx-target": "div#contact-options",
      }),
    );
    assert.equal(
      found.querySelector("[name=choose]")?.getAttribute("aria-label"),
      "Choose Joan Smith",
    );
    const chosen = await documentOf(
      await admin.post(drafts, { choose: String(joan), ...PLACE }, PIECE),
    );
    assert.equal(chosen.querySelector("[name=contact]")?.getAttribute("value"), String(joan));
    const fields = { contact: String(joan), ...PLACE };
    const saved = await documentOf(await admin.post(`/learners/${id}/contacts`, fields, PIECE));
    assert.match(saved.querySelector("#record")?.textContent ?? "", /Joan Smith.*Aunt.*4.*no/s);
    const twice = await admin.post(`/learners/${id}/contacts`, {
      ...fields,
      relationship: "Other",
    });
    assert.match(twice.headers.get("location") ?? "", /done=contact-there/);
    const rows = await office.services.sql`
      select what, after from audit where (subject, subject_id) in (('learner', ${id}), ('contact', ${joan}))
         and what = 'add contact to learner'`;
    assert.equal(rows.length, 2, "it stands in the history of both");
    assert.equal(rows[0]?.["after"].relationship, "Aunt");
  });

  it("puts somebody new on the record, and refuses nobody and wrong fields", async () => {
    const id = await add({ admissionNumber: "005021" });
    const address = `/learners/${id}/contacts`;
    const nobody = await documentOf(await admin.post(address, PLACE, PIECE));
    assert.match(
      nobody.querySelector(".summary")?.textContent ?? "",
      /Choose a contact, or add somebody new/,
    );
    const typed = {
      new_contact: "yes",
      firstName: "Ngozi",
      surname: "Okafor",
      email: "x",
      mobile: "12",
    };
    const wrong = await documentOf(
      await admin.post(address, { ...typed, ...PLACE, priority: "0", relationship: "" }, PIECE),
    );
    assert.equal(problems(wrong).length, 4);
    assert.equal(wrong.querySelector("[name=firstName]")?.getAttribute("value"), "Ngozi");
    const right = { ...typed, email: "ngozi@example.org", mobile: "07700 900 777" };
    const response = await admin.post(address, { ...right, ...PLACE, responsibility: "yes" });
    assert.match(response.headers.get("location") ?? "", /done=contact-added/);
    const [row] = await office.services.sql`
      select c.mobile_key, c.responsible_names, c.learner_names, r.parental_responsibility
        from contacts c join contact_learners r on r.contact_id = c.id where c.first_name = 'Ngozi'`;
    assert.deepEqual({ ...row }, {
      mobile_key: "07700900777",
      responsible_names: "Wren Okafor",
      learner_names: "Okafor Wren",
      parental_responsibility: true,
    });
  });

  it("changes what a contact is to a learner, and lets no editor overwrite another", async () => {
    const kofi = await learnerId("004305");
    const kwame = await contactId("Kwame", "Boateng");
    const address = `/learners/${kofi}/contacts/${kwame}`;
    const window = await documentOf(await admin.piece(`${address}/edit`));
    const seen = window.querySelector("[name=seen]")?.getAttribute("value") ?? "";
    const first = { relationship: "Stepfather", priority: "5", responsibility: "unknown", seen };
    const saved = await documentOf(await admin.post(address, first, PIECE));
    assert.match(
      saved.querySelector("#record")?.textContent ?? "",
      /Kwame Boateng.*Stepfather.*5.*not known/s,
    );
    const second = await admin.post(address, { ...first, priority: "7" }, PIECE);
    assert.equal(second.status, 409);
    const told = await documentOf(second);
    assert.match(
      told.querySelector("[role=alert]")?.textContent ?? "",
      /It is now: Stepfather, priority 5, Parental Responsibility not known/,
    );
    assert.equal((await admin.post(address, first)).status, 303, "the same again is no conflict");
    assert.equal((await admin.post(address, { ...first, priority: "x" }, PIECE)).status, 422);
  });

  it("takes a contact off the record after asking, and no logon sees less", async () => {
    const { sql } = office.services;
    const esi = await learnerId("003816");
    const ama = await contactId("Ama", "Boateng");
    const links = await sql`select from logon_learners where learner_id = ${esi}`;
    const address = `/learners/${esi}/contacts/${ama}/removal`;
    const window = await documentOf(await admin.piece(address));
    assert.match(window.body.textContent ?? "", /Take Ama Boateng off the record of Esi Boateng\?/);
    assert.equal((await admin.post(address, {})).status, 303);
    assert.equal((await admin.post(address, {})).status, 303, "twice");
    const after = await sql`select from logon_learners where learner_id = ${esi}`;
    assert.equal(after.length, links.length);
    assert.equal(
      (await sql`select from contact_learners where contact_id = ${ama} and learner_id = ${esi}`)
        .length,
      0,
    );
    assert.equal((await admin.get(address)).status, 404);
    const audit =
      await sql`select from audit where what = 'take contact off learner' and subject = 'learner'`;
    assert.equal(audit.length, 1);
  });

  it("works without a script, and asks the same of everybody", async () => {
    const page = await documentOf(await admin.get("/learners/new"));
    assert.equal(page.querySelector("dialog")?.getAttribute("data-home"), "/learners");
    assert.ok(page.querySelector("#learners-list"));
    const kofi = await learnerId("004305");
    const edit = await documentOf(await admin.get(`/learners/${kofi}/contacts/new`));
    assert.ok(edit.querySelector("dialog #contact-choice"));
    assert.ok(edit.querySelector("#record"));
    const nobody = await new Visitor(office).get(`${`/learners/${kofi}`}`);
    assert.equal(nobody.status, 303);
    const foreign = await admin.post("/learners", NEW, { origin: `${ORIGIN}.example` });
    assert.equal(foreign.status, 403);
  });
});
