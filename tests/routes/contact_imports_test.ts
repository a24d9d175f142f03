// Import Contacts over HTTP: the window, searching in it, what is refused, and the task that it starts.

/// <reference lib="dom" />

import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { claimTask, settleTask } from "../../db/tasks.ts";
import { contactImports } from "../../jobs/contact_imports.ts";
import {
  documentOf,
  type Office,
  openOffice,
  ORIGIN,
  PIECE,
  signIn,
  type Visitor,
} from "../office.ts";

const NEW = "/contact-imports/new";
const CHOICES = "/contact-imports/choices";
const IMPORTS = "/contact-imports";

describe("Import Contacts over HTTP", () => {
  let office: Office;
  let admin: Visitor;
  before(async () => {
    office = await openOffice();
    admin = await signIn(office);
  });
  after(() => office.close());

  async function idOf(firstName: string, surname: string): Promise<string> {
    const [row] = await office.services.sql<{ id: number }[]>`
      select id from contacts where first_name = ${firstName} and surname = ${surname}`;
    assert.ok(row, `${firstName} ${surname}`);
    return String(row.id);
  }

  function boxes(document: Document): HTMLInputElement[] {
    return [...document.querySelectorAll<HTMLInputElement>("input[type=checkbox][name=contact]")];
  }

  function labelOf(box: Element | undefined): string {
    return box?.closest("label")?.textContent?.trim() ?? "";
  }

  function rowOf(document: Document, label: string): Element {
    const box = boxes(document).find((one) => labelOf(one) === label);
    const row = box?.closest("li");
    assert.ok(row, `${label} is not among ${boxes(document).map(labelOf).join("; ")}`);
    return row;
  }

  function noteOf(document: Document, label: string): string {
    return rowOf(document, label).querySelector(".note")?.textContent ?? "";
  }

  function isGreyed(document: Document, label: string): boolean {
    return rowOf(document, label).querySelector("input")?.hasAttribute("disabled") ?? false;
  }

  async function countTasks(): Promise<number> {
    return (await office.services.sql`select from tasks where kind = 'contact import'`).length;
  }

  /** Runs the newest import as the worker does. @returns its id */
  async function work(): Promise<number> {
    const { sql, clock } = office.services;
    const [task] = await sql<[{ id: number }]>`
      select max(id) as id from tasks where kind = 'contact import'`;
    const held = await claimTask(sql, task.id, clock.now());
    assert.ok(held);
    const running = {
      services: office.services,
      ...held,
      stopping: new AbortController().signal,
    };
    await settleTask(sql, held.claim, await contactImports.run(running), clock.now());
    return task.id;
  }

  it("opens as a window, and as a page with the window on top of the list", async () => {
    const piece = await documentOf(await admin.piece(NEW));
    assert.equal(piece.querySelector("#dialog-title")?.textContent, "Import Contacts");
    assert.equal(piece.querySelector("h1"), null);
    const page = await documentOf(await admin.get(NEW));
    assert.equal(page.querySelector("dialog #dialog-title")?.textContent, "Import Contacts");
    assert.ok(page.querySelector("#logons"));
    const buttons = [...piece.querySelectorAll("button.blue")].map((one) => one.textContent);
    assert.deepEqual(buttons, ["Import as Logins"]);
    const all = piece.querySelector("[name=select_shown]");
    assert.equal(labelOf(all ?? undefined), "Select all");
    assert.equal(piece.querySelector("[name=all]"), null);
    const option = page.querySelector(".options a[href^='/contact-imports/new']");
    assert.equal(option?.textContent?.trim(), "Import Contacts");
  });

  it("lists contacts with their learners, and says what each would become", async () => {
    const document = await documentOf(await admin.piece(NEW));
    const labels = boxes(document).map(labelOf);
    assert.ok(labels.includes("Kwame Boateng (Esi Boateng, Kofi Boateng)"));
    // A stepfather to one of the three; a grandmother without the tick; a father of whom a feed did not say.
    assert.ok(
      labels.some((label) => /^Arjun Raghunathan \(Dev [^,]+, Anika [^,]+\)$/.test(label)) ||
        labels.some((label) => /^Arjun Raghunathan \(Anika [^,]+, Dev [^,]+\)$/.test(label)),
    );
    assert.ok(!labels.some((label) => /^(Joan Smith|Tunde Adeyemi)/.test(label)));

    assert.ok(!isGreyed(document, "Kwame Boateng (Esi Boateng, Kofi Boateng)"));
    const omar = "Omar al-Rashid (Yusuf al-Rashid)";
    assert.ok(isGreyed(document, omar));
    assert.match(noteOf(document, omar), /no email on the learner’s record/);
    const ama = "Ama Boateng (Esi Boateng, Kofi Boateng)";
    assert.ok(isGreyed(document, ama));
    assert.match(noteOf(document, ama), /has a logon, nothing to add/);
    const marek = "Marek Kowalczyk (Zofia Kowalczyk)";
    assert.ok(!isGreyed(document, marek));
    assert.match(noteOf(document, marek), /the logon was deleted; it will be restored/);
    const sarah = "Sarah Smith (Ellie Smith, Jack Smith)";
    assert.ok(isGreyed(document, sarah));
    assert.match(noteOf(document, sarah), /nothing to add; 1 learner is blocked$/);
    assert.doesNotMatch(document.body.textContent ?? "", /Child arrangements|court/i);
  });

  it("names the learners that a contact's logon lacks", async () => {
    const { sql } = office.services;
    await sql`
      delete from logon_learners k using logons l, learners p
       where l.id = k.logon_id and p.id = k.learner_id and l.username = 'paul.barley' and p.first_name = 'Mia'`;
    const document = await documentOf(await admin.piece(`${NEW}?search=paul`));
    const paul = "Paul Barley (Mia Barley, Tom Barley)";
    assert.ok(!isGreyed(document, paul));
    assert.match(noteOf(document, paul), /has a logon; adds Mia Barley$/);
  });

  it("searches by contact and by learner, and keeps what was chosen", async () => {
    const kwame = await idOf("Kwame", "Boateng");
    const response = await admin.post(CHOICES, {
      search: "ashdown",
      searched: "",
      contact: [kwame, kwame],
    }, PIECE);
    const document = await documentOf(response);
    assert.equal(document.querySelector("#dialog-title"), null);
    assert.deepEqual(boxes(document).map(labelOf), ["Catherine Ashdown (Thomas Ashdown)"]);
    const kept = [...document.querySelectorAll("input[type=hidden][name=contact]")];
    assert.deepEqual(kept.map((input) => input.getAttribute("value")), [kwame]);
    assert.match(
      document.querySelector("[role=status]")?.textContent ?? "",
      /1 contact, 1 chosen is not among them/,
    );
    const back = await documentOf(
      await admin.post(CHOICES, { search: "kofi", searched: "ashdown", contact: kwame }, PIECE),
    );
    const checked = boxes(back).filter((box) => box.hasAttribute("checked"));
    assert.deepEqual(checked.map((box) => box.getAttribute("value")), [kwame]);
    const nothing = await documentOf(await admin.post(CHOICES, { search: "xyzzy" }, PIECE));
    assert.match(nothing.body.textContent ?? "", /No contact matches “xyzzy”/);
  });

  it("without script, Select all stands for those that are shown, and searching keeps them", async () => {
    const kwame = await idOf("Kwame", "Boateng");
    const fields = { search: "mia", searched: "kwame", select_shown: "yes", shown: kwame };
    const document = await documentOf(await admin.post(CHOICES, fields));
    assert.equal(document.querySelector("dialog #dialog-title")?.textContent, "Import Contacts");
    const kept = document.querySelector("input[type=hidden][name=contact]");
    assert.equal(kept?.getAttribute("value"), kwame);
  });

  it("does not take everybody of one search for everybody of the next", async () => {
    const { sql } = office.services;
    await sql`
      with added as (
        insert into contacts (first_name, surname, email)
        select 'Xan', 'Crowd' || n, 'xan' || n || '@example.org' from generate_series(1, 250) as n returning id
      )
      insert into contact_learners (contact_id, learner_id, relationship, priority, parental_responsibility)
      select added.id, (select min(id) from learners), 'Parent', 1, true from added`;
    try {
      const all = async (fields: Record<string, string>): Promise<boolean | undefined> => {
        const document = await documentOf(await admin.post(CHOICES, fields, PIECE));
        assert.equal(boxes(document).length, 100);
        assert.match(document.body.textContent ?? "", /type more of the name/);
        return document.querySelector("[name=all]")?.hasAttribute("checked");
      };
      assert.equal(await all({ search: "xan", searched: "xan", all: "1" }), true);
      assert.equal(await all({ search: "xan crowd", searched: "xan", all: "1" }), false);
      assert.equal(await all({ search: "", searched: "xan", all: "1" }), false);
      // What was typed after the list was drawn has not been seen.
      const response = await admin.post(IMPORTS, { search: "", searched: "xan", all: "1" }, PIECE);
      assert.equal(response.status, 200);
      await response.body?.cancel();
      const [task] = await sql`
        select title from tasks where kind = 'contact import' order by id desc limit 1`;
      assert.equal(task?.["title"], "Import 250 contacts");
    } finally {
      await sql`delete from contacts where first_name = 'Xan'`;
      await sql`delete from tasks where kind = 'contact import'`;
    }
  });

  it("says so when nothing is chosen, in the same window", async () => {
    const response = await admin.post(IMPORTS, { search: "kofi", searched: "kofi" }, PIECE);
    assert.equal(response.status, 422);
    const document = await documentOf(response);
    assert.match(document.querySelector("[role=alert]")?.textContent ?? "", /at least one contact/);
    assert.equal(document.querySelector("#field-search")?.getAttribute("value"), "kofi");
    assert.ok(boxes(document).length > 0);
    assert.equal(await countTasks(), 0);
  });

  it("refuses who has no email, who has no Parental Responsibility, and who is not there", async () => {
    const kwame = await idOf("Kwame", "Boateng");
    const refused: [string, RegExp][] = [
      [await idOf("Omar", "al-Rashid"), /Omar al-Rashid has no email on the learner’s record/],
      [await idOf("Joan", "Smith"), /Joan Smith has no Parental Responsibility/],
      [await idOf("Tunde", "Adeyemi"), /Tunde Adeyemi has no Parental Responsibility/],
      ["999999", /not there any more/],
    ];
    for (const [id, sentence] of refused) {
      const response = await admin.post(IMPORTS, { contact: [kwame, id] }, PIECE);
      assert.equal(response.status, 422, id);
      const document = await documentOf(response);
      assert.match(document.querySelector("[role=alert]")?.textContent ?? "", sentence);
      const chosen = document.querySelectorAll(
        "input[name=contact][checked], input[type=hidden][name=contact]",
      );
      assert.deepEqual([...chosen].map((box) => box.getAttribute("value")), [kwame]);
    }
    for (const nonsense of ["", "x", "-1", "1e3", "99999999999999999999"]) {
      const response = await admin.post(IMPORTS, { contact: nonsense }, PIECE);
      assert.equal(response.status, 422, nonsense);
      await response.body?.cancel();
    }
    assert.equal(await countTasks(), 0);
  });

  it("lets no viewer in", async () => {
    const viewer = await signIn(office, "viewer");
    for (
      const response of [
        await viewer.get(NEW),
        await viewer.post(CHOICES),
        await viewer.post(IMPORTS, { all: "1" }),
      ]
    ) {
      assert.equal(response.status, 403);
      await response.body?.cancel();
    }
    assert.equal(await countTasks(), 0);
  });

  it("imports: the window closes, the alert stands at once, and tells the truth at the end", async () => {
    const ids = [
      await idOf("Kwame", "Boateng"),
      await idOf("Paul", "Barley"),
      await idOf("Marek", "Kowalczyk"),
    ];
    const response = await admin.post(IMPORTS, { contact: ids, searched: "" }, PIECE);
    assert.equal(response.status, 200);
    assert.match(response.headers.get("hx-trigger") ?? "", /dialog:close/);
    const answered = await response.text();
    assert.match(answered, /Import 3 contacts/);
    assert.match(answered, /Waiting to start/);
    const { sql } = office.services;
    await sql`delete from contacts where first_name = 'Marek'`;
    const id = await work();
    const alerts = await (await admin.piece("/task-alerts")).text();
    assert.match(
      alerts,
      /Done: 1 added, 1 linked and 1 left out: 1 is not there any more\./,
    );
    assert.match(alerts, new RegExp(`href="/contact-imports/${id}"`));
    const [kwame] = await sql`
      select email, linked_count from logons where username = 'kwame.boateng@example.com'`;
    assert.deepEqual({ ...kwame }, { email: "kwame.boateng@example.com", linked_count: 2 });

    const page = await documentOf(await admin.get(`/contact-imports/${id}`));
    assert.equal(page.querySelector("h1")?.textContent, "Import 3 contacts");
    assert.match(page.querySelector("table")?.textContent ?? "", /Marek Kowalczyk.*taken off/);
    const added = await documentOf(await admin.piece(`/contact-imports/${id}?class=create`));
    assert.equal(added.querySelector("h1"), null);
    assert.match(
      added.querySelector("table")?.textContent ?? "",
      /Kwame Boateng.*Esi Boateng, Kofi Boateng.*A new logon.Esi Boateng and Kofi Boateng linked/,
    );
    const tasks = await (await admin.get("/tasks")).text();
    assert.match(tasks, /Import 3 contacts/);
  });

  it("leads to the import's own page without script", async () => {
    const response = await admin.post(IMPORTS, {
      select_shown: "yes",
      shown: await idOf("Kwame", "Boateng"),
    });
    assert.equal(response.status, 303);
    assert.match(response.headers.get("location") ?? "", /^\/contact-imports\/\d+$/);
    await work();
    const page = await admin.get(response.headers.get("location") ?? "");
    assert.match(await page.text(), /Done: 1 unchanged\./);
  });

  it("knows no import of another kind, and none that is not there", async () => {
    const [task] = await office.services.sql<[{ id: number }]>`
      insert into tasks (kind, title) values ('excel import', 'Other') returning id`;
    for (const id of [String(task.id), "999999", "x", "0"]) {
      const response = await admin.get(`/contact-imports/${id}`);
      assert.equal(response.status, 404, id);
      await response.body?.cancel();
    }
  });

  it("takes a form that is none for an empty one", async () => {
    const response = await admin.ask(IMPORTS, {
      method: "POST",
      body: "{}",
      headers: { origin: ORIGIN, "content-type": "application/json" },
    });
    assert.equal(response.status, 422);
    await response.body?.cancel();
  });

  it("asks whether to mail the new logons, and opens the reset with exactly those chosen", async () => {
    const { sql } = office.services;
    await sql`delete from logons where first_name = 'Kwame'`;
    const kwame = await idOf("Kwame", "Boateng");
    await admin.post(IMPORTS, { contact: kwame });
    const task = await work();
    const page = await documentOf(await admin.get(`${IMPORTS}/${task}`));
    const link = page.querySelector(".mail-now a");
    assert.match(
      page.querySelector(".mail-now")?.textContent ?? "",
      /1 new logon has no password yet/,
    );
    const window = await documentOf(await admin.piece(link?.getAttribute("href") ?? ""));
    const chosen = [...window.querySelectorAll<HTMLInputElement>("input[name=logon]")].filter((
      one,
    ) => one.getAttribute("type") === "hidden" || one.hasAttribute("checked"));
    const [logon] = await sql<{ id: number }[]>`
      select id from logons where first_name = 'Kwame' and deleted_at is null`;
    assert.deepEqual(chosen.map((one) => one.getAttribute("value")), [String(logon?.id)]);
    const viewer = await signIn(office, "viewer");
    const seen = await documentOf(await viewer.get(`${IMPORTS}/${task}`));
    assert.equal(seen.querySelector(".mail-now"), null);
    await sql`update logons set password_until = 'infinity' where id = ${logon?.id ?? 0}`;
    const later = await documentOf(await admin.get(`${IMPORTS}/${task}`));
    assert.equal(later.querySelector(".mail-now"), null, "who has a password is not asked about");
    await sql`update logons set password_until = null where id = ${logon?.id ?? 0}`;
  });
});
