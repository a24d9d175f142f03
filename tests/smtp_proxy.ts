// Stands between the program and a mail server, understands the conversation, and can stop it at any point.

import { connect, createServer, type Server, type Socket } from "node:net";

/** Where a conversation is: before what is named is passed on; "reply passed on" is after it. */
export const MAIL_POINTS = [
  "connection",
  "greeting",
  "EHLO",
  "MAIL",
  "RCPT",
  "DATA",
  "half of the body",
  "final dot",
  "reply to the dot",
  "reply passed on",
] as const;
export type MailPoint = typeof MAIL_POINTS[number];

/** What becomes of it at a point: `half` passes the first half of the bytes and hangs up; a reply is given in the server's place. */
export type Verdict = "pass" | "hang up" | "stall" | "half" | { readonly reply: string };

export type SmtpProxy = {
  readonly url: string;
  close(): Promise<void>;
};

/** @param at is asked at every point; the server does not say that it takes several commands at once, so each is alone */
export async function openSmtpProxy(
  mailUrl: string,
  at: (point: MailPoint, to: string) => Verdict | Promise<Verdict>,
  port = 0,
): Promise<SmtpProxy> {
  const target = new URL(mailUrl);
  const sockets = new Set<Socket>();
  const server: Server = createServer(async (near) => {
    keep(sockets, near);
    if (await at("connection", "") !== "pass") return near.destroy();
    const far = connect(Number(target.port), target.hostname);
    keep(sockets, far);
    near.on("close", () => far.destroy());
    far.on("close", () => near.destroy());
    converse(near, far, at);
    return undefined;
  });
  await new Promise<void>((done) => server.listen(port, "127.0.0.1", () => done()));
  const address = server.address();
  return {
    url: `smtp://127.0.0.1:${address !== null && typeof address === "object" ? address.port : 0}`,
    async close(): Promise<void> {
      sockets.forEach((socket) => socket.destroy());
      await new Promise<void>((done) => server.close(() => done()));
    },
  };
}

function keep(sockets: Set<Socket>, socket: Socket): void {
  sockets.add(socket);
  socket.on("error", () => socket.destroy());
  socket.on("close", () => sockets.delete(socket));
}

function converse(
  near: Socket,
  far: Socket,
  at: (point: MailPoint, to: string) => Verdict | Promise<Verdict>,
): void {
  let to = "";
  let greeted = false;
  let body = false;
  let begun = false;
  /** The last characters of the body: the end may come in a piece of its own. */
  let tail = "";
  let dotSent = false;

  /** Asks, then passes the bytes on as the verdict says. @returns whether the conversation goes on */
  async function pass(point: MailPoint | null, bytes: Uint8Array, other: Socket): Promise<boolean> {
    const verdict = point === null ? "pass" : await at(point, to);
    if (verdict === "stall") return false;
    if (verdict === "pass") return !other.destroyed && (other.write(bytes), true);
    if (verdict === "half") other.write(bytes.subarray(0, bytes.length >> 1));
    if (typeof verdict === "object") {
      near.write(`${verdict.reply}\r\n`);
      // In the middle of a mail the server waits for the rest: it is left there.
      if (!verdict.reply.startsWith("421") && point !== "final dot") return true;
    }
    // What was written gets out first.
    setTimeout(() => (near.destroy(), far.destroy()), 20);
    return false;
  }

  async function passCommand(line: string): Promise<boolean> {
    const verb = line.slice(0, 4).toUpperCase();
    to = /^RCPT TO:<([^>]*)>/i.exec(line)?.[1] ?? to;
    const point = (["EHLO", "MAIL", "RCPT", "DATA"] as const).find((known) => known === verb);
    if (!await pass(point ?? null, new TextEncoder().encode(line), far)) return false;
    if (verb === "DATA") {
      body = true;
      begun = false;
      tail = "";
    }
    return true;
  }

  async function passBody(bytes: Uint8Array): Promise<boolean> {
    tail = (tail + new TextDecoder("latin1").decode(bytes)).slice(-5);
    const first = !begun;
    begun = true;
    const half = bytes.length >> 1;
    if (first && !await pass("half of the body", bytes.subarray(0, half), far)) return false;
    const rest = first ? bytes.subarray(half) : bytes;
    if (tail !== "\r\n.\r\n") return await pass(null, rest, far);
    body = false;
    dotSent = true;
    return await pass("final dot", rest, far);
  }

  inTurn(near, async (bytes) => {
    if (body) return await passBody(bytes);
    return await passCommand(new TextDecoder().decode(bytes));
  });

  inTurn(far, async (bytes) => {
    if (!greeted) {
      greeted = true;
      return await pass("greeting", bytes, near);
    }
    if (!dotSent) return await pass(null, withoutPipelining(bytes), near);
    dotSent = false;
    if (!await pass("reply to the dot", bytes, near)) return false;
    return await at("reply passed on", to) === "pass";
  });
}

/** Takes RFC 2920 out of what the server says that it can. */
function withoutPipelining(reply: Uint8Array): Uint8Array {
  const text = new TextDecoder("latin1").decode(reply);
  return new TextEncoder().encode(text.replace(/250-PIPELINING\r\n/, ""));
}

/** Takes what arrives piece by piece: the next is looked at when the one before has been passed on. */
function inTurn(socket: Socket, take: (bytes: Uint8Array) => Promise<boolean>): void {
  let before = Promise.resolve(true);
  socket.on("data", (bytes: Uint8Array) => {
    before = before.then((goesOn) => goesOn ? take(new Uint8Array(bytes)) : false);
  });
}
