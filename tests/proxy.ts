// Stands between the program and Postgres, and can be cut like a cable.

import { connect, createServer, type Server, type Socket } from "node:net";

export type Proxy = {
  /** The database's address by way of the proxy. */
  readonly url: string;
  /** Ends every connection and takes no new one. */
  cut(): void;
  mend(): void;
  close(): Promise<void>;
};

export async function openProxy(databaseUrl: string): Promise<Proxy> {
  const target = new URL(databaseUrl);
  const sockets = new Set<Socket>();
  let broken = false;
  const server: Server = createServer((near) => {
    if (broken) return near.destroy();
    const far = connect(Number(target.port), target.hostname);
    for (const [one, other] of [[near, far], [far, near]] as const) {
      sockets.add(one);
      one.on("error", () => other.destroy());
      one.on("close", () => {
        sockets.delete(one);
        other.destroy();
      });
      one.pipe(other);
    }
    return undefined;
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", () => done()));
  const address = server.address();
  const url = new URL(databaseUrl);
  url.port = String(address !== null && typeof address === "object" ? address.port : 0);
  return {
    url: url.href,
    cut(): void {
      broken = true;
      sockets.forEach((socket) => socket.destroy());
    },
    mend(): void {
      broken = false;
    },
    async close(): Promise<void> {
      sockets.forEach((socket) => socket.destroy());
      await new Promise<void>((done) => server.close(() => done()));
    },
  };
}
