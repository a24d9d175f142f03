// Link Learner over HTTP: what the picker offers, how learners go on and off the list, and that nothing is stored meanwhile.

import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { documentOf, type Office, openOffice, PIECE, signIn, type Visitor } from "../office.ts";

type Fields = Record<string, string | readonly string[]>;

const TYPED: Fields = {
  firstName: `Ann "Q" <b>`,
  surname: "Lee",
  email: "not an address yet",
  username: "ann.lee",
  password: "kept while typing",
  query: "?q=smith",
};

describe("the learners' part of the window", () => {
  let office: Office;
  let admin: Visitor;
  before(async () => {
    office = await openOffice();
    admin = await signIn(office, "frontdesk");
  });
  after(() => office.close());

  async function learner(admissionNumber: string): Promise<string> {
    const [row] = await office.services.sql<{ id: number }[]>`
      select id from learners where admission_number = ${admissionNumber}`;
    assert.ok(row);
    return String(row.id);
  }

  async function piece(fields: Fields, headers: Record<string, string> = {}): Promise<Document> {
    const response = await admin.post("/logon-drafts", fields, { ...PIECE, ...headers });
    assert.equal(response.status, 200);
    return await documentOf(response);
  }

  function offeredIn(page: Document): string[] {
    return [...page.querySelectorAll(".offered li > span:first-child")].map((one) =>
      (one.textContent ?? "").replaceAll(/\s+/g, " ").trim()
    );
  }

  function linkedIn(page: Document): string[] {
    return [...page.querySelectorAll("[name=learner]")].map((one) =>
      one.getAttribute("value") ?? ""
    );
  }

  it("opens the picker on the current learners, Learner Status above Learner", async () => {
    const page = await piece({ ...TYPED, open_picker: "yes" });
    const labels = [...page.querySelectorAll(".picker label")].map((label) => label.textContent);
    assert.deepEqual(labels, ["Learner Status", "Learner"]);
    assert.equal(
      page.querySelector("[name=learner_status] option[selected]")?.textContent,
      "Current",
    );
    assert.equal(offeredIn(page).length, 20);
    assert.match(page.body.textContent ?? "", /More learners match/);
  });

  it("stays shut until it is opened", async () => {
    const page = await piece(TYPED);
    assert.ok(page.querySelector(".picker") === null);
  });

  it("offers the learners of a status", async () => {
    const offered = async (status: string): Promise<string[]> =>
      offeredIn(await piece({ picker: "open", learner_status: status }));
    assert.deepEqual(await offered("Applicant"), ["Léa Dubois adm 004601, Applicant"]);
    assert.deepEqual(await offered("Leaver"), [
      "Thomas Ashdown 11A, adm 003102, Leaver",
      "Kehinde Bello 10C, adm 003983, Leaver",
    ]);
    assert.equal((await offered("")).length, 20);
    assert.deepEqual(await offered("nonsense"), await offered(""));
  });

  it("finds by name, group and admission number, and tells namesakes apart by their group", async () => {
    const found = async (search: string): Promise<string[]> =>
      offeredIn(await piece({ picker: "open", learner_status: "", learner_search: search }));
    assert.deepEqual(await found("mia barley"), [
      "Mia Barley 7A, adm 004512",
      "Mia Barley 7C, adm 004513",
    ]);
    assert.deepEqual(await found("barley 7c"), ["Mia Barley 7C, adm 004513"]);
    assert.deepEqual(await found("004140"), []);
    assert.deepEqual(await found("004142"), ["Dev Raghunathan-Venkatasubramanian 9A, adm 004142"]);
    assert.deepEqual(await found("nguyen gia bao"), ["Gia Bảo Nguyễn 11B, adm 003830"]);
    assert.deepEqual(await found("wisniewska"), ["Ola Wiśniewska 7A, adm 004520"]);
    assert.deepEqual(await found("oconnor"), ["Niamh O'Connor 9C, adm 004150"]);
    assert.deepEqual(await found("%"), []);
    assert.deepEqual(await found("\0"), await found(""));
  });

  it("says what to do where nothing matches", async () => {
    const page = await piece({ picker: "open", learner_status: "Current", learner_search: "zzz" });
    assert.match(page.body.textContent ?? "", /No learner matches/);
  });

  it("searches where Enter was pressed for it without script, and saves where nothing new was typed there", async () => {
    const typed = { ...TYPED, email: "ann@example.org", picker: "open", enter: "yes" };
    const asked = { ...typed, learner_search: "mia barley", searched: "" };
    const page = await documentOf(await admin.post("/logons", asked));
    assert.equal(offeredIn(page).length, 2);
    assert.equal(page.querySelector("[name=searched]")?.getAttribute("value"), "mia barley");
    assert.equal(page.querySelector("[name=firstName]")?.getAttribute("value"), TYPED["firstName"]);
    const before_ = await office.services.sql`select from logons where username = 'ann.lee'`;
    assert.equal(before_.length, 0);
    const saved = await admin.post("/logons", { ...asked, searched: "mia barley" });
    assert.equal(saved.status, 303);
    // The same words as with script.
    const list = await documentOf(await admin.get(saved.headers.get("location") ?? ""));
    assert.match(
      list.querySelector(".toast")?.textContent ?? "",
      /was added\. No learner is linked yet\./,
    );
    await office.services.sql`delete from logons where username = 'ann.lee'`;
  });

  it("redraws only what is offered while somebody types", async () => {
    const page = await piece(
      { ...TYPED, picker: "open", learner_search: "mia", learner: [await learner("004512")] },
      { "hx-target": "div#learner-options" },
    );
    assert.equal(page.body.children.length, 1);
    assert.equal(page.body.firstElementChild?.id, "learner-options");
    assert.match(page.body.textContent ?? "", /7A, adm 004512.*linked/s);
  });

  it("redraws only the learners otherwise, and never what was typed beside them", async () => {
    const page = await piece({ ...TYPED, open_picker: "yes" });
    assert.equal(page.body.children.length, 1);
    assert.equal(page.body.firstElementChild?.id, "learners");
    assert.ok(page.querySelector("[name=firstName]") === null);
  });

  it("links one learner after another, in the order of linking", async () => {
    const [tom, mia] = [await learner("004127"), await learner("004512")];
    const first = await piece({ picker: "open", learner_search: "tom", link: tom });
    assert.deepEqual(linkedIn(first), [tom]);
    assert.match(first.querySelector("[role=status]")?.textContent ?? "", /Tom Barley linked/);
    assert.equal(first.querySelector("[name=learner_search]")?.getAttribute("value"), "");
    const second = await piece({ picker: "open", learner: [tom], link: mia });
    assert.deepEqual(linkedIn(second), [tom, mia]);
  });

  it("refuses the same learner twice, and says so", async () => {
    const tom = await learner("004127");
    const page = await piece({ picker: "open", learner: [tom], link: tom });
    assert.deepEqual(linkedIn(page), [tom]);
    assert.match(page.querySelector(".problem")?.textContent ?? "", /linked already/);
    const offers = await piece({ picker: "open", learner: [tom], learner_search: "tom barley" });
    assert.ok(offers.querySelector(`button[name=link][value="${tom}"]`) === null);
  });

  it("takes a learner off the list again", async () => {
    const [tom, mia] = [await learner("004127"), await learner("004512")];
    const page = await piece({ learner: [tom, mia], unlink: tom });
    assert.deepEqual(linkedIn(page), [mia]);
    assert.match(page.querySelector("[role=status]")?.textContent ?? "", /Tom Barley taken off/);
    const twice = await piece({ learner: [mia], unlink: tom });
    assert.deepEqual(linkedIn(twice), [mia]);
  });

  it("has a trashcan beside each linked learner that names them", async () => {
    const page = await piece({ learner: [await learner("004127")] });
    const trash = page.querySelector("button[name=unlink]");
    assert.equal(
      trash?.getAttribute("aria-label"),
      "Take Tom Barley 9B, admission number 004127 off the list",
    );
  });

  it("links no more learners than a family can have", async () => {
    const { sql } = office.services;
    await sql`insert into learners (admission_number, first_name, surname, status)
      select 'T' || n, 'Many', 'Learner', 'Current' from generate_series(1, 41) n`;
    const rows = await sql<
      { id: number }[]
    >`select id from learners where admission_number like 'T%'`;
    const ids = rows.map((row) => String(row.id));
    const page = await piece({ learner: ids.slice(0, 40), link: ids[40] ?? "" });
    assert.equal(linkedIn(page).length, 40);
    assert.match(page.querySelector(".problem")?.textContent ?? "", /At most 40/);
    await sql`delete from learners where admission_number like 'T%'`;
  });

  it("takes ids that are none kindly", async () => {
    for (const id of ["", "0", "-1", "abc", "9223372036854775808", "999999999", "\0"]) {
      const page = await piece({ learner: [id], link: id, unlink: id });
      assert.deepEqual(linkedIn(page), [], id);
      assert.doesNotMatch(page.body.textContent ?? "", /The learner linked/, JSON.stringify(id));
    }
  });

  it("comes back as the whole window with everything typed, without script", async () => {
    const tom = await learner("004127");
    const response = await admin.post("/logon-drafts", { ...TYPED, picker: "open", link: tom });
    assert.equal(response.status, 200);
    const page = await documentOf(response);
    for (const name of ["firstName", "surname", "email", "username", "password", "query"]) {
      assert.equal(
        page.querySelector(`form#logon-form [name=${name}]`)?.getAttribute("value"),
        TYPED[name],
      );
    }
    assert.deepEqual(linkedIn(page), [tom]);
    assert.equal(page.querySelector("#dialog-title")?.textContent, "Add Logon");
    assert.equal(page.querySelectorAll(".problem").length, 0, "nothing is checked before Save");
  });

  it("comes back as the edit window of the same version, without script", async () => {
    const [row] = await office.services.sql<{ id: number; version: number }[]>`
      select id, version from logons where username = 'paul.barley'`;
    const page = await documentOf(
      await admin.post("/logon-drafts", {
        ...TYPED,
        logon_id: String(row?.id),
        version: String(row?.version),
        open_picker: "yes",
      }),
    );
    assert.equal(page.querySelector("#dialog-title")?.textContent, "Edit Logon");
    assert.equal(page.querySelector("#logon-form")?.getAttribute("action"), `/logons/${row?.id}`);
    assert.equal(page.querySelector("[name=version]")?.getAttribute("value"), String(row?.version));
  });

  it("stores nothing at all", async () => {
    const { sql } = office.services;
    const stored = async (): Promise<string> =>
      JSON.stringify(
        await sql`
          select (select count(*) from logon_learners) as links, (select count(*) from audit) as audit,
                 count(*) as logons, sum(version) as versions from logons`,
      );
    const [paul] = await sql<
      { id: number }[]
    >`select id from logons where username = 'paul.barley'`;
    const before_ = await stored();
    await piece({ ...TYPED, logon_id: String(paul?.id), link: await learner("004520") });
    assert.equal(await stored(), before_);
  });
});
