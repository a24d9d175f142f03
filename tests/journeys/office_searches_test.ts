// The office finds its way in a long list: searching, sorting, filtering, paging, on a wide screen and a narrow one.

/// <reference lib="dom" />

import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import {
  becomes,
  hasFocus,
  openSchool,
  rowOf,
  type School,
  settled,
  sidewaysScroll,
  tabTo,
  windowOf,
} from "./school.ts";

const LONG =
  "Maximiliana-Konstantina-Wilhelmina-Alexandrina-Theodora-Philomena-Bartholomea-Evangelina-Anastasiaxx";

describe("the office finds its way in the list", () => {
  let school: School;
  before(async () => {
    school = await openSchool();
    await school.sql`
      insert into logons (first_name, surname, email, username)
      select 'Number' || n, 'Zz' || lpad(n::text, 3, '0'), 'n' || n || '@example.net', 'number.' || n
        from generate_series(1, 120) n`;
    await school.sql`
      insert into logons (first_name, surname, email, username) values
        (${LONG}, ${LONG}, ${`${LONG}@${"sub.".repeat(20)}example.org`}, ${LONG + LONG}),
        ('فاطمة', 'الراشد', null, 'فاطمة')`;
  });
  after(() => school.close());

  it("searches as one types, keeping focus and caret, and the address follows", () =>
    school.visit({ as: "office" }, async (page) => {
      const search = page.getByRole("searchbox", { name: "Search" });
      await search.click();
      await search.pressSequentially("smth", { delay: 30 });
      await becomes(() => total(page), "0 logons found");
      // Mending a letter in the middle: the caret stays where it is.
      await page.keyboard.press("ArrowLeft");
      await page.keyboard.press("ArrowLeft");
      await page.keyboard.type("i");
      await becomes(() => total(page), "3 logons found");
      await hasFocus(search);
      assert.equal(await search.inputValue(), "smith");
      assert.equal(
        await search.evaluate((input) => input instanceof HTMLInputElement && input.selectionStart),
        3,
      );
      await becomes(() => namesOf(page), ["Joan Smith", "John Smith", "Sarah Smith"]);
      await becomes(() => new URL(page.url()).search, "?q=smith");
      const status = page.getByRole("status").filter({ hasText: "3 logons found" });
      assert.equal(await status.count(), 1, "the number is read out");

      await page.reload();
      assert.equal(await search.inputValue(), "smith");
      assert.deepEqual(await namesOf(page), ["Joan Smith", "John Smith", "Sarah Smith"]);
    }));

  it("finds by learner, without marks, and with them", () =>
    school.visit({ as: "office" }, async (page) => {
      const search = page.getByRole("searchbox", { name: "Search" });
      for (
        const [typed, names] of [
          ["wisniewski", ["Łukasz Wiśniewski"]],
          ["oconnor", ["Declan O'Connor"]],
          ["kofi boa", ["Ama Boateng"]],
          ["الراشد", ["فاطمة الراشد"]],
        ] as const
      ) {
        await search.fill(typed);
        await becomes(() => namesOf(page), [...names], typed);
      }
    }));

  it("takes signs that mean something to a database for what they are", () =>
    school.visit({ as: "office" }, async (page) => {
      const search = page.getByRole("searchbox", { name: "Search" });
      for (const typed of ["%", "_", "\\", "' or 1=1 --", "<b>"]) {
        await search.fill(typed);
        await page.getByText(`No logon matches “${typed}”`).waitFor();
      }
      await search.fill("");
      await becomes(() => total(page), "141 logons");
    }));

  it("goes back and forward through sorting and paging as one expects", () =>
    school.visit({ as: "office" }, async (page) => {
      await becomes(() => total(page), "141 logons");
      await page.getByRole("link", { name: "Username" }).click();
      await becomes(() => new URL(page.url()).search, "?sort=username");
      const first = await namesOf(page);
      await page.getByRole("link", { name: "Next" }).click();
      await becomes(() => new URL(page.url()).search.includes("after="), true);
      const second = await namesOf(page);
      assert.notDeepEqual(second, first);
      await page.goBack();
      await becomes(() => namesOf(page), first);
      await becomes(() => new URL(page.url()).search, "?sort=username");
      await page.goForward();
      await becomes(() => namesOf(page), second);
      await page.goBack();
      await page.goBack();
      await becomes(() => sorted(page), "Surname ascending");
      await becomes(() => new URL(page.url()).search, "");
    }));

  it("opens and closes windows after going back, and asks before Back loses what was typed", () =>
    school.visit({ as: "office" }, async (page) => {
      await page.getByRole("link", { name: "Username" }).click();
      await becomes(() => new URL(page.url()).search, "?sort=username");
      await page.goBack();
      await becomes(() => sorted(page), "Surname ascending");
      const add = page.getByRole("link", { name: "Add Logon" });
      const window = windowOf(page, "Add Logon");
      for (let time = 0; time < 2; time++) {
        await add.click();
        await hasFocus(window.getByLabel("First name"));
        await page.keyboard.press("Escape");
        await window.waitFor({ state: "detached" });
        await hasFocus(add);
      }
      await page.goForward();
      await becomes(() => sorted(page), "Username ascending");
      await add.click();
      await window.getByLabel("First name").fill("Typed");
      const asked: string[] = [];
      const answers = [false, true];
      page.on("dialog", async (dialog) => {
        asked.push(dialog.message());
        await (answers.shift() ? dialog.accept() : dialog.dismiss());
      });
      await page.evaluate(() => history.back());
      await becomes(() => asked.length, 1);
      assert.equal(await window.getByLabel("First name").inputValue(), "Typed");
      assert.equal(new URL(page.url()).search, "?sort=username");
      await page.evaluate(() => history.back());
      await becomes(() => new URL(page.url()).search, "");
      await window.waitFor({ state: "detached" });
      assert.equal(asked.length, 2);
    }));

  it("says by which column the list is sorted, and which way", () =>
    school.visit({ as: "office" }, async (page) => {
      assert.equal(await sorted(page), "Surname ascending");
      const last = page.getByRole("link", { name: "Last logon" });
      await last.click();
      await becomes(() => sorted(page), "Last logon descending");
      assert.equal((await namesOf(page))[0], "Ama Boateng");
      await hasFocus(last);
      await page.keyboard.press("Enter");
      await becomes(() => sorted(page), "Last logon ascending");
      for (const name of ["First name", "Email", "Username", "Linked to", "Times"]) {
        await page.getByRole("link", { name, exact: true }).click();
        await becomes(async () => (await sorted(page)).split(" ").slice(0, -1).join(" "), name);
      }
      // A search keeps the order.
      await page.getByRole("searchbox", { name: "Search" }).fill("smith");
      await becomes(() => namesOf(page), ["John Smith", "Joan Smith", "Sarah Smith"]);
      await becomes(() => new URL(page.url()).search, "?q=smith&sort=-times");
    }));

  it("filters by state, year and registration group, and all of it is in the address", () =>
    school.visit({ as: "office" }, async (page) => {
      await page.getByLabel("State").selectOption("Suspended");
      await becomes(() => namesOf(page), ["Declan O'Connor"]);
      await page.getByLabel("State").selectOption("Any state");
      await page.getByLabel("Year group").selectOption("Year 7");
      await page.getByLabel("Registration group").selectOption("7A");
      await becomes(() => namesOf(page), ["Paul Barley", "Łukasz Wiśniewski"]);
      await becomes(() => new URL(page.url()).search, "?year=Year+7&group=7A");
      await page.reload();
      assert.deepEqual(await namesOf(page), ["Paul Barley", "Łukasz Wiśniewski"]);
      assert.equal(await page.getByLabel("Registration group").inputValue(), "7A");
    }));

  it("says what was not found, and leads back to all", () =>
    school.visit({ as: "office" }, async (page) => {
      await page.getByRole("searchbox", { name: "Search" }).fill("xyzzy");
      await page.getByRole("heading", { name: "Nothing found" }).waitFor();
      await page.getByText("No logon matches “xyzzy”.").waitFor();
      await page.getByRole("link", { name: "Show all logons" }).click();
      await becomes(() => total(page), "141 logons");
      assert.equal(await page.getByRole("searchbox", { name: "Search" }).inputValue(), "");
    }));

  it("pages through more than fifty without losing or repeating one", () =>
    school.visit({ as: "office" }, async (page) => {
      const seen: string[] = [];
      const sizes: number[] = [];
      for (;;) {
        const names = await namesOf(page);
        seen.push(...names);
        sizes.push(names.length);
        const next = page.getByRole("link", { name: "Next" });
        if (await next.count() === 0) break;
        const [first] = names;
        await next.click();
        await becomes(async () => (await namesOf(page))[0] === first, false);
        const top = await page.locator("#logons").evaluate((list) =>
          list.getBoundingClientRect().top
        );
        assert.ok(top >= 0, "a new page is shown from its top");
      }
      assert.deepEqual(sizes, [50, 50, 41]);
      assert.equal(new Set(seen).size, 141);
      await page.getByRole("link", { name: "Previous" }).click();
      await becomes(() => namesOf(page), seen.slice(50, 100));
      await page.getByRole("link", { name: "First", exact: true }).click();
      await becomes(() => namesOf(page), seen.slice(0, 50));
      await becomes(() => new URL(page.url()).search, "");
    }));

  it("keeps search, order and page when a logon is edited", () =>
    school.visit({ as: "office" }, async (page) => {
      await page.goto("/logons?q=zz&sort=-username");
      await page.getByRole("link", { name: "Next" }).click();
      await becomes(() => new URL(page.url()).search.includes("after="), true);
      const before = await namesOf(page);
      const [name = ""] = before;
      await page.getByRole("link", { name: `Edit ${name}`, exact: true }).click();
      const window = windowOf(page, "Edit Logon");
      await window.getByRole("button", { name: "Save", exact: true }).click();
      await page.getByText(`${name} was saved.`).waitFor();
      await becomes(() => namesOf(page), before);
      await page.waitForURL(/\?q=zz&sort=-username&after=\d+$/);
    }));

  it("lets an icon be clicked straight after typing", () =>
    school.visit({ as: "office" }, async (page) => {
      const search = page.getByRole("searchbox", { name: "Search" });
      await search.pressSequentially("rhys");
      await becomes(() => namesOf(page), ["Rhys Llewellyn"]);
      // Leaving the field must not draw the list anew under the pointer.
      const box = await page.getByRole("link", { name: "Edit Rhys Llewellyn" }).boundingBox();
      assert.ok(box);
      await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
      await page.mouse.down();
      await settled(page);
      await page.mouse.up();
      await windowOf(page, "Edit Logon").waitFor();
    }));

  it("keeps the focus when one goes on from the search to the list by Tab", () =>
    school.visit({ as: "office" }, async (page) => {
      const search = page.getByRole("searchbox", { name: "Search" });
      await search.pressSequentially("rhys");
      await becomes(() => namesOf(page), ["Rhys Llewellyn"]);
      const edit = page.getByRole("link", { name: "Edit Rhys Llewellyn" });
      await tabTo(edit);
      await settled(page);
      await hasFocus(edit);
    }));

  for (const width of [390, 320]) {
    it(`never scrolls sideways at ${width} pixels, whatever the names`, () =>
      school.visit(
        { as: "office", viewport: { width, height: 780 }, expects: [404] },
        async (page) => {
          const wide: string[] = [];
          const look = async (what: string): Promise<void> => {
            const beyond = await sidewaysScroll(page);
            if (beyond > 0) wide.push(`${what}: ${beyond} px`);
          };
          const paths = [
            "/logons",
            "/logons?q=maximiliana",
            `/logons?q=${"a".repeat(200)}`,
            "/logons?state=deleted",
            "/excel-imports",
            "/excel-imports/new",
            "/excel-imports/help",
            "/tasks",
            "/settings",
            "/account",
            "/logons/new",
            "/no-such-page",
          ];
          for (const path of paths) {
            await page.goto(path);
            await look(path);
          }
          const [row] = await school.sql<{ id: number }[]>`
          select id from logons where first_name = ${LONG}`;
          for (const part of ["edit", "deletion"]) {
            await page.goto(`/logons/${row?.id}/${part}`);
            await page.getByRole("dialog").waitFor();
            await look(part);
            const inside = await page.getByRole("dialog").evaluate((dialog) =>
              dialog.scrollWidth - dialog.clientWidth
            );
            if (inside > 0) wide.push(`window of ${part}: ${inside} px`);
          }
          assert.deepEqual(wide, []);
        },
      ));
  }

  it("shows a name of a hundred letters, and one from right to left, within their place", () =>
    school.visit({ as: "office", viewport: { width: 1280, height: 800 } }, async (page) => {
      await page.goto("/logons?q=maximiliana");
      assert.equal(await sidewaysScroll(page), 0);
      const inside = await page.locator("#logons .table").evaluate((table) =>
        table.scrollWidth - table.clientWidth
      );
      assert.equal(inside, 0, "nothing is cut off at the table's edge");
      const icons = await rowOf(page, `${LONG} ${LONG}`).locator(".row-icons").boundingBox();
      assert.ok(icons && icons.width >= 120, "the icons keep their row");
      await page.goto("/logons?q=فاطمة");
      await rowOf(page, "فاطمة الراشد").waitFor();
    }));

  it("searches, sorts and pages without JavaScript", () =>
    school.visit({ as: "office", javaScriptEnabled: false }, async (page) => {
      await page.getByRole("searchbox", { name: "Search" }).fill("smith");
      await page.getByLabel("Year group").selectOption("Year 8");
      await page.getByRole("button", { name: "Search" }).click();
      // Each click leads to a new page.
      await becomes(() => namesOf(page), ["Joan Smith", "John Smith"]);
      await page.getByRole("link", { name: "First name" }).click();
      await page.waitForURL(/sort=first-name/);
      assert.deepEqual(await namesOf(page), ["Joan Smith", "John Smith"]);
      await page.goto("/logons");
      await page.getByRole("link", { name: "Next" }).click();
      await page.waitForURL(/after=/);
      assert.equal((await namesOf(page)).length, 50);
    }));
});

async function namesOf(page: Page): Promise<string[]> {
  const names = await page.locator("#logons tbody td.who strong").allInnerTexts();
  return names.map((name) => name.trim());
}

async function total(page: Page): Promise<string> {
  return (await page.locator("#total").innerText()).trim();
}

/** The active sort link's words and what its header tells assistive technology. */
async function sorted(page: Page): Promise<string> {
  const headers = page.locator("th[aria-sort]");
  if (await headers.count() !== 1) return `${await headers.count()} headers are marked`;
  const name = await headers.locator("a.active").innerText();
  return `${name.trim()} ${await headers.getAttribute("aria-sort")}`;
}
