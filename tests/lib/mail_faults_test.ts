// Whatever a mail server does, at whatever moment: what the ledger says of the mail is true, and TLS is not to be talked out of.

import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { SMTPServer } from "smtp-server";
import { openLimit } from "../../lib/limit.ts";
import { type MailOutcome, openMailer } from "../../lib/mail.ts";
import { openScriptedServer, type Script } from "../scripted_mail_server.ts";

const FROM = { address: "office@example.org", name: "Hillcrest School" };
const MAIL = { to: "zoe@example.org", subject: "s", text: "t", html: "<p>h</p>", id: "one" };
const HELLO = "220 scripted ESMTP";

/** Sends one mail to a server that follows the script. */
async function sendTo(
  script: Script,
): Promise<MailOutcome & { heard: string[]; mails: number }> {
  const server = await openScriptedServer(script);
  const mailer = openMailer({ url: server.url, from: FROM, connections: 1, patience: 400 });
  try {
    return { ...await mailer.send(MAIL), heard: server.heard, mails: server.mails.length };
  } finally {
    mailer.close();
    await server.close();
  }
}

/** A server with the certificate that no authority has signed. */
async function openUntrusted(
  options: { secure?: boolean; offersTls?: boolean },
): Promise<{ port: number; given: string[]; close(): Promise<void> }> {
  const given: string[] = [];
  const server = new SMTPServer({
    secure: options.secure ?? false,
    authOptional: true,
    logger: false,
    disabledCommands: options.offersTls === false ? ["STARTTLS"] : [],
    onAuth(auth, _session, done): void {
      given.push(`password ${auth.password ?? ""}`);
      done(null, { user: auth.username ?? "" });
    },
    onMailFrom(address, _session, done): void {
      given.push(`from ${address.address}`);
      done();
    },
  });
  server.on("error", () => {});
  await new Promise<void>((listening) => server.listen(0, "0.0.0.0", () => listening()));
  const address = server.server.address();
  return {
    port: address !== null && typeof address === "object" ? address.port : 0,
    given,
    close: () => new Promise((closed) => server.close(() => closed())),
  };
}

describe("a mail server that misbehaves", () => {
  const ANSWERS: readonly (readonly [string, Script, MailOutcome["state"], RegExp])[] = [
    ["is not at home", { banner: "421 Too busy" }, "deferred", /421 Too busy/],
    ["lets nobody in", { banner: "554 No service for you" }, "deferred", /554 No service/],
    [
      "puts the sender off",
      { banner: HELLO, answers: { "MAIL FROM": "451 Later" } },
      "deferred",
      /451 Later/,
    ],
    [
      "refuses the sender",
      { banner: HELLO, answers: { "MAIL FROM": "550 5.7.1 Not you" } },
      "refused",
      /550 5\.7\.1 Not you/,
    ],
    [
      "greylists",
      { banner: HELLO, answers: { "RCPT TO": "450 4.2.0 Greylisted, come back" } },
      "deferred",
      /450 4\.2\.0 Greylisted/,
    ],
    [
      "has no such mailbox",
      { banner: HELLO, answers: { "RCPT TO": "550 5.1.1 No such user" } },
      "refused",
      /550 5\.1\.1/,
    ],
    [
      "closes in the middle, by 421",
      { banner: HELLO, answers: { DATA: "421 4.3.2 Shutting down" } },
      "deferred",
      /421 4\.3\.2/,
    ],
    ["refuses what it was given", { banner: HELLO, afterDot: "554 5.6.0 Spam" }, "refused", /Spam/],
    [
      "has no room for what it was given",
      { banner: HELLO, afterDot: "452 4.3.1 No room" },
      "deferred",
      /452 4\.3\.1/,
    ],
    [
      "accepts in several lines",
      { banner: HELLO, afterDot: "250-2.0.0 Ok\r\n250 id 7" },
      "accepted",
      /250/,
    ],
  ];
  for (const [name, script, state, answer] of ANSWERS) {
    it(`${name}: ${state}, in its own words`, async () => {
      const outcome = await sendTo(script);
      assert.equal(outcome.state, state, outcome.answer);
      assert.match(outcome.answer, answer);
    });
  }

  const LOST: readonly (readonly [string, Script])[] = [
    ["never greets", {}],
    ["greets by half", { banner: "220 scri…" }],
    ["hangs up at MAIL FROM", { banner: HELLO, answers: { "MAIL FROM": "drop" } }],
    ["hangs up before DATA", { banner: HELLO, answers: { DATA: "drop" } }],
    ["hangs up after the final dot", { banner: HELLO, afterDot: "drop" }],
    ["says half a 250 and falls silent", { banner: HELLO, afterDot: "25…" }],
    ["says nothing after the final dot", { banner: HELLO, afterDot: "stall" }],
    ["says something that is no answer", { banner: HELLO, afterDot: "well, perhaps" }],
  ];
  for (const [name, script] of LOST) {
    it(`${name}: never said to be accepted or refused`, async () => {
      const outcome = await sendTo(script);
      // Whoever has been given the whole mail may have kept it, and nobody else.
      const state = outcome.mails > 0 ? "unknown" : "deferred";
      assert.equal(outcome.state, state, JSON.stringify(outcome));
    });
  }

  it("sends nothing at all but one mail to one address", async () => {
    const { heard } = await sendTo({ banner: HELLO });
    assert.deepEqual(heard.filter((line) => /^(MAIL|RCPT|DATA)/.test(line)), [
      "MAIL FROM:<office@example.org>",
      "RCPT TO:<zoe@example.org>",
      "DATA",
    ]);
  });
});

