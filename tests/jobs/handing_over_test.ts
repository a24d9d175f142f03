// A reset hands its mails over one at a time, and loses no time between two of them.

import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { addCredentialMails, countMails, CREDENTIAL_MAILS } from "../../db/credential_mails.ts";
import { transaction } from "../../db/connect.ts";
import { addTask, claimTask } from "../../db/tasks.ts";
import { runCredentialMails } from "../../jobs/credential_mails.ts";
import { type Mailer, type MailOutcome, openMailer } from "../../lib/mail.ts";
import { openMailServer } from "../mail_server.ts";
import { type Office, openOffice } from "../office.ts";

/** Of a reset, with a mail server that this test is itself. */
type Watched = {
  /** Mails that the server had been given whole while it was not kept yet what became of them, at the end of each. */
  readonly notKept: number[];
  /** Mails that were sent up to their end, when the server answers for each. */
  readonly prepared: number[];
  readonly accepted: number;
};

describe("handing over the mails of a reset", () => {
  let office: Office;
  before(async () => {
    office = await openOffice({ SMTP_URL: "smtp://127.0.0.1:1" });
  });
  after(() => office.close());

  /** Everybody who has an email is asked for. */
  async function start(): Promise<number> {
    const { sql, clock } = office.services;
    return await transaction(sql, async (tx) => {
      const [admin] = await tx<[{ id: number }]>`select min(id) as id from admins`;
      const rows = await tx<{ id: number }[]>`
        select id from logons where email is not null and deleted_at is null and suspended_at is null`;
      const task = { kind: CREDENTIAL_MAILS, title: "Bulk Reset", adminId: admin.id, facts: {} };
      const id = await addTask(tx, { ...task, requestId: null });
      await addCredentialMails(tx, {
        taskId: id,
        choice: { ids: rows.map((row) => row.id) },
        enableTfa: false,
        author: { adminId: admin.id, who: "test" },
        withoutLearner: true,
      }, { at: clock.now(), today: clock.today(), leaverDays: 90 });
      return id;
    });
  }

  async function run(taskId: number, mailer: Mailer): Promise<void> {
    const { services } = office;
    const { hasher } = services;
    const taken = await claimTask(services.sql, taskId, services.clock.now());
    assert.ok(taken);
    await runCredentialMails({
      // Cheap hashes: it is the handing over that is watched here.
      services: {
        ...services,
        mailer,
        hasher: { ...hasher, hash: (word) => hasher.hash(word, 4) },
      },
      ...taken,
      stopping: new AbortController().signal,
    });
  }

  async function watch(becomes: (nth: number) => MailOutcome): Promise<Watched> {
    const { sql } = office.services;
    const taskId = await start();
    let sending = 0;
    let given = 0;
    const notKept: number[] = [];
    const prepared: number[] = [];
    const mailer: Mailer = {
      async send(_mail, beforeEnd): Promise<MailOutcome> {
        sending++;
        try {
          await beforeEnd?.();
          const [row] = await sql<[{ kept: number }]>`
            select count(*)::int as kept from credential_mails
             where task_id = ${taskId} and (state in ('accepted', 'refused'))`;
          notKept.push(given - row.kept);
          given++;
          await new Promise((done) => setTimeout(done, 20));
          prepared.push(sending - 1);
          return becomes(given);
        } finally {
          sending--;
        }
      },
      close(): void {},
    };
    await run(taskId, mailer);
    const { accepted } = await countMails(sql, taskId);
    assert.ok(given > 10);
    return { notKept, prepared, accepted };
  }

  it("ends no mail before it is kept what became of the one before, which the next one awaits sent but for its end", async () => {
    const { notKept, prepared, accepted } = await watch(() => ({ state: "accepted", answer: "" }));
    assert.equal(accepted, notKept.length);
    assert.ok(notKept.every((mails) => mails === 0), notKept.join());
    // One mail is prepared, and never two.
    assert.ok(prepared.every((mails) => mails <= 1), prepared.join());
    assert.ok(prepared.some((mails) => mails === 1), prepared.join());
  });

  it("goes on where mails are refused", async () => {
    const { notKept, accepted } = await watch((nth) => ({
      state: nth % 2 === 0 ? "refused" : "accepted",
      answer: "550 No such mailbox",
    }));
    assert.equal(accepted, Math.ceil(notKept.length / 2));
    assert.ok(notKept.every((mails) => mails === 0), notKept.join());
  });

  it("loses no try where the mail server takes one connection only", async () => {
    const server = await openMailServer({ connections: 1 });
    const from = { address: "office@school.example", name: "Hillcrest School" };
    const mailer = openMailer({ url: server.url, from, connections: 3 });
    const taskId = await start();
    await run(taskId, mailer);
    mailer.close();
    await server.close();
    const rows = await office.services.sql<{ state: string; tries: number }[]>`
      select state, tries from credential_mails where task_id = ${taskId} and state <> 'left out'`;
    assert.ok(rows.length > 10);
    assert.ok(rows.every(({ state, tries }) => state === "accepted" && tries === 1));
    assert.equal(server.received.length, rows.length);
  });
});
