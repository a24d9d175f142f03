// The list of logons over HTTP: what it finds, in which order, a page at a time, and what the address bar says of it.

import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import type { Sql } from "../../db/connect.ts";
import { seedSchool } from "../../db/seeds.ts";
import { documentOf, type Office, openOffice, PIECE, signIn, type Visitor } from "../office.ts";

const HASH = "$2b$12$CU.V34Cs3BaSV7t.sBUx7.ZDjtCLPfHrI.brxyqM5NUIwToD.V4HO";

function usernamesOf(page: Document): string[] {
  return [...page.querySelectorAll("#logons td[data-label=Username]")].map((cell) =>
    cell.textContent ?? ""
  );
}

async function usernamesAt(visitor: Visitor, path: string): Promise<string[]> {
  const response = await visitor.get(path);
  assert.equal(response.status, 200, path);
  return usernamesOf(await documentOf(response));
}

describe("the list of logons of the cast", () => {
  let office: Office;
  let admin: Visitor;
  before(async () => {
    office = await openOffice();
    admin = await signIn(office);
  });
  after(() => office.close());

  it("holds the same section as a page and as a piece", async () => {
    for (const query of ["", "?q=smith", "?state=suspended&sort=-times", "?q=nobodyatall"]) {
      const page = await documentOf(await admin.get(`/logons${query}`));
      const piece = await documentOf(await admin.piece(`/logons${query}`));
      assert.ok(piece.querySelector("nav#modules") === null);
      assert.equal(
        piece.querySelector("#logons")?.outerHTML,
        page.querySelector("#logons")?.outerHTML,
        query,
      );
      const total = piece.querySelector('hx-partial[hx-target="#total"]')?.textContent;
      assert.equal(total?.trim(), page.querySelector("#total")?.textContent?.trim());
    }
  });

  it("shows names, email, username, learners, times and last logon, and the row's four icons", async () => {
    const page = await documentOf(await admin.get("/logons?q=ama.boateng"));
    const [row, ...others] = page.querySelectorAll("#logons tbody tr");
    assert.equal(others.length, 0);
    const text = row?.textContent ?? "";
    for (const shown of ["Ama Boateng", "ama.boateng@example.org", "Kofi Boateng", "8C", "14"]) {
      assert.ok(text.includes(shown), shown);
    }
    const names = [...row?.querySelectorAll("[aria-label]") ?? []].map((icon) =>
      icon.getAttribute("aria-label")
    );
    assert.deepEqual(names, [
      "Edit Ama Boateng",
      "Two factor authentication for Ama Boateng",
      "Email login details to Ama Boateng",
      "Delete Ama Boateng",
    ]);
    assert.equal(page.querySelector("#total")?.textContent?.trim(), "1 logon found");
    assert.ok(page.querySelector("input[type=search], [role=searchbox]"));
  });

  it("offers exactly the five options of the article, in its order", async () => {
    const page = await documentOf(await admin.get("/logons"));
    const options = [...page.querySelectorAll("nav.options li")].map((option) =>
      (option.textContent ?? "").replace("not in this version yet", "").trim()
    );
    assert.deepEqual(options, [
      "Add Logon",
      "Import Contacts",
      "Import (Excel)",
      "Parent Portal Usage",
      "Bulk Reset",
    ]);
  });

  it("lets a viewer look and offers nothing to change", async () => {
    const viewer = await signIn(office, "viewer");
    const page = await documentOf(await viewer.get("/logons"));
    assert.equal(usernamesOf(page).length, 19);
    assert.equal(page.querySelectorAll("td.icons a, td.icons button").length, 0);
    const add = page.querySelector('a[href^="/logons/new"]');
    assert.ok(add === null, "Add Logon leads a viewer to a refusal");
  });

  const states: Record<string, string[]> = {
    "never-signed-in": [
      "fatima.ar",
      "gareth.pj",
      "hannah.barley",
      "minh.nguyen",
      "oluwaseun.adeyemi",
    ],
    "no-password": ["hannah.barley"],
    "password-expired": ["gareth.pj"],
    "no-email": ["fatima.ar"],
    "no-learner": ["catherine.ashdown", "rhys.l"],
    "locked": [],
    "suspended": ["declan.oconnor"],
    "expired": ["ioana.popescu"],
    "tfa-pending": ["sian.evans"],
    "deleted": ["marek.kowalczyk"],
  };
  for (const [state, expected] of Object.entries(states)) {
    it(`filters by the state ${state}`, async () => {
      assert.deepEqual((await usernamesAt(admin, `/logons?state=${state}`)).sort(), expected);
    });
  }

  it("shows who has to wait, until when, and forgets it afterwards", async () => {
    const { sql } = office.services;
    await sql`
      insert into throttles (door, kind, key, logon_id, failures, waits_until, last_at)
      select 'portal', 'name', sha256('x'), id, 5, ${new Date(
      "2026-11-24T10:01:00Z",
    )}, ${office.clock.now()}
        from logons where username = 'paul.barley'`;
    const page = await documentOf(await admin.get("/logons?state=locked"));
    assert.deepEqual(usernamesOf(page), ["paul.barley"]);
    assert.match(page.querySelector("#logons")?.textContent ?? "", /locked until 10:01/);
    office.clock.move(1);
    assert.deepEqual(await usernamesAt(admin, "/logons?state=locked"), []);
    office.clock.move(-1);
    await sql`delete from throttles`;
  });

  it("marks what the office should look at", async () => {
    const chips = async (username: string): Promise<string[]> => {
      const page = await documentOf(await admin.get(`/logons?q=${username}`));
      return [...page.querySelectorAll("#logons .chip")].map((chip) => chip.textContent ?? "");
    };
    assert.deepEqual(await chips("priya.rv"), ["contact differs"]);
    assert.deepEqual(await chips("john.smith"), ["shares mailbox"]);
    assert.deepEqual(await chips("joan.smith"), ["no parental responsibility"]);
    assert.deepEqual(await chips("rhys.l"), ["no learner"]);
    assert.deepEqual(await chips("sian.evans"), ["TFA not set up"]);
    assert.deepEqual(await chips("ama.boateng"), []);
  });

  it("searches names, usernames, emails, learners and groups, without marks and apostrophes", async () => {
    const searches: Record<string, string[]> = {
      "wisniewski": ["lukasz.w"],
      "ŁUKASZ": ["lukasz.w"],
      "oconnor": ["declan.oconnor"],
      "o’connor": ["declan.oconnor"],
      "niamh": ["declan.oconnor"],
      "boateng ama": ["ama.boateng"],
      "rhys.l@example": ["rhys.l"],
      "sian": ["sian.evans"],
      "7c": ["hannah.barley"],
      "pryce jones": ["gareth.pj"],
      "prycejones": ["gareth.pj"],
      "nguyen": ["minh.nguyen"],
      "%": [],
      "_": [],
      "a%a": [],
      "\\": [],
      "zzz": [],
    };
    for (const [typed, expected] of Object.entries(searches)) {
      const query = new URLSearchParams({ q: typed });
      assert.deepEqual(await usernamesAt(admin, `/logons?${query}`), expected, typed);
    }
  });

  it("filters by year group and registration group, together with a search", async () => {
    const { sql } = office.services;
    const rows = await sql<{ username: string }[]>`
      select distinct l.username from logons l
        join logon_learners k on k.logon_id = l.id join learners p on p.id = k.learner_id
       where p.year_group = 'Year 7' and l.deleted_at is null`;
    assert.deepEqual(
      (await usernamesAt(admin, "/logons?year=Year+7")).sort(),
      rows.map((row) => row.username).sort(),
    );
    assert.deepEqual(await usernamesAt(admin, "/logons?group=10B"), ["john.smith", "sarah.smith"]);
    assert.deepEqual(await usernamesAt(admin, "/logons?group=10B&q=sarah"), ["sarah.smith"]);
    assert.deepEqual(await usernamesAt(admin, "/logons?group=10B&year=Year+7"), []);
  });

  it("says that nothing was found, what for, and the way out", async () => {
    const typed = `<i>"nobody'&`;
    const page = await documentOf(
      await admin.get(`/logons?${new URLSearchParams({ q: typed, state: "locked" })}`),
    );
    const section = page.querySelector("#logons");
    assert.match(section?.textContent ?? "", /Nothing found/);
    assert.ok(section?.textContent?.includes(typed));
    assert.ok(section?.querySelector("i") === null);
    assert.equal(section?.querySelector("a.button")?.getAttribute("href"), "/logons");
    assert.equal(page.querySelector("[name=q]")?.getAttribute("value"), typed);
  });

  it("takes what an address says wrong as if it were not there", async () => {
    const all = await usernamesAt(admin, "/logons");
    for (
      const query of [
        "state=nonsense",
        "sort=nonsense",
        "after=0",
        "after=-1",
        "after=9223372036854775808",
        "after=abc",
        "before=1e3",
        "after=999999999",
        "before=999999999",
        "year=",
        "q=%00",
        "unknown=1",
        "__proto__=1",
        "q=&q=smith",
      ]
    ) {
      assert.deepEqual(await usernamesAt(admin, `/logons?${query}`), all, query);
    }
    for (
      const query of [
        `q=${"x".repeat(10_000)}`,
        "q=%ff%fe",
        "q=%ED%A0%80",
        "year=%00x",
        "group=%F0",
      ]
    ) {
      const response = await admin.get(`/logons?${query}`);
      assert.equal(response.status, 200, query.slice(0, 20));
      await response.body?.cancel();
    }
  });

  it("sorts by surname from A where the address asks for an order that there is not", async () => {
    const all = await usernamesAt(admin, "/logons");
    for (const sort of ["--", "-nonsense", "-"]) {
      assert.deepEqual(await usernamesAt(admin, `/logons?sort=${sort}`), all, sort);
    }
  });

  it("answers by what the browser asks for, and lets nobody keep it", async () => {
    for (const response of [await admin.get("/logons"), await admin.piece("/logons")]) {
      assert.equal(response.headers.get("cache-control"), "no-store");
      assert.match(response.headers.get("vary") ?? "", /HX-Request-Type/);
      assert.match(response.headers.get("content-type") ?? "", /^text\/html; charset=utf-8/);
      await response.body?.cancel();
    }
    const back = await admin.get("/logons?q=smith", {
      "hx-request": "true",
      "hx-request-type": "full",
      "hx-history-restore-request": "true",
    });
    const text = await back.text();
    assert.match(text, /^<!doctype html>/, "going back loads a page");
    assert.equal(back.headers.get("hx-replace-url"), null);
    const forged = await admin.get("/logons", { "hx-request": "true" });
    assert.match(await forged.text(), /^<!doctype html>/);
  });

  it("puts a search into the address bar, without what is as usual", async () => {
    const response = await admin.piece("/logons?q=smith&state=&year=&group=&sort=surname");
    assert.equal(response.headers.get("hx-replace-url"), "/logons?q=smith");
    const all = await admin.piece("/logons?q=&state=&year=&group=");
    assert.equal(all.headers.get("hx-replace-url"), "/logons");
    const evil = await admin.piece("/logons?q=%0d%0aSet-Cookie:a=b&group=%E2%80%AE");
    assert.equal(evil.headers.get("set-cookie"), null);
  });

  it("lets Back lead back from a sort, as its link asks for", async () => {
    const page = await documentOf(await admin.get("/logons"));
    const link = page.querySelector('th a[hx-push-url="true"]');
    assert.ok(link);
    const response = await admin.get(link.getAttribute("href") ?? "", {
      ...PIECE,
      "hx-source": "a",
      "hx-target": "section#logons",
    });
    assert.equal(
      response.headers.get("hx-replace-url"),
      null,
      "htmx lets this header go before the link's own hx-push-url, so that no history entry is made",
    );
    await response.body?.cancel();
  });

  it("keeps search and filters in the links that sort, and the order in the search", async () => {
    const page = await documentOf(await admin.get("/logons?q=smith&sort=-email"));
    const links = [...page.querySelectorAll("th a")].map((link) => link.getAttribute("href") ?? "");
    assert.ok(links.every((href) => new URL(href, "http://x").searchParams.get("q") === "smith"));
    assert.equal(page.querySelector("#filter-sort [name=sort]")?.getAttribute("value"), "-email");
    const sorted = page.querySelector("th[aria-sort]");
    assert.equal(sorted?.getAttribute("aria-sort"), "descending");
  });
});

