// Contacts over HTTP: the list, a contact's page, adding and editing one; and that no logon changes by it.

/// <reference lib="dom" />

import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { documentOf, type Office, openOffice, PIECE, signIn, type Visitor } from "../office.ts";

const NEW = {
  firstName: "Ngozi",
  surname: "Okafor",
  email: "ngozi@example.org",
  mobile: "07700 900700",
};

describe("contacts over HTTP", () => {
  let office: Office;
  let admin: Visitor;
  let viewer: Visitor;
  before(async () => {
    office = await openOffice();
    [admin, viewer] = [await signIn(office, "frontdesk"), await signIn(office, "viewer")];
  });
  after(() => office.close());

  async function idOf(firstName: string, surname: string): Promise<number> {
    const [row] = await office.services.sql<{ id: number }[]>`
      select id from contacts where first_name = ${firstName} and surname = ${surname} order by id limit 1`;
    assert.ok(row, `${firstName} ${surname}`);
    return row.id;
  }

  async function listed(query: string): Promise<string[]> {
    const document = await documentOf(await admin.get(`/contacts${query}`));
    return [...document.querySelectorAll("#contacts-list tbody .who a")].map((one) =>
      one.textContent ?? ""
    );
  }

  async function version(id: number): Promise<string> {
    const document = await documentOf(await admin.piece(`/contacts/${id}/edit`));
    return document.querySelector("[name=version]")?.getAttribute("value") ?? "";
  }

  it("finds contacts by name, email, mobile however it is written, and learner", async () => {
    assert.deepEqual(await listed("?q=agnieszka"), ["Agnieszka Wiśniewska"]);
    assert.deepEqual(await listed("?q=joan.smith@"), ["Joan Smith"]);
    assert.deepEqual(await listed("?q=kofi"), ["Ama Boateng", "Kwame Boateng"]);
    assert.deepEqual(await listed("?q=07700900101"), ["Ama Boateng"]);
    assert.deepEqual(await listed("?q=900101"), ["Ama Boateng"]);
    assert.deepEqual(await listed("?group=11B"), [
      "Ama Boateng",
      "Kwame Boateng",
      "Nguyễn Thị Minh",
    ]);
    assert.deepEqual(await listed("?year=Year+11&q=boateng"), ["Ama Boateng", "Kwame Boateng"]);
  });

  it("filters by what is special about them", async () => {
    assert.deepEqual(await listed("?state=no-email"), [
      "Fatima al-Rashid",
      "Omar al-Rashid",
      "Oksana Shevchenko",
    ]);
    assert.deepEqual(await listed("?state=differs"), ["Priya Raghunathan-Venkatasubramanian"]);
    assert.deepEqual(await listed("?state=not-responsible"), ["Tunde Adeyemi", "Joan Smith"]);
    assert.ok((await listed("?state=has-logon")).includes("Ama Boateng"));
    const without = await listed("?state=no-logon");
    assert.ok(without.includes("Kwame Boateng") && without.includes("Marek Kowalczyk"));
    assert.ok(!without.includes("Ama Boateng"));
    assert.deepEqual(await listed("?state=no-learner"), []);
    assert.deepEqual(await listed("?state=no-mobile"), []);
  });

  it("sorts by every column both ways", async () => {
    for (const sort of ["surname", "first-name", "email", "mobile", "learners"]) {
      const up = await listed(`?sort=${sort}`);
      assert.deepEqual((await listed(`?sort=-${sort}`)).toReversed(), up, sort);
    }
    assert.equal((await listed("?sort=mobile"))[0], "Ama Boateng");
    assert.equal((await listed("?sort=learners"))[0], "Oluwaseun Adeyemi");
  });

  it("shows learners, the logons that came from it, and which of them differs", async () => {
    const priya = await idOf("Priya", "Raghunathan-Venkatasubramanian");
    const document = await documentOf(await viewer.get(`/contacts/${priya}`));
    const text = document.querySelector("#record")?.textContent ?? "";
    assert.match(text, /priya\.rv.*contact differs.*Decide at Needs attention/s);
    assert.equal(document.querySelectorAll("#learners-title ~ .table tbody tr").length, 3);
    assert.ok(document.querySelector("#record a[href='/attention']"));
    assert.equal(document.querySelector("a[href$='/edit']"), null);
  });

  it("adds a contact, and names what is wrong with one", async () => {
    const response = await admin.post("/contacts", NEW);
    assert.equal(response.status, 303);
    const page = await documentOf(await admin.get(response.headers.get("location") ?? ""));
    assert.equal(page.querySelector("h1")?.textContent, "Ngozi Okafor");
    const wrong: [Partial<typeof NEW>, RegExp][] = [
      [{ firstName: "" }, /Enter the first name/],
      [{ surname: "x".repeat(10_000) }, /Shorten the surname/],
      [{ surname: "\0" }, /cannot be stored/],
      [{ email: "two@example.org; other@example.org" }, /Enter one email address/],
      [{ email: `${"x".repeat(10_000)}@example.org` }, /Shorten the email/],
      [{ mobile: "call the office" }, /Enter a telephone number/],
      [{ mobile: "0".repeat(41) }, /Shorten the mobile number/],
    ];
    for (const [fields, sentence] of wrong) {
      const refused = await admin.post("/contacts", { ...NEW, ...fields }, PIECE);
      assert.equal(refused.status, 422);
      assert.match(
        (await documentOf(refused)).querySelector(".field .problem")?.textContent ?? "",
        sentence,
      );
    }
    const emoji = await admin.post("/contacts", { ...NEW, firstName: "𝒩gozi 🎓" });
    assert.equal(emoji.status, 303);
  });

  it("changes the email of a contact and no logon by it, and says where that is decided", async () => {
    const { sql } = office.services;
    const ama = await idOf("Ama", "Boateng");
    const [before] = await sql`select * from logons where username = 'ama.boateng'`;
    const fields = {
      firstName: "Ama",
      surname: "Boateng",
      email: "ama@new.example.org",
      mobile: "+44 7700 900101",
    };
    const response = await admin.post(`/contacts/${ama}`, {
      ...fields,
      version: await version(ama),
    }, PIECE);
    assert.equal(response.status, 200);
    const document = await documentOf(response);
    const toast = document.querySelector(".toast");
    assert.match(
      toast?.textContent ?? "",
      /Ama Boateng was saved\. The logon ama\.boateng was not changed\./,
    );
    assert.ok(toast?.querySelector("a[href='/attention']"));
    assert.ok(toast?.hasAttribute("data-stays"));
    const [after] = await sql`select * from logons where username = 'ama.boateng'`;
    assert.deepEqual({ ...after }, { ...before });
    assert.equal((await admin.post(`/contacts/${ama}`, fields)).status, 303, "the same again");
    const rows =
      await sql`select before from audit where what = 'edit contact' and subject_id = ${ama}`;
    assert.deepEqual(rows.map((row) => row["before"].email), ["ama.boateng@example.org"]);
    const page = await documentOf(await admin.get(`/contacts/${ama}`));
    assert.match(
      page.querySelector(".history")?.textContent ?? "",
      /Email: ama\.boateng@example\.org → ama@new\.example\.org/,
    );
  });

  it("lets no editor overwrite another", async () => {
    const john = await idOf("John", "Smith");
    const seen = await version(john);
    const mine = {
      firstName: "John",
      surname: "Smith",
      email: "family.smith@example.org",
      mobile: "07700 900109",
    };
    assert.equal(
      (await admin.post(`/contacts/${john}`, { ...mine, surname: "Smyth", version: seen })).status,
      303,
    );
    const second = await admin.post(`/contacts/${john}`, {
      ...mine,
      firstName: "Jon",
      version: seen,
    }, PIECE);
    assert.equal(second.status, 409);
    const document = await documentOf(second);
    assert.match(
      document.querySelector("[role=alert]")?.textContent ?? "",
      /Surname: “Smyth”/,
    );
    assert.equal(document.querySelector("[name=firstName]")?.getAttribute("value"), "Jon");
  });

  it("answers an unknown contact with 404 and a wrong role with 403", async () => {
    for (const path of ["/contacts/999999", "/contacts/x", "/contacts/0"]) {
      assert.equal((await admin.get(path)).status, 404, path);
      assert.equal((await admin.get(`${path}/edit`)).status, 404, path);
      assert.equal((await admin.post(path, NEW)).status, 404, path);
    }
    assert.equal((await viewer.post("/contacts", NEW)).status, 403);
    assert.equal((await viewer.get("/contacts/new")).status, 403);
  });

  it("holds the same window as a piece and on its page, and the same list", async () => {
    const page = await documentOf(await admin.get("/contacts/new"));
    assert.equal(page.querySelector("dialog")?.getAttribute("data-home"), "/contacts");
    const piece = await documentOf(await admin.piece("/contacts/new"));
    assert.equal(
      piece.querySelector("h2")?.textContent,
      page.querySelector("dialog h2")?.textContent,
    );
    const list = await documentOf(await admin.piece("/contacts?q=zz+nobody"));
    assert.match(
      list.querySelector(".empty")?.textContent ?? "",
      /No contact matches “zz nobody”\./,
    );
  });
});
