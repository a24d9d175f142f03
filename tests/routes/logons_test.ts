// Add Logon, Edit, Delete and the way back over HTTP: what is stored, what is refused and how it is said.

import { after, before, beforeEach, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import type { Sql } from "../../db/connect.ts";
import { addSession } from "../../db/sessions.ts";
import { findSettings } from "../../db/settings.ts";
import { hashToken, newToken } from "../../lib/keys.ts";
import { CHOSEN_COST, type Hasher, openHasher } from "../../lib/passwords.ts";
import { createApp } from "../../routes/mod.ts";
import { documentOf, type Office, openOffice, ORIGIN, PIECE, signIn, Visitor } from "../office.ts";

type Fields = Record<string, string | readonly string[]>;

/** Hashes cheaply, knows the cast's passwords, and remembers at which cost it was to hash. */
type QuickHasher = Hasher & { readonly costs: number[] };

function quickHasher(): QuickHasher {
  const real = openHasher();
  const costs: number[] = [];
  return {
    costs,
    hash(password, cost): Promise<string> {
      costs.push(cost);
      return real.hash(password, 4);
    },
    verifyGenerated: () => Promise.resolve(false),
    verify: (password, hash) => Promise.resolve(hash !== null && /^demo-\w+-2026$/.test(password)),
  };
}

const ANN: Fields = {
  firstName: "Ann",
  surname: "Lee",
  email: "ann.lee@example.org",
  username: "ann.lee",
  password: "",
};

let office: Office;
let admin: Visitor;
let sql: Sql;
let hasher: QuickHasher;

before(async () => {
  const opened = await openOffice();
  hasher = quickHasher();
  const services = { ...opened.services, hasher };
  office = { ...opened, services, app: createApp(services) };
  sql = services.sql;
  admin = await signIn(office);
});
after(() => office.close());
beforeEach(async () => {
  await sql`delete from logons where created_at > now() - interval '1 hour' and contact_id is null and username <> 'rhys.l'`;
  await sql`delete from throttles`;
});

function post(
  path: string,
  fields: Fields,
  headers: Record<string, string> = {},
): Promise<Response> {
  return admin.post(path, fields, { ...PIECE, ...headers });
}

async function idOf(username: string): Promise<number> {
  const [row] = await sql<{ id: number }[]>`select id from logons where username = ${username}`;
  assert.ok(row, username);
  return row.id;
}

async function learner(admissionNumber: string): Promise<string> {
  const [row] = await sql<{ id: number }[]>`
    select id from learners where admission_number = ${admissionNumber}`;
  return String(row?.id);
}

async function linksOf(id: number): Promise<string[]> {
  const rows = await sql<{ number: string }[]>`
    select p.admission_number as number from logon_learners k join learners p on p.id = k.learner_id
     where k.logon_id = ${id} order by 1`;
  return rows.map((row) => row.number);
}

async function rowOf(id: number): Promise<Record<string, unknown>> {
  const [row] = await sql<Record<string, unknown>[]>`select * from logons where id = ${id}`;
  return { ...row };
}

/** The form of an edit window as the browser would send it back. */
async function formOf(id: number): Promise<Record<string, string | string[]>> {
  const page = await documentOf(await admin.piece(`/logons/${id}/edit`));
  const value = (name: string): string =>
    page.querySelector(`[name=${name}]`)?.getAttribute("value") ?? "";
  return {
    firstName: value("firstName"),
    surname: value("surname"),
    email: value("email"),
    username: value("username"),
    password: "",
    version: value("version"),
    logon_id: value("logon_id"),
    learner: [...page.querySelectorAll("[name=learner]")].map((one) =>
      one.getAttribute("value") ?? ""
    ),
  };
}

async function problemsOf(response: Response): Promise<Record<string, string>> {
  assert.equal(response.status, 422);
  const page = await documentOf(response);
  const links = [...page.querySelectorAll(".summary a")];
  return Object.fromEntries(
    links.map((link) => [
      link.getAttribute("href")?.replace("#field-", "") ?? "",
      link.textContent ?? "",
    ]),
  );
}

function toastOf(page: Document): string {
  return page.querySelector('hx-partial[hx-target="#toasts"]')?.textContent ?? "";
}

async function countLogons(): Promise<number> {
  const [row] = await sql<[{ count: number }]>`select count(*)::int as count from logons`;
  return row.count;
}

async function sessionOf(logonId: number): Promise<Visitor> {
  const token = newToken();
  await addSession(
    sql,
    { logonId, mustChangePassword: false },
    await hashToken(token),
    { ip: null, userAgent: null },
    await findSettings(sql),
    office.clock.now(),
  );
  const parent = new Visitor(office);
  parent.cookies.set("portal", token);
  return parent;
}

describe("the window Add Logon", () => {
  it("has the five fields in the article's order, then Link Learner, then Save", async () => {
    const page = await documentOf(await admin.piece("/logons/new"));
    const labels = [...page.querySelectorAll("label")].map((label) => label.textContent);
    assert.deepEqual(labels, ["First name", "Surname", "Email", "Username", "Password"]);
    const foot = [...page.querySelectorAll("footer button")].map((one) => one.textContent?.trim());
    assert.deepEqual(foot, ["Link Learner", "Save"]);
    assert.equal(page.querySelector("h2")?.textContent, "Add Logon");
  });

  it("is a page of its own, on top of the list, where its address is opened", async () => {
    const page = await documentOf(await admin.get("/logons/new?q=smith"));
    assert.ok(page.querySelector("dialog[open] form#logon-form"));
    assert.equal(page.querySelectorAll("#logons tbody tr").length, 3);
    assert.equal(page.querySelector("[name=query]")?.getAttribute("value"), "?q=smith");
  });
});

describe("adding a logon", () => {
  it("stores it with its links and a temporary password, and writes down who did it", async () => {
    const links = [await learner("004512"), await learner("004127")];
    hasher.costs.length = 0;
    const response = await post("/logons", {
      ...ANN,
      firstName: "  Ann \u00a0 Marie ",
      password: "copper kettle harbour",
      learner: links,
    });
    assert.equal(response.status, 200);
    assert.deepEqual(JSON.parse(response.headers.get("hx-trigger") ?? ""), { "dialog:close": {} });
    const id = await idOf("ann.lee");
    assert.deepEqual(await linksOf(id), ["004127", "004512"]);
    const row = await rowOf(id);
    assert.equal(row["first_name"], "Ann Marie");
    assert.equal(row["email"], "ann.lee@example.org");
    const [password] = await sql<{ hash: string; temporary: boolean; expires: Date }[]>`
      select hash, temporary, expires_at as expires from logon_passwords where logon_id = ${id}`;
    assert.ok(password?.temporary);
    assert.equal(password.expires.getTime() - office.clock.now().getTime(), 7 * 86_400_000);
    assert.ok(await openHasher().verify("copper kettle harbour", password.hash));
    assert.deepEqual(hasher.costs, [CHOSEN_COST]);
    const [audit] = await sql<{ who: string; what: string; after: { learnerIds: number[] } }[]>`
      select who, what, after from audit where subject = 'logon' and subject_id = ${id}`;
    assert.equal(audit?.who, "Olwen Hughes");
    assert.equal(audit.what, "add logon");
    assert.deepEqual(audit.after.learnerIds, links.map(Number));
  });

  it("shows the list as it was being looked at, with the new row marked though the filter hides it", async () => {
    const response = await post("/logons", { ...ANN, query: "?state=suspended" });
    const page = await documentOf(response);
    const rows = [...page.querySelectorAll("#logons tbody tr")];
    assert.equal(rows.length, 2);
    assert.equal(rows[0]?.className, "fresh");
    assert.match(rows[0]?.textContent ?? "", /Ann Lee.*new/s);
    assert.match(rows[1]?.textContent ?? "", /Declan/);
    assert.match(toastOf(page), /Ann Lee was added\./);
  });

  it("writes the password nowhere but as a hash", async () => {
    const password = "velvet anchor thistle";
    await post("/logons", { ...ANN, password });
    const found = await sql`select from audit a where a::text like ${`%${password}%`}`;
    assert.equal(found.length, 0);
    assert.ok(office.logged.every((line) => !line.includes(password)));
  });

  it("makes a logon without a password where none was typed", async () => {
    await post("/logons", ANN);
    const id = await idOf("ann.lee");
    assert.equal((await sql`select from logon_passwords where logon_id = ${id}`).length, 0);
  });

  it("needs first name, surname and username, and names each beside its field", async () => {
    const before_ = await countLogons();
    const response = await post("/logons", { password: "kept as it was typed" });
    const text = await response.clone().text();
    assert.deepEqual(Object.keys(await problemsOf(response)), ["firstName", "surname", "username"]);
    const page = await documentOf(new Response(text));
    for (const name of ["firstName", "surname", "username"]) {
      const field = page.querySelector(`#field-${name}`);
      assert.equal(field?.getAttribute("aria-invalid"), "true", name);
      assert.ok(field?.getAttribute("aria-describedby")?.includes(`field-${name}-problem`));
    }
    assert.equal(await countLogons(), before_);
  });

  it("keeps what was typed when something else is wrong, learners too", async () => {
    const response = await post("/logons", {
      ...ANN,
      surname: "",
      learner: [await learner("004512")],
      query: "?q=x",
    });
    const page = await documentOf(response);
    assert.equal(response.status, 422);
    assert.equal(page.querySelector("#field-firstName")?.getAttribute("value"), "Ann");
    assert.equal(page.querySelector("#field-email")?.getAttribute("value"), ANN["email"]);
    assert.equal(page.querySelectorAll("[name=learner]").length, 1);
    assert.equal(page.querySelector("[name=query]")?.getAttribute("value"), "?q=x");
  });

  it("fills an empty username with the email", async () => {
    await post("/logons", { ...ANN, username: "" });
    assert.equal((await rowOf(await idOf("ann.lee@example.org")))["email"], ANN["email"]);
  });

  it("refuses a bad email by its own name only, though the username would be the same", async () => {
    const problems = await problemsOf(
      await post("/logons", { ...ANN, email: "ann", username: "" }),
    );
    assert.deepEqual(Object.keys(problems), ["email"]);
  });

  const taken: readonly (readonly [string, string, string])[] = [
    ["in other letters' case", "ama.boateng", "AMA.Boateng"],
    ["in full-width letters", "ama.boateng", "ａｍａ.boateng"],
    ["with blanks around it", "ama.boateng", " ama.boateng "],
    ["in another Unicode form", "zo\u00eb.w", "zoe\u0308.W"],
    ["with a sharp s for two", "gro\u00df", "GROSS"],
    ["with a capital sharp s", "gro\u00df", "gro\u1e9e"],
    ["with another final sigma", "\u03bf\u03b4\u03cc\u03c2", "\u039f\u0394\u038c\u03a3"],
    ["with a ligature", "ra\ufb03a", "raffia"],
  ];
  for (const [how, first, second] of taken) {
    it(`refuses a username that is taken ${how}`, async () => {
      if (first !== "ama.boateng") {
        assert.equal((await post("/logons", { ...ANN, username: first })).status, 200);
      }
      const problems = await problemsOf(await post("/logons", { ...ANN, username: second }));
      assert.match(problems["username"] ?? "", /belongs to (Ama Boateng|Ann Lee)\./);
    });
  }

  it("refuses a username of a deleted logon, and says that it can be restored", async () => {
    const problems = await problemsOf(
      await post("/logons", { ...ANN, username: "Marek.Kowalczyk" }),
    );
    assert.match(problems["username"] ?? "", /Marek Kowalczyk, whose logon was deleted/);
  });

  it("lets one of two at the same moment have a username, and tells the other", async () => {
    const responses = await Promise.all([post("/logons", ANN), post("/logons", ANN)]);
    const statuses = responses.map((response) => response.status).sort();
    assert.deepEqual(statuses, [200, 422]);
    const rows = await sql`select from logons where username = 'ann.lee'`;
    assert.equal(rows.length, 1);
  });

  it("warns of a mailbox that others use, naming them, and of a logon without a learner", async () => {
    const page = await documentOf(
      await post("/logons", { ...ANN, email: "Family.Smith@example.org" }),
    );
    assert.match(toastOf(page), /John Smith and Sarah Smith|Sarah Smith and John Smith/);
    assert.match(toastOf(page), /No learner is linked yet/);
  });

  it("links a learner once who was sent twice, and ignores ids that nobody has", async () => {
    const mia = await learner("004512");
    const response = await post("/logons", {
      ...ANN,
      learner: [mia, mia, "999999999", "-1", "0", "9223372036854775808", "x", ""],
    });
    assert.equal(response.status, 200);
    assert.deepEqual(await linksOf(await idOf("ann.lee")), ["004512"]);
  });

  it("stores nothing where more learners come than a logon may have", async () => {
    await sql`
      insert into learners (admission_number, first_name, surname, status, registration_group)
      select 'T' || n, 'Firstname ' || md5(n::text), 'Surname ' || md5((n * 7)::text), 'Current', '7A'
        from generate_series(1, 300) n`;
    const rows = await sql<
      { id: number }[]
    >`select id from learners where admission_number like 'T%'`;
    for (const count of [41, 300]) {
      const response = await post("/logons", {
        ...ANN,
        learner: rows.slice(0, count).map((row) => String(row.id)),
      });
      assert.equal(response.status, 422, `${count} learners`);
      await response.body?.cancel();
    }
    await sql`delete from learners where admission_number like 'T%'`;
  });

  it("refuses a password that may not be one, and never cuts it", async () => {
    const passwords = [
      "short",
      "x".repeat(73) + "y",
      "passwordpassword",
      "123456789012",
      "tab\tin the middle",
      "nul\0in the middle",
      "😀".repeat(25),
    ];
    for (const password of passwords) {
      const problems = await problemsOf(await post("/logons", { ...ANN, password }));
      assert.deepEqual(Object.keys(problems), ["password"], JSON.stringify(password));
    }
  });

  it("refuses a password that holds a name, the username or the school's", async () => {
    const passwords = ["my ann.lee is here", "Montgomery is here", "the hillcrest gate"];
    for (const password of passwords) {
      const problems = await problemsOf(
        await post("/logons", { ...ANN, surname: "Montgomery", password }),
      );
      assert.match(problems["password"] ?? "", /Leave out names/, password);
    }
  });

  it("takes no more from the form than its fields", async () => {
    const response = await post("/logons", {
      ...ANN,
      id: "1",
      role: "Administrator",
      tfa: "set up",
      contact_id: "1",
      deleted_at: "2020-01-01",
      sign_in_count: "99",
      __proto__: "x",
      constructor: "x",
    });
    assert.equal(response.status, 200);
    const row = await rowOf(await idOf("ann.lee"));
    assert.equal(row["tfa"], "off");
    assert.equal(row["contact_id"], null);
    assert.equal(row["deleted_at"], null);
    assert.equal(row["sign_in_count"], 0);
  });

  it("takes the last of a field that came twice, and nothing from what is no form", async () => {
    const twice = await post("/logons", { ...ANN, surname: ["First", "Second"] });
    assert.equal(twice.status, 200);
    assert.equal((await rowOf(await idOf("ann.lee")))["surname"], "Second");
    const bodies = {
      "application/json": JSON.stringify(ANN),
      "text/plain": "firstName=Ann",
      "multipart/form-data": "no boundary",
      "multipart/form-data; boundary=x": "--x\r\nbroken",
    };
    for (const [type, body] of Object.entries(bodies)) {
      const response = await admin.ask("/logons", {
        method: "POST",
        body,
        headers: { ...PIECE, origin: ORIGIN, "content-type": type },
      });
      assert.equal(response.status, 422, type);
      await response.body?.cancel();
    }
  });

  it("works without script: the page comes back with the new row and a message", async () => {
    const response = await admin.post("/logons", { ...ANN, query: "?q=smith" });
    assert.ok([200, 303].includes(response.status));
    const page = await documentOf(
      response.status === 303 ? await admin.get(response.headers.get("location") ?? "") : response,
    );
    assert.ok(page.querySelector("tr.fresh"));
    assert.match(page.querySelector("#toasts")?.textContent ?? "", /Ann Lee was added/);
  });
});

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
    const id = await idOf("ann.lee");
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

describe("editing a logon", () => {
  it("opens the same window filled in, without the password", async () => {
    const page = await documentOf(await admin.piece(`/logons/${await idOf("paul.barley")}/edit`));
    assert.equal(page.querySelector("h2")?.textContent, "Edit Logon");
    assert.equal(page.querySelector("#field-username")?.getAttribute("value"), "paul.barley");
    assert.equal(page.querySelector("#field-password")?.getAttribute("value") ?? "", "");
    assert.deepEqual(
      [...page.querySelectorAll("ul.linked bdi")].map((one) => one.textContent),
      ["Mia Barley", "Tom Barley"],
    );
  });

  it("keeps password and sessions where the password is left empty, and writes down both states", async () => {
    const id = await idOf("paul.barley");
    const parent = await sessionOf(id);
    const [before_] = await sql`select hash from logon_passwords where logon_id = ${id}`;
    const response = await post(`/logons/${id}`, { ...await formOf(id), surname: "Barley-Jones" });
    assert.equal(response.status, 200);
    assert.match(toastOf(await documentOf(response)), /Paul Barley-Jones was saved/);
    const [now] = await sql`select hash from logon_passwords where logon_id = ${id}`;
    assert.equal(now?.["hash"], before_?.["hash"]);
    assert.equal((await parent.get("/portal")).status, 200);
    const [audit] = await sql<{ before: { surname: string }; after: { surname: string } }[]>`
      select before, after from audit where subject_id = ${id} order by id desc limit 1`;
    assert.equal(audit?.before.surname, "Barley");
    assert.equal(audit?.after.surname, "Barley-Jones");
    await post(`/logons/${id}`, { ...await formOf(id), surname: "Barley" });
  });

  it("makes a typed password temporary and ends the parent's sessions", async () => {
    const id = await idOf("paul.barley");
    const parent = await sessionOf(id);
    await post(`/logons/${id}`, { ...await formOf(id), password: "copper kettle harbour" });
    assert.equal((await parent.get("/portal")).status, 303);
    const [now] = await sql`select temporary from logon_passwords where logon_id = ${id}`;
    assert.equal(now?.["temporary"], true);
  });

  it("takes learners off and links others, and keeps the warning of a link that stays", async () => {
    const id = await idOf("joan.smith");
    await post(`/logons/${id}`, {
      ...await formOf(id),
      learner: [await learner("004311"), await learner("003964")],
    });
    const warnings = await sql`select warning from logon_learners where logon_id = ${id}`;
    assert.deepEqual(warnings.map((row) => row["warning"]), [
      "no parental responsibility",
      "no parental responsibility",
    ]);
    await post(`/logons/${id}`, { ...await formOf(id), learner: [await learner("004311")] });
    assert.deepEqual(await linksOf(id), ["004311"]);
  });

  it("lets a logon keep its own username and email in another case", async () => {
    const id = await idOf("paul.barley");
    const response = await post(`/logons/${id}`, { ...await formOf(id), username: "Paul.Barley" });
    assert.equal(response.status, 200);
    await post(`/logons/${id}`, { ...await formOf(id), username: "paul.barley" });
  });

  it("stores nothing where somebody else was quicker, and says what they changed", async () => {
    const id = await idOf("paul.barley");
    const stale = await formOf(id);
    const checked = "came in person";
    await post(`/logons/${id}`, { ...stale, email: "paul@example.net", checked, learner: [] });
    const before_ = await rowOf(id);
    const response = await post(`/logons/${id}`, { ...stale, firstName: "Pavel" });
    assert.equal(response.status, 409);
    const page = await documentOf(response);
    const said = page.querySelector("[role=alert]")?.textContent ?? "";
    assert.match(said, /Nothing of yours was stored/);
    assert.match(said, /Email is now “paul@example\.net”/);
    assert.match(said, /First name is now “Paul”/);
    assert.match(said, /linked learners/);
    assert.equal(page.querySelector("#field-firstName")?.getAttribute("value"), "Pavel");
    assert.deepEqual(await rowOf(id), before_);
    const again = await post(`/logons/${id}`, {
      ...stale,
      version: page.querySelector("[name=version]")?.getAttribute("value") ?? "",
      checked,
    });
    assert.equal(again.status, 200, "saving again is a choice");
  });

  it("lets one of two edits at the same moment win, and the other is told", async () => {
    const id = await idOf("paul.barley");
    const form = await formOf(id);
    const responses = await Promise.all(
      ["One", "Two", "Three"].map((firstName) => post(`/logons/${id}`, { ...form, firstName })),
    );
    assert.deepEqual(responses.map((response) => response.status).sort(), [200, 409, 409]);
    await post(`/logons/${id}`, { ...await formOf(id), firstName: "Paul" });
  });

  it("stores nothing without a version, or with one that is nonsense", async () => {
    const id = await idOf("paul.barley");
    const before_ = await rowOf(id);
    const { version: _version, ...form } = await formOf(id);
    for (const more of [{}, { version: "" }, { version: "-1" }, { version: "999999999999" }]) {
      const response = await post(`/logons/${id}`, { ...form, firstName: "Other", ...more });
      assert.equal(response.status, 409, JSON.stringify(more));
      await response.body?.cancel();
    }
    assert.deepEqual(await rowOf(id), before_);
  });

  it("refuses a learner who is blocked for this parent, by name, without the reason", async () => {
    const id = await idOf("sarah.smith");
    const form = await formOf(id);
    const response = await post(`/logons/${id}`, {
      ...form,
      learner: [await learner("003964"), await learner("004311")],
    });
    const text = await response.clone().text();
    const problems = await problemsOf(response);
    assert.match(problems["learners"] ?? "", /Ellie Smith is blocked for this parent/);
    assert.doesNotMatch(text, /court|order|arrangements/i);
    assert.deepEqual(await linksOf(id), ["003964"]);
  });

  it("does not bring a blocked learner back by deleting and restoring", async () => {
    const id = await idOf("sarah.smith");
    await post(`/logons/${id}/deletion`, {});
    await post(`/logons/${id}/restoration`, {});
    assert.deepEqual(await linksOf(id), ["003964"]);
  });

  it("keeps a learner away who was blocked while the logon was deleted", async () => {
    const id = await idOf("joan.smith");
    await post(`/logons/${id}/deletion`, {});
    await sql`insert into blocks (learner_id, logon_id, reason)
      values (${await learner("004311")}, ${id}, 'test')`;
    await post(`/logons/${id}/restoration`, {});
    assert.deepEqual(await linksOf(id), []);
    await sql`delete from blocks where logon_id = ${id}`;
  });

  it("tells kindly that a logon was deleted meanwhile", async () => {
    const id = await idOf("marek.kowalczyk");
    for (
      const response of [
        await admin.piece(`/logons/${id}/edit`),
        await admin.piece(`/logons/${id}/deletion`),
        await post(`/logons/${id}`, { ...ANN, version: "1" }),
        await post(`/logons/${id}/deletion`, {}),
      ]
    ) {
      assert.equal(response.status, 404);
      assert.match(await response.text(), /not there any more/);
    }
  });
});

describe("deleting a logon", () => {
  it("asks first, by name", async () => {
    const page = await documentOf(
      await admin.piece(`/logons/${await idOf("paul.barley")}/deletion`),
    );
    assert.match(page.body.textContent ?? "", /Delete the logon of Paul Barley \(paul\.barley\)/);
    assert.ok(page.querySelector("[name=own_password]") === null);
  });

  it("ends the parent's sessions at once, keeps the history, and can be taken back", async () => {
    const id = await idOf("paul.barley");
    const parent = await sessionOf(id);
    assert.equal((await parent.get("/portal")).status, 200);
    const response = await post(`/logons/${id}/deletion`, { query: "?q=barley" });
    const page = await documentOf(response);
    assert.equal(response.status, 200);
    assert.match(toastOf(page), /Paul Barley’s logon was deleted.*Undo/s);
    assert.ok(page.querySelector(`#logon-${id}`) === null);
    assert.equal((await parent.get("/portal")).status, 303);
    const signIns = await sql`select from sign_ins where logon_id = ${id}`;
    assert.equal(signIns.length, 11);
    const restored = await documentOf(await post(`/logons/${id}/restoration`, {}));
    assert.ok(restored.querySelector(`tr#logon-${id}.fresh`));
    assert.equal((await parent.get("/portal")).status, 303, "an old session stays ended");
    const audit = await sql`
      select what from audit where subject_id = ${id} and subject = 'logon' order by id desc limit 2`;
    assert.deepEqual(audit.map((row) => row["what"]), ["restore logon", "delete logon"]);
  });

  it("is harmless twice, and so is restoring twice", async () => {
    const id = await idOf("paul.barley");
    assert.equal((await post(`/logons/${id}/deletion`, {})).status, 200);
    assert.equal((await post(`/logons/${id}/deletion`, {})).status, 404);
    assert.equal((await post(`/logons/${id}/restoration`, {})).status, 200);
    const again = await post(`/logons/${id}/restoration`, {});
    assert.equal(again.status, 200);
    assert.match(await again.text(), /there already/);
  });

  it("asks for the own password again when that was typed over ten minutes ago", async () => {
    const late = await signIn(office);
    const id = await idOf("paul.barley");
    office.clock.move(9);
    assert.ok(
      (await documentOf(await late.piece(`/logons/${id}/deletion`)))
        .querySelector("[name=own_password]") === null,
    );
    office.clock.move(2);
    const page = await documentOf(await late.piece(`/logons/${id}/deletion`));
    assert.ok(page.querySelector("[name=own_password]"));
    for (const fields of [{}, { own_password: "" }, { own_password: "wrong" }]) {
      const response = await late.post(`/logons/${id}/deletion`, fields, PIECE);
      assert.equal(response.status, 422, JSON.stringify(fields));
      assert.match(await response.text(), /your own password|not your password/i);
    }
    assert.equal((await rowOf(id))["deleted_at"], null);
    const right = await late.post(
      `/logons/${id}/deletion`,
      { own_password: "demo-office-2026" },
      PIECE,
    );
    assert.equal(right.status, 200);
    await late.post(`/logons/${id}/restoration`, {}, PIECE);
    assert.equal((await late.post(`/logons/${id}/deletion`, {}, PIECE)).status, 200, "remembered");
    await late.post(`/logons/${id}/restoration`, {}, PIECE);
    admin = late;
  });

  it("makes one wait who guesses the own password of somebody else's open session", async () => {
    const id = await idOf("paul.barley");
    office.clock.move(11);
    for (let n = 0; n < 5; n++) await post(`/logons/${id}/deletion`, { own_password: "wrong" });
    const right = { own_password: "demo-office-2026" };
    assert.equal((await post(`/logons/${id}/deletion`, right)).status, 422);
    office.clock.move(1.1);
    assert.equal((await post(`/logons/${id}/deletion`, right)).status, 200);
    await post(`/logons/${id}/restoration`, {});
  });
});

describe("who may and what there is", () => {
  it("refuses a viewer every change, and stores nothing", async () => {
    const viewer = await signIn(office, "viewer");
    const before_ = await countLogons();
    const id = await idOf("paul.barley");
    const version = await rowOf(id);
    for (const path of ["/logons", `/logons/${id}`, `/logons/${id}/deletion`, "/logon-drafts"]) {
      const response = await viewer.post(path, { ...ANN, version: "1" }, PIECE);
      assert.equal(response.status, 403, path);
      assert.match(await response.text(), /Your role does not allow this/);
    }
    assert.equal(await countLogons(), before_);
    assert.deepEqual(await rowOf(id), version);
  });

  it("has nothing at an id that is none, the same as at an unknown one", async () => {
    const ids = [
      "0",
      "-1",
      "00001",
      "1.5",
      "1e3",
      "9223372036854775807",
      "9223372036854775808",
      "999999999",
      "b3b7c1d2-0000-4000-8000-000000000000",
      "new%2F",
      "abc",
      "%00",
      "١",
    ];
    for (const id of ids) {
      for (const path of [`/logons/${id}/edit`, `/logons/${id}/deletion`]) {
        const response = await admin.get(path);
        assert.equal(response.status, 404, path);
        await response.body?.cancel();
      }
      for (const path of [`/logons/${id}`, `/logons/${id}/deletion`, `/logons/${id}/restoration`]) {
        const response = await post(path, { ...ANN, version: "1" });
        assert.equal(response.status, 404, path);
        await response.body?.cancel();
      }
    }
  });
});
