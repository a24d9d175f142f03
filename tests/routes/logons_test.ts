// Add Logon over HTTP: what is stored, what is refused and how it is said, and what there is for whom.

import { after, before, beforeEach, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import type { Sql } from "../../db/connect.ts";
import { CHOSEN_COST, type Hasher, openHasher } from "../../lib/passwords.ts";
import { createApp } from "../../routes/mod.ts";
import {
  ANN,
  countLogons,
  type Fields,
  forgetAdded,
  idOf,
  learnerId,
  linksOf,
  rowOf,
  toastOf,
} from "../logons.ts";
import {
  documentOf,
  type Office,
  openOffice,
  ORIGIN,
  PIECE,
  problemsOf,
  signIn,
  type Visitor,
} from "../office.ts";

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
beforeEach(() => forgetAdded(sql));

function post(
  path: string,
  fields: Fields,
  headers: Record<string, string> = {},
): Promise<Response> {
  return admin.post(path, fields, { ...PIECE, ...headers });
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
    const links = [await learnerId(sql, "004512"), await learnerId(sql, "004127")];
    hasher.costs.length = 0;
    const response = await post("/logons", {
      ...ANN,
      firstName: "  Ann \u00a0 Marie ",
      password: "copper kettle harbour",
      learner: links,
    });
    assert.equal(response.status, 200);
    assert.deepEqual(JSON.parse(response.headers.get("hx-trigger") ?? ""), { "dialog:close": {} });
    const id = await idOf(sql, "ann.lee");
    assert.deepEqual(await linksOf(sql, id), ["004127", "004512"]);
    const row = await rowOf(sql, id);
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
    const id = await idOf(sql, "ann.lee");
    assert.equal((await sql`select from logon_passwords where logon_id = ${id}`).length, 0);
  });

  it("needs first name, surname and username, and names each beside its field", async () => {
    const before_ = await countLogons(sql);
    const response = await post("/logons", { password: "kept as it was typed" });
    const text = await response.clone().text();
    assert.deepEqual(Object.keys(await problemsOf(response)), ["firstName", "surname", "username"]);
    const page = await documentOf(new Response(text));
    for (const name of ["firstName", "surname", "username"]) {
      const field = page.querySelector(`#field-${name}`);
      assert.equal(field?.getAttribute("aria-invalid"), "true", name);
      assert.ok(field?.getAttribute("aria-describedby")?.includes(`field-${name}-problem`));
    }
    assert.equal(await countLogons(sql), before_);
  });

  it("keeps what was typed when something else is wrong, learners too", async () => {
    const response = await post("/logons", {
      ...ANN,
      surname: "",
      learner: [await learnerId(sql, "004512")],
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
    assert.equal((await rowOf(sql, await idOf(sql, "ann.lee@example.org")))["email"], ANN["email"]);
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
    const mia = await learnerId(sql, "004512");
    const response = await post("/logons", {
      ...ANN,
      learner: [mia, mia, "999999999", "-1", "0", "9223372036854775808", "x", ""],
    });
    assert.equal(response.status, 200);
    assert.deepEqual(await linksOf(sql, await idOf(sql, "ann.lee")), ["004512"]);
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
    const row = await rowOf(sql, await idOf(sql, "ann.lee"));
    assert.equal(row["tfa"], "off");
    assert.equal(row["contact_id"], null);
    assert.equal(row["deleted_at"], null);
    assert.equal(row["sign_in_count"], 0);
  });

  it("takes the last of a field that came twice, and nothing from what is no form", async () => {
    const twice = await post("/logons", { ...ANN, surname: ["First", "Second"] });
    assert.equal(twice.status, 200);
    assert.equal((await rowOf(sql, await idOf(sql, "ann.lee")))["surname"], "Second");
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

describe("who may and what there is", () => {
  it("refuses a viewer every change, and stores nothing", async () => {
    const viewer = await signIn(office, "viewer");
    const before_ = await countLogons(sql);
    const id = await idOf(sql, "paul.barley");
    const version = await rowOf(sql, id);
    for (const path of ["/logons", `/logons/${id}`, `/logons/${id}/deletion`, "/logon-drafts"]) {
      const response = await viewer.post(path, { ...ANN, version: "1" }, PIECE);
      assert.equal(response.status, 403, path);
      assert.match(await response.text(), /Your role does not allow this/);
    }
    assert.equal(await countLogons(sql), before_);
    assert.deepEqual(await rowOf(sql, id), version);
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
