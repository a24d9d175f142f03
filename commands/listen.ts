// Listens on a port, and says in a sentence why it cannot.

import type { Config } from "../config.ts";

/** Why the program cannot start, in a sentence that says what to do. */
export class CannotStart extends Error {
  override readonly name = "CannotStart";
}

/** Whether other machines can open the pages, and what they send would be taken for somebody else's (see `sameOrigin`). */
export function lacksAddress({ host, baseUrl }: Pick<Config, "host" | "baseUrl">): boolean {
  return baseUrl === undefined && !/^(localhost|127\..*|::1)$/.test(host);
}

export const LACKS_ADDRESS =
  "HOST lets other machines in, but BASE_URL is not set, so what browsers there send is refused: set it to the address that people open, such as https://portal.example.sch.uk.";

/** @param where `name` is the setting that holds the port. @throws {CannotStart} if the port is in use */
export function listen(
  where: { readonly name: string; readonly host: string; readonly port: number },
  handler: Deno.ServeHandler<Deno.NetAddr>,
): Deno.HttpServer<Deno.NetAddr> {
  const { name, port } = where;
  const hostname = where.host === "localhost" ? "127.0.0.1" : where.host;
  try {
    return Deno.serve({ hostname, port, onListen: () => {} }, handler);
  } catch (error) {
    if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    throw new CannotStart(
      `Port ${port} is in use. Stop the other program, or set ${name} to another one.`,
    );
  }
}
