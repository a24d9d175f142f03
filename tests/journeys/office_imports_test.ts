// The office imports workbooks: what is refused, what is written at once, what waits for a look, and mending.

/// <reference lib="dom" />

import { Buffer } from "node:buffer";
import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import type { Download, Locator, Page } from "playwright-core";
import { XLSX } from "../../lib/excel/media_type.ts";
import { readTable } from "../../lib/excel/read.ts";
import { workbookBytes } from "../../lib/excel/write.ts";
import { becomes, hasFocus, openSchool, rowOf, type School, windowOf } from "./school.ts";

const COLUMNS = [
  "First name",
  "Surname",
  "Email",
  "Username",
  "Password",
  "Learners",
  "Enable TFA",
];

/** Rows by their numbers in Excel: a title above the headings, and an empty row between. */
type Rows = Readonly<Record<number, readonly string[]>>;

const MIXED: Rows = {
  1: ["Parents of the new intake"],
  3: COLUMNS,
  4: ["Wyn", "Parry", "wyn.parry@example.org", "", "nine-brisk-herons", "004158", ""],
  5: ["", "Nameless", "", "name.less", "", "", ""],
  7: ["Łukasz", "Wiśniewski-Nowak", "", "lukasz.w", "", "", ""],
  8: ["Sarah", "Smith", "", "sarah.smith", "", "004311", ""],
  9: ["Zoë", "Quill", "zoe.quill@example.org", "", "seven-quiet-otters", "009999", "maybe"],
};

