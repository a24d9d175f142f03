// doctor's look at the mail server, and the pipe for delivery reports, as an operator and a mail server use them.

import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { checkMail } from "../../commands/doctor_mail.ts";
import { readConfig } from "../../config.ts";
import type { Config } from "../../config.ts";
import { readBounce } from "../bounce_fixtures.ts";
import { type MailServer, openMailServer } from "../mail_server.ts";
import { openTestDatabase, type TestDatabase } from "../database.ts";
import { runProgram } from "../program.ts";
import { openScriptedServer } from "../scripted_mail_server.ts";

const KEY = new Uint8Array(32).fill(7).toBase64();
const HASH = "$2b$10$7ZmbJH42Jg5TmYeJT2OeWegnYf4BiJ0XG55MktUE9B5jNLWrVsMC2";
const SEED = "00000000-0000-4000-8000-000000000001";

describe("doctor's look at mail", () => {
  let mails: MailServer;
  before(async () => {
    mails = await openMailServer();
  });
  after(() => mails.close());

  function configOf(more: Record<string, string>): Config {
    return readConfig(() => undefined, { MAIL_FROM: "office@school.example", ...more });
  }

  async function found(config: Config, address?: string): Promise<string[]> {
    return (await checkMail(config, address)).map((one) =>
      `${one.name}: ${one.state}: ${one.sentence}`
    );
  }

  it("says that nothing can be mailed where no server is set", async () => {
    assert.match((await found(configOf({})))[0] ?? "", /look at this: SMTP_URL is not set/);
  });

  it("connects as for a mail, and sends nothing", async () => {
    const lines = await found(configOf({ SMTP_URL: mails.url }));
    assert.match(lines[0] ?? "", /sender: look at this: MAIL_FROM is office@school\.example/);
    assert.match(lines[1] ?? "", /mail: well: 127\.0\.0\.1:\d+ answers and lets us in/);
    assert.equal(mails.received.length, 0);
  });

  it("tells in the server's words why it cannot be used, and never the password", async () => {
    const server = await openScriptedServer({
      banner: "220 x",
      answers: { EHLO: "250-x\r\n250 AUTH PLAIN", AUTH: "535 5.7.8 Wrong password" },
    });
    const { port } = new URL(server.url);
    const [, line = ""] = await found(
      configOf({ SMTP_URL: `smtp://u:secret-word@127.0.0.1:${port}` }),
    );
    await server.close();
    assert.match(line, /mail: wrong: .*535 5\.7\.8 Wrong password\. Check SMTP_URL/);
    assert.doesNotMatch(line, /secret-word/);
  });

  it("says so where nobody answers", async () => {
    const [, line = ""] = await found(configOf({ SMTP_URL: "smtp://127.0.0.1:1" }));
    assert.match(line, /mail: wrong: 127\.0\.0\.1:1 cannot be used/);
  });

  it("sends a mail to try it, if asked, and tells what the server said", async () => {
    mails.behave("never@example.org", "refuse");
    const config = configOf({ SMTP_URL: mails.url });
    const [, , sent = ""] = await found(config, "zoe@example.org");
    assert.match(sent, /trial: well: The mail to zoe@example\.org was accepted: 250/);
    assert.equal(mails.received.at(-1)?.to, "zoe@example.org");
    const [, , refused = ""] = await found(config, "never@example.org");
    assert.match(refused, /trial: wrong: .* was refused: 550 No such mailbox here/);
    const [, , wrong = ""] = await found(config, "a@b.c, d@e.f");
    assert.match(wrong, /is not one address/);
    assert.equal(mails.received.length, 1);
  });
});

describe("bounce", () => {
  let database: TestDatabase;
  before(async () => {
    database = await openTestDatabase();
  });
  after(() => database.close());

  async function pipe(file: string): Promise<{ code: number; stdout: string }> {
    const text = new TextDecoder().decode(await readBounce(file));
    const settings = { DATABASE_URL: database.url, SECRET_KEY: KEY };
    return await runProgram(["bounce"], settings, text);
  }

  async function stateOf(): Promise<[string, string | null] | undefined> {
    const [row] = await database.sql<{ state: string; words: string | null }[]>`
      select state, bounce_words as words from credential_mails where seed = ${SEED}`;
    return row && [row.state, row.words];
  }

  it("marks the mail that the report is about, once, and leaves everything else alone", async () => {
    const { sql } = database;
    const unknown = await pipe("postfix.eml");
    assert.deepEqual([unknown.code, /No mail of ours/.test(unknown.stdout)], [0, true]);
    await sql`
      insert into credential_mails (seed, asked_at, name, username, address, enable_tfa, state, pending_hash, due_at)
      values (${SEED}, now(), 'Ama Boateng', 'ama.boateng', 'ama.boateng@example.org', false, 'sending', ${HASH}, now())`;
    const early = await pipe("postfix.eml");
    assert.equal(early.code, 75, "the server brings it again");
    await sql`update credential_mails set state = 'accepted', settled_at = now() where seed = ${SEED}`;
    assert.equal((await pipe("postfix_delayed.eml")).code, 0);
    assert.equal((await pipe("out_of_office.eml")).code, 0);
    assert.deepEqual(await stateOf(), ["accepted", null]);
    const marked = await pipe("gmail.eml");
    assert.deepEqual([marked.code, /marked as come back/.test(marked.stdout)], [0, true]);
    const words = (await stateOf())?.[1] ?? "";
    assert.match(words, /^550 5\.1\.1 The email account that you tried to reach does not exist/);
    const again = await pipe("exchange.eml");
    assert.deepEqual([again.code, /was marked before/.test(again.stdout)], [0, true]);
    assert.deepEqual(await stateOf(), ["bounced", words]);
    const [audit] = await sql<[{ count: number; who: string }]>`
      select count(*)::int as count, min(who) as who from audit where what = 'mark mail as bounced'`;
    assert.deepEqual(audit, { count: 1, who: "bounce report" });
  });

  it("asks the mail server to come again while the database is away", async () => {
    const text = new TextDecoder().decode(await readBounce("postfix.eml"));
    const settings = { DATABASE_URL: "postgres://nobody@127.0.0.1:1/none", SECRET_KEY: KEY };
    assert.equal((await runProgram(["bounce"], settings, text)).code, 75);
  });
});
