// Mails that came back: marked by hand, told everywhere, tried again, taken back.

import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { countFailed } from "../../db/credential_mail_list.ts";
import { noteFirstUse } from "../../db/credential_mails.ts";
import { transaction } from "../../db/connect.ts";
import { findTask } from "../../db/tasks.ts";
import { documentOf, type Office, openOffice, PIECE, signIn, type Visitor } from "../office.ts";

const HASH = "$2b$10$7ZmbJH42Jg5TmYeJT2OeWegnYf4BiJ0XG55MktUE9B5jNLWrVsMC2";

describe("a mail that came back", () => {
  let office: Office;
  let visitor: Visitor;
  before(async () => {
    office = await openOffice();
    visitor = await signIn(office);
  });
  after(() => office.close());

  /** A reset of two that was sent whole. */
  async function sentReset(): Promise<{ taskId: number; mailIds: number[] }> {
    const { sql } = office.services;
    const at = office.clock.now();
    const [task] = await sql<{ id: number }[]>`
      insert into tasks (kind, title, state, admin_id, total, done, finished_at, facts)
      select 'credential mails', 'Bulk Reset of 2', 'done', id, 2, 2, ${at}, '{"mails": 2, "accepted": 2}'
        from admins where username = 'office' returning id`;
    const taskId = task?.id ?? 0;
    const mails = await sql<{ id: number }[]>`
      insert into credential_mails (task_id, logon_id, asked_at, name, username, address, enable_tfa, state, answer,
                                    pending_hash, due_at, settled_at)
      select ${taskId}, id, ${at}, first_name || ' ' || surname, username, email, false, 'accepted', '250 Ok', ${HASH},
             ${at}, ${at}
        from logons where username = any('{paul.barley,ama.boateng}') order by username returning id`;
    return { taskId, mailIds: mails.map((mail) => mail.id) };
  }

  async function alertOf(taskId: number): Promise<string> {
    const page = await documentOf(await visitor.piece("/task-alerts"));
    return page.querySelector(`[data-task="${taskId}"]`)?.textContent ?? "";
  }

  async function stateOf(mailId = 0): Promise<unknown[]> {
    const [row] = await office.services.sql`
      select state, bounce_words from credential_mails where id = ${mailId}`;
    return [row?.["state"], row?.["bounce_words"]];
  }

  it("changes what the ledger, the alert and the task's page say, and can be tried again", async () => {
    const { taskId, mailIds: [mailId] } = await sentReset();
    assert.match(await alertOf(taskId), /All 2 were sent an email/);
    const window = await visitor.piece(`/credential-mails/${mailId}/bounce`);
    assert.match(await window.text(), /ama\.(<wbr>)?boateng/);
    const response = await visitor.post(`/credential-mails/${mailId}/bounce`, {
      words: "550 5.1.1 <b>no such user</b>\r\nhere",
    }, PIECE);
    assert.equal(response.status, 200);
    assert.match(response.headers.get("hx-trigger") ?? "", /mails:changed/);
    assert.deepEqual(await stateOf(mailId), ["bounced", "550 5.1.1 <b>no such user</b> here"]);
    assert.match(await alertOf(taskId), /1 of 2 were sent their new password; 1 came back\./);
    const task = await findTask(office.services.sql, taskId);
    assert.deepEqual([task?.facts["accepted"], task?.facts["bounced"]], [1, 1]);
    assert.equal(await countFailed(office.services.sql, taskId, office.clock.now()), 1);
    const page = await documentOf(await visitor.get(`/bulk-resets/${taskId}?show=not-accepted`));
    assert.match(page.querySelector("tbody")?.textContent ?? "", /came back.*no such user/s);
    assert.equal(page.querySelectorAll("tbody tr").length, 1);
    assert.match(page.body.textContent ?? "", /Try 1 failed one again/);
    const ledger = await (await visitor.get("/credential-mails?state=bounced")).text();
    assert.match(ledger, /&lt;b&gt;no such user/);
  });

  it("is in the audit, with who, and taking it back is as well", async () => {
    const { taskId, mailIds: [mailId] } = await sentReset();
    await visitor.post(`/credential-mails/${mailId}/bounce`);
    assert.deepEqual(await stateOf(mailId), ["bounced", null]);
    await visitor.post(`/credential-mails/${mailId}/bounce/withdrawal`);
    assert.deepEqual(await stateOf(mailId), ["accepted", null]);
    assert.match(await alertOf(taskId), /All 2 were sent an email/);
    const rows = await office.services.sql<{ what: string; who: string }[]>`
      select what, who from audit where subject = 'credential mail' and subject_id = ${
      mailId ?? 0
    } order by id`;
    assert.deepEqual(rows.map((row) => row.what), [
      "mark mail as bounced",
      "take back bounced mail",
    ]);
  });

  it("is marked once, however often it is said", async () => {
    const { taskId, mailIds: [mailId] } = await sentReset();
    const path = `/credential-mails/${mailId}/bounce`;
    await Promise.all([visitor.post(path), visitor.post(path), visitor.post(path)]);
    const again = await visitor.post(path, {}, PIECE);
    assert.match(await again.text(), /was marked as come back already/);
    const task = await findTask(office.services.sql, taskId);
    assert.equal(task?.facts["bounced"], 1);
    const [audit] = await office.services.sql<[{ count: number }]>`
      select count(*)::int as count from audit where what = 'mark mail as bounced' and subject_id = ${
      mailId ?? 0
    }`;
    assert.equal(audit.count, 1);
    await visitor.post(`${path}/withdrawal`);
    const twice = await visitor.post(`${path}/withdrawal`, {}, PIECE);
    assert.match(await twice.text(), /not marked any more/);
  });

  it("cannot be one that was signed in with, and is none any more once it was", async () => {
    const { sql } = office.services;
    const { taskId, mailIds: [mailId = 0] } = await sentReset();
    await visitor.post(`/credential-mails/${mailId}/bounce`);
    const [row] = await sql<{ id: number }[]>`
      select logon_id as id from credential_mails where id = ${mailId}`;
    const use = (): Promise<void> =>
      transaction(sql, (tx) => noteFirstUse(tx, row?.id ?? 0, office.clock.now()));
    await use();
    assert.equal((await stateOf(mailId))[0], "bounced", "another password was used");
    await sql`update logon_passwords set hash = ${HASH} where logon_id = ${row?.id ?? 0}`;
    await use();
    assert.deepEqual(await stateOf(mailId), ["accepted", null]);
    assert.equal((await findTask(sql, taskId))?.facts["bounced"], 0);
    const refused = await visitor.post(`/credential-mails/${mailId}/bounce`, {}, PIECE);
    assert.match(await refused.text(), /has signed in with this mail/);
    assert.equal((await visitor.piece(`/credential-mails/${mailId}/bounce`)).status, 422);
  });

  it("cannot be one that was never accepted, nor one that never was", async () => {
    const { sql } = office.services;
    const { mailIds: [mailId = 0] } = await sentReset();
    await sql`update credential_mails set state = 'refused' where id = ${mailId}`;
    const refused = await visitor.post(`/credential-mails/${mailId}/bounce`, {}, PIECE);
    assert.match(await refused.text(), /Only a mail that the mail server had accepted/);
    for (const id of ["0", "999999", "9223372036854775808", "x"]) {
      for (
        const path of [
          `/credential-mails/${id}/bounce`,
          `/credential-mails/${id}/bounce/withdrawal`,
        ]
      ) {
        assert.equal((await visitor.post(path)).status, 404, path);
      }
    }
  });

  it("keeps whatever is typed for its words, cut to what is kept", async () => {
    for (const words of ["x".repeat(10_000), "a\0b\ud800c", "😀".repeat(600), "<script>"]) {
      const { mailIds: [mailId] } = await sentReset();
      const response = await visitor.post(`/credential-mails/${mailId}/bounce`, { words });
      assert.equal(response.status, 303);
    }
    const [row] = await office.services.sql<[{ longest: number }]>`
      select max(char_length(bounce_words)) as longest from credential_mails`;
    assert.equal(row.longest, 500);
  });
});
