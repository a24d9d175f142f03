// Text that means harm in every field of a logon’s window: it is answered kindly, and shown as it was typed.

import { after, before, beforeEach, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import type { Sql } from "../../db/connect.ts";
import { ANN, type Fields, forgetAdded, idOf, toastOf } from "../logons.ts";
import { documentOf, knowingOffice, type Office, PIECE, signIn, type Visitor } from "../office.ts";

let office: Office;
let admin: Visitor;
let sql: Sql;

before(async () => {
  office = await knowingOffice();
  sql = office.services.sql;
  admin = await signIn(office);
});
after(() => office.close());
beforeEach(() => forgetAdded(sql));

function post(path: string, fields: Fields): Promise<Response> {
  return admin.post(path, fields, PIECE);
}

describe("text that means harm", () => {
  const hostile = [
    "x".repeat(10_240),
    "nul\0nul",
    "\ud800 alone",
    "‮evil‬",
    "<script>alert(1)</script>",
    `"><img src=x onerror=alert(1)>`,
    `' autofocus onfocus=alert(1) x='`,
    "javascript:alert(1)",
    "=cmd|' /C calc'!A0",
    "+1+1",
    "@SUM(A1)",
    "😀𠜎👩‍👩‍👧‍👦",
    "a\r\nBcc: evil@example.com",
    "${7*7}{{7*7}}<%= 7*7 %>",
    "&lt;b&gt; &amp; &#x3C;",
    "'; drop table logons; --",
    "\u0085\u2028\u2029",
    "\u200b",
    "ﷺ".repeat(100),
    "a".repeat(100) + "\u0301".repeat(50),
    "constructor",
    "__proto__",
  ];
  const names = [
    "firstName",
    "surname",
    "email",
    "username",
    "password",
    "query",
    "learner_search",
  ];

  function assertHarmless(page: Document, what: string): void {
    assert.equal(page.querySelectorAll("img, iframe, object, base, form form").length, 0, what);
    const scripts = [...page.querySelectorAll("script")];
    assert.ok(scripts.every((script) => script.getAttribute("src")?.startsWith("/static/")), what);
    for (const element of page.querySelectorAll("*")) {
      for (const { name, value } of element.attributes) {
        assert.doesNotMatch(name, /^on/, what);
        if (name === "href") assert.match(value, /^[/#]/, what);
      }
    }
  }

  for (const name of names) {
    it(`does none in ${name}, and gets a kind answer`, async () => {
      for (const [n, text] of hostile.entries()) {
        const what = `${name} = ${JSON.stringify(text.slice(0, 40))}`;
        const response = await post("/logons", {
          ...ANN,
          username: `h${n}`,
          email: "",
          [name]: text,
        });
        assert.ok([200, 422].includes(response.status), `${what}: ${response.status}`);
        assertHarmless(await documentOf(response), what);
        const empty = name === "surname" ? "firstName" : "surname";
        const page = await admin.post("/logons", { ...ANN, [empty]: "", [name]: text });
        assert.equal(page.status, 422, what);
        assertHarmless(await documentOf(page), what);
      }
      const list = await documentOf(await admin.get("/logons"));
      assertHarmless(list, "the list");
    });
  }

  it("is shown as it was typed, in the list, in the windows, and in what is said", async () => {
    const name = `<b onclick="x">'&amp;`;
    const added = await documentOf(
      await post("/logons", { ...ANN, firstName: name, surname: name }),
    );
    assert.ok(toastOf(added).includes(`${name} ${name} was added.`));
    const id = await idOf(sql, "ann.lee");
    const edit = await documentOf(await admin.piece(`/logons/${id}/edit`));
    assert.equal(edit.querySelector("#field-firstName")?.getAttribute("value"), name);
    const deletion = await documentOf(await admin.piece(`/logons/${id}/deletion`));
    assert.equal(deletion.querySelector("strong bdi")?.textContent, `${name} ${name}`);
    const list = await documentOf(await admin.get("/logons?q=ann.lee"));
    assert.equal(list.querySelector("#logons strong bdi")?.textContent, `${name} ${name}`);
    assert.equal(
      list.querySelector("td.icons a")?.getAttribute("aria-label"),
      `Edit ${name} ${name}`,
    );
    for (const page of [added, edit, deletion, list]) assertHarmless(page, "shown");
  });
});