describe("the office imports workbooks", () => {
  let school: School;
  before(async () => {
    school = await openSchool();
  });
  after(() => school.close());

  it("finds the page with its two options from the list", () =>
    school.visit({ as: "office" }, async (page) => {
      await page.getByRole("link", { name: "Import (Excel)" }).click();
      await page.getByRole("heading", { name: "Import (Excel)" }).waitFor();
      const options = page.getByRole("main").getByRole("link", { name: /^(Upload File|Help)$/ });
      assert.deepEqual(
        (await options.allInnerTexts()).map((text) => text.trim()),
        ["Upload File", "Help"],
      );
    }));

  it("says in the window why a file is refused", () =>
    school.visit({ as: "office", expects: [422] }, async (page) => {
      const window = await openUpload(page);
      const refused = async (sentence: string): Promise<void> => {
        await window.getByRole("button", { name: "Import", exact: true }).click();
        const summary = window.getByRole("alert");
        await summary.getByText(sentence).waitFor();
        await hasFocus(summary);
        await summary.getByRole("link").click();
        await hasFocus(window.getByLabel("Choose File"));
      };
      await refused("Choose a file first.");
      await choose(window, "parents.xls", new Uint8Array([1, 2, 3]));
      await refused("parents.xls is not a file that can be read here.");
      await choose(window, "empty.xlsx", new Uint8Array());
      await refused("empty.xlsx is empty.");
      const folder = await Deno.makeTempDir();
      await Deno.writeFile(`${folder}/large.xlsx`, new Uint8Array(11 * 1024 * 1024));
      await window.getByLabel("Choose File").setInputFiles(`${folder}/large.xlsx`);
      await refused("large.xlsx is larger than 10 MB.");
      await Deno.remove(folder, { recursive: true });
      const [tasks] = await school.sql<
        { count: number }[]
      >`select count(*)::int as count from tasks`;
      assert.equal(tasks?.count, 0);
    }));

  it("says what is wrong with a file that is not what its name says", () =>
    school.visit({ as: "office" }, async (page) => {
      const window = await openUpload(page);
      await choose(window, "photo.xlsx", new TextEncoder().encode("this is no workbook"));
      await window.getByRole("button", { name: "Import", exact: true }).click();
      await window.waitFor({ state: "detached" });
      const alert = alertOf(page, "photo.xlsx");
      await alert.locator("p.problem").waitFor();
      assert.doesNotMatch(await alert.innerText(), /on our side/);
    }));

  it("describes the columns, with a template that can itself be uploaded", () =>
    school.visit({ as: "office" }, async (page) => {
      await page.goto("/excel-imports");
      await page.getByRole("link", { name: "Help" }).click();
      const help = windowOf(page, "Help");
      await help.getByRole("rowheader").first().waitFor();
      const headings = await help.getByRole("rowheader").allInnerTexts();
      assert.deepEqual(headings.map((text) => text.replace(/\s*\(.*/s, "").trim()), COLUMNS);
      const download = page.waitForEvent("download");
      await help.getByRole("link", { name: "Download the template" }).click();
      const template = await download;
      assert.match(template.suggestedFilename(), /\.xlsx$/);
      const bytes = await bytesOf(template);
      assert.deepEqual(rowsOf(bytes)[1]?.slice(0, 7), COLUMNS);
      await page.keyboard.press("Escape");
      await help.waitFor({ state: "detached" });
      await hasFocus(page.getByRole("link", { name: "Help" }));

      const window = await openUpload(page);
      await choose(window, "template.xlsx", bytes);
      await window.getByRole("button", { name: "Import", exact: true }).click();
      // Its made-up learners are in no school: it is read, and nothing is written.
      const alert = alertOf(page, "template.xlsx");
      await alert.getByText("Nothing has been written yet.").waitFor();
      await alert.getByRole("link", { name: "Review" }).click();
      await page.getByRole("cell", { name: "Robin Sample-Jones" }).waitFor();
      await page.getByRole("button", { name: "Cancel import" }).click();
      await page.getByText("Cancelled.").first().waitFor();
    }));

  it("imports a good workbook at once, and the list follows by itself", () =>
    school.visit({ as: "office" }, async (page) => {
      const window = await openUpload(page);
      await choose(
        window,
        "intake.xlsx",
        await workbook({
          1: COLUMNS,
          2: ["Aled", "Intake", "aled.intake@example.org", "", "", "004158", ""],
          3: ["Bronwen", "Intake", "bronwen.intake@example.org", "", "", "004158; 004512", "yes"],
        }),
      );
      // Nobody can write a logon until the list stands on the screen.
      const gate = Promise.withResolvers<void>();
      const held = school.sql.begin(async (tx) => {
        await tx`lock table logons in exclusive mode`;
        await gate.promise;
      });
      try {
        await window.getByRole("button", { name: "Import", exact: true }).click();
        await window.waitFor({ state: "detached" });
        await alertOf(page, "intake.xlsx").waitFor();
        assert.match(await page.title(), /^\(1\) /);
        await page.getByRole("link", { name: "Parent Logons" }).first().click();
        await rowOf(page, "Ama Boateng").waitFor();
        assert.equal(await rowOf(page, "Aled Intake").count(), 0);
      } finally {
        gate.resolve();
        await held;
      }
      await alertOf(page, "intake.xlsx").getByText("Done: 2 added.").waitFor();
      await rowOf(page, "Aled Intake").waitFor();
      await rowOf(page, "Bronwen Intake").waitFor();
      await becomes(() => page.locator("#total").innerText(), "21 logons");
      await becomes(async () => (await page.title()).startsWith("("), false);
      await page.getByText("Import intake.xlsx is done. See Task Alerts.").waitFor();
      // Nobody has a password from an import that brings none.
      const [passwords] = await school.sql<{ count: number }[]>`
        select count(*)::int as count from logon_passwords join logons l on l.id = logon_id
         where l.surname = 'Intake'`;
      assert.equal(passwords?.count, 0);

      await alertOf(page, "intake.xlsx").getByRole("button", { name: /^Dismiss/ }).click();
      await becomes(() => alertOf(page, "intake.xlsx").count(), 0);
    }));

  it("keeps the focus in Task Alerts while a task goes on, and calls it off", () =>
    school.visit({ as: "office" }, async (page) => {
      const [task] = await school.sql<{ id: number }[]>`
        insert into tasks (kind, title, admin_id, state, step, total, done, started_at)
        select 'excel import', 'Import slow.csv', id, 'running', 'importing', 9, 1, now()
          from admins where username = 'office' returning id`;
      await page.reload();
      const alert = alertOf(page, "slow.csv");
      await alert.getByText("Importing 1 of 9").waitFor();
      const bar = alert.getByRole("progressbar");
      assert.deepEqual([await bar.getAttribute("value"), await bar.getAttribute("max")], [
        "1",
        "9",
      ]);
      const cancel = alert.getByRole("button", { name: "Cancel Import slow.csv" });
      await cancel.focus();
      await school.sql`update tasks set done = 3 where id = ${task?.id ?? 0}`;
      await alert.getByText("Importing 3 of 9").waitFor();
      await hasFocus(cancel);
      await page.keyboard.press("Enter");
      await alert.getByText("Importing 3 of 9, stopping").waitFor();
      await school.sql`
        update tasks set state = 'cancelled', finished_at = now() where id = ${task?.id ?? 0}`;
      await alert.getByText("Cancelled. 3 rows had been written before.").waitFor();
    }));

  it("shows first what would change, block or fail; writes after a look; and gives the rows back", () =>
    school.visit({ as: "office" }, async (page) => {
      const before = await stateOf(school);
      const window = await openUpload(page);
      await choose(window, "mixed.xlsx", await workbook(MIXED));
      await window.getByRole("button", { name: "Import", exact: true }).click();
      const alert = alertOf(page, "mixed.xlsx");
      await alert.getByText("Nothing has been written yet.").waitFor();
      assert.deepEqual(await stateOf(school), before, "nothing is written before the look");
      await becomes(
        async () =>
          /mixed\.xlsx waits for your review/.test(
            await page.locator("#announcements").innerText(),
          ),
        true,
        "it is announced that the import waits for a look",
      );

      await alert.getByRole("link", { name: "Review" }).click();
      const classes = page.getByRole("navigation", { name: "Rows by what becomes of them" });
      const counts = (await classes.getByRole("link").allInnerTexts()).map((text) =>
        text.replace(/\s+/g, " ").trim()
      );
      assert.deepEqual(counts, ["2 error", "1 blocked", "1 update", "1 create"]);
      // What needs a decision stands first, with Excel's row numbers and the reason.
      assert.deepEqual(await numbersOf(page), ["5", "9"]);
      const failing = page.getByRole("row").filter({ hasText: "Zoë Quill" });
      assert.match(await failing.innerText(), /“009999”/);
      assert.match(await failing.innerText(), /“maybe”/);
      for (
        const [name, numbers] of [["blocked", ["8"]], ["update", ["7"]], ["create", ["4"]]] as const
      ) {
        await classes.getByRole("link", { name }).click();
        await becomes(() => numbersOf(page), [...numbers]);
      }
      await classes.getByRole("link", { name: "update" }).click();
      await page.getByText("Surname becomes “Wiśniewski-Nowak”.").waitFor();
      assert.deepEqual(await stateOf(school), before);

      await page.getByRole("button", { name: "Import 2 rows" }).click();
      await page.getByRole("region", { name: "Rows of the file" })
        .getByText("Done: 1 added, 1 changed and 3 left out.").waitFor();
      const [parry] = await school.sql<{ temporary: boolean; learners: number }[]>`
        select w.temporary, l.linked_count as learners from logons l join logon_passwords w on w.logon_id = l.id
         where l.username = 'wyn.parry@example.org'`;
      assert.deepEqual({ ...parry }, { temporary: true, learners: 1 });

      const download = page.waitForEvent("download");
      await page.getByRole("link", { name: "Download with reasons" }).click();
      const result = rowsOf(await bytesOf(await download));
      assert.deepEqual(Object.keys(result).map(Number), Object.keys(MIXED).map(Number));
      assert.deepEqual(result[3], [...COLUMNS, "Result", "Reason"]);
      for (const number of [4, 5, 7, 8, 9]) {
        const [sent = [], back = []] = [MIXED[number], result[number]];
        assert.deepEqual(back.slice(0, 4), sent.slice(0, 4), `row ${number}`);
        assert.equal(back[4] ?? "", "", `no password comes back in row ${number}`);
      }
      assert.equal(result[4]?.[7], "Added");
      assert.equal(result[7]?.[7], "Changed");
      assert.equal(result[8]?.[7], "Blocked");
      assert.match(result[9]?.[8] ?? "", /009999/);

      // Mended in Excel, with the two new columns left where they are, and uploaded again.
      await page.goto("/excel-imports");
      const again = await openUpload(page);
      const { 8: _blocked, ...rest } = result;
      await choose(
        again,
        "mended.xlsx",
        await workbook({
          ...rest,
          5: ["Ned", "Nameless", "", "name.less", "", "", "", "Error", "…"],
          9: ["Zoë", "Quill", "zoe.quill@example.org", "", "", "004163", "no", "Error", "…"],
        }),
      );
      await again.getByRole("button", { name: "Import", exact: true }).click();
      await alertOf(page, "mended.xlsx").getByText("Done: 2 added and 2 unchanged.").waitFor();
      await page.goto("/logons?q=quill");
      await rowOf(page, "Zoë Quill").waitFor();
    }));

  it("can be called off from the review", () =>
    school.visit({ as: "office" }, async (page) => {
      const window = await openUpload(page);
      await choose(window, "off.csv", "First name;Surname;Username\r\nJohn;Changed;john.smith\r\n");
      await window.getByRole("button", { name: "Import", exact: true }).click();
      await alertOf(page, "off.csv").getByRole("link", { name: "Review" }).click();
      await page.getByRole("button", { name: "Cancel import" }).click();
      await page.getByRole("row").filter({ hasText: "off.csv" }).getByText("Cancelled.").waitFor();
      const [john] = await school.sql<{ surname: string }[]>`
        select surname from logons where username = 'john.smith'`;
      assert.equal(john?.surname, "Smith");
    }));

  it("shows a colleague the import under All tasks", () =>
    school.visit({ as: "frontdesk" }, async (page) => {
      assert.equal(await alertOf(page, "mixed.xlsx").count(), 0);
      await page.getByRole("link", { name: "All tasks" }).first().click();
      const row = page.getByRole("row").filter({ hasText: "mixed.xlsx" });
      assert.match(await row.innerText(), /Olwen Hughes/);
    }));

  it("gives a viewer nothing to upload or to take away", () =>
    school.visit({ as: "viewer", expects: [403] }, async (page) => {
      await page.goto("/excel-imports");
      assert.equal(await page.getByRole("link", { name: "Upload File" }).count(), 0);
      await page.goto("/tasks");
      const row = page.getByRole("row").filter({ hasText: "mixed.xlsx" });
      await row.waitFor();
      assert.equal(await row.getByRole("link", { name: /^Download/ }).count(), 0);
    }));

  it("does it all without JavaScript", () =>
    school.visit({ as: "office", javaScriptEnabled: false, expects: [422] }, async (page) => {
      const window = await openUpload(page);
      await window.getByRole("button", { name: "Import", exact: true }).click();
      await window.getByRole("alert").getByText("Choose a file first.").waitFor();
      await choose(window, "plain.csv", "First name,Surname,Username\r\nPip,Plain,pip.plain\r\n");
      await window.getByRole("button", { name: "Import", exact: true }).click();
      await page.getByRole("heading", { name: /plain\.csv/ }).first().waitFor();
      await becomes(async () => {
        await page.reload();
        return await page.getByRole("region", { name: "Rows of the file" })
          .getByText("Done: 1 added.").count();
      }, 1);
      await page.goto("/logons?q=pip");
      await rowOf(page, "Pip Plain").waitFor();
    }));
});

async function openUpload(page: Page): Promise<Locator> {
  if (!page.url().endsWith("/excel-imports")) await page.goto("/excel-imports");
  await page.getByRole("link", { name: "Upload File" }).click();
  const window = windowOf(page, "Upload File");
  await window.waitFor();
  return window;
}

async function choose(window: Locator, name: string, content: Uint8Array | string): Promise<void> {
  await window.getByLabel("Choose File").setInputFiles({
    name,
    mimeType: name.endsWith(".csv") ? "text/csv" : XLSX,
    buffer: Buffer.from(content),
  });
}

function alertOf(page: Page, fileName: string): Locator {
  return page.getByRole("region", { name: /^Task Alerts/ }).getByRole("article")
    .filter({ hasText: fileName });
}

/** Numbers of the rows that the review shows. */
async function numbersOf(page: Page): Promise<string[]> {
  return await page.locator("#import tbody td[data-label='Row']").allInnerTexts();
}

async function workbook(rows: Rows): Promise<Uint8Array> {
  return await workbookBytes(async (book) => {
    const sheet = await book.addSheet({ name: "Parents" });
    for (const [number, cells] of Object.entries(rows)) {
      await sheet.addRow(cells, { rowNumber: Number(number) });
    }
    await sheet.close();
  });
}

/** Texts of a workbook's cells by the numbers of their rows. */
function rowsOf(bytes: Uint8Array): Record<number, string[]> {
  const read = readTable(bytes, "result.xlsx");
  if ("refused" in read) assert.fail(read.refused.sentence);
  return Object.fromEntries(
    read.table.rows.map(({ number, cells }) => [
      number,
      Array.from(cells, (cell) => cell?.text ?? ""),
    ]),
  );
}

async function bytesOf(download: Download): Promise<Uint8Array> {
  return await Deno.readFile(await download.path());
}

/** All that an import could change. */
async function stateOf(school: School): Promise<unknown> {
  const logons = await school.sql`
    select id, first_name, surname, email, username, tfa, deleted_at, linked_names from logons order by id`;
  const passwords = await school.sql`select logon_id, hash from logon_passwords order by logon_id`;
  return [[...logons], [...passwords]];
}
