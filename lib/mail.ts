// Sends mail over SMTP and says truthfully what became of each: accepted, to be tried again, refused, or not known.

import { Readable } from "node:stream";
import { createTransport, type SendMailOptions } from "nodemailer";
import { openGate, openLanes } from "./mail_pace.ts";

/** What became of a mail, with the server's own words. */
export type MailOutcome = {
  /**
   * accepted: the server has it. deferred: not taken now, try again (4xx, or the connection was lost before the end of the
   * mail). refused: never (5xx). unknown: the connection was lost after it, and the server may have it.
   */
  readonly state: "accepted" | "deferred" | "refused" | "unknown";
  readonly answer: string;
  /** The server may have meant that it has as many connections as it takes; it does not have the mail. */
  readonly isCrowded?: boolean;
};

export type OutgoingMail = {
  /** One address; nothing else is written to. */
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  /** The same for every try of the same mail, without brackets: left side of the Message-ID. */
  readonly id: string;
};

export type Mailer = {
  /** @param beforeEnd awaited once, when nothing is left to send but the end of the mail: until then the server cannot have it */
  send(mail: OutgoingMail, beforeEnd?: () => Promise<void>): Promise<MailOutcome>;
  close(): void;
};

/** One that can be tried as well. */
export type TriedMailer = Mailer & {
  /** Connects, by TLS and with the password as for a mail, and sends nothing. */
  check(): Promise<MailOutcome>;
};

export type MailerOptions = {
  /** smtp://host:port or smtps://user:password@host:port */
  readonly url: string;
  /** Sender: the address, and the name beside it. */
  readonly from: { readonly address: string; readonly name: string };
  /** Connections at once. */
  readonly connections: number;
  /** Mails a minute at most; 0 for no limit. */
  readonly perMinute?: number;
  /** Milliseconds that the server may be silent. */
  readonly patience?: number;
};

/** Opens a pool of connections; nothing connects before the first mail. TLS is required but for this machine itself. */
export function openMailer(options: MailerOptions): TriedMailer {
  const url = new URL(options.url);
  const secure = url.protocol === "smtps:";
  const local = ["localhost", "127.0.0.1", "[::1]"].includes(url.hostname);
  const patience = options.patience ?? 30_000;
  const domain = options.from.address.split("@").at(-1) ?? "localhost";
  const transport = createTransport({
    host: url.hostname.replace(/^\[|\]$/g, ""),
    port: Number(url.port) || (secure ? 465 : 587),
    secure,
    requireTLS: !secure && !local,
    ignoreTLS: !secure && local,
    ...(url.username === "" ? {} : {
      auth: { user: decodeURIComponent(url.username), pass: decodeURIComponent(url.password) },
    }),
    pool: true,
    maxConnections: options.connections,
    maxMessages: 200,
    connectionTimeout: patience,
    greetingTimeout: patience,
    socketTimeout: patience,
    disableFileAccess: true,
    disableUrlAccess: true,
    logger: false,
  });

  transport.use("stream", (mail, done) => {
    const { data } = mail;
    if (isEnding(data)) mail.message.processFunc((content) => endingBy(content, data.end));
    done();
  });

  const gate = openGate(options.perMinute || Infinity);
  const lanes = openLanes(options.connections);

  async function trySending(
    mail: OutgoingMail,
    beforeEnd: (() => Promise<void>) | undefined,
  ): Promise<MailOutcome> {
    let ended = false;
    let isOver = false;
    // nodemailer goes on with a connection after a reply to half a mail, and would give its dot to the next one.
    const checkOver = (): void => {
      if (isOver) throw new Error("The mail server has answered before the end of the mail.");
    };
    const end = async (): Promise<void> => {
      checkOver();
      await beforeEnd?.();
      checkOver();
      ended = true;
    };
    try {
      const written: MailWithEnd = {
        end,
        from: options.from,
        to: { name: "", address: mail.to },
        envelope: { from: options.from.address, to: [mail.to] },
        subject: mail.subject,
        text: mail.text,
        html: mail.html,
        messageId: `<${mail.id}@${domain}>`,
        headers: { "Auto-Submitted": "auto-generated" },
      };
      const info = await transport.sendMail(written);
      return { state: ended ? "accepted" : "unknown", answer: oneLine(info.response) };
    } catch (error) {
      return outcomeOf(error, ended);
    } finally {
      isOver = true;
    }
  }

  return {
    async send(mail, beforeEnd): Promise<MailOutcome> {
      if (!await gate.pass()) return { state: "deferred", answer: "The program was stopped." };
      for (;;) {
        const { result, others } = await lanes.run(() => trySending(mail, beforeEnd));
        if (!result.isCrowded || others === 0) return result;
        // There may be room after one of the others.
        lanes.narrow(others);
      }
    },
    async check(): Promise<MailOutcome> {
      try {
        await transport.verify();
        return { state: "accepted", answer: "" };
      } catch (error) {
        return outcomeOf(error, false);
      }
    },
    close(): void {
      gate.close();
      transport.close();
    },
  };
}

type MailWithEnd = SendMailOptions & { readonly end: () => Promise<void> };

function isEnding(data: SendMailOptions): data is MailWithEnd {
  return "end" in data && typeof data.end === "function";
}

/** The same content, read only when the server waits for it, with a word before its end; the final dot comes after that. */
function endingBy(content: Readable, end: () => Promise<void>): Readable {
  async function* whole(): AsyncGenerator<unknown> {
    yield* content;
    await end();
  }
  return Readable.from(whole());
}

/**
 * By the reply's class (RFC 5321, 4.2.1); without a reply, by whether the end of the mail was sent (4.1.1.4: a server without it
 * has nothing to keep). A 5xx before any mail
 * was spoken of (the greeting, STARTTLS, the password) refuses us and not the mail: what is wrong with the server or with
 * SMTP_URL can be mended, and the mail goes out then.
 */
export function outcomeOf(error: unknown, ended: boolean): MailOutcome {
  const fields = error instanceof Error ? error : new Error(String(error));
  const code = "responseCode" in fields ? Number(fields.responseCode) : 0;
  const response = "response" in fields && typeof fields.response === "string"
    ? fields.response
    : fields.message;
  const answer = oneLine(response);
  const command = "command" in fields ? String(fields.command) : "";
  const beforeMail = /^(CONN|[EH]?[EH]LO|LHLO|STARTTLS|AUTH)/.test(command);
  if (code >= 500) return { state: beforeMail ? "deferred" : "refused", answer };
  // 421: RFC 5321, 4.3.2; 432: Exchange.
  const isCrowded = !ended && (code === 421 || code === 432 || beforeMail);
  if (code >= 400) return { state: "deferred", answer, isCrowded };
  return { state: ended ? "unknown" : "deferred", answer };
}

function oneLine(text: string | undefined): string {
  return (text ?? "").replace(/\s+/g, " ").trim().slice(0, 500);
}
