// What becomes of a mail is told by the server's reply, and by nothing else.

import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { openMailer, outcomeOf } from "../../lib/mail.ts";
import { openMailServer } from "../mail_server.ts";
import { openScriptedServer } from "../scripted_mail_server.ts";

const MAIL = { subject: "Zoë’s details", text: "text", html: "<p>html</p>", id: "one" };
const FROM = { address: "office@example.org", name: "Hillcrest, School" };

describe("a mailer", () => {
  it("tells accepted, put off and refused by the server's words", async () => {
    const server = await openMailServer();
    server.behave("later@example.org", "put off");
    server.behave("never@example.org", "refuse");
    server.behave("full@example.org", "refuse after data");
    const mailer = openMailer({ url: server.url, from: FROM, connections: 2 });
    const of = async (to: string): Promise<string> => {
      const { state, answer } = await mailer.send({ ...MAIL, to });
      return `${state}: ${answer}`;
    };
    assert.match(await of("zoe@example.org"), /^accepted: 250/);
    assert.match(await of("later@example.org"), /^deferred: .*450 Greylisted/);
    assert.match(await of("never@example.org"), /^refused: .*550 No such mailbox here/);
    assert.match(await of("full@example.org"), /^refused: .*552 Mailbox full/);
    mailer.close();
    await server.close();
    assert.deepEqual(server.received.map((mail) => mail.to), ["zoe@example.org"]);
    assert.equal(server.received[0]?.messageId, "<one@example.org>");
    assert.equal(server.received[0]?.subject, "Zoë’s details");
  });

  it("does not know what became of a mail when the connection is lost after it", async () => {
    const server = await openMailServer();
    server.behave("zoe@example.org", "take and hang up");
    const mailer = openMailer({ url: server.url, from: FROM, connections: 1 });
    assert.equal((await mailer.send({ ...MAIL, to: "zoe@example.org" })).state, "unknown");
    mailer.close();
    await server.close();
  });

  it("gives the mail server no more mails a minute than it is to be given", async () => {
    const server = await openMailServer();
    const mailer = openMailer({ url: server.url, from: FROM, connections: 5, perMinute: 2 });
    const sent = ["one", "two", "three"].map((id) =>
      mailer.send({ ...MAIL, id, to: "zoe@example.org" })
    );
    await Promise.race(sent);
    const third = Promise.all(sent).then(() => "sent");
    const moment = new Promise((done) => setTimeout(done, 500, "waits"));
    assert.equal(await Promise.race([third, moment]), "waits");
    assert.equal(server.received.length, 2);
    mailer.close();
    const outcomes = await Promise.all(sent);
    assert.deepEqual(outcomes.map(({ state }) => state), ["accepted", "accepted", "deferred"]);
    await server.close();
  });

  it("sends a mail but for its end, and that when it may: until then the server has nothing", async () => {
    const server = await openMailServer();
    const mailer = openMailer({ url: server.url, from: FROM, connections: 2 });
    const may = Promise.withResolvers<void>();
    const asked = Promise.withResolvers<void>();
    const waiting = mailer.send({ ...MAIL, to: "zoe@example.org" }, () => {
      asked.resolve();
      return may.promise;
    });
    await asked.promise;
    // Another goes out meanwhile.
    assert.equal((await mailer.send({ ...MAIL, to: "ana@example.org" })).state, "accepted");
    assert.deepEqual(server.received.map((mail) => mail.to), ["ana@example.org"]);
    may.resolve();
    assert.equal((await waiting).state, "accepted");
    assert.deepEqual(server.received.map((mail) => mail.to), [
      "ana@example.org",
      "zoe@example.org",
    ]);
    mailer.close();
    await server.close();
  });

  it("puts off a mail whose connection is lost before its end, and keeps nobody waiting for it", async () => {
    const server = await openMailServer();
    const mailer = openMailer({ url: server.url, from: FROM, connections: 1, patience: 300 });
    const never = new Promise<void>(() => {});
    const outcome = await mailer.send({ ...MAIL, to: "zoe@example.org" }, () => never);
    assert.equal(outcome.state, "deferred", outcome.answer);
    assert.equal((await mailer.send({ ...MAIL, to: "zoe@example.org" })).state, "accepted");
    assert.equal(server.received.length, 1);
    mailer.close();
    await server.close();
  });

  it("waits for its turn where the server takes fewer connections, and not for ever where it takes none", async () => {
    const server = await openMailServer({ connections: 1 });
    const mailer = openMailer({ url: server.url, from: FROM, connections: 3 });
    const ids = ["one", "two", "three", "four", "five"];
    const sent = ids.map((id) => mailer.send({ ...MAIL, id, to: "zoe@example.org" }));
    const states = (await Promise.all(sent)).map(({ state }) => state);
    assert.deepEqual(states, ids.map(() => "accepted"));
    mailer.close();
    await server.close();
    const busy = await openScriptedServer({ banner: "421 Too busy" });
    const turnedAway = openMailer({ url: busy.url, from: FROM, connections: 3 });
    const tried = ids.map((id) => turnedAway.send({ ...MAIL, id, to: "zoe@example.org" }));
    const outcomes = (await Promise.all(tried)).map(({ state }) => state);
    assert.deepEqual(outcomes, ids.map(() => "deferred"));
    turnedAway.close();
    await busy.close();
  });

  it("tries again later where no server answers at all", async () => {
    const mailer = openMailer({ url: "smtp://127.0.0.1:1", from: FROM, connections: 1 });
    assert.equal((await mailer.send({ ...MAIL, to: "zoe@example.org" })).state, "deferred");
    mailer.close();
  });

  it("goes by the class of the reply, not by its text", () => {
    const failed = (responseCode: number): string =>
      outcomeOf(Object.assign(new Error("x"), { responseCode, code: "EENVELOPE" }), true).state;
    assert.deepEqual([421, 450, 499, 500, 550, 554].map(failed), [
      "deferred",
      "deferred",
      "deferred",
      "refused",
      "refused",
      "refused",
    ]);
  });
});
