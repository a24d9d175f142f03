// What is logged of one deed, from the page to its mails: all by the number that the browser was given, and no address.

import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { transaction } from "../../db/connect.ts";
import { addCredentialMails } from "../../db/credential_mails.ts";
import { addNotices } from "../../db/notices.ts";
import { addTask } from "../../db/tasks.ts";
import { credentialMails } from "../../jobs/credential_mails.ts";
import { sendDueNotices } from "../../jobs/notices.ts";
import { runJob } from "../../jobs/queue.ts";
import { type MailServer, openMailServer } from "../mail_server.ts";
import { type Office, openOffice, signIn } from "../office.ts";

describe("the log of a deed", () => {
  let mails: MailServer;
  let office: Office;
  before(async () => {
    mails = await openMailServer();
    office = await openOffice({ SMTP_URL: mails.url });
  });
  after(async () => {
    await office.close();
    await mails.close();
  });

  function lines(event: string): Record<string, unknown>[] {
    return office.logged.map((line) => JSON.parse(line)).filter((line) => line.event === event);
  }

  it("has the request's number on the page's line, the task's and each mail's", async () => {
    const { sql } = office.services;
    const visitor = await signIn(office);
    const page = await visitor.get("/logons");
    await page.body?.cancel();
    const request = page.headers.get("x-request-id");
    assert.ok(request);
    assert.ok(lines("request").some((line) => line["request"] === request));
    const [admin] = await sql<[{ id: number }]>`select id from admins where username = 'office'`;
    const logons = await sql<{ id: number; email: string }[]>`
      select id, email from logons where username in ('ama.boateng', 'lukasz.w') order by id`;
    const [first, second] = logons;
    assert.ok(first && second);
    mails.behave(second.email, "refuse");
    const taskId = await transaction(sql, async (tx) => {
      const task = {
        kind: credentialMails.kind,
        title: "Bulk Reset",
        adminId: admin.id,
        facts: {},
      };
      const id = await addTask(tx, { ...task, requestId: request });
      await addCredentialMails(tx, {
        taskId: id,
        choice: { ids: logons.map((logon) => logon.id) },
        enableTfa: false,
        author: { adminId: admin.id, who: "test", requestId: request },
        withoutLearner: false,
      }, { at: office.clock.now(), today: office.clock.today(), leaverDays: 90 });
      return id;
    });
    office.logged.length = 0;
    await runJob(office.services, credentialMails, taskId, new AbortController().signal, true);

    const tried = lines("mail tried");
    assert.deepEqual(tried.map((line) => line["outcome"]).sort(), ["accepted", "refused"]);
    const ids = await sql<{ id: number }[]>`
      select id from credential_mails where task_id = ${taskId} order by id`;
    assert.deepEqual(
      tried.map((line) => Number(line["mail"])).sort((one, other) => one - other),
      ids.map(({ id }) => id),
    );
    for (const line of [...tried, ...lines("task settled")]) {
      assert.equal(line["request"], request);
      assert.equal(line["task"], taskId);
      assert.equal(line["kind"], "credential mails");
    }
    assert.equal(lines("task settled").length, 1);
    assert.doesNotMatch(office.logged.join("\n"), /@/, "no address");
  });

  it("names a notice by its number, and says nothing of what the mail server said", async () => {
    const { services, clock } = office;
    const address = "zoe.aalto@example.org";
    mails.behave(address, "put off");
    await transaction(
      services.sql,
      (tx) =>
        addNotices(
          tx,
          [{ kind: "phone removed", name: "Zoë Aalto", address, facts: {} }],
          { at: clock.now(), requestId: "r-of-the-page" },
        ),
    );
    office.logged.length = 0;
    assert.ok(services.mailer);
    await sendDueNotices(services, services.mailer);
    const [notice] = await services.sql<{ id: number }[]>`
      select id from notices where address = ${address}`;
    const [line] = lines("notice tried");
    assert.equal(line?.["notice"], notice?.id);
    assert.deepEqual([line?.["outcome"], line?.["request"]], ["deferred", "r-of-the-page"]);
    assert.doesNotMatch(office.logged.join("\n"), /@|Zoë|Greylisted/);
    const text = await services.metrics.text();
    assert.match(text, /^parent_logons_mail_tries_total\{outcome="accepted"\} 1$/m);
    assert.match(text, /^parent_logons_mail_tries_total\{outcome="deferred"\} 1$/m);
    assert.match(text, /^parent_logons_mail_tries_total\{outcome="refused"\} 1$/m);
  });
});