describe("the list of logons of a larger school", () => {
  let office: Office;
  let admin: Visitor;
  let sql: Sql;
  before(async () => {
    office = await openOffice();
    sql = office.services.sql;
    admin = await signIn(office);
    await seedSchool(sql, { logons: 150, learners: 130, signIns: 250 }, {
      at: office.clock.now(),
      hash: () => Promise.resolve(HASH),
    });
  });
  after(() => office.close());

  async function expected(sort: string): Promise<string[]> {
    const orders = {
      "surname": sql`search_key(surname) collate "C", search_key(first_name) collate "C", id`,
      "first-name": sql`search_key(first_name) collate "C", search_key(surname) collate "C", id`,
      "email": sql`coalesce(lower(email), '') collate "C", id`,
      "username": sql`lower(username) collate "C", id`,
      "linked": sql`search_key(linked_names) collate "C", id`,
      "times": sql`sign_in_count, id`,
      "last": sql`last_sign_in_at nulls first, id`,
    };
    const order = Object.entries(orders).find(([name]) => name === sort)?.[1];
    assert.ok(order);
    const rows = await sql<{ username: string }[]>`
      select username from logons where deleted_at is null order by ${order}`;
    return rows.map((row) => row.username);
  }

  async function walk(from: string, rel: "next" | "prev"): Promise<string[][]> {
    const pages: string[][] = [];
    let path: string | null = from;
    while (path !== null && pages.length < 20) {
      const page: Document = await documentOf(await admin.get(path));
      pages.push(usernamesOf(page));
      const link = page.querySelector(`a[rel=${rel}]`);
      path = link?.getAttribute("href") ?? null;
      if (path === null && rel === "next") last = page;
    }
    return pages;
  }
  let last: Document;

  for (const sort of ["surname", "first-name", "email", "username", "linked", "times", "last"]) {
    for (const down of ["", "-"]) {
      it(`visits every row once, forward and back, sorted by ${down}${sort}`, async () => {
        const forward = await walk(`/logons?sort=${down}${sort}`, "next");
        const all = await expected(sort);
        assert.deepEqual(forward.flat(), down === "" ? all : all.toReversed());
        assert.ok(forward.length >= 4);
        const previous = last.querySelector("a[rel=prev]")?.getAttribute("href");
        assert.ok(previous);
        const back = await walk(previous, "prev");
        assert.deepEqual(back, forward.slice(0, -1).toReversed());
      });
    }
  }

  it("pages through a search as through the whole list", async () => {
    const rows = await sql<{ username: string }[]>`
      select username from logons where deleted_at is null and search_key like '%example%'
       order by search_key(surname) collate "C", search_key(first_name) collate "C", id`;
    assert.ok(rows.length > 100);
    const pages = await walk("/logons?q=example", "next");
    assert.deepEqual(pages.flat(), rows.map((row) => row.username));
  });

  it("goes on from the place of a row that was deleted meanwhile", async () => {
    const first = await documentOf(await admin.get("/logons"));
    const next = first.querySelector("a[rel=next]")?.getAttribute("href") ?? "";
    const cursor = Number(new URL(next, "http://x").searchParams.get("after"));
    const expected_ = await usernamesAt(admin, next);
    await sql`update logons set deleted_at = now() where id = ${cursor}`;
    assert.deepEqual(await usernamesAt(admin, next), expected_);
    await sql`update logons set deleted_at = null where id = ${cursor}`;
  });

  it("begins anew from a row that is gone for good, and says so in the address", async () => {
    const response = await admin.piece("/logons?after=999999999&sort=email");
    assert.equal(response.headers.get("hx-replace-url"), "/logons?sort=email");
    const page = await documentOf(response);
    assert.deepEqual(usernamesOf(page), (await expected("email")).slice(0, 50));
    assert.ok(page.querySelector("a[rel=prev]") === null);
  });

  it("tells how many there are in all", async () => {
    const page = await documentOf(await admin.get("/logons"));
    const rows = await sql`select from logons where deleted_at is null`;
    assert.equal(page.querySelector("#total")?.textContent?.trim(), `${rows.length} logons`);
  });

  it("offers no more than one page at a time", async () => {
    assert.equal((await usernamesAt(admin, "/logons")).length, 50);
  });
});
