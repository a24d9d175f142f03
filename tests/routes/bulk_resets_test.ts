// The envelope and Bulk Reset in the browser's terms: asks first, counts before, refuses what cannot be.

import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { documentOf, type Office, openOffice, PIECE, signIn, type Visitor } from "../office.ts";

describe("the envelope and Bulk Reset", () => {
  let office: Office;
  let visitor: Visitor;
  before(async () => {
    office = await openOffice();
    visitor = await signIn(office);
  });
  after(() => office.close());

  async function idOf(username: string): Promise<number> {
    const [row] = await office.services.sql<
      { id: number }[]
    >`select id from logons where username = ${username}`;
    assert.ok(row);
    return row.id;
  }

  async function mailsQueued(): Promise<number> {
    const [row] = await office.services.sql<[{ count: number }]>`
      select count(*)::int as count from credential_mails where state = 'queued'`;
    return row.count;
  }

  it("asks first, naming the address; looking sends nothing", async () => {
    const page = await documentOf(
      await visitor.piece(`/logons/${await idOf("john.smith")}/credentials`),
    );
    const text = page.body.textContent ?? "";
    assert.match(text, /family\.smith@example\.org/);
    assert.match(text, /Sarah Smith reads this mailbox too/);
    assert.equal(await mailsQueued(), 0);
  });

  it("starts one task with one mail", async () => {
    const response = await visitor.post(
      `/logons/${await idOf("ama.boateng")}/credentials`,
      {},
      PIECE,
    );
    assert.equal(response.status, 200);
    const text = await response.text();
    assert.match(text, /is on its way/);
    assert.match(text, /Login details to Ama Boateng/);
    assert.equal(response.headers.get("hx-trigger"), '{"dialog:close":{}}');
    assert.equal(await mailsQueued(), 1);
  });

  it("refuses a logon without an email, and says what to do", async () => {
    const path = `/logons/${await idOf("fatima.ar")}/credentials`;
    for (const response of [await visitor.piece(path), await visitor.post(path, {}, PIECE)]) {
      assert.equal(response.status, 422);
      assert.match(await response.text(), /no email, so nothing can be mailed/);
    }
  });

  it("is greyed in the list where there is no email, and says what to do", async () => {
    const page = await documentOf(await visitor.get("/logons?q=fatima"));
    const envelope = page.querySelector('[aria-label="Email login details to Fatima al-Rashid"]');
    assert.equal(envelope?.getAttribute("aria-disabled"), "true");
    assert.equal(envelope?.getAttribute("href"), null);
    assert.match(envelope?.getAttribute("title") ?? "", /No email address: add one with Edit/);
  });

  it("refuses what is gone and what never was", async () => {
    assert.equal(
      (await visitor.piece(`/logons/${await idOf("marek.kowalczyk")}/credentials`)).status,
      404,
    );
    for (const id of ["0", "-1", "999999", "9223372036854775808", "abc"]) {
      assert.equal((await visitor.post(`/logons/${id}/credentials`, {}, PIECE)).status, 404, id);
    }
  });

  it("lists every logon by username, and greys those that cannot be mailed with the reason", async () => {
    const page = await documentOf(await visitor.piece("/bulk-resets/new"));
    const boxes = [...page.querySelectorAll('input[name="logon"]')];
    assert.equal(boxes.length, 19);
    assert.ok(page.querySelector('input[aria-label="Select all"]'));
    assert.ok(page.querySelector('input[role="switch"][aria-labelledby="tfa-label"]'));
    const fatima = page.querySelector('input[aria-label="fatima.ar"]');
    assert.ok(fatima?.hasAttribute("disabled"));
    assert.match(fatima?.closest("label")?.textContent ?? "", /no email/);
  });

  it("says before the button how many will be mailed, who is left out, and who shares a mailbox", async () => {
    const logon = await Promise.all(["john.smith", "sarah.smith", "fatima.ar"].map(idOf));
    const response = await visitor.post("/bulk-reset-drafts", { logon: logon.map(String) }, {
      ...PIECE,
      "hx-target": "p#preflight",
    });
    const text = await response.text();
    assert.match(text, /2 mails will be sent\./);
    assert.match(text, /1 left out: Fatima al-Rashid \(no email\)/);
    assert.match(text, /2 share a mailbox with another: John Smith, Sarah Smith\./);
  });

  it("keeps what was ticked when the search hides it", async () => {
    const id = await idOf("john.smith");
    const response = await visitor.post("/bulk-reset-drafts", {
      logon: String(id),
      reset_search: "barley",
    }, PIECE);
    const page = await documentOf(response);
    assert.equal(
      page.querySelector(`input[type="hidden"][name="logon"]`)?.getAttribute("value"),
      String(id),
    );
    assert.equal(page.querySelectorAll('input[type="checkbox"][name="logon"]').length, 2);
    assert.match(page.body.textContent ?? "", /1 mail will be sent/);
  });

  it("refuses a reset of nobody, in the same window", async () => {
    const response = await visitor.post("/bulk-resets", {}, PIECE);
    assert.equal(response.status, 422);
    assert.match(await response.text(), /Choose at least one logon that can be mailed/);
  });

  it("asks for the own password again when it was typed over ten minutes ago", async () => {
    office.clock.move(11);
    const fields = { logon: String(await idOf("john.smith")) };
    const asked = await visitor.post("/bulk-resets", fields, PIECE);
    assert.equal(asked.status, 422);
    assert.match(await asked.text(), /Enter your own password/);
    const wrong = await visitor.post(
      "/bulk-resets",
      { ...fields, own_password: "not it at all" },
      PIECE,
    );
    assert.match(await wrong.text(), /This is not your password/);
    const right = await visitor.post("/bulk-resets", {
      ...fields,
      own_password: "demo-office-2026",
    }, PIECE);
    assert.equal(right.status, 200);
  });

  it("resets all that match, also those not listed, and only those", async () => {
    const response = await visitor.post("/bulk-resets", {
      all: "yes",
      reset_search: "barley",
      enable_tfa: "yes",
    });
    assert.equal(response.status, 303);
    const [task] = await office.services.sql<{ id: number; title: string }[]>`
      select id, title from tasks order by id desc limit 1`;
    assert.equal(task?.title, "Bulk Reset of 2");
    assert.equal(response.headers.get("location"), `/bulk-resets/${task?.id}`);
    const rows = await office.services.sql<{ username: string; enable_tfa: boolean }[]>`
      select username, enable_tfa from credential_mails where task_id = ${
      task?.id ?? 0
    } order by username`;
    assert.deepEqual(rows.map((row) => [row.username, row.enable_tfa]), [
      ["hannah.barley", true],
      ["paul.barley", true],
    ]);
    assert.match(
      await (await visitor.get(`/bulk-resets/${task?.id}`)).text(),
      /hannah\.(<wbr>)?barley/,
    );
  });

  it("offers those that a cancelled one had not sent to, and calls none of them failed", async () => {
    await visitor.post("/bulk-resets", { all: "yes", reset_search: "barley" });
    const [task] = await office.services.sql<{ id: number }[]>`
      select id from tasks order by id desc limit 1`;
    const path = `/bulk-resets/${task?.id}`;
    const before_ = await (await visitor.get(path)).text();
    assert.doesNotMatch(before_, /who got none/);
    await visitor.post(`/tasks/${task?.id}/cancellation`, { back: "bulk-reset" });
    const page = await documentOf(await visitor.get(path));
    assert.match(page.body.textContent ?? "", /Cancelled\. 0 of 2 had been sent/);
    const offer = page.querySelector("nav .blue");
    assert.equal(offer?.textContent?.trim(), "Send to 2 parents who got none");
    const window = await (await visitor.get(offer?.getAttribute("href") ?? "")).text();
    assert.match(window, /hannah\.(<wbr>)?barley/);
  });

  it("says that its mails are no longer kept, and not that all were accepted", async () => {
    const pageOf = async (facts: Record<string, number>): Promise<string> => {
      const { sql } = office.services;
      const [task] = await sql<[{ id: number }]>`
        insert into tasks (kind, title, state, facts, finished_at)
        values ('credential mails', 'Bulk Reset of 3', 'done', ${
        sql.json(facts)
      }, now()) returning id`;
      const path = `/bulk-resets/${task.id}?show=not-accepted`;
      const page = await documentOf(await visitor.get(path));
      return page.querySelector("main")?.textContent ?? "";
    };
    const old = await pageOf({ mails: 3, settled: 3, accepted: 2, refused: 1 });
    assert.match(old, /2 of 3 were sent their new password; 1 refused.*No longer kept/s);
    assert.doesNotMatch(old, /All were accepted/);
    assert.match(await pageOf({ mails: 3, settled: 3, accepted: 3 }), /All were accepted/);
  });

  it("keeps all that were chosen while the search goes on, with those ticked in it", async () => {
    const fields = {
      all: "yes",
      all_search: "barley",
      all_year: "",
      reset_search: "boateng",
      logon: String(await idOf("ama.boateng")),
    };
    const page = await documentOf(await visitor.post("/bulk-reset-drafts", fields, PIECE));
    const said = page.body.textContent ?? "";
    assert.match(said, /All that match “barley”, as you chose before/);
    assert.match(said, /3 mails will be sent/);
    assert.equal(
      page.querySelector('input[type="hidden"][name="all_search"]')?.getAttribute("value"),
      "barley",
    );
    assert.equal((await visitor.post("/bulk-resets", fields)).status, 303);
    const mailed = await office.services.sql<{ username: string }[]>`
      select username from credential_mails where task_id = (select max(id) from tasks) order by username`;
    assert.deepEqual(mailed.map(({ username }) => username), [
      "ama.boateng",
      "hannah.barley",
      "paul.barley",
    ]);
  });

  it("marks and counts who has signed in during the last 7 days", async () => {
    const { sql, clock } = office.services;
    const at = (days: number): Date => new Date(clock.now().getTime() - days * 24 * 3600_000);
    await sql`update logons set sign_in_count = 1, last_sign_in_at = ${
      at(6)
    } where username = 'john.smith'`;
    await sql`update logons set sign_in_count = 1, last_sign_in_at = ${
      at(8)
    } where username = 'sarah.smith'`;
    const logon = await Promise.all(["john.smith", "sarah.smith"].map(idOf));
    const fields = { reset_search: "smith", logon: logon.map(String) };
    const page = await documentOf(await visitor.post("/bulk-reset-drafts", fields, PIECE));
    assert.match(page.body.textContent ?? "", /1 signed in during the last 7 days/);
    const row = (username: string): string =>
      page.querySelector(`input[aria-label="${username}"]`)?.closest("label")?.textContent ?? "";
    assert.match(row("john.smith"), /signed in/);
    assert.doesNotMatch(row("sarah.smith"), /signed in/);
  });

  it("is not for viewers", async () => {
    const viewer = await signIn(office, "viewer");
    assert.equal((await viewer.piece("/bulk-resets/new")).status, 403);
    assert.equal((await viewer.post("/bulk-resets", { all: "yes" })).status, 403);
    assert.equal(
      (await viewer.post(`/logons/${await idOf("ama.boateng")}/credentials`)).status,
      403,
    );
  });
});
