// Coverage over HTTP: the figures and their links, who is missing and where the next action leads, and the workbook.

/// <reference lib="dom" />

import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { findFile, readWholeFile } from "../../db/files.ts";
import { claimTask } from "../../db/tasks.ts";
import { runCoverageExport } from "../../jobs/coverage_exports.ts";
import { readTable, shownRows } from "../../lib/excel/read.ts";
import { ZipArchive } from "../../lib/excel/zip.ts";
import { documentOf, type Office, openOffice, PIECE, signIn, Visitor } from "../office.ts";

describe("coverage over HTTP", () => {
  let office: Office;
  let admin: Visitor;
  let viewer: Visitor;
  before(async () => {
    office = await openOffice();
    [admin, viewer] = [await signIn(office), await signIn(office, "viewer")];
  });
  after(() => office.close());

  async function shown(path: string, visitor = admin): Promise<Document> {
    const response = await visitor.get(path);
    assert.equal(response.status, 200, path);
    return await documentOf(response);
  }

  function textOf(element: Element | null | undefined): string {
    return element?.textContent?.replace(/\s+/g, " ").trim() ?? "";
  }

  /** The next action of a learner, as words and address. */
  async function nextOf(
    learner: string,
    visitor = admin,
  ): Promise<{ words: string; href: string | null }> {
    const page = await shown(`/coverage/missing?q=${encodeURIComponent(learner)}`, visitor);
    const cell = page.querySelector("#missing tbody td:last-child");
    assert.ok(cell, `${learner} is missing`);
    return {
      words: textOf(cell.querySelector("bdi")),
      href: cell.querySelector("a")?.getAttribute("href") ?? null,
    };
  }

  async function addLearner(
    name: string,
    more: Record<string, string | null> = {},
  ): Promise<number> {
    const [row] = await office.services.sql<{ id: number }[]>`
      insert into learners ${
      office.services.sql({
        first_name: name,
        surname: "Coverly",
        admission_number: `cov-${name}`,
        status: "Current",
        year_group: "Year 7",
        registration_group: "7A",
        ...more,
      })
    } returning id`;
    assert.ok(row);
    return row.id;
  }

  async function addContact(
    learner: number,
    name: string,
    more: { email?: string | null; responsible?: boolean | null } = {},
  ): Promise<number> {
    const { sql } = office.services;
    const email = more.email === undefined ? `${name.toLowerCase()}@example.org` : more.email;
    const [row] = await sql<{ id: number }[]>`
      insert into contacts (first_name, surname, email) values (${name}, 'Coverly', ${email}) returning id`;
    assert.ok(row);
    await sql`
      insert into contact_learners (contact_id, learner_id, relationship, priority, parental_responsibility)
      values (${row.id}, ${learner}, 'Mother', 1, ${
      more.responsible === undefined ? true : more.responsible
    })`;
    return row.id;
  }

  async function addLogon(
    learner: number,
    name: string,
    more: Record<string, string | number | null> = {},
  ): Promise<number> {
    const { sql } = office.services;
    const [row] = await sql<{ id: number }[]>`
      insert into logons ${
      sql({
        first_name: name,
        surname: "Coverly",
        username: `${name.toLowerCase()}.coverly`,
        email: `${name.toLowerCase()}@example.org`,
        ...more,
      })
    } returning id`;
    assert.ok(row);
    await sql`insert into logon_learners (logon_id, learner_id) values (${row.id}, ${learner})`;
    return row.id;
  }

  async function addMail(logon: number, state: string): Promise<void> {
    const at = office.clock.now();
    await office.services.sql`
      insert into credential_mails (logon_id, asked_at, name, username, address, enable_tfa, state, pending_hash,
                                    due_at, settled_at)
      values (${logon}, ${at}, 'A Parent', 'parent', 'parent@example.org', false, ${state},
              '$2b$10$7ZmbJH42Jg5TmYeJT2OeWegnYf4BiJ0XG55MktUE9B5jNLWrVsMC2', ${at}, ${at})`;
  }

  it("answers the question in its first sentence, with the numbers of the records", async () => {
    const [known] = await office.services.sql<[{ learners: number; signedIn: number }]>`
      select count(*)::int as learners, (count(*) filter (where exists (
               select from logon_learners k join logons l on l.id = k.logon_id
                where k.learner_id = p.id and l.deleted_at is null and l.suspended_at is null
                  and coalesce(l.expires_on >= '2026-11-24', true) and l.sign_in_count > 0)))::int as "signedIn"
        from learners p where status = 'Current'`;
    const page = await shown("/coverage");
    assert.equal(
      textOf(page.querySelector(".lead .large")),
      `${known.signedIn} of ${known.learners} learners have a parent who has signed in.`,
    );
    const all = textOf(page.querySelector("tfoot"));
    assert.match(all, new RegExp(`^All ?${known.learners}`));
  });

  it("opens a year with its groups, as a page and as the same piece", async () => {
    const closed = await shown("/coverage");
    assert.equal(closed.querySelectorAll("tr.group").length, 0);
    const link = [...closed.querySelectorAll("a.opens")].find((one) => textOf(one) === "Year 7");
    assert.equal(link?.getAttribute("aria-expanded"), "false");
    const href = link?.getAttribute("href") ?? "";
    const page = await shown(href);
    const groups = [...page.querySelectorAll("tr.group th")].map(textOf);
    assert.ok(groups.length > 1 && groups.every((name) => name.startsWith("7")), groups.join());
    const piece = await documentOf(await admin.get(href, PIECE));
    assert.equal(piece.querySelector("h1"), null);
    assert.equal(
      textOf(piece.querySelector("#coverage table")),
      textOf(page.querySelector("#coverage table")),
    );
    const open = [...page.querySelectorAll("a.opens[aria-expanded=true]")];
    assert.deepEqual(open.map((one) => one.getAttribute("href")), ["/coverage"]);
  });

  it("leads from every number to exactly so many learners", async () => {
    await addLearner("Nowhere", { year_group: null, registration_group: null });
    await addLearner("Odd", { year_group: "Year 7", registration_group: `7 & "½" <b>` });
    for (const path of ["/coverage?year=Year+7", "/coverage?applicants=yes&year=+"]) {
      const page = await shown(path);
      const links = [...page.querySelectorAll("#coverage table .below a")];
      assert.ok(links.length > 6);
      for (const link of links) {
        const promised = Number(/^\d+/.exec(textOf(link))?.[0]);
        const list = await shown(link.getAttribute("href") ?? "");
        assert.equal(
          list.querySelectorAll("#missing tbody tr").length,
          promised,
          `${textOf(link)} ${link.getAttribute("href")}`,
        );
      }
    }
  });

  it("says what to do next, and each link leads to a place that is there", async () => {
    const { sql } = office.services;
    const nobody = await addLearner("Nobody");
    const unsaid = await addLearner("Unsaid");
    await addContact(unsaid, "Una", { responsible: null });
    const contact = await addLearner("Contact");
    await addContact(contact, "Carla");
    const silent = await addLearner("Silent");
    const without = await addContact(silent, "Sina", { email: null });
    const ended = await addLearner("Ended");
    const suspended = await addLogon(ended, "Ed", { suspended_at: "2026-11-01" });
    const fresh = await addLearner("Fresh");
    const unmailed = await addLogon(fresh, "Frida");
    const paper = await addLearner("Paper");
    const onPaper = await addLogon(paper, "Pia", { email: null });
    const waiting = await addLearner("Waiting");
    const mailed = await addLogon(waiting, "Wim");
    await addMail(mailed, "accepted");
    const refused = await addLearner("Refused");
    const failed = await addLogon(refused, "Rita");
    await addMail(failed, "accepted");
    await addMail(failed, "refused");

    const expected = [
      ["Nobody", "Add a contact with Parental Responsibility", `/learners/${nobody}`],
      ["Unsaid", "Add a contact with Parental Responsibility", `/learners/${unsaid}`],
      ["Contact", "Import Carla Coverly", "/contact-imports/new?search=Contact+Coverly"],
      ["Silent", "Add an email for Sina Coverly, or a logon by hand", `/contacts/${without}`],
      ["Ended", "See why Ed Coverly cannot get in", `/logons/${suspended}/access`],
      ["Fresh", "Mail login details to Frida Coverly", `/logons/${unmailed}/credentials`],
      [
        "Paper",
        "Print a letter for Pia Coverly, who has no email",
        `/letters/new?logon=${onPaper}`,
      ],
      [
        "Waiting",
        "See the mails to Wim Coverly, and send again",
        `/credential-mails?state=not-used&days=0&logon=${mailed}`,
      ],
      [
        "Refused",
        "See what became of the mails to Rita Coverly",
        `/credential-mails?logon=${failed}`,
      ],
    ] as const;
    for (const [learner, words, href] of expected) {
      assert.deepEqual(await nextOf(`${learner} Coverly`), { words, href });
      for (const headers of [{}, PIECE]) {
        const there = await admin.get(href, headers);
        assert.equal(there.status, 200, href);
        const person = words.match(/(\w+) Coverly/)?.[0];
        if (person !== undefined) {
          assert.ok((await there.text()).includes(person), `${person} at ${href}`);
        }
      }
    }
    await sql`update logons set last_sign_in_at = now(), sign_in_count = 1 where id = ${mailed}`;
    const page = await shown("/coverage/missing?q=Waiting+Coverly");
    assert.match(textOf(page.querySelector("#missing")), /Nothing found/);
  });

  it("offers no parent whom a block keeps away", async () => {
    const { sql } = office.services;
    const learner = await addLearner("Kept");
    const contact = await addContact(learner, "Kurt");
    await addLogon(learner, "Kurt", { contact_id: contact });
    await sql`
      insert into blocks (learner_id, contact_id, first_name, surname, reason)
      values (${learner}, ${contact}, 'Kurt', 'Coverly', 'A court order.')`;
    assert.deepEqual(await nextOf("Kept Coverly"), {
      words: "Add a contact with Parental Responsibility",
      href: `/learners/${learner}`,
    });
    const other = await addContact(learner, "Kim");
    assert.match((await nextOf("Kept Coverly")).words, /^Import Kim/);
    await sql`delete from contacts where id = ${other}`;
  });

  it("lets a Viewer look, without the links that lead to deeds, and export nothing", async () => {
    assert.equal((await nextOf("Fresh Coverly", viewer)).href, null);
    assert.equal((await nextOf("Contact Coverly", viewer)).href, null);
    for (const name of ["Nobody", "Silent", "Ended", "Refused"]) {
      const { href } = await nextOf(`${name} Coverly`, viewer);
      assert.equal((await viewer.get(href ?? "")).status, 200, name);
    }
    const page = await shown("/coverage", viewer);
    const option = page.querySelector(".options a");
    assert.equal(option?.getAttribute("aria-disabled"), "true");
    assert.equal((await viewer.get("/coverage-exports/new")).status, 403);
    assert.equal((await viewer.post("/coverage-exports")).status, 403);
  });

  it("takes whatever an address says, and says kindly that nothing matches", async () => {
    const long = "x".repeat(10_000);
    for (const odd of ["%00", "%ED%A0%80", "%F0%9F%98%80", "%3Cb%3E", long, "%27%22%25"]) {
      for (
        const query of [`year=${odd}`, `q=${odd}`, `group=${odd}`, `lacking=${odd}`, `after=${odd}`]
      ) {
        assert.equal((await admin.get(`/coverage/missing?${query}`)).status, 200, query);
        assert.equal((await admin.get(`/coverage?${query}`)).status, 200, query);
      }
    }
    assert.match(
      textOf(await shown("/coverage/missing?q=xyzzy").then((page) => page.querySelector("main"))),
      /Nothing found/,
    );
    assert.equal((await admin.post("/coverage", {})).status, 404);
    assert.equal((await new Visitor(office).get("/coverage")).status, 303);
  });

  it("pages through everybody by key, forwards and back", async () => {
    const { sql } = office.services;
    await sql`
      insert into learners (first_name, surname, admission_number, status, registration_group)
      select 'Page', 'Zz' || to_char(n, 'FM000'), 'covpage' || n, 'Current', 'ZZ' from generate_series(1, 120) n`;
    const seen: string[] = [];
    let address: string | null | undefined = "/coverage/missing?group=ZZ";
    let pages = 0;
    while (address) {
      const page: Document = await shown(address);
      seen.push(...[...page.querySelectorAll("#missing .who a")].map(textOf));
      pages++;
      address = page.querySelector("[rel=next]")?.getAttribute("href");
    }
    assert.equal(pages, 3);
    assert.equal(new Set(seen).size, 120);
    assert.deepEqual(seen, seen.toSorted());
    const lost = await shown("/coverage/missing?group=ZZ&after=999999999");
    assert.equal(textOf(lost.querySelector("#missing .who a")), "Page Zz001");
    await sql`delete from learners where registration_group = 'ZZ'`;
  });

  it("exports figures and names as a workbook, with its audit row", async () => {
    const { sql } = office.services;
    const response = await admin.post("/coverage-exports", { applicants: "yes" });
    assert.equal(response.status, 303);
    const [task] = await sql<{ id: number }[]>`select id from tasks order by id desc limit 1`;
    const held = await claimTask(sql, task?.id ?? 0, office.clock.now());
    assert.ok(held);
    const outcome = await runCoverageExport({
      services: office.services,
      ...held,
      stopping: new AbortController().signal,
    });
    const page = await shown("/coverage?applicants=yes");
    const [, signedIn, learners] = /^(\d+) of (\d+)/.exec(textOf(page.querySelector(".large"))) ??
      [];
    assert.deepEqual(outcome.facts, {
      learners: Number(learners),
      missing: Number(learners) - Number(signedIn),
    });
    const file = await findFile(sql, held.task.id, "result");
    assert.equal(file?.name, "Coverage 2026-11-24.xlsx");
    assert.ok(file);
    const read = readTable(await readWholeFile(sql, file), "Coverage.xlsx");
    assert.ok("table" in read);
    const rows = shownRows(read.table);
    assert.deepEqual(rows.at(-1)?.slice(0, 3), ["All", "All", learners]);
    assert.equal(rows.at(-1)?.[7], signedIn);
    const missing = new ZipArchive(await readWholeFile(sql, file)).read("xl/worksheets/sheet2.xml")
      ?.toString("utf8") ?? "";
    assert.equal(missing.match(/<row /g)?.length, Number(outcome.facts?.["missing"]) + 1);
    assert.match(
      missing,
      /Fresh Coverly.*cov-Fresh.*No parent was mailed.*Mail login details to Frida/,
    );
    assert.match(missing, /7 &amp; "½" &lt;b&gt;|7 &amp; &quot;½&quot; &lt;b&gt;/);
    const [audit] = await sql<{ after: unknown }[]>`
      select after from audit where what = 'export coverage'`;
    assert.deepEqual(audit?.after, { applicants: true });
  });

  it("asks for the own password again before an export", async () => {
    const late = await signIn(office);
    office.clock.move(11);
    const asked = await late.post("/coverage-exports");
    assert.equal(asked.status, 422);
    assert.match(await asked.text(), /Enter your own password/);
    const right = await late.post("/coverage-exports", { own_password: "demo-office-2026" });
    assert.equal(right.status, 303);
  });

  it("says what to do in a school without learners", async () => {
    await office.services.sql`truncate learners cascade`;
    const page = await shown("/coverage");
    assert.match(textOf(page.querySelector("#coverage")), /No learners to count yet/);
    assert.equal(page.querySelector("a[href='/feeds']") === null, false);
    const list = await shown("/coverage/missing");
    assert.match(textOf(list.querySelector("#missing")), /Nobody is missing/);
  });
});
