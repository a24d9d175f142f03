// A real mail server that keeps what it gets instead of delivering it: for trying things out without writing to anybody.

import { SMTPServer } from "smtp-server";
import PostalMime from "postal-mime";

export type CaughtMail = {
  readonly id: number;
  readonly at: Date;
  readonly from: string;
  /** Every recipient of the envelope. */
  readonly to: readonly string[];
  readonly subject: string;
  readonly text: string;
};

export type MailCatcher = {
  /** As SMTP_URL wants it. */
  readonly url: string;
  /** Newest first, at most {@link MOST_KEPT}. */
  list(): readonly CaughtMail[];
  close(): Promise<void>;
};

const MOST_KEPT = 500;
/** Bytes of one mail. */
const LARGEST = 1024 * 1024;

/** Listens on a free port of this machine alone. */
export async function openMailCatcher(): Promise<MailCatcher> {
  const caught: CaughtMail[] = [];
  let count = 0;
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ["STARTTLS"],
    size: LARGEST,
    hideSize: false,
    logger: false,
    onData(stream, session, done): void {
      const pieces: Uint8Array[] = [];
      stream.on("data", (piece: Uint8Array) => pieces.push(piece));
      stream.on("end", () => {
        PostalMime.parse(new Blob(pieces.map((piece) => new Uint8Array(piece)))).then((mail) => {
          const { mailFrom, rcptTo } = session.envelope;
          caught.unshift({
            id: ++count,
            at: new Date(),
            from: mailFrom ? mailFrom.address : "",
            to: rcptTo.map((recipient) => recipient.address),
            subject: mail.subject ?? "",
            text: mail.text ?? "",
          });
          caught.length = Math.min(caught.length, MOST_KEPT);
          done();
        }, (error: unknown) => done(error instanceof Error ? error : new Error(String(error))));
      });
    },
  });
  const port = await new Promise<number>((listening, failed) => {
    server.on("error", failed);
    server.listen(0, "127.0.0.1", () => {
      const address = server.server.address();
      listening(address !== null && typeof address === "object" ? address.port : 0);
    });
  });
  return {
    url: `smtp://127.0.0.1:${port}`,
    list: () => caught,
    close: () => new Promise((closed) => server.close(() => closed())),
  };
}
