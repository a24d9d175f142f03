// Stands between the program and Postgres, and can be cut like a cable.

import { connect, createServer, type Server, type Socket } from "node:net";

export type Proxy = {
  /** The database's address by way of the proxy. */
  readonly url: string;
  /** Ends every connection and takes no new one. */
  cut(): void;
  /** Lets nothing through either way, and ends nothing: as a network that has swallowed the line. */
  silence(): void;
  mend(): void;
  close(): Promise<void>;
};

export async function openProxy(databaseUrl: string): Promise<Proxy> {
  const target = new URL(databaseUrl);
  const sockets = new Set<Socket>();
  const pairs = new Set<readonly [Socket, Socket]>();
  let broken = false;
  let silent = false;
  const letThrough = ([one, other]: readonly [Socket, Socket]): void => void one.pipe(other);
  const server: Server = createServer((near) => {
    if (broken) return near.destroy();
    const far = connect(Number(target.port), target.hostname);
    for (const pair of [[near, far], [far, near]] as const) {
      const [one, other] = pair;
      sockets.add(one);
      pairs.add(pair);
      one.on("error", () => other.destroy());
      one.on("close", () => {
        sockets.delete(one);
        pairs.delete(pair);
        other.destroy();
      });
      if (!silent) letThrough(pair);
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
    silence(): void {
      silent = true;
      for (const [one, other] of pairs) one.unpipe(other).pause();
    },
    mend(): void {
      broken = false;
      if (silent) pairs.forEach(letThrough);
      silent = false;
    },
    async close(): Promise<void> {
      sockets.forEach((socket) => socket.destroy());
      await new Promise<void>((done) => server.close(() => done()));
    },
  };
}
