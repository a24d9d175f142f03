// A real mail server for tests, which misbehaves as it is told, address by address.

import { SMTPServer } from "smtp-server";
import PostalMime from "postal-mime";

/** What it does with mail to an address; `accept` unless told. */
export type Behaviour =
  | "accept"
  | "put off"
  | "refuse"
  | "refuse after data"
  | "take and hang up"
  | "slow";

export type ReceivedMail = {
  readonly to: string;
  readonly messageId: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly autoSubmitted: string;
  /** The password that it says. */
  readonly password: string;
};

export type MailServer = {
  readonly url: string;
  /** Whatever got out, whether it was answered or not. */
  readonly received: ReceivedMail[];
  behave(address: string, behaviour: Behaviour): void;
  close(): Promise<void>;
};

/** @param options.connections that it takes at once; others are turned away with a 421 */
export async function openMailServer(
  options: { readonly connections?: number } = {},
): Promise<MailServer> {
  const behaviours = new Map<string, Behaviour>();
  const received: ReceivedMail[] = [];
  const server = new SMTPServer({
    authOptional: true,
    maxClients: options.connections ?? Infinity,
    disabledCommands: ["STARTTLS"],
    logger: false,
    onRcptTo({ address }, _session, done): void {
      const behaviour = behaviours.get(address);
      if (behaviour === "put off") return done(failure(450, "Greylisted, try again later"));
      if (behaviour === "refuse") return done(failure(550, "No such mailbox here"));
      done();
    },
    onData(stream, session, done): void {
      const pieces: Uint8Array<ArrayBuffer>[] = [];
      stream.on("data", (piece: Uint8Array) => pieces.push(new Uint8Array(piece)));
      stream.on("end", async () => {
        const to = session.envelope.rcptTo[0]?.address ?? "";
        const behaviour = behaviours.get(to);
        if (behaviour === "refuse after data") return done(failure(552, "Mailbox full"));
        const mail = await PostalMime.parse(new Blob(pieces));
        received.push({
          to,
          messageId: mail.messageId ?? "",
          subject: mail.subject ?? "",
          text: mail.text ?? "",
          html: mail.html ?? "",
          autoSubmitted: mail.headers.find((header) => header.key === "auto-submitted")?.value ??
            "",
          password: /^Password: (.*)$/m.exec(mail.text ?? "")?.[1]?.trim() ?? "",
        });
        if (behaviour === "take and hang up") {
          // Once: the next try is answered.
          behaviours.delete(to);
          server.connections.forEach((connection: { close(): void }) => connection.close());
          return;
        }
        if (behaviour === "slow") await new Promise((go) => setTimeout(go, 300));
        done();
      });
    },
  });
  server.on("error", () => {});
  const port = await new Promise<number>((listening) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.server.address();
      listening(address !== null && typeof address === "object" ? address.port : 0);
    });
  });
  return {
    url: `smtp://127.0.0.1:${port}`,
    received,
    behave(address, behaviour): void {
      behaviours.set(address, behaviour);
    },
    close: () => new Promise((closed) => server.close(() => closed())),
  };
}

function failure(responseCode: number, message: string): Error {
  return Object.assign(new Error(message), { responseCode });
}