describe("a mail whose end is held back", () => {
  /** Sends one whose end is held back for ever, to a server that ends it itself; and another after it, by the same connection. */
  async function sendTwo(
    inMail: string,
  ): Promise<{ states: string[]; heard: string[]; mails: string[]; load: unknown }> {
    const server = await openScriptedServer({ banner: HELLO, inMail });
    const mailer = openMailer({ url: server.url, from: FROM, connections: 1, patience: 400 });
    const limit = openLimit(1);
    const before = Promise.withResolvers<void>();
    const holding = limit.run(() => before.promise);
    const first = await limit.runFromEnter((enter) => mailer.send(MAIL, enter));
    // Its turn comes when it is over.
    before.resolve();
    await holding;
    const second = await mailer.send({ ...MAIL, id: "two" });
    mailer.close();
    await server.close();
    const load = limit.load();
    return {
      states: [first.state, second.state],
      heard: server.heard,
      mails: server.mails,
      load,
    };
  }

  for (
    const [reply, state] of [
      ["452 4.3.1 No room", "deferred"],
      ["554 5.6.0 Spam", "refused"],
      ["250 Ok already", "unknown"],
      ["drop", "deferred"],
      ["421 4.3.2 Closing", "deferred"],
    ] as const
  ) {
    it(`is ${state} where the server says ${reply} in the middle, and its dot goes nowhere`, async () => {
      const { states, heard, mails, load } = await sendTwo(reply);
      assert.equal(states[0], state);
      assert.ok(!heard.includes("."), heard.join(" | "));
      assert.deepEqual(mails, []);
      assert.deepEqual(load, { running: 0, waiting: 0 });
    });
  }
});

describe("TLS to the mail server", () => {
  // Another address of this machine: not one of those for which TLS is let off.
  const HOST = "127.0.0.2";

  async function send(url: string): Promise<MailOutcome> {
    const mailer = openMailer({ url, from: FROM, connections: 1, patience: 2000 });
    try {
      return await mailer.send(MAIL);
    } finally {
      mailer.close();
    }
  }

  it("refuses a certificate that no authority signed, by STARTTLS, before it gives away anything", async () => {
    const server = await openUntrusted({});
    const outcome = await send(`smtp://user:secret-word@${HOST}:${server.port}`);
    await server.close();
    assert.equal(outcome.state, "deferred", outcome.answer);
    assert.match(outcome.answer, /certificate/i);
    assert.deepEqual(server.given, []);
  });

  it("refuses it as well where TLS comes first", async () => {
    const server = await openUntrusted({ secure: true });
    const outcome = await send(`smtps://user:secret-word@${HOST}:${server.port}`);
    await server.close();
    assert.equal(outcome.state, "deferred", outcome.answer);
    assert.match(outcome.answer, /certificate/i);
    assert.deepEqual(server.given, []);
  });

  it("sends nothing in the open to another machine that offers no TLS", async () => {
    const server = await openUntrusted({ offersTls: false });
    const outcome = await send(`smtp://user:secret-word@${HOST}:${server.port}`);
    await server.close();
    assert.equal(outcome.state, "deferred", outcome.answer);
    assert.match(outcome.answer, /500/);
    assert.deepEqual(server.given, []);
  });

  it("takes no wrong answer for a mail that was refused, where the server speaks no TLS", async () => {
    const server = await openUntrusted({ offersTls: false });
    const outcome = await send(`smtps://${HOST}:${server.port}`);
    await server.close();
    assert.equal(outcome.state, "deferred", outcome.answer);
  });

  it("puts mails off, and refuses none, while the password is wrong", async () => {
    const server = await openScriptedServer({
      banner: HELLO,
      answers: { EHLO: "250-scripted\r\n250 AUTH PLAIN", AUTH: "535 5.7.8 Wrong password" },
    });
    const url = new URL(server.url);
    const outcome = await send(`smtp://user:secret-word@127.0.0.1:${url.port}`);
    await server.close();
    assert.equal(outcome.state, "deferred");
    assert.match(outcome.answer, /535 5\.7\.8/);
    assert.doesNotMatch(outcome.answer, /secret-word/);
  });
});
