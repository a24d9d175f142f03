// A mail server that says what a test tells it to, line by line, or nothing at all: for what no well-behaved server does.

import { createServer, type Socket } from "node:net";
import type { AddressInfo } from "node:net";

/** What becomes of a connection at one of its stages. */
export type Script = {
  /** Sent at once; nothing if it is left out, as a server that hangs. */
  readonly banner?: string;
  /** The answer to a line that begins with the key, in capitals; `drop` ends the connection, `stall` says nothing. */
  readonly answers?: Readonly<Record<string, string>>;
  /** In the middle of a mail, as soon as its headers are there; the mail is over for the server then. */
  readonly inMail?: string;
  /** After the final dot. */
  readonly afterDot?: string;
};

export type ScriptedServer = {
  readonly url: string;
  /** The commands it was given, in order. */
  readonly heard: string[];
  /** Mails that it was given whole. */
  readonly mails: string[];
  close(): Promise<void>;
};

const POLITE: Readonly<Record<string, string>> = {
  EHLO: "250 scripted",
  HELO: "250 scripted",
  "MAIL FROM": "250 Ok",
  "RCPT TO": "250 Ok",
  DATA: "354 Go on",
  RSET: "250 Ok",
  QUIT: "221 Bye",
};

/** Opens one on this machine. A text that ends in `…` is sent without its line's end, and then nothing more. */
export async function openScriptedServer(script: Script): Promise<ScriptedServer> {
  const heard: string[] = [];
  const mails: string[] = [];
  const sockets = new Set<Socket>();
  const answers = { ...POLITE, ...script.answers };

  function say(socket: Socket, text: string | undefined): void {
    if (text === undefined || text === "stall") return;
    if (text === "drop") socket.destroy();
    else if (text.endsWith("…")) socket.write(text.slice(0, -1));
    else socket.write(`${text}\r\n`);
  }

  const server = createServer((socket) => {
    let text = "";
    let inMail = false;
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => sockets.delete(socket));
    say(socket, script.banner);
    socket.on("data", (bytes) => {
      text += String(bytes);
      for (;;) {
        if (inMail && script.inMail !== undefined && text.includes("\r\n\r\n")) {
          [inMail, text] = [false, ""];
          say(socket, script.inMail);
        }
        const end = inMail ? text.indexOf("\r\n.\r\n") : text.indexOf("\r\n");
        if (end < 0) return;
        const part = text.slice(0, end);
        text = text.slice(end + (inMail ? 5 : 2));
        if (inMail) {
          mails.push(part);
          inMail = false;
          say(socket, script.afterDot ?? "250 Ok: queued");
          continue;
        }
        heard.push(part);
        const verb = Object.keys(answers).find((one) => part.toUpperCase().startsWith(one));
        const answer = verb === undefined ? "500 What?" : answers[verb];
        inMail = verb === "DATA" && (answer ?? "").startsWith("354");
        say(socket, answer);
      }
    });
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  return {
    url: `smtp://127.0.0.1:${portOf(server.address())}`,
    heard,
    mails,
    close(): Promise<void> {
      sockets.forEach((socket) => socket.destroy());
      return new Promise((closed) => server.close(() => closed()));
    },
  };
}

function portOf(address: AddressInfo | string | null): number {
  return address !== null && typeof address === "object" ? address.port : 0;
}
