// The demo's mail server takes a mail as any mail server does, and keeps it.

import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { connect } from "node:net";
import { openMailCatcher } from "../../lib/mail_catcher.ts";

/** Says one line after each answer, and gives all that the server said. */
function converse(port: number, lines: readonly string[]): Promise<string> {
  return new Promise((done, failed) => {
    const waiting = [...lines];
    let said = "";
    const socket = connect(port, "127.0.0.1");
    socket.on("data", (bytes) => {
      said += String(bytes);
      if (!/^\d{3} .*\r\n$/m.test(String(bytes))) return;
      const next = waiting.shift();
      if (next === undefined) socket.end();
      else socket.write(next + "\r\n");
    });
    socket.on("close", () => done(said));
    socket.on("error", failed);
  });
}

describe("the mail catcher", () => {
  it("keeps subject, recipients and text, whatever their encoding", async () => {
    const catcher = await openMailCatcher();
    const said = await converse(Number(new URL(catcher.url).port), [
      "EHLO test",
      "MAIL FROM:<office@example.org>",
      "RCPT TO:<zoe@example.org>",
      "DATA",
      [
        "Subject: =?utf-8?q?Zo=C3=AB=E2=80=99s_logon?=",
        "Content-Type: text/plain; charset=utf-8",
        "Content-Transfer-Encoding: quoted-printable",
        "",
        "Username: zo=C3=AB",
        ".",
      ].join("\r\n"),
      "QUIT",
    ]);
    const [mail] = catcher.list();
    await catcher.close();
    assert.match(said, /^250 /m);
    assert.equal(mail?.subject, "Zoë’s logon");
    assert.deepEqual(mail?.to, ["zoe@example.org"]);
    assert.equal(mail?.text.trim(), "Username: zoë");
  });
});
